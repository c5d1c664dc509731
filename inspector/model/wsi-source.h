/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsi-connection.h"

G_BEGIN_DECLS

/* One pool: of another program, of this one, or of a file.
 *
 * Properties, read-only: kind (WsiSourceKind), title (what a person calls the program), icon-name
 * (nullable), application-id (nullable), pid (uint, 0 = none), attached (boolean), loading
 * (boolean: rows are still being fetched), can-control (boolean), payload-capture (uint, the most
 * bytes of a payload that the program allows), n-connections, n-open, n-late, n-waiting, n-failed
 * (uint), connections (GListModel of WsiConnection, in the order of their ids), followed
 * (WsiConnection, nullable), error (string, nullable: why it is not attached any more, if there is
 * something to say).
 *
 * Signal "updated": a batch of what its program told is in the rows, all of it.
 *
 * A source begins to watch when it is made, with an empty window: counts and states come, and new
 * and gone rows. */
/* What the protocol allows. */
#define WSI_SOURCE_MAX_WATCHED 1000

#define WSI_TYPE_SOURCE (wsi_source_get_type ())

G_DECLARE_FINAL_TYPE (WsiSource, wsi_source, WSI, SOURCE, GObject)

WsiSourceKind  wsi_source_get_kind            (WsiSource *self);
const char    *wsi_source_get_title           (WsiSource *self);
const char    *wsi_source_get_icon_name       (WsiSource *self);
const char    *wsi_source_get_application_id  (WsiSource *self);
guint          wsi_source_get_pid             (WsiSource *self);
gboolean       wsi_source_get_attached        (WsiSource *self);
gboolean       wsi_source_has_hung_up         (WsiSource *self);
gboolean       wsi_source_get_loading         (WsiSource *self);
gboolean       wsi_source_get_can_control     (WsiSource *self);
guint          wsi_source_get_payload_capture (WsiSource *self);
guint          wsi_source_get_n_connections   (WsiSource *self);
guint          wsi_source_get_n_open          (WsiSource *self);
guint          wsi_source_get_n_late          (WsiSource *self);
guint          wsi_source_get_n_waiting       (WsiSource *self);
guint          wsi_source_get_n_failed        (WsiSource *self);
const char    *wsi_source_get_error           (WsiSource *self);
GListModel    *wsi_source_get_connections     (WsiSource *self);
WsiConnection *wsi_source_get_followed        (WsiSource *self);
/* The moment that its rows tell of, in us of this process's monotonic clock: now, while it is
 * attached; then the last one it was heard of. Ages and countdowns are reckoned from it. */
gint64         wsi_source_get_now             (WsiSource *self);

/* Which rows somebody looks at, by their positions in connections; n_rows of 0 = none, of
 * G_MAXUINT = all. Cheap: what does not change is not sent. */
void           wsi_source_watch               (WsiSource     *self,
                                               guint          interval_ms,
                                               guint          position,
                                               guint          n_rows);
/* The same for rows that do not stand side by side, by their ids: WSI_SOURCE_MAX_WATCHED of them
 * at most. */
void           wsi_source_watch_rows          (WsiSource     *self,
                                               guint          interval_ms,
                                               const guint64 *ids,
                                               guint          n_ids);
/* The one connection whose journal, frames and details are wanted; NULL = none. */
void           wsi_source_follow              (WsiSource     *self,
                                               WsiConnection *connection);
/* Ends the connection to the program. */
void           wsi_source_detach              (WsiSource     *self);

G_END_DECLS
