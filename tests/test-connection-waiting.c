/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"
#include "wsm-wait-list.h"

/* What somebody got who waited for something. */
typedef struct
{
  guint n_returned;
  gboolean ok;
  double number;
  GError *error; /* (owned) (nullable) */
  WsmState state;
} Answer;

static void
clear_answer (Answer *answer)
{
  g_clear_error (&answer->error);
  *answer = (Answer) { 0 };
}

static void
opened_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Answer *answer = user_data;

  answer->n_returned++;
  answer->ok = wsm_connection_open_finish (WSM_CONNECTION (object), result, &answer->error);
  answer->state = wsm_connection_get_state (WSM_CONNECTION (object));
}

static void
closed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Answer *answer = user_data;

  answer->n_returned++;
  answer->ok = wsm_connection_close_finish (WSM_CONNECTION (object), result, &answer->error);
  answer->state = wsm_connection_get_state (WSM_CONNECTION (object));
}

static void
pinged_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Answer *answer = user_data;

  answer->n_returned++;
  answer->number = wsm_connection_ping_finish (WSM_CONNECTION (object), result, &answer->error);
}

static void
test_open_outlasts_failures (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);
  Answer answer = { 0 };

  peer->refusal = WSM_REASON_CODE_REFUSED;
  wsm_connection_open_async (feed, NULL, opened_cb, &answer);
  wsm_test_world_run_ms (world, 2);
  wsm_connection_retry_now (feed);
  wsm_test_world_run_ms (world, 2);
  wsm_test_world_assert_log (world, "CONNECTING WAITING CONNECTING WAITING");
  g_assert_cmpuint (answer.n_returned, ==, 0);
  peer->refusal = WSM_REASON_CODE_NONE;
  wsm_connection_retry_now (feed);
  wsm_test_world_run_ms (world, 2);
  g_assert_cmpuint (answer.n_returned, ==, 1);
  g_assert_true (answer.ok);
  /* By then it can be used. */
  g_assert_cmpint (answer.state, ==, WSM_STATE_OPEN);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");

  /* Open already. */
  clear_answer (&answer);
  wsm_connection_open_async (feed, NULL, opened_cb, &answer);
  wsm_test_world_run_ms (world, 0);
  g_assert_true (answer.ok);

  wsm_test_world_free (world);
}

static void
test_open_ends_with_the_connection (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  g_autoptr (WsmConnection) feed = NULL;
  Answer answer = { 0 };

  feed = g_object_ref (wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE));
  peer->refusal = WSM_REASON_CODE_TLS;
  wsm_connection_open_async (feed, NULL, opened_cb, &answer);
  wsm_test_world_run_ms (world, 2);
  g_assert_cmpuint (answer.n_returned, ==, 1);
  g_assert_false (answer.ok);
  g_assert_error (answer.error, wsm_connection_get_error (feed)->domain,
                  wsm_connection_get_error (feed)->code);
  clear_answer (&answer);

  peer->refusal = WSM_REASON_CODE_NONE;
  wsm_connection_open_async (feed, NULL, opened_cb, &answer);
  wsm_connection_abort (feed);
  wsm_test_world_run_ms (world, 2);
  g_assert_cmpuint (answer.n_returned, ==, 1);
  g_assert_error (answer.error, WSM_ERROR, WSM_ERROR_ABORTED);
  clear_answer (&answer);

  wsm_connection_open_async (feed, NULL, opened_cb, &answer);
  g_assert_true (wsm_pool_remove (world->pool, feed));
  wsm_test_world_run_ms (world, 2);
  g_assert_cmpuint (answer.n_returned, ==, 1);
  g_assert_error (answer.error, WSM_ERROR, WSM_ERROR_ABORTED);
  clear_answer (&answer);

  wsm_connection_open_async (feed, NULL, opened_cb, &answer);
  wsm_test_world_run_ms (world, 2);
  g_assert_error (answer.error, WSM_ERROR, WSM_ERROR_NOT_IN_POOL);
  clear_answer (&answer);
  g_string_truncate (world->log, 0);

  wsm_test_world_free (world);
}

