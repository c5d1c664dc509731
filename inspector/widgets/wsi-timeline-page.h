/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-details-page.h"

G_BEGIN_DECLS

/* What happened when: states and beats as a band, and the journal. */
#define WSI_TYPE_TIMELINE_PAGE (wsi_timeline_page_get_type ())

G_DECLARE_FINAL_TYPE (WsiTimelinePage, wsi_timeline_page, WSI, TIMELINE_PAGE, WsiDetailsPage)

G_END_DECLS
