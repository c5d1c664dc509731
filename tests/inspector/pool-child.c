/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A program with a pool, for an inspector in another process.
 *
 *   pool-child N [plain|export|control]
 *
 * keeps N connections to a server of its own. A line on standard input is a wish; at its end the
 * program ends. */

#include "config.h"

#include <gio/gunixinputstream.h>
#include <libwsmulti.h>
#include <unistd.h>

#include "wsm-echo.h"

typedef struct
{
  GMainLoop *loop;        /* (owned) */
  GDataInputStream *wishes; /* (owned) */
  WsmEchoPath *path;      /* (unowned) */
  WsmPool *pool;          /* (owned) */
} Child;

static void child_listen (Child *child);

static void
child_wish_cb (GObject      *wishes,
               GAsyncResult *result,
               gpointer      user_data)
{
  Child *child = user_data;
  g_autofree char *wish =
    g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (wishes), result, NULL, NULL);

  if (wish == NULL)
    {
      g_main_loop_quit (child->loop);
      return;
    }

  if (g_str_equal (wish, "drop"))
    wsm_echo_path_drop_all (child->path);
  else if (g_str_has_prefix (wish, "add "))
    wsm_pool_add (child->pool, wish + strlen ("add "), NULL);
  child_listen (child);
}

static void
child_listen (Child *child)
{
  g_data_input_stream_read_line_async (child->wishes, G_PRIORITY_DEFAULT, NULL,
                                       child_wish_cb, child);
}

int
main (int    argc,
      char **argv)
{
  Child child = { NULL, };
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (WsmEchoServer) server = wsm_echo_server_new ();
  g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                     "interval", 200,
                                                     "timeout", 5000,
                                                     "idle-only", FALSE,
                                                     NULL);
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF, "initial", 20, "max", 50, NULL);
  g_autoptr (WsmExporter) exporter = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL;
  guint n = argc > 1 ? (guint) g_ascii_strtoull (argv[1], NULL, 10) : 3;

  child.loop = g_main_loop_new (NULL, FALSE);
  child.wishes = g_data_input_stream_new (input);
  child.path = wsm_echo_server_add_path (server, "/feed");
  if (!wsm_echo_server_start (server, &error))
    g_error ("%s", error->message);
  uri = wsm_echo_server_dup_uri (server, "/feed");

  child.pool = g_object_new (WSM_TYPE_POOL, "heartbeat", heartbeat, "backoff", backoff, NULL);
  for (guint i = 0; i < n; i++)
    if (wsm_pool_add (child.pool, uri, &error) == NULL)
      g_error ("%s", error->message);

  if (argc > 2 && !g_str_equal (argv[2], "plain"))
    exporter = g_object_new (WSM_TYPE_EXPORTER,
                             "pool", child.pool,
                             "name", "Pool Child",
                             "allow-control", g_str_equal (argv[2], "control"),
                             "payload-capture", 16,
                             NULL);

  child_listen (&child);
  g_main_loop_run (child.loop);

  g_clear_object (&exporter);
  g_object_unref (child.pool);
  g_object_unref (child.wishes);
  g_main_loop_unref (child.loop);

  return 0;
}
