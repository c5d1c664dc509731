/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "wsi-demo.h"
#include "wsi-hub.h"
#include "wsi-notifier.h"
#include "wsi-own-pool.h"

G_BEGIN_DECLS

/* The window: sources, connections and details, and what one can do. Properties: source
 * (WsiSource), connection (WsiConnection), writable: what is shown. */
#define WSI_TYPE_WINDOW (wsi_window_get_type ())

G_DECLARE_FINAL_TYPE (WsiWindow, wsi_window, WSI, WINDOW, AdwApplicationWindow)

/* settings (nullable): where it keeps its state. */
WsiWindow     *wsi_window_new             (GtkApplication *application,
                                           WsiHub         *hub,
                                           WsiOwnPool     *own_pool,
                                           WsiNotifier    *notifier,
                                           WsiDemo        *demo,
                                           GSettings      *settings) G_GNUC_WARN_UNUSED_RESULT;

WsiSource     *wsi_window_get_source      (WsiWindow      *self);
void           wsi_window_set_source      (WsiWindow      *self,
                                           WsiSource      *source);
WsiConnection *wsi_window_get_connection  (WsiWindow      *self);
void           wsi_window_set_connection  (WsiWindow      *self,
                                           WsiConnection  *connection);

/* Tells something in passing. */
void           wsi_window_say             (WsiWindow      *self,
                                           const char     *message);
/* Tells why something failed, with room for a path. */
void           wsi_window_tell            (WsiWindow      *self,
                                           const char     *heading,
                                           const char     *body);
/* Shows the connection of that name, of whatever source. */
gboolean       wsi_window_show_connection (WsiWindow      *self,
                                           const char     *name);
/* Shows a connection of the own pool as soon as its row is there. */
void           wsi_window_show_own        (WsiWindow      *self,
                                           WsmConnection  *connection);
/* Opens a recording, or adds the connections of a list. */
void           wsi_window_open_file       (WsiWindow      *self,
                                           GFile          *file);
/* Adds a connection and opens it. */
void           wsi_window_open_uri        (WsiWindow      *self,
                                           const char     *uri);

G_END_DECLS
