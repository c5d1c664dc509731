/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-outbox.h"

/*
 * WsmOutbox:
 *
 * The messages of one connection on their way to its transport.
 *
 * The layer below queues without bound and sends beats behind data, so no more is handed to it
 * than it can pass on at once; the rest waits here, where it is counted and beats overtake it.
 */
struct _WsmOutbox
{
  GQueue messages; /* (element-type WsmOutboxMessage) */
  guint64 n_bytes; /* in messages */
  guint64 room;    /* that messages take */

  /* Of what the transport has not said that it left: */
  guint64 n_handed_over; /* bytes */
  guint64 room_handed_over;

  guint64 room_in_turn; /* of what was handed over since the transport was last heard */

  WsmReceipts receipts; /* of what was handed over to the present transport */
  WsmTally unconfirmed; /* what earlier ones took down with them */
};

/* What it takes to keep a message besides its bytes. Without it, short messages would take
 * hundreds of times as much memory as the bound that they are held to. */
#define MIN_ROOM 256

typedef struct
{
  SoupWebsocketDataType type;
  GBytes *bytes; /* (owned) */
  gboolean is_greeting;
} WsmOutboxMessage;

static WsmOutboxMessage *
wsm_outbox_message_new (SoupWebsocketDataType  type,
                        GBytes                *bytes,
                        gboolean               is_greeting)
{
  WsmOutboxMessage *message = g_slice_new (WsmOutboxMessage);

  message->type = type;
  message->bytes = g_bytes_ref (bytes);
  message->is_greeting = is_greeting;

  return message;
}

static void
wsm_outbox_message_free (WsmOutboxMessage *message)
{
  g_bytes_unref (message->bytes);
  g_slice_free (WsmOutboxMessage, message);
}

static guint64
wsm_outbox_message_get_room (WsmOutboxMessage *message)
{
  return wsm_outbox_count_room (g_bytes_get_size (message->bytes));
}

WsmOutbox *
wsm_outbox_new (void)
{
  return g_slice_new0 (WsmOutbox);
}

void
wsm_outbox_free (WsmOutbox *self)
{
  g_queue_clear_full (&self->messages, (GDestroyNotify) wsm_outbox_message_free);
  g_slice_free (WsmOutbox, self);
}

/*
 * wsm_outbox_count_room:
 *
 * Returns: what a message of that size takes of a limit
 */
guint64
wsm_outbox_count_room (gsize n_bytes)
{
  return MAX (n_bytes, MIN_ROOM);
}

static void
wsm_outbox_count_in (WsmOutbox        *self,
                     WsmOutboxMessage *message)
{
  self->n_bytes += g_bytes_get_size (message->bytes);
  self->room += wsm_outbox_message_get_room (message);
}

static WsmOutboxMessage *
wsm_outbox_pop (WsmOutbox *self)
{
  WsmOutboxMessage *message = g_queue_pop_head (&self->messages);

  self->n_bytes -= g_bytes_get_size (message->bytes);
  self->room -= wsm_outbox_message_get_room (message);

  return message;
}

void
wsm_outbox_push (WsmOutbox             *self,
                 SoupWebsocketDataType  type,
                 GBytes                *bytes)
{
  WsmOutboxMessage *message = wsm_outbox_message_new (type, bytes, FALSE);

  g_queue_push_tail (&self->messages, message);
  wsm_outbox_count_in (self, message);
}

/*
 * wsm_outbox_push_greeting:
 *
 * Queues a text before all others.
 */
void
wsm_outbox_push_greeting (WsmOutbox *self,
                          GBytes    *text)
{
  WsmOutboxMessage *message = wsm_outbox_message_new (SOUP_WEBSOCKET_DATA_TEXT, text, TRUE);

  g_queue_push_head (&self->messages, message);
  wsm_outbox_count_in (self, message);
}

static void
wsm_outbox_ask_wire (WsmOutbox    *self,
                     WsmTransport *transport)
{
  WsmWireState wire = { 0 };

  wsm_transport_query_wire (transport, &wire);
  wsm_receipts_note_wire (&self->receipts, &wire);
}

static void
wsm_outbox_settle (WsmOutbox    *self,
                   WsmTransport *transport)
{
  guint64 place;

  if (!wsm_transport_query_place (transport, &place))
    return;

  self->n_handed_over = 0;
  self->room_handed_over = 0;
  if (!wsm_receipts_note_left (&self->receipts) || place == 0)
    return;

  if (wsm_receipts_are_full (&self->receipts))
    wsm_outbox_ask_wire (self, transport);
  wsm_receipts_note_place (&self->receipts, place);
}

/*
 * wsm_outbox_drained:
 *
 * What was handed over to @transport has left, unless there was more since.
 */
void
wsm_outbox_drained (WsmOutbox    *self,
                    WsmTransport *transport)
{
  self->room_in_turn = 0;
  wsm_outbox_settle (self, transport);
}

