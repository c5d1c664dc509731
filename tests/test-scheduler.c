/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-clock.h"
#include "wsm-scheduler.h"

typedef struct
{
  GMainContext *context;
  WsmTestClock *clock;
  WsmScheduler *scheduler;
} Fixture;

typedef struct
{
  Fixture *fixture;
  WsmTimer timer;
  gint64 fired_us;
  guint n_fired;
  gint64 again_us;
  WsmTimer *victim;
} Probe;

static void
probe_fired_cb (WsmTimer *timer,
                gpointer  user_data)
{
  Probe *probe = user_data;

  probe->fired_us = wsm_scheduler_get_time_us (probe->fixture->scheduler);
  probe->n_fired++;
  if (probe->again_us > 0 && probe->n_fired < 100)
    wsm_scheduler_arm (probe->fixture->scheduler, timer, probe->fired_us + probe->again_us);
  if (probe->victim != NULL)
    wsm_scheduler_disarm (probe->fixture->scheduler, probe->victim);
}

static void
probe_init (Probe   *probe,
            Fixture *fixture)
{
  *probe = (Probe) { .fixture = fixture };
  wsm_timer_init (&probe->timer, probe_fired_cb, probe);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  fixture->clock = wsm_test_clock_new (fixture->context);
  fixture->scheduler = wsm_scheduler_ref_for_context (fixture->context,
                                                      WSM_CLOCK (fixture->clock));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_finalize_object (fixture->scheduler);
  g_assert_finalize_object (fixture->clock);
  g_main_context_unref (fixture->context);
}

static void
test_shared (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (WsmScheduler) other = NULL;
  g_autoptr (WsmScheduler) system = NULL;

  other = wsm_scheduler_ref_for_context (fixture->context, WSM_CLOCK (fixture->clock));
  g_assert_true (other == fixture->scheduler);

  system = wsm_scheduler_ref_for_context (fixture->context, NULL);
  g_assert_true (system != fixture->scheduler);
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  enum { N = 500, ROUNDS = 20 };
  g_autofree Probe *probes = g_new0 (Probe, N);
  gint64 start_us = wsm_scheduler_get_time_us (fixture->scheduler);

  /* Whatever is armed, armed anew and disarmed in whatever order: a timer fires exactly at the
   * time it was last armed for, once, or never when it was disarmed. */
  for (guint round = 0; round < ROUNDS; round++)
    {
      gint64 expected_us[N];

      for (guint i = 0; i < N; i++)
        probe_init (&probes[i], fixture);
      for (guint n = 0; n < 3 * N; n++)
        {
          guint i = (guint) g_test_rand_int_range (0, N);

          if (g_test_rand_int_range (0, 4) == 0)
            {
              wsm_scheduler_disarm (fixture->scheduler, &probes[i].timer);
              expected_us[i] = 0;
              continue;
            }
          expected_us[i] = start_us + g_test_rand_int_range (1, 1000000);
          wsm_scheduler_arm (fixture->scheduler, &probes[i].timer, expected_us[i]);
        }
      wsm_test_clock_advance (fixture->clock, 1000000);
      for (guint i = 0; i < N; i++)
        {
          g_assert_false (wsm_timer_is_armed (&probes[i].timer));
          if (probes[i].timer.due_us == 0)
            continue;
          if (expected_us[i] == 0)
            g_assert_cmpuint (probes[i].n_fired, ==, 0);
          else
            g_assert_cmpint (probes[i].fired_us, ==, expected_us[i]);
          g_assert_cmpuint (probes[i].n_fired, <=, 1);
        }
      start_us = wsm_scheduler_get_time_us (fixture->scheduler);
    }
}

static void
test_again (Fixture       *fixture,
            gconstpointer  data)
{
  Probe probe;

  probe_init (&probe, fixture);
  probe.again_us = 10;
  wsm_scheduler_arm (fixture->scheduler, &probe.timer,
                     wsm_scheduler_get_time_us (fixture->scheduler) + 10);
  wsm_test_clock_advance (fixture->clock, 10000);
  g_assert_cmpuint (probe.n_fired, ==, 100);
}

static void
test_disarm_while_due (Fixture       *fixture,
                       gconstpointer  data)
{
  gint64 due_us = wsm_scheduler_get_time_us (fixture->scheduler) + 10;
  Probe first, second;

  probe_init (&first, fixture);
  probe_init (&second, fixture);
  first.victim = &second.timer;
  second.victim = &first.timer;
  wsm_scheduler_arm (fixture->scheduler, &first.timer, due_us);
  wsm_scheduler_arm (fixture->scheduler, &second.timer, due_us);
  wsm_test_clock_advance (fixture->clock, 100);
  g_assert_cmpuint (first.n_fired + second.n_fired, ==, 1);
}

