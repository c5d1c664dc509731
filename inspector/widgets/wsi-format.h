/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers with their units, as people read them; the only place that makes such texts. Translated,
 * with the separators of the locale. What there is not is an en dash. */

/* ms: "0.7 ms", "402 ms", "1.3 s"; negative = none. */
char *wsi_format_round_trip (double  round_trip) G_GNUC_WARN_UNUSED_RESULT;
/* us: "4 s", "3 min 12 s", "2 h 5 min", "3 d 4 h"; two units at most. */
char *wsi_format_duration   (gint64  duration_us) G_GNUC_WARN_UNUSED_RESULT;
/* us until then, rounded up: "in 3 s", "now". */
char *wsi_format_countdown  (gint64  remaining_us) G_GNUC_WARN_UNUSED_RESULT;
/* us between frames: "+0.000", "+1.204" seconds, signed. */
char *wsi_format_delta      (gint64  delta_us) G_GNUC_WARN_UNUSED_RESULT;
/* "1,204". */
char *wsi_format_count      (guint64 count) G_GNUC_WARN_UNUSED_RESULT;
/* "1.2 kB". */
char *wsi_format_size       (guint64 n_bytes) G_GNUC_WARN_UNUSED_RESULT;
/* A ratio from 0 to 1: "0.4 %". */
char *wsi_format_ratio      (double  ratio) G_GNUC_WARN_UNUSED_RESULT;
/* Wall-clock time of a monotonic time of this process: "14:03:22.418". */
char *wsi_format_time       (gint64  time_us) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
