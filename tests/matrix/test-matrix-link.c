/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "certificates.h"
#include "far-side.h"
#include "matrix.h"
#include "scene.h"
#include "test-loop.h"

/* Cables, and what lies at their other end, or does not. */

#define CONNECT_TIMEOUT_MS 500
#define CONNECT_SLACK_MS 100
#define INTERVAL_MS 200
#define TIMEOUT_MS 400
#define DETECTION_SLACK_MS 100

/* For this long the network is left to settle when it has changed. */
#define SETTLE_MS 1000
#define SETTLE_SLACK_MS 250

typedef struct
{
  Scene *scene;            /* (owned) */
  WsmHeartbeat *heartbeat; /* (owned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  if (far_side_get_flaw () != NULL)
    return;

  fixture->scene = scene_new ();
  fixture->heartbeat = scene_make_beat (INTERVAL_MS, TIMEOUT_MS);
  wsm_pool_set_heartbeat (fixture->scene->pool, fixture->heartbeat);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  if (fixture->scene == NULL)
    return;

  scene_free (fixture->scene);
  g_object_unref (fixture->heartbeat);
}

static gboolean
is_impossible (void)
{
  if (far_side_get_flaw () != NULL)
    g_test_skip (far_side_get_flaw ());

  return far_side_get_flaw () != NULL;
}

static Witness *
open_far (Fixture    *fixture,
          const char *uri)
{
  WsmConnection *connection = scene_add_uri (fixture->scene, uri);
  Witness *witness = witness_new (connection);

  /* What TLS refuses is not what this is about. */
  certificates_take_any (connection);
  WAIT_FOR (witness->n_opened == 1);
  witness_assert_log (witness, "CONNECTING OPEN opened");

  return witness;
}

static double
get_ms (Witness  *witness,
        WsmState  from,
        WsmState  to)
{
  return (double) (witness->entered_us[to] - witness->entered_us[from]) / 1000.0;
}

/* To an address, or a name, from where nothing comes back. Meanwhile another one goes on. */
static double
time_out (Fixture    *fixture,
          const char *uri)
{
  g_autoptr (Witness) neighbour = open_far (fixture, FAR_SIDE_PLAIN);
  g_autoptr (Witness) witness = NULL;
  double elapsed_ms;

  WAIT_FOR (neighbour->n_beats >= 2);
  witness_forget (neighbour);
  witness = witness_new (scene_add_uri (fixture->scene, uri));
  wsm_connection_set_connect_timeout (witness->connection, CONNECT_TIMEOUT_MS);
  WAIT_FOR (witness_is_in (witness, WSM_STATE_WAITING));

  elapsed_ms = get_ms (witness, WSM_STATE_CONNECTING, WSM_STATE_WAITING);
  g_assert_cmpfloat (elapsed_ms, >=, CONNECT_TIMEOUT_MS);
  g_assert_cmpfloat (elapsed_ms, <=, CONNECT_TIMEOUT_MS + CONNECT_SLACK_MS);
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (witness->connection)), ==,
                   WSM_REASON_CODE_TIMED_OUT);
  g_assert_cmpuint (wsm_reason_get_attempt (wsm_connection_get_reason (witness->connection)), ==,
                    2);
  wsm_connection_pause (witness->connection);
  WAIT_FOR (neighbour->n_beats >= 2);
  g_assert_cmpfloat (neighbour->max_beat_gap_ms, <, INTERVAL_MS + CONNECT_SLACK_MS);
  witness_assert_log (neighbour, "");

  return elapsed_ms;
}

static void
test_dead_name_server (Fixture       *fixture,
                       gconstpointer  data)
{
  if (!is_impossible ())
    matrix_measured ("F2", "a dead name server: given up after %.0f ms of %d",
                     time_out (fixture, FAR_SIDE_NAMELESS), CONNECT_TIMEOUT_MS);
}

