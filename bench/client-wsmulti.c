/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "meter.h"

#include <libwsmulti.h>

/*
 * libwsmulti, used as anybody would: a pool, a heartbeat, and nobody who listens to single beats
 * unless that is asked for. Connections are made anew when lost, dead peers are noticed, and
 * statistics kept.
 */

/* Handshakes at a time, as in the other clients. */
#define N_HANDSHAKES 64

typedef struct
{
  Meter meter;
  GMainLoop *loop; /* (owned) */
  gboolean follows_each;
  WsmPool *pool;   /* (owned) */
  char *text;      /* (owned) (nullable): for echoes */
  gboolean was_open;
} Pool;

static void
pool_echo (Pool *self)
{
  g_autoptr (WsmConnection) connection = g_list_model_get_item (G_LIST_MODEL (self->pool), 0);
  g_autoptr (GError) error = NULL;

  if (!wsm_connection_send_text (connection, self->text, &error))
    meter_fail ("%s", error->message);
}

static void
pool_message_cb (WsmPool               *pool,
                 WsmConnection         *connection,
                 SoupWebsocketDataType  type,
                 GBytes                *message,
                 Pool                  *self)
{
  self->meter.n_echoes += self->meter.is_measuring;
  pool_echo (self);
}

static void
connection_beat_cb (WsmConnection *connection,
                    guint64        sequence,
                    double         round_trip,
                    Pool          *self)
{
  if (self->meter.is_measuring)
    meter_round_trip (&self->meter, round_trip);
}

static void
pool_beats_cb (WsmPool  *pool,
               WsmBeats *beats,
               Pool     *self)
{
  gsize n_beats;
  const double *round_trips = wsm_beats_get_round_trips (beats, &n_beats);

  for (gsize i = 0; i < n_beats && self->meter.is_measuring; i++)
    if (round_trips[i] >= 0)
      meter_round_trip (&self->meter, round_trips[i]);
}

/* What the library itself has measured: the last round trip of each connection, and how late all
 * its beats left. */
static void
pool_take_figures (Pool *self)
{
  self->meter.own_late_p99 = wsm_latency_get_p99 (wsm_pool_get_lateness (self->pool));
  for (guint i = 0; i < self->meter.n_connections; i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (G_LIST_MODEL (self->pool), i);
      WsmLatency *latency = wsm_connection_get_latency (connection);

      if (wsm_latency_get_count (latency) > 0)
        meter_round_trip (&self->meter, wsm_latency_get_last (latency));
    }
}

static gboolean
pool_end_cb (gpointer data)
{
  Pool *self = data;

  meter_end (&self->meter);
  if (self->meter.echo_size == 0 && self->meter.follow == NULL)
    pool_take_figures (self);
  meter_print (&self->meter, PACKAGE_VERSION, wsm_pool_get_n_open (self->pool));
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
pool_begin_cb (gpointer data)
{
  Pool *self = data;

  g_timeout_add (self->meter.seconds * 1000, pool_end_cb, self);
  meter_begin (&self->meter);
  return G_SOURCE_REMOVE;
}

static void
pool_n_open_cb (GObject    *pool,
                GParamSpec *property,
                Pool       *self)
{
  if (self->was_open || wsm_pool_get_n_open (self->pool) < self->meter.n_connections)
    return;
  self->was_open = TRUE;
  meter_opened (&self->meter);
  if (self->text != NULL)
    pool_echo (self);
  g_timeout_add ((guint) (meter_get_warm_up_us (&self->meter) / 1000), pool_begin_cb, self);
}

int
main (int   argc,
      char *argv[])
{
  Pool self = { 0 };
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autoptr (GError) error = NULL;

  meter_init (&self.meter, &argc, &argv);
  self.follows_each = g_strcmp0 (self.meter.follow, "each") == 0;
  self.loop = g_main_loop_new (NULL, FALSE);
  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "mode", self.meter.echo_size == 0 ? WSM_HEARTBEAT_MODE_PING
                                                              : WSM_HEARTBEAT_MODE_OFF,
                            "interval", self.meter.interval_ms,
                            "timeout", MIN (self.meter.interval_ms, 5000),
                            "jitter", 0.0,
                            "idle-only", FALSE,
                            NULL);
  self.pool = g_object_new (WSM_TYPE_POOL,
                            "heartbeat", heartbeat,
                            "coalesce", (int) self.meter.slot_ms,
                            "max-handshakes", N_HANDSHAKES,
                            "max-handshakes-per-host", N_HANDSHAKES,
                            NULL);
  if (self.meter.echo_size > 0)
    {
      self.text = g_strnfill (self.meter.echo_size, 'x');
      g_signal_connect (self.pool, "message", G_CALLBACK (pool_message_cb), &self);
    }
  g_signal_connect (self.pool, "notify::n-open", G_CALLBACK (pool_n_open_cb), &self);

  if (g_strcmp0 (self.meter.follow, "bursts") == 0)
    g_signal_connect (self.pool, "beats", G_CALLBACK (pool_beats_cb), &self);

  meter_start (&self.meter);
  for (guint i = 0; i < self.meter.n_connections; i++)
    {
      WsmConnection *connection = wsm_pool_add (self.pool, self.meter.uri, &error);

      if (connection == NULL)
        meter_fail ("%s", error->message);
      if (self.follows_each)
        g_signal_connect (connection, "beat", G_CALLBACK (connection_beat_cb), &self);
    }
  g_main_loop_run (self.loop);
  g_clear_object (&self.pool);
  return 0;
}
