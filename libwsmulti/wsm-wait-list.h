/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Tasks that wait for the same thing. One that is cancelled returns at once, and alone. A list
 * without members is NULL. */
typedef struct _WsmWaitList WsmWaitList;

void wsm_wait_list_add           (WsmWaitList  **list,
                                  GTask         *task);
void wsm_wait_list_return        (WsmWaitList  **list,
                                  const GError  *error);
void wsm_wait_list_return_number (WsmWaitList  **list,
                                  double         number);

G_END_DECLS
