/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-pool-internal.h"

/*
 * The beats of all its connections, gathered while a turn of the delivery lasts and told at its
 * end, so that whoever pays for each call, as other languages do, pays once.
 */

/*
 * wsm_pool_gather_beat:
 * @round_trip_us: negative = it was missed
 *
 * Gathers a beat, if somebody listens.
 */
void
wsm_pool_gather_beat (WsmPool       *self,
                      WsmConnection *connection,
                      gint64         round_trip_us)
{
  if (self->beats == NULL)
    {
      if (!g_signal_has_handler_pending (self, wsm_pool_signals[SIGNAL_BEATS], 0, FALSE))
        return;
      self->beats = wsm_beats_new ();
    }

  wsm_beats_add (self->beats, connection, round_trip_us);
}

/*
 * wsm_pool_forget_beats:
 *
 * Nothing is to be told of @connection any more.
 */
void
wsm_pool_forget_beats (WsmPool       *self,
                       WsmConnection *connection)
{
  if (self->beats != NULL)
    wsm_beats_forget (self->beats, connection);
}

/*
 * wsm_pool_tell_beats_cb:
 *
 * From the delivery, at the end of a turn.
 */
void
wsm_pool_tell_beats_cb (gpointer user_data)
{
  WsmPool *self = user_data;
  g_autoptr (WsmBeats) beats = g_steal_pointer (&self->beats);
  g_autoptr (WsmPool) keep G_GNUC_UNUSED = g_object_ref (self);

  wsm_pool_update_lateness (self);
  if (beats == NULL || wsm_beats_get_n_answered (beats) + wsm_beats_get_n_missed (beats) == 0)
    return;

  g_signal_emit (self, wsm_pool_signals[SIGNAL_BEATS], 0, beats);
}
