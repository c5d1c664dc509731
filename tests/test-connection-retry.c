/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

/* When a connection tries again, and when it gives up. */

static guint
get_delay_bound (WsmConnection *connection)
{
  return wsm_reason_get_delay_bound (wsm_connection_get_reason (connection));
}

/* Lets the next attempt fail too, and stops right behind it. */
static void
fail_once_more (WsmTestWorld  *world,
                WsmConnection *connection)
{
  gint64 due_us = wsm_connection_get_next_retry_at (connection);

  g_assert_cmpint (wsm_connection_get_state (connection), ==, WSM_STATE_WAITING);
  wsm_test_clock_advance (world->clock,
                          due_us - wsm_clock_get_time_us (WSM_CLOCK (world->clock)) + 2000);
}

static void
test_bound_doubles_up_to_the_cap (void)
{
  static const guint bounds[] = { 1000, 2000, 4000, 4000, 4000 };
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_WAITING);

  peer->refusal = WSM_REASON_CODE_REFUSED;
  for (guint i = 0; i < G_N_ELEMENTS (bounds); i++)
    {
      const WsmReason *reason = wsm_connection_get_reason (feed);

      g_assert_cmpuint (get_delay_bound (feed), ==, bounds[i]);
      g_assert_cmpuint (wsm_reason_get_delay (reason), >=, 100);
      g_assert_cmpuint (wsm_reason_get_delay (reason), <=, bounds[i]);
      g_assert_cmpuint (wsm_reason_get_attempt (reason), ==, i + 2);
      g_assert_cmpuint (wsm_connection_get_attempt (feed), ==, i + 2);
      fail_once_more (world, feed);
      wsm_test_world_assert_log (world, "CONNECTING WAITING");
    }
  g_assert_cmpuint (peer->n_attempts, ==, 1 + G_N_ELEMENTS (bounds));

  wsm_test_world_free (world);
}

/* An open socket alone is no proof of health: a server may accept and drop. */
static void
test_reset_only_by_health (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  for (guint i = 0; i < 3; i++)
    {
      /* The default of stable-after is five seconds. */
      wsm_test_world_run_ms (world, 4990 - 10);
      wsm_test_peer_drop (peer, WSM_REASON_CODE_END_OF_STREAM);
      wsm_test_world_run_ms (world, 1);
      g_assert_cmpuint (get_delay_bound (feed), ==, 1000u << i);
      fail_once_more (world, feed);
      g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_OPEN);
    }
  g_assert_cmpuint (wsm_connection_get_attempt (feed), ==, 4);

  wsm_test_world_run_ms (world, 5000);
  g_assert_cmpuint (wsm_connection_get_attempt (feed), ==, 1);
  wsm_test_peer_drop (peer, WSM_REASON_CODE_END_OF_STREAM);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (get_delay_bound (feed), ==, 1000);
  fail_once_more (world, feed);

  g_assert_cmpuint (wsm_connection_get_attempt (feed), ==, 2);
  wsm_connection_confirm_healthy (feed);
  g_assert_cmpuint (wsm_connection_get_attempt (feed), ==, 1);
  wsm_test_peer_drop (peer, WSM_REASON_CODE_END_OF_STREAM);
  wsm_test_world_run_ms (world, 1);
  g_assert_cmpuint (get_delay_bound (feed), ==, 1000);
  g_string_truncate (world->log, 0);

  wsm_test_world_free (world);
}

static void
test_retry_now_goes_on_counting (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_WAITING);

  peer->refusal = WSM_REASON_CODE_REFUSED;
  wsm_connection_retry_now (feed);
  wsm_test_world_run_ms (world, 2);
  wsm_test_world_assert_log (world, "CONNECTING WAITING");
  g_assert_cmpuint (get_delay_bound (feed), ==, 2000);
  wsm_pool_retry_now (world->pool);
  wsm_test_world_run_ms (world, 2);
  wsm_test_world_assert_log (world, "CONNECTING WAITING");
  g_assert_cmpuint (get_delay_bound (feed), ==, 4000);

  wsm_test_world_free (world);
}

static void
test_try_again_later_waits_twice (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  wsm_test_peer_close (peer, 1013);
  wsm_test_world_run_ms (world, 1);
  wsm_test_world_assert_log (world, "WAITING disconnected+");
  g_assert_cmpuint (get_delay_bound (feed), ==, 2000);
  g_assert_cmpuint (wsm_reason_get_delay (wsm_connection_get_reason (feed)), >=, 200);

  wsm_test_world_free (world);
}

