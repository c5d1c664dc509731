/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "wsm-faults.h"

/* The fault server in a process of its own, which can be stopped, continued and killed. It says
 * where it listens, and ends when what started it does. */

static int port = 0;
static gboolean lists = FALSE;

static const GOptionEntry entries[] = {
  { "list", 'l', 0, G_OPTION_ARG_NONE, &lists, "List what can go wrong", NULL },
  { "port", 'p', 0, G_OPTION_ARG_INT, &port, "Listen on this port, not on any", "PORT" },
  G_OPTION_ENTRY_NULL
};

static void
list_paths (WsmFaultsServer *server)
{
  g_auto (GStrv) paths = wsm_faults_server_dup_paths (server);

  for (guint i = 0; paths[i] != NULL; i++)
    g_print ("%s\n", paths[i]);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (WsmFaultsServer) server = wsm_faults_server_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = NULL;

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  if (lists)
    {
      list_paths (server);
      return EXIT_SUCCESS;
    }

  wsm_faults_server_set_port (server, (guint) CLAMP (port, 0, G_MAXUINT16));
  wsm_faults_server_start (server);
  uri = wsm_faults_server_dup_uri (server, "/");
  g_print ("%s\n", uri);
  fflush (stdout);
  g_main_loop_run (loop);

  return EXIT_SUCCESS;
}
