/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "simulation-internal.h"

#include "test-states.h"
#include "wsm-backoff-private.h"
#include "wsm-environment.h"
#include "wsm-pulse.h"

#include <stdlib.h>

/* What was promised for "at once". */
#define AT_ONCE_US (50 * 1000)

static void
simulated_feed_record (SimulatedFeed *feed,
                       guint          what)
{
  Simulation *self = feed->simulation;
  guint64 word = (guint64) simulation_get_time_us (self) * 31 + feed->index * 8191u + what;

  self->digest = (self->digest ^ word) * 1099511628211u;
  self->n_events++;
}

/* For how long since then the app kept the library from doing what it should. */
static gint64
simulated_feed_sum_stalls (SimulatedFeed *feed,
                           gint64         since_us)
{
  return simulation_sum_stalls (feed->simulation->stalls, since_us) +
         simulation_sum_stalls (feed->stalls, since_us);
}

gboolean
simulated_feed_is_passive (SimulatedFeed *feed)
{
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (feed->connection);

  return wsm_heartbeat_get_mode (heartbeat) == WSM_HEARTBEAT_MODE_PASSIVE;
}

static gboolean
simulated_feed_is_strict (SimulatedFeed *feed)
{
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (feed->connection);

  return wsm_heartbeat_get_liveness (heartbeat) == WSM_LIVENESS_STRICT &&
         !simulated_feed_is_passive (feed);
}

/* When there was the last sign of life, in the eyes of its heartbeat. A peer that is still reading
 * what was sent before the last beat gives none, but puts off the verdict on that. */
static gint64
simulated_feed_find_life (SimulatedFeed *feed)
{
  gint64 life_us = feed->peer->told_us;

  /* An answer counts for the heartbeat that asked. */
  if (simulated_feed_is_strict (feed))
    life_us = feed->peer->asked_us > feed->changed_us ? feed->peer->answered_us : 0;

  return MAX (life_us, feed->opened_us);
}

/* A silent peer does not go unnoticed for longer than was promised, up to its first missed beat
 * and up to the last. */
static void
simulated_feed_check_silence (SimulatedFeed *feed)
{
  Simulation *self = feed->simulation;
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (feed->connection);
  gint64 interval_us = (gint64) wsm_heartbeat_get_interval (heartbeat) * 1000;
  gint64 worst_us = (gint64) wsm_heartbeat_worst_case_detection (heartbeat) * 1000;
  gint64 since_us = MAX (simulated_feed_find_life (feed), feed->changed_us);
  gint64 silent_us, bound_us;

  since_us = MAX (since_us, wsm_test_peer_get_progress_us (feed->peer));
  if (worst_us == 0 || wsm_connection_get_paused (feed->connection))
    return;
  if (self->coalesce_us > 0)
    {
      int coalesce_ms = wsm_pool_get_coalesce (self->pool);

      since_us = MAX (since_us, self->coalesce_us);
      worst_us += MAX (coalesce_ms, 0) * 1000 +
                  (wsm_heartbeat_get_max_missed (heartbeat) - 1) * interval_us;
    }
  silent_us = simulation_get_time_us (self) - since_us;
  bound_us = worst_us + SLACK_US + simulated_feed_sum_stalls (feed, since_us);
  /* A beat that goes out late makes the next one wait for its answer. */
  if (simulated_feed_sum_stalls (feed, since_us) > 0)
    bound_us += wsm_heartbeat_get_max_missed (heartbeat) * interval_us;
  /* Who wakes up asks once more, and waits a little for the answer. */
  if (self->woke_us >= since_us)
    bound_us = MAX (bound_us, self->woke_us - since_us + WSM_ENVIRONMENT_SPREAD_US +
                              WSM_DOUBT_TIMEOUT_US + SLACK_US +
                              simulated_feed_sum_stalls (feed, self->woke_us));
  g_assert_cmpint (silent_us, <=, bound_us);
}

