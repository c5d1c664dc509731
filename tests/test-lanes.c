/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test-loop.h"
#include "wsm-lanes.h"
#include "wsm-system-clock.h"

/* Lanes without libsoup: contexts with sources that the loop does not know of. */

#define N_SHARED WSM_LANES_MAX_MEMBERS
#define N_MANY 200

/* A timer is no later than that; all lanes together would take longer. */
#define MAX_TURN_MS 100

typedef struct
{
  WsmClock *clock; /* (owned) */
  WsmLanes *lanes; /* (owned) (nullable) */
  GPtrArray *used; /* (owned) (element-type WsmLane) */
  gboolean is_over; /* for sources that go on until then */
} Fixture;

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  fixture->clock = wsm_system_clock_new ();
  fixture->lanes = wsm_lanes_new (NULL, fixture->clock);
  fixture->used = g_ptr_array_new ();
}

static void
fixture_leave (Fixture *fixture,
               guint    i)
{
  WsmLane *lane = g_ptr_array_remove_index (fixture->used, i);

  wsm_lane_part (lane);
  wsm_lane_unref (lane);
}

/* Whatever was done, nothing of it is left a little later. */
static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  while (fixture->used->len > 0)
    fixture_leave (fixture, fixture->used->len - 1);
  if (fixture->lanes != NULL)
    wsm_lanes_end (fixture->lanes);
  WAIT_FOR (test_loop_is_idle_for_ms (G_MAXUINT));
  g_ptr_array_unref (fixture->used);
  g_assert_finalize_object (fixture->clock);
}

static WsmLane *
fixture_join (Fixture *fixture,
              gint64   beat_us)
{
  WsmLane *lane = wsm_lanes_choose (fixture->lanes, beat_us);

  wsm_lane_join (lane);
  g_ptr_array_add (fixture->used, lane);

  return lane;
}

/* From here on lanes have contexts of their own. */
static void
fixture_fill_shared (Fixture *fixture)
{
  for (guint i = 0; i < N_SHARED; i++)
    fixture_join (fixture, 0);
  g_assert_cmpuint (wsm_lanes_get_n_lanes (fixture->lanes), ==, 0);
}

static gboolean
count_cb (gpointer user_data)
{
  guint *n_calls = user_data;

  (*n_calls)++;

  return G_SOURCE_REMOVE;
}

static gboolean
count_fd_cb (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  guint *n_calls = user_data;
  char byte;

  if (read (fd, &byte, 1) == 1)
    (*n_calls)++;

  return G_SOURCE_CONTINUE;
}

static GSource *
attach (WsmLane     *lane,
        GSource     *source,
        GSourceFunc  func,
        gpointer     user_data)
{
  g_source_set_callback (source, func, user_data, NULL);
  wsm_lane_attach (lane, source);
  g_source_unref (source);

  return source;
}

static void
make_pair (int ends[2])
{
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), ==,
                   0);
}

static void
test_few_share (Fixture       *fixture,
                gconstpointer  data)
{
  WsmLane *shared = fixture_join (fixture, 0);

  for (guint i = 1; i < N_SHARED; i++)
    g_assert_true (fixture_join (fixture, i) == shared);
  g_assert_cmpuint (wsm_lanes_get_n_lanes (fixture->lanes), ==, 0);

  g_assert_false (fixture_join (fixture, 0) == shared);
  g_assert_cmpuint (wsm_lanes_get_n_lanes (fixture->lanes), ==, 1);

  /* A place that is free again is taken first. */
  fixture_leave (fixture, 0);
  g_assert_true (fixture_join (fixture, 0) == shared);
}

static void
test_who_beats_together (Fixture       *fixture,
                         gconstpointer  data)
{
  WsmLane *first;
  WsmLane *other;

  fixture_fill_shared (fixture);
  first = fixture_join (fixture, 1000);

  /* One lane is enough for a few. */
  for (guint i = 0; i < 3; i++)
    g_assert_true (fixture_join (fixture, 2000) == first);

  other = fixture_join (fixture, 2000);
  g_assert_false (other == first);
  g_assert_true (fixture_join (fixture, 1000) == first);
  g_assert_true (fixture_join (fixture, 2000) == other);

  for (guint i = 0; i < N_MANY; i++)
    fixture_join (fixture, i % 4 * 1000);
  g_assert_cmpuint (wsm_lanes_get_n_lanes (fixture->lanes), <=, N_MANY / N_SHARED + 6);
}

