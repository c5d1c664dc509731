/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

/*
 * What those see of a connection who look on: facts that the app has no use for.
 */

/*
 * wsm_connection_get_id:
 *
 * Returns: its number among all that were ever in a pool of this process; 0 while it is in none
 */
guint64
wsm_connection_get_id (WsmConnection *self)
{
  return self->id;
}

guint64
wsm_connection_get_n_beats_missed (WsmConnection *self)
{
  return self->round_trips != NULL ? wsm_latency_histogram_get_n_missed (self->round_trips) : 0;
}

/*
 * wsm_connection_get_dropped:
 *
 * Returns: all that was queued and never sent
 */
WsmTally
wsm_connection_get_dropped (WsmConnection *self)
{
  return self->dropped;
}

/*
 * wsm_connection_get_unconfirmed:
 *
 * Returns: all that was sent and may not have arrived
 */
WsmTally
wsm_connection_get_unconfirmed (WsmConnection *self)
{
  return self->unconfirmed;
}

static gboolean
wsm_connection_has_round_trips (WsmConnection *self)
{
  return self->round_trips != NULL && wsm_latency_histogram_get_count (self->round_trips) > 0;
}

/*
 * wsm_connection_get_round_trip:
 *
 * Returns: that of the last answered beat, in milliseconds; negative if there was none
 */
double
wsm_connection_get_round_trip (WsmConnection *self)
{
  if (!wsm_connection_has_round_trips (self))
    return -1.0;

  return (double) wsm_latency_histogram_get_last (self->round_trips) / 1000.0;
}

/*
 * wsm_connection_get_smoothed:
 *
 * Returns: the smoothed round trip, in milliseconds; negative if there was none
 */
double
wsm_connection_get_smoothed (WsmConnection *self)
{
  if (!wsm_connection_has_round_trips (self))
    return -1.0;

  return wsm_latency_histogram_get_smoothed (self->round_trips) / 1000.0;
}

/*
 * wsm_connection_set_capture:
 * @wants_frames: whether the observer wants to see frames
 * @payload_capture: how many bytes of each payload
 *
 * Asks for frames, from the next one on. A handler of the signal gets its frames anyway, and the
 * payload with them.
 */
void
wsm_connection_set_capture (WsmConnection *self,
                            gboolean       wants_frames,
                            gsize          payload_capture)
{
  if (!wants_frames)
    payload_capture = 0;
  if (self->frames_observed == wants_frames && self->payload_capture == payload_capture)
    return;

  self->frames_observed = wants_frames != FALSE;
  self->payload_capture = payload_capture;
  if (self->transport == NULL || self->state == WSM_STATE_CONNECTING)
    return;

  self->wants_frames = wants_frames || wsm_connection_has_handler (self, SIGNAL_FRAME);
  wsm_transport_set_wants_frames (self->transport, self->wants_frames, payload_capture);
}

WsmJournal *
wsm_connection_ensure_journal (WsmConnection *self)
{
  if (self->journal == NULL)
    self->journal = wsm_journal_new ();

  return self->journal;
}

/*
 * wsm_connection_get_journal:
 *
 * Returns: (transfer none) (nullable): what was written down; %NULL if it was nothing
 */
WsmJournal *
wsm_connection_get_journal (WsmConnection *self)
{
  return self->journal;
}

/*
 * wsm_connection_get_handshake:
 *
 * Returns: (transfer none) (nullable): the last handshake that was answered while somebody looked
 *   on
 */
WsmHandshakeRecord *
wsm_connection_get_handshake (WsmConnection *self)
{
  return self->handshake;
}

/*
 * wsm_connection_forget_observed:
 *
 * Nobody looks on any more.
 */
void
wsm_connection_forget_observed (WsmConnection *self)
{
  g_clear_pointer (&self->journal, wsm_journal_free);
  g_clear_pointer (&self->handshake, wsm_handshake_record_unref);
}
