/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "command.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <signal.h>
#include <unistd.h>

#include "duration.h"
#include "outlet.h"
#include "switches.h"
#include "wsm-echo.h"

/* How long clients get to answer the close. A mute path never hears them, so it is not much. */
#define FAREWELL_MS 1000

typedef struct
{
  /* (owned) */
  WsmEchoServer *server;
  /* (owned) (element-type WsmEchoPath): in the order of the command line; the server owns them. */
  GPtrArray *paths;
  /* (owned) */
  GMainLoop *loop;
  /* (owned) (nullable): until it runs */
  WsmCliOutlet *outlet;
  /* (owned): ends the wait for who reads */
  GCancellable *cancellable;

  gint64 started_us;
  guint n_open;
  guint duration_ms;
  gboolean quiet;
  gboolean leaving;
  gboolean hurried; /* by a signal */
} WsmCliServe;

static double
wsm_cli_serve_get_elapsed (WsmCliServe *self)
{
  return (double) (g_get_monotonic_time () - self->started_us) / G_USEC_PER_SEC;
}

static char *
wsm_cli_serve_notice_cb (guint64  n_lines,
                         gpointer user_data)
{
  return g_strdup_printf ("%9.3f s  dropped  %" G_GUINT64_FORMAT " lines, because nobody read\n",
                          wsm_cli_serve_get_elapsed (user_data), n_lines);
}

static void
wsm_cli_serve_report (WsmCliServe *self,
                      const char  *event,
                      WsmEchoPath *path,
                      const char  *details)
{
  g_autofree char *line = NULL;

  if (self->quiet)
    return;

  line = g_strdup_printf ("%9.3f s  %s  %s%s\n", wsm_cli_serve_get_elapsed (self), event,
                          wsm_echo_path_get_name (path), details);
  wsm_cli_outlet_write (self->outlet, line);
}

static void
wsm_cli_serve_opened_cb (WsmEchoServer *server,
                         WsmEchoPath   *path,
                         gpointer       user_data)
{
  WsmCliServe *self = user_data;

  self->n_open++;
  wsm_cli_serve_report (self, "opened", path, "");
}

static void
wsm_cli_serve_closed_cb (WsmEchoServer *server,
                         WsmEchoPath   *path,
                         guint          code,
                         gpointer       user_data)
{
  WsmCliServe *self = user_data;
  g_autofree char *details = g_strdup_printf ("  (%u)", code);

  self->n_open--;
  wsm_cli_serve_report (self, "closed", path, details);

  if (self->leaving && self->n_open == 0)
    g_main_loop_quit (self->loop);
}

static gboolean
wsm_cli_serve_quit_cb (gpointer user_data)
{
  WsmCliServe *self = user_data;

  g_main_loop_quit (self->loop);

  return G_SOURCE_REMOVE;
}

static void
wsm_cli_serve_leave (WsmCliServe *self)
{
  self->leaving = TRUE;

  for (guint i = 0; i < self->paths->len; i++)
    {
      WsmEchoPath *path = g_ptr_array_index (self->paths, i);

      g_object_set (path, "refuse", SOUP_STATUS_SERVICE_UNAVAILABLE, NULL);
      wsm_echo_path_close_all (path, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, "The server is going away");
    }

  if (self->n_open == 0)
    g_main_loop_quit (self->loop);
  else
    g_timeout_add (FAREWELL_MS, wsm_cli_serve_quit_cb, self);
}

static gboolean
wsm_cli_serve_signal_cb (gpointer user_data)
{
  WsmCliServe *self = user_data;

  self->hurried = TRUE;
  if (!g_main_loop_is_running (self->loop))
    g_cancellable_cancel (self->cancellable);
  else if (self->leaving)
    g_main_loop_quit (self->loop);
  else
    wsm_cli_serve_leave (self);

  return G_SOURCE_CONTINUE;
}

