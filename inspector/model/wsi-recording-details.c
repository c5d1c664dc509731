/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-recording-private.h"

typedef struct
{
  const char *group; /* (nullable) */
  const char *key;
  const char *type;
} WsiDetailType;

/* Pool1.GetDetails. What is not here is not known, and left out. */
static const WsiDetailType detail_types[] =
{
  { "heartbeat", "mode", "u" },
  { "heartbeat", "interval", "u" },
  { "heartbeat", "timeout", "u" },
  { "heartbeat", "max-missed", "u" },
  { "heartbeat", "jitter", "d" },
  { "heartbeat", "idle-only", "b" },
  { "heartbeat", "reply-match", "u" },
  { "heartbeat", "hide-reply", "b" },
  { "heartbeat", "liveness", "u" },
  { "heartbeat", "worst-case-detection", "u" },
  { "backoff", "initial", "u" },
  { "backoff", "max", "u" },
  { "backoff", "factor", "d" },
  { "backoff", "max-attempts", "u" },
  { "backoff", "max-elapsed", "u" },
  { "backoff", "stable-after", "u" },
  { "latency", "last", "d" },
  { "latency", "smoothed", "d" },
  { "latency", "variation", "d" },
  { "latency", "min", "d" },
  { "latency", "max", "d" },
  { "latency", "p50", "d" },
  { "latency", "p95", "d" },
  { "latency", "p99", "d" },
  { "latency", "loss", "d" },
  { "latency", "count", "t" },
  { "lateness", "last", "d" },
  { "lateness", "smoothed", "d" },
  { "lateness", "variation", "d" },
  { "lateness", "min", "d" },
  { "lateness", "max", "d" },
  { "lateness", "p50", "d" },
  { "lateness", "p95", "d" },
  { "lateness", "p99", "d" },
  { "lateness", "loss", "d" },
  { "lateness", "count", "t" },
  { "handshake", "time", "x" },
  { "handshake", "status", "u" },
  { "handshake", "reason-phrase", "s" },
  { "handshake", "request", "a(ssb)" },
  { "handshake", "response", "a(ssb)" },
  { "tls", "subject", "s" },
  { "tls", "issuer", "s" },
  { "tls", "not-before", "x" },
  { "tls", "not-after", "x" },
  { "tls", "dns-names", "as" },
  { "tls", "sha256", "s" },
  { NULL, "protocol", "s" },
  { NULL, "extensions", "s" },
  { NULL, "remote-address", "s" },
  { NULL, "close-code", "u" },
  { NULL, "close-reason", "s" },
  { NULL, "liveness-source", "u" },
  { NULL, "max-message-size", "t" },
  { NULL, "outbox-limit", "t" },
  { NULL, "buffered", "t" },
  { NULL, "writable", "b" },
  { NULL, "n-dropped", "t" },
  { NULL, "n-bytes-dropped", "t" },
  { NULL, "n-unconfirmed", "t" },
  { NULL, "n-bytes-unconfirmed", "t" },
  { NULL, "connect-timeout", "u" },
  { NULL, "close-timeout", "u" },
};

static const char *const detail_groups[] =
{
  "heartbeat", "backoff", "latency", "lateness", "handshake", "tls",
};

/* Adds what is known of one group to an object that is open. */
static void
wsi_recording_write_group (JsonBuilder *builder,
                           const char  *group,
                           GVariant    *dictionary)
{
  for (gsize i = 0; i < G_N_ELEMENTS (detail_types); i++)
    {
      const WsiDetailType *detail = &detail_types[i];
      g_autoptr (GVariant) value = NULL;

      if (g_strcmp0 (detail->group, group) != 0)
        continue;

      value = g_variant_lookup_value (dictionary, detail->key, G_VARIANT_TYPE (detail->type));
      if (value == NULL)
        continue;

      json_builder_set_member_name (builder, detail->key);
      json_builder_add_value (builder, json_gvariant_serialize (value));
    }
}

JsonNode *
wsi_recording_write_details (GVariant *details)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  wsi_recording_write_group (builder, NULL, details);
  for (gsize i = 0; i < G_N_ELEMENTS (detail_groups); i++)
    {
      g_autoptr (GVariant) dictionary =
        g_variant_lookup_value (details, detail_groups[i], G_VARIANT_TYPE_VARDICT);

      if (dictionary == NULL)
        continue;

      json_builder_set_member_name (builder, detail_groups[i]);
      json_builder_begin_object (builder);
      wsi_recording_write_group (builder, detail_groups[i], dictionary);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);

  return json_builder_get_root (builder);
}

/* A number without a point is a whole one to JSON. */
static GVariant *
wsi_recording_read_detail (JsonNode   *node,
                           const char *type)
{
  if (g_str_equal (type, "d") && json_node_get_value_type (node) == G_TYPE_INT64)
    return g_variant_new_double ((double) json_node_get_int (node));

  return json_gvariant_deserialize (node, type, NULL);
}

static GVariant *
wsi_recording_read_group (JsonObject *object,
                          const char *group)
{
  GVariantDict dictionary;

  g_variant_dict_init (&dictionary, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (detail_types); i++)
    {
      const WsiDetailType *detail = &detail_types[i];
      JsonNode *node;
      GVariant *value;

      if (g_strcmp0 (detail->group, group) != 0)
        continue;

      node = json_object_get_member (object, detail->key);
      value = node != NULL ? wsi_recording_read_detail (node, detail->type) : NULL;
      if (value != NULL)
        g_variant_dict_insert_value (&dictionary, detail->key, value);
    }

  for (gsize i = 0; group == NULL && i < G_N_ELEMENTS (detail_groups); i++)
    {
      JsonNode *node = json_object_get_member (object, detail_groups[i]);

      if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
        g_variant_dict_insert_value (&dictionary, detail_groups[i],
                                     wsi_recording_read_group (json_node_get_object (node),
                                                               detail_groups[i]));
    }

  return g_variant_dict_end (&dictionary);
}

/* Floating. What has another type than it should is as good as missing. */
GVariant *
wsi_recording_read_details (JsonNode *node)
{
  return wsi_recording_read_group (json_node_get_object (node), NULL);
}

/* "unknown" for what has no name. */
const char *
wsi_recording_get_nick (GType type,
                        int   value)
{
  g_autoptr (GEnumClass) values = g_type_class_ref (type);
  GEnumValue *found = g_enum_get_value (values, value);

  return found != NULL ? found->value_nick : "unknown";
}

/* 0, which is unknown, for a name that there is not. */
int
wsi_recording_get_value (GType       type,
                         const char *nick)
{
  g_autoptr (GEnumClass) values = g_type_class_ref (type);
  GEnumValue *found = g_enum_get_value_by_nick (values, nick);

  return found != NULL ? found->value : 0;
}
