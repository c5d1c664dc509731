/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-echo-output.h"

/* What libsoup writes waits here until it may leave: at once, late, or never.
 *
 * Every write is taken whole, so one write is one frame, and whatever is thrown away is thrown
 * away in whole frames. A frame of which the socket took only a part stays, whatever happens: the
 * peer must not see half of it.
 */

typedef struct
{
  /* (owned) */
  GBytes *bytes;

  gsize n_written;
  gint64 due_us;
} WsmEchoChunk;

struct _WsmEchoOutput
{
  GOutputStream parent_instance;

  /* (owned) */
  GOutputStream *base;
  /* (owned) (element-type WsmEchoChunk) */
  GQueue chunks;
  /* (owned) (nullable): waits for the time or the socket, whichever holds up the first chunk. */
  GSource *source;

  guint late_ms;

  guint mute : 1;
  guint sealed : 1;
};

enum
{
  SIGNAL_WROTE = 1,
  SIGNAL_EMPTIED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void wsm_echo_output_pump (WsmEchoOutput *self);
static void wsm_echo_output_pollable_iface_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsmEchoOutput, wsm_echo_output, G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      wsm_echo_output_pollable_iface_init))

static void
wsm_echo_chunk_free (WsmEchoChunk *chunk)
{
  g_bytes_unref (chunk->bytes);
  g_free (chunk);
}

