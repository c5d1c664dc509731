/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

/* What a callback saw; it drops the pool if it has one. */
typedef struct
{
  WsmPool *pool;  /* (owned) (nullable) */
  WsmState state;
  gboolean over;
} Seen;

static void
open_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  WsmConnection *feed = WSM_CONNECTION (object);
  Seen *seen = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_true (wsm_connection_open_finish (feed, result, &error));
  g_assert_no_error (error);
  seen->state = wsm_connection_get_state (feed);
  seen->over = TRUE;
  g_clear_object (&seen->pool);
}

static void
ping_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Seen *seen = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_cmpfloat (wsm_connection_ping_finish (WSM_CONNECTION (object), result, &error), ==, 2.0);
  g_assert_no_error (error);
  g_assert_true (wsm_pool_remove (seen->pool, WSM_CONNECTION (object)));
  seen->over = TRUE;
}

static void
aborted_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  Seen *seen = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_false (wsm_connection_open_finish (WSM_CONNECTION (object), result, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_ABORTED);
  seen->over = TRUE;
}

static void
test_open_drops_the_pool (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_add (world, "/a", NULL, NULL);
  WsmPool *pool = world->pool;
  Seen seen = { NULL };

  g_main_context_push_thread_default (world->context);
  wsm_connection_open_async (feed, NULL, open_cb, &seen);
  g_main_context_pop_thread_default (world->context);
  g_object_add_weak_pointer (G_OBJECT (pool), (gpointer *) &pool);
  seen.pool = g_steal_pointer (&world->pool);
  wsm_test_world_run_ms (world, 10);
  g_assert_true (seen.over);
  g_assert_cmpint (seen.state, ==, WSM_STATE_OPEN);
  g_assert_null (pool);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");

  wsm_test_world_free (world);
}

static void
test_ping_removes (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autoptr (WsmConnection) feed = g_object_ref (wsm_test_world_add (world, "/a", NULL, NULL));
  Seen seen = { world->pool };

  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");
  g_main_context_push_thread_default (world->context);
  wsm_connection_ping_async (feed, NULL, ping_cb, &seen);
  g_main_context_pop_thread_default (world->context);
  wsm_test_world_run_ms (world, 10);
  g_assert_true (seen.over);

  wsm_test_world_free (world);
}

static void
test_removal_ends_the_wait_later (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autoptr (WsmConnection) feed = g_object_ref (wsm_test_world_add (world, "/a", NULL, NULL));
  Seen seen = { NULL };

  g_main_context_push_thread_default (world->context);
  wsm_connection_open_async (feed, NULL, aborted_cb, &seen);
  g_main_context_pop_thread_default (world->context);
  wsm_test_world_run_ms (world, 0);
  wsm_test_world_assert_log (world, "CONNECTING");
  g_assert_true (wsm_pool_remove (world->pool, feed));
  g_assert_false (seen.over);
  wsm_test_world_run_ms (world, 10);
  g_assert_true (seen.over);

  wsm_test_world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/connection/open-async/callback-drops-the-pool", test_open_drops_the_pool);
  g_test_add_func ("/connection/open-async/removal-ends-the-wait-later",
                   test_removal_ends_the_wait_later);
  g_test_add_func ("/connection/ping-async/callback-removes", test_ping_removes);

  return g_test_run ();
}
