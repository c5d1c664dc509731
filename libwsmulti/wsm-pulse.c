/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-pulse.h"

#include "wsm-ping-name.h"

/*
 * WsmPulse:
 *
 * The beats of one open socket.
 *
 * Beats lie on a nominal grid, each displaced by its own jitter, so that jitter does not add up.
 * With idle-only beats, traffic moves the grid. One beat is out at a time. The deadline of the
 * one that is out is never looked at while the app's loop may simply not have got round to
 * reading: a passed deadline makes the loop go round WSM_PULSE_LOOKS times more, and only what
 * is still true then is a verdict.
 *
 * The timer's function runs in the scheduler and tells nobody anything; verdicts are made by
 * wsm_pulse_check(), which the owner calls from its delivery.
 */

/* Rounds of the loop between a passed deadline and the verdict. In the first one libsoup reads
 * what has arrived meanwhile, in the second one what it read is delivered. */
#define WSM_PULSE_LOOKS 2

/* The kernel counts the time since data arrived in ticks of up to 10 ms. */
#define WSM_PULSE_TICK_US (10 * 1000)

struct _WsmPulse
{
  WsmScheduler *scheduler; /* (owned) */
  const WsmPulseOwner *owner_funcs;
  gpointer owner; /* (unowned) */

  WsmTransport *transport; /* (owned) (nullable): NULL while stopped */
  WsmHeartbeat *heartbeat; /* (owned) (nullable): likewise */
  WsmPulseRhythm rhythm;
  WsmPingName ping_name;

  WsmTimer timer;
  gint64 nominal_us; /* of the next beat, without jitter; 0 = none planned */
  gint64 due_us;     /* of the next beat; 0 = none planned */

  guint64 sequence; /* of the last beat sent */
  gint64 sent_us;   /* of the last beat; in passive mode, since when silence counts */
  gint64 deadline_us; /* for its answer; 0 = answered, missed, or none expected */

  gint64 last_life_us;
  gint64 last_traffic_us; /* of the app, not of beats; 0 = none */

  guint64 n_bytes_ahead; /* sent by the app before the last beat */
  guint64 n_bytes_through; /* of these, what an answer to a beat shows to have arrived */
  guint64 acked_target; /* acknowledged bytes that cover all that went before the beat */
  guint64 n_bytes_acked; /* at the last look */

  guint n_missed;
  WsmDoubt doubt; /* NONE unless a beat is out, or was missed, because of it */
  guint n_looks : 2;
  guint check_posted : 1;
  guint watches_acks : 1;
  guint is_outdated : 1; /* the beat that is out was another heartbeat's */
};

static gboolean
wsm_pulse_is_passive (WsmPulse *self)
{
  return wsm_heartbeat_get_mode (self->heartbeat) == WSM_HEARTBEAT_MODE_PASSIVE;
}

/* Where nothing is sent, nothing is saved: the peer beats as it likes. */
static gint64
wsm_pulse_get_interval_us (WsmPulse *self)
{
  guint stretch = wsm_pulse_is_passive (self) ? 1 : self->rhythm.stretch;

  return (gint64) wsm_heartbeat_get_interval (self->heartbeat) * stretch * 1000;
}

static gint64
wsm_pulse_get_timeout_us (WsmPulse *self)
{
  return (gint64) wsm_heartbeat_get_timeout (self->heartbeat) * 1000;
}

/* Where nothing is asked, there are no answers to be strict about. */
static gboolean
wsm_pulse_is_strict (WsmPulse *self)
{
  return wsm_heartbeat_get_liveness (self->heartbeat) == WSM_LIVENESS_STRICT &&
         !wsm_pulse_is_passive (self);
}

/* An answer to a beat that was never expected cannot be missed. */
static gboolean
wsm_pulse_may_miss (WsmPulse *self)
{
  return wsm_heartbeat_expects_reply (self->heartbeat) || wsm_pulse_is_passive (self);
}

static gboolean
wsm_pulse_is_idle_only (WsmPulse *self)
{
  return wsm_heartbeat_get_idle_only (self->heartbeat) && !wsm_pulse_is_strict (self);
}

/* A deadline has passed and nobody has judged it yet; the next beat waits for the verdict. */
static gboolean
wsm_pulse_is_on_trial (WsmPulse *self)
{
  return self->deadline_us > 0 &&
         self->deadline_us <= wsm_scheduler_get_time_us (self->scheduler);
}

