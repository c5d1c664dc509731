/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

#include "wsm-enum-types.h"
#include "wsm-error.h"
#include "wsm-reason-private.h"

/*
 * The states of a connection, and what moves it from one to the next.
 *
 * wsm_connection_move() makes every transition, against one table. It stores first and tells
 * afterwards, and whoever is told may do anything: close, remove, open again, run a main loop.
 * So code behind an emission looks at the turn, which counts transitions, or at the membership,
 * which is another one once the connection has left its pool, before it goes on.
 */

#define STATE_BIT(state) (1u << WSM_STATE_##state)

static const guint allowed_next[] = {
  [WSM_STATE_IDLE] = STATE_BIT (CONNECTING),
  [WSM_STATE_CONNECTING] = STATE_BIT (OPEN) | STATE_BIT (WAITING) | STATE_BIT (CLOSED) |
                           STATE_BIT (FAILED),
  [WSM_STATE_OPEN] = STATE_BIT (SUSPECT) | STATE_BIT (WAITING) | STATE_BIT (CLOSING) |
                     STATE_BIT (FAILED),
  [WSM_STATE_SUSPECT] = STATE_BIT (OPEN) | STATE_BIT (WAITING) | STATE_BIT (CLOSING) |
                        STATE_BIT (FAILED),
  [WSM_STATE_WAITING] = STATE_BIT (CONNECTING) | STATE_BIT (CLOSED) | STATE_BIT (FAILED),
  [WSM_STATE_CLOSING] = STATE_BIT (CLOSED),
  [WSM_STATE_CLOSED] = STATE_BIT (CONNECTING),
  [WSM_STATE_FAILED] = STATE_BIT (CONNECTING),
};

/*
 * wsm_connection_is_way:
 *
 * Whether a connection may ever go from one state to the other.
 */
gboolean
wsm_connection_is_way (WsmState from,
                       WsmState to)
{
  return (allowed_next[from] & (1u << to)) != 0;
}

gboolean
wsm_connection_is_open (WsmConnection *self)
{
  return self->state == WSM_STATE_OPEN || self->state == WSM_STATE_SUSPECT;
}

gboolean
wsm_connection_has_handler (WsmConnection       *self,
                            WsmConnectionSignal  signal)
{
  return g_signal_has_handler_pending (self, wsm_connection_signals[signal], 0, TRUE);
}

/* Telling. */

void
wsm_connection_notify (WsmConnection         *self,
                       WsmConnectionProperty  property)
{
  wsm_connection_observe (self, figures_moved);
  g_object_notify_by_pspec (G_OBJECT (self), wsm_connection_properties[property]);
}

/*
 * wsm_connection_set_reason:
 * @reason: (transfer full):
 */
void
wsm_connection_set_reason (WsmConnection *self,
                           WsmReason     *reason)
{
  wsm_reason_free (self->reason);
  self->reason = reason;
  wsm_connection_observe (self, reason_changed);
  wsm_connection_notify (self, PROP_REASON);
}

/* One by one, not frozen together: a handler of one may move the connection on, which tells of
 * all of them, or take it out of its pool, and then there is nothing more to tell. */
static void
wsm_connection_notify_state (WsmConnection *self,
                             gboolean       writable_changed)
{
  static const WsmConnectionProperty of_state[] = {
    PROP_ATTEMPT,
    PROP_NEXT_RETRY_AT,
    PROP_NEXT_BEAT_AT,
    PROP_N_MISSED,
    PROP_REASON,
    PROP_STATE,
  };
  guint membership = self->membership;
  guint turn = self->turn;

  if (writable_changed)
    wsm_connection_notify (self, PROP_WRITABLE);
  for (guint i = 0; i < G_N_ELEMENTS (of_state); i++)
    if (self->turn == turn && self->membership == membership)
      wsm_connection_notify (self, of_state[i]);
}

/* For who debugs: G_MESSAGES_DEBUG=libwsmulti shows it. Made only if somebody wants to read it, and
 * of the reason no more than others than the app may see. */
static void
wsm_connection_log_state (WsmConnection *self,
                          WsmState       old_state)
{
  g_autoptr (GEnumClass) states = NULL;
  g_autofree char *why = NULL;

  if (g_log_writer_default_would_drop (G_LOG_LEVEL_DEBUG, G_LOG_DOMAIN))
    return;

  states = g_type_class_ref (WSM_TYPE_STATE);
  why = wsm_reason_to_public_string (self->reason);
  g_debug ("%s: %s to %s: %s", self->name,
           g_enum_get_value (states, (int) old_state)->value_nick,
           g_enum_get_value (states, (int) self->state)->value_nick, why);
}

