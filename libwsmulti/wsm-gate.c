/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-gate.h"

/*
 * WsmGate:
 *
 * Paces handshakes: hundreds at once overflow a server's backlog and freeze the loop, while two
 * hosts that accept and never answer must not keep the others waiting.
 *
 * Hosts with tickets take turns; those of one host are granted in the order they came, and one
 * that is busy lets the others pass. Neither costs more with more tickets. A granted ticket that
 * is still out after WSM_GATE_SILENT_US counts as silent: its place is free again. No more than
 * WSM_GATE_MAX_SILENT may be silent at a time.
 */
struct _WsmGate
{
  GObject parent_instance;

  WsmScheduler *scheduler; /* (owned) (nullable): NULL when closed */
  WsmDelivery *delivery;   /* (owned) */

  guint max;
  guint max_per_host;

  GHashTable *hosts; /* (owned) (element-type utf8 WsmGateHost): that have tickets */
  GQueue ready;      /* (element-type WsmGateHost): whose turn it may be, in this order */
  guint n_queued;
  GQueue granted; /* (element-type WsmTicket): the oldest first */
  guint n_silent;

  WsmTimer timer;
  gboolean pump_posted;
};

/* The tickets of one host; those of hosts without a limit are all with one of them. */
struct _WsmGateHost
{
  char *name; /* (owned): empty for those without a limit */
  GQueue queued; /* (element-type WsmTicket) */
  guint n_granted; /* and not silent */
  GList link; /* among the ready */
  gboolean is_ready;
};

G_DEFINE_FINAL_TYPE (WsmGate, wsm_gate, G_TYPE_OBJECT)

static void
wsm_gate_host_free (WsmGateHost *host)
{
  g_free (host->name);
  g_free (host);
}

static WsmGateHost *
wsm_gate_ensure_host (WsmGate    *self,
                      const char *name)
{
  WsmGateHost *host = g_hash_table_lookup (self->hosts, name);

  if (host == NULL)
    {
      host = g_new0 (WsmGateHost, 1);
      host->name = g_strdup (name);
      host->link.data = host;
      g_hash_table_insert (self->hosts, host->name, host);
    }

  return host;
}

/* After each change of its tickets: is it ready, and is it needed any more? */
static void
wsm_gate_update_host (WsmGate     *self,
                      WsmGateHost *host)
{
  gboolean has_place = *host->name == '\0' || host->n_granted < self->max_per_host;
  gboolean is_ready = host->queued.length > 0 && has_place;

  if (is_ready && !host->is_ready)
    g_queue_push_tail_link (&self->ready, &host->link);
  else if (!is_ready && host->is_ready)
    g_queue_unlink (&self->ready, &host->link);
  host->is_ready = is_ready;

  if (host->queued.length == 0 && host->n_granted == 0)
    g_hash_table_remove (self->hosts, host->name);
}

/* Takes the next ticket out of its queue and counts it as granted. */
static WsmTicket *
wsm_gate_take_next (WsmGate *self)
{
  WsmGateHost *host;
  WsmTicket *ticket;

  if (self->granted.length >= self->max || self->ready.length == 0)
    return NULL;

  host = g_queue_peek_head (&self->ready);
  g_queue_unlink (&self->ready, &host->link);
  host->is_ready = FALSE;

  ticket = g_queue_peek_head (&host->queued);
  g_queue_unlink (&host->queued, &ticket->link);
  self->n_queued--;
  g_queue_push_tail_link (&self->granted, &ticket->link);
  host->n_granted++;
  ticket->state = WSM_TICKET_GRANTED;
  ticket->since_us = wsm_scheduler_get_time_us (self->scheduler);
  wsm_gate_update_host (self, host);

  return ticket;
}

/* Its place is free again, for others of its host too. */
static void
wsm_gate_take_back (WsmGate   *self,
                    WsmTicket *ticket)
{
  WsmGateHost *host = g_steal_pointer (&ticket->host);

  g_queue_unlink (&self->granted, &ticket->link);
  host->n_granted--;
  wsm_gate_update_host (self, host);
}

static void
wsm_gate_update_timer (WsmGate *self)
{
  WsmTicket *oldest = g_queue_peek_head (&self->granted);

  if (oldest != NULL && self->n_queued > 0 && self->n_silent < WSM_GATE_MAX_SILENT)
    wsm_scheduler_arm (self->scheduler, &self->timer, oldest->since_us + WSM_GATE_SILENT_US);
  else
    wsm_scheduler_disarm (self->scheduler, &self->timer);
}

static void
wsm_gate_pump_cb (GObject         *target,
                  WsmDeliveryItem *item)
{
  WsmGate *self = WSM_GATE (target);
  WsmTicket *ticket;

  self->pump_posted = FALSE;

  /* Each grant may change anything, so the search starts anew. */
  while (self->scheduler != NULL && (ticket = wsm_gate_take_next (self)) != NULL)
    ticket->granted (ticket, ticket->user_data);
  if (self->scheduler != NULL)
    wsm_gate_update_timer (self);
}

