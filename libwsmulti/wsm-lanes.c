/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-lanes.h"

#include "wsm-lane-private.h"

#include <sys/resource.h>

/* How long lanes may run one after the other before timers and the app come in between. */
#define TURN_US 5000

/* With fewer on the average, those who beat at different times share lanes. */
#define MIN_MEMBERS_EACH 4

/* Of the descriptors that the process may have, one in so many is for lanes; the others are for
 * sockets. */
#define FDS_FOR_ONE_LANE 64

/* libsoup and GIO may still end something in a lane whose last connection is gone, in a thread
 * that nobody sees. */
#define RETIRE_AFTER_US (20 * 1000)

/* Instead of the time when a lane goes: it was used when it was run last, or something is left in
 * it that will have it run again. */
#define NOT_LOOKED_AT 0
#define NOT_YET G_MAXINT64

/*
 * WsmLanes:
 *
 * The lanes of one pool, and the source that runs them.
 *
 * The first connections live in the pool's own context. Each handful more shares a lane with a
 * context of its own, and all of these are one source for the pool's context: a wake-up costs as
 * much as there is to do, not as much as there are connections. It is the same thread
 * that runs them all.
 */
struct _WsmLanes
{
  guint ref_count;

  GMainContext *context; /* (unowned) (nullable): the pool's; NULL is the global default one */
  WsmClock *clock;       /* (owned) */

  WsmLane *shared;       /* (owned) (nullable): in that context, as long as there is a pool */
  GPtrArray *lanes;      /* (owned) (element-type WsmLane): those with a context of their own */
  GPtrArray *connecting; /* (owned) (element-type WsmLane): unowned elements */
  GQueue queue;          /* (element-type WsmLane): unowned, to be run */

  WsmLanePoll *poll; /* (owned) (nullable): from the first lane on */
  GSource *source;   /* (unowned) (nullable): likewise, as long as the context is there */
  GArray *fds;       /* (owned) (element-type GPollFD): room for running a lane */

  gint64 deadline_us; /* as found before the loop waited; -1 = never */
  gboolean is_ended;  /* the pool is gone */
};

typedef struct
{
  GSource source;
  WsmLanes *lanes; /* (unowned) */
  GPollFD poll_fd;
} WsmLanesSource;

static gboolean
wsm_lanes_is_used (WsmLane *lane)
{
  return g_atomic_int_get (&lane->ref_count) > 0 || lane->n_running > 0;
}

/* The earliest time at which a lane has something to do anyway; -1 = never, 0 = now. */
static gint64
wsm_lanes_find_deadline (WsmLanes *self)
{
  gint64 first_us = G_MAXINT64;

  if (self->queue.length > 0)
    return 0;

  for (guint i = 0; i < self->lanes->len; i++)
    {
      WsmLane *lane = g_ptr_array_index (self->lanes, i);

      if (lane->deadline_us >= 0)
        first_us = MIN (first_us, lane->deadline_us);
      if (!wsm_lanes_is_used (lane))
        first_us = MIN (first_us, lane->retire_us);
    }

  return first_us != G_MAXINT64 ? first_us : -1;
}

static gboolean
wsm_lanes_source_prepare (GSource *source,
                          int     *timeout_ms)
{
  WsmLanes *self = ((WsmLanesSource *) source)->lanes;
  gint64 wait_us;

  *timeout_ms = -1;
  self->deadline_us = wsm_lanes_find_deadline (self);
  if (self->deadline_us < 0)
    return FALSE;
  wait_us = self->deadline_us - wsm_clock_get_time_us (self->clock);
  if (wait_us <= 0)
    return TRUE;
  *timeout_ms = (int) MIN ((wait_us + 999) / 1000, G_MAXINT);

  return FALSE;
}

static gboolean
wsm_lanes_source_check (GSource *source)
{
  WsmLanes *self = ((WsmLanesSource *) source)->lanes;

  if (((WsmLanesSource *) source)->poll_fd.revents != 0 || self->queue.length > 0)
    return TRUE;

  return self->deadline_us >= 0 && self->deadline_us <= wsm_clock_get_time_us (self->clock);
}

