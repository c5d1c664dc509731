/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include <sys/resource.h>
#include <time.h>

#include "child-server.h"
#include "matrix.h"
#include "scene.h"
#include "test-loop.h"
#include "test-process.h"

/* What many connections do to each other and to their server. */

/* Hosts that accept and say nothing, one attempt after the other, and one that is well. */
#define N_SILENT 50
#define SILENT_GAP_MS 20
#define HEALTHY_MS 500

#define MANY 10000

/* The server is away for so long, and delays grow up to so much. */
#define AWAY_MS 2000
#define MAX_DELAY_MS 4000
#define MAX_SHARE 0.4
#ifdef __SANITIZE_ADDRESS__
/* Which takes three times as long. */
#define MAX_WAKE_UP_MS 150.0
#else
#define MAX_WAKE_UP_MS 50.0
#endif

/* How long it takes to open them in the first place is not what is looked at here. */
#define PATIENCE_MS (110 * 1000)

/* The longest that the loop computed without looking at its sockets and timers, whatever else the
 * machine had to do meanwhile. */
static gint64 woken_us;
static gint64 longest_us;

/* One that is up to ten thousand. */
static const char *crowd_server;

static gint64
get_computed_us (void)
{
  struct timespec now;

  g_assert_cmpint (clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now), ==, 0);

  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static int
poll_cb (GPollFD *fds,
         guint    n_fds,
         int      timeout_ms)
{
  int result;

  if (woken_us != 0)
    longest_us = MAX (longest_us, get_computed_us () - woken_us);
  result = g_poll (fds, n_fds, timeout_ms);
  woken_us = get_computed_us ();

  return result;
}

static void
forget_wake_ups (void)
{
  woken_us = 0;
  longest_us = 0;
}

/* What libsoup and GIO say of each frame would take longer to print than what is measured. */
static void
log_cb (const char     *domain,
        GLogLevelFlags  level,
        const char     *message,
        gpointer        user_data)
{
  if ((level & G_LOG_LEVEL_DEBUG) == 0)
    g_log_default_handler (domain, level, message, user_data);
}

static void
test_silent_hosts (void)
{
  g_autoptr (GSocket) silent = NULL;
  g_autoptr (GInetAddress) any = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (any, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;
  Scene *scene = scene_new ();
  Witness *healthy;
  gint64 begun_us;
  double elapsed_ms;

  /* The kernel accepts for it; nobody reads, and nobody answers. */
  silent = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_set_listen_backlog (silent, 2 * N_SILENT);
  g_assert_true (g_socket_bind (silent, wanted, TRUE, &error));
  g_assert_true (g_socket_listen (silent, &error));
  bound = g_socket_get_local_address (silent, &error);
  g_assert_no_error (error);

  scene_add_path (scene, "/healthy");
  for (guint i = 0; i < N_SILENT; i++)
    {
      g_autofree char *uri =
        g_strdup_printf ("ws://127.0.1.%u:%u/", i + 1,
                         g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));

      scene_add_uri (scene, uri);
      test_loop_run_ms (SILENT_GAP_MS);
    }

  begun_us = g_get_monotonic_time ();
  healthy = scene_add (scene, "/healthy");
  WAIT_FOR (witness_is_in (healthy, WSM_STATE_OPEN));
  elapsed_ms = test_loop_ms_since (begun_us);
  g_assert_cmpfloat (elapsed_ms, <, HEALTHY_MS);
  g_assert_cmpuint (wsm_pool_get_n_open (scene->pool), ==, 1);

  matrix_measured ("F4", "beside %u silent addresses, begun %u ms apart: open after %.0f ms",
                   N_SILENT, SILENT_GAP_MS, elapsed_ms);

  witness_free (healthy);
  g_assert_finalize_object (g_steal_pointer (&scene->pool));
  g_clear_object (&silent);
  scene_free (scene);
}

/* The longest delays that chance could have picked, one after the other. */
static void
note_bound_cb (WsmConnection *connection,
               WsmReason     *reason,
               gboolean       will_retry,
               GString       *bounds)
{
  g_assert_true (will_retry);
  g_string_append_printf (bounds, "%u ", wsm_reason_get_delay_bound (reason));
}

