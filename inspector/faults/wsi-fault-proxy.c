/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-fault-proxy.h"

#include "wsi-fault-relay.h"

/*
 * Where the system has no proxy, lines go through one that is in this program.
 *
 * The resolver asks the system's. For “direct” it names a proxy at the very host that was to be
 * reached, of a protocol that only this program has, whose talk with the host is none: it puts a
 * relay between the socket and who uses it. So no library has to know of faults.
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

  GProxyResolver *system; /* (owned) */
};

static void wsi_fault_resolver_iface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsiFaultResolver, wsi_fault_resolver, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      wsi_fault_resolver_iface_init))

static GIOStream *
wsi_fault_proxy_connect (GProxy        *proxy,
                         GIOStream     *stream,
                         GProxyAddress *address,
                         GCancellable  *cancellable,
                         GError       **error)
{
  g_autoptr (WsiFaultRelay) relay = NULL;

  if (!G_IS_SOCKET_CONNECTION (stream))
    return g_object_ref (stream);

  relay = wsi_fault_relay_new (G_SOCKET_CONNECTION (stream), error);

  return relay != NULL ? wsi_fault_relay_open (relay) : NULL;
}

static void
wsi_fault_proxy_connect_async (GProxy              *proxy,
                               GIOStream           *stream,
                               GProxyAddress       *address,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (proxy, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  GIOStream *inside = NULL;

  g_task_set_source_tag (task, wsi_fault_proxy_connect_async);
  inside = wsi_fault_proxy_connect (proxy, stream, address, cancellable, &error);
  if (inside != NULL)
    g_task_return_pointer (task, inside, g_object_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static GIOStream *
wsi_fault_proxy_connect_finish (GProxy        *proxy,
                                GAsyncResult  *result,
                                GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, proxy), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* The destination need not be resolved: the socket leads there already. */
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

/* The host as it stands in the URI, brackets and port included. */
static char *
wsi_fault_resolver_make_proxy (const char *uri)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);
  const char *host = parsed != NULL ? g_uri_get_host (parsed) : NULL;
  int port;

  if (host == NULL || *host == '\0')
    return NULL;

  port = g_uri_get_port (parsed);
  if (port < 0)
    {
      const char *scheme = g_uri_get_scheme (parsed);

      port = g_str_equal (scheme, "wss") || g_str_equal (scheme, "https") ? 443 : 80;
    }

  return g_uri_join (G_URI_FLAGS_NONE, PROTOCOL, NULL, host, port, "", NULL, NULL);
}

static void
wsi_fault_resolver_replace_direct (char       **proxies,
                                   const char  *uri)
{
  for (gsize i = 0; proxies != NULL && proxies[i] != NULL; i++)
    {
      char *proxy = NULL;

      if (g_str_equal (proxies[i], "direct://"))
        proxy = wsi_fault_resolver_make_proxy (uri);
      if (proxy != NULL)
        {
          g_free (proxies[i]);
          proxies[i] = proxy;
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

  wsi_fault_resolver_replace_direct (proxies, uri);

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

  wsi_fault_resolver_replace_direct (proxies, g_task_get_task_data (task));
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
  g_task_set_task_data (task, g_strdup (uri), g_free);
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

  g_clear_object (&self->system);

  G_OBJECT_CLASS (wsi_fault_resolver_parent_class)->dispose (object);
}

static void
wsi_fault_resolver_class_init (WsiFaultResolverClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsi_fault_resolver_dispose;

  g_io_extension_point_implement (G_PROXY_EXTENSION_POINT_NAME, WSI_TYPE_FAULT_PROXY,
                                  PROTOCOL, 0);
}

static void
wsi_fault_resolver_init (WsiFaultResolver *self)
{
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
