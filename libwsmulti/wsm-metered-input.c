/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-metered-input.h"

#include "wsm-socket-probe.h"

/* What one turn may read, and how long it may go on. The bytes keep a turn short where there is
 * no clock yet; the time counts what is done between two reads as well, and many small frames
 * are much to do. */
#define TURN_BYTES (256 * 1024)
#define TURN_US 2000

/*
 * WsmMeteredInput:
 *
 * A pollable stream that says "would block" when its reader has had enough for one turn.
 *
 * A turn begins when the reader asks for a source, which a reader of pollable streams does after
 * each "would block". The reader that used its turn up is put off until the loop has nothing else
 * to do; where there is no meter it may try again at once. A stream that is held gives nothing at
 * all until it is let go. One that was ended is at its end, whatever may be left in it.
 *
 * A reader that asks for little, as libsoup does, has the rest of a block kept for it. When a block
 * was not full there was no more, and the reader that comes back is told so without a call of the
 * system. But what is read in one go has one time of arrival, that of its end: while somebody waits
 * for something whose arrival counts, no more is read than was asked for.
 *
 * Reads that block are not metered. Until it gets a meter the stream may be used from any one
 * thread at a time, as TLS does in its handshake; from then on from the meter's thread only.
 */
struct _WsmMeteredInput
{
  GFilterInputStream parent_instance;

  WsmMeter *meter;       /* (owned) (nullable) */
  WsmClock *clock;       /* (owned) (nullable): with the meter */
  WsmMeterTicket ticket;
  GSocket *socket;       /* (owned) (nullable): below the base stream, if that is all there is */
  WsmTurnstilePass pass;
  WsmLaneSocket *lane_socket; /* (owned) (nullable): knows whether a read is worth a try */
  GPtrArray *wakers;     /* (owned) (nullable) (element-type GSource): while it withholds */
  GBytes *rest;          /* (owned) (nullable): read from the base, and not yet by the reader */
  WsmMeteredInputEndFunc end_func; /* (nullable) */
  gpointer end_data;     /* (unowned) */

  gsize n_bytes_left;    /* of this turn */
  gint64 turn_us;        /* when it began; 0 = not read yet */

  gint64 last_us;  /* when something was read last; 0 = nothing yet, or no clock */
  gint64 arrived_us; /* when that had arrived, as far as the system says; 0 likewise */
  guint64 n_bytes; /* in all */

  guint is_stamped : 1; /* by the system, when it arrives at the socket */
  guint is_spent : 1;   /* there was no more in the socket than was read last */
  guint is_awaited : 1; /* something, the arrival of which counts */
  guint is_held : 1;
  guint is_ended : 1;
};

static void wsm_metered_input_pollable_iface_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsmMeteredInput, wsm_metered_input, G_TYPE_FILTER_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      wsm_metered_input_pollable_iface_init))

static GInputStream *
wsm_metered_input_get_base (WsmMeteredInput *self)
{
  return g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (self));
}

static void
wsm_metered_input_begin_turn (WsmMeteredInput *self)
{
  self->n_bytes_left = TURN_BYTES;
  self->turn_us = 0;
}

/* Lets those read again who wait for it. */
static void
wsm_metered_input_wake (WsmMeteredInput *self)
{
  g_autoptr (GPtrArray) wakers = g_steal_pointer (&self->wakers);

  wsm_metered_input_begin_turn (self);
  for (guint i = 0; wakers != NULL && i < wakers->len; i++)
    g_source_set_ready_time (g_ptr_array_index (wakers, i), 0);
}

static void
wsm_metered_input_turn_cb (gpointer user_data)
{
  WsmMeteredInput *self = user_data;

  if (!self->is_held)
    wsm_metered_input_wake (self);
}

static void
wsm_metered_input_end_turn (WsmMeteredInput *self)
{
  self->n_bytes_left = 0;
  if (self->meter != NULL)
    wsm_meter_queue (self->meter, &self->ticket);
}

