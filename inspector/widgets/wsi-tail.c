/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-tail.h"

/**
 * WsiTail:
 *
 * Keeps a list that grows at its end.
 */

/* Half a row is still the end. */
#define TOLERANCE 12.0

typedef enum
{
  PROP_ADJUSTMENT = 1,
  PROP_PINNED,
} WsiTailProperty;

#define PROP_LAST_ONE PROP_PINNED

struct _WsiTail
{
  GObject parent_instance;

  GtkAdjustment *adjustment; /* (owned) */
  GtkWidget *widget;         /* (unowned) (nullable): a weak pointer */

  gint64 first_frame; /* of the frame clock; 0 = not seen yet */
  guint tick_id;
  guint moving : 1;
  guint pinned : 1;
  guint unsettled : 1;
};

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsiTail, wsi_tail, G_TYPE_OBJECT)

static double
wsi_tail_get_end (WsiTail *self)
{
  return MAX (gtk_adjustment_get_lower (self->adjustment),
              gtk_adjustment_get_upper (self->adjustment) -
              gtk_adjustment_get_page_size (self->adjustment));
}

static void
wsi_tail_move (WsiTail *self)
{
  if (self->moving)
    return;

  self->moving = TRUE;
  gtk_adjustment_set_value (self->adjustment, wsi_tail_get_end (self));
  self->moving = FALSE;
}

static void
wsi_tail_store_pinned (WsiTail  *self,
                       gboolean  pinned)
{
  if (self->pinned == pinned)
    return;

  self->pinned = pinned;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PINNED]);
}

/* A list has its new length after the next frame. */
static gboolean
wsi_tail_tick_cb (GtkWidget     *widget,
                  GdkFrameClock *clock,
                  gpointer       user_data)
{
  WsiTail *self = WSI_TAIL (user_data);
  gint64 frame = gdk_frame_clock_get_frame_counter (clock);

  if (self->first_frame == 0)
    self->first_frame = frame;
  if (frame <= self->first_frame)
    return G_SOURCE_CONTINUE;

  self->tick_id = 0;

  /* Out of sight a list is not laid out, and does not know the rows that it would be moved to. */
  if (gtk_widget_get_mapped (widget))
    wsi_tail_settle (self);

  return G_SOURCE_REMOVE;
}

static void
wsi_tail_queue_settle (WsiTail *self)
{
  self->first_frame = 0;
  if (self->tick_id == 0)
    self->tick_id = gtk_widget_add_tick_callback (self->widget, wsi_tail_tick_cb, self, NULL);
}

/* A list does not listen to its adjustment while it sets it, so it is moved after that. */
static void
wsi_tail_adjustment_changed_cb (WsiTail *self)
{
  if (!self->pinned)
    return;

  if (self->widget != NULL)
    wsi_tail_queue_settle (self);
  else
    wsi_tail_move (self);
}

static void
wsi_tail_adjustment_value_changed_cb (WsiTail *self)
{
  /* What falls off the beginning of a full list moves it too, and is nobody's scrolling. */
  if (self->moving || self->unsettled)
    return;

  wsi_tail_store_pinned (self, gtk_adjustment_get_value (self->adjustment) >=
                                 wsi_tail_get_end (self) - TOLERANCE);
}

/* Also when the list comes into sight. */
static void
wsi_tail_items_changed_cb (WsiTail *self)
{
  wsi_tail_unsettle (self);
  if (self->widget != NULL)
    wsi_tail_queue_settle (self);
}

