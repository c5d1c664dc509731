/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-lane-private.h"

#include "wsm-lanes.h"

/* So often in a row the sources of one lane are dispatched before others have their turn. */
#define MAX_ROUNDS 8

/* The sockets of a full lane, and the descriptor by which its context is woken. */
#define USUAL_N_FDS 24

/* The only one that there is as long as there are no sources. */
static int
wsm_lane_find_wake_fd (GMainContext *context)
{
  GPollFD fd = { -1 };
  int timeout_ms;

  g_main_context_query (context, G_MAXINT, &timeout_ms, &fd, 1);

  return fd.fd;
}

static WsmLane *
wsm_lane_new_full (GMainContext *context,
                   WsmLanes     *lanes)
{
  WsmLane *self = g_new0 (WsmLane, 1);

  self->ref_count = 1;
  self->context = context;
  self->emitters = g_ptr_array_new ();
  self->deadline_us = -1;
  if (lanes == NULL)
    return self;

  self->lanes = wsm_lanes_ref (lanes);
  self->numbers = g_array_new (FALSE, FALSE, sizeof (int));
  self->waiters = g_ptr_array_new ();
  self->wake_fd = wsm_lane_find_wake_fd (context);

  return self;
}

/* A lane in a context that somebody runs. */
WsmLane *
wsm_lane_new (GMainContext *context)
{
  return wsm_lane_new_full (context != NULL ? g_main_context_ref (context) : NULL, NULL);
}

/* A lane with a context of its own, which belongs to the calling thread. */
WsmLane *
wsm_lane_new_in (WsmLanes *lanes)
{
  GMainContext *context;

  g_return_val_if_fail (lanes != NULL, NULL);

  context = g_main_context_new ();
  /* Whoever wakes a context that has an owner, from another thread, is heard. */
  g_main_context_acquire (context);

  return wsm_lane_new_full (context, lanes);
}

WsmLane *
wsm_lane_ref (WsmLane *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
wsm_lane_free (WsmLane *self)
{
  g_return_if_fail (self != NULL);

  if (self->lanes != NULL)
    g_main_context_release (self->context);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->emitters, g_ptr_array_unref);
  g_clear_pointer (&self->numbers, g_array_unref);
  g_clear_pointer (&self->waiters, g_ptr_array_unref);
  g_clear_pointer (&self->lanes, wsm_lanes_unref);
  g_clear_pointer (&self->neighbours, wsm_lanes_unref);
  g_free (self);
}

/* One with a context of its own is freed by those who run it, once nothing is left in it. */
void
wsm_lane_unref (WsmLane *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    {
      if (self->neighbours != NULL)
        wsm_lanes_note_left (self->neighbours);
      return;
    }

  if (self->lanes == NULL)
    wsm_lane_free (self);
  else if (g_main_context_is_owner (self->context))
    wsm_lanes_note_unused (self->lanes, self);
}

/* Makes the lane's context the thread's default until wsm_lane_leave(); may nest. libsoup puts
 * each source into the context that is the default when it makes that source. */
void
wsm_lane_enter (WsmLane *self)
{
  g_return_if_fail (self != NULL);

  g_main_context_push_thread_default (self->context);
}

void
wsm_lane_leave (WsmLane *self)
{
  g_return_if_fail (self != NULL);

  g_main_context_pop_thread_default (self->context);
  if (self->lanes != NULL && g_main_context_get_thread_default () != self->context)
    wsm_lanes_touch (self->lanes, self);
}

void
wsm_lane_attach (WsmLane *self,
                 GSource *source)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (source != NULL);

  g_source_attach (source, self->context);
  if (self->lanes != NULL && g_main_context_get_thread_default () != self->context)
    wsm_lanes_touch (self->lanes, self);
}

void
wsm_lane_add (WsmLane *self,
              GObject *emitter)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (G_IS_OBJECT (emitter));

  g_ptr_array_add (self->emitters, emitter);
  if (self->lanes != NULL && self->emitters->len == 1)
    wsm_lanes_note_connecting (self->lanes, self, TRUE);
}

void
wsm_lane_remove (WsmLane *self,
                 GObject *emitter)
{
  g_return_if_fail (self != NULL);

  g_ptr_array_remove_fast (self->emitters, emitter);
  if (self->lanes != NULL && self->emitters->len == 0)
    wsm_lanes_note_connecting (self->lanes, self, FALSE);
}

void
wsm_lane_join (WsmLane *self)
{
  g_return_if_fail (self != NULL);

  self->n_members++;
}

void
wsm_lane_part (WsmLane *self)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (self->n_members > 0);

  self->n_members--;
}

/*
 * wsm_lane_wait:
 * @waiter: stays until it is called or stops waiting
 *
 * Has it called, once, when no source of the lane waits for its descriptor to become writable.
 *
 * Returns: whether the lane can tell; one in the context of somebody else cannot
 */
gboolean
wsm_lane_wait (WsmLane       *self,
               WsmLaneWaiter *waiter)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (waiter != NULL, FALSE);

  if (self->lanes == NULL)
    return FALSE;

  g_ptr_array_add (self->waiters, waiter);

  return TRUE;
}

