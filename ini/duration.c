/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "duration.h"

#include <glib/gi18n-lib.h>

/* Durations as people write them: a whole number and its unit. */

typedef struct
{
  const char *name;
  guint ms;
} WsmIniUnit;

/* From long to short: the first that divides a duration is the one it is written in. */
static const WsmIniUnit units[] =
{
  { "h", 60 * 60 * 1000 },
  { "min", 60 * 1000 },
  { "s", 1000 },
  { "ms", 1 },
};

static const WsmIniUnit *
wsm_ini_duration_lookup_unit (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      if (g_str_equal (units[i].name, name))
        return &units[i];
    }

  return NULL;
}

/**
 * wsm_ini_duration_parse:
 * @name: the option or switch, for the message of the error
 * @text: what the user wrote, such as `500ms`, `5s`, `2min` or `1h`
 * @ms: (out): return location for the duration in milliseconds
 * @error: return location for an error
 *
 * Reads a duration, strictly: no sign, no space, no fraction, always a unit.
 *
 * Returns: `TRUE` if it is one
 */
gboolean
wsm_ini_duration_parse (const char  *name,
                        const char  *text,
                        guint       *ms,
                        GError     **error)
{
  const WsmIniUnit *unit = NULL;
  char *end = NULL;
  guint64 number = 0;

  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (ms != NULL, FALSE);

  /* The conversion by itself would let white space and a sign pass. */
  if (g_ascii_isdigit (text[0]))
    {
      number = g_ascii_strtoull (text, &end, 10);
      unit = wsm_ini_duration_lookup_unit (end);
    }

  if (unit == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   /* Translators: an option or a key, and what was written. */
                   _("%s: “%s” is not a duration; write a whole number and a unit, such as 500ms, "
                     "5s, 2min or 1h"), name, text);
      return FALSE;
    }

  if (number > G_MAXUINT / unit->ms)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   /* Translators: an option or a key, what was written, a number and its unit. */
                   _("%s: “%s” is too long; the longest is %u%s"), name, text,
                   G_MAXUINT / unit->ms, unit->name);
      return FALSE;
    }

  *ms = (guint) number * unit->ms;

  return TRUE;
}

/**
 * wsm_ini_duration_format:
 * @ms: a duration in milliseconds
 *
 * Writes a duration in the longest unit that keeps it a whole number.
 *
 * Returns: (transfer full): what [func@duration_parse] reads as the same duration
 */
char *
wsm_ini_duration_format (guint ms)
{
  for (gsize i = 0; ms > 0 && i < G_N_ELEMENTS (units); i++)
    {
      if (ms % units[i].ms == 0)
        return g_strdup_printf ("%u%s", ms / units[i].ms, units[i].name);
    }

  return g_strdup ("0ms");
}
