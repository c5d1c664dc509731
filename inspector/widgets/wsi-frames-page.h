/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-details-page.h"

G_BEGIN_DECLS

/* What goes over the wire, frame by frame. */
#define WSI_TYPE_FRAMES_PAGE (wsi_frames_page_get_type ())

G_DECLARE_FINAL_TYPE (WsiFramesPage, wsi_frames_page, WSI, FRAMES_PAGE, WsiDetailsPage)

G_END_DECLS