/* What a lane is asked to do while the loop does not look at it. */
static void
test_sources_are_dispatched (Fixture       *fixture,
                             gconstpointer  data)
{
  WsmLane *lane;
  GSource *source;
  guint n_idle = 0;
  guint n_timeouts = 0;
  guint n_bytes = 0;
  int ends[2];

  fixture_fill_shared (fixture);
  lane = fixture_join (fixture, 0);
  make_pair (ends);

  attach (lane, g_idle_source_new (), count_cb, &n_idle);
  attach (lane, g_timeout_source_new (5), count_cb, &n_timeouts);
  source = attach (lane, g_unix_fd_source_new (ends[0], G_IO_IN), G_SOURCE_FUNC (count_fd_cb),
                   &n_bytes);
  WAIT_FOR (n_idle == 1 && n_timeouts == 1);
  g_assert_cmpuint (n_bytes, ==, 0);

  for (guint i = 1; i <= 3; i++)
    {
      g_assert_cmpint (write (ends[1], "x", 1), ==, 1);
      WAIT_FOR (n_bytes == i);
    }

  /* Nobody is told that a source is gone; nothing may come of it. */
  g_source_destroy (source);
  g_assert_cmpint (write (ends[1], "x", 1), ==, 1);
  test_loop_run_ms (20);
  g_assert_cmpuint (n_bytes, ==, 3);
  close (ends[0]);
  close (ends[1]);
}

typedef struct
{
  GMainContext *context; /* (unowned) */
  guint *n_calls;        /* (unowned) */
} Errand;

static gpointer
invoke_cb (gpointer user_data)
{
  Errand *errand = user_data;

  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (GSource) source = g_idle_source_new ();

      g_source_set_callback (source, count_cb, errand->n_calls, NULL);
      g_source_attach (source, errand->context);
    }

  return NULL;
}

/* As GIO does with the results of its threads. */
static void
test_other_threads_are_heard (Fixture       *fixture,
                              gconstpointer  data)
{
  guint n_calls = 0;
  Errand errand = { NULL, &n_calls };
  WsmLane *lane;
  GThread *thread;

  fixture_fill_shared (fixture);
  lane = fixture_join (fixture, 0);
  wsm_lane_enter (lane);
  errand.context = g_main_context_get_thread_default ();
  wsm_lane_leave (lane);
  test_loop_run_ms (20);

  thread = g_thread_new ("errand", invoke_cb, &errand);
  WAIT_FOR (n_calls == 100);
  g_thread_join (thread);
}

static gboolean
note_context_cb (gpointer user_data)
{
  GMainContext **context = user_data;

  *context = g_main_context_ref_thread_default ();

  return G_SOURCE_REMOVE;
}

static void
test_context_is_default (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (GMainContext) seen = NULL;
  GMainContext *own;
  WsmLane *lane;

  fixture_fill_shared (fixture);
  lane = fixture_join (fixture, 0);
  wsm_lane_enter (lane);
  own = g_main_context_get_thread_default ();
  wsm_lane_leave (lane);
  g_assert_nonnull (own);
  g_assert_null (g_main_context_get_thread_default ());

  attach (lane, g_idle_source_new (), note_context_cb, &seen);
  WAIT_FOR (seen != NULL);
  g_assert_true (seen == own);
}

