/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include "certificates.h"
#include "raw-server.h"
#include "scene.h"
#include "test-loop.h"

/* What a lost socket may have taken down with it: no lost message is left out. The peers here
 * answer no pings, so that only the system's acknowledgements tell. */

#define MESSAGE_SIZE (16 * 1024)

/* In which the system acknowledges what it has taken, even if it hopes for an occasion. */
#define ACKNOWLEDGEMENT_MS 100

typedef struct
{
  gboolean uses_tls;
  RawServer *server; /* (owned) */
  Scene *scene;      /* (owned) */
  Witness *witness;  /* (owned) */
} Fixture;

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autofree char *uri = NULL;
  WsmConnection *connection;

  fixture->uses_tls = GPOINTER_TO_INT (data);
  fixture->server = raw_server_new (raw_peer_accept_cb, fixture);
  if (fixture->uses_tls)
    certificates_serve (fixture->server);

  fixture->scene = scene_new ();
  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "mode", WSM_HEARTBEAT_MODE_OFF, NULL);
  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  uri = raw_server_make_uri (fixture->server, "/");
  connection = scene_add_uri (fixture->scene, uri);
  certificates_take_any (connection);
  fixture->witness = witness_new (connection);
  WAIT_FOR (fixture->witness->n_opened == 1);
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  witness_free (fixture->witness);
  raw_server_free (fixture->server);
  scene_free (fixture->scene);
}

static gboolean
is_counted (Fixture *fixture)
{
  if (wsm_connection_get_liveness_source (fixture->witness->connection) &
      WSM_LIVENESS_SOURCE_SOCKET)
    return TRUE;

  g_test_skip ("this system does not count acknowledgements");

  return FALSE;
}

/* The end of the stream comes long after the last message, and nothing in between: what the
 * system knew then must not be lost with the socket. */
static void
test_arrived (Fixture       *fixture,
              gconstpointer  data)
{
  if (!is_counted (fixture))
    return;

  witness_send (fixture->witness, 10, 100);
  test_loop_run_ms (ACKNOWLEDGEMENT_MS);
  raw_peer_finish (raw_server_get_peer (fixture->server));
  WAIT_FOR (fixture->witness->n_disconnected == 1);
  g_assert_cmpint (wsm_reason_get_code (fixture->witness->reason), ==,
                   WSM_REASON_CODE_END_OF_STREAM);
  g_assert_cmpuint (fixture->witness->n_unconfirmed, ==, 0);
  g_assert_cmpuint (fixture->witness->n_bytes_dropped, ==, 0);
}

/* A reset says that something is not going to be read, but not what had come before. */
static void
test_reset (Fixture       *fixture,
            gconstpointer  data)
{
  if (!is_counted (fixture))
    return;

  witness_send (fixture->witness, 10, 100);
  test_loop_run_ms (ACKNOWLEDGEMENT_MS);
  raw_peer_reset (raw_server_get_peer (fixture->server));
  WAIT_FOR (fixture->witness->n_disconnected == 1);
  g_assert_cmpuint (fixture->witness->n_unconfirmed, ==, 0);
}

/* Nobody had time to acknowledge anything. */
static void
test_abort (Fixture       *fixture,
            gconstpointer  data)
{
  witness_send (fixture->witness, 3, 100);
  wsm_connection_abort (fixture->witness->connection);
  g_assert_cmpuint (fixture->witness->n_unconfirmed, ==, 3);
  g_assert_cmpuint (fixture->witness->n_bytes_unconfirmed, ==, 300);
}

static guint
count_messages (RawPeer *peer)
{
  guint n_messages = 0;
  guint opcode;
  GBytes *payload;

  while (raw_peer_take_frame (peer, &opcode, &payload))
    {
      g_assert_cmpuint (opcode, ==, 2);
      g_assert_cmpuint (g_bytes_get_size (payload), ==, MESSAGE_SIZE);
      g_bytes_unref (payload);
      n_messages++;
    }

  return n_messages;
}

/* The pipe is full when the stream ends. What the other side then finds in it is at least all
 * that was not reported. */
