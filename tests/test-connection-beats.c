/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

#define SECOND_US ((gint64) G_USEC_PER_SEC)
#define N_ROUNDS 150

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

static WsmConnection *
get_feed (WsmTestWorld *world,
          guint         position)
{
  g_autoptr (WsmConnection) feed = g_list_model_get_item (G_LIST_MODEL (world->pool), position);

  return feed;
}

static void
run_until (WsmTestWorld *world,
           gint64        time_us)
{
  wsm_test_clock_advance (world->clock, time_us - now_us (world));
}

static void
test_keep_time (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  for (guint i = 0; i < 100; i++)
    {
      g_assert_cmpint (wsm_connection_get_next_beat_at (feed) % SECOND_US, ==, 0);
      wsm_test_world_run_ms (world, 989);
      g_assert_cmpuint (peer->n_pings, ==, i);
      wsm_test_world_run_ms (world, 1);
      g_assert_cmpuint (peer->n_pings, ==, i + 1);
      wsm_test_world_run_ms (world, 10);
    }
  g_assert_cmpuint (wsm_connection_get_n_beats_sent (feed), ==, 100);
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (feed), ==, 100);

  wsm_test_world_free (world);
}

/* Each beat is displaced by its own chance, from a grid that stays where it is. */
static void
test_jitter_does_not_add_up (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed;
  gint64 start_us, due_us, distance_us;
  gint64 first_us = G_MAXINT64, last_us = G_MININT64;

  wsm_pool_set_coalesce (world->pool, 0);
  feed = open_with (world, g_object_new (WSM_TYPE_HEARTBEAT,
                                         "interval", 1000, "timeout", 100, "jitter", 0.25,
                                         NULL));
  start_us = now_us (world) / SECOND_US * SECOND_US;
  for (guint i = 1; i <= 1000; i++)
    {
      due_us = wsm_connection_get_next_beat_at (feed);
      distance_us = due_us - (start_us + i * SECOND_US);
      g_assert_cmpint (ABS (distance_us), <=, SECOND_US / 4);
      first_us = MIN (first_us, distance_us);
      last_us = MAX (last_us, distance_us);
      run_until (world, due_us);
      g_assert_cmpuint (peer->n_pings, ==, i);
    }
  /* And it is made use of. */
  g_assert_cmpint (first_us, <, -SECOND_US / 5);
  g_assert_cmpint (last_us, >, SECOND_US / 5);

  wsm_test_world_free (world);
}

static void
test_neighbours_share_a_wake_up (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  guint64 n_alarms[2];

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "interval", 10000, "timeout", 1000, NULL);
  for (guint i = 0; i < 200; i++)
    wsm_test_world_add (world, "/a", heartbeat, NULL);
  wsm_test_world_run_ms (world, 10000);
  g_string_truncate (world->log, 0);

  for (guint i = 0; i < 2; i++)
    {
      wsm_pool_set_coalesce (world->pool, i == 0 ? 0 : 250);
      n_alarms[i] = wsm_test_clock_get_n_alarms (world->clock);
      wsm_test_world_run_ms (world, 100 * 1000);
      n_alarms[i] = wsm_test_clock_get_n_alarms (world->clock) - n_alarms[i];
    }
  /* In ten seconds there are forty windows, each with one wake-up for the beats and one for the
   * answers; without them, 200 beats and as many answers. */
  g_assert_cmpuint (n_alarms[1], <=, 10 * 40 * 2);
  g_assert_cmpuint (n_alarms[0], >, 3 * n_alarms[1]);

  /* Never early, late by a window at most. */
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (WsmConnection) feed = g_list_model_get_item (G_LIST_MODEL (world->pool), i);

      g_assert_cmpint (wsm_connection_get_next_beat_at (feed) % (250 * 1000), ==, 0);
    }

  wsm_test_world_free (world);
}

