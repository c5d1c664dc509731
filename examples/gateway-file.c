/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <libwsmulti.h>

#include "gateway-file.h"

#include <string.h>

#define DEFAULTS "defaults"

static const char * const connection_keys[] = { "uri", "origin", "protocols", "greetings", NULL };
static const char * const heartbeat_keys[] =
{
  "mode", "interval", "timeout", "max-missed", "jitter", "idle-only", "payload", "reply-match",
  "reply", "hide-reply", NULL
};
static const char * const backoff_keys[] =
{
  "initial", "max", "factor", "max-attempts", "stable-after", NULL
};

/* A number, perhaps with a unit of time, which makes milliseconds of it. */
static gboolean
read_number (const char *text,
             guint64     max,
             guint64    *number)
{
  static const struct { const char *name; guint64 factor; } units[] =
  {
    { "", 1 }, { "ms", 1 }, { "s", 1000 }, { "min", 60 * 1000 }, { "h", 60 * 60 * 1000 },
  };
  char *unit = NULL;

  if (!g_ascii_isdigit (text[0]))
    return FALSE;
  *number = g_ascii_strtoull (text, &unit, 10);

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      if (!g_str_equal (unit, units[i].name))
        continue;
      if (*number > max / units[i].factor)
        return FALSE;
      *number *= units[i].factor;
      return TRUE;
    }

  return FALSE;
}

static char *
list_names (GEnumClass *values)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < values->n_values; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", values->values[i].value_nick);

  return g_string_free (g_steal_pointer (&names), FALSE);
}

/* A backslash before nothing. GKeyFile warns of it, instead of telling, after another wrong one. */
static gboolean
ends_in_backslash (GKeyFile   *file,
                   const char *group,
                   const char *key)
{
  g_autofree char *text = g_key_file_get_value (file, group, key, NULL);
  gsize length = text != NULL ? strlen (text) : 0;
  gsize n_others = length;

  while (n_others > 0 && text[n_others - 1] == '\\')
    n_others--;

  return (length - n_others) % 2 == 1;
}

/* Reads what the property takes; what is wrong with a text is said without group and key. */
static gboolean
read_value (GKeyFile    *file,
            const char  *group,
            GParamSpec  *property,
            GValue      *value,
            GError     **error)
{
  const char *key = property->name;
  g_autoptr (GError) local_error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *wanted = NULL;
  guint64 number;

  if (ends_in_backslash (file, group, key))
    {
      g_set_error_literal (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                           "there is nothing behind the last backslash; write \\\\ for one");
      return FALSE;
    }

  text = g_key_file_get_string (file, group, key, &local_error);
  /* There may be a text all the same. */
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  g_value_init (value, property->value_type);
  if (G_IS_PARAM_SPEC_UINT (property))
    {
      if (read_number (text, G_MAXUINT, &number))
        g_value_set_uint (value, (guint) number);
      else
        wanted = g_strdup ("a whole number, with ms, s, min or h behind it if it is a time");
    }
  else if (G_IS_PARAM_SPEC_DOUBLE (property))
    {
      char *end = NULL;

      g_value_set_double (value, g_ascii_strtod (text, &end));
      if (end == text || *end != '\0')
        wanted = g_strdup ("a number such as 0.1");
    }
  else if (G_IS_PARAM_SPEC_BOOLEAN (property))
    {
      g_value_set_boolean (value, g_str_equal (text, "true"));
      if (!g_str_equal (text, "true") && !g_str_equal (text, "false"))
        wanted = g_strdup ("true or false");
    }
  else if (G_IS_PARAM_SPEC_ENUM (property))
    {
      GEnumClass *values = G_PARAM_SPEC_ENUM (property)->enum_class;
      GEnumValue *found = g_enum_get_value_by_nick (values, text);

      if (found != NULL)
        g_value_set_enum (value, found->value);
      else
        wanted = list_names (values);
    }
  else if (property->value_type == G_TYPE_STRV)
    {
      g_value_take_boxed (value, g_key_file_get_string_list (file, group, key, NULL, NULL));
    }
  else
    {
      g_value_set_string (value, text);
    }

  if (wanted == NULL)
    return TRUE;

  g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
               "“%s” is not what belongs here; write %s", text, wanted);
  return FALSE;
}

/* Makes an object of what its keys say, in the group or else in [defaults]. Without a key that is
 * NULL, and no error: then the pool's own is as good. */
