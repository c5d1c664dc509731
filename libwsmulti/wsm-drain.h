/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsm-lane.h"

G_BEGIN_DECLS

/* Finds out when all that libsoup was given to write has left. */
typedef struct _WsmDrain WsmDrain;

typedef void (*WsmDrainFunc) (gpointer user_data);

WsmDrain *wsm_drain_new   (GOutputStream *output,
                           GSocket       *socket,
                           WsmLane       *lane,
                           WsmDrainFunc   func,
                           gpointer       user_data) G_GNUC_WARN_UNUSED_RESULT;
void      wsm_drain_free  (WsmDrain      *self);

void      wsm_drain_watch (WsmDrain      *self);
gboolean  wsm_drain_is_watching (WsmDrain *self);
void      wsm_drain_stop  (WsmDrain      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmDrain, wsm_drain_free)

G_END_DECLS
