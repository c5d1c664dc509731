/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "metrics-accept.h"

#include <libsoup/soup.h>

/*
 * Which format whoever asks can read.
 */

#define OPEN_METRICS "application/openmetrics-text"
#define OPEN_METRICS_VERSION "1.0.0"

/* Versions of OpenMetrics that are not ours are as good as another type. */
static gboolean
wsm_cli_metrics_accept_is_open_metrics (const char *type,
                                        GHashTable *parameters)
{
  const char *version = g_hash_table_lookup (parameters, "version");

  return g_ascii_strcasecmp (type, OPEN_METRICS) == 0 &&
         (version == NULL || g_str_equal (version, OPEN_METRICS_VERSION));
}

static gboolean
wsm_cli_metrics_accept_is_text (const char *type)
{
  return g_ascii_strcasecmp (type, "text/plain") == 0 || g_ascii_strcasecmp (type, "text/*") == 0;
}

/**
 * wsm_cli_metrics_accept_choose:
 * @accept: (nullable): the Accept header of a request
 *
 * Chooses a format. Who asks for neither gets the older one, which people and all programs read.
 *
 * Returns: a format
 */
WsmCliFormat
wsm_cli_metrics_accept_choose (const char *accept)
{
  GSList *wishes = accept != NULL ? soup_header_parse_quality_list (accept, NULL) : NULL;
  WsmCliFormat format = WSM_CLI_FORMAT_TEXT;

  for (GSList *wish = wishes; wish != NULL; wish = wish->next)
    {
      GHashTable *parameters = soup_header_parse_semi_param_list (wish->data);
      g_auto (GStrv) parts = g_strsplit (wish->data, ";", 2);
      const char *type = g_strstrip (parts[0]);
      gboolean is_open_metrics = wsm_cli_metrics_accept_is_open_metrics (type, parameters);

      soup_header_free_param_list (parameters);
      if (is_open_metrics)
        format = WSM_CLI_FORMAT_OPEN_METRICS;
      if (is_open_metrics || wsm_cli_metrics_accept_is_text (type))
        break;
    }

  soup_header_free_list (wishes);

  return format;
}

/**
 * wsm_cli_metrics_accept_get_type:
 * @format: a format
 *
 * Tells what an answer in a format is called.
 *
 * Returns: a media type
 */
const char *
wsm_cli_metrics_accept_get_type (WsmCliFormat format)
{
  if (format == WSM_CLI_FORMAT_OPEN_METRICS)
    return OPEN_METRICS "; version=" OPEN_METRICS_VERSION "; charset=utf-8";

  return "text/plain; version=0.0.4; charset=utf-8";
}
