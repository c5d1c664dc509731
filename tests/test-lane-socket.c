/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <sys/socket.h>
#include <unistd.h>

#include "test-loop.h"
#include "wsm-lane-private.h"
#include "wsm-lanes.h"
#include "wsm-system-clock.h"

/* A socket that a lane keeps, read and written by sources as libsoup would. */

typedef struct
{
  WsmClock *clock; /* (owned) */
  WsmLanes *lanes; /* (owned) */
  GPtrArray *used; /* (owned) (element-type WsmLane) */
  WsmLane *lane;   /* (unowned): has a context of its own */
  GSocket *socket; /* (owned) */
  int peer;        /* (owned) */

  WsmLaneSocket *kept; /* (owned) (nullable) */
  GSource *source;     /* (owned) (nullable) */
  guint n_calls;
} Fixture;

static GSocket *
make_pair (int *peer)
{
  g_autoptr (GError) error = NULL;
  GSocket *socket;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), ==,
                   0);
  socket = g_socket_new_from_fd (ends[0], &error);
  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);
  *peer = ends[1];

  return socket;
}

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  fixture->clock = wsm_system_clock_new ();
  fixture->lanes = wsm_lanes_new (NULL, fixture->clock);
  fixture->used = g_ptr_array_new ();
  for (guint i = 0; i <= WSM_LANES_MAX_MEMBERS; i++)
    {
      fixture->lane = wsm_lanes_choose (fixture->lanes, 0);
      wsm_lane_join (fixture->lane);
      g_ptr_array_add (fixture->used, fixture->lane);
    }
  fixture->socket = make_pair (&fixture->peer);
  fixture->kept = wsm_lane_socket_new (fixture->lane, fixture->socket);
  g_assert_nonnull (fixture->kept);
}

static void
fixture_clear_source (Fixture *fixture)
{
  if (fixture->source == NULL)
    return;

  g_source_destroy (fixture->source);
  g_clear_pointer (&fixture->source, g_source_unref);
}

static void
fixture_let_go (Fixture *fixture)
{
  wsm_lane_socket_end (fixture->kept);
  g_clear_pointer (&fixture->kept, wsm_lane_socket_unref);
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  fixture_clear_source (fixture);
  if (fixture->kept != NULL)
    fixture_let_go (fixture);
  for (guint i = 0; i < fixture->used->len; i++)
    {
      wsm_lane_part (g_ptr_array_index (fixture->used, i));
      wsm_lane_unref (g_ptr_array_index (fixture->used, i));
    }
  wsm_lanes_end (fixture->lanes);
  WAIT_FOR (test_loop_is_idle_for_ms (G_MAXUINT));
  g_ptr_array_unref (fixture->used);
  g_assert_finalize_object (fixture->socket);
  if (fixture->peer >= 0)
    close (fixture->peer);
  g_assert_finalize_object (fixture->clock);
}

/* Nothing has the loop go round. */
static gboolean
is_quiet (void)
{
  return !g_main_context_iteration (NULL, FALSE) && !g_main_context_iteration (NULL, FALSE);
}

static gboolean
count_cb (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_calls++;
  g_clear_pointer (&fixture->source, g_source_unref);

  return G_SOURCE_REMOVE;
}

/* Called once, as those of libsoup for a reader are. */
static void
fixture_wait (Fixture      *fixture,
              GIOCondition  condition)
{
  g_autoptr (GSource) child = wsm_lane_socket_create_source (fixture->kept,
                                                              G_OBJECT (fixture->socket),
                                                              condition);

  fixture_clear_source (fixture);
  fixture->source = g_timeout_source_new (G_MAXUINT);
  g_source_set_ready_time (fixture->source, -1);
  g_source_set_callback (fixture->source, count_cb, fixture, NULL);
  g_source_set_dummy_callback (child);
  g_source_add_child_source (fixture->source, child);
  wsm_lane_attach (fixture->lane, fixture->source);
}

static gssize
fixture_read (Fixture *fixture,
              gsize    count)
{
  char buffer[64];
  gssize n_bytes = recv (wsm_lane_socket_get_fd (fixture->kept), buffer, count, MSG_DONTWAIT);

  g_assert_cmpuint (count, <=, sizeof buffer);
  if (n_bytes < (gssize) count)
    wsm_lane_socket_note_spent (fixture->kept, G_IO_IN);

  return n_bytes;
}

static void
fixture_hear (Fixture    *fixture,
              const char *text)
{
  guint n_calls = fixture->n_calls;

  fixture_wait (fixture, G_IO_IN);
  test_loop_turn ();
  g_assert_cmpuint (fixture->n_calls, ==, n_calls);
  g_assert_cmpint (write (fixture->peer, text, strlen (text)), ==, (gssize) strlen (text));
  WAIT_FOR (fixture->n_calls > n_calls);
}

