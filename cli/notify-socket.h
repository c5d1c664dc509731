/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The way to who has started this program and wants to know how it is: systemd, as a rule. */
typedef struct _WsmCliNotifySocket WsmCliNotifySocket;

WsmCliNotifySocket *wsm_cli_notify_socket_new_from_environment (void) G_GNUC_WARN_UNUSED_RESULT;
void                wsm_cli_notify_socket_free                 (WsmCliNotifySocket *self);

guint               wsm_cli_notify_socket_get_watchdog_ms      (WsmCliNotifySocket *self);
gboolean            wsm_cli_notify_socket_send                 (WsmCliNotifySocket *self,
                                                                const char         *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmCliNotifySocket, wsm_cli_notify_socket_free)

G_END_DECLS
