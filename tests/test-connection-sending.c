/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

static char *
join_received (WsmTestPeer *peer)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < peer->received->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            (char *) g_ptr_array_index (peer->received, i));
  g_ptr_array_set_size (peer->received, 0);

  return g_string_free (text, FALSE);
}

static void
assert_received (WsmTestPeer *peer,
                 const char  *expected)
{
  g_autofree char *received = join_received (peer);

  g_assert_cmpstr (received, ==, expected);
}

static gboolean
send_size (WsmConnection  *connection,
           gsize           size,
           GError        **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (size), size);

  return wsm_connection_send_bytes (connection, bytes, error);
}

static void
test_greetings_come_first (void)
{
  static const char * const greetings[] = { "hello", "subscribe", NULL };
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);

  peer->record = TRUE;
  peer->echo = FALSE;
  wsm_connection_set_greetings (feed, greetings);
  wsm_connection_set_queue_while_closed (feed, TRUE);
  g_assert_true (wsm_connection_send_text (feed, "one", NULL));
  g_assert_true (wsm_connection_send_text (feed, "two", NULL));
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  assert_received (peer, "hello subscribe one two");

  /* Each time, and not for what was not sent before. */
  wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (world, 1);
  g_assert_true (wsm_connection_send_text (feed, "three", NULL));
  wsm_test_world_run_ms (world, 1010);
  assert_received (peer, "hello subscribe three");
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened WAITING disconnected+ unconfirmed(2,6) "
                                    "CONNECTING OPEN reopened");

  wsm_test_world_free (world);
}

/* A socket that is lost before its greetings were out takes them along. */
static void
test_greetings_are_not_doubled (void)
{
  g_autofree char *large = g_strnfill (100000, 'x');
  const char *greetings[] = { large, "subscribe", NULL };
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);

  peer->echo = FALSE;
  peer->slow = TRUE;
  wsm_connection_set_greetings (feed, greetings);
  wsm_connection_set_queue_while_closed (feed, TRUE);
  g_assert_true (wsm_connection_send_text (feed, "one", NULL));
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 1);
  wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (wsm_connection_get_buffered (feed), ==, 3);
  peer->slow = FALSE;
  wsm_test_world_run_ms (world, 1010);
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 1 + 3);
  g_assert_cmpuint (wsm_connection_get_buffered (feed), ==, 0);
  g_string_truncate (world->log, 0);

  wsm_test_world_free (world);
}

