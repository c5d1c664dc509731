/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-pacer.h"

#define N_ROUNDS 200
#define N_TURNS 2000

static void
test_pacer_lets_all_go_when_off (void)
{
  g_autoptr (WsmPacer) pacer = wsm_pacer_new ();

  for (gint64 now_us = 0; now_us < 1000; now_us++)
    g_assert_cmpint (wsm_pacer_take (pacer, now_us / 100), ==, now_us / 100);

  wsm_pacer_set_rate (pacer, 1);
  g_assert_cmpint (wsm_pacer_take (pacer, 5), ==, 5);
  g_assert_cmpint (wsm_pacer_take (pacer, 5), >, 5);
  wsm_pacer_end_turn (pacer, 5);
  wsm_pacer_set_rate (pacer, 0);
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpint (wsm_pacer_take (pacer, 5), ==, 5);
}

/* A tenth of a second's worth, and then one after the other, in groups. */
static void
test_pacer_gives_turns (void)
{
  g_autoptr (WsmPacer) pacer = wsm_pacer_new ();
  const gint64 now_us = 1000 * WSM_PACER_STEP_US;

  wsm_pacer_set_rate (pacer, 100);
  for (guint round = 0; round < 2; round++)
    {
      gint64 begin_us = now_us + round * G_USEC_PER_SEC;

      for (guint i = 0; i < 11; i++)
        g_assert_cmpint (wsm_pacer_take (pacer, begin_us), ==, begin_us);
      for (guint i = 1; i <= 50; i++)
        g_assert_cmpint (wsm_pacer_take (pacer, begin_us), ==,
                         begin_us + (i + 1) / 2 * WSM_PACER_STEP_US);
      for (guint i = 1; i <= 50; i++)
        wsm_pacer_end_turn (pacer, begin_us + (i + 1) / 2 * WSM_PACER_STEP_US);
    }
}

/* A wave of turns that nobody wants any more holds up nobody. */
static void
test_pacer_owes_nothing_to_nobody (void)
{
  g_autoptr (WsmPacer) pacer = wsm_pacer_new ();
  const gint64 now_us = 1000 * WSM_PACER_STEP_US;

  wsm_pacer_set_rate (pacer, 50);
  for (guint i = 0; i < 1000; i++)
    wsm_pacer_take (pacer, now_us);
  for (guint i = 0; i < 1000 - 6; i++)
    {
      g_assert_cmpint (wsm_pacer_take (pacer, now_us), >, now_us + 10 * G_USEC_PER_SEC);
      wsm_pacer_end_turn (pacer, now_us);
    }
  for (guint i = 0; i < 1000 - 6; i++)
    wsm_pacer_end_turn (pacer, now_us);
  g_assert_cmpint (wsm_pacer_take (pacer, now_us), ==, now_us + WSM_PACER_STEP_US);
}

static int
compare_times (gconstpointer left,
               gconstpointer right)
{
  gint64 left_us = *(const gint64 *) left;
  gint64 right_us = *(const gint64 *) right;

  return (left_us > right_us) - (left_us < right_us);
}

static void
forget_turn (GArray *turns,
             gint64  due_us)
{
  for (guint i = turns->len; i > 0; i--)
    if (g_array_index (turns, gint64, i - 1) == due_us)
      {
        g_array_remove_index (turns, i - 1);
        return;
      }
}

/* Invariants, for any rate and any arrivals: no turn is in the past, nobody overtakes by more
 * than a group, and no second holds more turns than the rate, what was saved and the last group. */
static void
test_pacer_never_lets_a_storm_pass (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (WsmPacer) pacer = wsm_pacer_new ();
      g_autoptr (GArray) turns = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_autoptr (GArray) waits = g_array_new (FALSE, FALSE, sizeof (gint64));
      guint rate = (guint) g_test_rand_int_range (1, g_test_rand_bit () ? 20 : 5000);
      guint most = rate + rate / 10 + rate * WSM_PACER_STEP_US / G_USEC_PER_SEC + 2;
      gint64 now_us = g_test_rand_int_range (0, G_MAXINT32);
      gint64 last_us = 0;
      guint first = 0;

      wsm_pacer_set_rate (pacer, rate);
      for (guint i = 0; i < N_TURNS; i++)
        {
          gint64 due_us;

          if (g_test_rand_int_range (0, 50) == 0)
            now_us += g_test_rand_int_range (0, 2 * N_TURNS * 50 / (int) rate * 1000);
          while (waits->len > 0 && g_array_index (waits, gint64, 0) <= now_us)
            {
              wsm_pacer_end_turn (pacer, g_array_index (waits, gint64, 0));
              g_array_remove_index (waits, 0);
            }

          /* What was given up behind the last one that waited may be given out again. */
          if (waits->len == 0)
            last_us = 0;

          due_us = wsm_pacer_take (pacer, now_us);
          g_assert_cmpint (due_us, >=, now_us);
          g_assert_cmpint (due_us, >, last_us - WSM_PACER_STEP_US);
          last_us = due_us;
          g_array_append_val (turns, due_us);
          if (due_us > now_us)
            g_array_append_val (waits, due_us);
          /* Some are given up; those that others were promised stand. */
          if (waits->len > 1 && g_test_rand_int_range (0, 10) == 0)
            {
              wsm_pacer_end_turn (pacer, now_us);
              forget_turn (turns, g_array_index (waits, gint64, waits->len - 1));
              g_array_remove_index (waits, waits->len - 1);
            }
        }

      g_array_sort (turns, compare_times);
      for (guint i = 0; i < turns->len; i++)
        {
          while (g_array_index (turns, gint64, first) + G_USEC_PER_SEC <=
                 g_array_index (turns, gint64, i))
            first++;
          g_assert_cmpuint (i - first + 1, <=, most);
        }
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/pacer/lets-all-go-when-off", test_pacer_lets_all_go_when_off);
  g_test_add_func ("/pacer/gives-turns", test_pacer_gives_turns);
  g_test_add_func ("/pacer/owes-nothing-to-nobody", test_pacer_owes_nothing_to_nobody);
  g_test_add_func ("/pacer/never-lets-a-storm-pass", test_pacer_never_lets_a_storm_pass);

  return g_test_run ();
}
