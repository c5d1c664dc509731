/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "matrix.h"
#include "raw-server.h"
#include "scene.h"
#include "test-loop.h"
#include "test-names.h"

#include <string.h>

/* A canary: one secret in each place where an app may have one. Nothing that programs print or
 * store without a thought, logs, names, reasons and the messages of errors, ever holds it. What
 * leaves over D-Bus is looked at where the exporter is. */

#define CANARY "S3CR3T"
#define SECRET CANARY "-5f2c9a7b1d3e4f60"

typedef struct
{
  Scene *scene;       /* (owned) */
  RawServer *server;  /* (owned) */
  Witness *witness;   /* (owned) (nullable) */
  const char *answer; /* (nullable): instead of accepting */
  GString *told;      /* (owned): reasons, errors and names */
  gboolean spoils;    /* the request, with something that is refused */
} Fixture;

/* Of all domains, with debugging on. */
static GString *logged;

static void
log_cb (const char     *domain,
        GLogLevelFlags  level,
        const char     *message,
        gpointer        user_data)
{
  g_string_append_printf (logged, "%s: %s\n", domain, message);
  if ((level & G_LOG_FLAG_FATAL) != 0)
    g_printerr ("%s\n", logged->str);
}

static GLogWriterOutput
log_writer_cb (GLogLevelFlags   level,
               const GLogField *fields,
               gsize            n_fields,
               gpointer         user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      if (fields[i].length < 0)
        g_string_append_printf (logged, "%s=%s\n", fields[i].key, (const char *) fields[i].value);
      else
        g_string_append_len (logged, fields[i].value, fields[i].length);
    }

  return G_LOG_WRITER_HANDLED;
}

