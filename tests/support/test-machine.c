/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-machine.h"

TestMachine *
test_machine_new (void)
{
  TestMachine *self = g_new0 (TestMachine, 1);

  self->world = wsm_test_world_new (1);
  self->network = test_network_monitor_new ();
  self->power = test_power_monitor_new ();
  wsm_pool_set_monitors (self->world->pool, G_NETWORK_MONITOR (self->network),
                         G_POWER_PROFILE_MONITOR (self->power));

  return self;
}

/* Also checks that nothing of the pool is left at the machine. */
void
test_machine_free (TestMachine *self)
{
  if (self->world->pool != NULL)
    g_assert_finalize_object (g_steal_pointer (&self->world->pool));
  g_assert_false (wsm_test_clock_is_watched (self->world->clock));
  g_assert_false (g_signal_has_handler_pending (self->network, g_signal_lookup (
    "network-changed", G_TYPE_NETWORK_MONITOR), 0, TRUE));
  g_assert_false (g_signal_has_handler_pending (self->power, g_signal_lookup (
    "notify", G_TYPE_OBJECT), g_quark_from_static_string ("power-saver-enabled"), TRUE));
  g_assert_finalize_object (self->network);
  g_assert_finalize_object (self->power);
  wsm_test_world_free (self->world);
  g_free (self);
}

/* Opens one with beats at the end of each interval. */
WsmConnection *
test_machine_open (TestMachine *self,
                   const char  *path,
                   guint        interval_ms,
                   guint        timeout_ms,
                   guint        max_missed)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  WsmConnection *connection;

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", interval_ms,
                            "timeout", timeout_ms,
                            "max-missed", max_missed,
                            "jitter", 0.0,
                            NULL);
  connection = wsm_test_world_add (self->world, path, heartbeat, NULL);
  wsm_test_world_run_ms (self->world, 10);
  wsm_test_world_assert_log (self->world, "CONNECTING OPEN opened");

  return connection;
}

/* Makes one that waits for an hour or so, because the host refuses it, or for as long as a server
 * asks for. */
WsmConnection *
test_machine_make_wait (TestMachine *self,
                        const char  *path,
                        guint        retry_after_ms)
{
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 3000 * 1000,
                                                 "max", 3600 * 1000, NULL);
  WsmTestPeer *peer = wsm_test_world_get_peer (self->world, path);
  WsmConnection *connection;

  peer->refusal = retry_after_ms > 0 ? WSM_REASON_CODE_HTTP_STATUS : WSM_REASON_CODE_REFUSED;
  peer->http_status = 503;
  peer->retry_after_ms = retry_after_ms;
  connection = wsm_test_world_add (self->world, path, NULL, backoff);
  wsm_test_world_run_ms (self->world, 10);
  wsm_test_world_assert_log (self->world, "CONNECTING WAITING");

  return connection;
}

void
test_machine_assert_reason (WsmConnection *connection,
                            const char    *expected)
{
  g_autofree char *text = wsm_reason_to_string (wsm_connection_get_reason (connection));

  g_assert_cmpstr (text, ==, expected);
}
