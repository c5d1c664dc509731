/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-cell.h"

G_BEGIN_DECLS

/* The last beats of a connection as bars, the newest at the end; a missed one is a broken bar. */
#define WSI_TYPE_SPARKLINE (wsi_sparkline_get_type ())

G_DECLARE_FINAL_TYPE (WsiSparkline, wsi_sparkline, WSI, SPARKLINE, WsiCell)

GtkWidget *wsi_sparkline_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
