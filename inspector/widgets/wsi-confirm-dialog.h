/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks once more before something that cannot be undone. Signal: confirmed. Closes itself. */
#define WSI_TYPE_CONFIRM_DIALOG (wsi_confirm_dialog_get_type ())

G_DECLARE_FINAL_TYPE (WsiConfirmDialog, wsi_confirm_dialog, WSI, CONFIRM_DIALOG, GtkWindow)

/* verb (nullable): what is done if it is confirmed; NULL only tells something. */
GtkWindow *wsi_confirm_dialog_new (GtkWindow  *parent,
                                   const char *heading,
                                   const char *body,
                                   const char *verb) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
