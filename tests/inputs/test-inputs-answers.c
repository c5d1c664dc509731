/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "transport-client.h"

#include <string.h>

/* Bad inputs 33 to 36 and 44: what a server answers to a handshake, and frames. On real sockets,
 * through all of libsoup; the fault matrix has the same frames with their deadlines. */

static void
answer_cb (RawPeer    *peer,
           const char *request,
           gpointer    user_data)
{
  Fixture *fixture = user_data;

  raw_peer_write_text (peer, fixture->headers);
  raw_peer_finish (peer);
}

/* Opens a client against this answer, until it has ended. */
static Client *
get_answer (Fixture    *fixture,
            const char *answer)
{
  Client *client;
  g_autofree char *text = NULL;

  g_clear_pointer (&fixture->headers, g_free);
  fixture->headers = g_strdup (answer);
  fixture_use_raw_server (fixture, answer_cb);
  client = client_new (fixture);
  client_open (client, fixture);
  WAIT_FOR (client->n_ended == 1);

  text = wsm_reason_to_string (client->reason);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_false (g_unichar_iscntrl (g_utf8_get_char (p)));

  return client;
}

/* More than may be said; the policy obeys an hour of it. */
#define MOST (G_MAXUINT / 1000 * 1000)

static void
test_retry_after (Fixture       *fixture,
                  gconstpointer  data)
{
  static const struct
  {
    const char *headers;
    guint retry_after_ms;
  } cases[] = {
    { "Retry-After: 7\r\n", 7000 },
    { "Retry-After: -5\r\n", 0 },
    { "Retry-After: 1e20\r\n", 0 },
    { "Retry-After: 99999999999999999999\r\n", MOST },
    { "Retry-After: soon\r\n", 0 },
    { "Retry-After: \r\n", 0 },
    { "Retry-After: 7.5\r\n", 0 },
    { "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", 0 },
    { "Retry-After: \xe9\r\n", 0 },
    { "Retry-After: 7\r\nRetry-After: 8\r\n", 0 },
    { "", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *answer = g_strconcat ("HTTP/1.1 503 Service Unavailable\r\n",
                                             cases[i].headers, "Content-Length: 0\r\n\r\n", NULL);
      Client *client = get_answer (fixture, answer);

      g_test_message ("case %u", i);
      g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_HTTP_STATUS);
      g_assert_cmpuint (wsm_reason_get_retry_after (client->reason), ==, cases[i].retry_after_ms);
      client_free (client);
    }
}

static void
test_phrase (Fixture       *fixture,
             gconstpointer  data)
{
  Client *client = get_answer (fixture, "HTTP/1.1 404 B\xff\xfe\x1b[31mroken\r\n\r\n");
  g_autofree char *text = wsm_reason_to_string (client->reason);

  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_HTTP_STATUS);
  g_assert_cmpuint (wsm_reason_get_http_status (client->reason), ==, 404);
  g_assert_nonnull (strstr (text, "404"));
  client_free (client);
}

/* As many as libsoup takes, and more. */
static void
test_cookies (Fixture       *fixture,
              gconstpointer  data)
{
  static const guint numbers[] = { 500, 20000 };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr (GString) answer = g_string_new ("HTTP/1.1 403 Forbidden\r\n");
      Client *client;

      for (guint k = 0; k < numbers[i]; k++)
        g_string_append_printf (answer, "Set-Cookie: c%u=S3CR3T\r\n", k);
      g_string_append (answer, "\r\n");
      client = get_answer (fixture, answer->str);
      if (i == 0)
        g_assert_cmpuint (wsm_reason_get_http_status (client->reason), ==, 403);
      g_assert_nonnull (client->error);
      g_assert_null (strstr (client->error->message, "S3CR3T"));
      client_free (client);
    }
}

static void
test_status (Fixture       *fixture,
             gconstpointer  data)
{
  static const struct
  {
    const char *line;
    WsmReasonCode code;
    guint status;
  } cases[] = {
    { "HTTP/1.1 000 Nothing", WSM_REASON_CODE_BAD_HANDSHAKE, 0 },
    { "HTTP/1.1 99 Low", WSM_REASON_CODE_BAD_HANDSHAKE, 0 },
    { "HTTP/1.1 099 Low", WSM_REASON_CODE_BAD_HANDSHAKE, 0 },
    { "HTTP/1.1 999 High", WSM_REASON_CODE_HTTP_STATUS, 999 },
    { "HTTP/1.1 1000 Higher", WSM_REASON_CODE_BAD_HANDSHAKE, 0 },
    { "HTTP/1.1 -5 Negative", WSM_REASON_CODE_BAD_HANDSHAKE, 0 },
    { "HTTP/1.1 101 Switching Protocols", WSM_REASON_CODE_BAD_HANDSHAKE, 101 },
    { "nonsense", WSM_REASON_CODE_BAD_HANDSHAKE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *answer = g_strconcat (cases[i].line, "\r\n\r\n", NULL);
      Client *client = get_answer (fixture, answer);

      g_test_message ("%s", cases[i].line);
      g_assert_cmpint (wsm_reason_get_code (client->reason), ==, cases[i].code);
      if (cases[i].status != 0)
        g_assert_cmpuint (wsm_reason_get_http_status (client->reason), ==, cases[i].status);
      g_assert_cmpuint (client->n_opened, ==, 0);
      client_free (client);
    }
}

static void
accept_twice_cb (RawPeer    *peer,
                 const char *request,
                 gpointer    user_data)
{
  raw_peer_accept (peer, NULL);
  raw_peer_accept (peer, NULL);
}

/* The second one is no frame. */
static void
test_status_twice (Fixture       *fixture,
                   gconstpointer  data)
{
  Client *client;

  fixture_use_raw_server (fixture, accept_twice_cb);
  client = client_new (fixture);
  client_open (client, fixture);
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpstr (client->log->str, ==, "opened ended ");
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, WSM_REASON_CODE_PROTOCOL);
  client_free (client);
}

