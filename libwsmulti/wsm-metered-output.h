/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsm-clock.h"
#include "wsm-lane-socket.h"
#include "wsm-transport.h"

G_BEGIN_DECLS

/* A pollable stream that remembers when frames went through it that somebody asks about. */
#define WSM_TYPE_METERED_OUTPUT (wsm_metered_output_get_type ())

G_DECLARE_FINAL_TYPE (WsmMeteredOutput, wsm_metered_output, WSM, METERED_OUTPUT,
                      GFilterOutputStream)

WsmMeteredOutput *wsm_metered_output_new           (GOutputStream    *base) G_GNUC_WARN_UNUSED_RESULT;

void              wsm_metered_output_use_socket    (WsmMeteredOutput *self,
                                                    GSocket          *socket);
void              wsm_metered_output_use_clock     (WsmMeteredOutput *self,
                                                    WsmClock         *clock);
void              wsm_metered_output_use_lane_socket (WsmMeteredOutput *self,
                                                    WsmLaneSocket    *lane_socket);

void              wsm_metered_output_queue         (WsmMeteredOutput *self);
void              wsm_metered_output_queue_first   (WsmMeteredOutput *self);
void              wsm_metered_output_mark          (WsmMeteredOutput *self,
                                                    WsmMark           mark);
void              wsm_metered_output_note_drained  (WsmMeteredOutput *self);

guint             wsm_metered_output_get_n_queued  (WsmMeteredOutput *self);
guint64           wsm_metered_output_get_n_bytes   (WsmMeteredOutput *self);
gint64            wsm_metered_output_get_marked_us (WsmMeteredOutput *self,
                                                    WsmMark           mark);

G_END_DECLS
