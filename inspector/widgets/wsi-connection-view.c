/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-connection-view.h"

#include "wsi-advice.h"
#include "wsi-frames-page.h"
#include "wsi-handshake-page.h"
#include "wsi-overview-page.h"
#include "wsi-policy-page.h"
#include "wsi-state.h"
#include "wsi-timeline-page.h"

#include <glib/gi18n-lib.h>

/**
 * WsiConnectionView:
 *
 * Everything about one connection.
 */

#define DEFAULT_PAGE "overview"

typedef enum
{
  PROP_SOURCE = 1,
  PROP_CONNECTION,
  PROP_VISIBLE_PAGE,
  PROP_NARROW,
} WsiConnectionViewProperty;

#define PROP_LAST_ONE PROP_NARROW

struct _WsiConnectionView
{
  GtkWidget parent_instance;

  WsiSource *source;              /* (owned) (nullable) */
  WsiConnection *connection;      /* (owned) (nullable) */
  GSignalGroup *connection_group; /* (owned) */
  const char *state_class;        /* (unowned) (nullable): what the icon wears */

  GtkStack *subject_stack;
  GtkImage *state_image;
  GtkLabel *name_label;
  GtkLabel *reason_label;
  GtkWidget *paused_label;
  GtkWidget *gone_label;
  GtkWidget *switcher;
  GtkStack *page_stack;

  guint narrow : 1;
};

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsiConnectionView, wsi_connection_view, GTK_TYPE_WIDGET)

/* Another view may have taken the source over meanwhile. */
static void
wsi_connection_view_unfollow (WsiConnectionView *self)
{
  if (self->source != NULL && self->connection != NULL &&
      wsi_source_get_followed (self->source) == self->connection)
    wsi_source_follow (self->source, NULL);
}

/* Between one source and the next, the connection is still one of the old one. */
static gboolean
wsi_connection_view_fits (WsiConnectionView *self)
{
  GListModel *connections = wsi_source_get_connections (self->source);
  guint n_connections = g_list_model_get_n_items (connections);

  for (guint i = 0; i < n_connections; i++)
    {
      g_autoptr (WsiConnection) connection = g_list_model_get_item (connections, i);

      if (connection == self->connection)
        return TRUE;
    }

  return FALSE;
}

static void
wsi_connection_view_follow (WsiConnectionView *self)
{
  if (self->source != NULL && self->connection != NULL &&
      gtk_widget_get_mapped (GTK_WIDGET (self)) &&
      wsi_connection_view_fits (self))
    wsi_source_follow (self->source, self->connection);
}

static void
wsi_connection_view_show_state (WsiConnectionView *self)
{
  WsiState state = wsi_connection_get_state (self->connection);
  const char *reason = wsi_advice_explain (wsi_connection_get_reason (self->connection));
  const char *state_class = wsi_state_get_css_class (state);
  g_autofree char *text = NULL;

  gtk_image_set_from_icon_name (self->state_image, wsi_state_get_icon_name (state));
  if (g_strcmp0 (self->state_class, state_class) != 0)
    {
      if (self->state_class != NULL)
        gtk_widget_remove_css_class (GTK_WIDGET (self->state_image), self->state_class);
      gtk_widget_add_css_class (GTK_WIDGET (self->state_image), state_class);
      self->state_class = state_class;
    }

  /* Of what is open that is all there is to say. */
  if (reason != NULL && state != WSI_STATE_OPEN)
    /* Translators: the state of a connection, and why: “Waiting · The server refused”. */
    text = g_strdup_printf (C_("reason", "%s · %s"), wsi_state_get_label (state), reason);
  else
    text = g_strdup (wsi_state_get_label (state));

  gtk_label_set_label (self->reason_label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->reason_label), text);
}

