/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

/* Many that lost one server take turns. */

#define N_CONNECTIONS 100
#define RATE 20

typedef struct
{
  WsmTestWorld *world; /* (owned) */
  WsmTestPeer *peer;   /* (unowned) */
  GArray *attempts_us; /* (owned) (element-type gint64) */
} Fixture;

static gint64
get_time_us (Fixture *fixture)
{
  return wsm_clock_get_time_us (WSM_CLOCK (fixture->world->clock));
}

static WsmConnection *
get_nth (Fixture *fixture,
         guint    position)
{
  return wsm_pool_peek_nth (fixture->world->pool, position);
}

static guint
count_in_state (Fixture  *fixture,
                WsmState  state)
{
  return wsm_pool_get_n_in_state (fixture->world->pool, state);
}

static void
state_changed_cb (WsmPool       *pool,
                  WsmConnection *connection,
                  Fixture       *fixture)
{
  gint64 now_us = get_time_us (fixture);

  if (wsm_connection_get_state (connection) == WSM_STATE_CONNECTING)
    g_array_append_val (fixture->attempts_us, now_us);
}

/* All of them open, and a server that is about to go. */
static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF, "max", 1000, NULL);

  fixture->world = wsm_test_world_new (1);
  fixture->peer = wsm_test_world_get_peer (fixture->world, "/a");
  fixture->attempts_us = g_array_new (FALSE, FALSE, sizeof (gint64));
  wsm_pool_set_backoff (fixture->world->pool, backoff);
  wsm_pool_set_max_retries_per_second (fixture->world->pool, RATE);
  for (guint i = 0; i < N_CONNECTIONS; i++)
    g_assert_nonnull (wsm_pool_add (fixture->world->pool, "ws://127.0.0.1/a", NULL));

  /* First attempts take no turns. */
  wsm_test_world_run_ms (fixture->world, 50);
  g_assert_cmpuint (wsm_pool_get_n_open (fixture->world->pool), ==, N_CONNECTIONS);
  g_signal_connect (fixture->world->pool, "connection-state-changed",
                    G_CALLBACK (state_changed_cb), fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  wsm_test_world_free (fixture->world);
  g_array_unref (fixture->attempts_us);
}

/* Whatever waits says until when, and that is not over. */
static void
check_honesty (Fixture *fixture)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (fixture->world->pool)); i++)
    {
      WsmConnection *connection = get_nth (fixture, i);
      const WsmReason *reason = wsm_connection_get_reason (connection);
      gint64 retry_us = wsm_connection_get_next_retry_at (connection);

      if (wsm_connection_get_state (connection) != WSM_STATE_WAITING)
        {
          g_assert_cmpint (retry_us, ==, 0);
          continue;
        }
      g_assert_cmpint (retry_us, >=, get_time_us (fixture));
      g_assert_cmpuint (wsm_reason_get_delay (reason), >, 0);
      g_assert_cmpuint (wsm_reason_get_attempt (reason), ==,
                        wsm_connection_get_attempt (connection));
      if (wsm_reason_get_turn_delay (reason) > 0)
        g_assert_cmpuint (wsm_reason_get_turn_delay (reason), ==, wsm_reason_get_delay (reason));
    }
}

static void
run_ms (Fixture *fixture,
        guint    duration_ms)
{
  for (guint i = 0; i < duration_ms; i += 10)
    {
      wsm_test_world_run_ms (fixture->world, 10);
      check_honesty (fixture);
    }
}

static void
lose_all (Fixture *fixture)
{
  fixture->peer->refusal = WSM_REASON_CODE_REFUSED;
  wsm_test_peer_drop (fixture->peer, WSM_REASON_CODE_END_OF_STREAM);
  wsm_test_world_run_ms (fixture->world, 1);
  g_assert_cmpuint (count_in_state (fixture, WSM_STATE_WAITING), ==, N_CONNECTIONS);
  check_honesty (fixture);
}

static gboolean
is_in_turn (WsmConnection *connection)
{
  return wsm_reason_get_turn_delay (wsm_connection_get_reason (connection)) > 0;
}

static guint
count_in_turn (Fixture *fixture)
{
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (fixture->world->pool)); i++)
    n += is_in_turn (get_nth (fixture, i));

  return n;
}

