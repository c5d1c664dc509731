/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "meter.h"
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * The floor: epoll, send() and recv(), and nothing that looks after a connection. Nobody can beat
 * for less, and nobody should beat like this.
 */

/* A ping with its time as the payload. */
#define PING_SIZE (2 + WIRE_MASK_SIZE + 8)
#define N_EVENTS 512
#define READ_SIZE (256 * 1024)
/* Handshakes at a time. */
#define N_HANDSHAKES 256

typedef struct
{
  int fd;
  gboolean is_open;
  gint64 due_us;
  GByteArray *input; /* (owned) (nullable): a part of an echo */
} Client;

typedef struct
{
  Meter meter;
  int epoll;
  char *address; /* (owned) */
  guint16 port;

  Client *clients; /* (owned) (array): in the order of their beats */
  guint n_started;
  guint n_open;
  guint next;
  guint8 *echo;    /* (owned) (nullable) */
  gsize n_echo;
} Floor;

static guint8 read_buffer[READ_SIZE];

static const char request[] =
  "GET / HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/* It connects before it goes on; the request waits in the socket. */
static void
floor_connect (Floor  *self,
               Client *client)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons (self->port) };
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
  const int on = 1;

  client->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  inet_pton (AF_INET, self->address, &name.sin_addr);
  if (client->fd < 0 || connect (client->fd, (struct sockaddr *) &name, sizeof name) != 0)
    meter_fail ("%u of %u open: %s", self->n_open, self->meter.n_connections, g_strerror (errno));
  setsockopt (client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (send (client->fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0)
    meter_fail ("%s", g_strerror (errno));
  epoll_ctl (self->epoll, EPOLL_CTL_ADD, client->fd, &event);
  self->n_started++;
}

static void
floor_send (Floor        *self,
            Client       *client,
            const guint8 *bytes,
            gsize         length)
{
  gssize n_sent;

  for (; length > 0; bytes += n_sent, length -= (gsize) n_sent)
    {
      n_sent = send (client->fd, bytes, length, MSG_NOSIGNAL);
      if (n_sent < 0)
        meter_fail ("%s", g_strerror (errno));
    }
}

static void
floor_ping (Floor  *self,
            Client *client)
{
  guint8 frame[PING_SIZE];
  gsize size = wire_put_head (frame, WIRE_PING, sizeof (gint64), TRUE);
  gint64 now_us = g_get_monotonic_time ();

  memcpy (frame + size, &now_us, sizeof now_us);
  floor_send (self, client, frame, sizeof frame);
}

/* All that are due. Returns when to come back. */
static gint64
floor_beat (Floor *self)
{
  gint64 interval_us = self->meter.interval_ms * (gint64) 1000;
  gint64 now_us = g_get_monotonic_time ();
  Client *client;

  for (;;)
    {
      client = &self->clients[self->next];
      if (client->due_us > now_us)
        return client->due_us;
      floor_ping (self, client);
      client->due_us += interval_us;
      self->next = (self->next + 1) % self->meter.n_connections;
    }
}

static void
floor_take_frame (Floor     *self,
                  Client    *client,
                  WireFrame *frame)
{
  gint64 sent_us;

  if ((frame->first & 0xf) == WIRE_PONG && self->meter.is_measuring)
    {
      memcpy (&sent_us, frame->payload, sizeof sent_us);
      meter_round_trip (&self->meter, (double) (g_get_monotonic_time () - sent_us) / 1000);
    }
  else if ((frame->first & 0xf) == WIRE_TEXT)
    {
      self->meter.n_echoes += self->meter.is_measuring;
      floor_send (self, client, self->echo, self->n_echo);
    }
}

static void
floor_read (Floor  *self,
            Client *client)
{
  gssize n_read = recv (client->fd, read_buffer, sizeof read_buffer, 0);
  guint8 *bytes = read_buffer;
  gsize n_bytes, n_taken = 0;
  WireFrame frame;

  if (n_read <= 0)
    meter_fail ("%u of %u open, one lost", self->n_open, self->meter.n_connections);
  n_bytes = (gsize) n_read;
  if (!client->is_open)
    {
      client->is_open = TRUE;
      self->n_open++;
      return;
    }
  if (client->input != NULL)
    {
      g_byte_array_append (client->input, read_buffer, (guint) n_read);
      bytes = client->input->data;
      n_bytes = client->input->len;
    }
  for (; wire_parse (bytes + n_taken, n_bytes - n_taken, &frame); n_taken += frame.size)
    floor_take_frame (self, client, &frame);
  if (client->input != NULL)
    g_byte_array_remove_range (client->input, 0, (guint) n_taken);
  else if (n_taken < n_bytes)
    client->input = g_byte_array_append (g_byte_array_new (), bytes + n_taken,
                                         (guint) (n_bytes - n_taken));
}

static void
floor_wait (Floor  *self,
            gint64  until_us)
{
  struct epoll_event events[N_EVENTS];
  gint64 left_us = until_us - g_get_monotonic_time ();
  int n_events = epoll_wait (self->epoll, events, N_EVENTS, (int) (MAX (left_us, 0) + 999) / 1000);

  for (int i = 0; i < n_events; i++)
    floor_read (self, events[i].data.ptr);
}

static void
floor_open (Floor *self)
{
  while (self->n_open < self->meter.n_connections)
    {
      while (self->n_started < self->meter.n_connections &&
             self->n_started - self->n_open < N_HANDSHAKES)
        floor_connect (self, &self->clients[self->n_started]);
      floor_wait (self, g_get_monotonic_time () + G_USEC_PER_SEC);
    }
}

static void
floor_run (Floor  *self,
           gint64  until_us)
{
  gint64 next_us = until_us;

  while (g_get_monotonic_time () < until_us)
    {
      if (self->echo == NULL)
        next_us = floor_beat (self);
      floor_wait (self, MIN (next_us, until_us));
    }
}

static void
floor_prepare_echo (Floor *self)
{
  gsize size = self->meter.echo_size;

  self->echo = g_malloc (size + 16);
  self->n_echo = wire_put_head (self->echo, WIRE_TEXT, size, TRUE);
  memset (self->echo + self->n_echo, 'x', size);
  self->n_echo += size;
  floor_send (self, &self->clients[0], self->echo, self->n_echo);
}

int
main (int   argc,
      char *argv[])
{
  Floor self = { 0 };
  gint64 now_us;

  meter_init (&self.meter, &argc, &argv);
  if (!wire_split_uri (self.meter.uri, &self.address, &self.port))
    meter_fail ("%s: not an address and a port", self.meter.uri);
  self.epoll = epoll_create1 (EPOLL_CLOEXEC);

  meter_start (&self.meter);
  self.clients = g_new0 (Client, self.meter.n_connections);
  floor_open (&self);
  meter_opened (&self.meter);

  now_us = self.meter.opened_us;
  for (guint i = 0; i < self.meter.n_connections; i++)
    self.clients[i].due_us = now_us + meter_get_phase_us (&self.meter, i);
  if (self.meter.echo_size > 0)
    floor_prepare_echo (&self);
  floor_run (&self, now_us + meter_get_warm_up_us (&self.meter));
  meter_begin (&self.meter);
  floor_run (&self, self.meter.began_us + self.meter.seconds * G_USEC_PER_SEC);
  meter_end (&self.meter);
  meter_print (&self.meter, "", self.n_open);
  return 0;
}
