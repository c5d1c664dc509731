/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

/* What proves that a peer is alive, and what does not. */

#define SECOND_US ((gint64) G_USEC_PER_SEC)

static gint64
now_us (WsmTestWorld *world)
{
  return wsm_clock_get_time_us (WSM_CLOCK (world->clock));
}

/* Opens a connection with a heartbeat of its own, 10 ms after the beginning of a second. */
static WsmConnection *
open_with (WsmTestWorld *world,
           WsmHeartbeat *heartbeat)
{
  WsmConnection *connection = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  wsm_connection_set_heartbeat (connection, heartbeat);
  g_object_unref (heartbeat);

  return connection;
}

/* Any pong is life, but only the right one is an answer: strict asks for that. */
static void
test_strange_pongs (void)
{
  static const char * const pongs[] = { "", "wsm-0000000000000000-1", "something else" };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (pongs); i++)
    {
      gboolean strict = i % 2;
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed;

      feed = open_with (world, g_object_new (WSM_TYPE_HEARTBEAT,
                                             "interval", 1000, "timeout", 300, "jitter", 0.0,
                                             "max-missed", 3, "liveness", strict,
                                             NULL));
      peer->deaf = TRUE;
      wsm_test_world_run_ms (world, 1000);
      wsm_test_peer_pong (peer, pongs[i / 2]);
      wsm_test_world_run_ms (world, 500);
      wsm_test_world_assert_log (world, strict ? "SUSPECT" : "");
      g_assert_cmpuint (wsm_connection_get_n_beats_answered (feed), ==, 0);

      wsm_test_world_free (world);
    }
}

/* We hear the peer, but it does not hear us. */
static void
test_strict_sees_through_chatter (void)
{
  for (guint strict = 0; strict <= 1; strict++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

      open_with (world, g_object_new (WSM_TYPE_HEARTBEAT,
                                      "interval", 1000, "timeout", 300, "jitter", 0.0,
                                      "max-missed", 2, "idle-only", TRUE, "liveness", strict,
                                      NULL));
      peer->deaf = TRUE;
      for (guint i = 0; i < 46; i++)
        {
          wsm_test_world_run_ms (world, 50);
          wsm_test_peer_say (peer, ".");
        }
      g_assert_cmpint (strstr (world->log->str, "disconnected+") != NULL, ==, strict);
      g_string_truncate (world->log, 0);

      wsm_test_world_free (world);
    }
}

/* Pings and fragments are seen as frames, part of a frame only by the socket. */
static void
test_every_byte_is_life (void)
{
  for (guint i = 0; i < 2; i++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

      wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
      peer->mute = TRUE;
      wsm_test_world_run_ms (world, 990);
      for (guint beat = 0; beat < 10; beat++)
        {
          wsm_test_world_run_ms (world, 100);
          if (i == 0)
            {
              wsm_transport_report_life (g_ptr_array_index (peer->transports, 0), now_us (world));
            }
          else
            {
              peer->wire.has_counters = TRUE;
              peer->wire.last_received_us = now_us (world);
            }
          wsm_test_world_run_ms (world, 900);
          wsm_test_world_assert_log (world, "");
        }

      wsm_test_world_free (world);
    }
}

/* A socket that becomes readable in the same moment as a deadline is found to have passed. */
static gboolean
read_socket_cb (gpointer user_data)
{
  WsmTestWorld *world = user_data;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  peer->unread = FALSE;
  if (peer->transports->len > 0)
    wsm_transport_report_pong (g_ptr_array_index (peer->transports, 0), "", 0, now_us (world));

  return G_SOURCE_REMOVE;
}

/* The loop was blocked: what arrived meanwhile is read before anybody is declared dead, and if
 * nothing did, nobody waits for long. */
static void
test_blocked_loop_kills_nobody (void)
{
  for (guint arrives = 0; arrives <= 1; arrives++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      g_autoptr (GSource) source = NULL;

      open_with (world, g_object_new (WSM_TYPE_HEARTBEAT,
                                      "interval", 1000, "timeout", 300, "jitter", 0.0,
                                      "max-missed", 1,
                                      NULL));
      peer->mute = TRUE;
      wsm_test_world_run_ms (world, 1000);
      peer->unread = TRUE;
      if (arrives)
        {
          source = g_idle_source_new ();
          g_source_set_priority (source, G_PRIORITY_DEFAULT);
          g_source_set_callback (source, read_socket_cb, world, NULL);
          /* It is only the loop that does not get round to it. */
          wsm_test_clock_settle (world->clock);
          g_source_attach (source, world->context);
        }
      wsm_test_clock_jump (world->clock, 10 * SECOND_US);
      if (arrives)
        wsm_test_world_assert_log (world, "");
      else
        wsm_test_world_assert_log (world, "SUSPECT WAITING disconnected+");

      wsm_test_world_free (world);
    }
}

/* A loop that is blocked again and again, with a peer that answers each time. */
static void
test_blocked_loop_with_living_peer (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  open_with (world, g_object_new (WSM_TYPE_HEARTBEAT,
                                  "interval", 100, "timeout", 100, "jitter", 0.1,
                                  "max-missed", 1,
                                  NULL));
  peer->latency_us = 20 * 1000;
  for (guint i = 0; i < 200; i++)
    {
      wsm_test_clock_advance (world->clock, g_test_rand_int_range (0, 200 * 1000));
      wsm_test_clock_jump (world->clock, g_test_rand_int_range (0, 3000 * 1000));
    }
  wsm_test_world_assert_log (world, "");

  wsm_test_world_free (world);
}

