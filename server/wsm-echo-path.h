/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define WSM_TYPE_ECHO_PATH (wsm_echo_path_get_type ())

G_DECLARE_FINAL_TYPE (WsmEchoPath, wsm_echo_path, WSM, ECHO_PATH, GObject)

const char *wsm_echo_path_get_name       (WsmEchoPath *self);

void        wsm_echo_path_drop_all       (WsmEchoPath *self);
void        wsm_echo_path_close_all      (WsmEchoPath *self,
                                          guint        code,
                                          const char  *reason);
void        wsm_echo_path_broadcast_text (WsmEchoPath *self,
                                          const char  *text);

G_END_DECLS
