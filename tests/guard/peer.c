/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

#define BACKLOG 4096

/* More than a request, and than what is sent before it is answered. */
#define BUFFER_SIZE 4096

/* How long what was sent may be under way. */
#define PATIENCE_MS 10000

typedef struct
{
  int fd;
  int other_end;    /* (unowned): the library's */
  gboolean is_open; /* the handshake is done */
} PeerSocket;

Peer *
peer_new (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  Peer *self = g_new0 (Peer, 1);

  self->sockets = g_array_new (FALSE, FALSE, sizeof (PeerSocket));
  self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (bind (self->listener, (struct sockaddr *) &address, sizeof address) != 0 ||
      listen (self->listener, BACKLOG) != 0)
    g_error ("listening: %s", g_strerror (errno));
  return self;
}

void
peer_free (Peer *self)
{
  for (guint i = 0; i < self->sockets->len; i++)
    close (g_array_index (self->sockets, PeerSocket, i).fd);
  g_array_unref (self->sockets);
  close (self->listener);
  g_free (self);
}

char *
peer_make_uri (Peer *self)
{
  struct sockaddr_in address;
  socklen_t size = sizeof address;

  if (getsockname (self->listener, (struct sockaddr *) &address, &size) != 0)
    g_error ("listening: %s", g_strerror (errno));
  return g_strdup_printf ("ws://127.0.0.1:%u/feed", ntohs (address.sin_port));
}

static void
peer_write (int           fd,
            gconstpointer bytes,
            gsize         n_bytes)
{
  if (write (fd, bytes, n_bytes) != (gssize) n_bytes)
    g_error ("writing: %s", g_strerror (errno));
}

/* It was made before this end of it. */
static int
peer_find_other_end (int                       fd,
                     const struct sockaddr_in *address)
{
  while (--fd >= 0)
    {
      struct sockaddr_in own = { 0 };
      socklen_t size = sizeof own;

      if (getsockname (fd, (struct sockaddr *) &own, &size) == 0 && own.sin_family == AF_INET &&
          own.sin_port == address->sin_port)
        return fd;
    }
  g_error ("who connects is not in this process");
}

static void
peer_accept (Peer *self)
{
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  int fd;

  while ((fd = accept4 (self->listener, (struct sockaddr *) &address, &size,
                        SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
    {
      PeerSocket peer = { fd, peer_find_other_end (fd, &address), FALSE };
      int is_on = 1;

      /* What is written arrives at once. */
      setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &is_on, sizeof is_on);
      g_array_append_val (self->sockets, peer);
    }
}

static void
peer_open (PeerSocket *peer,
           const char *request)
{
  g_autofree char *key = wire_accept_key (request);
  g_autofree char *answer =
    g_strconcat ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Accept: ", key, "\r\n\r\n", NULL);

  peer_write (peer->fd, answer, strlen (answer));
  peer->is_open = TRUE;
}

static void
peer_answer (Peer       *self,
             PeerSocket *peer,
             guint8     *bytes,
             gsize       n_bytes)
{
  WireFrame frame;

  while (wire_parse (bytes, n_bytes, &frame))
    {
      guint8 opcode = frame.first & 0xf;
      guint8 answer[BUFFER_SIZE];
      gsize head = wire_put_head (answer, opcode == WIRE_PING ? WIRE_PONG : opcode, frame.length,
                                  FALSE);

      memcpy (answer + head, frame.payload, frame.length);
      peer_write (peer->fd, answer, head + frame.length);
      self->n_answered++;
      bytes += frame.size;
      n_bytes -= frame.size;
    }
  if (n_bytes > 0)
    g_error ("half a frame");
}

static void
peer_wait_for (int fd)
{
  struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

  if (poll (&poll_fd, 1, PATIENCE_MS) != 1)
    g_error ("nothing came through");
}

static gboolean
peer_read (Peer       *self,
           PeerSocket *peer)
{
  char bytes[BUFFER_SIZE];
  gssize n_bytes = read (peer->fd, bytes, sizeof bytes - 1);

  if (n_bytes <= 0)
    return FALSE;
  bytes[n_bytes] = '\0';
  if (peer->is_open)
    peer_answer (self, peer, (guint8 *) bytes, (gsize) n_bytes);
  else
    peer_open (peer, bytes);
  peer_wait_for (peer->other_end);
  return TRUE;
}

/* Lets in who knocks, and answers what has come: handshakes, pings, and messages with the same. */
void
peer_serve (Peer *self)
{
  peer_accept (self);
  for (guint i = 0; i < self->sockets->len; i++)
    peer_read (self, &g_array_index (self->sockets, PeerSocket, i));
}

/* The same, until so many pings and messages have come. The kernel takes its time when it is
 * busy, and then how much comes together would be chance. */
void
peer_serve_all (Peer    *self,
                guint64  n)
{
  guint64 n_wanted = self->n_answered + n;
  guint n_waits = 0;

  for (peer_serve (self); self->n_answered < n_wanted; peer_serve (self))
    {
      poll (NULL, 0, 1);
      if (n_waits++ == PATIENCE_MS)
        g_error ("%" G_GUINT64_FORMAT " did not come", n_wanted - self->n_answered);
    }
}
