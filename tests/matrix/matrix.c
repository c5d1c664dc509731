/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "matrix.h"

#include <stdio.h>
#include <unistd.h>

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

/* How many bytes of memory this process has now. */
guint64
matrix_read_resident (void)
{
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  unsigned long n_pages;

  g_file_get_contents ("/proc/self/statm", &contents, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sscanf (contents, "%*u %lu", &n_pages), ==, 1);

  return (guint64) n_pages * (guint64) sysconf (_SC_PAGESIZE);
}
