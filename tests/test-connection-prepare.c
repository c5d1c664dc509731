/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

/* What an app may do with the request of an attempt. */

static gboolean
keep_message_cb (WsmConnection  *connection,
                 SoupMessage    *message,
                 SoupMessage   **kept)
{
  g_set_object (kept, message);

  return TRUE;
}

static void
test_put_off_and_proceed (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);
  g_autoptr (SoupMessage) message = NULL;

  g_signal_connect (feed, "prepare", G_CALLBACK (keep_message_cb), &message);
  g_assert_true (wsm_connection_open (feed, NULL));
  g_assert_null (message);
  wsm_test_world_run_ms (world, 0);
  g_assert_nonnull (message);
  /* The time that the app takes is not the peer's. */
  wsm_test_world_run_ms (world, 100 * 1000);
  wsm_test_world_assert_log (world, "CONNECTING");
  g_assert_cmpuint (peer->n_attempts, ==, 0);

  wsm_connection_proceed (feed, message);
  wsm_connection_proceed (feed, message);
  wsm_test_world_run_ms (world, 2);
  wsm_test_world_assert_log (world, "OPEN opened");
  g_assert_cmpuint (peer->n_attempts, ==, 1);
  wsm_connection_proceed (feed, message);
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "");

  wsm_test_world_free (world);
}

static void
test_put_off_and_fail (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *reason = NULL;

  error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "no token");
  g_signal_connect (feed, "prepare", G_CALLBACK (keep_message_cb), &message);
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  wsm_connection_fail_attempt (feed, message, error);
  wsm_connection_fail_attempt (feed, message, error);
  wsm_connection_proceed (feed, message);
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING FAILED failed");
  g_assert_error (wsm_connection_get_error (feed), G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  reason = wsm_reason_to_string (wsm_connection_get_reason (feed));
  g_assert_cmpstr (reason, ==, "prepare-failed: no token");
  g_assert_cmpuint (peer->n_attempts, ==, 0);

  wsm_test_world_free (world);
}

/* The request of an attempt that is over leads nowhere. */
static void
test_stale_request_is_ignored (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (SoupMessage) old_message = NULL;
  g_autoptr (SoupMessage) foreign = soup_message_new ("GET", "http://127.0.0.1/a");
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "stale");

  g_signal_connect (feed, "prepare", G_CALLBACK (keep_message_cb), &message);
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  wsm_connection_proceed (feed, foreign);
  wsm_connection_fail_attempt (feed, foreign, error);
  old_message = g_object_ref (message);
  wsm_connection_abort (feed);
  wsm_connection_proceed (feed, old_message);
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING CLOSED closed");

  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  g_assert_true (message != old_message);
  wsm_connection_proceed (feed, old_message);
  wsm_connection_fail_attempt (feed, old_message, error);
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING");
  g_assert_cmpuint (peer->n_attempts, ==, 0);
  wsm_connection_proceed (feed, message);
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "OPEN opened");

  wsm_test_world_free (world);
}

static gboolean
proceed_at_once_cb (WsmConnection *connection,
                    SoupMessage   *message,
                    gpointer       deferred)
{
  wsm_connection_proceed (connection, message);

  return GPOINTER_TO_INT (deferred);
}

static gboolean
fail_at_once_cb (WsmConnection *connection,
                 SoupMessage   *message,
                 gpointer       deferred)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "no");

  wsm_connection_fail_attempt (connection, message, error);

  return GPOINTER_TO_INT (deferred);
}

/* Whatever a handler that has decided already returns. */
static void
test_decided_in_the_handler (void)
{
  for (int i = 0; i < 4; i++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);

      g_signal_connect (feed, "prepare",
                        i < 2 ? G_CALLBACK (proceed_at_once_cb) : G_CALLBACK (fail_at_once_cb),
                        GINT_TO_POINTER (i % 2));
      g_assert_true (wsm_connection_open (feed, NULL));
      wsm_test_world_run_ms (world, 10);
      wsm_test_world_assert_log (world, i < 2 ? "CONNECTING OPEN opened"
                                              : "CONNECTING FAILED failed");
      g_assert_cmpuint (peer->n_attempts, ==, i < 2 ? 1 : 0);

      wsm_test_world_free (world);
    }
}

