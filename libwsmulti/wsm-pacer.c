/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-pacer.h"

#include "wsm-scheduler.h"

/*
 * WsmPacer:
 *
 * Says when each of many may go, so that no more than so many go in a second.
 *
 * It is a token bucket that keeps no queue: a token that is not there yet is promised for the
 * time at which it will be, and whoever asks waits by himself. So everybody knows at once when
 * his turn is, and it never moves. A turn that is given up is not passed on; but once nobody
 * waits any more, nothing is owed.
 */
struct _WsmPacer
{
  gint64 period_us; /* between two tokens; 0 = everybody may go */
  gint64 burst_us;  /* for so long tokens are kept */
  gint64 next_us;   /* of the token after the last one that was given out or promised */
  guint n_turns;    /* promised, and waited for */
};

WsmPacer *
wsm_pacer_new (void)
{
  return g_new0 (WsmPacer, 1);
}

void
wsm_pacer_free (WsmPacer *self)
{
  g_free (self);
}

/*
 * wsm_pacer_set_rate:
 * @n_per_second: at most %WSM_PACER_MAX_RATE; 0 for no limit
 *
 * Begins with a full bucket. Turns that were promised stay promised, so whoever wants the new
 * rate for them ends them first and asks again.
 */
void
wsm_pacer_set_rate (WsmPacer *self,
                    guint     n_per_second)
{
  g_return_if_fail (n_per_second <= WSM_PACER_MAX_RATE);

  self->period_us = n_per_second > 0 ? G_USEC_PER_SEC / n_per_second : 0;
  self->burst_us = self->period_us * (n_per_second / 10);
  self->next_us = G_MININT64 / 2;
}

/*
 * wsm_pacer_take:
 *
 * Takes a token.
 *
 * Returns: when the caller may go: @now_us or later. If later, the turn has to be ended with
 * wsm_pacer_end_turn() when it has come or is not wanted any more.
 */
gint64
wsm_pacer_take (WsmPacer *self,
                gint64    now_us)
{
  gint64 due_us;

  if (self->period_us == 0)
    return now_us;

  due_us = MAX (self->next_us, now_us - self->burst_us);
  self->next_us = due_us + self->period_us;
  if (due_us <= now_us)
    return now_us;

  self->n_turns++;

  return wsm_scheduler_align (due_us, WSM_PACER_STEP_US);
}

/*
 * wsm_pacer_end_turn:
 *
 * A turn that was promised has come, or is not wanted any more.
 */
void
wsm_pacer_end_turn (WsmPacer *self,
                    gint64    now_us)
{
  g_return_if_fail (self->n_turns > 0);

  if (--self->n_turns == 0)
    self->next_us = MIN (self->next_us, now_us + self->period_us);
}
