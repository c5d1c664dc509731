/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"

#include "wsm-soup-link.h"
#include "wsm-system-clock.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Whatever bytes a peer sends on an open WebSocket, with all of libsoup between them and us: it
 * ends once, nothing is told after that, and nothing is told that breaks a limit. Without
 * compression, which is off unless an app wants it: libsoup's never returns from a stream that
 * breaks off where its last bytes and those that libsoup adds make more than it has room for. */

#define N_CHUNKS 4

/* A transport that only reports. */
#define FUZZ_TYPE_TRANSPORT (fuzz_transport_get_type ())
G_DECLARE_FINAL_TYPE (FuzzTransport, fuzz_transport, FUZZ, TRANSPORT, WsmTransport)

struct _FuzzTransport
{
  WsmTransport parent_instance;
};

G_DEFINE_FINAL_TYPE (FuzzTransport, fuzz_transport, WSM_TYPE_TRANSPORT)

static void
fuzz_transport_abort (WsmTransport *transport)
{
}

static void
fuzz_transport_class_init (FuzzTransportClass *klass)
{
  WSM_TRANSPORT_CLASS (klass)->abort = fuzz_transport_abort;
}

static void
fuzz_transport_init (FuzzTransport *self)
{
}

typedef struct
{
  WsmSoupLink *link; /* (owned) */
  WsmTransport *transport; /* (owned) */
  gsize max_message_size;
  gsize payload_capture;
  gboolean wants_frames;
  guint n_ended;
} Line;

static void
opened (WsmTransport *transport,
        gpointer      user_data)
{
  Line *line = user_data;

  /* Nobody reports that. */
  g_assert_null (line);
}

static void
message (WsmTransport          *transport,
         SoupWebsocketDataType  type,
         GBytes                *bytes,
         gint64                 time_us,
         gpointer               user_data)
{
  Line *line = user_data;
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);

  g_assert_cmpuint (line->n_ended, ==, 0);
  g_assert_cmpuint (length, <=, line->max_message_size);
  g_assert_true (type == SOUP_WEBSOCKET_DATA_TEXT || type == SOUP_WEBSOCKET_DATA_BINARY);
  if (type == SOUP_WEBSOCKET_DATA_TEXT && length > 0)
    {
      const char *end;

      /* A NUL in a text is right, and GLib's check stops there. */
      while (!g_utf8_validate (text, (gssize) length, &end))
        {
          g_assert_cmpint (*end, ==, '\0');
          length -= (gsize) (end + 1 - text);
          text = end + 1;
        }
    }
}

static void
pong (WsmTransport *transport,
      const char   *payload,
      gint64        time_us,
      gpointer      user_data)
{
  Line *line = user_data;

  g_assert_cmpuint (line->n_ended, ==, 0);
  g_assert_cmpuint (strlen (payload), <=, 125);
  g_assert_true (g_str_is_ascii (payload));
}

static void
life (WsmTransport *transport,
      gint64        time_us,
      gpointer      user_data)
{
  Line *line = user_data;

  g_assert_cmpuint (line->n_ended, ==, 0);
}

static void
frame (WsmTransport   *transport,
       const WsmFrame *seen,
       gpointer        user_data)
{
  Line *line = user_data;
  GBytes *payload = wsm_frame_get_payload ((WsmFrame *) seen);

  g_assert_true (line->wants_frames);
  if (payload != NULL)
    g_assert_cmpuint (g_bytes_get_size (payload), <=, line->payload_capture);
}

static void
drained (WsmTransport *transport,
         gpointer      user_data)
{
}

static void
ended (WsmTransport    *transport,
       const WsmEnding *ending,
       gpointer         user_data)
{
  Line *line = user_data;
  WsmReasonCode code = wsm_reason_get_code (ending->reason);
  g_autofree char *text = wsm_reason_to_string (ending->reason);

  g_assert_cmpuint (line->n_ended++, ==, 0);
  fuzz_assert_is_line (text);
  g_assert_true (code == WSM_REASON_CODE_PEER_CLOSED || code == WSM_REASON_CODE_PROTOCOL ||
                 code == WSM_REASON_CODE_TOO_BIG || code == WSM_REASON_CODE_END_OF_STREAM ||
                 code == WSM_REASON_CODE_RESET || code == WSM_REASON_CODE_IO);
  if (ending->close_reason != NULL)
    g_assert_true (g_utf8_validate (ending->close_reason, -1, NULL));
}

