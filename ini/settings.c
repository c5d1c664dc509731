/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "settings.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "duration.h"
#include "headers.h"

/* The only key that is no property. */
#define HEADERS "headers"

/*
 * The settings of one connection, read from the texts of a key file.
 *
 * What settings there are, and of which type, is what the properties of the library's types
 * say: a new property is a new key without a line of code here. Request headers are added.
 */

struct _WsmIniSettings
{
  GHashTable *values; /* (owned) (element-type utf8 GValue): by property name */
  GStrv headers;      /* (owned) (nullable) */
};

/* What a number means does not follow from its type. Those that are not named here are
 * durations if they are 32 bits wide, and bytes if they are 64 bits wide. */
static const char *const counts[] =
{
  "max-attempts",
  "max-missed",
  "max-redirects",
};

/* Those that the library refuses to be 0. */
static const char *const positives[] =
{
  "close-timeout",
  "connect-timeout",
  "max-message-size",
};

/* What the library refuses as too many. */
#define MAX_REDIRECTS 20

/* A function, because the types are known at run time only. */
static GType
wsm_ini_settings_get_type_at (gsize position)
{
  switch (position)
    {
    case 0:
      return WSM_TYPE_CONNECTION;
    case 1:
      return WSM_TYPE_HEARTBEAT;
    case 2:
      return WSM_TYPE_BACKOFF;
    default:
      return G_TYPE_INVALID;
    }
}

static gboolean
wsm_ini_settings_is_in (const char        *key,
                        const char *const *list,
                        gsize              n_items)
{
  for (gsize i = 0; i < n_items; i++)
    {
      if (g_str_equal (list[i], key))
        return TRUE;
    }

  return FALSE;
}

#define IS_IN(key, list) wsm_ini_settings_is_in ((key), (list), G_N_ELEMENTS (list))

static GParamSpec *
wsm_ini_settings_lookup (const char *key)
{
  GType type;

  for (gsize i = 0; (type = wsm_ini_settings_get_type_at (i)) != G_TYPE_INVALID; i++)
    {
      g_autoptr (GTypeClass) type_class = g_type_class_ref (type);
      GParamSpec *pspec = g_object_class_find_property (G_OBJECT_CLASS (type_class), key);

      if (pspec != NULL && wsm_ini_settings_is_key (pspec))
        return pspec;
    }

  return NULL;
}

static void
wsm_ini_settings_free_value (gpointer data)
{
  GValue *value = data;

  if (G_IS_VALUE (value))
    g_value_unset (value);
  g_free (value);
}

/* Readers: each takes a text and either sets the value or says what to write instead. */

/* The text stands in the message, and what to write instead. */
static gboolean G_GNUC_PRINTF (2, 3)
wsm_ini_settings_refuse (GError     **error,
                         const char  *message,
                         ...)
{
  va_list arguments;

  va_start (arguments, message);
  g_propagate_error (error, g_error_new_valist (G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                                                message, arguments));
  va_end (arguments);

  return FALSE;
}

static gboolean
wsm_ini_settings_read_number (GParamSpec  *pspec,
                              const char  *text,
                              guint64     *number,
                              GError     **error)
{
  gboolean is_wide = G_IS_PARAM_SPEC_UINT64 (pspec);

  if (g_ascii_string_to_unsigned (text, 10, 0, is_wide ? G_MAXUINT64 : G_MAXUINT, number, NULL))
    return TRUE;

  return wsm_ini_settings_refuse (error, is_wide
    ? _("“%s” is not a number of bytes; write one without sign and unit")
    : _("“%s” is not a whole number; write one without sign and unit"), text);
}

static gboolean
wsm_ini_settings_read_duration (const char  *text,
                                guint64     *number,
                                GError     **error)
{
  g_autoptr (GError) local_error = NULL;
  guint ms;

  if (wsm_ini_duration_parse ("", text, &ms, &local_error))
    {
      *number = ms;
      return TRUE;
    }

  /* The caller names the key, so the name that stands in front here is not wanted. */
  g_set_error_literal (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                       local_error->message + strlen (": "));
  return FALSE;
}

