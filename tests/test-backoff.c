/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-backoff-private.h"
#include "wsm-error.h"

#include <math.h>
#include <string.h>

#define N_ROUNDS 2000

static WsmReason *
make_reason (WsmReasonCode code,
             guint         close_code,
             guint         http_status,
             guint         retry_after_ms)
{
  WsmReason *reason = wsm_reason_new (code);

  reason->close_code = close_code;
  reason->http_status = http_status;
  reason->retry_after_ms = retry_after_ms;

  return reason;
}

static void
test_backoff_has_defaults (void)
{
  WsmBackoff *backoff = wsm_backoff_new ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (wsm_backoff_get_initial (backoff), ==, 500);
  g_assert_cmpuint (wsm_backoff_get_max (backoff), ==, 60000);
  g_assert_cmpfloat (wsm_backoff_get_factor (backoff), ==, 2.0);
  g_assert_cmpuint (wsm_backoff_get_max_attempts (backoff), ==, 0);
  g_assert_cmpuint (wsm_backoff_get_max_elapsed (backoff), ==, 0);
  g_assert_cmpuint (wsm_backoff_get_stable_after (backoff), ==, 5000);
  g_assert_true (wsm_backoff_validate (backoff, &error));
  g_assert_no_error (error);

  g_assert_finalize_object (backoff);
}

static void
test_backoff_keeps_what_it_is_given (void)
{
  WsmBackoff *backoff = g_object_new (WSM_TYPE_BACKOFF,
                                      "initial", 0,
                                      "max", G_MAXUINT,
                                      "factor", -INFINITY,
                                      "max-attempts", G_MAXUINT,
                                      "max-elapsed", 7,
                                      "stable-after", 8,
                                      NULL);
  guint initial;
  guint max;
  double factor;
  guint max_attempts;
  guint max_elapsed;
  guint stable_after;

  g_object_get (backoff,
                "initial", &initial,
                "max", &max,
                "factor", &factor,
                "max-attempts", &max_attempts,
                "max-elapsed", &max_elapsed,
                "stable-after", &stable_after,
                NULL);

  g_assert_cmpuint (initial, ==, 0);
  g_assert_cmpuint (max, ==, G_MAXUINT);
  g_assert_cmpfloat (factor, ==, -INFINITY);
  g_assert_cmpuint (max_attempts, ==, G_MAXUINT);
  g_assert_cmpuint (max_elapsed, ==, 7);
  g_assert_cmpuint (stable_after, ==, 8);

  g_assert_finalize_object (backoff);
}

static void
test_backoff_refuses_what_is_out_of_range (void)
{
  static const struct
  {
    guint initial_ms;
    guint max_ms;
    double factor;
    const char *complaint;
  } cases[] = {
    { 1, 1, 1.0, NULL },
    { 86400000, 86400000, 100.0, NULL },
    { 0, 60000, 2.0, "initial is 0 ms, but must be from 1 to 86400000 ms" },
    { 86400001, 86400001, 2.0, "initial is 86400001 ms, but" },
    { 500, 0, 2.0, "max is 0 ms, but must be from 1 to 86400000 ms" },
    { 500, G_MAXUINT, 2.0, "max is 4294967295 ms, but" },
    { 500, 499, 2.0, "max is 499 ms, but must be at least initial, which is 500 ms; raise" },
    { 500, 60000, 0.99, "factor is 0.99, but must be from 1 to 100" },
    { 500, 60000, 100.5, "factor is 100.5, but" },
    { 500, 60000, NAN, "factor is nan, but" },
    { 500, 60000, -INFINITY, "factor is -inf, but" },
    { 500, 60000, INFINITY, "factor is inf, but" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF,
                                                     "initial", cases[i].initial_ms,
                                                     "max", cases[i].max_ms,
                                                     "factor", cases[i].factor,
                                                     NULL);
      g_autoptr (GError) error = NULL;
      gboolean valid = wsm_backoff_validate (backoff, &error);

      g_assert_true (valid == wsm_backoff_validate (backoff, NULL));
      if (cases[i].complaint == NULL)
        {
          g_assert_no_error (error);
          g_assert_true (valid);
        }
      else
        {
          g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING);
          g_assert_false (valid);
          g_assert_nonnull (strstr (error->message, cases[i].complaint));
        }
    }
}

