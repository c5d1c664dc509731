/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "test-monitors.h"
#include "test-world.h"

G_BEGIN_DECLS

#define HOUR_US (3600 * (gint64) G_USEC_PER_SEC)

/* A world on a machine with a network and a battery. */
typedef struct
{
  WsmTestWorld *world;         /* (owned) */
  TestNetworkMonitor *network; /* (owned) */
  TestPowerMonitor *power;     /* (owned) */
} TestMachine;

TestMachine   *test_machine_new           (void) G_GNUC_WARN_UNUSED_RESULT;
void           test_machine_free          (TestMachine   *self);

WsmConnection *test_machine_open          (TestMachine   *self,
                                           const char    *path,
                                           guint          interval_ms,
                                           guint          timeout_ms,
                                           guint          max_missed);
WsmConnection *test_machine_make_wait     (TestMachine   *self,
                                           const char    *path,
                                           guint          retry_after_ms);
void           test_machine_assert_reason (WsmConnection *connection,
                                           const char    *expected);

G_END_DECLS
