/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "test-process.h"
#include "transport-client.h"

/* Of a masked frame with a length of 64 bits. */
#define HEADER_BYTES 14

static void
test_opens_and_echoes (Fixture       *fixture,
                       gconstpointer  data)
{
  Honest *honest = honest_new (fixture, NULL);
  Client *client = client_new (fixture);
  const char *protocols[] = { "first", "second", NULL };
  g_autoptr (SoupMessage) message = soup_message_new_from_uri (SOUP_METHOD_GET, fixture->uri);
  g_autoptr (GBytes) binary = g_bytes_new ("\0\1\2", 3);
  g_autofree char *authority = NULL;
  const WsmTransportFacts *facts;

  wsm_transport_open (client->transport, message, "https://example.com", protocols);
  g_assert_cmpuint (client->n_opened, ==, 0);
  WAIT_FOR (client->n_opened == 1);

  facts = wsm_transport_get_facts (client->transport);
  authority = g_strdup_printf ("127.0.0.1:%d", g_uri_get_port (fixture->uri));
  g_assert_cmpstr (facts->protocol, ==, "second");
  g_assert_cmpstr (facts->extensions, ==, NULL);
  g_assert_cmpstr (facts->remote_address, ==, authority);
  g_assert_null (facts->peer_certificate);
  g_assert_true (facts->limits_enforced);
  g_assert_cmpuint (facts->liveness_source & WSM_LIVENESS_SOURCE_FRAMES, !=, 0);
  g_assert_cmpuint (facts->liveness_source & WSM_LIVENESS_SOURCE_MESSAGES, !=, 0);

  client_send_text (client, "hello");
  wsm_transport_send (client->transport, SOUP_WEBSOCKET_DATA_BINARY, binary);
  WAIT_FOR (client->messages->len == 2);
  g_assert_cmpstr (client->log->str, ==, "opened text binary ");
  g_assert_cmpstr (client_get_text (client, 0), ==, "hello");
  g_assert_true (g_bytes_equal (g_ptr_array_index (client->messages, 1), binary));

  client_free (client);
  honest_free (honest);
}

static void
test_closes_politely (Fixture       *fixture,
                      gconstpointer  data)
{
  Honest *honest = honest_new (fixture, NULL);
  Client *client = client_new (fixture);

  client_open (client, fixture);
  WAIT_FOR (client->n_opened == 1);
  wsm_transport_close (client->transport, 4001, "done");
  wsm_transport_close (client->transport, 4001, "twice is no harm");
  client_send_text (client, "too late is no harm");
  wsm_transport_ping (client->transport, "nor this");
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_PEER_CLOSED);
  g_assert_cmpuint (wsm_reason_get_close_code (client->reason), ==, 4001);
  g_assert_cmpuint (honest->close_code, ==, 4001);
  wsm_transport_close (client->transport, 1000, NULL);
  wsm_transport_abort (client->transport);
  wsm_transport_abort (client->transport);
  loop_run_for (20);
  g_assert_cmpuint (client->n_ended, ==, 1);

  client_free (client);
  honest_free (honest);
}

static void
test_sends_only_codes_that_may_be_sent (Fixture       *fixture,
                                        gconstpointer  data)
{
  static const struct
  {
    guint code;
    guint sent;
  } cases[] = {
    { 0, 1005 }, { 1005, 1005 }, { 1000, 1000 }, { 1001, 1001 }, { 1011, 1000 }, { 1006, 1000 },
    { 1015, 1000 }, { 2000, 1000 }, { 999, 1000 }, { 3000, 3000 }, { 4999, 4999 }, { 5000, 1000 },
    { 70000, 1000 },
  };
  g_autofree char *long_reason = g_strnfill (124, 'x');

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Client) client = fixture_open_raw_client (fixture);
      g_autoptr (GBytes) payload = NULL;
      const guint8 *bytes;
      gsize length;
      guint opcode;

      wsm_transport_close (client->transport, cases[i].code, long_reason);
      WAIT_FOR (raw_peer_take_frame (raw_server_get_peer (fixture->raw), &opcode, &payload));
      bytes = g_bytes_get_data (payload, &length);
      g_assert_cmpuint (opcode, ==, 8);
      if (cases[i].sent == 1005)
        {
          g_assert_cmpuint (length, ==, 0);
        }
      else
        {
          g_assert_cmpuint (length, ==, 2);
          g_assert_cmpuint (bytes[0] << 8 | bytes[1], ==, cases[i].sent);
        }
    }
}

