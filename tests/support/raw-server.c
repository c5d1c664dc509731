/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "raw-server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* What a slow reader takes at a time, and what its socket holds for it. */
#define SLOW_READ_MS 5
#define SLOW_RECEIVE_BUFFER (32 * 1024)

#define HANDSHAKE_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

struct _RawServer
{
  GSocketService *service; /* (owned) */
  guint16 port;
  GPtrArray *peers;             /* (owned) (element-type RawPeer) */
  GTlsCertificate *certificate; /* (owned) (nullable) */
  GTlsDatabase *authorities;    /* (owned) (nullable): of the certificates of clients */

  RawServerFunc func;
  RawInputFunc input_func; /* (nullable) */
  gpointer user_data;            /* (unowned) */
};

struct _RawPeer
{
  RawServer *server;             /* (unowned) */
  GSocketConnection *connection; /* (owned) (nullable) */
  GSocket *socket;               /* (unowned) (nullable) */
  GIOStream *stream;             /* (owned) (nullable): the connection, or TLS on it */
  GCancellable *cancellable;     /* (owned) */
  GSource *input;                /* (owned) (nullable) */
  GSource *output;               /* (owned) (nullable) */
  GByteArray *received;          /* (owned) */
  GByteArray *unsent;            /* (owned) */
  char *request;                 /* (owned) (nullable) */
  gint64 slow_since_us;
  guint n_bytes_per_second;      /* of a slow reader */
  guint64 n_bytes_slow;          /* read since then */
  gboolean is_finished;          /* the client has ended its stream */
  gpointer data;                 /* (owned) (nullable) */
  GDestroyNotify destroy;        /* (nullable) */
};

static void
raw_peer_clear_source (GSource **source)
{
  if (*source == NULL)
    return;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
raw_peer_drop (RawPeer *self)
{
  raw_peer_clear_source (&self->input);
  raw_peer_clear_source (&self->output);
  if (self->socket != NULL)
    g_socket_close (self->socket, NULL);
  self->socket = NULL;
  g_clear_object (&self->stream);
  g_clear_object (&self->connection);
}

static void
raw_peer_free (gpointer data)
{
  RawPeer *self = data;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  raw_peer_drop (self);
  g_byte_array_unref (self->received);
  g_byte_array_unref (self->unsent);
  g_free (self->request);
  if (self->destroy != NULL)
    self->destroy (self->data);
  g_free (self);
}

static void
raw_peer_tell_input (RawPeer *self)
{
  if (self->request != NULL && self->server->input_func != NULL)
    self->server->input_func (self, self->server->user_data);
}

static void
raw_peer_look_for_request (RawPeer *self)
{
  const char *end;
  gsize length;

  if (self->request != NULL)
    return;

  end = g_strstr_len ((const char *) self->received->data, self->received->len, "\r\n\r\n");
  if (end == NULL)
    return;

  length = end + 4 - (const char *) self->received->data;
  self->request = g_strndup ((const char *) self->received->data, length);
  g_byte_array_remove_range (self->received, 0, length);
  if (self->server->func != NULL)
    self->server->func (self, self->request, self->server->user_data);
}

static gboolean
raw_peer_input_cb (GObject  *stream,
                   gpointer  user_data)
{
  RawPeer *self = user_data;
  char buffer[64 * 1024];
  g_autoptr (GError) error = NULL;
  gssize n_bytes = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream),
                                                             buffer, sizeof buffer, NULL,
                                                             &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;

  if (n_bytes > 0)
    {
      g_byte_array_append (self->received, (const guint8 *) buffer, n_bytes);
      raw_peer_look_for_request (self);
      raw_peer_tell_input (self);
      return self->input != NULL;
    }

  self->is_finished = TRUE;
  g_clear_pointer (&self->input, g_source_unref);
  raw_peer_tell_input (self);

  return G_SOURCE_REMOVE;
}

static gssize
raw_peer_try_write (RawPeer       *self,
                    gconstpointer  data,
                    gsize          length)
{
  GOutputStream *output = g_io_stream_get_output_stream (self->stream);

  return g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (output), data,
                                                     length, NULL, NULL);
}

