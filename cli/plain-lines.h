/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "watch-report.h"

G_BEGIN_DECLS

#define WSM_CLI_TYPE_PLAIN_LINES (wsm_cli_plain_lines_get_type ())

G_DECLARE_FINAL_TYPE (WsmCliPlainLines, wsm_cli_plain_lines, WSM_CLI, PLAIN_LINES,
                      WsmCliWatchReport)

WsmCliReport *wsm_cli_plain_lines_new (WsmPool  *pool,
                                       gboolean  has_table) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
