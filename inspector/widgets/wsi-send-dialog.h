/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Where a message is written. Signal: send (string); it stays open, for the next one. */
#define WSI_TYPE_SEND_DIALOG (wsi_send_dialog_get_type ())

G_DECLARE_FINAL_TYPE (WsiSendDialog, wsi_send_dialog, WSI, SEND_DIALOG, GtkWindow)

GtkWindow  *wsi_send_dialog_new      (GtkWindow     *parent,
                                      const char    *name) G_GNUC_WARN_UNUSED_RESULT;

char       *wsi_send_dialog_dup_text (WsiSendDialog *self) G_GNUC_WARN_UNUSED_RESULT;
void        wsi_send_dialog_set_text (WsiSendDialog *self,
                                      const char    *text);

G_END_DECLS
