/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#include "wsm-beats.h"
#include "wsm-connection.h"

G_BEGIN_DECLS

#define WSM_TYPE_POOL (wsm_pool_get_type ())

WSM_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (WsmPool, wsm_pool, WSM, POOL, GObject)

WSM_AVAILABLE_IN_ALL
WsmPool       *wsm_pool_new                         (void) G_GNUC_WARN_UNUSED_RESULT;

WSM_AVAILABLE_IN_ALL
SoupSession   *wsm_pool_get_session                 (WsmPool              *self);
WSM_AVAILABLE_IN_ALL
WsmHeartbeat  *wsm_pool_get_heartbeat               (WsmPool              *self);
WSM_AVAILABLE_IN_ALL
void           wsm_pool_set_heartbeat               (WsmPool              *self,
                                                     WsmHeartbeat         *heartbeat);
WSM_AVAILABLE_IN_ALL
WsmBackoff    *wsm_pool_get_backoff                 (WsmPool              *self);
WSM_AVAILABLE_IN_ALL
void           wsm_pool_set_backoff                 (WsmPool              *self,
                                                     WsmBackoff           *backoff);
WSM_AVAILABLE_IN_ALL
guint          wsm_pool_get_max_handshakes          (WsmPool              *self);
WSM_AVAILABLE_IN_ALL
void           wsm_pool_set_max_handshakes          (WsmPool              *self,
                                                     guint                 max_handshakes);
WSM_AVAILABLE_IN_ALL
guint          wsm_pool_get_max_handshakes_per_host (WsmPool              *self);
WSM_AVAILABLE_IN_ALL
void           wsm_pool_set_max_handshakes_per_host (WsmPool              *self,
                                                     guint                 max_handshakes_per_host);
WSM_AVAILABLE_IN_ALL
guint          wsm_pool_get_max_retries_per_second  (WsmPool              *self);
WSM_AVAILABLE_IN_ALL
void           wsm_pool_set_max_retries_per_second  (WsmPool              *self,
                                                     guint                 max_retries_per_second);
WSM_AVAILABLE_IN_ALL
int            wsm_pool_get_coalesce                (WsmPool              *self);
WSM_AVAILABLE_IN_ALL
void           wsm_pool_set_coalesce                (WsmPool              *self,
                                                     int                   coalesce);
WSM_AVAILABLE_IN_ALL
gboolean       wsm_pool_get_watch_environment       (WsmPool              *self);
WSM_AVAILABLE_IN_ALL
void           wsm_pool_set_watch_environment       (WsmPool              *self,
                                                     gboolean              watch_environment);
WSM_AVAILABLE_IN_ALL
gboolean       wsm_pool_get_saves_power             (WsmPool              *self);
WSM_AVAILABLE_IN_ALL
guint          wsm_pool_get_n_open                  (WsmPool              *self);
WSM_AVAILABLE_IN_ALL
guint          wsm_pool_get_n_failed                (WsmPool              *self);
WSM_AVAILABLE_IN_ALL
WsmLatency    *wsm_pool_get_lateness                (WsmPool              *self);

WSM_AVAILABLE_IN_ALL
WsmConnection *wsm_pool_add                         (WsmPool              *self,
                                                     const char           *uri,
                                                     GError              **error);
WSM_AVAILABLE_IN_ALL
gboolean       wsm_pool_add_connection              (WsmPool              *self,
                                                     WsmConnection        *connection,
                                                     GError              **error);
WSM_AVAILABLE_IN_ALL
gboolean       wsm_pool_remove                      (WsmPool              *self,
                                                     WsmConnection        *connection);
WSM_AVAILABLE_IN_ALL
WsmConnection *wsm_pool_lookup                      (WsmPool              *self,
                                                     const char           *name);
WSM_AVAILABLE_IN_ALL
guint          wsm_pool_broadcast_text              (WsmPool              *self,
                                                     const char           *text,
                                                     GError              **error);
WSM_AVAILABLE_IN_ALL
guint          wsm_pool_broadcast_bytes             (WsmPool              *self,
                                                     GBytes               *bytes);
WSM_AVAILABLE_IN_ALL
void           wsm_pool_probe                       (WsmPool              *self);
WSM_AVAILABLE_IN_ALL
void           wsm_pool_retry_now                   (WsmPool              *self);

WSM_AVAILABLE_IN_ALL
void           wsm_pool_close_async                 (WsmPool              *self,
                                                     guint                 deadline,
                                                     GCancellable         *cancellable,
                                                     GAsyncReadyCallback   callback,
                                                     gpointer              user_data);
WSM_AVAILABLE_IN_ALL
gboolean       wsm_pool_close_finish                (WsmPool              *self,
                                                     GAsyncResult         *result,
                                                     GError              **error);

G_END_DECLS
