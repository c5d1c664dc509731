/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-clock.h"

G_BEGIN_DECLS

/* Tells those who listen that the machine has slept. One for each main context. */
typedef struct _WsmSleepWatch WsmSleepWatch;

typedef struct _WsmSleepListener WsmSleepListener;

/* Called from a source of the context; it may arm timers and post, it emits no signal. */
typedef void (*WsmSleepFunc) (gint64   slept_us,
                              gpointer user_data);

/* Embedded in whoever wants to know. Only the watch looks inside. */
struct _WsmSleepListener
{
  WsmSleepFunc func;
  gpointer user_data; /* (unowned) */
  GList link;
  guint is_listening : 1;
};

/* Boot time less monotonic time wobbles, but by far less than this. */
#define WSM_SLEEP_MIN_US G_USEC_PER_SEC

WsmSleepWatch *wsm_sleep_watch_new        (WsmClock         *clock,
                                           GMainContext     *context) G_GNUC_WARN_UNUSED_RESULT;
void           wsm_sleep_watch_free       (WsmSleepWatch    *self);

gboolean       wsm_sleep_watch_has_source (WsmSleepWatch    *self);
gboolean       wsm_sleep_watch_is_heard   (WsmSleepWatch    *self);
void           wsm_sleep_watch_add        (WsmSleepWatch    *self,
                                           WsmSleepListener *listener);
void           wsm_sleep_watch_remove     (WsmSleepWatch    *self,
                                           WsmSleepListener *listener);
void           wsm_sleep_watch_look       (WsmSleepWatch    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmSleepWatch, wsm_sleep_watch_free)

G_END_DECLS
