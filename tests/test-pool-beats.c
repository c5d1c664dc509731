/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

/* What a pool tells of the beats of all its connections. Beats are on the second, and their answers
 * are read together, in the order of the connections. */

#define ROUND_TRIP_MS 30

#define N_FEEDS 5

typedef struct
{
  WsmTestWorld *world;            /* (owned) */
  WsmConnection *feeds[N_FEEDS];  /* (unowned) */
  GString *log;                   /* (owned): letters of feeds, see listen() */
  WsmBeats *kept;                 /* (owned) (nullable): the last ones that were told */
  WsmConnection *victim;          /* (unowned) (nullable): removed by whoever hears of a beat */
  guint n_told;
} Scene;

static void
scene_init (Scene *self)
{
  *self = (Scene) { 0 };
  self->world = wsm_test_world_new (1);
  self->log = g_string_new (NULL);
  for (guint i = 0; i < N_FEEDS; i++)
    {
      char path[] = { '/', (char) ('a' + (char) i), '\0' };

      self->feeds[i] = wsm_test_world_bring_to (self->world, path, WSM_STATE_OPEN);
      wsm_test_world_get_peer (self->world, path)->latency_us = 1000 * (1 + i);
    }
}

/* Lets each connection beat once, while the main loop has no time to read until all have
 * answered. */
static void
scene_beat (Scene *self)
{
  gint64 now_us = wsm_clock_get_time_us (WSM_CLOCK (self->world->clock));

  wsm_test_clock_advance (self->world->clock, G_USEC_PER_SEC - now_us % G_USEC_PER_SEC);
  wsm_test_clock_jump (self->world->clock, ROUND_TRIP_MS * 1000);
}

static void
scene_clear (Scene *self)
{
  g_clear_pointer (&self->kept, wsm_beats_free);
  g_string_free (self->log, TRUE);
  /* What the connections tell is another test's business. */
  g_string_truncate (self->world->log, 0);
  wsm_test_world_free (self->world);
}

static void
scene_assert_log (Scene      *self,
                  const char *expected)
{
  g_assert_cmpstr (self->log->str, ==, expected);
  g_string_truncate (self->log, 0);
}

static char
scene_name (Scene         *self,
            WsmConnection *connection)
{
  for (guint i = 0; i < N_FEEDS; i++)
    if (self->feeds[i] == connection)
      return (char) ('a' + (char) i);

  return '?';
}

/* Capitals are missed beats; brackets stand around those that were told at once. */
static void
pool_beats_cb (WsmPool  *pool,
               WsmBeats *beats,
               Scene    *self)
{
  gsize n_round_trips = 0;
  gsize n_connections = 0;
  const double *round_trips = wsm_beats_get_round_trips (beats, &n_round_trips);
  WsmConnection *const *connections = wsm_beats_get_connections (beats, &n_connections);
  guint n_missed = 0;

  g_assert_true (g_main_context_get_thread_default () == self->world->context);
  g_assert_cmpuint (n_round_trips, ==, n_connections);
  g_assert_cmpuint (n_round_trips, >, 0);
  g_string_append_c (self->log, '[');
  for (guint i = 0; i < n_round_trips; i++)
    {
      char name = scene_name (self, connections[i]);

      g_assert_true (wsm_beats_get_connection (beats, i) == connections[i]);
      if (round_trips[i] < 0)
        {
          name = g_ascii_toupper (name);
          n_missed++;
        }
      else
        {
          g_assert_cmpfloat_with_epsilon (round_trips[i], ROUND_TRIP_MS, 1e-9);
        }
      g_string_append_c (self->log, name);
    }
  g_string_append_c (self->log, ']');
  g_assert_null (wsm_beats_get_connection (beats, (guint) n_round_trips));
  g_assert_cmpuint (wsm_beats_get_n_missed (beats), ==, n_missed);
  g_assert_cmpuint (wsm_beats_get_n_answered (beats), ==, n_round_trips - n_missed);

  g_clear_pointer (&self->kept, wsm_beats_free);
  self->kept = wsm_beats_copy (beats);
  self->n_told++;
}

static void
scene_listen (Scene *self)
{
  g_signal_connect (self->world->pool, "beats", G_CALLBACK (pool_beats_cb), self);
}

