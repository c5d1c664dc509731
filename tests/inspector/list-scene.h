/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-connection-private.h"
#include "wsi-source-private.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A source without a program behind it: rows that look like life, changed by hand. Ids are 1, 2, …
 * Row 7 of each ten is late, row 8 waits, row 9 has failed; the others are open. */
WsiSource     *list_scene_new_source    (WsiSourceKind  kind,
                                         const char    *title,
                                         guint          n_rows) G_GNUC_WARN_UNUSED_RESULT;
void           list_scene_add_rows      (WsiSource     *source,
                                         guint          n_rows);
void           list_scene_remove_row    (WsiSource     *source,
                                         guint64        id);
/* With the counts that go with it. */
void           list_scene_set_state     (WsiSource     *source,
                                         guint64        id,
                                         WsiState       state,
                                         const char    *reason);
void           list_scene_set_round_trip (WsiSource    *source,
                                          guint64       id,
                                          double        round_trip);
/* A beat of each of the rows from the position on, and a little traffic. */
void           list_scene_beat          (WsiSource     *source,
                                         guint          position,
                                         guint          n_rows);
WsiConnection *list_scene_get           (WsiSource     *source,
                                         guint64        id);

/* The rows that somebody wants to be told of. */
void           list_scene_get_window    (WsiSource     *source,
                                         guint         *position,
                                         guint         *n_rows);

/* How many these are, G_MAXUINT = all; and whether they were named, not counted. */
guint          list_scene_get_n_watched (WsiSource     *source);
gboolean       list_scene_watches_chosen (WsiSource    *source);

/* Runs the main loop until a frame that was asked for now is drawn. */
void           list_scene_draw          (GtkWidget     *widget);

#define list_scene_wait_until(condition) \
  G_STMT_START { \
    gint64 deadline_us = g_get_monotonic_time () + 10 * G_USEC_PER_SEC; \
    g_autoptr (GSource) wake = list_scene_wake_often (); \
    while (!(condition)) \
      { \
        if (g_get_monotonic_time () > deadline_us) \
          g_error ("not within 10 s: %s", #condition); \
        g_main_context_iteration (NULL, TRUE); \
      } \
    g_source_destroy (wake); \
  } G_STMT_END

GSource       *list_scene_wake_often    (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
