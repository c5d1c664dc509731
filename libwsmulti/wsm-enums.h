/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * WsmState:
 * @WSM_STATE_IDLE: made, never opened
 * @WSM_STATE_CONNECTING: an attempt is under way or waits for its turn
 * @WSM_STATE_OPEN: messages flow
 * @WSM_STATE_SUSPECT: open, but the last beat was not answered in time
 * @WSM_STATE_WAITING: lost or refused; the next attempt has a date
 * @WSM_STATE_CLOSING: the app's close is under way
 * @WSM_STATE_CLOSED: ended by the app, or by the peer for good
 * @WSM_STATE_FAILED: ended by the retry policy
 *
 * The life of a logical connection.
 *
 * Since: 0.1
 */
typedef enum
{
  WSM_STATE_IDLE,
  WSM_STATE_CONNECTING,
  WSM_STATE_OPEN,
  WSM_STATE_SUSPECT,
  WSM_STATE_WAITING,
  WSM_STATE_CLOSING,
  WSM_STATE_CLOSED,
  WSM_STATE_FAILED,
} WsmState;

/**
 * WsmHeartbeatMode:
 * @WSM_HEARTBEAT_MODE_PING: ping control frames (RFC 6455, 5.5.2), answered by every server
 * @WSM_HEARTBEAT_MODE_TEXT: text messages, for servers with a heartbeat of their own
 * @WSM_HEARTBEAT_MODE_BINARY: binary messages, likewise
 * @WSM_HEARTBEAT_MODE_PASSIVE: nothing is sent; the server is expected to be heard
 * @WSM_HEARTBEAT_MODE_OFF: nothing is sent and nothing is expected
 *
 * What a beat is made of.
 *
 * Since: 0.1
 */
typedef enum
{
  WSM_HEARTBEAT_MODE_PING,
  WSM_HEARTBEAT_MODE_TEXT,
  WSM_HEARTBEAT_MODE_BINARY,
  WSM_HEARTBEAT_MODE_PASSIVE,
  WSM_HEARTBEAT_MODE_OFF,
} WsmHeartbeatMode;

/**
 * WsmReplyMatch:
 * @WSM_REPLY_MATCH_NONE: no reply is expected; such beats never miss
 * @WSM_REPLY_MATCH_ANY: the next message of any content
 * @WSM_REPLY_MATCH_EXACT: a message equal to the reply
 * @WSM_REPLY_MATCH_REGEX: a message that the reply, a regular expression, matches
 *
 * How the answer to a text or binary beat is recognised.
 *
 * Since: 0.1
 */
typedef enum
{
  WSM_REPLY_MATCH_NONE,
  WSM_REPLY_MATCH_ANY,
  WSM_REPLY_MATCH_EXACT,
  WSM_REPLY_MATCH_REGEX,
} WsmReplyMatch;

/**
 * WsmLiveness:
 * @WSM_LIVENESS_ANY_TRAFFIC: every byte that arrives is a sign of life
 * @WSM_LIVENESS_STRICT: only the answer to a beat is a sign of life
 *
 * What proves that the peer is alive.
 *
 * Since: 0.1
 */
typedef enum
{
  WSM_LIVENESS_ANY_TRAFFIC,
  WSM_LIVENESS_STRICT,
} WsmLiveness;

/**
 * WsmLivenessSource:
 * @WSM_LIVENESS_SOURCE_NONE: not connected
 * @WSM_LIVENESS_SOURCE_MESSAGES: complete messages, pongs and closes are seen
 * @WSM_LIVENESS_SOURCE_FRAMES: every complete frame is seen, pings and fragments too
 * @WSM_LIVENESS_SOURCE_SOCKET: the bytes of a frame that still arrives are seen
 *
 * Where the signs of life of a connection come from.
 *
 * Later versions may know more of them.
 *
 * Since: 0.1
 */
typedef enum /*< flags >*/
{
  WSM_LIVENESS_SOURCE_NONE = 0,
  WSM_LIVENESS_SOURCE_MESSAGES = 1 << 0,
  WSM_LIVENESS_SOURCE_FRAMES = 1 << 1,
  WSM_LIVENESS_SOURCE_SOCKET = 1 << 2,
} WsmLivenessSource;

/**
 * WsmRetryDecision:
 * @WSM_RETRY_DECISION_DEFAULT: what [class@Wsm.Backoff] says
 * @WSM_RETRY_DECISION_RETRY: try again
 * @WSM_RETRY_DECISION_STOP: give up
 *
 * The answer to [signal@Wsm.Connection::should-retry].
 *
 * Since: 0.1
 */
typedef enum
{
  WSM_RETRY_DECISION_DEFAULT,
  WSM_RETRY_DECISION_RETRY,
  WSM_RETRY_DECISION_STOP,
} WsmRetryDecision;

