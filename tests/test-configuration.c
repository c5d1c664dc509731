/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "configuration.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* A user who owns nothing. */
#define NOBODY 65534

/* What a file says, read into a pool that never opens anything. */

typedef struct
{
  char *folder; /* (owned) */
  char *path;   /* (owned): feeds.ini in it */
  WsmIniConfiguration *configuration; /* (owned) */
  WsmPool *pool;                      /* (owned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("wsmulti-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "feeds.ini", NULL);
  fixture->configuration = wsm_ini_configuration_new ();
  fixture->pool = wsm_pool_new ();
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  user_data)
{
  g_remove (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
  wsm_ini_configuration_free (fixture->configuration);
  g_assert_finalize_object (fixture->pool);
}

static gboolean
read_bytes (Fixture     *fixture,
            const char  *data,
            gssize       length,
            GError     **error)
{
  g_autoptr (GError) local_error = NULL;

  g_file_set_contents (fixture->path, data, length, &local_error);
  g_assert_no_error (local_error);

  return wsm_ini_configuration_load (fixture->configuration, fixture->path, error) &&
         wsm_ini_configuration_fill (fixture->configuration, fixture->pool, error);
}

static void
assert_reads (Fixture    *fixture,
              const char *text)
{
  g_autoptr (GError) error = NULL;

  read_bytes (fixture, text, -1, &error);
  g_assert_no_error (error);
}

/* The message has to name the file, and each of the words. */
static void
assert_message (Fixture      *fixture,
                const GError *error,
                const char   *words)
{
  g_auto (GStrv) list = g_strsplit (words, "|", -1);

  g_assert_nonnull (error);
  if (!g_str_has_prefix (error->message, fixture->path))
    g_error ("the file is not named: %s", error->message);
  for (gsize i = 0; list[i] != NULL; i++)
    {
      if (strstr (error->message, list[i]) == NULL)
        g_error ("“%s” is not in: %s", list[i], error->message);
    }
}

static WsmConnection *
lookup (Fixture    *fixture,
        const char *name)
{
  WsmConnection *connection = wsm_pool_lookup (fixture->pool, name);

  g_assert_nonnull (connection);
  g_assert_cmpuint (wsm_connection_get_state (connection), ==, WSM_STATE_IDLE);

  return connection;
}

static void
test_every_key (Fixture       *fixture,
                gconstpointer  user_data)
{
  const guint8 bytes[] = { 0x00, 0xff };
  g_autoptr (GBytes) expected_bytes = g_bytes_new (bytes, sizeof bytes);
  WsmConnection *feed;
  WsmHeartbeat *heartbeat;
  WsmBackoff *backoff;

  assert_reads (fixture,
                "# All there is.\n"
                "[feed]\n"
                "uri=wss://user:secret@example.com/feed?token=x\n"
                "protocols=v2.feed;v1.feed\n"
                "origin=https://example.com\n"
                "greetings={\"op\":\"subscribe\"};one\\;two\n"
                "outbox-limit=4096\n"
                "queue-while-closed=true\n"
                "max-message-size=18446744073709551615\n"
                "connect-timeout=3s\n"
                "close-timeout=700ms\n"
                "max-redirects=20\n"
                "mode=text\n"
                "interval=15s\n"
                "timeout=2s\n"
                "max-missed=3\n"
                "jitter=0.25\n"
                "idle-only=true\n"
                "payload=ping %{seq}\n"
                "payload-bytes=hex:00fF\n"
                "reply-match=regex\n"
                "reply=^pong \\\\d+$\n"
                "hide-reply=true\n"
                "liveness=strict\n"
                "initial=250ms\n"
                "max=2min\n"
                "factor=1.5\n"
                "max-attempts=9\n"
                "max-elapsed=1h\n"
                "stable-after=10s\n");

  feed = lookup (fixture, "feed");
  g_assert_cmpstr (wsm_connection_get_uri (feed), ==,
                   "wss://user:secret@example.com/feed?token=x");
  g_assert_cmpuint (g_strv_length ((GStrv) wsm_connection_get_protocols (feed)), ==, 2);
  g_assert_cmpstr (wsm_connection_get_protocols (feed)[1], ==, "v1.feed");
  g_assert_cmpstr (wsm_connection_get_origin (feed), ==, "https://example.com");
  g_assert_cmpuint (g_strv_length ((GStrv) wsm_connection_get_greetings (feed)), ==, 2);
  g_assert_cmpstr (wsm_connection_get_greetings (feed)[0], ==, "{\"op\":\"subscribe\"}");
  g_assert_cmpstr (wsm_connection_get_greetings (feed)[1], ==, "one;two");
  g_assert_cmpuint (wsm_connection_get_outbox_limit (feed), ==, 4096);
  g_assert_true (wsm_connection_get_queue_while_closed (feed));
  g_assert_cmpuint (wsm_connection_get_max_message_size (feed), ==, G_MAXUINT64);
  g_assert_cmpuint (wsm_connection_get_connect_timeout (feed), ==, 3000);
  g_assert_cmpuint (wsm_connection_get_close_timeout (feed), ==, 700);
  g_assert_cmpuint (wsm_connection_get_max_redirects (feed), ==, 20);

  heartbeat = wsm_connection_get_heartbeat (feed);
  g_assert_cmpuint (wsm_heartbeat_get_mode (heartbeat), ==, WSM_HEARTBEAT_MODE_TEXT);
  g_assert_cmpuint (wsm_heartbeat_get_interval (heartbeat), ==, 15000);
  g_assert_cmpuint (wsm_heartbeat_get_timeout (heartbeat), ==, 2000);
  g_assert_cmpuint (wsm_heartbeat_get_max_missed (heartbeat), ==, 3);
  g_assert_cmpfloat (wsm_heartbeat_get_jitter (heartbeat), ==, 0.25);
  g_assert_true (wsm_heartbeat_get_idle_only (heartbeat));
  g_assert_cmpstr (wsm_heartbeat_get_payload (heartbeat), ==, "ping %{seq}");
  g_assert_true (g_bytes_equal (wsm_heartbeat_get_payload_bytes (heartbeat), expected_bytes));
  g_assert_cmpuint (wsm_heartbeat_get_reply_match (heartbeat), ==, WSM_REPLY_MATCH_REGEX);
  g_assert_cmpstr (wsm_heartbeat_get_reply (heartbeat), ==, "^pong \\d+$");
  g_assert_true (wsm_heartbeat_get_hide_reply (heartbeat));
  g_assert_cmpuint (wsm_heartbeat_get_liveness (heartbeat), ==, WSM_LIVENESS_STRICT);

  backoff = wsm_connection_get_backoff (feed);
  g_assert_cmpuint (wsm_backoff_get_initial (backoff), ==, 250);
  g_assert_cmpuint (wsm_backoff_get_max (backoff), ==, 120000);
  g_assert_cmpfloat (wsm_backoff_get_factor (backoff), ==, 1.5);
  g_assert_cmpuint (wsm_backoff_get_max_attempts (backoff), ==, 9);
  g_assert_cmpuint (wsm_backoff_get_max_elapsed (backoff), ==, 3600000);
  g_assert_cmpuint (wsm_backoff_get_stable_after (backoff), ==, 10000);
}

static void
test_what_is_not_said_is_the_librarys (Fixture       *fixture,
                                       gconstpointer  user_data)
{
  g_autoptr (WsmHeartbeat) heartbeat = wsm_heartbeat_new ();
  g_autoptr (WsmBackoff) backoff = wsm_backoff_new ();
  g_autoptr (WsmConnection) plain = wsm_connection_new ("ws://127.0.0.1/");
  WsmConnection *feed;

  assert_reads (fixture, "[feed]\nuri=ws://127.0.0.1/\n");

  feed = lookup (fixture, "feed");
  g_assert_cmpuint (wsm_heartbeat_get_interval (wsm_connection_get_heartbeat (feed)), ==,
                    wsm_heartbeat_get_interval (heartbeat));
  g_assert_cmpuint (wsm_backoff_get_max (wsm_connection_get_backoff (feed)), ==,
                    wsm_backoff_get_max (backoff));
  g_assert_cmpuint (wsm_connection_get_outbox_limit (feed), ==,
                    wsm_connection_get_outbox_limit (plain));

  /* But for this one. */
  g_assert_false (wsm_heartbeat_get_idle_only (wsm_connection_get_heartbeat (feed)));
}

static void
test_later_layers_win (Fixture       *fixture,
                       gconstpointer  user_data)
{
  WsmHeartbeat *heartbeat;

  wsm_ini_configuration_add_argument (fixture->configuration, "third=ws://127.0.0.1/?a=b");
  wsm_ini_configuration_add_argument (fixture->configuration, "ws://127.0.0.1/?a=b");
  wsm_ini_configuration_set_option (fixture->configuration, "max-missed", "7");
  assert_reads (fixture,
                "[first]\n"
                "uri=ws://127.0.0.1/\n"
                "interval=1s\n"
                "max-missed=4\n"
                "[defaults]\n"
                "interval=2s\n"
                "timeout=900ms\n"
                "max-missed=5\n"
                "[second]\n"
                "uri=ws://127.0.0.1/\n");

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->pool)), ==, 4);

  heartbeat = wsm_connection_get_heartbeat (lookup (fixture, "first"));
  g_assert_cmpuint (wsm_heartbeat_get_interval (heartbeat), ==, 1000);
  g_assert_cmpuint (wsm_heartbeat_get_timeout (heartbeat), ==, 900);
  g_assert_cmpuint (wsm_heartbeat_get_max_missed (heartbeat), ==, 7);

  heartbeat = wsm_connection_get_heartbeat (lookup (fixture, "second"));
  g_assert_cmpuint (wsm_heartbeat_get_interval (heartbeat), ==, 2000);

  heartbeat = wsm_connection_get_heartbeat (lookup (fixture, "third"));
  g_assert_cmpuint (wsm_heartbeat_get_interval (heartbeat), ==, 2000);
  g_assert_cmpuint (wsm_heartbeat_get_max_missed (heartbeat), ==, 7);
  g_assert_cmpstr (wsm_connection_get_uri (lookup (fixture, "third")), ==, "ws://127.0.0.1/?a=b");

  lookup (fixture, "ws://127.0.0.1/?a=***");
}

