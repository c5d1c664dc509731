/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "matrix.h"
#include "raw-server.h"
#include "scene.h"
#include "test-loop.h"

#include <string.h>
#include <sys/resource.h>

/* Three defects of libsoup that its users meet, each shown twice: by libsoup alone, which has it,
 * and by a pool on the same libsoup, which has not. A libsoup that has lost a defect says so in
 * the log, and is asked no more. */

#define MIB (1024 * 1024)

/* A slow reader, and what is sent to it. */
#define RATE (2 * MIB)
#define N_BULK 128
#define BULK_SIZE (64 * 1024)

/* Longer than libsoup's own limit for a close, which is five seconds. */
#define STUCK_MS 6000

/* The promises of the library. */
#define DISCONNECTED_MS 50

#define RECURSION_SEEN 1000

typedef struct
{
  Scene *scene;      /* (owned) */
  RawServer *server; /* (owned) */

  /* Of libsoup alone. */
  SoupSession *session;                /* (owned) */
  SoupWebsocketConnection *connection; /* (owned) (nullable) */
  guint n_errors;
  guint n_closed;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->scene = scene_new ();
  fixture->server = raw_server_new (raw_peer_accept_cb, fixture);
  fixture->session = soup_session_new ();
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  if (fixture->connection != NULL)
    g_signal_handlers_disconnect_by_data (fixture->connection, fixture);
  g_clear_object (&fixture->scene->pool);
  g_clear_object (&fixture->session);
  g_clear_pointer (&fixture->server, raw_server_free);

  /* What hangs does so until its socket is gone. */
  if (fixture->connection != NULL)
    WAIT_FOR (soup_websocket_connection_get_state (fixture->connection) ==
              SOUP_WEBSOCKET_STATE_CLOSED);
  g_clear_object (&fixture->connection);
  g_clear_pointer (&fixture->scene, scene_free);
}

static void
session_connected_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GError) error = NULL;

  fixture->connection = soup_session_websocket_connect_finish (SOUP_SESSION (source), result,
                                                               &error);
  g_assert_no_error (error);
}

static void
connection_error_cb (SoupWebsocketConnection *connection,
                     GError                  *error,
                     Fixture                 *fixture)
{
  fixture->n_errors++;
}

static void
connection_closed_cb (SoupWebsocketConnection *connection,
                      Fixture                 *fixture)
{
  fixture->n_closed++;
}

static void
open_bare (Fixture *fixture)
{
  g_autofree char *uri = raw_server_make_uri (fixture->server, "/");
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, uri);

  soup_session_websocket_connect_async (fixture->session, message, NULL, NULL, G_PRIORITY_DEFAULT,
                                        NULL, session_connected_cb, fixture);
  WAIT_FOR (fixture->connection != NULL);
  g_signal_connect (fixture->connection, "error", G_CALLBACK (connection_error_cb), fixture);
  g_signal_connect (fixture->connection, "closed", G_CALLBACK (connection_closed_cb), fixture);
}

static Witness *
open_ours (Fixture *fixture)
{
  g_autofree char *uri = raw_server_make_uri (fixture->server, "/");
  Witness *witness = witness_new (scene_add_uri (fixture->scene, uri));

  wsm_connection_set_outbox_limit (witness->connection, 64 * MIB);
  WAIT_FOR (witness->n_opened == 1);

  return witness;
}

/* Pings behind data: a beat is as late as everything that was sent before it. */

static gboolean
take_until_ping (RawPeer *peer,
                 gsize   *n_bytes_before)
{
  g_autoptr (GBytes) payload = NULL;
  guint opcode;

  while (raw_peer_take_frame (peer, &opcode, &payload))
    {
      if (opcode == 0x9)
        return TRUE;

      *n_bytes_before += g_bytes_get_size (payload);
      g_clear_pointer (&payload, g_bytes_unref);
    }

  return FALSE;
}

