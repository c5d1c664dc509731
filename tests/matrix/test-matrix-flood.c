/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "matrix.h"
#include "scene.h"
#include "test-loop.h"
#include "test-process.h"

/* A peer that sends without end, from a process of its own and as fast as it can. Beside it is a
 * connection that is well, whose beats have to come in time, in a loop that is never blocked. */

#define INTERVAL_MS 100
#define FLOOD_MS 600
#define CONNECT_TIMEOUT_MS 500

/* What is promised: no more than this late, and no more than this blocked. Sanitizers slow all of
 * it down, and keep what was freed: with them it is the code that is looked at. */
#if defined (__SANITIZE_ADDRESS__)
#define MAX_LATE_MS 5000
#define MAX_GAP_MS 5000
#else
#define MAX_LATE_MS 100
#define MAX_GAP_MS 100
#endif

/* Of this process: what waits to be delivered, and what has to be answered. A message that is not
 * complete is kept besides, and as it grows it is copied. */
#define MAX_GROWTH_KIB (2 * 1024)
#define MAX_MESSAGE_KIB (2 * 1024)

#define TICK_MS 5

typedef struct
{
  const char *path;
  gboolean is_tls;
} Case;

typedef struct
{
  GSubprocess *peer; /* (owned) */
  guint port;
  gboolean is_tls;

  Scene *scene;      /* (owned) */
  Witness *healthy;  /* (owned) */
  Witness *flooded;  /* (owned) (nullable) */
  guint64 n_messages; /* of the flood */

  GSource *tick;     /* (owned) */
  gint64 tick_us;
  double max_gap_ms;
  guint64 base_kib;
  guint64 peak_kib;
} Fixture;

static const char *peer_program = NULL;

static char *
make_certificate_path (void)
{
  return g_test_build_filename (G_TEST_DIST, "data", "server.pem", NULL);
}

static void
set_up_child_cb (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
start_peer (Fixture *fixture)
{
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autofree char *certificate = make_certificate_path ();
  const char *command[] = { peer_program, fixture->is_tls ? certificate : NULL, NULL };
  g_autoptr (GDataInputStream) output = NULL;
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_child_setup (launcher, set_up_child_cb, NULL, NULL);
  fixture->peer = g_subprocess_launcher_spawnv (launcher, command, &error);
  g_assert_no_error (error);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (fixture->peer));
  line = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  g_assert_cmpint (sscanf (line, "%u", &fixture->port), ==, 1);
}

static gboolean
tick_cb (gpointer user_data)
{
  Fixture *fixture = user_data;
  gint64 now_us = g_get_monotonic_time ();

  fixture->max_gap_ms = MAX (fixture->max_gap_ms, (double) (now_us - fixture->tick_us) / 1000.0);
  fixture->tick_us = now_us;
  fixture->peak_kib = MAX (fixture->peak_kib, test_process_count_resident () / 1024);

  return G_SOURCE_CONTINUE;
}

static char *
make_uri (Fixture    *fixture,
          const char *path)
{
  return g_strdup_printf ("%s://127.0.0.1:%u%s", fixture->is_tls ? "wss" : "ws", fixture->port,
                          path);
}

static void
start_measuring (Fixture *fixture)
{
  WAIT_FOR (fixture->healthy->n_beats >= 2);
  witness_forget (fixture->healthy);
  fixture->healthy->max_beat_gap_ms = 0;
  fixture->max_gap_ms = 0;
  fixture->tick_us = g_get_monotonic_time ();
  fixture->healthy->beat_us = fixture->tick_us;
  fixture->base_kib = test_process_count_resident () / 1024;
  fixture->peak_kib = fixture->base_kib;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  const Case *scenario = data;
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autofree char *uri = NULL;

  fixture->is_tls = scenario->is_tls;
  start_peer (fixture);
  fixture->scene = scene_new ();
  if (fixture->is_tls)
    {
      g_autofree char *path = make_certificate_path ();
      g_autoptr (GTlsDatabase) database = g_tls_file_database_new (path, NULL);

      soup_session_set_tls_database (wsm_pool_get_session (fixture->scene->pool), database);
    }

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", INTERVAL_MS,
                            "timeout", 2 * INTERVAL_MS,
                            "jitter", 0.0,
                            "idle-only", FALSE,
                            NULL);
  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  uri = make_uri (fixture, "/echo");
  fixture->healthy = scene_open_uri (fixture->scene, uri);

  fixture->tick = g_timeout_source_new (TICK_MS);
  g_source_set_callback (fixture->tick, tick_cb, fixture, NULL);
  g_source_attach (fixture->tick, NULL);
  start_measuring (fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_source_destroy (fixture->tick);
  g_source_unref (fixture->tick);
  g_clear_pointer (&fixture->flooded, witness_free);
  witness_free (fixture->healthy);
  scene_free (fixture->scene);
  g_subprocess_force_exit (fixture->peer);
  g_subprocess_wait (fixture->peer, NULL, NULL);
  g_object_unref (fixture->peer);
}

