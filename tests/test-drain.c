/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-drain.h"

#include "test-loop.h"
#include "wsm-socket-probe.h"

/* When all has left, told by a writer that writes as libsoup does: a bit in each turn of a source
 * of default priority, which it makes anew each time. */

typedef struct
{
  GSocketConnection *near; /* (owned) */
  GSocketConnection *far;  /* (owned): reads what it can */
  WsmLane *lane;           /* (owned) */
  WsmDrain *drain;         /* (owned) */
  GSource *reader;         /* (owned) (nullable) */
  GSource *hungry;         /* (owned) (nullable): of default priority, always ready */

  guint n_left;   /* times that the writer has something to write */
  gsize size;     /* how much at a time */
  guint n_drained;
} Fixture;

static GOutputStream *
get_output (Fixture *fixture)
{
  return g_io_stream_get_output_stream (G_IO_STREAM (fixture->near));
}

static void start_writer (Fixture *fixture);

static gboolean
write_cb (GObject  *stream,
          gpointer  user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *data = g_malloc0 (fixture->size);
  gssize n_bytes;

  n_bytes = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (stream), data,
                                                        fixture->size, NULL, NULL);
  g_assert_cmpint (n_bytes, >, 0);
  fixture->n_left--;
  start_writer (fixture);

  return G_SOURCE_REMOVE;
}

static void
start_writer (Fixture *fixture)
{
  g_autoptr (GSource) source = NULL;

  if (fixture->n_left == 0)
    return;

  source = g_pollable_output_stream_create_source (
    G_POLLABLE_OUTPUT_STREAM (get_output (fixture)), NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (write_cb), fixture, NULL);
  g_source_attach (source, NULL);
}

static gboolean
read_cb (GObject  *stream,
         gpointer  user_data)
{
  char buffer[64 * 1024];

  g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer,
                                            sizeof buffer, NULL, NULL);

  return G_SOURCE_CONTINUE;
}

static gboolean
hungry_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
drained_cb (gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_cmpuint (fixture->n_left, ==, 0);
  fixture->n_drained++;
}

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  gboolean is_busy = GPOINTER_TO_INT (data);
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  GInputStream *input;

  g_assert_no_error (error);
  fixture->near = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, &error);
  g_assert_no_error (error);
  fixture->far = g_socket_listener_accept (listener, NULL, NULL, &error);
  g_assert_no_error (error);

  wsm_socket_probe_tune (g_socket_connection_get_socket (fixture->near));
  fixture->lane = wsm_lane_new (NULL);
  fixture->drain = wsm_drain_new (get_output (fixture),
                                  g_socket_connection_get_socket (fixture->near), fixture->lane,
                                  drained_cb, fixture);
  input = g_io_stream_get_input_stream (G_IO_STREAM (fixture->far));
  fixture->reader = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (input), NULL);
  g_source_set_callback (fixture->reader, G_SOURCE_FUNC (read_cb), fixture, NULL);
  g_source_attach (fixture->reader, NULL);
  fixture->size = 1;

  if (is_busy)
    {
      fixture->hungry = g_idle_source_new ();
      g_source_set_priority (fixture->hungry, G_PRIORITY_DEFAULT);
      g_source_set_callback (fixture->hungry, hungry_cb, NULL, NULL);
      g_source_attach (fixture->hungry, NULL);
    }
}

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  clear_source (&fixture->reader);
  clear_source (&fixture->hungry);
  wsm_drain_free (fixture->drain);
  wsm_lane_unref (fixture->lane);
  g_clear_object (&fixture->near);
  g_clear_object (&fixture->far);
}

static gboolean
is_skipped (Fixture       *fixture,
            gconstpointer  data)
{
  if (!GPOINTER_TO_INT (data) ||
      wsm_socket_probe_has_counters (g_socket_connection_get_socket (fixture->near)))
    return FALSE;

  g_test_skip ("this system does not count what is written");

  return TRUE;
}

