/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-locale.h"

#include <locale.h>

struct _TestLocale
{
  char *folder;   /* (owned): with the locale that was made */
  char *previous; /* (owned): the locale before it */
};

static gboolean
test_locale_run (const char * const *command)
{
  int status;

  return g_spawn_sync (NULL, (char **) command, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL |
                       G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, NULL) &&
         g_spawn_check_wait_status (status, NULL);
}

/*
 * test_locale_enter:
 * @name: such as `de_DE`
 *
 * Makes a locale of the C library's sources, and it the program's until test_locale_leave().
 *
 * Returns: (nullable): %NULL, with the test skipped, where those sources are not installed
 */
TestLocale *
test_locale_enter (const char *name)
{
  TestLocale *self = g_new0 (TestLocale, 1);
  g_autofree char *locale = g_strconcat (name, ".UTF-8", NULL);
  g_autofree char *path = NULL;
  gboolean was_made;

  self->folder = g_dir_make_tmp ("wsmulti-locale-XXXXXX", NULL);
  g_assert_nonnull (self->folder);
  self->previous = g_strdup (setlocale (LC_ALL, NULL));

  path = g_build_filename (self->folder, locale, NULL);
  was_made = test_locale_run ((const char *[]) { "localedef", "-i", name, "-f", "UTF-8", path,
                                                 NULL });
  g_setenv ("LOCPATH", self->folder, TRUE);
  if (was_made && setlocale (LC_ALL, locale) != NULL)
    return self;

  g_test_skip ("there is nothing to make a locale of");
  test_locale_leave (self);

  return NULL;
}

void
test_locale_leave (TestLocale *self)
{
  setlocale (LC_ALL, self->previous);
  g_unsetenv ("LOCPATH");
  test_locale_run ((const char *[]) { "rm", "-r", self->folder, NULL });
  g_free (self->previous);
  g_free (self->folder);
  g_free (self);
}
