/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"

#include "test-states.h"
#include "test-world.h"

/* Three connections, to which an input does anything an app, a peer or a clock can do. Each socket
 * is told lost once, each life ends once, the dead are found in time and the living are left alone,
 * and when all is over no timer is left. */

#define N_FEEDS 3
#define MAX_STEPS 150
#define MAX_LATENCY_MS 255

/* When the end of a silence must have been noticed, over the promised time. */
#define SLACK_MS 100

typedef struct
{
  WsmTestWorld *world;       /* (unowned) */
  WsmTestPeer *peer;         /* (unowned) */
  WsmConnection *connection; /* (owned) */
  char *uri;                 /* (owned) */

  WsmState state;
  gboolean is_away;
  gboolean has_socket;
  guint n_lives;
  guint n_ends;
  guint worst_ms;   /* of its heartbeat */
  gboolean is_passive;
  gint64 silent_us; /* since when nothing has come, and nothing else has happened; 0 = not so */
  gboolean was_ill; /* something was wrong with the peer or the loop since the socket opened */
} Feed;

static gint64
now_us (Feed *feed)
{
  return wsm_clock_get_time_us (WSM_CLOCK (feed->world->clock));
}

/* Whether it may be called dead, as one that has nothing to say may be if nothing is sent. */
static gboolean
is_ill (Feed *feed)
{
  return feed->is_passive || feed->peer->mute || feed->peer->deaf || feed->peer->slow ||
         feed->peer->unread || !feed->peer->echo || feed->peer->latency_us > 0;
}

static void
notify_state_cb (WsmConnection *connection,
                 GParamSpec    *pspec,
                 Feed          *feed)
{
  WsmState state = wsm_connection_get_state (connection);

  g_assert_false (feed->is_away);
  g_assert_true (test_states_lead (feed->state, state));
  if (test_state_is_over (feed->state))
    {
      g_assert_cmpuint (feed->n_ends, ==, feed->n_lives);
      feed->n_lives++;
    }
  feed->state = state;
}

static void
opened_cb (WsmConnection *connection,
           gboolean       reconnected,
           Feed          *feed)
{
  g_assert_false (feed->is_away);
  g_assert_false (feed->has_socket);
  feed->has_socket = TRUE;
  feed->was_ill = is_ill (feed);
  /* The silence of the last socket is over, and that of this one may begin. */
  feed->silent_us = feed->peer->mute ? now_us (feed) : 0;
}

static void
disconnected_cb (WsmConnection *connection,
                 WsmReason     *reason,
                 gboolean       will_retry,
                 Feed          *feed)
{
  g_assert_false (feed->is_away);
  g_assert_true (feed->has_socket);
  feed->has_socket = FALSE;
  if (wsm_reason_get_code (reason) == WSM_REASON_CODE_HEARTBEAT_LOST)
    g_assert_true (feed->was_ill || is_ill (feed));
}

static void
note_end (Feed *feed)
{
  g_assert_false (feed->is_away);
  g_assert_false (feed->has_socket);
  feed->n_ends++;
  g_assert_cmpuint (feed->n_ends, <=, feed->n_lives);
}

static void
closed_cb (WsmConnection *connection,
           Feed          *feed)
{
  note_end (feed);
}

static void
failed_cb (WsmConnection *connection,
           GError        *error,
           Feed          *feed)
{
  g_assert_nonnull (error);
  note_end (feed);
}

static void
message_cb (WsmConnection         *connection,
            SoupWebsocketDataType  type,
            GBytes                *message,
            Feed                  *feed)
{
  g_assert_false (feed->is_away);
  g_assert_true (feed->has_socket);
}

