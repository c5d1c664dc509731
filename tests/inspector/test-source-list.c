/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "list-scene.h"
#include "wsi-source-list.h"
#include "wsi-source-row.h"
#include "wsi-widgets.h"

typedef struct
{
  GtkWidget *window;
  WsiSourceList *list; /* (unowned) */
  GtkListBox *box;     /* (unowned) */
  WsiHub *hub;         /* (owned) */
  WsiSource *app;      /* (owned) */
  WsiSource *own;      /* (owned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->hub = wsi_hub_new ();
  fixture->app = list_scene_new_source (WSI_SOURCE_KIND_APP, "App", 10);
  fixture->own = list_scene_new_source (WSI_SOURCE_KIND_OWN, "wsmulti-inspector", 1);
  fixture->window = gtk_window_new ();
  fixture->list = WSI_SOURCE_LIST (wsi_source_list_new ());
  fixture->box = GTK_LIST_BOX (gtk_widget_get_template_child (GTK_WIDGET (fixture->list),
                                                              WSI_TYPE_SOURCE_LIST, "list_box"));
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 260, 400);
  gtk_window_set_child (GTK_WINDOW (fixture->window), GTK_WIDGET (fixture->list));
  wsi_source_list_set_hub (fixture->list, G_LIST_MODEL (fixture->hub));
  gtk_window_present (GTK_WINDOW (fixture->window));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  g_assert_finalize_object (fixture->hub);
  g_assert_finalize_object (fixture->app);
  g_assert_finalize_object (fixture->own);
}

static WsiSource *
get_at (Fixture *fixture,
        int      index)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (fixture->box, index);

  return row != NULL ? wsi_source_row_get_source (WSI_SOURCE_ROW (row)) : NULL;
}

/* The widget of a type that comes so many others of it later. */
static GtkWidget *
find_widget (GtkWidget *widget,
             GType      type,
             guint     *n_others)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type) && (*n_others)-- == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type, n_others);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static GtkWidget *
find_in_row (Fixture *fixture,
             int      index,
             GType    type,
             guint    n_others)
{
  return find_widget (GTK_WIDGET (gtk_list_box_get_row_at_index (fixture->box, index)), type,
                      &n_others);
}

static const char *
get_title (Fixture *fixture,
           int      index)
{
  return gtk_label_get_label (GTK_LABEL (find_in_row (fixture, index, GTK_TYPE_LABEL, 0)));
}

static const char *
get_counts (Fixture *fixture,
            int      index)
{
  return gtk_label_get_label (GTK_LABEL (find_in_row (fixture, index, GTK_TYPE_LABEL, 2)));
}

static GtkWidget *
get_dismiss_button (Fixture *fixture,
                    int      index)
{
  return find_in_row (fixture, index, GTK_TYPE_BUTTON, 0);
}

static gboolean
is_hint_visible (Fixture *fixture)
{
  return gtk_widget_get_visible (GTK_WIDGET (gtk_widget_get_template_child (
                                               GTK_WIDGET (fixture->list), WSI_TYPE_SOURCE_LIST,
                                               "hint")));
}

static void
press_delete (Fixture *fixture)
{
  g_autoptr (GListModel) controllers =
    gtk_widget_observe_controllers (GTK_WIDGET (fixture->list));
  g_autoptr (GtkShortcutTrigger) trigger = gtk_shortcut_trigger_parse_string ("Delete");

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (!GTK_IS_SHORTCUT_CONTROLLER (controller))
        continue;
      for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (controller)); j++)
        {
          g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), j);

          if (gtk_shortcut_trigger_equal (gtk_shortcut_get_trigger (shortcut), trigger))
            gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0,
                                          GTK_WIDGET (fixture->list), NULL);
        }
    }
}

static void
test_sources_begin_with_the_own_one (Fixture       *fixture,
                                     gconstpointer  data)
{
  wsi_hub_add (fixture->hub, fixture->app);
  wsi_hub_add (fixture->hub, fixture->own);
  g_assert_true (get_at (fixture, 0) == fixture->own);
  g_assert_true (get_at (fixture, 1) == fixture->app);
  g_assert_null (get_at (fixture, 2));
  g_assert_cmpstr (get_title (fixture, 0), ==, "This Inspector");
  g_assert_cmpstr (get_title (fixture, 1), ==, "App");
}

