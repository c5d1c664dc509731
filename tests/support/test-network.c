/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-network.h"

#include "wsm-error.h"

struct _WsmTestNetwork
{
  WsmScheduler *scheduler; /* (owned) */
  GHashTable *peers;       /* (owned) (element-type utf8 WsmTestPeer) */
};

/* What is on its way to a transport. */
typedef enum
{
  PARCEL_OPENED,
  PARCEL_PONG,
  PARCEL_TEXT,
  PARCEL_BINARY,
  PARCEL_DRAINED,
  PARCEL_ENDED,
} ParcelKind;

typedef struct
{
  ParcelKind kind;
  gint64 due_us;
  GBytes *bytes;      /* (owned) (nullable) */
  WsmReasonCode code; /* of PARCEL_ENDED */
  guint number;       /* close code or HTTP status */
  guint retry_after_ms;
} Parcel;

#define WSM_TYPE_TEST_TRANSPORT (wsm_test_transport_get_type ())

G_DECLARE_FINAL_TYPE (WsmTestTransport, wsm_test_transport, WSM, TEST_TRANSPORT, WsmTransport)

struct _WsmTestTransport
{
  WsmTransport parent_instance;

  WsmTestNetwork *network; /* (unowned) */
  WsmTestPeer *peer;       /* (unowned) (nullable) */
  GQueue parcels;          /* (element-type Parcel): in order of due_us */
  WsmTimer timer;
  gboolean open;
  gboolean over;
};

G_DEFINE_FINAL_TYPE (WsmTestTransport, wsm_test_transport, WSM_TYPE_TRANSPORT)

static void
parcel_free (Parcel *parcel)
{
  g_clear_pointer (&parcel->bytes, g_bytes_unref);
  g_slice_free (Parcel, parcel);
}

static void
wsm_test_transport_post (WsmTestTransport *self,
                         ParcelKind        kind,
                         gint64            delay_us,
                         GBytes           *bytes,
                         WsmReasonCode     code,
                         guint             number)
{
  Parcel *parcel = g_slice_new0 (Parcel);
  Parcel *last = g_queue_peek_tail (&self->parcels);

  parcel->kind = kind;
  parcel->due_us = wsm_scheduler_get_time_us (self->network->scheduler) + delay_us;
  if (last != NULL)
    parcel->due_us = MAX (parcel->due_us, last->due_us);
  parcel->bytes = bytes != NULL ? g_bytes_ref (bytes) : NULL;
  parcel->code = code;
  parcel->number = number;
  parcel->retry_after_ms = self->peer->retry_after_ms;
  g_queue_push_tail (&self->parcels, parcel);
  if (self->parcels.length == 1)
    wsm_scheduler_arm (self->network->scheduler, &self->timer, parcel->due_us);
}

static void
wsm_test_transport_end (WsmTestTransport *self)
{
  self->over = TRUE;
  if (self->open)
    g_ptr_array_remove_fast (self->peer->transports, self);
  self->open = FALSE;
  g_queue_clear_full (&self->parcels, (GDestroyNotify) parcel_free);
  wsm_scheduler_disarm (self->network->scheduler, &self->timer);
}

static void
wsm_test_transport_deliver (WsmTestTransport *self,
                            Parcel           *parcel)
{
  WsmTransport *transport = WSM_TRANSPORT (self);
  gint64 now_us = wsm_scheduler_get_time_us (self->network->scheduler);
  g_autoptr (WsmReason) reason = NULL;
  g_autoptr (GError) error = NULL;
  const char *data;
  gsize size = 0;

  switch (parcel->kind)
    {
    case PARCEL_OPENED:
      self->open = TRUE;
      self->peer->n_opened++;
      g_ptr_array_add (self->peer->transports, self);
      wsm_transport_report_opened (transport, now_us);
      break;

    case PARCEL_PONG:
      data = g_bytes_get_data (parcel->bytes, &size);
      wsm_transport_report_pong (transport, data != NULL ? data : "", size, now_us);
      break;

    case PARCEL_TEXT:
      wsm_transport_report_message (transport, SOUP_WEBSOCKET_DATA_TEXT, parcel->bytes, now_us);
      break;

    case PARCEL_BINARY:
      wsm_transport_report_message (transport, SOUP_WEBSOCKET_DATA_BINARY, parcel->bytes, now_us);
      break;

    case PARCEL_DRAINED:
      wsm_transport_report_drained (transport);
      break;

    case PARCEL_ENDED:
      reason = wsm_reason_new (parcel->code);
      if (parcel->code == WSM_REASON_CODE_HTTP_STATUS)
        reason->http_status = parcel->number;
      else if (parcel->code == WSM_REASON_CODE_PEER_CLOSED)
        reason->close_code = parcel->number;
      else if (parcel->code == WSM_REASON_CODE_END_OF_STREAM)
        reason->close_code = 1006;
      reason->retry_after_ms = parcel->retry_after_ms;
      error = g_error_new (WSM_ERROR, WSM_ERROR_ABORTED, "The test ended it");
      wsm_test_transport_end (self);
      wsm_transport_report_ended (transport, reason, error, NULL);
      break;

    default:
      g_assert_not_reached ();
    }
}

