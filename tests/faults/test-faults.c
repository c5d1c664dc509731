/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "test-loop.h"
#include "wsm-faults.h"

/* Whether the fault server and the proxy do what they say, as a plain socket sees it. */

/* The example of RFC 6455, 1.3. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

#define ALIGNMENT_SLACK_MS 5

/* "go", masked with zeros, as clients have to. */
static const char message_go[] = { '\x81', '\x82', 0, 0, 0, 0, 'g', 'o' };

typedef struct
{
  GSocket *socket;    /* (owned) */
  GString *received;  /* (owned) */
  gboolean has_ended;
  gboolean was_reset;
} Client;

typedef struct
{
  WsmFaultsServer *server; /* (owned) */
  WsmFaultsProxy *proxy;   /* (owned) */
  Client *client;          /* (owned) (nullable) */
} Fixture;

static Client *
client_new (guint port)
{
  Client *client = g_new0 (Client, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, port);
  g_autoptr (GError) error = NULL;

  client->received = g_string_new (NULL);
  client->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_connect (client->socket, address, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (client->socket, FALSE);

  return client;
}

static void
client_free (Client *client)
{
  if (client == NULL)
    return;

  g_socket_close (client->socket, NULL);
  g_object_unref (client->socket);
  g_string_free (client->received, TRUE);
  g_free (client);
}

static void
client_send (Client     *client,
             const char *data,
             gsize       length)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_socket_send (client->socket, data, length, NULL, &error), ==, length);
  g_assert_no_error (error);
}

static void
client_ask (Client     *client,
            const char *path)
{
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\nHost: localhost\r\n"
                                              "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                              "Sec-WebSocket-Version: 13\r\n"
                                              "Sec-WebSocket-Key: " KEY "\r\n\r\n", path);

  client_send (client, request, strlen (request));
}

/* Reads what is there, and returns how much there is in all. */
static gsize
client_read (Client *client)
{
  char buffer[4096];
  g_autoptr (GError) error = NULL;
  gssize n_bytes;

  do
    {
      n_bytes = g_socket_receive (client->socket, buffer, sizeof buffer, NULL, &error);
      if (n_bytes > 0)
        g_string_append_len (client->received, buffer, n_bytes);
    }
  while (n_bytes > 0);

  client->has_ended = n_bytes == 0;
  client->was_reset = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);

  return client->received->len;
}

static gboolean
client_holds (Client     *client,
              const char *text)
{
  client_read (client);

  return strstr (client->received->str, text) != NULL;
}

/* Asks for a path and waits for the end of the head. */
static void
open_path (Fixture    *fixture,
           guint       port,
           const char *path)
{
  g_clear_pointer (&fixture->client, client_free);
  fixture->client = client_new (port);
  client_ask (fixture->client, path);
  WAIT_FOR (client_holds (fixture->client, "\r\n\r\n"));
}

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  fixture->server = wsm_faults_server_new ();
  wsm_faults_server_start (fixture->server);
  fixture->proxy = wsm_faults_proxy_new (wsm_faults_server_get_port (fixture->server));
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  g_clear_pointer (&fixture->client, client_free);
  g_assert_finalize_object (fixture->proxy);
  g_assert_finalize_object (fixture->server);
}

static guint
get_uint (gpointer    object,
          const char *property)
{
  guint value;

  g_object_get (object, property, &value, NULL);

  return value;
}

static void
test_paths (Fixture       *fixture,
            gconstpointer  data)
{
  g_auto (GStrv) paths = wsm_faults_server_dup_paths (fixture->server);
  guint port = wsm_faults_server_get_port (fixture->server);
  guint n_open = 0;

  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_test_message ("%s", paths[i]);
      if (g_str_has_prefix (paths[i], "/handshake/"))
        continue;

      open_path (fixture, port, paths[i]);
      g_assert_true (g_str_has_prefix (fixture->client->received->str, "HTTP/1.1 101 "));
      g_assert_nonnull (strstr (fixture->client->received->str,
                                "Sec-WebSocket-Accept: " ACCEPT "\r\n"));
      n_open++;
      g_assert_cmpuint (get_uint (fixture->server, "n-handshakes"), ==, n_open);
    }
  g_assert_cmpuint (n_open, >, 20);
}

static void
test_unknown_path (Fixture       *fixture,
                   gconstpointer  data)
{
  static const char * const unknown[] = { "/", "/none", "/none/1", "/echo/1/2", "*", "/handshake" };
  guint port = wsm_faults_server_get_port (fixture->server);

  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      open_path (fixture, port, unknown[i]);
      g_assert_true (g_str_has_prefix (fixture->client->received->str, "HTTP/1.1 404 "));
    }
  g_assert_cmpuint (get_uint (fixture->server, "n-requests"), ==, G_N_ELEMENTS (unknown));
  g_assert_cmpuint (get_uint (fixture->server, "n-handshakes"), ==, 0);
}

static void
test_options (Fixture       *fixture,
              gconstpointer  data)
{
  gsize n_before;

  open_path (fixture, wsm_faults_server_get_port (fixture->server),
             "/bytes/8101aa?on=message&then=and+more");
  n_before = client_read (fixture->client);
  test_loop_run_ms (20);
  g_assert_cmpuint (client_read (fixture->client), ==, n_before);
  client_send (fixture->client, message_go, sizeof message_go);
  WAIT_FOR (client_holds (fixture->client, "\x81\x01\xaa\x81\x08" "and more"));
  g_assert_cmpuint (get_uint (fixture->server, "n-messages"), ==, 1);
}

