/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-stage.h"

/* Whatever a handler does, in whatever signal: a story that makes three connections signal all
 * they can is told once for each pair of signal and deed, and many times with deeds by chance.
 * All the while, whoever looks on checks that what is signalled can be told as one story too. */

#define N_FEEDS 3
#define N_RANDOM_STORIES 100

static const char * const signals[] = {
  "notify::state", "notify::reason", "notify::n-missed", "notify::next-beat-at",
  "notify::next-retry-at", "notify::attempt", "notify::paused", "notify::heartbeat",
  "notify::last", "prepare", "opened", "message", "beat", "disconnected", "closed", "failed",
  "should-retry", "dropped", "unconfirmed", "items-changed", "connection-state-changed",
  "pool-message", "pool-beats",
  "pool-notify::n-open", "pool-notify::n-failed", "pool-notify::n-items",
};

/* The deeds. */

static void
do_nothing (WsmTestStage *stage,
            WsmTestFeed  *feed)
{
}

static void
do_close (WsmTestStage *stage,
          WsmTestFeed  *feed)
{
  g_assert_true (wsm_connection_close (feed->connection, 1000, "enough", NULL));
}

static void
do_abort (WsmTestStage *stage,
          WsmTestFeed  *feed)
{
  wsm_connection_abort (feed->connection);
}

static void
do_open (WsmTestStage *stage,
         WsmTestFeed  *feed)
{
  gboolean was_away = feed->is_away;

  /* What else is told first may take it out of its pool. */
  if (wsm_connection_open (feed->connection, NULL))
    g_assert_false (was_away);
}

static void
do_abort_and_open (WsmTestStage *stage,
                   WsmTestFeed  *feed)
{
  g_autoptr (WsmConnection) keep = g_object_ref (feed->connection);

  wsm_connection_abort (keep);
  wsm_connection_open (keep, NULL);
}

static void
do_retry_now (WsmTestStage *stage,
              WsmTestFeed  *feed)
{
  wsm_connection_retry_now (feed->connection);
  if (stage->pool != NULL)
    wsm_pool_retry_now (stage->pool);
}

static void
do_remove (WsmTestStage *stage,
           WsmTestFeed  *feed)
{
  gboolean was_away = feed->is_away;

  if (stage->pool == NULL)
    return;
  /* Its own items-changed is the last that may be heard, and it is of the pool. */
  wsm_test_feed_note_away (feed);
  g_assert_cmpint (wsm_pool_remove (stage->pool, feed->connection), ==, !was_away);
}

static void
do_remove_another (WsmTestStage *stage,
                   WsmTestFeed  *feed)
{
  guint start = g_rand_int (stage->random) % stage->feeds->len;

  for (guint i = 0; i < stage->feeds->len; i++)
    {
      WsmTestFeed *other = g_ptr_array_index (stage->feeds, (start + i) % stage->feeds->len);

      if (other != feed && other->connection != NULL && !other->is_away)
        {
          do_remove (stage, other);
          return;
        }
    }
}

static void
do_remove_all (WsmTestStage *stage,
               WsmTestFeed  *feed)
{
  for (guint i = 0; i < stage->feeds->len; i++)
    {
      WsmTestFeed *other = g_ptr_array_index (stage->feeds, i);

      if (other->connection != NULL && !other->is_away)
        do_remove (stage, other);
    }
}

static void
do_remove_and_add (WsmTestStage *stage,
                   WsmTestFeed  *feed)
{
  g_autoptr (WsmConnection) keep = g_object_ref (feed->connection);

  if (stage->pool == NULL || feed->is_away)
    return;
  do_remove (stage, feed);
  if (stage->pool == NULL || !feed->is_away)
    return;
  feed->is_away = FALSE;
  if (!wsm_pool_add_connection (stage->pool, keep, NULL) && feed->connection != NULL)
    feed->is_away = TRUE;
}

static void
do_dispose_connection (WsmTestStage *stage,
                       WsmTestFeed  *feed)
{
  if (stage->pool == NULL)
    return;
  wsm_test_feed_note_away (feed);
  g_object_run_dispose (G_OBJECT (feed->connection));
}

