/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#define INTERVAL_MS 1000

typedef struct
{
  WsmTestWorld *world; /* (owned) */
  WsmTestPeer *peer;   /* (unowned) */
  WsmConnection *feed; /* (unowned) */
  WsmLatency *lateness; /* (unowned) */
} Fixture;

static void
use_heartbeat (Fixture        *fixture,
               WsmHeartbeatMode mode,
               WsmReplyMatch    reply_match)
{
  g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                     "mode", mode,
                                                     "payload", "tick",
                                                     "reply-match", reply_match,
                                                     "interval", INTERVAL_MS,
                                                     "timeout", INTERVAL_MS / 2,
                                                     "max-missed", 100,
                                                     "jitter", 0.0,
                                                     "idle-only", FALSE,
                                                     NULL);

  wsm_connection_set_heartbeat (fixture->feed, heartbeat);
}

/* To where no beat is out, and the next one is half an interval away. */
static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->world = wsm_test_world_new (1);
  fixture->peer = wsm_test_world_get_peer (fixture->world, "/a");
  fixture->feed = wsm_test_world_bring_to (fixture->world, "/a", WSM_STATE_OPEN);
  fixture->lateness = wsm_pool_get_lateness (fixture->world->pool);
  use_heartbeat (fixture, WSM_HEARTBEAT_MODE_PING, WSM_REPLY_MATCH_NONE);
  while (wsm_connection_get_n_beats_answered (fixture->feed) == 0)
    wsm_test_world_run_ms (fixture->world, 10);
  wsm_test_world_run_ms (fixture->world, INTERVAL_MS / 2);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_string_truncate (fixture->world->log, 0);
  wsm_test_world_free (fixture->world);
}

static void
assert_lateness (Fixture *fixture,
                 guint64  count,
                 double   last_ms)
{
  g_assert_true (wsm_pool_get_lateness (fixture->world->pool) == fixture->lateness);
  g_assert_cmpuint (wsm_latency_get_count (fixture->lateness), ==, count);
  g_assert_cmpfloat (wsm_latency_get_last (fixture->lateness), ==, last_ms);
  g_assert_cmpfloat (wsm_latency_get_loss (fixture->lateness), ==, 0);
}

static void
test_on_time (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (WsmLatency) lateness = NULL;

  assert_lateness (fixture, 1, 0);
  wsm_test_world_run_ms (fixture->world, 10 * INTERVAL_MS);
  assert_lateness (fixture, 11, 0);
  g_assert_cmpfloat (wsm_latency_get_max (fixture->lateness), ==, 0);

  /* Neither waiting for neighbours nor a probe is late. */
  wsm_pool_set_coalesce (fixture->world->pool, 700);
  wsm_pool_probe (fixture->world->pool);
  wsm_test_world_run_ms (fixture->world, 10);
  assert_lateness (fixture, 11, 0);
  wsm_test_world_run_ms (fixture->world, 3 * INTERVAL_MS);
  g_assert_cmpuint (wsm_latency_get_count (fixture->lateness), >=, 13);
  g_assert_cmpfloat (wsm_latency_get_max (fixture->lateness), ==, 0);

  g_object_get (fixture->world->pool, "lateness", &lateness, NULL);
  g_assert_true (lateness == fixture->lateness);
}

static void
test_busy_loop (Fixture       *fixture,
                gconstpointer  data)
{
  gint64 due_us = wsm_connection_get_next_beat_at (fixture->feed);
  gint64 now_us = wsm_clock_get_time_us (WSM_CLOCK (fixture->world->clock));

  wsm_test_clock_jump (fixture->world->clock, due_us - now_us + 321 * 1000);
  assert_lateness (fixture, 2, 321);
  g_assert_cmpfloat (wsm_latency_get_max (fixture->lateness), ==, 321);
  g_assert_cmpfloat (wsm_latency_get_p50 (fixture->lateness), <, 1);
}

