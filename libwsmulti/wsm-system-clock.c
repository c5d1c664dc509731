/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-system-clock.h"

#include <time.h>

#ifdef __linux__
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <unistd.h>
#endif

/*
 * WsmSystemClock:
 *
 * The machine's clocks; the only code that reads them.
 *
 * That the machine has woken up is learned from a timer descriptor, which Linux makes readable
 * whenever the wall clock jumps, and it does so after each sleep. It costs nothing until then.
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

static gint64
wsm_system_clock_get_boot_time_us (WsmClock *clock)
{
#ifdef CLOCK_BOOTTIME
  struct timespec now;

  if (clock_gettime (CLOCK_BOOTTIME, &now) == 0)
    return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
#endif
  return g_get_monotonic_time ();
}

static gint64
wsm_system_clock_get_wall_time_us (WsmClock *clock)
{
  return g_get_real_time ();
}

#ifdef __linux__

typedef struct
{
  GSource source;
  int descriptor; /* (owned) */
} WsmWakeSource;

/* So far away that it never comes, but for its being cancelled by a jump of the clock. */
static gboolean
wsm_wake_source_arm (int descriptor)
{
  const struct itimerspec never = {
    .it_value.tv_sec = sizeof (time_t) > 4 ? (time_t) (G_MAXINT64 / G_USEC_PER_SEC) : G_MAXINT32,
  };

  return timerfd_settime (descriptor, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never,
                          NULL) == 0;
}

static gboolean
wsm_wake_source_dispatch (GSource     *source,
                          GSourceFunc  callback,
                          gpointer     user_data)
{
  int descriptor = ((WsmWakeSource *) source)->descriptor;
  guint64 n_expired;
  gssize n_read;

  /* What is read is an error, and the descriptor is quiet again until the next jump. */
  n_read = read (descriptor, &n_expired, sizeof n_expired);
  if (n_read < 0 && errno == EAGAIN)
    return G_SOURCE_CONTINUE;
  /* Expired, which is the end of time; not to be armed for the past over and over. */
  if (n_read < 0)
    wsm_wake_source_arm (descriptor);

  return callback != NULL ? callback (user_data) : G_SOURCE_CONTINUE;
}

static void
wsm_wake_source_finalize (GSource *source)
{
  close (((WsmWakeSource *) source)->descriptor);
}

static GSourceFuncs wsm_wake_source_funcs = {
  .dispatch = wsm_wake_source_dispatch,
  .finalize = wsm_wake_source_finalize,
};

#endif

/* NULL too where there is no descriptor left. */
static GSource *
wsm_system_clock_create_wake_source (WsmClock *clock)
{
#ifdef __linux__
  int descriptor = timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  GSource *source;

  if (descriptor < 0)
    return NULL;
  if (!wsm_wake_source_arm (descriptor))
    {
      close (descriptor);
      return NULL;
    }

  source = g_source_new (&wsm_wake_source_funcs, sizeof (WsmWakeSource));
  ((WsmWakeSource *) source)->descriptor = descriptor;
  g_source_add_unix_fd (source, descriptor, G_IO_IN);

  return source;
#else
  return NULL;
#endif
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
  iface->get_boot_time_us = wsm_system_clock_get_boot_time_us;
  iface->get_wall_time_us = wsm_system_clock_get_wall_time_us;
  iface->create_wake_source = wsm_system_clock_create_wake_source;
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
