/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-order.h"
#include "wsi-source.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The rows of a source: the columns, what of them is in view, and the menu of a row.
 *
 * Properties: source (WsiSource), selected (WsiConnection, rw), narrow (boolean, rw). The
 * connection that is selected stays so while it is filtered out. Signal: activated (WsiConnection),
 * by Enter or a double click. */
#define WSI_TYPE_CONNECTION_TABLE (wsi_connection_table_get_type ())

G_DECLARE_FINAL_TYPE (WsiConnectionTable, wsi_connection_table, WSI, CONNECTION_TABLE, GtkWidget)

WsiSource     *wsi_connection_table_get_source   (WsiConnectionTable *self);
void           wsi_connection_table_set_source   (WsiConnectionTable *self,
                                                  WsiSource          *source);
WsiConnection *wsi_connection_table_get_selected (WsiConnectionTable *self);
void           wsi_connection_table_set_selected (WsiConnectionTable *self,
                                                  WsiConnection      *selected);
gboolean       wsi_connection_table_get_narrow   (WsiConnectionTable *self);
void           wsi_connection_table_set_narrow   (WsiConnectionTable *self,
                                                  gboolean            narrow);

/* What is shown, and in which order. */
WsiOrder      *wsi_connection_table_get_order    (WsiConnectionTable *self);
/* After another filter: to the top of what is left, or to the one that is selected of all. */
void           wsi_connection_table_go_to_start  (WsiConnectionTable *self);

G_END_DECLS
