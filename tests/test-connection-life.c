/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-connection-private.h"
#include "wsm-enum-types.h"
#include "wsm-error.h"

#define N_STATES (WSM_STATE_FAILED + 1)

static void
assert_reason (WsmConnection *connection,
               const char    *expected)
{
  g_autofree char *reason = wsm_reason_to_string (wsm_connection_get_reason (connection));

  if (!g_pattern_match_simple (expected, reason))
    g_error ("“%s” is not like “%s”", reason, expected);
}

/* What the network or time does, by itself. */

static void
nothing (WsmTestWorld *world,
         WsmTestPeer  *peer)
{
  wsm_test_world_run_ms (world, 10);
}

static void
let_time_pass (WsmTestWorld *world,
               WsmTestPeer  *peer)
{
  wsm_test_world_run_ms (world, 4100);
}

static void
let_handshake_time_out (WsmTestWorld *world,
                        WsmTestPeer  *peer)
{
  wsm_test_world_run_ms (world, 14995);
}

static void
fall_mute (WsmTestWorld *world,
           WsmTestPeer  *peer)
{
  peer->mute = TRUE;
  wsm_test_world_run_ms (world, 1300);
}

static void
stay_mute (WsmTestWorld *world,
           WsmTestPeer  *peer)
{
  wsm_test_world_run_ms (world, 2000);
}

static void
speak_again (WsmTestWorld *world,
             WsmTestPeer  *peer)
{
  peer->mute = FALSE;
  wsm_test_peer_say (peer, "here");
  wsm_test_world_run_ms (world, 10);
}

static void
reset (WsmTestWorld *world,
       WsmTestPeer  *peer)
{
  wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (world, 1);
}

static void
break_protocol (WsmTestWorld *world,
                WsmTestPeer  *peer)
{
  wsm_test_peer_drop (peer, WSM_REASON_CODE_PROTOCOL);
  wsm_test_world_run_ms (world, 1);
}

static void
close_for_good (WsmTestWorld *world,
                WsmTestPeer  *peer)
{
  wsm_test_peer_close (peer, 1000);
  wsm_test_world_run_ms (world, 1);
}

static void
close_with_4001 (WsmTestWorld *world,
                 WsmTestPeer  *peer)
{
  wsm_test_peer_close (peer, 4001);
  wsm_test_world_run_ms (world, 1);
}

static void
time_out_close (WsmTestWorld *world,
                WsmTestPeer  *peer)
{
  wsm_test_world_run_ms (world, 2000);
}

static WsmConnection *
get_only_one (WsmTestWorld *world)
{
  return wsm_pool_peek_nth (world->pool, 0);
}

static void
open_refused (WsmTestWorld *world,
              WsmTestPeer  *peer)
{
  peer->refusal = WSM_REASON_CODE_HTTP_STATUS;
  peer->http_status = 403;
  g_assert_true (wsm_connection_open (get_only_one (world), NULL));
  wsm_test_world_run_ms (world, 10);
}

/* So that it may not try again. */
static void
lower_policy (WsmTestWorld *world,
              WsmTestPeer  *peer)
{
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF, "max-attempts", 1, NULL);

  wsm_connection_set_backoff (get_only_one (world), backoff);
}

