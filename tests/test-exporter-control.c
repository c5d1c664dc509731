/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "exhibition.h"
#include "wsm-connection-private.h"
#include "wsm-error.h"

static void
test_exporter_read_only (Exhibition    *exhibition,
                         gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = inspector_client_call_control (exhibition->inspector, "Abort",
                                         g_variant_new ("(t)", wsm_connection_get_id (feed)),
                                         &error);
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);
  g_assert_null (reply);
  g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_OPEN);
}

static void
control (Exhibition    *exhibition,
         const char    *method,
         WsmConnection *connection)
{
  g_autoptr (GVariant) reply = NULL;

  reply = inspector_client_call_control (exhibition->inspector, method,
                                         g_variant_new ("(t)", wsm_connection_get_id (connection)),
                                         NULL);
  g_assert_nonnull (reply);
}

static void
test_exporter_control (Exhibition    *exhibition,
                       gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  WsmTestPeer *peer = wsm_test_world_get_peer (exhibition->world, "/feed");
  guint64 id = wsm_connection_get_id (feed);
  g_autoptr (GVariant) sent = NULL;
  g_autoptr (GVariant) closed = NULL;

  control (exhibition, "Pause", feed);
  g_assert_true (wsm_connection_get_paused (feed));
  control (exhibition, "Resume", feed);
  g_assert_false (wsm_connection_get_paused (feed));

  peer->record = TRUE;
  peer->echo = FALSE;
  sent = inspector_client_call_control (exhibition->inspector, "SendText",
                                        g_variant_new ("(ts)", id, "hello"), NULL);
  wsm_test_world_run_ms (exhibition->world, 10);
  g_assert_cmpuint (peer->received->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (peer->received, 0), ==, "hello");

  control (exhibition, "Abort", feed);
  wsm_test_world_assert_log (exhibition->world, "CLOSING CLOSED disconnected unconfirmed(1,5) "
                                               "closed");
  control (exhibition, "RetryNow", feed);
  wsm_test_world_run_ms (exhibition->world, 10);
  wsm_test_world_assert_log (exhibition->world, "CONNECTING OPEN reopened");

  closed = inspector_client_call_control (exhibition->inspector, "Close",
                                          g_variant_new ("(tus)", id, 4000, "enough"), NULL);
  wsm_test_world_run_ms (exhibition->world, 10);
  g_assert_cmpuint (peer->closed_with, ==, 4000);
  wsm_test_world_assert_log (exhibition->world, "CLOSING CLOSED disconnected closed");
}

/* Fails as the library's own functions do, under a name that does not change. */
static void
test_exporter_control_errors (Exhibition    *exhibition,
                              gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_CLOSED);
  guint64 id = wsm_connection_get_id (feed);
  const struct
  {
    const char *method;
    GVariant *parameters;
    int code;
    const char *name;
  } cases[] = {
    { "Ping", g_variant_new ("(t)", id), WSM_ERROR_NOT_OPEN, "io.github.wsmulti.Error.NotOpen" },
    { "SendText", g_variant_new ("(ts)", id, "hello"), WSM_ERROR_NOT_OPEN,
      "io.github.wsmulti.Error.NotOpen" },
    { "Close", g_variant_new ("(tus)", id, 999, ""), WSM_ERROR_INVALID_CLOSE,
      "io.github.wsmulti.Error.InvalidClose" },
    { "Abort", g_variant_new ("(t)", id + 1000), WSM_ERROR_NOT_IN_POOL,
      "io.github.wsmulti.Error.NotInPool" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) reply = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *name = NULL;

      reply = inspector_client_call_control (exhibition->inspector, cases[i].method,
                                             cases[i].parameters, &error);
      g_assert_error (error, WSM_ERROR, cases[i].code);
      name = g_dbus_error_get_remote_error (error);
      g_assert_cmpstr (name, ==, cases[i].name);
    }
}

static void
ping_replied_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(d)", user_data);
}

static void
test_exporter_ping (Exhibition    *exhibition,
                    gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  double round_trip_ms = -1.0;

  wsm_test_world_get_peer (exhibition->world, "/feed")->latency_us = 3000;
  g_dbus_connection_call (exhibition->inspector->bus, NULL, "/io/github/wsmulti/Pool1",
                          "io.github.wsmulti.Pool1.Control", "Ping",
                          g_variant_new ("(t)", wsm_connection_get_id (feed)), NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, ping_replied_cb, &round_trip_ms);
  inspector_client_settle (exhibition->inspector);
  g_assert_cmpfloat (round_trip_ms, ==, -1.0);
  wsm_test_world_run_ms (exhibition->world, 20);
  inspector_client_settle (exhibition->inspector);
  g_assert_cmpfloat (round_trip_ms, ==, 6.0);
}

