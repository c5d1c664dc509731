/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-transport.h"

#include "wsm-address.h"

/* What the peer wrote into its close frame is at most this long (RFC 6455, 5.5). */
#define MAX_CLOSE_REASON 123

#define MAX_CONTROL_PAYLOAD 125

/* What may wait to be delivered before the peer has to: so many reports, or bytes of messages. The
 * peer may go on when less than a quarter is left. */
#define MAX_WAITING 128
#define MAX_WAITING_BYTES (256 * 1024)

typedef enum
{
  EVENT_OPENED,
  EVENT_MESSAGE,
  EVENT_PONG,
  EVENT_LIFE,
  EVENT_FRAME,
  EVENT_DRAINED,
  EVENT_ENDED,
} WsmTransportEventKind;

/* One report on its way to the sink; which fields hold depends on the kind. */
typedef struct
{
  WsmDeliveryItem item;

  WsmTransportEventKind kind;
  gint64 time_us;

  WsmTransport *transport; /* (unowned): its target; NULL when it does not wait any more */
  gsize n_bytes;           /* that it counts for */

  SoupWebsocketDataType type;
  GBytes *message; /* (owned) (nullable) */
  char *payload;   /* (owned) (nullable) */
  WsmFrame *frame; /* (owned) (nullable) */
  WsmEnding ending;
} WsmTransportEvent;

typedef struct
{
  WsmTransportFacts facts;

  const WsmTransportSink *sink; /* (unowned) (nullable): cleared when let go */
  gpointer sink_data;           /* (unowned) (nullable) */

  WsmDelivery *delivery; /* (owned) (nullable) */

  /* The last thing posted, while it waits and is a sign of life: the next one needs no event of
   * its own, so that a flood of fragments or pings does not become a flood of events. */
  WsmTransportEvent *waiting_life; /* (unowned) (nullable) */

  /* One of these is enough: whether it is so still is asked when it is delivered. */
  WsmTransportEvent *waiting_drained; /* (unowned) (nullable) */

  gint64 last_received_us;

  guint n_waiting;
  gsize n_bytes_waiting;

  guint is_backlogged : 1;
  guint wants_handshake : 1;
  guint is_let_go : 1;
  guint is_ended : 1;
} WsmTransportPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (WsmTransport, wsm_transport, G_TYPE_OBJECT)

static WsmTransportPrivate *
wsm_transport_get_private (WsmTransport *self)
{
  return wsm_transport_get_instance_private (self);
}

static void
wsm_transport_forget_waiting (WsmTransport      *self,
                              WsmTransportEvent *event)
{
  WsmTransportPrivate *priv = wsm_transport_get_private (self);

  if (priv->waiting_life == event)
    priv->waiting_life = NULL;
  if (priv->waiting_drained == event)
    priv->waiting_drained = NULL;
}

static void
wsm_transport_update_backlog (WsmTransport *self)
{
  WsmTransportPrivate *priv = wsm_transport_get_private (self);
  gboolean is_backlogged;

  if (priv->is_backlogged)
    is_backlogged = priv->n_waiting > MAX_WAITING / 4 ||
                    priv->n_bytes_waiting > MAX_WAITING_BYTES / 4;
  else
    is_backlogged = priv->n_waiting > MAX_WAITING || priv->n_bytes_waiting > MAX_WAITING_BYTES;

  if (priv->is_backlogged == is_backlogged)
    return;

  priv->is_backlogged = is_backlogged != FALSE;
  if (WSM_TRANSPORT_GET_CLASS (self)->set_backlogged != NULL)
    WSM_TRANSPORT_GET_CLASS (self)->set_backlogged (self, is_backlogged);
}

/* It is about to be delivered, or never will be. */
static void
wsm_transport_event_stop_waiting (WsmTransportEvent *event)
{
  WsmTransport *self = g_steal_pointer (&event->transport);
  WsmTransportPrivate *priv;

  if (self == NULL)
    return;

  priv = wsm_transport_get_private (self);
  priv->n_waiting--;
  priv->n_bytes_waiting -= event->n_bytes;
  wsm_transport_forget_waiting (self, event);
  wsm_transport_update_backlog (self);
}

