/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  GString    *log)
{
  g_string_append_printf (log, "%u-%u+%u=%u ", position, n_removed, n_added,
                          g_list_model_get_n_items (model));
}

static void
notify_cb (GObject    *object,
           GParamSpec *pspec,
           GString    *log)
{
  guint value = 0;

  g_object_get (object, pspec->name, &value, NULL);
  g_string_append_printf (log, "%s=%u ", pspec->name, value);
}

static void
assert_log (GString    *log,
            const char *expected)
{
  g_strchomp (log->str);
  g_assert_cmpstr (log->str, ==, expected);
  g_string_truncate (log, 0);
}

static WsmConnection *
add (WsmTestWorld *world,
     const char   *uri)
{
  g_autoptr (GError) error = NULL;
  WsmConnection *connection = wsm_pool_add (world->pool, uri, &error);

  g_assert_no_error (error);

  return connection;
}

static void
test_is_a_list (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  GListModel *model = G_LIST_MODEL (world->pool);
  g_autoptr (GString) log = g_string_new (NULL);
  WsmConnection *feeds[3];

  g_assert_cmpuint (g_list_model_get_item_type (model), ==, WSM_TYPE_CONNECTION);
  g_assert_null (g_list_model_get_item (model, 0));
  g_signal_connect (model, "items-changed", G_CALLBACK (items_changed_cb), log);
  for (guint i = 0; i < 3; i++)
    feeds[i] = add (world, "ws://127.0.0.1/a");
  assert_log (log, "0-0+1=1 1-0+1=2 2-0+1=3");
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (WsmConnection) item = g_list_model_get_item (model, i);

      g_assert_true (item == feeds[i]);
    }
  g_assert_null (g_list_model_get_item (model, 3));
  g_assert_null (g_list_model_get_item (model, G_MAXUINT));

  g_assert_true (wsm_pool_remove (world->pool, feeds[1]));
  assert_log (log, "1-1+0=2");
  g_assert_true (wsm_pool_remove (world->pool, feeds[0]));
  g_assert_true (wsm_pool_remove (world->pool, feeds[2]));
  assert_log (log, "0-1+0=1 0-1+0=0");

  wsm_test_world_free (world);
}

