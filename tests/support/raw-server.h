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

/* Called when more has come after the head, and when the client has ended its stream. */
typedef void (*RawInputFunc) (RawPeer  *peer,
                              gpointer  user_data);

RawServer *raw_server_new         (RawServerFunc     func,
                                   gpointer          user_data);
RawServer *raw_server_new_on_port (guint             port,
                                   RawServerFunc     func,
                                   gpointer          user_data);
void       raw_server_free        (RawServer        *self);
void       raw_server_use_tls     (RawServer        *self,
                                   GTlsCertificate  *certificate);
void       raw_server_watch_input (RawServer        *self,
                                   RawInputFunc      func);
guint      raw_server_get_port    (RawServer        *self);
void       raw_server_ask_clients (RawServer        *self,
                                   GTlsDatabase     *authorities);
char      *raw_server_make_uri    (RawServer        *self,
                                   const char       *path);
guint      raw_server_get_n_peers (RawServer        *self);
RawPeer   *raw_server_get_peer    (RawServer        *self);

/* Reads are kept for the test to look at; a peer may stop reading for good. */
char      *raw_peer_make_answer   (RawPeer          *self,
                                   const char       *headers);
void       raw_peer_accept        (RawPeer          *self,
                                   const char       *headers);
void       raw_peer_accept_cb     (RawPeer          *self,
                                   const char       *request,
                                   gpointer          user_data);
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
void       raw_peer_fall_silent   (RawPeer          *self);
void       raw_peer_finish        (RawPeer          *self);
void       raw_peer_reset         (RawPeer          *self);
gboolean   raw_peer_is_finished   (RawPeer          *self);
gboolean   raw_peer_has_unsent    (RawPeer          *self);

/* What belongs to a peer goes with it. */
void       raw_peer_set_data      (RawPeer          *self,
                                   gpointer          data,
                                   GDestroyNotify    destroy);
gpointer   raw_peer_get_data      (RawPeer          *self);

/* NULL until the head of a request has come. */
const char *raw_peer_get_request  (RawPeer          *self);

/* Takes the next frame that the client sent, unmasked; FALSE while there is none. */
gboolean   raw_peer_take_frame    (RawPeer          *self,
                                   guint            *opcode,
                                   GBytes          **payload);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RawServer, raw_server_free)

G_END_DECLS
