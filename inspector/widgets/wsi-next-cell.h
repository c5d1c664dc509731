/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-cell.h"

G_BEGIN_DECLS

/* What happens next: a thin line that is full when the next beat or attempt is due; of a row that
 * waits the countdown and why; of one that is at rest why it is. */
#define WSI_TYPE_NEXT_CELL (wsi_next_cell_get_type ())

G_DECLARE_FINAL_TYPE (WsiNextCell, wsi_next_cell, WSI, NEXT_CELL, WsiCell)

GtkWidget *wsi_next_cell_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
