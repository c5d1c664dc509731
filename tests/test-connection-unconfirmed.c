/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-receipts.h"

/* What a socket may have taken down with it. */

#define MESSAGE_SIZE 1000

static void
send_one (WsmConnection *feed)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (MESSAGE_SIZE), MESSAGE_SIZE);
  g_autoptr (GError) error = NULL;

  wsm_connection_send_bytes (feed, bytes, &error);
  g_assert_no_error (error);
}

static WsmConnection *
open_feed (WsmTestWorld *world,
           WsmTestPeer  **peer)
{
  *peer = wsm_test_world_get_peer (world, "/a");
  (*peer)->echo = FALSE;

  return wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
}

static void
lose (WsmTestWorld *world,
      WsmTestPeer  *peer,
      const char   *expected)
{
  wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (world, 1);
  wsm_test_world_assert_log (world, expected);
}

/* Where nothing but pongs tells. */
static void
test_pongs_confirm (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer;
  WsmConnection *feed = open_feed (world, &peer);

  for (guint i = 0; i < 3; i++)
    send_one (feed);
  wsm_test_world_run_ms (world, 500);
  send_one (feed);
  wsm_test_world_run_ms (world, 1000);
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (feed), ==, 1);
  send_one (feed);
  send_one (feed);
  wsm_test_world_run_ms (world, 100);
  lose (world, peer, "WAITING disconnected+ unconfirmed(2,2000)");

  /* The next socket begins anew, and without messages has nothing to tell. */
  wsm_test_world_run_ms (world, 1010);
  wsm_test_world_assert_log (world, "CONNECTING OPEN reopened");
  lose (world, peer, "WAITING disconnected+");

  wsm_test_world_free (world);
}

/* An answer says nothing of what was sent behind the ping. */
static void
test_a_pong_confirms_what_was_before (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer;
  WsmConnection *feed = open_feed (world, &peer);

  peer->latency_us = 50 * 1000;
  send_one (feed);
  wsm_test_world_run_ms (world, 1000);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  send_one (feed);
  wsm_test_world_run_ms (world, 150);
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (feed), ==, 1);
  peer->latency_us = 1000;
  lose (world, peer, "WAITING disconnected+ unconfirmed(1,1000)");

  wsm_test_world_free (world);
}

/* What waits is not unconfirmed: it was not written, and is dropped or kept. */
static void
test_is_told_between (void)
{
  for (guint queues = 0; queues <= 1; queues++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer;
      WsmConnection *feed = open_feed (world, &peer);

      peer->slow = TRUE;
      wsm_connection_set_queue_while_closed (feed, queues);
      for (guint i = 0; i < 100; i++)
        send_one (feed);
      g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 65);
      lose (world, peer, queues ? "WAITING disconnected+ unconfirmed(65,65000)"
                                : "WAITING disconnected+ unconfirmed(65,65000) dropped(35,35000)");

      /* Those 65 are not sent again. */
      peer->slow = FALSE;
      wsm_test_world_run_ms (world, 1010);
      g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, queues ? 100 : 65);
      g_string_truncate (world->log, 0);

      wsm_test_world_free (world);
    }
}

static void
test_greetings_are_not_counted (void)
{
  static const char * const greetings[] = { "hello", "subscribe", NULL };
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);

  peer->echo = FALSE;
  wsm_connection_set_greetings (feed, greetings);
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 2);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");
  lose (world, peer, "WAITING disconnected+");

  wsm_test_world_free (world);
}

/* Each way to lose a socket. */
static void
test_endings (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer;
  WsmConnection *feed = open_feed (world, &peer);

  send_one (feed);
  wsm_connection_abort (feed);
  wsm_test_world_assert_log (world, "CLOSING CLOSED disconnected unconfirmed(1,1000) closed");

  /* A peer that answers the close frame has read what was before it. */
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  send_one (feed);
  g_assert_true (wsm_connection_close (feed, 1000, NULL, NULL));
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING OPEN reopened CLOSING CLOSED disconnected closed");

  /* One that closes by itself may not have. */
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  send_one (feed);
  wsm_test_peer_close (peer, 1000);
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING OPEN reopened CLOSING CLOSED disconnected "
                                    "unconfirmed(1,1000) closed");

  /* Whoever is silenced says nothing, nor later. */
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  send_one (feed);
  wsm_test_world_assert_log (world, "CONNECTING OPEN reopened");
  g_object_ref (feed);
  g_assert_true (wsm_pool_remove (world->pool, feed));
  g_assert_true (wsm_pool_add_connection (world->pool, feed, NULL));
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING OPEN reopened");
  lose (world, peer, "WAITING disconnected+");
  g_object_unref (feed);

  wsm_test_world_free (world);
}

