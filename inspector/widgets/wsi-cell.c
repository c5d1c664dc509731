/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-cell.h"

#include "wsi-widgets.h"

typedef struct
{
  WsiConnection *connection; /* (owned) (nullable) */
  GtkListItem *list_item;    /* (unowned) (nullable): a weak pointer */
  gboolean is_in_view;

  guint min_chars;
  guint natural_chars;
  PangoEllipsizeMode ellipsize;
  char *text;            /* (owned) (nullable) */
  PangoLayout *layout;   /* (owned) (nullable) */
  const char *css_class; /* (unowned) (nullable): of the state */
} WsiCellPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (WsiCell, wsi_cell, GTK_TYPE_WIDGET)

static PangoLayout *
wsi_cell_ensure_layout (WsiCell *self)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  if (private->layout == NULL)
    {
      g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

      /* What the style class “numeric” does for labels. */
      pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
      private->layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), private->text);
      pango_layout_set_attributes (private->layout, attributes);
      pango_layout_set_ellipsize (private->layout, private->ellipsize);
      pango_layout_set_single_paragraph_mode (private->layout, TRUE);
    }
  return private->layout;
}

static void
wsi_cell_measure (GtkWidget      *widget,
                  GtkOrientation  orientation,
                  int             for_size,
                  int            *minimum,
                  int            *natural,
                  int            *minimum_baseline,
                  int            *natural_baseline)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (WSI_CELL (widget));
  PangoFontMetrics *metrics = pango_context_get_metrics (gtk_widget_get_pango_context (widget),
                                                         NULL, NULL);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      int char_width = MAX (pango_font_metrics_get_approximate_char_width (metrics),
                            pango_font_metrics_get_approximate_digit_width (metrics));

      *minimum = PANGO_PIXELS_CEIL (char_width * (int) private->min_chars);
      *natural = PANGO_PIXELS_CEIL (char_width * (int) private->natural_chars);
    }
  else
    {
      *minimum = *natural = PANGO_PIXELS_CEIL (pango_font_metrics_get_height (metrics));
    }
  pango_font_metrics_unref (metrics);
}

static void
wsi_cell_snapshot (GtkWidget   *widget,
                   GtkSnapshot *snapshot)
{
  WsiCell *self = WSI_CELL (widget);
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  if (private->is_in_view)
    WSI_CELL_GET_CLASS (self)->draw (self, snapshot, gtk_widget_get_width (widget),
                                     gtk_widget_get_height (widget));
}

/* Another font, perhaps. */
static void
wsi_cell_css_changed (GtkWidget         *widget,
                      GtkCssStyleChange *change)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (WSI_CELL (widget));

  GTK_WIDGET_CLASS (wsi_cell_parent_class)->css_changed (widget, change);
  g_clear_object (&private->layout);
}

static void
wsi_cell_direction_changed (GtkWidget        *widget,
                            GtkTextDirection  previous)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (WSI_CELL (widget));

  GTK_WIDGET_CLASS (wsi_cell_parent_class)->direction_changed (widget, previous);
  g_clear_object (&private->layout);
}

static void
wsi_cell_dispose (GObject *object)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (WSI_CELL (object));

  g_clear_object (&private->connection);
  g_clear_object (&private->layout);
  g_clear_weak_pointer (&private->list_item);
  g_clear_pointer (&private->text, g_free);

  G_OBJECT_CLASS (wsi_cell_parent_class)->dispose (object);
}

static void
wsi_cell_class_init (WsiCellClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wsi_cell_dispose;

  widget_class->css_changed = wsi_cell_css_changed;
  widget_class->direction_changed = wsi_cell_direction_changed;
  widget_class->measure = wsi_cell_measure;
  widget_class->snapshot = wsi_cell_snapshot;

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
  gtk_widget_class_set_css_name (widget_class, "wsi-cell");
}

static void
wsi_cell_init (WsiCell *self)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  private->ellipsize = PANGO_ELLIPSIZE_END;
}

WsiConnection *
wsi_cell_get_connection (WsiCell *self)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  return private->connection;
}

void
wsi_cell_set_connection (WsiCell       *self,
                         WsiConnection *connection)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  if (!g_set_object (&private->connection, connection))
    return;
  private->is_in_view = FALSE;
  if (connection != NULL && WSI_CELL_GET_CLASS (self)->reset != NULL)
    WSI_CELL_GET_CLASS (self)->reset (self);
}

void
wsi_cell_set_list_item (WsiCell     *self,
                        GtkListItem *list_item)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  g_set_weak_pointer (&private->list_item, list_item);
}

guint
wsi_cell_get_position (WsiCell *self)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  if (private->list_item == NULL || private->connection == NULL)
    return GTK_INVALID_LIST_POSITION;
  return gtk_list_item_get_position (private->list_item);
}

void
wsi_cell_set_in_view (WsiCell  *self,
                      gboolean  in_view)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  /* One that leaves keeps what it drew: it may come back before it changes. */
  if (private->is_in_view == in_view || private->connection == NULL)
    return;
  private->is_in_view = in_view;
  if (in_view)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
wsi_cell_refresh (WsiCell *self,
                  gint64   now_us)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  if (private->connection == NULL || !private->is_in_view)
    return;
  if (WSI_CELL_GET_CLASS (self)->refresh (self, private->connection, now_us))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
wsi_cell_set_n_chars (WsiCell *self,
                      guint    minimum,
                      guint    natural)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  private->min_chars = minimum;
  private->natural_chars = natural;
}

/* What of a text is left out where it has no room; before there is a text. */
void
wsi_cell_set_ellipsize (WsiCell            *self,
                        PangoEllipsizeMode  ellipsize)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  private->ellipsize = ellipsize;
}

const char *
wsi_cell_get_text (WsiCell *self)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  return private->text;
}

/* Takes the text; returns whether it is another one. */
gboolean
wsi_cell_take_text (WsiCell *self,
                    char    *text)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  if (g_strcmp0 (private->text, text) == 0)
    {
      g_free (text);
      return FALSE;
    }
  g_free (private->text);
  private->text = text;
  if (private->layout != NULL)
    pango_layout_set_text (private->layout, text != NULL ? text : "", -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, text != NULL ? text : "",
                                  -1);
  return TRUE;
}

/* In the middle of the height; at the start of the width, or at its end, as the language has it. */
void
wsi_cell_draw_text (WsiCell     *self,
                    GtkSnapshot *snapshot,
                    int          x,
                    int          width,
                    int          height,
                    gboolean     at_end)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);
  PangoLayout *layout = NULL;
  PangoRectangle extents;
  GdkRGBA color;

  if (private->text == NULL || *private->text == '\0' || width <= 0)
    return;
  layout = wsi_cell_ensure_layout (self);
  pango_layout_set_width (layout, width * PANGO_SCALE);
  pango_layout_get_pixel_extents (layout, NULL, &extents);
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    at_end = !at_end;
  if (at_end)
    x += width - extents.width;
  wsi_widgets_get_color (GTK_WIDGET (self), &color);

  gtk_snapshot_save (snapshot);
  /* The layout may lie to the right in its width already, as the text itself has it. */
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT ((float) (x - extents.x),
                                                (float) ((height - extents.height) / 2)));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

/* At most one of them at a time. */
void
wsi_cell_set_state_class (WsiCell    *self,
                          const char *css_class)
{
  WsiCellPrivate *private = wsi_cell_get_instance_private (self);

  if (private->css_class == css_class)
    return;
  if (private->css_class != NULL)
    gtk_widget_remove_css_class (GTK_WIDGET (self), private->css_class);
  private->css_class = css_class;
  if (css_class != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self), css_class);
}
