/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-fault-proxy.h"

#include "wsi-fault-relay.h"

/*
 * Where the system has no proxy, lines go through one that is in this program.
 *
 * The resolver asks the system's. For “direct” it names a proxy of a protocol that only this
 * program has, which connects to the host and puts a relay between that socket and who uses it. So
 * no library has to know of faults.
 *
 * GIO insists on a connection to the proxy before the proxy is asked. Were that to the host itself,
 * each refusal would be told as one of a proxy server; so there is a listener for nothing else.
 */

#define PROTOCOL "wsi-fault"

struct _WsiFaultProxy
{
  GObject parent_instance;
};

static void wsi_fault_proxy_iface_init (GProxyInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsiFaultProxy, wsi_fault_proxy, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY, wsi_fault_proxy_iface_init))

struct _WsiFaultResolver
{
  GObject parent_instance;

  GProxyResolver *system;  /* (owned) */
  GSocketService *service; /* (owned) */
  char *proxy;             /* (owned) (nullable): its URI; without it no line has faults */
};

static void wsi_fault_resolver_iface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsiFaultResolver, wsi_fault_resolver, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      wsi_fault_resolver_iface_init))

static GSocketClient *
wsi_fault_proxy_make_client (void)
{
  GSocketClient *client = g_socket_client_new ();

  g_socket_client_set_enable_proxy (client, FALSE);

  return client;
}

static GIOStream *
wsi_fault_proxy_open_relay (GSocketConnection  *outside,
                            GError            **error)
{
  g_autoptr (WsiFaultRelay) relay = wsi_fault_relay_new (outside, error);

  return relay != NULL ? wsi_fault_relay_open (relay) : NULL;
}

static GIOStream *
wsi_fault_proxy_connect (GProxy        *proxy,
                         GIOStream     *stream,
                         GProxyAddress *address,
                         GCancellable  *cancellable,
                         GError       **error)
{
  g_autoptr (GSocketClient) client = wsi_fault_proxy_make_client ();
  g_autoptr (GSocketConnection) outside = NULL;

  outside = g_socket_client_connect_to_host (
    client, g_proxy_address_get_destination_hostname (address),
    g_proxy_address_get_destination_port (address), cancellable, error);

  return outside != NULL ? wsi_fault_proxy_open_relay (outside, error) : NULL;
}

static void
wsi_fault_proxy_connected_cb (GObject      *source,
                              GAsyncResult *result,
                              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GSocketConnection) outside = NULL;
  GIOStream *inside = NULL;
  GError *error = NULL;

  outside = g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (source), result, &error);
  if (outside != NULL)
    inside = wsi_fault_proxy_open_relay (outside, &error);

  if (inside != NULL)
    g_task_return_pointer (task, inside, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
wsi_fault_proxy_connect_async (GProxy              *proxy,
                               GIOStream           *stream,
                               GProxyAddress       *address,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_autoptr (GSocketClient) client = wsi_fault_proxy_make_client ();
  GTask *task = g_task_new (proxy, cancellable, callback, user_data);

  g_task_set_source_tag (task, wsi_fault_proxy_connect_async);
  g_socket_client_connect_to_host_async (client,
                                         g_proxy_address_get_destination_hostname (address),
                                         g_proxy_address_get_destination_port (address),
                                         cancellable, wsi_fault_proxy_connected_cb, task);
}

static GIOStream *
wsi_fault_proxy_connect_finish (GProxy        *proxy,
                                GAsyncResult  *result,
                                GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, proxy), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Resolving the host is a part of connecting to it. */
static gboolean
wsi_fault_proxy_supports_hostname (GProxy *proxy)
{
  return TRUE;
}

static void
wsi_fault_proxy_iface_init (GProxyInterface *iface)
{
  iface->connect = wsi_fault_proxy_connect;
  iface->connect_async = wsi_fault_proxy_connect_async;
  iface->connect_finish = wsi_fault_proxy_connect_finish;
  iface->supports_hostname = wsi_fault_proxy_supports_hostname;
}

static void
wsi_fault_proxy_class_init (WsiFaultProxyClass *klass)
{
}

static void
wsi_fault_proxy_init (WsiFaultProxy *self)
{
}

static void
wsi_fault_resolver_replace_direct (WsiFaultResolver  *self,
                                   char             **proxies)
{
  for (gsize i = 0; self->proxy != NULL && proxies != NULL && proxies[i] != NULL; i++)
    {
      if (g_str_equal (proxies[i], "direct://"))
        {
          g_free (proxies[i]);
          proxies[i] = g_strdup (self->proxy);
        }
    }
}

static gboolean
wsi_fault_resolver_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static char **
wsi_fault_resolver_lookup (GProxyResolver  *resolver,
                           const char      *uri,
                           GCancellable    *cancellable,
                           GError         **error)
{
  WsiFaultResolver *self = WSI_FAULT_RESOLVER (resolver);
  char **proxies = g_proxy_resolver_lookup (self->system, uri, cancellable, error);

  wsi_fault_resolver_replace_direct (self, proxies);

  return proxies;
}

static void
wsi_fault_resolver_system_lookup_cb (GObject      *source,
                                     GAsyncResult *result,
                                     gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  char **proxies = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (source), result, &error);

  if (proxies == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  wsi_fault_resolver_replace_direct (g_task_get_source_object (task), proxies);
  g_task_return_pointer (task, proxies, (GDestroyNotify) g_strfreev);
}

static void
wsi_fault_resolver_lookup_async (GProxyResolver      *resolver,
                                 const char          *uri,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  WsiFaultResolver *self = WSI_FAULT_RESOLVER (resolver);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, wsi_fault_resolver_lookup_async);
  g_proxy_resolver_lookup_async (self->system, uri, cancellable,
                                 wsi_fault_resolver_system_lookup_cb, task);
}

