/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

#include "report.h"

G_BEGIN_DECLS

#define WSM_CLI_TYPE_WATCH_REPORT (wsm_cli_watch_report_get_type ())

G_DECLARE_DERIVABLE_TYPE (WsmCliWatchReport, wsm_cli_watch_report, WSM_CLI, WATCH_REPORT,
                          WsmCliReport)

/**
 * WsmCliWatchReportClass:
 * @state_changed: (nullable): a connection has another state
 * @beat: (nullable): a beat was answered
 * @message: (nullable): a message arrived
 *
 * What a kind of report makes of what happens.
 */
struct _WsmCliWatchReportClass
{
  WsmCliReportClass parent_class;

  void (*state_changed) (WsmCliWatchReport     *self,
                         WsmConnection         *connection);
  void (*beat)          (WsmCliWatchReport     *self,
                         WsmConnection         *connection,
                         guint64                sequence,
                         double                 round_trip);
  void (*message)       (WsmCliWatchReport     *self,
                         WsmConnection         *connection,
                         SoupWebsocketDataType  type,
                         gsize                  size);
};

GListModel *wsm_cli_watch_report_get_connections (WsmCliWatchReport *self);

G_END_DECLS
