/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-latency-histogram.h"
#include "wsm-latency-private.h"

#include <math.h>
#include <string.h>

#define RANGE_END_US 100000000 /* 100 s */

static void
test_latency_histogram_is_zero_at_first (void)
{
  g_autoptr (WsmLatencyHistogram) histogram = wsm_latency_histogram_new ();

  g_assert_cmpuint (wsm_latency_histogram_get_count (histogram), ==, 0);
  g_assert_cmpuint (wsm_latency_histogram_get_n_missed (histogram), ==, 0);
  g_assert_cmpint (wsm_latency_histogram_get_last (histogram), ==, 0);
  g_assert_cmpint (wsm_latency_histogram_get_min (histogram), ==, 0);
  g_assert_cmpint (wsm_latency_histogram_get_max (histogram), ==, 0);
  g_assert_cmpfloat (wsm_latency_histogram_get_smoothed (histogram), ==, 0.0);
  g_assert_cmpfloat (wsm_latency_histogram_get_variation (histogram), ==, 0.0);
  g_assert_cmpfloat (wsm_latency_histogram_get_quantile (histogram, 0.5), ==, 0.0);
}

/* The numbers follow from RFC 6298, section 2, by hand. */
static void
test_latency_histogram_is_smoothed (void)
{
  g_autoptr (WsmLatencyHistogram) histogram = wsm_latency_histogram_new ();

  wsm_latency_histogram_add (histogram, 1000);
  g_assert_cmpfloat (wsm_latency_histogram_get_smoothed (histogram), ==, 1000.0);
  g_assert_cmpfloat (wsm_latency_histogram_get_variation (histogram), ==, 500.0);

  wsm_latency_histogram_add (histogram, 2000);
  g_assert_cmpfloat (wsm_latency_histogram_get_variation (histogram), ==, 625.0);
  g_assert_cmpfloat (wsm_latency_histogram_get_smoothed (histogram), ==, 1125.0);

  wsm_latency_histogram_add (histogram, 1125);
  g_assert_cmpfloat (wsm_latency_histogram_get_variation (histogram), ==, 468.75);
  g_assert_cmpfloat (wsm_latency_histogram_get_smoothed (histogram), ==, 1125.0);

  g_assert_cmpint (wsm_latency_histogram_get_last (histogram), ==, 1125);
  g_assert_cmpint (wsm_latency_histogram_get_min (histogram), ==, 1000);
  g_assert_cmpint (wsm_latency_histogram_get_max (histogram), ==, 2000);
  g_assert_cmpuint (wsm_latency_histogram_get_count (histogram), ==, 3);
}

/* One value at a time, between two others that keep min and max out of the way, shows the error
 * of the buckets alone. */
static void
test_latency_histogram_knows_each_value_within_the_error (void)
{
  double worst = 0.0;

  for (gint64 value_us = 1; value_us <= RANGE_END_US; value_us += 1 + value_us / 2000)
    {
      g_autoptr (WsmLatencyHistogram) histogram = wsm_latency_histogram_new ();
      double estimate_us;

      wsm_latency_histogram_add (histogram, 0);
      wsm_latency_histogram_add (histogram, value_us);
      wsm_latency_histogram_add (histogram, value_us);
      wsm_latency_histogram_add (histogram, 2 * (gint64) RANGE_END_US);

      estimate_us = wsm_latency_histogram_get_quantile (histogram, 0.75);
      worst = MAX (worst, fabs (estimate_us - (double) value_us) / (double) value_us);
    }

  g_test_message ("worst relative error of a bucket: %.2f %%", 100.0 * worst);
  g_assert_cmpfloat (worst, <=, WSM_LATENCY_HISTOGRAM_RELATIVE_ERROR);
}

static gint64
pick_latency (int distribution)
{
  switch (distribution)
    {
    case 0: /* even on the logarithmic scale, over the whole range */
      return (gint64) pow (10.0, g_test_rand_double_range (0.0, 8.0));
    case 1: /* a network: 20 ms and a long tail */
      return 20000 + (gint64) (-5000.0 * log (1.0 - g_test_rand_double_range (0.0, 1.0)));
    case 2: /* two paths */
      return g_test_rand_bit () ? g_test_rand_int_range (900, 1100)
                                : g_test_rand_int_range (90000, 110000);
    case 3: /* loopback */
      return g_test_rand_int_range (1, 200);
    default: /* always the same */
      return 12345;
    }
}

