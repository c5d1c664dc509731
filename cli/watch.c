/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "command.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <libwsmulti.h>
#include <signal.h>
#include <string.h>

#include "configuration.h"
#include "duration.h"
#include "json-lines.h"
#include "live-table.h"
#include "metrics-address.h"
#include "metrics-server.h"
#include "plain-lines.h"
#include "screen.h"
#include "service.h"
#include "settings.h"

/* Who does not answer a close within that time is not waited for; when somebody is waiting for
 * the end, nor is who does not read. */
#define FAREWELL_MS 3000

/* Some 50 lines each: what a scrape can carry, and whoever stores it. */
#define DEFAULT_METRICS_MAX_CONNECTIONS 1000

typedef struct
{
  WsmIniConfiguration *configuration; /* (owned) */
  WsmPool *pool;                      /* (owned) */
  WsmCliReport *report;               /* (owned) (nullable) */
  WsmCliMetricsServer *server;        /* (owned) (nullable) */
  WsmCliService *service;             /* (owned) (nullable) */
  GMainLoop *loop;                    /* (owned) */
  GCancellable *cancellable;          /* (owned): ends the farewell */

  char *config;    /* (owned) (nullable) */
  char *text;      /* (owned) (nullable) */
  char *reply;     /* (owned) (nullable) */
  char **arguments; /* (owned) (nullable) */
  GPtrArray *metrics; /* (owned) (nullable) (element-type GInetSocketAddress): where to tell */
  int metrics_max_connections;
  guint duration_ms;
  gboolean json;

  gboolean leaving;
  gboolean hurried; /* by a signal */
  WsmCliExit status;
} WsmCliWatch;

static void
wsm_cli_watch_closed_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  WsmCliWatch *self = user_data;

  /* Who could not be closed politely has been cut off, and that is all there is to do. */
  wsm_pool_close_finish (WSM_POOL (source), result, NULL);
  g_main_loop_quit (self->loop);
}

static gboolean
wsm_cli_watch_all_are_open (WsmCliWatch *self)
{
  GListModel *connections = G_LIST_MODEL (self->pool);

  for (guint i = 0; i < g_list_model_get_n_items (connections); i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (connections, i);

      if (wsm_connection_get_state (connection) != WSM_STATE_OPEN)
        return FALSE;
    }

  return TRUE;
}

/* What is reported last, and the exit status, are those before the farewell. */
static void
wsm_cli_watch_leave (WsmCliWatch *self)
{
  if (self->leaving)
    return;

  self->leaving = TRUE;
  self->status = wsm_cli_watch_all_are_open (self) ? WSM_CLI_EXIT_OK : WSM_CLI_EXIT_FAILURE;
  wsm_cli_report_finish (self->report);
  if (self->service != NULL)
    wsm_cli_service_leave (self->service);
  wsm_pool_close_async (self->pool, FAREWELL_MS, self->cancellable, wsm_cli_watch_closed_cb, self);
}

static gboolean
wsm_cli_watch_signal_cb (gpointer user_data)
{
  WsmCliWatch *self = user_data;

  self->hurried = TRUE;
  if (self->leaving)
    g_cancellable_cancel (self->cancellable);
  else
    wsm_cli_watch_leave (self);

  return G_SOURCE_CONTINUE;
}

static gboolean
wsm_cli_watch_duration_over_cb (gpointer user_data)
{
  wsm_cli_watch_leave (user_data);

  return G_SOURCE_REMOVE;
}

static gboolean
wsm_cli_watch_lost_idle_cb (gpointer user_data)
{
  wsm_cli_watch_leave (user_data);

  return G_SOURCE_REMOVE;
}

/* Not at once, because the report may be in the middle of a line. */
static void
wsm_cli_watch_lost_cb (WsmCliReport *report,
                       WsmCliWatch  *self)
{
  g_idle_add (wsm_cli_watch_lost_idle_cb, self);
}

static gboolean
wsm_cli_watch_option_duration_cb (const char  *option,
                                  const char  *value,
                                  gpointer     user_data,
                                  GError     **error)
{
  WsmCliWatch *self = user_data;

  return wsm_ini_duration_parse (option, value, &self->duration_ms, error);
}

