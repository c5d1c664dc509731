/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-backoff.h"

#include "wsm-reason-private.h"

G_BEGIN_DECLS

/* No delay is shorter than this, whatever chance says. */
#define WSM_BACKOFF_FLOOR_MS 100

/* A Retry-After is obeyed up to an hour. */
#define WSM_BACKOFF_RETRY_AFTER_MAX_MS (3600 * 1000)

/* So many handshakes in a row that are none, and the next one would not be either. */
#define WSM_BACKOFF_MAX_BAD_HANDSHAKES 3

/* What the policy makes of the end of a socket or of an attempt. */
typedef enum
{
  WSM_OUTCOME_RETRY,
  WSM_OUTCOME_CLOSED,
  WSM_OUTCOME_FAILED,
} WsmOutcome;

WsmOutcome  wsm_backoff_judge       (WsmBackoff       *self,
                                     const WsmReason  *reason,
                                     guint             n_bad_handshakes);
guint       wsm_backoff_pick_delay  (WsmBackoff       *self,
                                     const WsmReason  *reason,
                                     guint             attempt,
                                     double            chance,
                                     guint            *bound_ms);

G_END_DECLS