static void
test_packets_vanish (Fixture       *fixture,
                     gconstpointer  data)
{
  if (!is_impossible ())
    matrix_measured ("F3", "given up after %.0f ms of %d, others beat on",
                     time_out (fixture, FAR_SIDE_NOBODY), CONNECT_TIMEOUT_MS);
}

static double
get_detection_ms (Witness *witness)
{
  return (double) (witness->disconnected_us - witness->life_us) / 1000.0;
}

static double
assert_noticed (Fixture *fixture,
                Witness *witness)
{
  double verdict_ms = (double) (witness->disconnected_us -
                                witness->entered_us[WSM_STATE_WAITING]) / 1000.0;

  g_assert_cmpint (wsm_reason_get_code (witness->reason), ==, WSM_REASON_CODE_HEARTBEAT_LOST);
  g_assert_cmpfloat (get_detection_ms (witness), <=,
                     wsm_heartbeat_worst_case_detection (fixture->heartbeat) + DETECTION_SLACK_MS);
  g_assert_cmpfloat (get_detection_ms (witness), >=, TIMEOUT_MS);
  g_assert_cmpfloat (verdict_ms, <, 50);

  return get_detection_ms (witness);
}

static void
test_black_hole (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (Witness) plain = NULL;
  g_autoptr (Witness) tls = NULL;

  if (is_impossible ())
    return;

  plain = open_far (fixture, FAR_SIDE_PLAIN);
  tls = open_far (fixture, FAR_SIDE_TLS);
  WAIT_FOR (plain->n_beats >= 2 && tls->n_beats >= 2);
  witness_forget (plain);
  witness_forget (tls);
  /* Both ends send to a card that is nobody's. */
  far_side_ip ("neigh replace 10.99.0.2 lladdr 02:00:00:00:00:02 dev near nud permanent");
  far_side_ip_there ("neigh replace 10.99.0.1 lladdr 02:00:00:00:00:01 dev far nud permanent");
  WAIT_FOR (plain->n_disconnected == 1 && tls->n_disconnected == 1);
  matrix_measured ("F19", "noticed after %.0f ms, with TLS %.0f ms, of at most %u",
                   assert_noticed (fixture, plain), assert_noticed (fixture, tls),
                   wsm_heartbeat_worst_case_detection (fixture->heartbeat) + DETECTION_SLACK_MS);

  far_side_ip ("neigh del 10.99.0.2 dev near");
  far_side_ip_there ("neigh del 10.99.0.1 dev far");
  WAIT_FOR (plain->n_opened == 1 && tls->n_opened == 1);
}

static void
link_up (void)
{
  far_side_ip ("link set near up");
  far_side_ip ("route add default via 10.99.0.2");
  far_side_ip ("neigh replace 10.99.0.77 lladdr 02:00:00:00:00:77 dev near nud permanent");
}

static void
test_link_down_for_a_moment (Fixture       *fixture,
                             gconstpointer  data)
{
  g_autoptr (WsmHeartbeat) heartbeat = scene_make_beat (INTERVAL_MS, 2000);
  g_autoptr (Witness) witness = NULL;
  guint n_cuts = 0;

  if (is_impossible ())
    return;

  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  witness = open_far (fixture, FAR_SIDE_PLAIN);
  for (guint i = 0; i < 3; i++)
    {
      witness_forget (witness);
      WAIT_FOR (witness->n_beats >= 2);
      far_side_ip ("link set near down");
      test_loop_run_ms (INTERVAL_MS + 100 * i);
      link_up ();
      n_cuts++;
      witness_forget (witness);
      WAIT_FOR (witness->n_beats >= 1);
      witness_assert_log (witness, "");
    }
  matrix_measured ("F21", "%u cuts of %d to %d ms survived, with %u ms to answer", n_cuts,
                   INTERVAL_MS, INTERVAL_MS + 200, wsm_heartbeat_get_timeout (heartbeat));
}

static void
network_changed_cb (GNetworkMonitor *monitor,
                    gboolean         is_available,
                    gint64          *changed_us)
{
  *changed_us = g_get_monotonic_time ();
}