static void
test_backoff_doubles_up_to_its_max (void)
{
  static const guint bounds[] = { 500, 500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000 };
  g_autoptr (WsmBackoff) backoff = wsm_backoff_new ();
  g_autoptr (WsmBackoff) tiny = g_object_new (WSM_TYPE_BACKOFF, "initial", 1, "max", 2, NULL);

  for (guint attempt = 0; attempt < G_N_ELEMENTS (bounds); attempt++)
    g_assert_cmpuint (wsm_backoff_upper_bound (backoff, attempt), ==, bounds[attempt]);

  g_assert_cmpuint (wsm_backoff_upper_bound (backoff, G_MAXUINT), ==, 60000);
  g_assert_cmpuint (wsm_backoff_upper_bound (tiny, 1), ==, WSM_BACKOFF_FLOOR_MS);
}

static WsmBackoff *
make_random_backoff (void)
{
  int initial_ms = g_test_rand_int_range (1, g_test_rand_bit () ? 2000 : 86400000);
  int max_ms = g_test_rand_int_range (initial_ms, 86400001);

  return g_object_new (WSM_TYPE_BACKOFF,
                       "initial", initial_ms,
                       "max", max_ms,
                       "factor", g_test_rand_bit () ? 1.0 : g_test_rand_double_range (1.0, 100.0),
                       NULL);
}

/* Invariants, for any valid settings: the bound lies between the floor and the cap, never falls
 * from one attempt to the next, and is what repeated multiplication gives. */
static void
test_backoff_bound_never_falls (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (WsmBackoff) backoff = make_random_backoff ();
      guint cap_ms = MAX (wsm_backoff_get_max (backoff), WSM_BACKOFF_FLOOR_MS);
      double expected_ms = wsm_backoff_get_initial (backoff);
      guint previous_ms = 0;

      g_assert_true (wsm_backoff_validate (backoff, NULL));

      for (guint attempt = 1; attempt <= 40; attempt++)
        {
          guint bound_ms = wsm_backoff_upper_bound (backoff, attempt);
          double clamped_ms = CLAMP (expected_ms, WSM_BACKOFF_FLOOR_MS, (double) cap_ms);

          g_assert_cmpuint (bound_ms, >=, WSM_BACKOFF_FLOOR_MS);
          g_assert_cmpuint (bound_ms, <=, cap_ms);
          g_assert_cmpuint (bound_ms, >=, previous_ms);
          g_assert_cmpfloat_with_epsilon (bound_ms, clamped_ms, 1.0 + clamped_ms * 1e-9);

          previous_ms = bound_ms;
          expected_ms *= wsm_backoff_get_factor (backoff);
        }

      g_assert_cmpuint (wsm_backoff_upper_bound (backoff, 0), ==,
                        wsm_backoff_upper_bound (backoff, 1));
      g_assert_cmpuint (wsm_backoff_upper_bound (backoff, G_MAXUINT), >=, previous_ms);
    }
}

/* A factor that is no number is refused elsewhere; here it must not make a hot loop. */
static void
test_backoff_ends_at_the_cap_without_a_usable_factor (void)
{
  static const double factors[] = { NAN, INFINITY };

  for (gsize i = 0; i < G_N_ELEMENTS (factors); i++)
    {
      g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF,
                                                     "factor", factors[i],
                                                     NULL);

      g_assert_cmpuint (wsm_backoff_upper_bound (backoff, 2), ==, 60000);
    }
}

/* Invariants, for any settings at all, valid or not: no call complains, and every answer is at
 * least the floor. */
