/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-transport.h"

#include "wsm-error.h"

/* So much lies in the kernel before whoever sends is held up. */
#define KERNEL_BYTES (128 * 1024)

G_DEFINE_FINAL_TYPE (WsmTestTransport, wsm_test_transport, WSM_TYPE_TRANSPORT)

void
wsm_test_parcel_free (WsmTestParcel *parcel)
{
  g_clear_pointer (&parcel->bytes, g_bytes_unref);
  g_slice_free (WsmTestParcel, parcel);
}

void
wsm_test_transport_update_timer (WsmTestTransport *self)
{
  WsmTestParcel *inbound = self->peer->is_cut ? NULL : g_queue_peek_head (&self->inbound);
  WsmTestParcel *local = g_queue_peek_head (&self->local);
  gint64 due_us = G_MAXINT64;

  if (inbound != NULL)
    due_us = inbound->due_us;
  if (local != NULL)
    due_us = MIN (due_us, local->due_us);
  if (due_us < G_MAXINT64)
    wsm_scheduler_arm (self->network->scheduler, &self->timer, due_us);
  else
    wsm_scheduler_disarm (self->network->scheduler, &self->timer);
}

void
wsm_test_transport_post (WsmTestTransport  *self,
                         WsmTestParcelKind  kind,
                         gint64             delay_us,
                         GBytes            *bytes,
                         WsmReasonCode      code,
                         guint              number)
{
  WsmTestParcel *parcel = g_slice_new0 (WsmTestParcel);
  GQueue *queue = kind == WSM_TEST_PARCEL_DRAINED ? &self->local : &self->inbound;
  WsmTestParcel *last = g_queue_peek_tail (queue);

  parcel->kind = kind;
  parcel->due_us = wsm_scheduler_get_time_us (self->network->scheduler) + delay_us;
  if (kind != WSM_TEST_PARCEL_DRAINED && self->peer->jitter_us > 0)
    parcel->due_us += g_rand_int_range (self->network->random, 0, (gint32) self->peer->jitter_us);
  if (last != NULL)
    parcel->due_us = MAX (parcel->due_us, last->due_us);
  parcel->bytes = bytes != NULL ? g_bytes_ref (bytes) : NULL;
  parcel->code = code;
  parcel->number = number;
  parcel->retry_after_ms = self->peer->retry_after_ms;
  g_queue_push_tail (queue, parcel);
  if (queue->length == 1)
    wsm_test_transport_update_timer (self);
}

static void
wsm_test_transport_end (WsmTestTransport *self)
{
  if (!self->over)
    {
      self->peer->progress_us = wsm_test_peer_get_progress_us (self->peer);
      self->peer->n_live--;
    }
  self->over = TRUE;
  if (self->open)
    g_ptr_array_remove_fast (self->peer->transports, self);
  self->open = FALSE;
  if (self->shaking_us > 0)
    g_ptr_array_remove_fast (self->network->shaking, self);
  self->shaking_us = 0;
  g_queue_clear_full (&self->inbound, (GDestroyNotify) wsm_test_parcel_free);
  g_queue_clear_full (&self->local, (GDestroyNotify) wsm_test_parcel_free);
  wsm_scheduler_disarm (self->network->scheduler, &self->timer);
}

static void
wsm_test_transport_become_open (WsmTestTransport *self)
{
  self->open = TRUE;
  self->peer->n_opened++;
  g_ptr_array_add (self->peer->transports, self);
  g_ptr_array_remove_fast (self->network->shaking, self);
  self->shaking_us = 0;
}