static void
do_drop_pool (WsmTestStage *stage,
              WsmTestFeed  *feed)
{
  if (stage->world->pool == NULL)
    return;
  if (G_OBJECT (stage->world->pool)->ref_count == 1)
    wsm_test_stage_note_all_away (stage);
  g_clear_object (&stage->world->pool);
}

static void
do_dispose_pool (WsmTestStage *stage,
                 WsmTestFeed  *feed)
{
  if (stage->pool == NULL)
    return;
  wsm_test_stage_note_all_away (stage);
  g_object_run_dispose (G_OBJECT (stage->pool));
}

static void
do_add (WsmTestStage *stage,
        WsmTestFeed  *feed)
{
  WsmConnection *connection;

  if (stage->pool == NULL || stage->feeds->len > 2 * N_FEEDS)
    return;
  connection = wsm_pool_add (stage->pool, "ws://127.0.0.1/new", NULL);
  if (connection != NULL)
    wsm_test_stage_watch (stage, connection);
}

static void
do_run_loop (WsmTestStage *stage,
             WsmTestFeed  *feed)
{
  wsm_test_clock_advance (stage->world->clock, 50 * 1000);
}

static void
do_run_loop_for_long (WsmTestStage *stage,
                      WsmTestFeed  *feed)
{
  wsm_test_clock_advance (stage->world->clock, 1500 * 1000);
}

static void
do_change_heartbeat (WsmTestStage *stage,
                     WsmTestFeed  *feed)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("beat", 4);

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "mode", g_rand_int_range (stage->random, 0, 5),
                            "payload", "beat",
                            "payload-bytes", bytes,
                            "reply-match", WSM_REPLY_MATCH_ANY,
                            "interval", 100u + g_rand_int (stage->random) % 900,
                            "timeout", 200,
                            NULL);
  wsm_connection_set_heartbeat (feed->connection, heartbeat);
}

static void
do_change_backoff (WsmTestStage *stage,
                   WsmTestFeed  *feed)
{
  g_autoptr (WsmBackoff) backoff = NULL;

  backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 100, "max", 100, "stable-after", 0, NULL);
  wsm_connection_set_backoff (feed->connection, backoff);
}

static void
do_send (WsmTestStage *stage,
         WsmTestFeed  *feed)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (100000), 100000);

  wsm_connection_send_bytes (feed->connection, bytes, NULL);
  if (feed->connection != NULL)
    wsm_connection_send_text (feed->connection, "text", NULL);
  if (stage->pool != NULL)
    wsm_pool_broadcast_text (stage->pool, "all", NULL);
}

static void
returned_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  WsmTestStage *stage = user_data;

  stage->n_returned++;
  wsm_test_stage_act (stage, wsm_test_stage_find (stage), "returned");
}

static void
do_ping (WsmTestStage *stage,
         WsmTestFeed  *feed)
{
  stage->n_asked++;
  wsm_connection_ping_async (feed->connection, NULL, returned_cb, stage);
}

static void
do_open_async (WsmTestStage *stage,
               WsmTestFeed  *feed)
{
  stage->n_asked++;
  wsm_connection_open_async (feed->connection, NULL, returned_cb, stage);
}

static void
do_close_async (WsmTestStage *stage,
                WsmTestFeed  *feed)
{
  stage->n_asked++;
  wsm_connection_close_async (feed->connection, 1000, NULL, NULL, returned_cb, stage);
}

static void
do_close_pool (WsmTestStage *stage,
               WsmTestFeed  *feed)
{
  if (stage->pool == NULL)
    return;
  stage->n_asked++;
  wsm_pool_close_async (stage->pool, 700, NULL, returned_cb, stage);
}

static void
do_pause_and_resume (WsmTestStage *stage,
                     WsmTestFeed  *feed)
{
  g_autoptr (WsmConnection) keep = g_object_ref (feed->connection);

  /* What the app itself changes is told wherever it is. */
  feed->may_echo = TRUE;
  wsm_connection_pause (keep);
  if (g_rand_boolean (stage->random))
    wsm_connection_resume (keep);
}

static void
do_probe (WsmTestStage *stage,
          WsmTestFeed  *feed)
{
  wsm_connection_confirm_healthy (feed->connection);
  if (stage->pool == NULL)
    return;
  wsm_pool_set_coalesce (stage->pool, (int) (g_rand_int (stage->random) % 100));
  if (stage->pool != NULL)
    wsm_pool_probe (stage->pool);
}

