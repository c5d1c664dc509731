/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define WSM_CLI_TYPE_REPORT (wsm_cli_report_get_type ())

G_DECLARE_DERIVABLE_TYPE (WsmCliReport, wsm_cli_report, WSM_CLI, REPORT, GObject)

/**
 * WsmCliReportClass:
 * @stop: (nullable): stop listening
 * @finish: (nullable): it is over; the last words
 * @format_dropped: a line that says that so many were dropped
 *
 * What a kind of report has to say in the end, and where lines are missing.
 */
struct _WsmCliReportClass
{
  GObjectClass parent_class;

  void  (*stop)           (WsmCliReport *self);
  void  (*finish)         (WsmCliReport *self);
  char *(*format_dropped) (WsmCliReport *self,
                           guint64       n_lines);
};

gint64    wsm_cli_report_get_started_us (WsmCliReport *self);
char     *wsm_cli_report_format_elapsed (WsmCliReport *self) G_GNUC_WARN_UNUSED_RESULT;

void      wsm_cli_report_write          (WsmCliReport *self,
                                         const char   *text);
gboolean  wsm_cli_report_is_clear       (WsmCliReport *self);
void      wsm_cli_report_finish         (WsmCliReport *self);
void      wsm_cli_report_drain          (WsmCliReport *self,
                                         guint         patience_ms,
                                         GCancellable *cancellable);

G_END_DECLS
