/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-source.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A source in the sidebar. Property: source (WsiSource, set once). Signal: dismissed, of one
 * that can be. */
#define WSI_TYPE_SOURCE_ROW (wsi_source_row_get_type ())

G_DECLARE_FINAL_TYPE (WsiSourceRow, wsi_source_row, WSI, SOURCE_ROW, GtkListBoxRow)

GtkWidget *wsi_source_row_new        (WsiSource    *source) G_GNUC_WARN_UNUSED_RESULT;

WsiSource *wsi_source_row_get_source (WsiSourceRow *self);
/* Whether it was dismissed: of what is still attached it is not. */
gboolean   wsi_source_row_dismiss    (WsiSourceRow *self);

G_END_DECLS
