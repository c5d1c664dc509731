/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-exporter-details.h"

#include "wsm-address.h"

/*
 * What is known of one connection and too much for the table.
 */

#define MAX_TEXT_BYTES 1024
#define MAX_CLOSE_REASON_BYTES 123
#define MAX_DNS_NAMES 100

static void
wsm_exporter_add_text (GVariantDict *details,
                       const char   *key,
                       const char   *text,
                       gsize         max_bytes)
{
  g_autofree char *clean = NULL;

  if (text == NULL || *text == '\0')
    return;
  clean = wsm_address_clean_text (text, -1, max_bytes);
  g_variant_dict_insert (details, key, "s", clean);
}

static GVariant *
wsm_exporter_pack_heartbeat (WsmHeartbeat *heartbeat)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "mode", "u", (guint32) wsm_heartbeat_get_mode (heartbeat) + 1);
  g_variant_dict_insert (&dict, "interval", "u", wsm_heartbeat_get_interval (heartbeat));
  g_variant_dict_insert (&dict, "timeout", "u", wsm_heartbeat_get_timeout (heartbeat));
  g_variant_dict_insert (&dict, "max-missed", "u", wsm_heartbeat_get_max_missed (heartbeat));
  g_variant_dict_insert (&dict, "jitter", "d", wsm_heartbeat_get_jitter (heartbeat));
  g_variant_dict_insert (&dict, "idle-only", "b", wsm_heartbeat_get_idle_only (heartbeat));
  g_variant_dict_insert (&dict, "reply-match", "u",
                         (guint32) wsm_heartbeat_get_reply_match (heartbeat) + 1);
  g_variant_dict_insert (&dict, "hide-reply", "b", wsm_heartbeat_get_hide_reply (heartbeat));
  g_variant_dict_insert (&dict, "liveness", "u",
                         (guint32) wsm_heartbeat_get_liveness (heartbeat) + 1);
  g_variant_dict_insert (&dict, "worst-case-detection", "u",
                         wsm_heartbeat_worst_case_detection (heartbeat));

  return g_variant_dict_end (&dict);
}

static GVariant *
wsm_exporter_pack_backoff (WsmBackoff *backoff)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "initial", "u", wsm_backoff_get_initial (backoff));
  g_variant_dict_insert (&dict, "max", "u", wsm_backoff_get_max (backoff));
  g_variant_dict_insert (&dict, "factor", "d", wsm_backoff_get_factor (backoff));
  g_variant_dict_insert (&dict, "max-attempts", "u", wsm_backoff_get_max_attempts (backoff));
  g_variant_dict_insert (&dict, "max-elapsed", "u", wsm_backoff_get_max_elapsed (backoff));
  g_variant_dict_insert (&dict, "stable-after", "u", wsm_backoff_get_stable_after (backoff));

  return g_variant_dict_end (&dict);
}

static GVariant *
wsm_exporter_pack_headers (GArray *headers)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ssb)"));
  for (guint i = 0; i < headers->len; i++)
    {
      WsmHandshakeHeader *header = &g_array_index (headers, WsmHandshakeHeader, i);

      g_variant_builder_add (&builder, "(ssb)", header->name,
                             header->value != NULL ? header->value : "", header->value == NULL);
    }

  return g_variant_builder_end (&builder);
}

static GVariant *
wsm_exporter_pack_handshake (WsmHandshakeRecord *handshake)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "time", "x", handshake->time_us);
  g_variant_dict_insert (&dict, "status", "u", handshake->status);
  g_variant_dict_insert (&dict, "reason-phrase", "s", handshake->reason_phrase);
  g_variant_dict_insert_value (&dict, "request", wsm_exporter_pack_headers (handshake->request));
  g_variant_dict_insert_value (&dict, "response", wsm_exporter_pack_headers (handshake->response));

  return g_variant_dict_end (&dict);
}

static void
wsm_exporter_add_date (GVariantDict *tls,
                       const char   *key,
                       GDateTime    *date)
{
  if (date != NULL)
    g_variant_dict_insert (tls, key, "x", g_date_time_to_unix (date));
}