static void
wsm_pulse_update_timer (WsmPulse *self)
{
  gint64 due_us = self->due_us;

  if (wsm_pulse_is_on_trial (self))
    due_us = self->check_posted ? 0 : self->deadline_us;
  else if (self->deadline_us > 0 && (due_us == 0 || self->deadline_us < due_us))
    due_us = self->deadline_us;

  if (due_us > 0)
    wsm_scheduler_arm (self->scheduler, &self->timer, due_us);
  else
    wsm_scheduler_disarm (self->scheduler, &self->timer);
}

/* Plans the beat whose nominal time is known. */
static void
wsm_pulse_plan (WsmPulse *self)
{
  double jitter = wsm_heartbeat_get_jitter (self->heartbeat);
  double interval_us = (double) wsm_pulse_get_interval_us (self);
  gint64 displaced_us;

  displaced_us = self->nominal_us;
  if (jitter > 0)
    displaced_us += (gint64) (g_rand_double_range (self->rhythm.random, -jitter, jitter) *
                              interval_us);
  self->due_us = wsm_scheduler_align (displaced_us, self->rhythm.window_us);
}

static void
wsm_pulse_plan_after (WsmPulse *self,
                      gint64    now_us)
{
  gint64 interval_us = wsm_pulse_get_interval_us (self);

  self->nominal_us += interval_us;
  if (self->nominal_us <= now_us)
    self->nominal_us += (now_us - self->nominal_us) / interval_us * interval_us + interval_us;
  wsm_pulse_plan (self);
  if (self->due_us <= now_us)
    {
      self->nominal_us += interval_us;
      wsm_pulse_plan (self);
    }
}

static void
wsm_pulse_plan_first (WsmPulse *self,
                      gint64    now_us)
{
  gint64 interval_us = wsm_pulse_get_interval_us (self);
  gint64 phase_us = self->rhythm.phase_us % interval_us;

  /* Of the grid's moments the last one; it may lie before the machine was started. */
  self->nominal_us = now_us - (now_us + interval_us - phase_us) % interval_us;
  wsm_pulse_plan_after (self, now_us);
}

/* What stands between the beat that goes out now and the peer's ear. */
static void
wsm_pulse_note_output (WsmPulse *self)
{
  guint64 n_bytes_held;
  WsmWireState wire = { 0 };

  self->watches_acks = FALSE;
  self->owner_funcs->get_output (self->owner, &self->n_bytes_ahead, &n_bytes_held);
  if (self->n_bytes_ahead == self->n_bytes_through)
    return;

  wsm_transport_query_wire (self->transport, &wire);
  if (!wire.has_counters)
    return;
  self->watches_acks = TRUE;
  self->n_bytes_acked = wire.n_bytes_acked;
  self->acked_target = wire.n_bytes_acked + wire.n_bytes_unacked + n_bytes_held;
}

static void
wsm_pulse_beat (WsmPulse *self,
                gint64    now_us)
{
  char room[WSM_PING_NAME_SIZE];
  g_autoptr (GBytes) payload = NULL;

  self->sequence++;
  self->sent_us = now_us;
  self->deadline_us = 0;
  self->n_looks = 0;
  self->is_outdated = FALSE;
  if (wsm_pulse_may_miss (self))
    {
      self->deadline_us = now_us + wsm_pulse_get_timeout_us (self);
      wsm_pulse_note_output (self);
    }

  wsm_transport_mark_next (self->transport, WSM_MARK_BEAT);
  switch (wsm_heartbeat_get_mode (self->heartbeat))
    {
    case WSM_HEARTBEAT_MODE_TEXT:
      payload = wsm_heartbeat_dup_payload (self->heartbeat, self->sequence);
      wsm_transport_send (self->transport, SOUP_WEBSOCKET_DATA_TEXT, payload);
      break;

    case WSM_HEARTBEAT_MODE_BINARY:
      payload = wsm_heartbeat_dup_payload (self->heartbeat, self->sequence);
      wsm_transport_send (self->transport, SOUP_WEBSOCKET_DATA_BINARY, payload);
      break;

    case WSM_HEARTBEAT_MODE_PING:
    case WSM_HEARTBEAT_MODE_PASSIVE: /* only when probed */
    case WSM_HEARTBEAT_MODE_OFF:
    default:
      wsm_transport_ping (self->transport,
                          wsm_ping_name_write (&self->ping_name, self->sequence, room));
      break;
    }
}