/**
 * WsmDirection:
 * @WSM_DIRECTION_INCOMING: from the peer
 * @WSM_DIRECTION_OUTGOING: to the peer
 *
 * Which way a frame went.
 *
 * Since: 0.1
 */
typedef enum
{
  WSM_DIRECTION_INCOMING,
  WSM_DIRECTION_OUTGOING,
} WsmDirection;

/**
 * WsmReasonCode:
 * @WSM_REASON_CODE_NONE: nothing happened yet
 * @WSM_REASON_CODE_REQUESTED: the app asked for it
 * @WSM_REASON_CODE_RETRYING: the time for the next attempt has come
 * @WSM_REASON_CODE_OPENED: the handshake is complete
 * @WSM_REASON_CODE_BEAT_MISSED: a beat was not answered in time
 * @WSM_REASON_CODE_ALIVE: a sign of life after missed beats
 * @WSM_REASON_CODE_HEARTBEAT_LOST: too many beats were not answered
 * @WSM_REASON_CODE_RESOLVE: the host name was not resolved
 * @WSM_REASON_CODE_REFUSED: the host refused the connection
 * @WSM_REASON_CODE_UNREACHABLE: the host or its network cannot be reached
 * @WSM_REASON_CODE_TIMED_OUT: the attempt was not complete within the connect timeout
 * @WSM_REASON_CODE_TLS: the TLS certificate or handshake was not acceptable
 * @WSM_REASON_CODE_HTTP_STATUS: the server answered the handshake with an HTTP error
 * @WSM_REASON_CODE_REDIRECT: the server answered the handshake with a redirection
 * @WSM_REASON_CODE_BAD_HANDSHAKE: the server's answer is no valid WebSocket handshake
 * @WSM_REASON_CODE_PREPARE_FAILED: the app or its settings made the attempt impossible
 * @WSM_REASON_CODE_RESET: the peer or the network reset the connection
 * @WSM_REASON_CODE_END_OF_STREAM: the peer ended the stream without a close frame (1006)
 * @WSM_REASON_CODE_PEER_CLOSED: the peer sent a close frame
 * @WSM_REASON_CODE_PROTOCOL: the peer broke the WebSocket protocol
 * @WSM_REASON_CODE_TOO_BIG: the peer sent a message over the size limit
 * @WSM_REASON_CODE_CLOSE_TIMED_OUT: the peer did not answer the close in time
 * @WSM_REASON_CODE_ABORTED: the app dropped the connection
 * @WSM_REASON_CODE_GAVE_UP: the attempts or the time allowed are used up
 * @WSM_REASON_CODE_NO_RESOURCES: this process or machine has no descriptor, port or memory left
 * @WSM_REASON_CODE_IO: another input or output error
 * @WSM_REASON_CODE_WOKE_UP: the machine woke up from sleep
 * @WSM_REASON_CODE_NETWORK_CHANGED: the network of the machine changed
 * @WSM_REASON_CODE_FLOOD: the peer sent without end, and took nothing itself
 *
 * What made a connection change its state.
 *
 * Later versions may know more of them.
 *
 * Since: 0.1
 */
typedef enum
{
  WSM_REASON_CODE_NONE,
  WSM_REASON_CODE_REQUESTED,
  WSM_REASON_CODE_RETRYING,
  WSM_REASON_CODE_OPENED,
  WSM_REASON_CODE_BEAT_MISSED,
  WSM_REASON_CODE_ALIVE,
  WSM_REASON_CODE_HEARTBEAT_LOST,
  WSM_REASON_CODE_RESOLVE,
  WSM_REASON_CODE_REFUSED,
  WSM_REASON_CODE_UNREACHABLE,
  WSM_REASON_CODE_TIMED_OUT,
  WSM_REASON_CODE_TLS,
  WSM_REASON_CODE_HTTP_STATUS,
  WSM_REASON_CODE_REDIRECT,
  WSM_REASON_CODE_BAD_HANDSHAKE,
  WSM_REASON_CODE_PREPARE_FAILED,
  WSM_REASON_CODE_RESET,
  WSM_REASON_CODE_END_OF_STREAM,
  WSM_REASON_CODE_PEER_CLOSED,
  WSM_REASON_CODE_PROTOCOL,
  WSM_REASON_CODE_TOO_BIG,
  WSM_REASON_CODE_CLOSE_TIMED_OUT,
  WSM_REASON_CODE_ABORTED,
  WSM_REASON_CODE_GAVE_UP,
  WSM_REASON_CODE_NO_RESOURCES,
  WSM_REASON_CODE_IO,
  WSM_REASON_CODE_WOKE_UP,
  WSM_REASON_CODE_NETWORK_CHANGED,
  WSM_REASON_CODE_FLOOD,
} WsmReasonCode;

G_END_DECLS
