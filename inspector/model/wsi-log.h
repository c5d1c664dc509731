/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A GListModel of the newest items, bounded: what does not fit any more is counted and dropped.
 * Journals (of WsiEvent) and frames (of WsiFrame) are logs.
 *
 * While it is paused the list stands still; what comes is counted, kept up to the capacity, and
 * appears when it goes on. Properties: capacity (uint), paused (boolean, writable), n-dropped
 * (uint64: gone for good, at this end or at the other), n-waiting (uint: come while paused),
 * n-ever (uint64). */
#define WSI_TYPE_LOG (wsi_log_get_type ())

G_DECLARE_FINAL_TYPE (WsiLog, wsi_log, WSI, LOG, GObject)

WsiLog   *wsi_log_new           (GType      item_type,
                                 guint      capacity) G_GNUC_WARN_UNUSED_RESULT;

void      wsi_log_append        (WsiLog    *self,
                                 GPtrArray *items);
void      wsi_log_add_dropped   (WsiLog    *self,
                                 guint64    n_dropped);
void      wsi_log_clear         (WsiLog    *self);

guint64   wsi_log_get_n_ever    (WsiLog    *self);
guint64   wsi_log_get_n_dropped (WsiLog    *self);
guint     wsi_log_get_n_waiting (WsiLog    *self);
gboolean  wsi_log_get_paused    (WsiLog    *self);
void      wsi_log_set_paused    (WsiLog    *self,
                                 gboolean   paused);

G_END_DECLS
