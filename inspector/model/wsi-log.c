/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-log-private.h"

#define FIRST_N_SLOTS 64

/* Items in a ring that grows until it holds as many as it may. */
typedef struct
{
  gpointer *slots; /* (owned) (element-type GObject) */
  guint n_slots;   /* a power of two */
  guint first;
  guint n;
} WsiRing;

/**
 * WsiLog:
 *
 * A list of the newest items, which forgets the oldest ones and counts them.
 *
 * Each item that ever came is in the list, waiting, or dropped.
 */
struct _WsiLog
{
  GObject parent_instance;

  GType item_type;
  guint capacity;
  WsiLogWeigh weigh; /* (nullable) */
  gsize max_weight;

  WsiRing items;
  WsiRing waiting; /* come while paused */
  gsize weight;    /* of both */
  guint64 n_ever;
  guint64 n_dropped;
  gboolean paused;
};

typedef enum
{
  PROP_CAPACITY = 1,
  PROP_PAUSED,
  PROP_N_DROPPED,
  PROP_N_WAITING,
  PROP_N_EVER,
} WsiLogProperty;

#define PROP_LAST_ONE PROP_N_EVER

static GParamSpec *properties[PROP_LAST_ONE + 1];

static void wsi_log_list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsiLog, wsi_log, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, wsi_log_list_model_init))

static gpointer
wsi_ring_get (const WsiRing *self,
              guint          position)
{
  return self->slots[(self->first + position) & (self->n_slots - 1)];
}

static void
wsi_ring_grow (WsiRing *self)
{
  guint n_slots = self->n_slots > 0 ? self->n_slots * 2 : FIRST_N_SLOTS;
  gpointer *slots = g_new (gpointer, n_slots);

  for (guint i = 0; i < self->n; i++)
    slots[i] = wsi_ring_get (self, i);

  g_free (self->slots);
  self->slots = slots;
  self->n_slots = n_slots;
  self->first = 0;
}

static void
wsi_ring_push (WsiRing  *self,
               gpointer  item)
{
  if (self->n == self->n_slots)
    wsi_ring_grow (self);

  self->slots[(self->first + self->n) & (self->n_slots - 1)] = item;
  self->n++;
}

static gpointer
wsi_ring_pop (WsiRing *self)
{
  gpointer item = wsi_ring_get (self, 0);

  self->first = (self->first + 1) & (self->n_slots - 1);
  self->n--;

  return item;
}

static void
wsi_ring_clear (WsiRing *self)
{
  while (self->n > 0)
    g_object_unref (wsi_ring_pop (self));
  g_clear_pointer (&self->slots, g_free);
  self->n_slots = 0;
}

static GType
wsi_log_get_item_type (GListModel *model)
{
  return WSI_LOG (model)->item_type;
}

static guint
wsi_log_get_n_items (GListModel *model)
{
  return WSI_LOG (model)->items.n;
}

static gpointer
wsi_log_get_item (GListModel *model,
                  guint       position)
{
  WsiLog *self = WSI_LOG (model);

  if (position >= self->items.n)
    return NULL;

  return g_object_ref (wsi_ring_get (&self->items, position));
}

static void
wsi_log_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = wsi_log_get_item_type;
  interface->get_n_items = wsi_log_get_n_items;
  interface->get_item = wsi_log_get_item;
}

static gsize
wsi_log_weigh (WsiLog   *self,
               gpointer  item)
{
  return self->weigh != NULL ? self->weigh (item) : 0;
}

/* Drops from the front until n more items of this weight fit. */
static guint
wsi_log_make_room (WsiLog  *self,
                   WsiRing *ring,
                   guint    n,
                   gsize    weight)
{
  guint n_removed = 0;

  while (ring->n > 0 && (ring->n + n > self->capacity || self->weight + weight > self->max_weight))
    {
      g_autoptr (GObject) item = wsi_ring_pop (ring);

      self->weight -= wsi_log_weigh (self, item);
      n_removed++;
    }

  return n_removed;
}

static gsize
wsi_log_weigh_all (WsiLog   *self,
                   gpointer *items,
                   guint     n)
{
  gsize weight = 0;

  for (guint i = 0; i < n; i++)
    weight += wsi_log_weigh (self, items[i]);

  return weight;
}

/* Takes the items. What leaves is told before what comes, so that the list is never longer than it
 * may be, and a view can keep its place. */
