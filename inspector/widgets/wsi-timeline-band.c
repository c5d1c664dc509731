/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-timeline-band.h"

#include "wsi-chart-scale.h"
#include "wsi-format.h"
#include "wsi-state.h"
#include "wsi-swatch.h"
#include "wsi-widgets.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/**
 * WsiTimelineBand:
 *
 * States and beats over time.
 */

#define DEFAULT_SPAN_US ((gint64) 300 * G_USEC_PER_SEC)
#define SHORT_SPAN_US ((gint64) 75 * G_USEC_PER_SEC)
#define MIN_SPAN_US ((gint64) 2 * G_USEC_PER_SEC)
/* A week; more is in no journal. */
#define MAX_SPAN_US ((gint64) 7 * 86400 * G_USEC_PER_SEC)

#define ZOOM_STEP 1.5
#define PAN_STEP 0.2

#define AT_PRESENT G_MAXINT64

typedef enum
{
  SIGNAL_CHOSEN,
} WsiTimelineBandSignal;

#define N_SIGNALS (SIGNAL_CHOSEN + 1)

#define N_STATES (WSI_STATE_FAILED + 1)

struct _WsiTimelineBand
{
  GtkWidget parent_instance;

  GtkWidget *state_swatches[N_STATES]; /* (owned) */
  GtkWidget *line_swatch;              /* (owned) */
  GtkWidget *missed_swatch;            /* (owned) */
  GtkWidget *quiet_swatch;             /* (owned) */

  WsiChartScale *scale; /* (owned) */
  WsiHistory *history;  /* (owned) (nullable) */

  gint64 present_us;
  gint64 span_us;
  gint64 end_us; /* AT_PRESENT: it goes along */
  gint64 chosen_us;
  gint64 drag_end_us;

  guint live : 1;
  guint zoomed : 1; /* by hand */
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsiTimelineBand, wsi_timeline_band, GTK_TYPE_WIDGET)

/* The lines that tell states apart without colours: how far they lean, and how many there are. */
typedef struct
{
  double lean;
  double distance; /* in heights of a line of text; 0 = no lines */
} WsiPattern;

static const WsiPattern patterns[N_STATES] = {
  [WSI_STATE_UNKNOWN] = { 0.0, 2.0 },
  [WSI_STATE_IDLE] = { 0.0, 2.0 },
  [WSI_STATE_CONNECTING] = { 0.0, 0.5 },
  [WSI_STATE_OPEN] = { 0.0, 0.0 },
  [WSI_STATE_SUSPECT] = { 1.0, 0.7 },
  [WSI_STATE_WAITING] = { -1.0, 0.7 },
  [WSI_STATE_CLOSING] = { 0.5, 1.0 },
  [WSI_STATE_CLOSED] = { -0.5, 1.0 },
  [WSI_STATE_FAILED] = { 1.0, 0.35 },
};

static void
wsi_timeline_band_describe (WsiTimelineBand *self)
{
  g_autofree char *description = NULL;
  g_autofree char *duration = wsi_format_duration (self->span_us);
  g_autofree char *beats = NULL;
  const char *state = wsi_state_get_label (WSI_STATE_UNKNOWN);
  guint first = 0;
  guint n_beats = 0;

  if (self->history != NULL)
    {
      guint n_spans = wsi_history_get_n_spans (self->history);

      if (n_spans > 0)
        state = wsi_state_get_label (wsi_history_get_span (self->history, n_spans - 1)->state);
      first = wsi_history_find_beat (self->history, wsi_timeline_band_get_from (self));
      n_beats = wsi_history_find_beat (self->history, wsi_timeline_band_get_to (self));
    }

  beats = wsi_format_count (n_beats - MIN (first, n_beats));
  /* Translators: describes a chart. The placeholders are a duration such as “5 min”, a number, and
   * a state such as “Open”. */
  description = g_strdup_printf (_("%s of time with %s beats; the last state is “%s”."),
                                 duration, beats, state);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("States and beats over time"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description,
                                  -1);
}

