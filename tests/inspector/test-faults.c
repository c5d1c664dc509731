/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-names.h"
#include "wsi-fault-proxy.h"
#include "wsi-faults.h"
#include "wsi-pong-filter.h"

#include <string.h>
#include <wsm-echo.h>

/* What goes wrong on purpose, on real sockets, and only there and then. */

#define DEADLINE_S 20

typedef struct
{
  WsmEchoServer *server;     /* (owned) */
  WsmPool *pool;             /* (owned) */
  WsmConnection *connection; /* (unowned) */
  WsiFaults *faults;         /* (unowned) */
} Fixture;

static gboolean
deadline_cb (gpointer user_data)
{
  g_error ("waited in vain for: %s", (const char *) user_data);

  return G_SOURCE_REMOVE;
}

#define WAIT_FOR(condition) \
  G_STMT_START \
  { \
    guint deadline_id = g_timeout_add_seconds (DEADLINE_S, deadline_cb, (gpointer) #condition); \
    while (!(condition)) \
      g_main_context_iteration (NULL, TRUE); \
    g_source_remove (deadline_id); \
  } \
  G_STMT_END

static WsmState
state_of (Fixture *fixture)
{
  return wsm_connection_get_state (fixture->connection);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  user_data)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autoptr (WsmConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL;

  fixture->server = wsm_echo_server_new ();
  wsm_echo_server_add_path (fixture->server, "/feed");
  wsm_echo_server_start (fixture->server, &error);
  g_assert_no_error (error);
  uri = wsm_echo_server_dup_uri (fixture->server, "/feed");

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "interval", 100, "timeout", 300,
                            "max-missed", 100, "jitter", 0.0, NULL);
  connection = wsm_connection_new (uri);
  wsm_connection_set_heartbeat (connection, heartbeat);

  fixture->pool = wsm_pool_new ();
  wsi_faults_prepare_pool (fixture->pool);
  fixture->faults = wsi_faults_get (connection);
  g_assert_true (fixture->faults == wsi_faults_get (connection));
  wsm_pool_add_connection (fixture->pool, connection, &error);
  g_assert_no_error (error);
  fixture->connection = connection;
  wsm_connection_open (connection, &error);
  g_assert_no_error (error);
  WAIT_FOR (state_of (fixture) == WSM_STATE_OPEN);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  user_data)
{
  gpointer pool = fixture->pool;

  g_object_add_weak_pointer (G_OBJECT (fixture->pool), &pool);
  g_object_unref (fixture->pool);
  WAIT_FOR (pool == NULL);
  wsm_echo_server_stop (fixture->server);
  g_clear_object (&fixture->server);
}

static guint
count_answers (Fixture *fixture)
{
  return (guint) wsm_connection_get_n_beats_answered (fixture->connection);
}

static void
test_a_line_without_faults (Fixture       *fixture,
                            gconstpointer  user_data)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_false (wsi_faults_get_active (fixture->faults));
  WAIT_FOR (count_answers (fixture) >= 3);
  g_assert_cmpuint (wsm_connection_get_n_reconnects (fixture->connection), ==, 0);

  /* More than any buffer on the way holds. */
  for (guint i = 0; i < 10000; i++)
    g_string_append (text, "0123456789");
  wsm_connection_set_outbox_limit (fixture->connection, 8 * 1024 * 1024);
  for (guint i = 0; i < 40; i++)
    {
      g_autoptr (GError) error = NULL;

      wsm_connection_send_text (fixture->connection, text->str, &error);
      g_assert_no_error (error);
    }
  WAIT_FOR (wsm_connection_get_n_messages_received (fixture->connection) == 40);
  g_assert_cmpuint (wsm_connection_get_n_bytes_received (fixture->connection), ==, 40 * text->len);
}

static void
test_dropped_pongs_are_missed (Fixture       *fixture,
                               gconstpointer  user_data)
{
  guint n_answers;
  g_autoptr (GError) error = NULL;

  wsi_faults_set_drop_pongs (fixture->faults, TRUE);
  g_assert_true (wsi_faults_get_active (fixture->faults));
  WAIT_FOR (state_of (fixture) == WSM_STATE_SUSPECT);

  /* All else still comes. */
  wsm_connection_send_text (fixture->connection, "still there?", &error);
  g_assert_no_error (error);
  WAIT_FOR (wsm_connection_get_n_messages_received (fixture->connection) == 1);

  wsi_faults_set_drop_pongs (fixture->faults, FALSE);
  n_answers = count_answers (fixture);
  WAIT_FOR (count_answers (fixture) > n_answers);
  WAIT_FOR (state_of (fixture) == WSM_STATE_OPEN);
  g_assert_cmpuint (wsm_connection_get_n_reconnects (fixture->connection), ==, 0);
}

