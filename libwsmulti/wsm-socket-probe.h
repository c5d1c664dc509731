/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsm-transport.h"

G_BEGIN_DECLS

/* What the socket below a stream can do and tell beyond GIO. */
GSocket  *wsm_socket_probe_find         (GIOStream    *stream) G_GNUC_WARN_UNUSED_RESULT;
void      wsm_socket_probe_tune         (GSocket      *socket);
gboolean  wsm_socket_probe_want_stamps  (GSocket      *socket);
gssize    wsm_socket_probe_receive      (GSocket      *socket,
                                         void         *buffer,
                                         gsize         count,
                                         gint64       *wall_us,
                                         GError      **error);
char     *wsm_socket_probe_name_peer    (GSocket      *socket) G_GNUC_WARN_UNUSED_RESULT;
gboolean  wsm_socket_probe_has_counters (GSocket      *socket);
guint64   wsm_socket_probe_count_written (GSocket     *socket);
void      wsm_socket_probe_query        (GSocket      *socket,
                                         gint64        now_us,
                                         WsmWireState *state);

G_END_DECLS