static int
compare_times (gconstpointer a,
               gconstpointer b)
{
  gint64 first = *(const gint64 *) a;
  gint64 second = *(const gint64 *) b;

  return (first > second) - (first < second);
}

/* Invariants, for any latencies within the range: each quantile is within 5 % of the exact one
 * by rank, lies between min and max, and quantiles never fall; min, max, last and count are
 * exact; what is smoothed lies between min and max. */
static void
test_latency_histogram_quantiles_are_within_the_error (void)
{
  double worst = 0.0;

  for (guint round = 0; round < 200; round++)
    {
      g_autoptr (WsmLatencyHistogram) histogram = wsm_latency_histogram_new ();
      g_autoptr (GArray) exact = g_array_new (FALSE, FALSE, sizeof (gint64));
      int n_latencies = g_test_rand_int_range (1, g_test_rand_bit () ? 10 : 3000);
      gint64 last_us = 0;
      double previous_us = 0.0;

      for (int i = 0; i < n_latencies; i++)
        {
          last_us = pick_latency ((int) round % 5);
          g_array_append_val (exact, last_us);
          wsm_latency_histogram_add (histogram, last_us);
        }
      g_array_sort (exact, compare_times);

      for (guint percent = 0; percent <= 100; percent++)
        {
          double quantile = percent / 100.0;
          double rank = MAX (ceil (quantile * n_latencies), 1.0);
          double exact_us = (double) g_array_index (exact, gint64, (guint) rank - 1);
          double estimate_us = wsm_latency_histogram_get_quantile (histogram, quantile);

          worst = MAX (worst, fabs (estimate_us - exact_us) / exact_us);
          g_assert_cmpfloat (estimate_us, >=, previous_us);
          g_assert_cmpfloat (estimate_us, >=, (double) wsm_latency_histogram_get_min (histogram));
          g_assert_cmpfloat (estimate_us, <=, (double) wsm_latency_histogram_get_max (histogram));
          previous_us = estimate_us;
        }

      g_assert_cmpuint (wsm_latency_histogram_get_count (histogram), ==, (guint64) n_latencies);
      g_assert_cmpint (wsm_latency_histogram_get_last (histogram), ==, last_us);
      g_assert_cmpint (wsm_latency_histogram_get_min (histogram), ==,
                       g_array_index (exact, gint64, 0));
      g_assert_cmpint (wsm_latency_histogram_get_max (histogram), ==,
                       g_array_index (exact, gint64, exact->len - 1));
      g_assert_cmpfloat (wsm_latency_histogram_get_smoothed (histogram), >=,
                         (double) wsm_latency_histogram_get_min (histogram) * (1.0 - 1e-9));
      g_assert_cmpfloat (wsm_latency_histogram_get_smoothed (histogram), <=,
                         (double) wsm_latency_histogram_get_max (histogram) * (1.0 + 1e-9));
      g_assert_cmpfloat (wsm_latency_histogram_get_variation (histogram), >=, 0.0);
    }

  g_test_message ("worst relative error of a quantile: %.2f %%", 100.0 * worst);
  g_assert_cmpfloat (worst, <=, WSM_LATENCY_HISTOGRAM_RELATIVE_ERROR);
}

static void
test_latency_histogram_clamps_what_is_out_of_range (void)
{
  g_autoptr (WsmLatencyHistogram) long_ones = wsm_latency_histogram_new ();
  g_autoptr (WsmLatencyHistogram) short_ones = wsm_latency_histogram_new ();

  wsm_latency_histogram_add (long_ones, G_MAXINT64);
  wsm_latency_histogram_add (long_ones, 200 * G_USEC_PER_SEC);
  g_assert_cmpfloat (wsm_latency_histogram_get_quantile (long_ones, 0.0), ==, 200e6);
  g_assert_cmpfloat (wsm_latency_histogram_get_quantile (long_ones, 1.0), ==, 200e6);
  g_assert_cmpint (wsm_latency_histogram_get_max (long_ones), ==, G_MAXINT64);

  wsm_latency_histogram_add (short_ones, G_MININT64);
  wsm_latency_histogram_add (short_ones, 0);
  g_assert_cmpint (wsm_latency_histogram_get_min (short_ones), ==, 0);
  g_assert_cmpint (wsm_latency_histogram_get_max (short_ones), ==, 0);
  g_assert_cmpfloat (wsm_latency_histogram_get_quantile (short_ones, 0.5), ==, 0.0);
}

/* A connection that was fast for months and is slow now says so after as many beats as one
 * bucket can count, at the latest; a rare old value is forgotten. */
