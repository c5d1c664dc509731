/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "exposition.h"

/*
 * The text in which metrics are told: OpenMetrics, and the older format of Prometheus.
 *
 * It knows how things are written, not what there is to tell. No value is a floating point number:
 * times are whole microseconds, written as seconds, whatever the locale has for a decimal point.
 */

#define US_PER_SECOND G_GINT64_CONSTANT (1000000)

/* As OpenMetrics calls them; the older format does not know the last two. */
static const char *const type_names[] =
{
  [WSM_CLI_FAMILY_COUNTER] = "counter",
  [WSM_CLI_FAMILY_GAUGE] = "gauge",
  [WSM_CLI_FAMILY_HISTOGRAM] = "histogram",
  [WSM_CLI_FAMILY_SUMMARY] = "summary",
  [WSM_CLI_FAMILY_INFO] = "info",
  [WSM_CLI_FAMILY_STATE_SET] = "stateset",
};

/* What follows the name of the family where a value stands alone. */
static const char *
wsm_cli_exposition_get_suffix (const WsmCliFamily *family)
{
  switch (family->type)
    {
    case WSM_CLI_FAMILY_COUNTER:
      return "_total";
    case WSM_CLI_FAMILY_INFO:
      return "_info";
    case WSM_CLI_FAMILY_GAUGE:
    case WSM_CLI_FAMILY_HISTOGRAM:
    case WSM_CLI_FAMILY_SUMMARY:
    case WSM_CLI_FAMILY_STATE_SET:
    default:
      return "";
    }
}

static void
wsm_cli_exposition_append_number (GString *text,
                                  guint64  number)
{
  char digits[20];
  gsize n_digits = 0;

  do
    {
      digits[sizeof digits - ++n_digits] = (char) ('0' + number % 10);
      number /= 10;
    }
  while (number > 0);

  g_string_append_len (text, digits + sizeof digits - n_digits, (gssize) n_digits);
}

/* No more digits than it takes, but always one behind the point. */
static void
wsm_cli_exposition_append_seconds (GString *text,
                                   gint64   us)
{
  guint64 rest = (guint64) ABS (us) % US_PER_SECOND;

  if (us < 0)
    g_string_append_c (text, '-');
  wsm_cli_exposition_append_number (text, (guint64) ABS (us) / US_PER_SECOND);
  g_string_append_c (text, '.');
  do
    {
      rest *= 10;
      g_string_append_c (text, (char) ('0' + rest / US_PER_SECOND));
      rest %= US_PER_SECOND;
    }
  while (rest > 0);
}

/* The name of a sample and its labels, up to the space before its value. */
static void
wsm_cli_exposition_begin_sample (WsmCliExposition *self,
                                 const char       *suffix,
                                 const char       *labels)
{
  g_string_append (self->text, self->family->name);
  g_string_append (self->text, suffix);
  if (labels != NULL && labels[0] != '\0')
    {
      g_string_append_c (self->text, '{');
      g_string_append (self->text, labels);
      g_string_append_c (self->text, '}');
    }
  g_string_append_c (self->text, ' ');
}

static void
wsm_cli_exposition_add_bucket (WsmCliExposition *self,
                               const char       *labels,
                               gint64            bound_us,
                               guint64           count)
{
  g_string_append (self->text, self->family->name);
  g_string_append (self->text, "_bucket{");
  if (labels != NULL && labels[0] != '\0')
    {
      g_string_append (self->text, labels);
      g_string_append_c (self->text, ',');
    }
  g_string_append (self->text, "le=\"");
  if (bound_us < 0)
    g_string_append (self->text, "+Inf");
  else
    wsm_cli_exposition_append_seconds (self->text, bound_us);
  g_string_append (self->text, "\"} ");
  wsm_cli_exposition_append_number (self->text, count);
  g_string_append_c (self->text, '\n');
}

/**
 * wsm_cli_exposition_new:
 * @format: a format
 *
 * Makes an empty text.
 *
 * Returns: (transfer full): an exposition
 */
WsmCliExposition *
wsm_cli_exposition_new (WsmCliFormat format)
{
  WsmCliExposition *self = g_new0 (WsmCliExposition, 1);

  self->text = g_string_new (NULL);
  self->format = format;

  return self;
}

void
wsm_cli_exposition_free (WsmCliExposition *self)
{
  g_string_free (self->text, TRUE);
  g_free (self);
}

/**
 * wsm_cli_exposition_begin_family:
 * @self: an exposition
 * @family: a family, which must stay where it is
 *
 * Says what the samples that follow are.
 */
void
wsm_cli_exposition_begin_family (WsmCliExposition   *self,
                                 const WsmCliFamily *family)
{
  gboolean is_open_metrics = self->format == WSM_CLI_FORMAT_OPEN_METRICS;
  const char *suffix = is_open_metrics ? "" : wsm_cli_exposition_get_suffix (family);
  const char *type = type_names[family->type];

  if (!is_open_metrics &&
      (family->type == WSM_CLI_FAMILY_INFO || family->type == WSM_CLI_FAMILY_STATE_SET))
    type = type_names[WSM_CLI_FAMILY_GAUGE];

  self->family = family;
  g_string_append_printf (self->text, "# HELP %s%s %s\n", family->name, suffix, family->help);
  g_string_append_printf (self->text, "# TYPE %s%s %s\n", family->name, suffix, type);
  if (is_open_metrics && family->unit != NULL)
    g_string_append_printf (self->text, "# UNIT %s %s\n", family->name, family->unit);
}

