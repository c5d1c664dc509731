/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-frame-row.h"

#include "wsi-format.h"
#include "wsi-payload.h"
#include "wsi-widgets.h"

#include <glib/gi18n-lib.h>

/**
 * WsiFrameRow:
 *
 * A frame in a list.
 */

/* As much of a payload as a wide window shows in a row. */
#define PREVIEW_CHARACTERS 200

#define DIM_ALPHA 0.65f

typedef enum
{
  PROP_FRAME = 1,
  PROP_NARROW,
} WsiFrameRowProperty;

#define PROP_LAST_ONE PROP_NARROW

typedef enum
{
  FIELD_TIME,
  FIELD_DELTA,
  FIELD_KIND,
  FIELD_SIZE,
  FIELD_WIRE,
  FIELD_TEXT,
} WsiFrameField;

#define N_FIELDS (FIELD_TEXT + 1)

typedef struct
{
  const char *title; /* (unowned) */
  guint n_characters;
  gboolean at_end;
  gboolean in_narrow;
} WsiFrameFieldLook;

struct _WsiFrameRow
{
  GtkWidget parent_instance;

  WsiFrame *frame; /* (owned) (nullable) */

  guint is_undrawn : 1;
  guint narrow : 1;
};

/* The widths are those of digits; the last one gets what is left. */
static const WsiFrameFieldLook looks[N_FIELDS] = {
  [FIELD_TIME] = { NC_("frame", "Time"), 13, FALSE, TRUE },
  [FIELD_DELTA] = { NC_("frame", "Delta"), 10, TRUE, FALSE },
  [FIELD_KIND] = { NC_("frame", "Frame"), 14, FALSE, TRUE },
  [FIELD_SIZE] = { NC_("frame", "Size"), 11, TRUE, FALSE },
  /* Translators: the size of a frame as it was sent, with its header and compressed. */
  [FIELD_WIRE] = { NC_("frame", "On the Wire"), 14, TRUE, FALSE },
  [FIELD_TEXT] = { NC_("frame", "Text"), 8, FALSE, TRUE },
};

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsiFrameRow, wsi_frame_row, GTK_TYPE_WIDGET)

static const char *
wsi_frame_row_get_direction (WsiFrame *frame)
{
  switch ((int) wsi_frame_get_direction (frame))
    {
    case WSI_DIRECTION_INCOMING:
      return C_("frame", "Received");
    case WSI_DIRECTION_OUTGOING:
      return C_("frame", "Sent");
    default:
      return C_("frame", "Unknown direction");
    }
}

static char *
wsi_frame_row_format_kind (WsiFrame *frame)
{
  g_autofree char *name = wsi_frame_dup_opcode_name (frame);

  switch ((int) wsi_frame_get_direction (frame))
    {
    case WSI_DIRECTION_INCOMING:
      return g_strconcat ("↓ ", name, NULL);
    case WSI_DIRECTION_OUTGOING:
      return g_strconcat ("↑ ", name, NULL);
    default:
      return g_strdup (name);
    }
}

static char *
wsi_frame_row_format_text (WsiFrame *frame)
{
  char *text = wsi_payload_to_preview (frame, PREVIEW_CHARACTERS);

  if (text == NULL && wsi_frame_get_length (frame) > 0)
    /* Translators: of the payload of a frame. */
    text = g_strdup (_("not captured"));

  return text;
}

static char *
wsi_frame_row_format (WsiFrameRow   *self,
                      WsiFrameField  field)
{
  if (self->frame == NULL)
    return g_strdup (g_dpgettext2 (GETTEXT_PACKAGE, "frame", looks[field].title));

  switch (field)
    {
    case FIELD_TIME:
      return wsi_format_time (wsi_frame_get_time (self->frame));
    case FIELD_DELTA:
      return wsi_format_delta (wsi_frame_get_delta (self->frame));
    case FIELD_KIND:
      return wsi_frame_row_format_kind (self->frame);
    case FIELD_SIZE:
      return wsi_format_size (wsi_frame_get_length (self->frame));
    case FIELD_WIRE:
      return wsi_frame_get_wire_length (self->frame) > 0
               ? wsi_format_size (wsi_frame_get_wire_length (self->frame))
               : g_strdup ("–");
    case FIELD_TEXT:
      return wsi_frame_row_format_text (self->frame);
    default:
      g_return_val_if_reached (NULL);
    }
}

static double
wsi_frame_row_get_digit_width (WsiFrameRow *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  double width = pango_font_metrics_get_approximate_digit_width (metrics) / (double) PANGO_SCALE;

  pango_font_metrics_unref (metrics);

  return width;
}

