/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

#include <string.h>

/* Bad inputs 26 to 32: what an app puts into a request besides its URI. Nothing is sent of what
 * would break out of its place. */

#define SECRET "S3CR3T-0123456789abcdef"

typedef struct
{
  const char *name;  /* (unowned) */
  const char *value; /* (unowned) */
  guint n_times;
} Header;

static gboolean
prepare_cb (WsmConnection *connection,
            SoupMessage   *message,
            const Header  *header)
{
  for (guint i = 0; i < header->n_times; i++)
    soup_message_headers_append (soup_message_get_request_headers (message), header->name,
                                 header->value);

  return FALSE;
}

/* libsoup is asked by the app itself here, and answers with a critical of its own. */
static gboolean
prepare_loudly_cb (WsmConnection *connection,
                   SoupMessage   *message,
                   const Header  *header)
{
  g_test_expect_message ("libsoup", G_LOG_LEVEL_CRITICAL, "*assertion*failed");
  prepare_cb (connection, message, header);
  g_test_assert_expected_messages ();

  return FALSE;
}

static void
assert_not_sent (const Header *header,
                 const char   *words)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);
  g_auto (GStrv) list = g_strsplit (words, "|", -1);
  const GError *error;

  g_signal_connect (feed, "prepare", G_CALLBACK (prepare_cb), (gpointer) header);
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING FAILED failed");
  error = wsm_connection_get_error (feed);
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER);
  g_assert_null (strstr (error->message, SECRET));
  for (guint i = 0; list[i] != NULL; i++)
    g_assert_nonnull (strcasestr (error->message, list[i]));
  g_assert_cmpuint (peer->n_attempts, ==, 0);

  wsm_test_world_free (world);
}

static void
assert_sent (const Header *header,
             GCallback     callback)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_IDLE);

  g_signal_connect (feed, "prepare", callback, (gpointer) header);
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  wsm_test_world_assert_log (world, "CONNECTING OPEN opened");

  wsm_test_world_free (world);
}

/* Where libsoup refuses a line break, nothing of it is in the request; a control character it
 * takes. */
static void
test_header_value (void)
{
  static const Header line_break = { "X-Value", "a\r\nInjected: 1", 1 };
  static const Header control = { "X-Value", "a\x01" SECRET, 1 };
  static const Header delete = { "X-Value", "a\x7f" SECRET, 1 };

  assert_sent (&line_break, G_CALLBACK (prepare_loudly_cb));
  assert_not_sent (&control, "X-Value|control character|remove it");
  assert_not_sent (&delete, "X-Value|control character|remove it");
}

static void
assert_refuses_setting (const char *property,
                        gpointer    value,
                        const char *words)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autoptr (WsmConnection) feed = g_object_new (WSM_TYPE_CONNECTION,
                                                 "uri", "ws://127.0.0.1/a",
                                                 property, value,
                                                 NULL);
  g_auto (GStrv) list = g_strsplit (words, "|", -1);
  g_autoptr (GError) error = NULL;

  g_assert_false (wsm_pool_add_connection (world->pool, feed, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING);
  for (guint i = 0; list[i] != NULL; i++)
    g_assert_nonnull (strstr (error->message, list[i]));
  g_assert_null (strpbrk (error->message, "\r\n"));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (world->pool)), ==, 0);

  wsm_test_world_free (world);
}

static void
test_origin (void)
{
  static const char * const origins[] = {
    "https://example.com\r\nInjected: 1", "https://example.com\n", "https://example.com/\r", "\r\n",
    "", "example.com", "https://example.com/path", "https://user@example.com",
  };

  for (guint i = 0; i < G_N_ELEMENTS (origins); i++)
    assert_refuses_setting ("origin", (gpointer) origins[i], "origin|as in https://example.com");
}

static void
test_protocols (gconstpointer user_data)
{
  const char *protocols[] = { user_data, NULL };

  assert_refuses_setting ("protocols", protocols, "Sub-protocol number 1|letters, digits and");
}

static void
test_duplicate_protocols (void)
{
  const char *same[] = { "chat", "v2", "chat", NULL };
  const char *alike[] = { "chat", "Chat", NULL };

  assert_refuses_setting ("protocols", same, "Sub-protocol number 3|number 1|once");
  assert_refuses_setting ("protocols", alike, "Sub-protocol number 2|number 1|once");
}

static void
test_long_protocol (void)
{
  g_autofree char *name = g_strnfill (10 * 1024, 'a');
  const char *protocols[] = { name, NULL };

  assert_refuses_setting ("protocols", protocols, "Sub-protocol number 1|too long|4096");
}

/* Of a NUL only what stands before it is seen: a name that is none. */
static void
test_header_name (void)
{
  static const Header colon = { "X:Name", "value", 1 };
  static const Header space = { "X Name", "value", 1 };
  static const Header nothing = { "\0X-Name", "value", 1 };
  static const Header foreign = { "X-N\xc3\xa4me", "value", 1 };
  static const Header brackets = { "X(Name)", "value", 1 };

  assert_sent (&colon, G_CALLBACK (prepare_loudly_cb));
  assert_sent (&space, G_CALLBACK (prepare_loudly_cb));
  assert_sent (&nothing, G_CALLBACK (prepare_loudly_cb));
  assert_not_sent (&foreign, "name is no token|letters, digits and hyphens");
  assert_not_sent (&brackets, "name is no token|letters, digits and hyphens");
}

static void
test_value_that_is_no_text (void)
{
  static const Header header = { "X-Value", "\xff\xfe" SECRET, 1 };

  assert_not_sent (&header, "X-Value|UTF-8");
}

static void
test_headers_of_the_handshake (void)
{
  static const char * const names[] = {
    "Host", "Upgrade", "Connection", "Content-Length", "Transfer-Encoding", "Sec-WebSocket-Key",
    "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions",
    "sec-websocket-accept",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Header header = { names[i], SECRET, 1 };
      g_autofree char *words = g_strconcat (names[i], "|belongs to the handshake|do not set it",
                                            NULL);

      assert_not_sent (&header, words);
    }
}

/* They may be many, but not more than a server takes. */
static void
test_thousand_headers (void)
{
  static const Header small = { "X-Value", "v", 1000 };
  static const Header large = { "X-Value", "a value that is longer than that", 1000 };

  assert_sent (&small, G_CALLBACK (prepare_cb));
  assert_not_sent (&large, "32 KiB");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/inputs/26-line-break-in-a-value", test_header_value);
  g_test_add_func ("/inputs/27-line-break-in-the-origin", test_origin);
  g_test_add_data_func ("/inputs/28-line-break-in-a-protocol", "a\r\nInjected: 1", test_protocols);
  g_test_add_data_func ("/inputs/28-comma-in-a-protocol", "a,b", test_protocols);
  g_test_add_data_func ("/inputs/28-space-in-a-protocol", "a b", test_protocols);
  g_test_add_data_func ("/inputs/28-empty-protocol", "", test_protocols);
  g_test_add_func ("/inputs/28-one-protocol-twice", test_duplicate_protocols);
  g_test_add_func ("/inputs/28-protocol-of-10-kb", test_long_protocol);
  g_test_add_func ("/inputs/29-names-of-headers", test_header_name);
  g_test_add_func ("/inputs/30-value-that-is-no-text", test_value_that_is_no_text);
  g_test_add_func ("/inputs/31-headers-of-the-handshake", test_headers_of_the_handshake);
  g_test_add_func ("/inputs/32-thousand-headers", test_thousand_headers);

  return g_test_run ();
}
