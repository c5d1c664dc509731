/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A token bucket over the retries of a pool: so many a second, a tenth of them at once. */
typedef struct _WsmPacer WsmPacer;

/* One per microsecond; beyond that there is nothing to pace. */
#define WSM_PACER_MAX_RATE 1000000

/* Those who wait for their turn are let go in groups this far apart, so that a loop with many
 * sockets is not woken for each of them. */
#define WSM_PACER_STEP_US (20 * 1000)

WsmPacer *wsm_pacer_new      (void) G_GNUC_WARN_UNUSED_RESULT;
void      wsm_pacer_free     (WsmPacer *self);

void      wsm_pacer_set_rate (WsmPacer *self,
                              guint     n_per_second);
gint64    wsm_pacer_take     (WsmPacer *self,
                              gint64    now_us);
void      wsm_pacer_end_turn (WsmPacer *self,
                              gint64    now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmPacer, wsm_pacer_free)

G_END_DECLS