/* After sleep there is less patience than otherwise. */
static gboolean
simulated_feed_is_just_awake (SimulatedFeed *feed)
{
  gint64 woke_us = feed->simulation->woke_us;
  gint64 awake_us = simulation_get_time_us (feed->simulation) - woke_us;

  return woke_us > 0 &&
         awake_us <= WSM_ENVIRONMENT_SPREAD_US + WSM_DOUBT_TIMEOUT_US + SLACK_US +
                     simulated_feed_sum_stalls (feed, woke_us);
}

/* Nobody is called suspect or dead who has not been silent for that many time-outs. */
static void
simulated_feed_check_verdict (SimulatedFeed *feed,
                              guint          n_missed)
{
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (feed->connection);
  gint64 life_us = simulated_feed_find_life (feed);
  gint64 timeout_us = (gint64) wsm_heartbeat_get_timeout (heartbeat) * 1000;
  gint64 progress_us = wsm_test_peer_get_progress_us (feed->peer);
  gint64 now_us = simulation_get_time_us (feed->simulation);

  if (feed->changed_us >= life_us)
    return;
  if (simulated_feed_is_just_awake (feed))
    timeout_us = MIN (timeout_us, WSM_DOUBT_TIMEOUT_US);
  g_assert_cmpint (now_us - life_us, >=, n_missed * timeout_us);
  if (progress_us > 0 && !simulated_feed_is_just_awake (feed))
    g_assert_cmpint (now_us - progress_us, >=, timeout_us);
}

/* What holds for a connection whenever it tells something. */
void
simulated_feed_check (SimulatedFeed *feed)
{
  WsmConnection *connection = feed->connection;
  WsmState state;
  guint n_missed;

  /* One logical connection never has two sockets. */
  g_assert_cmpuint (feed->peer->n_live, <=, 1);
  if (connection == NULL)
    return;

  state = wsm_connection_get_state (connection);
  n_missed = wsm_connection_get_n_missed (connection);
  g_assert_cmpint (state, ==, feed->state);
  /* Sockets that opened are told lost once each, lives end once each. */
  g_assert_cmpuint (feed->n_opened - feed->n_disconnected, <=, 1);
  g_assert_cmpuint (feed->n_lives - feed->n_ends, <=, 1);
  /* Missed beats and the state that tells of them go together. */
  if (state == WSM_STATE_SUSPECT)
    g_assert_cmpuint (n_missed, >, 0);
  else
    g_assert_cmpuint (n_missed, ==, 0);
  /* Who waits knows until when. */
  g_assert_cmpint (wsm_connection_get_next_retry_at (connection) > 0, ==,
                   state == WSM_STATE_WAITING && !wsm_connection_get_paused (connection));
  g_assert_nonnull (wsm_connection_get_reason (connection));
}

/* What holds when there is nothing left to be done at present. */
void
simulated_feed_check_at_rest (SimulatedFeed *feed)
{
  WsmConnection *connection = feed->connection;
  guint64 buffered, n_queued;

  simulated_feed_check (feed);
  if (connection == NULL)
    return;
  /* Who closes it when its state changes never hears that it was open. */
  if (feed->state != WSM_STATE_CLOSING)
    g_assert_cmpuint (feed->n_opened - feed->n_disconnected, ==,
                      test_state_is_open (feed->state) ? 1 : 0);
  g_assert_cmpuint (feed->n_lives - feed->n_ends, ==, test_state_is_over (feed->state) ? 0 : 1);

  /* What was taken is sent, dropped, or still here. */
  buffered = wsm_connection_get_buffered (connection);
  if (!feed->is_greeted)
    {
      g_assert_cmpuint (buffered, <=, feed->outbox_limit);
      n_queued = feed->n_bytes_taken - feed->n_bytes_dropped -
                 wsm_connection_get_n_bytes_sent (connection);
      if (feed->peer->transports->len == 0)
        g_assert_cmpuint (buffered, ==, n_queued);
      else
        g_assert_cmpuint (buffered, >=, n_queued);
      /* What was sent was heard, unless it is said that this is not sure. */
      if (feed->peer->transports->len == 0 && !feed->is_gappy)
        g_assert_cmpuint (feed->n_heard + feed->n_unconfirmed, >=,
                          wsm_connection_get_n_messages_sent (connection));
    }

  if (test_state_is_open (feed->state))
    simulated_feed_check_silence (feed);
}

