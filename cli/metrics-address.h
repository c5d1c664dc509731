/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GPtrArray *wsm_cli_metrics_address_parse (const char  *option,
                                          const char  *text,
                                          GError     **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean   wsm_cli_metrics_address_is_any (GPtrArray  *addresses);

G_END_DECLS
