/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include "child-server.h"
#include "fault-scene.h"
#include "matrix.h"
#include "test-loop.h"
#include "test-names.h"
#include "test-process.h"

/* What goes wrong before a connection is open. */

#define CONNECT_TIMEOUT_MS 300

#define MEGABYTE (1024 * 1024)

static const char *fault_server = NULL;

/* Waits for the end of the first attempt, which another one is to follow. */
static void
wait_for_failure (FaultScene *fixture)
{
  WAIT_FOR (witness_is_in (fixture->witness, WSM_STATE_WAITING));
  witness_assert_log (fixture->witness, "CONNECTING WAITING");
  g_assert_cmpuint (fixture->witness->n_disconnected + fixture->witness->n_ended, ==, 0);
}

/* Waits for the end of an attempt that does not come to an end by itself. */
static double
wait_for_deadline (FaultScene *fixture)
{
  double elapsed_ms;

  wait_for_failure (fixture);
  fault_scene_assert_reason (fixture, WSM_REASON_CODE_TIMED_OUT);
  g_assert_error (wsm_connection_get_error (fixture->witness->connection), WSM_ERROR,
                  WSM_ERROR_TIMED_OUT);
  elapsed_ms = fault_scene_get_attempt_ms (fixture);
  g_assert_cmpfloat (elapsed_ms, >=, CONNECT_TIMEOUT_MS - 1);
  g_assert_cmpfloat (elapsed_ms, <=, CONNECT_TIMEOUT_MS + DEADLINE_SLACK_MS);

  return elapsed_ms;
}

static void
test_refused (FaultScene    *fixture,
              gconstpointer  data)
{
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF,
                                                 "initial", 2000,
                                                 "max", 2000,
                                                 NULL);
  WsmConnection *connection;
  guint shortest_ms = G_MAXUINT;
  guint longest_ms = 0;
  double elapsed_ms;

  wsm_pool_set_backoff (fixture->scene->pool, backoff);
  wsm_faults_server_stop (fixture->server);
  connection = fault_scene_add (fixture, "/echo")->connection;
  wait_for_failure (fixture);
  fault_scene_assert_reason (fixture, WSM_REASON_CODE_REFUSED);
  g_assert_error (wsm_connection_get_error (connection), G_IO_ERROR,
                  G_IO_ERROR_CONNECTION_REFUSED);
  elapsed_ms = fault_scene_get_attempt_ms (fixture);
  g_assert_cmpfloat (elapsed_ms, <, AT_ONCE_MS);

  for (guint i = 0; i < 10; i++)
    {
      guint delay_ms = wsm_reason_get_delay (wsm_connection_get_reason (connection));

      g_assert_cmpuint (delay_ms, >=, 100);
      g_assert_cmpuint (delay_ms, <=, 2000);
      shortest_ms = MIN (shortest_ms, delay_ms);
      longest_ms = MAX (longest_ms, delay_ms);
      wsm_connection_retry_now (connection);
      WAIT_FOR (witness_is_in (fixture->witness, WSM_STATE_CONNECTING));
      WAIT_FOR (witness_is_in (fixture->witness, WSM_STATE_WAITING));
    }
  g_assert_cmpuint (shortest_ms, <, longest_ms);
  g_assert_cmpuint (wsm_connection_get_attempt (connection), ==, 12);
  g_assert_cmpuint (fixture->witness->n_disconnected + fixture->witness->n_ended, ==, 0);

  /* None of this counts as a connection that was lost. */
  wsm_faults_server_start (fixture->server);
  wsm_connection_retry_now (connection);
  WAIT_FOR (fixture->witness->n_opened == 1);
  g_assert_cmpuint (wsm_connection_get_n_reconnects (connection), ==, 0);

  matrix_measured ("F1", "refused after %.1f ms; delays from %u to %u ms of at most 2000",
                   elapsed_ms, shortest_ms, longest_ms);
}

