/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * The server that all clients are measured against: epoll and sockets, nothing of the library.
 * It answers pings, sends messages back, and keeps when each ping arrived and its pong left.
 *
 * bench-server ADDRESS STAMPS
 *
 * Tells its URI. When its standard input ends it writes the file STAMPS, tells what it has seen as
 * an object of JSON, and ends.
 */

/* As run.py reads it. Times in µs of the monotonic clock, which is one for all processes. */
typedef struct
{
  guint32 connection;
  guint32 is_exact;  /* whether the kernel stamped it */
  gint64 arrived_us; /* at this machine's network, whenever we came to read it */
  gint64 left_us;    /* the pong, after the write */
} Stamp;

typedef struct
{
  int fd;
  guint32 number;
  gboolean is_open;
  GByteArray *input;  /* (owned) (nullable): a part of a frame */
  GByteArray *output; /* (owned) (nullable): what the socket did not take */
} Peer;

typedef struct
{
  int epoll;
  int listener;
  GArray *stamps; /* (owned) (element-type Stamp) */
  guint n_opened;
  guint n_open;
  guint64 n_frames;
} Server;

#define N_EVENTS 512
#define N_STAMPS (1 << 20)
#define READ_SIZE (256 * 1024)

static guint8 read_buffer[READ_SIZE];

static gint64
to_us (const struct timespec *time)
{
  return (gint64) time->tv_sec * G_USEC_PER_SEC + time->tv_nsec / 1000;
}

/* The kernel stamps by the wall clock. Looked at for each stamp, so that a step does no harm. */
static gint64
to_monotonic_us (const struct timespec *wall)
{
  struct timespec wall_now, monotonic_now;

  clock_gettime (CLOCK_REALTIME, &wall_now);
  clock_gettime (CLOCK_MONOTONIC, &monotonic_now);
  return to_us (&monotonic_now) - (to_us (&wall_now) - to_us (wall));
}

static void
server_drop (Server *self,
             Peer   *peer)
{
  if (peer->is_open)
    self->n_open--;
  close (peer->fd);
  g_clear_pointer (&peer->input, g_byte_array_unref);
  g_clear_pointer (&peer->output, g_byte_array_unref);
  g_free (peer);
}

static void
server_want (Server  *self,
             Peer    *peer,
             guint32  events)
{
  struct epoll_event event = { .events = events, .data.ptr = peer };

  epoll_ctl (self->epoll, EPOLL_CTL_MOD, peer->fd, &event);
}

/* What does not go out now waits. FALSE: the socket is broken. */
static gboolean
server_send (Server       *self,
             Peer         *peer,
             const guint8 *bytes,
             gsize         length)
{
  gssize n_sent = 0;

  if (peer->output == NULL)
    {
      n_sent = send (peer->fd, bytes, length, MSG_NOSIGNAL);
      if (n_sent < 0 && errno != EAGAIN)
        return FALSE;
      n_sent = MAX (n_sent, 0);
      if ((gsize) n_sent == length)
        return TRUE;
      peer->output = g_byte_array_new ();
      server_want (self, peer, EPOLLIN | EPOLLOUT);
    }
  g_byte_array_append (peer->output, bytes + n_sent, (guint) (length - (gsize) n_sent));
  return TRUE;
}

static gboolean
server_flush (Server *self,
              Peer   *peer)
{
  gssize n_sent = send (peer->fd, peer->output->data, peer->output->len, MSG_NOSIGNAL);

  if (n_sent < 0)
    return errno == EAGAIN;
  g_byte_array_remove_range (peer->output, 0, (guint) n_sent);
  if (peer->output->len == 0)
    {
      g_clear_pointer (&peer->output, g_byte_array_unref);
      server_want (self, peer, EPOLLIN);
    }
  return TRUE;
}

