/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "raw-server.h"
#include "scene.h"
#include "test-loop.h"

/* Bad inputs 57 to 77, as far as they are about a process, its threads and its sockets. */

#define FINAL_TEXT 0x81

/* 57: a thread that is not the pool's may hold references, and let go of them. */

static gpointer
let_go_cb (gpointer connection)
{
  g_object_unref (connection);

  return NULL;
}

static void
test_unref_in_another_thread (void)
{
  Scene *scene = scene_new ();
  g_autoptr (Witness) witness = NULL;

  scene_add_path (scene, "/a");
  witness = scene_open (scene, "/a");
  g_thread_join (g_thread_new ("stranger", let_go_cb, g_object_ref (witness->connection)));
  g_thread_join (g_thread_new ("stranger", let_go_cb, g_object_ref (scene->pool)));
  wsm_connection_send_text (witness->connection, "still here", NULL);
  WAIT_FOR (witness->messages->len == 1);

  scene_free (scene);
}

/* 60: closed in the handler of each signal that comes with a close, and twice before. */

static void
close_again_cb (WsmConnection *connection)
{
  g_autoptr (GError) error = NULL;

  if (!wsm_connection_close (connection, 1000, "again", &error))
    g_assert_error (error, WSM_ERROR, WSM_ERROR_NOT_OPEN);
}

static void
test_close_twice (void)
{
  static const char * const signals[] = {
    "closed", "disconnected", "notify::state", "message", "notify::reason",
  };

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      Scene *scene = scene_new ();
      g_autoptr (Witness) witness = NULL;

      g_test_message ("in %s", signals[i]);
      scene_add_path (scene, "/a");
      witness = scene_open (scene, "/a");
      g_signal_connect (witness->connection, signals[i], G_CALLBACK (close_again_cb), NULL);
      wsm_connection_send_text (witness->connection, "hello", NULL);
      WAIT_FOR (witness->messages->len == 1);
      wsm_connection_close (witness->connection, 1000, NULL, NULL);
      wsm_connection_close (witness->connection, 1000, NULL, NULL);
      WAIT_FOR (witness->n_ended == 1);
      g_assert_cmpuint (witness->n_disconnected, ==, 1);
      g_assert_cmpint (wsm_connection_get_state (witness->connection), ==, WSM_STATE_CLOSED);
      scene_free (scene);
    }
}

/* 69: the thread's default context is another one whenever something is asked for. */

static void
assert_idle (GMainContext *context)
{
  g_assert_false (g_main_context_pending (context));
}

static void
test_another_default_context (void)
{
  Scene *scene = scene_new ();
  g_autoptr (GMainContext) other = g_main_context_new ();
  g_autoptr (Witness) witness = NULL;

  scene_add_path (scene, "/a");
  g_main_context_push_thread_default (other);
  witness = scene_add (scene, "/a");
  wsm_connection_open (witness->connection, NULL);
  g_main_context_pop_thread_default (other);
  WAIT_FOR (witness->n_opened == 1);
  assert_idle (other);

  g_main_context_push_thread_default (other);
  wsm_connection_send_text (witness->connection, "hello", NULL);
  wsm_pool_probe (scene->pool);
  g_main_context_pop_thread_default (other);
  WAIT_FOR (witness->messages->len == 1);
  assert_idle (other);

  g_main_context_push_thread_default (other);
  wsm_connection_close (witness->connection, 1000, NULL, NULL);
  g_main_context_pop_thread_default (other);
  WAIT_FOR (witness->n_ended == 1);
  assert_idle (other);

  scene_free (scene);
}

/* 70: what a child does that goes at once, or becomes another program, is not for the peer. */
static void
test_fork (void)
{
  Scene *scene = scene_new ();
  g_autoptr (WsmHeartbeat) heartbeat = scene_make_beat (50, 45);
  g_autoptr (Witness) witness = NULL;
  guint n_beats;

  scene_add_path (scene, "/a");
  witness = scene_open (scene, "/a");
  wsm_connection_set_heartbeat (witness->connection, heartbeat);
  WAIT_FOR (witness->n_beats >= 2);

  for (guint i = 0; i < 2; i++)
    {
      pid_t child = fork ();
      int status;

      if (child == 0 && i == 0)
        _exit (0);
      if (child == 0)
        {
          execlp ("sleep", "sleep", "0.1", NULL);
          _exit (127);
        }
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_cmpint (status, ==, 0);
      n_beats = witness->n_beats;
      WAIT_FOR (witness->n_beats >= n_beats + 3);
    }
  g_assert_cmpuint (witness->n_disconnected, ==, 0);
  wsm_connection_send_text (witness->connection, "one of us", NULL);
  WAIT_FOR (witness->messages->len == 1);

  scene_free (scene);
}

/* 72: a text with NUL from a peer is whole; one of ours ends at the first, as it must in C. */

static void
greet_cb (RawPeer    *peer,
          const char *request,
          gpointer    user_data)
{
  raw_peer_accept (peer, NULL);
  raw_peer_write_frame (peer, FINAL_TEXT, "a\0b", 3);
}

static void
test_nul_in_text (void)
{
  g_autoptr (RawServer) server = raw_server_new (greet_cb, NULL);
  Scene *scene = scene_new ();
  g_autofree char *uri = raw_server_make_uri (server, "/");
  g_autoptr (Witness) witness = scene_open_uri (scene, uri);
  g_autoptr (GBytes) sent = NULL;
  GBytes *heard;
  guint opcode;

  WAIT_FOR (witness->messages->len == 1);
  heard = g_ptr_array_index (witness->messages, 0);
  g_assert_cmpmem (g_bytes_get_data (heard, NULL), g_bytes_get_size (heard), "a\0b", 3);

  g_assert_true (wsm_connection_send_text (witness->connection, "c\0d", NULL));
  WAIT_FOR (raw_peer_take_frame (raw_server_get_peer (server), &opcode, &sent));
  g_assert_cmpuint (opcode, ==, 1);
  g_assert_cmpmem (g_bytes_get_data (sent, NULL), g_bytes_get_size (sent), "c", 1);

  g_clear_pointer (&server, raw_server_free);
  scene_free (scene);
}

/* 77: all tests run like this one, so that no warning of any library goes by. */
static void
test_warnings_are_fatal (void)
{
  if (g_getenv ("G_DEBUG") == NULL)
    {
      g_test_skip ("G_DEBUG is not set: run by hand?");
      return;
    }
  g_assert_cmpstr (g_getenv ("G_DEBUG"), ==, "fatal-warnings");
  if (g_test_subprocess ())
    {
      g_warning ("this ends the process");
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*this ends the process*");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/inputs/57-last-words-of-another-thread", test_unref_in_another_thread);
  g_test_add_func ("/inputs/60-close-twice-and-in-handlers", test_close_twice);
  g_test_add_func ("/inputs/69-another-default-context", test_another_default_context);
  g_test_add_func ("/inputs/70-fork", test_fork);
  g_test_add_func ("/inputs/72-nul-in-text", test_nul_in_text);
  g_test_add_func ("/inputs/77-warnings-are-fatal", test_warnings_are_fatal);

  return g_test_run ();
}
