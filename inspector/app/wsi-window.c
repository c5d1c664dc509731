/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-window-internal.h"

#include "wsi-confirm-dialog.h"

/*
 * The window: what is shown, and how the panes depend on one another.
 */

typedef enum
{
  PROP_SOURCE = 1,
  PROP_CONNECTION,
} WsiWindowProperty;

static GParamSpec *properties[PROP_CONNECTION + 1];

G_DEFINE_FINAL_TYPE (WsiWindow, wsi_window, ADW_TYPE_APPLICATION_WINDOW)

static void
wsi_window_source_changed_cb (WsiWindow *self)
{
  wsi_window_update_content (self);
  wsi_window_update_title (self);
  wsi_window_update_commands (self);
}

static void
wsi_window_rows_changed_cb (WsiWindow *self)
{
  wsi_window_update_content (self);
  if (self->wanted_name != NULL)
    wsi_window_show_wanted (self);
  wsi_window_show_first (self);
}

static void
wsi_window_connection_list_activate_cb (WsiWindow     *self,
                                        WsiConnection *connection)
{
  wsi_window_set_connection (self, connection);
  wsi_split_set_pane (self->split, WSI_SPLIT_PANE_DETAILS);
}

static void
wsi_window_source_list_activate_cb (WsiWindow *self)
{
  wsi_split_set_pane (self->split, WSI_SPLIT_PANE_CONTENT);
}

static void
wsi_window_dispose (GObject *object)
{
  WsiWindow *self = WSI_WINDOW (object);

  g_clear_object (&self->source_signals);
  g_clear_object (&self->rows_signals);
  /* GTK keeps groups as long as anything that once looked for an action in them; what these hold
   * must not live as long. */
  g_action_map_remove_action (G_ACTION_MAP (self), "sidebar");
  gtk_widget_insert_action_group (GTK_WIDGET (self), "connection", NULL);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "own", NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), WSI_TYPE_WINDOW);
  g_clear_object (&self->connection_actions);
  g_clear_object (&self->own_actions);
  g_clear_object (&self->connection);
  g_clear_object (&self->source);
  g_clear_object (&self->demo);
  g_clear_object (&self->notifier);
  g_clear_object (&self->own_pool);
  g_clear_object (&self->hub);
  g_clear_pointer (&self->wanted_name, g_free);

  G_OBJECT_CLASS (wsi_window_parent_class)->dispose (object);
}

static void
wsi_window_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  WsiWindow *self = WSI_WINDOW (object);

  switch ((WsiWindowProperty) prop_id)
    {
    case PROP_SOURCE:
      g_value_set_object (value, self->source);
      break;
    case PROP_CONNECTION:
      g_value_set_object (value, self->connection);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_window_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  WsiWindow *self = WSI_WINDOW (object);

  switch ((WsiWindowProperty) prop_id)
    {
    case PROP_SOURCE:
      wsi_window_set_source (self, g_value_get_object (value));
      break;
    case PROP_CONNECTION:
      wsi_window_set_connection (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_window_class_init (WsiWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = (GParamFlags)
    (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  object_class->dispose = wsi_window_dispose;
  object_class->get_property = wsi_window_get_property;
  object_class->set_property = wsi_window_set_property;

  properties[PROP_SOURCE] =
    g_param_spec_object ("source", NULL, NULL, WSI_TYPE_SOURCE, flags);
  properties[PROP_CONNECTION] =
    g_param_spec_object ("connection", NULL, NULL, WSI_TYPE_CONNECTION, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  g_type_ensure (WSI_TYPE_SPLIT);
  g_type_ensure (WSI_TYPE_SOURCE_LIST);
  g_type_ensure (WSI_TYPE_CONNECTION_LIST);
  g_type_ensure (WSI_TYPE_CONNECTION_VIEW);

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "win.back", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "win.back", NULL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wsmulti/Inspector/ui/wsi-window.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, header_bar);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, action_bar);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, title);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, split);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, source_list);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, content_stack);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, connection_list);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, connection_view);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, sidebar_button);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, add_button);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, connection_buttons);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, faults_button);
  gtk_widget_class_bind_template_child (widget_class, WsiWindow, objection_label);
  gtk_widget_class_bind_template_callback (widget_class, wsi_window_update_layout);
  gtk_widget_class_bind_template_callback (widget_class, wsi_window_connection_list_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_window_source_list_activate_cb);
}

