/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define WIRE_MASK_SIZE 4

typedef enum
{
  WIRE_CONTINUATION = 0x0,
  WIRE_TEXT = 0x1,
  WIRE_BINARY = 0x2,
  WIRE_CLOSE = 0x8,
  WIRE_PING = 0x9,
  WIRE_PONG = 0xa,
} WireOpcode;

/* A frame where it arrived, unmasked. */
typedef struct
{
  guint8 first;    /* with the final bit */
  guint8 *payload; /* (unowned) */
  gsize length;
  gsize size;      /* header and payload */
} WireFrame;

gboolean     wire_parse         (guint8      *bytes,
                                 gsize        n_bytes,
                                 WireFrame   *frame);
gsize        wire_put_head      (guint8      *bytes,
                                 guint8       first,
                                 gsize        length,
                                 gboolean     masked);
char        *wire_accept_key    (const char  *request);
gboolean     wire_split_uri     (const char  *uri,
                                 char       **address,
                                 guint16     *port);
void         wire_allow_sockets (void);

G_END_DECLS
