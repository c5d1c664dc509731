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

  gint64   (*get_time_us)        (WsmClock *self);

  /* As monotonic time, but it goes on while the machine sleeps. */
  gint64   (*get_boot_time_us)   (WsmClock *self);

  /* Since 1970. It may jump. */
  gint64   (*get_wall_time_us)   (WsmClock *self);

  /* NULL if the clock has none. */
  GSource *(*create_wake_source) (WsmClock *self);

  /* Makes source ready at time_us, -1 for never; a clock serves one source. */
  void     (*set_alarm)          (WsmClock *self,
                                  GSource  *source,
                                  gint64    time_us);
};

gint64   wsm_clock_get_time_us        (WsmClock *self);
gint64   wsm_clock_get_boot_time_us   (WsmClock *self);
gint64   wsm_clock_get_wall_time_us   (WsmClock *self);
GSource *wsm_clock_create_wake_source (WsmClock *self) G_GNUC_WARN_UNUSED_RESULT;
void     wsm_clock_set_alarm          (WsmClock *self,
                                       GSource  *source,
                                       gint64    time_us);

G_END_DECLS
