/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

/* The detours of an attempt. */

typedef struct
{
  WsmTestWorld *world;     /* (owned) */
  WsmTestPeer *first;      /* (unowned): which says that the answer is elsewhere */
  WsmTestPeer *second;     /* (unowned): there */
  WsmConnection *feed;     /* (unowned) */
  GPtrArray *asked;        /* (owned) (element-type utf8) */
  GString *reasons;        /* (owned) */
  SoupMessage *put_off;    /* (owned) (nullable) */
  gboolean puts_off;
} Fixture;

static gboolean
prepare_cb (WsmConnection *connection,
            SoupMessage   *message,
            gpointer       user_data)
{
  Fixture *fixture = user_data;

  g_ptr_array_add (fixture->asked, g_strdup (g_uri_get_path (soup_message_get_uri (message))));
  g_set_object (&fixture->put_off, message);

  return fixture->puts_off;
}

static void
notify_reason_cb (WsmConnection *connection,
                  GParamSpec    *pspec,
                  gpointer       user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *text = wsm_reason_to_string (wsm_connection_get_reason (connection));

  g_string_append_printf (fixture->reasons, "%s|", text);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->world = wsm_test_world_new (1);
  fixture->first = wsm_test_world_get_peer (fixture->world, "/a");
  fixture->second = wsm_test_world_get_peer (fixture->world, "/b");
  fixture->feed = wsm_test_world_bring_to (fixture->world, "/a", WSM_STATE_IDLE);
  fixture->asked = g_ptr_array_new_with_free_func (g_free);
  fixture->reasons = g_string_new (NULL);
  fixture->first->refusal = WSM_REASON_CODE_REDIRECT;
  fixture->first->location = "/b";
  wsm_connection_set_max_redirects (fixture->feed, 2);
  g_signal_connect (fixture->feed, "prepare", G_CALLBACK (prepare_cb), fixture);
  g_signal_connect (fixture->feed, "notify::reason", G_CALLBACK (notify_reason_cb), fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->put_off);
  wsm_test_world_free (fixture->world);
  g_ptr_array_unref (fixture->asked);
  g_string_free (fixture->reasons, TRUE);
}

static void
assert_asked (Fixture    *fixture,
              const char *expected)
{
  g_autofree char *asked = NULL;

  g_ptr_array_add (fixture->asked, NULL);
  asked = g_strjoinv (" ", (char **) fixture->asked->pdata);
  g_ptr_array_set_size (fixture->asked, 0);
  g_assert_cmpstr (asked, ==, expected);
}

static void
test_follows (Fixture       *fixture,
              gconstpointer  data)
{
  g_assert_true (wsm_connection_open (fixture->feed, NULL));
  wsm_test_world_run_ms (fixture->world, 100);
  wsm_test_world_assert_log (fixture->world, "CONNECTING OPEN opened");
  assert_asked (fixture, "/a /b");
  g_assert_nonnull (strstr (fixture->reasons->str, "|redirect: 1 of at most 2, to ws://"));
  g_assert_cmpuint (wsm_connection_get_attempt (fixture->feed), ==, 1);
  g_assert_cmpuint (wsm_connection_get_n_reconnects (fixture->feed), ==, 0);
}

/* A reconnect takes the whole way again. */
static void
test_begins_anew (Fixture       *fixture,
                  gconstpointer  data)
{
  test_follows (fixture, data);
  wsm_test_peer_drop (fixture->second, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (fixture->world, 1000);
  wsm_test_world_assert_log (fixture->world, "WAITING disconnected+ CONNECTING OPEN reopened");
  assert_asked (fixture, "/a /b");
}

static void
test_is_bounded (Fixture       *fixture,
                 gconstpointer  data)
{
  fixture->second->refusal = WSM_REASON_CODE_REDIRECT;
  fixture->second->location = "/a";
  g_assert_true (wsm_connection_open (fixture->feed, NULL));
  wsm_test_world_run_ms (fixture->world, 100);
  wsm_test_world_assert_log (fixture->world, "CONNECTING FAILED failed");
  assert_asked (fixture, "/a /b /a");
  g_assert_error (wsm_connection_get_error (fixture->feed), WSM_ERROR, WSM_ERROR_REDIRECT);
}

/* The connect timeout is for the way as a whole, the time that the app takes not counted. */
static void
test_has_one_deadline (Fixture       *fixture,
                       gconstpointer  data)
{
  fixture->puts_off = TRUE;
  fixture->first->latency_us = 5 * G_USEC_PER_SEC;
  fixture->second->stall = TRUE;
  g_assert_true (wsm_connection_open (fixture->feed, NULL));
  wsm_test_world_run_ms (fixture->world, 60 * 1000);
  wsm_connection_proceed (fixture->feed, fixture->put_off);
  wsm_test_world_run_ms (fixture->world, 10 * 1000 + 1);
  assert_asked (fixture, "/a /b");
  wsm_test_world_run_ms (fixture->world, 60 * 1000);
  wsm_test_world_assert_log (fixture->world, "CONNECTING");

  wsm_connection_proceed (fixture->feed, fixture->put_off);
  wsm_test_world_run_ms (fixture->world, 4990);
  wsm_test_world_assert_log (fixture->world, "");
  wsm_test_world_run_ms (fixture->world, 20);
  wsm_test_world_assert_log (fixture->world, "WAITING");
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (fixture->feed)), ==,
                   WSM_REASON_CODE_TIMED_OUT);
}

/* Whatever the app does on the way, it stays the app's way. */
static void
test_may_be_left (Fixture       *fixture,
                  gconstpointer  data)
{
  fixture->puts_off = TRUE;
  g_assert_true (wsm_connection_open (fixture->feed, NULL));
  wsm_test_world_run_ms (fixture->world, 1);
  wsm_connection_proceed (fixture->feed, fixture->put_off);
  wsm_test_world_run_ms (fixture->world, 10);
  assert_asked (fixture, "/a /b");

  wsm_connection_pause (fixture->feed);
  wsm_connection_resume (fixture->feed);
  wsm_test_world_run_ms (fixture->world, 10);
  assert_asked (fixture, "");

  wsm_connection_abort (fixture->feed);
  wsm_test_world_run_ms (fixture->world, 10);
  wsm_test_world_assert_log (fixture->world, "CONNECTING CLOSED closed");
}

static void
test_is_refused_a_senseless_number (Fixture       *fixture,
                                    gconstpointer  data)
{
  g_test_expect_message ("libwsmulti", G_LOG_LEVEL_CRITICAL, "max-redirects: 21*");
  wsm_connection_set_max_redirects (fixture->feed, 21);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (wsm_connection_get_max_redirects (fixture->feed), ==, 2);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func, data) \
  g_test_add ("/connection-redirect/" path, Fixture, data, set_up, test_##func, tear_down)
  ADD ("follows", follows, NULL);
  ADD ("begins-anew", begins_anew, NULL);
  ADD ("is-bounded", is_bounded, NULL);
  ADD ("has-one-deadline", has_one_deadline, NULL);
  ADD ("may-be-left", may_be_left, NULL);
  ADD ("is-refused-a-senseless-number", is_refused_a_senseless_number, NULL);
#undef ADD

  return g_test_run ();
}
