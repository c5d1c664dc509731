/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "command.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <unistd.h>

#include "duration.h"
#include "screen.h"
#include "top-json.h"
#include "top-lines.h"
#include "top-selection.h"
#include "top-table.h"

/* How often the programs are asked; as often as the table is redrawn. */
#define WATCH_INTERVAL_MS 250

/* Programs that run already need a moment to see that somebody is there. */
#define DEFAULT_WAIT_MS 2000

/* Who asks for the end does not want to wait longer for whoever reads. */
#define FAREWELL_MS 3000

/* Who has waited that long for somebody to attach wants to know what is missing. */
#define HINT_MS 2000

typedef struct
{
  WsmCliTopSelection selection;
  GDBusConnection *bus; /* (owned) (nullable) */
  WsmCliReport *report; /* (owned) (nullable) */
  GMainLoop *loop;      /* (owned) */
  GCancellable *cancellable; /* (owned): ends the wait for who reads */
  gint64 started_us;
  guint name_id;

  guint duration_ms;
  guint wait_ms;
  gboolean json;
  gboolean once;
  gboolean hurried; /* by a signal */

  GError *error; /* (owned) (nullable): what ended it */
  WsmCliExit status;
} WsmCliTop;

static void
wsm_cli_top_leave (WsmCliTop *self)
{
  if (!g_main_loop_is_running (self->loop))
    return;

  self->status = wsm_cli_top_selection_is_fine (&self->selection) ? WSM_CLI_EXIT_OK
                                                                  : WSM_CLI_EXIT_FAILURE;
  g_main_loop_quit (self->loop);
}

static gboolean
wsm_cli_top_signal_cb (gpointer user_data)
{
  WsmCliTop *self = user_data;

  self->hurried = TRUE;
  if (g_main_loop_is_running (self->loop))
    wsm_cli_top_leave (self);
  else
    g_cancellable_cancel (self->cancellable);

  return G_SOURCE_CONTINUE;
}

static gboolean
wsm_cli_top_time_over_cb (gpointer user_data)
{
  wsm_cli_top_leave (user_data);

  return G_SOURCE_REMOVE;
}

/* Not at once, because the report may be in the middle of a line. */
static void
wsm_cli_top_lost_cb (WsmCliReport *report,
                     WsmCliTop    *self)
{
  g_idle_add (wsm_cli_top_time_over_cb, self);
}

static void
wsm_cli_top_bus_closed_cb (GDBusConnection *bus,
                           gboolean         remote_peer_vanished,
                           GError          *error,
                           WsmCliTop       *self)
{
  if (self->error == NULL)
    g_set_error_literal (&self->error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                         _("the session bus is gone"));
  wsm_cli_top_leave (self);
}

/* Some sandboxes let nobody have a name. */
static void
wsm_cli_top_name_lost_cb (GDBusConnection *bus,
                          const char      *name,
                          gpointer         user_data)
{
  WsmCliTop *self = user_data;

  if (self->error == NULL && !g_dbus_connection_is_closed (bus))
    g_set_error (&self->error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 /* Translators: the placeholder is a name on the session bus. */
                 _("the session bus does not let this program be called %s"), name);
  wsm_cli_top_leave (self);
}

static void
wsm_cli_top_explain (WsmCliTop *self)
{
  if (!wsm_cli_top_selection_has_attached (&self->selection))
    g_printerr ("%s: %s\n", g_get_prgname (),
                _("nobody is attached yet; start a program that uses libwsmulti with "
                  "WSMULTI_INSPECT=1"));
}

static gboolean
wsm_cli_top_hint_cb (gpointer user_data)
{
  wsm_cli_top_explain (user_data);

  return G_SOURCE_REMOVE;
}

static void
wsm_cli_top_sources_changed_cb (GListModel *hub,
                                guint       position,
                                guint       n_removed,
                                guint       n_added,
                                WsmCliTop  *self)
{
  for (guint i = position; i < position + n_added; i++)
    {
      g_autoptr (WsiSource) source = g_list_model_get_item (hub, i);

      wsi_source_watch (source, WATCH_INTERVAL_MS, 0, G_MAXUINT);
    }
}

