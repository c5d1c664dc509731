/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "child-server.h"
#include "matrix.h"
#include "scene.h"
#include "test-loop.h"
#include "test-process.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/* Time that the app, the machine or somebody with a clock takes away, or gives. */

#define INTERVAL_MS 200
#define TIMEOUT_MS 100
#define SLEEP_MS (8 * 3600 * 1000)
#define DAY_S (24 * 3600)

/* Clocks as this process sees them, the library included. */
static struct
{
  gint64 asleep_ms;    /* more than the machine's */
  gint64 wall_s;       /* likewise */
  gboolean has_timers; /* descriptors, that is */
} clocks = { .has_timers = TRUE };

int
clock_gettime (clockid_t        clock,
               struct timespec *time)
{
  static int (*real) (clockid_t, struct timespec *) = NULL;
  int result;

  if (real == NULL)
    real = (int (*) (clockid_t, struct timespec *)) dlsym (RTLD_NEXT, "clock_gettime");
  result = real (clock, time);
  if (clock == CLOCK_BOOTTIME)
    time->tv_sec += clocks.asleep_ms / 1000;
  else if (clock == CLOCK_REALTIME)
    time->tv_sec += clocks.wall_s;

  return result;
}

int
gettimeofday (struct timeval *restrict time,
              void *restrict           zone)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;

  return 0;
}

int
timerfd_create (int clock,
                int flags)
{
  static int (*real) (int, int) = NULL;

  if (real == NULL)
    real = (int (*) (int, int)) dlsym (RTLD_NEXT, "timerfd_create");
  if (!clocks.has_timers)
    {
      errno = EMFILE;
      return -1;
    }

  return real (clock, flags);
}

/* Sets the machine's wall clock forth and back by a microsecond, which the kernel takes for jumps
 * as it takes waking up for one. */
static gboolean
jog_wall_clock (void)
{
  struct timex forth = { .modes = ADJ_SETOFFSET, .time = { 0, 1 } };
  struct timex back = { .modes = ADJ_SETOFFSET, .time = { -1, 999999 } };

  if (adjtimex (&forth) < 0)
    {
      g_test_skip ("this process may not set the clock, not even by a microsecond");
      return FALSE;
    }

  return adjtimex (&back) >= 0;
}

typedef struct
{
  ChildServer *server; /* (owned) */
  Scene *scene;        /* (owned) */
  Witness *witness;    /* (owned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autofree char *uri = NULL;

  clocks.has_timers = TRUE;
  fixture->server = child_server_new ("/a", NULL);
  uri = child_server_make_uri (fixture->server, "/a");
  fixture->scene = scene_new ();
  scene_beat_strictly (fixture->scene, INTERVAL_MS, TIMEOUT_MS);
  fixture->witness = scene_open_uri (fixture->scene, uri);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  witness_free (fixture->witness);
  scene_free (fixture->scene);
  child_server_free (fixture->server);
  clocks.asleep_ms = 0;
  clocks.wall_s = 0;
}

/* F42. The server is another process, and awake all the time. */

#define BLOCKED_MS 1500

static void
assert_unharmed (Fixture *fixture)
{
  WsmConnection *connection = fixture->witness->connection;

  witness_forget (fixture->witness);
  WAIT_FOR (fixture->witness->n_beats >= 3);
  witness_assert_log (fixture->witness, "");
  g_assert_cmpfloat (wsm_latency_get_loss (wsm_connection_get_latency (connection)), ==, 0);
}

static void
block_cb (WsmConnection *connection,
          guint64        sequence,
          double         round_trip_ms,
          guint         *n_blocked)
{
  (*n_blocked)++;
  test_loop_block_ms (*n_blocked == 1 ? BLOCKED_MS : 2 * (INTERVAL_MS + TIMEOUT_MS));
}

static void
test_handler_blocks (Fixture       *fixture,
                     gconstpointer  data)
{
  guint n_blocked = 0;
  gulong handler;

  handler = g_signal_connect (fixture->witness->connection, "beat", G_CALLBACK (block_cb),
                              &n_blocked);
  WAIT_FOR (n_blocked == 3);
  g_signal_handler_disconnect (fixture->witness->connection, handler);
  witness_assert_log (fixture->witness, "");
  assert_unharmed (fixture);
  matrix_measured ("F42", "%u handlers of up to %d ms, with %d ms between beats and %d to answer: "
                   "nobody even suspect", n_blocked, BLOCKED_MS, INTERVAL_MS, TIMEOUT_MS);
}

/* Somebody has to wake it up again. */
static void
stop_itself (guint milliseconds)
{
  g_autofree char *line = g_strdup_printf ("sleep %u.%03u; kill -CONT %d", milliseconds / 1000,
                                           milliseconds % 1000, getpid ());
  const char *arguments[] = { "/bin/sh", "-c", line, NULL };
  g_autoptr (GSubprocess) waker = NULL;
  g_autoptr (GError) error = NULL;

  waker = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_NONE, &error);
  g_assert_no_error (error);
  raise (SIGSTOP);
  g_subprocess_wait (waker, NULL, NULL);
}

