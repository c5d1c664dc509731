/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-monitors.h"
#include "test-world.h"

#include "wsm-environment.h"

#define HOUR_US (3600 * (gint64) G_USEC_PER_SEC)

/* A world on a machine with a network and a battery. */
typedef struct
{
  WsmTestWorld *world;
  TestNetworkMonitor *network;
  TestPowerMonitor *power;
} Machine;

static Machine *
machine_new (void)
{
  Machine *self = g_new0 (Machine, 1);

  self->world = wsm_test_world_new (1);
  self->network = test_network_monitor_new ();
  self->power = test_power_monitor_new ();
  wsm_pool_set_monitors (self->world->pool, G_NETWORK_MONITOR (self->network),
                         G_POWER_PROFILE_MONITOR (self->power));

  return self;
}

static void
machine_free (Machine *self)
{
  if (self->world->pool != NULL)
    g_assert_finalize_object (g_steal_pointer (&self->world->pool));
  g_assert_false (wsm_test_clock_is_watched (self->world->clock));
  g_assert_false (g_signal_has_handler_pending (self->network, g_signal_lookup (
    "network-changed", G_TYPE_NETWORK_MONITOR), 0, TRUE));
  g_assert_false (g_signal_has_handler_pending (self->power, g_signal_lookup (
    "notify", G_TYPE_OBJECT), g_quark_from_static_string ("power-saver-enabled"), TRUE));
  g_assert_finalize_object (self->network);
  g_assert_finalize_object (self->power);
  wsm_test_world_free (self->world);
  g_free (self);
}

/* Opens one with beats at the end of each interval. */
static WsmConnection *
machine_open (Machine    *self,
              const char *path,
              guint       interval_ms,
              guint       timeout_ms,
              guint       max_missed)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  WsmConnection *connection;

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", interval_ms,
                            "timeout", timeout_ms,
                            "max-missed", max_missed,
                            "jitter", 0.0,
                            NULL);
  connection = wsm_test_world_add (self->world, path, heartbeat, NULL);
  wsm_test_world_run_ms (self->world, 10);
  wsm_test_world_assert_log (self->world, "CONNECTING OPEN opened");

  return connection;
}

static void
assert_reason (WsmConnection *connection,
               const char    *expected)
{
  g_autofree char *text = wsm_reason_to_string (wsm_connection_get_reason (connection));

  g_assert_cmpstr (text, ==, expected);
}

static void
test_woken_peers_are_asked (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/there");
  WsmConnection *there = machine_open (machine, "/there", 3600 * 1000, 10000, 2);
  WsmConnection *gone = machine_open (machine, "/gone", 3600 * 1000, 10000, 3);
  WsmConnection *hasty = machine_open (machine, "/hasty", 3600 * 1000, 2000, 3);
  guint n_pings = peer->n_pings;

  wsm_test_world_get_peer (world, "/gone")->mute = TRUE;
  wsm_test_world_get_peer (world, "/hasty")->mute = TRUE;
  wsm_test_clock_sleep (world->clock, 8 * HOUR_US);
  g_assert_cmpuint (peer->n_pings, ==, n_pings + 1);
  assert_reason (there, "woke-up: the machine slept for 8.0 h; asking the peer for a sign of life");
  assert_reason (gone, "woke-up: the machine slept for 8.0 h; asking the peer for a sign of life");
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (gone)), ==,
                   WSM_REASON_CODE_WOKE_UP);

  wsm_test_world_run_ms (world, 1999);
  wsm_test_world_assert_log (world, "");
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (there), ==, 1);
  wsm_test_world_get_peer (world, "/hasty")->stall = TRUE;
  wsm_test_world_run_ms (world, 1);
  wsm_test_world_assert_log (world, "SUSPECT WAITING disconnected+");
  g_assert_cmpint (wsm_connection_get_state (hasty), ==, WSM_STATE_WAITING);
  wsm_connection_pause (hasty);

  wsm_test_world_run_ms (world, 2999);
  wsm_test_world_assert_log (world, "");
  wsm_test_world_run_ms (world, 1);
  wsm_test_world_assert_log (world, "SUSPECT WAITING disconnected+");
  g_assert_cmpint (wsm_connection_get_state (gone), ==, WSM_STATE_WAITING);
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (gone)), ==,
                   WSM_REASON_CODE_HEARTBEAT_LOST);
  g_assert_cmpuint (wsm_reason_get_n_missed (wsm_connection_get_reason (gone)), ==, 1);
  g_assert_cmpuint (wsm_reason_get_max_missed (wsm_connection_get_reason (gone)), ==, 1);
  g_assert_cmpstr (wsm_reason_get_detail (wsm_connection_get_reason (gone)), ==,
                   "asked because the machine slept for 8.0 h");
  wsm_connection_pause (gone);

  /* Whoever answered goes on as if nothing had been. */
  wsm_test_world_run_ms (world, 3 * 3600 * 1000);
  wsm_test_world_assert_log (world, "");
  g_assert_cmpuint (peer->n_pings, >=, n_pings + 3);
  machine_free (machine);
}