static void
test_exporter_settings (Exhibition    *exhibition,
                        gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  guint64 id = wsm_connection_get_id (feed);
  g_autoptr (WsmHeartbeat) old = g_object_new (WSM_TYPE_HEARTBEAT, "mode", WSM_HEARTBEAT_MODE_TEXT,
                                               "payload", "are you there?", "reply", "yes",
                                               "reply-match", WSM_REPLY_MATCH_EXACT, NULL);
  g_autoptr (GVariant) heartbeat_set = NULL;
  g_autoptr (GVariant) backoff_set = NULL;
  WsmHeartbeat *heartbeat;
  WsmBackoff *backoff;

  wsm_connection_set_heartbeat (feed, old);
  heartbeat_set = inspector_client_call_control (
    exhibition->inspector, "SetHeartbeat",
    g_variant_new_parsed ("(%t, {'interval': <uint32 3000>, 'jitter': <0.25>, 'idle-only': <false>,"
                          " 'liveness': <uint32 2>})", id), NULL);
  heartbeat = wsm_connection_get_heartbeat (feed);
  g_assert_true (heartbeat != old);
  g_assert_cmpuint (wsm_heartbeat_get_interval (heartbeat), ==, 3000);
  g_assert_cmpfloat (wsm_heartbeat_get_jitter (heartbeat), ==, 0.25);
  g_assert_false (wsm_heartbeat_get_idle_only (heartbeat));
  g_assert_cmpint (wsm_heartbeat_get_liveness (heartbeat), ==, WSM_LIVENESS_STRICT);
  g_assert_cmpstr (wsm_heartbeat_get_payload (heartbeat), ==, "are you there?");
  g_assert_cmpstr (wsm_heartbeat_get_reply (heartbeat), ==, "yes");
  g_assert_cmpint (wsm_heartbeat_get_mode (heartbeat), ==, WSM_HEARTBEAT_MODE_TEXT);

  backoff_set = inspector_client_call_control (
    exhibition->inspector, "SetBackoff",
    g_variant_new_parsed ("(%t, {'max': <uint32 9000>, 'max-attempts': <uint32 7>})", id), NULL);
  backoff = wsm_connection_get_backoff (feed);
  g_assert_cmpuint (wsm_backoff_get_max (backoff), ==, 9000);
  g_assert_cmpuint (wsm_backoff_get_max_attempts (backoff), ==, 7);
  g_assert_cmpuint (wsm_backoff_get_initial (backoff), ==, 1000);
}

static void
test_exporter_bad_settings (Exhibition    *exhibition,
                            gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (feed);
  WsmBackoff *backoff = wsm_connection_get_backoff (feed);
  static const struct
  {
    const char *method;
    const char *settings;
    gboolean is_argument; /* not a value that only the library knows to be bad */
    const char *field;
  } cases[] = {
    { "SetHeartbeat", "{'interval': <'fast'>}", TRUE, "interval" },
    { "SetHeartbeat", "{'payload': <'secret'>}", TRUE, "payload" },
    { "SetHeartbeat", "{'worst-case-detection': <uint32 1>}", TRUE, "worst-case-detection" },
    { "SetHeartbeat", "{'mode': <uint32 0>}", TRUE, "mode" },
    { "SetHeartbeat", "{'mode': <uint32 6>}", TRUE, "mode" },
    { "SetHeartbeat", "{'max-missed': <uint32 0>}", FALSE, "max-missed" },
    { "SetHeartbeat", "{'interval': <uint32 0>}", FALSE, "interval" },
    { "SetHeartbeat", "{'jitter': <2.0>}", FALSE, "jitter" },
    { "SetBackoff", "{'factor': <0.1>}", FALSE, "factor" },
    { "SetBackoff", "{'initial': <uint32 0>}", FALSE, "initial" },
    { "SetBackoff", "{'max': <-1>}", TRUE, "max" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) settings = NULL;
      g_autoptr (GVariant) reply = NULL;
      g_autoptr (GError) error = NULL;

      settings = g_variant_ref_sink (g_variant_new_parsed (cases[i].settings));
      reply = inspector_client_call_control (exhibition->inspector, cases[i].method,
                                             g_variant_new ("(t@a{sv})",
                                                            wsm_connection_get_id (feed),
                                                            settings), &error);
      if (cases[i].is_argument)
        g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS);
      else
        g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING);
      g_assert_nonnull (strstr (error->message, cases[i].field));
      g_assert_true (wsm_connection_get_heartbeat (feed) == heartbeat);
      g_assert_true (wsm_connection_get_backoff (feed) == backoff);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) \
  g_test_add ("/exporter-control/" path, Exhibition, NULL, exhibition_set_up, \
              test_exporter_##func, exhibition_tear_down)
#define ADD_CONTROL(path, func) \
  g_test_add ("/exporter-control/" path, Exhibition, NULL, exhibition_set_up_with_control, \
              test_exporter_##func, exhibition_tear_down)
  ADD ("is-read-only", read_only);
  ADD_CONTROL ("does-what-it-is-told", control);
  ADD_CONTROL ("says-what-fails", control_errors);
  ADD_CONTROL ("pings", ping);
  ADD_CONTROL ("changes-settings", settings);
  ADD_CONTROL ("refuses-bad-settings", bad_settings);
#undef ADD
#undef ADD_CONTROL

  return g_test_run ();
}
