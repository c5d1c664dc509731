/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

#include "wsm-error.h"
#include "wsm-reason-private.h"

/*
 * What becomes of a connection that was lost: whether it tries again, and when.
 */

static void
wsm_connection_take_error (WsmConnection *self,
                           GError        *error)
{
  g_clear_error (&self->error);
  self->error = error;
}

static WsmOutcome
wsm_connection_judge (WsmConnection   *self,
                      const WsmReason *reason)
{
  WsmRetryDecision decision = WSM_RETRY_DECISION_DEFAULT;
  WsmOutcome outcome = wsm_backoff_judge (self->backoff, reason, self->n_bad_handshakes);

  if (wsm_connection_has_handler (self, SIGNAL_SHOULD_RETRY))
    {
      /* What comes next is yet to be written into the other one. */
      g_autoptr (WsmReason) shown = wsm_reason_new_from (reason);

      g_signal_emit (self, wsm_connection_signals[SIGNAL_SHOULD_RETRY], 0, shown, &decision);
    }

  switch (decision)
    {
    case WSM_RETRY_DECISION_RETRY:
      return WSM_OUTCOME_RETRY;

    case WSM_RETRY_DECISION_STOP:
      return outcome == WSM_OUTCOME_CLOSED ? WSM_OUTCOME_CLOSED : WSM_OUTCOME_FAILED;

    case WSM_RETRY_DECISION_DEFAULT:
    default:
      return outcome;
    }
}

static char *
wsm_connection_explain_end (WsmConnection *self,
                            const char    *cause,
                            gboolean       is_late)
{
  if (is_late)
    return g_strdup_printf ("no success for %u ms, the time allowed; the last attempt: %s",
                            wsm_backoff_get_max_elapsed (self->backoff), cause);

  return g_strdup_printf ("%u of %u attempts used up; the last one: %s", self->n_failures,
                          wsm_backoff_get_max_attempts (self->backoff), cause);
}

/* Turns reason into the one that says that trying has ended, if it has. */
static gboolean
wsm_connection_gives_up (WsmConnection  *self,
                         WsmReason     **reason,
                         gint64          now_us)
{
  guint max_attempts = wsm_backoff_get_max_attempts (self->backoff);
  guint max_elapsed_ms = wsm_backoff_get_max_elapsed (self->backoff);
  g_autofree char *cause = NULL;
  g_autofree char *detail = NULL;
  g_autofree char *public_cause = NULL;
  g_autofree char *public_detail = NULL;
  gint64 elapsed_ms = 0;
  gboolean is_late;

  if (self->first_failure_us > 0)
    elapsed_ms = (now_us + (gint64) (*reason)->delay_ms * 1000 - self->first_failure_us) / 1000;
  is_late = max_elapsed_ms > 0 && elapsed_ms > max_elapsed_ms;
  if (!is_late && (max_attempts == 0 || self->n_failures < max_attempts))
    return FALSE;

  (*reason)->attempt = 0;
  cause = wsm_reason_to_string (*reason);
  detail = wsm_connection_explain_end (self, cause, is_late);
  public_cause = wsm_reason_to_public_string (*reason);
  public_detail = wsm_connection_explain_end (self, public_cause, is_late);

  wsm_reason_free (*reason);
  *reason = wsm_reason_new (WSM_REASON_CODE_GAVE_UP);
  wsm_reason_set_detail (*reason, detail);
  wsm_reason_set_public_detail (*reason, public_detail);
  wsm_connection_take_error (self, g_error_new (WSM_ERROR, WSM_ERROR_GAVE_UP, "%s: %s",
                                                self->name, detail));
  return TRUE;
}

static void
wsm_connection_wait (WsmConnection *self,
                     WsmReason     *reason,
                     gint64         now_us)
{
  if (self->paused)
    {
      reason->attempt = 0;
      reason->delay_ms = 0;
      reason->delay_bound_ms = 0;
    }
  else
    {
      self->next_retry_us = now_us + (gint64) reason->delay_ms * 1000;
      wsm_connection_arm (self, reason->delay_ms);
    }
  wsm_connection_move (self, WSM_STATE_WAITING, reason);
}

