/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "matrix.h"

/* Tells what a row showed, in a line of the log from which the table in the documentation is
 * made. */
void
matrix_measured (const char *row,
                 const char *format,
                 ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  g_test_message ("matrix %s: %s", row, text);
}
