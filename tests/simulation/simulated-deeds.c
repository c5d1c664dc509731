/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "simulation-internal.h"

#define MAX_DEPTH 3
#define MESSAGE_SIZE 100

/* What there is to draw from. */

static const struct
{
  WsmHeartbeatMode mode;
  guint interval_ms;
  guint timeout_ms;
  guint max_missed;
  double jitter;
  gboolean idle_only;
  WsmReplyMatch reply_match;
  WsmLiveness liveness;
} heartbeats[] = {
  { WSM_HEARTBEAT_MODE_PING, 5000, 2000, 2, 0.1, TRUE,
    WSM_REPLY_MATCH_NONE, WSM_LIVENESS_ANY_TRAFFIC },
  { WSM_HEARTBEAT_MODE_PING, 10000, 3000, 1, 0, FALSE,
    WSM_REPLY_MATCH_NONE, WSM_LIVENESS_ANY_TRAFFIC },
  { WSM_HEARTBEAT_MODE_PING, 1000, 3000, 3, 0, FALSE,
    WSM_REPLY_MATCH_NONE, WSM_LIVENESS_ANY_TRAFFIC },
  { WSM_HEARTBEAT_MODE_TEXT, 5000, 3000, 2, 0.1, TRUE,
    WSM_REPLY_MATCH_EXACT, WSM_LIVENESS_ANY_TRAFFIC },
  { WSM_HEARTBEAT_MODE_TEXT, 8000, 3000, 2, 0.1, FALSE,
    WSM_REPLY_MATCH_EXACT, WSM_LIVENESS_STRICT },
  { WSM_HEARTBEAT_MODE_PING, 5000, 3000, 3, 0, FALSE, WSM_REPLY_MATCH_NONE, WSM_LIVENESS_STRICT },
  { WSM_HEARTBEAT_MODE_PASSIVE, 10000, 5000, 2, 0, FALSE,
    WSM_REPLY_MATCH_NONE, WSM_LIVENESS_ANY_TRAFFIC },
  { WSM_HEARTBEAT_MODE_OFF, 5000, 2000, 2, 0, FALSE,
    WSM_REPLY_MATCH_NONE, WSM_LIVENESS_ANY_TRAFFIC },
  { WSM_HEARTBEAT_MODE_TEXT, 5000, 2000, 2, 0, FALSE,
    WSM_REPLY_MATCH_NONE, WSM_LIVENESS_ANY_TRAFFIC },
  { WSM_HEARTBEAT_MODE_PING, 60000, 10000, 2, 0.5, TRUE,
    WSM_REPLY_MATCH_NONE, WSM_LIVENESS_ANY_TRAFFIC },
  { WSM_HEARTBEAT_MODE_BINARY, 7000, 3000, 2, 0.2, TRUE,
    WSM_REPLY_MATCH_ANY, WSM_LIVENESS_ANY_TRAFFIC },
  { WSM_HEARTBEAT_MODE_PING, 25000, 10000, 2, 0.1, TRUE,
    WSM_REPLY_MATCH_NONE, WSM_LIVENESS_ANY_TRAFFIC },
};

static const struct
{
  guint initial_ms;
  guint max_ms;
  double factor;
  guint max_attempts;
  guint max_elapsed_ms;
  guint stable_after_ms;
} backoffs[] = {
  { 500, 60000, 2, 0, 0, 5000 },
  { 100, 100, 1, 0, 0, 0 },
  { 1000, 10000, 3, 0, 0, 2000 },
  { 500, 5000, 2, 4, 0, 5000 },
  { 500, 60000, 2, 0, 60000, 5000 },
  { 5000, 30000, 2, 0, 0, 30000 },
};