static void
add_feed (Feed *feed)
{
  feed->state = WSM_STATE_IDLE;
  feed->is_away = FALSE;
  feed->has_socket = FALSE;
  feed->n_lives = 0;
  feed->n_ends = 0;
  feed->silent_us = 0;
  feed->connection = wsm_connection_new (feed->uri);
  g_signal_connect (feed->connection, "notify::state", G_CALLBACK (notify_state_cb), feed);
  g_signal_connect (feed->connection, "opened", G_CALLBACK (opened_cb), feed);
  g_signal_connect (feed->connection, "disconnected", G_CALLBACK (disconnected_cb), feed);
  g_signal_connect (feed->connection, "closed", G_CALLBACK (closed_cb), feed);
  g_signal_connect (feed->connection, "failed", G_CALLBACK (failed_cb), feed);
  g_signal_connect (feed->connection, "message", G_CALLBACK (message_cb), feed);
  g_assert_true (wsm_pool_add_connection (feed->world->pool, feed->connection, NULL));
  feed->worst_ms = wsm_heartbeat_worst_case_detection (
    wsm_connection_get_heartbeat (feed->connection));
  feed->is_passive = FALSE;
}

/* From then on it is silent, whatever it had to tell. */
static void
remove_feed (Feed *feed)
{
  wsm_pool_remove (feed->world->pool, feed->connection);
  feed->is_away = TRUE;
  wsm_test_world_run_ms (feed->world, 0);
  g_signal_handlers_disconnect_by_data (feed->connection, feed);
  g_clear_object (&feed->connection);
}

static void
set_heartbeat (Feed   *feed,
               guint8  number)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  gboolean is_text = (number & 1) != 0;

  feed->is_passive = (number & 96) == 96;
  feed->was_ill = feed->was_ill || feed->is_passive;
  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "mode", feed->is_passive ? WSM_HEARTBEAT_MODE_PASSIVE :
                                    is_text ? WSM_HEARTBEAT_MODE_TEXT : WSM_HEARTBEAT_MODE_PING,
                            "payload", is_text ? "tick %{seq}" : NULL,
                            "reply-match", is_text ? WSM_REPLY_MATCH_EXACT : WSM_REPLY_MATCH_NONE,
                            "interval", 1000u + (number >> 1) % 8 * 700,
                            "timeout", 600u + (number >> 4) * 200,
                            "max-missed", 1u + number % 3,
                            "idle-only", (number & 64) != 0,
                            "liveness", (number & 128) != 0 ? WSM_LIVENESS_STRICT
                                                            : WSM_LIVENESS_ANY_TRAFFIC,
                            NULL);
  wsm_connection_set_heartbeat (feed->connection, heartbeat);
  feed->worst_ms = wsm_heartbeat_worst_case_detection (heartbeat);
}

static void
set_backoff (Feed   *feed,
             guint8  number)
{
  g_autoptr (WsmBackoff) backoff = NULL;

  backoff = g_object_new (WSM_TYPE_BACKOFF,
                          "initial", 100u + number % 16 * 100,
                          "max", 2000u + number * 20,
                          "max-attempts", (guint) number % 5,
                          "max-elapsed", number > 200 ? 5000u : 0,
                          "stable-after", (guint) (number >> 4) * 500,
                          NULL);
  wsm_connection_set_backoff (feed->connection, backoff);
}

