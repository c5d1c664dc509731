/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define WSI_SETTINGS_ID "io.github.wsmulti.Inspector"

/* The settings of the Inspector; NULL where their schema is not installed. */
GSettings *wsi_settings_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
