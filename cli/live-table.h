/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "watch-report.h"

G_BEGIN_DECLS

#define WSM_CLI_TYPE_LIVE_TABLE (wsm_cli_live_table_get_type ())

G_DECLARE_FINAL_TYPE (WsmCliLiveTable, wsm_cli_live_table, WSM_CLI, LIVE_TABLE, WsmCliWatchReport)

WsmCliReport *wsm_cli_live_table_new (WsmPool *pool) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
