/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "child-server.h"
#include "matrix.h"
#include "test-loop.h"
#include "test-process.h"

#include <libwsmulti.h>

/* F45 once more, for minutes and on real sockets: servers that are killed and stopped at random
 * lose and get back their clients, and each time all are back, as many sockets and as much memory
 * are in use. */

#define N_SERVERS 4
#define N_CLIENTS 75 /* of each */
#define N_CONNECTIONS (N_SERVERS * N_CLIENTS)
#define N_ROUNDS 60
#define WARM_UP_ROUNDS 20
#define AWAY_MS 300
#define STOPPED_MS 1500
#define BACK_MS 20000
#define MAX_GROWTH 0.02

static void
disconnected_cb (WsmConnection *connection,
                 WsmReason     *reason,
                 gboolean       will_retry,
                 guint         *n_lost)
{
  (*n_lost)++;
}

static void
add_clients (WsmPool     *pool,
             ChildServer *server,
             guint       *n_lost)
{
  g_autofree char *uri = child_server_make_uri (server, "/a");

  for (guint i = 0; i < N_CLIENTS; i++)
    {
      WsmConnection *connection = wsm_pool_add (pool, uri, NULL);

      g_signal_connect (connection, "disconnected", G_CALLBACK (disconnected_cb), n_lost);
    }
}

static void
do_harm (ChildServer *server)
{
  if (g_test_rand_bit ())
    {
      child_server_kill (server);
      test_loop_run_ms (AWAY_MS);
      child_server_restart (server);
    }
  else
    {
      child_server_stop (server);
      test_loop_run_ms (STOPPED_MS);
      child_server_continue (server);
    }
}

static void
test_minutes (void)
{
  ChildServer *servers[N_SERVERS];
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autoptr (WsmBackoff) backoff = NULL;
  WsmPool *pool = wsm_pool_new ();
  guint n_sockets = test_process_count_sockets ();
  gint64 begin_us = g_get_monotonic_time ();
  gsize warm = 0;
  gsize late = 0;
  guint n_lost = 0;
  double growth;

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "interval", 400, "timeout", 300, NULL);
  backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 200, "max", 1000, NULL);
  wsm_pool_set_heartbeat (pool, heartbeat);
  wsm_pool_set_backoff (pool, backoff);
  for (guint i = 0; i < N_SERVERS; i++)
    {
      servers[i] = child_server_new ("/a", NULL);
      add_clients (pool, servers[i], &n_lost);
    }

  for (guint i = 1; i <= N_ROUNDS; i++)
    {
      WAIT_WITHIN (wsm_pool_get_n_open (pool) == N_CONNECTIONS, BACK_MS);
      WAIT_FOR (test_process_count_sockets () == n_sockets + N_CONNECTIONS);
      if (i <= WARM_UP_ROUNDS)
        warm = MAX (warm, test_process_count_allocated ());
      else if (i > N_ROUNDS - WARM_UP_ROUNDS)
        late = MAX (late, test_process_count_allocated ());
      do_harm (servers[g_test_rand_int_range (0, N_SERVERS)]);
    }

  growth = (double) late / (double) warm - 1;
  matrix_measured ("F45", "%d connections on real sockets for %.0f s, %u sockets lost: memory grew "
                   "by %.2f %% of %.1f MB from the first %d of %d rounds to the last, and each "
                   "time all were back there was one socket a connection",
                   N_CONNECTIONS, test_loop_ms_since (begin_us) / 1000.0, n_lost, growth * 100,
                   (double) warm / 1e6, WARM_UP_ROUNDS, N_ROUNDS);
  g_assert_cmpfloat (growth, <=, MAX_GROWTH);
  g_assert_cmpuint (n_lost, >, N_CLIENTS);

  g_assert_finalize_object (pool);
  WAIT_FOR (test_process_count_sockets () == n_sockets);
  for (guint i = 0; i < N_SERVERS; i++)
    child_server_free (servers[i]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  child_server_set_program (argv[1]);

  g_test_add_func ("/matrix/f45-minutes-on-sockets", test_minutes);

  return g_test_run ();
}
