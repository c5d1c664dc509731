/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-machine.h"

static void
test_network_settles (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *connection = test_machine_open (machine, "/a", 3600 * 1000, 10000, 2);

  /* Gone and back, again and again: one beat, a second after the last of it. */
  for (guint i = 0; i < 8; i++)
    {
      test_network_monitor_change (machine->network, i % 2 == 1);
      wsm_test_world_run_ms (world, 500);
    }
  g_assert_cmpuint (peer->n_pings, ==, 0);
  wsm_test_world_run_ms (world, 499);
  g_assert_cmpuint (peer->n_pings, ==, 0);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  test_machine_assert_reason (connection, "network-changed: asking the peer for a sign of life");
  wsm_test_world_run_ms (world, 60 * 1000);
  g_assert_cmpuint (peer->n_pings, ==, 1);

  /* It does not wait for ever. */
  for (guint i = 0; i < 90; i++)
    {
      test_network_monitor_change (machine->network, TRUE);
      wsm_test_world_run_ms (world, 100);
    }
  g_assert_cmpuint (peer->n_pings, ==, 2);
  wsm_test_world_run_ms (world, 1000);
  g_assert_cmpuint (peer->n_pings, ==, 3);
  test_machine_free (machine);
}

/* What is said of the network is a hint. */
static void
test_network_is_no_gate (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *waiting;

  test_machine_open (machine, "/a", 60 * 1000, 10000, 2);
  test_network_monitor_change (machine->network, FALSE);
  wsm_test_world_run_ms (world, 10 * 1000);
  g_assert_cmpuint (peer->n_pings, ==, 0);
  wsm_test_world_run_ms (world, 60 * 1000);
  g_assert_cmpuint (peer->n_pings, >=, 1);
  wsm_test_world_assert_log (world, "");

  /* Retries and first attempts go on. */
  waiting = test_machine_make_wait (machine, "/b", 0);
  wsm_test_world_get_peer (world, "/b")->refusal = WSM_REASON_CODE_NONE;
  wsm_test_world_run_ms (world, 3600 * 1000);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");
  g_assert_cmpint (wsm_connection_get_state (waiting), ==, WSM_STATE_OPEN);
  test_machine_free (machine);
}

/* A rumour of the network makes nobody die before its time. */
static void
test_network_kills_nobody (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *slow = wsm_test_world_get_peer (world, "/slow");
  WsmTestPeer *sole = wsm_test_world_get_peer (world, "/sole");
  WsmConnection *connection = test_machine_open (machine, "/slow", 3600 * 1000, 10000, 2);

  test_machine_open (machine, "/sole", 3600 * 1000, 10000, 1);
  slow->latency_us = 4 * G_USEC_PER_SEC;
  sole->latency_us = 4 * G_USEC_PER_SEC;
  test_network_monitor_change (machine->network, TRUE);
  wsm_test_world_run_ms (world, 5999);
  wsm_test_world_assert_log (world, "");
  wsm_test_world_run_ms (world, 1);
  wsm_test_world_assert_log (world, "SUSPECT");
  g_assert_cmpstr (wsm_reason_get_detail (wsm_connection_get_reason (connection)), ==,
                   "asked because the network changed");
  g_assert_cmpuint (wsm_reason_get_max_missed (wsm_connection_get_reason (connection)), ==, 2);
  g_assert_cmpuint (slow->n_pings, ==, 2);
  wsm_test_world_run_ms (world, 3000);
  wsm_test_world_assert_log (world, "OPEN");
  wsm_test_world_run_ms (world, 60 * 1000);
  wsm_test_world_assert_log (world, "");

  /* Those who are gone are noticed by beats that follow each other at once. */
  slow->mute = sole->mute = TRUE;
  slow->stall = sole->stall = TRUE;
  test_network_monitor_change (machine->network, TRUE);
  wsm_test_world_run_ms (world, 1000 + 5000);
  wsm_test_world_assert_log (world, "SUSPECT");
  wsm_test_world_run_ms (world, 4999);
  wsm_test_world_assert_log (world, "");
  wsm_test_world_run_ms (world, 1);
  wsm_test_world_assert_log (world, "SUSPECT WAITING disconnected+");
  g_assert_cmpint (wsm_connection_get_state (connection), ==, WSM_STATE_SUSPECT);
  wsm_test_world_run_ms (world, 5000);
  g_assert_cmpint (wsm_connection_get_state (connection), !=, WSM_STATE_SUSPECT);
  g_string_truncate (world->log, 0);
  test_machine_free (machine);
}

