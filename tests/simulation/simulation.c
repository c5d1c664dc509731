/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "simulation-internal.h"

#include "wsm-environment.h"
#include "wsm-gate.h"

/* So often it is looked at what must have happened meanwhile. */
#define STEP_US (20 * (gint64) G_USEC_PER_SEC)

/* Longer than any back-off, handshake and heartbeat that is drawn. */
#define CALM_US (600 * (gint64) G_USEC_PER_SEC)

gint64
simulation_get_time_us (Simulation *self)
{
  return wsm_clock_get_time_us (WSM_CLOCK (self->world->clock));
}

void
simulation_add_stall (GArray *stalls,
                      gint64  end_us,
                      gint64  length_us)
{
  SimulatedStall stall = { end_us, length_us };

  g_array_append_val (stalls, stall);
}

gint64
simulation_sum_stalls (GArray *stalls,
                       gint64  since_us)
{
  gint64 sum_us = 0;

  for (guint i = stalls->len; i > 0; i--)
    {
      SimulatedStall stall = g_array_index (stalls, SimulatedStall, i - 1);

      if (stall.end_us >= since_us)
        sum_us += stall.length_us;
    }

  return sum_us;
}

/* So many may shake hands at a time, unless they are not answered. */
static void
simulation_check_gate (Simulation *self)
{
  gint64 now_us = simulation_get_time_us (self);
  guint max = wsm_pool_get_max_handshakes (self->pool);
  guint max_per_host = wsm_pool_get_max_handshakes_per_host (self->pool);
  gint64 oldest_us = wsm_test_network_find_oldest_shaking (self->world->network);
  gint64 longest_us = 15 * G_USEC_PER_SEC + SLACK_US;

  g_assert_cmpint (now_us - oldest_us, <=,
                   longest_us + simulation_sum_stalls (self->stalls, oldest_us));
  /* Who was let in before may go on. */
  if (self->gate_us > 0 && now_us - self->gate_us <= WSM_GATE_SILENT_US)
    return;
  g_assert_cmpuint (wsm_test_network_count_shaking (self->world->network, NULL,
                                                    WSM_GATE_SILENT_US), <=, max);
  for (guint i = 0; i < self->n_feeds; i += 2)
    {
      g_autoptr (GUri) uri = g_uri_parse (self->feeds[i].uri, G_URI_FLAGS_NONE, NULL);

      g_assert_cmpuint (wsm_test_network_count_shaking (self->world->network,
                                                        g_uri_get_host (uri),
                                                        WSM_GATE_SILENT_US), <=, max_per_host);
    }
}

/* What holds when there is nothing left to be done at present. */
void
simulation_check (Simulation *self)
{
  guint n_items = 0;
  guint n_open = 0;
  guint n_failed = 0;
  gboolean all_ended = TRUE;

  for (guint i = 0; i < self->n_feeds; i++)
    {
      SimulatedFeed *feed = &self->feeds[i];
      WsmState state = feed->state;

      simulated_feed_check_at_rest (feed);
      if (feed->connection == NULL)
        continue;
      n_items++;
      n_open += state == WSM_STATE_OPEN || state == WSM_STATE_SUSPECT ? 1 : 0;
      n_failed += state == WSM_STATE_FAILED ? 1 : 0;
      all_ended = all_ended && (state == WSM_STATE_CLOSED || state == WSM_STATE_FAILED);
    }
  if (self->pool == NULL)
    return;

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->pool)), ==, n_items);
  g_assert_cmpuint (wsm_pool_get_n_open (self->pool), ==, n_open);
  g_assert_cmpuint (wsm_pool_get_n_failed (self->pool), ==, n_failed);
  simulation_check_gate (self);
}

/* Lets time pass until time_us. */
static void
simulation_advance_to (Simulation *self,
                       gint64      time_us)
{
  gint64 now_us;

  while ((now_us = simulation_get_time_us (self)) < time_us)
    {
      wsm_test_clock_advance (self->world->clock, MIN (time_us - now_us, STEP_US));
      simulation_check (self);
    }
}

/* Somebody who looks into the pool, and hears of each state where it changes. */

static void
added_cb (gpointer       observer,
          WsmConnection *connection)
{
}

static void
removed_cb (gpointer       observer,
            WsmConnection *connection,
            guint64        id)
{
}

static void
changed_cb (gpointer       observer,
            WsmConnection *connection,
            WsmChange      change)
{
  SimulatedFeed *feed = simulated_feed_find (connection);

  if ((change & WSM_CHANGE_STATE) != 0)
    {
      g_assert_nonnull (feed);
      simulated_feed_moved (feed);
    }
  else if (feed != NULL && feed->state == WSM_STATE_WAITING)
    {
      simulated_feed_planned (feed);
    }
}

static void
frame_cb (gpointer        observer,
          WsmConnection  *connection,
          const WsmFrame *frame)
{
}

static void
gone_cb (gpointer observer)
{
}

static const WsmPoolObserver observer = {
  .added = added_cb,
  .removed = removed_cb,
  .changed = changed_cb,
  .frame = frame_cb,
  .gone = gone_cb,
};

/* Playing. */

/* All peers are asked within a short time. */
static void
simulation_wake_up (Simulation *self)
{
  wsm_test_clock_advance (self->world->clock, WSM_ENVIRONMENT_SPREAD_US + SLACK_US);
  for (guint i = 0; i < self->n_feeds; i++)
    simulated_feed_check_asked (&self->feeds[i]);
}

