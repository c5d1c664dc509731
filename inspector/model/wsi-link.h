/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsi-connection.h"
#include "wsi-source.h"

G_BEGIN_DECLS

#define WSI_TYPE_LINK (wsi_link_get_type ())

G_DECLARE_FINAL_TYPE (WsiLink, wsi_link, WSI, LINK, GObject)

WsiLink  *wsi_link_new            (WsiSource            *source,
                                   GIOStream            *stream) G_GNUC_WARN_UNUSED_RESULT;

/* These say what is wanted; the last wish counts, and is told when the one before was heard. */
void      wsi_link_watch          (WsiLink              *self,
                                   guint                 interval_ms,
                                   guint64               first,
                                   guint                 count);
void      wsi_link_watch_rows     (WsiLink              *self,
                                   guint                 interval_ms,
                                   GVariant             *ids);
void      wsi_link_follow         (WsiLink              *self,
                                   WsiConnection        *connection,
                                   guint                 payload);
void      wsi_link_close          (WsiLink              *self);
gboolean  wsi_link_has_hung_up    (WsiLink              *self);

void      wsi_link_command_async  (WsiLink              *self,
                                   const char           *method,
                                   GVariant             *parameters,
                                   const char           *reply_type,
                                   GCancellable         *cancellable,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
GVariant *wsi_link_command_finish (WsiLink              *self,
                                   GAsyncResult         *result,
                                   GError              **error);

G_END_DECLS