static void
feed_beat_cb (WsmConnection *feed,
              guint64        sequence,
              double         round_trip,
              Scene         *self)
{
  g_string_append_c (self->log, scene_name (self, feed));
}

/* Telling. */

static void
test_once_a_burst (void)
{
  Scene scene;

  scene_init (&scene);
  scene_listen (&scene);
  for (guint i = 0; i < N_FEEDS; i++)
    g_signal_connect (scene.feeds[i], "beat", G_CALLBACK (feed_beat_cb), &scene);

  scene_beat (&scene);
  scene_assert_log (&scene, "abcde[abcde]");
  scene_beat (&scene);
  scene_assert_log (&scene, "abcde[abcde]");

  scene_clear (&scene);
}

/* Nobody waits for an answer that may come later, and what is missed is told when it is. */
static void
test_at_the_end_of_the_turn (void)
{
  Scene scene;

  scene_init (&scene);
  scene_listen (&scene);
  wsm_test_world_get_peer (scene.world, "/b")->mute = TRUE;
  scene_beat (&scene);
  scene_assert_log (&scene, "[acde]");
  wsm_test_world_run_ms (scene.world, 300 - ROUND_TRIP_MS - 1);
  scene_assert_log (&scene, "");
  wsm_test_world_run_ms (scene.world, 1);
  scene_assert_log (&scene, "[B]");

  scene_clear (&scene);
}

static void
test_missed (void)
{
  Scene scene;

  scene_init (&scene);
  scene_listen (&scene);
  wsm_test_world_get_peer (scene.world, "/b")->mute = TRUE;
  wsm_test_world_get_peer (scene.world, "/d")->mute = TRUE;
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (wsm_connection_get_state (scene.feeds[1]), ==,
                       i == 0 ? WSM_STATE_OPEN : WSM_STATE_SUSPECT);
      scene_beat (&scene);
      wsm_test_world_run_ms (scene.world, 300);
      if (strstr (scene.log->str, "[DB]") != NULL)
        scene_assert_log (&scene, "[ace][DB]");
      else
        scene_assert_log (&scene, "[ace][BD]");
    }
  /* The one that was one too many is told as well. */
  g_assert_cmpint (wsm_connection_get_state (scene.feeds[1]), ==, WSM_STATE_WAITING);

  scene_clear (&scene);
}

static void
feed_state_cb (WsmConnection *feed,
               GParamSpec    *pspec,
               Scene         *self)
{
  g_string_append_printf (self->log, "(%c)", scene_name (self, feed));
}

static void
test_after_the_state (void)
{
  Scene scene;

  scene_init (&scene);
  scene_listen (&scene);
  wsm_test_world_get_peer (scene.world, "/b")->mute = TRUE;
  g_signal_connect (scene.feeds[1], "notify::state", G_CALLBACK (feed_state_cb), &scene);
  scene_beat (&scene);
  wsm_test_world_run_ms (scene.world, 300);
  scene_assert_log (&scene, "[acde](b)[B]");

  scene_clear (&scene);
}

/* Listening. */

static void
connect_late_cb (WsmConnection *feed,
                 guint64        sequence,
                 double         round_trip,
                 Scene         *self)
{
  scene_listen (self);
}

static void
test_gathered_while_somebody_listens (void)
{
  Scene scene;
  gulong handler;

  scene_init (&scene);
  /* Its own beat is told after its own signal, and so is the first one that is gathered. */
  handler = g_signal_connect (scene.feeds[2], "beat", G_CALLBACK (connect_late_cb), &scene);
  scene_beat (&scene);
  scene_assert_log (&scene, "[cde]");
  g_signal_handler_disconnect (scene.feeds[2], handler);

  g_signal_handlers_block_by_func (scene.world->pool, pool_beats_cb, &scene);
  scene_beat (&scene);
  scene_assert_log (&scene, "");
  g_signal_handlers_unblock_by_func (scene.world->pool, pool_beats_cb, &scene);
  scene_beat (&scene);
  scene_assert_log (&scene, "[abcde]");
  g_signal_handlers_disconnect_by_func (scene.world->pool, pool_beats_cb, &scene);
  scene_beat (&scene);
  scene_assert_log (&scene, "");

  scene_clear (&scene);
}

