/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-handshake-record.h"

#include "wsm-address.h"

/* A server may send thousands, of any length. */
#define MAX_HEADERS 100
#define MAX_NAME_BYTES 128
#define MAX_VALUE_BYTES 1024

/* What WebSocket itself says, and no app. Some apps send a token as the name of a protocol; where
 * something like a token has its place, it is none. */
static const struct
{
  const char *name;
  gboolean may_hold_token;
} visible_headers[] = {
  { "Connection", FALSE },
  { "Date", FALSE },
  { "Host", TRUE },
  { "Sec-WebSocket-Accept", TRUE },
  { "Sec-WebSocket-Extensions", TRUE },
  { "Sec-WebSocket-Key", TRUE },
  { "Sec-WebSocket-Protocol", FALSE },
  { "Sec-WebSocket-Version", FALSE },
  { "Upgrade", FALSE },
};

static void
wsm_handshake_header_clear (gpointer data)
{
  WsmHandshakeHeader *header = data;

  g_free (header->name);
  g_free (header->value);
}

static gboolean
wsm_handshake_record_may_show (const char *name,
                               const char *value)
{
  for (gsize i = 0; i < G_N_ELEMENTS (visible_headers); i++)
    if (g_ascii_strcasecmp (visible_headers[i].name, name) == 0)
      return visible_headers[i].may_hold_token || !wsm_address_holds_token (value);

  return FALSE;
}

static GArray *
wsm_handshake_record_read (SoupMessageHeaders *headers)
{
  GArray *result = g_array_new (FALSE, FALSE, sizeof (WsmHandshakeHeader));
  SoupMessageHeadersIter iter;
  const char *name;
  const char *value;

  g_array_set_clear_func (result, wsm_handshake_header_clear);
  soup_message_headers_iter_init (&iter, headers);
  while (result->len < MAX_HEADERS && soup_message_headers_iter_next (&iter, &name, &value))
    {
      WsmHandshakeHeader header = { wsm_address_scrub_text (name, MAX_NAME_BYTES), NULL };

      if (wsm_handshake_record_may_show (name, value))
        header.value = wsm_address_clean_text (value, -1, MAX_VALUE_BYTES);
      g_array_append_val (result, header);
    }

  return result;
}

/*
 * wsm_handshake_record_new:
 * @message: a request that was answered
 * @time_us: when that was
 */
WsmHandshakeRecord *
wsm_handshake_record_new (SoupMessage *message,
                          gint64       time_us)
{
  WsmHandshakeRecord *self = g_new0 (WsmHandshakeRecord, 1);

  g_ref_count_init (&self->ref_count);
  self->time_us = time_us;
  self->status = soup_message_get_status (message);
  self->reason_phrase = wsm_address_scrub_text (soup_message_get_reason_phrase (message),
                                                MAX_NAME_BYTES);
  self->request = wsm_handshake_record_read (soup_message_get_request_headers (message));
  self->response = wsm_handshake_record_read (soup_message_get_response_headers (message));

  return self;
}

WsmHandshakeRecord *
wsm_handshake_record_ref (WsmHandshakeRecord *self)
{
  g_ref_count_inc (&self->ref_count);

  return self;
}

void
wsm_handshake_record_unref (WsmHandshakeRecord *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  g_free (self->reason_phrase);
  g_array_unref (self->request);
  g_array_unref (self->response);
  g_free (self);
}
