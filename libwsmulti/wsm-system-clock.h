/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-clock.h"

G_BEGIN_DECLS

#define WSM_TYPE_SYSTEM_CLOCK (wsm_system_clock_get_type ())

G_DECLARE_FINAL_TYPE (WsmSystemClock, wsm_system_clock, WSM, SYSTEM_CLOCK, GObject)

WsmClock *wsm_system_clock_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
