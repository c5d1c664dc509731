/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-receipts.h"

/*
 * WsmReceipts:
 *
 * How far the messages that were written to one socket are known to have come.
 *
 * Where the system counts what the peer has acknowledged, the place in the stream is noted each
 * time that messages have left, and they have arrived once the peer has acknowledged that much.
 * Everywhere, the peer has read all that went before a ping which it answers. Few places are
 * remembered: what lies between two of them is confirmed with the later one, so that the doubt is
 * ever on the side of "unconfirmed".
 */

/*
 * wsm_receipts_reset:
 *
 * A new socket.
 */
void
wsm_receipts_reset (WsmReceipts *self)
{
  memset (self, 0, sizeof *self);
}

void
wsm_receipts_note_written (WsmReceipts *self,
                           gsize        n_bytes)
{
  self->written.n_messages++;
  self->written.n_bytes += n_bytes;
}

/*
 * wsm_receipts_note_left:
 *
 * All that was written has left for the system.
 *
 * Returns: whether there is something new in it, whose place is yet to be noted
 */
gboolean
wsm_receipts_note_left (WsmReceipts *self)
{
  if (self->left.n_messages == self->written.n_messages)
    return FALSE;

  self->left = self->written;

  return TRUE;
}

static void
wsm_receipts_confirm (WsmReceipts    *self,
                      const WsmTally *tally)
{
  guint n_past = 0;

  if (tally->n_messages <= self->confirmed.n_messages)
    return;

  self->confirmed = *tally;
  while (n_past < self->n_marks &&
         self->marks[n_past].tally.n_messages <= tally->n_messages)
    n_past++;
  self->n_marks -= n_past;
  memmove (self->marks, self->marks + n_past, self->n_marks * sizeof *self->marks);
}

/*
 * wsm_receipts_note_wire:
 *
 * The system says how much the peer has acknowledged.
 */
void
wsm_receipts_note_wire (WsmReceipts        *self,
                        const WsmWireState *wire)
{
  WsmTally arrived = self->confirmed;

  if (!wire->has_counters)
    return;

  for (guint i = 0; i < self->n_marks && self->marks[i].place <= wire->n_bytes_acked; i++)
    arrived = self->marks[i].tally;
  wsm_receipts_confirm (self, &arrived);
}

/*
 * wsm_receipts_are_full:
 *
 * Returns: whether the next place takes that of another, unless wsm_receipts_note_wire() can
 *   confirm some
 */
gboolean
wsm_receipts_are_full (WsmReceipts *self)
{
  return self->n_marks == WSM_RECEIPTS_MAX_MARKS;
}

/*
 * wsm_receipts_note_place:
 * @place: where in the stream all ends that has left, as the peer acknowledges it
 */
void
wsm_receipts_note_place (WsmReceipts *self,
                         guint64      place)
{
  WsmReceiptsMark *mark;

  if (!wsm_receipts_are_full (self))
    self->n_marks++;
  mark = &self->marks[self->n_marks - 1];
  mark->place = place;
  mark->tally = self->left;
}

/*
 * wsm_receipts_note_asked:
 *
 * A ping was written behind all that was written so far.
 */
void
wsm_receipts_note_asked (WsmReceipts *self)
{
  self->asked = self->written;
}

/*
 * wsm_receipts_note_answered:
 *
 * The peer has answered the last ping.
 */
void
wsm_receipts_note_answered (WsmReceipts *self)
{
  wsm_receipts_confirm (self, &self->asked);
}

/*
 * wsm_receipts_note_read:
 *
 * The peer has read all that was written, and says so.
 */
void
wsm_receipts_note_read (WsmReceipts *self)
{
  wsm_receipts_confirm (self, &self->written);
}

/*
 * wsm_receipts_get_open:
 *
 * Returns: what was written and is not known to have arrived
 */
WsmTally
wsm_receipts_get_open (WsmReceipts *self)
{
  WsmTally open = {
    .n_messages = self->written.n_messages - self->confirmed.n_messages,
    .n_bytes = self->written.n_bytes - self->confirmed.n_bytes,
  };

  return open;
}
