/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "duration.h"

typedef struct
{
  const char *text;
  guint ms;
  /* (nullable): how it is written back, if otherwise */
  const char *written;
} Duration;

static const Duration durations[] =
{
  { "0ms", 0, NULL },
  { "0h", 0, "0ms" },
  { "1ms", 1, NULL },
  { "500ms", 500, NULL },
  { "1000ms", 1000, "1s" },
  { "1500ms", 1500, NULL },
  { "5s", 5000, NULL },
  { "007s", 7000, "7s" },
  { "90s", 90 * 1000, NULL },
  { "2min", 2 * 60 * 1000, NULL },
  { "60min", 60 * 60 * 1000, "1h" },
  { "1h", 60 * 60 * 1000, NULL },
  { "1193h", 1193u * 60 * 60 * 1000, NULL },
  { "4294967295ms", G_MAXUINT, NULL },
};

static const char *const no_durations[] =
{
  "", " ", "5", "s", "ms", "-5s", "+5s", " 5s", "5 s", "5s ", "5S", "5m", "5sec", "1.5s", "1,5s",
  "0x5s", "5s5s", "1h30min", "five", "5ms\n", "４s",
};

static const char *const too_long[] =
{
  "4294967296ms", "4294968s", "1194h", "99999999999999999999s", "18446744073709551616ms",
};

static void
test_reads_and_writes (gconstpointer user_data)
{
  const Duration *duration = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *written = NULL;
  guint ms = 42;

  g_assert_true (wsm_ini_duration_parse ("--wait", duration->text, &ms, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (ms, ==, duration->ms);

  written = wsm_ini_duration_format (ms);
  g_assert_cmpstr (written, ==, duration->written != NULL ? duration->written : duration->text);
}

static void
assert_refused (const char *text,
                const char *remedy)
{
  g_autoptr (GError) error = NULL;
  guint ms = 42;

  g_test_message ("“%s”", text);
  g_assert_false (wsm_ini_duration_parse ("--wait", text, &ms, &error));
  g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
  g_assert_true (g_str_has_prefix (error->message, "--wait: "));
  g_assert_nonnull (g_strstr_len (error->message, -1, remedy));
  g_assert_cmpuint (ms, ==, 42);
}

static void
test_refuses_what_is_none (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (no_durations); i++)
    assert_refused (no_durations[i], "such as 500ms, 5s, 2min or 1h");
}

static void
test_refuses_what_is_too_long (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (too_long); i++)
    assert_refused (too_long[i], "the longest is");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (durations); i++)
    {
      g_autofree char *path = g_strconcat ("/duration/reads-and-writes/", durations[i].text, NULL);

      g_test_add_data_func (path, &durations[i], test_reads_and_writes);
    }

  g_test_add_func ("/duration/refuses-what-is-none", test_refuses_what_is_none);
  g_test_add_func ("/duration/refuses-what-is-too-long", test_refuses_what_is_too_long);

  return g_test_run ();
}
