/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "echo-fixture.h"

#define DEADLINE_MS 10000
#define OPCODE_PING 9

static gboolean
deadline_cb (gpointer user_data)
{
  g_error ("What the test waits for did not happen");

  return G_SOURCE_REMOVE;
}

void
echo_fixture_wait_for (EchoFixture   *fixture,
                       EchoCondition  condition)
{
  guint deadline_id = g_timeout_add (DEADLINE_MS, deadline_cb, NULL);

  while (!condition (fixture))
    g_main_context_iteration (NULL, TRUE);

  g_source_remove (deadline_id);
}

guint
echo_fixture_count (EchoFixture *fixture,
                    const char  *property)
{
  guint value;

  g_object_get (fixture->path, property, &value, NULL);

  return value;
}

static void
server_opened_cb (EchoFixture *fixture,
                  WsmEchoPath *path)
{
  g_assert_true (path == fixture->path);
  fixture->n_server_opened++;
}

static void
server_message_received_cb (EchoFixture           *fixture,
                            WsmEchoPath           *path,
                            SoupWebsocketDataType  type,
                            GBytes                *bytes)
{
  g_assert_true (path == fixture->path);
  g_assert_cmpuint (g_bytes_get_size (bytes), >, 0);
  fixture->n_server_messages++;
}

static void
server_closed_cb (EchoFixture *fixture,
                  WsmEchoPath *path,
                  guint        code)
{
  g_assert_true (path == fixture->path);
  fixture->n_server_closed++;
  fixture->server_close_code = code;
  fixture->n_server_messages_when_closed = fixture->n_server_messages;
}

static void
client_message_cb (EchoFixture           *fixture,
                   SoupWebsocketDataType  type,
                   GBytes                *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  g_string_append_len (fixture->received, data, (gssize) size);
  g_string_append_c (fixture->received, ';');
}

static void
client_pong_cb (EchoFixture *fixture)
{
  fixture->n_pongs++;
}

static void
client_error_cb (EchoFixture *fixture,
                 GError      *error)
{
  if (fixture->client_error == NULL)
    fixture->client_error = g_error_copy (error);
}

static void
client_closed_cb (EchoFixture *fixture)
{
  fixture->n_client_closed++;
}

static void
connected_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  EchoFixture *fixture = user_data;

  g_clear_error (&fixture->connect_error);
  fixture->client = soup_session_websocket_connect_finish (SOUP_SESSION (source), result,
                                                           &fixture->connect_error);
  fixture->n_connects_done++;

  if (fixture->client == NULL)
    return;

  g_signal_connect_swapped (fixture->client, "message", G_CALLBACK (client_message_cb), fixture);
  g_signal_connect_swapped (fixture->client, "pong", G_CALLBACK (client_pong_cb), fixture);
  g_signal_connect_swapped (fixture->client, "error", G_CALLBACK (client_error_cb), fixture);
  g_signal_connect_swapped (fixture->client, "closed", G_CALLBACK (client_closed_cb), fixture);
}

gboolean
echo_fixture_is_connect_done (EchoFixture *fixture)
{
  return fixture->n_connects_done > 0;
}

gboolean
echo_fixture_is_server_open (EchoFixture *fixture)
{
  return fixture->n_server_opened > 0;
}

gboolean
echo_fixture_is_client_closed (EchoFixture *fixture)
{
  return fixture->n_client_closed > 0;
}

gboolean
echo_fixture_is_server_closed (EchoFixture *fixture)
{
  return fixture->n_server_closed > 0;
}

gboolean
echo_fixture_has_message (EchoFixture *fixture)
{
  return fixture->received->len > 0;
}

gboolean
echo_fixture_has_pong (EchoFixture *fixture)
{
  return fixture->n_pongs > 0;
}

gboolean
echo_fixture_has_server_message (EchoFixture *fixture)
{
  return fixture->n_server_messages > 0;
}

gboolean
echo_fixture_has_server_ping (EchoFixture *fixture)
{
  return echo_fixture_count (fixture, "n-pings") > 0;
}

gboolean
echo_fixture_has_no_connection (EchoFixture *fixture)
{
  return echo_fixture_count (fixture, "n-connections") == 0;
}

