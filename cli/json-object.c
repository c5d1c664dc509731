/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "json-object.h"

/* One event of a report, as a JSON object on a line of its own. */

/**
 * wsm_cli_json_object_begin:
 * @report: a report
 * @event: what happened
 *
 * Begins an object with what every one has: the event, and when it was.
 *
 * Returns: (transfer full): the object, to be gone on with
 */
JsonBuilder *
wsm_cli_json_object_begin (WsmCliReport *report,
                           const char   *event)
{
  JsonBuilder *builder = json_builder_new ();
  gint64 elapsed_us = g_get_monotonic_time () - wsm_cli_report_get_started_us (report);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, event);
  json_builder_set_member_name (builder, "time_ms");
  json_builder_add_int_value (builder, elapsed_us / 1000);

  return builder;
}

static char *
wsm_cli_json_object_end_line (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *object = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  object = json_to_string (root, FALSE);

  return g_strconcat (object, "\n", NULL);
}

/**
 * wsm_cli_json_object_end:
 * @report: a report
 * @builder: an object
 *
 * Ends an object and writes it.
 */
void
wsm_cli_json_object_end (WsmCliReport *report,
                         JsonBuilder  *builder)
{
  g_autofree char *line = wsm_cli_json_object_end_line (builder);

  wsm_cli_report_write (report, line);
}

/**
 * wsm_cli_json_object_format_dropped:
 * @report: a report
 * @n_lines: how many objects
 *
 * Says that so many objects are missing.
 *
 * Returns: (transfer full): a line
 */
char *
wsm_cli_json_object_format_dropped (WsmCliReport *report,
                                    guint64       n_lines)
{
  g_autoptr (JsonBuilder) builder = wsm_cli_json_object_begin (report, "dropped");

  json_builder_set_member_name (builder, "lines");
  json_builder_add_int_value (builder, (gint64) n_lines);

  return wsm_cli_json_object_end_line (builder);
}
