/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-drain.h"

#include "wsm-socket-probe.h"

/*
 * WsmDrain:
 *
 * Finds out when all that libsoup was given to write has left.
 *
 * A lane with a context of its own sees whether libsoup waits to write something. Elsewhere:
 *
 * libsoup does not tell how much it has queued. But it writes from a source of default priority:
 * where one of lower priority gets its turn and the stream is writable, there was nothing to
 * write.
 *
 * While sources of default priority are ready all the time, a flood on another connection say,
 * that one never gets its turn. So when it is late although the stream is writable, a source of
 * default priority looks instead, at how many bytes the socket has been given. If libsoup had
 * something to write it would have written in each round of the loop in which the stream is
 * writable, before this look or behind it; between three looks lies at least one whole round.
 */
struct _WsmDrain
{
  GOutputStream *output; /* (owned) */
  GSocket *socket;       /* (owned) (nullable): NULL where no bytes can be counted */
  WsmLane *lane;         /* (owned) */
  WsmDrainFunc func;
  gpointer user_data; /* (unowned) */

  WsmLaneWaiter waiter; /* where the lane can tell */
  gboolean is_waiting;

  GSource *source; /* (owned) (nullable): while something may be left to write */
  GSource *timer;  /* (owned) (nullable): until that one is late */
  GSource *looker; /* (owned) (nullable): once it is */

  guint64 n_bytes_written; /* at the last look */
  guint n_looks;           /* that found the same number */
  guint n_impatient;       /* so many times more nobody waits for the lower one first */
  guint was_writable : 1;  /* since before the timer began */
};

/* Below libsoup's own sources: whatever libsoup has to write goes first. */
#define DRAIN_PRIORITY (G_PRIORITY_DEFAULT + 10)

/* A loop that has nothing else to do gets there within one round. */
#define LATE_MS 10

#define N_LOOKS 3

/* Whether the loop is still as busy is tried again after so many times. */
#define N_IMPATIENT 64

static void
wsm_drain_clear_source (GSource **source)
{
  if (*source == NULL)
    return;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
wsm_drain_finish (WsmDrain *self)
{
  wsm_drain_stop (self);
  self->func (self->user_data);
}

static gboolean
wsm_drain_output_cb (GObject  *stream,
                     gpointer  user_data)
{
  WsmDrain *self = user_data;

  self->n_impatient = 0;
  wsm_drain_finish (self);

  return G_SOURCE_REMOVE;
}

static void
wsm_drain_written_cb (gpointer user_data)
{
  WsmDrain *self = user_data;

  self->is_waiting = FALSE;
  wsm_drain_finish (self);
}

static void wsm_drain_start_timer (WsmDrain *self);

static gboolean
wsm_drain_look_cb (GObject  *stream,
                   gpointer  user_data)
{
  WsmDrain *self = user_data;
  WsmWireState wire = { 0 };
  guint64 n_bytes_written;

  if (!self->was_writable)
    {
      /* It was the pipe that was full; now the lower one has its chance. */
      self->was_writable = TRUE;
      g_clear_pointer (&self->looker, g_source_unref);
      wsm_drain_start_timer (self);
      return G_SOURCE_REMOVE;
    }

  wsm_socket_probe_query (self->socket, 0, &wire);
  n_bytes_written = wire.n_bytes_acked + wire.n_bytes_unacked;
  if (n_bytes_written != self->n_bytes_written)
    self->n_looks = 0;
  self->n_bytes_written = n_bytes_written;
  self->n_looks++;
  if (self->n_looks >= N_LOOKS)
    {
      self->n_impatient = self->n_impatient > 0 ? self->n_impatient - 1 : N_IMPATIENT;
      wsm_drain_finish (self);
      return G_SOURCE_REMOVE;
    }

  return G_SOURCE_CONTINUE;
}

static GSource *
wsm_drain_attach (WsmDrain           *self,
                  const char         *name,
                  int                 priority,
                  GPollableSourceFunc func)
{
  GSource *source;

  source = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (self->output), NULL);
  g_source_set_static_name (source, name);
  g_source_set_priority (source, priority);
  g_source_set_callback (source, G_SOURCE_FUNC (func), self, NULL);
  wsm_lane_attach (self->lane, source);

  return source;
}

