/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>
#include <wsm-echo.h>

#include "witness.h"

G_BEGIN_DECLS

/* A pool, and if need be an echo server in the same process; taking it down sees to it that the
 * pool goes without a trace. */
typedef struct
{
  WsmEchoServer *server; /* (owned) (nullable) */
  WsmPool *pool;         /* (owned) (nullable) */
  guint n_sockets;   /* open before there was a pool */
} Scene;

/* After close, removal or the last unref, what is left of a socket is gone after this long. */
#define SCENE_RELEASE_MS 100

/* What a loop needs to get from one thing to the next on a machine that does other things too.
 * Promises are tested with their own bounds, this is for all else. */
#define SCENE_SLACK_MS 50

/* What is handed over at once, what may stand unsent in the kernel, and what is in flight or in
 * the other side's kernel before anyone reads it. */
#define SCENE_MAX_IN_BETWEEN (64 * 1024 + 128 * 1024 + 256 * 1024)

Scene         *scene_new          (void) G_GNUC_WARN_UNUSED_RESULT;
void           scene_free         (Scene        *self);

WsmEchoPath   *scene_add_path     (Scene        *self,
                                   const char   *path);
WsmConnection *scene_add_uri      (Scene        *self,
                                   const char   *uri);
Witness       *scene_add          (Scene        *self,
                                   const char   *path) G_GNUC_WARN_UNUSED_RESULT;
Witness       *scene_open         (Scene        *self,
                                   const char   *path) G_GNUC_WARN_UNUSED_RESULT;
Witness       *scene_open_uri     (Scene        *self,
                                   const char   *uri) G_GNUC_WARN_UNUSED_RESULT;
gboolean       scene_is_deserted  (Scene        *self);
guint          scene_get          (WsmEchoPath  *path,
                                   const char   *property);
WsmHeartbeat  *scene_make_beat    (guint         interval_ms,
                                   guint         timeout_ms) G_GNUC_WARN_UNUSED_RESULT;

/* All that are added beat on time from then on, and are lost with the first beat missed. */
void           scene_beat_strictly (Scene       *self,
                                    guint        interval_ms,
                                    guint        timeout_ms);

G_END_DECLS