static void
test_hangs_up (void)
{
  g_autoptr (WsmBackoff) backoff = NULL;
  g_autoptr (GString) bounds = g_string_new (NULL);
  Scene *scene = scene_new ();
  WsmEchoPath *path = scene_add_path (scene, "/hangs-up");
  Witness *witness;
  gint64 begun_us;

  backoff = g_object_new (WSM_TYPE_BACKOFF,
                          "initial", 100,
                          "max", 800,
                          "stable-after", 400,
                          NULL);
  wsm_pool_set_backoff (scene->pool, backoff);
  g_object_set (path, "drop-after-ms", 20, NULL);

  begun_us = g_get_monotonic_time ();
  witness = scene_add (scene, "/hangs-up");
  g_signal_connect (witness->connection, "disconnected", G_CALLBACK (note_bound_cb), bounds);
  WAIT_FOR (witness->n_disconnected == 6);
  g_assert_cmpstr (bounds->str, ==, "100 200 400 800 800 800 ");
  g_assert_cmpuint (scene_get (path, "n-opened"), ==, 6);
  matrix_measured ("F39", "6 sockets that each opened and ended in %.1f s: delays of at most %sms",
                   test_loop_ms_since (begun_us) / 1000.0, bounds->str);

  /* A second of health, and it is all forgotten. */
  g_string_truncate (bounds, 0);
  g_object_set (path, "drop-after-ms", 0, NULL);
  WAIT_FOR (witness->n_opened == 7);
  test_loop_run_ms (400 + SCENE_SLACK_MS);
  g_assert_cmpuint (wsm_connection_get_attempt (witness->connection), ==, 1);
  wsm_echo_path_drop_all (path);
  WAIT_FOR (witness->n_disconnected == 7);
  g_assert_cmpstr (bounds->str, ==, "100 ");

  witness_free (witness);
  scene_free (scene);
}

/* Many that lose one server. */

typedef struct
{
  ChildServer *server; /* (owned) */
  WsmPool *pool;       /* (owned) */
  GAsyncQueue *over;   /* (owned): for the thread that started the server */
  GArray *attempts_us; /* (owned) (element-type gint64) */
  guint n_sockets; /* open before there was a pool */
  guint n_lost;
  gint64 returned_us;
} Fleet;

static void
state_changed_cb (WsmPool       *pool,
                  WsmConnection *connection,
                  Fleet         *fleet)
{
  gint64 now_us = g_get_monotonic_time ();

  if (wsm_connection_get_state (connection) == WSM_STATE_CONNECTING)
    g_array_append_val (fleet->attempts_us, now_us);
}

static void
disconnected_cb (Fleet *fleet)
{
  fleet->n_lost++;
}

static guint
find_busiest_second (GArray *attempts_us)
{
  guint most = 0;
  guint first = 0;

  for (guint i = 0; i < attempts_us->len; i++)
    {
      while (g_array_index (attempts_us, gint64, first) + G_USEC_PER_SEC <=
             g_array_index (attempts_us, gint64, i))
        first++;
      most = MAX (most, i - first + 1);
    }

  return most;
}

/* So that the loop goes on meanwhile. */
static gpointer
restart_cb (gpointer user_data)
{
  Fleet *fleet = user_data;

  child_server_restart (fleet->server);
  fleet->returned_us = g_get_monotonic_time ();
  /* The server goes when the thread that started it does. */
  g_async_queue_pop (fleet->over);

  return NULL;
}

static void
fleet_open (Fleet      *self,
            guint       n_connections,
            const char *server_program)
{
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF, "max", MAX_DELAY_MS, NULL);
  g_autofree char *uri = NULL;

  self->server =
    server_program != NULL ? child_server_new_from (server_program) : child_server_new ("/a", NULL);
  self->over = g_async_queue_new ();
  self->attempts_us = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->n_sockets = test_process_count_sockets ();
  self->pool = wsm_pool_new ();
  wsm_pool_set_backoff (self->pool, backoff);

  uri = child_server_make_uri (self->server, "/a");
  for (guint i = 0; i < n_connections; i++)
    {
      WsmConnection *connection = wsm_pool_add (self->pool, uri, NULL);

      g_signal_connect_swapped (connection, "disconnected", G_CALLBACK (disconnected_cb), self);
    }
  WAIT_WITHIN (wsm_pool_get_n_open (self->pool) == n_connections, PATIENCE_MS);
}