static gboolean
wsm_cli_watch_option_metrics_cb (const char  *option,
                                 const char  *value,
                                 gpointer     user_data,
                                 GError     **error)
{
  WsmCliWatch *self = user_data;

  g_clear_pointer (&self->metrics, g_ptr_array_unref);
  self->metrics = wsm_cli_metrics_address_parse (option, value, error);

  return self->metrics != NULL;
}

/* Options that are called like the key that they set; they have no short form. */
static gboolean
wsm_cli_watch_option_setting_cb (const char  *option,
                                 const char  *value,
                                 gpointer     user_data,
                                 GError     **error)
{
  WsmCliWatch *self = user_data;

  wsm_ini_configuration_set_option (self->configuration, option + strlen ("--"), value);

  return TRUE;
}

static GOptionContext *
wsm_cli_watch_create_context (WsmCliWatch *self)
{
  const GOptionEntry entries[] =
  {
    { "interval", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_CALLBACK, wsm_cli_watch_option_setting_cb,
      N_("Time from beat to beat (default: 25s)"), N_("TIME") },
    { "timeout", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_CALLBACK, wsm_cli_watch_option_setting_cb,
      N_("How long the answer to a beat may take (default: 10s)"), N_("TIME") },
    { "max-missed", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_CALLBACK,
      wsm_cli_watch_option_setting_cb,
      N_("So many unanswered beats in a row end a connection (default: 2)"), N_("N") },
    { "text", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->text,
      N_("Send this text as a beat, not a ping; %{seq} in it is its number"), N_("PAYLOAD") },
    { "reply", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &self->reply,
      N_("The answer to that text (default: any message)"), N_("TEXT") },
    { "config", 'c', G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &self->config,
      N_("Read connections and their settings from a file"), N_("FILE") },
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &self->json,
      N_("Write a JSON object a line for each event"), NULL },
    { "metrics", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_CALLBACK, wsm_cli_watch_option_metrics_cb,
      N_("Tell Prometheus how things are, over HTTP, at this address"), N_("[ADDRESS:]PORT") },
    { "metrics-max-connections", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT,
      &self->metrics_max_connections,
      N_("Of so many connections one by one (default: 1000)"), N_("N") },
    { "duration", 'd', G_OPTION_FLAG_NONE, G_OPTION_ARG_CALLBACK,
      wsm_cli_watch_option_duration_cb,
      N_("End after this time (default: at Ctrl+C)"), N_("TIME") },
    { G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY, &self->arguments,
      NULL, N_("[[NAME=]URI…]") },
    { NULL }
  };
  GOptionContext *context = g_option_context_new (NULL);
  GOptionGroup *group = g_option_group_new ("watch", "", "", self, NULL);
  g_autofree char *keys = wsm_ini_settings_describe ();
  g_autofree char *description = NULL;

  g_option_group_add_entries (group, entries);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  g_option_context_set_main_group (context, group);

  /* Translators: help in a terminal; no line has more than 85 columns. */
  g_option_context_set_summary (context,
    _("Keeps WebSocket connections open and shows how alive they are.\n"
      "\n"
      "On a terminal there is a table, redrawn in place: state, round trip of the beats,\n"
      "beats answered and sent, beats missed of those that may be, what comes next, and\n"
      "why the state is what it is. In a pipe there is a line for each change. SIGINT\n"
      "and SIGTERM close all connections; a second one does not wait for the answers."));

  description = g_strconcat (
    _("TIME is a whole number and a unit: 500ms, 5s, 2min, 1h."), "\n\n",
    _("The file of --config has a group for each connection, called like it, with its uri\n"
      "and whatever else shall be different. The group [defaults] holds for all of them,\n"
      "those of the command line too; an option holds whatever the file says:"), "\n"
    "  [defaults]\n"
    "  interval=10s\n"
    "\n"
    "  [prices]\n"
    "  uri=wss://feed.example.com/prices\n"
    "  mode=text\n"
    "  payload={\"op\":\"ping\",\"id\":%{seq}}\n"
    "  reply-match=exact\n"
    "  reply={\"op\":\"pong\",\"id\":%{seq}}\n"
    "  greetings={\"op\":\"subscribe\",\"to\":\"EUR\"}\n"
    "\n",
    _("Keys of the file:"), "\n",
    keys,
    /* Translators: two spaces begin each line. */
    _("  The documentation of the library says what they mean; they are called like its\n"
      "  properties. Only idle-only is false here, so that busy connections have a round\n"
      "  trip too."), "\n\n",
    _("Metrics are at http://ADDRESS:PORT/metrics, in the formats of OpenMetrics and\n"
      "Prometheus. A port alone is for programs on this machine; 0 is any free one, and\n"
      "standard error tells which. To be reached from others, write an address of this\n"
      "machine: 192.0.2.7:9464 or [2001:db8::7]:9464, or 0.0.0.0:9464 or [::]:9464 for\n"
      "all of them."), "\n\n",
    _("Examples:"), "\n  ",
    _("Two connections, a ping every five seconds:"), "\n"
    "    wsmulti watch --interval 5s wss://api1.example.com wss://api2.example.com\n"
    "\n  ",
    _("A server with a heartbeat of texts, under a name:"), "\n"
    "    wsmulti watch --text ping --reply pong prices=wss://feed.example.com/prices\n"
    "\n  ",
    _("As a part of a fleet:"), "\n"
    "    wsmulti watch --config feeds.ini --metrics 9464 >feeds.log\n"
    "\n  ",
    _("In a script: is all open after ten seconds?"), "\n"
    "    wsmulti watch --config feeds.ini --duration 10s >feeds.log || mail-somebody\n"
    "\n  ",
    _("Round trips, one a line:"), "\n"
    "    wsmulti watch --json ws://127.0.0.1:8080/ | jq 'select(.event == \"beat\").rtt_ms'\n"
    "\n",
    _("Exit status: 0 when all connections were open at the end, before they were closed,\n"
      "1 when not, or when the port of --metrics cannot be had, 2 when the command line or\n"
      "the file is wrong. NO_COLOR=1 switches colours off."),
    NULL);
  g_option_context_set_description (context, description);

  return context;
}

