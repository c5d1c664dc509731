/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-tunnel-proxy.h"

#include "wsm-proxy-scheme.h"

#define PROTOCOL_HTTP "http"
#define DEFAULT_PORT 80

/*
 * WsmTunnelProxy:
 *
 * What GIO asks for a way through an HTTP proxy to a server without TLS.
 *
 * libsoup sends a request for ws: to the proxy itself, as it does for pages, and proxies do not
 * know what to do with that: RFC 6455, 4.1, wants a tunnel made with CONNECT. GIO can make one; it
 * is only not asked to where libsoup says that it speaks to proxies of the scheme "http" itself.
 * So such a proxy gets a scheme of its own here, under which GIO finds this, and this asks GIO's.
 */
struct _WsmTunnelProxy
{
  GObject parent_instance;
};

static void wsm_tunnel_proxy_iface_init (GProxyInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsmTunnelProxy, wsm_tunnel_proxy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY, wsm_tunnel_proxy_iface_init)
                               wsm_proxy_scheme_implement (g_define_type_id, "tunnel"))

static GProxy *
wsm_tunnel_proxy_find_http (GError **error)
{
  GProxy *http = g_proxy_get_default_for_protocol (PROTOCOL_HTTP);

  if (http == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                         "This GIO knows no HTTP proxies");

  return http;
}

static GIOStream *
wsm_tunnel_proxy_connect (GProxy        *proxy,
                          GIOStream     *connection,
                          GProxyAddress *address,
                          GCancellable  *cancellable,
                          GError       **error)
{
  g_autoptr (GProxy) http = wsm_tunnel_proxy_find_http (error);

  if (http == NULL)
    return NULL;

  return g_proxy_connect (http, connection, address, cancellable, error);
}

static void
wsm_tunnel_proxy_http_connected_cb (GObject      *source,
                                    GAsyncResult *result,
                                    gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GIOStream *stream = g_proxy_connect_finish (G_PROXY (source), result, &error);

  if (stream != NULL)
    g_task_return_pointer (task, stream, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
wsm_tunnel_proxy_connect_async (GProxy              *proxy,
                                GIOStream           *connection,
                                GProxyAddress       *address,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (proxy, cancellable, callback, user_data);
  g_autoptr (GProxy) http = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, wsm_tunnel_proxy_connect_async);
  http = wsm_tunnel_proxy_find_http (&error);
  if (http != NULL)
    g_proxy_connect_async (http, connection, address, cancellable,
                           wsm_tunnel_proxy_http_connected_cb, g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

static GIOStream *
wsm_tunnel_proxy_connect_finish (GProxy        *proxy,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* The proxy looks up the name of the server, perhaps where this machine could not. */
static gboolean
wsm_tunnel_proxy_supports_hostname (GProxy *proxy)
{
  return TRUE;
}

static void
wsm_tunnel_proxy_class_init (WsmTunnelProxyClass *klass)
{
}

static void
wsm_tunnel_proxy_init (WsmTunnelProxy *self)
{
}

static void
wsm_tunnel_proxy_iface_init (GProxyInterface *iface)
{
  iface->connect = wsm_tunnel_proxy_connect;
  iface->connect_async = wsm_tunnel_proxy_connect_async;
  iface->connect_finish = wsm_tunnel_proxy_connect_finish;
  iface->supports_hostname = wsm_tunnel_proxy_supports_hostname;
}

/* Returns what to say to GIO instead of the URI of an HTTP proxy; NULL if it is none. */
char *
wsm_tunnel_proxy_make_uri (const char *proxy_uri)
{
  const char *protocol = wsm_proxy_scheme_get (WSM_TYPE_TUNNEL_PROXY);
  g_autofree char *scheme = NULL;
  g_autofree char *authority = NULL;
  const char *begin;
  int port;

  if (!g_uri_split_network (proxy_uri, G_URI_FLAGS_NONE, &scheme, NULL, &port, NULL) ||
      g_ascii_strcasecmp (scheme, PROTOCOL_HTTP) != 0)
    return NULL;

  begin = strstr (proxy_uri, "://") + strlen ("://");
  authority = g_strndup (begin, strcspn (begin, "/?#"));

  /* Only of schemes that it knows GIO knows the port. */
  if (port == -1)
    return g_strdup_printf ("%s://%s:%d", protocol, authority, DEFAULT_PORT);

  return g_strdup_printf ("%s://%s", protocol, authority);
}
