/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/resource.h>

#include "test-names.h"
#include "transport-client.h"

static void
raw_text_cb (RawPeer    *peer,
             const char *request,
             gpointer    user_data)
{
  Fixture *fixture = user_data;

  raw_peer_write_text (peer, fixture->headers);
}

static void
test_tells_end_of_stream (Fixture       *fixture,
                          gconstpointer  data)
{
  gboolean in_a_frame = GPOINTER_TO_INT (data);
  Client *client = fixture_open_raw_client (fixture);
  RawPeer *peer = raw_server_get_peer (fixture->raw);

  if (in_a_frame)
    raw_peer_write (peer, "\x81\x20" "abc", 5);
  raw_peer_finish (peer);
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_END_OF_STREAM);
  g_assert_cmpuint (wsm_reason_get_close_code (client->reason), ==, 1006);
  g_assert_error (client->error, WSM_ERROR, WSM_ERROR_PEER_CLOSED);
  loop_run_for (20);
  g_assert_cmpuint (client->n_ended, ==, 1);

  client_free (client);
}

static void
test_tells_reset (Fixture       *fixture,
                  gconstpointer  data)
{
  Client *client = fixture_open_raw_client (fixture);

  raw_peer_reset (raw_server_get_peer (fixture->raw));
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_RESET);
  g_assert_error (client->error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);

  client_free (client);
}

static void
test_tells_close_codes (Fixture       *fixture,
                        gconstpointer  data)
{
  static const struct
  {
    guint code;
    WsmReasonCode reason;
  } cases[] = {
    { 1000, WSM_REASON_CODE_PEER_CLOSED }, { 1001, WSM_REASON_CODE_PEER_CLOSED },
    { 1003, WSM_REASON_CODE_PEER_CLOSED }, { 1008, WSM_REASON_CODE_PEER_CLOSED },
    { 1011, WSM_REASON_CODE_PEER_CLOSED }, { 1012, WSM_REASON_CODE_PEER_CLOSED },
    { 1013, WSM_REASON_CODE_PEER_CLOSED }, { 1014, WSM_REASON_CODE_PEER_CLOSED },
    { 3000, WSM_REASON_CODE_PEER_CLOSED }, { 4000, WSM_REASON_CODE_PEER_CLOSED },
    { 4999, WSM_REASON_CODE_PEER_CLOSED }, { 999, WSM_REASON_CODE_PROTOCOL },
    { 1005, WSM_REASON_CODE_PROTOCOL },    { 1006, WSM_REASON_CODE_PROTOCOL },
    { 1015, WSM_REASON_CODE_PROTOCOL },    { 2999, WSM_REASON_CODE_PROTOCOL },
    { 5000, WSM_REASON_CODE_PROTOCOL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Client *client = fixture_open_raw_client (fixture);
      RawPeer *peer = raw_server_get_peer (fixture->raw);

      g_test_message ("code %u", cases[i].code);
      raw_peer_write_close (peer, cases[i].code, "why \xe2\x80\xae not");
      WAIT_FOR (raw_peer_is_finished (peer));
      raw_peer_finish (peer);
      WAIT_FOR (client->n_ended == 1);
      g_assert_cmpint (wsm_reason_get_code (client->reason), ==, cases[i].reason);
      if (cases[i].reason == WSM_REASON_CODE_PEER_CLOSED)
        {
          g_assert_cmpuint (wsm_reason_get_close_code (client->reason), ==, cases[i].code);
          g_assert_cmpstr (client->close_reason, ==, "why  not");
          g_assert_error (client->error, WSM_ERROR, WSM_ERROR_PEER_CLOSED);
          g_assert_true (g_str_has_suffix (client->error->message, ": why  not"));
        }
      else
        {
          g_assert_error (client->error, WSM_ERROR, WSM_ERROR_PROTOCOL);
        }

      client_free (client);
    }
}

static void
test_tells_a_close_without_code (Fixture       *fixture,
                                 gconstpointer  data)
{
  Client *client = fixture_open_raw_client (fixture);
  RawPeer *peer = raw_server_get_peer (fixture->raw);

  raw_peer_write_frame (peer, 0x88, NULL, 0);
  WAIT_FOR (raw_peer_is_finished (peer));
  raw_peer_finish (peer);
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_PEER_CLOSED);
  g_assert_cmpuint (wsm_reason_get_close_code (client->reason), ==, 1005);
  g_assert_null (client->close_reason);
  g_assert_true (g_str_has_suffix (client->error->message, "code 1005"));

  client_free (client);
}