static void
test_names (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *first = add (world, "ws://user:secret@127.0.0.1/a?token=1");
  WsmConnection *second = add (world, "ws://user:other@127.0.0.1/a?token=2");
  g_autoptr (WsmConnection) third = NULL;
  g_autoptr (WsmConnection) named = NULL;
  g_autoptr (WsmConnection) taken = NULL;
  g_autofree char *numbered = NULL;
  g_autoptr (GError) error = NULL;

  /* Redacted, then numbered. */
  g_assert_null (strstr (wsm_connection_get_name (first), "secret"));
  g_assert_null (strstr (wsm_connection_get_name (first), "token=1"));
  numbered = g_strconcat (wsm_connection_get_name (first), " #2", NULL);
  g_assert_cmpstr (wsm_connection_get_name (second), ==, numbered);
  g_assert_true (wsm_pool_lookup (world->pool, numbered) == second);
  g_assert_null (wsm_pool_lookup (world->pool, "nobody"));

  /* A name that is free again is given again, but a number is not. */
  third = g_object_ref (add (world, "ws://127.0.0.1/b"));
  add (world, "ws://127.0.0.1/b");
  g_assert_true (wsm_pool_remove (world->pool, third));
  g_assert_null (wsm_pool_lookup (world->pool, "ws://127.0.0.1/b"));
  g_assert_cmpstr (wsm_connection_get_name (add (world, "ws://127.0.0.1/b")), ==,
                   "ws://127.0.0.1/b");
  g_assert_true (wsm_pool_remove (world->pool,
                                  wsm_pool_lookup (world->pool, "ws://127.0.0.1/b #2")));
  g_assert_cmpstr (wsm_connection_get_name (add (world, "ws://127.0.0.1/b")), ==,
                   "ws://127.0.0.1/b #3");

  /* The pool's choice holds while it is in the pool: back again, it gets another one. */
  g_assert_true (wsm_pool_add_connection (world->pool, third, NULL));
  g_assert_cmpstr (wsm_connection_get_name (third), ==, "ws://127.0.0.1/b #4");
  g_assert_true (wsm_pool_lookup (world->pool, "ws://127.0.0.1/b #4") == third);

  /* Names of the app's own. */
  named = g_object_new (WSM_TYPE_CONNECTION, "uri", "ws://127.0.0.1/c", "name", "prices", NULL);
  taken = g_object_new (WSM_TYPE_CONNECTION, "uri", "ws://127.0.0.1/d", "name", "prices", NULL);
  g_assert_true (wsm_pool_add_connection (world->pool, named, NULL));
  g_assert_false (wsm_pool_add_connection (world->pool, taken, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_NAME_TAKEN);
  g_assert_null (wsm_connection_get_heartbeat (taken));
  g_assert_true (wsm_pool_remove (world->pool, named));
  g_assert_true (wsm_pool_add_connection (world->pool, taken, NULL));
  g_assert_true (wsm_pool_lookup (world->pool, "prices") == taken);

  wsm_test_world_free (world);
}

static void
test_refuses (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autoptr (WsmPool) other = wsm_pool_new ();
  g_autoptr (WsmConnection) nameless = NULL;
  g_autoptr (WsmConnection) bad_origin = NULL;
  g_autoptr (WsmConnection) no_uri = wsm_connection_new (NULL);
  g_autoptr (GError) error = NULL;
  WsmConnection *feed = add (world, "ws://127.0.0.1/a");

  g_assert_null (wsm_pool_add (world->pool, "http://127.0.0.1/", &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_URI);
  g_clear_error (&error);
  g_assert_false (wsm_pool_add_connection (world->pool, no_uri, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_URI);
  g_clear_error (&error);
  g_assert_false (wsm_pool_add_connection (world->pool, feed, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_NOT_IN_POOL);
  g_clear_error (&error);
  g_assert_false (wsm_pool_add_connection (other, feed, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_NOT_IN_POOL);
  g_clear_error (&error);
  g_assert_false (wsm_pool_remove (other, feed));

  nameless = g_object_new (WSM_TYPE_CONNECTION, "uri", "ws://127.0.0.1/", "name", "", NULL);
  g_assert_false (wsm_pool_add_connection (world->pool, nameless, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING);
  g_clear_error (&error);
  bad_origin = g_object_new (WSM_TYPE_CONNECTION, "uri", "ws://127.0.0.1/", "origin", "nonsense",
                             NULL);
  g_assert_false (wsm_pool_add_connection (world->pool, bad_origin, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (world->pool)), ==, 1);

  wsm_test_world_free (world);
}

static void
test_figures (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (WsmConnection) failed = NULL;
  WsmConnection *feed;

  g_signal_connect (world->pool, "notify::n-items", G_CALLBACK (notify_cb), log);
  g_signal_connect (world->pool, "notify::n-open", G_CALLBACK (notify_cb), log);
  g_signal_connect (world->pool, "notify::n-failed", G_CALLBACK (notify_cb), log);
  feed = add (world, "ws://127.0.0.1/a");
  assert_log (log, "n-items=1");
  wsm_test_world_run_ms (world, 10);
  assert_log (log, "n-open=1");
  g_assert_true (wsm_connection_close (feed, 1000, NULL, NULL));
  assert_log (log, "n-open=0");
  wsm_test_world_run_ms (world, 10);
  peer->refusal = WSM_REASON_CODE_TLS;
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  assert_log (log, "n-failed=1");

  /* They go with whom they count, and come again. */
  failed = g_object_ref (feed);
  g_assert_true (wsm_pool_remove (world->pool, failed));
  assert_log (log, "n-items=0 n-failed=0");
  g_assert_true (wsm_pool_add_connection (world->pool, failed, NULL));
  assert_log (log, "n-items=1 n-failed=1");
  peer->refusal = WSM_REASON_CODE_NONE;
  wsm_connection_retry_now (failed);
  assert_log (log, "n-failed=0");
  wsm_test_world_run_ms (world, 10);
  assert_log (log, "n-open=1");
  g_object_run_dispose (G_OBJECT (failed));
  assert_log (log, "n-items=0 n-open=0");

  wsm_test_world_free (world);
}

static void
test_broadcasts_to_whoever_takes_it (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("1234", 4);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (wsm_pool_broadcast_text (world->pool, "all", &error), ==, 0);
  g_assert_no_error (error);
  for (guint i = 0; i < 3; i++)
    add (world, "ws://127.0.0.1/a");
  wsm_test_world_run_ms (world, 10);
  wsm_connection_set_queue_while_closed (add (world, "ws://127.0.0.1/b"), TRUE);
  add (world, "ws://127.0.0.1/c");
  g_assert_cmpuint (wsm_pool_broadcast_text (world->pool, "all", NULL), ==, 4);
  g_assert_cmpuint (wsm_pool_broadcast_bytes (world->pool, bytes), ==, 4);
  g_assert_cmpuint (wsm_pool_broadcast_text (world->pool, "\xff", &error), ==, 0);
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_TEXT);

  wsm_test_world_free (world);
}

static void
count_cb (WsmPool       *pool,
          WsmConnection *connection,
          guint         *n)
{
  (*n)++;
}

static void
test_tells_of_states_and_messages (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  guint n_states = 0;
  guint n_messages = 0;

  g_signal_connect (world->pool, "connection-state-changed", G_CALLBACK (count_cb), &n_states);
  add (world, "ws://127.0.0.1/a");
  add (world, "ws://127.0.0.1/a");
  wsm_test_world_run_ms (world, 10);
  g_assert_cmpuint (n_states, ==, 4);
  g_signal_handlers_disconnect_by_func (world->pool, count_cb, &n_states);
  g_signal_connect_swapped (world->pool, "message", G_CALLBACK (g_atomic_int_inc), &n_messages);
  wsm_test_peer_say (peer, "hello");
  wsm_test_world_run_ms (world, 10);
  g_assert_cmpuint (n_messages, ==, 2);

  wsm_test_world_free (world);
}

/* Settings. */

static void
test_equal_values_do_not_notify (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmPool *pool = world->pool;
  WsmConnection *feed = add (world, "ws://127.0.0.1/a");
  static const char * const greetings[] = { "hello", NULL };
  g_autoptr (GString) log = g_string_new (NULL);
  GObject *objects[2] = { G_OBJECT (pool), G_OBJECT (feed) };

  wsm_test_world_run_ms (world, 10);
  wsm_connection_set_greetings (feed, greetings);
  g_signal_connect (pool, "notify", G_CALLBACK (notify_cb), log);
  g_signal_connect (feed, "notify", G_CALLBACK (notify_cb), log);
  for (guint o = 0; o < G_N_ELEMENTS (objects); o++)
    {
      GObjectClass *object_class = G_OBJECT_GET_CLASS (objects[o]);
      guint n = 0;
      g_autofree GParamSpec **pspecs = g_object_class_list_properties (object_class, &n);

      for (guint i = 0; i < n; i++)
        {
          g_auto (GValue) value = G_VALUE_INIT;

          if ((pspecs[i]->flags & G_PARAM_WRITABLE) == 0 ||
              (pspecs[i]->flags & G_PARAM_CONSTRUCT_ONLY) != 0)
            continue;
          g_value_init (&value, pspecs[i]->value_type);
          g_object_get_property (objects[o], pspecs[i]->name, &value);
          g_object_set_property (objects[o], pspecs[i]->name, &value);
        }
    }
  wsm_connection_resume (feed);
  assert_log (log, "");

  wsm_pool_set_max_handshakes (pool, 3);
  wsm_pool_set_max_handshakes_per_host (pool, 2);
  wsm_connection_set_close_timeout (feed, 1);
  assert_log (log, "max-handshakes=3 max-handshakes-per-host=2 close-timeout=1");

  wsm_test_world_free (world);
}

/* Closing all. */

typedef struct
{
  guint n_returned;
  gboolean ok;
  GError *error; /* (owned) (nullable) */
} Answer;

static void
closed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Answer *answer = user_data;

  answer->n_returned++;
  answer->ok = wsm_pool_close_finish (WSM_POOL (object), result, &answer->error);
}

static void
test_close_is_polite (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  Answer answer = { 0 };

  /* With nobody in it. */
  wsm_pool_close_async (world->pool, 0, NULL, closed_cb, &answer);
  wsm_test_world_run_ms (world, 0);
  g_assert_true (answer.ok);

  wsm_test_world_bring_to (world, "/i", WSM_STATE_IDLE);
  wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  wsm_test_world_bring_to (world, "/c", WSM_STATE_CONNECTING);
  wsm_test_world_bring_to (world, "/w", WSM_STATE_WAITING);
  g_string_truncate (world->log, 0);
  wsm_pool_close_async (world->pool, 0, NULL, closed_cb, &answer);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (answer.n_returned, ==, 1);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (answer.n_returned, ==, 2);
  g_assert_true (answer.ok);
  g_assert_cmpuint (peer->closed_with, ==, 1001);
  wsm_test_world_assert_log (world, "CLOSING CLOSED closed CLOSED closed CLOSED disconnected "
                                    "closed");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (world->pool)), ==, 4);

  wsm_test_world_free (world);
}

static void
test_close_has_a_deadline (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  Answer first = { 0 };
  Answer second = { 0 };

  wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  peer->mute = TRUE;
  wsm_pool_close_async (world->pool, 1000, NULL, closed_cb, &first);
  wsm_test_world_run_ms (world, 100);
  /* The earlier deadline holds for both. */
  wsm_pool_close_async (world->pool, 500, NULL, closed_cb, &second);
  wsm_test_world_run_ms (world, 499);
  g_assert_cmpuint (first.n_returned, ==, 0);
  wsm_test_world_run_ms (world, 1);
  g_assert_error (first.error, WSM_ERROR, WSM_ERROR_TIMED_OUT);
  g_assert_error (second.error, WSM_ERROR, WSM_ERROR_TIMED_OUT);
  g_clear_error (&first.error);
  g_clear_error (&second.error);
  wsm_test_world_assert_log (world, "CLOSING CLOSED disconnected closed");
  wsm_test_world_run_ms (world, 10000);
  g_assert_cmpuint (first.n_returned, ==, 1);

  wsm_test_world_free (world);
}

static void
test_close_may_be_cancelled (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Answer answer = { 0 };
  Answer other = { 0 };

  wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  peer->mute = TRUE;
  wsm_pool_close_async (world->pool, 0, cancellable, closed_cb, &answer);
  wsm_pool_close_async (world->pool, 0, NULL, closed_cb, &other);
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CLOSING");
  g_cancellable_cancel (cancellable);
  wsm_test_world_run_ms (world, 0);
  wsm_test_world_assert_log (world, "CLOSED disconnected closed");
  g_assert_error (answer.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (other.n_returned, ==, 1);
  g_clear_error (&answer.error);
  g_clear_error (&other.error);

  wsm_test_world_free (world);
}

/* A second one has its own cancellable. */
static void
test_each_close_may_be_cancelled (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  g_autoptr (GCancellable) first_cancellable = g_cancellable_new ();
  g_autoptr (GCancellable) second_cancellable = g_cancellable_new ();
  Answer first = { 0 };
  Answer second = { 0 };

  wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  peer->mute = TRUE;
  wsm_pool_close_async (world->pool, 0, first_cancellable, closed_cb, &first);
  wsm_pool_close_async (world->pool, 0, second_cancellable, closed_cb, &second);
  g_cancellable_cancel (second_cancellable);
  wsm_test_world_run_ms (world, 0);
  wsm_test_world_assert_log (world, "CLOSING CLOSED disconnected closed");
  g_assert_error (second.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (first.n_returned, ==, 1);
  g_clear_error (&first.error);
  g_clear_error (&second.error);

  wsm_test_world_free (world);
}

static void
open_again_cb (WsmConnection *connection,
               gpointer       user_data)
{
  wsm_connection_open (connection, NULL);
}

/* What the app opens again is not part of it. */
static void
test_close_ends_though_the_app_opens (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  Answer answer = { 0 };

  g_signal_connect (feed, "closed", G_CALLBACK (open_again_cb), NULL);
  wsm_pool_close_async (world->pool, 0, NULL, closed_cb, &answer);
  wsm_test_world_run_ms (world, 10);
  g_assert_true (answer.ok);
  wsm_test_world_assert_log (world, "CLOSING CLOSED disconnected closed CONNECTING OPEN reopened");

  wsm_test_world_free (world);
}

/* No step may take longer for one the more there are. */
static void
test_thousands_of_one_uri (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autoptr (GTimer) timer = g_timer_new ();
  const guint n = 10000;
  Answer answer = { 0 };

  for (guint i = 0; i < n; i++)
    add (world, "ws://127.0.0.1/a");
  g_assert_nonnull (wsm_pool_lookup (world->pool, "ws://127.0.0.1/a #10000"));
  g_test_message ("%u added: %.1f ms", n, g_timer_elapsed (timer, NULL) * 1000);
  wsm_test_world_run_ms (world, 5000);
  g_assert_cmpuint (wsm_pool_get_n_open (world->pool), ==, n);
  g_test_message ("and open: %.1f ms", g_timer_elapsed (timer, NULL) * 1000);
  wsm_pool_close_async (world->pool, 0, NULL, closed_cb, &answer);
  wsm_test_world_run_ms (world, 10);
  g_assert_true (answer.ok);
  g_test_message ("and closed: %.1f ms", g_timer_elapsed (timer, NULL) * 1000);
  g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 60.0);

  wsm_test_world_free (world);
}

/* Handshakes are paced by host; those on loopback are not. */
static void
test_paces_handshakes (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  peer->latency_us = 50 * 1000;
  for (guint i = 0; i < 5; i++)
    add (world, "ws://example.com/a");
  wsm_test_world_run_ms (world, 99);
  g_assert_cmpuint (peer->n_attempts, ==, 1);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (peer->n_attempts, ==, 2);
  wsm_test_world_run_ms (world, 400);
  g_assert_cmpuint (wsm_pool_get_n_open (world->pool), ==, 5);

  for (guint i = 0; i < 20; i++)
    add (world, "ws://localhost/a");
  peer->n_attempts = 0;
  wsm_test_world_run_ms (world, 99);
  g_assert_cmpuint (peer->n_attempts, ==, 16);
  wsm_test_world_run_ms (world, 101);
  g_assert_cmpuint (wsm_pool_get_n_open (world->pool), ==, 25);

  wsm_test_world_free (world);
}

/* Hosts that accept and never answer do not keep another one waiting. */
static void
test_silent_hosts_delay_nobody (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *silent = wsm_test_world_get_peer (world, "/silent");
  WsmConnection *healthy;

  silent->stall = TRUE;
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *uri = g_strdup_printf ("ws://10.0.0.%u/silent", i);

      add (world, uri);
      wsm_test_world_run_ms (world, 20);
    }
  healthy = add (world, "ws://example.com/healthy");
  wsm_test_world_run_ms (world, 499);
  g_assert_cmpint (wsm_connection_get_state (healthy), ==, WSM_STATE_OPEN);

  wsm_test_world_free (world);
}

/* Where memory is collected, that is how a program lets go of a pool at once. */
static void
test_disposed_pools_have_no_session (void)
{
  g_autoptr (WsmPool) pool = wsm_pool_new ();
  GWeakRef session;

  g_weak_ref_init (&session, wsm_pool_get_session (pool));
  g_object_run_dispose (G_OBJECT (pool));
  g_assert_null (g_weak_ref_get (&session));
  g_assert_null (wsm_pool_get_session (pool));
  g_weak_ref_clear (&session);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/pool/is-a-list", test_is_a_list);
  g_test_add_func ("/pool/names", test_names);
  g_test_add_func ("/inputs/65-one-uri-ten-thousand-times", test_thousands_of_one_uri);
  g_test_add_func ("/pool/refuses", test_refuses);
  g_test_add_func ("/pool/figures", test_figures);
  g_test_add_func ("/pool/broadcasts-to-whoever-takes-it", test_broadcasts_to_whoever_takes_it);
  g_test_add_func ("/pool/tells-of-states-and-messages", test_tells_of_states_and_messages);
  g_test_add_func ("/pool/equal-values-do-not-notify", test_equal_values_do_not_notify);
  g_test_add_func ("/pool/close-is-polite", test_close_is_polite);
  g_test_add_func ("/pool/close-has-a-deadline", test_close_has_a_deadline);
  g_test_add_func ("/pool/close-may-be-cancelled", test_close_may_be_cancelled);
  g_test_add_func ("/pool/each-close-may-be-cancelled", test_each_close_may_be_cancelled);
  g_test_add_func ("/pool/close-ends-though-the-app-opens", test_close_ends_though_the_app_opens);
  g_test_add_func ("/pool/disposed-pools-have-no-session", test_disposed_pools_have_no_session);
  g_test_add_func ("/pool/paces-handshakes", test_paces_handshakes);
  g_test_add_func ("/pool/silent-hosts-delay-nobody", test_silent_hosts_delay_nobody);

  return g_test_run ();
}
