/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-states.h"

#define BIT(state) (1u << WSM_STATE_##state)

static const guint allowed_next[] = {
  [WSM_STATE_IDLE] = BIT (CONNECTING),
  [WSM_STATE_CONNECTING] = BIT (OPEN) | BIT (WAITING) | BIT (CLOSED) | BIT (FAILED),
  [WSM_STATE_OPEN] = BIT (SUSPECT) | BIT (WAITING) | BIT (CLOSING) | BIT (FAILED),
  [WSM_STATE_SUSPECT] = BIT (OPEN) | BIT (WAITING) | BIT (CLOSING) | BIT (FAILED),
  [WSM_STATE_WAITING] = BIT (CONNECTING) | BIT (CLOSED) | BIT (FAILED),
  [WSM_STATE_CLOSING] = BIT (CLOSED),
  [WSM_STATE_CLOSED] = BIT (CONNECTING),
  [WSM_STATE_FAILED] = BIT (CONNECTING),
};

/* Whether a connection may go from the one right to the other. */
gboolean
test_states_lead (WsmState from,
                  WsmState to)
{
  return (allowed_next[from] & 1u << to) != 0;
}

gboolean
test_state_is_open (WsmState state)
{
  return state == WSM_STATE_OPEN || state == WSM_STATE_SUSPECT;
}

/* Nothing happens any more unless somebody opens it. */
gboolean
test_state_is_over (WsmState state)
{
  return state == WSM_STATE_IDLE || state == WSM_STATE_CLOSED || state == WSM_STATE_FAILED;
}