static void
test_few_beat_together_many_are_spread (void)
{
  for (guint n = 7; n <= 8; n++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      g_autoptr (GHashTable) moments = g_hash_table_new (g_direct_hash, g_direct_equal);
      g_autoptr (WsmHeartbeat) heartbeat = NULL;

      heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "interval", 60000, "jitter", 0.0, NULL);
      for (guint i = 0; i < n; i++)
        wsm_test_world_add (world, "/a", heartbeat, NULL);
      wsm_test_world_run_ms (world, 10);
      g_string_truncate (world->log, 0);
      for (guint i = 0; i < n; i++)
        {
          g_autoptr (WsmConnection) feed = g_list_model_get_item (G_LIST_MODEL (world->pool), i);

          g_hash_table_add (moments, (gpointer) (gintptr) wsm_connection_get_next_beat_at (feed));
        }
      if (n < 8)
        g_assert_cmpuint (g_hash_table_size (moments), ==, 1);
      else
        g_assert_cmpuint (g_hash_table_size (moments), >=, 7);

      wsm_test_world_free (world);
    }
}

/* A machine that has been up for less than an interval has no moment of the grid behind it yet. */
static void
test_first_beat_of_a_young_machine (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  gint64 interval_us = 2 * now_us (world);

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", (guint) (interval_us / 1000), "jitter", 0.0,
                            NULL);
  wsm_pool_set_coalesce (world->pool, 0);
  for (guint i = 0; i < 20; i++)
    wsm_test_world_add (world, "/a", heartbeat, NULL);
  wsm_test_world_run_ms (world, 1000);
  g_string_truncate (world->log, 0);
  for (guint i = 0; i < 20; i++)
    {
      gint64 next_us = wsm_connection_get_next_beat_at (get_feed (world, i));

      g_assert_cmpint (next_us, >, now_us (world));
      g_assert_cmpint (next_us, <=, now_us (world) + interval_us);
    }

  wsm_test_world_free (world);
}

static void
test_traffic_stands_in_for_beats (void)
{
  for (guint idle_only = 0; idle_only <= 1; idle_only++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed;
      gint64 said_us;

      wsm_pool_set_coalesce (world->pool, 0);
      feed = open_with (world, g_object_new (WSM_TYPE_HEARTBEAT,
                                             "interval", 1000, "timeout", 300, "jitter", 0.0,
                                             "idle-only", idle_only,
                                             NULL));
      for (guint i = 0; i < 20; i++)
        {
          wsm_test_peer_say (peer, "news");
          wsm_test_world_run_ms (world, 500);
        }
      g_string_truncate (world->log, 0);
      g_assert_cmpuint (peer->n_pings, ==, idle_only ? 0 : 10);

      /* The first beat after the talk comes an interval later. */
      wsm_test_peer_say (peer, "last");
      said_us = now_us (world) + peer->latency_us;
      wsm_test_world_run_ms (world, 999);
      g_assert_cmpuint (peer->n_pings, ==, idle_only ? 0 : 11);
      if (idle_only)
        {
          run_until (world, said_us + SECOND_US - 1);
          g_assert_cmpuint (peer->n_pings, ==, 0);
          run_until (world, said_us + SECOND_US);
          g_assert_cmpuint (peer->n_pings, ==, 1);
          g_assert_cmpint (wsm_connection_get_next_beat_at (feed), ==, said_us + 2 * SECOND_US);
        }
      wsm_test_world_assert_log (world, "message(last)");

      wsm_test_world_free (world);
    }
}

/* Those that fall due while one is unanswered are left out, and its deadline stays. */
static void
test_one_is_out_at_a_time (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  open_with (world, g_object_new (WSM_TYPE_HEARTBEAT,
                                  "interval", 1000, "timeout", 2500, "max-missed", 2,
                                  "jitter", 0.0,
                                  NULL));
  peer->mute = TRUE;
  wsm_test_world_run_ms (world, 3489);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  wsm_test_world_assert_log (world, "");
  wsm_test_world_run_ms (world, 1);
  wsm_test_world_assert_log (world, "SUSPECT");
  wsm_test_world_run_ms (world, 500);
  g_assert_cmpuint (peer->n_pings, ==, 2);
  wsm_test_world_run_ms (world, 2499);
  g_assert_cmpuint (peer->n_pings, ==, 2);
  wsm_test_world_assert_log (world, "");
  wsm_test_world_run_ms (world, 1);
  wsm_test_world_assert_log (world, "WAITING disconnected+");

  wsm_test_world_free (world);
}