static void
wsm_lanes_queue (WsmLanes *self,
                 WsmLane  *lane)
{
  if (lane->is_queued)
    return;

  lane->is_queued = TRUE;
  g_queue_push_tail (&self->queue, lane);
}

static void
wsm_lanes_ready_cb (gpointer lane,
                    gpointer user_data)
{
  wsm_lanes_queue (user_data, lane);
}

static void
wsm_lanes_queue_due (WsmLanes *self)
{
  gint64 now_us = wsm_clock_get_time_us (self->clock);

  for (guint i = 0; i < self->lanes->len; i++)
    {
      WsmLane *lane = g_ptr_array_index (self->lanes, i);

      if ((lane->deadline_us >= 0 && lane->deadline_us <= now_us) ||
          (!wsm_lanes_is_used (lane) && lane->retire_us <= now_us))
        wsm_lanes_queue (self, lane);
    }
}

static void
wsm_lanes_remove (WsmLanes *self,
                  WsmLane  *lane)
{
  if (lane->is_queued)
    g_queue_remove (&self->queue, lane);
  wsm_lane_poll_forget (self->poll, lane, lane->numbers);
  g_ptr_array_remove_fast (self->lanes, lane);
  wsm_lane_free (lane);
}

/* A lane that nobody uses goes when nothing has been left in it for a while. */
static void
wsm_lanes_settle (WsmLanes *self,
                  WsmLane  *lane)
{
  gint64 now_us;

  if (wsm_lanes_is_used (lane))
    {
      lane->retire_us = NOT_LOOKED_AT;
      return;
    }

  now_us = wsm_clock_get_time_us (self->clock);
  if (lane->is_queued || !wsm_lane_is_idle (lane))
    lane->retire_us = NOT_YET;
  else if (lane->retire_us == NOT_LOOKED_AT || lane->retire_us == NOT_YET)
    lane->retire_us = now_us + RETIRE_AFTER_US;
  else if (lane->retire_us <= now_us)
    wsm_lanes_remove (self, lane);
}

static gboolean
wsm_lanes_source_dispatch (GSource     *source,
                           GSourceFunc  callback,
                           gpointer     user_data)
{
  WsmLanes *self = wsm_lanes_ref (((WsmLanesSource *) source)->lanes);
  gint64 end_us = wsm_clock_get_time_us (self->clock) + TURN_US;
  guint n_lanes;

  wsm_lane_poll_wait (self->poll, wsm_lanes_ready_cb, self);
  wsm_lanes_queue_due (self);

  n_lanes = self->queue.length;
  while (n_lanes > 0 && self->queue.length > 0)
    {
      WsmLane *lane = g_queue_pop_head (&self->queue);

      lane->is_queued = FALSE;
      if (wsm_lane_run (lane, self->poll, self->fds))
        wsm_lanes_queue (self, lane);
      wsm_lanes_settle (self, lane);
      n_lanes--;
      if (wsm_clock_get_time_us (self->clock) >= end_us)
        break;
    }
  wsm_lanes_unref (self);

  return G_SOURCE_CONTINUE;
}

/* The context goes, and nobody will run what is left. */
static void
wsm_lanes_source_finalize (GSource *source)
{
  WsmLanes *self = ((WsmLanesSource *) source)->lanes;

  if (self == NULL)
    return;

  wsm_lanes_ref (self);
  self->source = NULL;
  for (guint i = self->lanes->len; i > 0; i--)
    {
      WsmLane *lane = g_ptr_array_index (self->lanes, i - 1);

      if (!wsm_lanes_is_used (lane))
        wsm_lanes_remove (self, lane);
    }
  wsm_lanes_unref (self);
}

static GSourceFuncs wsm_lanes_source_funcs = {
  .prepare = wsm_lanes_source_prepare,
  .check = wsm_lanes_source_check,
  .dispatch = wsm_lanes_source_dispatch,
  .finalize = wsm_lanes_source_finalize,
};

