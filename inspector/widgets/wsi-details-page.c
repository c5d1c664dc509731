/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-details-page.h"

#include "wsi-event.h"

/**
 * WsiDetailsPage:
 *
 * One page about one connection.
 */

/* For "up for" and its like. */
#define REFRESH_INTERVAL_S 1

typedef enum
{
  PROP_SOURCE = 1,
  PROP_CONNECTION,
  PROP_NARROW,
} WsiDetailsPageProperty;

#define PROP_LAST_ONE PROP_NARROW

typedef struct
{
  WsiSource *source;              /* (owned) (nullable) */
  WsiConnection *connection;      /* (owned) (nullable) */
  GSignalGroup *source_group;     /* (owned) */
  GSignalGroup *connection_group; /* (owned) */
  GSignalGroup *journal_group;    /* (owned) */

  guint interval_id; /* of a source */
  guint tick_id;

  guint narrow : 1;
} WsiDetailsPagePrivate;

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (WsiDetailsPage, wsi_details_page, GTK_TYPE_WIDGET)

static WsiDetailsPagePrivate *
wsi_details_page_get_private (WsiDetailsPage *self)
{
  return wsi_details_page_get_instance_private (self);
}

static void
wsi_details_page_refresh (WsiDetailsPage *self)
{
  WsiDetailsPageClass *klass = WSI_DETAILS_PAGE_GET_CLASS (self);

  if (klass->refresh != NULL)
    klass->refresh (self);
}

static gboolean
wsi_details_page_interval_cb (gpointer user_data)
{
  wsi_details_page_refresh (WSI_DETAILS_PAGE (user_data));

  return G_SOURCE_CONTINUE;
}

static gboolean
wsi_details_page_tick_cb (GtkWidget     *widget,
                          GdkFrameClock *clock,
                          gpointer       user_data)
{
  WsiDetailsPage *self = WSI_DETAILS_PAGE (widget);

  wsi_details_page_get_private (self)->tick_id = 0;
  wsi_details_page_refresh (self);

  return G_SOURCE_REMOVE;
}

static void
wsi_details_page_change_subject (WsiDetailsPage *self)
{
  WsiDetailsPageClass *klass = WSI_DETAILS_PAGE_GET_CLASS (self);

  if (klass->subject_changed != NULL)
    klass->subject_changed (self);

  /* At once, so that nothing of the old one is seen beside the new one. */
  wsi_details_page_refresh (self);
}

static void
wsi_details_page_map (GtkWidget *widget)
{
  WsiDetailsPage *self = WSI_DETAILS_PAGE (widget);
  WsiDetailsPagePrivate *priv = wsi_details_page_get_private (self);

  GTK_WIDGET_CLASS (wsi_details_page_parent_class)->map (widget);

  priv->interval_id = g_timeout_add_seconds (REFRESH_INTERVAL_S,
                                             wsi_details_page_interval_cb, self);
  wsi_details_page_refresh (self);
}

static void
wsi_details_page_unmap (GtkWidget *widget)
{
  WsiDetailsPagePrivate *priv = wsi_details_page_get_private (WSI_DETAILS_PAGE (widget));

  g_clear_handle_id (&priv->interval_id, g_source_remove);
  if (priv->tick_id != 0)
    gtk_widget_remove_tick_callback (widget, priv->tick_id);
  priv->tick_id = 0;

  GTK_WIDGET_CLASS (wsi_details_page_parent_class)->unmap (widget);
}

static void
wsi_details_page_dispose (GObject *object)
{
  WsiDetailsPagePrivate *priv = wsi_details_page_get_private (WSI_DETAILS_PAGE (object));
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  g_clear_handle_id (&priv->interval_id, g_source_remove);
  g_clear_object (&priv->source_group);
  g_clear_object (&priv->connection_group);
  g_clear_object (&priv->journal_group);
  g_clear_object (&priv->source);
  g_clear_object (&priv->connection);

  G_OBJECT_CLASS (wsi_details_page_parent_class)->dispose (object);
}

