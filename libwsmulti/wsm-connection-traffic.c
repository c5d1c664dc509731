/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

#include "wsm-error.h"
#include "wsm-latency-private.h"
#include "wsm-reason-private.h"

/*
 * What goes through an open connection: beats, messages in, and the signs of life among them.
 *
 * The sink's functions are called from the delivery, so they may tell the app; what the pulse
 * calls from the scheduler may not, and posts.
 */

/* Beats. */

WsmReason *
wsm_connection_explain_beats (WsmConnection *self,
                              WsmReasonCode  code)
{
  WsmReason *reason = wsm_reason_new (code);
  gint64 now_us = wsm_scheduler_get_time_us (self->host->scheduler);
  gint64 silence_us = now_us - wsm_connection_get_last_received_at (self);

  reason->n_missed = wsm_pulse_get_n_missed (self->pulse);
  reason->max_missed = wsm_heartbeat_get_max_missed (self->heartbeat);
  reason->silence_ms = (guint) MIN (silence_us / 1000, G_MAXUINT);
  wsm_connection_explain_doubt (self, reason);

  return reason;
}

static WsmLatencyHistogram *
wsm_connection_ensure_round_trips (WsmConnection *self)
{
  if (self->round_trips == NULL)
    self->round_trips = wsm_latency_histogram_new ();

  return self->round_trips;
}

WsmLatency *
wsm_connection_ensure_latency (WsmConnection *self)
{
  if (self->latency == NULL)
    self->latency = wsm_latency_new (wsm_connection_ensure_round_trips (self));

  return self->latency;
}

static void
wsm_connection_update_latency (WsmConnection *self)
{
  if (self->latency != NULL)
    wsm_latency_update (self->latency);
}

static void
wsm_connection_beat_left (WsmConnection *self,
                          gint64         left_us)
{
  gint64 due_us = self->unsent_beat_us;

  self->unsent_beat_us = 0;
  self->host->beat_left (self->host, left_us - due_us);
}

/* A beat left when it was written. Where nobody sees that, it was when it was handed over; one that
 * never was leaves as late as it is given up. */
static void
wsm_connection_note_beat_left (WsmConnection *self,
                               gboolean       is_over)
{
  gint64 left_us;

  if (self->unsent_beat_us == 0)
    return;
  left_us = wsm_transport_get_marked_us (self->transport, WSM_MARK_BEAT);
  if (left_us == WSM_MARK_WAITS && !is_over)
    return;
  if (left_us <= 0)
    left_us = wsm_scheduler_get_time_us (self->host->scheduler);
  wsm_connection_beat_left (self, left_us);
}

static void
wsm_connection_pulse_beaten (gpointer owner,
                             gint64   due_us)
{
  WsmConnection *self = owner;

  /* To which nobody expected an answer. */
  if (self->unsent_beat_us > 0)
    wsm_connection_beat_left (self, wsm_scheduler_get_time_us (self->host->scheduler));
  self->unsent_beat_us = due_us;
  wsm_connection_note_beat_left (self, FALSE);
}

static void
wsm_connection_beat_answered (WsmConnection *self,
                              gint64         round_trip_us)
{
  guint64 sequence = wsm_pulse_get_sequence (self->pulse);
  double round_trip_ms = (double) round_trip_us / 1000.0;
  WsmTransport *transport = self->transport;
  guint membership = self->membership;

  self->n_beats_answered++;
  wsm_connection_note_beat_left (self, TRUE);
  wsm_latency_histogram_add (wsm_connection_ensure_round_trips (self), round_trip_us);
  wsm_connection_observe (self, beat_answered, round_trip_us);
  wsm_connection_update_latency (self);
  if (self->transport == transport && wsm_connection_is_open (self) &&
      wsm_connection_has_handler (self, SIGNAL_BEAT))
    g_signal_emit (self, wsm_connection_signals[SIGNAL_BEAT], 0, sequence, round_trip_ms);
  if (self->membership == membership)
    self->host->beat_ended (self->host, self, round_trip_us);
}