/*
 * wsm_connection_move:
 * @reason: (transfer full): why
 *
 * Makes a transition: checks, stores, tells.
 */
void
wsm_connection_move (WsmConnection *self,
                     WsmState       state,
                     WsmReason     *reason)
{
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (self);
  WsmConnectionHost *host = self->host;
  WsmState old_state = self->state;
  guint membership = self->membership;
  gboolean writable_changed;
  guint turn;

  if (!wsm_connection_is_way (old_state, state))
    {
      g_critical ("%s: no way from state %u to %u", self->name, old_state, state);
      wsm_reason_free (reason);
      return;
    }

  self->state = state;
  turn = ++self->turn;
  wsm_reason_free (self->reason);
  self->reason = reason;
  if (state != WSM_STATE_WAITING)
    self->next_retry_us = 0;
  writable_changed = wsm_connection_judge_writable (self);
  wsm_connection_log_state (self, old_state);

  if (host == NULL)
    return;
  host->count (host, old_state, state);
  wsm_connection_observe (self, state_changed);
  wsm_connection_notify_state (self, writable_changed);
  if (self->turn == turn && self->membership == membership)
    host->state_changed (host, self);
}

/* What is left to tell once a socket, an attempt or a life has ended. */
struct _WsmFarewell
{
  WsmOutcome outcome;
  WsmReason *reason; /* (owned) */
  GError *error;     /* (owned) (nullable): of what has failed */
  gboolean was_open;
  WsmTally unconfirmed;
  guint n_dropped;
  guint64 n_bytes_dropped;
};

static void
wsm_farewell_free (WsmFarewell *self)
{
  wsm_reason_free (self->reason);
  g_clear_error (&self->error);
  g_free (self);
}

/*
 * wsm_connection_prepare_farewell:
 *
 * Writes down what is left to say of what has ended.
 *
 * It comes before the transition: who hears of that may begin anew, and what belongs to the next
 * socket or life is not to be mixed up with this.
 */
void
wsm_connection_prepare_farewell (WsmConnection   *self,
                                 const WsmReason *reason,
                                 WsmOutcome       outcome)
{
  WsmFarewell *farewell = g_new0 (WsmFarewell, 1);
  g_autoptr (GError) error = NULL;

  g_assert (self->farewell == NULL);
  self->farewell = farewell;

  farewell->outcome = outcome;
  farewell->reason = wsm_reason_copy (reason);
  farewell->was_open = self->socket_reported;
  self->socket_reported = FALSE;
  if (self->outbox != NULL)
    farewell->unconfirmed = wsm_outbox_take_unconfirmed (self->outbox);
  if (self->outbox != NULL && (outcome != WSM_OUTCOME_RETRY || !self->queue_while_closed))
    farewell->n_dropped = wsm_outbox_clear (self->outbox, &farewell->n_bytes_dropped);
  self->unconfirmed.n_messages += farewell->unconfirmed.n_messages;
  self->unconfirmed.n_bytes += farewell->unconfirmed.n_bytes;
  self->dropped.n_messages += farewell->n_dropped;
  self->dropped.n_bytes += farewell->n_bytes_dropped;
  if (outcome == WSM_OUTCOME_RETRY)
    return;

  if (outcome == WSM_OUTCOME_FAILED)
    error = g_error_copy (self->error);
  else
    error = g_error_new (WSM_ERROR, WSM_ERROR_ABORTED, "%s: closed before it opened", self->name);
  wsm_wait_list_return (&self->open_waiters, error);
  wsm_wait_list_return (&self->close_waiters, NULL);
  if (outcome == WSM_OUTCOME_FAILED)
    farewell->error = g_steal_pointer (&error);
}

/*
 * wsm_connection_say_farewell:
 *
 * Says what is left to say of what has ended.
 *
 * It comes after the transition that ended it, and before one that begins anew: so whoever hears
 * of the first, and opens the connection or runs the loop, hears all the rest in order.
 */
