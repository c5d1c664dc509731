/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The pools of this process, as a page of the inspector that GTK has in every program. What that
 * asks of a page: the properties title (string, read-only) and object (GObject, write-only: what
 * is chosen elsewhere in the inspector, which does not matter here). */
#define WSI_TYPE_PAGE (wsi_page_get_type ())

G_DECLARE_FINAL_TYPE (WsiPage, wsi_page, WSI, PAGE, GtkWidget)

G_END_DECLS
