/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-milliseconds.h"
#include "wsi-policy-draft.h"

#include <libwsmulti.h>
#include <locale.h>

static GVariant *
make_heartbeat (guint interval_ms)
{
  g_auto (GVariantDict) dictionary = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&dictionary, "mode", "u", 1);
  g_variant_dict_insert (&dictionary, "interval", "u", interval_ms);
  g_variant_dict_insert (&dictionary, "timeout", "u", 10000);
  g_variant_dict_insert (&dictionary, "max-missed", "u", 2);
  g_variant_dict_insert (&dictionary, "jitter", "d", 0.1);
  g_variant_dict_insert (&dictionary, "idle-only", "b", TRUE);
  g_variant_dict_insert (&dictionary, "reply-match", "u", 3);
  g_variant_dict_insert (&dictionary, "hide-reply", "b", FALSE);
  g_variant_dict_insert (&dictionary, "liveness", "u", 1);
  g_variant_dict_insert (&dictionary, "worst-case-detection", "u", 1);

  return g_variant_ref_sink (g_variant_dict_end (&dictionary));
}

static WsiPolicyDraft *
make_draft (void)
{
  g_autoptr (GVariant) present = make_heartbeat (25000);
  WsiPolicyDraft *draft = wsi_policy_draft_new (WSI_POLICY_KIND_HEARTBEAT);

  wsi_policy_draft_set_present (draft, present);

  return draft;
}

static char *
print_changes (WsiPolicyDraft *draft)
{
  g_autoptr (GVariant) changes = g_variant_ref_sink (wsi_policy_draft_make_changes (draft));

  return g_variant_print (changes, TRUE);
}

static void
count_cb (guint *n_times)
{
  (*n_times)++;
}

static void
test_draft_begins_with_what_holds (void)
{
  g_autoptr (WsiPolicyDraft) draft = make_draft ();
  g_autofree char *changes = print_changes (draft);

  g_assert_true (wsi_policy_draft_is_known (draft));
  g_assert_true (wsi_policy_draft_is_valid (draft));
  g_assert_false (wsi_policy_draft_is_changed (draft));
  g_assert_cmpfloat (wsi_policy_draft_get_value (draft, "interval"), ==, 25000.0);
  g_assert_cmpfloat (wsi_policy_draft_get_value (draft, "idle-only"), ==, 1.0);
  g_assert_cmpfloat (wsi_policy_draft_get_value (draft, "mode"), ==, 1.0);
  g_assert_cmpstr (changes, ==, "@a{sv} {}");
}

static void
test_draft_sends_only_what_changed (void)
{
  g_autoptr (WsiPolicyDraft) draft = make_draft ();
  g_autofree char *changes = NULL;

  wsi_policy_draft_set_value (draft, "interval", 5000.0);
  wsi_policy_draft_set_value (draft, "idle-only", 0.0);
  wsi_policy_draft_set_value (draft, "timeout", 1.0);
  wsi_policy_draft_set_value (draft, "timeout", 10000.0);

  g_assert_true (wsi_policy_draft_is_changed (draft));
  g_assert_cmpfloat (wsi_policy_draft_get_present (draft, "interval"), ==, 25000.0);
  changes = print_changes (draft);
  g_assert_true (g_strcmp0 (changes, "{'interval': <uint32 5000>, 'idle-only': <false>}") == 0 ||
                 g_strcmp0 (changes, "{'idle-only': <false>, 'interval': <uint32 5000>}") == 0);

  wsi_policy_draft_revert (draft);
  g_assert_false (wsi_policy_draft_is_changed (draft));
  g_assert_cmpfloat (wsi_policy_draft_get_value (draft, "interval"), ==, 25000.0);
}

/* The same number that the library tells its user. */
static void
test_draft_works_out_the_worst_case (void)
{
  g_autoptr (WsiPolicyDraft) draft = make_draft ();
  g_autoptr (WsmHeartbeat) usual = wsm_heartbeat_new ();
  g_autoptr (WsmHeartbeat) fast = g_object_new (WSM_TYPE_HEARTBEAT, "interval", 1000u, NULL);

  g_assert_cmpuint (wsi_policy_draft_get_worst_case (draft), ==,
                    wsm_heartbeat_worst_case_detection (usual));

  wsi_policy_draft_set_value (draft, "interval", 1000.0);
  g_assert_cmpuint (wsi_policy_draft_get_worst_case (draft), ==,
                    wsm_heartbeat_worst_case_detection (fast));

  wsi_policy_draft_set_value (draft, "mode", 5.0);
  g_assert_cmpuint (wsi_policy_draft_get_worst_case (draft), ==, 0);
}

