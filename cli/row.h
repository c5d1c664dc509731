/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

#include "wsi-enums.h"

G_BEGIN_DECLS

/**
 * WsmCliRow:
 * @name: any bytes
 * @state: its state
 * @last: the last round trip in ms; negative = none
 * @median: of the round trips in ms; negative = none
 * @p95: of the round trips in ms; negative = none
 * @n_beats_answered: how many of its beats were answered
 * @n_beats_sent: of how many
 * @n_missed: how many beats were missed in a row
 * @max_missed: how many of them end the connection; 0 = beats are never missed
 * @next_at_us: when the next beat or attempt is due; 0 = never
 * @reason: (nullable): why it is in its state, any bytes
 * @n_reconnects: how often it was opened again
 * @attempt: the number of the attempt that comes next
 *
 * A connection in a table, at one moment: of a pool of this program or of another one.
 */
typedef struct
{
  char *name; /* (owned) */
  WsiState state;

  double last;
  double median;
  double p95;
  guint64 n_beats_answered;
  guint64 n_beats_sent;
  guint n_missed;
  guint max_missed;
  gint64 next_at_us;

  char *reason; /* (owned) (nullable) */
  guint n_reconnects;
  guint attempt;
} WsmCliRow;

/**
 * WsmCliGroup:
 * @title: (nullable): what stands above its rows, any bytes
 * @rows: (element-type WsmCliRow): its rows
 *
 * Rows that belong together, because they are of one program for instance.
 */
typedef struct
{
  char *title;     /* (owned) (nullable) */
  GPtrArray *rows; /* (owned) */
} WsmCliGroup;

WsmCliRow   *wsm_cli_row_new_for_connection (WsmConnection *connection) G_GNUC_WARN_UNUSED_RESULT;
void         wsm_cli_row_free               (WsmCliRow     *self);
gboolean     wsm_cli_row_is_connected       (WsmCliRow     *self);

WsmCliGroup *wsm_cli_group_new              (const char    *title) G_GNUC_WARN_UNUSED_RESULT;
void         wsm_cli_group_free             (WsmCliGroup   *self);

GPtrArray   *wsm_cli_group_list_new         (void) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray   *wsm_cli_group_list_connections (GListModel    *connections) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