/* A sleep in the middle of it is the stronger reason. */
static void
test_network_and_sleep (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  test_machine_open (machine, "/a", 3600 * 1000, 10000, 3);
  peer->mute = TRUE;
  peer->stall = TRUE;
  test_network_monitor_change (machine->network, TRUE);
  wsm_test_world_run_ms (world, 2000);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  wsm_test_clock_sleep (world->clock, HOUR_US);
  g_assert_cmpuint (peer->n_pings, ==, 2);
  test_network_monitor_change (machine->network, TRUE);
  wsm_test_world_run_ms (world, 4999);
  wsm_test_world_assert_log (world, "");
  g_assert_cmpuint (peer->n_pings, ==, 2);
  wsm_test_world_run_ms (world, 1);
  wsm_test_world_assert_log (world, "SUSPECT WAITING disconnected+");
  test_machine_free (machine);
}

static gpointer
change_network_thread (gpointer network)
{
  test_network_monitor_change (network, TRUE);

  return NULL;
}

static void
test_monitors_of_other_threads (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  test_machine_open (machine, "/a", 3600 * 1000, 10000, 2);
  g_thread_join (g_thread_new ("monitor", change_network_thread, machine->network));
  wsm_test_world_run_ms (world, 999);
  g_assert_cmpuint (peer->n_pings, ==, 0);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  test_machine_free (machine);
}

static void
remove_all_cb (WsmConnection *connection,
               GParamSpec    *pspec,
               TestMachine       *machine)
{
  g_clear_object (&machine->world->pool);
}

/* The app may end the pool while others wait for their turn. */
static void
test_ends_in_the_middle (void)
{
  for (guint i = 0; i < 2; i++)
    {
      TestMachine *machine = test_machine_new ();
      WsmTestWorld *world = machine->world;
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      g_autoptr (WsmConnection) fifth = NULL;

      for (guint j = 0; j < 20; j++)
        g_assert_nonnull (wsm_pool_add (world->pool, "ws://127.0.0.1/a", NULL));
      wsm_test_world_run_ms (world, 10);
      fifth = g_list_model_get_item (G_LIST_MODEL (world->pool), 4);
      if (i == 1)
        g_signal_connect (fifth, "notify::reason", G_CALLBACK (remove_all_cb), machine);
      wsm_test_clock_sleep (world->clock, HOUR_US);
      test_network_monitor_change (machine->network, TRUE);
      test_power_monitor_set (machine->power, TRUE);
      g_assert_cmpuint (peer->n_pings, ==, 1);
      wsm_test_world_run_ms (world, 220);
      if (i == 0)
        {
          wsm_pool_remove (world->pool, fifth);
          g_assert_cmpuint (peer->n_pings, ==, 5);
          g_clear_object (&world->pool);
        }
      wsm_test_world_run_ms (world, 10 * 1000);
      g_assert_null (world->pool);
      g_assert_cmpuint (peer->n_pings, ==, 5);
      test_machine_free (machine);
    }
}

static void
notify_cb (GObject    *object,
           GParamSpec *pspec,
           guint      *n_times)
{
  (*n_times)++;
}