static void
wsm_transport_event_free (WsmDeliveryItem *item)
{
  WsmTransportEvent *event = (WsmTransportEvent *) item;

  wsm_transport_event_stop_waiting (event);
  g_clear_pointer (&event->message, g_bytes_unref);
  g_clear_pointer (&event->payload, g_free);
  g_clear_pointer (&event->frame, wsm_frame_free);
  g_clear_pointer (&event->ending.reason, wsm_reason_free);
  g_clear_error (&event->ending.error);
  g_clear_pointer (&event->ending.close_reason, g_free);
  g_free (event);
}

static void
wsm_transport_event_deliver (GObject         *target,
                             WsmDeliveryItem *item)
{
  WsmTransport *self = WSM_TRANSPORT (target);
  WsmTransportPrivate *priv = wsm_transport_get_private (self);
  WsmTransportEvent *event = (WsmTransportEvent *) item;
  const WsmTransportSink *sink = priv->sink;
  gpointer data = priv->sink_data;

  wsm_transport_event_stop_waiting (event);

  if (sink == NULL)
    return;

  switch (event->kind)
    {
    case EVENT_OPENED:
      sink->opened (self, data);
      break;

    case EVENT_MESSAGE:
      sink->message (self, event->type, event->message, event->time_us, data);
      break;

    case EVENT_PONG:
      sink->pong (self, event->payload, event->time_us, data);
      break;

    case EVENT_LIFE:
      sink->life (self, event->time_us, data);
      break;

    case EVENT_FRAME:
      sink->frame (self, event->frame, data);
      break;

    case EVENT_DRAINED:
      sink->drained (self, data);
      break;

    case EVENT_ENDED:
      sink->ended (self, &event->ending, data);
      break;

    default:
      g_assert_not_reached ();
    }
}

static gboolean
wsm_transport_takes_reports (WsmTransport *self)
{
  WsmTransportPrivate *priv = wsm_transport_get_private (self);

  return !priv->is_ended && !priv->is_let_go && priv->delivery != NULL;
}

static WsmTransportEvent *
wsm_transport_event_new (WsmTransportEventKind kind,
                         gint64                time_us)
{
  WsmTransportEvent *event = g_new0 (WsmTransportEvent, 1);

  event->kind = kind;
  event->time_us = time_us;

  return event;
}

static void
wsm_transport_post (WsmTransport      *self,
                    WsmTransportEvent *event)
{
  WsmTransportPrivate *priv = wsm_transport_get_private (self);

  event->transport = self;
  if (event->message != NULL)
    event->n_bytes = g_bytes_get_size (event->message);
  priv->n_waiting++;
  priv->n_bytes_waiting += event->n_bytes;
  priv->waiting_life = event->kind == EVENT_LIFE ? event : NULL;

  wsm_delivery_post (priv->delivery, &event->item, G_OBJECT (self),
                     wsm_transport_event_deliver, wsm_transport_event_free);
  wsm_transport_update_backlog (self);
}

static void
wsm_transport_note_received (WsmTransport *self,
                             gint64        time_us)
{
  WsmTransportPrivate *priv = wsm_transport_get_private (self);

  priv->last_received_us = MAX (priv->last_received_us, time_us);
}

static void
wsm_transport_dispose (GObject *object)
{
  WsmTransport *self = WSM_TRANSPORT (object);

  wsm_transport_let_go (self);

  G_OBJECT_CLASS (wsm_transport_parent_class)->dispose (object);
}

static void
wsm_transport_finalize (GObject *object)
{
  WsmTransport *self = WSM_TRANSPORT (object);
  WsmTransportPrivate *priv = wsm_transport_get_private (self);

  g_clear_pointer (&priv->delivery, wsm_delivery_unref);
  g_clear_pointer (&priv->facts.protocol, g_free);
  g_clear_pointer (&priv->facts.extensions, g_free);
  g_clear_pointer (&priv->facts.remote_address, g_free);
  g_clear_object (&priv->facts.peer_certificate);
  g_clear_pointer (&priv->facts.location, g_free);
  g_clear_pointer (&priv->facts.handshake, wsm_handshake_record_unref);

  G_OBJECT_CLASS (wsm_transport_parent_class)->finalize (object);
}

static void
wsm_transport_class_init (WsmTransportClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsm_transport_dispose;
  object_class->finalize = wsm_transport_finalize;
}

static void
wsm_transport_init (WsmTransport *self)
{
}