static void
wsi_timeline_band_set_view (WsiTimelineBand *self,
                            gint64           span_us,
                            gint64           end_us)
{
  gint64 first_us = self->history != NULL ? wsi_history_get_first (self->history) : 0;

  span_us = CLAMP (span_us, MIN_SPAN_US, MAX_SPAN_US);

  /* Neither beyond the present nor before all that is known. */
  if (end_us != AT_PRESENT && end_us >= self->present_us)
    end_us = AT_PRESENT;
  else if (end_us != AT_PRESENT)
    end_us = MAX (end_us, MIN (first_us + span_us / 4, self->present_us));

  self->span_us = span_us;
  self->end_us = end_us;
  wsi_timeline_band_describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* What is short is seen whole, until somebody chooses otherwise. */
static void
wsi_timeline_band_choose_span (WsiTimelineBand *self)
{
  gint64 age_us = self->present_us - wsi_history_get_first (self->history);

  if (self->zoomed)
    return;

  self->span_us = DEFAULT_SPAN_US;
  while (age_us < self->span_us / 2 && self->span_us > SHORT_SPAN_US)
    self->span_us /= 2;
}

/* The moment at x stays where it is. */
static void
wsi_timeline_band_zoom_at (WsiTimelineBand *self,
                           double           factor,
                           double           x)
{
  double width = MAX (gtk_widget_get_width (GTK_WIDGET (self)), 1);
  gint64 old_span_us = self->span_us;
  gint64 span_us = (gint64) CLAMP ((double) old_span_us * factor,
                                   (double) MIN_SPAN_US, (double) MAX_SPAN_US);
  double after = 1.0 - CLAMP (x / width, 0.0, 1.0);
  gint64 end_us = wsi_timeline_band_get_to (self);

  self->zoomed = TRUE;

  if (self->end_us == AT_PRESENT && after < 0.02)
    end_us = AT_PRESENT;
  else
    end_us += (gint64) ((double) (span_us - old_span_us) * after);

  wsi_timeline_band_set_view (self, span_us, end_us);
}

static double
wsi_timeline_band_get_pointer_x (WsiTimelineBand    *self,
                                 GtkEventController *controller)
{
  GdkEvent *event = gtk_event_controller_get_current_event (controller);
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  graphene_point_t point;
  double x;
  double y;
  double native_x;
  double native_y;

  if (event == NULL || native == NULL || !gdk_event_get_position (event, &x, &y))
    return gtk_widget_get_width (GTK_WIDGET (self)) / 2.0;

  gtk_native_get_surface_transform (native, &native_x, &native_y);
  if (!gtk_widget_compute_point (GTK_WIDGET (native), GTK_WIDGET (self),
                                 &GRAPHENE_POINT_INIT ((float) (x - native_x),
                                                       (float) (y - native_y)),
                                 &point))
    return gtk_widget_get_width (GTK_WIDGET (self)) / 2.0;

  return point.x;
}

static gboolean
wsi_timeline_band_scroll_cb (WsiTimelineBand          *self,
                             double                    dx,
                             double                    dy,
                             GtkEventControllerScroll *controller)
{
  if (dy != 0.0)
    wsi_timeline_band_zoom_at (self, pow (ZOOM_STEP, dy),
                               wsi_timeline_band_get_pointer_x (
                                 self, GTK_EVENT_CONTROLLER (controller)));
  if (dx != 0.0)
    wsi_timeline_band_pan (self, dx * PAN_STEP);

  return TRUE;
}

static void
wsi_timeline_band_drag_begin_cb (WsiTimelineBand *self,
                                 double           x,
                                 double           y,
                                 GtkGestureDrag  *gesture)
{
  self->drag_end_us = wsi_timeline_band_get_to (self);
}

static void
wsi_timeline_band_drag_update_cb (WsiTimelineBand *self,
                                  double           dx,
                                  double           dy,
                                  GtkGestureDrag  *gesture)
{
  double width = MAX (gtk_widget_get_width (GTK_WIDGET (self)), 1);

  if (!gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, (int) dx, (int) dy))
    return;

  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  wsi_timeline_band_set_view (self, self->span_us,
                              self->drag_end_us -
                                (gint64) (dx / width * (double) self->span_us));
}