static void
wsm_connection_recovered (WsmConnection *self)
{
  if (self->state == WSM_STATE_SUSPECT)
    wsm_connection_move (self, WSM_STATE_OPEN,
                         wsm_connection_explain_beats (self, WSM_REASON_CODE_ALIVE));
}

static void
wsm_connection_heartbeat_lost (WsmConnection *self)
{
  WsmReason *reason = wsm_connection_explain_beats (self, WSM_REASON_CODE_HEARTBEAT_LOST);
  GError *error;

  error = g_error_new (WSM_ERROR, WSM_ERROR_HEARTBEAT_LOST,
                       "%s: %u of %u beats unanswered; the peer or the way to it is gone",
                       self->name, reason->n_missed, reason->max_missed);
  wsm_connection_lost (self, reason, error);
}

static void
wsm_connection_beat_missed (WsmConnection *self,
                            WsmVerdict     verdict)
{
  guint turn;

  wsm_connection_note_beat_left (self, TRUE);
  wsm_latency_histogram_add_missed (wsm_connection_ensure_round_trips (self));
  wsm_connection_observe (self, beat_missed);
  turn = self->turn;
  wsm_connection_update_latency (self);
  if (self->turn != turn || wsm_pulse_get_n_missed (self->pulse) == 0)
    return;

  if (self->state == WSM_STATE_OPEN)
    {
      turn++;
      wsm_connection_move (self, WSM_STATE_SUSPECT,
                           wsm_connection_explain_beats (self, WSM_REASON_CODE_BEAT_MISSED));
    }
  else
    {
      wsm_connection_set_reason (self, wsm_connection_explain_beats (
                                   self, WSM_REASON_CODE_BEAT_MISSED));
      if (self->turn == turn && self->host != NULL)
        wsm_connection_notify (self, PROP_N_MISSED);
    }
  /* Whoever was told may have paused it, or changed its heartbeat. */
  if (verdict == WSM_VERDICT_LOST && self->turn == turn && self->pulse != NULL &&
      wsm_pulse_is_lost (self->pulse))
    wsm_connection_heartbeat_lost (self);
}

/* The verdict on a deadline that passed. */
static void
wsm_connection_check_pulse_cb (GObject         *target,
                               WsmDeliveryItem *item)
{
  WsmConnection *self = WSM_CONNECTION (target);
  guint membership = self->membership;
  WsmVerdict verdict;

  if (self->host == NULL || self->pulse == NULL)
    return;

  verdict = wsm_pulse_check (self->pulse);
  if (!wsm_connection_is_open (self))
    return;
  if (verdict == WSM_VERDICT_FINE)
    {
      if (wsm_pulse_get_n_missed (self->pulse) == 0)
        wsm_connection_recovered (self);
      return;
    }

  wsm_connection_beat_missed (self, verdict);
  if (self->membership == membership)
    self->host->beat_ended (self->host, self, -1);
}

static void
wsm_connection_pulse_check_due (gpointer owner)
{
  WsmConnection *self = owner;

  wsm_delivery_post_call (self->host->delivery, G_OBJECT (self), wsm_connection_check_pulse_cb);
}

static void
wsm_connection_notify_beat_cb (GObject         *target,
                               WsmDeliveryItem *item)
{
  WsmConnection *self = WSM_CONNECTION (target);

  if (self->host != NULL)
    wsm_connection_notify (self, PROP_NEXT_BEAT_AT);
}

/* Who wants to know of each beat is rare, and telling is not cheap. */
static gboolean
wsm_connection_is_next_beat_followed (WsmConnection *self)
{
  static guint notify_id = 0;
  static GQuark detail = 0;

  if (notify_id == 0)
    {
      notify_id = g_signal_lookup ("notify", G_TYPE_OBJECT);
      detail = g_quark_from_static_string ("next-beat-at");
    }

  return g_signal_has_handler_pending (self, notify_id, detail, TRUE) ||
         g_signal_has_handler_pending (self, notify_id, 0, TRUE);
}

