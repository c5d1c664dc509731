/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-fault-channel.h"

/*
 * One direction of a line: reads here, writes there, late if it shall be.
 *
 * It reads no further than a little ahead, so that who writes too much notices.
 */

#define READ_SIZE (16 * 1024)
#define MAX_QUEUED (64 * 1024)

typedef struct
{
  GByteArray *bytes; /* (owned) */
  gsize n_written;
  gint64 due_us;
} WsiFaultChunk;

struct _WsiFaultChannel
{
  GMainContext *context; /* (owned) */
  GSocket *from;         /* (owned) */
  GSocket *to;           /* (owned) */

  WsiFaultFilterFunc filter; /* (nullable) */
  WsiFaultEndedFunc ended;
  gpointer user_data; /* (unowned) */

  GQueue chunks;         /* (owned) (element-type WsiFaultChunk) */
  gsize n_queued;
  GSource *read_source;  /* (owned) (nullable) */
  GSource *write_source; /* (owned) (nullable): waits for the time or for the socket */

  guint delay_ms;

  guint stuck : 1;
  guint end_of_file : 1; /* nothing more is read */
  guint has_ended : 1;   /* nothing more is written */
};

static void wsi_fault_channel_pump (WsiFaultChannel *self);

static void
wsi_fault_chunk_free (gpointer data)
{
  WsiFaultChunk *chunk = data;

  g_byte_array_unref (chunk->bytes);
  g_free (chunk);
}