static void
test_unknown_name (FaultScene    *fixture,
                   gconstpointer  data)
{
  fault_scene_add_uri (fixture, "ws://" TEST_UNKNOWN_HOST "/");
  wait_for_failure (fixture);
  fault_scene_assert_reason (fixture, WSM_REASON_CODE_RESOLVE);
  g_assert_cmpuint (wsm_connection_get_error (fixture->witness->connection)->domain, ==,
                    G_RESOLVER_ERROR);

  matrix_measured ("F2", "unknown name: reason `resolve` after %.1f ms",
                   fault_scene_get_attempt_ms (fixture));
}

static void
test_silent (FaultScene    *fixture,
             gconstpointer  data)
{
  g_autoptr (ChildServer) stopped = child_server_new_from (fault_server);
  g_autofree char *uri = child_server_make_uri (stopped, "/echo");
  g_autofree char *other_uri = wsm_faults_server_dup_uri (fixture->server, "/echo");
  g_autoptr (Witness) other = scene_open_uri (fixture->scene, other_uri);
  double silent_ms;
  double stopped_ms;

  fault_scene_add (fixture, "/handshake/silent");
  wsm_connection_set_connect_timeout (fixture->witness->connection, CONNECT_TIMEOUT_MS);
  silent_ms = wait_for_deadline (fixture);

  child_server_stop (stopped);
  fault_scene_add_uri (fixture, uri);
  wsm_connection_set_connect_timeout (fixture->witness->connection, CONNECT_TIMEOUT_MS);
  stopped_ms = wait_for_deadline (fixture);
  witness_assert_log (other, "");

  /* Once it is back, so is the connection. */
  child_server_continue (stopped);
  WAIT_FOR (fixture->witness->n_opened == 1);

  matrix_measured ("F4", "connect timeout of %d ms: over after %.0f ms (silent), %.0f ms (stopped "
                   "process)", CONNECT_TIMEOUT_MS, silent_ms, stopped_ms);
}

static void
test_drip (FaultScene    *fixture,
           gconstpointer  data)
{
  const char *path = data;

  fault_scene_add (fixture, path);
  wsm_connection_set_connect_timeout (fixture->witness->connection, CONNECT_TIMEOUT_MS);

  matrix_measured ("F5", "%s: over after %.0f ms of %d", path, wait_for_deadline (fixture),
                   CONNECT_TIMEOUT_MS);
}

static void
test_slow_but_in_time (FaultScene    *fixture,
                       gconstpointer  data)
{
  const char *path = data;
  double elapsed_ms;

  fault_scene_open (fixture, path);
  elapsed_ms = (double) (fixture->witness->entered_us[WSM_STATE_OPEN] -
                         fixture->witness->entered_us[WSM_STATE_CONNECTING]) / 1000.0;
  g_assert_cmpfloat (elapsed_ms, >, 100);
  g_assert_true (wsm_connection_send_text (fixture->witness->connection, "hello", NULL));
  WAIT_FOR (fixture->witness->messages->len == 1);

  matrix_measured ("F5", "%s: open after %.0f ms", path, elapsed_ms);
}

/* In a process of its own, so that what the server has in store is not counted here. */
static void
test_body_without_end (FaultScene    *fixture,
                       gconstpointer  data)
{
  const char *path = data;
  g_autoptr (ChildServer) server = child_server_new_from (fault_server);
  g_autofree char *warm_uri = child_server_make_uri (server, "/handshake/status/503");
  g_autofree char *uri = child_server_make_uri (server, path);
  const WsmReason *reason;
  guint64 before;
  guint64 most;
  double elapsed_ms;

  fault_scene_add_uri (fixture, warm_uri);
  wait_for_failure (fixture);

  before = test_process_count_resident ();
  most = before;
  fault_scene_add_uri (fixture, uri);
  wsm_connection_set_connect_timeout (fixture->witness->connection, CONNECT_TIMEOUT_MS);
  while (!witness_is_in (fixture->witness, WSM_STATE_WAITING))
    {
      test_loop_turn ();
      most = MAX (most, test_process_count_resident ());
    }
  witness_assert_log (fixture->witness, "CONNECTING WAITING");
  test_loop_run_ms (SCENE_RELEASE_MS);
  most = MAX (most, test_process_count_resident ());

  elapsed_ms = fault_scene_get_attempt_ms (fixture);
  g_assert_cmpfloat (elapsed_ms, <=, CONNECT_TIMEOUT_MS + DEADLINE_SLACK_MS);
  fault_scene_assert_reason (fixture, WSM_REASON_CODE_HTTP_STATUS);
  reason = wsm_connection_get_reason (fixture->witness->connection);
  g_assert_cmpuint (wsm_reason_get_http_status (reason), ==, 503);
  g_assert_cmpuint (most - before, <, 5 * MEGABYTE);

  matrix_measured ("F6", "%s: 503 after %.1f ms, %.1f MB more memory", path, elapsed_ms,
                   (double) (most - before) / MEGABYTE);
}