static void
wsm_test_transport_timer_cb (WsmTimer *timer,
                             gpointer  user_data)
{
  WsmTestTransport *self = user_data;
  gint64 now_us = wsm_scheduler_get_time_us (self->network->scheduler);
  Parcel *parcel;

  while ((parcel = g_queue_peek_head (&self->parcels)) != NULL && parcel->due_us <= now_us)
    {
      g_queue_pop_head (&self->parcels);
      wsm_test_transport_deliver (self, parcel);
      parcel_free (parcel);
    }
  if (parcel != NULL)
    wsm_scheduler_arm (self->network->scheduler, &self->timer, parcel->due_us);
}

static void
wsm_test_transport_open (WsmTransport       *transport,
                         SoupMessage        *message,
                         const char         *origin,
                         const char * const *protocols)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (transport);
  WsmTestPeer *peer;

  g_assert_null (self->peer);
  peer = wsm_test_network_get_peer (self->network, g_uri_get_path (soup_message_get_uri (message)));
  self->peer = peer;
  peer->n_attempts++;
  wsm_transport_edit_facts (transport)->liveness_source = WSM_LIVENESS_SOURCE_MESSAGES;

  if (peer->stall)
    return;
  if (peer->refusal != WSM_REASON_CODE_NONE)
    wsm_test_transport_post (self, PARCEL_ENDED, 2 * peer->latency_us, NULL, peer->refusal,
                             peer->http_status);
  else
    wsm_test_transport_post (self, PARCEL_OPENED, 2 * peer->latency_us, NULL,
                             WSM_REASON_CODE_NONE, 0);
}

static gboolean
wsm_test_transport_answers (WsmTestTransport *self)
{
  return self->open && !self->peer->mute && !self->peer->deaf && !self->peer->slow;
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

  if (!self->open)
    return;
  if (peer->record && !peer->mute && !peer->deaf)
    g_ptr_array_add (peer->received, g_strndup (data != NULL ? data : "", size));
  if (!peer->slow)
    wsm_test_transport_post (self, PARCEL_DRAINED, 0, NULL, WSM_REASON_CODE_NONE, 0);
  if (!wsm_test_transport_answers (self))
    return;

  if (peer->reply != NULL)
    reply = g_bytes_new (peer->reply, strlen (peer->reply));
  else if (peer->echo)
    reply = g_bytes_ref (message);
  if (reply != NULL)
    wsm_test_transport_post (self,
                             type == SOUP_WEBSOCKET_DATA_TEXT ? PARCEL_TEXT : PARCEL_BINARY,
                             2 * peer->latency_us, reply, WSM_REASON_CODE_NONE, 0);
}

static void
wsm_test_transport_ping (WsmTransport *transport,
                         const char   *payload)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (transport);
  g_autoptr (GBytes) bytes = NULL;

  if (!self->open)
    return;
  self->peer->n_pings++;
  if (!wsm_test_transport_answers (self))
    return;
  bytes = g_bytes_new (payload, strlen (payload));
  wsm_test_transport_post (self, PARCEL_PONG, 2 * self->peer->latency_us, bytes,
                           WSM_REASON_CODE_NONE, 0);
}

static void
wsm_test_transport_close (WsmTransport *transport,
                          guint         code,
                          const char   *reason)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (transport);

  if (!wsm_test_transport_answers (self))
    return;
  self->peer->closed_with = code;
  wsm_test_transport_post (self, PARCEL_ENDED, 2 * self->peer->latency_us, NULL,
                           WSM_REASON_CODE_PEER_CLOSED, code);
}

