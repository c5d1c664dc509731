/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "ledger.h"

#include "test-world.h"

/* A beat a second, two of which may be missed; tries again within a second. */
static WsmConnection *
add (WsmTestWorld *world,
     const char   *path,
     const char   *name)
{
  g_autofree char *uri = g_strconcat ("ws://127.0.0.1", path, NULL);
  g_autoptr (WsmBackoff) backoff = NULL;
  WsmConnection *connection = wsm_test_world_add_named (world, uri, name, 1000, 300);

  backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 1000, "max", 1000, NULL);
  wsm_connection_set_backoff (connection, backoff);
  g_assert_true (wsm_connection_open (connection, NULL));

  return connection;
}

static WsmCliAccount *
get_account (WsmCliLedger *ledger,
             guint         position)
{
  g_autoptr (GPtrArray) accounts = wsm_cli_ledger_dup_accounts (ledger, G_MAXUINT);

  g_assert_cmpuint (position, <, accounts->len);

  /* The ledger has it too. */
  return g_ptr_array_index (accounts, position);
}

static guint64
get (WsmCliLedger *ledger,
     guint         position,
     WsmCliCount   count)
{
  return wsm_cli_account_get_count (get_account (ledger, position), count);
}

static guint64
sum_up (WsmCliLedger *ledger,
        WsmCliCount   count)
{
  guint64 counts[WSM_CLI_N_COUNTS];

  wsm_cli_ledger_sum_up (ledger, counts);

  return counts[count];
}

static guint64
count_round_trips (const WsmCliRoundTrips *round_trips)
{
  guint64 n_round_trips = 0;

  for (guint i = 0; i <= WSM_CLI_N_BOUNDS; i++)
    n_round_trips += round_trips->buckets[i];

  return n_round_trips;
}

static void
test_beats_are_counted (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmConnection *connection = add (world, "/a", "a");
  WsmCliLedger *ledger = wsm_cli_ledger_new (world->pool);
  const WsmCliRoundTrips *round_trips;

  wsm_test_world_get_peer (world, "/a")->latency_us = 12500;
  wsm_test_world_run_ms (world, 5500);

  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_BEATS), ==,
                    wsm_connection_get_n_beats_sent (connection));
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_ANSWERED_BEATS), >=, 4);
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_MISSED_BEATS), ==, 0);

  /* There and back again: above 10 ms, not above 25 ms. */
  round_trips = wsm_cli_account_get_round_trips (get_account (ledger, 0));
  g_assert_cmpuint (round_trips->buckets[5], ==, wsm_connection_get_n_beats_answered (connection));
  g_assert_cmpuint (count_round_trips (round_trips), ==, round_trips->buckets[5]);
  g_assert_cmpint (round_trips->sum_us, ==, (gint64) round_trips->buckets[5] * 25 * 1000);
  round_trips = wsm_cli_ledger_get_round_trips (ledger);
  g_assert_cmpuint (count_round_trips (round_trips), ==, round_trips->buckets[5]);

  g_assert_finalize_object (ledger);
  wsm_test_world_free (world);
}

/* The library tells how many were missed in a row; all of them are counted, each once. */
static void
test_missed_beats_are_counted (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmTestPeer *peer;
  WsmConnection *connection = add (world, "/a", "a");
  WsmCliLedger *ledger = wsm_cli_ledger_new (world->pool);

  peer = wsm_test_world_get_peer (world, "/a");
  wsm_test_world_run_ms (world, 1500);

  /* One is missed, and the next is answered. */
  peer->mute = TRUE;
  while (wsm_connection_get_state (connection) != WSM_STATE_SUSPECT)
    wsm_test_world_run_ms (world, 10);
  peer->mute = FALSE;
  while (wsm_connection_get_state (connection) != WSM_STATE_OPEN)
    wsm_test_world_run_ms (world, 10);
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_MISSED_BEATS), ==, 1);
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_DISCONNECTIONS), ==, 0);

  /* Two are missed, and that is the end of it, twice. */
  for (guint i = 1; i <= 2; i++)
    {
      peer->mute = TRUE;
      while (wsm_connection_get_state (connection) != WSM_STATE_WAITING)
        wsm_test_world_run_ms (world, 10);
      g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_MISSED_BEATS), ==, 1 + 2 * i);
      g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_DISCONNECTIONS), ==, i);
      g_assert_cmpuint (wsm_cli_ledger_get_disconnections (ledger, WSM_REASON_CODE_HEARTBEAT_LOST),
                        ==, i);

      peer->mute = FALSE;
      while (wsm_connection_get_state (connection) != WSM_STATE_OPEN)
        wsm_test_world_run_ms (world, 10);
      g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_RECONNECTIONS), ==, i);
    }
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_FAILED_ATTEMPTS), ==, 0);
  g_assert_cmpuint (sum_up (ledger, WSM_CLI_COUNT_MISSED_BEATS), ==, 5);

  g_assert_finalize_object (ledger);
  wsm_test_world_free (world);
}

