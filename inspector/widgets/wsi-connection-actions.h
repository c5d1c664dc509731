/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "wsi-connection.h"
#include "wsi-source.h"

G_BEGIN_DECLS

/* What may be done to a connection, as an action group: ping, retry, pause (stateful boolean),
 * close, abort, send, copy-uri. Insert it as “connection”.
 *
 * Properties, writable: subject (WsiConnection, nullable), source (WsiSource, nullable), widget
 * (GtkWidget, nullable, not owned: whose window the dialogs belong to). Signal: message (string: a
 * sentence about what came of it). */
#define WSI_TYPE_CONNECTION_ACTIONS (wsi_connection_actions_get_type ())

G_DECLARE_FINAL_TYPE (WsiConnectionActions, wsi_connection_actions, WSI, CONNECTION_ACTIONS,
                      GSimpleActionGroup)

WsiConnectionActions *wsi_connection_actions_new         (GtkWidget            *widget) G_GNUC_WARN_UNUSED_RESULT;

WsiConnection        *wsi_connection_actions_get_subject (WsiConnectionActions *self);
void                  wsi_connection_actions_set_subject (WsiConnectionActions *self,
                                                          WsiConnection        *subject);
WsiSource            *wsi_connection_actions_get_source  (WsiConnectionActions *self);
void                  wsi_connection_actions_set_source  (WsiConnectionActions *self,
                                                          WsiSource            *source);

G_END_DECLS
