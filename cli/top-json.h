/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "top-report.h"

G_BEGIN_DECLS

#define WSM_CLI_TYPE_TOP_JSON (wsm_cli_top_json_get_type ())

G_DECLARE_FINAL_TYPE (WsmCliTopJson, wsm_cli_top_json, WSM_CLI, TOP_JSON, WsmCliTopReport)

WsmCliReport *wsm_cli_top_json_new (WsmCliTopSelection *selection) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
