/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include "child-server.h"
#include "scene.h"
#include "test-loop.h"

/* Ends that the app asks for, in each state: how long they take, what is said, what is left. */

#define CLOSE_TIMEOUT_MS 300

/* How a connection is brought into a state, and what closing it from there says. */
typedef struct
{
  WsmState state;
  const char *name;
  const char *path;
  const char *log;
  gboolean waits; /* for a peer that does not answer */
} Stage;

static const Stage stages[] = {
  { WSM_STATE_IDLE, "idle", "/a", "", FALSE },
  { WSM_STATE_CONNECTING, "connecting", "/stall", "CLOSED closed", FALSE },
  { WSM_STATE_OPEN, "open", "/a", "CLOSING CLOSED disconnected closed", FALSE },
  { WSM_STATE_OPEN, "open-to-a-mute-peer", "/mute", "CLOSING CLOSED disconnected closed", TRUE },
  { WSM_STATE_SUSPECT, "suspect", "/mute", "CLOSING CLOSED disconnected closed", TRUE },
  { WSM_STATE_WAITING, "waiting", "/refuse", "CLOSED closed", FALSE },
  { WSM_STATE_CLOSING, "closing", "/mute", "CLOSED disconnected closed", TRUE },
  { WSM_STATE_CLOSED, "closed", "/a", "", FALSE },
  { WSM_STATE_FAILED, "failed", "/missing", "", FALSE },
  { WSM_STATE_FAILED, "failed-without-password", "/private", "", FALSE },
};

typedef struct
{
  ChildServer *server; /* (owned) */
  Scene *scene;        /* (owned) */
} Fixture;

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  fixture->server = child_server_new ("/a", "/mute,mute", "/stall,stall", "/refuse,refuse=503",
                                      "/private,refuse=401", NULL);
  fixture->scene = scene_new ();
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  scene_free (fixture->scene);
  child_server_free (fixture->server);
}

static gboolean
has_reached (WsmConnection *connection,
             const Stage   *stage)
{
  return wsm_connection_get_state (connection) == stage->state;
}

static WsmConnection *
add_on_stage (Fixture     *fixture,
              const Stage *stage)
{
  g_autofree char *uri = child_server_make_uri (fixture->server, stage->path);
  g_autoptr (WsmConnection) connection = wsm_connection_new (uri);
  g_autoptr (WsmBackoff) backoff = NULL;
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autoptr (GError) error = NULL;

  backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 60000, NULL);
  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "mode", stage->state == WSM_STATE_SUSPECT ? WSM_HEARTBEAT_MODE_PING
                                                                      : WSM_HEARTBEAT_MODE_OFF,
                            "interval", 50,
                            "timeout", 30,
                            "max-missed", 100,
                            NULL);
  wsm_connection_set_backoff (connection, backoff);
  wsm_connection_set_heartbeat (connection, heartbeat);
  wsm_connection_set_close_timeout (connection, CLOSE_TIMEOUT_MS);
  wsm_pool_add_connection (fixture->scene->pool, connection, &error);
  g_assert_no_error (error);

  return connection;
}

static void
bring_on_stage (WsmConnection *connection,
                const Stage   *stage)
{
  if (stage->state == WSM_STATE_IDLE)
    return;

  g_assert_true (wsm_connection_open (connection, NULL));
  if (stage->state == WSM_STATE_CONNECTING)
    test_loop_run_ms (20);
  if (stage->state == WSM_STATE_CLOSING || stage->state == WSM_STATE_CLOSED)
    {
      WAIT_FOR (wsm_connection_get_state (connection) == WSM_STATE_OPEN);
      g_assert_true (wsm_connection_close (connection, 1000, NULL, NULL));
    }
  WAIT_FOR (has_reached (connection, stage));
}

static void
closed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  gboolean *is_done = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_true (wsm_connection_close_finish (WSM_CONNECTION (source), result, &error));
  g_assert_no_error (error);
  *is_done = TRUE;
}

static void
test_close (Fixture       *fixture,
            gconstpointer  data)
{
  const Stage *stage = data;
  g_autoptr (Witness) witness = NULL;
  WsmConnection *connection = add_on_stage (fixture, stage);
  gboolean is_done = FALSE;
  gint64 before_us;

  bring_on_stage (connection, stage);
  witness = witness_new (connection);
  before_us = g_get_monotonic_time ();
  wsm_connection_close_async (connection, 1000, "enough", NULL, closed_cb, &is_done);
  WAIT_FOR (is_done);
  g_assert_cmpfloat (test_loop_ms_since (before_us), <,
                     stage->waits ? CLOSE_TIMEOUT_MS + 50 : 50);
  if (stage->waits)
    g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (connection)), ==,
                     WSM_REASON_CODE_CLOSE_TIMED_OUT);

  test_loop_run_ms (SCENE_RELEASE_MS);
  witness_assert_log (witness, stage->log);
  g_assert_true (scene_is_deserted (fixture->scene));
}

