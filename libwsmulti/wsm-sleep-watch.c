/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-sleep-watch.h"

/*
 * WsmSleepWatch:
 *
 * Tells who listens that the machine has slept.
 *
 * Monotonic time stands still while it sleeps and boot time does not, so what lies between them
 * grows by the time slept, and by nothing else: not when the wall clock is set, nor when this
 * process is stopped. The clock's own source says when to look. Where the clock has none, whoever
 * wakes up anyway looks; see wsm_sleep_watch_has_source().
 */
struct _WsmSleepWatch
{
  WsmClock *clock; /* (owned) */
  GSource *source; /* (owned) (nullable) */

  gint64 asleep_us; /* boot time less monotonic time, at the last look */
  GQueue listeners; /* (element-type WsmSleepListener) */
};

/* Longer between two readings, and they do not belong together. */
#define MAX_READING_US (100 * 1000)

/* The process may be stopped between two readings of clocks, for as long as anybody likes. */
static gint64
wsm_sleep_watch_measure (WsmSleepWatch *self)
{
  gint64 before_us, boot_us, after_us;

  do
    {
      before_us = wsm_clock_get_time_us (self->clock);
      boot_us = wsm_clock_get_boot_time_us (self->clock);
      after_us = wsm_clock_get_time_us (self->clock);
    }
  while (after_us - before_us > MAX_READING_US);

  return boot_us - before_us;
}

static gboolean
wsm_sleep_watch_source_cb (gpointer user_data)
{
  wsm_sleep_watch_look (user_data);

  return G_SOURCE_CONTINUE;
}

/*
 * wsm_sleep_watch_new:
 * @context: (nullable): where its source lives; %NULL for the global default context
 */
WsmSleepWatch *
wsm_sleep_watch_new (WsmClock     *clock,
                     GMainContext *context)
{
  WsmSleepWatch *self = g_new0 (WsmSleepWatch, 1);

  self->clock = g_object_ref (clock);
  self->asleep_us = wsm_sleep_watch_measure (self);
  self->source = wsm_clock_create_wake_source (clock);
  if (self->source != NULL)
    {
      g_source_set_static_name (self->source, "[wsm] sleep");
      g_source_set_callback (self->source, wsm_sleep_watch_source_cb, self, NULL);
      g_source_attach (self->source, context);
    }

  return self;
}

void
wsm_sleep_watch_free (WsmSleepWatch *self)
{
  g_return_if_fail (self != NULL);

  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_clear_pointer (&self->source, g_source_unref);
    }
  g_clear_object (&self->clock);
  g_free (self);
}

/*
 * wsm_sleep_watch_has_source:
 *
 * Returns: whether it looks by itself; otherwise wsm_sleep_watch_look() is to be called whenever
 *   the context is awake
 */
gboolean
wsm_sleep_watch_has_source (WsmSleepWatch *self)
{
  return self->source != NULL;
}

gboolean
wsm_sleep_watch_is_heard (WsmSleepWatch *self)
{
  return self->listeners.length > 0;
}

void
wsm_sleep_watch_add (WsmSleepWatch    *self,
                     WsmSleepListener *listener)
{
  g_return_if_fail (!listener->is_listening);

  listener->link.data = listener;
  listener->is_listening = TRUE;
  g_queue_push_tail_link (&self->listeners, &listener->link);
}

void
wsm_sleep_watch_remove (WsmSleepWatch    *self,
                        WsmSleepListener *listener)
{
  g_return_if_fail (listener->is_listening);

  listener->is_listening = FALSE;
  g_queue_unlink (&self->listeners, &listener->link);
}

/*
 * wsm_sleep_watch_look:
 *
 * Looks whether the machine has slept since the last look, and tells.
 */
void
wsm_sleep_watch_look (WsmSleepWatch *self)
{
  gint64 asleep_us = wsm_sleep_watch_measure (self);
  gint64 slept_us = asleep_us - self->asleep_us;

  self->asleep_us = asleep_us;
  if (slept_us < WSM_SLEEP_MIN_US)
    return;

  for (GList *link = self->listeners.head; link != NULL; link = link->next)
    {
      WsmSleepListener *listener = link->data;

      listener->func (slept_us, listener->user_data);
    }
}
