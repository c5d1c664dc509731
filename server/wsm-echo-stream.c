/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-echo-stream.h"

#include "wsm-echo-input.h"
#include "wsm-echo-output.h"

#include <sys/socket.h>

/* Lies between libsoup and the socket, because libsoup answers each ping by itself.
 *
 * The socket may outlive libsoup's interest in it: what is late still has to leave, and a mute
 * peer does not even say that it hangs up, so the socket then stays until the other side ends.
 */

struct _WsmEchoStream
{
  GIOStream parent_instance;

  /* (owned) */
  GSocketConnection *base;
  /* (owned) */
  WsmEchoInput *input;
  /* (owned) */
  WsmEchoOutput *output;
  /* (owned) (nullable): reads and forgets, until the peer ends. */
  GSource *swallow_source;

  guint let_go : 1;
  guint ended : 1;
};

enum
{
  SIGNAL_ENDED = 1,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsmEchoStream, wsm_echo_stream, G_TYPE_IO_STREAM)

static void
wsm_echo_stream_close_socket (WsmEchoStream *self)
{
  if (self->swallow_source != NULL)
    {
      g_source_destroy (self->swallow_source);
      g_clear_pointer (&self->swallow_source, g_source_unref);
    }

  if (self->output != NULL)
    wsm_echo_output_discard (self->output);

  if (self->base != NULL)
    g_io_stream_close (G_IO_STREAM (self->base), NULL, NULL);
}

static void
wsm_echo_stream_end (WsmEchoStream *self)
{
  g_autoptr (WsmEchoStream) keep_alive G_GNUC_UNUSED = g_object_ref (self);

  if (self->ended)
    return;

  self->ended = TRUE;
  wsm_echo_stream_close_socket (self);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0);
}

/* Once libsoup has let go: decides what the socket still waits for. */
static void
wsm_echo_stream_settle (WsmEchoStream *self)
{
  if (!self->let_go || self->ended)
    return;

  if (wsm_echo_output_get_mute (self->output))
    wsm_echo_stream_swallow (self);
  else if (wsm_echo_output_is_empty (self->output))
    wsm_echo_stream_end (self);
}

static gboolean
wsm_echo_stream_swallow_cb (GSocket      *socket,
                            GIOCondition  condition,
                            gpointer      user_data)
{
  WsmEchoStream *self = user_data;
  g_autoptr (GError) error = NULL;
  char scratch[4096];
  gssize n_read;

  n_read = g_socket_receive_with_blocking (socket, scratch, sizeof scratch, FALSE, NULL, &error);

  if (n_read > 0 || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;

  wsm_echo_stream_end (self);

  return G_SOURCE_REMOVE;
}

static GInputStream *
wsm_echo_stream_get_input_stream (GIOStream *stream)
{
  return G_INPUT_STREAM (WSM_ECHO_STREAM (stream)->input);
}

static GOutputStream *
wsm_echo_stream_get_output_stream (GIOStream *stream)
{
  return G_OUTPUT_STREAM (WSM_ECHO_STREAM (stream)->output);
}

static gboolean
wsm_echo_stream_close (GIOStream     *stream,
                       GCancellable  *cancellable,
                       GError       **error)
{
  WsmEchoStream *self = WSM_ECHO_STREAM (stream);

  self->let_go = TRUE;
  wsm_echo_stream_settle (self);

  return TRUE;
}

/* Never the parent's: that one closes in a thread. */
static void
wsm_echo_stream_close_async (GIOStream           *stream,
                             int                  io_priority,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);

  g_task_set_source_tag (task, wsm_echo_stream_close_async);
  g_task_set_priority (task, io_priority);
  g_task_return_boolean (task, wsm_echo_stream_close (stream, NULL, NULL));
}

static gboolean
wsm_echo_stream_close_finish (GIOStream     *stream,
                              GAsyncResult  *result,
                              GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, stream), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
wsm_echo_stream_dispose (GObject *object)
{
  WsmEchoStream *self = WSM_ECHO_STREAM (object);

  /* Before the parent closes us: nothing may be left waiting for a stream that goes away. */
  self->ended = TRUE;
  wsm_echo_stream_close_socket (self);

  G_OBJECT_CLASS (wsm_echo_stream_parent_class)->dispose (object);

  if (self->output != NULL)
    g_signal_handlers_disconnect_by_data (self->output, self);
  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->base);
}

static void
wsm_echo_stream_class_init (WsmEchoStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  object_class->dispose = wsm_echo_stream_dispose;

  stream_class->get_input_stream = wsm_echo_stream_get_input_stream;
  stream_class->get_output_stream = wsm_echo_stream_get_output_stream;
  stream_class->close_fn = wsm_echo_stream_close;
  stream_class->close_async = wsm_echo_stream_close_async;
  stream_class->close_finish = wsm_echo_stream_close_finish;

  /* The socket is closed: by us, or since libsoup has let go and nothing is left to leave. */
  signals[SIGNAL_ENDED] =
    g_signal_new ("ended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
wsm_echo_stream_init (WsmEchoStream *self)
{
}

WsmEchoStream *
wsm_echo_stream_new (GSocketConnection *base)
{
  WsmEchoStream *self = g_object_new (WSM_TYPE_ECHO_STREAM, NULL);

  self->base = g_object_ref (base);
  self->input = wsm_echo_input_new (g_io_stream_get_input_stream (G_IO_STREAM (base)));
  self->output = wsm_echo_output_new (g_io_stream_get_output_stream (G_IO_STREAM (base)));

  g_signal_connect_swapped (self->output, "emptied", G_CALLBACK (wsm_echo_stream_settle), self);

  return self;
}

void
wsm_echo_stream_set_mute (WsmEchoStream *self,
                          gboolean       mute)
{
  g_autoptr (WsmEchoStream) keep_alive G_GNUC_UNUSED = g_object_ref (self);

  wsm_echo_output_set_mute (self->output, mute);
  wsm_echo_stream_settle (self);
}

void
wsm_echo_stream_set_late (WsmEchoStream *self,
                          guint          late_ms)
{
  wsm_echo_output_set_late (self->output, late_ms);
}

/* Reads in libsoup's place, so that the peer's end is noticed although libsoup does not listen. */
void
wsm_echo_stream_swallow (WsmEchoStream *self)
{
  if (self->ended || self->swallow_source != NULL)
    return;

  self->swallow_source = g_socket_create_source (g_socket_connection_get_socket (self->base),
                                                 G_IO_IN, NULL);
  g_source_set_static_name (self->swallow_source, "[wsm-echo] swallow");
  g_source_set_callback (self->swallow_source, G_SOURCE_FUNC (wsm_echo_stream_swallow_cb),
                         self, NULL);
  g_source_attach (self->swallow_source, g_main_context_get_thread_default ());
}

/* Closes the socket now: with an end of file or, with @reset, as a host does that was restarted. */
void
wsm_echo_stream_abort (WsmEchoStream *self,
                       gboolean       reset)
{
  if (self->ended)
    return;

  if (reset)
    {
      GSocket *socket = g_socket_connection_get_socket (self->base);
      struct linger linger = { .l_onoff = 1, .l_linger = 0 };

      setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    }

  wsm_echo_stream_end (self);
}