/* What was promised for each way from one state to another. */

/* The back-off starts anew once a socket was open for long enough, and then only; whether that
 * was so is not always to be seen from outside. */
static void
simulated_feed_count_failure (SimulatedFeed   *feed,
                              const WsmReason *reason,
                              gboolean         was_open)
{
  WsmBackoff *backoff = wsm_connection_get_backoff (feed->connection);
  gint64 stable_us = (gint64) wsm_backoff_get_stable_after (backoff) * 1000;
  gint64 open_us = simulation_get_time_us (feed->simulation) - feed->opened_us;
  guint attempt = wsm_reason_get_attempt (reason);

  if (was_open && stable_us > 0 && open_us >= stable_us)
    {
      feed->n_failures = 0;
      if (open_us == stable_us || simulated_feed_sum_stalls (feed, feed->opened_us) > 0)
        feed->is_unsure = TRUE;
    }
  feed->n_failures++;
  if (feed->is_unsure && attempt > 0)
    {
      feed->n_failures = attempt - 1;
      feed->is_unsure = FALSE;
    }
}

static void
simulated_feed_check_delay (SimulatedFeed   *feed,
                            const WsmReason *reason)
{
  WsmBackoff *backoff = wsm_connection_get_backoff (feed->connection);
  gint64 now_us = simulation_get_time_us (feed->simulation);
  guint status = wsm_reason_get_http_status (reason);
  guint64 bound_ms;

  if (wsm_connection_get_paused (feed->connection))
    {
      g_assert_cmpuint (wsm_reason_get_delay (reason), ==, 0);
      return;
    }
  g_assert_cmpuint (wsm_reason_get_delay (reason), >=, 100);
  g_assert_cmpuint (wsm_reason_get_delay (reason), <=, wsm_reason_get_delay_bound (reason));
  bound_ms = wsm_backoff_upper_bound (backoff, feed->n_failures);
  if (wsm_reason_get_close_code (reason) == 1013)
    bound_ms *= 2;
  if (status == 429 || status == 503)
    bound_ms = MAX (bound_ms, MIN (wsm_reason_get_retry_after (reason),
                                   WSM_BACKOFF_RETRY_AFTER_MAX_MS));
  if (!feed->is_unsure)
    g_assert_cmpuint (wsm_reason_get_delay_bound (reason), ==, bound_ms);

  feed->due_us = now_us + (gint64) wsm_reason_get_delay (reason) * 1000;
  g_assert_cmpint (wsm_connection_get_next_retry_at (feed->connection), ==, feed->due_us);
}

/* Who may try again, and who may not. */
static gboolean
is_transient (const WsmReason *reason)
{
  guint number;

  switch (wsm_reason_get_code (reason))
    {
    case WSM_REASON_CODE_HTTP_STATUS:
      number = wsm_reason_get_http_status (reason);
      return number == 408 || number == 429 || number >= 500 || number == 200;

    case WSM_REASON_CODE_PEER_CLOSED:
      number = wsm_reason_get_close_code (reason);
      return number == 1001 || number == 1006 || (number >= 1011 && number <= 1013) ||
             (number >= 3000 && number <= 3999);

    case WSM_REASON_CODE_BAD_HANDSHAKE: /* the first two times */
    case WSM_REASON_CODE_HEARTBEAT_LOST:
    case WSM_REASON_CODE_RESOLVE:
    case WSM_REASON_CODE_REFUSED:
    case WSM_REASON_CODE_RESET:
    case WSM_REASON_CODE_END_OF_STREAM:
    case WSM_REASON_CODE_TIMED_OUT:
      return TRUE;

    default:
      return FALSE;
    }
}