/* Every transition that the network makes, what it signals, and what it says of itself. */
static const struct
{
  WsmState from;
  void (*event) (WsmTestWorld *world,
                 WsmTestPeer  *peer);
  const char *log;
  const char *reason;
} events[] = {
  { WSM_STATE_IDLE, nothing, "", "none" },
  { WSM_STATE_IDLE, open_refused, "CONNECTING FAILED failed", "http-status: 403*" },
  { WSM_STATE_CONNECTING, let_handshake_time_out, "WAITING",
    "timed-out: * 15.0 s; trying again in * (attempt 2, at most 1.0 s)" },
  { WSM_STATE_OPEN, let_time_pass, "", "opened" },
  { WSM_STATE_OPEN, fall_mute, "SUSPECT",
    "beat-missed: 1 of 3 beats unanswered, last byte 1.3 s *" },
  { WSM_STATE_OPEN, reset, "WAITING disconnected+", "reset; trying again in * (attempt 2, *)" },
  { WSM_STATE_OPEN, break_protocol, "FAILED disconnected failed", "protocol" },
  { WSM_STATE_OPEN, close_for_good, "CLOSING CLOSED disconnected closed", "peer-closed: *1000*" },
  { WSM_STATE_OPEN, close_with_4001, "FAILED disconnected failed", "peer-closed: *4001*" },
  { WSM_STATE_SUSPECT, speak_again, "OPEN message(here)", "alive*" },
  { WSM_STATE_SUSPECT, stay_mute, "WAITING disconnected+",
    "heartbeat-lost: 3 of 3 beats unanswered, last byte 3.3 s ago; trying again in *" },
  { WSM_STATE_SUSPECT, close_for_good, "CLOSING CLOSED disconnected closed",
    "peer-closed: *1000*" },
  { WSM_STATE_SUSPECT, break_protocol, "FAILED disconnected failed", "protocol" },
  { WSM_STATE_WAITING, let_time_pass, "CONNECTING OPEN opened", "opened" },
  { WSM_STATE_WAITING, lower_policy, "FAILED failed",
    "gave-up: 1 of 1 attempts used up; the last one: refused" },
  { WSM_STATE_CLOSING, time_out_close, "CLOSED disconnected closed", "close-timed-out: *2.0 s*" },
  { WSM_STATE_CLOSING, reset, "CLOSED disconnected closed", "requested" },
  { WSM_STATE_CLOSED, let_time_pass, "", "requested*" },
  { WSM_STATE_FAILED, let_time_pass, "", "http-status: 403*" },
};

static void
test_events (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      WsmTestWorld *world = wsm_test_world_new (i);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", events[i].from);

      g_test_message ("event %u", i);
      events[i].event (world, peer);
      wsm_test_world_assert_log (world, events[i].log);
      assert_reason (feed, events[i].reason);

      wsm_test_world_free (world);
    }
}

/* What the app asks for, in each state: where it leads at once, and what is signalled. */

typedef enum
{
  CALL_OPEN,
  CALL_CLOSE,
  CALL_ABORT,
  CALL_RETRY_NOW,
  CALL_CONFIRM,
  CALL_PAUSE,
  CALL_RESUME,
  N_CALLS,
} Call;

static void
call (WsmConnection *connection,
      Call           what)
{
  switch (what)
    {
    case CALL_OPEN:
      g_assert_true (wsm_connection_open (connection, NULL));
      break;

    case CALL_CLOSE:
      g_assert_true (wsm_connection_close (connection, 1000, "done", NULL));
      break;

    case CALL_ABORT:
      wsm_connection_abort (connection);
      break;

    case CALL_RETRY_NOW:
      wsm_connection_retry_now (connection);
      break;

    case CALL_CONFIRM:
      wsm_connection_confirm_healthy (connection);
      break;

    case CALL_PAUSE:
      wsm_connection_pause (connection);
      break;

    case CALL_RESUME:
      wsm_connection_resume (connection);
      break;

    case N_CALLS:
    default:
      g_assert_not_reached ();
    }
}

static const char * const call_logs[N_STATES][N_CALLS] = {
  [WSM_STATE_IDLE] = { [CALL_OPEN] = "CONNECTING" },
  [WSM_STATE_CONNECTING] = { [CALL_CLOSE] = "CLOSED closed", [CALL_ABORT] = "CLOSED closed" },
  [WSM_STATE_OPEN] = { [CALL_CLOSE] = "CLOSING",
                       [CALL_ABORT] = "CLOSING CLOSED disconnected closed" },
  [WSM_STATE_SUSPECT] = { [CALL_CLOSE] = "CLOSING",
                          [CALL_ABORT] = "CLOSING CLOSED disconnected closed" },
  [WSM_STATE_WAITING] = { [CALL_OPEN] = "CONNECTING", [CALL_CLOSE] = "CLOSED closed",
                          [CALL_ABORT] = "CLOSED closed", [CALL_RETRY_NOW] = "CONNECTING" },
  [WSM_STATE_CLOSING] = { [CALL_OPEN] = "CLOSED disconnected closed CONNECTING",
                          [CALL_ABORT] = "CLOSED disconnected closed" },
  [WSM_STATE_CLOSED] = { [CALL_OPEN] = "CONNECTING", [CALL_RETRY_NOW] = "CONNECTING" },
  [WSM_STATE_FAILED] = { [CALL_OPEN] = "CONNECTING", [CALL_RETRY_NOW] = "CONNECTING" },
};

