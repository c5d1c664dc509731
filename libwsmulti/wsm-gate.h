/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-delivery.h"
#include "wsm-scheduler.h"

G_BEGIN_DECLS

/* Who may shake hands now: so many at a time, and so many with one host. Whoever is not answered
 * for a while gives its place back and goes on without one. */
#define WSM_TYPE_GATE (wsm_gate_get_type ())

G_DECLARE_FINAL_TYPE (WsmGate, wsm_gate, WSM, GATE, GObject)

#define WSM_GATE_SILENT_US (250 * 1000)
#define WSM_GATE_MAX_SILENT 256

typedef struct _WsmTicket WsmTicket;
typedef struct _WsmGateHost WsmGateHost;

/* Called from the delivery's source. */
typedef void (*WsmTicketFunc) (WsmTicket *ticket,
                               gpointer   user_data);

typedef enum
{
  WSM_TICKET_UNUSED,
  WSM_TICKET_QUEUED,
  WSM_TICKET_GRANTED,
  WSM_TICKET_SILENT,
} WsmTicketState;

/* Embedded in whoever wants to connect. Only the gate looks inside. */
struct _WsmTicket
{
  WsmTicketFunc granted;
  gpointer user_data; /* (unowned) */
  WsmTicketState state;
  WsmGateHost *host; /* (unowned) (nullable): NULL while unused or silent */
  gint64 since_us;   /* granted at */
  GList link;        /* in its host's queue, or among the granted */
};

WsmGate *wsm_gate_new       (WsmScheduler  *scheduler,
                             WsmDelivery   *delivery) G_GNUC_WARN_UNUSED_RESULT;

void     wsm_gate_set_max   (WsmGate       *self,
                             guint          max,
                             guint          max_per_host);

void     wsm_gate_request   (WsmGate       *self,
                             WsmTicket     *ticket,
                             const char    *host,
                             WsmTicketFunc  granted,
                             gpointer       user_data);
void     wsm_gate_release   (WsmGate       *self,
                             WsmTicket     *ticket);
void     wsm_gate_close     (WsmGate       *self);

G_END_DECLS
