/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-soup-link-internal.h"

#include "wsm-socket-probe.h"

#define OPCODE_PING 0x9
#define MAX_CONTROL_PAYLOAD 125

/* Older versions of libsoup add to the length of a frame without looking whether it fits. */
#define MAX_FRAME_LIMIT G_MAXINT32

WsmSoupLink *
wsm_soup_link_ref (WsmSoupLink *self)
{
  self->ref_count++;

  return self;
}

void
wsm_soup_link_unref (WsmSoupLink *self)
{
  g_return_if_fail (self != NULL);

  if (--self->ref_count > 0)
    return;

  g_assert (self->connection == NULL);
  g_clear_pointer (&self->watch, wsm_socket_watch_free);
  g_clear_pointer (&self->flow, wsm_flow_free);
  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_pointer (&self->lane, wsm_lane_unref);
  g_clear_object (&self->clock);
  g_free (self);
}

static gint64
wsm_soup_link_get_time_us (WsmSoupLink *self)
{
  return wsm_clock_get_time_us (self->clock);
}

/* When what libsoup has read last had arrived. */
static gint64
wsm_soup_link_get_arrived_us (WsmSoupLink *self)
{
  gint64 arrived_us =
    self->input != NULL ? wsm_metered_input_get_arrived_us (self->input) : 0;

  return arrived_us > 0 ? arrived_us : wsm_soup_link_get_time_us (self);
}

static void
wsm_soup_link_drained_cb (gpointer user_data)
{
  WsmSoupLink *self = user_data;

  if (self->flow != NULL)
    wsm_flow_note_drained (self->flow);
  if (self->output != NULL)
    wsm_metered_output_note_drained (self->output);
  if (self->transport != NULL && !self->is_ended)
    wsm_transport_report_drained (self->transport);
}

static void
wsm_soup_link_tap_life_cb (gpointer user_data)
{
  WsmSoupLink *self = user_data;

  if (self->transport != NULL && wsm_soup_link_is_open (self))
    wsm_transport_report_life (self->transport, wsm_soup_link_get_time_us (self));
}

/* Most peers neither ping nor flood. */
static void
wsm_soup_link_ensure_flow (WsmSoupLink *self)
{
  if (self->flow == NULL)
    self->flow = wsm_flow_new (self->input, self->socket, self->lane, wsm_soup_link_flooded_cb,
                               self);
}

static void
wsm_soup_link_tap_ping_cb (gpointer user_data)
{
  WsmSoupLink *self = user_data;

  /* libsoup's answer goes before all that it has not begun to write. */
  if (self->output != NULL)
    wsm_metered_output_queue_first (self->output);
  if (self->is_shut_down)
    return;

  wsm_soup_link_ensure_flow (self);
  if (wsm_flow_note_ping (self->flow) && wsm_soup_link_is_open (self))
    wsm_drain_watch (self->drain);
}

static void
wsm_soup_link_tap_frame_cb (WsmFrame *frame,
                            gpointer  user_data)
{
  WsmSoupLink *self = user_data;

  if (self->transport == NULL)
    return;

  frame->time_us = wsm_soup_link_get_time_us (self);
  wsm_transport_report_frame (self->transport, frame);
}

static const WsmFrameTapFuncs wsm_soup_link_tap_funcs = {
  .life = wsm_soup_link_tap_life_cb,
  .ping = wsm_soup_link_tap_ping_cb,
  .frame = wsm_soup_link_tap_frame_cb,
};

/* libsoup goes on emitting messages after an error, and some of them are garbage. */
static void
wsm_soup_link_connection_message_cb (SoupWebsocketConnection *connection,
                                     SoupWebsocketDataType    type,
                                     GBytes                  *message,
                                     WsmSoupLink             *self)
{
  g_autoptr (GError) error = NULL;

  if (self->transport == NULL || !wsm_soup_link_is_open (self))
    return;

  if (g_bytes_get_size (message) <= self->max_message_size)
    {
      wsm_transport_report_message (self->transport, type, message,
                                    wsm_soup_link_get_arrived_us (self));
      return;
    }

  /* Only what was compressed comes as far as this, and only with older versions of libsoup. */
  error = g_error_new_literal (SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG,
                               "A compressed message exceeds the limit");
  wsm_soup_link_note_error (self, error);
}

