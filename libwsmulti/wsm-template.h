/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A text in which %{seq} stands for the sequence number of a beat, in decimal digits. */
typedef struct _WsmTemplate WsmTemplate;

WsmTemplate *wsm_template_new             (const char        *text) G_GNUC_WARN_UNUSED_RESULT;
void         wsm_template_free            (WsmTemplate       *self);

gsize        wsm_template_get_max_length  (const WsmTemplate *self);

char        *wsm_template_expand          (const WsmTemplate *self,
                                           guint64            sequence) G_GNUC_WARN_UNUSED_RESULT;
gboolean     wsm_template_match           (const WsmTemplate *self,
                                           const char        *text,
                                           gsize              length,
                                           guint64           *sequence);

GRegex      *wsm_template_compile         (const WsmTemplate *self,
                                           GError           **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean     wsm_template_match_regex     (GRegex            *regex,
                                           const char        *text,
                                           gsize              length,
                                           guint64           *sequence);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmTemplate, wsm_template_free)

G_END_DECLS