static gboolean
raw_peer_output_cb (GObject  *stream,
                    gpointer  user_data)
{
  RawPeer *self = user_data;
  gssize n_bytes = raw_peer_try_write (self, self->unsent->data, self->unsent->len);

  if (n_bytes > 0)
    g_byte_array_remove_range (self->unsent, 0, n_bytes);

  if (n_bytes > 0 && self->unsent->len > 0)
    return G_SOURCE_CONTINUE;

  g_clear_pointer (&self->output, g_source_unref);

  return G_SOURCE_REMOVE;
}

static void
raw_peer_start (RawPeer *self)
{
  GInputStream *input = g_io_stream_get_input_stream (self->stream);

  self->input = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (input), NULL);
  g_source_set_callback (self->input, G_SOURCE_FUNC (raw_peer_input_cb), self, NULL);
  g_source_attach (self->input, NULL);
}

static void
raw_peer_handshake_cb (GObject      *source,
                       GAsyncResult *result,
                       gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  if (g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error))
    raw_peer_start (user_data);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    raw_peer_drop (user_data);
}

/* A server is asked about good ones too. */
static gboolean
raw_peer_accept_certificate_cb (GTlsConnection       *connection,
                                GTlsCertificate      *certificate,
                                GTlsCertificateFlags  errors,
                                gpointer              user_data)
{
  return errors == 0;
}

static void
raw_peer_start_tls (RawPeer *self)
{
  g_autoptr (GError) error = NULL;
  GIOStream *stream = g_tls_server_connection_new (self->stream, self->server->certificate,
                                                   &error);

  g_assert_no_error (error);
  if (self->server->authorities != NULL)
    {
      g_tls_connection_set_database (G_TLS_CONNECTION (stream), self->server->authorities);
      g_object_set (stream, "authentication-mode", G_TLS_AUTHENTICATION_REQUIRED, NULL);
      g_signal_connect (stream, "accept-certificate", G_CALLBACK (raw_peer_accept_certificate_cb),
                        NULL);
    }
  g_object_unref (self->stream);
  self->stream = stream;
  g_tls_connection_handshake_async (G_TLS_CONNECTION (stream), G_PRIORITY_DEFAULT,
                                    self->cancellable, raw_peer_handshake_cb, self);
}

static gboolean
raw_server_service_incoming_cb (GSocketService    *service,
                                GSocketConnection *connection,
                                GObject           *source,
                                gpointer           user_data)
{
  RawServer *self = user_data;
  RawPeer *peer = g_new0 (RawPeer, 1);

  peer->server = self;
  peer->connection = g_object_ref (connection);
  peer->socket = g_socket_connection_get_socket (connection);
  peer->stream = g_object_ref (G_IO_STREAM (connection));
  peer->cancellable = g_cancellable_new ();
  peer->received = g_byte_array_new ();
  peer->unsent = g_byte_array_new ();
  g_socket_set_blocking (peer->socket, FALSE);
  /* What is written leaves at once, and not when the client has acknowledged what was before. */
  g_socket_set_option (peer->socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  g_ptr_array_add (self->peers, peer);

  if (self->certificate != NULL)
    raw_peer_start_tls (peer);
  else
    raw_peer_start (peer);

  return TRUE;
}

/* 0 is any port that is free. */
RawServer *
raw_server_new_on_port (guint         port,
                        RawServerFunc func,
                        gpointer      user_data)
{
  RawServer *self = g_new0 (RawServer, 1);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, port);
  g_autoptr (GSocketAddress) effective = NULL;
  g_autoptr (GError) error = NULL;

  self->func = func;
  self->user_data = user_data;
  self->peers = g_ptr_array_new_with_free_func (raw_peer_free);
  self->service = g_socket_service_new ();
  g_signal_connect (self->service, "incoming", G_CALLBACK (raw_server_service_incoming_cb), self);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), wanted, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &effective, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));
  g_socket_service_start (self->service);

  return self;
}

RawServer *
raw_server_new (RawServerFunc func,
                gpointer      user_data)
{
  return raw_server_new_on_port (0, func, user_data);
}

void
raw_server_free (RawServer *self)
{
  g_signal_handlers_disconnect_by_data (self->service, self);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_clear_object (&self->service);
  g_clear_pointer (&self->peers, g_ptr_array_unref);
  g_clear_object (&self->certificate);
  g_clear_object (&self->authorities);
  g_free (self);
}

/* For the peers that come from now on. */
void
raw_server_use_tls (RawServer       *self,
                    GTlsCertificate *certificate)
{
  g_set_object (&self->certificate, certificate);
}

