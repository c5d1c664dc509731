/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-source-list.h"

#include "wsi-source-row.h"

/**
 * WsiSourceList:
 *
 * The sources of a hub, to choose from.
 */
struct _WsiSourceList
{
  GtkWidget parent_instance;

  /* Of the template. */
  GtkWidget *hint;            /* (unowned) */
  GtkListBox *list_box;       /* (unowned) */
  GtkWidget *scrolled_window; /* (unowned) */

  GListModel *hub;            /* (owned) (nullable) */
  GtkSortListModel *sorted;   /* (owned) */
  WsiSource *selected;        /* (owned) (nullable) */
};

typedef enum
{
  PROP_HUB = 1,
  PROP_SELECTED,
} WsiSourceListProperty;

#define PROP_LAST_ONE PROP_SELECTED

static GParamSpec *properties[PROP_LAST_ONE + 1];

typedef enum
{
  SIGNAL_ACTIVATE,
  N_SIGNALS,
} WsiSourceListSignal;

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsiSourceList, wsi_source_list, GTK_TYPE_WIDGET)

/* The own pool first; what is equal keeps the order of the hub. */
static int
wsi_source_list_compare (gconstpointer one,
                         gconstpointer other,
                         gpointer      user_data)
{
  gboolean is_own = wsi_source_get_kind ((gpointer) one) == WSI_SOURCE_KIND_OWN;
  gboolean is_other_own = wsi_source_get_kind ((gpointer) other) == WSI_SOURCE_KIND_OWN;

  return is_other_own - is_own;
}

static GtkListBoxRow *
wsi_source_list_find_row (WsiSourceList *self,
                          WsiSource     *source)
{
  GtkListBoxRow *row = NULL;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list_box, i)) != NULL; i++)
    {
      if (wsi_source_row_get_source (WSI_SOURCE_ROW (row)) == source)
        return row;
    }
  return NULL;
}

static void
wsi_source_list_update_hint (WsiSourceList *self)
{
  gboolean has_other = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->sorted)); i++)
    {
      g_autoptr (WsiSource) source = g_list_model_get_item (G_LIST_MODEL (self->sorted), i);

      has_other |= wsi_source_get_kind (source) != WSI_SOURCE_KIND_OWN;
    }
  gtk_widget_set_visible (self->hint, !has_other);
}

static void
wsi_source_list_row_dismissed_cb (WsiSourceRow *row,
                                  gpointer      user_data)
{
  WsiSourceList *self = user_data;

  if (WSI_IS_HUB (self->hub))
    wsi_hub_dismiss (WSI_HUB (self->hub), wsi_source_row_get_source (row));
}

static GtkWidget *
wsi_source_list_create_row_cb (gpointer item,
                               gpointer user_data)
{
  GtkWidget *row = wsi_source_row_new (item);

  g_signal_connect (row, "dismissed", G_CALLBACK (wsi_source_list_row_dismissed_cb), user_data);
  return row;
}

static void
wsi_source_list_take_selected (WsiSourceList *self,
                               WsiSource     *selected)
{
  if (g_set_object (&self->selected, selected))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
}

static void
wsi_source_list_row_activated_cb (GtkListBox    *list_box,
                                  GtkListBoxRow *row,
                                  gpointer       user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_ACTIVATE], 0);
}

static void
wsi_source_list_row_selected_cb (GtkListBox    *list_box,
                                 GtkListBoxRow *row,
                                 gpointer       user_data)
{
  /* None while rows change their places; then the choice stands. */
  if (row != NULL)
    wsi_source_list_take_selected (user_data, wsi_source_row_get_source (WSI_SOURCE_ROW (row)));
}

/* After the list box. What takes the place of the chosen one is chosen, for it is the same program
 * come back; where there is nothing, the first one is. */
static void
wsi_source_list_items_changed_cb (GListModel *model,
                                  guint       position,
                                  guint       n_removed,
                                  guint       n_added,
                                  gpointer    user_data)
{
  WsiSourceList *self = user_data;
  GtkListBoxRow *row = NULL;

  wsi_source_list_update_hint (self);
  if (self->selected != NULL)
    row = wsi_source_list_find_row (self, self->selected);
  if (row == NULL && n_removed > 0 && n_added > 0)
    row = gtk_list_box_get_row_at_index (self->list_box, (int) position);
  if (row == NULL)
    row = gtk_list_box_get_row_at_index (self->list_box, 0);
  if (row == NULL)
    wsi_source_list_take_selected (self, NULL);
  else
    gtk_list_box_select_row (self->list_box, row);
}

