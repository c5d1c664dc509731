/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "scene.h"

#include "test-loop.h"
#include "test-process.h"

/* What GLib and libsoup open once a process is no leak. */
static void
scene_warm_up (void)
{
  static gboolean is_warm = FALSE;
  Witness *witness;
  Scene *scene;

  if (is_warm)
    return;
  is_warm = TRUE;

  scene = scene_new ();
  scene_add_path (scene, "/warm");
  witness = scene_open (scene, "/warm");
  witness_free (witness);
  g_assert_finalize_object (g_steal_pointer (&scene->pool));
  test_loop_run_ms (SCENE_RELEASE_MS);
  scene->n_sockets = test_process_count_sockets ();
  scene_free (scene);
}

Scene *
scene_new (void)
{
  Scene *self;
  g_autoptr (WsmBackoff) backoff = NULL;

  scene_warm_up ();

  self = g_new0 (Scene, 1);
  self->n_sockets = test_process_count_sockets ();

  backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 100, "max", 200, NULL);
  self->pool = wsm_pool_new ();
  wsm_pool_set_backoff (self->pool, backoff);

  return self;
}

void
scene_free (Scene *self)
{
  if (self->pool != NULL)
    g_assert_finalize_object (g_steal_pointer (&self->pool));
  g_assert_cmpuint (test_process_count_timers (), ==, 0);

  /* If both ends live here, the server's go when it has read the end of the stream. */
  WAIT_FOR (test_process_count_sockets () <= self->n_sockets);
  if (self->server != NULL)
    {
      wsm_echo_server_stop (self->server);
      g_assert_finalize_object (self->server);
    }
  g_free (self);
}

static void
scene_start_server (Scene *self)
{
  guint n_before = test_process_count_sockets ();
  g_autoptr (GError) error = NULL;

  self->server = wsm_echo_server_new ();
  wsm_echo_server_start (self->server, &error);
  g_assert_no_error (error);
  self->n_sockets += test_process_count_sockets () - n_before;
}

WsmEchoPath *
scene_add_path (Scene      *self,
                const char *path)
{
  if (self->server == NULL)
    scene_start_server (self);

  return wsm_echo_server_add_path (self->server, path);
}

/* Whether all that a pool and its connections had in the loop is gone. Where the pool is still
 * there, its session remembers hosts, which libsoup forgets after five minutes. */
gboolean
scene_is_deserted (Scene *self)
{
  return test_loop_is_idle_for_ms (self->pool != NULL ? 60 * 1000 : G_MAXUINT) &&
         test_process_count_timers () <= (self->pool != NULL ? 1 : 0) &&
         test_process_count_sockets () <= self->n_sockets;
}

WsmConnection *
scene_add_uri (Scene      *self,
               const char *uri)
{
  g_autoptr (GError) error = NULL;
  WsmConnection *connection = wsm_pool_add (self->pool, uri, &error);

  g_assert_no_error (error);

  return connection;
}

/* It opens when the loop runs. */
Witness *
scene_add (Scene      *self,
           const char *path)
{
  g_autofree char *uri = wsm_echo_server_dup_uri (self->server, path);

  return witness_new (scene_add_uri (self, uri));
}

Witness *
scene_open_uri (Scene      *self,
                const char *uri)
{
  Witness *witness = witness_new (scene_add_uri (self, uri));

  WAIT_FOR (witness->n_opened == 1);
  witness_assert_log (witness, "CONNECTING OPEN opened");

  return witness;
}

Witness *
scene_open (Scene      *self,
            const char *path)
{
  g_autofree char *uri = wsm_echo_server_dup_uri (self->server, path);

  return scene_open_uri (self, uri);
}

guint
scene_get (WsmEchoPath *path,
           const char  *property)
{
  guint value;

  g_object_get (path, property, &value, NULL);

  return value;
}

/* Pings that go out on time. */
WsmHeartbeat *
scene_make_beat (guint interval_ms,
                 guint timeout_ms)
{
  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "interval", interval_ms,
                       "timeout", timeout_ms,
                       "max-missed", 2,
                       "jitter", 0.0,
                       NULL);
}

void
scene_beat_strictly (Scene *self,
                     guint  interval_ms,
                     guint  timeout_ms)
{
  g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                     "interval", interval_ms,
                                                     "timeout", timeout_ms,
                                                     "max-missed", 1,
                                                     "jitter", 0.0,
                                                     NULL);

  wsm_pool_set_heartbeat (self->pool, heartbeat);
}