void
raw_server_watch_input (RawServer    *self,
                        RawInputFunc  func)
{
  self->input_func = func;
}

guint
raw_server_get_port (RawServer *self)
{
  return self->port;
}

/* From now on only clients are let in that have a certificate of one of these authorities. */
void
raw_server_ask_clients (RawServer    *self,
                        GTlsDatabase *authorities)
{
  g_set_object (&self->authorities, authorities);
}

char *
raw_server_make_uri (RawServer  *self,
                     const char *path)
{
  return g_strdup_printf ("%s://127.0.0.1:%u%s", self->certificate != NULL ? "wss" : "ws",
                          self->port, path);
}

guint
raw_server_get_n_peers (RawServer *self)
{
  return self->peers->len;
}

/* Returns the one that came last. */
RawPeer *
raw_server_get_peer (RawServer *self)
{
  g_assert_cmpuint (self->peers->len, >, 0);

  return g_ptr_array_index (self->peers, self->peers->len - 1);
}

static char *
raw_peer_compute_accept (RawPeer *self)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GRegex) regex = NULL;
  g_autofree char *key = NULL;
  guint8 digest[20];
  gsize length = sizeof digest;

  regex = g_regex_new ("^Sec-WebSocket-Key: *(\\S+)", G_REGEX_CASELESS | G_REGEX_MULTILINE, 0,
                       NULL);
  g_assert_true (g_regex_match (regex, self->request, 0, &match));
  key = g_match_info_fetch (match, 1);
  g_checksum_update (checksum, (const guchar *) key, -1);
  g_checksum_update (checksum, (const guchar *) HANDSHAKE_GUID, -1);
  g_checksum_get_digest (checksum, digest, &length);

  return g_base64_encode (digest, length);
}

/* What an honest server says; headers are further lines, each with its line end, or NULL. */
char *
raw_peer_make_answer (RawPeer    *self,
                      const char *headers)
{
  g_autofree char *accept = raw_peer_compute_accept (self);

  return g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\n"
                          "Upgrade: websocket\r\n"
                          "Connection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: %s\r\n"
                          "%s\r\n",
                          accept, headers != NULL ? headers : "");
}

void
raw_peer_accept (RawPeer    *self,
                 const char *headers)
{
  g_autofree char *answer = raw_peer_make_answer (self, headers);

  raw_peer_write_text (self, answer);
}

/* For a server that lets everybody in. */
void
raw_peer_accept_cb (RawPeer    *self,
                    const char *request,
                    gpointer    user_data)
{
  raw_peer_accept (self, NULL);
}

void
raw_peer_write (RawPeer    *self,
                const void *data,
                gsize       length)
{
  GOutputStream *output;
  gssize n_bytes = 0;

  if (self->socket == NULL || length == 0)
    return;

  if (self->output == NULL)
    n_bytes = raw_peer_try_write (self, data, length);

  n_bytes = MAX (n_bytes, 0);
  g_byte_array_append (self->unsent, (const guint8 *) data + n_bytes, length - n_bytes);
  if (self->unsent->len == 0 || self->output != NULL)
    return;

  output = g_io_stream_get_output_stream (self->stream);
  self->output = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (output), NULL);
  g_source_set_callback (self->output, G_SOURCE_FUNC (raw_peer_output_cb), self, NULL);
  g_source_attach (self->output, NULL);
}

void
raw_peer_write_text (RawPeer    *self,
                     const char *text)
{
  raw_peer_write (self, text, strlen (text));
}

/* The first byte holds the flags and the opcode. */
void
raw_peer_write_frame (RawPeer    *self,
                      guint       first_byte,
                      const void *payload,
                      gsize       length)
{
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  guint8 header[10] = { first_byte };
  gsize header_length = 2;

  if (length < 126)
    {
      header[1] = length;
    }
  else if (length <= G_MAXUINT16)
    {
      header[1] = 126;
      header[2] = length >> 8;
      header[3] = length & 0xff;
      header_length = 4;
    }
  else
    {
      header[1] = 127;
      for (guint i = 0; i < 8; i++)
        header[2 + i] = ((guint64) length >> (56 - 8 * i)) & 0xff;
      header_length = 10;
    }

  g_byte_array_append (frame, header, header_length);
  if (length > 0)
    g_byte_array_append (frame, payload, length);
  raw_peer_write (self, frame->data, frame->len);
}

