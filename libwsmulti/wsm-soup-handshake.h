/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "wsm-frame-tap.h"
#include "wsm-lane.h"
#include "wsm-metered-input.h"
#include "wsm-metered-output.h"
#include "wsm-transport.h"

G_BEGIN_DECLS

/* One request to become a WebSocket connection, from the first packet to the answer. */
typedef struct _WsmSoupHandshake WsmSoupHandshake;

/* Called once, from inside libsoup: either with a connection, and a tap if there is one, or with
 * an ending. The connection's signals have to be connected before it returns. */
typedef void (*WsmSoupHandshakeFunc) (WsmSoupHandshake        *self,
                                      SoupWebsocketConnection *connection,
                                      WsmFrameTap             *tap,
                                      const WsmEnding         *ending,
                                      gpointer                 user_data);

WsmSoupHandshake *wsm_soup_handshake_start       (SoupSession          *session,
                                                  WsmLane              *lane,
                                                  WsmClock             *clock,
                                                  SoupMessage          *message,
                                                  const char           *origin,
                                                  const char * const   *protocols,
                                                  WsmSoupHandshakeFunc  func,
                                                  gpointer              user_data) G_GNUC_WARN_UNUSED_RESULT;
void              wsm_soup_handshake_cancel      (WsmSoupHandshake     *self);
void              wsm_soup_handshake_unref       (WsmSoupHandshake     *self);

SoupMessage      *wsm_soup_handshake_get_message (WsmSoupHandshake     *self);
WsmMeteredInput  *wsm_soup_handshake_get_input   (WsmSoupHandshake     *self);
WsmMeteredOutput *wsm_soup_handshake_get_output  (WsmSoupHandshake     *self);
gboolean          wsm_soup_handshake_is_plain    (WsmSoupHandshake     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmSoupHandshake, wsm_soup_handshake_unref)

G_END_DECLS
