/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "authority.h"
#include "matrix.h"
#include "raw-server.h"
#include "scene.h"
#include "test-loop.h"

/* A server that says that the answer is elsewhere: by default nobody goes there, if it is allowed
 * not for long, and never to where what the app says does not belong. */

/* An attempt ends at its deadline, or this much later. */
#define CONNECT_TIMEOUT_MS 400
#define DEADLINE_SLACK_MS 100

#define SECRET "S3CR3T-5f2c9a7b1d3e4f60"

typedef struct
{
  Scene *scene;        /* (owned) */
  RawServer *server;   /* (owned) */
  RawServer *secure;   /* (owned) */
  GTlsDatabase *known; /* (owned) */
  Witness *witness;    /* (owned) (nullable) */

  guint status;
  char *headers;        /* (owned) (nullable): of what the server answers first */
  gboolean is_endless;  /* and whatever follows */
  gboolean is_silent;   /* answers nothing by itself */
  GPtrArray *requests;  /* (owned) (element-type utf8) */
} Fixture;

static void
request_cb (RawPeer    *peer,
            const char *request,
            gpointer    user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *answer = NULL;

  g_ptr_array_add (fixture->requests, g_strdup (request));
  if (fixture->is_silent)
    return;

  if (fixture->requests->len > 1 && !fixture->is_endless)
    {
      raw_peer_accept (peer, NULL);
      return;
    }

  answer = g_strdup_printf ("HTTP/1.1 %u Elsewhere\r\n%sContent-Length: 0\r\n\r\n",
                            fixture->status, fixture->headers);
  raw_peer_write_text (peer, answer);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GTlsCertificate) certificate = authority_load ("server");

  fixture->scene = scene_new ();
  fixture->requests = g_ptr_array_new_with_free_func (g_free);
  fixture->server = raw_server_new (request_cb, fixture);
  fixture->secure = raw_server_new (request_cb, fixture);
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
  g_clear_pointer (&fixture->scene, scene_free);
  g_clear_object (&fixture->known);
  g_clear_pointer (&fixture->requests, g_ptr_array_unref);
  g_clear_pointer (&fixture->headers, g_free);
}

static gboolean
prepare_cb (WsmConnection *connection,
            SoupMessage   *message,
            gpointer       user_data)
{
  soup_message_headers_append (soup_message_get_request_headers (message), "X-Api-Key", SECRET);

  return FALSE;
}

/* In what a case says, {} is the port of the plain server and [] that of the other one. */
static char *
fill_in (Fixture    *fixture,
         const char *text)
{
  g_autoptr (GString) result = g_string_new (text);
  g_autofree char *plain = g_strdup_printf ("%u", raw_server_get_port (fixture->server));
  g_autofree char *secure = g_strdup_printf ("%u", raw_server_get_port (fixture->secure));

  g_string_replace (result, "{}", plain, 0);
  g_string_replace (result, "[]", secure, 0);

  return g_string_free (g_steal_pointer (&result), FALSE);
}

static WsmConnection *
add (Fixture    *fixture,
     const char *uri,
     guint       status,
     const char *headers,
     guint       max_redirects)
{
  g_autofree char *filled = fill_in (fixture, uri);
  WsmConnection *feed = scene_add_uri (fixture->scene, filled);

  fixture->status = status;
  fixture->headers = fill_in (fixture, headers);
  wsm_connection_set_max_redirects (feed, max_redirects);
  g_signal_connect (feed, "prepare", G_CALLBACK (prepare_cb), NULL);
  fixture->witness = witness_new (feed);

  return feed;
}

static void
assert_failed (Fixture    *fixture,
               guint       status,
               const char *detail)
{
  WsmConnection *feed = fixture->witness->connection;
  const WsmReason *reason = wsm_connection_get_reason (feed);
  const GError *error = wsm_connection_get_error (feed);

  g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_FAILED);
  g_assert_cmpint (wsm_reason_get_code (reason), ==, WSM_REASON_CODE_REDIRECT);
  g_assert_cmpuint (wsm_reason_get_http_status (reason), ==, status);
  g_assert_error (error, WSM_ERROR, WSM_ERROR_REDIRECT);
  if (detail != NULL)
    {
      g_assert_cmpstr (wsm_reason_get_detail (reason), ==, detail);
      g_assert_nonnull (strstr (error->message, detail));
    }
  else
    g_assert_nonnull (strstr (error->message, "max-redirects"));
}

static void
test_not_allowed (Fixture       *fixture,
                  gconstpointer  data)
{
  guint status = GPOINTER_TO_UINT (data);

  add (fixture, "ws://127.0.0.1:{}/a", status, "Location: /b\r\n", 0);
  WAIT_FOR (fixture->witness->n_ended == 1);
  witness_assert_log (fixture->witness, "CONNECTING FAILED failed");
  assert_failed (fixture, status, NULL);
  g_assert_cmpuint (fixture->requests->len, ==, 1);
  matrix_measured ("F12", "%u, redirections not allowed: failed, 1 request", status);
}

