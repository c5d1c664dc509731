/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "configuration.h"

#include <glib/gi18n-lib.h>

#include <string.h>

#include "key-file.h"
#include "settings.h"

/*
 * Which connections there shall be, and what they are like.
 *
 * What is said of a connection is read in layers, each key of a later one in place of that of
 * an earlier one: what holds for this program, the group [defaults], the connection's own
 * group or argument, the options of the command line.
 */

#define DEFAULTS "defaults"

struct _WsmIniConfiguration
{
  char *path;            /* (owned) (nullable): of the file */
  GKeyFile *file;        /* (owned) (nullable) */
  GPtrArray *arguments;  /* (owned) (element-type utf8): URI or NAME=URI */
  GKeyFile *options;     /* (owned): one group, DEFAULTS */
  GKeyFile *own;         /* (owned): one group, DEFAULTS: what holds for this program */
};

/* Reads all keys of a group; where they stand is said by @path, or it is an option. */
static gboolean
wsm_ini_configuration_read_group (WsmIniSettings  *settings,
                                  GKeyFile        *key_file,
                                  const char      *path,
                                  const char      *group,
                                  GError         **error)
{
  g_auto (GStrv) keys = NULL;

  if (!g_key_file_has_group (key_file, group))
    return TRUE;

  keys = g_key_file_get_keys (key_file, group, NULL, NULL);
  for (gsize i = 0; keys[i] != NULL; i++)
    {
      if (wsm_ini_settings_read (settings, key_file, group, keys[i], error))
        continue;

      if (path != NULL)
        g_prefix_error (error, "%s: [%s] %s: ", path, group, keys[i]);
      else
        g_prefix_error (error, "--%s: ", keys[i]);
      return FALSE;
    }

  return TRUE;
}

/* What was there before the connection itself. */
static WsmIniSettings *
wsm_ini_configuration_begin (WsmIniConfiguration  *self,
                             GError              **error)
{
  g_autoptr (WsmIniSettings) settings = wsm_ini_settings_new ();

  if (!wsm_ini_configuration_read_group (settings, self->own, NULL, DEFAULTS, error))
    return NULL;

  if (self->file != NULL &&
      !wsm_ini_configuration_read_group (settings, self->file, self->path, DEFAULTS, error))
    return NULL;

  return g_steal_pointer (&settings);
}

static gboolean
wsm_ini_configuration_add_connection (WsmIniConfiguration  *self,
                                      WsmIniSettings       *settings,
                                      const char           *name,
                                      WsmPool              *pool,
                                      GError              **error)
{
  g_autoptr (WsmConnection) connection = NULL;

  connection = wsm_ini_settings_make_connection (settings, name, error);

  return connection != NULL && wsm_pool_add_connection (pool, connection, error);
}

static WsmIniSettings *
wsm_ini_configuration_read_file (WsmIniConfiguration  *self,
                                 const char           *group,
                                 GError              **error)
{
  g_autoptr (WsmIniSettings) settings = wsm_ini_configuration_begin (self, error);

  if (settings == NULL ||
      !wsm_ini_configuration_read_group (settings, self->file, self->path, group, error))
    return NULL;

  if (!wsm_ini_settings_has (settings, "uri"))
    {
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND,
                   /* Translators: a file, and the name of a connection. */
                   _("%s: [%s] uri: is missing; write one, as in uri=ws://host:port/path"),
                   self->path, group);
      return NULL;
    }

  if (!wsm_ini_configuration_read_group (settings, self->options, NULL, DEFAULTS, error))
    return NULL;

  return g_steal_pointer (&settings);
}

static gboolean
wsm_ini_configuration_add_group (WsmIniConfiguration  *self,
                                 const char           *group,
                                 WsmPool              *pool,
                                 GError              **error)
{
  g_autoptr (WsmIniSettings) settings = wsm_ini_configuration_read_file (self, group, error);
  g_autoptr (GError) local_error = NULL;

  if (settings == NULL)
    return FALSE;

  if (!wsm_ini_configuration_add_connection (self, settings, group, pool, &local_error))
    {
      gboolean is_uri = g_error_matches (local_error, WSM_ERROR, WSM_ERROR_INVALID_URI);

      g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "%s: [%s] %s",
                                  self->path, group, is_uri ? "uri: " : "");
      return FALSE;
    }

  return TRUE;
}