static void
test_base64 (Fixture       *fixture,
             gconstpointer  user_data)
{
  WsmHeartbeat *heartbeat;

  assert_reads (fixture, "[feed]\nuri=ws://127.0.0.1/\nmode=binary\npayload-bytes=base64:AP8=\n");
  heartbeat = wsm_connection_get_heartbeat (lookup (fixture, "feed"));
  g_assert_cmpuint (g_bytes_get_size (wsm_heartbeat_get_payload_bytes (heartbeat)), ==, 2);
}

static void
test_crlf_is_fine (Fixture       *fixture,
                   gconstpointer  user_data)
{
  assert_reads (fixture, "[株価 feed]\r\n\r\n# why\r\nuri = ws://127.0.0.1/\r\ninterval=5s\r\n");
  g_assert_cmpstr (wsm_connection_get_uri (lookup (fixture, "株価 feed")), ==, "ws://127.0.0.1/");
}

/* Broken in one line of a group that is right otherwise. */
typedef struct
{
  const char *line;
  const char *words; /* what the message has to name besides file, group and key */
} BrokenLine;

static const BrokenLine broken_lines[] =
{
  { "frobnicate=1", "there is no such key" },
  { "name=other", "there is no such key" },
  { "heartbeat=x", "there is no such key" },
  { "state=open", "there is no such key" },
  { "uri[de]=ws://127.0.0.1/", "there is no such key" },

  { "interval=5", "“5”|such as 500ms, 5s" },
  { "interval=-5s", "“-5s”|such as 500ms" },
  { "interval=", "“”|such as 500ms" },
  { "timeout=5 s", "“5 s”|such as 500ms" },
  { "initial=1.5s", "“1.5s”|such as 500ms" },
  { "max-elapsed=2000h", "“2000h”|too long" },
  { "connect-timeout=0ms", "“0ms”|more than 0" },
  { "close-timeout=0s", "“0s”|more than 0" },
  { "max-message-size=0", "“0”|more than 0" },
  { "max-redirects=2s", "“2s”|whole number" },
  { "max-redirects=21", "“21”|at most 20" },

  { "max-missed=two", "“two”|whole number" },
  { "max-missed=2s", "“2s”|whole number" },
  { "max-missed=4294967296", "“4294967296”|whole number" },
  { "max-attempts=-1", "“-1”|whole number" },
  { "outbox-limit=1MiB", "“1MiB”|number of bytes" },
  { "outbox-limit=18446744073709551616", "number of bytes" },
  { "jitter=much", "“much”|such as 0.1" },
  { "factor=2x", "“2x”|such as 0.1" },
  { "factor=", "“”|such as 0.1" },
  { "idle-only=yes", "“yes”|true or false" },
  { "hide-reply=1", "“1”|true or false" },
  { "queue-while-closed=TRUE", "“TRUE”|true or false" },
  { "mode=pong", "“pong”|ping, text, binary, passive or off" },
  { "reply-match=Any", "“Any”|none, any, exact or regex" },
  { "liveness=1", "“1”|any-traffic or strict" },
  { "payload-bytes=00ff", "“00ff”|hex:00ff or base64:" },
  { "payload-bytes=hex:0", "hex:00ff or base64:" },
  { "payload-bytes=hex:0g", "hex:00ff or base64:" },
  { "payload-bytes=base64:A!P8=", "hex:00ff or base64:" },
  { "payload=\\d", "write \\\\ for a backslash" },
  { "greetings=a;\\d", "backslash" },
  { "headers=\\d", "backslash" },
  { "headers=Authorization", "Header 1 has no colon" },
  { "headers=A: b;Up load: c", "name of header 2 is no token" },
  { "headers=: c", "name of header 1 is no token" },
  { "headers=upgrade: h2c", "upgrade belongs to the handshake" },
  { "headers=Sec-WebSocket-Key: x", "Sec-WebSocket-Key belongs" },
  { "headers=Cookie: a\\nHost: b", "Cookie holds a line break" },

  /* Understood, and refused by the library. */
  { "interval=9ms", "interval is 9 ms|from 10 to" },
  { "timeout=48h", "timeout is 172800000 ms|from 10 to" },
  { "max-missed=0", "max-missed is 0|from 1 to" },
  { "jitter=0.6", "jitter is 0.6|from 0 to 0.5" },
  { "jitter=nan", "jitter is nan|from 0 to 0.5" },
  { "factor=0.5", "factor is 0.5|from 1 to 100" },
  { "initial=0ms", "initial is 0 ms" },
  { "max=1ms", "max is 1 ms|at least initial" },
  { "mode=text", "payload is NULL|set a text" },
  { "mode=binary", "payload-bytes is NULL" },
  { "payload-bytes=hex:", "payload-bytes takes 0 bytes" },
  { "hide-reply=true", "hide-reply is TRUE" },
  { "reply-match=regex", "reply is empty" },
  { "origin=nonsense", "origin" },
  { "protocols=a b", "protocol" },
};