static void
test_latency_histogram_ages (void)
{
  g_autoptr (WsmLatencyHistogram) histogram = wsm_latency_histogram_new ();

  wsm_latency_histogram_add (histogram, 50 * G_USEC_PER_SEC);
  for (guint i = 0; i < 1000000; i++)
    wsm_latency_histogram_add (histogram, 1000);

  g_assert_cmpuint (wsm_latency_histogram_get_count (histogram), ==, 1000001);
  g_assert_cmpfloat (wsm_latency_histogram_get_quantile (histogram, 1.0), <, 1051.0);
  g_assert_cmpint (wsm_latency_histogram_get_max (histogram), ==, 50 * G_USEC_PER_SEC);

  for (guint i = 0; i <= G_MAXUINT16; i++)
    wsm_latency_histogram_add (histogram, 100000);

  g_assert_cmpfloat (wsm_latency_histogram_get_quantile (histogram, 0.5), >, 95000.0);
  g_assert_cmpfloat (wsm_latency_histogram_get_quantile (histogram, 0.0), <, 1051.0);
}

static void
count_notify_cb (GObject    *object,
                 GParamSpec *pspec,
                 gpointer    user_data)
{
  GString *log = user_data;

  /* Whatever is heard first, everything is stored already. */
  g_assert_cmpuint (wsm_latency_get_count (WSM_LATENCY (object)), ==, 3);
  g_assert_cmpfloat (wsm_latency_get_last (WSM_LATENCY (object)), ==, 2.0);

  g_string_append (log, pspec->name);
  g_string_append_c (log, ' ');
}

static void
test_latency_shows_milliseconds (void)
{
  g_autoptr (WsmLatencyHistogram) histogram = wsm_latency_histogram_new ();
  WsmLatency *latency;
  double smoothed;
  double loss;
  guint64 count;

  wsm_latency_histogram_add (histogram, 1000);
  wsm_latency_histogram_add (histogram, 2000);
  wsm_latency_histogram_add_missed (histogram);
  latency = wsm_latency_new (histogram);

  g_assert_cmpfloat (wsm_latency_get_last (latency), ==, 2.0);
  g_assert_cmpfloat (wsm_latency_get_smoothed (latency), ==, 1.125);
  g_assert_cmpfloat (wsm_latency_get_variation (latency), ==, 0.625);
  g_assert_cmpfloat (wsm_latency_get_min (latency), ==, 1.0);
  g_assert_cmpfloat (wsm_latency_get_max (latency), ==, 2.0);
  g_assert_cmpfloat_with_epsilon (wsm_latency_get_p50 (latency), 1.0, 0.05);
  g_assert_cmpfloat_with_epsilon (wsm_latency_get_p95 (latency), 2.0, 0.1);
  g_assert_cmpfloat_with_epsilon (wsm_latency_get_p99 (latency), 2.0, 0.1);
  g_assert_cmpfloat_with_epsilon (wsm_latency_get_loss (latency), 1.0 / 3.0, 1e-9);
  g_assert_cmpuint (wsm_latency_get_count (latency), ==, 2);

  g_object_get (latency, "smoothed", &smoothed, "loss", &loss, "count", &count, NULL);
  g_assert_cmpfloat (smoothed, ==, 1.125);
  g_assert_cmpfloat_with_epsilon (loss, 1.0 / 3.0, 1e-9);
  g_assert_cmpuint (count, ==, 2);

  g_assert_finalize_object (latency);
}

static void
test_latency_notifies_only_what_changed (void)
{
  g_autoptr (WsmLatencyHistogram) histogram = wsm_latency_histogram_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  WsmLatency *latency;

  wsm_latency_histogram_add (histogram, 2000);
  wsm_latency_histogram_add (histogram, 2000);
  latency = wsm_latency_new (histogram);
  g_signal_connect (latency, "notify", G_CALLBACK (count_notify_cb), log);

  wsm_latency_update (latency);
  g_assert_cmpstr (log->str, ==, "");

  /* The same again: only the variation shrinks and the count grows. */
  wsm_latency_histogram_add (histogram, 2000);
  wsm_latency_update (latency);
  g_assert_nonnull (strstr (log->str, "variation "));
  g_assert_nonnull (strstr (log->str, "count "));
  g_assert_cmpuint (log->len, ==, strlen ("variation count "));

  g_string_set_size (log, 0);
  wsm_latency_histogram_add_missed (histogram);
  wsm_latency_update (latency);
  g_assert_cmpstr (log->str, ==, "loss ");

  g_assert_finalize_object (latency);
}

