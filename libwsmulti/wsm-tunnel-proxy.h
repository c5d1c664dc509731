/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An HTTP proxy that is asked for a tunnel, as WebSockets need it without TLS too. */
#define WSM_TYPE_TUNNEL_PROXY (wsm_tunnel_proxy_get_type ())

G_DECLARE_FINAL_TYPE (WsmTunnelProxy, wsm_tunnel_proxy, WSM, TUNNEL_PROXY, GObject)

char *wsm_tunnel_proxy_make_uri (const char *proxy_uri) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