static void
set_header (SoupMessage *message,
            const char  *name,
            const char  *value)
{
  soup_message_headers_append (soup_message_get_request_headers (message), name, value);
}

static gboolean
spoil_cb (WsmConnection *connection,
          SoupMessage   *message,
          gpointer       how)
{
  switch (GPOINTER_TO_INT (how))
    {
    case 0:
      soup_message_set_method (message, "POST");
      break;

    case 1:
      set_header (message, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
      break;

    case 2:
      set_header (message, "Upgrade", "h2c");
      break;

    case 3:
      set_header (message, "Content-Length", "10");
      break;

    case 4:
      set_header (message, "X-Fine", "no\x7f" "control");
      break;

    default:
      g_assert_not_reached ();
    }

  return FALSE;
}

static gboolean
add_token_cb (WsmConnection *connection,
              SoupMessage   *message,
              gpointer       user_data)
{
  set_header (message, "Authorization", "Bearer abc");

  return FALSE;
}

static void
test_smuggling_is_refused (void)
{
  for (int how = 0; how < 5; how++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);

      g_test_message ("how %d", how);
      g_signal_connect (feed, "prepare", G_CALLBACK (spoil_cb), GINT_TO_POINTER (how));
      g_assert_true (wsm_connection_open (feed, NULL));
      wsm_test_world_run_ms (world, 10);
      wsm_test_world_assert_log (world, "CONNECTING FAILED failed");
      g_assert_error (wsm_connection_get_error (feed), WSM_ERROR, WSM_ERROR_INVALID_HEADER);
      g_assert_null (strstr (wsm_connection_get_error (feed)->message, "abc"));
      g_assert_cmpuint (peer->n_attempts, ==, 0);

      wsm_test_world_free (world);
    }
}

static void
test_headers_are_welcome (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);

  g_signal_connect (feed, "prepare", G_CALLBACK (add_token_cb), NULL);
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");

  wsm_test_world_free (world);
}

static gboolean
lead_to_bare_host_cb (WsmConnection *connection,
                      SoupMessage   *message,
                      gpointer       user_data)
{
  g_autoptr (GUri) uri = g_uri_parse ("ws://127.0.0.1?token=abc", SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GUri) bare = soup_uri_copy (uri, SOUP_URI_PATH, "", SOUP_URI_NONE);

  soup_message_set_uri (message, bare);

  return FALSE;
}

/* Whether the app, or its handler, has left the path out. */
static void
test_request_has_a_path (void)
{
  for (int i = 0; i < 2; i++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/");
      WsmConnection *feed = wsm_test_world_bring_to (world, i == 0 ? "" : "/a", WSM_STATE_IDLE);

      if (i == 1)
        g_signal_connect (feed, "prepare", G_CALLBACK (lead_to_bare_host_cb), NULL);
      g_assert_true (wsm_connection_open (feed, NULL));
      wsm_test_world_run_ms (world, 10);
      wsm_test_world_assert_log (world, "CONNECTING OPEN opened");
      g_assert_cmpuint (peer->n_attempts, ==, 1);

      wsm_test_world_free (world);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/connection-prepare/put-off-and-proceed", test_put_off_and_proceed);
  g_test_add_func ("/connection-prepare/put-off-and-fail", test_put_off_and_fail);
  g_test_add_func ("/connection-prepare/stale-request-is-ignored", test_stale_request_is_ignored);
  g_test_add_func ("/connection-prepare/decided-in-the-handler", test_decided_in_the_handler);
  g_test_add_func ("/connection-prepare/smuggling-is-refused", test_smuggling_is_refused);
  g_test_add_func ("/connection-prepare/headers-are-welcome", test_headers_are_welcome);
  g_test_add_func ("/connection-prepare/request-has-a-path", test_request_has_a_path);

  return g_test_run ();
}