static void
test_pings_behind_data (Fixture       *fixture,
                        gconstpointer  data)
{
  const gsize n_all = (gsize) N_BULK * BULK_SIZE;
  g_autofree char *bulk = g_malloc0 (BULK_SIZE);
  g_autoptr (GBytes) bytes = g_bytes_new (bulk, BULK_SIZE);
  g_autoptr (WsmHeartbeat) beat = NULL;
  g_autoptr (Witness) witness = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_bare = 0;
  gsize n_ours = 0;

  beat = g_object_new (WSM_TYPE_HEARTBEAT, "interval", 1000, "timeout", 5000, "jitter", 0.0,
                       "idle-only", FALSE, NULL);

  open_bare (fixture);
  raw_peer_read_slowly (raw_server_get_peer (fixture->server), RATE);
  soup_websocket_connection_set_keepalive_interval (fixture->connection, 1);
  for (guint i = 0; i < N_BULK; i++)
    soup_websocket_connection_send_message (fixture->connection, SOUP_WEBSOCKET_DATA_BINARY, bytes);
  WAIT_FOR (take_until_ping (raw_server_get_peer (fixture->server), &n_bare));
  if (n_bare < n_all)
    g_test_message ("this libsoup lets its pings overtake data");

  witness = open_ours (fixture);
  raw_peer_read_slowly (raw_server_get_peer (fixture->server), RATE);
  wsm_connection_set_heartbeat (witness->connection, beat);
  for (guint i = 0; i < N_BULK; i++)
    {
      g_assert_true (wsm_connection_send_bytes (witness->connection, bytes, &error));
      g_assert_no_error (error);
    }
  WAIT_FOR (take_until_ping (raw_server_get_peer (fixture->server), &n_ours));
  g_assert_cmpuint (n_ours, <, n_all / 8 * 5);
  g_test_message ("of %.1f MiB sent before a ping fell due after a second, at %.1f MiB a second: "
                  "libsoup's came behind %.1f MiB, ours behind %.1f MiB",
                  (double) n_all / MIB, (double) RATE / MIB, (double) n_bare / MIB,
                  (double) n_ours / MIB);
}

/* An error with full buffers: closing for ever. */

static void
break_protocol (RawPeer *peer)
{
  static const guint8 masked[] = { 0x81, 0x82, 1, 2, 3, 4, 'h' ^ 1, 'i' ^ 2 };

  raw_peer_write (peer, masked, sizeof masked);
}

static void
test_error_with_full_buffers (Fixture       *fixture,
                              gconstpointer  data)
{
  g_autofree char *bulk = g_malloc0 (32 * MIB);
  g_autoptr (GBytes) bytes = g_bytes_new (bulk, 32 * MIB);
  g_autoptr (Witness) witness = NULL;
  g_autoptr (GError) error = NULL;
  gint64 begin_us;
  double took_ms;

  open_bare (fixture);
  raw_peer_stop_reading (raw_server_get_peer (fixture->server));
  soup_websocket_connection_send_message (fixture->connection, SOUP_WEBSOCKET_DATA_BINARY, bytes);
  test_loop_run_ms (100);
  break_protocol (raw_server_get_peer (fixture->server));
  WAIT_FOR (fixture->n_errors > 0);
  begin_us = g_get_monotonic_time ();
  while (fixture->n_closed == 0 && test_loop_ms_since (begin_us) < STUCK_MS)
    test_loop_turn ();
  if (fixture->n_closed > 0)
    g_test_message ("this libsoup ends a connection with full buffers, after %.0f ms",
                    test_loop_ms_since (begin_us));
  else
    g_assert_cmpint (soup_websocket_connection_get_state (fixture->connection), ==,
                     SOUP_WEBSOCKET_STATE_CLOSING);

  witness = open_ours (fixture);
  raw_peer_stop_reading (raw_server_get_peer (fixture->server));
  g_assert_true (wsm_connection_send_bytes (witness->connection, bytes, &error));
  g_assert_no_error (error);
  test_loop_run_ms (100);
  break_protocol (raw_server_get_peer (fixture->server));
  begin_us = g_get_monotonic_time ();
  WAIT_FOR (witness->n_ended == 1);
  took_ms = test_loop_ms_since (begin_us);
  g_assert_cmpint (wsm_reason_get_code (witness->reason), ==, WSM_REASON_CODE_PROTOCOL);
  g_assert_cmpuint (witness->n_disconnected, ==, 1);
  g_assert_cmpfloat (took_ms, <, DISCONNECTED_MS + SCENE_SLACK_MS);
  g_test_message ("an error with full buffers: libsoup still closes after %d ms, ours took %.1f ms",
                  STUCK_MS, took_ms);
}

