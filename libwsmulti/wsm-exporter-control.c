/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-exporter-calls.h"

#include "wsm-exporter-settings.h"

/*
 * What can be called of io.github.wsmulti.Pool1.Control, if the app allows it.
 */

static void
wsm_exporter_connection_pinged_cb (GObject      *source,
                                   GAsyncResult *result,
                                   gpointer      user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  g_autoptr (GError) error = NULL;
  double round_trip_ms;

  round_trip_ms = wsm_connection_ping_finish (WSM_CONNECTION (source), result, &error);
  if (error != NULL)
    g_dbus_method_invocation_return_gerror (invocation, error);
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(d)", round_trip_ms));
}

static gboolean
wsm_exporter_control_close (WsmConnection  *connection,
                            GVariant       *parameters,
                            GError        **error)
{
  const char *reason;
  guint code;

  g_variant_get (parameters, "(tu&s)", NULL, &code, &reason);

  return wsm_connection_close (connection, code, *reason != '\0' ? reason : NULL, error);
}

static gboolean
wsm_exporter_control_send_text (WsmConnection  *connection,
                                GVariant       *parameters,
                                GError        **error)
{
  const char *text;

  g_variant_get (parameters, "(t&s)", NULL, &text);

  return wsm_connection_send_text (connection, text, error);
}

static gboolean
wsm_exporter_control_retry_now (WsmConnection  *connection,
                                GVariant       *parameters,
                                GError        **error)
{
  wsm_connection_retry_now (connection);

  return TRUE;
}

static gboolean
wsm_exporter_control_pause (WsmConnection  *connection,
                            GVariant       *parameters,
                            GError        **error)
{
  wsm_connection_pause (connection);

  return TRUE;
}

static gboolean
wsm_exporter_control_resume (WsmConnection  *connection,
                             GVariant       *parameters,
                             GError        **error)
{
  wsm_connection_resume (connection);

  return TRUE;
}

static gboolean
wsm_exporter_control_abort (WsmConnection  *connection,
                            GVariant       *parameters,
                            GError        **error)
{
  wsm_connection_abort (connection);

  return TRUE;
}

static gboolean
wsm_exporter_control_set_heartbeat (WsmConnection  *connection,
                                    GVariant       *parameters,
                                    GError        **error)
{
  g_autoptr (GVariant) changes = g_variant_get_child_value (parameters, 1);

  return wsm_exporter_change_heartbeat (connection, changes, error);
}

static gboolean
wsm_exporter_control_set_backoff (WsmConnection  *connection,
                                  GVariant       *parameters,
                                  GError        **error)
{
  g_autoptr (GVariant) changes = g_variant_get_child_value (parameters, 1);

  return wsm_exporter_change_backoff (connection, changes, error);
}

static const struct
{
  const char *name;
  gboolean (*call) (WsmConnection  *connection,
                    GVariant       *parameters,
                    GError        **error);
} calls[] = {
  { "RetryNow", wsm_exporter_control_retry_now },
  { "Pause", wsm_exporter_control_pause },
  { "Resume", wsm_exporter_control_resume },
  { "Close", wsm_exporter_control_close },
  { "Abort", wsm_exporter_control_abort },
  { "SendText", wsm_exporter_control_send_text },
  { "SetHeartbeat", wsm_exporter_control_set_heartbeat },
  { "SetBackoff", wsm_exporter_control_set_backoff },
};

/*
 * wsm_exporter_answer_control:
 * @invocation: (transfer full): a call
 */
void
wsm_exporter_answer_control (const WsmExhibit      *exhibit,
                             GDBusMethodInvocation *invocation)
{
  const char *name = g_dbus_method_invocation_get_method_name (invocation);
  GVariant *parameters = g_dbus_method_invocation_get_parameters (invocation);
  g_autoptr (WsmConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  guint64 id;

  g_variant_get_child (parameters, 0, "t", &id);
  connection = wsm_exporter_find_row (exhibit, invocation, id);
  if (connection == NULL)
    return;
  g_object_ref (connection);

  if (g_str_equal (name, "Ping"))
    {
      wsm_connection_ping_async (connection, NULL, wsm_exporter_connection_pinged_cb, invocation);
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      if (!g_str_equal (calls[i].name, name))
        continue;
      if (calls[i].call (connection, parameters, &error))
        g_dbus_method_invocation_return_value (invocation, NULL);
      else
        g_dbus_method_invocation_return_gerror (invocation, error);
      return;
    }
  g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD,
                                         "there is no method %s", name);
}
