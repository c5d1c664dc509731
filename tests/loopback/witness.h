/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

G_BEGIN_DECLS

/* Follows one connection and remembers what was signalled, in which order and when. It does not
 * keep it: a connection that its pool lets go must be able to go. */
typedef struct
{
  WsmConnection *connection; /* (unowned) (nullable): cleared when it is gone */
  GPtrArray *messages;       /* (owned) (element-type GBytes) */
  GString *log; /* (owned): a word for each signal but beats, messages and unconfirmed */

  guint n_opened;
  guint n_disconnected;
  guint n_ended; /* closed or failed */
  guint n_beats;
  guint64 n_bytes_dropped;
  guint n_unconfirmed;       /* messages, of all sockets */
  guint64 n_bytes_unconfirmed;

  double round_trip_ms;      /* of the last beat */
  double max_beat_gap_ms;    /* between two answers to beats */
  gint64 beat_us;            /* the time of the last answer */
  gint64 disconnected_us;
  gint64 life_us;            /* the last sign of life of the socket that was lost */
  gint64 entered_us[WSM_STATE_FAILED + 1];
  WsmReason *reason;         /* (owned) (nullable): of the last `disconnected` */
} Witness;

Witness    *witness_new         (WsmConnection *connection) G_GNUC_WARN_UNUSED_RESULT;
void        witness_free        (Witness       *self);

gboolean    witness_is_in       (Witness       *self,
                                 WsmState       state);
void        witness_assert_log  (Witness       *self,
                                 const char    *expected);
void        witness_forget      (Witness       *self);
void        witness_send        (Witness       *self,
                                 guint          n_messages,
                                 gsize          size);
const char *witness_get_text    (Witness       *self,
                                 guint          i);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Witness, witness_free)

G_END_DECLS
