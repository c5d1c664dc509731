/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include "wsm-echo.h"

/* What an app attaches to the request of an attempt runs inside libsoup. It may answer there, but
 * it may not call the library: that is refused, and does no harm. */

typedef struct
{
  WsmEchoServer *server; /* (owned) */
  WsmPool *pool;         /* (owned) */
  WsmConnection *feed;   /* (unowned) */
  void (*misdeed) (WsmPool       *pool,
                   WsmConnection *feed);
  guint n_misdeeds;
} Fixture;

static void
message_starting_cb (SoupMessage *message,
                     Fixture     *fixture)
{
  fixture->n_misdeeds++;
  fixture->misdeed (fixture->pool, fixture->feed);
}

static gboolean
prepare_cb (WsmConnection *feed,
            SoupMessage   *message,
            Fixture       *fixture)
{
  g_signal_connect (message, "starting", G_CALLBACK (message_starting_cb), fixture);
  return FALSE;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL;

  fixture->server = wsm_echo_server_new ();
  wsm_echo_server_add_path (fixture->server, "/feed");
  wsm_echo_server_start (fixture->server, &error);
  g_assert_no_error (error);

  fixture->pool = wsm_pool_new ();
  uri = wsm_echo_server_dup_uri (fixture->server, "/feed");
  fixture->feed = wsm_pool_add (fixture->pool, uri, &error);
  g_assert_no_error (error);
  g_signal_connect (fixture->feed, "prepare", G_CALLBACK (prepare_cb), fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_finalize_object (fixture->pool);
  wsm_echo_server_stop (fixture->server);
  g_clear_object (&fixture->server);
}

static gboolean
timed_out_cb (gpointer user_data)
{
  g_error ("It did not open within 10 s");
  return G_SOURCE_REMOVE;
}

static void
misbehave (Fixture    *fixture,
           const char *function,
           void      (*misdeed) (WsmPool       *pool,
                                 WsmConnection *feed))
{
  g_autofree char *pattern = g_strdup_printf ("%s: called from a handler of a SoupMessage*",
                                              function);
  guint timeout = g_timeout_add_seconds (10, timed_out_cb, NULL);

  fixture->misdeed = misdeed;
  g_test_expect_message ("libwsmulti", G_LOG_LEVEL_CRITICAL, pattern);
  while (wsm_connection_get_state (fixture->feed) != WSM_STATE_OPEN)
    g_main_context_iteration (NULL, TRUE);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (fixture->n_misdeeds, ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->pool)), ==, 1);
  g_source_remove (timeout);
}

static void
do_close (WsmPool       *pool,
          WsmConnection *feed)
{
  g_assert_false (wsm_connection_close (feed, 1000, NULL, NULL));
}

static void
test_close (Fixture       *fixture,
            gconstpointer  data)
{
  misbehave (fixture, "wsm_connection_close", do_close);
}

static void
do_abort (WsmPool       *pool,
          WsmConnection *feed)
{
  wsm_connection_abort (feed);
}

static void
test_abort (Fixture       *fixture,
            gconstpointer  data)
{
  misbehave (fixture, "wsm_connection_abort", do_abort);
}

static void
do_remove (WsmPool       *pool,
           WsmConnection *feed)
{
  g_assert_false (wsm_pool_remove (pool, feed));
}

static void
test_remove (Fixture       *fixture,
             gconstpointer  data)
{
  misbehave (fixture, "wsm_pool_remove", do_remove);
}

static void
do_add (WsmPool       *pool,
        WsmConnection *feed)
{
  g_assert_null (wsm_pool_add (pool, "ws://127.0.0.1:1/", NULL));
}

static void
test_add (Fixture       *fixture,
          gconstpointer  data)
{
  misbehave (fixture, "wsm_pool_add", do_add);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/inside-libsoup/close-is-refused", test_close);
  ADD ("/inside-libsoup/abort-is-refused", test_abort);
  ADD ("/inside-libsoup/remove-is-refused", test_remove);
  ADD ("/inside-libsoup/add-is-refused", test_add);
#undef ADD

  return g_test_run ();
}