static void
test_one_wake_up (Fixture       *fixture,
                  gconstpointer  data)
{
  enum { N = 100 };
  gint64 now_us = wsm_scheduler_get_time_us (fixture->scheduler);
  guint64 n_before = wsm_test_clock_get_n_alarms (fixture->clock);
  Probe probes[N];

  /* 100 deadlines within 250 ms share the wake-up at the end of their window. */
  for (guint i = 0; i < N; i++)
    {
      probe_init (&probes[i], fixture);
      wsm_scheduler_arm (fixture->scheduler, &probes[i].timer,
                         wsm_scheduler_align (now_us + 1 + 2500 * i, 250000));
    }
  wsm_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  g_assert_cmpuint (wsm_test_clock_get_n_alarms (fixture->clock) - n_before, ==, 1);
  for (guint i = 0; i < N; i++)
    g_assert_cmpuint (probes[i].n_fired, ==, 1);
}

static void
test_align (void)
{
  /* Never early, never more than the window late, and always on the grid. */
  for (guint i = 0; i < 10000; i++)
    {
      gint64 window_us = g_test_rand_int_range (2, 300000);
      gint64 due_us = (gint64) (g_test_rand_double () * 1e15);
      gint64 aligned_us = wsm_scheduler_align (due_us, window_us);

      g_assert_cmpint (aligned_us, >=, due_us);
      g_assert_cmpint (aligned_us - due_us, <, window_us);
      g_assert_cmpint (aligned_us % window_us, ==, 0);
    }
  g_assert_cmpint (wsm_scheduler_align (12345, 0), ==, 12345);
}

static void
test_phase (void)
{
  enum { N = 10000, SLOTS = 20 };
  guint n_in_slot[SLOTS] = { 0 };

  for (guint i = 0; i < N; i++)
    {
      g_autofree char *name = g_strdup_printf ("wss://feed.example.com/%u", i);
      gint64 phase_us = wsm_scheduler_phase_us (name, 5 * G_USEC_PER_SEC);

      g_assert_cmpint (phase_us, >=, 0);
      g_assert_cmpint (phase_us, <, 5 * G_USEC_PER_SEC);
      g_assert_cmpint (phase_us, ==, wsm_scheduler_phase_us (name, 5 * G_USEC_PER_SEC));
      n_in_slot[phase_us / 250000]++;
    }
  /* Evenly spread: each slot within a fifth of its share (the standard deviation is 4 %). */
  for (guint i = 0; i < SLOTS; i++)
    {
      g_assert_cmpuint (n_in_slot[i], >, N / SLOTS * 4 / 5);
      g_assert_cmpuint (n_in_slot[i], <, N / SLOTS * 6 / 5);
    }
}

static void
system_fired_cb (WsmTimer *timer,
                 gpointer  user_data)
{
  gint64 *fired_us = user_data;

  *fired_us = g_get_monotonic_time ();
}

static void
test_system_clock (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (WsmScheduler) scheduler = wsm_scheduler_ref_for_context (context, NULL);
  gint64 fired_us = 0;
  gint64 due_us = g_get_monotonic_time () + 20000;
  WsmTimer timer;

  wsm_timer_init (&timer, system_fired_cb, &fired_us);
  wsm_scheduler_arm (scheduler, &timer, due_us);
  while (fired_us == 0)
    g_main_context_iteration (context, TRUE);
  g_assert_cmpint (fired_us, >=, due_us);
  g_assert_cmpint (fired_us, <, due_us + 5 * G_USEC_PER_SEC);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/scheduler/is-shared-by-a-context", test_shared);
  ADD ("/scheduler/fires-at-the-last-armed-time", test_order);
  ADD ("/scheduler/arms-itself-anew", test_again);
  ADD ("/scheduler/disarms-what-is-due", test_disarm_while_due);
  ADD ("/scheduler/serves-a-window-in-one-wake-up", test_one_wake_up);
#undef ADD
  g_test_add_func ("/scheduler/align", test_align);
  g_test_add_func ("/scheduler/phase-is-stable-and-spread", test_phase);
  g_test_add_func ("/scheduler/system-clock", test_system_clock);

  return g_test_run ();
}
