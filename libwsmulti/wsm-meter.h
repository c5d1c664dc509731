/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-turnstile.h"

G_BEGIN_DECLS

/* Who has had a full share of the loop waits here until the loop has nothing else to do. */
typedef struct _WsmMeter WsmMeter;

typedef struct _WsmMeterTicket WsmMeterTicket;

/* What those who read may read at once. */
#define WSM_METER_BLOCK_SIZE (16 * 1024)

/* Called when it is the holder's turn; the ticket is out of the queue. */
typedef void (*WsmMeterFunc) (gpointer user_data);

/* Lives in whoever waits. */
struct _WsmMeterTicket
{
  GList link; /* data: the ticket */

  WsmMeterFunc func;
  gpointer user_data; /* (unowned) */

  gboolean is_queued;
};

WsmMeter *wsm_meter_new         (GMainContext   *context) G_GNUC_WARN_UNUSED_RESULT;
WsmMeter *wsm_meter_ref         (WsmMeter       *self);
void      wsm_meter_unref       (WsmMeter       *self);

void      wsm_meter_init_ticket (WsmMeterTicket *ticket,
                                 WsmMeterFunc    func,
                                 gpointer        user_data);
void      wsm_meter_queue       (WsmMeter       *self,
                                 WsmMeterTicket *ticket);
void      wsm_meter_take_back   (WsmMeter       *self,
                                 WsmMeterTicket *ticket);

WsmTurnstile *wsm_meter_get_turnstile (WsmMeter   *self);
guint8    *wsm_meter_get_block  (WsmMeter       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmMeter, wsm_meter_unref)

G_END_DECLS
