/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Stands at the door of a private connection: what is too much does not reach the pool. */
void wsm_exporter_guard_connection (GDBusConnection *bus);

G_END_DECLS
