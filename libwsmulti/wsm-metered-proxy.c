/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-metered-proxy.h"

#include "wsm-metered-stream.h"
#include "wsm-proxy-scheme.h"

/*
 * WsmMeteredProxy:
 *
 * What GIO asks to make a stream out of the connection to a server.
 */
struct _WsmMeteredProxy
{
  GObject parent_instance;
};

static void wsm_metered_proxy_iface_init (GProxyInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsmMeteredProxy, wsm_metered_proxy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY, wsm_metered_proxy_iface_init)
                               wsm_proxy_scheme_implement (g_define_type_id, "metered"))

/* A server may accept and reset at once. TLS on a connection that has no peer any more asks for the
 * peer's address, and complains with a critical warning that there is none. */
static gboolean
wsm_metered_proxy_check_peer (GIOStream  *connection,
                              GError    **error)
{
  GSocket *socket;
  g_autoptr (GSocketAddress) peer = NULL;

  if (!G_IS_SOCKET_CONNECTION (connection))
    return TRUE;

  socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection));
  peer = g_socket_get_remote_address (socket, NULL);
  if (peer != NULL)
    return TRUE;

  if (g_socket_check_connect_result (socket, error))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                         "The server reset the connection");

  return FALSE;
}

static GIOStream *
wsm_metered_proxy_connect (GProxy        *proxy,
                           GIOStream     *connection,
                           GProxyAddress *address,
                           GCancellable  *cancellable,
                           GError       **error)
{
  if (!wsm_metered_proxy_check_peer (connection, error))
    return NULL;

  return wsm_metered_stream_new (connection);
}

static void
wsm_metered_proxy_connect_async (GProxy              *proxy,
                                 GIOStream           *connection,
                                 GProxyAddress       *address,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (proxy, cancellable, callback, user_data);

  g_task_set_source_tag (task, wsm_metered_proxy_connect_async);
  g_task_set_task_data (task, g_object_ref (connection), g_object_unref);
  g_task_return_pointer (task, wsm_metered_stream_new (connection), g_object_unref);
}

/* The moment before TLS is made. */
static GIOStream *
wsm_metered_proxy_connect_finish (GProxy        *proxy,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  if (!wsm_metered_proxy_check_peer (g_task_get_task_data (G_TASK (result)), error))
    return NULL;

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Or GIO would look up the server's name a second time, to tell it to the proxy. */
static gboolean
wsm_metered_proxy_supports_hostname (GProxy *proxy)
{
  return TRUE;
}

static void
wsm_metered_proxy_class_init (WsmMeteredProxyClass *klass)
{
}

static void
wsm_metered_proxy_init (WsmMeteredProxy *self)
{
}

static void
wsm_metered_proxy_iface_init (GProxyInterface *iface)
{
  iface->connect = wsm_metered_proxy_connect;
  iface->connect_async = wsm_metered_proxy_connect_async;
  iface->connect_finish = wsm_metered_proxy_connect_finish;
  iface->supports_hostname = wsm_metered_proxy_supports_hostname;
}

/* The scheme of addresses that are to be metered. */
const char *
wsm_metered_proxy_get_protocol (void)
{
  return wsm_proxy_scheme_get (WSM_TYPE_METERED_PROXY);
}

/* Whether it is on the way to a server that is metered. */
gboolean
wsm_metered_proxy_is_address (GSocketAddress *address)
{
  return G_IS_PROXY_ADDRESS (address) &&
         g_str_equal (g_proxy_address_get_protocol (G_PROXY_ADDRESS (address)),
                      wsm_metered_proxy_get_protocol ());
}
