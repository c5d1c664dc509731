/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean wsm_cli_metrics_gzip_is_accepted (const char      *accept_encoding);
GBytes  *wsm_cli_metrics_gzip_convert     (GZlibCompressor *compressor,
                                           GBytes          *piece) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