static void
test_does_not_wait_for_a_peer_that_lingers (Fixture       *fixture,
                                            gconstpointer  data)
{
  Client *client = fixture_open_raw_client (fixture);
  gint64 start = g_get_monotonic_time ();

  raw_peer_write_close (raw_server_get_peer (fixture->raw), 1001, NULL);
  WAIT_WITHIN (client->n_ended == 1, 2000);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 900 * 1000);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_PEER_CLOSED);
  g_assert_cmpuint (wsm_reason_get_close_code (client->reason), ==, 1001);

  client_free (client);
}

static void
write_oversize_frame (RawPeer *peer)
{
  g_autofree char *text = g_strnfill (1025, 'x');

  raw_peer_write_frame (peer, 0x81, text, 1025);
}

static void
write_oversize_fragments (RawPeer *peer)
{
  g_autofree char *text = g_strnfill (600, 'x');

  raw_peer_write_frame (peer, 0x01, text, 600);
  raw_peer_write_frame (peer, 0x80, text, 600);
}

static void
write_absurd_length (RawPeer *peer)
{
  raw_peer_write (peer, "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10);
}

static void
write_bad_utf8 (RawPeer *peer)
{
  raw_peer_write_frame (peer, 0x81, "\xff\xfe", 2);
}

static void
write_masked (RawPeer *peer)
{
  for (guint i = 0; i < 10; i++)
    raw_peer_write (peer, "\x81\x81\1\2\3\4\5", 7);
}

static void
write_reserved_bits (RawPeer *peer)
{
  raw_peer_write (peer, "\xf1\x01x", 3);
}

static void
write_unknown_opcode (RawPeer *peer)
{
  raw_peer_write (peer, "\x83\x01x", 3);
}

static void
write_stray_continuation (RawPeer *peer)
{
  raw_peer_write (peer, "\x80\x01x", 3);
}

static void
write_fragmented_ping (RawPeer *peer)
{
  raw_peer_write (peer, "\x09\x01x", 3);
}

static void
write_short_close (RawPeer *peer)
{
  raw_peer_write (peer, "\x88\x01\x03", 3);
}

static void
write_long_close (RawPeer *peer)
{
  g_autofree char *reason = g_strnfill (130, 'x');

  raw_peer_write_close (peer, 1000, reason);
}

static void
write_bad_close_reason (RawPeer *peer)
{
  raw_peer_write_close (peer, 1000, "\xff\xfe");
}

/* The peer keeps its side open: all the closing is ours. */
static void
test_ends_at_once_when_the_peer_is_wrong (Fixture       *fixture,
                                          gconstpointer  data)
{
  static const struct
  {
    void (*write) (RawPeer *peer);
    WsmReasonCode reason;
    WsmError error;
  } cases[] = {
    { write_oversize_frame, WSM_REASON_CODE_TOO_BIG, WSM_ERROR_TOO_BIG },
    { write_oversize_fragments, WSM_REASON_CODE_TOO_BIG, WSM_ERROR_TOO_BIG },
    { write_absurd_length, WSM_REASON_CODE_TOO_BIG, WSM_ERROR_TOO_BIG },
    { write_bad_utf8, WSM_REASON_CODE_PROTOCOL, WSM_ERROR_PROTOCOL },
    { write_masked, WSM_REASON_CODE_PROTOCOL, WSM_ERROR_PROTOCOL },
    { write_reserved_bits, WSM_REASON_CODE_PROTOCOL, WSM_ERROR_PROTOCOL },
    { write_unknown_opcode, WSM_REASON_CODE_PROTOCOL, WSM_ERROR_PROTOCOL },
    { write_stray_continuation, WSM_REASON_CODE_PROTOCOL, WSM_ERROR_PROTOCOL },
    { write_fragmented_ping, WSM_REASON_CODE_PROTOCOL, WSM_ERROR_PROTOCOL },
    { write_short_close, WSM_REASON_CODE_PROTOCOL, WSM_ERROR_PROTOCOL },
    { write_long_close, WSM_REASON_CODE_PROTOCOL, WSM_ERROR_PROTOCOL },
    { write_bad_close_reason, WSM_REASON_CODE_PROTOCOL, WSM_ERROR_PROTOCOL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Client *client = fixture_open_raw_client (fixture);
      RawPeer *peer = raw_server_get_peer (fixture->raw);

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      wsm_transport_set_max_message_size (client->transport, 1024);
      cases[i].write (peer);
      raw_peer_write_frame (peer, 0x81, "after", 5);
      WAIT_WITHIN (client->n_ended == 1, 500);
      g_assert_cmpint (wsm_reason_get_code (client->reason), ==, cases[i].reason);
      g_assert_error (client->error, WSM_ERROR, (int) cases[i].error);
      g_assert_cmpuint (wsm_reason_get_size_limit (client->reason), ==,
                        cases[i].reason == WSM_REASON_CODE_TOO_BIG ? 1024 : 0);
      WAIT_WITHIN (raw_peer_is_finished (peer), RELEASE_MS);
      g_assert_cmpuint (client->n_ended, ==, 1);
      g_assert_cmpuint (client->messages->len, ==, 0);
      client_free (client);
    }
}

static void
test_takes_messages_up_to_the_limit (Fixture       *fixture,
                                     gconstpointer  data)
{
  static const gsize lengths[] = { 0, 1, 125, 126, 65535, 65536, 131072, 131073, 200000 };
  Client *client = fixture_open_raw_client (fixture);
  g_autofree char *text = g_strnfill (200000, 'x');

  wsm_transport_set_max_message_size (client->transport, 200000);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      raw_peer_write_frame (raw_server_get_peer (fixture->raw), 0x81, text, lengths[i]);
      WAIT_FOR (client->messages->len == i + 1);
      g_assert_cmpuint (g_bytes_get_size (g_ptr_array_index (client->messages, i)), ==,
                        lengths[i]);
    }

  /* As good as without a limit, but never without one for libsoup. */
  wsm_transport_set_max_message_size (client->transport, G_MAXUINT64);
  write_absurd_length (raw_server_get_peer (fixture->raw));
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_TOO_BIG);

  client_free (client);
}

