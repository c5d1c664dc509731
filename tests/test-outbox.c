/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-outbox.h"

#define MESSAGE_BYTES 1024

/* Says of what it is given that it has left, or has not. */
#define OUTLET_TYPE_TRANSPORT (outlet_transport_get_type ())
G_DECLARE_FINAL_TYPE (OutletTransport, outlet_transport, OUTLET, TRANSPORT, WsmTransport)

struct _OutletTransport
{
  WsmTransport parent_instance;

  gboolean is_full;
  guint n_sent;
  guint64 n_bytes;
  guint64 n_bytes_acked;
};

G_DEFINE_FINAL_TYPE (OutletTransport, outlet_transport, WSM_TYPE_TRANSPORT)

static void
outlet_transport_send (WsmTransport          *transport,
                       SoupWebsocketDataType  type,
                       GBytes                *message)
{
  OutletTransport *self = OUTLET_TRANSPORT (transport);

  self->n_sent++;
  self->n_bytes += g_bytes_get_size (message);
}

static gboolean
outlet_transport_query_place (WsmTransport *transport,
                              guint64      *place)
{
  OutletTransport *self = OUTLET_TRANSPORT (transport);

  *place = self->n_bytes;

  return !self->is_full;
}

static void
outlet_transport_query_wire (WsmTransport *transport,
                             WsmWireState *state)
{
  OutletTransport *self = OUTLET_TRANSPORT (transport);

  state->has_counters = TRUE;
  state->n_bytes_acked = self->n_bytes_acked;
}

static void
outlet_transport_class_init (OutletTransportClass *klass)
{
  WsmTransportClass *transport_class = WSM_TRANSPORT_CLASS (klass);

  transport_class->send = outlet_transport_send;
  transport_class->query_place = outlet_transport_query_place;
  transport_class->query_wire = outlet_transport_query_wire;
}

static void
outlet_transport_init (OutletTransport *self)
{
}

typedef struct
{
  WsmDelivery *delivery;   /* (owned) */
  OutletTransport *outlet; /* (owned) */
  WsmTransport *transport; /* (unowned): the same */
  WsmOutbox *outbox;       /* (owned) */
  guint n_drained;
} Fixture;

static void
sink_drained (WsmTransport *transport,
              gpointer      user_data)
{
  ((Fixture *) user_data)->n_drained++;
}

static const WsmTransportSink sink = { .drained = sink_drained };

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->delivery = wsm_delivery_new (NULL);
  fixture->outlet = g_object_new (OUTLET_TYPE_TRANSPORT, NULL);
  fixture->transport = WSM_TRANSPORT (fixture->outlet);
  wsm_transport_set_delivery (fixture->transport, fixture->delivery);
  wsm_transport_connect_sink (fixture->transport, &sink, fixture);
  fixture->outbox = wsm_outbox_new ();
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  wsm_outbox_free (fixture->outbox);
  wsm_delivery_close (fixture->delivery);
  g_assert_finalize_object (fixture->outlet);
  wsm_delivery_unref (fixture->delivery);
}

static void
push (Fixture *fixture,
      guint    n_messages)
{
  g_autoptr (GBytes) message = g_bytes_new_take (g_malloc0 (MESSAGE_BYTES), MESSAGE_BYTES);

  for (guint i = 0; i < n_messages; i++)
    wsm_outbox_push (fixture->outbox, SOUP_WEBSOCKET_DATA_BINARY, message);
}

static guint
feed (Fixture *fixture)
{
  guint64 n_bytes;
  guint n_messages = wsm_outbox_feed (fixture->outbox, fixture->transport, &n_bytes);

  g_assert_cmpuint (n_bytes, ==, n_messages * MESSAGE_BYTES);

  return n_messages;
}