static void
test_read (Fixture       *fixture,
           gconstpointer  data)
{
  for (guint i = 0; i < 20; i++)
    {
      fixture_hear (fixture, "beat");
      g_assert_cmpint (fixture_read (fixture, 64), ==, 4);
      g_assert_false (wsm_lane_socket_is_ready (fixture->kept, G_IO_IN));
      WAIT_FOR (is_quiet ());
    }
}

/* The system says it once only. */
static void
test_read_in_parts (Fixture       *fixture,
                    gconstpointer  data)
{
  fixture_hear (fixture, "beat");
  g_assert_cmpint (fixture_read (fixture, 3), ==, 3);
  fixture_wait (fixture, G_IO_IN);
  WAIT_FOR (fixture->n_calls == 2);
  g_assert_cmpint (fixture_read (fixture, 3), ==, 1);
  fixture_wait (fixture, G_IO_IN);
  WAIT_FOR (is_quiet ());
  g_assert_cmpuint (fixture->n_calls, ==, 2);
}

/* Nobody reads for a while; the loop sleeps all the same. */
static void
test_left_unread (Fixture       *fixture,
                  gconstpointer  data)
{
  g_assert_cmpint (write (fixture->peer, "beat", 4), ==, 4);
  WAIT_FOR (wsm_lane_socket_is_ready (fixture->kept, G_IO_IN));
  WAIT_FOR (is_quiet ());
  fixture_wait (fixture, G_IO_IN);
  WAIT_FOR (fixture->n_calls == 1);
}

/* What comes together with the end is read, and does not hide it. */
static void
test_end (Fixture       *fixture,
          gconstpointer  data)
{
  fixture_wait (fixture, G_IO_IN);
  g_assert_cmpint (write (fixture->peer, "beat", 4), ==, 4);
  if (data != NULL)
    g_assert_cmpint (shutdown (fixture->peer, SHUT_WR), ==, 0);
  else
    close (g_steal_fd (&fixture->peer));
  WAIT_FOR (fixture->n_calls == 1);
  g_assert_cmpint (fixture_read (fixture, 64), ==, 4);
  fixture_wait (fixture, G_IO_IN);
  WAIT_FOR (fixture->n_calls == 2);
  g_assert_cmpint (fixture_read (fixture, 64), ==, 0);
  g_assert_true (wsm_lane_socket_is_ready (fixture->kept, G_IO_IN));
}

static void
fixture_fill (Fixture *fixture)
{
  static const char block[4096];

  while (send (wsm_lane_socket_get_fd (fixture->kept), block, sizeof block, MSG_DONTWAIT) > 0)
    continue;
  wsm_lane_socket_note_spent (fixture->kept, G_IO_OUT);
}

static void
test_write (Fixture       *fixture,
            gconstpointer  data)
{
  char buffer[4096];

  for (guint i = 1; i <= 3; i++)
    {
      fixture_wait (fixture, G_IO_OUT);
      g_assert_false (wsm_lane_socket_is_written (fixture->kept));
      WAIT_FOR (fixture->n_calls == 2 * i - 1);
      g_assert_true (wsm_lane_socket_is_written (fixture->kept));

      fixture_fill (fixture);
      fixture_wait (fixture, G_IO_OUT);
      WAIT_FOR (is_quiet ());
      g_assert_cmpuint (fixture->n_calls, ==, 2 * i - 1);
      while (read (fixture->peer, buffer, sizeof buffer) > 0)
        continue;
      WAIT_FOR (fixture->n_calls == 2 * i);
    }
}

/* What all this is for. */
static void
test_context_polls_nothing (Fixture       *fixture,
                            gconstpointer  data)
{
  GMainContext *context = fixture->lane->context;
  GPollFD fds[8];
  int priority, timeout_ms;

  fixture_wait (fixture, G_IO_IN);
  g_main_context_prepare (context, &priority);
  g_assert_cmpint (g_main_context_query (context, priority, &timeout_ms, fds, G_N_ELEMENTS (fds)),
                   ==, 1);
  g_assert_cmpint (fds[0].fd, ==, fixture->lane->wake_fd);
}

/* A source that asks in the usual way is told what is known, and the other goes on. */
static void
test_beside_others (Fixture       *fixture,
                    gconstpointer  data)
{
  GSource *other = g_socket_create_source (fixture->socket, G_IO_IN, NULL);

  wsm_lane_attach (fixture->lane, other);
  g_source_set_dummy_callback (other);
  fixture_hear (fixture, "beat");
  g_assert_cmpint (fixture_read (fixture, 64), ==, 4);
  g_source_destroy (other);
  g_source_unref (other);
  fixture_hear (fixture, "beat");
  g_assert_cmpint (fixture_read (fixture, 64), ==, 4);
}