/*
 * wsm_lanes_new:
 * @context: (nullable): where the lanes are run; %NULL for the global default one
 * @clock: the system's, by which the sources of libsoup go
 */
WsmLanes *
wsm_lanes_new (GMainContext *context,
               WsmClock     *clock)
{
  WsmLanes *self;

  g_return_val_if_fail (WSM_IS_CLOCK (clock), NULL);

  self = g_new0 (WsmLanes, 1);
  self->ref_count = 1;
  self->context = context;
  self->clock = g_object_ref (clock);
  self->shared = wsm_lane_new (context);
  self->shared->neighbours = wsm_lanes_ref (self);
  self->lanes = g_ptr_array_new ();
  self->connecting = g_ptr_array_new ();

  return self;
}

WsmLanes *
wsm_lanes_ref (WsmLanes *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  self->ref_count++;

  return self;
}

/* Each lane has a reference; wsm_lanes_end() comes before the last one. */
void
wsm_lanes_unref (WsmLanes *self)
{
  g_return_if_fail (self != NULL);

  if (--self->ref_count > 0)
    return;

  if (self->source != NULL)
    {
      ((WsmLanesSource *) self->source)->lanes = NULL;
      g_source_destroy (self->source);
    }
  g_clear_pointer (&self->poll, wsm_lane_poll_free);
  g_clear_pointer (&self->fds, g_array_unref);
  g_clear_pointer (&self->connecting, g_ptr_array_unref);
  g_clear_pointer (&self->lanes, g_ptr_array_unref);
  g_clear_object (&self->clock);
  g_free (self);
}

/* A session that goes takes its timers out of lanes without a word. */
static void
wsm_lanes_look_again (WsmLanes *self)
{
  for (guint i = 0; i < self->lanes->len; i++)
    {
      WsmLane *lane = g_ptr_array_index (self->lanes, i);

      if (!wsm_lanes_is_used (lane) && lane->retire_us == NOT_YET && lane->numbers->len <= 1)
        wsm_lanes_queue (self, lane);
    }
}

/* The pool goes, with its session unless somebody still connects; gives up a reference. */
void
wsm_lanes_end (WsmLanes *self)
{
  g_return_if_fail (self != NULL);

  self->is_ended = TRUE;
  wsm_lanes_look_again (self);
  g_clear_pointer (&self->shared, wsm_lane_unref);
  wsm_lanes_unref (self);
}

/* Nobody has the lane any more, until it is chosen again. */
void
wsm_lanes_note_unused (WsmLanes *self,
                       WsmLane  *lane)
{
  g_return_if_fail (self != NULL);

  if (self->source == NULL)
    {
      wsm_lanes_remove (self, lane);
      return;
    }

  wsm_lanes_touch (self, lane);
  wsm_lanes_note_left (self);
}

/* Somebody has gone who may have kept the session. */
void
wsm_lanes_note_left (WsmLanes *self)
{
  g_return_if_fail (self != NULL);

  if (self->is_ended)
    wsm_lanes_look_again (self);
}

/* Whether one more lane can be had; GLib ends the program if it can not. */
static gboolean
wsm_lanes_has_room (WsmLanes *self)
{
  WsmLanesSource *source;
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 ||
      self->lanes->len >= limit.rlim_cur / FDS_FOR_ONE_LANE)
    return FALSE;

  if (self->poll == NULL)
    self->poll = wsm_lane_poll_new ();
  if (self->poll == NULL || !wsm_lane_poll_has_room (self->poll))
    return FALSE;
  if (self->source != NULL)
    return TRUE;

  self->fds = g_array_new (FALSE, FALSE, sizeof (GPollFD));
  self->source = g_source_new (&wsm_lanes_source_funcs, sizeof (WsmLanesSource));
  source = (WsmLanesSource *) self->source;
  source->lanes = self;
  source->poll_fd.fd = wsm_lane_poll_get_fd (self->poll);
  source->poll_fd.events = G_IO_IN;
  g_source_add_poll (self->source, &source->poll_fd);
  g_source_set_static_name (self->source, "[wsm] lanes");
  /* So that a nested main loop, in a handler of a SoupMessage, goes on with other connections. */
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, self->context);
  g_source_unref (self->source);

  return TRUE;
}

