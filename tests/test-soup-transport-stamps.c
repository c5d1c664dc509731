/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "transport-client.h"

/* How long the app is busy while something waits to be written, or to be read. */
#define BUSY_US (50 * 1000)

/* More than the system holds for a socket that nobody reads from. */
#define LARGE (16 * 1024 * 1024)

/* More than libsoup asks for at a time, and less than what is read ahead for it. */
#define BEHIND (12 * 1024)

/* Who stamps and who compares do not ask the same clock. */
#define CLOCKS_US 1000

static gboolean
take_ping (RawPeer *peer)
{
  g_autoptr (GBytes) payload = NULL;
  guint opcode;

  if (!raw_peer_take_frame (peer, &opcode, &payload))
    return FALSE;

  return opcode == 0x9;
}

static void
be_busy (void)
{
  gint64 end_us = g_get_monotonic_time () + BUSY_US;

  while (g_get_monotonic_time () < end_us)
    g_thread_yield ();
}

static void
hand_over (Client  *client,
           WsmMark  mark)
{
  wsm_transport_mark_next (client->transport, mark);
  wsm_transport_ping (client->transport, "beat");
}

/* The peer answers at once, and whoever measures has other things to do. Returns for how long it
 * seems to have taken after all. */
static gint64
find_excess_us (Client  *client,
                RawPeer *peer)
{
  gint64 handed_over_us = g_get_monotonic_time ();
  gint64 left_us, answered_us;
  guint n_pongs = client->n_pongs;

  hand_over (client, WSM_MARK_BEAT);
  WAIT_FOR (take_ping (peer));
  raw_peer_write_frame (peer, 0x8a, "beat", 4);
  g_assert_false (raw_peer_has_unsent (peer));
  answered_us = g_get_monotonic_time ();
  be_busy ();
  WAIT_FOR (client->n_pongs > n_pongs);

  left_us = wsm_transport_get_marked_us (client->transport, WSM_MARK_BEAT);
  g_assert_cmpint (left_us, >=, handed_over_us);
  g_assert_cmpint (left_us, <=, answered_us);
  g_assert_cmpint (client->pong_us, >=, left_us - CLOCKS_US);

  return client->pong_us - answered_us;
}

static void
test_busy (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (Client) client = NULL;
  RawPeer *peer;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  if (data != NULL)
    fixture_use_tls (fixture);
  client = fixture_open_raw_client (fixture);
  peer = raw_server_get_peer (fixture->raw);

  /* The system begins to stamp a moment after the first socket has asked it to. */
  WAIT_FOR (find_excess_us (client, peer) <= CLOCKS_US);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (find_excess_us (client, peer), <=, CLOCKS_US);
}

/* A socket that libsoup reads from, and what was left in it when libsoup told of a pong. */
typedef struct
{
  GSocket *socket; /* (unowned) (nullable) */
  gssize n_unread;
} Leftover;

static void
message_network_event_cb (SoupMessage        *message,
                          GSocketClientEvent  event,
                          GIOStream          *stream,
                          Leftover           *leftover)
{
  if (event == G_SOCKET_CLIENT_CONNECTED)
    leftover->socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));
}

static gboolean
any_pong_cb (GSignalInvocationHint *hint,
             guint                  n_values,
             const GValue          *values,
             gpointer               user_data)
{
  Leftover *leftover = user_data;

  leftover->n_unread = g_socket_get_available_bytes (leftover->socket);

  return TRUE;
}

/* In comes a pong, with a message behind it that is there as soon as the pong is. */
static void
answer (Client   *client,
        RawPeer  *peer,
        Leftover *leftover)
{
  g_autofree char *text = g_strnfill (BEHIND, 'x');
  gint64 end_us = g_get_monotonic_time () + DEADLINE_MS * 1000;
  guint n_messages = client->messages->len;

  leftover->n_unread = -1;
  raw_peer_write_frame (peer, 0x8a, "beat", 4);
  raw_peer_write_frame (peer, 0x81, text, BEHIND);
  g_assert_false (raw_peer_has_unsent (peer));
  while (g_socket_get_available_bytes (leftover->socket) < BEHIND)
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
  WAIT_FOR (client->messages->len > n_messages);
}

/* What is read in one go has one stamp, so an answer that is awaited is read without what came
 * after it. */
