/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsm-clock.h"

G_BEGIN_DECLS

/* A clock that stands still until it is moved; moving it runs a main context on the way. */
#define WSM_TYPE_TEST_CLOCK (wsm_test_clock_get_type ())

G_DECLARE_FINAL_TYPE (WsmTestClock, wsm_test_clock, WSM, TEST_CLOCK, GObject)

WsmTestClock *wsm_test_clock_new     (GMainContext *context) G_GNUC_WARN_UNUSED_RESULT;

void          wsm_test_clock_settle  (WsmTestClock *self);
void          wsm_test_clock_advance (WsmTestClock *self,
                                      gint64        duration_us);
void          wsm_test_clock_jump    (WsmTestClock *self,
                                      gint64        duration_us);
void          wsm_test_clock_sleep   (WsmTestClock *self,
                                      gint64        duration_us);
void          wsm_test_clock_step    (WsmTestClock *self);
void          wsm_test_clock_set_ahead (WsmTestClock *self,
                                        gint64        ahead_us);
void          wsm_test_clock_set_is_deaf (WsmTestClock *self,
                                          gboolean      is_deaf);
gboolean      wsm_test_clock_is_watched (WsmTestClock *self);
guint64       wsm_test_clock_get_n_alarms (WsmTestClock *self);
gboolean      wsm_test_clock_has_alarm (WsmTestClock *self);

G_END_DECLS
