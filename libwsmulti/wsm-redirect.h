/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Where a redirection leads, and whether it may be followed. */
const char *wsm_redirect_get_location (SoupMessage  *message);
GUri       *wsm_redirect_resolve      (GUri         *from,
                                       const char   *location,
                                       GError      **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