static void
test_sources_count_what_they_have (Fixture       *fixture,
                                   gconstpointer  data)
{
  wsi_hub_add (fixture->hub, fixture->app);
  g_assert_cmpstr (get_counts (fixture, 0), ==, "7 open · 1 late · 1 failed");
  list_scene_set_state (fixture->app, 7, WSI_STATE_FAILED, "failed");
  g_assert_cmpstr (get_counts (fixture, 0), ==, "7 open · 0 late · 2 failed");
}

static void
test_sources_say_how_to_add_one (Fixture       *fixture,
                                 gconstpointer  data)
{
  wsi_hub_add (fixture->hub, fixture->own);
  g_assert_true (is_hint_visible (fixture));
  wsi_hub_add (fixture->hub, fixture->app);
  g_assert_false (is_hint_visible (fixture));
}

static void
test_sources_have_one_that_is_selected (Fixture       *fixture,
                                        gconstpointer  data)
{
  g_assert_null (wsi_source_list_get_selected (fixture->list));
  wsi_hub_add (fixture->hub, fixture->app);
  g_assert_true (wsi_source_list_get_selected (fixture->list) == fixture->app);
  /* One that comes before it changes nothing. */
  wsi_hub_add (fixture->hub, fixture->own);
  g_assert_true (wsi_source_list_get_selected (fixture->list) == fixture->app);
  wsi_source_list_set_selected (fixture->list, fixture->own);
  g_assert_true (wsi_source_list_get_selected (fixture->list) == fixture->own);
  gtk_list_box_select_row (fixture->box, gtk_list_box_get_row_at_index (fixture->box, 1));
  g_assert_true (wsi_source_list_get_selected (fixture->list) == fixture->app);
}

static void
test_sources_stay_until_they_are_dismissed (Fixture       *fixture,
                                            gconstpointer  data)
{
  wsi_hub_add (fixture->hub, fixture->own);
  wsi_hub_add (fixture->hub, fixture->app);
  wsi_source_list_set_selected (fixture->list, fixture->app);
  g_assert_false (gtk_widget_get_visible (get_dismiss_button (fixture, 1)));

  /* What lives is not dismissed. */
  press_delete (fixture);
  g_assert_true (get_at (fixture, 1) == fixture->app);

  wsi_source_set_gone (fixture->app, "It ended.");
  g_assert_true (get_at (fixture, 1) == fixture->app);
  g_assert_true (gtk_widget_get_visible (get_dismiss_button (fixture, 1)));
  g_assert_true (gtk_widget_has_css_class (
                   GTK_WIDGET (gtk_list_box_get_row_at_index (fixture->box, 1)), "wsi-gone"));
  g_assert_cmpstr (get_counts (fixture, 1), ==, "7 open · 1 late · 1 failed");

  press_delete (fixture);
  g_assert_null (get_at (fixture, 1));
  g_assert_true (wsi_source_list_get_selected (fixture->list) == fixture->own);
}

static void
test_sources_are_dismissed_by_their_button (Fixture       *fixture,
                                            gconstpointer  data)
{
  g_autoptr (WsiSource) recording =
    list_scene_new_source (WSI_SOURCE_KIND_RECORDING, "monday.jsonl", 2);

  wsi_hub_add (fixture->hub, fixture->own);
  wsi_hub_add (fixture->hub, recording);
  g_assert_true (gtk_widget_get_visible (get_dismiss_button (fixture, 1)));
  g_signal_emit_by_name (get_dismiss_button (fixture, 1), "clicked");
  g_assert_null (get_at (fixture, 1));
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  wsi_widgets_init ();

#define ADD(path, function) \
  g_test_add ("/source-list/" path, Fixture, NULL, set_up, function, tear_down)

  ADD ("begins-with-the-own-one", test_sources_begin_with_the_own_one);
  ADD ("counts-what-they-have", test_sources_count_what_they_have);
  ADD ("says-how-to-add-one", test_sources_say_how_to_add_one);
  ADD ("has-one-that-is-selected", test_sources_have_one_that_is_selected);
  ADD ("keeps-them-until-they-are-dismissed", test_sources_stay_until_they_are_dismissed);
  ADD ("dismisses-by-button", test_sources_are_dismissed_by_their_button);

  return g_test_run ();
}
