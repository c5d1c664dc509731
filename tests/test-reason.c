/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-locale.h"
#include "wsm-enum-types.h"
#include "wsm-reason-private.h"

#include <string.h>

#define N_ROUNDS 2000

/* The fields of a reason, with which a row of a table can be written. */
typedef struct
{
  WsmReasonCode code;
  guint n_missed;
  guint max_missed;
  guint silence_ms;
  guint close_code;
  guint http_status;
  guint retry_after_ms;
  guint timeout_ms;
  GTlsCertificateFlags tls_errors;
  guint64 size_limit;
  guint attempt;
  guint delay_ms;
  guint delay_bound_ms;
  guint turn_delay_ms;
  const char *detail;
  const char *text;
} Example;

static const Example examples[] = {
  { .code = WSM_REASON_CODE_NONE, .text = "none" },
  { .code = WSM_REASON_CODE_OPENED, .text = "opened" },
  { .code = WSM_REASON_CODE_HEARTBEAT_LOST, .n_missed = 2, .max_missed = 2, .silence_ms = 12449,
    .attempt = 4, .delay_ms = 3100, .delay_bound_ms = 8000,
    .text = "heartbeat-lost: 2 of 2 beats unanswered, last byte 12.4 s ago; "
            "trying again in 3.1 s (attempt 4, at most 8.0 s)" },
  { .code = WSM_REASON_CODE_BEAT_MISSED, .n_missed = 1, .max_missed = 2, .silence_ms = 999,
    .text = "beat-missed: 1 of 2 beats unanswered, last byte 999 ms ago" },
  { .code = WSM_REASON_CODE_ALIVE, .n_missed = 1, .max_missed = 2,
    .text = "alive: after 1 of 2 beats unanswered" },
  { .code = WSM_REASON_CODE_PEER_CLOSED, .close_code = 1012,
    .attempt = 1, .delay_ms = 300, .delay_bound_ms = 500,
    .text = "peer-closed: code 1012 (service restart); "
            "trying again in 300 ms (attempt 1, at most 500 ms)" },
  { .code = WSM_REASON_CODE_PEER_CLOSED, .close_code = 4711, .detail = "kicked",
    .text = "peer-closed: code 4711, kicked" },
  { .code = WSM_REASON_CODE_HTTP_STATUS, .http_status = 503, .retry_after_ms = 30000,
    .text = "http-status: 503 (Service Unavailable), Retry-After 30.0 s" },
  { .code = WSM_REASON_CODE_HTTP_STATUS, .http_status = 503, .detail = "Service Unavailable",
    .text = "http-status: 503 (Service Unavailable)" },
  { .code = WSM_REASON_CODE_HTTP_STATUS, .http_status = 503, .detail = "Full house",
    .text = "http-status: 503 (Service Unavailable), Full house" },
  { .code = WSM_REASON_CODE_HTTP_STATUS, .http_status = 429, .retry_after_ms = 1000,
    .text = "http-status: 429 (Too Many Requests), Retry-After 1.0 s" },
  { .code = WSM_REASON_CODE_TIMED_OUT, .timeout_ms = 15000,
    .text = "timed-out: no handshake within 15.0 s" },
  { .code = WSM_REASON_CODE_CLOSE_TIMED_OUT, .timeout_ms = 2000,
    .text = "close-timed-out: no answer to the close within 2.0 s" },
  { .code = WSM_REASON_CODE_END_OF_STREAM, .close_code = 1006,
    .text = "end-of-stream: the peer ended the stream without a close frame (1006)" },
  { .code = WSM_REASON_CODE_RETRYING, .attempt = 3, .text = "retrying: attempt 3" },
  { .code = WSM_REASON_CODE_HTTP_STATUS, .http_status = 599, .text = "http-status: 599" },
  { .code = WSM_REASON_CODE_REFUSED, .attempt = 2,
    .text = "refused; trying again now (attempt 2)" },
  { .code = WSM_REASON_CODE_REFUSED, .attempt = 2, .delay_ms = 8200, .turn_delay_ms = 8200,
    .text = "refused; trying again in 8.2 s (attempt 2, when its turn comes)" },
  { .code = WSM_REASON_CODE_RESOLVE, .detail = "no such host",
    .text = "resolve: no such host" },
  { .code = WSM_REASON_CODE_TLS, .tls_errors = G_TLS_CERTIFICATE_BAD_IDENTITY,
    .text = "tls: certificate refused (another host; flags 0x2)" },
  { .code = WSM_REASON_CODE_TLS, .tls_errors = G_TLS_CERTIFICATE_VALIDATE_ALL,
    .text = "tls: certificate refused (unknown authority, another host, not valid yet, expired, "
            "revoked, insecure algorithm, other fault; flags 0x7f)" },
  { .code = WSM_REASON_CODE_TOO_BIG, .size_limit = G_GUINT64_CONSTANT (5000000000),
    .text = "too-big: over the limit of 5000000000 bytes" },
};

