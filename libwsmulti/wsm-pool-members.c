/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-pool-internal.h"

#include "wsm-address.h"
#include "wsm-error.h"
#include "wsm-registry.h"

/*
 * Who is in a pool, and what is done to all of them.
 */

/* The name that the app gave, or the first one that is free. */
static char *
wsm_pool_choose_name (WsmPool        *self,
                      WsmConnection  *connection,
                      GError        **error)
{
  const char *wanted = wsm_connection_get_given_name (connection);
  g_autofree char *base = NULL;
  g_autofree char *name = NULL;
  guint number;

  if (wanted != NULL)
    {
      if (!g_hash_table_contains (self->by_name, wanted))
        return g_strdup (wanted);
      g_set_error (error, WSM_ERROR, WSM_ERROR_NAME_TAKEN,
                   "name: another connection of the pool is called “%s”; choose another one, or "
                   "none", wanted);
      return NULL;
    }

  base = wsm_address_redact (wsm_connection_get_uri (connection));
  if (!g_hash_table_contains (self->by_name, base))
    return g_steal_pointer (&base);

  /* Numbers go up and are not used again, so that thousands of one URI are named in no time, and
   * a name in a log means one connection. */
  number = GPOINTER_TO_UINT (g_hash_table_lookup (self->numbers, base));
  number = MAX (number, 1);
  do
    {
      g_free (name);
      name = g_strdup_printf ("%s #%u", base, ++number);
    }
  while (g_hash_table_contains (self->by_name, name));
  g_hash_table_replace (self->numbers, g_steal_pointer (&base), GUINT_TO_POINTER (number));

  return g_steal_pointer (&name);
}

/**
 * wsm_pool_add:
 * @self: a pool
 * @uri: a `ws` or `wss` URI
 * @error: return location for an error
 *
 * Makes a connection, adds it, and opens it in the next turn of the main loop.
 *
 * So settings and handlers can follow. Fails with %WSM_ERROR_INVALID_URI.
 *
 * Returns: (transfer none): the new connection, or `NULL` with @error set
 *
 * Since: 0.1
 */
WsmConnection *
wsm_pool_add (WsmPool     *self,
              const char  *uri,
              GError     **error)
{
  g_autoptr (WsmConnection) connection = NULL;

  g_return_val_if_fail (WSM_IS_POOL (self), NULL);
  g_return_val_if_fail (uri != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);
  if (!wsm_pool_check_caller (self))
    return NULL;

  connection = wsm_connection_new (uri);
  if (!wsm_pool_add_connection (self, connection, error))
    return NULL;
  if (!wsm_connection_is_attached (connection))
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_ABORTED,
                   "%s: was removed by whoever heard that it was added",
                   wsm_connection_get_name (connection));
      return NULL;
    }
  wsm_connection_post_open (connection);

  return connection;
}

static gboolean
wsm_pool_admits (WsmPool        *self,
                 WsmConnection  *connection,
                 char          **name,
                 GError        **error)
{
  if (self->host.gate == NULL)
    {
      g_set_error_literal (error, WSM_ERROR, WSM_ERROR_ABORTED,
                           "the pool was disposed of and takes nobody any more");
      return FALSE;
    }
  if (wsm_connection_is_attached (connection))
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_NOT_IN_POOL,
                   "%s: is in a pool already; remove it there first",
                   wsm_connection_get_name (connection));
      return FALSE;
    }
  if (!wsm_connection_validate (connection, error))
    return FALSE;

  if (*name != NULL && !g_hash_table_contains (self->by_name, *name))
    return TRUE;
  g_free (*name);
  *name = wsm_pool_choose_name (self, connection, error);

  return *name != NULL;
}