static gboolean
wsm_cli_serve_duration_over_cb (gpointer user_data)
{
  WsmCliServe *self = user_data;

  if (!self->leaving)
    wsm_cli_serve_leave (self);

  return G_SOURCE_REMOVE;
}

static gboolean
wsm_cli_serve_option_port_cb (const char  *option,
                              const char  *value,
                              gpointer     user_data,
                              GError     **error)
{
  WsmCliServe *self = user_data;
  guint64 port;

  if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT16, &port, NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   /* Translators: an option, what was written, and the highest number. */
                   _("%s: “%s” is not a port; write a number from 1 to %u, or 0 for any free one"),
                   option, value, G_MAXUINT16);
      return FALSE;
    }

  wsm_echo_server_set_port (self->server, (guint) port);

  return TRUE;
}

static gboolean
wsm_cli_serve_option_duration_cb (const char  *option,
                                  const char  *value,
                                  gpointer     user_data,
                                  GError     **error)
{
  WsmCliServe *self = user_data;

  return wsm_ini_duration_parse (option, value, &self->duration_ms, error);
}

static GOptionContext *
wsm_cli_serve_create_context (WsmCliServe   *self,
                              char        ***arguments)
{
  /* Translators: words in capitals stand for what is written in their place. Choose words that
   * the rest of the help can speak of. */
  const GOptionEntry entries[] =
  {
    { "port", 'p', G_OPTION_FLAG_NONE, G_OPTION_ARG_CALLBACK, wsm_cli_serve_option_port_cb,
      N_("Listen on this port of 127.0.0.1 (default: any free one)"), N_("N") },
    { "duration", 'd', G_OPTION_FLAG_NONE, G_OPTION_ARG_CALLBACK, wsm_cli_serve_option_duration_cb,
      N_("End after this time (default: at Ctrl+C)"), N_("TIME") },
    { "quiet", 'q', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &self->quiet,
      N_("Print the addresses only, not who comes and goes"), NULL },
    { G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, arguments,
      NULL, N_("[PATH[,SWITCH[=VALUE]]…]…") },
    { NULL }
  };
  GOptionContext *context = g_option_context_new (NULL);
  GOptionGroup *group = g_option_group_new ("serve", "", "", self, NULL);
  g_autofree char *switches = wsm_cli_switches_describe ();
  g_autofree char *description = NULL;

  g_option_group_add_entries (group, entries);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  g_option_context_set_main_group (context, group);

  /* Translators: help in a terminal; no line has more than 85 columns. */
  g_option_context_set_summary (context,
    _("Runs a WebSocket server on 127.0.0.1 that echoes, and misbehaves where told to.\n"
      "\n"
      "Each PATH is a server of its own kind: without switches it echoes messages and\n"
      "answers pings. Without any PATH there is “/”. One line a path is printed at the\n"
      "start, with the address first, then one for each client that comes or goes.\n"
      "SIGINT and SIGTERM close all connections with code 1001; a second one does not\n"
      "wait for the answers."));

  description = g_strconcat (
    _("Switches of a path, after commas:"), "\n",
    switches,
    "\n",
    _("TIME is a whole number and a unit: 500ms, 5s, 2min, 1h. A TEXT that holds a comma\n"
      "stands in double quotes."), "\n\n",
    _("Examples:"), "\n  ",
    _("A server that works, and one that goes silent after 20 seconds:"), "\n"
    "    wsmulti serve /healthy /mute,mute-after=20s\n"
    "\n  ",
    _("Slow answers, a hang-up after five messages, a restart, a full house:"), "\n"
    "    wsmulti serve --port 8080 /slow,late=800ms /drop,drop-after=5 \\\n"
    "      /bye,close=1012 '/full, refuse=503, retry-after=4'\n"
    "\n  ",
    _("A server with a heartbeat of texts:"), "\n"
    "    wsmulti serve /feed,reply-to=ping,reply=pong\n"
    "\n",
    _("Exit status: 0 when ended by a signal or --duration, 1 when the port cannot be\n"
      "had, 2 when the command line is wrong."),
    NULL);
  g_option_context_set_description (context, description);

  return context;
}

