/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include "scene.h"
#include "test-loop.h"

/* Sockets and attempts that end: in which state, for which reason, with what said, how often. */

/* One way in which an open connection ends, and what is to be told of it. */
typedef struct
{
  const char *name;
  const char *log;
  guint close_code; /* sent by the server; 0: no close frame */
  gboolean reset;
  WsmReasonCode code;
  guint told_close_code;
} Loss;

#define LOG_RETRY "WAITING disconnected+"
#define LOG_CLOSED "CLOSING CLOSED disconnected closed"
#define LOG_FAILED "FAILED disconnected failed"

static const Loss losses[] = {
  { "end-of-stream", LOG_RETRY, 0, FALSE, WSM_REASON_CODE_END_OF_STREAM, 1006 },
  { "reset", LOG_RETRY, 0, TRUE, WSM_REASON_CODE_RESET, 0 },
  { "close-1000", LOG_CLOSED, 1000, FALSE, WSM_REASON_CODE_PEER_CLOSED, 1000 },
  { "close-1001", LOG_RETRY, 1001, FALSE, WSM_REASON_CODE_PEER_CLOSED, 1001 },
  { "close-1003", LOG_FAILED, 1003, FALSE, WSM_REASON_CODE_PEER_CLOSED, 1003 },
  { "close-1008", LOG_FAILED, 1008, FALSE, WSM_REASON_CODE_PEER_CLOSED, 1008 },
  { "close-1011", LOG_RETRY, 1011, FALSE, WSM_REASON_CODE_PEER_CLOSED, 1011 },
  { "close-1012", LOG_RETRY, 1012, FALSE, WSM_REASON_CODE_PEER_CLOSED, 1012 },
  { "close-1013", LOG_RETRY, 1013, FALSE, WSM_REASON_CODE_PEER_CLOSED, 1013 },
  { "close-4000", LOG_FAILED, 4000, FALSE, WSM_REASON_CODE_PEER_CLOSED, 4000 },
};

static void
test_open_socket_ends (gconstpointer data)
{
  const Loss *loss = data;
  Scene *scene = scene_new ();
  WsmEchoPath *path = scene_add_path (scene, "/a");
  g_autoptr (Witness) other = NULL;
  g_autoptr (Witness) witness = NULL;
  const WsmReason *reason;
  gint64 before_us;
  gboolean retries = g_str_equal (loss->log, LOG_RETRY);

  g_object_set (path, "reset", loss->reset, NULL);
  scene_add_path (scene, "/other");
  other = scene_open (scene, "/other");
  witness = scene_open (scene, "/a");

  before_us = g_get_monotonic_time ();
  if (loss->close_code == 0)
    wsm_echo_path_drop_all (path);
  else
    wsm_echo_path_close_all (path, loss->close_code, "so it is");
  WAIT_FOR (witness->n_disconnected == 1 && (retries || witness->n_ended == 1));
  g_assert_cmpfloat (test_loop_ms_since (before_us), <, SCENE_SLACK_MS);

  witness_assert_log (witness, loss->log);
  reason = witness->reason;
  g_assert_cmpint (wsm_reason_get_code (reason), ==, loss->code);
  g_assert_cmpuint (wsm_reason_get_close_code (reason), ==, loss->told_close_code);
  g_assert_cmpuint (wsm_connection_get_close_code (witness->connection), ==,
                    loss->told_close_code);
  g_assert_cmpstr (wsm_connection_get_close_reason (witness->connection), ==,
                   loss->close_code != 0 ? "so it is" : NULL);
  g_assert_nonnull (wsm_connection_get_error (witness->connection));

  if (retries)
    {
      g_assert_cmpuint (wsm_reason_get_attempt (reason), ==, 2);
      g_assert_cmpuint (wsm_reason_get_delay (reason), >=, 100);
      g_assert_cmpuint (wsm_reason_get_delay_bound (reason), ==,
                        loss->close_code == 1013 ? 200 : 100);
      g_assert_cmpint (wsm_connection_get_next_retry_at (witness->connection), >, before_us);
      WAIT_FOR (witness->n_opened == 2);
      witness_assert_log (witness, "CONNECTING OPEN reopened");
      g_assert_cmpuint (wsm_connection_get_n_reconnects (witness->connection), ==, 1);
    }
  else
    {
      g_assert_cmpuint (wsm_reason_get_attempt (reason), ==, 0);
      g_assert_cmpint (wsm_connection_get_next_retry_at (witness->connection), ==, 0);
      test_loop_run_ms (250);
      witness_assert_log (witness, "");
      g_assert_cmpuint (scene_get (path, "n-handshakes"), ==, 1);

      /* The end is not for ever. */
      wsm_connection_open (witness->connection, NULL);
      WAIT_FOR (witness->n_opened == 2);
      witness_assert_log (witness, "CONNECTING OPEN reopened");
    }

  witness_assert_log (other, "");
  g_assert_true (witness_is_in (other, WSM_STATE_OPEN));
  scene_free (scene);
}

static void
test_gives_up (void)
{
  Scene *scene = scene_new ();
  WsmEchoPath *path = scene_add_path (scene, "/a");
  g_autoptr (WsmBackoff) backoff = NULL;
  g_autoptr (Witness) witness = NULL;

  backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 100, "max", 100, "max-attempts", 3, NULL);
  g_object_set (path, "refuse", 500, NULL);
  witness = scene_add (scene, "/a");
  wsm_connection_set_backoff (witness->connection, backoff);
  WAIT_FOR (witness->n_ended == 1);
  witness_assert_log (witness,
                      "CONNECTING WAITING CONNECTING WAITING CONNECTING FAILED failed");
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (witness->connection)), ==,
                   WSM_REASON_CODE_GAVE_UP);
  g_assert_error (wsm_connection_get_error (witness->connection), WSM_ERROR, WSM_ERROR_GAVE_UP);
  g_assert_cmpuint (scene_get (path, "n-handshakes"), ==, 3);
  scene_free (scene);
}

/* A server that accepts and hangs up at once must not be asked ever faster. */
static void
test_backoff_grows (void)
{
  Scene *scene = scene_new ();
  WsmEchoPath *path = scene_add_path (scene, "/a");
  g_autoptr (WsmBackoff) backoff = NULL;
  g_autoptr (Witness) witness = NULL;

  backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 100, "max", 10000, NULL);
  g_object_set (path, "close-code", 1012, NULL);
  witness = scene_add (scene, "/a");
  wsm_connection_set_backoff (witness->connection, backoff);
  for (guint i = 0; i < 4; i++)
    {
      WAIT_FOR (witness->n_disconnected == i + 1);
      g_assert_cmpuint (wsm_reason_get_delay_bound (witness->reason), ==, 100u << i);
      g_assert_cmpuint (wsm_reason_get_attempt (witness->reason), ==, i + 2);
      wsm_connection_retry_now (witness->connection);
    }
  wsm_connection_abort (witness->connection);
  g_assert_cmpuint (witness->n_ended, ==, 1);
  scene_free (scene);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (losses); i++)
    {
      g_autofree char *name = g_strconcat ("/losses/", losses[i].name, NULL);

      g_test_add_data_func (name, &losses[i], test_open_socket_ends);
    }
  g_test_add_func ("/losses/gives-up", test_gives_up);
  g_test_add_func ("/losses/backoff-grows-while-nothing-is-stable", test_backoff_grows);

  return g_test_run ();
}
