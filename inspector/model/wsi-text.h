/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The longest texts that are kept of what others say, in bytes. */
#define WSI_TEXT_MAX_NAME 256
#define WSI_TEXT_MAX_SENTENCE 1024
#define WSI_TEXT_MAX_LONG 8192

char *wsi_text_clean (const char *text,
                      gsize       max_bytes) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
