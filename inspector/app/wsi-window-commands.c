/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-window-internal.h"

#include <glib/gi18n-lib.h>

#include "wsi-add-dialog.h"

/* The commands of the window: the group “win”. */

static void
wsi_window_set_enabled (WsiWindow  *self,
                        const char *name,
                        gboolean    is_enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  if (action != NULL)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (action), is_enabled);
}

static void
wsi_window_set_state (WsiWindow  *self,
                      const char *name,
                      GVariant   *state)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_state (G_SIMPLE_ACTION (action), state);
}

static void
wsi_window_add_dialog_added_cb (WsiWindow     *self,
                                WsmConnection *connection)
{
  wsi_window_show_own (self, connection);
}

static void
wsi_window_add (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       user_data)
{
  WsiWindow *self = user_data;
  GtkWindow *dialog = wsi_add_dialog_new (GTK_WINDOW (self), self->own_pool);

  g_signal_connect_object (dialog, "added", G_CALLBACK (wsi_window_add_dialog_added_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (dialog);
}

static void
wsi_window_change_demo (GSimpleAction *action,
                        GVariant      *value,
                        gpointer       user_data)
{
  WsiWindow *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_variant_get_boolean (value))
    {
      wsi_demo_stop (self->demo);
      return;
    }

  if (!wsi_demo_start (self->demo, &error))
    wsi_window_tell (self, _("Demo Server Not Started"), error->message);
  wsi_window_set_source (self, wsi_own_pool_get_source (self->own_pool));
}

static void
wsi_window_search (GSimpleAction *action,
                   GVariant      *parameter,
                   gpointer       user_data)
{
  WsiWindow *self = user_data;

  wsi_split_set_pane (self->split, WSI_SPLIT_PANE_CONTENT);
  wsi_connection_list_search (self->connection_list);
}

/* Details, connections, sources. */
static void
wsi_window_back (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       user_data)
{
  WsiWindow *self = user_data;

  if (wsi_split_get_pane (self->split) == WSI_SPLIT_PANE_DETAILS)
    wsi_split_set_pane (self->split, WSI_SPLIT_PANE_CONTENT);
  else
    wsi_split_set_pane (self->split, WSI_SPLIT_PANE_SIDEBAR);
}

static void
wsi_window_dismiss (GSimpleAction *action,
                    GVariant      *parameter,
                    gpointer       user_data)
{
  WsiWindow *self = user_data;
  g_autoptr (WsiSource) source = g_object_ref (self->source);

  wsi_window_set_connection (self, NULL);
  wsi_window_set_source (self, wsi_own_pool_get_source (self->own_pool));
  wsi_hub_dismiss (self->hub, source);
}

static void
wsi_window_change_page (GSimpleAction *action,
                        GVariant      *value,
                        gpointer       user_data)
{
  WsiWindow *self = user_data;

  wsi_connection_view_set_visible_page (self->connection_view, g_variant_get_string (value, NULL));
  wsi_split_set_pane (self->split, WSI_SPLIT_PANE_DETAILS);
}

static const GActionEntry entries[] =
{
  { "add", wsi_window_add, NULL, NULL, NULL, { 0 } },
  { "back", wsi_window_back, NULL, NULL, NULL, { 0 } },
  { "demo", NULL, NULL, "false", wsi_window_change_demo, { 0 } },
  { "dismiss", wsi_window_dismiss, NULL, NULL, NULL, { 0 } },
  { "page", NULL, "s", "'overview'", wsi_window_change_page, { 0 } },
  { "search", wsi_window_search, NULL, NULL, NULL, { 0 } },
};

static void
wsi_window_demo_running_cb (WsiWindow *self)
{
  wsi_window_set_state (self, "demo", g_variant_new_boolean (wsi_demo_get_running (self->demo)));
}

static void
wsi_window_visible_page_cb (WsiWindow *self)
{
  wsi_window_set_state (self, "page", g_variant_new_string (
                        wsi_connection_view_get_visible_page (self->connection_view)));
}

static void
wsi_window_disturbed_cb (WsiWindow *self)
{
  gboolean is_disturbed;

  g_object_get (self->own_actions, "disturbed", &is_disturbed, NULL);
  if (is_disturbed)
    gtk_widget_add_css_class (self->faults_button, "warning");
  else
    gtk_widget_remove_css_class (self->faults_button, "warning");
}

void
wsi_window_add_commands (WsiWindow *self)
{
  g_autoptr (GPropertyAction) sidebar = NULL;

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  sidebar = g_property_action_new ("sidebar", self->split, "sidebar-visible");
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (sidebar));

  g_signal_connect_object (self->demo, "notify::running",
                           G_CALLBACK (wsi_window_demo_running_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->connection_view, "notify::visible-page",
                           G_CALLBACK (wsi_window_visible_page_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->own_actions, "notify::disturbed",
                           G_CALLBACK (wsi_window_disturbed_cb), self, G_CONNECT_SWAPPED);
  wsi_window_demo_running_cb (self);
  wsi_window_visible_page_cb (self);
}

void
wsi_window_update_commands (WsiWindow *self)
{
  gboolean is_narrow = wsi_split_get_narrow (self->split);
  WsiSourceKind kind = self->source != NULL ? wsi_source_get_kind (self->source)
                                            : WSI_SOURCE_KIND_OWN;
  const char *objection;
  gboolean is_ours;

  if (self->own_actions == NULL)
    return;

  objection = wsi_own_actions_get_objection (self->own_actions);
  is_ours = self->connection != NULL &&
            wsi_own_pool_lookup (self->own_pool, self->connection) != NULL;

  wsi_window_set_enabled (self, "back", is_narrow &&
                          wsi_split_get_pane (self->split) != WSI_SPLIT_PANE_SIDEBAR);
  wsi_window_set_enabled (self, "dismiss", kind == WSI_SOURCE_KIND_RECORDING ||
                          (kind == WSI_SOURCE_KIND_APP &&
                           !wsi_source_get_attached (self->source)));
  wsi_window_set_enabled (self, "save-recording", self->connection != NULL);
  wsi_window_set_enabled (self, "save-source", self->source != NULL &&
                          wsi_source_get_n_connections (self->source) > 0);

  gtk_widget_set_sensitive (self->faults_button, is_ours);
  gtk_label_set_text (GTK_LABEL (self->objection_label), objection != NULL ? objection : "");
  gtk_widget_set_visible (self->objection_label, objection != NULL);
}
