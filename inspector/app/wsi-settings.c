/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-settings.h"

/* GSettings ends the program where a schema is missing. A program that shows connections can do
 * without remembering the size of its window. */
GSettings *
wsi_settings_new (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, WSI_SETTINGS_ID, TRUE);
  if (schema == NULL)
    {
      g_message ("The schema " WSI_SETTINGS_ID " is not installed; settings are not kept.");
      return NULL;
    }

  return g_settings_new_full (schema, NULL, NULL);
}
