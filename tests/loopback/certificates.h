/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

#include "raw-server.h"

G_BEGIN_DECLS

/* TLS where it does not matter who is trusted: a server with a certificate that nobody signed, and
 * a connection that takes any. */

void certificates_serve    (RawServer     *server);
void certificates_take_any (WsmConnection *connection);

G_END_DECLS
