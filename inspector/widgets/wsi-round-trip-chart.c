/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-round-trip-chart.h"

#include "wsi-chart-scale.h"
#include "wsi-format.h"
#include "wsi-state.h"
#include "wsi-swatch.h"
#include "wsi-widgets.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/**
 * WsiRoundTripChart:
 *
 * Round trips over the last minutes.
 *
 * Whose beats are rare sees more minutes, so that there is something to compare.
 */

#define US_PER_MINUTE ((gint64) 60 * G_USEC_PER_SEC)

/* Fewer beats than this make no curve; then a longer time is shown. */
#define FEW_BEATS 12

#define NO_BEAT G_MAXINT64

typedef enum
{
  PROP_READOUT = 1,
} WsiRoundTripChartProperty;

#define PROP_LAST_ONE PROP_READOUT

struct _WsiRoundTripChart
{
  GtkWidget parent_instance;

  GtkWidget *line_swatch;   /* (owned) */
  GtkWidget *missed_swatch; /* (owned) */
  GtkWidget *late_swatch;   /* (owned) */
  GtkWidget *quiet_swatch;  /* (owned) */

  WsiChartScale *scale; /* (owned) */
  WsiHistory *history;  /* (owned) (nullable) */
  gint64 present_us;
  gint64 chosen_us; /* the time of a beat, for positions move */
  char *readout;    /* (owned) (nullable) */

  guint live : 1;
};

static const guint durations_min[] = { 1, 2, 5, 10, 30 };

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsiRoundTripChart, wsi_round_trip_chart, GTK_TYPE_WIDGET)

static guint
wsi_round_trip_chart_get_n_beats (WsiRoundTripChart *self)
{
  return self->history != NULL ? wsi_history_get_n_beats (self->history) : 0;
}

/* As long as what is known of, but no longer than it takes to see a curve. */
static gint64
wsi_round_trip_chart_get_from (WsiRoundTripChart *self)
{
  guint n_beats = wsi_round_trip_chart_get_n_beats (self);
  gint64 first_us = n_beats > 0 ? wsi_history_get_beat (self->history, 0)->time_us
                                : self->present_us;
  guint n_minutes = durations_min[0];

  for (gsize i = 0; i < G_N_ELEMENTS (durations_min); i++)
    {
      gint64 from_us;

      n_minutes = durations_min[i];
      from_us = self->present_us - n_minutes * US_PER_MINUTE;
      if (first_us >= from_us)
        break;
      if (n_minutes >= 5 &&
          n_beats - wsi_history_find_beat (self->history, from_us) >= FEW_BEATS)
        break;
    }

  return self->present_us - n_minutes * US_PER_MINUTE;
}

/* The chosen beat may have left the chart, or the journal. */
static const WsiHistoryBeat *
wsi_round_trip_chart_get_chosen (WsiRoundTripChart *self)
{
  guint position;

  if (self->chosen_us == NO_BEAT || wsi_round_trip_chart_get_n_beats (self) == 0)
    return NULL;

  position = wsi_history_find_beat (self->history, self->chosen_us);
  if (position >= wsi_history_get_n_beats (self->history) ||
      wsi_history_get_beat (self->history, position)->time_us != self->chosen_us ||
      self->chosen_us < wsi_round_trip_chart_get_from (self))
    return NULL;

  return wsi_history_get_beat (self->history, position);
}

static char *
wsi_round_trip_chart_describe_beat (const WsiHistoryBeat *beat)
{
  g_autofree char *time = wsi_format_time (beat->time_us);
  g_autofree char *round_trip = wsi_format_round_trip (beat->round_trip);

  if (beat->round_trip < 0.0)
    /* Translators: a beat in a chart; the placeholder is a time of day. */
    return g_strdup_printf (_("%s · missed"), time);

  /* Translators: a beat in a chart: a time of day, and a duration such as “0.7 ms”. */
  return g_strdup_printf (C_("beat", "%s · %s"), time, round_trip);
}

static void
wsi_round_trip_chart_update_readout (WsiRoundTripChart *self)
{
  const WsiHistoryBeat *beat = wsi_round_trip_chart_get_chosen (self);
  g_autofree char *readout = beat != NULL ? wsi_round_trip_chart_describe_beat (beat) : NULL;

  if (g_strcmp0 (self->readout, readout) == 0)
    return;

  g_free (self->readout);
  self->readout = g_steal_pointer (&readout);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READOUT]);
}

