/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsi-own-pool.h"

G_BEGIN_DECLS

/* A server in this program, four of whose five paths misbehave. Property, read-only: running. */
#define WSI_TYPE_DEMO (wsi_demo_get_type ())

G_DECLARE_FINAL_TYPE (WsiDemo, wsi_demo, WSI, DEMO, GObject)

WsiDemo  *wsi_demo_new         (WsiOwnPool  *own_pool) G_GNUC_WARN_UNUSED_RESULT;

gboolean  wsi_demo_get_running (WsiDemo     *self);

/* Starts, and adds a connection to each path that has none yet. */
gboolean  wsi_demo_start       (WsiDemo     *self,
                                GError     **error);
void      wsi_demo_stop        (WsiDemo     *self);

G_END_DECLS
