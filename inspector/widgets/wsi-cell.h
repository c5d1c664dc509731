/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "wsi-connection.h"

G_BEGIN_DECLS

/* A figure of one connection in the list: one widget a cell, which draws itself.
 *
 * Lists of 10,000 rows bind hundreds of cells in a frame. So a cell never asks for another size,
 * listens to no signal, and works out its text only when somebody sees it: whoever owns the list
 * calls wsi_cell_refresh() for those in view, often, and the cell compares and mostly does
 * nothing. */
#define WSI_TYPE_CELL (wsi_cell_get_type ())

G_DECLARE_DERIVABLE_TYPE (WsiCell, wsi_cell, WSI, CELL, GtkWidget)

struct _WsiCellClass
{
  GtkWidgetClass parent_class;

  /* Another connection: what is remembered of the one before does not hold. Nothing by default. */
  void     (*reset)   (WsiCell       *self);
  /* Reads the connection; returns whether it looks different now. */
  gboolean (*refresh) (WsiCell       *self,
                       WsiConnection *connection,
                       gint64         now_us);
  void     (*draw)    (WsiCell       *self,
                       GtkSnapshot   *snapshot,
                       int            width,
                       int            height);
};

WsiConnection *wsi_cell_get_connection  (WsiCell       *self);
void           wsi_cell_set_connection  (WsiCell       *self,
                                         WsiConnection *connection);
/* The row that it is in, for its position, which changes without being told. */
void           wsi_cell_set_list_item   (WsiCell       *self,
                                         GtkListItem   *list_item);
guint          wsi_cell_get_position    (WsiCell       *self);

/* Out of view it neither draws nor refreshes itself. */
void           wsi_cell_set_in_view     (WsiCell       *self,
                                         gboolean       in_view);
void           wsi_cell_refresh         (WsiCell       *self,
                                         gint64         now_us);

/* For types of cells: how wide it is at least, and would like to be, in characters. */
void           wsi_cell_set_n_chars     (WsiCell       *self,
                                         guint          minimum,
                                         guint          natural);
void           wsi_cell_set_ellipsize   (WsiCell       *self,
                                         PangoEllipsizeMode ellipsize);
const char    *wsi_cell_get_text        (WsiCell       *self);
gboolean       wsi_cell_take_text       (WsiCell       *self,
                                         char          *text);
void           wsi_cell_draw_text       (WsiCell       *self,
                                         GtkSnapshot   *snapshot,
                                         int            x,
                                         int            width,
                                         int            height,
                                         gboolean       at_end);
void           wsi_cell_set_state_class (WsiCell       *self,
                                         const char    *css_class);

G_END_DECLS