/* By their paths among the tests; bad inputs have numbers. */
static const WsmTestDeed deeds[] = {
  { "/handlers/nothing", do_nothing },
  { "/inputs/60-close", do_close },
  { "/handlers/abort", do_abort },
  { "/inputs/64-open", do_open },
  { "/handlers/abort-and-open", do_abort_and_open },
  { "/handlers/retry-now", do_retry_now },
  { "/inputs/62-remove", do_remove },
  { "/inputs/62-remove-another", do_remove_another },
  { "/inputs/62-remove-all", do_remove_all },
  { "/inputs/62-remove-and-add", do_remove_and_add },
  { "/handlers/dispose-connection", do_dispose_connection },
  { "/inputs/61-drop-pool", do_drop_pool },
  { "/inputs/61-dispose-pool", do_dispose_pool },
  { "/inputs/63-add", do_add },
  { "/inputs/66-run-loop", do_run_loop },
  { "/inputs/66-run-loop-for-long", do_run_loop_for_long },
  { "/handlers/change-heartbeat", do_change_heartbeat },
  { "/handlers/change-backoff", do_change_backoff },
  { "/handlers/send", do_send },
  { "/handlers/ping", do_ping },
  { "/inputs/64-open-async", do_open_async },
  { "/inputs/60-close-async", do_close_async },
  { "/handlers/close-pool", do_close_pool },
  { "/handlers/pause-and-resume", do_pause_and_resume },
  { "/handlers/probe", do_probe },
};

/* The story. */

/* The connection that the story goes on with, while there is one. */
static WsmConnection *
hero (WsmTestStage *stage)
{
  return ((WsmTestFeed *) g_ptr_array_index (stage->feeds, 0))->connection;
}

static void
send_much (WsmConnection *connection)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (50000), 50000);

  for (guint i = 0; i < 5; i++)
    wsm_connection_send_bytes (connection, bytes, NULL);
}

static void
tell (WsmTestStage *stage)
{
  WsmTestWorld *world = stage->world;
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/0");

  wsm_test_world_run_ms (world, 10);
  wsm_test_peer_say (peer, "hello");
  wsm_test_world_run_ms (world, 1500);

  /* Suspect and well again, then lost and found. */
  peer->mute = TRUE;
  wsm_test_world_run_ms (world, 900);
  peer->mute = FALSE;
  wsm_test_peer_say (peer, "still here");
  wsm_test_world_run_ms (world, 100);
  peer->mute = TRUE;
  wsm_test_world_run_ms (world, 2500);
  peer->mute = FALSE;
  wsm_test_world_run_ms (world, 1000);

  /* Lost with a full outbox. */
  peer->slow = TRUE;
  if (hero (stage) != NULL)
    send_much (hero (stage));
  wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (world, 1000);
  peer->slow = FALSE;

  /* Closed by the peer, opened again, refused for good, opened again. */
  wsm_test_peer_close (peer, 1000);
  wsm_test_world_run_ms (world, 10);
  if (hero (stage) != NULL)
    wsm_connection_open (hero (stage), NULL);
  wsm_test_world_run_ms (world, 10);
  peer->refusal = WSM_REASON_CODE_HTTP_STATUS;
  peer->http_status = 403;
  wsm_test_peer_drop (peer, WSM_REASON_CODE_END_OF_STREAM);
  wsm_test_world_run_ms (world, 1000);
  peer->refusal = WSM_REASON_CODE_NONE;
  if (hero (stage) != NULL)
    wsm_connection_retry_now (hero (stage));
  wsm_test_world_run_ms (world, 10);

  if (hero (stage) != NULL)
    wsm_connection_pause (hero (stage));
  if (hero (stage) != NULL)
    wsm_connection_resume (hero (stage));
  wsm_test_world_run_ms (world, 1000);
  if (hero (stage) != NULL)
    do_change_heartbeat (stage, g_ptr_array_index (stage->feeds, 0));
  wsm_test_world_run_ms (world, 1000);

  /* Closed by the app, cut off, and cut short. */
  if (hero (stage) != NULL)
    wsm_connection_close (hero (stage), 1000, NULL, NULL);
  wsm_test_world_run_ms (world, 10);
  if (hero (stage) != NULL)
    do_open_async (stage, g_ptr_array_index (stage->feeds, 0));
  wsm_test_world_run_ms (world, 10);
  peer->mute = TRUE;
  if (hero (stage) != NULL)
    do_close_async (stage, g_ptr_array_index (stage->feeds, 0));
  wsm_test_world_run_ms (world, 100);
  if (hero (stage) != NULL)
    wsm_connection_open (hero (stage), NULL);
  wsm_test_world_run_ms (world, 10);
  if (hero (stage) != NULL)
    wsm_connection_close (hero (stage), 1000, NULL, NULL);
  wsm_test_world_run_ms (world, 2100);
}

