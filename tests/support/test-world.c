/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-enum-types.h"

WsmTestWorld *
wsm_test_world_new (guint32 seed)
{
  WsmTestWorld *self = g_new0 (WsmTestWorld, 1);

  self->context = g_main_context_new ();
  g_main_context_push_thread_default (self->context);
  self->clock = wsm_test_clock_new (self->context);
  self->network = wsm_test_network_new (self->context, WSM_CLOCK (self->clock));
  self->pool = wsm_pool_new_with_seams (WSM_CLOCK (self->clock), wsm_test_network_make,
                                        self->network, seed);
  self->log = g_string_new (NULL);

  return self;
}

/* Also checks that nothing is left of the pool and that its log was looked at. */
void
wsm_test_world_free (WsmTestWorld *self)
{
  g_assert_cmpstr (self->log->str, ==, "");
  if (self->pool != NULL)
    g_assert_finalize_object (self->pool);
  wsm_test_clock_settle (self->clock);
  g_assert_cmpstr (self->log->str, ==, "");
  wsm_test_network_free (self->network);
  g_assert_finalize_object (self->clock);
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  g_string_free (self->log, TRUE);
  g_free (self);
}

/* Adds a connection and follows it; it opens when the world runs. */
WsmConnection *
wsm_test_world_add (WsmTestWorld *self,
                    const char   *path,
                    WsmHeartbeat *heartbeat,
                    WsmBackoff   *backoff)
{
  g_autofree char *uri = g_strconcat ("ws://127.0.0.1", path, NULL);
  g_autoptr (GError) error = NULL;
  WsmConnection *connection;

  connection = wsm_pool_add (self->pool, uri, &error);
  g_assert_no_error (error);
  if (heartbeat != NULL)
    wsm_connection_set_heartbeat (connection, heartbeat);
  if (backoff != NULL)
    wsm_connection_set_backoff (connection, backoff);
  wsm_test_world_follow (self, connection);

  return connection;
}

/* Adds a connection whose beats are on time; neither opened nor followed. */
WsmConnection *
wsm_test_world_add_named (WsmTestWorld *self,
                          const char   *uri,
                          const char   *name,
                          guint         interval_ms,
                          guint         timeout_ms)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autoptr (WsmConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", interval_ms,
                            "timeout", timeout_ms,
                            "jitter", 0.0,
                            "idle-only", FALSE,
                            NULL);
  connection = g_object_new (WSM_TYPE_CONNECTION,
                             "uri", uri,
                             "name", name,
                             "heartbeat", heartbeat,
                             NULL);
  wsm_pool_add_connection (self->pool, connection, &error);
  g_assert_no_error (error);

  return connection;
}

/* Adds a connection, leads it to a state, and follows it from there. Its beats are on the second,
 * without jitter, must be answered within 300 ms, and three may be missed; the first delay of its
 * back-off is up to a second, the longest up to four. */
WsmConnection *
wsm_test_world_bring_to (WsmTestWorld *self,
                         const char   *path,
                         WsmState      state)
{
  g_autofree char *uri = g_strconcat ("ws://127.0.0.1", path, NULL);
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autoptr (WsmBackoff) backoff = NULL;
  g_autoptr (WsmConnection) connection = wsm_connection_new (uri);
  WsmTestPeer *peer = wsm_test_world_get_peer (self, path);
  gint64 now_us = wsm_clock_get_time_us (WSM_CLOCK (self->clock));

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", 1000,
                            "timeout", 300,
                            "max-missed", 3,
                            "jitter", 0.0,
                            NULL);
  backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 1000, "max", 4000, NULL);
  wsm_connection_set_heartbeat (connection, heartbeat);
  wsm_connection_set_backoff (connection, backoff);
  g_assert_true (wsm_pool_add_connection (self->pool, connection, NULL));

  /* From the beginning of a second, so that its beats can be foreseen. */
  wsm_test_clock_advance (self->clock, (G_USEC_PER_SEC - now_us % G_USEC_PER_SEC) % G_USEC_PER_SEC);
  if (state != WSM_STATE_IDLE)
    g_assert_true (wsm_connection_open (connection, NULL));

  switch (state)
    {
    case WSM_STATE_IDLE:
      break;

    case WSM_STATE_CONNECTING:
      peer->stall = TRUE;
      wsm_test_world_run_ms (self, 10);
      break;

    case WSM_STATE_WAITING:
      peer->refusal = WSM_REASON_CODE_REFUSED;
      wsm_test_world_run_ms (self, 10);
      peer->refusal = WSM_REASON_CODE_NONE;
      break;

    case WSM_STATE_FAILED:
      peer->refusal = WSM_REASON_CODE_HTTP_STATUS;
      peer->http_status = 403;
      wsm_test_world_run_ms (self, 10);
      peer->refusal = WSM_REASON_CODE_NONE;
      break;

    case WSM_STATE_OPEN:
      wsm_test_world_run_ms (self, 10);
      break;

    case WSM_STATE_SUSPECT:
      wsm_test_world_run_ms (self, 10);
      peer->mute = TRUE;
      wsm_test_world_run_ms (self, 1290);
      break;

    case WSM_STATE_CLOSING:
      wsm_test_world_run_ms (self, 10);
      peer->mute = TRUE;
      g_assert_true (wsm_connection_close (connection, 1000, NULL, NULL));
      break;

    case WSM_STATE_CLOSED:
      wsm_test_world_run_ms (self, 10);
      g_assert_true (wsm_connection_close (connection, 1000, NULL, NULL));
      wsm_test_world_run_ms (self, 10);
      break;

    default:
      g_assert_not_reached ();
    }

  g_assert_cmpint (wsm_connection_get_state (connection), ==, state);
  wsm_test_world_follow (self, connection);

  return connection;
}

