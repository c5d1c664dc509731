/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The fault matrix: each of its rows is a test of its own, /matrix/fNN-…, which asserts what is
 * promised and then says what was measured. */
void matrix_measured (const char *row,
                      const char *format,
                      ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