static void
test_cancelling_ends_only_the_wait (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Answer cancelled = { 0 };
  Answer other = { 0 };

  wsm_connection_open_async (feed, cancellable, opened_cb, &cancelled);
  wsm_connection_open_async (feed, NULL, opened_cb, &other);
  g_cancellable_cancel (cancellable);
  wsm_test_world_run_ms (world, 1);
  g_assert_error (cancelled.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (other.n_returned, ==, 0);
  wsm_test_world_run_ms (world, 1);
  g_assert_true (other.ok);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");
  clear_answer (&cancelled);

  /* Cancelled before it was asked for. */
  wsm_connection_ping_async (feed, cancellable, pinged_cb, &cancelled);
  wsm_test_world_run_ms (world, 10);
  g_assert_error (cancelled.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  clear_answer (&cancelled);

  g_cancellable_reset (cancellable);
  peer->mute = TRUE;
  wsm_connection_close_async (feed, 1000, NULL, cancellable, closed_cb, &cancelled);
  g_cancellable_cancel (cancellable);
  wsm_test_world_run_ms (world, 10);
  g_assert_error (cancelled.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  wsm_test_world_assert_log (world, "CLOSING");
  wsm_test_world_run_ms (world, 2000);
  wsm_test_world_assert_log (world, "CLOSED disconnected closed");
  clear_answer (&cancelled);

  wsm_test_world_free (world);
}

static void
test_close_waits_for_the_end (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  Answer first = { 0 };
  Answer second = { 0 };

  peer->latency_us = 100 * 1000;
  wsm_connection_close_async (feed, 1000, NULL, NULL, closed_cb, &first);
  wsm_connection_close_async (feed, 1001, NULL, NULL, closed_cb, &second);
  wsm_test_world_run_ms (world, 199);
  g_assert_cmpuint (first.n_returned, ==, 0);
  wsm_test_world_run_ms (world, 1);
  g_assert_true (first.ok);
  g_assert_true (second.ok);
  g_assert_cmpint (first.state, ==, WSM_STATE_CLOSED);
  g_assert_cmpuint (peer->closed_with, ==, 1000);
  wsm_test_world_assert_log (world, "CLOSING CLOSED disconnected closed");

  /* Closed already; and what cannot be sent. */
  clear_answer (&first);
  wsm_connection_close_async (feed, 1000, NULL, NULL, closed_cb, &first);
  wsm_test_world_run_ms (world, 0);
  g_assert_true (first.ok);
  clear_answer (&first);
  wsm_connection_close_async (feed, 99, NULL, NULL, closed_cb, &first);
  wsm_test_world_run_ms (world, 0);
  g_assert_error (first.error, WSM_ERROR, WSM_ERROR_INVALID_CLOSE);
  clear_answer (&first);

  wsm_test_world_free (world);
}

static void
close_again_cb (WsmPool       *pool,
                WsmConnection *connection,
                gpointer       user_data)
{
  if (wsm_connection_get_state (connection) == WSM_STATE_CONNECTING)
    wsm_connection_abort (connection);
}

/* Opening while closing cuts the old life short; who waits for the new one is told of that. */
static void
test_open_while_closing (void)
{
  for (guint ends = 0; ends <= 1; ends++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_CLOSING);
      Answer closed = { 0 };
      Answer opened = { 0 };

      if (ends)
        g_signal_connect (world->pool, "connection-state-changed", G_CALLBACK (close_again_cb),
                          NULL);
      wsm_connection_close_async (feed, 1000, NULL, NULL, closed_cb, &closed);
      wsm_connection_open_async (feed, NULL, opened_cb, &opened);
      wsm_test_world_run_ms (world, 10);
      g_assert_true (closed.ok);
      g_assert_cmpuint (opened.n_returned, ==, 1);
      if (ends)
        {
          g_assert_error (opened.error, WSM_ERROR, WSM_ERROR_ABORTED);
          wsm_test_world_assert_log (world, "CLOSED disconnected closed CONNECTING CLOSED closed");
        }
      else
        {
          g_assert_true (opened.ok);
          wsm_test_world_assert_log (world, "CLOSED disconnected closed CONNECTING OPEN reopened");
        }
      clear_answer (&opened);

      wsm_test_world_free (world);
    }
}

static void
test_ping_is_shared (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  Answer first = { 0 };
  Answer second = { 0 };

  peer->latency_us = 50 * 1000;
  wsm_connection_ping_async (feed, NULL, pinged_cb, &first);
  wsm_test_world_run_ms (world, 40);
  wsm_connection_ping_async (feed, NULL, pinged_cb, &second);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  wsm_test_world_run_ms (world, 59);
  g_assert_cmpuint (first.n_returned, ==, 0);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpfloat_with_epsilon (first.number, 100.0, 0.001);
  g_assert_cmpfloat_with_epsilon (second.number, 100.0, 0.001);
  /* It is no beat. */
  g_assert_cmpuint (wsm_connection_get_n_beats_sent (feed), ==, 0);
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (feed), ==, 0);

  wsm_connection_ping_async (feed, NULL, pinged_cb, &first);
  g_assert_cmpuint (peer->n_pings, ==, 2);
  wsm_test_world_run_ms (world, 100);
  g_assert_cmpuint (first.n_returned, ==, 2);

  wsm_test_world_free (world);
}

static void
test_ping_may_fail (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  Answer answer = { 0 };

  /* The heartbeat's time-out is 300 ms. */
  peer->mute = TRUE;
  wsm_connection_ping_async (feed, NULL, pinged_cb, &answer);
  wsm_test_world_run_ms (world, 299);
  g_assert_cmpuint (answer.n_returned, ==, 0);
  wsm_test_world_run_ms (world, 1);
  g_assert_error (answer.error, WSM_ERROR, WSM_ERROR_TIMED_OUT);
  g_assert_cmpfloat (answer.number, <, 0);
  wsm_test_world_assert_log (world, "");
  clear_answer (&answer);

  wsm_connection_ping_async (feed, NULL, pinged_cb, &answer);
  wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (world, 1);
  g_assert_error (answer.error, WSM_ERROR, WSM_ERROR_ABORTED);
  clear_answer (&answer);

  wsm_connection_ping_async (feed, NULL, pinged_cb, &answer);
  wsm_test_world_run_ms (world, 0);
  g_assert_error (answer.error, WSM_ERROR, WSM_ERROR_NOT_OPEN);
  clear_answer (&answer);
  wsm_test_world_assert_log (world, "WAITING disconnected+");

  wsm_test_world_free (world);
}

static void
remove_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  WsmTestWorld *world = user_data;

  g_assert_cmpfloat (wsm_connection_ping_finish (WSM_CONNECTION (object), result, NULL), >, 0);
  wsm_pool_remove (world->pool, WSM_CONNECTION (object));
}