static void
test_refused_while_closed (void)
{
  static const struct
  {
    WsmState state;
    gboolean queues;
    gboolean taken;
  } cases[] = {
    { WSM_STATE_IDLE, FALSE, FALSE }, { WSM_STATE_IDLE, TRUE, TRUE },
    { WSM_STATE_CONNECTING, FALSE, FALSE }, { WSM_STATE_CONNECTING, TRUE, TRUE },
    { WSM_STATE_WAITING, FALSE, FALSE }, { WSM_STATE_WAITING, TRUE, TRUE },
    { WSM_STATE_OPEN, FALSE, TRUE }, { WSM_STATE_SUSPECT, FALSE, TRUE },
    { WSM_STATE_CLOSING, TRUE, FALSE }, { WSM_STATE_CLOSED, TRUE, FALSE },
    { WSM_STATE_FAILED, TRUE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", cases[i].state);
      g_autoptr (GError) error = NULL;

      wsm_connection_set_queue_while_closed (feed, cases[i].queues);
      g_assert_cmpint (wsm_connection_send_text (feed, "text", &error), ==, cases[i].taken);
      if (cases[i].taken)
        g_assert_no_error (error);
      else
        g_assert_error (error, WSM_ERROR, WSM_ERROR_NOT_OPEN);
      g_assert_cmpuint (wsm_pool_broadcast_text (world->pool, "all", NULL), ==,
                        cases[i].taken ? 1 : 0);

      wsm_test_world_free (world);
    }
}

/* Bytes count, wherever they wait; what does not fit changes nothing. */
static void
test_outbox_has_a_limit (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autoptr (GError) error = NULL;

  peer->slow = TRUE;
  peer->echo = FALSE;
  wsm_connection_set_outbox_limit (feed, 100000);
  g_assert_false (send_size (feed, 100001, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_TOO_BIG);
  g_clear_error (&error);
  g_assert_true (send_size (feed, 60000, NULL));
  g_assert_true (send_size (feed, 40000, NULL));
  g_assert_cmpuint (wsm_connection_get_buffered (feed), ==, 100000);
  g_assert_false (send_size (feed, 1, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_OUTBOX_FULL);
  g_clear_error (&error);
  g_assert_cmpuint (wsm_connection_get_buffered (feed), ==, 100000);

  /* 60,000 went over; the next 40,000 go when these are gone. */
  wsm_test_peer_drain (peer);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (wsm_connection_get_buffered (feed), ==, 40000);
  g_assert_true (send_size (feed, 60000, NULL));
  g_assert_false (send_size (feed, 1, NULL));
  wsm_test_peer_drain (peer);
  wsm_test_world_run_ms (world, 1);
  wsm_test_peer_drain (peer);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (wsm_connection_get_buffered (feed), ==, 0);
  g_assert_cmpuint (wsm_connection_get_n_bytes_sent (feed), ==, 160000);

  /* No room at all. */
  wsm_connection_set_outbox_limit (feed, 0);
  g_assert_false (send_size (feed, 1, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_TOO_BIG);
  wsm_test_world_assert_log (world, "");

  wsm_test_world_free (world);
}

/* At most 64 KiB are with the transport, or one message. */
static void
test_hands_over_little_at_a_time (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  peer->slow = TRUE;
  wsm_connection_set_outbox_limit (feed, 10 * 1000 * 1000);
  for (guint i = 0; i < 100; i++)
    g_assert_true (send_size (feed, 10000, NULL));
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 6);
  for (guint n = 12; n < 100; n += 6)
    {
      wsm_test_peer_drain (peer);
      wsm_test_world_run_ms (world, 1);
      g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, n);
    }
  wsm_test_peer_drain (peer);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 100);

  /* A large one goes alone. */
  g_assert_true (send_size (feed, 1000000, NULL));
  g_assert_true (send_size (feed, 1, NULL));
  g_assert_true (send_size (feed, 0, NULL));
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 100);
  wsm_test_peer_drain (peer);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 101);
  wsm_test_peer_drain (peer);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 103);

  wsm_test_world_free (world);
}

/* Beats do not wait behind it. */
static void
test_beats_overtake (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  peer->slow = TRUE;
  for (guint i = 0; i < 10; i++)
    g_assert_true (send_size (feed, 50000, NULL));
  wsm_test_world_run_ms (world, 1000);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 1);

  wsm_test_world_free (world);
}

static void
test_lost_messages_are_reported (void)
{
  for (guint queues = 0; queues <= 1; queues++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

      peer->slow = TRUE;
      wsm_connection_set_queue_while_closed (feed, queues);
      for (guint i = 0; i < 5; i++)
        g_assert_true (send_size (feed, 60000, NULL));
      wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
      wsm_test_world_run_ms (world, 1);
      /* The first one had been handed over, and is not known to be lost. */
      if (queues)
        wsm_test_world_assert_log (world, "WAITING disconnected+ unconfirmed(1,60000)");
      else
        wsm_test_world_assert_log (world, "WAITING disconnected+ unconfirmed(1,60000) "
                                          "dropped(4,240000)");
      g_assert_cmpuint (wsm_connection_get_buffered (feed), ==, queues ? 240000 : 0);

      wsm_connection_abort (feed);
      if (queues)
        wsm_test_world_assert_log (world, "CLOSED dropped(4,240000) closed");
      else
        wsm_test_world_assert_log (world, "CLOSED closed");

      wsm_test_world_free (world);
    }
}

