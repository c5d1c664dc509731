/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-process.h"
#include "transport-client.h"

static void
test_aborts_a_stalled_handshake (Fixture       *fixture,
                                 gconstpointer  data)
{
  Client *client = NULL;
  guint n_sockets = test_process_count_sockets ();

  fixture_use_raw_server (fixture, fixture_raw_silent_cb);
  client = client_new (fixture);
  client_open (client, fixture);
  WAIT_FOR (raw_server_get_n_peers (fixture->raw) == 1);
  wsm_transport_abort (client->transport);
  wsm_transport_abort (client->transport);
  WAIT_WITHIN (client->n_ended == 1, RELEASE_MS);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_ABORTED);
  client_drop (client);
  WAIT_WITHIN (client->alive == NULL, RELEASE_MS);
  WAIT_WITHIN (raw_peer_is_finished (raw_server_get_peer (fixture->raw)), RELEASE_MS);
  g_assert_cmpstr (client->log->str, ==, "ended ");
  g_clear_pointer (&fixture->raw, raw_server_free);
  WAIT_WITHIN (test_process_count_sockets () == n_sockets, RELEASE_MS);

  client_free (client);
}

static void
test_says_nothing_once_let_go (Fixture       *fixture,
                               gconstpointer  data)
{
  Client *client = fixture_open_raw_client (fixture);
  RawPeer *peer = raw_server_get_peer (fixture->raw);

  raw_peer_write_frame (peer, 0x81, "x", 1);
  wsm_transport_ping (client->transport, "p");
  wsm_transport_let_go (client->transport);
  wsm_transport_abort (client->transport);
  g_clear_object (&client->transport);
  WAIT_WITHIN (client->alive == NULL, RELEASE_MS);
  loop_run_for (20);
  g_assert_cmpstr (client->log->str, ==, "opened ");

  client_free (client);
}

static void
send_much (Client *client)
{
  g_autofree char *data = g_strnfill (1024 * 1024, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_steal_pointer (&data), 1024 * 1024);

  for (guint i = 0; i < 32; i++)
    wsm_transport_send (client->transport, SOUP_WEBSOCKET_DATA_BINARY, bytes);
}

static void
test_aborts_with_full_buffers (Fixture       *fixture,
                               gconstpointer  data)
{
  gboolean with_tls = GPOINTER_TO_INT (data);
  guint n_sockets = test_process_count_sockets ();
  Client *client = NULL;
  WsmWireState state;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  if (with_tls)
    fixture_use_tls (fixture);
  client = fixture_open_raw_client (fixture);
  raw_peer_stop_reading (raw_server_get_peer (fixture->raw));
  send_much (client);
  loop_run_for (50);
  g_assert_cmpuint (client->n_drained, ==, 0);
  wsm_transport_query_wire (client->transport, &state);
  if (state.has_counters)
    g_assert_cmpuint (state.n_bytes_unacked, >, 0);

  wsm_transport_let_go (client->transport);
  wsm_transport_abort (client->transport);
  g_clear_object (&client->transport);
  WAIT_WITHIN (client->alive == NULL, RELEASE_MS);

  /* What is left are the server's own two, and they are closed with it. */
  WAIT_WITHIN (test_process_count_sockets () <= n_sockets + 2, RELEASE_MS);
  client_free (client);
}

/* Left alone, libsoup would stay in this state for ever. */
static void
test_ends_on_an_error_with_full_buffers (Fixture       *fixture,
                                         gconstpointer  data)
{
  gboolean with_tls = GPOINTER_TO_INT (data);
  Client *client = NULL;
  guint n_sockets;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  if (with_tls)
    fixture_use_tls (fixture);
  client = fixture_open_raw_client (fixture);
  n_sockets = test_process_count_sockets ();
  raw_peer_stop_reading (raw_server_get_peer (fixture->raw));
  send_much (client);
  loop_run_for (20);
  raw_peer_write (raw_server_get_peer (fixture->raw), "\x81\x81\1\2\3\4\5", 7);
  WAIT_WITHIN (client->n_ended == 1, 500);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_PROTOCOL);
  WAIT_WITHIN (test_process_count_sockets () == n_sockets - 1, RELEASE_MS);

  client_free (client);
}

/* TLS says good-bye before the stream is closed, to somebody who does not listen. */
static void
test_ends_with_the_stream_with_full_buffers (Fixture       *fixture,
                                             gconstpointer  data)
{
  gboolean says_so = GPOINTER_TO_INT (data);
  Client *client = NULL;
  RawPeer *peer;
  guint n_sockets;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  fixture_use_tls (fixture);
  client = fixture_open_raw_client (fixture);
  peer = raw_server_get_peer (fixture->raw);
  n_sockets = test_process_count_sockets ();
  raw_peer_stop_reading (peer);
  send_much (client);
  loop_run_for (20);
  if (says_so)
    raw_peer_write_close (peer, 1001, NULL);
  raw_peer_fall_silent (peer);
  WAIT_WITHIN (client->n_ended == 1, 500);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==,
                   says_so ? WSM_REASON_CODE_PEER_CLOSED : WSM_REASON_CODE_END_OF_STREAM);
  WAIT_WITHIN (test_process_count_sockets () == n_sockets - 1, RELEASE_MS);

  client_free (client);
}