void
wsm_lane_stop_waiting (WsmLane       *self,
                       WsmLaneWaiter *waiter)
{
  g_return_if_fail (self != NULL);

  if (self->lanes != NULL)
    g_ptr_array_remove_fast (self->waiters, waiter);
}

/* An emission that is under way is seen from its emitter. */
gboolean
wsm_lane_is_inside (WsmLane *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  for (guint i = 0; i < self->emitters->len; i++)
    {
      if (g_signal_get_invocation_hint (g_ptr_array_index (self->emitters, i)) != NULL)
        return TRUE;
    }

  return FALSE;
}

/* Whether nothing can happen in it any more but for what another thread may add. */
gboolean
wsm_lane_is_idle (WsmLane *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  /* The one descriptor that is always there is the context's own. */
  return self->deadline_us < 0 && self->numbers->len <= 1;
}

/* A number is a file's until it is closed, but while somebody connects, sockets come and go. And
 * one that is not connected yet has to say so itself. */
static gboolean
wsm_lane_is_connecting (WsmLane *self)
{
  return self->emitters->len > 0;
}

/* Each change of a context's descriptors wakes it. To acknowledge that here is cheaper than to be
 * woken for it. */
static void
wsm_lane_note_wake (WsmLane *self,
                    GPollFD *fds,
                    guint    n_fds)
{
  if (!self->may_be_woken)
    return;

  self->may_be_woken = FALSE;
  for (guint i = 0; i < n_fds; i++)
    {
      if (fds[i].fd == self->wake_fd)
        fds[i].revents |= G_IO_IN;
    }
}

static gboolean
wsm_lane_is_written (WsmLanePoll *poll,
                     GArray      *fds,
                     int          fd)
{
  WsmLaneSocket *kept = wsm_lane_poll_find_kept (poll, fd);

  if (kept != NULL)
    return wsm_lane_socket_is_written (kept);

  for (guint i = 0; i < fds->len; i++)
    {
      const GPollFD *wanted = &g_array_index (fds, GPollFD, i);

      if (wanted->fd == fd)
        return (wanted->events & G_IO_OUT) == 0;
    }

  return TRUE;
}

/* Returns whether anybody was told. */
static gboolean
wsm_lane_tell_waiters (WsmLane     *self,
                       WsmLanePoll *poll,
                       GArray      *fds)
{
  gboolean was_told = FALSE;

  for (guint i = self->waiters->len; i > 0; i--)
    {
      WsmLaneWaiter *waiter;

      /* Others may have gone meanwhile. */
      if (i > self->waiters->len)
        continue;
      waiter = g_ptr_array_index (self->waiters, i - 1);
      if (!wsm_lane_is_written (poll, fds, waiter->fd))
        continue;

      g_ptr_array_remove_index_fast (self->waiters, i - 1);
      waiter->func (waiter->user_data);
      was_told = TRUE;
    }

  return was_told;
}

/* One iteration of its context that does not wait. Returns whether something was dispatched; else
 * @fds and @timeout_ms are what to wait for. */
static gboolean
wsm_lane_iterate (WsmLane     *self,
                  WsmLanePoll *poll,
                  GArray      *fds,
                  int         *timeout_ms)
{
  GPollFD *first;
  guint n_fds;
  guint max_fds;
  int priority;

  g_main_context_prepare (self->context, &priority);
  do
    {
      max_fds = MAX (fds->len, USUAL_N_FDS);
      g_array_set_size (fds, max_fds);
      first = (GPollFD *) (gpointer) fds->data;
      n_fds = (guint) g_main_context_query (self->context, priority, timeout_ms, first,
                                            (int) max_fds);
      g_array_set_size (fds, n_fds);
    }
  while (n_fds > max_fds);

  first = (GPollFD *) (gpointer) fds->data;
  wsm_lane_poll_answer (poll, self, first, n_fds,
                        !wsm_lane_is_connecting (self));
  wsm_lane_note_wake (self, first, n_fds);
  if (!g_main_context_check (self->context, priority, first, (int) n_fds))
    return FALSE;

  g_main_context_dispatch (self->context);
  self->may_be_woken = TRUE;

  return TRUE;
}

/*
 * wsm_lane_run:
 * @fds: (element-type GPollFD): room for what it waits for, which nobody else uses meanwhile
 *
 * Dispatches what is ready in it. Returns whether there may be more at once.
 */
gboolean
wsm_lane_run (WsmLane     *self,
              WsmLanePoll *poll,
              GArray      *fds)
{
  int timeout_ms = -1;
  guint n_rounds = 0;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (self->lanes != NULL, FALSE);

  self->n_running++;
  g_main_context_push_thread_default (self->context);
  while (n_rounds < MAX_ROUNDS &&
         (wsm_lane_iterate (self, poll, fds, &timeout_ms) ||
          wsm_lane_tell_waiters (self, poll, fds)))
    n_rounds++;
  g_main_context_pop_thread_default (self->context);
  self->n_running--;

  if (n_rounds == MAX_ROUNDS)
    return TRUE;

  wsm_lane_poll_set_fds (poll, self, self->numbers, (GPollFD *) (gpointer) fds->data, fds->len,
                         wsm_lane_is_connecting (self));
  self->deadline_us =
    timeout_ms < 0 ? -1 : wsm_lanes_get_time_us (self->lanes) + timeout_ms * (gint64) 1000;

  return FALSE;
}
