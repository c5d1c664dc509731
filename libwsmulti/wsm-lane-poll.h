/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-lane-socket.h"

G_BEGIN_DECLS

/* What the sources of many lanes wait for, asked of the system in one call that costs as much as
 * there are events, however many descriptors there are. */
typedef struct _WsmLanePoll WsmLanePoll;

/* Something of the owner's is ready. */
typedef void (*WsmLanePollFunc) (gpointer owner,
                                 gpointer user_data);

WsmLanePoll *wsm_lane_poll_new       (void) G_GNUC_WARN_UNUSED_RESULT;
void         wsm_lane_poll_free      (WsmLanePoll     *self);

int          wsm_lane_poll_get_fd    (WsmLanePoll     *self);
gboolean     wsm_lane_poll_has_room  (WsmLanePoll     *self);
void         wsm_lane_poll_wait      (WsmLanePoll     *self,
                                      WsmLanePollFunc  func,
                                      gpointer         user_data);

void         wsm_lane_poll_answer    (WsmLanePoll     *self,
                                      gpointer         owner,
                                      GPollFD         *fds,
                                      guint            n_fds,
                                      gboolean         may_presume);
void         wsm_lane_poll_set_fds   (WsmLanePoll     *self,
                                      gpointer         owner,
                                      GArray          *numbers,
                                      const GPollFD   *fds,
                                      guint            n_fds,
                                      gboolean         may_be_new);
void         wsm_lane_poll_forget    (WsmLanePoll     *self,
                                      gpointer         owner,
                                      GArray          *numbers);

/* Those that are heard of whether anybody asks or not. */
gboolean       wsm_lane_poll_keep      (WsmLanePoll   *self,
                                        gpointer       owner,
                                        WsmLaneSocket *socket);
void           wsm_lane_poll_let_go    (WsmLanePoll   *self,
                                        WsmLaneSocket *socket);
WsmLaneSocket *wsm_lane_poll_find_kept (WsmLanePoll   *self,
                                        int            number);

G_END_DECLS