/* Each call twice: the second one finds nothing left to do, or does no harm. */
static void
test_calls (void)
{
  for (guint state = 0; state < N_STATES; state++)
    {
      for (guint what = 0; what < N_CALLS; what++)
        {
          WsmTestWorld *world = wsm_test_world_new (what);
          WsmConnection *feed = wsm_test_world_bring_to (world, "/a", (WsmState) state);
          const char *log = call_logs[state][what];

          g_test_message ("call %u in state %u", what, state);
          call (feed, (Call) what);
          wsm_test_world_assert_log (world, log != NULL ? log : "");
          call (feed, (Call) what);
          wsm_test_world_assert_log (world, "");
          g_string_truncate (world->log, 0);
          wsm_connection_abort (feed);
          g_string_truncate (world->log, 0);

          wsm_test_world_free (world);
        }
    }
}

/* Which ways from one state to another a connection took. */
typedef struct
{
  WsmState state;
  gboolean taken[N_STATES][N_STATES];
} Ways;

static void
note_way_cb (WsmConnection *connection,
             GParamSpec    *pspec,
             Ways          *ways)
{
  WsmState state = wsm_connection_get_state (connection);

  ways->taken[ways->state][state] = TRUE;
  ways->state = state;
}

static WsmConnection *
follow_ways (WsmTestWorld *world,
             WsmState      state,
             Ways         *ways)
{
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", state);

  ways->state = state;
  g_signal_connect (feed, "notify::state", G_CALLBACK (note_way_cb), ways);

  return feed;
}

/* The cases above take every way that there is, so none is there for nothing. */
static void
test_takes_every_way (void)
{
  Ways ways = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      WsmTestWorld *world = wsm_test_world_new (i);

      follow_ways (world, events[i].from, &ways);
      events[i].event (world, wsm_test_world_get_peer (world, "/a"));
      g_string_truncate (world->log, 0);
      wsm_test_world_free (world);
    }
  for (guint state = 0; state < N_STATES; state++)
    {
      for (guint what = 0; what < N_CALLS; what++)
        {
          WsmTestWorld *world = wsm_test_world_new (what);

          call (follow_ways (world, (WsmState) state, &ways), (Call) what);
          g_string_truncate (world->log, 0);
          wsm_test_world_free (world);
        }
    }

  for (guint from = 0; from < N_STATES; from++)
    for (guint to = 0; to < N_STATES; to++)
      if (ways.taken[from][to] != wsm_connection_is_way ((WsmState) from, (WsmState) to))
        g_error ("from %u to %u: %s", from, to, ways.taken[from][to] ? "no way" : "not taken");
}

static void
test_leaves_no_state_behind (void)
{
  for (guint state = 0; state < N_STATES; state++)
    {
      WsmTestWorld *world = wsm_test_world_new (state);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      g_autoptr (WsmConnection) feed = NULL;

      feed = g_object_ref (wsm_test_world_bring_to (world, "/a", (WsmState) state));
      if (state % 2 == 0)
        g_assert_true (wsm_pool_remove (world->pool, feed));
      else
        g_assert_finalize_object (g_steal_pointer (&world->pool));
      g_assert_cmpuint (peer->transports->len, ==, 0);
      wsm_test_world_run_ms (world, 20000);
      wsm_test_world_assert_log (world, "");

      /* It can be asked, but does nothing any more. */
      g_assert_cmpint (wsm_connection_get_next_beat_at (feed), ==, 0);
      g_assert_cmpint (wsm_connection_get_next_retry_at (feed), ==, 0);
      wsm_connection_retry_now (feed);
      wsm_connection_pause (feed);
      wsm_connection_resume (feed);
      wsm_connection_abort (feed);
      g_assert_false (wsm_connection_open (feed, NULL));
      wsm_test_world_assert_log (world, "");

      wsm_test_world_free (world);
    }
}

/* What a transport says after its time is not heard: here it had posted its end already. */
static void
test_ignores_old_transports (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  peer->latency_us = 0;
  wsm_test_peer_say (peer, "late");
  wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
  wsm_connection_abort (feed);
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CLOSING CLOSED disconnected closed CONNECTING OPEN reopened");

  wsm_test_world_free (world);
}