/* A peer that reads slowly what was sent before the beat is not dead, as long as it goes on. */
static void
test_slow_reader_is_not_dead (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (60000), 60000);
  const gint64 step_us = 200 * 1000;

  peer->slow = TRUE;
  peer->wire.has_counters = TRUE;
  peer->wire.n_bytes_acked = 1234;
  g_assert_true (wsm_connection_send_bytes (feed, bytes, NULL));
  wsm_test_world_run_ms (world, 990);
  g_assert_cmpuint (peer->n_pings, ==, 1);

  /* Ten steps of 200 ms each; the time allowed is 300. */
  for (guint i = 0; i < 10; i++)
    {
      wsm_test_clock_advance (world->clock, step_us);
      peer->wire.n_bytes_acked += 3000;
      peer->wire.last_acked_us = now_us (world);
    }
  wsm_test_world_assert_log (world, "");
  g_assert_cmpuint (peer->n_pings, ==, 1);
  /* It stops. */
  wsm_test_world_run_ms (world, 299);
  wsm_test_world_assert_log (world, "");
  wsm_test_world_run_ms (world, 1);
  wsm_test_world_assert_log (world, "SUSPECT");

  wsm_test_world_free (world);
}

/* What was sent after the beat does not matter: its acknowledgement proves nothing new. */
static void
test_later_data_are_no_excuse (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (60000), 60000);

  peer->slow = TRUE;
  peer->wire.has_counters = TRUE;
  wsm_test_world_run_ms (world, 990);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  g_assert_true (wsm_connection_send_bytes (feed, bytes, NULL));
  wsm_test_world_run_ms (world, 200);
  peer->wire.n_bytes_acked = 3000;
  peer->wire.last_acked_us = now_us (world);
  wsm_test_world_run_ms (world, 99);
  wsm_test_world_assert_log (world, "");
  wsm_test_world_run_ms (world, 1);
  wsm_test_world_assert_log (world, "SUSPECT");

  wsm_test_world_free (world);
}

/* What libsoup does in a busy loop: it comes to reading some turns after the timers. */
typedef struct
{
  WsmTestWorld *world; /* (unowned) */
  WsmTestPeer *peer;   /* (unowned) */
  guint n_turns;
} LateReader;

static gboolean
late_reader_cb (gpointer user_data)
{
  LateReader *reader = user_data;
  g_autoptr (GBytes) reply = g_bytes_new_static ("pong", strlen ("pong"));

  if (--reader->n_turns > 0)
    return G_SOURCE_CONTINUE;
  wsm_transport_report_message (g_ptr_array_index (reader->peer->transports, 0),
                                SOUP_WEBSOCKET_DATA_TEXT, reply, now_us (reader->world));

  return G_SOURCE_REMOVE;
}

/* The loop was blocked past the deadline. The answer has arrived, but is read behind the timer
 * that asks for it: in the same turn of the loop, or in one of the next two. */
static void
test_answer_read_after_the_deadline (void)
{
  for (guint n_turns = 1; n_turns <= 3; n_turns++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      LateReader reader = { .world = world, .n_turns = n_turns };
      g_autoptr (GSource) source = g_idle_source_new ();
      WsmConnection *feed;

      reader.peer = wsm_test_world_get_peer (world, "/a");
      feed = open_with (world, g_object_new (WSM_TYPE_HEARTBEAT,
                                             "mode", WSM_HEARTBEAT_MODE_TEXT,
                                             "payload", "ping", "reply", "pong",
                                             "reply-match", WSM_REPLY_MATCH_EXACT,
                                             "hide-reply", TRUE,
                                             "interval", 1000, "timeout", 300, "jitter", 0.0,
                                             "max-missed", 1, "liveness", WSM_LIVENESS_STRICT,
                                             NULL));
      reader.peer->mute = TRUE;
      wsm_test_world_run_ms (world, 1000);
      g_assert_cmpuint (wsm_connection_get_n_beats_sent (feed), ==, 1);

      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_set_callback (source, late_reader_cb, &reader, NULL);
      g_source_attach (source, world->context);
      wsm_test_clock_jump (world->clock, SECOND_US / 2);
      wsm_test_world_assert_log (world, "");
      g_assert_cmpuint (wsm_connection_get_n_beats_answered (feed), ==, 1);

      wsm_test_world_free (world);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/connection-liveness/strange-pongs", test_strange_pongs);
  g_test_add_func ("/connection-liveness/strict-sees-through-chatter",
                   test_strict_sees_through_chatter);
  g_test_add_func ("/connection-liveness/every-byte-is-life", test_every_byte_is_life);
  g_test_add_func ("/connection-liveness/blocked-loop-kills-nobody",
                   test_blocked_loop_kills_nobody);
  g_test_add_func ("/connection-liveness/blocked-loop-with-living-peer",
                   test_blocked_loop_with_living_peer);
  g_test_add_func ("/connection-liveness/answer-read-after-the-deadline",
                   test_answer_read_after_the_deadline);
  g_test_add_func ("/connection-liveness/slow-reader-is-not-dead", test_slow_reader_is_not_dead);
  g_test_add_func ("/connection-liveness/later-data-are-no-excuse", test_later_data_are_no_excuse);

  return g_test_run ();
}
