/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

#include "wsi-hub.h"

G_BEGIN_DECLS

/* The Inspector's own connections, looked at over the same protocol as those of others. */
#define WSI_TYPE_OWN_POOL (wsi_own_pool_get_type ())

G_DECLARE_FINAL_TYPE (WsiOwnPool, wsi_own_pool, WSI, OWN_POOL, GObject)

/* path (nullable): where connections are kept across runs. */
WsiOwnPool    *wsi_own_pool_new        (WsiHub         *hub,
                                        const char     *path) G_GNUC_WARN_UNUSED_RESULT;

WsmPool       *wsi_own_pool_get_pool   (WsiOwnPool     *self);
WsiSource     *wsi_own_pool_get_source (WsiOwnPool     *self);
/* The connection behind a row, NULL if it is none of ours. */
WsmConnection *wsi_own_pool_lookup     (WsiOwnPool     *self,
                                        WsiConnection  *row);

/* Adds and opens it; what is not kept is not there in the next run. */
gboolean       wsi_own_pool_add        (WsiOwnPool     *self,
                                        WsmConnection  *connection,
                                        gboolean        is_kept,
                                        GError        **error);
/* Returns the same connection in fresh, to be restored if the removal is undone. */
WsmConnection *wsi_own_pool_remove     (WsiOwnPool     *self,
                                        WsmConnection  *connection) G_GNUC_WARN_UNUSED_RESULT;
gboolean       wsi_own_pool_restore    (WsiOwnPool     *self,
                                        WsmConnection  *connection,
                                        GError        **error);

/* Reads what was kept. A file that cannot be read is renamed, never overwritten; the error says
 * its new name. */
gboolean       wsi_own_pool_load       (WsiOwnPool     *self,
                                        GError        **error);
/* Adds all connections of a file, or none. */
gboolean       wsi_own_pool_import     (WsiOwnPool     *self,
                                        const char     *path,
                                        guint          *n_added,
                                        GError        **error);
gboolean       wsi_own_pool_export     (WsiOwnPool     *self,
                                        const char     *path,
                                        GError        **error);

G_END_DECLS
