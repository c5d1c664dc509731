/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

/*
 * What can be read of a connection. Facts of the socket are those of the present one.
 */

static const WsmTransportFacts *
wsm_connection_get_facts (WsmConnection *self)
{
  static const WsmTransportFacts no_facts = { 0 };

  return self->transport != NULL ? wsm_transport_get_facts (self->transport) : &no_facts;
}

/**
 * wsm_connection_get_state: (get-property state)
 * @self: a connection
 *
 * Gets the state.
 *
 * Returns: the value of [property@Wsm.Connection:state]
 *
 * Since: 0.1
 */
WsmState
wsm_connection_get_state (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), WSM_STATE_IDLE);

  return self->state;
}

/**
 * wsm_connection_get_reason: (get-property reason)
 * @self: a connection
 *
 * Tells what led to the state, and what happens next.
 *
 * Returns: (transfer none): the value of [property@Wsm.Connection:reason]
 *
 * Since: 0.1
 */
const WsmReason *
wsm_connection_get_reason (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return self->reason;
}

/**
 * wsm_connection_get_n_missed: (get-property n-missed)
 * @self: a connection
 *
 * Gets the number of beats in a row that were not answered.
 *
 * Returns: the value of [property@Wsm.Connection:n-missed]
 *
 * Since: 0.1
 */
guint
wsm_connection_get_n_missed (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->pulse != NULL ? wsm_pulse_get_n_missed (self->pulse) : 0;
}

/**
 * wsm_connection_get_latency: (get-property latency)
 * @self: a connection
 *
 * Gets the round trips of its beats.
 *
 * Returns: (transfer none): the value of [property@Wsm.Connection:latency]
 *
 * Since: 0.1
 */
WsmLatency *
wsm_connection_get_latency (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return wsm_connection_ensure_latency (self);
}

/**
 * wsm_connection_get_next_beat_at: (get-property next-beat-at)
 * @self: a connection
 *
 * Tells when the next beat is due, in microseconds of monotonic time.
 *
 * Returns: the value of [property@Wsm.Connection:next-beat-at]
 *
 * Since: 0.1
 */
gint64
wsm_connection_get_next_beat_at (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->pulse != NULL ? wsm_pulse_get_next_us (self->pulse) : 0;
}

/**
 * wsm_connection_get_next_retry_at: (get-property next-retry-at)
 * @self: a connection
 *
 * Tells when the next attempt is due, in microseconds of monotonic time.
 *
 * Returns: the value of [property@Wsm.Connection:next-retry-at]
 *
 * Since: 0.1
 */
gint64
wsm_connection_get_next_retry_at (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->next_retry_us;
}

/**
 * wsm_connection_get_attempt: (get-property attempt)
 * @self: a connection
 *
 * Gets the number of the attempt under way, or of the next one, since the connection was last
 * healthy.
 *
 * Returns: the value of [property@Wsm.Connection:attempt]
 *
 * Since: 0.1
 */
guint
wsm_connection_get_attempt (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->n_failures + 1;
}

/**
 * wsm_connection_get_paused: (get-property paused)
 * @self: a connection
 *
 * Tells whether beats and attempts are suspended, see [method@Wsm.Connection.pause].
 *
 * Returns: the value of [property@Wsm.Connection:paused]
 *
 * Since: 0.1
 */
gboolean
wsm_connection_get_paused (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), FALSE);

  return self->paused;
}

/**
 * wsm_connection_get_writable: (get-property writable)
 * @self: a connection
 *
 * Tells whether to go on sending.
 *
 * Returns: the value of [property@Wsm.Connection:writable]
 *
 * Since: 0.1
 */
gboolean
wsm_connection_get_writable (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), FALSE);

  return self->writable;
}

/**
 * wsm_connection_get_error: (get-property error)
 * @self: a connection
 *
 * Tells what ended the last attempt or socket.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Connection:error]
 *
 * Since: 0.1
 */
const GError *
wsm_connection_get_error (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return self->error;
}

/**
 * wsm_connection_get_close_code: (get-property close-code)
 * @self: a connection
 *
 * Gets the close code that the peer sent last (RFC 6455, 7.4).
 *
 * Returns: the value of [property@Wsm.Connection:close-code]
 *
 * Since: 0.1
 */
guint
wsm_connection_get_close_code (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->close_code;
}

/**
 * wsm_connection_get_close_reason: (get-property close-reason)
 * @self: a connection
 *
 * Gets the text that the peer sent with its close code, made printable.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Connection:close-reason]
 *
 * Since: 0.1
 */
const char *
wsm_connection_get_close_reason (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return self->close_reason;
}

/**
 * wsm_connection_get_protocol: (get-property protocol)
 * @self: a connection
 *
 * Gets the sub-protocol that the peer chose.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Connection:protocol]
 *
 * Since: 0.1
 */
const char *
wsm_connection_get_protocol (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return wsm_connection_get_facts (self)->protocol;
}

/**
 * wsm_connection_get_extensions: (get-property extensions)
 * @self: a connection
 *
 * Gets the extensions in use, as in the HTTP header.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Connection:extensions]
 *
 * Since: 0.1
 */
const char *
wsm_connection_get_extensions (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return wsm_connection_get_facts (self)->extensions;
}

/**
 * wsm_connection_get_remote_address: (get-property remote-address)
 * @self: a connection
 *
 * Gets the peer's address and port.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Connection:remote-address]
 *
 * Since: 0.1
 */
