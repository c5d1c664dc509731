/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

G_BEGIN_DECLS

#define WSM_CLI_TYPE_REPORT (wsm_cli_report_get_type ())

G_DECLARE_DERIVABLE_TYPE (WsmCliReport, wsm_cli_report, WSM_CLI, REPORT, GObject)

/**
 * WsmCliReportClass:
 * @state_changed: (nullable): a connection has another state
 * @beat: (nullable): a beat was answered
 * @message: (nullable): a message arrived
 * @finish: (nullable): the watch is over; the last words
 *
 * What a kind of report makes of what happens.
 */
struct _WsmCliReportClass
{
  GObjectClass parent_class;

  void (*state_changed) (WsmCliReport          *self,
                         WsmConnection         *connection);
  void (*beat)          (WsmCliReport          *self,
                         WsmConnection         *connection,
                         guint64                sequence,
                         double                 round_trip);
  void (*message)       (WsmCliReport          *self,
                         WsmConnection         *connection,
                         SoupWebsocketDataType  type,
                         gsize                  size);
  void (*finish)        (WsmCliReport          *self);
};

GListModel *wsm_cli_report_get_connections (WsmCliReport *self);
gint64      wsm_cli_report_get_started_us  (WsmCliReport *self);

void        wsm_cli_report_write           (WsmCliReport *self,
                                            const char   *text);
void        wsm_cli_report_finish          (WsmCliReport *self);

G_END_DECLS