static void
test_retry_after_is_obeyed (void)
{
  static const struct
  {
    guint status;
    guint asked_ms;
    guint least_ms;
    guint most_ms;
  } cases[] = {
    { 503, 30000, 30000, 30000 },
    { 429, 30000, 30000, 30000 },
    { 503, 0, 100, 1000 },
    { 503, 100 * 3600 * 1000, 3600 * 1000, 3600 * 1000 },
    /* Others do not ask for it. */
    { 500, 30000, 100, 1000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      WsmTestWorld *world = wsm_test_world_new (i);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);
      guint delay_ms;

      peer->refusal = WSM_REASON_CODE_HTTP_STATUS;
      peer->http_status = cases[i].status;
      peer->retry_after_ms = cases[i].asked_ms;
      g_assert_true (wsm_connection_open (feed, NULL));
      wsm_test_world_run_ms (world, 2);
      wsm_test_world_assert_log (world, "CONNECTING WAITING");
      delay_ms = wsm_reason_get_delay (wsm_connection_get_reason (feed));
      g_assert_cmpuint (delay_ms, >=, cases[i].least_ms);
      g_assert_cmpuint (delay_ms, <=, cases[i].most_ms);
      wsm_test_world_run_ms (world, delay_ms - 1);
      wsm_test_world_assert_log (world, "");
      peer->refusal = WSM_REASON_CODE_NONE;
      wsm_test_world_run_ms (world, 3);
      wsm_test_world_assert_log (world, "CONNECTING OPEN opened");

      wsm_test_world_free (world);
    }
}

static void
test_gives_up_after_attempts (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);
  g_autoptr (WsmBackoff) backoff = NULL;
  g_autofree char *reason = NULL;

  backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 100, "max", 100, "max-attempts", 3, NULL);
  wsm_connection_set_backoff (feed, backoff);
  peer->refusal = WSM_REASON_CODE_REFUSED;
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10000);
  wsm_test_world_assert_log (world, "CONNECTING WAITING CONNECTING WAITING CONNECTING FAILED "
                                    "failed");
  g_assert_cmpuint (peer->n_attempts, ==, 3);
  g_assert_error (wsm_connection_get_error (feed), WSM_ERROR, WSM_ERROR_GAVE_UP);
  reason = wsm_reason_to_string (wsm_connection_get_reason (feed));
  g_assert_cmpstr (reason, ==, "gave-up: 3 of 3 attempts used up; the last one: refused");

  /* The app may always begin anew. */
  peer->refusal = WSM_REASON_CODE_NONE;
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 2);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");

  wsm_test_world_free (world);
}

static void
test_gives_up_after_time (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);
  g_autoptr (WsmBackoff) backoff = NULL;

  backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 100, "max", 100, "max-elapsed", 1000, NULL);
  wsm_connection_set_backoff (feed, backoff);
  peer->refusal = WSM_REASON_CODE_REFUSED;
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 901);
  g_assert_cmpint (wsm_connection_get_state (feed), !=, WSM_STATE_FAILED);
  wsm_test_world_run_ms (world, 101);
  g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_FAILED);
  g_assert_true (g_str_has_suffix (world->log->str, "CONNECTING FAILED failed "));
  g_assert_error (wsm_connection_get_error (feed), WSM_ERROR, WSM_ERROR_GAVE_UP);
  g_string_truncate (world->log, 0);

  wsm_test_world_free (world);
}

/* Answers that are no WebSocket, whatever their status says, will not become one. */
static void
test_bad_handshakes_fail_after_three (void)
{
  static const struct
  {
    WsmReasonCode refusal;
    guint http_status;
  } cases[] = {
    { WSM_REASON_CODE_BAD_HANDSHAKE, 101 },
    { WSM_REASON_CODE_HTTP_STATUS, 200 },
    { WSM_REASON_CODE_HTTP_STATUS, 204 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);

      peer->refusal = cases[i].refusal;
      peer->http_status = cases[i].http_status;
      g_assert_true (wsm_connection_open (feed, NULL));
      wsm_test_world_run_ms (world, 2);
      wsm_test_world_assert_log (world, "CONNECTING WAITING");

      /* Another failure in between, and they are no longer in a row. */
      peer->refusal = WSM_REASON_CODE_REFUSED;
      fail_once_more (world, feed);
      peer->refusal = cases[i].refusal;
      wsm_test_world_assert_log (world, "CONNECTING WAITING");

      fail_once_more (world, feed);
      fail_once_more (world, feed);
      wsm_test_world_assert_log (world, "CONNECTING WAITING CONNECTING WAITING");
      fail_once_more (world, feed);
      wsm_test_world_assert_log (world, "CONNECTING FAILED failed");

      wsm_test_world_free (world);
    }
}

