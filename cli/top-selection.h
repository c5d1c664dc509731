/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-hub.h"

G_BEGIN_DECLS

/**
 * WsmCliTopSelection:
 * @hub: all that is attached
 * @programs: (nullable): what of it was asked for; all of it without
 *
 * The programs that `wsmulti top` tells of.
 */
typedef struct
{
  WsiHub *hub;     /* (owned) */
  char **programs; /* (owned) (nullable) */
} WsmCliTopSelection;

gboolean   wsm_cli_top_selection_has          (WsmCliTopSelection *self,
                                               WsiSource          *source);
gboolean   wsm_cli_top_selection_has_attached (WsmCliTopSelection *self);
gboolean   wsm_cli_top_selection_is_fine      (WsmCliTopSelection *self);

GPtrArray *wsm_cli_top_selection_list_groups  (WsmCliTopSelection *self) G_GNUC_WARN_UNUSED_RESULT;

char      *wsm_cli_top_selection_format_title (WsiSource          *source) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
