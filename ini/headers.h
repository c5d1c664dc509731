/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

G_BEGIN_DECLS

gboolean            wsm_ini_headers_check (const char * const  *headers,
                                           GError             **error);
void                wsm_ini_headers_set   (WsmConnection       *connection,
                                           const char * const  *headers);
const char * const *wsm_ini_headers_get   (WsmConnection       *connection);

G_END_DECLS