typedef struct
{
  const char *name;
  const char *path;
  WsmReasonCode code;
} Break;

static const Break breaks[] = {
  { "end-of-stream", "/handshake/eof", WSM_REASON_CODE_END_OF_STREAM },
  { "end-of-stream-in-header", "/handshake/eof-in-header", WSM_REASON_CODE_BAD_HANDSHAKE },
  { "reset", "/handshake/rst", WSM_REASON_CODE_RESET },
  { "rubbish", "/handshake/garbage", WSM_REASON_CODE_BAD_HANDSHAKE },
};

static void
test_breaks (FaultScene    *fixture,
             gconstpointer  data)
{
  const Break *what = data;
  double elapsed_ms;

  fault_scene_add (fixture, what->path);
  wait_for_failure (fixture);
  fault_scene_assert_reason (fixture, what->code);
  elapsed_ms = fault_scene_get_attempt_ms (fixture);
  g_assert_cmpfloat (elapsed_ms, <, AT_ONCE_MS);
  WAIT_FOR (fault_scene_get (fixture, "n-requests") == 2);

  matrix_measured ("F8", "%s: told after %.1f ms, tried again", what->name, elapsed_ms);
}

static void
test_no_websocket (FaultScene    *fixture,
                   gconstpointer  data)
{
  const char *name = data;
  g_autofree char *path = g_strconcat ("/handshake/", name, NULL);

  fault_scene_add (fixture, path);
  WAIT_FOR (fixture->witness->n_ended == 1);
  witness_assert_log (fixture->witness,
                      "CONNECTING WAITING CONNECTING WAITING CONNECTING FAILED failed");
  fault_scene_assert_reason (fixture, WSM_REASON_CODE_BAD_HANDSHAKE);
  g_assert_error (wsm_connection_get_error (fixture->witness->connection), WSM_ERROR,
                  WSM_ERROR_HANDSHAKE);
  test_loop_run_ms (250);
  witness_assert_log (fixture->witness, "");
  g_assert_cmpuint (fault_scene_get (fixture, "n-requests"), ==, 3);

  matrix_measured ("F9", "%s: failed after 3 attempts, the last of which took %.1f ms", name,
                   fault_scene_get_attempt_ms (fixture));
}

static void
test_unwanted (FaultScene    *fixture,
               gconstpointer  data)
{
  guint status = GPOINTER_TO_UINT (data);
  g_autofree char *path = g_strdup_printf ("/handshake/status/%u", status);
  WsmConnection *connection = fault_scene_add (fixture, path)->connection;

  WAIT_FOR (fixture->witness->n_ended == 1);
  witness_assert_log (fixture->witness, "CONNECTING FAILED failed");
  fault_scene_assert_reason (fixture, WSM_REASON_CODE_HTTP_STATUS);
  g_assert_cmpuint (wsm_reason_get_http_status (wsm_connection_get_reason (connection)), ==,
                    status);
  g_assert_error (wsm_connection_get_error (connection), WSM_ERROR, WSM_ERROR_HTTP_STATUS);
  g_assert_cmpuint (wsm_pool_get_n_failed (fixture->scene->pool), ==, 1);
  test_loop_run_ms (250);
  g_assert_cmpuint (fault_scene_get (fixture, "n-requests"), ==, 1);

  matrix_measured ("F10", "%u: failed after 1 attempt and %.1f ms", status,
                   fault_scene_get_attempt_ms (fixture));
}