/* A beat is a narrow thing to hit, so it wins where it is near. */
static void
wsi_timeline_band_released_cb (WsiTimelineBand *self,
                               int              n_presses,
                               double           x,
                               double           y,
                               GtkGestureClick *gesture)
{
  gint64 time_us = wsi_chart_scale_get_time (self->scale, x);
  const WsiHistorySpan *hit = NULL;
  guint position;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->history == NULL)
    return;

  position = wsi_history_nearest_beat (self->history, time_us);
  if (position < wsi_history_get_n_beats (self->history))
    {
      const WsiHistoryBeat *beat = wsi_history_get_beat (self->history, position);
      double distance = fabs (wsi_chart_scale_get_x (self->scale, beat->time_us) - x);

      if (gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, (int) distance, 0) == FALSE)
        {
          wsi_timeline_band_set_chosen (self, beat->time_us);
          g_signal_emit (self, signals[SIGNAL_CHOSEN], 0, beat->position);
          return;
        }
    }

  for (guint i = 0; i < wsi_history_get_n_spans (self->history); i++)
    {
      const WsiHistorySpan *span = wsi_history_get_span (self->history, i);

      if (span->from_us <= time_us && time_us < span->to_us)
        hit = span;
    }

  if (hit != NULL)
    {
      wsi_timeline_band_set_chosen (self, hit->from_us);
      g_signal_emit (self, signals[SIGNAL_CHOSEN], 0, hit->position);
    }
}

static gboolean
wsi_timeline_band_zoom_cb (GtkWidget *widget,
                           GVariant  *arguments,
                           gpointer   user_data)
{
  double steps;

  g_variant_get (arguments, "(d)", &steps);
  wsi_timeline_band_zoom (WSI_TIMELINE_BAND (widget), pow (ZOOM_STEP, steps));

  return TRUE;
}

static gboolean
wsi_timeline_band_pan_cb (GtkWidget *widget,
                          GVariant  *arguments,
                          gpointer   user_data)
{
  double steps;

  g_variant_get (arguments, "(d)", &steps);
  wsi_timeline_band_pan (WSI_TIMELINE_BAND (widget), steps * PAN_STEP);

  return TRUE;
}

static gboolean
wsi_timeline_band_end_cb (GtkWidget *widget,
                          GVariant  *arguments,
                          gpointer   user_data)
{
  wsi_timeline_band_show_present (WSI_TIMELINE_BAND (widget));

  return TRUE;
}

static void
wsi_timeline_band_draw_span (WsiTimelineBand      *self,
                             cairo_t              *cairo,
                             const WsiHistorySpan *span,
                             double                top,
                             double                height,
                             double                line)
{
  guint state = (guint) span->state < N_STATES ? span->state : WSI_STATE_UNKNOWN;
  const WsiPattern *pattern = &patterns[state];
  GtkWidget *swatch = self->state_swatches[state];
  double left = wsi_chart_scale_get_x (self->scale, wsi_timeline_band_get_from (self));
  double right = wsi_chart_scale_get_x (self->scale, wsi_timeline_band_get_to (self));
  double from = wsi_chart_scale_get_x (self->scale, span->from_us);
  double to = wsi_chart_scale_get_x (self->scale, MIN (span->to_us, self->present_us));

  /* What took no time was there nevertheless. */
  to = MAX (to, from + 2.0);
  if (to < left || from > right)
    return;

  cairo_save (cairo);
  cairo_rectangle (cairo, MAX (from, left), top, MIN (to, right) - MAX (from, left), height);
  cairo_clip (cairo);

  wsi_swatch_apply (swatch, cairo, 0.25);
  cairo_paint (cairo);

  if (pattern->distance > 0.0)
    {
      double distance = pattern->distance * line;

      /* Counted from a fixed moment, so that the lines move with the time. */
      wsi_swatch_apply (swatch, cairo, 0.5);
      cairo_set_line_width (cairo, 1.0);
      for (double x = MAX (from, left - height - fmod (left - from, distance)) - height;
           x < MIN (to, right) + height;
           x += distance)
        {
          cairo_move_to (cairo, x - pattern->lean * height / 2.0, top + height);
          cairo_line_to (cairo, x + pattern->lean * height / 2.0, top);
        }
      cairo_stroke (cairo);
    }

  wsi_swatch_apply (swatch, cairo, 1.0);
  cairo_rectangle (cairo, MAX (from, left), top, MIN (to, right) - MAX (from, left),
                   line / 5.0);
  cairo_fill (cairo);

  if (from >= left)
    {
      cairo_rectangle (cairo, floor (from), top, 1.0, height);
      cairo_fill (cairo);
    }

  cairo_restore (cairo);
}