static gboolean
wsm_ini_settings_read_uint (GParamSpec  *pspec,
                            const char  *text,
                            GValue      *value,
                            GError     **error)
{
  guint64 number = 0;
  gboolean is_read;

  if (G_IS_PARAM_SPEC_UINT64 (pspec) || IS_IN (pspec->name, counts))
    is_read = wsm_ini_settings_read_number (pspec, text, &number, error);
  else
    is_read = wsm_ini_settings_read_duration (text, &number, error);
  if (!is_read)
    return FALSE;
  if (number == 0 && IS_IN (pspec->name, positives))
    return wsm_ini_settings_refuse (error, _("“%s” is too little; write more than 0"), text);
  if (number > MAX_REDIRECTS && g_str_equal (pspec->name, "max-redirects"))
    return wsm_ini_settings_refuse (error, _("“%s” is too many; write at most %u"), text,
                                    MAX_REDIRECTS);

  if (G_IS_PARAM_SPEC_UINT64 (pspec))
    g_value_set_uint64 (value, number);
  else
    g_value_set_uint (value, (guint) number);

  return TRUE;
}

static gboolean
wsm_ini_settings_read_double (const char  *text,
                              GValue      *value,
                              GError     **error)
{
  char *end = NULL;
  double number = g_ascii_strtod (text, &end);

  if (end == text || *end != '\0')
    return wsm_ini_settings_refuse (error, _("“%s” is not a number; write one such as 0.1 or 2"),
                                    text);

  g_value_set_double (value, number);

  return TRUE;
}

static gboolean
wsm_ini_settings_read_boolean (const char  *text,
                               GValue      *value,
                               GError     **error)
{
  if (!g_str_equal (text, "true") && !g_str_equal (text, "false"))
    return wsm_ini_settings_refuse (error, _("“%s” is neither; write true or false"), text);

  g_value_set_boolean (value, g_str_equal (text, "true"));

  return TRUE;
}

static char *
wsm_ini_settings_list_nicks (GEnumClass *values)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < values->n_values; i++)
    {
      /* Translators: before the last one of a list, as in “ping, text or off”. */
      const char *last = C_("list", " or ");
      /* Translators: between those before it. */
      const char *other = C_("list", ", ");

      g_string_append_printf (list, "%s%s",
                              i == 0 ? "" : i + 1 == values->n_values ? last : other,
                              values->values[i].value_nick);
    }

  return g_string_free (list, FALSE);
}

static gboolean
wsm_ini_settings_read_enum (GParamSpec  *pspec,
                            const char  *text,
                            GValue      *value,
                            GError     **error)
{
  GEnumClass *values = G_PARAM_SPEC_ENUM (pspec)->enum_class;
  GEnumValue *found = g_enum_get_value_by_nick (values, text);

  if (found == NULL)
    {
      g_autofree char *nicks = wsm_ini_settings_list_nicks (values);

      /* Translators: what was written, and a list such as “ping, text or off”. */
      return wsm_ini_settings_refuse (error, _("“%s” is not known here; write %s"), text, nicks);
    }

  g_value_set_enum (value, found->value);

  return TRUE;
}

static GBytes *
wsm_ini_settings_decode_hex (const char *text)
{
  g_autoptr (GByteArray) array = g_byte_array_new ();

  if (strlen (text) % 2 != 0)
    return NULL;

  for (const char *cursor = text; *cursor != '\0'; cursor += 2)
    {
      guint8 byte;

      if (!g_ascii_isxdigit (cursor[0]) || !g_ascii_isxdigit (cursor[1]))
        return NULL;

      byte = (guint8) (g_ascii_xdigit_value (cursor[0]) << 4 | g_ascii_xdigit_value (cursor[1]));
      g_byte_array_append (array, &byte, 1);
    }

  return g_byte_array_free_to_bytes (g_steal_pointer (&array));
}

