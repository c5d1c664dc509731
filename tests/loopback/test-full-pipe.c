/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include <stdio.h>
#include <string.h>

#include "raw-server.h"
#include "scene.h"
#include "test-loop.h"

/* A full pipe: peers that read slowly, and peers that do not read. */

#define MAX_BEATS 16

#define OPCODE_BINARY 0x2
#define OPCODE_PING 0x9
#define FINAL_PONG 0x8a

/* What is handed over at once, what may stand unsent in the kernel, and what is in flight or in
 * the other side's kernel before anyone reads it. */
#define MAX_IN_BETWEEN (64 * 1024 + 128 * 1024 + 256 * 1024)

typedef struct
{
  RawServer *server; /* (owned) */
  Scene *scene;      /* (owned) */
  Witness *witness;  /* (owned) */
  guint n_bytes_per_second; /* 0: reads nothing after the request */

  gint64 due_us[MAX_BEATS + 1];     /* by number: when the beat was planned to leave */
  gint64 left_us[MAX_BEATS + 1];    /* ... was handed over */
  gint64 arrived_us[MAX_BEATS + 1]; /* ... was read by the server */
  guint n_arrived;
  guint64 n_bytes; /* of messages */
} Fixture;

static void
request_cb (RawPeer    *peer,
            const char *request,
            gpointer    user_data)
{
  Fixture *fixture = user_data;

  raw_peer_accept (peer, NULL);
  if (fixture->n_bytes_per_second > 0)
    raw_peer_read_slowly (peer, fixture->n_bytes_per_second);
  else
    raw_peer_stop_reading (peer);
}

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  fixture->n_bytes_per_second = GPOINTER_TO_UINT (data);
  fixture->server = raw_server_new (request_cb, fixture);
  fixture->scene = scene_new ();
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  witness_free (fixture->witness);
  raw_server_free (fixture->server);
  scene_free (fixture->scene);
}

static void
open_with_heartbeat (Fixture      *fixture,
                     WsmHeartbeat *heartbeat)
{
  g_autofree char *uri = raw_server_make_uri (fixture->server, "/slow");

  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  fixture->witness = scene_open_uri (fixture->scene, uri);
}

static void
note_beat_cb (WsmConnection *connection,
              GParamSpec    *pspec,
              Fixture       *fixture)
{
  guint64 n_beats = wsm_connection_get_n_beats_sent (connection);

  if (n_beats <= MAX_BEATS && n_beats > 0 && fixture->left_us[n_beats] == 0)
    fixture->left_us[n_beats] = g_get_monotonic_time ();
  if (n_beats < MAX_BEATS)
    fixture->due_us[n_beats + 1] = wsm_connection_get_next_beat_at (connection);
}

/* The server reads on, notes what came when, and answers pings. */
static void
serve (Fixture *fixture)
{
  RawPeer *peer = raw_server_get_peer (fixture->server);
  guint opcode;
  GBytes *payload;
  gsize size;

  while (raw_peer_take_frame (peer, &opcode, &payload))
    {
      const char *text = g_bytes_get_data (payload, &size);
      guint sequence = 0;

      if (opcode == OPCODE_PING)
        {
          g_assert_nonnull (strrchr (text, '-'));
          g_assert_cmpint (sscanf (strrchr (text, '-'), "-%u", &sequence), ==, 1);
          g_assert_cmpuint (sequence, >, 0);
          g_assert_cmpuint (sequence, <=, MAX_BEATS);
          fixture->arrived_us[sequence] = g_get_monotonic_time ();
          fixture->n_arrived++;
          raw_peer_write_frame (peer, FINAL_PONG, text, size);
        }
      else
        {
          g_assert_cmpuint (opcode, ==, OPCODE_BINARY);
          fixture->n_bytes += size;
        }
      g_bytes_unref (payload);
    }
}

static gboolean
serve_until (Fixture *fixture,
             guint    n_arrived)
{
  serve (fixture);

  return fixture->n_arrived >= n_arrived;
}