static const WsmTransportSink sink = {
  .opened = opened,
  .message = message,
  .pong = pong,
  .life = life,
  .frame = frame,
  .drained = drained,
  .ended = ended,
};

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static SoupWebsocketConnection *
make_connection (int           end,
                 WsmFrameTap **tap)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (end, NULL);
  g_autoptr (GSocketConnection) stream = NULL;
  g_autoptr (GUri) uri = g_uri_parse ("ws://example.com/", G_URI_FLAGS_NONE, NULL);
  GList *extensions = NULL;

  g_assert_nonnull (socket);
  stream = g_socket_connection_factory_create_connection (socket);
  *tap = g_object_new (WSM_TYPE_FRAME_TAP, NULL);
  extensions = g_list_append (extensions, g_object_ref (*tap));

  return soup_websocket_connection_new (G_IO_STREAM (stream), uri, SOUP_WEBSOCKET_CONNECTION_CLIENT,
                                        NULL, NULL, extensions);
}

/* What an app does meanwhile. */
static void
act (Line   *line,
     guint8  deed)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("hello", 5);

  switch (deed % 8)
    {
    case 1:
      wsm_soup_link_send (line->link, SOUP_WEBSOCKET_DATA_TEXT, bytes);
      break;

    case 2:
      wsm_soup_link_ping (line->link, "wsm-0-1");
      break;

    case 3:
      wsm_soup_link_close (line->link, deed * 20u, "good-bye");
      break;

    case 4:
      line->wants_frames = TRUE;
      line->payload_capture = deed;
      wsm_soup_link_set_wants_frames (line->link, TRUE, deed);
      break;

    default:
      break;
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  FuzzInput input = { data, length };
  Line line = { NULL };
  g_autoptr (WsmLane) lane = wsm_lane_new (NULL);
  g_autoptr (WsmClock) clock = wsm_system_clock_new ();
  g_autoptr (WsmDelivery) delivery = wsm_delivery_new (NULL);
  g_autoptr (SoupWebsocketConnection) connection = NULL;
  g_autoptr (WsmFrameTap) tap = NULL;
  guint8 bits = fuzz_input_take_byte (&input);
  gboolean is_cut = (bits & 2) != 0;
  guint8 deeds[N_CHUNKS];
  gsize n_sent = 0;
  int ends[2];

  if (length > 64 * 1024)
    return 0;

  for (guint i = 0; i < N_CHUNKS; i++)
    deeds[i] = fuzz_input_take_byte (&input);
  line.max_message_size = 1 + fuzz_input_take_byte (&input) * 64;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends),
                   ==, 0);
  connection = make_connection (ends[0], &tap);
  line.transport = g_object_new (FUZZ_TYPE_TRANSPORT, NULL);
  wsm_transport_set_delivery (line.transport, delivery);
  wsm_transport_connect_sink (line.transport, &sink, &line);
  line.link = wsm_soup_link_new (connection, tap, NULL, NULL, lane, clock, line.transport);
  wsm_soup_link_set_max_message_size (line.link, line.max_message_size);
  g_clear_object (&connection);
  g_clear_object (&tap);

  for (guint i = 0; i < N_CHUNKS; i++)
    {
      gsize n_bytes = i == N_CHUNKS - 1 || !is_cut ? input.length - n_sent
                                                   : (input.length - n_sent) / 2;

      act (&line, deeds[i]);
      if (n_bytes > 0 && send (ends[1], input.data + n_sent, n_bytes, MSG_NOSIGNAL) > 0)
        n_sent += n_bytes;
      settle ();
    }

  /* What is left is taken back at the latest when the stream ends. */
  shutdown (ends[1], SHUT_WR);
  settle ();
  close (ends[1]);
  settle ();
  g_assert_cmpuint (line.n_ended, ==, 1);

  wsm_soup_link_forget_transport (line.link);
  wsm_transport_let_go (line.transport);
  settle ();
  wsm_soup_link_unref (line.link);
  g_assert_finalize_object (line.transport);
  wsm_delivery_close (delivery);

  return 0;
}
