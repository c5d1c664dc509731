/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where time comes from: the one seam towards the clock. Microseconds of monotonic time. */
#define WSM_TYPE_CLOCK (wsm_clock_get_type ())

G_DECLARE_INTERFACE (WsmClock, wsm_clock, WSM, CLOCK, GObject)

struct _WsmClockInterface
{
  GTypeInterface parent;

  gint64 (*get_time_us) (WsmClock *self);

  /* Makes source ready at time_us, -1 for never; a clock serves one source. */
  void   (*set_alarm)   (WsmClock *self,
                         GSource  *source,
                         gint64    time_us);
};

gint64 wsm_clock_get_time_us (WsmClock *self);
void   wsm_clock_set_alarm   (WsmClock *self,
                              GSource  *source,
                              gint64    time_us);

G_END_DECLS
