/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-clock.h"
#include "wsm-metered-proxy.h"
#include "wsm-tunnel-proxy.h"
#include "wsm-metered-resolver.h"
#include "wsm-metered-stream.h"

/* The system's, of which there is one in a process: counts how often it is asked. */
#define SYSTEM_TYPE_RESOLVER (system_resolver_get_type ())
G_DECLARE_FINAL_TYPE (SystemResolver, system_resolver, SYSTEM, RESOLVER, GObject)

struct _SystemResolver
{
  GObject parent_instance;
};

static guint n_asked;

static void system_resolver_iface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SystemResolver, system_resolver, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      system_resolver_iface_init))

static gboolean
system_resolver_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static char **
system_resolver_lookup (GProxyResolver  *resolver,
                        const char      *uri,
                        GCancellable    *cancellable,
                        GError         **error)
{
  n_asked++;

  return g_strsplit ("direct://", ",", -1);
}

static void
system_resolver_lookup_async (GProxyResolver      *resolver,
                              const char          *uri,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);

  g_task_return_pointer (task, system_resolver_lookup (resolver, uri, cancellable, NULL),
                         (GDestroyNotify) g_strfreev);
}

static char **
system_resolver_lookup_finish (GProxyResolver  *resolver,
                               GAsyncResult    *result,
                               GError         **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
system_resolver_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported = system_resolver_is_supported;
  iface->lookup = system_resolver_lookup;
  iface->lookup_async = system_resolver_lookup_async;
  iface->lookup_finish = system_resolver_lookup_finish;
}

static void
system_resolver_class_init (SystemResolverClass *klass)
{
}

static void
system_resolver_init (SystemResolver *self)
{
}

typedef struct
{
  SoupSession *session; /* (owned) */
  WsmMeter *meter;      /* (owned) */
  GMainContext *other;  /* (owned): what the clock runs when it is moved */
  WsmTestClock *clock;  /* (owned) */
  GAsyncResult *result; /* (owned) (nullable) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->session = soup_session_new ();
  fixture->meter = wsm_meter_new (NULL);
  fixture->other = g_main_context_new ();
  fixture->clock = wsm_test_clock_new (fixture->other);
  wsm_metered_resolver_add_to_session (fixture->session, fixture->meter,
                                       WSM_CLOCK (fixture->clock));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  GProxyResolver *resolver = soup_session_get_proxy_resolver (fixture->session);

  g_object_add_weak_pointer (G_OBJECT (resolver), (gpointer *) &resolver);
  g_clear_object (&fixture->result);
  g_assert_finalize_object (fixture->session);
  g_assert_null (resolver);
  wsm_meter_unref (fixture->meter);
  g_assert_finalize_object (fixture->clock);
  g_main_context_unref (fixture->other);
}

static void
looked_up_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  Fixture *fixture = user_data;

  g_set_object (&fixture->result, result);
}

/* What it says either way, with our schemes called METERED and TUNNEL. */
static char *
look_up (Fixture    *fixture,
         const char *uri)
{
  GProxyResolver *resolver = soup_session_get_proxy_resolver (fixture->session);
  g_auto (GStrv) proxies = NULL;
  g_auto (GStrv) later = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GString) told = NULL;
  g_autofree char *example = wsm_tunnel_proxy_make_uri ("http://a");
  g_autoptr (GString) tunnel = g_string_new (example);
  g_autoptr (GError) error = NULL;

  g_string_replace (tunnel, "://a:80", "", 0);
  g_clear_object (&fixture->result);
  g_assert_true (g_proxy_resolver_is_supported (resolver));
  proxies = g_proxy_resolver_lookup (resolver, uri, NULL, &error);
  g_assert_no_error (error);

  g_proxy_resolver_lookup_async (resolver, uri, NULL, looked_up_cb, fixture);
  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  later = g_proxy_resolver_lookup_finish (resolver, fixture->result, &error);
  g_assert_no_error (error);
  g_assert_cmpstrv (proxies, later);

  text = g_strjoinv (" ", proxies);
  told = g_string_new (text);
  g_string_replace (told, wsm_metered_proxy_get_protocol (), "METERED", 0);
  g_string_replace (told, tunnel->str, "TUNNEL", 0);

  return g_string_free (g_steal_pointer (&told), FALSE);
}

#define ASSERT_LOOK_UP(fixture, uri, expected) \
  G_STMT_START { \
    g_autofree char *found = look_up (fixture, uri); \
    g_assert_cmpstr (found, ==, expected); \
  } G_STMT_END

