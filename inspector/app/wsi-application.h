/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "wsi-demo.h"
#include "wsi-hub.h"
#include "wsi-notifier.h"
#include "wsi-own-pool.h"
#include "wsi-window.h"

G_BEGIN_DECLS

/* The program: one per session, with a door on the session bus. */
#define WSI_TYPE_APPLICATION (wsi_application_get_type ())

G_DECLARE_FINAL_TYPE (WsiApplication, wsi_application, WSI, APPLICATION, AdwApplication)

GApplication *wsi_application_new          (void) G_GNUC_WARN_UNUSED_RESULT;

WsiHub       *wsi_application_get_hub      (WsiApplication *self);
/* These are there once it has started up. */
WsiOwnPool   *wsi_application_get_own_pool (WsiApplication *self);
WsiDemo      *wsi_application_get_demo     (WsiApplication *self);
WsiNotifier  *wsi_application_get_notifier (WsiApplication *self);
/* The window, which is made and shown if there is none. */
WsiWindow    *wsi_application_get_window   (WsiApplication *self);

G_END_DECLS
