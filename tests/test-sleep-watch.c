/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-clock.h"
#include "wsm-scheduler.h"
#include "wsm-system-clock.h"

#ifdef __linux__
#include <sys/timex.h>
#endif

#define DAY_US (24 * 3600 * (gint64) G_USEC_PER_SEC)
#define HOUR_US (3600 * (gint64) G_USEC_PER_SEC)

typedef struct
{
  GMainContext *context;
  WsmTestClock *clock;
  WsmScheduler *scheduler;
} Fixture;

typedef struct
{
  WsmSleepListener listener;
  gint64 slept_us;
  guint n_told;
} Ear;

static void
ear_slept_cb (gint64   slept_us,
              gpointer user_data)
{
  Ear *ear = user_data;

  ear->slept_us = slept_us;
  ear->n_told++;
}

static void
ear_init (Ear *ear)
{
  *ear = (Ear) { .listener = { .func = ear_slept_cb, .user_data = ear } };
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
  g_assert_false (wsm_test_clock_is_watched (fixture->clock));
  g_assert_finalize_object (fixture->clock);
  g_main_context_unref (fixture->context);
}

static void
test_tells_sleep (Fixture       *fixture,
                  gconstpointer  data)
{
  Ear ear, other;

  ear_init (&ear);
  ear_init (&other);
  wsm_scheduler_listen (fixture->scheduler, &ear.listener);
  wsm_scheduler_listen (fixture->scheduler, &other.listener);
  wsm_test_clock_advance (fixture->clock, DAY_US);
  g_assert_cmpuint (ear.n_told, ==, 0);

  wsm_test_clock_sleep (fixture->clock, 8 * HOUR_US);
  g_assert_cmpuint (ear.n_told, ==, 1);
  g_assert_cmpint (ear.slept_us, ==, 8 * HOUR_US);
  g_assert_cmpuint (other.n_told, ==, 1);

  /* Each sleep once. */
  wsm_test_clock_step (fixture->clock);
  g_assert_cmpuint (ear.n_told, ==, 1);
  wsm_test_clock_sleep (fixture->clock, 2 * G_USEC_PER_SEC);
  g_assert_cmpuint (ear.n_told, ==, 2);
  g_assert_cmpint (ear.slept_us, ==, 2 * G_USEC_PER_SEC);

  wsm_scheduler_stop_listening (fixture->scheduler, &ear.listener);
  wsm_test_clock_sleep (fixture->clock, HOUR_US);
  g_assert_cmpuint (ear.n_told, ==, 2);
  g_assert_cmpuint (other.n_told, ==, 3);
  g_assert_true (wsm_test_clock_is_watched (fixture->clock));
  wsm_scheduler_stop_listening (fixture->scheduler, &other.listener);
  g_assert_false (wsm_test_clock_is_watched (fixture->clock));
}

static void
test_knows_a_step (Fixture       *fixture,
                   gconstpointer  data)
{
  Ear ear;

  ear_init (&ear);
  wsm_scheduler_listen (fixture->scheduler, &ear.listener);
  wsm_test_clock_step (fixture->clock);
  wsm_test_clock_sleep (fixture->clock, WSM_SLEEP_MIN_US - 1);
  g_assert_cmpuint (ear.n_told, ==, 0);
  wsm_test_clock_sleep (fixture->clock, WSM_SLEEP_MIN_US);
  g_assert_cmpuint (ear.n_told, ==, 1);
  /* A sleep before there was anybody is nobody's. */
  wsm_scheduler_stop_listening (fixture->scheduler, &ear.listener);
  wsm_test_clock_sleep (fixture->clock, HOUR_US);
  wsm_scheduler_listen (fixture->scheduler, &ear.listener);
  wsm_test_clock_step (fixture->clock);
  g_assert_cmpuint (ear.n_told, ==, 1);
  wsm_scheduler_stop_listening (fixture->scheduler, &ear.listener);
}