static void
test_backoff_survives_any_setting (void)
{
  static const double factors[] = { NAN, INFINITY, -INFINITY, 0.0, -1.0, 1e300, 2.0 };
  static const guint numbers[] = { 0, 1, 500, 86400000, G_MAXUINT };
  g_autoptr (WsmReason) reason = make_reason (WSM_REASON_CODE_PEER_CLOSED, 1013, 0, 0);

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (WsmBackoff) backoff =
        g_object_new (WSM_TYPE_BACKOFF,
                      "initial", numbers[g_test_rand_int_range (0, G_N_ELEMENTS (numbers))],
                      "max", numbers[g_test_rand_int_range (0, G_N_ELEMENTS (numbers))],
                      "factor", factors[g_test_rand_int_range (0, G_N_ELEMENTS (factors))],
                      NULL);
      guint attempt = (guint) g_test_rand_int ();
      guint bound_ms = 0;
      guint delay_ms;

      g_assert_cmpuint (wsm_backoff_upper_bound (backoff, attempt), >=, WSM_BACKOFF_FLOOR_MS);
      delay_ms = wsm_backoff_pick_delay (backoff, reason, attempt,
                                         g_test_rand_double_range (0.0, 1.0), &bound_ms);
      g_assert_cmpuint (delay_ms, >=, WSM_BACKOFF_FLOOR_MS);
      g_assert_cmpuint (delay_ms, <=, bound_ms);
    }
}

/* Invariants: the delay lies between the floor and the bound, grows with chance, and chance
 * reaches both ends. */
static void
test_backoff_picks_between_floor_and_bound (void)
{
  g_autoptr (WsmReason) reason = make_reason (WSM_REASON_CODE_RESET, 0, 0, 0);

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (WsmBackoff) backoff = make_random_backoff ();
      guint attempt = (guint) g_test_rand_int_range (0, 100);
      double low = g_test_rand_double_range (0.0, 1.0);
      double high = g_test_rand_double_range (low, 1.0);
      guint bound_ms = 0;
      guint low_ms = wsm_backoff_pick_delay (backoff, reason, attempt, low, &bound_ms);
      guint high_ms = wsm_backoff_pick_delay (backoff, reason, attempt, high, &bound_ms);

      g_assert_cmpuint (bound_ms, ==, wsm_backoff_upper_bound (backoff, attempt));
      g_assert_cmpuint (low_ms, >=, WSM_BACKOFF_FLOOR_MS);
      g_assert_cmpuint (high_ms, >=, low_ms);
      g_assert_cmpuint (high_ms, <=, bound_ms);

      g_assert_cmpuint (wsm_backoff_pick_delay (backoff, reason, attempt, 0.0, &bound_ms), ==,
                        WSM_BACKOFF_FLOOR_MS);
      g_assert_cmpuint (wsm_backoff_pick_delay (backoff, reason, attempt, 1.0 - 1e-12, &bound_ms),
                        >=, bound_ms - 1);
    }
}

static void
test_backoff_waits_twice_when_told_to_try_later (void)
{
  g_autoptr (WsmBackoff) backoff = wsm_backoff_new ();
  g_autoptr (WsmReason) plain = make_reason (WSM_REASON_CODE_PEER_CLOSED, 1012, 0, 0);
  g_autoptr (WsmReason) later = make_reason (WSM_REASON_CODE_PEER_CLOSED, 1013, 0, 0);

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      guint attempt = (guint) g_test_rand_int_range (1, 20);
      double chance = g_test_rand_double_range (0.0, 1.0);
      guint plain_bound_ms = 0;
      guint later_bound_ms = 0;
      guint plain_ms = wsm_backoff_pick_delay (backoff, plain, attempt, chance, &plain_bound_ms);
      guint later_ms = wsm_backoff_pick_delay (backoff, later, attempt, chance, &later_bound_ms);

      g_assert_cmpuint (later_ms, ==, 2 * plain_ms);
      g_assert_cmpuint (later_bound_ms, ==, 2 * plain_bound_ms);
    }
}

static void
test_backoff_obeys_retry_after_up_to_an_hour (void)
{
  static const struct
  {
    guint http_status;
    guint retry_after_ms;
    guint delay_ms;
    guint bound_ms;
  } cases[] = {
    { 429, 0, 100, 500 },
    { 429, 50, 100, 500 },
    { 429, 300, 300, 500 },
    { 429, 30000, 30000, 30000 },
    { 503, 30000, 30000, 30000 },
    { 503, 3600000, 3600000, 3600000 },
    { 503, G_MAXUINT, 3600000, 3600000 },
    { 500, 30000, 100, 500 },
    { 0, 30000, 100, 500 },
  };
  g_autoptr (WsmBackoff) backoff = wsm_backoff_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmReason) reason = make_reason (WSM_REASON_CODE_HTTP_STATUS, 0,
                                                  cases[i].http_status, cases[i].retry_after_ms);
      guint bound_ms = 0;

      g_assert_cmpuint (wsm_backoff_pick_delay (backoff, reason, 1, 0.0, &bound_ms), ==,
                        cases[i].delay_ms);
      g_assert_cmpuint (bound_ms, ==, cases[i].bound_ms);
    }
}