static void
wsm_pulse_due (WsmPulse *self,
               gint64    now_us)
{
  gint64 interval_us = wsm_pulse_get_interval_us (self);

  if (self->deadline_us > 0)
    {
      /* One beat is out at a time; this one is left out. */
      wsm_pulse_plan_after (self, now_us);
      self->owner_funcs->moved (self->owner, FALSE);
    }
  else if (wsm_pulse_is_idle_only (self) && self->last_traffic_us > 0 &&
           self->last_traffic_us + interval_us > now_us)
    {
      self->nominal_us = self->last_traffic_us + interval_us;
      wsm_pulse_plan (self);
      if (self->due_us <= now_us)
        self->due_us = wsm_scheduler_align (now_us + 1, self->rhythm.window_us);
      self->owner_funcs->moved (self->owner, FALSE);
    }
  else
    {
      wsm_pulse_beat (self, now_us);
      self->owner_funcs->beaten (self->owner, self->due_us);
      wsm_pulse_plan_after (self, now_us);
      self->owner_funcs->moved (self->owner, TRUE);
    }
}

static void
wsm_pulse_timer_cb (WsmTimer *timer,
                    gpointer  user_data)
{
  WsmPulse *self = user_data;
  gint64 now_us = wsm_scheduler_get_time_us (self->scheduler);

  if (wsm_pulse_is_on_trial (self))
    {
      if (!self->check_posted)
        self->owner_funcs->check_due (self->owner);
      self->check_posted = TRUE;
    }
  else if (self->due_us > 0 && self->due_us <= now_us)
    {
      wsm_pulse_due (self, now_us);
    }

  wsm_pulse_update_timer (self);
}

WsmPulse *
wsm_pulse_new (WsmScheduler        *scheduler,
               const WsmPulseOwner *owner_funcs,
               gpointer             owner)
{
  WsmPulse *self = g_slice_new0 (WsmPulse);

  self->scheduler = g_object_ref (scheduler);
  self->owner_funcs = owner_funcs;
  self->owner = owner;
  wsm_timer_init (&self->timer, wsm_pulse_timer_cb, self);

  return self;
}

void
wsm_pulse_free (WsmPulse *self)
{
  wsm_pulse_stop (self);
  g_clear_object (&self->scheduler);
  g_slice_free (WsmPulse, self);
}

/*
 * wsm_pulse_start:
 *
 * Begins to beat on @transport, or goes on with another heartbeat.
 *
 * A beat that is out keeps its deadline, unless the new heartbeat expects nothing.
 */
void
wsm_pulse_start (WsmPulse             *self,
                 WsmTransport         *transport,
                 WsmHeartbeat         *heartbeat,
                 const WsmPulseRhythm *rhythm)
{
  gint64 now_us = wsm_scheduler_get_time_us (self->scheduler);
  WsmHeartbeatMode mode = wsm_heartbeat_get_mode (heartbeat);

  if (self->transport != transport)
    {
      wsm_pulse_stop (self);
      self->transport = g_object_ref (transport);
      wsm_ping_name_choose (&self->ping_name, rhythm->random);
      self->last_life_us = now_us;
      self->last_traffic_us = 0;
      self->n_bytes_ahead = 0;
      self->n_bytes_through = 0;
      self->n_missed = 0;
    }
  if (self->heartbeat != NULL &&
      (wsm_pulse_is_passive (self) || mode == WSM_HEARTBEAT_MODE_PASSIVE))
    {
      self->deadline_us = 0;
      self->doubt = WSM_DOUBT_NONE;
    }
  if (g_set_object (&self->heartbeat, heartbeat))
    self->is_outdated = TRUE;
  self->rhythm = *rhythm;

  self->nominal_us = 0;
  self->due_us = 0;
  if (wsm_heartbeat_sends (heartbeat))
    {
      wsm_pulse_plan_first (self, now_us);
    }
  else if (mode == WSM_HEARTBEAT_MODE_PASSIVE)
    {
      self->sent_us = now_us;
      self->deadline_us = now_us + wsm_pulse_get_interval_us (self) +
                          wsm_pulse_get_timeout_us (self);
    }
  if (mode == WSM_HEARTBEAT_MODE_OFF ||
      (wsm_heartbeat_sends (heartbeat) && !wsm_heartbeat_expects_reply (heartbeat)))
    {
      self->deadline_us = 0;
      self->n_missed = 0;
    }
  if (self->deadline_us == 0)
    self->doubt = WSM_DOUBT_NONE;
  wsm_pulse_update_timer (self);
}

