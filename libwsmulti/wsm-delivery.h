/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

#include "wsm-clock.h"

G_BEGIN_DECLS

/* What has to be told to the app, in order, once the code that found it out has returned.
 * One source of the pool's own context empties the queue. It may recurse: an item leaves the
 * queue before it is delivered, so a nested main loop goes on with the next one. */
typedef struct _WsmDelivery WsmDelivery;

typedef struct _WsmDeliveryItem WsmDeliveryItem;

typedef void (*WsmDeliveryFunc)     (GObject         *target,
                                     WsmDeliveryItem *item);
typedef void (*WsmDeliveryFreeFunc) (WsmDeliveryItem *item);
typedef void (*WsmDeliveryTurnFunc) (gpointer         owner);

/* First member of what is queued. */
struct _WsmDeliveryItem
{
  WsmDeliveryItem *next; /* (owned) */
  GObject *target;       /* (owned) */
  WsmDeliveryFunc deliver;
  WsmDeliveryFreeFunc free_func; /* (nullable): of the item itself */
};

WsmDelivery *wsm_delivery_new       (GMainContext        *context) G_GNUC_WARN_UNUSED_RESULT;
WsmDelivery *wsm_delivery_ref       (WsmDelivery         *self);
void         wsm_delivery_unref     (WsmDelivery         *self);
void         wsm_delivery_use_clock (WsmDelivery         *self,
                                     WsmClock            *clock);
void         wsm_delivery_follow    (WsmDelivery         *self,
                                     WsmDeliveryTurnFunc  turn_ended,
                                     gpointer             owner);
void         wsm_delivery_close     (WsmDelivery         *self);

void         wsm_delivery_post      (WsmDelivery         *self,
                                     WsmDeliveryItem     *item,
                                     GObject             *target,
                                     WsmDeliveryFunc      deliver,
                                     WsmDeliveryFreeFunc  free_func);
void         wsm_delivery_post_call (WsmDelivery         *self,
                                     GObject             *target,
                                     WsmDeliveryFunc      deliver);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmDelivery, wsm_delivery_unref)

G_END_DECLS
