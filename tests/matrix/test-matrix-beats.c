/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include "fault-scene.h"
#include "matrix.h"
#include "test-loop.h"

/* Beats that are answered in another way than they should be. */

#define INTERVAL_MS 150
#define TIMEOUT_MS 80
#define N_BEATS 3

/* How a server answers, what a beat expects, and whether that is an answer. */
typedef struct
{
  const char *row;
  const char *name;
  const char *path;
  WsmHeartbeatMode mode;
  WsmReplyMatch match;
  const char *reply;
  gboolean is_answer;
} Answer;

#define PING WSM_HEARTBEAT_MODE_PING, WSM_REPLY_MATCH_NONE, NULL
#define TEXT_EXACT WSM_HEARTBEAT_MODE_TEXT, WSM_REPLY_MATCH_EXACT, "beat"
#define TEXT_ANY WSM_HEARTBEAT_MODE_TEXT, WSM_REPLY_MATCH_ANY, NULL
#define TEXT_REGEX WSM_HEARTBEAT_MODE_TEXT, WSM_REPLY_MATCH_REGEX, "^(b|other)"

static const Answer answers[] = {
  { "F36", "honest", "/echo", PING, TRUE },
  { "F36", "honest-and-unasked", "/chatter/20", PING, TRUE },
  { "F36", "honest-twice", "/pong/twice", PING, TRUE },
  { "F36", "honest-after-wrong", "/pong/after-wrong", PING, TRUE },
  { "F36", "wrong", "/pong/wrong", PING, FALSE },
  { "F36", "empty", "/pong/empty", PING, FALSE },
  { "F36", "125-bytes", "/pong/long", PING, FALSE },
  { "F36", "nul", "/pong/nul", PING, FALSE },
  { "F36", "cut", "/pong/cut", PING, FALSE },
  { "F37", "echo-exact", "/echo", TEXT_EXACT, TRUE },
  { "F37", "echo-any", "/echo", TEXT_ANY, TRUE },
  { "F37", "echo-regex", "/echo", TEXT_REGEX, TRUE },
  { "F37", "other-exact", "/reply?with=other", TEXT_EXACT, FALSE },
  { "F37", "other-any", "/reply?with=other", TEXT_ANY, TRUE },
  { "F37", "other-regex", "/reply?with=other", TEXT_REGEX, TRUE },
  { "F37", "wrong-regex", "/reply?with=an+other", TEXT_REGEX, FALSE },
  { "F37", "fragments-exact", "/reply-apart", TEXT_EXACT, TRUE },
};

static WsmHeartbeat *
make_heartbeat (const Answer *answer,
                WsmLiveness   liveness)
{
  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "mode", answer->mode,
                       "interval", INTERVAL_MS,
                       "timeout", TIMEOUT_MS,
                       "jitter", 0.0,
                       "idle-only", FALSE,
                       "payload", "beat",
                       "reply-match", answer->match,
                       "reply", answer->reply,
                       "liveness", liveness,
                       NULL);
}

static void
open_with (FaultScene   *fixture,
           const char   *path,
           WsmHeartbeat *heartbeat)
{
  g_autoptr (GError) error = NULL;

  wsm_heartbeat_validate (heartbeat, &error);
  g_assert_no_error (error);
  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  fault_scene_open (fixture, path);
}

/* Waits for the verdict, and asserts that it comes in time; returns after how long. */
static double
wait_for_verdict (FaultScene   *fixture,
                  WsmHeartbeat *heartbeat)
{
  double bound_ms = wsm_heartbeat_worst_case_detection (heartbeat) + DEADLINE_SLACK_MS;
  gint64 opened_us = fixture->witness->entered_us[WSM_STATE_OPEN];
  double detection_ms;

  WAIT_FOR (fixture->witness->n_disconnected == 1);
  detection_ms = (double) (fixture->witness->disconnected_us - opened_us) / 1000.0;
  g_assert_cmpfloat (detection_ms, <=, bound_ms);
  g_assert_cmpfloat (detection_ms, >=, TIMEOUT_MS);
  witness_assert_log (fixture->witness, "SUSPECT WAITING disconnected+");
  fault_scene_assert_reason (fixture, WSM_REASON_CODE_HEARTBEAT_LOST);

  return detection_ms;
}