static void
do_to_peer (Feed   *feed,
            guint8  deed,
            guint8  number)
{
  static const guint close_codes[] = {
    1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 3000,
    4000, 4999, 999, 2999,
  };
  static const guint statuses[] = { 200, 301, 400, 401, 403, 404, 408, 410, 429, 500, 503, 504 };
  g_autofree char *text = g_strdup_printf ("tick %u", number);
  WsmTestPeer *peer = feed->peer;

  switch (deed)
    {
    case 0:
      peer->mute = (number & 1) != 0;
      break;

    case 1:
      peer->deaf = (number & 1) != 0;
      break;

    case 2:
      peer->slow = (number & 1) != 0;
      if (!peer->slow)
        wsm_test_peer_drain (peer);
      break;

    case 3:
      peer->stall = (number & 1) != 0;
      break;

    case 4:
      peer->unread = (number & 1) != 0;
      break;

    case 5:
      wsm_test_peer_drop (peer, (number & 1) != 0 ? WSM_REASON_CODE_END_OF_STREAM
                                                  : WSM_REASON_CODE_RESET);
      break;

    case 6:
      wsm_test_peer_close (peer, close_codes[number % G_N_ELEMENTS (close_codes)]);
      break;

    case 7:
      peer->refusal = (number & 1) == 0 ? WSM_REASON_CODE_NONE :
                      (number & 2) == 0 ? WSM_REASON_CODE_REFUSED :
                      (number & 4) == 0 ? WSM_REASON_CODE_BAD_HANDSHAKE
                                        : WSM_REASON_CODE_HTTP_STATUS;
      peer->http_status = statuses[(number >> 3) % G_N_ELEMENTS (statuses)];
      peer->retry_after_ms = number * 10u;
      break;

    case 8:
      wsm_test_peer_say (peer, text);
      break;

    case 9:
      wsm_test_peer_pong (peer, text);
      break;

    case 10:
      peer->latency_us = number * 1000;
      break;

    default:
      peer->echo = (number & 1) != 0;
      break;
    }
  feed->was_ill = feed->was_ill || is_ill (feed);
}

static void
do_to_connection (Feed   *feed,
                  guint8  deed,
                  guint8  number)
{
  WsmConnection *connection = feed->connection;
  g_autoptr (GError) error = NULL;

  switch (deed)
    {
    case 0:
      wsm_connection_open (connection, &error);
      break;

    case 1:
      wsm_connection_close (connection, number == 0 ? 0 : 1000u + number * 16, "reason", &error);
      break;

    case 2:
      wsm_connection_abort (connection);
      break;

    case 3:
      wsm_connection_retry_now (connection);
      break;

    case 4:
      wsm_connection_pause (connection);
      break;

    case 5:
      wsm_connection_resume (connection);
      break;

    case 6:
      wsm_connection_confirm_healthy (connection);
      break;

    case 7:
      wsm_connection_send_text (connection, "hello", &error);
      break;

    case 8:
      set_heartbeat (feed, number);
      break;

    case 9:
      set_backoff (feed, number);
      break;

    case 10:
      remove_feed (feed);
      add_feed (feed);
      break;

    case 11:
      wsm_connection_set_queue_while_closed (connection, (number & 1) != 0);
      wsm_connection_set_outbox_limit (connection, number * 4);
      break;

    case 12:
      wsm_pool_probe (feed->world->pool);
      break;

    case 13:
      wsm_pool_retry_now (feed->world->pool);
      break;

    case 14:
      wsm_connection_ping_async (connection, NULL, NULL, NULL);
      break;

    default:
      wsm_connection_set_connect_timeout (connection, 100 + number * 10);
      wsm_connection_set_close_timeout (connection, 100 + number * 4);
      break;
    }
}

/* When the silence of its peer must have been noticed; far away while there is none. */
static gint64
get_verdict_us (Feed *feed)
{
  if (feed->silent_us == 0)
    return G_MAXINT64;

  return feed->silent_us + 1000 * (gint64) (feed->worst_ms + SLACK_MS + MAX_LATENCY_MS);
}

/* Whose peer has been silent for longer than may be is not open any more. */
static void
check (Feed *feed)
{
  WsmState state = wsm_connection_get_state (feed->connection);
  gboolean is_watched = (state == WSM_STATE_OPEN || state == WSM_STATE_SUSPECT) &&
                        !wsm_connection_get_paused (feed->connection) &&
                        feed->peer->mute && feed->worst_ms > 0;

  g_assert_cmpint (state, ==, feed->state);
  g_assert_cmpuint (feed->peer->transports->len, <=, 1);
  g_assert_cmpint (wsm_connection_get_next_retry_at (feed->connection) > 0, <=,
                   state == WSM_STATE_WAITING);
  if (!is_watched)
    feed->silent_us = 0;
  else if (feed->silent_us == 0)
    feed->silent_us = now_us (feed);
  else
    g_assert_cmpint (now_us (feed), <=, get_verdict_us (feed));
}

