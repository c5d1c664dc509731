/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include <string.h>

#include "child-server.h"
#include "fault-scene.h"
#include "matrix.h"
#include "test-loop.h"
#include "test-process.h"

/* What ends a connection that is open, and what only looks like it. */

static const char *fault_server = NULL;

/* Which end of stream, and how it is to be told. */
typedef struct
{
  const char *row;
  const char *name;
  const char *path;
  gboolean uses_tls;
  WsmReasonCode code;
  guint close_code;
} Loss;

static const Loss losses[] = {
  { "F15", "/matrix/f15-reset/between-frames", "/rst?on=message", FALSE,
    WSM_REASON_CODE_RESET, 0 },
  { "F15", "/matrix/f15-reset/in-a-frame", "/rst-in-frame?on=message", FALSE,
    WSM_REASON_CODE_RESET, 0 },
  { "F16", "/matrix/f16-end-of-stream/between-frames", "/eof?on=message", FALSE,
    WSM_REASON_CODE_END_OF_STREAM, 1006 },
  { "F16", "/matrix/f16-end-of-stream/in-a-frame", "/eof-in-frame?on=message", FALSE,
    WSM_REASON_CODE_END_OF_STREAM, 1006 },
  { "F16", "/matrix/f16-end-of-stream/tls-between-frames", "/eof?on=message", TRUE,
    WSM_REASON_CODE_END_OF_STREAM, 1006 },
  { "F16", "/matrix/f16-end-of-stream/tls-in-a-frame", "/eof-in-frame?on=message", TRUE,
    WSM_REASON_CODE_END_OF_STREAM, 1006 },
};

static void
test_loss (FaultScene    *fixture,
           gconstpointer  data)
{
  const Loss *loss = data;
  WsmConnection *connection;
  double elapsed_ms;

  if (loss->uses_tls)
    fault_scene_use_tls (fixture);
  connection = fault_scene_open (fixture, loss->path)->connection;
  elapsed_ms = fault_scene_go_wrong (fixture);
  g_assert_cmpfloat (elapsed_ms, <, AT_ONCE_MS);
  witness_assert_log (fixture->witness, "WAITING disconnected+");
  fault_scene_assert_reason (fixture, loss->code);
  g_assert_cmpuint (wsm_reason_get_close_code (fixture->witness->reason), ==, loss->close_code);
  g_assert_cmpuint (wsm_connection_get_close_code (connection), ==, loss->close_code);
  g_assert_cmpuint (wsm_reason_get_attempt (fixture->witness->reason), ==, 2);
  g_assert_cmpuint (fixture->witness->messages->len, ==, 0);

  WAIT_FOR (fixture->witness->n_opened == 2);
  witness_assert_log (fixture->witness, "CONNECTING OPEN reopened");
  g_assert_cmpuint (wsm_connection_get_n_reconnects (connection), ==, 1);

  matrix_measured (loss->row, "%s: told once, after %.1f ms", strrchr (loss->name, '/') + 1,
                   elapsed_ms);
}

static void
test_goodbye (FaultScene    *fixture,
              gconstpointer  data)
{
  double elapsed_ms;

  fault_scene_open (fixture, "/close/1001?on=message&reason=off+to+bed");
  elapsed_ms = fault_scene_go_wrong (fixture);
  g_assert_cmpfloat (elapsed_ms, <, AT_ONCE_MS);
  witness_assert_log (fixture->witness, "WAITING disconnected+");
  fault_scene_assert_reason (fixture, WSM_REASON_CODE_PEER_CLOSED);
  g_assert_cmpuint (wsm_reason_get_close_code (fixture->witness->reason), ==, 1001);
  g_assert_cmpuint (fault_scene_get (fixture, "last-close-code"), ==, 1001);
  WAIT_FOR (fixture->witness->n_opened == 2);

  matrix_measured ("F17", "goodbye with 1001: told after %.1f ms, and back", elapsed_ms);
}

/* How a beat is made, so that each kind of verdict meets a peer that is really gone. */
typedef struct
{
  const char *name;
  WsmHeartbeatMode mode;
  guint interval;
  guint timeout;
  guint max_missed;
  double jitter;
  WsmLiveness liveness;
} Rhythm;