static void
simulated_feed_check_attempt (SimulatedFeed   *feed,
                              const WsmReason *reason)
{
  gint64 late_us = simulation_get_time_us (feed->simulation) - feed->due_us;

  if (wsm_reason_get_code (reason) != WSM_REASON_CODE_RETRYING)
    return;
  g_assert_cmpint (late_us, >=, 0);
  g_assert_cmpint (late_us, <=, simulated_feed_sum_stalls (feed, feed->due_us));
}

static void
simulated_feed_check_lost (SimulatedFeed   *feed,
                           const WsmReason *reason)
{
  guint n_missed = wsm_reason_get_n_missed (reason);

  if (wsm_reason_get_code (reason) != WSM_REASON_CODE_HEARTBEAT_LOST)
    return;
  feed->simulation->tally->n_lost++;
  /* After sleep, one is enough. */
  if (!simulated_feed_is_just_awake (feed))
    g_assert_cmpuint (n_missed, >=, wsm_reason_get_max_missed (reason));
  simulated_feed_check_verdict (feed, n_missed);
}

/* What a socket says of its end is heard then, and of no socket that was given up. */
static void
simulated_feed_check_ending (SimulatedFeed   *feed,
                             const WsmReason *reason)
{
  gint64 ended_us = feed->peer->ended_us;

  switch (wsm_reason_get_code (reason))
    {
    case WSM_REASON_CODE_END_OF_STREAM:
    case WSM_REASON_CODE_RESET:
    case WSM_REASON_CODE_PEER_CLOSED:
    case WSM_REASON_CODE_REFUSED:
    case WSM_REASON_CODE_RESOLVE:
    case WSM_REASON_CODE_HTTP_STATUS:
      g_assert_cmpint (simulation_get_time_us (feed->simulation) - ended_us, <=,
                       simulated_feed_sum_stalls (feed, ended_us));
      break;

    default:
      break;
    }
}

static void
simulated_feed_entered (SimulatedFeed *feed,
                        WsmState       old_state,
                        WsmState       state)
{
  const WsmReason *reason = wsm_connection_get_reason (feed->connection);
  gint64 now_us = simulation_get_time_us (feed->simulation);

  switch (state)
    {
    case WSM_STATE_CONNECTING:
      if (test_state_is_over (old_state))
        {
          feed->n_lives++;
          feed->n_failures = 0;
          feed->is_unsure = FALSE;
        }
      simulated_feed_check_attempt (feed, reason);
      break;

    case WSM_STATE_OPEN:
      if (old_state == WSM_STATE_CONNECTING)
        feed->opened_us = now_us;
      break;

    case WSM_STATE_SUSPECT:
      feed->simulation->tally->n_suspected++;
      simulated_feed_check_verdict (feed, 1);
      break;

    case WSM_STATE_WAITING:
      g_assert_true (is_transient (reason));
      simulated_feed_check_ending (feed, reason);
      simulated_feed_count_failure (feed, reason, test_state_is_open (old_state));
      simulated_feed_check_delay (feed, reason);
      break;

    case WSM_STATE_FAILED:
      if (old_state != WSM_STATE_WAITING)
        simulated_feed_check_ending (feed, reason);
      g_assert_nonnull (wsm_connection_get_error (feed->connection));
      g_assert_true (!is_transient (reason) || wsm_reason_get_http_status (reason) == 200 ||
                     wsm_reason_get_code (reason) == WSM_REASON_CODE_BAD_HANDSHAKE);
      break;

    case WSM_STATE_CLOSING:
      feed->closing_us = now_us;
      feed->closed_by_us = now_us + AT_ONCE_US +
                           (gint64) wsm_connection_get_close_timeout (feed->connection) * 1000;
      break;

    case WSM_STATE_CLOSED:
      if (old_state == WSM_STATE_CLOSING)
        g_assert_cmpint (now_us, <=, feed->closed_by_us +
                         simulated_feed_sum_stalls (feed, feed->closing_us));
      break;

    case WSM_STATE_IDLE:
    default:
      g_assert_not_reached ();
    }
}

/* Called where something is said of the next attempt. */
void
simulated_feed_planned (SimulatedFeed *feed)
{
  feed->due_us = wsm_connection_get_next_retry_at (feed->connection);
}

