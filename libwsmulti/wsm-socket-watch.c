/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-socket-watch.h"

#include "wsm-socket-probe.h"

/*
 * WsmSocketWatch:
 *
 * Knows how far a socket's stream has come, and remembers it for when the socket is gone.
 *
 * libsoup closes a socket in which it reads the end of the stream before it tells anybody, and
 * with it goes what the system knew of the peer's acknowledgements. So whoever sees the end before
 * libsoup does has it looked once more.
 *
 * How much was written the system tells in two numbers, with calls of their own. It is asked once;
 * from then on what goes through the metered stream is counted.
 */
struct _WsmSocketWatch
{
  GSocket *socket;          /* (owned) (nullable): until it is stopped */
  WsmMeteredOutput *output; /* (owned) (nullable): through which all is written */
  WsmClock *clock;          /* (owned) */

  guint64 n_bytes_before; /* that were written before the stream counted; 0 = not known yet */
  WsmWireState seen;
};

static gboolean
wsm_socket_watch_is_past (WsmSocketWatch *self)
{
  return self->socket == NULL || g_socket_is_closed (self->socket);
}

/*
 * wsm_socket_watch_new:
 * @output: (nullable): %NULL if not all that is written goes through one
 */
WsmSocketWatch *
wsm_socket_watch_new (GSocket          *socket,
                      WsmMeteredOutput *output,
                      WsmClock         *clock)
{
  WsmSocketWatch *self;

  g_return_val_if_fail (G_IS_SOCKET (socket), NULL);
  g_return_val_if_fail (output == NULL || WSM_IS_METERED_OUTPUT (output), NULL);
  g_return_val_if_fail (WSM_IS_CLOCK (clock), NULL);

  self = g_new0 (WsmSocketWatch, 1);
  self->socket = g_object_ref (socket);
  g_set_object (&self->output, output);
  self->clock = g_object_ref (clock);

  return self;
}

void
wsm_socket_watch_free (WsmSocketWatch *self)
{
  g_return_if_fail (self != NULL);

  g_clear_object (&self->socket);
  g_clear_object (&self->output);
  g_clear_object (&self->clock);
  g_free (self);
}

/* Says how the socket is; if it is closed, or the watch was stopped, how it was seen last. */
const WsmWireState *
wsm_socket_watch_look (WsmSocketWatch *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (wsm_socket_watch_is_past (self))
    {
      self->seen.is_past = TRUE;
      self->seen.readable = FALSE;
    }
  else
    {
      WsmWireState now = { 0 };

      wsm_socket_probe_query (self->socket, wsm_clock_get_time_us (self->clock), &now);
      /* TLS closes it in a thread, perhaps in this moment. */
      if (now.has_counters || !self->seen.has_counters)
        self->seen = now;
      else
        self->seen.is_past = TRUE;
    }

  return &self->seen;
}

/*
 * wsm_socket_watch_get_place:
 *
 * Where in the stream all ends that was written so far, in bytes as the peer acknowledges them.
 *
 * Returns: 0 where nobody counts
 */
guint64
wsm_socket_watch_get_place (WsmSocketWatch *self)
{
  guint64 n_bytes_counted;

  g_return_val_if_fail (self != NULL, 0);

  if (wsm_socket_watch_is_past (self))
    return 0;
  if (self->output == NULL)
    return wsm_socket_probe_count_written (self->socket);

  n_bytes_counted = wsm_metered_output_get_n_bytes (self->output);
  if (self->n_bytes_before == 0)
    {
      guint64 n_bytes_written = wsm_socket_probe_count_written (self->socket);

      if (n_bytes_written == 0)
        return 0;
      self->n_bytes_before = n_bytes_written - MIN (n_bytes_counted, n_bytes_written);
    }

  return self->n_bytes_before + n_bytes_counted;
}

/* Looks a last time. */
void
wsm_socket_watch_stop (WsmSocketWatch *self)
{
  g_return_if_fail (self != NULL);

  wsm_socket_watch_look (self);
  g_clear_object (&self->socket);
}
