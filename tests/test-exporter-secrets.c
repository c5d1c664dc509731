/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "inspector-client.h"
#include "raw-server.h"
#include "wsm-connection-private.h"
#include "wsm-error.h"
#include "wsm-exporter.h"

#define SECRET "S3CR3T-5f2c9a7b1d3e4f60"

/* A pool on real sockets, a server that says what it is told to, and an inspector that writes down
 * every byte that leaves the process. */
typedef struct
{
  RawServer *server;          /* (owned) */
  char *answer;               /* (owned) (nullable): instead of accepting */
  char *headers;              /* (owned) (nullable): of the acceptance */
  WsmPool *pool;              /* (owned) */
  WsmExporter *exporter;      /* (owned) */
  InspectorClient *inspector; /* (owned) */
  GMutex mutex;
  GByteArray *seen;           /* (owned) */
} Fixture;

#define WAIT_FOR(condition) inspector_client_wait_until (fixture->inspector, condition)

static void
request_cb (RawPeer    *peer,
            const char *request,
            gpointer    user_data)
{
  Fixture *fixture = user_data;

  if (fixture->answer != NULL)
    raw_peer_write_text (peer, fixture->answer);
  else
    raw_peer_accept (peer, fixture->headers);
}

static GDBusMessage *
write_down_cb (GDBusConnection *bus,
               GDBusMessage    *message,
               gboolean         incoming,
               gpointer         user_data)
{
  Fixture *fixture = user_data;
  g_autofree guchar *blob = NULL;
  gsize length;

  if (!incoming)
    return message;

  blob = g_dbus_message_to_blob (message, &length, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  g_assert_nonnull (blob);
  g_mutex_lock (&fixture->mutex);
  g_byte_array_append (fixture->seen, blob, (guint) length);
  g_mutex_unlock (&fixture->mutex);

  return message;
}

static guint
count_secrets (Fixture *fixture)
{
  const guint8 *at = fixture->seen->data;
  const guint8 *end = at + fixture->seen->len;
  guint n = 0;

  g_mutex_lock (&fixture->mutex);
  while (at != NULL && (at = memmem (at, (gsize) (end - at), "S3CR3T", 6)) != NULL)
    {
      at++;
      n++;
    }
  g_mutex_unlock (&fixture->mutex);

  return n;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->server = raw_server_new (request_cb, fixture);
  fixture->pool = wsm_pool_new ();
  fixture->exporter = g_object_new (WSM_TYPE_EXPORTER,
                                    "pool", fixture->pool,
                                    "announce", FALSE,
                                    "allow-control", TRUE,
                                    "payload-capture", GPOINTER_TO_UINT (data),
                                    NULL);
  fixture->inspector = inspector_client_new (fixture->exporter, NULL);
  fixture->seen = g_byte_array_new ();
  g_mutex_init (&fixture->mutex);
  g_dbus_connection_add_filter (fixture->inspector->bus, write_down_cb, fixture, NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_pointer (&fixture->inspector, inspector_client_free);
  g_assert_finalize_object (g_steal_pointer (&fixture->exporter));
  g_assert_finalize_object (g_steal_pointer (&fixture->pool));
  g_clear_pointer (&fixture->server, raw_server_free);
  g_clear_pointer (&fixture->seen, g_byte_array_unref);
  g_mutex_clear (&fixture->mutex);
  g_free (fixture->answer);
  g_free (fixture->headers);
}

static gboolean
prepare_cb (WsmConnection *connection,
            SoupMessage   *message,
            gpointer       user_data)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_headers_append (headers, "Authorization", "Bearer " SECRET);
  soup_message_headers_append (headers, "Cookie", "session=" SECRET);
  soup_message_headers_append (headers, "X-" SECRET "-Mode", "yes");

  return FALSE;
}

static WsmConnection *
add_feed (Fixture    *fixture,
          const char *path)
{
  static const char * const protocols[] = { SECRET, "chat", NULL };
  static const char * const greetings[] = { "login " SECRET, NULL };
  g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                     "mode", WSM_HEARTBEAT_MODE_TEXT,
                                                     "payload", SECRET,
                                                     "reply-match", WSM_REPLY_MATCH_EXACT,
                                                     "reply", SECRET,
                                                     "interval", 20,
                                                     "timeout", 5000,
                                                     "idle-only", FALSE,
                                                     NULL);
  g_autofree char *plain_uri = raw_server_make_uri (fixture->server, path);
  g_autofree char *uri = g_strconcat ("ws://user:" SECRET "@", plain_uri + strlen ("ws://"), NULL);
  g_autoptr (WsmConnection) feed = NULL;
  g_autoptr (GError) error = NULL;

  feed = g_object_new (WSM_TYPE_CONNECTION,
                       "uri", uri,
                       "protocols", protocols,
                       "greetings", greetings,
                       "heartbeat", heartbeat,
                       NULL);
  g_signal_connect (feed, "prepare", G_CALLBACK (prepare_cb), NULL);
  g_assert_true (wsm_pool_add_connection (fixture->pool, feed, &error));
  g_assert_no_error (error);

  return feed;
}