/* GLib passes over what is not base64. That would send something else than was meant. */
static GBytes *
wsm_ini_settings_decode_base64 (const char *text)
{
  g_autofree guchar *data = NULL;
  g_autofree char *again = NULL;
  gsize length;

  data = g_base64_decode (text, &length);
  again = g_base64_encode (data, length);

  return g_str_equal (again, text) ? g_bytes_new (data, length) : NULL;
}

static gboolean
wsm_ini_settings_read_bytes (const char  *text,
                             GValue      *value,
                             GError     **error)
{
  GBytes *bytes = NULL;

  if (g_str_has_prefix (text, "hex:"))
    bytes = wsm_ini_settings_decode_hex (text + strlen ("hex:"));
  else if (g_str_has_prefix (text, "base64:"))
    bytes = wsm_ini_settings_decode_base64 (text + strlen ("base64:"));

  if (bytes == NULL)
    return wsm_ini_settings_refuse (
      error, _("“%s” are no bytes; write them as hex:00ff or base64:AP8="), text);

  g_value_take_boxed (value, bytes);

  return TRUE;
}

/* After another wrong one GKeyFile warns of it instead of telling. */
static gboolean
wsm_ini_settings_ends_in_backslash (GKeyFile   *key_file,
                                    const char *group,
                                    const char *key)
{
  g_autofree char *text = g_key_file_get_value (key_file, group, key, NULL);
  gsize length = text != NULL ? strlen (text) : 0;
  gsize n_others = length;

  while (n_others > 0 && text[n_others - 1] == '\\')
    n_others--;

  return (length - n_others) % 2 == 1;
}

/* The texts of the key file's own kinds, where \n, \; and the like mean something. GKeyFile may
 * return a text and an error. */
static gboolean
wsm_ini_settings_read_text (GKeyFile    *key_file,
                            const char  *group,
                            const char  *key,
                            GValue      *value,
                            GError     **error)
{
  g_autoptr (GError) local_error = NULL;

  if (wsm_ini_settings_ends_in_backslash (key_file, group, key))
    local_error = g_error_new_literal (G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, key);
  else if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    g_value_take_boxed (value,
                        g_key_file_get_string_list (key_file, group, key, NULL, &local_error));
  else
    g_value_take_string (value, g_key_file_get_string (key_file, group, key, &local_error));

  if (local_error == NULL)
    return TRUE;

  g_set_error_literal (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                       _("holds a backslash that means nothing there; write \\\\ for a backslash, "
                         "and \\s, \\n, \\t, \\r or \\; for those characters"));
  return FALSE;
}

static gboolean
wsm_ini_settings_read_value (GParamSpec  *pspec,
                             GKeyFile    *key_file,
                             const char  *group,
                             GValue      *value,
                             GError     **error)
{
  g_autofree char *text = g_key_file_get_value (key_file, group, pspec->name, error);

  if (text == NULL)
    return FALSE;

  g_strstrip (text);
  if (G_IS_PARAM_SPEC_UINT (pspec) || G_IS_PARAM_SPEC_UINT64 (pspec))
    return wsm_ini_settings_read_uint (pspec, text, value, error);
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    return wsm_ini_settings_read_double (text, value, error);
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return wsm_ini_settings_read_boolean (text, value, error);
  if (G_IS_PARAM_SPEC_ENUM (pspec))
    return wsm_ini_settings_read_enum (pspec, text, value, error);
  if (G_VALUE_HOLDS (value, G_TYPE_BYTES))
    return wsm_ini_settings_read_bytes (text, value, error);

  return wsm_ini_settings_read_text (key_file, group, pspec->name, value, error);
}