/* Every class of failure: where it leads, and that its number is kept. */
static const struct
{
  WsmReasonCode code;
  guint http_status;
  WsmState state;
} refusals[] = {
  { WSM_REASON_CODE_RESOLVE, 0, WSM_STATE_WAITING },
  { WSM_REASON_CODE_REFUSED, 0, WSM_STATE_WAITING },
  { WSM_REASON_CODE_UNREACHABLE, 0, WSM_STATE_WAITING },
  { WSM_REASON_CODE_TIMED_OUT, 0, WSM_STATE_WAITING },
  { WSM_REASON_CODE_RESET, 0, WSM_STATE_WAITING },
  { WSM_REASON_CODE_END_OF_STREAM, 0, WSM_STATE_WAITING },
  { WSM_REASON_CODE_NO_RESOURCES, 0, WSM_STATE_WAITING },
  { WSM_REASON_CODE_IO, 0, WSM_STATE_WAITING },
  { WSM_REASON_CODE_BAD_HANDSHAKE, 0, WSM_STATE_WAITING },
  { WSM_REASON_CODE_TLS, 0, WSM_STATE_FAILED },
  { WSM_REASON_CODE_REDIRECT, 0, WSM_STATE_FAILED },
  { WSM_REASON_CODE_HTTP_STATUS, 200, WSM_STATE_WAITING },
  { WSM_REASON_CODE_HTTP_STATUS, 400, WSM_STATE_FAILED },
  { WSM_REASON_CODE_HTTP_STATUS, 401, WSM_STATE_FAILED },
  { WSM_REASON_CODE_HTTP_STATUS, 403, WSM_STATE_FAILED },
  { WSM_REASON_CODE_HTTP_STATUS, 404, WSM_STATE_FAILED },
  { WSM_REASON_CODE_HTTP_STATUS, 407, WSM_STATE_FAILED },
  { WSM_REASON_CODE_HTTP_STATUS, 408, WSM_STATE_WAITING },
  { WSM_REASON_CODE_HTTP_STATUS, 410, WSM_STATE_FAILED },
  { WSM_REASON_CODE_HTTP_STATUS, 418, WSM_STATE_FAILED },
  { WSM_REASON_CODE_HTTP_STATUS, 425, WSM_STATE_WAITING },
  { WSM_REASON_CODE_HTTP_STATUS, 429, WSM_STATE_WAITING },
  { WSM_REASON_CODE_HTTP_STATUS, 499, WSM_STATE_FAILED },
  { WSM_REASON_CODE_HTTP_STATUS, 500, WSM_STATE_WAITING },
  { WSM_REASON_CODE_HTTP_STATUS, 502, WSM_STATE_WAITING },
  { WSM_REASON_CODE_HTTP_STATUS, 503, WSM_STATE_WAITING },
  { WSM_REASON_CODE_HTTP_STATUS, 504, WSM_STATE_WAITING },
  { WSM_REASON_CODE_HTTP_STATUS, 599, WSM_STATE_WAITING },
  { WSM_REASON_CODE_HTTP_STATUS, 999, WSM_STATE_WAITING },
};

