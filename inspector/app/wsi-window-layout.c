/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-window-internal.h"

#include <glib/gi18n-lib.h>

#include "wsi-format.h"

/* What the window has room for, and what its title says. */

/* Where there are no own connections yet, the next step is said. */
void
wsi_window_update_content (WsiWindow *self)
{
  gboolean is_welcome;

  is_welcome = self->source != NULL &&
               wsi_source_get_kind (self->source) == WSI_SOURCE_KIND_OWN &&
               !wsi_source_get_loading (self->source) &&
               wsi_source_get_n_connections (self->source) == 0;
  gtk_stack_set_visible_child_name (self->content_stack, is_welcome ? "welcome" : "list");
  g_object_set (self->split, "details-visible", !is_welcome, NULL);
}

static char *
wsi_window_describe_source (WsiSource *source)
{
  g_autofree char *open = wsi_format_count (wsi_source_get_n_open (source));
  g_autofree char *late = wsi_format_count (wsi_source_get_n_late (source));
  g_autofree char *failed = wsi_format_count (wsi_source_get_n_failed (source));

  if (wsi_source_get_n_connections (source) == 0)
    return g_strdup ("");

  /* Translators: numbers of connections in these states */
  return g_strdup_printf (_("%s open · %s late · %s failed"), open, late, failed);
}

void
wsi_window_update_title (WsiWindow *self)
{
  WsiSplitPane pane = wsi_split_get_pane (self->split);
  gboolean is_narrow = wsi_split_get_narrow (self->split);
  gboolean is_details = is_narrow && pane == WSI_SPLIT_PANE_DETAILS;
  g_autofree char *subtitle = NULL;

  if (is_details && self->connection != NULL)
    {
      adw_window_title_set_title (self->title, wsi_connection_get_name (self->connection));
      adw_window_title_set_subtitle (self->title, "");
      return;
    }

  /* All the programs, one of which is chosen. */
  if (is_narrow && pane == WSI_SPLIT_PANE_SIDEBAR)
    {
      adw_window_title_set_title (self->title, _("Heartbeats"));
      adw_window_title_set_subtitle (self->title, "");
      return;
    }

  if (self->source != NULL)
    subtitle = wsi_window_describe_source (self->source);
  adw_window_title_set_title (self->title, self->source != NULL
                              ? wsi_source_get_title (self->source) : _("Heartbeats"));
  adw_window_title_set_subtitle (self->title, subtitle != NULL ? subtitle : "");
}

/* A narrow header bar has no room for what is done to a connection; below there is. */
static void
wsi_window_move_buttons (WsiWindow *self,
                         gboolean   is_narrow)
{
  GtkWidget *buttons = self->connection_buttons;
  gboolean is_below = gtk_widget_is_ancestor (buttons, GTK_WIDGET (self->action_bar));
  g_autoptr (GtkWidget) keep G_GNUC_UNUSED = g_object_ref (buttons);

  if (is_narrow == is_below)
    return;

  if (is_narrow)
    {
      adw_header_bar_remove (self->header_bar, buttons);
      gtk_action_bar_set_center_widget (self->action_bar, buttons);
    }
  else
    {
      gtk_action_bar_set_center_widget (self->action_bar, NULL);
      adw_header_bar_pack_end (self->header_bar, buttons);
    }
}

/* What the header bar has room for. */
void
wsi_window_update_layout (WsiWindow *self)
{
  gboolean is_narrow = wsi_split_get_narrow (self->split);
  WsiSplitPane pane = wsi_split_get_pane (self->split);

  gtk_widget_set_visible (self->back_button, is_narrow && pane != WSI_SPLIT_PANE_SIDEBAR);
  gtk_widget_set_visible (self->sidebar_button, !is_narrow);
  gtk_widget_set_visible (self->add_button, !is_narrow || pane != WSI_SPLIT_PANE_DETAILS);
  wsi_window_move_buttons (self, is_narrow);
  gtk_action_bar_set_revealed (self->action_bar, is_narrow && pane == WSI_SPLIT_PANE_DETAILS);
  wsi_connection_list_set_narrow (self->connection_list, is_narrow);
  wsi_connection_view_set_narrow (self->connection_view, wsi_split_get_tight (self->split));
  wsi_window_update_title (self);
  wsi_window_update_commands (self);
}