/* Head and payload at once, into the room before the payload, which the mask has left. */
static gboolean
server_answer (Server          *self,
               Peer            *peer,
               const WireFrame *frame,
               WireOpcode       opcode)
{
  guint8 head[10];
  gsize size = wire_put_head (head, (guint8) opcode, frame->length, FALSE);
  guint8 *start = frame->payload - size;

  memcpy (start, head, size);
  if ((frame->first & 0x80) == 0)
    start[0] &= 0x7f;
  return server_send (self, peer, start, size + frame->length);
}

static gboolean
server_take_frame (Server          *self,
                   Peer            *peer,
                   const WireFrame *frame,
                   gint64           arrived_us,
                   gboolean         is_exact)
{
  Stamp stamp = { peer->number, is_exact, arrived_us, 0 };

  self->n_frames++;
  switch (frame->first & 0xf)
    {
    case WIRE_PING:
      if (!server_answer (self, peer, frame, WIRE_PONG))
        return FALSE;
      stamp.left_us = g_get_monotonic_time ();
      g_array_append_val (self->stamps, stamp);
      return TRUE;

    case WIRE_CLOSE:
      server_answer (self, peer, frame, WIRE_CLOSE);
      return FALSE;

    case WIRE_PONG:
      return TRUE;

    default:
      return server_answer (self, peer, frame, frame->first & 0xf);
    }
}

static gboolean
server_shake_hands (Server *self,
                    Peer   *peer,
                    char   *request)
{
  g_autofree char *key = wire_accept_key (request);
  g_autofree char *response = NULL;

  if (key == NULL)
    return FALSE;
  response = g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", key);
  peer->is_open = TRUE;
  self->n_opened++;
  self->n_open++;
  return server_send (self, peer, (const guint8 *) response, strlen (response));
}

/* How many bytes are done with; -1: the connection is. */
static gssize
server_take (Server   *self,
             Peer     *peer,
             guint8   *bytes,
             gsize     n_bytes,
             gint64    arrived_us,
             gboolean  is_exact)
{
  gsize n_taken = 0;

  if (!peer->is_open)
    {
      char *end = g_strstr_len ((char *) bytes, (gssize) n_bytes, "\r\n\r\n");

      if (end == NULL)
        return 0;
      end[2] = '\0';
      if (!server_shake_hands (self, peer, (char *) bytes))
        return -1;
      n_taken = (gsize) (end + 4 - (char *) bytes);
    }

  while (n_taken < n_bytes)
    {
      WireFrame frame;

      if (!wire_parse (bytes + n_taken, n_bytes - n_taken, &frame))
        break;
      if (!server_take_frame (self, peer, &frame, arrived_us, is_exact))
        return -1;
      n_taken += frame.size;
    }
  return (gssize) n_taken;
}

/* When what was read last came in. */
static gboolean
find_arrival (struct msghdr *message,
              gint64        *arrived_us)
{
  struct cmsghdr *control;

  for (control = CMSG_FIRSTHDR (message); control != NULL; control = CMSG_NXTHDR (message, control))
    if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPNS)
      {
        struct timespec wall;

        memcpy (&wall, CMSG_DATA (control), sizeof wall);
        *arrived_us = to_monotonic_us (&wall);
        return TRUE;
      }
  *arrived_us = g_get_monotonic_time ();
  return FALSE;
}