/* Where the system counts acknowledgements. */
static void
test_acknowledgements_confirm (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer;
  WsmConnection *feed = open_feed (world, &peer);

  peer->wire.has_counters = TRUE;
  peer->wire.n_bytes_acked = 5000;

  /* Three messages that lie before the places 6,014, 7,028 and 8,042. */
  for (guint i = 1; i <= 3; i++)
    {
      peer->wire.n_bytes_unacked = i * 1014;
      send_one (feed);
      wsm_test_world_run_ms (world, 1);
    }
  peer->wire.n_bytes_acked = 7027;
  peer->wire.n_bytes_unacked = 1015;
  lose (world, peer, "WAITING disconnected+ unconfirmed(2,2000)");

  /* All that is out is acknowledged, but for what the transport still has. */
  wsm_test_world_run_ms (world, 1010);
  wsm_test_world_assert_log (world, "CONNECTING OPEN reopened");
  peer->wire.n_bytes_unacked = 0;
  send_one (feed);
  wsm_test_world_run_ms (world, 1);
  peer->slow = TRUE;
  send_one (feed);
  lose (world, peer, "WAITING disconnected+ unconfirmed(1,1000)");

  wsm_test_world_free (world);
}

/* How a socket was before it went does not say where in its stream a later message lies. */
static void
test_past_counters_confirm_nothing_new (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer;
  WsmConnection *feed = open_feed (world, &peer);

  peer->wire.has_counters = TRUE;
  peer->wire.n_bytes_acked = 5000;
  peer->wire.is_past = TRUE;
  send_one (feed);
  wsm_test_world_run_ms (world, 1);
  lose (world, peer, "WAITING disconnected+ unconfirmed(1,1000)");

  wsm_test_world_free (world);
}

/* Few places are remembered, and what is not is told as unconfirmed. */
static void
test_receipts_are_bounded (void)
{
  WsmReceipts receipts;
  WsmWireState wire = { .has_counters = TRUE, .n_bytes_acked = 1 };
  guint n_confirmed, n_last = 0;

  wsm_receipts_reset (&receipts);
  for (guint i = 1; i <= 1000; i++)
    {
      wsm_receipts_note_written (&receipts, 90);
      g_assert_true (wsm_receipts_note_left (&receipts));
      g_assert_false (wsm_receipts_note_left (&receipts));
      g_assert_cmpint (wsm_receipts_are_full (&receipts), ==, i > WSM_RECEIPTS_MAX_MARKS);
      wsm_receipts_note_place (&receipts, 1 + i * 100);
      g_assert_cmpuint (receipts.n_marks, <=, WSM_RECEIPTS_MAX_MARKS);
    }
  g_assert_cmpuint (wsm_receipts_get_open (&receipts).n_messages, ==, 1000);

  /* The count never is ahead of the truth, and gets there. */
  for (guint i = 0; i <= 1000; i++)
    {
      wire.n_bytes_acked = 1 + i * 100;
      wire.n_bytes_unacked = (1000 - i) * 100;
      wsm_receipts_note_wire (&receipts, &wire);
      n_confirmed = (guint) receipts.confirmed.n_messages;
      g_assert_cmpuint (n_confirmed, <=, i);
      g_assert_cmpuint (n_confirmed, >=, n_last);
      g_assert_cmpuint (receipts.confirmed.n_bytes, ==, n_confirmed * 90);
      n_last = n_confirmed;
    }
  g_assert_cmpuint (wsm_receipts_get_open (&receipts).n_messages, ==, 0);
  g_assert_cmpuint (wsm_receipts_get_open (&receipts).n_bytes, ==, 0);
  g_assert_cmpuint (receipts.n_marks, ==, 0);

  /* What comes late changes nothing. */
  wsm_receipts_note_answered (&receipts);
  g_assert_cmpuint (receipts.confirmed.n_messages, ==, 1000);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/connection-unconfirmed/pongs-confirm", test_pongs_confirm);
  g_test_add_func ("/connection-unconfirmed/a-pong-confirms-what-was-before",
                   test_a_pong_confirms_what_was_before);
  g_test_add_func ("/connection-unconfirmed/is-told-between", test_is_told_between);
  g_test_add_func ("/connection-unconfirmed/greetings-are-not-counted",
                   test_greetings_are_not_counted);
  g_test_add_func ("/connection-unconfirmed/endings", test_endings);
  g_test_add_func ("/connection-unconfirmed/acknowledgements-confirm",
                   test_acknowledgements_confirm);
  g_test_add_func ("/connection-unconfirmed/past-counters-confirm-nothing-new",
                   test_past_counters_confirm_nothing_new);
  g_test_add_func ("/connection-unconfirmed/receipts-are-bounded", test_receipts_are_bounded);

  return g_test_run ();
}