static void
wsi_log_show (WsiLog   *self,
              gpointer *items,
              guint     n)
{
  gsize weight = wsi_log_weigh_all (self, items, n);
  guint n_removed;
  guint position;

  if (n == 0)
    return;

  n_removed = wsi_log_make_room (self, &self->items, n, weight);
  self->n_dropped += n_removed;
  if (n_removed > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n_removed, 0);

  position = self->items.n;
  for (guint i = 0; i < n; i++)
    wsi_ring_push (&self->items, items[i]);
  self->weight += weight;
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, n);
}

static void
wsi_log_keep (WsiLog   *self,
              gpointer *items,
              guint     n)
{
  gsize weight = wsi_log_weigh_all (self, items, n);

  self->n_dropped += wsi_log_make_room (self, &self->waiting, n, weight);
  for (guint i = 0; i < n; i++)
    wsi_ring_push (&self->waiting, items[i]);
  self->weight += weight;
}

static void
wsi_log_notify_counts (WsiLog  *self,
                       guint64  n_dropped,
                       guint    n_waiting,
                       guint64  n_ever)
{
  if (self->n_dropped != n_dropped)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_DROPPED]);
  if (self->waiting.n != n_waiting)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_WAITING]);
  if (self->n_ever != n_ever)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_EVER]);
}

/* What has waited weighs nothing while it moves. */
static void
wsi_log_show_waiting (WsiLog *self)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  guint64 n_dropped = self->n_dropped;
  guint n_waiting = self->waiting.n;

  while (self->waiting.n > 0)
    g_ptr_array_add (items, wsi_ring_pop (&self->waiting));
  self->weight -= wsi_log_weigh_all (self, items->pdata, items->len);

  wsi_log_show (self, items->pdata, items->len);
  wsi_log_notify_counts (self, n_dropped, n_waiting, self->n_ever);
}

static void
wsi_log_dispose (GObject *object)
{
  WsiLog *self = WSI_LOG (object);

  wsi_ring_clear (&self->items);
  wsi_ring_clear (&self->waiting);
  self->weight = 0;

  G_OBJECT_CLASS (wsi_log_parent_class)->dispose (object);
}