static void
wsm_drain_begin_to_look (WsmDrain *self)
{
  self->n_looks = 0;
  self->n_bytes_written = 0;
  self->looker = wsm_drain_attach (self, "[wsm] drained late", G_PRIORITY_DEFAULT,
                                   wsm_drain_look_cb);
}

static gboolean
wsm_drain_late_cb (gpointer user_data)
{
  WsmDrain *self = user_data;

  g_clear_pointer (&self->timer, g_source_unref);
  /* In a busy loop it takes a while from the end of the stream to the news of it. */
  if (!g_socket_is_closed (self->socket))
    wsm_drain_begin_to_look (self);

  return G_SOURCE_REMOVE;
}

static void
wsm_drain_start_timer (WsmDrain *self)
{
  self->timer = g_timeout_source_new (LATE_MS);
  g_source_set_static_name (self->timer, "[wsm] drained in time");
  g_source_set_callback (self->timer, wsm_drain_late_cb, self, NULL);
  wsm_lane_attach (self->lane, self->timer);
}

WsmDrain *
wsm_drain_new (GOutputStream *output,
               GSocket       *socket,
               WsmLane       *lane,
               WsmDrainFunc   func,
               gpointer       user_data)
{
  WsmDrain *self;

  g_return_val_if_fail (G_IS_POLLABLE_OUTPUT_STREAM (output), NULL);
  g_return_val_if_fail (socket == NULL || G_IS_SOCKET (socket), NULL);
  g_return_val_if_fail (lane != NULL, NULL);
  g_return_val_if_fail (func != NULL, NULL);

  self = g_new0 (WsmDrain, 1);
  self->output = g_object_ref (output);
  if (socket != NULL && wsm_socket_probe_has_counters (socket))
    self->socket = g_object_ref (socket);
  self->lane = wsm_lane_ref (lane);
  self->func = func;
  self->user_data = user_data;
  self->waiter = (WsmLaneWaiter) {
    .fd = socket != NULL ? g_socket_get_fd (socket) : -1,
    .func = wsm_drain_written_cb,
    .user_data = self,
  };

  return self;
}

void
wsm_drain_free (WsmDrain *self)
{
  g_return_if_fail (self != NULL);

  wsm_drain_stop (self);
  g_clear_object (&self->output);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->lane, wsm_lane_unref);
  g_free (self);
}

/* Calls the function once, when all that was written before has left. */
void
wsm_drain_watch (WsmDrain *self)
{
  g_return_if_fail (self != NULL);

  if (self->is_waiting)
    return;
  if (self->source != NULL)
    {
      self->n_looks = 0;
      return;
    }

  self->is_waiting = self->waiter.fd >= 0 && wsm_lane_wait (self->lane, &self->waiter);
  if (self->is_waiting)
    return;

  self->source = wsm_drain_attach (self, "[wsm] drained", DRAIN_PRIORITY, wsm_drain_output_cb);
  if (self->socket == NULL)
    return;

  self->was_writable = self->n_impatient > 0;
  if (self->n_impatient > 0)
    wsm_drain_begin_to_look (self);
  else
    wsm_drain_start_timer (self);
}

gboolean
wsm_drain_is_watching (WsmDrain *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->is_waiting || self->source != NULL;
}

void
wsm_drain_stop (WsmDrain *self)
{
  g_return_if_fail (self != NULL);

  if (self->is_waiting)
    wsm_lane_stop_waiting (self->lane, &self->waiter);
  self->is_waiting = FALSE;
  wsm_drain_clear_source (&self->source);
  wsm_drain_clear_source (&self->timer);
  wsm_drain_clear_source (&self->looker);
}
