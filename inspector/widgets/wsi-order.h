/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsi-column.h"

G_BEGIN_DECLS

typedef enum
{
  WSI_FILTER_ALL,
  WSI_FILTER_OPEN,
  WSI_FILTER_LATE,
  WSI_FILTER_WAITING,
  WSI_FILTER_FAILED,
  WSI_N_FILTERS,
} WsiFilter;

/* The connections of a source as somebody wants to see them: those that fit a filter, sorted.
 *
 * A GListModel of WsiConnection. It reads all rows in one go, which takes a millisecond or two for
 * 10,000, and only when it is told to or when rows come or go; a list that re-sorts itself with
 * each figure would never stand still. */
#define WSI_TYPE_ORDER (wsi_order_get_type ())

G_DECLARE_FINAL_TYPE (WsiOrder, wsi_order, WSI, ORDER, GObject)

WsiOrder *wsi_order_new        (void) G_GNUC_WARN_UNUSED_RESULT;

void      wsi_order_set_model  (WsiOrder   *self,
                                GListModel *connections);
void      wsi_order_set_text   (WsiOrder   *self,
                                const char *text);
void      wsi_order_set_filter (WsiOrder   *self,
                                WsiFilter   filter);
void      wsi_order_set_column (WsiOrder   *self,
                                WsiColumn   column,
                                gboolean    descending);
WsiColumn wsi_order_get_column (WsiOrder   *self);

/* Whether some rows are left out. */
gboolean  wsi_order_is_filtered (WsiOrder  *self);
/* Whether reading them again may give another order or other rows, though none came or went. */
gboolean  wsi_order_is_lively  (WsiOrder   *self);
/* Reads all rows again. */
void      wsi_order_refresh    (WsiOrder   *self);

/* The position of a connection, G_MAXUINT if it is not shown. */
guint     wsi_order_find       (WsiOrder      *self,
                                WsiConnection *connection);

G_END_DECLS