/* The word for a state, where there is room for it. */
static void
wsi_timeline_band_draw_word (WsiTimelineBand      *self,
                             GtkSnapshot          *snapshot,
                             PangoLayout          *layout,
                             const WsiHistorySpan *span,
                             double                top,
                             double                height,
                             double                line)
{
  guint state = (guint) span->state < N_STATES ? span->state : WSI_STATE_UNKNOWN;
  double left = wsi_chart_scale_get_x (self->scale, wsi_timeline_band_get_from (self));
  double right = wsi_chart_scale_get_x (self->scale, wsi_timeline_band_get_to (self));
  double from = MAX (left, wsi_chart_scale_get_x (self->scale, span->from_us));
  double to = MIN (right, wsi_chart_scale_get_x (self->scale,
                                                 MIN (span->to_us, self->present_us)));
  GdkRGBA color;
  int text_width;
  int text_height;

  pango_layout_set_text (layout, wsi_state_get_label (state), -1);
  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  if (to - from < text_width + line)
    return;

  wsi_widgets_get_color (GTK_WIDGET (self), &color);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT ((float) (from + line / 2.0),
                                                (float) (top + (height - text_height) / 2.0)));
  /* On the lines of a pattern it would be hard to read. */
  if (patterns[state].distance > 0.0)
    {
      GdkRGBA behind;

      wsi_widgets_get_color (self->state_swatches[state], &behind);
      behind.alpha = 0.18f;
      gtk_snapshot_append_color (snapshot, &behind,
                                 &GRAPHENE_RECT_INIT ((float) (-line / 5.0), 0.0f,
                                                      (float) (text_width + line / 2.5),
                                                      (float) text_height));
    }
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static void
wsi_timeline_band_draw_beats (WsiTimelineBand *self,
                              cairo_t         *cairo,
                              double           bottom,
                              double           line)
{
  guint first = wsi_history_find_beat (self->history, wsi_timeline_band_get_from (self));
  guint end = wsi_history_find_beat (self->history, wsi_timeline_band_get_to (self) + 1);

  for (guint i = first; i < end; i++)
    {
      const WsiHistoryBeat *beat = wsi_history_get_beat (self->history, i);
      double x = wsi_chart_scale_get_x (self->scale, beat->time_us);

      if (beat->round_trip >= 0.0)
        {
          wsi_swatch_apply (self->line_swatch, cairo, 1.0);
          cairo_set_line_width (cairo, 1.5);
          cairo_move_to (cairo, x, bottom);
          cairo_line_to (cairo, x, bottom - line * 0.6);
        }
      else
        {
          double radius = line * 0.25;

          wsi_swatch_apply (self->missed_swatch, cairo, 1.0);
          cairo_set_line_width (cairo, 2.0);
          cairo_move_to (cairo, x - radius, bottom - line);
          cairo_line_to (cairo, x + radius, bottom - line + 2.0 * radius);
          cairo_move_to (cairo, x + radius, bottom - line);
          cairo_line_to (cairo, x - radius, bottom - line + 2.0 * radius);
        }
      cairo_stroke (cairo);
    }
}

