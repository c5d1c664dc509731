/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "writer.h"

#include <gio/gio.h>

#include "duration.h"
#include "headers.h"
#include "settings.h"

/*
 * Connections, written so that a configuration reads the same ones again.
 *
 * Only what is not as it would be without a line is written: a list that a person opens shows
 * what is special about each connection.
 */

static void
wsm_ini_writer_write_bytes (GKeyFile   *key_file,
                            const char *group,
                            const char *key,
                            GBytes     *bytes)
{
  g_autofree char *encoded = NULL;
  g_autofree char *text = NULL;
  gsize length;
  const guchar *data = g_bytes_get_data (bytes, &length);

  encoded = g_base64_encode (data, length);
  text = g_strconcat ("base64:", encoded, NULL);
  g_key_file_set_value (key_file, group, key, text);
}

static void
wsm_ini_writer_write_uint (GKeyFile   *key_file,
                           const char *group,
                           const char *key,
                           guint       number)
{
  g_autofree char *text = NULL;

  if (wsm_ini_settings_is_count (key))
    text = g_strdup_printf ("%u", number);
  else
    text = wsm_ini_duration_format (number);
  g_key_file_set_value (key_file, group, key, text);
}

static void
wsm_ini_writer_write_enum (GKeyFile     *key_file,
                           const char   *group,
                           GParamSpec   *pspec,
                           const GValue *value)
{
  GEnumClass *values = G_PARAM_SPEC_ENUM (pspec)->enum_class;
  GEnumValue *found = g_enum_get_value (values, g_value_get_enum (value));

  g_key_file_set_value (key_file, group, pspec->name, found->value_nick);
}

static void
wsm_ini_writer_write_list (GKeyFile           *key_file,
                           const char         *group,
                           const char         *key,
                           const char * const *list)
{
  if (list != NULL && list[0] != NULL)
    g_key_file_set_string_list (key_file, group, key, list, g_strv_length ((GStrv) list));
}

static void
wsm_ini_writer_write_value (GKeyFile     *key_file,
                            const char   *group,
                            GParamSpec   *pspec,
                            const GValue *value)
{
  const char *key = pspec->name;
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (G_VALUE_HOLDS_UINT (value))
    wsm_ini_writer_write_uint (key_file, group, key, g_value_get_uint (value));
  else if (G_VALUE_HOLDS_UINT64 (value))
    g_key_file_set_uint64 (key_file, group, key, g_value_get_uint64 (value));
  else if (G_VALUE_HOLDS_DOUBLE (value))
    g_key_file_set_value (key_file, group, key,
                          g_ascii_dtostr (text, sizeof text, g_value_get_double (value)));
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    g_key_file_set_boolean (key_file, group, key, g_value_get_boolean (value));
  else if (G_VALUE_HOLDS_ENUM (value))
    wsm_ini_writer_write_enum (key_file, group, pspec, value);
  else if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    wsm_ini_writer_write_list (key_file, group, key, g_value_get_boxed (value));
  else if (G_VALUE_HOLDS (value, G_TYPE_BYTES) && g_value_get_boxed (value) != NULL)
    wsm_ini_writer_write_bytes (key_file, group, key, g_value_get_boxed (value));
  else if (G_VALUE_HOLDS_STRING (value) && g_value_get_string (value) != NULL)
    g_key_file_set_string (key_file, group, key, g_value_get_string (value));
}

static void
wsm_ini_writer_write_object (GKeyFile   *key_file,
                             const char *group,
                             GObject    *object)
{
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      gboolean is_default;

      if (!wsm_ini_settings_is_key (pspecs[i]))
        continue;

      g_value_init (&value, pspecs[i]->value_type);
      g_object_get_property (object, pspecs[i]->name, &value);
      /* The library has this one on; a configuration has it off unless it is told. */
      if (g_str_equal (pspecs[i]->name, "idle-only"))
        is_default = !g_value_get_boolean (&value);
      else
        is_default = g_param_value_defaults (pspecs[i], &value);

      if (!is_default)
        wsm_ini_writer_write_value (key_file, group, pspecs[i], &value);
    }
}

/* What no group may be called, and what is taken, is changed as little as can be. */
static char *
wsm_ini_writer_choose_group (GKeyFile   *key_file,
                             const char *name)
{
  g_autofree char *base = g_strdup (name != NULL && *name != '\0' ? name : "connection");
  g_autofree char *group = NULL;

  for (char *cursor = base; *cursor != '\0'; cursor++)
    {
      if (*cursor == '[')
        *cursor = '(';
      else if (*cursor == ']')
        *cursor = ')';
      else if (g_ascii_iscntrl (*cursor))
        *cursor = ' ';
    }

  group = g_strdup (base);
  for (guint number = 2;
       g_key_file_has_group (key_file, group) || g_str_equal (group, "defaults");
       number++)
    {
      g_free (group);
      group = g_strdup_printf ("%s (%u)", base, number);
    }

  return g_steal_pointer (&group);
}

/**
 * wsm_ini_writer_add:
 * @key_file: where to write
 * @connection: what to write
 *
 * Adds a group for a connection, secrets included.
 *
 * Returns: (transfer full): what the group is called
 */
char *
wsm_ini_writer_add (GKeyFile      *key_file,
                    WsmConnection *connection)
{
  g_autofree char *group = NULL;
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (connection);
  WsmBackoff *backoff = wsm_connection_get_backoff (connection);

  group = wsm_ini_writer_choose_group (key_file, wsm_connection_get_name (connection));
  g_key_file_set_string (key_file, group, "uri", wsm_connection_get_uri (connection));
  wsm_ini_writer_write_object (key_file, group, G_OBJECT (connection));
  wsm_ini_writer_write_list (key_file, group, "headers", wsm_ini_headers_get (connection));
  if (heartbeat != NULL)
    wsm_ini_writer_write_object (key_file, group, G_OBJECT (heartbeat));
  if (backoff != NULL)
    wsm_ini_writer_write_object (key_file, group, G_OBJECT (backoff));

  return g_steal_pointer (&group);
}

/**
 * wsm_ini_writer_save:
 * @key_file: connections
 * @path: a path
 * @error: return location for an error
 *
 * Writes a file that only its owner may read, at once and whole, or not at all.
 *
 * Returns: `TRUE` if it was written
 */
gboolean
wsm_ini_writer_save (GKeyFile    *key_file,
                     const char  *path,
                     GError     **error)
{
  g_autofree char *data = NULL;
  gsize length;

  data = g_key_file_to_data (key_file, &length, NULL);

  return g_file_set_contents_full (path, data, (gssize) length, G_FILE_SET_CONTENTS_CONSISTENT,
                                   0600, error);
}
