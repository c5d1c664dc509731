/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

#include "wsi-enums.h"

G_BEGIN_DECLS

/* One WebSocket frame. Properties, read-only: number (uint64, counts from 1), time (int64, us),
 * delta (int64, us since the frame before, 0 for the first), direction, opcode (uint), final,
 * compressed, truncated (payload is a part), length (uint64), wire-length (uint64, 0 = not
 * known), payload (GBytes, NULL = not captured). */
#define WSI_TYPE_FRAME (wsi_frame_get_type ())

G_DECLARE_FINAL_TYPE (WsiFrame, wsi_frame, WSI, FRAME, GObject)

typedef enum
{
  WSI_FRAME_FLAGS_NONE = 0,
  WSI_FRAME_FLAGS_FINAL = 1 << 0,
  WSI_FRAME_FLAGS_COMPRESSED = 1 << 1,
  WSI_FRAME_FLAGS_TRUNCATED = 1 << 2,
} WsiFrameFlags;

WsiFrame      *wsi_frame_new             (guint64        number,
                                          gint64         time_us,
                                          gint64         delta_us,
                                          WsiDirection   direction,
                                          guint          opcode,
                                          WsiFrameFlags  flags,
                                          guint64        length,
                                          guint64        wire_length,
                                          GBytes        *payload) G_GNUC_WARN_UNUSED_RESULT;

guint64        wsi_frame_get_number      (WsiFrame *self);
gint64         wsi_frame_get_time        (WsiFrame *self);
gint64         wsi_frame_get_delta       (WsiFrame *self);
WsiDirection   wsi_frame_get_direction   (WsiFrame *self);
guint          wsi_frame_get_opcode      (WsiFrame *self);
WsiFrameFlags  wsi_frame_get_flags       (WsiFrame *self);
guint64        wsi_frame_get_length      (WsiFrame *self);
guint64        wsi_frame_get_wire_length (WsiFrame *self);
GBytes        *wsi_frame_get_payload     (WsiFrame *self);

/* Whether it is close, ping or pong. */
gboolean       wsi_frame_is_control      (WsiFrame *self);
/* Of the RFC: "text", "ping", …; "0x3" for what has no name. */
char          *wsi_frame_dup_opcode_name (WsiFrame *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
