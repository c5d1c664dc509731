/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include <sys/resource.h>

#include "scene.h"
#include "test-loop.h"
#include "test-process.h"

/* One deadline for all that comes before a connection is open, wherever it hangs, and no queue but
 * the pool's own. */

#define CONNECT_TIMEOUT_MS 300
#define DEADLINE_SLACK_MS 100

/* More than libsoup allows by default, and more than may be silent before others have to wait. */
#define N_HUNG 200

/* A resolver that is asked and does not answer. */

typedef enum
{
  ANSWER_NEVER,
  ANSWER_WHEN_CANCELLED,
} Answer;

#define TEST_TYPE_RESOLVER (test_resolver_get_type ())

G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver
{
  GResolver parent_instance;

  Answer answer;
  GPtrArray *lookups; /* (owned) (element-type GTask): unanswered */
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static void
test_resolver_lookup_cancelled_cb (GCancellable *cancellable,
                                   GTask        *task)
{
  g_task_return_error_if_cancelled (task);
}

static void
test_resolver_lookup_async (GResolver                *resolver,
                            const char               *hostname,
                            GResolverNameLookupFlags  flags,
                            GCancellable             *cancellable,
                            GAsyncReadyCallback       callback,
                            gpointer                  user_data)
{
  TestResolver *self = TEST_RESOLVER (resolver);
  GTask *task = g_task_new (resolver, cancellable, callback, user_data);

  g_ptr_array_add (self->lookups, task);
  if (self->answer == ANSWER_WHEN_CANCELLED && cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled",
                             G_CALLBACK (test_resolver_lookup_cancelled_cb), task, 0);
}

static void
test_resolver_lookup_plain_async (GResolver           *resolver,
                                  const char          *hostname,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  test_resolver_lookup_async (resolver, hostname, G_RESOLVER_NAME_LOOKUP_FLAGS_DEFAULT,
                              cancellable, callback, user_data);
}

static GList *
test_resolver_lookup_finish (GResolver     *resolver,
                             GAsyncResult  *result,
                             GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
test_resolver_finalize (GObject *object)
{
  g_ptr_array_unref (TEST_RESOLVER (object)->lookups);

  G_OBJECT_CLASS (test_resolver_parent_class)->finalize (object);
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = test_resolver_finalize;
  resolver_class->lookup_by_name_async = test_resolver_lookup_plain_async;
  resolver_class->lookup_by_name_finish = test_resolver_lookup_finish;
  resolver_class->lookup_by_name_with_flags_async = test_resolver_lookup_async;
  resolver_class->lookup_by_name_with_flags_finish = test_resolver_lookup_finish;
}

static void
test_resolver_init (TestResolver *self)
{
  self->lookups = g_ptr_array_new_with_free_func (g_object_unref);
}

/* The answers come at last, when nobody waits for them any more. */
static void
test_resolver_give_up (TestResolver *self)
{
  for (guint i = 0; i < self->lookups->len; i++)
    {
      GTask *task = g_ptr_array_index (self->lookups, i);

      /* One that was cancelled has an error even if it was never returned. */
      if (self->answer == ANSWER_NEVER || !g_task_had_error (task))
        g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "Too late");
    }
  g_ptr_array_set_size (self->lookups, 0);
}

/* Sockets that the kernel accepts for, while nobody reads or answers. */
static GSocket *
listen_silently (guint *port)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_TCP, &error);

  g_assert_no_error (error);
  g_socket_set_listen_backlog (socket, 4 * N_HUNG);
  g_assert_true (g_socket_bind (socket, wanted, TRUE, &error));
  g_assert_true (g_socket_listen (socket, &error));
  bound = g_socket_get_local_address (socket, &error);
  g_assert_no_error (error);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));

  return socket;
}

static void
assert_timed_out (Scene      *scene,
                  const char *uri)
{
  WsmConnection *connection = scene_add_uri (scene, uri);
  g_autoptr (Witness) witness = NULL;
  g_autofree char *reason = NULL;
  double elapsed_ms;

  wsm_connection_set_connect_timeout (connection, CONNECT_TIMEOUT_MS);
  witness = witness_new (connection);
  WAIT_FOR (witness_is_in (witness, WSM_STATE_WAITING));
  elapsed_ms = (double) (witness->entered_us[WSM_STATE_WAITING] -
                         witness->entered_us[WSM_STATE_CONNECTING]) / 1000.0;
  reason = wsm_reason_to_string (wsm_connection_get_reason (connection));
  g_assert_true (g_str_has_prefix (reason, "timed-out: no handshake within 300 ms; trying again"));
  g_assert_cmpfloat (elapsed_ms, >=, CONNECT_TIMEOUT_MS);
  g_assert_cmpfloat (elapsed_ms, <=, CONNECT_TIMEOUT_MS + DEADLINE_SLACK_MS);

  wsm_pool_remove (scene->pool, connection);
  WAIT_WITHIN (scene_is_deserted (scene), SCENE_RELEASE_MS);
}

static void
test_name_server_hangs (gconstpointer data)
{
  g_autoptr (GResolver) usual = g_resolver_get_default ();
  TestResolver *resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);
  Scene *scene = scene_new ();

  resolver->answer = (Answer) GPOINTER_TO_INT (data);
  g_resolver_set_default (G_RESOLVER (resolver));
  assert_timed_out (scene, "ws://hanging.example/");
  g_assert_cmpuint (resolver->lookups->len, >, 0);

  test_resolver_give_up (resolver);
  test_loop_run_ms (SCENE_SLACK_MS);
  g_assert_true (scene_is_deserted (scene));

  g_resolver_set_default (usual);
  scene_free (scene);
  g_assert_finalize_object (resolver);
}

