/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-process.h"

#include <stdio.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
/* Of a header that not every compiler brings along. */
extern size_t __sanitizer_get_current_allocated_bytes (void);
#else
#include <malloc.h>
#endif

/* Of the open descriptors those of one kind, or all. */
static guint
test_process_count_descriptors (const char *prefix)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, &error);
  const char *name;
  guint n = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);

      if (target != NULL && g_str_has_prefix (target, prefix))
        n++;
    }

  return n;
}

guint
test_process_count_files (void)
{
  return test_process_count_descriptors ("");
}

/* GLib's worker threads have descriptors of other kinds, which come and go as they please. */
guint
test_process_count_sockets (void)
{
  return test_process_count_descriptors ("socket:");
}

/* Those that wait for the machine to wake up: one for each context, while a pool watches. */
guint
test_process_count_timers (void)
{
  return test_process_count_descriptors ("anon_inode:[timerfd]");
}

/* How many bytes of memory, for the system. */
guint64
test_process_count_resident (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gulong n_pages;

  g_file_get_contents ("/proc/self/statm", &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sscanf (text, "%*u %lu", &n_pages), ==, 1);

  return (guint64) n_pages * (guint64) sysconf (_SC_PAGESIZE);
}

/* And for whoever allocates them. */
guint64
test_process_count_allocated (void)
{
#ifdef __SANITIZE_ADDRESS__
  return __sanitizer_get_current_allocated_bytes ();
#else
  return mallinfo2 ().uordblks;
#endif
}