static void
test_restart (Fixture       *fixture,
              gconstpointer  data)
{
  guint port = wsm_faults_server_get_port (fixture->server);

  open_path (fixture, port, "/echo");
  wsm_faults_server_stop (fixture->server);
  WAIT_FOR (client_read (fixture->client) > 0 && fixture->client->has_ended);
  wsm_faults_server_start (fixture->server);
  g_assert_cmpuint (wsm_faults_server_get_port (fixture->server), ==, port);
  open_path (fixture, port, "/echo");
  g_assert_cmpuint (get_uint (fixture->server, "n-connections"), ==, 2);
}

static void
test_latency (Fixture       *fixture,
              gconstpointer  data)
{
  gint64 before_us = g_get_monotonic_time ();

  g_object_set (fixture->proxy, "latency", 50, NULL);
  open_path (fixture, wsm_faults_proxy_get_port (fixture->proxy), "/echo");
  g_assert_cmpfloat (test_loop_ms_since (before_us), >=, 2 * 50 - ALIGNMENT_SLACK_MS);
}

static void
test_bandwidth (Fixture       *fixture,
                gconstpointer  data)
{
  gint64 before_us = g_get_monotonic_time ();

  g_object_set (fixture->proxy, "bandwidth", 50 * 1000, NULL);
  open_path (fixture, wsm_faults_proxy_get_port (fixture->proxy), "/frame/10000");
  WAIT_FOR (client_read (fixture->client) > 10000);
  g_assert_cmpfloat (test_loop_ms_since (before_us), >=, 10000 / 50 - ALIGNMENT_SLACK_MS);
  g_assert_cmpfloat (test_loop_ms_since (before_us), <, 2000);
}

/* Whatever the weather, what arrives is what was sent. */
static void
test_content (Fixture       *fixture,
              gconstpointer  data)
{
  const char *property = data;
  g_autofree char *expected = g_strnfill (3000, 'x');

  g_object_set (fixture->proxy, property, 2, NULL);
  open_path (fixture, wsm_faults_proxy_get_port (fixture->proxy), "/frame/3000?then=end");
  WAIT_FOR (client_holds (fixture->client, "\x81\x03" "end"));
  g_assert_nonnull (strstr (fixture->client->received->str, expected));
}

static void
test_limit (Fixture       *fixture,
            gconstpointer  data)
{
  gboolean resets = GPOINTER_TO_INT (data);
  guint64 n_bytes_up;
  guint64 n_bytes_down;

  open_path (fixture, wsm_faults_proxy_get_port (fixture->proxy), "/echo");
  g_object_get (fixture->proxy, "n-bytes-up", &n_bytes_up, "n-bytes-down", &n_bytes_down, NULL);
  g_assert_cmpuint (n_bytes_down, ==, fixture->client->received->len);

  /* In the middle of the answer. */
  g_object_set (fixture->proxy, "limit", n_bytes_up + n_bytes_down / 2, "resets", resets, NULL);
  g_clear_pointer (&fixture->client, client_free);
  fixture->client = client_new (wsm_faults_proxy_get_port (fixture->proxy));
  client_ask (fixture->client, "/echo");
  while (!fixture->client->has_ended && !fixture->client->was_reset)
    {
      test_loop_turn ();
      client_read (fixture->client);
    }
  g_assert_cmpuint (fixture->client->has_ended, ==, !resets);
  if (!resets)
    g_assert_cmpuint (fixture->client->received->len, ==, n_bytes_down / 2);
}

static void
test_swallows (Fixture       *fixture,
               gconstpointer  data)
{
  const char *property = data;
  gsize n_before;

  open_path (fixture, wsm_faults_proxy_get_port (fixture->proxy), "/echo");
  n_before = fixture->client->received->len;
  g_object_set (fixture->proxy, property, TRUE, NULL);
  client_send (fixture->client, message_go, sizeof message_go);
  test_loop_run_ms (30);
  g_assert_cmpuint (client_read (fixture->client), ==, n_before);
  g_assert_cmpuint (get_uint (fixture->server, "n-messages"), ==,
                    g_str_equal (property, "swallow-up") ? 0 : 1);

  g_object_set (fixture->proxy, property, FALSE, NULL);
  client_send (fixture->client, message_go, sizeof message_go);
  WAIT_FOR (client_holds (fixture->client, "\x81\x02go"));
}

static void
add (const char    *path,
     gconstpointer  data,
     void         (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, data, fixture_set_up, test, fixture_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/faults/server/has-what-it-lists", NULL, test_paths);
  add ("/faults/server/has-nothing-else", NULL, test_unknown_path);
  add ("/faults/server/waits-for-a-message", NULL, test_options);
  add ("/faults/server/starts-again-where-it-was", NULL, test_restart);
  add ("/faults/proxy/is-late", NULL, test_latency);
  add ("/faults/proxy/is-narrow", NULL, test_bandwidth);
  add ("/faults/proxy/keeps-what-is-sliced", "slice", test_content);
  add ("/faults/proxy/keeps-what-is-late-by-chance", "jitter", test_content);
  add ("/faults/proxy/ends-at-the-limit", GINT_TO_POINTER (FALSE), test_limit);
  add ("/faults/proxy/resets-at-the-limit", GINT_TO_POINTER (TRUE), test_limit);
  add ("/faults/proxy/swallows-what-goes-up", "swallow-up", test_swallows);
  add ("/faults/proxy/swallows-what-comes-down", "swallow-down", test_swallows);

  return g_test_run ();
}
