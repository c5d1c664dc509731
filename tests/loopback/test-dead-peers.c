/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include "child-server.h"
#include "scene.h"
#include "test-loop.h"

/* Peers that fall silent without a word, and peers that are killed. */

/* How a beat is made, so that each kind of verdict meets a peer that is really gone. */
typedef struct
{
  const char *path;
  WsmHeartbeatMode mode;
  guint interval;
  guint timeout;
  guint max_missed;
  double jitter;
  WsmLiveness liveness;
} Rhythm;

static const Rhythm rhythms[] = {
  { "/ping", WSM_HEARTBEAT_MODE_PING, 200, 100, 2, 0, WSM_LIVENESS_ANY_TRAFFIC },
  { "/jitter", WSM_HEARTBEAT_MODE_PING, 200, 100, 2, 0.3, WSM_LIVENESS_ANY_TRAFFIC },
  { "/once", WSM_HEARTBEAT_MODE_PING, 250, 150, 1, 0, WSM_LIVENESS_ANY_TRAFFIC },
  { "/patient", WSM_HEARTBEAT_MODE_PING, 100, 350, 2, 0, WSM_LIVENESS_ANY_TRAFFIC },
  { "/strict", WSM_HEARTBEAT_MODE_PING, 200, 100, 3, 0, WSM_LIVENESS_STRICT },
  { "/text", WSM_HEARTBEAT_MODE_TEXT, 200, 100, 2, 0, WSM_LIVENESS_ANY_TRAFFIC },
  { "/binary", WSM_HEARTBEAT_MODE_BINARY, 200, 100, 2, 0, WSM_LIVENESS_ANY_TRAFFIC },
};

#define N_RHYTHMS G_N_ELEMENTS (rhythms)

static WsmHeartbeat *
make_heartbeat (const Rhythm *rhythm)
{
  g_autoptr (GBytes) payload_bytes = g_bytes_new_static ("beat", 4);

  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "mode", rhythm->mode,
                       "interval", rhythm->interval,
                       "timeout", rhythm->timeout,
                       "max-missed", rhythm->max_missed,
                       "jitter", rhythm->jitter,
                       "liveness", rhythm->liveness,
                       "payload", "beat",
                       "payload-bytes", payload_bytes,
                       "reply-match", WSM_REPLY_MATCH_EXACT,
                       "reply", "beat",
                       "hide-reply", TRUE,
                       NULL);
}

static gboolean
have_beaten (Witness **witnesses,
             guint     n_times)
{
  for (guint i = 0; i < N_RHYTHMS; i++)
    if (witnesses[i]->n_beats < n_times)
      return FALSE;

  return TRUE;
}

static gboolean
are_disconnected (Witness **witnesses)
{
  for (guint i = 0; i < N_RHYTHMS; i++)
    if (witnesses[i]->n_disconnected == 0)
      return FALSE;

  return TRUE;
}

/* No attempt disturbs the count of sockets. */
static void
pause_cb (WsmConnection *connection)
{
  wsm_connection_pause (connection);
}

static void
check_verdict (Witness      *witness,
               const Rhythm *rhythm,
               WsmHeartbeat *heartbeat,
               gint64        stopped_us)
{
  double detection_ms = (double) (witness->disconnected_us - witness->life_us) / 1000.0;
  double bound_ms = wsm_heartbeat_worst_case_detection (heartbeat) + 100;
  gint64 verdict_us = witness->entered_us[WSM_STATE_WAITING];

  g_test_message ("%s: noticed after %.0f ms of at most %.0f", rhythm->path, detection_ms,
                  bound_ms);
  g_assert_cmpfloat (detection_ms, <=, bound_ms);
  /* Nor may it be rash. */
  g_assert_cmpfloat (detection_ms, >=, rhythm->timeout);

  witness_assert_log (witness, "SUSPECT WAITING disconnected+");
  g_assert_cmpint (witness->entered_us[WSM_STATE_SUSPECT], >, stopped_us);
  if (rhythm->max_missed > 1)
    g_assert_cmpint (verdict_us - witness->entered_us[WSM_STATE_SUSPECT], >,
                     rhythm->timeout * 900);
  g_assert_cmpint (witness->disconnected_us - verdict_us, <, 50 * 1000);

  g_assert_cmpint (wsm_reason_get_code (witness->reason), ==, WSM_REASON_CODE_HEARTBEAT_LOST);
  g_assert_cmpuint (wsm_reason_get_n_missed (witness->reason), ==, rhythm->max_missed);
  g_assert_cmpuint (wsm_reason_get_max_missed (witness->reason), ==, rhythm->max_missed);
  g_assert_cmpfloat_with_epsilon (wsm_reason_get_silence (witness->reason), detection_ms, 50);
  g_assert_error (wsm_connection_get_error (witness->connection), WSM_ERROR,
                  WSM_ERROR_HEARTBEAT_LOST);
}