static void
wsm_test_transport_deliver (WsmTestTransport *self,
                            WsmTestParcel    *parcel)
{
  WsmTransport *transport = WSM_TRANSPORT (self);
  gint64 now_us = wsm_scheduler_get_time_us (self->network->scheduler);
  g_autoptr (WsmReason) reason = NULL;
  g_autoptr (GError) error = NULL;
  const char *data;
  gsize size = 0;

  if (parcel->kind != WSM_TEST_PARCEL_DRAINED && !self->over)
    self->peer->told_us = now_us;
  if (parcel->bytes != NULL && parcel->bytes == self->last_beat && !self->over)
    {
      self->peer->asked_us = self->beat_us;
      self->peer->answered_us = now_us;
    }
  switch (parcel->kind)
    {
    case WSM_TEST_PARCEL_OPENED:
      if (!self->over)
        wsm_test_transport_become_open (self);
      wsm_transport_report_opened (transport, now_us);
      break;

    case WSM_TEST_PARCEL_PONG:
      data = g_bytes_get_data (parcel->bytes, &size);
      wsm_transport_report_pong (transport, data != NULL ? data : "", size,
                                 now_us - self->peer->reading_us);
      break;

    case WSM_TEST_PARCEL_TEXT:
      wsm_transport_report_message (transport, SOUP_WEBSOCKET_DATA_TEXT, parcel->bytes,
                                    now_us - self->peer->reading_us);
      break;

    case WSM_TEST_PARCEL_BINARY:
      wsm_transport_report_message (transport, SOUP_WEBSOCKET_DATA_BINARY, parcel->bytes,
                                    now_us - self->peer->reading_us);
      break;

    case WSM_TEST_PARCEL_LIFE:
      wsm_transport_report_life (transport, now_us);
      break;

    case WSM_TEST_PARCEL_DRAINED:
      /* Only once all has left. */
      if (self->local.length > 0)
        break;
      self->has_written = TRUE;
      wsm_transport_report_drained (transport);
      break;

    case WSM_TEST_PARCEL_ENDED:
      reason = wsm_reason_new (parcel->code);
      if (parcel->code == WSM_REASON_CODE_HTTP_STATUS)
        reason->http_status = parcel->number;
      else if (parcel->code == WSM_REASON_CODE_PEER_CLOSED)
        reason->close_code = parcel->number;
      else if (parcel->code == WSM_REASON_CODE_END_OF_STREAM)
        reason->close_code = 1006;
      reason->retry_after_ms = parcel->retry_after_ms;
      error = g_error_new (WSM_ERROR, WSM_ERROR_ABORTED, "The test ended it");
      if (!self->over)
        self->peer->ended_us = now_us;
      wsm_test_transport_end (self);
      wsm_transport_report_ended (transport, reason, error, NULL);
      break;

    default:
      g_assert_not_reached ();
    }
}

/* The next one that is due; what the own kernel says comes first. */
static WsmTestParcel *
wsm_test_transport_take (WsmTestTransport *self,
                         gint64            now_us)
{
  WsmTestParcel *local = g_queue_peek_head (&self->local);
  WsmTestParcel *inbound = self->peer->is_cut ? NULL : g_queue_peek_head (&self->inbound);

  if (local != NULL && local->due_us <= now_us &&
      (inbound == NULL || local->due_us <= inbound->due_us))
    return g_queue_pop_head (&self->local);
  if (inbound != NULL && inbound->due_us <= now_us)
    return g_queue_pop_head (&self->inbound);

  return NULL;
}

static void
wsm_test_transport_timer_cb (WsmTimer *timer,
                             gpointer  user_data)
{
  g_autoptr (WsmTestTransport) self = g_object_ref (user_data);
  gint64 now_us = wsm_scheduler_get_time_us (self->network->scheduler);
  WsmTestParcel *parcel;

  while ((parcel = wsm_test_transport_take (self, now_us)) != NULL)
    {
      wsm_test_transport_deliver (self, parcel);
      wsm_test_parcel_free (parcel);
    }
  wsm_test_transport_update_timer (self);
  if (self->over && self->inbound.length == 0)
    g_ptr_array_remove_fast (self->network->ghosts, self);
}

