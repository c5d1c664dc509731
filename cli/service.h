/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

G_BEGIN_DECLS

#define WSM_CLI_TYPE_SERVICE (wsm_cli_service_get_type ())

G_DECLARE_FINAL_TYPE (WsmCliService, wsm_cli_service, WSM_CLI, SERVICE, GObject)

WsmCliService *wsm_cli_service_new_from_environment (WsmPool       *pool) G_GNUC_WARN_UNUSED_RESULT;

void           wsm_cli_service_leave                (WsmCliService *self);

G_END_DECLS