static void
test_direct (Fixture       *fixture,
             gconstpointer  data)
{
  ASSERT_LOOK_UP (fixture, "http://example.com:80", "METERED://example.com:80");
  ASSERT_LOOK_UP (fixture, "https://[2001:db8::1]:8443", "METERED://[2001:db8::1]:8443");
  ASSERT_LOOK_UP (fixture, "https://192.0.2.1:443", "METERED://192.0.2.1:443");
}

/* GIO would lose which interface is meant. */
static void
test_interface (Fixture       *fixture,
                gconstpointer  data)
{
  ASSERT_LOOK_UP (fixture, "http://[fe80::1%25eth0]:80", "direct://");
  ASSERT_LOOK_UP (fixture, "http://printer.local:80", "METERED://printer.local:80 direct://");
}

static void
test_not_a_uri (Fixture       *fixture,
                gconstpointer  data)
{
  soup_session_set_proxy_resolver (fixture->session, NULL);
  ASSERT_LOOK_UP (fixture, "mailto:nobody", "direct://");
}

static void
test_proxies (Fixture       *fixture,
              gconstpointer  data)
{
  char *ignored[] = { (char *) "*.example.com", NULL };
  g_autoptr (GProxyResolver) other =
    g_simple_proxy_resolver_new ("http://proxy.example.net:3128", ignored);
  GProxyResolver *wrapped;

  g_simple_proxy_resolver_set_uri_proxy (G_SIMPLE_PROXY_RESOLVER (other), "https",
                                         "socks5://user:password@socks.example.net:1080");
  soup_session_set_proxy_resolver (fixture->session, other);
  ASSERT_LOOK_UP (fixture, "http://example.org:80", "TUNNEL://proxy.example.net:3128");
  ASSERT_LOOK_UP (fixture, "https://example.org:443",
                  "socks5://user:password@socks.example.net:1080");
  ASSERT_LOOK_UP (fixture, "http://feed.example.com:80", "METERED://feed.example.com:80");
  g_assert_true (wsm_metered_resolver_find_meter (fixture->session) == fixture->meter);

  /* With TLS libsoup makes the tunnel itself. */
  g_simple_proxy_resolver_set_uri_proxy (G_SIMPLE_PROXY_RESOLVER (other), "https",
                                         "http://proxy.example.net");
  g_simple_proxy_resolver_set_uri_proxy (G_SIMPLE_PROXY_RESOLVER (other), "http",
                                         "HTTP://user:pass%40word@[::1]/");
  ASSERT_LOOK_UP (fixture, "https://example.org:443", "http://proxy.example.net");
  ASSERT_LOOK_UP (fixture, "http://example.org:80", "TUNNEL://user:pass%40word@[::1]:80");
  g_simple_proxy_resolver_set_uri_proxy (G_SIMPLE_PROXY_RESOLVER (other), "http",
                                         "https://proxy.example.net");
  ASSERT_LOOK_UP (fixture, "http://example.org:80", "https://proxy.example.net");

  /* What the app reads it may set again. */
  wrapped = soup_session_get_proxy_resolver (fixture->session);
  soup_session_set_proxy_resolver (fixture->session, wrapped);
  g_assert_true (soup_session_get_proxy_resolver (fixture->session) == wrapped);
}

static void
test_no_proxy (Fixture       *fixture,
               gconstpointer  data)
{
  soup_session_set_proxy_resolver (fixture->session, NULL);
  ASSERT_LOOK_UP (fixture, "http://example.org:80", "METERED://example.org:80");
  g_assert_true (wsm_metered_resolver_find_meter (fixture->session) == fixture->meter);
}

