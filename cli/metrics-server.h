/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "ledger.h"

G_BEGIN_DECLS

#define WSM_CLI_TYPE_METRICS_SERVER (wsm_cli_metrics_server_get_type ())

G_DECLARE_FINAL_TYPE (WsmCliMetricsServer, wsm_cli_metrics_server, WSM_CLI, METRICS_SERVER,
                      GObject)

WsmCliMetricsServer *wsm_cli_metrics_server_new     (WsmCliLedger         *ledger,
                                                     guint                 max_connections) G_GNUC_WARN_UNUSED_RESULT;

gboolean             wsm_cli_metrics_server_start   (WsmCliMetricsServer  *self,
                                                     GPtrArray            *addresses,
                                                     GError              **error);
void                 wsm_cli_metrics_server_stop    (WsmCliMetricsServer  *self);
char                *wsm_cli_metrics_server_dup_uri (WsmCliMetricsServer  *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
