/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-connection-private.h"
#include "wsm-pool-private.h"

G_BEGIN_DECLS

/* How the rows of a pool look on the bus, and what of them may leave the process. */

#define WSM_EXPORTER_MAX_ROWS 500
#define WSM_EXPORTER_MAX_ENTRIES 500

/* What an exporter shows, and how much of it. */
typedef struct
{
  WsmPool *pool; /* (unowned) (nullable): cleared when it is gone */
  char *name;    /* (owned) */
  gboolean allow_control;
  guint payload_capture; /* bytes of each payload, at most; 0 = none */
} WsmExhibit;

/* Of a row, as io.github.wsmulti.Pool1 describes them: in memory what they are in a GVariant. */
typedef struct
{
  guint64 id;
  gint64 next_at_us;
  gint64 opened_at_us;
  gint64 last_received_at_us;
  guint64 n_messages_sent;
  guint64 n_messages_received;
  guint64 n_bytes_sent;
  guint64 n_bytes_received;
  guint64 n_beats_sent;
  guint64 n_beats_answered;
  guint64 n_beats_missed;
  double round_trip_ms;
  double smoothed_ms;
  guint32 state;
  guint32 reason_code;
  guint32 n_missed;
  guint32 max_missed;
  guint32 n_reconnects;
  guint32 attempt;
  guint32 span_ms;
  guint32 flags;
} WsmFigures;

#define WSM_FIGURES_TYPE "(txxxtttttttdduuuuuuuu)"

guint32   wsm_exporter_number_state    (WsmState          state);
void      wsm_exporter_read_figures    (WsmConnection    *connection,
                                        WsmFigures       *figures);
GVariant *wsm_exporter_pack_figures    (GArray           *figures);
char     *wsm_exporter_explain         (const WsmReason  *reason) G_GNUC_WARN_UNUSED_RESULT;
GVariant *wsm_exporter_pack_row        (WsmConnection    *connection);
GVariant *wsm_exporter_pack_rows       (WsmPool          *pool,
                                        guint64           first,
                                        guint             count);
GVariant *wsm_exporter_pack_counts     (WsmPool          *pool);
GVariant *wsm_exporter_pack_latency    (WsmLatency       *latency);
GVariant *wsm_exporter_pack_journal    (WsmConnection    *connection,
                                        guint64           after,
                                        guint             n_max);
GVariant *wsm_exporter_pack_frame      (const WsmFrame   *frame,
                                        gsize             n_max);
const char *wsm_exporter_find_name     (const WsmExhibit *exhibit);
void      wsm_exporter_add_about       (const WsmExhibit *exhibit,
                                        GVariantDict     *about);
GVariant *wsm_exporter_pack_summary    (const WsmExhibit *exhibit);

G_END_DECLS
