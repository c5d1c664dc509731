/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-connection.h"
#include "wsi-source.h"

G_BEGIN_DECLS

#define WSI_CONNECTION_JOURNAL_CAPACITY 4096
#define WSI_CONNECTION_FRAMES_CAPACITY 10000
/* All payloads that are kept of one connection, in bytes. */
#define WSI_CONNECTION_MAX_PAYLOADS (64 * 1024 * 1024)

/* The figures of the protocol, exactly as GVariant lays them out. */
typedef struct
{
  guint64 id;
  gint64 next_at;
  gint64 opened_at;
  gint64 last_received_at;
  guint64 n_messages_sent;
  guint64 n_messages_received;
  guint64 n_bytes_sent;
  guint64 n_bytes_received;
  guint64 n_beats_sent;
  guint64 n_beats_answered;
  guint64 n_beats_missed;
  double round_trip;
  double smoothed;
  guint32 state;
  guint32 reason_code;
  guint32 n_missed;
  guint32 max_missed;
  guint32 n_reconnects;
  guint32 attempt;
  guint32 span;
  guint32 flags;
} WsiFigures;

G_STATIC_ASSERT (sizeof (WsiFigures) == 136);

#define WSI_FIGURES_TYPE "(txxxtttttttdduuuuuuuu)"

typedef enum
{
  WSI_FIGURES_FLAGS_PAUSED = 1 << 0,
  WSI_FIGURES_FLAGS_LIMITS_ENFORCED = 1 << 1,
} WsiFiguresFlags;

/* Longest time from one moment to another that is believed, in us: 100 years. */
#define WSI_TIME_MAX G_GINT64_CONSTANT (3155760000000000)

gint64         wsi_time_shift                       (gint64            time_us,
                                                     gint64            offset_us);
WsiState       wsi_state_from_number                (guint32           number);

WsiConnection *wsi_connection_new                   (guint64           id) G_GNUC_WARN_UNUSED_RESULT;
void           wsi_connection_set_source            (WsiConnection    *self,
                                                     WsiSource        *source);
WsiSource     *wsi_connection_get_source            (WsiConnection    *self);
void           wsi_connection_set_attached          (WsiConnection    *self,
                                                     gboolean          attached);

void           wsi_connection_apply_row             (WsiConnection    *self,
                                                     GVariant         *row,
                                                     gint64            offset_us);
gboolean       wsi_connection_apply_figures         (WsiConnection    *self,
                                                     const WsiFigures *figures,
                                                     gint64            offset_us);
void           wsi_connection_load_figures          (WsiConnection    *self,
                                                     const WsiFigures *figures,
                                                     gint64            offset_us);
void           wsi_connection_set_reason            (WsiConnection    *self,
                                                     const char       *reason);
void           wsi_connection_set_details           (WsiConnection    *self,
                                                     WsiDetails       *details);
void           wsi_connection_get_figures           (WsiConnection    *self,
                                                     WsiFigures       *figures);

/* The number of the last entry of the journal that came; 0 = none. */
guint64        wsi_connection_get_last_event_number (WsiConnection    *self);
gboolean       wsi_connection_apply_events          (WsiConnection    *self,
                                                     GVariant         *entries,
                                                     gint64            offset_us,
                                                     gboolean          may_have_gap);
void           wsi_connection_apply_frames          (WsiConnection    *self,
                                                     guint64           n_dropped,
                                                     GVariant         *frames,
                                                     gint64            offset_us);

G_END_DECLS
