/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-faults-pipe.h"

/* What is read at a time, and what may be on the way before the sender has to wait. */
#define READ_SIZE (16 * 1024)
#define MAX_ON_THE_WAY (256 * 1024)

/* Where the receiver does not take more for the moment. */
#define TRY_AGAIN_US 1000

/* Bytes that were read at once. */
typedef struct
{
  GBytes *bytes; /* (owned) */
  gsize position;
  gint64 due_us;
} Parcel;

struct _WsmFaultsPipe
{
  GSocket *from; /* (owned) */
  GSocket *to;   /* (owned) */
  const WsmFaultsWeather *weather; /* (unowned) */
  WsmFaultsPipeFunc func;
  WsmFaultsPipeAllowance allowance;
  gpointer user_data; /* (unowned) */

  GSource *input; /* (owned) (nullable) */
  GSource *timer; /* (owned) */
  GQueue parcels; /* (owned) (element-type Parcel) */
  gsize n_bytes;
  gint64 last_due_us;
  gint64 free_us; /* when the bandwidth allows the next byte */
  gboolean has_ended;
  gboolean has_hole;
};

static void
parcel_free (Parcel *parcel)
{
  g_bytes_unref (parcel->bytes);
  g_free (parcel);
}

static void
wsm_faults_pipe_arm (WsmFaultsPipe *self)
{
  const Parcel *parcel = g_queue_peek_head (&self->parcels);
  gint64 due_us = -1;

  if (parcel != NULL)
    due_us = MAX (parcel->due_us, self->free_us);
  else if (self->has_ended)
    due_us = 0;
  g_source_set_ready_time (self->timer, due_us);
}

static gboolean wsm_faults_pipe_input_cb (GSocket      *socket,
                                          GIOCondition  condition,
                                          gpointer      user_data);

static void
wsm_faults_pipe_listen (WsmFaultsPipe *self)
{
  if (self->input != NULL || self->has_ended || self->n_bytes >= MAX_ON_THE_WAY)
    return;

  self->input = g_socket_create_source (self->from, G_IO_IN, NULL);
  g_source_set_callback (self->input, G_SOURCE_FUNC (wsm_faults_pipe_input_cb), self, NULL);
  g_source_attach (self->input, NULL);
}

static gboolean
wsm_faults_pipe_stop_listening (WsmFaultsPipe *self)
{
  g_clear_pointer (&self->input, g_source_unref);

  return G_SOURCE_REMOVE;
}

static void
wsm_faults_pipe_add (WsmFaultsPipe *self,
                     const char    *data,
                     gsize          length)
{
  const WsmFaultsWeather *weather = self->weather;
  Parcel *parcel = g_new0 (Parcel, 1);
  gint64 way_us = weather->latency_ms * G_GINT64_CONSTANT (1000);

  if (weather->jitter_ms > 0)
    way_us += g_rand_int_range (weather->random, 0, (gint32) weather->jitter_ms * 1000 + 1);
  self->last_due_us = MAX (self->last_due_us, g_get_monotonic_time () + way_us);

  parcel->bytes = g_bytes_new (data, length);
  parcel->due_us = self->last_due_us;
  g_queue_push_tail (&self->parcels, parcel);
  self->n_bytes += length;
  wsm_faults_pipe_arm (self);
}