/*
 * wsm_outbox_feed:
 * @n_bytes: (out): how many bytes of messages went over
 *
 * Hands over what @transport may have now.
 *
 * Returns: the number of messages that went over
 */
guint
wsm_outbox_feed (WsmOutbox    *self,
                 WsmTransport *transport,
                 guint64      *n_bytes)
{
  guint n_messages = 0;

  *n_bytes = 0;
  while (self->messages.length > 0)
    {
      WsmOutboxMessage *message = g_queue_peek_head (&self->messages);
      gsize size = g_bytes_get_size (message->bytes);
      guint64 room = wsm_outbox_message_get_room (message);

      if (self->room_handed_over > 0 && self->room_handed_over + room > WSM_OUTBOX_HAND_OVER_MAX)
        break;
      wsm_outbox_pop (self);
      self->n_handed_over += size;
      self->room_handed_over += room;
      self->room_in_turn += room;
      *n_bytes += size;
      n_messages++;
      /* Greetings are sent again with each socket, and nobody has to care for them. */
      if (!message->is_greeting)
        wsm_receipts_note_written (&self->receipts, size);
      wsm_transport_send (transport, message->type, message->bytes);
      wsm_outbox_message_free (message);
    }

  if (n_messages == 0)
    return 0;

  /* Nearly always all has left by now. But who sends much is told so when others had their turn:
   * an app that goes on as long as there is room would not come to an end. */
  if (self->messages.length == 0 && self->room_in_turn < WSM_OUTBOX_HAND_OVER_MAX)
    wsm_outbox_settle (self, transport);
  else
    wsm_transport_report_drained (transport);

  return n_messages;
}

/*
 * wsm_outbox_pinged:
 *
 * A ping went out behind what was handed over so far.
 */
void
wsm_outbox_pinged (WsmOutbox *self)
{
  wsm_receipts_note_asked (&self->receipts);
}

void
wsm_outbox_ping_answered (WsmOutbox *self)
{
  wsm_receipts_note_answered (&self->receipts);
}

/*
 * wsm_outbox_close_answered:
 *
 * The peer closed in answer to a close frame behind all that was handed over.
 */
void
wsm_outbox_close_answered (WsmOutbox *self)
{
  wsm_receipts_note_read (&self->receipts);
}

/*
 * wsm_outbox_lose_transport:
 *
 * What was handed over went down with @transport, and its greetings are of no use any more.
 */
void
wsm_outbox_lose_transport (WsmOutbox    *self,
                           WsmTransport *transport)
{
  WsmOutboxMessage *message;
  WsmTally lost = wsm_receipts_get_open (&self->receipts);

  if (lost.n_messages > 0)
    {
      wsm_outbox_ask_wire (self, transport);
      lost = wsm_receipts_get_open (&self->receipts);
    }
  self->unconfirmed.n_messages += lost.n_messages;
  self->unconfirmed.n_bytes += lost.n_bytes;
  wsm_receipts_reset (&self->receipts);

  self->n_handed_over = 0;
  self->room_handed_over = 0;
  self->room_in_turn = 0;
  while ((message = g_queue_peek_head (&self->messages)) != NULL && message->is_greeting)
    wsm_outbox_message_free (wsm_outbox_pop (self));
}

/*
 * wsm_outbox_take_unconfirmed:
 *
 * Returns: what went down with transports since it was asked last, without greetings
 */
WsmTally
wsm_outbox_take_unconfirmed (WsmOutbox *self)
{
  WsmTally unconfirmed = self->unconfirmed;

  memset (&self->unconfirmed, 0, sizeof self->unconfirmed);

  return unconfirmed;
}

/*
 * wsm_outbox_clear:
 * @n_bytes: (out): how many bytes of messages were queued
 *
 * Drops what is queued.
 *
 * Returns: the number of messages that were queued
 */
guint
wsm_outbox_clear (WsmOutbox *self,
                  guint64   *n_bytes)
{
  guint n_messages = self->messages.length;

  *n_bytes = self->n_bytes;
  g_queue_clear_full (&self->messages, (GDestroyNotify) wsm_outbox_message_free);
  self->n_bytes = 0;
  self->room = 0;

  return n_messages;
}

guint
wsm_outbox_get_n_queued (WsmOutbox *self)
{
  return self->messages.length;
}

/*
 * wsm_outbox_is_idle:
 *
 * Whether nothing is queued and nothing handed over that has not left.
 */
gboolean
wsm_outbox_is_idle (WsmOutbox *self)
{
  return self->messages.length == 0 && self->room_handed_over == 0;
}

/*
 * wsm_outbox_get_room:
 *
 * Returns: what all that waits, handed over or not, takes of a limit
 */
guint64
wsm_outbox_get_room (WsmOutbox *self)
{
  return self->room + self->room_handed_over;
}

guint64
wsm_outbox_get_queued (WsmOutbox *self)
{
  return self->n_bytes;
}

guint64
wsm_outbox_get_handed_over (WsmOutbox *self)
{
  return self->n_handed_over;
}
