/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "outlet.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEADLINE_S 120

/* More than a pipe or a socket takes. */
#define LINE_BYTES (1024 * 1024)

#define NOBODY 65534

typedef enum
{
  KIND_PIPE,
  KIND_FOREIGN,
  KIND_SOCKET,
} Kind;

typedef struct
{
  int reader;
  int writer;
  WsmCliOutlet *outlet; /* (owned) */
  GString *read;        /* (owned) */
  guint n_lost;
} Fixture;

static char *
say_dropped (guint64  n_lines,
             gpointer user_data)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT " dropped\n", n_lines);
}

static void
lost_cb (WsmCliOutlet *outlet,
         Fixture      *self)
{
  self->n_lost++;
}

/* A pipe that somebody else made cannot be opened once more. Root can open all, so be nobody. */
static WsmCliOutlet *
open_foreign (int writer)
{
  uid_t user = geteuid ();
  WsmCliOutlet *outlet;

  g_assert_cmpint (fchmod (writer, 0), ==, 0);
  if (user == 0)
    g_assert_cmpint (seteuid (NOBODY), ==, 0);
  outlet = wsm_cli_outlet_new (writer, say_dropped, NULL);
  if (user == 0)
    g_assert_cmpint (seteuid (user), ==, 0);
  /* Who has been somebody else cannot be looked into any more, not even by its sanitizer. */
  g_assert_cmpint (prctl (PR_SET_DUMPABLE, 1), ==, 0);

  return outlet;
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  Kind kind = GPOINTER_TO_INT (data);
  int ends[2];

  if (kind == KIND_SOCKET)
    g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
  else
    g_assert_cmpint (pipe (ends), ==, 0);
  self->reader = ends[0];
  self->writer = ends[1];
  g_assert_cmpint (fcntl (self->reader, F_SETFL, O_NONBLOCK), ==, 0);

  self->read = g_string_new (NULL);
  self->outlet = kind == KIND_FOREIGN ? open_foreign (self->writer)
                                      : wsm_cli_outlet_new (self->writer, say_dropped, NULL);
  g_signal_connect (self->outlet, "lost", G_CALLBACK (lost_cb), self);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_assert_finalize_object (self->outlet);
  g_string_free (self->read, TRUE);
  if (self->reader >= 0)
    close (self->reader);
  close (self->writer);
}

/* Reads as much as there is. */
static void
read_some (Fixture *self)
{
  char buffer[4096];
  gssize n_read;

  while ((n_read = read (self->reader, buffer, sizeof buffer)) > 0)
    g_string_append_len (self->read, buffer, n_read);
}

static void
read_all (Fixture *self)
{
  gint64 end_us = g_get_monotonic_time () + DEADLINE_S * G_USEC_PER_SEC;

  while (!wsm_cli_outlet_is_clear (self->outlet))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      read_some (self);
      g_main_context_iteration (NULL, FALSE);
    }
  read_some (self);
}

static char *
make_line (guint number)
{
  char *line = g_strnfill (LINE_BYTES, (char) ('a' + number % 26));

  line[LINE_BYTES - 1] = '\n';

  return line;
}

static void
test_writes_at_once (Fixture       *self,
                     gconstpointer  data)
{
  wsm_cli_outlet_write (self->outlet, "one\n");
  wsm_cli_outlet_write (self->outlet, "");
  wsm_cli_outlet_write (self->outlet, "two\n");
  g_assert_true (wsm_cli_outlet_is_clear (self->outlet));

  read_some (self);
  g_assert_cmpstr (self->read->str, ==, "one\ntwo\n");
}

/* Whoever else writes there is not to be surprised. */
static void
test_leaves_the_descriptor_as_it_is (Fixture       *self,
                                     gconstpointer  data)
{
  g_assert_cmpint (fcntl (self->writer, F_GETFL) & O_NONBLOCK, ==, 0);
}

static void
test_what_waits_comes_in_order (Fixture       *self,
                                gconstpointer  data)
{
  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *line = make_line (i);

      wsm_cli_outlet_write (self->outlet, line);
    }
  g_assert_false (wsm_cli_outlet_is_clear (self->outlet));

  read_all (self);
  g_assert_cmpuint (self->read->len, ==, 8 * LINE_BYTES);
  for (gsize i = 0; i < 8; i++)
    g_assert_cmpint (self->read->str[i * LINE_BYTES], ==, (char) ('a' + i));
}

static void
test_the_oldest_are_dropped_and_told (Fixture       *self,
                                      gconstpointer  data)
{
  const char *gap;
  gsize n_before;

  /* The first is begun, 16 wait, and one is two lines. */
  for (guint i = 0; i < 22; i++)
    {
      g_autofree char *line = make_line (i);

      if (i == 1)
        line[7] = '\n';
      wsm_cli_outlet_write (self->outlet, line);
    }

  read_all (self);
  gap = strstr (self->read->str, "6 dropped\n");
  g_assert_nonnull (gap);
  n_before = (gsize) (gap - self->read->str);
  g_assert_cmpuint (n_before, ==, LINE_BYTES);
  g_assert_cmpint (gap[strlen ("6 dropped\n")], ==, 'a' + 6);
  g_assert_cmpuint (self->read->len, ==, 17 * LINE_BYTES + strlen ("6 dropped\n"));
  g_assert_null (strstr (gap + strlen ("6 dropped\n"), "dropped"));
}

