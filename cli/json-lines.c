/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "json-lines.h"

#include "json-object.h"

/**
 * WsmCliJsonLines:
 *
 * A JSON object a line for each event, for programs; at the end one for each connection.
 *
 * Of messages it tells that they came, never what is in them.
 */
struct _WsmCliJsonLines
{
  WsmCliWatchReport parent_instance;
};

typedef struct
{
  const char *name;
  guint (*get) (const WsmReason *reason);
} WsmCliReasonNumber;

typedef struct
{
  const char *name;
  guint64 (*get) (WsmConnection *connection);
} WsmCliCounter;

typedef struct
{
  const char *name;
  double (*get) (WsmLatency *latency);
} WsmCliFigure;

static guint
wsm_cli_json_lines_get_tls_errors (const WsmReason *reason)
{
  return (guint) wsm_reason_get_tls_errors (reason);
}

/* Those that are 0 do not belong to the code, and are left out. */
static const WsmCliReasonNumber reason_numbers[] =
{
  { "n_missed", wsm_reason_get_n_missed },
  { "max_missed", wsm_reason_get_max_missed },
  { "silence_ms", wsm_reason_get_silence },
  { "close_code", wsm_reason_get_close_code },
  { "http_status", wsm_reason_get_http_status },
  { "retry_after_ms", wsm_reason_get_retry_after },
  { "tls_errors", wsm_cli_json_lines_get_tls_errors },
  { "attempt", wsm_reason_get_attempt },
  { "delay_ms", wsm_reason_get_delay },
  { "delay_bound_ms", wsm_reason_get_delay_bound },
  { "turn_delay_ms", wsm_reason_get_turn_delay },
};

static const WsmCliCounter counters[] =
{
  { "beats_sent", wsm_connection_get_n_beats_sent },
  { "beats_answered", wsm_connection_get_n_beats_answered },
  { "messages_sent", wsm_connection_get_n_messages_sent },
  { "messages_received", wsm_connection_get_n_messages_received },
  { "bytes_sent", wsm_connection_get_n_bytes_sent },
  { "bytes_received", wsm_connection_get_n_bytes_received },
};

static const WsmCliFigure figures[] =
{
  { "last", wsm_latency_get_last },
  { "min", wsm_latency_get_min },
  { "median", wsm_latency_get_p50 },
  { "p95", wsm_latency_get_p95 },
  { "p99", wsm_latency_get_p99 },
  { "max", wsm_latency_get_max },
};

G_DEFINE_FINAL_TYPE (WsmCliJsonLines, wsm_cli_json_lines, WSM_CLI_TYPE_WATCH_REPORT)

/* Begins an object with what every one has. */
static JsonBuilder *
wsm_cli_json_lines_begin (WsmCliWatchReport *report,
                          const char        *event,
                          WsmConnection     *connection)
{
  JsonBuilder *builder = wsm_cli_json_object_begin (WSM_CLI_REPORT (report), event);

  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, wsm_connection_get_name (connection));

  return builder;
}

static void
wsm_cli_json_lines_add_enum (JsonBuilder *builder,
                             const char  *name,
                             GType        type,
                             int          value)
{
  g_autoptr (GEnumClass) values = g_type_class_ref (type);

  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, g_enum_get_value (values, value)->value_nick);
}

static void
wsm_cli_json_lines_add_reason (JsonBuilder     *builder,
                               const WsmReason *reason)
{
  g_autofree char *text = wsm_reason_to_string (reason);

  json_builder_set_member_name (builder, "reason");
  json_builder_begin_object (builder);
  wsm_cli_json_lines_add_enum (builder, "code", WSM_TYPE_REASON_CODE,
                               (int) wsm_reason_get_code (reason));
  json_builder_set_member_name (builder, "text");
  json_builder_add_string_value (builder, text);
  for (gsize i = 0; i < G_N_ELEMENTS (reason_numbers); i++)
    {
      guint number = reason_numbers[i].get (reason);

      if (number == 0)
        continue;

      json_builder_set_member_name (builder, reason_numbers[i].name);
      json_builder_add_int_value (builder, number);
    }
  json_builder_end_object (builder);
}

static void
wsm_cli_json_lines_state_changed (WsmCliWatchReport *report,
                                  WsmConnection     *connection)
{
  g_autoptr (JsonBuilder) builder = wsm_cli_json_lines_begin (report, "state", connection);

  wsm_cli_json_lines_add_enum (builder, "state", WSM_TYPE_STATE,
                               (int) wsm_connection_get_state (connection));
  wsm_cli_json_lines_add_reason (builder, wsm_connection_get_reason (connection));
  wsm_cli_json_object_end (WSM_CLI_REPORT (report), builder);
}

