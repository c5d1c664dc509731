/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What all sources of pollable streams have in common: first member of a larger structure. */
typedef struct
{
  GSource source;

  GObject *stream; /* (owned): with which the callback is called */
} WsmStreamSource;

GSource *wsm_stream_source_new        (GSourceFuncs *funcs,
                                       gsize         size,
                                       GObject      *stream) G_GNUC_WARN_UNUSED_RESULT;
void     wsm_stream_source_clear      (GSource      *source);

gboolean wsm_stream_source_dispatch   (GSource      *source,
                                       GSourceFunc   callback,
                                       gpointer      user_data);
gboolean wsm_stream_source_closure_cb (GObject      *stream,
                                       gpointer      closure);

G_END_DECLS
