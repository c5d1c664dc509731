/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-locale.h"
#include "wsi-format.h"
#include "wsi-state.h"

#include <locale.h>
#include <math.h>

#define US_PER_MS (G_GINT64_CONSTANT (1000))
#define US_PER_SECOND (1000 * US_PER_MS)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR (60 * US_PER_MINUTE)
#define US_PER_DAY (24 * US_PER_HOUR)

static void
assert_text (char       *text,
             const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_format_round_trips_of_any_size (void)
{
  assert_text (wsi_format_round_trip (-1.0), "–");
  assert_text (wsi_format_round_trip (NAN), "–");
  assert_text (wsi_format_round_trip (0.0), "0.00 ms");
  assert_text (wsi_format_round_trip (0.0449), "0.04 ms");
  assert_text (wsi_format_round_trip (0.095), "0.1 ms");
  assert_text (wsi_format_round_trip (0.7), "0.7 ms");
  assert_text (wsi_format_round_trip (9.94), "9.9 ms");
  assert_text (wsi_format_round_trip (9.96), "10 ms");
  assert_text (wsi_format_round_trip (402.3), "402 ms");
  assert_text (wsi_format_round_trip (999.4), "999 ms");
  assert_text (wsi_format_round_trip (999.6), "1.0 s");
  assert_text (wsi_format_round_trip (1310.0), "1.3 s");
  assert_text (wsi_format_round_trip (9949.0), "9.9 s");
  assert_text (wsi_format_round_trip (9951.0), "10 s");
}

static void
test_format_durations_of_two_units_at_most (void)
{
  assert_text (wsi_format_duration (-1), "–");
  assert_text (wsi_format_duration (0), "0 s");
  assert_text (wsi_format_duration (500 * US_PER_MS), "500 ms");
  assert_text (wsi_format_duration (1500 * US_PER_MS), "1.5 s");
  assert_text (wsi_format_duration (1990 * US_PER_MS), "1.9 s");
  assert_text (wsi_format_duration (4 * US_PER_SECOND), "4 s");
  assert_text (wsi_format_duration (25 * US_PER_SECOND + 900 * US_PER_MS), "25 s");
  assert_text (wsi_format_duration (3 * US_PER_MINUTE), "3 min");
  assert_text (wsi_format_duration (3 * US_PER_MINUTE + 12 * US_PER_SECOND), "3 min 12 s");
  assert_text (wsi_format_duration (2 * US_PER_HOUR + 5 * US_PER_MINUTE + US_PER_SECOND),
               "2 h 5 min");
  assert_text (wsi_format_duration (2 * US_PER_HOUR + 59 * US_PER_SECOND), "2 h");
  assert_text (wsi_format_duration (3 * US_PER_DAY + 4 * US_PER_HOUR + US_PER_MINUTE), "3 d 4 h");
  assert_text (wsi_format_duration (G_MAXINT64), "106751991 d 4 h");
}

static void
test_format_counts_down_to_now (void)
{
  assert_text (wsi_format_countdown (2 * US_PER_SECOND + 1), "in 3 s");
  assert_text (wsi_format_countdown (2 * US_PER_SECOND), "in 2 s");
  assert_text (wsi_format_countdown (1), "in 1 s");
  assert_text (wsi_format_countdown (0), "now");
  assert_text (wsi_format_countdown (-US_PER_HOUR), "now");
  assert_text (wsi_format_countdown (59 * US_PER_SECOND + 1), "in 1 min");
  assert_text (wsi_format_countdown (G_MAXINT64), "in 106751991 d 4 h");
}

static void
test_format_deltas_with_their_sign (void)
{
  assert_text (wsi_format_delta (0), "+0.000");
  assert_text (wsi_format_delta (1204 * US_PER_MS), "+1.204");
  assert_text (wsi_format_delta (-20 * US_PER_MS), "−0.020");
}

static void
test_format_sizes_and_counts (void)
{
  assert_text (wsi_format_count (0), "0");
  assert_text (wsi_format_count (1204), "1204");
  assert_text (wsi_format_count (G_MAXUINT64), "18446744073709551615");
  assert_text (wsi_format_size (1234), "1.2 kB");
}

static void
test_format_ratios_that_are_not_quite_nothing (void)
{
  assert_text (wsi_format_ratio (-0.1), "–");
  assert_text (wsi_format_ratio (NAN), "–");
  assert_text (wsi_format_ratio (0.0), "0 %");
  assert_text (wsi_format_ratio (0.0001), "<0.1 %");
  assert_text (wsi_format_ratio (0.0042), "0.4 %");
  assert_text (wsi_format_ratio (0.125), "12 %");
  assert_text (wsi_format_ratio (1.0), "100 %");
}

static void
test_format_times_of_the_wall_clock (void)
{
  g_autoptr (GDateTime) earlier = g_date_time_new_now_local ();
  g_autofree char *now = wsi_format_time (g_get_monotonic_time ());
  g_autoptr (GDateTime) later = g_date_time_new_now_local ();
  g_autofree char *after = g_date_time_format (earlier, "%H:%M:%S");
  g_autofree char *before = g_date_time_format (later, "%H:%M:%S");

  assert_text (wsi_format_time (0), "–");
  g_assert_cmpuint (strlen (now), ==, strlen ("14:03:22.418"));
  g_assert_true (g_str_has_prefix (now, after) || g_str_has_prefix (now, before));
  g_assert_cmpint (now[8], ==, '.');
}

/* GLib's translation has a mind of its own about the unit. */
static void
assert_size_begins_with (const char *number)
{
  g_autofree char *size = wsi_format_size (1234);

  g_assert_true (g_str_has_prefix (size, number));
}

static void
test_format_in_the_locale (void)
{
  TestLocale *locale = test_locale_enter ("de_DE");

  if (locale == NULL)
    return;

  assert_text (wsi_format_round_trip (0.7), "0,7 ms");
  assert_text (wsi_format_round_trip (2000000.0), "2.000 s");
  assert_text (wsi_format_duration (1500 * US_PER_MS), "1,5 s");
  assert_text (wsi_format_delta (1204 * US_PER_MS), "+1,204");
  assert_text (wsi_format_count (1204), "1.204");
  assert_size_begins_with ("1,2");
  assert_text (wsi_format_ratio (0.0042), "0,4 %");
  test_locale_leave (locale);
}

/* A word, an icon and a colour: each of them tells the states apart. */
static void
test_state_looks_are_all_different (void)
{
  for (guint state = WSI_STATE_UNKNOWN; state <= WSI_STATE_FAILED; state++)
    {
      g_assert_cmpstr (wsi_state_get_label (state), !=, "");
      g_assert_true (g_str_has_suffix (wsi_state_get_icon_name (state), "-symbolic"));
      g_assert_true (g_str_has_prefix (wsi_state_get_css_class (state), "state-"));
      for (guint other = WSI_STATE_UNKNOWN; other < state; other++)
        {
          g_assert_cmpstr (wsi_state_get_label (state), !=, wsi_state_get_label (other));
          g_assert_cmpstr (wsi_state_get_icon_name (state), !=, wsi_state_get_icon_name (other));
          g_assert_cmpstr (wsi_state_get_css_class (state), !=, wsi_state_get_css_class (other));
        }
    }
  g_assert_cmpstr (wsi_state_get_label (WSI_STATE_SUSPECT), ==, "Late");
}

static void
test_state_of_a_newer_program_is_unknown (void)
{
  g_assert_cmpstr (wsi_state_get_label ((WsiState) 9), ==, "Unknown");
  g_assert_cmpstr (wsi_state_get_icon_name ((WsiState) G_MAXUINT), ==,
                   "wsi-state-unknown-symbolic");
  g_assert_cmpstr (wsi_state_get_css_class ((WsiState) G_MAXINT), ==, "state-unknown");
}

int
main (int   argc,
      char *argv[])
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/format/round-trips-of-any-size", test_format_round_trips_of_any_size);
  g_test_add_func ("/format/durations-of-two-units-at-most",
                   test_format_durations_of_two_units_at_most);
  g_test_add_func ("/format/counts-down-to-now", test_format_counts_down_to_now);
  g_test_add_func ("/format/deltas-with-their-sign", test_format_deltas_with_their_sign);
  g_test_add_func ("/format/sizes-and-counts", test_format_sizes_and_counts);
  g_test_add_func ("/format/ratios-that-are-not-quite-nothing",
                   test_format_ratios_that_are_not_quite_nothing);
  g_test_add_func ("/format/times-of-the-wall-clock", test_format_times_of_the_wall_clock);
  g_test_add_func ("/format/in-the-locale", test_format_in_the_locale);
  g_test_add_func ("/state/looks-are-all-different", test_state_looks_are_all_different);
  g_test_add_func ("/state/of-a-newer-program-is-unknown",
                   test_state_of_a_newer_program_is_unknown);

  return g_test_run ();
}
