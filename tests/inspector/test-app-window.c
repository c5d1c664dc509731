/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "app-fixture.h"
#include "wsi-round-trip-chart.h"
#include "wsi-settings.h"
#include "wsi-window-internal.h"

/* What the window has room for, and what it keeps of that. */

static WsiState
shown_state (AppFixture *fixture)
{
  WsiConnection *connection = wsi_window_get_connection (fixture->window);

  return connection != NULL ? wsi_connection_get_state (connection) : WSI_STATE_UNKNOWN;
}

/* Starts the demo server, and shows one of its connections once that is open. */
static void
show_demo (AppFixture *fixture,
           const char *name)
{
  app_fixture_activate (fixture, "win.demo", NULL);
  WAIT_FOR (wsi_window_show_connection (fixture->window, name));
  WAIT_FOR (shown_state (fixture) == WSI_STATE_OPEN);
}

static void
test_narrow_shows_one_pane (AppFixture    *fixture,
                            gconstpointer  user_data)
{
  WsiSplit *split = app_fixture_get_child (fixture, "split");
  GtkWidget *source_list = app_fixture_get_child (fixture, "source_list");
  GtkWidget *connection_list = app_fixture_get_child (fixture, "connection_list");
  GtkWidget *connection_view = app_fixture_get_child (fixture, "connection_view");

  show_demo (fixture, "/healthy");
  g_assert_false (wsi_split_get_narrow (split));
  g_assert_false (app_fixture_enabled (fixture, "win.back"));

  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 360, 640);
  WAIT_FOR (wsi_split_get_narrow (split));
  wsi_split_set_pane (split, WSI_SPLIT_PANE_DETAILS);
  g_assert_true (gtk_widget_get_mapped (connection_view));
  g_assert_false (gtk_widget_get_mapped (connection_list));
  g_assert_false (gtk_widget_get_mapped (source_list));

  app_fixture_activate (fixture, "win.back", NULL);
  g_assert_true (gtk_widget_get_mapped (connection_list));
  g_assert_false (gtk_widget_get_mapped (connection_view));
  app_fixture_activate (fixture, "win.back", NULL);
  g_assert_true (gtk_widget_get_mapped (source_list));
  g_assert_false (app_fixture_enabled (fixture, "win.back"));
  g_signal_emit_by_name (source_list, "activate");
  g_assert_true (gtk_widget_get_mapped (connection_list));

  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1000, 640);
  WAIT_FOR (!wsi_split_get_narrow (split));
  g_assert_true (gtk_widget_get_mapped (source_list));
  g_assert_true (gtk_widget_get_mapped (connection_view));
}

/* Text of one and a half times the size needs as much more room: nothing is cut. */
static void
test_large_text_has_room (AppFixture    *fixture,
                          gconstpointer  user_data)
{
  GtkWidget *split = app_fixture_get_child (fixture, "split");
  GtkSettings *settings = gtk_widget_get_settings (split);

  show_demo (fixture, "/healthy");
  app_fixture_activate (fixture, "win.page", g_variant_new_string ("frames"));
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1200, 640);
  WAIT_FOR (!wsi_split_get_tight (WSI_SPLIT (split)) && gtk_widget_get_width (split) > 1000);

  g_object_set (settings, "gtk-xft-dpi", 96 * 1024 * 3 / 2, NULL);
  WAIT_FOR (wsi_split_get_tight (WSI_SPLIT (split)));
  g_assert_false (wsi_split_get_narrow (WSI_SPLIT (split)));
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1000, 640);
  WAIT_FOR (wsi_split_get_narrow (WSI_SPLIT (split)));

  gtk_settings_reset_property (settings, "gtk-xft-dpi");
  WAIT_FOR (!wsi_split_get_narrow (WSI_SPLIT (split)) && !wsi_split_get_tight (WSI_SPLIT (split)));
}

static GtkWidget *
find_widget (GtkWidget *widget,
             GType      type)
{
  GtkWidget *found = NULL;

  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_widget (child, type);

  return found;
}

