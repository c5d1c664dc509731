/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-pool-list.h"

#include "wsm-registry.h"

/*
 * WsmPoolList:
 *
 * The pools of one thread. It keeps none of them alive: the registry tells of one that goes while
 * it is still there.
 */

struct _WsmPoolList
{
  GObject parent_instance;

  GPtrArray *pools; /* (owned) (element-type WsmPool): unowned elements */
  guint follower_id;
};

static void wsm_pool_list_list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsmPoolList, wsm_pool_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      wsm_pool_list_list_model_iface_init))

static GType
wsm_pool_list_get_item_type (GListModel *model)
{
  return WSM_TYPE_POOL;
}

static guint
wsm_pool_list_get_n_items (GListModel *model)
{
  return WSM_POOL_LIST (model)->pools->len;
}

static gpointer
wsm_pool_list_get_item (GListModel *model,
                        guint       position)
{
  WsmPoolList *self = WSM_POOL_LIST (model);

  if (position >= self->pools->len)
    return NULL;

  return g_object_ref (g_ptr_array_index (self->pools, position));
}

static void
wsm_pool_list_list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = wsm_pool_list_get_item_type;
  iface->get_n_items = wsm_pool_list_get_n_items;
  iface->get_item = wsm_pool_list_get_item;
}

static void
wsm_pool_list_registry_added_cb (WsmPool  *pool,
                                 gpointer  user_data)
{
  WsmPoolList *self = user_data;

  g_ptr_array_add (self->pools, pool);
  g_list_model_items_changed (G_LIST_MODEL (self), self->pools->len - 1, 0, 1);
}

static void
wsm_pool_list_registry_removed_cb (WsmPool  *pool,
                                   gpointer  user_data)
{
  WsmPoolList *self = user_data;
  guint position;

  if (!g_ptr_array_find (self->pools, pool, &position))
    return;
  g_ptr_array_remove_index (self->pools, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

static const WsmRegistryFollower wsm_pool_list_follower = {
  .added = wsm_pool_list_registry_added_cb,
  .removed = wsm_pool_list_registry_removed_cb,
};

static void
wsm_pool_list_dispose (GObject *object)
{
  WsmPoolList *self = WSM_POOL_LIST (object);

  if (self->follower_id != 0)
    wsm_registry_unfollow (self->follower_id);
  self->follower_id = 0;

  G_OBJECT_CLASS (wsm_pool_list_parent_class)->dispose (object);
}

static void
wsm_pool_list_finalize (GObject *object)
{
  WsmPoolList *self = WSM_POOL_LIST (object);

  g_clear_pointer (&self->pools, g_ptr_array_unref);

  G_OBJECT_CLASS (wsm_pool_list_parent_class)->finalize (object);
}

static void
wsm_pool_list_class_init (WsmPoolListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsm_pool_list_dispose;
  object_class->finalize = wsm_pool_list_finalize;
}

static void
wsm_pool_list_init (WsmPoolList *self)
{
  self->pools = g_ptr_array_new ();
  self->follower_id = wsm_registry_follow (g_thread_self (), &wsm_pool_list_follower, self);
}

/*
 * wsm_pool_list_new:
 *
 * Lists the pools of the calling thread.
 */
WsmPoolList *
wsm_pool_list_new (void)
{
  return g_object_new (WSM_TYPE_POOL_LIST, NULL);
}
