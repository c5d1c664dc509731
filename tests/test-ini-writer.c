/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "configuration.h"
#include "headers.h"
#include "writer.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

/* What is written is read again as the same, and shows what is special. */

typedef struct
{
  char *folder; /* (owned) */
  char *path;   /* (owned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  user_data)
{
  fixture->folder = g_dir_make_tmp ("wsmulti-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->path = g_build_filename (fixture->folder, "list.ini", NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  user_data)
{
  g_remove (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static GPtrArray *
read_list (Fixture *fixture,
           WsmPool *pool)
{
  g_autoptr (WsmIniConfiguration) configuration = wsm_ini_configuration_new ();
  g_autoptr (GPtrArray) connections = NULL;
  g_autoptr (GError) error = NULL;

  wsm_ini_configuration_load (configuration, fixture->path, &error);
  g_assert_no_error (error);
  connections = wsm_ini_configuration_read (configuration, pool, &error);
  g_assert_no_error (error);

  return g_steal_pointer (&connections);
}

static void
write_text (Fixture    *fixture,
            const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (fixture->path, text, -1, &error);
  g_assert_no_error (error);
}

static void
write_list (Fixture   *fixture,
            GPtrArray *connections)
{
  g_autoptr (GKeyFile) key_file = g_key_file_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < connections->len; i++)
    {
      g_autofree char *group = NULL;

      group = wsm_ini_writer_add (key_file, g_ptr_array_index (connections, i));
    }
  wsm_ini_writer_save (key_file, fixture->path, &error);
  g_assert_no_error (error);
}

static char *
read_text (Fixture *fixture)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));

  return text;
}

/* Every key, none of them as it would be without; as the writer orders them. */
static const char everything[] =
  "[feed]\n"
  "uri=wss://user:secret@example.com/feed?token=x\n"
  "protocols=v2.feed;v1.feed;\n"
  "origin=https://example.com\n"
  "greetings={\"op\":\"subscribe\"};one\\;two;\n"
  "outbox-limit=4096\n"
  "queue-while-closed=true\n"
  "max-message-size=18446744073709551615\n"
  "connect-timeout=3s\n"
  "close-timeout=700ms\n"
  "max-redirects=3\n"
  "headers=Authorization: Bearer a\\;b;X-Api-Key: 1;\n"
  "mode=text\n"
  "interval=15s\n"
  "timeout=2s\n"
  "max-missed=3\n"
  "jitter=0.25\n"
  "idle-only=true\n"
  "payload=ping %{seq}\n"
  "payload-bytes=base64:AP8=\n"
  "reply-match=regex\n"
  "reply=^pong \\\\d+$\n"
  "hide-reply=true\n"
  "liveness=strict\n"
  "initial=250ms\n"
  "max=2min\n"
  "factor=1.5\n"
  "max-attempts=9\n"
  "max-elapsed=1h\n"
  "stable-after=10s\n";

static int
compare_lines (gconstpointer a,
               gconstpointer b)
{
  return g_strcmp0 (*(const char * const *) a, *(const char * const *) b);
}

/* The order of the keys is nobody's promise. */
static void
assert_same_lines (const char *a,
                   const char *b)
{
  g_auto (GStrv) lines_a = g_strsplit (a, "\n", -1);
  g_auto (GStrv) lines_b = g_strsplit (b, "\n", -1);

  g_assert_cmpuint (g_strv_length (lines_a), ==, g_strv_length (lines_b));
  qsort (lines_a, g_strv_length (lines_a), sizeof (char *), compare_lines);
  qsort (lines_b, g_strv_length (lines_b), sizeof (char *), compare_lines);
  for (gsize i = 0; lines_a[i] != NULL; i++)
    g_assert_cmpstr (lines_a[i], ==, lines_b[i]);
}

static void
test_every_key_comes_back (Fixture       *fixture,
                           gconstpointer  user_data)
{
  g_autoptr (WsmPool) pool = wsm_pool_new ();
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) second = NULL;
  g_autofree char *once = NULL;
  g_autofree char *twice = NULL;

  write_text (fixture, everything);
  first = read_list (fixture, pool);
  g_assert_cmpuint (first->len, ==, 1);
  write_list (fixture, first);
  once = read_text (fixture);

  second = read_list (fixture, pool);
  write_list (fixture, second);
  twice = read_text (fixture);

  g_assert_cmpstr (once, ==, twice);
  assert_same_lines (once, everything);
}