static void
test_failed_attempts_are_counted (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmCliLedger *ledger = wsm_cli_ledger_new (world->pool);
  WsmConnection *connection = add (world, "/a", "a");

  peer->refusal = WSM_REASON_CODE_REFUSED;
  while (peer->n_attempts < 3)
    wsm_test_world_run_ms (world, 10);
  peer->refusal = WSM_REASON_CODE_HTTP_STATUS;
  peer->http_status = 404;
  while (wsm_connection_get_state (connection) != WSM_STATE_FAILED)
    wsm_test_world_run_ms (world, 10);

  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_FAILED_ATTEMPTS), ==, peer->n_attempts);
  g_assert_cmpuint (wsm_cli_ledger_get_failed_attempts (ledger, WSM_REASON_CODE_REFUSED), ==,
                    peer->n_attempts - 1);
  g_assert_cmpuint (wsm_cli_ledger_get_failed_attempts (ledger, WSM_REASON_CODE_HTTP_STATUS), ==,
                    1);
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_DISCONNECTIONS), ==, 0);

  g_assert_finalize_object (ledger);
  wsm_test_world_free (world);
}

static void
test_lost_messages_are_counted (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmCliLedger *ledger = wsm_cli_ledger_new (world->pool);
  WsmConnection *connection = add (world, "/a", "a");

  wsm_test_world_run_ms (world, 100);
  wsm_test_peer_say (peer, "hello");
  wsm_test_world_run_ms (world, 100);
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_RECEIVED_MESSAGES), ==, 1);
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_RECEIVED_BYTES), ==, 5);

  /* What it does not read may be lost with the socket; behind 64 KiB nothing is handed over. */
  peer->slow = TRUE;
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *text = g_strnfill (60000, 'x');

      g_assert_true (wsm_connection_send_text (connection, text, NULL));
    }
  wsm_test_world_run_ms (world, 100);
  wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (world, 100);
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_UNCONFIRMED_MESSAGES) +
                    get (ledger, 0, WSM_CLI_COUNT_DROPPED_MESSAGES), ==, 3);
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_UNCONFIRMED_BYTES), ==,
                    60000 * get (ledger, 0, WSM_CLI_COUNT_UNCONFIRMED_MESSAGES));
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_DROPPED_BYTES), ==,
                    60000 * get (ledger, 0, WSM_CLI_COUNT_DROPPED_MESSAGES));
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_UNCONFIRMED_MESSAGES), >, 0);
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_DROPPED_MESSAGES), >, 0);

  g_assert_finalize_object (ledger);
  wsm_test_world_free (world);
}

