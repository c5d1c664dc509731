/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-flow.h"

#include "wsm-socket-probe.h"

/* Pings that libsoup has answered without a chance to write: their answers, 131 bytes at most, wait
 * in a queue of libsoup that nothing else bounds. */
#define MAX_PINGS 1000

/* So many in a row are nothing to wonder about; from there on it is looked whether the answers
 * leave. */
#define MIN_WATCHED_PINGS 16

/* How long a peer that floods may leave all answers where they are. */
#define PATIENCE_MS 2000

struct _WsmFlow
{
  WsmMeteredInput *input; /* (owned) (nullable): NULL cannot be held back */
  GSocket *socket;        /* (owned) (nullable) */
  WsmLane *lane;          /* (owned) */

  WsmFlowFunc func;   /* (nullable): cleared when called, or ended */
  gpointer user_data; /* (unowned) */

  GSource *patience_source; /* (owned) (nullable): while pings are held back */
  guint64 n_bytes_acked;    /* when that began */

  guint n_pings; /* since all answers had left */

  guint is_backlogged : 1;
};

static void
wsm_flow_update (WsmFlow *self)
{
  if (self->input != NULL)
    wsm_metered_input_set_held (self->input,
                                self->is_backlogged || self->patience_source != NULL);
}

static void
wsm_flow_stop_waiting (WsmFlow *self)
{
  if (self->patience_source == NULL)
    return;

  g_source_destroy (self->patience_source);
  g_clear_pointer (&self->patience_source, g_source_unref);
}

/* 0 where nobody counts. */
static guint64
wsm_flow_count_acked (WsmFlow *self)
{
  WsmWireState wire = { 0 };

  if (self->socket != NULL)
    wsm_socket_probe_query (self->socket, 0, &wire);

  return wire.n_bytes_acked;
}

static void
wsm_flow_give_up (WsmFlow *self,
                  guint    waited_ms)
{
  WsmFlowFunc func = g_steal_pointer (&self->func);

  if (func != NULL)
    func (self->n_pings, waited_ms, self->user_data);
}

static gboolean
wsm_flow_patience_cb (gpointer user_data)
{
  WsmFlow *self = user_data;
  guint64 n_bytes_acked = wsm_flow_count_acked (self);

  if (n_bytes_acked > self->n_bytes_acked)
    {
      self->n_bytes_acked = n_bytes_acked;
      return G_SOURCE_CONTINUE;
    }

  wsm_flow_give_up (self, PATIENCE_MS);

  return G_SOURCE_CONTINUE;
}

static void
wsm_flow_wait (WsmFlow *self)
{
  if (self->patience_source != NULL)
    return;

  self->n_bytes_acked = wsm_flow_count_acked (self);
  self->patience_source = g_timeout_source_new (PATIENCE_MS);
  g_source_set_static_name (self->patience_source, "[wsm] patience");
  g_source_set_callback (self->patience_source, wsm_flow_patience_cb, self, NULL);
  wsm_lane_attach (self->lane, self->patience_source);
  wsm_flow_update (self);
}

/*
 * wsm_flow_new:
 * @input: (nullable): what is read
 * @socket: (nullable): what is below it
 */
WsmFlow *
wsm_flow_new (WsmMeteredInput *input,
              GSocket         *socket,
              WsmLane         *lane,
              WsmFlowFunc      func,
              gpointer         user_data)
{
  WsmFlow *self;

  g_return_val_if_fail (input == NULL || WSM_IS_METERED_INPUT (input), NULL);
  g_return_val_if_fail (socket == NULL || G_IS_SOCKET (socket), NULL);
  g_return_val_if_fail (lane != NULL, NULL);
  g_return_val_if_fail (func != NULL, NULL);

  self = g_new0 (WsmFlow, 1);
  g_set_object (&self->input, input);
  g_set_object (&self->socket, socket);
  self->lane = wsm_lane_ref (lane);
  self->func = func;
  self->user_data = user_data;

  return self;
}

void
wsm_flow_free (WsmFlow *self)
{
  g_return_if_fail (self != NULL);

  wsm_flow_stop_waiting (self);
  g_clear_object (&self->input);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->lane, wsm_lane_unref);
  g_free (self);
}

/* The app has not been told yet of much that came. */
void
wsm_flow_set_backlogged (WsmFlow  *self,
                         gboolean  is_backlogged)
{
  g_return_if_fail (self != NULL);

  self->is_backlogged = is_backlogged != FALSE;
  wsm_flow_update (self);
}

/* Returns whether to tell when all that waits to be written has left. */
gboolean
wsm_flow_note_ping (WsmFlow *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  self->n_pings++;
  if (self->n_pings < MIN_WATCHED_PINGS || self->func == NULL)
    return FALSE;

  /* What cannot be held back may not come to an end either. */
  if (self->n_pings >= MAX_PINGS && self->input != NULL)
    wsm_flow_wait (self);
  else if (self->n_pings >= MAX_PINGS)
    wsm_flow_give_up (self, 0);

  return TRUE;
}

void
wsm_flow_note_drained (WsmFlow *self)
{
  g_return_if_fail (self != NULL);

  self->n_pings = 0;
  wsm_flow_stop_waiting (self);
  wsm_flow_update (self);
}

/* Nobody is told any more. */
void
wsm_flow_end (WsmFlow *self)
{
  g_return_if_fail (self != NULL);

  self->func = NULL;
  wsm_flow_stop_waiting (self);
}
