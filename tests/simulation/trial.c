/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "shrink.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process forks and plays, and what it says goes into a file. Forking is enough: whoever does it
 * has not started anything yet. */

/* Longer than any schedule takes, also where everything is slow. */
#define PATIENCE_S 120

/* What the process that plays tells the one that waits. */
typedef struct
{
  guint32 seed; /* that is being played */
  SimulationTally tally;
} Report;

typedef struct
{
  const Schedule *schedule; /* (nullable): NULL for seeds */
  guint32 first;
  guint n;
  SimulationPlant plant;
} Trial;

static void
trial_play (const Trial *trial,
            Report      *report)
{
  if (trial->schedule != NULL)
    {
      alarm (PATIENCE_S);
      simulation_run (trial->schedule, trial->plant, &report->tally);
      return;
    }

  for (guint i = 0; i < trial->n; i++)
    {
      g_autoptr (Schedule) schedule = schedule_draw (trial->first + i);

      report->seed = trial->first + i;
      alarm (PATIENCE_S);
      simulation_run (schedule, trial->plant, &report->tally);
    }
}

/* Up to where figures begin, which may differ each time. */
static char *
trial_trim (const char *line)
{
  static const char * const marks[] = { "): (", " on address", " (pid", NULL };
  const char *begin = strstr (line, "ERROR:");
  const char *end = line + strlen (line);

  begin = begin != NULL ? begin : line;
  for (guint i = 0; marks[i] != NULL; i++)
    {
      const char *found = strstr (begin, marks[i]);

      if (found != NULL && found < end)
        end = found;
    }

  return g_strndup (begin, (gsize) (end - begin));
}

/* What it said last that sounds like an end. */
static char *
trial_read_failure (const char *path,
                    int         status)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL))
    {
      lines = g_strsplit (text, "\n", -1);
      for (guint i = 0; lines[i] != NULL; i++)
        if (strstr (lines[i], "ERROR:") != NULL || strstr (lines[i], "CRITICAL") != NULL ||
            strstr (lines[i], "WARNING **") != NULL || strstr (lines[i], "runtime error") != NULL)
          return trial_trim (lines[i]);
    }
  if (WIFSIGNALED (status) && WTERMSIG (status) == SIGALRM)
    return g_strdup ("it never ended");
  if (WIFSIGNALED (status))
    return g_strdup_printf ("killed by signal %d", WTERMSIG (status));

  return g_strdup_printf ("exit status %d", WEXITSTATUS (status));
}

static void
trial_be_child (const Trial *trial,
                Report      *report,
                int          fd)
{
  const struct rlimit no_cores = { 0, 0 };

  setrlimit (RLIMIT_CORE, &no_cores);
  dup2 (fd, STDOUT_FILENO);
  dup2 (fd, STDERR_FILENO);
  trial_play (trial, report);
  exit (0);
}

static char *
trial_run (const Trial     *trial,
           SimulationTally *tally,
           guint32         *failed)
{
  g_autofree char *path = NULL;
  g_autofree char *failure = NULL;
  Report *report;
  int status = 0;
  int fd;
  pid_t pid;

  report = mmap (NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (report != MAP_FAILED);
  fd = g_file_open_tmp ("simulation-XXXXXX", &path, NULL);
  g_assert_cmpint (fd, >=, 0);
  if (tally != NULL)
    report->tally = *tally;

  fflush (NULL);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    trial_be_child (trial, report, fd);
  close (fd);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);

  if (status != 0)
    failure = trial_read_failure (path, status);
  if (tally != NULL)
    *tally = report->tally;
  if (failed != NULL)
    *failed = report->seed;
  munmap (report, sizeof *report);
  g_unlink (path);

  return g_steal_pointer (&failure);
}

char *
trial_run_schedule (const Schedule  *schedule,
                    SimulationPlant  plant)
{
  Trial trial = { .schedule = schedule, .plant = plant };

  return trial_run (&trial, NULL, NULL);
}

/* All of them in one process, up to the first that fails. */
char *
trial_run_seeds (guint32          first,
                 guint            n,
                 SimulationPlant  plant,
                 SimulationTally *tally,
                 guint32         *failed)
{
  Trial trial = { .first = first, .n = n, .plant = plant };

  return trial_run (&trial, tally, failed);
}