/* An app that knows a password, the right one or not. */
typedef struct
{
  const char *password;
  guint n_asked;
} Person;

static gboolean
message_authenticate_cb (SoupMessage *message,
                         SoupAuth    *auth,
                         gboolean     retrying,
                         Person      *person)
{
  person->n_asked++;
  if (retrying)
    return FALSE;

  soup_auth_authenticate (auth, "user", person->password);

  return TRUE;
}

static gboolean
connection_prepare_cb (WsmConnection *connection,
                       SoupMessage   *message,
                       Person        *person)
{
  g_signal_connect (message, "authenticate", G_CALLBACK (message_authenticate_cb), person);

  return FALSE;
}

static void
test_password (FaultScene    *fixture,
               gconstpointer  data)
{
  Person person = { .password = data };
  gboolean is_right = g_str_equal (person.password, "password");

  fault_scene_add (fixture, "/handshake/password");
  g_signal_connect (fixture->witness->connection, "prepare", G_CALLBACK (connection_prepare_cb),
                    &person);
  if (is_right)
    {
      WAIT_FOR (fixture->witness->n_opened == 1);
      witness_assert_log (fixture->witness, "CONNECTING OPEN opened");
      g_assert_cmpuint (person.n_asked, ==, 1);
    }
  else
    {
      WAIT_FOR (fixture->witness->n_ended == 1);
      witness_assert_log (fixture->witness, "CONNECTING FAILED failed");
      fault_scene_assert_reason (fixture, WSM_REASON_CODE_HTTP_STATUS);
      g_assert_cmpuint (person.n_asked, ==, 2);
    }
  g_assert_cmpuint (fault_scene_get (fixture, "n-requests"), ==, 2);

  matrix_measured ("F10", "401, %s password: %s with the second request of one attempt",
                   is_right ? "right" : "wrong", is_right ? "open" : "failed");
}

/* What a busy server says, and how long that is to be waited for; 0 is not at all. */
typedef struct
{
  const char *name;
  const char *path;
  guint wait_ms;
} Busy;

static const Busy busies[] = {
  { "seconds", "503?Retry-After=7", 7000 },
  { "seconds-with-429", "429?Retry-After=120", 120000 },
  { "date",
    "503?Date=Sun, 06 Nov 1994 08:49:37 GMT&Retry-After=Sun, 06 Nov 1994 08:49:57 GMT", 20000 },
  { "date-in-the-past",
    "503?Date=Sun, 06 Nov 1994 08:49:57 GMT&Retry-After=Sun, 06 Nov 1994 08:49:37 GMT", 0 },
  { "more-than-an-hour", "503?Retry-After=86400", 3600 * 1000 },
  { "negative", "503?Retry-After=-5", 0 },
  { "too-large-a-number", "503?Retry-After=1e20", 0 },
  { "much-too-large-a-number", "503?Retry-After=99999999999999999999999", 3600 * 1000 },
  { "twice", "503?Retry-After=5&Retry-After=7", 0 },
  { "absent", "503", 0 },
  { "absent-with-429", "429", 0 },
  { "zero", "503?Retry-After=0", 0 },
};

static void
test_busy (FaultScene    *fixture,
           gconstpointer  data)
{
  const Busy *busy = data;
  g_autofree char *path = g_uri_escape_string (busy->path, "?=&,:-/", FALSE);
  g_autofree char *full_path = g_strconcat ("/handshake/status/", path, NULL);
  const WsmReason *reason;
  guint delay_ms;

  fault_scene_add (fixture, full_path);
  wait_for_failure (fixture);
  fault_scene_assert_reason (fixture, WSM_REASON_CODE_HTTP_STATUS);
  reason = wsm_connection_get_reason (fixture->witness->connection);
  delay_ms = wsm_reason_get_delay (reason);

  /* Of the backoff of the scene the first delay is 100 ms. */
  g_assert_cmpuint (delay_ms, >=, MAX (busy->wait_ms, 100));
  g_assert_cmpuint (delay_ms, <=, MAX (busy->wait_ms + busy->wait_ms / 4, 100));
  g_assert_cmpint (wsm_connection_get_next_retry_at (fixture->witness->connection), >=,
                   g_get_monotonic_time () + (gint64) (delay_ms - 50) * 1000);

  matrix_measured ("F11", busy->wait_ms > 0 ? "%s: waits %u ms" : "%s: ignored, waits %u ms",
                   busy->name, delay_ms);
}

