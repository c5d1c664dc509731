/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#include <glib-object.h>

#include "wsm-enums.h"
#include "wsm-version-macros.h"

G_BEGIN_DECLS

#define WSM_TYPE_HEARTBEAT (wsm_heartbeat_get_type ())

WSM_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (WsmHeartbeat, wsm_heartbeat, WSM, HEARTBEAT, GObject)

WSM_AVAILABLE_IN_ALL
WsmHeartbeat     *wsm_heartbeat_new                      (void) G_GNUC_WARN_UNUSED_RESULT;

WSM_AVAILABLE_IN_ALL
WsmHeartbeatMode  wsm_heartbeat_get_mode                 (WsmHeartbeat  *self);
WSM_AVAILABLE_IN_ALL
guint             wsm_heartbeat_get_interval             (WsmHeartbeat  *self);
WSM_AVAILABLE_IN_ALL
guint             wsm_heartbeat_get_timeout              (WsmHeartbeat  *self);
WSM_AVAILABLE_IN_ALL
guint             wsm_heartbeat_get_max_missed           (WsmHeartbeat  *self);
WSM_AVAILABLE_IN_ALL
double            wsm_heartbeat_get_jitter               (WsmHeartbeat  *self);
WSM_AVAILABLE_IN_ALL
gboolean          wsm_heartbeat_get_idle_only            (WsmHeartbeat  *self);
WSM_AVAILABLE_IN_ALL
const char       *wsm_heartbeat_get_payload              (WsmHeartbeat  *self);
WSM_AVAILABLE_IN_ALL
GBytes           *wsm_heartbeat_get_payload_bytes        (WsmHeartbeat  *self);
WSM_AVAILABLE_IN_ALL
WsmReplyMatch     wsm_heartbeat_get_reply_match          (WsmHeartbeat  *self);
WSM_AVAILABLE_IN_ALL
const char       *wsm_heartbeat_get_reply                (WsmHeartbeat  *self);
WSM_AVAILABLE_IN_ALL
gboolean          wsm_heartbeat_get_hide_reply           (WsmHeartbeat  *self);
WSM_AVAILABLE_IN_ALL
WsmLiveness       wsm_heartbeat_get_liveness             (WsmHeartbeat  *self);

WSM_AVAILABLE_IN_ALL
gboolean          wsm_heartbeat_validate                 (WsmHeartbeat  *self,
                                                          GError       **error);
WSM_AVAILABLE_IN_ALL
guint             wsm_heartbeat_worst_case_detection     (WsmHeartbeat  *self);

G_END_DECLS
