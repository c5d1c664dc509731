/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Three panes: sources, connections, details. Where there is room all are seen; where there is
 * not, one.
 *
 * Properties: sidebar, content, details (GtkWidget, writable), narrow (boolean, read-only),
 * tight (boolean, read-only: the details have less room than they would like),
 * pane (WsiSplitPane, writable: which one is seen where there is room for one only),
 * sidebar-visible, details-visible (boolean, writable: whether they are wanted where there is
 * room), sidebar-width, content-height (int, writable: where the panes meet). */
#define WSI_TYPE_SPLIT (wsi_split_get_type ())

G_DECLARE_FINAL_TYPE (WsiSplit, wsi_split, WSI, SPLIT, GtkWidget)

#define WSI_TYPE_SPLIT_PANE (wsi_split_pane_get_type ())

typedef enum
{
  WSI_SPLIT_PANE_SIDEBAR,
  WSI_SPLIT_PANE_CONTENT,
  WSI_SPLIT_PANE_DETAILS,
} WsiSplitPane;

GType         wsi_split_pane_get_type (void);

gboolean      wsi_split_get_narrow    (WsiSplit     *self);
gboolean      wsi_split_get_tight     (WsiSplit     *self);
WsiSplitPane  wsi_split_get_pane      (WsiSplit     *self);
void          wsi_split_set_pane      (WsiSplit     *self,
                                       WsiSplitPane  pane);

G_END_DECLS