static void
wsm_test_transport_abort (WsmTransport *transport)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (transport);

  if (self->over || self->peer == NULL)
    return;
  self->peer->n_aborted++;
  wsm_test_transport_end (self);
}

static void
wsm_test_transport_query_wire (WsmTransport *transport,
                               WsmWireState *state)
{
  WsmTestTransport *self = WSM_TEST_TRANSPORT (transport);

  *state = self->peer->wire;
  state->readable = self->peer->unread;
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

  if (!self->over && self->peer != NULL)
    wsm_test_transport_end (self);

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
  transport_class->query_wire = wsm_test_transport_query_wire;
  transport_class->set_max_message_size = wsm_test_transport_set_max_message_size;
  transport_class->set_wants_frames = wsm_test_transport_set_wants_frames;
}

static void
wsm_test_transport_init (WsmTestTransport *self)
{
  wsm_timer_init (&self->timer, wsm_test_transport_timer_cb, self);
}

/* The network. */

static void
wsm_test_peer_free (WsmTestPeer *peer)
{
  g_assert_cmpuint (peer->transports->len, ==, 0);
  g_ptr_array_unref (peer->transports);
  g_ptr_array_unref (peer->received);
  g_free (peer->path);
  g_free (peer);
}

WsmTestNetwork *
wsm_test_network_new (GMainContext *context,
                      WsmClock     *clock)
{
  WsmTestNetwork *self = g_new0 (WsmTestNetwork, 1);

  self->scheduler = wsm_scheduler_ref_for_context (context, clock);
  self->peers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) wsm_test_peer_free);

  return self;
}

void
wsm_test_network_free (WsmTestNetwork *self)
{
  g_hash_table_unref (self->peers);
  g_object_unref (self->scheduler);
  g_free (self);
}

WsmTestPeer *
wsm_test_network_get_peer (WsmTestNetwork *self,
                           const char     *path)
{
  WsmTestPeer *peer = g_hash_table_lookup (self->peers, path);

  if (peer == NULL)
    {
      peer = g_new0 (WsmTestPeer, 1);
      peer->network = self;
      peer->path = g_strdup (path);
      peer->latency_us = 1000;
      peer->echo = TRUE;
      peer->transports = g_ptr_array_new ();
      peer->received = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (self->peers, peer->path, peer);
    }

  return peer;
}

WsmTransport *
wsm_test_network_make (WsmDelivery *delivery,
                       gpointer     network)
{
  WsmTestTransport *self = g_object_new (WSM_TYPE_TEST_TRANSPORT, NULL);

  self->network = network;
  wsm_transport_set_delivery (WSM_TRANSPORT (self), delivery);

  return WSM_TRANSPORT (self);
}

static void
wsm_test_peer_post (WsmTestPeer   *peer,
                    ParcelKind     kind,
                    GBytes        *bytes,
                    WsmReasonCode  code,
                    guint          number)
{
  for (guint i = 0; i < peer->transports->len; i++)
    wsm_test_transport_post (g_ptr_array_index (peer->transports, i), kind, peer->latency_us,
                             bytes, code, number);
}

/* Sends a text on each of its open sockets. */
void
wsm_test_peer_say (WsmTestPeer *peer,
                   const char  *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  wsm_test_peer_post (peer, PARCEL_TEXT, bytes, WSM_REASON_CODE_NONE, 0);
}

void
wsm_test_peer_pong (WsmTestPeer *peer,
                    const char  *payload)
{
  g_autoptr (GBytes) bytes = g_bytes_new (payload, strlen (payload));

  wsm_test_peer_post (peer, PARCEL_PONG, bytes, WSM_REASON_CODE_NONE, 0);
}

/* Ends each of its open sockets without a close frame. */
void
wsm_test_peer_drop (WsmTestPeer   *peer,
                    WsmReasonCode  code)
{
  wsm_test_peer_post (peer, PARCEL_ENDED, NULL, code, 0);
}

void
wsm_test_peer_close (WsmTestPeer *peer,
                     guint        close_code)
{
  wsm_test_peer_post (peer, PARCEL_ENDED, NULL, WSM_REASON_CODE_PEER_CLOSED, close_code);
}

/* A slow peer has read what was sent. */
void
wsm_test_peer_drain (WsmTestPeer *peer)
{
  wsm_test_peer_post (peer, PARCEL_DRAINED, NULL, WSM_REASON_CODE_NONE, 0);
}
