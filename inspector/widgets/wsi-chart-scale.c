/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-chart-scale.h"

#include <math.h>

/**
 * WsiChartScale:
 *
 * The arithmetic of a chart.
 */

#define US_PER_SECOND ((gint64) G_USEC_PER_SEC)

/* A chart of nothing still has an axis; a millisecond is what a local peer takes. */
#define SMALLEST_TOP 1.0

struct _WsiChartScale
{
  GObject parent_instance;

  double x;
  double y;
  double width;
  double height;

  gint64 from_us;
  gint64 to_us;
  gint64 present_us;
  gint64 age_step_us;

  double top;
  double value_step;
};

/* What people count time in. */
static const gint64 age_steps_us[] = {
  US_PER_SECOND / 10,
  US_PER_SECOND / 5,
  US_PER_SECOND / 2,
  1 * US_PER_SECOND,
  2 * US_PER_SECOND,
  5 * US_PER_SECOND,
  10 * US_PER_SECOND,
  15 * US_PER_SECOND,
  30 * US_PER_SECOND,
  60 * US_PER_SECOND,
  120 * US_PER_SECOND,
  300 * US_PER_SECOND,
  600 * US_PER_SECOND,
  900 * US_PER_SECOND,
  1800 * US_PER_SECOND,
  3600 * US_PER_SECOND,
  7200 * US_PER_SECOND,
  21600 * US_PER_SECOND,
  43200 * US_PER_SECOND,
  86400 * US_PER_SECOND,
};

G_DEFINE_FINAL_TYPE (WsiChartScale, wsi_chart_scale, G_TYPE_OBJECT)

/* The smallest of 1, 2 and 5 times a power of ten that is not below. */
static double
wsi_chart_scale_round_up (double value)
{
  double power = pow (10.0, floor (log10 (value)));
  double fraction = value / power;

  /* A little tolerance, for 10^-1 is not exactly a tenth. */
  if (fraction <= 1.0 + 1e-9)
    return power;
  if (fraction <= 2.0 + 1e-9)
    return 2.0 * power;
  if (fraction <= 5.0 + 1e-9)
    return 5.0 * power;

  return 10.0 * power;
}

/* How many steps before the present the first tick in sight is. */
static gint64
wsi_chart_scale_get_first_step (WsiChartScale *self)
{
  return (self->present_us - self->to_us + self->age_step_us - 1) / self->age_step_us;
}

static void
wsi_chart_scale_class_init (WsiChartScaleClass *klass)
{
}

static void
wsi_chart_scale_init (WsiChartScale *self)
{
  self->width = 1.0;
  self->height = 1.0;
  self->to_us = 1;
  self->age_step_us = US_PER_SECOND;
  self->top = SMALLEST_TOP;
  self->value_step = SMALLEST_TOP;
}

WsiChartScale *
wsi_chart_scale_new (void)
{
  return g_object_new (WSI_TYPE_CHART_SCALE, NULL);
}

void
wsi_chart_scale_set_area (WsiChartScale *self,
                          double         x,
                          double         y,
                          double         width,
                          double         height)
{
  g_return_if_fail (WSI_IS_CHART_SCALE (self));

  self->x = x;
  self->y = y;
  self->width = MAX (width, 1.0);
  self->height = MAX (height, 1.0);
}

void
wsi_chart_scale_set_times (WsiChartScale *self,
                           gint64         from_us,
                           gint64         to_us,
                           gint64         present_us,
                           double         min_distance)
{
  double us_per_unit;
  gint64 step_us;

  g_return_if_fail (WSI_IS_CHART_SCALE (self));

  self->from_us = from_us;
  self->to_us = MAX (to_us, from_us + 1);
  self->present_us = MAX (present_us, self->to_us);

  us_per_unit = (double) (self->to_us - self->from_us) / self->width;
  step_us = age_steps_us[G_N_ELEMENTS (age_steps_us) - 1];
  for (gsize i = 0; i < G_N_ELEMENTS (age_steps_us); i++)
    {
      if ((double) age_steps_us[i] >= us_per_unit * min_distance)
        {
          step_us = age_steps_us[i];
          break;
        }
    }

  /* Years of it: still few labels. */
  while ((double) step_us < us_per_unit * min_distance)
    step_us *= 2;

  self->age_step_us = step_us;
}

void
wsi_chart_scale_set_largest (WsiChartScale *self,
                             double         largest,
                             double         min_distance)
{
  double n_steps;

  g_return_if_fail (WSI_IS_CHART_SCALE (self));

  /* Not a number and infinity come from a peer that lies. */
  if (!(largest >= SMALLEST_TOP) || !isfinite (largest))
    largest = SMALLEST_TOP;

  n_steps = CLAMP (floor (self->height / MAX (min_distance, 1.0)), 1.0, 5.0);
  self->value_step = wsi_chart_scale_round_up (largest / n_steps);
  self->top = ceil (largest / self->value_step - 1e-9) * self->value_step;
}

double
wsi_chart_scale_get_x (WsiChartScale *self,
                       gint64         time_us)
{
  g_return_val_if_fail (WSI_IS_CHART_SCALE (self), 0.0);

  return self->x + self->width * (double) (time_us - self->from_us) /
                   (double) (self->to_us - self->from_us);
}

double
wsi_chart_scale_get_y (WsiChartScale *self,
                       double         value)
{
  g_return_val_if_fail (WSI_IS_CHART_SCALE (self), 0.0);

  return self->y + self->height * (1.0 - value / self->top);
}

gint64
wsi_chart_scale_get_time (WsiChartScale *self,
                          double         x)
{
  g_return_val_if_fail (WSI_IS_CHART_SCALE (self), 0);

  return self->from_us + (gint64) llround ((x - self->x) / self->width *
                                           (double) (self->to_us - self->from_us));
}

guint
wsi_chart_scale_get_n_values (WsiChartScale *self)
{
  g_return_val_if_fail (WSI_IS_CHART_SCALE (self), 0);

  return (guint) lround (self->top / self->value_step) + 1;
}

double
wsi_chart_scale_get_value (WsiChartScale *self,
                           guint          position)
{
  g_return_val_if_fail (WSI_IS_CHART_SCALE (self), 0.0);

  return position * self->value_step;
}

double
wsi_chart_scale_get_top (WsiChartScale *self)
{
  g_return_val_if_fail (WSI_IS_CHART_SCALE (self), 0.0);

  return self->top;
}

guint
wsi_chart_scale_get_n_ages (WsiChartScale *self)
{
  gint64 n_steps;

  g_return_val_if_fail (WSI_IS_CHART_SCALE (self), 0);

  n_steps = (self->present_us - self->from_us) / self->age_step_us + 1 -
            wsi_chart_scale_get_first_step (self);

  return (guint) MAX (n_steps, 0);
}

gint64
wsi_chart_scale_get_age (WsiChartScale *self,
                         guint          position)
{
  g_return_val_if_fail (WSI_IS_CHART_SCALE (self), 0);

  return (wsi_chart_scale_get_first_step (self) + position) * self->age_step_us;
}
