/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-scheduler.h"

#include "wsm-system-clock.h"

/*
 * WsmScheduler:
 *
 * One source of a main context, and the ordered deadlines it serves.
 *
 * All pools of a context share it, so that the context walks its other sources only when a
 * deadline is really due. The deadlines are a binary heap of pointers to timers that live in
 * what they belong to; each timer knows its place, so that changing it costs O(log n).
 *
 * Timers that are due in one wake-up are taken out together before the first of them is called:
 * one that arms itself anew for the present moment is served in the next wake-up, and I/O of
 * that iteration comes first.
 */
struct _WsmScheduler
{
  GObject parent_instance;

  WsmClock *clock; /* (owned) */
  GSource *source; /* (owned) */

  WsmSleepWatch *sleep_watch; /* (owned) (nullable): while somebody listens */

  GPtrArray *heap;   /* (owned) (element-type WsmTimer): index 0 stays unused */
  GPtrArray *firing; /* (owned) (element-type WsmTimer) (nullable elements) */
};

/* Set in a timer's position while it is taken out and about to be called. */
#define POSITION_FIRING (1u << 31)

typedef struct
{
  GSource source;
  WsmScheduler *scheduler; /* (unowned) */
} WsmSchedulerSource;

G_DEFINE_FINAL_TYPE (WsmScheduler, wsm_scheduler, G_TYPE_OBJECT)

static WsmTimer *
wsm_scheduler_peek (WsmScheduler *self,
                    guint         position)
{
  return g_ptr_array_index (self->heap, position);
}

static void
wsm_scheduler_place (WsmScheduler *self,
                     WsmTimer     *timer,
                     guint         position)
{
  g_ptr_array_index (self->heap, position) = timer;
  timer->position = position;
}

static void
wsm_scheduler_sift_up (WsmScheduler *self,
                       WsmTimer     *timer,
                       guint         position)
{
  while (position > 1 && wsm_scheduler_peek (self, position / 2)->due_us > timer->due_us)
    {
      wsm_scheduler_place (self, wsm_scheduler_peek (self, position / 2), position);
      position /= 2;
    }
  wsm_scheduler_place (self, timer, position);
}

static void
wsm_scheduler_sift_down (WsmScheduler *self,
                         WsmTimer     *timer,
                         guint         position)
{
  guint n = self->heap->len - 1;
  guint child;

  while ((child = 2 * position) <= n)
    {
      if (child < n &&
          wsm_scheduler_peek (self, child + 1)->due_us < wsm_scheduler_peek (self, child)->due_us)
        child++;
      if (wsm_scheduler_peek (self, child)->due_us >= timer->due_us)
        break;
      wsm_scheduler_place (self, wsm_scheduler_peek (self, child), position);
      position = child;
    }
  wsm_scheduler_place (self, timer, position);
}

static void
wsm_scheduler_take_out (WsmScheduler *self,
                        WsmTimer     *timer)
{
  guint position = timer->position;
  WsmTimer *last = wsm_scheduler_peek (self, self->heap->len - 1);

  g_ptr_array_set_size (self->heap, (int) self->heap->len - 1);
  timer->position = 0;
  if (last == timer)
    return;

  if (position > 1 && wsm_scheduler_peek (self, position / 2)->due_us > last->due_us)
    wsm_scheduler_sift_up (self, last, position);
  else
    wsm_scheduler_sift_down (self, last, position);
}

static void
wsm_scheduler_update_alarm (WsmScheduler *self)
{
  if (self->firing->len > 0)
    return;
  wsm_clock_set_alarm (self->clock, self->source,
                       self->heap->len > 1 ? wsm_scheduler_peek (self, 1)->due_us : -1);
}

