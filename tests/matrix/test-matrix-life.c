/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child-server.h"
#include "matrix.h"
#include "scene.h"
#include "test-loop.h"
#include "wsm-faults.h"

/* The rows about what a process and its app do to a connection: what it lacks, and when it ends
 * what has only begun. */

/* F46 */

#define N_HUNGRY 60
#define N_SPARE 20
#define WATCH_MS 2000

typedef struct
{
  guint n_turns;
  guint n_attempts;
} Effort;

static void
note_attempt_cb (WsmConnection *connection,
                 GParamSpec    *pspec,
                 Effort        *effort)
{
  if (wsm_connection_get_state (connection) == WSM_STATE_CONNECTING)
    effort->n_attempts++;
}

/* How often the loop turns, and how often it is tried, in a while. */
static void
watch_effort (Effort *effort,
              guint   duration_ms)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) duration_ms * 1000;
  g_autoptr (GSource) end = g_timeout_source_new (duration_ms);

  g_source_set_callback (end, G_SOURCE_FUNC (g_main_context_wakeup), NULL, NULL);
  g_source_attach (end, NULL);
  effort->n_attempts = 0;
  for (effort->n_turns = 0; g_get_monotonic_time () < end_us; effort->n_turns++)
    g_main_context_iteration (NULL, TRUE);
  g_source_destroy (end);
}

static guint
count_in_want (WsmPool *pool)
{
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (pool)); i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (G_LIST_MODEL (pool), i);

      if (wsm_connection_get_state (connection) == WSM_STATE_WAITING)
        {
          g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (connection)), ==,
                           WSM_REASON_CODE_NO_RESOURCES);
          n++;
        }
    }

  return n;
}

/* Opens more than there is room for, looks on, and makes room. */
static void
starve (const char *uri,
        const char *what,
        void      (*make_room) (void))
{
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF,
                                                 "initial", 200, "max", 400,
                                                 NULL);
  g_autoptr (WsmPool) pool = wsm_pool_new ();
  Effort effort = { 0 };
  guint n_open;

  wsm_pool_set_backoff (pool, backoff);
  for (guint i = 0; i < N_HUNGRY; i++)
    g_signal_connect (wsm_pool_add (pool, uri, NULL), "notify::state",
                      G_CALLBACK (note_attempt_cb), &effort);
  test_loop_run_ms (500);
  n_open = wsm_pool_get_n_open (pool);
  g_assert_cmpuint (n_open, >, 0);
  g_assert_cmpuint (n_open, <, N_HUNGRY);

  /* Full jitter between 100 and 400 ms: five attempts a second each, twenty at the very most. */
  watch_effort (&effort, WATCH_MS);
  g_assert_cmpuint (count_in_want (pool), >, 0);
  g_assert_cmpuint (wsm_pool_get_n_open (pool), ==, n_open);
  g_assert_cmpuint (effort.n_attempts, >, 0);
  g_assert_cmpuint (effort.n_attempts, <, (N_HUNGRY - n_open) * WATCH_MS / 100);
  g_assert_cmpuint (effort.n_turns, <, 20 * effort.n_attempts + 200);
  matrix_measured ("F46", "%s: %u of %u open, the others wait with `no-resources`; %u attempts and "
                   "%u turns of the loop in %.0f s; all open when there is room", what, n_open,
                   N_HUNGRY, effort.n_attempts, effort.n_turns, WATCH_MS / 1000.0);

  make_room ();
  WAIT_FOR (wsm_pool_get_n_open (pool) == N_HUNGRY);
  g_assert_finalize_object (g_steal_pointer (&pool));
  test_loop_run_ms (100);
}

static struct rlimit room;

static void
raise_limit (void)
{
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &room), ==, 0);
}

static guint
find_free_descriptor (void)
{
  int descriptor = fcntl (STDIN_FILENO, F_DUPFD, 0);

  g_assert_cmpint (descriptor, >=, 0);
  close (descriptor);

  return (guint) descriptor;
}

static void
test_descriptors (void)
{
  g_autoptr (ChildServer) server = child_server_new ("/", NULL);
  g_autofree char *uri = child_server_make_uri (server, "/");
  Scene *warm = scene_new ();
  struct rlimit limit;

  scene_free (warm);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &room), ==, 0);
  limit = room;
  limit.rlim_cur = find_free_descriptor () + N_SPARE;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  starve (uri, "descriptors", raise_limit);
}

