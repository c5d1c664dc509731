/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "notify-socket.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <unistd.h>

/*
 * What systemd's sd_notify() does: a datagram with some lines.
 *
 * systemd promises that the protocol stays as it is, and advises to speak it oneself where that is
 * all one wants of its library, which would bring several others along. GIO has the socket. Unlike
 * that function it never waits: the loop has more to do.
 */

struct _WsmCliNotifySocket
{
  GSocket *socket;         /* (owned) */
  GSocketAddress *address; /* (owned) */
  guint watchdog_ms;
};

/* It is told to one process; another one that has inherited it is not meant. */
static guint
wsm_cli_notify_socket_read_watchdog_ms (void)
{
  const char *pid = g_getenv ("WATCHDOG_PID");
  const char *us = g_getenv ("WATCHDOG_USEC");
  guint64 number;

  if (pid != NULL &&
      (!g_ascii_string_to_unsigned (pid, 10, 1, G_MAXINT, &number, NULL) ||
       number != (guint64) getpid ()))
    return 0;

  if (us == NULL || !g_ascii_string_to_unsigned (us, 10, 1, G_MAXUINT64, &number, NULL))
    return 0;

  return (guint) CLAMP (number / 1000, 1, G_MAXINT);
}

/* A path, or a name in a space of its own; anything else is none of ours. */
static GSocketAddress *
wsm_cli_notify_socket_make_address (const char *text)
{
  if (text == NULL || strlen (text) < 2)
    return NULL;
  if (text[0] == '/')
    return g_unix_socket_address_new (text);
  if (text[0] == '@')
    return g_unix_socket_address_new_with_type (text + 1, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);

  g_debug ("NOTIFY_SOCKET: “%s” is neither a path nor a name", text);

  return NULL;
}

/**
 * wsm_cli_notify_socket_new_from_environment:
 *
 * Finds out who wants to know, from the environment, and takes it out of there: it is not for any
 * process that this one may start.
 *
 * Returns: (transfer full) (nullable): a socket, or `NULL` if nobody wants to know
 */
WsmCliNotifySocket *
wsm_cli_notify_socket_new_from_environment (void)
{
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  guint watchdog_ms = wsm_cli_notify_socket_read_watchdog_ms ();
  WsmCliNotifySocket *self;

  address = wsm_cli_notify_socket_make_address (g_getenv ("NOTIFY_SOCKET"));
  g_unsetenv ("NOTIFY_SOCKET");
  g_unsetenv ("WATCHDOG_PID");
  g_unsetenv ("WATCHDOG_USEC");
  if (address == NULL)
    return NULL;

  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT,
                         NULL);
  if (socket == NULL)
    return NULL;

  g_socket_set_blocking (socket, FALSE);
  self = g_new0 (WsmCliNotifySocket, 1);
  self->socket = g_steal_pointer (&socket);
  self->address = g_steal_pointer (&address);
  self->watchdog_ms = watchdog_ms;

  return self;
}

void
wsm_cli_notify_socket_free (WsmCliNotifySocket *self)
{
  g_object_unref (self->socket);
  g_object_unref (self->address);
  g_free (self);
}

/**
 * wsm_cli_notify_socket_get_watchdog_ms:
 * @self: a socket
 *
 * Tells after how long a silence the other side takes this process for dead, in milliseconds.
 *
 * Returns: the time, or 0 if it does not
 */
guint
wsm_cli_notify_socket_get_watchdog_ms (WsmCliNotifySocket *self)
{
  return self->watchdog_ms;
}

/**
 * wsm_cli_notify_socket_send:
 * @self: a socket
 * @text: lines of the form `NAME=value`
 *
 * Tells something.
 *
 * Returns: `FALSE` if the other side is not there, or too busy now
 */
gboolean
wsm_cli_notify_socket_send (WsmCliNotifySocket *self,
                            const char         *text)
{
  g_autoptr (GError) error = NULL;

  if (g_socket_send_to (self->socket, self->address, text, strlen (text), NULL, &error) >= 0)
    return TRUE;

  g_debug ("NOTIFY_SOCKET: %s", error->message);

  return FALSE;
}
