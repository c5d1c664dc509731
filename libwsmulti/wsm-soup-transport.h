/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-clock.h"
#include "wsm-lane.h"
#include "wsm-transport.h"

G_BEGIN_DECLS

/* A transport on libsoup; besides the frame tap the only code that sees a
 * SoupWebsocketConnection. */
#define WSM_TYPE_SOUP_TRANSPORT (wsm_soup_transport_get_type ())

G_DECLARE_FINAL_TYPE (WsmSoupTransport, wsm_soup_transport, WSM, SOUP_TRANSPORT, WsmTransport)

SoupSession  *wsm_soup_transport_new_session (void) G_GNUC_WARN_UNUSED_RESULT;

WsmTransport *wsm_soup_transport_new         (SoupSession *session,
                                              WsmLane     *lane,
                                              WsmClock    *clock,
                                              WsmDelivery *delivery) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
