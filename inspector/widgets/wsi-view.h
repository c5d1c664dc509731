/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-cell.h"
#include "wsi-order.h"
#include "wsi-source.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What of a list is in view: it keeps those cells fresh, and only those, and asks the source for
 * their rows and no others. One timer, while the list is on the screen, does all of it. */
#define WSI_TYPE_VIEW (wsi_view_get_type ())

G_DECLARE_FINAL_TYPE (WsiView, wsi_view, WSI, VIEW, GObject)

WsiView *wsi_view_new          (GtkWidget     *widget,
                                GtkAdjustment *adjustment,
                                WsiOrder      *order) G_GNUC_WARN_UNUSED_RESULT;

/* Begins and ends with the widget being mapped. */
void     wsi_view_start        (WsiView       *self);
void     wsi_view_stop         (WsiView       *self);
void     wsi_view_set_source   (WsiView       *self,
                                WsiSource     *source);

/* Before rows that somebody asked for are read: where to be then. In the middle is the row at a
 * position, or the top is at the top, if the position is G_MAXUINT. */
void     wsi_view_go_to        (WsiView       *self,
                                guint          position);

/* Until it is destroyed. */
void     wsi_view_add_cell     (WsiView       *self,
                                WsiCell       *cell);
/* The cell has another connection. */
void     wsi_view_update_cell  (WsiView       *self,
                                WsiCell       *cell);
/* Any cell in the row at a height of the widget, or of a connection, that is in view. */
WsiCell *wsi_view_find_at      (WsiView       *self,
                                double         y);
WsiCell *wsi_view_find         (WsiView       *self,
                                WsiConnection *connection);
GPtrArray *wsi_view_get_cells  (WsiView       *self);

G_END_DECLS
