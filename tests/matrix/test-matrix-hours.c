/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <time.h>

#include "matrix.h"
#include "test-world.h"

/* What takes hours, on the clock of the test. */

#define N_CONNECTIONS 1000
#define AWAY_S 3600
/* The default of a back-off. */
#define MAX_DELAY_S 60
/* Chance is even, so an attempt comes after half of that; three times as many are allowed, and ten
 * more for the short delays in the beginning. */
#define MAX_ATTEMPTS (AWAY_S / MAX_DELAY_S * 3 + 10)
#ifdef __SANITIZE_ADDRESS__
/* Which takes three times as long. */
#define MAX_LOAD 0.003
#else
#define MAX_LOAD 0.001
#endif
/* The default of a pool, and a tenth of it at once. */
#define MAX_PER_SECOND (700 + 70)

typedef struct
{
  WsmTestWorld *world; /* (owned) */
  GPtrArray *peers;    /* (owned) (element-type WsmTestPeer): unowned elements */
  guint n_this_second;
  guint n_busiest_second;
} Fleet;

static double
get_computed_s (void)
{
  struct timespec now;

  g_assert_cmpint (clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now), ==, 0);

  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static void
state_changed_cb (WsmPool       *pool,
                  WsmConnection *connection,
                  Fleet         *fleet)
{
  if (wsm_connection_get_state (connection) == WSM_STATE_CONNECTING)
    fleet->n_this_second++;
}

static void
test_away_for_an_hour (void)
{
  Fleet fleet = { wsm_test_world_new (1), g_ptr_array_new (), 0, 0 };
  guint n_attempts = 0;
  guint most = 0;
  double computed_s;

  for (guint i = 0; i < N_CONNECTIONS; i++)
    {
      g_autofree char *path = g_strdup_printf ("/%u", i);
      g_autofree char *uri = g_strconcat ("ws://127.0.0.1", path, NULL);

      g_ptr_array_add (fleet.peers, wsm_test_world_get_peer (fleet.world, path));
      g_assert_nonnull (wsm_pool_add (fleet.world->pool, uri, NULL));
    }
  wsm_test_world_run_ms (fleet.world, 1000);
  g_assert_cmpuint (wsm_pool_get_n_open (fleet.world->pool), ==, N_CONNECTIONS);

  for (guint i = 0; i < N_CONNECTIONS; i++)
    {
      WsmTestPeer *peer = g_ptr_array_index (fleet.peers, i);

      peer->n_attempts = 0;
      peer->refusal = WSM_REASON_CODE_REFUSED;
      wsm_test_peer_drop (peer, WSM_REASON_CODE_END_OF_STREAM);
    }
  g_signal_connect (fleet.world->pool, "connection-state-changed", G_CALLBACK (state_changed_cb),
                    &fleet);

  computed_s = get_computed_s ();
  for (guint second = 0; second < AWAY_S; second++)
    {
      fleet.n_this_second = 0;
      wsm_test_world_run_ms (fleet.world, 1000);
      fleet.n_busiest_second = MAX (fleet.n_busiest_second, fleet.n_this_second);
    }
  computed_s = get_computed_s () - computed_s;

  for (guint i = 0; i < N_CONNECTIONS; i++)
    {
      WsmTestPeer *peer = g_ptr_array_index (fleet.peers, i);

      n_attempts += peer->n_attempts;
      most = MAX (most, peer->n_attempts);
      peer->refusal = WSM_REASON_CODE_NONE;
    }
  matrix_measured ("F41", "%u connections, an hour: %.0f attempts each, at most %u of %u allowed; "
                   "at most %u of all in a second; %.2f %% of a processor",
                   N_CONNECTIONS, (double) n_attempts / N_CONNECTIONS, most, MAX_ATTEMPTS,
                   fleet.n_busiest_second, computed_s / AWAY_S * 100.0);
  g_assert_cmpuint (most, <=, MAX_ATTEMPTS);
  g_assert_cmpuint (fleet.n_busiest_second, <=, MAX_PER_SECOND);
  g_assert_cmpfloat (computed_s / AWAY_S, <, MAX_LOAD);

  /* Nobody has given up. */
  wsm_test_world_run_ms (fleet.world, (MAX_DELAY_S + 5) * 1000);
  g_assert_cmpuint (wsm_pool_get_n_open (fleet.world->pool), ==, N_CONNECTIONS);

  wsm_test_world_free (fleet.world);
  g_ptr_array_unref (fleet.peers);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/matrix/f41-away-for-an-hour", test_away_for_an_hour);

  return g_test_run ();
}
