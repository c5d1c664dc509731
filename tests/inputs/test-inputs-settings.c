/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

#include <math.h>
#include <string.h>

/* Bad inputs 37 to 41: settings. What is out of range is kept as it was given, refused by name, and
 * leaves in force what was there. */

static void
assert_says (const GError *error,
             const char   *words)
{
  g_auto (GStrv) list = g_strsplit (words, "|", -1);

  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING);
  for (guint i = 0; list[i] != NULL; i++)
    {
      if (strstr (error->message, list[i]) == NULL)
        g_error ("“%s” is not in: %s", list[i], error->message);
    }
}

static void
assert_refuses_heartbeat (WsmHeartbeat *owned,
                          const char   *words)
{
  g_autoptr (WsmHeartbeat) heartbeat = owned;
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autoptr (WsmHeartbeat) before = g_object_ref (wsm_connection_get_heartbeat (feed));
  g_autoptr (GError) error = NULL;

  g_assert_false (wsm_heartbeat_validate (heartbeat, &error));
  assert_says (error, words);
  g_assert_cmpuint (wsm_heartbeat_worst_case_detection (heartbeat), ==, 0);

  g_test_expect_message ("libwsmulti", G_LOG_LEVEL_CRITICAL, "*Heartbeat: *");
  wsm_connection_set_heartbeat (feed, heartbeat);
  g_test_assert_expected_messages ();
  g_assert_true (wsm_connection_get_heartbeat (feed) == before);

  wsm_test_world_free (world);
}

static void
assert_takes_heartbeat (WsmHeartbeat *owned)
{
  g_autoptr (WsmHeartbeat) heartbeat = owned;
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autoptr (GError) error = NULL;

  g_assert_true (wsm_heartbeat_validate (heartbeat, &error));
  g_assert_no_error (error);
  wsm_connection_set_heartbeat (feed, heartbeat);
  g_assert_true (wsm_connection_get_heartbeat (feed) == heartbeat);
  wsm_test_world_run_ms (world, 60 * 1000);
  g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_OPEN);
  wsm_test_world_assert_log (world, "");

  wsm_test_world_free (world);
}

static void
assert_refuses_backoff (WsmBackoff *owned,
                        const char *words)
{
  g_autoptr (WsmBackoff) backoff = owned;
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autoptr (WsmBackoff) before = g_object_ref (wsm_connection_get_backoff (feed));
  g_autoptr (GError) error = NULL;

  g_assert_false (wsm_backoff_validate (backoff, &error));
  assert_says (error, words);

  g_test_expect_message ("libwsmulti", G_LOG_LEVEL_CRITICAL, "*Backoff: *");
  wsm_connection_set_backoff (feed, backoff);
  g_test_assert_expected_messages ();
  g_assert_true (wsm_connection_get_backoff (feed) == before);

  wsm_test_world_free (world);
}

static void
test_interval (gconstpointer user_data)
{
  guint interval = GPOINTER_TO_UINT (user_data);
  g_autofree char *words = g_strdup_printf ("interval is %u ms|from 10 to|mode to OFF", interval);

  assert_refuses_heartbeat (g_object_new (WSM_TYPE_HEARTBEAT, "interval", interval, NULL), words);
}

/* One beat is out at a time, so this is no mistake. */
static void
test_interval_below_timeout (void)
{
  assert_takes_heartbeat (g_object_new (WSM_TYPE_HEARTBEAT,
                                        "interval", 100,
                                        "timeout", 10000,
                                        NULL));
}

static void
test_timeout (void)
{
  assert_refuses_heartbeat (g_object_new (WSM_TYPE_HEARTBEAT, "timeout", 0, NULL),
                            "timeout is 0 ms|from 10 to");
  assert_refuses_heartbeat (g_object_new (WSM_TYPE_HEARTBEAT, "timeout", G_MAXUINT, NULL),
                            "timeout is 4294967295 ms|from 10 to");
  assert_refuses_heartbeat (g_object_new (WSM_TYPE_HEARTBEAT, "max-missed", 0, NULL),
                            "max-missed is 0|from 1 to");
}

static void
test_backoff (void)
{
  assert_refuses_backoff (g_object_new (WSM_TYPE_BACKOFF, "initial", 5000, "max", 1000, NULL),
                          "max is 1000 ms|initial, which is 5000 ms|raise max or lower initial");
  assert_refuses_backoff (g_object_new (WSM_TYPE_BACKOFF, "initial", 0, NULL),
                          "initial is 0 ms|no delay is shorter");
  assert_refuses_backoff (g_object_new (WSM_TYPE_BACKOFF, "max", 0, NULL), "max is 0 ms");
  assert_refuses_backoff (g_object_new (WSM_TYPE_BACKOFF, "max", G_MAXUINT, NULL),
                          "max is 4294967295 ms|max-attempts or max-elapsed");
}

