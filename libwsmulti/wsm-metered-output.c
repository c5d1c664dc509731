/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-metered-output.h"

/*
 * WsmMeteredOutput:
 *
 * A pollable stream that tells when a frame was given to the socket.
 *
 * libsoup writes what it can at once and queues the rest, each frame with as many calls as it
 * takes; a call that takes all that it is given ends one. So who says what is queued, and puts a
 * mark at a frame, can be told when that one was written. TLS in between makes one record of a
 * frame, unless it is a large one: a mark behind such a frame is too early then, but never before
 * it was put.
 *
 * Until it gets a clock the stream may be used from any one thread at a time, as TLS does in its
 * handshake; from then on from one thread only.
 */
struct _WsmMeteredOutput
{
  GFilterOutputStream parent_instance;

  WsmClock *clock; /* (owned) (nullable) */
  GSocket *socket; /* (owned) (nullable): below the base stream, if that is all there is */
  WsmLaneSocket *lane_socket; /* (owned) (nullable): knows whether a write is worth a try */

  /* Of the base stream, if it can be polled: each frame asks for it. */
  GPollableOutputStream *pollable;              /* (unowned) (nullable) */
  const GPollableOutputStreamInterface *below;  /* (unowned) (nullable) */

  guint64 n_bytes;                /* written without waiting, in all */
  guint n_queued;                 /* frames that are not written */
  guint n_ahead[WSM_N_MARKS];     /* of these, up to the marked one; 0 = none is marked */
  gint64 marked_us[WSM_N_MARKS];  /* when it was written, or why not */
};

static void wsm_metered_output_pollable_iface_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsmMeteredOutput, wsm_metered_output, G_TYPE_FILTER_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      wsm_metered_output_pollable_iface_init))

static GOutputStream *
wsm_metered_output_get_base (WsmMeteredOutput *self)
{
  return g_filter_output_stream_get_base_stream (G_FILTER_OUTPUT_STREAM (self));
}

static gboolean
wsm_metered_output_can_poll (GPollableOutputStream *stream)
{
  GOutputStream *base = wsm_metered_output_get_base (WSM_METERED_OUTPUT (stream));

  return G_IS_POLLABLE_OUTPUT_STREAM (base) &&
         g_pollable_output_stream_can_poll (G_POLLABLE_OUTPUT_STREAM (base));
}

static gboolean
wsm_metered_output_is_writable (GPollableOutputStream *stream)
{
  GOutputStream *base = wsm_metered_output_get_base (WSM_METERED_OUTPUT (stream));

  return g_pollable_output_stream_is_writable (G_POLLABLE_OUTPUT_STREAM (base));
}

/* TLS may have closed the socket, in a thread, and then there is no source of it any more: whoever
 * waits is to see that at once. */
static GSource *
wsm_metered_output_create_child (WsmMeteredOutput *self)
{
  if (self->lane_socket != NULL)
    return wsm_lane_socket_create_source (self->lane_socket, G_OBJECT (self), G_IO_OUT);

  return g_timeout_source_new (0);
}

static GSource *
wsm_metered_output_create_source (GPollableOutputStream *stream,
                                  GCancellable          *cancellable)
{
  WsmMeteredOutput *self = WSM_METERED_OUTPUT (stream);
  GOutputStream *base = wsm_metered_output_get_base (self);
  g_autoptr (GSource) child = NULL;

  /* That of the base: no writer here looks at the stream with which it is called. */
  if (self->lane_socket == NULL && (self->socket == NULL || !g_socket_is_closed (self->socket)))
    return g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (base), cancellable);

  child = wsm_metered_output_create_child (self);
  if (cancellable == NULL && self->lane_socket != NULL)
    return g_steal_pointer (&child);

  return g_pollable_source_new_full (stream, child, cancellable);
}

static gboolean
wsm_metered_output_is_marked_next (WsmMeteredOutput *self)
{
  for (guint mark = 0; mark < WSM_N_MARKS; mark++)
    {
      if (self->n_ahead[mark] == 1)
        return TRUE;
    }

  return FALSE;
}

/* One frame less. */
static void
wsm_metered_output_note_written (WsmMeteredOutput *self,
                                 gint64            time_us)
{
  self->n_queued -= MIN (self->n_queued, 1);
  for (guint mark = 0; mark < WSM_N_MARKS; mark++)
    {
      if (self->n_ahead[mark] == 1)
        self->marked_us[mark] = time_us > 0 ? time_us : WSM_MARK_UNSEEN;
      self->n_ahead[mark] -= MIN (self->n_ahead[mark], 1);
    }
}

/* The time is that before the call: the answer may be there before it returns. */
static gssize
wsm_metered_output_write_nonblocking (GPollableOutputStream  *stream,
                                      const void             *buffer,
                                      gsize                   count,
                                      GError                **error)
{
  WsmMeteredOutput *self = WSM_METERED_OUTPUT (stream);
  gint64 time_us = 0;
  gssize n_bytes;

  if (self->clock != NULL && wsm_metered_output_is_marked_next (self))
    time_us = wsm_clock_get_time_us (self->clock);

  n_bytes = self->below->write_nonblocking (self->pollable, buffer, count, error);
  if (n_bytes < 0 && self->lane_socket != NULL)
    wsm_lane_socket_note_spent (self->lane_socket, G_IO_OUT);
  if (n_bytes > 0)
    self->n_bytes += (guint64) n_bytes;
  if (n_bytes > 0 && (gsize) n_bytes == count && self->n_queued > 0)
    wsm_metered_output_note_written (self, time_us);

  return n_bytes;
}