static void
queue (Fixture *fixture,
       gsize    message_size,
       guint    n_messages)
{
  WsmConnection *connection = fixture->witness->connection;
  g_autoptr (GBytes) message = g_bytes_new_take (g_malloc0 (message_size), message_size);
  g_autoptr (GError) error = NULL;

  wsm_connection_set_outbox_limit (connection, (guint64) message_size * n_messages);
  for (guint i = 0; i < n_messages; i++)
    {
      wsm_connection_send_bytes (connection, message, &error);
      g_assert_no_error (error);
    }
}

/* Opens, and from then on watches each beat on its way. */
static void
open_and_watch (Fixture *fixture,
                guint    interval_ms,
                guint    timeout_ms)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", interval_ms,
                            "timeout", timeout_ms,
                            "max-missed", 1,
                            "jitter", 0.0,
                            NULL);
  open_with_heartbeat (fixture, heartbeat);
  note_beat_cb (fixture->witness->connection, NULL, fixture);
  g_signal_connect (fixture->witness->connection, "notify::next-beat-at",
                    G_CALLBACK (note_beat_cb), fixture);
}

/* Returns: how long the slowest of the beats was on its way, in milliseconds */
static double
check_beats (Fixture *fixture,
             guint    n_beats)
{
  double slowest_ms = 0;

  for (guint i = 1; i <= n_beats; i++)
    {
      double late_ms = (double) (fixture->left_us[i] - fixture->due_us[i]) / 1000.0;
      double way_ms = (double) (fixture->arrived_us[i] - fixture->due_us[i]) / 1000.0;

      g_test_message ("beat %u: left %.1f ms late, arrived after %.0f ms", i, late_ms, way_ms);
      g_assert_cmpfloat (late_ms, >=, -1);
      g_assert_cmpfloat (late_ms, <=, 50);
      g_assert_cmpfloat (way_ms, <=, 1000);
      slowest_ms = MAX (slowest_ms, way_ms);
    }

  return slowest_ms;
}

/* Sixty-four megabytes wait for a reader of one a second, and the beats overtake them. */
static void
test_slow_reader (Fixture       *fixture,
                  gconstpointer  data)
{
  WsmConnection *connection;
  guint64 buffered;

  open_and_watch (fixture, 400, 300);
  connection = fixture->witness->connection;
  queue (fixture, 64 * 1024, 1000);
  g_assert_cmpuint (wsm_connection_get_buffered (connection), >=, 999 * 64 * 1024);

  WAIT_FOR (serve_until (fixture, 8));
  witness_assert_log (fixture->witness, "");
  g_assert_true (witness_is_in (fixture->witness, WSM_STATE_OPEN));
  check_beats (fixture, 8);

  /* The pipe was full all the time, and is emptied no faster than the reader reads. */
  buffered = wsm_connection_get_buffered (connection);
  g_assert_cmpuint (fixture->n_bytes, >=, 1000 * 1000);
  g_assert_cmpuint (fixture->n_bytes + buffered, >=, 1000 * 64 * 1024 - MAX_IN_BETWEEN);
  g_assert_cmpuint (fixture->n_bytes + buffered, <=, 1000 * 64 * 1024);
}

/* A beat that waits behind one large message is out for longer than its time-out. The peer is
 * alive all the same: there is ever less in front of the beat. */
static void
test_large_messages (Fixture       *fixture,
                     gconstpointer  data)
{
  open_and_watch (fixture, 1000, 200);
  queue (fixture, 640 * 1024, 20);
  WAIT_FOR (serve_until (fixture, 3));
  witness_assert_log (fixture->witness, "");
  g_assert_true (witness_is_in (fixture->witness, WSM_STATE_OPEN));
  g_assert_cmpfloat (check_beats (fixture, 3), >, 300);
}

