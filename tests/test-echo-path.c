/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "echo-fixture.h"

#include <string.h>

static void
test_mute_acts_on_open_connections (EchoFixture   *fixture,
                                    gconstpointer  user_data)
{
  echo_fixture_open_client (fixture);
  g_object_set (fixture->path, "mute", TRUE, NULL);
  echo_fixture_send_text (fixture, "unheard");
  echo_fixture_send_ping (fixture);
  echo_fixture_wait_for (fixture, echo_fixture_has_server_message);
  echo_fixture_wait_for (fixture, echo_fixture_has_server_ping);
  g_assert_cmpuint (fixture->n_pongs, ==, 0);

  g_object_set (fixture->path, "mute", FALSE, NULL);
  echo_fixture_send_text (fixture, "heard");
  echo_fixture_wait_for (fixture, echo_fixture_has_message);

  echo_fixture_assert_received (fixture, "heard;");
  g_assert_cmpuint (fixture->n_pongs, ==, 0);
}

static void
test_mute_does_not_answer_a_close (EchoFixture   *fixture,
                                   gconstpointer  user_data)
{
  echo_fixture_open_client (fixture);
  g_object_set (fixture->path, "mute", TRUE, NULL);
  echo_fixture_send_text (fixture, "one");
  echo_fixture_wait_for (fixture, echo_fixture_has_server_message);
  soup_websocket_connection_close (fixture->client, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);

  /* What is sent over loopback is there at once: when nothing is left to do, the close was read. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (fixture->n_client_closed, ==, 0);
  g_assert_cmpuint (echo_fixture_count (fixture, "n-connections"), ==, 1);

  echo_fixture_shut_client_down (fixture);
  echo_fixture_wait_for (fixture, echo_fixture_is_client_closed);
  echo_fixture_wait_for (fixture, echo_fixture_has_no_connection);
  g_assert_cmpuint (soup_websocket_connection_get_close_code (fixture->client), ==, 0);
  g_assert_cmpuint (fixture->server_close_code, ==, SOUP_WEBSOCKET_CLOSE_NORMAL);
}

static void
test_mute_after_counts_from_the_open (EchoFixture   *fixture,
                                      gconstpointer  user_data)
{
  gint64 opened_us;

  g_object_set (fixture->path, "mute-after", 100, NULL);
  echo_fixture_open_client (fixture);
  opened_us = g_get_monotonic_time ();

  /* Echoes for as long as it is not mute. */
  do
    {
      guint n_before = fixture->n_server_messages;

      g_string_truncate (fixture->received, 0);
      echo_fixture_send_text (fixture, "x");
      while (fixture->n_server_messages == n_before)
        g_main_context_iteration (NULL, TRUE);
      while (g_main_context_iteration (NULL, FALSE))
        continue;
    }
  while (echo_fixture_has_message (fixture));

  g_assert_cmpint (g_get_monotonic_time () - opened_us, >=, 90 * 1000);
}

static void
test_late_acts_on_open_connections (EchoFixture   *fixture,
                                    gconstpointer  user_data)
{
  gint64 sent_us;

  echo_fixture_open_client (fixture);
  g_object_set (fixture->path, "late", 120, NULL);

  sent_us = g_get_monotonic_time ();
  echo_fixture_send_text (fixture, "text");
  echo_fixture_wait_for (fixture, echo_fixture_has_message);
  g_assert_cmpint (g_get_monotonic_time () - sent_us, >=, 120 * 1000);

  sent_us = g_get_monotonic_time ();
  echo_fixture_send_ping (fixture);
  echo_fixture_wait_for (fixture, echo_fixture_has_pong);
  g_assert_cmpint (g_get_monotonic_time () - sent_us, >=, 120 * 1000);

  g_object_set (fixture->path, "late", 0, NULL);
  g_string_truncate (fixture->received, 0);
  echo_fixture_send_text (fixture, "prompt");
  echo_fixture_wait_for (fixture, echo_fixture_has_message);
  echo_fixture_assert_received (fixture, "prompt;");
}

