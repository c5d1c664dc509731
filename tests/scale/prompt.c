/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "prompt.h"

#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

typedef struct
{
  PromptFunc func;
  gpointer user_data;      /* (unowned) */
  GDataInputStream *input; /* (owned) */
  GMainLoop *loop;         /* (owned) */
  char **words;            /* (owned) (nullable): of the command that is being carried out */
} Prompt;

static guint64 n_turns;
static gint64 turn_began_us; /* processor time */
static gint64 longest_turn_us;

static void prompt_read (Prompt *self);

static void
prompt_carry_out (Prompt  *self,
                  char   **words)
{
  if (words[0] != NULL)
    self->func (words[0], (int) g_strv_length (words) - 1, words + 1, self->user_data);
  g_clear_pointer (&self->words, g_strfreev);
  prompt_read (self);
}

static gboolean
prompt_after_cb (gpointer user_data)
{
  Prompt *self = user_data;

  prompt_carry_out (self, self->words + 2);

  return G_SOURCE_REMOVE;
}

static void
prompt_line_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  Prompt *self = user_data;
  g_autofree char *line = NULL;

  line = g_data_input_stream_read_line_finish (self->input, result, NULL, NULL);
  if (line == NULL)
    {
      g_main_loop_quit (self->loop);
      return;
    }

  self->words = g_strsplit (line, " ", -1);
  if (g_strv_length (self->words) > 2 && g_str_equal (self->words[0], "after"))
    g_timeout_add ((guint) atoi (self->words[1]), prompt_after_cb, self);
  else
    prompt_carry_out (self, self->words);
}

static void
prompt_read (Prompt *self)
{
  g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL, prompt_line_cb,
                                       self);
}

/* Of this thread. */
gint64
prompt_get_cpu_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);

  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* While a turn lasts nothing else is done: nothing is drawn, nobody is answered. */
static gboolean
prompt_count_turn_cb (GSource *source,
                      int     *timeout_ms)
{
  gint64 now_us = prompt_get_cpu_us ();

  if (n_turns > 0)
    longest_turn_us = MAX (longest_turn_us, now_us - turn_began_us);
  turn_began_us = now_us;
  n_turns++;
  *timeout_ms = -1;

  return FALSE;
}

static GSourceFuncs prompt_counter_funcs = {
  .prepare = prompt_count_turn_cb,
};

/* Before all else. */
void
prompt_init (void)
{
  /* The other output is for answers. */
  g_log_writer_default_set_use_stderr (TRUE);
}

/* Runs the main loop until the input ends. */
void
prompt_run (PromptFunc func,
            gpointer   user_data)
{
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GDataInputStream) input = g_data_input_stream_new (stream);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GSource) counter = g_source_new (&prompt_counter_funcs, sizeof (GSource));
  Prompt self = { func, user_data, input, loop, NULL };

  g_source_set_static_name (counter, "[scale] turns");
  g_source_attach (counter, NULL);
  prompt_read (&self);
  g_main_loop_run (loop);
  g_source_destroy (counter);
}

/* Says one line. */
void
prompt_answer (const char *format,
               ...)
{
  va_list arguments;

  va_start (arguments, format);
  vprintf (format, arguments);
  va_end (arguments);
  putchar ('\n');
  fflush (stdout);
}

/* Of all threads: GDBus has one of its own. The longest turn is that since the last time. */
char *
prompt_dup_costs (void)
{
  struct rusage usage;
  gint64 turn_us = longest_turn_us;
  gint64 cpu_us;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  cpu_us = (gint64) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  longest_turn_us = 0;

  return g_strdup_printf ("\"time_us\": %" G_GINT64_FORMAT ", \"cpu_us\": %" G_GINT64_FORMAT
                          ", \"n_turns\": %" G_GUINT64_FORMAT ", \"longest_turn_us\": %"
                          G_GINT64_FORMAT,
                          g_get_monotonic_time (), cpu_us, n_turns, turn_us);
}
