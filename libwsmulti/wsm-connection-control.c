/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

#include "wsm-error.h"
#include "wsm-reason-private.h"

/*
 * What the app asks of a connection: open, close, abort, try again, pause, resume. All of it is
 * legal in every state.
 */

static gboolean
wsm_connection_check_close (WsmConnection  *self,
                            guint           code,
                            const char     *reason,
                            GError        **error)
{
  gboolean code_ok;

  /* What a client may send: RFC 6455, 7.4.1 and 7.4.2. */
  code_ok = code == 0 || (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1010) ||
            (code >= 3000 && code <= 4999);
  if (!code_ok)
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_CLOSE,
                   "%s: close code %u is not for a client to send; use 1000, 1001 or one from "
                   "3000 to 4999", wsm_connection_describe (self), code);
      return FALSE;
    }
  if (reason != NULL && (strlen (reason) > 123 || !g_utf8_validate (reason, -1, NULL)))
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_CLOSE,
                   "%s: the close reason has %" G_GSIZE_FORMAT " bytes; up to 123 bytes of UTF-8 "
                   "are allowed", wsm_connection_describe (self), strlen (reason));
      return FALSE;
    }
  if (code == 0 && reason != NULL && *reason != '\0')
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_CLOSE,
                   "%s: a close reason needs a close code, for instance 1000",
                   wsm_connection_describe (self));
      return FALSE;
    }

  return TRUE;
}

static void
wsm_connection_begin_closing (WsmConnection *self,
                              guint          code,
                              const char    *reason)
{
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (self);

  self->closing_code = code;
  g_free (self->closing_reason);
  self->closing_reason = g_strdup (reason);
  wsm_connection_arm (self, self->close_timeout_ms);
  if (self->pulse != NULL)
    wsm_pulse_stop (self->pulse);
  wsm_connection_move (self, WSM_STATE_CLOSING, wsm_reason_new (WSM_REASON_CODE_REQUESTED));
  if (self->state == WSM_STATE_CLOSING && self->transport != NULL)
    wsm_connection_feed (self);
}

/**
 * wsm_connection_close:
 * @self: a connection
 * @code: the close code to send (RFC 6455, 7.4): 1000-1003, 1007-1010, 3000-4999, or 0 for none
 * @reason: (nullable): up to 123 bytes of text that go with it
 * @error: return location for an error
 *
 * Ends the logical connection politely.
 *
 * What is queued goes out first, then the close frame; what takes longer than
 * [property@Wsm.Connection:close-timeout] is cut off. An attempt under way is dropped and none
 * follows. A connection that is not open is closed at once; one that was never opened, or has
 * ended already, stays as it is.
 *
 * Legal in every state. Fails with %WSM_ERROR_INVALID_CLOSE, and then does nothing.
 *
 * Returns: whether @code and @reason are acceptable
 *
 * Since: 0.1
 */
gboolean
wsm_connection_close (WsmConnection  *self,
                      guint           code,
                      const char     *reason,
                      GError        **error)
{
  g_autoptr (WsmConnection) keep = NULL;

  g_return_val_if_fail (WSM_IS_CONNECTION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!wsm_connection_check_caller (self) ||
      !wsm_connection_check_close (self, code, reason, error))
    return FALSE;

  keep = g_object_ref (self);
  wsm_connection_say_farewell (self);
  self->open_posted = FALSE;
  switch (self->state)
    {
    case WSM_STATE_OPEN:
    case WSM_STATE_SUSPECT:
      if (self->transport != NULL)
        {
          wsm_connection_begin_closing (self, code, reason);
          break;
        }
      /* The socket is gone and the app is being asked what to do about it. */
      wsm_connection_abort (self);
      break;

    case WSM_STATE_CONNECTING:
    case WSM_STATE_WAITING:
      wsm_connection_end (self, WSM_REASON_CODE_REQUESTED);
      break;

    case WSM_STATE_IDLE:
    case WSM_STATE_CLOSING:
    case WSM_STATE_CLOSED:
    case WSM_STATE_FAILED:
    default:
      break;
    }

  return TRUE;
}

/**
 * wsm_connection_abort:
 * @self: a connection
 *
 * Ends the logical connection at once, without a word to the peer.
 *
 * Legal in every state; one that was never opened, or has ended already, stays as it is.
 *
 * Since: 0.1
 */
