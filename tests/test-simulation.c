/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "simulation.h"

static void
test_hour (void)
{
  guint32 seed = (guint32) g_test_rand_int ();

  simulation_run (seed, 50, 3600 * SIMULATION_SECOND_US, 2 * SIMULATION_SECOND_US);
}

static guint64
run_hour (guint32 seed)
{
  return simulation_run (seed, 30, 3600 * SIMULATION_SECOND_US, 2 * SIMULATION_SECOND_US);
}

static void
test_same_seed (void)
{
  guint64 first = run_hour (7);

  g_assert_cmpuint (run_hour (7), ==, first);
  g_assert_cmpuint (run_hour (8), !=, first);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/simulation/hour", test_hour);
  g_test_add_func ("/simulation/same-seed-same-story", test_same_seed);

  return g_test_run ();
}