static void
test_gets_pongs (Fixture       *fixture,
                 gconstpointer  data)
{
  gboolean with_deflate = GPOINTER_TO_INT (data);
  Honest *honest = honest_new (fixture, NULL);
  Client *client = client_new (fixture);
  g_autofree char *text = g_strnfill (300000, 'x');
  const WsmTransportFacts *facts = wsm_transport_get_facts (client->transport);

  if (with_deflate)
    {
      soup_session_add_feature_by_type (fixture->session, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
      soup_server_add_websocket_extension (honest->server, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
    }

  client_open (client, fixture);
  WAIT_FOR (client->n_opened == 1);
  g_assert_true ((facts->extensions != NULL) == with_deflate);
  if (with_deflate)
    g_assert_true (g_str_has_prefix (facts->extensions, "permessage-deflate"));
  g_assert_cmpint (facts->limits_enforced, ==, !with_deflate);
  g_assert_true (facts->liveness_source & WSM_LIVENESS_SOURCE_FRAMES);

  for (guint i = 1; i <= 4; i++)
    {
      g_autofree char *payload = g_strdup_printf ("wsm-%u", i);

      wsm_transport_ping (client->transport, payload);
      client_send_text (client, text);
      WAIT_FOR (client->messages->len == i && client->n_pongs == i);
      g_assert_cmpstr (client->pong, ==, payload);
      g_assert_cmpstr (client_get_text (client, i - 1), ==, text);
    }

  wsm_transport_ping (client->transport, "");
  WAIT_FOR (client->n_pongs == 5);
  g_assert_cmpstr (client->pong, ==, "");
  g_assert_cmpuint (client->n_ended, ==, 0);

  client_free (client);
  honest_free (honest);
}

static void
test_survives_strange_pongs (Fixture       *fixture,
                             gconstpointer  data)
{
  Client *client = fixture_open_raw_client (fixture);
  RawPeer *peer = raw_server_get_peer (fixture->raw);
  g_autofree char *longest = g_strnfill (125, 'p');

  raw_peer_write_frame (peer, 0x8a, NULL, 0);
  WAIT_FOR (client->n_pongs == 1);
  g_assert_cmpstr (client->pong, ==, "");

  raw_peer_write_frame (peer, 0x8a, longest, 125);
  WAIT_FOR (client->n_pongs == 2);
  g_assert_cmpstr (client->pong, ==, longest);

  raw_peer_write_frame (peer, 0x8a, "a\0b", 3);
  WAIT_FOR (client->n_pongs == 3);
  g_assert_cmpstr (client->pong, ==, "a");

  raw_peer_write_frame (peer, 0x8a, "\xc3\xa9", 2);
  WAIT_FOR (client->n_pongs == 4);
  g_assert_cmpstr (client->pong, ==, "");

  client_free (client);
}

static void
test_sees_pings_and_fragments (Fixture       *fixture,
                               gconstpointer  data)
{
  Client *client = fixture_open_raw_client (fixture);
  RawPeer *peer = raw_server_get_peer (fixture->raw);
  g_autoptr (GBytes) payload = NULL;
  guint opcode;

  raw_peer_write_frame (peer, 0x89, "are you there", 13);
  WAIT_FOR (client->n_life == 1);
  WAIT_FOR (raw_peer_take_frame (peer, &opcode, &payload));
  g_assert_cmpuint (opcode, ==, 0xa);
  g_assert_cmpuint (g_bytes_get_size (payload), ==, 13);

  raw_peer_write_frame (peer, 0x01, "one ", 4);
  WAIT_FOR (client->n_life == 2);
  raw_peer_write_frame (peer, 0x00, "two ", 4);
  WAIT_FOR (client->n_life == 3);
  raw_peer_write_frame (peer, 0x80, "three", 5);
  WAIT_FOR (client->messages->len == 1);
  g_assert_cmpuint (client->n_life, ==, 3);
  g_assert_cmpstr (client_get_text (client, 0), ==, "one two three");

  client_free (client);
}

static void
test_makes_few_events_of_many_fragments (Fixture       *fixture,
                                         gconstpointer  data)
{
  Client *client = fixture_open_raw_client (fixture);
  RawPeer *peer = raw_server_get_peer (fixture->raw);
  g_autoptr (GByteArray) flood = g_byte_array_new ();

  g_byte_array_append (flood, (const guint8 *) "\x01\0", 2);
  for (guint i = 0; i < 20000; i++)
    g_byte_array_append (flood, (const guint8 *) "\0\0", 2);
  g_byte_array_append (flood, (const guint8 *) "\x80\1x", 3);
  raw_peer_write (peer, flood->data, flood->len);
  WAIT_FOR (client->messages->len == 1);
  g_assert_cmpstr (client_get_text (client, 0), ==, "x");
  g_assert_cmpuint (client->n_life, >, 0);
  g_assert_cmpuint (client->n_life, <, 1000);

  client_free (client);
}

static void
test_takes_frames_glued_to_the_handshake (Fixture       *fixture,
                                          gconstpointer  data)
{
  Client *client = NULL;

  fixture_use_raw_server (fixture, fixture_raw_glue_cb);
  client = client_new (fixture);
  client_open (client, fixture);
  WAIT_FOR (client->n_ended == 1);
  g_assert_true (g_str_has_prefix (client->log->str, "opened text life binary "));
  g_assert_cmpstr (client_get_text (client, 0), ==, "first");
  g_assert_cmpuint (wsm_reason_get_close_code (client->reason), ==, 1001);
  g_assert_cmpstr (client->close_reason, ==, "going");

  client_free (client);
}

static void
raw_record_cb (RawPeer    *peer,
               const char *request,
               gpointer    user_data)
{
  Fixture *fixture = user_data;

  g_free (fixture->headers);
  fixture->headers = g_strdup (request);
  raw_peer_accept (peer, NULL);
}

/* It is random, and would spell any short word one day. */
static void
erase_key (char *headers)
{
  char *key = strstr (headers, "Sec-WebSocket-Key: ");

  g_assert_nonnull (key);
  memset (key, '-', strcspn (key, "\r"));
}

static void
test_leaves_no_trace_on_the_wire (Fixture       *fixture,
                                  gconstpointer  data)
{
  for (guint with_deflate = 0; with_deflate < 2; with_deflate++)
    {
      g_autoptr (SoupMessage) message = NULL;
      g_autofree char *shown = NULL;
      Client *client = client_new (fixture);

      if (with_deflate)
        soup_session_add_feature_by_type (fixture->session,
                                          SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);

      fixture_use_raw_server (fixture, raw_record_cb);
      message = soup_message_new_from_uri (SOUP_METHOD_GET, fixture->uri);
      wsm_transport_open (client->transport, message, NULL, NULL);
      WAIT_FOR (client->n_opened == 1);
      g_assert_true (wsm_transport_get_facts (client->transport)->liveness_source &
                     WSM_LIVENESS_SOURCE_FRAMES);

      erase_key (fixture->headers);
      g_assert_null (strcasestr (fixture->headers, "wsm"));
      g_assert_null (strcasestr (fixture->headers, "tap"));
      if (with_deflate)
        g_assert_nonnull (strstr (fixture->headers, "\r\nSec-WebSocket-Extensions: "
                                  "permessage-deflate; client_max_window_bits\r\n"));
      else
        g_assert_null (strstr (fixture->headers, "Extensions"));

      /* Nor in what the app can look at. */
      g_assert_cmpstr (soup_message_headers_get_list (soup_message_get_response_headers (message),
                                                      "Sec-WebSocket-Extensions"), ==, NULL);
      shown = g_strdup (soup_message_headers_get_list (soup_message_get_request_headers (message),
                                                       "Sec-WebSocket-Extensions"));
      g_assert_cmpstr (shown, ==,
                       with_deflate ? "permessage-deflate; client_max_window_bits" : NULL);

      client_free (client);
    }
}

static void
test_refuses_a_server_that_names_the_tap (Fixture       *fixture,
                                          gconstpointer  data)
{
  static const char * const answers[] = {
    "Sec-WebSocket-Extensions: wsm-frame-tap\r\n",
    "Sec-WebSocket-Extensions: wsm-frame-tap; secret=0x0\r\n",
    "Sec-WebSocket-Extensions: x-unknown\r\n",
    "Sec-WebSocket-Protocol: x-unknown\r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      Client *client = NULL;

      g_free (fixture->headers);
      fixture->headers = g_strdup (answers[i]);
      fixture_use_raw_server (fixture, fixture_raw_accept_cb);
      client = client_new (fixture);
      client_open (client, fixture);
      WAIT_FOR (client->n_ended == 1);
      g_assert_cmpuint (client->n_opened, ==, 0);
      g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_BAD_HANDSHAKE);
      g_assert_error (client->error, WSM_ERROR, WSM_ERROR_HANDSHAKE);
      client_free (client);
    }
}

static void
test_works_without_a_tap (Fixture       *fixture,
                          gconstpointer  data)
{
  Client *client = NULL;

  g_clear_object (&fixture->session);
  fixture->session = soup_session_new ();
  client = fixture_open_raw_client (fixture);
  g_assert_false (wsm_transport_get_facts (client->transport)->liveness_source &
                  WSM_LIVENESS_SOURCE_FRAMES);
  raw_peer_write_frame (raw_server_get_peer (fixture->raw), 0x81, "x", 1);
  wsm_transport_ping (client->transport, "p");
  WAIT_FOR (client->messages->len == 1);

  client_free (client);
}

static void
test_tells_frames_both_ways (Fixture       *fixture,
                             gconstpointer  data)
{
  Client *client = fixture_open_raw_client (fixture);
  RawPeer *peer = raw_server_get_peer (fixture->raw);
  g_autofree char *text = g_strnfill (200, 't');
  WsmFrame *frame;

  raw_peer_write_frame (peer, 0x81, "unseen", 6);
  WAIT_FOR (client->messages->len == 1);
  g_assert_cmpuint (client->frames->len, ==, 0);

  wsm_transport_set_wants_frames (client->transport, TRUE, 4);
  raw_peer_write_frame (peer, 0x81, text, 200);
  WAIT_FOR (client->frames->len == 1);
  frame = g_ptr_array_index (client->frames, 0);
  g_assert_cmpint (wsm_frame_get_direction (frame), ==, WSM_DIRECTION_INCOMING);
  g_assert_cmpuint (wsm_frame_get_opcode (frame), ==, 1);
  g_assert_true (wsm_frame_is_final (frame));
  g_assert_false (wsm_frame_is_compressed (frame));
  g_assert_cmpuint (wsm_frame_get_length (frame), ==, 200);
  g_assert_cmpuint (wsm_frame_get_wire_length (frame), ==, 204);
  g_assert_cmpint (wsm_frame_get_time (frame), >, 0);
  g_assert_cmpmem (g_bytes_get_data (wsm_frame_get_payload (frame), NULL),
                   g_bytes_get_size (wsm_frame_get_payload (frame)), "tttt", 4);

  wsm_transport_set_wants_frames (client->transport, TRUE, 0);
  wsm_transport_ping (client->transport, "p");
  WAIT_FOR (client->frames->len == 2);
  frame = g_ptr_array_index (client->frames, 1);
  g_assert_cmpint (wsm_frame_get_direction (frame), ==, WSM_DIRECTION_OUTGOING);
  g_assert_cmpuint (wsm_frame_get_opcode (frame), ==, 9);
  g_assert_cmpuint (wsm_frame_get_wire_length (frame), ==, 7);
  g_assert_null (wsm_frame_get_payload (frame));

  client_free (client);
}

static void
test_keeps_attempts_at_once_apart (Fixture       *fixture,
                                   gconstpointer  data)
{
  Client *clients[8];

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      clients[i] = client_new (fixture);
      wsm_transport_set_wants_frames (clients[i]->transport, TRUE, 0);
      client_open (clients[i], fixture);
    }

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    WAIT_FOR (clients[i]->n_opened == 1);

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      for (gsize n = 0; n <= i; n++)
        wsm_transport_ping (clients[i]->transport, "p");
    }

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    WAIT_FOR (clients[i]->frames->len == i + 1);

  for (gsize i = 0; i < G_N_ELEMENTS (clients); i++)
    client_free (clients[i]);
}

