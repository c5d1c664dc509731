/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-clock.h"
#include "wsm-metered-stream.h"
#include "wsm-turnstile.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* More than two turns let through. */
#define N_READERS (2 * WSM_TURNSTILE_MAX_PER_TURN + 88)

typedef struct
{
  GIOStream *stream; /* (owned) */
  GSource *source;   /* (owned) (nullable) */
  int other_end;
  guint n_calls;
  guint *n_calls_in_all; /* (unowned) */
} Reader;

typedef struct
{
  GMainContext *context; /* (owned) */
  WsmTestClock *clock;   /* (owned) */
  WsmMeter *meter;       /* (owned) */
  Reader *readers;       /* (owned) */
  guint n_calls;
} Fixture;

static gboolean
stream_readable_cb (GObject  *stream,
                    gpointer  user_data)
{
  Reader *reader = user_data;

  reader->n_calls++;
  (*reader->n_calls_in_all)++;

  return G_SOURCE_CONTINUE;
}

static void
reader_wait (Reader       *self,
             GMainContext *context)
{
  GInputStream *input = g_io_stream_get_input_stream (self->stream);

  self->source = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (input), NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (stream_readable_cb), self, NULL);
  g_source_attach (self->source, context);
}

static void
reader_stop (Reader *self)
{
  if (self->source == NULL)
    return;

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

static void
reader_set_up (Reader  *self,
               Fixture *fixture,
               guint    time_out_s)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
  self->other_end = ends[1];
  self->n_calls_in_all = &fixture->n_calls;
  socket = g_socket_new_from_fd (ends[0], &error);
  g_assert_no_error (error);
  g_socket_set_timeout (socket, time_out_s);
  connection = g_socket_connection_factory_create_connection (socket);
  self->stream = wsm_metered_stream_new (G_IO_STREAM (connection));
  wsm_metered_input_use_meter (wsm_metered_stream_get_input (WSM_METERED_STREAM (self->stream)),
                               fixture->meter, WSM_CLOCK (fixture->clock));
}

static void
reader_tear_down (Reader *self)
{
  reader_stop (self);
  if (self->stream != NULL)
    g_assert_finalize_object (self->stream);
  if (self->other_end != 0)
    close (self->other_end);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);

  fixture->context = g_main_context_new ();
  fixture->clock = wsm_test_clock_new (fixture->context);
  fixture->meter = wsm_meter_new (fixture->context);
  fixture->readers = g_new0 (Reader, N_READERS);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  for (guint i = 0; i < N_READERS; i++)
    reader_tear_down (&fixture->readers[i]);
  g_free (fixture->readers);
  wsm_meter_unref (fixture->meter);
  g_assert_finalize_object (fixture->clock);
  g_assert_false (g_main_context_pending (fixture->context));
  g_main_context_unref (fixture->context);
}

/* Returns how many were called in one turn of the loop. */
static guint
turn (Fixture *fixture)
{
  guint n_calls = fixture->n_calls;

  g_main_context_iteration (fixture->context, FALSE);

  return fixture->n_calls - n_calls;
}

static void
test_lets_so_many_through (Fixture       *fixture,
                           gconstpointer  data)
{
  for (guint i = 0; i < N_READERS; i++)
    {
      reader_set_up (&fixture->readers[i], fixture, 0);
      reader_wait (&fixture->readers[i], fixture->context);
    }
  g_assert_cmpuint (turn (fixture), ==, 0);

  /* They read nothing, so all of them stay ready, and everybody's turn comes as often. */
  for (guint i = 0; i < N_READERS; i++)
    close (fixture->readers[i].other_end);
  for (guint round = 1; round <= 5; round++)
    {
      g_assert_cmpuint (turn (fixture), ==, WSM_TURNSTILE_MAX_PER_TURN);
      g_assert_cmpuint (turn (fixture), ==, WSM_TURNSTILE_MAX_PER_TURN);
      g_assert_cmpuint (turn (fixture), ==, N_READERS - 2 * WSM_TURNSTILE_MAX_PER_TURN);
      for (guint i = 0; i < N_READERS; i++)
        g_assert_cmpuint (fixture->readers[i].n_calls, ==, round);
    }

  for (guint i = 0; i < N_READERS; i++)
    fixture->readers[i].other_end = 0;
}

/* Nor does a new source let anybody through once more. */
static void
test_knows_those_who_come_again (Fixture       *fixture,
                                 gconstpointer  data)
{
  for (guint i = 0; i < N_READERS; i++)
    {
      reader_set_up (&fixture->readers[i], fixture, 0);
      reader_wait (&fixture->readers[i], fixture->context);
      g_assert_cmpint (write (fixture->readers[i].other_end, "x", 1), ==, 1);
    }

  for (guint n = 1; n <= 3; n++)
    {
      turn (fixture);
      for (guint i = 0; i < N_READERS; i++)
        {
          g_assert_cmpuint (fixture->readers[i].n_calls, <=, 1);
          reader_stop (&fixture->readers[i]);
          reader_wait (&fixture->readers[i], fixture->context);
        }
    }
  g_assert_cmpuint (fixture->n_calls, ==, N_READERS);
}

/* Few are never held up: each turn calls all that are ready. */
static void
test_holds_up_nobody_without_need (Fixture       *fixture,
                                   gconstpointer  data)
{
  for (guint i = 0; i < WSM_TURNSTILE_MAX_PER_TURN; i++)
    {
      reader_set_up (&fixture->readers[i], fixture, 0);
      reader_wait (&fixture->readers[i], fixture->context);
      g_assert_cmpint (write (fixture->readers[i].other_end, "x", 1), ==, 1);
    }
  for (guint round = 0; round < 5; round++)
    g_assert_cmpuint (turn (fixture), ==, WSM_TURNSTILE_MAX_PER_TURN);
}

/* The time-out of a socket is the business of its own source. */
static void
test_leaves_time_outs_alone (Fixture       *fixture,
                             gconstpointer  data)
{
  Reader *reader = &fixture->readers[0];
  gint64 end_us = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  reader_set_up (reader, fixture, 1);
  reader_wait (reader, fixture->context);
  while (reader->n_calls == 0 && g_get_monotonic_time () < end_us)
    g_main_context_iteration (fixture->context, TRUE);
  g_assert_cmpuint (reader->n_calls, ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/turnstile/lets-so-many-through", Fixture, NULL, set_up,
              test_lets_so_many_through, tear_down);
  g_test_add ("/turnstile/knows-those-who-come-again", Fixture, NULL, set_up,
              test_knows_those_who_come_again, tear_down);
  g_test_add ("/turnstile/holds-up-nobody-without-need", Fixture, NULL, set_up,
              test_holds_up_nobody_without_need, tear_down);
  g_test_add ("/turnstile/leaves-time-outs-alone", Fixture, NULL, set_up,
              test_leaves_time_outs_alone, tear_down);

  return g_test_run ();
}
