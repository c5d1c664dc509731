/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "wsm-clock.h"
#include "wsm-frame-tap.h"
#include "wsm-lane.h"
#include "wsm-metered-input.h"
#include "wsm-metered-output.h"
#include "wsm-transport.h"

G_BEGIN_DECLS

/* One open WebSocket of libsoup, from the handshake to libsoup's `closed`. It outlives the
 * transport it reports to by as long as libsoup needs to let go of the socket. */
typedef struct _WsmSoupLink WsmSoupLink;

WsmSoupLink *wsm_soup_link_new                  (SoupWebsocketConnection *connection,
                                                 WsmFrameTap             *tap,
                                                 WsmMeteredInput         *input,
                                                 WsmMeteredOutput        *output,
                                                 WsmLane                 *lane,
                                                 WsmClock                *clock,
                                                 WsmTransport            *transport) G_GNUC_WARN_UNUSED_RESULT;
void         wsm_soup_link_unref                (WsmSoupLink             *self);

void         wsm_soup_link_set_plain            (WsmSoupLink             *self);
GSocket     *wsm_soup_link_get_socket           (WsmSoupLink             *self);
gboolean     wsm_soup_link_enforces_limits      (WsmSoupLink             *self);
gboolean     wsm_soup_link_sees_frames          (WsmSoupLink             *self);

void         wsm_soup_link_forget_transport     (WsmSoupLink             *self);
void         wsm_soup_link_send                 (WsmSoupLink             *self,
                                                 SoupWebsocketDataType    type,
                                                 GBytes                  *message);
void         wsm_soup_link_ping                 (WsmSoupLink             *self,
                                                 const char              *payload);
void         wsm_soup_link_mark_next            (WsmSoupLink             *self,
                                                 WsmMark                  mark);
gint64       wsm_soup_link_get_marked_us        (WsmSoupLink             *self,
                                                 WsmMark                  mark);
void         wsm_soup_link_close                (WsmSoupLink             *self,
                                                 guint                    code,
                                                 const char              *reason);
void         wsm_soup_link_shut_down            (WsmSoupLink             *self);
void         wsm_soup_link_query_wire           (WsmSoupLink             *self,
                                                 WsmWireState            *state);
gboolean     wsm_soup_link_query_place          (WsmSoupLink             *self,
                                                 guint64                 *place);
void         wsm_soup_link_set_backlogged       (WsmSoupLink             *self,
                                                 gboolean                 is_backlogged);
void         wsm_soup_link_set_max_message_size (WsmSoupLink             *self,
                                                 guint64                  n_bytes);
void         wsm_soup_link_set_wants_frames     (WsmSoupLink             *self,
                                                 gboolean                 wants_frames,
                                                 gsize                    payload_capture);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmSoupLink, wsm_soup_link_unref)

G_END_DECLS
