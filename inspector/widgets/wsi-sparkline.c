/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-sparkline.h"

#include "wsi-format.h"
#include "wsi-swatch.h"
#include "wsi-widgets.h"

#include <glib/gi18n-lib.h>

#include <math.h>

/* Whole pixels, so that each bar is sharp. */
#define BAR_WIDTH 2
#define BAR_STEP 3
#define MIN_BAR_HEIGHT 2
#define MIN_BARS 20
/* What is missing in the middle of the bar of a missed beat. */
#define BREAK_HEIGHT 4

struct _WsiSparkline
{
  WsiCell parent_instance;

  GtkWidget *missed_swatch; /* (owned) */
  WsiBeats *beats;          /* (owned) (nullable) */
  guint64 n_ever;
};

G_DEFINE_FINAL_TYPE (WsiSparkline, wsi_sparkline, WSI_TYPE_CELL)

static char *
wsi_sparkline_describe (WsiBeats *beats)
{
  guint n_beats = wsi_beats_get_n (beats);
  guint n_answered = 0;
  g_autofree char *longest = wsi_format_round_trip (wsi_beats_get_max (beats));

  for (guint i = 0; i < n_beats; i++)
    n_answered += wsi_beats_get (beats, i) >= 0.0;
  if (n_beats == 0)
    return g_strdup (_("No beats yet"));
  if (n_answered == 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "The last beat was not answered",
                                         "None of the last %u beats was answered", n_beats),
                            n_beats);
  /* Translators: how many of the last heartbeats were answered, and the longest round trip. */
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                       "%u of the last %u beat answered, in %s at most",
                                       "%u of the last %u beats answered, in %s at most",
                                       n_beats),
                          n_answered, n_beats, longest);
}

static gboolean
wsi_sparkline_refresh (WsiCell       *cell,
                       WsiConnection *connection,
                       gint64         now_us)
{
  WsiSparkline *self = WSI_SPARKLINE (cell);
  WsiBeats *beats = wsi_connection_get_beats (connection);

  if (!g_set_object (&self->beats, beats) && self->n_ever == wsi_beats_get_n_ever (beats))
    return FALSE;
  self->n_ever = wsi_beats_get_n_ever (beats);
  /* Not shown, but said. */
  wsi_cell_take_text (cell, wsi_sparkline_describe (beats));
  return TRUE;
}

static void
wsi_sparkline_reset (WsiCell *cell)
{
  g_clear_object (&WSI_SPARKLINE (cell)->beats);
}

/* The bars of all missed beats, or those of the others, as one shape: forty a row add up. */
static gboolean
wsi_sparkline_add_bars (WsiSparkline *self,
                        cairo_t      *cairo,
                        gboolean      missed,
                        int           width,
                        int           height)
{
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  guint n_beats = wsi_beats_get_n (self->beats);
  guint n_bars = MIN (n_beats, (guint) (MAX (width, 0) / BAR_STEP));
  double max = wsi_beats_get_max (self->beats);
  gboolean has_bars = FALSE;

  for (guint i = 0; i < n_bars; i++)
    {
      double round_trip = wsi_beats_get (self->beats, n_beats - 1 - i);
      int x = is_rtl ? (int) i * BAR_STEP : width - BAR_WIDTH - (int) i * BAR_STEP;

      if ((round_trip < 0.0) != missed)
        continue;
      has_bars = TRUE;
      if (missed)
        {
          int part = (height - BREAK_HEIGHT) / 2;

          cairo_rectangle (cairo, x, 0, BAR_WIDTH, part);
          cairo_rectangle (cairo, x, height - part, BAR_WIDTH, part);
        }
      else
        {
          double ratio = max > 0.0 ? round_trip / max : 0.0;
          int bar_height = MAX ((int) lrint (ratio * height), MIN_BAR_HEIGHT);

          cairo_rectangle (cairo, x, height - bar_height, BAR_WIDTH, bar_height);
        }
    }
  return has_bars;
}

static void
wsi_sparkline_draw (WsiCell     *cell,
                    GtkSnapshot *snapshot,
                    int          width,
                    int          height)
{
  WsiSparkline *self = WSI_SPARKLINE (cell);
  cairo_t *cairo = NULL;
  GdkRGBA color;

  if (self->beats == NULL || wsi_beats_get_n (self->beats) == 0)
    return;
  cairo = gtk_snapshot_append_cairo (snapshot,
                                     &GRAPHENE_RECT_INIT (0.0f, 0.0f, (float) width,
                                                          (float) height));
  if (wsi_sparkline_add_bars (self, cairo, FALSE, width, height))
    {
      wsi_widgets_get_color (GTK_WIDGET (self), &color);
      gdk_cairo_set_source_rgba (cairo, &color);
      cairo_fill (cairo);
    }
  if (wsi_sparkline_add_bars (self, cairo, TRUE, width, height))
    {
      wsi_swatch_apply (self->missed_swatch, cairo, 1.0);
      cairo_fill (cairo);
    }
  cairo_destroy (cairo);
}

static void
wsi_sparkline_measure (GtkWidget      *widget,
                       GtkOrientation  orientation,
                       int             for_size,
                       int            *minimum,
                       int            *natural,
                       int            *minimum_baseline,
                       int            *natural_baseline)
{
  GTK_WIDGET_CLASS (wsi_sparkline_parent_class)->measure (widget, orientation, for_size, minimum,
                                                          natural, minimum_baseline,
                                                          natural_baseline);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MIN_BARS * BAR_STEP - (BAR_STEP - BAR_WIDTH);
      *natural = WSI_BEATS_CAPACITY * BAR_STEP - (BAR_STEP - BAR_WIDTH);
    }
}

static void
wsi_sparkline_dispose (GObject *object)
{
  WsiSparkline *self = WSI_SPARKLINE (object);

  g_clear_pointer (&self->missed_swatch, gtk_widget_unparent);
  g_clear_object (&self->beats);

  G_OBJECT_CLASS (wsi_sparkline_parent_class)->dispose (object);
}

static void
wsi_sparkline_class_init (WsiSparklineClass *klass)
{
  WsiCellClass *cell_class = WSI_CELL_CLASS (klass);
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  cell_class->draw = wsi_sparkline_draw;
  cell_class->refresh = wsi_sparkline_refresh;
  cell_class->reset = wsi_sparkline_reset;

  object_class->dispose = wsi_sparkline_dispose;

  widget_class->measure = wsi_sparkline_measure;

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (widget_class, "wsi-sparkline");
}

static void
wsi_sparkline_init (WsiSparkline *self)
{
  self->missed_swatch = wsi_swatch_new (GTK_WIDGET (self), "state-failed");
}

GtkWidget *
wsi_sparkline_new (void)
{
  return g_object_new (WSI_TYPE_SPARKLINE, NULL);
}
