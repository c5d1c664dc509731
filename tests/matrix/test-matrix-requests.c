/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "matrix.h"
#include "raw-server.h"
#include "scene.h"
#include "test-loop.h"

#include <string.h>

/* What an app can put into a request, seen from the other end of the wire: it arrives as one
 * request, as it was meant, or nobody is called at all and the error names what to change. And
 * what a server can put into an answer. */

#define SECRET "S3CR3T-5f2c9a7b1d3e4f60"
#define SMUGGLED "X-Smuggled"

typedef struct
{
  Scene *scene;        /* (owned) */
  RawServer *server;   /* (owned) */
  Witness *witness;    /* (owned) (nullable) */
  const char *answer;  /* (nullable): instead of accepting */
  const char *headers; /* (nullable): of the acceptance */

  gconstpointer data;  /* (unowned): of the case */
} Fixture;

static void
request_cb (RawPeer    *peer,
            const char *request,
            gpointer    user_data)
{
  Fixture *fixture = user_data;

  if (fixture->answer != NULL)
    raw_peer_write_text (peer, fixture->answer);
  else
    raw_peer_accept (peer, fixture->headers);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->scene = scene_new ();
  fixture->server = raw_server_new (request_cb, fixture);
  fixture->data = data;
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_pointer (&fixture->witness, witness_free);
  g_clear_object (&fixture->scene->pool);
  g_clear_pointer (&fixture->server, raw_server_free);
  g_clear_pointer (&fixture->scene, scene_free);
}

/* What is construct-only is looked at when it is added. */

typedef struct
{
  const char *name;
  const char *uri; /* (nullable): {} is the port */
  const char *origin;
  const char *protocols[3];
  WsmError code;
  const char *field; /* that the error names */
} Refusal;

static char long_protocol[10 * 1024 + 1];

static const Refusal refusals[] = {
  { "16-line-break-in-the-host", "ws://127.0.0.1%0d%0aX-Smuggled%3a%20yes:{}/", NULL, { NULL },
    WSM_ERROR_INVALID_URI, "host" },
  { "16-raw-line-break-in-the-path", "ws://127.0.0.1:{}/\r\nX-Smuggled: yes", NULL, { NULL },
    WSM_ERROR_INVALID_URI, "control character" },
  { "17-space-in-the-host", "ws://127.0.0.1%20:{}/", NULL, { NULL },
    WSM_ERROR_INVALID_URI, "host" },
  { "27-line-break-in-the-origin", NULL, "https://a.example\r\nX-Smuggled: yes", { NULL },
    WSM_ERROR_INVALID_SETTING, "origin" },
  { "27-encoded-line-break-in-the-origin", NULL, "https://a%0d%0aX-Smuggled:%20yes", { NULL },
    WSM_ERROR_INVALID_SETTING, "origin" },
  { "28-line-break-in-a-protocol", NULL, NULL, { "chat\r\nX-Smuggled: yes" },
    WSM_ERROR_INVALID_SETTING, "Sub-protocol number 1" },
  { "28-comma-in-a-protocol", NULL, NULL, { "chat", "a,b" },
    WSM_ERROR_INVALID_SETTING, "Sub-protocol number 2" },
  { "28-space-in-a-protocol", NULL, NULL, { "a b" },
    WSM_ERROR_INVALID_SETTING, "Sub-protocol number 1" },
  { "28-empty-protocol", NULL, NULL, { "chat", "" },
    WSM_ERROR_INVALID_SETTING, "Sub-protocol number 2" },
  { "28-protocol-twice", NULL, NULL, { "chat", "CHAT" },
    WSM_ERROR_INVALID_SETTING, "Sub-protocol number 2" },
  { "28-long-protocol", NULL, NULL, { long_protocol },
    WSM_ERROR_INVALID_SETTING, "Sub-protocol number 1" },
};

