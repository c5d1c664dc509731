/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Where libsoup's sources of some connections live: a main context that stands as
 * thread-default around every call into libsoup. */
typedef struct _WsmLane WsmLane;

/* What has a lane with a context of its own run. */
typedef struct _WsmLanes WsmLanes;

WsmLane *wsm_lane_new          (GMainContext *context) G_GNUC_WARN_UNUSED_RESULT;
WsmLane *wsm_lane_ref          (WsmLane      *self);
void     wsm_lane_unref        (WsmLane      *self);

void     wsm_lane_enter        (WsmLane      *self);
void     wsm_lane_leave        (WsmLane      *self);

/* For sources of our own that have to run beside libsoup's. */
void     wsm_lane_attach       (WsmLane      *self,
                                GSource      *source);

/* What libsoup emits signals on, to handlers that may be the app's, while it connects. */
void     wsm_lane_add          (WsmLane      *self,
                                GObject      *emitter);
void     wsm_lane_remove       (WsmLane      *self,
                                GObject      *emitter);

/* Those who use it for their whole life. */
void     wsm_lane_join         (WsmLane      *self);
void     wsm_lane_part         (WsmLane      *self);

/* Whoever wants to hear when nothing waits to be written to a socket. */
typedef struct
{
  int fd;
  void (*func) (gpointer user_data);
  gpointer user_data; /* (unowned) */
} WsmLaneWaiter;

gboolean wsm_lane_wait         (WsmLane       *self,
                                WsmLaneWaiter *waiter);
void     wsm_lane_stop_waiting (WsmLane       *self,
                                WsmLaneWaiter *waiter);

gboolean wsm_lane_is_inside    (WsmLane      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmLane, wsm_lane_unref)

G_END_DECLS