static GVariant *
get_details (Fixture       *fixture,
             WsmConnection *feed)
{
  g_autoptr (GVariant) reply = NULL;

  reply = inspector_client_call (fixture->inspector, "GetDetails",
                                 g_variant_new ("(t)", wsm_connection_get_id (feed)), NULL);

  return g_variant_get_child_value (reply, 0);
}

/* All that an inspector can ask. */
static void
ask_everything (Fixture       *fixture,
                WsmConnection *feed)
{
  guint64 id = wsm_connection_get_id (feed);
  g_autoptr (GVariant) summary = NULL;
  g_autoptr (GVariant) rows = NULL;
  g_autoptr (GVariant) details = NULL;
  g_autoptr (GVariant) journal = NULL;

  summary = inspector_client_call (fixture->inspector, "GetSummary", NULL, NULL);
  rows = inspector_client_call (fixture->inspector, "GetConnections",
                                g_variant_new ("(tu)", G_GUINT64_CONSTANT (0), 500), NULL);
  details = get_details (fixture, feed);
  journal = inspector_client_call (fixture->inspector, "GetJournal",
                                   g_variant_new ("(tt)", id, G_GUINT64_CONSTANT (0)), NULL);
}

static void
look_closely (Fixture       *fixture,
              WsmConnection *feed)
{
  g_autoptr (GVariant) watch = NULL;
  g_autoptr (GVariant) follow = NULL;

  watch = inspector_client_call (fixture->inspector, "Watch",
                                 g_variant_new ("(utu)", 50, G_GUINT64_CONSTANT (0), G_MAXUINT32),
                                 NULL);
  follow = inspector_client_call (fixture->inspector, "Follow",
                                  g_variant_new ("(tbu)", wsm_connection_get_id (feed), TRUE,
                                                 65536), NULL);
}

static gboolean
has_frames (Fixture *fixture,
            guint    wanted)
{
  g_autoptr (GVariant) frames = NULL;
  static guint n = 0;

  if (wanted == 0)
    n = 0;
  frames = inspector_client_take (fixture->inspector, "Frames");
  if (frames != NULL)
    {
      g_autoptr (GVariant) list = g_variant_get_child_value (frames, 2);

      n += (guint) g_variant_n_children (list);
    }

  return n >= wanted;
}

/* A whole life, with a secret wherever there is a place for one. */
static void
live (Fixture *fixture)
{
  WsmConnection *feed = NULL;
  RawPeer *peer;

  fixture->headers = g_strdup ("Sec-WebSocket-Protocol: " SECRET "\r\n"
                               "Set-Cookie: session=" SECRET "\r\n"
                               "X-Token: " SECRET "\r\n");
  feed = add_feed (fixture, "/feed/" SECRET "/x?key=" SECRET "&" SECRET);
  look_closely (fixture, feed);
  ask_everything (fixture, feed);
  g_assert_true (wsm_connection_open (feed, NULL));
  WAIT_FOR (wsm_connection_get_state (feed) == WSM_STATE_OPEN);
  peer = raw_server_get_peer (fixture->server);
  g_assert_true (wsm_connection_send_text (feed, "sent " SECRET, NULL));
  raw_peer_write_frame (peer, 0x81, SECRET, strlen (SECRET));
  raw_peer_write_frame (peer, 0x89, SECRET, strlen (SECRET));
  has_frames (fixture, 0);
  WAIT_FOR (has_frames (fixture, 6));
  ask_everything (fixture, feed);

  raw_peer_write_close (peer, 4001, "because " SECRET);
  WAIT_FOR (wsm_connection_get_state (feed) == WSM_STATE_FAILED);
  g_assert_cmpstr (wsm_connection_get_close_reason (feed), ==, "because " SECRET);
  ask_everything (fixture, feed);
  inspector_client_settle (fixture->inspector);
}