/* The callbacks run code of the app, and that may do anything. */
static void
test_callback_may_remove (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  for (guint i = 0; i < 3; i++)
    wsm_connection_ping_async (feed, NULL, remove_cb, world);
  wsm_test_world_run_ms (world, 1000);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (world->pool)), ==, 0);
  wsm_test_world_assert_log (world, "");

  wsm_test_world_free (world);
}

/* The list behind all of these. */

static void
task_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  Answer *answer = user_data;

  answer->n_returned++;
  answer->ok = g_task_propagate_boolean (G_TASK (result), &answer->error);
}

static void
test_wait_list (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = g_error_new_literal (WSM_ERROR, WSM_ERROR_ABORTED, "over");
  WsmWaitList *list = NULL;
  Answer answers[5] = { { 0 } };

  g_main_context_push_thread_default (context);
  wsm_wait_list_return (&list, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    wsm_wait_list_add (&list, g_task_new (NULL, i == 2 ? cancellable : NULL, task_cb, &answers[i]));

  /* One from the middle. */
  g_cancellable_cancel (cancellable);
  while (g_main_context_iteration (context, FALSE))
    continue;
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    g_assert_cmpuint (answers[i].n_returned, ==, i == 2 ? 1 : 0);
  g_assert_error (answers[2].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  /* All others, but not at once. */
  wsm_wait_list_return (&list, error);
  g_assert_null (list);
  g_assert_cmpuint (answers[0].n_returned, ==, 0);
  while (g_main_context_iteration (context, FALSE))
    continue;
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_assert_cmpuint (answers[i].n_returned, ==, 1);
      if (i != 2)
        g_assert_error (answers[i].error, WSM_ERROR, WSM_ERROR_ABORTED);
      clear_answer (&answers[i]);
    }

  wsm_wait_list_add (&list, g_task_new (NULL, NULL, task_cb, &answers[0]));
  wsm_wait_list_return (&list, NULL);
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_assert_true (answers[0].ok);

  g_main_context_pop_thread_default (context);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/connection-waiting/open-outlasts-failures", test_open_outlasts_failures);
  g_test_add_func ("/connection-waiting/open-ends-with-the-connection",
                   test_open_ends_with_the_connection);
  g_test_add_func ("/connection-waiting/cancelling-ends-only-the-wait",
                   test_cancelling_ends_only_the_wait);
  g_test_add_func ("/connection-waiting/close-waits-for-the-end", test_close_waits_for_the_end);
  g_test_add_func ("/connection-waiting/open-while-closing", test_open_while_closing);
  g_test_add_func ("/connection-waiting/ping-is-shared", test_ping_is_shared);
  g_test_add_func ("/connection-waiting/ping-may-fail", test_ping_may_fail);
  g_test_add_func ("/connection-waiting/callback-may-remove", test_callback_may_remove);
  g_test_add_func ("/connection-waiting/wait-list", test_wait_list);

  return g_test_run ();
}