/* Stamps are by the wall clock: how old they are counts. One of the future is of before a jump. */
static gint64
wsm_metered_input_find_arrival (WsmMeteredInput *self,
                                gint64           wall_us,
                                gint64           now_us)
{
  if (wall_us == 0)
    return now_us;

  return now_us - MAX (wsm_clock_get_wall_time_us (self->clock) - wall_us, 0);
}

/* From the base. */
static void
wsm_metered_input_note_received (WsmMeteredInput *self,
                                 gsize            n_bytes,
                                 gint64           wall_us)
{
  self->n_bytes += n_bytes;
  if (self->clock != NULL)
    self->arrived_us = wsm_metered_input_find_arrival (self, wall_us,
                                                       wsm_clock_get_time_us (self->clock));
}

/* By the reader, for whom a block of small frames may last for many turns. */
static void
wsm_metered_input_note_read (WsmMeteredInput *self,
                             gsize            n_bytes)
{
  gint64 now_us;

  self->n_bytes_left -= MIN (n_bytes, self->n_bytes_left);
  if (self->clock != NULL)
    {
      now_us = wsm_clock_get_time_us (self->clock);
      self->last_us = now_us;
      if (self->turn_us == 0)
        self->turn_us = now_us;
      if (now_us - self->turn_us >= TURN_US)
        self->n_bytes_left = 0;
    }

  if (self->n_bytes_left == 0)
    wsm_metered_input_end_turn (self);
}

/* With NULL for the buffer it is thrown away. */
static gssize
wsm_metered_input_take_rest (WsmMeteredInput *self,
                             void            *buffer,
                             gsize            count)
{
  g_autoptr (GBytes) rest = g_steal_pointer (&self->rest);
  gsize size;
  const guint8 *data = g_bytes_get_data (rest, &size);

  count = MIN (count, size);
  if (buffer != NULL)
    memcpy (buffer, data, count);
  if (count < size)
    self->rest = g_bytes_new_from_bytes (rest, count, size - count);

  return (gssize) count;
}

static gssize
wsm_metered_input_read (GInputStream  *stream,
                        void          *buffer,
                        gsize          count,
                        GCancellable  *cancellable,
                        GError       **error)
{
  WsmMeteredInput *self = WSM_METERED_INPUT (stream);
  gssize n_bytes;

  if (self->rest != NULL)
    return wsm_metered_input_take_rest (self, buffer, count);

  n_bytes = g_input_stream_read (wsm_metered_input_get_base (self), buffer, count, cancellable,
                                 error);
  if (n_bytes > 0)
    self->n_bytes += (guint64) n_bytes;

  return n_bytes;
}

static gssize
wsm_metered_input_skip (GInputStream  *stream,
                        gsize          count,
                        GCancellable  *cancellable,
                        GError       **error)
{
  WsmMeteredInput *self = WSM_METERED_INPUT (stream);

  if (self->rest != NULL)
    return wsm_metered_input_take_rest (self, NULL, count);

  return G_INPUT_STREAM_CLASS (wsm_metered_input_parent_class)->skip (stream, count, cancellable,
                                                                      error);
}

static gboolean
wsm_metered_input_can_poll (GPollableInputStream *stream)
{
  GInputStream *base = wsm_metered_input_get_base (WSM_METERED_INPUT (stream));

  return G_IS_POLLABLE_INPUT_STREAM (base) &&
         g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (base));
}

static gboolean
wsm_metered_input_is_readable (GPollableInputStream *stream)
{
  WsmMeteredInput *self = WSM_METERED_INPUT (stream);
  GInputStream *base = wsm_metered_input_get_base (self);

  if (self->is_ended)
    return TRUE;

  if (wsm_metered_input_withholds (self))
    return FALSE;

  return self->rest != NULL ||
         g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (base));
}

static gssize
wsm_metered_input_receive (WsmMeteredInput  *self,
                           void             *buffer,
                           gsize             count,
                           gint64           *wall_us,
                           GError          **error)
{
  GInputStream *base = wsm_metered_input_get_base (self);

  if (self->is_stamped)
    return wsm_socket_probe_receive (self->socket, buffer, count, wall_us, error);

  return g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (base), buffer, count,
                                                   NULL, error);
}