static void
test_busy_is_waited_for (FaultScene    *fixture,
                         gconstpointer  data)
{
  gint64 waiting_us;
  double elapsed_ms;

  fault_scene_add (fixture, "/handshake/status/503?Retry-After=1");
  wait_for_failure (fixture);
  waiting_us = fixture->witness->entered_us[WSM_STATE_WAITING];
  WAIT_FOR (fault_scene_get (fixture, "n-requests") == 2);
  elapsed_ms = (double) (fixture->witness->entered_us[WSM_STATE_CONNECTING] - waiting_us) / 1000.0;
  g_assert_cmpfloat (elapsed_ms, >=, 1000);
  g_assert_cmpfloat (elapsed_ms, <=, 1250 + DEADLINE_SLACK_MS);

  matrix_measured ("F11", "asked for 1 s: the next attempt after %.0f ms", elapsed_ms);
}

static void
add (const char    *name,
     const char    *variant,
     gconstpointer  data,
     void         (*test) (FaultScene *, gconstpointer))
{
  g_autofree char *path = g_strconcat (name, variant != NULL ? "/" : NULL, variant, NULL);

  g_test_add (path, FaultScene, data, fault_scene_set_up, test, fault_scene_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  static const char * const no_websockets[] = {
    "bad-accept", "no-accept", "no-upgrade", "other-upgrade", "no-connection", "bad-extension",
    "bad-protocol",
  };
  static const guint unwanted[] = { 401, 403, 404, 410 };

  g_test_init (&argc, &argv, NULL);
  fault_server = argv[argc - 1];

  add ("/matrix/f01-refused", NULL, NULL, test_refused);
  add ("/matrix/f02-unknown-name", NULL, NULL, test_unknown_name);
  add ("/matrix/f04-accepts-and-is-silent", NULL, NULL, test_silent);
  add ("/matrix/f05-comes-in-drops", "answer", "/handshake/drip/20", test_drip);
  add ("/matrix/f05-comes-in-drops", "header", "/handshake/drip-header/20", test_drip);
  add ("/matrix/f05-slow-but-in-time", "late", "/handshake/slow/200", test_slow_but_in_time);
  add ("/matrix/f05-slow-but-in-time", "drops", "/handshake/drip/2", test_slow_but_in_time);
  add ("/matrix/f06-body-without-end", "endless", "/handshake/endless-body",
       test_body_without_end);
  add ("/matrix/f06-body-without-end", "500-megabytes", "/handshake/huge-body/500000000",
       test_body_without_end);
  for (guint i = 0; i < G_N_ELEMENTS (breaks); i++)
    add ("/matrix/f08-breaks", breaks[i].name, &breaks[i], test_breaks);
  for (guint i = 0; i < G_N_ELEMENTS (no_websockets); i++)
    add ("/matrix/f09-no-websocket", no_websockets[i], no_websockets[i], test_no_websocket);
  for (guint i = 0; i < G_N_ELEMENTS (unwanted); i++)
    {
      g_autofree char *status = g_strdup_printf ("%u", unwanted[i]);

      add ("/matrix/f10-unwanted", status, GUINT_TO_POINTER (unwanted[i]), test_unwanted);
    }
  add ("/matrix/f10-password", "right", "password", test_password);
  add ("/matrix/f10-password", "wrong", "guess", test_password);
  for (guint i = 0; i < G_N_ELEMENTS (busies); i++)
    add ("/matrix/f11-busy", busies[i].name, &busies[i], test_busy);
  add ("/matrix/f11-busy-is-waited-for", NULL, NULL, test_busy_is_waited_for);

  return g_test_run ();
}
