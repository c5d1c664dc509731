/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-exporter-settings.h"

#include <gio/gio.h>

/*
 * Settings that an inspector changes.
 *
 * They cannot be changed themselves, because other connections may share them; so they are made
 * anew from the present ones. What is not for inspectors, such as the payload of a beat, stays.
 */

static const char * const heartbeat_keys[] = {
  "mode", "interval", "timeout", "max-missed", "jitter", "idle-only", "reply-match", "hide-reply",
  "liveness", NULL
};

static const char * const backoff_keys[] = {
  "initial", "max", "factor", "max-attempts", "max-elapsed", "stable-after", NULL
};

static const GVariantType *
wsm_exporter_type_setting (GParamSpec *pspec)
{
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return G_VARIANT_TYPE_BOOLEAN;
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    return G_VARIANT_TYPE_DOUBLE;

  return G_VARIANT_TYPE_UINT32;
}

/* On the bus 0 is unknown, and so an enumeration begins with 1. */
static gboolean
wsm_exporter_read_setting (GParamSpec  *pspec,
                           GVariant    *setting,
                           GValue      *value,
                           GError     **error)
{
  const GVariantType *type = wsm_exporter_type_setting (pspec);
  guint number;

  if (!g_variant_is_of_type (setting, type))
    {
      g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                   "%s: is of type %s and has to be %.*s", pspec->name,
                   g_variant_get_type_string (setting),
                   (int) g_variant_type_get_string_length (type),
                   g_variant_type_peek_string (type));
      return FALSE;
    }

  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    {
      g_value_set_boolean (value, g_variant_get_boolean (setting));
    }
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    {
      g_value_set_double (value, g_variant_get_double (setting));
    }
  else if (G_IS_PARAM_SPEC_ENUM (pspec))
    {
      GEnumClass *values = G_PARAM_SPEC_ENUM (pspec)->enum_class;

      number = g_variant_get_uint32 (setting);
      if (number == 0 || number > values->n_values)
        {
          g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                       "%s: %u is not from 1 to %u", pspec->name, number, values->n_values);
          return FALSE;
        }
      g_value_set_enum (value, (int) number - 1);
    }
  else
    {
      g_value_set_uint (value, g_variant_get_uint32 (setting));
    }

  return TRUE;
}

static gboolean
wsm_exporter_check_keys (GVariant            *changes,
                         const char * const  *keys,
                         GError             **error)
{
  GVariantIter iter;
  const char *key;

  g_variant_iter_init (&iter, changes);
  while (g_variant_iter_next (&iter, "{&sv}", &key, NULL))
    if (!g_strv_contains (keys, key))
      {
        g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                     "%s: is not a setting that can be changed", key);
        return FALSE;
      }

  return TRUE;
}

/* Another object of the same type, all of whose properties are construct-only. */
static GObject *
wsm_exporter_remake (GObject             *present,
                     GVariant            *changes,
                     const char * const  *keys,
                     GError             **error)
{
  g_autofree GParamSpec **pspecs = NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GArray) values = g_array_new (FALSE, TRUE, sizeof (GValue));
  guint n_pspecs;

  if (!wsm_exporter_check_keys (changes, keys, error))
    return NULL;

  g_array_set_clear_func (values, (GDestroyNotify) g_value_unset);
  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (present), &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    {
      g_autoptr (GVariant) setting = g_variant_lookup_value (changes, pspecs[i]->name, NULL);
      GValue *value;

      g_array_set_size (values, i + 1);
      value = &g_array_index (values, GValue, i);
      g_value_init (value, pspecs[i]->value_type);
      g_object_get_property (present, pspecs[i]->name, value);
      g_ptr_array_add (names, (gpointer) pspecs[i]->name);
      if (setting != NULL && !wsm_exporter_read_setting (pspecs[i], setting, value, error))
        return NULL;
    }

  return g_object_new_with_properties (G_OBJECT_TYPE (present), n_pspecs,
                                       (const char **) names->pdata,
                                       (const GValue *) values->data);
}

gboolean
wsm_exporter_change_heartbeat (WsmConnection  *connection,
                               GVariant       *changes,
                               GError        **error)
{
  g_autoptr (GObject) heartbeat = NULL;

  heartbeat = wsm_exporter_remake (G_OBJECT (wsm_connection_get_heartbeat (connection)), changes,
                                   heartbeat_keys, error);
  if (heartbeat == NULL || !wsm_heartbeat_validate (WSM_HEARTBEAT (heartbeat), error))
    return FALSE;
  wsm_connection_set_heartbeat (connection, WSM_HEARTBEAT (heartbeat));

  return TRUE;
}

gboolean
wsm_exporter_change_backoff (WsmConnection  *connection,
                             GVariant       *changes,
                             GError        **error)
{
  g_autoptr (GObject) backoff = NULL;

  backoff = wsm_exporter_remake (G_OBJECT (wsm_connection_get_backoff (connection)), changes,
                                 backoff_keys, error);
  if (backoff == NULL || !wsm_backoff_validate (WSM_BACKOFF (backoff), error))
    return FALSE;
  wsm_connection_set_backoff (connection, WSM_BACKOFF (backoff));

  return TRUE;
}
