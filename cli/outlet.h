/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * WsmCliOutletNotice:
 * @n_lines: how many lines
 * @user_data: what was given along
 *
 * Says in a line that so many were dropped.
 *
 * Returns: (transfer full): the line, with its end
 */
typedef char *(*WsmCliOutletNotice) (guint64  n_lines,
                                     gpointer user_data);

#define WSM_CLI_TYPE_OUTLET (wsm_cli_outlet_get_type ())

G_DECLARE_FINAL_TYPE (WsmCliOutlet, wsm_cli_outlet, WSM_CLI, OUTLET, GObject)

WsmCliOutlet *wsm_cli_outlet_new      (int                 descriptor,
                                       WsmCliOutletNotice  notice,
                                       gpointer            user_data) G_GNUC_WARN_UNUSED_RESULT;

void          wsm_cli_outlet_write    (WsmCliOutlet       *self,
                                       const char         *text);
void          wsm_cli_outlet_keep_all (WsmCliOutlet       *self);
gboolean      wsm_cli_outlet_is_clear (WsmCliOutlet       *self);
void          wsm_cli_outlet_drain    (WsmCliOutlet       *self,
                                       guint               patience_ms,
                                       GCancellable       *cancellable);

G_END_DECLS