static void
test_draft_says_what_is_wrong_and_where (void)
{
  g_autoptr (WsiPolicyDraft) draft = make_draft ();
  guint n_times = 0;

  g_signal_connect_swapped (draft, "notify::valid", G_CALLBACK (count_cb), &n_times);
  wsi_policy_draft_set_value (draft, "interval", 5.0);

  g_assert_false (wsi_policy_draft_is_valid (draft));
  g_assert_cmpuint (n_times, ==, 1);
  g_assert_cmpstr (wsi_policy_draft_get_error_key (draft), ==, "interval");
  g_assert_true (g_str_has_prefix (wsi_policy_draft_get_error (draft), "interval is 5 ms"));
  g_assert_cmpuint (wsi_policy_draft_get_worst_case (draft), ==, 0);

  wsi_policy_draft_set_value (draft, "interval", 5000.0);
  g_assert_true (wsi_policy_draft_is_valid (draft));
  g_assert_null (wsi_policy_draft_get_error_key (draft));
  g_assert_cmpuint (n_times, ==, 2);
}

/* What a beat says is never told, and must not look like an error. */
static void
test_draft_takes_beats_whose_text_is_secret (void)
{
  for (guint mode = 0; mode <= 6; mode++)
    {
      for (guint match = 0; match <= 5; match++)
        {
          g_autoptr (WsiPolicyDraft) draft = wsi_policy_draft_new (WSI_POLICY_KIND_HEARTBEAT);
          g_autoptr (GVariant) usual = make_heartbeat (25000);
          g_autoptr (GVariant) present = NULL;
          g_auto (GVariantDict) dictionary = G_VARIANT_DICT_INIT (usual);

          /* 0 and the last are of a newer program. */
          g_variant_dict_insert (&dictionary, "mode", "u", mode);
          g_variant_dict_insert (&dictionary, "reply-match", "u", match);
          present = g_variant_ref_sink (g_variant_dict_end (&dictionary));
          wsi_policy_draft_set_present (draft, present);
          g_assert_cmpstr (wsi_policy_draft_get_error (draft), ==, NULL);
        }
    }
}

static void
test_draft_refuses_what_only_the_program_knows (void)
{
  g_autoptr (WsiPolicyDraft) draft = make_draft ();

  wsi_policy_draft_set_value (draft, "mode", 2.0);
  g_assert_cmpstr (wsi_policy_draft_get_error_key (draft), ==, "mode");
  wsi_policy_draft_set_value (draft, "mode", 4.0);
  g_assert_true (wsi_policy_draft_is_valid (draft));
  wsi_policy_draft_set_value (draft, "reply-match", 4.0);
  g_assert_cmpstr (wsi_policy_draft_get_error_key (draft), ==, "reply-match");
}

static void
test_draft_keeps_what_a_person_changed (void)
{
  g_autoptr (WsiPolicyDraft) draft = make_draft ();
  g_autoptr (GVariant) same = make_heartbeat (25000);
  g_autoptr (GVariant) other = make_heartbeat (30000);
  g_autoptr (GVariant) applied = make_heartbeat (5000);
  guint n_edited = 0;

  g_signal_connect_swapped (draft, "edited", G_CALLBACK (count_cb), &n_edited);

  /* The same again, as it comes each second. */
  wsi_policy_draft_set_present (draft, same);
  g_assert_cmpuint (n_edited, ==, 0);

  wsi_policy_draft_set_present (draft, other);
  g_assert_cmpfloat (wsi_policy_draft_get_value (draft, "interval"), ==, 30000.0);
  g_assert_false (wsi_policy_draft_is_changed (draft));

  wsi_policy_draft_set_value (draft, "interval", 5000.0);
  wsi_policy_draft_set_present (draft, same);
  g_assert_cmpfloat (wsi_policy_draft_get_value (draft, "interval"), ==, 5000.0);
  g_assert_true (wsi_policy_draft_is_changed (draft));

  /* It has been applied. */
  wsi_policy_draft_set_present (draft, applied);
  g_assert_false (wsi_policy_draft_is_changed (draft));

  wsi_policy_draft_set_value (draft, "interval", 7000.0);
  wsi_policy_draft_set_present (draft, NULL);
  g_assert_false (wsi_policy_draft_is_known (draft));
  g_assert_false (wsi_policy_draft_is_changed (draft));
}

