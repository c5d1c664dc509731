/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-clock.h"

/*
 * WsmClock:
 *
 * Where time comes from.
 *
 * In production it is the machine's monotonic clock, in tests one that is moved by hand, so that
 * a day of heartbeats passes in a moment. Everything that decides by time asks a clock.
 */

G_DEFINE_INTERFACE (WsmClock, wsm_clock, G_TYPE_OBJECT)

static void
wsm_clock_default_init (WsmClockInterface *iface)
{
}

/*
 * wsm_clock_get_time_us:
 *
 * Gets the monotonic time in microseconds.
 */
gint64
wsm_clock_get_time_us (WsmClock *self)
{
  g_return_val_if_fail (WSM_IS_CLOCK (self), 0);

  return WSM_CLOCK_GET_IFACE (self)->get_time_us (self);
}

/*
 * wsm_clock_get_boot_time_us:
 *
 * Gets the time in microseconds that goes on while the machine sleeps, as the monotonic one does
 * not. Where nobody can tell, both are the same.
 */
gint64
wsm_clock_get_boot_time_us (WsmClock *self)
{
  g_return_val_if_fail (WSM_IS_CLOCK (self), 0);

  return WSM_CLOCK_GET_IFACE (self)->get_boot_time_us (self);
}

/*
 * wsm_clock_get_wall_time_us:
 *
 * Gets the time since 1970 in microseconds, which is for reading stamps of the system only: it
 * jumps whenever somebody sets it.
 */
gint64
wsm_clock_get_wall_time_us (WsmClock *self)
{
  g_return_val_if_fail (WSM_IS_CLOCK (self), 0);

  return WSM_CLOCK_GET_IFACE (self)->get_wall_time_us (self);
}

/*
 * wsm_clock_create_wake_source:
 *
 * Makes a source that becomes ready when the machine has woken up, or its wall clock was set.
 *
 * Which of the two it was, boot time tells.
 *
 * Returns: (transfer full) (nullable): a source that is not attached yet, for a #GSourceFunc;
 *   %NULL if the clock has none, and somebody must look at boot time now and then
 */
GSource *
wsm_clock_create_wake_source (WsmClock *self)
{
  g_return_val_if_fail (WSM_IS_CLOCK (self), NULL);

  return WSM_CLOCK_GET_IFACE (self)->create_wake_source (self);
}

/*
 * wsm_clock_set_alarm:
 * @source: the source to make ready; always the same one
 * @time_us: monotonic microseconds, or -1 for never
 *
 * Makes @source ready once @time_us has come.
 */
void
wsm_clock_set_alarm (WsmClock *self,
                     GSource  *source,
                     gint64    time_us)
{
  g_return_if_fail (WSM_IS_CLOCK (self));

  WSM_CLOCK_GET_IFACE (self)->set_alarm (self, source, time_us);
}
