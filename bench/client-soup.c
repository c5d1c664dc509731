/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "meter.h"

#include <libsoup/soup.h>
#include <string.h>

/*
 * libsoup alone, as frugal as its interface allows: one session, one timer for all beats. Nothing
 * reconnects, notices a dead peer, or keeps a statistic.
 */

/* Handshakes at a time. */
#define N_HANDSHAKES 64
/* libsoup has no function for pings, but writes the opcode that it is given. */
#define PING ((SoupWebsocketDataType) 0x9)

typedef struct
{
  SoupWebsocketConnection *connection; /* (owned) */
  gint64 due_us;
} Client;

typedef struct
{
  Meter meter;
  GMainLoop *loop;      /* (owned) */
  SoupSession *session; /* (owned) */
  GSource *timer;       /* (owned) */
  char *text;           /* (owned) (nullable): for echoes */

  Client *clients;      /* (owned) (array): in the order of their beats */
  guint n_started;
  guint n_open;
  guint next;
} Bare;

static void bare_connect (Bare *self);

static void
bare_beat (Bare *self)
{
  gint64 interval_us = self->meter.interval_ms * (gint64) 1000;
  gint64 now_us = g_get_monotonic_time ();

  for (;;)
    {
      Client *client = &self->clients[self->next];
      g_autoptr (GBytes) payload = NULL;
      gint64 sent_us;

      if (client->due_us > now_us)
        {
          g_source_set_ready_time (self->timer, client->due_us);
          return;
        }
      sent_us = g_get_monotonic_time ();
      payload = g_bytes_new (&sent_us, sizeof sent_us);
      soup_websocket_connection_send_message (client->connection, PING, payload);
      client->due_us += interval_us;
      self->next = (self->next + 1) % self->meter.n_connections;
    }
}

static gboolean
bare_timer_cb (gpointer data)
{
  bare_beat (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
timer_dispatch (GSource     *source,
                GSourceFunc  callback,
                gpointer     data)
{
  return callback (data);
}

static void
bare_echo (Bare *self)
{
  soup_websocket_connection_send_text (self->clients[0].connection, self->text);
}

static void
bare_message_cb (SoupWebsocketConnection *connection,
                 SoupWebsocketDataType    type,
                 GBytes                  *message,
                 Bare                    *self)
{
  self->meter.n_echoes += self->meter.is_measuring;
  bare_echo (self);
}

static void
bare_pong_cb (SoupWebsocketConnection *connection,
              GBytes                  *message,
              Bare                    *self)
{
  gint64 sent_us;

  if (!self->meter.is_measuring)
    return;
  memcpy (&sent_us, g_bytes_get_data (message, NULL), sizeof sent_us);
  meter_round_trip (&self->meter, (double) (g_get_monotonic_time () - sent_us) / 1000);
}

static gboolean
bare_end_cb (gpointer data)
{
  Bare *self = data;
  char version[32];

  meter_end (&self->meter);
  g_snprintf (version, sizeof version, "%u.%u.%u", soup_get_major_version (),
              soup_get_minor_version (), soup_get_micro_version ());
  meter_print (&self->meter, version, self->n_open);
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
bare_begin_cb (gpointer data)
{
  Bare *self = data;

  g_timeout_add (self->meter.seconds * 1000, bare_end_cb, self);
  meter_begin (&self->meter);
  return G_SOURCE_REMOVE;
}

static void
bare_opened (Bare *self)
{
  static GSourceFuncs funcs = { NULL, NULL, timer_dispatch, NULL };

  meter_opened (&self->meter);
  for (guint i = 0; i < self->meter.n_connections; i++)
    self->clients[i].due_us = self->meter.opened_us + meter_get_phase_us (&self->meter, i);
  if (self->meter.echo_size > 0)
    {
      self->text = g_strnfill (self->meter.echo_size, 'x');
      bare_echo (self);
    }
  else
    {
      self->timer = g_source_new (&funcs, sizeof (GSource));
      g_source_set_callback (self->timer, bare_timer_cb, self, NULL);
      g_source_set_ready_time (self->timer, self->clients[0].due_us);
      g_source_attach (self->timer, NULL);
    }
  g_timeout_add ((guint) (meter_get_warm_up_us (&self->meter) / 1000), bare_begin_cb, self);
}

static void
bare_closed_cb (SoupWebsocketConnection *connection,
                Bare                    *self)
{
  meter_fail ("%u of %u open, one lost", self->n_open, self->meter.n_connections);
}

static void
bare_connected_cb (GObject      *session,
                   GAsyncResult *result,
                   gpointer      data)
{
  Bare *self = data;
  g_autoptr (GError) error = NULL;
  SoupWebsocketConnection *connection =
    soup_session_websocket_connect_finish (SOUP_SESSION (session), result, &error);

  if (connection == NULL)
    meter_fail ("%u of %u open: %s", self->n_open, self->meter.n_connections, error->message);
  g_signal_connect (connection, "pong", G_CALLBACK (bare_pong_cb), self);
  g_signal_connect (connection, "message", G_CALLBACK (bare_message_cb), self);
  g_signal_connect (connection, "closed", G_CALLBACK (bare_closed_cb), self);
  self->clients[self->n_open++].connection = connection;
  if (self->n_started < self->meter.n_connections)
    bare_connect (self);
  else if (self->n_open == self->meter.n_connections)
    bare_opened (self);
}

static void
bare_connect (Bare *self)
{
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, self->meter.uri);

  self->n_started++;
  soup_session_websocket_connect_async (self->session, message, NULL, NULL, G_PRIORITY_DEFAULT,
                                        NULL, bare_connected_cb, self);
}

int
main (int   argc,
      char *argv[])
{
  Bare self = { 0 };

  meter_init (&self.meter, &argc, &argv);
  self.loop = g_main_loop_new (NULL, FALSE);
  self.session = soup_session_new_with_options ("max-conns", (int) self.meter.n_connections + 1,
                                                "max-conns-per-host",
                                                (int) self.meter.n_connections + 1, NULL);
  meter_start (&self.meter);
  self.clients = g_new0 (Client, self.meter.n_connections);
  while (self.n_started < MIN (N_HANDSHAKES, self.meter.n_connections))
    bare_connect (&self);
  g_main_loop_run (self.loop);
  return 0;
}
