/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include "raw-server.h"
#include "scene.h"
#include "test-loop.h"

/* Every kind of beat, as a server sees it. */

#define INTERVAL_MS 100
#define TIMEOUT_MS 90

typedef struct
{
  Scene *scene;      /* (owned) */
  WsmEchoPath *path; /* (unowned): an honest one */
  Witness *witness;  /* (owned) (nullable) */
  GSource *chatter;  /* (owned) (nullable): messages from the server, again and again */
} Fixture;

static gboolean
chatter_cb (gpointer user_data)
{
  wsm_echo_path_broadcast_text (user_data, "news");

  return G_SOURCE_CONTINUE;
}

static void
start_chatter (Fixture *fixture)
{
  fixture->chatter = g_timeout_source_new (INTERVAL_MS / 4);
  g_source_set_callback (fixture->chatter, chatter_cb, fixture->path, NULL);
  g_source_attach (fixture->chatter, NULL);
}

static void
stop_chatter (Fixture *fixture)
{
  if (fixture->chatter == NULL)
    return;

  g_source_destroy (fixture->chatter);
  g_clear_pointer (&fixture->chatter, g_source_unref);
}

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  fixture->scene = scene_new ();
  fixture->path = scene_add_path (fixture->scene, "/a");
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  stop_chatter (fixture);
  witness_free (fixture->witness);
  scene_free (fixture->scene);
}

/* Opens with a heartbeat of the usual interval and of what the further arguments say. */
static void
open_with (Fixture    *fixture,
           const char *first_property,
           ...)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autoptr (GError) error = NULL;
  va_list properties;

  va_start (properties, first_property);
  heartbeat = WSM_HEARTBEAT (g_object_new_valist (WSM_TYPE_HEARTBEAT, first_property, properties));
  va_end (properties);
  wsm_heartbeat_validate (heartbeat, &error);
  g_assert_no_error (error);
  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  fixture->witness = scene_open (fixture->scene, "/a");
}

#define USUAL "interval", INTERVAL_MS, "timeout", TIMEOUT_MS, "jitter", 0.0

static void
assert_well (Fixture *fixture)
{
  witness_assert_log (fixture->witness, "");
  g_assert_true (witness_is_in (fixture->witness, WSM_STATE_OPEN));
  g_assert_cmpuint (wsm_connection_get_n_missed (fixture->witness->connection), ==, 0);
}

static void
assert_gets_lost (Fixture *fixture)
{
  WAIT_FOR (fixture->witness->n_disconnected == 1);
  g_assert_cmpint (wsm_reason_get_code (fixture->witness->reason), ==,
                   WSM_REASON_CODE_HEARTBEAT_LOST);
  wsm_connection_abort (fixture->witness->connection);
}

static void
test_ping (Fixture       *fixture,
           gconstpointer  data)
{
  open_with (fixture, USUAL, NULL);
  WAIT_FOR (fixture->witness->n_beats == 3);
  assert_well (fixture);
  WAIT_FOR (scene_get (fixture->path, "n-pings") >= 3);
  g_assert_cmpuint (scene_get (fixture->path, "n-messages"), ==, 0);
  g_assert_cmpuint (fixture->witness->messages->len, ==, 0);
  g_assert_cmpfloat (fixture->witness->round_trip_ms, >, 0);
  g_assert_cmpfloat (fixture->witness->round_trip_ms, <, TIMEOUT_MS);
}

static void
test_text (Fixture       *fixture,
           gconstpointer  data)
{
  gboolean hides = GPOINTER_TO_INT (data);

  open_with (fixture, USUAL,
             "mode", WSM_HEARTBEAT_MODE_TEXT,
             "payload", "beat %{seq}",
             "reply-match", WSM_REPLY_MATCH_EXACT,
             "reply", "beat %{seq}",
             "hide-reply", hides,
             NULL);
  WAIT_FOR (fixture->witness->n_beats == 3);
  g_assert_true (wsm_connection_send_text (fixture->witness->connection, "beat", NULL));
  WAIT_FOR (fixture->witness->messages->len >= (hides ? 1 : 4));
  assert_well (fixture);
  g_assert_cmpuint (scene_get (fixture->path, "n-pings"), ==, 0);
  g_assert_cmpstr (witness_get_text (fixture->witness, 0), ==, hides ? "beat" : "beat 1");
}