static gboolean
wsm_cli_top_option_time_cb (const char  *option,
                            const char  *value,
                            gpointer     user_data,
                            GError     **error)
{
  WsmCliTop *self = user_data;
  gboolean is_wait = g_str_equal (option, "--wait") || g_str_equal (option, "-w");

  return wsm_ini_duration_parse (option, value, is_wait ? &self->wait_ms : &self->duration_ms,
                                 error);
}

static GOptionContext *
wsm_cli_top_create_context (WsmCliTop *self)
{
  const GOptionEntry entries[] =
  {
    { "json", 'j', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &self->json,
      N_("Write a JSON object a line for each event"), NULL },
    { "once", '1', G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &self->once,
      N_("Say once how it is, and end"), NULL },
    { "wait", 'w', G_OPTION_FLAG_NONE, G_OPTION_ARG_CALLBACK, wsm_cli_top_option_time_cb,
      N_("With --once: how long to wait for programs (default: 2s)"), N_("TIME") },
    { "duration", 'd', G_OPTION_FLAG_NONE, G_OPTION_ARG_CALLBACK, wsm_cli_top_option_time_cb,
      N_("End after this time (default: at Ctrl+C)"), N_("TIME") },
    { G_OPTION_REMAINING, 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING_ARRAY,
      &self->selection.programs, NULL, N_("[PROGRAM…]") },
    { NULL }
  };
  GOptionContext *context = g_option_context_new (NULL);
  GOptionGroup *group = g_option_group_new ("top", "", "", self, NULL);
  g_autofree char *description = NULL;

  g_option_group_add_entries (group, entries);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  g_option_context_set_main_group (context, group);

  /* Translators: help in a terminal; no line has more than 85 columns. */
  g_option_context_set_summary (context,
    _("Looks into running programs and shows how alive their connections are.\n"
      "\n"
      "A program shows its connections if it asks libwsmulti for that, or if it was\n"
      "started with WSMULTI_INSPECT=1 in its environment. It attaches over the session\n"
      "bus by itself, also while this runs. Several of these, and the Inspector, can look\n"
      "at the same time.\n"
      "\n"
      "On a terminal there is a table, redrawn in place, like that of “wsmulti watch”; in\n"
      "a pipe there is a line for each change. median and p95 are of the last beats."));
  description = g_strconcat (
    _("PROGRAM is a part of a program's name or application id, or a process id: only such\n"
      "programs are shown. TIME is a whole number and a unit: 500ms, 5s, 2min, 1h."), "\n\n",
    _("Examples:"), "\n  ",
    _("A program, and a look into it from another terminal:"), "\n"
    "    WSMULTI_INSPECT=1 python3 feeds.py\n"
    "    wsmulti top feeds\n"
    "\n  ",
    _("In a script: is all open in the gateway?"), "\n"
    "    wsmulti top --once gateway >/dev/null || mail-somebody\n"
    "\n  ",
    _("Round trips of all programs, one a line:"), "\n"
    "    wsmulti top --json | jq 'select(.event == \"beat\") | [.program, .name, .rtt_ms]'\n"
    "\n",
    _("Exit status: 0 when a program was attached and all connections were open at the end,\n"
      "1 when not, 2 when the command line is wrong. NO_COLOR=1 switches colours off."),
    NULL);
  g_option_context_set_description (context, description);

  return context;
}

static gboolean
wsm_cli_top_parse (WsmCliTop  *self,
                   int         argc,
                   char      **argv,
                   GError    **error)
{
  g_autoptr (GOptionContext) context = wsm_cli_top_create_context (self);

  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;

  if (self->once && self->duration_ms > 0)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _("--once ends by itself; say with --wait how long to wait, "
                             "without --duration"));
      return FALSE;
    }
  if (!self->once && self->wait_ms > 0)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _("--wait is for --once; say with --duration when to end"));
      return FALSE;
    }

  return TRUE;
}

