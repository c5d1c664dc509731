/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gio/gio.h>

#include <stdlib.h>
#include <string.h>

/* A server that sends without end, as fast as it can: what, says the path that is asked for.
 *
 *   flood-peer [CERTIFICATE]
 *
 * It tells its port in its first line. */

#define HANDSHAKE_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

/* What is written at once, as often as it fits. */
#define CHUNK_BYTES (256 * 1024)

#define FIRST_BYTE_CONTINUATION 0x00
#define FIRST_BYTE_FIRST_FRAGMENT 0x02
#define FIRST_BYTE_BINARY 0x82
#define FIRST_BYTE_PING 0x89
#define FIRST_BYTE_PONG 0x8a

typedef enum
{
  READS,
  DEAF,
} Hearing;

typedef struct
{
  const char *path;
  guint8 first_byte; /* of each frame; 0x00 follows one first fragment */
  guint32 length;
  Hearing hearing;
  guint n_frames; /* 0 = without end */
} Flood;

static const Flood floods[] = {
  { "/messages", FIRST_BYTE_BINARY, 20, READS, 0 },
  { "/empty-messages", FIRST_BYTE_BINARY, 0, READS, 0 },
  { "/big-messages", FIRST_BYTE_BINARY, 65000, READS, 0 },
  { "/messages-deaf", FIRST_BYTE_BINARY, 20, DEAF, 0 },
  { "/pings", FIRST_BYTE_PING, 20, READS, 0 },
  { "/pings-deaf", FIRST_BYTE_PING, 20, DEAF, 0 },
  { "/long-pings-deaf", FIRST_BYTE_PING, 125, DEAF, 0 },
  { "/pongs", FIRST_BYTE_PONG, 20, READS, 0 },
  { "/fragments", FIRST_BYTE_CONTINUATION, 1000, READS, 0 },
  { "/empty-fragments", FIRST_BYTE_CONTINUATION, 0, DEAF, 2000000 },
};

static gboolean
write_all (GOutputStream *output,
           gconstpointer  data,
           gsize          length)
{
  return g_output_stream_write_all (output, data, length, NULL, NULL, NULL);
}

static gsize
append_frame (guint8  *buffer,
              guint8   first_byte,
              guint32  length)
{
  gsize n = 0;

  buffer[n++] = first_byte;
  if (length < 126)
    {
      buffer[n++] = (guint8) length;
    }
  else
    {
      g_assert (length <= G_MAXUINT16);
      buffer[n++] = 126;
      buffer[n++] = (guint8) (length >> 8);
      buffer[n++] = (guint8) length;
    }
  memset (buffer + n, 'f', length);

  return n + length;
}

static void
write_frames (GOutputStream *output,
              const Flood   *flood)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK_BYTES);
  guint8 frame[16];
  gsize length = 0;
  guint n_per_chunk = 0, n_left = flood->n_frames;

  do
    {
      length += append_frame (chunk + length, flood->first_byte, flood->length);
      n_per_chunk++;
    }
  while (length + flood->length + 16 < CHUNK_BYTES);

  if (flood->first_byte == FIRST_BYTE_CONTINUATION &&
      !write_all (output, frame, append_frame (frame, FIRST_BYTE_FIRST_FRAGMENT, 0)))
    return;

  while (flood->n_frames == 0 || n_left >= n_per_chunk)
    {
      if (!write_all (output, chunk, length))
        return;
      n_left -= MIN (n_left, n_per_chunk);
    }

  /* The last fragment, and then silence until the client goes. */
  frame[0] = 0x80;
  frame[1] = 3;
  memcpy (frame + 2, "end", 3);
  write_all (output, frame, 5);
}

static void
write_text_for_ever (GOutputStream *output,
                     const char    *text)
{
  g_autoptr (GString) chunk = g_string_new (NULL);

  while (chunk->len < CHUNK_BYTES)
    g_string_append (chunk, text);
  while (write_all (output, chunk->str, chunk->len))
    continue;
}

static gpointer
read_for_ever (gpointer data)
{
  g_autoptr (GIOStream) stream = data;
  g_autofree char *buffer = g_malloc (CHUNK_BYTES);
  GInputStream *input = g_io_stream_get_input_stream (stream);

  while (g_input_stream_read (input, buffer, CHUNK_BYTES, NULL, NULL) > 0)
    continue;

  return NULL;
}

/* Gives each message back, and answers pings. */
static void
echo (GIOStream *stream)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  GInputStream *input = g_io_stream_get_input_stream (stream);
  GOutputStream *output = g_io_stream_get_output_stream (stream);
  guint8 header[14], answer[10];
  gsize n_bytes, n_header;

  for (;;)
    {
      guint64 length;
      guint8 *mask;

      if (!g_input_stream_read_all (input, header, 2, &n_bytes, NULL, NULL) || n_bytes < 2)
        return;

      length = header[1] & 0x7f;
      n_header = length == 126 ? 2 : length == 127 ? 8 : 0;
      if (!g_input_stream_read_all (input, header + 2, n_header + 4, &n_bytes, NULL, NULL) ||
          n_bytes < n_header + 4)
        return;

      if (n_header > 0)
        length = 0;
      for (gsize i = 0; i < n_header; i++)
        length = length << 8 | header[2 + i];
      mask = header + 2 + n_header;

      g_byte_array_set_size (payload, (guint) length);
      if (!g_input_stream_read_all (input, payload->data, length, &n_bytes, NULL, NULL) ||
          n_bytes < length)
        return;
      for (gsize i = 0; i < length; i++)
        payload->data[i] ^= mask[i % 4];

      answer[0] = header[0] == FIRST_BYTE_PING ? FIRST_BYTE_PONG : header[0];
      memcpy (answer + 1, header + 1, 1 + n_header);
      answer[1] &= 0x7f;
      if (!write_all (output, answer, 2 + n_header) || !write_all (output, payload->data, length))
        return;
    }
}