static gboolean
wsm_cli_serve_parse (WsmCliServe  *self,
                     int           argc,
                     char        **argv,
                     GError      **error)
{
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GOptionContext) context = wsm_cli_serve_create_context (self, &arguments);
  const char *const fallback[] = { "/", NULL };
  const char *const *descriptions = fallback;

  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;

  if (arguments != NULL)
    descriptions = (const char *const *) arguments;

  for (gsize i = 0; descriptions[i] != NULL; i++)
    {
      WsmEchoPath *path = wsm_cli_switches_add_path (self->server, descriptions[i], error);

      if (path == NULL)
        return FALSE;

      g_ptr_array_add (self->paths, path);
    }

  return TRUE;
}

static void
wsm_cli_serve_print_addresses (WsmCliServe *self)
{
  for (guint i = 0; i < self->paths->len; i++)
    {
      WsmEchoPath *path = g_ptr_array_index (self->paths, i);
      g_autofree char *uri = wsm_echo_server_dup_uri (self->server, wsm_echo_path_get_name (path));
      g_autofree char *switches = wsm_cli_switches_format (path);
      g_autofree char *line = g_strdup_printf ("%s  (%s)\n", uri, switches);

      wsm_cli_outlet_write (self->outlet, line);
    }
}

static WsmCliExit
wsm_cli_serve_run (WsmCliServe *self)
{
  g_autoptr (GError) error = NULL;

  if (!wsm_echo_server_start (self->server, &error))
    {
      g_printerr ("%s: --port: ", g_get_prgname ());
      /* Translators: the placeholder says why the port cannot be had. */
      g_printerr (_("%s; choose another port, or 0 for any free one"), error->message);
      g_printerr ("\n");
      return WSM_CLI_EXIT_FAILURE;
    }

  g_signal_connect (self->server, "opened", G_CALLBACK (wsm_cli_serve_opened_cb), self);
  g_signal_connect (self->server, "closed", G_CALLBACK (wsm_cli_serve_closed_cb), self);

  g_unix_signal_add (SIGINT, wsm_cli_serve_signal_cb, self);
  g_unix_signal_add (SIGTERM, wsm_cli_serve_signal_cb, self);
  if (self->duration_ms > 0)
    g_timeout_add (self->duration_ms, wsm_cli_serve_duration_over_cb, self);

  /* Where nobody reads any more it goes on: the address may be all that was wanted. */
  self->outlet = wsm_cli_outlet_new (STDOUT_FILENO, wsm_cli_serve_notice_cb, self);
  self->started_us = g_get_monotonic_time ();
  wsm_cli_serve_print_addresses (self);

  g_main_loop_run (self->loop);

  wsm_echo_server_stop (self->server);
  wsm_cli_outlet_drain (self->outlet, self->hurried ? FAREWELL_MS : 0, self->cancellable);
  g_clear_object (&self->outlet);

  return WSM_CLI_EXIT_OK;
}

/**
 * wsm_cli_serve:
 * @argc: the number of arguments
 * @argv: (array length=argc): the command and its arguments
 *
 * Runs `wsmulti serve`.
 *
 * Returns: the exit status
 */
WsmCliExit
wsm_cli_serve (int    argc,
               char **argv)
{
  g_autoptr (WsmEchoServer) server = wsm_echo_server_new ();
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  WsmCliServe self =
  {
    .server = server,
    .paths = paths,
    .loop = loop,
    .cancellable = cancellable,
  };

  if (!wsm_cli_serve_parse (&self, argc, argv, &error))
    return wsm_cli_complain (WSM_CLI_EXIT_USAGE, error);

  return wsm_cli_serve_run (&self);
}
