/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsm-connection.h"

G_BEGIN_DECLS

/* The life of a connection as the book draws it, for whoever watches one go through it. */

gboolean test_states_lead   (WsmState from,
                             WsmState to);
gboolean test_state_is_open (WsmState state);
gboolean test_state_is_over (WsmState state);

G_END_DECLS
