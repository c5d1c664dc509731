/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsi-source.h"

G_BEGIN_DECLS

/* Recordings: what the model knows of a connection, or of all of a source, as JSON lines (one
 * object a line; the first tells format and version; then one for each row, event and frame,
 * control frames too; the last one says that nothing is missing). Times are us of the recorded
 * clock, and the first line says what a wall clock showed then. Opened again, a recording is a
 * source of kind WSI_SOURCE_KIND_RECORDING, in which everything keeps the wall-clock time that it
 * had: its times may be before this process's clock began, and so negative.
 *
 * Errors are of G_IO_ERROR; those of what stands in a file name line and field. */

/* connection (nullable): that one only. */
void       wsi_recording_save_async  (WsiSource            *source,
                                      WsiConnection        *connection,
                                      GFile                *file,
                                      GCancellable         *cancellable,
                                      GAsyncReadyCallback   callback,
                                      gpointer              user_data);
gboolean   wsi_recording_save_finish (GAsyncResult         *result,
                                      GError              **error);
void       wsi_recording_load_async  (GFile                *file,
                                      GCancellable         *cancellable,
                                      GAsyncReadyCallback   callback,
                                      gpointer              user_data);
WsiSource *wsi_recording_load_finish (GAsyncResult         *result,
                                      GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