static void
wsm_cli_json_lines_beat (WsmCliWatchReport *report,
                         WsmConnection     *connection,
                         guint64            sequence,
                         double             round_trip)
{
  g_autoptr (JsonBuilder) builder = wsm_cli_json_lines_begin (report, "beat", connection);

  json_builder_set_member_name (builder, "sequence");
  json_builder_add_int_value (builder, (gint64) sequence);
  json_builder_set_member_name (builder, "rtt_ms");
  json_builder_add_double_value (builder, round_trip);
  wsm_cli_json_object_end (WSM_CLI_REPORT (report), builder);
}

static void
wsm_cli_json_lines_message (WsmCliWatchReport     *report,
                            WsmConnection         *connection,
                            SoupWebsocketDataType  type,
                            gsize                  size)
{
  g_autoptr (JsonBuilder) builder = wsm_cli_json_lines_begin (report, "message", connection);

  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, type == SOUP_WEBSOCKET_DATA_TEXT ? "text" : "binary");
  json_builder_set_member_name (builder, "size");
  json_builder_add_int_value (builder, (gint64) size);
  wsm_cli_json_object_end (WSM_CLI_REPORT (report), builder);
}

static void
wsm_cli_json_lines_summarise (WsmCliWatchReport *report,
                              WsmConnection     *connection)
{
  g_autoptr (JsonBuilder) builder = wsm_cli_json_lines_begin (report, "summary", connection);
  WsmLatency *latency = wsm_connection_get_latency (connection);

  wsm_cli_json_lines_add_enum (builder, "state", WSM_TYPE_STATE,
                               (int) wsm_connection_get_state (connection));
  wsm_cli_json_lines_add_reason (builder, wsm_connection_get_reason (connection));
  json_builder_set_member_name (builder, "n_reconnects");
  json_builder_add_int_value (builder, wsm_connection_get_n_reconnects (connection));

  for (gsize i = 0; i < G_N_ELEMENTS (counters); i++)
    {
      json_builder_set_member_name (builder, counters[i].name);
      json_builder_add_int_value (builder, (gint64) counters[i].get (connection));
    }

  json_builder_set_member_name (builder, "rtt_ms");
  if (wsm_latency_get_count (latency) == 0)
    {
      json_builder_add_null_value (builder);
    }
  else
    {
      json_builder_begin_object (builder);
      for (gsize i = 0; i < G_N_ELEMENTS (figures); i++)
        {
          json_builder_set_member_name (builder, figures[i].name);
          json_builder_add_double_value (builder, figures[i].get (latency));
        }
      json_builder_end_object (builder);
    }

  wsm_cli_json_object_end (WSM_CLI_REPORT (report), builder);
}

static void
wsm_cli_json_lines_finish (WsmCliReport *report)
{
  WsmCliWatchReport *self = WSM_CLI_WATCH_REPORT (report);
  GListModel *connections = wsm_cli_watch_report_get_connections (self);

  for (guint i = 0; i < g_list_model_get_n_items (connections); i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (connections, i);

      wsm_cli_json_lines_summarise (self, connection);
    }
}

static void
wsm_cli_json_lines_class_init (WsmCliJsonLinesClass *klass)
{
  WsmCliReportClass *report_class = WSM_CLI_REPORT_CLASS (klass);
  WsmCliWatchReportClass *watch_class = WSM_CLI_WATCH_REPORT_CLASS (klass);

  report_class->finish = wsm_cli_json_lines_finish;
  report_class->format_dropped = wsm_cli_json_object_format_dropped;
  watch_class->state_changed = wsm_cli_json_lines_state_changed;
  watch_class->beat = wsm_cli_json_lines_beat;
  watch_class->message = wsm_cli_json_lines_message;
}

static void
wsm_cli_json_lines_init (WsmCliJsonLines *self)
{
}

/**
 * wsm_cli_json_lines_new:
 * @pool: a pool with connections in it
 *
 * Makes a report of JSON objects.
 *
 * Returns: (transfer full): a report
 */
WsmCliReport *
wsm_cli_json_lines_new (WsmPool *pool)
{
  return g_object_new (WSM_CLI_TYPE_JSON_LINES, "pool", pool, NULL);
}
