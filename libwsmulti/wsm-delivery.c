/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-delivery.h"

/* How long handlers may run one after the other before I/O and timers come in between. */
#define TURN_US 5000

/*
 * WsmDelivery:
 *
 * The queue between what finds something out and the app that is told.
 *
 * See the header. Closing it drops what is queued and refuses what comes later: this is how a
 * pool falls silent at once.
 */
struct _WsmDelivery
{
  grefcount ref_count;

  GMainContext *context; /* (owned) (nullable): NULL is the global default context */
  WsmClock *clock;       /* (owned) (nullable): NULL does not measure turns */
  GSource *source;       /* (owned) (nullable) */

  WsmDeliveryItem *first; /* (owned) (nullable) */
  WsmDeliveryItem *last;  /* (unowned) (nullable) */
  guint n_items;

  WsmDeliveryTurnFunc turn_ended; /* (nullable) */
  gpointer owner;                 /* (unowned) (nullable): whom that is for */
};

typedef struct
{
  GSource source;
  WsmDelivery *delivery; /* (unowned) */
} WsmDeliverySource;

static void
wsm_delivery_item_free (WsmDeliveryItem *item)
{
  GObject *target = g_steal_pointer (&item->target);

  if (item->free_func != NULL)
    item->free_func (item);
  g_object_unref (target);
}

static WsmDeliveryItem *
wsm_delivery_pop (WsmDelivery *self)
{
  WsmDeliveryItem *item = self->first;

  self->first = item->next;
  if (self->first == NULL)
    self->last = NULL;
  item->next = NULL;
  self->n_items--;

  return item;
}

/* All that is posted is posted by the thread that runs the context, so the loop does not have to
 * be woken: it asks before it sleeps. */
static gboolean
wsm_delivery_prepare (GSource *source,
                      int     *timeout_ms)
{
  *timeout_ms = -1;

  return ((WsmDeliverySource *) source)->delivery->first != NULL;
}

static gboolean
wsm_delivery_check (GSource *source)
{
  return ((WsmDeliverySource *) source)->delivery->first != NULL;
}

static gboolean
wsm_delivery_dispatch (GSource     *source,
                       GSourceFunc  callback,
                       gpointer     user_data)
{
  WsmDelivery *self = wsm_delivery_ref (((WsmDeliverySource *) source)->delivery);
  gint64 end_us = self->clock != NULL ? wsm_clock_get_time_us (self->clock) + TURN_US : G_MAXINT64;
  guint n = self->n_items;

  g_main_context_push_thread_default (self->context);

  /* What a handler posts waits for the next turn, so that I/O and timers come in between. */
  while (n > 0 && self->first != NULL &&
         (end_us == G_MAXINT64 || wsm_clock_get_time_us (self->clock) < end_us))
    {
      WsmDeliveryItem *item = wsm_delivery_pop (self);

      /* A nested main loop in the handler has to find the source ready for the rest. */
      item->deliver (item->target, item);
      wsm_delivery_item_free (item);
      n--;
    }
  if (self->turn_ended != NULL)
    self->turn_ended (self->owner);

  g_main_context_pop_thread_default (self->context);
  wsm_delivery_unref (self);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs wsm_delivery_source_funcs = {
  .prepare = wsm_delivery_prepare,
  .check = wsm_delivery_check,
  .dispatch = wsm_delivery_dispatch,
};

/*
 * wsm_delivery_new:
 * @context: (nullable): the context whose source delivers; %NULL for the global default one
 */
WsmDelivery *
wsm_delivery_new (GMainContext *context)
{
  WsmDelivery *self = g_new0 (WsmDelivery, 1);

  g_ref_count_init (&self->ref_count);
  self->context = context != NULL ? g_main_context_ref (context) : NULL;
  self->source = g_source_new (&wsm_delivery_source_funcs, sizeof (WsmDeliverySource));
  ((WsmDeliverySource *) self->source)->delivery = self;
  g_source_set_static_name (self->source, "[wsm] delivery");
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, context);

  return self;
}

WsmDelivery *
wsm_delivery_ref (WsmDelivery *self)
{
  g_ref_count_inc (&self->ref_count);
  return self;
}

void
wsm_delivery_unref (WsmDelivery *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  wsm_delivery_close (self);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_object (&self->clock);
  g_free (self);
}

/*
 * wsm_delivery_use_clock:
 *
 * Has turns measured: one that takes long goes on later.
 */
void
wsm_delivery_use_clock (WsmDelivery *self,
                        WsmClock    *clock)
{
  g_set_object (&self->clock, clock);
}

/*
 * wsm_delivery_follow:
 * @turn_ended: called when a turn has ended, also one in a nested main loop; it may do what
 *   delivered items may
 * @owner: passed to it; to live until the delivery is closed
 */
void
wsm_delivery_follow (WsmDelivery         *self,
                     WsmDeliveryTurnFunc  turn_ended,
                     gpointer             owner)
{
  self->turn_ended = turn_ended;
  self->owner = owner;
}

/*
 * wsm_delivery_close:
 *
 * Drops what is queued and refuses what comes later.
 */
void
wsm_delivery_close (WsmDelivery *self)
{
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_clear_pointer (&self->source, g_source_unref);
    }
  self->turn_ended = NULL;
  self->owner = NULL;
  while (self->first != NULL)
    wsm_delivery_item_free (wsm_delivery_pop (self));
}

/*
 * wsm_delivery_post:
 * @item: (transfer full): what to deliver, first member of a larger structure
 * @target: what it is about; kept until then
 * @deliver: called from the delivery's source
 * @free_func: (nullable): frees @item, delivered or not
 *
 * Queues @item behind all that was posted before.
 */
void
wsm_delivery_post (WsmDelivery         *self,
                   WsmDeliveryItem     *item,
                   GObject             *target,
                   WsmDeliveryFunc      deliver,
                   WsmDeliveryFreeFunc  free_func)
{
  item->next = NULL;
  item->target = g_object_ref (target);
  item->deliver = deliver;
  item->free_func = free_func;

  if (self->source == NULL)
    {
      wsm_delivery_item_free (item);
      return;
    }

  if (self->last != NULL)
    self->last->next = item;
  else
    self->first = item;
  self->last = item;
  self->n_items++;
}

static void
wsm_delivery_call_free (WsmDeliveryItem *item)
{
  g_slice_free (WsmDeliveryItem, item);
}

/*
 * wsm_delivery_post_call:
 *
 * Calls @deliver for @target from the delivery's source, behind all that was posted before.
 */
void
wsm_delivery_post_call (WsmDelivery     *self,
                        GObject         *target,
                        WsmDeliveryFunc  deliver)
{
  wsm_delivery_post (self, g_slice_new0 (WsmDeliveryItem), target, deliver,
                     wsm_delivery_call_free);
}
