/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

#include "wsi-order.h"

G_BEGIN_DECLS

/* A line in the choice of filters: what it leaves, and how many those are.
 *
 * Properties, read-only: label (string), count (string, formatted). */
#define WSI_TYPE_FILTER_CHOICE (wsi_filter_choice_get_type ())

G_DECLARE_FINAL_TYPE (WsiFilterChoice, wsi_filter_choice, WSI, FILTER_CHOICE, GObject)

WsiFilterChoice *wsi_filter_choice_new       (WsiFilter        filter) G_GNUC_WARN_UNUSED_RESULT;

WsiFilter        wsi_filter_choice_get       (WsiFilterChoice *self);
void             wsi_filter_choice_set_count (WsiFilterChoice *self,
                                              guint            count);

G_END_DECLS
