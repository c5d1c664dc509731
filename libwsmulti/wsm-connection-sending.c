/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

#include "wsm-error.h"

/*
 * Messages out: what may be sent, what waits, and how it gets to the transport.
 */

/*
 * wsm_connection_feed:
 *
 * Hands over what may go now; in CLOSING, the close frame behind all of it.
 */
void
wsm_connection_feed (WsmConnection *self)
{
  guint64 n_bytes;

  if (self->transport == NULL || self->state == WSM_STATE_CONNECTING)
    return;

  if (self->outbox != NULL && wsm_outbox_get_n_queued (self->outbox) > 0)
    {
      self->n_messages_sent += wsm_outbox_feed (self->outbox, self->transport, &n_bytes);
      self->n_bytes_sent += n_bytes;
      wsm_connection_observe (self, figures_moved);
    }
  if (self->state == WSM_STATE_CLOSING && !self->close_sent &&
      (self->outbox == NULL || wsm_outbox_is_idle (self->outbox)))
    {
      self->close_sent = TRUE;
      wsm_transport_close (self->transport, self->closing_code, self->closing_reason);
    }
}

static WsmOutbox *
wsm_connection_ensure_outbox (WsmConnection *self)
{
  if (self->outbox == NULL)
    self->outbox = wsm_outbox_new ();

  return self->outbox;
}

/*
 * wsm_connection_queue_greetings:
 *
 * They go out before what is queued.
 */
void
wsm_connection_queue_greetings (WsmConnection *self)
{
  guint n_greetings = self->greetings != NULL ? g_strv_length (self->greetings) : 0;

  for (guint i = n_greetings; i > 0; i--)
    {
      const char *greeting = self->greetings[i - 1];
      g_autoptr (GBytes) bytes = g_bytes_new (greeting, strlen (greeting));

      wsm_outbox_push_greeting (wsm_connection_ensure_outbox (self), bytes);
    }
}

/* Whether to write on. */

static gboolean
wsm_connection_may_queue (WsmConnection *self)
{
  return self->queue_while_closed &&
         (self->state == WSM_STATE_IDLE || self->state == WSM_STATE_CONNECTING ||
          self->state == WSM_STATE_WAITING);
}

/*
 * wsm_connection_judge_writable:
 *
 * Looks whether to write on, and stores it; nothing is told.
 *
 * What fills up is to be left alone until most of it is gone: else each message that leaves
 * would make room for one, and tell so.
 *
 * Returns: whether it is another answer than before
 */
gboolean
wsm_connection_judge_writable (WsmConnection *self)
{
  guint64 room = self->outbox != NULL ? wsm_outbox_get_room (self->outbox) : 0;
  guint64 high_water = self->outbox_limit - self->outbox_limit / 2;
  guint64 low_water = self->outbox_limit / 4;
  gboolean writable;

  if (room >= high_water)
    self->filled_up = TRUE;
  else if (room <= low_water)
    self->filled_up = FALSE;

  writable = (wsm_connection_is_open (self) || wsm_connection_may_queue (self)) &&
             !self->filled_up;
  if (self->writable == writable)
    return FALSE;

  self->writable = writable != FALSE;

  return TRUE;
}

void
wsm_connection_update_writable (WsmConnection *self)
{
  if (wsm_connection_judge_writable (self))
    wsm_connection_notify (self, PROP_WRITABLE);
}

/* Messages of the app. */

static gboolean
wsm_connection_has_room (WsmConnection  *self,
                         gsize           size,
                         GError        **error)
{
  const char *name = wsm_connection_describe (self);
  guint64 room = self->outbox != NULL ? wsm_outbox_get_room (self->outbox) : 0;

  if (size > self->outbox_limit)
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_TOO_BIG,
                   "%s: a message of %" G_GSIZE_FORMAT " bytes does not fit into the outbox of %"
                   G_GUINT64_FORMAT "; see outbox-limit", name, size, self->outbox_limit);
      return FALSE;
    }
  if (size > WSM_OUTBOX_MESSAGE_MAX)
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_TOO_BIG,
                   "%s: a message of %" G_GSIZE_FORMAT " bytes is larger than the %d that can be "
                   "sent at once; send several", name, size, WSM_OUTBOX_MESSAGE_MAX);
      return FALSE;
    }
  if (room > 0 && room + wsm_outbox_count_room (size) > self->outbox_limit)
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_OUTBOX_FULL,
                   "%s: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes of the outbox are "
                   "taken, %" G_GSIZE_FORMAT " more do not fit; wait until writable is TRUE again, "
                   "or raise outbox-limit", name, room, self->outbox_limit, size);
      return FALSE;
    }

  return TRUE;
}

