/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A colour for a drawn widget, that a style class gives: never shown, only asked. The parent, who
 * has to unparent it, is asked for it again whenever it draws. */
GtkWidget *wsi_swatch_new       (GtkWidget     *parent,
                                 const char    *css_class);
/* Makes it the colour that is drawn with, that much of it. */
void       wsi_swatch_apply     (GtkWidget     *swatch,
                                 cairo_t       *cairo,
                                 double         alpha);

G_END_DECLS