static void
note_cb (GObject    *object,
         GParamSpec *pspec,
         GString    *log)
{
  g_string_append_printf (log, "%s ", pspec->name);
}

/* Whoever looks now and then sees how things are, and whoever listens from then on hears what
 * changes from then on. */
static void
test_latency_is_of_now_when_nobody_listens (void)
{
  g_autoptr (WsmLatencyHistogram) histogram = wsm_latency_histogram_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  WsmLatency *latency = wsm_latency_new (histogram);
  double last;

  g_assert_cmpuint (wsm_latency_get_count (latency), ==, 0);
  for (guint i = 1; i <= 3; i++)
    {
      wsm_latency_histogram_add (histogram, 1000 * i);
      wsm_latency_update (latency);
      g_assert_cmpfloat (wsm_latency_get_last (latency), ==, i);
      g_assert_cmpuint (wsm_latency_get_count (latency), ==, i);
      g_object_get (latency, "max", &last, NULL);
      g_assert_cmpfloat (last, ==, i);
    }

  /* With a detail only, which is how bindings do it. */
  g_signal_connect (latency, "notify::last", G_CALLBACK (note_cb), log);
  wsm_latency_histogram_add (histogram, 3000);
  wsm_latency_update (latency);
  g_assert_cmpstr (log->str, ==, "");
  wsm_latency_histogram_add (histogram, 4000);
  wsm_latency_update (latency);
  g_assert_cmpstr (log->str, ==, "last ");

  g_assert_finalize_object (latency);
}

static void
test_latency_outlives_the_histogram (void)
{
  WsmLatencyHistogram *histogram = wsm_latency_histogram_new ();
  WsmLatency *latency = wsm_latency_new (histogram);

  wsm_latency_histogram_add (histogram, 1000);
  wsm_latency_update (latency);
  wsm_latency_histogram_add (histogram, 2000);
  wsm_latency_update (latency);
  wsm_latency_detach (latency);
  wsm_latency_histogram_free (histogram);
  g_assert_cmpfloat (wsm_latency_get_last (latency), ==, 2.0);
  g_assert_cmpfloat (wsm_latency_get_min (latency), ==, 1.0);
  g_assert_cmpuint (wsm_latency_get_count (latency), ==, 2);

  g_assert_finalize_object (latency);
}

/* A view that bindings made by themselves is empty, and every property can be read. */
static void
test_latency_is_empty_when_made_without_a_histogram (void)
{
  WsmLatency *latency = g_object_new (WSM_TYPE_LATENCY, NULL);
  g_autofree GParamSpec **properties = NULL;
  guint n_properties = 0;

  properties = g_object_class_list_properties (G_OBJECT_GET_CLASS (latency), &n_properties);
  g_assert_cmpuint (n_properties, ==, 10);
  for (guint i = 0; i < n_properties; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_object_get_property (G_OBJECT (latency), properties[i]->name, &value);
      g_assert_true (g_param_value_defaults (properties[i], &value));
      g_assert_false (properties[i]->flags & G_PARAM_WRITABLE);
    }

  g_assert_finalize_object (latency);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/latency-histogram/is-zero-at-first",
                   test_latency_histogram_is_zero_at_first);
  g_test_add_func ("/latency-histogram/is-smoothed", test_latency_histogram_is_smoothed);
  g_test_add_func ("/latency-histogram/knows-each-value-within-the-error",
                   test_latency_histogram_knows_each_value_within_the_error);
  g_test_add_func ("/latency-histogram/quantiles-are-within-the-error",
                   test_latency_histogram_quantiles_are_within_the_error);
  g_test_add_func ("/latency-histogram/clamps-what-is-out-of-range",
                   test_latency_histogram_clamps_what_is_out_of_range);
  g_test_add_func ("/latency-histogram/ages", test_latency_histogram_ages);
  g_test_add_func ("/latency/shows-milliseconds", test_latency_shows_milliseconds);
  g_test_add_func ("/latency/notifies-only-what-changed",
                   test_latency_notifies_only_what_changed);
  g_test_add_func ("/latency/is-of-now-when-nobody-listens",
                   test_latency_is_of_now_when_nobody_listens);
  g_test_add_func ("/latency/outlives-the-histogram", test_latency_outlives_the_histogram);
  g_test_add_func ("/latency/is-empty-when-made-without-a-histogram",
                   test_latency_is_empty_when_made_without_a_histogram);

  return g_test_run ();
}
