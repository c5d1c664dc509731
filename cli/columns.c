/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "columns.h"

#include <string.h>

/* What a table tells of a connection: one short text a column. */

/* A dead peer makes no round trips, and a closed connection has no next beat. */
#define NOTHING "-"

typedef struct
{
  const char *name;
  const char *symbol;
  const char *ascii;
  const char *colour; /* as in the escape sequence: SGR, ECMA-48 8.3.117 */
} WsmCliStateStyle;

/* State is colour and symbol and word: each of them is enough. */
static const WsmCliStateStyle state_styles[] =
{
  [WSM_STATE_IDLE] = { "idle", "·", ".", "2" },
  [WSM_STATE_CONNECTING] = { "connecting", "◌", ">", "36" },
  [WSM_STATE_OPEN] = { "open", "●", "+", "32" },
  [WSM_STATE_SUSPECT] = { "suspect", "◐", "?", "33" },
  [WSM_STATE_WAITING] = { "waiting", "○", "~", "35" },
  [WSM_STATE_CLOSING] = { "closing", "◒", "<", "36" },
  [WSM_STATE_CLOSED] = { "closed", "□", "-", "2" },
  [WSM_STATE_FAILED] = { "failed", "✗", "x", "31" },
};

static gboolean
wsm_cli_columns_is_connected (WsmConnection *connection)
{
  WsmState state = wsm_connection_get_state (connection);

  return state == WSM_STATE_OPEN || state == WSM_STATE_SUSPECT;
}

static char *
wsm_cli_columns_format_state (WsmConnection    *connection,
                              const WsmCliView *view)
{
  const WsmCliStateStyle *style = &state_styles[wsm_connection_get_state (connection)];

  return g_strdup_printf ("%s %s", view->unicode ? style->symbol : style->ascii, style->name);
}

static char *
wsm_cli_columns_format_name (WsmConnection    *connection,
                             const WsmCliView *view)
{
  return wsm_cli_cells_clean (wsm_connection_get_name (connection));
}

/* Not in the style of the locale, because the reasons beside it are not either. */
static char *
wsm_cli_columns_format_ms (WsmConnection *connection,
                           double         ms)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (wsm_latency_get_count (wsm_connection_get_latency (connection)) == 0)
    return g_strdup (NOTHING);

  return g_strdup (g_ascii_formatd (text, sizeof text, ms < 100.0 ? "%.1f" : "%.0f", ms));
}

static char *
wsm_cli_columns_format_last (WsmConnection    *connection,
                             const WsmCliView *view)
{
  WsmLatency *latency = wsm_connection_get_latency (connection);

  return wsm_cli_columns_format_ms (connection, wsm_latency_get_last (latency));
}

static char *
wsm_cli_columns_format_median (WsmConnection    *connection,
                               const WsmCliView *view)
{
  WsmLatency *latency = wsm_connection_get_latency (connection);

  return wsm_cli_columns_format_ms (connection, wsm_latency_get_p50 (latency));
}

static char *
wsm_cli_columns_format_p95 (WsmConnection    *connection,
                            const WsmCliView *view)
{
  WsmLatency *latency = wsm_connection_get_latency (connection);

  return wsm_cli_columns_format_ms (connection, wsm_latency_get_p95 (latency));
}

static char *
wsm_cli_columns_format_beats (WsmConnection    *connection,
                              const WsmCliView *view)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                          wsm_connection_get_n_beats_answered (connection),
                          wsm_connection_get_n_beats_sent (connection));
}

static char *
wsm_cli_columns_format_missed (WsmConnection    *connection,
                               const WsmCliView *view)
{
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (connection);

  if (!wsm_cli_columns_is_connected (connection) ||
      wsm_heartbeat_worst_case_detection (heartbeat) == 0)
    return g_strdup (NOTHING);

  return g_strdup_printf ("%u/%u", wsm_connection_get_n_missed (connection),
                          wsm_heartbeat_get_max_missed (heartbeat));
}