static void
wsm_echo_output_clear_source (WsmEchoOutput *self)
{
  if (self->source == NULL)
    return;

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

static void
wsm_echo_output_clear_chunks (WsmEchoOutput *self)
{
  g_queue_clear_full (&self->chunks, (GDestroyNotify) wsm_echo_chunk_free);
}

static gboolean
wsm_echo_output_due_cb (gpointer user_data)
{
  WsmEchoOutput *self = user_data;

  wsm_echo_output_clear_source (self);
  wsm_echo_output_pump (self);

  return G_SOURCE_REMOVE;
}

static gboolean
wsm_echo_output_base_writable_cb (GObject  *base,
                                  gpointer  user_data)
{
  return wsm_echo_output_due_cb (user_data);
}

static void
wsm_echo_output_wait_until (WsmEchoOutput *self,
                            gint64         wait_us)
{
  /* Rounded up: a chunk may be later than asked for, never earlier. */
  self->source = g_timeout_source_new ((guint) ((wait_us + 999) / 1000));
  g_source_set_static_name (self->source, "[wsm-echo] late");
  g_source_set_callback (self->source, wsm_echo_output_due_cb, self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

static void
wsm_echo_output_wait_until_writable (WsmEchoOutput *self)
{
  self->source =
    g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (self->base), NULL);
  g_source_set_static_name (self->source, "[wsm-echo] writable");
  g_source_set_callback (self->source, G_SOURCE_FUNC (wsm_echo_output_base_writable_cb),
                         self, NULL);
  g_source_attach (self->source, g_main_context_get_thread_default ());
}

/* Returns: whether the next chunk may be tried. */
static gboolean
wsm_echo_output_write_chunk (WsmEchoOutput *self,
                             WsmEchoChunk  *chunk)
{
  g_autoptr (GError) error = NULL;
  const char *data;
  gsize size;
  gssize n_written;

  data = g_bytes_get_data (chunk->bytes, &size);
  n_written = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (self->base),
                                                          data + chunk->n_written,
                                                          size - chunk->n_written,
                                                          NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      wsm_echo_output_wait_until_writable (self);
      return FALSE;
    }

  if (n_written < 0)
    {
      /* The peer is gone. The input notices too, and libsoup believes that side. */
      self->sealed = TRUE;
      wsm_echo_output_clear_chunks (self);
      return FALSE;
    }

  chunk->n_written += (gsize) n_written;
  if (chunk->n_written == size)
    wsm_echo_chunk_free (g_queue_pop_head (&self->chunks));

  return TRUE;
}

static void
wsm_echo_output_pump (WsmEchoOutput *self)
{
  while (self->source == NULL && !self->mute)
    {
      WsmEchoChunk *chunk = g_queue_peek_head (&self->chunks);
      gint64 wait_us;

      if (chunk == NULL)
        break;

      wait_us = chunk->due_us - g_get_monotonic_time ();
      if (chunk->n_written == 0 && wait_us > 0)
        wsm_echo_output_wait_until (self, wait_us);
      else if (!wsm_echo_output_write_chunk (self, chunk))
        break;
    }

  if (g_queue_is_empty (&self->chunks))
    g_signal_emit (self, signals[SIGNAL_EMPTIED], 0);
}

static gssize
wsm_echo_output_write (GOutputStream  *stream,
                       const void     *buffer,
                       gsize           count,
                       GCancellable   *cancellable,
                       GError        **error)
{
  WsmEchoOutput *self = WSM_ECHO_OUTPUT (stream);
  g_autoptr (WsmEchoOutput) keep_alive G_GNUC_UNUSED = g_object_ref (self);

  if (!self->mute && !self->sealed)
    {
      WsmEchoChunk *last = g_queue_peek_tail (&self->chunks);
      WsmEchoChunk *chunk = g_new0 (WsmEchoChunk, 1);

      chunk->bytes = g_bytes_new (buffer, count);
      chunk->due_us = g_get_monotonic_time () + self->late_ms * G_GINT64_CONSTANT (1000);
      /* A shorter delay, set in between, must not let this one overtake the last. */
      if (last != NULL)
        chunk->due_us = MAX (chunk->due_us, last->due_us);

      g_queue_push_tail (&self->chunks, chunk);
      wsm_echo_output_pump (self);
    }

  g_signal_emit (self, signals[SIGNAL_WROTE], 0);

  return (gssize) count;
}

static gssize
wsm_echo_output_write_nonblocking (GPollableOutputStream  *stream,
                                   const void             *buffer,
                                   gsize                   count,
                                   GError                **error)
{
  return wsm_echo_output_write (G_OUTPUT_STREAM (stream), buffer, count, NULL, error);
}

static gboolean
wsm_echo_output_is_writable (GPollableOutputStream *stream)
{
  return TRUE;
}

static GSource *
wsm_echo_output_create_source (GPollableOutputStream *stream,
                               GCancellable          *cancellable)
{
  g_autoptr (GSource) always_ready = g_timeout_source_new (0);

  /* A pollable source, not the bare one: libsoup sets closures, which need its closure callback. */
  return g_pollable_source_new_full (stream, always_ready, cancellable);
}

static void
wsm_echo_output_dispose (GObject *object)
{
  WsmEchoOutput *self = WSM_ECHO_OUTPUT (object);

  wsm_echo_output_discard (self);

  G_OBJECT_CLASS (wsm_echo_output_parent_class)->dispose (object);

  g_clear_object (&self->base);
}

static void
wsm_echo_output_class_init (WsmEchoOutputClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  object_class->dispose = wsm_echo_output_dispose;

  stream_class->write_fn = wsm_echo_output_write;

  /* A frame was handed over; it may have left, wait, or be thrown away. */
  signals[SIGNAL_WROTE] =
    g_signal_new ("wrote", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /* Nothing waits any more. */
  signals[SIGNAL_EMPTIED] =
    g_signal_new ("emptied", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
wsm_echo_output_pollable_iface_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = wsm_echo_output_is_writable;
  iface->create_source = wsm_echo_output_create_source;
  iface->write_nonblocking = wsm_echo_output_write_nonblocking;
}

static void
wsm_echo_output_init (WsmEchoOutput *self)
{
  g_queue_init (&self->chunks);
}

WsmEchoOutput *
wsm_echo_output_new (GOutputStream *base)
{
  WsmEchoOutput *self = g_object_new (WSM_TYPE_ECHO_OUTPUT, NULL);

  self->base = g_object_ref (base);

  return self;
}

gboolean
wsm_echo_output_get_mute (WsmEchoOutput *self)
{
  return self->mute;
}

void
wsm_echo_output_set_mute (WsmEchoOutput *self,
                          gboolean       mute)
{
  if (self->mute == !!mute)
    return;

  self->mute = !!mute;

  if (self->mute)
    {
      WsmEchoChunk *begun = g_queue_peek_head (&self->chunks);

      wsm_echo_output_clear_source (self);

      if (begun != NULL && begun->n_written > 0)
        g_queue_pop_head (&self->chunks);
      else
        begun = NULL;

      wsm_echo_output_clear_chunks (self);

      if (begun != NULL)
        g_queue_push_head (&self->chunks, begun);
    }
  else
    {
      wsm_echo_output_pump (self);
    }
}

void
wsm_echo_output_set_late (WsmEchoOutput *self,
                          guint          late_ms)
{
  self->late_ms = late_ms;
}

gboolean
wsm_echo_output_is_empty (WsmEchoOutput *self)
{
  return g_queue_is_empty (&self->chunks);
}

/* What waits still leaves, what comes later is thrown away. */
void
wsm_echo_output_seal (WsmEchoOutput *self)
{
  self->sealed = TRUE;
}

void
wsm_echo_output_discard (WsmEchoOutput *self)
{
  self->sealed = TRUE;
  wsm_echo_output_clear_source (self);
  wsm_echo_output_clear_chunks (self);
}