static gboolean
wsm_scheduler_dispatch (GSource     *source,
                        GSourceFunc  callback,
                        gpointer     user_data)
{
  WsmScheduler *self = ((WsmSchedulerSource *) source)->scheduler;
  gint64 now_us = wsm_clock_get_time_us (self->clock);

  g_object_ref (self);
  if (self->sleep_watch != NULL && !wsm_sleep_watch_has_source (self->sleep_watch))
    wsm_sleep_watch_look (self->sleep_watch);

  while (self->heap->len > 1 && wsm_scheduler_peek (self, 1)->due_us <= now_us)
    {
      WsmTimer *timer = wsm_scheduler_peek (self, 1);

      wsm_scheduler_take_out (self, timer);
      timer->position = POSITION_FIRING | self->firing->len;
      g_ptr_array_add (self->firing, timer);
    }

  for (guint i = 0; i < self->firing->len; i++)
    {
      WsmTimer *timer = g_ptr_array_index (self->firing, i);

      if (timer == NULL)
        continue;
      timer->position = 0;
      g_ptr_array_index (self->firing, i) = NULL;
      timer->func (timer, timer->user_data);
    }
  g_ptr_array_set_size (self->firing, 0);

  wsm_scheduler_update_alarm (self);
  g_object_unref (self);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs wsm_scheduler_source_funcs = {
  .dispatch = wsm_scheduler_dispatch,
};

/* Never called: a source without a callback is not found again by its functions and data. */
static gboolean
wsm_scheduler_source_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
wsm_scheduler_dispose (GObject *object)
{
  WsmScheduler *self = WSM_SCHEDULER (object);

  if (self->source != NULL)
    {
      if (self->heap->len > 1)
        g_critical ("A scheduler ends with %u timers armed", self->heap->len - 1);
      if (self->sleep_watch != NULL)
        g_critical ("A scheduler ends while somebody listens for sleep");
      g_source_destroy (self->source);
      g_clear_pointer (&self->source, g_source_unref);
    }
  g_clear_pointer (&self->sleep_watch, wsm_sleep_watch_free);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (wsm_scheduler_parent_class)->dispose (object);
}

static void
wsm_scheduler_finalize (GObject *object)
{
  WsmScheduler *self = WSM_SCHEDULER (object);

  g_clear_pointer (&self->heap, g_ptr_array_unref);
  g_clear_pointer (&self->firing, g_ptr_array_unref);

  G_OBJECT_CLASS (wsm_scheduler_parent_class)->finalize (object);
}

static void
wsm_scheduler_class_init (WsmSchedulerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsm_scheduler_dispose;
  object_class->finalize = wsm_scheduler_finalize;
}

static void
wsm_scheduler_init (WsmScheduler *self)
{
  self->heap = g_ptr_array_new ();
  g_ptr_array_add (self->heap, NULL);
  self->firing = g_ptr_array_new ();
}

/*
 * wsm_scheduler_ref_for_context:
 * @context: (nullable): a main context, %NULL for the global default one
 * @clock: (nullable): a clock, %NULL for the system's
 *
 * Gets the scheduler of @context, made when first asked for.
 *
 * The context itself remembers it, by its source; there is no other register.
 */
WsmScheduler *
wsm_scheduler_ref_for_context (GMainContext *context,
                               WsmClock     *clock)
{
  WsmScheduler *self;
  GSource *source;

  source = g_main_context_find_source_by_funcs_user_data (context, &wsm_scheduler_source_funcs,
                                                          clock);
  if (source != NULL)
    return g_object_ref (((WsmSchedulerSource *) source)->scheduler);

  self = g_object_new (WSM_TYPE_SCHEDULER, NULL);
  self->clock = clock != NULL ? g_object_ref (clock) : wsm_system_clock_new ();
  self->source = g_source_new (&wsm_scheduler_source_funcs, sizeof (WsmSchedulerSource));
  ((WsmSchedulerSource *) self->source)->scheduler = self;
  g_source_set_static_name (self->source, "[wsm] scheduler");
  g_source_set_callback (self->source, wsm_scheduler_source_cb, clock, NULL);
  g_source_attach (self->source, context);

  return self;
}

/*
 * wsm_scheduler_get_clock:
 *
 * Returns: (transfer none): the clock it goes by
 */
WsmClock *
wsm_scheduler_get_clock (WsmScheduler *self)
{
  return self->clock;
}

/*
 * wsm_scheduler_get_time_us:
 *
 * Gets the monotonic time of its clock in microseconds.
 */
gint64
wsm_scheduler_get_time_us (WsmScheduler *self)
{
  return wsm_clock_get_time_us (self->clock);
}

void
wsm_timer_init (WsmTimer     *timer,
                WsmTimerFunc  func,
                gpointer      user_data)
{
  *timer = (WsmTimer) { .func = func, .user_data = user_data };
}

gboolean
wsm_timer_is_armed (const WsmTimer *timer)
{
  return timer->position != 0;
}

/*
 * wsm_scheduler_arm:
 * @due_us: monotonic microseconds
 *
 * Calls the timer's function once @due_us has come, instead of what it was armed for before.
 */
void
wsm_scheduler_arm (WsmScheduler *self,
                   WsmTimer     *timer,
                   gint64        due_us)
{
  gint64 earlier_us = timer->due_us;

  if (timer->position != 0 && (timer->position & POSITION_FIRING) == 0)
    {
      timer->due_us = due_us;
      if (due_us < earlier_us)
        wsm_scheduler_sift_up (self, timer, timer->position);
      else
        wsm_scheduler_sift_down (self, timer, timer->position);
    }
  else
    {
      wsm_scheduler_disarm (self, timer);
      timer->due_us = due_us;
      g_ptr_array_add (self->heap, timer);
      wsm_scheduler_sift_up (self, timer, self->heap->len - 1);
    }
  wsm_scheduler_update_alarm (self);
}

/*
 * wsm_scheduler_disarm:
 *
 * Makes sure that the timer's function is not called, even if it is due already.
 */
void
wsm_scheduler_disarm (WsmScheduler *self,
                      WsmTimer     *timer)
{
  if (timer->position == 0)
    return;

  if (timer->position & POSITION_FIRING)
    {
      g_ptr_array_index (self->firing, timer->position & ~POSITION_FIRING) = NULL;
      timer->position = 0;
      return;
    }
  wsm_scheduler_take_out (self, timer);
  wsm_scheduler_update_alarm (self);
}

/*
 * wsm_scheduler_listen:
 * @listener: to be called when the machine has slept
 *
 * All who listen share one watch, and one descriptor where it takes one. Without one, sleep is
 * noticed when the first timer of the context falls due.
 */
void
wsm_scheduler_listen (WsmScheduler     *self,
                      WsmSleepListener *listener)
{
  if (self->sleep_watch == NULL)
    self->sleep_watch = wsm_sleep_watch_new (self->clock, g_source_get_context (self->source));
  wsm_sleep_watch_add (self->sleep_watch, listener);
}

void
wsm_scheduler_stop_listening (WsmScheduler     *self,
                              WsmSleepListener *listener)
{
  wsm_sleep_watch_remove (self->sleep_watch, listener);
  if (!wsm_sleep_watch_is_heard (self->sleep_watch))
    g_clear_pointer (&self->sleep_watch, wsm_sleep_watch_free);
}

/*
 * wsm_scheduler_align:
 * @due_us: monotonic microseconds
 * @window_us: the coalescing window; 0 = none
 *
 * Moves a deadline to the end of its window, where neighbours meet it.
 *
 * Windows lie on a common grid, so all who are due within one are served in one wake-up, at most
 * @window_us late and never early.
 */
gint64
wsm_scheduler_align (gint64 due_us,
                     gint64 window_us)
{
  gint64 rest;

  if (window_us <= 1)
    return due_us;
  rest = due_us % window_us;

  return rest == 0 ? due_us : due_us + window_us - rest;
}

/*
 * wsm_scheduler_phase_us:
 *
 * Gets the place in [0, @interval_us) of something called @name, the same in every run.
 */
gint64
wsm_scheduler_phase_us (const char *name,
                        gint64      interval_us)
{
  guint64 hash = 14695981039346656037u;

  /* FNV-1a (G. Fowler, L. C. Noll, P. Vo), 64 bits wide, then folded so that the high bits,
   * which mix best, decide the place. */
  for (const char *p = name; *p != '\0'; p++)
    hash = (hash ^ (guint8) *p) * 1099511628211u;
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdu;

  return (gint64) (((hash >> 32) * (guint64) (interval_us / 1000) >> 32) * 1000);
}