static void
test_process_is_stopped (Fixture       *fixture,
                         gconstpointer  data)
{
  guint64 n_beats;
  gint64 before_us;
  double stopped_ms = 0;

  /* Once with a beat out, once without. */
  for (guint i = 0; i < 2; i++)
    {
      n_beats = wsm_connection_get_n_beats_sent (fixture->witness->connection);
      WAIT_FOR (wsm_connection_get_n_beats_sent (fixture->witness->connection) > n_beats);
      test_loop_run_ms (i * TIMEOUT_MS);
      before_us = g_get_monotonic_time ();
      stop_itself (BLOCKED_MS);
      stopped_ms = MAX (stopped_ms, test_loop_ms_since (before_us));
    }
  g_assert_cmpfloat (stopped_ms, >=, BLOCKED_MS);
  test_loop_run_ms (2 * INTERVAL_MS);
  witness_assert_log (fixture->witness, "");
  assert_unharmed (fixture);
  matrix_measured ("F42", "the process stopped for %.0f ms: nobody even suspect", stopped_ms);
}

/* F43. */

/* How late it may notice, and say so. */
#define NOTICE_MS 50

/* One that is there, one that is not any more, one that waits for a day. */
typedef struct
{
  Fixture *fixture;      /* (unowned) */
  WsmHeartbeat *rare;    /* (owned) */
  ChildServer *silent;   /* (owned) */
  Witness *there;        /* (owned) */
  Witness *gone;         /* (owned) */
  Witness *waiting;      /* (owned) */
} Night;

static void
night_begin (Night   *self,
             Fixture *fixture)
{
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", DAY_S * 1000,
                                                 "max", DAY_S * 1000, NULL);
  g_autofree char *uri = child_server_make_uri (fixture->server, "/a");
  g_autofree char *silent_uri = NULL;

  *self = (Night) { .fixture = fixture };
  self->rare = g_object_new (WSM_TYPE_HEARTBEAT, "interval", DAY_S * 1000, "timeout", 600,
                             "max-missed", 3, NULL);
  self->silent = child_server_new ("/a", NULL);
  silent_uri = child_server_make_uri (self->silent, "/a");
  wsm_pool_set_heartbeat (fixture->scene->pool, self->rare);
  wsm_pool_set_backoff (fixture->scene->pool, backoff);
  self->there = scene_open_uri (fixture->scene, uri);
  self->gone = scene_open_uri (fixture->scene, silent_uri);
  self->waiting = witness_new (scene_add_uri (fixture->scene, "ws://127.0.0.1:1/"));
  WAIT_FOR (witness_is_in (self->waiting, WSM_STATE_WAITING));
  witness_forget (self->waiting);
  child_server_stop (self->silent);
}

static void
night_end (Night *self)
{
  child_server_continue (self->silent);
  witness_free (self->there);
  witness_free (self->gone);
  witness_free (self->waiting);
  child_server_free (self->silent);
  g_object_unref (self->rare);
}

