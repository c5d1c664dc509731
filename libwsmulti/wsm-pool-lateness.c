/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-pool-internal.h"

#include "wsm-latency-private.h"

/*
 * How late the beats of all its connections leave.
 *
 * Each is counted when it has left. Whoever follows the figures is told once a turn of the
 * delivery, because they cost more than a beat.
 */

static WsmLatencyHistogram *
wsm_pool_ensure_late_beats (WsmPool *self)
{
  if (self->late_beats == NULL)
    self->late_beats = wsm_latency_histogram_new ();

  return self->late_beats;
}

/*
 * wsm_pool_count_late_beat:
 * @late_us: how long after its time it left
 */
void
wsm_pool_count_late_beat (WsmPool *self,
                          gint64   late_us)
{
  wsm_latency_histogram_add (wsm_pool_ensure_late_beats (self), late_us);
  self->lateness_moved = TRUE;
}

/*
 * wsm_pool_update_lateness:
 *
 * Brings the figures up to date, if somebody has them.
 */
void
wsm_pool_update_lateness (WsmPool *self)
{
  if (self->lateness == NULL || !self->lateness_moved)
    return;

  self->lateness_moved = FALSE;
  wsm_latency_update (self->lateness);
}

/*
 * wsm_pool_clear_lateness:
 *
 * Whoever still has the figures keeps the last ones.
 */
void
wsm_pool_clear_lateness (WsmPool *self)
{
  if (self->lateness != NULL)
    wsm_latency_detach (self->lateness);
  g_clear_object (&self->lateness);
  g_clear_pointer (&self->late_beats, wsm_latency_histogram_free);
}

/**
 * wsm_pool_get_lateness: (get-property lateness)
 * @self: a pool
 *
 * Gets how late the beats of its connections leave.
 *
 * Returns: (transfer none): the value of [property@Wsm.Pool:lateness]
 *
 * Since: 0.1
 */
WsmLatency *
wsm_pool_get_lateness (WsmPool *self)
{
  g_return_val_if_fail (WSM_IS_POOL (self), NULL);

  if (self->lateness == NULL)
    self->lateness = wsm_latency_new (wsm_pool_ensure_late_beats (self));
  else
    wsm_pool_update_lateness (self);

  return self->lateness;
}