static void
test_what_is_usual_is_not_written (Fixture       *fixture,
                                   gconstpointer  user_data)
{
  const char *plain = "[feed]\nuri=ws://127.0.0.1/\n";
  g_autoptr (WsmPool) pool = wsm_pool_new ();
  g_autoptr (GPtrArray) connections = NULL;
  g_autofree char *text = NULL;

  write_text (fixture, plain);
  connections = read_list (fixture, pool);
  write_list (fixture, connections);
  text = read_text (fixture);

  g_assert_cmpstr (text, ==, plain);
}

static void
test_only_the_owner_may_read_it (Fixture       *fixture,
                                 gconstpointer  user_data)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  GStatBuf status;

  write_list (fixture, none);

  g_assert_cmpint (g_stat (fixture->path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
}

static void
test_names_that_no_group_may_have (Fixture       *fixture,
                                   gconstpointer  user_data)
{
  const char *names[] = { "ws://[::1]:80/", "ws://(::1):80/", "defaults", "a\nb", "" };
  const char *groups[] = {
    "ws://(::1):80/", "ws://(::1):80/ (2)", "defaults (2)", "a b", "connection",
  };
  g_autoptr (GKeyFile) key_file = g_key_file_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (WsmConnection) connection = NULL;
      g_autofree char *group = NULL;

      connection = g_object_new (WSM_TYPE_CONNECTION, "uri", "ws://127.0.0.1/",
                                 "name", names[i], NULL);
      group = wsm_ini_writer_add (key_file, connection);
      g_assert_cmpstr (group, ==, groups[i]);
    }
}

static void
test_taken_names_get_a_number (Fixture       *fixture,
                               gconstpointer  user_data)
{
  g_autoptr (WsmPool) pool = wsm_pool_new ();

  write_text (fixture, "[feed]\nuri=ws://127.0.0.1/\n");
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GPtrArray) connections = read_list (fixture, pool);
      g_autoptr (GError) error = NULL;

      wsm_pool_add_connection (pool, g_ptr_array_index (connections, 0), &error);
      g_assert_no_error (error);
    }

  g_assert_nonnull (wsm_pool_lookup (pool, "feed"));
  g_assert_nonnull (wsm_pool_lookup (pool, "feed (2)"));
  g_assert_nonnull (wsm_pool_lookup (pool, "feed (3)"));
}

static void
test_one_bad_connection_refuses_all (Fixture       *fixture,
                                     gconstpointer  user_data)
{
  g_autoptr (WsmPool) pool = wsm_pool_new ();
  g_autoptr (WsmIniConfiguration) configuration = wsm_ini_configuration_new ();
  g_autoptr (GPtrArray) connections = NULL;
  g_autoptr (GError) error = NULL;

  write_text (fixture, "[a]\nuri=ws://127.0.0.1/\n[b]\nuri=http://127.0.0.1/\n");
  wsm_ini_configuration_load (configuration, fixture->path, &error);
  g_assert_no_error (error);
  connections = wsm_ini_configuration_read (configuration, pool, &error);

  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_URI);
  g_assert_null (connections);
}

static void
test_headers_are_in_each_handshake (Fixture       *fixture,
                                    gconstpointer  user_data)
{
  const char *headers[] = { "Authorization: Bearer a;b", "X-Empty:", "Cookie:c", NULL };
  g_autoptr (WsmConnection) connection = wsm_connection_new ("ws://127.0.0.1/");

  wsm_ini_headers_set (connection, headers);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (SoupMessage) message = soup_message_new ("GET", "http://127.0.0.1/");
      SoupMessageHeaders *request = soup_message_get_request_headers (message);
      gboolean is_put_off = TRUE;

      g_signal_emit_by_name (connection, "prepare", message, &is_put_off);
      g_assert_false (is_put_off);
      g_assert_cmpstr (soup_message_headers_get_one (request, "Authorization"), ==, "Bearer a;b");
      g_assert_cmpstr (soup_message_headers_get_one (request, "X-Empty"), ==, "");
      g_assert_cmpstr (soup_message_headers_get_one (request, "Cookie"), ==, "c");
    }

  wsm_ini_headers_set (connection, NULL);
  g_assert_null (wsm_ini_headers_get (connection));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/ini-writer/" path, Fixture, NULL, set_up, function, tear_down)

  ADD ("every-key-comes-back", test_every_key_comes_back);
  ADD ("what-is-usual-is-not-written", test_what_is_usual_is_not_written);
  ADD ("only-the-owner-may-read-it", test_only_the_owner_may_read_it);
  ADD ("names-that-no-group-may-have", test_names_that_no_group_may_have);
  ADD ("taken-names-get-a-number", test_taken_names_get_a_number);
  ADD ("one-bad-connection-refuses-all", test_one_bad_connection_refuses_all);
  ADD ("headers-are-in-each-handshake", test_headers_are_in_each_handshake);

#undef ADD

  return g_test_run ();
}
