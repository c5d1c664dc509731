/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "watch-report.h"

G_BEGIN_DECLS

#define WSM_CLI_TYPE_JSON_LINES (wsm_cli_json_lines_get_type ())

G_DECLARE_FINAL_TYPE (WsmCliJsonLines, wsm_cli_json_lines, WSM_CLI, JSON_LINES, WsmCliWatchReport)

WsmCliReport *wsm_cli_json_lines_new (WsmPool *pool) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