static const struct
{
  WsmReasonCode code;
  guint close_code;
  WsmState state;
} endings[] = {
  { WSM_REASON_CODE_RESET, 0, WSM_STATE_WAITING },
  { WSM_REASON_CODE_END_OF_STREAM, 0, WSM_STATE_WAITING },
  { WSM_REASON_CODE_IO, 0, WSM_STATE_WAITING },
  { WSM_REASON_CODE_PROTOCOL, 0, WSM_STATE_FAILED },
  { WSM_REASON_CODE_TOO_BIG, 0, WSM_STATE_FAILED },
  { WSM_REASON_CODE_PEER_CLOSED, 1000, WSM_STATE_CLOSED },
  { WSM_REASON_CODE_PEER_CLOSED, 1001, WSM_STATE_WAITING },
  { WSM_REASON_CODE_PEER_CLOSED, 1002, WSM_STATE_FAILED },
  { WSM_REASON_CODE_PEER_CLOSED, 1003, WSM_STATE_FAILED },
  { WSM_REASON_CODE_PEER_CLOSED, 1005, WSM_STATE_WAITING },
  { WSM_REASON_CODE_PEER_CLOSED, 1006, WSM_STATE_WAITING },
  { WSM_REASON_CODE_PEER_CLOSED, 1007, WSM_STATE_FAILED },
  { WSM_REASON_CODE_PEER_CLOSED, 1008, WSM_STATE_FAILED },
  { WSM_REASON_CODE_PEER_CLOSED, 1009, WSM_STATE_FAILED },
  { WSM_REASON_CODE_PEER_CLOSED, 1010, WSM_STATE_FAILED },
  { WSM_REASON_CODE_PEER_CLOSED, 1011, WSM_STATE_WAITING },
  { WSM_REASON_CODE_PEER_CLOSED, 1012, WSM_STATE_WAITING },
  { WSM_REASON_CODE_PEER_CLOSED, 1013, WSM_STATE_WAITING },
  { WSM_REASON_CODE_PEER_CLOSED, 1014, WSM_STATE_WAITING },
  { WSM_REASON_CODE_PEER_CLOSED, 1015, WSM_STATE_FAILED },
  { WSM_REASON_CODE_PEER_CLOSED, 2999, WSM_STATE_WAITING },
  { WSM_REASON_CODE_PEER_CLOSED, 3000, WSM_STATE_WAITING },
  { WSM_REASON_CODE_PEER_CLOSED, 3999, WSM_STATE_WAITING },
  { WSM_REASON_CODE_PEER_CLOSED, 4000, WSM_STATE_FAILED },
  { WSM_REASON_CODE_PEER_CLOSED, 4999, WSM_STATE_FAILED },
  { WSM_REASON_CODE_PEER_CLOSED, 5000, WSM_STATE_WAITING },
};

static void
assert_class (WsmConnection *connection,
              WsmReasonCode  code,
              guint          http_status,
              guint          close_code,
              WsmState       state)
{
  const WsmReason *reason = wsm_connection_get_reason (connection);
  gboolean is_waiting = state == WSM_STATE_WAITING;

  g_test_message ("reason %u, status %u, close code %u", code, http_status, close_code);
  g_assert_cmpint (wsm_connection_get_state (connection), ==, state);
  g_assert_cmpint (wsm_reason_get_code (reason), ==, code);
  g_assert_cmpuint (wsm_reason_get_http_status (reason), ==, http_status);
  g_assert_cmpuint (wsm_reason_get_close_code (reason), ==,
                    code == WSM_REASON_CODE_END_OF_STREAM ? 1006 : close_code);
  g_assert_cmpuint (wsm_reason_get_attempt (reason), ==, is_waiting ? 2 : 0);
  g_assert_cmpuint (wsm_reason_get_delay_bound (reason), ==,
                    !is_waiting ? 0 : close_code == 1013 ? 2000 : 1000);
  g_assert_true ((wsm_connection_get_next_retry_at (connection) > 0) == is_waiting);
  if (state == WSM_STATE_FAILED)
    g_assert_nonnull (wsm_connection_get_error (connection));
}

static void
test_each_class_keeps_its_numbers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      WsmTestWorld *world = wsm_test_world_new (i);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);

      peer->refusal = refusals[i].code;
      peer->http_status = refusals[i].http_status;
      g_assert_true (wsm_connection_open (feed, NULL));
      wsm_test_world_run_ms (world, 2);
      assert_class (feed, refusals[i].code, refusals[i].http_status, 0, refusals[i].state);
      g_string_truncate (world->log, 0);
      wsm_test_world_free (world);
    }

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      WsmTestWorld *world = wsm_test_world_new (i);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

      if (endings[i].close_code != 0)
        wsm_test_peer_close (peer, endings[i].close_code);
      else
        wsm_test_peer_drop (peer, endings[i].code);
      wsm_test_world_run_ms (world, 1);
      assert_class (feed, endings[i].code, 0, endings[i].close_code, endings[i].state);
      g_string_truncate (world->log, 0);
      wsm_test_world_free (world);
    }
}

static WsmRetryDecision
decide_cb (WsmConnection    *connection,
           WsmReason        *reason,
           WsmRetryDecision *decision)
{
  /* What comes next is not decided yet. */
  g_assert_cmpuint (wsm_reason_get_attempt (reason), ==, 0);
  g_assert_cmpuint (wsm_reason_get_delay (reason), ==, 0);

  return *decision;
}

static WsmRetryDecision
fail_if_asked_cb (WsmConnection *connection,
                  WsmReason     *reason,
                  gpointer       user_data)
{
  g_assert_not_reached ();
}