/* A lane keeps in mind that there is no more; elsewhere the loop asks before it is read again. */
static void
wsm_metered_input_note_spent (WsmMeteredInput *self,
                              gboolean         had_some)
{
  if (self->lane_socket != NULL)
    wsm_lane_socket_note_spent (self->lane_socket, G_IO_IN);
  else
    self->is_spent = had_some && self->socket != NULL && self->meter != NULL;
}

static gboolean
wsm_metered_input_would_block (GError **error)
{
  return error == NULL || g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

/* Reads from the socket, where there is no rest. */
static gssize
wsm_metered_input_read_block (WsmMeteredInput  *self,
                              void             *buffer,
                              gsize             count,
                              GError          **error)
{
  gboolean is_ahead = count < WSM_METER_BLOCK_SIZE && self->meter != NULL && !self->is_awaited;
  guint8 *block = is_ahead ? wsm_meter_get_block (self->meter) : buffer;
  gsize n_asked = is_ahead ? WSM_METER_BLOCK_SIZE : count;
  gint64 wall_us = 0;
  gssize n_bytes;

  n_bytes = wsm_metered_input_receive (self, block, n_asked, &wall_us, error);
  if (n_bytes < (gssize) n_asked)
    wsm_metered_input_note_spent (self, n_bytes > 0);
  if (n_bytes > 0)
    wsm_metered_input_note_received (self, (gsize) n_bytes, wall_us);
  else if (self->end_func != NULL && (n_bytes == 0 || !wsm_metered_input_would_block (error)))
    self->end_func (self->end_data);
  if (n_bytes <= 0 || !is_ahead)
    return n_bytes;

  count = MIN (count, (gsize) n_bytes);
  memcpy (buffer, block, count);
  if (count < (gsize) n_bytes)
    self->rest = g_bytes_new (block + count, (gsize) n_bytes - count);

  return (gssize) count;
}

static gboolean
wsm_metered_input_is_worth_a_try (WsmMeteredInput *self)
{
  if (self->is_held || self->n_bytes_left == 0)
    return FALSE;
  if (self->rest != NULL)
    return TRUE;

  return !self->is_spent && (self->lane_socket == NULL ||
                             wsm_lane_socket_is_ready (self->lane_socket, G_IO_IN));
}

static gssize
wsm_metered_input_read_nonblocking (GPollableInputStream  *stream,
                                    void                  *buffer,
                                    gsize                  count,
                                    GError               **error)
{
  WsmMeteredInput *self = WSM_METERED_INPUT (stream);
  gssize n_bytes;

  if (self->is_ended)
    return 0;

  if (!wsm_metered_input_is_worth_a_try (self))
    {
      self->is_spent = FALSE;
      if (self->meter == NULL)
        wsm_metered_input_begin_turn (self);
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "Not yet");
      return -1;
    }

  count = MIN (count, self->n_bytes_left);
  if (self->rest != NULL)
    n_bytes = wsm_metered_input_take_rest (self, buffer, count);
  else
    n_bytes = wsm_metered_input_read_block (self, buffer, count, error);
  if (n_bytes > 0)
    wsm_metered_input_note_read (self, (gsize) n_bytes);

  return n_bytes;
}

/* Ready when it is woken, and not before. */
static GSource *
wsm_metered_input_create_waker (WsmMeteredInput *self)
{
  GSource *source = g_timeout_source_new (G_MAXUINT);

  g_source_set_static_name (source, "[wsm] metered");
  g_source_set_ready_time (source, -1);

  if (self->wakers == NULL)
    self->wakers = g_ptr_array_new_with_free_func ((GDestroyNotify) g_source_unref);
  for (guint i = self->wakers->len; i > 0; i--)
    {
      if (g_source_is_destroyed (g_ptr_array_index (self->wakers, i - 1)))
        g_ptr_array_remove_index_fast (self->wakers, i - 1);
    }
  g_ptr_array_add (self->wakers, g_source_ref (source));

  return source;
}

