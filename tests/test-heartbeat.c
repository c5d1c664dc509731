/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-enum-types.h"
#include "wsm-error.h"
#include "wsm-heartbeat-private.h"

#include <math.h>
#include <string.h>

#define N_ROUNDS 2000

static void
test_heartbeat_has_defaults (void)
{
  WsmHeartbeat *heartbeat = wsm_heartbeat_new ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (wsm_heartbeat_get_mode (heartbeat), ==, WSM_HEARTBEAT_MODE_PING);
  g_assert_cmpuint (wsm_heartbeat_get_interval (heartbeat), ==, 25000);
  g_assert_cmpuint (wsm_heartbeat_get_timeout (heartbeat), ==, 10000);
  g_assert_cmpuint (wsm_heartbeat_get_max_missed (heartbeat), ==, 2);
  g_assert_cmpfloat (wsm_heartbeat_get_jitter (heartbeat), ==, 0.1);
  g_assert_true (wsm_heartbeat_get_idle_only (heartbeat));
  g_assert_null (wsm_heartbeat_get_payload (heartbeat));
  g_assert_null (wsm_heartbeat_get_payload_bytes (heartbeat));
  g_assert_cmpint (wsm_heartbeat_get_reply_match (heartbeat), ==, WSM_REPLY_MATCH_NONE);
  g_assert_null (wsm_heartbeat_get_reply (heartbeat));
  g_assert_false (wsm_heartbeat_get_hide_reply (heartbeat));
  g_assert_cmpint (wsm_heartbeat_get_liveness (heartbeat), ==, WSM_LIVENESS_ANY_TRAFFIC);
  g_assert_true (wsm_heartbeat_validate (heartbeat, &error));
  g_assert_no_error (error);

  g_assert_finalize_object (heartbeat);
}

static void
test_heartbeat_keeps_what_it_is_given (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new ("b", 1);
  WsmHeartbeat *heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                          "mode", WSM_HEARTBEAT_MODE_BINARY,
                                          "interval", 0,
                                          "timeout", G_MAXUINT,
                                          "max-missed", G_MAXUINT,
                                          "jitter", NAN,
                                          "idle-only", FALSE,
                                          "payload", "\xff",
                                          "payload-bytes", bytes,
                                          "reply-match", WSM_REPLY_MATCH_REGEX,
                                          "reply", "(",
                                          "hide-reply", TRUE,
                                          "liveness", WSM_LIVENESS_STRICT,
                                          NULL);
  WsmHeartbeatMode mode;
  guint interval;
  guint timeout;
  guint max_missed;
  double jitter;
  gboolean idle_only;
  g_autofree char *payload = NULL;
  g_autoptr (GBytes) payload_bytes = NULL;
  WsmReplyMatch reply_match;
  g_autofree char *reply = NULL;
  gboolean hide_reply;
  WsmLiveness liveness;

  g_object_get (heartbeat,
                "mode", &mode,
                "interval", &interval,
                "timeout", &timeout,
                "max-missed", &max_missed,
                "jitter", &jitter,
                "idle-only", &idle_only,
                "payload", &payload,
                "payload-bytes", &payload_bytes,
                "reply-match", &reply_match,
                "reply", &reply,
                "hide-reply", &hide_reply,
                "liveness", &liveness,
                NULL);

  g_assert_cmpint (mode, ==, WSM_HEARTBEAT_MODE_BINARY);
  g_assert_cmpuint (interval, ==, 0);
  g_assert_cmpuint (timeout, ==, G_MAXUINT);
  g_assert_cmpuint (max_missed, ==, G_MAXUINT);
  g_assert_true (isnan (jitter));
  g_assert_false (idle_only);
  g_assert_cmpstr (payload, ==, "\xff");
  g_assert_true (payload_bytes == bytes);
  g_assert_cmpint (reply_match, ==, WSM_REPLY_MATCH_REGEX);
  g_assert_cmpstr (reply, ==, "(");
  g_assert_true (hide_reply);
  g_assert_cmpint (liveness, ==, WSM_LIVENESS_STRICT);

  g_assert_false (wsm_heartbeat_validate (heartbeat, NULL));
  g_assert_cmpuint (wsm_heartbeat_worst_case_detection (heartbeat), ==, 0);

  g_assert_finalize_object (heartbeat);
}