/**
 * wsm_pool_add_connection:
 * @self: a pool
 * @connection: a connection that is in no pool
 * @error: return location for an error
 *
 * Adds a connection; its state stays as it is.
 *
 * It gets a name, a heartbeat and a back-off if it has none. Fails with %WSM_ERROR_INVALID_URI or
 * %WSM_ERROR_INVALID_SETTING for what cannot work, %WSM_ERROR_NAME_TAKEN, or
 * %WSM_ERROR_NOT_IN_POOL if it is in a pool already; then nothing is changed.
 *
 * Returns: whether it was added
 *
 * Since: 0.1
 */
gboolean
wsm_pool_add_connection (WsmPool        *self,
                         WsmConnection  *connection,
                         GError        **error)
{
  g_autoptr (WsmPool) keep = NULL;
  g_autoptr (WsmConnection) keep_connection = NULL;
  g_autofree char *name = NULL;
  gboolean is_renamed;
  guint position;

  g_return_val_if_fail (WSM_IS_POOL (self), FALSE);
  g_return_val_if_fail (WSM_IS_CONNECTION (connection), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);
  if (!wsm_pool_check_caller (self) || !wsm_connection_may_be_called (connection) ||
      !wsm_pool_admits (self, connection, &name, error))
    return FALSE;

  keep = g_object_ref (self);
  keep_connection = g_object_ref (connection);
  if (wsm_connection_get_heartbeat (connection) == NULL)
    wsm_connection_set_heartbeat (connection, self->heartbeat);
  if (wsm_connection_get_backoff (connection) == NULL)
    wsm_connection_set_backoff (connection, self->backoff);
  /* Whoever was told of that may have been quicker to add it. */
  if (!wsm_pool_admits (self, connection, &name, error))
    return FALSE;

  is_renamed = g_strcmp0 (wsm_connection_get_name (connection), name) != 0;
  position = self->connections->len;
  wsm_connection_attach (connection, &self->host, wsm_registry_take_id (), name);
  g_ptr_array_add (self->connections, g_object_ref (connection));
  g_hash_table_insert (self->by_name, (gpointer) wsm_connection_get_name (connection), connection);
  wsm_pool_count (self, WSM_STATE_IDLE, wsm_connection_get_state (connection));
  if (self->observers != NULL)
    wsm_pool_note_added (self, connection);
  wsm_pool_need_environment (self);

  wsm_pool_items_changed (self, position, 0, 1);
  wsm_pool_tell_counts (self);
  if (is_renamed)
    g_object_notify (G_OBJECT (connection), "name");

  return TRUE;
}

/**
 * wsm_pool_remove:
 * @self: a pool
 * @connection: one of its connections
 *
 * Removes a connection at once.
 *
 * Its socket is dropped without a word to the peer, and it signals nothing any more; to part
 * politely, close it first.
 *
 * Returns: whether it was in the pool
 *
 * Since: 0.1
 */
gboolean
wsm_pool_remove (WsmPool       *self,
                 WsmConnection *connection)
{
  g_autoptr (WsmConnection) keep_connection = NULL;
  g_autoptr (WsmPool) keep = NULL;
  WsmState state;
  guint64 id;
  guint position;

  g_return_val_if_fail (WSM_IS_POOL (self), FALSE);
  g_return_val_if_fail (WSM_IS_CONNECTION (connection), FALSE);
  if (!wsm_pool_check_caller (self) ||
      !g_ptr_array_find (self->connections, connection, &position))
    return FALSE;

  keep = g_object_ref (self);
  keep_connection = g_object_ref (connection);
  state = wsm_connection_get_state (connection);
  id = wsm_connection_get_id (connection);
  g_hash_table_remove (self->by_name, wsm_connection_get_name (connection));
  g_ptr_array_remove_index (self->connections, position);
  wsm_connection_detach (connection);
  wsm_pool_forget_beats (self, connection);
  wsm_pool_count (self, state, WSM_STATE_IDLE);
  if (self->observers != NULL)
    wsm_pool_note_removed (self, connection, id);

  wsm_pool_items_changed (self, position, 1, 0);
  wsm_pool_tell_counts (self);

  return TRUE;
}

