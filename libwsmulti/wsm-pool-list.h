/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-pool.h"

G_BEGIN_DECLS

/* The pools of one thread, as they come and go. */
#define WSM_TYPE_POOL_LIST (wsm_pool_list_get_type ())

G_DECLARE_FINAL_TYPE (WsmPoolList, wsm_pool_list, WSM, POOL_LIST, GObject)

WsmPoolList *wsm_pool_list_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
