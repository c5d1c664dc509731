/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

#include "wsi-connection.h"

G_BEGIN_DECLS

/* The columns of the list of connections, and what rows are sorted by in each of them. */
typedef enum
{
  WSI_COLUMN_NONE, /* in the order of the source */
  WSI_COLUMN_STATE,
  WSI_COLUMN_NAME,
  WSI_COLUMN_ROUND_TRIP,
  WSI_COLUMN_BEATS,
  WSI_COLUMN_NEXT,
  WSI_COLUMN_MISSED,
  WSI_COLUMN_RECONNECTS,
  WSI_COLUMN_SENT,
  WSI_COLUMN_RECEIVED,
  WSI_COLUMN_UP,
  WSI_N_COLUMNS,
} WsiColumn;

/* Whether its figures change all the time, and only for rows that are watched. */
gboolean    wsi_column_is_live  (WsiColumn      column);
/* Not a number: there is none; it stands at the end, whichever way rows are sorted. */
double      wsi_column_get_key  (WsiColumn      column,
                                 WsiConnection *connection);
/* Of the column of names, which has no number; kept with the connection. */
const char *wsi_column_get_text (WsiConnection *connection);

G_END_DECLS
