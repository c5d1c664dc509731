/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsm-clock.h"
#include "wsm-lane-socket.h"
#include "wsm-meter.h"

G_BEGIN_DECLS

/* What a socket gives, in portions: a reader that reads until there is nothing left comes to an
 * end even where there is always something left. */
#define WSM_TYPE_METERED_INPUT (wsm_metered_input_get_type ())

G_DECLARE_FINAL_TYPE (WsmMeteredInput, wsm_metered_input, WSM, METERED_INPUT, GFilterInputStream)

typedef void (*WsmMeteredInputEndFunc) (gpointer user_data);

WsmMeteredInput *wsm_metered_input_new          (GInputStream    *base) G_GNUC_WARN_UNUSED_RESULT;

void             wsm_metered_input_use_socket   (WsmMeteredInput *self,
                                                 GSocket         *socket);
void             wsm_metered_input_use_meter    (WsmMeteredInput *self,
                                                 WsmMeter        *meter,
                                                 WsmClock        *clock);
void             wsm_metered_input_use_lane_socket (WsmMeteredInput *self,
                                                 WsmLaneSocket   *lane_socket);
void             wsm_metered_input_set_awaited  (WsmMeteredInput *self,
                                                 gboolean         is_awaited);
void             wsm_metered_input_watch_end    (WsmMeteredInput *self,
                                                 WsmMeteredInputEndFunc func,
                                                 gpointer         user_data);
void             wsm_metered_input_set_held     (WsmMeteredInput *self,
                                                 gboolean         is_held);
void             wsm_metered_input_end          (WsmMeteredInput *self);
gboolean         wsm_metered_input_withholds    (WsmMeteredInput *self);
gboolean         wsm_metered_input_has_rest     (WsmMeteredInput *self);
gint64           wsm_metered_input_get_last_us  (WsmMeteredInput *self);
gint64           wsm_metered_input_get_arrived_us (WsmMeteredInput *self);
guint64          wsm_metered_input_get_n_bytes  (WsmMeteredInput *self);

G_END_DECLS