static void
feed_disconnects_cb (WsmConnection *feed,
                     guint64        sequence,
                     double         round_trip,
                     Scene         *self)
{
  g_signal_handlers_disconnect_by_func (self->world->pool, pool_beats_cb, self);
}

static void
feed_blocks_and_unblocks_cb (WsmConnection *feed,
                             guint64        sequence,
                             double         round_trip,
                             Scene         *self)
{
  g_signal_handlers_block_by_func (self->world->pool, pool_beats_cb, self);
  if (feed == self->feeds[3])
    g_signal_handlers_unblock_by_func (self->world->pool, pool_beats_cb, self);
}

/* Whoever has gone within the turn hears nothing of it, and nothing is left over for the next. */
static void
test_gone_within_the_turn (void)
{
  Scene scene;
  gulong handler;

  scene_init (&scene);
  scene_listen (&scene);
  handler = g_signal_connect (scene.feeds[3], "beat", G_CALLBACK (feed_disconnects_cb), &scene);
  scene_beat (&scene);
  scene_assert_log (&scene, "");
  g_signal_handler_disconnect (scene.feeds[3], handler);

  scene_listen (&scene);
  handler = g_signal_connect (scene.feeds[3], "beat", G_CALLBACK (feed_blocks_and_unblocks_cb),
                              &scene);
  scene_beat (&scene);
  scene_assert_log (&scene, "[abcde]");
  g_signal_handler_disconnect (scene.feeds[3], handler);
  scene_beat (&scene);
  scene_assert_log (&scene, "[abcde]");

  scene_clear (&scene);
}

/* Handlers that do something about it. */

static void
feed_removes_cb (WsmConnection *feed,
                 guint64        sequence,
                 double         round_trip,
                 Scene         *self)
{
  WsmConnection *victim = g_steal_pointer (&self->victim);

  if (victim != NULL)
    g_assert_true (wsm_pool_remove (self->world->pool, victim));
}

static void
test_removed_before_it_is_told (void)
{
  Scene scene;

  scene_init (&scene);
  scene_listen (&scene);
  g_signal_connect (scene.feeds[2], "beat", G_CALLBACK (feed_removes_cb), &scene);
  scene.victim = scene.feeds[1]; /* gathered already */
  scene_beat (&scene);
  scene_assert_log (&scene, "[acde]");
  scene.victim = scene.feeds[3]; /* not yet */
  scene_beat (&scene);
  scene_assert_log (&scene, "[ace]");
  scene.victim = scene.feeds[2]; /* just now */
  scene_beat (&scene);
  scene_assert_log (&scene, "[ae]");

  scene_clear (&scene);
}

static void
feed_removes_the_one_before_cb (WsmConnection *feed,
                                GParamSpec    *pspec,
                                Scene         *self)
{
  if (self->victim != NULL)
    g_assert_true (wsm_pool_remove (self->world->pool, self->victim));
  self->victim = feed;
}

/* Nor is one counted that was missed. */
static void
test_missed_and_removed (void)
{
  Scene scene;

  scene_init (&scene);
  scene_listen (&scene);
  wsm_test_world_get_peer (scene.world, "/b")->mute = TRUE;
  wsm_test_world_get_peer (scene.world, "/d")->mute = TRUE;
  g_signal_connect (scene.feeds[1], "notify::state",
                    G_CALLBACK (feed_removes_the_one_before_cb), &scene);
  g_signal_connect (scene.feeds[3], "notify::state",
                    G_CALLBACK (feed_removes_the_one_before_cb), &scene);
  scene_beat (&scene);
  wsm_test_world_run_ms (scene.world, 300);
  scene_assert_log (&scene, scene.victim == scene.feeds[1] ? "[ace][B]" : "[ace][D]");

  scene_clear (&scene);
}

static void
feed_removes_all_others_cb (WsmConnection *feed,
                            guint64        sequence,
                            double         round_trip,
                            Scene         *self)
{
  for (guint i = 0; i < N_FEEDS; i++)
    g_assert_true (wsm_pool_remove (self->world->pool, self->feeds[i]));
}

