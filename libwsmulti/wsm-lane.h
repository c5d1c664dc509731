/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Where libsoup's sources of some connections live: a main context that stands as
 * thread-default around every call into libsoup. One lane, the pool's own context, for now. */
typedef struct _WsmLane WsmLane;

WsmLane *wsm_lane_new    (GMainContext *context) G_GNUC_WARN_UNUSED_RESULT;
WsmLane *wsm_lane_ref    (WsmLane      *self);
void     wsm_lane_unref  (WsmLane      *self);

void     wsm_lane_enter  (WsmLane      *self);
void     wsm_lane_leave  (WsmLane      *self);

/* For sources of our own that have to run beside libsoup's. */
void     wsm_lane_attach (WsmLane      *self,
                          GSource      *source);

/* What libsoup emits signals on, to handlers that may be the app's. */
void     wsm_lane_add    (WsmLane      *self,
                          GObject      *emitter);
void     wsm_lane_remove (WsmLane      *self,
                          GObject      *emitter);

/* TRUE in the thread that made an object, and outside libsoup; else a critical that names the
 * function. The lane is NULL for what has none yet. */
gboolean wsm_caller_check (GThread    *owner,
                           WsmLane    *lane,
                           const char *function);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmLane, wsm_lane_unref)

G_END_DECLS
