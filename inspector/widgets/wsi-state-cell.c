/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-state-cell.h"

#include "wsi-state.h"
#include "wsi-widgets.h"

/* The size that symbolic icons are drawn for, and the gap that goes with it. */
#define ICON_SIZE 16
#define SPACING 6

struct _WsiStateCell
{
  WsiCell parent_instance;

  WsiState state;
  gboolean is_known;
  gboolean narrow;
  int label_width;        /* of the widest word, in this font; 0 = not measured yet */
  GtkIconPaintable *icon; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (WsiStateCell, wsi_state_cell, WSI_TYPE_CELL)

static GtkIconPaintable *
wsi_state_cell_ensure_icon (WsiStateCell *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  if (self->icon == NULL)
    self->icon =
      gtk_icon_theme_lookup_icon (gtk_icon_theme_get_for_display (gtk_widget_get_display (widget)),
                                  wsi_state_get_icon_name (self->state), NULL, ICON_SIZE,
                                  gtk_widget_get_scale_factor (widget),
                                  gtk_widget_get_direction (widget), 0);
  return self->icon;
}

static gboolean
wsi_state_cell_refresh (WsiCell       *cell,
                        WsiConnection *connection,
                        gint64         now_us)
{
  WsiStateCell *self = WSI_STATE_CELL (cell);
  WsiState state = wsi_connection_get_state (connection);

  if (self->is_known && self->state == state)
    return FALSE;
  self->is_known = TRUE;
  self->state = state;
  g_clear_object (&self->icon);
  wsi_cell_take_text (cell, g_strdup (wsi_state_get_label (state)));
  wsi_cell_set_state_class (cell, wsi_state_get_css_class (state));
  return TRUE;
}

static void
wsi_state_cell_draw (WsiCell     *cell,
                     GtkSnapshot *snapshot,
                     int          width,
                     int          height)
{
  WsiStateCell *self = WSI_STATE_CELL (cell);
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  GtkIconPaintable *icon = wsi_state_cell_ensure_icon (self);
  GdkRGBA colors[4];

  for (guint i = 0; i < G_N_ELEMENTS (colors); i++)
    wsi_widgets_get_color (GTK_WIDGET (self), &colors[i]);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT ((float) (is_rtl ? width - ICON_SIZE : 0),
                                                (float) ((height - ICON_SIZE) / 2)));
  gtk_symbolic_paintable_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (icon), snapshot, ICON_SIZE,
                                            ICON_SIZE, colors, G_N_ELEMENTS (colors));
  gtk_snapshot_restore (snapshot);
  if (!self->narrow)
    wsi_cell_draw_text (cell, snapshot, is_rtl ? 0 : ICON_SIZE + SPACING,
                        width - ICON_SIZE - SPACING, height, FALSE);
}

/* The widest word of the language, not what the average character makes of its length: the columns
 * at the end need the rest. */
static int
wsi_state_cell_get_label_width (WsiStateCell *self)
{
  g_autoptr (PangoLayout) layout = NULL;

  if (self->label_width != 0)
    return self->label_width;

  layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), NULL);
  for (WsiState state = WSI_STATE_UNKNOWN; state <= WSI_STATE_FAILED; state++)
    {
      int width = 0;

      pango_layout_set_text (layout, wsi_state_get_label (state), -1);
      pango_layout_get_pixel_size (layout, &width, NULL);
      self->label_width = MAX (self->label_width, width);
    }

  return self->label_width;
}

static void
wsi_state_cell_measure (GtkWidget      *widget,
                        GtkOrientation  orientation,
                        int             for_size,
                        int            *minimum,
                        int            *natural,
                        int            *minimum_baseline,
                        int            *natural_baseline)
{
  WsiStateCell *self = WSI_STATE_CELL (widget);

  GTK_WIDGET_CLASS (wsi_state_cell_parent_class)->measure (widget, orientation, for_size, minimum,
                                                           natural, minimum_baseline,
                                                           natural_baseline);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = MAX (*natural, ICON_SIZE);
  else if (self->narrow)
    *minimum = *natural = ICON_SIZE;
  else
    *minimum = *natural = ICON_SIZE + SPACING + wsi_state_cell_get_label_width (self);
}

static gboolean
wsi_state_cell_query_tooltip (GtkWidget  *widget,
                              int         x,
                              int         y,
                              gboolean    keyboard_tooltip,
                              GtkTooltip *tooltip)
{
  WsiConnection *connection = wsi_cell_get_connection (WSI_CELL (widget));
  const char *reason = connection != NULL ? wsi_connection_get_reason (connection) : NULL;

  if (reason == NULL || *reason == '\0')
    reason = wsi_cell_get_text (WSI_CELL (widget));
  gtk_tooltip_set_text (tooltip, reason);
  return reason != NULL;
}

/* Another theme of icons, another direction, or another font, perhaps. */
static void
wsi_state_cell_css_changed (GtkWidget         *widget,
                            GtkCssStyleChange *change)
{
  WsiStateCell *self = WSI_STATE_CELL (widget);

  GTK_WIDGET_CLASS (wsi_state_cell_parent_class)->css_changed (widget, change);
  g_clear_object (&self->icon);
  self->label_width = 0;
}

static void
wsi_state_cell_dispose (GObject *object)
{
  g_clear_object (&WSI_STATE_CELL (object)->icon);

  G_OBJECT_CLASS (wsi_state_cell_parent_class)->dispose (object);
}

static void
wsi_state_cell_class_init (WsiStateCellClass *klass)
{
  WsiCellClass *cell_class = WSI_CELL_CLASS (klass);
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  cell_class->draw = wsi_state_cell_draw;
  cell_class->refresh = wsi_state_cell_refresh;

  object_class->dispose = wsi_state_cell_dispose;

  widget_class->css_changed = wsi_state_cell_css_changed;
  widget_class->measure = wsi_state_cell_measure;
  widget_class->query_tooltip = wsi_state_cell_query_tooltip;
}

static void
wsi_state_cell_scale_changed_cb (WsiStateCell *self,
                                 GParamSpec   *pspec,
                                 gpointer      user_data)
{
  g_clear_object (&self->icon);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
wsi_state_cell_init (WsiStateCell *self)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (wsi_state_cell_scale_changed_cb),
                    NULL);
}

GtkWidget *
wsi_state_cell_new (void)
{
  return g_object_new (WSI_TYPE_STATE_CELL, NULL);
}

void
wsi_state_cell_set_narrow (WsiStateCell *self,
                           gboolean      narrow)
{
  if (self->narrow == narrow)
    return;
  self->narrow = narrow;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}