/* A handshake that succeeds in the same moment as it times out leads to one of both. */
static void
test_opens_or_times_out (void)
{
  for (int early = -1; early <= 1; early++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);

      wsm_connection_set_connect_timeout (feed, 100);
      peer->latency_us = (50 + early) * 1000;
      g_assert_true (wsm_connection_open (feed, NULL));
      wsm_test_world_run_ms (world, 99 + early);
      if (early < 0)
        wsm_test_world_assert_log (world, "CONNECTING OPEN opened");
      else
        wsm_test_world_assert_log (world, early > 0 ? "CONNECTING WAITING" : "CONNECTING");
      wsm_connection_abort (feed);
      g_string_truncate (world->log, 0);

      wsm_test_world_free (world);
    }
}

static void
test_close_reaches_the_peer (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  g_assert_true (wsm_connection_close (feed, 4321, "bye", NULL));
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CLOSING CLOSED disconnected closed");
  g_assert_cmpuint (peer->closed_with, ==, 4321);
  g_assert_cmpuint (wsm_connection_get_close_code (feed), ==, 4321);

  wsm_test_world_free (world);
}

/* RFC 6455, 7.4: what an endpoint may send. */
static void
test_refuses_bad_close (void)
{
  static const guint bad[] = {
    1, 999, 1004, 1005, 1006, 1011, 1012, 1015, 1016, 2999, 5000, G_MAXUINT,
  };
  static const guint good[] = { 0, 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 4999 };
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autofree char *long_reason = g_strnfill (124, 'x');
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (wsm_connection_close (feed, bad[i], NULL, &error));
      g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_CLOSE);
      g_clear_error (&error);
    }
  g_assert_false (wsm_connection_close (feed, 1000, long_reason, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_CLOSE);
  g_clear_error (&error);
  g_assert_false (wsm_connection_close (feed, 1000, "\xff", &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_CLOSE);
  g_clear_error (&error);
  g_assert_false (wsm_connection_close (feed, 0, "why", &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_CLOSE);
  wsm_test_world_assert_log (world, "");

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (wsm_connection_close (feed, good[i], NULL, NULL));
      wsm_test_world_run_ms (world, 10);
      g_assert_true (wsm_connection_open (feed, NULL));
      wsm_test_world_run_ms (world, 10);
      wsm_test_world_assert_log (world, "CLOSING CLOSED disconnected closed CONNECTING OPEN "
                                        "reopened");
    }

  wsm_test_world_free (world);
}

static void
test_pause_keeps_the_socket (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  wsm_connection_pause (feed);
  g_assert_true (wsm_connection_get_paused (feed));
  g_assert_cmpint (wsm_connection_get_next_beat_at (feed), ==, 0);
  wsm_test_world_run_ms (world, 100 * 1000);
  g_assert_cmpuint (peer->n_pings, ==, 0);
  wsm_connection_resume (feed);
  g_assert_cmpuint (peer->n_pings, ==, 1);
  wsm_test_world_run_ms (world, 1000);
  g_assert_cmpuint (peer->n_pings, ==, 2);
  wsm_test_world_assert_log (world, "");

  /* Lost while paused: it waits for good, and tries at once when resumed. */
  wsm_connection_pause (feed);
  wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (world, 100 * 1000);
  wsm_test_world_assert_log (world, "WAITING disconnected+");
  g_assert_cmpint (wsm_connection_get_next_retry_at (feed), ==, 0);
  wsm_connection_resume (feed);
  wsm_test_world_assert_log (world, "CONNECTING");
  wsm_test_world_run_ms (world, 2);
  wsm_test_world_assert_log (world, "OPEN reopened");

  /* Asked to open while paused: it goes on once resumed. */
  wsm_connection_pause (feed);
  wsm_connection_abort (feed);
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 100 * 1000);
  wsm_test_world_assert_log (world, "CLOSING CLOSED disconnected closed CONNECTING");
  wsm_connection_resume (feed);
  wsm_test_world_run_ms (world, 2);
  wsm_test_world_assert_log (world, "OPEN reopened");

  wsm_test_world_free (world);
}

/* A pause changes nothing of what is known: missed beats stay missed until there is life. */
static void
test_pause_keeps_the_suspicion (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_SUSPECT);

  wsm_connection_pause (feed);
  wsm_test_world_run_ms (world, 100 * 1000);
  wsm_connection_resume (feed);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_SUSPECT);
  g_assert_cmpuint (wsm_connection_get_n_missed (feed), ==, 1);
  wsm_test_world_assert_log (world, "");

  wsm_connection_pause (feed);
  peer->mute = FALSE;
  wsm_test_peer_say (peer, "life");
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "OPEN message(life)");
  g_assert_cmpuint (wsm_connection_get_n_missed (feed), ==, 0);

  wsm_test_world_free (world);
}