/*
 * wsm_pulse_pause:
 *
 * Stops to beat until it is started again, and forgets the beat that is out, but not those that
 * were missed; signs of life are noted all the same.
 */
void
wsm_pulse_pause (WsmPulse *self)
{
  wsm_scheduler_disarm (self->scheduler, &self->timer);
  self->nominal_us = 0;
  self->due_us = 0;
  self->deadline_us = 0;
  self->doubt = WSM_DOUBT_NONE;
  self->n_looks = 0;
}

/*
 * wsm_pulse_stop:
 *
 * Stops to beat and forgets the beat that is out; does nothing if stopped already.
 */
void
wsm_pulse_stop (WsmPulse *self)
{
  wsm_pulse_pause (self);
  g_clear_object (&self->transport);
  g_clear_object (&self->heartbeat);
  self->n_missed = 0;
}

/* Until when a peer in passive mode may say nothing; life moves that only when it is looked at. */
static gint64
wsm_pulse_find_end_of_silence (WsmPulse *self)
{
  gint64 life_us = MAX (self->last_life_us, wsm_transport_get_last_received_us (self->transport));

  if (self->n_missed > 0)
    return self->deadline_us;

  return life_us + wsm_pulse_get_interval_us (self) + wsm_pulse_get_timeout_us (self);
}

/*
 * wsm_pulse_probe:
 *
 * Sends a beat now, unless one is out or the heartbeat is off; in passive mode, a ping.
 */
void
wsm_pulse_probe (WsmPulse *self)
{
  gint64 now_us = wsm_scheduler_get_time_us (self->scheduler);
  gint64 silence_ends_us;

  if (self->transport == NULL ||
      wsm_heartbeat_get_mode (self->heartbeat) == WSM_HEARTBEAT_MODE_OFF ||
      wsm_pulse_is_on_trial (self) ||
      (self->deadline_us > 0 && !wsm_pulse_is_passive (self)))
    return;

  silence_ends_us = wsm_pulse_find_end_of_silence (self);
  wsm_pulse_beat (self, now_us);
  /* It may end a silence that was only listened to, but not make it longer. */
  if (wsm_pulse_is_passive (self))
    self->deadline_us = MIN (self->deadline_us, silence_ends_us);
  wsm_pulse_update_timer (self);
  self->owner_funcs->moved (self->owner, TRUE);
}

/* When the beat that goes out in doubt has to be answered, by now_us at the earliest. */
static gint64
wsm_pulse_get_doubt_deadline_us (WsmPulse *self,
                                 WsmDoubt  doubt,
                                 gint64    now_us)
{
  gint64 timeout_us = wsm_pulse_get_timeout_us (self);
  guint max_missed = wsm_heartbeat_get_max_missed (self->heartbeat);

  /* A slow peer must not die of a rumour. */
  if (doubt == WSM_DOUBT_NETWORK && self->n_missed + 1 >= max_missed)
    return now_us + timeout_us;

  return now_us + MIN (timeout_us, WSM_DOUBT_TIMEOUT_US);
}

/*
 * wsm_pulse_probe_in_doubt:
 * @doubt: why
 *
 * Sends a beat now and expects the answer soon.
 *
 * A beat that was out before the machine slept is forgotten: nobody knows what became of its
 * answer. One that was out when the network changed will tell as well as another.
 *
 * Returns: whether the peer was asked
 */
gboolean
wsm_pulse_probe_in_doubt (WsmPulse *self,
                          WsmDoubt  doubt)
{
  gint64 now_us = wsm_scheduler_get_time_us (self->scheduler);
  gint64 deadline_us;

  if (self->transport == NULL ||
      wsm_heartbeat_get_mode (self->heartbeat) == WSM_HEARTBEAT_MODE_OFF ||
      (doubt == WSM_DOUBT_NETWORK && self->doubt != WSM_DOUBT_NONE))
    return FALSE;

  if (doubt == WSM_DOUBT_SLEEP || self->deadline_us == 0 || wsm_pulse_is_passive (self))
    {
      wsm_pulse_beat (self, now_us);
      self->owner_funcs->moved (self->owner, TRUE);
    }
  if (wsm_pulse_may_miss (self))
    {
      deadline_us = wsm_pulse_get_doubt_deadline_us (self, doubt, now_us);
      self->deadline_us = MIN (self->deadline_us, deadline_us);
      self->doubt = doubt;
    }
  wsm_pulse_update_timer (self);

  return TRUE;
}

