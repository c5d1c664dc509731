/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "report.h"

G_BEGIN_DECLS

JsonBuilder *wsm_cli_json_object_begin          (WsmCliReport *report,
                                                 const char   *event) G_GNUC_WARN_UNUSED_RESULT;
void         wsm_cli_json_object_end            (WsmCliReport *report,
                                                 JsonBuilder  *builder);
char        *wsm_cli_json_object_format_dropped (WsmCliReport *report,
                                                 guint64       n_lines) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
