/* SPDX-FileCopyrightText: The libwsmulti authors */
/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libwsmulti.h>

static void
message_cb (WsmPool *pool, WsmConnection *feed, SoupWebsocketDataType type, GBytes *data)
{
  g_print ("%s %.*s\n", wsm_connection_get_name (feed), (int) g_bytes_get_size (data),
           (const char *) g_bytes_get_data (data, NULL));
}

static void
state_changed_cb (WsmPool *pool, WsmConnection *feed)
{
  g_autofree char *reason = wsm_reason_to_string (wsm_connection_get_reason (feed));

  g_print ("%s %s\n", wsm_connection_get_name (feed), reason);
}

int
main (int argc, char *argv[])
{
  const char *usual[] = { "wss://api1.example.com", "wss://api2.example.com", NULL };
  const char **uris = argc > 1 ? (const char **) argv + 1 : usual;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (WsmHeartbeat) heartbeat =
    g_object_new (WSM_TYPE_HEARTBEAT, "mode", WSM_HEARTBEAT_MODE_TEXT, "payload", "ping",
                  "interval", 5000, "idle-only", FALSE, NULL);
  g_autoptr (WsmPool) pool = g_object_new (WSM_TYPE_POOL, "heartbeat", heartbeat, NULL);

  g_signal_connect (pool, "message", G_CALLBACK (message_cb), NULL);
  g_signal_connect (pool, "connection-state-changed", G_CALLBACK (state_changed_cb), NULL);
  for (; *uris != NULL; uris++)
    if (wsm_pool_add (pool, *uris, &error) == NULL)
      g_error ("%s", error->message);
  g_main_loop_run (loop);
  return 0;
}