static char *
wsm_ini_configuration_choose_name (const char *group,
                                   WsmPool    *pool)
{
  g_autofree char *name = g_strdup (group);

  for (guint number = 2; wsm_pool_lookup (pool, name) != NULL; number++)
    {
      g_free (name);
      name = g_strdup_printf ("%s (%u)", group, number);
    }

  return g_steal_pointer (&name);
}

/* In a URI the first sign of these is the colon. */
static const char *
wsm_ini_configuration_split_argument (const char  *argument,
                                      char       **name)
{
  gsize length = strcspn (argument, "=:/");

  if (argument[length] != '=')
    return argument;

  *name = g_strndup (argument, length);

  return argument + length + 1;
}

static gboolean
wsm_ini_configuration_add_uri (WsmIniConfiguration  *self,
                               const char           *argument,
                               WsmPool              *pool,
                               GError              **error)
{
  g_autoptr (WsmIniSettings) settings = wsm_ini_configuration_begin (self, error);
  g_autoptr (GKeyFile) key_file = g_key_file_new ();
  g_autoptr (GError) local_error = NULL;
  g_autofree char *name = NULL;
  const char *uri = wsm_ini_configuration_split_argument (argument, &name);

  if (settings == NULL)
    return FALSE;

  g_key_file_set_string (key_file, DEFAULTS, "uri", uri);
  if (!wsm_ini_configuration_read_group (settings, key_file, NULL, DEFAULTS, error) ||
      !wsm_ini_configuration_read_group (settings, self->options, NULL, DEFAULTS, error))
    return FALSE;

  if (!wsm_ini_configuration_add_connection (self, settings, name, pool, &local_error))
    {
      /* Not the URI itself, for it may hold a password; a name holds none. */
      if (name != NULL)
        g_prefix_error (&local_error, "%s: ", name);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  return TRUE;
}

/**
 * wsm_ini_configuration_new:
 *
 * Makes a configuration without connections.
 *
 * Returns: (transfer full): a configuration
 */
WsmIniConfiguration *
wsm_ini_configuration_new (void)
{
  WsmIniConfiguration *self = g_new0 (WsmIniConfiguration, 1);

  self->arguments = g_ptr_array_new_with_free_func (g_free);
  self->options = g_key_file_new ();
  self->own = g_key_file_new ();

  /* Who watches wants to see the round trip of a busy connection too. */
  g_key_file_set_boolean (self->own, DEFAULTS, "idle-only", FALSE);

  return self;
}

void
wsm_ini_configuration_free (WsmIniConfiguration *self)
{
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->file, g_key_file_unref);
  g_ptr_array_unref (self->arguments);
  g_key_file_unref (self->options);
  g_key_file_unref (self->own);
  g_free (self);
}

/**
 * wsm_ini_configuration_load:
 * @self: a configuration
 * @path: a key file: a group a connection, and perhaps the group `defaults`
 * @error: return location for an error, which names the file
 *
 * Takes over a file; one that was there before is replaced.
 *
 * Returns: `TRUE` if it is a key file
 */
gboolean
wsm_ini_configuration_load (WsmIniConfiguration  *self,
                            const char           *path,
                            GError              **error)
{
  g_autoptr (GKeyFile) file = wsm_ini_key_file_load (path, error);

  if (file == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }

  if (g_key_file_has_group (file, DEFAULTS) && g_key_file_has_key (file, DEFAULTS, "uri", NULL))
    {
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                   /* Translators: a file. */
                   _("%s: [defaults] uri: each connection has its own; write it into a group that "
                     "has the name of the connection"), path);
      return FALSE;
    }

  g_clear_pointer (&self->file, g_key_file_unref);
  g_clear_pointer (&self->path, g_free);
  self->file = g_steal_pointer (&file);
  self->path = g_strdup (path);

  return TRUE;
}

