/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Durations as they are set by hand: exact, and read back as they were written. */

/* In the largest unit in which it is short: "500 ms", "2.5 s", "1 min". */
char     *wsi_milliseconds_format (guint       milliseconds) G_GNUC_WARN_UNUSED_RESULT;
/* A number alone is in the unit of present, so that one may type over it. */
gboolean  wsi_milliseconds_parse  (const char *text,
                                   guint       present,
                                   guint      *milliseconds);
/* How far an arrow goes, from there. */
guint     wsi_milliseconds_step   (guint       milliseconds);

G_END_DECLS