/* The first one that waits for its turn, or for its back-off. */
static WsmConnection *
find_waiting (Fixture  *fixture,
              gboolean  in_turn)
{
  for (guint i = 0; i < N_CONNECTIONS; i++)
    {
      WsmConnection *connection = get_nth (fixture, i);

      if (wsm_connection_get_state (connection) == WSM_STATE_WAITING &&
          is_in_turn (connection) == in_turn)
        return connection;
    }

  g_assert_not_reached ();
}

static guint
find_busiest_second (GArray *attempts_us)
{
  guint most = 0;
  guint first = 0;

  for (guint i = 0; i < attempts_us->len; i++)
    {
      while (g_array_index (attempts_us, gint64, first) + G_USEC_PER_SEC <=
             g_array_index (attempts_us, gint64, i))
        first++;
      most = MAX (most, i - first + 1);
    }

  return most;
}

static void
test_pool_retries_take_turns (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autofree char *reason = NULL;
  g_autofree char *pattern = NULL;
  WsmConnection *one;

  lose_all (fixture);
  run_ms (fixture, 2000);
  g_assert_cmpuint (fixture->attempts_us->len, >, RATE);
  g_assert_cmpuint (find_busiest_second (fixture->attempts_us), <=, RATE + RATE / 10 + 1);
  g_assert_cmpuint (count_in_turn (fixture), >, N_CONNECTIONS / 2);
  one = find_waiting (fixture, TRUE);
  reason = wsm_reason_to_string (wsm_connection_get_reason (one));
  g_assert_true (g_pattern_match_simple ("*; trying again in * (attempt *, when its turn comes)",
                                         reason));

  fixture->peer->refusal = WSM_REASON_CODE_NONE;
  run_ms (fixture, N_CONNECTIONS * 1000 / RATE + 1000);
  g_assert_cmpuint (wsm_pool_get_n_open (fixture->world->pool), ==, N_CONNECTIONS);
  g_assert_cmpuint (find_busiest_second (fixture->attempts_us), <=, RATE + RATE / 10 + 1);
}

/* What was told is what happens. */
static void
test_pool_retries_come_when_told (Fixture       *fixture,
                                  gconstpointer  data)
{
  WsmConnection *one;
  gint64 due_us;

  lose_all (fixture);
  run_ms (fixture, 1000);
  one = find_waiting (fixture, TRUE);
  due_us = wsm_connection_get_next_retry_at (one);
  wsm_test_clock_advance (fixture->world->clock, due_us - get_time_us (fixture) - 1);
  g_assert_cmpint (wsm_connection_get_state (one), ==, WSM_STATE_WAITING);
  g_assert_cmpint (wsm_connection_get_next_retry_at (one), ==, due_us);
  fixture->peer->stall = TRUE;
  wsm_test_clock_advance (fixture->world->clock, 1);
  g_assert_cmpint (wsm_connection_get_state (one), ==, WSM_STATE_CONNECTING);
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (one)), ==,
                   WSM_REASON_CODE_RETRYING);
}

static void
test_pool_retries_of_one_go_at_once (Fixture       *fixture,
                                     gconstpointer  data)
{
  lose_all (fixture);
  run_ms (fixture, 1000);
  fixture->peer->stall = TRUE;
  wsm_connection_retry_now (find_waiting (fixture, TRUE));
  wsm_connection_retry_now (find_waiting (fixture, TRUE));
  g_assert_cmpuint (count_in_state (fixture, WSM_STATE_CONNECTING), ==, 2);
}

static void
test_pool_retries_of_all_take_turns (Fixture       *fixture,
                                     gconstpointer  data)
{
  g_autoptr (WsmBackoff) patient = g_object_new (WSM_TYPE_BACKOFF,
                                                 "initial", 3600 * 1000,
                                                 "max", 3600 * 1000,
                                                 NULL);

  for (guint i = 0; i < N_CONNECTIONS; i++)
    wsm_connection_set_backoff (get_nth (fixture, i), patient);
  lose_all (fixture);
  fixture->peer->refusal = WSM_REASON_CODE_NONE;
  g_assert_cmpuint (count_in_turn (fixture), ==, 0);
  for (guint i = 0; i < 3; i++)
    {
      wsm_pool_retry_now (fixture->world->pool);
      check_honesty (fixture);
      /* A second time changes nothing for those who have a turn already. */
      g_assert_cmpuint (count_in_turn (fixture), ==, N_CONNECTIONS - RATE / 10 - 1);
    }
  run_ms (fixture, N_CONNECTIONS * 1000 / RATE);
  g_assert_cmpuint (wsm_pool_get_n_open (fixture->world->pool), ==, N_CONNECTIONS);
  g_assert_cmpuint (find_busiest_second (fixture->attempts_us), <=, RATE + RATE / 10 + 1);
}

