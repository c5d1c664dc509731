/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "transport-client.h"

#include <string.h>

#include "test-names.h"
#include "test-process.h"
#include "wsm-address.h"
#include "wsm-system-clock.h"

static gboolean
wake_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* One turn of the loop, at most a few milliseconds long. */
void
loop_turn (void)
{
  g_autoptr (GSource) source = g_timeout_source_new (2);

  g_source_set_callback (source, wake_cb, NULL, NULL);
  g_source_attach (source, NULL);
  g_main_context_iteration (NULL, TRUE);
  g_source_destroy (source);
}

/* Lets the loop run, where something must not happen. */
void
loop_run_for (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + (gint64) milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    loop_turn ();
}

static void
sink_opened (WsmTransport *transport,
             gpointer      user_data)
{
  Client *client = user_data;

  client->n_opened++;
  g_string_append (client->log, "opened ");
}

static void
sink_message (WsmTransport          *transport,
              SoupWebsocketDataType  type,
              GBytes                *message,
              gint64                 time_us,
              gpointer               user_data)
{
  Client *client = user_data;

  g_assert_cmpint (time_us, >, 0);
  g_assert_cmpint (time_us, <=, wsm_transport_get_last_received_us (transport));
  g_ptr_array_add (client->messages, g_bytes_ref (message));
  g_string_append (client->log, type == SOUP_WEBSOCKET_DATA_TEXT ? "text " : "binary ");
}

static void
sink_pong (WsmTransport *transport,
           const char   *payload,
           gint64        time_us,
           gpointer      user_data)
{
  Client *client = user_data;

  client->n_pongs++;
  g_free (client->pong);
  client->pong = g_strdup (payload);
  client->pong_us = time_us;
  g_string_append (client->log, "pong ");
}

static void
sink_life (WsmTransport *transport,
           gint64        time_us,
           gpointer      user_data)
{
  Client *client = user_data;

  client->n_life++;
  g_string_append (client->log, "life ");
}

static void
sink_frame (WsmTransport   *transport,
            const WsmFrame *frame,
            gpointer        user_data)
{
  Client *client = user_data;

  g_ptr_array_add (client->frames, wsm_frame_copy (frame));
}

static void
sink_drained (WsmTransport *transport,
              gpointer      user_data)
{
  Client *client = user_data;

  client->n_drained++;
}

static void
sink_ended (WsmTransport    *transport,
            const WsmEnding *ending,
            gpointer         user_data)
{
  Client *client = user_data;

  client->n_ended++;
  client->reason = wsm_reason_copy (ending->reason);
  client->error = ending->error != NULL ? g_error_copy (ending->error) : NULL;
  client->close_reason = g_strdup (ending->close_reason);
  g_string_append (client->log, "ended ");
}

static const WsmTransportSink sink = {
  .opened = sink_opened,
  .message = sink_message,
  .pong = sink_pong,
  .life = sink_life,
  .frame = sink_frame,
  .drained = sink_drained,
  .ended = sink_ended,
};

Client *
client_new (Fixture *fixture)
{
  Client *client = g_new0 (Client, 1);

  client->log = g_string_new (NULL);
  client->messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  client->frames = g_ptr_array_new_with_free_func ((GDestroyNotify) wsm_frame_free);
  client->transport = wsm_soup_transport_new (fixture->session, fixture->lane, fixture->clock,
                                              fixture->delivery);
  wsm_transport_connect_sink (client->transport, &sink, client);
  client->alive = client->transport;
  g_object_add_weak_pointer (G_OBJECT (client->transport), &client->alive);

  return client;
}

void
client_open (Client  *client,
             Fixture *fixture)
{
  g_autoptr (SoupMessage) message = soup_message_new_from_uri (SOUP_METHOD_GET, fixture->uri);

  wsm_transport_open (client->transport, message, NULL, NULL);
}

void
client_drop (Client *client)
{
  if (client->transport != NULL)
    wsm_transport_let_go (client->transport);
  g_clear_object (&client->transport);
}

void
client_free (Client *client)
{
  client_drop (client);
  WAIT_WITHIN (client->alive == NULL, RELEASE_MS);
  g_string_free (client->log, TRUE);
  g_ptr_array_unref (client->messages);
  g_ptr_array_unref (client->frames);
  g_clear_pointer (&client->reason, wsm_reason_free);
  g_clear_error (&client->error);
  g_free (client->close_reason);
  g_free (client->pong);
  g_free (client);
}

