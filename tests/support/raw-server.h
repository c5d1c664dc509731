/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A TCP server on loopback that says byte for byte what a test tells it to: for everything that
 * an honest WebSocket server would never do. */
typedef struct _RawServer RawServer;
typedef struct _RawPeer RawPeer;

/* Called when the head of a request has come. */
typedef void (*RawServerFunc) (RawPeer    *peer,
                               const char *request,
                               gpointer    user_data);

RawServer *raw_server_new         (RawServerFunc     func,
                                   gpointer          user_data);
void       raw_server_free        (RawServer        *self);
void       raw_server_use_tls     (RawServer        *self,
                                   GTlsCertificate  *certificate);
char      *raw_server_make_uri    (RawServer        *self,
                                   const char       *path);
guint      raw_server_get_n_peers (RawServer        *self);
RawPeer   *raw_server_get_peer    (RawServer        *self);

/* Reads are kept for the test to look at; a peer may stop reading for good. */
void       raw_peer_accept        (RawPeer          *self,
                                   const char       *headers);
void       raw_peer_write         (RawPeer          *self,
                                   const void       *data,
                                   gsize             length);
void       raw_peer_write_text    (RawPeer          *self,
                                   const char       *text);
void       raw_peer_write_frame   (RawPeer          *self,
                                   guint             first_byte,
                                   const void       *payload,
                                   gsize             length);
void       raw_peer_write_close   (RawPeer          *self,
                                   guint             code,
                                   const char       *reason);
void       raw_peer_read_slowly   (RawPeer          *self,
                                   guint             n_bytes_per_second);
void       raw_peer_stop_reading  (RawPeer          *self);
void       raw_peer_finish        (RawPeer          *self);
void       raw_peer_reset         (RawPeer          *self);
gboolean   raw_peer_is_finished   (RawPeer          *self);

/* Takes the next frame that the client sent, unmasked; FALSE while there is none. */
gboolean   raw_peer_take_frame    (RawPeer          *self,
                                   guint            *opcode,
                                   GBytes          **payload);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RawServer, raw_server_free)

G_END_DECLS