/* A network of its own, with one interface. */
static gboolean
enter_network (void)
{
  struct ifreq request = { 0 };
  gboolean is_up;
  int descriptor;

  if (unshare (CLONE_NEWNET) != 0 && unshare (CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return FALSE;

  descriptor = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_strlcpy (request.ifr_name, "lo", sizeof request.ifr_name);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  is_up = descriptor >= 0 && ioctl (descriptor, SIOCSIFFLAGS, &request) == 0;
  close (descriptor);

  return is_up;
}

static gboolean
set_ports (guint first,
           guint last)
{
  g_autofree char *range = g_strdup_printf ("%u %u", first, last);
  int descriptor = open ("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY | O_CLOEXEC);
  gboolean is_set;

  if (descriptor < 0)
    return FALSE;
  is_set = write (descriptor, range, strlen (range)) > 0;
  close (descriptor);

  return is_set;
}

static void
widen_ports (void)
{
  g_assert_true (set_ports (40000, 50000));
}

/* The last of all: there is no way back out of the namespace. */
static void
test_ports (void)
{
  g_autoptr (ChildServer) server = NULL;
  g_autofree char *uri = NULL;

  if (!enter_network () || !set_ports (40000, 40000 + N_SPARE))
    {
      g_test_skip ("no network namespace of its own is allowed here");
      return;
    }
  server = child_server_new ("/", NULL);
  uri = child_server_make_uri (server, "/");
  starve (uri, "ports", widen_ports);
}

/* F47 */

typedef struct
{
  const char *name;
  void (*end) (Scene   *scene,
               Witness *witness);
} WayToEnd;

static void
end_by_abort (Scene   *scene,
              Witness *witness)
{
  wsm_connection_abort (witness->connection);
}

static void
end_by_close (Scene   *scene,
              Witness *witness)
{
  wsm_connection_close (witness->connection, 1000, NULL, NULL);
}

static void
end_by_removal (Scene   *scene,
                Witness *witness)
{
  g_assert_true (wsm_pool_remove (scene->pool, witness->connection));
}

static void
end_by_dropping_the_pool (Scene   *scene,
                          Witness *witness)
{
  g_assert_finalize_object (g_steal_pointer (&scene->pool));
}

static const WayToEnd ways_to_end[] = {
  { "abort", end_by_abort },
  { "close", end_by_close },
  { "removal", end_by_removal },
  { "end of the pool", end_by_dropping_the_pool },
};

#define MAX_TURNS 60

static void
test_success_after_the_end (void)
{
  guint n_sweeps = 0;
  guint n_before_open = 0;

  for (guint way = 0; way < G_N_ELEMENTS (ways_to_end); way++)
    {
      for (guint n_turns = 0; n_turns < MAX_TURNS; n_turns++)
        {
          Scene *scene = scene_new ();
          g_autoptr (Witness) witness = NULL;
          gboolean is_silent = ways_to_end[way].end == end_by_removal ||
                               ways_to_end[way].end == end_by_dropping_the_pool;
          gboolean was_open;
          gboolean had_begun;

          scene_add_path (scene, "/a");
          witness = scene_add (scene, "/a");
          for (guint i = 0; i < n_turns; i++)
            g_main_context_iteration (NULL, FALSE);
          had_begun = wsm_connection_get_state (witness->connection) != WSM_STATE_IDLE;
          was_open = witness->n_opened > 0;
          n_before_open += was_open ? 0 : 1;
          n_sweeps++;

          ways_to_end[way].end (scene, witness);
          if (is_silent || !had_begun)
            {
              witness_forget (witness);
              test_loop_run_ms (5);
              witness_assert_log (witness, "");
            }
          else
            {
              WAIT_FOR (witness->n_ended == 1);
              test_loop_run_ms (5);
              g_assert_cmpuint (witness->n_ended, ==, 1);
              g_assert_cmpuint (witness->n_opened, ==, witness->n_disconnected);
              g_assert_cmpuint (witness->n_opened, ==, was_open ? 1 : 0);
            }
          /* It waits until no socket is left. */
          scene_free (scene);
        }
    }
  g_assert_cmpuint (n_before_open, >, n_sweeps / 10);
  matrix_measured ("F47", "%u ends, by %u ways, after 0 to %u turns of the loop, %u of them before "
                   "the handshake was complete: nothing told after the end, no socket left",
                   n_sweeps, (guint) G_N_ELEMENTS (ways_to_end), MAX_TURNS - 1, n_before_open);
}

/* F48: removed while somebody walks through the pool. */

#define N_WALKED 30

static void
remove_at (Scene *scene,
           guint  position)
{
  g_autoptr (WsmConnection) connection =
    g_list_model_get_item (G_LIST_MODEL (scene->pool), position);

  if (connection != NULL)
    g_assert_true (wsm_pool_remove (scene->pool, connection));
}

static void
remove_this (Scene *scene,
             guint  position)
{
  remove_at (scene, position);
}

static void
remove_next (Scene *scene,
             guint  position)
{
  remove_at (scene, position + 1);
}

static void
remove_first (Scene *scene,
              guint  position)
{
  remove_at (scene, 0);
}

static void
remove_all (Scene *scene,
            guint  position)
{
  while (g_list_model_get_n_items (G_LIST_MODEL (scene->pool)) > 0)
    remove_at (scene, 0);
}

static void
test_walks (void)
{
  static void (* const deeds[]) (Scene *scene, guint position) = {
    remove_this, remove_next, remove_first, remove_all,
  };

  for (guint deed = 0; deed < G_N_ELEMENTS (deeds); deed++)
    {
      Scene *scene = scene_new ();
      g_autofree char *uri = NULL;
      guint n_left;

      scene_add_path (scene, "/a");
      uri = wsm_echo_server_dup_uri (scene->server, "/a");
      for (guint i = 0; i < N_WALKED; i++)
        scene_add_uri (scene, uri);
      WAIT_FOR (wsm_pool_get_n_open (scene->pool) == N_WALKED);

      for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (scene->pool)); i++)
        {
          g_autoptr (WsmConnection) connection =
            g_list_model_get_item (G_LIST_MODEL (scene->pool), i);

          deeds[deed] (scene, i);
          g_assert_nonnull (wsm_connection_get_name (connection));
          wsm_connection_send_text (connection, "is it still there?", NULL);
        }
      n_left = g_list_model_get_n_items (G_LIST_MODEL (scene->pool));
      g_assert_cmpuint (n_left, <=, N_WALKED / 2);
      g_assert_cmpuint (wsm_pool_get_n_open (scene->pool), ==, n_left);
      test_loop_run_ms (10);
      g_assert_cmpuint (wsm_pool_get_n_open (scene->pool), ==, n_left);
      scene_free (scene);
    }
}

/* F50 */

static void
opened_sends_cb (WsmConnection *connection)
{
  for (guint i = 0; i < 3; i++)
    g_assert_true (wsm_connection_send_text (connection, "three frames", NULL));
}

/* Cuts after so many bytes, both ways together; returns whether the connection lived through. */
static gboolean
cut_after (Scene          *scene,
           WsmFaultsProxy *proxy,
           guint64         n_bytes)
{
  g_autofree char *uri = wsm_faults_proxy_dup_uri (proxy, "/a");
  g_autoptr (Witness) witness = NULL;
  gboolean lived;

  g_object_set (proxy, "limit", n_bytes, NULL);
  witness = witness_new (scene_add_uri (scene, uri));
  g_signal_connect (witness->connection, "opened", G_CALLBACK (opened_sends_cb), NULL);
  WAIT_FOR (witness->n_ended == 1 || witness->messages->len == 3);
  lived = witness->n_ended == 0;
  if (lived)
    {
      wsm_connection_abort (witness->connection);
      WAIT_FOR (witness->n_ended == 1);
    }
  test_loop_turn ();
  g_assert_cmpuint (witness->n_ended, ==, 1);
  g_assert_cmpuint (witness->n_disconnected, ==, witness->n_opened);
  g_assert_cmpuint (witness->n_opened, <=, 1);
  g_assert_true (wsm_pool_remove (scene->pool, witness->connection));

  return lived;
}

static void
test_cut_anywhere (void)
{
  Scene *scene = scene_new ();
  WsmEchoPath *path = scene_add_path (scene, "/a");
  g_autofree char *uri = wsm_echo_server_dup_uri (scene->server, "/a");
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);
  g_autoptr (WsmFaultsProxy) proxy = wsm_faults_proxy_new ((guint) g_uri_get_port (parsed));
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF, "max-attempts", 1, NULL);
  guint64 n_bytes[2] = { 0 };

  g_assert_nonnull (path);
  wsm_pool_set_backoff (scene->pool, backoff);
  for (guint resets = 0; resets < 2; resets++)
    {
      g_object_set (proxy, "resets", (gboolean) resets, NULL);
      while (!cut_after (scene, proxy, ++n_bytes[resets]))
        g_assert_cmpuint (n_bytes[resets], <, 5000);
      /* Request, answer, and three frames each way. */
      g_assert_cmpuint (n_bytes[resets], >, 200);
    }
  matrix_measured ("F50", "cut after each of %" G_GUINT64_FORMAT " bytes by end and of %"
                   G_GUINT64_FORMAT " by reset: one end each time, no loss untold", n_bytes[0] - 1,
                   n_bytes[1] - 1);

  g_clear_object (&proxy);
  scene_free (scene);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  child_server_set_program (argv[1]);

  g_test_add_func ("/matrix/f46-no-descriptor-left", test_descriptors);
  g_test_add_func ("/matrix/f47-success-after-the-end", test_success_after_the_end);
  g_test_add_func ("/matrix/f48-removed-on-a-walk", test_walks);
  g_test_add_func ("/matrix/f50-cut-after-any-byte", test_cut_anywhere);
  g_test_add_func ("/matrix/f46-no-port-left", test_ports);

  return g_test_run ();
}