static void
test_none_is_left (void)
{
  Scene scene;

  scene_init (&scene);
  scene_listen (&scene);
  g_signal_connect (scene.feeds[2], "beat", G_CALLBACK (feed_removes_all_others_cb), &scene);
  scene_beat (&scene);
  scene_assert_log (&scene, "");
  g_assert_cmpuint (scene.n_told, ==, 0);

  scene_clear (&scene);
}

static void
feed_comes_again_cb (WsmConnection *feed,
                     guint64        sequence,
                     double         round_trip,
                     Scene         *self)
{
  g_assert_true (wsm_pool_remove (self->world->pool, feed));
  g_assert_true (wsm_pool_add_connection (self->world->pool, feed, NULL));
}

static void
test_comes_again (void)
{
  Scene scene;

  scene_init (&scene);
  scene_listen (&scene);
  g_signal_connect (scene.feeds[2], "beat", G_CALLBACK (feed_comes_again_cb), &scene);
  scene_beat (&scene);
  scene_assert_log (&scene, "[abde]");

  scene_clear (&scene);
}

static void
pool_removes_all_cb (WsmPool  *pool,
                     WsmBeats *beats,
                     Scene    *self)
{
  WsmConnection *connection;

  for (guint i = 0; (connection = wsm_beats_get_connection (beats, i)) != NULL; i++)
    g_assert_true (wsm_pool_remove (pool, connection));
}

static void
test_removed_when_it_is_told (void)
{
  Scene scene;

  scene_init (&scene);
  g_signal_connect (scene.world->pool, "beats", G_CALLBACK (pool_removes_all_cb), &scene);
  scene_listen (&scene);
  scene_beat (&scene);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (scene.world->pool)), ==, 0);
  /* Those who come later see what those before them saw. */
  scene_assert_log (&scene, "[abcde]");

  scene_clear (&scene);
}

static void
pool_drops_cb (WsmPool  *pool,
               WsmBeats *beats,
               Scene    *self)
{
  g_clear_object (&self->world->pool);
}

static void
test_pool_dropped_when_it_is_told (void)
{
  Scene scene;
  gpointer pool;
  gsize n_beats;

  scene_init (&scene);
  scene_listen (&scene);
  pool = scene.world->pool;
  g_object_add_weak_pointer (pool, &pool);
  g_signal_connect (scene.world->pool, "beats", G_CALLBACK (pool_drops_cb), &scene);
  scene_beat (&scene);
  wsm_test_world_run_ms (scene.world, 2000);
  g_assert_null (pool);
  scene_assert_log (&scene, "[abcde]");

  /* What was kept of it outlives it. */
  wsm_beats_get_connections (scene.kept, &n_beats);
  g_assert_cmpuint (n_beats, ==, N_FEEDS);
  g_assert_cmpint (wsm_connection_get_state (wsm_beats_get_connection (scene.kept, 4)), ==,
                   WSM_STATE_CLOSED);
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (wsm_beats_get_connection (scene.kept, 4)),
                    >, 0);

  scene_clear (&scene);
}

static void
feed_drops_pool_cb (WsmConnection *feed,
                    guint64        sequence,
                    double         round_trip,
                    Scene         *self)
{
  g_clear_object (&self->world->pool);
}

static void
test_pool_dropped_before_it_is_told (void)
{
  Scene scene;

  scene_init (&scene);
  scene_listen (&scene);
  g_signal_connect (scene.feeds[2], "beat", G_CALLBACK (feed_drops_pool_cb), &scene);
  scene_beat (&scene);
  wsm_test_world_run_ms (scene.world, 2000);
  scene_assert_log (&scene, "");

  scene_clear (&scene);
}

static void
feed_runs_loop_cb (WsmConnection *feed,
                   guint64        sequence,
                   double         round_trip,
                   Scene         *self)
{
  g_signal_handlers_disconnect_by_func (feed, feed_runs_loop_cb, self);
  g_string_append_c (self->log, '{');
  scene_beat (self);
  g_string_append_c (self->log, '}');
}

static void
test_nested_loop_of_a_connection (void)
{
  Scene scene;

  scene_init (&scene);
  scene_listen (&scene);
  g_signal_connect (scene.feeds[2], "beat", G_CALLBACK (feed_runs_loop_cb), &scene);
  scene_beat (&scene);
  /* Those before it do not wait for the handler, nor do those behind it; its own does. */
  scene_assert_log (&scene, "{[abde][abcde]}[c]");

  scene_clear (&scene);
}

