/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "exposition.h"

/* What is written, sign by sign. */

static const WsmCliFamily counter =
  { "a_bytes", WSM_CLI_FAMILY_COUNTER, "bytes", "How many." };
static const WsmCliFamily gauge =
  { "a_gauge", WSM_CLI_FAMILY_GAUGE, NULL, "How much." };
static const WsmCliFamily info =
  { "a_thing", WSM_CLI_FAMILY_INFO, NULL, "What it is." };
static const WsmCliFamily states =
  { "a_state", WSM_CLI_FAMILY_STATE_SET, NULL, "How it is." };
static const WsmCliFamily histogram =
  { "a_delay_seconds", WSM_CLI_FAMILY_HISTOGRAM, "seconds", "How long." };

static void
assert_text (WsmCliExposition *exposition,
             const char       *expected)
{
  g_assert_cmpstr (exposition->text->str, ==, expected);
  g_string_truncate (exposition->text, 0);
}

static void
test_open_metrics_names (void)
{
  g_autoptr (WsmCliExposition) exposition = wsm_cli_exposition_new (WSM_CLI_FORMAT_OPEN_METRICS);

  wsm_cli_exposition_begin_family (exposition, &counter);
  wsm_cli_exposition_add (exposition, NULL, 0);
  wsm_cli_exposition_add (exposition, "a=\"b\"", G_MAXUINT64);
  assert_text (exposition,
               "# HELP a_bytes How many.\n"
               "# TYPE a_bytes counter\n"
               "# UNIT a_bytes bytes\n"
               "a_bytes_total 0\n"
               "a_bytes_total{a=\"b\"} 18446744073709551615\n");

  wsm_cli_exposition_begin_family (exposition, &gauge);
  wsm_cli_exposition_add (exposition, "", 10);
  assert_text (exposition,
               "# HELP a_gauge How much.\n"
               "# TYPE a_gauge gauge\n"
               "a_gauge 10\n");

  wsm_cli_exposition_begin_family (exposition, &info);
  wsm_cli_exposition_add (exposition, "a=\"b\"", 1);
  assert_text (exposition,
               "# HELP a_thing What it is.\n"
               "# TYPE a_thing info\n"
               "a_thing_info{a=\"b\"} 1\n");

  wsm_cli_exposition_begin_family (exposition, &states);
  wsm_cli_exposition_add (exposition, "a_state=\"on\"", 1);
  assert_text (exposition,
               "# HELP a_state How it is.\n"
               "# TYPE a_state stateset\n"
               "a_state{a_state=\"on\"} 1\n");

  wsm_cli_exposition_end (exposition);
  assert_text (exposition, "# EOF\n");
}

/* There a counter has its suffix everywhere, and there is no such thing as a unit. */
static void
test_text_names (void)
{
  g_autoptr (WsmCliExposition) exposition = wsm_cli_exposition_new (WSM_CLI_FORMAT_TEXT);

  wsm_cli_exposition_begin_family (exposition, &counter);
  wsm_cli_exposition_add (exposition, NULL, 1);
  assert_text (exposition,
               "# HELP a_bytes_total How many.\n"
               "# TYPE a_bytes_total counter\n"
               "a_bytes_total 1\n");

  wsm_cli_exposition_begin_family (exposition, &info);
  assert_text (exposition,
               "# HELP a_thing_info What it is.\n"
               "# TYPE a_thing_info gauge\n");

  wsm_cli_exposition_begin_family (exposition, &states);
  assert_text (exposition,
               "# HELP a_state How it is.\n"
               "# TYPE a_state gauge\n");

  wsm_cli_exposition_end (exposition);
  assert_text (exposition, "");
}

static void
test_summary_has_quantiles_and_a_count (void)
{
  static const WsmCliFamily summary =
    { "a_delay_seconds", WSM_CLI_FAMILY_SUMMARY, "seconds", "How late." };
  g_autoptr (WsmCliExposition) open = wsm_cli_exposition_new (WSM_CLI_FORMAT_OPEN_METRICS);

  wsm_cli_exposition_begin_family (open, &summary);
  wsm_cli_exposition_add_seconds (open, "quantile=\"0.5\"", 1500);
  wsm_cli_exposition_add_count (open, 7);
  assert_text (open,
               "# HELP a_delay_seconds How late.\n"
               "# TYPE a_delay_seconds summary\n"
               "# UNIT a_delay_seconds seconds\n"
               "a_delay_seconds{quantile=\"0.5\"} 0.0015\n"
               "a_delay_seconds_count 7\n");
}

