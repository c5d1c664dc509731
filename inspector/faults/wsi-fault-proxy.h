/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where the system has no proxy, lines go through one that is in this program. */
#define WSI_TYPE_FAULT_RESOLVER (wsi_fault_resolver_get_type ())

G_DECLARE_FINAL_TYPE (WsiFaultResolver, wsi_fault_resolver, WSI, FAULT_RESOLVER, GObject)

#define WSI_TYPE_FAULT_PROXY (wsi_fault_proxy_get_type ())

G_DECLARE_FINAL_TYPE (WsiFaultProxy, wsi_fault_proxy, WSI, FAULT_PROXY, GObject)

GProxyResolver *wsi_fault_resolver_new (GProxyResolver *system) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