static void
count_complaint_cb (const char     *domain,
                    GLogLevelFlags  level,
                    const char     *message,
                    gpointer        user_data)
{
  guint *n_complaints = user_data;

  (*n_complaints)++;
}

/* GObject itself complains about a number outside an enumeration, and keeps the default. Of
 * which level that is depends on its version. */
static void
test_heartbeat_never_takes_an_unknown_enum_value (void)
{
  static const char * const names[] = { "mode", "reply-match", "liveness" };
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  guint n_complaints = 0;
  guint handler = g_log_set_handler ("GLib-GObject",
                                     G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING,
                                     count_complaint_cb, &n_complaints);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, names[i], 99, NULL);

      g_assert_cmpuint (n_complaints, ==, i + 1);
      g_assert_true (wsm_heartbeat_validate (heartbeat, NULL));
    }

  g_log_remove_handler ("GLib-GObject", handler);
  g_log_set_always_fatal (fatal);
}

/* A heartbeat with one property that is not the default. */
static WsmHeartbeat *
make_with_number (const char *name,
                  guint       value)
{
  return g_object_new (WSM_TYPE_HEARTBEAT, name, value, NULL);
}

static void
assert_refused (WsmHeartbeat *heartbeat,
                const char   *complaint)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (wsm_heartbeat_validate (heartbeat, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, complaint));
  g_assert_cmpuint (wsm_heartbeat_worst_case_detection (heartbeat), ==, 0);
}

static void
test_heartbeat_refuses_numbers_out_of_range (void)
{
  static const struct
  {
    const char *name;
    guint lowest;
    guint highest;
    const char *range;
  } cases[] = {
    { "interval", 10, 86400000, "must be from 10 to 86400000 ms; set mode to OFF" },
    { "timeout", 10, 86400000, "must be from 10 to 86400000 ms; set reply-match" },
    { "max-missed", 1, 1000, "must be from 1 to 1000; " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmHeartbeat) lowest = make_with_number (cases[i].name, cases[i].lowest);
      g_autoptr (WsmHeartbeat) highest = make_with_number (cases[i].name, cases[i].highest);
      const guint bad[] = { 0, cases[i].lowest - 1, cases[i].highest + 1, G_MAXUINT };

      g_assert_true (wsm_heartbeat_validate (lowest, NULL));
      g_assert_true (wsm_heartbeat_validate (highest, NULL));

      for (gsize k = 0; k < G_N_ELEMENTS (bad); k++)
        {
          g_autoptr (WsmHeartbeat) heartbeat = make_with_number (cases[i].name, bad[k]);
          g_autofree char *complaint = g_strdup_printf ("%s is %u", cases[i].name, bad[k]);

          assert_refused (heartbeat, complaint);
          assert_refused (heartbeat, cases[i].range);
        }
    }
}

static void
test_heartbeat_refuses_jitter_out_of_range (void)
{
  static const double good[] = { 0.0, -0.0, 0.25, 0.5 };
  static const struct
  {
    double jitter;
    const char *complaint;
  } bad[] = {
    { -0.01, "jitter is -0.01, but must be from 0 to 0.5" },
    { 0.51, "jitter is 0.51," },
    { NAN, "jitter is nan," },
    { INFINITY, "jitter is inf," },
    { -INFINITY, "jitter is -inf," },
    { G_MAXDOUBLE, "jitter is 1.79769e+308," },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (WsmHeartbeat) heartbeat =
        g_object_new (WSM_TYPE_HEARTBEAT, "jitter", good[i], NULL);

      g_assert_true (wsm_heartbeat_validate (heartbeat, NULL));
    }

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (WsmHeartbeat) heartbeat =
        g_object_new (WSM_TYPE_HEARTBEAT, "jitter", bad[i].jitter, NULL);

      assert_refused (heartbeat, bad[i].complaint);
    }
}

