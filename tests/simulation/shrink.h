/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "simulation.h"

G_BEGIN_DECLS

/* Runs schedules in processes of their own, so that whatever they do to them can be told, and
 * takes away from one that fails what the failure does not need. */

/* How a process ended, or NULL if all was well: the assertion without its figures, the sanitizer's
 * finding, or the signal. */
char     *trial_run_schedule  (const Schedule   *schedule,
                               SimulationPlant   plant) G_GNUC_WARN_UNUSED_RESULT;
char     *trial_run_seeds     (guint32           first,
                               guint             n,
                               SimulationPlant   plant,
                               SimulationTally  *tally,
                               guint32          *failed) G_GNUC_WARN_UNUSED_RESULT;

Schedule *schedule_shrink     (const Schedule   *schedule,
                               SimulationPlant   plant,
                               const char       *failure,
                               guint            *n_trials) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