static void
test_alone (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (Client) client = client_new (fixture);
  g_autoptr (SoupMessage) message = NULL;
  Leftover leftover = { NULL };
  gulong hook;
  guint pong;
  RawPeer *peer;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  if (data != NULL)
    fixture_use_tls (fixture);
  message = soup_message_new_from_uri (SOUP_METHOD_GET, fixture->uri);
  g_signal_connect (message, "network-event", G_CALLBACK (message_network_event_cb), &leftover);
  wsm_transport_open (client->transport, message, NULL, NULL);
  WAIT_FOR (client->n_opened == 1);
  pong = g_signal_lookup ("pong", SOUP_TYPE_WEBSOCKET_CONNECTION);
  hook = g_signal_add_emission_hook (pong, 0, any_pong_cb, &leftover, NULL);
  g_signal_handlers_disconnect_by_data (message, &leftover);
  peer = raw_server_get_peer (fixture->raw);

  for (guint mark = 0; mark < WSM_N_MARKS; mark++)
    {
      answer (client, peer, &leftover);
      g_assert_cmpint (leftover.n_unread, ==, 0);

      hand_over (client, mark);
      WAIT_FOR (take_ping (peer));
      answer (client, peer, &leftover);
      g_assert_cmpint (leftover.n_unread, >, 0);
    }

  g_signal_remove_emission_hook (pong, hook);
}

/* Behind a message that the system does not take at once, and overtaken by the answer to a ping. */
static void
test_queue (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (Client) client = NULL;
  g_autofree char *text = g_strnfill (LARGE, 'x');
  gint64 left_us[WSM_N_MARKS] = { 0 };
  gint64 free_us;
  RawPeer *peer;
  guint n_pings = 0;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  client = fixture_open_raw_client (fixture);
  peer = raw_server_get_peer (fixture->raw);
  raw_peer_write_frame (peer, 0x89, "you?", 4);
  client_send_text (client, text);
  hand_over (client, WSM_MARK_BEAT);
  client_send_text (client, "after");
  hand_over (client, WSM_MARK_PING);
  be_busy ();
  g_assert_cmpint (wsm_transport_get_marked_us (client->transport, WSM_MARK_BEAT), ==,
                   WSM_MARK_WAITS);

  free_us = g_get_monotonic_time ();
  WAIT_FOR ((n_pings += take_ping (peer)) == 2);
  for (guint mark = 0; mark < WSM_N_MARKS; mark++)
    left_us[mark] = wsm_transport_get_marked_us (client->transport, mark);
  g_assert_cmpint (left_us[WSM_MARK_BEAT], >=, free_us);
  g_assert_cmpint (left_us[WSM_MARK_PING], >=, left_us[WSM_MARK_BEAT]);
  g_assert_cmpint (left_us[WSM_MARK_PING], <=, g_get_monotonic_time ());

  /* It knows where it stands afterwards, too. */
  hand_over (client, WSM_MARK_BEAT);
  WAIT_FOR (take_ping (peer));
  g_assert_cmpint (wsm_transport_get_marked_us (client->transport, WSM_MARK_BEAT), >,
                   left_us[WSM_MARK_BEAT]);
}

static void
test_closed (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (Client) client = NULL;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  client = fixture_open_raw_client (fixture);
  hand_over (client, WSM_MARK_BEAT);
  wsm_transport_abort (client->transport);
  WAIT_FOR (client->n_ended == 1);
  hand_over (client, WSM_MARK_BEAT);
  g_assert_cmpint (wsm_transport_get_marked_us (client->transport, WSM_MARK_BEAT), ==,
                   WSM_MARK_UNSEEN);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_warm_up ();

#define ADD(path, func, data) \
  g_test_add ("/soup-transport-stamps/" path, Fixture, data, fixture_set_up, func, \
              fixture_tear_down)

  ADD ("leave-out-what-else-the-loop-does", test_busy, NULL);
  ADD ("leave-out-what-else-the-loop-does/tls", test_busy, "tls");
  ADD ("are-of-the-answer-alone", test_alone, NULL);
  ADD ("are-of-the-answer-alone/tls", test_alone, "tls");
  ADD ("know-their-place-in-the-queue", test_queue, NULL);
  ADD ("end-with-the-socket", test_closed, NULL);

  return g_test_run ();
}
