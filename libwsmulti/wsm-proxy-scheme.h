/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Schemes under which GIO finds proxies of ours, and nobody else's. */
void        wsm_proxy_scheme_implement (GType       type,
                                        const char *what);
const char *wsm_proxy_scheme_get       (GType       type);

G_END_DECLS