static void
wsi_fault_channel_clear_source (GSource **source)
{
  if (*source == NULL)
    return;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
wsi_fault_channel_end (WsiFaultChannel *self)
{
  if (self->has_ended)
    return;

  self->has_ended = TRUE;
  self->end_of_file = TRUE;
  wsi_fault_channel_clear_source (&self->read_source);
  wsi_fault_channel_clear_source (&self->write_source);
  g_socket_shutdown (self->to, FALSE, TRUE, NULL);
  self->ended (self->user_data);
}

static void
wsi_fault_channel_push (WsiFaultChannel *self,
                        const guint8    *data,
                        gsize            length)
{
  WsiFaultChunk *last = g_queue_peek_tail (&self->chunks);
  WsiFaultChunk *chunk;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if (self->filter != NULL)
    self->filter (data, length, bytes, self->user_data);
  else
    g_byte_array_append (bytes, data, (guint) length);
  if (bytes->len == 0)
    return;

  chunk = g_new0 (WsiFaultChunk, 1);
  chunk->due_us = g_get_monotonic_time () + self->delay_ms * G_GINT64_CONSTANT (1000);
  /* A shorter delay must not let this one overtake the last. */
  if (last != NULL)
    chunk->due_us = MAX (chunk->due_us, last->due_us);
  self->n_queued += bytes->len;
  chunk->bytes = g_steal_pointer (&bytes);
  g_queue_push_tail (&self->chunks, chunk);
}

/* Returns whether there may be more at once. */
static gboolean
wsi_fault_channel_read (WsiFaultChannel *self)
{
  g_autoptr (GError) error = NULL;
  guint8 data[READ_SIZE];
  gssize n_read;

  n_read = g_socket_receive_with_blocking (self->from, (char *) data, sizeof data, FALSE, NULL,
                                           &error);
  if (n_read > 0)
    wsi_fault_channel_push (self, data, (gsize) n_read);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    self->end_of_file = TRUE;

  return n_read > 0;
}

static gboolean
wsi_fault_channel_readable_cb (GSocket      *socket,
                               GIOCondition  condition,
                               gpointer      user_data)
{
  WsiFaultChannel *self = user_data;

  wsi_fault_channel_read (self);
  wsi_fault_channel_pump (self);

  return G_SOURCE_CONTINUE;
}

static gboolean
wsi_fault_channel_due_cb (gpointer user_data)
{
  WsiFaultChannel *self = user_data;

  wsi_fault_channel_clear_source (&self->write_source);
  wsi_fault_channel_pump (self);

  return G_SOURCE_REMOVE;
}

static gboolean
wsi_fault_channel_writable_cb (GSocket      *socket,
                               GIOCondition  condition,
                               gpointer      user_data)
{
  return wsi_fault_channel_due_cb (user_data);
}

static void
wsi_fault_channel_wait_until (WsiFaultChannel *self,
                              gint64           wait_us)
{
  self->write_source = g_timeout_source_new ((guint) ((wait_us + 999) / 1000));
  g_source_set_static_name (self->write_source, "[wsi] fault delay");
  g_source_set_callback (self->write_source, wsi_fault_channel_due_cb, self, NULL);
  g_source_attach (self->write_source, self->context);
}

static void
wsi_fault_channel_wait_until_writable (WsiFaultChannel *self)
{
  self->write_source = g_socket_create_source (self->to, G_IO_OUT, NULL);
  g_source_set_static_name (self->write_source, "[wsi] fault write");
  g_source_set_callback (self->write_source, G_SOURCE_FUNC (wsi_fault_channel_writable_cb),
                         self, NULL);
  g_source_attach (self->write_source, self->context);
}

/* Returns whether the next chunk may be tried. */
static gboolean
wsi_fault_channel_write (WsiFaultChannel *self,
                         WsiFaultChunk   *chunk)
{
  g_autoptr (GError) error = NULL;
  gssize n_written;

  n_written = g_socket_send_with_blocking (self->to,
                                           (const char *) chunk->bytes->data + chunk->n_written,
                                           chunk->bytes->len - chunk->n_written, FALSE, NULL,
                                           &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      wsi_fault_channel_wait_until_writable (self);
      return FALSE;
    }
  if (n_written < 0)
    {
      wsi_fault_channel_end (self);
      return FALSE;
    }

  chunk->n_written += (gsize) n_written;
  self->n_queued -= (gsize) n_written;
  if (chunk->n_written == chunk->bytes->len)
    wsi_fault_chunk_free (g_queue_pop_head (&self->chunks));

  return TRUE;
}

static void
wsi_fault_channel_update_reading (WsiFaultChannel *self)
{
  gboolean is_wanted = !self->stuck && !self->end_of_file && self->n_queued < MAX_QUEUED;

  if (is_wanted == (self->read_source != NULL))
    return;

  if (!is_wanted)
    {
      wsi_fault_channel_clear_source (&self->read_source);
      return;
    }

  self->read_source = g_socket_create_source (self->from, G_IO_IN, NULL);
  g_source_set_static_name (self->read_source, "[wsi] fault read");
  g_source_set_callback (self->read_source, G_SOURCE_FUNC (wsi_fault_channel_readable_cb),
                         self, NULL);
  g_source_attach (self->read_source, self->context);
}

static void
wsi_fault_channel_pump (WsiFaultChannel *self)
{
  while (!self->has_ended && !self->stuck && self->write_source == NULL)
    {
      WsiFaultChunk *chunk = g_queue_peek_head (&self->chunks);
      gint64 wait_us;

      if (chunk == NULL)
        {
          if (self->end_of_file)
            wsi_fault_channel_end (self);
          break;
        }

      wait_us = chunk->due_us - g_get_monotonic_time ();
      if (wait_us > 0)
        wsi_fault_channel_wait_until (self, wait_us);
      else if (!wsi_fault_channel_write (self, chunk))
        break;
    }

  if (!self->has_ended)
    wsi_fault_channel_update_reading (self);
}

/**
 * wsi_fault_channel_new:
 * @from: where to read
 * @to: where to write
 * @filter: (nullable): what to do with what passes
 * @ended: called once
 * @user_data: for both
 *
 * Makes one direction of a line, which begins at once.
 *
 * Returns: (transfer full): a channel
 */
WsiFaultChannel *
wsi_fault_channel_new (GSocket            *from,
                       GSocket            *to,
                       WsiFaultFilterFunc  filter,
                       WsiFaultEndedFunc   ended,
                       gpointer            user_data)
{
  WsiFaultChannel *self = g_new0 (WsiFaultChannel, 1);

  /* Not the context of the caller, which may be one of a moment. */
  self->context = g_main_context_ref (g_main_context_default ());
  self->from = g_object_ref (from);
  self->to = g_object_ref (to);
  self->filter = filter;
  self->ended = ended;
  self->user_data = user_data;
  g_queue_init (&self->chunks);
  wsi_fault_channel_update_reading (self);

  return self;
}

void
wsi_fault_channel_free (WsiFaultChannel *self)
{
  wsi_fault_channel_clear_source (&self->read_source);
  wsi_fault_channel_clear_source (&self->write_source);
  g_queue_clear_full (&self->chunks, wsi_fault_chunk_free);
  g_clear_object (&self->from);
  g_clear_object (&self->to);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self);
}

/**
 * wsi_fault_channel_set_stuck:
 * @self: a channel
 * @stuck: whether nothing moves
 *
 * Holds up what is under way, or lets it go on.
 */
void
wsi_fault_channel_set_stuck (WsiFaultChannel *self,
                             gboolean         stuck)
{
  if (self->stuck == !!stuck || self->has_ended)
    return;

  self->stuck = !!stuck;
  if (self->stuck)
    wsi_fault_channel_clear_source (&self->write_source);
  wsi_fault_channel_pump (self);
}

/**
 * wsi_fault_channel_set_delay:
 * @self: a channel
 * @delay_ms: how late, in ms, what is read from now on is written
 *
 * Sets how late it is.
 */
void
wsi_fault_channel_set_delay (WsiFaultChannel *self,
                             guint            delay_ms)
{
  self->delay_ms = delay_ms;
}

/**
 * wsi_fault_channel_flush:
 * @self: a channel
 *
 * Passes on what can be passed on now, because the end that is read from is being given up.
 */
void
wsi_fault_channel_flush (WsiFaultChannel *self)
{
  if (self->stuck || self->has_ended)
    return;

  while (!self->end_of_file && self->n_queued < MAX_QUEUED && wsi_fault_channel_read (self))
    ;
  wsi_fault_channel_pump (self);
}

gboolean
wsi_fault_channel_has_ended (WsiFaultChannel *self)
{
  return self->has_ended;
}