static void
test_as_many_may_be_missed (void)
{
  static const guint numbers[] = { 1, 2, 5 };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed;

      feed = open_with (world, g_object_new (WSM_TYPE_HEARTBEAT,
                                             "interval", 1000, "timeout", 300, "jitter", 0.0,
                                             "max-missed", numbers[i],
                                             NULL));
      peer->mute = TRUE;
      wsm_test_world_run_ms (world, 1289);
      wsm_test_world_assert_log (world, "");
      wsm_test_world_run_ms (world, 1);
      if (numbers[i] > 1)
        {
          wsm_test_world_assert_log (world, "SUSPECT");
          wsm_test_world_run_ms (world, (numbers[i] - 1) * 1000 - 1);
          wsm_test_world_assert_log (world, "");
          g_assert_cmpuint (wsm_connection_get_n_missed (feed), ==, numbers[i] - 1);
          wsm_test_world_run_ms (world, 1);
          wsm_test_world_assert_log (world, "WAITING disconnected+");
        }
      else
        {
          wsm_test_world_assert_log (world, "SUSPECT WAITING disconnected+");
        }
      g_assert_error (wsm_connection_get_error (feed), WSM_ERROR, WSM_ERROR_HEARTBEAT_LOST);
      g_assert_cmpuint (peer->n_aborted, ==, 1);

      wsm_test_world_free (world);
    }
}

static WsmHeartbeat *
make_any_heartbeat (void)
{
  static const WsmHeartbeatMode modes[] = {
    WSM_HEARTBEAT_MODE_PING, WSM_HEARTBEAT_MODE_TEXT, WSM_HEARTBEAT_MODE_BINARY,
    WSM_HEARTBEAT_MODE_PASSIVE,
  };
  g_autoptr (GBytes) bytes = g_bytes_new_static ("%{seq}", 6);

  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "mode", modes[g_test_rand_int_range (0, G_N_ELEMENTS (modes))],
                       "interval", g_test_rand_int_range (100, 6000),
                       "timeout", g_test_rand_int_range (100, 6000),
                       "max-missed", g_test_rand_int_range (1, 6),
                       "jitter", g_test_rand_double_range (0.0, 0.5),
                       "idle-only", g_test_rand_bit (),
                       "liveness", g_test_rand_bit (),
                       "payload", "%{seq}",
                       "payload-bytes", bytes,
                       "reply-match", WSM_REPLY_MATCH_ANY,
                       NULL);
}

/* Whatever the settings and the moment of death, nobody is dead for longer than promised before
 * it is noticed; and while the peer lives, nobody is declared dead. */
static void
test_death_is_noticed_in_time (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      guint32 seed = (guint32) g_test_rand_int ();
      WsmTestWorld *world = wsm_test_world_new (seed);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      guint n = g_test_rand_bit () ? 1 : 9;
      g_autoptr (WsmHeartbeat) heartbeat = make_any_heartbeat ();
      guint interval_ms = wsm_heartbeat_get_interval (heartbeat);
      guint worst_ms = wsm_heartbeat_worst_case_detection (heartbeat);
      g_autofree gint64 *life_us = g_new0 (gint64, n);
      WsmConnection *feed = NULL;

      for (guint i = 0; i < n; i++)
        feed = wsm_test_world_add (world, "/a", heartbeat, NULL);
      wsm_test_world_run_ms (world, 100);
      for (int i = g_test_rand_int_range (0, 10); i > 0; i--)
        {
          wsm_test_peer_say (peer, "news");
          wsm_test_world_run_ms (world, g_test_rand_int_range (1, (int) interval_ms));
        }
      if (wsm_heartbeat_get_mode (heartbeat) != WSM_HEARTBEAT_MODE_PASSIVE)
        wsm_test_world_run_ms (world, g_test_rand_int_range (0, 5 * (int) interval_ms));
      g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_OPEN);

      peer->mute = TRUE;
      peer->stall = TRUE;
      wsm_test_world_run_ms (world, 2);
      for (guint i = 0; i < n; i++)
        {
          feed = get_feed (world, i);
          g_assert_no_error (wsm_connection_get_error (feed));
          life_us[i] = wsm_connection_get_last_received_at (feed);
        }
      for (guint i = 0; i < n; i++)
        {
          run_until (world, MAX (now_us (world), life_us[i] + (gint64) worst_ms * 1000));
          g_assert_cmpuint (wsm_connection_get_attempt (get_feed (world, i)), >=, 2);
        }
      g_assert_cmpuint (peer->transports->len, ==, 0);
      g_string_truncate (world->log, 0);

      wsm_test_world_free (world);
    }
}

