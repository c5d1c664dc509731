/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-connection-table.h"

#include "wsi-next-cell.h"
#include "wsi-sparkline.h"
#include "wsi-state-cell.h"
#include "wsi-text-cell.h"
#include "wsi-view.h"

/* What the closures of one column know. */
typedef struct
{
  WsiConnectionTable *table; /* (unowned) */
  WsiColumn column;
} WsiColumnData;

/**
 * WsiConnectionTable:
 *
 * The rows of a source in a column view.
 */
struct _WsiConnectionTable
{
  GtkWidget parent_instance;

  /* Of the template. */
  GtkColumnView *column_view;                  /* (unowned) */
  GtkColumnViewColumn *columns[WSI_N_COLUMNS]; /* (unowned) (nullable): there is none for NONE */
  GtkWidget *menu;                             /* (unowned) */
  GtkScrolledWindow *scrolled_window;          /* (unowned) */

  WsiColumnData data[WSI_N_COLUMNS];
  WsiOrder *order;               /* (owned) */
  GtkSingleSelection *selection; /* (owned) */
  WsiView *view;                 /* (owned) */
  WsiSource *source;             /* (owned) (nullable) */
  WsiConnection *selected;       /* (owned) (nullable) */
  gboolean narrow;

  /* The columns from there on have no room. */
  WsiColumn first_hidden;
  int hidden_widths[WSI_N_COLUMNS];
  guint fit_id;

  WsiColumn answering_column;
  double beyond_end; /* from right to left: what of the width is out of view at the right */
};

/* What is less looked at than what stands before it. */
#define FIRST_SPARE_COLUMN WSI_COLUMN_RECONNECTS

/* What comes after Reconnects only comes where a name has so many characters more than it has to:
 * who knows how many bytes were sent wants to know where to. */
#define SPARE_NAME_CHARS 10

typedef enum
{
  PROP_SOURCE = 1,
  PROP_SELECTED,
  PROP_NARROW,
} WsiConnectionTableProperty;

#define PROP_LAST_ONE PROP_NARROW

enum
{
  SIGNAL_ACTIVATED,
  N_SIGNALS,
};

static GParamSpec *properties[PROP_LAST_ONE + 1];
static guint signals[N_SIGNALS];

/* In the template. By WsiColumn. */
static const char *const column_ids[WSI_N_COLUMNS] = {
  [WSI_COLUMN_STATE] = "state_column",
  [WSI_COLUMN_NAME] = "name_column",
  [WSI_COLUMN_ROUND_TRIP] = "round_trip_column",
  [WSI_COLUMN_BEATS] = "beats_column",
  [WSI_COLUMN_NEXT] = "next_column",
  [WSI_COLUMN_MISSED] = "missed_column",
  [WSI_COLUMN_RECONNECTS] = "reconnects_column",
  [WSI_COLUMN_SENT] = "sent_column",
  [WSI_COLUMN_RECEIVED] = "received_column",
  [WSI_COLUMN_UP] = "up_column",
};

G_DEFINE_FINAL_TYPE (WsiConnectionTable, wsi_connection_table, GTK_TYPE_WIDGET)

static GtkWidget *
wsi_connection_table_create_cell (WsiConnectionTable *self,
                                  WsiColumn           column)
{
  switch (column)
    {
    case WSI_COLUMN_STATE:
      {
        GtkWidget *cell = wsi_state_cell_new ();

        wsi_state_cell_set_narrow (WSI_STATE_CELL (cell), self->narrow);
        return cell;
      }
    case WSI_COLUMN_BEATS:
      return wsi_sparkline_new ();
    case WSI_COLUMN_NEXT:
      return wsi_next_cell_new ();
    case WSI_COLUMN_NONE:
    case WSI_COLUMN_NAME:
    case WSI_COLUMN_ROUND_TRIP:
    case WSI_COLUMN_MISSED:
    case WSI_COLUMN_RECONNECTS:
    case WSI_COLUMN_SENT:
    case WSI_COLUMN_RECEIVED:
    case WSI_COLUMN_UP:
    case WSI_N_COLUMNS:
    default:
      return wsi_text_cell_new (column);
    }
}

