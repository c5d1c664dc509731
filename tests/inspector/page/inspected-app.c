/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "inspected-app.h"

#include <string.h>

#ifdef WITH_ADWAITA
#include <adwaita.h>
#endif

#define DEADLINE_S 20

static void
inspected_app_activate_cb (GtkApplication *app,
                           gpointer        user_data)
{
  InspectedAppStory story = *(InspectedAppStory *) user_data;
  GtkWidget *window;

#ifdef WITH_ADWAITA
  window = adw_application_window_new (app);
#else
  window = gtk_application_window_new (app);
#endif
  gtk_window_set_title (GTK_WINDOW (window), "Inspected");
  gtk_window_set_default_size (GTK_WINDOW (window), 200, 100);
  gtk_window_present (GTK_WINDOW (window));

  story (GTK_WINDOW (window));

  /* The last one, so that the app ends; that the inspector is still open is how it mostly is. */
  gtk_window_destroy (GTK_WINDOW (window));
}

void
inspected_app_run (InspectedAppStory story)
{
  g_autoptr (GtkApplication) app = NULL;

#ifdef WITH_ADWAITA
  app = GTK_APPLICATION (adw_application_new (NULL, G_APPLICATION_NON_UNIQUE));
#else
  app = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);
#endif
  g_signal_connect (app, "activate", G_CALLBACK (inspected_app_activate_cb), &story);
  g_assert_cmpint (g_application_run (G_APPLICATION (app), 0, NULL), ==, 0);
}

static gboolean
inspected_app_too_late_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_CONTINUE;
}

void
inspected_app_wait_for (InspectedAppCondition condition,
                        gpointer              data)
{
  gboolean too_late = FALSE;
  guint id = g_timeout_add_seconds (DEADLINE_S, inspected_app_too_late_cb, &too_late);

  while (!condition (data))
    {
      g_assert_false (too_late);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (id);
}

static gboolean
inspected_app_is_mapped (gpointer data)
{
  return gtk_widget_get_mapped (data) && gtk_widget_get_width (data) > 0;
}

static GtkWidget *
inspected_app_find_inspector (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (g_str_equal (G_OBJECT_TYPE_NAME (window), "GtkInspectorWindow") &&
          gtk_widget_get_visible (window))
        return window;
    }

  return NULL;
}

GtkWidget *
inspected_app_open_inspector (void)
{
  GtkWidget *inspector;

  gtk_window_set_interactive_debugging (TRUE);
  inspector = inspected_app_find_inspector ();
  g_assert_nonnull (inspector);
  inspected_app_wait_for (inspected_app_is_mapped, inspector);

  return inspector;
}

void
inspected_app_close (void)
{
  gtk_window_set_interactive_debugging (FALSE);
  g_assert_null (inspected_app_find_inspector ());
}

GtkWidget *
inspected_app_find_page (GtkWidget *inspector)
{
  GtkWidget *page = inspected_app_find_type (inspector, "WsiPage");
  GtkWidget *stack;

  g_assert_nonnull (page);
  stack = gtk_widget_get_ancestor (page, GTK_TYPE_STACK);
  g_assert_nonnull (stack);
  g_assert_cmpstr (gtk_stack_page_get_title (gtk_stack_get_page (GTK_STACK (stack), page)), ==,
                   "WebSockets");
  gtk_stack_set_visible_child (GTK_STACK (stack), page);
  inspected_app_wait_for (inspected_app_is_mapped, page);

  return page;
}

GtkWidget *
inspected_app_find_type (GtkWidget  *widget,
                         const char *name)
{
  if (g_str_equal (G_OBJECT_TYPE_NAME (widget), name))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = inspected_app_find_type (child, name);

      if (found != NULL)
        return found;
    }

  return NULL;
}

/* What is drawn tells the text by its accessible label. */
static gboolean
inspected_app_shows_text (GtkWidget  *widget,
                          const char *text)
{
  g_autofree char *other = NULL;

  if (!gtk_widget_get_mapped (widget))
    return FALSE;
  if (GTK_IS_LABEL (widget))
    return strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
  if (!gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL))
    return FALSE;

  other = gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget),
                                              GTK_ACCESSIBLE_PROPERTY_LABEL, text);

  return other == NULL;
}

GtkWidget *
inspected_app_find_text (GtkWidget  *widget,
                         const char *text)
{
  if (inspected_app_shows_text (widget, text))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = inspected_app_find_text (child, text);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static gboolean
inspected_app_is_drawn (gpointer data)
{
  GtkWidget *window = data;
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (window),
                          gtk_widget_get_height (window));
  node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL)
    return FALSE;

  g_object_set_data_full (G_OBJECT (window), "picture", g_steal_pointer (&node),
                          (GDestroyNotify) gsk_render_node_unref);

  return TRUE;
}

void
inspected_app_take_picture (GtkWidget  *window,
                            const char *name)
{
  GskRenderer *renderer = gtk_native_get_renderer (GTK_NATIVE (window));
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree char *path = g_test_build_filename (G_TEST_BUILT, name, NULL);

  inspected_app_wait_for (inspected_app_is_drawn, window);
  texture = gsk_renderer_render_texture (renderer,
                                         g_object_get_data (G_OBJECT (window), "picture"), NULL);
  g_assert_true (gdk_texture_save_to_png (texture, path));
  g_test_message ("A picture is in %s", path);
  g_object_set_data (G_OBJECT (window), "picture", NULL);
}
