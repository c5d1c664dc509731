/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-system-clock.h"

/*
 * WsmSystemClock:
 *
 * The machine's monotonic clock; the only code that reads it.
 */
struct _WsmSystemClock
{
  GObject parent_instance;
};

static void wsm_system_clock_iface_init (WsmClockInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsmSystemClock, wsm_system_clock, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (WSM_TYPE_CLOCK, wsm_system_clock_iface_init))

static gint64
wsm_system_clock_get_time_us (WsmClock *clock)
{
  return g_get_monotonic_time ();
}

static void
wsm_system_clock_set_alarm (WsmClock *clock,
                            GSource  *source,
                            gint64    time_us)
{
  g_source_set_ready_time (source, time_us);
}

static void
wsm_system_clock_iface_init (WsmClockInterface *iface)
{
  iface->get_time_us = wsm_system_clock_get_time_us;
  iface->set_alarm = wsm_system_clock_set_alarm;
}

static void
wsm_system_clock_class_init (WsmSystemClockClass *klass)
{
}

static void
wsm_system_clock_init (WsmSystemClock *self)
{
}

WsmClock *
wsm_system_clock_new (void)
{
  return g_object_new (WSM_TYPE_SYSTEM_CLOCK, NULL);
}
