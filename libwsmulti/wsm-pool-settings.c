/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-pool-internal.h"

/*
 * The settings and figures of a pool.
 */

/**
 * wsm_pool_get_session: (get-property session)
 * @self: a pool
 *
 * Gets the HTTP session of its handshakes.
 *
 * Returns: (transfer none): the session
 *
 * Since: 0.1
 */
SoupSession *
wsm_pool_get_session (WsmPool *self)
{
  g_return_val_if_fail (WSM_IS_POOL (self), NULL);

  return self->session;
}

/**
 * wsm_pool_get_heartbeat: (get-property heartbeat)
 * @self: a pool
 *
 * Gets the heartbeat of connections that are added without one of their own.
 *
 * Returns: (transfer none): the heartbeat
 *
 * Since: 0.1
 */
WsmHeartbeat *
wsm_pool_get_heartbeat (WsmPool *self)
{
  g_return_val_if_fail (WSM_IS_POOL (self), NULL);

  return self->heartbeat;
}

/**
 * wsm_pool_set_heartbeat: (set-property heartbeat)
 * @self: a pool
 * @heartbeat: the new one
 *
 * Sets the heartbeat of connections that are added without one of their own.
 *
 * An invalid one is refused with a critical; the old one stays.
 *
 * Since: 0.1
 */
void
wsm_pool_set_heartbeat (WsmPool      *self,
                        WsmHeartbeat *heartbeat)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (WSM_IS_POOL (self));
  g_return_if_fail (WSM_IS_HEARTBEAT (heartbeat));
  if (!wsm_pool_check_caller (self))
    return;
  if (!wsm_heartbeat_validate (heartbeat, &error))
    {
      g_critical ("%s", error->message);
      return;
    }
  if (g_set_object (&self->heartbeat, heartbeat))
    g_object_notify_by_pspec (G_OBJECT (self), wsm_pool_properties[PROP_HEARTBEAT]);
}

/**
 * wsm_pool_get_backoff: (get-property backoff)
 * @self: a pool
 *
 * Gets the back-off of connections that are added without one of their own.
 *
 * Returns: (transfer none): the back-off
 *
 * Since: 0.1
 */
WsmBackoff *
wsm_pool_get_backoff (WsmPool *self)
{
  g_return_val_if_fail (WSM_IS_POOL (self), NULL);

  return self->backoff;
}

/**
 * wsm_pool_set_backoff: (set-property backoff)
 * @self: a pool
 * @backoff: the new one
 *
 * Sets the back-off of connections that are added without one of their own.
 *
 * An invalid one is refused with a critical; the old one stays.
 *
 * Since: 0.1
 */
void
wsm_pool_set_backoff (WsmPool    *self,
                      WsmBackoff *backoff)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (WSM_IS_POOL (self));
  g_return_if_fail (WSM_IS_BACKOFF (backoff));
  if (!wsm_pool_check_caller (self))
    return;
  if (!wsm_backoff_validate (backoff, &error))
    {
      g_critical ("%s", error->message);
      return;
    }
  if (g_set_object (&self->backoff, backoff))
    g_object_notify_by_pspec (G_OBJECT (self), wsm_pool_properties[PROP_BACKOFF]);
}

/**
 * wsm_pool_get_max_handshakes: (get-property max-handshakes)
 * @self: a pool
 *
 * Gets how many handshakes may be under way at a time.
 *
 * Returns: the value of [property@Wsm.Pool:max-handshakes]
 *
 * Since: 0.1
 */
guint
wsm_pool_get_max_handshakes (WsmPool *self)
{
  g_return_val_if_fail (WSM_IS_POOL (self), 0);

  return self->max_handshakes;
}