/* Opens against a server that answers this, and waits for the ending. */
static Client *
fail_client (Fixture    *fixture,
             const char *answer)
{
  Client *client;

  g_free (fixture->headers);
  fixture->headers = g_strdup (answer);
  fixture_use_raw_server (fixture, raw_text_cb);
  client = client_new (fixture);
  client_open (client, fixture);
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpstr (client->log->str, ==, "ended ");

  return client;
}

static void
test_tells_http_errors (Fixture       *fixture,
                        gconstpointer  data)
{
  static const guint statuses[] = { 200, 204, 400, 401, 403, 404, 410, 426, 429, 500, 503, 999 };

  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *answer =
        g_strdup_printf ("HTTP/1.1 %u B\xff\xfe\r\nContent-Length: 0\r\n\r\n", statuses[i]);
      g_autoptr (Client) client = fail_client (fixture, answer);

      g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_HTTP_STATUS);
      g_assert_cmpuint (wsm_reason_get_http_status (client->reason), ==, statuses[i]);
      g_assert_error (client->error, WSM_ERROR, WSM_ERROR_HTTP_STATUS);
      g_assert_true (g_utf8_validate (client->error->message, -1, NULL));
      g_assert_true (wsm_reason_get_detail (client->reason) == NULL ||
                     g_utf8_validate (wsm_reason_get_detail (client->reason), -1, NULL));
    }
}