static WsmReason *
make_example (const Example *example)
{
  WsmReason *reason = wsm_reason_new (example->code);

  reason->n_missed = example->n_missed;
  reason->max_missed = example->max_missed;
  reason->silence_ms = example->silence_ms;
  reason->close_code = example->close_code;
  reason->http_status = example->http_status;
  reason->retry_after_ms = example->retry_after_ms;
  reason->timeout_ms = example->timeout_ms;
  reason->tls_errors = example->tls_errors;
  reason->size_limit = example->size_limit;
  reason->attempt = example->attempt;
  reason->delay_ms = example->delay_ms;
  reason->delay_bound_ms = example->delay_bound_ms;
  reason->turn_delay_ms = example->turn_delay_ms;
  wsm_reason_set_detail (reason, example->detail);

  return reason;
}

static void
test_reason_says_what_happened (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (examples); i++)
    {
      g_autoptr (WsmReason) reason = make_example (&examples[i]);
      g_autofree char *text = wsm_reason_to_string (reason);

      g_assert_cmpstr (text, ==, examples[i].text);
    }
}

static void
test_reason_names_each_code (void)
{
  g_autoptr (GEnumClass) codes = g_type_class_ref (WSM_TYPE_REASON_CODE);

  for (guint i = 0; i < codes->n_values; i++)
    {
      g_autoptr (WsmReason) reason = wsm_reason_new ((WsmReasonCode) codes->values[i].value);
      g_autofree char *text = wsm_reason_to_string (reason);

      g_assert_cmpint (wsm_reason_get_code (reason), ==, codes->values[i].value);
      g_assert_true (g_str_has_prefix (text, codes->values[i].value_nick));
    }
}

static void
test_reason_tells_its_numbers (void)
{
  static const Example example = {
    .code = WSM_REASON_CODE_IO, .n_missed = 1, .max_missed = 2, .silence_ms = 3,
    .close_code = 4, .http_status = 5, .retry_after_ms = 6, .attempt = 7, .delay_ms = 8,
    .delay_bound_ms = 9, .detail = "ten", .tls_errors = G_TLS_CERTIFICATE_EXPIRED,
    .size_limit = 11, .turn_delay_ms = 12,
  };
  g_autoptr (WsmReason) reason = make_example (&example);

  g_assert_cmpuint (wsm_reason_get_n_missed (reason), ==, 1);
  g_assert_cmpuint (wsm_reason_get_max_missed (reason), ==, 2);
  g_assert_cmpuint (wsm_reason_get_silence (reason), ==, 3);
  g_assert_cmpuint (wsm_reason_get_close_code (reason), ==, 4);
  g_assert_cmpuint (wsm_reason_get_http_status (reason), ==, 5);
  g_assert_cmpuint (wsm_reason_get_retry_after (reason), ==, 6);
  g_assert_cmpuint (wsm_reason_get_attempt (reason), ==, 7);
  g_assert_cmpuint (wsm_reason_get_delay (reason), ==, 8);
  g_assert_cmpuint (wsm_reason_get_delay_bound (reason), ==, 9);
  g_assert_cmpstr (wsm_reason_get_detail (reason), ==, "ten");
  g_assert_cmpint (wsm_reason_get_tls_errors (reason), ==, G_TLS_CERTIFICATE_EXPIRED);
  g_assert_cmpuint (wsm_reason_get_size_limit (reason), ==, 11);
  g_assert_cmpuint (wsm_reason_get_turn_delay (reason), ==, 12);
}

static guint
pick_number (void)
{
  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      return 0;
    case 1:
      return (guint) g_test_rand_int_range (1, 2000);
    case 2:
      return (guint) g_test_rand_int_range (1, G_MAXINT32);
    default:
      return G_MAXUINT;
    }
}

/* Invariants, for any numbers: the text is one line of UTF-8, begins with the nick of the code,
 * ends with the detail or the outlook, names the next attempt exactly when there is one to wait
 * for, and every HTTP status and close code is in it. */
