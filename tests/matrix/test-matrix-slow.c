/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "certificates.h"
#include "matrix.h"
#include "raw-server.h"
#include "scene.h"
#include "test-loop.h"
#include "test-process.h"

/* F23 to F27: a full pipe, and peers that read slowly or do not read. */

#define MAX_BEATS 16

#define OPCODE_BINARY 0x2
#define OPCODE_PING 0x9
#define FINAL_TEXT 0x81
#define FINAL_PONG 0x8a

#define CLOSE_TIMEOUT_MS 300
#define CLOSE_SLACK_MS 50

/* 13 MB. */
#define N_QUEUED 208

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
  g_clear_pointer (&fixture->witness, witness_free);
  raw_server_free (fixture->server);
  scene_free (fixture->scene);
}

/* With few authorities: GnuTLS frees all that it trusts with each stream, and for those of the
 * system that takes it a millisecond. */
static void
use_tls (Fixture *fixture)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "server.pem", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (path, &error);
  g_autoptr (GTlsDatabase) authorities = NULL;

  g_assert_no_error (error);
  raw_server_use_tls (fixture->server, certificate);
  authorities = g_tls_file_database_new (path, &error);
  g_assert_no_error (error);
  soup_session_set_tls_database (wsm_pool_get_session (fixture->scene->pool), authorities);
}

static Witness *
open_one (Fixture      *fixture,
          WsmHeartbeat *heartbeat)
{
  g_autofree char *uri = raw_server_make_uri (fixture->server, "/slow");
  WsmConnection *connection;
  Witness *witness;

  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  connection = scene_add_uri (fixture->scene, uri);
  certificates_take_any (connection);
  witness = witness_new (connection);
  WAIT_FOR (witness->n_opened == 1);
  witness_assert_log (witness, "CONNECTING OPEN opened");

  return witness;
}

static void
open_with_heartbeat (Fixture      *fixture,
                     WsmHeartbeat *heartbeat)
{
  fixture->witness = open_one (fixture, heartbeat);
}

static void
open_without_beats (Fixture *fixture)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "mode", WSM_HEARTBEAT_MODE_OFF, NULL);
  open_with_heartbeat (fixture, heartbeat);
  wsm_connection_set_close_timeout (fixture->witness->connection, CLOSE_TIMEOUT_MS);
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

/* F23: thirteen megabytes wait for a reader of one a second, and the beats overtake them. A PING
 * behind all of it would be answered after many times its time-out. */
static void
test_slow_reader (Fixture       *fixture,
                  gconstpointer  data)
{
  WsmConnection *connection;
  double slowest_ms;
  guint64 buffered;

  open_and_watch (fixture, 400, 300);
  connection = fixture->witness->connection;
  queue (fixture, 64 * 1024, N_QUEUED);
  g_assert_cmpuint (wsm_connection_get_buffered (connection), >=,
                    N_QUEUED * 64 * 1024 - SCENE_MAX_IN_BETWEEN);

  WAIT_FOR (serve_until (fixture, 6));
  witness_assert_log (fixture->witness, "");
  g_assert_true (witness_is_in (fixture->witness, WSM_STATE_OPEN));
  slowest_ms = check_beats (fixture, 6);

  /* The pipe was full all the time, and is emptied no faster than the reader reads. */
  buffered = wsm_connection_get_buffered (connection);
  g_assert_cmpuint (fixture->n_bytes, >=, 1000 * 1000);
  g_assert_cmpuint (fixture->n_bytes + buffered, >=, N_QUEUED * 64 * 1024 - SCENE_MAX_IN_BETWEEN);
  g_assert_cmpuint (fixture->n_bytes + buffered, <=, N_QUEUED * 64 * 1024);
  matrix_measured ("F23", "%d KiB queued, read at 1 MB/s: 6 of 6 beats in time, the slowest after "
                   "%.0f ms", N_QUEUED * 64, slowest_ms);
}

/* F23: a beat that waits behind one large message is out for longer than its time-out. The peer is
 * alive all the same: there is ever less in front of the beat. */