static void
test_refuses_unknown_authorities (Fixture       *fixture,
                                  gconstpointer  data)
{
  g_autoptr (GTlsCertificate) certificate = fixture_load_certificate ();
  Honest *honest = honest_new (fixture, certificate);
  Client *client = client_new (fixture);

  client_open (client, fixture);
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpuint (client->n_opened, ==, 0);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_TLS);
  g_assert_error (client->error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE);

  client_free (client);
  honest_free (honest);
}

/* Whether all has left that was handed over; @place is where that ends, by the same count as the
 * kernel's. */
static gboolean
has_left (Client  *client,
          guint64 *place)
{
  WsmWireState state;
  guint64 found;

  if (!wsm_transport_query_place (client->transport, &found))
    return FALSE;

  wsm_transport_query_wire (client->transport, &state);
  if (state.has_counters)
    g_assert_cmpuint (state.n_bytes_acked + state.n_bytes_unacked, >=, found);
  else
    g_assert_cmpuint (found, ==, 0);
  if (place != NULL)
    *place = found;

  return TRUE;
}

static void
test_speaks_tls (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (GTlsCertificate) certificate = fixture_load_certificate ();
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "server.pem", NULL);
  g_autoptr (GTlsDatabase) database = g_tls_file_database_new (path, NULL);
  g_autofree char *text = g_strnfill (300000, 'x');
  Honest *honest = honest_new (fixture, certificate);
  Client *client = client_new (fixture);
  const WsmTransportFacts *facts = wsm_transport_get_facts (client->transport);
  WsmWireState state;

  soup_session_set_tls_database (fixture->session, database);
  client_open (client, fixture);
  WAIT_FOR (client->n_opened == 1);
  g_assert_true (g_tls_certificate_is_same (facts->peer_certificate, certificate));
  g_assert_true (g_str_has_prefix (facts->remote_address, "127.0.0.1:"));

  client_send_text (client, text);
  wsm_transport_ping (client->transport, "p");
  WAIT_FOR (client->messages->len == 1 && client->n_pongs == 1 && has_left (client, NULL));
  g_assert_cmpstr (client_get_text (client, 0), ==, text);

  wsm_transport_query_wire (client->transport, &state);
  g_assert_false (state.readable);
  if (facts->liveness_source & WSM_LIVENESS_SOURCE_SOCKET)
    g_assert_cmpuint (state.n_bytes_received, >, 300000);

  wsm_transport_abort (client->transport);
  WAIT_WITHIN (honest->n_closed == 1, RELEASE_MS);

  client_free (client);
  honest_free (honest);
}

