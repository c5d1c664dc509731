/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "top-lines.h"

#include "cells.h"
#include "columns.h"
#include "top-table.h"
/**
 * WsmCliTopLines:
 *
 * A line for each program that comes or goes and each change of state, for pipes and files; at the
 * end the table, if wanted.
 */
struct _WsmCliTopLines
{
  WsmCliTopReport parent_instance;

  gint64 started_us;
  gboolean has_table;

  /* The widest so far, so that what follows mostly stands below each other. */
  guint n_title_cells;
  guint n_name_cells;
};

G_DEFINE_FINAL_TYPE (WsmCliTopLines, wsm_cli_top_lines, WSM_CLI_TYPE_TOP_REPORT)

/* Safe for a terminal, and as wide as the widest before it. */
static char *
wsm_cli_top_lines_pad (const char *text,
                       guint      *n_cells)
{
  g_autofree char *clean = wsm_cli_cells_clean (text);

  *n_cells = MAX (*n_cells, wsm_cli_cells_count (clean));

  return wsm_cli_cells_fit (clean, *n_cells, WSM_CLI_FIT_LEFT, "");
}

static void
wsm_cli_top_lines_write (WsmCliTopLines *self,
                         WsiSource      *source,
                         const char     *rest)
{
  g_autofree char *seconds = wsm_cli_report_format_elapsed (WSM_CLI_REPORT (self));
  g_autofree char *title = wsm_cli_top_selection_format_title (source);
  g_autofree char *padded_title = wsm_cli_top_lines_pad (title, &self->n_title_cells);
  g_autofree char *line = g_strdup_printf ("%s s  %s  %s\n", seconds, padded_title, rest);

  wsm_cli_report_write (WSM_CLI_REPORT (self), line);
}

static void
wsm_cli_top_lines_attached (WsmCliTopReport *report,
                            WsiSource       *source)
{
  wsm_cli_top_lines_write (WSM_CLI_TOP_LINES (report), source, "attached");
}

static void
wsm_cli_top_lines_detached (WsmCliTopReport *report,
                            WsiSource       *source)
{
  g_autofree char *error = NULL;
  g_autofree char *rest = NULL;

  if (wsi_source_get_error (source) != NULL)
    error = wsm_cli_cells_clean (wsi_source_get_error (source));
  rest = g_strconcat ("gone", error != NULL ? ": " : NULL, error, NULL);
  wsm_cli_top_lines_write (WSM_CLI_TOP_LINES (report), source, rest);
}

static void
wsm_cli_top_lines_state_changed (WsmCliTopReport *report,
                                 WsiSource       *source,
                                 WsiConnection   *connection)
{
  WsmCliTopLines *self = WSM_CLI_TOP_LINES (report);
  const char *state = wsm_cli_columns_state_name (wsi_connection_get_state (connection));
  const char *reason = wsi_connection_get_reason (connection);
  g_autofree char *name = NULL;
  g_autofree char *clean_reason = wsm_cli_cells_clean (reason != NULL ? reason : "");
  g_autofree char *rest = NULL;

  name = wsm_cli_top_lines_pad (wsi_connection_get_name (connection), &self->n_name_cells);
  rest = g_strdup_printf ("%s  %-10s  %s", name, state, clean_reason);
  wsm_cli_top_lines_write (self, source, g_strchomp (rest));
}

static void
wsm_cli_top_lines_finish (WsmCliReport *report)
{
  WsmCliTopLines *self = WSM_CLI_TOP_LINES (report);
  WsmCliTopSelection *selection = wsm_cli_top_report_get_selection (WSM_CLI_TOP_REPORT (report));
  WsmCliView view = { 0 };
  g_autofree char *table = NULL;

  if (!self->has_table || !wsm_cli_top_selection_has_attached (selection))
    return;

  view.started_us = self->started_us;
  view.now_us = g_get_monotonic_time ();
  view.unicode = g_get_charset (NULL);
  table = wsm_cli_top_table_format (selection, &view);
  wsm_cli_report_write (report, table);
}

static void
wsm_cli_top_lines_class_init (WsmCliTopLinesClass *klass)
{
  WsmCliReportClass *report_class = WSM_CLI_REPORT_CLASS (klass);
  WsmCliTopReportClass *top_class = WSM_CLI_TOP_REPORT_CLASS (klass);

  report_class->finish = wsm_cli_top_lines_finish;
  top_class->attached = wsm_cli_top_lines_attached;
  top_class->detached = wsm_cli_top_lines_detached;
  top_class->state_changed = wsm_cli_top_lines_state_changed;
}

static void
wsm_cli_top_lines_init (WsmCliTopLines *self)
{
}

/**
 * wsm_cli_top_lines_new:
 * @selection: what to tell of
 * @started_us: since when, in microseconds of monotonic time
 * @has_table: whether the table follows at the end
 *
 * Makes a report of lines.
 *
 * Returns: (transfer full): a report
 */
WsmCliReport *
wsm_cli_top_lines_new (WsmCliTopSelection *selection,
                       gint64              started_us,
                       gboolean            has_table)
{
  WsmCliTopLines *self = g_object_new (WSM_CLI_TYPE_TOP_LINES, "selection", selection, NULL);

  self->started_us = started_us;
  self->has_table = has_table;

  return WSM_CLI_REPORT (self);
}
