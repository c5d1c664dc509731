/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-pool-internal.h"

#include "wsm-soup-transport.h"

/*
 * What a pool is to its connections: it makes their transports, gives their beats a place among
 * the others, counts them by state, and passes on what they tell.
 */

/* Below that, beats of equal intervals go out together, so that radio and processor sleep. */
#define MIN_SPREAD_CONNECTIONS 8

static void
wsm_pool_host_get_rhythm (WsmConnectionHost *host,
                          WsmConnection     *connection,
                          WsmPulseRhythm    *rhythm)
{
  WsmPool *self = host->owner;
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (connection);
  gint64 interval_us = (gint64) wsm_heartbeat_get_interval (heartbeat) * 1000;
  guint window_ms;

  rhythm->stretch = wsm_pool_get_saves_power (self) ? WSM_ENVIRONMENT_STRETCH : 1;
  interval_us *= rhythm->stretch;

  window_ms = self->coalesce_ms >= 0 ? (guint) self->coalesce_ms
                                     : wsm_heartbeat_get_coalesce (heartbeat);
  rhythm->window_us = (gint64) window_ms * 1000;
  rhythm->phase_us = 0;
  if (self->connections->len >= MIN_SPREAD_CONNECTIONS)
    rhythm->phase_us = wsm_scheduler_phase_us (wsm_connection_get_name (connection), interval_us);
  rhythm->random = host->random;
}

static WsmTransport *
wsm_pool_host_make_transport (WsmConnectionHost *host,
                              WsmConnection     *connection)
{
  WsmPool *self = host->owner;
  g_autoptr (WsmLane) lane = NULL;
  WsmPulseRhythm rhythm;

  if (self->factory != NULL)
    return self->factory (host->delivery, self->factory_data);

  wsm_pool_host_get_rhythm (host, connection, &rhythm);
  lane = wsm_lanes_choose (host->lanes, wsm_scheduler_align (rhythm.phase_us, rhythm.window_us));

  return wsm_soup_transport_new (self->session, lane, wsm_scheduler_get_clock (host->scheduler),
                                 host->delivery);
}

/* One connection less in one state, one more in another; WSM_STATE_IDLE counts nowhere. */
void
wsm_pool_count (WsmPool  *self,
                WsmState  old_state,
                WsmState  new_state)
{
  if (old_state != WSM_STATE_IDLE)
    self->n_in_state[old_state]--;
  if (new_state != WSM_STATE_IDLE)
    self->n_in_state[new_state]++;
}

/* Only the emissions hold a reference, so that the app's last one is the last one: after it
 * nothing is told.
 *
 * Returns: whether the pool is still there */
gboolean
wsm_pool_tell_counts (WsmPool *self)
{
  guint n_open = wsm_pool_get_n_open (self);
  guint n_failed = wsm_pool_get_n_failed (self);
  gboolean open_changed = n_open != self->n_open_told;
  gboolean failed_changed = n_failed != self->n_failed_told;
  gpointer alive = self;
  gboolean is_alive;

  self->n_open_told = n_open;
  self->n_failed_told = n_failed;

  g_object_add_weak_pointer (G_OBJECT (self), &alive);
  if (open_changed)
    g_object_notify_by_pspec (G_OBJECT (self), wsm_pool_properties[PROP_N_OPEN]);
  if (failed_changed && alive != NULL)
    g_object_notify_by_pspec (G_OBJECT (self), wsm_pool_properties[PROP_N_FAILED]);

  is_alive = alive != NULL;
  g_clear_weak_pointer (&alive);

  return is_alive;
}

static void
wsm_pool_host_count (WsmConnectionHost *host,
                     WsmState           old_state,
                     WsmState           new_state)
{
  wsm_pool_count (WSM_POOL (host->owner), old_state, new_state);
}

static void
wsm_pool_host_state_changed (WsmConnectionHost *host,
                             WsmConnection     *connection)
{
  WsmPool *self = host->owner;
  WsmState state = wsm_connection_get_state (connection);

  if (!wsm_pool_tell_counts (self))
    return;
  if (wsm_connection_is_attached (connection) && wsm_connection_get_state (connection) == state)
    g_signal_emit (self, wsm_pool_signals[SIGNAL_CONNECTION_STATE_CHANGED], 0, connection);
}

static void
wsm_pool_host_disposed (WsmConnectionHost *host,
                        WsmConnection     *connection)
{
  wsm_pool_remove (WSM_POOL (host->owner), connection);
}

static void
wsm_pool_host_message (WsmConnectionHost     *host,
                       WsmConnection         *connection,
                       SoupWebsocketDataType  type,
                       GBytes                *message)
{
  g_autoptr (WsmPool) self = g_object_ref (host->owner);

  g_signal_emit (self, wsm_pool_signals[SIGNAL_MESSAGE], 0, connection, type, message);
}

static void
wsm_pool_host_beat_left (WsmConnectionHost *host,
                         gint64             late_us)
{
  wsm_pool_count_late_beat (WSM_POOL (host->owner), late_us);
}

static void
wsm_pool_host_beat_ended (WsmConnectionHost *host,
                          WsmConnection     *connection,
                          gint64             round_trip_us)
{
  wsm_pool_gather_beat (WSM_POOL (host->owner), connection, round_trip_us);
}

/*
 * wsm_pool_init_host:
 *
 * Begins to be there for connections; what they share is still to come.
 */
void
wsm_pool_init_host (WsmPool *self)
{
  self->host = (WsmConnectionHost) {
    .owner = self,
    .make_transport = wsm_pool_host_make_transport,
    .get_rhythm = wsm_pool_host_get_rhythm,
    .count = wsm_pool_host_count,
    .state_changed = wsm_pool_host_state_changed,
    .message = wsm_pool_host_message,
    .beat_left = wsm_pool_host_beat_left,
    .beat_ended = wsm_pool_host_beat_ended,
    .disposed = wsm_pool_host_disposed,
  };
}
