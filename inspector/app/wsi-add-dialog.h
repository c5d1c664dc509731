/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>
#include <libwsmulti.h>

#include "wsi-own-pool.h"

G_BEGIN_DECLS

/* Where a new connection is described. Action: dialog.add, enabled once all is right. Signal:
 * added (WsmConnection: it is in the pool, and opening). */
#define WSI_TYPE_ADD_DIALOG (wsi_add_dialog_get_type ())

G_DECLARE_FINAL_TYPE (WsiAddDialog, wsi_add_dialog, WSI, ADD_DIALOG, AdwWindow)

GtkWindow  *wsi_add_dialog_new           (GtkWindow    *parent,
                                          WsiOwnPool   *own_pool) G_GNUC_WARN_UNUSED_RESULT;

/* What is wrong with what is written so far; NULL if nothing is. */
const char *wsi_add_dialog_get_complaint (WsiAddDialog *self);

G_END_DECLS
