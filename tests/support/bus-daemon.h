/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A session bus of a test's own. GTestDBus forks a watcher without starting another program in
 * it; under LeakSanitizer that fork looks for leaks when it ends, and may wait for ever for a lock
 * that a thread of its parent held. */
typedef struct _BusDaemon BusDaemon;

BusDaemon  *bus_daemon_new         (void);
void        bus_daemon_free        (BusDaemon *self);
const char *bus_daemon_get_address (BusDaemon *self);

GDBusConnection *bus_daemon_connect (BusDaemon *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
