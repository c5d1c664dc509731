/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-beats.h"

G_BEGIN_DECLS

/* Whoever makes one adds to it and takes away from it before anybody else sees it. */
WsmBeats *wsm_beats_new    (void) G_GNUC_WARN_UNUSED_RESULT;
void      wsm_beats_add    (WsmBeats      *self,
                            WsmConnection *connection,
                            gint64         round_trip_us);
void      wsm_beats_forget (WsmBeats      *self,
                            WsmConnection *connection);

G_END_DECLS
