/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-version.h"

#define MAJOR WSM_MAJOR_VERSION
#define MINOR WSM_MINOR_VERSION
#define MICRO WSM_MICRO_VERSION

/* With the headers of one build and the library of the same, both say the same. */
#define assert_check(expected, major, minor, micro) \
  G_STMT_START { \
    g_assert_cmpint (WSM_CHECK_VERSION (major, minor, micro), ==, expected); \
    g_assert_cmpint (wsm_check_version (major, minor, micro), ==, expected); \
  } G_STMT_END

static void
test_own (void)
{
  g_autofree char *version = g_strdup_printf ("%d.%d.%d", MAJOR, MINOR, MICRO);

  g_assert_cmpstr (version, ==, PACKAGE_VERSION);
  assert_check (TRUE, MAJOR, MINOR, MICRO);
}

static void
test_older (void)
{
  /* As long as it is a number before those of the version, those behind do not count. */
  if (MICRO > 0)
    assert_check (TRUE, MAJOR, MINOR, MICRO - 1);
  if (MINOR > 0)
    assert_check (TRUE, MAJOR, MINOR - 1, MICRO + 9);
  if (MAJOR > 0)
    assert_check (TRUE, MAJOR - 1, MINOR + 9, MICRO + 9);
  assert_check (TRUE, 0, 0, 0);
  assert_check (TRUE, 0, 0, 99);
}

static void
test_newer (void)
{
  assert_check (FALSE, MAJOR, MINOR, MICRO + 1);
  assert_check (FALSE, MAJOR, MINOR + 1, 0);
  assert_check (FALSE, MAJOR + 1, 0, 0);
  g_assert_false (wsm_check_version (G_MAXUINT, G_MAXUINT, G_MAXUINT));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/version/is-at-least-itself", test_own);
  g_test_add_func ("/version/is-at-least-an-older-one", test_older);
  g_test_add_func ("/version/is-not-a-newer-one", test_newer);

  return g_test_run ();
}
