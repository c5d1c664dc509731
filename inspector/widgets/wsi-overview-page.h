/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-details-page.h"

G_BEGIN_DECLS

/* How alive a connection is: why it is as it is, its round trips, and its figures. */
#define WSI_TYPE_OVERVIEW_PAGE (wsi_overview_page_get_type ())

G_DECLARE_FINAL_TYPE (WsiOverviewPage, wsi_overview_page, WSI, OVERVIEW_PAGE, WsiDetailsPage)

G_END_DECLS