static gboolean
wsm_cli_watch_apply_text (WsmCliWatch  *self,
                          GError      **error)
{
  if (self->text == NULL)
    {
      if (self->reply == NULL)
        return TRUE;

      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _("--reply: is the answer to a text; say with --text what to send"));
      return FALSE;
    }

  wsm_ini_configuration_set_option (self->configuration, "mode", "text");
  wsm_ini_configuration_set_option (self->configuration, "payload", self->text);
  wsm_ini_configuration_set_option (self->configuration, "reply-match",
                                    self->reply != NULL ? "exact" : "any");
  if (self->reply != NULL)
    wsm_ini_configuration_set_option (self->configuration, "reply", self->reply);

  return TRUE;
}

static gboolean
wsm_cli_watch_check_metrics (WsmCliWatch  *self,
                             GError      **error)
{
  if (self->metrics_max_connections >= 0)
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _("--metrics-max-connections: “%d” will not do; write a whole number, 0 for none"),
               self->metrics_max_connections);
  return FALSE;
}

static gboolean
wsm_cli_watch_parse (WsmCliWatch  *self,
                     int           argc,
                     char        **argv,
                     GError      **error)
{
  g_autoptr (GOptionContext) context = wsm_cli_watch_create_context (self);

  if (!g_option_context_parse (context, &argc, &argv, error) ||
      !wsm_cli_watch_apply_text (self, error) ||
      !wsm_cli_watch_check_metrics (self, error))
    return FALSE;

  if (self->config != NULL &&
      !wsm_ini_configuration_load (self->configuration, self->config, error))
    return FALSE;

  for (gsize i = 0; self->arguments != NULL && self->arguments[i] != NULL; i++)
    wsm_ini_configuration_add_argument (self->configuration, self->arguments[i]);

  return wsm_ini_configuration_fill (self->configuration, self->pool, error);
}

static WsmCliReport *
wsm_cli_watch_make_report (WsmCliWatch *self)
{
  if (self->json)
    return wsm_cli_json_lines_new (self->pool);
  if (wsm_cli_screen_is_possible ())
    return wsm_cli_live_table_new (self->pool);

  return wsm_cli_plain_lines_new (self->pool, self->duration_ms > 0);
}

