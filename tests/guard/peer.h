/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The other end of all connections, in the same process: it does something only when it is told
 * to, and what it wrote has arrived when it returns. */
typedef struct
{
  int listener;
  GArray *sockets;    /* (owned) (element-type PeerSocket) */
  guint64 n_answered; /* pings and messages */
} Peer;

Peer *peer_new       (void) G_GNUC_WARN_UNUSED_RESULT;
void  peer_free      (Peer    *self);

char *peer_make_uri  (Peer    *self) G_GNUC_WARN_UNUSED_RESULT;
void  peer_serve     (Peer    *self);
void  peer_serve_all (Peer    *self,
                      guint64  n);

G_END_DECLS
