/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-echo-input.h"

/* Passes on what the socket says, and calls a socket that we closed ourselves an end of file.
 *
 * libsoup then ends the connection as it ends one that the peer dropped, without an error.
 */

struct _WsmEchoInput
{
  GInputStream parent_instance;

  /* (owned) */
  GInputStream *base;
};

static void wsm_echo_input_pollable_iface_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsmEchoInput, wsm_echo_input, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      wsm_echo_input_pollable_iface_init))

static gssize
wsm_echo_input_read (GInputStream  *stream,
                     void          *buffer,
                     gsize          count,
                     GCancellable  *cancellable,
                     GError       **error)
{
  WsmEchoInput *self = WSM_ECHO_INPUT (stream);

  if (g_input_stream_is_closed (self->base))
    return 0;

  return g_input_stream_read (self->base, buffer, count, cancellable, error);
}

static gssize
wsm_echo_input_read_nonblocking (GPollableInputStream  *stream,
                                 void                  *buffer,
                                 gsize                  count,
                                 GError               **error)
{
  WsmEchoInput *self = WSM_ECHO_INPUT (stream);

  if (g_input_stream_is_closed (self->base))
    return 0;

  return g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->base),
                                                   buffer, count, NULL, error);
}

static gboolean
wsm_echo_input_is_readable (GPollableInputStream *stream)
{
  WsmEchoInput *self = WSM_ECHO_INPUT (stream);

  return g_input_stream_is_closed (self->base)
         || g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (self->base));
}

static GSource *
wsm_echo_input_create_source (GPollableInputStream *stream,
                              GCancellable         *cancellable)
{
  WsmEchoInput *self = WSM_ECHO_INPUT (stream);
  g_autoptr (GSource) ready = NULL;

  if (g_input_stream_is_closed (self->base))
    ready = g_timeout_source_new (0);
  else
    ready = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->base), NULL);

  /* A pollable source, not the bare one: libsoup sets closures, which need its closure callback. */
  return g_pollable_source_new_full (stream, ready, cancellable);
}

static void
wsm_echo_input_dispose (GObject *object)
{
  WsmEchoInput *self = WSM_ECHO_INPUT (object);

  G_OBJECT_CLASS (wsm_echo_input_parent_class)->dispose (object);

  g_clear_object (&self->base);
}

static void
wsm_echo_input_class_init (WsmEchoInputClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GInputStreamClass *stream_class = G_INPUT_STREAM_CLASS (klass);

  object_class->dispose = wsm_echo_input_dispose;

  stream_class->read_fn = wsm_echo_input_read;
}

static void
wsm_echo_input_pollable_iface_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = wsm_echo_input_is_readable;
  iface->create_source = wsm_echo_input_create_source;
  iface->read_nonblocking = wsm_echo_input_read_nonblocking;
}

static void
wsm_echo_input_init (WsmEchoInput *self)
{
}

WsmEchoInput *
wsm_echo_input_new (GInputStream *base)
{
  WsmEchoInput *self = g_object_new (WSM_TYPE_ECHO_INPUT, NULL);

  self->base = g_object_ref (base);

  return self;
}