/* The attempt failed or the socket was lost, and the app did not ask for it. */
static void
wsm_connection_settle (WsmConnection *self,
                       WsmReason     *reason,
                       WsmOutcome     outcome)
{
  gint64 now_us = wsm_scheduler_get_time_us (self->host->scheduler);
  double chance = g_rand_double (self->host->random);
  guint turn;

  self->n_failures++;
  if (self->first_failure_us == 0)
    self->first_failure_us = now_us;

  if (outcome == WSM_OUTCOME_RETRY)
    {
      reason->delay_ms = wsm_backoff_pick_delay (self->backoff, reason, self->n_failures, chance,
                                                 &reason->delay_bound_ms);
      if (wsm_connection_gives_up (self, &reason, now_us))
        outcome = WSM_OUTCOME_FAILED;
      else
        reason->attempt = self->n_failures + 1;
    }

  if (outcome == WSM_OUTCOME_CLOSED && wsm_connection_is_open (self))
    {
      /* An open connection passes through CLOSING, and its handlers may have other plans. */
      turn = self->turn + 1;
      wsm_connection_move (self, WSM_STATE_CLOSING, wsm_reason_copy (reason));
      if (self->turn != turn)
        {
          wsm_reason_free (reason);
          return;
        }
    }

  wsm_connection_prepare_farewell (self, reason, outcome);
  switch (outcome)
    {
    case WSM_OUTCOME_RETRY:
      wsm_connection_wait (self, reason, now_us);
      break;

    case WSM_OUTCOME_CLOSED:
      wsm_connection_move (self, WSM_STATE_CLOSED, reason);
      break;

    case WSM_OUTCOME_FAILED:
    default:
      wsm_connection_move (self, WSM_STATE_FAILED, reason);
      break;
    }
  wsm_connection_say_farewell (self);
}

/* The server answered, neither with an error nor with a WebSocket. */
static gboolean
wsm_connection_is_bad_handshake (const WsmReason *reason)
{
  return reason->code == WSM_REASON_CODE_BAD_HANDSHAKE ||
         (reason->code == WSM_REASON_CODE_HTTP_STATUS && reason->http_status < 400);
}

/*
 * wsm_connection_lost:
 * @reason: (transfer full): what happened; what happens next is filled in here
 * @error: (transfer full) (nullable): the same as an error
 *
 * Ends an attempt or a socket that the app did not want to end.
 */
void
wsm_connection_lost (WsmConnection *self,
                     WsmReason     *reason,
                     GError        *error)
{
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (self);
  guint membership = self->membership;
  guint turn = self->turn;
  WsmOutcome outcome;

  if (error == NULL)
    {
      g_autofree char *text = wsm_reason_to_string (reason);

      error = g_error_new (WSM_ERROR, WSM_ERROR_ABORTED, "%s: %s", self->name, text);
    }
  wsm_connection_take_error (self, error);
  wsm_connection_drop_socket (self);
  if (wsm_connection_is_bad_handshake (reason))
    self->n_bad_handshakes++;
  else
    self->n_bad_handshakes = 0;

  outcome = wsm_connection_judge (self, reason);
  if (self->turn != turn || self->membership != membership)
    {
      /* The app closed or removed it while it was asked. */
      wsm_reason_free (reason);
      return;
    }
  /* Or it began a new attempt by pausing and resuming it. */
  wsm_connection_drop_socket (self);
  wsm_connection_settle (self, reason, outcome);
}

/* Waiting, and the turn among the others of the pool. */

/*
 * wsm_connection_leave_turn:
 *
 * Its turn has come, or it does not want it any more.
 *
 * Returns: whether it had one
 */
gboolean
wsm_connection_leave_turn (WsmConnection *self)
{
  if (!self->has_turn)
    return FALSE;

  self->has_turn = FALSE;
  wsm_pacer_end_turn (self->host->pacer, wsm_scheduler_get_time_us (self->host->scheduler));

  return TRUE;
}