static void
wsm_connection_pulse_moved (gpointer owner,
                            gboolean beat_sent)
{
  WsmConnection *self = owner;

  if (beat_sent)
    {
      self->n_beats_sent++;
      if (self->outbox != NULL)
        wsm_outbox_pinged (self->outbox);
    }
  wsm_connection_observe (self, figures_moved);
  if (wsm_connection_is_next_beat_followed (self))
    wsm_delivery_post_call (self->host->delivery, G_OBJECT (self), wsm_connection_notify_beat_cb);
}

static void
wsm_connection_pulse_get_output (gpointer  owner,
                                 guint64  *n_bytes_sent,
                                 guint64  *n_bytes_held)
{
  WsmConnection *self = owner;

  *n_bytes_sent = self->n_bytes_sent;
  *n_bytes_held = self->outbox != NULL ? wsm_outbox_get_handed_over (self->outbox) : 0;
}

static const WsmPulseOwner wsm_connection_pulse_owner = {
  .check_due = wsm_connection_pulse_check_due,
  .beaten = wsm_connection_pulse_beaten,
  .moved = wsm_connection_pulse_moved,
  .get_output = wsm_connection_pulse_get_output,
};

/*
 * wsm_connection_start_pulse:
 *
 * Begins to beat, or goes on with other settings.
 */
void
wsm_connection_start_pulse (WsmConnection *self)
{
  WsmPulseRhythm rhythm;

  if (self->paused)
    return;
  if (self->pulse == NULL)
    self->pulse = wsm_pulse_new (self->host->scheduler, &wsm_connection_pulse_owner, self);
  self->host->get_rhythm (self->host, self, &rhythm);
  wsm_pulse_start (self->pulse, self->transport, self->heartbeat, &rhythm);
  if (wsm_pulse_get_n_missed (self->pulse) == 0)
    wsm_connection_recovered (self);
}

/*
 * wsm_connection_rhythm_changed:
 *
 * The heartbeat, or its place among the neighbours', is another one now.
 */
void
wsm_connection_rhythm_changed (WsmConnection *self)
{
  g_autoptr (WsmConnection) keep = NULL;

  if (self->host == NULL || self->transport == NULL || !wsm_connection_is_open (self))
    return;
  keep = g_object_ref (self);
  wsm_connection_start_pulse (self);
  wsm_connection_notify (self, PROP_NEXT_BEAT_AT);
}

/*
 * wsm_connection_probe:
 *
 * Sends a beat now, if it is open and not paused.
 */
void
wsm_connection_probe (WsmConnection *self)
{
  if (self->pulse != NULL && wsm_connection_is_open (self) && !self->paused)
    wsm_pulse_probe (self->pulse);
}

/* The beginning and the end. */

/*
 * wsm_connection_traffic_start:
 *
 * The socket is open: greetings go out before what is queued, and the first beat is planned.
 */
void
wsm_connection_traffic_start (WsmConnection *self)
{
  wsm_connection_update_capture (self);
  wsm_connection_queue_greetings (self);
  wsm_connection_start_pulse (self);
}

/*
 * wsm_connection_traffic_stop:
 *
 * The socket is gone.
 */
void
wsm_connection_traffic_stop (WsmConnection *self)
{
  g_autoptr (GError) error = NULL;

  self->unsent_beat_us = 0;
  if (self->pulse != NULL)
    wsm_pulse_stop (self->pulse);
  if (self->outbox != NULL)
    wsm_outbox_lose_transport (self->outbox, self->transport);
  if (self->pinger != NULL)
    {
      error = g_error_new (WSM_ERROR, WSM_ERROR_ABORTED, "%s: the socket was lost before the pong",
                           self->name);
      wsm_connection_end_pinger (self, error);
    }
}

/*
 * wsm_connection_update_capture:
 *
 * Frames are made only while somebody listens to them.
 */
