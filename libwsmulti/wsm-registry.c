/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-registry.h"

/*
 * The pools of the process.
 *
 * Pools come and go in several threads, so the lists are under a lock; nobody is called with the
 * lock held. A reference to a pool is taken in its own thread only, where it can be dropped.
 */

typedef struct
{
  WsmPool *pool;   /* (unowned): looked at in its own thread only */
  GThread *thread; /* (unowned) */
} WsmRegistryEntry;

typedef struct
{
  guint id;
  GThread *thread; /* (unowned) (nullable): NULL for the pools of every thread */
  const WsmRegistryFollower *follower; /* (unowned) */
  gpointer user_data;                  /* (unowned) */
} WsmRegistryListener;

static GMutex lock;
static GArray *entries;   /* (owned) (nullable) (element-type WsmRegistryEntry) */
static GArray *listeners; /* (owned) (nullable) (element-type WsmRegistryListener) */
static guint last_listener_id;
static guint64 last_id;
static guint last_pool_number;

static GArray *
wsm_registry_dup_listeners (GThread *thread)
{
  GArray *copies = g_array_new (FALSE, FALSE, sizeof (WsmRegistryListener));

  for (guint i = 0; listeners != NULL && i < listeners->len; i++)
    {
      WsmRegistryListener *listener = &g_array_index (listeners, WsmRegistryListener, i);

      if (listener->thread == NULL || listener->thread == thread)
        g_array_append_val (copies, *listener);
    }

  return copies;
}

/*
 * wsm_registry_add:
 *
 * Tells of a pool that is complete. It belongs to the calling thread.
 */
void
wsm_registry_add (WsmPool *pool)
{
  WsmRegistryEntry entry = { pool, g_thread_self () };
  g_autoptr (GArray) told = NULL;

  g_mutex_lock (&lock);
  if (entries == NULL)
    entries = g_array_new (FALSE, FALSE, sizeof (WsmRegistryEntry));
  g_array_append_val (entries, entry);
  told = wsm_registry_dup_listeners (entry.thread);
  g_mutex_unlock (&lock);

  for (guint i = 0; i < told->len; i++)
    {
      WsmRegistryListener *listener = &g_array_index (told, WsmRegistryListener, i);

      listener->follower->added (pool, listener->user_data);
    }
}

/*
 * wsm_registry_remove:
 *
 * Tells that a pool goes. Doing that twice is no error.
 */
void
wsm_registry_remove (WsmPool *pool)
{
  g_autoptr (GArray) told = NULL;

  g_mutex_lock (&lock);
  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      WsmRegistryEntry entry = g_array_index (entries, WsmRegistryEntry, i);

      if (entry.pool != pool)
        continue;
      told = wsm_registry_dup_listeners (entry.thread);
      g_array_remove_index (entries, i);
      if (entries->len == 0)
        g_clear_pointer (&entries, g_array_unref);
      break;
    }
  g_mutex_unlock (&lock);

  for (guint i = 0; told != NULL && i < told->len; i++)
    {
      WsmRegistryListener *listener = &g_array_index (told, WsmRegistryListener, i);

      if (listener->follower->removed != NULL)
        listener->follower->removed (pool, listener->user_data);
    }
}

/*
 * wsm_registry_follow:
 * @thread: (nullable): whose pools are wanted; %NULL for those of every thread
 * @follower: what to call; not copied
 *
 * Calls @follower for each new pool, and now for those that the calling thread has already.
 *
 * Returns: what to pass to wsm_registry_unfollow()
 */
guint
wsm_registry_follow (GThread                   *thread,
                     const WsmRegistryFollower *follower,
                     gpointer                   user_data)
{
  WsmRegistryListener listener = { 0, thread, follower, user_data };
  g_autoptr (GPtrArray) pools = g_ptr_array_new_with_free_func (g_object_unref);

  g_mutex_lock (&lock);
  listener.id = ++last_listener_id;
  if (listeners == NULL)
    listeners = g_array_new (FALSE, FALSE, sizeof (WsmRegistryListener));
  g_array_append_val (listeners, listener);
  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      WsmRegistryEntry *entry = &g_array_index (entries, WsmRegistryEntry, i);

      if (entry->thread == g_thread_self ())
        g_ptr_array_add (pools, g_object_ref (entry->pool));
    }
  g_mutex_unlock (&lock);

  for (guint i = 0; i < pools->len; i++)
    follower->added (g_ptr_array_index (pools, i), user_data);

  return listener.id;
}

void
wsm_registry_unfollow (guint follower_id)
{
  g_mutex_lock (&lock);
  for (guint i = 0; listeners != NULL && i < listeners->len; i++)
    {
      if (g_array_index (listeners, WsmRegistryListener, i).id != follower_id)
        continue;
      g_array_remove_index (listeners, i);
      if (listeners->len == 0)
        g_clear_pointer (&listeners, g_array_unref);
      break;
    }
  g_mutex_unlock (&lock);
}

/*
 * wsm_registry_take_id:
 *
 * Returns: a number that no connection had yet
 */
guint64
wsm_registry_take_id (void)
{
  guint64 id;

  g_mutex_lock (&lock);
  id = ++last_id;
  g_mutex_unlock (&lock);

  return id;
}

/*
 * wsm_registry_take_pool_number:
 *
 * Returns: a number that no pool had yet
 */
guint
wsm_registry_take_pool_number (void)
{
  guint number;

  g_mutex_lock (&lock);
  number = ++last_pool_number;
  g_mutex_unlock (&lock);

  return number;
}