static void
test_heartbeat_refuses_payloads_that_do_not_fit (void)
{
  g_autofree char *longest = g_strnfill (64 * 1024, 'x');
  g_autofree char *too_long = g_strnfill (64 * 1024 + 1, 'x');
  g_autofree char *grows_too_long = g_strconcat ("%{seq}", longest + 7, NULL);
  g_autoptr (GBytes) longest_bytes = g_bytes_new_static (longest, 64 * 1024);
  g_autoptr (GBytes) too_many_bytes = g_bytes_new_static (too_long, 64 * 1024 + 1);
  g_autoptr (GBytes) no_bytes = g_bytes_new (NULL, 0);
  const struct
  {
    WsmHeartbeatMode mode;
    const char *payload;
    GBytes *payload_bytes;
    const char *complaint;
  } cases[] = {
    { WSM_HEARTBEAT_MODE_TEXT, "ping", NULL, NULL },
    { WSM_HEARTBEAT_MODE_TEXT, longest, NULL, NULL },
    { WSM_HEARTBEAT_MODE_TEXT, NULL, NULL, "payload is NULL, but text mode" },
    { WSM_HEARTBEAT_MODE_TEXT, NULL, longest_bytes, "payload is NULL, but text mode" },
    { WSM_HEARTBEAT_MODE_TEXT, "", NULL, "payload takes 0 bytes, but must take from 1 to 65536" },
    { WSM_HEARTBEAT_MODE_TEXT, too_long, NULL, "payload takes 65537 bytes" },
    { WSM_HEARTBEAT_MODE_TEXT, grows_too_long, NULL, "payload takes 65549 bytes" },
    { WSM_HEARTBEAT_MODE_TEXT, "\xff", NULL, "payload is not valid UTF-8" },
    { WSM_HEARTBEAT_MODE_BINARY, NULL, longest_bytes, NULL },
    { WSM_HEARTBEAT_MODE_BINARY, "ping", NULL, "payload-bytes is NULL, but binary mode" },
    { WSM_HEARTBEAT_MODE_BINARY, NULL, no_bytes, "payload-bytes takes 0 bytes" },
    { WSM_HEARTBEAT_MODE_BINARY, NULL, too_many_bytes, "payload-bytes takes 65537 bytes" },
    { WSM_HEARTBEAT_MODE_PING, NULL, NULL, NULL },
    { WSM_HEARTBEAT_MODE_PING, "\xff", NULL, "payload is not valid UTF-8" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmHeartbeat) heartbeat =
        g_object_new (WSM_TYPE_HEARTBEAT,
                      "mode", cases[i].mode,
                      "payload", cases[i].payload,
                      "payload-bytes", cases[i].payload_bytes,
                      NULL);

      if (cases[i].complaint == NULL)
        g_assert_true (wsm_heartbeat_validate (heartbeat, NULL));
      else
        assert_refused (heartbeat, cases[i].complaint);
    }
}

static WsmHeartbeat *
make_text (const char    *payload,
           WsmReplyMatch  reply_match,
           const char    *reply)
{
  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "mode", WSM_HEARTBEAT_MODE_TEXT,
                       "payload", payload,
                       "reply-match", reply_match,
                       "reply", reply,
                       NULL);
}

static void
test_heartbeat_refuses_replies_that_do_not_fit (void)
{
  g_autofree char *too_long = g_strnfill (64 * 1024 + 1, 'x');
  const struct
  {
    WsmReplyMatch reply_match;
    const char *reply;
    const char *complaint;
  } cases[] = {
    { WSM_REPLY_MATCH_EXACT, NULL, NULL },
    { WSM_REPLY_MATCH_EXACT, "", NULL },
    { WSM_REPLY_MATCH_EXACT, "(", NULL },
    { WSM_REPLY_MATCH_EXACT, "\xff", "reply is not valid UTF-8" },
    { WSM_REPLY_MATCH_EXACT, too_long, "reply takes 65537 bytes" },
    { WSM_REPLY_MATCH_REGEX, "po+ng %{seq}", NULL },
    { WSM_REPLY_MATCH_REGEX, NULL, "reply is empty, but reply-match REGEX needs" },
    { WSM_REPLY_MATCH_REGEX, "", "reply is empty, but reply-match REGEX needs" },
    { WSM_REPLY_MATCH_REGEX, "\xff", "reply is not valid UTF-8" },
    { WSM_REPLY_MATCH_REGEX, "pong (", "reply is no regular expression" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmHeartbeat) heartbeat =
        make_text ("ping", cases[i].reply_match, cases[i].reply);

      if (cases[i].complaint == NULL)
        g_assert_true (wsm_heartbeat_validate (heartbeat, NULL));
      else
        assert_refused (heartbeat, cases[i].complaint);
    }
}

