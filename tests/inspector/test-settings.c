/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-settings.h"

#include <glib/gstdio.h>

/* Bad input 43: what stands in the settings of the desktop, or does not. GLib reads what surrounds
 * it once, so each case is a process of its own. */

static const char stored[] =
  "[io/github/wsmulti/Inspector]\n"
  "window-width=-5\n"
  "window-height=99999\n"
  "sidebar-width='wide'\n"
  "sidebar-visible=maybe\n"
  "list-height=280\n"
  "notify=7\n"
  "no-such-key=1\n";

static void
run_alone (void (*func) (void))
{
  if (g_test_subprocess ())
    {
      func ();
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static void
look_without_schema (void)
{
  g_unsetenv ("GSETTINGS_SCHEMA_DIR");
  g_setenv ("XDG_DATA_DIRS", "/nonexistent", TRUE);
  g_setenv ("XDG_DATA_HOME", "/nonexistent", TRUE);

  g_test_expect_message (NULL, G_LOG_LEVEL_MESSAGE, "*" WSI_SETTINGS_ID "*not installed*");
  g_assert_null (wsi_settings_new ());
  g_test_assert_expected_messages ();
}

static void
test_missing_schema (void)
{
  run_alone (look_without_schema);
}

/* What does not fit is as if it were not there, and does not take the rest along. */
static void
look_at_nonsense (void)
{
  g_autofree char *home = g_dir_make_tmp ("wsmulti-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (home, "glib-2.0", "settings", NULL);
  g_autofree char *path = g_build_filename (folder, "keyfile", NULL);
  g_autoptr (GSettings) settings = NULL;
  g_auto (GStrv) names = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, stored, -1, NULL));
  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  g_setenv ("GSETTINGS_BACKEND", "keyfile", TRUE);

  settings = wsi_settings_new ();
  g_assert_nonnull (settings);
  g_assert_cmpint (g_settings_get_int (settings, "window-width"), ==, 1120);
  g_assert_cmpint (g_settings_get_int (settings, "window-height"), ==, 760);
  g_assert_cmpint (g_settings_get_int (settings, "sidebar-width"), ==, 240);
  g_assert_true (g_settings_get_boolean (settings, "sidebar-visible"));
  g_assert_cmpint (g_settings_get_int (settings, "list-height"), ==, 280);
  names = g_settings_get_strv (settings, "notify");
  g_assert_cmpuint (g_strv_length (names), ==, 0);

  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
test_out_of_range (void)
{
  run_alone (look_at_nonsense);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/inputs/43-settings-out-of-range", test_out_of_range);
  g_test_add_func ("/inputs/43-missing-schema", test_missing_schema);

  return g_test_run ();
}
