/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsi-hub.h"

G_BEGIN_DECLS

/* Tells the desktop when a connection is lost and when it is back, for those that were asked for
 * by name. Signal: notify-user (string id, GNotification): what is to be shown. */
#define WSI_TYPE_NOTIFIER (wsi_notifier_get_type ())

G_DECLARE_FINAL_TYPE (WsiNotifier, wsi_notifier, WSI, NOTIFIER, GObject)

/* settings (nullable): where the names are kept. */
WsiNotifier *wsi_notifier_new         (WsiHub      *hub,
                                       GSettings   *settings) G_GNUC_WARN_UNUSED_RESULT;

gboolean     wsi_notifier_get_enabled (WsiNotifier *self,
                                       const char  *name);
void         wsi_notifier_set_enabled (WsiNotifier *self,
                                       const char  *name,
                                       gboolean     enabled);

G_END_DECLS