static void
test_tls_hangs (void)
{
  Scene *scene = scene_new ();
  g_autoptr (GSocket) silent = NULL;
  g_autofree char *uri = NULL;
  guint port;

  silent = listen_silently (&port);
  scene->n_sockets++;
  uri = g_strdup_printf ("wss://127.0.0.1:%u/", port);
  assert_timed_out (scene, uri);

  g_clear_object (&silent);
  scene->n_sockets--;
  scene_free (scene);
}

static void
test_proxy_hangs (gconstpointer data)
{
  const char *scheme = data;
  Scene *scene = scene_new ();
  g_autoptr (GProxyResolver) resolver = NULL;
  g_autoptr (GSocket) silent = NULL;
  g_autofree char *proxy = NULL;
  g_autofree char *uri = NULL;
  guint port;

  silent = listen_silently (&port);
  scene->n_sockets++;
  proxy = g_strdup_printf ("http://127.0.0.1:%u", port);
  resolver = g_simple_proxy_resolver_new (proxy, NULL);
  soup_session_set_proxy_resolver (wsm_pool_get_session (scene->pool), resolver);
  uri = g_strdup_printf ("%s://behind.example/", scheme);
  assert_timed_out (scene, uri);

  g_clear_object (&silent);
  scene->n_sockets--;
  scene_free (scene);
}

static void
hang (Scene      *scene,
      const char *uri)
{
  for (guint i = 0; i < N_HUNG; i++)
    scene_add_uri (scene, uri);
}

/* What libsoup held back could not be cancelled, and would be started at any time. */
static void
test_libsoup_holds_nothing_back (void)
{
  Scene *scene = scene_new ();
  SoupSession *session = wsm_pool_get_session (scene->pool);
  g_autoptr (GSocket) silent = NULL;
  g_autofree char *uri = NULL;
  g_autoptr (Witness) first = NULL;
  g_autoptr (Witness) second = NULL;
  guint port;

  /* An app cannot change these, so only what the pool does with them counts. */
  g_assert_true (g_object_class_find_property (G_OBJECT_GET_CLASS (session), "max-conns")->flags &
                 G_PARAM_CONSTRUCT_ONLY);
  g_assert_true (g_object_class_find_property (G_OBJECT_GET_CLASS (session),
                                               "max-conns-per-host")->flags &
                 G_PARAM_CONSTRUCT_ONLY);

  scene_add_path (scene, "/a");
  silent = listen_silently (&port);
  scene->n_sockets++;
  uri = g_strdup_printf ("ws://127.0.0.1:%u/", port);
  wsm_pool_set_max_handshakes (scene->pool, 2 * N_HUNG);
  hang (scene, uri);
  first = scene_add (scene, "/a");
  WAIT_WITHIN (witness_is_in (first, WSM_STATE_OPEN), 2000);

  /* All of them are dropped while they hang, and others take their place at once. */
  while (g_list_model_get_n_items (G_LIST_MODEL (scene->pool)) > 1)
    {
      g_autoptr (WsmConnection) hung = g_list_model_get_item (G_LIST_MODEL (scene->pool), 0);

      wsm_pool_remove (scene->pool, hung);
    }
  hang (scene, uri);
  second = scene_add (scene, "/a");
  WAIT_WITHIN (witness_is_in (second, WSM_STATE_OPEN), 2000);
  g_assert_true (witness_is_in (first, WSM_STATE_OPEN));

  g_assert_finalize_object (g_steal_pointer (&scene->pool));
  WAIT_WITHIN (test_process_count_sockets () <= scene->n_sockets + 2, 1000);
  g_clear_object (&silent);
  scene->n_sockets--;
  scene_free (scene);
}

/* An app may set time-outs of the session: they hold for its own requests alone. */
static void
test_session_time_outs_spare_open_ones (void)
{
  Scene *scene = scene_new ();
  SoupSession *session = wsm_pool_get_session (scene->pool);
  g_autoptr (Witness) witness = NULL;

  scene_add_path (scene, "/a");
  soup_session_set_timeout (session, 1);
  soup_session_set_idle_timeout (session, 1);
  witness = scene_open (scene, "/a");
  test_loop_run_ms (2500);
  g_assert_true (witness_is_in (witness, WSM_STATE_OPEN));
  witness_assert_log (witness, "");

  scene_free (scene);
}

static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  raise_descriptor_limit ();

  g_test_add_data_func ("/deadlines/name-server-hangs", GINT_TO_POINTER (ANSWER_WHEN_CANCELLED),
                        test_name_server_hangs);
#ifndef __SANITIZE_ADDRESS__
  /* GIO does not let go of a connection whose name is looked up after it was cancelled. */
  g_test_add_data_func ("/deadlines/name-server-hangs-for-good", GINT_TO_POINTER (ANSWER_NEVER),
                        test_name_server_hangs);
#endif
  g_test_add_func ("/deadlines/tls-hangs", test_tls_hangs);
  g_test_add_data_func ("/deadlines/proxy-hangs/ws", "ws", test_proxy_hangs);
  g_test_add_data_func ("/deadlines/proxy-hangs/wss", "wss", test_proxy_hangs);
  g_test_add_func ("/deadlines/libsoup-holds-nothing-back", test_libsoup_holds_nothing_back);
  g_test_add_func ("/deadlines/session-time-outs-spare-open-ones",
                   test_session_time_outs_spare_open_ones);

  return g_test_run ();
}
