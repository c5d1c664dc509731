/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#include "wsm-connection.h"

G_BEGIN_DECLS

#define WSM_TYPE_BEATS (wsm_beats_get_type ())

typedef struct _WsmBeats WsmBeats;

WSM_AVAILABLE_IN_ALL
GType                 wsm_beats_get_type        (void) G_GNUC_CONST;

WSM_AVAILABLE_IN_ALL
WsmBeats             *wsm_beats_copy            (const WsmBeats *self) G_GNUC_WARN_UNUSED_RESULT;
WSM_AVAILABLE_IN_ALL
void                  wsm_beats_free            (WsmBeats       *self);

WSM_AVAILABLE_IN_ALL
guint                 wsm_beats_get_n_answered  (const WsmBeats *self);
WSM_AVAILABLE_IN_ALL
guint                 wsm_beats_get_n_missed    (const WsmBeats *self);
WSM_AVAILABLE_IN_ALL
const double         *wsm_beats_get_round_trips (const WsmBeats *self,
                                                 gsize          *n_beats);
WSM_AVAILABLE_IN_ALL
WsmConnection *const *wsm_beats_get_connections (const WsmBeats *self,
                                                 gsize          *n_beats);
WSM_AVAILABLE_IN_ALL
WsmConnection        *wsm_beats_get_connection  (const WsmBeats *self,
                                                 guint           position);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmBeats, wsm_beats_free)

G_END_DECLS
