/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsm-clock.h"
#include "wsm-metered-output.h"
#include "wsm-transport.h"

G_BEGIN_DECLS

/* Remembers how a socket was seen last, for when it is gone. */
typedef struct _WsmSocketWatch WsmSocketWatch;

WsmSocketWatch     *wsm_socket_watch_new       (GSocket          *socket,
                                                WsmMeteredOutput *output,
                                                WsmClock         *clock) G_GNUC_WARN_UNUSED_RESULT;
void                wsm_socket_watch_free      (WsmSocketWatch   *self);

const WsmWireState *wsm_socket_watch_look      (WsmSocketWatch   *self);
guint64             wsm_socket_watch_get_place (WsmSocketWatch   *self);
void                wsm_socket_watch_stop      (WsmSocketWatch   *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmSocketWatch, wsm_socket_watch_free)

G_END_DECLS