static void
test_passive_only_listens (void)
{
  for (guint strict = 0; strict <= 1; strict++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

      open_with (world, g_object_new (WSM_TYPE_HEARTBEAT,
                                      "mode", WSM_HEARTBEAT_MODE_PASSIVE,
                                      "interval", 1000, "timeout", 300, "max-missed", 2,
                                      "liveness", strict,
                                      NULL));
      for (guint i = 0; i < 10; i++)
        {
          wsm_test_world_run_ms (world, 1200);
          wsm_test_peer_say (peer, "tick");
          wsm_test_world_run_ms (world, 1);
          wsm_test_world_assert_log (world, "message(tick)");
        }
      wsm_test_world_run_ms (world, 1299);
      wsm_test_world_assert_log (world, "");
      wsm_test_world_run_ms (world, 1);
      wsm_test_world_assert_log (world, "SUSPECT");
      wsm_test_peer_say (peer, "tick");
      wsm_test_world_run_ms (world, 1);
      wsm_test_world_assert_log (world, "OPEN message(tick)");

      wsm_test_world_run_ms (world, 1300 + 999);
      wsm_test_world_assert_log (world, "SUSPECT");
      wsm_test_world_run_ms (world, 1);
      wsm_test_world_assert_log (world, "WAITING disconnected+");
      g_assert_cmpuint (peer->n_pings, ==, 0);

      wsm_test_world_free (world);
    }
}

static void
test_off_is_off (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed;

  feed = open_with (world, g_object_new (WSM_TYPE_HEARTBEAT,
                                         "mode", WSM_HEARTBEAT_MODE_OFF,
                                         NULL));
  peer->mute = TRUE;
  g_assert_cmpint (wsm_connection_get_next_beat_at (feed), ==, 0);
  wsm_pool_probe (world->pool);
  wsm_test_world_run_ms (world, 24 * 3600 * 1000);
  g_assert_cmpuint (peer->n_pings, ==, 0);
  wsm_test_world_assert_log (world, "");

  wsm_test_world_free (world);
}

static WsmHeartbeat *
make_text_heartbeat (WsmReplyMatch reply_match,
                     gboolean      hide_reply)
{
  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "mode", WSM_HEARTBEAT_MODE_TEXT, "payload", "beat %{seq}",
                       "reply-match", reply_match, "reply", "beat %{seq}",
                       "hide-reply", hide_reply, "idle-only", FALSE,
                       "interval", 1000, "timeout", 300, "jitter", 0.0, "max-missed", 3,
                       NULL);
}

static void
test_texts_carry_their_number (void)
{
  for (guint hide = 0; hide <= 1; hide++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed;

      peer->record = TRUE;
      feed = open_with (world, make_text_heartbeat (WSM_REPLY_MATCH_EXACT, hide));
      wsm_test_world_run_ms (world, 2500);
      g_assert_cmpuint (peer->received->len, ==, 2);
      g_assert_cmpstr (g_ptr_array_index (peer->received, 0), ==, "beat 1");
      g_assert_cmpstr (g_ptr_array_index (peer->received, 1), ==, "beat 2");
      wsm_test_world_assert_log (world, hide ? "" : "message(beat 1) message(beat 2)");
      g_assert_cmpuint (wsm_connection_get_n_beats_answered (feed), ==, 2);

      /* A second answer to the same beat, and one to an earlier beat, are life but no answers. */
      wsm_test_peer_say (peer, "beat 2");
      wsm_test_peer_say (peer, "beat 1");
      wsm_test_peer_say (peer, "boat 77");
      wsm_test_world_run_ms (world, 10);
      wsm_test_world_assert_log (world, hide ? "message(boat 77)"
                                             : "message(beat 2) message(beat 1) message(boat 77)");
      g_assert_cmpuint (wsm_connection_get_n_beats_answered (feed), ==, 2);

      /* So is a late one, and it makes good for what was missed. */
      peer->mute = TRUE;
      wsm_test_world_run_ms (world, 1000);
      wsm_test_world_assert_log (world, "SUSPECT");
      wsm_test_peer_say (peer, "beat 3");
      wsm_test_world_run_ms (world, 10);
      wsm_test_world_assert_log (world, hide ? "OPEN" : "OPEN message(beat 3)");
      g_assert_cmpuint (wsm_connection_get_n_beats_answered (feed), ==, 2);

      wsm_test_world_free (world);
    }
}