void
wsm_connection_abort (WsmConnection *self)
{
  g_autoptr (WsmConnection) keep = NULL;

  g_return_if_fail (WSM_IS_CONNECTION (self));
  if (!wsm_connection_check_caller (self))
    return;

  keep = g_object_ref (self);
  wsm_connection_say_farewell (self);
  self->open_posted = FALSE;
  switch (self->state)
    {
    case WSM_STATE_OPEN:
    case WSM_STATE_SUSPECT:
      wsm_connection_drop_socket (self);
      wsm_connection_move (self, WSM_STATE_CLOSING, wsm_reason_new (WSM_REASON_CODE_ABORTED));
      if (self->state == WSM_STATE_CLOSING)
        wsm_connection_end (self, WSM_REASON_CODE_ABORTED);
      break;

    case WSM_STATE_CLOSING:
      wsm_connection_end (self, WSM_REASON_CODE_ABORTED);
      break;

    case WSM_STATE_CONNECTING:
    case WSM_STATE_WAITING:
      wsm_connection_end (self, WSM_REASON_CODE_ABORTED);
      break;

    case WSM_STATE_IDLE:
    case WSM_STATE_CLOSED:
    case WSM_STATE_FAILED:
    default:
      break;
    }
}

/**
 * wsm_connection_open:
 * @self: a connection
 * @error: return location for an error
 *
 * Begins to connect, and to stay connected.
 *
 * The first attempt starts in the next turn of the main loop. Legal in every state: one that
 * waits tries now, one that connects or is open goes on, one that is closing is cut short and
 * opened again. It must be in a pool (%WSM_ERROR_NOT_IN_POOL).
 *
 * Returns: whether it may open
 *
 * Since: 0.1
 */
gboolean
wsm_connection_open (WsmConnection  *self,
                     GError        **error)
{
  g_autoptr (WsmConnection) keep = NULL;

  g_return_val_if_fail (WSM_IS_CONNECTION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!wsm_connection_check_caller (self))
    return FALSE;

  keep = g_object_ref (self);
  wsm_connection_say_farewell (self);
  if (self->host == NULL)
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_NOT_IN_POOL,
                   "%s: a connection opens in a pool; add it to one first",
                   wsm_connection_describe (self));
      return FALSE;
    }

  self->open_posted = FALSE;
  if (self->state == WSM_STATE_CLOSING)
    {
      wsm_connection_end (self, WSM_REASON_CODE_ABORTED);
      if (self->host == NULL)
        return TRUE;
    }

  switch (self->state)
    {
    case WSM_STATE_IDLE:
    case WSM_STATE_CLOSED:
    case WSM_STATE_FAILED:
      self->n_failures = 0;
      self->n_bad_handshakes = 0;
      self->first_failure_us = 0;
      wsm_connection_post_attempt (self);
      wsm_connection_move (self, WSM_STATE_CONNECTING,
                           wsm_reason_new (WSM_REASON_CODE_REQUESTED));
      break;

    case WSM_STATE_WAITING:
      wsm_connection_retry_now (self);
      break;

    case WSM_STATE_CONNECTING:
    case WSM_STATE_OPEN:
    case WSM_STATE_SUSPECT:
    case WSM_STATE_CLOSING:
    default:
      break;
    }

  return TRUE;
}

/*
 * wsm_connection_try_again:
 * @reason: (transfer full): why now
 *
 * From WAITING, without waiting any longer.
 */
void
wsm_connection_try_again (WsmConnection *self,
                          WsmReason     *reason)
{
  wsm_connection_disarm (self);
  wsm_connection_post_attempt (self);
  wsm_connection_move (self, WSM_STATE_CONNECTING, reason);
}

/**
 * wsm_connection_retry_now:
 * @self: a connection
 *
 * Tries again at once instead of later.
 *
 * One that has ended is opened again; in any other state but %WSM_STATE_WAITING nothing happens.
 * The back-off goes on where it is.
 *
 * Since: 0.1
 */
void
wsm_connection_retry_now (WsmConnection *self)
{
  g_autoptr (WsmConnection) keep = NULL;

  g_return_if_fail (WSM_IS_CONNECTION (self));
  if (!wsm_connection_check_caller (self))
    return;

  keep = g_object_ref (self);
  wsm_connection_say_farewell (self);
  if (self->host == NULL)
    return;

  switch (self->state)
    {
    case WSM_STATE_WAITING:
      wsm_connection_try_again (self, wsm_reason_new (WSM_REASON_CODE_REQUESTED));
      break;

    case WSM_STATE_CLOSED:
    case WSM_STATE_FAILED:
      wsm_connection_open (self, NULL);
      break;

    case WSM_STATE_IDLE:
    case WSM_STATE_CONNECTING:
    case WSM_STATE_OPEN:
    case WSM_STATE_SUSPECT:
    case WSM_STATE_CLOSING:
    default:
      break;
    }
}

