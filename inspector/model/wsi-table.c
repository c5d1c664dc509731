/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-table.h"

#include <string.h>

/* Fewer changes than this are told one by one; more as one stretch of the list. */
#define MAX_SIGNALS 16

/**
 * WsiTable:
 *
 * The connections of a source, in the order of their ids.
 */
struct _WsiTable
{
  GObject parent_instance;

  GPtrArray *connections; /* (owned) (element-type WsiConnection) */
};

static void wsi_table_list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsiTable, wsi_table, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      wsi_table_list_model_init))

static GType
wsi_table_get_item_type (GListModel *model)
{
  return WSI_TYPE_CONNECTION;
}

static guint
wsi_table_get_n_items (GListModel *model)
{
  return WSI_TABLE (model)->connections->len;
}

static gpointer
wsi_table_get_item (GListModel *model,
                    guint       position)
{
  WsiTable *self = WSI_TABLE (model);

  if (position >= self->connections->len)
    return NULL;

  return g_object_ref (self->connections->pdata[position]);
}

static void
wsi_table_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = wsi_table_get_item_type;
  interface->get_n_items = wsi_table_get_n_items;
  interface->get_item = wsi_table_get_item;
}

static guint64
wsi_table_get_id (WsiTable *self,
                  guint     position)
{
  return wsi_connection_get_id (self->connections->pdata[position]);
}

/* Where the id stands, or has to. */
static guint
wsi_table_search (WsiTable *self,
                  guint64   id)
{
  guint low = 0;
  guint high = self->connections->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (wsi_table_get_id (self, middle) < id)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

static int
wsi_table_compare (gconstpointer first,
                   gconstpointer second)
{
  guint64 first_id = wsi_connection_get_id (*(WsiConnection *const *) first);
  guint64 second_id = wsi_connection_get_id (*(WsiConnection *const *) second);

  return first_id < second_id ? -1 : first_id > second_id;
}

/* Puts another list in the place of the present one; what begins and ends both is not told. */
static void
wsi_table_replace (WsiTable  *self,
                   GPtrArray *connections)
{
  g_autoptr (GPtrArray) before = self->connections;
  guint n_same_first = 0;
  guint n_same_last = 0;
  guint n_common = MIN (before->len, connections->len);

  while (n_same_first < n_common &&
         before->pdata[n_same_first] == connections->pdata[n_same_first])
    n_same_first++;
  while (n_same_last < n_common - n_same_first &&
         before->pdata[before->len - 1 - n_same_last] ==
         connections->pdata[connections->len - 1 - n_same_last])
    n_same_last++;

  self->connections = g_ptr_array_ref (connections);
  if (before->len != n_same_first + n_same_last || connections->len != n_same_first + n_same_last)
    g_list_model_items_changed (G_LIST_MODEL (self),
                                n_same_first,
                                before->len - n_same_first - n_same_last,
                                connections->len - n_same_first - n_same_last);
}

static void
wsi_table_append (WsiTable  *self,
                  GPtrArray *added)
{
  guint position = self->connections->len;

  for (guint i = 0; i < added->len; i++)
    g_ptr_array_add (self->connections, g_object_ref (added->pdata[i]));
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, added->len);
}

static void
wsi_table_merge (WsiTable  *self,
                 GPtrArray *added)
{
  g_autoptr (GPtrArray) merged = g_ptr_array_new_full (self->connections->len + added->len,
                                                       g_object_unref);
  guint next = 0;

  for (guint i = 0; i < self->connections->len; i++)
    {
      guint64 id = wsi_table_get_id (self, i);

      while (next < added->len && wsi_connection_get_id (added->pdata[next]) < id)
        g_ptr_array_add (merged, g_object_ref (added->pdata[next++]));
      g_ptr_array_add (merged, g_object_ref (self->connections->pdata[i]));
    }
  while (next < added->len)
    g_ptr_array_add (merged, g_object_ref (added->pdata[next++]));

  wsi_table_replace (self, merged);
}