static void
test_link_down_for_long (Fixture       *fixture,
                         gconstpointer  data)
{
  /* So late that only the network monitor can be the cause of an earlier attempt. */
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 24 * 3600 * 1000,
                                                 "max", 24 * 3600 * 1000, NULL);
  g_autoptr (Witness) witness = NULL;
  gint64 changed_us = 0;
  gulong handler;
  double mended_ms;

  if (is_impossible ())
    return;

  wsm_pool_set_backoff (fixture->scene->pool, backoff);
  witness = open_far (fixture, FAR_SIDE_PLAIN);
  WAIT_FOR (witness->n_beats >= 2);
  witness_forget (witness);
  /* GLib takes its time to find out, and says more than once what it has found, some of it too
   * late; so time counts from its last word. */
  handler = g_signal_connect (g_network_monitor_get_default (), "network-changed",
                              G_CALLBACK (network_changed_cb), &changed_us);
  far_side_ip ("link set near down");
  WAIT_FOR (witness->n_disconnected == 1);
  assert_noticed (fixture, witness);
  g_assert_true (g_str_has_prefix (witness->log->str, "SUSPECT WAITING disconnected+"));

  link_up ();
  WAIT_FOR (witness->n_opened == 1);
  g_signal_handler_disconnect (g_network_monitor_get_default (), handler);
  mended_ms = test_loop_ms_since (changed_us);
  g_assert_cmpint (changed_us, >, 0);
  g_assert_cmpfloat (mended_ms, <, SETTLE_MS + SETTLE_SLACK_MS);
  matrix_measured ("F21", "a longer cut noticed after %.0f ms of at most %u; open again %.0f ms "
                   "after the network monitor had said so", get_detection_ms (witness),
                   wsm_heartbeat_worst_case_detection (fixture->heartbeat) + DETECTION_SLACK_MS,
                   mended_ms);
}

static void
test_network_changes (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (WsmHeartbeat) heartbeat = scene_make_beat (3600 * 1000, 2000);
  g_autoptr (Witness) witness = NULL;
  gint64 changed_us = 0;
  gulong handler;
  double asked_ms;

  if (is_impossible ())
    return;

  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  handler = g_signal_connect (g_network_monitor_get_default (), "network-changed",
                              G_CALLBACK (network_changed_cb), &changed_us);
  witness = open_far (fixture, FAR_SIDE_PLAIN);
  far_side_ip ("route del default");
  far_side_ip ("route add default via 10.99.0.2");
  WAIT_FOR (witness->n_beats == 1);
  g_signal_handler_disconnect (g_network_monitor_get_default (), handler);
  asked_ms = test_loop_ms_since (changed_us);
  g_assert_cmpint (changed_us, >, 0);
  g_assert_cmpfloat (asked_ms, >=, SETTLE_MS);
  g_assert_cmpfloat (asked_ms, <, SETTLE_MS + SETTLE_SLACK_MS);
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (witness->connection)), ==,
                   WSM_REASON_CODE_NETWORK_CHANGED);
  test_loop_run_ms (200);
  witness_assert_log (witness, "");
  matrix_measured ("F21", "asked %.0f ms after a change of the network, and not hung up",
                   asked_ms);
}

int
main (int   argc,
      char *argv[])
{
  /* The tests' own environment keeps the network out; this one is the tests' own too. */
  g_setenv ("GIO_USE_NETWORK_MONITOR", "netlink", TRUE);
  far_side_enter ();
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) g_test_add ("/matrix/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("f02-name-server-is-dead", test_dead_name_server);
  ADD ("f03-packets-vanish", test_packets_vanish);
  ADD ("f19-black-hole-after-opening", test_black_hole);
  ADD ("f21-link-down-for-a-moment", test_link_down_for_a_moment);
  ADD ("f21-link-down-for-long", test_link_down_for_long);
  ADD ("f21-network-changes", test_network_changes);
#undef ADD

  return g_test_run ();
}
