/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-socket-watch.h"

#include "wsm-socket-probe.h"

/*
 * WsmSocketWatch:
 *
 * Remembers how a socket was seen last, for when it is gone.
 *
 * libsoup closes a socket in which it reads the end of the stream before it tells anybody, and
 * with it goes what the system knew of the peer's acknowledgements. So while some are due, a
 * source looks whenever there is something to read, before libsoup does. It is never dispatched:
 * its check is the look, and the loop does not go round more often for it. What is there to read
 * may be left where it is for a while, and would wake the loop again and again: so one look is
 * enough until something was read.
 */
struct _WsmSocketWatch
{
  GSocket *socket; /* (owned) (nullable): until it is stopped */
  WsmLane *lane;   /* (owned) */
  WsmClock *clock; /* (owned) */

  GSource *source; /* (owned) (nullable): while acknowledgements are due */
  WsmWireState seen;
};

typedef struct
{
  GSource source;
  WsmSocketWatch *watch; /* (unowned) */
  GPollFD poll_fd; /* not added as a Unix descriptor, which would be dispatched for */
  gboolean polls;
} WsmSocketWatchSource;

/* Just before libsoup's own sources are asked. */
#define WATCH_PRIORITY (G_PRIORITY_DEFAULT - 1)

static void
wsm_socket_watch_end (WsmSocketWatch *self)
{
  if (self->source == NULL)
    return;

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

static void
wsm_socket_watch_update (WsmSocketWatch *self)
{
  WsmWireState state = { 0 };

  if (self->socket == NULL || g_socket_is_closed (self->socket))
    {
      self->seen.is_past = TRUE;
      self->seen.readable = FALSE;
      wsm_socket_watch_end (self);
      return;
    }

  wsm_socket_probe_query (self->socket, wsm_clock_get_time_us (self->clock), &state);
  self->seen = state;
  if (state.n_bytes_unacked == 0)
    wsm_socket_watch_end (self);
}

static gboolean
wsm_socket_watch_check (GSource *source)
{
  WsmSocketWatchSource *watch_source = (WsmSocketWatchSource *) source;

  if (!watch_source->polls || watch_source->poll_fd.revents == 0)
    return FALSE;

  watch_source->polls = FALSE;
  g_source_remove_poll (source, &watch_source->poll_fd);
  wsm_socket_watch_update (watch_source->watch);

  return FALSE;
}

static gboolean
wsm_socket_watch_prepare (GSource *source,
                          int     *timeout_ms)
{
  *timeout_ms = -1;

  return FALSE;
}

static gboolean
wsm_socket_watch_dispatch (GSource     *source,
                           GSourceFunc  callback,
                           gpointer     user_data)
{
  g_assert_not_reached ();
}

static GSourceFuncs wsm_socket_watch_source_funcs = {
  .prepare = wsm_socket_watch_prepare,
  .check = wsm_socket_watch_check,
  .dispatch = wsm_socket_watch_dispatch,
};

static void
wsm_socket_watch_poll (WsmSocketWatch *self)
{
  WsmSocketWatchSource *watch_source = (WsmSocketWatchSource *) self->source;

  if (watch_source->polls)
    return;

  watch_source->polls = TRUE;
  watch_source->poll_fd.revents = 0;
  g_source_add_poll (self->source, &watch_source->poll_fd);
}

static void
wsm_socket_watch_begin (WsmSocketWatch *self)
{
  WsmSocketWatchSource *watch_source;

  self->source = g_source_new (&wsm_socket_watch_source_funcs, sizeof (WsmSocketWatchSource));
  g_source_set_static_name (self->source, "[wsm] acknowledgements");
  g_source_set_priority (self->source, WATCH_PRIORITY);
  watch_source = (WsmSocketWatchSource *) self->source;
  watch_source->watch = self;
  watch_source->poll_fd.fd = g_socket_get_fd (self->socket);
  watch_source->poll_fd.events = G_IO_IN | G_IO_ERR | G_IO_HUP;
  wsm_socket_watch_poll (self);
  wsm_lane_attach (self->lane, self->source);
}

WsmSocketWatch *
wsm_socket_watch_new (GSocket  *socket,
                      WsmLane  *lane,
                      WsmClock *clock)
{
  WsmSocketWatch *self;

  g_return_val_if_fail (G_IS_SOCKET (socket), NULL);
  g_return_val_if_fail (lane != NULL, NULL);
  g_return_val_if_fail (WSM_IS_CLOCK (clock), NULL);

  self = g_new0 (WsmSocketWatch, 1);
  self->socket = g_object_ref (socket);
  self->lane = wsm_lane_ref (lane);
  self->clock = g_object_ref (clock);

  return self;
}

void
wsm_socket_watch_free (WsmSocketWatch *self)
{
  g_return_if_fail (self != NULL);

  wsm_socket_watch_end (self);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->lane, wsm_lane_unref);
  g_clear_object (&self->clock);
  g_free (self);
}

/* Says how the socket is; if it is closed, or the watch was stopped, how it was seen last. */
void
wsm_socket_watch_look (WsmSocketWatch *self,
                       WsmWireState   *state)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (state != NULL);

  wsm_socket_watch_update (self);
  *state = self->seen;
  if (self->source != NULL)
    wsm_socket_watch_poll (self);
  else if (!state->is_past && state->n_bytes_unacked > 0)
    wsm_socket_watch_begin (self);
}

/* Something was read, so that it is worth to look again. */
void
wsm_socket_watch_note_read (WsmSocketWatch *self)
{
  g_return_if_fail (self != NULL);

  if (self->source != NULL)
    wsm_socket_watch_poll (self);
}

/* Looks a last time. */
void
wsm_socket_watch_stop (WsmSocketWatch *self)
{
  g_return_if_fail (self != NULL);

  wsm_socket_watch_update (self);
  wsm_socket_watch_end (self);
  g_clear_object (&self->socket);
}