static void
wsm_test_transport_open (WsmTransport       *transport,
                         SoupMessage        *message,
                         const char         *origin,
                         const char * const *protocols)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (transport);
  GUri *uri = soup_message_get_uri (message);
  WsmTestPeer *peer;

  g_assert_null (self->peer);
  peer = wsm_test_network_get_peer (self->network, g_uri_get_path (uri));
  self->peer = peer;
  self->host = g_strdup (g_uri_get_host (uri));
  self->shaking_us = wsm_scheduler_get_time_us (self->network->scheduler);
  g_ptr_array_add (self->network->shaking, self);
  self->rate = peer->rate;
  peer->latest = transport;
  peer->n_live++;
  peer->n_attempts++;
  wsm_transport_edit_facts (transport)->liveness_source = WSM_LIVENESS_SOURCE_MESSAGES;

  if (peer->stall)
    return;
  if (peer->refusal == WSM_REASON_CODE_REDIRECT)
    wsm_transport_edit_facts (transport)->location = g_strdup (peer->location);
  if (peer->refusal != WSM_REASON_CODE_NONE)
    wsm_test_transport_post (self, WSM_TEST_PARCEL_ENDED, 2 * peer->latency_us, NULL, peer->refusal,
                             peer->http_status);
  else
    wsm_test_transport_post (self, WSM_TEST_PARCEL_OPENED, 2 * peer->latency_us, NULL,
                             WSM_REASON_CODE_NONE, 0);
}

static gboolean
wsm_test_transport_answers (WsmTestTransport *self)
{
  return self->open && !self->peer->mute && !self->peer->deaf && !self->peer->slow;
}

/* What is on its way while something goes to the peer and the answer comes back, after this. */
static gint64
wsm_test_transport_find_way_us (WsmTestTransport *self)
{
  return self->peer->writing_us + 2 * self->peer->latency_us + self->peer->reading_us;
}

/* Something is handed over. */
static void
wsm_test_transport_stamp (WsmTestTransport *self)
{
  gint64 now_us = wsm_scheduler_get_time_us (self->network->scheduler);

  if (self->next_mark < WSM_N_MARKS)
    self->marked_us[self->next_mark] = now_us + self->peer->writing_us;
  self->next_mark = WSM_N_MARKS;
}

static void
wsm_test_transport_mark_next (WsmTransport *transport,
                              WsmMark       mark)
{
  WSM_TEST_TRANSPORT (transport)->next_mark = mark;
}

static gint64
wsm_test_transport_get_marked_us (WsmTransport *transport,
                                  WsmMark       mark)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (transport);
  gint64 now_us = wsm_scheduler_get_time_us (self->network->scheduler);

  if (self->peer->unseen)
    return WSM_MARK_UNSEEN;

  return self->marked_us[mark] <= now_us ? self->marked_us[mark] : WSM_MARK_WAITS;
}

/* When a peer with a rate will have read so many bytes more, and all before them. */
static gint64
wsm_test_transport_note_sent (WsmTestTransport *self,
                              gsize             size)
{
  gint64 now_us = wsm_scheduler_get_time_us (self->network->scheduler);

  /* While the way is cut off, time stands still there. */
  if (self->peer->is_cut)
    now_us = self->peer->still_us;
  self->n_bytes += size;
  self->read_us = MAX (self->read_us, now_us);
  if (self->rate > 0)
    self->read_us += (gint64) size * 1000 / self->rate;

  return self->read_us - now_us;
}

/* A peer that has started anew knows nothing of the socket. */
static gboolean
wsm_test_transport_is_reset (WsmTestTransport *self)
{
  if (!self->forgotten)
    return FALSE;
  self->forgotten = FALSE;
  wsm_test_transport_post (self, WSM_TEST_PARCEL_ENDED, 2 * self->peer->latency_us, NULL,
                           WSM_REASON_CODE_RESET, 0);

  return TRUE;
}

static gboolean
wsm_test_transport_is_beat (const char *data,
                            gsize       size)
{
  gsize length = strlen (WSM_TEST_BEAT);

  return size >= length && strncmp (data, WSM_TEST_BEAT, length) == 0;
}

