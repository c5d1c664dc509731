/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-pool.h"

#include "wsm-clock.h"
#include "wsm-transport.h"

G_BEGIN_DECLS

/* Makes transports that report to delivery. */
typedef WsmTransport *(*WsmTransportFactory) (WsmDelivery *delivery,
                                              gpointer     user_data);

WsmPool *wsm_pool_new_with_seams (WsmClock            *clock,
                                  WsmTransportFactory  factory,
                                  gpointer             factory_data,
                                  guint32              seed) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
