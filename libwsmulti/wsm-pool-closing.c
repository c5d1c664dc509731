/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-pool-internal.h"

#include "wsm-error.h"

/*
 * Closing all connections of a pool, and waiting for that.
 */

#define CLOSE_CODE_GOING_AWAY 1001

static void
wsm_pool_free_source (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

void
wsm_pool_end_closing (WsmPool      *self,
                      const GError *error)
{
  wsm_scheduler_disarm (self->host.scheduler, &self->close_timer);
  g_slist_free_full (g_steal_pointer (&self->close_cancelled), wsm_pool_free_source);
  wsm_wait_list_return (&self->close_waiters, error);
}

/* One that the app has opened again meanwhile is not part of it. */
static guint
wsm_pool_cut_off (WsmPool *self)
{
  g_autoptr (GPtrArray) connections = wsm_pool_dup_connections (self);
  guint n = 0;

  for (guint i = 0; i < connections->len; i++)
    {
      WsmConnection *connection = g_ptr_array_index (connections, i);

      if (wsm_connection_get_state (connection) != WSM_STATE_CLOSING)
        continue;
      wsm_connection_abort (connection);
      n++;
    }

  return n;
}

/* Called for each connection once, whatever became of it. */
static void
wsm_pool_connection_closed_cb (GObject      *object,
                               GAsyncResult *result,
                               gpointer      user_data)
{
  g_autoptr (WsmPool) self = user_data;

  wsm_connection_close_finish (WSM_CONNECTION (object), result, NULL);
  self->n_closing--;
  if (self->n_closing == 0)
    wsm_pool_end_closing (self, NULL);
}

static void
wsm_pool_close_late_cb (GObject         *target,
                        WsmDeliveryItem *item)
{
  WsmPool *self = WSM_POOL (target);
  g_autoptr (GError) error = NULL;
  guint n;

  if (self->close_waiters == NULL)
    return;
  n = wsm_pool_cut_off (self);
  error = g_error_new (WSM_ERROR, WSM_ERROR_TIMED_OUT,
                       "%u connections were not closed by the deadline and were cut off", n);
  wsm_pool_end_closing (self, n > 0 ? error : NULL);
}

void
wsm_pool_close_timer_cb (WsmTimer *timer,
                         gpointer  user_data)
{
  WsmPool *self = user_data;

  wsm_delivery_post_call (self->host.delivery, G_OBJECT (self), wsm_pool_close_late_cb);
}

static gboolean
wsm_pool_close_cancelled_cb (GCancellable *cancellable,
                             gpointer      user_data)
{
  g_autoptr (WsmPool) self = g_object_ref (user_data);
  g_autoptr (GError) error = NULL;
  guint n = wsm_pool_cut_off (self);

  error = g_error_new (WSM_ERROR, WSM_ERROR_ABORTED,
                       "%u connections were cut off because somebody cancelled that", n);
  wsm_pool_end_closing (self, n > 0 ? error : NULL);

  return G_SOURCE_REMOVE;
}

/**
 * wsm_pool_close_async:
 * @self: a pool
 * @deadline: how long it may take, in milliseconds; 0 = as long as the close time-outs of the
 *   connections
 * @cancellable: (nullable): cuts off what is not closed yet
 * @callback: (scope async) (closure user_data): called when all are closed
 * @user_data: for @callback
 *
 * Closes all connections politely, with code 1001.
 *
 * They stay in the pool, and can be opened again; it does not wait for one that is opened again
 * before all are closed.
 *
 * Since: 0.1
 */
void
wsm_pool_close_async (WsmPool             *self,
                      guint                deadline,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr (GPtrArray) connections = NULL;
  g_autoptr (WsmPool) keep = NULL;
  g_autoptr (GTask) task = NULL;
  gint64 now_us;

  g_return_if_fail (WSM_IS_POOL (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));
  if (!wsm_pool_check_caller (self))
    return;

  keep = g_object_ref (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, wsm_pool_close_async);
  g_task_set_name (task, "[wsm] close pool");
  if (self->host.scheduler == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  wsm_wait_list_add (&self->close_waiters, g_steal_pointer (&task));

  now_us = wsm_scheduler_get_time_us (self->host.scheduler);
  if (deadline > 0 &&
      (!wsm_timer_is_armed (&self->close_timer) ||
       self->close_timer.due_us > now_us + (gint64) deadline * 1000))
    wsm_scheduler_arm (self->host.scheduler, &self->close_timer, now_us + (gint64) deadline * 1000);
  if (cancellable != NULL)
    {
      GSource *source = g_cancellable_source_new (cancellable);

      g_source_set_static_name (source, "[wsm] close pool cancelled");
      g_source_set_callback (source, G_SOURCE_FUNC (wsm_pool_close_cancelled_cb), self, NULL);
      g_source_attach (source, self->context);
      self->close_cancelled = g_slist_prepend (self->close_cancelled, source);
    }

  /* Counts as one of them, so that all is not over before the last one has begun. */
  self->n_closing++;
  connections = wsm_pool_dup_connections (self);
  for (guint i = 0; i < connections->len; i++)
    {
      self->n_closing++;
      wsm_connection_close_async (g_ptr_array_index (connections, i), CLOSE_CODE_GOING_AWAY, NULL,
                                  NULL, wsm_pool_connection_closed_cb, g_object_ref (self));
    }
  self->n_closing--;
  if (self->n_closing == 0)
    wsm_pool_end_closing (self, NULL);
}

/**
 * wsm_pool_close_finish:
 * @self: a pool
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Tells how [method@Wsm.Pool.close_async] ended.
 *
 * Fails with %WSM_ERROR_TIMED_OUT if connections had to be cut off at the deadline, with
 * %G_IO_ERROR_CANCELLED, or with %WSM_ERROR_ABORTED if another call was cancelled.
 *
 * Returns: whether all were closed politely
 *
 * Since: 0.1
 */
gboolean
wsm_pool_close_finish (WsmPool       *self,
                       GAsyncResult  *result,
                       GError       **error)
{
  g_return_val_if_fail (WSM_IS_POOL (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, wsm_pool_close_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