static void
test_secrets_stay (Fixture       *fixture,
                   gconstpointer  data)
{
  live (fixture);
  g_assert_cmpuint (fixture->seen->len, >, 3000);
  g_assert_cmpuint (count_secrets (fixture), ==, 0);
}

/* What the app allows is seen, and shows that the search would find something. */
static void
test_secrets_captured (Fixture       *fixture,
                       gconstpointer  data)
{
  live (fixture);
  g_assert_cmpuint (count_secrets (fixture), >, 0);
}

static void
prepare_fails_cb (WsmConnection *connection,
                  SoupMessage   *message,
                  gpointer       user_data)
{
  *(SoupMessage **) user_data = g_object_ref (message);
}

static gboolean
put_off_cb (WsmConnection *connection,
            SoupMessage   *message,
            gpointer       user_data)
{
  prepare_fails_cb (connection, message, user_data);

  return TRUE;
}

/* Attempts that fail: what the server says, what the app says, what libsoup says. */
static void
test_secrets_failures (Fixture       *fixture,
                       gconstpointer  data)
{
  static const char * const answers[] = {
    "HTTP/1.1 403 Forbidden " SECRET "\r\nContent-Length: 0\r\nX-Why: " SECRET "\r\n\r\n",
    "HTTP/1.1 302 Found\r\nLocation: ws://u:" SECRET "@127.0.0.1/" SECRET "\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n" SECRET,
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: " SECRET "\r\n\r\n",
    SECRET " " SECRET "\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *path = g_strdup_printf ("/%u?" SECRET, i);
      WsmConnection *feed = add_feed (fixture, path);
      g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF, "max-attempts", 1, NULL);

      g_free (fixture->answer);
      fixture->answer = g_strdup (answers[i]);
      wsm_connection_set_backoff (feed, backoff);
      look_closely (fixture, feed);
      g_assert_true (wsm_connection_open (feed, NULL));
      if (i == G_N_ELEMENTS (answers) - 1)
        {
          WAIT_FOR (raw_server_get_n_peers (fixture->server) == i + 1);
          raw_peer_finish (raw_server_get_peer (fixture->server));
        }
      WAIT_FOR (wsm_connection_get_state (feed) == WSM_STATE_FAILED);
      ask_everything (fixture, feed);
    }
  g_assert_cmpuint (count_secrets (fixture), ==, 0);
}

static void
test_secrets_of_the_app (Fixture       *fixture,
                         gconstpointer  data)
{
  WsmConnection *feed = wsm_pool_add (fixture->pool, "ws://127.0.0.1:1/", NULL);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED,
                                          "no token for %s", SECRET);
  g_autofree char *reason = NULL;

  g_signal_connect (feed, "prepare", G_CALLBACK (put_off_cb), &message);
  look_closely (fixture, feed);
  WAIT_FOR (message != NULL);
  wsm_connection_fail_attempt (feed, message, error);
  WAIT_FOR (wsm_connection_get_state (feed) == WSM_STATE_FAILED);
  ask_everything (fixture, feed);

  /* The app itself is told all of it. */
  reason = wsm_reason_to_string (wsm_connection_get_reason (feed));
  g_assert_nonnull (strstr (reason, SECRET));
  g_assert_cmpuint (count_secrets (fixture), ==, 0);
}

/* What nobody has to hide is shown. */
static GVariant *
find_header (GVariant   *details,
             const char *direction,
             const char *name)
{
  g_autoptr (GVariant) handshake = NULL;
  g_autoptr (GVariant) headers = NULL;

  handshake = g_variant_lookup_value (details, "handshake", G_VARIANT_TYPE_VARDICT);
  g_assert_nonnull (handshake);
  headers = g_variant_lookup_value (handshake, direction, G_VARIANT_TYPE ("a(ssb)"));
  g_assert_nonnull (headers);
  for (gsize i = 0; i < g_variant_n_children (headers); i++)
    {
      g_autoptr (GVariant) header = g_variant_get_child_value (headers, i);
      const char *other;

      g_variant_get_child (header, 0, "&s", &other);
      if (g_ascii_strcasecmp (other, name) == 0)
        return g_steal_pointer (&header);
    }

  return NULL;
}

static void
assert_header (GVariant   *details,
               const char *direction,
               const char *name,
               const char *value)
{
  g_autoptr (GVariant) header = find_header (details, direction, name);
  const char *shown;
  gboolean is_hidden;

  g_assert_nonnull (header);
  g_variant_get_child (header, 1, "&s", &shown);
  g_variant_get_child (header, 2, "b", &is_hidden);
  g_assert_cmpstr (shown, ==, value != NULL ? value : "");
  g_assert_cmpint (is_hidden, ==, value == NULL);
}