void
client_send_text (Client     *client,
                  const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  wsm_transport_send (client->transport, SOUP_WEBSOCKET_DATA_TEXT, bytes);
}

const char *
client_get_text (Client *client,
                 guint   i)
{
  g_assert_cmpuint (i, <, client->messages->len);

  return g_bytes_get_data (g_ptr_array_index (client->messages, i), NULL);
}

void
fixture_use_uri (Fixture    *fixture,
                 const char *text)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&fixture->uri, g_uri_unref);
  fixture->uri = wsm_address_parse (text, &error);
  g_assert_no_error (error);
}

void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  /* What the last test left to the loop, its listening socket for one, is not counted. */
  loop_run_for (5);
  fixture->n_sockets = test_process_count_sockets ();
  fixture->session = wsm_soup_transport_new_session ();
  fixture->lane = wsm_lane_new (NULL);
  fixture->clock = wsm_system_clock_new ();
  fixture->delivery = wsm_delivery_new (NULL);
}

void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  gpointer session = fixture->session;
  gpointer clock = fixture->clock;

  /* Each attempt holds the one, each open connection the other. */
  g_object_add_weak_pointer (session, &session);
  g_object_add_weak_pointer (clock, &clock);
  g_clear_object (&fixture->session);
  g_clear_object (&fixture->clock);
  WAIT_WITHIN (session == NULL && clock == NULL, RELEASE_MS);

  g_clear_pointer (&fixture->raw, raw_server_free);
  g_clear_pointer (&fixture->delivery, wsm_delivery_unref);
  g_clear_pointer (&fixture->lane, wsm_lane_unref);
  g_clear_pointer (&fixture->uri, g_uri_unref);
  g_clear_pointer (&fixture->headers, g_free);
  WAIT_WITHIN (test_process_count_sockets () <= fixture->n_sockets, DEADLINE_MS);
}

void
fixture_raw_accept_cb (RawPeer    *peer,
                       const char *request,
                       gpointer    user_data)
{
  Fixture *fixture = user_data;

  raw_peer_accept (peer, fixture->headers);
}

/* Frames in one piece with the handshake. */
void
fixture_raw_glue_cb (RawPeer    *peer,
                     const char *request,
                     gpointer    user_data)
{
  raw_peer_accept (peer, NULL);
  raw_peer_write_frame (peer, 0x81, "first", 5);
  raw_peer_write_frame (peer, 0x89, "", 0);
  raw_peer_write_frame (peer, 0x82, "second", 6);
  raw_peer_write_close (peer, 1001, "going");
}

void
fixture_raw_silent_cb (RawPeer    *peer,
                       const char *request,
                       gpointer    user_data)
{
}

void
fixture_use_raw_server (Fixture       *fixture,
                        RawServerFunc  func)
{
  g_autofree char *uri = NULL;

  g_clear_pointer (&fixture->raw, raw_server_free);
  fixture->raw = raw_server_new (func, fixture);
  uri = raw_server_make_uri (fixture->raw, "/");
  fixture_use_uri (fixture, uri);
}

/* Makes the raw server, which is there already, and the clients to come speak TLS. */
void
fixture_use_tls (Fixture *fixture)
{
  g_autoptr (GTlsCertificate) certificate = fixture_load_certificate ();
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "server.pem", NULL);
  g_autoptr (GTlsDatabase) database = g_tls_file_database_new (path, NULL);
  g_autofree char *uri = NULL;

  soup_session_set_tls_database (fixture->session, database);
  raw_server_use_tls (fixture->raw, certificate);
  uri = raw_server_make_uri (fixture->raw, "/");
  fixture_use_uri (fixture, uri);
}

/* A client on the raw server, opened. */
Client *
fixture_open_raw_client (Fixture *fixture)
{
  Client *client;

  if (fixture->raw == NULL)
    fixture_use_raw_server (fixture, fixture_raw_accept_cb);

  client = client_new (fixture);
  client_open (client, fixture);
  WAIT_FOR (client->n_opened == 1 || client->n_ended > 0);
  g_assert_cmpstr (client->log->str, ==, "opened ");

  return client;
}

static void
honest_message_cb (SoupWebsocketConnection *connection,
                   SoupWebsocketDataType    type,
                   GBytes                  *message,
                   gpointer                 user_data)
{
  soup_websocket_connection_send_message (connection, type, message);
}

