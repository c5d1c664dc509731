/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "list-scene.h"

G_BEGIN_DECLS

/* A connection with a past: five minutes of beats, two of them missed, a loss and a reconnection,
 * frames, a handshake and a policy. */

/* Of the source, whether its program allows control, and payloads of so many bytes. */
void details_scene_allow         (WsiSource     *source,
                                  gboolean       control,
                                  guint          payload_capture);
void details_scene_add_events    (WsiConnection *connection,
                                  guint          n_beats);
/* Frames of all kinds, in turn. */
void details_scene_add_frames    (WsiConnection *connection,
                                  guint          n_frames);
void details_scene_drop_frames   (WsiConnection *connection,
                                  guint64        n_dropped);
/* changes (nullable): the text of an a{sv} with what is to be different. */
void details_scene_set_details   (WsiConnection *connection,
                                  const char    *changes);

/* A widget of a class below, or the one with that title, text or tooltip; NULL if there is none. */
GtkWidget *details_scene_find    (GtkWidget     *widget,
                                  GType          type,
                                  const char    *text);
/* Whether some label that is to be seen says this, or begins with it. */
gboolean details_scene_says      (GtkWidget     *widget,
                                  const char    *text);

/* Draws what is in the window; into that file of the folder in $SCREENSHOTS, if it is set. */
void details_scene_take_picture  (GtkWindow     *window,
                                  const char    *name);

G_END_DECLS
