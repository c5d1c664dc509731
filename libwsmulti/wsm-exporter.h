/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#include "wsm-pool.h"

G_BEGIN_DECLS

#define WSM_TYPE_EXPORTER (wsm_exporter_get_type ())

WSM_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (WsmExporter, wsm_exporter, WSM, EXPORTER, GObject)

WSM_AVAILABLE_IN_ALL
WsmExporter *wsm_exporter_new                 (WsmPool      *pool) G_GNUC_WARN_UNUSED_RESULT;

WSM_AVAILABLE_IN_ALL
WsmPool     *wsm_exporter_get_pool            (WsmExporter  *self);
WSM_AVAILABLE_IN_ALL
const char  *wsm_exporter_get_name            (WsmExporter  *self);
WSM_AVAILABLE_IN_ALL
gboolean     wsm_exporter_get_allow_control   (WsmExporter  *self);
WSM_AVAILABLE_IN_ALL
guint        wsm_exporter_get_payload_capture (WsmExporter  *self);
WSM_AVAILABLE_IN_ALL
gboolean     wsm_exporter_get_announce        (WsmExporter  *self);
WSM_AVAILABLE_IN_ALL
guint        wsm_exporter_get_n_clients       (WsmExporter  *self);

WSM_AVAILABLE_IN_ALL
GIOStream   *wsm_exporter_connect_client      (WsmExporter  *self,
                                               GError      **error) G_GNUC_WARN_UNUSED_RESULT;

WSM_AVAILABLE_IN_ALL
GListModel  *wsm_exporter_list_pools          (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
