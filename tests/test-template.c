/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-template.h"

#include <string.h>

#define N_ROUNDS 2000

static gboolean
match (const char *template_text,
       const char *text,
       guint64    *sequence)
{
  g_autoptr (WsmTemplate) template = wsm_template_new (template_text);

  return wsm_template_match (template, text, strlen (text), sequence);
}

static void
test_template_expands (void)
{
  static const struct
  {
    const char *text;
    guint64 sequence;
    const char *expanded;
    gsize max_length;
  } cases[] = {
    { "", 1, "", 0 },
    { "ping", 1, "ping", 4 },
    { "%{seq}", 0, "0", 20 },
    { "a%{seq}b", G_MAXUINT64, "a18446744073709551615b", 22 },
    { "%{seq}%{seq}", 12, "1212", 40 },
    { "%%{seq}", 7, "%7", 21 },
    { "%{se", 7, "%{se", 4 },
    { "%{SEQ}", 7, "%{SEQ}", 6 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmTemplate) template = wsm_template_new (cases[i].text);
      g_autofree char *expanded = wsm_template_expand (template, cases[i].sequence);

      g_assert_cmpstr (expanded, ==, cases[i].expanded);
      g_assert_cmpuint (wsm_template_get_max_length (template), ==, cases[i].max_length);
    }
}

static void
test_template_matches (void)
{
  static const struct
  {
    const char *template;
    const char *text;
    gboolean matches;
    guint64 sequence; /* 99 where the template has none */
  } cases[] = {
    { "", "", TRUE, 99 },
    { "", "x", FALSE, 99 },
    { "pong", "pong", TRUE, 99 },
    { "pong", "pong ", FALSE, 99 },
    { "pong", "Pong", FALSE, 99 },
    { "%{seq}", "0", TRUE, 0 },
    { "%{seq}", "", FALSE, 99 },
    { "%{seq}", "12a", FALSE, 99 },
    { "%{seq}", "-1", FALSE, 99 },
    { "%{seq}", "+1", FALSE, 99 },
    { "%{seq}", " 1", FALSE, 99 },
    { "%{seq}", "007", FALSE, 99 },
    { "%{seq}", "18446744073709551615", TRUE, G_MAXUINT64 },
    { "%{seq}", "18446744073709551616", FALSE, 99 },
    { "%{seq}", "100000000000000000000", FALSE, 99 },
    { "%{seq}5", "1235", TRUE, 123 },
    { "5%{seq}", "55", TRUE, 5 },
    { "%{seq}-%{seq}", "12-12", TRUE, 12 },
    { "%{seq}-%{seq}", "12-13", FALSE, 99 },
    { "%{seq}-%{seq}", "1-22", FALSE, 99 },
    { "%{seq}%{seq}", "1212", TRUE, 12 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 sequence = 99;

      g_assert_true (match (cases[i].template, cases[i].text, &sequence) == cases[i].matches);
      g_assert_cmpuint (sequence, ==, cases[i].sequence);
    }
}

static void
append_random_literal (GString *text)
{
  static const char letters[] = "0123456789 %{}seq\"";

  for (int length = g_test_rand_int_range (0, 6); length > 0; length--)
    g_string_append_c (text, letters[g_test_rand_int_range (0, (int) strlen (letters))]);
}

static guint64
pick_sequence (void)
{
  guint64 sequence = ((guint64) (guint) g_test_rand_int () << 32) | (guint) g_test_rand_int ();

  return sequence >> g_test_rand_int_range (0, 64);
}

/* Invariants, for any template and number: what it expands to matches it with that number, takes
 * no more than the greatest length, and with one byte changed it never matches with the same
 * number. */
static void
test_template_matches_what_it_expands_to (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (WsmTemplate) template = NULL;
      g_autofree char *expanded = NULL;
      guint64 sequence = pick_sequence ();
      guint64 found = 0;
      gsize length;

      append_random_literal (text);
      for (int i = g_test_rand_int_range (0, 4); i > 0; i--)
        {
          g_string_append (text, "%{seq}");
          append_random_literal (text);
        }

      template = wsm_template_new (text->str);
      expanded = wsm_template_expand (template, sequence);
      length = strlen (expanded);
      found = sequence;

      g_assert_true (wsm_template_match (template, expanded, length, &found));
      g_assert_cmpuint (found, ==, sequence);
      g_assert_cmpuint (length, <=, wsm_template_get_max_length (template));

      if (length == 0)
        continue;

      expanded[g_test_rand_int_range (0, (int) length)] ^= 1;
      g_assert_false (wsm_template_match (template, expanded, length, &found) &&
                      found == sequence);
      g_assert_false (wsm_template_match (template, expanded, length - 1, &found) &&
                      found == sequence);
    }
}

