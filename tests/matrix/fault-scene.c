/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fault-scene.h"

#include "test-loop.h"

void
fault_scene_set_up (FaultScene    *self,
                    gconstpointer  data)
{
  self->server = wsm_faults_server_new ();
  wsm_faults_server_start (self->server);
  self->scene = scene_new ();
}

static void
fault_scene_forget (FaultScene *self)
{
  if (self->witness == NULL)
    return;

  if (self->witness->connection != NULL)
    wsm_pool_remove (self->scene->pool, self->witness->connection);
  g_clear_pointer (&self->witness, witness_free);
}

void
fault_scene_tear_down (FaultScene    *self,
                       gconstpointer  data)
{
  fault_scene_forget (self);
  g_assert_finalize_object (g_steal_pointer (&self->scene->pool));
  g_assert_finalize_object (g_steal_pointer (&self->server));
  scene_free (self->scene);
}

/* With a certificate that is known to the pool. */
void
fault_scene_use_tls (FaultScene *self)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "server.pem", NULL);
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) error = NULL;

  certificate = g_tls_certificate_new_from_file (path, &error);
  g_assert_no_error (error);
  database = g_tls_file_database_new (path, &error);
  g_assert_no_error (error);
  wsm_faults_server_set_certificate (self->server, certificate);
  soup_session_set_tls_database (wsm_pool_get_session (self->scene->pool), database);
}

/* The connection before it is removed. */
Witness *
fault_scene_add_uri (FaultScene *self,
                     const char *uri)
{
  fault_scene_forget (self);
  self->witness = witness_new (scene_add_uri (self->scene, uri));

  return self->witness;
}

Witness *
fault_scene_add (FaultScene *self,
                 const char *path)
{
  g_autofree char *uri = wsm_faults_server_dup_uri (self->server, path);

  return fault_scene_add_uri (self, uri);
}

/* What goes wrong there should wait for a message. */
Witness *
fault_scene_open (FaultScene *self,
                  const char *path)
{
  fault_scene_add (self, path);
  WAIT_FOR (self->witness->n_opened == 1);
  witness_assert_log (self->witness, "CONNECTING OPEN opened");

  return self->witness;
}

/* Sends the message that it waits for; returns how long it took until the end was told. */
double
fault_scene_go_wrong (FaultScene *self)
{
  gint64 before_us = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  wsm_connection_send_text (self->witness->connection, "go", &error);
  g_assert_no_error (error);
  WAIT_FOR (self->witness->n_disconnected == 1);

  return (double) (self->witness->disconnected_us - before_us) / 1000.0;
}

/* One of the server's counts. */
guint
fault_scene_get (FaultScene *self,
                 const char *property)
{
  guint value;

  g_object_get (self->server, property, &value, NULL);

  return value;
}

/* How long the attempt took that has just failed. */
double
fault_scene_get_attempt_ms (FaultScene *self)
{
  const gint64 *entered_us = self->witness->entered_us;
  gint64 end_us = MAX (entered_us[WSM_STATE_WAITING], entered_us[WSM_STATE_FAILED]);

  return (double) (end_us - entered_us[WSM_STATE_CONNECTING]) / 1000.0;
}

void
fault_scene_assert_reason (FaultScene    *self,
                           WsmReasonCode  code)
{
  const WsmReason *reason = wsm_connection_get_reason (self->witness->connection);

  g_assert_cmpint (wsm_reason_get_code (reason), ==, code);
  g_assert_nonnull (wsm_connection_get_error (self->witness->connection));
}