/* As often as it takes until it is tried again whether the loop is still busy. */
#define N_TIMES 70

/* Writers of many short ones, begun before and after; and again, when it is known that the loop is
 * busy. */
static void
test_is_not_too_early (Fixture       *fixture,
                       gconstpointer  data)
{
  if (is_skipped (fixture, data))
    return;

  for (guint i = 1; i <= N_TIMES; i++)
    {
      fixture->n_left = i % 3 == 0 ? 1 : 50;
      if (i % 2 == 0)
        wsm_drain_watch (fixture->drain);
      start_writer (fixture);
      wsm_drain_watch (fixture->drain);
      WAIT_FOR (fixture->n_drained == i);
    }
  test_loop_run_ms (20);
  g_assert_cmpuint (fixture->n_drained, ==, N_TIMES);
}

/* What was empty anyway is told too. */
static void
test_is_told_in_any_case (Fixture       *fixture,
                          gconstpointer  data)
{
  if (is_skipped (fixture, data))
    return;

  for (guint i = 1; i <= 5; i++)
    {
      wsm_drain_watch (fixture->drain);
      WAIT_FOR (fixture->n_drained == i);
    }
}

/* A full pipe is no busy loop, but what is in it has to leave. */
static void
test_waits_for_the_pipe (Fixture       *fixture,
                         gconstpointer  data)
{
  if (is_skipped (fixture, data))
    return;

  clear_source (&fixture->reader);
  fixture->size = 64 * 1024;
  fixture->n_left = 1000;
  start_writer (fixture);
  wsm_drain_watch (fixture->drain);
  test_loop_run_ms (100);
  g_assert_cmpuint (fixture->n_left, >, 900);
  g_assert_cmpuint (fixture->n_drained, ==, 0);

  /* Nothing is told of what nobody asks for any more. */
  wsm_drain_stop (fixture->drain);
  fixture->n_left = 1;
  fixture->reader = g_pollable_input_stream_create_source (
    G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (G_IO_STREAM (fixture->far))), NULL);
  g_source_set_callback (fixture->reader, G_SOURCE_FUNC (read_cb), fixture, NULL);
  g_source_attach (fixture->reader, NULL);
  WAIT_FOR (fixture->n_left == 0);
  test_loop_run_ms (50);
  g_assert_cmpuint (fixture->n_drained, ==, 0);
}

/* The stream may be closed before anybody stops the watch. */
static void
test_closed (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  wsm_drain_watch (fixture->drain);
  g_io_stream_close (G_IO_STREAM (fixture->near), NULL, &error);
  g_assert_no_error (error);
  test_loop_run_ms (50);
  g_assert_cmpuint (fixture->n_drained, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (int is_busy = 0; is_busy <= 1; is_busy++)
    {
      const char *loop = is_busy ? "busy" : "idle";
      g_autofree char *early = g_strconcat ("/drain/", loop, "/is-not-too-early", NULL);
      g_autofree char *any = g_strconcat ("/drain/", loop, "/is-told-in-any-case", NULL);
      g_autofree char *pipe = g_strconcat ("/drain/", loop, "/waits-for-the-pipe", NULL);

      g_test_add (early, Fixture, GINT_TO_POINTER (is_busy), fixture_set_up,
                  test_is_not_too_early, fixture_tear_down);
      g_test_add (any, Fixture, GINT_TO_POINTER (is_busy), fixture_set_up,
                  test_is_told_in_any_case, fixture_tear_down);
      g_test_add (pipe, Fixture, GINT_TO_POINTER (is_busy), fixture_set_up,
                  test_waits_for_the_pipe, fixture_tear_down);
    }

  g_test_add ("/drain/does-not-look-into-what-was-closed", Fixture, GINT_TO_POINTER (TRUE),
              fixture_set_up, test_closed, fixture_tear_down);

  return g_test_run ();
}