static void
test_machine_sleeps (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autofree char *text = NULL;
  double asked_ms, noticed_ms;
  gint64 woke_us;
  Night night;

  night_begin (&night, fixture);
  clocks.asleep_ms += SLEEP_MS;
  woke_us = g_get_monotonic_time ();
  if (!jog_wall_clock ())
    {
      night_end (&night);
      return;
    }
  WAIT_FOR (night.there->n_beats == 1);
  asked_ms = test_loop_ms_since (woke_us);
  g_assert_cmpfloat (asked_ms, <, NOTICE_MS);
  text = wsm_reason_to_string (wsm_connection_get_reason (night.there->connection));
  g_assert_cmpstr (text, ==,
                   "woke-up: the machine slept for 8.0 h; asking the peer for a sign of life");
  WAIT_WITHIN (night.waiting->entered_us[WSM_STATE_CONNECTING] > woke_us, NOTICE_MS);

  WAIT_FOR (night.gone->n_disconnected == 1);
  noticed_ms = test_loop_ms_since (woke_us);
  g_assert_cmpfloat (noticed_ms, <, wsm_heartbeat_get_timeout (night.rare) + 100);
  witness_assert_log (night.there, "");
  witness_assert_log (fixture->witness, "");
  matrix_measured ("F43", "8 h of sleep: asked after %.1f ms, dead %.0f ms after waking up, with "
                   "%u ms to answer", asked_ms, noticed_ms, wsm_heartbeat_get_timeout (night.rare));
  night_end (&night);
}

/* Then the next beat of anybody in the loop notices. */
static void
test_machine_sleeps_unheard (Fixture       *fixture,
                             gconstpointer  data)
{
  double noticed_ms;
  gint64 woke_us;
  Night night;

  clocks.has_timers = FALSE;
  wsm_pool_set_watch_environment (fixture->scene->pool, FALSE);
  wsm_pool_set_watch_environment (fixture->scene->pool, TRUE);
  g_assert_cmpuint (test_process_count_timers (), ==, 0);
  night_begin (&night, fixture);
  clocks.asleep_ms += SLEEP_MS;
  woke_us = g_get_monotonic_time ();
  WAIT_FOR (night.there->n_beats == 1);
  noticed_ms = test_loop_ms_since (woke_us);
  g_assert_cmpfloat (noticed_ms, <, INTERVAL_MS + NOTICE_MS);
  WAIT_FOR (night.gone->n_disconnected == 1);
  matrix_measured ("F43", "8 h of sleep without a timer descriptor: asked after %.0f ms, with %d "
                   "ms from beat to beat of another connection", noticed_ms, INTERVAL_MS);
  night_end (&night);
}

static void
test_wall_clock_jumps (Fixture       *fixture,
                       gconstpointer  data)
{
  const int jumps_s[] = { DAY_S, -2 * DAY_S, DAY_S };
  guint64 n_beats, n_intervals;
  gboolean is_possible = TRUE;
  gint64 before_us;
  Night night;

  night_begin (&night, fixture);
  before_us = g_get_monotonic_time ();
  n_beats = wsm_connection_get_n_beats_sent (fixture->witness->connection);
  for (guint i = 0; i < G_N_ELEMENTS (jumps_s) && is_possible; i++)
    {
      clocks.wall_s += jumps_s[i];
      is_possible = jog_wall_clock ();
      test_loop_run_ms (400);
    }
  n_intervals = (guint64) test_loop_ms_since (before_us) / INTERVAL_MS;
  n_beats = wsm_connection_get_n_beats_sent (fixture->witness->connection) - n_beats;
  if (is_possible)
    {
      g_assert_cmpuint (n_beats, >=, n_intervals - 1);
      g_assert_cmpuint (n_beats, <=, n_intervals + 1);
      witness_assert_log (fixture->witness, "");
      witness_assert_log (night.there, "");
      witness_assert_log (night.gone, "");
      witness_assert_log (night.waiting, "");
      g_assert_cmpuint (wsm_connection_get_n_beats_sent (night.there->connection), ==, 0);
      matrix_measured ("F43", "the wall clock set by a day forth and back: no beat more or less, "
                       "%" G_GUINT64_FORMAT " in %" G_GUINT64_FORMAT " intervals", n_beats,
                       n_intervals);
    }
  night_end (&night);
}

/* F44. */

