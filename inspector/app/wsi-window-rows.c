/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-window-internal.h"

#include <glib/gi18n-lib.h>

/* How the window finds the row of a connection: one that was added a moment ago, one that a
 * notification was about, one that was removed and is wanted back. */

void
wsi_window_show_wanted (WsiWindow *self)
{
  g_autofree char *name = g_steal_pointer (&self->wanted_name);

  if (name != NULL && !wsi_window_show_connection (self, name))
    self->wanted_name = g_steal_pointer (&name);
}

static void
wsi_window_undo_button_clicked_cb (AdwToast *toast,
                                   gpointer  user_data)
{
  WsiWindow *self = user_data;
  WsmConnection *removed = g_object_get_data (G_OBJECT (toast), "removed");
  g_autoptr (GError) error = NULL;

  if (wsi_own_pool_restore (self->own_pool, removed, &error))
    wsi_window_show_own (self, removed);
  else
    wsi_window_say (self, error->message);
}

void
wsi_window_offer_undo (WsiWindow     *self,
                       WsmConnection *removed)
{
  g_autofree char *title = NULL;
  AdwToast *toast;

  /* Translators: %s is the name of a connection */
  title = g_markup_printf_escaped (_("“%s” removed"), wsm_connection_get_name (removed));
  toast = adw_toast_new (title);
  adw_toast_set_button_label (toast, _("_Undo"));
  g_object_set_data_full (G_OBJECT (toast), "removed", g_object_ref (removed), g_object_unref);
  g_signal_connect_object (toast, "button-clicked",
                           G_CALLBACK (wsi_window_undo_button_clicked_cb), self, 0);
  adw_toast_overlay_add_toast (self->toast_overlay, toast);
  wsi_window_set_connection (self, NULL);
  wsi_split_set_pane (self->split, WSI_SPLIT_PANE_CONTENT);
}

/* Details of nothing are of no use to anybody who has the room to see them. */
void
wsi_window_show_first (WsiWindow *self)
{
  GListModel *rows = self->source != NULL ? wsi_source_get_connections (self->source) : NULL;
  g_autoptr (WsiConnection) first = NULL;

  if (rows == NULL || self->connection != NULL || wsi_split_get_narrow (self->split))
    return;

  first = g_list_model_get_item (rows, 0);
  if (first != NULL)
    wsi_window_set_connection (self, first);
}

gboolean
wsi_window_show_connection (WsiWindow  *self,
                            const char *name)
{
  GListModel *sources = G_LIST_MODEL (self->hub);

  g_return_val_if_fail (WSI_IS_WINDOW (self), FALSE);

  for (guint i = 0; i < g_list_model_get_n_items (sources); i++)
    {
      g_autoptr (WsiSource) source = g_list_model_get_item (sources, i);
      GListModel *rows = wsi_source_get_connections (source);

      for (guint j = 0; j < g_list_model_get_n_items (rows); j++)
        {
          g_autoptr (WsiConnection) row = g_list_model_get_item (rows, j);

          if (!g_str_equal (wsi_connection_get_name (row), name))
            continue;

          wsi_window_set_source (self, source);
          wsi_window_set_connection (self, row);
          wsi_split_set_pane (self->split, WSI_SPLIT_PANE_DETAILS);
          return TRUE;
        }
    }

  return FALSE;
}

void
wsi_window_show_own (WsiWindow     *self,
                     WsmConnection *connection)
{
  g_return_if_fail (WSI_IS_WINDOW (self));

  wsi_window_set_source (self, wsi_own_pool_get_source (self->own_pool));
  g_free (self->wanted_name);
  self->wanted_name = g_strdup (wsm_connection_get_name (connection));
  wsi_window_show_wanted (self);
}