static GVariant *
wsm_exporter_pack_tls (GTlsCertificate *certificate)
{
  GVariantDict dict;
  GVariantBuilder names;
  g_autofree char *subject = g_tls_certificate_get_subject_name (certificate);
  g_autofree char *issuer = g_tls_certificate_get_issuer_name (certificate);
  g_autoptr (GDateTime) not_before = g_tls_certificate_get_not_valid_before (certificate);
  g_autoptr (GDateTime) not_after = g_tls_certificate_get_not_valid_after (certificate);
  g_autoptr (GPtrArray) dns_names = g_tls_certificate_get_dns_names (certificate);
  g_autoptr (GByteArray) der = NULL;
  g_autofree char *sha256 = NULL;

  g_object_get (certificate, "certificate", &der, NULL);
  g_variant_dict_init (&dict, NULL);
  wsm_exporter_add_text (&dict, "subject", subject, MAX_TEXT_BYTES);
  wsm_exporter_add_text (&dict, "issuer", issuer, MAX_TEXT_BYTES);
  wsm_exporter_add_date (&dict, "not-before", not_before);
  wsm_exporter_add_date (&dict, "not-after", not_after);

  g_variant_builder_init (&names, G_VARIANT_TYPE ("as"));
  for (guint i = 0; dns_names != NULL && i < MIN (dns_names->len, MAX_DNS_NAMES); i++)
    {
      GBytes *bytes = g_ptr_array_index (dns_names, i);
      gsize length;
      const char *data = g_bytes_get_data (bytes, &length);
      g_autofree char *name = wsm_address_clean_text (data, (gssize) length, MAX_TEXT_BYTES);

      g_variant_builder_add (&names, "s", name);
    }
  g_variant_dict_insert_value (&dict, "dns-names", g_variant_builder_end (&names));

  if (der != NULL)
    {
      sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
      g_variant_dict_insert (&dict, "sha256", "s", sha256);
    }

  return g_variant_dict_end (&dict);
}

/* What waits, and what became of what did not get through. */
static void
wsm_exporter_add_sending (GVariantDict  *details,
                          WsmConnection *connection)
{
  WsmTally dropped = wsm_connection_get_dropped (connection);
  WsmTally unconfirmed = wsm_connection_get_unconfirmed (connection);

  g_variant_dict_insert (details, "buffered", "t", wsm_connection_get_buffered (connection));
  g_variant_dict_insert (details, "writable", "b", wsm_connection_get_writable (connection));
  g_variant_dict_insert (details, "n-dropped", "t", dropped.n_messages);
  g_variant_dict_insert (details, "n-bytes-dropped", "t", dropped.n_bytes);
  g_variant_dict_insert (details, "n-unconfirmed", "t", unconfirmed.n_messages);
  g_variant_dict_insert (details, "n-bytes-unconfirmed", "t", unconfirmed.n_bytes);
}

/*
 * wsm_exporter_pack_details:
 *
 * Returns: (transfer floating): what GetDetails gives of one
 */
GVariant *
wsm_exporter_pack_details (const WsmExhibit *exhibit,
                           WsmConnection    *connection)
{
  GVariantDict details;
  guint close_code = wsm_connection_get_close_code (connection);
  WsmHandshakeRecord *handshake = wsm_connection_get_handshake (connection);
  GTlsCertificate *certificate = wsm_connection_get_tls_peer_certificate (connection);
  WsmLatency *lateness = wsm_pool_get_lateness (exhibit->pool);
  const char *protocol = wsm_connection_get_protocol (connection);

  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert_value (&details, "heartbeat",
                               wsm_exporter_pack_heartbeat (
                                 wsm_connection_get_heartbeat (connection)));
  g_variant_dict_insert_value (&details, "backoff",
                               wsm_exporter_pack_backoff (wsm_connection_get_backoff (connection)));
  if (wsm_connection_get_round_trip (connection) >= 0.0)
    g_variant_dict_insert_value (&details, "latency",
                                 wsm_exporter_pack_latency (
                                   wsm_connection_get_latency (connection)));
  /* Of the whole pool: whether the program is on time, which no round trip tells. */
  if (wsm_latency_get_count (lateness) > 0)
    g_variant_dict_insert_value (&details, "lateness", wsm_exporter_pack_latency (lateness));

  if (handshake != NULL)
    g_variant_dict_insert_value (&details, "handshake", wsm_exporter_pack_handshake (handshake));
  if (certificate != NULL)
    g_variant_dict_insert_value (&details, "tls", wsm_exporter_pack_tls (certificate));
  if (protocol != NULL && !wsm_address_holds_token (protocol))
    wsm_exporter_add_text (&details, "protocol", protocol, MAX_TEXT_BYTES);
  wsm_exporter_add_text (&details, "extensions", wsm_connection_get_extensions (connection),
                         MAX_TEXT_BYTES);
  wsm_exporter_add_text (&details, "remote-address",
                         wsm_connection_get_remote_address (connection), MAX_TEXT_BYTES);

  if (close_code != 0)
    g_variant_dict_insert (&details, "close-code", "u", close_code);
  if (exhibit->payload_capture > 0)
    wsm_exporter_add_text (&details, "close-reason", wsm_connection_get_close_reason (connection),
                           MAX_CLOSE_REASON_BYTES);
  g_variant_dict_insert (&details, "liveness-source", "u",
                         (guint32) wsm_connection_get_liveness_source (connection));
  g_variant_dict_insert (&details, "max-message-size", "t",
                         wsm_connection_get_max_message_size (connection));
  g_variant_dict_insert (&details, "outbox-limit", "t",
                         wsm_connection_get_outbox_limit (connection));
  wsm_exporter_add_sending (&details, connection);
  g_variant_dict_insert (&details, "connect-timeout", "u",
                         wsm_connection_get_connect_timeout (connection));
  g_variant_dict_insert (&details, "close-timeout", "u",
                         wsm_connection_get_close_timeout (connection));

  return g_variant_dict_end (&details);
}