/**
 * wsm_pool_lookup:
 * @self: a pool
 * @name: a connection's name
 *
 * Finds a connection by its name.
 *
 * Returns: (transfer none) (nullable): the connection, or `NULL` if none has that name
 *
 * Since: 0.1
 */
WsmConnection *
wsm_pool_lookup (WsmPool    *self,
                 const char *name)
{
  g_return_val_if_fail (WSM_IS_POOL (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return g_hash_table_lookup (self->by_name, name);
}

/* All at once. */

/**
 * wsm_pool_broadcast_text:
 * @self: a pool
 * @text: UTF-8 text
 * @error: return location for an error
 *
 * Sends a text to every connection that takes it, see [method@Wsm.Connection.send_text].
 *
 * Fails with %WSM_ERROR_INVALID_TEXT, and then sends it to none.
 *
 * Returns: how many took it
 *
 * Since: 0.1
 */
guint
wsm_pool_broadcast_text (WsmPool     *self,
                         const char  *text,
                         GError     **error)
{
  g_autoptr (GPtrArray) connections = NULL;
  guint n = 0;

  g_return_val_if_fail (WSM_IS_POOL (self), 0);
  g_return_val_if_fail (text != NULL, 0);
  g_return_val_if_fail (error == NULL || *error == NULL, 0);
  if (!wsm_pool_check_caller (self))
    return 0;
  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error_literal (error, WSM_ERROR, WSM_ERROR_INVALID_TEXT,
                           "the text is not UTF-8; send other data as bytes");
      return 0;
    }

  connections = wsm_pool_dup_connections (self);
  for (guint i = 0; i < connections->len; i++)
    n += wsm_connection_send_text (g_ptr_array_index (connections, i), text, NULL) ? 1 : 0;

  return n;
}

/**
 * wsm_pool_broadcast_bytes:
 * @self: a pool
 * @bytes: data
 *
 * Sends data to every connection that takes it, see [method@Wsm.Connection.send_bytes].
 *
 * Returns: how many took it
 *
 * Since: 0.1
 */
guint
wsm_pool_broadcast_bytes (WsmPool *self,
                          GBytes  *bytes)
{
  g_autoptr (GPtrArray) connections = NULL;
  guint n = 0;

  g_return_val_if_fail (WSM_IS_POOL (self), 0);
  g_return_val_if_fail (bytes != NULL, 0);
  if (!wsm_pool_check_caller (self))
    return 0;

  connections = wsm_pool_dup_connections (self);
  for (guint i = 0; i < connections->len; i++)
    n += wsm_connection_send_bytes (g_ptr_array_index (connections, i), bytes, NULL) ? 1 : 0;

  return n;
}

/**
 * wsm_pool_probe:
 * @self: a pool
 *
 * Sends a beat on every open connection now.
 *
 * Since: 0.1
 */
void
wsm_pool_probe (WsmPool *self)
{
  g_autoptr (GPtrArray) connections = NULL;

  g_return_if_fail (WSM_IS_POOL (self));
  if (!wsm_pool_check_caller (self))
    return;

  connections = wsm_pool_dup_connections (self);
  for (guint i = 0; i < connections->len; i++)
    wsm_connection_probe (g_ptr_array_index (connections, i));
}

/**
 * wsm_pool_retry_now:
 * @self: a pool
 *
 * Lets every connection that waits try again at once; those that have ended stay so.
 *
 * Where there are more than [property@Wsm.Pool:max-retries-per-second] allows, they take turns.
 * Paused ones go on waiting.
 *
 * Since: 0.1
 */
void
wsm_pool_retry_now (WsmPool *self)
{
  g_autoptr (GPtrArray) connections = NULL;

  g_return_if_fail (WSM_IS_POOL (self));
  if (!wsm_pool_check_caller (self))
    return;

  connections = wsm_pool_dup_connections (self);
  for (guint i = 0; i < connections->len; i++)
    wsm_connection_retry_in_turn (g_ptr_array_index (connections, i));
}