static void
test_broken_lines (Fixture       *fixture,
                   gconstpointer  user_data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (broken_lines); i++)
    {
      g_autofree char *text = NULL;
      g_autofree char *key = NULL;
      g_autofree char *words = NULL;
      g_autoptr (GError) error = NULL;

      key = g_strndup (broken_lines[i].line, strcspn (broken_lines[i].line, "="));
      text = g_strdup_printf ("[feed]\nuri=ws://127.0.0.1/\n%s\n", broken_lines[i].line);
      words = g_strdup_printf ("[feed]|%s|%s",
                               g_str_equal (key, "protocols") ? "protocol" : key,
                               broken_lines[i].words);

      g_test_message ("%s", broken_lines[i].line);
      g_assert_false (read_bytes (fixture, text, -1, &error));
      assert_message (fixture, error, words);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->pool)), ==, 0);
    }
}

/* Broken as a whole. */
typedef struct
{
  const char *text;
  const char *words;
} BrokenFile;

static const BrokenFile broken_files[] =
{
  { "", "holds no connection|write a group" },
  { "\n# nothing\n", "holds no connection" },
  { "[defaults]\ninterval=5s\n", "holds no connection" },
  { "[feed]\ninterval=5s\n", "[feed]|uri|is missing" },
  { "[feed]\n", "[feed]|uri|is missing" },
  { "[feed]\nuri=\n", "[feed]|uri|is missing; write it as ws://" },
  { "[feed]\nuri=http://127.0.0.1/\n", "[feed]|uri|begin it with ws://" },
  { "[feed]\nuri=ws://127.0.0.1:99999/\n", "[feed]|uri|from 1 to 65535" },
  { "[defaults]\nuri=ws://127.0.0.1/\n", "[defaults]|uri|name of the connection" },
  { "[defaults]\ninterval=5\n[feed]\nuri=ws://127.0.0.1/\n", "[defaults]|interval|500ms" },
  { "[feed]\nuri=ws://127.0.0.1/\n[feed]\ninterval=5s\n", "[feed]|twice|line 3" },
  { "[feed]\nuri=ws://127.0.0.1/\nuri = ws://127.0.0.2/\n", "[feed] uri|twice|line 3" },
  { "uri=ws://127.0.0.1/\n", "group" },
  { "[feed\nuri=ws://127.0.0.1/\n", "[feed" },
  { "[feed]\nnonsense\n", "nonsense" },
  { "\xef\xbb\xbf[feed]\nuri=ws://127.0.0.1/\n", "byte order mark|without one" },
  { "[feed]\nuri=ws://127.0.0.1/\npayload=\xff\n", "UTF-8" },
};

