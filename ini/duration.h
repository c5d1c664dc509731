/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean  wsm_ini_duration_parse  (const char  *name,
                                   const char  *text,
                                   guint       *ms,
                                   GError     **error);
char     *wsm_ini_duration_format (guint        ms) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