static void
wsi_details_page_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  WsiDetailsPagePrivate *priv = wsi_details_page_get_private (WSI_DETAILS_PAGE (object));

  switch ((WsiDetailsPageProperty) prop_id)
    {
    case PROP_SOURCE:
      g_value_set_object (value, priv->source);
      break;
    case PROP_CONNECTION:
      g_value_set_object (value, priv->connection);
      break;
    case PROP_NARROW:
      g_value_set_boolean (value, priv->narrow);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_details_page_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  WsiDetailsPage *self = WSI_DETAILS_PAGE (object);

  switch ((WsiDetailsPageProperty) prop_id)
    {
    case PROP_SOURCE:
      wsi_details_page_set_source (self, g_value_get_object (value));
      break;
    case PROP_CONNECTION:
      wsi_details_page_set_connection (self, g_value_get_object (value));
      break;
    case PROP_NARROW:
      wsi_details_page_set_narrow (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_details_page_class_init (WsiDetailsPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wsi_details_page_dispose;
  object_class->get_property = wsi_details_page_get_property;
  object_class->set_property = wsi_details_page_set_property;

  widget_class->map = wsi_details_page_map;
  widget_class->unmap = wsi_details_page_unmap;

  /**
   * WsiDetailsPage:source: (getter get_source) (setter set_source)
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
   * WsiDetailsPage:connection: (getter get_connection) (setter set_connection)
   *
   * What the page is about, or `NULL`.
   */
  properties[PROP_CONNECTION] =
    g_param_spec_object ("connection", NULL, NULL,
                         WSI_TYPE_CONNECTION,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsiDetailsPage:narrow: (getter get_narrow) (setter set_narrow)
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

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
wsi_details_page_init (WsiDetailsPage *self)
{
  WsiDetailsPagePrivate *priv = wsi_details_page_get_private (self);

  priv->source_group = g_signal_group_new (WSI_TYPE_SOURCE);
  g_signal_group_connect_swapped (priv->source_group, "notify",
                                  G_CALLBACK (wsi_details_page_queue_refresh), self);

  priv->connection_group = g_signal_group_new (WSI_TYPE_CONNECTION);
  g_signal_group_connect_swapped (priv->connection_group, "notify",
                                  G_CALLBACK (wsi_details_page_queue_refresh), self);

  priv->journal_group = g_signal_group_new (WSI_TYPE_LOG);
  g_signal_group_connect_swapped (priv->journal_group, "items-changed",
                                  G_CALLBACK (wsi_details_page_queue_refresh), self);
}

WsiSource *
wsi_details_page_get_source (WsiDetailsPage *self)
{
  g_return_val_if_fail (WSI_IS_DETAILS_PAGE (self), NULL);

  return wsi_details_page_get_private (self)->source;
}

void
wsi_details_page_set_source (WsiDetailsPage *self,
                             WsiSource      *source)
{
  WsiDetailsPagePrivate *priv;

  g_return_if_fail (WSI_IS_DETAILS_PAGE (self));
  g_return_if_fail (source == NULL || WSI_IS_SOURCE (source));

  priv = wsi_details_page_get_private (self);
  if (!g_set_object (&priv->source, source))
    return;

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SOURCE]);
  g_signal_group_set_target (priv->source_group, source);
  wsi_details_page_change_subject (self);
}

WsiConnection *
wsi_details_page_get_connection (WsiDetailsPage *self)
{
  g_return_val_if_fail (WSI_IS_DETAILS_PAGE (self), NULL);

  return wsi_details_page_get_private (self)->connection;
}

void
wsi_details_page_set_connection (WsiDetailsPage *self,
                                 WsiConnection  *connection)
{
  WsiDetailsPagePrivate *priv;

  g_return_if_fail (WSI_IS_DETAILS_PAGE (self));
  g_return_if_fail (connection == NULL || WSI_IS_CONNECTION (connection));

  priv = wsi_details_page_get_private (self);
  if (!g_set_object (&priv->connection, connection))
    return;

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTION]);
  g_signal_group_set_target (priv->connection_group, connection);
  g_signal_group_set_target (priv->journal_group,
                             connection != NULL ? wsi_connection_get_journal (connection) : NULL);
  wsi_details_page_change_subject (self);
}

gboolean
wsi_details_page_get_narrow (WsiDetailsPage *self)
{
  g_return_val_if_fail (WSI_IS_DETAILS_PAGE (self), FALSE);

  return wsi_details_page_get_private (self)->narrow;
}

void
wsi_details_page_set_narrow (WsiDetailsPage *self,
                             gboolean        narrow)
{
  WsiDetailsPagePrivate *priv;
  WsiDetailsPageClass *klass;

  g_return_if_fail (WSI_IS_DETAILS_PAGE (self));

  priv = wsi_details_page_get_private (self);
  narrow = narrow != FALSE;
  if (priv->narrow == narrow)
    return;

  priv->narrow = narrow;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);

  klass = WSI_DETAILS_PAGE_GET_CLASS (self);
  if (klass->narrow_changed != NULL)
    klass->narrow_changed (self);
}

/* Ten changes before the next frame are one. */
void
wsi_details_page_queue_refresh (WsiDetailsPage *self)
{
  WsiDetailsPagePrivate *priv;

  g_return_if_fail (WSI_IS_DETAILS_PAGE (self));

  priv = wsi_details_page_get_private (self);
  if (priv->tick_id != 0 || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;

  priv->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), wsi_details_page_tick_cb,
                                                NULL, NULL);
}

gboolean
wsi_details_page_is_live (WsiDetailsPage *self)
{
  WsiDetailsPagePrivate *priv;

  g_return_val_if_fail (WSI_IS_DETAILS_PAGE (self), FALSE);

  priv = wsi_details_page_get_private (self);

  return priv->connection != NULL &&
         wsi_connection_get_attached (priv->connection) &&
         (priv->source == NULL ||
          wsi_source_get_kind (priv->source) != WSI_SOURCE_KIND_RECORDING);
}

gint64
wsi_details_page_get_present (WsiDetailsPage *self)
{
  WsiDetailsPagePrivate *priv;
  g_autoptr (WsiEvent) event = NULL;
  GListModel *journal;
  gint64 present_us;
  guint n_events;

  g_return_val_if_fail (WSI_IS_DETAILS_PAGE (self), 0);

  priv = wsi_details_page_get_private (self);
  if (priv->connection == NULL || wsi_details_page_is_live (self))
    return g_get_monotonic_time ();

  journal = G_LIST_MODEL (wsi_connection_get_journal (priv->connection));
  n_events = g_list_model_get_n_items (journal);
  present_us = wsi_connection_get_last_received_at (priv->connection);

  if (n_events > 0)
    {
      event = g_list_model_get_item (journal, n_events - 1);
      present_us = MAX (present_us, wsi_event_get_time (event));
    }

  return present_us;
}
