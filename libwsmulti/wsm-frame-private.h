/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-frame.h"

G_BEGIN_DECLS

struct _WsmFrame
{
  gatomicrefcount ref_count;

  gint64 time_us; /* monotonic */
  WsmDirection direction;
  guint opcode;
  guint final : 1;
  guint compressed : 1;
  guint64 length;      /* payload as the tap saw it */
  guint64 wire_length; /* header and payload as they travel */
  GBytes *payload;     /* (owned) (nullable): only while capture is on */
};

WsmFrame *wsm_frame_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