static void
wsi_connection_table_setup_cb (GtkSignalListItemFactory *factory,
                               GtkListItem              *list_item,
                               gpointer                  user_data)
{
  WsiColumnData *data = user_data;
  GtkWidget *cell = wsi_connection_table_create_cell (data->table, data->column);

  wsi_cell_set_list_item (WSI_CELL (cell), list_item);
  gtk_list_item_set_child (list_item, cell);
  wsi_view_add_cell (data->table->view, WSI_CELL (cell));
}

static void
wsi_connection_table_bind_cb (GtkSignalListItemFactory *factory,
                              GtkListItem              *list_item,
                              gpointer                  user_data)
{
  WsiColumnData *data = user_data;
  WsiCell *cell = WSI_CELL (gtk_list_item_get_child (list_item));

  wsi_cell_set_connection (cell, gtk_list_item_get_item (list_item));
  wsi_view_update_cell (data->table->view, cell);
}

static void
wsi_connection_table_unbind_cb (GtkSignalListItemFactory *factory,
                                GtkListItem              *list_item,
                                gpointer                  user_data)
{
  GtkWidget *cell = gtk_list_item_get_child (list_item);

  /* One that is torn down has lost it already. */
  if (cell != NULL)
    wsi_cell_set_connection (WSI_CELL (cell), NULL);
}

/* The view has no word for what it is sorted by (GTK 4.10 has), but asks the sorters of the columns
 * one after the other. The first one to be asked is of that column; its answer, always the same,
 * comes out turned round if the view sorts backwards. */
static int
wsi_connection_table_answer_cb (gconstpointer one,
                                gconstpointer other,
                                gpointer      user_data)
{
  WsiColumnData *data = user_data;

  if (data->table->answering_column == WSI_COLUMN_NONE)
    data->table->answering_column = data->column;
  return GTK_ORDERING_SMALLER;
}

static void
wsi_connection_table_sorter_changed_cb (GtkSorter       *sorter,
                                        GtkSorterChange  change,
                                        gpointer         user_data)
{
  WsiConnectionTable *self = user_data;
  GtkOrdering answer = GTK_ORDERING_EQUAL;

  self->answering_column = WSI_COLUMN_NONE;
  answer = gtk_sorter_compare (sorter, self->order, self->selection);
  wsi_order_set_column (self->order, self->answering_column, answer == GTK_ORDERING_LARGER);
  wsi_view_go_to (self->view, G_MAXUINT);
}

static void
wsi_connection_table_add_column (WsiConnectionTable *self,
                                 WsiColumn           column)
{
  WsiColumnData *data = &self->data[column];
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSorter) sorter = NULL;

  data->table = self;
  data->column = column;
  g_signal_connect (factory, "setup", G_CALLBACK (wsi_connection_table_setup_cb), data);
  g_signal_connect (factory, "bind", G_CALLBACK (wsi_connection_table_bind_cb), data);
  g_signal_connect (factory, "unbind", G_CALLBACK (wsi_connection_table_unbind_cb), data);
  gtk_column_view_column_set_factory (self->columns[column], factory);

  /* Forty beats have no order. */
  if (column == WSI_COLUMN_BEATS)
    return;
  sorter = GTK_SORTER (gtk_custom_sorter_new (wsi_connection_table_answer_cb, data, NULL));
  gtk_column_view_column_set_sorter (self->columns[column], sorter);
}

static void
wsi_connection_table_take_selected (WsiConnectionTable *self,
                                    WsiConnection      *selected)
{
  if (g_set_object (&self->selected, selected))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED]);
}

/* A row that is filtered out or gone takes the mark with it, not the choice. */
static void
wsi_connection_table_selected_item_cb (GtkSingleSelection *selection,
                                       GParamSpec         *pspec,
                                       gpointer            user_data)
{
  WsiConnection *connection = gtk_single_selection_get_selected_item (selection);

  if (connection != NULL)
    wsi_connection_table_take_selected (user_data, connection);
}