static void
wsi_frame_row_measure (GtkWidget      *widget,
                       GtkOrientation  orientation,
                       int             for_size,
                       int            *minimum,
                       int            *natural,
                       int            *minimum_baseline,
                       int            *natural_baseline)
{
  WsiFrameRow *self = WSI_FRAME_ROW (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      double digit_width = wsi_frame_row_get_digit_width (self);
      guint n_characters = 0;

      for (guint field = FIELD_TIME; field < N_FIELDS; field++)
        {
          if (!self->narrow || looks[field].in_narrow)
            n_characters += looks[field].n_characters;
        }

      *minimum = *natural = (int) (n_characters * digit_width);
    }
  else
    {
      PangoContext *context = gtk_widget_get_pango_context (widget);
      PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);

      *minimum = *natural = PANGO_PIXELS_CEIL (pango_font_metrics_get_height (metrics));
      pango_font_metrics_unref (metrics);
    }
}

/* A list keeps two hundred rows ready, of which thirty are seen. */
static gboolean
wsi_frame_row_is_in_sight (WsiFrameRow *self)
{
  GtkWidget *list = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_LIST_VIEW);
  graphene_rect_t bounds;

  if (list == NULL)
    return TRUE;
  if (!gtk_widget_compute_bounds (GTK_WIDGET (self), list, &bounds))
    return FALSE;

  return bounds.origin.y + bounds.size.height >= 0.0f &&
         bounds.origin.y <= (float) gtk_widget_get_height (list);
}

static PangoAttrList *
wsi_frame_row_make_attributes (WsiFrameRow   *self,
                               WsiFrameField  field)
{
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  if (self->frame == NULL)
    pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  else if (field == FIELD_KIND && wsi_frame_is_control (self->frame))
    pango_attr_list_insert (attributes, pango_attr_style_new (PANGO_STYLE_ITALIC));
  else if (field == FIELD_TEXT && wsi_frame_get_payload (self->frame) != NULL)
    pango_attr_list_insert (attributes, pango_attr_family_new ("monospace"));

  return attributes;
}