/* The message says what GRegex says, so that the expression can be mended. */
static void
test_heartbeat_says_what_is_wrong_with_an_expression (void)
{
  g_autoptr (WsmHeartbeat) heartbeat = make_text ("ping", WSM_REPLY_MATCH_REGEX, "pong (");
  g_autoptr (GError) expected = NULL;
  g_autoptr (GRegex) regex = g_regex_new ("pong (", 0, 0, &expected);

  g_assert_null (regex);
  assert_refused (heartbeat, expected->message);
}

static void
test_heartbeat_hides_only_what_it_recognises (void)
{
  for (int match = WSM_REPLY_MATCH_NONE; match <= WSM_REPLY_MATCH_REGEX; match++)
    {
      g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                         "mode", WSM_HEARTBEAT_MODE_TEXT,
                                                         "payload", "ping",
                                                         "reply-match", match,
                                                         "reply", "pong",
                                                         "hide-reply", TRUE,
                                                         NULL);

      if (match == WSM_REPLY_MATCH_EXACT || match == WSM_REPLY_MATCH_REGEX)
        g_assert_true (wsm_heartbeat_validate (heartbeat, NULL));
      else
        assert_refused (heartbeat, "hide-reply is TRUE, but must be FALSE unless");
    }
}

static void
test_heartbeat_knows_what_its_mode_does (void)
{
  static const struct
  {
    WsmHeartbeatMode mode;
    gboolean sends;
    gboolean expects_unmatched;
    gboolean expects_matched;
  } cases[] = {
    { WSM_HEARTBEAT_MODE_PING, TRUE, TRUE, TRUE },
    { WSM_HEARTBEAT_MODE_TEXT, TRUE, FALSE, TRUE },
    { WSM_HEARTBEAT_MODE_BINARY, TRUE, FALSE, TRUE },
    { WSM_HEARTBEAT_MODE_PASSIVE, FALSE, FALSE, FALSE },
    { WSM_HEARTBEAT_MODE_OFF, FALSE, FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmHeartbeat) unmatched = g_object_new (WSM_TYPE_HEARTBEAT,
                                                         "mode", cases[i].mode,
                                                         NULL);
      g_autoptr (WsmHeartbeat) matched = g_object_new (WSM_TYPE_HEARTBEAT,
                                                       "mode", cases[i].mode,
                                                       "reply-match", WSM_REPLY_MATCH_ANY,
                                                       NULL);

      g_assert_true (wsm_heartbeat_sends (unmatched) == cases[i].sends);
      g_assert_true (wsm_heartbeat_expects_reply (unmatched) == cases[i].expects_unmatched);
      g_assert_true (wsm_heartbeat_expects_reply (matched) == cases[i].expects_matched);
    }
}

static void
test_heartbeat_coalesces_a_twentieth_of_the_interval (void)
{
  static const guint cases[][2] = {
    { 0, 0 }, { 10, 0 }, { 20, 1 }, { 1000, 50 }, { 5000, 250 }, { 5020, 250 }, { G_MAXUINT, 250 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmHeartbeat) heartbeat = make_with_number ("interval", cases[i][0]);

      g_assert_cmpuint (wsm_heartbeat_get_coalesce (heartbeat), ==, cases[i][1]);
    }
}

static WsmReply
match (WsmHeartbeat          *heartbeat,
       SoupWebsocketDataType  type,
       const char            *text,
       guint64                sequence)
{
  g_autoptr (GBytes) message = g_bytes_new (text, strlen (text));

  return wsm_heartbeat_match_reply (heartbeat, type, message, sequence);
}

