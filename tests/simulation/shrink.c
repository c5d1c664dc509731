/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "shrink.h"

#include <string.h>

/* Delta debugging: halves, quarters, and at last single actions are left out as long as what is
 * left fails in the same way; then numbers, times, feeds and the time after the last action are
 * made small. Each step keeps the failure, so that it can be stopped at any moment. */

#define MAX_TRIALS 3000

typedef struct
{
  Schedule *best; /* (owned) */
  SimulationPlant plant;
  const char *failure; /* (unowned) */
  guint n_trials;
} Shrinker;

/* Takes it if it still fails, and like that. */
static gboolean
shrinker_try (Shrinker *self,
              Schedule *candidate)
{
  g_autoptr (Schedule) owned = candidate;
  g_autofree char *failure = NULL;

  if (self->n_trials >= MAX_TRIALS)
    return FALSE;
  self->n_trials++;
  failure = trial_run_schedule (candidate, self->plant);
  if (g_strcmp0 (failure, self->failure) != 0)
    return FALSE;
  schedule_free (self->best);
  self->best = g_steal_pointer (&owned);

  return TRUE;
}

static gboolean
shrinker_leave_out (Shrinker *self,
                    guint     position,
                    guint     n)
{
  Schedule *candidate = schedule_copy (self->best);

  g_array_remove_range (candidate->actions, position, n);

  return shrinker_try (self, candidate);
}

static void
shrinker_leave_out_actions (Shrinker *self)
{
  guint n = MAX (self->best->actions->len / 2, 1);
  gboolean any;

  do
    {
      any = FALSE;
      for (guint position = 0; position < self->best->actions->len;)
        {
          guint n_left = self->best->actions->len - position;

          if (shrinker_leave_out (self, position, MIN (n, n_left)))
            any = TRUE;
          else
            position += n;
        }
      if (n > 1)
        n /= 2;
      else if (!any)
        break;
    }
  while (TRUE);
}

static gboolean
shrinker_is_feed_used (Shrinker *self,
                       guint     feed)
{
  for (guint i = 0; i < self->best->actions->len; i++)
    if (g_array_index (self->best->actions, ScheduleAction, i).feed == feed)
      return TRUE;

  return FALSE;
}

/* Feeds that nothing is done to go, and the others move up. */
static void
shrinker_leave_out_feeds (Shrinker *self)
{
  for (guint feed = self->best->n_feeds; feed-- > 0;)
    {
      Schedule *candidate;

      if (self->best->n_feeds == 1 || shrinker_is_feed_used (self, feed))
        continue;
      candidate = schedule_copy (self->best);
      candidate->n_feeds--;
      for (guint i = 0; i < candidate->actions->len; i++)
        {
          ScheduleAction *action = &g_array_index (candidate->actions, ScheduleAction, i);

          if (action->feed > feed)
            action->feed--;
        }
      shrinker_try (self, candidate);
    }
}

static void
shrinker_make_numbers_small (Shrinker *self)
{
  for (guint i = 0; i < self->best->actions->len; i++)
    for (guint number = 0;
         number < g_array_index (self->best->actions, ScheduleAction, i).number;
         number = 2 * number + 1)
      {
        Schedule *candidate = schedule_copy (self->best);

        g_array_index (candidate->actions, ScheduleAction, i).number = number;
        if (shrinker_try (self, candidate))
          break;
      }
}

/* All that comes from an action on comes earlier: at the same time as the one before, or after a
 * tenth of the time, or in a whole second. */
static void
shrinker_bring_forward (Shrinker *self)
{
  for (guint i = 0; i < self->best->actions->len; i++)
    {
      guint before_ms = i > 0 ? g_array_index (self->best->actions, ScheduleAction, i - 1).time_ms
                              : 0;
      guint time_ms = g_array_index (self->best->actions, ScheduleAction, i).time_ms;
      guint earlier[] = { before_ms, before_ms + (time_ms - before_ms) / 10,
                          time_ms - time_ms % 1000 };

      for (guint k = 0; k < G_N_ELEMENTS (earlier); k++)
        {
          guint by_ms = time_ms - MAX (earlier[k], before_ms);
          Schedule *candidate;

          if (by_ms == 0)
            continue;
          candidate = schedule_copy (self->best);
          for (guint j = i; j < candidate->actions->len; j++)
            g_array_index (candidate->actions, ScheduleAction, j).time_ms -= by_ms;
          candidate->duration_ms -= by_ms;
          if (shrinker_try (self, candidate))
            break;
        }
    }
}

static void
shrinker_end_early (Shrinker *self)
{
  guint n = self->best->actions->len;
  guint last_ms = n > 0 ? g_array_index (self->best->actions, ScheduleAction, n - 1).time_ms : 0;
  Schedule *candidate = schedule_copy (self->best);

  candidate->duration_ms = last_ms;
  if (!shrinker_try (self, candidate))
    {
      candidate = schedule_copy (self->best);
      candidate->ending = ENDING_DROP;
      shrinker_try (self, candidate);
    }
}

/* It must have failed like that already. */
Schedule *
schedule_shrink (const Schedule  *schedule,
                 SimulationPlant  plant,
                 const char      *failure,
                 guint           *n_trials)
{
  Shrinker self = { .best = schedule_copy (schedule), .plant = plant, .failure = failure };

  shrinker_leave_out_actions (&self);
  shrinker_leave_out_feeds (&self);
  shrinker_make_numbers_small (&self);
  shrinker_bring_forward (&self);
  shrinker_end_early (&self);
  shrinker_leave_out_actions (&self);
  shrinker_leave_out_feeds (&self);
  *n_trials = self.n_trials;

  return self.best;
}