static void
test_setting_refused (Fixture       *fixture,
                      gconstpointer  data)
{
  const Refusal *refusal = data;
  g_autofree char *good_uri = raw_server_make_uri (fixture->server, "/");
  g_autoptr (GString) uri = g_string_new (refusal->uri != NULL ? refusal->uri : good_uri);
  g_autofree char *port = g_strdup_printf ("%u", raw_server_get_port (fixture->server));
  g_autoptr (WsmConnection) feed = NULL;
  g_autoptr (GError) error = NULL;

  g_string_replace (uri, "{}", port, 0);
  feed = g_object_new (WSM_TYPE_CONNECTION,
                       "uri", uri->str,
                       "origin", refusal->origin,
                       "protocols", refusal->protocols[0] != NULL ? refusal->protocols : NULL,
                       NULL);
  g_assert_false (wsm_pool_add_connection (fixture->scene->pool, feed, &error));
  g_assert_error (error, WSM_ERROR, (int) refusal->code);
  g_assert_nonnull (strstr (error->message, refusal->field));
  g_assert_null (strstr (error->message, SMUGGLED));
  g_assert_cmpuint (raw_server_get_n_peers (fixture->server), ==, 0);
}

/* What is put into the request of an attempt is looked at before it is sent. */

typedef void (*SpoilFunc) (SoupMessage *message);

static void
append (SoupMessage *message,
        const char  *name,
        const char  *value)
{
  soup_message_headers_append (soup_message_get_request_headers (message), name, value);
}

static void
spoil_with_control (SoupMessage *message)
{
  append (message, "X-Fine", "a\vb" SECRET);
}

static void
spoil_with_delete (SoupMessage *message)
{
  append (message, "X-Fine", "a\x7f" SECRET);
}

static void
spoil_name (SoupMessage *message)
{
  append (message, "X(" SECRET ")", "yes");
}

static void
spoil_with_latin (SoupMessage *message)
{
  append (message, "X-Fine", "caf\xe9 " SECRET);
}

static void
spoil_host (SoupMessage *message)
{
  append (message, "Host", SECRET ".example");
}

static void
spoil_upgrade (SoupMessage *message)
{
  append (message, "upgrade", "h2c");
}

static void
spoil_connection (SoupMessage *message)
{
  append (message, "Connection", "close");
}

