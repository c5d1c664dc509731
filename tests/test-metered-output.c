/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-clock.h"
#include "wsm-metered-stream.h"

#include <sys/socket.h>
#include <unistd.h>

#define FRAME "0123456789"
#define FRAME_BYTES 10
#define START_US (1000 * (gint64) G_USEC_PER_SEC)

/* A socket that takes so many bytes, and no more. */
#define TEST_TYPE_PIPE (pipe_get_type ())

G_DECLARE_FINAL_TYPE (Pipe, pipe, TEST, PIPE, GOutputStream)

struct _Pipe
{
  GOutputStream parent_instance;

  gsize room;
};

static void pipe_pollable_iface_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (Pipe, pipe, G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      pipe_pollable_iface_init))

static gboolean
pipe_is_writable (GPollableOutputStream *stream)
{
  return TEST_PIPE (stream)->room > 0;
}

static gssize
pipe_write (GPollableOutputStream  *stream,
            const void             *buffer,
            gsize                   count,
            GError                **error)
{
  Pipe *self = TEST_PIPE (stream);
  gsize n_bytes = MIN (count, self->room);

  if (n_bytes == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "Full");
      return -1;
    }
  self->room -= n_bytes;

  return (gssize) n_bytes;
}

static GSource *
pipe_create_source (GPollableOutputStream *stream,
                    GCancellable          *cancellable)
{
  return g_pollable_source_new (G_OBJECT (stream));
}

static void
pipe_pollable_iface_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = pipe_is_writable;
  iface->write_nonblocking = pipe_write;
  iface->create_source = pipe_create_source;
}

static void
pipe_class_init (PipeClass *klass)
{
}

static void
pipe_init (Pipe *self)
{
  self->room = G_MAXSIZE;
}

typedef struct
{
  WsmTestClock *clock;      /* (owned) */
  Pipe *pipe;               /* (owned) */
  WsmMeteredOutput *output; /* (owned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->clock = wsm_test_clock_new (NULL);
  fixture->pipe = g_object_new (TEST_TYPE_PIPE, NULL);
  fixture->output = wsm_metered_output_new (G_OUTPUT_STREAM (fixture->pipe));
  wsm_metered_output_use_clock (fixture->output, WSM_CLOCK (fixture->clock));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_finalize_object (fixture->output);
  g_assert_finalize_object (fixture->pipe);
  g_assert_finalize_object (fixture->clock);
}

/* As libsoup does, a millisecond later. Returns what went through. */
static gssize
write_rest (Fixture *fixture,
            gsize    n_written)
{
  wsm_test_clock_advance (fixture->clock, 1000);

  return g_pollable_output_stream_write_nonblocking (
    G_POLLABLE_OUTPUT_STREAM (fixture->output), FRAME + n_written, FRAME_BYTES - n_written, NULL,
    NULL);
}

static void
write_frame (Fixture *fixture)
{
  g_assert_cmpint (write_rest (fixture, 0), ==, FRAME_BYTES);
}

#define WAITS -1
#define UNSEEN -2

/* In milliseconds since the beginning, or one of the above. */
static int
get_mark (Fixture *fixture,
          WsmMark  mark)
{
  gint64 marked_us = wsm_metered_output_get_marked_us (fixture->output, mark);

  if (marked_us == WSM_MARK_UNSEEN)
    return UNSEEN;

  return marked_us != WSM_MARK_WAITS ? (int) ((marked_us - START_US) / 1000) : WAITS;
}

static void
queue_marked (Fixture *fixture)
{
  wsm_metered_output_queue (fixture->output);
  wsm_metered_output_mark (fixture->output, WSM_MARK_BEAT);
}

static void
test_written (Fixture       *fixture,
              gconstpointer  data)
{
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, WAITS);
  queue_marked (fixture);
  wsm_test_clock_advance (fixture->clock, 5000);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, WAITS);
  write_frame (fixture);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, 6);

  /* It stays until the next one is marked. */
  wsm_metered_output_queue (fixture->output);
  write_frame (fixture);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, 6);
  queue_marked (fixture);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, WAITS);
  write_frame (fixture);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, 8);
}

static void
test_in_parts (Fixture       *fixture,
               gconstpointer  data)
{
  queue_marked (fixture);
  fixture->pipe->room = 7;
  g_assert_cmpint (write_rest (fixture, 0), ==, 7);
  g_assert_cmpint (write_rest (fixture, 7), ==, -1);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, WAITS);
  fixture->pipe->room = 100;
  g_assert_cmpint (write_rest (fixture, 7), ==, 3);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, 3);
}