static void
wsm_test_transport_take_beat (WsmTestTransport *self,
                              GBytes           *beat)
{
  g_clear_pointer (&self->last_beat, g_bytes_unref);
  self->last_beat = g_bytes_ref (beat);
  self->beat_us = wsm_scheduler_get_time_us (self->network->scheduler);
  self->ahead_us = self->read_us;
}

static void
wsm_test_transport_send (WsmTransport          *transport,
                         SoupWebsocketDataType  type,
                         GBytes                *message)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (transport);
  WsmTestPeer *peer = self->peer;
  g_autoptr (GBytes) reply = NULL;
  gsize size;
  const char *data = g_bytes_get_data (message, &size);
  gint64 reading_us;
  gint64 kernel_us = 0;

  if (!self->open)
    return;
  wsm_test_transport_stamp (self);
  if (peer->record && !peer->mute && !peer->deaf)
    g_ptr_array_add (peer->received, g_strndup (data != NULL ? data : "", size));
  if (wsm_test_transport_is_beat (data, size))
    wsm_test_transport_take_beat (self, message);
  reading_us = wsm_test_transport_note_sent (self, size);
  if (self->rate > 0)
    kernel_us = (gint64) KERNEL_BYTES * 1000 / self->rate;
  self->has_written = FALSE;
  if (!peer->slow)
    wsm_test_transport_post (self, WSM_TEST_PARCEL_DRAINED, MAX (reading_us - kernel_us, 0), NULL,
                             WSM_REASON_CODE_NONE, 0);
  if (wsm_test_transport_is_reset (self) || !wsm_test_transport_answers (self))
    return;
  if (peer->heard != NULL)
    peer->heard (transport, data, size, peer->heard_data);

  if (peer->reply != NULL)
    reply = g_bytes_new (peer->reply, strlen (peer->reply));
  else if (peer->echo)
    reply = g_bytes_ref (message);
  if (reply != NULL)
    wsm_test_transport_post (self,
                             type == SOUP_WEBSOCKET_DATA_TEXT ? WSM_TEST_PARCEL_TEXT
                                                              : WSM_TEST_PARCEL_BINARY,
                             reading_us + wsm_test_transport_find_way_us (self), reply,
                             WSM_REASON_CODE_NONE, 0);
}

static void
wsm_test_transport_ping (WsmTransport *transport,
                         const char   *payload)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (transport);
  g_autoptr (GBytes) bytes = NULL;
  gint64 reading_us;

  if (!self->open)
    return;
  self->peer->n_pings++;
  wsm_test_transport_stamp (self);
  bytes = g_bytes_new (payload, strlen (payload));
  /* What the app asks for is no beat. */
  if (!g_str_has_prefix (payload, "wsm-ping-"))
    wsm_test_transport_take_beat (self, bytes);
  reading_us = wsm_test_transport_note_sent (self, strlen (payload));
  if (wsm_test_transport_is_reset (self) || !wsm_test_transport_answers (self))
    return;
  wsm_test_transport_post (self, WSM_TEST_PARCEL_PONG,
                           reading_us + wsm_test_transport_find_way_us (self), bytes,
                           WSM_REASON_CODE_NONE, 0);
}

static void
wsm_test_transport_close (WsmTransport *transport,
                          guint         code,
                          const char   *reason)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (transport);

  if (wsm_test_transport_is_reset (self) || !wsm_test_transport_answers (self))
    return;
  self->peer->closed_with = code;
  wsm_test_transport_post (self, WSM_TEST_PARCEL_ENDED, 2 * self->peer->latency_us, NULL,
                           WSM_REASON_CODE_PEER_CLOSED, code);
}