static void
deliver (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* What has left at once takes no room and no turn of the loop. */
static void
test_leaves_at_once (Fixture       *fixture,
                     gconstpointer  data)
{
  push (fixture, 3);
  g_assert_cmpuint (wsm_outbox_get_room (fixture->outbox), ==, 3 * MESSAGE_BYTES);
  g_assert_cmpuint (feed (fixture), ==, 3);
  g_assert_true (wsm_outbox_is_idle (fixture->outbox));
  g_assert_cmpuint (wsm_outbox_get_room (fixture->outbox), ==, 0);
  g_assert_false (g_main_context_pending (NULL));
}

/* A report that was true when it was made, and no more is when it is heard, changes nothing. */
static void
test_stays (Fixture       *fixture,
            gconstpointer  data)
{
  fixture->outlet->is_full = TRUE;
  push (fixture, 1);
  g_assert_cmpuint (feed (fixture), ==, 1);
  wsm_outbox_drained (fixture->outbox, fixture->transport);
  g_assert_false (wsm_outbox_is_idle (fixture->outbox));
  g_assert_cmpuint (wsm_outbox_get_handed_over (fixture->outbox), ==, MESSAGE_BYTES);

  /* Acknowledged or not: nobody knows its place in the stream. */
  fixture->outlet->n_bytes_acked = 10 * MESSAGE_BYTES;
  wsm_outbox_lose_transport (fixture->outbox, fixture->transport);
  g_assert_cmpuint (wsm_outbox_take_unconfirmed (fixture->outbox).n_messages, ==, 1);

  push (fixture, 1);
  feed (fixture);
  fixture->outlet->is_full = FALSE;
  wsm_outbox_drained (fixture->outbox, fixture->transport);
  g_assert_true (wsm_outbox_is_idle (fixture->outbox));
  wsm_outbox_lose_transport (fixture->outbox, fixture->transport);
  g_assert_cmpuint (wsm_outbox_take_unconfirmed (fixture->outbox).n_messages, ==, 0);
}

/* Who goes on as long as there is room comes to an end, though all leaves at once. */
static void
test_ends (Fixture       *fixture,
           gconstpointer  data)
{
  for (guint turn = 0; turn < 3; turn++)
    {
      guint n_sent = 0;

      while (wsm_outbox_get_room (fixture->outbox) == 0)
        {
          push (fixture, 1);
          n_sent += feed (fixture);
        }
      g_assert_cmpuint (n_sent, ==, WSM_OUTBOX_HAND_OVER_MAX / MESSAGE_BYTES);
      deliver ();
      g_assert_cmpuint (fixture->n_drained, ==, turn + 1);
      wsm_outbox_drained (fixture->outbox, fixture->transport);
    }
}

/* Others have their turn before more goes over, however fast it leaves. */
static void
test_takes_turns (Fixture       *fixture,
                  gconstpointer  data)
{
  const guint n_at_once = WSM_OUTBOX_HAND_OVER_MAX / MESSAGE_BYTES;

  push (fixture, 2 * n_at_once + 1);
  for (guint i = 1; i <= 2; i++)
    {
      g_assert_cmpuint (feed (fixture), ==, n_at_once);
      g_assert_cmpuint (fixture->n_drained, ==, i - 1);
      deliver ();
      g_assert_cmpuint (fixture->n_drained, ==, i);
      wsm_outbox_drained (fixture->outbox, fixture->transport);
    }
  g_assert_cmpuint (feed (fixture), ==, 1);
  g_assert_true (wsm_outbox_is_idle (fixture->outbox));
  g_assert_cmpuint (fixture->outlet->n_sent, ==, 2 * n_at_once + 1);
}

/* More messages than places are remembered of, and the peer acknowledges all but the last. */
static void
test_asks_in_time (Fixture       *fixture,
                   gconstpointer  data)
{
  for (guint i = 0; i < 3 * WSM_RECEIPTS_MAX_MARKS; i++)
    {
      fixture->outlet->n_bytes_acked = fixture->outlet->n_bytes;
      push (fixture, 1);
      g_assert_cmpuint (feed (fixture), ==, 1);
    }
  wsm_outbox_lose_transport (fixture->outbox, fixture->transport);
  g_assert_cmpuint (wsm_outbox_take_unconfirmed (fixture->outbox).n_messages, ==, 1);
}

/* One report waits at a time. */
static void
test_report (Fixture       *fixture,
             gconstpointer  data)
{
  wsm_transport_report_drained (fixture->transport);
  wsm_transport_report_drained (fixture->transport);
  deliver ();
  g_assert_cmpuint (fixture->n_drained, ==, 1);
  wsm_transport_report_drained (fixture->transport);
  deliver ();
  g_assert_cmpuint (fixture->n_drained, ==, 2);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) \
  g_test_add ("/outbox/" path, Fixture, NULL, set_up, func, tear_down)

  ADD ("leaves-at-once", test_leaves_at_once);
  ADD ("stays-until-it-has-left", test_stays);
  ADD ("comes-to-an-end", test_ends);
  ADD ("takes-turns", test_takes_turns);
  ADD ("asks-in-time-what-has-arrived", test_asks_in_time);
  ADD ("waits-for-one-report", test_report);

  return g_test_run ();
}
