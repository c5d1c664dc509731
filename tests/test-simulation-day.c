/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "simulation.h"

static void
test_day (void)
{
  simulation_run (1, 1000, 24 * 3600 * SIMULATION_SECOND_US, 2 * SIMULATION_SECOND_US);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/simulation/day-of-1000", test_day);

  return g_test_run ();
}
