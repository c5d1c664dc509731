/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The round trips of one connection: RFC 6298's estimate and a histogram of logarithmic
 * buckets, in at most WSM_ROUND_TRIPS_MAX_SIZE bytes. A quantile is off by at most
 * WSM_ROUND_TRIPS_RELATIVE_ERROR of itself. All times are microseconds. */
typedef struct _WsmRoundTrips WsmRoundTrips;

#define WSM_ROUND_TRIPS_MAX_SIZE 512
#define WSM_ROUND_TRIPS_RELATIVE_ERROR 0.05

WsmRoundTrips *wsm_round_trips_new           (void) G_GNUC_WARN_UNUSED_RESULT;
void           wsm_round_trips_free          (WsmRoundTrips       *self);

void           wsm_round_trips_add           (WsmRoundTrips       *self,
                                              gint64               round_trip_us);
void           wsm_round_trips_add_missed    (WsmRoundTrips       *self);

guint64        wsm_round_trips_get_count     (const WsmRoundTrips *self);
guint64        wsm_round_trips_get_n_missed  (const WsmRoundTrips *self);
gint64         wsm_round_trips_get_last      (const WsmRoundTrips *self);
gint64         wsm_round_trips_get_min       (const WsmRoundTrips *self);
gint64         wsm_round_trips_get_max       (const WsmRoundTrips *self);
double         wsm_round_trips_get_smoothed  (const WsmRoundTrips *self);
double         wsm_round_trips_get_variation (const WsmRoundTrips *self);
double         wsm_round_trips_get_quantile  (const WsmRoundTrips *self,
                                              double               quantile);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmRoundTrips, wsm_round_trips_free)

G_END_DECLS