static void
wsi_connection_table_mark_selected (WsiConnectionTable *self)
{
  guint position = GTK_INVALID_LIST_POSITION;

  if (gtk_single_selection_get_selected_item (self->selection) == (gpointer) self->selected)
    return;
  if (self->selected != NULL)
    position = wsi_order_find (self->order, self->selected);
  gtk_single_selection_set_selected (self->selection, position);
}

static void
wsi_connection_table_items_changed_cb (GListModel *model,
                                       guint       position,
                                       guint       n_removed,
                                       guint       n_added,
                                       gpointer    user_data)
{
  wsi_connection_table_mark_selected (user_data);
}

static void
wsi_connection_table_activate_cb (GtkColumnView *column_view,
                                  guint          position,
                                  gpointer       user_data)
{
  WsiConnectionTable *self = user_data;
  g_autoptr (WsiConnection) connection =
    g_list_model_get_item (G_LIST_MODEL (self->order), position);

  if (connection == NULL)
    return;
  wsi_connection_table_set_selected (self, connection);
  g_signal_emit (self, signals[SIGNAL_ACTIVATED], 0, connection);
}

static void
wsi_connection_table_pop_up (WsiConnectionTable *self,
                             int                 x,
                             int                 y)
{
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle) { x, y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

/* The menu is about the row under the pointer, which is selected first. */
static gboolean
wsi_connection_table_pop_up_at (WsiConnectionTable *self,
                                double              x,
                                double              y)
{
  graphene_point_t point;
  WsiCell *cell = NULL;

  if (!gtk_widget_compute_point (GTK_WIDGET (self->column_view), GTK_WIDGET (self),
                                 &GRAPHENE_POINT_INIT ((float) x, (float) y), &point))
    return FALSE;
  cell = wsi_view_find_at (self->view, (double) point.y);
  if (cell == NULL)
    return FALSE;
  wsi_connection_table_set_selected (self, wsi_cell_get_connection (cell));
  wsi_connection_table_pop_up (self, (int) point.x, (int) point.y);
  return TRUE;
}

static void
wsi_connection_table_pressed_cb (GtkGestureClick *gesture,
                                 int              n_press,
                                 double           x,
                                 double           y,
                                 gpointer         user_data)
{
  if (wsi_connection_table_pop_up_at (user_data, x, y))
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
wsi_connection_table_long_pressed_cb (GtkGestureLongPress *gesture,
                                      double               x,
                                      double               y,
                                      gpointer             user_data)
{
  if (wsi_connection_table_pop_up_at (user_data, x, y))
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

static gboolean
wsi_connection_table_menu_key_cb (GtkWidget *widget,
                                  GVariant  *arguments,
                                  gpointer   user_data)
{
  WsiConnectionTable *self = WSI_CONNECTION_TABLE (widget);
  WsiCell *cell = NULL;
  graphene_rect_t bounds;

  if (self->selected == NULL)
    return FALSE;
  cell = wsi_view_find (self->view, self->selected);
  if (cell == NULL || !gtk_widget_compute_bounds (GTK_WIDGET (cell), widget, &bounds))
    return FALSE;
  wsi_connection_table_pop_up (self, (int) bounds.origin.x,
                               (int) (bounds.origin.y + bounds.size.height));
  return TRUE;
}

/* From right to left the first column is at the right, and stays in view while the list gets wider
 * or narrower; GTK thinks from the left. */
static gboolean
wsi_connection_table_show_first_column_cb (GtkWidget     *widget,
                                     GdkFrameClock *clock,
                                     gpointer       user_data)
{
  WsiConnectionTable *self = WSI_CONNECTION_TABLE (widget);
  GtkAdjustment *adjustment = user_data;

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) -
                                        gtk_adjustment_get_page_size (adjustment) -
                                        self->beyond_end);
  return G_SOURCE_REMOVE;
}

static int
wsi_connection_table_measure (WsiConnectionTable *self)
{
  int width;

  gtk_widget_measure (GTK_WIDGET (self->column_view), GTK_ORIENTATION_HORIZONTAL, -1, &width,
                      NULL, NULL, NULL);

  return width;
}

/* What more than its own width a column needs to be there. */
static int
wsi_connection_table_get_spare_width (WsiConnectionTable *self,
                                      WsiColumn           column)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  PangoFontMetrics *metrics = NULL;
  int char_width = 0;

  if (column <= FIRST_SPARE_COLUMN)
    return 0;

  metrics = pango_context_get_metrics (context, NULL, NULL);
  char_width = pango_font_metrics_get_approximate_char_width (metrics);
  pango_font_metrics_unref (metrics);

  return PANGO_PIXELS_CEIL (SPARE_NAME_CHARS * char_width);
}