static gboolean
server_read (Server *self,
             Peer   *peer)
{
  char room[CMSG_SPACE (sizeof (struct timespec)) + 64];
  struct iovec vector = { read_buffer, sizeof read_buffer };
  struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1,
                            .msg_control = room, .msg_controllen = sizeof room };
  gssize n_read = recvmsg (peer->fd, &message, 0);
  guint8 *bytes = read_buffer;
  gsize n_bytes;
  gssize n_taken;
  gint64 arrived_us;
  gboolean is_exact;

  if (n_read <= 0)
    return n_read < 0 && errno == EAGAIN;
  is_exact = find_arrival (&message, &arrived_us);
  n_bytes = (gsize) n_read;
  if (peer->input != NULL)
    {
      g_byte_array_append (peer->input, read_buffer, (guint) n_read);
      bytes = peer->input->data;
      n_bytes = peer->input->len;
    }

  n_taken = server_take (self, peer, bytes, n_bytes, arrived_us, is_exact);
  if (n_taken < 0)
    return FALSE;
  if (peer->input != NULL)
    g_byte_array_remove_range (peer->input, 0, (guint) n_taken);
  else if ((gsize) n_taken < n_bytes)
    peer->input = g_byte_array_append (g_byte_array_new (), bytes + n_taken,
                                       (guint) (n_bytes - (gsize) n_taken));
  if (peer->input != NULL && peer->input->len == 0)
    g_clear_pointer (&peer->input, g_byte_array_unref);
  return TRUE;
}

static void
server_accept (Server *self)
{
  static guint32 n_peers = 0;
  const int on = 1;
  int fd;

  while ((fd = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
    {
      Peer *peer = g_new0 (Peer, 1);
      struct epoll_event event = { .events = EPOLLIN, .data.ptr = peer };

      peer->fd = fd;
      peer->number = n_peers++;
      setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      setsockopt (fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
      epoll_ctl (self->epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

static void
server_listen (Server     *self,
               const char *address)
{
  struct sockaddr_in name = { .sin_family = AF_INET };
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = &self->listener };
  struct epoll_event end = { .events = EPOLLIN, .data.ptr = NULL };
  socklen_t n_name = sizeof name;

  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (inet_pton (AF_INET, address, &name.sin_addr) != 1 ||
      bind (self->listener, (struct sockaddr *) &name, sizeof name) != 0 ||
      listen (self->listener, SOMAXCONN) != 0)
    g_error ("%s: %s", address, g_strerror (errno));
  getsockname (self->listener, (struct sockaddr *) &name, &n_name);
  epoll_ctl (self->epoll, EPOLL_CTL_ADD, self->listener, &event);
  epoll_ctl (self->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &end);
  printf ("ws://%s:%u\n", address, ntohs (name.sin_port));
  fflush (stdout);
}

/* Until standard input ends. */
static void
server_run (Server *self)
{
  struct epoll_event events[N_EVENTS];

  for (;;)
    {
      int n_events = epoll_wait (self->epoll, events, N_EVENTS, -1);

      for (int i = 0; i < n_events; i++)
        {
          Peer *peer = events[i].data.ptr;
          gboolean is_well = TRUE;

          if (events[i].data.ptr == NULL)
            return;
          if (events[i].data.ptr == &self->listener)
            {
              server_accept (self);
              continue;
            }
          if ((events[i].events & EPOLLOUT) != 0)
            is_well = server_flush (self, peer);
          if (is_well && (events[i].events & ~(guint32) EPOLLOUT) != 0)
            is_well = server_read (self, peer);
          if (!is_well)
            server_drop (self, peer);
        }
    }
}

int
main (int   argc,
      char *argv[])
{
  Server server = { 0 };
  g_autoptr (GError) error = NULL;

  if (argc != 3)
    {
      fprintf (stderr, "usage: %s ADDRESS STAMPS\n", argv[0]);
      return 2;
    }
  wire_allow_sockets ();
  server.stamps = g_array_sized_new (FALSE, FALSE, sizeof (Stamp), N_STAMPS);
  server_listen (&server, argv[1]);
  server_run (&server);

  if (!g_file_set_contents (argv[2], server.stamps->data,
                            (gssize) (server.stamps->len * sizeof (Stamp)), &error))
    g_error ("%s", error->message);
  printf ("{\"n_opened\": %u, \"n_open\": %u, \"n_frames\": %" G_GUINT64_FORMAT "}\n",
          server.n_opened, server.n_open, server.n_frames);
  return 0;
}