static void
test_says_what_to_do_about_http_errors (Fixture       *fixture,
                                        gconstpointer  data)
{
  static const struct
  {
    const char *answer;
    const char *said;
  } cases[] = {
    { "200 OK", "200 (OK); *right path?" },
    { "401 Unauthorized", "401 (Unauthorized); *prepare" },
    { "403 ", "403; *prepare" },
    { "404 Not Found", "404 (Not Found); *right path?" },
    { "503 Busy", "503 (Busy)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *answer =
        g_strdup_printf ("HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", cases[i].answer);
      g_autofree char *pattern = g_strdup_printf ("*HTTP status %s", cases[i].said);
      g_autoptr (Client) client = fail_client (fixture, answer);

      g_test_message ("%s", client->error->message);
      g_assert_true (g_pattern_match_simple (pattern, client->error->message));
    }
}

static void
test_does_not_wait_for_the_body_of_a_refusal (Fixture       *fixture,
                                              gconstpointer  data)
{
  g_autoptr (Client) client =
    fail_client (fixture, "HTTP/1.1 503 Busy\r\nContent-Length: 500000000\r\n\r\nnever more");

  g_assert_cmpuint (wsm_reason_get_http_status (client->reason), ==, 503);
  WAIT_WITHIN (raw_peer_is_finished (raw_server_get_peer (fixture->raw)), RELEASE_MS);
}

/* Whole seconds in a guint of milliseconds. */
#define MOST_MS (G_MAXUINT / 1000 * 1000)

static void
test_reads_retry_after (Fixture       *fixture,
                        gconstpointer  data)
{
  static const struct
  {
    const char *headers;
    guint retry_after_ms;
  } cases[] = {
    { "", 0 },
    { "Retry-After: 7\r\n", 7000 },
    { "retry-after:  120 \r\n", 120000 },
    { "Retry-After: 0\r\n", 0 },
    { "Retry-After: -5\r\n", 0 },
    { "Retry-After: +5\r\n", 0 },
    { "Retry-After: 1.5\r\n", 0 },
    { "Retry-After: 1e20\r\n", 0 },
    { "Retry-After: 2000000000\r\n", MOST_MS },
    { "Retry-After: 99999999999999999999999\r\n", MOST_MS },
    { "Retry-After: 0x10\r\n", 0 },
    { "Retry-After: 5 7\r\n", 0 },
    { "Retry-After: 00000000000000000000000000000007\r\n", 7000 },
    { "Retry-After: soon\r\n", 0 },
    { "Retry-After: \xe9\r\n", 0 },
    { "Retry-After:\r\n", 0 },
    { "Retry-After: 5\r\nRetry-After: 7\r\n", 0 },
    { "Retry-After: 5, 7\r\n", 0 },
    { "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
      "Retry-After: Sun, 06 Nov 1994 08:49:57 GMT\r\n", 20000 },
    { "Date: Sun, 06 Nov 1994 08:49:57 GMT\r\n"
      "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 0 },
    { "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 0 },
    { "Date: Sunday, 06-Nov-94 08:49:37 GMT\r\n"
      "Retry-After: Sunday, 06-Nov-94 08:50:37 GMT\r\n", 60000 },
    { "Date: Sun Nov  6 08:49:37 1994\r\n"
      "Retry-After: Sun Nov  6 09:49:37 1994\r\n", 3600 * 1000 },
    { "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
      "Retry-After: Sat, 06 Nov 2094 08:49:37 GMT\r\n", MOST_MS },
    { "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
      "Retry-After: Sun, 99 Nov 1994 08:49:57 GMT\r\n", 0 },
    /* Two dates are none, as two numbers are. */
    { "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
      "Retry-After: Sun, 06 Nov 1994 08:49:57 GMT\r\n"
      "Retry-After: Sun, 06 Nov 1994 08:49:57 GMT\r\n", 0 },
    { "Date: rubbish\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *answer =
        g_strdup_printf ("HTTP/1.1 503 Busy\r\n%sContent-Length: 0\r\n\r\n", cases[i].headers);
      g_autoptr (Client) client = fail_client (fixture, answer);

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_cmpuint (wsm_reason_get_retry_after (client->reason), ==, cases[i].retry_after_ms);
    }
}

static void
test_does_not_follow_redirects (Fixture       *fixture,
                                gconstpointer  data)
{
  g_autoptr (Client) client =
    fail_client (fixture, "HTTP/1.1 302 Found\r\nLocation: ws://user:S3CR3T@127.0.0.1:1/\r\n"
                          "Content-Length: 0\r\n\r\n");

  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_REDIRECT);
  g_assert_cmpuint (wsm_reason_get_http_status (client->reason), ==, 302);
  g_assert_error (client->error, WSM_ERROR, WSM_ERROR_REDIRECT);
  g_assert_null (strstr (client->error->message, "S3CR3T"));
  g_assert_cmpuint (raw_server_get_n_peers (fixture->raw), ==, 1);
}

static void
test_tells_bad_handshakes (Fixture       *fixture,
                           gconstpointer  data)
{
  static const char * const answers[] = {
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: bm9uc2Vuc2U=\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: x\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
    "no HTTP at all\r\n\r\n",
  };

  soup_session_add_feature_by_type (fixture->session, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (Client) client = fail_client (fixture, answers[i]);

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_BAD_HANDSHAKE);
    }
}

static gboolean
raw_flood_cb (gpointer user_data)
{
  Fixture *fixture = user_data;
  RawPeer *peer = raw_server_get_peer (fixture->raw);

  for (guint i = 0; i < 100; i++)
    raw_peer_write_text (peer, "HTTP/1.1 100 Continue\r\n\r\n");

  return !raw_peer_is_finished (peer);
}

static void
raw_informational_cb (RawPeer    *peer,
                      const char *request,
                      gpointer    user_data)
{
  g_idle_add (raw_flood_cb, user_data);
}

static void
test_does_not_listen_to_endless_interim_answers (Fixture       *fixture,
                                                 gconstpointer  data)
{
  Client *client = NULL;

  fixture_use_raw_server (fixture, raw_informational_cb);
  client = client_new (fixture);
  client_open (client, fixture);
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_BAD_HANDSHAKE);
  WAIT_FOR (raw_peer_is_finished (raw_server_get_peer (fixture->raw)));
  loop_run_for (20);

  client_free (client);
}

static void
raw_finish_cb (RawPeer    *peer,
               const char *request,
               gpointer    user_data)
{
  raw_peer_finish (peer);
}

static void
raw_reset_cb (RawPeer    *peer,
              const char *request,
              gpointer    user_data)
{
  raw_peer_reset (peer);
}

static void
test_tells_streams_that_end_early (Fixture       *fixture,
                                   gconstpointer  data)
{
  Client *client = NULL;

  fixture_use_raw_server (fixture, raw_finish_cb);
  client = client_new (fixture);
  client_open (client, fixture);
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_END_OF_STREAM);
  client_free (client);

  fixture_use_raw_server (fixture, raw_reset_cb);
  client = client_new (fixture);
  client_open (client, fixture);
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_RESET);
  client_free (client);
}

