/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "authority.h"
#include "matrix.h"
#include "raw-server.h"
#include "scene.h"
#include "test-loop.h"

#include <glib/gstdio.h>
#include <string.h>

/* Ways to a server through what stands in between: real proxies, as far as they are installed, and
 * one that is a script, for what no real one would do. */

#define SECRET "S3CR3T-5f2c9a7b1d3e4f60"

/* An attempt ends at its deadline, or this much later. */
#define CONNECT_TIMEOUT_MS 400
#define DEADLINE_SLACK_MS 100

typedef struct
{
  Scene *scene;        /* (owned) */
  RawServer *server;   /* (owned) */
  RawServer *secure;   /* (owned) */
  RawServer *script;   /* (owned): the proxy that is none */
  GTlsDatabase *known; /* (owned) */
  Witness *witness;    /* (owned) (nullable) */

  const char *answer;  /* (nullable): of the script; NULL is silence */

  GSubprocess *proxy;        /* (owned) (nullable) */
  GDataInputStream *lines;   /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) */
  GString *told;             /* (owned): by the proxy */
  char *configuration;       /* (owned) (nullable): path of a file */
} Fixture;

static void
script_cb (RawPeer    *peer,
           const char *request,
           gpointer    user_data)
{
  Fixture *fixture = user_data;

  g_string_append (fixture->told, request);
  if (fixture->answer == NULL)
    return;

  raw_peer_write_text (peer, fixture->answer);
  raw_peer_finish (peer);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GTlsCertificate) certificate = authority_load ("server");

  fixture->scene = scene_new ();
  fixture->server = raw_server_new (raw_peer_accept_cb, fixture);
  fixture->secure = raw_server_new (raw_peer_accept_cb, fixture);
  fixture->script = raw_server_new (script_cb, fixture);
  fixture->told = g_string_new (NULL);
  fixture->cancellable = g_cancellable_new ();
  raw_server_use_tls (fixture->secure, certificate);
  fixture->known = authority_trust (fixture->scene->pool);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_pointer (&fixture->witness, witness_free);
  g_clear_object (&fixture->scene->pool);
  g_clear_pointer (&fixture->server, raw_server_free);
  g_clear_pointer (&fixture->secure, raw_server_free);
  g_clear_pointer (&fixture->script, raw_server_free);

  g_cancellable_cancel (fixture->cancellable);
  if (fixture->proxy != NULL)
    {
      g_subprocess_force_exit (fixture->proxy);
      g_assert_true (g_subprocess_wait (fixture->proxy, NULL, NULL));
      test_loop_turn ();
    }
  g_clear_object (&fixture->lines);
  g_clear_object (&fixture->proxy);
  g_clear_object (&fixture->cancellable);
  if (fixture->configuration != NULL)
    g_assert_cmpint (g_remove (fixture->configuration), ==, 0);
  g_clear_pointer (&fixture->configuration, g_free);

  g_clear_pointer (&fixture->scene, scene_free);
  g_string_free (fixture->told, TRUE);
  g_clear_object (&fixture->known);
}

/* Real ones. */

static void
proxy_line_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source),
                                                                result, NULL, &error);

  if (line == NULL)
    return;

  g_string_append_printf (fixture->told, "%s\n", line);
  g_data_input_stream_read_line_async (fixture->lines, G_PRIORITY_DEFAULT, fixture->cancellable,
                                       proxy_line_cb, fixture);
}

static guint
find_free_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);

  g_assert_cmpuint (port, !=, 0);
  g_socket_listener_close (listener);

  return port;
}

static gboolean
is_listening (guint port)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;

  g_socket_client_set_enable_proxy (client, FALSE);
  connection = g_socket_client_connect_to_host (client, "127.0.0.1", (guint16) port, NULL, NULL);

  return connection != NULL;
}

static void
run_proxy (Fixture            *fixture,
           const char * const *command,
           guint               port)
{
  g_autoptr (GError) error = NULL;

  fixture->proxy = g_subprocess_newv (command,
                                      G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                      G_SUBPROCESS_FLAGS_STDERR_MERGE, &error);
  g_assert_no_error (error);
  fixture->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (fixture->proxy));
  g_data_input_stream_read_line_async (fixture->lines, G_PRIORITY_DEFAULT, fixture->cancellable,
                                       proxy_line_cb, fixture);
  WAIT_FOR (is_listening (port));
}