static const struct
{
  WsmReasonCode code;
  guint status;
  guint retry_after_ms;
} refusals[] = {
  { WSM_REASON_CODE_REFUSED, 0, 0 },
  { WSM_REASON_CODE_RESET, 0, 0 },
  { WSM_REASON_CODE_END_OF_STREAM, 0, 0 },
  { WSM_REASON_CODE_RESOLVE, 0, 0 },
  { WSM_REASON_CODE_TIMED_OUT, 0, 0 },
  { WSM_REASON_CODE_TLS, 0, 0 },
  { WSM_REASON_CODE_BAD_HANDSHAKE, 0, 0 },
  { WSM_REASON_CODE_REDIRECT, 0, 0 },
  { WSM_REASON_CODE_HTTP_STATUS, 503, 0 },
  { WSM_REASON_CODE_HTTP_STATUS, 503, 20000 },
  { WSM_REASON_CODE_HTTP_STATUS, 429, 3000 },
  { WSM_REASON_CODE_HTTP_STATUS, 429, G_MAXUINT },
  { WSM_REASON_CODE_HTTP_STATUS, 401, 0 },
  { WSM_REASON_CODE_HTTP_STATUS, 404, 1000 },
  { WSM_REASON_CODE_HTTP_STATUS, 408, 0 },
  { WSM_REASON_CODE_HTTP_STATUS, 200, 0 },
};

static const guint close_codes[] = { 1000, 1001, 1006, 1008, 1011, 1012, 1013, 3000, 4001 };

WsmHeartbeat *
simulated_heartbeat_new (guint number)
{
  guint i = number % G_N_ELEMENTS (heartbeats);
  g_autoptr (GBytes) bytes = g_bytes_new_static (WSM_TEST_BEAT " ", strlen (WSM_TEST_BEAT " "));
  gboolean is_exact = heartbeats[i].reply_match == WSM_REPLY_MATCH_EXACT;

  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "mode", heartbeats[i].mode,
                       "interval", heartbeats[i].interval_ms,
                       "timeout", heartbeats[i].timeout_ms,
                       "max-missed", heartbeats[i].max_missed,
                       "jitter", heartbeats[i].jitter,
                       "idle-only", heartbeats[i].idle_only,
                       "reply-match", heartbeats[i].reply_match,
                       "liveness", heartbeats[i].liveness,
                       "payload", WSM_TEST_BEAT " %{seq}",
                       "payload-bytes", bytes,
                       "hide-reply", is_exact,
                       NULL);
}

static WsmBackoff *
simulated_backoff_new (guint number)
{
  guint i = number % G_N_ELEMENTS (backoffs);

  return g_object_new (WSM_TYPE_BACKOFF,
                       "initial", backoffs[i].initial_ms,
                       "max", backoffs[i].max_ms,
                       "factor", backoffs[i].factor,
                       "max-attempts", backoffs[i].max_attempts,
                       "max-elapsed", backoffs[i].max_elapsed_ms,
                       "stable-after", backoffs[i].stable_after_ms,
                       NULL);
}

/* The network and the peer. */

static void
do_say (SimulatedFeed *feed,
        guint          number)
{
  /* What nobody hears has not been said. */
  if (feed->peer->transports->len == 0 || feed->peer->mute)
    return;
  for (guint i = 0; i <= number; i++)
    {
      g_autofree char *text = g_strdup_printf ("news %u", ++feed->n_said);

      wsm_test_peer_say (feed->peer, text);
    }
}

static void
do_mend (SimulatedFeed *feed)
{
  WsmTestPeer *peer = feed->peer;

  /* No TCP loses something and goes on, so that nothing can be said of it. */
  if (peer->mute || peer->deaf || peer->slow)
    feed->is_gappy = TRUE;
  wsm_test_peer_mend (peer);
  peer->deaf = FALSE;
  peer->stall = FALSE;
  peer->refusal = WSM_REASON_CODE_NONE;
  peer->retry_after_ms = 0;
  if (peer->slow)
    wsm_test_peer_drain (peer);
  peer->slow = FALSE;
}

static void
do_refuse (SimulatedFeed *feed,
           guint          number)
{
  guint i = number % G_N_ELEMENTS (refusals);

  feed->peer->refusal = refusals[i].code;
  feed->peer->http_status = refusals[i].status;
  feed->peer->retry_after_ms = refusals[i].retry_after_ms;
  wsm_test_peer_drop (feed->peer, WSM_REASON_CODE_RESET);
}