static void
wsi_connection_view_update (WsiConnectionView *self)
{
  if (self->connection == NULL)
    {
      gtk_stack_set_visible_child_name (self->subject_stack, "empty");
      return;
    }

  gtk_stack_set_visible_child_name (self->subject_stack, "details");
  gtk_label_set_label (self->name_label, wsi_connection_get_name (self->connection));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->name_label),
                               wsi_connection_get_uri (self->connection));
  gtk_widget_set_visible (self->paused_label, wsi_connection_get_paused (self->connection));
  gtk_widget_set_visible (self->gone_label,
                          !wsi_connection_get_attached (self->connection) &&
                            (self->source == NULL ||
                             wsi_source_get_kind (self->source) != WSI_SOURCE_KIND_RECORDING));
  gtk_widget_set_tooltip_text (self->gone_label,
                               self->source != NULL && wsi_source_get_attached (self->source) ?
                                 _("The program has removed this connection") :
                                 _("The program is no longer there"));
  wsi_connection_view_show_state (self);
}

static void
wsi_connection_view_notify_cb (WsiConnectionView *self,
                               GParamSpec        *pspec)
{
  static const char *const names[] = {
    "attached", "name", "paused", "reason", "state", "uri", NULL,
  };

  /* Most of what changes is a number, and not shown here. */
  if (g_strv_contains (names, pspec->name))
    wsi_connection_view_update (self);
}

static void
wsi_connection_view_page_changed_cb (WsiConnectionView *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VISIBLE_PAGE]);
}

static void
wsi_connection_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (wsi_connection_view_parent_class)->map (widget);

  wsi_connection_view_follow (WSI_CONNECTION_VIEW (widget));
}

static void
wsi_connection_view_unmap (GtkWidget *widget)
{
  wsi_connection_view_unfollow (WSI_CONNECTION_VIEW (widget));

  GTK_WIDGET_CLASS (wsi_connection_view_parent_class)->unmap (widget);
}

static void
wsi_connection_view_dispose (GObject *object)
{
  WsiConnectionView *self = WSI_CONNECTION_VIEW (object);
  GtkWidget *child;

  wsi_connection_view_unfollow (self);
  g_clear_object (&self->connection_group);
  g_clear_object (&self->connection);
  g_clear_object (&self->source);
  gtk_widget_dispose_template (GTK_WIDGET (self), WSI_TYPE_CONNECTION_VIEW);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (wsi_connection_view_parent_class)->dispose (object);
}

static void
wsi_connection_view_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  WsiConnectionView *self = WSI_CONNECTION_VIEW (object);

  switch ((WsiConnectionViewProperty) prop_id)
    {
    case PROP_SOURCE:
      g_value_set_object (value, self->source);
      break;
    case PROP_CONNECTION:
      g_value_set_object (value, self->connection);
      break;
    case PROP_VISIBLE_PAGE:
      g_value_set_string (value, wsi_connection_view_get_visible_page (self));
      break;
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_connection_view_set_property (GObject      *object,
                                  guint         prop_id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  WsiConnectionView *self = WSI_CONNECTION_VIEW (object);

  switch ((WsiConnectionViewProperty) prop_id)
    {
    case PROP_SOURCE:
      wsi_connection_view_set_source (self, g_value_get_object (value));
      break;
    case PROP_CONNECTION:
      wsi_connection_view_set_connection (self, g_value_get_object (value));
      break;
    case PROP_VISIBLE_PAGE:
      wsi_connection_view_set_visible_page (self, g_value_get_string (value));
      break;
    case PROP_NARROW:
      wsi_connection_view_set_narrow (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_connection_view_class_init (WsiConnectionViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wsi_connection_view_dispose;
  object_class->get_property = wsi_connection_view_get_property;
  object_class->set_property = wsi_connection_view_set_property;

  widget_class->map = wsi_connection_view_map;
  widget_class->unmap = wsi_connection_view_unmap;

  /**
   * WsiConnectionView:source: (getter get_source) (setter set_source)
   *
   * Where the connection belongs.
   */
  properties[PROP_SOURCE] =
    g_param_spec_object ("source", NULL, NULL,
                         WSI_TYPE_SOURCE,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsiConnectionView:connection: (getter get_connection) (setter set_connection)
   *
   * What is shown, or `NULL`.
   */
  properties[PROP_CONNECTION] =
    g_param_spec_object ("connection", NULL, NULL,
                         WSI_TYPE_CONNECTION,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsiConnectionView:visible-page: (getter get_visible_page) (setter set_visible_page)
   *
   * The name of the page that is seen.
   */
  properties[PROP_VISIBLE_PAGE] =
    g_param_spec_string ("visible-page", NULL, NULL,
                         DEFAULT_PAGE,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsiConnectionView:narrow: (getter get_narrow) (setter set_narrow)
   *
   * Whether there is only the width of a telephone.
   */
  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  g_type_ensure (WSI_TYPE_FRAMES_PAGE);
  g_type_ensure (WSI_TYPE_HANDSHAKE_PAGE);
  g_type_ensure (WSI_TYPE_OVERVIEW_PAGE);
  g_type_ensure (WSI_TYPE_POLICY_PAGE);
  g_type_ensure (WSI_TYPE_TIMELINE_PAGE);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/wsmulti/Inspector/ui/wsi-connection-view.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionView, subject_stack);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionView, state_image);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionView, name_label);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionView, reason_label);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionView, paused_label);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionView, gone_label);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionView, switcher);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionView, page_stack);
  gtk_widget_class_bind_template_callback (widget_class, wsi_connection_view_page_changed_cb);
}