static void
test_tells_refusal (Fixture       *fixture,
                    gconstpointer  data)
{
  Client *client = NULL;

  /* The port of a server that is gone. */
  fixture_use_raw_server (fixture, fixture_raw_silent_cb);
  g_clear_pointer (&fixture->raw, raw_server_free);
  client = client_new (fixture);
  client_open (client, fixture);
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_REFUSED);
  g_assert_error (client->error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  g_assert_cmpstr (client->error->message, ==,
                   "Could not connect to 127.0.0.1: Connection refused");

  client_free (client);
}

/* Here it is a proxy that refuses, and that is what is told. */
static void
test_tells_refusal_of_proxy (Fixture       *fixture,
                             gconstpointer  data)
{
  Client *client = NULL;
  g_autoptr (GProxyResolver) resolver = NULL;

  fixture_use_raw_server (fixture, fixture_raw_silent_cb);
  g_clear_pointer (&fixture->raw, raw_server_free);
  resolver = g_simple_proxy_resolver_new ("http://127.0.0.1:1", NULL);
  soup_session_set_proxy_resolver (fixture->session, resolver);
  client = client_new (fixture);
  client_open (client, fixture);
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_REFUSED);
  g_assert_cmpstr (client->error->message, ==,
                   "Could not connect to proxy server 127.0.0.1: Connection refused");

  client_free (client);
}

