/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-latency.h"

#include "wsm-latency-histogram.h"

G_BEGIN_DECLS

WsmLatency *wsm_latency_new    (const WsmLatencyHistogram *histogram) G_GNUC_WARN_UNUSED_RESULT;
void        wsm_latency_update (WsmLatency                *self);
void        wsm_latency_detach (WsmLatency                *self);

G_END_DECLS
