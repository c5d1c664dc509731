/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsm-lane.h"

G_BEGIN_DECLS

/* Beside GLib's conditions: the peer will send nothing more. That is how epoll says it. */
#define WSM_LANE_SOCKET_SHUT (1u << 13)

/* A socket of which a lane knows, without asking each time, whether it can be read and written. */
typedef struct _WsmLaneSocket WsmLaneSocket;

WsmLaneSocket *wsm_lane_socket_new           (WsmLane       *lane,
                                              GSocket       *socket) G_GNUC_WARN_UNUSED_RESULT;
WsmLaneSocket *wsm_lane_socket_ref           (WsmLaneSocket *self);
void           wsm_lane_socket_unref         (WsmLaneSocket *self);
void           wsm_lane_socket_end           (WsmLaneSocket *self);

gboolean       wsm_lane_socket_is_ready      (WsmLaneSocket *self,
                                              GIOCondition   condition);
void           wsm_lane_socket_note_spent    (WsmLaneSocket *self,
                                              GIOCondition   condition);
GSource       *wsm_lane_socket_create_source (WsmLaneSocket *self,
                                              GObject       *stream,
                                              GIOCondition   condition) G_GNUC_WARN_UNUSED_RESULT;

/* For those who run lanes. */
int            wsm_lane_socket_get_fd        (WsmLaneSocket *self);
gboolean       wsm_lane_socket_is_closed     (WsmLaneSocket *self);
void           wsm_lane_socket_note_ready    (WsmLaneSocket *self,
                                              guint          events);
gboolean       wsm_lane_socket_is_written    (WsmLaneSocket *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmLaneSocket, wsm_lane_socket_unref)

G_END_DECLS