static void
wsm_pool_set_pace (WsmPool         *self,
                   guint           *field,
                   guint            value,
                   WsmPoolProperty  property)
{
  if (value == *field)
    return;
  if (value == 0)
    {
      g_critical ("%s: 0 would let nobody connect; set at least 1",
                  wsm_pool_properties[property]->name);
      return;
    }

  *field = value;
  if (self->host.gate != NULL)
    wsm_gate_set_max (self->host.gate, self->max_handshakes, self->max_handshakes_per_host);
  g_object_notify_by_pspec (G_OBJECT (self), wsm_pool_properties[property]);
}

/**
 * wsm_pool_set_max_handshakes: (set-property max-handshakes)
 * @self: a pool
 * @max_handshakes: at least 1
 *
 * Sets how many handshakes may be under way at a time.
 *
 * Since: 0.1
 */
void
wsm_pool_set_max_handshakes (WsmPool *self,
                             guint    max_handshakes)
{
  g_return_if_fail (WSM_IS_POOL (self));

  if (wsm_pool_check_caller (self))
    wsm_pool_set_pace (self, &self->max_handshakes, max_handshakes, PROP_MAX_HANDSHAKES);
}

/**
 * wsm_pool_get_max_handshakes_per_host: (get-property max-handshakes-per-host)
 * @self: a pool
 *
 * Gets how many handshakes may be under way with one host.
 *
 * Returns: the value of [property@Wsm.Pool:max-handshakes-per-host]
 *
 * Since: 0.1
 */
guint
wsm_pool_get_max_handshakes_per_host (WsmPool *self)
{
  g_return_val_if_fail (WSM_IS_POOL (self), 0);

  return self->max_handshakes_per_host;
}

/**
 * wsm_pool_set_max_handshakes_per_host: (set-property max-handshakes-per-host)
 * @self: a pool
 * @max_handshakes_per_host: at least 1
 *
 * Sets how many handshakes may be under way with one host.
 *
 * Since: 0.1
 */
void
wsm_pool_set_max_handshakes_per_host (WsmPool *self,
                                      guint    max_handshakes_per_host)
{
  g_return_if_fail (WSM_IS_POOL (self));

  if (wsm_pool_check_caller (self))
    wsm_pool_set_pace (self, &self->max_handshakes_per_host, max_handshakes_per_host,
                       PROP_MAX_HANDSHAKES_PER_HOST);
}

/**
 * wsm_pool_get_max_retries_per_second: (get-property max-retries-per-second)
 * @self: a pool
 *
 * Gets how many connections may try again in a second.
 *
 * Returns: the value of [property@Wsm.Pool:max-retries-per-second]
 *
 * Since: 0.1
 */
guint
wsm_pool_get_max_retries_per_second (WsmPool *self)
{
  g_return_val_if_fail (WSM_IS_POOL (self), 0);

  return self->max_retries_per_second;
}

static int
wsm_pool_compare_turns (gconstpointer left,
                        gconstpointer right)
{
  gint64 left_us = wsm_connection_get_next_retry_at (*(WsmConnection * const *) left);
  gint64 right_us = wsm_connection_get_next_retry_at (*(WsmConnection * const *) right);

  return (left_us > right_us) - (left_us < right_us);
}

/* Those who wait for their turn are given another one, in the same order. */
static void
wsm_pool_renew_turns (WsmPool *self)
{
  g_autoptr (GPtrArray) waiting = wsm_pool_dup_connections (self);

  for (guint i = 0; i < waiting->len;)
    {
      if (wsm_connection_leave_turn (g_ptr_array_index (waiting, i)))
        i++;
      else
        g_ptr_array_remove_index_fast (waiting, i);
    }
  wsm_pacer_set_rate (self->host.pacer, self->max_retries_per_second);

  g_ptr_array_sort (waiting, wsm_pool_compare_turns);
  for (guint i = 0; i < waiting->len; i++)
    wsm_connection_retry_in_turn (g_ptr_array_index (waiting, i));
}

