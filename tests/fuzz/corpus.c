/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"

/* A target without libFuzzer: each file of a folder is a test of its own. */

static void
test_input (gconstpointer user_data)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (user_data, &data, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (LLVMFuzzerTestOneInput ((const guint8 *) data, length), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GDir) folder = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *target = NULL;
  const char *name;
  guint n_inputs = 0;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  target = g_path_get_basename (argv[1]);
  folder = g_dir_open (argv[1], 0, &error);
  g_assert_no_error (error);

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_strdup_printf ("/fuzz/%s/%s", target, name);

      g_test_add_data_func_full (path, g_build_filename (argv[1], name, NULL), test_input, g_free);
      n_inputs++;
    }
  g_assert_cmpuint (n_inputs, >, 0);

  return g_test_run ();
}
