/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-stream-source.h"

/*
 * wsm_stream_source_new:
 * @funcs: with the `dispatch` and `closure_callback` of this file
 * @size: of the structure that begins with a #WsmStreamSource
 * @stream: (transfer none): the stream
 */
GSource *
wsm_stream_source_new (GSourceFuncs *funcs,
                       gsize         size,
                       GObject      *stream)
{
  GSource *source;

  g_return_val_if_fail (funcs != NULL, NULL);
  g_return_val_if_fail (size >= sizeof (WsmStreamSource), NULL);
  g_return_val_if_fail (G_IS_OBJECT (stream), NULL);

  source = g_source_new (funcs, (guint) size);
  ((WsmStreamSource *) source)->stream = g_object_ref (stream);

  return source;
}

/* To be called when it is finalized. */
void
wsm_stream_source_clear (GSource *source)
{
  g_clear_object (&((WsmStreamSource *) source)->stream);
}

gboolean
wsm_stream_source_dispatch (GSource     *source,
                            GSourceFunc  callback,
                            gpointer     user_data)
{
  GPollableSourceFunc func = (GPollableSourceFunc) (void (*) (void)) callback;

  if (func == NULL)
    return G_SOURCE_CONTINUE;

  return func (((WsmStreamSource *) source)->stream, user_data);
}

/* Of a closure that does nothing, as the child of another source has it. */
gboolean
wsm_stream_source_closure_cb (GObject  *stream,
                              gpointer  closure)
{
  return G_SOURCE_CONTINUE;
}