static int
get_row_height (GtkWidget *list_view)
{
  int height = 0;

  for (GtkWidget *row = gtk_widget_get_first_child (list_view); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    height = MAX (height, gtk_widget_get_height (row));

  return height;
}

/* As on the first start: where its settings are kept, they are those of the tests before. */
static void
start_afresh (AppFixture *fixture)
{
  static const char *const keys[] =
  {
    "window-width", "window-height", "sidebar-visible", "sidebar-width", "list-height",
    "visible-page",
  };
  g_autoptr (GSettings) settings = wsi_settings_new ();

  app_fixture_stop (fixture);
  for (gsize i = 0; settings != NULL && i < G_N_ELEMENTS (keys); i++)
    g_settings_reset (settings, keys[i]);
  app_fixture_start (fixture);
}

/* The list shows more than a handful, and a chart is all there, before anything is dragged. */
static void
test_first_window_has_room_for_both (AppFixture    *fixture,
                                     gconstpointer  user_data)
{
  GtkWidget *connection_view = NULL;
  GtkWidget *rows = NULL;
  GtkWidget *chart = NULL;
  graphene_rect_t bounds;

  start_afresh (fixture);
  connection_view = app_fixture_get_child (fixture, "connection_view");
  show_demo (fixture, "/healthy");
  rows = find_widget (app_fixture_get_child (fixture, "connection_list"), GTK_TYPE_COLUMN_VIEW);
  rows = find_widget (rows, GTK_TYPE_LIST_VIEW);
  g_assert_nonnull (rows);
  chart = find_widget (connection_view, WSI_TYPE_ROUND_TRIP_CHART);
  g_assert_nonnull (chart);
  WAIT_FOR (gtk_widget_get_height (chart) > 0 && get_row_height (rows) > 0);
  g_assert_cmpint (gtk_widget_get_height (rows), >=, 10 * get_row_height (rows));
  g_assert_true (gtk_widget_compute_bounds (chart, connection_view, &bounds));
  g_assert_cmpfloat (bounds.origin.y + bounds.size.height, <=,
                     gtk_widget_get_height (connection_view));
}

static void
test_window_remembers (AppFixture    *fixture,
                       gconstpointer  user_data)
{
  g_autoptr (GSettings) settings = wsi_settings_new ();
  int width;
  int height;

  /* Where they are not installed it does without, and does not end. */
  if (settings == NULL)
    {
      WsiNotifier *notifier = wsi_application_get_notifier (fixture->application);

      gtk_window_get_default_size (GTK_WINDOW (fixture->window), &width, &height);
      g_assert_cmpint (width, ==, 1120);
      wsi_notifier_set_enabled (notifier, "feed", TRUE);
      g_assert_true (wsi_notifier_get_enabled (notifier, "feed"));
      return;
    }

  start_afresh (fixture);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 900, 500);
  app_fixture_activate (fixture, "win.page", g_variant_new_string ("timeline"));
  app_fixture_activate (fixture, "win.sidebar", NULL);
  app_fixture_stop (fixture);
  app_fixture_start (fixture);
  gtk_window_get_default_size (GTK_WINDOW (fixture->window), &width, &height);
  g_assert_cmpint (width, ==, 900);
  g_assert_cmpint (height, ==, 500);
  g_assert_false (gtk_widget_get_mapped (app_fixture_get_child (fixture, "source_list")));
  g_assert_cmpstr (wsi_connection_view_get_visible_page (fixture->window->connection_view), ==,
                   "timeline");

  start_afresh (fixture);
}

int
main (int   argc,
      char *argv[])
{
  /* Where the schema is missing, the program has to do without. */
  gtk_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/app/" path, AppFixture, NULL, app_fixture_set_up, function, app_fixture_tear_down)

  ADD ("narrow-shows-one-pane", test_narrow_shows_one_pane);
  ADD ("large-text-has-room", test_large_text_has_room);
  ADD ("first-window-has-room-for-both", test_first_window_has_room_for_both);
  ADD ("window-remembers", test_window_remembers);

#undef ADD

  return g_test_run ();
}