static void
test_behind_others (Fixture       *fixture,
                    gconstpointer  data)
{
  wsm_metered_output_queue (fixture->output);
  wsm_metered_output_queue (fixture->output);
  wsm_metered_output_mark (fixture->output, WSM_MARK_PING);
  queue_marked (fixture);
  wsm_metered_output_queue (fixture->output);

  write_frame (fixture);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_PING), ==, WAITS);
  write_frame (fixture);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_PING), ==, 2);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, WAITS);
  write_frame (fixture);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, 3);
  write_frame (fixture);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, 3);
}

/* Answers to pings of the peer overtake. */
static void
test_overtaken (Fixture       *fixture,
                gconstpointer  data)
{
  queue_marked (fixture);
  wsm_metered_output_queue_first (fixture->output);
  write_frame (fixture);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, WAITS);
  write_frame (fixture);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, 2);
}

/* What was counted and never written, or written and never counted, does no lasting harm. */
static void
test_miscounted (Fixture       *fixture,
                 gconstpointer  data)
{
  wsm_metered_output_queue_first (fixture->output);
  queue_marked (fixture);
  write_frame (fixture);
  wsm_metered_output_note_drained (fixture->output);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, UNSEEN);

  write_frame (fixture);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, UNSEEN);
  queue_marked (fixture);
  write_frame (fixture);
  g_assert_cmpint (get_mark (fixture, WSM_MARK_BEAT), ==, 3);
}

/* Before there is a clock somebody else may use the stream. */
static void
test_no_clock (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (WsmMeteredOutput) output = wsm_metered_output_new (G_OUTPUT_STREAM (fixture->pipe));

  wsm_metered_output_queue (output);
  wsm_metered_output_mark (output, WSM_MARK_BEAT);
  g_assert_cmpint (g_pollable_output_stream_write_nonblocking (
                     G_POLLABLE_OUTPUT_STREAM (output), FRAME, FRAME_BYTES, NULL, NULL),
                   ==, FRAME_BYTES);
  g_assert_cmpint (wsm_metered_output_get_marked_us (output, WSM_MARK_BEAT), ==, WSM_MARK_UNSEEN);
}

static void
test_as_below (Fixture       *fixture,
               gconstpointer  data)
{
  GPollableOutputStream *stream = G_POLLABLE_OUTPUT_STREAM (fixture->output);
  g_autoptr (GSource) source = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_pollable_output_stream_can_poll (stream));
  g_assert_true (g_pollable_output_stream_is_writable (stream));
  source = g_pollable_output_stream_create_source (stream, NULL);
  g_assert_nonnull (source);

  fixture->pipe->room = 0;
  g_assert_false (g_pollable_output_stream_is_writable (stream));
  g_assert_cmpint (g_pollable_output_stream_write_nonblocking (stream, FRAME, 1, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);

  g_assert_true (g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_output_stream_is_closed (G_OUTPUT_STREAM (fixture->pipe)));
}

static gboolean
count_cb (GObject  *stream,
          gpointer  user_data)
{
  guint *n_called = user_data;

  (*n_called)++;

  return G_SOURCE_REMOVE;
}

static void
wait_for (GSource *source)
{
  guint n_called = 0;

  g_source_set_callback (source, G_SOURCE_FUNC (count_cb), &n_called, NULL);
  g_source_attach (source, NULL);
  g_source_unref (source);
  while (n_called == 0)
    g_main_context_iteration (NULL, TRUE);
}

/* Where there is TLS a thread closes it, and those who wait to read or write look again. */
static void
test_closed_socket (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GSocket) near_end = NULL;
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GPollableInputStream *input;
  GPollableOutputStream *output;
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
  near_end = g_socket_new_from_fd (pair[0], &error);
  g_assert_no_error (error);
  connection = g_socket_connection_factory_create_connection (near_end);
  stream = wsm_metered_stream_new (G_IO_STREAM (connection));
  input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream));
  output = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream));

  g_socket_close (near_end, NULL);
  wait_for (g_pollable_input_stream_create_source (input, NULL));
  wait_for (g_pollable_input_stream_create_source (input, cancellable));
  wait_for (g_pollable_output_stream_create_source (output, NULL));
  wait_for (g_pollable_output_stream_create_source (output, cancellable));
  g_assert_cmpint (g_pollable_output_stream_write_nonblocking (output, FRAME, 1, NULL, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);

  close (pair[1]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) \
  g_test_add ("/metered-output/" path, Fixture, NULL, set_up, func, tear_down)

  ADD ("stamps-what-is-written", test_written);
  ADD ("stamps-the-last-part", test_in_parts);
  ADD ("stamps-behind-others", test_behind_others);
  ADD ("stamps-what-is-overtaken", test_overtaken);
  ADD ("forgets-what-was-miscounted", test_miscounted);
  ADD ("does-not-stamp-without-a-clock", test_no_clock);
  ADD ("is-as-what-is-below", test_as_below);
  ADD ("tells-of-a-closed-socket", test_closed_socket);

  return g_test_run ();
}