static char *
read_request (GInputStream *input)
{
  g_autoptr (GString) request = g_string_new (NULL);
  char byte;

  while (!g_str_has_suffix (request->str, "\r\n\r\n"))
    {
      if (g_input_stream_read (input, &byte, 1, NULL, NULL) != 1)
        return NULL;
      g_string_append_c (request, byte);
    }

  return g_string_free (g_steal_pointer (&request), FALSE);
}

static void
accept_request (GOutputStream *output,
                const char    *request)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *key = NULL;
  g_autofree char *accept = NULL;
  g_autofree char *answer = NULL;
  const char *start = strstr (request, "Sec-WebSocket-Key: ");
  guint8 digest[20];
  gsize length = sizeof digest;

  if (start == NULL)
    return;

  start += strlen ("Sec-WebSocket-Key: ");
  key = g_strndup (start, strcspn (start, "\r"));
  g_checksum_update (checksum, (const guint8 *) key, -1);
  g_checksum_update (checksum, (const guint8 *) HANDSHAKE_GUID, -1);
  g_checksum_get_digest (checksum, digest, &length);
  accept = g_base64_encode (digest, length);
  answer = g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\n"
                            "Upgrade: websocket\r\n"
                            "Connection: Upgrade\r\n"
                            "Sec-WebSocket-Accept: %s\r\n"
                            "\r\n",
                            accept);
  write_all (output, answer, strlen (answer));
}

static void
serve (GIOStream *stream)
{
  GInputStream *input = g_io_stream_get_input_stream (stream);
  GOutputStream *output = g_io_stream_get_output_stream (stream);
  g_autofree char *request = read_request (input);
  g_auto (GStrv) words = NULL;
  const char *path;

  if (request == NULL)
    return;

  words = g_strsplit (request, " ", 3);
  path = g_strv_length (words) > 1 ? words[1] : "";
  if (g_str_equal (path, "/informational"))
    {
      write_text_for_ever (output, "HTTP/1.1 100 Continue\r\n\r\n");
    }
  else if (g_str_equal (path, "/headers"))
    {
      write_all (output, "HTTP/1.1 101 OK\r\n", strlen ("HTTP/1.1 101 OK\r\n"));
      write_text_for_ever (output, "X-Flood: flood flood flood flood flood flood\r\n");
    }
  else if (g_str_equal (path, "/body"))
    {
      write_all (output, "HTTP/1.1 503 No\r\n\r\n", strlen ("HTTP/1.1 503 No\r\n\r\n"));
      write_text_for_ever (output, "flood flood flood flood flood flood\r\n");
    }
  else if (g_str_equal (path, "/echo"))
    {
      accept_request (output, request);
      echo (stream);
    }

  for (guint i = 0; i < G_N_ELEMENTS (floods); i++)
    {
      if (!g_str_equal (path, floods[i].path))
        continue;

      accept_request (output, request);
      if (floods[i].hearing == READS)
        g_thread_unref (g_thread_new ("reader", read_for_ever, g_object_ref (stream)));
      write_frames (output, &floods[i]);

      /* It came to its end; the client has its time to work through it. */
      if (floods[i].n_frames > 0)
        read_for_ever (g_object_ref (stream));
    }
}

static gboolean
service_run_cb (GThreadedSocketService *service,
                GSocketConnection      *connection,
                GObject                *source,
                GTlsCertificate        *certificate)
{
  g_autoptr (GIOStream) stream = NULL;

  if (certificate == NULL)
    stream = g_object_ref (G_IO_STREAM (connection));
  else
    stream = g_tls_server_connection_new (G_IO_STREAM (connection), certificate, NULL);
  serve (stream);

  return TRUE;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GSocketService) service = g_threaded_socket_service_new (64);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) effective = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;

  if (argc > 1)
    certificate = g_tls_certificate_new_from_file (argv[1], &error);
  if (error == NULL)
    g_socket_listener_add_address (G_SOCKET_LISTENER (service), wanted, G_SOCKET_TYPE_STREAM,
                                   G_SOCKET_PROTOCOL_TCP, NULL, &effective, &error);
  if (error != NULL)
    {
      g_printerr ("flood-peer: %s\n", error->message);
      return EXIT_FAILURE;
    }

  g_signal_connect (service, "run", G_CALLBACK (service_run_cb), certificate);
  g_print ("%u\n", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective)));
  g_main_loop_run (loop);

  return EXIT_SUCCESS;
}
