/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "schedule.h"

#include "wsm-enums.h"

G_BEGIN_DECLS

/* Plays a schedule on the test network and the test clock. Whatever happens, the promises hold at
 * every step, or the program is aborted. */

#define N_STATES (WSM_STATE_FAILED + 1)

/* What was seen in all simulations so far; plain numbers, so that it can lie in shared memory. */
typedef struct
{
  guint64 n_runs;
  guint64 simulated_ms;
  guint64 n_events;
  guint64 n_opened;
  guint64 n_lost;
  guint64 n_suspected;
  guint64 n_messages_sent;
  guint64 n_messages_dropped;
  guint64 n_messages_received;
  guint64 done[N_VERBS];
  guint64 done_in[N_OCCASIONS];
  guint64 transitions[N_STATES][N_STATES];
} SimulationTally;

/* Promises that nobody made, so that there is something to fail. */
typedef enum
{
  PLANT_NOTHING,
  PLANT_CLAIM, /* who was paused is never closed by its peer afterwards */
  PLANT_CRASH, /* the same, and worse */
} SimulationPlant;

guint64 simulation_run (const Schedule  *schedule,
                        SimulationPlant  plant,
                        SimulationTally *tally);

G_END_DECLS