static void
wsm_metered_output_constructed (GObject *object)
{
  WsmMeteredOutput *self = WSM_METERED_OUTPUT (object);
  GOutputStream *base = wsm_metered_output_get_base (self);

  G_OBJECT_CLASS (wsm_metered_output_parent_class)->constructed (object);

  if (!G_IS_POLLABLE_OUTPUT_STREAM (base))
    return;
  self->pollable = G_POLLABLE_OUTPUT_STREAM (base);
  self->below = G_POLLABLE_OUTPUT_STREAM_GET_INTERFACE (base);
}

static void
wsm_metered_output_dispose (GObject *object)
{
  WsmMeteredOutput *self = WSM_METERED_OUTPUT (object);

  g_clear_object (&self->clock);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->lane_socket, wsm_lane_socket_unref);

  G_OBJECT_CLASS (wsm_metered_output_parent_class)->dispose (object);
}

static void
wsm_metered_output_class_init (WsmMeteredOutputClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = wsm_metered_output_constructed;
  object_class->dispose = wsm_metered_output_dispose;
}

static void
wsm_metered_output_init (WsmMeteredOutput *self)
{
}

static void
wsm_metered_output_pollable_iface_init (GPollableOutputStreamInterface *iface)
{
  iface->can_poll = wsm_metered_output_can_poll;
  iface->is_writable = wsm_metered_output_is_writable;
  iface->write_nonblocking = wsm_metered_output_write_nonblocking;
  iface->create_source = wsm_metered_output_create_source;
}

WsmMeteredOutput *
wsm_metered_output_new (GOutputStream *base)
{
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (base), NULL);

  return g_object_new (WSM_TYPE_METERED_OUTPUT, "base-stream", base, NULL);
}

void
wsm_metered_output_use_socket (WsmMeteredOutput *self,
                               GSocket          *socket)
{
  g_return_if_fail (WSM_IS_METERED_OUTPUT (self));
  g_return_if_fail (G_IS_SOCKET (socket));

  g_set_object (&self->socket, socket);
}

/* From here on marks are stamped. */
void
wsm_metered_output_use_clock (WsmMeteredOutput *self,
                              WsmClock         *clock)
{
  g_return_if_fail (WSM_IS_METERED_OUTPUT (self));
  g_return_if_fail (WSM_IS_CLOCK (clock));

  g_set_object (&self->clock, clock);
}

/* From here on it is written and closed in the thread of that lane only. */
void
wsm_metered_output_use_lane_socket (WsmMeteredOutput *self,
                                    WsmLaneSocket    *lane_socket)
{
  g_return_if_fail (WSM_IS_METERED_OUTPUT (self));
  g_return_if_fail (lane_socket != NULL);
  g_return_if_fail (self->lane_socket == NULL);

  self->lane_socket = wsm_lane_socket_ref (lane_socket);
}

/* The writer is about to queue one more frame. */
void
wsm_metered_output_queue (WsmMeteredOutput *self)
{
  g_return_if_fail (WSM_IS_METERED_OUTPUT (self));

  self->n_queued++;
}

/* Likewise, before all others. */
void
wsm_metered_output_queue_first (WsmMeteredOutput *self)
{
  g_return_if_fail (WSM_IS_METERED_OUTPUT (self));

  self->n_queued++;
  for (guint mark = 0; mark < WSM_N_MARKS; mark++)
    {
      if (self->n_ahead[mark] > 0)
        self->n_ahead[mark]++;
    }
}

/* Stamps the frame that was queued last. */
void
wsm_metered_output_mark (WsmMeteredOutput *self,
                         WsmMark           mark)
{
  g_return_if_fail (WSM_IS_METERED_OUTPUT (self));
  g_return_if_fail (mark < WSM_N_MARKS);

  self->n_ahead[mark] = self->n_queued;
  self->marked_us[mark] = self->clock != NULL ? WSM_MARK_WAITS : WSM_MARK_UNSEEN;
}

/* Nothing is queued, whatever was counted. */
void
wsm_metered_output_note_drained (WsmMeteredOutput *self)
{
  g_return_if_fail (WSM_IS_METERED_OUTPUT (self));

  self->n_queued = 0;
  for (guint mark = 0; mark < WSM_N_MARKS; mark++)
    {
      if (self->n_ahead[mark] > 0)
        self->marked_us[mark] = WSM_MARK_UNSEEN;
      self->n_ahead[mark] = 0;
    }
}

guint
wsm_metered_output_get_n_queued (WsmMeteredOutput *self)
{
  g_return_val_if_fail (WSM_IS_METERED_OUTPUT (self), 0);

  return self->n_queued;
}

guint64
wsm_metered_output_get_n_bytes (WsmMeteredOutput *self)
{
  g_return_val_if_fail (WSM_IS_METERED_OUTPUT (self), 0);

  return self->n_bytes;
}

gint64
wsm_metered_output_get_marked_us (WsmMeteredOutput *self,
                                  WsmMark           mark)
{
  g_return_val_if_fail (WSM_IS_METERED_OUTPUT (self), WSM_MARK_UNSEEN);
  g_return_val_if_fail (mark < WSM_N_MARKS, WSM_MARK_UNSEEN);

  return self->marked_us[mark];
}
