/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-hub.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The sidebar: the sources of a hub, the program's own pool first, and how to make another program
 * appear while there is none.
 *
 * Properties: hub (GListModel of WsiSource), selected (WsiSource; of a hub that is not empty there
 * always is one), both writable. Dismissing needs a hub that is a WsiHub. */
#define WSI_TYPE_SOURCE_LIST (wsi_source_list_get_type ())

G_DECLARE_FINAL_TYPE (WsiSourceList, wsi_source_list, WSI, SOURCE_LIST, GtkWidget)

GtkWidget  *wsi_source_list_new          (void) G_GNUC_WARN_UNUSED_RESULT;

GListModel *wsi_source_list_get_hub      (WsiSourceList *self);
void        wsi_source_list_set_hub      (WsiSourceList *self,
                                          GListModel    *hub);
WsiSource  *wsi_source_list_get_selected (WsiSourceList *self);
void        wsi_source_list_set_selected (WsiSourceList *self,
                                          WsiSource     *selected);

G_END_DECLS