/* What is declared as GBytes is a GByteArray in each version so far. Both begin with a pointer
 * to the data and something that is no less than their length, and the data end with NUL, so
 * this reads the text of either. Nothing else may be done with the object. */
static void
wsm_soup_link_connection_pong_cb (SoupWebsocketConnection *connection,
                                  GBytes                  *mistyped,
                                  WsmSoupLink             *self)
{
  gsize size;
  const char *data = g_bytes_get_data (mistyped, &size);
  gsize length = data != NULL ? strnlen (data, MIN (size, MAX_CONTROL_PAYLOAD)) : 0;

  if (self->input != NULL)
    wsm_metered_input_set_awaited (self->input, FALSE);
  if (self->transport != NULL && wsm_soup_link_is_open (self))
    wsm_transport_report_pong (self->transport, data, length,
                               wsm_soup_link_get_arrived_us (self));
}

static void
wsm_soup_link_limit_messages (WsmSoupLink *self,
                              guint64      n_bytes)
{
  GObjectClass *object_class = G_OBJECT_GET_CLASS (self->connection);
  guint64 limit = CLAMP (n_bytes, 1, MAX_FRAME_LIMIT);

  self->max_message_size = n_bytes;
  soup_websocket_connection_set_max_incoming_payload_size (self->connection, limit);
  if (g_object_class_find_property (object_class, "max-total-message-size") != NULL)
    g_object_set (self->connection, "max-total-message-size", limit, NULL);

  if (self->tap != NULL)
    wsm_frame_tap_set_max_message_size (self->tap, limit);
}

/* The connection was just made: nothing of it was dispatched yet. */
WsmSoupLink *
wsm_soup_link_new (SoupWebsocketConnection *connection,
                   WsmFrameTap             *tap,
                   WsmMeteredInput         *input,
                   WsmMeteredOutput        *output,
                   WsmLane                 *lane,
                   WsmClock                *clock,
                   WsmTransport            *transport)
{
  WsmSoupLink *self;
  GOutputStream *stream;

  g_return_val_if_fail (SOUP_IS_WEBSOCKET_CONNECTION (connection), NULL);
  g_return_val_if_fail (tap == NULL || WSM_IS_FRAME_TAP (tap), NULL);
  g_return_val_if_fail (input == NULL || WSM_IS_METERED_INPUT (input), NULL);
  g_return_val_if_fail (output == NULL || WSM_IS_METERED_OUTPUT (output), NULL);
  g_return_val_if_fail (lane != NULL, NULL);
  g_return_val_if_fail (WSM_IS_CLOCK (clock), NULL);
  g_return_val_if_fail (WSM_IS_TRANSPORT (transport), NULL);

  /* One reference for the caller, one for the wire. */
  self = g_new0 (WsmSoupLink, 1);
  self->ref_count = 2;
  self->transport = transport;
  self->lane = wsm_lane_ref (lane);
  self->clock = g_object_ref (clock);
  self->connection = g_object_ref (connection);
  self->socket =
    wsm_socket_probe_find (soup_websocket_connection_get_io_stream (connection));
  if (self->socket != NULL)
    {
      wsm_socket_probe_tune (self->socket);
      self->has_socket = TRUE;
    }
  g_set_object (&self->input, input);
  g_set_object (&self->output, output);
  self->next_mark = WSM_N_MARKS;

  stream = g_io_stream_get_output_stream (
    soup_websocket_connection_get_io_stream (connection));
  self->drain = wsm_drain_new (stream, self->socket, lane, wsm_soup_link_drained_cb, self);

  g_signal_connect (connection, "message", G_CALLBACK (wsm_soup_link_connection_message_cb), self);
  g_signal_connect (connection, "pong", G_CALLBACK (wsm_soup_link_connection_pong_cb), self);
  wsm_soup_link_follow_ending (self);

  self->max_message_size = G_MAXUINT64;
  if (tap != NULL)
    {
      self->tap = g_object_ref (tap);
      wsm_frame_tap_connect (tap, &wsm_soup_link_tap_funcs, self);
    }

  return self;
}