static void
test_large_messages (Fixture       *fixture,
                     gconstpointer  data)
{
  double slowest_ms;

  open_and_watch (fixture, 1000, 200);
  queue (fixture, 640 * 1024, 20);
  WAIT_FOR (serve_until (fixture, 3));
  witness_assert_log (fixture->witness, "");
  g_assert_true (witness_is_in (fixture->witness, WSM_STATE_OPEN));
  slowest_ms = check_beats (fixture, 3);
  g_assert_cmpfloat (slowest_ms, >, 300);
  matrix_measured ("F23", "behind messages of 640 KiB: beats with a time-out of 200 ms arrive "
                   "after up to %.0f ms, and none counts as missed", slowest_ms);
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

/* Offers a gigabyte, in messages of that size, each with memory of its own.
 *
 * Returns: how many bytes were taken */
static guint64
offer_a_gigabyte (WsmConnection *connection,
                  gsize          message_size)
{
  guint64 n_taken = 0;
  guint n_messages = (guint) ((1024 * 1024 * 1024) / message_size);

  /* A gigabyte of little ones would be nothing but a long time. */
  n_messages = MIN (n_messages, 100 * 1000);
  for (guint i = 0; i < n_messages; i++)
    {
      g_autoptr (GBytes) message = NULL;
      g_autoptr (GError) error = NULL;

      message = g_bytes_new_take (memset (g_malloc (message_size), 1, message_size),
                                  message_size);
      if (wsm_connection_send_bytes (connection, message, &error))
        n_taken += message_size;
      else
        g_assert_error (error, WSM_ERROR, WSM_ERROR_OUTBOX_FULL);
      if (i % 256 == 0)
        test_loop_turn ();
      g_assert_cmpuint (wsm_connection_get_buffered (connection), <=,
                        wsm_connection_get_outbox_limit (connection));
    }

  return n_taken;
}

static void
test_stalled_reader (Fixture       *fixture,
                     gconstpointer  data)
{
  static const gsize sizes[] = { 64 * 1024, 1 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (WsmHeartbeat) heartbeat = scene_make_beat (300, 200);
      WsmConnection *connection;
      guint64 n_taken, limit, before;
      double elapsed_ms;
      gint64 grown, full_us;

      open_with_heartbeat (fixture, heartbeat);
      connection = fixture->witness->connection;
      wsm_connection_pause (connection);
      limit = wsm_connection_get_outbox_limit (connection);
      g_assert_cmpuint (limit, ==, 1024 * 1024);

      before = test_process_count_resident ();
      n_taken = offer_a_gigabyte (connection, sizes[i]);
      grown = (gint64) test_process_count_resident () - (gint64) before;
      g_assert_cmpuint (n_taken, <=, limit + SCENE_MAX_IN_BETWEEN);
      g_assert_false (wsm_connection_get_writable (connection));
#ifndef __SANITIZE_ADDRESS__
      g_assert_cmpint (grown, <=, (gint64) limit + 1024 * 1024);
#endif

      /* Silence is silence, whatever waits to be sent. */
      wsm_connection_resume (connection);
      full_us = g_get_monotonic_time ();
      WAIT_FOR (fixture->witness->n_disconnected == 1);
      elapsed_ms = test_loop_ms_since (full_us);
      g_assert_cmpfloat (elapsed_ms, <=, wsm_heartbeat_worst_case_detection (heartbeat) + 100);
      g_assert_cmpint (wsm_reason_get_code (fixture->witness->reason), ==,
                       WSM_REASON_CODE_HEARTBEAT_LOST);
      g_assert_cmpuint (fixture->witness->n_bytes_dropped, >, 0);
      g_assert_cmpuint (fixture->witness->n_bytes_dropped, <=, limit);
      g_assert_cmpuint (fixture->witness->n_unconfirmed, >, 0);
      matrix_measured ("F24", "offered in messages of %" G_GSIZE_FORMAT " bytes: %" G_GUINT64_FORMAT
                       " KiB taken, %" G_GINT64_FORMAT " KiB of memory more, dead after %.0f ms",
                       sizes[i], n_taken / 1024, grown / 1024, elapsed_ms);

      wsm_pool_remove (fixture->scene->pool, connection);
      g_clear_pointer (&fixture->witness, witness_free);
    }
}

/* F25: a reader who does not read does not hold up the goodbye either. */
static void
close_on_stalled_reader (Fixture    *fixture,
                         const char *what)
{
  double elapsed_ms;
  guint n_sockets;

  open_without_beats (fixture);
  fill (fixture->witness->connection);
  n_sockets = test_process_count_sockets ();
  g_assert_true (wsm_connection_close (fixture->witness->connection, 1000, NULL, NULL));
  WAIT_FOR (fixture->witness->n_ended == 1);
  elapsed_ms = (double) (fixture->witness->entered_us[WSM_STATE_CLOSED] -
                         fixture->witness->entered_us[WSM_STATE_CLOSING]) / 1000.0;
  g_assert_cmpfloat (elapsed_ms, <=, CLOSE_TIMEOUT_MS + CLOSE_SLACK_MS);
  matrix_measured ("F25", "%s: closed %.0f ms after it was asked for, with %d ms allowed", what,
                   elapsed_ms, CLOSE_TIMEOUT_MS);
  /* Its socket is gone too, though the peer still does not read. */
  WAIT_WITHIN (test_process_count_sockets () < n_sockets, SCENE_RELEASE_MS);
  g_assert_cmpint (wsm_reason_get_code (fixture->witness->reason), ==,
                   WSM_REASON_CODE_CLOSE_TIMED_OUT);
  g_assert_nonnull (strstr (fixture->witness->log->str, "CLOSING CLOSED disconnected dropped("));
  g_assert_true (g_str_has_suffix (fixture->witness->log->str, ") closed "));
  raw_peer_finish (raw_server_get_peer (fixture->server));
  WAIT_WITHIN (test_process_count_sockets () <= fixture->scene->n_sockets, SCENE_RELEASE_MS);
}

static void
test_close_on_stalled_reader (Fixture       *fixture,
                              gconstpointer  data)
{
  close_on_stalled_reader (fixture, "plain");
}

static void
test_close_on_stalled_tls (Fixture       *fixture,
                           gconstpointer  data)
{
  use_tls (fixture);
  close_on_stalled_reader (fixture, "TLS");
}

/* F26: libsoup then waits for its close frame to leave, and that cannot. */
static void
test_broken_protocol (Fixture       *fixture,
                      gconstpointer  data)
{
  static const guint8 masked_text[] = { FINAL_TEXT, 0x82, 0, 0, 0, 0, 'h', 'i' };
  double elapsed_ms;
  gint64 since_us;

  open_without_beats (fixture);
  fill (fixture->witness->connection);
  since_us = g_get_monotonic_time ();
  raw_peer_write (raw_server_get_peer (fixture->server), masked_text, sizeof masked_text);
  WAIT_FOR (fixture->witness->n_ended == 1);
  elapsed_ms = test_loop_ms_since (since_us);
  g_assert_cmpfloat (elapsed_ms, <=, CLOSE_TIMEOUT_MS);
  g_assert_cmpint (wsm_reason_get_code (fixture->witness->reason), ==, WSM_REASON_CODE_PROTOCOL);
  g_assert_true (g_str_has_prefix (fixture->witness->log->str, "FAILED disconnected dropped("));
  g_assert_true (g_str_has_suffix (fixture->witness->log->str, ") failed "));
  g_assert_cmpuint (fixture->witness->messages->len, ==, 0);
  raw_peer_finish (raw_server_get_peer (fixture->server));
  WAIT_WITHIN (test_process_count_sockets () <= fixture->scene->n_sockets, SCENE_RELEASE_MS);
  matrix_measured ("F26", "failed %.1f ms after the frame", elapsed_ms);
}

/* F27. Look-ups of names, one after the other; each takes a thread of those that closing streams
 * wait in if libsoup is left to itself. */
typedef struct
{
  const char *name;
  gboolean goes_on;
  gint64 since_us;   /* when the present one began; 0 = there is none */
  gint64 took_us;    /* of one that ended in this turn; 0 = none did */
  gint64 kept_us;    /* in which others on this machine kept the loop from running */
  guint n_done;
  double slowest_ms;
} LookUps;

static void
look_up (LookUps *look_ups);

static void
looked_up_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  LookUps *look_ups = user_data;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, NULL);

  g_resolver_free_addresses (addresses);
  look_ups->took_us = g_get_monotonic_time () - look_ups->since_us;
  look_ups->since_us = 0;
  look_ups->n_done++;
  if (look_ups->goes_on)
    look_up (look_ups);
}