/* Leaves out the last columns that can be missed rather than cut one in two, and brings them back
 * where there is room again: one a frame, until it fits. */
static gboolean
wsi_connection_table_fit_cb (GtkWidget     *widget,
                             GdkFrameClock *clock,
                             gpointer       user_data)
{
  WsiConnectionTable *self = WSI_CONNECTION_TABLE (widget);
  int room = gtk_widget_get_width (GTK_WIDGET (self->scrolled_window));
  int width = wsi_connection_table_measure (self);
  WsiColumn first_hidden = self->first_hidden;

  if (self->narrow || room == 0)
    {
      self->fit_id = 0;
      return G_SOURCE_REMOVE;
    }

  if (first_hidden > FIRST_SPARE_COLUMN &&
      width + wsi_connection_table_get_spare_width (self, first_hidden - 1) > room)
    {
      self->first_hidden = first_hidden - 1;
      gtk_column_view_column_set_visible (self->columns[self->first_hidden], FALSE);
      self->hidden_widths[self->first_hidden] = width - wsi_connection_table_measure (self);
      return G_SOURCE_CONTINUE;
    }
  if (first_hidden < WSI_N_COLUMNS &&
      width + self->hidden_widths[first_hidden] +
      wsi_connection_table_get_spare_width (self, first_hidden) <= room)
    {
      self->first_hidden = first_hidden + 1;
      gtk_column_view_column_set_visible (self->columns[first_hidden], TRUE);
      return G_SOURCE_CONTINUE;
    }

  self->fit_id = 0;
  return G_SOURCE_REMOVE;
}

static void
wsi_connection_table_width_changed_cb (GtkAdjustment *adjustment,
                                       gpointer       user_data)
{
  WsiConnectionTable *self = WSI_CONNECTION_TABLE (user_data);

  /* With the next frame: this one is being laid out. */
  if (self->fit_id == 0)
    self->fit_id = gtk_widget_add_tick_callback (user_data, wsi_connection_table_fit_cb, NULL,
                                                 NULL);
  if (gtk_widget_get_direction (user_data) == GTK_TEXT_DIR_RTL)
    gtk_widget_add_tick_callback (user_data, wsi_connection_table_show_first_column_cb,
                                  g_object_ref (adjustment), g_object_unref);
}

static void
wsi_connection_table_scrolled_cb (GtkAdjustment *adjustment,
                                  gpointer       user_data)
{
  WsiConnectionTable *self = user_data;

  self->beyond_end = gtk_adjustment_get_upper (adjustment) -
                     gtk_adjustment_get_page_size (adjustment) -
                     gtk_adjustment_get_value (adjustment);
}

static void
wsi_connection_table_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (wsi_connection_table_parent_class)->map (widget);

  wsi_view_start (WSI_CONNECTION_TABLE (widget)->view);
}

static void
wsi_connection_table_unmap (GtkWidget *widget)
{
  wsi_view_stop (WSI_CONNECTION_TABLE (widget)->view);

  GTK_WIDGET_CLASS (wsi_connection_table_parent_class)->unmap (widget);
}

