/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the errors of this library are called on the bus: io.github.wsmulti.Error.NotOpen. */
void wsm_exporter_register_errors (void);

G_END_DECLS
