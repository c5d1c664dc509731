/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "app-fixture.h"

#include <glib/gstdio.h>
#include <headers.h>
#include <string.h>
#include <wsm-echo.h>

#include "wsi-frame.h"
#include "wsi-window-internal.h"

/* What the Inspector writes to files: a recording is for others to look at, so that no secret of a
 * program, nor of its own connections, is in it. The list of its own connections can be of no use
 * without their secrets, so that nobody else may read it, and it holds no other program's. */

#define CANARY "S3CR3T"
#define SECRET CANARY "-5f2c9a7b1d3e4f60"

/* As much as the exporter of the Inspector's own pool lets be captured. */
#define CAPTURED 1024

typedef struct
{
  AppFixture app;
  WsmEchoServer *server; /* (owned) */
  char *path;            /* (owned): what is written */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  app_fixture_set_up (&fixture->app, NULL);
  fixture->path = g_build_filename (g_get_home_dir (), "written", NULL);
  fixture->server = wsm_echo_server_new ();
  wsm_echo_server_add_path (fixture->server, "/feed");
  wsm_echo_server_start (fixture->server, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  user_data)
{
  app_fixture_tear_down (&fixture->app, NULL);
  g_clear_object (&fixture->server);
  g_remove (fixture->path);
  g_free (fixture->path);
}

/* One secret in each place where there may be one. */
static WsmConnection *
make_connection (Fixture *fixture)
{
  static const char * const greetings[] = { "login " SECRET, NULL };
  const char *headers[] = { "Authorization: Bearer " SECRET, "Cookie: session=" SECRET, NULL };
  g_autofree char *where = wsm_echo_server_dup_uri (fixture->server, "/feed");
  g_autofree char *uri = g_strdup_printf ("ws://user:%s@%s?token=%s", SECRET,
                                          where + strlen ("ws://"), SECRET);
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  WsmConnection *connection;

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "mode", WSM_HEARTBEAT_MODE_TEXT,
                            "payload", "beat " SECRET,
                            "reply-match", WSM_REPLY_MATCH_EXACT,
                            "reply", "beat " SECRET,
                            "interval", 100,
                            "timeout", 10000,
                            "idle-only", FALSE,
                            NULL);
  connection = g_object_new (WSM_TYPE_CONNECTION,
                             "uri", uri,
                             "name", "feed",
                             "greetings", greetings,
                             "heartbeat", heartbeat,
                             NULL);
  wsm_ini_headers_set (connection, headers);

  return connection;
}

static gboolean
has_frames (WsiConnection *row,
            guint          n_frames)
{
  return g_list_model_get_n_items (G_LIST_MODEL (wsi_connection_get_frames (row))) >= n_frames;
}

static gboolean
has_payload (WsiConnection *row)
{
  GListModel *frames = G_LIST_MODEL (wsi_connection_get_frames (row));
  guint n_frames = g_list_model_get_n_items (frames);
  g_autoptr (WsiFrame) last = n_frames > 0 ? g_list_model_get_item (frames, n_frames - 1) : NULL;

  return last != NULL && wsi_frame_get_payload (last) != NULL;
}

static gboolean
has_handshake (WsiConnection *row)
{
  WsiDetails *details = wsi_connection_get_details (row);
  g_autoptr (GArray) headers = NULL;

  if (details != NULL)
    headers = wsi_details_get_headers (details, "request");

  return headers != NULL && headers->len > 0;
}

