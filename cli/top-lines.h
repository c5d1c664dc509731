/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "top-report.h"

G_BEGIN_DECLS

#define WSM_CLI_TYPE_TOP_LINES (wsm_cli_top_lines_get_type ())

G_DECLARE_FINAL_TYPE (WsmCliTopLines, wsm_cli_top_lines, WSM_CLI, TOP_LINES, WsmCliTopReport)

WsmCliReport *wsm_cli_top_lines_new (WsmCliTopSelection *selection,
                                     gint64              started_us,
                                     gboolean            has_table) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