static gboolean
has_three_messages (EchoFixture *fixture)
{
  return strlen (fixture->received->str) >= strlen ("1;2;3;");
}

static void
test_late_keeps_the_order_when_it_shrinks (EchoFixture   *fixture,
                                           gconstpointer  user_data)
{
  echo_fixture_open_client (fixture);
  g_object_set (fixture->path, "late", 100, NULL);
  echo_fixture_send_text (fixture, "1");
  echo_fixture_send_text (fixture, "2");
  echo_fixture_wait_for (fixture, echo_fixture_has_server_message);
  g_object_set (fixture->path, "late", 0, NULL);
  echo_fixture_send_text (fixture, "3");
  echo_fixture_wait_for (fixture, has_three_messages);

  echo_fixture_assert_received (fixture, "1;2;3;");
}

static void
test_late_close_arrives (EchoFixture   *fixture,
                         gconstpointer  user_data)
{
  gint64 sent_us;

  echo_fixture_open_client (fixture);
  g_object_set (fixture->path, "late", 100, NULL);
  sent_us = g_get_monotonic_time ();
  soup_websocket_connection_close (fixture->client, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  echo_fixture_wait_for (fixture, echo_fixture_is_client_closed);

  g_assert_cmpint (g_get_monotonic_time () - sent_us, >=, 100 * 1000);
  g_assert_cmpuint (soup_websocket_connection_get_close_code (fixture->client), ==,
                    SOUP_WEBSOCKET_CLOSE_NORMAL);
}

static void
test_drop_after_counts_messages_and_pings (EchoFixture   *fixture,
                                           gconstpointer  user_data)
{
  g_object_set (fixture->path, "drop-after", 3, NULL);
  echo_fixture_open_client (fixture);
  echo_fixture_send_text (fixture, "1");
  echo_fixture_send_ping (fixture);
  echo_fixture_send_text (fixture, "3");
  echo_fixture_wait_for (fixture, echo_fixture_is_client_closed);

  /* The last one is still answered; then there is an end of file and nothing else. */
  echo_fixture_assert_received (fixture, "1;3;");
  g_assert_cmpuint (fixture->n_pongs, ==, 1);
  g_assert_no_error (fixture->client_error);
  g_assert_cmpuint (soup_websocket_connection_get_close_code (fixture->client), ==, 0);
  g_assert_cmpuint (fixture->n_server_closed, ==, 1);
  g_assert_cmpuint (fixture->n_server_messages_when_closed, ==, 2);
  g_assert_cmpuint (fixture->server_close_code, ==, SOUP_WEBSOCKET_CLOSE_ABNORMAL);
}

static void
test_drop_after_a_ping (EchoFixture   *fixture,
                        gconstpointer  user_data)
{
  g_object_set (fixture->path, "drop-after", 1, NULL);
  echo_fixture_open_client (fixture);
  echo_fixture_send_ping (fixture);
  echo_fixture_wait_for (fixture, echo_fixture_is_client_closed);

  g_assert_cmpuint (fixture->n_pongs, ==, 1);
}

static void
test_drop_after_ms_counts_from_the_open (EchoFixture   *fixture,
                                         gconstpointer  user_data)
{
  gint64 began_us = g_get_monotonic_time ();

  g_object_set (fixture->path, "drop-after-ms", 80, NULL);
  echo_fixture_open_client (fixture);
  echo_fixture_wait_for (fixture, echo_fixture_is_client_closed);

  g_assert_cmpint (g_get_monotonic_time () - began_us, >=, 80 * 1000);
}

static void
test_drop_all_may_reset (EchoFixture   *fixture,
                         gconstpointer  user_data)
{
  g_object_set (fixture->path, "reset", TRUE, NULL);
  echo_fixture_open_client (fixture);
  wsm_echo_path_drop_all (fixture->path);
  g_assert_cmpuint (fixture->n_server_closed, ==, 1);
  g_assert_cmpuint (echo_fixture_count (fixture, "n-connections"), ==, 0);

  echo_fixture_wait_for (fixture, echo_fixture_is_client_closed);
  g_assert_error (fixture->client_error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static void
test_refuses_with_status_and_retry_after (EchoFixture   *fixture,
                                          gconstpointer  user_data)
{
  SoupMessageHeaders *headers;

  g_object_set (fixture->path, "refuse", 503, "retry-after", "soon", NULL);
  echo_fixture_begin_connect (fixture, ECHO_FIXTURE_PATH);
  echo_fixture_wait_for (fixture, echo_fixture_is_connect_done);

  headers = soup_message_get_response_headers (fixture->message);
  g_assert_error (fixture->connect_error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_ERROR_NOT_WEBSOCKET);
  g_assert_cmpuint (soup_message_get_status (fixture->message), ==, 503);
  g_assert_cmpstr (soup_message_headers_get_one (headers, "Retry-After"), ==, "soon");
  g_assert_cmpuint (echo_fixture_count (fixture, "n-handshakes"), ==, 1);
  g_assert_cmpuint (echo_fixture_count (fixture, "n-opened"), ==, 0);
  g_assert_cmpuint (echo_fixture_count (fixture, "n-handshakes-under-way"), ==, 0);

  g_object_set (fixture->path, "refuse", 0, NULL);
  echo_fixture_open_client (fixture);
  g_assert_cmpuint (echo_fixture_count (fixture, "n-handshakes"), ==, 2);
}

static void
test_stalled_handshake_ends_when_the_client_gives_up (EchoFixture   *fixture,
                                                      gconstpointer  user_data)
{
  g_object_set (fixture->path, "stall", TRUE, NULL);
  echo_fixture_begin_connect (fixture, ECHO_FIXTURE_PATH);
  echo_fixture_wait_for (fixture, echo_fixture_has_handshake_under_way);
  g_assert_cmpuint (echo_fixture_count (fixture, "max-handshakes-under-way"), ==, 1);

  g_cancellable_cancel (fixture->cancellable);
  echo_fixture_wait_for (fixture, echo_fixture_is_connect_done);
  echo_fixture_wait_for (fixture, echo_fixture_has_no_handshake_under_way);

  g_assert_error (fixture->connect_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fixture->n_server_opened, ==, 0);
  g_assert_cmpuint (fixture->n_server_closed, ==, 0);
}

static void
test_stalled_handshake_ends_when_the_server_stops (EchoFixture   *fixture,
                                                   gconstpointer  user_data)
{
  g_object_set (fixture->path, "stall", TRUE, NULL);
  echo_fixture_begin_connect (fixture, ECHO_FIXTURE_PATH);
  echo_fixture_wait_for (fixture, echo_fixture_has_handshake_under_way);

  wsm_echo_server_stop (fixture->server);
  g_assert_cmpuint (echo_fixture_count (fixture, "n-handshakes-under-way"), ==, 0);
  echo_fixture_wait_for (fixture, echo_fixture_is_connect_done);

  g_assert_nonnull (fixture->connect_error);
}

static void
test_handshake_delay_only_delays (EchoFixture   *fixture,
                                  gconstpointer  user_data)
{
  gint64 began_us = g_get_monotonic_time ();

  g_object_set (fixture->path, "handshake-delay", 80, NULL);
  echo_fixture_open_client (fixture);
  g_assert_cmpint (g_get_monotonic_time () - began_us, >=, 80 * 1000);

  echo_fixture_send_text (fixture, "still");
  echo_fixture_wait_for (fixture, echo_fixture_has_message);
  echo_fixture_assert_received (fixture, "still;");
}

static void
test_closes_with_any_code (EchoFixture   *fixture,
                           gconstpointer  user_data)
{
  guint code = GPOINTER_TO_UINT (user_data);

  g_object_set (fixture->path, "close-code", code, NULL);
  echo_fixture_open_client (fixture);
  echo_fixture_wait_for (fixture, echo_fixture_is_client_closed);
  echo_fixture_wait_for (fixture, echo_fixture_is_server_closed);

  g_assert_cmpuint (soup_websocket_connection_get_close_code (fixture->client), ==, code);
}

static void
test_close_after_answers_first (EchoFixture   *fixture,
                                gconstpointer  user_data)
{
  g_object_set (fixture->path, "close-after", 2, "close-code", 4000, NULL);
  echo_fixture_open_client (fixture);
  echo_fixture_send_text (fixture, "1");
  echo_fixture_send_text (fixture, "2");
  echo_fixture_send_text (fixture, "3");
  echo_fixture_wait_for (fixture, echo_fixture_is_client_closed);

  echo_fixture_assert_received (fixture, "1;2;");
  g_assert_cmpuint (soup_websocket_connection_get_close_code (fixture->client), ==, 4000);
}

static void
test_close_all_gives_code_and_reason (EchoFixture   *fixture,
                                      gconstpointer  user_data)
{
  echo_fixture_open_client (fixture);
  wsm_echo_path_close_all (fixture->path, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, "Good night");
  echo_fixture_wait_for (fixture, echo_fixture_is_client_closed);
  echo_fixture_wait_for (fixture, echo_fixture_is_server_closed);

  g_assert_cmpuint (soup_websocket_connection_get_close_code (fixture->client), ==,
                    SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
  g_assert_cmpstr (soup_websocket_connection_get_close_data (fixture->client), ==, "Good night");
  g_assert_cmpuint (fixture->server_close_code, ==, SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
}

static void
test_replies_to_one_text_and_echoes_the_others (EchoFixture   *fixture,
                                                gconstpointer  user_data)
{
  g_object_set (fixture->path, "reply-to", "ping", "reply", "pong", NULL);
  echo_fixture_open_client (fixture);
  echo_fixture_send_text (fixture, "a");
  echo_fixture_send_text (fixture, "ping");
  echo_fixture_send_text (fixture, "pin");
  echo_fixture_wait_for (fixture, echo_fixture_has_message);
  while (strlen (fixture->received->str) < strlen ("a;pong;pin;"))
    g_main_context_iteration (NULL, TRUE);
  echo_fixture_assert_received (fixture, "a;pong;pin;");

  g_object_set (fixture->path, "echo", FALSE, NULL);
  echo_fixture_send_text (fixture, "a");
  echo_fixture_send_text (fixture, "ping");
  echo_fixture_wait_for (fixture, echo_fixture_has_message);
  echo_fixture_assert_received (fixture, "pong;");
}

static void
go_silent_cb (EchoFixture *fixture)
{
  g_object_set (fixture->path, "echo", FALSE, "reply-to", "two", "reply", "three", NULL);
}

static void
test_switch_changed_by_a_message_holds_for_its_answer (EchoFixture   *fixture,
                                                       gconstpointer  user_data)
{
  echo_fixture_open_client (fixture);
  g_signal_connect_swapped (fixture->server, "message-received",
                            G_CALLBACK (go_silent_cb), fixture);
  echo_fixture_send_text (fixture, "one");
  echo_fixture_send_text (fixture, "two");
  echo_fixture_wait_for (fixture, echo_fixture_has_message);

  echo_fixture_assert_received (fixture, "three;");
}

static void
test_broadcasts (EchoFixture   *fixture,
                 gconstpointer  user_data)
{
  echo_fixture_open_client (fixture);
  wsm_echo_path_broadcast_text (fixture->path, "to all");
  echo_fixture_wait_for (fixture, echo_fixture_has_message);

  echo_fixture_assert_received (fixture, "to all;");
}

static gboolean
is_deflated (EchoFixture *fixture)
{
  GList *extensions = soup_websocket_connection_get_extensions (fixture->client);

  return extensions != NULL && SOUP_IS_WEBSOCKET_EXTENSION_DEFLATE (extensions->data);
}

static void
test_deflates_only_when_told (EchoFixture   *fixture,
                              gconstpointer  user_data)
{
  gboolean deflate = GPOINTER_TO_UINT (user_data);

  soup_session_add_feature_by_type (fixture->session, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
  g_object_set (fixture->path, "deflate", deflate, "drop-after", 2, NULL);
  echo_fixture_open_client (fixture);
  g_assert_cmpint (is_deflated (fixture), ==, deflate);

  echo_fixture_send_text (fixture, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  echo_fixture_send_ping (fixture);
  echo_fixture_wait_for (fixture, echo_fixture_is_client_closed);
  echo_fixture_assert_received (fixture, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;");
  g_assert_cmpuint (fixture->n_pongs, ==, 1);
}

static void
notified_cb (EchoFixture *fixture)
{
  fixture->n_notified++;
}

static void
test_equal_values_do_not_notify (EchoFixture   *fixture,
                                 gconstpointer  user_data)
{
  g_signal_connect_swapped (fixture->path, "notify", G_CALLBACK (notified_cb), fixture);

  g_object_set (fixture->path, "mute", TRUE, "late", 5, "reply", "yes", NULL);
  g_assert_cmpuint (fixture->n_notified, ==, 3);
  g_object_set (fixture->path, "mute", TRUE, "late", 5, "reply", "yes", "echo", TRUE, NULL);
  g_assert_cmpuint (fixture->n_notified, ==, 3);
}

#define ADD(name, function, data) \
  g_test_add ("/echo-path/" name, EchoFixture, data, \
              echo_fixture_set_up, function, echo_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("mute-acts-on-open-connections", test_mute_acts_on_open_connections, NULL);
  ADD ("mute-does-not-answer-a-close", test_mute_does_not_answer_a_close, NULL);
  ADD ("mute-after-counts-from-the-open", test_mute_after_counts_from_the_open, NULL);
  ADD ("late-acts-on-open-connections", test_late_acts_on_open_connections, NULL);
  ADD ("late-keeps-the-order-when-it-shrinks", test_late_keeps_the_order_when_it_shrinks, NULL);
  ADD ("late-close-arrives", test_late_close_arrives, NULL);
  ADD ("drop-after-counts-messages-and-pings", test_drop_after_counts_messages_and_pings, NULL);
  ADD ("drop-after-a-ping", test_drop_after_a_ping, NULL);
  ADD ("drop-after-ms-counts-from-the-open", test_drop_after_ms_counts_from_the_open, NULL);
  ADD ("drop-all-may-reset", test_drop_all_may_reset, NULL);
  ADD ("refuses-with-status-and-retry-after", test_refuses_with_status_and_retry_after, NULL);
  ADD ("stalled-handshake-ends-when-the-client-gives-up",
       test_stalled_handshake_ends_when_the_client_gives_up, NULL);
  ADD ("stalled-handshake-ends-when-the-server-stops",
       test_stalled_handshake_ends_when_the_server_stops, NULL);
  ADD ("handshake-delay-only-delays", test_handshake_delay_only_delays, NULL);
  ADD ("closes-with-going-away", test_closes_with_any_code, GUINT_TO_POINTER (1001));
  ADD ("closes-without-a-code", test_closes_with_any_code, GUINT_TO_POINTER (1005));
  ADD ("closes-with-service-restart", test_closes_with_any_code, GUINT_TO_POINTER (1012));
  ADD ("closes-with-a-code-of-the-app", test_closes_with_any_code, GUINT_TO_POINTER (4242));
  ADD ("close-after-answers-first", test_close_after_answers_first, NULL);
  ADD ("close-all-gives-code-and-reason", test_close_all_gives_code_and_reason, NULL);
  ADD ("replies-to-one-text-and-echoes-the-others",
       test_replies_to_one_text_and_echoes_the_others, NULL);
  ADD ("switch-changed-by-a-message-holds-for-its-answer",
       test_switch_changed_by_a_message_holds_for_its_answer, NULL);
  ADD ("broadcasts", test_broadcasts, NULL);
  ADD ("deflates-when-told", test_deflates_only_when_told, GUINT_TO_POINTER (TRUE));
  ADD ("does-not-deflate-untold", test_deflates_only_when_told, GUINT_TO_POINTER (FALSE));
  ADD ("equal-values-do-not-notify", test_equal_values_do_not_notify, NULL);

  return g_test_run ();
}
