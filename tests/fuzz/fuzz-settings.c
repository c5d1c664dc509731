/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"

#include "configuration.h"
#include "test-world.h"
#include "writer.h"

#include <sys/mman.h>
#include <unistd.h>

/* Files with lists of connections. What is read and written is read as the same again, and what
 * is refused is refused with the place of the fault. */

static int file = -1;

static char *
keep (const char *data,
      gsize       length)
{
  if (file == -1)
    file = memfd_create ("settings", MFD_CLOEXEC);
  g_assert_cmpint (file, !=, -1);
  g_assert_cmpint (ftruncate (file, 0), ==, 0);
  g_assert_cmpint (pwrite (file, data, length, 0), ==, (gssize) length);

  return g_strdup_printf ("/proc/self/fd/%d", file);
}

/* NULL if it is no list of connections. */
static char *
read_and_write (WsmPool    *pool,
                const char *path)
{
  g_autoptr (WsmIniConfiguration) configuration = wsm_ini_configuration_new ();
  g_autoptr (GKeyFile) key_file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  if (wsm_ini_configuration_load (configuration, path, &error) &&
      wsm_ini_configuration_fill (configuration, pool, &error))
    {
      g_assert_no_error (error);
      for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (pool)); i++)
        {
          g_autoptr (WsmConnection) connection = g_list_model_get_item (G_LIST_MODEL (pool), i);
          g_autofree char *group = wsm_ini_writer_add (key_file, connection);

          g_assert_cmpstr (group, ==, wsm_connection_get_name (connection));
        }
      text = g_key_file_to_data (key_file, NULL, NULL);
    }
  else
    {
      g_assert_nonnull (error);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_true (g_str_has_prefix (error->message, path));
    }

  while (g_list_model_get_n_items (G_LIST_MODEL (pool)) > 0)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (G_LIST_MODEL (pool), 0);

      wsm_pool_remove (pool, connection);
    }

  return text;
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autofree char *path = keep ((const char *) data, length);
  g_autofree char *text = read_and_write (world->pool, path);

  if (text != NULL)
    {
      g_autofree char *again_path = keep (text, strlen (text));
      g_autofree char *again = read_and_write (world->pool, again_path);

      g_assert_cmpstr (again, ==, text);
    }
  wsm_test_world_free (world);

  return 0;
}
