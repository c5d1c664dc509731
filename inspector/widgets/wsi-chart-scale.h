/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Where a moment and a value stand in a rectangle, and which of them are worth a label: the
 * arithmetic of a chart, without drawing. Values begin at 0, times are us, both ends inclusive. */
#define WSI_TYPE_CHART_SCALE (wsi_chart_scale_get_type ())

G_DECLARE_FINAL_TYPE (WsiChartScale, wsi_chart_scale, WSI, CHART_SCALE, GObject)

WsiChartScale *wsi_chart_scale_new              (void) G_GNUC_WARN_UNUSED_RESULT;

/* In the units of the drawing, from its top left. */
void           wsi_chart_scale_set_area         (WsiChartScale *self,
                                                 double         x,
                                                 double         y,
                                                 double         width,
                                                 double         height);
/* Ticks are counted back from the present, which may be out of sight, at least min_distance
 * apart. */
void           wsi_chart_scale_set_times        (WsiChartScale *self,
                                                 gint64         from_us,
                                                 gint64         to_us,
                                                 gint64         present_us,
                                                 double         min_distance);
/* The top becomes a round number that is not below the largest value. */
void           wsi_chart_scale_set_largest      (WsiChartScale *self,
                                                 double         largest,
                                                 double         min_distance);

double         wsi_chart_scale_get_x            (WsiChartScale *self,
                                                 gint64         time_us);
double         wsi_chart_scale_get_y            (WsiChartScale *self,
                                                 double         value);
gint64         wsi_chart_scale_get_time         (WsiChartScale *self,
                                                 double         x);

guint          wsi_chart_scale_get_n_values     (WsiChartScale *self);
double         wsi_chart_scale_get_value        (WsiChartScale *self,
                                                 guint          position);
double         wsi_chart_scale_get_top          (WsiChartScale *self);
guint          wsi_chart_scale_get_n_ages       (WsiChartScale *self);
/* How long before the present, in us. */
gint64         wsi_chart_scale_get_age          (WsiChartScale *self,
                                                 guint          position);

G_END_DECLS
