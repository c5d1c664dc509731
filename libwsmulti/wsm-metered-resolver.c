/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-metered-resolver.h"

#include "wsm-metered-proxy.h"
#include "wsm-tunnel-proxy.h"

#define DIRECT "direct://"

/* How libsoup says ws: to GIO. */
#define PLAIN "http://"

/* Where names may stand for addresses that hold for one network interface only. */
#define LINK_LOCAL_DOMAIN ".local"

/* So long the last answer of the system's holds. It asks in a thread, or over D-Bus, and thousands
 * may connect to one server in one moment. */
#define ANSWER_HOLDS_US G_USEC_PER_SEC

/*
 * WsmMeteredResolver:
 *
 * A proxy resolver that says "through the metered proxy" where another one says "directly".
 *
 * Everything else the other one says is passed on, as it is or so that ws: gets through HTTP
 * proxies too: what goes through a real proxy is not metered. The other one is what the app gave
 * its session, or the system's.
 *
 * It also keeps the meter of its session, and what the system's has said last, for a moment.
 */
struct _WsmMeteredResolver
{
  GObject parent_instance;

  WsmMeter *meter;       /* (owned) */
  GProxyResolver *other; /* (owned) (nullable): NULL is the system's, or none */

  GThread *thread;       /* (unowned): whose answers are kept */
  WsmClock *clock;       /* (owned) (nullable): NULL keeps none */
  char *answered_uri;    /* (owned) (nullable): what was asked last */
  GStrv answer;          /* (owned) (nullable) */
  gint64 answered_us;

  guint is_direct : 1; /* there is to be no proxy at all */
};

static void wsm_metered_resolver_iface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsmMeteredResolver, wsm_metered_resolver, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      wsm_metered_resolver_iface_init))

/* The system's is looked for late, as GIO does: it may have to load a module first. */
static GProxyResolver *
wsm_metered_resolver_get_other (WsmMeteredResolver *self)
{
  return self->other != NULL ? self->other : g_proxy_resolver_get_default ();
}

/* Puts the ways to reach the server without a proxy into the list. On the way through its proxy
 * code GIO drops the interface from addresses that have one, so those go unmetered: an address
 * that names its interface at once, a name that may stand for one if the metered way fails. */
static void
wsm_metered_resolver_append_direct (GStrvBuilder *builder,
                                    const char   *uri)
{
  const char *authority = strstr (uri, "://");
  g_autofree char *metered = NULL;
  g_autofree char *host = NULL;

  if (authority == NULL || strchr (authority, '%') != NULL)
    {
      g_strv_builder_add (builder, DIRECT);
      return;
    }

  /* GIO wrote the address of the server, so its form is right. */
  metered = g_strconcat (wsm_metered_proxy_get_protocol (), authority, NULL);
  g_strv_builder_add (builder, metered);

  if (g_uri_split_network (uri, G_URI_FLAGS_NONE, NULL, &host, NULL, NULL) &&
      g_str_has_suffix (host, LINK_LOCAL_DOMAIN))
    g_strv_builder_add (builder, DIRECT);
}

/* libsoup asks an HTTP proxy for a tunnel only where there is TLS in it. */
static void
wsm_metered_resolver_append_proxy (GStrvBuilder *builder,
                                   const char   *uri,
                                   const char   *proxy_uri)
{
  g_autofree char *tunnel = NULL;

  if (g_str_has_prefix (uri, PLAIN))
    tunnel = wsm_tunnel_proxy_make_uri (proxy_uri);

  g_strv_builder_add (builder, tunnel != NULL ? tunnel : proxy_uri);
}

/* With NULL for proxies there are none. */
static char **
wsm_metered_resolver_translate (const char         *uri,
                                const char * const *proxies)
{
  static const char * const direct[] = { DIRECT, NULL };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (proxies == NULL)
    proxies = direct;

  for (guint i = 0; proxies[i] != NULL; i++)
    {
      if (g_str_has_prefix (proxies[i], DIRECT))
        wsm_metered_resolver_append_direct (builder, uri);
      else
        wsm_metered_resolver_append_proxy (builder, uri, proxies[i]);
    }

  return g_strv_builder_end (builder);
}

static gboolean
wsm_metered_resolver_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static char **
wsm_metered_resolver_lookup (GProxyResolver  *resolver,
                             const char      *uri,
                             GCancellable    *cancellable,
                             GError         **error)
{
  WsmMeteredResolver *self = WSM_METERED_RESOLVER (resolver);
  g_auto (GStrv) proxies = NULL;

  if (!self->is_direct)
    {
      proxies = g_proxy_resolver_lookup (wsm_metered_resolver_get_other (self), uri, cancellable,
                                         error);
      if (proxies == NULL)
        return NULL;
    }

  return wsm_metered_resolver_translate (uri, (const char * const *) proxies);
}

/* The app's own may say something else at any time, and is near. */
static gboolean
wsm_metered_resolver_keeps_answers (WsmMeteredResolver *self)
{
  return self->clock != NULL && self->thread == g_thread_self ();
}

static void
wsm_metered_resolver_keep_answer (WsmMeteredResolver *self,
                                  const char         *uri,
                                  GStrv               answer)
{
  if (!wsm_metered_resolver_keeps_answers (self))
    return;

  g_free (self->answered_uri);
  self->answered_uri = g_strdup (uri);
  g_strfreev (self->answer);
  self->answer = g_strdupv (answer);
  self->answered_us = wsm_clock_get_time_us (self->clock);
}