static void
test_template_as_expression_finds_the_number (void)
{
  static const struct
  {
    const char *template;
    const char *text;
    gboolean matches;
    guint64 sequence;
  } cases[] = {
    { "po+ng", "say pooong now", TRUE, 99 },
    { "^po+ng$", "say pooong now", FALSE, 99 },
    { "\"id\": *%{seq}[,}]", "{\"op\":1,\"id\":  42}", TRUE, 42 },
    { "\"id\": *%{seq}[,}]", "{\"op\":1,\"id\":  x}", FALSE, 99 },
    { "%{seq}=%{seq}", "12=12", TRUE, 12 },
    { "^%{seq}=%{seq}$", "12=13", FALSE, 99 },
    { "pong|alive %{seq}", "pong", TRUE, 99 },
    { "pong|alive %{seq}", "alive 7", TRUE, 7 },
    { "%{seq}", "99999999999999999999", FALSE, 99 },
    { "a", "a\xff", FALSE, 99 },
    { "^$", "", TRUE, 99 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmTemplate) template = wsm_template_new (cases[i].template);
      g_autoptr (GError) error = NULL;
      g_autoptr (GRegex) regex = wsm_template_compile (template, &error);
      guint64 sequence = 99;

      g_assert_no_error (error);
      g_assert_true (wsm_template_match_regex (regex, cases[i].text, strlen (cases[i].text),
                                               &sequence) == cases[i].matches);
      if (cases[i].matches)
        g_assert_cmpuint (sequence, ==, cases[i].sequence);
    }
}

static void
test_template_as_expression_reports_what_is_wrong (void)
{
  g_autoptr (WsmTemplate) template = wsm_template_new ("pong (");
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) regex = wsm_template_compile (template, &error);

  g_assert_null (regex);
  g_assert_error (error, G_REGEX_ERROR, G_REGEX_ERROR_UNMATCHED_PARENTHESIS);
  g_assert_nonnull (strstr (error->message, "pong ("));
  g_assert_null (strstr (error->message, "LIMIT"));
}

static double
time_match (GRegex *regex)
{
  g_autofree char *text = g_strnfill (64 * 1024, 'a');
  g_autoptr (GTimer) timer = NULL;
  guint64 sequence = 0;

  text[64 * 1024 - 1] = '!';
  timer = g_timer_new ();
  g_assert_false (wsm_template_match_regex (regex, text, 64 * 1024, &sequence));

  return g_timer_elapsed (timer, NULL);
}

/* An expression with nested repetition takes exponential time on such a text. GRegex ends it
 * after a hundred times the steps that we allow; a tenth of its time is far from both. */
static void
test_template_as_expression_ends_soon (void)
{
  g_autoptr (WsmTemplate) template = wsm_template_new ("(a+)+$");
  g_autoptr (GRegex) bounded = wsm_template_compile (template, NULL);
  g_autoptr (GRegex) unbounded = g_regex_new ("(a+)+$", 0, 0, NULL);

  g_assert_cmpfloat (time_match (bounded), <, time_match (unbounded) / 10.0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/template/expands", test_template_expands);
  g_test_add_func ("/template/matches", test_template_matches);
  g_test_add_func ("/template/matches-what-it-expands-to",
                   test_template_matches_what_it_expands_to);
  g_test_add_func ("/template/as-expression-finds-the-number",
                   test_template_as_expression_finds_the_number);
  g_test_add_func ("/template/as-expression-reports-what-is-wrong",
                   test_template_as_expression_reports_what_is_wrong);
  g_test_add_func ("/template/as-expression-ends-soon", test_template_as_expression_ends_soon);

  return g_test_run ();
}