/* A socket with a time-out needs a source of its own, which tells of that. */
static gboolean
wsm_metered_input_has_turns (WsmMeteredInput *self)
{
  return self->meter != NULL && self->socket != NULL && g_socket_get_timeout (self->socket) == 0;
}

static GSource *
wsm_metered_input_create_turn (WsmMeteredInput *self)
{
  if (self->lane_socket != NULL)
    return wsm_lane_socket_create_source (self->lane_socket, G_OBJECT (self), G_IO_IN);

  return wsm_turnstile_create_source (wsm_meter_get_turnstile (self->meter), G_OBJECT (self),
                                      &self->pass, self->socket);
}

/* TLS may have done so in a thread: there is no source of such a socket any more. */
static gboolean
wsm_metered_input_is_closed (WsmMeteredInput *self)
{
  return self->socket != NULL && g_socket_is_closed (self->socket);
}

static GSource *
wsm_metered_input_create_source (GPollableInputStream *stream,
                                 GCancellable         *cancellable)
{
  WsmMeteredInput *self = WSM_METERED_INPUT (stream);
  g_autoptr (GSource) child = NULL;

  self->is_spent = FALSE;
  if (wsm_metered_input_withholds (self) || self->rest != NULL || self->is_ended ||
      wsm_metered_input_is_closed (self))
    {
      child = wsm_metered_input_create_waker (self);
      if (!wsm_metered_input_withholds (self))
        g_source_set_ready_time (child, 0);
    }
  else
    {
      gboolean has_turns = wsm_metered_input_has_turns (self);

      wsm_metered_input_begin_turn (self);
      if (has_turns)
        child = wsm_metered_input_create_turn (self);
      else
        child = g_pollable_input_stream_create_source (
          G_POLLABLE_INPUT_STREAM (wsm_metered_input_get_base (self)), NULL);

      /* Each connection that waits has one of these, and nearly a third of it would be around. */
      if (has_turns && cancellable == NULL)
        return g_steal_pointer (&child);
    }

  return g_pollable_source_new_full (stream, child, cancellable);
}

static void
wsm_metered_input_dispose (GObject *object)
{
  WsmMeteredInput *self = WSM_METERED_INPUT (object);

  if (self->meter != NULL)
    wsm_meter_take_back (self->meter, &self->ticket);
  g_clear_pointer (&self->wakers, g_ptr_array_unref);
  g_clear_pointer (&self->rest, g_bytes_unref);
  g_clear_pointer (&self->meter, wsm_meter_unref);
  g_clear_object (&self->clock);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->lane_socket, wsm_lane_socket_unref);

  G_OBJECT_CLASS (wsm_metered_input_parent_class)->dispose (object);
}

static void
wsm_metered_input_class_init (WsmMeteredInputClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  object_class->dispose = wsm_metered_input_dispose;

  stream_class->read_fn = wsm_metered_input_read;
  stream_class->skip = wsm_metered_input_skip;
}

static void
wsm_metered_input_init (WsmMeteredInput *self)
{
  wsm_meter_init_ticket (&self->ticket, wsm_metered_input_turn_cb, self);
  wsm_metered_input_begin_turn (self);
}

static void
wsm_metered_input_pollable_iface_init (GPollableInputStreamInterface *iface)
{
  iface->can_poll = wsm_metered_input_can_poll;
  iface->is_readable = wsm_metered_input_is_readable;
  iface->read_nonblocking = wsm_metered_input_read_nonblocking;
  iface->create_source = wsm_metered_input_create_source;
}

WsmMeteredInput *
wsm_metered_input_new (GInputStream *base)
{
  g_return_val_if_fail (G_IS_INPUT_STREAM (base), NULL);

  return g_object_new (WSM_TYPE_METERED_INPUT, "base-stream", base, NULL);
}