static gboolean
wsm_connection_takes_messages (WsmConnection  *self,
                               GError        **error)
{
  const char *remedy = "wait for opened, or set queue-while-closed";

  if (wsm_connection_is_open (self) || wsm_connection_may_queue (self))
    return TRUE;

  if (self->state == WSM_STATE_CLOSING || self->state == WSM_STATE_CLOSED ||
      self->state == WSM_STATE_FAILED)
    remedy = "open it again first";
  g_set_error (error, WSM_ERROR, WSM_ERROR_NOT_OPEN, "%s: the connection is not open; %s",
               wsm_connection_describe (self), remedy);

  return FALSE;
}

static gboolean
wsm_connection_send (WsmConnection          *self,
                     SoupWebsocketDataType   type,
                     GBytes                 *message,
                     GError                **error)
{
  g_autoptr (WsmConnection) keep = NULL;

  if (!wsm_connection_takes_messages (self, error) ||
      !wsm_connection_has_room (self, g_bytes_get_size (message), error))
    return FALSE;

  keep = g_object_ref (self);
  wsm_outbox_push (wsm_connection_ensure_outbox (self), type, message);
  if (wsm_connection_is_open (self))
    wsm_connection_feed (self);
  wsm_connection_update_writable (self);

  return TRUE;
}

/**
 * wsm_connection_send_text:
 * @self: a connection
 * @text: UTF-8 text
 * @error: return location for an error
 *
 * Sends a text message, or queues it.
 *
 * It leaves as soon as the socket takes it, behind what was sent before. A text ends at its first
 * NUL; what may hold one is sent as bytes. Legal in every state.
 * Fails with %WSM_ERROR_NOT_OPEN unless it is open or
 * [property@Wsm.Connection:queue-while-closed] holds, with %WSM_ERROR_TOO_BIG or
 * %WSM_ERROR_OUTBOX_FULL over [property@Wsm.Connection:outbox-limit] or 1 GiB, and with
 * %WSM_ERROR_INVALID_TEXT; then nothing is sent. Whoever sends much asks
 * [property@Wsm.Connection:writable] first.
 *
 * Returns: whether the message was taken
 *
 * Since: 0.1
 */
gboolean
wsm_connection_send_text (WsmConnection  *self,
                          const char     *text,
                          GError        **error)
{
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (WSM_IS_CONNECTION (self), FALSE);
  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  if (!wsm_connection_check_caller (self))
    return FALSE;

  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_TEXT,
                   "%s: the text is not UTF-8; send other data as bytes",
                   wsm_connection_describe (self));
      return FALSE;
    }
  bytes = g_bytes_new (text, strlen (text));

  return wsm_connection_send (self, SOUP_WEBSOCKET_DATA_TEXT, bytes, error);
}

/**
 * wsm_connection_send_bytes:
 * @self: a connection
 * @bytes: data
 * @error: return location for an error
 *
 * Sends a binary message, or queues it.
 *
 * As [method@Wsm.Connection.send_text].
 *
 * Returns: whether the message was taken
 *
 * Since: 0.1
 */
gboolean
wsm_connection_send_bytes (WsmConnection  *self,
                           GBytes         *bytes,
                           GError        **error)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), FALSE);
  g_return_val_if_fail (bytes != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  if (!wsm_connection_check_caller (self))
    return FALSE;

  return wsm_connection_send (self, SOUP_WEBSOCKET_DATA_BINARY, bytes, error);
}