static void
test_power_saver_stretches_beats (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  g_autoptr (WsmHeartbeat) passive = g_object_new (WSM_TYPE_HEARTBEAT,
                                                   "mode", WSM_HEARTBEAT_MODE_PASSIVE,
                                                   "interval", 10000, "timeout", 1000,
                                                   "max-missed", 1, NULL);
  g_autoptr (WsmHeartbeat) stretched = NULL;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *connection;
  guint n_notified = 0;

  test_power_monitor_set (machine->power, TRUE);
  g_assert_false (wsm_pool_get_saves_power (world->pool));
  g_signal_connect (world->pool, "notify::saves-power", G_CALLBACK (notify_cb), &n_notified);
  connection = test_machine_open (machine, "/a", 10000, 1000, 1);
  g_assert_true (wsm_pool_get_saves_power (world->pool));
  g_assert_cmpuint (n_notified, ==, 1);
  wsm_test_world_run_ms (world, 200 * 1000);
  g_assert_cmpuint (peer->n_pings, ==, 10);

  test_power_monitor_set (machine->power, FALSE);
  wsm_test_clock_settle (world->clock);
  g_assert_false (wsm_pool_get_saves_power (world->pool));
  g_assert_cmpuint (n_notified, ==, 2);
  wsm_test_world_run_ms (world, 200 * 1000);
  g_assert_cmpuint (peer->n_pings, ==, 10 + 20);

  test_power_monitor_set (machine->power, TRUE);
  test_power_monitor_set (machine->power, TRUE);
  wsm_test_world_run_ms (world, 200 * 1000);
  g_assert_cmpuint (n_notified, ==, 3);
  g_assert_cmpuint (peer->n_pings, ==, 10 + 20 + 10);

  /* The promise is that of a heartbeat with twice the interval. */
  stretched = g_object_new (WSM_TYPE_HEARTBEAT, "interval", 20000, "timeout", 1000,
                            "max-missed", 1, "jitter", 0.0, NULL);
  peer->mute = TRUE;
  peer->stall = TRUE;
  wsm_test_world_run_ms (world, wsm_heartbeat_worst_case_detection (stretched));
  wsm_test_world_assert_log (world, "SUSPECT WAITING disconnected+");
  wsm_connection_abort (connection);
  wsm_test_world_assert_log (world, "CLOSED closed");

  /* Where the peer beats, nothing is saved by patience. */
  wsm_test_world_add (world, "/passive", passive, NULL);
  wsm_test_world_run_ms (world, 11 * 1000 - 1);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "SUSPECT WAITING disconnected+");
  test_machine_free (machine);
}

static void
test_watches_if_it_should (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  guint n_notified = 0;

  g_assert_true (wsm_pool_get_watch_environment (world->pool));
  g_assert_false (wsm_test_clock_is_watched (world->clock));
  g_signal_connect (world->pool, "notify::watch-environment", G_CALLBACK (notify_cb), &n_notified);
  wsm_pool_set_watch_environment (world->pool, TRUE);
  g_assert_cmpuint (n_notified, ==, 0);
  test_machine_open (machine, "/a", 3600 * 1000, 10000, 2);
  g_assert_true (wsm_test_clock_is_watched (world->clock));
  test_power_monitor_set (machine->power, TRUE);
  wsm_test_clock_settle (world->clock);
  g_assert_true (wsm_pool_get_saves_power (world->pool));
  test_network_monitor_change (machine->network, TRUE);
  wsm_test_world_run_ms (world, 500);

  /* What was under way goes with it. */
  g_object_set (world->pool, "watch-environment", FALSE, NULL);
  g_assert_cmpuint (n_notified, ==, 1);
  g_assert_false (wsm_test_clock_is_watched (world->clock));
  g_assert_false (wsm_pool_get_saves_power (world->pool));
  wsm_test_clock_sleep (world->clock, HOUR_US);
  test_network_monitor_change (machine->network, TRUE);
  wsm_test_world_run_ms (world, 60 * 1000);
  g_assert_cmpuint (peer->n_pings, ==, 0);

  wsm_pool_set_watch_environment (world->pool, TRUE);
  g_assert_cmpuint (n_notified, ==, 2);
  g_assert_true (wsm_pool_get_saves_power (world->pool));
  wsm_test_clock_sleep (world->clock, HOUR_US);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  test_machine_free (machine);
}