/* Its readers take turns with those of others once there is a meter. */
void
wsm_metered_input_use_socket (WsmMeteredInput *self,
                              GSocket         *socket)
{
  g_return_if_fail (WSM_IS_METERED_INPUT (self));
  g_return_if_fail (G_IS_SOCKET (socket));

  g_set_object (&self->socket, socket);
}

/* From here on a reader that uses up its turn waits in the meter's queue. */
void
wsm_metered_input_use_meter (WsmMeteredInput *self,
                             WsmMeter        *meter,
                             WsmClock        *clock)
{
  g_return_if_fail (WSM_IS_METERED_INPUT (self));
  g_return_if_fail (meter != NULL);
  g_return_if_fail (WSM_IS_CLOCK (clock));

  if (self->meter != NULL)
    return;

  self->meter = wsm_meter_ref (meter);
  self->clock = g_object_ref (clock);
  if (self->socket != NULL)
    self->is_stamped = wsm_socket_probe_want_stamps (self->socket) != FALSE;
}

/* From here on it is read and closed in the thread of that lane only. */
void
wsm_metered_input_use_lane_socket (WsmMeteredInput *self,
                                   WsmLaneSocket   *lane_socket)
{
  g_return_if_fail (WSM_IS_METERED_INPUT (self));
  g_return_if_fail (lane_socket != NULL);
  g_return_if_fail (self->lane_socket == NULL);

  self->lane_socket = wsm_lane_socket_ref (lane_socket);
}

void
wsm_metered_input_set_awaited (WsmMeteredInput *self,
                               gboolean         is_awaited)
{
  g_return_if_fail (WSM_IS_METERED_INPUT (self));

  self->is_awaited = is_awaited != FALSE;
}

/* @func is called when the stream was found at its end, before the reader hears of it. */
void
wsm_metered_input_watch_end (WsmMeteredInput        *self,
                             WsmMeteredInputEndFunc  func,
                             gpointer                user_data)
{
  g_return_if_fail (WSM_IS_METERED_INPUT (self));

  self->end_func = func;
  self->end_data = user_data;
}

void
wsm_metered_input_set_held (WsmMeteredInput *self,
                            gboolean         is_held)
{
  g_return_if_fail (WSM_IS_METERED_INPUT (self));

  if (self->is_held == (is_held != FALSE) || self->is_ended)
    return;

  self->is_held = is_held != FALSE;
  if (!is_held && !self->ticket.is_queued)
    wsm_metered_input_wake (self);
}

/* From here on it is at its end, so that a reader in the middle of a flood sees that at once. */
void
wsm_metered_input_end (WsmMeteredInput *self)
{
  g_return_if_fail (WSM_IS_METERED_INPUT (self));

  self->is_ended = TRUE;
  self->is_held = FALSE;
  if (self->meter != NULL)
    wsm_meter_take_back (self->meter, &self->ticket);
  wsm_metered_input_wake (self);
}

/* Whether it gives nothing although there may be something. */
gboolean
wsm_metered_input_withholds (WsmMeteredInput *self)
{
  g_return_val_if_fail (WSM_IS_METERED_INPUT (self), FALSE);

  return self->is_held || self->ticket.is_queued;
}

/* Whether something was read of which the reader has not yet had all. */
gboolean
wsm_metered_input_has_rest (WsmMeteredInput *self)
{
  g_return_val_if_fail (WSM_IS_METERED_INPUT (self), FALSE);

  return self->rest != NULL;
}

gint64
wsm_metered_input_get_last_us (WsmMeteredInput *self)
{
  g_return_val_if_fail (WSM_IS_METERED_INPUT (self), 0);

  return self->last_us;
}

/* When the last of what was read last had arrived. Where the system does not stamp what arrives,
 * that is when it was read. */
gint64
wsm_metered_input_get_arrived_us (WsmMeteredInput *self)
{
  g_return_val_if_fail (WSM_IS_METERED_INPUT (self), 0);

  return self->arrived_us;
}

guint64
wsm_metered_input_get_n_bytes (WsmMeteredInput *self)
{
  g_return_val_if_fail (WSM_IS_METERED_INPUT (self), 0);

  return self->n_bytes;
}