static guint
get_status (GVariant *details)
{
  g_autoptr (GVariant) handshake = NULL;
  guint32 status = 0;

  handshake = g_variant_lookup_value (details, "handshake", G_VARIANT_TYPE_VARDICT);
  g_assert_nonnull (handshake);
  g_assert_true (g_variant_lookup (handshake, "status", "u", &status));

  return status;
}

static void
test_secrets_handshake (Fixture       *fixture,
                        gconstpointer  data)
{
  WsmConnection *feed = add_feed (fixture, "/feed");
  g_autoptr (GVariant) details = NULL;
  g_autoptr (GVariant) key = NULL;
  const char *text;
  gboolean is_hidden;

  fixture->headers = g_strdup ("Sec-WebSocket-Protocol: chat\r\nServer: test/1\r\n"
                               "Date: Wed, 25 Nov 2026 21:00:00 GMT\r\n");
  g_assert_true (wsm_connection_open (feed, NULL));
  WAIT_FOR (wsm_connection_get_state (feed) == WSM_STATE_OPEN);
  details = get_details (fixture, feed);
  g_assert_cmpuint (get_status (details), ==, 101);
  assert_header (details, "request", "Upgrade", "websocket");
  assert_header (details, "request", "Sec-WebSocket-Version", "13");
  assert_header (details, "request", "Authorization", NULL);
  assert_header (details, "request", "Cookie", NULL);
  assert_header (details, "request", "Sec-WebSocket-Protocol", NULL);
  assert_header (details, "response", "Sec-WebSocket-Protocol", "chat");
  assert_header (details, "response", "Date", "Wed, 25 Nov 2026 21:00:00 GMT");
  assert_header (details, "response", "Server", NULL);
  key = find_header (details, "request", "Sec-WebSocket-Key");
  g_assert_nonnull (key);
  g_variant_get_child (key, 2, "b", &is_hidden);
  g_assert_false (is_hidden);
  g_assert_true (g_variant_lookup (details, "protocol", "&s", &text));
  g_assert_cmpstr (text, ==, "chat");
  g_assert_true (g_variant_lookup (details, "remote-address", "&s", &text));
  g_assert_true (g_str_has_prefix (text, "127.0.0.1"));
}

/* One that was refused is shown as the server answered. */
static void
test_secrets_refusal (Fixture       *fixture,
                      gconstpointer  data)
{
  WsmConnection *feed = add_feed (fixture, "/feed");
  g_autoptr (GVariant) details = NULL;

  fixture->answer = g_strdup ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n"
                              "Connection: keep-alive\r\n\r\n");
  g_assert_true (wsm_connection_open (feed, NULL));
  WAIT_FOR (wsm_connection_get_state (feed) == WSM_STATE_FAILED);
  details = get_details (fixture, feed);
  g_assert_cmpuint (get_status (details), ==, 403);
  assert_header (details, "response", "Connection", "keep-alive");
  assert_header (details, "response", "Content-Length", NULL);
}

/* Nobody looks: nothing is kept. */
static void
test_secrets_nothing_kept (Fixture       *fixture,
                           gconstpointer  data)
{
  WsmConnection *feed = NULL;

  g_clear_pointer (&fixture->inspector, inspector_client_free);
  g_assert_finalize_object (g_steal_pointer (&fixture->exporter));
  feed = add_feed (fixture, "/feed");
  g_assert_true (wsm_connection_open (feed, NULL));
  while (wsm_connection_get_n_beats_sent (feed) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (wsm_connection_get_journal (feed));
  g_assert_null (wsm_connection_get_handshake (feed));

  fixture->exporter = g_object_new (WSM_TYPE_EXPORTER, "pool", fixture->pool, "announce", FALSE,
                                    NULL);
  fixture->inspector = inspector_client_new (fixture->exporter, NULL);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func, capture) \
  g_test_add ("/exporter-secrets/" path, Fixture, GUINT_TO_POINTER (capture), set_up, \
              test_secrets_##func, tear_down)
  ADD ("stay", stay, 0);
  ADD ("are-seen-if-the-app-allows-it", captured, 1000);
  ADD ("stay-when-attempts-fail", failures, 0);
  ADD ("stay-when-the-app-fails", of_the_app, 0);
  ADD ("handshake-without-them", handshake, 0);
  ADD ("refusal-without-them", refusal, 0);
  ADD ("are-not-kept-for-nobody", nothing_kept, 0);
#undef ADD

  return g_test_run ();
}
