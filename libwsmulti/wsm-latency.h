/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#include <glib-object.h>

#include "wsm-version-macros.h"

G_BEGIN_DECLS

#define WSM_TYPE_LATENCY (wsm_latency_get_type ())

WSM_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (WsmLatency, wsm_latency, WSM, LATENCY, GObject)

WSM_AVAILABLE_IN_ALL
double   wsm_latency_get_last      (WsmLatency *self);
WSM_AVAILABLE_IN_ALL
double   wsm_latency_get_smoothed  (WsmLatency *self);
WSM_AVAILABLE_IN_ALL
double   wsm_latency_get_variation (WsmLatency *self);
WSM_AVAILABLE_IN_ALL
double   wsm_latency_get_min       (WsmLatency *self);
WSM_AVAILABLE_IN_ALL
double   wsm_latency_get_max       (WsmLatency *self);
WSM_AVAILABLE_IN_ALL
double   wsm_latency_get_p50       (WsmLatency *self);
WSM_AVAILABLE_IN_ALL
double   wsm_latency_get_p95       (WsmLatency *self);
WSM_AVAILABLE_IN_ALL
double   wsm_latency_get_p99       (WsmLatency *self);
WSM_AVAILABLE_IN_ALL
double   wsm_latency_get_loss      (WsmLatency *self);
WSM_AVAILABLE_IN_ALL
guint64  wsm_latency_get_count     (WsmLatency *self);

G_END_DECLS