static void
test_silence_and_its_end (Fixture       *fixture,
                          gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  wsi_faults_set_silent (fixture->faults, TRUE);
  WAIT_FOR (state_of (fixture) == WSM_STATE_SUSPECT);
  wsm_connection_send_text (fixture->connection, "later", &error);
  g_assert_no_error (error);
  wsm_echo_path_broadcast_text (wsm_echo_server_lookup_path (fixture->server, "/feed"), "too");
  WAIT_FOR (wsm_connection_get_n_missed (fixture->connection) >= 3);
  g_assert_cmpuint (wsm_connection_get_n_messages_received (fixture->connection), ==, 0);

  /* As after a cable: what waited arrives. */
  wsi_faults_set_silent (fixture->faults, FALSE);
  WAIT_FOR (state_of (fixture) == WSM_STATE_OPEN);
  WAIT_FOR (wsm_connection_get_n_messages_received (fixture->connection) == 2);
  g_assert_cmpuint (wsm_connection_get_n_reconnects (fixture->connection), ==, 0);
}

static void
test_abort_while_silent (Fixture       *fixture,
                         gconstpointer  user_data)
{
  wsi_faults_set_silent (fixture->faults, TRUE);
  wsm_connection_abort (fixture->connection);
  WAIT_FOR (state_of (fixture) == WSM_STATE_CLOSED);

  /* And the next socket is silent from the beginning. */
  wsm_connection_retry_now (fixture->connection);
  WAIT_FOR (state_of (fixture) == WSM_STATE_CONNECTING);
  wsi_faults_set_silent (fixture->faults, FALSE);
  WAIT_FOR (state_of (fixture) == WSM_STATE_OPEN);
}

static void
test_delay_is_in_the_round_trip (Fixture       *fixture,
                                 gconstpointer  user_data)
{
  WsmLatency *latency = wsm_connection_get_latency (fixture->connection);
  double last = 0;

  WAIT_FOR (count_answers (fixture) >= 2);
  g_object_get (latency, "last", &last, NULL);
  g_assert_cmpfloat (last, <, 100);

  wsi_faults_set_delay (fixture->faults, 150);
  WAIT_FOR ((g_object_get (wsm_connection_get_latency (fixture->connection), "last", &last, NULL),
             last >= 150));
  g_assert_cmpuint (wsm_connection_get_n_reconnects (fixture->connection), ==, 0);
}

static void
test_end_of_the_server_is_seen (Fixture       *fixture,
                                gconstpointer  user_data)
{
  wsm_echo_server_stop (fixture->server);
  WAIT_FOR (state_of (fixture) == WSM_STATE_WAITING);
}

/* Nobody asked for a proxy, so nobody hears of one. */
static void
test_errors_are_those_of_the_host (Fixture       *fixture,
                                   gconstpointer  user_data)
{
  static const char * const uris[] = { "ws://127.0.0.1:1/", "ws://" TEST_UNKNOWN_HOST "/" };
  static const WsmReasonCode codes[] = { WSM_REASON_CODE_REFUSED, WSM_REASON_CODE_RESOLVE };

  for (gsize i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autoptr (GError) error = NULL;
      WsmConnection *connection = wsm_pool_add (fixture->pool, uris[i], &error);
      const WsmReason *reason;

      g_assert_no_error (error);
      g_assert_true (wsm_connection_open (connection, &error));
      WAIT_FOR (wsm_connection_get_state (connection) == WSM_STATE_WAITING);
      reason = wsm_connection_get_reason (connection);
      g_assert_cmpuint (wsm_reason_get_code (reason), ==, codes[i]);
      g_assert_null (strstr (wsm_reason_get_detail (reason), "proxy"));
    }
}

static void
notified_cb (GObject    *object,
             GParamSpec *pspec,
             gpointer    user_data)
{
  (*(guint *) user_data)++;
}

static void
test_equal_values_do_not_notify (Fixture       *fixture,
                                 gconstpointer  user_data)
{
  guint n_notified = 0;

  g_signal_connect (fixture->faults, "notify", G_CALLBACK (notified_cb), &n_notified);
  wsi_faults_set_delay (fixture->faults, 0);
  wsi_faults_set_silent (fixture->faults, FALSE);
  wsi_faults_set_drop_pongs (fixture->faults, FALSE);
  g_assert_cmpuint (n_notified, ==, 0);
  wsi_faults_set_delay (fixture->faults, 10);
  g_assert_cmpuint (n_notified, ==, 2); /* delay and active */
  g_signal_handlers_disconnect_by_data (fixture->faults, &n_notified);
}