static void
test_broken_files (Fixture       *fixture,
                   gconstpointer  user_data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (broken_files); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("file %" G_GSIZE_FORMAT, i);
      g_assert_false (read_bytes (fixture, broken_files[i].text, -1, &error));
      assert_message (fixture, error, broken_files[i].words);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->pool)), ==, 0);
    }
}

static void
test_nul_is_refused (Fixture       *fixture,
                     gconstpointer  user_data)
{
  const char data[] = "[feed]\nuri=ws://127.0.0.1/\n\0payload=x\n";
  g_autoptr (GError) error = NULL;

  g_assert_false (read_bytes (fixture, data, sizeof data - 1, &error));
  assert_message (fixture, error, "NUL");
}

/* Its name is taken by a group, so a connection of the command line cannot have it. */
static void
test_clash_of_names (Fixture       *fixture,
                     gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  wsm_ini_configuration_add_argument (fixture->configuration, "feed=ws://127.0.0.1/");
  g_assert_false (read_bytes (fixture, "[feed]\nuri=ws://127.0.0.1/\n", -1, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_NAME_TAKEN);
  g_assert_nonnull (strstr (error->message, "feed"));
}

static void
test_options_are_named (Fixture       *fixture,
                        gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  wsm_ini_configuration_add_argument (fixture->configuration, "ws://user:secret@127.0.0.1/");
  wsm_ini_configuration_set_option (fixture->configuration, "interval", "5");
  g_assert_false (wsm_ini_configuration_fill (fixture->configuration, fixture->pool, &error));
  g_assert_true (g_str_has_prefix (error->message, "--interval: “5”"));
  g_assert_null (strstr (error->message, "secret"));
}

static void
test_nothing_at_all (Fixture       *fixture,
                     gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (wsm_ini_configuration_fill (fixture->configuration, fixture->pool, &error));
  g_assert_nonnull (strstr (error->message, "--config"));
}

static void
test_size_is_limited (Fixture       *fixture,
                      gconstpointer  user_data)
{
  const gsize limit = 1024 * 1024;
  const char head[] = "[feed]\nuri=ws://127.0.0.1/\n#";
  g_autofree char *data = g_malloc (2 * limit);
  g_autoptr (GError) error = NULL;

  memset (data, ' ', 2 * limit);
  memcpy (data, head, strlen (head));
  g_assert_false (read_bytes (fixture, data, (gssize) (2 * limit), &error));
  assert_message (fixture, error, "larger than 1 MiB|several files");
  g_clear_error (&error);

  g_assert_false (read_bytes (fixture, data, (gssize) (limit + 1), &error));
  assert_message (fixture, error, "larger than 1 MiB");
  g_clear_error (&error);

  g_assert_true (read_bytes (fixture, data, (gssize) limit, &error));
  g_assert_no_error (error);
}

static void
test_folder (Fixture       *fixture,
             gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  g_assert_false (wsm_ini_configuration_load (fixture->configuration, fixture->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  assert_message (fixture, error, "directory");
}

static void
test_missing_file (Fixture       *fixture,
                   gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (wsm_ini_configuration_load (fixture->configuration, fixture->path, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  assert_message (fixture, error, "No such file");
}

static void
test_unreadable_file (Fixture       *fixture,
                      gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;
  uid_t user = geteuid ();
  gboolean is_loaded;

  g_assert_true (g_file_set_contents (fixture->path, "[feed]\n", -1, NULL));
  g_assert_cmpint (g_chmod (fixture->path, 0), ==, 0);
  g_assert_cmpint (g_chmod (fixture->folder, 0755), ==, 0);

  /* The administrator may read everything. */
  if (user == 0)
    g_assert_cmpint (seteuid (NOBODY), ==, 0);
  is_loaded = wsm_ini_configuration_load (fixture->configuration, fixture->path, &error);
  g_assert_cmpint (seteuid (user), ==, 0);

  g_assert_false (is_loaded);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  assert_message (fixture, error, "ermission");
}

/* A hundred megabytes that take no room, and would take as much time as memory to read. */
static void
test_sparse_file (Fixture       *fixture,
                  gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "#", 1, NULL));
  g_assert_cmpint (truncate (fixture->path, 100 * 1024 * 1024), ==, 0);
  g_assert_false (wsm_ini_configuration_load (fixture->configuration, fixture->path, &error));
  assert_message (fixture, error, "larger than 1 MiB|several files");
}

/* Whatever was cut off, what is left is read or refused, and never half of a key taken for one. */
static void
test_truncated_file (Fixture       *fixture,
                     gconstpointer  user_data)
{
  const char text[] = "[feed]\nuri=ws://127.0.0.1/\ninterval=15s\nidle-only=true\n";
  guint n_refused = 0;

  for (gsize length = 0; length < strlen (text); length++)
    {
      g_autoptr (GError) error = NULL;
      WsmConnection *feed;

      if (!read_bytes (fixture, text, (gssize) length, &error))
        {
          assert_message (fixture, error, "");
          g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->pool)), ==, 0);
          n_refused++;
          continue;
        }
      g_assert_no_error (error);
      feed = lookup (fixture, "feed");
      g_assert_true (g_str_has_prefix ("ws://127.0.0.1/", wsm_connection_get_uri (feed)));
      wsm_pool_remove (fixture->pool, feed);
    }
  g_assert_cmpuint (n_refused, >, strlen (text) / 2);
}