static void
test_app_decides (void)
{
  static const struct
  {
    WsmRetryDecision decision;
    guint close_code;
    const char *log;
  } cases[] = {
    { WSM_RETRY_DECISION_RETRY, 1000, "WAITING disconnected+" },
    { WSM_RETRY_DECISION_RETRY, 4001, "WAITING disconnected+" },
    { WSM_RETRY_DECISION_STOP, 1000, "CLOSING CLOSED disconnected closed" },
    { WSM_RETRY_DECISION_STOP, 1001, "FAILED disconnected failed" },
    { (WsmRetryDecision) 77, 1001, "WAITING disconnected+" },
    { WSM_RETRY_DECISION_DEFAULT, 4001, "FAILED disconnected failed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
      WsmRetryDecision decision = cases[i].decision;
      WsmRetryDecision no_decision = WSM_RETRY_DECISION_DEFAULT;

      g_signal_connect (feed, "should-retry", G_CALLBACK (decide_cb), &no_decision);
      g_signal_connect (feed, "should-retry", G_CALLBACK (decide_cb), &decision);
      /* The first one to decide is the last one to be asked. */
      if (decision != WSM_RETRY_DECISION_DEFAULT)
        g_signal_connect (feed, "should-retry", G_CALLBACK (fail_if_asked_cb), NULL);
      wsm_test_peer_close (peer, cases[i].close_code);
      wsm_test_world_run_ms (world, 1);
      wsm_test_world_assert_log (world, cases[i].log);

      wsm_test_world_free (world);
    }
}

static void
keep_reason_cb (WsmConnection  *connection,
                WsmReason      *reason,
                gboolean        will_retry,
                WsmReason     **kept)
{
  *kept = wsm_reason_copy (reason);
}

static void
open_cb (WsmConnection *connection,
         GParamSpec    *pspec,
         gpointer       user_data)
{
  if (wsm_connection_get_state (connection) == WSM_STATE_WAITING)
    wsm_connection_retry_now (connection);
}

/* disconnected tells of its own socket, whatever a handler of the state made of it since. */
static void
test_disconnected_keeps_its_reason (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autoptr (WsmReason) reason = NULL;

  g_signal_connect (feed, "disconnected", G_CALLBACK (keep_reason_cb), &reason);
  g_signal_connect (feed, "notify::state", G_CALLBACK (open_cb), NULL);
  wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "WAITING disconnected+ CONNECTING OPEN reopened");
  g_assert_cmpint (wsm_reason_get_code (reason), ==, WSM_REASON_CODE_RESET);
  g_assert_cmpuint (wsm_reason_get_attempt (reason), ==, 2);

  wsm_test_world_free (world);
}

/* A connection that waits goes by a new policy as if it had from the beginning. */
static void
test_wait_follows_the_policy (void)
{
  static const struct
  {
    guint initial_ms;
    guint waited_ms;
    guint least_ms; /* from now */
    guint most_ms;
  } cases[] = {
    { 100, 50, 50, 50 },
    { 86400000, 5000, 1000, 86400000 },
    /* It would have been over by now. */
    { 100, 5000, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      WsmTestWorld *world = wsm_test_world_new (i);
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_WAITING);
      g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF,
                                                     "initial", cases[i].initial_ms,
                                                     "max", 86400000,
                                                     NULL);
      g_autoptr (WsmBackoff) patient = g_object_new (WSM_TYPE_BACKOFF,
                                                     "initial", 3600 * 1000,
                                                     "max", 3600 * 1000,
                                                     NULL);
      gint64 now_us;
      gint64 since_us;

      wsm_connection_set_backoff (feed, patient);
      since_us = wsm_connection_get_next_retry_at (feed) -
                 wsm_reason_get_delay (wsm_connection_get_reason (feed)) * 1000;
      now_us = wsm_clock_get_time_us (WSM_CLOCK (world->clock));
      wsm_test_clock_advance (world->clock, since_us + cases[i].waited_ms * 1000 - now_us);
      now_us = wsm_clock_get_time_us (WSM_CLOCK (world->clock));
      g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_WAITING);
      wsm_connection_set_backoff (feed, backoff);
      g_assert_cmpint (wsm_connection_get_next_retry_at (feed), >=,
                       now_us + (gint64) cases[i].least_ms * 1000);
      g_assert_cmpint (wsm_connection_get_next_retry_at (feed), <=,
                       now_us + (gint64) cases[i].most_ms * 1000);
      g_assert_cmpuint (get_delay_bound (feed), ==, cases[i].initial_ms);
      g_assert_cmpuint (wsm_reason_get_attempt (wsm_connection_get_reason (feed)), ==, 2);
      wsm_test_world_assert_log (world, "");
      fail_once_more (world, feed);
      wsm_test_world_assert_log (world, "CONNECTING OPEN opened");

      wsm_test_world_free (world);
    }
}