static void
test_stopped (void)
{
  g_autoptr (ChildServer) server = NULL;
  const char *greetings[] = { "first", "second", NULL };
  WsmHeartbeat *heartbeats[N_RHYTHMS];
  Witness *witnesses[N_RHYTHMS];
  gint64 stopped_us;
  Scene *scene;

  server = child_server_new ("/ping", "/jitter", "/once", "/patient", "/strict", "/text",
                             "/binary", NULL);
  scene = scene_new ();
  for (guint i = 0; i < N_RHYTHMS; i++)
    {
      g_autofree char *uri = child_server_make_uri (server, rhythms[i].path);

      witnesses[i] = witness_new (scene_add_uri (scene, uri));
      heartbeats[i] = make_heartbeat (&rhythms[i]);
      wsm_connection_set_heartbeat (witnesses[i]->connection, heartbeats[i]);
      wsm_connection_set_greetings (witnesses[i]->connection, greetings);
      g_signal_connect (witnesses[i]->connection, "disconnected", G_CALLBACK (pause_cb), NULL);
    }
  WAIT_FOR (have_beaten (witnesses, 2));
  for (guint i = 0; i < N_RHYTHMS; i++)
    {
      witness_assert_log (witnesses[i], "CONNECTING OPEN opened");
      witness_forget (witnesses[i]);
    }

  stopped_us = g_get_monotonic_time ();
  child_server_stop (server);
  WAIT_FOR (are_disconnected (witnesses));
  for (guint i = 0; i < N_RHYTHMS; i++)
    check_verdict (witnesses[i], &rhythms[i], heartbeats[i], stopped_us);
  WAIT_WITHIN (test_loop_count_sockets () <= scene->n_sockets, SCENE_RELEASE_MS);

  child_server_continue (server);
  for (guint i = 0; i < N_RHYTHMS; i++)
    {
      g_autoptr (GError) error = NULL;

      wsm_connection_set_queue_while_closed (witnesses[i]->connection, TRUE);
      wsm_connection_send_text (witnesses[i]->connection, "queued", &error);
      g_assert_no_error (error);
      wsm_connection_resume (witnesses[i]->connection);
    }
  WAIT_FOR (have_beaten (witnesses, 1));
  for (guint i = 0; i < N_RHYTHMS; i++)
    {
      g_assert_cmpuint (witnesses[i]->n_disconnected, ==, 1);
      witness_assert_log (witnesses[i], "CONNECTING OPEN reopened");
      WAIT_FOR (witnesses[i]->messages->len >= 3);
      g_assert_cmpstr (witness_get_text (witnesses[i], 0), ==, "first");
      g_assert_cmpstr (witness_get_text (witnesses[i], 1), ==, "second");
      g_assert_cmpstr (witness_get_text (witnesses[i], 2), ==, "queued");
      witness_free (witnesses[i]);
      g_object_unref (heartbeats[i]);
    }
  scene_free (scene);
}

static void
test_stopped_for_a_moment (void)
{
  g_autoptr (ChildServer) server = child_server_new ("/a", NULL);
  g_autofree char *uri = child_server_make_uri (server, "/a");
  g_autoptr (WsmHeartbeat) heartbeat = scene_make_beat (250, 150);
  g_autoptr (Witness) witness = NULL;
  Scene *scene = scene_new ();

  wsm_pool_set_heartbeat (scene->pool, heartbeat);
  witness = scene_open_uri (scene, uri);
  WAIT_FOR (witness->n_beats == 1);
  child_server_stop (server);
  WAIT_FOR (witness_is_in (witness, WSM_STATE_SUSPECT));
  g_assert_cmpuint (wsm_connection_get_n_missed (witness->connection), ==, 1);
  child_server_continue (server);
  WAIT_FOR (witness_is_in (witness, WSM_STATE_OPEN));
  witness_assert_log (witness, "SUSPECT OPEN");
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (witness->connection)), ==,
                   WSM_REASON_CODE_ALIVE);
  g_assert_cmpuint (wsm_connection_get_n_missed (witness->connection), ==, 0);
  WAIT_FOR (witness->n_beats >= 3);
  witness_assert_log (witness, "");
  scene_free (scene);
}

static void
test_killed (void)
{
  g_autoptr (ChildServer) server = child_server_new ("/a", NULL);
  g_autofree char *uri = child_server_make_uri (server, "/a");
  const char *greetings[] = { "subscribe", NULL };
  g_autoptr (Witness) witness = NULL;
  g_autoptr (GError) error = NULL;
  Scene *scene = scene_new ();
  gint64 killed_us;

  witness = witness_new (scene_add_uri (scene, uri));
  wsm_connection_set_greetings (witness->connection, greetings);
  WAIT_FOR (witness->messages->len == 1);
  witness_assert_log (witness, "CONNECTING OPEN opened");

  child_server_kill (server);
  killed_us = g_get_monotonic_time ();
  WAIT_FOR (witness->n_disconnected == 1);
  g_assert_cmpfloat (test_loop_ms_since (killed_us), <, SCENE_SLACK_MS);
  witness_assert_log (witness, "WAITING disconnected+");
  g_assert_cmpint (wsm_reason_get_code (witness->reason), ==, WSM_REASON_CODE_END_OF_STREAM);
  g_assert_cmpuint (wsm_reason_get_close_code (witness->reason), ==, 1006);
  g_assert_false (wsm_connection_send_text (witness->connection, "lost", &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_NOT_OPEN);
  g_clear_error (&error);

  WAIT_FOR (wsm_connection_get_attempt (witness->connection) >= 3);
  g_assert_cmpuint (witness->n_disconnected, ==, 1);
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (witness->connection)), !=,
                   WSM_REASON_CODE_END_OF_STREAM);

  child_server_restart (server);
  WAIT_FOR (witness->messages->len == 2);
  g_assert_cmpuint (witness->n_opened, ==, 2);
  g_assert_cmpstr (witness_get_text (witness, 1), ==, "subscribe");
  scene_free (scene);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  child_server_set_program (argv[1]);

  g_test_add_func ("/dead-peers/stopped-is-noticed-in-time", test_stopped);
  g_test_add_func ("/dead-peers/stopped-for-a-moment-comes-back", test_stopped_for_a_moment);
  g_test_add_func ("/dead-peers/killed-and-back", test_killed);

  return g_test_run ();
}