/* Who may write it is the user's business; that is read as it stands. */
static void
test_world_writable_file (Fixture       *fixture,
                          gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "[feed]\nuri=ws://127.0.0.1/\n", -1, NULL));
  g_assert_cmpint (g_chmod (fixture->path, 0666), ==, 0);
  g_assert_true (wsm_ini_configuration_load (fixture->configuration, fixture->path, &error));
  g_assert_no_error (error);
}

/* One leads to the file, one to itself. */
static void
test_symbolic_links (Fixture       *fixture,
                     gconstpointer  user_data)
{
  g_autofree char *link_path = g_build_filename (fixture->folder, "link.ini", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "[feed]\nuri=ws://127.0.0.1/\n", -1, NULL));
  g_assert_cmpint (symlink (fixture->path, link_path), ==, 0);
  g_assert_true (wsm_ini_configuration_load (fixture->configuration, link_path, &error));
  g_assert_no_error (error);
  g_remove (link_path);

  g_assert_cmpint (symlink (link_path, link_path), ==, 0);
  g_assert_false (wsm_ini_configuration_load (fixture->configuration, link_path, &error));
  g_assert_nonnull (error);
  g_assert_true (g_str_has_prefix (error->message, link_path));
  g_remove (link_path);
}

/* What is installed as an example has to be one. */
static void
test_example (Fixture       *fixture,
              gconstpointer  user_data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "examples", "gateway.ini",
                                                 NULL);
  WsmConnection *boiler;
  WsmConnection *prices;
  g_autoptr (GError) error = NULL;

  g_assert_true (wsm_ini_configuration_load (fixture->configuration, path, &error));
  g_assert_no_error (error);
  g_assert_true (wsm_ini_configuration_fill (fixture->configuration, fixture->pool, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->pool)), ==, 2);

  boiler = wsm_pool_lookup (fixture->pool, "boiler");
  g_assert_nonnull (boiler);
  g_assert_cmpuint (g_strv_length ((char **) wsm_connection_get_greetings (boiler)), ==, 2);
  g_assert_cmpuint (wsm_heartbeat_get_interval (wsm_connection_get_heartbeat (boiler)), ==, 10000);

  prices = wsm_pool_lookup (fixture->pool, "prices");
  g_assert_nonnull (prices);
  g_assert_cmpuint (wsm_heartbeat_get_interval (wsm_connection_get_heartbeat (prices)), ==, 5000);
  g_assert_true (wsm_heartbeat_get_hide_reply (wsm_connection_get_heartbeat (prices)));
}