static void
simulation_play (Simulation *self)
{
  GArray *actions = self->schedule->actions;

  for (guint i = 0; i < actions->len; i++)
    {
      const ScheduleAction *action = &g_array_index (actions, ScheduleAction, i);
      SimulatedFeed *feed = &self->feeds[action->feed];

      simulation_advance_to (self, self->start_us + (gint64) action->time_ms * 1000);
      if (action->occasion == OCCASION_NOW)
        simulated_feed_do (feed, action);
      else
        g_queue_push_tail (&feed->deeds, (gpointer) action);
      wsm_test_clock_settle (self->world->clock);
      simulation_check (self);
      if (action->verb == VERB_SLEEP)
        simulation_wake_up (self);
    }
  simulation_advance_to (self, self->start_us + (gint64) self->schedule->duration_ms * 1000);
}

static void
closed_all_cb (GObject      *object,
               GAsyncResult *result,
               gpointer      user_data)
{
  Simulation *self = user_data;

  g_assert_true (wsm_pool_close_finish (WSM_POOL (object), result, NULL));
  self->n_returned++;
}

/* Nothing is wrong any more. */
static void
simulation_mend (Simulation *self)
{
  static const ScheduleAction mend = { .verb = VERB_MEND };
  static const ScheduleAction resume = { .verb = VERB_RESUME };
  static const ScheduleAction retry = { .verb = VERB_RETRY };
  static const ScheduleAction open = { .verb = VERB_OPEN };
  static const ScheduleAction heartbeat = { .verb = VERB_HEARTBEAT };

  for (guint i = 0; i < self->n_feeds; i++)
    {
      SimulatedFeed *feed = &self->feeds[i];

      feed->peer->latency_us = 10 * 1000;
      feed->peer->jitter_us = 0;
      feed->peer->rate = 0;
      /* Its peer may have nothing to say. */
      if (feed->connection != NULL && simulated_feed_is_passive (feed))
        simulated_feed_do (feed, &heartbeat);
      simulated_feed_do (feed, &mend);
      simulated_feed_do (feed, &resume);
      simulated_feed_do (feed, &retry);
      simulated_feed_do (feed, &open);
    }
}

/* All come back, and then nothing happens any more; they can be closed, and nothing is left. */
static void
simulation_calm_down (Simulation *self)
{
  guint64 n_lost;

  /* What is under way may still end badly, and for the last time. */
  simulation_mend (self);
  simulation_advance_to (self, simulation_get_time_us (self) + CALM_US);
  simulation_mend (self);
  simulation_advance_to (self, simulation_get_time_us (self) + CALM_US);
  n_lost = self->tally->n_lost;
  for (guint i = 0; i < self->n_feeds; i++)
    if (self->feeds[i].connection != NULL)
      {
        g_assert_cmpint (self->feeds[i].state, ==, WSM_STATE_OPEN);
        g_assert_cmpuint (wsm_connection_get_buffered (self->feeds[i].connection), ==, 0);
      }
  simulation_advance_to (self, simulation_get_time_us (self) + CALM_US);
  g_assert_cmpuint (self->tally->n_lost, ==, n_lost);

  self->n_asked++;
  wsm_pool_close_async (self->pool, 0, NULL, closed_all_cb, self);
  simulation_advance_to (self, simulation_get_time_us (self) + 10 * G_USEC_PER_SEC);
  for (guint i = 0; i < self->n_feeds; i++)
    if (self->feeds[i].connection != NULL)
      g_assert_cmpint (self->feeds[i].state, ==, WSM_STATE_CLOSED);
  g_assert_false (wsm_test_clock_has_alarm (self->world->clock));
}

/* Nothing is heard any more, and nothing is left. */
static void
simulation_let_go (Simulation *self)
{
  if (self->n_closing > 0)
    simulation_advance_to (self, simulation_get_time_us (self) + 10 * G_USEC_PER_SEC);
  g_assert_cmpuint (self->n_closing, ==, 0);
  for (guint i = 0; i < self->n_feeds; i++)
    simulated_feed_note_away (&self->feeds[i]);
  self->pool = NULL;
  g_assert_finalize_object (g_steal_pointer (&self->world->pool));
  wsm_test_clock_advance (self->world->clock, SLACK_US);
  for (guint i = 0; i < self->n_feeds; i++)
    g_assert_cmpuint (self->feeds[i].peer->n_live, ==, 0);
  wsm_test_clock_advance (self->world->clock, 60 * (gint64) G_USEC_PER_SEC);
  g_assert_false (wsm_test_clock_has_alarm (self->world->clock));
  g_assert_cmpuint (self->n_returned, ==, self->n_asked);
}

/* Returns a digest of all that happened, and when. */
guint64
simulation_run (const Schedule  *schedule,
                SimulationPlant  plant,
                SimulationTally *tally)
{
  Simulation self = {
    .schedule = schedule,
    .plant = plant,
    .tally = tally,
    .n_feeds = schedule->n_feeds,
  };

  self.world = wsm_test_world_new (schedule->seed);
  self.pool = self.world->pool;
  wsm_pool_add_observer (self.pool, &observer, &self);
  self.start_us = simulation_get_time_us (&self);
  self.stalls = g_array_new (FALSE, FALSE, sizeof (SimulatedStall));
  self.feeds = g_new0 (SimulatedFeed, self.n_feeds);
  for (guint i = 0; i < self.n_feeds; i++)
    simulated_feed_init (&self.feeds[i], &self, i);

  simulation_play (&self);
  self.is_over = TRUE;
  if (schedule->ending == ENDING_CALM)
    simulation_calm_down (&self);
  simulation_let_go (&self);

  tally->n_runs++;
  tally->n_events += self.n_events;
  tally->simulated_ms += (guint64) (simulation_get_time_us (&self) - self.start_us) / 1000;
  for (guint i = 0; i < self.n_feeds; i++)
    simulated_feed_clear (&self.feeds[i]);
  g_free (self.feeds);
  g_array_unref (self.stalls);
  wsm_test_world_free (self.world);

  return self.digest;
}