static void
request_cb (RawPeer    *peer,
            const char *request,
            gpointer    user_data)
{
  Fixture *fixture = user_data;

  /* It did get there: the search below looks for something that exists. */
  g_assert_nonnull (strstr (request, SECRET));
  if (fixture->answer != NULL)
    raw_peer_write_text (peer, fixture->answer);
  else
    raw_peer_accept (peer, "Sec-WebSocket-Protocol: " SECRET "\r\n"
                           "Set-Cookie: session=" SECRET "\r\n");
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_string_truncate (logged, 0);
  fixture->scene = scene_new ();
  fixture->server = raw_server_new (request_cb, fixture);
  fixture->told = g_string_new (NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_pointer (&fixture->witness, witness_free);
  g_clear_object (&fixture->scene->pool);
  g_clear_pointer (&fixture->server, raw_server_free);
  g_clear_pointer (&fixture->scene, scene_free);

  g_assert_null (strstr (fixture->told->str, CANARY));
  g_assert_null (strstr (logged->str, CANARY));
  g_string_free (fixture->told, TRUE);
}

static gboolean
prepare_cb (WsmConnection *connection,
            SoupMessage   *message,
            gpointer       user_data)
{
  Fixture *fixture = user_data;
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_headers_append (headers, "Authorization", "Bearer " SECRET);
  soup_message_headers_append (headers, "Cookie", "session=" SECRET);
  if (fixture->spoils)
    soup_message_headers_append (headers, "X-Key", SECRET "\v");

  return FALSE;
}

static void
note_error (Fixture      *fixture,
            const GError *error)
{
  if (error != NULL)
    g_string_append_printf (fixture->told, "%s\n", error->message);
}

static void
note_reason_cb (WsmConnection *connection,
                GParamSpec    *pspec,
                gpointer       user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *text = wsm_reason_to_string (wsm_connection_get_reason (connection));

  g_string_append_printf (fixture->told, "%s: %s\n", wsm_connection_get_name (connection), text);
  note_error (fixture, wsm_connection_get_error (connection));
}

/* Where is the rest of the URI, behind user and password. */
static WsmConnection *
add (Fixture    *fixture,
     const char *scheme,
     const char *where)
{
  static const char * const protocols[] = { SECRET, "chat", NULL };
  static const char * const greetings[] = { "login " SECRET, NULL };
  g_autoptr (WsmHeartbeat) beat = NULL;
  g_autofree char *uri = g_strdup_printf ("%s://user:%s@%s/feed/%s/x?key=%s&%s", scheme, SECRET,
                                          where, SECRET, SECRET, SECRET);
  g_autoptr (WsmConnection) feed = NULL;
  g_autoptr (GError) error = NULL;

  beat = g_object_new (WSM_TYPE_HEARTBEAT,
                       "mode", WSM_HEARTBEAT_MODE_TEXT,
                       "payload", SECRET,
                       "reply-match", WSM_REPLY_MATCH_EXACT,
                       "reply", SECRET,
                       "interval", 20,
                       "timeout", 50,
                       "max-missed", 2,
                       "idle-only", FALSE,
                       NULL);
  feed = g_object_new (WSM_TYPE_CONNECTION,
                       "uri", uri,
                       "protocols", protocols,
                       "greetings", greetings,
                       "heartbeat", beat,
                       NULL);
  g_signal_connect (feed, "prepare", G_CALLBACK (prepare_cb), fixture);
  g_signal_connect (feed, "notify::reason", G_CALLBACK (note_reason_cb), fixture);
  fixture->witness = witness_new (feed);
  g_assert_true (wsm_pool_add_connection (fixture->scene->pool, feed, &error));
  g_assert_no_error (error);
  g_assert_true (wsm_connection_open (feed, &error));
  g_assert_no_error (error);

  return fixture->witness->connection;
}

static WsmConnection *
add_here (Fixture *fixture)
{
  g_autofree char *where = g_strdup_printf ("127.0.0.1:%u",
                                            raw_server_get_port (fixture->server));

  return add (fixture, "ws", where);
}

/* Open, told something, silent for too long, back, and closed with a reason. */
static void
test_life (Fixture       *fixture,
           gconstpointer  data)
{
  WsmConnection *feed = add_here (fixture);
  g_autofree char *huge = g_strnfill (2 * 1024 * 1024, 'x');
  g_autoptr (GError) error = NULL;

  WAIT_FOR (fixture->witness->n_opened == 1);
  g_assert_true (wsm_connection_send_text (feed, "sent " SECRET, NULL));
  raw_peer_write_frame (raw_server_get_peer (fixture->server), 0x81, "got " SECRET,
                        strlen ("got " SECRET));
  WAIT_FOR (fixture->witness->messages->len > 0);
  memcpy (huge, SECRET, strlen (SECRET));
  g_assert_false (wsm_connection_send_text (feed, huge, &error));
  note_error (fixture, error);

  /* No beat is answered. */
  WAIT_FOR (fixture->witness->n_opened == 2);
  raw_peer_write_close (raw_server_get_peer (fixture->server), 4001, "because " SECRET);
  WAIT_FOR (fixture->witness->n_ended == 1);
  g_assert_cmpstr (wsm_connection_get_close_reason (feed), ==, "because " SECRET);

  g_assert_nonnull (strstr (fixture->told->str, "heartbeat-lost"));
  g_assert_nonnull (strstr (fixture->told->str, "4001"));
  g_assert_nonnull (strstr (logged->str, "heartbeat-lost"));
}

static const char * const answers[] = {
  "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nX-Why: " SECRET "\r\n\r\n",
  "HTTP/1.1 302 Found\r\nLocation: ws://u:" SECRET "@127.0.0.1/" SECRET "\r\n\r\n",
  "HTTP/1.1 503 Full\r\nRetry-After: " SECRET "\r\nContent-Length: 23\r\n\r\n" SECRET,
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: " SECRET "\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
  "Sec-WebSocket-Accept: " SECRET "\r\n\r\n",
};

static void
test_refusal (Fixture       *fixture,
              gconstpointer  data)
{
  WsmConnection *feed;

  fixture->answer = data;
  feed = add_here (fixture);
  wsm_connection_set_max_redirects (feed, 2);
  WAIT_FOR (witness_is_in (fixture->witness, WSM_STATE_FAILED) ||
            witness_is_in (fixture->witness, WSM_STATE_WAITING));
  note_error (fixture, wsm_connection_get_error (feed));
}

/* Nobody is there, or TLS is not, or the app has made a mistake. */
static void
test_no_server (Fixture       *fixture,
                gconstpointer  data)
{
  add (fixture, "wss", "127.0.0.1:1");
  WAIT_FOR (witness_is_in (fixture->witness, WSM_STATE_WAITING));
  g_assert_nonnull (strstr (fixture->told->str, "refused"));
}

static void
test_no_name (Fixture       *fixture,
              gconstpointer  data)
{
  add (fixture, "ws", TEST_UNKNOWN_HOST ":1");
  WAIT_FOR (witness_is_in (fixture->witness, WSM_STATE_WAITING));
}

static void
test_bad_request (Fixture       *fixture,
                  gconstpointer  data)
{
  fixture->spoils = TRUE;
  add_here (fixture);
  WAIT_FOR (witness_is_in (fixture->witness, WSM_STATE_FAILED));
  g_assert_nonnull (strstr (fixture->told->str, "X-Key"));
}

/* Each has a secret, and something that is not right. */
static void
test_bad_settings (Fixture       *fixture,
                   gconstpointer  data)
{
  static const struct
  {
    const char *uri;
    const char *origin;
    const char *protocols[2];
  } settings[] = {
    { "http://user:" SECRET "@127.0.0.1/" SECRET, NULL, { NULL } },
    { "ws://user:" SECRET "@127.0.0.1/" SECRET "#" SECRET, NULL, { NULL } },
    { "ws://user:" SECRET "@/", NULL, { NULL } },
    { "ws://user:" SECRET "%zz@127.0.0.1/", NULL, { NULL } },
    { "ws://127.0.0.1:" SECRET "/", NULL, { NULL } },
    { "ws://127.0.0.1/?key=" SECRET " ", NULL, { NULL } },
    { "ws://127.0.0.1/", "https://user:" SECRET "@a.example", { NULL } },
    { "ws://127.0.0.1/", NULL, { SECRET "," } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autoptr (WsmConnection) feed = NULL;
      g_autoptr (GError) error = NULL;

      feed = g_object_new (WSM_TYPE_CONNECTION,
                           "uri", settings[i].uri,
                           "origin", settings[i].origin,
                           "protocols", settings[i].protocols[0] != NULL ? settings[i].protocols
                                                                         : NULL,
                           NULL);
      g_assert_false (wsm_pool_add_connection (fixture->scene->pool, feed, &error));
      g_assert_nonnull (error);
      note_error (fixture, error);
    }
}

int
main (int    argc,
      char **argv)
{
  int result;

  g_setenv ("G_MESSAGES_DEBUG", "all", TRUE);
  g_test_init (&argc, &argv, NULL);
  logged = g_string_new (NULL);
  g_log_set_default_handler (log_cb, NULL);
  g_log_set_writer_func (log_writer_cb, NULL, NULL);

#define ADD(path, func, data) \
  g_test_add ("/matrix/secrets-" path, Fixture, data, set_up, test_##func, tear_down)
  ADD ("stay-for-life", life, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *path = g_strdup_printf ("/matrix/secrets-stay-when-refused-%u", (guint) i);

      g_test_add (path, Fixture, answers[i], set_up, test_refusal, tear_down);
    }
  ADD ("stay-without-a-server", no_server, NULL);
  ADD ("stay-without-a-name", no_name, NULL);
  ADD ("stay-in-a-bad-request", bad_request, NULL);
  ADD ("stay-in-bad-settings", bad_settings, NULL);
#undef ADD

  result = g_test_run ();
  g_string_free (logged, TRUE);

  return result;
}