/* The chart in words, for who does not see it. */
static void
wsi_round_trip_chart_update_description (WsiRoundTripChart *self)
{
  g_autofree char *description = NULL;
  g_autofree char *duration = NULL;
  g_autofree char *answered = NULL;
  g_autofree char *missed = NULL;
  g_autofree char *largest = NULL;
  gint64 from_us = wsi_round_trip_chart_get_from (self);
  guint n_answered = 0;
  guint n_missed = 0;

  for (guint i = self->history != NULL ? wsi_history_find_beat (self->history, from_us) : 0;
       i < wsi_round_trip_chart_get_n_beats (self);
       i++)
    {
      if (wsi_history_get_beat (self->history, i)->round_trip < 0.0)
        n_missed++;
      else
        n_answered++;
    }

  duration = wsi_format_duration (self->present_us - from_us);
  if (n_answered + n_missed == 0)
    {
      /* Translators: describes a chart; the placeholder is a duration such as “5 min”. */
      description = g_strdup_printf (_("No beats in the last %s."), duration);
    }
  else
    {
      answered = wsi_format_count (n_answered);
      missed = wsi_format_count (n_missed);
      largest = wsi_format_round_trip (wsi_history_get_largest (self->history, from_us));
      /* Translators: describes a chart. The placeholders are a duration such as “5 min”, two
       * numbers of beats, and a duration such as “402 ms”. */
      description = g_strdup_printf (_("Last %s: %s beats answered, %s missed, the slowest "
                                       "after %s."),
                                     duration, answered, missed, largest);
    }

  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Round trips over time"),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  self->readout != NULL ? self->readout : description,
                                  -1);
}

static void
wsi_round_trip_chart_choose (WsiRoundTripChart *self,
                             gint64             time_us)
{
  if (self->chosen_us == time_us)
    return;

  self->chosen_us = time_us;
  wsi_round_trip_chart_update_readout (self);
  wsi_round_trip_chart_update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
wsi_round_trip_chart_motion_cb (WsiRoundTripChart        *self,
                                double                    x,
                                double                    y,
                                GtkEventControllerMotion *controller)
{
  guint n_beats = wsi_round_trip_chart_get_n_beats (self);
  gint64 time_us = NO_BEAT;

  if (n_beats > 0)
    {
      guint position = wsi_history_nearest_beat (self->history,
                                                 wsi_chart_scale_get_time (self->scale, x));

      time_us = wsi_history_get_beat (self->history, position)->time_us;
    }

  wsi_round_trip_chart_choose (self, time_us);
}

static void
wsi_round_trip_chart_leave_cb (WsiRoundTripChart        *self,
                               GtkEventControllerMotion *controller)
{
  wsi_round_trip_chart_choose (self, NO_BEAT);
}

/* So that the keyboard begins to walk where it is seen to be. */
static void
wsi_round_trip_chart_pressed_cb (WsiRoundTripChart *self,
                                 int                n_presses,
                                 double             x,
                                 double             y,
                                 GtkGestureClick   *gesture)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

static gboolean
wsi_round_trip_chart_walk_cb (GtkWidget *widget,
                              GVariant  *arguments,
                              gpointer   user_data)
{
  WsiRoundTripChart *self = WSI_ROUND_TRIP_CHART (widget);
  const WsiHistoryBeat *chosen = wsi_round_trip_chart_get_chosen (self);
  gint64 position;
  gint64 first;
  gint64 last;
  int step;

  g_variant_get (arguments, "(i)", &step);

  last = (gint64) wsi_round_trip_chart_get_n_beats (self) - 1;
  first = last >= 0 ? wsi_history_find_beat (self->history, wsi_round_trip_chart_get_from (self))
                    : 0;
  if (first > last)
    return FALSE;

  if (chosen != NULL)
    position = (gint64) wsi_history_find_beat (self->history, chosen->time_us) + step;
  else
    position = step < 0 ? last : first;

  position = CLAMP (position, first, last);
  wsi_round_trip_chart_choose (self,
                               wsi_history_get_beat (self->history, (guint) position)->time_us);

  return TRUE;
}

static gboolean
wsi_round_trip_chart_escape_cb (GtkWidget *widget,
                                GVariant  *arguments,
                                gpointer   user_data)
{
  WsiRoundTripChart *self = WSI_ROUND_TRIP_CHART (widget);

  if (self->chosen_us == NO_BEAT)
    return FALSE;

  wsi_round_trip_chart_choose (self, NO_BEAT);

  return TRUE;
}

static void
wsi_round_trip_chart_draw_text (WsiRoundTripChart *self,
                                GtkSnapshot       *snapshot,
                                PangoLayout       *layout,
                                GtkWidget         *swatch,
                                double             x,
                                double             y)
{
  GdkRGBA color;

  wsi_widgets_get_color (swatch, &color);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) y));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