/* In whole seconds, rounded up: tenths would only flicker. */
static char *
wsm_cli_columns_format_countdown (const char *what,
                                  gint64      at_us,
                                  gint64      now_us)
{
  gint64 seconds = (at_us - now_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;

  if (at_us <= 0)
    return g_strdup (NOTHING);
  if (seconds <= 0)
    return g_strdup_printf ("%s now", what);
  if (seconds < 100)
    return g_strdup_printf ("%s %d s", what, (int) seconds);
  if (seconds < 100 * 60)
    return g_strdup_printf ("%s %d min", what, (int) (seconds + 59) / 60);

  return g_strdup_printf ("%s %d h", what, (int) ((seconds + 3599) / 3600));
}

static char *
wsm_cli_columns_format_next (WsmConnection    *connection,
                             const WsmCliView *view)
{
  if (wsm_cli_columns_is_connected (connection))
    return wsm_cli_columns_format_countdown ("beat", wsm_connection_get_next_beat_at (connection),
                                             view->now_us);

  return wsm_cli_columns_format_countdown ("retry", wsm_connection_get_next_retry_at (connection),
                                           view->now_us);
}

/* What happens next stands in a column of its own, and is right there at any time. */
static char *
wsm_cli_columns_format_reason (WsmConnection    *connection,
                               const WsmCliView *view)
{
  const WsmReason *reason = wsm_connection_get_reason (connection);
  guint n_reconnects = wsm_connection_get_n_reconnects (connection);
  g_autofree char *text = wsm_reason_to_string (reason);
  g_autofree char *whole = NULL;
  char *outlook = strstr (text, "; trying again ");

  if (wsm_reason_get_code (reason) == WSM_REASON_CODE_NONE)
    return g_strdup (NOTHING);
  /* That there was trouble before shall not be forgotten. */
  if (wsm_reason_get_code (reason) == WSM_REASON_CODE_OPENED && n_reconnects > 0)
    return g_strdup_printf ("%s: reconnection %u", text, n_reconnects);
  if (outlook == NULL)
    return wsm_cli_cells_clean (text);

  *outlook = '\0';
  whole = g_strdup_printf ("%s; attempt %u is next", text, wsm_reason_get_attempt (reason));

  return wsm_cli_cells_clean (whole);
}

static const WsmCliColumn columns[] =
{
  [WSM_CLI_COLUMN_STATE] =
    { "state", 12, WSM_CLI_FIT_LEFT, wsm_cli_columns_format_state },
  [WSM_CLI_COLUMN_NAME] =
    { "name", 8, WSM_CLI_FIT_MIDDLE, wsm_cli_columns_format_name },
  [WSM_CLI_COLUMN_LAST] =
    { "rtt ms", 6, WSM_CLI_FIT_RIGHT, wsm_cli_columns_format_last },
  [WSM_CLI_COLUMN_MEDIAN] =
    { "median", 6, WSM_CLI_FIT_RIGHT, wsm_cli_columns_format_median },
  [WSM_CLI_COLUMN_P95] =
    { "p95", 6, WSM_CLI_FIT_RIGHT, wsm_cli_columns_format_p95 },
  [WSM_CLI_COLUMN_BEATS] =
    { "beats", 7, WSM_CLI_FIT_RIGHT, wsm_cli_columns_format_beats },
  [WSM_CLI_COLUMN_MISSED] =
    { "missed", 6, WSM_CLI_FIT_RIGHT, wsm_cli_columns_format_missed },
  [WSM_CLI_COLUMN_NEXT] =
    { "next", 10, WSM_CLI_FIT_LEFT, wsm_cli_columns_format_next },
  [WSM_CLI_COLUMN_REASON] =
    { "reason", 6, WSM_CLI_FIT_LEFT, wsm_cli_columns_format_reason },
};

/**
 * wsm_cli_columns_get:
 * @id: a column
 *
 * Gets what a column is.
 *
 * Returns: (transfer none): its description
 */
const WsmCliColumn *
wsm_cli_columns_get (WsmCliColumnId id)
{
  return &columns[id];
}

/**
 * wsm_cli_columns_state_colour:
 * @state: a state
 *
 * Gets the colour of a state.
 *
 * Returns: the parameter of the escape sequence
 */
const char *
wsm_cli_columns_state_colour (WsmState state)
{
  return state_styles[state].colour;
}