/* A beat from before the sleep does not tell of what is now. */
static void
test_an_old_beat_is_forgotten (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *connection = machine_open (machine, "/a", 10000, 8000, 1);

  peer->mute = TRUE;
  while (peer->n_pings == 0)
    wsm_test_world_run_ms (world, 100);
  wsm_test_world_run_ms (world, 7500);
  peer->mute = FALSE;
  wsm_test_clock_sleep (world->clock, 90 * G_USEC_PER_SEC);
  g_assert_cmpuint (peer->n_pings, ==, 2);
  assert_reason (connection,
                 "woke-up: the machine slept for 90.0 s; asking the peer for a sign of life");
  wsm_test_world_run_ms (world, 5000);
  wsm_test_world_assert_log (world, "");
  machine_free (machine);
}

/* Any sign of life is an answer, and what comes after it is judged as ever. */
static void
test_life_ends_the_doubt (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *connection = machine_open (machine, "/a", 60 * 1000, 10000, 2);

  peer->deaf = TRUE;
  wsm_test_clock_sleep (world->clock, HOUR_US);
  wsm_test_peer_say (peer, "hello");
  wsm_test_world_run_ms (world, 6000);
  wsm_test_world_assert_log (world, "message(hello)");
  while (wsm_connection_get_state (connection) == WSM_STATE_OPEN)
    wsm_test_world_run_ms (world, 1000);
  wsm_test_world_assert_log (world, "SUSPECT");
  g_assert_null (wsm_reason_get_detail (wsm_connection_get_reason (connection)));
  wsm_test_world_run_ms (world, 20 * 1000);
  wsm_test_world_assert_log (world, "");
  machine_free (machine);
}

static void
test_suspects_are_judged (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *connection = machine_open (machine, "/a", 10000, 2000, 5);

  peer->mute = TRUE;
  wsm_test_world_run_ms (world, 13000);
  wsm_test_world_assert_log (world, "SUSPECT");
  wsm_test_clock_sleep (world->clock, 20 * 60 * G_USEC_PER_SEC);
  wsm_test_world_run_ms (world, 2000);
  wsm_test_world_assert_log (world, "WAITING disconnected+");
  g_assert_cmpuint (wsm_reason_get_n_missed (wsm_connection_get_reason (connection)), ==, 2);
  g_assert_cmpstr (wsm_reason_get_detail (wsm_connection_get_reason (connection)), ==,
                   "asked because the machine slept for 20.0 min");
  machine_free (machine);
}

static void
test_steps_of_the_wall_clock (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *connection = machine_open (machine, "/a", 10000, 8000, 1);
  gint64 next_us = wsm_connection_get_next_beat_at (connection);

  /* A day forth and a day back, and whatever else: all that is seen of it is that it was. */
  for (guint i = 0; i < 10; i++)
    wsm_test_clock_step (world->clock);
  wsm_test_clock_sleep (world->clock, WSM_SLEEP_MIN_US / 2);
  wsm_test_world_run_ms (world, 2000);
  g_assert_cmpuint (peer->n_pings, ==, 0);
  g_assert_cmpint (wsm_connection_get_next_beat_at (connection), ==, next_us);
  assert_reason (connection, "opened");
  machine_free (machine);
}