static void
test_any_reply_will_do (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed;

  peer->reply = "whatever";
  feed = open_with (world, make_text_heartbeat (WSM_REPLY_MATCH_ANY, FALSE));
  wsm_test_world_run_ms (world, 3000);
  wsm_test_world_assert_log (world, "message(whatever) message(whatever) message(whatever)");
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (feed), ==, 3);

  wsm_test_world_free (world);
}

static void
test_without_reply_none_is_missed (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed;

  feed = open_with (world, make_text_heartbeat (WSM_REPLY_MATCH_NONE, FALSE));
  peer->mute = TRUE;
  wsm_test_world_run_ms (world, 100 * 1000);
  wsm_test_world_assert_log (world, "");
  g_assert_cmpuint (wsm_connection_get_n_beats_sent (feed), ==, 100);

  wsm_test_world_free (world);
}

static void
test_change_while_open (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autoptr (WsmHeartbeat) slow = NULL;
  g_autoptr (WsmHeartbeat) quick = NULL;
  g_autoptr (WsmHeartbeat) off = NULL;
  g_autoptr (WsmHeartbeat) passive = NULL;

  slow = g_object_new (WSM_TYPE_HEARTBEAT, "interval", 60000, "jitter", 0.0, NULL);
  quick = g_object_new (WSM_TYPE_HEARTBEAT, "interval", 100, "timeout", 100, "jitter", 0.0, NULL);
  off = g_object_new (WSM_TYPE_HEARTBEAT, "mode", WSM_HEARTBEAT_MODE_OFF, NULL);
  passive = g_object_new (WSM_TYPE_HEARTBEAT, "mode", WSM_HEARTBEAT_MODE_PASSIVE,
                          "interval", 1000, "timeout", 100, NULL);

  wsm_connection_set_heartbeat (feed, quick);
  wsm_test_world_run_ms (world, 990);
  g_assert_cmpuint (peer->n_pings, ==, 10);
  wsm_connection_set_heartbeat (feed, slow);
  wsm_test_world_run_ms (world, 50000);
  g_assert_cmpuint (peer->n_pings, <=, 11);
  peer->n_pings = 0;
  wsm_connection_set_heartbeat (feed, off);
  wsm_test_world_run_ms (world, 200 * 1000);
  g_assert_cmpuint (peer->n_pings, ==, 0);

  /* From suspect to off: nothing is expected any more. */
  peer->mute = TRUE;
  wsm_connection_set_heartbeat (feed, quick);
  wsm_test_world_run_ms (world, 210);
  wsm_test_world_assert_log (world, "SUSPECT");
  wsm_connection_set_heartbeat (feed, off);
  wsm_test_world_assert_log (world, "OPEN");
  wsm_connection_set_heartbeat (feed, passive);
  wsm_test_world_run_ms (world, 1100);
  wsm_test_world_assert_log (world, "SUSPECT");

  /* The deadline of a beat that is out stays in force. */
  peer->mute = FALSE;
  wsm_connection_set_heartbeat (feed, quick);
  wsm_test_world_run_ms (world, 150);
  wsm_test_world_assert_log (world, "OPEN");
  peer->mute = TRUE;
  wsm_test_world_run_ms (world, 100);
  wsm_connection_set_heartbeat (feed, slow);
  wsm_test_world_run_ms (world, 100);
  wsm_test_world_assert_log (world, "SUSPECT");

  wsm_test_world_free (world);
}