/* Nor does a machine that wakes up bring a storm. */
static void
test_pool_retries_after_sleep_take_turns (Fixture       *fixture,
                                          gconstpointer  data)
{
  g_autoptr (WsmBackoff) patient = g_object_new (WSM_TYPE_BACKOFF,
                                                 "initial", 3600 * 1000,
                                                 "max", 3600 * 1000,
                                                 NULL);

  for (guint i = 0; i < N_CONNECTIONS; i++)
    wsm_connection_set_backoff (get_nth (fixture, i), patient);
  lose_all (fixture);
  fixture->peer->refusal = WSM_REASON_CODE_NONE;
  wsm_test_clock_sleep (fixture->world->clock, 10 * G_USEC_PER_SEC);
  run_ms (fixture, N_CONNECTIONS * 1000 / RATE + 1000);
  g_assert_cmpuint (wsm_pool_get_n_open (fixture->world->pool), ==, N_CONNECTIONS);
  g_assert_cmpuint (find_busiest_second (fixture->attempts_us), <=, RATE + RATE / 10 + 1);
}

static void
test_pool_retries_pause_gives_the_turn_up (Fixture       *fixture,
                                           gconstpointer  data)
{
  WsmConnection *one;

  lose_all (fixture);
  run_ms (fixture, 1000);
  one = find_waiting (fixture, TRUE);
  wsm_connection_pause (one);
  g_assert_cmpint (wsm_connection_get_next_retry_at (one), ==, 0);
  g_assert_cmpuint (wsm_reason_get_attempt (wsm_connection_get_reason (one)), ==, 0);
  g_assert_cmpuint (wsm_reason_get_delay (wsm_connection_get_reason (one)), ==, 0);
  g_assert_false (is_in_turn (one));
  wsm_pool_retry_now (fixture->world->pool);
  g_assert_cmpint (wsm_connection_get_state (one), ==, WSM_STATE_WAITING);
  g_assert_false (is_in_turn (one));

  /* The last of all is it now. */
  wsm_connection_resume (one);
  g_assert_true (is_in_turn (one));
  for (guint i = 0; i < N_CONNECTIONS; i++)
    g_assert_cmpint (wsm_connection_get_next_retry_at (get_nth (fixture, i)), <=,
                     wsm_connection_get_next_retry_at (one));
}

static void
test_pool_retries_follow_the_rate (Fixture       *fixture,
                                   gconstpointer  data)
{
  WsmConnection *first;
  WsmConnection *last;
  guint n_in_turn;

  lose_all (fixture);
  run_ms (fixture, 1000);
  fixture->peer->stall = TRUE;
  n_in_turn = count_in_turn (fixture);
  first = find_waiting (fixture, TRUE);
  last = first;
  for (guint i = 0; i < N_CONNECTIONS; i++)
    {
      WsmConnection *other = get_nth (fixture, i);

      if (!is_in_turn (other))
        continue;
      if (wsm_connection_get_next_retry_at (other) < wsm_connection_get_next_retry_at (first))
        first = other;
      if (wsm_connection_get_next_retry_at (other) > wsm_connection_get_next_retry_at (last))
        last = other;
    }

  /* Slower, in the same order; nobody is free of it who was not before. */
  wsm_pool_set_max_retries_per_second (fixture->world->pool, 1);
  check_honesty (fixture);
  g_assert_cmpint (wsm_connection_get_state (first), ==, WSM_STATE_CONNECTING);
  g_assert_cmpuint (count_in_turn (fixture), ==, n_in_turn - 1);
  g_assert_cmpint (wsm_connection_get_next_retry_at (last), >=,
                   get_time_us (fixture) + (n_in_turn - 1) * G_USEC_PER_SEC);

  /* And without any, all of them go. */
  wsm_pool_set_max_retries_per_second (fixture->world->pool, 0);
  check_honesty (fixture);
  g_assert_cmpuint (count_in_turn (fixture), ==, 0);
  g_assert_cmpuint (count_in_state (fixture, WSM_STATE_CONNECTING), ==, n_in_turn);
}