/**
 * wsm_pool_set_max_retries_per_second: (set-property max-retries-per-second)
 * @self: a pool
 * @max_retries_per_second: up to 1,000,000, or 0 for no limit
 *
 * Sets how many connections may try again in a second.
 *
 * Those who wait for their turn are given a new one.
 *
 * Since: 0.1
 */
void
wsm_pool_set_max_retries_per_second (WsmPool *self,
                                     guint    max_retries_per_second)
{
  g_autoptr (WsmPool) keep = NULL;

  g_return_if_fail (WSM_IS_POOL (self));
  if (!wsm_pool_check_caller (self) || self->max_retries_per_second == max_retries_per_second)
    return;
  if (max_retries_per_second > WSM_PACER_MAX_RATE)
    {
      g_critical ("max-retries-per-second: %u is out of range; set up to %u, or 0 for no limit",
                  max_retries_per_second, WSM_PACER_MAX_RATE);
      return;
    }

  keep = g_object_ref (self);
  self->max_retries_per_second = max_retries_per_second;
  g_object_notify_by_pspec (G_OBJECT (self), wsm_pool_properties[PROP_MAX_RETRIES_PER_SECOND]);
  wsm_pool_renew_turns (self);
}

/**
 * wsm_pool_get_coalesce: (get-property coalesce)
 * @self: a pool
 *
 * Gets the time, in milliseconds, by which a beat may be late to share a wake-up with others.
 *
 * Returns: the value of [property@Wsm.Pool:coalesce]
 *
 * Since: 0.1
 */
int
wsm_pool_get_coalesce (WsmPool *self)
{
  g_return_val_if_fail (WSM_IS_POOL (self), DEFAULT_COALESCE);

  return self->coalesce_ms;
}

/**
 * wsm_pool_set_coalesce: (set-property coalesce)
 * @self: a pool
 * @coalesce: -1 for automatic, or up to 60,000
 *
 * Sets the time, in milliseconds, by which a beat may be late to share a wake-up with others.
 *
 * Since: 0.1
 */
void
wsm_pool_set_coalesce (WsmPool *self,
                       int      coalesce)
{
  g_autoptr (WsmPool) keep = NULL;
  g_autoptr (GPtrArray) connections = NULL;

  g_return_if_fail (WSM_IS_POOL (self));
  if (!wsm_pool_check_caller (self) || self->coalesce_ms == coalesce)
    return;
  if (coalesce < -1 || coalesce > 60000)
    {
      g_critical ("coalesce: %d ms is out of range; set 0 to 60000, or -1 for automatic", coalesce);
      return;
    }

  keep = g_object_ref (self);
  self->coalesce_ms = coalesce;
  g_object_notify_by_pspec (G_OBJECT (self), wsm_pool_properties[PROP_COALESCE]);
  connections = wsm_pool_dup_connections (self);
  for (guint i = 0; i < connections->len; i++)
    wsm_connection_rhythm_changed (g_ptr_array_index (connections, i));
}

/**
 * wsm_pool_get_n_open: (get-property n-open)
 * @self: a pool
 *
 * Gets the number of connections that are open.
 *
 * Returns: the value of [property@Wsm.Pool:n-open]
 *
 * Since: 0.1
 */
guint
wsm_pool_get_n_open (WsmPool *self)
{
  g_return_val_if_fail (WSM_IS_POOL (self), 0);

  return self->n_in_state[WSM_STATE_OPEN] + self->n_in_state[WSM_STATE_SUSPECT];
}

/**
 * wsm_pool_get_n_failed: (get-property n-failed)
 * @self: a pool
 *
 * Gets the number of connections that have failed for good.
 *
 * Returns: the value of [property@Wsm.Pool:n-failed]
 *
 * Since: 0.1
 */
guint
wsm_pool_get_n_failed (WsmPool *self)
{
  g_return_val_if_fail (WSM_IS_POOL (self), 0);

  return self->n_in_state[WSM_STATE_FAILED];
}