/* A number goes from one lane to another before the first has said that it is done with it. */
static void
test_numbers_change_hands (Fixture       *fixture,
                           gconstpointer  data)
{
  WsmLane *lanes[2];
  guint n_bytes[2] = { 0, 0 };
  GSource *sources[2];
  int old[2];
  int new[2];

  fixture_fill_shared (fixture);
  lanes[0] = fixture_join (fixture, 0);
  for (guint i = 0; i < 4; i++)
    lanes[1] = fixture_join (fixture, 1000);
  g_assert_false (lanes[0] == lanes[1]);

  make_pair (old);
  sources[0] = attach (lanes[0], g_unix_fd_source_new (old[0], G_IO_IN),
                       G_SOURCE_FUNC (count_fd_cb), &n_bytes[0]);
  g_assert_cmpint (write (old[1], "x", 1), ==, 1);
  WAIT_FOR (n_bytes[0] == 1);

  g_source_destroy (sources[0]);
  close (old[0]);
  make_pair (new);
  g_assert_cmpint (new[0], ==, old[0]);
  sources[1] = attach (lanes[1], g_unix_fd_source_new (new[0], G_IO_IN),
                       G_SOURCE_FUNC (count_fd_cb), &n_bytes[1]);
  g_assert_cmpint (write (new[1], "x", 1), ==, 1);
  WAIT_FOR (n_bytes[1] == 1);

  /* The first lane looks again, and leaves the number alone. */
  wsm_lane_enter (lanes[0]);
  wsm_lane_leave (lanes[0]);
  test_loop_run_ms (20);
  g_assert_cmpint (write (new[1], "x", 1), ==, 1);
  WAIT_FOR (n_bytes[1] == 2);
  g_assert_cmpuint (n_bytes[0], ==, 1);

  g_source_destroy (sources[1]);
  close (new[0]);
  close (new[1]);
  close (old[1]);
}

/* Writes as libsoup does: from a source that is there as long as there is something to write. */
typedef struct
{
  gsize n_left;
} Writer;

static gboolean
write_fd_cb (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  static const char data[4096];
  Writer *writer = user_data;
  gssize n_written = write (fd, data, MIN (writer->n_left, sizeof data));

  if (n_written > 0)
    writer->n_left -= (gsize) n_written;
  else
    g_assert_cmpint (errno, ==, EAGAIN);

  return writer->n_left > 0;
}

static void
read_all (int fd)
{
  char buffer[65536];

  while (read (fd, buffer, sizeof buffer) > 0)
    continue;
}

static void
written_cb (gpointer user_data)
{
  guint *n_calls = user_data;

  (*n_calls)++;
}

static void
test_waits_until_written (Fixture       *fixture,
                          gconstpointer  data)
{
  Writer writer = { .n_left = 4 };
  WsmLaneWaiter waiter = { .func = written_cb };
  guint n_calls = 0;
  WsmLane *lane;
  int ends[2];

  fixture_fill_shared (fixture);
  g_assert_false (wsm_lane_wait (g_ptr_array_index (fixture->used, 0), &waiter));
  lane = fixture_join (fixture, 0);

  make_pair (ends);
  waiter.fd = ends[0];
  waiter.user_data = &n_calls;

  attach (lane, g_unix_fd_source_new (ends[0], G_IO_OUT), G_SOURCE_FUNC (write_fd_cb), &writer);
  g_assert_true (wsm_lane_wait (lane, &waiter));
  WAIT_FOR (n_calls == 1);
  g_assert_cmpuint (writer.n_left, ==, 0);

  /* More than the socket takes. */
  writer.n_left = 4 * 1024 * 1024;
  attach (lane, g_unix_fd_source_new (ends[0], G_IO_OUT), G_SOURCE_FUNC (write_fd_cb), &writer);
  g_assert_true (wsm_lane_wait (lane, &waiter));
  test_loop_run_ms (50);
  g_assert_cmpuint (n_calls, ==, 1);
  g_assert_cmpuint (writer.n_left, >, 0);

  while (writer.n_left > 0)
    {
      read_all (ends[1]);
      test_loop_run_ms (1);
    }
  WAIT_FOR (n_calls == 2);
  read_all (ends[1]);

  /* Who has stopped is not told. */
  writer.n_left = 4;
  attach (lane, g_unix_fd_source_new (ends[0], G_IO_OUT), G_SOURCE_FUNC (write_fd_cb), &writer);
  g_assert_true (wsm_lane_wait (lane, &waiter));
  wsm_lane_stop_waiting (lane, &waiter);
  WAIT_FOR (writer.n_left == 0);
  test_loop_run_ms (20);
  g_assert_cmpuint (n_calls, ==, 2);

  close (ends[0]);
  close (ends[1]);
}