/* What each mode can do about it. */
static void
test_modes (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  g_autoptr (WsmHeartbeat) off = g_object_new (WSM_TYPE_HEARTBEAT,
                                               "mode", WSM_HEARTBEAT_MODE_OFF, NULL);
  g_autoptr (WsmHeartbeat) blind = g_object_new (WSM_TYPE_HEARTBEAT,
                                                 "mode", WSM_HEARTBEAT_MODE_TEXT,
                                                 "payload", "beat", NULL);
  g_autoptr (WsmHeartbeat) passive = g_object_new (WSM_TYPE_HEARTBEAT,
                                                   "mode", WSM_HEARTBEAT_MODE_PASSIVE,
                                                   "interval", 60000, "max-missed", 5, NULL);
  WsmConnection *without = wsm_test_world_add (world, "/off", off, NULL);
  WsmConnection *unanswered = wsm_test_world_add (world, "/blind", blind, NULL);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/blind");

  wsm_test_world_add (world, "/passive", passive, NULL);
  peer->record = TRUE;
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING CONNECTING CONNECTING OPEN opened OPEN opened "
                             "OPEN opened");
  peer->mute = TRUE;
  wsm_test_world_get_peer (world, "/passive")->mute = TRUE;
  peer->mute = FALSE;
  wsm_test_clock_sleep (world->clock, 8 * HOUR_US);
  assert_reason (without, "opened");
  g_assert_cmpuint (peer->received->len, ==, 1);
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (unanswered)), ==,
                   WSM_REASON_CODE_WOKE_UP);
  g_assert_cmpuint (wsm_test_world_get_peer (world, "/passive")->n_pings, ==, 1);
  wsm_test_world_run_ms (world, 2);
  wsm_test_world_assert_log (world, "message(beat)");
  peer->mute = TRUE;
  wsm_test_world_run_ms (world, 4990);
  wsm_test_world_assert_log (world, "");
  wsm_test_world_run_ms (world, 8);
  wsm_test_world_assert_log (world, "SUSPECT WAITING disconnected+");
  machine_free (machine);
}

static WsmConnection *
machine_make_wait (Machine    *self,
                   const char *path,
                   guint       retry_after_ms)
{
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 3000 * 1000,
                                                 "max", 3600 * 1000, NULL);
  WsmTestPeer *peer = wsm_test_world_get_peer (self->world, path);
  WsmConnection *connection;

  peer->refusal = retry_after_ms > 0 ? WSM_REASON_CODE_HTTP_STATUS : WSM_REASON_CODE_REFUSED;
  peer->http_status = 503;
  peer->retry_after_ms = retry_after_ms;
  connection = wsm_test_world_add (self->world, path, NULL, backoff);
  wsm_test_world_run_ms (self->world, 10);
  wsm_test_world_assert_log (self->world, "CONNECTING WAITING");

  return connection;
}

static void
test_waiting_ones_try_again (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmConnection *waiting = machine_make_wait (machine, "/a", 0);
  WsmConnection *paused = machine_make_wait (machine, "/b", 0);
  WsmConnection *patient = machine_make_wait (machine, "/c", 3600 * 1000);

  wsm_connection_pause (paused);
  wsm_test_clock_sleep (world->clock, HOUR_US / 2);
  wsm_test_world_assert_log (world, "CONNECTING");
  assert_reason (waiting, "woke-up: the machine slept for 30.0 min; trying again now (attempt 2)");
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "WAITING");
  g_assert_cmpuint (wsm_connection_get_attempt (waiting), ==, 3);

  /* A server that asked for an hour gets it, of whatever kind of time. */
  test_network_monitor_change (machine->network, TRUE);
  wsm_test_world_run_ms (world, 1000);
  assert_reason (waiting, "network-changed; trying again now (attempt 3)");
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING WAITING");
  g_assert_cmpuint (wsm_test_world_get_peer (world, "/c")->n_attempts, ==, 1);
  wsm_test_clock_sleep (world->clock, HOUR_US);
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING CONNECTING WAITING WAITING");
  g_assert_cmpuint (wsm_test_world_get_peer (world, "/b")->n_attempts, ==, 1);
  g_assert_cmpint (wsm_connection_get_state (patient), ==, WSM_STATE_WAITING);
  machine_free (machine);
}