static void
wsi_timeline_band_draw_axis (WsiTimelineBand *self,
                             GtkSnapshot     *snapshot,
                             PangoLayout     *layout,
                             double           y)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  GdkRGBA color;

  wsi_widgets_get_color (self->quiet_swatch, &color);

  for (guint i = 0; i < wsi_chart_scale_get_n_ages (self->scale); i++)
    {
      gint64 age_us = wsi_chart_scale_get_age (self->scale, i);
      g_autofree char *text = NULL;
      int text_width;
      double x;

      /* Translators: at the right end of the axis of a chart: the present, or the end of what is
       * known. */
      text = age_us != 0 ? wsi_format_duration (age_us)
                         : g_strdup (self->live ? C_("axis", "now") : C_("axis", "end"));
      pango_layout_set_text (layout, text, -1);
      pango_layout_get_pixel_size (layout, &text_width, NULL);
      x = wsi_chart_scale_get_x (self->scale, self->present_us - age_us) - text_width / 2.0;
      x = CLAMP (x, 0.0, (double) (width - text_width));

      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) y));
      gtk_snapshot_append_layout (snapshot, layout, &color);
      gtk_snapshot_restore (snapshot);
    }
}

static void
wsi_timeline_band_draw_chosen (WsiTimelineBand *self,
                               cairo_t         *cairo,
                               double           bottom,
                               double           line)
{
  double x;

  if (self->chosen_us < wsi_timeline_band_get_from (self) ||
      self->chosen_us > wsi_timeline_band_get_to (self))
    return;

  x = floor (wsi_chart_scale_get_x (self->scale, self->chosen_us)) + 0.5;
  wsi_swatch_apply (self->line_swatch, cairo, 1.0);
  cairo_set_line_width (cairo, 1.0);
  cairo_move_to (cairo, x, line * 0.5);
  cairo_line_to (cairo, x, bottom);
  cairo_stroke (cairo);

  cairo_move_to (cairo, x - line * 0.35, 0.0);
  cairo_line_to (cairo, x + line * 0.35, 0.0);
  cairo_line_to (cairo, x, line * 0.5);
  cairo_close_path (cairo);
  cairo_fill (cairo);
}

static void
wsi_timeline_band_snapshot (GtkWidget   *widget,
                            GtkSnapshot *snapshot)
{
  WsiTimelineBand *self = WSI_TIMELINE_BAND (widget);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, "0");
  double width = gtk_widget_get_width (widget);
  double height = gtk_widget_get_height (widget);
  double top;
  double band_height;
  int text_height;
  cairo_t *cairo;

  pango_layout_get_pixel_size (layout, NULL, &text_height);
  top = 1.75 * text_height;
  band_height = MAX (height - top - 1.4 * text_height, 1.0);

  wsi_chart_scale_set_area (self->scale, 0.0, top, width, band_height);
  wsi_chart_scale_set_times (self->scale, wsi_timeline_band_get_from (self),
                             wsi_timeline_band_get_to (self), self->present_us,
                             5.0 * text_height);

  cairo = gtk_snapshot_append_cairo (snapshot,
                                     &GRAPHENE_RECT_INIT (0.0f, 0.0f,
                                                          (float) width, (float) height));
  wsi_swatch_apply (self->quiet_swatch, cairo, 0.12);
  cairo_rectangle (cairo, 0.0, top, width, band_height);
  cairo_fill (cairo);

  if (self->history != NULL)
    {
      for (guint i = 0; i < wsi_history_get_n_spans (self->history); i++)
        wsi_timeline_band_draw_span (self, cairo, wsi_history_get_span (self->history, i),
                                     top, band_height, text_height);
      wsi_timeline_band_draw_beats (self, cairo, top - 2.0, text_height);
      wsi_timeline_band_draw_chosen (self, cairo, top + band_height, text_height);
    }
  cairo_destroy (cairo);

  if (self->history != NULL)
    {
      for (guint i = 0; i < wsi_history_get_n_spans (self->history); i++)
        wsi_timeline_band_draw_word (self, snapshot, layout,
                                     wsi_history_get_span (self->history, i),
                                     top, band_height, text_height);
    }
  wsi_timeline_band_draw_axis (self, snapshot, layout, height - text_height);
}

