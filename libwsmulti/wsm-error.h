/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#include <glib.h>

#include "wsm-version-macros.h"

G_BEGIN_DECLS

/**
 * WSM_ERROR:
 *
 * The error domain of this library; its codes are [error@Wsm.Error].
 */
#define WSM_ERROR (wsm_error_quark ())

/**
 * WsmError:
 * @WSM_ERROR_INVALID_URI: not an absolute `ws` or `wss` URI with a usable host and port
 * @WSM_ERROR_INVALID_SETTING: a setting is out of its range; the message names it
 * @WSM_ERROR_INVALID_HEADER: the request of an attempt holds a header that must not be sent
 * @WSM_ERROR_INVALID_TEXT: a text is not UTF-8
 * @WSM_ERROR_INVALID_CLOSE: a close code that an endpoint must not send (RFC 6455, 7.4), or a
 *   close reason over 123 bytes
 * @WSM_ERROR_NAME_TAKEN: another connection of the pool has that name
 * @WSM_ERROR_NOT_IN_POOL: the connection is in no pool, or in another one
 * @WSM_ERROR_NOT_OPEN: the connection is not open, and does not queue while it is closed
 * @WSM_ERROR_OUTBOX_FULL: the message does not fit into the outbox now
 * @WSM_ERROR_TOO_BIG: the message is larger than the outbox or the size limit allows
 * @WSM_ERROR_TIMED_OUT: a deadline passed
 * @WSM_ERROR_HEARTBEAT_LOST: the peer did not answer its beats
 * @WSM_ERROR_HTTP_STATUS: the server answered the handshake with an HTTP error
 * @WSM_ERROR_REDIRECT: the server answered the handshake with a redirection
 * @WSM_ERROR_HANDSHAKE: the server's answer is no valid WebSocket handshake
 * @WSM_ERROR_PROTOCOL: the peer broke the WebSocket protocol
 * @WSM_ERROR_PEER_CLOSED: the peer closed the connection
 * @WSM_ERROR_GAVE_UP: the attempts or the time allowed are used up
 * @WSM_ERROR_ABORTED: the connection was dropped, removed or closed meanwhile
 *
 * What can go wrong in this library; other domains are passed on unchanged. Later versions may know
 * more of them.
 *
 * Since: 0.1
 */
typedef enum
{
  WSM_ERROR_INVALID_URI,
  WSM_ERROR_INVALID_SETTING,
  WSM_ERROR_INVALID_HEADER,
  WSM_ERROR_INVALID_TEXT,
  WSM_ERROR_INVALID_CLOSE,
  WSM_ERROR_NAME_TAKEN,
  WSM_ERROR_NOT_IN_POOL,
  WSM_ERROR_NOT_OPEN,
  WSM_ERROR_OUTBOX_FULL,
  WSM_ERROR_TOO_BIG,
  WSM_ERROR_TIMED_OUT,
  WSM_ERROR_HEARTBEAT_LOST,
  WSM_ERROR_HTTP_STATUS,
  WSM_ERROR_REDIRECT,
  WSM_ERROR_HANDSHAKE,
  WSM_ERROR_PROTOCOL,
  WSM_ERROR_PEER_CLOSED,
  WSM_ERROR_GAVE_UP,
  WSM_ERROR_ABORTED,
} WsmError;

WSM_AVAILABLE_IN_ALL
GQuark wsm_error_quark (void);

G_END_DECLS
