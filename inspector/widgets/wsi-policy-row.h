/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "wsi-policy-draft.h"

G_BEGIN_DECLS

/* How a number of a policy is shown and changed. */
typedef enum
{
  WSI_POLICY_ROW_KIND_DURATION, /* ms */
  WSI_POLICY_ROW_KIND_COUNT,
  WSI_POLICY_ROW_KIND_FACTOR,
  WSI_POLICY_ROW_KIND_RATIO,    /* in percent */
  WSI_POLICY_ROW_KIND_CHOICE,   /* the first is 1 */
  WSI_POLICY_ROW_KIND_SWITCH,
} WsiPolicyRowKind;

#define WSI_TYPE_POLICY_ROW_KIND (wsi_policy_row_kind_get_type ())

GType wsi_policy_row_kind_get_type (void);

/* One number of a draft. Properties, rw: key, title, subtitle, zero-text (string, NULL = none:
 * what 0 means), kind (WsiPolicyRowKind), choices (GtkStringList), draft (WsiPolicyDraft),
 * editable (boolean). */
#define WSI_TYPE_POLICY_ROW (wsi_policy_row_get_type ())

G_DECLARE_FINAL_TYPE (WsiPolicyRow, wsi_policy_row, WSI, POLICY_ROW, GtkListBoxRow)

const char *wsi_policy_row_get_key      (WsiPolicyRow   *self);
void        wsi_policy_row_set_draft    (WsiPolicyRow   *self,
                                         WsiPolicyDraft *draft);
void        wsi_policy_row_set_editable (WsiPolicyRow   *self,
                                         gboolean        editable);
/* The value as it is read: "25 s", "no limit", "Ping frames". */
char       *wsi_policy_row_dup_text     (WsiPolicyRow   *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