static gboolean
read_cb (GSocket      *socket,
         GIOCondition  condition,
         gpointer      user_data)
{
  guint *n_calls = user_data;
  char byte;

  if (recv (g_socket_get_fd (socket), &byte, 1, MSG_DONTWAIT) == 1)
    (*n_calls)++;

  return G_SOURCE_CONTINUE;
}

/* libsoup closes a socket before it says so, and the next one gets its number. */
static void
test_number_of_another (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (WsmLaneSocket) kept = NULL;
  guint n_calls = 0;
  GSource *source;
  int number = wsm_lane_socket_get_fd (fixture->kept);
  int peer;

  g_assert_true (g_socket_close (fixture->socket, NULL));
  socket = make_pair (&peer);
  if (g_socket_get_fd (socket) != number)
    {
      g_test_skip ("The system gave another number");
      close (peer);
      return;
    }

  if (data != NULL)
    {
      kept = wsm_lane_socket_new (fixture->lane, socket);
      g_assert_nonnull (kept);
    }
  fixture_let_go (fixture);

  source = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (read_cb), &n_calls, NULL);
  wsm_lane_attach (fixture->lane, source);
  for (guint i = 1; i <= 3; i++)
    {
      g_assert_cmpint (write (peer, "!", 1), ==, 1);
      WAIT_FOR (n_calls == i);
      if (kept == NULL)
        continue;
      WAIT_FOR (wsm_lane_socket_is_ready (kept, G_IO_IN));
      wsm_lane_socket_note_spent (kept, G_IO_IN);
    }

  g_source_destroy (source);
  g_source_unref (source);
  if (kept != NULL)
    wsm_lane_socket_end (kept);
  close (peer);
}

/* Not let go of before the other one is there. */
static void
test_number_taken_over (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (GSocket) socket = NULL;
  guint n_calls = 0;
  GSource *source;
  int peer;

  g_assert_true (g_socket_close (fixture->socket, NULL));
  socket = make_pair (&peer);
  source = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (read_cb), &n_calls, NULL);
  wsm_lane_attach (fixture->lane, source);
  g_assert_cmpint (write (peer, "!", 1), ==, 1);
  WAIT_FOR (n_calls == 1);
  fixture_let_go (fixture);
  g_assert_cmpint (write (peer, "!", 1), ==, 1);
  WAIT_FOR (n_calls == 2);

  g_source_destroy (source);
  g_source_unref (source);
  close (peer);
}

/* Whoever still waits is called, to see for himself. */
static void
test_let_go (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (WsmLaneSocket) kept = wsm_lane_socket_ref (fixture->kept);

  wsm_lane_socket_end (kept);
  wsm_lane_socket_end (kept);
  g_assert_true (wsm_lane_socket_is_ready (kept, G_IO_IN));
  fixture_wait (fixture, G_IO_IN);
  WAIT_FOR (fixture->n_calls == 1);
}

static void
test_not_kept (Fixture       *fixture,
               gconstpointer  data)
{
  int peer;
  g_autoptr (GSocket) socket = make_pair (&peer);

  g_assert_null (wsm_lane_socket_new (g_ptr_array_index (fixture->used, 0), socket));
  g_socket_set_timeout (socket, 1);
  g_assert_null (wsm_lane_socket_new (fixture->lane, socket));
  g_socket_set_timeout (socket, 0);
  g_assert_true (g_socket_close (socket, NULL));
  g_assert_null (wsm_lane_socket_new (fixture->lane, socket));
  close (peer);
}

#define ADD(path, data, func) \
  g_test_add ("/lane-socket/" path, Fixture, data, fixture_set_up, func, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("read", NULL, test_read);
  ADD ("read-in-parts", NULL, test_read_in_parts);
  ADD ("left-unread", NULL, test_left_unread);
  ADD ("end/closed", NULL, test_end);
  ADD ("end/shut-down", "half", test_end);
  ADD ("write", NULL, test_write);
  ADD ("context-polls-nothing", NULL, test_context_polls_nothing);
  ADD ("beside-others", NULL, test_beside_others);
  ADD ("number-of-another", NULL, test_number_of_another);
  ADD ("number-of-another/kept", "kept", test_number_of_another);
  ADD ("number-taken-over", NULL, test_number_taken_over);
  ADD ("let-go", NULL, test_let_go);
  ADD ("not-kept", NULL, test_not_kept);

  return g_test_run ();
}
