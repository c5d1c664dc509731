/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "report.h"
#include "top-selection.h"

G_BEGIN_DECLS

#define WSM_CLI_TYPE_TOP_REPORT (wsm_cli_top_report_get_type ())

G_DECLARE_DERIVABLE_TYPE (WsmCliTopReport, wsm_cli_top_report, WSM_CLI, TOP_REPORT, WsmCliReport)

/**
 * WsmCliTopReportClass:
 * @attached: (nullable): a program came
 * @detached: (nullable): it went
 * @state_changed: (nullable): a connection has another state, or is new
 * @beat: (nullable): a beat was answered or, if the round trip is negative, missed
 *
 * What a kind of report makes of what happens.
 */
struct _WsmCliTopReportClass
{
  WsmCliReportClass parent_class;

  void (*attached)      (WsmCliTopReport *self,
                         WsiSource       *source);
  void (*detached)      (WsmCliTopReport *self,
                         WsiSource       *source);
  void (*state_changed) (WsmCliTopReport *self,
                         WsiSource       *source,
                         WsiConnection   *connection);
  void (*beat)          (WsmCliTopReport *self,
                         WsiSource       *source,
                         WsiConnection   *connection,
                         double           round_trip);
};

WsmCliTopSelection *wsm_cli_top_report_get_selection (WsmCliTopReport *self);

G_END_DECLS
