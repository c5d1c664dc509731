/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-clock.h"
#include "wsm-metered-input.h"
#include "wsm-metered-stream.h"

#include <string.h>
#include <sys/socket.h>

/* As in the code that is tested. */
#define TURN_BYTES (256 * 1024)
#define TURN_MS 2

#define SOURCE_BYTES (1024 * 1024)
#define READ_BYTES 1024

typedef struct
{
  GMainContext *other;    /* (owned): what the clock runs when it is moved */
  WsmTestClock *clock;    /* (owned) */
  WsmMeter *meter;        /* (owned) */
  WsmMeteredInput *input; /* (owned) */
  char *data;             /* (owned) */
} Fixture;

/* Reads as libsoup does: all there is, then waits for more. */
typedef struct
{
  GPollableInputStream *input; /* (unowned) */
  GSource *source;             /* (owned) (nullable) */
  gsize n_bytes;
  guint n_turns;
  gboolean is_at_end;
} Reader;

static WsmMeteredInput *
new_input (Fixture *fixture)
{
  g_autoptr (GInputStream) base = g_memory_input_stream_new_from_data (fixture->data,
                                                                        SOURCE_BYTES, NULL);

  return wsm_metered_input_new (base);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->other = g_main_context_new ();
  fixture->clock = wsm_test_clock_new (fixture->other);
  fixture->meter = wsm_meter_new (NULL);
  fixture->data = g_malloc (SOURCE_BYTES);
  memset (fixture->data, 'x', SOURCE_BYTES);
  fixture->input = new_input (fixture);
  wsm_metered_input_use_meter (fixture->input, fixture->meter, WSM_CLOCK (fixture->clock));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_finalize_object (fixture->input);
  wsm_meter_unref (fixture->meter);
  g_assert_finalize_object (fixture->clock);
  g_main_context_unref (fixture->other);
  g_assert_false (g_main_context_pending (NULL));
  g_free (fixture->data);
}

static gssize
read_once (WsmMeteredInput  *input,
           GError          **error)
{
  char buffer[READ_BYTES];

  return g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input), buffer,
                                                   sizeof buffer, NULL, error);
}

static gsize
read_turn (WsmMeteredInput *input)
{
  g_autoptr (GError) error = NULL;
  gsize n_bytes = 0;
  gssize n;

  while ((n = read_once (input, &error)) > 0)
    n_bytes += (gsize) n;
  if (n < 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);

  return n_bytes;
}

static gboolean reader_input_cb (GObject  *stream,
                                 gpointer  user_data);

static void
reader_wait (Reader *reader)
{
  reader->source = g_pollable_input_stream_create_source (reader->input, NULL);
  g_source_set_callback (reader->source, G_SOURCE_FUNC (reader_input_cb), reader, NULL);
  g_source_attach (reader->source, NULL);
}

static void
reader_stop (Reader *reader)
{
  if (reader->source == NULL)
    return;

  g_source_destroy (reader->source);
  g_clear_pointer (&reader->source, g_source_unref);
}

static gboolean
reader_input_cb (GObject  *stream,
                 gpointer  user_data)
{
  Reader *reader = user_data;
  char buffer[READ_BYTES];
  gssize n;

  g_assert_true (stream == G_OBJECT (reader->input));
  reader_stop (reader);
  reader->n_turns++;
  while ((n = g_pollable_input_stream_read_nonblocking (reader->input, buffer, sizeof buffer,
                                                        NULL, NULL)) > 0)
    reader->n_bytes += (gsize) n;

  reader->is_at_end = n == 0;
  if (!reader->is_at_end)
    reader_wait (reader);

  return G_SOURCE_REMOVE;
}

static void
test_bytes (Fixture       *fixture,
            gconstpointer  data)
{
  g_assert_true (g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (fixture->input)));
  g_assert_cmpuint (read_turn (fixture->input), ==, TURN_BYTES);
  g_assert_true (wsm_metered_input_withholds (fixture->input));
  g_assert_false (g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (fixture->input)));
  g_assert_cmpuint (read_turn (fixture->input), ==, 0);

  while (wsm_metered_input_withholds (fixture->input))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (read_turn (fixture->input), ==, TURN_BYTES);
  g_assert_cmpuint (wsm_metered_input_get_n_bytes (fixture->input), ==, 2 * TURN_BYTES);
}