static void
test_reason_is_one_line_whatever_the_numbers (void)
{
  g_autoptr (GEnumClass) codes = g_type_class_ref (WSM_TYPE_REASON_CODE);

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      GEnumValue *code = &codes->values[g_test_rand_int_range (0, (int) codes->n_values)];
      Example example = {
        .code = (WsmReasonCode) code->value,
        .n_missed = pick_number (),
        .max_missed = pick_number (),
        .silence_ms = pick_number (),
        .close_code = pick_number (),
        .http_status = pick_number (),
        .retry_after_ms = pick_number (),
        .timeout_ms = pick_number (),
        .tls_errors = (GTlsCertificateFlags) pick_number (),
        .size_limit = pick_number (),
        .attempt = pick_number (),
        .delay_ms = pick_number (),
        .delay_bound_ms = pick_number (),
        .turn_delay_ms = pick_number (),
        .detail = g_test_rand_bit () ? "the detail" : NULL,
      };
      g_autoptr (WsmReason) reason = make_example (&example);
      g_autofree char *text = wsm_reason_to_string (reason);
      g_autofree char *status = g_strdup_printf ("%u", example.http_status);
      g_autofree char *close = g_strdup_printf ("code %u", example.close_code);
      gboolean has_outlook = example.attempt > 0 && code->value != WSM_REASON_CODE_RETRYING;

      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_null (strpbrk (text, "\r\n\t"));
      g_assert_true (g_str_has_prefix (text, code->value_nick));
      g_assert_true ((strstr (text, "; trying again") != NULL) == has_outlook);
      if (has_outlook)
        g_assert_true (g_str_has_suffix (text, ")"));
      else if (example.detail != NULL)
        g_assert_true (g_str_has_suffix (text, ": the detail") ||
                       g_str_has_suffix (text, ", the detail"));
      if (example.http_status != 0)
        g_assert_nonnull (strstr (text, status));
      if (example.close_code != 0 && code->value != WSM_REASON_CODE_END_OF_STREAM)
        g_assert_nonnull (strstr (text, close));
    }
}

/* Numbers are written with a decimal comma there. */
static void
test_reason_ignores_the_locale (void)
{
  TestLocale *locale = test_locale_enter ("de_DE");
  g_autoptr (WsmReason) reason = make_example (&examples[2]);
  g_autofree char *text = NULL;

  if (locale == NULL)
    return;

  text = wsm_reason_to_string (reason);
  test_locale_leave (locale);

  g_assert_cmpstr (text, ==, examples[2].text);
}

static void
test_reason_cleans_its_detail (void)
{
  static const struct
  {
    const char *given;
    const char *kept;
  } cases[] = {
    { NULL, NULL },
    { "", NULL },
    { " \r\n\t ", NULL },
    { "plain", "plain" },
    { "two\nlines", "two lines" },
    { "\033[31mred", "[31mred" },
    { "a\xe2\x80\xae" "b", "a b" },     /* U+202E, right-to-left override */
    { "a\xe2\x81\xa6" "b", "a b" },     /* U+2066, left-to-right isolate */
    { "a\xe2\x80\xa8" "b", "a b" },     /* U+2028, line separator */
    { "a\xc2\x85" "b", "a b" },         /* U+0085, next line */
    { "bad\xff", "bad\xef\xbf\xbd" },
    { "gr\xc3\xbc\xc3\x9f" "e", "gr\xc3\xbc\xc3\x9f" "e" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmReason) reason = wsm_reason_new (WSM_REASON_CODE_IO);

      wsm_reason_set_detail (reason, "before");
      wsm_reason_set_detail (reason, cases[i].given);
      g_assert_cmpstr (wsm_reason_get_detail (reason), ==, cases[i].kept);
    }
}

/* Invariants, for any bytes: what is kept is valid UTF-8 of 1 to 200 bytes, without control
 * characters, and cleaning it again changes nothing. */
