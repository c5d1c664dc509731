/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-echo-path-private.h"

#include <string.h>

/* What a path does to its connections. */

/* All that a close frame may hold, less its code (RFC 6455, 5.5). */
#define MAX_REASON_SIZE 123

static void
wsm_echo_path_count (WsmEchoPath *self,
                     guint       *counter,
                     const char  *property)
{
  *counter += 1;
  g_object_notify (G_OBJECT (self), property);
}

static void
wsm_echo_path_copy (GPtrArray *from,
                    GPtrArray *to)
{
  for (guint i = 0; i < from->len; i++)
    g_ptr_array_add (to, g_object_ref (g_ptr_array_index (from, i)));
}

/* What is done to one connection may end it, and others with it. */
static GPtrArray *
wsm_echo_path_copy_links (WsmEchoPath *self)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (g_object_unref);

  wsm_echo_path_copy (self->links, copy);

  return copy;
}

static void
wsm_echo_path_begin_handshake (WsmEchoPath *self,
                               WsmEchoLink *link)
{
  g_ptr_array_add (self->waiting, g_object_ref (link));
  wsm_echo_path_count (self, &self->n_handshakes, "n-handshakes");
  g_object_notify (G_OBJECT (self), "n-handshakes-under-way");

  if (self->waiting->len > self->max_handshakes_under_way)
    {
      self->max_handshakes_under_way = self->waiting->len;
      g_object_notify (G_OBJECT (self), "max-handshakes-under-way");
    }
}

static void
wsm_echo_path_end_handshake (WsmEchoPath *self,
                             WsmEchoLink *link)
{
  if (g_ptr_array_remove_fast (self->waiting, link))
    g_object_notify (G_OBJECT (self), "n-handshakes-under-way");
}

/* After the answer to what has just arrived was handed over. */
static void
wsm_echo_path_judge_arrival (WsmEchoPath *self,
                             WsmEchoLink *link)
{
  guint n_arrivals = wsm_echo_link_get_n_arrivals (link);

  if (self->close_after > 0 && n_arrivals >= self->close_after)
    wsm_echo_link_close (link,
                         self->close_code > 0 ? self->close_code : SOUP_WEBSOCKET_CLOSE_NORMAL,
                         NULL);

  if (self->drop_after > 0 && n_arrivals >= self->drop_after)
    wsm_echo_link_drop_when_answered (link, self->reset);
}

static gboolean
wsm_echo_path_is_reply_to (WsmEchoPath           *self,
                           SoupWebsocketDataType  type,
                           GBytes                *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  return type == SOUP_WEBSOCKET_DATA_TEXT
         && self->reply_to != NULL
         && strlen (self->reply_to) == size
         && (size == 0 || memcmp (data, self->reply_to, size) == 0);
}

static void
wsm_echo_path_send_text (WsmEchoLink *link,
                         const char  *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  wsm_echo_link_send (link, SOUP_WEBSOCKET_DATA_TEXT, bytes);
}

void
wsm_echo_path_apply_mute (WsmEchoPath *self)
{
  g_autoptr (GPtrArray) links = wsm_echo_path_copy_links (self);

  for (guint i = 0; i < links->len; i++)
    wsm_echo_link_set_mute (g_ptr_array_index (links, i), self->mute);
}

void
wsm_echo_path_apply_late (WsmEchoPath *self)
{
  g_autoptr (GPtrArray) links = wsm_echo_path_copy_links (self);

  for (guint i = 0; i < links->len; i++)
    wsm_echo_link_set_late (g_ptr_array_index (links, i), self->late);
}

/* Before libsoup looks at the handshake: what gets a status here is refused with it. */
void
wsm_echo_path_answer (WsmEchoPath       *self,
                      WsmEchoLink       *link,
                      SoupServerMessage *message)
{
  wsm_echo_path_begin_handshake (self, link);

  if (self->stall)
    {
      wsm_echo_link_hold_handshake (link, message, 0);
      return;
    }

  if (self->handshake_delay > 0)
    wsm_echo_link_hold_handshake (link, message, self->handshake_delay);

  /* libsoup agrees to what it finds; without the offer it agrees to nothing. */
  if (!self->deflate)
    soup_message_headers_remove (soup_server_message_get_request_headers (message),
                                 "Sec-WebSocket-Extensions");

  if (self->refuse > 0)
    {
      if (self->retry_after != NULL)
        soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                      "Retry-After", self->retry_after);
      soup_server_message_set_status (message, self->refuse, NULL);
      if (self->handshake_delay == 0)
        wsm_echo_path_end_handshake (self, link);
    }
}

