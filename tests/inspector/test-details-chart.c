/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-chart-scale.h"
#include "wsi-event.h"
#include "wsi-history.h"

#include <math.h>

#define SECOND G_GINT64_CONSTANT (1000000)

static WsiChartScale *
make_scale (double width,
            double height)
{
  WsiChartScale *scale = wsi_chart_scale_new ();

  wsi_chart_scale_set_area (scale, 10.0, 20.0, width, height);

  return scale;
}

static void
test_scale_puts_a_moment_and_a_value_in_their_place (void)
{
  g_autoptr (WsiChartScale) scale = make_scale (100.0, 50.0);

  wsi_chart_scale_set_times (scale, 1000 * SECOND, 1100 * SECOND, 1100 * SECOND, 20.0);
  wsi_chart_scale_set_largest (scale, 10.0, 10.0);

  g_assert_cmpfloat_with_epsilon (wsi_chart_scale_get_x (scale, 1000 * SECOND), 10.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (wsi_chart_scale_get_x (scale, 1025 * SECOND), 35.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (wsi_chart_scale_get_x (scale, 1100 * SECOND), 110.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (wsi_chart_scale_get_y (scale, 0.0), 70.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (wsi_chart_scale_get_y (scale, 10.0), 20.0, 1e-6);
  g_assert_cmpint (wsi_chart_scale_get_time (scale, 35.0), ==, 1025 * SECOND);
}

static void
test_scale_ends_at_a_round_number_that_is_not_below (void)
{
  static const double largest[] = {
    0.2, 1.0, 1.01, 3.0, 7.3, 9.99, 10.0, 47.0, 99.0, 100.1, 402.0, 999.0, 12345.0,
  };
  g_autoptr (WsiChartScale) scale = make_scale (100.0, 100.0);

  for (gsize i = 0; i < G_N_ELEMENTS (largest); i++)
    {
      double step;
      double top;
      double digit;

      wsi_chart_scale_set_largest (scale, largest[i], 20.0);
      top = wsi_chart_scale_get_top (scale);
      step = wsi_chart_scale_get_value (scale, 1);
      digit = step / pow (10.0, floor (log10 (step) + 1e-9));

      g_test_message ("%g: top %g, step %g", largest[i], top, step);
      g_assert_cmpfloat (top, >=, largest[i] - 1e-9);
      g_assert_cmpfloat (top - step, <, MAX (largest[i], 1.0));
      g_assert_true (fabs (digit - 1.0) < 1e-6 || fabs (digit - 2.0) < 1e-6 ||
                     fabs (digit - 5.0) < 1e-6);
      g_assert_cmpuint (wsi_chart_scale_get_n_values (scale), >=, 2);
      g_assert_cmpuint (wsi_chart_scale_get_n_values (scale), <=, 6);
      g_assert_cmpfloat (wsi_chart_scale_get_value (scale, 0), ==, 0.0);
      g_assert_cmpfloat_with_epsilon (
        wsi_chart_scale_get_value (scale, wsi_chart_scale_get_n_values (scale) - 1), top, 1e-6);
    }
}

static void
test_scale_survives_numbers_that_are_none (void)
{
  static const double bad[] = { NAN, INFINITY, -INFINITY, -1.0, 0.0 };
  g_autoptr (WsiChartScale) scale = make_scale (0.0, -5.0);

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      wsi_chart_scale_set_largest (scale, bad[i], 20.0);
      g_assert_cmpfloat_with_epsilon (wsi_chart_scale_get_top (scale), 1.0, 1e-9);
    }

  /* No time at all, and all the time there is. */
  wsi_chart_scale_set_times (scale, 5, 5, 5, 60.0);
  g_assert_cmpuint (wsi_chart_scale_get_n_ages (scale), ==, 1);
  g_assert_true (isfinite (wsi_chart_scale_get_x (scale, 5)));
  wsi_chart_scale_set_area (scale, 0.0, 0.0, 300.0, 100.0);
  wsi_chart_scale_set_times (scale, 0, G_MAXINT64 / 4, G_MAXINT64 / 4, 60.0);
  g_assert_cmpuint (wsi_chart_scale_get_n_ages (scale), <=, 6);
}

static void
test_scale_counts_time_as_people_do (void)
{
  g_autoptr (WsiChartScale) scale = make_scale (600.0, 100.0);

  wsi_chart_scale_set_times (scale, 7 * SECOND, 307 * SECOND, 307 * SECOND, 80.0);
  g_assert_cmpint (wsi_chart_scale_get_age (scale, 0), ==, 0);
  g_assert_cmpint (wsi_chart_scale_get_age (scale, 1), ==, 60 * SECOND);
  g_assert_cmpuint (wsi_chart_scale_get_n_ages (scale), ==, 6);

  /* Half the width: half the labels. */
  wsi_chart_scale_set_area (scale, 0.0, 0.0, 300.0, 100.0);
  wsi_chart_scale_set_times (scale, 7 * SECOND, 307 * SECOND, 307 * SECOND, 80.0);
  g_assert_cmpint (wsi_chart_scale_get_age (scale, 1), ==, 120 * SECOND);
  g_assert_cmpuint (wsi_chart_scale_get_n_ages (scale), ==, 3);

  /* The present is out of sight, and still what is counted from. */
  wsi_chart_scale_set_times (scale, 7 * SECOND, 307 * SECOND, 337 * SECOND, 80.0);
  g_assert_cmpint (wsi_chart_scale_get_age (scale, 0), ==, 120 * SECOND);
  g_assert_cmpuint (wsi_chart_scale_get_n_ages (scale), ==, 2);
}

static void
add_event (GListStore   *journal,
           double        seconds,
           WsiEventKind  kind,
           WsiState      state,
           double        round_trip)
{
  g_autoptr (WsiEvent) event =
    wsi_event_new (g_list_model_get_n_items (G_LIST_MODEL (journal)) + 1,
                   (gint64) (seconds * (double) SECOND), kind, state, round_trip, "");

  g_list_store_append (journal, event);
}

static GListStore *
make_journal (void)
{
  GListStore *journal = g_list_store_new (WSI_TYPE_EVENT);

  add_event (journal, 1.0, WSI_EVENT_KIND_STATE, WSI_STATE_CONNECTING, -1.0);
  add_event (journal, 2.0, WSI_EVENT_KIND_STATE, WSI_STATE_OPEN, -1.0);
  add_event (journal, 3.0, WSI_EVENT_KIND_BEAT_ANSWERED, WSI_STATE_OPEN, 0.5);
  add_event (journal, 4.0, WSI_EVENT_KIND_BEAT_ANSWERED, WSI_STATE_OPEN, 40.0);
  add_event (journal, 5.0, WSI_EVENT_KIND_BEAT_MISSED, WSI_STATE_SUSPECT, -1.0);
  add_event (journal, 6.0, WSI_EVENT_KIND_BEAT_ANSWERED, WSI_STATE_OPEN, 2.0);

  return journal;
}

static void
test_history_reads_beats_and_stretches (void)
{
  g_autoptr (GListStore) journal = make_journal ();
  g_autoptr (WsiHistory) history = wsi_history_new ();
  static const WsiState states[] = {
    WSI_STATE_CONNECTING, WSI_STATE_OPEN, WSI_STATE_SUSPECT, WSI_STATE_OPEN,
  };

  wsi_history_read (history, G_LIST_MODEL (journal));

  g_assert_cmpuint (wsi_history_get_n_beats (history), ==, 4);
  g_assert_cmpfloat (wsi_history_get_beat (history, 0)->round_trip, ==, 0.5);
  g_assert_cmpuint (wsi_history_get_beat (history, 0)->position, ==, 2);
  g_assert_cmpfloat (wsi_history_get_beat (history, 2)->round_trip, <, 0.0);

  g_assert_cmpuint (wsi_history_get_n_spans (history), ==, G_N_ELEMENTS (states));
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    g_assert_cmpint (wsi_history_get_span (history, i)->state, ==, states[i]);
  g_assert_cmpint (wsi_history_get_span (history, 1)->from_us, ==, 2 * SECOND);
  g_assert_cmpint (wsi_history_get_span (history, 1)->to_us, ==, 5 * SECOND);
  g_assert_cmpint (wsi_history_get_span (history, 3)->to_us, ==, G_MAXINT64);

  g_assert_cmpint (wsi_history_get_first (history), ==, 1 * SECOND);
  g_assert_cmpint (wsi_history_get_last (history), ==, 6 * SECOND);
  g_assert_cmpfloat (wsi_history_get_largest (history, 0), ==, 40.0);
  g_assert_cmpfloat (wsi_history_get_largest (history, 5 * SECOND), ==, 2.0);
  g_assert_cmpfloat (wsi_history_get_largest (history, 7 * SECOND), <, 0.0);
}

static void
test_history_finds_a_beat (void)
{
  g_autoptr (GListStore) journal = make_journal ();
  g_autoptr (WsiHistory) history = wsi_history_new ();

  g_assert_cmpuint (wsi_history_nearest_beat (history, 1), ==, 0);

  wsi_history_read (history, G_LIST_MODEL (journal));
  g_assert_cmpuint (wsi_history_find_beat (history, 0), ==, 0);
  g_assert_cmpuint (wsi_history_find_beat (history, 4 * SECOND), ==, 1);
  g_assert_cmpuint (wsi_history_find_beat (history, 4 * SECOND + 1), ==, 2);
  g_assert_cmpuint (wsi_history_find_beat (history, 9 * SECOND), ==, 4);
  g_assert_cmpuint (wsi_history_nearest_beat (history, 0), ==, 0);
  g_assert_cmpuint (wsi_history_nearest_beat (history, 4 * SECOND + SECOND / 4), ==, 1);
  g_assert_cmpuint (wsi_history_nearest_beat (history, 4 * SECOND + 3 * SECOND / 4), ==, 2);
  g_assert_cmpuint (wsi_history_nearest_beat (history, 99 * SECOND), ==, 3);
}

static void
test_history_forgets_what_it_read_before (void)
{
  g_autoptr (GListStore) journal = make_journal ();
  g_autoptr (WsiHistory) history = wsi_history_new ();

  wsi_history_read (history, G_LIST_MODEL (journal));
  wsi_history_read (history, NULL);

  g_assert_cmpuint (wsi_history_get_n_beats (history), ==, 0);
  g_assert_cmpuint (wsi_history_get_n_spans (history), ==, 0);
  g_assert_cmpint (wsi_history_get_last (history), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/chart-scale/puts-a-moment-and-a-value-in-their-place",
                   test_scale_puts_a_moment_and_a_value_in_their_place);
  g_test_add_func ("/chart-scale/ends-at-a-round-number-that-is-not-below",
                   test_scale_ends_at_a_round_number_that_is_not_below);
  g_test_add_func ("/chart-scale/survives-numbers-that-are-none",
                   test_scale_survives_numbers_that_are_none);
  g_test_add_func ("/chart-scale/counts-time-as-people-do", test_scale_counts_time_as_people_do);
  g_test_add_func ("/history/reads-beats-and-stretches", test_history_reads_beats_and_stretches);
  g_test_add_func ("/history/finds-a-beat", test_history_finds_a_beat);
  g_test_add_func ("/history/forgets-what-it-read-before",
                   test_history_forgets_what_it_read_before);

  return g_test_run ();
}