static void
test_reason_cleans_any_detail (void)
{
  g_autoptr (GString) given = g_string_new (NULL);
  guint n_kept = 0;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (WsmReason) reason = wsm_reason_new (WSM_REASON_CODE_IO);
      g_autoptr (WsmReason) again = wsm_reason_new (WSM_REASON_CODE_IO);
      gboolean is_utf8 = g_test_rand_bit ();
      const char *kept;

      g_string_set_size (given, 0);
      for (int length = g_test_rand_int_range (0, 300); length > 0; length--)
        {
          if (is_utf8)
            g_string_append_unichar (given, (gunichar) g_test_rand_int_range (1, 0xd800));
          else
            g_string_append_c (given, (char) g_test_rand_int_range (1, 256));
        }

      wsm_reason_set_detail (reason, given->str);
      kept = wsm_reason_get_detail (reason);
      if (kept == NULL)
        continue;

      n_kept++;
      g_assert_true (g_utf8_validate (kept, -1, NULL));
      g_assert_cmpuint (strlen (kept), >=, 1);
      g_assert_cmpuint (strlen (kept), <=, 200);
      for (const char *cursor = kept; *cursor != '\0'; cursor = g_utf8_next_char (cursor))
        g_assert_false (g_unichar_iscntrl (g_utf8_get_char (cursor)));

      wsm_reason_set_detail (again, kept);
      g_assert_cmpstr (wsm_reason_get_detail (again), ==, kept);
    }

  g_assert_cmpuint (n_kept, >, N_ROUNDS / 2);
}

/* Each character that can reorder text (Unicode Standard Annex 9) becomes a space. */
static void
test_reason_lets_no_detail_reorder_a_line (void)
{
  static const gunichar controls[] = {
    0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (controls); i++)
    {
      g_autoptr (WsmReason) reason = wsm_reason_new (WSM_REASON_CODE_IO);
      g_autoptr (GString) given = g_string_new ("a");

      g_string_append_unichar (given, controls[i]);
      g_string_append_c (given, 'b');
      wsm_reason_set_detail (reason, given->str);
      g_assert_cmpstr (wsm_reason_get_detail (reason), ==, "a b");
    }
}

/* The cut falls between characters, never into one. */
static void
test_reason_cuts_a_long_detail_between_characters (void)
{
  static const struct
  {
    const char *character;
    guint n_given;
    gsize n_kept;
  } cases[] = {
    { "x", 199, 199 },
    { "x", 200, 200 },
    { "x", 201, 200 },
    { "\xe2\x82\xac", 66, 198 },
    { "\xe2\x82\xac", 67, 198 },
    { "\xf0\x9f\x92\x93", 51, 200 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmReason) reason = wsm_reason_new (WSM_REASON_CODE_IO);
      g_autoptr (GString) given = g_string_new (NULL);

      for (guint k = 0; k < cases[i].n_given; k++)
        g_string_append (given, cases[i].character);

      wsm_reason_set_detail (reason, given->str);
      g_assert_cmpuint (strlen (wsm_reason_get_detail (reason)), ==, cases[i].n_kept);
      g_assert_true (g_str_has_prefix (given->str, wsm_reason_get_detail (reason)));
    }
}

static void
test_reason_is_shared_by_its_copies (void)
{
  WsmReason *reason = wsm_reason_new (WSM_REASON_CODE_RESET);
  g_auto (GValue) value = G_VALUE_INIT;
  WsmReason *copy;

  wsm_reason_set_detail (reason, "kept");
  g_value_init (&value, WSM_TYPE_REASON);
  g_value_set_boxed (&value, reason);
  copy = g_value_get_boxed (&value);
  g_assert_true (copy == reason);

  wsm_reason_free (reason);
  g_assert_cmpstr (wsm_reason_get_detail (copy), ==, "kept");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/reason/says-what-happened", test_reason_says_what_happened);
  g_test_add_func ("/reason/names-each-code", test_reason_names_each_code);
  g_test_add_func ("/reason/tells-its-numbers", test_reason_tells_its_numbers);
  g_test_add_func ("/reason/is-one-line-whatever-the-numbers",
                   test_reason_is_one_line_whatever_the_numbers);
  g_test_add_func ("/reason/ignores-the-locale", test_reason_ignores_the_locale);
  g_test_add_func ("/reason/cleans-its-detail", test_reason_cleans_its_detail);
  g_test_add_func ("/reason/cleans-any-detail", test_reason_cleans_any_detail);
  g_test_add_func ("/reason/lets-no-detail-reorder-a-line",
                   test_reason_lets_no_detail_reorder_a_line);
  g_test_add_func ("/reason/cuts-a-long-detail-between-characters",
                   test_reason_cuts_a_long_detail_between_characters);
  g_test_add_func ("/reason/is-shared-by-its-copies", test_reason_is_shared_by_its_copies);

  return g_test_run ();
}