/* NULL if it has to be asked. */
static const char * const *
wsm_metered_resolver_find_answer (WsmMeteredResolver *self,
                                  const char         *uri)
{
  if (!wsm_metered_resolver_keeps_answers (self) || g_strcmp0 (self->answered_uri, uri) != 0 ||
      wsm_clock_get_time_us (self->clock) - self->answered_us >= ANSWER_HOLDS_US)
    return NULL;

  return (const char * const *) self->answer;
}

static void
wsm_metered_resolver_looked_up_cb (GObject      *source,
                                   GAsyncResult *result,
                                   gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_auto (GStrv) proxies = NULL;
  const char *uri = g_task_get_task_data (task);
  GError *error = NULL;

  proxies = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (source), result, &error);
  if (proxies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  wsm_metered_resolver_keep_answer (g_task_get_source_object (task), uri, proxies);
  g_task_return_pointer (task,
                         wsm_metered_resolver_translate (uri, (const char * const *) proxies),
                         (GDestroyNotify) g_strfreev);
}

static void
wsm_metered_resolver_lookup_async (GProxyResolver      *resolver,
                                   const char          *uri,
                                   GCancellable        *cancellable,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  WsmMeteredResolver *self = WSM_METERED_RESOLVER (resolver);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  const char * const *answer = wsm_metered_resolver_find_answer (self, uri);

  g_task_set_source_tag (task, wsm_metered_resolver_lookup_async);
  g_task_set_task_data (task, g_strdup (uri), g_free);
  if (self->is_direct || answer != NULL)
    g_task_return_pointer (task, wsm_metered_resolver_translate (uri, answer),
                           (GDestroyNotify) g_strfreev);
  else
    g_proxy_resolver_lookup_async (wsm_metered_resolver_get_other (self), uri, cancellable,
                                   wsm_metered_resolver_looked_up_cb, g_steal_pointer (&task));
}

static char **
wsm_metered_resolver_lookup_finish (GProxyResolver  *resolver,
                                    GAsyncResult    *result,
                                    GError         **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
wsm_metered_resolver_dispose (GObject *object)
{
  WsmMeteredResolver *self = WSM_METERED_RESOLVER (object);

  g_clear_object (&self->other);

  G_OBJECT_CLASS (wsm_metered_resolver_parent_class)->dispose (object);
}

static void
wsm_metered_resolver_finalize (GObject *object)
{
  WsmMeteredResolver *self = WSM_METERED_RESOLVER (object);

  g_clear_pointer (&self->meter, wsm_meter_unref);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->answered_uri, g_free);
  g_clear_pointer (&self->answer, g_strfreev);

  G_OBJECT_CLASS (wsm_metered_resolver_parent_class)->finalize (object);
}

static void
wsm_metered_resolver_class_init (WsmMeteredResolverClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsm_metered_resolver_dispose;
  object_class->finalize = wsm_metered_resolver_finalize;
}

static void
wsm_metered_resolver_init (WsmMeteredResolver *self)
{
  self->thread = g_thread_self ();
}

static void
wsm_metered_resolver_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported = wsm_metered_resolver_is_supported;
  iface->lookup = wsm_metered_resolver_lookup;
  iface->lookup_async = wsm_metered_resolver_lookup_async;
  iface->lookup_finish = wsm_metered_resolver_lookup_finish;
}

static WsmMeteredResolver *
wsm_metered_resolver_new (WsmMeter *meter)
{
  WsmMeteredResolver *self = g_object_new (WSM_TYPE_METERED_RESOLVER, NULL);

  self->meter = wsm_meter_ref (meter);

  return self;
}

/* The app may give its session another resolver at any time, or none: that one is asked then. */
static void
wsm_metered_resolver_session_changed_cb (SoupSession *session,
                                         GParamSpec  *pspec,
                                         WsmMeter    *meter)
{
  GProxyResolver *other = soup_session_get_proxy_resolver (session);
  g_autoptr (WsmMeteredResolver) self = NULL;

  if (WSM_IS_METERED_RESOLVER (other) && WSM_METERED_RESOLVER (other)->meter == meter)
    return;

  self = wsm_metered_resolver_new (meter);
  g_set_object (&self->other, other);
  self->is_direct = other == NULL;
  soup_session_set_proxy_resolver (session, G_PROXY_RESOLVER (self));
}

/* For a session that has no resolver of its own yet. */
void
wsm_metered_resolver_add_to_session (SoupSession *session,
                                     WsmMeter    *meter,
                                     WsmClock    *clock)
{
  g_autoptr (WsmMeteredResolver) self = NULL;

  g_return_if_fail (SOUP_IS_SESSION (session));
  g_return_if_fail (meter != NULL);
  g_return_if_fail (WSM_IS_CLOCK (clock));

  self = wsm_metered_resolver_new (meter);
  self->clock = g_object_ref (clock);
  soup_session_set_proxy_resolver (session, G_PROXY_RESOLVER (self));
  g_signal_connect_data (session, "notify::proxy-resolver",
                         G_CALLBACK (wsm_metered_resolver_session_changed_cb),
                         wsm_meter_ref (meter), (GClosureNotify) (void (*) (void)) wsm_meter_unref,
                         0);
}

/* The meter that was added with the resolver; NULL where there is none. */
WsmMeter *
wsm_metered_resolver_find_meter (SoupSession *session)
{
  GProxyResolver *resolver;

  g_return_val_if_fail (SOUP_IS_SESSION (session), NULL);

  resolver = soup_session_get_proxy_resolver (session);

  return WSM_IS_METERED_RESOLVER (resolver) ? WSM_METERED_RESOLVER (resolver)->meter : NULL;
}