static void
test_full_pipe (Fixture       *fixture,
                gconstpointer  data)
{
  WsmConnection *connection = fixture->witness->connection;
  RawPeer *peer = raw_server_get_peer (fixture->server);
  guint n_sent, n_arrived;
  gint64 since_us;

  if (!is_counted (fixture))
    return;

  raw_peer_stop_reading (peer);
  wsm_connection_set_outbox_limit (connection, 32 * 1024 * 1024);
  witness_send (fixture->witness, 1000, MESSAGE_SIZE);
  do
    {
      n_sent = (guint) wsm_connection_get_n_messages_sent (connection);
      test_loop_run_ms (ACKNOWLEDGEMENT_MS);
    }
  while (wsm_connection_get_n_messages_sent (connection) > n_sent);
  g_assert_cmpuint (n_sent, <, 1000);

  raw_peer_fall_silent (peer);
  WAIT_FOR (fixture->witness->n_disconnected == 1);
  g_assert_nonnull (strstr (fixture->witness->log->str, "disconnected+ dropped("));
  g_assert_cmpuint (fixture->witness->n_bytes_dropped, ==, (1000 - n_sent) * MESSAGE_SIZE);

  raw_peer_read_slowly (peer, G_MAXINT);
  since_us = g_get_monotonic_time ();
  WAIT_FOR (raw_peer_is_finished (peer) || test_loop_ms_since (since_us) > 1000);
  n_arrived = count_messages (peer);
  g_test_message ("%u handed over, %u unconfirmed; %u arrived", n_sent,
                  fixture->witness->n_unconfirmed, n_arrived);
  g_assert_cmpuint (fixture->witness->n_unconfirmed, >=, n_sent - n_arrived);
  g_assert_cmpuint (fixture->witness->n_unconfirmed, >, 0);
  g_assert_cmpuint (fixture->witness->n_unconfirmed, <, n_sent);
  g_assert_cmpuint (fixture->witness->n_bytes_unconfirmed, ==,
                    fixture->witness->n_unconfirmed * MESSAGE_SIZE);
}

/* A peer that pings without end and reads no answer is not read for a while. What it sent lies in
 * the socket meanwhile, and must not keep the loop awake. */
static void
test_sleeps (Fixture       *fixture,
             gconstpointer  data)
{
  WsmConnection *connection = fixture->witness->connection;
  RawPeer *peer = raw_server_get_peer (fixture->server);
  guint64 n_sent;
  guint n_rounds = 0;
  gint64 since_us;

  raw_peer_stop_reading (peer);
  do
    {
      n_sent = wsm_connection_get_n_messages_sent (connection);
      witness_send (fixture->witness, 10, MESSAGE_SIZE);
      test_loop_run_ms (20);
    }
  while (wsm_connection_get_n_messages_sent (connection) > n_sent);

  for (guint i = 0; i < 1500; i++)
    raw_peer_write_frame (peer, 0x89, "ping", 4);
  test_loop_run_ms (100);
  for (since_us = g_get_monotonic_time (); test_loop_ms_since (since_us) < 500; n_rounds++)
    test_loop_turn ();
  g_test_message ("%u rounds in 500 ms", n_rounds);
  g_assert_cmpuint (n_rounds, <, 500);
  wsm_connection_abort (connection);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (int uses_tls = 0; uses_tls <= 1; uses_tls++)
    {
      const char *stream = uses_tls ? "tls" : "plain";
      g_autofree char *arrived = g_strconcat ("/unconfirmed/arrived/", stream, NULL);
      g_autofree char *reset = g_strconcat ("/unconfirmed/reset/", stream, NULL);
      g_autofree char *abort = g_strconcat ("/unconfirmed/abort/", stream, NULL);

      g_test_add (arrived, Fixture, GINT_TO_POINTER (uses_tls), fixture_set_up, test_arrived,
                  fixture_tear_down);
      g_test_add (reset, Fixture, GINT_TO_POINTER (uses_tls), fixture_set_up, test_reset,
                  fixture_tear_down);
      g_test_add (abort, Fixture, GINT_TO_POINTER (uses_tls), fixture_set_up, test_abort,
                  fixture_tear_down);
    }
  g_test_add ("/unconfirmed/sleeps", Fixture, GINT_TO_POINTER (FALSE), fixture_set_up, test_sleeps,
              fixture_tear_down);
  g_test_add ("/unconfirmed/full-pipe", Fixture, GINT_TO_POINTER (FALSE), fixture_set_up,
              test_full_pipe, fixture_tear_down);

  return g_test_run ();
}