static void
wsi_frame_row_draw_field (WsiFrameRow   *self,
                          GtkSnapshot   *snapshot,
                          PangoLayout   *layout,
                          WsiFrameField  field,
                          double         x,
                          double         width)
{
  g_autofree char *text = wsi_frame_row_format (self, field);
  PangoAttrList *attributes;
  gboolean is_mirrored =
    gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  GdkRGBA color;

  if (text == NULL || *text == '\0')
    return;

  attributes = wsi_frame_row_make_attributes (self, field);
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  pango_layout_set_alignment (layout, looks[field].at_end != is_mirrored ? PANGO_ALIGN_RIGHT
                                                                         : PANGO_ALIGN_LEFT);
  pango_layout_set_auto_dir (layout, FALSE);
  pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
  pango_layout_set_text (layout, text, -1);

  wsi_widgets_get_color (GTK_WIDGET (self), &color);
  if (self->frame == NULL ||
      (field == FIELD_TEXT && wsi_frame_get_payload (self->frame) == NULL))
    color.alpha *= DIM_ALPHA;

  if (is_mirrored)
    x = gtk_widget_get_width (GTK_WIDGET (self)) - x - width;

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, 0.0f));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static void
wsi_frame_row_snapshot (GtkWidget   *widget,
                        GtkSnapshot *snapshot)
{
  WsiFrameRow *self = WSI_FRAME_ROW (widget);
  g_autoptr (PangoLayout) layout = NULL;
  g_autofree char *label = NULL;
  double digit_width;
  double x = 0.0;

  self->is_undrawn = !wsi_frame_row_is_in_sight (self);
  if (self->is_undrawn)
    return;

  layout = gtk_widget_create_pango_layout (widget, NULL);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  digit_width = wsi_frame_row_get_digit_width (self);

  for (guint field = FIELD_TIME; field < N_FIELDS; field++)
    {
      double width = looks[field].n_characters * digit_width;
      double gap = looks[field].at_end ? 2.0 * digit_width : digit_width;

      if (self->narrow && !looks[field].in_narrow)
        continue;
      if (field == FIELD_TEXT)
        width = gtk_widget_get_width (widget) - x + digit_width;

      wsi_frame_row_draw_field (self, snapshot, layout, field, x, width - gap);
      x += width;
    }

  /* Only what is seen has to be heard. */
  label = wsi_frame_row_dup_text (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static gboolean
wsi_frame_row_query_tooltip (GtkWidget  *widget,
                             int         x,
                             int         y,
                             gboolean    keyboard,
                             GtkTooltip *tooltip)
{
  WsiFrameRow *self = WSI_FRAME_ROW (widget);
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (self->frame == NULL)
    return FALSE;

  name = wsi_frame_dup_opcode_name (self->frame);
  /* Translators: a direction and the name of an opcode, as in “Received · ping”. */
  text = g_strdup_printf (C_("frame", "%s · %s"), wsi_frame_row_get_direction (self->frame), name);
  gtk_tooltip_set_text (tooltip, text);

  return TRUE;
}

static void
wsi_frame_row_css_changed (GtkWidget         *widget,
                           GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (wsi_frame_row_parent_class)->css_changed (widget, change);

  gtk_widget_queue_draw (widget);
}

static void
wsi_frame_row_dispose (GObject *object)
{
  WsiFrameRow *self = WSI_FRAME_ROW (object);

  g_clear_object (&self->frame);

  G_OBJECT_CLASS (wsi_frame_row_parent_class)->dispose (object);
}

static void
wsi_frame_row_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  WsiFrameRow *self = WSI_FRAME_ROW (object);

  switch ((WsiFrameRowProperty) prop_id)
    {
    case PROP_FRAME:
      g_value_set_object (value, self->frame);
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
wsi_frame_row_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  WsiFrameRow *self = WSI_FRAME_ROW (object);

  switch ((WsiFrameRowProperty) prop_id)
    {
    case PROP_FRAME:
      wsi_frame_row_set_frame (self, g_value_get_object (value));
      break;
    case PROP_NARROW:
      wsi_frame_row_set_narrow (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_frame_row_class_init (WsiFrameRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wsi_frame_row_dispose;
  object_class->get_property = wsi_frame_row_get_property;
  object_class->set_property = wsi_frame_row_set_property;

  widget_class->css_changed = wsi_frame_row_css_changed;
  widget_class->measure = wsi_frame_row_measure;
  widget_class->query_tooltip = wsi_frame_row_query_tooltip;
  widget_class->snapshot = wsi_frame_row_snapshot;

  /**
   * WsiFrameRow:frame: (getter get_frame) (setter set_frame)
   *
   * What is shown, or `NULL` for the titles.
   */
  properties[PROP_FRAME] =
    g_param_spec_object ("frame", NULL, NULL,
                         WSI_TYPE_FRAME,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsiFrameRow:narrow: (getter get_narrow) (setter set_narrow)
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

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
  gtk_widget_class_set_css_name (widget_class, "wsi-frame-row");
}

static void
wsi_frame_row_init (WsiFrameRow *self)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
}

WsiFrame *
wsi_frame_row_get_frame (WsiFrameRow *self)
{
  g_return_val_if_fail (WSI_IS_FRAME_ROW (self), NULL);

  return self->frame;
}

void
wsi_frame_row_set_frame (WsiFrameRow *self,
                         WsiFrame    *frame)
{
  g_return_if_fail (WSI_IS_FRAME_ROW (self));
  g_return_if_fail (frame == NULL || WSI_IS_FRAME (frame));

  if (!g_set_object (&self->frame, frame))
    return;

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FRAME]);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
wsi_frame_row_get_narrow (WsiFrameRow *self)
{
  g_return_val_if_fail (WSI_IS_FRAME_ROW (self), FALSE);

  return self->narrow;
}

void
wsi_frame_row_set_narrow (WsiFrameRow *self,
                          gboolean     narrow)
{
  g_return_if_fail (WSI_IS_FRAME_ROW (self));

  narrow = narrow != FALSE;
  if (self->narrow == narrow)
    return;

  self->narrow = narrow;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

char *
wsi_frame_row_dup_text (WsiFrameRow *self)
{
  g_autofree char *time = NULL;
  g_autofree char *name = NULL;
  g_autofree char *size = NULL;
  g_autofree char *text = NULL;

  g_return_val_if_fail (WSI_IS_FRAME_ROW (self), NULL);

  if (self->frame == NULL)
    return g_strdup (_("Titles of the columns"));

  time = wsi_frame_row_format (self, FIELD_TIME);
  name = wsi_frame_dup_opcode_name (self->frame);
  size = wsi_frame_row_format (self, FIELD_SIZE);
  text = wsi_frame_row_format (self, FIELD_TEXT);

  /* Translators: a frame, read aloud: time, direction, name of the opcode, size, text. */
  return g_strdup_printf (_("%s, %s, %s, %s, %s"),
                          time, wsi_frame_row_get_direction (self->frame), name, size,
                          text != NULL ? text : "");
}

void
wsi_frame_row_come_up (WsiFrameRow *self)
{
  g_return_if_fail (WSI_IS_FRAME_ROW (self));

  if (self->is_undrawn)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}