/* Nothing needs no unit. */
static char *
wsi_round_trip_chart_format_value (WsiRoundTripChart *self,
                                   guint              position)
{
  if (position == 0)
    return wsi_format_count (0);

  return wsi_format_round_trip (wsi_chart_scale_get_value (self->scale, position));
}

/* How wide the labels of the values are. */
static int
wsi_round_trip_chart_measure_values (WsiRoundTripChart *self,
                                     PangoLayout       *layout)
{
  int widest = 0;

  for (guint i = 0; i < wsi_chart_scale_get_n_values (self->scale); i++)
    {
      g_autofree char *text = wsi_round_trip_chart_format_value (self, i);
      int width;

      pango_layout_set_text (layout, text, -1);
      pango_layout_get_pixel_size (layout, &width, NULL);
      widest = MAX (widest, width);
    }

  return widest;
}

static void
wsi_round_trip_chart_draw_labels (WsiRoundTripChart *self,
                                  GtkSnapshot       *snapshot,
                                  PangoLayout       *layout,
                                  double             gutter,
                                  double             space)
{
  int total_width = gtk_widget_get_width (GTK_WIDGET (self));
  int height = gtk_widget_get_height (GTK_WIDGET (self));
  int text_width;
  int text_height;

  for (guint i = 0; i < wsi_chart_scale_get_n_values (self->scale); i++)
    {
      double value = wsi_chart_scale_get_value (self->scale, i);
      g_autofree char *text = wsi_round_trip_chart_format_value (self, i);

      pango_layout_set_text (layout, text, -1);
      pango_layout_get_pixel_size (layout, &text_width, &text_height);
      wsi_round_trip_chart_draw_text (self, snapshot, layout, self->quiet_swatch,
                                      gutter - space - text_width,
                                      wsi_chart_scale_get_y (self->scale, value) -
                                        text_height / 2.0);
    }

  for (guint i = 0; i < wsi_chart_scale_get_n_ages (self->scale); i++)
    {
      gint64 age_us = wsi_chart_scale_get_age (self->scale, i);
      g_autofree char *text = NULL;
      double x;

      /* Translators: at the right end of the axis of a chart: the present, or the end of what is
       * known. */
      text = age_us != 0 ? wsi_format_duration (age_us)
                         : g_strdup (self->live ? C_("axis", "now") : C_("axis", "end"));
      pango_layout_set_text (layout, text, -1);
      pango_layout_get_pixel_size (layout, &text_width, &text_height);
      x = wsi_chart_scale_get_x (self->scale, self->present_us - age_us) - text_width / 2.0;
      x = CLAMP (x, 0.0, (double) (total_width - text_width));
      wsi_round_trip_chart_draw_text (self, snapshot, layout, self->quiet_swatch,
                                      x, height - text_height);
    }
}

/* Hatched, so that a gap is not told by its colour alone. */
static void
wsi_round_trip_chart_draw_spans (WsiRoundTripChart *self,
                                 cairo_t           *cairo,
                                 double             space)
{
  double left = wsi_chart_scale_get_x (self->scale, wsi_round_trip_chart_get_from (self));
  double right = wsi_chart_scale_get_x (self->scale, self->present_us);
  double top = wsi_chart_scale_get_y (self->scale, wsi_chart_scale_get_top (self->scale));
  double bottom = wsi_chart_scale_get_y (self->scale, 0.0);

  for (guint i = 0; i < wsi_history_get_n_spans (self->history); i++)
    {
      const WsiHistorySpan *span = wsi_history_get_span (self->history, i);
      double from = MAX (left, wsi_chart_scale_get_x (self->scale, span->from_us));
      double to = MIN (right, wsi_chart_scale_get_x (self->scale,
                                                     MIN (span->to_us, self->present_us)));

      if (span->state == WSI_STATE_OPEN || to <= left || from >= right)
        continue;

      /* What took no time was there nevertheless. */
      to = MAX (to, from + 1.0);

      cairo_save (cairo);
      cairo_rectangle (cairo, from, top, to - from, bottom - top);
      cairo_clip (cairo);

      wsi_swatch_apply (span->state == WSI_STATE_SUSPECT ? self->late_swatch
                                                         : self->quiet_swatch, cairo, 0.12);
      cairo_paint (cairo);

      if (span->state != WSI_STATE_SUSPECT)
        {
          wsi_swatch_apply (self->quiet_swatch, cairo, 0.35);
          cairo_set_line_width (cairo, 1.0);
          for (double x = left - (bottom - top); x < to; x += space)
            {
              cairo_move_to (cairo, x, bottom);
              cairo_line_to (cairo, x + bottom - top, top);
            }
          cairo_stroke (cairo);
        }

      cairo_restore (cairo);

      /* A new socket begins where the hatching ends. */
      if (span->state != WSI_STATE_SUSPECT && i + 1 < wsi_history_get_n_spans (self->history) &&
          wsi_history_get_span (self->history, i + 1)->state == WSI_STATE_OPEN)
        {
          wsi_swatch_apply (self->quiet_swatch, cairo, 0.8);
          cairo_set_line_width (cairo, 1.0);
          cairo_move_to (cairo, floor (to) + 0.5, top);
          cairo_line_to (cairo, floor (to) + 0.5, bottom);
          cairo_stroke (cairo);
        }
    }
}

