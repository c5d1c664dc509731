/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#include <glib-object.h>

#include "wsm-enums.h"
#include "wsm-version-macros.h"

G_BEGIN_DECLS

#define WSM_TYPE_FRAME (wsm_frame_get_type ())

typedef struct _WsmFrame WsmFrame;

WSM_AVAILABLE_IN_ALL
GType         wsm_frame_get_type        (void) G_GNUC_CONST;

WSM_AVAILABLE_IN_ALL
WsmFrame     *wsm_frame_copy            (const WsmFrame *self) G_GNUC_WARN_UNUSED_RESULT;
WSM_AVAILABLE_IN_ALL
void          wsm_frame_free            (WsmFrame       *self);

WSM_AVAILABLE_IN_ALL
gint64        wsm_frame_get_time        (const WsmFrame *self);
WSM_AVAILABLE_IN_ALL
WsmDirection  wsm_frame_get_direction   (const WsmFrame *self);
WSM_AVAILABLE_IN_ALL
guint         wsm_frame_get_opcode      (const WsmFrame *self);
WSM_AVAILABLE_IN_ALL
gboolean      wsm_frame_is_final        (const WsmFrame *self);
WSM_AVAILABLE_IN_ALL
gboolean      wsm_frame_is_compressed   (const WsmFrame *self);
WSM_AVAILABLE_IN_ALL
guint64       wsm_frame_get_length      (const WsmFrame *self);
WSM_AVAILABLE_IN_ALL
guint64       wsm_frame_get_wire_length (const WsmFrame *self);
WSM_AVAILABLE_IN_ALL
GBytes       *wsm_frame_get_payload     (const WsmFrame *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmFrame, wsm_frame_free)

G_END_DECLS