/*
 * wsm_soup_link_set_plain:
 *
 * There is no TLS between libsoup and what is metered: each write ends a frame, and the lane may
 * know the socket for as long as it is open.
 */
void
wsm_soup_link_set_plain (WsmSoupLink *self)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (self->input != NULL);
  g_return_if_fail (self->output != NULL);
  g_return_if_fail (self->lane_socket == NULL);

  self->is_plain = TRUE;
  /* Without the tap nobody hears of the pongs that libsoup sends. */
  self->counts_frames = self->tap != NULL;
  if (self->socket == NULL)
    return;

  self->lane_socket = wsm_lane_socket_new (self->lane, self->socket);
  if (self->lane_socket == NULL)
    return;

  wsm_metered_input_use_lane_socket (self->input, self->lane_socket);
  wsm_metered_output_use_lane_socket (self->output, self->lane_socket);
}

GSocket *
wsm_soup_link_get_socket (WsmSoupLink *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->socket;
}

/* Whether the limit holds for whole messages, not for their frames alone. */
gboolean
wsm_soup_link_enforces_limits (WsmSoupLink *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (self->connection == NULL)
    return FALSE;

  return (self->tap != NULL && !wsm_frame_tap_is_beside_compression (self->tap)) ||
         g_object_class_find_property (G_OBJECT_GET_CLASS (self->connection),
                                       "max-total-message-size") != NULL;
}

gboolean
wsm_soup_link_sees_frames (WsmSoupLink *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->tap != NULL;
}

/* Before it is handed over: libsoup writes at once what it can. */
static void
wsm_soup_link_count_frame (WsmSoupLink *self)
{
  WsmMark mark = self->next_mark;

  self->next_mark = WSM_N_MARKS;
  if (self->output == NULL)
    return;

  wsm_metered_output_queue (self->output);
  if (mark == WSM_N_MARKS)
    return;

  /* The answer to a text is one of many; from then on each is taken for it. */
  wsm_metered_output_mark (self->output, mark);
  if (self->input != NULL)
    wsm_metered_input_set_awaited (self->input, TRUE);
}

static gboolean
wsm_soup_link_is_written (WsmSoupLink *self)
{
  if (self->counts_frames)
    return wsm_metered_output_get_n_queued (self->output) == 0;

  return !wsm_drain_is_watching (self->drain);
}

/* Nearly always libsoup has written what it was given before it returns. */
static void
wsm_soup_link_watch_leaving (WsmSoupLink *self)
{
  if (!self->counts_frames || !wsm_soup_link_is_written (self))
    wsm_drain_watch (self->drain);
  else if (self->flow != NULL)
    wsm_flow_note_drained (self->flow);
}

/* libsoup may emit, end and release everything in the middle of a call. */
static void
wsm_soup_link_hand_over (WsmSoupLink *self,
                         guint        opcode,
                         GBytes      *message)
{
  if (!wsm_soup_link_is_open (self))
    return;

  wsm_soup_link_ref (self);
  wsm_soup_link_count_frame (self);
  wsm_lane_enter (self->lane);
  soup_websocket_connection_send_message (self->connection, (SoupWebsocketDataType) opcode,
                                          message);
  if (wsm_soup_link_is_open (self))
    wsm_soup_link_watch_leaving (self);
  wsm_lane_leave (self->lane);
  wsm_soup_link_unref (self);
}

void
wsm_soup_link_send (WsmSoupLink           *self,
                    SoupWebsocketDataType  type,
                    GBytes                *message)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (message != NULL);

  wsm_soup_link_hand_over (self, type, message);
}

/* libsoup has no function for pings, but writes the opcode that it is given. */
void
wsm_soup_link_ping (WsmSoupLink *self,
                    const char  *payload)
{
  g_autoptr (GBytes) bytes = NULL;

  g_return_if_fail (self != NULL);
  g_return_if_fail (payload != NULL);
  g_return_if_fail (strlen (payload) <= MAX_CONTROL_PAYLOAD);

  bytes = g_bytes_new (payload, strlen (payload));
  wsm_soup_link_hand_over (self, OPCODE_PING, bytes);
}

