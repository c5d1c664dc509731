/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-pool-internal.h"

/*
 * What a pool does when something happens to the machine.
 *
 * It watches from its first connection on: before that there is nothing to be done, and the
 * system's monitors take a while to be made.
 */

static GArray *
wsm_pool_environment_list (gpointer owner)
{
  WsmPool *self = owner;
  GArray *ids = g_array_sized_new (FALSE, FALSE, sizeof (guint64), self->connections->len);

  for (guint i = 0; i < self->connections->len; i++)
    {
      guint64 id = wsm_connection_get_id (g_ptr_array_index (self->connections, i));

      g_array_append_val (ids, id);
    }

  return ids;
}

static WsmConnection *
wsm_pool_environment_find (gpointer owner,
                           guint64  id)
{
  return wsm_pool_find (owner, id);
}

static void
wsm_pool_environment_power_changed (gpointer owner)
{
  WsmPool *self = owner;
  g_autoptr (GPtrArray) connections = wsm_pool_dup_connections (self);
  gpointer alive = self;

  /* The app's last reference is the last one; see wsm_pool_tell_counts(). */
  g_object_add_weak_pointer (G_OBJECT (self), &alive);
  for (guint i = 0; i < connections->len; i++)
    wsm_connection_rhythm_changed (g_ptr_array_index (connections, i));
  if (alive != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), wsm_pool_properties[PROP_SAVES_POWER]);
  g_clear_weak_pointer (&alive);
}

static const WsmEnvironmentOwner wsm_pool_environment_owner = {
  .list = wsm_pool_environment_list,
  .find = wsm_pool_environment_find,
  .power_changed = wsm_pool_environment_power_changed,
};

void
wsm_pool_make_environment (WsmPool *self)
{
  self->environment = wsm_environment_new (self->host.scheduler, self->host.delivery,
                                           &wsm_pool_environment_owner, self);
}

void
wsm_pool_drop_environment (WsmPool *self)
{
  wsm_environment_close (self->environment);
  g_clear_object (&self->environment);
}

/* GLib remembers the thread-default context of whoever makes its monitors first. */
static void
wsm_pool_watch_system (WsmPool *self)
{
  g_autoptr (GPowerProfileMonitor) power = NULL;
  GNetworkMonitor *network;

  g_main_context_push_thread_default (self->context);
  network = g_network_monitor_get_default ();
  power = g_power_profile_monitor_dup_default ();
  g_main_context_pop_thread_default (self->context);

  wsm_environment_watch (self->environment, self->context, network, power);
}

/*
 * wsm_pool_need_environment:
 *
 * Watches from now on if it should and does not yet.
 */
void
wsm_pool_need_environment (WsmPool *self)
{
  if (self->environment == NULL || !self->watch_environment || self->connections->len == 0 ||
      wsm_environment_is_watching (self->environment))
    return;

  if (self->has_own_monitors)
    wsm_environment_watch (self->environment, self->context, self->network, self->power);
  else
    wsm_pool_watch_system (self);
}

/*
 * wsm_pool_set_monitors:
 * @network: (nullable): what tells of the network; %NULL for nothing
 * @power: (nullable): what tells of power; %NULL for nothing
 *
 * Goes by these instead of the system's.
 */
void
wsm_pool_set_monitors (WsmPool              *self,
                       GNetworkMonitor      *network,
                       GPowerProfileMonitor *power)
{
  g_set_object (&self->network, network);
  g_set_object (&self->power, power);
  self->has_own_monitors = TRUE;
  if (self->environment != NULL)
    wsm_environment_stop (self->environment);
  wsm_pool_need_environment (self);
}

/**
 * wsm_pool_get_watch_environment: (get-property watch-environment)
 * @self: a pool
 *
 * Gets whether the pool acts on what happens to the machine.
 *
 * Returns: the value of [property@Wsm.Pool:watch-environment]
 *
 * Since: 0.1
 */
gboolean
wsm_pool_get_watch_environment (WsmPool *self)
{
  g_return_val_if_fail (WSM_IS_POOL (self), FALSE);

  return self->watch_environment;
}

/**
 * wsm_pool_set_watch_environment: (set-property watch-environment)
 * @self: a pool
 * @watch_environment: whether it should
 *
 * Sets whether the pool acts on what happens to the machine.
 *
 * Since: 0.1
 */
void
wsm_pool_set_watch_environment (WsmPool  *self,
                                gboolean  watch_environment)
{
  g_autoptr (WsmPool) keep = NULL;

  g_return_if_fail (WSM_IS_POOL (self));
  if (!wsm_pool_check_caller (self) || self->watch_environment == (watch_environment != FALSE))
    return;

  keep = g_object_ref (self);
  self->watch_environment = watch_environment != FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), wsm_pool_properties[PROP_WATCH_ENVIRONMENT]);
  if (!self->watch_environment && self->environment != NULL)
    wsm_environment_stop (self->environment);
  wsm_pool_need_environment (self);
}

/**
 * wsm_pool_get_saves_power: (get-property saves-power)
 * @self: a pool
 *
 * Gets whether beats are further apart, because the machine saves power.
 *
 * Returns: the value of [property@Wsm.Pool:saves-power]
 *
 * Since: 0.1
 */
gboolean
wsm_pool_get_saves_power (WsmPool *self)
{
  g_return_val_if_fail (WSM_IS_POOL (self), FALSE);

  return self->environment != NULL && wsm_environment_saves_power (self->environment);
}
