/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A number and what it is. Properties, rw: caption, value (string), explanation (string, NULL =
 * none: the tooltip). */
#define WSI_TYPE_FIGURE (wsi_figure_get_type ())

G_DECLARE_FINAL_TYPE (WsiFigure, wsi_figure, WSI, FIGURE, GtkWidget)

const char *wsi_figure_get_value  (WsiFigure  *self);
void        wsi_figure_set_value  (WsiFigure  *self,
                                   const char *value);
/* The same, of a string that it frees. */
void        wsi_figure_take_value (WsiFigure  *self,
                                   char       *value);

G_END_DECLS