static void
test_time (Fixture       *fixture,
           gconstpointer  data)
{
  for (guint i = 0; i <= TURN_MS; i++)
    {
      g_assert_cmpint (read_once (fixture->input, NULL), ==, READ_BYTES);
      wsm_test_clock_advance (fixture->clock, 1000);
    }
  g_assert_true (wsm_metered_input_withholds (fixture->input));

  /* All of it came with the first block, and was read bit by bit. */
  g_assert_cmpuint (wsm_metered_input_get_n_bytes (fixture->input), ==, WSM_METER_BLOCK_SIZE);
  g_assert_cmpint (wsm_metered_input_get_last_us (fixture->input), ==,
                   wsm_clock_get_time_us (WSM_CLOCK (fixture->clock)) - 1000);
}

/* Whichever way the rest of a block is read, it comes once, and before what is behind it. */
static void
test_rest (Fixture       *fixture,
           gconstpointer  data)
{
  GPollableInputStream *input = G_POLLABLE_INPUT_STREAM (fixture->input);
  Reader reader = { .input = input };
  char buffer[4];

  for (guint i = 0; i < SOURCE_BYTES; i++)
    fixture->data[i] = (char) (i % 251);

  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (input, buffer, 1, NULL, NULL), ==, 1);
  g_assert_cmpint (buffer[0], ==, 0);
  g_assert_true (wsm_metered_input_has_rest (fixture->input));
  g_assert_true (g_pollable_input_stream_is_readable (input));
  g_assert_cmpint (g_input_stream_skip (G_INPUT_STREAM (input), 2, NULL, NULL), ==, 2);
  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (input), buffer, 4, NULL, NULL), ==, 4);
  g_assert_cmpmem (buffer, 4, fixture->data + 3, 4);
  g_assert_cmpint (g_input_stream_skip (G_INPUT_STREAM (input), SOURCE_BYTES, NULL, NULL), ==,
                   WSM_METER_BLOCK_SIZE - 7);
  g_assert_false (wsm_metered_input_has_rest (fixture->input));
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (input, buffer, 4, NULL, NULL), ==, 4);
  g_assert_cmpmem (buffer, 4, fixture->data + WSM_METER_BLOCK_SIZE, 4);

  /* It is kept back as everything is, and it alone wakes the reader. */
  wsm_metered_input_set_held (fixture->input, TRUE);
  g_assert_false (g_pollable_input_stream_is_readable (input));
  g_assert_cmpint (read_once (fixture->input, NULL), ==, -1);
  reader_wait (&reader);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (reader.n_turns, ==, 0);
  wsm_metered_input_set_held (fixture->input, FALSE);
  while (!reader.is_at_end)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (reader.n_bytes, ==, SOURCE_BYTES - WSM_METER_BLOCK_SIZE - 4);
}

/* Before there is a meter a reader that goes on just has to ask twice. */
static void
test_no_meter (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (WsmMeteredInput) input = new_input (fixture);

  g_assert_cmpuint (read_turn (input), ==, TURN_BYTES);
  g_assert_false (wsm_metered_input_withholds (input));
  g_assert_cmpuint (read_turn (input), ==, TURN_BYTES);
  g_assert_false (g_main_context_pending (NULL));
}

static gboolean
count_cb (gpointer user_data)
{
  guint *n_dispatched = user_data;

  (*n_dispatched)++;

  return G_SOURCE_CONTINUE;
}

/* What is of the usual priority is not passed over once. */
static void
test_others_first (Fixture       *fixture,
                   gconstpointer  data)
{
  Reader reader = { .input = G_POLLABLE_INPUT_STREAM (fixture->input) };
  g_autoptr (GSource) other = g_timeout_source_new (0);
  guint n_dispatched = 0;

  g_source_set_callback (other, count_cb, &n_dispatched, NULL);
  g_source_set_priority (other, G_PRIORITY_DEFAULT_IDLE - 1);
  g_source_attach (other, NULL);

  reader_wait (&reader);
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (reader.n_turns, ==, 1);

  /* While others are ready it waits, but not for ever. */
  for (guint i = 0; i < 10; i++)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (reader.n_turns, ==, 1);
  g_assert_cmpuint (n_dispatched, >=, 10);
  while (!reader.is_at_end)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (reader.n_bytes, ==, SOURCE_BYTES);
  g_assert_cmpuint (reader.n_turns, >=, SOURCE_BYTES / TURN_BYTES);

  g_source_destroy (other);
}

