/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-clock.h"
#include "wsm-sleep-watch.h"

G_BEGIN_DECLS

/* One source of a main context, and the ordered deadlines it serves. */
#define WSM_TYPE_SCHEDULER (wsm_scheduler_get_type ())

G_DECLARE_FINAL_TYPE (WsmScheduler, wsm_scheduler, WSM, SCHEDULER, GObject)

typedef struct _WsmTimer WsmTimer;

/* Called from the scheduler's source; it may arm and disarm any timer, it emits no signal. */
typedef void (*WsmTimerFunc) (WsmTimer *timer,
                              gpointer  user_data);

/* One deadline, embedded in what it belongs to. Only the scheduler looks inside. */
struct _WsmTimer
{
  WsmTimerFunc func;
  gpointer user_data; /* (unowned) */
  gint64 due_us;
  guint position; /* in the queue, from 1; 0 = not armed */
};

WsmScheduler *wsm_scheduler_ref_for_context (GMainContext *context,
                                             WsmClock     *clock) G_GNUC_WARN_UNUSED_RESULT;

WsmClock     *wsm_scheduler_get_clock       (WsmScheduler *self);
gint64        wsm_scheduler_get_time_us     (WsmScheduler *self);

void          wsm_timer_init                (WsmTimer     *timer,
                                             WsmTimerFunc  func,
                                             gpointer      user_data);
gboolean      wsm_timer_is_armed            (const WsmTimer *timer);
void          wsm_scheduler_arm             (WsmScheduler *self,
                                             WsmTimer     *timer,
                                             gint64        due_us);
void          wsm_scheduler_disarm          (WsmScheduler *self,
                                             WsmTimer     *timer);

void          wsm_scheduler_listen          (WsmScheduler     *self,
                                             WsmSleepListener *listener);
void          wsm_scheduler_stop_listening  (WsmScheduler     *self,
                                             WsmSleepListener *listener);

gint64        wsm_scheduler_align           (gint64        due_us,
                                             gint64        window_us);
gint64        wsm_scheduler_phase_us        (const char   *name,
                                             gint64        interval_us);

G_END_DECLS
