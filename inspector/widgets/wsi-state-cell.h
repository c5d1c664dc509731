/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-cell.h"

G_BEGIN_DECLS

/* A state: icon, word and colour; in a narrow list the icon alone. */
#define WSI_TYPE_STATE_CELL (wsi_state_cell_get_type ())

G_DECLARE_FINAL_TYPE (WsiStateCell, wsi_state_cell, WSI, STATE_CELL, WsiCell)

GtkWidget *wsi_state_cell_new        (void) G_GNUC_WARN_UNUSED_RESULT;

void       wsi_state_cell_set_narrow (WsiStateCell *self,
                                      gboolean      narrow);

G_END_DECLS