/* A server that is away for an hour sees about 120 attempts of each client with the defaults. */
static void
test_backoff_does_not_storm (void)
{
  g_autoptr (WsmBackoff) backoff = wsm_backoff_new ();
  g_autoptr (WsmReason) reason = make_reason (WSM_REASON_CODE_REFUSED, 0, 0, 0);
  guint64 now_ms = 0;
  guint attempt = 0;

  while (now_ms < 3600 * 1000)
    {
      guint bound_ms = 0;

      now_ms += wsm_backoff_pick_delay (backoff, reason, ++attempt,
                                        g_test_rand_double_range (0.0, 1.0), &bound_ms);
    }

  g_test_message ("%u attempts in an hour", attempt);
  g_assert_cmpuint (attempt, >, 60);
  g_assert_cmpuint (attempt, <, 190);
}

static void
test_backoff_judges_what_ended (void)
{
  static const struct
  {
    WsmReasonCode code;
    WsmOutcome outcome;
  } cases[] = {
    { WSM_REASON_CODE_REQUESTED, WSM_OUTCOME_CLOSED },
    { WSM_REASON_CODE_ABORTED, WSM_OUTCOME_CLOSED },
    { WSM_REASON_CODE_REDIRECT, WSM_OUTCOME_FAILED },
    { WSM_REASON_CODE_TLS, WSM_OUTCOME_FAILED },
    { WSM_REASON_CODE_TOO_BIG, WSM_OUTCOME_FAILED },
    { WSM_REASON_CODE_PROTOCOL, WSM_OUTCOME_FAILED },
    { WSM_REASON_CODE_PREPARE_FAILED, WSM_OUTCOME_FAILED },
    { WSM_REASON_CODE_GAVE_UP, WSM_OUTCOME_FAILED },
    { WSM_REASON_CODE_RESOLVE, WSM_OUTCOME_RETRY },
    { WSM_REASON_CODE_REFUSED, WSM_OUTCOME_RETRY },
    { WSM_REASON_CODE_UNREACHABLE, WSM_OUTCOME_RETRY },
    { WSM_REASON_CODE_TIMED_OUT, WSM_OUTCOME_RETRY },
    { WSM_REASON_CODE_RESET, WSM_OUTCOME_RETRY },
    { WSM_REASON_CODE_END_OF_STREAM, WSM_OUTCOME_RETRY },
    { WSM_REASON_CODE_HEARTBEAT_LOST, WSM_OUTCOME_RETRY },
    { WSM_REASON_CODE_NO_RESOURCES, WSM_OUTCOME_RETRY },
    { WSM_REASON_CODE_FLOOD, WSM_OUTCOME_RETRY },
    { WSM_REASON_CODE_IO, WSM_OUTCOME_RETRY },
    { WSM_REASON_CODE_CLOSE_TIMED_OUT, WSM_OUTCOME_RETRY },
  };
  g_autoptr (WsmBackoff) backoff = wsm_backoff_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmReason) reason = make_reason (cases[i].code, 0, 0, 0);

      /* None of them depends on earlier handshakes. */
      g_assert_cmpint (wsm_backoff_judge (backoff, reason, 0), ==, cases[i].outcome);
      g_assert_cmpint (wsm_backoff_judge (backoff, reason, 100), ==, cases[i].outcome);
    }
}

static WsmOutcome
judge_close (guint close_code)
{
  g_autoptr (WsmBackoff) backoff = wsm_backoff_new ();
  g_autoptr (WsmReason) reason = make_reason (WSM_REASON_CODE_PEER_CLOSED, close_code, 0, 0);

  return wsm_backoff_judge (backoff, reason, 0);
}

