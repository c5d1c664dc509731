/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-machine.h"

#include "wsm-connection-private.h"
#include "wsm-reason-private.h"

static void
test_woken_peers_are_asked (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/there");
  WsmConnection *there = test_machine_open (machine, "/there", 3600 * 1000, 10000, 2);
  WsmConnection *gone = test_machine_open (machine, "/gone", 3600 * 1000, 10000, 3);
  WsmConnection *hasty = test_machine_open (machine, "/hasty", 3600 * 1000, 2000, 3);
  guint n_pings = peer->n_pings;

  wsm_test_world_get_peer (world, "/gone")->mute = TRUE;
  wsm_test_world_get_peer (world, "/hasty")->mute = TRUE;
  wsm_test_clock_sleep (world->clock, 8 * HOUR_US);
  g_assert_cmpuint (peer->n_pings, ==, n_pings + 1);
  test_machine_assert_reason (there,
                              "woke-up: the machine slept for 8.0 h; asking the peer for a "
                              "sign of life");
  test_machine_assert_reason (gone,
                              "woke-up: the machine slept for 8.0 h; asking the peer for a "
                              "sign of life");
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
  test_machine_free (machine);
}

/* A beat from before the sleep does not tell of what is now. */
static void
test_an_old_beat_is_forgotten (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *connection = test_machine_open (machine, "/a", 10000, 8000, 1);

  peer->mute = TRUE;
  while (peer->n_pings == 0)
    wsm_test_world_run_ms (world, 100);
  wsm_test_world_run_ms (world, 7500);
  peer->mute = FALSE;
  wsm_test_clock_sleep (world->clock, 90 * G_USEC_PER_SEC);
  g_assert_cmpuint (peer->n_pings, ==, 2);
  test_machine_assert_reason (connection,
                              "woke-up: the machine slept for 90.0 s; asking the peer for a "
                              "sign of life");
  wsm_test_world_run_ms (world, 5000);
  wsm_test_world_assert_log (world, "");
  test_machine_free (machine);
}

/* Any sign of life is an answer, and what comes after it is judged as ever. */
static void
test_life_ends_the_doubt (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *connection = test_machine_open (machine, "/a", 60 * 1000, 10000, 2);

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
  test_machine_free (machine);
}

static void
test_suspects_are_judged (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *connection = test_machine_open (machine, "/a", 10000, 2000, 5);

  peer->mute = TRUE;
  wsm_test_world_run_ms (world, 13000);
  wsm_test_world_assert_log (world, "SUSPECT");
  wsm_test_clock_sleep (world->clock, 20 * 60 * G_USEC_PER_SEC);
  wsm_test_world_run_ms (world, 2000);
  wsm_test_world_assert_log (world, "WAITING disconnected+");
  g_assert_cmpuint (wsm_reason_get_n_missed (wsm_connection_get_reason (connection)), ==, 2);
  g_assert_cmpstr (wsm_reason_get_detail (wsm_connection_get_reason (connection)), ==,
                   "asked because the machine slept for 20.0 min");
  test_machine_free (machine);
}

static void
test_steps_of_the_wall_clock (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *connection = test_machine_open (machine, "/a", 10000, 8000, 1);
  gint64 next_us = wsm_connection_get_next_beat_at (connection);

  /* A day forth and a day back, and whatever else: all that is seen of it is that it was. */
  for (guint i = 0; i < 10; i++)
    wsm_test_clock_step (world->clock);
  wsm_test_clock_sleep (world->clock, WSM_SLEEP_MIN_US / 2);
  wsm_test_world_run_ms (world, 2000);
  g_assert_cmpuint (peer->n_pings, ==, 0);
  g_assert_cmpint (wsm_connection_get_next_beat_at (connection), ==, next_us);
  test_machine_assert_reason (connection, "opened");
  test_machine_free (machine);
}

/* What each mode can do about it. */
static void
test_modes (void)
{
  TestMachine *machine = test_machine_new ();
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
  test_machine_assert_reason (without, "opened");
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
  test_machine_free (machine);
}