static void
wsi_connection_view_init (WsiConnectionView *self)
{
  self->connection_group = g_signal_group_new (WSI_TYPE_CONNECTION);
  g_signal_group_connect_swapped (self->connection_group, "notify",
                                  G_CALLBACK (wsi_connection_view_notify_cb), self);

  gtk_widget_init_template (GTK_WIDGET (self));
  wsi_connection_view_update (self);
}

GtkWidget *
wsi_connection_view_new (void)
{
  return g_object_new (WSI_TYPE_CONNECTION_VIEW, NULL);
}

WsiSource *
wsi_connection_view_get_source (WsiConnectionView *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_VIEW (self), NULL);

  return self->source;
}

void
wsi_connection_view_set_source (WsiConnectionView *self,
                                WsiSource         *source)
{
  g_return_if_fail (WSI_IS_CONNECTION_VIEW (self));
  g_return_if_fail (source == NULL || WSI_IS_SOURCE (source));

  if (self->source == source)
    return;

  wsi_connection_view_unfollow (self);
  g_set_object (&self->source, source);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SOURCE]);
  wsi_connection_view_update (self);
  wsi_connection_view_follow (self);
}

WsiConnection *
wsi_connection_view_get_connection (WsiConnectionView *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_VIEW (self), NULL);

  return self->connection;
}

void
wsi_connection_view_set_connection (WsiConnectionView *self,
                                    WsiConnection     *connection)
{
  g_return_if_fail (WSI_IS_CONNECTION_VIEW (self));
  g_return_if_fail (connection == NULL || WSI_IS_CONNECTION (connection));

  if (self->connection == connection)
    return;

  /* From one to the next of the same source it is one step. */
  if (connection == NULL)
    wsi_connection_view_unfollow (self);
  g_set_object (&self->connection, connection);
  g_signal_group_set_target (self->connection_group, connection);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTION]);
  wsi_connection_view_update (self);
  wsi_connection_view_follow (self);
}

const char *
wsi_connection_view_get_visible_page (WsiConnectionView *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_VIEW (self), NULL);

  return gtk_stack_get_visible_child_name (self->page_stack);
}

/* What another version has kept in its settings may be no page here. */
void
wsi_connection_view_set_visible_page (WsiConnectionView *self,
                                      const char        *visible_page)
{
  g_return_if_fail (WSI_IS_CONNECTION_VIEW (self));

  if (visible_page == NULL ||
      gtk_stack_get_child_by_name (self->page_stack, visible_page) == NULL)
    visible_page = DEFAULT_PAGE;

  gtk_stack_set_visible_child_name (self->page_stack, visible_page);
}

gboolean
wsi_connection_view_get_narrow (WsiConnectionView *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_VIEW (self), FALSE);

  return self->narrow;
}

void
wsi_connection_view_set_narrow (WsiConnectionView *self,
                                gboolean           narrow)
{
  g_return_if_fail (WSI_IS_CONNECTION_VIEW (self));

  narrow = narrow != FALSE;
  if (self->narrow == narrow)
    return;

  self->narrow = narrow;
  if (narrow)
    gtk_widget_add_css_class (self->switcher, "narrow");
  else
    gtk_widget_remove_css_class (self->switcher, "narrow");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
}
