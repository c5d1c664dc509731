/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-metered-stream.h"

/*
 * WsmMeteredStream:
 *
 * A connection whose input and output are metered.
 */
struct _WsmMeteredStream
{
  GIOStream parent_instance;

  GIOStream *base;        /* (owned) (nullable): until disposed */
  WsmMeteredInput *input; /* (owned) (nullable): until disposed */
  WsmMeteredOutput *output; /* (owned) (nullable): until disposed */
};

typedef enum
{
  PROP_BASE_IO_STREAM = 1,
} WsmMeteredStreamProperty;

static GParamSpec *properties[PROP_BASE_IO_STREAM + 1];

G_DEFINE_FINAL_TYPE (WsmMeteredStream, wsm_metered_stream, G_TYPE_IO_STREAM)

static GInputStream *
wsm_metered_stream_get_input_stream (GIOStream *stream)
{
  return G_INPUT_STREAM (WSM_METERED_STREAM (stream)->input);
}

static GOutputStream *
wsm_metered_stream_get_output_stream (GIOStream *stream)
{
  return G_OUTPUT_STREAM (WSM_METERED_STREAM (stream)->output);
}

static gboolean
wsm_metered_stream_close (GIOStream     *stream,
                          GCancellable  *cancellable,
                          GError       **error)
{
  WsmMeteredStream *self = WSM_METERED_STREAM (stream);

  if (!g_input_stream_close (G_INPUT_STREAM (self->input), cancellable, error) ||
      !g_output_stream_close (G_OUTPUT_STREAM (self->output), cancellable, error))
    return FALSE;

  return g_io_stream_close (self->base, cancellable, error);
}

/* Or GIO would close it in a thread: a socket is closed without waiting. */
static void
wsm_metered_stream_close_async (GIOStream           *stream,
                                int                  io_priority,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, wsm_metered_stream_close_async);
  g_task_set_priority (task, io_priority);
  if (wsm_metered_stream_close (stream, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
wsm_metered_stream_close_finish (GIOStream     *stream,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
wsm_metered_stream_constructed (GObject *object)
{
  WsmMeteredStream *self = WSM_METERED_STREAM (object);
  GSocketConnection *connection;

  G_OBJECT_CLASS (wsm_metered_stream_parent_class)->constructed (object);

  self->input = wsm_metered_input_new (g_io_stream_get_input_stream (self->base));
  self->output = wsm_metered_output_new (g_io_stream_get_output_stream (self->base));
  if (!G_IS_SOCKET_CONNECTION (self->base))
    return;
  connection = G_SOCKET_CONNECTION (self->base);
  wsm_metered_input_use_socket (self->input, g_socket_connection_get_socket (connection));
  wsm_metered_output_use_socket (self->output, g_socket_connection_get_socket (connection));
}

static void
wsm_metered_stream_dispose (GObject *object)
{
  WsmMeteredStream *self = WSM_METERED_STREAM (object);

  /* The parent closes what is still open, and needs all for that. */
  G_OBJECT_CLASS (wsm_metered_stream_parent_class)->dispose (object);

  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->base);
}

static void
wsm_metered_stream_get_property (GObject    *object,
                                 guint       prop_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  WsmMeteredStream *self = WSM_METERED_STREAM (object);

  switch ((WsmMeteredStreamProperty) prop_id)
    {
    case PROP_BASE_IO_STREAM:
      g_value_set_object (value, self->base);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
wsm_metered_stream_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  WsmMeteredStream *self = WSM_METERED_STREAM (object);

  switch ((WsmMeteredStreamProperty) prop_id)
    {
    case PROP_BASE_IO_STREAM:
      self->base = g_value_dup_object (value);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
wsm_metered_stream_class_init (WsmMeteredStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  object_class->constructed = wsm_metered_stream_constructed;
  object_class->dispose = wsm_metered_stream_dispose;
  object_class->get_property = wsm_metered_stream_get_property;
  object_class->set_property = wsm_metered_stream_set_property;

  stream_class->get_input_stream = wsm_metered_stream_get_input_stream;
  stream_class->get_output_stream = wsm_metered_stream_get_output_stream;
  stream_class->close_fn = wsm_metered_stream_close;
  stream_class->close_async = wsm_metered_stream_close_async;
  stream_class->close_finish = wsm_metered_stream_close_finish;

  /* Named as GIO names it, so that whoever looks for the socket finds the way. */
  properties[PROP_BASE_IO_STREAM] =
    g_param_spec_object ("base-io-stream", NULL, NULL,
                         G_TYPE_IO_STREAM,
                         G_PARAM_READWRITE |
                         G_PARAM_CONSTRUCT_ONLY |
                         G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsm_metered_stream_init (WsmMeteredStream *self)
{
}

GIOStream *
wsm_metered_stream_new (GIOStream *base)
{
  g_return_val_if_fail (G_IS_IO_STREAM (base), NULL);

  return g_object_new (WSM_TYPE_METERED_STREAM, "base-io-stream", base, NULL);
}

WsmMeteredInput *
wsm_metered_stream_get_input (WsmMeteredStream *self)
{
  g_return_val_if_fail (WSM_IS_METERED_STREAM (self), NULL);

  return self->input;
}

WsmMeteredOutput *
wsm_metered_stream_get_output (WsmMeteredStream *self)
{
  g_return_val_if_fail (WSM_IS_METERED_STREAM (self), NULL);

  return self->output;
}