/* What is said of an open socket may be said while it is cut off, and is heard later. */
static void
simulated_feed_do_to_peer (SimulatedFeed        *feed,
                           const ScheduleAction *action)
{
  WsmTestPeer *peer = feed->peer;
  gint64 now_us = simulation_get_time_us (feed->simulation);

  switch (action->verb)
    {
    case VERB_SILENT:
      feed->has_gaps = TRUE;
      wsm_test_peer_fall_silent (peer);
      break;

    case VERB_CUT:
      wsm_test_peer_cut (peer);
      break;

    case VERB_DEAF:
      peer->deaf = TRUE;
      peer->still_us = peer->still_us > 0 ? peer->still_us : now_us;
      break;

    case VERB_SLOW:
      peer->slow = TRUE;
      peer->still_us = peer->still_us > 0 ? peer->still_us : now_us;
      break;

    case VERB_RESTART:
      wsm_test_peer_restart (peer);
      break;

    case VERB_STALL:
      peer->stall = TRUE;
      wsm_test_peer_drop (peer, WSM_REASON_CODE_END_OF_STREAM);
      break;

    case VERB_REFUSE:
      do_refuse (feed, action->number);
      break;

    case VERB_RESET:
      wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
      break;

    case VERB_EOF:
      wsm_test_peer_drop (peer, WSM_REASON_CODE_END_OF_STREAM);
      break;

    case VERB_PEER_CLOSE:
      wsm_test_peer_close (peer, close_codes[action->number % G_N_ELEMENTS (close_codes)]);
      break;

    case VERB_MEND:
      do_mend (feed);
      break;

    case VERB_LATENCY:
      peer->latency_us = (gint64) action->number * 1000;
      break;

    case VERB_JITTER:
      peer->jitter_us = (gint64) action->number * 1000;
      break;

    case VERB_RATE:
      peer->rate = action->number;
      break;

    case VERB_GHOSTS:
      peer->ghosts = action->number > 0;
      break;

    case VERB_SAY:
      do_say (feed, action->number);
      break;

    case VERB_STIR:
      if (!peer->mute)
        wsm_test_peer_stir (peer);
      break;

    case VERB_PONG:
      if (!peer->mute)
        wsm_test_peer_pong (peer, "stranger");
      break;

    default:
      g_assert_not_reached ();
    }
}

/* The app. */

static void
returned_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  Simulation *self = user_data;

  self->n_returned++;
}

static void
pool_closed_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  Simulation *self = user_data;

  self->n_closing--;
}

static void
do_add (SimulatedFeed *feed)
{
  WsmConnection *connection;

  if (feed->connection != NULL)
    return;
  connection = wsm_pool_add (feed->simulation->pool, feed->uri, NULL);
  g_assert_nonnull (connection);
  simulated_feed_attach (feed, connection);
}

static void
do_send (SimulatedFeed *feed,
         gsize          size)
{
  g_autofree char *text = g_malloc (size + 1);
  gsize length;
  g_autoptr (GError) error = NULL;

  memset (text, '.', size);
  text[size] = '\0';
  length = (gsize) g_snprintf (text, size, "message %u ", feed->n_taken + 1);
  text[length] = '.';
  if (wsm_connection_send_text (feed->connection, text, &error))
    {
      feed->n_taken++;
      feed->n_bytes_taken += size;
      feed->simulation->tally->n_messages_sent++;
    }
  else
    {
      g_assert_nonnull (error);
    }
}

static void
do_pause (SimulatedFeed *feed)
{
  feed->was_paused = TRUE;
  wsm_connection_pause (feed->connection);
}

/* An open socket is probed at once, unless there are no beats at all. */
static void
do_resume (SimulatedFeed *feed)
{
  g_autoptr (WsmConnection) connection = g_object_ref (feed->connection);
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (connection);
  guint64 n_beats = wsm_connection_get_n_beats_sent (connection);
  gboolean is_probed = wsm_connection_get_paused (connection) && feed->peer->transports->len > 0 &&
                       (feed->state == WSM_STATE_OPEN || feed->state == WSM_STATE_SUSPECT) &&
                       wsm_connection_get_state (connection) == feed->state &&
                       wsm_heartbeat_get_mode (heartbeat) != WSM_HEARTBEAT_MODE_OFF;

  feed->changed_us = simulation_get_time_us (feed->simulation);
  wsm_connection_resume (connection);
  if (is_probed && feed->connection == connection && feed->depth == 0)
    g_assert_cmpuint (wsm_connection_get_n_beats_sent (connection), ==, n_beats + 1);
}

