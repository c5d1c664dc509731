/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

#include "wsm-backoff-private.h"

/*
 * The settings of a connection. A bad one is refused with a critical that names it, and the old
 * one stays in force.
 */

/**
 * wsm_connection_get_uri: (get-property uri)
 * @self: a connection
 *
 * Gets the URI, `ws` or `wss`, with a host and without a fragment.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Connection:uri]
 *
 * Since: 0.1
 */
const char *
wsm_connection_get_uri (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return self->uri;
}

/**
 * wsm_connection_get_name: (get-property name)
 * @self: a connection
 *
 * Gets the name, unique in its pool.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Connection:name]
 *
 * Since: 0.1
 */
const char *
wsm_connection_get_name (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return self->name;
}

/**
 * wsm_connection_get_protocols: (get-property protocols)
 * @self: a connection
 *
 * Gets the sub-protocols to offer, the preferred one first.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Connection:protocols]
 *
 * Since: 0.1
 */
const char * const *
wsm_connection_get_protocols (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return (const char * const *) self->protocols;
}

/**
 * wsm_connection_get_origin: (get-property origin)
 * @self: a connection
 *
 * Gets the origin to send (RFC 6454), `NULL` for none.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Connection:origin]
 *
 * Since: 0.1
 */
const char *
wsm_connection_get_origin (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return self->origin;
}

/**
 * wsm_connection_get_heartbeat: (get-property heartbeat)
 * @self: a connection
 *
 * Tells how the peer's life is checked.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Connection:heartbeat]
 *
 * Since: 0.1
 */
WsmHeartbeat *
wsm_connection_get_heartbeat (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return self->heartbeat;
}

/**
 * wsm_connection_set_heartbeat: (set-property heartbeat)
 * @self: a connection
 * @heartbeat: (nullable): the new one; `NULL` only while it is in no pool
 *
 * Sets how the peer's life is checked.
 *
 * Since: 0.1
 */
void
wsm_connection_set_heartbeat (WsmConnection *self,
                              WsmHeartbeat  *heartbeat)
{
  g_autoptr (WsmConnection) keep = NULL;
  g_autoptr (GError) error = NULL;

  g_return_if_fail (WSM_IS_CONNECTION (self));
  g_return_if_fail (heartbeat == NULL || WSM_IS_HEARTBEAT (heartbeat));
  if (!wsm_connection_check_caller (self) || self->heartbeat == heartbeat)
    return;
  if (heartbeat == NULL && self->host != NULL)
    {
      g_critical ("%s: heartbeat: a connection in a pool needs one", self->name);
      return;
    }
  if (heartbeat != NULL && !wsm_heartbeat_validate (heartbeat, &error))
    {
      g_critical ("%s", error->message);
      return;
    }

  keep = g_object_ref (self);
  g_set_object (&self->heartbeat, heartbeat);
  wsm_connection_notify (self, PROP_HEARTBEAT);
  wsm_connection_rhythm_changed (self);
}

/**
 * wsm_connection_get_backoff: (get-property backoff)
 * @self: a connection
 *
 * Tells when to try again.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Connection:backoff]
 *
 * Since: 0.1
 */
WsmBackoff *
wsm_connection_get_backoff (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return self->backoff;
}

/**
 * wsm_connection_set_backoff: (set-property backoff)
 * @self: a connection
 * @backoff: (nullable): the new one; `NULL` only while it is in no pool
 *
 * Sets when to try again.
 *
 * A connection that waits goes by the new one at once, as if it had from the beginning, and fails
 * if that allows no further attempt.
 *
 * Since: 0.1
 */
void
wsm_connection_set_backoff (WsmConnection *self,
                            WsmBackoff    *backoff)
{
  g_autoptr (WsmConnection) keep = NULL;
  g_autoptr (GError) error = NULL;

  g_return_if_fail (WSM_IS_CONNECTION (self));
  g_return_if_fail (backoff == NULL || WSM_IS_BACKOFF (backoff));
  if (!wsm_connection_check_caller (self) || self->backoff == backoff)
    return;
  if (backoff == NULL && self->host != NULL)
    {
      g_critical ("%s: backoff: a connection in a pool needs one", self->name);
      return;
    }
  if (backoff != NULL && !wsm_backoff_validate (backoff, &error))
    {
      g_critical ("%s", error->message);
      return;
    }

  keep = g_object_ref (self);
  g_set_object (&self->backoff, backoff);
  wsm_connection_notify (self, PROP_BACKOFF);
  wsm_connection_replan (self);
}

