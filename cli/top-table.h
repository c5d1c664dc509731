/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "table.h"
#include "top-report.h"

G_BEGIN_DECLS

#define WSM_CLI_TYPE_TOP_TABLE (wsm_cli_top_table_get_type ())

G_DECLARE_FINAL_TYPE (WsmCliTopTable, wsm_cli_top_table, WSM_CLI, TOP_TABLE, WsmCliTopReport)

WsmCliReport *wsm_cli_top_table_new    (WsmCliTopSelection *selection,
                                        gint64              started_us) G_GNUC_WARN_UNUSED_RESULT;

char         *wsm_cli_top_table_format (WsmCliTopSelection *selection,
                                        const WsmCliView   *view) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
