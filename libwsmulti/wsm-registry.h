/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-pool.h"

G_BEGIN_DECLS

/* The pools of the process, for those who look into them: the one global thing there is. It keeps
 * none of them alive. */

/* Called in the thread of the pool, when it is complete and before it goes; removed may be NULL. */
typedef struct
{
  void (*added)   (WsmPool  *pool,
                   gpointer  user_data);
  void (*removed) (WsmPool  *pool,
                   gpointer  user_data);
} WsmRegistryFollower;

/* For pools. */
void       wsm_registry_add       (WsmPool                   *pool);
void       wsm_registry_remove    (WsmPool                   *pool);

/* For those who look into them. */
guint      wsm_registry_follow    (GThread                   *thread,
                                   const WsmRegistryFollower *follower,
                                   gpointer                   user_data);
void       wsm_registry_unfollow  (guint                      follower_id);

/* Numbers that are given out once in the life of the process, from 1. */
guint64    wsm_registry_take_id          (void);
guint      wsm_registry_take_pool_number (void);

G_END_DECLS
