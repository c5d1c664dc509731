/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-advice.h"

#include <libwsmulti.h>
#include <string.h>

static void
test_advice_knows_every_close_code_of_the_registry (void)
{
  static const guint codes[] = {
    1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015,
    3000, 3003, 3008, 3500, 4000, 4321, 4999,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    g_assert_nonnull (wsi_advice_for_close_code (codes[i]));
}

static void
test_advice_says_nothing_of_codes_without_a_meaning (void)
{
  g_assert_null (wsi_advice_for_close_code (0));
  g_assert_null (wsi_advice_for_close_code (999));
  g_assert_null (wsi_advice_for_close_code (1004));
  g_assert_null (wsi_advice_for_close_code (1016));
  g_assert_null (wsi_advice_for_close_code (2999));
  g_assert_null (wsi_advice_for_close_code (5000));
  g_assert_null (wsi_advice_for_close_code (G_MAXUINT));
}

static void
test_advice_tells_a_code_from_its_range (void)
{
  g_assert_cmpstr (wsi_advice_for_close_code (3000), !=, wsi_advice_for_close_code (3001));
  g_assert_cmpstr (wsi_advice_for_close_code (4000), ==, wsi_advice_for_close_code (4999));
  g_assert_cmpstr (wsi_advice_for_http_status (404), !=, wsi_advice_for_http_status (418));
  g_assert_cmpstr (wsi_advice_for_http_status (503), !=, wsi_advice_for_http_status (507));
}

static void
test_advice_knows_http_statuses (void)
{
  static const guint statuses[] = { 401, 403, 404, 410, 429, 503 };

  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      for (gsize j = 0; j < i; j++)
        g_assert_cmpstr (wsi_advice_for_http_status (statuses[i]), !=,
                         wsi_advice_for_http_status (statuses[j]));
    }

  g_assert_null (wsi_advice_for_http_status (0));
  g_assert_null (wsi_advice_for_http_status (101));
  g_assert_null (wsi_advice_for_http_status (200));
}

/* What the library may say, so that a new code there is missed here. */
static void
test_advice_explains_every_reason_of_the_library (void)
{
  g_autoptr (GEnumClass) codes = g_type_class_ref (WSM_TYPE_REASON_CODE);

  for (guint i = 0; i < codes->n_values; i++)
    {
      g_autofree char *sentence =
        g_strconcat (codes->values[i].value_nick, ": 1 of 2; trying again now", NULL);

      g_test_message ("%s", sentence);
      g_assert_nonnull (wsi_advice_explain (codes->values[i].value_nick));
      g_assert_cmpstr (wsi_advice_explain (codes->values[i].value_nick), ==,
                       wsi_advice_explain (sentence));
    }
}

static void
test_advice_reads_the_numbers_in_a_reason (void)
{
  g_assert_cmpstr (wsi_advice_for_reason ("http-status: 503 (Service Unavailable), "
                                          "Retry-After 2.0 s; trying again in 2.0 s (attempt 2)"),
                   ==, wsi_advice_for_http_status (503));
  g_assert_cmpstr (wsi_advice_for_reason ("peer-closed: code 1008 (policy violation)"),
                   ==, wsi_advice_for_close_code (1008));
  g_assert_cmpstr (wsi_advice_for_reason ("end-of-stream: the peer ended the stream without a "
                                          "close frame (1006); trying again in 310 ms"),
                   ==, wsi_advice_for_close_code (1006));
  g_assert_nonnull (wsi_advice_for_reason ("refused: Could not connect: Connection refused"));
  g_assert_nonnull (wsi_advice_for_reason ("resolve"));
  g_assert_nonnull (wsi_advice_for_reason ("tls: unacceptable certificate"));
}

static void
test_advice_survives_what_it_does_not_know (void)
{
  g_assert_null (wsi_advice_explain (NULL));
  g_assert_null (wsi_advice_for_reason (NULL));
  g_assert_null (wsi_advice_explain (""));
  g_assert_null (wsi_advice_explain ("refus: no"));
  g_assert_null (wsi_advice_explain ("refused-by-moon: yes"));
  g_assert_null (wsi_advice_for_reason ("peer-closed"));
  g_assert_null (wsi_advice_for_reason ("peer-closed: code 99999999999999999999"));
  g_assert_null (wsi_advice_for_reason ("opened: reconnection 1"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/advice/knows-every-close-code-of-the-registry",
                   test_advice_knows_every_close_code_of_the_registry);
  g_test_add_func ("/advice/says-nothing-of-codes-without-a-meaning",
                   test_advice_says_nothing_of_codes_without_a_meaning);
  g_test_add_func ("/advice/tells-a-code-from-its-range",
                   test_advice_tells_a_code_from_its_range);
  g_test_add_func ("/advice/knows-http-statuses", test_advice_knows_http_statuses);
  g_test_add_func ("/advice/explains-every-reason-of-the-library",
                   test_advice_explains_every_reason_of_the_library);
  g_test_add_func ("/advice/reads-the-numbers-in-a-reason",
                   test_advice_reads_the_numbers_in_a_reason);
  g_test_add_func ("/advice/survives-what-it-does-not-know",
                   test_advice_survives_what_it_does_not_know);

  return g_test_run ();
}