static void
test_tells_when_it_is_drained (Fixture       *fixture,
                               gconstpointer  data)
{
  Client *client = fixture_open_raw_client (fixture);
  RawPeer *peer = raw_server_get_peer (fixture->raw);
  g_autofree char *text = g_strnfill (64 * 1024, 'x');
  guint64 before = 0;
  guint64 place;
  guint n_received = 0;
  guint n_late = 0;

  loop_run_for (20);
  g_assert_cmpuint (client->n_drained, ==, 0);
  g_assert_true (has_left (client, &before));

  for (guint i = 0; i < 200; i++)
    {
      memcpy (text, &i, sizeof i);
      {
        g_autoptr (GBytes) bytes = g_bytes_new (text, 64 * 1024);

        wsm_transport_send (client->transport, SOUP_WEBSOCKET_DATA_BINARY, bytes);
      }
      g_assert_cmpuint (client->n_drained, ==, n_late);
      if (!has_left (client, &place))
        {
          n_late++;
          WAIT_FOR (client->n_drained == n_late);
          g_assert_true (has_left (client, &place));
        }
      if (before > 0)
        g_assert_cmpuint (place, ==, before + 64 * 1024 + HEADER_BYTES);
      before = place;
    }

  while (n_received < 200)
    {
      g_autoptr (GBytes) payload = NULL;
      guint opcode;

      WAIT_FOR (raw_peer_take_frame (peer, &opcode, &payload));
      g_assert_cmpuint (opcode, ==, 2);
      g_assert_cmpuint (g_bytes_get_size (payload), ==, 64 * 1024);
      g_assert_cmpmem (g_bytes_get_data (payload, NULL), sizeof n_received, &n_received,
                       sizeof n_received);
      n_received++;
    }

  /* Some left at once; some had to wait for the peer to read. */
  loop_run_for (20);
  g_assert_cmpuint (client->n_drained, ==, n_late);
  g_assert_cmpuint (n_late, >, 0);
  g_assert_cmpuint (n_late, <, 200);
  client_free (client);
}

