/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "transport-client.h"

#include <stdio.h>

/* More than a link answers without looking whether the answers leave. */
#define N_PINGS 3000

/* The second thousand of answers is longer under way than a deaf peer has. */
#define N_SLOW_PINGS 2000

#define LONGEST_PAYLOAD "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz" \
  "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefg"

static void
write_pings (RawPeer    *peer,
             guint       n_pings,
             const char *payload)
{
  for (guint i = 0; i < n_pings; i++)
    raw_peer_write_frame (peer, 0x89, payload, strlen (payload));
}

static guint
count_pongs (RawPeer *peer)
{
  guint n_pongs = 0;
  guint opcode;
  GBytes *payload;

  while (raw_peer_take_frame (peer, &opcode, &payload))
    {
      g_assert_cmpuint (opcode, ==, 0xa);
      g_bytes_unref (payload);
      n_pongs++;
    }

  return n_pongs;
}

/* However many there are, they are answered when the peer takes the answers. */
static void
test_pings (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (Client) client = NULL;
  RawPeer *peer;
  guint n_pongs = 0;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  if (data != NULL)
    fixture_use_tls (fixture);
  client = fixture_open_raw_client (fixture);
  peer = raw_server_get_peer (fixture->raw);
  write_pings (peer, N_PINGS, "beat");
  WAIT_FOR ((n_pongs += count_pongs (peer)) == N_PINGS);
  g_assert_cmpuint (client->n_ended, ==, 0);

  /* They are not added up for ever. */
  write_pings (peer, N_PINGS, "");
  n_pongs = 0;
  WAIT_FOR ((n_pongs += count_pongs (peer)) == N_PINGS);
  g_assert_cmpuint (client->n_ended, ==, 0);
}

/* Slow is not deaf: this takes longer than a peer may be deaf. */
static void
test_slow (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (Client) client = NULL;
  RawPeer *peer;
  gint64 start_us = g_get_monotonic_time ();
  guint n_pongs = 0;

  g_assert_cmpuint (strlen (LONGEST_PAYLOAD), ==, 125);
  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  client = fixture_open_raw_client (fixture);
  peer = raw_server_get_peer (fixture->raw);
  raw_peer_read_slowly (peer, 50000);
  write_pings (peer, N_SLOW_PINGS, LONGEST_PAYLOAD);
  WAIT_FOR ((n_pongs += count_pongs (peer)) == N_SLOW_PINGS);
  g_assert_cmpint (g_get_monotonic_time () - start_us, >, 4 * G_USEC_PER_SEC);
  g_assert_cmpuint (client->n_ended, ==, 0);
}

static void
test_deaf (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (Client) client = NULL;
  RawPeer *peer;
  guint n_pings, waited_ms;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  client = fixture_open_raw_client (fixture);
  peer = raw_server_get_peer (fixture->raw);
  raw_peer_stop_reading (peer);
  while (client->n_ended == 0)
    {
      write_pings (peer, 1000, LONGEST_PAYLOAD);
      loop_run_for (50);
    }
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_FLOOD);
  g_assert_error (client->error, WSM_ERROR, WSM_ERROR_PROTOCOL);
  g_assert_cmpint (sscanf (client->error->message,
                           "The peer sent %u pings, and no answer was taken for %u ms", &n_pings,
                           &waited_ms), ==, 2);
  g_assert_cmpuint (waited_ms, ==, 2000);

  /* No more than came with the last that was let in. */
  g_assert_cmpuint (n_pings, >=, 1000);
  g_assert_cmpuint (n_pings, <=, 1010);
}

/* What a flood has left in the socket does not hold up the end. */
static void
test_aborted (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (Client) client = NULL;
  g_autofree char *data_of_flood = g_malloc0 (4 * 1024 * 1024);
  RawPeer *peer;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  client = fixture_open_raw_client (fixture);
  peer = raw_server_get_peer (fixture->raw);
  for (guint i = 0; i < 2 * 1024 * 1024; i++)
    data_of_flood[2 * i] = (char) 0x82;
  raw_peer_write (peer, data_of_flood, 4 * 1024 * 1024);
  WAIT_FOR (client->messages->len > 1000);
  client_drop (client);
  WAIT_WITHIN (client->alive == NULL, RELEASE_MS);
  WAIT_WITHIN (G_OBJECT (fixture->clock)->ref_count == 1, RELEASE_MS);
}

static void
test_says_so (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (Client) client = NULL;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  client = fixture_open_raw_client (fixture);
  g_assert_true (wsm_transport_get_facts (client->transport)->liveness_source &
                 WSM_LIVENESS_SOURCE_SOCKET);
}

/* The first byte of a frame is a sign of life, long before libsoup tells of the frame. */
static void
test_part_of_frame (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (Client) client = NULL;
  WsmWireState wire;
  gint64 start_us;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  client = fixture_open_raw_client (fixture);
  loop_run_for (20);
  start_us = g_get_monotonic_time ();
  raw_peer_write (raw_server_get_peer (fixture->raw), "\x82", 1);
  loop_run_for (20);
  wsm_transport_query_wire (client->transport, &wire);
  g_assert_cmpint (wsm_transport_get_last_received_us (client->transport), >=, start_us);
  g_assert_cmpuint (client->n_life, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_warm_up ();

#define ADD(path, data, func) \
  g_test_add ("/soup-transport-flow/" path, Fixture, data, fixture_set_up, func, fixture_tear_down)

  ADD ("answers-many-pings", NULL, test_pings);
  ADD ("answers-many-pings-tls", "tls", test_pings);
  ADD ("waits-for-a-slow-peer", NULL, test_slow);
  ADD ("gives-a-deaf-peer-up", NULL, test_deaf);
  ADD ("ends-at-once-in-a-flood", NULL, test_aborted);
  ADD ("says-that-it-counts-bytes", NULL, test_says_so);
  ADD ("sees-part-of-a-frame", NULL, test_part_of_frame);

  return g_test_run ();
}
