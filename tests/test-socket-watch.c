/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <unistd.h>

#include "test-clock.h"
#include "test-loop.h"
#include "wsm-socket-watch.h"

#define N_BYTES 100

typedef struct
{
  WsmTestClock *clock;         /* (owned) */
  GSocketConnection *near_end; /* (owned) */
  GSocketConnection *far_end;  /* (owned) */
  GSocket *socket;             /* (unowned): of the near end */
  WsmSocketWatch *watch;       /* (owned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, &error);

  g_assert_no_error (error);
  fixture->near_end = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, &error);
  g_assert_no_error (error);
  fixture->far_end = g_socket_listener_accept (listener, NULL, NULL, &error);
  g_assert_no_error (error);

  fixture->socket = g_socket_connection_get_socket (fixture->near_end);
  fixture->clock = wsm_test_clock_new (NULL);
  fixture->watch = wsm_socket_watch_new (fixture->socket, NULL, WSM_CLOCK (fixture->clock));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  wsm_socket_watch_free (fixture->watch);
  g_clear_object (&fixture->near_end);
  g_clear_object (&fixture->far_end);
  g_assert_finalize_object (fixture->clock);
}

/* Returns what the peer's system has acknowledged in all. */
static guint64
send_some (Fixture *fixture)
{
  static const char data[N_BYTES];
  guint64 n_before = wsm_socket_watch_look (fixture->watch)->n_bytes_acked;

  g_assert_cmpint (g_socket_send (fixture->socket, data, N_BYTES, NULL, NULL), ==, N_BYTES);
  WAIT_FOR (wsm_socket_watch_look (fixture->watch)->n_bytes_acked >= n_before + N_BYTES);

  return n_before + N_BYTES;
}

static gboolean
is_counted (Fixture *fixture)
{
  if (wsm_socket_watch_look (fixture->watch)->has_counters)
    return TRUE;

  g_test_skip ("this system does not count acknowledgements");

  return FALSE;
}

static void
test_remembers_what_is_closed (Fixture       *fixture,
                               gconstpointer  data)
{
  const WsmWireState *seen;
  guint64 n_bytes_acked;

  if (!is_counted (fixture))
    return;

  n_bytes_acked = send_some (fixture);
  g_assert_true (g_socket_close (fixture->socket, NULL));
  seen = wsm_socket_watch_look (fixture->watch);
  g_assert_true (seen->is_past);
  g_assert_true (seen->has_counters);
  g_assert_cmpuint (seen->n_bytes_acked, ==, n_bytes_acked);
}

/* A thread closes the descriptor first, and says so then: meanwhile it may be anything. */
static void
test_remembers_what_is_being_closed (Fixture       *fixture,
                                     gconstpointer  data)
{
  const WsmWireState *seen;
  guint64 n_bytes_acked;
  int other;

  if (!is_counted (fixture))
    return;

  n_bytes_acked = send_some (fixture);
  other = open ("/dev/null", O_RDWR | O_CLOEXEC);
  g_assert_cmpint (dup2 (other, g_socket_get_fd (fixture->socket)), >=, 0);
  close (other);

  seen = wsm_socket_watch_look (fixture->watch);
  g_assert_true (seen->is_past);
  g_assert_true (seen->has_counters);
  g_assert_cmpuint (seen->n_bytes_acked, ==, n_bytes_acked);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/socket-watch/" path, Fixture, NULL, set_up, function, tear_down)

  ADD ("remembers-what-is-closed", test_remembers_what_is_closed);
  ADD ("remembers-what-is-being-closed", test_remembers_what_is_being_closed);

  return g_test_run ();
}