static void
do_heartbeat (SimulatedFeed *feed,
              guint          number)
{
  g_autoptr (WsmHeartbeat) heartbeat = simulated_heartbeat_new (number);

  feed->changed_us = simulation_get_time_us (feed->simulation);
  wsm_connection_set_heartbeat (feed->connection, heartbeat);
}

static void
do_backoff (SimulatedFeed *feed,
            guint          number)
{
  g_autoptr (WsmBackoff) backoff = simulated_backoff_new (number);

  feed->is_unsure = TRUE;
  wsm_connection_set_backoff (feed->connection, backoff);
}

static void
do_greet (SimulatedFeed *feed,
          guint          number)
{
  static const char * const greetings[] = { "hello", "subscribe", NULL };

  feed->is_greeted = feed->is_greeted || number > 0;
  wsm_connection_set_greetings (feed->connection, number > 0 ? greetings : NULL);
}

static void
do_limit (SimulatedFeed *feed,
          guint          number)
{
  guint64 limit = ((guint64) number + 1) * 1024;

  feed->outbox_limit = MAX (feed->outbox_limit, limit);
  wsm_connection_set_outbox_limit (feed->connection, limit);
}

/* A handler that does not return for a while, and runs the loop meanwhile. */
static void
do_run (SimulatedFeed *feed,
        guint          number)
{
  Simulation *self = feed->simulation;
  gint64 length_us = (gint64) number * 1000;
  gint64 end_us = simulation_get_time_us (self) + length_us;

  for (guint i = 0; i < self->n_feeds; i++)
    if (self->feeds[i].depth > 0)
      simulation_add_stall (self->feeds[i].stalls, end_us, length_us);
  wsm_test_clock_advance (self->world->clock, length_us);
}

static void
simulated_feed_do_to_connection (SimulatedFeed        *feed,
                                 const ScheduleAction *action)
{
  Simulation *self = feed->simulation;

  switch (action->verb)
    {
    case VERB_REMOVE:
      {
        WsmConnection *connection = feed->connection;

        simulated_feed_note_away (feed);
        g_assert_true (wsm_pool_remove (self->pool, connection));
      }
      break;

    case VERB_OPEN:
      g_assert_true (wsm_connection_open (feed->connection, NULL));
      break;

    case VERB_CLOSE:
      g_assert_true (wsm_connection_close (feed->connection, 1000, "enough", NULL));
      break;

    case VERB_ABORT:
      wsm_connection_abort (feed->connection);
      break;

    case VERB_RETRY:
      wsm_connection_retry_now (feed->connection);
      break;

    case VERB_PAUSE:
      do_pause (feed);
      break;

    case VERB_RESUME:
      do_resume (feed);
      break;

    case VERB_HEALTHY:
      feed->is_unsure = TRUE;
      wsm_connection_confirm_healthy (feed->connection);
      break;

    case VERB_SEND:
      for (guint i = 0; i <= action->number && feed->connection != NULL; i++)
        do_send (feed, MESSAGE_SIZE);
      break;

    case VERB_SEND_BIG:
      do_send (feed, ((gsize) action->number + 1) * 1024);
      break;

    case VERB_HEARTBEAT:
      do_heartbeat (feed, action->number);
      break;

    case VERB_BACKOFF:
      do_backoff (feed, action->number);
      break;

    case VERB_LIMIT:
      do_limit (feed, action->number);
      break;

    case VERB_QUEUE:
      wsm_connection_set_queue_while_closed (feed->connection, action->number > 0);
      break;

    case VERB_GREET:
      do_greet (feed, action->number);
      break;

    case VERB_PATIENCE:
      wsm_connection_set_connect_timeout (feed->connection, (action->number + 1) * 1000);
      if (feed->connection != NULL)
        wsm_connection_set_close_timeout (feed->connection, (action->number + 1) * 200);
      break;

    case VERB_WAIT_OPEN:
      self->n_asked++;
      wsm_connection_open_async (feed->connection, NULL, returned_cb, self);
      break;

    case VERB_WAIT_CLOSE:
      self->n_asked++;
      wsm_connection_close_async (feed->connection, 1001, NULL, NULL, returned_cb, self);
      break;

    case VERB_WAIT_PING:
      self->n_asked++;
      wsm_connection_ping_async (feed->connection, NULL, returned_cb, self);
      break;

    default:
      g_assert_not_reached ();
    }
}