static void
test_abort (Fixture       *fixture,
            gconstpointer  data)
{
  const Stage *stage = data;
  g_autoptr (Witness) witness = NULL;
  WsmConnection *connection = add_on_stage (fixture, stage);

  bring_on_stage (connection, stage);
  witness = witness_new (connection);
  wsm_connection_abort (connection);
  witness_assert_log (witness, stage->log);
  test_loop_run_ms (SCENE_RELEASE_MS);
  witness_assert_log (witness, "");
  g_assert_true (scene_is_deserted (fixture->scene));
}

static void
test_remove (Fixture       *fixture,
             gconstpointer  data)
{
  const Stage *stage = data;
  g_autoptr (Witness) witness = NULL;
  WsmConnection *connection = add_on_stage (fixture, stage);

  bring_on_stage (connection, stage);
  witness = witness_new (connection);
  g_assert_true (wsm_pool_remove (fixture->scene->pool, connection));
  test_loop_run_ms (SCENE_RELEASE_MS);
  witness_assert_log (witness, "");
  g_assert_null (witness->connection);
  g_assert_true (scene_is_deserted (fixture->scene));
  g_assert_cmpuint (wsm_pool_get_n_open (fixture->scene->pool), ==, 0);
}

/* All stages at once, in one pool that goes. */
static void
test_last_unref (Fixture       *fixture,
                 gconstpointer  data)
{
  Witness *witnesses[G_N_ELEMENTS (stages)];

  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      WsmConnection *connection = add_on_stage (fixture, &stages[i]);

      bring_on_stage (connection, &stages[i]);
      witnesses[i] = witness_new (connection);
    }
  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    witness_forget (witnesses[i]);

  g_assert_finalize_object (g_steal_pointer (&fixture->scene->pool));
  test_loop_run_ms (SCENE_RELEASE_MS);
  g_assert_true (scene_is_deserted (fixture->scene));
  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      witness_assert_log (witnesses[i], "");
      g_assert_null (witnesses[i]->connection);
      witness_free (witnesses[i]);
    }
}

static void
pool_closed_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  gboolean *is_done = user_data;
  g_autoptr (GError) error = NULL;

  /* The mute ones had to be cut off. */
  g_assert_false (wsm_pool_close_finish (WSM_POOL (source), result, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_TIMED_OUT);
  *is_done = TRUE;
}

static void
test_close_pool (Fixture       *fixture,
                 gconstpointer  data)
{
  Witness *witnesses[G_N_ELEMENTS (stages)];
  gboolean is_done = FALSE;
  gint64 before_us;

  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      WsmConnection *connection = add_on_stage (fixture, &stages[i]);

      bring_on_stage (connection, &stages[i]);
      witnesses[i] = witness_new (connection);
    }

  before_us = g_get_monotonic_time ();
  wsm_pool_close_async (fixture->scene->pool, 200, NULL, pool_closed_cb, &is_done);
  WAIT_FOR (is_done);
  g_assert_cmpfloat (test_loop_ms_since (before_us), <, 200 + 50);
  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    witness_forget (witnesses[i]);
  test_loop_run_ms (SCENE_RELEASE_MS);
  g_assert_true (scene_is_deserted (fixture->scene));
  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      witness_assert_log (witnesses[i], "");
      witness_free (witnesses[i]);
    }
}

/* An extension of a shell is enabled and disabled again and again in one process. */
static void
test_hundred_pools (Fixture       *fixture,
                    gconstpointer  data)
{
  for (guint round = 0; round < 100; round++)
    {
      WsmConnection *open;

      add_on_stage (fixture, &stages[round % G_N_ELEMENTS (stages)]);
      bring_on_stage (add_on_stage (fixture, &stages[1]), &stages[1]);
      open = add_on_stage (fixture, &stages[2]);
      bring_on_stage (open, &stages[2]);
      g_assert_true (wsm_connection_send_text (open, "hello", NULL));
      g_assert_finalize_object (fixture->scene->pool);
      fixture->scene->pool = wsm_pool_new ();
    }
  WAIT_WITHIN (scene_is_deserted (fixture->scene), SCENE_RELEASE_MS);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  child_server_set_program (argv[1]);

  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      const Stage *stage = &stages[i];
      g_autofree char *close = g_strconcat ("/endings/close/", stage->name, NULL);
      g_autofree char *abort = g_strconcat ("/endings/abort/", stage->name, NULL);
      g_autofree char *removal = g_strconcat ("/endings/remove/", stage->name, NULL);

      g_test_add (close, Fixture, stage, fixture_set_up, test_close, fixture_tear_down);
      g_test_add (abort, Fixture, stage, fixture_set_up, test_abort, fixture_tear_down);
      g_test_add (removal, Fixture, stage, fixture_set_up, test_remove, fixture_tear_down);
    }
  g_test_add ("/endings/last-unref", Fixture, NULL, fixture_set_up, test_last_unref,
              fixture_tear_down);
  g_test_add ("/endings/close-pool", Fixture, NULL, fixture_set_up, test_close_pool,
              fixture_tear_down);
  g_test_add ("/endings/hundred-pools", Fixture, NULL, fixture_set_up, test_hundred_pools,
              fixture_tear_down);

  return g_test_run ();
}
