/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-socket-probe.h"

#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#if HAVE_TCP_INFO_BYTES_ACKED
#include <linux/sockios.h>
#include <linux/tcp.h>
#elif HAVE_TCP_NOTSENT_LOWAT
#include <netinet/tcp.h>
#endif

/* How much the kernel takes before the socket counts as full. Without a bound it takes
 * megabytes, and a beat waits behind them. */
#define MAX_UNSENT_BYTES (128 * 1024)

/* So often in a row acknowledgements may come in between two calls of the system. */
#define MAX_COUNTS 4

/* The streams that wrap a socket here: libsoup's own, and TLS. */
static GIOStream *
wsm_socket_probe_unwrap (GIOStream *stream)
{
  static const char * const properties[] = { "base-iostream", "base-io-stream" };
  GObjectClass *object_class = G_OBJECT_GET_CLASS (stream);

  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    {
      GParamSpec *pspec = g_object_class_find_property (object_class, properties[i]);
      g_autoptr (GObject) base = NULL;

      if (pspec == NULL || (pspec->flags & G_PARAM_READABLE) == 0 ||
          !g_type_is_a (pspec->value_type, G_TYPE_OBJECT))
        continue;

      g_object_get (stream, properties[i], &base, NULL);
      if (G_IS_IO_STREAM (base))
        return G_IO_STREAM (g_steal_pointer (&base));
    }

  return NULL;
}

/* Returns NULL where the stream does not say. */
GSocket *
wsm_socket_probe_find (GIOStream *stream)
{
  g_autoptr (GIOStream) current = NULL;
  GObject *socket;

  g_return_val_if_fail (G_IS_IO_STREAM (stream), NULL);

  /* libsoup leaves it here for code like this, without documenting it. */
  socket = g_object_get_data (G_OBJECT (stream), "GSocket");
  if (G_IS_SOCKET (socket))
    return G_SOCKET (g_object_ref (socket));

  current = g_object_ref (stream);
  while (current != NULL)
    {
      GIOStream *base;

      if (G_IS_SOCKET_CONNECTION (current))
        {
          GSocketConnection *connection = G_SOCKET_CONNECTION (current);

          return g_object_ref (g_socket_connection_get_socket (connection));
        }

      base = wsm_socket_probe_unwrap (current);
      g_object_unref (current);
      current = base;
    }

  return NULL;
}

/* Makes "writable" mean that what was written is about to leave. */
void
wsm_socket_probe_tune (GSocket *socket)
{
  g_return_if_fail (G_IS_SOCKET (socket));

#if HAVE_TCP_NOTSENT_LOWAT
  /* A socket that is no TCP refuses; nothing depends on it. */
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES, NULL);
#endif
}

/* Has the system stamp what arrives; returns whether it does. */
gboolean
wsm_socket_probe_want_stamps (GSocket *socket)
{
  g_return_val_if_fail (G_IS_SOCKET (socket), FALSE);

#ifdef SCM_TIMESTAMPNS
  return g_socket_set_option (socket, SOL_SOCKET, SO_TIMESTAMPNS, TRUE, NULL);
#else
  return FALSE;
#endif
}

#ifdef SCM_TIMESTAMPNS
/* 0 where it is not stamped. */
static gint64
wsm_socket_probe_find_stamp (struct msghdr *message)
{
  struct timespec stamp;

  for (struct cmsghdr *control = CMSG_FIRSTHDR (message); control != NULL;
       control = CMSG_NXTHDR (message, control))
    {
      if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_TIMESTAMPNS)
        continue;
      memcpy (&stamp, CMSG_DATA (control), sizeof stamp);
      return (gint64) stamp.tv_sec * G_USEC_PER_SEC + stamp.tv_nsec / 1000;
    }

  return 0;
}
#endif

/*
 * wsm_socket_probe_receive:
 * @wall_us: (out): when the last of it arrived, by the wall clock; 0 = nobody knows
 *
 * Reads without waiting, from a socket that wants stamps.
 */
gssize
wsm_socket_probe_receive (GSocket  *socket,
                          void     *buffer,
                          gsize     count,
                          gint64   *wall_us,
                          GError  **error)
{
  *wall_us = 0;

#ifdef SCM_TIMESTAMPNS
  {
    union
    {
      char room[CMSG_SPACE (sizeof (struct timespec))];
      struct cmsghdr align;
    } control;
    struct iovec vector = { buffer, count };
    struct msghdr message = {
      .msg_iov = &vector,
      .msg_iovlen = 1,
      .msg_control = &control,
      .msg_controllen = sizeof control,
    };
    gssize n_bytes;

    if (g_socket_is_closed (socket))
      return g_socket_receive_with_blocking (socket, buffer, count, FALSE, NULL, error);

    do
      n_bytes = recvmsg (g_socket_get_fd (socket), &message, 0);
    while (n_bytes < 0 && errno == EINTR);
    if (n_bytes < 0)
      {
        int code = errno;

        /* After each frame there is nothing more, and nobody reads why. */
        g_set_error_literal (error, G_IO_ERROR, (int) g_io_error_from_errno (code),
                             code == EAGAIN ? "Not yet" : g_strerror (code));
        return -1;
      }

    *wall_us = wsm_socket_probe_find_stamp (&message);

    return n_bytes;
  }
#else
  return g_socket_receive_with_blocking (socket, buffer, count, FALSE, NULL, error);
#endif
}

