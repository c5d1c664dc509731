/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsi-enums.h"

G_BEGIN_DECLS

/* A journal read as what can be drawn: beats, and stretches of time in one state. */
#define WSI_TYPE_HISTORY (wsi_history_get_type ())

G_DECLARE_FINAL_TYPE (WsiHistory, wsi_history, WSI, HISTORY, GObject)

typedef struct
{
  gint64 time_us;
  double round_trip; /* ms; negative = missed */
  guint position;    /* in the journal */
} WsiHistoryBeat;

typedef struct
{
  gint64 from_us;
  gint64 to_us; /* G_MAXINT64 = it still is */
  WsiState state;
  guint position; /* of what began it, in the journal */
} WsiHistorySpan;

WsiHistory           *wsi_history_new          (void) G_GNUC_WARN_UNUSED_RESULT;

/* journal (nullable) (element-type WsiEvent); what was read before is forgotten. */
void                  wsi_history_read         (WsiHistory *self,
                                                GListModel *journal);

guint                 wsi_history_get_n_beats  (WsiHistory *self);
const WsiHistoryBeat *wsi_history_get_beat     (WsiHistory *self,
                                                guint       position);
/* The first beat that is not before; n_beats if there is none. */
guint                 wsi_history_find_beat    (WsiHistory *self,
                                                gint64      time_us);
/* The one that is closest in time; n_beats if there is none at all. */
guint                 wsi_history_nearest_beat (WsiHistory *self,
                                                gint64      time_us);
guint                 wsi_history_get_n_spans  (WsiHistory *self);
const WsiHistorySpan *wsi_history_get_span     (WsiHistory *self,
                                                guint       position);
/* Of all that is known; both 0 if nothing is. */
gint64                wsi_history_get_first    (WsiHistory *self);
gint64                wsi_history_get_last     (WsiHistory *self);
/* Of the answered beats since then; negative = none. */
double                wsi_history_get_largest  (WsiHistory *self,
                                                gint64      since_us);

G_END_DECLS