static void
wsi_round_trip_chart_draw_grid (WsiRoundTripChart *self,
                                cairo_t           *cairo)
{
  double left = wsi_chart_scale_get_x (self->scale, wsi_round_trip_chart_get_from (self));
  double right = wsi_chart_scale_get_x (self->scale, self->present_us);

  cairo_set_line_width (cairo, 1.0);
  for (guint i = 0; i < wsi_chart_scale_get_n_values (self->scale); i++)
    {
      double y = wsi_chart_scale_get_y (self->scale, wsi_chart_scale_get_value (self->scale, i));

      wsi_swatch_apply (self->quiet_swatch, cairo, i == 0 ? 0.6 : 0.2);
      cairo_move_to (cairo, left, floor (y) + 0.5);
      cairo_line_to (cairo, right, floor (y) + 0.5);
      cairo_stroke (cairo);
    }
}

static void
wsi_round_trip_chart_draw_cross (cairo_t *cairo,
                                 double   x,
                                 double   y,
                                 double   radius)
{
  cairo_move_to (cairo, x - radius, y - radius);
  cairo_line_to (cairo, x + radius, y + radius);
  cairo_move_to (cairo, x - radius, y + radius);
  cairo_line_to (cairo, x + radius, y - radius);
  cairo_stroke (cairo);
}

static void
wsi_round_trip_chart_draw_beats (WsiRoundTripChart *self,
                                 cairo_t           *cairo,
                                 double             radius)
{
  guint first = wsi_history_find_beat (self->history, wsi_round_trip_chart_get_from (self));
  guint n_beats = wsi_history_get_n_beats (self->history);
  double bottom = wsi_chart_scale_get_y (self->scale, 0.0);
  gboolean has_line = FALSE;

  wsi_swatch_apply (self->line_swatch, cairo, 1.0);
  cairo_set_line_width (cairo, radius * 0.7);
  cairo_set_line_join (cairo, CAIRO_LINE_JOIN_ROUND);
  for (guint i = first; i < n_beats; i++)
    {
      const WsiHistoryBeat *beat = wsi_history_get_beat (self->history, i);
      double x = wsi_chart_scale_get_x (self->scale, beat->time_us);
      double y = wsi_chart_scale_get_y (self->scale, beat->round_trip);

      /* A curve over what was missed would claim what nobody knows. */
      if (beat->round_trip < 0.0)
        {
          has_line = FALSE;
          continue;
        }
      if (has_line)
        cairo_line_to (cairo, x, y);
      else
        cairo_move_to (cairo, x, y);
      has_line = TRUE;
    }
  cairo_stroke (cairo);

  for (guint i = first; i < n_beats; i++)
    {
      const WsiHistoryBeat *beat = wsi_history_get_beat (self->history, i);
      double x = wsi_chart_scale_get_x (self->scale, beat->time_us);

      if (beat->round_trip >= 0.0)
        {
          wsi_swatch_apply (self->line_swatch, cairo, 1.0);
          cairo_arc (cairo, x, wsi_chart_scale_get_y (self->scale, beat->round_trip),
                     radius, 0.0, 2.0 * G_PI);
          cairo_fill (cairo);
        }
      else
        {
          wsi_swatch_apply (self->missed_swatch, cairo, 1.0);
          cairo_set_line_width (cairo, radius * 0.9);
          wsi_round_trip_chart_draw_cross (cairo, x, bottom - 3.0 * radius, radius * 1.4);
        }
    }
}