/* Closing in a handler: recursion until the stack ends. */

static guint depth;

static void
close_bare (SoupWebsocketConnection *connection)
{
  if (++depth == RECURSION_SEEN)
    g_printerr ("%d deep\n", RECURSION_SEEN);

  soup_websocket_connection_close (connection, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  depth--;
}

static void
close_in_bare_error_cb (SoupWebsocketConnection *connection,
                        GError                  *error,
                        gpointer                 user_data)
{
  if (soup_websocket_connection_get_state (connection) == SOUP_WEBSOCKET_STATE_OPEN)
    close_bare (connection);
}

static void
close_in_bare_closing_cb (SoupWebsocketConnection *connection,
                          gpointer                 user_data)
{
  if (soup_websocket_connection_get_state (connection) == SOUP_WEBSOCKET_STATE_OPEN)
    close_bare (connection);
}

static void
say_good_bye (RawPeer *peer)
{
  raw_peer_write_close (peer, 1001, NULL);
}

typedef struct
{
  const char *name;
  const char *signal;
  GCallback callback;
  void (*provoke) (RawPeer *peer);
} Recursion;

static const Recursion recursions[] = {
  { "error", "error", G_CALLBACK (close_in_bare_error_cb), raw_peer_reset },
  { "closing", "closing", G_CALLBACK (close_in_bare_closing_cb), say_good_bye },
};

/* In a process of its own. */
static void
test_bare_recursion (Fixture       *fixture,
                     gconstpointer  data)
{
  const Recursion *recursion = data;
  const struct rlimit none = { 0, 0 };

  setrlimit (RLIMIT_CORE, &none);
  open_bare (fixture);
  g_signal_connect (fixture->connection, recursion->signal, recursion->callback, NULL);
  recursion->provoke (raw_server_get_peer (fixture->server));
  test_loop_run_ms (200);
}

static void
close_ours_cb (WsmConnection *connection)
{
  wsm_connection_close (connection, 1000, NULL, NULL);
}

static void
test_recursion (Fixture       *fixture,
                gconstpointer  data)
{
  static const char * const signals[] = { "notify::state", "notify::reason", "disconnected",
                                          "closed", "failed" };
  const Recursion *recursion = data;
  g_autofree char *bare = g_strdup_printf ("/libsoup-defects/recurses-in-%s/subprocess",
                                           recursion->name);
  g_autoptr (Witness) witness = NULL;

  g_test_trap_subprocess (bare, 0, 0);
  if (g_test_trap_has_passed ())
    g_test_message ("this libsoup survives a close in its signal %s", recursion->name);
  else
    g_test_trap_assert_stderr ("*deep*");

  witness = open_ours (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect (witness->connection, signals[i], G_CALLBACK (close_ours_cb), NULL);
  recursion->provoke (raw_server_get_peer (fixture->server));
  WAIT_FOR (witness->n_ended == 1);
  test_loop_run_ms (SCENE_RELEASE_MS);
  g_assert_cmpuint (witness->n_disconnected, ==, 1);
  g_assert_cmpuint (witness->n_ended, ==, 1);
  g_assert_true (witness_is_in (witness, WSM_STATE_CLOSED));
  g_test_message ("a close in each signal: one disconnected and one end");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func, data) \
  g_test_add ("/libsoup-defects/" path, Fixture, data, set_up, test_##func, tear_down)
  ADD ("pings-queue-behind-data", pings_behind_data, NULL);
  ADD ("closes-for-ever-with-full-buffers", error_with_full_buffers, NULL);
  ADD ("recurses-in-error", recursion, &recursions[0]);
  ADD ("recurses-in-closing", recursion, &recursions[1]);
  ADD ("recurses-in-error/subprocess", bare_recursion, &recursions[0]);
  ADD ("recurses-in-closing/subprocess", bare_recursion, &recursions[1]);
#undef ADD

  return g_test_run ();
}
