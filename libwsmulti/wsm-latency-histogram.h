/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How long each of many took, to be answered or to leave: RFC 6298's estimate and a histogram of
 * logarithmic buckets, in at most WSM_LATENCY_HISTOGRAM_MAX_SIZE bytes. A quantile is off by at
 * most WSM_LATENCY_HISTOGRAM_RELATIVE_ERROR of itself. All times are microseconds. */
typedef struct _WsmLatencyHistogram WsmLatencyHistogram;

#define WSM_LATENCY_HISTOGRAM_MAX_SIZE 512
#define WSM_LATENCY_HISTOGRAM_RELATIVE_ERROR 0.05

WsmLatencyHistogram *wsm_latency_histogram_new           (void) G_GNUC_WARN_UNUSED_RESULT;
void                 wsm_latency_histogram_free          (WsmLatencyHistogram       *self);

void                 wsm_latency_histogram_add           (WsmLatencyHistogram       *self,
                                                          gint64                     latency_us);
void                 wsm_latency_histogram_add_missed    (WsmLatencyHistogram       *self);

guint64              wsm_latency_histogram_get_count     (const WsmLatencyHistogram *self);
guint64              wsm_latency_histogram_get_n_missed  (const WsmLatencyHistogram *self);
gint64               wsm_latency_histogram_get_last      (const WsmLatencyHistogram *self);
gint64               wsm_latency_histogram_get_min       (const WsmLatencyHistogram *self);
gint64               wsm_latency_histogram_get_max       (const WsmLatencyHistogram *self);
double               wsm_latency_histogram_get_smoothed  (const WsmLatencyHistogram *self);
double               wsm_latency_histogram_get_variation (const WsmLatencyHistogram *self);
double               wsm_latency_histogram_get_quantile  (const WsmLatencyHistogram *self,
                                                          double                     quantile);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmLatencyHistogram, wsm_latency_histogram_free)

G_END_DECLS