static void
look_up (LookUps *look_ups)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();

  look_ups->since_us = g_get_monotonic_time ();
  g_resolver_lookup_by_name_async (resolver, look_ups->name, NULL, looked_up_cb, look_ups);
}

static gint64
get_thread_time_us (void)
{
  struct timespec time;

  g_assert_cmpint (clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time), ==, 0);

  return (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

/* A turn is at most a few milliseconds of waiting, and what it has to do. */
#define TURN_WAIT_US 3000

static void
look_up_in_turn (LookUps *look_ups)
{
  gint64 before_us = g_get_monotonic_time ();
  gint64 thread_before_us = get_thread_time_us ();
  gint64 kept_us;

  test_loop_turn ();
  kept_us = (g_get_monotonic_time () - before_us) - (get_thread_time_us () - thread_before_us) -
            TURN_WAIT_US;
  look_ups->kept_us += MAX (kept_us, 0);
  look_ups->slowest_ms = MAX (look_ups->slowest_ms, (double) look_ups->took_us / 1000.0);
  look_ups->took_us = 0;
}

static void
look_up_for_ms (LookUps *look_ups,
                guint    milliseconds)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) milliseconds * 1000;

  look_ups->goes_on = TRUE;
  look_ups->n_done = 0;
  look_ups->kept_us = 0;
  look_ups->slowest_ms = 0;
  look_up (look_ups);
  while (g_get_monotonic_time () < end_us)
    look_up_in_turn (look_ups);
  look_ups->goes_on = FALSE;
  while (look_ups->since_us != 0)
    look_up_in_turn (look_ups);
}

