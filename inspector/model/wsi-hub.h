/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsi-source.h"

G_BEGIN_DECLS

/* The sources there are: a GListModel of WsiSource. One that is gone stays, with its last state,
 * until it is dismissed, or until a program with the same application id (or, without one, with
 * the same name) comes back: the new source then takes its position. A program with several pools
 * has several sources, which are numbered from the second one on. */
#define WSI_TYPE_HUB (wsi_hub_get_type ())

G_DECLARE_FINAL_TYPE (WsiHub, wsi_hub, WSI, HUB, GObject)

#define WSI_HUB_BUS_NAME "io.github.wsmulti.Inspector"
#define WSI_HUB_OBJECT_PATH "/io/github/wsmulti/Inspector1"

WsiHub    *wsi_hub_new           (void) G_GNUC_WARN_UNUSED_RESULT;

/* Opens the door: Inspector1 on a connection to the session bus, until closed or disposed of. The
 * name is the caller's business; it takes it after this. */
gboolean   wsi_hub_open_door     (WsiHub           *self,
                                  GDBusConnection  *bus,
                                  GError          **error);
void       wsi_hub_close_door    (WsiHub           *self);

/* Adds the pool at the other end of a stream; about (nullable) is as in Inspector1.Attach. */
WsiSource *wsi_hub_add_stream    (WsiHub           *self,
                                  GIOStream        *stream,
                                  GVariant         *about,
                                  WsiSourceKind     kind);
void       wsi_hub_add           (WsiHub           *self,
                                  WsiSource        *source);
void       wsi_hub_dismiss       (WsiHub           *self,
                                  WsiSource        *source);

G_END_DECLS