/* The sink's functions must all be set; both have to stay until the transport is let go. */
void
wsm_transport_connect_sink (WsmTransport           *self,
                            const WsmTransportSink *sink,
                            gpointer                user_data)
{
  WsmTransportPrivate *priv;

  g_return_if_fail (WSM_IS_TRANSPORT (self));
  g_return_if_fail (sink != NULL);

  priv = wsm_transport_get_private (self);
  g_return_if_fail (priv->sink == NULL);

  if (priv->is_let_go)
    return;

  priv->sink = sink;
  priv->sink_data = user_data;
}

/* From here on the sink is never called again, not even for what waits in the delivery. It does
 * not end the socket: abort does. */
void
wsm_transport_let_go (WsmTransport *self)
{
  WsmTransportPrivate *priv;

  g_return_if_fail (WSM_IS_TRANSPORT (self));

  priv = wsm_transport_get_private (self);
  priv->is_let_go = TRUE;
  priv->sink = NULL;
  priv->sink_data = NULL;
}

const WsmTransportFacts *
wsm_transport_get_facts (WsmTransport *self)
{
  g_return_val_if_fail (WSM_IS_TRANSPORT (self), NULL);

  return &wsm_transport_get_private (self)->facts;
}

/* When the peer was last heard, as far as it was reported; 0 before anything was. It is ahead of
 * the sink, which hears of it when the delivery comes round. */
gint64
wsm_transport_get_last_received_us (WsmTransport *self)
{
  g_return_val_if_fail (WSM_IS_TRANSPORT (self), 0);

  return wsm_transport_get_private (self)->last_received_us;
}

/* Before it opens: the facts are to hold a record of the handshake. */
void
wsm_transport_want_handshake (WsmTransport *self)
{
  g_return_if_fail (WSM_IS_TRANSPORT (self));

  wsm_transport_get_private (self)->wants_handshake = TRUE;
}

void
wsm_transport_open (WsmTransport       *self,
                    SoupMessage        *message,
                    const char         *origin,
                    const char * const *protocols)
{
  g_return_if_fail (WSM_IS_TRANSPORT (self));
  g_return_if_fail (SOUP_IS_MESSAGE (message));

  WSM_TRANSPORT_GET_CLASS (self)->open (self, message, origin, protocols);
}

void
wsm_transport_send (WsmTransport          *self,
                    SoupWebsocketDataType  type,
                    GBytes                *message)
{
  g_return_if_fail (WSM_IS_TRANSPORT (self));
  g_return_if_fail (type == SOUP_WEBSOCKET_DATA_TEXT || type == SOUP_WEBSOCKET_DATA_BINARY);
  g_return_if_fail (message != NULL);

  WSM_TRANSPORT_GET_CLASS (self)->send (self, type, message);
}

void
wsm_transport_ping (WsmTransport *self,
                    const char   *payload)
{
  g_return_if_fail (WSM_IS_TRANSPORT (self));
  g_return_if_fail (payload != NULL);
  g_return_if_fail (strlen (payload) <= MAX_CONTROL_PAYLOAD);
  g_return_if_fail (g_str_is_ascii (payload));

  WSM_TRANSPORT_GET_CLASS (self)->ping (self, payload);
}

void
wsm_transport_close (WsmTransport *self,
                     guint         code,
                     const char   *reason)
{
  g_return_if_fail (WSM_IS_TRANSPORT (self));

  WSM_TRANSPORT_GET_CLASS (self)->close (self, code, reason);
}

void
wsm_transport_abort (WsmTransport *self)
{
  g_return_if_fail (WSM_IS_TRANSPORT (self));

  WSM_TRANSPORT_GET_CLASS (self)->abort (self);
}

/* Before a message or a ping: that one will be asked about. */
void
wsm_transport_mark_next (WsmTransport *self,
                         WsmMark       mark)
{
  g_return_if_fail (WSM_IS_TRANSPORT (self));

  if (WSM_TRANSPORT_GET_CLASS (self)->mark_next != NULL)
    WSM_TRANSPORT_GET_CLASS (self)->mark_next (self, mark);
}

/*
 * wsm_transport_get_marked_us:
 *
 * Gets when what was marked last was written to the socket, or %WSM_MARK_WAITS or
 * %WSM_MARK_UNSEEN.
 */
