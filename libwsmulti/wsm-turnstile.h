/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Lets so many sockets have their readers called in one turn of a main loop. */
typedef struct _WsmTurnstile WsmTurnstile;

#define WSM_TURNSTILE_MAX_PER_TURN 256

/* Lives in whoever reads: when it was let through last. Zeroed at first. */
typedef guint64 WsmTurnstilePass;

WsmTurnstile *wsm_turnstile_new           (void) G_GNUC_WARN_UNUSED_RESULT;
WsmTurnstile *wsm_turnstile_ref           (WsmTurnstile     *self);
void          wsm_turnstile_unref         (WsmTurnstile     *self);

GSource      *wsm_turnstile_create_source (WsmTurnstile     *self,
                                           GObject          *reader,
                                           WsmTurnstilePass *pass,
                                           GSocket          *socket) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmTurnstile, wsm_turnstile_unref)

G_END_DECLS