static gboolean
wsi_connection_table_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (WSI_CONNECTION_TABLE (widget)->column_view));
}

static void
wsi_connection_table_dispose (GObject *object)
{
  WsiConnectionTable *self = WSI_CONNECTION_TABLE (object);

  wsi_connection_table_set_source (self, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), WSI_TYPE_CONNECTION_TABLE);
  if (self->order != NULL)
    g_signal_handlers_disconnect_by_data (self->order, self);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_object (&self->view);
  g_clear_object (&self->selection);
  g_clear_object (&self->order);
  g_clear_object (&self->selected);

  G_OBJECT_CLASS (wsi_connection_table_parent_class)->dispose (object);
}

static void
wsi_connection_table_get_property (GObject    *object,
                                   guint       prop_id,
                                   GValue     *value,
                                   GParamSpec *pspec)
{
  WsiConnectionTable *self = WSI_CONNECTION_TABLE (object);

  switch ((WsiConnectionTableProperty) prop_id)
    {
    case PROP_SOURCE:
      g_value_set_object (value, self->source);
      break;
    case PROP_SELECTED:
      g_value_set_object (value, self->selected);
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
wsi_connection_table_set_property (GObject      *object,
                                   guint         prop_id,
                                   const GValue *value,
                                   GParamSpec   *pspec)
{
  WsiConnectionTable *self = WSI_CONNECTION_TABLE (object);

  switch ((WsiConnectionTableProperty) prop_id)
    {
    case PROP_SOURCE:
      wsi_connection_table_set_source (self, g_value_get_object (value));
      break;
    case PROP_SELECTED:
      wsi_connection_table_set_selected (self, g_value_get_object (value));
      break;
    case PROP_NARROW:
      wsi_connection_table_set_narrow (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_connection_table_class_init (WsiConnectionTableClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wsi_connection_table_dispose;
  object_class->get_property = wsi_connection_table_get_property;
  object_class->set_property = wsi_connection_table_set_property;

  widget_class->grab_focus = wsi_connection_table_grab_focus;
  widget_class->map = wsi_connection_table_map;
  widget_class->unmap = wsi_connection_table_unmap;

  properties[PROP_SOURCE] =
    g_param_spec_object ("source", NULL, NULL,
                         WSI_TYPE_SOURCE,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));
  properties[PROP_SELECTED] =
    g_param_spec_object ("selected", NULL, NULL,
                         WSI_TYPE_CONNECTION,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));
  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_ACTIVATED] =
    g_signal_new ("activated",
                  G_TYPE_FROM_CLASS (klass),
                  G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, WSI_TYPE_CONNECTION);

  gtk_widget_class_set_css_name (widget_class, "wsi-connection-table");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wsmulti/Inspector/ui/"
                                               "wsi-connection-table.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionTable, column_view);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionTable, menu);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionTable, scrolled_window);
  for (WsiColumn column = WSI_COLUMN_STATE; column < WSI_N_COLUMNS; column++)
    gtk_widget_class_bind_template_child_full (widget_class, column_ids[column], FALSE,
                                               G_STRUCT_OFFSET (WsiConnectionTable,
                                                                columns[column]));
  gtk_widget_class_bind_template_callback (widget_class, wsi_connection_table_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_connection_table_long_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_connection_table_pressed_cb);

  gtk_widget_class_add_binding (widget_class, GDK_KEY_Menu, 0,
                                wsi_connection_table_menu_key_cb, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK,
                                wsi_connection_table_menu_key_cb, NULL);
}

static void
wsi_connection_table_init (WsiConnectionTable *self)
{
  GtkAdjustment *adjustment = NULL;

  self->first_hidden = WSI_N_COLUMNS;
  gtk_widget_init_template (GTK_WIDGET (self));

  adjustment = gtk_scrolled_window_get_hadjustment (self->scrolled_window);
  g_signal_connect_object (adjustment, "changed",
                           G_CALLBACK (wsi_connection_table_width_changed_cb), self, 0);
  g_signal_connect_object (adjustment, "value-changed",
                           G_CALLBACK (wsi_connection_table_scrolled_cb), self, 0);

  self->order = wsi_order_new ();
  self->view = wsi_view_new (GTK_WIDGET (self),
                             gtk_scrolled_window_get_vadjustment (self->scrolled_window),
                             self->order);
  for (WsiColumn column = WSI_COLUMN_STATE; column < WSI_N_COLUMNS; column++)
    wsi_connection_table_add_column (self, column);

  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->order)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  g_signal_connect (self->selection, "notify::selected-item",
                    G_CALLBACK (wsi_connection_table_selected_item_cb), self);
  /* After the selection, which looks for its row itself. */
  g_signal_connect (self->order, "items-changed",
                    G_CALLBACK (wsi_connection_table_items_changed_cb), self);
  g_signal_connect (gtk_column_view_get_sorter (self->column_view), "changed",
                    G_CALLBACK (wsi_connection_table_sorter_changed_cb), self);
  gtk_column_view_set_model (self->column_view, GTK_SELECTION_MODEL (self->selection));
}

WsiSource *
wsi_connection_table_get_source (WsiConnectionTable *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_TABLE (self), NULL);

  return self->source;
}

