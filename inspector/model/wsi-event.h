/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

#include "wsi-enums.h"

G_BEGIN_DECLS

/* One line of a connection's journal. Properties, read-only: number (uint64), time (int64, us of
 * the source's monotonic clock), kind, state, round-trip (double, ms, negative = none), text. */
#define WSI_TYPE_EVENT (wsi_event_get_type ())

G_DECLARE_FINAL_TYPE (WsiEvent, wsi_event, WSI, EVENT, GObject)

WsiEvent     *wsi_event_new            (guint64       number,
                                        gint64        time_us,
                                        WsiEventKind  kind,
                                        WsiState      state,
                                        double        round_trip,
                                        const char   *text) G_GNUC_WARN_UNUSED_RESULT;

guint64       wsi_event_get_number     (WsiEvent *self);
gint64        wsi_event_get_time       (WsiEvent *self);
WsiEventKind  wsi_event_get_kind       (WsiEvent *self);
WsiState      wsi_event_get_state      (WsiEvent *self);
double        wsi_event_get_round_trip (WsiEvent *self);
const char   *wsi_event_get_text       (WsiEvent *self);

G_END_DECLS