static void
assert_passes (gsize     piece,
               gboolean  drop_pongs,
               GBytes   *in,
               GBytes   *out)
{
  g_autoptr (WsiPongFilter) filter = wsi_pong_filter_new ();
  g_autoptr (GByteArray) passed = g_byte_array_new ();
  gsize length;
  const guint8 *data = g_bytes_get_data (in, &length);

  for (gsize i = 0; i < length; i += piece)
    wsi_pong_filter_pass (filter, data + i, MIN (piece, length - i), drop_pongs, passed);
  g_assert_cmpmem (passed->data, passed->len, g_bytes_get_data (out, NULL),
                   g_bytes_get_size (out));
}

static GBytes *
join (const char *first,
      ...)
{
  GByteArray *bytes = g_byte_array_new ();
  va_list arguments;

  va_start (arguments, first);
  for (const char *text = first; text != NULL; text = va_arg (arguments, const char *))
    g_byte_array_append (bytes, (const guint8 *) text, (guint) va_arg (arguments, int));
  va_end (arguments);

  return g_byte_array_free_to_bytes (bytes);
}

#define PIECE(text) text, (int) (sizeof text - 1)
#define RESPONSE PIECE ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n")
#define PONG PIECE ("\x8a\x04ping")
#define EMPTY_PONG PIECE ("\x8a\x00")
#define PING PIECE ("\x89\x01x")
#define TEXT PIECE ("\x81\x03\x8a\x04z")

static void
test_filter (void)
{
  g_autofree char *zeros = g_malloc0 (70000);
  g_autoptr (GBytes) in = NULL;
  g_autoptr (GBytes) out = NULL;

  in = join (PIECE ("HTTP/1.1 100 Continue\r\n\r\n"), RESPONSE, PONG, TEXT, EMPTY_PONG,
             PIECE ("\x82\x7e\x01\x00"), zeros, 256, PONG,
             PIECE ("\x82\x7f\0\0\0\0\0\x01\0\0"), zeros, 65536, PONG, PING, NULL);
  out = join (PIECE ("HTTP/1.1 100 Continue\r\n\r\n"), RESPONSE, TEXT,
              PIECE ("\x82\x7e\x01\x00"), zeros, 256,
              PIECE ("\x82\x7f\0\0\0\0\0\x01\0\0"), zeros, 65536, PING, NULL);

  for (gsize piece = 1; piece < 20; piece++)
    {
      assert_passes (piece, TRUE, in, out);
      assert_passes (piece, FALSE, in, in);
    }
  assert_passes (100000, TRUE, in, out);
}

static void
test_filter_leaves_alone_what_it_does_not_know (void)
{
  g_autoptr (GBytes) refusal = join (PIECE ("HTTP/1.1 503 No\r\n\r\n"), PONG, NULL);
  g_autoptr (GBytes) tls = join (PIECE ("\x16\x03\x03\x00\x7a\r\n\r\n"), PONG, NULL);

  assert_passes (1, TRUE, refusal, refusal);
  assert_passes (1, TRUE, tls, tls);
}

/* A system with proxies for some. */
static void
test_system_proxies_stay (void)
{
  g_autoptr (GProxyResolver) system = NULL;
  g_autoptr (GProxyResolver) resolver = NULL;
  const char *ignored[] = { "localhost", "::1", NULL };
  const char * const cases[][2] = {
    { "ws://example.com/", "http://proxy.example.com:3128" },
    { "ws://localhost:8000", "wsi-fault://127.0.0.1:" },
    { "ws://[::1]:8000", "wsi-fault://127.0.0.1:" },
  };

  system = g_simple_proxy_resolver_new ("http://proxy.example.com:3128", (char **) ignored);
  resolver = wsi_fault_resolver_new (system);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) proxies = NULL;
      g_autoptr (GError) error = NULL;

      proxies = g_proxy_resolver_lookup (resolver, cases[i][0], NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (g_strv_length (proxies), ==, 1);
      g_assert_true (g_str_has_prefix (proxies[0], cases[i][1]));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/faults/" path, Fixture, NULL, set_up, function, tear_down)

  ADD ("a-line-without-faults", test_a_line_without_faults);
  ADD ("dropped-pongs-are-missed", test_dropped_pongs_are_missed);
  ADD ("silence-and-its-end", test_silence_and_its_end);
  ADD ("abort-while-silent", test_abort_while_silent);
  ADD ("delay-is-in-the-round-trip", test_delay_is_in_the_round_trip);
  ADD ("end-of-the-server-is-seen", test_end_of_the_server_is_seen);
  ADD ("errors-are-those-of-the-host", test_errors_are_those_of_the_host);
  ADD ("equal-values-do-not-notify", test_equal_values_do_not_notify);

#undef ADD

  g_test_add_func ("/faults/filter", test_filter);
  g_test_add_func ("/faults/filter-leaves-alone-what-it-does-not-know",
                   test_filter_leaves_alone_what_it_does_not_know);
  g_test_add_func ("/faults/system-proxies-stay", test_system_proxies_stay);

  return g_test_run ();
}
