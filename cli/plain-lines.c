/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "plain-lines.h"

#include "cells.h"
#include "row.h"
#include "table.h"

/**
 * WsmCliPlainLines:
 *
 * A line a change of state, for pipes and files; at the end the table, if wanted.
 */
struct _WsmCliPlainLines
{
  WsmCliWatchReport parent_instance;

  guint n_name_cells;
  gboolean has_table;
};

G_DEFINE_FINAL_TYPE (WsmCliPlainLines, wsm_cli_plain_lines, WSM_CLI_TYPE_WATCH_REPORT)

/* So that states stand below each other. */
static void
wsm_cli_plain_lines_measure (WsmCliPlainLines *self)
{
  GListModel *connections = wsm_cli_watch_report_get_connections (WSM_CLI_WATCH_REPORT (self));

  for (guint i = 0; i < g_list_model_get_n_items (connections); i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (connections, i);
      g_autofree char *name = wsm_cli_cells_clean (wsm_connection_get_name (connection));

      self->n_name_cells = MAX (self->n_name_cells, wsm_cli_cells_count (name));
    }
}

static void
wsm_cli_plain_lines_state_changed (WsmCliWatchReport *report,
                                   WsmConnection     *connection)
{
  WsmCliPlainLines *self = WSM_CLI_PLAIN_LINES (report);
  g_autoptr (GEnumClass) states = g_type_class_ref (WSM_TYPE_STATE);
  g_autofree char *seconds = wsm_cli_report_format_elapsed (WSM_CLI_REPORT (report));
  g_autofree char *clean_name = wsm_cli_cells_clean (wsm_connection_get_name (connection));
  g_autofree char *name = wsm_cli_cells_fit (clean_name, self->n_name_cells, WSM_CLI_FIT_LEFT, "");
  g_autofree char *reason = wsm_reason_to_string (wsm_connection_get_reason (connection));
  g_autofree char *clean_reason = wsm_cli_cells_clean (reason);
  g_autofree char *line = NULL;
  GEnumValue *state;

  state = g_enum_get_value (states, (int) wsm_connection_get_state (connection));
  line = g_strdup_printf ("%s s  %s  %-10s  %s\n", seconds, name, state->value_nick, clean_reason);
  wsm_cli_report_write (WSM_CLI_REPORT (report), line);
}

static void
wsm_cli_plain_lines_finish (WsmCliReport *report)
{
  WsmCliPlainLines *self = WSM_CLI_PLAIN_LINES (report);
  WsmCliView view = { 0 };
  GListModel *connections;
  g_autoptr (GPtrArray) groups = NULL;
  g_autofree char *table = NULL;

  if (!self->has_table)
    return;

  view.started_us = wsm_cli_report_get_started_us (report);
  view.now_us = g_get_monotonic_time ();
  view.unicode = g_get_charset (NULL);
  connections = wsm_cli_watch_report_get_connections (WSM_CLI_WATCH_REPORT (report));
  groups = wsm_cli_group_list_connections (connections);
  table = wsm_cli_table_format (groups, &view);
  wsm_cli_report_write (report, table);
}

static void
wsm_cli_plain_lines_class_init (WsmCliPlainLinesClass *klass)
{
  WsmCliReportClass *report_class = WSM_CLI_REPORT_CLASS (klass);
  WsmCliWatchReportClass *watch_class = WSM_CLI_WATCH_REPORT_CLASS (klass);

  report_class->finish = wsm_cli_plain_lines_finish;
  watch_class->state_changed = wsm_cli_plain_lines_state_changed;
}

static void
wsm_cli_plain_lines_init (WsmCliPlainLines *self)
{
}

/**
 * wsm_cli_plain_lines_new:
 * @pool: a pool with connections in it
 * @has_table: whether the table follows at the end
 *
 * Makes a report of lines.
 *
 * Returns: (transfer full): a report
 */
WsmCliReport *
wsm_cli_plain_lines_new (WsmPool  *pool,
                         gboolean  has_table)
{
  WsmCliPlainLines *self = g_object_new (WSM_CLI_TYPE_PLAIN_LINES, "pool", pool, NULL);

  self->has_table = has_table;
  wsm_cli_plain_lines_measure (self);

  return WSM_CLI_REPORT (self);
}
