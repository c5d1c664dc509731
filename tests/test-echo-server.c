/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "echo-fixture.h"
#include "test-process.h"

#include <string.h>

static void
test_echoes_text_and_binary (EchoFixture   *fixture,
                             gconstpointer  user_data)
{
  echo_fixture_open_client (fixture);
  echo_fixture_send_text (fixture, "one");
  soup_websocket_connection_send_binary (fixture->client, "two", 3);
  soup_websocket_connection_close (fixture->client, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
  echo_fixture_wait_for (fixture, echo_fixture_is_server_closed);
  echo_fixture_wait_for (fixture, echo_fixture_is_client_closed);

  echo_fixture_assert_received (fixture, "one;two;");
  g_assert_cmpuint (fixture->server_close_code, ==, SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
  g_assert_cmpuint (fixture->n_server_messages, ==, 2);
  g_assert_cmpuint (echo_fixture_count (fixture, "n-messages"), ==, 2);
  g_assert_cmpuint (echo_fixture_count (fixture, "n-opened"), ==, 1);
  g_assert_cmpuint (echo_fixture_count (fixture, "n-connections"), ==, 0);
  g_assert_cmpuint (echo_fixture_count (fixture, "n-handshakes"), ==, 1);
}

static void
test_echoes_what_does_not_fit_the_socket (EchoFixture   *fixture,
                                          gconstpointer  user_data)
{
  gsize size = 16 * 1024 * 1024;
  g_autofree char *large = g_malloc (size);

  echo_fixture_open_client (fixture);
  soup_websocket_connection_set_max_incoming_payload_size (fixture->client, 2 * size);
  memset (large, 'x', size);
  soup_websocket_connection_send_binary (fixture->client, large, size);
  echo_fixture_wait_for (fixture, echo_fixture_has_message);

  g_assert_cmpuint (fixture->received->len, ==, size + 1);
  g_assert_cmpint (memcmp (fixture->received->str, large, size), ==, 0);
}

static void
test_counts_pings (EchoFixture   *fixture,
                   gconstpointer  user_data)
{
  echo_fixture_open_client (fixture);
  echo_fixture_send_text (fixture, "one");
  echo_fixture_send_ping (fixture);
  echo_fixture_send_text (fixture, "two");
  echo_fixture_wait_for (fixture, echo_fixture_has_pong);
  echo_fixture_wait_for (fixture, echo_fixture_has_server_ping);

  g_assert_cmpuint (echo_fixture_count (fixture, "n-pings"), ==, 1);
  g_assert_cmpuint (fixture->n_pongs, ==, 1);
}

static void
test_refuses_unknown_paths (EchoFixture   *fixture,
                            gconstpointer  user_data)
{
  echo_fixture_begin_connect (fixture, ECHO_FIXTURE_PATH "/below");
  echo_fixture_wait_for (fixture, echo_fixture_is_connect_done);

  g_assert_error (fixture->connect_error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_ERROR_NOT_WEBSOCKET);
  g_assert_cmpuint (soup_message_get_status (fixture->message), ==, SOUP_STATUS_NOT_FOUND);
  g_assert_cmpuint (echo_fixture_count (fixture, "n-handshakes"), ==, 0);
}

static void
test_starts_again_on_the_same_port (EchoFixture   *fixture,
                                    gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  guint port = wsm_echo_server_get_port (fixture->server);

  echo_fixture_open_client (fixture);
  wsm_echo_server_stop (fixture->server);
  g_assert_cmpuint (fixture->n_server_closed, ==, 1);
  g_assert_false (wsm_echo_server_get_running (fixture->server));
  echo_fixture_wait_for (fixture, echo_fixture_is_client_closed);
  g_clear_object (&fixture->client);

  echo_fixture_begin_connect (fixture, ECHO_FIXTURE_PATH);
  echo_fixture_wait_for (fixture, echo_fixture_is_connect_done);
  g_assert_error (fixture->connect_error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);

  wsm_echo_server_start (fixture->server, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (wsm_echo_server_get_port (fixture->server), ==, port);

  fixture->n_client_closed = 0;
  echo_fixture_open_client (fixture);
  echo_fixture_send_text (fixture, "again");
  echo_fixture_wait_for (fixture, echo_fixture_has_message);
  echo_fixture_assert_received (fixture, "again;");
}

static void
test_start_fails_when_the_port_is_taken (EchoFixture   *fixture,
                                         gconstpointer  user_data)
{
  g_autoptr (WsmEchoServer) other = wsm_echo_server_new ();
  g_autoptr (GError) error = NULL;

  wsm_echo_server_set_port (other, wsm_echo_server_get_port (fixture->server));
  g_assert_false (wsm_echo_server_start (other, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_false (wsm_echo_server_get_running (other));
}

static void
stop_cb (WsmEchoServer *server)
{
  wsm_echo_server_stop (server);
}

static void
test_may_be_stopped_in_any_signal (EchoFixture   *fixture,
                                   gconstpointer  user_data)
{
  g_signal_connect (fixture->server, user_data, G_CALLBACK (stop_cb), NULL);
  g_object_set (fixture->path, "drop-after", 1, NULL);

  echo_fixture_begin_connect (fixture, ECHO_FIXTURE_PATH);
  echo_fixture_wait_for (fixture, echo_fixture_is_server_open);
  echo_fixture_wait_for (fixture, echo_fixture_is_connect_done);
  if (fixture->client != NULL && !echo_fixture_is_client_closed (fixture))
    echo_fixture_send_text (fixture, "stop");
  echo_fixture_wait_for (fixture, echo_fixture_is_server_closed);

  g_assert_false (wsm_echo_server_get_running (fixture->server));
  g_assert_cmpuint (fixture->n_server_closed, ==, 1);
}

static void
test_stop_leaves_no_descriptor (void)
{
  guint n_before = 0;

  /* The first round opens what GLib and libsoup keep for ever. */
  for (guint round = 0; round < 3; round++)
    {
      EchoFixture fixture = { NULL };

      echo_fixture_set_up (&fixture, NULL);
      echo_fixture_open_client (&fixture);
      g_object_set (fixture.path, "mute", round == 1, "late", round == 2 ? 60000 : 0, NULL);
      echo_fixture_send_text (&fixture, "lost");
      echo_fixture_wait_for (&fixture, echo_fixture_has_server_message);
      echo_fixture_tear_down (&fixture, NULL);

      if (round > 0)
        g_assert_cmpuint (test_process_count_files (), ==, n_before);
      n_before = test_process_count_files ();
    }
}

static void
test_paths_are_kept (EchoFixture   *fixture,
                     gconstpointer  user_data)
{
  g_autofree char *uri = wsm_echo_server_dup_uri (fixture->server, "/feed");
  g_autofree char *expected = NULL;

  g_assert_true (wsm_echo_server_add_path (fixture->server, "/feed") == fixture->path);
  g_assert_true (wsm_echo_server_lookup_path (fixture->server, "/feed") == fixture->path);
  g_assert_null (wsm_echo_server_lookup_path (fixture->server, "/other"));
  g_assert_cmpstr (wsm_echo_path_get_name (fixture->path), ==, "/feed");

  expected = g_strdup_printf ("ws://127.0.0.1:%u/feed", wsm_echo_server_get_port (fixture->server));
  g_assert_cmpstr (uri, ==, expected);
}

#define ADD(name, function, data) \
  g_test_add ("/echo-server/" name, EchoFixture, data, \
              echo_fixture_set_up, function, echo_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("echoes-text-and-binary", test_echoes_text_and_binary, NULL);
  ADD ("echoes-what-does-not-fit-the-socket", test_echoes_what_does_not_fit_the_socket, NULL);
  ADD ("counts-pings", test_counts_pings, NULL);
  ADD ("refuses-unknown-paths", test_refuses_unknown_paths, NULL);
  ADD ("starts-again-on-the-same-port", test_starts_again_on_the_same_port, NULL);
  ADD ("start-fails-when-the-port-is-taken", test_start_fails_when_the_port_is_taken, NULL);
  ADD ("may-be-stopped-when-opened", test_may_be_stopped_in_any_signal, "opened");
  ADD ("may-be-stopped-when-a-message-is-received", test_may_be_stopped_in_any_signal,
       "message-received");
  ADD ("may-be-stopped-when-closed", test_may_be_stopped_in_any_signal, "closed");
  g_test_add_func ("/echo-server/stop-leaves-no-descriptor", test_stop_leaves_no_descriptor);
  ADD ("paths-are-kept", test_paths_are_kept, NULL);

  return g_test_run ();
}
