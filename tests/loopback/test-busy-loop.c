/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include "certificates.h"
#include "raw-server.h"
#include "scene.h"
#include "test-loop.h"

/* A loop in which sources of default priority are ready all the time: what is of lower priority
 * never gets its turn there. */

#define OPCODE_BINARY 0x2

typedef struct
{
  RawServer *server; /* (owned) */
  Scene *scene;      /* (owned) */
  Witness *witness;  /* (owned) */
  GSource *hungry;   /* (owned) */
  GSource *starving; /* (owned) */
  guint n_bytes_per_second; /* 0: reads all that comes */

  guint n_starved; /* turns of the source of lower priority */
  guint n_rounds;
  guint n_messages; /* that the server read */
  guint64 n_bytes;
} Fixture;

static gboolean
hungry_cb (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_rounds++;

  return G_SOURCE_CONTINUE;
}

static gboolean
starving_cb (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_starved++;

  return G_SOURCE_CONTINUE;
}

static GSource *
attach (Fixture     *fixture,
        int          priority,
        GSourceFunc  func)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, priority);
  g_source_set_callback (source, func, fixture, NULL);
  g_source_attach (source, NULL);

  return source;
}

static void
request_cb (RawPeer    *peer,
            const char *request,
            gpointer    user_data)
{
  Fixture *fixture = user_data;

  raw_peer_accept (peer, NULL);
  if (fixture->n_bytes_per_second > 0)
    raw_peer_read_slowly (peer, fixture->n_bytes_per_second);
}

typedef struct
{
  guint n_bytes_per_second;
  gboolean uses_tls;
} Setting;

static const Setting all_at_once = { 0, FALSE };
static const Setting all_at_once_tls = { 0, TRUE };
static const Setting slow = { 1000 * 1000, FALSE };

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  const Setting *setting = data;
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autofree char *uri = NULL;
  WsmConnection *connection;

  fixture->n_bytes_per_second = setting->n_bytes_per_second;
  fixture->server = raw_server_new (request_cb, fixture);
  if (setting->uses_tls)
    certificates_serve (fixture->server);
  fixture->scene = scene_new ();
  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "mode", WSM_HEARTBEAT_MODE_OFF, NULL);
  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  uri = raw_server_make_uri (fixture->server, "/");
  connection = scene_add_uri (fixture->scene, uri);
  certificates_take_any (connection);
  fixture->witness = witness_new (connection);
  WAIT_FOR (fixture->witness->n_opened == 1);
  wsm_connection_set_outbox_limit (fixture->witness->connection, 64 * 1024 * 1024);

  fixture->hungry = attach (fixture, G_PRIORITY_DEFAULT, hungry_cb);
  fixture->starving = attach (fixture, G_PRIORITY_DEFAULT + 10, starving_cb);
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  g_source_destroy (fixture->hungry);
  g_source_unref (fixture->hungry);
  g_source_destroy (fixture->starving);
  g_source_unref (fixture->starving);
  witness_free (fixture->witness);
  raw_server_free (fixture->server);
  scene_free (fixture->scene);
}

/* The server reads on. What it has not read yet is no more than what may be on its way. */
static gboolean
has_read (Fixture *fixture,
          guint64  n_bytes)
{
  RawPeer *peer = raw_server_get_peer (fixture->server);
  guint opcode;
  GBytes *payload;

  while (raw_peer_take_frame (peer, &opcode, &payload))
    {
      g_assert_cmpuint (opcode, ==, OPCODE_BINARY);
      fixture->n_messages++;
      fixture->n_bytes += g_bytes_get_size (payload);
      g_bytes_unref (payload);
    }
  g_assert_cmpuint (wsm_connection_get_n_bytes_sent (fixture->witness->connection), <=,
                    fixture->n_bytes + SCENE_MAX_IN_BETWEEN);

  return fixture->n_bytes >= n_bytes;
}

static void
send_all (Fixture *fixture,
          guint    n_messages,
          gsize    size)
{
  WsmConnection *connection = fixture->witness->connection;
  gint64 since_us = g_get_monotonic_time ();

  witness_send (fixture->witness, n_messages, size);
  WAIT_FOR (has_read (fixture, n_messages * size));
  g_test_message ("%u messages of %" G_GSIZE_FORMAT " bytes in %.0f ms, %u rounds", n_messages,
                  size, test_loop_ms_since (since_us), fixture->n_rounds);
  WAIT_FOR (wsm_connection_get_buffered (connection) == 0);
  g_assert_cmpuint (fixture->n_messages, ==, n_messages);
  /* It was as busy as it was meant to be. */
  g_assert_cmpuint (fixture->n_starved, ==, 0);
}

static void
test_large_messages (Fixture       *fixture,
                     gconstpointer  data)
{
  send_all (fixture, 500, 64 * 1024);
}

static void
test_short_messages (Fixture       *fixture,
                     gconstpointer  data)
{
  send_all (fixture, 20000, 20);
}

/* No more than ever is on the way to one who reads slowly. */
static void
test_slow_reader (Fixture       *fixture,
                  gconstpointer  data)
{
  witness_send (fixture->witness, 4000, 1000);
  WAIT_FOR (has_read (fixture, 1000 * 1000));
  g_assert_cmpuint (fixture->n_starved, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/busy-loop/large-messages", Fixture, &all_at_once, fixture_set_up,
              test_large_messages, fixture_tear_down);
  g_test_add ("/busy-loop/large-messages-over-tls", Fixture, &all_at_once_tls, fixture_set_up,
              test_large_messages, fixture_tear_down);
  g_test_add ("/busy-loop/short-messages", Fixture, &all_at_once, fixture_set_up,
              test_short_messages, fixture_tear_down);
  g_test_add ("/busy-loop/slow-reader", Fixture, &slow, fixture_set_up, test_slow_reader,
              fixture_tear_down);

  return g_test_run ();
}