/**
 * wsm_cli_exposition_add:
 * @self: an exposition
 * @labels: (nullable): labels, as wsm_cli_exposition_append_label() writes them
 * @value: a value
 *
 * Adds a sample to the family.
 */
void
wsm_cli_exposition_add (WsmCliExposition *self,
                        const char       *labels,
                        guint64           value)
{
  wsm_cli_exposition_begin_sample (self, wsm_cli_exposition_get_suffix (self->family), labels);
  wsm_cli_exposition_append_number (self->text, value);
  g_string_append_c (self->text, '\n');
}

/**
 * wsm_cli_exposition_add_seconds:
 * @self: an exposition
 * @labels: (nullable): labels, as wsm_cli_exposition_append_label() writes them
 * @value_us: a time, in microseconds
 *
 * Adds a sample to the family, in seconds.
 */
void
wsm_cli_exposition_add_seconds (WsmCliExposition *self,
                                const char       *labels,
                                gint64            value_us)
{
  wsm_cli_exposition_begin_sample (self, wsm_cli_exposition_get_suffix (self->family), labels);
  wsm_cli_exposition_append_seconds (self->text, value_us);
  g_string_append_c (self->text, '\n');
}

/**
 * wsm_cli_exposition_add_count:
 * @self: an exposition
 * @count: how many there have been
 *
 * Adds to a summary how many it is of.
 */
void
wsm_cli_exposition_add_count (WsmCliExposition *self,
                              guint64           count)
{
  wsm_cli_exposition_begin_sample (self, "_count", NULL);
  wsm_cli_exposition_append_number (self->text, count);
  g_string_append_c (self->text, '\n');
}

/**
 * wsm_cli_exposition_add_histogram:
 * @self: an exposition
 * @labels: (nullable): labels, as wsm_cli_exposition_append_label() writes them
 * @bounds_us: (array length=n_bounds): what is counted in each bucket is at most so long
 * @buckets: how many are in each bucket alone, and last how many are in none of them
 * @n_bounds: the number of bounds, one less than that of the buckets
 * @sum_us: the sum of all that was counted
 * @created_us: since when it is counted, in microseconds since 1970
 *
 * Adds the samples of a histogram to the family.
 *
 * Only of histograms it is told when they began. For counters it would be as much text again, and
 * they are as old as the process, which has a metric of its own.
 */
void
wsm_cli_exposition_add_histogram (WsmCliExposition *self,
                                  const char       *labels,
                                  const gint64     *bounds_us,
                                  const guint64    *buckets,
                                  guint             n_bounds,
                                  gint64            sum_us,
                                  gint64            created_us)
{
  guint64 count = 0;

  for (guint i = 0; i < n_bounds; i++)
    {
      count += buckets[i];
      wsm_cli_exposition_add_bucket (self, labels, bounds_us[i], count);
    }
  count += buckets[n_bounds];
  wsm_cli_exposition_add_bucket (self, labels, -1, count);

  wsm_cli_exposition_begin_sample (self, "_count", labels);
  wsm_cli_exposition_append_number (self->text, count);
  g_string_append_c (self->text, '\n');
  wsm_cli_exposition_begin_sample (self, "_sum", labels);
  wsm_cli_exposition_append_seconds (self->text, sum_us);
  g_string_append_c (self->text, '\n');

  if (self->format != WSM_CLI_FORMAT_OPEN_METRICS)
    return;

  wsm_cli_exposition_begin_sample (self, "_created", labels);
  wsm_cli_exposition_append_seconds (self->text, created_us);
  g_string_append_c (self->text, '\n');
}

/**
 * wsm_cli_exposition_end:
 * @self: an exposition
 *
 * Says that this was all.
 */
void
wsm_cli_exposition_end (WsmCliExposition *self)
{
  if (self->format == WSM_CLI_FORMAT_OPEN_METRICS)
    g_string_append (self->text, "# EOF\n");
}

/**
 * wsm_cli_exposition_append_label:
 * @labels: labels, or nothing yet
 * @name: a name
 * @value: a value, of any characters
 *
 * Adds a label.
 */
void
wsm_cli_exposition_append_label (GString    *labels,
                                 const char *name,
                                 const char *value)
{
  if (labels->len > 0)
    g_string_append_c (labels, ',');
  g_string_append (labels, name);
  g_string_append (labels, "=\"");
  for (const char *p = value; *p != '\0'; p++)
    {
      if (*p == '\n')
        {
          g_string_append (labels, "\\n");
          continue;
        }
      if (*p == '"' || *p == '\\')
        g_string_append_c (labels, '\\');
      g_string_append_c (labels, *p);
    }
  g_string_append_c (labels, '"');
}
