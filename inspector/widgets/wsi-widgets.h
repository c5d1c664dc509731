/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Makes the translations alone known, for what is said before there is a display. They are where
 * they were installed, or in the folder WSMULTI_LOCALE_DIR, for what is not installed yet. */
void wsi_widgets_init_texts   (void);

/* Makes the translations, icons and colours of the widgets known. After gtk_init(), before the
 * first of them; what is called twice is done once. */
void wsi_widgets_init         (void);

/* The same for another display than the default one, such as that of GTK's inspector, and for that
 * alone; NULL = all but icons and colours. */
void wsi_widgets_init_display (GdkDisplay *display);

/* The colour of the text of a widget, as the style sheet has it now. */
void wsi_widgets_get_color    (GtkWidget  *widget,
                               GdkRGBA    *color);

G_END_DECLS