static void
wsi_round_trip_chart_draw_chosen (WsiRoundTripChart *self,
                                  cairo_t           *cairo,
                                  double             radius)
{
  const WsiHistoryBeat *beat = wsi_round_trip_chart_get_chosen (self);
  double bottom = wsi_chart_scale_get_y (self->scale, 0.0);
  double x;

  if (beat == NULL)
    return;

  x = wsi_chart_scale_get_x (self->scale, beat->time_us);

  wsi_swatch_apply (self->quiet_swatch, cairo, 1.0);
  cairo_set_line_width (cairo, 1.0);
  cairo_move_to (cairo, floor (x) + 0.5,
                 wsi_chart_scale_get_y (self->scale, wsi_chart_scale_get_top (self->scale)));
  cairo_line_to (cairo, floor (x) + 0.5, bottom);
  cairo_stroke (cairo);

  wsi_swatch_apply (beat->round_trip < 0.0 ? self->missed_swatch : self->line_swatch, cairo, 1.0);
  cairo_set_line_width (cairo, radius * 0.7);
  cairo_arc (cairo, x,
             beat->round_trip < 0.0 ? bottom - 3.0 * radius
                                    : wsi_chart_scale_get_y (self->scale, beat->round_trip),
             radius * 2.5, 0.0, 2.0 * G_PI);
  cairo_stroke (cairo);
}

static void
wsi_round_trip_chart_draw_nothing (WsiRoundTripChart *self,
                                   GtkSnapshot       *snapshot,
                                   PangoLayout       *layout)
{
  int text_width;
  int text_height;

  pango_layout_set_text (layout, _("No beats yet"), -1);
  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  wsi_round_trip_chart_draw_text (self, snapshot, layout, self->quiet_swatch,
                                  (gtk_widget_get_width (GTK_WIDGET (self)) - text_width) / 2.0,
                                  (gtk_widget_get_height (GTK_WIDGET (self)) - text_height) / 2.0);
}

static void
wsi_round_trip_chart_snapshot (GtkWidget   *widget,
                               GtkSnapshot *snapshot)
{
  WsiRoundTripChart *self = WSI_ROUND_TRIP_CHART (widget);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, "0");
  double width = gtk_widget_get_width (widget);
  double height = gtk_widget_get_height (widget);
  gint64 from_us = wsi_round_trip_chart_get_from (self);
  double gutter;
  double space;
  double largest;
  int text_height;
  cairo_t *cairo;

  /* Everything is as large as the text is. */
  pango_layout_get_pixel_size (layout, NULL, &text_height);
  space = text_height / 2.0;
  largest = self->history != NULL ? wsi_history_get_largest (self->history, from_us) : -1.0;

  wsi_chart_scale_set_area (self->scale, 0.0, space, width, height - 3.0 * space - space / 2.0);
  wsi_chart_scale_set_largest (self->scale, largest, 2.0 * text_height);
  gutter = wsi_round_trip_chart_measure_values (self, layout) + space;
  wsi_chart_scale_set_area (self->scale, gutter, space, width - gutter - space / 2.0,
                            height - 3.0 * space - space / 2.0);
  wsi_chart_scale_set_times (self->scale, from_us, self->present_us, self->present_us,
                             5.0 * text_height);

  cairo = gtk_snapshot_append_cairo (snapshot,
                                     &GRAPHENE_RECT_INIT (0.0f, 0.0f,
                                                          (float) width, (float) height));
  if (self->history != NULL)
    wsi_round_trip_chart_draw_spans (self, cairo, space);
  if (wsi_round_trip_chart_get_n_beats (self) > 0)
    {
      wsi_round_trip_chart_draw_grid (self, cairo);
      wsi_round_trip_chart_draw_beats (self, cairo, space / 3.0);
      wsi_round_trip_chart_draw_chosen (self, cairo, space / 3.0);
    }
  cairo_destroy (cairo);

  /* An axis without a curve would measure nothing. */
  if (wsi_round_trip_chart_get_n_beats (self) == 0)
    wsi_round_trip_chart_draw_nothing (self, snapshot, layout);
  else
    wsi_round_trip_chart_draw_labels (self, snapshot, layout, gutter, space);
}

static void
wsi_round_trip_chart_css_changed (GtkWidget         *widget,
                                  GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (wsi_round_trip_chart_parent_class)->css_changed (widget, change);

  gtk_widget_queue_draw (widget);
}

