/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include "matrix.h"
#include "raw-server.h"
#include "scene.h"
#include "test-loop.h"

/* F28: peers that do not close as they should. */

#define OPCODE_CLOSE 0x8
#define FINAL_TEXT 0x81

#define CLOSE_TIMEOUT_MS 300
#define CLOSE_SLACK_MS 50

/* What a peer does with the client's close frame. */
typedef struct
{
  const char *name;
  const char *path;
  void (*answer) (RawPeer *peer);
  gboolean is_polite; /* ends before the time is up */
} Goodbye;

typedef struct
{
  RawServer *server;      /* (owned) */
  Scene *scene;           /* (owned) */
  Witness *witness;       /* (owned) */
  const Goodbye *goodbye; /* (unowned) (nullable): the one under test */
} Fixture;

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autofree char *uri = NULL;

  fixture->server = raw_server_new (raw_peer_accept_cb, fixture);
  fixture->scene = scene_new ();
  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "mode", WSM_HEARTBEAT_MODE_OFF, NULL);
  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  uri = raw_server_make_uri (fixture->server, "/");
  fixture->witness = scene_open_uri (fixture->scene, uri);
  wsm_connection_set_close_timeout (fixture->witness->connection, CLOSE_TIMEOUT_MS);
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
answer_nothing (RawPeer *peer)
{
}

static void
answer_and_stay (RawPeer *peer)
{
  raw_peer_write_close (peer, 1000, NULL);
}

static void
answer_twice (RawPeer *peer)
{
  raw_peer_write_close (peer, 1000, NULL);
  raw_peer_write_close (peer, 1001, "again");
  raw_peer_finish (peer);
}

static void
answer_with_data (RawPeer *peer)
{
  raw_peer_write_frame (peer, FINAL_TEXT, "before", 6);
  raw_peer_write_close (peer, 1000, NULL);
  raw_peer_write_frame (peer, FINAL_TEXT, "after", 5);
  raw_peer_finish (peer);
}

static void
answer_and_go (RawPeer *peer)
{
  raw_peer_write_close (peer, 1000, NULL);
  raw_peer_finish (peer);
}

static const Goodbye goodbyes[] = {
  { "ignored", "/matrix/f28-close/ignored", answer_nothing, FALSE },
  { "answered, connection kept", "/matrix/f28-close/kept", answer_and_stay, FALSE },
  { "answered twice", "/matrix/f28-close/twice", answer_twice, TRUE },
  { "answered amid messages", "/matrix/f28-close/messages", answer_with_data, TRUE },
  { "answered as it should be", "/matrix/f28-close/honest", answer_and_go, TRUE },
};

static void
goodbye_input_cb (RawPeer  *peer,
                  gpointer  user_data)
{
  Fixture *fixture = user_data;
  guint opcode;
  GBytes *payload;

  while (raw_peer_take_frame (peer, &opcode, &payload))
    {
      g_bytes_unref (payload);
      if (opcode == OPCODE_CLOSE)
        {
          fixture->goodbye->answer (peer);
          return;
        }
    }
}

static void
assert_closed_in_time (Fixture *fixture)
{
  double elapsed_ms = (double) (fixture->witness->entered_us[WSM_STATE_CLOSED] -
                                fixture->witness->entered_us[WSM_STATE_CLOSING]) / 1000.0;

  g_assert_cmpfloat (elapsed_ms, <=, CLOSE_TIMEOUT_MS + CLOSE_SLACK_MS);
  g_assert_cmpuint (fixture->witness->n_disconnected, ==, 1);
  g_assert_cmpuint (fixture->witness->n_ended, ==, 1);
  matrix_measured ("F28", "%s: closed %.0f ms after it was asked for, with %d ms allowed",
                   fixture->goodbye->name, elapsed_ms, CLOSE_TIMEOUT_MS);
}

static void
test_goodbye (Fixture       *fixture,
              gconstpointer  data)
{
  fixture->goodbye = data;
  raw_server_watch_input (fixture->server, goodbye_input_cb);
  g_assert_true (wsm_connection_close (fixture->witness->connection, 1000, NULL, NULL));
  WAIT_FOR (fixture->witness->n_ended == 1);
  test_loop_run_ms (SCENE_RELEASE_MS);
  witness_assert_log (fixture->witness, "CLOSING CLOSED disconnected closed");
  g_assert_cmpuint (fixture->witness->messages->len, ==, 0);
  g_assert_cmpint (wsm_reason_get_code (fixture->witness->reason), ==,
                   fixture->goodbye->is_polite ? WSM_REASON_CODE_REQUESTED
                                               : WSM_REASON_CODE_CLOSE_TIMED_OUT);
  assert_closed_in_time (fixture);
}

/* The other way round, the peer closes and goes on as if it had not. */
static void
test_data_after_close (Fixture       *fixture,
                       gconstpointer  data)
{
  RawPeer *peer = raw_server_get_peer (fixture->server);
  gint64 since_us;
  double elapsed_ms;

  since_us = g_get_monotonic_time ();
  raw_peer_write_frame (peer, FINAL_TEXT, "before", 6);
  raw_peer_write_close (peer, 1000, "bye");
  raw_peer_write_frame (peer, FINAL_TEXT, "after", 5);
  raw_peer_write_close (peer, 1001, "again");
  WAIT_FOR (fixture->witness->n_ended == 1);
  elapsed_ms = test_loop_ms_since (since_us);
  test_loop_run_ms (SCENE_RELEASE_MS);
  witness_assert_log (fixture->witness, "CLOSING CLOSED disconnected closed");
  g_assert_cmpuint (fixture->witness->messages->len, ==, 1);
  g_assert_cmpstr (witness_get_text (fixture->witness, 0), ==, "before");
  g_assert_cmpuint (wsm_connection_get_close_code (fixture->witness->connection), ==, 1000);
  /* The default of close-timeout: there was nothing to ask for. */
  g_assert_cmpfloat (elapsed_ms, <=, 2000 + CLOSE_SLACK_MS);
  matrix_measured ("F28", "closed by the peer, which sends on and stays: closed after %.0f ms",
                   elapsed_ms);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (goodbyes); i++)
    g_test_add (goodbyes[i].path, Fixture, &goodbyes[i], fixture_set_up, test_goodbye,
                fixture_tear_down);
  g_test_add ("/matrix/f28-close/by-the-peer", Fixture, NULL, fixture_set_up,
              test_data_after_close, fixture_tear_down);

  return g_test_run ();
}
