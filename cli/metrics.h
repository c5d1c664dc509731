/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "exposition.h"
#include "ledger.h"

G_BEGIN_DECLS

/* What is told of a pool on one occasion, piece by piece. */
typedef struct _WsmCliMetrics WsmCliMetrics;

WsmCliMetrics *wsm_cli_metrics_new  (WsmCliLedger  *ledger,
                                     WsmCliFormat   format,
                                     guint          max_connections) G_GNUC_WARN_UNUSED_RESULT;
void           wsm_cli_metrics_free (WsmCliMetrics *self);

GBytes        *wsm_cli_metrics_next (WsmCliMetrics *self,
                                     gsize          size) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmCliMetrics, wsm_cli_metrics_free)

G_END_DECLS