static void
test_text_with_regex (Fixture       *fixture,
                      gconstpointer  data)
{
  g_object_set (fixture->path,
                "reply-to", "{\"op\":\"ping\"}",
                "reply", "{\"op\":\"pong\",\"t\":12}",
                NULL);
  open_with (fixture, USUAL,
             "mode", WSM_HEARTBEAT_MODE_TEXT,
             "payload", "{\"op\":\"ping\"}",
             "reply-match", WSM_REPLY_MATCH_REGEX,
             "reply", "\"op\":\"pong\"",
             "hide-reply", TRUE,
             NULL);
  WAIT_FOR (fixture->witness->n_beats == 3);
  assert_well (fixture);
  g_assert_cmpuint (fixture->witness->messages->len, ==, 0);
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (fixture->witness->connection), ==, 3);
}

static void
test_binary (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (GBytes) payload = g_bytes_new_static ("\0\1\2", 3);

  open_with (fixture, USUAL,
             "mode", WSM_HEARTBEAT_MODE_BINARY,
             "payload-bytes", payload,
             "reply-match", WSM_REPLY_MATCH_ANY,
             NULL);
  WAIT_FOR (fixture->witness->n_beats == 3);
  assert_well (fixture);
  g_assert_cmpuint (fixture->witness->messages->len, ==, 3);
  g_assert_true (g_bytes_equal (g_ptr_array_index (fixture->witness->messages, 0), payload));
}

/* Beats that expect no answer: they are for servers that hang up on those who are silent. */
static void
test_text_without_reply (Fixture       *fixture,
                         gconstpointer  data)
{
  g_object_set (fixture->path, "echo", FALSE, NULL);
  open_with (fixture, USUAL,
             "mode", WSM_HEARTBEAT_MODE_TEXT,
             "payload", "still here",
             "reply-match", WSM_REPLY_MATCH_NONE,
             NULL);
  WAIT_FOR (scene_get (fixture->path, "n-messages") == 6);
  assert_well (fixture);
  g_assert_cmpuint (fixture->witness->n_beats, ==, 0);
}

static void
test_passive (Fixture       *fixture,
              gconstpointer  data)
{
  open_with (fixture, USUAL, "mode", WSM_HEARTBEAT_MODE_PASSIVE, NULL);
  start_chatter (fixture);
  test_loop_run_ms (5 * INTERVAL_MS);
  assert_well (fixture);
  g_assert_cmpuint (wsm_connection_get_n_beats_sent (fixture->witness->connection), ==, 0);
  stop_chatter (fixture);
  assert_gets_lost (fixture);
  g_assert_cmpuint (scene_get (fixture->path, "n-pings"), ==, 0);
}

static void
test_off (Fixture       *fixture,
          gconstpointer  data)
{
  open_with (fixture, USUAL, "mode", WSM_HEARTBEAT_MODE_OFF, NULL);
  g_object_set (fixture->path, "mute", TRUE, NULL);
  test_loop_run_ms (6 * INTERVAL_MS);
  assert_well (fixture);
  g_assert_cmpint (wsm_connection_get_next_beat_at (fixture->witness->connection), ==, 0);
  g_assert_cmpuint (wsm_connection_get_n_beats_sent (fixture->witness->connection), ==, 0);
}

static void
test_mute (Fixture       *fixture,
           gconstpointer  data)
{
  open_with (fixture, USUAL, NULL);
  WAIT_FOR (fixture->witness->n_beats == 1);
  g_object_set (fixture->path, "mute", TRUE, NULL);
  assert_gets_lost (fixture);
}

/* An answer that comes late, but in time: the round trip tells. */
static void
test_late (Fixture       *fixture,
           gconstpointer  data)
{
  g_object_set (fixture->path, "late", 40, NULL);
  open_with (fixture, USUAL, NULL);
  WAIT_FOR (fixture->witness->n_beats == 3);
  assert_well (fixture);
  g_assert_cmpfloat (fixture->witness->round_trip_ms, >=, 40);
  g_assert_cmpfloat (fixture->witness->round_trip_ms, <, TIMEOUT_MS);
  g_assert_cmpfloat (wsm_latency_get_min (wsm_connection_get_latency (
                       fixture->witness->connection)), >=, 40);
}