/* Whether libsoup still has some of it shows in the kernel's numbers. */
static void
test_is_drained_only_when_all_has_left (Fixture       *fixture,
                                        gconstpointer  data)
{
  Client *client = fixture_open_raw_client (fixture);
  gsize length = 8 * 1024 * 1024;
  g_autofree char *text = g_strnfill (length, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_steal_pointer (&text), length);
  WsmWireState before;
  WsmWireState after;

  wsm_transport_query_wire (client->transport, &before);
  wsm_transport_send (client->transport, SOUP_WEBSOCKET_DATA_BINARY, bytes);
  WAIT_FOR (client->n_drained == 1);
  wsm_transport_query_wire (client->transport, &after);
  if (after.has_counters)
    g_assert_cmpuint (after.n_bytes_acked + after.n_bytes_unacked, >=,
                      before.n_bytes_acked + length);

  client_free (client);
}

static guint64
count_unacknowledged (Client *client)
{
  WsmWireState state;

  wsm_transport_query_wire (client->transport, &state);

  return state.n_bytes_unacked;
}

static void
test_answers_what_the_wire_says (Fixture       *fixture,
                                 gconstpointer  data)
{
  Client *client = fixture_open_raw_client (fixture);
  RawPeer *peer = raw_server_get_peer (fixture->raw);
  WsmWireState before;
  WsmWireState after;
  gint64 now;

  wsm_transport_query_wire (client->transport, &before);
  g_assert_false (before.readable);

  /* Half a frame: nothing that libsoup could tell of. */
  loop_run_for (30);
  raw_peer_write (peer, "\x82\x20" "abc", 5);
  wsm_transport_query_wire (client->transport, &after);
  g_assert_true (after.readable);
  now = wsm_clock_get_time_us (fixture->clock);
  if (after.has_counters)
    {
      g_assert_cmpuint (after.n_bytes_received, ==, before.n_bytes_received + 5);
      g_assert_cmpint (after.last_received_us, >, before.last_received_us);
      g_assert_cmpint (after.last_received_us, <=, now);
      g_assert_cmpint (after.last_received_us, >, now - 20 * 1000);
    }

  loop_run_for (10);
  wsm_transport_query_wire (client->transport, &after);
  g_assert_false (after.readable);
  g_assert_cmpuint (client->n_life, ==, 0);

  client_send_text (client, "hello");
  WAIT_FOR (has_left (client, NULL));
  WAIT_FOR (count_unacknowledged (client) == 0);
  wsm_transport_query_wire (client->transport, &after);
  if (after.has_counters)
    g_assert_cmpuint (after.n_bytes_acked, ==, before.n_bytes_acked + 11);

  client_free (client);
}