static void
wsi_table_finalize (GObject *object)
{
  WsiTable *self = WSI_TABLE (object);

  g_ptr_array_unref (self->connections);

  G_OBJECT_CLASS (wsi_table_parent_class)->finalize (object);
}

static void
wsi_table_class_init (WsiTableClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = wsi_table_finalize;
}

static void
wsi_table_init (WsiTable *self)
{
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
}

WsiTable *
wsi_table_new (void)
{
  return g_object_new (WSI_TYPE_TABLE, NULL);
}

guint
wsi_table_get_n (WsiTable *self)
{
  g_return_val_if_fail (WSI_IS_TABLE (self), 0);

  return self->connections->len;
}

/* No reference is taken. */
WsiConnection *
wsi_table_get (WsiTable *self,
               guint     position)
{
  g_return_val_if_fail (WSI_IS_TABLE (self), NULL);
  g_return_val_if_fail (position < self->connections->len, NULL);

  return self->connections->pdata[position];
}

/* No reference is taken; NULL if it is not there. */
WsiConnection *
wsi_table_find (WsiTable *self,
                guint64   id,
                guint    *position)
{
  guint found;

  g_return_val_if_fail (WSI_IS_TABLE (self), NULL);

  found = wsi_table_search (self, id);
  if (position != NULL)
    *position = found;
  if (found == self->connections->len || wsi_table_get_id (self, found) != id)
    return NULL;

  return self->connections->pdata[found];
}

gboolean
wsi_table_is_full (WsiTable *self)
{
  g_return_val_if_fail (WSI_IS_TABLE (self), TRUE);

  return self->connections->len >= WSI_TABLE_CAPACITY;
}

/* Takes a reference on each; none of their ids may be there, or twice among them. What does not
 * fit does not come in. */
void
wsi_table_add_many (WsiTable  *self,
                    GPtrArray *connections)
{
  g_autoptr (GPtrArray) added = NULL;
  guint n_free;

  g_return_if_fail (WSI_IS_TABLE (self));
  g_return_if_fail (connections != NULL);

  n_free = WSI_TABLE_CAPACITY - self->connections->len;
  added = g_ptr_array_new ();
  for (guint i = 0; i < MIN (n_free, connections->len); i++)
    g_ptr_array_add (added, connections->pdata[i]);
  if (added->len == 0)
    return;

  g_ptr_array_sort (added, wsi_table_compare);
  if (self->connections->len == 0 ||
      wsi_connection_get_id (added->pdata[0]) >
      wsi_table_get_id (self, self->connections->len - 1))
    wsi_table_append (self, added);
  else
    wsi_table_merge (self, added);
}

/* removed: gets those that were there. */
void
wsi_table_remove (WsiTable      *self,
                  const guint64 *ids,
                  gsize          n_ids,
                  GPtrArray     *removed)
{
  g_autoptr (GPtrArray) kept = NULL;
  g_autoptr (GHashTable) gone = NULL;

  g_return_if_fail (WSI_IS_TABLE (self));
  g_return_if_fail (removed != NULL);

  if (n_ids <= MAX_SIGNALS)
    {
      for (gsize i = 0; i < n_ids; i++)
        {
          guint position;
          WsiConnection *connection = wsi_table_find (self, ids[i], &position);

          if (connection == NULL)
            continue;

          g_ptr_array_add (removed, g_object_ref (connection));
          g_ptr_array_remove_index (self->connections, position);
          g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
        }
      return;
    }

  gone = g_hash_table_new (NULL, NULL);
  for (gsize i = 0; i < n_ids; i++)
    {
      WsiConnection *connection = wsi_table_find (self, ids[i], NULL);

      if (connection != NULL && g_hash_table_add (gone, connection))
        g_ptr_array_add (removed, g_object_ref (connection));
    }

  kept = g_ptr_array_new_full (self->connections->len, g_object_unref);
  for (guint i = 0; i < self->connections->len; i++)
    if (!g_hash_table_contains (gone, self->connections->pdata[i]))
      g_ptr_array_add (kept, g_object_ref (self->connections->pdata[i]));
  wsi_table_replace (self, kept);
}
