/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-clock.h"
#include "wsm-lane-socket.h"

G_BEGIN_DECLS

/* So many connections share a lane, unless lanes are scarce. */
#define WSM_LANES_MAX_MEMBERS 16

WsmLanes *wsm_lanes_new             (GMainContext *context,
                                     WsmClock     *clock) G_GNUC_WARN_UNUSED_RESULT;
WsmLanes *wsm_lanes_ref             (WsmLanes     *self);
void      wsm_lanes_unref           (WsmLanes     *self);
void      wsm_lanes_end             (WsmLanes     *self);

WsmLane  *wsm_lanes_choose          (WsmLanes     *self,
                                     gint64        beat_us) G_GNUC_WARN_UNUSED_RESULT;
guint     wsm_lanes_get_n_lanes     (WsmLanes     *self);

/* TRUE in the thread that made an object, and outside libsoup; else a critical that names the
 * function. The lanes are NULL for what has none yet. */
gboolean  wsm_caller_check          (GThread      *owner,
                                     WsmLanes     *lanes,
                                     const char   *function);

/* For WsmLane. */
void      wsm_lanes_touch           (WsmLanes     *self,
                                     WsmLane      *lane);
void      wsm_lanes_note_unused     (WsmLanes     *self,
                                     WsmLane      *lane);
void      wsm_lanes_note_left       (WsmLanes     *self);
void      wsm_lanes_note_connecting (WsmLanes     *self,
                                     WsmLane      *lane,
                                     gboolean      is_connecting);
gint64    wsm_lanes_get_time_us     (WsmLanes     *self);

/* For WsmLaneSocket. */
gboolean  wsm_lanes_keep            (WsmLanes      *self,
                                     WsmLane       *lane,
                                     WsmLaneSocket *socket);
void      wsm_lanes_let_go          (WsmLanes      *self,
                                     WsmLaneSocket *socket);

G_END_DECLS
