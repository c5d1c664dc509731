/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "wsm-frame-private.h"

G_BEGIN_DECLS

/* A WebSocket extension that no peer ever hears of: it sees each frame on its way through
 * libsoup, and changes none. */
#define WSM_TYPE_FRAME_TAP (wsm_frame_tap_get_type ())

G_DECLARE_FINAL_TYPE (WsmFrameTap, wsm_frame_tap, WSM, FRAME_TAP, SoupWebsocketExtension)

/* Called from inside libsoup: write it down and return. */
typedef struct
{
  /* a frame that libsoup tells nobody about: a ping, a fragment */
  void (*life)  (gpointer  user_data);
  /* a ping, after that: libsoup is about to answer it */
  void (*ping)  (gpointer  user_data);
  /* while frames are wanted; its time is still to be set */
  void (*frame) (WsmFrame *frame,
                 gpointer  user_data);
} WsmFrameTapFuncs;

void         wsm_frame_tap_add_to_session        (SoupSession             *session);

/* Around a handshake: prepare before it begins; settle when it ended, which leaves the message
 * as if nothing had been, and finds the tap of the new connection. */
void         wsm_frame_tap_prepare               (SoupMessage             *message);
WsmFrameTap *wsm_frame_tap_settle                (SoupMessage             *message,
                                                  SoupWebsocketConnection *connection) G_GNUC_WARN_UNUSED_RESULT;

void         wsm_frame_tap_connect               (WsmFrameTap             *self,
                                                  const WsmFrameTapFuncs  *funcs,
                                                  gpointer                 user_data);
void         wsm_frame_tap_disconnect            (WsmFrameTap             *self);

gboolean     wsm_frame_tap_is_beside_compression (WsmFrameTap             *self);
void         wsm_frame_tap_set_max_message_size  (WsmFrameTap             *self,
                                                  guint64                  n_bytes);
void         wsm_frame_tap_set_wants_frames      (WsmFrameTap             *self,
                                                  gboolean                 wants_frames,
                                                  gsize                    payload_capture);

G_END_DECLS