/* Called where it happens, before anybody is told. */
void
simulated_feed_moved (SimulatedFeed *feed)
{
  Simulation *self = feed->simulation;
  WsmState old_state = feed->state;
  WsmState state = wsm_connection_get_state (feed->connection);

  g_assert_true (test_states_lead (old_state, state));
  self->tally->transitions[old_state][state]++;
  feed->state = state;
  if (test_state_is_open (old_state) && !test_state_is_open (state))
    {
      feed->left_us = simulation_get_time_us (self);
      simulated_feed_check_lost (feed, wsm_connection_get_reason (feed->connection));
    }
  simulated_feed_entered (feed, old_state, state);
  simulated_feed_record (feed, state);
}

/* What it signals. */

/* Who is in no pool is silent. */
static void
simulated_feed_heard (SimulatedFeed *feed,
                      WsmConnection *connection,
                      guint          what)
{
  g_assert_true (feed->connection == connection);
  simulated_feed_record (feed, what);
}

static void
notify_state_cb (WsmConnection *connection,
                 GParamSpec    *pspec,
                 SimulatedFeed *feed)
{
  simulated_feed_heard (feed, connection, 100);
  simulated_feed_check (feed);
  simulated_feed_act (feed, OCCASION_STATE);
}

static gboolean
prepare_cb (WsmConnection *connection,
            SoupMessage   *message,
            SimulatedFeed *feed)
{
  simulated_feed_heard (feed, connection, 101);
  g_assert_cmpint (feed->state, ==, WSM_STATE_CONNECTING);
  simulated_feed_act (feed, OCCASION_PREPARE);

  return FALSE;
}

static void
opened_cb (WsmConnection *connection,
           gboolean       reconnected,
           SimulatedFeed *feed)
{
  simulated_feed_heard (feed, connection, 102);
  g_assert_true (test_state_is_open (feed->state));
  g_assert_cmpuint (feed->n_opened, ==, feed->n_disconnected);
  feed->n_opened++;
  feed->simulation->tally->n_opened++;
  simulated_feed_act (feed, OCCASION_OPENED);
}

static void
message_cb (WsmConnection         *connection,
            SoupWebsocketDataType  type,
            GBytes                *message,
            SimulatedFeed         *feed)
{
  gsize length;
  const char *data = g_bytes_get_data (message, &length);
  g_autofree char *text = g_strndup (data != NULL ? data : "", length);
  guint number;

  simulated_feed_heard (feed, connection, 103);
  g_assert_true (test_state_is_open (feed->state));
  g_assert_cmpuint (feed->n_opened, ==, feed->n_disconnected + 1);
  feed->simulation->tally->n_messages_received++;
  if (g_str_has_prefix (text, "news "))
    {
      /* In their order, and none is left out that came on one socket. */
      number = (guint) strtoul (text + strlen ("news "), NULL, 10);
      g_assert_cmpuint (number, >, feed->last_said);
      if (feed->said_socket == feed->n_opened && !feed->has_gaps)
        g_assert_cmpuint (number, ==, feed->last_said + 1);
      feed->last_said = number;
      feed->said_socket = feed->n_opened;
      feed->has_gaps = FALSE;
    }
  simulated_feed_act (feed, OCCASION_MESSAGE);
}

static void
beat_cb (WsmConnection *connection,
         guint64        sequence,
         double         round_trip_ms,
         SimulatedFeed *feed)
{
  simulated_feed_heard (feed, connection, 104);
  g_assert_true (test_state_is_open (feed->state));
  g_assert_cmpuint (feed->n_opened, ==, feed->n_disconnected + 1);
  g_assert_cmpfloat (round_trip_ms, >=, 0);
  simulated_feed_act (feed, OCCASION_BEAT);
}