void
wsm_connection_say_farewell (WsmConnection *self)
{
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (self);
  WsmFarewell *farewell;

  while ((farewell = self->farewell) != NULL)
    {
      g_autoptr (WsmReason) reason = wsm_reason_copy (farewell->reason);
      WsmTally unconfirmed = farewell->unconfirmed;
      guint n_dropped = farewell->n_dropped;

      if (farewell->was_open)
        {
          farewell->was_open = FALSE;
          g_signal_emit (self, wsm_connection_signals[SIGNAL_DISCONNECTED], 0, reason,
                         farewell->outcome == WSM_OUTCOME_RETRY);
        }
      else if (unconfirmed.n_messages > 0)
        {
          farewell->unconfirmed.n_messages = 0;
          g_signal_emit (self, wsm_connection_signals[SIGNAL_UNCONFIRMED], 0,
                         (guint) MIN (unconfirmed.n_messages, G_MAXUINT), unconfirmed.n_bytes);
        }
      else if (n_dropped > 0)
        {
          farewell->n_dropped = 0;
          g_signal_emit (self, wsm_connection_signals[SIGNAL_DROPPED], 0, n_dropped,
                         farewell->n_bytes_dropped, reason);
        }
      else
        {
          self->farewell = NULL;
          if (farewell->outcome == WSM_OUTCOME_FAILED)
            g_signal_emit (self, wsm_connection_signals[SIGNAL_FAILED], 0, farewell->error);
          else if (farewell->outcome == WSM_OUTCOME_CLOSED)
            g_signal_emit (self, wsm_connection_signals[SIGNAL_CLOSED], 0);
          wsm_farewell_free (farewell);
        }
    }
}

/* The deadline of the present state. */

static void wsm_connection_timer_due_cb (GObject         *target,
                                         WsmDeliveryItem *item);

static void
wsm_connection_timer_cb (WsmTimer *timer,
                         gpointer  user_data)
{
  WsmConnection *self = user_data;

  self->timer_fired = TRUE;
  wsm_delivery_post_call (self->host->delivery, G_OBJECT (self), wsm_connection_timer_due_cb);
}

void
wsm_connection_disarm (WsmConnection *self)
{
  self->timer_fired = FALSE;
  if (self->host == NULL)
    return;
  wsm_scheduler_disarm (self->host->scheduler, &self->timer);
  wsm_connection_leave_turn (self);
}

void
wsm_connection_arm_at (WsmConnection *self,
                       gint64         due_us)
{
  self->timer_fired = FALSE;
  wsm_scheduler_arm (self->host->scheduler, &self->timer, due_us);
}

void
wsm_connection_arm (WsmConnection *self,
                    guint          delay_ms)
{
  gint64 now_us = wsm_scheduler_get_time_us (self->host->scheduler);

  wsm_connection_arm_at (self, now_us + (gint64) delay_ms * 1000);
}

static void
wsm_connection_connect_timed_out (WsmConnection *self)
{
  WsmReason *reason = wsm_reason_new (WSM_REASON_CODE_TIMED_OUT);

  reason->timeout_ms = self->connect_timeout_ms;
  wsm_connection_lost (self, reason,
                       g_error_new (WSM_ERROR, WSM_ERROR_TIMED_OUT,
                                    "%s: no handshake within %u ms; see connect-timeout",
                                    self->name, self->connect_timeout_ms));
}

static void
wsm_connection_timer_due_cb (GObject         *target,
                             WsmDeliveryItem *item)
{
  WsmConnection *self = WSM_CONNECTION (target);

  if (!self->timer_fired || self->host == NULL)
    return;
  wsm_connection_say_farewell (self);
  if (!self->timer_fired)
    return;
  self->timer_fired = FALSE;

  switch (self->state)
    {
    case WSM_STATE_CONNECTING:
      wsm_connection_connect_timed_out (self);
      break;

    case WSM_STATE_OPEN:
    case WSM_STATE_SUSPECT:
      wsm_connection_became_stable (self);
      break;

    case WSM_STATE_WAITING:
      wsm_connection_retry (self);
      break;

    case WSM_STATE_CLOSING:
      wsm_connection_end (self, WSM_REASON_CODE_CLOSE_TIMED_OUT);
      break;

    case WSM_STATE_IDLE:
    case WSM_STATE_CLOSED:
    case WSM_STATE_FAILED:
    default:
      break;
    }
}

/* From CONNECTING to OPEN. */

