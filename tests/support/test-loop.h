/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Waiting, and looking at what is left: for tests on real sockets and the default context. */

#define TEST_LOOP_DEADLINE_MS 10000

#define WAIT_WITHIN(condition, milliseconds) \
  G_STMT_START { \
    gint64 wait_end_us = g_get_monotonic_time () + (gint64) (milliseconds) * 1000; \
    while (!(condition)) \
      { \
        if (g_get_monotonic_time () >= wait_end_us) \
          g_error ("%s: still waits for %s after %d ms", G_STRLOC, #condition, \
                   (int) (milliseconds)); \
        test_loop_turn (); \
      } \
  } G_STMT_END

#define WAIT_FOR(condition) WAIT_WITHIN (condition, TEST_LOOP_DEADLINE_MS)

void     test_loop_turn           (void);
void     test_loop_run_ms         (guint  milliseconds);
void     test_loop_block_ms       (guint  milliseconds);

gboolean test_loop_is_idle_for_ms (guint  milliseconds);

double   test_loop_ms_since       (gint64 time_us);

G_END_DECLS
