/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a person can make of the end of a connection. A reason is the library's sentence, which
 * begins with the name of its code: "http-status: 503 (Service Unavailable); …". All of these
 * return translated texts, and NULL where there is nothing helpful to say. */

/* What happened, in plain words. */
const char *wsi_advice_explain         (const char *reason);
/* What to look at next. */
const char *wsi_advice_for_reason      (const char *reason);
const char *wsi_advice_for_close_code  (guint       close_code);
const char *wsi_advice_for_http_status (guint       status);

G_END_DECLS
