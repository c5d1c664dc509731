/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "key-file.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

/* Key files, read strictly: what GKeyFile would pass over in silence is an error here. */

/* A thousand connections with all their settings take less than half of it. */
#define MAX_SIZE (1024 * 1024)

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* At most a byte more than is allowed, so that a device does not fill the memory. */
static GBytes *
wsm_ini_key_file_read (const char  *path,
                       GError     **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);
  g_autofree char *data = NULL;
  gsize length;

  if (stream == NULL)
    return NULL;

  data = g_malloc (MAX_SIZE + 1);
  if (!g_input_stream_read_all (G_INPUT_STREAM (stream), data, MAX_SIZE + 1, &length, NULL, error))
    return NULL;

  return g_bytes_new (data, length);
}

static gboolean
wsm_ini_key_file_check_data (const char  *data,
                             gsize        length,
                             GError     **error)
{
  const char *complaint = NULL;

  if (length > MAX_SIZE)
    complaint = _("the file is larger than 1 MiB; spread the connections over several files");
  else if (length >= strlen (BYTE_ORDER_MARK) &&
           memcmp (data, BYTE_ORDER_MARK, strlen (BYTE_ORDER_MARK)) == 0)
    complaint = _("the file begins with a byte order mark; save it as UTF-8 without one");
  else if (!g_utf8_validate_len (data, length, NULL))
    complaint = _("the file is not UTF-8, or holds a NUL; save it as UTF-8");

  if (complaint == NULL)
    return TRUE;

  g_set_error_literal (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_PARSE, complaint);
  return FALSE;
}

/* GKeyFile joins groups of one name and lets the last of several keys win. Whoever wrote that
 * meant something else. The syntax has been checked when this is called. */
static gboolean
wsm_ini_key_file_check_unique (const char  *data,
                               GError     **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) lines = g_strsplit (data, "\n", -1);
  g_autofree char *group = g_strdup ("");

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      char *line = g_strstrip (lines[i]);
      g_autofree char *name = NULL;

      if (line[0] == '\0' || line[0] == '#')
        continue;

      if (line[0] == '[')
        {
          g_free (group);
          group = g_strndup (line, strcspn (line, "]") + 1);
          name = g_strdup (group);
        }
      else
        {
          g_autofree char *key = g_strndup (line, strcspn (line, "="));

          name = g_strdup_printf ("%s %s", group, g_strstrip (key));
        }

      if (!g_hash_table_add (seen, g_strdup (name)))
        {
          g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_PARSE,
                       /* Translators: a key or a group of a file, and the number of a line. */
                       _("%s: is there twice, again in line %u; keep one of them"),
                       name, (guint) (i + 1));
          return FALSE;
        }
    }

  return TRUE;
}

/**
 * wsm_ini_key_file_load:
 * @path: a path
 * @error: return location for an error
 *
 * Reads a key file, strictly: UTF-8 without a byte order mark, at most 1 MiB, nothing twice.
 *
 * Returns: (transfer full) (nullable): what it holds
 */
GKeyFile *
wsm_ini_key_file_load (const char  *path,
                       GError     **error)
{
  g_autoptr (GKeyFile) key_file = g_key_file_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;
  const char *data;
  gsize length;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  bytes = wsm_ini_key_file_read (path, error);
  if (bytes == NULL)
    return NULL;

  data = g_bytes_get_data (bytes, &length);
  if (length == 0)
    return g_steal_pointer (&key_file);
  if (!wsm_ini_key_file_check_data (data, length, error))
    return NULL;

  text = g_strndup (data, length);
  if (!g_key_file_load_from_data (key_file, text, length, G_KEY_FILE_KEEP_TRANSLATIONS,
                                  error) ||
      !wsm_ini_key_file_check_unique (text, error))
    return NULL;

  return g_steal_pointer (&key_file);
}
