/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsi-beats.h"
#include "wsi-details.h"
#include "wsi-enums.h"
#include "wsi-log.h"

G_BEGIN_DECLS

/* One row of a source: a connection as it was last heard of.
 *
 * Properties, read-only, each notified only when it changed:
 *   id (uint64), name, uri, reason (string), reason-code (uint: WsmReasonCode + 1, 0 = unknown),
 *   state (WsiState), round-trip, smoothed (double, ms, negative = none), next-at, opened-at,
 *   last-received-at (int64, us of this process's monotonic clock, 0 = none; in a recording also
 *   negative: before the clock began), span (uint, ms), n-missed, max-missed, n-reconnects,
 *   attempt (uint), n-messages-sent, n-messages-received, n-bytes-sent, n-bytes-received,
 *   n-beats-sent, n-beats-answered, n-beats-missed (uint64), paused, limits-enforced (boolean),
 *   beats (WsiBeats), details (WsiDetails, NULL until it has been followed for a moment; another
 *   one each second while it is followed), journal (WsiLog of WsiEvent), frames (WsiLog of
 *   WsiFrame), attached (boolean: FALSE once its source is gone or it was removed)
 * Writable: payload-capture (uint, bytes of each frame's payload that are wanted, 0 = none, the
 * default; at most what the source allows).
 *
 * It must be followed (wsi_source_follow()) for journal, frames and details to go on; they stay
 * when another one is followed. */
#define WSI_TYPE_CONNECTION (wsi_connection_get_type ())

G_DECLARE_FINAL_TYPE (WsiConnection, wsi_connection, WSI, CONNECTION, GObject)

guint64      wsi_connection_get_id                  (WsiConnection *self);
const char  *wsi_connection_get_name                (WsiConnection *self);
const char  *wsi_connection_get_uri                 (WsiConnection *self);
const char  *wsi_connection_get_reason              (WsiConnection *self);
guint        wsi_connection_get_reason_code         (WsiConnection *self);
WsiState     wsi_connection_get_state               (WsiConnection *self);
double       wsi_connection_get_round_trip          (WsiConnection *self);
double       wsi_connection_get_smoothed            (WsiConnection *self);
gint64       wsi_connection_get_next_at             (WsiConnection *self);
gint64       wsi_connection_get_opened_at           (WsiConnection *self);
gint64       wsi_connection_get_last_received_at    (WsiConnection *self);
guint        wsi_connection_get_span                (WsiConnection *self);
guint        wsi_connection_get_n_missed            (WsiConnection *self);
guint        wsi_connection_get_max_missed          (WsiConnection *self);
guint        wsi_connection_get_n_reconnects        (WsiConnection *self);
guint        wsi_connection_get_attempt             (WsiConnection *self);
guint64      wsi_connection_get_n_messages_sent     (WsiConnection *self);
guint64      wsi_connection_get_n_messages_received (WsiConnection *self);
guint64      wsi_connection_get_n_bytes_sent        (WsiConnection *self);
guint64      wsi_connection_get_n_bytes_received    (WsiConnection *self);
guint64      wsi_connection_get_n_beats_sent        (WsiConnection *self);
guint64      wsi_connection_get_n_beats_answered    (WsiConnection *self);
guint64      wsi_connection_get_n_beats_missed      (WsiConnection *self);
gboolean     wsi_connection_get_paused              (WsiConnection *self);
gboolean     wsi_connection_get_limits_enforced     (WsiConnection *self);
gboolean     wsi_connection_get_attached            (WsiConnection *self);
WsiBeats    *wsi_connection_get_beats               (WsiConnection *self);
WsiDetails  *wsi_connection_get_details             (WsiConnection *self);
WsiLog      *wsi_connection_get_journal             (WsiConnection *self);
WsiLog      *wsi_connection_get_frames              (WsiConnection *self);
guint        wsi_connection_get_payload_capture     (WsiConnection *self);
void         wsi_connection_set_payload_capture     (WsiConnection *self,
                                                     guint          payload_capture);

/* Commands; without consent of the program they fail with G_IO_ERROR_PERMISSION_DENIED and a
 * message that says so. A floating parameters variant is taken. */
void         wsi_connection_command_async           (WsiConnection       *self,
                                                     WsiCommand           command,
                                                     GVariant            *parameters,
                                                     GCancellable        *cancellable,
                                                     GAsyncReadyCallback  callback,
                                                     gpointer             user_data);
GVariant    *wsi_connection_command_finish          (WsiConnection       *self,
                                                     GAsyncResult        *result,
                                                     GError             **error);

G_END_DECLS
