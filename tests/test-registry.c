/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-connection-private.h"
#include "wsm-exporter.h"
#include "wsm-pool-private.h"
#include "wsm-registry.h"

#define N_THREADS 8
#define N_POOLS_A_THREAD 50

/* What a follower heard; the lists grow in several threads. */
typedef struct
{
  GMutex mutex;
  GPtrArray *added;
  GPtrArray *removed;
} Witness;

static void
pool_added_cb (WsmPool  *pool,
               gpointer  user_data)
{
  Witness *witness = user_data;

  g_assert_true (WSM_IS_POOL (pool));
  g_mutex_lock (&witness->mutex);
  g_ptr_array_add (witness->added, pool);
  g_mutex_unlock (&witness->mutex);
}

static void
pool_removed_cb (WsmPool  *pool,
                 gpointer  user_data)
{
  Witness *witness = user_data;

  g_assert_true (WSM_IS_POOL (pool));
  g_mutex_lock (&witness->mutex);
  g_ptr_array_add (witness->removed, pool);
  g_mutex_unlock (&witness->mutex);
}

static const WsmRegistryFollower follower = {
  .added = pool_added_cb,
  .removed = pool_removed_cb,
};

static void
witness_init (Witness *witness)
{
  g_mutex_init (&witness->mutex);
  witness->added = g_ptr_array_new ();
  witness->removed = g_ptr_array_new ();
}

static void
witness_clear (Witness *witness)
{
  g_mutex_clear (&witness->mutex);
  g_ptr_array_unref (witness->added);
  g_ptr_array_unref (witness->removed);
}

static void
test_registry_tells_of_pools (void)
{
  WsmPool *old_pool = wsm_pool_new ();
  WsmPool *pool = NULL;
  Witness witness;
  guint id;

  witness_init (&witness);
  id = wsm_registry_follow (NULL, &follower, &witness);
  g_assert_cmpuint (witness.added->len, ==, 1);
  g_assert_true (g_ptr_array_index (witness.added, 0) == old_pool);

  pool = wsm_pool_new ();
  g_assert_cmpuint (witness.added->len, ==, 2);
  g_assert_true (g_ptr_array_index (witness.added, 1) == pool);
  g_assert_finalize_object (old_pool);
  g_assert_cmpuint (witness.removed->len, ==, 1);
  g_assert_true (g_ptr_array_index (witness.removed, 0) == old_pool);

  wsm_registry_unfollow (id);
  g_assert_finalize_object (pool);
  g_assert_cmpuint (witness.removed->len, ==, 1);
  witness_clear (&witness);
}

/* One that was disposed of and is still there is gone all the same, and goes once. */
static void
test_registry_disposed_pool (void)
{
  WsmPool *pool = wsm_pool_new ();
  Witness witness;
  guint id;

  witness_init (&witness);
  id = wsm_registry_follow (g_thread_self (), &follower, &witness);
  g_object_run_dispose (G_OBJECT (pool));
  g_assert_cmpuint (witness.removed->len, ==, 1);
  g_assert_finalize_object (pool);
  g_assert_cmpuint (witness.removed->len, ==, 1);
  wsm_registry_unfollow (id);
  witness_clear (&witness);
}

static gpointer
make_pools (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < N_POOLS_A_THREAD; i++)
    {
      WsmPool *pool = wsm_pool_new ();
      g_autoptr (GListModel) pools = wsm_exporter_list_pools ();

      g_assert_cmpuint (g_list_model_get_n_items (pools), ==, 1);
      g_assert_finalize_object (pool);
      g_assert_cmpuint (g_list_model_get_n_items (pools), ==, 0);
    }
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_registry_threads (void)
{
  GThread *threads[N_THREADS];
  Witness everybodys;
  Witness own;
  guint everybodys_id;
  guint own_id;

  witness_init (&everybodys);
  witness_init (&own);
  everybodys_id = wsm_registry_follow (NULL, &follower, &everybodys);
  own_id = wsm_registry_follow (g_thread_self (), &follower, &own);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("pools", make_pools, NULL);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);

  g_assert_cmpuint (everybodys.added->len, ==, N_THREADS * N_POOLS_A_THREAD);
  g_assert_cmpuint (everybodys.removed->len, ==, N_THREADS * N_POOLS_A_THREAD);
  g_assert_cmpuint (own.added->len, ==, 0);
  wsm_registry_unfollow (everybodys_id);
  wsm_registry_unfollow (own_id);
  witness_clear (&everybodys);
  witness_clear (&own);
}

static void
pools_changed_cb (GListModel *pools,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  GString    *log)
{
  g_string_append_printf (log, "%u-%u+%u ", position, n_removed, n_added);
}

static void
test_registry_lists_pools (void)
{
  WsmPool *one = wsm_pool_new ();
  GListModel *pools = wsm_exporter_list_pools ();
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (WsmPool) item = NULL;
  WsmPool *two = NULL;

  g_assert_cmpuint (g_list_model_get_n_items (pools), ==, 1);
  g_assert_true (g_list_model_get_item_type (pools) == WSM_TYPE_POOL);
  g_signal_connect (pools, "items-changed", G_CALLBACK (pools_changed_cb), log);
  two = wsm_pool_new ();
  item = g_list_model_get_item (pools, 1);
  g_assert_true (item == two);
  g_assert_null (g_list_model_get_item (pools, 2));
  g_clear_object (&item);

  g_assert_finalize_object (one);
  g_assert_cmpuint (g_list_model_get_n_items (pools), ==, 1);
  g_assert_finalize_object (two);
  g_assert_cmpuint (g_list_model_get_n_items (pools), ==, 0);
  g_assert_cmpstr (log->str, ==, "1-0+1 0-1+0 0-1+0 ");
  g_assert_finalize_object (pools);
}

/* An id means one stay in a pool, for ever. */
static void
test_registry_ids (void)
{
  g_autoptr (WsmPool) one = wsm_pool_new ();
  g_autoptr (WsmPool) two = wsm_pool_new ();
  g_autoptr (WsmConnection) feed = wsm_connection_new ("ws://127.0.0.1/");
  guint64 last_id = 0;

  g_assert_cmpuint (wsm_connection_get_id (feed), ==, 0);
  for (guint i = 0; i < 4; i++)
    {
      WsmPool *pool = i % 2 == 0 ? one : two;

      g_assert_true (wsm_pool_add_connection (pool, feed, NULL));
      g_assert_cmpuint (wsm_connection_get_id (feed), >, last_id);
      last_id = wsm_connection_get_id (feed);
      g_assert_true (wsm_pool_find (pool, last_id) == feed);
      g_assert_true (wsm_pool_remove (pool, feed));
      g_assert_cmpuint (wsm_connection_get_id (feed), ==, 0);
      g_assert_null (wsm_pool_find (pool, last_id));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/registry/tells-of-pools", test_registry_tells_of_pools);
  g_test_add_func ("/registry/tells-once-of-a-disposed-pool", test_registry_disposed_pool);
  g_test_add_func ("/registry/knows-whose-pools-they-are", test_registry_threads);
  g_test_add_func ("/registry/lists-pools", test_registry_lists_pools);
  g_test_add_func ("/registry/gives-each-id-once", test_registry_ids);

  return g_test_run ();
}
