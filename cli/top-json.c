/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "top-json.h"

#include "columns.h"
#include "json-object.h"
/**
 * WsmCliTopJson:
 *
 * A JSON object a line for each event in other programs, for programs; at the end one for each
 * connection.
 */
struct _WsmCliTopJson
{
  WsmCliTopReport parent_instance;
};

typedef struct
{
  const char *name;
  guint64 (*get) (WsiConnection *connection);
} WsmCliTopCounter;

static const WsmCliTopCounter counters[] =
{
  { "beats_sent", wsi_connection_get_n_beats_sent },
  { "beats_answered", wsi_connection_get_n_beats_answered },
  { "beats_missed", wsi_connection_get_n_beats_missed },
  { "messages_sent", wsi_connection_get_n_messages_sent },
  { "messages_received", wsi_connection_get_n_messages_received },
  { "bytes_sent", wsi_connection_get_n_bytes_sent },
  { "bytes_received", wsi_connection_get_n_bytes_received },
};

G_DEFINE_FINAL_TYPE (WsmCliTopJson, wsm_cli_top_json, WSM_CLI_TYPE_TOP_REPORT)

static void
wsm_cli_top_json_add_text (JsonBuilder *builder,
                           const char  *name,
                           const char  *text)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text != NULL ? text : "");
}

static void
wsm_cli_top_json_add_number (JsonBuilder *builder,
                             const char  *name,
                             guint64      number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) number);
}

/* What there is not is null. */
static void
wsm_cli_top_json_add_round_trip (JsonBuilder *builder,
                                 double       round_trip)
{
  json_builder_set_member_name (builder, "rtt_ms");
  if (round_trip < 0.0)
    json_builder_add_null_value (builder);
  else
    json_builder_add_double_value (builder, round_trip);
}

static JsonBuilder *
wsm_cli_top_json_begin (WsmCliReport  *report,
                        const char    *event,
                        WsiSource     *source,
                        WsiConnection *connection)
{
  JsonBuilder *builder = wsm_cli_json_object_begin (report, event);

  wsm_cli_top_json_add_text (builder, "program", wsi_source_get_title (source));
  wsm_cli_top_json_add_number (builder, "pid", wsi_source_get_pid (source));
  if (connection == NULL)
    return builder;

  wsm_cli_top_json_add_number (builder, "id", wsi_connection_get_id (connection));
  wsm_cli_top_json_add_text (builder, "name", wsi_connection_get_name (connection));

  return builder;
}

static void
wsm_cli_top_json_add_state (JsonBuilder   *builder,
                            WsiConnection *connection)
{
  WsiState state = wsi_connection_get_state (connection);

  wsm_cli_top_json_add_text (builder, "state", wsm_cli_columns_state_name (state));
  wsm_cli_top_json_add_text (builder, "reason", wsi_connection_get_reason (connection));
}

static void
wsm_cli_top_json_attached (WsmCliTopReport *report,
                           WsiSource       *source)
{
  const char *application_id = wsi_source_get_application_id (source);
  g_autoptr (JsonBuilder) builder = NULL;

  builder = wsm_cli_top_json_begin (WSM_CLI_REPORT (report), "attached", source, NULL);
  if (application_id != NULL)
    wsm_cli_top_json_add_text (builder, "application_id", application_id);
  wsm_cli_json_object_end (WSM_CLI_REPORT (report), builder);
}

static void
wsm_cli_top_json_detached (WsmCliTopReport *report,
                           WsiSource       *source)
{
  const char *error = wsi_source_get_error (source);
  g_autoptr (JsonBuilder) builder = NULL;

  builder = wsm_cli_top_json_begin (WSM_CLI_REPORT (report), "detached", source, NULL);
  if (error != NULL)
    wsm_cli_top_json_add_text (builder, "error", error);
  wsm_cli_json_object_end (WSM_CLI_REPORT (report), builder);
}

static void
wsm_cli_top_json_state_changed (WsmCliTopReport *report,
                                WsiSource       *source,
                                WsiConnection   *connection)
{
  g_autoptr (JsonBuilder) builder = NULL;

  builder = wsm_cli_top_json_begin (WSM_CLI_REPORT (report), "state", source, connection);
  wsm_cli_top_json_add_state (builder, connection);
  wsm_cli_json_object_end (WSM_CLI_REPORT (report), builder);
}

static void
wsm_cli_top_json_beat (WsmCliTopReport *report,
                       WsiSource       *source,
                       WsiConnection   *connection,
                       double           round_trip)
{
  g_autoptr (JsonBuilder) builder = NULL;

  builder = wsm_cli_top_json_begin (WSM_CLI_REPORT (report), "beat", source, connection);
  wsm_cli_top_json_add_round_trip (builder, round_trip);
  wsm_cli_json_object_end (WSM_CLI_REPORT (report), builder);
}

static void
wsm_cli_top_json_summarise (WsmCliReport  *report,
                            WsiSource     *source,
                            WsiConnection *connection)
{
  g_autoptr (JsonBuilder) builder = NULL;

  builder = wsm_cli_top_json_begin (report, "summary", source, connection);
  wsm_cli_top_json_add_state (builder, connection);
  wsm_cli_top_json_add_number (builder, "n_reconnects",
                               wsi_connection_get_n_reconnects (connection));
  for (gsize i = 0; i < G_N_ELEMENTS (counters); i++)
    wsm_cli_top_json_add_number (builder, counters[i].name, counters[i].get (connection));
  wsm_cli_top_json_add_round_trip (builder, wsi_connection_get_round_trip (connection));
  wsm_cli_json_object_end (report, builder);
}

static void
wsm_cli_top_json_finish (WsmCliReport *report)
{
  WsmCliTopSelection *selection = wsm_cli_top_report_get_selection (WSM_CLI_TOP_REPORT (report));
  GListModel *hub = G_LIST_MODEL (selection->hub);

  for (guint i = 0; i < g_list_model_get_n_items (hub); i++)
    {
      g_autoptr (WsiSource) source = g_list_model_get_item (hub, i);
      GListModel *connections = wsi_source_get_connections (source);

      if (!wsi_source_get_attached (source) || !wsm_cli_top_selection_has (selection, source))
        continue;

      for (guint j = 0; j < g_list_model_get_n_items (connections); j++)
        {
          g_autoptr (WsiConnection) connection = g_list_model_get_item (connections, j);

          wsm_cli_top_json_summarise (report, source, connection);
        }
    }
}

static void
wsm_cli_top_json_class_init (WsmCliTopJsonClass *klass)
{
  WsmCliReportClass *report_class = WSM_CLI_REPORT_CLASS (klass);
  WsmCliTopReportClass *top_class = WSM_CLI_TOP_REPORT_CLASS (klass);

  report_class->finish = wsm_cli_top_json_finish;
  report_class->format_dropped = wsm_cli_json_object_format_dropped;
  top_class->attached = wsm_cli_top_json_attached;
  top_class->detached = wsm_cli_top_json_detached;
  top_class->state_changed = wsm_cli_top_json_state_changed;
  top_class->beat = wsm_cli_top_json_beat;
}

static void
wsm_cli_top_json_init (WsmCliTopJson *self)
{
}

/**
 * wsm_cli_top_json_new:
 * @selection: what to tell of
 *
 * Makes a report of JSON objects.
 *
 * Returns: (transfer full): a report
 */
WsmCliReport *
wsm_cli_top_json_new (WsmCliTopSelection *selection)
{
  return g_object_new (WSM_CLI_TYPE_TOP_JSON, "selection", selection, NULL);
}