static gboolean
wsm_ini_settings_read_headers (WsmIniSettings  *self,
                               GKeyFile        *key_file,
                               const char      *group,
                               GError         **error)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRV);
  if (!wsm_ini_settings_read_text (key_file, group, HEADERS, &value, error) ||
      !wsm_ini_headers_check (g_value_get_boxed (&value), error))
    return FALSE;

  g_strfreev (self->headers);
  self->headers = g_value_dup_boxed (&value);

  return TRUE;
}

/**
 * wsm_ini_settings_new:
 *
 * Makes settings that say nothing: all is as the library has it.
 *
 * Returns: (transfer full): settings
 */
WsmIniSettings *
wsm_ini_settings_new (void)
{
  WsmIniSettings *self = g_new0 (WsmIniSettings, 1);

  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, wsm_ini_settings_free_value);

  return self;
}

void
wsm_ini_settings_free (WsmIniSettings *self)
{
  g_hash_table_unref (self->values);
  g_strfreev (self->headers);
  g_free (self);
}

/**
 * wsm_ini_settings_is_key:
 * @pspec: a property of a connection, its heartbeat or its back-off
 *
 * Tells whether it stands in files.
 *
 * Returns: `TRUE` if so
 */
gboolean
wsm_ini_settings_is_key (GParamSpec *pspec)
{
  return (pspec->flags & G_PARAM_WRITABLE) != 0 &&
         !G_IS_PARAM_SPEC_OBJECT (pspec) &&
         !g_str_equal (pspec->name, "name"); /* that is the group's */
}

/**
 * wsm_ini_settings_is_count:
 * @key: a property whose type is `guint`
 *
 * Tells whether it is a plain number; else it is a duration.
 *
 * Returns: `TRUE` if so
 */
gboolean
wsm_ini_settings_is_count (const char *key)
{
  return IS_IN (key, counts);
}

/**
 * wsm_ini_settings_has:
 * @self: settings
 * @key: a property name
 *
 * Tells whether a setting was given.
 *
 * Returns: `TRUE` if so
 */
gboolean
wsm_ini_settings_has (WsmIniSettings *self,
                      const char     *key)
{
  return g_hash_table_contains (self->values, key);
}

/**
 * wsm_ini_settings_read:
 * @self: settings
 * @key_file: a key file
 * @group: a group in it
 * @key: a key in that
 * @error: return location for an error; it names neither of them
 *
 * Takes over one setting; one of the same key is replaced.
 *
 * Returns: `TRUE` if it was understood
 */
gboolean
wsm_ini_settings_read (WsmIniSettings  *self,
                       GKeyFile        *key_file,
                       const char      *group,
                       const char      *key,
                       GError         **error)
{
  GParamSpec *pspec = wsm_ini_settings_lookup (key);
  GValue *value;

  if (g_str_equal (key, HEADERS))
    return wsm_ini_settings_read_headers (self, key_file, group, error);

  if (pspec == NULL)
    {
      g_set_error_literal (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND,
                           _("there is no such key; write one of those that --help lists"));
      return FALSE;
    }

  value = g_new0 (GValue, 1);
  g_value_init (value, pspec->value_type);
  if (!wsm_ini_settings_read_value (pspec, key_file, group, value, error))
    {
      wsm_ini_settings_free_value (value);
      return FALSE;
    }

  g_hash_table_insert (self->values, (gpointer) pspec->name, value);

  return TRUE;
}

/* An object of a type, with those of the settings that are its own. */
static gpointer
wsm_ini_settings_make_object (WsmIniSettings *self,
                              GType           type)
{
  g_autoptr (GTypeClass) type_class = g_type_class_ref (type);
  guint n_values = g_hash_table_size (self->values);
  g_autofree const char **names = g_new0 (const char *, n_values);
  g_autofree GValue *values = g_new0 (GValue, n_values); /* copies without ownership */
  GHashTableIter iter;
  gpointer name;
  gpointer value;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->values);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      if (g_object_class_find_property (G_OBJECT_CLASS (type_class), name) == NULL)
        continue;

      names[n] = name;
      values[n] = *(GValue *) value;
      n++;
    }

  return g_object_new_with_properties (type, n, names, values);
}