const char *
wsm_connection_get_remote_address (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return wsm_connection_get_facts (self)->remote_address;
}

/**
 * wsm_connection_get_tls_peer_certificate: (get-property tls-peer-certificate)
 * @self: a connection
 *
 * Gets the peer's certificate.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Connection:tls-peer-certificate]
 *
 * Since: 0.1
 */
GTlsCertificate *
wsm_connection_get_tls_peer_certificate (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), NULL);

  return wsm_connection_get_facts (self)->peer_certificate;
}

/**
 * wsm_connection_get_n_reconnects: (get-property n-reconnects)
 * @self: a connection
 *
 * Tells how often it was opened again.
 *
 * Returns: the value of [property@Wsm.Connection:n-reconnects]
 *
 * Since: 0.1
 */
guint
wsm_connection_get_n_reconnects (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->n_reconnects;
}

/**
 * wsm_connection_get_opened_at: (get-property opened-at)
 * @self: a connection
 *
 * Tells when it was opened last, in microseconds of monotonic time.
 *
 * Returns: the value of [property@Wsm.Connection:opened-at]
 *
 * Since: 0.1
 */
gint64
wsm_connection_get_opened_at (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->opened_us;
}

/**
 * wsm_connection_get_last_received_at: (get-property last-received-at)
 * @self: a connection
 *
 * Tells when the last frame arrived, in microseconds of monotonic time.
 *
 * Returns: the value of [property@Wsm.Connection:last-received-at]
 *
 * Since: 0.1
 */
gint64
wsm_connection_get_last_received_at (WsmConnection *self)
{
  gint64 last_us;

  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  last_us = self->last_received_us;
  if (self->transport != NULL)
    last_us = MAX (last_us, wsm_transport_get_last_received_us (self->transport));

  return last_us;
}

/**
 * wsm_connection_get_n_messages_sent: (get-property n-messages-sent)
 * @self: a connection
 *
 * Gets the number of messages sent.
 *
 * Returns: the value of [property@Wsm.Connection:n-messages-sent]
 *
 * Since: 0.1
 */
guint64
wsm_connection_get_n_messages_sent (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->n_messages_sent;
}

/**
 * wsm_connection_get_n_messages_received: (get-property n-messages-received)
 * @self: a connection
 *
 * Gets the number of messages received, replies to beats included.
 *
 * Returns: the value of [property@Wsm.Connection:n-messages-received]
 *
 * Since: 0.1
 */
guint64
wsm_connection_get_n_messages_received (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->n_messages_received;
}

/**
 * wsm_connection_get_n_bytes_sent: (get-property n-bytes-sent)
 * @self: a connection
 *
 * Gets the bytes in the messages sent.
 *
 * Returns: the value of [property@Wsm.Connection:n-bytes-sent]
 *
 * Since: 0.1
 */
guint64
wsm_connection_get_n_bytes_sent (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->n_bytes_sent;
}

/**
 * wsm_connection_get_n_bytes_received: (get-property n-bytes-received)
 * @self: a connection
 *
 * Gets the bytes in the messages received.
 *
 * Returns: the value of [property@Wsm.Connection:n-bytes-received]
 *
 * Since: 0.1
 */
guint64
wsm_connection_get_n_bytes_received (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->n_bytes_received;
}

/**
 * wsm_connection_get_n_beats_sent: (get-property n-beats-sent)
 * @self: a connection
 *
 * Gets the number of beats sent.
 *
 * Returns: the value of [property@Wsm.Connection:n-beats-sent]
 *
 * Since: 0.1
 */
guint64
wsm_connection_get_n_beats_sent (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->n_beats_sent;
}

/**
 * wsm_connection_get_n_beats_answered: (get-property n-beats-answered)
 * @self: a connection
 *
 * Gets the number of beats answered in time.
 *
 * Returns: the value of [property@Wsm.Connection:n-beats-answered]
 *
 * Since: 0.1
 */
guint64
wsm_connection_get_n_beats_answered (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  return self->n_beats_answered;
}

/**
 * wsm_connection_get_buffered: (get-property buffered)
 * @self: a connection
 *
 * Gets the bytes that wait to be sent, up to where the system takes them.
 *
 * Returns: the value of [property@Wsm.Connection:buffered]
 *
 * Since: 0.1
 */
guint64
wsm_connection_get_buffered (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), 0);

  if (self->outbox == NULL)
    return 0;

  return wsm_outbox_get_queued (self->outbox) + wsm_outbox_get_handed_over (self->outbox);
}

/**
 * wsm_connection_get_liveness_source: (get-property liveness-source)
 * @self: a connection
 *
 * Tells where the signs of life come from.
 *
 * Returns: the value of [property@Wsm.Connection:liveness-source]
 *
 * Since: 0.1
 */
WsmLivenessSource
wsm_connection_get_liveness_source (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), WSM_LIVENESS_SOURCE_NONE);

  return wsm_connection_get_facts (self)->liveness_source;
}

/**
 * wsm_connection_get_limits_enforced: (get-property limits-enforced)
 * @self: a connection
 *
 * Tells whether [property@Wsm.Connection:max-message-size] also limits what is put together.
 *
 * Returns: the value of [property@Wsm.Connection:limits-enforced]
 *
 * Since: 0.1
 */
gboolean
wsm_connection_get_limits_enforced (WsmConnection *self)
{
  g_return_val_if_fail (WSM_IS_CONNECTION (self), FALSE);

  return wsm_connection_get_facts (self)->limits_enforced;
}