static void
wsi_timeline_band_css_changed (GtkWidget         *widget,
                               GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (wsi_timeline_band_parent_class)->css_changed (widget, change);

  gtk_widget_queue_draw (widget);
}

static void
wsi_timeline_band_dispose (GObject *object)
{
  WsiTimelineBand *self = WSI_TIMELINE_BAND (object);

  for (guint state = 0; state < N_STATES; state++)
    g_clear_pointer (&self->state_swatches[state], gtk_widget_unparent);
  g_clear_pointer (&self->line_swatch, gtk_widget_unparent);
  g_clear_pointer (&self->missed_swatch, gtk_widget_unparent);
  g_clear_pointer (&self->quiet_swatch, gtk_widget_unparent);
  g_clear_object (&self->scale);
  g_clear_object (&self->history);

  G_OBJECT_CLASS (wsi_timeline_band_parent_class)->dispose (object);
}

static void
wsi_timeline_band_class_init (WsiTimelineBandClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const guint zoom_in_keys[] = { GDK_KEY_plus, GDK_KEY_equal, GDK_KEY_KP_Add };
  static const guint zoom_out_keys[] = { GDK_KEY_minus, GDK_KEY_KP_Subtract };

  object_class->dispose = wsi_timeline_band_dispose;

  widget_class->css_changed = wsi_timeline_band_css_changed;
  widget_class->snapshot = wsi_timeline_band_snapshot;

  /**
   * WsiTimelineBand::chosen:
   * @self: the band
   * @position: a position in the journal
   *
   * Emitted when a person has chosen a beat or a state.
   */
  signals[SIGNAL_CHOSEN] =
    g_signal_new ("chosen",
                  G_TYPE_FROM_CLASS (klass),
                  G_SIGNAL_RUN_LAST,
                  0,
                  NULL, NULL,
                  NULL,
                  G_TYPE_NONE, 1,
                  G_TYPE_UINT);

  for (gsize i = 0; i < G_N_ELEMENTS (zoom_in_keys); i++)
    gtk_widget_class_add_binding (widget_class, zoom_in_keys[i], 0,
                                  wsi_timeline_band_zoom_cb, "(d)", -1.0);
  for (gsize i = 0; i < G_N_ELEMENTS (zoom_out_keys); i++)
    gtk_widget_class_add_binding (widget_class, zoom_out_keys[i], 0,
                                  wsi_timeline_band_zoom_cb, "(d)", 1.0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, 0,
                                wsi_timeline_band_pan_cb, "(d)", -1.0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, 0,
                                wsi_timeline_band_pan_cb, "(d)", 1.0);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_End, 0,
                                wsi_timeline_band_end_cb, NULL);

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (widget_class, "wsi-band");
}

