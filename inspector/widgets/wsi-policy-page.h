/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-details-page.h"

G_BEGIN_DECLS

/* Heartbeat and back-off, to be read and, where allowed, changed. */
#define WSI_TYPE_POLICY_PAGE (wsi_policy_page_get_type ())

G_DECLARE_FINAL_TYPE (WsiPolicyPage, wsi_policy_page, WSI, POLICY_PAGE, WsiDetailsPage)

G_END_DECLS