/* Those who are removed leave nobody behind who waits for them. */
static void
test_pool_retries_of_the_removed_are_free (Fixture       *fixture,
                                           gconstpointer  data)
{
  lose_all (fixture);
  run_ms (fixture, 1000);
  while (g_list_model_get_n_items (G_LIST_MODEL (fixture->world->pool)) > 0)
    wsm_pool_remove (fixture->world->pool, get_nth (fixture, 0));

  fixture->peer->refusal = WSM_REASON_CODE_NONE;
  g_assert_nonnull (wsm_pool_add (fixture->world->pool, "ws://127.0.0.1/a", NULL));
  wsm_test_world_run_ms (fixture->world, 10);
  wsm_test_peer_drop (fixture->peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (fixture->world, 500 + 1000 / RATE + 20);
  g_assert_cmpuint (wsm_pool_get_n_open (fixture->world->pool), ==, 1);
}

/* One whose time is over before its turn comes need not wait for it. */
static void
test_pool_retries_end_before_their_turn (Fixture       *fixture,
                                         gconstpointer  data)
{
  g_autoptr (WsmBackoff) hasty = g_object_new (WSM_TYPE_BACKOFF, "max-elapsed", 2000, NULL);
  guint n_before_an_attempt = 0;

  for (guint i = 0; i < N_CONNECTIONS; i++)
    wsm_connection_set_backoff (get_nth (fixture, i), hasty);
  lose_all (fixture);
  run_ms (fixture, 501);
  for (guint i = 0; i < N_CONNECTIONS; i++)
    {
      WsmConnection *one = get_nth (fixture, i);
      g_autofree char *reason = wsm_reason_to_string (wsm_connection_get_reason (one));

      if (wsm_connection_get_state (one) != WSM_STATE_FAILED)
        continue;
      g_assert_error (wsm_connection_get_error (one), WSM_ERROR, WSM_ERROR_GAVE_UP);
      g_assert_true (g_str_has_prefix (reason, "gave-up: no success for 2000 ms, the time "
                                               "allowed; the last attempt: "));
      n_before_an_attempt += strstr (reason, "attempt: end-of-stream") != NULL;
    }
  g_assert_cmpuint (n_before_an_attempt, >, N_CONNECTIONS / 4);
}

static void
refuse_rate (WsmPool    *pool,
             guint       rate,
             const char *complaint)
{
  guint before = wsm_pool_get_max_retries_per_second (pool);

  g_test_expect_message ("libwsmulti", G_LOG_LEVEL_CRITICAL, complaint);
  g_object_set (pool, "max-retries-per-second", rate, NULL);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (wsm_pool_get_max_retries_per_second (pool), ==, before);
}

static void
count_cb (guint *n)
{
  (*n)++;
}

static void
test_pool_retries_check_the_rate (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  guint n_notified = 0;
  guint rate = 0;

  g_object_get (world->pool, "max-retries-per-second", &rate, NULL);
  g_assert_cmpuint (rate, ==, 700);
  g_signal_connect_swapped (world->pool, "notify::max-retries-per-second", G_CALLBACK (count_cb),
                            &n_notified);
  wsm_pool_set_max_retries_per_second (world->pool, 700);
  g_assert_cmpuint (n_notified, ==, 0);
  refuse_rate (world->pool, 1000001, "max-retries-per-second: 1000001 is out of range; set *");
  refuse_rate (world->pool, G_MAXUINT, "max-retries-per-second: 4294967295 is out of range; *");
  wsm_pool_set_max_retries_per_second (world->pool, 1000000);
  wsm_pool_set_max_retries_per_second (world->pool, 0);
  g_assert_cmpuint (n_notified, ==, 2);

  wsm_test_world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture       *fixture,
                  gconstpointer  data);
  } tests[] = {
    { "/pool-retries/take-turns", test_pool_retries_take_turns },
    { "/pool-retries/come-when-told", test_pool_retries_come_when_told },
    { "/pool-retries/of-one-go-at-once", test_pool_retries_of_one_go_at_once },
    { "/pool-retries/of-all-take-turns", test_pool_retries_of_all_take_turns },
    { "/pool-retries/after-sleep-take-turns", test_pool_retries_after_sleep_take_turns },
    { "/pool-retries/pause-gives-the-turn-up", test_pool_retries_pause_gives_the_turn_up },
    { "/pool-retries/follow-the-rate", test_pool_retries_follow_the_rate },
    { "/pool-retries/of-the-removed-are-free", test_pool_retries_of_the_removed_are_free },
    { "/pool-retries/end-before-their-turn", test_pool_retries_end_before_their_turn },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  g_test_add_func ("/pool-retries/check-the-rate", test_pool_retries_check_the_rate);

  return g_test_run ();
}