/*
 * wsm_pulse_get_doubt:
 *
 * Returns: why the beat that is out, or was missed, was sent out of turn
 */
WsmDoubt
wsm_pulse_get_doubt (WsmPulse *self)
{
  return self->doubt;
}

/* The latest sign of life, whoever saw it. */
static gint64
wsm_pulse_find_life (WsmPulse           *self,
                     const WsmWireState *wire)
{
  gint64 life_us = MAX (self->last_life_us, wsm_transport_get_last_received_us (self->transport));

  if (wire->has_counters && wire->last_received_us > self->sent_us + WSM_PULSE_TICK_US)
    life_us = MAX (life_us, wire->last_received_us);

  return life_us;
}

/* Is the peer still working through what was sent before the beat? */
static gboolean
wsm_pulse_find_progress (WsmPulse           *self,
                         const WsmWireState *wire)
{
  if (!self->watches_acks || !wire->has_counters ||
      self->n_bytes_acked >= self->acked_target || wire->n_bytes_acked <= self->n_bytes_acked)
    return FALSE;

  self->n_bytes_acked = wire->n_bytes_acked;
  self->doubt = WSM_DOUBT_NONE;
  self->deadline_us = MAX (wire->last_acked_us, self->sent_us) + wsm_pulse_get_timeout_us (self);

  return TRUE;
}

/*
 * wsm_pulse_is_lost:
 *
 * Returns: whether too many beats are missing, by the heartbeat that holds now
 */
gboolean
wsm_pulse_is_lost (WsmPulse *self)
{
  if (self->n_missed == 0)
    return FALSE;

  return self->doubt == WSM_DOUBT_SLEEP ||
         self->n_missed >= wsm_heartbeat_get_max_missed (self->heartbeat);
}

/*
 * wsm_pulse_check:
 *
 * Judges a deadline that passed. To be called from the delivery only.
 */
WsmVerdict
wsm_pulse_check (WsmPulse *self)
{
  gint64 now_us = wsm_scheduler_get_time_us (self->scheduler);
  gint64 interval_us, life_us;
  WsmWireState wire = { 0 };

  self->check_posted = FALSE;
  if (self->transport == NULL || self->deadline_us == 0 || self->deadline_us > now_us)
    {
      self->n_looks = 0;
      wsm_pulse_update_timer (self);
      return WSM_VERDICT_FINE;
    }
  if (self->n_looks < WSM_PULSE_LOOKS)
    {
      self->n_looks++;
      wsm_pulse_update_timer (self);
      return WSM_VERDICT_FINE;
    }
  self->n_looks = 0;

  interval_us = wsm_pulse_get_interval_us (self);
  wsm_transport_query_wire (self->transport, &wire);
  life_us = wsm_pulse_find_life (self, &wire);

  /* The answer to the question of another heartbeat may be none to this one. */
  if ((!wsm_pulse_is_strict (self) || self->is_outdated) && life_us > self->sent_us)
    {
      wsm_pulse_note_life (self, life_us);
      self->deadline_us = 0;
      self->doubt = WSM_DOUBT_NONE;
      if (wsm_pulse_is_passive (self))
        {
          self->sent_us = life_us;
          self->deadline_us = life_us + interval_us + wsm_pulse_get_timeout_us (self);
        }
      wsm_pulse_update_timer (self);
      return WSM_VERDICT_FINE;
    }
  if (wsm_pulse_find_progress (self, &wire) && self->deadline_us > now_us)
    {
      wsm_pulse_update_timer (self);
      return WSM_VERDICT_FINE;
    }

  self->n_missed++;
  self->deadline_us = 0;
  if (wsm_pulse_is_passive (self))
    self->deadline_us = now_us + interval_us;
  if (!wsm_pulse_is_lost (self) && self->doubt == WSM_DOUBT_NETWORK)
    {
      wsm_pulse_beat (self, now_us);
      self->owner_funcs->moved (self->owner, TRUE);
    }
  wsm_pulse_update_timer (self);

  return wsm_pulse_is_lost (self) ? WSM_VERDICT_LOST : WSM_VERDICT_MISSED;
}

/*
 * wsm_pulse_note_life:
 *
 * Something arrived that is no answer to a beat.
 *
 * Returns: whether missed beats are forgiven by it
 */