static void
honest_closed_cb (SoupWebsocketConnection *connection,
                  gpointer                 user_data)
{
  Honest *honest = user_data;

  honest->n_closed++;
  honest->close_code = soup_websocket_connection_get_close_code (connection);
}

static void
honest_opened_cb (SoupServer              *server,
                  SoupServerMessage       *message,
                  const char              *path,
                  SoupWebsocketConnection *connection,
                  gpointer                 user_data)
{
  Honest *honest = user_data;

  g_set_object (&honest->connection, connection);
  soup_websocket_connection_set_max_incoming_payload_size (connection, G_MAXINT32);
  g_signal_connect (connection, "message", G_CALLBACK (honest_message_cb), NULL);
  g_signal_connect (connection, "closed", G_CALLBACK (honest_closed_cb), honest);
}

static void
honest_message_settled_cb (SoupServerMessage *message,
                           gpointer           user_data)
{
  Honest *honest = user_data;

  g_signal_handlers_disconnect_by_data (message, honest);
  honest->n_connecting--;
  g_object_unref (message);
}

/* Each connection starts with a message, before its handshake. libsoup lets go of that before it
 * says that the handshake has failed. */
static void
honest_request_started_cb (SoupServer        *server,
                           SoupServerMessage *message,
                           gpointer           user_data)
{
  Honest *honest = user_data;

  honest->n_connecting++;
  g_object_ref (message);
  g_signal_connect (message, "connected", G_CALLBACK (honest_message_settled_cb), honest);
  g_signal_connect (message, "disconnected", G_CALLBACK (honest_message_settled_cb), honest);
}

Honest *
honest_new (Fixture         *fixture,
            GTlsCertificate *certificate)
{
  Honest *honest = g_new0 (Honest, 1);
  static char *protocols[] = { (char *) "second", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL;
  GSList *uris;

  honest->server = soup_server_new ("tls-certificate", certificate, NULL);
  g_signal_connect (honest->server, "request-started", G_CALLBACK (honest_request_started_cb),
                    honest);
  soup_server_add_websocket_handler (honest->server, "/", NULL, protocols, honest_opened_cb,
                                     honest, NULL);
  soup_server_listen_local (honest->server, 0,
                            SOUP_SERVER_LISTEN_IPV4_ONLY |
                            (certificate != NULL ? SOUP_SERVER_LISTEN_HTTPS : 0), &error);
  g_assert_no_error (error);

  uris = soup_server_get_uris (honest->server);
  uri = g_strdup_printf ("%s://127.0.0.1:%d/", certificate != NULL ? "wss" : "ws",
                         g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  fixture_use_uri (fixture, uri);

  return honest;
}

void
honest_free (Honest *honest)
{
  WAIT_FOR (honest->connection == NULL || honest->n_closed > 0);
  if (honest->connection != NULL)
    g_signal_handlers_disconnect_by_data (honest->connection, honest);
  g_clear_object (&honest->connection);
  /* From 3.3 to 3.6.5 a handshake that ends after its server comes back to freed memory. */
  WAIT_FOR (honest->n_connecting == 0);
  soup_server_disconnect (honest->server);
  g_assert_finalize_object (honest->server);
  g_free (honest);
}

GTlsCertificate *
fixture_load_certificate (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "server.pem", NULL);
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_file (path, &error);

  g_assert_no_error (error);

  return certificate;
}

static void
drop_log (const char     *domain,
          GLogLevelFlags  level,
          const char     *message,
          gpointer        user_data)
{
}

/* What GIO, TLS and libsoup make once and keep is made before anything is counted. And libsoup's
 * debugging repeats what a peer wrote, which need not be text, into the test's own output. */
void
fixture_warm_up (void)
{
  Fixture fixture = { NULL };
  g_autoptr (GTlsCertificate) certificate = fixture_load_certificate ();
  Honest *honest;
  Client *client;

  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, drop_log, NULL);
  fixture_set_up (&fixture, NULL);
  honest = honest_new (&fixture, certificate);
  client = client_new (&fixture);
  client_open (client, &fixture);
  WAIT_FOR (client->n_ended == 1);
  client_free (client);
  client = client_new (&fixture);
  fixture_use_uri (&fixture, "ws://" TEST_UNKNOWN_HOST "/");
  client_open (client, &fixture);
  WAIT_FOR (client->n_ended == 1);
  client_free (client);
  honest_free (honest);
  fixture.n_sockets = G_MAXUINT;
  fixture_tear_down (&fixture, NULL);
}
