/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include "child-server.h"
#include "scene.h"
#include "test-loop.h"

/* One loop for all: what an app that holds it, or a neighbour in trouble, may not do to a
 * connection that is well. The server is another process, and so is awake all the time. */

#define INTERVAL_MS 200
#define TIMEOUT_MS 100

typedef struct
{
  ChildServer *server; /* (owned) */
  Scene *scene;        /* (owned) */
  Witness *witness;    /* (owned) */
} Fixture;

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *uri = NULL;

  fixture->server = child_server_new ("/a", "/stall,stall", "/drop,drop-after-time=30ms,reset",
                                      "/bye,close=1012", "/refuse,refuse=500", "/victim", NULL);
  uri = child_server_make_uri (fixture->server, "/a");
  fixture->scene = scene_new ();
  scene_beat_strictly (fixture->scene, INTERVAL_MS, TIMEOUT_MS);
  fixture->witness = scene_open_uri (fixture->scene, uri);
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  witness_free (fixture->witness);
  scene_free (fixture->scene);
  child_server_free (fixture->server);
}

static void
wait_for_beat_sent (WsmConnection *connection)
{
  guint64 n_beats = wsm_connection_get_n_beats_sent (connection);

  WAIT_FOR (wsm_connection_get_n_beats_sent (connection) > n_beats);
}

static void
test_blocked (Fixture       *fixture,
              gconstpointer  data)
{
  WsmConnection *connection = fixture->witness->connection;

  /* From a beat on, and from ever later after it, past its deadline and past many beats. */
  for (guint i = 0; i < 6; i++)
    {
      wait_for_beat_sent (connection);
      test_loop_run_ms (i * 30);
      test_loop_block_ms (i < 5 ? 3 * TIMEOUT_MS : 10 * TIMEOUT_MS);
    }
  test_loop_run_ms (2 * INTERVAL_MS);
  witness_assert_log (fixture->witness, "");
  g_assert_true (witness_is_in (fixture->witness, WSM_STATE_OPEN));
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (connection), >=, 6);
  g_assert_cmpfloat (wsm_latency_get_loss (wsm_connection_get_latency (connection)), ==, 0);
}

static void
block_cb (WsmConnection *connection,
          guint64        sequence,
          double         round_trip_ms,
          guint         *n_blocked)
{
  (*n_blocked)++;
  test_loop_block_ms (3 * TIMEOUT_MS);
}

static void
test_blocked_in_handler (Fixture       *fixture,
                         gconstpointer  data)
{
  guint n_blocked = 0;
  gulong handler_id;

  handler_id = g_signal_connect (fixture->witness->connection, "beat", G_CALLBACK (block_cb),
                                 &n_blocked);
  WAIT_FOR (n_blocked == 4);
  g_signal_handler_disconnect (fixture->witness->connection, handler_id);
  witness_assert_log (fixture->witness, "");
}

/* It was not the loop alone. */
static void
test_blocked_while_peer_dies (Fixture       *fixture,
                              gconstpointer  data)
{
  gint64 back_us;

  WAIT_FOR (fixture->witness->n_beats > 0);
  child_server_stop (fixture->server);
  wait_for_beat_sent (fixture->witness->connection);
  test_loop_block_ms (3 * TIMEOUT_MS);
  back_us = g_get_monotonic_time ();
  WAIT_FOR (fixture->witness->n_disconnected == 1);
  g_assert_cmpfloat (test_loop_ms_since (back_us), <, 50);
  g_assert_cmpint (wsm_reason_get_code (fixture->witness->reason), ==,
                   WSM_REASON_CODE_HEARTBEAT_LOST);
  child_server_continue (fixture->server);
}

static void
drop_cb (WsmConnection *connection,
         gboolean       reconnected,
         WsmPool       *pool)
{
  wsm_pool_remove (pool, connection);
}

/* Neighbours that stall, are refused, reset, closed, or thrown out by a handler of their own. */
static void
test_neighbours_in_trouble (Fixture       *fixture,
                            gconstpointer  data)
{
  const char *paths[] = { "/stall", "/drop", "/bye", "/refuse", "/nowhere" };
  WsmPool *pool = fixture->scene->pool;
  gint64 end_us;

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *uri = child_server_make_uri (fixture->server, paths[i]);
      WsmConnection *neighbour = scene_add_uri (fixture->scene, uri);

      wsm_connection_set_connect_timeout (neighbour, 250);
    }
  scene_add_uri (fixture->scene, "ws://127.0.0.1:1/");

  WAIT_FOR (fixture->witness->n_beats > 0);
  witness_forget (fixture->witness);
  end_us = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;
  while (g_get_monotonic_time () < end_us)
    {
      g_autofree char *uri = child_server_make_uri (fixture->server, "/victim");
      WsmConnection *victim = scene_add_uri (fixture->scene, uri);

      g_signal_connect (victim, "opened", G_CALLBACK (drop_cb), pool);
      test_loop_run_ms (50);
    }

  witness_assert_log (fixture->witness, "");
  g_test_message ("%u beats, at most %.0f ms apart, %.2f ms", fixture->witness->n_beats,
                  fixture->witness->max_beat_gap_ms, fixture->witness->round_trip_ms);
  g_assert_cmpuint (fixture->witness->n_beats, >=, 2000 / INTERVAL_MS - 2);
  g_assert_cmpfloat (fixture->witness->max_beat_gap_ms, <, INTERVAL_MS + 100);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  child_server_set_program (argv[1]);

  g_test_add ("/one-loop/blocked-is-not-dead", Fixture, NULL, fixture_set_up, test_blocked,
              fixture_tear_down);
  g_test_add ("/one-loop/blocked-in-a-handler-is-not-dead", Fixture, NULL, fixture_set_up,
              test_blocked_in_handler, fixture_tear_down);
  g_test_add ("/one-loop/blocked-while-the-peer-dies", Fixture, NULL, fixture_set_up,
              test_blocked_while_peer_dies, fixture_tear_down);
  g_test_add ("/one-loop/neighbours-in-trouble", Fixture, NULL, fixture_set_up,
              test_neighbours_in_trouble, fixture_tear_down);

  return g_test_run ();
}