static void
test_network_settles (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *connection = machine_open (machine, "/a", 3600 * 1000, 10000, 2);

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
  assert_reason (connection, "network-changed: asking the peer for a sign of life");
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
  machine_free (machine);
}

/* What is said of the network is a hint. */
static void
test_network_is_no_gate (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *waiting;

  machine_open (machine, "/a", 60 * 1000, 10000, 2);
  test_network_monitor_change (machine->network, FALSE);
  wsm_test_world_run_ms (world, 10 * 1000);
  g_assert_cmpuint (peer->n_pings, ==, 0);
  wsm_test_world_run_ms (world, 60 * 1000);
  g_assert_cmpuint (peer->n_pings, >=, 1);
  wsm_test_world_assert_log (world, "");

  /* Retries and first attempts go on. */
  waiting = machine_make_wait (machine, "/b", 0);
  wsm_test_world_get_peer (world, "/b")->refusal = WSM_REASON_CODE_NONE;
  wsm_test_world_run_ms (world, 3600 * 1000);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");
  g_assert_cmpint (wsm_connection_get_state (waiting), ==, WSM_STATE_OPEN);
  machine_free (machine);
}

/* A rumour of the network makes nobody die before its time. */
static void
test_network_kills_nobody (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *slow = wsm_test_world_get_peer (world, "/slow");
  WsmTestPeer *sole = wsm_test_world_get_peer (world, "/sole");
  WsmConnection *connection = machine_open (machine, "/slow", 3600 * 1000, 10000, 2);

  machine_open (machine, "/sole", 3600 * 1000, 10000, 1);
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
  machine_free (machine);
}

/* A sleep in the middle of it is the stronger reason. */
static void
test_network_and_sleep (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  machine_open (machine, "/a", 3600 * 1000, 10000, 3);
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
  machine_free (machine);
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
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  machine_open (machine, "/a", 3600 * 1000, 10000, 2);
  g_thread_join (g_thread_new ("monitor", change_network_thread, machine->network));
  wsm_test_world_run_ms (world, 999);
  g_assert_cmpuint (peer->n_pings, ==, 0);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  machine_free (machine);
}

#define N_MANY 10000

static void
test_many_take_turns (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                     "interval", 24 * 3600 * 1000,
                                                     "timeout", 3000, "jitter", 0.0, NULL);
  guint n_before, n_steps = 0;
  guint64 n_alarms;

  wsm_pool_set_max_handshakes (world->pool, N_MANY);
  wsm_pool_set_heartbeat (world->pool, heartbeat);
  for (guint i = 0; i < N_MANY; i++)
    g_assert_nonnull (wsm_pool_add (world->pool, "ws://127.0.0.1/a", NULL));
  wsm_test_world_run_ms (world, 1000);
  g_assert_cmpuint (wsm_pool_get_n_open (world->pool), ==, N_MANY);

  n_before = peer->n_pings;
  n_alarms = wsm_test_clock_get_n_alarms (world->clock);
  wsm_test_clock_sleep (world->clock, 8 * HOUR_US);
  g_assert_cmpuint (peer->n_pings - n_before, >, 0);
  while (peer->n_pings - n_before < N_MANY)
    {
      guint n_pings = peer->n_pings;

      wsm_test_world_run_ms (world, 10);
      g_assert_cmpuint (peer->n_pings - n_pings, <=, N_MANY / 50);
      n_steps++;
    }
  g_assert_cmpuint (n_steps, <, 100);
  g_assert_cmpuint (n_steps, >, 90);
  /* A wake-up for each step, and one for its answers. */
  g_assert_cmpuint (wsm_test_clock_get_n_alarms (world->clock) - n_alarms, <=, 100);

  /* All are dead within the bound if all are gone. */
  wsm_test_world_run_ms (world, 100);
  peer->mute = TRUE;
  peer->stall = TRUE;
  wsm_test_clock_sleep (world->clock, 8 * HOUR_US);
  wsm_test_world_run_ms (world, 1000 + 3000);
  g_assert_cmpuint (wsm_pool_get_n_open (world->pool), ==, 0);
  machine_free (machine);
}