/* Every code that fits into a close frame. */
static void
test_backoff_judges_each_close_code (void)
{
  static const guint failed[] = { 1002, 1003, 1007, 1008, 1009, 1010, 1015 };

  for (guint close_code = 0; close_code <= G_MAXUINT16; close_code++)
    {
      WsmOutcome expected = WSM_OUTCOME_RETRY;

      if (close_code == 1000)
        expected = WSM_OUTCOME_CLOSED;
      if (close_code / 1000 == 4)
        expected = WSM_OUTCOME_FAILED;
      for (gsize i = 0; i < G_N_ELEMENTS (failed); i++)
        {
          if (failed[i] == close_code)
            expected = WSM_OUTCOME_FAILED;
        }

      g_assert_cmpint (judge_close (close_code), ==, expected);
    }
}

static WsmOutcome
judge_status (guint http_status,
              guint n_bad_handshakes)
{
  g_autoptr (WsmBackoff) backoff = wsm_backoff_new ();
  g_autoptr (WsmReason) reason = make_reason (WSM_REASON_CODE_HTTP_STATUS, 0, http_status, 0);

  return wsm_backoff_judge (backoff, reason, n_bad_handshakes);
}

static void
test_backoff_judges_each_http_status (void)
{
  for (guint http_status = 0; http_status < 1000; http_status++)
    {
      gboolean is_transient = http_status == 408 || http_status == 425 || http_status == 429 ||
                              http_status / 100 == 5;
      gboolean is_final = http_status / 100 == 4 && !is_transient;
      WsmOutcome first = is_final ? WSM_OUTCOME_FAILED : WSM_OUTCOME_RETRY;
      WsmOutcome third = is_transient ? WSM_OUTCOME_RETRY : WSM_OUTCOME_FAILED;

      g_assert_cmpint (judge_status (http_status, 1), ==, first);
      g_assert_cmpint (judge_status (http_status, 3), ==, third);
    }
}

static void
test_backoff_gives_up_after_three_bad_handshakes (void)
{
  g_autoptr (WsmBackoff) backoff = wsm_backoff_new ();
  g_autoptr (WsmReason) reason = make_reason (WSM_REASON_CODE_BAD_HANDSHAKE, 0, 0, 0);

  g_assert_cmpint (wsm_backoff_judge (backoff, reason, 1), ==, WSM_OUTCOME_RETRY);
  g_assert_cmpint (wsm_backoff_judge (backoff, reason, 2), ==, WSM_OUTCOME_RETRY);
  g_assert_cmpint (wsm_backoff_judge (backoff, reason, 3), ==, WSM_OUTCOME_FAILED);
  g_assert_cmpint (wsm_backoff_judge (backoff, reason, G_MAXUINT), ==, WSM_OUTCOME_FAILED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/backoff/has-defaults", test_backoff_has_defaults);
  g_test_add_func ("/backoff/keeps-what-it-is-given", test_backoff_keeps_what_it_is_given);
  g_test_add_func ("/backoff/refuses-what-is-out-of-range",
                   test_backoff_refuses_what_is_out_of_range);
  g_test_add_func ("/backoff/doubles-up-to-its-max", test_backoff_doubles_up_to_its_max);
  g_test_add_func ("/backoff/bound-never-falls", test_backoff_bound_never_falls);
  g_test_add_func ("/backoff/ends-at-the-cap-without-a-usable-factor",
                   test_backoff_ends_at_the_cap_without_a_usable_factor);
  g_test_add_func ("/backoff/survives-any-setting", test_backoff_survives_any_setting);
  g_test_add_func ("/backoff/picks-between-floor-and-bound",
                   test_backoff_picks_between_floor_and_bound);
  g_test_add_func ("/backoff/waits-twice-when-told-to-try-later",
                   test_backoff_waits_twice_when_told_to_try_later);
  g_test_add_func ("/backoff/obeys-retry-after-up-to-an-hour",
                   test_backoff_obeys_retry_after_up_to_an_hour);
  g_test_add_func ("/backoff/does-not-storm", test_backoff_does_not_storm);
  g_test_add_func ("/backoff/judges-what-ended", test_backoff_judges_what_ended);
  g_test_add_func ("/backoff/judges-each-close-code", test_backoff_judges_each_close_code);
  g_test_add_func ("/backoff/judges-each-http-status", test_backoff_judges_each_http_status);
  g_test_add_func ("/backoff/gives-up-after-three-bad-handshakes",
                   test_backoff_gives_up_after_three_bad_handshakes);

  return g_test_run ();
}
