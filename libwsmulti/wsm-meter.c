/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-meter.h"

/* So many go on at once, one after the other; what is due in the loop comes in between. */
#define TICKETS_PER_ROUND 8

/* An app that is never idle does not shut them out: that long at most they wait. */
#define MAX_WAIT_MS 50

/*
 * WsmMeter:
 *
 * The queue of those who want more of the loop than their share.
 *
 * Nobody is made slower than need be: where the loop is free, the next round follows at once.
 */
struct _WsmMeter
{
  gatomicrefcount ref_count; /* TLS says good-bye in a thread, the last to let go perhaps */

  GMainContext *context; /* (owned) (nullable): NULL is the global default context */
  GSource *idle_source;  /* (owned) (nullable): while somebody waits */
  GSource *late_source;  /* (owned) (nullable): the same */

  GQueue tickets; /* (element-type WsmMeterTicket): unowned */

  WsmTurnstile *turnstile; /* (owned): for all others */

  guint8 block[WSM_METER_BLOCK_SIZE];
};

static void
wsm_meter_clear_source (GSource **source)
{
  if (*source == NULL)
    return;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
wsm_meter_disarm (WsmMeter *self)
{
  wsm_meter_clear_source (&self->idle_source);
  wsm_meter_clear_source (&self->late_source);
}

static void wsm_meter_arm (WsmMeter *self);

static gboolean
wsm_meter_round_cb (gpointer user_data)
{
  WsmMeter *self = wsm_meter_ref (user_data);
  guint n_tickets = MIN (g_queue_get_length (&self->tickets), TICKETS_PER_ROUND);

  wsm_meter_disarm (self);
  for (; n_tickets > 0 && !g_queue_is_empty (&self->tickets); n_tickets--)
    {
      WsmMeterTicket *ticket = g_queue_pop_head_link (&self->tickets)->data;

      ticket->is_queued = FALSE;
      ticket->func (ticket->user_data);
    }

  wsm_meter_arm (self);
  wsm_meter_unref (self);

  return G_SOURCE_REMOVE;
}

static GSource *
wsm_meter_attach (WsmMeter   *self,
                  const char *name,
                  guint       delay_ms,
                  int         priority)
{
  GSource *source = g_timeout_source_new (delay_ms);

  g_source_set_static_name (source, name);
  g_source_set_priority (source, priority);
  g_source_set_callback (source, wsm_meter_round_cb, self, NULL);
  g_source_attach (source, self->context);

  return source;
}

static void
wsm_meter_arm (WsmMeter *self)
{
  if (self->idle_source != NULL || g_queue_is_empty (&self->tickets))
    return;

  self->idle_source = wsm_meter_attach (self, "[wsm] meter", 0, G_PRIORITY_DEFAULT_IDLE);
  self->late_source = wsm_meter_attach (self, "[wsm] meter, late", MAX_WAIT_MS,
                                        G_PRIORITY_DEFAULT);
}

/*
 * wsm_meter_new:
 * @context: (nullable): whose idleness counts; %NULL for the global default one
 */
WsmMeter *
wsm_meter_new (GMainContext *context)
{
  WsmMeter *self = g_new0 (WsmMeter, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->context = context != NULL ? g_main_context_ref (context) : NULL;
  g_queue_init (&self->tickets);
  self->turnstile = wsm_turnstile_new ();

  return self;
}

WsmMeter *
wsm_meter_ref (WsmMeter *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

/* Those who wait hold it, so that the queue is empty in the end. */
void
wsm_meter_unref (WsmMeter *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_assert (g_queue_is_empty (&self->tickets));
  wsm_meter_disarm (self);
  g_clear_pointer (&self->turnstile, wsm_turnstile_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self);
}

void
wsm_meter_init_ticket (WsmMeterTicket *ticket,
                       WsmMeterFunc    func,
                       gpointer        user_data)
{
  g_return_if_fail (ticket != NULL);
  g_return_if_fail (func != NULL);

  *ticket = (WsmMeterTicket) { .func = func, .user_data = user_data };
  ticket->link.data = ticket;
}

void
wsm_meter_queue (WsmMeter       *self,
                 WsmMeterTicket *ticket)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (ticket != NULL);

  if (ticket->is_queued)
    return;

  ticket->is_queued = TRUE;
  g_queue_push_tail_link (&self->tickets, &ticket->link);
  wsm_meter_arm (self);
}

void
wsm_meter_take_back (WsmMeter       *self,
                     WsmMeterTicket *ticket)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (ticket != NULL);

  if (!ticket->is_queued)
    return;

  ticket->is_queued = FALSE;
  g_queue_unlink (&self->tickets, &ticket->link);
  if (g_queue_is_empty (&self->tickets))
    wsm_meter_disarm (self);
}

/*
 * wsm_meter_get_turnstile:
 *
 * Gets what those go through who have not had their share.
 *
 * Returns: (transfer none): the turnstile
 */
WsmTurnstile *
wsm_meter_get_turnstile (WsmMeter *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->turnstile;
}

/* Room for WSM_METER_BLOCK_SIZE bytes, for as long as nobody else is called. */
guint8 *
wsm_meter_get_block (WsmMeter *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->block;
}