static void
spoil_key (SoupMessage *message)
{
  append (message, "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
}

static void
spoil_extensions (SoupMessage *message)
{
  append (message, "SEC-WEBSOCKET-EXTENSIONS", "permessage-deflate");
}

static void
spoil_length (SoupMessage *message)
{
  append (message, "Content-Length", "10");
}

static void
spoil_encoding (SoupMessage *message)
{
  append (message, "Transfer-Encoding", "chunked");
}

static void
spoil_proxy (SoupMessage *message)
{
  append (message, "Proxy-Authorization", "Basic " SECRET);
}

static void
spoil_with_much (SoupMessage *message)
{
  g_autofree char *value = g_strnfill (40, 'x');

  for (guint i = 0; i < 1000; i++)
    append (message, "X-Fine", value);
}

static void
spoil_method (SoupMessage *message)
{
  soup_message_set_method (message, "POST");
}

static void
spoil_uri (SoupMessage *message)
{
  g_autoptr (GUri) uri = g_uri_parse ("http://127.0.0.1/" SECRET, G_URI_FLAGS_NONE, NULL);

  soup_message_set_uri (message, uri);
}

typedef struct
{
  const char *name;
  SpoilFunc spoil;
  WsmError code;
  const char *field;
} Spoiler;

static const Spoiler spoilers[] = {
  { "26-control-character-in-a-value", spoil_with_control, WSM_ERROR_INVALID_HEADER, "X-Fine" },
  { "26-delete-in-a-value", spoil_with_delete, WSM_ERROR_INVALID_HEADER, "X-Fine" },
  { "29-name-that-is-no-token", spoil_name, WSM_ERROR_INVALID_HEADER, "name" },
  { "30-value-that-is-no-utf-8", spoil_with_latin, WSM_ERROR_INVALID_HEADER, "X-Fine" },
  { "31-host", spoil_host, WSM_ERROR_INVALID_HEADER, "Host" },
  { "31-upgrade", spoil_upgrade, WSM_ERROR_INVALID_HEADER, "Upgrade" },
  { "31-connection", spoil_connection, WSM_ERROR_INVALID_HEADER, "Connection" },
  { "31-key", spoil_key, WSM_ERROR_INVALID_HEADER, "Sec-WebSocket-Key" },
  { "31-extensions", spoil_extensions, WSM_ERROR_INVALID_HEADER, "Sec-WebSocket-Extensions" },
  { "31-length", spoil_length, WSM_ERROR_INVALID_HEADER, "Content-Length" },
  { "31-encoding", spoil_encoding, WSM_ERROR_INVALID_HEADER, "Transfer-Encoding" },
  { "31-proxy", spoil_proxy, WSM_ERROR_INVALID_HEADER, "Proxy-Authorization" },
  { "31-method", spoil_method, WSM_ERROR_INVALID_HEADER, "method" },
  { "31-another-scheme", spoil_uri, WSM_ERROR_INVALID_URI, "scheme" },
  { "32-more-headers-than-fit", spoil_with_much, WSM_ERROR_INVALID_HEADER, "32 KiB" },
};

static gboolean
prepare_cb (WsmConnection *connection,
            SoupMessage   *message,
            gpointer       spoil)
{
  ((SpoilFunc) spoil) (message);

  return FALSE;
}

static WsmConnection *
add (Fixture    *fixture,
     const char *path,
     SpoilFunc   spoil)
{
  g_autofree char *uri = raw_server_make_uri (fixture->server, path);
  WsmConnection *feed = scene_add_uri (fixture->scene, uri);

  if (spoil != NULL)
    g_signal_connect (feed, "prepare", G_CALLBACK (prepare_cb), (gpointer) spoil);
  fixture->witness = witness_new (feed);

  return feed;
}

static void
test_request_refused (Fixture       *fixture,
                      gconstpointer  data)
{
  const Spoiler *spoiler = data;
  WsmConnection *feed = add (fixture, "/", spoiler->spoil);
  const GError *error;

  WAIT_FOR (fixture->witness->n_ended == 1);
  witness_assert_log (fixture->witness, "CONNECTING FAILED failed");
  error = wsm_connection_get_error (feed);
  g_assert_error (error, WSM_ERROR, (int) spoiler->code);
  g_assert_nonnull (strstr (error->message, spoiler->field));
  g_assert_null (strstr (error->message, SECRET));
  g_assert_cmpuint (raw_server_get_n_peers (fixture->server), ==, 0);
}

static void
spoil_with_many (SoupMessage *message)
{
  for (guint i = 0; i < 1000; i++)
    append (message, "X-Fine", "some");
}

static guint
count (const char *text,
       const char *piece)
{
  guint n = 0;

  while ((text = strstr (text, piece)) != NULL)
    {
      text += strlen (piece);
      n++;
    }

  return n;
}

/* Each line of the request is known, and there is one of each. */
static void
test_request_as_meant (Fixture       *fixture,
                       gconstpointer  data)
{
  static const char * const protocols[] = { "chat", "x-v.2", NULL };
  static const char * const lines[] = {
    "\r\nHost: 127.0.0.1:", "\r\nUpgrade: websocket\r\n", "\r\nConnection: Upgrade\r\n",
    "\r\nSec-WebSocket-Key: ", "\r\nSec-WebSocket-Version: 13\r\n",
    "\r\nSec-WebSocket-Protocol: chat, x-v.2\r\n", "\r\nOrigin: https://a.example:8443\r\n",
  };
  g_autofree char *uri = raw_server_make_uri (fixture->server, "/a%0D%0Ab/%2F?key=" SECRET "%20");
  g_autoptr (WsmConnection) feed = NULL;
  g_autoptr (GError) error = NULL;
  const char *request;

  fixture->headers = "Sec-WebSocket-Protocol: x-v.2\r\n";
  feed = g_object_new (WSM_TYPE_CONNECTION,
                       "uri", uri,
                       "origin", "https://a.example:8443",
                       "protocols", protocols,
                       NULL);
  g_signal_connect (feed, "prepare", G_CALLBACK (prepare_cb), (gpointer) spoil_with_many);
  fixture->witness = witness_new (feed);
  g_assert_true (wsm_pool_add_connection (fixture->scene->pool, feed, &error));
  g_assert_no_error (error);
  g_assert_true (wsm_connection_open (feed, &error));
  g_clear_object (&feed);
  WAIT_FOR (fixture->witness->n_opened == 1);

  request = raw_peer_get_request (raw_server_get_peer (fixture->server));
  g_test_message ("%.60s…", request);
  g_assert_true (g_str_has_prefix (request, "GET /a%0D%0Ab/%2F?key=" SECRET "%20 HTTP/1.1\r\n"));
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    g_assert_cmpuint (count (request, lines[i]), ==, 1);
  g_assert_cmpuint (count (request, "\r\nX-Fine: some\r\n"), >=, 500);
  g_assert_cmpuint (count (request, "\nX-Fine: some\r"), ==, 1000);
  /* The request line, seven lines from here, a thousand of the app, and the one that ends it. */
  g_assert_cmpuint (count (request, "\r\n"), ==, 1 + G_N_ELEMENTS (lines) + 1000 + 1);
}

/* Answers. */

typedef struct
{
  const char *name;
  const char *answer;
  WsmReasonCode code;
  guint status;
} Answer;

static const Answer answers[] = {
  { "34-phrase-that-is-no-utf-8", "HTTP/1.1 503 B\xff\xfe\x1b[31m\r\nContent-Length: 0\r\n\r\n",
    WSM_REASON_CODE_HTTP_STATUS, 503 },
  { "36-status-000", "HTTP/1.1 000 Nothing\r\n\r\n", WSM_REASON_CODE_BAD_HANDSHAKE, 0 },
  { "36-status-99", "HTTP/1.1 99 Little\r\n\r\n", WSM_REASON_CODE_BAD_HANDSHAKE, 0 },
  { "36-status-999", "HTTP/1.1 999 Much\r\nContent-Length: 0\r\n\r\n",
    WSM_REASON_CODE_HTTP_STATUS, 999 },
  { "36-status-101-without-more", "HTTP/1.1 101 Yes\r\n\r\n", WSM_REASON_CODE_BAD_HANDSHAKE, 101 },
};

static void
test_answer (Fixture       *fixture,
             gconstpointer  data)
{
  const Answer *answer = data;
  WsmConnection *feed;
  const WsmReason *reason;
  g_autofree char *text = NULL;

  fixture->answer = answer->answer;
  feed = add (fixture, "/", NULL);
  WAIT_FOR (wsm_connection_get_state (feed) != WSM_STATE_CONNECTING &&
            wsm_connection_get_state (feed) != WSM_STATE_IDLE);
  reason = wsm_connection_get_reason (feed);
  text = wsm_reason_to_string (reason);
  g_test_message ("%s", text);
  g_assert_cmpint (wsm_reason_get_code (reason), ==, answer->code);
  if (answer->status > 0)
    g_assert_cmpuint (wsm_reason_get_http_status (reason), ==, answer->status);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_null (strpbrk (text, "\x1b\r\n"));
  g_assert_true (g_utf8_validate (wsm_connection_get_error (feed)->message, -1, NULL));
}

/* More than any server should set, less than what ends the handshake. */
static void
test_many_cookies (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (GString) headers = g_string_new (NULL);
  g_autoptr (SoupCookieJar) jar = soup_cookie_jar_new ();

  soup_session_add_feature (wsm_pool_get_session (fixture->scene->pool),
                            SOUP_SESSION_FEATURE (jar));
  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (headers, "Set-Cookie: c%u=%u\r\n", i % 10, i);
  fixture->headers = headers->str;
  add (fixture, "/", NULL);
  WAIT_FOR (fixture->witness->n_opened == 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  memset (long_protocol, 'x', sizeof long_protocol - 1);

#define ADD(data, func, name) \
  G_STMT_START { \
    g_autofree char *path = g_strconcat ("/matrix/input-", name, NULL); \
    g_test_add (path, Fixture, data, set_up, test_##func, tear_down); \
  } G_STMT_END

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    ADD (&refusals[i], setting_refused, refusals[i].name);
  for (gsize i = 0; i < G_N_ELEMENTS (spoilers); i++)
    ADD (&spoilers[i], request_refused, spoilers[i].name);
  ADD (NULL, request_as_meant, "32-thousand-headers");
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    ADD (&answers[i], answer, answers[i].name);
  ADD (NULL, many_cookies, "35-thousand-cookies");

#undef ADD

  return g_test_run ();
}
