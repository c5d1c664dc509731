/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

#include "wsm-error.h"

/*
 * Waiting for a connection: until it is open, until it is closed, until a ping is answered.
 *
 * Cancelling ends the wait and nothing else.
 */

/**
 * wsm_connection_open_async:
 * @self: a connection
 * @cancellable: (nullable): ends the wait, not the connection
 * @callback: (scope async) (closure user_data): called when it is open or has ended
 * @user_data: for @callback
 *
 * Opens the connection and waits until it is open for the first time.
 *
 * Attempts that fail and are tried again do not end the wait. See
 * [method@Wsm.Connection.open].
 *
 * Since: 0.1
 */
void
wsm_connection_open_async (WsmConnection       *self,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_autoptr (WsmConnection) keep = NULL;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (WSM_IS_CONNECTION (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  if (!wsm_connection_check_caller (self))
    return;

  keep = g_object_ref (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, wsm_connection_open_async);
  g_task_set_name (task, "[wsm] open");

  /* The end of the old life ends no wait for the new one. */
  if (self->state == WSM_STATE_CLOSING)
    wsm_connection_end (self, WSM_REASON_CODE_ABORTED);

  if (self->host == NULL)
    {
      wsm_connection_open (self, &error);
      g_task_return_error (task, error);
      return;
    }
  if (wsm_connection_is_open (self))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  wsm_wait_list_add (&self->open_waiters, g_steal_pointer (&task));
  wsm_connection_open (self, NULL);
}

/**
 * wsm_connection_open_finish:
 * @self: a connection
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Tells how [method@Wsm.Connection.open_async] ended.
 *
 * Fails with the connection's own error when it has failed, with %WSM_ERROR_ABORTED when it was
 * closed or removed, with %WSM_ERROR_NOT_IN_POOL, or with %G_IO_ERROR_CANCELLED.
 *
 * Returns: whether it is open
 *
 * Since: 0.1
 */
gboolean
wsm_connection_open_finish (WsmConnection  *self,
                            GAsyncResult   *result,
                            GError        **error)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, wsm_connection_open_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * wsm_connection_close_async:
 * @self: a connection
 * @code: the close code, see [method@Wsm.Connection.close]
 * @reason: (nullable): the close reason, likewise
 * @cancellable: (nullable): ends the wait, not the closing
 * @callback: (scope async) (closure user_data): called when it is closed
 * @user_data: for @callback
 *
 * Closes the connection and waits until it is closed.
 *
 * It takes at most [property@Wsm.Connection:close-timeout].
 *
 * Since: 0.1
 */
void
wsm_connection_close_async (WsmConnection       *self,
                            guint                code,
                            const char          *reason,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_autoptr (WsmConnection) keep = NULL;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (WSM_IS_CONNECTION (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  if (!wsm_connection_check_caller (self))
    return;

  keep = g_object_ref (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, wsm_connection_close_async);
  g_task_set_name (task, "[wsm] close");

  if (!wsm_connection_close (self, code, reason, &error))
    g_task_return_error (task, error);
  else if (self->state == WSM_STATE_CLOSING)
    wsm_wait_list_add (&self->close_waiters, g_steal_pointer (&task));
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * wsm_connection_close_finish:
 * @self: a connection
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Tells how [method@Wsm.Connection.close_async] ended.
 *
 * Fails with %WSM_ERROR_INVALID_CLOSE or %G_IO_ERROR_CANCELLED.
 *
 * Returns: whether it is closed
 *
 * Since: 0.1
 */
gboolean
wsm_connection_close_finish (WsmConnection  *self,
                             GAsyncResult   *result,
                             GError        **error)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, wsm_connection_close_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* The one ping that is out because the app asked; whoever asks meanwhile shares it. */
struct _WsmPinger
{
  WsmConnection *connection; /* (unowned) */
  WsmWaitList *waiters;      /* (owned) */
  WsmTimer timer;
  char *payload; /* (owned) */
  gint64 sent_us;
};

static void
wsm_pinger_free (WsmPinger *self)
{
  if (self->connection->host != NULL)
    wsm_scheduler_disarm (self->connection->host->scheduler, &self->timer);
  g_free (self->payload);
  g_free (self);
}

/*
 * wsm_connection_end_pinger:
 *
 * Fails those who wait for a pong, if any do.
 */
void
wsm_connection_end_pinger (WsmConnection *self,
                           const GError  *error)
{
  WsmPinger *pinger = g_steal_pointer (&self->pinger);

  if (pinger == NULL)
    return;
  wsm_wait_list_return (&pinger->waiters, error);
  wsm_pinger_free (pinger);
}

/*
 * wsm_connection_note_pinger:
 *
 * Returns: whether a pong with @payload answers the ping that the app asked for
 */
gboolean
wsm_connection_note_pinger (WsmConnection *self,
                            const char    *payload,
                            gint64         time_us)
{
  WsmPinger *pinger = self->pinger;
  gint64 round_trip_us;

  if (pinger == NULL || strcmp (pinger->payload, payload) != 0)
    return FALSE;

  self->pinger = NULL;
  round_trip_us = wsm_transport_measure_us (self->transport, WSM_MARK_PING, pinger->sent_us,
                                            time_us, self->host->scheduler);
  wsm_wait_list_return_number (&pinger->waiters, (double) round_trip_us / 1000.0);
  wsm_pinger_free (pinger);

  return TRUE;
}

static void
wsm_pinger_timed_out_cb (WsmTimer *timer,
                         gpointer  user_data)
{
  WsmPinger *self = user_data;
  guint timeout_ms = wsm_heartbeat_get_timeout (self->connection->heartbeat);
  g_autoptr (GError) error = NULL;

  error = g_error_new (WSM_ERROR, WSM_ERROR_TIMED_OUT, "%s: no pong within %u ms",
                       self->connection->name, timeout_ms);
  wsm_connection_end_pinger (self->connection, error);
}

/**
 * wsm_connection_ping_async:
 * @self: a connection
 * @cancellable: (nullable): ends the wait
 * @callback: (scope async) (closure user_data): called when the pong came, or did not
 * @user_data: for @callback
 *
 * Sends a ping frame now and waits for its pong.
 *
 * Whatever the heartbeat's mode is; a missing pong has no other effect than the error. Those who
 * ask while a ping is out share it.
 *
 * Since: 0.1
 */
void
wsm_connection_ping_async (WsmConnection       *self,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  WsmPinger *pinger;

  g_return_if_fail (WSM_IS_CONNECTION (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  if (!wsm_connection_check_caller (self))
    return;

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, wsm_connection_ping_async);
  g_task_set_name (task, "[wsm] ping");

  if (!wsm_connection_is_open (self) || self->transport == NULL)
    {
      g_task_return_new_error (task, WSM_ERROR, WSM_ERROR_NOT_OPEN,
                               "%s: only an open connection can be pinged",
                               wsm_connection_describe (self));
      return;
    }

  if (self->pinger == NULL)
    {
      pinger = self->pinger = g_new0 (WsmPinger, 1);
      pinger->connection = self;
      pinger->sent_us = wsm_scheduler_get_time_us (self->host->scheduler);
      pinger->payload = g_strdup_printf ("wsm-ping-%08x%08x", g_rand_int (self->host->random),
                                         g_rand_int (self->host->random));
      wsm_timer_init (&pinger->timer, wsm_pinger_timed_out_cb, pinger);
      wsm_scheduler_arm (self->host->scheduler, &pinger->timer,
                         pinger->sent_us +
                         (gint64) wsm_heartbeat_get_timeout (self->heartbeat) * 1000);
      wsm_transport_mark_next (self->transport, WSM_MARK_PING);
      wsm_transport_ping (self->transport, pinger->payload);
    }
  wsm_wait_list_add (&self->pinger->waiters, g_steal_pointer (&task));
}

/**
 * wsm_connection_ping_finish:
 * @self: a connection
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Tells how [method@Wsm.Connection.ping_async] ended.
 *
 * Fails with %WSM_ERROR_NOT_OPEN, %WSM_ERROR_TIMED_OUT after the heartbeat's time-out,
 * %WSM_ERROR_ABORTED when the socket was lost, or %G_IO_ERROR_CANCELLED.
 *
 * Returns: the round trip in milliseconds, as of a beat, or -1 with @error set
 *
 * Since: 0.1
 */
double
wsm_connection_ping_finish (WsmConnection  *self,
                            GAsyncResult   *result,
                            GError        **error)
{
  g_autofree double *round_trip_ms = NULL;

  g_return_val_if_fail (WSM_IS_CONNECTION (self), -1);
  g_return_val_if_fail (g_task_is_valid (result, self), -1);
  g_return_val_if_fail (g_async_result_is_tagged (result, wsm_connection_ping_async), -1);

  round_trip_ms = g_task_propagate_pointer (G_TASK (result), error);

  return round_trip_ms != NULL ? *round_trip_ms : -1;
}