static void
test_heartbeat_recognises_replies (void)
{
  static const struct
  {
    WsmReplyMatch reply_match;
    const char *reply;
    SoupWebsocketDataType type;
    const char *message;
    WsmReply expected;
  } cases[] = {
    { WSM_REPLY_MATCH_NONE, "pong", SOUP_WEBSOCKET_DATA_TEXT, "pong", WSM_REPLY_FOREIGN },
    { WSM_REPLY_MATCH_NONE, NULL, SOUP_WEBSOCKET_DATA_TEXT, "ping 7", WSM_REPLY_FOREIGN },

    { WSM_REPLY_MATCH_ANY, NULL, SOUP_WEBSOCKET_DATA_TEXT, "news", WSM_REPLY_CURRENT },
    { WSM_REPLY_MATCH_ANY, NULL, SOUP_WEBSOCKET_DATA_BINARY, "", WSM_REPLY_CURRENT },

    { WSM_REPLY_MATCH_EXACT, "pong", SOUP_WEBSOCKET_DATA_TEXT, "pong", WSM_REPLY_CURRENT },
    { WSM_REPLY_MATCH_EXACT, "pong", SOUP_WEBSOCKET_DATA_BINARY, "pong", WSM_REPLY_FOREIGN },
    { WSM_REPLY_MATCH_EXACT, "pong", SOUP_WEBSOCKET_DATA_TEXT, "pong!", WSM_REPLY_FOREIGN },
    { WSM_REPLY_MATCH_EXACT, "", SOUP_WEBSOCKET_DATA_TEXT, "", WSM_REPLY_CURRENT },
    { WSM_REPLY_MATCH_EXACT, "pong %{seq}", SOUP_WEBSOCKET_DATA_TEXT, "pong 7", WSM_REPLY_CURRENT },
    { WSM_REPLY_MATCH_EXACT, "pong %{seq}", SOUP_WEBSOCKET_DATA_TEXT, "pong 6", WSM_REPLY_LATE },
    { WSM_REPLY_MATCH_EXACT, "pong %{seq}", SOUP_WEBSOCKET_DATA_TEXT, "pong", WSM_REPLY_FOREIGN },
    { WSM_REPLY_MATCH_EXACT, NULL, SOUP_WEBSOCKET_DATA_TEXT, "ping 7", WSM_REPLY_CURRENT },
    { WSM_REPLY_MATCH_EXACT, NULL, SOUP_WEBSOCKET_DATA_TEXT, "ping 6", WSM_REPLY_LATE },
    { WSM_REPLY_MATCH_EXACT, NULL, SOUP_WEBSOCKET_DATA_TEXT, "pong 7", WSM_REPLY_FOREIGN },

    { WSM_REPLY_MATCH_REGEX, "^po+ng$", SOUP_WEBSOCKET_DATA_TEXT, "pooong", WSM_REPLY_CURRENT },
    { WSM_REPLY_MATCH_REGEX, "^po+ng$", SOUP_WEBSOCKET_DATA_BINARY, "pong", WSM_REPLY_FOREIGN },
    { WSM_REPLY_MATCH_REGEX, "id=%{seq}\\b", SOUP_WEBSOCKET_DATA_TEXT, "x id=7 y",
      WSM_REPLY_CURRENT },
    { WSM_REPLY_MATCH_REGEX, "id=%{seq}\\b", SOUP_WEBSOCKET_DATA_TEXT, "x id=77 y",
      WSM_REPLY_LATE },
    { WSM_REPLY_MATCH_REGEX, "id=%{seq}\\b", SOUP_WEBSOCKET_DATA_TEXT, "x id= y",
      WSM_REPLY_FOREIGN },
    { WSM_REPLY_MATCH_REGEX, "(", SOUP_WEBSOCKET_DATA_TEXT, "(", WSM_REPLY_FOREIGN },
    { WSM_REPLY_MATCH_REGEX, NULL, SOUP_WEBSOCKET_DATA_TEXT, "", WSM_REPLY_FOREIGN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmHeartbeat) heartbeat =
        make_text ("ping %{seq}", cases[i].reply_match, cases[i].reply);

      g_assert_cmpint (match (heartbeat, cases[i].type, cases[i].message, 7), ==,
                       cases[i].expected);
    }
}