typedef struct
{
  const char *path;  /* (unowned) */
  const char *bytes; /* (unowned) */
  gsize length;
  const char *log; /* (unowned): what is told of them, before the end */
  WsmReasonCode code;
  guint close_code;
} Frames;

#define BYTES(text) text, sizeof text - 1

static const Frames frames[] = {
  { "close-without-code", BYTES ("\x88\x00"), "", WSM_REASON_CODE_PEER_CLOSED, 1005 },
  { "close-1012", BYTES ("\x88\x02\x03\xf4"), "", WSM_REASON_CODE_PEER_CLOSED, 1012 },
  { "close-of-one-byte", BYTES ("\x88\x01\x03"), "", WSM_REASON_CODE_PROTOCOL, 0 },
  { "close-999", BYTES ("\x88\x02\x03\xe7"), "", WSM_REASON_CODE_PROTOCOL, 0 },
  { "masked", BYTES ("\x81\x81\x01\x02\x03\x04\x60"), "", WSM_REASON_CODE_PROTOCOL, 0 },
  { "reserved-bit", BYTES ("\xa1\x01x"), "", WSM_REASON_CODE_PROTOCOL, 0 },
  { "opcode-3", BYTES ("\x83\x01x"), "", WSM_REASON_CODE_PROTOCOL, 0 },
  { "opcode-11", BYTES ("\x8b\x00"), "", WSM_REASON_CODE_PROTOCOL, 0 },
  { "stray-continuation", BYTES ("\x80\x01x"), "", WSM_REASON_CODE_PROTOCOL, 0 },
  { "fragmented-ping", BYTES ("\x09\x01x"), "", WSM_REASON_CODE_PROTOCOL, 0 },
  { "length-not-minimal", BYTES ("\x81\x7e\x00\x01x"), "", WSM_REASON_CODE_PROTOCOL, 0 },
  { "bad-utf8", BYTES ("\x81\x02\xff\xfe\x81\x01x"), "", WSM_REASON_CODE_PROTOCOL, 0 },
  { "nul-in-text", BYTES ("\x81\x03" "a\0b\x88\x02\x03\xe8"), "text ",
    WSM_REASON_CODE_PEER_CLOSED, 1000 },
  { "length-2-to-the-63", BYTES ("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"), "",
    WSM_REASON_CODE_TOO_BIG, 0 },
  { "length-2-to-the-64", BYTES ("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff"), "",
    WSM_REASON_CODE_TOO_BIG, 0 },
  { "compressed-and-not-asked-for", BYTES ("\xc1\x01x"), "", WSM_REASON_CODE_PROTOCOL, 0 },
  { "pongs-of-nobody", BYTES ("\x8a\x00\x8a\x03" "a\0b\x88\x02\x03\xe8"), "pong pong ",
    WSM_REASON_CODE_PEER_CLOSED, 1000 },
};

static void
test_frames (Fixture       *fixture,
             gconstpointer  data)
{
  const Frames *tried = data;
  g_autofree char *log = g_strconcat ("opened ", tried->log, "ended ", NULL);
  Client *client;

  fixture_use_raw_server (fixture, fixture_raw_accept_cb);
  client = client_new (fixture);
  client_open (client, fixture);
  WAIT_FOR (client->n_opened == 1);
  raw_peer_write (raw_server_get_peer (fixture->raw), tried->bytes, tried->length);
  WAIT_FOR (client->n_ended == 1);
  g_assert_cmpint (wsm_reason_get_code (client->reason), ==, tried->code);
  if (tried->close_code != 0)
    g_assert_cmpuint (wsm_reason_get_close_code (client->reason), ==, tried->close_code);

  /* And nothing more is told. A close frame, and what is a fragment or a ping, is life. */
  loop_run_for (20);
  g_string_replace (client->log, "life ", "", 0);
  g_assert_cmpstr (client->log->str, ==, log);
  client_free (client);
}

#define ADD(path, func) \
  g_test_add ("/inputs/" path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fixture_warm_up ();

  ADD ("33-retry-after", test_retry_after);
  ADD ("34-phrase-that-is-no-text", test_phrase);
  ADD ("35-flood-of-cookies", test_cookies);
  ADD ("36-status-that-is-none", test_status);
  ADD ("36-status-101-twice", test_status_twice);
  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      g_autofree char *path = g_strconcat ("/inputs/44-", frames[i].path, NULL);

      g_test_add (path, Fixture, &frames[i], fixture_set_up, test_frames, fixture_tear_down);
    }

  return g_test_run ();
}
