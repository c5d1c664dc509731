/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "wsi-enums.h"

G_BEGIN_DECLS

/* Which frames are wanted. Properties: pattern (string, rw), regular (boolean, rw: the pattern is
 * a regular expression), direction (uint, rw: a WsiDirection, 0 = both), opcodes (uint, rw: a bit
 * for each opcode, 0 = all), error (string, NULL = none: what is wrong with the pattern; the one
 * before stays in force). */
#define WSI_TYPE_FRAME_FILTER (wsi_frame_filter_get_type ())

G_DECLARE_FINAL_TYPE (WsiFrameFilter, wsi_frame_filter, WSI, FRAME_FILTER, GtkFilter)

#define WSI_FRAME_OPCODES_ALL 0u
#define WSI_FRAME_OPCODES_DATA 0x00ffu
#define WSI_FRAME_OPCODES_CONTROL 0xff00u

WsiFrameFilter *wsi_frame_filter_new           (void) G_GNUC_WARN_UNUSED_RESULT;

const char     *wsi_frame_filter_get_pattern   (WsiFrameFilter *self);
void            wsi_frame_filter_set_pattern   (WsiFrameFilter *self,
                                                const char     *pattern);
gboolean        wsi_frame_filter_get_regular   (WsiFrameFilter *self);
void            wsi_frame_filter_set_regular   (WsiFrameFilter *self,
                                                gboolean        regular);
WsiDirection    wsi_frame_filter_get_direction (WsiFrameFilter *self);
void            wsi_frame_filter_set_direction (WsiFrameFilter *self,
                                                WsiDirection    direction);
guint           wsi_frame_filter_get_opcodes   (WsiFrameFilter *self);
void            wsi_frame_filter_set_opcodes   (WsiFrameFilter *self,
                                                guint           opcodes);
const char     *wsi_frame_filter_get_error     (WsiFrameFilter *self);

G_END_DECLS