void
wsm_connection_update_capture (WsmConnection *self)
{
  gboolean wants_frames = self->frames_observed || wsm_connection_has_handler (self, SIGNAL_FRAME);

  if (wants_frames == self->wants_frames && self->state != WSM_STATE_CONNECTING)
    return;
  self->wants_frames = wants_frames != FALSE;
  wsm_transport_set_wants_frames (self->transport, wants_frames, self->payload_capture);
}

/* What the transport says. It does not keep the connection, and who is told may drop it. */

static void
wsm_connection_learn_handshake (WsmConnection *self,
                                WsmTransport  *transport)
{
  WsmHandshakeRecord *handshake = wsm_transport_get_facts (transport)->handshake;

  if (handshake == NULL || handshake == self->handshake)
    return;
  g_clear_pointer (&self->handshake, wsm_handshake_record_unref);
  self->handshake = wsm_handshake_record_ref (handshake);
}

static void
wsm_connection_sink_opened (WsmTransport *transport,
                            gpointer      user_data)
{
  WsmConnection *self = user_data;
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (self);

  wsm_connection_learn_handshake (self, transport);
  wsm_connection_drop_attempt (self);
  wsm_connection_became_open (self);
  if (self->transport == transport && wsm_connection_is_open (self))
    wsm_connection_feed (self);
}

/* A message that has arrived, of which not all have heard yet. It lives as long as the call that
 * brought it; in one that is made meanwhile, by a handler that runs the loop, it comes first. */
struct _WsmHeldMessage
{
  WsmHeldMessage *next; /* (unowned) (nullable) */
  WsmTransport *transport; /* (unowned) */
  GBytes *message;         /* (unowned) */
  SoupWebsocketDataType type;
  guint membership;
  gboolean is_told; /* by the connection, not yet by its pool */
  gboolean is_void; /* nobody is to hear of it */
};

static void
wsm_connection_hold_message (WsmConnection  *self,
                             WsmHeldMessage *held)
{
  WsmHeldMessage **end = &self->held;

  while (*end != NULL)
    end = &(*end)->next;
  *end = held;
}

/* Tells all that are held, in their order. */
static void
wsm_connection_tell_held (WsmConnection *self)
{
  WsmHeldMessage *held;

  while ((held = self->held) != NULL)
    if (!held->is_told && !held->is_void && self->transport == held->transport &&
        wsm_connection_is_open (self))
      {
        held->is_told = TRUE;
        g_signal_emit (self, wsm_connection_signals[SIGNAL_MESSAGE], 0, held->type, held->message);
      }
    else
      {
        self->held = held->next;
        if (held->is_told && self->membership == held->membership)
          self->host->message (self->host, self, held->type, held->message);
      }
}

static void
wsm_connection_sink_message (WsmTransport          *transport,
                             SoupWebsocketDataType  type,
                             GBytes                *message,
                             gint64                 time_us,
                             gpointer               user_data)
{
  WsmConnection *self = user_data;
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (self);
  WsmHeldMessage held = { NULL, transport, message, type, self->membership, FALSE, FALSE };
  gint64 round_trip_us = -1;
  gboolean recovered = FALSE;
  WsmReply reply = WSM_REPLY_FOREIGN;

  wsm_connection_hold_message (self, &held);
  wsm_connection_tell_opened (self);
  if (self->transport != transport || !wsm_connection_is_open (self))
    {
      wsm_connection_tell_held (self);
      return;
    }

  self->n_messages_received++;
  self->n_bytes_received += g_bytes_get_size (message);
  wsm_connection_observe (self, figures_moved);
  wsm_connection_update_capture (self);
  if (self->pulse != NULL)
    reply = wsm_pulse_note_message (self->pulse, type, message, time_us, &round_trip_us,
                                    &recovered);
  held.is_void = reply != WSM_REPLY_FOREIGN && wsm_heartbeat_get_hide_reply (self->heartbeat);
  if (recovered)
    wsm_connection_recovered (self);
  if (round_trip_us >= 0 && self->transport == transport)
    wsm_connection_beat_answered (self, round_trip_us);
  wsm_connection_tell_held (self);
}