static void
test_pools_share_a_watch (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/b");
  g_autoptr (WsmPool) other = NULL;

  test_machine_open (machine, "/a", 3600 * 1000, 10000, 2);
  other = wsm_pool_new_with_seams (WSM_CLOCK (world->clock), wsm_test_network_make,
                                   world->network, 2);
  g_assert_nonnull (wsm_pool_add (other, "ws://127.0.0.1/b", NULL));
  wsm_test_world_run_ms (world, 10);
  wsm_test_clock_sleep (world->clock, HOUR_US);
  g_assert_cmpuint (wsm_test_world_get_peer (world, "/a")->n_pings, ==, 1);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  wsm_test_world_run_ms (world, 10);
  g_clear_object (&world->pool);
  wsm_test_clock_sleep (world->clock, HOUR_US);
  g_assert_cmpuint (wsm_test_world_get_peer (world, "/a")->n_pings, ==, 1);
  g_assert_cmpuint (peer->n_pings, ==, 2);
  g_assert_finalize_object (g_steal_pointer (&other));
  test_machine_free (machine);
}

static void
test_costs_no_wake_up (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  g_autoptr (WsmHeartbeat) off = g_object_new (WSM_TYPE_HEARTBEAT,
                                               "mode", WSM_HEARTBEAT_MODE_OFF, NULL);
  guint64 n_alarms;

  wsm_test_world_add (world, "/a", off, NULL);
  wsm_test_world_run_ms (world, 60 * 1000);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");
  n_alarms = wsm_test_clock_get_n_alarms (world->clock);
  wsm_test_world_run_ms (world, 24 * 3600 * 1000);
  g_assert_cmpuint (wsm_test_clock_get_n_alarms (world->clock), ==, n_alarms);
  test_machine_free (machine);
}

/* Whether somebody hears of a change in there. What others asked the bus for is answered there,
 * too, at any time, but not each time. */
static gboolean
is_heard (GMainContext    *context,
          GNetworkMonitor *network)
{
  for (guint i = 0; i < 10; i++)
    {
      while (g_main_context_iteration (context, FALSE))
        continue;
      g_signal_emit_by_name (network, "network-changed", TRUE);
      if (!g_main_context_pending (context))
        return FALSE;
    }

  return TRUE;
}

/* The system's own monitors are listened to from the first connection on, in the pool's context,
 * until there is no pool. Others may listen to them, too. */
static void
test_system_monitors (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (WsmConnection) connection = NULL;
  GNetworkMonitor *network = g_network_monitor_get_default ();
  WsmPool *pool;

  g_main_context_push_thread_default (context);
  pool = wsm_pool_new ();
  g_assert_false (is_heard (context, network));

  connection = wsm_connection_new ("ws://127.0.0.1/");
  wsm_pool_add_connection (pool, connection, &error);
  g_assert_no_error (error);
  g_assert_true (is_heard (context, network));

  g_assert_finalize_object (pool);
  g_assert_false (is_heard (context, network));
  g_main_context_pop_thread_default (context);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) g_test_add_func ("/environment/" path, func)
  ADD ("network/settles-first", test_network_settles);
  ADD ("network/is-no-gate", test_network_is_no_gate);
  ADD ("network/kills-nobody", test_network_kills_nobody);
  ADD ("network/and-a-sleep", test_network_and_sleep);
  ADD ("network/of-another-thread", test_monitors_of_other_threads);
  ADD ("power/saver-stretches-beats", test_power_saver_stretches_beats);
  ADD ("watches-if-it-should", test_watches_if_it_should);
  ADD ("pools-share-a-watch", test_pools_share_a_watch);
  ADD ("costs-no-wake-up", test_costs_no_wake_up);
  ADD ("ends-in-the-middle", test_ends_in_the_middle);
  ADD ("system-monitors", test_system_monitors);
#undef ADD

  return g_test_run ();
}
