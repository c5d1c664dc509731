/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-milliseconds.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* From the smallest. */
typedef enum
{
  UNIT_MILLISECOND,
  UNIT_SECOND,
  UNIT_MINUTE,
  UNIT_HOUR,
} WsiUnit;

#define N_UNITS (UNIT_HOUR + 1)

typedef struct
{
  guint milliseconds;
  const char *name; /* (unowned) */
} WsiUnitName;

static const WsiUnitName units[N_UNITS] = {
  /* Translators: milliseconds, as a unit behind a number. */
  { 1, N_("ms") },
  /* Translators: seconds, as a unit behind a number. */
  { 1000, N_("s") },
  /* Translators: minutes, as a unit behind a number. */
  { 60 * 1000, N_("min") },
  /* Translators: hours, as a unit behind a number. */
  { 3600 * 1000, N_("h") },
};

/* Minutes and hours only where nothing is left over. */
static WsiUnit
wsi_milliseconds_choose_unit (guint milliseconds)
{
  if (milliseconds >= units[UNIT_HOUR].milliseconds &&
      milliseconds % units[UNIT_HOUR].milliseconds == 0)
    return UNIT_HOUR;
  if (milliseconds > units[UNIT_MINUTE].milliseconds &&
      milliseconds % units[UNIT_MINUTE].milliseconds == 0)
    return UNIT_MINUTE;
  if (milliseconds >= units[UNIT_SECOND].milliseconds)
    return UNIT_SECOND;

  return UNIT_MILLISECOND;
}

char *
wsi_milliseconds_format (guint milliseconds)
{
  const WsiUnitName *unit = &units[wsi_milliseconds_choose_unit (milliseconds)];
  g_autofree char *number = NULL;

  /* Ten digits hold every guint, so nothing is rounded away. */
  number = g_strdup_printf ("%.10g", (double) milliseconds / (double) unit->milliseconds);

  return g_strdup_printf ("%s\xc2\xa0%s", number, _(unit->name));
}

gboolean
wsi_milliseconds_parse (const char *text,
                        guint       present,
                        guint      *milliseconds)
{
  const WsiUnitName *unit = NULL;
  g_autofree char *unit_text = NULL;
  char *end = NULL;
  double number;

  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (milliseconds != NULL, FALSE);

  /* As it is written here first, and then as everywhere. */
  number = strtod (text, &end);
  if (end == text || *end == '.')
    number = g_ascii_strtod (text, &end);
  if (end == text || !isfinite (number) || number < 0.0)
    return FALSE;

  while (*end != '\0' && g_unichar_isspace (g_utf8_get_char (end)))
    end = g_utf8_next_char (end);
  unit_text = g_strchomp (g_strdup (end));

  if (unit_text[0] == '\0')
    unit = &units[wsi_milliseconds_choose_unit (present)];

  for (guint i = 0; i < N_UNITS && unit == NULL; i++)
    {
      if (strcmp (unit_text, units[i].name) == 0 || strcmp (unit_text, _(units[i].name)) == 0)
        unit = &units[i];
    }

  if (unit == NULL)
    return FALSE;

  number = round (number * (double) unit->milliseconds);
  if (number > (double) G_MAXINT)
    return FALSE;

  *milliseconds = (guint) number;
  return TRUE;
}

guint
wsi_milliseconds_step (guint milliseconds)
{
  if (milliseconds < 1000)
    return 50;
  if (milliseconds < 10 * 1000)
    return 500;
  if (milliseconds < 60 * 1000)
    return 1000;
  if (milliseconds < 600 * 1000)
    return 10 * 1000;

  return 60 * 1000;
}