void
raw_peer_write_close (RawPeer    *self,
                      guint       code,
                      const char *reason)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  guint8 number[2] = { code >> 8, code & 0xff };

  g_byte_array_append (payload, number, sizeof number);
  if (reason != NULL)
    g_byte_array_append (payload, (const guint8 *) reason, strlen (reason));
  raw_peer_write_frame (self, 0x88, payload->data, payload->len);
}

static gboolean
raw_peer_slow_cb (gpointer user_data)
{
  RawPeer *self = user_data;
  gint64 elapsed_us = g_get_monotonic_time () - self->slow_since_us;
  guint64 n_due = (guint64) elapsed_us * self->n_bytes_per_second / G_USEC_PER_SEC;
  char buffer[16 * 1024];
  gssize n_bytes = 1;

  while (self->n_bytes_slow < n_due && n_bytes > 0)
    {
      n_bytes = g_socket_receive (self->socket, buffer,
                                  MIN (sizeof buffer, n_due - self->n_bytes_slow), NULL, NULL);
      if (n_bytes > 0)
        {
          g_byte_array_append (self->received, (const guint8 *) buffer, n_bytes);
          self->n_bytes_slow += n_bytes;
        }
    }
  self->is_finished = n_bytes == 0;

  return G_SOURCE_CONTINUE;
}

/* From now on; the kernel takes in advance no more than it must. */
void
raw_peer_read_slowly (RawPeer *self,
                      guint    n_bytes_per_second)
{
  raw_peer_clear_source (&self->input);
  g_assert_true (g_socket_set_option (self->socket, SOL_SOCKET, SO_RCVBUF, SLOW_RECEIVE_BUFFER,
                                      NULL));
  self->slow_since_us = g_get_monotonic_time ();
  self->n_bytes_per_second = n_bytes_per_second;
  self->input = g_timeout_source_new (SLOW_READ_MS);
  g_source_set_callback (self->input, raw_peer_slow_cb, self, NULL);
  g_source_attach (self->input, NULL);
}

void
raw_peer_stop_reading (RawPeer *self)
{
  raw_peer_clear_source (&self->input);
}

/* Says nothing more, and may go on to read. */
void
raw_peer_fall_silent (RawPeer *self)
{
  g_assert_true (g_socket_shutdown (self->socket, FALSE, TRUE, NULL));
}

/* Ends the stream from this side and forgets the socket. */
void
raw_peer_finish (RawPeer *self)
{
  raw_peer_drop (self);
}

void
raw_peer_reset (RawPeer *self)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  setsockopt (g_socket_get_fd (self->socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  raw_peer_drop (self);
}

gboolean
raw_peer_is_finished (RawPeer *self)
{
  return self->is_finished;
}

const char *
raw_peer_get_request (RawPeer *self)
{
  return self->request;
}

gboolean
raw_peer_has_unsent (RawPeer *self)
{
  return self->unsent->len > 0;
}

void
raw_peer_set_data (RawPeer        *self,
                   gpointer        data,
                   GDestroyNotify  destroy)
{
  self->data = data;
  self->destroy = destroy;
}

gpointer
raw_peer_get_data (RawPeer *self)
{
  return self->data;
}

gboolean
raw_peer_take_frame (RawPeer  *self,
                     guint    *opcode,
                     GBytes  **payload)
{
  const guint8 *data = self->received->data;
  gsize available = self->received->len;
  gsize header_length = 6;
  guint64 length;
  guint8 *plain;

  if (available < 2)
    return FALSE;

  g_assert_true (data[1] & 0x80);
  length = data[1] & 0x7f;
  if (length == 126)
    header_length = 8;
  else if (length == 127)
    header_length = 14;

  if (available < header_length)
    return FALSE;

  if (header_length > 6)
    {
      length = 0;
      for (gsize i = 2; i < header_length - 4; i++)
        length = length << 8 | data[i];
    }

  if (available < header_length + length)
    return FALSE;

  plain = g_malloc (length + 1);
  for (gsize i = 0; i < length; i++)
    plain[i] = data[header_length + i] ^ data[header_length - 4 + i % 4];
  plain[length] = '\0';

  *opcode = data[0] & 0x0f;
  *payload = g_bytes_new_take (plain, length);
  g_byte_array_remove_range (self->received, 0, header_length + length);

  return TRUE;
}
