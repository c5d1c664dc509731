/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsm-echo.h"

G_BEGIN_DECLS

WsmEchoPath *wsm_cli_switches_add_path (WsmEchoServer  *server,
                                        const char     *argument,
                                        GError        **error);
char        *wsm_cli_switches_format   (WsmEchoPath    *path) G_GNUC_WARN_UNUSED_RESULT;
char        *wsm_cli_switches_describe (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