/**
 * wsm_ini_configuration_add_argument:
 * @self: a configuration
 * @argument: `URI` or `NAME=URI`
 *
 * Adds a connection of the command line.
 */
void
wsm_ini_configuration_add_argument (WsmIniConfiguration *self,
                                    const char          *argument)
{
  g_ptr_array_add (self->arguments, g_strdup (argument));
}

/**
 * wsm_ini_configuration_set_option:
 * @self: a configuration
 * @key: a key
 * @text: its value, as the user wrote it
 *
 * Sets what holds for all connections, whatever the file says.
 */
void
wsm_ini_configuration_set_option (WsmIniConfiguration *self,
                                  const char          *key,
                                  const char          *text)
{
  g_key_file_set_string (self->options, DEFAULTS, key, text);
}

/**
 * wsm_ini_configuration_read:
 * @self: a configuration
 * @pool: what the connections are for
 * @error: return location for an error; it says where the fault is, and what to write instead
 *
 * Makes the connections of the file, all or none, without adding them to the pool. One whose name
 * is taken there gets another one.
 *
 * Returns: (transfer full) (element-type WsmConnection) (nullable): the connections
 */
GPtrArray *
wsm_ini_configuration_read (WsmIniConfiguration  *self,
                            WsmPool              *pool,
                            GError              **error)
{
  g_autoptr (GPtrArray) connections = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (WsmPool) trial = wsm_pool_new ();
  g_auto (GStrv) groups = NULL;

  /* The pool has the last word about what it takes, and must not be asked twice. */
  if (!wsm_ini_configuration_fill (self, trial, error))
    return NULL;

  groups = g_key_file_get_groups (self->file, NULL);
  for (gsize i = 0; groups[i] != NULL; i++)
    {
      g_autoptr (WsmIniSettings) settings = NULL;
      g_autofree char *name = NULL;

      if (g_str_equal (groups[i], DEFAULTS))
        continue;

      name = wsm_ini_configuration_choose_name (groups[i], pool);
      settings = wsm_ini_configuration_read_file (self, groups[i], error);
      if (settings == NULL)
        return NULL;

      g_ptr_array_add (connections, wsm_ini_settings_make_connection (settings, name, error));
    }

  return g_steal_pointer (&connections);
}

/**
 * wsm_ini_configuration_fill:
 * @self: a configuration
 * @pool: an empty pool
 * @error: return location for an error; it says where the fault is, and what to write instead
 *
 * Adds the connections to a pool, in their order, the file's first; none is opened.
 *
 * Returns: `TRUE` if all were added, and that is at least one
 */
gboolean
wsm_ini_configuration_fill (WsmIniConfiguration  *self,
                            WsmPool              *pool,
                            GError              **error)
{
  g_auto (GStrv) groups = NULL;

  if (self->file != NULL)
    groups = g_key_file_get_groups (self->file, NULL);

  for (gsize i = 0; groups != NULL && groups[i] != NULL; i++)
    {
      if (!g_str_equal (groups[i], DEFAULTS) &&
          !wsm_ini_configuration_add_group (self, groups[i], pool, error))
        return FALSE;
    }

  for (guint i = 0; i < self->arguments->len; i++)
    {
      const char *argument = g_ptr_array_index (self->arguments, i);

      if (!wsm_ini_configuration_add_uri (self, argument, pool, error))
        return FALSE;
    }

  if (g_list_model_get_n_items (G_LIST_MODEL (pool)) > 0)
    return TRUE;

  if (self->path != NULL)
    g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_GROUP_NOT_FOUND,
                 _("%s: the file holds no connection; write a group for each, with a uri in it"),
                 self->path);
  else
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                         _("a URI is missing; write one or more, or --config with a file"));

  return FALSE;
}