static void
test_factor (void)
{
  static const struct
  {
    double factor;
    const char *words;
  } cases[] = {
    { NAN, "factor is nan|from 1 to 100" },
    { 0.0, "factor is 0,|from 1 to 100" },
    { -2.0, "factor is -2|from 1 to 100" },
    { INFINITY, "factor is inf|from 1 to 100" },
    { 100.5, "factor is 100.5|from 1 to 100" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refuses_backoff (g_object_new (WSM_TYPE_BACKOFF, "factor", cases[i].factor, NULL),
                            cases[i].words);
}

static void
test_jitter (void)
{
  static const double jitters[] = { -0.1, 0.51, NAN, INFINITY, -INFINITY };

  for (guint i = 0; i < G_N_ELEMENTS (jitters); i++)
    assert_refuses_heartbeat (g_object_new (WSM_TYPE_HEARTBEAT, "jitter", jitters[i], NULL),
                              "jitter is |from 0 to 0.5|fraction of the interval");
}

/* Nothing fits, which is told, and what is not queued goes on. */
static void
test_outbox_limit (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autoptr (GError) error = NULL;

  wsm_connection_set_outbox_limit (feed, 0);
  g_assert_cmpuint (wsm_connection_get_outbox_limit (feed), ==, 0);
  g_assert_false (wsm_connection_send_text (feed, "a", &error));
  g_assert_true (g_error_matches (error, WSM_ERROR, WSM_ERROR_TOO_BIG) ||
                 g_error_matches (error, WSM_ERROR, WSM_ERROR_OUTBOX_FULL));
  g_assert_nonnull (strstr (error->message, "outbox-limit"));
  wsm_test_world_run_ms (world, 10000);
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (feed), >, 5);
  wsm_test_world_assert_log (world, "");

  wsm_test_world_free (world);
}

/* A ping's payload is ours, whatever the other modes would send. */
static void
test_payload (void)
{
  g_autofree char *long_text = g_strnfill (126, 'a');
  g_autofree char *huge_text = g_strnfill (64 * 1024 + 1, 'a');
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);

  assert_takes_heartbeat (g_object_new (WSM_TYPE_HEARTBEAT,
                                        "mode", WSM_HEARTBEAT_MODE_PING,
                                        "payload", long_text,
                                        "interval", 1000,
                                        NULL));
  assert_takes_heartbeat (g_object_new (WSM_TYPE_HEARTBEAT,
                                        "mode", WSM_HEARTBEAT_MODE_TEXT,
                                        "payload", long_text,
                                        "reply-match", WSM_REPLY_MATCH_EXACT,
                                        "hide-reply", TRUE,
                                        "interval", 1000,
                                        NULL));
  assert_refuses_heartbeat (g_object_new (WSM_TYPE_HEARTBEAT,
                                          "mode", WSM_HEARTBEAT_MODE_TEXT,
                                          "payload", "a\xff\xfe",
                                          NULL), "payload|UTF-8");
  assert_refuses_heartbeat (g_object_new (WSM_TYPE_HEARTBEAT,
                                          "mode", WSM_HEARTBEAT_MODE_TEXT,
                                          "payload", "",
                                          NULL), "payload takes 0 bytes|from 1 to 65536");
  assert_refuses_heartbeat (g_object_new (WSM_TYPE_HEARTBEAT,
                                          "mode", WSM_HEARTBEAT_MODE_TEXT,
                                          "payload", huge_text,
                                          NULL), "payload takes 65537 bytes|from 1 to 65536");
  assert_refuses_heartbeat (g_object_new (WSM_TYPE_HEARTBEAT,
                                          "mode", WSM_HEARTBEAT_MODE_BINARY,
                                          "payload-bytes", nothing,
                                          NULL), "payload-bytes|1 to 65536");
  assert_refuses_heartbeat (g_object_new (WSM_TYPE_HEARTBEAT,
                                          "reply-match", WSM_REPLY_MATCH_REGEX,
                                          "reply", "(",
                                          NULL), "reply|regular expression|EXACT");
}

static void
test_max_message_size (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  guint64 before = wsm_connection_get_max_message_size (feed);

  g_test_expect_message ("libwsmulti", G_LOG_LEVEL_CRITICAL, "*max-message-size*16 MiB*");
  wsm_connection_set_max_message_size (feed, 0);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (wsm_connection_get_max_message_size (feed), ==, before);

  g_object_set (feed, "max-message-size", G_MAXUINT64, NULL);
  g_assert_cmpuint (wsm_connection_get_max_message_size (feed), ==, G_MAXUINT64);
  wsm_test_world_run_ms (world, 1000);
  g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_OPEN);
  wsm_test_world_assert_log (world, "");

  wsm_test_world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/inputs/37-interval-0", GUINT_TO_POINTER (0), test_interval);
  g_test_add_data_func ("/inputs/37-interval-1", GUINT_TO_POINTER (1), test_interval);
  g_test_add_data_func ("/inputs/37-interval-of-the-most", GUINT_TO_POINTER (G_MAXUINT),
                        test_interval);
  g_test_add_func ("/inputs/37-interval-below-timeout", test_interval_below_timeout);
  g_test_add_func ("/inputs/37-timeout-and-missed-beats", test_timeout);
  g_test_add_func ("/inputs/38-delays-of-a-back-off", test_backoff);
  g_test_add_func ("/inputs/38-factor-that-is-no-number", test_factor);
  g_test_add_func ("/inputs/38-negative-jitter", test_jitter);
  g_test_add_func ("/inputs/39-outbox-limit-0", test_outbox_limit);
  g_test_add_func ("/inputs/40-payload-of-a-beat", test_payload);
  g_test_add_func ("/inputs/41-message-size-0-and-all", test_max_message_size);

  return g_test_run ();
}