static void
wsi_round_trip_chart_dispose (GObject *object)
{
  WsiRoundTripChart *self = WSI_ROUND_TRIP_CHART (object);

  g_clear_pointer (&self->line_swatch, gtk_widget_unparent);
  g_clear_pointer (&self->missed_swatch, gtk_widget_unparent);
  g_clear_pointer (&self->late_swatch, gtk_widget_unparent);
  g_clear_pointer (&self->quiet_swatch, gtk_widget_unparent);
  g_clear_object (&self->scale);
  g_clear_object (&self->history);

  G_OBJECT_CLASS (wsi_round_trip_chart_parent_class)->dispose (object);
}

static void
wsi_round_trip_chart_finalize (GObject *object)
{
  WsiRoundTripChart *self = WSI_ROUND_TRIP_CHART (object);

  g_clear_pointer (&self->readout, g_free);

  G_OBJECT_CLASS (wsi_round_trip_chart_parent_class)->finalize (object);
}

static void
wsi_round_trip_chart_get_property (GObject    *object,
                                   guint       prop_id,
                                   GValue     *value,
                                   GParamSpec *pspec)
{
  WsiRoundTripChart *self = WSI_ROUND_TRIP_CHART (object);

  switch ((WsiRoundTripChartProperty) prop_id)
    {
    case PROP_READOUT:
      g_value_set_string (value, self->readout);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_round_trip_chart_class_init (WsiRoundTripChartClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wsi_round_trip_chart_dispose;
  object_class->finalize = wsi_round_trip_chart_finalize;
  object_class->get_property = wsi_round_trip_chart_get_property;

  widget_class->css_changed = wsi_round_trip_chart_css_changed;
  widget_class->snapshot = wsi_round_trip_chart_snapshot;

  /**
   * WsiRoundTripChart:readout: (getter get_readout)
   *
   * The chosen beat in words, or `NULL`.
   */
  properties[PROP_READOUT] =
    g_param_spec_string ("readout", NULL, NULL,
                         NULL,
                         (G_PARAM_READABLE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, 0,
                                wsi_round_trip_chart_walk_cb, "(i)", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, 0,
                                wsi_round_trip_chart_walk_cb, "(i)", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Home, 0,
                                wsi_round_trip_chart_walk_cb, "(i)", -G_MAXINT);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_End, 0,
                                wsi_round_trip_chart_walk_cb, "(i)", G_MAXINT);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0,
                                wsi_round_trip_chart_escape_cb, NULL);

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (widget_class, "wsi-chart");
}

static void
wsi_round_trip_chart_init (WsiRoundTripChart *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->scale = wsi_chart_scale_new ();
  self->chosen_us = NO_BEAT;
  self->line_swatch = wsi_swatch_new (widget, "chart-line");
  self->missed_swatch = wsi_swatch_new (widget, "chart-missed");
  self->late_swatch = wsi_swatch_new (widget, "chart-late");
  self->quiet_swatch = wsi_swatch_new (widget, "chart-quiet");

  gtk_widget_set_focusable (widget, TRUE);

  g_signal_connect_swapped (motion, "enter",
                            G_CALLBACK (wsi_round_trip_chart_motion_cb), self);
  g_signal_connect_swapped (motion, "motion",
                            G_CALLBACK (wsi_round_trip_chart_motion_cb), self);
  g_signal_connect_swapped (motion, "leave",
                            G_CALLBACK (wsi_round_trip_chart_leave_cb), self);
  gtk_widget_add_controller (widget, motion);

  g_signal_connect_swapped (click, "pressed",
                            G_CALLBACK (wsi_round_trip_chart_pressed_cb), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
}

void
wsi_round_trip_chart_show (WsiRoundTripChart *self,
                           WsiHistory        *history,
                           gint64             present_us,
                           gboolean           live)
{
  g_return_if_fail (WSI_IS_ROUND_TRIP_CHART (self));
  g_return_if_fail (WSI_IS_HISTORY (history));

  g_set_object (&self->history, history);
  self->present_us = present_us;
  self->live = live != FALSE;
  wsi_round_trip_chart_update_readout (self);
  wsi_round_trip_chart_update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
wsi_round_trip_chart_clear (WsiRoundTripChart *self)
{
  g_return_if_fail (WSI_IS_ROUND_TRIP_CHART (self));

  wsi_round_trip_chart_choose (self, NO_BEAT);
}

const char *
wsi_round_trip_chart_get_readout (WsiRoundTripChart *self)
{
  g_return_val_if_fail (WSI_IS_ROUND_TRIP_CHART (self), NULL);

  return self->readout;
}
