/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The last beats of one connection, for a sparkline: a ring of round trips in ms, oldest first,
 * in which a missed beat is negative. Emits "changed". */
#define WSI_TYPE_BEATS (wsi_beats_get_type ())

G_DECLARE_FINAL_TYPE (WsiBeats, wsi_beats, WSI, BEATS, GObject)

#define WSI_BEATS_CAPACITY 40

WsiBeats *wsi_beats_new        (void) G_GNUC_WARN_UNUSED_RESULT;

guint     wsi_beats_get_n      (WsiBeats     *self);
double    wsi_beats_get        (WsiBeats     *self,
                                guint         position);
guint64   wsi_beats_get_n_ever (WsiBeats     *self);
double    wsi_beats_get_max    (WsiBeats     *self);

void      wsi_beats_add        (WsiBeats     *self,
                                double        round_trip);
void      wsi_beats_add_many   (WsiBeats     *self,
                                const double *round_trips,
                                gsize         n);
void      wsi_beats_replace    (WsiBeats     *self,
                                const double *round_trips,
                                gsize         n);
void      wsi_beats_clear      (WsiBeats     *self);

G_END_DECLS