void
wsm_soup_link_mark_next (WsmSoupLink *self,
                         WsmMark      mark)
{
  g_return_if_fail (self != NULL);

  self->next_mark = mark;
}

gint64
wsm_soup_link_get_marked_us (WsmSoupLink *self,
                             WsmMark      mark)
{
  g_return_val_if_fail (self != NULL, WSM_MARK_UNSEEN);

  return self->output != NULL ? wsm_metered_output_get_marked_us (self->output, mark)
                              : WSM_MARK_UNSEEN;
}

/* Where messages leave, somebody asks soon. */
void
wsm_soup_link_ensure_watch (WsmSoupLink *self)
{
  if (self->watch == NULL && self->socket != NULL)
    self->watch = wsm_socket_watch_new (self->socket, self->output, self->clock);
}

void
wsm_soup_link_query_wire (WsmSoupLink  *self,
                          WsmWireState *state)
{
  GInputStream *input;

  g_return_if_fail (self != NULL);
  g_return_if_fail (state != NULL);

  if (!self->has_socket)
    return;

  wsm_soup_link_ensure_watch (self);
  if (self->watch != NULL)
    *state = *wsm_socket_watch_look (self->watch);
  else
    state->is_past = TRUE;
  if (self->transport != NULL && self->input != NULL)
    wsm_transport_note_life (self->transport, wsm_metered_input_get_last_us (self->input));
  if (state->is_past)
    return;

  /* A peer that has said good-bye owes no answer, and its stream is about to end. */
  if (self->ending_source != NULL && self->transport != NULL)
    wsm_transport_note_life (self->transport, wsm_soup_link_get_time_us (self));

  if (self->input != NULL && wsm_metered_input_has_rest (self->input))
    state->readable = TRUE;

  /* What waits because it is not read yet was sent by somebody who lives. */
  if (state->readable && self->transport != NULL && self->input != NULL &&
      wsm_metered_input_withholds (self->input))
    wsm_transport_note_life (self->transport, wsm_soup_link_get_time_us (self));
  if (state->readable)
    return;

  /* TLS may have taken a record off the socket of which libsoup has read a part. */
  input = g_io_stream_get_input_stream (
    soup_websocket_connection_get_io_stream (self->connection));
  state->readable = g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (input));
}

gboolean
wsm_soup_link_query_place (WsmSoupLink *self,
                           guint64     *place)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (place != NULL, FALSE);

  /* libsoup may have closed the socket, and not said so yet. */
  if (self->is_shut_down || (self->socket != NULL && g_socket_is_closed (self->socket)))
    return FALSE;
  if (!wsm_soup_link_is_written (self))
    {
      wsm_drain_watch (self->drain);
      return FALSE;
    }

  wsm_soup_link_ensure_watch (self);
  if (self->watch != NULL)
    *place = wsm_socket_watch_get_place (self->watch);

  return TRUE;
}

void
wsm_soup_link_set_backlogged (WsmSoupLink *self,
                              gboolean     is_backlogged)
{
  g_return_if_fail (self != NULL);

  if (self->flow == NULL && (!is_backlogged || self->is_shut_down))
    return;

  wsm_soup_link_ensure_flow (self);
  wsm_flow_set_backlogged (self->flow, is_backlogged);
}

void
wsm_soup_link_set_max_message_size (WsmSoupLink *self,
                                    guint64      n_bytes)
{
  g_return_if_fail (self != NULL);

  if (self->connection != NULL)
    wsm_soup_link_limit_messages (self, n_bytes);
}

void
wsm_soup_link_set_wants_frames (WsmSoupLink *self,
                                gboolean     wants_frames,
                                gsize        payload_capture)
{
  g_return_if_fail (self != NULL);

  if (self->tap != NULL)
    wsm_frame_tap_set_wants_frames (self->tap, wants_frames, payload_capture);
}
