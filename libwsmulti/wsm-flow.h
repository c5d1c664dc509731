/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsm-lane.h"
#include "wsm-metered-input.h"

G_BEGIN_DECLS

/* When an open connection is read: not while the app has much of it before it still, and not
 * while the peer sends pings but takes no answers. */
typedef struct _WsmFlow WsmFlow;

/* The peer has sent that many pings, and for that long has taken none of the answers. Called once,
 * perhaps from inside libsoup. */
typedef void (*WsmFlowFunc) (guint    n_pings,
                             guint    waited_ms,
                             gpointer user_data);

WsmFlow *wsm_flow_new            (WsmMeteredInput *input,
                                  GSocket         *socket,
                                  WsmLane         *lane,
                                  WsmFlowFunc      func,
                                  gpointer         user_data) G_GNUC_WARN_UNUSED_RESULT;
void     wsm_flow_free           (WsmFlow         *self);

void     wsm_flow_set_backlogged (WsmFlow         *self,
                                  gboolean         is_backlogged);
gboolean wsm_flow_note_ping      (WsmFlow         *self);
void     wsm_flow_note_drained   (WsmFlow         *self);
void     wsm_flow_end            (WsmFlow         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmFlow, wsm_flow_free)

G_END_DECLS