/* Goes on waiting, until another time than before, or gives up. */
static void
wsm_connection_wait_on (WsmConnection *self,
                        WsmReason     *reason,
                        gint64         due_us)
{
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (self);
  gint64 now_us = wsm_scheduler_get_time_us (self->host->scheduler);
  guint membership = self->membership;
  guint turn = self->turn;

  if (wsm_connection_gives_up (self, &reason, now_us))
    {
      wsm_connection_drop_socket (self);
      wsm_connection_prepare_farewell (self, reason, WSM_OUTCOME_FAILED);
      wsm_connection_move (self, WSM_STATE_FAILED, reason);
      wsm_connection_say_farewell (self);
      return;
    }

  self->next_retry_us = due_us;
  wsm_connection_arm_at (self, due_us);
  wsm_connection_set_reason (self, reason);
  if (self->turn == turn && self->membership == membership)
    wsm_connection_notify (self, PROP_NEXT_RETRY_AT);
}

/* Returns: whether it may go; if not, it waits for its turn */
static gboolean
wsm_connection_take_turn (WsmConnection *self)
{
  gint64 now_us = wsm_scheduler_get_time_us (self->host->scheduler);
  gint64 due_us = wsm_pacer_take (self->host->pacer, now_us);
  WsmReason *reason;

  if (due_us <= now_us)
    return TRUE;

  self->has_turn = TRUE;
  reason = wsm_reason_new_from (self->reason);
  reason->attempt = self->n_failures + 1;
  reason->turn_delay_ms = (guint) ((due_us - now_us + 999) / 1000);
  reason->delay_ms = reason->turn_delay_ms;
  reason->delay_bound_ms = 0;
  wsm_connection_wait_on (self, reason, due_us);

  return FALSE;
}

/*
 * wsm_connection_retry:
 *
 * The time for the next attempt has come, or that for taking a turn.
 */
void
wsm_connection_retry (WsmConnection *self)
{
  WsmReason *reason;

  if (!wsm_connection_leave_turn (self) && !wsm_connection_take_turn (self))
    return;

  reason = wsm_reason_new (WSM_REASON_CODE_RETRYING);
  reason->attempt = self->n_failures + 1;
  wsm_connection_try_again (self, reason);
}

/*
 * wsm_connection_try_in_turn:
 * @reason: (transfer full): why now
 *
 * From WAITING, without waiting for anything but its turn.
 */
void
wsm_connection_try_in_turn (WsmConnection *self,
                            WsmReason     *reason)
{
  if (!self->has_turn)
    wsm_connection_disarm (self);
  if (!self->has_turn && wsm_connection_take_turn (self))
    wsm_connection_try_again (self, reason);
  else
    wsm_reason_free (reason);
}

/*
 * wsm_connection_retry_in_turn:
 *
 * If it waits, it tries again as soon as its turn comes.
 */
void
wsm_connection_retry_in_turn (WsmConnection *self)
{
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (self);

  wsm_connection_say_farewell (self);
  if (self->host != NULL && self->state == WSM_STATE_WAITING && !self->paused)
    wsm_connection_try_in_turn (self, wsm_reason_new (WSM_REASON_CODE_REQUESTED));
}

/*
 * wsm_connection_replan:
 *
 * Its back-off is another one: if it waits, it goes by that one, as if it had from the beginning.
 */
void
wsm_connection_replan (WsmConnection *self)
{
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (self);
  WsmReason *reason;
  gint64 now_us;
  gint64 since_us;

  wsm_connection_say_farewell (self);
  if (self->host == NULL || self->state != WSM_STATE_WAITING || self->paused)
    return;

  now_us = wsm_scheduler_get_time_us (self->host->scheduler);
  reason = wsm_reason_new_from (self->reason);
  if (!self->has_turn)
    {
      since_us = self->next_retry_us - (gint64) reason->delay_ms * 1000;
      reason->delay_ms = wsm_backoff_pick_delay (self->backoff, reason, self->n_failures,
                                                 g_rand_double (self->host->random),
                                                 &reason->delay_bound_ms);
      self->next_retry_us = MAX (now_us, since_us + (gint64) reason->delay_ms * 1000);
    }
  wsm_connection_wait_on (self, reason, self->next_retry_us);
}

/*
 * wsm_connection_became_stable:
 *
 * The back-off starts anew.
 */
void
wsm_connection_became_stable (WsmConnection *self)
{
  self->n_failures = 0;
  self->n_bad_handshakes = 0;
  self->first_failure_us = 0;
  wsm_connection_notify (self, PROP_ATTEMPT);
}