static void
test_aborts_a_close_that_stalls (Fixture       *fixture,
                                 gconstpointer  data)
{
  gboolean with_tls = GPOINTER_TO_INT (data);
  Client *client = NULL;
  guint n_sockets;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  if (with_tls)
    fixture_use_tls (fixture);
  client = fixture_open_raw_client (fixture);
  n_sockets = test_process_count_sockets ();
  raw_peer_stop_reading (raw_server_get_peer (fixture->raw));
  send_much (client);
  wsm_transport_close (client->transport, 1000, NULL);
  loop_run_for (20);
  g_assert_cmpuint (client->n_ended, ==, 0);
  wsm_transport_abort (client->transport);
  WAIT_WITHIN (client->n_ended == 1, RELEASE_MS);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_ABORTED);
  WAIT_WITHIN (test_process_count_sockets () == n_sockets - 1, RELEASE_MS);

  client_free (client);
}

/* Dropped after each number of turns, with and without an abort: every point of a handshake and
 * of an open connection is hit. */
static void
test_can_be_dropped_at_any_point (Fixture       *fixture,
                                  gconstpointer  data)
{
  guint n_sockets;

  fixture_use_raw_server (fixture, fixture_raw_glue_cb);
  n_sockets = test_process_count_sockets ();
  for (guint n = 0; n < 60; n++)
    {
      Client *client = client_new (fixture);
      guint n_peers = raw_server_get_n_peers (fixture->raw);

      client_open (client, fixture);
      for (guint i = 0; i < n / 2; i++)
        g_main_context_iteration (NULL, FALSE);

      if (n % 2 == 0)
        wsm_transport_abort (client->transport);
      client_drop (client);
      client_free (client);

      if (raw_server_get_n_peers (fixture->raw) > n_peers)
        raw_peer_finish (raw_server_get_peer (fixture->raw));
    }

  /* Some connections were on their way when they were dropped: the server still takes them. */
  for (guint i = 0; i < 100; i++)
    {
      loop_turn ();
      if (raw_server_get_n_peers (fixture->raw) > 0)
        raw_peer_finish (raw_server_get_peer (fixture->raw));
    }
  g_clear_pointer (&fixture->raw, raw_server_free);
  WAIT_WITHIN (test_process_count_sockets () <= n_sockets, RELEASE_MS);
}

static void
test_can_be_dropped_unused (Fixture       *fixture,
                            gconstpointer  data)
{
  Client *client = client_new (fixture);
  WsmWireState state;

  wsm_transport_query_wire (client->transport, &state);
  g_assert_false (state.readable);
  g_assert_false (state.has_counters);
  client_send_text (client, "nowhere");
  wsm_transport_ping (client->transport, "nowhere");
  wsm_transport_abort (client->transport);
  client_free (client);
}

#define ADD(path, func, data) \
  g_test_add ("/soup-transport-release/" path, Fixture, data, fixture_set_up, func, \
              fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_warm_up ();

  ADD ("aborts-a-stalled-handshake", test_aborts_a_stalled_handshake, NULL);
  ADD ("says-nothing-once-let-go", test_says_nothing_once_let_go, NULL);
  ADD ("aborts-with-full-buffers", test_aborts_with_full_buffers, GINT_TO_POINTER (FALSE));
  ADD ("aborts-with-full-buffers-on-tls", test_aborts_with_full_buffers, GINT_TO_POINTER (TRUE));
  ADD ("ends-on-an-error-with-full-buffers", test_ends_on_an_error_with_full_buffers,
       GINT_TO_POINTER (FALSE));
  ADD ("ends-on-an-error-with-full-buffers-on-tls", test_ends_on_an_error_with_full_buffers,
       GINT_TO_POINTER (TRUE));
  ADD ("ends-with-the-stream-with-full-buffers-on-tls",
       test_ends_with_the_stream_with_full_buffers, GINT_TO_POINTER (FALSE));
  ADD ("ends-with-a-close-with-full-buffers-on-tls",
       test_ends_with_the_stream_with_full_buffers, GINT_TO_POINTER (TRUE));
  ADD ("aborts-a-close-that-stalls", test_aborts_a_close_that_stalls, GINT_TO_POINTER (FALSE));
  ADD ("aborts-a-close-that-stalls-on-tls", test_aborts_a_close_that_stalls,
       GINT_TO_POINTER (TRUE));
  ADD ("can-be-dropped-at-any-point", test_can_be_dropped_at_any_point, NULL);
  ADD ("can-be-dropped-unused", test_can_be_dropped_unused, NULL);

  return g_test_run ();
}