/* Its socket is gone, but not all that was on its way. */
static void
wsm_test_transport_haunt (WsmTestTransport *self)
{
  GQueue parcels = self->inbound;

  if (parcels.length == 0)
    {
      wsm_test_transport_end (self);
      return;
    }
  g_queue_init (&self->inbound);
  wsm_test_transport_end (self);
  self->inbound = parcels;
  g_ptr_array_add (self->network->ghosts, g_object_ref (self));
  wsm_test_transport_update_timer (self);
}

static void
wsm_test_transport_abort (WsmTransport *transport)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (transport);

  if (self->over || self->peer == NULL)
    return;
  self->peer->n_aborted++;
  if (self->peer->ghosts)
    wsm_test_transport_haunt (self);
  else
    wsm_test_transport_end (self);
}

/* What is to be known of the way to a peer with a rate. */
static void
wsm_test_transport_fill_wire (WsmTestTransport *self,
                              WsmWireState     *state)
{
  WsmTestPeer *peer = self->peer;
  gint64 now_us = wsm_scheduler_get_time_us (self->network->scheduler);
  gint64 seen_us = peer->still_us > 0 ? peer->still_us : now_us;
  guint64 n_left = (guint64) MAX (self->read_us - seen_us, 0) * self->rate / 1000;

  n_left = MIN (n_left, self->n_bytes);
  state->has_counters = TRUE;
  state->last_received_us = peer->told_us;
  state->n_bytes_acked = self->n_bytes - n_left;
  state->n_bytes_unacked = MIN (n_left, KERNEL_BYTES);
  state->last_acked_us = MIN (self->read_us, seen_us);
}

static void
wsm_test_transport_query_wire (WsmTransport *transport,
                               WsmWireState *state)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (transport);

  *state = self->peer->wire;
  state->readable = self->peer->unread;
  if (self->rate > 0)
    wsm_test_transport_fill_wire (self, state);
}

static gboolean
wsm_test_transport_query_place (WsmTransport *transport,
                                guint64      *place)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (transport);
  WsmWireState wire = { 0 };

  if (!self->has_written)
    return FALSE;

  wsm_test_transport_query_wire (transport, &wire);
  if (wire.has_counters && !wire.is_past)
    *place = wire.n_bytes_acked + wire.n_bytes_unacked;

  return TRUE;
}

static void
wsm_test_transport_set_max_message_size (WsmTransport *transport,
                                         guint64       n_bytes)
{
}

static void
wsm_test_transport_set_wants_frames (WsmTransport *transport,
                                     gboolean      wants_frames,
                                     gsize         payload_capture)
{
}

static void
wsm_test_transport_dispose (GObject *object)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (object);

  if (self->peer != NULL)
    {
      wsm_test_transport_end (self);
      if (self->peer->latest == WSM_TRANSPORT (self))
        self->peer->latest = NULL;
    }
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->last_beat, g_bytes_unref);

  G_OBJECT_CLASS (wsm_test_transport_parent_class)->dispose (object);
}

static void
wsm_test_transport_class_init (WsmTestTransportClass *klass)
{
  WsmTransportClass *transport_class = WSM_TRANSPORT_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = wsm_test_transport_dispose;
  transport_class->open = wsm_test_transport_open;
  transport_class->send = wsm_test_transport_send;
  transport_class->ping = wsm_test_transport_ping;
  transport_class->close = wsm_test_transport_close;
  transport_class->abort = wsm_test_transport_abort;
  transport_class->mark_next = wsm_test_transport_mark_next;
  transport_class->get_marked_us = wsm_test_transport_get_marked_us;
  transport_class->query_wire = wsm_test_transport_query_wire;
  transport_class->query_place = wsm_test_transport_query_place;
  transport_class->set_max_message_size = wsm_test_transport_set_max_message_size;
  transport_class->set_wants_frames = wsm_test_transport_set_wants_frames;
}

static void
wsm_test_transport_init (WsmTestTransport *self)
{
  wsm_timer_init (&self->timer, wsm_test_transport_timer_cb, self);
  self->next_mark = WSM_N_MARKS;
}