/* Where only answers count. */
static void
test_strict (FaultScene    *fixture,
             gconstpointer  data)
{
  const Answer *answer = data;
  g_autoptr (WsmHeartbeat) heartbeat = make_heartbeat (answer, WSM_LIVENESS_STRICT);
  WsmConnection *connection;
  WsmLatency *latency;

  open_with (fixture, answer->path, heartbeat);
  connection = fixture->witness->connection;
  if (!answer->is_answer)
    {
      double detection_ms = wait_for_verdict (fixture, heartbeat);

      g_assert_cmpuint (fixture->witness->n_beats, ==, 0);
      matrix_measured (answer->row, "%s: no answer, noticed after %.0f ms of %u", answer->name,
                       detection_ms, wsm_heartbeat_worst_case_detection (heartbeat));
      return;
    }

  WAIT_FOR (fixture->witness->n_beats == N_BEATS);
  witness_assert_log (fixture->witness, "");
  g_assert_cmpuint (wsm_connection_get_n_missed (connection), ==, 0);
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (connection), ==, N_BEATS);
  latency = wsm_connection_get_latency (connection);
  g_assert_cmpfloat (wsm_latency_get_min (latency), >, 0);
  g_assert_cmpfloat (wsm_latency_get_max (latency), <, TIMEOUT_MS);
  matrix_measured (answer->row, "%s: %d beats answered once each, within %.1f ms", answer->name,
                   N_BEATS, wsm_latency_get_max (latency));
}

/* Where everything that arrives is a sign of life, but still no answer. */
static void
test_any_traffic (FaultScene    *fixture,
                  gconstpointer  data)
{
  const Answer *answer = data;
  g_autoptr (WsmHeartbeat) heartbeat = make_heartbeat (answer, WSM_LIVENESS_ANY_TRAFFIC);
  WsmConnection *connection;

  open_with (fixture, answer->path, heartbeat);
  connection = fixture->witness->connection;
  WAIT_FOR (wsm_connection_get_n_beats_sent (connection) == N_BEATS);
  witness_assert_log (fixture->witness, "");
  g_assert_cmpuint (wsm_connection_get_n_missed (connection), ==, 0);
  g_assert_cmpuint (fixture->witness->n_beats, ==, 0);
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (connection), ==, 0);
}

static void
test_late_pong (FaultScene    *fixture,
                gconstpointer  data)
{
  g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                     "interval", 300,
                                                     "timeout", 50,
                                                     "jitter", 0.0,
                                                     "idle-only", FALSE,
                                                     NULL);
  WsmConnection *connection;

  open_with (fixture, "/pong-late/100", heartbeat);
  connection = fixture->witness->connection;
  for (guint i = 0; i < 2; i++)
    {
      WAIT_FOR (witness_is_in (fixture->witness, WSM_STATE_SUSPECT));
      WAIT_FOR (witness_is_in (fixture->witness, WSM_STATE_OPEN));
      witness_assert_log (fixture->witness, "SUSPECT OPEN");
      g_assert_cmpuint (wsm_connection_get_n_missed (connection), ==, 0);
    }
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (connection)), ==,
                   WSM_REASON_CODE_ALIVE);
  if (fixture->witness->n_beats > 0)
    g_assert_cmpfloat (fixture->witness->round_trip_ms, >=, 100);

  matrix_measured ("F36", "late: suspected and open again, twice");
}

static void
test_no_answer (FaultScene    *fixture,
                gconstpointer  data)
{
  static const Answer answer = { "F37", "none", "/reply", TEXT_EXACT, FALSE };
  WsmLiveness liveness = GPOINTER_TO_INT (data);
  g_autoptr (WsmHeartbeat) heartbeat = make_heartbeat (&answer, liveness);
  double detection_ms;

  open_with (fixture, answer.path, heartbeat);
  detection_ms = wait_for_verdict (fixture, heartbeat);

  matrix_measured ("F37", "none: no answer, noticed after %.0f ms of %u", detection_ms,
                   wsm_heartbeat_worst_case_detection (heartbeat));
}

static void
add (const char    *path,
     const char    *variant,
     const char    *liveness,
     gconstpointer  data,
     void         (*test) (FaultScene *, gconstpointer))
{
  g_autofree char *full_path = g_strconcat (path, variant, liveness, NULL);

  g_test_add (full_path, FaultScene, data, fault_scene_set_up, test, fault_scene_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      const char *path = g_str_equal (answers[i].row, "F36") ? "/matrix/f36-pong/"
                                                             : "/matrix/f37-text-beat/";

      add (path, answers[i].name, "-strict", &answers[i], test_strict);
      if (!answers[i].is_answer)
        add (path, answers[i].name, "-any-traffic", &answers[i], test_any_traffic);
    }
  add ("/matrix/f36-pong/late", NULL, NULL, NULL, test_late_pong);
  add ("/matrix/f37-text-beat/", "none", "-strict", GINT_TO_POINTER (WSM_LIVENESS_STRICT),
       test_no_answer);
  add ("/matrix/f37-text-beat/", "none", "-any-traffic",
       GINT_TO_POINTER (WSM_LIVENESS_ANY_TRAFFIC), test_no_answer);

  return g_test_run ();
}