/* Both return the port, or 0 where the program is not installed. */
static guint
run_http_proxy (Fixture    *fixture,
                const char *login)
{
  guint port = find_free_port ();
  g_autofree char *program = g_find_program_in_path ("tinyproxy");
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  const char *command[] = { program, "-d", "-c", NULL, NULL };
  int fd;

  if (program == NULL)
    {
      g_test_skip ("tinyproxy is not installed");
      return 0;
    }

  text = g_strdup_printf ("Port %u\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\n%s%s%s", port,
                          login != NULL ? "BasicAuth " : "", login != NULL ? login : "",
                          login != NULL ? "\n" : "");
  fd = g_file_open_tmp ("wsm-tinyproxy-XXXXXX", &fixture->configuration, &error);
  g_assert_no_error (error);
  g_assert_true (g_close (fd, NULL));
  g_assert_true (g_file_set_contents (fixture->configuration, text, -1, NULL));
  command[3] = fixture->configuration;
  run_proxy (fixture, command, port);

  return port;
}

static guint
run_socks_proxy (Fixture    *fixture,
                 const char *user,
                 const char *password)
{
  guint port = find_free_port ();
  g_autofree char *program = g_find_program_in_path ("microsocks");
  g_autofree char *number = g_strdup_printf ("%u", port);
  const char *command[10] = { program, "-i", "127.0.0.1", "-p", number };

  if (program == NULL)
    {
      g_test_skip ("microsocks is not installed");
      return 0;
    }

  if (user != NULL)
    {
      command[5] = "-u";
      command[6] = user;
      command[7] = "-P";
      command[8] = password;
    }
  run_proxy (fixture, command, port);

  return port;
}

/* Whom to ask is said by the session's resolver, as the system's would say it. */
static WsmConnection *
add (Fixture    *fixture,
     gboolean    with_tls,
     const char *proxy_uri)
{
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (proxy_uri, NULL);
  g_autofree char *uri = raw_server_make_uri (with_tls ? fixture->secure : fixture->server, "/x");
  SoupSession *session = wsm_pool_get_session (fixture->scene->pool);
  WsmConnection *feed;

  soup_session_set_proxy_resolver (session, resolver);
  feed = scene_add_uri (fixture->scene, uri);
  fixture->witness = witness_new (feed);

  return feed;
}

typedef struct
{
  const char *name;
  gboolean with_tls;
  const char *login;  /* (nullable): that the proxy asks for, user and password */
  const char *scheme; /* and host, of the proxy, with what is given as login */
  const char *answer; /* (nullable): of the scripted one */
  WsmReasonCode code; /* that it comes to */
  WsmState state;
} Case;

/* The server is reached through the proxy, as if it were not there. */
static void
assert_way (Fixture *fixture,
            gboolean with_tls)
{
  RawServer *server = with_tls ? fixture->secure : fixture->server;
  WsmConnection *feed = fixture->witness->connection;
  g_autofree char *target = g_strdup_printf ("127.0.0.1:%u", raw_server_get_port (server));
  g_autofree char *host = g_strdup_printf ("\r\nHost: %s\r\n", target);
  g_autoptr (GBytes) payload = NULL;
  const char *request;
  guint opcode;

  WAIT_FOR (fixture->witness->n_opened == 1);
  request = raw_peer_get_request (raw_server_get_peer (server));
  g_assert_true (g_str_has_prefix (request, "GET /x HTTP/1.1\r\n"));
  g_assert_nonnull (strstr (request, host));
  g_assert_null (strcasestr (request, "\r\nProxy-"));

  g_assert_true (wsm_connection_send_text (feed, "there", NULL));
  WAIT_FOR (raw_peer_take_frame (raw_server_get_peer (server), &opcode, &payload));
  g_assert_cmpmem (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload), "there", 5);
  raw_peer_write_frame (raw_server_get_peer (server), 0x81, "back", 4);
  WAIT_FOR (fixture->witness->messages->len == 1);
}

static void
assert_end (Fixture    *fixture,
            const Case *the_case)
{
  WsmConnection *feed = fixture->witness->connection;
  g_autofree char *text = NULL;

  WAIT_FOR (witness_is_in (fixture->witness, the_case->state));
  text = wsm_reason_to_string (wsm_connection_get_reason (feed));
  matrix_measured ("F14", "%s: \"%s\"", the_case->name, text);
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (feed)), ==, the_case->code);
  g_assert_null (strstr (text, SECRET));
  g_assert_null (strstr (wsm_connection_get_error (feed)->message, SECRET));
  if (the_case->code == WSM_REASON_CODE_HTTP_STATUS)
    g_assert_nonnull (strstr (text, "from the proxy"));
  g_assert_cmpuint (raw_server_get_n_peers (fixture->server), ==, 0);
}

