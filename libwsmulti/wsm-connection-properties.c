/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

/*
 * The properties of a connection: which accessor serves which. What they are stands in
 * wsm-connection-specs.c.
 */

void
wsm_connection_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  WsmConnection *self = WSM_CONNECTION (object);

  switch ((WsmConnectionProperty) prop_id)
    {
    case PROP_URI:
      g_value_set_string (value, wsm_connection_get_uri (self));
      break;

    case PROP_NAME:
      g_value_set_string (value, wsm_connection_get_name (self));
      break;

    case PROP_PROTOCOLS:
      g_value_set_boxed (value, wsm_connection_get_protocols (self));
      break;

    case PROP_ORIGIN:
      g_value_set_string (value, wsm_connection_get_origin (self));
      break;

    case PROP_HEARTBEAT:
      g_value_set_object (value, wsm_connection_get_heartbeat (self));
      break;

    case PROP_BACKOFF:
      g_value_set_object (value, wsm_connection_get_backoff (self));
      break;

    case PROP_GREETINGS:
      g_value_set_boxed (value, wsm_connection_get_greetings (self));
      break;

    case PROP_OUTBOX_LIMIT:
      g_value_set_uint64 (value, wsm_connection_get_outbox_limit (self));
      break;

    case PROP_QUEUE_WHILE_CLOSED:
      g_value_set_boolean (value, wsm_connection_get_queue_while_closed (self));
      break;

    case PROP_MAX_MESSAGE_SIZE:
      g_value_set_uint64 (value, wsm_connection_get_max_message_size (self));
      break;

    case PROP_CONNECT_TIMEOUT:
      g_value_set_uint (value, wsm_connection_get_connect_timeout (self));
      break;

    case PROP_CLOSE_TIMEOUT:
      g_value_set_uint (value, wsm_connection_get_close_timeout (self));
      break;

    case PROP_MAX_REDIRECTS:
      g_value_set_uint (value, wsm_connection_get_max_redirects (self));
      break;

    case PROP_STATE:
      g_value_set_enum (value, wsm_connection_get_state (self));
      break;

    case PROP_REASON:
      g_value_set_boxed (value, wsm_connection_get_reason (self));
      break;

    case PROP_N_MISSED:
      g_value_set_uint (value, wsm_connection_get_n_missed (self));
      break;

    case PROP_LATENCY:
      g_value_set_object (value, wsm_connection_get_latency (self));
      break;

    case PROP_NEXT_BEAT_AT:
      g_value_set_int64 (value, wsm_connection_get_next_beat_at (self));
      break;

    case PROP_NEXT_RETRY_AT:
      g_value_set_int64 (value, wsm_connection_get_next_retry_at (self));
      break;

    case PROP_ATTEMPT:
      g_value_set_uint (value, wsm_connection_get_attempt (self));
      break;

    case PROP_PAUSED:
      g_value_set_boolean (value, wsm_connection_get_paused (self));
      break;

    case PROP_WRITABLE:
      g_value_set_boolean (value, wsm_connection_get_writable (self));
      break;

    case PROP_ERROR:
      g_value_set_boxed (value, wsm_connection_get_error (self));
      break;

    case PROP_CLOSE_CODE:
      g_value_set_uint (value, wsm_connection_get_close_code (self));
      break;

    case PROP_CLOSE_REASON:
      g_value_set_string (value, wsm_connection_get_close_reason (self));
      break;

    case PROP_PROTOCOL:
      g_value_set_string (value, wsm_connection_get_protocol (self));
      break;

    case PROP_EXTENSIONS:
      g_value_set_string (value, wsm_connection_get_extensions (self));
      break;

    case PROP_REMOTE_ADDRESS:
      g_value_set_string (value, wsm_connection_get_remote_address (self));
      break;

    case PROP_TLS_PEER_CERTIFICATE:
      g_value_set_object (value, wsm_connection_get_tls_peer_certificate (self));
      break;

    case PROP_N_RECONNECTS:
      g_value_set_uint (value, wsm_connection_get_n_reconnects (self));
      break;

    case PROP_OPENED_AT:
      g_value_set_int64 (value, wsm_connection_get_opened_at (self));
      break;

    case PROP_LAST_RECEIVED_AT:
      g_value_set_int64 (value, wsm_connection_get_last_received_at (self));
      break;

    case PROP_N_MESSAGES_SENT:
      g_value_set_uint64 (value, wsm_connection_get_n_messages_sent (self));
      break;

    case PROP_N_MESSAGES_RECEIVED:
      g_value_set_uint64 (value, wsm_connection_get_n_messages_received (self));
      break;

    case PROP_N_BYTES_SENT:
      g_value_set_uint64 (value, wsm_connection_get_n_bytes_sent (self));
      break;

    case PROP_N_BYTES_RECEIVED:
      g_value_set_uint64 (value, wsm_connection_get_n_bytes_received (self));
      break;

    case PROP_N_BEATS_SENT:
      g_value_set_uint64 (value, wsm_connection_get_n_beats_sent (self));
      break;

    case PROP_N_BEATS_ANSWERED:
      g_value_set_uint64 (value, wsm_connection_get_n_beats_answered (self));
      break;

    case PROP_BUFFERED:
      g_value_set_uint64 (value, wsm_connection_get_buffered (self));
      break;

    case PROP_LIVENESS_SOURCE:
      g_value_set_flags (value, wsm_connection_get_liveness_source (self));
      break;

    case PROP_LIMITS_ENFORCED:
      g_value_set_boolean (value, wsm_connection_get_limits_enforced (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

void
wsm_connection_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  WsmConnection *self = WSM_CONNECTION (object);

  switch ((WsmConnectionProperty) prop_id)
    {
    case PROP_URI:
      self->uri = g_value_dup_string (value);
      break;

    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;

    case PROP_PROTOCOLS:
      self->protocols = g_value_dup_boxed (value);
      break;

    case PROP_ORIGIN:
      self->origin = g_value_dup_string (value);
      break;

    case PROP_HEARTBEAT:
      wsm_connection_set_heartbeat (self, g_value_get_object (value));
      break;

    case PROP_BACKOFF:
      wsm_connection_set_backoff (self, g_value_get_object (value));
      break;

    case PROP_GREETINGS:
      wsm_connection_set_greetings (self, g_value_get_boxed (value));
      break;

    case PROP_OUTBOX_LIMIT:
      wsm_connection_set_outbox_limit (self, g_value_get_uint64 (value));
      break;

    case PROP_QUEUE_WHILE_CLOSED:
      wsm_connection_set_queue_while_closed (self, g_value_get_boolean (value));
      break;

    case PROP_MAX_MESSAGE_SIZE:
      wsm_connection_set_max_message_size (self, g_value_get_uint64 (value));
      break;

    case PROP_CONNECT_TIMEOUT:
      wsm_connection_set_connect_timeout (self, g_value_get_uint (value));
      break;

    case PROP_CLOSE_TIMEOUT:
      wsm_connection_set_close_timeout (self, g_value_get_uint (value));
      break;

    case PROP_MAX_REDIRECTS:
      wsm_connection_set_max_redirects (self, g_value_get_uint (value));
      break;

    case PROP_STATE:
    case PROP_REASON:
    case PROP_N_MISSED:
    case PROP_LATENCY:
    case PROP_NEXT_BEAT_AT:
    case PROP_NEXT_RETRY_AT:
    case PROP_ATTEMPT:
    case PROP_PAUSED:
    case PROP_WRITABLE:
    case PROP_ERROR:
    case PROP_CLOSE_CODE:
    case PROP_CLOSE_REASON:
    case PROP_PROTOCOL:
    case PROP_EXTENSIONS:
    case PROP_REMOTE_ADDRESS:
    case PROP_TLS_PEER_CERTIFICATE:
    case PROP_N_RECONNECTS:
    case PROP_OPENED_AT:
    case PROP_LAST_RECEIVED_AT:
    case PROP_N_MESSAGES_SENT:
    case PROP_N_MESSAGES_RECEIVED:
    case PROP_N_BYTES_SENT:
    case PROP_N_BYTES_RECEIVED:
    case PROP_N_BEATS_SENT:
    case PROP_N_BEATS_ANSWERED:
    case PROP_BUFFERED:
    case PROP_LIVENESS_SOURCE:
    case PROP_LIMITS_ENFORCED:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}
