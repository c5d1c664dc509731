/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

#include "wsi-frame.h"

G_BEGIN_DECLS

/* How the bytes of a payload look to a person. They come from strangers: nothing here trusts
 * them to be UTF-8, to be JSON, or to be short. */

/* Always UTF-8 without NUL; what is not is replaced. */
char *wsi_payload_to_text    (GBytes  *payload) G_GNUC_WARN_UNUSED_RESULT;
/* Indented; NULL and an error with a sentence for people if it is not JSON. */
char *wsi_payload_to_json    (GBytes  *payload,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Lines of offset, 16 bytes and their ASCII. */
char *wsi_payload_to_hex     (GBytes  *payload) G_GNUC_WARN_UNUSED_RESULT;
/* One line of some so many characters: of a close frame, its code and reason, of a binary one,
 * its bytes; NULL if nothing was captured. */
char *wsi_payload_to_preview (WsiFrame *frame,
                              guint     max_characters) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
