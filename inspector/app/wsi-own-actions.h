/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsi-notifier.h"
#include "wsi-own-pool.h"

G_BEGIN_DECLS

/* What the Inspector adds to what may be done to a connection, as an action group: remove, and
 * the faults drop-pongs, silent (boolean) and delay (string, ms), for its own ones; notify
 * (boolean) for each. Insert it as “own”.
 *
 * Properties: subject (WsiConnection, nullable, writable), disturbed (boolean, read-only: a fault
 * of the subject is on). Signal: removed (WsmConnection: to be restored if that was not meant). */
#define WSI_TYPE_OWN_ACTIONS (wsi_own_actions_get_type ())

G_DECLARE_FINAL_TYPE (WsiOwnActions, wsi_own_actions, WSI, OWN_ACTIONS, GSimpleActionGroup)

WsiOwnActions *wsi_own_actions_new           (WsiOwnPool    *own_pool,
                                              WsiNotifier   *notifier) G_GNUC_WARN_UNUSED_RESULT;

WsiConnection *wsi_own_actions_get_subject   (WsiOwnActions *self);
void           wsi_own_actions_set_subject   (WsiOwnActions *self,
                                              WsiConnection *subject);

/* Why the pongs of the subject cannot be dropped; NULL if they can. */
const char    *wsi_own_actions_get_objection (WsiOwnActions *self);

G_END_DECLS
