/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

#define WSM_TYPE_ECHO_LINK (wsm_echo_link_get_type ())

G_DECLARE_FINAL_TYPE (WsmEchoLink, wsm_echo_link, WSM, ECHO_LINK, GObject)

WsmEchoLink    *wsm_echo_link_new                (GSocketConnection       *base,
                                                  GSocketAddress          *remote_address)
  G_GNUC_WARN_UNUSED_RESULT;

GSocketAddress *wsm_echo_link_get_remote_address (WsmEchoLink             *self);
GIOStream      *wsm_echo_link_get_stream         (WsmEchoLink             *self);
const char     *wsm_echo_link_get_path           (WsmEchoLink             *self);
void            wsm_echo_link_set_path           (WsmEchoLink             *self,
                                                  const char              *path);
gboolean        wsm_echo_link_is_open            (WsmEchoLink             *self);
guint           wsm_echo_link_get_n_arrivals     (WsmEchoLink             *self);

void            wsm_echo_link_hold_handshake     (WsmEchoLink             *self,
                                                  SoupServerMessage       *message,
                                                  guint                    delay_ms);
void            wsm_echo_link_open               (WsmEchoLink             *self,
                                                  SoupWebsocketConnection *websocket);

void            wsm_echo_link_set_mute           (WsmEchoLink             *self,
                                                  gboolean                 mute);
void            wsm_echo_link_mute_after         (WsmEchoLink             *self,
                                                  guint                    after_ms);
void            wsm_echo_link_set_late           (WsmEchoLink             *self,
                                                  guint                    late_ms);

void            wsm_echo_link_send               (WsmEchoLink             *self,
                                                  SoupWebsocketDataType    type,
                                                  GBytes                  *bytes);
void            wsm_echo_link_close              (WsmEchoLink             *self,
                                                  guint                    code,
                                                  const char              *reason);
void            wsm_echo_link_drop               (WsmEchoLink             *self,
                                                  gboolean                 reset);
void            wsm_echo_link_drop_after         (WsmEchoLink             *self,
                                                  guint                    after_ms,
                                                  gboolean                 reset);
void            wsm_echo_link_drop_when_answered (WsmEchoLink             *self,
                                                  gboolean                 reset);

G_END_DECLS