static void
wsm_connection_sink_pong (WsmTransport *transport,
                          const char   *payload,
                          gint64        time_us,
                          gpointer      user_data)
{
  WsmConnection *self = user_data;
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (self);
  gint64 round_trip_us;
  gboolean recovered = FALSE;
  gboolean answers = FALSE;

  wsm_connection_tell_opened (self);
  if (self->transport != transport || !wsm_connection_is_open (self))
    return;

  wsm_connection_update_capture (self);
  wsm_connection_observe (self, figures_moved);
  wsm_connection_note_pinger (self, payload, time_us);
  if (self->pulse != NULL)
    answers = wsm_pulse_note_pong (self->pulse, payload, time_us, &round_trip_us, &recovered);
  if (answers && self->outbox != NULL)
    wsm_outbox_ping_answered (self->outbox);
  if (recovered)
    wsm_connection_recovered (self);
  if (answers && self->transport == transport && wsm_connection_is_open (self))
    wsm_connection_beat_answered (self, round_trip_us);
}

static void
wsm_connection_sink_life (WsmTransport *transport,
                          gint64        time_us,
                          gpointer      user_data)
{
  WsmConnection *self = user_data;

  wsm_connection_observe (self, figures_moved);
  if (self->pulse != NULL && wsm_connection_is_open (self) &&
      wsm_pulse_note_life (self->pulse, time_us))
    wsm_connection_recovered (self);
}

static void
wsm_connection_sink_frame (WsmTransport   *transport,
                           const WsmFrame *frame,
                           gpointer        user_data)
{
  WsmConnection *self = user_data;
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (self);

  wsm_connection_tell_opened (self);
  if (self->transport != transport)
    return;
  if (self->frames_observed)
    wsm_connection_observe (self, frame, frame);
  g_signal_emit (self, wsm_connection_signals[SIGNAL_FRAME], 0, frame);
  if (self->transport == transport)
    wsm_connection_update_capture (self);
}

static void
wsm_connection_sink_drained (WsmTransport *transport,
                             gpointer      user_data)
{
  WsmConnection *self = user_data;

  if (self->outbox != NULL)
    wsm_outbox_drained (self->outbox, transport);
  wsm_connection_feed (self);
  wsm_connection_update_writable (self);
}

static void
wsm_connection_sink_ended (WsmTransport    *transport,
                           const WsmEnding *ending,
                           gpointer         user_data)
{
  WsmConnection *self = user_data;
  g_autoptr (WsmReason) reason = NULL;
  g_autoptr (GError) error = NULL;

  wsm_connection_learn_handshake (self, transport);
  self->close_code = ending->reason->close_code;
  g_free (self->close_reason);
  self->close_reason = g_strdup (ending->close_reason);

  if (self->close_sent && ending->reason->code == WSM_REASON_CODE_PEER_CLOSED &&
      self->outbox != NULL)
    wsm_outbox_close_answered (self->outbox);
  if (self->state == WSM_STATE_CLOSING)
    {
      wsm_connection_end (self, WSM_REASON_CODE_REQUESTED);
      return;
    }

  reason = wsm_reason_new_from (ending->reason);
  if (ending->error != NULL)
    error = g_error_copy (ending->error);
  if (!wsm_connection_follow (self, transport, reason, &error))
    wsm_connection_lost (self, g_steal_pointer (&reason), g_steal_pointer (&error));
}

const WsmTransportSink wsm_connection_sink = {
  .opened = wsm_connection_sink_opened,
  .message = wsm_connection_sink_message,
  .pong = wsm_connection_sink_pong,
  .life = wsm_connection_sink_life,
  .frame = wsm_connection_sink_frame,
  .drained = wsm_connection_sink_drained,
  .ended = wsm_connection_sink_ended,
};
