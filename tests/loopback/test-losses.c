/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include "scene.h"
#include "test-loop.h"

/* Attempts that fail again and again. */

static void
test_gives_up (void)
{
  Scene *scene = scene_new ();
  WsmEchoPath *path = scene_add_path (scene, "/a");
  g_autoptr (WsmBackoff) backoff = NULL;
  g_autoptr (Witness) witness = NULL;

  backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 100, "max", 100, "max-attempts", 3, NULL);
  g_object_set (path, "refuse", 500, NULL);
  witness = scene_add (scene, "/a");
  wsm_connection_set_backoff (witness->connection, backoff);
  WAIT_FOR (witness->n_ended == 1);
  witness_assert_log (witness,
                      "CONNECTING WAITING CONNECTING WAITING CONNECTING FAILED failed");
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (witness->connection)), ==,
                   WSM_REASON_CODE_GAVE_UP);
  g_assert_error (wsm_connection_get_error (witness->connection), WSM_ERROR, WSM_ERROR_GAVE_UP);
  g_assert_cmpuint (scene_get (path, "n-handshakes"), ==, 3);
  scene_free (scene);
}

/* A server that accepts and hangs up at once must not be asked ever faster. */
static void
test_backoff_grows (void)
{
  Scene *scene = scene_new ();
  WsmEchoPath *path = scene_add_path (scene, "/a");
  g_autoptr (WsmBackoff) backoff = NULL;
  g_autoptr (Witness) witness = NULL;

  backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 100, "max", 10000, NULL);
  g_object_set (path, "close-code", 1012, NULL);
  witness = scene_add (scene, "/a");
  wsm_connection_set_backoff (witness->connection, backoff);
  for (guint i = 0; i < 4; i++)
    {
      WAIT_FOR (witness->n_disconnected == i + 1);
      g_assert_cmpuint (wsm_reason_get_delay_bound (witness->reason), ==, 100u << i);
      g_assert_cmpuint (wsm_reason_get_attempt (witness->reason), ==, i + 2);
      wsm_connection_retry_now (witness->connection);
    }
  wsm_connection_abort (witness->connection);
  g_assert_cmpuint (witness->n_ended, ==, 1);
  scene_free (scene);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/losses/gives-up", test_gives_up);
  g_test_add_func ("/losses/backoff-grows-while-nothing-is-stable", test_backoff_grows);

  return g_test_run ();
}