static void
test_heartbeat_recognises_binary_replies (void)
{
  g_autoptr (GBytes) beat = g_bytes_new ("\0beat\xff", 6);
  g_autoptr (GBytes) other = g_bytes_new ("\0beat\xfe", 6);
  g_autoptr (GBytes) text = g_bytes_new ("pong", 4);
  g_autoptr (WsmHeartbeat) echo = g_object_new (WSM_TYPE_HEARTBEAT,
                                                "mode", WSM_HEARTBEAT_MODE_BINARY,
                                                "payload-bytes", beat,
                                                "reply-match", WSM_REPLY_MATCH_EXACT,
                                                NULL);
  g_autoptr (WsmHeartbeat) regex = g_object_new (WSM_TYPE_HEARTBEAT,
                                                 "mode", WSM_HEARTBEAT_MODE_BINARY,
                                                 "payload-bytes", beat,
                                                 "reply-match", WSM_REPLY_MATCH_REGEX,
                                                 "reply", "pong|beat",
                                                 NULL);
  g_autoptr (GBytes) payload = wsm_heartbeat_dup_payload (echo, 1);

  g_assert_true (payload == beat);

  g_assert_cmpint (wsm_heartbeat_match_reply (echo, SOUP_WEBSOCKET_DATA_BINARY, beat, 1), ==,
                   WSM_REPLY_CURRENT);
  g_assert_cmpint (wsm_heartbeat_match_reply (echo, SOUP_WEBSOCKET_DATA_TEXT, beat, 1), ==,
                   WSM_REPLY_FOREIGN);
  g_assert_cmpint (wsm_heartbeat_match_reply (echo, SOUP_WEBSOCKET_DATA_BINARY, other, 1), ==,
                   WSM_REPLY_FOREIGN);

  g_assert_cmpint (wsm_heartbeat_match_reply (regex, SOUP_WEBSOCKET_DATA_BINARY, text, 1), ==,
                   WSM_REPLY_CURRENT);
  g_assert_cmpint (wsm_heartbeat_match_reply (regex, SOUP_WEBSOCKET_DATA_BINARY, beat, 1), ==,
                   WSM_REPLY_FOREIGN);
}

static void
test_heartbeat_ignores_messages_in_other_modes (void)
{
  static const WsmHeartbeatMode modes[] = {
    WSM_HEARTBEAT_MODE_PING, WSM_HEARTBEAT_MODE_PASSIVE, WSM_HEARTBEAT_MODE_OFF,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                         "mode", modes[i],
                                                         "reply-match", WSM_REPLY_MATCH_ANY,
                                                         NULL);

      g_assert_cmpint (match (heartbeat, SOUP_WEBSOCKET_DATA_TEXT, "x", 1), ==, WSM_REPLY_FOREIGN);
    }
}

static void
test_heartbeat_does_not_look_at_huge_messages (void)
{
  g_autoptr (WsmHeartbeat) heartbeat = make_text ("ping", WSM_REPLY_MATCH_REGEX, "pong");
  g_autofree char *text = g_strnfill (64 * 1024 + 1, ' ');
  g_autoptr (GBytes) huge = g_bytes_new_static (text, 64 * 1024 + 1);
  g_autoptr (GBytes) large = g_bytes_new_static (text, 64 * 1024);

  memcpy (text, "pong", 4);

  g_assert_cmpint (wsm_heartbeat_match_reply (heartbeat, SOUP_WEBSOCKET_DATA_TEXT, large, 1), ==,
                   WSM_REPLY_CURRENT);
  g_assert_cmpint (wsm_heartbeat_match_reply (heartbeat, SOUP_WEBSOCKET_DATA_TEXT, huge, 1), ==,
                   WSM_REPLY_FOREIGN);
}

/* Invariants, for any numbers: an echo of a beat is current for that beat and late for any other,
 * with an exact match and with the expression that says the same; anything random is foreign. */