static void
remove_all_cb (WsmConnection *connection,
               GParamSpec    *pspec,
               Machine       *machine)
{
  g_clear_object (&machine->world->pool);
}

/* The app may end the pool while others wait for their turn. */
static void
test_ends_in_the_middle (void)
{
  for (guint i = 0; i < 2; i++)
    {
      Machine *machine = machine_new ();
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
      machine_free (machine);
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
  Machine *machine = machine_new ();
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
  connection = machine_open (machine, "/a", 10000, 1000, 1);
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
  machine_free (machine);
}

static void
test_watches_if_it_should (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  guint n_notified = 0;

  g_assert_true (wsm_pool_get_watch_environment (world->pool));
  g_assert_false (wsm_test_clock_is_watched (world->clock));
  g_signal_connect (world->pool, "notify::watch-environment", G_CALLBACK (notify_cb), &n_notified);
  wsm_pool_set_watch_environment (world->pool, TRUE);
  g_assert_cmpuint (n_notified, ==, 0);
  machine_open (machine, "/a", 3600 * 1000, 10000, 2);
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
  machine_free (machine);
}

static void
test_pools_share_a_watch (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/b");
  g_autoptr (WsmPool) other = NULL;

  machine_open (machine, "/a", 3600 * 1000, 10000, 2);
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
  machine_free (machine);
}

static void
test_costs_no_wake_up (void)
{
  Machine *machine = machine_new ();
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
  machine_free (machine);
}

/* Where nothing says that the machine has woken up, the next beat does. */
static void
test_looks_at_each_wake_up (void)
{
  Machine *machine = machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  wsm_test_clock_set_is_deaf (world->clock, TRUE);
  machine_open (machine, "/a", 3600 * 1000, 10000, 2);
  machine_open (machine, "/b", 10 * 1000, 10000, 2);
  wsm_test_clock_sleep (world->clock, HOUR_US);
  g_assert_cmpuint (peer->n_pings, ==, 0);
  wsm_test_world_run_ms (world, 10 * 1000);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  machine_free (machine);
}

/* The system's own monitors, made when they are needed, and nothing of ours stays with them. */
static void
test_system_monitors (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;
  GNetworkMonitor *network;
  WsmPool *pool;

  g_main_context_push_thread_default (context);
  network = g_network_monitor_get_default ();
  pool = wsm_pool_new ();
  g_assert_cmpuint (g_signal_has_handler_pending (network, g_signal_lookup (
    "network-changed", G_TYPE_NETWORK_MONITOR), 0, TRUE), ==, FALSE);
  g_assert_nonnull (wsm_pool_add (pool, "ws://127.0.0.1:1/", &error));
  g_assert_true (g_signal_has_handler_pending (network, g_signal_lookup (
    "network-changed", G_TYPE_NETWORK_MONITOR), 0, TRUE));
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_assert_finalize_object (pool);
  g_assert_false (g_signal_has_handler_pending (network, g_signal_lookup (
    "network-changed", G_TYPE_NETWORK_MONITOR), 0, TRUE));
  g_main_context_pop_thread_default (context);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) g_test_add_func ("/environment/" path, func)
  ADD ("sleep/peers-are-asked-and-one-silence-is-a-verdict", test_woken_peers_are_asked);
  ADD ("sleep/an-old-beat-is-forgotten", test_an_old_beat_is_forgotten);
  ADD ("sleep/life-ends-the-doubt", test_life_ends_the_doubt);
  ADD ("sleep/suspects-are-judged", test_suspects_are_judged);
  ADD ("sleep/steps-of-the-wall-clock-are-nothing", test_steps_of_the_wall_clock);
  ADD ("sleep/each-mode-does-what-it-can", test_modes);
  ADD ("sleep/waiting-ones-try-again", test_waiting_ones_try_again);
  ADD ("sleep/many-take-turns", test_many_take_turns);
  ADD ("sleep/looks-at-each-wake-up", test_looks_at_each_wake_up);
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