/* What it said of its next attempt does not hold any more. */
static void
wsm_connection_forget_outlook (WsmConnection *self)
{
  WsmReason *reason;

  if (self->state != WSM_STATE_WAITING)
    return;

  reason = wsm_reason_new_from (self->reason);
  reason->attempt = 0;
  reason->delay_ms = 0;
  reason->delay_bound_ms = 0;
  reason->turn_delay_ms = 0;
  wsm_connection_set_reason (self, reason);
}

/**
 * wsm_connection_pause:
 * @self: a connection
 *
 * Sends no beats and starts no attempts until [method@Wsm.Connection.resume].
 *
 * An open socket stays open, an attempt under way goes on.
 *
 * Since: 0.1
 */
void
wsm_connection_pause (WsmConnection *self)
{
  g_autoptr (WsmConnection) keep = NULL;
  guint membership;
  guint turn;

  g_return_if_fail (WSM_IS_CONNECTION (self));
  if (!wsm_connection_check_caller (self) || self->paused)
    return;

  keep = g_object_ref (self);
  membership = self->membership;
  self->paused = TRUE;
  if (self->pulse != NULL)
    wsm_pulse_pause (self->pulse);
  if (self->state == WSM_STATE_WAITING)
    {
      wsm_connection_disarm (self);
      self->next_retry_us = 0;
    }
  turn = self->turn;
  wsm_connection_notify (self, PROP_PAUSED);
  if (self->turn == turn && self->membership == membership && self->paused)
    wsm_connection_forget_outlook (self);
  if (self->membership == membership)
    wsm_connection_notify (self, PROP_NEXT_BEAT_AT);
  if (self->membership == membership)
    wsm_connection_notify (self, PROP_NEXT_RETRY_AT);
}

/**
 * wsm_connection_resume:
 * @self: a connection
 *
 * Ends a pause: an open socket is probed at once, one that waits tries again, when its turn
 * comes among those of its pool.
 *
 * Since: 0.1
 */
void
wsm_connection_resume (WsmConnection *self)
{
  g_autoptr (WsmConnection) keep = NULL;

  g_return_if_fail (WSM_IS_CONNECTION (self));
  if (!wsm_connection_check_caller (self) || !self->paused)
    return;

  keep = g_object_ref (self);
  self->paused = FALSE;
  if (self->host != NULL && wsm_connection_is_open (self) && self->transport != NULL)
    {
      wsm_connection_start_pulse (self);
      wsm_connection_probe (self);
    }
  wsm_connection_notify (self, PROP_PAUSED);
  if (self->host != NULL && self->state == WSM_STATE_WAITING)
    wsm_connection_retry_in_turn (self);
  else if (self->host != NULL && self->state == WSM_STATE_CONNECTING &&
           self->message == NULL && self->transport == NULL)
    wsm_connection_post_attempt (self);
}

/**
 * wsm_connection_confirm_healthy:
 * @self: a connection
 *
 * Resets the back-off: the app knows that the connection works.
 *
 * To be called when the server has accepted what the app does on it, a log-in say. Otherwise it
 * is reset once the connection was open for [property@Wsm.Backoff:stable-after].
 *
 * Since: 0.1
 */
void
wsm_connection_confirm_healthy (WsmConnection *self)
{
  g_return_if_fail (WSM_IS_CONNECTION (self));
  if (!wsm_connection_check_caller (self) || !wsm_connection_is_open (self))
    return;

  wsm_connection_disarm (self);
  wsm_connection_became_stable (self);
}

static void
wsm_connection_open_cb (GObject         *target,
                        WsmDeliveryItem *item)
{
  WsmConnection *self = WSM_CONNECTION (target);

  if (self->open_posted && self->host != NULL)
    wsm_connection_open (self, NULL);
}

/*
 * wsm_connection_post_open:
 *
 * Opens it in the next turn of the loop, unless the app decides otherwise until then.
 */
void
wsm_connection_post_open (WsmConnection *self)
{
  self->open_posted = TRUE;
  wsm_delivery_post_call (self->host->delivery, G_OBJECT (self), wsm_connection_open_cb);
}