static void
wsi_timeline_band_init (WsiTimelineBand *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *scroll =
    gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->scale = wsi_chart_scale_new ();
  self->span_us = DEFAULT_SPAN_US;
  self->end_us = AT_PRESENT;
  self->chosen_us = WSI_TIMELINE_NOTHING;

  for (guint state = 0; state < N_STATES; state++)
    self->state_swatches[state] = wsi_swatch_new (widget, wsi_state_get_css_class (state));
  self->line_swatch = wsi_swatch_new (widget, "chart-line");
  self->missed_swatch = wsi_swatch_new (widget, "chart-missed");
  self->quiet_swatch = wsi_swatch_new (widget, "chart-quiet");

  gtk_widget_set_focusable (widget, TRUE);

  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (wsi_timeline_band_scroll_cb), self);
  gtk_widget_add_controller (widget, scroll);
  g_signal_connect_swapped (click, "released",
                            G_CALLBACK (wsi_timeline_band_released_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  g_signal_connect_swapped (drag, "drag-begin",
                            G_CALLBACK (wsi_timeline_band_drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update",
                            G_CALLBACK (wsi_timeline_band_drag_update_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
}

void
wsi_timeline_band_show (WsiTimelineBand *self,
                        WsiHistory      *history,
                        gint64           present_us,
                        gboolean         live)
{
  g_return_if_fail (WSI_IS_TIMELINE_BAND (self));
  g_return_if_fail (WSI_IS_HISTORY (history));

  g_set_object (&self->history, history);
  self->present_us = present_us;
  self->live = live != FALSE;
  if (wsi_history_get_n_spans (history) > 0)
    wsi_timeline_band_choose_span (self);
  wsi_timeline_band_describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
wsi_timeline_band_set_chosen (WsiTimelineBand *self,
                              gint64           time_us)
{
  g_return_if_fail (WSI_IS_TIMELINE_BAND (self));

  if (self->chosen_us == time_us)
    return;

  self->chosen_us = time_us;
  if (time_us != WSI_TIMELINE_NOTHING &&
      (time_us < wsi_timeline_band_get_from (self) || time_us > wsi_timeline_band_get_to (self)))
    wsi_timeline_band_set_view (self, self->span_us, time_us + self->span_us / 2);

  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gint64
wsi_timeline_band_get_chosen (WsiTimelineBand *self)
{
  g_return_val_if_fail (WSI_IS_TIMELINE_BAND (self), WSI_TIMELINE_NOTHING);

  return self->chosen_us;
}

void
wsi_timeline_band_zoom (WsiTimelineBand *self,
                        double           factor)
{
  double x;

  g_return_if_fail (WSI_IS_TIMELINE_BAND (self));

  /* Around what is chosen, else the present, else the middle. */
  x = gtk_widget_get_width (GTK_WIDGET (self));
  if (self->chosen_us >= wsi_timeline_band_get_from (self) &&
      self->chosen_us <= wsi_timeline_band_get_to (self))
    x = wsi_chart_scale_get_x (self->scale, self->chosen_us);
  else if (self->end_us != AT_PRESENT)
    x /= 2.0;

  wsi_timeline_band_zoom_at (self, factor, x);
}

void
wsi_timeline_band_pan (WsiTimelineBand *self,
                       double           fraction)
{
  g_return_if_fail (WSI_IS_TIMELINE_BAND (self));

  wsi_timeline_band_set_view (self, self->span_us,
                              wsi_timeline_band_get_to (self) +
                                (gint64) (fraction * (double) self->span_us));
}

void
wsi_timeline_band_show_all (WsiTimelineBand *self)
{
  gint64 first_us;

  g_return_if_fail (WSI_IS_TIMELINE_BAND (self));

  first_us = self->history != NULL ? wsi_history_get_first (self->history) : 0;
  if (first_us == 0)
    first_us = self->present_us - DEFAULT_SPAN_US;

  self->zoomed = TRUE;
  wsi_timeline_band_set_view (self, self->present_us - first_us, AT_PRESENT);
}

void
wsi_timeline_band_show_present (WsiTimelineBand *self)
{
  g_return_if_fail (WSI_IS_TIMELINE_BAND (self));

  wsi_timeline_band_set_view (self, self->span_us, AT_PRESENT);
}

gint64
wsi_timeline_band_get_from (WsiTimelineBand *self)
{
  g_return_val_if_fail (WSI_IS_TIMELINE_BAND (self), 0);

  return wsi_timeline_band_get_to (self) - self->span_us;
}

gint64
wsi_timeline_band_get_to (WsiTimelineBand *self)
{
  g_return_val_if_fail (WSI_IS_TIMELINE_BAND (self), 0);

  return self->end_us == AT_PRESENT ? self->present_us : self->end_us;
}