gboolean
wsm_pulse_note_life (WsmPulse *self,
                     gint64    time_us)
{
  gboolean recovered;

  if (self->transport == NULL)
    return FALSE;

  self->last_life_us = MAX (self->last_life_us, time_us);
  if (wsm_pulse_is_strict (self))
    return FALSE;

  recovered = self->n_missed > 0;
  self->n_missed = 0;

  return recovered;
}

/* The beat with the current number is answered; the first answer counts. Where any message is an
 * answer, it may be to something else, and proves nothing of what was sent before. */
static gboolean
wsm_pulse_note_answer (WsmPulse *self,
                       gint64    time_us,
                       gboolean  is_any,
                       gint64   *round_trip_us,
                       gboolean *recovered)
{
  gboolean is_first = self->deadline_us > 0;

  self->last_life_us = MAX (self->last_life_us, time_us);
  *recovered = self->n_missed > 0;
  self->n_missed = 0;
  if (!is_first)
    return FALSE;

  *round_trip_us = wsm_transport_measure_us (self->transport, WSM_MARK_BEAT, self->sent_us, time_us,
                                             self->scheduler);
  /* What was sent behind the beat may still be on its way. */
  if (!is_any)
    self->n_bytes_through = self->n_bytes_ahead;
  self->n_looks = 0;
  self->deadline_us = 0;
  self->doubt = WSM_DOUBT_NONE;
  if (wsm_pulse_is_passive (self))
    {
      self->sent_us = time_us;
      self->deadline_us = time_us + wsm_pulse_get_interval_us (self) +
                          wsm_pulse_get_timeout_us (self);
    }
  wsm_pulse_update_timer (self);

  return TRUE;
}

/*
 * wsm_pulse_note_pong:
 * @round_trip_us: (out): of the beat that it answers
 * @recovered: (out): whether missed beats are forgiven by it
 *
 * A pong arrived.
 *
 * Returns: whether it answers the beat that is out
 */
gboolean
wsm_pulse_note_pong (WsmPulse   *self,
                     const char *payload,
                     gint64      time_us,
                     gint64     *round_trip_us,
                     gboolean   *recovered)
{
  *recovered = FALSE;
  if (self->transport == NULL)
    return FALSE;

  if (wsm_ping_name_matches (&self->ping_name, self->sequence, payload))
    return wsm_pulse_note_answer (self, time_us, FALSE, round_trip_us, recovered);

  *recovered = wsm_pulse_note_life (self, time_us);
  return FALSE;
}

/*
 * wsm_pulse_note_message:
 * @round_trip_us: (out): of the beat that it answers; -1 = of none
 * @recovered: (out): whether missed beats are forgiven by it
 *
 * A message arrived.
 *
 * Returns: what it is to the heartbeat
 */
WsmReply
wsm_pulse_note_message (WsmPulse              *self,
                        SoupWebsocketDataType  type,
                        GBytes                *message,
                        gint64                 time_us,
                        gint64                *round_trip_us,
                        gboolean              *recovered)
{
  WsmReply reply = WSM_REPLY_FOREIGN;

  *recovered = FALSE;
  *round_trip_us = -1;
  if (self->transport == NULL)
    return WSM_REPLY_FOREIGN;

  if (self->sequence > 0)
    reply = wsm_heartbeat_match_reply (self->heartbeat, type, message, self->sequence);
  switch (reply)
    {
    case WSM_REPLY_CURRENT:
      if (!wsm_pulse_note_answer (self, time_us,
                                  wsm_heartbeat_get_reply_match (self->heartbeat) ==
                                    WSM_REPLY_MATCH_ANY,
                                  round_trip_us, recovered))
        {
          *round_trip_us = -1;
          self->last_traffic_us = time_us;
        }
      break;

    case WSM_REPLY_LATE:
      *recovered = wsm_pulse_note_life (self, time_us);
      break;

    case WSM_REPLY_FOREIGN:
    default:
      self->last_traffic_us = time_us;
      *recovered = wsm_pulse_note_life (self, time_us);
      break;
    }

  return reply;
}

guint64
wsm_pulse_get_sequence (WsmPulse *self)
{
  return self->sequence;
}

guint
wsm_pulse_get_n_missed (WsmPulse *self)
{
  return self->n_missed;
}

/*
 * wsm_pulse_get_next_us:
 *
 * Returns: when the next beat is due, in monotonic microseconds; 0 = none is planned
 */
gint64
wsm_pulse_get_next_us (WsmPulse *self)
{
  return self->due_us;
}