static void
set_rhythm (Fixture *fixture,
            guint    interval_ms,
            guint    timeout_ms)
{
  g_autoptr (WsmHeartbeat) heartbeat = scene_make_beat (interval_ms, timeout_ms);

  wsm_connection_set_heartbeat (fixture->witness->connection, heartbeat);
}

/* Its next beat comes within the interval, and the window in which neighbours share a wake-up. */
static void
assert_next_beat (Fixture *fixture,
                  guint    interval_ms)
{
  gint64 next_us = wsm_connection_get_next_beat_at (fixture->witness->connection);
  double wait_ms = -test_loop_ms_since (next_us);

  g_assert_cmpfloat (wait_ms, >, -SCENE_SLACK_MS);
  g_assert_cmpfloat (wait_ms, <=, interval_ms + MIN (interval_ms / 20, 250));
}

static void
test_rhythm_changes (Fixture       *fixture,
                     gconstpointer  data)
{
  const guint good_ms[] = { 10, 25 * 1000, DAY_S * 1000, 500, 37 };
  const guint bad_ms[] = { 0, 1, DAY_S * 1000 + 1, G_MAXUINT };
  WsmConnection *connection = fixture->witness->connection;
  guint64 n_beats;
  guint n_changes = 0;
  gint64 from_us;
  double rate;

  /* At all times, with a beat out or not; timeouts longer than the interval among them. */
  for (guint i = 0; i < 200; i++)
    {
      guint interval_ms = good_ms[i % G_N_ELEMENTS (good_ms)];

      set_rhythm (fixture, interval_ms, 1000 + i);
      n_changes++;
      assert_next_beat (fixture, interval_ms);
      if (i % 7 == 0)
        {
          wsm_connection_pause (connection);
          g_assert_cmpint (wsm_connection_get_next_beat_at (connection), ==, 0);
          if (i % 2 == 0)
            test_loop_turn ();
          wsm_connection_resume (connection);
          assert_next_beat (fixture, interval_ms);
        }
      test_loop_run_ms (i % 11);
    }

  /* What cannot be is refused, and the old one stays. */
  set_rhythm (fixture, 50, 5000);
  for (guint i = 0; i < G_N_ELEMENTS (bad_ms); i++)
    {
      g_test_expect_message ("libwsmulti", G_LOG_LEVEL_CRITICAL, "*interval*");
      set_rhythm (fixture, bad_ms[i], 1000);
      g_test_assert_expected_messages ();
      assert_next_beat (fixture, 50);
    }

  /* A timer that was left behind would beat, too. */
  from_us = g_get_monotonic_time ();
  n_beats = wsm_connection_get_n_beats_sent (connection);
  test_loop_run_ms (1000);
  rate = (double) (wsm_connection_get_n_beats_sent (connection) - n_beats) * 50 /
         test_loop_ms_since (from_us);
  g_assert_cmpfloat (rate, >=, 0.8);
  g_assert_cmpfloat (rate, <=, 1.1);
  witness_assert_log (fixture->witness, "");

  n_beats = wsm_connection_get_n_beats_sent (connection);
  wsm_connection_pause (connection);
  test_loop_run_ms (200);
  g_assert_cmpuint (wsm_connection_get_n_beats_sent (connection), ==, n_beats);
  wsm_pool_remove (fixture->scene->pool, connection);
  WAIT_WITHIN (scene_is_deserted (fixture->scene), SCENE_RELEASE_MS);
  matrix_measured ("F44", "%u changes while pinging, %u refused: %.2f beats an interval after "
                   "them, nothing left in the loop", n_changes, (guint) G_N_ELEMENTS (bad_ms),
                   rate);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  child_server_set_program (argv[1]);

#define ADD(path, func) g_test_add ("/matrix/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("f42-handler-blocks", test_handler_blocks);
  ADD ("f42-process-is-stopped", test_process_is_stopped);
  ADD ("f43-machine-sleeps", test_machine_sleeps);
  ADD ("f43-machine-sleeps-unheard", test_machine_sleeps_unheard);
  ADD ("f43-wall-clock-jumps", test_wall_clock_jumps);
  ADD ("f44-rhythm-changes", test_rhythm_changes);
#undef ADD

  return g_test_run ();
}