static void
end (WsmTestStage *stage)
{
  /* No more deeds. */
  stage->depth = WSM_TEST_STAGE_MAX_DEPTH;

  for (guint i = 0; i < stage->feeds->len; i++)
    {
      WsmTestFeed *feed = g_ptr_array_index (stage->feeds, i);
      g_autoptr (WsmConnection) connection = NULL;

      if (feed->connection == NULL)
        continue;
      connection = g_object_ref (feed->connection);
      wsm_connection_abort (connection);
      g_assert_false (feed->has_socket);
      g_assert_cmpuint (feed->n_ends, ==, feed->n_lives);
    }
  if (stage->pool != NULL)
    g_assert_cmpuint (wsm_pool_get_n_open (stage->pool), ==, 0);

  /* Whoever waited for something got an answer. */
  wsm_test_world_run_ms (stage->world, 15000);
  g_assert_cmpuint (stage->n_returned, ==, stage->n_asked);

  /* Nothing is left of anything, and nothing holds on to anything. */
  wsm_test_stage_note_all_away (stage);
  g_clear_object (&stage->world->pool);
  wsm_test_world_run_ms (stage->world, 100);
  g_assert_null (stage->pool);
  for (guint i = 0; i < stage->feeds->len; i++)
    g_assert_null (((WsmTestFeed *) g_ptr_array_index (stage->feeds, i))->connection);
}

static void
play (const char *signal,
      int         deed,
      guint32     seed)
{
  WsmTestStage stage = {
    .signal = signal,
    .deeds = deeds,
    .n_deeds = G_N_ELEMENTS (deeds),
    .deed = deed,
  };
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autoptr (WsmBackoff) backoff = NULL;
  static const char * const greetings[] = { "hello", "subscribe", NULL };

  wsm_test_stage_init (&stage, seed);

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", 500, "timeout", 200, "max-missed", 2,
                            NULL);
  backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 200, "max", 400, "stable-after", 300, NULL);
  for (guint i = 0; i < N_FEEDS; i++)
    {
      g_autofree char *uri = g_strdup_printf ("ws://127.0.0.1/%u", i);
      WsmConnection *connection = wsm_pool_add (stage.pool, uri, NULL);

      wsm_connection_set_heartbeat (connection, heartbeat);
      wsm_connection_set_backoff (connection, backoff);
      wsm_connection_set_greetings (connection, greetings);
      wsm_connection_set_queue_while_closed (connection, g_rand_boolean (stage.random));
      wsm_test_stage_watch (&stage, connection);
    }
  wsm_test_stage_watch_pool (&stage);

  tell (&stage);
  if (signal != NULL && deed == 0 && !g_str_has_prefix (signal, "pool-notify::n-items") &&
      strcmp (signal, "items-changed") != 0)
    g_assert_cmpuint (stage.n_done, >, 0);
  end (&stage);

  wsm_test_stage_clear (&stage);
}

static void
test_deed (gconstpointer data)
{
  guint deed = GPOINTER_TO_UINT (data);

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_test_message ("in %s", signals[i]);
      play (signals[i], (int) deed, i);
    }
  /* And in the callbacks of what it asks for. */
  play ("returned", (int) deed, 99);
}

static void
test_any (void)
{
  for (guint i = 0; i < N_RANDOM_STORIES; i++)
    {
      guint32 seed = (guint32) g_test_rand_int ();

      g_test_message ("seed %u", seed);
      play (NULL, -1, seed);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      g_autofree char *path = g_strconcat (deeds[i].name, "-in-each-signal", NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_deed);
    }
  g_test_add_func ("/handlers/anything-anywhere", test_any);

  return g_test_run ();
}