static gpointer
make_object (GKeyFile            *file,
             const char          *group,
             GType                type,
             const char * const  *keys,
             GError             **error)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GArray) values = g_array_new (FALSE, TRUE, sizeof (GValue));

  g_array_set_clear_func (values, (GDestroyNotify) g_value_unset);
  for (; *keys != NULL; keys++)
    {
      GParamSpec *property = g_object_class_find_property (G_OBJECT_CLASS (klass), *keys);
      const char *place = g_key_file_has_key (file, group, *keys, NULL) ? group : DEFAULTS;
      GValue value = G_VALUE_INIT;

      if (!g_key_file_has_key (file, place, *keys, NULL))
        continue;
      if (!read_value (file, place, property, &value, error))
        {
          g_prefix_error (error, "[%s] %s: ", place, *keys);
          if (G_IS_VALUE (&value))
            g_value_unset (&value);
          return NULL;
        }
      g_ptr_array_add (names, (gpointer) property->name);
      g_array_append_val (values, value);
    }

  if (names->len == 0)
    return NULL;
  if (type == WSM_TYPE_CONNECTION)
    {
      GValue name = G_VALUE_INIT;

      g_value_init (&name, G_TYPE_STRING);
      g_value_set_string (&name, group);
      g_ptr_array_add (names, (gpointer) "name");
      g_array_append_val (values, name);
    }

  return g_object_new_with_properties (type, names->len, (const char **) names->pdata,
                                       (const GValue *) (gpointer) values->data);
}

/* A word that nobody reads is a word misspelt. */
static gboolean
check_keys (GKeyFile    *file,
            const char  *group,
            GError     **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (file, group, NULL, NULL);

  for (gsize i = 0; keys[i] != NULL; i++)
    {
      gboolean is_own = g_strv_contains (connection_keys, keys[i]);

      if (is_own && g_str_equal (group, DEFAULTS) && g_str_equal (keys[i], "uri"))
        {
          g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                       "[%s] uri: each connection has its own; write it into the group of the "
                       "connection", group);
          return FALSE;
        }
      if (is_own || g_strv_contains (heartbeat_keys, keys[i]) ||
          g_strv_contains (backoff_keys, keys[i]))
        continue;

      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND,
                   "[%s] %s: there is no such setting; is it misspelt?", group, keys[i]);
      return FALSE;
    }

  return TRUE;
}

static gboolean
add_connection (WsmPool     *pool,
                GKeyFile    *file,
                const char  *group,
                GError     **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (WsmConnection) connection = NULL;
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autoptr (WsmBackoff) backoff = NULL;

  if (!g_key_file_has_key (file, group, "uri", NULL))
    {
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND,
                   "[%s] uri: is missing; write one, as in uri=wss://host/path", group);
      return FALSE;
    }

  if (!check_keys (file, group, error) ||
      (connection = make_object (file, group, WSM_TYPE_CONNECTION, connection_keys,
                                 error)) == NULL)
    return FALSE;

  heartbeat = make_object (file, group, WSM_TYPE_HEARTBEAT, heartbeat_keys, &local_error);
  if (local_error == NULL)
    backoff = make_object (file, group, WSM_TYPE_BACKOFF, backoff_keys, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  /* What the library says names the property, which is the key. */
  if ((heartbeat != NULL && !wsm_heartbeat_validate (heartbeat, error)) ||
      (backoff != NULL && !wsm_backoff_validate (backoff, error)))
    {
      g_prefix_error (error, "[%s] ", group);
      return FALSE;
    }
  if (heartbeat != NULL)
    wsm_connection_set_heartbeat (connection, heartbeat);
  if (backoff != NULL)
    wsm_connection_set_backoff (connection, backoff);

  if (wsm_pool_add_connection (pool, connection, &local_error))
    return TRUE;

  g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "[%s] %s", group,
                              g_error_matches (local_error, WSM_ERROR, WSM_ERROR_INVALID_URI)
                              ? "uri: " : "");
  return FALSE;
}

/*
 * gateway_file_load:
 * @path: a key file
 * @pool: an empty pool
 * @error: return location for an error; it names the group and the key
 *
 * Adds the connections of a file to a pool, without opening them.
 *
 * Returns: `TRUE` if all were added, and that is at least one
 */
gboolean
gateway_file_load (const char  *path,
                   WsmPool     *pool,
                   GError     **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) groups = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, error) ||
      (g_key_file_has_group (file, DEFAULTS) && !check_keys (file, DEFAULTS, error)))
    return FALSE;

  groups = g_key_file_get_groups (file, NULL);
  for (gsize i = 0; groups[i] != NULL; i++)
    {
      if (!g_str_equal (groups[i], DEFAULTS) && !add_connection (pool, file, groups[i], error))
        return FALSE;
    }

  if (g_list_model_get_n_items (G_LIST_MODEL (pool)) > 0)
    return TRUE;

  g_set_error_literal (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_GROUP_NOT_FOUND,
                       "there is no connection in it; write a group for each, with a uri");
  return FALSE;
}
