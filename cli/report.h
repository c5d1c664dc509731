/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define WSM_CLI_TYPE_REPORT (wsm_cli_report_get_type ())

G_DECLARE_DERIVABLE_TYPE (WsmCliReport, wsm_cli_report, WSM_CLI, REPORT, GObject)

/**
 * WsmCliReportClass:
 * @stop: (nullable): stop listening
 * @finish: (nullable): it is over; the last words
 *
 * What a kind of report has to say in the end.
 */
struct _WsmCliReportClass
{
  GObjectClass parent_class;

  void (*stop)   (WsmCliReport *self);
  void (*finish) (WsmCliReport *self);
};

gint64  wsm_cli_report_get_started_us (WsmCliReport *self);
char   *wsm_cli_report_format_elapsed (WsmCliReport *self) G_GNUC_WARN_UNUSED_RESULT;

void    wsm_cli_report_write          (WsmCliReport *self,
                                       const char   *text);
void    wsm_cli_report_finish         (WsmCliReport *self);

G_END_DECLS