static const Case http_cases[] = {
  { "http", FALSE, NULL, "http://127.0.0.1", NULL, 0, WSM_STATE_OPEN },
  { "http-with-tls", TRUE, NULL, "http://127.0.0.1", NULL, 0, WSM_STATE_OPEN },
  { "http-login", FALSE, "user " SECRET, "http://user:" SECRET "@127.0.0.1", NULL, 0,
    WSM_STATE_OPEN },
  { "http-login-with-tls", TRUE, "user " SECRET, "http://user:" SECRET "@127.0.0.1", NULL, 0,
    WSM_STATE_OPEN },
  { "http-no-login", FALSE, "user pass", "http://127.0.0.1", NULL,
    WSM_REASON_CODE_PREPARE_FAILED, WSM_STATE_FAILED },
  { "http-no-login-with-tls", TRUE, "user pass", "http://127.0.0.1", NULL,
    WSM_REASON_CODE_HTTP_STATUS, WSM_STATE_FAILED },
  /* This proxy says 401 here, where HTTP wants 407: of that GIO does not know what it means. */
  { "http-wrong-login", FALSE, "user pass", "http://user:" SECRET "@127.0.0.1", NULL,
    WSM_REASON_CODE_IO, WSM_STATE_WAITING },
  { "http-wrong-login-with-tls", TRUE, "user pass", "http://user:" SECRET "@127.0.0.1", NULL,
    WSM_REASON_CODE_HTTP_STATUS, WSM_STATE_FAILED },
};

static void
test_http (Fixture       *fixture,
           gconstpointer  data)
{
  const Case *the_case = data;
  guint port = run_http_proxy (fixture, the_case->login);
  g_autofree char *uri = g_strdup_printf ("%s:%u", the_case->scheme, port);
  g_autofree char *line = NULL;

  if (port == 0)
    return;

  add (fixture, the_case->with_tls, uri);
  if (the_case->state != WSM_STATE_OPEN)
    {
      assert_end (fixture, the_case);
      return;
    }

  assert_way (fixture, the_case->with_tls);
  line = g_strdup_printf ("CONNECT 127.0.0.1:%u ",
                          raw_server_get_port (the_case->with_tls ? fixture->secure :
                                                                    fixture->server));
  WAIT_FOR (strstr (fixture->told->str, line) != NULL);
  matrix_measured ("F14", "%s: open, through a tunnel", the_case->name);
}

static const Case socks_cases[] = {
  { "socks5", FALSE, NULL, "socks5://127.0.0.1", NULL, 0, WSM_STATE_OPEN },
  { "socks5-with-tls", TRUE, NULL, "socks5://127.0.0.1", NULL, 0, WSM_STATE_OPEN },
  { "socks5-login", FALSE, SECRET, "socks5://user:" SECRET "@127.0.0.1", NULL, 0,
    WSM_STATE_OPEN },
  { "socks5-login-with-tls", TRUE, SECRET, "socks5://user:" SECRET "@127.0.0.1", NULL, 0,
    WSM_STATE_OPEN },
  { "socks5-no-login", FALSE, "pass", "socks5://127.0.0.1", NULL,
    WSM_REASON_CODE_PREPARE_FAILED, WSM_STATE_FAILED },
  { "socks5-wrong-login-with-tls", TRUE, "pass", "socks5://user:" SECRET "@127.0.0.1", NULL,
    WSM_REASON_CODE_PREPARE_FAILED, WSM_STATE_FAILED },
};

static void
test_socks (Fixture       *fixture,
            gconstpointer  data)
{
  const Case *the_case = data;
  guint port = run_socks_proxy (fixture, the_case->login != NULL ? "user" : NULL,
                                the_case->login);
  g_autofree char *uri = g_strdup_printf ("%s:%u", the_case->scheme, port);

  if (port == 0)
    return;

  add (fixture, the_case->with_tls, uri);
  if (the_case->state != WSM_STATE_OPEN)
    {
      assert_end (fixture, the_case);
      return;
    }

  assert_way (fixture, the_case->with_tls);
  matrix_measured ("F14", "%s: open", the_case->name);
}

#define ANSWER(status) "HTTP/1.1 " status "\r\nContent-Length: 0\r\n\r\n"
#define ANSWER_407 \
  "HTTP/1.1 407 Proxy Authentication Required\r\n" \
  "Proxy-Authenticate: Basic realm=\"" SECRET "\"\r\nContent-Length: 0\r\n\r\n"