/* Sends until it is told to stop, lets go what goes, and so on until nothing goes. */
static guint64
fill (WsmConnection *connection)
{
  const gsize message_size = 64 * 1024;
  g_autoptr (GBytes) message = g_bytes_new_take (g_malloc0 (message_size), message_size);
  guint64 n_taken = 0;
  guint64 n_before = 0;

  do
    {
      g_autoptr (GError) error = NULL;

      n_before = n_taken;
      while (wsm_connection_send_bytes (connection, message, &error))
        n_taken += message_size;
      g_assert_error (error, WSM_ERROR, WSM_ERROR_OUTBOX_FULL);
      test_loop_run_ms (50);
    }
  while (n_taken > n_before);

  return n_taken;
}

static void
test_stalled_reader (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (WsmHeartbeat) heartbeat = scene_make_beat (300, 200);
  WsmConnection *connection;
  guint64 n_taken, limit;
  gint64 full_us;

  open_with_heartbeat (fixture, heartbeat);
  connection = fixture->witness->connection;
  wsm_connection_pause (connection);
  limit = wsm_connection_get_outbox_limit (connection);
  g_assert_cmpuint (limit, ==, 1024 * 1024);

  n_taken = fill (connection);
  g_test_message ("%" G_GUINT64_FORMAT " bytes beyond the outbox of %" G_GUINT64_FORMAT,
                  n_taken - limit, limit);
  g_assert_cmpuint (wsm_connection_get_buffered (connection), <=, limit);
  g_assert_cmpuint (n_taken, <=, limit + MAX_IN_BETWEEN);

  /* Silence is silence, whatever waits to be sent. */
  wsm_connection_resume (connection);
  full_us = g_get_monotonic_time ();
  WAIT_FOR (fixture->witness->n_disconnected == 1);
  g_assert_cmpfloat (test_loop_ms_since (full_us), <=,
                     wsm_heartbeat_worst_case_detection (heartbeat) + 100);
  g_assert_cmpint (wsm_reason_get_code (fixture->witness->reason), ==,
                   WSM_REASON_CODE_HEARTBEAT_LOST);
  wsm_connection_abort (connection);
  g_assert_cmpuint (fixture->witness->n_bytes_dropped, >, 0);
  g_assert_cmpuint (fixture->witness->n_bytes_dropped, <=, limit);
}

/* A reader who does not read does not hold up the goodbye either. */
static void
test_close_on_stalled_reader (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                     "mode", WSM_HEARTBEAT_MODE_OFF,
                                                     NULL);
  double elapsed_ms;

  open_with_heartbeat (fixture, heartbeat);
  wsm_connection_set_close_timeout (fixture->witness->connection, 300);
  fill (fixture->witness->connection);
  g_assert_true (wsm_connection_close (fixture->witness->connection, 1000, NULL, NULL));
  WAIT_FOR (fixture->witness->n_ended == 1);
  elapsed_ms = (double) (fixture->witness->entered_us[WSM_STATE_CLOSED] -
                         fixture->witness->entered_us[WSM_STATE_CLOSING]) / 1000.0;
  g_assert_cmpfloat (elapsed_ms, >=, 290);
  g_assert_cmpfloat (elapsed_ms, <=, 350);
  g_assert_cmpint (wsm_reason_get_code (fixture->witness->reason), ==,
                   WSM_REASON_CODE_CLOSE_TIMED_OUT);
  g_assert_nonnull (strstr (fixture->witness->log->str, "CLOSING CLOSED disconnected dropped("));
  g_assert_true (g_str_has_suffix (fixture->witness->log->str, ") closed "));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/full-pipe/slow-reader-is-alive", Fixture, GUINT_TO_POINTER (1000 * 1000),
              fixture_set_up, test_slow_reader, fixture_tear_down);
  g_test_add ("/full-pipe/beat-behind-a-large-message", Fixture, GUINT_TO_POINTER (1000 * 1000),
              fixture_set_up, test_large_messages, fixture_tear_down);
  g_test_add ("/full-pipe/stalled-reader-is-bounded-and-dead", Fixture, NULL, fixture_set_up,
              test_stalled_reader, fixture_tear_down);
  g_test_add ("/full-pipe/close-does-not-wait-for-a-stalled-reader", Fixture, NULL,
              fixture_set_up, test_close_on_stalled_reader, fixture_tear_down);

  return g_test_run ();
}