/**
 * wsm_connection_get_greetings: (get-property greetings)
 * @self: a connection
 *
 * Gets texts that are sent each time the connection opens, before anything else.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Connection:greetings]
 *
 * Since: 0.1
 */
const char * const *
wsm_connection_get_greetings (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return (const char * const *) self->greetings;
}

/**
 * wsm_connection_set_greetings: (set-property greetings)
 * @self: a connection
 * @greetings: (nullable) (array zero-terminated=1): UTF-8 texts
 *
 * Sets texts that are sent each time the connection opens, before anything else.
 *
 * Since: 0.1
 */
void
wsm_connection_set_greetings (WsmConnection      *self,
                              const char * const *greetings)
{
  g_return_if_fail (WSM_IS_CONNECTION (self));
  if (!wsm_connection_check_caller (self))
    return;
  if (self->greetings == (GStrv) greetings ||
      (self->greetings != NULL && greetings != NULL &&
       g_strv_equal ((const char * const *) self->greetings, greetings)))
    return;
  for (guint i = 0; greetings != NULL && greetings[i] != NULL; i++)
    {
      if (!g_utf8_validate (greetings[i], -1, NULL))
        {
          g_critical ("greetings: text %u is not UTF-8", i);
          return;
        }
    }

  g_strfreev (self->greetings);
  self->greetings = g_strdupv ((GStrv) greetings);
  wsm_connection_notify (self, PROP_GREETINGS);
}

/**
 * wsm_connection_get_outbox_limit: (get-property outbox-limit)
 * @self: a connection
 *
 * Gets the most bytes that may wait to be sent.
 *
 * Returns: the value of [property@Wsm.Connection:outbox-limit]
 *
 * Since: 0.1
 */
guint64
wsm_connection_get_outbox_limit (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->outbox_limit;
}

/**
 * wsm_connection_set_outbox_limit: (set-property outbox-limit)
 * @self: a connection
 * @outbox_limit: the new value
 *
 * Sets the most bytes that may wait to be sent.
 *
 * Since: 0.1
 */
void
wsm_connection_set_outbox_limit (WsmConnection *self,
                                 guint64        outbox_limit)
{
  g_autoptr (WsmConnection) keep = NULL;

  g_return_if_fail (WSM_IS_CONNECTION (self));
  if (!wsm_connection_check_caller (self) || self->outbox_limit == outbox_limit)
    return;

  keep = g_object_ref (self);
  self->outbox_limit = outbox_limit;
  wsm_connection_notify (self, PROP_OUTBOX_LIMIT);
  wsm_connection_update_writable (self);
}

/**
 * wsm_connection_get_queue_while_closed: (get-property queue-while-closed)
 * @self: a connection
 *
 * Tells whether messages may be queued before the connection is open, and stay queued until it is
 * open again.
 *
 * Returns: the value of [property@Wsm.Connection:queue-while-closed]
 *
 * Since: 0.1
 */
gboolean
wsm_connection_get_queue_while_closed (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), FALSE);

  return self->queue_while_closed;
}

/**
 * wsm_connection_set_queue_while_closed: (set-property queue-while-closed)
 * @self: a connection
 * @queue_while_closed: the new value
 *
 * Sets whether messages may be queued before the connection is open, and stay queued until it is
 * open again.
 *
 * Since: 0.1
 */
void
wsm_connection_set_queue_while_closed (WsmConnection *self,
                                       gboolean       queue_while_closed)
{
  g_autoptr (WsmConnection) keep = NULL;

  g_return_if_fail (WSM_IS_CONNECTION (self));
  queue_while_closed = !!queue_while_closed;
  if (!wsm_connection_check_caller (self) ||
      self->queue_while_closed == (guint) queue_while_closed)
    return;

  keep = g_object_ref (self);
  self->queue_while_closed = queue_while_closed != FALSE;
  wsm_connection_notify (self, PROP_QUEUE_WHILE_CLOSED);
  wsm_connection_update_writable (self);
}

/**
 * wsm_connection_get_max_message_size: (get-property max-message-size)
 * @self: a connection
 *
 * Gets the largest message to accept, in bytes.
 *
 * Returns: the value of [property@Wsm.Connection:max-message-size]
 *
 * Since: 0.1
 */
guint64
wsm_connection_get_max_message_size (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->max_message_size;
}