/* Whoever comes with a name that was there before goes on where it stopped. */
static void
test_name_counts_on_when_it_comes_back (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmCliLedger *ledger = wsm_cli_ledger_new (world->pool);
  g_autoptr (GPtrArray) held = NULL;
  g_autoptr (WsmConnection) first = g_object_ref (add (world, "/a", "a"));
  guint64 n_beats;

  add (world, "/b", "b");
  wsm_test_world_run_ms (world, 5500);
  n_beats = get (ledger, 0, WSM_CLI_COUNT_BEATS);
  g_assert_cmpuint (n_beats, >=, 4);
  held = wsm_cli_ledger_dup_accounts (ledger, G_MAXUINT);
  g_assert_cmpuint (held->len, ==, 2);

  /* An account that somebody holds loses its connection, and no count. */
  g_assert_true (wsm_pool_remove (world->pool, first));
  g_assert_null (wsm_cli_account_get_connection (g_ptr_array_index (held, 0)));
  g_assert_cmpuint (wsm_cli_account_get_count (g_ptr_array_index (held, 0), WSM_CLI_COUNT_BEATS),
                    ==, n_beats);
  g_assert_cmpstr (wsm_cli_account_get_name (get_account (ledger, 0)), ==, "b");
  g_assert_cmpuint (sum_up (ledger, WSM_CLI_COUNT_BEATS), ==,
                    n_beats + get (ledger, 0, WSM_CLI_COUNT_BEATS));

  /* Another connection, which counts from 0. */
  add (world, "/a", "a");
  g_assert_cmpuint (get (ledger, 1, WSM_CLI_COUNT_BEATS), ==, n_beats);
  wsm_test_world_run_ms (world, 3500);
  g_assert_cmpuint (get (ledger, 1, WSM_CLI_COUNT_BEATS), >=, n_beats + 2);
  g_assert_cmpuint (count_round_trips (wsm_cli_account_get_round_trips (get_account (ledger, 1))),
                    ==, get (ledger, 1, WSM_CLI_COUNT_ANSWERED_BEATS));

  /* The first one, which brings its numbers along: they are in the account already. */
  n_beats = get (ledger, 1, WSM_CLI_COUNT_BEATS);
  g_assert_true (wsm_pool_remove (world->pool, wsm_pool_lookup (world->pool, "a")));
  g_assert_true (wsm_pool_add_connection (world->pool, first, NULL));
  g_assert_cmpuint (get (ledger, 1, WSM_CLI_COUNT_BEATS), ==, n_beats);

  g_ptr_array_set_size (held, 0);
  g_clear_object (&first);
  g_assert_finalize_object (ledger);
  wsm_test_world_free (world);
}

/* Names without end come and go; what is kept of them is bounded, and no sum gets smaller. */
static void
test_old_names_are_forgotten_and_sums_are_not (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmCliLedger *ledger = wsm_cli_ledger_new (world->pool);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *connection;

  peer->refusal = WSM_REASON_CODE_HTTP_STATUS;
  peer->http_status = 404;
  for (guint i = 1; i <= 1100; i++)
    {
      g_autofree char *name = g_strdup_printf ("name-%u", i);

      connection = add (world, "/a", name);
      while (wsm_connection_get_state (connection) != WSM_STATE_FAILED)
        wsm_test_world_run_ms (world, 1);
      g_assert_true (wsm_pool_remove (world->pool, connection));
      g_assert_cmpuint (sum_up (ledger, WSM_CLI_COUNT_FAILED_ATTEMPTS), ==, i);
    }

  peer->stall = TRUE;
  peer->refusal = WSM_REASON_CODE_NONE;
  add (world, "/a", "name-1");
  add (world, "/a", "name-1099");
  g_assert_cmpuint (get (ledger, 0, WSM_CLI_COUNT_FAILED_ATTEMPTS), ==, 0);
  g_assert_cmpuint (get (ledger, 1, WSM_CLI_COUNT_FAILED_ATTEMPTS), ==, 1);
  g_assert_cmpuint (sum_up (ledger, WSM_CLI_COUNT_FAILED_ATTEMPTS), ==, 1100);

  g_assert_finalize_object (ledger);
  wsm_test_world_free (world);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/ledger/beats-are-counted", test_beats_are_counted);
  g_test_add_func ("/ledger/missed-beats-are-counted", test_missed_beats_are_counted);
  g_test_add_func ("/ledger/failed-attempts-are-counted", test_failed_attempts_are_counted);
  g_test_add_func ("/ledger/lost-messages-are-counted", test_lost_messages_are_counted);
  g_test_add_func ("/ledger/name-counts-on-when-it-comes-back",
                   test_name_counts_on_when_it_comes_back);
  g_test_add_func ("/ledger/old-names-are-forgotten-and-sums-are-not",
                   test_old_names_are_forgotten_and_sums_are_not);

  return g_test_run ();
}
