/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-ping-name.h"

#include <string.h>

static WsmPingName
choose (guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  WsmPingName name;

  wsm_ping_name_choose (&name, random);

  return name;
}

static void
test_numbers (void)
{
  static const guint64 numbers[] = { 0, 1, 9, 10, 99, 100, 4294967296, G_MAXUINT64 };
  WsmPingName name = choose (1);

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *expected =
        g_strdup_printf ("%s%" G_GUINT64_FORMAT, name.prefix, numbers[i]);
      char room[WSM_PING_NAME_SIZE];

      g_assert_cmpstr (wsm_ping_name_write (&name, numbers[i], room), ==, expected);
      g_assert_true (wsm_ping_name_matches (&name, numbers[i], expected));
      g_assert_false (wsm_ping_name_matches (&name, numbers[i] + 1, expected));
    }
}

static void
test_others (void)
{
  WsmPingName name = choose (1), same = choose (1), other = choose (2);
  char room[WSM_PING_NAME_SIZE];

  g_assert_true (g_regex_match_simple ("^wsm-[0-9a-f]{16}-$", name.prefix, 0, 0));
  g_assert_cmpstr (name.prefix, ==, same.prefix);
  g_assert_false (wsm_ping_name_matches (&name, 7, wsm_ping_name_write (&other, 7, room)));
  g_assert_false (wsm_ping_name_matches (&name, 7, ""));
  g_assert_false (wsm_ping_name_matches (&name, 7, name.prefix));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/ping-name/numbers", test_numbers);
  g_test_add_func ("/ping-name/others", test_others);

  return g_test_run ();
}