static void
look_up_later (Fixture    *fixture,
               const char *uri)
{
  g_clear_object (&fixture->result);
  g_proxy_resolver_lookup_async (soup_session_get_proxy_resolver (fixture->session), uri, NULL,
                                 looked_up_cb, fixture);
  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* Those who connect to one server in one moment ask once. */
static void
test_asks_once (Fixture       *fixture,
                gconstpointer  data)
{
  guint n_before = n_asked;

  for (guint i = 0; i < 50; i++)
    look_up_later (fixture, "http://one.example.org:80");
  g_assert_cmpuint (n_asked, ==, n_before + 1);
  ASSERT_LOOK_UP (fixture, "http://one.example.org:80", "METERED://one.example.org:80");

  /* For another server that is no answer, and for none it is one for long. */
  n_before = n_asked;
  look_up_later (fixture, "http://two.example.org:80");
  g_assert_cmpuint (n_asked, ==, n_before + 1);
  wsm_test_clock_advance (fixture->clock, 999 * 1000);
  look_up_later (fixture, "http://two.example.org:80");
  g_assert_cmpuint (n_asked, ==, n_before + 1);
  wsm_test_clock_advance (fixture->clock, 1000);
  look_up_later (fixture, "http://two.example.org:80");
  g_assert_cmpuint (n_asked, ==, n_before + 2);
}

/* Of one session in another one. */
static void
test_two_sessions (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (WsmMeter) meter = wsm_meter_new (NULL);
  SoupSession *session = soup_session_new ();

  g_assert_null (wsm_metered_resolver_find_meter (session));
  wsm_metered_resolver_add_to_session (session, meter, WSM_CLOCK (fixture->clock));
  soup_session_set_proxy_resolver (session, soup_session_get_proxy_resolver (fixture->session));
  g_assert_true (wsm_metered_resolver_find_meter (session) == meter);
  g_assert_true (wsm_metered_resolver_find_meter (fixture->session) == fixture->meter);
  g_assert_finalize_object (session);
  ASSERT_LOOK_UP (fixture, "http://example.org:80", "METERED://example.org:80");
}

static void
test_cancelled (Fixture       *fixture,
                gconstpointer  data)
{
  GProxyResolver *resolver = soup_session_get_proxy_resolver (fixture->session);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_proxy_resolver_lookup_async (resolver, "http://example.org:80", cancellable, looked_up_cb,
                                 fixture);
  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (g_proxy_resolver_lookup_finish (resolver, fixture->result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* GIO finds it by its scheme, of which another copy of the library has another one. */
static void
test_proxy (Fixture       *fixture,
            gconstpointer  data)
{
  const char *protocol = wsm_metered_proxy_get_protocol ();
  g_autoptr (GProxy) proxy = g_proxy_get_default_for_protocol (protocol);
  g_autoptr (GInputStream) input = g_memory_input_stream_new ();
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (GIOStream) base = g_simple_io_stream_new (input, output);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) ours = NULL;
  g_autoptr (GSocketAddress) foreign = NULL;
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (WSM_IS_METERED_PROXY (proxy));
  g_assert_true (g_str_has_prefix (protocol, "wsm-metered-"));
  g_assert_true (g_proxy_supports_hostname (proxy));

  ours = g_proxy_address_new (loopback, 80, protocol, "example.org", 80, NULL, NULL);
  foreign = g_proxy_address_new (loopback, 80, "http", "example.org", 80, NULL, NULL);
  g_assert_true (wsm_metered_proxy_is_address (ours));
  g_assert_false (wsm_metered_proxy_is_address (foreign));
  g_assert_false (wsm_metered_proxy_is_address (NULL));

  stream = g_proxy_connect (proxy, base, G_PROXY_ADDRESS (ours), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (WSM_IS_METERED_STREAM (stream));
  g_assert_true (WSM_IS_METERED_INPUT (g_io_stream_get_input_stream (stream)));
}

int
main (int   argc,
      char *argv[])
{
  g_setenv ("GIO_USE_PROXY_RESOLVER", "counting", TRUE);
  g_test_init (&argc, &argv, NULL);
  /* GIO looks among those that are there when it is asked first. */
  g_io_extension_point_register (G_PROXY_RESOLVER_EXTENSION_POINT_NAME);
  g_io_extension_point_implement (G_PROXY_RESOLVER_EXTENSION_POINT_NAME, SYSTEM_TYPE_RESOLVER,
                                  "counting", 0);

#define ADD(path, func) \
  g_test_add ("/metered-resolver/" path, Fixture, NULL, set_up, func, tear_down)

  ADD ("meters-what-is-direct", test_direct);
  ADD ("keeps-interfaces", test_interface);
  ADD ("survives-what-is-no-address", test_not_a_uri);
  ADD ("asks-the-apps-resolver", test_proxies);
  ADD ("knows-no-proxy", test_no_proxy);
  ADD ("asks-the-system-once", test_asks_once);
  ADD ("belongs-to-one-session", test_two_sessions);
  ADD ("can-be-cancelled", test_cancelled);
  ADD ("has-a-proxy-of-its-own", test_proxy);

  return g_test_run ();
}