/* Every setting at every moment of a beat: the timers stay in order, which the scheduler checks
 * when it goes. */
static void
test_change_at_any_moment (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (WsmHeartbeat) heartbeat = make_any_heartbeat ();

      peer->mute = g_test_rand_int_range (0, 4) == 0;
      wsm_connection_set_heartbeat (feed, heartbeat);
      wsm_test_clock_advance (world->clock, g_test_rand_int_range (0, 2000 * 1000));
      if (g_test_rand_bit ())
        {
          wsm_connection_pause (feed);
          wsm_test_clock_advance (world->clock, g_test_rand_int_range (0, 1000));
          wsm_connection_resume (feed);
        }
    }
  g_string_truncate (world->log, 0);

  wsm_test_world_free (world);
}

/* A beat that is out was asked by the heartbeat before, so its answer is no answer to this one;
 * but whoever gives it is alive. */
static void
test_change_while_a_beat_is_out (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = NULL;
  g_autoptr (WsmHeartbeat) strict = NULL;
  WsmHeartbeat *lenient;

  lenient = g_object_new (WSM_TYPE_HEARTBEAT,
                          "mode", WSM_HEARTBEAT_MODE_TEXT, "payload", "how are you?",
                          "reply-match", WSM_REPLY_MATCH_ANY,
                          "interval", 1000, "timeout", 500, "max-missed", 1,
                          "jitter", 0.0, "idle-only", FALSE,
                          NULL);
  strict = g_object_new (WSM_TYPE_HEARTBEAT,
                         "mode", WSM_HEARTBEAT_MODE_TEXT, "payload", "tick %{seq}",
                         "reply-match", WSM_REPLY_MATCH_EXACT, "liveness", WSM_LIVENESS_STRICT,
                         "interval", 1000, "timeout", 500, "max-missed", 1, "jitter", 0.0,
                         NULL);
  feed = open_with (world, lenient);
  peer->latency_us = 100 * 1000;
  wsm_test_world_run_ms (world, 1090);
  wsm_connection_set_heartbeat (feed, strict);
  wsm_test_world_run_ms (world, 3000);
  g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_OPEN);
  g_assert_nonnull (strstr (world->log->str, "how are you?"));
  g_assert_null (strstr (world->log->str, "SUSPECT"));
  g_string_truncate (world->log, 0);

  wsm_test_world_free (world);
}

static void
count_beat_cb (WsmConnection *connection,
               guint64        sequence,
               double         round_trip,
               GString       *log)
{
  g_string_append_printf (log, "%" G_GUINT64_FORMAT ":%.1f ", sequence, round_trip);
}

static void
test_probe_beats_now (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autoptr (GString) log = g_string_new (NULL);

  g_signal_connect (feed, "beat", G_CALLBACK (count_beat_cb), log);
  wsm_pool_probe (world->pool);
  wsm_pool_probe (world->pool);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  wsm_test_world_run_ms (world, 500);
  g_assert_cmpstr (log->str, ==, "1:2.0 ");
  peer->latency_us = 21500;
  wsm_pool_probe (world->pool);
  wsm_test_world_run_ms (world, 100);
  g_assert_cmpstr (log->str, ==, "1:2.0 2:43.0 ");
  wsm_test_world_run_ms (world, 500);
  g_assert_cmpstr (log->str, ==, "1:2.0 2:43.0 3:43.0 ");

  wsm_test_world_free (world);
}

