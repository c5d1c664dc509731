/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "meter.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * What a client in C does besides being one: it reads its options and tells what it cost.
 *
 * All do the same in the same order: start, open all, warm up, begin, end, print. meter.py and
 * meter.js are the same for others, and run.py reads what they print.
 */

/* Long enough for each connection to have beaten once. */
#define LEAST_WARM_UP_MS 1000

static gint64
get_cpu_us (const struct rusage *usage)
{
  return (gint64) (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * G_USEC_PER_SEC +
         usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
}

/* The share of the memory that is this process's, also of what it has in common with others. */
static long
read_pss_kb (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/smaps_rollup", &text, NULL, NULL))
    return 0;
  line = strstr (text, "\nPss:");
  return line != NULL ? atol (line + strlen ("\nPss:")) : 0;
}

static int
compare_numbers (gconstpointer a,
                 gconstpointer b)
{
  const double *one = a, *other = b;

  return (*one > *other) - (*one < *other);
}

static double
get_quantile (GArray *numbers,
              double  fraction)
{
  return g_array_index (numbers, double, (guint) (fraction * (numbers->len - 1) + 0.5));
}

void
meter_init (Meter   *self,
            int     *argc,
            char  ***argv)
{
  int n_connections = 100, interval = 5000, seconds = 10, slot = 250, echo = 0;
  const GOptionEntry entries[] = {
    { "connections", 0, 0, G_OPTION_ARG_INT, &n_connections, "How many", "N" },
    { "interval", 0, 0, G_OPTION_ARG_INT, &interval, "From beat to beat", "MS" },
    { "seconds", 0, 0, G_OPTION_ARG_INT, &seconds, "How long to measure", "S" },
    { "slot", 0, 0, G_OPTION_ARG_INT, &slot, "Beats of so long leave together; 0: none do", "MS" },
    { "echo", 0, 0, G_OPTION_ARG_INT, &echo, "Texts of so much to and fro, no beats", "BYTES" },
    { "follow", 0, 0, G_OPTION_ARG_STRING, &self->follow, "Listen: to each beat, or to bursts",
      "each|bursts" },
    { "stop", 0, 0, G_OPTION_ARG_NONE, &self->is_to_stop,
      "End before anything is measured, with all that is there", NULL },
    { "uri", 0, 0, G_OPTION_ARG_STRING, &self->uri, "The server", "URI" },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    meter_fail ("%s", error->message);
  if (self->uri == NULL || n_connections < 1 || interval < 1 || seconds < 1 || slot < 0 || echo < 0)
    meter_fail ("which server, and how many, how often, how long?");

  self->n_connections = (guint) n_connections;
  self->interval_ms = (guint) interval;
  self->seconds = (guint) seconds;
  self->slot_ms = (guint) slot;
  self->echo_size = (guint) echo;
  self->round_trips = g_array_new (FALSE, FALSE, sizeof (double));
  self->own_late_p99 = -1;
  wire_allow_sockets ();
}

/* When all is there but the connections. */
void
meter_start (Meter *self)
{
  struct rusage usage;

  self->base_kb = read_pss_kb ();
  getrusage (RUSAGE_SELF, &usage);
  self->started_cpu_us = get_cpu_us (&usage);
  self->started_us = g_get_monotonic_time ();
}

void
meter_opened (Meter *self)
{
  struct rusage usage;

  self->opened_us = g_get_monotonic_time ();
  getrusage (RUSAGE_SELF, &usage);
  self->opened_cpu_us = get_cpu_us (&usage) - self->started_cpu_us;
}

gint64
meter_get_warm_up_us (Meter *self)
{
  return MAX (self->interval_ms + self->interval_ms / 4, LEAST_WARM_UP_MS) * (gint64) 1000;
}

void
meter_begin (Meter *self)
{
  struct rusage usage;

  /* For memory.py, which looks at what is left. */
  if (self->is_to_stop)
    _exit (0);
  self->pss_kb = read_pss_kb ();
  self->is_measuring = TRUE;
  self->began_us = g_get_monotonic_time ();
  getrusage (RUSAGE_SELF, &usage);
  self->began_cpu_us = get_cpu_us (&usage);
  self->began_wakeups = usage.ru_nvcsw;
}

void
meter_end (Meter *self)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  self->ended_us = g_get_monotonic_time ();
  self->ended_cpu_us = get_cpu_us (&usage);
  self->ended_wakeups = usage.ru_nvcsw;
  self->is_measuring = FALSE;
}

/* In ms. */
void
meter_round_trip (Meter  *self,
                  double  round_trip)
{
  g_array_append_val (self->round_trips, round_trip);
}

/* When within the interval a connection beats, for clients that have to know it themselves. */
gint64
meter_get_phase_us (Meter *self,
                    guint  i)
{
  gint64 interval_us = self->interval_ms * (gint64) 1000;
  gint64 phase_us = interval_us * i / self->n_connections;

  return self->slot_ms == 0 ? phase_us : phase_us - phase_us % (self->slot_ms * (gint64) 1000);
}

void
meter_print (Meter      *self,
             const char *version,
             guint       n_open)
{
  GArray *trips = self->round_trips;

  g_array_sort (trips, compare_numbers);
  printf ("{\"version\": \"%s\", \"n_open\": %u, \"opened_us\": %" G_GINT64_FORMAT
          ", \"opened_cpu_us\": %" G_GINT64_FORMAT ", \"began_us\": %" G_GINT64_FORMAT
          ", \"ended_us\": %" G_GINT64_FORMAT ", \"cpu_us\": %" G_GINT64_FORMAT
          ", \"n_wakeups\": %ld, \"base_kb\": %ld, \"pss_kb\": %ld",
          version, n_open, self->opened_us - self->started_us, self->opened_cpu_us,
          self->began_us, self->ended_us, self->ended_cpu_us - self->began_cpu_us,
          self->ended_wakeups - self->began_wakeups, self->base_kb, self->pss_kb);
  if (trips->len > 0)
    printf (", \"n_round_trips\": %u, \"round_trip_p50\": %.4f, \"round_trip_p99\": %.4f",
            trips->len, get_quantile (trips, 0.5), get_quantile (trips, 0.99));
  if (self->own_late_p99 >= 0)
    printf (", \"own_late_p99\": %.4f", self->own_late_p99);
  if (self->echo_size > 0)
    printf (", \"n_echoes\": %" G_GUINT64_FORMAT, self->n_echoes);
  printf ("}\n");
  fflush (stdout);
}

void
meter_fail (const char *format,
            ...)
{
  g_autofree char *text = NULL;
  g_autofree char *escaped = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  escaped = g_strescape (text, NULL);
  printf ("{\"failed\": \"%s\"}\n", escaped);
  fflush (stdout);
  exit (1);
}
