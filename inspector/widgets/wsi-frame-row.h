/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "wsi-frame.h"

G_BEGIN_DECLS

/* A frame in a list, or the titles above it. It draws its columns itself: with a widget for each
 * of them, GTK takes six times as long for a list that gains 500 rows a second. */
#define WSI_TYPE_FRAME_ROW (wsi_frame_row_get_type ())

G_DECLARE_FINAL_TYPE (WsiFrameRow, wsi_frame_row, WSI, FRAME_ROW, GtkWidget)

/* Properties, rw: frame (WsiFrame, NULL = the titles), narrow (boolean: only time, kind and
 * text). */
WsiFrame *wsi_frame_row_get_frame  (WsiFrameRow *self);
void      wsi_frame_row_set_frame  (WsiFrameRow *self,
                                    WsiFrame    *frame);
gboolean  wsi_frame_row_get_narrow (WsiFrameRow *self);
void      wsi_frame_row_set_narrow (WsiFrameRow *self,
                                    gboolean     narrow);

/* All of it, as it is read aloud. */
char     *wsi_frame_row_dup_text   (WsiFrameRow *self) G_GNUC_WARN_UNUSED_RESULT;
/* Out of sight it draws nothing; this makes up for it. */
void      wsi_frame_row_come_up    (WsiFrameRow *self);

G_END_DECLS