/* Messages are not kept here, but counted. */
static void
message_cb (WsmConnection         *connection,
            SoupWebsocketDataType  type,
            GBytes                *message,
            Fixture               *fixture)
{
  fixture->n_messages++;
  g_ptr_array_set_size (fixture->flooded->messages, 0);
}

static void
flood (Fixture    *fixture,
       const char *path)
{
  g_autofree char *uri = make_uri (fixture, path);
  WsmConnection *connection = scene_add_uri (fixture->scene, uri);

  fixture->flooded = witness_new (connection);
  g_signal_connect (connection, "message", G_CALLBACK (message_cb), fixture);
}

/* The healthy one has noticed nothing. */
static void
assert_undisturbed (Fixture    *fixture,
                    const char *row,
                    const Case *scenario,
                    guint       message_kib)
{
  guint growth_kib = (guint) (fixture->peak_kib - fixture->base_kib);
  double beat_gap_ms = MAX (fixture->healthy->max_beat_gap_ms,
                            test_loop_ms_since (fixture->healthy->beat_us));

  matrix_measured (row, "%s%s: loop blocked for %.0f ms at most, beats %.0f ms late at most, "
                   "%u KiB more memory", scenario->path + 1, scenario->is_tls ? " (TLS)" : "",
                   fixture->max_gap_ms,
                   MAX (0, beat_gap_ms - INTERVAL_MS), growth_kib);

  witness_assert_log (fixture->healthy, "");
  g_assert_cmpfloat (beat_gap_ms, <, INTERVAL_MS + MAX_LATE_MS);
  g_assert_cmpfloat (fixture->max_gap_ms, <, MAX_GAP_MS);
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpuint (growth_kib, <, MAX_GROWTH_KIB + 3 * message_kib);
#endif
}

/* No answer, but without end. */
static void
test_handshake (Fixture       *fixture,
                gconstpointer  data)
{
  const Case *scenario = data;

  flood (fixture, scenario->path);
  wsm_connection_set_connect_timeout (fixture->flooded->connection, CONNECT_TIMEOUT_MS);
  test_loop_run_ms (FLOOD_MS);
  assert_undisturbed (fixture, "F7", scenario, 0);
  g_assert_cmpuint (fixture->flooded->n_opened, ==, 0);
  g_assert_cmpint (fixture->flooded->entered_us[WSM_STATE_WAITING], >, 0);
}

static void
test_fragments (Fixture       *fixture,
                gconstpointer  data)
{
  const Case *scenario = data;
  const WsmReason *reason;

  flood (fixture, scenario->path);
  wsm_connection_set_max_message_size (fixture->flooded->connection, MAX_MESSAGE_KIB * 1024);
  WAIT_FOR (witness_is_in (fixture->flooded, WSM_STATE_FAILED));
  assert_undisturbed (fixture, "F33", scenario, MAX_MESSAGE_KIB);
  reason = wsm_connection_get_reason (fixture->flooded->connection);
  g_assert_cmpint (wsm_reason_get_code (reason), ==, WSM_REASON_CODE_TOO_BIG);
}

static void
test_empty_fragments (Fixture       *fixture,
                      gconstpointer  data)
{
  const Case *scenario = data;

  flood (fixture, scenario->path);
  WAIT_FOR (fixture->n_messages == 1);
  /* It answers no beat, so that only the flood tells that it lives. */
  witness_assert_log (fixture->flooded, "CONNECTING OPEN opened");
  assert_undisturbed (fixture, "F33", scenario, 0);
}

