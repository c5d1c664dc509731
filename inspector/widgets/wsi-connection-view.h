/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "wsi-source.h"

G_BEGIN_DECLS

/* Everything about one connection. Properties, rw: source (WsiSource), connection
 * (WsiConnection, NULL = none is chosen), visible-page (string: "overview", "frames", "timeline",
 * "handshake", "policy"), narrow (boolean: the width of a telephone).
 *
 * While it is mapped and has a connection, its source follows that. The page, its focus and where
 * it is scrolled to stay when the connection becomes another one. */
#define WSI_TYPE_CONNECTION_VIEW (wsi_connection_view_get_type ())

G_DECLARE_FINAL_TYPE (WsiConnectionView, wsi_connection_view, WSI, CONNECTION_VIEW, GtkWidget)

GtkWidget     *wsi_connection_view_new              (void) G_GNUC_WARN_UNUSED_RESULT;

WsiSource     *wsi_connection_view_get_source       (WsiConnectionView *self);
void           wsi_connection_view_set_source       (WsiConnectionView *self,
                                                     WsiSource         *source);
WsiConnection *wsi_connection_view_get_connection   (WsiConnectionView *self);
void           wsi_connection_view_set_connection   (WsiConnectionView *self,
                                                     WsiConnection     *connection);
const char    *wsi_connection_view_get_visible_page (WsiConnectionView *self);
void           wsi_connection_view_set_visible_page (WsiConnectionView *self,
                                                     const char        *visible_page);
gboolean       wsi_connection_view_get_narrow       (WsiConnectionView *self);
void           wsi_connection_view_set_narrow       (WsiConnectionView *self,
                                                     gboolean           narrow);

G_END_DECLS