static void
test_says_facts_about_counters (Fixture       *fixture,
                                gconstpointer  data)
{
  Client *client = fixture_open_raw_client (fixture);
  WsmWireState state;

  wsm_transport_query_wire (client->transport, &state);
  g_assert_true (state.has_counters ==
                 ((wsm_transport_get_facts (client->transport)->liveness_source &
                   WSM_LIVENESS_SOURCE_SOCKET) != 0));

  client_free (client);
}

#define ADD(path, func, data) \
  g_test_add ("/soup-transport/" path, Fixture, data, fixture_set_up, func, \
              fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_warm_up ();

  ADD ("opens-and-echoes", test_opens_and_echoes, NULL);
  ADD ("closes-politely", test_closes_politely, NULL);
  ADD ("sends-only-codes-that-may-be-sent", test_sends_only_codes_that_may_be_sent, NULL);
  ADD ("gets-pongs", test_gets_pongs, GINT_TO_POINTER (FALSE));
  ADD ("gets-pongs-with-deflate", test_gets_pongs, GINT_TO_POINTER (TRUE));
  ADD ("survives-strange-pongs", test_survives_strange_pongs, NULL);
  ADD ("sees-pings-and-fragments", test_sees_pings_and_fragments, NULL);
  ADD ("makes-few-events-of-many-fragments", test_makes_few_events_of_many_fragments, NULL);
  ADD ("takes-frames-glued-to-the-handshake", test_takes_frames_glued_to_the_handshake, NULL);
  ADD ("leaves-no-trace-on-the-wire", test_leaves_no_trace_on_the_wire, NULL);
  ADD ("refuses-a-server-that-names-the-tap", test_refuses_a_server_that_names_the_tap, NULL);
  ADD ("works-without-a-tap", test_works_without_a_tap, NULL);
  ADD ("tells-frames-both-ways", test_tells_frames_both_ways, NULL);
  ADD ("keeps-attempts-at-once-apart", test_keeps_attempts_at_once_apart, NULL);
  ADD ("refuses-unknown-authorities", test_refuses_unknown_authorities, NULL);
  ADD ("speaks-tls", test_speaks_tls, NULL);
  ADD ("tells-when-it-is-drained", test_tells_when_it_is_drained, NULL);
  ADD ("is-drained-only-when-all-has-left", test_is_drained_only_when_all_has_left, NULL);
  ADD ("answers-what-the-wire-says", test_answers_what_the_wire_says, NULL);
  ADD ("says-facts-about-counters", test_says_facts_about_counters, NULL);

  return g_test_run ();
}