/* A socket that cannot be written to wakes nobody. */
static void
test_full_socket_is_quiet (Fixture       *fixture,
                           gconstpointer  data)
{
  Writer writer = { .n_left = 4 * 1024 * 1024 };
  GSource *source;
  guint n_calls = 0;
  guint n_turns;
  WsmLane *lane;
  int ends[2];

  fixture_fill_shared (fixture);
  lane = fixture_join (fixture, 0);
  make_pair (ends);
  source = attach (lane, g_unix_fd_source_new (ends[0], G_IO_OUT), G_SOURCE_FUNC (write_fd_cb),
                   &writer);
  test_loop_run_ms (100);
  g_assert_cmpuint (writer.n_left, >, 0);

  g_timeout_add (100, count_cb, &n_calls);
  for (n_turns = 0; n_calls == 0; n_turns++)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_turns, <=, 3);

  g_source_destroy (source);
  close (ends[0]);
  close (ends[1]);
}

static gboolean
nest_cb (gpointer user_data)
{
  guint *n_bytes = user_data;

  WAIT_FOR (*n_bytes == 1);

  return G_SOURCE_REMOVE;
}

/* A handler of a SoupMessage that asks the user something goes on for as long as that takes. */
static void
test_nested_loop_serves_others (Fixture       *fixture,
                                gconstpointer  data)
{
  guint n_bytes = 0;
  WsmLane *lanes[2];
  GSource *source;
  int ends[2];

  fixture_fill_shared (fixture);
  lanes[0] = fixture_join (fixture, 0);
  for (guint i = 0; i < 4; i++)
    lanes[1] = fixture_join (fixture, 1000);
  make_pair (ends);
  source = attach (lanes[1], g_unix_fd_source_new (ends[0], G_IO_IN),
                   G_SOURCE_FUNC (count_fd_cb), &n_bytes);
  test_loop_run_ms (20);

  g_assert_cmpint (write (ends[1], "x", 1), ==, 1);
  attach (lanes[0], g_idle_source_new (), nest_cb, &n_bytes);
  WAIT_FOR (n_bytes == 1);

  g_source_destroy (source);
  close (ends[0]);
  close (ends[1]);
}

/* Keeps the processor busy, again and again. */
static gboolean
busy_cb (gpointer user_data)
{
  Fixture *fixture = user_data;

  test_loop_block_ms (1);

  return !fixture->is_over;
}

/* All lanes have always something to do, and a timer of the loop comes through all the same. */
static void
test_busy_lanes_leave_room (Fixture       *fixture,
                            gconstpointer  data)
{
  gint64 before_us;

  fixture_fill_shared (fixture);
  for (guint i = 0; i < N_MANY; i++)
    {
      WsmLane *lane = fixture_join (fixture, 0);

      if (i % N_SHARED == 0)
        attach (lane, g_timeout_source_new (0), busy_cb, fixture);
    }
  g_assert_cmpuint (wsm_lanes_get_n_lanes (fixture->lanes), >, 10);

  for (guint i = 0; i < 5; i++)
    {
      before_us = g_get_monotonic_time ();
      test_loop_run_ms (1);
      g_assert_cmpfloat (test_loop_ms_since (before_us), <, MAX_TURN_MS);
    }
  fixture->is_over = TRUE;
}

/* A lane stays for what is left in it, and goes then. */
static void
test_goes_when_empty (Fixture       *fixture,
                      gconstpointer  data)
{
  guint n_calls = 0;

  fixture_fill_shared (fixture);
  attach (fixture_join (fixture, 0), g_timeout_source_new (100), count_cb, &n_calls);
  fixture_leave (fixture, N_SHARED);

  test_loop_run_ms (50);
  g_assert_cmpuint (wsm_lanes_get_n_lanes (fixture->lanes), ==, 1);
  g_assert_cmpuint (n_calls, ==, 0);
  WAIT_FOR (wsm_lanes_get_n_lanes (fixture->lanes) == 0);
  g_assert_cmpuint (n_calls, ==, 1);
}