typedef struct
{
  const char *name;
  const char *from;
  const char *location;
  const char *path;   /* that is asked for next */
  const char *detail; /* otherwise: why not */
} Case;

static const Case followed[] = {
  { "a-path", "ws://127.0.0.1:{}/a", "/b", "/b" },
  { "a-relative-path", "ws://127.0.0.1:{}/a/x", "../c?d=%2Fe", "/c?d=%2Fe" },
  { "a-query", "ws://127.0.0.1:{}/a", "?x=1", "/a?x=1" },
  { "a-fragment", "ws://127.0.0.1:{}/a", "/b#c", "/b" },
  { "the-same-host", "ws://127.0.0.1:{}/a", "ws://127.0.0.1:{}/b", "/b" },
  { "the-same-host-as-http", "ws://127.0.0.1:{}/a", "http://127.0.0.1:{}/b", "/b" },
  { "the-same-host-by-name", "ws://LocalHost:{}/a", "//localhost:{}/b", "/b" },
  { "tls", "ws://127.0.0.1:{}/a", "wss://127.0.0.1:[]/b", "/b" },
  { "tls-as-https", "ws://127.0.0.1:{}/a", "https://127.0.0.1:[]/b", "/b" },
  { "a-path-over-tls", "wss://127.0.0.1:[]/a", "/b", "/b" },
  { "a-login", "ws://127.0.0.1:{}/a", "ws://u:p@127.0.0.1:{}/b", "/b" },
  { "line-breaks", "ws://127.0.0.1:{}/a", "/b%0D%0aX-Evil:%20yes", "/b%0D%0AX-Evil:%20yes" },
};

static void
test_followed (Fixture       *fixture,
               gconstpointer  data)
{
  const Case *the_case = data;
  g_autofree char *header = g_strdup_printf ("Location: %s\r\n", the_case->location);
  g_autofree char *line = g_strdup_printf ("GET %s HTTP/1.1\r\n", the_case->path);
  WsmConnection *feed = add (fixture, the_case->from, 302, header, 5);
  const char *request;

  WAIT_FOR (fixture->witness->n_opened == 1);
  witness_assert_log (fixture->witness, "CONNECTING OPEN opened");
  g_assert_cmpuint (fixture->requests->len, ==, 2);
  request = g_ptr_array_index (fixture->requests, 1);
  g_assert_true (g_str_has_prefix (request, line));
  g_assert_nonnull (strstr (request, "\r\nX-Api-Key: " SECRET "\r\n"));
  g_assert_null (strcasestr (request, "\r\nAuthorization:"));
  g_assert_cmpuint (wsm_connection_get_n_reconnects (feed), ==, 0);
  matrix_measured ("F12", "to %s, allowed: followed, open", the_case->name);
}

static const Case refused[] = {
  { "another-host", "ws://127.0.0.1:{}/a", "ws://localhost:{}/b", NULL,
    "it leads to another host, ws://localhost:{}/b" },
  { "another-host-with-tls", "wss://127.0.0.1:[]/a", "https://localhost:[]/b?k=" SECRET, NULL,
    "it leads to another host, wss://localhost:[]/b?k=***" },
  { "another-port", "ws://127.0.0.1:{}/a", "http://127.0.0.1:[]/b", NULL,
    "it leads to another port, ws://127.0.0.1:[]/b" },
  { "another-port-with-tls", "wss://127.0.0.1:[]/a", "https://127.0.0.1:{}/b", NULL,
    "it leads to another port, wss://127.0.0.1:{}/b" },
  { "no-tls", "wss://127.0.0.1:[]/a", "ws://127.0.0.1:{}/b", NULL,
    "it leads from wss: to ws:, ws://127.0.0.1:{}/b" },
  { "no-tls-as-http", "wss://127.0.0.1:[]/a", "http://127.0.0.1:{}/" SECRET, NULL,
    "it leads from wss: to ws:, ws://127.0.0.1:{}/***" },
  { "a-file", "ws://127.0.0.1:{}/a", "file:///etc/passwd", NULL, "it gives no usable target" },
  { "nowhere", "ws://127.0.0.1:{}/a", NULL, NULL, "it gives no usable target" },
  { "a-broken-host", "ws://127.0.0.1:{}/a", "ws://a%0d%0ab/", NULL, "it gives no usable target" },
  { "port-0", "ws://127.0.0.1:{}/a", "ws://127.0.0.1:0/", NULL, "it gives no usable target" },
  { "two-places", "ws://127.0.0.1:{}/a", "/b\r\nLocation: /c", NULL, "it gives no usable target" },
};