/* As fast as it can, and we can: it is a peer like another. */
static void
test_flood (Fixture       *fixture,
            gconstpointer  data)
{
  const Case *scenario = data;

  flood (fixture, scenario->path);
  WAIT_FOR (fixture->flooded->n_opened == 1);
  test_loop_run_ms (FLOOD_MS);
  assert_undisturbed (fixture, "F35", scenario, 0);
  witness_assert_log (fixture->flooded, "CONNECTING OPEN opened");
}

/* One that takes none of the answers to its pings is not read any more, and given up in the end. */
static void
test_deaf (Fixture       *fixture,
           gconstpointer  data)
{
  const Case *scenario = data;
  g_autofree char *text = NULL;
  double patience_ms;

  flood (fixture, scenario->path);
  WAIT_FOR (fixture->flooded->n_disconnected == 1);
  assert_undisturbed (fixture, "F35", scenario, 0);
  witness_assert_log (fixture->flooded, "CONNECTING OPEN opened WAITING disconnected+");
  g_assert_cmpint (wsm_reason_get_code (fixture->flooded->reason), ==, WSM_REASON_CODE_FLOOD);
  text = wsm_reason_to_string (fixture->flooded->reason);
  g_assert_nonnull (strstr (text, " pings, and no answer was taken for 2000 ms; trying again"));
  patience_ms = (double) (fixture->flooded->disconnected_us -
                          fixture->flooded->entered_us[WSM_STATE_OPEN]) / 1000.0;
  matrix_measured ("F35", "%s: given up after %.0f ms: %s", scenario->path + 1, patience_ms, text);
  g_assert_cmpfloat (patience_ms, >=, 2000);
}

static void
add (GPtrArray  *scenarios,
     const char *words,
     const char *path,
     gboolean    is_tls,
     void        (*func) (Fixture       *fixture,
                          gconstpointer  data))
{
  g_autofree char *name = g_strconcat ("/matrix/", words, is_tls ? "-tls" : "", NULL);
  Case *scenario = g_new0 (Case, 1);

  g_ptr_array_add (scenarios, scenario);
  scenario->path = path;
  scenario->is_tls = is_tls;
  g_test_add_vtable (name, sizeof (Fixture), scenario,
                     (GTestFixtureFunc) (void (*) (void)) set_up,
                     (GTestFixtureFunc) (void (*) (void)) func,
                     (GTestFixtureFunc) (void (*) (void)) tear_down);
}

/* libsoup tells of each frame; a test that prints it does nothing else. */
static void
drop_log_cb (const char     *domain,
             GLogLevelFlags  level,
             const char     *message,
             gpointer        user_data)
{
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GPtrArray) scenarios = g_ptr_array_new_with_free_func (g_free);

  g_test_init (&argc, &argv, NULL);
  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, drop_log_cb, NULL);
  g_assert_cmpint (argc, >, 1);
  peer_program = argv[argc - 1];

  for (guint i = 0; i < 2; i++)
    {
      gboolean is_tls = i == 1;

      add (scenarios, "f07-endless-interim-answers", "/informational", is_tls, test_handshake);
      add (scenarios, "f07-endless-headers", "/headers", is_tls, test_handshake);
      add (scenarios, "f33-two-million-empty-fragments", "/empty-fragments", is_tls,
           test_empty_fragments);
      add (scenarios, "f35-messages", "/messages", is_tls, test_flood);
      add (scenarios, "f35-empty-messages", "/empty-messages", is_tls, test_flood);
      add (scenarios, "f35-pings", "/pings", is_tls, test_flood);
    }
  add (scenarios, "f33-endless-fragments", "/fragments", FALSE, test_fragments);
  add (scenarios, "f35-big-messages", "/big-messages", FALSE, test_flood);
  add (scenarios, "f35-messages-from-who-does-not-read", "/messages-deaf", FALSE, test_flood);
  add (scenarios, "f35-pongs", "/pongs", FALSE, test_flood);
  add (scenarios, "f35-long-pings-from-who-does-not-read", "/long-pings-deaf", FALSE, test_deaf);
  add (scenarios, "f35-pings-from-who-does-not-read", "/pings-deaf", TRUE, test_deaf);

  return g_test_run ();
}
