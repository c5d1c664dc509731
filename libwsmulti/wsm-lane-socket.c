/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-lane-socket.h"

#include "wsm-lane-private.h"
#include "wsm-lanes.h"
#include "wsm-stream-source.h"

/* The peer is done, or the socket is: to be read until that is seen, and never again not. */
#define EVENTS_OF_THE_END (WSM_LANE_SOCKET_SHUT | G_IO_HUP | G_IO_ERR)

/*
 * WsmLaneSocket:
 *
 * A socket of which a lane knows, without asking each time, whether it can be read and written.
 *
 * GLib adds a descriptor to its context and takes it out again for each source, and libsoup makes
 * a source for each frame: that is six calls of the system for one beat. This socket is known to
 * the system once, and says when something new has arrived, or there is room again. Until then
 * what was found is true: there is nothing left once a read got less than it asked for, and room
 * until a write got none. The system says each thing once, so whoever is told reads or writes
 * until there is no more.
 *
 * It is for streams that are read, written and closed in the thread of the lane.
 */
struct _WsmLaneSocket
{
  grefcount ref_count;

  WsmLane *lane;   /* (owned) (nullable): until it is ended */
  GSocket *socket; /* (owned) */
  int fd;          /* of the socket, while that is open */

  guint ready;     /* events of the system */
  guint n_writers; /* sources that wait to write */
};

typedef struct
{
  WsmStreamSource source;

  WsmLaneSocket *socket; /* (owned) */
  GIOCondition condition;
} WsmLaneSocketSource;

static gboolean
wsm_lane_socket_source_check (GSource *source)
{
  WsmLaneSocketSource *self = (WsmLaneSocketSource *) source;

  return wsm_lane_socket_is_ready (self->socket, self->condition);
}

static gboolean
wsm_lane_socket_source_prepare (GSource *source,
                                int     *timeout_ms)
{
  *timeout_ms = -1;

  return wsm_lane_socket_source_check (source);
}

static void
wsm_lane_socket_source_finalize (GSource *source)
{
  WsmLaneSocketSource *self = (WsmLaneSocketSource *) source;

  self->socket->n_writers -= self->condition == G_IO_OUT ? 1 : 0;
  g_clear_pointer (&self->socket, wsm_lane_socket_unref);
  wsm_stream_source_clear (source);
}

static GSourceFuncs wsm_lane_socket_source_funcs = {
  .prepare = wsm_lane_socket_source_prepare,
  .check = wsm_lane_socket_source_check,
  .dispatch = wsm_stream_source_dispatch,
  .finalize = wsm_lane_socket_source_finalize,
  .closure_callback = G_SOURCE_FUNC (wsm_stream_source_closure_cb),
};

/*
 * wsm_lane_socket_new:
 * @socket: connected, without a time-out
 *
 * Has @lane know of the socket until wsm_lane_socket_end().
 *
 * Returns: (nullable): %NULL where the lane cannot; one in the context of somebody else cannot
 */
WsmLaneSocket *
wsm_lane_socket_new (WsmLane *lane,
                     GSocket *socket)
{
  WsmLaneSocket *self;

  g_return_val_if_fail (lane != NULL, NULL);
  g_return_val_if_fail (G_IS_SOCKET (socket), NULL);

  if (lane->lanes == NULL || g_socket_is_closed (socket) || g_socket_get_timeout (socket) != 0)
    return NULL;

  self = g_new0 (WsmLaneSocket, 1);
  g_ref_count_init (&self->ref_count);
  self->lane = wsm_lane_ref (lane);
  self->socket = g_object_ref (socket);
  self->fd = g_socket_get_fd (socket);
  /* Until the system has said how it is. */
  self->ready = G_IO_OUT;
  if (!wsm_lanes_keep (lane->lanes, lane, self))
    {
      wsm_lane_socket_end (self);
      wsm_lane_socket_unref (self);
      return NULL;
    }

  return self;
}

WsmLaneSocket *
wsm_lane_socket_ref (WsmLaneSocket *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_ref_count_inc (&self->ref_count);

  return self;
}

void
wsm_lane_socket_unref (WsmLaneSocket *self)
{
  g_return_if_fail (self != NULL);

  if (!g_ref_count_dec (&self->ref_count))
    return;

  g_assert (self->lane == NULL);
  g_clear_object (&self->socket);
  g_free (self);
}

/* From here on nobody is put off: what there is to be said the socket says itself. */
void
wsm_lane_socket_end (WsmLaneSocket *self)
{
  WsmLane *lane;

  g_return_if_fail (self != NULL);

  lane = g_steal_pointer (&self->lane);
  if (lane == NULL)
    return;

  wsm_lanes_let_go (lane->lanes, self);
  wsm_lane_unref (lane);
}

/*
 * wsm_lane_socket_is_ready:
 * @condition: %G_IO_IN or %G_IO_OUT
 *
 * Returns: whether it is worth a try, if only to see that it is at its end
 */
gboolean
wsm_lane_socket_is_ready (WsmLaneSocket *self,
                          GIOCondition   condition)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (self->ready & ((guint) condition | EVENTS_OF_THE_END)) != 0 || self->lane == NULL;
}

/* What was tried just now got nothing more. */
void
wsm_lane_socket_note_spent (WsmLaneSocket *self,
                            GIOCondition   condition)
{
  g_return_if_fail (self != NULL);

  self->ready &= ~(guint) condition;
}

/*
 * wsm_lane_socket_create_source:
 * @stream: (transfer none): with which the source's callback is called
 * @condition: %G_IO_IN or %G_IO_OUT
 *
 * Makes a pollable source, which has to be attached to the lane.
 */
GSource *
wsm_lane_socket_create_source (WsmLaneSocket *self,
                               GObject       *stream,
                               GIOCondition   condition)
{
  GSource *source;
  WsmLaneSocketSource *socket_source;

  g_return_val_if_fail (self != NULL, NULL);

  source = wsm_stream_source_new (&wsm_lane_socket_source_funcs, sizeof (WsmLaneSocketSource),
                                  stream);
  g_source_set_static_name (source, "[wsm] socket");
  socket_source = (WsmLaneSocketSource *) source;
  socket_source->socket = wsm_lane_socket_ref (self);
  socket_source->condition = condition;
  self->n_writers += condition == G_IO_OUT ? 1 : 0;

  return source;
}

int
wsm_lane_socket_get_fd (WsmLaneSocket *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->fd;
}

/* Its number may be another's then. */
gboolean
wsm_lane_socket_is_closed (WsmLaneSocket *self)
{
  g_return_val_if_fail (self != NULL, TRUE);

  return g_socket_is_closed (self->socket);
}

void
wsm_lane_socket_note_ready (WsmLaneSocket *self,
                            guint          events)
{
  g_return_if_fail (self != NULL);

  self->ready |= events;
}

/* Whether nobody waits to write to it. */
gboolean
wsm_lane_socket_is_written (WsmLaneSocket *self)
{
  g_return_val_if_fail (self != NULL, TRUE);

  return self->n_writers == 0;
}
