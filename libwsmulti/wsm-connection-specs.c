/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

#include "wsm-enum-types.h"

/*
 * What the properties of a connection are: their types, ranges, defaults and documentation.
 */

#define IDENTITY_FLAGS \
  ((GParamFlags) (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS))
#define SETTING_FLAGS \
  ((GParamFlags) (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS))
#define STATE_FLAGS \
  ((GParamFlags) (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS))
/* Not notified: read when wanted. */
#define FACT_FLAGS \
  ((GParamFlags) (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS))

GParamSpec *wsm_connection_properties[PROP_LIMITS_ENFORCED + 1];

/* GObject's own would be the name of the constant in C, which is for nobody to read. */
static void
wsm_connection_transform_state_to_string (const GValue *source,
                                          GValue       *target)
{
  g_autoptr (GTypeClass) states = g_type_class_ref (WSM_TYPE_STATE);
  GEnumValue *state = g_enum_get_value (G_ENUM_CLASS (states), g_value_get_enum (source));

  g_value_set_static_string (target, state != NULL ? state->value_nick : NULL);
}

void
wsm_connection_install_properties (GObjectClass *object_class)
{
  g_value_register_transform_func (WSM_TYPE_STATE, G_TYPE_STRING,
                                   wsm_connection_transform_state_to_string);

  /**
   * WsmConnection:uri: (getter get_uri)
   *
   * The URI, `ws` or `wss`, with a host and without a fragment.
   *
   * It is checked when the connection is added to a pool; an unusable one is kept as it is until
   * then. It may hold user information, which is sent as HTTP Basic authentication when asked
   * for, and shown nowhere else.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_URI] =
    g_param_spec_string ("uri", NULL, NULL,
                         NULL,
                         IDENTITY_FLAGS);

  /**
   * WsmConnection:name: (getter get_name)
   *
   * The name, unique in its pool.
   *
   * By default the URI without what may be secret, and ` #2`, ` #3` and so on behind it where
   * that is taken.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL,
                         NULL,
                         IDENTITY_FLAGS);

  /**
   * WsmConnection:protocols: (getter get_protocols)
   *
   * The sub-protocols to offer, the preferred one first.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_PROTOCOLS] =
    g_param_spec_boxed ("protocols", NULL, NULL,
                        G_TYPE_STRV,
                        IDENTITY_FLAGS);

  /**
   * WsmConnection:origin: (getter get_origin)
   *
   * The origin to send (RFC 6454), `NULL` for none.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_ORIGIN] =
    g_param_spec_string ("origin", NULL, NULL,
                         NULL,
                         IDENTITY_FLAGS);

  /**
   * WsmConnection:heartbeat: (getter get_heartbeat) (setter set_heartbeat)
   *
   * How the peer's life is checked.
   *
   * By default the one that the pool has when the connection is added. A change holds from the
   * next beat on; an invalid one is refused with a critical, and the old one stays.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_HEARTBEAT] =
    g_param_spec_object ("heartbeat", NULL, NULL,
                         WSM_TYPE_HEARTBEAT,
                         SETTING_FLAGS);

  /**
   * WsmConnection:backoff: (getter get_backoff) (setter set_backoff)
   *
   * When to try again.
   *
   * By default the one that the pool has when the connection is added. An invalid one is refused
   * with a critical, and the old one stays.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_BACKOFF] =
    g_param_spec_object ("backoff", NULL, NULL,
                         WSM_TYPE_BACKOFF,
                         SETTING_FLAGS);

  /**
   * WsmConnection:greetings: (getter get_greetings) (setter set_greetings)
   *
   * Texts that are sent each time the connection opens, before anything else.
   *
   * The way to subscribe again after a reconnection.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_GREETINGS] =
    g_param_spec_boxed ("greetings", NULL, NULL,
                        G_TYPE_STRV,
                        SETTING_FLAGS);

  /**
   * WsmConnection:outbox-limit: (getter get_outbox_limit) (setter set_outbox_limit)
   *
   * The most bytes that may wait to be sent.
   *
   * 1 MiB by default. It holds in every state; what exceeds it is refused. A message under 256
   * bytes counts for 256, which is about what it takes to keep it. See
   * [property@Wsm.Connection:writable] for when to stop before.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_OUTBOX_LIMIT] =
    g_param_spec_uint64 ("outbox-limit", NULL, NULL,
                         0, G_MAXUINT64, DEFAULT_OUTBOX_LIMIT,
                         SETTING_FLAGS);

  /**
   * WsmConnection:queue-while-closed: (getter get_queue_while_closed) (setter set_queue_while_closed)
   *
   * Whether messages may be queued before the connection is open, and stay queued until it is
   * open again.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_QUEUE_WHILE_CLOSED] =
    g_param_spec_boolean ("queue-while-closed", NULL, NULL,
                          FALSE,
                          SETTING_FLAGS);

  /**
   * WsmConnection:max-message-size: (getter get_max_message_size) (setter set_max_message_size)
   *
   * The largest message to accept, in bytes.
   *
   * 16 MiB by default; 0 is refused. A peer that sends a larger one is disconnected, and no part
   * of it is delivered. How much memory it may take until then, tells
   * [property@Wsm.Connection:limits-enforced].
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_MAX_MESSAGE_SIZE] =
    g_param_spec_uint64 ("max-message-size", NULL, NULL,
                         0, G_MAXUINT64, DEFAULT_MAX_MESSAGE_SIZE,
                         SETTING_FLAGS);

  /**
   * WsmConnection:connect-timeout: (getter get_connect_timeout) (setter set_connect_timeout)
   *
   * The time, in milliseconds, within which an attempt has to be complete, from the look-up of
   * the name to the end of the handshake.
   *
   * 15,000 by default, at least 1. A change holds from the next attempt on.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_CONNECT_TIMEOUT] =
    g_param_spec_uint ("connect-timeout", NULL, NULL,
                       0, G_MAXUINT, DEFAULT_CONNECT_TIMEOUT_MS,
                       SETTING_FLAGS);

  /**
   * WsmConnection:close-timeout: (getter get_close_timeout) (setter set_close_timeout)
   *
   * The time, in milliseconds, that a polite close may take.
   *
   * 2,000 by default, at least 1.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_CLOSE_TIMEOUT] =
    g_param_spec_uint ("close-timeout", NULL, NULL,
                       0, G_MAXUINT, DEFAULT_CLOSE_TIMEOUT_MS,
                       SETTING_FLAGS);

  /**
   * WsmConnection:max-redirects: (getter get_max_redirects) (setter set_max_redirects)
   *
   * How many redirections in a row an attempt follows.
   *
   * 0 by default: none, and the connection becomes %WSM_STATE_FAILED. At most 20.
   *
   * One is followed to another path of the same host and port, or from `ws:` to `wss:` on the same
   * host; never to another host, to which nothing of what the app sends would belong, and never
   * from `wss:` to `ws:`. [signal@Wsm.Connection::prepare] is emitted for each request.
   * [property@Wsm.Connection:connect-timeout] is for the whole way, and the next attempt begins
   * at [property@Wsm.Connection:uri] again. A change holds from the next redirection on.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_MAX_REDIRECTS] =
    g_param_spec_uint ("max-redirects", NULL, NULL,
                       0, G_MAXUINT, 0,
                       SETTING_FLAGS);

  /**
   * WsmConnection:state: (getter get_state)
   *
   * The state.
   *
   * Where it is bound to a property with a text, in a `.ui` file for example, the text is its
   * nick: `open`, `suspect`, `waiting` and so on.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL,
                       WSM_TYPE_STATE, WSM_STATE_IDLE,
                       STATE_FLAGS);

  /**
   * WsmConnection:reason: (getter get_reason)
   *
   * What led to the state, and what happens next.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_REASON] =
    g_param_spec_boxed ("reason", NULL, NULL,
                        WSM_TYPE_REASON,
                        STATE_FLAGS);

  /**
   * WsmConnection:n-missed: (getter get_n_missed)
   *
   * The number of beats in a row that were not answered.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_N_MISSED] =
    g_param_spec_uint ("n-missed", NULL, NULL,
                       0, G_MAXUINT, 0,
                       STATE_FLAGS);

  /**
   * WsmConnection:latency: (getter get_latency)
   *
   * The round trips of its beats; one object for the life of the connection, which tells of
   * changes itself.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_LATENCY] =
    g_param_spec_object ("latency", NULL, NULL,
                         WSM_TYPE_LATENCY,
                         STATE_FLAGS);

  /**
   * WsmConnection:next-beat-at: (getter get_next_beat_at)
   *
   * When the next beat is due, in microseconds of monotonic time; 0 = none is planned.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_NEXT_BEAT_AT] =
    g_param_spec_int64 ("next-beat-at", NULL, NULL,
                        0, G_MAXINT64, 0,
                        STATE_FLAGS);

  /**
   * WsmConnection:next-retry-at: (getter get_next_retry_at)
   *
   * When the next attempt is due, in microseconds of monotonic time; 0 = none is planned.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_NEXT_RETRY_AT] =
    g_param_spec_int64 ("next-retry-at", NULL, NULL,
                        0, G_MAXINT64, 0,
                        STATE_FLAGS);

  /**
   * WsmConnection:attempt: (getter get_attempt)
   *
   * The number of the attempt under way, or of the next one, since the connection was last
   * healthy; the first is 1.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_ATTEMPT] =
    g_param_spec_uint ("attempt", NULL, NULL,
                       0, G_MAXUINT, 0,
                       STATE_FLAGS);

  /**
   * WsmConnection:paused: (getter get_paused)
   *
   * Whether beats and attempts are suspended, see [method@Wsm.Connection.pause].
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_PAUSED] =
    g_param_spec_boolean ("paused", NULL, NULL,
                          FALSE,
                          STATE_FLAGS);

  /**
   * WsmConnection:writable: (getter get_writable)
   *
   * Whether to go on sending.
   *
   * It becomes `FALSE` when half of [property@Wsm.Connection:outbox-limit] is taken, and `TRUE`
   * again when all but a quarter is free. As long as it is `TRUE`, a message of up to half the
   * limit is taken. It is `FALSE` while the connection is not open, unless
   * [property@Wsm.Connection:queue-while-closed] lets messages wait for that.
   *
   * It is advice: what is sent all the same is taken until the limit is reached. It may become
   * `FALSE` during the call that sends, and is notified then.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_WRITABLE] =
    g_param_spec_boolean ("writable", NULL, NULL,
                          FALSE,
                          STATE_FLAGS);

  /**
   * WsmConnection:error: (getter get_error)
   *
   * What ended the last attempt or socket; it is kept when the connection opens again.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_ERROR] =
    g_param_spec_boxed ("error", NULL, NULL,
                        G_TYPE_ERROR,
                        FACT_FLAGS);

  /**
   * WsmConnection:close-code: (getter get_close_code)
   *
   * The close code that the peer sent last (RFC 6455, 7.4); 1005 = a close frame without one,
   * 1006 = no close frame, 0 = it has not closed.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_CLOSE_CODE] =
    g_param_spec_uint ("close-code", NULL, NULL,
                       0, G_MAXUINT, 0,
                       FACT_FLAGS);

  /**
   * WsmConnection:close-reason: (getter get_close_reason)
   *
   * The text that the peer sent with its close code, made printable.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_CLOSE_REASON] =
    g_param_spec_string ("close-reason", NULL, NULL,
                         NULL,
                         FACT_FLAGS);

  /**
   * WsmConnection:protocol: (getter get_protocol)
   *
   * The sub-protocol that the peer chose.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_PROTOCOL] =
    g_param_spec_string ("protocol", NULL, NULL,
                         NULL,
                         FACT_FLAGS);

  /**
   * WsmConnection:extensions: (getter get_extensions)
   *
   * The extensions in use, as in the HTTP header.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_EXTENSIONS] =
    g_param_spec_string ("extensions", NULL, NULL,
                         NULL,
                         FACT_FLAGS);

  /**
   * WsmConnection:remote-address: (getter get_remote_address)
   *
   * The peer's address and port.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_REMOTE_ADDRESS] =
    g_param_spec_string ("remote-address", NULL, NULL,
                         NULL,
                         FACT_FLAGS);

  /**
   * WsmConnection:tls-peer-certificate: (getter get_tls_peer_certificate)
   *
   * The certificate that the peer showed for the socket that is open.
   *
   * `NULL` without TLS, and while no socket is open: of an earlier one nothing is kept, and each
   * attempt checks what it is shown anew. Which checks a certificate failed that was refused,
   * [method@Wsm.Reason.get_tls_errors] tells. A server may come back with another certificate
   * that passes; an app that wants to know compares in [signal@Wsm.Connection::opened].
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_TLS_PEER_CERTIFICATE] =
    g_param_spec_object ("tls-peer-certificate", NULL, NULL,
                         G_TYPE_TLS_CERTIFICATE,
                         FACT_FLAGS);

  /**
   * WsmConnection:n-reconnects: (getter get_n_reconnects)
   *
   * How often it was opened again.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_N_RECONNECTS] =
    g_param_spec_uint ("n-reconnects", NULL, NULL,
                       0, G_MAXUINT, 0,
                       FACT_FLAGS);

  /**
   * WsmConnection:opened-at: (getter get_opened_at)
   *
   * When it was opened last, in microseconds of monotonic time; 0 = never.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_OPENED_AT] =
    g_param_spec_int64 ("opened-at", NULL, NULL,
                        0, G_MAXINT64, 0,
                        FACT_FLAGS);

  /**
   * WsmConnection:last-received-at: (getter get_last_received_at)
   *
   * When the last frame arrived, in microseconds of monotonic time; 0 = never.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_LAST_RECEIVED_AT] =
    g_param_spec_int64 ("last-received-at", NULL, NULL,
                        0, G_MAXINT64, 0,
                        FACT_FLAGS);

  /**
   * WsmConnection:n-messages-sent: (getter get_n_messages_sent)
   *
   * The number of messages sent.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_N_MESSAGES_SENT] =
    g_param_spec_uint64 ("n-messages-sent", NULL, NULL,
                         0, G_MAXUINT64, 0,
                         FACT_FLAGS);

  /**
   * WsmConnection:n-messages-received: (getter get_n_messages_received)
   *
   * The number of messages received, replies to beats included.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_N_MESSAGES_RECEIVED] =
    g_param_spec_uint64 ("n-messages-received", NULL, NULL,
                         0, G_MAXUINT64, 0,
                         FACT_FLAGS);

  /**
   * WsmConnection:n-bytes-sent: (getter get_n_bytes_sent)
   *
   * The bytes in the messages sent.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_N_BYTES_SENT] =
    g_param_spec_uint64 ("n-bytes-sent", NULL, NULL,
                         0, G_MAXUINT64, 0,
                         FACT_FLAGS);

  /**
   * WsmConnection:n-bytes-received: (getter get_n_bytes_received)
   *
   * The bytes in the messages received.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_N_BYTES_RECEIVED] =
    g_param_spec_uint64 ("n-bytes-received", NULL, NULL,
                         0, G_MAXUINT64, 0,
                         FACT_FLAGS);

  /**
   * WsmConnection:n-beats-sent: (getter get_n_beats_sent)
   *
   * The number of beats sent.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_N_BEATS_SENT] =
    g_param_spec_uint64 ("n-beats-sent", NULL, NULL,
                         0, G_MAXUINT64, 0,
                         FACT_FLAGS);

  /**
   * WsmConnection:n-beats-answered: (getter get_n_beats_answered)
   *
   * The number of beats answered in time.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_N_BEATS_ANSWERED] =
    g_param_spec_uint64 ("n-beats-answered", NULL, NULL,
                         0, G_MAXUINT64, 0,
                         FACT_FLAGS);

  /**
   * WsmConnection:buffered: (getter get_buffered)
   *
   * The bytes that wait to be sent, up to where the system takes them.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_BUFFERED] =
    g_param_spec_uint64 ("buffered", NULL, NULL,
                         0, G_MAXUINT64, 0,
                         FACT_FLAGS);

  /**
   * WsmConnection:liveness-source: (getter get_liveness_source)
   *
   * Where the signs of life come from.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_LIVENESS_SOURCE] =
    g_param_spec_flags ("liveness-source", NULL, NULL,
                        WSM_TYPE_LIVENESS_SOURCE, WSM_LIVENESS_SOURCE_NONE,
                        FACT_FLAGS);

  /**
   * WsmConnection:limits-enforced: (getter get_limits_enforced)
   *
   * Whether [property@Wsm.Connection:max-message-size] also limits what is put together.
   *
   * If not, a message in several frames, or one that was compressed, is only found too large when
   * it is complete in memory. It holds with libsoup 3.8 and newer, and before without compression.
   *
   * Since: 0.1
   */
  wsm_connection_properties[PROP_LIMITS_ENFORCED] =
    g_param_spec_boolean ("limits-enforced", NULL, NULL,
                          FALSE,
                          FACT_FLAGS);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (wsm_connection_properties),
                                     wsm_connection_properties);
}
