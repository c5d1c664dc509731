/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-details-page.h"

G_BEGIN_DECLS

/* How the last attempt that was answered went. */
#define WSI_TYPE_HANDSHAKE_PAGE (wsi_handshake_page_get_type ())

G_DECLARE_FINAL_TYPE (WsiHandshakePage, wsi_handshake_page, WSI, HANDSHAKE_PAGE, WsiDetailsPage)

/* All of it as text, as it is copied; NULL = there is none. */
char *wsi_handshake_page_dup_text (WsiHandshakePage *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
