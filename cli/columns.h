/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cells.h"
#include "row.h"
#include "table.h"

G_BEGIN_DECLS

/* The columns of a table, from left to right. */
typedef enum
{
  WSM_CLI_COLUMN_STATE,
  WSM_CLI_COLUMN_NAME,
  WSM_CLI_COLUMN_LAST,
  WSM_CLI_COLUMN_MEDIAN,
  WSM_CLI_COLUMN_P95,
  WSM_CLI_COLUMN_BEATS,
  WSM_CLI_COLUMN_MISSED,
  WSM_CLI_COLUMN_NEXT,
  WSM_CLI_COLUMN_REASON,
  WSM_CLI_N_COLUMNS
} WsmCliColumnId;

/* What a column is called, how wide it is at least, and which text it has for a row. */
typedef struct
{
  const char *title;
  guint min_cells;
  WsmCliFit fit;
  char *(*format) (WsmCliRow        *row,
                   const WsmCliView *view);
} WsmCliColumn;

const WsmCliColumn *wsm_cli_columns_get          (WsmCliColumnId    id);
const char         *wsm_cli_columns_state_colour (WsiState          state);
const char         *wsm_cli_columns_state_name   (WsiState          state);

G_END_DECLS