/**
 * wsm_ini_settings_make_connection:
 * @self: settings
 * @name: (nullable): a name, or `NULL` for what the library makes of the URI
 * @error: return location for an error
 *
 * Makes a connection that is in no pool.
 *
 * Returns: (transfer full) (nullable): the connection
 */
WsmConnection *
wsm_ini_settings_make_connection (WsmIniSettings  *self,
                                  const char      *name,
                                  GError         **error)
{
  g_autoptr (WsmHeartbeat) heartbeat = wsm_ini_settings_make_object (self, WSM_TYPE_HEARTBEAT);
  g_autoptr (WsmBackoff) backoff = wsm_ini_settings_make_object (self, WSM_TYPE_BACKOFF);
  GValue *name_value = NULL;
  WsmConnection *connection;

  if (!wsm_heartbeat_validate (heartbeat, error) || !wsm_backoff_validate (backoff, error))
    return NULL;

  if (name != NULL)
    {
      name_value = g_new0 (GValue, 1);
      g_value_init (name_value, G_TYPE_STRING);
      g_value_set_string (name_value, name);
      g_hash_table_insert (self->values, (gpointer) "name", name_value);
    }

  connection = wsm_ini_settings_make_object (self, WSM_TYPE_CONNECTION);
  wsm_connection_set_heartbeat (connection, heartbeat);
  wsm_connection_set_backoff (connection, backoff);
  wsm_ini_headers_set (connection, (const char * const *) self->headers);

  return connection;
}

static const char *
wsm_ini_settings_describe_type (GParamSpec *pspec)
{
  /* Translators: stands for what is written in its place: a number of bytes. */
  if (G_IS_PARAM_SPEC_UINT64 (pspec))
    return _("BYTES");
  if (G_IS_PARAM_SPEC_UINT (pspec))
    return IS_IN (pspec->name, counts) ? _("N") : _("TIME");
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    return _("NUMBER");
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return "true|false";
  if (pspec->value_type == G_TYPE_BYTES)
    return "hex:00ff|base64:AP8=";
  /* Translators: stands for what is written in its place: several texts. */
  if (pspec->value_type == G_TYPE_STRV)
    return _("TEXT;TEXT…");

  return _("TEXT");
}

/**
 * wsm_ini_settings_describe:
 *
 * Lists the keys for the help.
 *
 * Returns: (transfer full): a line a key
 */
char *
wsm_ini_settings_describe (void)
{
  GString *lines = g_string_new (NULL);
  GType type;

  for (gsize i = 0; (type = wsm_ini_settings_get_type_at (i)) != G_TYPE_INVALID; i++)
    {
      g_autoptr (GTypeClass) type_class = g_type_class_ref (type);
      g_autofree GParamSpec **pspecs = NULL;
      guint n_pspecs;

      pspecs = g_object_class_list_properties (G_OBJECT_CLASS (type_class), &n_pspecs);
      for (guint j = 0; j < n_pspecs; j++)
        {
          g_autofree char *nicks = NULL;

          if (!wsm_ini_settings_is_key (pspecs[j]))
            continue;
          if (G_IS_PARAM_SPEC_ENUM (pspecs[j]))
            nicks = wsm_ini_settings_list_nicks (G_PARAM_SPEC_ENUM (pspecs[j])->enum_class);

          g_string_append_printf (lines, "  %-19s %s\n", pspecs[j]->name,
                                  nicks != NULL ? nicks
                                                : wsm_ini_settings_describe_type (pspecs[j]));
        }
    }

  g_string_append_printf (lines, "  %-19s %s\n", HEADERS, _("NAME: VALUE;NAME: VALUE…"));

  return g_string_free (lines, FALSE);
}