static void
test_draft_knows_the_delays_of_a_backoff (void)
{
  g_autoptr (WsiPolicyDraft) draft = wsi_policy_draft_new (WSI_POLICY_KIND_BACKOFF);
  g_autoptr (GVariant) present = g_variant_ref_sink (
    g_variant_new_parsed ("{'initial': <uint32 500>, 'max': <uint32 3000>, 'factor': <2.0>, "
                          "'max-attempts': <uint32 0>, 'max-elapsed': <uint32 0>, "
                          "'stable-after': <uint32 5000>, 'newer': <'text'>}"));

  wsi_policy_draft_set_present (draft, present);
  g_assert_cmpuint (wsi_policy_draft_get_delay (draft, 1), ==, 500);
  g_assert_cmpuint (wsi_policy_draft_get_delay (draft, 3), ==, 2000);
  g_assert_cmpuint (wsi_policy_draft_get_delay (draft, 4), ==, 3000);
  g_assert_cmpuint (wsi_policy_draft_get_worst_case (draft), ==, 0);

  wsi_policy_draft_set_value (draft, "max", 400.0);
  g_assert_cmpstr (wsi_policy_draft_get_error_key (draft), ==, "max");
}

static void
assert_formatted (guint       milliseconds,
                  const char *expected)
{
  g_autofree char *text = wsi_milliseconds_format (milliseconds);
  guint read = 0;

  g_assert_cmpstr (text, ==, expected);
  g_assert_true (wsi_milliseconds_parse (text, 0, &read));
  g_assert_cmpuint (read, ==, milliseconds);
}

static void
test_milliseconds_are_written_exactly (void)
{
  assert_formatted (0, "0\xc2\xa0ms");
  assert_formatted (500, "500\xc2\xa0ms");
  assert_formatted (1000, "1\xc2\xa0s");
  assert_formatted (2500, "2.5\xc2\xa0s");
  assert_formatted (25001, "25.001\xc2\xa0s");
  assert_formatted (60000, "60\xc2\xa0s");
  assert_formatted (120000, "2\xc2\xa0min");
  assert_formatted (90000, "90\xc2\xa0s");
  assert_formatted (3600000, "1\xc2\xa0h");
  assert_formatted (86400000, "24\xc2\xa0h");
}

static void
assert_read (const char *text,
             guint       present,
             guint       expected)
{
  guint read = 0;

  g_assert_true (wsi_milliseconds_parse (text, present, &read));
  g_assert_cmpuint (read, ==, expected);
}

static void
test_milliseconds_are_read_as_people_type (void)
{
  guint read = 7;

  assert_read ("3 s", 1, 3000);
  assert_read ("3s ", 1, 3000);
  assert_read ("0.25s", 1, 250);
  assert_read ("1 h", 1, 3600000);
  assert_read ("40", 25000, 40000);
  assert_read ("40", 500, 40);
  assert_read ("1e2 ms", 1, 100);

  g_assert_false (wsi_milliseconds_parse ("", 1, &read));
  g_assert_false (wsi_milliseconds_parse ("s", 1, &read));
  g_assert_false (wsi_milliseconds_parse ("3 parsecs", 1, &read));
  g_assert_false (wsi_milliseconds_parse ("-3 s", 1, &read));
  g_assert_false (wsi_milliseconds_parse ("nan", 1, &read));
  g_assert_false (wsi_milliseconds_parse ("1e300 h", 1, &read));
  g_assert_cmpuint (read, ==, 7);
}

int
main (int    argc,
      char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/policy-draft/begins-with-what-holds", test_draft_begins_with_what_holds);
  g_test_add_func ("/policy-draft/sends-only-what-changed", test_draft_sends_only_what_changed);
  g_test_add_func ("/policy-draft/works-out-the-worst-case",
                   test_draft_works_out_the_worst_case);
  g_test_add_func ("/policy-draft/says-what-is-wrong-and-where",
                   test_draft_says_what_is_wrong_and_where);
  g_test_add_func ("/policy-draft/takes-beats-whose-text-is-secret",
                   test_draft_takes_beats_whose_text_is_secret);
  g_test_add_func ("/policy-draft/refuses-what-only-the-program-knows",
                   test_draft_refuses_what_only_the_program_knows);
  g_test_add_func ("/policy-draft/keeps-what-a-person-changed",
                   test_draft_keeps_what_a_person_changed);
  g_test_add_func ("/policy-draft/knows-the-delays-of-a-backoff",
                   test_draft_knows_the_delays_of_a_backoff);
  g_test_add_func ("/milliseconds/are-written-exactly", test_milliseconds_are_written_exactly);
  g_test_add_func ("/milliseconds/are-read-as-people-type",
                   test_milliseconds_are_read_as_people_type);

  return g_test_run ();
}
