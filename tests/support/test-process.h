/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What this process has now: what is left of it later is a leak. */

guint   test_process_count_files     (void);
guint   test_process_count_sockets   (void);
guint   test_process_count_timers    (void);

guint64 test_process_count_resident  (void);
guint64 test_process_count_allocated (void);

G_END_DECLS
