/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-format.h"

#include <glib/gi18n-lib.h>

#include <math.h>

#define US_PER_MS (G_GINT64_CONSTANT (1000))
#define US_PER_SECOND (1000 * US_PER_MS)

#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_HOUR (60 * SECONDS_PER_MINUTE)
#define SECONDS_PER_DAY (24 * SECONDS_PER_HOUR)

/* Below it a tenth of a second is worth showing, if there is one. */
#define SHORT_DURATION_US (10 * US_PER_SECOND)

#define NONE "–"

/* Between a number and its unit stands a no-break space, U+00A0, in all of these texts. */

char *
wsi_format_round_trip (double round_trip)
{
  if (!(round_trip >= 0.0))
    return g_strdup (NONE);
  /* The bounds are where rounding would add a digit. */
  if (round_trip < 0.095)
    /* Translators: milliseconds; keep the no-break space. */
    return g_strdup_printf (_("%.2f ms"), round_trip);
  if (round_trip < 9.95)
    /* Translators: milliseconds; keep the no-break space. */
    return g_strdup_printf (_("%.1f ms"), round_trip);
  if (round_trip < 999.5)
    /* Translators: milliseconds; keep the no-break space. */
    return g_strdup_printf (_("%.0f ms"), round_trip);
  if (round_trip < 9950.0)
    /* Translators: seconds; keep the no-break space. */
    return g_strdup_printf (_("%.1f s"), round_trip / 1000.0);
  /* Translators: seconds; keep the no-break space. */
  return g_strdup_printf (_("%'.0f s"), round_trip / 1000.0);
}

static char *
wsi_format_two (const char *first,
                const char *second)
{
  /* Translators: two parts of a duration, as in “3 min 12 s”. */
  return g_strdup_printf (C_ ("duration", "%s %s"), first, second);
}

static char *
wsi_format_seconds (gint64 seconds)
{
  int days = (int) (seconds / SECONDS_PER_DAY);
  int hours = (int) (seconds % SECONDS_PER_DAY / SECONDS_PER_HOUR);
  int minutes = (int) (seconds % SECONDS_PER_HOUR / SECONDS_PER_MINUTE);
  /* Translators: days; keep the no-break space. */
  g_autofree char *day_text = g_strdup_printf (_("%d d"), days);
  /* Translators: hours; keep the no-break space. */
  g_autofree char *hour_text = g_strdup_printf (_("%d h"), hours);
  /* Translators: minutes; keep the no-break space. */
  g_autofree char *minute_text = g_strdup_printf (_("%d min"), minutes);
  /* Translators: seconds; keep the no-break space. */
  g_autofree char *second_text = g_strdup_printf (_("%d s"),
                                                  (int) (seconds % SECONDS_PER_MINUTE));

  if (days > 0)
    return hours > 0 ? wsi_format_two (day_text, hour_text) : g_steal_pointer (&day_text);
  if (hours > 0)
    return minutes > 0 ? wsi_format_two (hour_text, minute_text) : g_steal_pointer (&hour_text);
  if (minutes > 0)
    return seconds % SECONDS_PER_MINUTE > 0 ? wsi_format_two (minute_text, second_text)
                                            : g_steal_pointer (&minute_text);
  return g_steal_pointer (&second_text);
}

char *
wsi_format_duration (gint64 duration_us)
{
  if (duration_us < 0)
    return g_strdup (NONE);
  if (duration_us > 0 && duration_us < US_PER_SECOND)
    return wsi_format_round_trip ((double) duration_us / (double) US_PER_MS);
  if (duration_us < SHORT_DURATION_US && duration_us % US_PER_SECOND >= 100 * US_PER_MS)
    /* Cut, not rounded, like the whole seconds. */
    return g_strdup_printf (_("%.1f s"), (double) (duration_us / (100 * US_PER_MS)) / 10.0);
  return wsi_format_seconds (duration_us / US_PER_SECOND);
}

char *
wsi_format_countdown (gint64 remaining_us)
{
  g_autofree char *text = NULL;

  if (remaining_us <= 0)
    /* Translators: of what is due; as opposed to “in 3 s”. */
    return g_strdup (C_ ("countdown", "now"));
  text = wsi_format_seconds ((remaining_us - 1) / US_PER_SECOND + 1);
  /* Translators: a duration, as in “in 3 s”. */
  return g_strdup_printf (C_ ("countdown", "in %s"), text);
}

char *
wsi_format_delta (gint64 delta_us)
{
  double seconds = (double) ABS (delta_us) / (double) US_PER_SECOND;

  /* The minus sign of typography is as wide as the plus. */
  return g_strdup_printf ("%s%'.3f", delta_us < 0 ? "−" : "+", seconds);
}

char *
wsi_format_count (guint64 count)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, count);
}

char *
wsi_format_size (guint64 n_bytes)
{
  return g_format_size (n_bytes);
}

char *
wsi_format_ratio (double ratio)
{
  double percent = ratio * 100.0;

  if (!(percent >= 0.0))
    return g_strdup (NONE);
  if (percent == 0.0 || percent >= 9.95)
    /* Translators: a percentage; keep the no-break space if your language has one there. */
    return g_strdup_printf (_("%.0f %%"), percent);
  /* What is small is not nothing. */
  if (percent < 0.05)
    /* Translators: less than that percentage. */
    return g_strdup_printf (_("<%.1f %%"), 0.1);
  /* Translators: a percentage; keep the no-break space if your language has one there. */
  return g_strdup_printf (_("%.1f %%"), percent);
}

char *
wsi_format_time (gint64 time_us)
{
  gint64 real_us = 0;
  g_autoptr (GDateTime) second = NULL;
  g_autoptr (GDateTime) local = NULL;
  g_autofree char *clock = NULL;

  if (time_us == 0)
    return g_strdup (NONE);
  real_us = g_get_real_time () - g_get_monotonic_time () + time_us;
  second = g_date_time_new_from_unix_utc (real_us / US_PER_SECOND);
  if (second == NULL)
    return g_strdup (NONE);
  local = g_date_time_to_local (second);
  clock = g_date_time_format (local, "%H:%M:");
  return g_strdup_printf ("%s%06.3f", clock,
                          (double) g_date_time_get_second (local) +
                          (double) (real_us % US_PER_SECOND / US_PER_MS) / 1000.0);
}