static void
pause_and_resume_cb (WsmConnection *connection,
                     gboolean      *done)
{
  if (*done)
    return;
  *done = TRUE;
  wsm_connection_pause (connection);
  wsm_connection_resume (connection);
}

static WsmRetryDecision
pause_and_resume_when_asked_cb (WsmConnection *connection,
                                WsmReason     *reason,
                                WsmTestWorld  *world)
{
  wsm_connection_pause (connection);
  wsm_connection_resume (connection);
  wsm_test_world_run_ms (world, 1);

  return WSM_RETRY_DECISION_DEFAULT;
}

/* Resuming starts what a pause held up, but not while the app is asked about a failure. */
static void
test_resume_does_not_start_twice (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);
  gboolean done = FALSE;

  g_signal_connect (feed, "should-retry", G_CALLBACK (pause_and_resume_when_asked_cb), world);
  g_signal_connect (feed, "notify::state", G_CALLBACK (pause_and_resume_cb), &done);
  peer->refusal = WSM_REASON_CODE_REFUSED;
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING WAITING");
  g_assert_cmpuint (peer->n_attempts, <=, 2);
  peer->refusal = WSM_REASON_CODE_NONE;
  wsm_test_world_run_ms (world, 1000);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");

  wsm_test_world_free (world);
}

/* The state that a listener sees fits the rest that it sees. */
static void
check_figures_cb (WsmConnection *connection,
                  GParamSpec    *pspec,
                  WsmTestWorld  *world)
{
  WsmState state = wsm_connection_get_state (connection);
  gboolean is_open = state == WSM_STATE_OPEN || state == WSM_STATE_SUSPECT;

  g_assert_cmpint (wsm_connection_get_next_retry_at (connection) > 0, ==,
                   state == WSM_STATE_WAITING);
  g_assert_cmpint (wsm_connection_get_next_beat_at (connection) > 0, ==, is_open);
  g_assert_cmpint (wsm_connection_get_n_missed (connection) > 0, ==, state == WSM_STATE_SUSPECT);
  g_assert_cmpuint (wsm_pool_get_n_open (world->pool), ==, is_open ? 1 : 0);
  g_assert_cmpuint (wsm_pool_get_n_failed (world->pool), ==, state == WSM_STATE_FAILED ? 1 : 0);
}

static void
test_listeners_see_one_state (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);

  g_signal_connect (feed, "notify", G_CALLBACK (check_figures_cb), world);
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 100);
  fall_mute (world, peer);
  speak_again (world, peer);
  fall_mute (world, peer);
  stay_mute (world, peer);
  stay_mute (world, peer);
  peer->mute = FALSE;
  let_time_pass (world, peer);
  break_protocol (world, peer);
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  close_for_good (world, peer);
  g_string_truncate (world->log, 0);

  wsm_test_world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/connection-life/follows-events", test_events);
  g_test_add_func ("/connection-life/does-what-is-asked-in-each-state", test_calls);
  g_test_add_func ("/connection-life/takes-every-way", test_takes_every_way);
  g_test_add_func ("/connection-life/is-silent-when-removed", test_leaves_no_state_behind);
  g_test_add_func ("/connection-life/ignores-old-transports", test_ignores_old_transports);
  g_test_add_func ("/connection-life/opens-or-times-out", test_opens_or_times_out);
  g_test_add_func ("/connection-life/close-reaches-the-peer", test_close_reaches_the_peer);
  g_test_add_func ("/connection-life/refuses-bad-close", test_refuses_bad_close);
  g_test_add_func ("/connection-life/pause-keeps-the-socket", test_pause_keeps_the_socket);
  g_test_add_func ("/connection-life/pause-keeps-the-suspicion", test_pause_keeps_the_suspicion);
  g_test_add_func ("/connection-life/resume-does-not-start-twice",
                   test_resume_does_not_start_twice);
  g_test_add_func ("/connection-life/listeners-see-one-state", test_listeners_see_one_state);

  return g_test_run ();
}