static const Rhythm rhythms[] = {
  { "ping", WSM_HEARTBEAT_MODE_PING, 200, 100, 2, 0, WSM_LIVENESS_ANY_TRAFFIC },
  { "jitter", WSM_HEARTBEAT_MODE_PING, 200, 100, 2, 0.3, WSM_LIVENESS_ANY_TRAFFIC },
  { "once", WSM_HEARTBEAT_MODE_PING, 250, 150, 1, 0, WSM_LIVENESS_ANY_TRAFFIC },
  { "patient", WSM_HEARTBEAT_MODE_PING, 100, 350, 2, 0, WSM_LIVENESS_ANY_TRAFFIC },
  { "strict", WSM_HEARTBEAT_MODE_PING, 200, 100, 3, 0, WSM_LIVENESS_STRICT },
  { "text", WSM_HEARTBEAT_MODE_TEXT, 200, 100, 2, 0, WSM_LIVENESS_ANY_TRAFFIC },
  { "binary", WSM_HEARTBEAT_MODE_BINARY, 200, 100, 2, 0, WSM_LIVENESS_ANY_TRAFFIC },
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
  double bound_ms = wsm_heartbeat_worst_case_detection (heartbeat) + DEADLINE_SLACK_MS;
  gint64 verdict_us = witness->entered_us[WSM_STATE_WAITING];

  g_test_message ("%s: noticed after %.0f ms of at most %.0f", rhythm->name, detection_ms,
                  bound_ms);
  g_assert_cmpfloat (detection_ms, <=, bound_ms);
  /* Nor may it be rash. */
  g_assert_cmpfloat (detection_ms, >=, rhythm->timeout);

  witness_assert_log (witness, "SUSPECT WAITING disconnected+");
  g_assert_cmpint (witness->entered_us[WSM_STATE_SUSPECT], >, stopped_us);
  if (rhythm->max_missed > 1)
    g_assert_cmpint (verdict_us - witness->entered_us[WSM_STATE_SUSPECT], >,
                     rhythm->timeout * 900);
  g_assert_cmpint (witness->disconnected_us - verdict_us, <, AT_ONCE_MS * 1000);

  g_assert_cmpint (wsm_reason_get_code (witness->reason), ==, WSM_REASON_CODE_HEARTBEAT_LOST);
  g_assert_cmpuint (wsm_reason_get_n_missed (witness->reason), ==, rhythm->max_missed);
  g_assert_cmpuint (wsm_reason_get_max_missed (witness->reason), ==, rhythm->max_missed);
  g_assert_cmpfloat_with_epsilon (wsm_reason_get_silence (witness->reason), detection_ms, 50);
  g_assert_error (wsm_connection_get_error (witness->connection), WSM_ERROR,
                  WSM_ERROR_HEARTBEAT_LOST);

  matrix_measured ("F18", "%s: noticed %.0f ms after the last sign of life, of %u; told %.1f ms "
                   "after the verdict", rhythm->name, detection_ms,
                   wsm_heartbeat_worst_case_detection (heartbeat),
                   (double) (witness->disconnected_us - verdict_us) / 1000.0);
}