/* GLib would end the program. */
static void
test_without_descriptors (Fixture       *fixture,
                          gconstpointer  data)
{
  struct rlimit room;
  struct rlimit limit;
  int next;

  fixture_fill_shared (fixture);
  next = fcntl (STDIN_FILENO, F_DUPFD, 0);
  close (next);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &room), ==, 0);
  limit = room;

  for (guint i = 0; i < 4; i++)
    {
      limit.rlim_cur = (rlim_t) next + i;
      g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
      g_assert_true (fixture_join (fixture, 0) == g_ptr_array_index (fixture->used, 0));
    }
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &room), ==, 0);
  g_assert_cmpuint (wsm_lanes_get_n_lanes (fixture->lanes), ==, 0);
  fixture_join (fixture, 0);
  g_assert_cmpuint (wsm_lanes_get_n_lanes (fixture->lanes), ==, 1);
}

/* Most descriptors are for sockets. */
static void
test_scarce_lanes (Fixture       *fixture,
                   gconstpointer  data)
{
  struct rlimit room;
  struct rlimit limit;
  guint most = 0;

  fixture_fill_shared (fixture);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &room), ==, 0);
  limit = room;
  limit.rlim_cur = 256;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  for (guint i = 0; i < N_MANY; i++)
    fixture_join (fixture, i % 10 * 1000);
  g_assert_cmpuint (wsm_lanes_get_n_lanes (fixture->lanes), ==, 4);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &room), ==, 0);

  /* Each has its share of them. */
  for (guint i = N_SHARED; i < fixture->used->len; i++)
    {
      guint n = 0;

      for (guint j = N_SHARED; j < fixture->used->len; j++)
        n += g_ptr_array_index (fixture->used, i) == g_ptr_array_index (fixture->used, j);
      most = MAX (most, n);
    }
  g_assert_cmpuint (most, ==, N_MANY / 4);
}

/* Nobody runs the context any more. */
static void
test_context_goes_first (void)
{
  GMainContext *context = g_main_context_new ();
  g_autoptr (WsmClock) clock = wsm_system_clock_new ();
  WsmLanes *lanes;
  WsmLane *kept;
  guint n_calls = 0;

  g_main_context_push_thread_default (context);
  lanes = wsm_lanes_new (context, clock);
  for (guint i = 0; i <= N_SHARED; i++)
    {
      g_autoptr (WsmLane) lane = wsm_lanes_choose (lanes, 0);

      wsm_lane_join (lane);
      attach (lane, g_timeout_source_new (1000), count_cb, &n_calls);
    }
  g_assert_cmpuint (wsm_lanes_get_n_lanes (lanes), ==, 1);
  for (guint i = 0; i < N_SHARED; i++)
    {
      kept = wsm_lanes_choose (lanes, 0);
      wsm_lane_join (kept);
      wsm_lane_unref (kept);
    }
  kept = wsm_lanes_choose (lanes, 0);
  g_assert_cmpuint (wsm_lanes_get_n_lanes (lanes), ==, 2);
  g_main_context_pop_thread_default (context);
  wsm_lanes_end (lanes);
  g_main_context_unref (context);

  /* What was still used goes with its last user, and the lanes with it, who have the clock. */
  wsm_lane_unref (kept);
  g_assert_finalize_object (g_steal_pointer (&clock));
}

#define ADD(path, func) \
  g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/lanes/a-few-live-in-the-pool's-context", test_few_share);
  ADD ("/lanes/who-beats-together-shares", test_who_beats_together);
  ADD ("/lanes/sources-are-dispatched", test_sources_are_dispatched);
  ADD ("/lanes/other-threads-are-heard", test_other_threads_are_heard);
  ADD ("/lanes/its-context-is-the-default", test_context_is_default);
  ADD ("/lanes/numbers-change-hands", test_numbers_change_hands);
  ADD ("/lanes/waits-until-all-is-written", test_waits_until_written);
  ADD ("/lanes/a-full-socket-is-quiet", test_full_socket_is_quiet);
  ADD ("/lanes/a-nested-loop-serves-others", test_nested_loop_serves_others);
  ADD ("/lanes/busy-ones-leave-room", test_busy_lanes_leave_room);
  ADD ("/lanes/goes-when-empty", test_goes_when_empty);
  ADD ("/lanes/without-descriptors-all-share", test_without_descriptors);
  ADD ("/lanes/scarce-ones-take-in-everybody", test_scarce_lanes);
  g_test_add_func ("/lanes/context-goes-first", test_context_goes_first);

  return g_test_run ();
}