void
wsm_connection_became_open (WsmConnection *self)
{
  WsmTransport *transport = self->transport;

  if (self->ever_opened)
    self->n_reconnects++;
  self->ever_opened = TRUE;
  self->opened_due = TRUE;
  self->close_sent = FALSE;
  self->opened_us = wsm_scheduler_get_time_us (self->host->scheduler);
  self->close_code = 0;
  g_clear_pointer (&self->close_reason, g_free);

  if (wsm_backoff_get_stable_after (self->backoff) > 0)
    wsm_connection_arm (self, wsm_backoff_get_stable_after (self->backoff));
  else
    wsm_connection_disarm (self);
  wsm_connection_traffic_start (self);
  wsm_wait_list_return (&self->open_waiters, NULL);

  wsm_connection_move (self, WSM_STATE_OPEN, wsm_reason_copy (self->host->opened));
  if (self->transport == transport)
    wsm_connection_tell_opened (self);
}

/*
 * wsm_connection_tell_opened:
 *
 * Says that a socket is open, before anything else is said of it.
 *
 * That a connection became open is told by its state first, and whoever hears of it may run the
 * loop, in which messages arrive, or close it again.
 */
void
wsm_connection_tell_opened (WsmConnection *self)
{
  if (!self->opened_due || !wsm_connection_is_open (self))
    return;

  self->opened_due = FALSE;
  self->socket_reported = TRUE;
  g_signal_emit (self, wsm_connection_signals[SIGNAL_OPENED], 0, self->n_reconnects > 0);
}

/* From anywhere to the end of a socket or attempt. */

/*
 * wsm_connection_drop_socket:
 *
 * Everything that belonged to the socket or attempt goes; nothing is told.
 */
void
wsm_connection_drop_socket (WsmConnection *self)
{
  self->opened_due = FALSE;
  wsm_connection_disarm (self);
  wsm_connection_drop_attempt (self);
  if (self->transport == NULL)
    return;

  self->last_received_us = MAX (self->last_received_us,
                                wsm_transport_get_last_received_us (self->transport));
  wsm_connection_traffic_stop (self);
  wsm_transport_let_go (self->transport);
  wsm_transport_abort (self->transport);
  g_clear_object (&self->transport);
}

/*
 * wsm_connection_end:
 *
 * To CLOSED, from CLOSING or from where there is no socket yet.
 */
void
wsm_connection_end (WsmConnection *self,
                    WsmReasonCode  code)
{
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (self);
  WsmReason *reason = wsm_reason_new (code);

  if (self->state == WSM_STATE_CLOSING)
    reason->close_code = self->close_code;
  if (code == WSM_REASON_CODE_CLOSE_TIMED_OUT)
    reason->timeout_ms = self->close_timeout_ms;

  wsm_connection_drop_socket (self);
  wsm_connection_prepare_farewell (self, reason, WSM_OUTCOME_CLOSED);
  wsm_connection_move (self, WSM_STATE_CLOSED, reason);
  wsm_connection_say_farewell (self);
}

/*
 * wsm_connection_fall_silent:
 *
 * Leaves its pool: everything ends at once, and only those who wait for it hear of it.
 */
void
wsm_connection_fall_silent (WsmConnection *self)
{
  g_autoptr (GError) error = NULL;
  guint64 n_bytes;

  self->open_posted = FALSE;
  self->socket_reported = FALSE;
  g_clear_pointer (&self->farewell, wsm_farewell_free);
  wsm_connection_drop_socket (self);
  if (self->outbox != NULL)
    {
      wsm_outbox_take_unconfirmed (self->outbox);
      wsm_outbox_clear (self->outbox, &n_bytes);
    }
  self->next_retry_us = 0;
  if (self->state != WSM_STATE_IDLE && self->state != WSM_STATE_CLOSED &&
      self->state != WSM_STATE_FAILED)
    {
      self->state = WSM_STATE_CLOSED;
      self->turn++;
      wsm_reason_free (self->reason);
      self->reason = wsm_reason_new (WSM_REASON_CODE_ABORTED);
    }
  wsm_connection_judge_writable (self);

  error = g_error_new (WSM_ERROR, WSM_ERROR_ABORTED, "%s: removed from its pool", self->name);
  wsm_wait_list_return (&self->open_waiters, error);
  wsm_wait_list_return (&self->close_waiters, NULL);
}

void
wsm_connection_life_init (WsmConnection *self)
{
  wsm_timer_init (&self->timer, wsm_connection_timer_cb, self);
}