static void
test_stopped (FaultScene    *fixture,
              gconstpointer  data)
{
  g_autoptr (ChildServer) server = child_server_new_from (fault_server);
  g_autofree char *uri = child_server_make_uri (server, "/echo");
  Scene *scene = fixture->scene;
  const char *greetings[] = { "first", "second", NULL };
  WsmHeartbeat *heartbeats[N_RHYTHMS];
  Witness *witnesses[N_RHYTHMS];
  gint64 stopped_us;

  for (guint i = 0; i < N_RHYTHMS; i++)
    {
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
  for (guint i = 0; i < N_RHYTHMS; i++)
    g_assert_true (wsm_connection_send_text (witnesses[i]->connection, "into the void", NULL));
  WAIT_FOR (are_disconnected (witnesses));
  for (guint i = 0; i < N_RHYTHMS; i++)
    check_verdict (witnesses[i], &rhythms[i], heartbeats[i], stopped_us);
  WAIT_WITHIN (test_process_count_sockets () <= scene->n_sockets, SCENE_RELEASE_MS);

  /* The server finds what was sent to it and answers, but nobody is there any more. */
  child_server_continue (server);
  test_loop_run_ms (200);
  for (guint i = 0; i < N_RHYTHMS; i++)
    {
      g_autoptr (GError) error = NULL;

      witness_assert_log (witnesses[i], "");
      g_assert_cmpuint (witnesses[i]->messages->len, ==, 0);

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
      wsm_pool_remove (scene->pool, witnesses[i]->connection);
      witness_free (witnesses[i]);
      g_object_unref (heartbeats[i]);
    }
}

static void
test_stopped_for_a_moment (FaultScene    *fixture,
                           gconstpointer  data)
{
  g_autoptr (ChildServer) server = child_server_new_from (fault_server);
  g_autofree char *uri = child_server_make_uri (server, "/echo");
  g_autoptr (WsmHeartbeat) heartbeat = scene_make_beat (250, 150);
  Witness *witness;

  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  witness = fault_scene_add_uri (fixture, uri);
  WAIT_FOR (witness->n_opened == 1);
  witness_assert_log (witness, "CONNECTING OPEN opened");
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

  matrix_measured ("F18", "stopped for one beat: suspected, and open again");
}

static void
test_killed (FaultScene    *fixture,
             gconstpointer  data)
{
  g_autoptr (ChildServer) server = child_server_new_from (fault_server);
  g_autofree char *uri = child_server_make_uri (server, "/echo");
  const char *greetings[] = { "subscribe", NULL };
  g_autoptr (GError) error = NULL;
  Witness *witness = fault_scene_add_uri (fixture, uri);
  gint64 killed_us;
  double elapsed_ms;

  wsm_connection_set_greetings (witness->connection, greetings);
  WAIT_FOR (witness->messages->len == 1);
  witness_assert_log (witness, "CONNECTING OPEN opened");

  child_server_kill (server);
  killed_us = g_get_monotonic_time ();
  WAIT_FOR (witness->n_disconnected == 1);
  elapsed_ms = test_loop_ms_since (killed_us);
  g_assert_cmpfloat (elapsed_ms, <, AT_ONCE_MS);
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

  matrix_measured ("F17", "killed: told after %.1f ms, and back when the server was", elapsed_ms);
}

/* The peer is heard all the time, but is deaf: the proxy keeps from it what we say. */
static void
test_deaf_peer (FaultScene    *fixture,
                gconstpointer  data)
{
  WsmLiveness liveness = GPOINTER_TO_INT (data);
  guint port = wsm_faults_server_get_port (fixture->server);
  g_autoptr (WsmFaultsProxy) proxy = wsm_faults_proxy_new (port);
  g_autofree char *uri = wsm_faults_proxy_dup_uri (proxy, "/chatter/30");
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  Witness *witness;
  gint64 deaf_us;
  double detection_ms;
  double bound_ms;

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", 200,
                            "timeout", 100,
                            "jitter", 0.0,
                            "idle-only", FALSE,
                            "liveness", liveness,
                            NULL);
  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  witness = fault_scene_add_uri (fixture, uri);
  WAIT_FOR (witness->n_beats == 2);
  witness_assert_log (witness, "CONNECTING OPEN opened");

  deaf_us = g_get_monotonic_time ();
  g_object_set (proxy, "swallow-up", TRUE, NULL);
  bound_ms = wsm_heartbeat_worst_case_detection (heartbeat) + DEADLINE_SLACK_MS;
  if (liveness == WSM_LIVENESS_ANY_TRAFFIC)
    {
      test_loop_run_ms ((guint) bound_ms);
      witness_assert_log (witness, "");
      g_assert_cmpuint (wsm_connection_get_n_missed (witness->connection), ==, 0);
      matrix_measured ("F20", "any traffic: %u messages in %.0f ms, open", witness->messages->len,
                       test_loop_ms_since (deaf_us));
    }
  else
    {
      WAIT_FOR (witness->n_disconnected == 1);
      detection_ms = (double) (witness->disconnected_us - witness->beat_us) / 1000.0;
      g_assert_cmpfloat (detection_ms, <=, bound_ms);
      g_assert_cmpfloat (detection_ms, >=, 100);
      witness_assert_log (witness, "SUSPECT WAITING disconnected+");
      fault_scene_assert_reason (fixture, WSM_REASON_CODE_HEARTBEAT_LOST);
      matrix_measured ("F20", "strict: noticed %.0f ms after the last answer, of %u, with %u "
                       "messages heard", detection_ms,
                       wsm_heartbeat_worst_case_detection (heartbeat), witness->messages->len);
    }
  g_assert_cmpuint (witness->messages->len, >, 0);
  wsm_pool_remove (fixture->scene->pool, witness->connection);
  wsm_faults_proxy_reset_all (proxy);
  g_assert_finalize_object (g_steal_pointer (&proxy));
}

/* The same with a peer that says so much that it never gets to an answer. */
static void
test_talker (FaultScene    *fixture,
             gconstpointer  data)
{
  WsmLiveness liveness = GPOINTER_TO_INT (data);
  g_autoptr (WsmHeartbeat) heartbeat = NULL;

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", 100,
                            "timeout", 90,
                            "jitter", 0.0,
                            "idle-only", FALSE,
                            "liveness", liveness,
                            NULL);
  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  fault_scene_open (fixture, "/talk/20");
  if (liveness == WSM_LIVENESS_STRICT)
    {
      WAIT_FOR (fixture->witness->n_disconnected == 1);
      witness_assert_log (fixture->witness, "SUSPECT WAITING disconnected+");
      fault_scene_assert_reason (fixture, WSM_REASON_CODE_HEARTBEAT_LOST);
      g_assert_cmpuint (fault_scene_get (fixture, "n-pings"), >=, 2);
      matrix_measured ("F20", "strict: a server that talks and never answers is lost");
    }
  else
    {
      WAIT_FOR (fault_scene_get (fixture, "n-pings") >= 5);
      witness_assert_log (fixture->witness, "");
      matrix_measured ("F20", "any traffic: a server that talks and never answers is alive");
    }
  g_assert_cmpuint (fixture->witness->messages->len, >, 0);
  g_assert_cmpuint (fixture->witness->n_beats, ==, 0);
}

