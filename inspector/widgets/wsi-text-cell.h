/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-cell.h"
#include "wsi-column.h"

G_BEGIN_DECLS

/* A cell of plain text: a name, a count, a size, a time. */
#define WSI_TYPE_TEXT_CELL (wsi_text_cell_get_type ())

G_DECLARE_FINAL_TYPE (WsiTextCell, wsi_text_cell, WSI, TEXT_CELL, WsiCell)

GtkWidget *wsi_text_cell_new (WsiColumn column) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