static void
advance (WsmTestWorld *world,
         Feed         *feeds,
         gint64        duration_ms)
{
  gint64 end_us = now_us (&feeds[0]) + duration_ms * 1000;

  while (now_us (&feeds[0]) < end_us)
    {
      gint64 next_us = end_us;

      for (guint i = 0; i < N_FEEDS; i++)
        {
          check (&feeds[i]);
          next_us = MIN (next_us, get_verdict_us (&feeds[i]));
        }
      /* Past a verdict by the least that can be told. */
      wsm_test_clock_advance (world->clock, next_us + 1 - now_us (&feeds[0]));
    }
  for (guint i = 0; i < N_FEEDS; i++)
    check (&feeds[i]);
}

static void
do_step (WsmTestWorld *world,
         Feed         *feeds,
         FuzzInput    *input)
{
  guint8 what = fuzz_input_take_byte (input);
  guint8 number = fuzz_input_take_byte (input);
  Feed *feed = &feeds[(what >> 6) % N_FEEDS];

  switch ((what >> 4) % 4)
    {
    case 0:
      if ((what & 8) == 0)
        {
          advance (world, feeds, number * 40);
          return;
        }
      /* The loop was blocked: all that fell due is late at once. */
      wsm_test_clock_jump (world->clock, number * 20000);
      for (guint i = 0; i < N_FEEDS; i++)
        {
          feeds[i].silent_us = 0;
          feeds[i].was_ill = TRUE;
        }
      break;

    case 1:
      do_to_peer (feed, what % 12, number);
      break;

    default:
      do_to_connection (feed, what & 15, number);
      break;
    }
  feed->silent_us = 0;
}

/* All ends at once, and then nothing wakes up any more. */
static void
finish (WsmTestWorld *world,
        Feed         *feeds)
{
  guint64 n_alarms;

  for (guint i = 0; i < N_FEEDS; i++)
    {
      feeds[i].peer->latency_us = 0;
      wsm_connection_abort (feeds[i].connection);
    }
  wsm_test_world_run_ms (world, 1000);
  n_alarms = wsm_test_clock_get_n_alarms (world->clock);
  wsm_test_world_run_ms (world, 24 * 3600 * 1000);
  g_assert_cmpuint (wsm_test_clock_get_n_alarms (world->clock), ==, n_alarms);

  for (guint i = 0; i < N_FEEDS; i++)
    {
      g_assert_true (test_state_is_over (feeds[i].state));
      g_assert_false (feeds[i].has_socket);
      g_assert_cmpuint (feeds[i].n_ends, ==, feeds[i].n_lives);
      remove_feed (&feeds[i]);
      g_free (feeds[i].uri);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  FuzzInput input = { data, length };
  WsmTestWorld *world = wsm_test_world_new (fuzz_input_take_byte (&input));
  Feed feeds[N_FEEDS] = { { NULL } };

  for (guint i = 0; i < N_FEEDS; i++)
    {
      g_autofree char *path = g_strdup_printf ("/%u", i);

      feeds[i].world = world;
      feeds[i].uri = g_strconcat ("ws://127.0.0.1", path, NULL);
      feeds[i].peer = wsm_test_world_get_peer (world, path);
      add_feed (&feeds[i]);
      set_heartbeat (&feeds[i], fuzz_input_take_byte (&input));
      set_backoff (&feeds[i], fuzz_input_take_byte (&input));
      wsm_connection_open (feeds[i].connection, NULL);
    }
  wsm_test_world_run_ms (world, 10);
  for (guint i = 0; i < MAX_STEPS && input.length > 0; i++)
    do_step (world, feeds, &input);
  finish (world, feeds);
  wsm_test_world_free (world);

  return 0;
}
