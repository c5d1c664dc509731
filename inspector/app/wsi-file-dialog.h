/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks for a file. Finish returns NULL without an error if the person thought better of it. */
void   wsi_file_dialog_open_async (GtkWindow            *parent,
                                   const char           *title,
                                   GCancellable         *cancellable,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
void   wsi_file_dialog_save_async (GtkWindow            *parent,
                                   const char           *title,
                                   const char           *name,
                                   GCancellable         *cancellable,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
GFile *wsi_file_dialog_finish     (GtkWindow            *parent,
                                   GAsyncResult         *result,
                                   GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