/* Under a name of its own, so that there can be many. */
static gboolean
wsm_cli_top_open_door (WsmCliTop  *self,
                       GError    **error)
{
  g_autofree char *name = NULL;
  g_autoptr (GError) bus_error = NULL;

  self->bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &bus_error);
  if (self->bus == NULL)
    {
      g_set_error (error, bus_error->domain, bus_error->code,
                   /* Translators: the placeholder says why. */
                   _("there is no session bus, over which programs attach; start this, and them, "
                     "in a desktop session or with dbus-run-session: %s"), bus_error->message);
      return FALSE;
    }

  g_dbus_connection_set_exit_on_close (self->bus, FALSE);
  g_signal_connect (self->bus, "closed", G_CALLBACK (wsm_cli_top_bus_closed_cb), self);
  if (!wsi_hub_open_door (self->selection.hub, self->bus, error))
    return FALSE;

  name = g_strdup_printf ("%s.top_%d", WSI_HUB_BUS_NAME, (int) getpid ());
  self->name_id = g_bus_own_name_on_connection (self->bus, name,
                                                G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE,
                                                NULL, wsm_cli_top_name_lost_cb, self, NULL);

  return TRUE;
}

static WsmCliReport *
wsm_cli_top_make_report (WsmCliTop *self)
{
  if (self->json)
    return wsm_cli_top_json_new (&self->selection);
  if (wsm_cli_screen_is_possible ())
    return wsm_cli_top_table_new (&self->selection, self->started_us);

  return wsm_cli_top_lines_new (&self->selection, self->started_us,
                                self->once || self->duration_ms > 0);
}

static void
wsm_cli_top_start_report (WsmCliTop *self)
{
  self->report = wsm_cli_top_make_report (self);
  g_signal_connect (self->report, "lost", G_CALLBACK (wsm_cli_top_lost_cb), self);
}

static void
wsm_cli_top_run (WsmCliTop *self)
{
  guint wait_ms = self->wait_ms > 0 ? self->wait_ms : DEFAULT_WAIT_MS;
  guint end_ms = self->once ? wait_ms : self->duration_ms;

  g_signal_connect (self->selection.hub, "items-changed",
                    G_CALLBACK (wsm_cli_top_sources_changed_cb), self);
  g_unix_signal_add (SIGINT, wsm_cli_top_signal_cb, self);
  g_unix_signal_add (SIGTERM, wsm_cli_top_signal_cb, self);
  if (end_ms > 0)
    g_timeout_add (end_ms, wsm_cli_top_time_over_cb, self);

  /* What is told once is told at the end. */
  if (!self->once)
    wsm_cli_top_start_report (self);
  if (!self->once && (self->json || !wsm_cli_screen_is_possible ()))
    g_timeout_add (HINT_MS, wsm_cli_top_hint_cb, self);

  g_main_loop_run (self->loop);

  if (self->once)
    wsm_cli_top_start_report (self);
  wsm_cli_report_finish (self->report);
  wsm_cli_report_drain (self->report, self->hurried ? FAREWELL_MS : 0, self->cancellable);
  if (self->once && self->error == NULL)
    wsm_cli_top_explain (self);
}

static void
wsm_cli_top_clear (WsmCliTop *self)
{
  g_clear_object (&self->report);
  g_clear_handle_id (&self->name_id, g_bus_unown_name);
  g_clear_object (&self->selection.hub);
  if (self->bus != NULL)
    g_signal_handlers_disconnect_by_data (self->bus, self);
  g_clear_object (&self->bus);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_pointer (&self->selection.programs, g_strfreev);
  g_clear_error (&self->error);
}

/**
 * wsm_cli_top:
 * @argc: the number of arguments
 * @argv: (array length=argc): the command and its arguments
 *
 * Runs `wsmulti top`.
 *
 * Returns: the exit status
 */
WsmCliExit
wsm_cli_top (int    argc,
             char **argv)
{
  g_autoptr (GError) error = NULL;
  WsmCliTop self = { 0 };

  self.selection.hub = wsi_hub_new ();
  self.loop = g_main_loop_new (NULL, FALSE);
  self.cancellable = g_cancellable_new ();
  self.started_us = g_get_monotonic_time ();

  if (!wsm_cli_top_parse (&self, argc, argv, &error))
    self.status = wsm_cli_complain (WSM_CLI_EXIT_USAGE, error);
  else if (!wsm_cli_top_open_door (&self, &error))
    self.status = wsm_cli_complain (WSM_CLI_EXIT_FAILURE, error);
  else
    wsm_cli_top_run (&self);

  if (self.error != NULL)
    self.status = wsm_cli_complain (WSM_CLI_EXIT_FAILURE, self.error);
  wsm_cli_top_clear (&self);

  return self.status;
}
