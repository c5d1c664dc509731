/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-column.h"

#include <math.h>

/* What troubles comes first. By WsiState. */
static const int ranks[] = {
  [WSI_STATE_FAILED] = 0,
  [WSI_STATE_WAITING] = 1,
  [WSI_STATE_SUSPECT] = 2,
  [WSI_STATE_CONNECTING] = 3,
  [WSI_STATE_OPEN] = 4,
  [WSI_STATE_CLOSING] = 5,
  [WSI_STATE_CLOSED] = 6,
  [WSI_STATE_IDLE] = 7,
  [WSI_STATE_UNKNOWN] = 8,
};

/* Worked out once: to compare names as people do takes longer than all the rest. */
typedef struct
{
  char *name; /* (owned) */
  char *key;  /* (owned) */
} WsiCollation;

static void
wsi_collation_free (gpointer data)
{
  WsiCollation *collation = data;

  g_free (collation->name);
  g_free (collation->key);
  g_free (collation);
}

gboolean
wsi_column_is_live (WsiColumn column)
{
  switch (column)
    {
    case WSI_COLUMN_ROUND_TRIP:
    case WSI_COLUMN_NEXT:
    case WSI_COLUMN_MISSED:
    case WSI_COLUMN_RECONNECTS:
    case WSI_COLUMN_SENT:
    case WSI_COLUMN_RECEIVED:
    case WSI_COLUMN_UP:
      return TRUE;
    case WSI_COLUMN_NONE:
    case WSI_COLUMN_STATE:
    case WSI_COLUMN_NAME:
    case WSI_COLUMN_BEATS:
    case WSI_N_COLUMNS:
    default:
      return FALSE;
    }
}

double
wsi_column_get_key (WsiColumn      column,
                    WsiConnection *connection)
{
  switch (column)
    {
    case WSI_COLUMN_STATE:
      return ranks[wsi_connection_get_state (connection)];
    case WSI_COLUMN_ROUND_TRIP:
      {
        double round_trip = wsi_connection_get_round_trip (connection);

        return round_trip < 0.0 ? NAN : round_trip;
      }
    case WSI_COLUMN_NEXT:
      {
        gint64 next_at_us = wsi_connection_get_next_at (connection);

        return next_at_us == 0 ? NAN : (double) next_at_us;
      }
    case WSI_COLUMN_MISSED:
      return wsi_connection_get_n_missed (connection);
    case WSI_COLUMN_RECONNECTS:
      return wsi_connection_get_n_reconnects (connection);
    case WSI_COLUMN_SENT:
      return (double) wsi_connection_get_n_bytes_sent (connection);
    case WSI_COLUMN_RECEIVED:
      return (double) wsi_connection_get_n_bytes_received (connection);
    case WSI_COLUMN_UP:
      {
        gint64 opened_at_us = wsi_connection_get_opened_at (connection);

        /* The one that opened last has been up for the shortest time. */
        return opened_at_us == 0 ? NAN : -(double) opened_at_us;
      }
    case WSI_COLUMN_NONE:
    case WSI_COLUMN_NAME:
    case WSI_COLUMN_BEATS:
    case WSI_N_COLUMNS:
    default:
      return 0.0;
    }
}

const char *
wsi_column_get_text (WsiConnection *connection)
{
  static GQuark quark = 0;
  const char *name = wsi_connection_get_name (connection);
  WsiCollation *collation = NULL;

  if (quark == 0)
    quark = g_quark_from_static_string ("wsi-collation");
  if (name == NULL)
    name = "";
  collation = g_object_get_qdata (G_OBJECT (connection), quark);
  if (collation == NULL || strcmp (collation->name, name) != 0)
    {
      collation = g_new (WsiCollation, 1);
      collation->name = g_strdup (name);
      /* As for file names: “feed 2” stands before “feed 10”. */
      collation->key = g_utf8_collate_key_for_filename (name, -1);
      g_object_set_qdata_full (G_OBJECT (connection), quark, collation, wsi_collation_free);
    }
  return collation->key;
}
