/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-log.h"

G_BEGIN_DECLS

typedef gsize (*WsiLogWeigh) (gpointer item);

void       wsi_log_set_weight_limit (WsiLog      *self,
                                     WsiLogWeigh  weigh,
                                     gsize        max_weight);
/* Those that wait too. (element-type GObject) */
GPtrArray *wsi_log_dup_items        (WsiLog      *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