static void
wsi_window_init (WsiWindow *self)
{
  self->source_signals = g_signal_group_new (WSI_TYPE_SOURCE);
  g_signal_group_connect_swapped (self->source_signals, "notify",
                                  G_CALLBACK (wsi_window_source_changed_cb), self);
  self->rows_signals = g_signal_group_new (G_TYPE_LIST_MODEL);
  g_signal_group_connect_swapped (self->rows_signals, "items-changed",
                                  G_CALLBACK (wsi_window_rows_changed_cb), self);

  gtk_widget_init_template (GTK_WIDGET (self));
}

/* Both groups of actions act on what is shown. */
static void
wsi_window_add_actions (WsiWindow *self)
{
  self->connection_actions = wsi_connection_actions_new (GTK_WIDGET (self));
  g_signal_connect_object (self->connection_actions, "message",
                           G_CALLBACK (wsi_window_say), self, G_CONNECT_SWAPPED);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "connection",
                                  G_ACTION_GROUP (self->connection_actions));

  self->own_actions = wsi_own_actions_new (self->own_pool, self->notifier);
  g_signal_connect_object (self->own_actions, "removed",
                           G_CALLBACK (wsi_window_offer_undo), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "own", G_ACTION_GROUP (self->own_actions));
}

WsiWindow *
wsi_window_new (GtkApplication *application,
                WsiHub         *hub,
                WsiOwnPool     *own_pool,
                WsiNotifier    *notifier,
                WsiDemo        *demo,
                GSettings      *settings)
{
  WsiWindow *self = g_object_new (WSI_TYPE_WINDOW, "application", application, NULL);

  self->hub = g_object_ref (hub);
  self->own_pool = g_object_ref (own_pool);
  self->notifier = g_object_ref (notifier);
  self->demo = g_object_ref (demo);

  wsi_window_add_actions (self);
  wsi_window_add_commands (self);
  wsi_window_add_files (self);
  wsi_source_list_set_hub (self->source_list, G_LIST_MODEL (hub));
  if (settings != NULL)
    wsi_window_keep_state (self, settings);
  wsi_window_set_source (self, wsi_own_pool_get_source (own_pool));
  wsi_window_update_layout (self);

  return self;
}

WsiSource *
wsi_window_get_source (WsiWindow *self)
{
  g_return_val_if_fail (WSI_IS_WINDOW (self), NULL);

  return self->source;
}

void
wsi_window_set_source (WsiWindow *self,
                       WsiSource *source)
{
  g_return_if_fail (WSI_IS_WINDOW (self));

  if (!g_set_object (&self->source, source))
    return;

  g_signal_group_set_target (self->source_signals, source);
  g_signal_group_set_target (self->rows_signals,
                             source != NULL ? wsi_source_get_connections (source) : NULL);
  wsi_connection_actions_set_source (self->connection_actions, source);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SOURCE]);
  wsi_window_source_changed_cb (self);
}

WsiConnection *
wsi_window_get_connection (WsiWindow *self)
{
  g_return_val_if_fail (WSI_IS_WINDOW (self), NULL);

  return self->connection;
}

void
wsi_window_set_connection (WsiWindow     *self,
                           WsiConnection *connection)
{
  g_return_if_fail (WSI_IS_WINDOW (self));

  if (!g_set_object (&self->connection, connection))
    return;

  wsi_connection_actions_set_subject (self->connection_actions, connection);
  wsi_own_actions_set_subject (self->own_actions, connection);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTION]);
  wsi_window_update_layout (self);
}

void
wsi_window_say (WsiWindow  *self,
                const char *message)
{
  g_autofree char *escaped = g_markup_escape_text (message, -1);

  g_return_if_fail (WSI_IS_WINDOW (self));

  adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (escaped));
}

void
wsi_window_tell (WsiWindow  *self,
                 const char *heading,
                 const char *body)
{
  g_return_if_fail (WSI_IS_WINDOW (self));

  gtk_window_present (wsi_confirm_dialog_new (GTK_WINDOW (self), heading, body, NULL));
}
