/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-soup-link-internal.h"

#include "wsm-soup-ending.h"

/*
 * How an open WebSocket ends: what libsoup tells of that, what is reported, once, and what it takes
 * until the socket is let go.
 */

#define MAX_CLOSE_REASON 123

/* How long a peer may keep the stream after its close frame. libsoup gives it five seconds. */
#define PEER_LINGER_MS 1000

/* How long libsoup may take to close a stream that has ended. TLS says good-bye first, which does
 * not come to an end with a peer that does not read. */
#define GOOD_BYE_MS 20

static void
wsm_soup_link_clear_source (GSource **source)
{
  if (*source == NULL)
    return;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
wsm_soup_link_report_ending (WsmSoupLink  *self,
                             const GError *error)
{
  g_auto (WsmEnding) ending = { NULL };

  if (self->is_ended)
    return;

  self->is_ended = TRUE;
  if (self->transport == NULL)
    return;

  wsm_soup_ending_read_connection (&ending, self->connection, error);
  wsm_transport_report_ended (self->transport, ending.reason, ending.error, ending.close_reason);
}

static gboolean
wsm_soup_link_ending_cb (gpointer user_data)
{
  WsmSoupLink *self = wsm_soup_link_ref (user_data);

  wsm_soup_link_report_ending (self, NULL);
  wsm_soup_link_shut_down (self);
  wsm_soup_link_unref (self);

  return G_SOURCE_REMOVE;
}

static void
wsm_soup_link_end_in (WsmSoupLink *self,
                      guint        delay_ms)
{
  wsm_soup_link_clear_source (&self->ending_source);
  if (self->is_shut_down)
    return;

  self->ending_source = g_timeout_source_new (delay_ms);
  g_source_set_static_name (self->ending_source, "[wsm] ending");
  g_source_set_callback (self->ending_source, wsm_soup_link_ending_cb, self, NULL);
  wsm_lane_attach (self->lane, self->ending_source);
}

void
wsm_soup_link_flooded_cb (guint    n_pings,
                          guint    waited_ms,
                          gpointer user_data)
{
  WsmSoupLink *self = user_data;
  g_auto (WsmEnding) ending = { NULL };

  if (self->is_ended)
    return;

  self->is_ended = TRUE;
  if (self->transport != NULL)
    {
      wsm_soup_ending_set_flood (&ending, n_pings, waited_ms);
      wsm_transport_report_ended (self->transport, ending.reason, ending.error, NULL);
    }
  wsm_soup_link_shut_down (self);
}

/* Nothing more is wanted: what is still to be read is not, so that the end is seen at once. */
static void
wsm_soup_link_end_input (WsmSoupLink *self)
{
  if (self->flow != NULL)
    wsm_flow_end (self->flow);
  if (self->input != NULL)
    {
      wsm_metered_input_watch_end (self->input, NULL, NULL);
      wsm_metered_input_end (self->input);
    }
}

/* libsoup is about to close the socket: at once where there is no TLS, or in a thread, after which
 * its number may be that of another one. */
static void
wsm_soup_link_input_end_cb (gpointer user_data)
{
  WsmSoupLink *self = user_data;

  if (self->watch != NULL)
    wsm_socket_watch_stop (self->watch);
  if (!self->is_plain && !self->is_ended)
    wsm_soup_link_end_in (self, GOOD_BYE_MS);
}

/* Closing anything from in here makes libsoup recurse without end. */
void
wsm_soup_link_note_error (WsmSoupLink  *self,
                          const GError *error)
{
  if (self->is_ended)
    return;

  wsm_soup_link_report_ending (self, error);
  wsm_soup_link_end_in (self, 0);
}

/* For ::closing and notify::state: both also tell of a close of our own, without a code. */
static void
wsm_soup_link_note_closing (WsmSoupLink *self)
{
  if (self->is_ended || self->ending_source != NULL ||
      soup_websocket_connection_get_close_code (self->connection) == 0)
    return;

  if (self->transport != NULL)
    wsm_transport_report_life (self->transport, wsm_clock_get_time_us (self->clock));
  wsm_soup_link_end_in (self, PEER_LINGER_MS);
}

/* The wire is done with: gives back all but the memory of the link itself. */
static void
wsm_soup_link_release (WsmSoupLink *self)
{
  g_clear_pointer (&self->drain, wsm_drain_free);
  if (self->lane_socket != NULL)
    wsm_lane_socket_end (self->lane_socket);
  g_clear_pointer (&self->lane_socket, wsm_lane_socket_unref);
  wsm_soup_link_clear_source (&self->ending_source);
  if (self->watch != NULL)
    wsm_socket_watch_stop (self->watch);
  wsm_soup_link_end_input (self);

  g_signal_handlers_disconnect_by_data (self->connection, self);
  if (self->tap != NULL)
    wsm_frame_tap_disconnect (self->tap);

  g_clear_object (&self->tap);
  g_clear_object (&self->socket);
  g_clear_object (&self->connection);
  self->is_shut_down = TRUE;

  wsm_soup_link_unref (self);
}

/* One closure for all that is rare, as each connection keeps it for as long as it is open. */
static void
wsm_soup_link_event_marshal (GClosure     *closure,
                             GValue       *returned,
                             guint         n_values,
                             const GValue *values,
                             gpointer      hint,
                             gpointer      marshal_data)
{
  WsmSoupLink *self = closure->data;
  const char *signal = g_signal_name (((GSignalInvocationHint *) hint)->signal_id);

  if (g_str_equal (signal, "error"))
    {
      wsm_soup_link_note_error (self, g_value_get_boxed (&values[1]));
    }
  else if (g_str_equal (signal, "closed"))
    {
      wsm_soup_link_report_ending (self, NULL);
      wsm_soup_link_release (self);
    }
  else
    {
      wsm_soup_link_note_closing (self);
    }
}

/*
 * wsm_soup_link_follow_ending:
 *
 * Hears of the end, and of what leads to it, from here on.
 */
void
wsm_soup_link_follow_ending (WsmSoupLink *self)
{
  static const char * const events[] = { "error", "closing", "notify::state", "closed" };
  GClosure *closure = g_closure_new_simple (sizeof *closure, self);

  g_closure_set_marshal (closure, wsm_soup_link_event_marshal);
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    g_signal_connect_closure (self->connection, events[i], closure, FALSE);

  if (self->input != NULL)
    wsm_metered_input_watch_end (self->input, wsm_soup_link_input_end_cb, self);
}

/* From here on nothing is reported, and what is left of the wire is ended. */
void
wsm_soup_link_forget_transport (WsmSoupLink *self)
{
  g_return_if_fail (self != NULL);

  self->transport = NULL;
  self->is_ended = TRUE;
  wsm_soup_link_shut_down (self);
}

/* Code 0 is a close frame without one. */
void
wsm_soup_link_close (WsmSoupLink *self,
                     guint        code,
                     const char  *reason)
{
  g_return_if_fail (self != NULL);

  if (!wsm_soup_link_is_open (self))
    return;

  code = wsm_soup_ending_choose_code (code);
  if (code == SOUP_WEBSOCKET_CLOSE_NO_STATUS ||
      (reason != NULL && strlen (reason) > MAX_CLOSE_REASON))
    reason = NULL;

  wsm_soup_link_ref (self);
  wsm_lane_enter (self->lane);
  soup_websocket_connection_close (self->connection, (gushort) code, reason);
  wsm_lane_leave (self->lane);
  wsm_soup_link_unref (self);
}

/* Ends the stream in both directions. Of all ways this alone leads to `closed` at once and from
 * every state: closing the stream blocks while TLS says good-bye to a peer that does not read,
 * and dropping the connection leaves TLS behind. */
void
wsm_soup_link_shut_down (WsmSoupLink *self)
{
  g_return_if_fail (self != NULL);

  if (self->is_shut_down)
    return;

  self->is_shut_down = TRUE;
  self->is_ended = TRUE;
  wsm_drain_stop (self->drain);
  wsm_soup_link_clear_source (&self->ending_source);

  if (self->socket != NULL)
    {
      wsm_soup_link_ensure_watch (self);
      wsm_socket_watch_stop (self->watch);
      g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
      wsm_soup_link_end_input (self);
    }
  else
    wsm_soup_link_release (self);
}