static void
disconnected_cb (WsmConnection *connection,
                 WsmReason     *reason,
                 gboolean       will_retry,
                 SimulatedFeed *feed)
{
  gint64 late_us = simulation_get_time_us (feed->simulation) - feed->left_us;

  simulated_feed_heard (feed, connection, 105);
  feed->n_disconnected++;
  g_assert_cmpuint (feed->n_disconnected, ==, feed->n_opened);
  g_assert_cmpint (will_retry, ==, feed->state == WSM_STATE_WAITING);
  if (feed->state == WSM_STATE_WAITING || feed->state == WSM_STATE_FAILED)
    g_assert_cmpint (late_us, <=, AT_ONCE_US + simulated_feed_sum_stalls (feed, feed->left_us));
  if (feed->was_paused && wsm_reason_get_code (reason) == WSM_REASON_CODE_PEER_CLOSED)
    {
      if (feed->simulation->plant == PLANT_CRASH)
        G_BREAKPOINT ();
      g_assert_cmpint (feed->simulation->plant, !=, PLANT_CLAIM);
    }
  simulated_feed_act (feed, OCCASION_DISCONNECTED);
}

static void
dropped_cb (WsmConnection *connection,
            guint          n_messages,
            guint64        n_bytes,
            WsmReason     *why,
            SimulatedFeed *feed)
{
  simulated_feed_heard (feed, connection, 106);
  g_assert_cmpuint (n_messages, >, 0);
  feed->n_bytes_dropped += n_bytes;
  feed->simulation->tally->n_messages_dropped += n_messages;
  simulated_feed_act (feed, OCCASION_DROPPED);
}

static void
unconfirmed_cb (WsmConnection *connection,
                guint          n_messages,
                guint64        n_bytes,
                SimulatedFeed *feed)
{
  simulated_feed_heard (feed, connection, 110);
  g_assert_cmpuint (n_messages, >, 0);
  feed->n_unconfirmed += n_messages;
  simulated_feed_act (feed, OCCASION_UNCONFIRMED);
}

static void
closed_cb (WsmConnection *connection,
           SimulatedFeed *feed)
{
  simulated_feed_heard (feed, connection, 107);
  feed->n_ends++;
  g_assert_cmpuint (feed->n_ends, ==, feed->n_lives);
  g_assert_cmpint (feed->state, ==, WSM_STATE_CLOSED);
  simulated_feed_act (feed, OCCASION_CLOSED);
}

static void
failed_cb (WsmConnection *connection,
           GError        *error,
           SimulatedFeed *feed)
{
  simulated_feed_heard (feed, connection, 108);
  feed->n_ends++;
  g_assert_cmpuint (feed->n_ends, ==, feed->n_lives);
  g_assert_cmpint (feed->state, ==, WSM_STATE_FAILED);
  g_assert_nonnull (error);
  simulated_feed_act (feed, OCCASION_FAILED);
}

static WsmRetryDecision
should_retry_cb (WsmConnection *connection,
                 WsmReason     *reason,
                 SimulatedFeed *feed)
{
  simulated_feed_heard (feed, connection, 109);
  simulated_feed_act (feed, OCCASION_SHOULD_RETRY);

  return WSM_RETRY_DECISION_DEFAULT;
}

/* What the peer hears: in the order in which it was sent, and nothing twice. */
static void
heard_cb (WsmTransport *transport,
          const char   *data,
          gsize         size,
          gpointer      user_data)
{
  SimulatedFeed *feed = user_data;
  guint number;

  if (size < strlen ("message ") || strncmp (data, "message ", strlen ("message ")) != 0)
    return;
  number = (guint) strtoul (data + strlen ("message "), NULL, 10);
  g_assert_cmpuint (number, >, feed->last_heard);
  feed->last_heard = number;
  feed->n_heard++;
}

/* The machine does; once it is awake again, the peer is asked. */
void
simulated_feed_fall_asleep (SimulatedFeed *feed)
{
  WsmHeartbeat *heartbeat;

  feed->n_beats = 0;
  if (feed->connection == NULL || !test_state_is_open (feed->state) ||
      feed->peer->transports->len == 0 ||
      wsm_connection_get_paused (feed->connection))
    return;
  heartbeat = wsm_connection_get_heartbeat (feed->connection);
  if (wsm_heartbeat_get_mode (heartbeat) == WSM_HEARTBEAT_MODE_OFF)
    return;
  feed->n_beats = wsm_connection_get_n_beats_sent (feed->connection) + 1;
  feed->slept_socket = feed->n_opened;
}