static gboolean
wsm_faults_pipe_input_cb (GSocket      *socket,
                          GIOCondition  condition,
                          gpointer      user_data)
{
  WsmFaultsPipe *self = user_data;
  char buffer[READ_SIZE];
  g_autoptr (GError) error = NULL;
  gssize n_bytes = g_socket_receive (socket, buffer, sizeof buffer, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;

  if (n_bytes < 0)
    {
      wsm_faults_pipe_stop_listening (self);
      self->func (self, WSM_FAULTS_PIPE_BROKE, 0, self->user_data);
      return G_SOURCE_REMOVE;
    }

  if (n_bytes == 0)
    {
      self->has_ended = TRUE;
      wsm_faults_pipe_arm (self);
      return wsm_faults_pipe_stop_listening (self);
    }

  if (!self->has_hole)
    wsm_faults_pipe_add (self, buffer, n_bytes);

  return self->n_bytes < MAX_ON_THE_WAY ? G_SOURCE_CONTINUE
                                        : wsm_faults_pipe_stop_listening (self);
}

static gssize
wsm_faults_pipe_send (WsmFaultsPipe  *self,
                      Parcel         *parcel,
                      GError        **error)
{
  gsize size;
  const char *data = g_bytes_get_data (parcel->bytes, &size);
  guint64 length = size - parcel->position;

  if (self->weather->slice > 0)
    length = MIN (length, self->weather->slice);
  else if (self->weather->bandwidth > 0)
    length = MIN (length, MAX (self->weather->bandwidth / 100, 1));
  length = MIN (length, self->allowance (self->user_data));

  return g_socket_send (self->to, data + parcel->position, length, NULL, error);
}

static void
wsm_faults_pipe_note_sent (WsmFaultsPipe *self,
                           Parcel        *parcel,
                           gsize          n_bytes)
{
  gint64 now_us = g_get_monotonic_time ();

  parcel->position += n_bytes;
  self->n_bytes -= n_bytes;
  if (parcel->position == g_bytes_get_size (parcel->bytes))
    {
      g_queue_pop_head (&self->parcels);
      parcel_free (parcel);
    }

  self->free_us = MAX (self->free_us, now_us);
  if (self->weather->bandwidth > 0)
    self->free_us += (gint64) n_bytes * G_USEC_PER_SEC / self->weather->bandwidth;
}

static gboolean
wsm_faults_pipe_timer_cb (gpointer user_data)
{
  WsmFaultsPipe *self = user_data;
  Parcel *parcel = g_queue_peek_head (&self->parcels);
  g_autoptr (GError) error = NULL;
  gssize n_bytes;

  g_source_set_ready_time (self->timer, -1);
  if (parcel == NULL)
    {
      self->func (self, WSM_FAULTS_PIPE_ENDED, 0, self->user_data);
      return G_SOURCE_CONTINUE;
    }

  n_bytes = wsm_faults_pipe_send (self, parcel, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      g_source_set_ready_time (self->timer, g_get_monotonic_time () + TRY_AGAIN_US);
      return G_SOURCE_CONTINUE;
    }
  if (n_bytes < 0)
    {
      self->func (self, WSM_FAULTS_PIPE_BROKE, 0, self->user_data);
      return G_SOURCE_CONTINUE;
    }

  wsm_faults_pipe_note_sent (self, parcel, n_bytes);
  wsm_faults_pipe_arm (self);
  wsm_faults_pipe_listen (self);
  self->func (self, WSM_FAULTS_PIPE_MOVED, (guint) n_bytes, self->user_data);

  return G_SOURCE_CONTINUE;
}

static gboolean
wsm_faults_pipe_dispatch (GSource     *source,
                          GSourceFunc  callback,
                          gpointer     user_data)
{
  return callback (user_data);
}

/* A source that is only ever ready by its time. */
static GSourceFuncs timer_funcs = {
  .dispatch = wsm_faults_pipe_dispatch,
};

/* The weather must outlive the pipe; the function may free it. */
WsmFaultsPipe *
wsm_faults_pipe_new (GSocket                *from,
                     GSocket                *to,
                     const WsmFaultsWeather *weather,
                     WsmFaultsPipeFunc       func,
                     WsmFaultsPipeAllowance  allowance,
                     gpointer                user_data)
{
  WsmFaultsPipe *self = g_new0 (WsmFaultsPipe, 1);

  self->from = g_object_ref (from);
  self->to = g_object_ref (to);
  self->weather = weather;
  self->func = func;
  self->allowance = allowance;
  self->user_data = user_data;
  self->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_callback (self->timer, wsm_faults_pipe_timer_cb, self, NULL);
  g_source_attach (self->timer, NULL);
  wsm_faults_pipe_listen (self);

  return self;
}

void
wsm_faults_pipe_free (WsmFaultsPipe *self)
{
  if (self->input != NULL)
    g_source_destroy (self->input);
  g_clear_pointer (&self->input, g_source_unref);
  g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  g_queue_clear_full (&self->parcels, (GDestroyNotify) parcel_free);
  g_clear_object (&self->from);
  g_clear_object (&self->to);
  g_free (self);
}

/* What comes from now on is read, and gets lost. */
void
wsm_faults_pipe_set_hole (WsmFaultsPipe *self,
                          gboolean       has_hole)
{
  self->has_hole = has_hole;
}