static void
test_tells_lack_of_descriptors (Fixture       *fixture,
                                gconstpointer  data)
{
  Client *client = NULL;
  struct rlimit limit;
  struct rlimit none;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  client = client_new (fixture);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  none = limit;
  none.rlim_cur = 3;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &none), ==, 0);
  client_open (client, fixture);
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_NO_RESOURCES);

  client_free (client);
}

static void
test_tells_unknown_names (Fixture       *fixture,
                          gconstpointer  data)
{
  Client *client = client_new (fixture);

  fixture_use_uri (fixture, "ws://" TEST_UNKNOWN_HOST "/");
  client_open (client, fixture);
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_RESOLVE);
  g_assert_cmpuint (client->error->domain, ==, G_RESOLVER_ERROR);

  client_free (client);
}

#define ADD(path, func, data) \
  g_test_add ("/soup-transport-endings/" path, Fixture, data, fixture_set_up, func, \
              fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_warm_up ();

  ADD ("tells-end-of-stream", test_tells_end_of_stream, GINT_TO_POINTER (FALSE));
  ADD ("tells-end-of-stream-in-a-frame", test_tells_end_of_stream, GINT_TO_POINTER (TRUE));
  ADD ("tells-reset", test_tells_reset, NULL);
  ADD ("tells-close-codes", test_tells_close_codes, NULL);
  ADD ("tells-a-close-without-code", test_tells_a_close_without_code, NULL);
  ADD ("does-not-wait-for-a-peer-that-lingers", test_does_not_wait_for_a_peer_that_lingers, NULL);
  ADD ("ends-at-once-when-the-peer-is-wrong", test_ends_at_once_when_the_peer_is_wrong, NULL);
  ADD ("takes-messages-up-to-the-limit", test_takes_messages_up_to_the_limit, NULL);
  ADD ("tells-http-errors", test_tells_http_errors, NULL);
  ADD ("says-what-to-do-about-http-errors", test_says_what_to_do_about_http_errors, NULL);
  ADD ("does-not-wait-for-the-body-of-a-refusal", test_does_not_wait_for_the_body_of_a_refusal,
       NULL);
  ADD ("reads-retry-after", test_reads_retry_after, NULL);
  ADD ("does-not-follow-redirects", test_does_not_follow_redirects, NULL);
  ADD ("tells-bad-handshakes", test_tells_bad_handshakes, NULL);
  ADD ("does-not-listen-to-endless-interim-answers",
       test_does_not_listen_to_endless_interim_answers, NULL);
  ADD ("tells-streams-that-end-early", test_tells_streams_that_end_early, NULL);
  ADD ("tells-refusal", test_tells_refusal, NULL);
  ADD ("tells-refusal-of-a-proxy", test_tells_refusal_of_proxy, NULL);
  ADD ("tells-lack-of-descriptors", test_tells_lack_of_descriptors, NULL);
  ADD ("tells-unknown-names", test_tells_unknown_names, NULL);

  return g_test_run ();
}
