/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#include <libsoup/soup.h>

#include "wsm-backoff.h"
#include "wsm-enums.h"
#include "wsm-frame.h"
#include "wsm-heartbeat.h"
#include "wsm-latency.h"
#include "wsm-reason.h"
#include "wsm-version-macros.h"

G_BEGIN_DECLS

#define WSM_TYPE_CONNECTION (wsm_connection_get_type ())

WSM_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (WsmConnection, wsm_connection, WSM, CONNECTION, GObject)

WSM_AVAILABLE_IN_ALL
WsmConnection       *wsm_connection_new                      (const char           *uri) G_GNUC_WARN_UNUSED_RESULT;

WSM_AVAILABLE_IN_ALL
const char          *wsm_connection_get_uri                  (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
const char          *wsm_connection_get_name                 (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
const char * const  *wsm_connection_get_protocols            (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
const char          *wsm_connection_get_origin               (WsmConnection        *self);

WSM_AVAILABLE_IN_ALL
WsmHeartbeat        *wsm_connection_get_heartbeat            (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_set_heartbeat            (WsmConnection        *self,
                                                              WsmHeartbeat         *heartbeat);
WSM_AVAILABLE_IN_ALL
WsmBackoff          *wsm_connection_get_backoff              (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_set_backoff              (WsmConnection        *self,
                                                              WsmBackoff           *backoff);
WSM_AVAILABLE_IN_ALL
const char * const  *wsm_connection_get_greetings            (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_set_greetings            (WsmConnection        *self,
                                                              const char * const   *greetings);
WSM_AVAILABLE_IN_ALL
guint64              wsm_connection_get_outbox_limit         (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_set_outbox_limit         (WsmConnection        *self,
                                                              guint64               outbox_limit);
WSM_AVAILABLE_IN_ALL
gboolean             wsm_connection_get_queue_while_closed   (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_set_queue_while_closed   (WsmConnection        *self,
                                                              gboolean              queue_while_closed);
WSM_AVAILABLE_IN_ALL
guint64              wsm_connection_get_max_message_size     (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_set_max_message_size     (WsmConnection        *self,
                                                              guint64               max_message_size);
WSM_AVAILABLE_IN_ALL
guint                wsm_connection_get_connect_timeout      (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_set_connect_timeout      (WsmConnection        *self,
                                                              guint                 connect_timeout);
WSM_AVAILABLE_IN_ALL
guint                wsm_connection_get_close_timeout        (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_set_close_timeout        (WsmConnection        *self,
                                                              guint                 close_timeout);
WSM_AVAILABLE_IN_ALL
guint                wsm_connection_get_max_redirects        (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_set_max_redirects        (WsmConnection        *self,
                                                              guint                 max_redirects);

WSM_AVAILABLE_IN_ALL
WsmState             wsm_connection_get_state                (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
const WsmReason     *wsm_connection_get_reason               (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
guint                wsm_connection_get_n_missed             (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
WsmLatency          *wsm_connection_get_latency              (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
gint64               wsm_connection_get_next_beat_at         (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
gint64               wsm_connection_get_next_retry_at        (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
guint                wsm_connection_get_attempt              (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
gboolean             wsm_connection_get_paused               (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
gboolean             wsm_connection_get_writable             (WsmConnection        *self);

WSM_AVAILABLE_IN_ALL
const GError        *wsm_connection_get_error                (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
guint                wsm_connection_get_close_code           (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
const char          *wsm_connection_get_close_reason         (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
const char          *wsm_connection_get_protocol             (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
const char          *wsm_connection_get_extensions           (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
const char          *wsm_connection_get_remote_address       (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
GTlsCertificate     *wsm_connection_get_tls_peer_certificate (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
guint                wsm_connection_get_n_reconnects         (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
gint64               wsm_connection_get_opened_at            (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
gint64               wsm_connection_get_last_received_at     (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
guint64              wsm_connection_get_n_messages_sent      (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
guint64              wsm_connection_get_n_messages_received  (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
guint64              wsm_connection_get_n_bytes_sent         (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
guint64              wsm_connection_get_n_bytes_received     (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
guint64              wsm_connection_get_n_beats_sent         (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
guint64              wsm_connection_get_n_beats_answered     (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
guint64              wsm_connection_get_buffered             (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
WsmLivenessSource    wsm_connection_get_liveness_source      (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
gboolean             wsm_connection_get_limits_enforced      (WsmConnection        *self);

WSM_AVAILABLE_IN_ALL
gboolean             wsm_connection_open                     (WsmConnection        *self,
                                                              GError              **error);
WSM_AVAILABLE_IN_ALL
gboolean             wsm_connection_close                    (WsmConnection        *self,
                                                              guint                 code,
                                                              const char           *reason,
                                                              GError              **error);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_abort                    (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_retry_now                (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_pause                    (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_resume                   (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_confirm_healthy          (WsmConnection        *self);
WSM_AVAILABLE_IN_ALL
gboolean             wsm_connection_send_text                (WsmConnection        *self,
                                                              const char           *text,
                                                              GError              **error);
WSM_AVAILABLE_IN_ALL
gboolean             wsm_connection_send_bytes               (WsmConnection        *self,
                                                              GBytes               *bytes,
                                                              GError              **error);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_proceed                  (WsmConnection        *self,
                                                              SoupMessage          *message);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_fail_attempt             (WsmConnection        *self,
                                                              SoupMessage          *message,
                                                              const GError         *error);

WSM_AVAILABLE_IN_ALL
void                 wsm_connection_open_async               (WsmConnection        *self,
                                                              GCancellable         *cancellable,
                                                              GAsyncReadyCallback   callback,
                                                              gpointer              user_data);
WSM_AVAILABLE_IN_ALL
gboolean             wsm_connection_open_finish              (WsmConnection        *self,
                                                              GAsyncResult         *result,
                                                              GError              **error);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_close_async              (WsmConnection        *self,
                                                              guint                 code,
                                                              const char           *reason,
                                                              GCancellable         *cancellable,
                                                              GAsyncReadyCallback   callback,
                                                              gpointer              user_data);
WSM_AVAILABLE_IN_ALL
gboolean             wsm_connection_close_finish             (WsmConnection        *self,
                                                              GAsyncResult         *result,
                                                              GError              **error);
WSM_AVAILABLE_IN_ALL
void                 wsm_connection_ping_async               (WsmConnection        *self,
                                                              GCancellable         *cancellable,
                                                              GAsyncReadyCallback   callback,
                                                              gpointer              user_data);
WSM_AVAILABLE_IN_ALL
double               wsm_connection_ping_finish              (WsmConnection        *self,
                                                              GAsyncResult         *result,
                                                              GError              **error);

G_END_DECLS
