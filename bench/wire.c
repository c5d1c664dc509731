/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wire.h"

#include <string.h>
#include <sys/resource.h>

/*
 * As much of the WebSocket protocol as a benchmark has to speak that wants to know what the
 * sockets alone cost: no extensions, no fragments of control frames, no doubts about the peer.
 */

#define FINAL_BIT 0x80
#define MASK_BIT 0x80
#define LENGTH_BITS 0x7f

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

/* Unmasks where it stands. Whether the frame is there as a whole. */
gboolean
wire_parse (guint8    *bytes,
            gsize      n_bytes,
            WireFrame *frame)
{
  gsize head = 2, i;
  guint64 length;
  gboolean masked;

  if (n_bytes < head)
    return FALSE;
  masked = (bytes[1] & MASK_BIT) != 0;
  length = bytes[1] & LENGTH_BITS;
  if (length == 126)
    {
      if (n_bytes < 4)
        return FALSE;
      length = (guint64) bytes[2] << 8 | bytes[3];
      head = 4;
    }
  else if (length == 127)
    {
      if (n_bytes < 10)
        return FALSE;
      for (i = 2, length = 0; i < 10; i++)
        length = length << 8 | bytes[i];
      head = 10;
    }
  if (masked)
    head += WIRE_MASK_SIZE;
  if (n_bytes < head || n_bytes - head < length)
    return FALSE;

  frame->first = bytes[0];
  frame->payload = bytes + head;
  frame->length = length;
  frame->size = head + length;
  if (masked)
    for (i = 0; i < length; i++)
      frame->payload[i] ^= bytes[head - WIRE_MASK_SIZE + i % WIRE_MASK_SIZE];
  return TRUE;
}

/* Returns its size, with room for a mask of zeros behind it: what hides nothing is soonest done. */
gsize
wire_put_head (guint8   *bytes,
               guint8    first,
               gsize     length,
               gboolean  masked)
{
  gsize size = 2, i;

  bytes[0] = FINAL_BIT | first;
  if (length < 126)
    {
      bytes[1] = (guint8) length;
    }
  else if (length <= G_MAXUINT16)
    {
      bytes[1] = 126;
      bytes[2] = (guint8) (length >> 8);
      bytes[3] = (guint8) length;
      size = 4;
    }
  else
    {
      bytes[1] = 127;
      for (i = 0; i < 8; i++)
        bytes[2 + i] = (guint8) ((guint64) length >> (56 - 8 * i));
      size = 10;
    }
  if (masked)
    {
      bytes[1] |= MASK_BIT;
      memset (bytes + size, 0, WIRE_MASK_SIZE);
      size += WIRE_MASK_SIZE;
    }
  return size;
}

/* (transfer full) (nullable): what a server answers to the key of a request. */
char *
wire_accept_key (const char *request)
{
  g_autoptr (GRegex) pattern = g_regex_new ("^sec-websocket-key:\\s*(\\S+)\\s*$",
                                            G_REGEX_CASELESS | G_REGEX_MULTILINE |
                                            G_REGEX_NEWLINE_CRLF, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *key = NULL;
  guint8 digest[20];
  gsize n_digest = sizeof digest;

  if (!g_regex_match (pattern, request, 0, &match))
    return NULL;
  key = g_match_info_fetch (match, 1);
  g_checksum_update (checksum, (const guchar *) key, -1);
  g_checksum_update (checksum, (const guchar *) GUID, -1);
  g_checksum_get_digest (checksum, digest, &n_digest);
  return g_base64_encode (digest, n_digest);
}

/* ws://ADDRESS:PORT and nothing else. */
gboolean
wire_split_uri (const char  *uri,
                char       **address,
                guint16     *port)
{
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);

  if (parsed == NULL || g_uri_get_port (parsed) <= 0)
    return FALSE;
  *address = g_strdup (g_uri_get_host (parsed));
  *port = (guint16) g_uri_get_port (parsed);
  return TRUE;
}

/* As many as this process may have. */
void
wire_allow_sockets (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}
