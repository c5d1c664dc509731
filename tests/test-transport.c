/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-transport.h"

/* As in the code that is tested. */
#define MAX_WAITING 128
#define MAX_WAITING_BYTES (256 * 1024)

/* Does nothing but hear how much waits. */
#define BACKLOG_TYPE_TRANSPORT (backlog_transport_get_type ())
G_DECLARE_FINAL_TYPE (BacklogTransport, backlog_transport, BACKLOG, TRANSPORT, WsmTransport)

struct _BacklogTransport
{
  WsmTransport parent_instance;

  gboolean is_backlogged;
  guint n_changes;
};

G_DEFINE_FINAL_TYPE (BacklogTransport, backlog_transport, WSM_TYPE_TRANSPORT)

static void
backlog_transport_set_backlogged (WsmTransport *transport,
                                  gboolean      is_backlogged)
{
  BacklogTransport *self = BACKLOG_TRANSPORT (transport);

  g_assert_true (self->is_backlogged != is_backlogged);
  self->is_backlogged = is_backlogged;
  self->n_changes++;
}

static void
backlog_transport_class_init (BacklogTransportClass *klass)
{
  WSM_TRANSPORT_CLASS (klass)->set_backlogged = backlog_transport_set_backlogged;
}

static void
backlog_transport_init (BacklogTransport *self)
{
}

typedef struct
{
  WsmDelivery *delivery;       /* (owned) */
  BacklogTransport *transport; /* (owned) */
  guint n_messages;
  guint n_life;
  gboolean nests;
} Fixture;

static void
sink_message (WsmTransport          *transport,
              SoupWebsocketDataType  type,
              GBytes                *message,
              gint64                 time_us,
              gpointer               user_data)
{
  Fixture *fixture = user_data;

  fixture->n_messages++;
  if (!fixture->nests)
    return;

  /* What a handler is being told does not hold up what it waits for. */
  fixture->nests = FALSE;
  g_assert_false (fixture->transport->is_backlogged);
}

static void
sink_life (WsmTransport *transport,
           gint64        time_us,
           gpointer      user_data)
{
  ((Fixture *) user_data)->n_life++;
}

static const WsmTransportSink sink = {
  .message = sink_message,
  .life = sink_life,
};

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->delivery = wsm_delivery_new (NULL);
  fixture->transport = g_object_new (BACKLOG_TYPE_TRANSPORT, NULL);
  wsm_transport_set_delivery (WSM_TRANSPORT (fixture->transport), fixture->delivery);
  wsm_transport_connect_sink (WSM_TRANSPORT (fixture->transport), &sink, fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  wsm_delivery_close (fixture->delivery);
  g_assert_false (fixture->transport->is_backlogged);
  g_assert_finalize_object (fixture->transport);
  wsm_delivery_unref (fixture->delivery);
}

static void
report (Fixture *fixture,
        guint    n_messages,
        gsize    n_bytes)
{
  g_autoptr (GBytes) message = g_bytes_new_take (g_malloc0 (n_bytes), n_bytes);

  for (guint i = 0; i < n_messages; i++)
    wsm_transport_report_message (WSM_TRANSPORT (fixture->transport), SOUP_WEBSOCKET_DATA_BINARY,
                                  message, 1);
}

static void
deliver (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  report (fixture, MAX_WAITING, 1);
  g_assert_false (fixture->transport->is_backlogged);
  report (fixture, 1, 1);
  g_assert_true (fixture->transport->is_backlogged);
  report (fixture, 100, 1);
  deliver ();
  g_assert_false (fixture->transport->is_backlogged);
  g_assert_cmpuint (fixture->transport->n_changes, ==, 2);
  g_assert_cmpuint (fixture->n_messages, ==, MAX_WAITING + 101);
}

static void
test_large (Fixture       *fixture,
            gconstpointer  data)
{
  report (fixture, 1, MAX_WAITING_BYTES);
  g_assert_false (fixture->transport->is_backlogged);
  report (fixture, 1, 1);
  g_assert_true (fixture->transport->is_backlogged);
  deliver ();
  g_assert_false (fixture->transport->is_backlogged);
}

static void
test_nested (Fixture       *fixture,
             gconstpointer  data)
{
  fixture->nests = TRUE;
  report (fixture, 1, 2 * MAX_WAITING_BYTES);
  g_assert_true (fixture->transport->is_backlogged);
  deliver ();
  g_assert_false (fixture->nests);
}

/* Signs of life do not add up. */
static void
test_life (Fixture       *fixture,
           gconstpointer  data)
{
  for (guint i = 0; i < 1000; i++)
    wsm_transport_report_life (WSM_TRANSPORT (fixture->transport), i);
  g_assert_cmpuint (fixture->transport->n_changes, ==, 0);
  deliver ();
  g_assert_cmpuint (fixture->n_life, ==, 1);

  /* Without a report none is heard. */
  wsm_transport_note_life (WSM_TRANSPORT (fixture->transport), 5000);
  g_assert_cmpint (wsm_transport_get_last_received_us (WSM_TRANSPORT (fixture->transport)), ==,
                   5000);
  deliver ();
  g_assert_cmpuint (fixture->n_life, ==, 1);
}

/* The tear-down looks whether what is never delivered waits for ever. */
static void
test_dropped (Fixture       *fixture,
              gconstpointer  data)
{
  report (fixture, 2 * MAX_WAITING, 1);
  g_assert_true (fixture->transport->is_backlogged);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) \
  g_test_add ("/transport/" path, Fixture, NULL, set_up, func, tear_down)

  ADD ("tells-of-many-reports", test_many);
  ADD ("tells-of-large-reports", test_large);
  ADD ("does-not-count-what-is-being-told", test_nested);
  ADD ("reports-life-once", test_life);
  ADD ("forgets-what-is-dropped", test_dropped);

  return g_test_run ();
}
