/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-lane.h"

#include "wsm-lane-poll.h"

G_BEGIN_DECLS

/*
 * WsmLane:
 *
 * A main context for the sources of some connections.
 *
 * It is the context of whoever made the pool, or one of its own. GLib looks at each source of a
 * context whenever one of them is ready: of a context with few sources that is little. Who has
 * the lanes run knows which of them have something to do.
 */
struct _WsmLane
{
  int ref_count; /* atomic */

  GMainContext *context; /* (owned) (nullable): NULL is the global default context */
  GPtrArray *emitters;   /* (owned) (element-type GObject): unowned elements */
  guint n_members;

  /* Where the context is the pool's. */
  WsmLanes *neighbours; /* (owned) (nullable) */

  /* Where the context is the lane's own. */
  WsmLanes *lanes;    /* (owned) (nullable) */
  GArray *numbers;    /* (owned) (nullable) (element-type int): descriptors it waits for */
  GPtrArray *waiters; /* (owned) (nullable) (element-type WsmLaneWaiter): unowned elements */
  int wake_fd;        /* by which its context is woken */
  gint64 deadline_us; /* when it has something to do anyway; -1 = never */
  gint64 retire_us;   /* when it is freed, if nobody uses it until then */
  gint64 beat_us;     /* when its members beat, within their interval */
  guint n_running;
  guint is_queued : 1;
  guint may_be_woken : 1; /* by this thread, which GLib does not leave out */
};

WsmLane  *wsm_lane_new_in  (WsmLanes    *lanes) G_GNUC_WARN_UNUSED_RESULT;
void      wsm_lane_free    (WsmLane     *self);
gboolean  wsm_lane_run     (WsmLane     *self,
                            WsmLanePoll *poll,
                            GArray      *fds);
gboolean  wsm_lane_is_idle (WsmLane     *self);

G_END_DECLS