/* The pool. */

static void
do_broadcast (Simulation *self)
{
  guint64 n_bytes[64];
  guint n = MIN (self->n_feeds, G_N_ELEMENTS (n_bytes));

  /* Who takes it is told by nobody; but it goes to open ones only, and is seen in their outbox. */
  for (guint i = 0; i < n; i++)
    if (self->feeds[i].connection != NULL)
      self->feeds[i].is_greeted = TRUE;
  wsm_pool_broadcast_text (self->pool, "to all", NULL);
}

static void
simulation_do_to_pool (Simulation           *self,
                       const ScheduleAction *action)
{
  switch (action->verb)
    {
    case VERB_PROBE:
      wsm_pool_probe (self->pool);
      break;

    case VERB_RETRY_ALL:
      wsm_pool_retry_now (self->pool);
      break;

    case VERB_BROADCAST:
      do_broadcast (self);
      break;

    case VERB_CLOSE_ALL:
      self->n_closing++;
      wsm_pool_close_async (self->pool, action->number, NULL, pool_closed_cb, self);
      break;

    case VERB_HANDSHAKES:
      self->gate_us = simulation_get_time_us (self);
      wsm_pool_set_max_handshakes (self->pool, action->number + 1);
      wsm_pool_set_max_handshakes_per_host (self->pool, action->number / 2 + 1);
      break;

    case VERB_COALESCE:
      self->coalesce_us = simulation_get_time_us (self);
      wsm_pool_set_coalesce (self->pool, (int) action->number - 1);
      break;

    case VERB_SLEEP:
      for (guint i = 0; i < self->n_feeds; i++)
        simulated_feed_fall_asleep (&self->feeds[i]);
      self->woke_us = simulation_get_time_us (self);
      wsm_test_clock_sleep (self->world->clock,
                            ((gint64) action->number + 10) * G_USEC_PER_SEC);
      break;

    case VERB_STEP:
      wsm_test_clock_step (self->world->clock);
      break;

    case VERB_JUMP:
      simulation_add_stall (self->stalls,
                            simulation_get_time_us (self) + (gint64) action->number * 1000,
                            (gint64) action->number * 1000);
      wsm_test_clock_jump (self->world->clock, (gint64) action->number * 1000);
      break;

    default:
      g_assert_not_reached ();
    }
}

void
simulated_feed_do (SimulatedFeed        *feed,
                   const ScheduleAction *action)
{
  Simulation *self = feed->simulation;
  g_autoptr (WsmConnection) keep = NULL;

  self->tally->done[action->verb]++;
  self->tally->done_in[action->occasion]++;
  if (action->verb <= VERB_PONG)
    {
      simulated_feed_do_to_peer (feed, action);
    }
  else if (action->verb == VERB_ADD)
    {
      do_add (feed);
    }
  else if (action->verb == VERB_RUN)
    {
      do_run (feed, action->number);
    }
  else if (action->verb >= VERB_PROBE)
    {
      simulation_do_to_pool (self, action);
    }
  else if (feed->connection != NULL)
    {
      keep = g_object_ref (feed->connection);
      simulated_feed_do_to_connection (feed, action);
    }
}

/* Whoever calls it looks at nothing of the feed afterwards. */
void
simulated_feed_act (SimulatedFeed    *feed,
                    ScheduleOccasion  occasion)
{
  Simulation *self = feed->simulation;

  if (self->is_over || self->depth >= MAX_DEPTH)
    return;
  for (GList *link = feed->deeds.head; link != NULL; link = link->next)
    {
      const ScheduleAction *action = link->data;

      if (action->occasion != occasion)
        continue;
      g_queue_delete_link (&feed->deeds, link);
      self->depth++;
      feed->depth++;
      simulated_feed_do (feed, action);
      feed->depth--;
      self->depth--;
      return;
    }
}