/* Returns "address:port", NULL where there is none. */
char *
wsm_socket_probe_name_peer (GSocket *socket)
{
  g_autoptr (GSocketAddress) peer = NULL;
  g_autofree char *address = NULL;
  GInetSocketAddress *inet_peer;
  guint port;

  g_return_val_if_fail (G_IS_SOCKET (socket), NULL);

  peer = g_socket_get_remote_address (socket, NULL);
  if (!G_IS_INET_SOCKET_ADDRESS (peer))
    return NULL;

  inet_peer = G_INET_SOCKET_ADDRESS (peer);
  port = g_inet_socket_address_get_port (inet_peer);
  address = g_inet_address_to_string (g_inet_socket_address_get_address (inet_peer));

  if (g_socket_address_get_family (peer) == G_SOCKET_FAMILY_IPV6)
    return g_strdup_printf ("[%s]:%u", address, port);

  return g_strdup_printf ("%s:%u", address, port);
}

#if HAVE_TCP_INFO_BYTES_ACKED
static gboolean
wsm_socket_probe_get_info (GSocket         *socket,
                           struct tcp_info *info)
{
  socklen_t length = sizeof *info;

  memset (info, 0, sizeof *info);
  if (getsockopt (g_socket_get_fd (socket), IPPROTO_TCP, TCP_INFO, info, &length) != 0)
    return FALSE;

  /* The structure grows with the kernel; an old one knows less than was compiled for. */
  return length >= offsetof (struct tcp_info, tcpi_bytes_received) +
                   sizeof info->tcpi_bytes_received;
}
#endif

gboolean
wsm_socket_probe_has_counters (GSocket *socket)
{
  g_return_val_if_fail (G_IS_SOCKET (socket), FALSE);

#if HAVE_TCP_INFO_BYTES_ACKED
  {
    struct tcp_info info;

    return wsm_socket_probe_get_info (socket, &info);
  }
#else
  return FALSE;
#endif
}

/*
 * wsm_socket_probe_count_written:
 *
 * How many bytes the socket has taken in all, as the peer acknowledges them.
 *
 * Returns: 0 where nobody counts
 */
guint64
wsm_socket_probe_count_written (GSocket *socket)
{
  g_return_val_if_fail (G_IS_SOCKET (socket), 0);

#if HAVE_TCP_INFO_BYTES_ACKED
  {
    struct tcp_info info;
    int n_before;
    int n_after;

    /* What is acknowledged meanwhile would be counted twice. */
    for (guint i = 0; i < MAX_COUNTS; i++)
      {
        if (ioctl (g_socket_get_fd (socket), SIOCOUTQ, &n_before) != 0 ||
            !wsm_socket_probe_get_info (socket, &info) ||
            ioctl (g_socket_get_fd (socket), SIOCOUTQ, &n_after) != 0)
          return 0;
        if (n_before == n_after)
          return (guint64) info.tcpi_bytes_acked + (guint64) MAX (n_after, 0);
      }
  }
#endif

  return 0;
}

void
wsm_socket_probe_query (GSocket      *socket,
                        gint64        now_us,
                        WsmWireState *state)
{
  g_return_if_fail (G_IS_SOCKET (socket));
  g_return_if_fail (state != NULL);

  if (g_socket_is_closed (socket))
    return;

  state->readable = (g_socket_condition_check (socket, G_IO_IN) & G_IO_IN) != 0;

#if HAVE_TCP_INFO_BYTES_ACKED
  {
    struct tcp_info info;
    int n_unacked = 0;

    /* In this order: what is acknowledged in between is then counted twice, not left out, and the
     * sum is no less than what was written. */
    if (ioctl (g_socket_get_fd (socket), SIOCOUTQ, &n_unacked) != 0 ||
        !wsm_socket_probe_get_info (socket, &info))
      return;

    state->has_counters = TRUE;
    state->n_bytes_received = info.tcpi_bytes_received;
    state->last_received_us = now_us - (gint64) info.tcpi_last_data_recv * 1000;
    state->n_bytes_acked = info.tcpi_bytes_acked;
    state->last_acked_us = now_us - (gint64) info.tcpi_last_ack_recv * 1000;
    state->n_bytes_unacked = (guint64) MAX (n_unacked, 0);
  }
#endif
}
