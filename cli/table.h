/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * WsmCliView:
 * @started_us: when the watch began, in microseconds of monotonic time
 * @now_us: what time it is
 * @lateness: how many milliseconds late 1 of 100 beats of this program leaves; 0 = not known
 * @n_columns: the width, in cells; 0 = without limit
 * @n_rows: the height, in lines; 0 = without limit
 * @colour: whether to use escape sequences for colours
 * @unicode: whether there are other characters than those of ASCII
 *
 * How a table is looked at.
 */
typedef struct
{
  gint64 started_us;
  gint64 now_us;
  double lateness;
  guint n_columns;
  guint n_rows;
  gboolean colour;
  gboolean unicode;
} WsmCliView;

char *wsm_cli_table_format (GPtrArray        *groups,
                            const WsmCliView *view) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