static void
pool_runs_loop_cb (WsmPool  *pool,
                   WsmBeats *beats,
                   Scene    *self)
{
  g_signal_handlers_disconnect_by_func (pool, pool_runs_loop_cb, self);
  g_string_append_c (self->log, '{');
  scene_beat (self);
  g_string_append_c (self->log, '}');
}

static void
test_nested_loop_of_the_pool (void)
{
  Scene scene;

  scene_init (&scene);
  g_signal_connect (scene.world->pool, "beats", G_CALLBACK (pool_runs_loop_cb), &scene);
  scene_listen (&scene);
  scene_beat (&scene);
  scene_assert_log (&scene, "{[abcde]}[abcde]");

  scene_clear (&scene);
}

/* Figures. */

typedef struct
{
  guint n_answered;
  guint n_missed;
} Count;

static void
count_cb (WsmPool  *pool,
          WsmBeats *beats,
          Count    *count)
{
  count->n_answered += wsm_beats_get_n_answered (beats);
  count->n_missed += wsm_beats_get_n_missed (beats);
}

/* What is told adds up to what can be read. */
static void
test_adds_up (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/b");
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  Count told = { 0 };
  double n_answered = 0;
  double n_missed = 0;

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", 500,
                            "timeout", 100,
                            "max-missed", 50,
                            "idle-only", FALSE,
                            NULL);
  g_signal_connect (world->pool, "beats", G_CALLBACK (count_cb), &told);
  for (guint i = 0; i < 100; i++)
    wsm_test_world_add (world, i % 2 == 0 ? "/a" : "/b", heartbeat, NULL);
  for (guint second = 0; second < 20; second++)
    {
      wsm_test_world_run_ms (world, 1000);
      peer->mute = second % 3 == 0;
    }

  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (WsmConnection) feed = g_list_model_get_item (G_LIST_MODEL (world->pool), i);
      WsmLatency *latency = wsm_connection_get_latency (feed);
      double count = (double) wsm_latency_get_count (latency);
      double loss = wsm_latency_get_loss (latency);

      n_answered += count;
      n_missed += count * loss / (1.0 - loss);
    }
  g_assert_cmpuint (told.n_answered, >, 1000);
  g_assert_cmpuint (told.n_missed, >, 100);
  g_assert_cmpfloat_with_epsilon ((double) told.n_answered, n_answered, 1e-3);
  g_assert_cmpfloat_with_epsilon ((double) told.n_missed, n_missed, 1e-3);

  g_string_truncate (world->log, 0);
  wsm_test_world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/pool/beats/once-a-burst", test_once_a_burst);
  g_test_add_func ("/pool/beats/at-the-end-of-the-turn", test_at_the_end_of_the_turn);
  g_test_add_func ("/pool/beats/missed", test_missed);
  g_test_add_func ("/pool/beats/after-the-state", test_after_the_state);
  g_test_add_func ("/pool/beats/gathered-while-somebody-listens",
                   test_gathered_while_somebody_listens);
  g_test_add_func ("/pool/beats/gone-within-the-turn", test_gone_within_the_turn);
  g_test_add_func ("/pool/beats/removed-before-it-is-told", test_removed_before_it_is_told);
  g_test_add_func ("/pool/beats/missed-and-removed", test_missed_and_removed);
  g_test_add_func ("/pool/beats/none-is-left", test_none_is_left);
  g_test_add_func ("/pool/beats/comes-again", test_comes_again);
  g_test_add_func ("/pool/beats/removed-when-it-is-told", test_removed_when_it_is_told);
  g_test_add_func ("/pool/beats/pool-dropped-when-it-is-told", test_pool_dropped_when_it_is_told);
  g_test_add_func ("/pool/beats/pool-dropped-before-it-is-told",
                   test_pool_dropped_before_it_is_told);
  g_test_add_func ("/pool/beats/nested-loop-of-a-connection", test_nested_loop_of_a_connection);
  g_test_add_func ("/pool/beats/nested-loop-of-the-pool", test_nested_loop_of_the_pool);
  g_test_add_func ("/pool/beats/adds-up", test_adds_up);

  return g_test_run ();
}