static void
test_waiting_ones_try_again (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmConnection *waiting = test_machine_make_wait (machine, "/a", 0);
  WsmConnection *paused = test_machine_make_wait (machine, "/b", 0);
  WsmConnection *patient = test_machine_make_wait (machine, "/c", 3600 * 1000);

  wsm_connection_pause (paused);
  wsm_test_clock_sleep (world->clock, HOUR_US / 2);
  wsm_test_world_assert_log (world, "CONNECTING");
  test_machine_assert_reason (waiting,
                              "woke-up: the machine slept for 30.0 min; trying again now "
                              "(attempt 2)");
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "WAITING");
  g_assert_cmpuint (wsm_connection_get_attempt (waiting), ==, 3);

  /* A server that asked for an hour gets it, of whatever kind of time. */
  test_network_monitor_change (machine->network, TRUE);
  wsm_test_world_run_ms (world, 1000);
  test_machine_assert_reason (waiting, "network-changed; trying again now (attempt 3)");
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING WAITING");
  g_assert_cmpuint (wsm_test_world_get_peer (world, "/c")->n_attempts, ==, 1);
  wsm_test_clock_sleep (world->clock, HOUR_US);
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING CONNECTING WAITING WAITING");
  g_assert_cmpuint (wsm_test_world_get_peer (world, "/b")->n_attempts, ==, 1);
  g_assert_cmpint (wsm_connection_get_state (patient), ==, WSM_STATE_WAITING);
  test_machine_free (machine);
}

/* Hours that a server asked for go by while the machine sleeps, too. */
static void
test_sleep_is_time_to_wait (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmConnection *patient = test_machine_make_wait (machine, "/a", 3600 * 1000);
  gint64 next_us = wsm_connection_get_next_retry_at (patient);
  gint64 now_us = wsm_clock_get_time_us (WSM_CLOCK (world->clock));

  g_assert_cmpint (next_us - now_us, >, HOUR_US - G_USEC_PER_SEC);
  for (guint i = 1; i <= 3; i++)
    {
      wsm_test_clock_sleep (world->clock, HOUR_US / 4);
      g_assert_cmpint (wsm_connection_get_next_retry_at (patient), ==, next_us - i * HOUR_US / 4);
    }
  wsm_test_world_run_ms (world, (next_us - now_us - 3 * HOUR_US / 4) / 1000 - 1);
  wsm_test_world_assert_log (world, "");
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING WAITING");
  test_machine_free (machine);
}

static void
nobody_added (gpointer       observer,
              WsmConnection *connection)
{
}

static void
nobody_removed (gpointer       observer,
                WsmConnection *connection,
                guint64        id)
{
}

static void
note_changed (gpointer       observer,
              WsmConnection *connection,
              WsmChange      change)
{
  *(guint *) observer += (change & WSM_CHANGE_JOURNAL) != 0 ? 1 : 0;
}

static void
nobody_left (gpointer observer)
{
}

/* Those who look on see why everybody was asked. */
static void
test_journal_tells (void)
{
  static const WsmPoolObserver observer = {
    .added = nobody_added,
    .removed = nobody_removed,
    .changed = note_changed,
    .gone = nobody_left,
  };
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmConnection *connection = test_machine_open (machine, "/a", 3600 * 1000, 10000, 2);
  const WsmJournalEntry *entry;
  g_autofree char *text = NULL;
  guint n_changes = 0;

  wsm_pool_add_observer (world->pool, &observer, &n_changes);
  wsm_test_world_get_peer (world, "/a")->mute = TRUE;
  wsm_test_clock_sleep (world->clock, 8 * HOUR_US);
  g_assert_cmpuint (n_changes, ==, 1);
  entry = wsm_journal_get (wsm_connection_get_journal (connection),
                           wsm_journal_get_newest (wsm_connection_get_journal (connection)));
  g_assert_cmpuint (entry->kind, ==, WSM_JOURNAL_KIND_STATE);
  g_assert_cmpuint (entry->state, ==, WSM_STATE_OPEN);
  text = wsm_reason_to_public_string (entry->reason);
  g_assert_cmpstr (text, ==, "woke-up: the machine slept for 8.0 h; asking the peer for a sign of "
                   "life");
  wsm_pool_remove_observer (world->pool, &n_changes);
  test_machine_free (machine);
}

#define N_MANY 10000

static void
test_many_take_turns (void)
{
  TestMachine *machine = test_machine_new ();
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
  test_machine_free (machine);
}

/* Where nothing says that the machine has woken up, the next beat does. */
static void
test_looks_at_each_wake_up (void)
{
  TestMachine *machine = test_machine_new ();
  WsmTestWorld *world = machine->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  wsm_test_clock_set_is_deaf (world->clock, TRUE);
  test_machine_open (machine, "/a", 3600 * 1000, 10000, 2);
  test_machine_open (machine, "/b", 10 * 1000, 10000, 2);
  wsm_test_clock_sleep (world->clock, HOUR_US);
  g_assert_cmpuint (peer->n_pings, ==, 0);
  wsm_test_world_run_ms (world, 10 * 1000);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  test_machine_free (machine);
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
  ADD ("sleep/is-time-to-wait", test_sleep_is_time_to_wait);
  ADD ("sleep/journal-tells", test_journal_tells);
  ADD ("sleep/many-take-turns", test_many_take_turns);
  ADD ("sleep/looks-at-each-wake-up", test_looks_at_each_wake_up);
#undef ADD

  return g_test_run ();
}
