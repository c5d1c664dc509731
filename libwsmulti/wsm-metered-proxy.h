/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A proxy that is none: GIO connects to the server itself, and gets a metered stream for it. */
#define WSM_TYPE_METERED_PROXY (wsm_metered_proxy_get_type ())

G_DECLARE_FINAL_TYPE (WsmMeteredProxy, wsm_metered_proxy, WSM, METERED_PROXY, GObject)

const char *wsm_metered_proxy_get_protocol (void);
gboolean    wsm_metered_proxy_is_address   (GSocketAddress *address);

G_END_DECLS
