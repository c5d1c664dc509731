/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include <sys/resource.h>

#include "child-server.h"
#include "scene.h"
#include "test-loop.h"
#include "test-process.h"

/* Many connections at once, to one server. */

/* A thousand handshakes under valgrind take their time. */
#define PATIENCE_MS (60 * 1000)

/* As long as one socket may take to go, for each lane of them. */
#define RELEASE_MS(n_connections) ((n_connections) / 16 * SCENE_RELEASE_MS)

typedef struct
{
  ChildServer *server; /* (owned) */
  WsmPool *pool;       /* (owned) */
  guint n_messages;
  guint n_beats;
  guint n_lost;
  guint n_closed;
} Crowd;

static void
message_cb (WsmPool               *pool,
            WsmConnection         *connection,
            SoupWebsocketDataType  type,
            GBytes                *message,
            Crowd                 *crowd)
{
  crowd->n_messages++;
}

static void
beat_cb (Crowd *crowd)
{
  crowd->n_beats++;
}

static void
disconnected_cb (Crowd *crowd)
{
  crowd->n_lost++;
}

static void
closed_cb (Crowd *crowd)
{
  crowd->n_closed++;
}

static void
pool_closed_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  gboolean *is_done = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_true (wsm_pool_close_finish (WSM_POOL (source), result, &error));
  g_assert_no_error (error);
  *is_done = TRUE;
}

/* The server is another process; both ends of a thousand need two thousand descriptors. */
static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

static void
test_crowd (gconstpointer data)
{
  guint n_connections = GPOINTER_TO_UINT (data);
  Crowd crowd = { NULL };
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autofree char *uri = NULL;
  gboolean is_done = FALSE;
  gint64 before_us;

  crowd.server = child_server_new ("/a", NULL);
  uri = child_server_make_uri (crowd.server, "/a");
  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "interval", 1000, "timeout", 900, NULL);
  crowd.pool = wsm_pool_new ();
  wsm_pool_set_heartbeat (crowd.pool, heartbeat);
  g_signal_connect (crowd.pool, "message", G_CALLBACK (message_cb), &crowd);

  before_us = g_get_monotonic_time ();
  for (guint i = 0; i < n_connections; i++)
    {
      WsmConnection *connection = wsm_pool_add (crowd.pool, uri, NULL);

      g_assert_nonnull (connection);
      g_signal_connect_swapped (connection, "beat", G_CALLBACK (beat_cb), &crowd);
      g_signal_connect_swapped (connection, "disconnected", G_CALLBACK (disconnected_cb), &crowd);
      g_signal_connect_swapped (connection, "closed", G_CALLBACK (closed_cb), &crowd);
    }
  WAIT_WITHIN (wsm_pool_get_n_open (crowd.pool) == n_connections, PATIENCE_MS);
  g_test_message ("%u open after %.0f ms", n_connections, test_loop_ms_since (before_us));

  before_us = g_get_monotonic_time ();
  g_assert_cmpuint (wsm_pool_broadcast_text (crowd.pool, "hello", NULL), ==, n_connections);
  WAIT_WITHIN (crowd.n_messages == n_connections, PATIENCE_MS);
  g_test_message ("broadcast and back in %.0f ms", test_loop_ms_since (before_us));

  before_us = g_get_monotonic_time ();
  crowd.n_beats = 0;
  wsm_pool_probe (crowd.pool);
  WAIT_WITHIN (crowd.n_beats >= n_connections, PATIENCE_MS);
  g_test_message ("%u beats in %.0f ms", crowd.n_beats, test_loop_ms_since (before_us));
  crowd.n_beats = 0;
  WAIT_WITHIN (crowd.n_beats >= n_connections, PATIENCE_MS);
  g_assert_cmpuint (crowd.n_lost, ==, 0);
  g_assert_cmpuint (wsm_pool_get_n_open (crowd.pool), ==, n_connections);

  before_us = g_get_monotonic_time ();
  wsm_pool_close_async (crowd.pool, 0, NULL, pool_closed_cb, &is_done);
  WAIT_WITHIN (is_done, PATIENCE_MS);
  g_test_message ("closed in %.0f ms", test_loop_ms_since (before_us));
  g_assert_cmpuint (crowd.n_lost, ==, n_connections);
  g_assert_cmpuint (crowd.n_closed, ==, n_connections);
  g_assert_cmpuint (wsm_pool_get_n_open (crowd.pool), ==, 0);

  g_assert_finalize_object (crowd.pool);
  WAIT_WITHIN (test_loop_is_idle_for_ms (G_MAXUINT) && test_process_count_sockets () == 0,
               RELEASE_MS (n_connections));
  child_server_free (crowd.server);
}

/* The server goes, and all are told; it comes back, and all come back, without a storm. */
static void
test_crowd_returns (void)
{
  const guint n_connections = 200;
  Crowd crowd = { NULL };
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 100, "max", 1000,
                                                 NULL);
  g_autofree char *uri = NULL;
  gint64 before_us;

  crowd.server = child_server_new ("/a", NULL);
  uri = child_server_make_uri (crowd.server, "/a");
  crowd.pool = wsm_pool_new ();
  wsm_pool_set_backoff (crowd.pool, backoff);
  for (guint i = 0; i < n_connections; i++)
    {
      WsmConnection *connection = wsm_pool_add (crowd.pool, uri, NULL);

      g_signal_connect_swapped (connection, "disconnected", G_CALLBACK (disconnected_cb), &crowd);
    }
  WAIT_WITHIN (wsm_pool_get_n_open (crowd.pool) == n_connections, PATIENCE_MS);

  child_server_kill (crowd.server);
  WAIT_WITHIN (wsm_pool_get_n_open (crowd.pool) == 0, PATIENCE_MS);
  g_assert_cmpuint (crowd.n_lost, ==, n_connections);
  test_loop_run_ms (500);
  child_server_restart (crowd.server);
  before_us = g_get_monotonic_time ();
  WAIT_WITHIN (wsm_pool_get_n_open (crowd.pool) == n_connections, PATIENCE_MS);
  g_test_message ("%u are back after %.0f ms", n_connections, test_loop_ms_since (before_us));
  g_assert_cmpfloat (test_loop_ms_since (before_us), <, 3000);
  g_assert_cmpuint (crowd.n_lost, ==, n_connections);

  g_assert_finalize_object (crowd.pool);
  WAIT_WITHIN (test_process_count_sockets () == 0, RELEASE_MS (n_connections));
  child_server_free (crowd.server);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  child_server_set_program (argv[1]);
  raise_descriptor_limit ();

  g_test_add_data_func ("/many/400", GUINT_TO_POINTER (400), test_crowd);
  g_test_add_data_func ("/many/1000", GUINT_TO_POINTER (1000), test_crowd);
  g_test_add_func ("/many/all-come-back", test_crowd_returns);

  return g_test_run ();
}