/**
 * wsm_connection_set_max_message_size: (set-property max-message-size)
 * @self: a connection
 * @max_message_size: the new value
 *
 * Sets the largest message to accept, in bytes.
 *
 * Since: 0.1
 */
void
wsm_connection_set_max_message_size (WsmConnection *self,
                                     guint64        max_message_size)
{
  g_return_if_fail (WSM_IS_CONNECTION (self));
  if (!wsm_connection_check_caller (self) || self->max_message_size == max_message_size)
    return;
  if (max_message_size == 0)
    {
      g_critical ("max-message-size: 0 is no limit that can be held; set one, 16 MiB for instance");
      return;
    }

  self->max_message_size = max_message_size;
  if (self->transport != NULL)
    wsm_transport_set_max_message_size (self->transport, max_message_size);
  wsm_connection_notify (self, PROP_MAX_MESSAGE_SIZE);
}

/**
 * wsm_connection_get_connect_timeout: (get-property connect-timeout)
 * @self: a connection
 *
 * Gets the time, in milliseconds, within which an attempt has to be complete, from the look-up of
 * the name to the end of the handshake.
 *
 * Returns: the value of [property@Wsm.Connection:connect-timeout]
 *
 * Since: 0.1
 */
guint
wsm_connection_get_connect_timeout (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->connect_timeout_ms;
}

/**
 * wsm_connection_set_connect_timeout: (set-property connect-timeout)
 * @self: a connection
 * @connect_timeout: the new value
 *
 * Sets the time, in milliseconds, within which an attempt has to be complete, from the look-up of
 * the name to the end of the handshake.
 *
 * Since: 0.1
 */
void
wsm_connection_set_connect_timeout (WsmConnection *self,
                                    guint          connect_timeout)
{
  g_return_if_fail (WSM_IS_CONNECTION (self));
  if (!wsm_connection_check_caller (self) || self->connect_timeout_ms == connect_timeout)
    return;
  if (connect_timeout == 0)
    {
      g_critical ("connect-timeout: 0 ms; set at least 1 ms");
      return;
    }

  self->connect_timeout_ms = connect_timeout;
  wsm_connection_notify (self, PROP_CONNECT_TIMEOUT);
}

/**
 * wsm_connection_get_close_timeout: (get-property close-timeout)
 * @self: a connection
 *
 * Gets the time, in milliseconds, that a polite close may take.
 *
 * Returns: the value of [property@Wsm.Connection:close-timeout]
 *
 * Since: 0.1
 */
guint
wsm_connection_get_close_timeout (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->close_timeout_ms;
}

/**
 * wsm_connection_set_close_timeout: (set-property close-timeout)
 * @self: a connection
 * @close_timeout: the new value
 *
 * Sets the time, in milliseconds, that a polite close may take.
 *
 * Since: 0.1
 */
void
wsm_connection_set_close_timeout (WsmConnection *self,
                                  guint          close_timeout)
{
  g_return_if_fail (WSM_IS_CONNECTION (self));
  if (!wsm_connection_check_caller (self) || self->close_timeout_ms == close_timeout)
    return;
  if (close_timeout == 0)
    {
      g_critical ("close-timeout: 0 ms; set at least 1 ms, or abort");
      return;
    }

  self->close_timeout_ms = close_timeout;
  wsm_connection_notify (self, PROP_CLOSE_TIMEOUT);
}

/**
 * wsm_connection_get_max_redirects: (get-property max-redirects)
 * @self: a connection
 *
 * Gets how many redirections in a row an attempt follows.
 *
 * Returns: the value of [property@Wsm.Connection:max-redirects]
 *
 * Since: 0.1
 */
guint
wsm_connection_get_max_redirects (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->max_redirects;
}

/**
 * wsm_connection_set_max_redirects: (set-property max-redirects)
 * @self: a connection
 * @max_redirects: the new value
 *
 * Sets how many redirections in a row an attempt follows.
 *
 * Since: 0.1
 */
void
wsm_connection_set_max_redirects (WsmConnection *self,
                                  guint          max_redirects)
{
  g_return_if_fail (WSM_IS_CONNECTION (self));
  if (!wsm_connection_check_caller (self) || self->max_redirects == max_redirects)
    return;
  if (max_redirects > MAX_REDIRECTS)
    {
      g_critical ("max-redirects: %u; set at most %u", max_redirects, MAX_REDIRECTS);
      return;
    }

  self->max_redirects = max_redirects;
  wsm_connection_notify (self, PROP_MAX_REDIRECTS);
}
