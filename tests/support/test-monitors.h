/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Monitors that say what they are told to. */
#define TEST_TYPE_NETWORK_MONITOR (test_network_monitor_get_type ())

G_DECLARE_FINAL_TYPE (TestNetworkMonitor, test_network_monitor, TEST, NETWORK_MONITOR, GObject)

#define TEST_TYPE_POWER_MONITOR (test_power_monitor_get_type ())

G_DECLARE_FINAL_TYPE (TestPowerMonitor, test_power_monitor, TEST, POWER_MONITOR, GObject)

TestNetworkMonitor *test_network_monitor_new    (void) G_GNUC_WARN_UNUSED_RESULT;
void                test_network_monitor_change (TestNetworkMonitor *self,
                                                 gboolean            is_available);

TestPowerMonitor   *test_power_monitor_new      (void) G_GNUC_WARN_UNUSED_RESULT;
void                test_power_monitor_set      (TestPowerMonitor   *self,
                                                 gboolean            saves_power);

G_END_DECLS
