/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "wsm-clock.h"
#include "wsm-meter.h"

G_BEGIN_DECLS

/* Asks the app's or the system's own resolver, and has what may be reached directly metered. */
#define WSM_TYPE_METERED_RESOLVER (wsm_metered_resolver_get_type ())

G_DECLARE_FINAL_TYPE (WsmMeteredResolver, wsm_metered_resolver, WSM, METERED_RESOLVER, GObject)

void      wsm_metered_resolver_add_to_session (SoupSession *session,
                                               WsmMeter    *meter,
                                               WsmClock    *clock);
WsmMeter *wsm_metered_resolver_find_meter     (SoupSession *session);

G_END_DECLS
