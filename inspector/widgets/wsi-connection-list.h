/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-connection.h"
#include "wsi-source.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The connections of a source: filter, rows, and what to say when there are none.
 *
 * Properties: source (WsiSource), selected (WsiConnection), filter-text (string, never NULL),
 * narrow (boolean: 360 pixels wide), all writable. Signal: activate (WsiConnection), by Enter or a
 * double click. The menu of a row uses the action groups "connection" and, where there is one,
 * "own". */
#define WSI_TYPE_CONNECTION_LIST (wsi_connection_list_get_type ())

G_DECLARE_FINAL_TYPE (WsiConnectionList, wsi_connection_list, WSI, CONNECTION_LIST, GtkWidget)

GtkWidget     *wsi_connection_list_new             (void) G_GNUC_WARN_UNUSED_RESULT;

WsiSource     *wsi_connection_list_get_source      (WsiConnectionList *self);
void           wsi_connection_list_set_source      (WsiConnectionList *self,
                                                    WsiSource         *source);
WsiConnection *wsi_connection_list_get_selected    (WsiConnectionList *self);
void           wsi_connection_list_set_selected    (WsiConnectionList *self,
                                                    WsiConnection     *selected);
const char    *wsi_connection_list_get_filter_text (WsiConnectionList *self);
void           wsi_connection_list_set_filter_text (WsiConnectionList *self,
                                                    const char        *filter_text);
gboolean       wsi_connection_list_get_narrow      (WsiConnectionList *self);
void           wsi_connection_list_set_narrow      (WsiConnectionList *self,
                                                    gboolean           narrow);

/* Puts the cursor where one types the filter. */
void           wsi_connection_list_search          (WsiConnectionList *self);

G_END_DECLS
