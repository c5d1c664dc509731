/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "live-table.h"

#include "row.h"
#include "screen.h"
#include "table.h"

/**
 * WsmCliLiveTable:
 *
 * The table of a pool on a terminal.
 */
struct _WsmCliLiveTable
{
  WsmCliWatchReport parent_instance;

  WsmCliScreen *screen; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (WsmCliLiveTable, wsm_cli_live_table, WSM_CLI_TYPE_WATCH_REPORT)

static char *
wsm_cli_live_table_format (const WsmCliView *view,
                           gpointer          user_data)
{
  GListModel *connections = wsm_cli_watch_report_get_connections (user_data);
  g_autoptr (GPtrArray) groups = wsm_cli_group_list_connections (connections);
  WsmCliView own = *view;

  own.lateness = wsm_latency_get_p99 (wsm_pool_get_lateness (WSM_POOL (connections)));

  return wsm_cli_table_format (groups, &own);
}

static gboolean
wsm_cli_live_table_is_clear (gpointer user_data)
{
  return wsm_cli_report_is_clear (user_data);
}

static void
wsm_cli_live_table_write (const char *output,
                          gpointer    user_data)
{
  wsm_cli_report_write (user_data, output);
}

static const WsmCliScreenSubject live_table_subject =
{
  .format = wsm_cli_live_table_format,
  .is_clear = wsm_cli_live_table_is_clear,
  .write = wsm_cli_live_table_write,
};

static void
wsm_cli_live_table_finish (WsmCliReport *report)
{
  wsm_cli_screen_finish (WSM_CLI_LIVE_TABLE (report)->screen);
}

static void
wsm_cli_live_table_dispose (GObject *object)
{
  WsmCliLiveTable *self = WSM_CLI_LIVE_TABLE (object);

  g_clear_pointer (&self->screen, wsm_cli_screen_free);

  G_OBJECT_CLASS (wsm_cli_live_table_parent_class)->dispose (object);
}

static void
wsm_cli_live_table_class_init (WsmCliLiveTableClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  WsmCliReportClass *report_class = WSM_CLI_REPORT_CLASS (klass);

  object_class->dispose = wsm_cli_live_table_dispose;
  report_class->finish = wsm_cli_live_table_finish;
}

static void
wsm_cli_live_table_init (WsmCliLiveTable *self)
{
}

/**
 * wsm_cli_live_table_new:
 * @pool: a pool with connections in it
 *
 * Makes a table that follows a pool.
 *
 * Returns: (transfer full): a report
 */
WsmCliReport *
wsm_cli_live_table_new (WsmPool *pool)
{
  WsmCliLiveTable *self = g_object_new (WSM_CLI_TYPE_LIVE_TABLE, "pool", pool, NULL);

  self->screen = wsm_cli_screen_new (&live_table_subject,
                                     wsm_cli_report_get_started_us (WSM_CLI_REPORT (self)), self);

  return WSM_CLI_REPORT (self);
}