static void
fleet_end (Fleet *self)
{
  g_assert_finalize_object (g_steal_pointer (&self->pool));
  /* Counting many takes longer than a turn of the loop. */
  for (guint i = 0; i < 50 && test_process_count_sockets () > self->n_sockets; i++)
    test_loop_run_ms (200);
  g_assert_cmpuint (test_process_count_sockets (), <=, self->n_sockets);
  g_array_unref (self->attempts_us);
  g_async_queue_unref (self->over);
  child_server_free (self->server);
}

static void
test_restart (guint       n_connections,
              guint       within_ms,
              const char *server_program)
{
  Fleet fleet = { NULL };
  GThread *thread;
  gint64 killed_us;
  double lost_ms;
  double back_ms;
  double longest_ms;
  double share;

  forget_wake_ups ();
  fleet_open (&fleet, n_connections, server_program);
  g_signal_connect (fleet.pool, "connection-state-changed", G_CALLBACK (state_changed_cb), &fleet);

  child_server_kill (fleet.server);
  killed_us = g_get_monotonic_time ();
  WAIT_FOR (fleet.n_lost == n_connections);
  lost_ms = test_loop_ms_since (killed_us);
  while (test_loop_ms_since (killed_us) < AWAY_MS)
    test_loop_turn ();
  g_assert_cmpuint (wsm_pool_get_n_open (fleet.pool), ==, 0);

  thread = g_thread_new ("restart", restart_cb, &fleet);
  WAIT_WITHIN (wsm_pool_get_n_open (fleet.pool) == n_connections, PATIENCE_MS);
  back_ms = test_loop_ms_since (fleet.returned_us);
  g_async_queue_push (fleet.over, &fleet);
  g_thread_join (thread);

  longest_ms = (double) longest_us / 1000.0;
  share = (double) find_busiest_second (fleet.attempts_us) / fleet.attempts_us->len;
  matrix_measured ("F40", "%u lost within %.1f s, and back %.1f s after their server; %u attempts, "
                   "%.0f %% in the busiest second; longest wake-up %.0f ms",
                   n_connections, lost_ms / 1000.0, back_ms / 1000.0, fleet.attempts_us->len,
                   share * 100.0, longest_ms);
  g_assert_cmpfloat (back_ms, <=, within_ms);
  g_assert_cmpfloat (share, <=, MAX_SHARE);
  g_assert_cmpfloat (longest_ms, <=, MAX_WAKE_UP_MS);
  g_assert_cmpuint (fleet.n_lost, ==, n_connections);

  fleet_end (&fleet);
}

static void
test_thousand (void)
{
  test_restart (1000, 6000, NULL);
}

/* The server is another process; both ends of a thousand need two thousand descriptors. */
static guint64
raise_descriptor_limit (void)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);

  return limit.rlim_cur;
}

static void
test_ten_thousand (void)
{
  if (raise_descriptor_limit () < MANY + 100)
    {
      g_test_skip ("ten thousand: this process may not have so many descriptors");
      return;
    }
  if (!g_test_slow ())
    {
      g_test_skip ("ten thousand: takes a minute; run with -m slow");
      return;
    }

  test_restart (MANY, 20000, crowd_server);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  child_server_set_program (argv[1]);
  crowd_server = argv[3];
  raise_descriptor_limit ();
  g_log_set_default_handler (log_cb, NULL);
  g_main_context_set_poll_func (NULL, poll_cb);

  g_test_add_func ("/matrix/f04-silent-hosts-delay-nobody", test_silent_hosts);
  g_test_add_func ("/matrix/f39-hangs-up", test_hangs_up);
  g_test_add_func ("/matrix/f40-all-come-back", test_thousand);
  g_test_add_func ("/matrix/f40-ten-thousand-come-back", test_ten_thousand);

  return g_test_run ();
}
