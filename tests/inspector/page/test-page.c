/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include "inspected-app.h"
#include "wsm-echo.h"

/* The page in GTK's inspector, in an app with pools. The module is found as it is when installed,
 * by a path; the app knows nothing of it. */

#define N_FEEDS 3
#define MIN_BEATS 5

typedef struct
{
  GtkWidget *page;  /* (unowned) */
  GObject *source;  /* (owned) (nullable) */
  guint n_expected;
} Look;

static WsmEchoServer *server;

static WsmPool *
make_pool (guint n_feeds)
{
  WsmPool *pool = wsm_pool_new ();
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autofree char *uri = wsm_echo_server_dup_uri (server, "/feed");

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", 100,
                            "timeout", 90,
                            "idle-only", FALSE,
                            NULL);
  wsm_pool_set_heartbeat (pool, heartbeat);
  for (guint i = 0; i < n_feeds; i++)
    {
      g_autofree char *name = g_strdup_printf ("Feed %u", i + 1);
      g_autoptr (WsmConnection) connection = NULL;
      g_autoptr (GError) error = NULL;

      connection = g_object_new (WSM_TYPE_CONNECTION, "uri", uri, "name", name, NULL);
      g_assert_true (wsm_pool_add_connection (pool, connection, &error));
      g_assert_true (wsm_connection_open (connection, &error));
    }

  return pool;
}

static gboolean
look_at_source (Look *look)
{
  GtkWidget *list = inspected_app_find_type (look->page, "WsiConnectionList");

  g_assert_nonnull (list);
  g_clear_object (&look->source);
  g_object_get (list, "source", &look->source, NULL);

  return look->source != NULL;
}

static gboolean
all_are_open_and_beat (gpointer data)
{
  Look *look = data;
  g_autoptr (GListModel) connections = NULL;
  guint n_open;

  if (!look_at_source (look))
    return FALSE;

  g_object_get (look->source, "n-open", &n_open, "connections", &connections, NULL);
  if (n_open != look->n_expected ||
      g_list_model_get_n_items (connections) != look->n_expected)
    return FALSE;

  for (guint i = 0; i < look->n_expected; i++)
    {
      g_autoptr (GObject) connection = g_list_model_get_item (connections, i);
      guint64 n_beats;

      g_object_get (connection, "n-beats-answered", &n_beats, NULL);
      if (n_beats < MIN_BEATS)
        return FALSE;
    }

  return TRUE;
}

static gboolean
the_last_is_shown (gpointer data)
{
  return inspected_app_find_text (((Look *) data)->page, "Feed 3") != NULL;
}

static gboolean
nothing_is_shown (gpointer data)
{
  return inspected_app_find_text (((Look *) data)->page, "No Pool in This Program") != NULL;
}

static gboolean
is_detached (gpointer data)
{
  gboolean attached;

  g_object_get (((Look *) data)->source, "attached", &attached, NULL);

  return !attached;
}

static gboolean
there_is_a_choice (gpointer data)
{
  GtkWidget *drop_down = inspected_app_find_type (((Look *) data)->page, "GtkDropDown");

  return drop_down != NULL && gtk_widget_get_mapped (drop_down);
}

static gboolean
details_are_there (gpointer data)
{
  g_autoptr (GObject) connection = NULL;
  g_autoptr (GObject) details = NULL;
  GtkWidget *view = inspected_app_find_type (((Look *) data)->page, "WsiConnectionView");

  g_object_get (view, "connection", &connection, NULL);
  if (connection != NULL)
    g_object_get (connection, "details", &details, NULL);

  return details != NULL;
}

static void
choose_first (Look *look)
{
  GtkWidget *list = inspected_app_find_type (look->page, "WsiConnectionList");
  g_autoptr (GListModel) connections = NULL;
  g_autoptr (GObject) first = NULL;

  g_object_get (look->source, "connections", &connections, NULL);
  first = g_list_model_get_item (connections, 0);
  g_object_set (list, "selected", first, NULL);
}

/* There, and not where the app's own widgets are. */
static void
assert_icons (GtkWindow *window,
              GtkWidget *inspector)
{
  GdkDisplay *display = gtk_widget_get_display (inspector);
  GdkDisplay *other = gtk_widget_get_display (GTK_WIDGET (window));

  g_assert_true (display != other);
  g_assert_true (gtk_icon_theme_has_icon (gtk_icon_theme_get_for_display (display),
                                          "wsi-state-open-symbolic"));
  g_assert_false (gtk_icon_theme_has_icon (gtk_icon_theme_get_for_display (other),
                                           "wsi-state-open-symbolic"));
}

static void
tell_of_pools (GtkWindow *window)
{
  Look look = { .n_expected = N_FEEDS };
  WsmPool *pool = make_pool (N_FEEDS);
  WsmPool *other;
  GtkWidget *inspector = inspected_app_open_inspector ();

  /* All that the protocol tells, told in this process. */
  look.page = inspected_app_find_page (inspector);
  inspected_app_wait_for (all_are_open_and_beat, &look);
  inspected_app_wait_for (the_last_is_shown, &look);
  g_assert_false (there_is_a_choice (&look));
  assert_icons (window, inspector);

  choose_first (&look);
  inspected_app_wait_for (details_are_there, &look);
  inspected_app_take_picture (inspector, "page.png");

  /* Another pool is another choice. */
  other = make_pool (1);
  inspected_app_wait_for (there_is_a_choice, &look);

  /* Nothing is exported any more when nobody looks, and again when somebody does. */
  g_assert_false (is_detached (&look));
  inspected_app_close ();
  inspected_app_wait_for (is_detached, &look);
  g_assert_finalize_object (other);
  inspector = inspected_app_open_inspector ();
  look.page = inspected_app_find_page (inspector);
  inspected_app_wait_for (all_are_open_and_beat, &look);

  /* A pool lives no longer for being looked at. */
  g_assert_finalize_object (pool);
  inspected_app_wait_for (nothing_is_shown, &look);
  inspected_app_wait_for (is_detached, &look);
  g_clear_object (&look.source);
}

static void
test_shows_pools (void)
{
  g_autoptr (GError) error = NULL;

  server = wsm_echo_server_new ();
  wsm_echo_server_add_path (server, "/feed");
  wsm_echo_server_start (server, &error);
  g_assert_no_error (error);

  inspected_app_run (tell_of_pools);

  wsm_echo_server_stop (server);
  g_clear_object (&server);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/page/shows-pools", test_shows_pools);

  return g_test_run ();
}