void
wsm_echo_path_add_link (WsmEchoPath *self,
                        WsmEchoLink *link)
{
  wsm_echo_path_end_handshake (self, link);

  g_ptr_array_add (self->links, g_object_ref (link));

  wsm_echo_link_set_mute (link, self->mute);
  wsm_echo_link_set_late (link, self->late);
  if (self->mute_after > 0)
    wsm_echo_link_mute_after (link, self->mute_after);
  if (self->drop_after_ms > 0)
    wsm_echo_link_drop_after (link, self->drop_after_ms, self->reset);

  wsm_echo_path_count (self, &self->n_opened, "n-opened");
  g_object_notify (G_OBJECT (self), "n-connections");
}

/* After everybody knows that it is open. */
void
wsm_echo_path_welcome (WsmEchoPath *self,
                       WsmEchoLink *link)
{
  if (self->close_code > 0 && self->close_after == 0)
    wsm_echo_link_close (link, self->close_code, NULL);
}

void
wsm_echo_path_count_message (WsmEchoPath *self)
{
  wsm_echo_path_count (self, &self->n_messages, "n-messages");
}

void
wsm_echo_path_answer_message (WsmEchoPath           *self,
                              WsmEchoLink           *link,
                              SoupWebsocketDataType  type,
                              GBytes                *bytes)
{
  if (!wsm_echo_path_is_reply_to (self, type, bytes))
    {
      if (self->echo)
        wsm_echo_link_send (link, type, bytes);
    }
  else if (self->reply != NULL)
    {
      wsm_echo_path_send_text (link, self->reply);
    }

  wsm_echo_path_judge_arrival (self, link);
}

void
wsm_echo_path_take_ping (WsmEchoPath *self,
                         WsmEchoLink *link)
{
  wsm_echo_path_count (self, &self->n_pings, "n-pings");

  wsm_echo_path_judge_arrival (self, link);
}

/* Returns: whether it was open. */
gboolean
wsm_echo_path_remove_link (WsmEchoPath *self,
                           WsmEchoLink *link)
{
  wsm_echo_path_end_handshake (self, link);

  if (!g_ptr_array_remove_fast (self->links, link))
    return FALSE;

  g_object_notify (G_OBJECT (self), "n-connections");

  return TRUE;
}

/**
 * wsm_echo_path_drop_all:
 * @self: a path
 *
 * Drops all connections of the path at once, without a close frame.
 *
 * Each ends with an end of file, or with a TCP reset if [property@EchoPath:reset] is `TRUE`.
 * Handshakes that are not answered are dropped too.
 *
 * Since: 0.1
 */
void
wsm_echo_path_drop_all (WsmEchoPath *self)
{
  g_autoptr (GPtrArray) links = NULL;

  g_return_if_fail (WSM_IS_ECHO_PATH (self));

  links = wsm_echo_path_copy_links (self);
  wsm_echo_path_copy (self->waiting, links);

  for (guint i = 0; i < links->len; i++)
    wsm_echo_link_drop (g_ptr_array_index (links, i), self->reset);
}

/**
 * wsm_echo_path_close_all:
 * @self: a path
 * @code: a close code, 1005 for a close frame without one
 * @reason: (nullable): at most 123 bytes of text for the peer
 *
 * Sends a close frame on all open connections of the path.
 *
 * A connection ends when its peer answers. Where the path is mute the frame does not leave, where
 * it is late it leaves late.
 *
 * Since: 0.1
 */
void
wsm_echo_path_close_all (WsmEchoPath *self,
                         guint        code,
                         const char  *reason)
{
  g_autoptr (GPtrArray) links = NULL;

  g_return_if_fail (WSM_IS_ECHO_PATH (self));
  g_return_if_fail (code > 0 && code <= G_MAXUINT16);
  g_return_if_fail (reason == NULL || strlen (reason) <= MAX_REASON_SIZE);

  links = wsm_echo_path_copy_links (self);

  for (guint i = 0; i < links->len; i++)
    wsm_echo_link_close (g_ptr_array_index (links, i), code, reason);
}

/**
 * wsm_echo_path_broadcast_text:
 * @self: a path
 * @text: a text
 *
 * Sends a text on all open connections of the path.
 *
 * Since: 0.1
 */
void
wsm_echo_path_broadcast_text (WsmEchoPath *self,
                              const char  *text)
{
  g_autoptr (GPtrArray) links = NULL;

  g_return_if_fail (WSM_IS_ECHO_PATH (self));
  g_return_if_fail (text != NULL && g_utf8_validate (text, -1, NULL));

  links = wsm_echo_path_copy_links (self);

  for (guint i = 0; i < links->len; i++)
    wsm_echo_path_send_text (g_ptr_array_index (links, i), text);
}