WsmTestPeer *
wsm_test_world_get_peer (WsmTestWorld *self,
                         const char   *path)
{
  return wsm_test_network_get_peer (self->network, path);
}

static void
note (WsmTestWorld *self,
      const char   *word)
{
  g_string_append_printf (self->log, "%s ", word);
}

static void
notify_state_cb (WsmConnection *connection,
                 GParamSpec    *pspec,
                 WsmTestWorld  *self)
{
  WsmState state = wsm_connection_get_state (connection);
  g_autofree char *name = g_enum_to_string (WSM_TYPE_STATE, (int) state);

  note (self, name + strlen ("WSM_STATE_"));
}

static void
opened_cb (WsmConnection *connection,
           gboolean       reconnected,
           WsmTestWorld  *self)
{
  note (self, reconnected ? "reopened" : "opened");
}

static void
message_cb (WsmConnection         *connection,
            SoupWebsocketDataType  type,
            GBytes                *message,
            WsmTestWorld          *self)
{
  const char *data = g_bytes_get_data (message, NULL);
  g_autofree char *text = g_strndup (data != NULL ? data : "", g_bytes_get_size (message));

  g_string_append_printf (self->log, "message(%s) ", text);
}

static void
disconnected_cb (WsmConnection *connection,
                 WsmReason     *reason,
                 gboolean       will_retry,
                 WsmTestWorld  *self)
{
  note (self, will_retry ? "disconnected+" : "disconnected");
}

static void
closed_cb (WsmConnection *connection,
           WsmTestWorld  *self)
{
  note (self, "closed");
}

static void
failed_cb (WsmConnection *connection,
           GError        *error,
           WsmTestWorld  *self)
{
  note (self, "failed");
}

static void
dropped_cb (WsmConnection *connection,
            guint          n_messages,
            guint64        n_bytes,
            WsmReason     *why,
            WsmTestWorld  *self)
{
  g_string_append_printf (self->log, "dropped(%u,%" G_GUINT64_FORMAT ") ", n_messages, n_bytes);
}

static void
unconfirmed_cb (WsmConnection *connection,
                guint          n_messages,
                guint64        n_bytes,
                WsmTestWorld  *self)
{
  g_string_append_printf (self->log, "unconfirmed(%u,%" G_GUINT64_FORMAT ") ", n_messages,
                          n_bytes);
}

/* Writes down each of its signals but beats. */
void
wsm_test_world_follow (WsmTestWorld  *self,
                       WsmConnection *connection)
{
  g_signal_connect (connection, "notify::state", G_CALLBACK (notify_state_cb), self);
  g_signal_connect (connection, "opened", G_CALLBACK (opened_cb), self);
  g_signal_connect (connection, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (connection, "disconnected", G_CALLBACK (disconnected_cb), self);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), self);
  g_signal_connect (connection, "failed", G_CALLBACK (failed_cb), self);
  g_signal_connect (connection, "unconfirmed", G_CALLBACK (unconfirmed_cb), self);
  g_signal_connect (connection, "dropped", G_CALLBACK (dropped_cb), self);
}

void
wsm_test_world_run_ms (WsmTestWorld *self,
                       gint64        duration_ms)
{
  wsm_test_clock_advance (self->clock, duration_ms * 1000);
}

/* Asserts what was signalled since the last call. */
void
wsm_test_world_assert_log (WsmTestWorld *self,
                           const char   *expected)
{
  g_strchomp (self->log->str);
  g_assert_cmpstr (self->log->str, ==, expected);
  g_string_truncate (self->log, 0);
}