gint64
wsm_transport_get_marked_us (WsmTransport *self,
                             WsmMark       mark)
{
  g_return_val_if_fail (WSM_IS_TRANSPORT (self), WSM_MARK_UNSEEN);

  if (WSM_TRANSPORT_GET_CLASS (self)->get_marked_us == NULL)
    return WSM_MARK_UNSEEN;

  return WSM_TRANSPORT_GET_CLASS (self)->get_marked_us (self, mark);
}

/*
 * wsm_transport_measure_us:
 * @mark: of what was answered
 * @handed_over_us: when that was handed over
 * @arrived_us: when the answer arrived
 * @scheduler: to be asked what time it is
 *
 * Gets the round trip, from the write to the arrival.
 *
 * What was not seen to be written left when it was handed over. An answer that seems to have come
 * before the write was stamped by a wall clock that somebody has set meanwhile: it counts as of
 * now.
 */
gint64
wsm_transport_measure_us (WsmTransport *self,
                          WsmMark       mark,
                          gint64        handed_over_us,
                          gint64        arrived_us,
                          WsmScheduler *scheduler)
{
  gint64 left_us = MAX (wsm_transport_get_marked_us (self, mark), handed_over_us);

  if (arrived_us < left_us)
    arrived_us = wsm_scheduler_get_time_us (scheduler);

  return MAX (arrived_us - left_us, 0);
}

void
wsm_transport_query_wire (WsmTransport *self,
                          WsmWireState *state)
{
  g_return_if_fail (WSM_IS_TRANSPORT (self));
  g_return_if_fail (state != NULL);

  memset (state, 0, sizeof *state);
  WSM_TRANSPORT_GET_CLASS (self)->query_wire (self, state);
}

/*
 * wsm_transport_query_place:
 * @place: (out): where in the stream all that ends, as in `n_bytes_acked`; 0 where nobody counts
 *
 * Returns: whether all that was handed over has left; if not, that is reported once it has
 */
gboolean
wsm_transport_query_place (WsmTransport *self,
                           guint64      *place)
{
  g_return_val_if_fail (WSM_IS_TRANSPORT (self), FALSE);
  g_return_val_if_fail (place != NULL, FALSE);

  *place = 0;

  return WSM_TRANSPORT_GET_CLASS (self)->query_place (self, place);
}

void
wsm_transport_set_max_message_size (WsmTransport *self,
                                    guint64       n_bytes)
{
  g_return_if_fail (WSM_IS_TRANSPORT (self));
  g_return_if_fail (n_bytes > 0);

  WSM_TRANSPORT_GET_CLASS (self)->set_max_message_size (self, n_bytes);
}

void
wsm_transport_set_wants_frames (WsmTransport *self,
                                gboolean      wants_frames,
                                gsize         payload_capture)
{
  g_return_if_fail (WSM_IS_TRANSPORT (self));

  WSM_TRANSPORT_GET_CLASS (self)->set_wants_frames (self, wants_frames, payload_capture);
}

void
wsm_transport_set_delivery (WsmTransport *self,
                            WsmDelivery  *delivery)
{
  WsmTransportPrivate *priv;

  g_return_if_fail (WSM_IS_TRANSPORT (self));
  g_return_if_fail (delivery != NULL);

  priv = wsm_transport_get_private (self);
  g_return_if_fail (priv->delivery == NULL);

  priv->delivery = wsm_delivery_ref (delivery);
}

gboolean
wsm_transport_wants_handshake (WsmTransport *self)
{
  g_return_val_if_fail (WSM_IS_TRANSPORT (self), FALSE);

  return wsm_transport_get_private (self)->wants_handshake;
}

WsmTransportFacts *
wsm_transport_edit_facts (WsmTransport *self)
{
  g_return_val_if_fail (WSM_IS_TRANSPORT (self), NULL);

  return &wsm_transport_get_private (self)->facts;
}

/* A sign of life that is not worth a report. */
void
wsm_transport_note_life (WsmTransport *self,
                         gint64        time_us)
{
  g_return_if_fail (WSM_IS_TRANSPORT (self));

  if (wsm_transport_takes_reports (self))
    wsm_transport_note_received (self, time_us);
}