/* A way to the server, and what a round trip on it takes at least. */
typedef struct
{
  const char *name;
  const char *property;
  guint value;
  guint round_trip_ms;
  gsize message_size; /* of one message a beat */
} Way;

#define WAY_TIMEOUT_MS 300
#define N_WAY_BEATS 4

static const Way ways[] = {
  { "late", "latency", WAY_TIMEOUT_MS / 4, WAY_TIMEOUT_MS / 2, 10 },
  { "uneven", "jitter", WAY_TIMEOUT_MS / 3, 0, 10 },
  { "narrow", "bandwidth", 8 * 1024, 0, 1000 },
  { "byte-by-byte", "slice", 1, 0, 800 },
};

static void
test_way (FaultScene    *fixture,
          gconstpointer  data)
{
  const Way *way = data;
  guint port = wsm_faults_server_get_port (fixture->server);
  g_autoptr (WsmFaultsProxy) proxy = wsm_faults_proxy_new (port);
  g_autofree char *uri = wsm_faults_proxy_dup_uri (proxy, "/echo");
  g_autofree char *text = g_strnfill (way->message_size, 'x');
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  WsmLatency *latency;
  Witness *witness;

  /* Beats in any case, so that some have to share the way with messages. */
  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", 200,
                            "timeout", WAY_TIMEOUT_MS,
                            "jitter", 0.0,
                            "idle-only", FALSE,
                            NULL);
  g_object_set (proxy, way->property, way->value, NULL);
  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  witness = fault_scene_add_uri (fixture, uri);
  WAIT_FOR (witness->n_opened == 1);
  witness_assert_log (witness, "CONNECTING OPEN opened");
  for (guint i = 0; i < N_WAY_BEATS; i++)
    {
      WAIT_FOR (witness->n_beats > i);
      g_assert_cmpfloat (witness->round_trip_ms, >=, way->round_trip_ms);
      g_assert_cmpfloat (witness->round_trip_ms, <=, WAY_TIMEOUT_MS);
      g_assert_cmpuint (wsm_connection_get_n_missed (witness->connection), ==, 0);
      g_assert_true (wsm_connection_send_text (witness->connection, text, NULL));
    }
  WAIT_FOR (witness->messages->len == N_WAY_BEATS);
  for (guint i = 0; i < N_WAY_BEATS; i++)
    g_assert_cmpstr (witness_get_text (witness, i), ==, text);
  witness_assert_log (witness, "");

  latency = wsm_connection_get_latency (witness->connection);
  matrix_measured ("F22", "%s: open, round trips of at least %.1f ms and at most %.1f ms, with "
                   "a timeout of %d ms",
                   way->name, wsm_latency_get_min (latency), wsm_latency_get_max (latency),
                   WAY_TIMEOUT_MS);
  wsm_pool_remove (fixture->scene->pool, witness->connection);
  wsm_faults_proxy_drop_all (proxy);
  g_assert_finalize_object (g_steal_pointer (&proxy));
}

static void
add (const char    *path,
     gconstpointer  data,
     void         (*test) (FaultScene *, gconstpointer))
{
  g_test_add (path, FaultScene, data, fault_scene_set_up, test, fault_scene_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  gconstpointer strict = GINT_TO_POINTER (WSM_LIVENESS_STRICT);
  gconstpointer any_traffic = GINT_TO_POINTER (WSM_LIVENESS_ANY_TRAFFIC);

  g_test_init (&argc, &argv, NULL);
  fault_server = argv[argc - 1];

  for (guint i = 0; i < G_N_ELEMENTS (losses); i++)
    add (losses[i].name, &losses[i], test_loss);
  add ("/matrix/f17-goodbye", NULL, test_goodbye);
  add ("/matrix/f17-killed-and-back", NULL, test_killed);
  add ("/matrix/f18-stopped-is-noticed-in-time", NULL, test_stopped);
  add ("/matrix/f18-stopped-for-a-moment-comes-back", NULL, test_stopped_for_a_moment);
  add ("/matrix/f20-deaf-peer/strict", strict, test_deaf_peer);
  add ("/matrix/f20-deaf-peer/any-traffic", any_traffic, test_deaf_peer);
  add ("/matrix/f20-talker/strict", strict, test_talker);
  add ("/matrix/f20-talker/any-traffic", any_traffic, test_talker);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *path = g_strconcat ("/matrix/f22-way/", ways[i].name, NULL);

      add (path, &ways[i], test_way);
    }

  return g_test_run ();
}
