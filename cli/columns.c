/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "columns.h"

#include <string.h>

/* What a table tells of a connection: one short text a column. */

/* A dead peer makes no round trips, and a closed connection has no next beat. */
#define NOTHING "-"

/* How libwsmulti begins to say what happens next, wsm_reason_to_string (). */
#define OUTLOOK "; trying again "

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
  [WSI_STATE_UNKNOWN] = { "unknown", "·", ".", "2" },
  [WSI_STATE_IDLE] = { "idle", "·", ".", "2" },
  [WSI_STATE_CONNECTING] = { "connecting", "◌", ">", "36" },
  [WSI_STATE_OPEN] = { "open", "●", "+", "32" },
  [WSI_STATE_SUSPECT] = { "suspect", "◐", "?", "33" },
  [WSI_STATE_WAITING] = { "waiting", "○", "~", "35" },
  [WSI_STATE_CLOSING] = { "closing", "◒", "<", "36" },
  [WSI_STATE_CLOSED] = { "closed", "□", "-", "2" },
  [WSI_STATE_FAILED] = { "failed", "✗", "x", "31" },
};

static const WsmCliStateStyle *
wsm_cli_columns_get_state_style (WsiState state)
{
  return &state_styles[(gsize) state < G_N_ELEMENTS (state_styles) ? state : WSI_STATE_UNKNOWN];
}

static char *
wsm_cli_columns_format_state (WsmCliRow        *row,
                              const WsmCliView *view)
{
  const WsmCliStateStyle *style = wsm_cli_columns_get_state_style (row->state);

  return g_strdup_printf ("%s %s", view->unicode ? style->symbol : style->ascii, style->name);
}

static char *
wsm_cli_columns_format_name (WsmCliRow        *row,
                             const WsmCliView *view)
{
  return wsm_cli_cells_clean (row->name);
}

/* Not in the style of the locale, because the reasons beside it are not either. */
static char *
wsm_cli_columns_format_ms (double ms)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (ms < 0.0)
    return g_strdup (NOTHING);

  return g_strdup (g_ascii_formatd (text, sizeof text, ms < 100.0 ? "%.1f" : "%.0f", ms));
}

static char *
wsm_cli_columns_format_last (WsmCliRow        *row,
                             const WsmCliView *view)
{
  return wsm_cli_columns_format_ms (row->last);
}

static char *
wsm_cli_columns_format_median (WsmCliRow        *row,
                               const WsmCliView *view)
{
  return wsm_cli_columns_format_ms (row->median);
}

static char *
wsm_cli_columns_format_p95 (WsmCliRow        *row,
                            const WsmCliView *view)
{
  return wsm_cli_columns_format_ms (row->p95);
}

static char *
wsm_cli_columns_format_beats (WsmCliRow        *row,
                              const WsmCliView *view)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                          row->n_beats_answered, row->n_beats_sent);
}

static char *
wsm_cli_columns_format_missed (WsmCliRow        *row,
                               const WsmCliView *view)
{
  if (!wsm_cli_row_is_connected (row) || row->max_missed == 0)
    return g_strdup (NOTHING);

  return g_strdup_printf ("%u/%u", row->n_missed, row->max_missed);
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
wsm_cli_columns_format_next (WsmCliRow        *row,
                             const WsmCliView *view)
{
  return wsm_cli_columns_format_countdown (wsm_cli_row_is_connected (row) ? "beat" : "retry",
                                           row->next_at_us, view->now_us);
}

/* What happens next stands in a column of its own, and is right there at any time. */
static char *
wsm_cli_columns_format_reason (WsmCliRow        *row,
                               const WsmCliView *view)
{
  g_autofree char *text = NULL;
  char *outlook;

  if (row->reason == NULL || *row->reason == '\0')
    return g_strdup (NOTHING);

  text = wsm_cli_cells_clean (row->reason);
  /* That there was trouble before shall not be forgotten. */
  if (g_str_equal (text, "opened") && row->n_reconnects > 0)
    return g_strdup_printf ("%s: reconnection %u", text, row->n_reconnects);

  outlook = strstr (text, OUTLOOK);
  if (outlook == NULL)
    return g_steal_pointer (&text);

  *outlook = '\0';

  return g_strdup_printf ("%s; attempt %u is next", text, row->attempt);
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
wsm_cli_columns_state_colour (WsiState state)
{
  return wsm_cli_columns_get_state_style (state)->colour;
}

/**
 * wsm_cli_columns_state_name:
 * @state: a state
 *
 * Gets the word for a state.
 *
 * Returns: the word
 */
const char *
wsm_cli_columns_state_name (WsiState state)
{
  return wsm_cli_columns_get_state_style (state)->name;
}