static const Case scripted_cases[] = {
  { "hangs", FALSE, NULL, "http://127.0.0.1", NULL,
    WSM_REASON_CODE_TIMED_OUT, WSM_STATE_WAITING },
  { "hangs-with-tls", TRUE, NULL, "http://127.0.0.1", NULL,
    WSM_REASON_CODE_TIMED_OUT, WSM_STATE_WAITING },
  { "socks5-hangs", FALSE, NULL, "socks5://127.0.0.1", NULL,
    WSM_REASON_CODE_TIMED_OUT, WSM_STATE_WAITING },
  { "socks5-hangs-with-tls", TRUE, NULL, "socks5://127.0.0.1", NULL,
    WSM_REASON_CODE_TIMED_OUT, WSM_STATE_WAITING },
  { "says-407", FALSE, NULL, "http://127.0.0.1", ANSWER_407,
    WSM_REASON_CODE_PREPARE_FAILED, WSM_STATE_FAILED },
  { "says-407-with-tls", TRUE, NULL, "http://127.0.0.1", ANSWER_407,
    WSM_REASON_CODE_HTTP_STATUS, WSM_STATE_FAILED },
  { "refuses-the-login", FALSE, NULL, "http://user:" SECRET "@127.0.0.1", ANSWER_407,
    WSM_REASON_CODE_PREPARE_FAILED, WSM_STATE_FAILED },
  /* libsoup logs in once more on the same connection, but that one has ended. */
  { "refuses-the-login-with-tls", TRUE, NULL, "http://user:" SECRET "@127.0.0.1", ANSWER_407,
    WSM_REASON_CODE_END_OF_STREAM, WSM_STATE_WAITING },
  { "says-403", FALSE, NULL, "http://127.0.0.1", ANSWER ("403 Forbidden"),
    WSM_REASON_CODE_PREPARE_FAILED, WSM_STATE_FAILED },
  { "says-403-with-tls", TRUE, NULL, "http://127.0.0.1", ANSWER ("403 Forbidden"),
    WSM_REASON_CODE_HTTP_STATUS, WSM_STATE_FAILED },
  { "says-502", FALSE, NULL, "http://127.0.0.1", ANSWER ("502 Bad Gateway"),
    WSM_REASON_CODE_IO, WSM_STATE_WAITING },
  { "says-502-with-tls", TRUE, NULL, "http://127.0.0.1", ANSWER ("502 Bad Gateway"),
    WSM_REASON_CODE_HTTP_STATUS, WSM_STATE_WAITING },
};

static void
test_scripted (Fixture       *fixture,
               gconstpointer  data)
{
  const Case *the_case = data;
  g_autofree char *uri = g_strdup_printf ("%s:%u", the_case->scheme,
                                          raw_server_get_port (fixture->script));
  gint64 begin_us = g_get_monotonic_time ();
  WsmConnection *feed;
  double took_ms;

  fixture->answer = the_case->answer;
  feed = add (fixture, the_case->with_tls, uri);
  if (the_case->answer == NULL)
    wsm_connection_set_connect_timeout (feed, CONNECT_TIMEOUT_MS);
  assert_end (fixture, the_case);
  if (g_str_has_prefix (the_case->scheme, "http:"))
    g_assert_true (g_str_has_prefix (fixture->told->str, "CONNECT 127.0.0.1:"));
  g_assert_null (strstr (fixture->told->str, "GET "));

  took_ms = test_loop_ms_since (begin_us);
  if (the_case->answer != NULL)
    return;
  g_assert_cmpfloat (took_ms, >=, CONNECT_TIMEOUT_MS);
  g_assert_cmpfloat (took_ms, <, CONNECT_TIMEOUT_MS + DEADLINE_SLACK_MS);
  matrix_measured ("F14", "%s: given up after %.0f ms of %d", the_case->name, took_ms,
                   CONNECT_TIMEOUT_MS);
}

/* What is said to a proxy ends with it. */
static void
test_away (Fixture       *fixture,
           gconstpointer  data)
{
  static const Case refused = { "away", FALSE, NULL, NULL, NULL, WSM_REASON_CODE_REFUSED,
                                WSM_STATE_WAITING };
  g_autofree char *uri = g_strdup_printf ("%s://127.0.0.1:%u", (const char *) data,
                                          find_free_port ());

  add (fixture, FALSE, uri);
  assert_end (fixture, &refused);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(data, func, name) \
  G_STMT_START { \
    g_autofree char *path = g_strconcat ("/matrix/f14-", name, NULL); \
    g_test_add (path, Fixture, data, set_up, test_##func, tear_down); \
  } G_STMT_END

  for (gsize i = 0; i < G_N_ELEMENTS (http_cases); i++)
    ADD (&http_cases[i], http, http_cases[i].name);
  for (gsize i = 0; i < G_N_ELEMENTS (socks_cases); i++)
    ADD (&socks_cases[i], socks, socks_cases[i].name);
  for (gsize i = 0; i < G_N_ELEMENTS (scripted_cases); i++)
    ADD (&scripted_cases[i], scripted, scripted_cases[i].name);
  ADD ("http", away, "is-away");
  ADD ("socks5", away, "socks5-is-away");

#undef ADD

  return g_test_run ();
}
