/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "process-facts.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/*
 * What the system knows of this process, as far as it tells: all of it on Linux.
 */

/* In clock ticks since the machine started; field 22 of /proc/self/stat, see proc(5). */
#define FIELD_OF_START 22

static gint64
wsm_cli_process_facts_read_cpu_us (void)
{
  struct rusage usage;

  if (getrusage (RUSAGE_SELF, &usage) != 0)
    return -1;

  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC +
         usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/* The name of the program stands in parentheses before, and may hold anything. */
static gint64
wsm_cli_process_facts_read_start_ticks (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  const char *rest;
  guint64 ticks;

  if (!g_file_get_contents ("/proc/self/stat", &text, NULL, NULL))
    return -1;

  rest = strrchr (text, ')');
  if (rest == NULL)
    return -1;

  /* Field 2 ends with it, and field 3 comes after a space. */
  fields = g_strsplit (rest + 1, " ", -1);
  if (g_strv_length (fields) <= FIELD_OF_START - 2 ||
      !g_ascii_string_to_unsigned (fields[FIELD_OF_START - 2], 10, 0, G_MAXINT64, &ticks, NULL))
    return -1;

  return (gint64) ticks;
}

/* Nobody but the clock knows in a sandbox when the machine started. */
static gint64
wsm_cli_process_facts_read_started_us (void)
{
#ifdef CLOCK_BOOTTIME
  gint64 ticks = wsm_cli_process_facts_read_start_ticks ();
  gint64 ticks_per_s = sysconf (_SC_CLK_TCK);
  struct timespec now;
  gint64 boot_us;

  if (ticks < 0 || ticks_per_s <= 0 || clock_gettime (CLOCK_BOOTTIME, &now) != 0)
    return -1;

  boot_us = g_get_real_time () - now.tv_sec * G_USEC_PER_SEC - now.tv_nsec / 1000;

  return boot_us + ticks * G_USEC_PER_SEC / ticks_per_s;
#else
  return -1;
#endif
}

static void
wsm_cli_process_facts_read_memory (WsmCliProcessFacts *self)
{
  g_autofree char *text = NULL;
  gint64 page_size = sysconf (_SC_PAGESIZE);
  gint64 n_pages;
  gint64 n_resident;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL) ||
      sscanf (text, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, &n_pages, &n_resident) != 2)
    return;

  self->virtual_bytes = n_pages * page_size;
  self->resident_bytes = n_resident * page_size;
}

static gint64
wsm_cli_process_facts_count_descriptors (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  gint64 n_descriptors = 0;

  if (folder == NULL)
    return -1;

  while (g_dir_read_name (folder) != NULL)
    n_descriptors++;

  /* One of them was for looking. */
  return n_descriptors - 1;
}

static gint64
wsm_cli_process_facts_read_max_descriptors (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > G_MAXINT64)
    return -1;

  return (gint64) limit.rlim_cur;
}

/**
 * wsm_cli_process_facts_read:
 * @self: (out caller-allocates): where they go
 *
 * Asks the system what it knows of this process.
 */
void
wsm_cli_process_facts_read (WsmCliProcessFacts *self)
{
  static gint64 started_us = 0;

  self->cpu_us = wsm_cli_process_facts_read_cpu_us ();
  /* It stays as it was, while the clock that it is told by may be set. */
  if (started_us == 0)
    started_us = wsm_cli_process_facts_read_started_us ();
  self->started_us = started_us;
  self->resident_bytes = -1;
  self->virtual_bytes = -1;
  wsm_cli_process_facts_read_memory (self);
  self->n_descriptors = wsm_cli_process_facts_count_descriptors ();
  self->max_descriptors = wsm_cli_process_facts_read_max_descriptors ();
}
