/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-enums.h"

G_BEGIN_DECLS

/* How a state looks: a word, a symbolic icon and a style class, each of which is enough. */

/* Translated: "Open", "Late" (suspect), "Waiting", … */
const char *wsi_state_get_label      (WsiState state);
/* In the resource folder that wsi_widgets_init() adds to the icon theme. */
const char *wsi_state_get_icon_name  (WsiState state);
/* "state-open", … : colours are in the style sheet, for light, dark and high contrast. */
const char *wsi_state_get_css_class  (WsiState state);

G_END_DECLS