/*
 * wsm_lanes_choose:
 * @beat_us: when it beats, within its interval
 *
 * Finds a lane for one more, who has to join it.
 *
 * Those who beat at the same time share a lane if they can: then one run of it is worth many
 * beats. But no lane is made for few while there is room in others, and where no more can be had,
 * those that are there take in everybody.
 */
WsmLane *
wsm_lanes_choose (WsmLanes *self,
                  gint64    beat_us)
{
  WsmLane *other = NULL;
  WsmLane *lane;
  guint n_members = 0;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (!self->is_ended, NULL);

  if (self->shared->n_members < WSM_LANES_MAX_MEMBERS)
    return wsm_lane_ref (self->shared);

  for (guint i = self->lanes->len; i > 0; i--)
    {
      lane = g_ptr_array_index (self->lanes, i - 1);
      n_members += lane->n_members;
      if (lane->beat_us == beat_us && lane->n_members < WSM_LANES_MAX_MEMBERS)
        return wsm_lane_ref (lane);
      if (other == NULL || lane->n_members < other->n_members)
        other = lane;
    }

  if (other != NULL && other->n_members < WSM_LANES_MAX_MEMBERS &&
      n_members < MIN_MEMBERS_EACH * self->lanes->len)
    return wsm_lane_ref (other);
  if (!wsm_lanes_has_room (self))
    return wsm_lane_ref (other != NULL ? other : self->shared);

  lane = wsm_lane_new_in (self);
  lane->beat_us = beat_us;
  g_ptr_array_add (self->lanes, lane);

  return lane;
}

/* How many have a context of their own. */
guint
wsm_lanes_get_n_lanes (WsmLanes *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->lanes->len;
}

gint64
wsm_lanes_get_time_us (WsmLanes *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return wsm_clock_get_time_us (self->clock);
}

/* The sources of a lane may have changed: it has its turn in the next iteration of the loop. */
void
wsm_lanes_touch (WsmLanes *self,
                 WsmLane  *lane)
{
  g_return_if_fail (self != NULL);

  lane->may_be_woken = TRUE;
  wsm_lanes_queue (self, lane);
}

void
wsm_lanes_note_connecting (WsmLanes *self,
                           WsmLane  *lane,
                           gboolean  is_connecting)
{
  g_return_if_fail (self != NULL);

  if (is_connecting)
    g_ptr_array_add (self->connecting, lane);
  else
    g_ptr_array_remove_fast (self->connecting, lane);
}

gboolean
wsm_lanes_keep (WsmLanes      *self,
                WsmLane       *lane,
                WsmLaneSocket *socket)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return wsm_lane_poll_keep (self->poll, lane, socket);
}

void
wsm_lanes_let_go (WsmLanes      *self,
                  WsmLaneSocket *socket)
{
  g_return_if_fail (self != NULL);

  wsm_lane_poll_let_go (self->poll, socket);
}

static gboolean
wsm_lanes_is_inside (WsmLanes *self)
{
  if (wsm_lane_is_inside (self->shared))
    return TRUE;

  for (guint i = 0; i < self->connecting->len; i++)
    {
      if (wsm_lane_is_inside (g_ptr_array_index (self->connecting, i)))
        return TRUE;
    }

  return FALSE;
}

gboolean
wsm_caller_check (GThread    *owner,
                  WsmLanes   *lanes,
                  const char *function)
{
  if (owner != g_thread_self ())
    {
      g_critical ("%s: called from another thread than the one that made the object", function);
      return FALSE;
    }
  if (lanes != NULL && wsm_lanes_is_inside (lanes))
    {
      g_critical ("%s: called from a handler of a SoupMessage, in the middle of libsoup; do it "
                  "from a source of your own", function);
      return FALSE;
    }

  return TRUE;
}