gboolean
echo_fixture_has_handshake_under_way (EchoFixture *fixture)
{
  return echo_fixture_count (fixture, "n-handshakes-under-way") > 0;
}

gboolean
echo_fixture_has_no_handshake_under_way (EchoFixture *fixture)
{
  return echo_fixture_count (fixture, "n-handshakes-under-way") == 0;
}

static gboolean
client_is_gone (EchoFixture *fixture)
{
  return fixture->client == NULL;
}

void
echo_fixture_begin_connect (EchoFixture *fixture,
                            const char  *path)
{
  g_autofree char *uri = wsm_echo_server_dup_uri (fixture->server, path);

  fixture->n_connects_done = 0;
  g_clear_object (&fixture->message);
  fixture->message = soup_message_new (SOUP_METHOD_GET, uri);
  soup_session_websocket_connect_async (fixture->session, fixture->message, NULL, NULL,
                                        G_PRIORITY_DEFAULT, fixture->cancellable,
                                        connected_cb, fixture);
}

void
echo_fixture_open_client (EchoFixture *fixture)
{
  echo_fixture_begin_connect (fixture, ECHO_FIXTURE_PATH);
  echo_fixture_wait_for (fixture, echo_fixture_is_connect_done);
  g_assert_no_error (fixture->connect_error);
  echo_fixture_wait_for (fixture, echo_fixture_is_server_open);
}

void
echo_fixture_send_text (EchoFixture *fixture,
                        const char  *text)
{
  soup_websocket_connection_send_text (fixture->client, text);
}

void
echo_fixture_send_ping (EchoFixture *fixture)
{
  g_autoptr (GBytes) payload = g_bytes_new_static ("alive", 5);

  soup_websocket_connection_send_message (fixture->client,
                                          (SoupWebsocketDataType) OPCODE_PING, payload);
}

/* As when the process of the client is killed. */
void
echo_fixture_shut_client_down (EchoFixture *fixture)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (fixture->client);
  GSocket *socket = g_object_get_data (G_OBJECT (stream), "GSocket");
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (socket);
  g_socket_shutdown (socket, TRUE, TRUE, &error);
  g_assert_no_error (error);
}

void
echo_fixture_assert_received (EchoFixture *fixture,
                              const char  *expected)
{
  g_assert_cmpstr (fixture->received->str, ==, expected);
  g_string_truncate (fixture->received, 0);
}

void
echo_fixture_set_up (EchoFixture   *fixture,
                     gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  fixture->received = g_string_new (NULL);
  fixture->cancellable = g_cancellable_new ();
  fixture->session = soup_session_new_with_options ("proxy-resolver", NULL, NULL);

  fixture->server = wsm_echo_server_new ();
  fixture->path = wsm_echo_server_add_path (fixture->server, ECHO_FIXTURE_PATH);
  g_signal_connect_swapped (fixture->server, "opened", G_CALLBACK (server_opened_cb), fixture);
  g_signal_connect_swapped (fixture->server, "message-received",
                            G_CALLBACK (server_message_received_cb), fixture);
  g_signal_connect_swapped (fixture->server, "closed", G_CALLBACK (server_closed_cb), fixture);

  wsm_echo_server_start (fixture->server, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (wsm_echo_server_get_port (fixture->server), >, 0);
}

void
echo_fixture_tear_down (EchoFixture   *fixture,
                        gconstpointer  user_data)
{
  wsm_echo_server_stop (fixture->server);

  if (fixture->client != NULL)
    {
      echo_fixture_wait_for (fixture, echo_fixture_is_client_closed);
      g_object_add_weak_pointer (G_OBJECT (fixture->client), (gpointer *) &fixture->client);
      g_object_unref (fixture->client);
      echo_fixture_wait_for (fixture, client_is_gone);
    }

  g_assert_finalize_object (g_steal_pointer (&fixture->server));
  g_clear_object (&fixture->session);
  g_clear_object (&fixture->message);
  g_clear_object (&fixture->cancellable);
  g_clear_error (&fixture->connect_error);
  g_clear_error (&fixture->client_error);
  g_string_free (fixture->received, TRUE);

  while (g_main_context_iteration (NULL, FALSE))
    continue;
}