static void
wsi_tail_constructed (GObject *object)
{
  WsiTail *self = WSI_TAIL (object);

  G_OBJECT_CLASS (wsi_tail_parent_class)->constructed (object);

  g_signal_connect_object (self->adjustment, "changed",
                           G_CALLBACK (wsi_tail_adjustment_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->adjustment, "value-changed",
                           G_CALLBACK (wsi_tail_adjustment_value_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
wsi_tail_dispose (GObject *object)
{
  WsiTail *self = WSI_TAIL (object);

  if (self->tick_id != 0 && self->widget != NULL)
    gtk_widget_remove_tick_callback (self->widget, self->tick_id);
  self->tick_id = 0;
  g_clear_weak_pointer (&self->widget);
  g_clear_object (&self->adjustment);

  G_OBJECT_CLASS (wsi_tail_parent_class)->dispose (object);
}

static void
wsi_tail_get_property (GObject    *object,
                       guint       prop_id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  WsiTail *self = WSI_TAIL (object);

  switch ((WsiTailProperty) prop_id)
    {
    case PROP_ADJUSTMENT:
      g_value_set_object (value, self->adjustment);
      break;
    case PROP_PINNED:
      g_value_set_boolean (value, self->pinned);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_tail_set_property (GObject      *object,
                       guint         prop_id,
                       const GValue *value,
                       GParamSpec   *pspec)
{
  WsiTail *self = WSI_TAIL (object);

  switch ((WsiTailProperty) prop_id)
    {
    case PROP_ADJUSTMENT:
      self->adjustment = g_value_dup_object (value);
      break;
    case PROP_PINNED:
      wsi_tail_set_pinned (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_tail_class_init (WsiTailClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = wsi_tail_constructed;
  object_class->dispose = wsi_tail_dispose;
  object_class->get_property = wsi_tail_get_property;
  object_class->set_property = wsi_tail_set_property;

  /**
   * WsiTail:adjustment:
   *
   * What scrolls.
   */
  properties[PROP_ADJUSTMENT] =
    g_param_spec_object ("adjustment", NULL, NULL,
                         GTK_TYPE_ADJUSTMENT,
                         (G_PARAM_READWRITE |
                          G_PARAM_CONSTRUCT_ONLY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsiTail:pinned: (getter get_pinned) (setter set_pinned)
   *
   * Whether it stays at the end.
   */
  properties[PROP_PINNED] =
    g_param_spec_boolean ("pinned", NULL, NULL,
                          TRUE,
                          (G_PARAM_READWRITE |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsi_tail_init (WsiTail *self)
{
  self->pinned = TRUE;
}

WsiTail *
wsi_tail_new (GtkAdjustment *adjustment)
{
  g_return_val_if_fail (GTK_IS_ADJUSTMENT (adjustment), NULL);

  return g_object_new (WSI_TYPE_TAIL, "adjustment", adjustment, NULL);
}

gboolean
wsi_tail_get_pinned (WsiTail *self)
{
  g_return_val_if_fail (WSI_IS_TAIL (self), FALSE);

  return self->pinned;
}

void
wsi_tail_set_pinned (WsiTail  *self,
                     gboolean  pinned)
{
  g_return_if_fail (WSI_IS_TAIL (self));

  wsi_tail_store_pinned (self, pinned != FALSE);
  if (self->pinned && !self->unsettled)
    wsi_tail_move (self);
}

void
wsi_tail_watch (WsiTail    *self,
                GtkWidget  *widget,
                GListModel *model)
{
  g_return_if_fail (WSI_IS_TAIL (self));
  g_return_if_fail (GTK_IS_WIDGET (widget));
  g_return_if_fail (G_IS_LIST_MODEL (model));
  g_return_if_fail (self->widget == NULL);

  g_set_weak_pointer (&self->widget, widget);
  g_signal_connect_object (widget, "map",
                           G_CALLBACK (wsi_tail_items_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "items-changed",
                           G_CALLBACK (wsi_tail_items_changed_cb), self, G_CONNECT_SWAPPED);
}

void
wsi_tail_unsettle (WsiTail *self)
{
  g_return_if_fail (WSI_IS_TAIL (self));

  self->unsettled = TRUE;
}

void
wsi_tail_settle (WsiTail *self)
{
  g_return_if_fail (WSI_IS_TAIL (self));

  self->unsettled = FALSE;
  if (self->pinned)
    wsi_tail_move (self);
}
