/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-pool.h"

#include "wsm-clock.h"
#include "wsm-scheduler.h"
#include "wsm-transport.h"

G_BEGIN_DECLS

/* Makes transports that report to delivery. */
typedef WsmTransport *(*WsmTransportFactory) (WsmDelivery *delivery,
                                              gpointer     user_data);

/* What is another one now. */
typedef enum
{
  WSM_CHANGE_FIGURES = 1 << 0,
  WSM_CHANGE_STATE = 1 << 1,
  WSM_CHANGE_REASON = 1 << 2,
  WSM_CHANGE_JOURNAL = 1 << 3,
} WsmChange;

/* Somebody who looks into a pool. Called where it happens: it writes down what it hears and
 * returns. */
typedef struct
{
  void (*added)   (gpointer        observer,
                   WsmConnection  *connection);
  void (*removed) (gpointer        observer,
                   WsmConnection  *connection,
                   guint64         id);
  void (*changed) (gpointer        observer,
                   WsmConnection  *connection,
                   WsmChange       change);
  void (*frame)   (gpointer        observer,
                   WsmConnection  *connection,
                   const WsmFrame *frame);
  /* the pool is being disposed of, and forgets its observers */
  void (*gone)    (gpointer        observer);
} WsmPoolObserver;

WsmPool *wsm_pool_new_with_seams (WsmClock            *clock,
                                  WsmTransportFactory  factory,
                                  gpointer             factory_data,
                                  guint32              seed) G_GNUC_WARN_UNUSED_RESULT;

void     wsm_pool_set_monitors   (WsmPool              *self,
                                  GNetworkMonitor      *network,
                                  GPowerProfileMonitor *power);

/* For those who look into it. */
gboolean       wsm_pool_may_be_called  (WsmPool               *self);
GMainContext  *wsm_pool_get_context    (WsmPool               *self);
WsmScheduler  *wsm_pool_get_scheduler  (WsmPool               *self);
guint          wsm_pool_get_number     (WsmPool               *self);
guint          wsm_pool_get_n_in_state (WsmPool               *self,
                                        WsmState               state);
guint          wsm_pool_find_position  (WsmPool               *self,
                                        guint64                id);
WsmConnection *wsm_pool_peek_nth       (WsmPool               *self,
                                        guint                  position);
WsmConnection *wsm_pool_find           (WsmPool               *self,
                                        guint64                id);
void           wsm_pool_add_observer   (WsmPool               *self,
                                        const WsmPoolObserver *funcs,
                                        gpointer               observer);
void           wsm_pool_remove_observer (WsmPool              *self,
                                        gpointer               observer);
void           wsm_pool_wish_frames    (WsmPool               *self,
                                        gpointer               wisher,
                                        guint64                id,
                                        gsize                  payload_capture);

G_END_DECLS