static char **
wsi_fault_resolver_lookup_finish (GProxyResolver  *resolver,
                                  GAsyncResult    *result,
                                  GError         **error)
{
  g_return_val_if_fail (g_task_is_valid (result, resolver), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
wsi_fault_resolver_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported = wsi_fault_resolver_is_supported;
  iface->lookup = wsi_fault_resolver_lookup;
  iface->lookup_async = wsi_fault_resolver_lookup_async;
  iface->lookup_finish = wsi_fault_resolver_lookup_finish;
}

static void
wsi_fault_resolver_dispose (GObject *object)
{
  WsiFaultResolver *self = WSI_FAULT_RESOLVER (object);

  if (self->service != NULL)
    g_socket_service_stop (self->service);
  g_clear_object (&self->service);
  g_clear_object (&self->system);

  G_OBJECT_CLASS (wsi_fault_resolver_parent_class)->dispose (object);
}

static void
wsi_fault_resolver_finalize (GObject *object)
{
  WsiFaultResolver *self = WSI_FAULT_RESOLVER (object);

  g_free (self->proxy);

  G_OBJECT_CLASS (wsi_fault_resolver_parent_class)->finalize (object);
}

static void
wsi_fault_resolver_class_init (WsiFaultResolverClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsi_fault_resolver_dispose;
  object_class->finalize = wsi_fault_resolver_finalize;

  g_io_extension_point_implement (G_PROXY_EXTENSION_POINT_NAME, WSI_TYPE_FAULT_PROXY,
                                  PROTOCOL, 0);
}

/* Whoever connects is let go at once: nothing is ever said there. */
static void
wsi_fault_resolver_init (WsiFaultResolver *self)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  self->service = g_socket_service_new ();
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), wanted,
                                      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &address,
                                      &error))
    {
      g_message ("Lines cannot be disturbed: %s", error->message);
      return;
    }

  self->proxy = g_strdup_printf (PROTOCOL "://127.0.0.1:%u", g_inet_socket_address_get_port (
                                   G_INET_SOCKET_ADDRESS (address)));
}

/**
 * wsi_fault_resolver_new:
 * @system: the resolver that knows the proxies of the system
 *
 * Makes a resolver for connections whose lines may have faults.
 *
 * Returns: (transfer full): a resolver
 */
GProxyResolver *
wsi_fault_resolver_new (GProxyResolver *system)
{
  WsiFaultResolver *self;
  g_autoptr (GProxy) ensured G_GNUC_UNUSED = NULL;

  /* GIO makes the extension point when it first looks for a proxy. */
  ensured = g_proxy_get_default_for_protocol ("http");

  self = g_object_new (WSI_TYPE_FAULT_RESOLVER, NULL);
  self->system = g_object_ref (system);

  return G_PROXY_RESOLVER (self);
}