#define N_STALLS 30
#define MAX_LOOK_UP_MS 50

/* Of the time that it takes, others may have so much; then it is them that is measured. */
#define MAX_KEPT_US (20 * 1000)

static double
close_many_stalls (Fixture      *fixture,
                   WsmHeartbeat *heartbeat,
                   LookUps      *look_ups)
{
  g_autoptr (GPtrArray) witnesses = NULL;
  const gsize message_size = 64 * 1024;
  g_autoptr (GBytes) message = g_bytes_new_take (g_malloc0 (message_size), message_size);

  witnesses = g_ptr_array_new_with_free_func ((GDestroyNotify) witness_free);
  for (guint i = 0; i < N_STALLS; i++)
    {
      Witness *witness = open_one (fixture, heartbeat);

      g_ptr_array_add (witnesses, witness);
      wsm_connection_set_close_timeout (witness->connection, CLOSE_TIMEOUT_MS);
      while (wsm_connection_get_writable (witness->connection))
        wsm_connection_send_bytes (witness->connection, message, NULL);
    }
  test_loop_run_ms (100);
  for (guint i = 0; i < N_STALLS; i++)
    {
      Witness *witness = g_ptr_array_index (witnesses, i);

      g_assert_cmpuint (wsm_connection_get_buffered (witness->connection), >, message_size);
      g_assert_true (wsm_connection_close (witness->connection, 1000, NULL, NULL));
    }
  look_up_for_ms (look_ups, 2 * CLOSE_TIMEOUT_MS);
  g_assert_cmpuint (look_ups->n_done, >, 10);
  for (guint i = 0; i < N_STALLS; i++)
    g_assert_cmpuint (((Witness *) g_ptr_array_index (witnesses, i))->n_ended, ==, 1);

  return look_ups->slowest_ms;
}

static void
test_many_stalls (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  LookUps look_ups = { .name = g_get_host_name () };
  double slowest_ms;
  guint n_rounds = 0;

#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("under a sanitizer it is the sanitizer that is measured");
  return;
#endif

  look_up_for_ms (&look_ups, 100);
  if (look_ups.slowest_ms > CLOSE_SLACK_MS / 2)
    {
      g_test_skip ("this machine is slow to find itself");
      return;
    }

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "mode", WSM_HEARTBEAT_MODE_OFF, NULL);
  use_tls (fixture);
  do
    slowest_ms = close_many_stalls (fixture, heartbeat, &look_ups);
  while (slowest_ms >= MAX_LOOK_UP_MS && look_ups.kept_us > MAX_KEPT_US && ++n_rounds < 5);
  if (slowest_ms >= MAX_LOOK_UP_MS && look_ups.kept_us > MAX_KEPT_US)
    {
      g_test_skip ("this machine has too much else to do");
      return;
    }
  g_assert_cmpfloat (slowest_ms, <, MAX_LOOK_UP_MS);
  matrix_measured ("F27", "%u names looked up meanwhile, the slowest in %.1f ms", look_ups.n_done,
                   slowest_ms);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/matrix/f23-slow-reader/much-is-queued", Fixture, GUINT_TO_POINTER (1000 * 1000),
              fixture_set_up, test_slow_reader, fixture_tear_down);
  g_test_add ("/matrix/f23-slow-reader/large-messages", Fixture, GUINT_TO_POINTER (1000 * 1000),
              fixture_set_up, test_large_messages, fixture_tear_down);
  g_test_add ("/matrix/f24-stalled-reader", Fixture, NULL, fixture_set_up, test_stalled_reader,
              fixture_tear_down);
  g_test_add ("/matrix/f25-close-on-stalled-reader/plain", Fixture, NULL, fixture_set_up,
              test_close_on_stalled_reader, fixture_tear_down);
  g_test_add ("/matrix/f25-close-on-stalled-reader/tls", Fixture, NULL, fixture_set_up,
              test_close_on_stalled_tls, fixture_tear_down);
  g_test_add ("/matrix/f26-broken-protocol-while-full", Fixture, NULL, fixture_set_up,
              test_broken_protocol, fixture_tear_down);
  g_test_add ("/matrix/f27-thirty-stalls-closed-at-once", Fixture, NULL, fixture_set_up,
              test_many_stalls, fixture_tear_down);

  return g_test_run ();
}