static void
test_heartbeat_tells_current_from_late (void)
{
  g_autoptr (WsmHeartbeat) exact = make_text ("beat <%{seq}>", WSM_REPLY_MATCH_EXACT, NULL);
  g_autoptr (WsmHeartbeat) regex = make_text ("beat <%{seq}>", WSM_REPLY_MATCH_REGEX,
                                              "^beat <%{seq}>$");
  WsmHeartbeat *heartbeats[] = { exact, regex };

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      WsmHeartbeat *heartbeat = heartbeats[round % 2];
      guint64 sequence = (guint64) (guint) g_test_rand_int () * (guint) g_test_rand_int ();
      guint64 other = sequence ^ (G_GUINT64_CONSTANT (1) << g_test_rand_int_range (0, 64));
      g_autoptr (GBytes) echo = wsm_heartbeat_dup_payload (heartbeat, sequence);
      guint8 noise[16];
      g_autoptr (GBytes) foreign = NULL;

      g_assert_cmpint (wsm_heartbeat_match_reply (heartbeat, SOUP_WEBSOCKET_DATA_TEXT,
                                                  echo, sequence), ==, WSM_REPLY_CURRENT);
      g_assert_cmpint (wsm_heartbeat_match_reply (heartbeat, SOUP_WEBSOCKET_DATA_TEXT,
                                                  echo, other), ==, WSM_REPLY_LATE);

      for (gsize i = 0; i < sizeof noise; i++)
        noise[i] = (guint8) g_test_rand_int_range (0, 256);
      foreign = g_bytes_new (noise, (gsize) g_test_rand_int_range (0, sizeof noise));
      g_assert_cmpint (wsm_heartbeat_match_reply (heartbeat, SOUP_WEBSOCKET_DATA_TEXT,
                                                  foreign, sequence), ==, WSM_REPLY_FOREIGN);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/heartbeat/has-defaults", test_heartbeat_has_defaults);
  g_test_add_func ("/heartbeat/keeps-what-it-is-given", test_heartbeat_keeps_what_it_is_given);
  g_test_add_func ("/heartbeat/never-takes-an-unknown-enum-value",
                   test_heartbeat_never_takes_an_unknown_enum_value);
  g_test_add_func ("/heartbeat/refuses-numbers-out-of-range",
                   test_heartbeat_refuses_numbers_out_of_range);
  g_test_add_func ("/heartbeat/refuses-jitter-out-of-range",
                   test_heartbeat_refuses_jitter_out_of_range);
  g_test_add_func ("/heartbeat/refuses-payloads-that-do-not-fit",
                   test_heartbeat_refuses_payloads_that_do_not_fit);
  g_test_add_func ("/heartbeat/refuses-replies-that-do-not-fit",
                   test_heartbeat_refuses_replies_that_do_not_fit);
  g_test_add_func ("/heartbeat/says-what-is-wrong-with-an-expression",
                   test_heartbeat_says_what_is_wrong_with_an_expression);
  g_test_add_func ("/heartbeat/hides-only-what-it-recognises",
                   test_heartbeat_hides_only_what_it_recognises);
  g_test_add_func ("/heartbeat/knows-what-its-mode-does", test_heartbeat_knows_what_its_mode_does);
  g_test_add_func ("/heartbeat/coalesces-a-twentieth-of-the-interval",
                   test_heartbeat_coalesces_a_twentieth_of_the_interval);
  g_test_add_func ("/heartbeat/recognises-replies", test_heartbeat_recognises_replies);
  g_test_add_func ("/heartbeat/recognises-binary-replies",
                   test_heartbeat_recognises_binary_replies);
  g_test_add_func ("/heartbeat/ignores-messages-in-other-modes",
                   test_heartbeat_ignores_messages_in_other_modes);
  g_test_add_func ("/heartbeat/does-not-look-at-huge-messages",
                   test_heartbeat_does_not_look_at_huge_messages);
  g_test_add_func ("/heartbeat/tells-current-from-late", test_heartbeat_tells_current_from_late);

  return g_test_run ();
}
