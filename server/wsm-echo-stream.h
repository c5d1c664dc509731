/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define WSM_TYPE_ECHO_STREAM (wsm_echo_stream_get_type ())

G_DECLARE_FINAL_TYPE (WsmEchoStream, wsm_echo_stream, WSM, ECHO_STREAM, GIOStream)

WsmEchoStream *wsm_echo_stream_new         (GSocketConnection *base) G_GNUC_WARN_UNUSED_RESULT;

void           wsm_echo_stream_set_mute    (WsmEchoStream *self,
                                            gboolean       mute);
void           wsm_echo_stream_set_late    (WsmEchoStream *self,
                                            guint          late_ms);

void           wsm_echo_stream_swallow     (WsmEchoStream *self);
void           wsm_echo_stream_abort       (WsmEchoStream *self,
                                            gboolean       reset);

G_END_DECLS