void
wsi_connection_table_set_source (WsiConnectionTable *self,
                                 WsiSource          *source)
{
  g_return_if_fail (WSI_IS_CONNECTION_TABLE (self));

  if (self->source == source)
    return;
  g_set_object (&self->source, source);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SOURCE]);

  wsi_connection_table_set_selected (self, NULL);
  wsi_view_set_source (self->view, source);
  wsi_order_set_model (self->order, source != NULL ? wsi_source_get_connections (source) : NULL);
}

WsiConnection *
wsi_connection_table_get_selected (WsiConnectionTable *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_TABLE (self), NULL);

  return self->selected;
}

void
wsi_connection_table_set_selected (WsiConnectionTable *self,
                                   WsiConnection      *selected)
{
  g_return_if_fail (WSI_IS_CONNECTION_TABLE (self));

  wsi_connection_table_take_selected (self, selected);
  wsi_connection_table_mark_selected (self);
}

gboolean
wsi_connection_table_get_narrow (WsiConnectionTable *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_TABLE (self), FALSE);

  return self->narrow;
}

void
wsi_connection_table_set_narrow (WsiConnectionTable *self,
                                 gboolean            narrow)
{
  GPtrArray *cells = NULL;

  g_return_if_fail (WSI_IS_CONNECTION_TABLE (self));

  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);

  for (WsiColumn column = WSI_COLUMN_BEATS; column < WSI_N_COLUMNS; column++)
    gtk_column_view_column_set_visible (self->columns[column],
                                        !narrow && column < self->first_hidden);
  /* Narrow is for fingers: higher rows, and one touch leads to the details, which are elsewhere. */
  gtk_column_view_set_single_click_activate (self->column_view, narrow);
  if (narrow)
    gtk_widget_remove_css_class (GTK_WIDGET (self->column_view), "data-table");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->column_view), "data-table");
  cells = wsi_view_get_cells (self->view);
  for (guint i = 0; i < cells->len; i++)
    {
      if (WSI_IS_STATE_CELL (cells->pdata[i]))
        wsi_state_cell_set_narrow (cells->pdata[i], narrow);
    }
}

WsiOrder *
wsi_connection_table_get_order (WsiConnectionTable *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_TABLE (self), NULL);

  return self->order;
}

void
wsi_connection_table_go_to_start (WsiConnectionTable *self)
{
  guint position = G_MAXUINT;

  g_return_if_fail (WSI_IS_CONNECTION_TABLE (self));

  if (!wsi_order_is_filtered (self->order) && self->selected != NULL)
    position = wsi_order_find (self->order, self->selected);
  wsi_view_go_to (self->view, position);
}