static gboolean
wsi_source_list_delete_cb (GtkWidget *widget,
                           GVariant  *arguments,
                           gpointer   user_data)
{
  WsiSourceList *self = WSI_SOURCE_LIST (widget);
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list_box);

  return row != NULL && wsi_source_row_dismiss (WSI_SOURCE_ROW (row));
}

static gboolean
wsi_source_list_grab_focus (GtkWidget *widget)
{
  WsiSourceList *self = WSI_SOURCE_LIST (widget);
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list_box);

  return gtk_widget_grab_focus (row != NULL ? GTK_WIDGET (row) : GTK_WIDGET (self->list_box));
}

static void
wsi_source_list_dispose (GObject *object)
{
  WsiSourceList *self = WSI_SOURCE_LIST (object);

  if (self->list_box != NULL)
    gtk_list_box_bind_model (self->list_box, NULL, NULL, NULL, NULL);
  if (self->sorted != NULL)
    g_signal_handlers_disconnect_by_data (self->sorted, self);
  gtk_widget_dispose_template (GTK_WIDGET (self), WSI_TYPE_SOURCE_LIST);
  g_clear_object (&self->sorted);
  g_clear_object (&self->hub);
  g_clear_object (&self->selected);

  G_OBJECT_CLASS (wsi_source_list_parent_class)->dispose (object);
}

static void
wsi_source_list_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  WsiSourceList *self = WSI_SOURCE_LIST (object);

  switch ((WsiSourceListProperty) prop_id)
    {
    case PROP_HUB:
      g_value_set_object (value, self->hub);
      break;
    case PROP_SELECTED:
      g_value_set_object (value, self->selected);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_source_list_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  WsiSourceList *self = WSI_SOURCE_LIST (object);

  switch ((WsiSourceListProperty) prop_id)
    {
    case PROP_HUB:
      wsi_source_list_set_hub (self, g_value_get_object (value));
      break;
    case PROP_SELECTED:
      wsi_source_list_set_selected (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_source_list_class_init (WsiSourceListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wsi_source_list_dispose;
  object_class->get_property = wsi_source_list_get_property;
  object_class->set_property = wsi_source_list_set_property;

  widget_class->grab_focus = wsi_source_list_grab_focus;

  properties[PROP_HUB] =
    g_param_spec_object ("hub", NULL, NULL,
                         G_TYPE_LIST_MODEL,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));
  properties[PROP_SELECTED] =
    g_param_spec_object ("selected", NULL, NULL,
                         WSI_TYPE_SOURCE,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_ACTIVATE] =
    g_signal_new ("activate", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  gtk_widget_class_set_css_name (widget_class, "wsi-source-list");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wsmulti/Inspector/ui/"
                                               "wsi-source-list.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiSourceList, hint);
  gtk_widget_class_bind_template_child (widget_class, WsiSourceList, list_box);
  gtk_widget_class_bind_template_child (widget_class, WsiSourceList, scrolled_window);
  gtk_widget_class_bind_template_callback (widget_class, wsi_source_list_row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_source_list_row_selected_cb);

  gtk_widget_class_add_binding (widget_class, GDK_KEY_Delete, 0, wsi_source_list_delete_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Delete, 0, wsi_source_list_delete_cb,
                                NULL);
}

static void
wsi_source_list_init (WsiSourceList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->sorted = gtk_sort_list_model_new (NULL, GTK_SORTER (gtk_custom_sorter_new (
                                                  wsi_source_list_compare, NULL, NULL)));
  gtk_list_box_bind_model (self->list_box, G_LIST_MODEL (self->sorted),
                           wsi_source_list_create_row_cb, self, NULL);
  g_signal_connect (self->sorted, "items-changed", G_CALLBACK (wsi_source_list_items_changed_cb),
                    self);
}

GtkWidget *
wsi_source_list_new (void)
{
  return g_object_new (WSI_TYPE_SOURCE_LIST, NULL);
}

GListModel *
wsi_source_list_get_hub (WsiSourceList *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE_LIST (self), NULL);

  return self->hub;
}

void
wsi_source_list_set_hub (WsiSourceList *self,
                         GListModel    *hub)
{
  g_return_if_fail (WSI_IS_SOURCE_LIST (self));

  if (!g_set_object (&self->hub, hub))
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HUB]);

  gtk_sort_list_model_set_model (self->sorted, hub);
}

WsiSource *
wsi_source_list_get_selected (WsiSourceList *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE_LIST (self), NULL);

  return self->selected;
}

void
wsi_source_list_set_selected (WsiSourceList *self,
                              WsiSource     *selected)
{
  GtkListBoxRow *row = NULL;

  g_return_if_fail (WSI_IS_SOURCE_LIST (self));

  if (selected != NULL)
    row = wsi_source_list_find_row (self, selected);
  if (row != NULL)
    gtk_list_box_select_row (self->list_box, row);
}
