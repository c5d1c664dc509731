/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Keeps a list that grows at its end until a person scrolls away from it. Properties: adjustment
 * (GtkAdjustment, construct-only), pinned (boolean, rw). */
#define WSI_TYPE_TAIL (wsi_tail_get_type ())

G_DECLARE_FINAL_TYPE (WsiTail, wsi_tail, WSI, TAIL, GObject)

WsiTail  *wsi_tail_new        (GtkAdjustment *adjustment) G_GNUC_WARN_UNUSED_RESULT;

gboolean  wsi_tail_get_pinned (WsiTail       *self);
void      wsi_tail_set_pinned (WsiTail       *self,
                               gboolean       pinned);

/* Once: what is listed, and the widget that lists it. */
void      wsi_tail_watch      (WsiTail       *self,
                               GtkWidget     *widget,
                               GListModel    *model);

/* The content changes: until it has settled, the list moves the adjustment by itself. Done by
 * itself for what is watched. */
void      wsi_tail_unsettle   (WsiTail       *self);
void      wsi_tail_settle     (WsiTail       *self);

G_END_DECLS