static void
wsm_gate_pump (WsmGate *self)
{
  if (self->pump_posted || self->n_queued == 0)
    return;
  self->pump_posted = TRUE;
  wsm_delivery_post_call (self->delivery, G_OBJECT (self), wsm_gate_pump_cb);
}

/* The oldest grants are still unanswered: let others go on. */
static void
wsm_gate_silent_cb (WsmTimer *timer,
                    gpointer  user_data)
{
  WsmGate *self = user_data;
  gint64 now_us = wsm_scheduler_get_time_us (self->scheduler);
  WsmTicket *ticket;

  while ((ticket = g_queue_peek_head (&self->granted)) != NULL &&
         ticket->since_us + WSM_GATE_SILENT_US <= now_us &&
         self->n_silent < WSM_GATE_MAX_SILENT)
    {
      wsm_gate_take_back (self, ticket);
      ticket->state = WSM_TICKET_SILENT;
      self->n_silent++;
    }
  wsm_gate_update_timer (self);
  wsm_gate_pump (self);
}

static void
wsm_gate_finalize (GObject *object)
{
  WsmGate *self = WSM_GATE (object);

  wsm_gate_close (self);
  g_clear_pointer (&self->delivery, wsm_delivery_unref);
  g_clear_pointer (&self->hosts, g_hash_table_unref);

  G_OBJECT_CLASS (wsm_gate_parent_class)->finalize (object);
}

static void
wsm_gate_class_init (WsmGateClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = wsm_gate_finalize;
}

static void
wsm_gate_init (WsmGate *self)
{
  self->max = 1;
  self->max_per_host = 1;
  self->hosts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) wsm_gate_host_free);
  wsm_timer_init (&self->timer, wsm_gate_silent_cb, self);
}

WsmGate *
wsm_gate_new (WsmScheduler *scheduler,
              WsmDelivery  *delivery)
{
  WsmGate *self = g_object_new (WSM_TYPE_GATE, NULL);

  self->scheduler = g_object_ref (scheduler);
  self->delivery = wsm_delivery_ref (delivery);

  return self;
}

/*
 * wsm_gate_set_max:
 * @max: places in all, at least 1
 * @max_per_host: places for one host, at least 1
 */
void
wsm_gate_set_max (WsmGate *self,
                  guint    max,
                  guint    max_per_host)
{
  GHashTableIter iter;
  gpointer host;

  self->max = max;
  self->max_per_host = max_per_host;
  /* All of them have tickets, so none goes. */
  g_hash_table_iter_init (&iter, self->hosts);
  while (g_hash_table_iter_next (&iter, NULL, &host))
    wsm_gate_update_host (self, host);
  wsm_gate_pump (self);
}

/*
 * wsm_gate_request:
 * @ticket: zeroed memory that stays until it is released
 * @host: (nullable): whose limit counts; %NULL for none
 * @granted: called once, from the delivery, unless the ticket is released before
 *
 * Queues for a place.
 */
void
wsm_gate_request (WsmGate       *self,
                  WsmTicket     *ticket,
                  const char    *host,
                  WsmTicketFunc  granted,
                  gpointer       user_data)
{
  g_return_if_fail (ticket->state == WSM_TICKET_UNUSED);

  ticket->granted = granted;
  ticket->user_data = user_data;
  ticket->host = wsm_gate_ensure_host (self, host != NULL ? host : "");
  ticket->link = (GList) { .data = ticket };
  ticket->state = WSM_TICKET_QUEUED;
  g_queue_push_tail_link (&ticket->host->queued, &ticket->link);
  self->n_queued++;
  wsm_gate_update_host (self, ticket->host);
  wsm_gate_update_timer (self);
  wsm_gate_pump (self);
}

/*
 * wsm_gate_release:
 *
 * Gives the place back, or leaves the queue; does nothing for an unused ticket.
 */
void
wsm_gate_release (WsmGate   *self,
                  WsmTicket *ticket)
{
  switch (ticket->state)
    {
    case WSM_TICKET_UNUSED:
      return;

    case WSM_TICKET_QUEUED:
      g_queue_unlink (&ticket->host->queued, &ticket->link);
      self->n_queued--;
      wsm_gate_update_host (self, g_steal_pointer (&ticket->host));
      break;

    case WSM_TICKET_GRANTED:
      wsm_gate_take_back (self, ticket);
      break;

    case WSM_TICKET_SILENT:
      self->n_silent--;
      break;

    default:
      g_assert_not_reached ();
    }

  ticket->state = WSM_TICKET_UNUSED;
  if (self->scheduler != NULL)
    wsm_gate_update_timer (self);
  wsm_gate_pump (self);
}

/*
 * wsm_gate_close:
 *
 * Grants nothing any more.
 */
void
wsm_gate_close (WsmGate *self)
{
  if (self->scheduler == NULL)
    return;
  wsm_scheduler_disarm (self->scheduler, &self->timer);
  g_clear_object (&self->scheduler);
}
