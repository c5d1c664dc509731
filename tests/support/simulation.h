/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Many connections of the test network, long simulated times and random faults, all of it drawn
 * from one seed. Whatever happens, the invariants hold at every step: each is checked whenever
 * something is signalled, and by a timer when something must have happened. */

#define SIMULATION_SECOND_US ((gint64) G_USEC_PER_SEC)

guint64 simulation_run (guint32 seed,
                        guint   n_feeds,
                        gint64  duration_us,
                        gint64  mean_us);

G_END_DECLS