#define ADD(path, test) g_test_add ((path), Fixture, NULL, set_up, (test), tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/configuration/every-key", test_every_key);
  ADD ("/configuration/what-is-not-said-is-the-librarys", test_what_is_not_said_is_the_librarys);
  ADD ("/configuration/later-layers-win", test_later_layers_win);
  ADD ("/configuration/base64", test_base64);
  ADD ("/inputs/42-carriage-returns", test_crlf_is_fine);
  ADD ("/inputs/42-unknown-keys-and-wrong-types", test_broken_lines);
  ADD ("/inputs/42-broken-files", test_broken_files);
  ADD ("/inputs/42-nul", test_nul_is_refused);
  ADD ("/configuration/clash-of-names", test_clash_of_names);
  ADD ("/configuration/options-are-named", test_options_are_named);
  ADD ("/configuration/nothing-at-all", test_nothing_at_all);
  ADD ("/inputs/42-huge-file", test_size_is_limited);
  ADD ("/inputs/42-file-of-100-mb", test_sparse_file);
  ADD ("/inputs/42-truncated-file", test_truncated_file);
  ADD ("/inputs/42-world-writable-file", test_world_writable_file);
  ADD ("/inputs/42-symbolic-links", test_symbolic_links);
  ADD ("/inputs/42-directory", test_folder);
  ADD ("/inputs/42-missing-file", test_missing_file);
  ADD ("/inputs/42-no-permission", test_unreadable_file);
  ADD ("/configuration/example", test_example);

  return g_test_run ();
}