static void
test_last_words_are_kept (Fixture       *self,
                          gconstpointer  data)
{
  wsm_cli_outlet_keep_all (self->outlet);
  for (guint i = 0; i < 22; i++)
    {
      g_autofree char *line = make_line (i);

      wsm_cli_outlet_write (self->outlet, line);
    }

  read_all (self);
  g_assert_cmpuint (self->read->len, ==, 22 * LINE_BYTES);
}

static void
test_who_hangs_up_is_told_of_once (Fixture       *self,
                                   gconstpointer  data)
{
  gint64 end_us = g_get_monotonic_time () + DEADLINE_S * G_USEC_PER_SEC;

  close (self->reader);
  self->reader = -1;
  while (self->n_lost == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      g_main_context_iteration (NULL, FALSE);
    }

  wsm_cli_outlet_write (self->outlet, "one\n");
  g_assert_true (wsm_cli_outlet_is_clear (self->outlet));
  g_assert_cmpuint (self->n_lost, ==, 1);
}

static void
test_hang_up_is_seen_by_who_writes (Fixture       *self,
                                    gconstpointer  data)
{
  close (self->reader);
  self->reader = -1;
  wsm_cli_outlet_write (self->outlet, "one\n");
  g_assert_true (wsm_cli_outlet_is_clear (self->outlet));
  g_assert_cmpuint (self->n_lost, ==, 1);
}

static gboolean
read_cb (gpointer user_data)
{
  read_some (user_data);

  return G_SOURCE_CONTINUE;
}

static void
test_drain_waits_for_who_reads (Fixture       *self,
                                gconstpointer  data)
{
  g_autofree char *line = make_line (0);
  guint reading_id;

  wsm_cli_outlet_write (self->outlet, line);
  reading_id = g_timeout_add (1, read_cb, self);
  wsm_cli_outlet_drain (self->outlet, 0, NULL);
  g_source_remove (reading_id);

  read_some (self);
  g_assert_cmpuint (self->read->len, ==, LINE_BYTES);
}

static gboolean
cancel_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);

  return G_SOURCE_REMOVE;
}

/* In a process of its own, because of what it says on standard error. */
static void
test_drain_has_an_end (Fixture       *self,
                       gconstpointer  data)
{
  g_autofree char *line = make_line (0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  if (g_test_subprocess ())
    {
      wsm_cli_outlet_write (self->outlet, line);
      wsm_cli_outlet_write (self->outlet, "two\nthree\n");
      wsm_cli_outlet_drain (self->outlet, 10, NULL);
      g_assert_true (wsm_cli_outlet_is_clear (self->outlet));

      wsm_cli_outlet_write (self->outlet, "four\n");
      g_timeout_add (10, cancel_cb, cancellable);
      wsm_cli_outlet_drain (self->outlet, 0, cancellable);
      g_assert_true (wsm_cli_outlet_is_clear (self->outlet));
      return;
    }

  g_test_trap_subprocess (NULL, DEADLINE_S * G_USEC_PER_SEC, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*: 3 lines are lost, because nobody read them\n"
                             "*: 1 line is lost, because nobody read it\n");
}

/* To a file there is no waiting, and what is written goes on behind what is there. */
static void
test_file (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *content = NULL;
  g_autoptr (WsmCliOutlet) outlet = NULL;
  int file = g_file_open_tmp (NULL, &path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (write (file, "zero\n", 5), ==, 5);
  outlet = wsm_cli_outlet_new (file, say_dropped, NULL);
  wsm_cli_outlet_write (outlet, "one\n");
  g_assert_true (wsm_cli_outlet_is_clear (outlet));

  g_file_get_contents (path, &content, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (content, ==, "zero\none\n");
  g_assert_cmpint (unlink (path), ==, 0);
  close (file);
}

int
main (int    argc,
      char **argv)
{
  static const char *const kinds[] = { "pipe", "foreign", "socket" };
  static const struct
  {
    const char *name;
    void (*run) (Fixture       *self,
                 gconstpointer  data);
  } cases[] =
  {
    { "writes-at-once", test_writes_at_once },
    { "leaves-the-descriptor-as-it-is", test_leaves_the_descriptor_as_it_is },
    { "what-waits-comes-in-order", test_what_waits_comes_in_order },
    { "the-oldest-are-dropped-and-told", test_the_oldest_are_dropped_and_told },
    { "last-words-are-kept", test_last_words_are_kept },
    { "who-hangs-up-is-told-of-once", test_who_hangs_up_is_told_of_once },
    { "hang-up-is-seen-by-who-writes", test_hang_up_is_seen_by_who_writes },
    { "drain-waits-for-who-reads", test_drain_waits_for_who_reads },
    { "drain-has-an-end", test_drain_has_an_end },
  };

  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      for (int kind = KIND_PIPE; kind <= KIND_SOCKET; kind++)
        {
          g_autofree char *path = g_strdup_printf ("/outlet/%s/%s", kinds[kind], cases[i].name);

          g_test_add (path, Fixture, GINT_TO_POINTER (kind), set_up, cases[i].run, tear_down);
        }
    }
  g_test_add_func ("/outlet/file", test_file);

  return g_test_run ();
}