static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  const Case *the_case = data;
  g_autofree char *detail = fill_in (fixture, the_case->detail);
  g_autofree char *header = NULL;
  g_autofree char *text = NULL;

  if (the_case->location != NULL)
    header = g_strdup_printf ("Location: %s\r\n", the_case->location);
  add (fixture, the_case->from, 307, header != NULL ? header : "", 5);
  WAIT_FOR (fixture->witness->n_ended == 1);
  assert_failed (fixture, 307, detail);
  g_assert_cmpuint (fixture->requests->len, ==, 1);
  g_assert_null (strstr (wsm_connection_get_error (fixture->witness->connection)->message,
                         SECRET));
  text = wsm_reason_to_string (wsm_connection_get_reason (fixture->witness->connection));
  matrix_measured ("F12", "to %s, allowed: \"%s\", 1 request", the_case->name, text);
}

static void
test_each_status (Fixture       *fixture,
                  gconstpointer  data)
{
  static const guint others[] = { 300, 304, 305, 306 };
  static const guint statuses[] = { 301, 302, 303, 307, 308 };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      add (fixture, "ws://127.0.0.1:{}/a", others[i], "Location: /b\r\n", 5);
      WAIT_FOR (fixture->witness->n_ended == 1);
      assert_failed (fixture, others[i], "it gives no usable target");
      g_assert_cmpuint (fixture->requests->len, ==, 1);
      g_ptr_array_set_size (fixture->requests, 0);
      g_clear_pointer (&fixture->headers, g_free);
      g_clear_pointer (&fixture->witness, witness_free);
    }

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      add (fixture, "ws://127.0.0.1:{}/a", statuses[i], "Location: /b\r\n", 5);
      WAIT_FOR (fixture->witness->n_opened == 1);
      g_assert_cmpuint (fixture->requests->len, ==, 2);
      g_ptr_array_set_size (fixture->requests, 0);
      g_clear_pointer (&fixture->headers, g_free);
      g_clear_pointer (&fixture->witness, witness_free);
    }
}

static void
test_loop (Fixture       *fixture,
           gconstpointer  data)
{
  fixture->is_endless = TRUE;
  add (fixture, "ws://127.0.0.1:{}/a", 302, "Location: /a\r\n", 3);
  WAIT_FOR (fixture->witness->n_ended == 1);
  assert_failed (fixture, 302, "3 in a row were followed already; see max-redirects");
  g_assert_cmpuint (fixture->requests->len, ==, 4);
  matrix_measured ("F12", "in a loop, 3 allowed: failed after 4 requests");
}

/* However long the way, there is one deadline. */
static void
test_late (Fixture       *fixture,
           gconstpointer  data)
{
  gint64 begin_us;
  double took_ms;
  WsmConnection *feed;

  fixture->is_silent = TRUE;
  feed = add (fixture, "ws://127.0.0.1:{}/a", 302, "", 5);
  wsm_connection_set_connect_timeout (feed, CONNECT_TIMEOUT_MS);
  begin_us = g_get_monotonic_time ();
  WAIT_FOR (fixture->requests->len == 1);
  test_loop_run_ms (CONNECT_TIMEOUT_MS / 2);
  raw_peer_write_text (raw_server_get_peer (fixture->server),
                       "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n");
  WAIT_FOR (fixture->requests->len == 2);
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (feed)), ==,
                   WSM_REASON_CODE_REDIRECT);
  WAIT_FOR (witness_is_in (fixture->witness, WSM_STATE_WAITING));
  took_ms = test_loop_ms_since (begin_us);
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (feed)), ==,
                   WSM_REASON_CODE_TIMED_OUT);
  g_assert_cmpfloat (took_ms, >=, CONNECT_TIMEOUT_MS);
  g_assert_cmpfloat (took_ms, <, CONNECT_TIMEOUT_MS + DEADLINE_SLACK_MS);

  /* The next attempt begins where the app said. */
  WAIT_FOR (fixture->requests->len == 3);
  g_assert_true (g_str_has_prefix (g_ptr_array_index (fixture->requests, 2), "GET /a "));
  matrix_measured ("F12", "to a place that is silent: timed out after %.0f ms of %d in all",
                   took_ms, CONNECT_TIMEOUT_MS);
}

int
main (int    argc,
      char **argv)
{
  static const guint statuses[] = { 301, 302, 307 };

  g_test_init (&argc, &argv, NULL);

#define ADD(data, func, format, ...) \
  G_STMT_START { \
    g_autofree char *path = g_strdup_printf ("/matrix/f12-" format, __VA_ARGS__); \
    g_test_add (path, Fixture, data, set_up, test_##func, tear_down); \
  } G_STMT_END

  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    ADD (GUINT_TO_POINTER (statuses[i]), not_allowed, "does-not-follow-%u", statuses[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (followed); i++)
    ADD (&followed[i], followed, "follows-to-%s", followed[i].name);
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    ADD (&refused[i], refused, "does-not-follow-to-%s", refused[i].name);
  ADD (NULL, each_status, "follows-%s", "those-that-say-where");
  ADD (NULL, loop, "ends-%s", "a-loop");
  ADD (NULL, late, "is-within-%s", "one-deadline");

#undef ADD

  return g_test_run ();
}