static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  WsmMeteredInput *inputs[20];
  Reader readers[20] = { { NULL } };
  guint n_at_end = 0;

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    {
      inputs[i] = new_input (fixture);
      wsm_metered_input_use_meter (inputs[i], fixture->meter, WSM_CLOCK (fixture->clock));
      readers[i].input = G_POLLABLE_INPUT_STREAM (inputs[i]);
      reader_wait (&readers[i]);
    }
  g_main_context_iteration (NULL, TRUE);

  while (n_at_end < G_N_ELEMENTS (readers))
    {
      guint n_before = 0, n_after = 0, most = 0, least = G_MAXUINT;

      for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
        n_before += readers[i].n_turns;
      g_main_context_iteration (NULL, TRUE);

      n_at_end = 0;
      for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
        {
          n_after += readers[i].n_turns;
          n_at_end += readers[i].is_at_end;
          most = MAX (most, readers[i].n_turns);
          least = MIN (least, readers[i].n_turns);
        }

      /* Only some at a time, and each before any for the second time. */
      g_assert_cmpuint (n_after - n_before, <=, 8);
      g_assert_cmpuint (most - least, <=, 1);
    }

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    g_assert_finalize_object (inputs[i]);
}

static void
test_held (Fixture       *fixture,
           gconstpointer  data)
{
  Reader reader = { .input = G_POLLABLE_INPUT_STREAM (fixture->input) };

  wsm_metered_input_set_held (fixture->input, TRUE);
  g_assert_true (wsm_metered_input_withholds (fixture->input));
  g_assert_cmpuint (read_turn (fixture->input), ==, 0);
  reader_wait (&reader);
  for (guint i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (reader.n_turns, ==, 0);

  wsm_metered_input_set_held (fixture->input, FALSE);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (reader.n_bytes, ==, TURN_BYTES);

  /* Held while it waits for its turn: both have to end. */
  wsm_metered_input_set_held (fixture->input, TRUE);
  for (guint i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (reader.n_bytes, ==, TURN_BYTES);
  wsm_metered_input_set_held (fixture->input, FALSE);
  while (!reader.is_at_end)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (reader.n_bytes, ==, SOURCE_BYTES);
}

/* With a source that was made before. */
static void
test_held_late (Fixture       *fixture,
                gconstpointer  data)
{
  Reader reader = { .input = G_POLLABLE_INPUT_STREAM (fixture->input) };

  reader_wait (&reader);
  wsm_metered_input_set_held (fixture->input, TRUE);
  for (guint i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (reader.n_turns, ==, 1);
  g_assert_cmpuint (reader.n_bytes, ==, 0);

  wsm_metered_input_set_held (fixture->input, FALSE);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (reader.n_bytes, ==, TURN_BYTES);
  reader_stop (&reader);
}

static gboolean
cancelled_cb (GObject  *stream,
              gpointer  user_data)
{
  guint *n_dispatched = user_data;

  (*n_dispatched)++;

  return G_SOURCE_REMOVE;
}

static void
test_cancelled (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GSource) source = NULL;
  g_autoptr (GError) error = NULL;
  guint n_dispatched = 0;
  char byte;

  wsm_metered_input_set_held (fixture->input, TRUE);
  source = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (fixture->input),
                                                  cancellable);
  g_source_set_callback (source, G_SOURCE_FUNC (cancelled_cb), &n_dispatched, NULL);
  g_source_attach (source, NULL);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (n_dispatched, ==, 0);

  g_cancellable_cancel (cancellable);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (n_dispatched, ==, 1);
  g_assert_cmpint (g_pollable_input_stream_read_nonblocking (
                     G_POLLABLE_INPUT_STREAM (fixture->input), &byte, 1, cancellable, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A bound closure is how bindings, and libsoup for its requests, take a source. */
static void
test_closure (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (GSource) source =
    g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (fixture->input), NULL);
  guint n_dispatched = 0;

  g_source_set_closure (source, g_cclosure_new (G_CALLBACK (cancelled_cb), &n_dispatched, NULL));
  g_source_attach (source, NULL);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (n_dispatched, ==, 1);
  g_source_destroy (source);
}

static void
test_blocking (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *buffer = g_malloc (SOURCE_BYTES);
  g_autoptr (GError) error = NULL;
  gsize n_bytes;

  g_assert_true (g_input_stream_read_all (G_INPUT_STREAM (fixture->input), buffer, SOURCE_BYTES,
                                          &n_bytes, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_bytes, ==, SOURCE_BYTES);
  g_assert_cmpuint (wsm_metered_input_get_n_bytes (fixture->input), ==, SOURCE_BYTES);
  g_assert_false (wsm_metered_input_withholds (fixture->input));
  g_assert_cmpint (read_once (fixture->input, &error), ==, 0);
}

static void
read_all_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  gsize *n_bytes = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, n_bytes,
                                                 &error));
  g_assert_no_error (error);
}

static void
test_asynchronous (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autofree char *buffer = g_malloc (SOURCE_BYTES);
  gsize n_bytes = 0;

  g_input_stream_read_all_async (G_INPUT_STREAM (fixture->input), buffer, SOURCE_BYTES,
                                 G_PRIORITY_DEFAULT, NULL, read_all_cb, &n_bytes);
  while (n_bytes == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_bytes, ==, SOURCE_BYTES);
  g_assert_cmpint (memcmp (buffer, fixture->data, SOURCE_BYTES), ==, 0);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
test_ends (Fixture       *fixture,
           gconstpointer  data)
{
  Reader reader = { .input = G_POLLABLE_INPUT_STREAM (fixture->input) };
  g_autoptr (GError) error = NULL;
  char byte;

  reader_wait (&reader);
  while (!reader.is_at_end)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (read_once (fixture->input, &error), ==, 0);
  g_assert_no_error (error);

  g_assert_true (g_input_stream_close (G_INPUT_STREAM (fixture->input), NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_input_stream_is_closed (
                   g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (fixture->input))));
  g_assert_cmpint (g_input_stream_read (G_INPUT_STREAM (fixture->input), &byte, 1, NULL, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

/* Something that may be empty, and breaks. */
static void
test_socket (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (WsmMeteredInput) input = NULL;
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GSocket) near_end = NULL;
  g_autoptr (GSocket) far_end = NULL;
  g_autoptr (GError) error = NULL;
  Reader reader = { NULL };
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
  near_end = g_socket_new_from_fd (pair[0], &error);
  g_assert_no_error (error);
  far_end = g_socket_new_from_fd (pair[1], &error);
  g_assert_no_error (error);
  connection = g_socket_connection_factory_create_connection (near_end);
  input = wsm_metered_input_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  wsm_metered_input_use_meter (input, fixture->meter, WSM_CLOCK (fixture->clock));
  reader.input = G_POLLABLE_INPUT_STREAM (input);

  g_assert_true (g_pollable_input_stream_can_poll (reader.input));
  g_assert_false (g_pollable_input_stream_is_readable (reader.input));
  g_assert_cmpint (read_once (input, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);
  g_assert_false (wsm_metered_input_withholds (input));

  reader_wait (&reader);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (reader.n_turns, ==, 0);
  g_assert_cmpint (g_socket_send (far_end, fixture->data, 100, NULL, &error), ==, 100);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (reader.n_bytes, ==, 100);
  g_assert_cmpuint (reader.n_turns, ==, 1);
  reader_stop (&reader);

  /* Errors of what is below come up as they are. */
  g_socket_close (near_end, NULL);
  g_assert_cmpint (read_once (input, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

/* On the near end of a connection through loopback. */
static WsmMeteredInput *
connect_input (Fixture            *fixture,
               GSocketConnection **near_end,
               GSocketConnection **far_end)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  WsmMeteredInput *input;

  g_assert_no_error (error);
  *near_end = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, &error);
  g_assert_no_error (error);
  *far_end = g_socket_listener_accept (listener, NULL, NULL, &error);
  g_assert_no_error (error);

  input = wsm_metered_input_new (g_io_stream_get_input_stream (G_IO_STREAM (*near_end)));
  wsm_metered_input_use_socket (input, g_socket_connection_get_socket (*near_end));
  wsm_metered_input_use_meter (input, fixture->meter, WSM_CLOCK (fixture->clock));

  return input;
}

/* What counts is not stamped with what came after it. */
static void
test_awaited (Fixture       *fixture,
              gconstpointer  data)
{
  wsm_metered_input_set_awaited (fixture->input, TRUE);
  g_assert_cmpint (read_once (fixture->input, NULL), ==, READ_BYTES);
  g_assert_false (wsm_metered_input_has_rest (fixture->input));
  g_assert_cmpuint (wsm_metered_input_get_n_bytes (fixture->input), ==, READ_BYTES);

  wsm_metered_input_set_awaited (fixture->input, FALSE);
  g_assert_cmpint (read_once (fixture->input, NULL), ==, READ_BYTES);
  g_assert_true (wsm_metered_input_has_rest (fixture->input));
}

/* A block that was not full was all there was, so the next read is not one. Then it is asked. */
static void
test_spent (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (WsmMeteredInput) input = NULL;
  g_autoptr (GSocketConnection) near_end = NULL;
  g_autoptr (GSocketConnection) far_end = NULL;
  g_autoptr (GError) error = NULL;
  Reader reader = { NULL };
  GSocket *far_socket;

  input = connect_input (fixture, &near_end, &far_end);
  far_socket = g_socket_connection_get_socket (far_end);
  reader.input = G_POLLABLE_INPUT_STREAM (input);

  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (g_socket_send (far_socket, fixture->data, 10, NULL, NULL), ==, 10);
      g_assert_true (g_socket_condition_wait (g_socket_connection_get_socket (near_end), G_IO_IN,
                                              NULL, NULL));
      if (i == 1)
        {
          g_assert_cmpint (read_once (input, &error), ==, -1);
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
        }
      g_assert_cmpint (read_once (input, NULL), ==, 10);
    }

  /* Whoever waits instead hears of what came meanwhile. */
  g_assert_cmpint (g_socket_send (far_socket, fixture->data, 10, NULL, NULL), ==, 10);
  reader_wait (&reader);
  while (reader.n_bytes == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (reader.n_bytes, ==, 10);
  g_assert_cmpuint (reader.n_turns, ==, 1);
  reader_stop (&reader);
}

static void
end_cb (gpointer user_data)
{
  guint *n_ends = user_data;

  (*n_ends)++;
}

/* Whoever waits for the end hears of it before the reader does, and of nothing else. */
static void
test_watched_end (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  guint n_ends = 0;

  wsm_metered_input_watch_end (fixture->input, end_cb, &n_ends);
  while (read_turn (fixture->input) > 0)
    {
      g_assert_cmpuint (n_ends, ==, 0);
      while (wsm_metered_input_withholds (fixture->input))
        g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpuint (n_ends, ==, 1);
  g_assert_cmpint (read_once (fixture->input, &error), ==, 0);
  g_assert_no_error (error);
}

/* Ten bytes arrive, and then the wall clock is said to be ahead, as if nobody had read them for so
 * long. Returns how old they seem to be. */
static gint64
find_age_us (Fixture           *fixture,
             WsmMeteredInput   *input,
             GSocketConnection *near_end,
             GSocketConnection *far_end,
             gint64             ahead_us)
{
  gint64 now_us = wsm_clock_get_time_us (WSM_CLOCK (fixture->clock));

  g_assert_cmpint (g_socket_send (g_socket_connection_get_socket (far_end), fixture->data, 10,
                                  NULL, NULL), ==, 10);
  g_assert_true (g_socket_condition_wait (g_socket_connection_get_socket (near_end), G_IO_IN,
                                          NULL, NULL));
  wsm_test_clock_set_ahead (fixture->clock, ahead_us);
  g_assert_cmpuint (read_turn (input), ==, 10);
  g_assert_cmpint (wsm_metered_input_get_last_us (input), ==, now_us);

  return now_us - wsm_metered_input_get_arrived_us (input);
}

static void
test_arrival (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (WsmMeteredInput) input = NULL;
  g_autoptr (GSocketConnection) near_end = NULL;
  g_autoptr (GSocketConnection) far_end = NULL;
  gint64 start_us = g_get_monotonic_time ();
  gint64 age_us;

  input = connect_input (fixture, &near_end, &far_end);
  g_assert_cmpint (wsm_metered_input_get_arrived_us (input), ==, 0);

  /* The system begins to stamp a moment after the first socket has asked it to. */
  while ((age_us = find_age_us (fixture, input, near_end, far_end, 50 * 1000)) == 0)
    g_assert_cmpint (g_get_monotonic_time () - start_us, <, 10 * G_USEC_PER_SEC);
  g_assert_cmpint (age_us, >=, 50 * 1000);
  g_assert_cmpint (find_age_us (fixture, input, near_end, far_end, 70 * 1000), >=, 70 * 1000);

  /* A stamp from before somebody set the clock back is of the future. */
  g_assert_cmpint (find_age_us (fixture, input, near_end, far_end,
                                -60 * (gint64) G_USEC_PER_SEC), ==, 0);
}

/* In the middle of a flood. */
static void
test_ended (Fixture       *fixture,
            gconstpointer  data)
{
  Reader reader = { .input = G_POLLABLE_INPUT_STREAM (fixture->input) };

  g_assert_cmpuint (read_turn (fixture->input), ==, TURN_BYTES);
  wsm_metered_input_set_held (fixture->input, TRUE);
  reader_wait (&reader);
  wsm_metered_input_end (fixture->input);
  g_assert_false (wsm_metered_input_withholds (fixture->input));
  g_assert_true (g_pollable_input_stream_is_readable (reader.input));
  g_main_context_iteration (NULL, FALSE);
  g_assert_true (reader.is_at_end);
  g_assert_cmpuint (reader.n_bytes, ==, 0);

  /* For those who ask later too, and for good. */
  wsm_metered_input_set_held (fixture->input, TRUE);
  reader.is_at_end = FALSE;
  reader_wait (&reader);
  g_main_context_iteration (NULL, FALSE);
  g_assert_true (reader.is_at_end);
}

static void
test_gone_while_waiting (Fixture       *fixture,
                         gconstpointer  data)
{
  WsmMeteredInput *input = new_input (fixture);
  Reader reader = { .input = G_POLLABLE_INPUT_STREAM (input) };

  wsm_metered_input_use_meter (input, fixture->meter, WSM_CLOCK (fixture->clock));
  g_assert_cmpuint (read_turn (input), ==, TURN_BYTES);
  reader_wait (&reader);
  reader_stop (&reader);
  g_assert_finalize_object (input);
}

static void
test_stream (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (GInputStream) base_input = g_memory_input_stream_new_from_data ("x", 1, NULL);
  g_autoptr (GOutputStream) base_output = g_memory_output_stream_new_resizable ();
  g_autoptr (GIOStream) base = g_simple_io_stream_new (base_input, base_output);
  g_autoptr (GIOStream) found = NULL;
  g_autoptr (GError) error = NULL;
  GIOStream *stream = wsm_metered_stream_new (base);

  g_object_get (stream, "base-io-stream", &found, NULL);
  g_assert_true (found == base);
  g_assert_true (g_io_stream_get_output_stream (stream) ==
                 G_OUTPUT_STREAM (wsm_metered_stream_get_output (WSM_METERED_STREAM (stream))));
  g_assert_true (g_io_stream_get_input_stream (stream) ==
                 G_INPUT_STREAM (wsm_metered_stream_get_input (WSM_METERED_STREAM (stream))));
  g_assert_true (wsm_metered_input_get_n_bytes (
                   wsm_metered_stream_get_input (WSM_METERED_STREAM (stream))) == 0);

  g_assert_true (g_io_stream_close (stream, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_io_stream_is_closed (base));
  g_assert_finalize_object (stream);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) \
  g_test_add ("/metered-input/" path, Fixture, NULL, set_up, func, tear_down)

  ADD ("ends-a-turn-after-some-bytes", test_bytes);
  ADD ("ends-a-turn-after-some-time", test_time);
  ADD ("keeps-the-rest-of-a-block", test_rest);
  ADD ("reads-no-further-than-what-is-awaited", test_awaited);
  ADD ("asks-no-socket-in-vain", test_spent);
  ADD ("tells-of-its-end-first", test_watched_end);
  ADD ("goes-on-at-once-without-a-meter", test_no_meter);
  ADD ("lets-others-go-first", test_others_first);
  ADD ("takes-turns-with-others", test_many);
  ADD ("gives-nothing-while-held", test_held);
  ADD ("gives-nothing-while-held-after-asking", test_held_late);
  ADD ("can-be-cancelled", test_cancelled);
  ADD ("takes-a-closure", test_closure);
  ADD ("does-not-meter-reads-that-block", test_blocking);
  ADD ("reads-asynchronously", test_asynchronous);
  ADD ("ends", test_ends);
  ADD ("reads-from-a-socket", test_socket);
  ADD ("knows-when-it-arrived", test_arrival);
  ADD ("may-be-ended-in-a-flood", test_ended);
  ADD ("may-go-while-it-waits", test_gone_while_waiting);
  ADD ("is-half-of-a-stream", test_stream);

  return g_test_run ();
}