/* As somebody who looks closely: each page, and a while of beats. */
static WsiConnection *
look_at (Fixture       *fixture,
         WsiSource     *source,
         WsmConnection *connection)
{
  static const char * const pages[] = { "overview", "timeline", "handshake", "policy", "frames" };
  WsiConnectionView *view = fixture->app.window->connection_view;
  WsiConnection *row;

  wsi_window_set_source (fixture->app.window, source);
  WAIT_FOR (wsi_window_show_connection (fixture->app.window, "feed"));
  row = wsi_window_get_connection (fixture->app.window);
  WAIT_FOR (wsm_connection_get_state (connection) == WSM_STATE_OPEN);
  g_assert_true (wsm_connection_send_text (connection, "sent " SECRET, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
    wsi_connection_view_set_visible_page (view, pages[i]);
  WAIT_FOR (has_handshake (row) && has_frames (row, 4));
  WAIT_FOR (wsi_connection_get_n_beats_answered (row) > 2);

  return row;
}

/* What is in the file, and once more what is in the payloads, which are in base64. */
static char *
record (Fixture       *fixture,
        WsiSource     *source,
        WsiConnection *row)
{
  g_autoptr (GFile) file = g_file_new_for_path (fixture->path);
  g_autoptr (GRegex) payload = g_regex_new ("\"payload\"\\s*:\\s*\"([^\"]*)\"", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *text = NULL;
  GString *all;

  app_fixture_save_recording (source, row, file);
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));

  all = g_string_new (text);
  for (g_regex_match (payload, text, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *base64 = g_match_info_fetch (match, 1);
      gsize size = 0;
      g_autofree guchar *bytes = g_base64_decode (base64, &size);

      g_string_append_len (all, (const char *) bytes, (gssize) size);
    }

  return g_string_free (all, FALSE);
}

/* The connection is in it, with frames and events, and none of its secrets. */
static void
assert_clean (Fixture       *fixture,
              WsiSource     *source,
              WsiConnection *row)
{
  WsiConnection *const wanted[] = { row, NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autofree char *text = record (fixture, source, wanted[i]);

      g_assert_nonnull (strstr (text, "/feed"));
      g_assert_nonnull (strstr (text, "\"frame\""));
      g_assert_nonnull (strstr (text, "\"Authorization\""));
      if (strstr (text, CANARY) != NULL)
        g_error ("a secret was written: %s", text);
    }
}

static void
write_list (Fixture  *fixture,
            char    **text)
{
  WsiOwnPool *own_pool = wsi_application_get_own_pool (fixture->app.application);
  g_autoptr (GError) error = NULL;
  GStatBuf status;

  wsi_own_pool_export (own_pool, fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (fixture->path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
  g_assert_true (g_file_get_contents (fixture->path, text, NULL, NULL));
}

static void
test_program (Fixture       *fixture,
              gconstpointer  user_data)
{
  g_autoptr (WsmPool) pool = wsm_pool_new ();
  g_autoptr (WsmConnection) connection = make_connection (fixture);
  g_autoptr (WsmExporter) exporter = NULL;
  g_autoptr (GIOStream) stream = NULL;
  g_autofree char *list = NULL;
  g_autoptr (GError) error = NULL;
  WsiSource *source;
  WsiConnection *row;
  guint n_frames;

  g_assert_true (wsm_pool_add_connection (pool, connection, &error));
  g_assert_no_error (error);
  exporter = g_object_new (WSM_TYPE_EXPORTER, "pool", pool, "announce", FALSE,
                           "allow-control", TRUE, NULL);
  stream = wsm_exporter_connect_client (exporter, &error);
  g_assert_no_error (error);
  source = wsi_hub_add_stream (wsi_application_get_hub (fixture->app.application), stream, NULL,
                               WSI_SOURCE_KIND_APP);
  WAIT_FOR (!wsi_source_get_loading (source) && wsi_source_get_n_connections (source) > 0);
  wsm_connection_open (connection, &error);
  g_assert_no_error (error);

  row = look_at (fixture, source, connection);
  /* Asking for payloads of a program that keeps them to itself changes nothing, also later on. */
  n_frames = g_list_model_get_n_items (G_LIST_MODEL (wsi_connection_get_frames (row)));
  wsi_connection_set_payload_capture (row, CAPTURED);
  WAIT_FOR (has_frames (row, n_frames + 30));
  assert_clean (fixture, source, row);

  write_list (fixture, &list);
  g_assert_null (strstr (list, CANARY));
}

static void
test_own (Fixture       *fixture,
          gconstpointer  user_data)
{
  WsiOwnPool *own_pool = wsi_application_get_own_pool (fixture->app.application);
  g_autoptr (WsmConnection) connection = make_connection (fixture);
  WsiSource *source = wsi_window_get_source (fixture->app.window);
  g_autofree char *list = NULL;
  g_autofree char *captured = NULL;
  g_autoptr (GError) error = NULL;
  WsiConnection *row;

  wsi_own_pool_add (own_pool, connection, TRUE, &error);
  g_assert_no_error (error);
  row = look_at (fixture, source, connection);
  assert_clean (fixture, source, row);

  write_list (fixture, &list);
  g_assert_nonnull (strstr (list, CANARY));

  /* Who wants payloads gets them: what was looked for above can be found. */
  wsi_connection_set_payload_capture (row, CAPTURED);
  WAIT_FOR (has_payload (row));
  captured = record (fixture, source, row);
  g_assert_nonnull (strstr (captured, CANARY));
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);

  g_test_add ("/app-secrets/program", Fixture, NULL, set_up, test_program, tear_down);
  g_test_add ("/app-secrets/own", Fixture, NULL, set_up, test_own, tear_down);

  return g_test_run ();
}
