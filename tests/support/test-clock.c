/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-clock.h"

/* Moved by hand: it goes from alarm to alarm, and at each one the context runs until nothing is
 * left to do, as if that had taken no time. */
struct _WsmTestClock
{
  GObject parent_instance;

  GMainContext *context; /* (owned) (nullable) */
  GSource *source;       /* (owned) (nullable): the one to wake */
  GSource *wake_source;  /* (owned) (nullable): the last one made */
  gint64 time_us;
  gint64 asleep_us;
  gint64 ahead_us;
  gint64 alarm_us;
  guint64 n_alarms;
  gboolean is_deaf;
};

static void wsm_test_clock_iface_init (WsmClockInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsmTestClock, wsm_test_clock, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (WSM_TYPE_CLOCK, wsm_test_clock_iface_init))

static gint64
wsm_test_clock_get_time_us (WsmClock *clock)
{
  return WSM_TEST_CLOCK (clock)->time_us;
}

static gint64
wsm_test_clock_get_boot_time_us (WsmClock *clock)
{
  WsmTestClock *self = WSM_TEST_CLOCK (clock);

  return self->time_us + self->asleep_us;
}

/* As true as the system's, which stamps what arrives at sockets, and as far ahead as is said. */
static gint64
wsm_test_clock_get_wall_time_us (WsmClock *clock)
{
  return g_get_real_time () + WSM_TEST_CLOCK (clock)->ahead_us;
}

static gboolean
wsm_test_wake_source_dispatch (GSource     *source,
                               GSourceFunc  callback,
                               gpointer     user_data)
{
  g_source_set_ready_time (source, -1);

  return callback (user_data);
}

static GSourceFuncs wsm_test_wake_source_funcs = {
  .dispatch = wsm_test_wake_source_dispatch,
};

static GSource *
wsm_test_clock_create_wake_source (WsmClock *clock)
{
  WsmTestClock *self = WSM_TEST_CLOCK (clock);

  if (self->is_deaf)
    return NULL;
  g_clear_pointer (&self->wake_source, g_source_unref);
  self->wake_source = g_source_new (&wsm_test_wake_source_funcs, sizeof (GSource));

  return g_source_ref (self->wake_source);
}

static void
wsm_test_clock_set_alarm (WsmClock *clock,
                          GSource  *source,
                          gint64    time_us)
{
  WsmTestClock *self = WSM_TEST_CLOCK (clock);

  if (self->source != source)
    {
      g_clear_pointer (&self->source, g_source_unref);
      self->source = g_source_ref (source);
    }
  self->alarm_us = time_us;
  g_source_set_ready_time (source, time_us >= 0 && time_us <= self->time_us ? 0 : -1);
}

static void
wsm_test_clock_iface_init (WsmClockInterface *iface)
{
  iface->get_time_us = wsm_test_clock_get_time_us;
  iface->get_boot_time_us = wsm_test_clock_get_boot_time_us;
  iface->get_wall_time_us = wsm_test_clock_get_wall_time_us;
  iface->create_wake_source = wsm_test_clock_create_wake_source;
  iface->set_alarm = wsm_test_clock_set_alarm;
}

static void
wsm_test_clock_finalize (GObject *object)
{
  WsmTestClock *self = WSM_TEST_CLOCK (object);

  g_clear_pointer (&self->source, g_source_unref);
  g_clear_pointer (&self->wake_source, g_source_unref);
  g_clear_pointer (&self->context, g_main_context_unref);

  G_OBJECT_CLASS (wsm_test_clock_parent_class)->finalize (object);
}

static void
wsm_test_clock_class_init (WsmTestClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = wsm_test_clock_finalize;
}

static void
wsm_test_clock_init (WsmTestClock *self)
{
  /* Not zero, so that forgotten initial values show. */
  self->time_us = 1000 * G_USEC_PER_SEC;
  self->asleep_us = 7 * G_USEC_PER_SEC;
  self->alarm_us = -1;
}

WsmTestClock *
wsm_test_clock_new (GMainContext *context)
{
  WsmTestClock *self = g_object_new (WSM_TYPE_TEST_CLOCK, NULL);

  self->context = context != NULL ? g_main_context_ref (context) : NULL;

  return self;
}

/* Runs the context until nothing is ready. */
void
wsm_test_clock_settle (WsmTestClock *self)
{
  while (g_main_context_iteration (self->context, FALSE))
    continue;
}

/* Lets duration_us pass, stopping at each alarm. */
void
wsm_test_clock_advance (WsmTestClock *self,
                        gint64        duration_us)
{
  gint64 target_us = self->time_us + duration_us;

  wsm_test_clock_settle (self);
  while (self->alarm_us >= 0 && self->alarm_us <= target_us)
    {
      self->time_us = MAX (self->time_us, self->alarm_us);
      self->alarm_us = -1;
      self->n_alarms++;
      g_source_set_ready_time (self->source, 0);
      wsm_test_clock_settle (self);
    }
  /* A handler that runs the loop may have gone further. */
  self->time_us = MAX (self->time_us, target_us);
}

/* Lets duration_us pass with the main loop blocked: all that fell due is late at once. */
void
wsm_test_clock_jump (WsmTestClock *self,
                     gint64        duration_us)
{
  self->time_us += duration_us;
  if (self->alarm_us >= 0 && self->alarm_us <= self->time_us)
    g_source_set_ready_time (self->source, 0);
  wsm_test_clock_settle (self);
}

/* The machine sleeps, and wakes up. Monotonic time stands still, and so do alarms. */
void
wsm_test_clock_sleep (WsmTestClock *self,
                      gint64        duration_us)
{
  self->asleep_us += duration_us;
  wsm_test_clock_step (self);
}

/* Somebody sets the wall clock, which nothing else shows. */
void
wsm_test_clock_step (WsmTestClock *self)
{
  if (self->wake_source != NULL && !g_source_is_destroyed (self->wake_source))
    g_source_set_ready_time (self->wake_source, 0);
  wsm_test_clock_settle (self);
}

/* How far the wall clock is ahead of the system's. */
void
wsm_test_clock_set_ahead (WsmTestClock *self,
                          gint64        ahead_us)
{
  self->ahead_us = ahead_us;
}

/* As on a machine that has no way to tell of it: for what asks from now on. */
void
wsm_test_clock_set_is_deaf (WsmTestClock *self,
                            gboolean      is_deaf)
{
  self->is_deaf = is_deaf;
}

/* Whether somebody would hear of sleep. */
gboolean
wsm_test_clock_is_watched (WsmTestClock *self)
{
  return self->wake_source != NULL && !g_source_is_destroyed (self->wake_source);
}

guint64
wsm_test_clock_get_n_alarms (WsmTestClock *self)
{
  return self->n_alarms;
}

/* Whether anything will ever happen by itself. */
gboolean
wsm_test_clock_has_alarm (WsmTestClock *self)
{
  return self->alarm_us >= 0;
}