static void
wsm_cli_watch_open_all (WsmCliWatch *self)
{
  GListModel *connections = G_LIST_MODEL (self->pool);

  for (guint i = 0; i < g_list_model_get_n_items (connections); i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (connections, i);

      /* Of what can go wrong here its reason tells. */
      wsm_connection_open (connection, NULL);
    }
}

/* What it says goes where no report is: that may be for a program. */
static gboolean
wsm_cli_watch_serve_metrics (WsmCliWatch  *self,
                             GError      **error)
{
  g_autoptr (WsmCliLedger) ledger = NULL;
  g_autofree char *uri = NULL;

  if (self->metrics == NULL)
    return TRUE;

  ledger = wsm_cli_ledger_new (self->pool);
  self->server = wsm_cli_metrics_server_new (ledger, (guint) self->metrics_max_connections);
  if (!wsm_cli_metrics_server_start (self->server, self->metrics, error))
    {
      g_prefix_error (error, "--metrics: ");
      return FALSE;
    }

  uri = wsm_cli_metrics_server_dup_uri (self->server);
  /* Translators: a program, and a URI. */
  g_printerr (_("%s: metrics are at %s"), g_get_prgname (), uri);
  g_printerr ("\n");
  if (wsm_cli_metrics_address_is_any (self->metrics))
    {
      /* Translators: the placeholder is a program, and “them” are the metrics. */
      g_printerr (_("%s: --metrics: whoever can reach this machine can read them"),
                  g_get_prgname ());
      g_printerr ("\n");
    }

  return TRUE;
}

static void
wsm_cli_watch_run (WsmCliWatch *self)
{
  self->report = wsm_cli_watch_make_report (self);
  g_signal_connect (self->report, "lost", G_CALLBACK (wsm_cli_watch_lost_cb), self);
  g_unix_signal_add (SIGINT, wsm_cli_watch_signal_cb, self);
  g_unix_signal_add (SIGTERM, wsm_cli_watch_signal_cb, self);
  if (self->duration_ms > 0)
    g_timeout_add (self->duration_ms, wsm_cli_watch_duration_over_cb, self);

  self->service = wsm_cli_service_new_from_environment (self->pool);
  wsm_cli_watch_open_all (self);
  g_main_loop_run (self->loop);
  wsm_cli_report_drain (self->report, self->hurried ? FAREWELL_MS : 0, self->cancellable);
}

/**
 * wsm_cli_watch:
 * @argc: the number of arguments
 * @argv: (array length=argc): the command and its arguments
 *
 * Runs `wsmulti watch`.
 *
 * Returns: the exit status
 */
WsmCliExit
wsm_cli_watch (int    argc,
               char **argv)
{
  g_autoptr (GError) error = NULL;
  WsmCliWatch self = { 0 };

  self.configuration = wsm_ini_configuration_new ();
  self.pool = wsm_pool_new ();
  self.loop = g_main_loop_new (NULL, FALSE);
  self.cancellable = g_cancellable_new ();

  self.metrics_max_connections = DEFAULT_METRICS_MAX_CONNECTIONS;

  if (!wsm_cli_watch_parse (&self, argc, argv, &error))
    self.status = wsm_cli_complain (WSM_CLI_EXIT_USAGE, error);
  else if (!wsm_cli_watch_serve_metrics (&self, &error))
    self.status = wsm_cli_complain (WSM_CLI_EXIT_FAILURE, error);
  else
    wsm_cli_watch_run (&self);

  g_clear_object (&self.service);
  g_clear_object (&self.server);
  g_clear_object (&self.report);
  g_clear_object (&self.cancellable);
  g_clear_object (&self.pool);
  g_clear_pointer (&self.loop, g_main_loop_unref);
  g_clear_pointer (&self.configuration, wsm_ini_configuration_free);
  g_clear_pointer (&self.metrics, g_ptr_array_unref);
  g_clear_pointer (&self.arguments, g_strfreev);
  g_clear_pointer (&self.config, g_free);
  g_clear_pointer (&self.text, g_free);
  g_clear_pointer (&self.reply, g_free);

  return self.status;
}