/* What the server asked for is not forgotten with the policy. */
static void
test_wait_keeps_what_was_asked (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF, "max", 1000, NULL);
  gint64 due_us;

  peer->refusal = WSM_REASON_CODE_HTTP_STATUS;
  peer->http_status = 503;
  peer->retry_after_ms = 60000;
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 1000);
  due_us = wsm_connection_get_next_retry_at (feed);
  wsm_connection_set_backoff (feed, backoff);
  g_assert_cmpint (wsm_connection_get_next_retry_at (feed), ==, due_us);
  g_assert_cmpuint (wsm_reason_get_retry_after (wsm_connection_get_reason (feed)), ==, 60000);
  wsm_test_world_assert_log (world, "CONNECTING WAITING");

  wsm_test_world_free (world);
}

/* Nor does one wait that may not try again. */
static void
test_wait_ends_by_policy (void)
{
  static const struct
  {
    const char *property;
    guint value;
    const char *reason;
  } cases[] = {
    { "max-attempts", 2, "gave-up: 2 of 2 attempts used up; the last one: refused" },
    { "max-attempts", 1, "gave-up: 2 of 1 attempts used up; the last one: refused" },
    { "max-elapsed", 100, "gave-up: no success for 100 ms, the time allowed; the last attempt: "
                          "refused" },
    { "max-attempts", 3, NULL },
    { "max-elapsed", 10000, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_WAITING);
      g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF,
                                                     cases[i].property, cases[i].value,
                                                     NULL);

      peer->refusal = WSM_REASON_CODE_REFUSED;
      fail_once_more (world, feed);
      wsm_test_world_assert_log (world, "CONNECTING WAITING");
      peer->refusal = WSM_REASON_CODE_NONE;

      wsm_connection_set_backoff (feed, backoff);
      if (cases[i].reason == NULL)
        {
          wsm_test_world_assert_log (world, "");
          g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_WAITING);
        }
      else
        {
          g_autofree char *reason = wsm_reason_to_string (wsm_connection_get_reason (feed));

          wsm_test_world_assert_log (world, "FAILED failed");
          g_assert_cmpstr (reason, ==, cases[i].reason);
          g_assert_error (wsm_connection_get_error (feed), WSM_ERROR, WSM_ERROR_GAVE_UP);
          g_assert_cmpint (wsm_connection_get_next_retry_at (feed), ==, 0);
          wsm_test_world_run_ms (world, 60000);
          wsm_test_world_assert_log (world, "");
        }

      wsm_test_world_free (world);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/connection-retry/bound-doubles-up-to-the-cap",
                   test_bound_doubles_up_to_the_cap);
  g_test_add_func ("/connection-retry/is-reset-only-by-health", test_reset_only_by_health);
  g_test_add_func ("/connection-retry/retry-now-goes-on-counting",
                   test_retry_now_goes_on_counting);
  g_test_add_func ("/connection-retry/try-again-later-waits-twice",
                   test_try_again_later_waits_twice);
  g_test_add_func ("/connection-retry/retry-after-is-obeyed", test_retry_after_is_obeyed);
  g_test_add_func ("/connection-retry/gives-up-after-attempts", test_gives_up_after_attempts);
  g_test_add_func ("/connection-retry/gives-up-after-time", test_gives_up_after_time);
  g_test_add_func ("/connection-retry/bad-handshakes-fail-after-three",
                   test_bad_handshakes_fail_after_three);
  g_test_add_func ("/connection-retry/each-class-keeps-its-numbers",
                   test_each_class_keeps_its_numbers);
  g_test_add_func ("/connection-retry/app-decides", test_app_decides);
  g_test_add_func ("/connection-retry/disconnected-keeps-its-reason",
                   test_disconnected_keeps_its_reason);
  g_test_add_func ("/connection-retry/wait-follows-the-policy", test_wait_follows_the_policy);
  g_test_add_func ("/connection-retry/wait-keeps-what-was-asked", test_wait_keeps_what_was_asked);
  g_test_add_func ("/connection-retry/wait-ends-by-policy", test_wait_ends_by_policy);

  return g_test_run ();
}