void
wsm_transport_report_opened (WsmTransport *self,
                             gint64        time_us)
{
  g_return_if_fail (WSM_IS_TRANSPORT (self));

  if (!wsm_transport_takes_reports (self))
    return;

  wsm_transport_note_received (self, time_us);
  wsm_transport_post (self, wsm_transport_event_new (EVENT_OPENED, time_us));
}

void
wsm_transport_report_message (WsmTransport          *self,
                              SoupWebsocketDataType  type,
                              GBytes                *message,
                              gint64                 time_us)
{
  WsmTransportEvent *event;

  g_return_if_fail (WSM_IS_TRANSPORT (self));
  g_return_if_fail (message != NULL);

  if (!wsm_transport_takes_reports (self))
    return;

  wsm_transport_note_received (self, time_us);
  event = wsm_transport_event_new (EVENT_MESSAGE, time_us);
  event->type = type;
  event->message = g_bytes_ref (message);
  wsm_transport_post (self, event);
}

static gboolean
wsm_transport_is_plain_text (const char *payload,
                             gsize       length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isprint (payload[i]))
        return FALSE;
    }

  return TRUE;
}

void
wsm_transport_report_pong (WsmTransport *self,
                           const char   *payload,
                           gsize         length,
                           gint64        time_us)
{
  WsmTransportEvent *event;

  g_return_if_fail (WSM_IS_TRANSPORT (self));
  g_return_if_fail (payload != NULL || length == 0);

  if (!wsm_transport_takes_reports (self))
    return;

  wsm_transport_note_received (self, time_us);
  event = wsm_transport_event_new (EVENT_PONG, time_us);

  /* What is not text is no answer to a ping of ours; that it came still is. */
  if (length > 0 && length <= MAX_CONTROL_PAYLOAD && wsm_transport_is_plain_text (payload, length))
    event->payload = g_strndup (payload, length);
  else
    event->payload = g_strdup ("");

  wsm_transport_post (self, event);
}

void
wsm_transport_report_life (WsmTransport *self,
                           gint64        time_us)
{
  WsmTransportPrivate *priv;

  g_return_if_fail (WSM_IS_TRANSPORT (self));

  if (!wsm_transport_takes_reports (self))
    return;

  priv = wsm_transport_get_private (self);
  wsm_transport_note_received (self, time_us);
  if (priv->waiting_life != NULL)
    priv->waiting_life->time_us = MAX (priv->waiting_life->time_us, time_us);
  else
    wsm_transport_post (self, wsm_transport_event_new (EVENT_LIFE, time_us));
}

void
wsm_transport_report_frame (WsmTransport   *self,
                            const WsmFrame *frame)
{
  WsmTransportEvent *event;

  g_return_if_fail (WSM_IS_TRANSPORT (self));
  g_return_if_fail (frame != NULL);

  if (!wsm_transport_takes_reports (self))
    return;

  event = wsm_transport_event_new (EVENT_FRAME, frame->time_us);
  event->frame = wsm_frame_copy (frame);
  wsm_transport_post (self, event);
}

void
wsm_transport_report_drained (WsmTransport *self)
{
  WsmTransportPrivate *priv;

  g_return_if_fail (WSM_IS_TRANSPORT (self));

  priv = wsm_transport_get_private (self);
  if (!wsm_transport_takes_reports (self) || priv->waiting_drained != NULL)
    return;

  priv->waiting_drained = wsm_transport_event_new (EVENT_DRAINED, 0);
  wsm_transport_post (self, priv->waiting_drained);
}

/* Taken once; whatever is reported after it is dropped. */
void
wsm_transport_report_ended (WsmTransport    *self,
                            const WsmReason *reason,
                            const GError    *error,
                            const char      *close_reason)
{
  WsmTransportPrivate *priv;
  WsmTransportEvent *event;

  g_return_if_fail (WSM_IS_TRANSPORT (self));
  g_return_if_fail (reason != NULL);

  if (!wsm_transport_takes_reports (self))
    return;

  priv = wsm_transport_get_private (self);
  event = wsm_transport_event_new (EVENT_ENDED, 0);
  event->ending.reason = wsm_reason_copy (reason);
  event->ending.error = error != NULL ? g_error_copy (error) : NULL;
  if (close_reason != NULL)
    event->ending.close_reason = wsm_address_clean_text (close_reason, -1, MAX_CLOSE_REASON);

  wsm_transport_post (self, event);
  priv->is_ended = TRUE;
}