static void
test_histogram_is_cumulative (void)
{
  static const gint64 bounds_us[] = { 500, 1000000, 10000000 };
  static const guint64 buckets[] = { 1, 2, 0, 4 };
  g_autoptr (WsmCliExposition) open = wsm_cli_exposition_new (WSM_CLI_FORMAT_OPEN_METRICS);
  g_autoptr (WsmCliExposition) text = wsm_cli_exposition_new (WSM_CLI_FORMAT_TEXT);

  wsm_cli_exposition_begin_family (open, &histogram);
  wsm_cli_exposition_add_histogram (open, "a=\"b\"", bounds_us, buckets, 3, 1234567, 1500000);
  assert_text (open,
               "# HELP a_delay_seconds How long.\n"
               "# TYPE a_delay_seconds histogram\n"
               "# UNIT a_delay_seconds seconds\n"
               "a_delay_seconds_bucket{a=\"b\",le=\"0.0005\"} 1\n"
               "a_delay_seconds_bucket{a=\"b\",le=\"1.0\"} 3\n"
               "a_delay_seconds_bucket{a=\"b\",le=\"10.0\"} 3\n"
               "a_delay_seconds_bucket{a=\"b\",le=\"+Inf\"} 7\n"
               "a_delay_seconds_count{a=\"b\"} 7\n"
               "a_delay_seconds_sum{a=\"b\"} 1.234567\n"
               "a_delay_seconds_created{a=\"b\"} 1.5\n");

  wsm_cli_exposition_begin_family (text, &histogram);
  wsm_cli_exposition_add_histogram (text, NULL, bounds_us, buckets, 3, 0, 1500000);
  assert_text (text,
               "# HELP a_delay_seconds How long.\n"
               "# TYPE a_delay_seconds histogram\n"
               "a_delay_seconds_bucket{le=\"0.0005\"} 1\n"
               "a_delay_seconds_bucket{le=\"1.0\"} 3\n"
               "a_delay_seconds_bucket{le=\"10.0\"} 3\n"
               "a_delay_seconds_bucket{le=\"+Inf\"} 7\n"
               "a_delay_seconds_count 7\n"
               "a_delay_seconds_sum 0.0\n");
}

static void
test_seconds (void)
{
  static const struct
  {
    gint64 us;
    const char *expected;
  } times[] =
  {
    { 0, "a_gauge 0.0\n" },
    { 1, "a_gauge 0.000001\n" },
    { 100, "a_gauge 0.0001\n" },
    { 999999, "a_gauge 0.999999\n" },
    { 1000000, "a_gauge 1.0\n" },
    { 1050000, "a_gauge 1.05\n" },
    { -1, "a_gauge -0.000001\n" },
    { -1500000, "a_gauge -1.5\n" },
    { G_GINT64_CONSTANT (1795663368564935), "a_gauge 1795663368.564935\n" },
    { G_MAXINT64, "a_gauge 9223372036854.775807\n" },
  };
  g_autoptr (WsmCliExposition) exposition = wsm_cli_exposition_new (WSM_CLI_FORMAT_TEXT);

  exposition->family = &gauge;
  for (gsize i = 0; i < G_N_ELEMENTS (times); i++)
    {
      wsm_cli_exposition_add_seconds (exposition, NULL, times[i].us);
      assert_text (exposition, times[i].expected);
    }
}

static void
test_label_values_may_hold_anything (void)
{
  g_autoptr (GString) labels = g_string_new (NULL);

  wsm_cli_exposition_append_label (labels, "a", "");
  wsm_cli_exposition_append_label (labels, "b", "\"\\\n\t{}=, 株価\xe2\x80\xae");
  wsm_cli_exposition_append_label (labels, "c", "\\n");
  g_assert_cmpstr (labels->str, ==,
                   "a=\"\",b=\"\\\"\\\\\\n\t{}=, 株価\xe2\x80\xae\",c=\"\\\\n\"");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/exposition/open-metrics-names", test_open_metrics_names);
  g_test_add_func ("/exposition/text-names", test_text_names);
  g_test_add_func ("/exposition/summary-has-quantiles-and-a-count",
                   test_summary_has_quantiles_and_a_count);
  g_test_add_func ("/exposition/histogram-is-cumulative", test_histogram_is_cumulative);
  g_test_add_func ("/exposition/seconds", test_seconds);
  g_test_add_func ("/exposition/label-values-may-hold-anything",
                   test_label_values_may_hold_anything);

  return g_test_run ();
}
