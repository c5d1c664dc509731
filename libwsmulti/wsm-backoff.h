/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#include <glib-object.h>

#include "wsm-version-macros.h"

G_BEGIN_DECLS

#define WSM_TYPE_BACKOFF (wsm_backoff_get_type ())

WSM_AVAILABLE_IN_ALL
G_DECLARE_FINAL_TYPE (WsmBackoff, wsm_backoff, WSM, BACKOFF, GObject)

WSM_AVAILABLE_IN_ALL
WsmBackoff *wsm_backoff_new              (void) G_GNUC_WARN_UNUSED_RESULT;

WSM_AVAILABLE_IN_ALL
guint       wsm_backoff_get_initial      (WsmBackoff  *self);
WSM_AVAILABLE_IN_ALL
guint       wsm_backoff_get_max          (WsmBackoff  *self);
WSM_AVAILABLE_IN_ALL
double      wsm_backoff_get_factor       (WsmBackoff  *self);
WSM_AVAILABLE_IN_ALL
guint       wsm_backoff_get_max_attempts (WsmBackoff  *self);
WSM_AVAILABLE_IN_ALL
guint       wsm_backoff_get_max_elapsed  (WsmBackoff  *self);
WSM_AVAILABLE_IN_ALL
guint       wsm_backoff_get_stable_after (WsmBackoff  *self);

WSM_AVAILABLE_IN_ALL
gboolean    wsm_backoff_validate         (WsmBackoff  *self,
                                          GError     **error);
WSM_AVAILABLE_IN_ALL
guint       wsm_backoff_upper_bound      (WsmBackoff  *self,
                                          guint        attempt);

G_END_DECLS
