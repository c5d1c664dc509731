/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-exporter-rows.h"

G_BEGIN_DECLS

/* What one client watches, what of that has changed since it was told last, and when it is told
 * next. */
typedef struct _WsmExporterWatch WsmExporterWatch;

#define WSM_EXPORTER_MIN_INTERVAL_MS 50
#define WSM_EXPORTER_MAX_INTERVAL_MS 60000
#define WSM_EXPORTER_MAX_CHOSEN 1000

typedef struct
{
  /* whether what was said before has left; if not, wsm_exporter_watch_resume() has to follow */
  gboolean (*may_say) (gpointer    client);
  void     (*say)     (gpointer    client,
                       const char *signal_name,
                       GVariant   *parameters);
  /* all of it is said for now */
  void     (*said)    (gpointer    client);
} WsmExporterWatchClient;

WsmExporterWatch *wsm_exporter_watch_new       (const WsmExhibit             *exhibit,
                                                const WsmExporterWatchClient *funcs,
                                                gpointer                      client) G_GNUC_WARN_UNUSED_RESULT;
void              wsm_exporter_watch_free      (WsmExporterWatch             *self);

void              wsm_exporter_watch_start     (WsmExporterWatch             *self,
                                                guint                         interval_ms,
                                                guint64                       first,
                                                guint                         count);
void              wsm_exporter_watch_start_rows (WsmExporterWatch            *self,
                                                guint                         interval_ms,
                                                const guint64                *ids,
                                                guint                         n_ids);
void              wsm_exporter_watch_stop      (WsmExporterWatch             *self);
void              wsm_exporter_watch_follow    (WsmExporterWatch             *self,
                                                guint64                       id,
                                                gboolean                      wants_frames,
                                                guint                         payload_capture);
void              wsm_exporter_watch_resume    (WsmExporterWatch             *self);

/* Rows up to there were given to the client otherwise. */
void              wsm_exporter_watch_note_given (WsmExporterWatch            *self,
                                                 guint64                      id);

/* From the pool. */
void              wsm_exporter_watch_added     (WsmExporterWatch             *self,
                                                WsmConnection                *connection);
void              wsm_exporter_watch_removed   (WsmExporterWatch             *self,
                                                WsmConnection                *connection,
                                                guint64                       id);
void              wsm_exporter_watch_changed   (WsmExporterWatch             *self,
                                                WsmConnection                *connection,
                                                WsmChange                     change);
void              wsm_exporter_watch_frame     (WsmExporterWatch             *self,
                                                WsmConnection                *connection,
                                                const WsmFrame               *frame);

G_END_DECLS
