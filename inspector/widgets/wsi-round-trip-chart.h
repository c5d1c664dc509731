/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "wsi-history.h"

G_BEGIN_DECLS

/* Round trips over the last minutes. Beats can be walked through with the pointer and with the
 * arrow keys. Property: readout (string, NULL = no beat is chosen: the chosen beat in words). */
#define WSI_TYPE_ROUND_TRIP_CHART (wsi_round_trip_chart_get_type ())

G_DECLARE_FINAL_TYPE (WsiRoundTripChart, wsi_round_trip_chart, WSI, ROUND_TRIP_CHART, GtkWidget)

/* What is drawn, at which moment it ends, and whether that is now. */
void        wsi_round_trip_chart_show        (WsiRoundTripChart *self,
                                              WsiHistory        *history,
                                              gint64             present_us,
                                              gboolean           live);
/* Another subject: nothing is chosen. */
void        wsi_round_trip_chart_clear       (WsiRoundTripChart *self);
const char *wsi_round_trip_chart_get_readout (WsiRoundTripChart *self);

G_END_DECLS