void
simulated_feed_check_asked (SimulatedFeed *feed)
{
  if (feed->n_beats > 0 && feed->connection != NULL && test_state_is_open (feed->state) &&
      feed->n_opened == feed->slept_socket && !wsm_connection_get_paused (feed->connection) &&
      feed->changed_us < feed->simulation->woke_us)
    g_assert_cmpuint (wsm_connection_get_n_beats_sent (feed->connection), >=, feed->n_beats);
  feed->n_beats = 0;
}

/* A connection of its own from now on. */
void
simulated_feed_attach (SimulatedFeed *feed,
                       WsmConnection *connection)
{
  g_autoptr (WsmHeartbeat) heartbeat = simulated_heartbeat_new (0);

  feed->connection = connection;
  feed->state = wsm_connection_get_state (connection);
  feed->n_opened = feed->n_disconnected = feed->n_lives = feed->n_ends = feed->n_failures = 0;
  feed->opened_us = feed->left_us = feed->changed_us = feed->closing_us = feed->due_us = 0;
  feed->was_paused = feed->is_unsure = feed->is_greeted = feed->is_gappy = FALSE;
  feed->n_taken = feed->last_heard = feed->said_socket = feed->n_heard = 0;
  feed->n_beats = feed->n_unconfirmed = 0;
  feed->n_bytes_taken = feed->n_bytes_dropped = 0;
  feed->outbox_limit = wsm_connection_get_outbox_limit (connection);
  g_array_set_size (feed->stalls, 0);

  g_object_set_data (G_OBJECT (connection), "simulated-feed", feed);
  g_signal_connect (connection, "notify::state", G_CALLBACK (notify_state_cb), feed);
  g_signal_connect (connection, "prepare", G_CALLBACK (prepare_cb), feed);
  g_signal_connect (connection, "opened", G_CALLBACK (opened_cb), feed);
  g_signal_connect (connection, "message", G_CALLBACK (message_cb), feed);
  g_signal_connect (connection, "beat", G_CALLBACK (beat_cb), feed);
  g_signal_connect (connection, "disconnected", G_CALLBACK (disconnected_cb), feed);
  g_signal_connect (connection, "dropped", G_CALLBACK (dropped_cb), feed);
  g_signal_connect (connection, "unconfirmed", G_CALLBACK (unconfirmed_cb), feed);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), feed);
  g_signal_connect (connection, "failed", G_CALLBACK (failed_cb), feed);
  g_signal_connect (connection, "should-retry", G_CALLBACK (should_retry_cb), feed);
  wsm_connection_set_heartbeat (connection, heartbeat);
}

SimulatedFeed *
simulated_feed_find (WsmConnection *connection)
{
  SimulatedFeed *feed = g_object_get_data (G_OBJECT (connection), "simulated-feed");

  return feed != NULL && feed->connection == connection ? feed : NULL;
}

/* From now on it must be silent. */
void
simulated_feed_note_away (SimulatedFeed *feed)
{
  feed->connection = NULL;
}

void
simulated_feed_init (SimulatedFeed *feed,
                     Simulation    *simulation,
                     guint          index)
{
  g_autofree char *path = g_strdup_printf ("/feed/%u", index);

  feed->simulation = simulation;
  feed->index = index;
  /* Two to a host, so that its limit counts. */
  feed->uri = g_strdup_printf ("ws://host-%u.test%s", index / 2, path);
  feed->peer = wsm_test_world_get_peer (simulation->world, path);
  feed->peer->heard = heard_cb;
  feed->peer->heard_data = feed;
  feed->stalls = g_array_new (FALSE, FALSE, sizeof (SimulatedStall));
  g_queue_init (&feed->deeds);
}

void
simulated_feed_clear (SimulatedFeed *feed)
{
  g_queue_clear (&feed->deeds);
  g_array_unref (feed->stalls);
  g_free (feed->uri);
}