static void
test_idle_only (Fixture       *fixture,
                gconstpointer  data)
{
  guint n_pings;

  open_with (fixture, USUAL, "idle-only", TRUE, NULL);
  start_chatter (fixture);
  /* The first beat may fall due before the first message arrives. */
  WAIT_FOR (fixture->witness->messages->len >= 2);
  n_pings = scene_get (fixture->path, "n-pings");
  g_assert_cmpuint (n_pings, <=, 1);
  test_loop_run_ms (6 * INTERVAL_MS);
  g_assert_cmpuint (scene_get (fixture->path, "n-pings"), ==, n_pings);
  stop_chatter (fixture);
  WAIT_FOR (scene_get (fixture->path, "n-pings") >= n_pings + 2);
  assert_well (fixture);
}

static void
test_in_any_case (Fixture       *fixture,
                  gconstpointer  data)
{
  open_with (fixture, USUAL, "idle-only", FALSE, NULL);
  start_chatter (fixture);
  WAIT_FOR (scene_get (fixture->path, "n-pings") >= 4);
  assert_well (fixture);
}

static void
test_changed (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (WsmHeartbeat) slow = g_object_new (WSM_TYPE_HEARTBEAT, "interval", 60000, NULL);
  g_autoptr (WsmHeartbeat) quick = scene_make_beat (30, 25);
  WsmConnection *connection;
  guint n_beats;

  open_with (fixture, USUAL, NULL);
  connection = fixture->witness->connection;
  WAIT_FOR (fixture->witness->n_beats == 1);
  wsm_connection_set_heartbeat (connection, slow);
  test_loop_run_ms (3 * INTERVAL_MS);
  g_assert_cmpuint (fixture->witness->n_beats, ==, 1);
  wsm_connection_set_heartbeat (connection, quick);
  WAIT_WITHIN (fixture->witness->n_beats == 5, 1000);
  wsm_connection_pause (connection);
  n_beats = fixture->witness->n_beats;
  test_loop_run_ms (2 * INTERVAL_MS);
  g_assert_cmpuint (fixture->witness->n_beats, ==, n_beats);
  wsm_connection_resume (connection);
  WAIT_WITHIN (fixture->witness->n_beats == n_beats + 2, 1000);
  assert_well (fixture);
}

/* A peer that has said good-bye and keeps its stream for a while owes no answer any more: its code
 * counts, not its silence. */
static void
test_good_bye (void)
{
  Scene *scene = scene_new ();
  RawServer *server = raw_server_new (raw_peer_accept_cb, NULL);
  g_autofree char *uri = raw_server_make_uri (server, "/");
  g_autoptr (WsmHeartbeat) beat = scene_make_beat (50, 50);
  Witness *witness = witness_new (scene_add_uri (scene, uri));

  wsm_connection_set_heartbeat (witness->connection, beat);
  WAIT_FOR (witness->n_opened == 1);
  raw_peer_write_close (raw_server_get_peer (server), 4001, NULL);
  WAIT_FOR (witness->n_ended == 1);
  witness_assert_log (witness, "CONNECTING OPEN opened FAILED disconnected failed");
  g_assert_cmpint (wsm_reason_get_code (witness->reason), ==, WSM_REASON_CODE_PEER_CLOSED);
  g_assert_cmpuint (wsm_reason_get_close_code (witness->reason), ==, 4001);

  witness_free (witness);
  g_clear_object (&scene->pool);
  raw_server_free (server);
  scene_free (scene);
}

static void
add (const char    *name,
     gconstpointer  data,
     void         (*test) (Fixture *, gconstpointer))
{
  g_test_add (name, Fixture, data, fixture_set_up, test, fixture_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/heartbeats/ping", NULL, test_ping);
  add ("/heartbeats/text-and-reply", GINT_TO_POINTER (FALSE), test_text);
  add ("/heartbeats/text-and-hidden-reply", GINT_TO_POINTER (TRUE), test_text);
  add ("/heartbeats/text-and-regex", NULL, test_text_with_regex);
  add ("/heartbeats/text-without-reply", NULL, test_text_without_reply);
  add ("/heartbeats/binary", NULL, test_binary);
  add ("/heartbeats/passive", NULL, test_passive);
  add ("/heartbeats/off", NULL, test_off);
  add ("/heartbeats/mute-peer", NULL, test_mute);
  add ("/heartbeats/late-answer", NULL, test_late);
  add ("/heartbeats/idle-only", NULL, test_idle_only);
  add ("/heartbeats/not-idle-only", NULL, test_in_any_case);
  add ("/heartbeats/changed-and-paused", NULL, test_changed);
  g_test_add_func ("/heartbeats/good-bye", test_good_bye);

  return g_test_run ();
}
