/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Stands at the door of a private connection: what is too much does not reach the pool. */
typedef struct _WsmExporterGuard WsmExporterGuard;

WsmExporterGuard *wsm_exporter_guard_new       (GDBusConnection                  *bus,
                                                const char                       *path,
                                                const GDBusInterfaceInfo * const *interfaces) G_GNUC_WARN_UNUSED_RESULT;
void              wsm_exporter_guard_unref     (WsmExporterGuard                 *self);

/* A call has arrived in the pool's thread. */
void              wsm_exporter_guard_note_call (WsmExporterGuard                 *self);

G_END_DECLS
