/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "wsi-history.h"

G_BEGIN_DECLS

/* States as segments and beats as ticks, on an axis of time that can be zoomed and moved. Signal:
 * chosen (uint: a position in the journal), when a person has chosen something. */
#define WSI_TYPE_TIMELINE_BAND (wsi_timeline_band_get_type ())

G_DECLARE_FINAL_TYPE (WsiTimelineBand, wsi_timeline_band, WSI, TIMELINE_BAND, GtkWidget)

#define WSI_TIMELINE_NOTHING G_MAXINT64

/* What is drawn, the last moment of it, and whether that is now. */
void     wsi_timeline_band_show         (WsiTimelineBand *self,
                                         WsiHistory      *history,
                                         gint64           present_us,
                                         gboolean         live);
/* The moment that is marked, WSI_TIMELINE_NOTHING = none; it is moved into sight. */
void     wsi_timeline_band_set_chosen   (WsiTimelineBand *self,
                                         gint64           time_us);
gint64   wsi_timeline_band_get_chosen   (WsiTimelineBand *self);

/* A factor below 1 shows less time. */
void     wsi_timeline_band_zoom         (WsiTimelineBand *self,
                                         double           factor);
/* By a fraction of what is seen. */
void     wsi_timeline_band_pan          (WsiTimelineBand *self,
                                         double           fraction);
void     wsi_timeline_band_show_all     (WsiTimelineBand *self);
/* Goes along with the present again. */
void     wsi_timeline_band_show_present (WsiTimelineBand *self);

gint64   wsi_timeline_band_get_from     (WsiTimelineBand *self);
gint64   wsi_timeline_band_get_to       (WsiTimelineBand *self);

G_END_DECLS