static void
wsi_log_get_property (GObject    *object,
                      guint       prop_id,
                      GValue     *value,
                      GParamSpec *pspec)
{
  WsiLog *self = WSI_LOG (object);

  switch ((WsiLogProperty) prop_id)
    {
    case PROP_CAPACITY:
      g_value_set_uint (value, self->capacity);
      break;
    case PROP_PAUSED:
      g_value_set_boolean (value, self->paused);
      break;
    case PROP_N_DROPPED:
      g_value_set_uint64 (value, self->n_dropped);
      break;
    case PROP_N_WAITING:
      g_value_set_uint (value, self->waiting.n);
      break;
    case PROP_N_EVER:
      g_value_set_uint64 (value, self->n_ever);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_log_set_property (GObject      *object,
                      guint         prop_id,
                      const GValue *value,
                      GParamSpec   *pspec)
{
  WsiLog *self = WSI_LOG (object);

  switch ((WsiLogProperty) prop_id)
    {
    case PROP_PAUSED:
      wsi_log_set_paused (self, g_value_get_boolean (value));
      break;
    case PROP_CAPACITY:
    case PROP_N_DROPPED:
    case PROP_N_WAITING:
    case PROP_N_EVER:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_log_class_init (WsiLogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = wsi_log_dispose;
  object_class->get_property = wsi_log_get_property;
  object_class->set_property = wsi_log_set_property;

  properties[PROP_CAPACITY] =
    g_param_spec_uint ("capacity", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_PAUSED] =
    g_param_spec_boolean ("paused", NULL, NULL, FALSE, flags | G_PARAM_WRITABLE);
  properties[PROP_N_DROPPED] =
    g_param_spec_uint64 ("n-dropped", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_N_WAITING] =
    g_param_spec_uint ("n-waiting", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_N_EVER] =
    g_param_spec_uint64 ("n-ever", NULL, NULL, 0, G_MAXUINT64, 0, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsi_log_init (WsiLog *self)
{
  self->max_weight = G_MAXSIZE;
}

WsiLog *
wsi_log_new (GType item_type,
             guint capacity)
{
  WsiLog *self;

  g_return_val_if_fail (g_type_is_a (item_type, G_TYPE_OBJECT), NULL);
  g_return_val_if_fail (capacity > 0 && capacity <= G_MAXINT / 2, NULL);

  self = g_object_new (WSI_TYPE_LOG, NULL);
  self->item_type = item_type;
  self->capacity = capacity;

  return self;
}

/* Bounds the sum of what the items weigh too. Before the first item. */
void
wsi_log_set_weight_limit (WsiLog      *self,
                          WsiLogWeigh  weigh,
                          gsize        max_weight)
{
  g_return_if_fail (WSI_IS_LOG (self));
  g_return_if_fail (self->n_ever == 0);

  self->weigh = weigh;
  self->max_weight = max_weight;
}

GPtrArray *
wsi_log_dup_items (WsiLog *self)
{
  GPtrArray *items;

  g_return_val_if_fail (WSI_IS_LOG (self), NULL);

  items = g_ptr_array_new_full (self->items.n + self->waiting.n, g_object_unref);
  for (guint i = 0; i < self->items.n; i++)
    g_ptr_array_add (items, g_object_ref (wsi_ring_get (&self->items, i)));
  for (guint i = 0; i < self->waiting.n; i++)
    g_ptr_array_add (items, g_object_ref (wsi_ring_get (&self->waiting, i)));

  return items;
}

/* Takes a reference on each of these, oldest first. */
void
wsi_log_append (WsiLog    *self,
                GPtrArray *items)
{
  guint64 n_dropped;
  guint n_waiting;
  guint64 n_ever;
  guint n_skipped;

  g_return_if_fail (WSI_IS_LOG (self));
  g_return_if_fail (items != NULL);

  n_dropped = self->n_dropped;
  n_waiting = self->waiting.n;
  n_ever = self->n_ever;

  /* What would leave at once does not come at all. */
  n_skipped = items->len > self->capacity ? items->len - self->capacity : 0;
  self->n_ever += items->len;
  self->n_dropped += n_skipped;
  for (guint i = n_skipped; i < items->len; i++)
    g_object_ref (items->pdata[i]);

  g_object_freeze_notify (G_OBJECT (self));
  if (self->paused)
    wsi_log_keep (self, items->pdata + n_skipped, items->len - n_skipped);
  else
    wsi_log_show (self, items->pdata + n_skipped, items->len - n_skipped);
  wsi_log_notify_counts (self, n_dropped, n_waiting, n_ever);
  g_object_thaw_notify (G_OBJECT (self));
}

/* Counts what was dropped before it came here. */
void
wsi_log_add_dropped (WsiLog  *self,
                     guint64  n_dropped)
{
  guint64 n_dropped_before;
  guint64 n_ever_before;

  g_return_if_fail (WSI_IS_LOG (self));

  n_dropped_before = self->n_dropped;
  n_ever_before = self->n_ever;
  n_dropped = MIN (n_dropped, G_MAXUINT64 - self->n_ever);
  self->n_dropped += n_dropped;
  self->n_ever += n_dropped;

  g_object_freeze_notify (G_OBJECT (self));
  wsi_log_notify_counts (self, n_dropped_before, self->waiting.n, n_ever_before);
  g_object_thaw_notify (G_OBJECT (self));
}

/* Empties the list, and begins to count anew. */
void
wsi_log_clear (WsiLog *self)
{
  guint n;
  guint n_waiting;
  guint64 n_dropped;
  guint64 n_ever;

  g_return_if_fail (WSI_IS_LOG (self));

  n = self->items.n;
  n_waiting = self->waiting.n;
  n_dropped = self->n_dropped;
  n_ever = self->n_ever;

  wsi_ring_clear (&self->items);
  wsi_ring_clear (&self->waiting);
  self->weight = 0;
  self->n_dropped = 0;
  self->n_ever = 0;

  g_object_freeze_notify (G_OBJECT (self));
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
  wsi_log_notify_counts (self, n_dropped, n_waiting, n_ever);
  g_object_thaw_notify (G_OBJECT (self));
}

guint64
wsi_log_get_n_ever (WsiLog *self)
{
  g_return_val_if_fail (WSI_IS_LOG (self), 0);

  return self->n_ever;
}

guint64
wsi_log_get_n_dropped (WsiLog *self)
{
  g_return_val_if_fail (WSI_IS_LOG (self), 0);

  return self->n_dropped;
}

guint
wsi_log_get_n_waiting (WsiLog *self)
{
  g_return_val_if_fail (WSI_IS_LOG (self), 0);

  return self->waiting.n;
}

gboolean
wsi_log_get_paused (WsiLog *self)
{
  g_return_val_if_fail (WSI_IS_LOG (self), FALSE);

  return self->paused;
}

void
wsi_log_set_paused (WsiLog   *self,
                    gboolean  paused)
{
  g_return_if_fail (WSI_IS_LOG (self));

  paused = !!paused;
  if (self->paused == paused)
    return;

  g_object_freeze_notify (G_OBJECT (self));
  self->paused = paused;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAUSED]);
  if (!paused)
    wsi_log_show_waiting (self);
  g_object_thaw_notify (G_OBJECT (self));
}
