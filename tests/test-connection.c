/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

/* Beats on the second, without jitter: what happens when can be counted. */
static WsmHeartbeat *
make_heartbeat (void)
{
  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "interval", 1000,
                       "timeout", 300,
                       "max-missed", 2,
                       "jitter", 0.0,
                       NULL);
}

static WsmBackoff *
make_backoff (void)
{
  return g_object_new (WSM_TYPE_BACKOFF, "initial", 1000, "max", 4000, NULL);
}

static void
test_opens (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_add (world, "/a", NULL, NULL);

  g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_IDLE);
  wsm_test_world_run_ms (world, 0);
  wsm_test_world_assert_log (world, "CONNECTING");
  wsm_test_world_run_ms (world, 2);
  wsm_test_world_assert_log (world, "OPEN opened");
  g_assert_cmpuint (wsm_pool_get_n_open (world->pool), ==, 1);

  wsm_test_world_free (world);
}

static void
test_beats (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autoptr (WsmHeartbeat) heartbeat = make_heartbeat ();
  WsmConnection *feed = wsm_test_world_add (world, "/a", heartbeat, NULL);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  wsm_test_world_run_ms (world, 10 * 1000 + 100);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");
  g_assert_cmpuint (peer->n_pings, ==, 10);
  g_assert_cmpuint (wsm_connection_get_n_beats_sent (feed), ==, 10);
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (feed), ==, 10);
  g_assert_cmpfloat_with_epsilon (wsm_latency_get_last (wsm_connection_get_latency (feed)), 2.0,
                                  0.001);

  wsm_test_world_free (world);
}

static void
test_lost (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autoptr (WsmHeartbeat) heartbeat = make_heartbeat ();
  g_autoptr (WsmBackoff) backoff = make_backoff ();
  WsmConnection *feed = wsm_test_world_add (world, "/a", heartbeat, backoff);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  g_autofree char *reason = NULL;

  wsm_test_world_run_ms (world, 1500);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");
  peer->mute = TRUE;
  wsm_test_world_run_ms (world, 799);
  wsm_test_world_assert_log (world, "");
  wsm_test_world_run_ms (world, 101);
  wsm_test_world_assert_log (world, "SUSPECT");
  g_assert_cmpuint (wsm_connection_get_n_missed (feed), ==, 1);
  wsm_test_world_run_ms (world, 899);
  wsm_test_world_assert_log (world, "");
  wsm_test_world_run_ms (world, 1);
  wsm_test_world_assert_log (world, "WAITING disconnected+");
  reason = wsm_reason_to_string (wsm_connection_get_reason (feed));
  g_assert_true (g_str_has_prefix (reason, "heartbeat-lost: 2 of 2 beats unanswered, last byte 2.3 "
                                   "s ago; trying again in "));
  g_assert_cmpuint (peer->n_aborted, ==, 1);
  g_assert_error (wsm_connection_get_error (feed), WSM_ERROR, WSM_ERROR_HEARTBEAT_LOST);

  peer->mute = FALSE;
  wsm_test_world_run_ms (world, 1100);
  wsm_test_world_assert_log (world, "CONNECTING OPEN reopened");
  g_assert_cmpuint (wsm_connection_get_n_reconnects (feed), ==, 1);

  wsm_test_world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/connection/opens-in-the-next-turn", test_opens);
  g_test_add_func ("/connection/beats", test_beats);
  g_test_add_func ("/connection/is-lost-after-missed-beats", test_lost);

  return g_test_run ();
}
