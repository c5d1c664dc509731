/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwebsockets.h>

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A peer on libwebsockets: tells its port and who leaves how, and does what it is told.
 *
 * peer-libwebsockets PORT
 */

/* What waits to be written: a message, or a part of one. */
typedef struct
{
  GByteArray *bytes; /* (owned): behind the room that the library wants for its header */
  int protocol;
} Outgoing;

typedef struct
{
  GString *incoming; /* (owned): the message that still arrives */
  GQueue *outgoing;  /* (owned) (element-type Outgoing) */
  guint close_code;  /* to close with when all is written; 0: not at all */
  char close_reason[124];
} Peer;

static void
outgoing_free (gpointer data)
{
  Outgoing *self = data;

  g_byte_array_unref (self->bytes);
  g_free (self);
}

static void
peer_queue (Peer       *self,
            const void *data,
            gsize       length,
            int         protocol)
{
  static const guint8 room[LWS_PRE] = { 0 };
  Outgoing *outgoing = g_new0 (Outgoing, 1);

  outgoing->bytes = g_byte_array_new ();
  outgoing->protocol = protocol;
  g_byte_array_append (outgoing->bytes, room, sizeof room);
  g_byte_array_append (outgoing->bytes, data, (guint) length);
  g_queue_push_tail (self->outgoing, outgoing);
}

static void
peer_answer (Peer     *self,
             gboolean  is_binary)
{
  const char *text = self->incoming->str;

  if (is_binary)
    {
      peer_queue (self, text, self->incoming->len, LWS_WRITE_BINARY);
    }
  else if (g_str_equal (text, "ping"))
    {
      peer_queue (self, "pong", 4, LWS_WRITE_TEXT);
    }
  else if (g_str_equal (text, "fragments"))
    {
      peer_queue (self, "one ", 4, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN);
      peer_queue (self, "two ", 4, LWS_WRITE_CONTINUATION | LWS_WRITE_NO_FIN);
      peer_queue (self, "three", 5, LWS_WRITE_CONTINUATION);
    }
  else if (g_str_has_prefix (text, "close "))
    {
      self->close_code = (guint) atoi (text + strlen ("close "));
      g_strlcpy (self->close_reason, strchr (text + strlen ("close "), ' ') + 1,
                 sizeof self->close_reason);
    }
  else
    {
      peer_queue (self, text, self->incoming->len, LWS_WRITE_TEXT);
    }
}

static int
peer_write (Peer       *self,
            struct lws *wsi)
{
  Outgoing *outgoing = g_queue_pop_head (self->outgoing);

  if (outgoing != NULL)
    {
      lws_write (wsi, outgoing->bytes->data + LWS_PRE, outgoing->bytes->len - LWS_PRE,
                 (enum lws_write_protocol) outgoing->protocol);
      outgoing_free (outgoing);
      lws_callback_on_writable (wsi);
      return 0;
    }
  if (self->close_code == 0)
    return 0;

  lws_close_reason (wsi, (enum lws_close_status) self->close_code,
                    (unsigned char *) self->close_reason, strlen (self->close_reason));

  return -1;
}

static int
peer_cb (struct lws                *wsi,
         enum lws_callback_reasons  reason,
         void                      *user,
         void                      *data,
         size_t                     length)
{
  const guint8 *bytes = data;
  Peer *self = user;

  switch ((int) reason)
    {
    case LWS_CALLBACK_ESTABLISHED:
      self->incoming = g_string_new (NULL);
      self->outgoing = g_queue_new ();
      break;

    case LWS_CALLBACK_RECEIVE:
      g_string_append_len (self->incoming, data, (gssize) length);
      if (lws_is_final_fragment (wsi) && lws_remaining_packet_payload (wsi) == 0)
        {
          peer_answer (self, lws_frame_is_binary (wsi));
          g_string_truncate (self->incoming, 0);
          lws_callback_on_writable (wsi);
        }
      break;

    case LWS_CALLBACK_SERVER_WRITEABLE:
      return peer_write (self, wsi);

    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
      if (length >= 2)
        printf ("closed %u %.*s\n", bytes[0] << 8 | bytes[1], (int) length - 2, bytes + 2);
      else
        printf ("closed 1005 \n");
      fflush (stdout);
      break;

    case LWS_CALLBACK_CLOSED:
      g_string_free (g_steal_pointer (&self->incoming), TRUE);
      g_queue_free_full (g_steal_pointer (&self->outgoing), outgoing_free);
      break;

    default:
      break;
    }

  return 0;
}

int
main (int   argc,
      char *argv[])
{
  static const struct lws_protocols protocols[] = {
    { "peer", peer_cb, sizeof (Peer), 0 },
    { NULL },
  };
  static const struct lws_extension extensions[] = {
    { "permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate" },
    { NULL },
  };
  struct lws_context_creation_info info = { 0 };
  struct lws_context *context;
  struct lws_vhost *host;

  info.port = argc > 1 ? atoi (argv[1]) : 0;
  info.iface = "127.0.0.1";
  info.protocols = protocols;
  info.extensions = extensions;
  info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
  lws_set_log_level (LLL_ERR, NULL);

  context = lws_create_context (&info);
  host = context != NULL ? lws_create_vhost (context, &info) : NULL;
  if (host == NULL)
    return 1;

  printf ("port %d\n", lws_get_vhost_listen_port (host));
  fflush (stdout);
  while (lws_service (context, 0) >= 0)
    continue;
  lws_context_destroy (context);

  return 0;
}
