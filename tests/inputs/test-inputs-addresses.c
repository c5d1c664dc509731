/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

#include <string.h>

/* Bad inputs 1 to 25: URIs, as an app gives them to a pool. */

#define SECRET "S3CR3T-0123456789abcdef"

typedef struct
{
  const char *path; /* (unowned) */
  const char *uri;  /* (unowned) (nullable): NULL = made by the test */
  const char *words; /* (unowned) (nullable): of the error, one after the other; NULL = taken */
  const char *name;  /* (unowned) (nullable): what is shown of one that is taken */
} Case;

static const Case cases[] = {
  { "02-empty", "", "is missing|ws://host:port/path", NULL },
  { "03-scheme-alone", "ws://", "host|IPv6 address in brackets", NULL },
  { "04-no-host", "ws:///x", "host|IPv6 address in brackets", NULL },
  { "05-no-scheme", "host:80", "scheme|ws:// or wss://", NULL },
  { "06-http", "http://", "scheme|ws:// or wss://", NULL },
  { "06-http-with-host", "http://" SECRET "@example.com/", "scheme|ws:// or wss://", NULL },
  { "07-ftp", "ftp://example.com/", "scheme|ws:// or wss://", NULL },
  { "08-scheme-in-capitals", "WS://", "host", NULL },
  { "08-scheme-in-capitals-and-host", "WS://127.0.0.1/", NULL, "ws://127.0.0.1/" },
  { "09-port-0", "ws://127.0.0.1:0/", "port|1 to 65535", NULL },
  { "10-port-99999", "ws://127.0.0.1:99999/", "port|1 to 65535", NULL },
  { "11-open-bracket", "ws://[::1", "host|IPv6 address in brackets", NULL },
  { "12-zone", "ws://[fe80::1%25eth0]/", NULL, "ws://[fe80::1%25eth0]/" },
  { "13-user-and-password", "ws://user:" SECRET "@127.0.0.1/", NULL, "ws://127.0.0.1/" },
  { "14-fragment", "ws://127.0.0.1/#" SECRET, "fragment|remove|%23", NULL },
  { "15-nul-in-host", "ws://exam%00ple.com/", "host", NULL },
  { "16-line-break-in-host", "ws://exam%0d%0aple.com/", "host", NULL },
  { "17-space-in-host", "ws://exam ple.com/", "space|percent-encode", NULL },
  { "17-encoded-space-in-host", "ws://exam%20ple.com/", "host", NULL },
  { "18-bad-escape-in-host", "ws://exam%zzple.com/", "host", NULL },
  { "18-bad-escape-in-password", "ws://u:" SECRET "%zz@example.com/",
    "password|percent-encode", NULL },
  { "19-international-host", "ws://b\xc3\xbc" "cher.example/", NULL,
    "ws://xn--bcher-kva.example/" },
  { "19-two-scripts", "ws://p\xd0\xb0ypal.example/", NULL, "ws://xn--pypal-4ve.example/" },
  { "22-good-at-evil", "wss://good@evil/", NULL, "wss://evil/" },
  { "23-short-address", "ws://127.1/", NULL, "ws://127.1/" },
  { "24-dot-behind-host", "ws://example.com./", NULL, "ws://example.com./" },
  { "25-secret-in-query", "ws://127.0.0.1/?token=" SECRET, NULL, "ws://127.0.0.1/?token=***" },
};

/* What is refused leaves nothing behind, and the error does not tell what may be a secret. */
static void
assert_refuses (WsmTestWorld *world,
                const char   *uri,
                const char   *words)
{
  g_auto (GStrv) list = g_strsplit (words, "|", -1);
  g_autoptr (GError) error = NULL;

  g_assert_null (wsm_pool_add (world->pool, uri, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_URI);
  g_assert_true (g_str_has_prefix (error->message, "The URI "));
  g_assert_null (strstr (error->message, "S3CR3T"));
  for (guint i = 0; list[i] != NULL; i++)
    {
      if (strstr (error->message, list[i]) == NULL)
        g_error ("“%s” is not in: %s", list[i], error->message);
    }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (world->pool)), ==, 0);
}

/* It is used as it was given, and shown without what may be a secret. */
static void
assert_takes (WsmTestWorld *world,
              const char   *uri,
              const char   *name)
{
  g_autoptr (GError) error = NULL;
  WsmConnection *connection = wsm_pool_add (world->pool, uri, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (wsm_connection_get_uri (connection), ==, uri);
  g_assert_cmpstr (wsm_connection_get_name (connection), ==, name);
  wsm_test_world_run_ms (world, 100);
  g_assert_cmpint (wsm_connection_get_state (connection), ==, WSM_STATE_OPEN);
  wsm_connection_close (connection, 1, NULL, &error);
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_CLOSE);
  g_assert_null (strstr (error->message, "S3CR3T"));
}

static void
test_address (gconstpointer user_data)
{
  const Case *tried = user_data;
  WsmTestWorld *world = wsm_test_world_new (1);

  if (tried->words != NULL)
    assert_refuses (world, tried->uri, tried->words);
  else
    assert_takes (world, tried->uri, tried->name);
  wsm_test_world_free (world);
}

/* An app that passes NULL has a fault, a connection that was made without a URI has none yet. */
static void
test_null (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autoptr (WsmConnection) connection = g_object_new (WSM_TYPE_CONNECTION, NULL);
  g_autoptr (GError) error = NULL;

  g_test_expect_message ("libwsmulti", G_LOG_LEVEL_CRITICAL, "*assertion*uri != NULL*");
  g_assert_null (wsm_pool_add (world->pool, NULL, &error));
  g_test_assert_expected_messages ();
  g_assert_no_error (error);

  g_assert_false (wsm_pool_add_connection (world->pool, connection, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_URI);
  g_assert_nonnull (strstr (error->message, "is missing; write it as ws://host:port/path"));
  wsm_test_world_free (world);
}

static void
test_long_host (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autofree char *label = g_strnfill (70 * 1024, 'a');
  g_autofree char *uri = g_strconcat ("ws://", label, "/", NULL);

  assert_refuses (world, uri, "longer than 16 KiB|in a message");
  g_clear_pointer (&uri, g_free);
  label[300] = '\0';
  uri = g_strconcat ("ws://", label, "/", NULL);
  assert_refuses (world, uri, "host");
  wsm_test_world_free (world);
}

static void
test_long_path (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  g_autofree char *segment = g_strnfill (64 * 1024, 'a');
  g_autofree char *uri = g_strconcat ("ws://127.0.0.1/", segment, NULL);

  assert_refuses (world, uri, "longer than 16 KiB|in a message");
  wsm_test_world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/inputs/01-null", test_null);
  g_test_add_func ("/inputs/20-host-of-70-kb", test_long_host);
  g_test_add_func ("/inputs/21-path-of-64-kb", test_long_path);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/inputs/", cases[i].path, NULL);

      g_test_add_data_func (path, &cases[i], test_address);
    }

  return g_test_run ();
}