/* It left when it was written, which is known when the answer has come. */
static void
test_queued (Fixture       *fixture,
             gconstpointer  data)
{
  guint64 n_beats = wsm_connection_get_n_beats_sent (fixture->feed);

  fixture->peer->writing_us = 50 * 1000;
  while (wsm_connection_get_n_beats_sent (fixture->feed) == n_beats)
    wsm_test_world_run_ms (fixture->world, 1);
  assert_lateness (fixture, 1, 0);
  wsm_test_world_run_ms (fixture->world, INTERVAL_MS / 2);
  assert_lateness (fixture, 2, 50);
}

/* One that nobody answers, and one to which nobody is to answer. */
static void
test_unanswered (Fixture       *fixture,
                 gconstpointer  data)
{
  fixture->peer->writing_us = 50 * 1000;
  fixture->peer->mute = TRUE;
  while (wsm_connection_get_n_missed (fixture->feed) == 0)
    wsm_test_world_run_ms (fixture->world, 1);
  assert_lateness (fixture, 2, 50);

  /* As late as this, at least. */
  fixture->peer->writing_us = 3600 * (gint64) G_USEC_PER_SEC;
  while (wsm_connection_get_n_missed (fixture->feed) == 1)
    wsm_test_world_run_ms (fixture->world, 1);
  assert_lateness (fixture, 3, INTERVAL_MS / 2);

  use_heartbeat (fixture, WSM_HEARTBEAT_MODE_TEXT, WSM_REPLY_MATCH_NONE);
  wsm_test_world_run_ms (fixture->world, INTERVAL_MS);
  assert_lateness (fixture, 3, INTERVAL_MS / 2);
  wsm_test_world_run_ms (fixture->world, INTERVAL_MS);
  assert_lateness (fixture, 4, INTERVAL_MS);
}

/* Where nobody sees what is written, a beat has left when it was handed over. */
static void
test_unseen (Fixture       *fixture,
             gconstpointer  data)
{
  fixture->peer->writing_us = 50 * 1000;
  fixture->peer->unseen = TRUE;
  wsm_test_world_run_ms (fixture->world, INTERVAL_MS);
  assert_lateness (fixture, 2, 0);
}

static void
count_cb (WsmLatency *lateness,
          GParamSpec *pspec,
          guint      *n_notified)
{
  (*n_notified)++;
}

/* Two hundred beats leave together, and who follows hears of it once. */
static void
test_told_once (Fixture       *fixture,
                gconstpointer  data)
{
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (fixture->feed);
  guint n_notified = 0;
  guint64 count;

  wsm_pool_set_coalesce (fixture->world->pool, INTERVAL_MS);
  for (guint i = 0; i < 200; i++)
    wsm_test_world_add (fixture->world, "/a", heartbeat, NULL);
  wsm_test_world_run_ms (fixture->world, 3 * INTERVAL_MS);

  count = wsm_latency_get_count (wsm_pool_get_lateness (fixture->world->pool));
  g_signal_connect (fixture->lateness, "notify::count", G_CALLBACK (count_cb), &n_notified);
  wsm_test_world_run_ms (fixture->world, 3 * INTERVAL_MS);
  g_assert_cmpuint (wsm_latency_get_count (fixture->lateness) - count, ==, 3 * 201);
  g_assert_cmpuint (n_notified, >=, 3);
  g_assert_cmpuint (n_notified, <=, 6);
}

/* The pool may go before its figures. */
static void
test_outlives (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (WsmLatency) lateness = g_object_ref (fixture->lateness);

  wsm_test_world_run_ms (fixture->world, INTERVAL_MS);
  tear_down (fixture, NULL);
  g_assert_cmpuint (wsm_latency_get_count (lateness), ==, 2);
  set_up (fixture, NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) \
  g_test_add ("/pool-lateness/" path, Fixture, NULL, set_up, func, tear_down)

  ADD ("is-none-on-time", test_on_time);
  ADD ("grows-when-the-loop-is-held-up", test_busy_loop);
  ADD ("counts-what-waits-to-be-written", test_queued);
  ADD ("counts-what-is-not-answered", test_unanswered);
  ADD ("is-of-the-hand-over-where-nobody-sees-more", test_unseen);
  ADD ("is-told-once-a-turn", test_told_once);
  ADD ("outlives-the-pool", test_outlives);

  return g_test_run ();
}
