/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-transport.h"

G_BEGIN_DECLS

/* A number of messages, and the bytes in them. */
typedef struct
{
  guint64 n_messages;
  guint64 n_bytes;
} WsmTally;

/* So many places of the stream are remembered at once. */
#define WSM_RECEIPTS_MAX_MARKS 8

/* All messages up to here lie before that place of the stream. */
typedef struct
{
  guint64 place; /* in bytes of the peer's acknowledgements */
  WsmTally tally;
} WsmReceiptsMark;

/* How far the messages that were written to one socket are known to have come. */
typedef struct
{
  WsmTally written;   /* all that was handed to the transport */
  WsmTally left;      /* of these, what has left it for the system */
  WsmTally asked;     /* what had been written when the last ping was */
  WsmTally confirmed; /* what is known to have arrived */
  WsmReceiptsMark marks[WSM_RECEIPTS_MAX_MARKS]; /* in order, and none of them confirmed */
  guint n_marks;
} WsmReceipts;

void     wsm_receipts_reset         (WsmReceipts        *self);
void     wsm_receipts_note_written  (WsmReceipts        *self,
                                     gsize               n_bytes);
gboolean wsm_receipts_note_left     (WsmReceipts        *self);
gboolean wsm_receipts_are_full      (WsmReceipts        *self);
void     wsm_receipts_note_place    (WsmReceipts        *self,
                                     guint64             place);
void     wsm_receipts_note_asked    (WsmReceipts        *self);
void     wsm_receipts_note_answered (WsmReceipts        *self);
void     wsm_receipts_note_wire     (WsmReceipts        *self,
                                     const WsmWireState *wire);
void     wsm_receipts_note_read     (WsmReceipts        *self);
WsmTally wsm_receipts_get_open      (WsmReceipts        *self);

G_END_DECLS
