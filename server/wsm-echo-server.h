/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsm-echo-path.h"

G_BEGIN_DECLS

#define WSM_TYPE_ECHO_SERVER (wsm_echo_server_get_type ())

G_DECLARE_FINAL_TYPE (WsmEchoServer, wsm_echo_server, WSM, ECHO_SERVER, GObject)

WsmEchoServer *wsm_echo_server_new         (void) G_GNUC_WARN_UNUSED_RESULT;

guint          wsm_echo_server_get_port    (WsmEchoServer  *self);
void           wsm_echo_server_set_port    (WsmEchoServer  *self,
                                            guint           port);
gboolean       wsm_echo_server_get_running (WsmEchoServer  *self);

WsmEchoPath   *wsm_echo_server_add_path    (WsmEchoServer  *self,
                                            const char     *path);
WsmEchoPath   *wsm_echo_server_lookup_path (WsmEchoServer  *self,
                                            const char     *path);
char          *wsm_echo_server_dup_uri     (WsmEchoServer  *self,
                                            const char     *path) G_GNUC_WARN_UNUSED_RESULT;

gboolean       wsm_echo_server_start       (WsmEchoServer  *self,
                                            GError        **error);
void           wsm_echo_server_stop        (WsmEchoServer  *self);

G_END_DECLS
