/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsi-connection.h"

G_BEGIN_DECLS

/* What one program may show, so that none can fill the memory of another. */
#define WSI_TABLE_CAPACITY 100000

#define WSI_TYPE_TABLE (wsi_table_get_type ())

G_DECLARE_FINAL_TYPE (WsiTable, wsi_table, WSI, TABLE, GObject)

WsiTable      *wsi_table_new      (void) G_GNUC_WARN_UNUSED_RESULT;

guint          wsi_table_get_n    (WsiTable      *self);
WsiConnection *wsi_table_get      (WsiTable      *self,
                                   guint          position);
WsiConnection *wsi_table_find     (WsiTable      *self,
                                   guint64        id,
                                   guint         *position);
gboolean       wsi_table_is_full  (WsiTable      *self);

void           wsi_table_add_many (WsiTable      *self,
                                   GPtrArray     *connections);
void           wsi_table_remove   (WsiTable      *self,
                                   const guint64 *ids,
                                   gsize          n_ids,
                                   GPtrArray     *removed);

G_END_DECLS