static void
test_queue_goes_out_before_the_close (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autofree char *large = g_strnfill (60000, 'x');

  peer->record = TRUE;
  peer->echo = FALSE;
  peer->slow = TRUE;
  for (guint i = 0; i < 3; i++)
    g_assert_true (wsm_connection_send_text (feed, large, NULL));
  g_assert_true (wsm_connection_send_text (feed, "last", NULL));
  g_assert_true (wsm_connection_close (feed, 1000, NULL, NULL));
  wsm_test_world_run_ms (world, 100);
  g_assert_cmpuint (peer->received->len, ==, 1);
  g_assert_cmpuint (peer->closed_with, ==, 0);
  for (guint i = 2; i <= 3; i++)
    {
      wsm_test_peer_drain (peer);
      wsm_test_world_run_ms (world, 1);
      g_assert_cmpuint (peer->received->len, ==, i == 3 ? 4 : i);
      g_assert_cmpuint (peer->closed_with, ==, 0);
    }
  peer->slow = FALSE;
  wsm_test_peer_drain (peer);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (peer->closed_with, ==, 1000);
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CLOSING CLOSED disconnected closed");

  wsm_test_world_free (world);
}

static void
test_close_does_not_wait_for_ever (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  peer->slow = TRUE;
  wsm_connection_set_close_timeout (feed, 500);
  for (guint i = 0; i < 3; i++)
    g_assert_true (send_size (feed, 60000, NULL));
  g_assert_true (wsm_connection_close (feed, 1000, NULL, NULL));
  wsm_test_world_run_ms (world, 499);
  wsm_test_world_assert_log (world, "CLOSING");
  wsm_test_world_run_ms (world, 1);
  wsm_test_world_assert_log (world, "CLOSED disconnected unconfirmed(1,60000) "
                                    "dropped(2,120000) closed");

  wsm_test_world_free (world);
}

/* What arrives after the app has said good-bye is not for it any more. */
static void
test_nothing_arrives_after_close (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  wsm_test_peer_say (peer, "before");
  wsm_test_world_run_ms (world, 1);
  wsm_test_peer_say (peer, "after");
  g_assert_true (wsm_connection_close (feed, 1000, NULL, NULL));
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "message(before) CLOSING CLOSED disconnected closed");

  wsm_test_world_free (world);
}

static void
test_counters (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autoptr (GError) error = NULL;

  g_assert_true (wsm_connection_send_text (feed, "four", NULL));
  g_assert_true (wsm_connection_send_text (feed, "", NULL));
  g_assert_false (wsm_connection_send_text (feed, "\xc3\x28", &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_TEXT);
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "message(four) message()");
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 2);
  g_assert_cmpuint (wsm_connection_get_n_bytes_sent (feed), ==, 4);
  g_assert_cmpuint (wsm_connection_get_n_messages_received (feed), ==, 2);
  g_assert_cmpuint (wsm_connection_get_n_bytes_received (feed), ==, 4);

  wsm_test_world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/connection-sending/greetings-come-first", test_greetings_come_first);
  g_test_add_func ("/connection-sending/greetings-are-not-doubled",
                   test_greetings_are_not_doubled);
  g_test_add_func ("/connection-sending/is-refused-while-closed", test_refused_while_closed);
  g_test_add_func ("/connection-sending/outbox-has-a-limit", test_outbox_has_a_limit);
  g_test_add_func ("/connection-sending/hands-over-little-at-a-time",
                   test_hands_over_little_at_a_time);
  g_test_add_func ("/connection-sending/beats-overtake", test_beats_overtake);
  g_test_add_func ("/connection-sending/lost-messages-are-reported",
                   test_lost_messages_are_reported);
  g_test_add_func ("/connection-sending/queue-goes-out-before-the-close",
                   test_queue_goes_out_before_the_close);
  g_test_add_func ("/connection-sending/close-does-not-wait-for-ever",
                   test_close_does_not_wait_for_ever);
  g_test_add_func ("/connection-sending/nothing-arrives-after-close",
                   test_nothing_arrives_after_close);
  g_test_add_func ("/connection-sending/counters", test_counters);

  return g_test_run ();
}
