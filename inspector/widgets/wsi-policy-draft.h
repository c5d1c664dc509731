/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  WSI_POLICY_KIND_HEARTBEAT,
  WSI_POLICY_KIND_BACKOFF,
} WsiPolicyKind;

/* A heartbeat or a back-off that a person is changing: what holds, what is wanted instead, and
 * whether that makes sense. Keys are those of Pool1.GetDetails; every value is a number.
 *
 * Properties, read-only: changed (boolean), valid (boolean), error (string, NULL = none),
 * error-key (string, NULL = none). Signal: edited (), after any value changed. */
#define WSI_TYPE_POLICY_DRAFT (wsi_policy_draft_get_type ())

G_DECLARE_FINAL_TYPE (WsiPolicyDraft, wsi_policy_draft, WSI, POLICY_DRAFT, GObject)

WsiPolicyDraft *wsi_policy_draft_new            (WsiPolicyKind   kind) G_GNUC_WARN_UNUSED_RESULT;

/* (nullable): the dictionary as it was told last; what a person has changed stays changed. */
void            wsi_policy_draft_set_present    (WsiPolicyDraft *self,
                                                 GVariant       *present);
gboolean        wsi_policy_draft_is_known       (WsiPolicyDraft *self);
double          wsi_policy_draft_get_value      (WsiPolicyDraft *self,
                                                 const char     *key);
void            wsi_policy_draft_set_value      (WsiPolicyDraft *self,
                                                 const char     *key,
                                                 double          value);
/* What holds now, whatever is wanted instead. */
double          wsi_policy_draft_get_present    (WsiPolicyDraft *self,
                                                 const char     *key);
gboolean        wsi_policy_draft_is_changed     (WsiPolicyDraft *self);
gboolean        wsi_policy_draft_is_valid       (WsiPolicyDraft *self);
const char     *wsi_policy_draft_get_error      (WsiPolicyDraft *self);
const char     *wsi_policy_draft_get_error_key  (WsiPolicyDraft *self);
void            wsi_policy_draft_revert         (WsiPolicyDraft *self);

/* Floating, a{sv}: what has to be sent to get what is wanted. */
GVariant       *wsi_policy_draft_make_changes   (WsiPolicyDraft *self);

/* ms that a dead peer may go unnoticed; 0 = for ever. */
guint           wsi_policy_draft_get_worst_case (WsiPolicyDraft *self);
/* ms before that attempt, at most; 0 for a heartbeat. */
guint           wsi_policy_draft_get_delay      (WsiPolicyDraft *self,
                                                 guint           attempt);

G_END_DECLS
