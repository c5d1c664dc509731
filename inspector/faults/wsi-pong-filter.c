/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-pong-filter.h"

#include <string.h>

/*
 * What a server says on one socket, with its pongs left out on request.
 *
 * It follows the frames from the handshake on, also while nothing is left out, because there is
 * no other way to know where one begins. What is no WebSocket in clear passes untouched.
 */

#define OPCODE_PONG 0xa

/* libsoup gives up at this size too. */
#define MAX_RESPONSE_SIZE (64 * 1024)

typedef enum
{
  WSI_PONG_FILTER_RESPONSE,
  WSI_PONG_FILTER_HEADER,
  WSI_PONG_FILTER_PAYLOAD,
  WSI_PONG_FILTER_UNTOUCHED,
} WsiPongFilterStage;

struct _WsiPongFilter
{
  WsiPongFilterStage stage;

  GString *response; /* (owned): of the handshake, as far as it has come */

  guint8 header[14];
  gsize n_header;

  guint64 n_payload; /* what is left of the frame */
  gboolean is_dropped;
};

static void
wsi_pong_filter_end_response (WsiPongFilter *self)
{
  const char *status = strchr (self->response->str, ' ');

  if (status != NULL && g_str_has_prefix (status + 1, "101"))
    self->stage = WSI_PONG_FILTER_HEADER;
  else if (status == NULL || status[1] != '1')
    self->stage = WSI_PONG_FILTER_UNTOUCHED;

  /* Another one follows what is preliminary. */
  g_string_truncate (self->response, 0);
}

static void
wsi_pong_filter_take_response (WsiPongFilter *self,
                               char           character)
{
  g_string_append_c (self->response, character);

  if (self->response->str[0] != 'H' || self->response->len > MAX_RESPONSE_SIZE)
    self->stage = WSI_PONG_FILTER_UNTOUCHED;
  else if (g_str_has_suffix (self->response->str, "\r\n\r\n"))
    wsi_pong_filter_end_response (self);
}

static gsize
wsi_pong_filter_get_header_length (WsiPongFilter *self)
{
  gsize length = 2;

  if (self->n_header < length)
    return length;

  if ((self->header[1] & 0x7f) == 126)
    length += 2;
  else if ((self->header[1] & 0x7f) == 127)
    length += 8;
  if ((self->header[1] & 0x80) != 0)
    length += 4;

  return length;
}

static guint64
wsi_pong_filter_read_length (WsiPongFilter *self)
{
  guint short_length = self->header[1] & 0x7f;
  gsize n_bytes = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  guint64 length = 0;

  if (n_bytes == 0)
    return short_length;

  for (gsize i = 0; i < n_bytes; i++)
    length = length << 8 | self->header[2 + i];

  return length;
}

static void
wsi_pong_filter_take_header (WsiPongFilter *self,
                             guint8         byte,
                             gboolean       drop_pongs,
                             GByteArray    *passed)
{
  self->header[self->n_header++] = byte;
  if (self->n_header < wsi_pong_filter_get_header_length (self))
    return;

  self->n_payload = wsi_pong_filter_read_length (self);
  self->is_dropped = drop_pongs && (self->header[0] & 0xf) == OPCODE_PONG;
  if (!self->is_dropped)
    g_byte_array_append (passed, self->header, (guint) self->n_header);
  self->n_header = 0;
  if (self->n_payload > 0)
    self->stage = WSI_PONG_FILTER_PAYLOAD;
}

/* Returns how many bytes were taken. */
static gsize
wsi_pong_filter_take_payload (WsiPongFilter *self,
                              const guint8  *data,
                              gsize          length,
                              GByteArray    *passed)
{
  gsize n_taken = (gsize) MIN (length, self->n_payload);

  if (!self->is_dropped)
    g_byte_array_append (passed, data, (guint) n_taken);
  self->n_payload -= n_taken;
  if (self->n_payload == 0)
    self->stage = WSI_PONG_FILTER_HEADER;

  return n_taken;
}

/**
 * wsi_pong_filter_new:
 *
 * Makes the filter of a socket on which nothing has been received yet.
 *
 * Returns: (transfer full): a filter
 */
WsiPongFilter *
wsi_pong_filter_new (void)
{
  WsiPongFilter *self = g_new0 (WsiPongFilter, 1);

  self->response = g_string_new (NULL);

  return self;
}

void
wsi_pong_filter_free (WsiPongFilter *self)
{
  g_string_free (self->response, TRUE);
  g_free (self);
}

/**
 * wsi_pong_filter_pass:
 * @self: a filter
 * @data: (array length=length): what was received
 * @length: its length in bytes
 * @drop_pongs: whether to leave out pongs that begin here
 * @passed: what is to be passed on is appended here
 *
 * Passes on what was received. A header that is cut waits for its rest.
 */
void
wsi_pong_filter_pass (WsiPongFilter *self,
                      const guint8  *data,
                      gsize          length,
                      gboolean       drop_pongs,
                      GByteArray    *passed)
{
  gsize n_taken = 0;

  while (n_taken < length)
    {
      switch (self->stage)
        {
        case WSI_PONG_FILTER_RESPONSE:
          g_byte_array_append (passed, data + n_taken, 1);
          wsi_pong_filter_take_response (self, (char) data[n_taken++]);
          break;

        case WSI_PONG_FILTER_HEADER:
          wsi_pong_filter_take_header (self, data[n_taken++], drop_pongs, passed);
          break;

        case WSI_PONG_FILTER_PAYLOAD:
          n_taken += wsi_pong_filter_take_payload (self, data + n_taken, length - n_taken, passed);
          break;

        case WSI_PONG_FILTER_UNTOUCHED:
        default:
          g_byte_array_append (passed, data + n_taken, (guint) (length - n_taken));
          return;
        }
    }
}
