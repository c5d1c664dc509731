/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#include <gio/gio.h>

#include "wsm-enums.h"
#include "wsm-version-macros.h"

G_BEGIN_DECLS

#define WSM_TYPE_REASON (wsm_reason_get_type ())

typedef struct _WsmReason WsmReason;

WSM_AVAILABLE_IN_ALL
GType          wsm_reason_get_type         (void) G_GNUC_CONST;

WSM_AVAILABLE_IN_ALL
WsmReason     *wsm_reason_copy             (const WsmReason *self) G_GNUC_WARN_UNUSED_RESULT;
WSM_AVAILABLE_IN_ALL
void           wsm_reason_free             (WsmReason       *self);

WSM_AVAILABLE_IN_ALL
WsmReasonCode  wsm_reason_get_code         (const WsmReason *self);
WSM_AVAILABLE_IN_ALL
guint          wsm_reason_get_n_missed     (const WsmReason *self);
WSM_AVAILABLE_IN_ALL
guint          wsm_reason_get_max_missed   (const WsmReason *self);
WSM_AVAILABLE_IN_ALL
guint          wsm_reason_get_silence      (const WsmReason *self);
WSM_AVAILABLE_IN_ALL
guint          wsm_reason_get_close_code   (const WsmReason *self);
WSM_AVAILABLE_IN_ALL
guint          wsm_reason_get_http_status  (const WsmReason *self);
WSM_AVAILABLE_IN_ALL
guint          wsm_reason_get_retry_after  (const WsmReason *self);
WSM_AVAILABLE_IN_ALL
GTlsCertificateFlags
               wsm_reason_get_tls_errors   (const WsmReason *self);
WSM_AVAILABLE_IN_ALL
guint64        wsm_reason_get_size_limit   (const WsmReason *self);
WSM_AVAILABLE_IN_ALL
guint          wsm_reason_get_attempt      (const WsmReason *self);
WSM_AVAILABLE_IN_ALL
guint          wsm_reason_get_delay        (const WsmReason *self);
WSM_AVAILABLE_IN_ALL
guint          wsm_reason_get_delay_bound  (const WsmReason *self);
WSM_AVAILABLE_IN_ALL
guint          wsm_reason_get_turn_delay   (const WsmReason *self);
WSM_AVAILABLE_IN_ALL
const char    *wsm_reason_get_detail       (const WsmReason *self);

WSM_AVAILABLE_IN_ALL
char          *wsm_reason_to_string        (const WsmReason *self) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmReason, wsm_reason_free)

G_END_DECLS
