/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-connection-private.h"

G_BEGIN_DECLS

/* Gives a connection settings of its own: the present ones with some changes, an a{sv}. */
gboolean wsm_exporter_change_heartbeat (WsmConnection  *connection,
                                        GVariant       *changes,
                                        GError        **error);
gboolean wsm_exporter_change_backoff   (WsmConnection  *connection,
                                        GVariant       *changes,
                                        GError        **error);

G_END_DECLS