static void
timer_cb (WsmTimer *timer,
          gpointer  user_data)
{
}

static void
test_looks_when_awake (Fixture       *fixture,
                       gconstpointer  data)
{
  WsmTimer timer;
  Ear ear;

  ear_init (&ear);
  wsm_timer_init (&timer, timer_cb, NULL);
  wsm_test_clock_set_is_deaf (fixture->clock, TRUE);
  wsm_scheduler_listen (fixture->scheduler, &ear.listener);
  wsm_scheduler_arm (fixture->scheduler, &timer,
                     wsm_scheduler_get_time_us (fixture->scheduler) + G_USEC_PER_SEC);
  wsm_test_clock_sleep (fixture->clock, 8 * HOUR_US);
  g_assert_cmpuint (ear.n_told, ==, 0);
  wsm_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  g_assert_cmpuint (ear.n_told, ==, 1);
  g_assert_cmpint (ear.slept_us, ==, 8 * HOUR_US);
  wsm_scheduler_stop_listening (fixture->scheduler, &ear.listener);
}

static void
test_system_times (void)
{
  g_autoptr (WsmClock) clock = wsm_system_clock_new ();
  gint64 asleep_us = wsm_clock_get_boot_time_us (clock) - wsm_clock_get_time_us (clock);
  gint64 start_us = wsm_clock_get_time_us (clock);
  gint64 later_us;

  g_assert_cmpint (asleep_us, >, -WSM_SLEEP_MIN_US);
  while (wsm_clock_get_time_us (clock) - start_us < 20 * 1000)
    g_thread_yield ();
  later_us = wsm_clock_get_boot_time_us (clock) - wsm_clock_get_time_us (clock);
  g_assert_cmpint (ABS (later_us - asleep_us), <, WSM_SLEEP_MIN_US / 2);
}

#ifdef __linux__
static gboolean
count_cb (gpointer user_data)
{
  (*(guint *) user_data)++;

  return G_SOURCE_CONTINUE;
}

/* Sets the wall clock forth or back by a microsecond, which the kernel takes for a jump. */
static gboolean
step_wall_clock (gboolean forth)
{
  struct timex offset = {
    .modes = ADJ_SETOFFSET,
    .time.tv_sec = forth ? 0 : -1,
    .time.tv_usec = forth ? 1 : 999999,
  };

  return adjtimex (&offset) >= 0;
}

static void
test_system_source (void)
{
  g_autoptr (WsmClock) clock = wsm_system_clock_new ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) source = wsm_clock_create_wake_source (clock);
  guint n_times = 0;

  g_assert_nonnull (source);
  g_source_set_callback (source, count_cb, &n_times, NULL);
  g_source_attach (source, context);
  for (guint i = 0; i < 10; i++)
    g_assert_false (g_main_context_iteration (context, FALSE));

  for (guint i = 1; i <= 4; i++)
    {
      if (!step_wall_clock (i % 2 == 1))
        {
          g_test_skip ("This process may not set the clock, not even by a microsecond");
          break;
        }
      while (n_times < i)
        g_main_context_iteration (context, TRUE);
      while (g_main_context_iteration (context, FALSE))
        continue;
      g_assert_cmpuint (n_times, ==, i);
    }
  g_source_destroy (source);
}
#endif

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) \
  g_test_add ("/sleep-watch/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("tells-each-sleep-once", test_tells_sleep);
  ADD ("knows-a-step-of-the-clock", test_knows_a_step);
  ADD ("looks-when-awake-where-there-is-no-source", test_looks_when_awake);
#undef ADD
  g_test_add_func ("/sleep-watch/system/boot-time-goes-with-monotonic-time", test_system_times);
#ifdef __linux__
  g_test_add_func ("/sleep-watch/system/source-is-ready-when-the-clock-is-set",
                   test_system_source);
#endif

  return g_test_run ();
}
