/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "wsm-transport.h"

G_BEGIN_DECLS

/* Why a handshake failed or a connection ended, read from what libsoup says. Each fills the
 * ending, which has to be cleared. */
void     wsm_soup_ending_read_response   (WsmEnding               *self,
                                          SoupMessage             *message);
gboolean wsm_soup_ending_read_tls        (WsmEnding               *self,
                                          GTlsConnection          *connection);
void     wsm_soup_ending_read_handshake  (WsmEnding               *self,
                                          SoupMessage             *message,
                                          const GError            *error);
void     wsm_soup_ending_blame_proxy     (WsmEnding               *self);
void     wsm_soup_ending_read_connection (WsmEnding               *self,
                                          SoupWebsocketConnection *connection,
                                          const GError            *error);
void     wsm_soup_ending_set_flood       (WsmEnding               *self,
                                          guint                    n_pings,
                                          guint                    waited_ms);
guint    wsm_soup_ending_choose_code     (guint                    code);
void     wsm_soup_ending_clear           (WsmEnding               *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (WsmEnding, wsm_soup_ending_clear)

G_END_DECLS
