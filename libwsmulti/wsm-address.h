/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "wsm-enums.h"
#include "wsm-error.h"

G_BEGIN_DECLS

/* Checks and redaction of what goes into a request: URI, origin, sub-protocols, headers. */
GUri     *wsm_address_parse            (const char         *uri,
                                        GError            **error) G_GNUC_WARN_UNUSED_RESULT;
char     *wsm_address_redact           (const char         *uri) G_GNUC_WARN_UNUSED_RESULT;
gboolean  wsm_address_check_origin     (const char         *origin,
                                        GError            **error);
gboolean  wsm_address_check_protocols  (const char * const *protocols,
                                        GError            **error);
/* What an app may have done to the request of an attempt. */
gboolean  wsm_address_check_request    (SoupMessage        *message,
                                        GError            **error);
gboolean  wsm_address_is_loopback      (GUri               *uri);

/* One line of valid UTF-8 without control or bidi characters, at most max_bytes long: for text
 * that a peer wrote. */
char     *wsm_address_clean_text       (const char         *text,
                                        gssize              length,
                                        gsize               max_bytes) G_GNUC_WARN_UNUSED_RESULT;

/* Whether something in it looks like a token: long, and without a space. */
gboolean  wsm_address_holds_token      (const char         *text);

/* The same as clean_text, without words that look like a token or a URI: for the text of an error,
 * which may quote what it is about. */
char     *wsm_address_scrub_text       (const char         *text,
                                        gsize               max_bytes) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