/* What waits here, before it leaves and after the answer came, is nobody's round trip. */
static void
test_round_trips_leave_us_out (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autoptr (GString) log = g_string_new ("");
  WsmConnection *feed;

  feed = open_with (world, g_object_new (WSM_TYPE_HEARTBEAT,
                                         "mode", WSM_HEARTBEAT_MODE_TEXT, "payload", "tick",
                                         "interval", 10000, "timeout", 1000, "jitter", 0.0,
                                         "reply-match", WSM_REPLY_MATCH_EXACT, "reply", "tick",
                                         NULL));
  g_signal_connect (feed, "beat", G_CALLBACK (count_beat_cb), log);
  peer->latency_us = 3500;
  peer->writing_us = 40 * 1000;
  peer->reading_us = 50 * 1000;
  wsm_pool_probe (world->pool);
  wsm_test_world_run_ms (world, 96);
  g_assert_cmpstr (log->str, ==, "");
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpstr (log->str, ==, "1:7.0 ");

  /* A ping, as well. */
  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "interval", 10000, "timeout", 1000, NULL);
  wsm_connection_set_heartbeat (feed, heartbeat);
  wsm_pool_probe (world->pool);
  wsm_test_world_run_ms (world, 97);
  g_assert_cmpstr (log->str, ==, "1:7.0 2:7.0 ");

  /* The deadline holds from the moment the beat fell due, as ever. */
  peer->writing_us = 60 * G_USEC_PER_SEC;
  wsm_pool_probe (world->pool);
  wsm_test_world_run_ms (world, 1001);
  g_assert_cmpuint (wsm_connection_get_n_missed (feed), ==, 1);

  wsm_test_world_assert_log (world, "message(tick) SUSPECT");
  wsm_test_world_free (world);
}

/* Somebody sets the wall clock, by which arrivals are stamped, between the arrival and the look. */
static void
test_round_trips_survive_a_jump (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  g_autoptr (GString) log = g_string_new ("");
  WsmConnection *feed;

  feed = open_with (world, g_object_new (WSM_TYPE_HEARTBEAT, "interval", 10000, NULL));
  g_signal_connect (feed, "beat", G_CALLBACK (count_beat_cb), log);
  wsm_pool_probe (world->pool);
  peer->reading_us = 3600 * (gint64) G_USEC_PER_SEC;
  wsm_test_world_run_ms (world, 100);
  g_assert_cmpstr (log->str, ==, "1:2.0 ");

  wsm_test_world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/connection-beats/keep-time", test_keep_time);
  g_test_add_func ("/connection-beats/jitter-does-not-add-up", test_jitter_does_not_add_up);
  g_test_add_func ("/connection-beats/neighbours-share-a-wake-up",
                   test_neighbours_share_a_wake_up);
  g_test_add_func ("/connection-beats/few-beat-together-many-are-spread",
                   test_few_beat_together_many_are_spread);
  g_test_add_func ("/connection-beats/first-beat-of-a-young-machine",
                   test_first_beat_of_a_young_machine);
  g_test_add_func ("/connection-beats/traffic-stands-in-for-beats",
                   test_traffic_stands_in_for_beats);
  g_test_add_func ("/connection-beats/one-is-out-at-a-time", test_one_is_out_at_a_time);
  g_test_add_func ("/connection-beats/as-many-may-be-missed", test_as_many_may_be_missed);
  g_test_add_func ("/connection-beats/death-is-noticed-in-time", test_death_is_noticed_in_time);
  g_test_add_func ("/connection-beats/passive-only-listens", test_passive_only_listens);
  g_test_add_func ("/connection-beats/off-is-off", test_off_is_off);
  g_test_add_func ("/connection-beats/texts-carry-their-number", test_texts_carry_their_number);
  g_test_add_func ("/connection-beats/any-reply-will-do", test_any_reply_will_do);
  g_test_add_func ("/connection-beats/without-reply-none-is-missed",
                   test_without_reply_none_is_missed);
  g_test_add_func ("/connection-beats/change-while-open", test_change_while_open);
  g_test_add_func ("/connection-beats/change-at-any-moment", test_change_at_any_moment);
  g_test_add_func ("/connection-beats/change-while-a-beat-is-out",
                   test_change_while_a_beat_is_out);
  g_test_add_func ("/connection-beats/probe-beats-now", test_probe_beats_now);
  g_test_add_func ("/connection-beats/round-trips-leave-us-out", test_round_trips_leave_us_out);
  g_test_add_func ("/connection-beats/round-trips-survive-a-jump",
                   test_round_trips_survive_a_jump);

  return g_test_run ();
}
