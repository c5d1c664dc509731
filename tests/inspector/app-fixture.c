/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "app-fixture.h"

#include <glib/gstdio.h>

#include "wsi-recording.h"
#include "wsi-window-internal.h"

gboolean
app_fixture_late_cb (gpointer user_data)
{
  if (user_data != NULL)
    g_error ("waited in vain for: %s", (const char *) user_data);

  return G_SOURCE_REMOVE;
}

void
app_fixture_start (AppFixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->application = WSI_APPLICATION (wsi_application_new ());
  g_application_register (G_APPLICATION (fixture->application), NULL, &error);
  g_assert_no_error (error);
  g_assert_false (g_application_get_is_remote (G_APPLICATION (fixture->application)));
  fixture->window = wsi_application_get_window (fixture->application);
  WAIT_FOR (wsi_window_get_source (fixture->window) != NULL &&
            !wsi_source_get_loading (wsi_window_get_source (fixture->window)));
}

static void
app_fixture_print_nothing (const char *text)
{
}

/* Only the end of a run ends an application, so there is one here that does nothing else. */
static void
app_fixture_shut_down (AppFixture *fixture)
{
  char *arguments[] = { (char *) "wsmulti-inspector", (char *) "--version", NULL };
  GPrintFunc print_func = g_set_print_handler (app_fixture_print_nothing);

  g_assert_cmpint (g_application_run (G_APPLICATION (fixture->application), 2, arguments), ==, 0);
  g_set_print_handler (print_func);
}

void
app_fixture_stop (AppFixture *fixture)
{
  gpointer application = fixture->application;
  gpointer window = fixture->window;
  gpointer hub = wsi_application_get_hub (fixture->application);
  gpointer own_pool = wsi_application_get_own_pool (fixture->application);

  g_object_add_weak_pointer (G_OBJECT (fixture->application), &application);
  g_object_add_weak_pointer (G_OBJECT (fixture->window), &window);
  g_object_add_weak_pointer (hub, &hub);
  g_object_add_weak_pointer (own_pool, &own_pool);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  app_fixture_shut_down (fixture);
  g_clear_object (&fixture->application);
  WAIT_FOR (window == NULL);
  WAIT_FOR (application == NULL);
  WAIT_FOR (own_pool == NULL);
  WAIT_FOR (hub == NULL);
  fixture->window = NULL;
}

/* What earlier cases kept. */
void
app_fixture_forget (AppFixture *fixture)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  const char *name;

  while (files != NULL && (name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
}

void
app_fixture_set_up (AppFixture    *fixture,
                    gconstpointer  user_data)
{
  fixture->path = g_build_filename (g_get_user_data_dir (), "wsmulti-inspector",
                                    "connections.ini", NULL);
  app_fixture_forget (fixture);
  app_fixture_start (fixture);
}

void
app_fixture_tear_down (AppFixture    *fixture,
                       gconstpointer  user_data)
{
  app_fixture_stop (fixture);
  g_free (fixture->path);
}

gpointer
app_fixture_get_child (AppFixture *fixture,
                       const char *name)
{
  GObject *child = gtk_widget_get_template_child (GTK_WIDGET (fixture->window), WSI_TYPE_WINDOW,
                                                  name);

  g_assert_nonnull (child);

  return child;
}

WsmPool *
app_fixture_get_pool (AppFixture *fixture)
{
  return wsi_own_pool_get_pool (wsi_application_get_own_pool (fixture->application));
}

static GActionGroup *
app_fixture_get_group (AppFixture  *fixture,
                       const char  *action,
                       const char **name)
{
  g_autofree char *prefix = g_strndup (action, strcspn (action, "."));

  *name = action + strlen (prefix) + 1;
  if (g_str_equal (prefix, "win"))
    return G_ACTION_GROUP (fixture->window);
  if (g_str_equal (prefix, "app"))
    return G_ACTION_GROUP (fixture->application);

  if (g_str_equal (prefix, "own"))
    return G_ACTION_GROUP (fixture->window->own_actions);

  g_assert_cmpstr (prefix, ==, "connection");

  return G_ACTION_GROUP (fixture->window->connection_actions);
}

gboolean
app_fixture_enabled (AppFixture *fixture,
                     const char *action)
{
  const char *name;
  GActionGroup *group = app_fixture_get_group (fixture, action, &name);

  g_assert_true (g_action_group_has_action (group, name));

  return g_action_group_get_action_enabled (group, name);
}

/* As a button or a key does it. */
void
app_fixture_activate (AppFixture *fixture,
                      const char *action,
                      GVariant   *target)
{
  g_assert_true (gtk_widget_activate_action_variant (GTK_WIDGET (fixture->window), action, target));
}

GtkWidget *
app_fixture_find (GtkWidget  *widget,
                  const char *label)
{
  if (GTK_IS_LABEL (widget) &&
      g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), label))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = app_fixture_find (child, label);

      if (found != NULL)
        return found;
    }

  return NULL;
}

gpointer
app_fixture_dialog (GType type)
{
  GListModel *windows = gtk_window_get_toplevels ();
  gpointer newest = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (g_type_is_a (G_OBJECT_TYPE (window), type))
        newest = window;
    }

  return newest;
}

static void
app_fixture_saved_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  gboolean *is_saved = user_data;
  g_autoptr (GError) error = NULL;

  wsi_recording_save_finish (result, &error);
  g_assert_no_error (error);
  *is_saved = TRUE;
}

void
app_fixture_save_recording (WsiSource     *source,
                            WsiConnection *connection,
                            GFile         *file)
{
  gboolean is_saved = FALSE;

  wsi_recording_save_async (source, connection, file, NULL, app_fixture_saved_cb, &is_saved);
  WAIT_FOR (is_saved);
}
