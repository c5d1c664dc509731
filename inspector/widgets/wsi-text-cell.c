/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-text-cell.h"

#include "wsi-format.h"

#include <glib/gi18n-lib.h>

#define US_PER_SECOND (G_GINT64_CONSTANT (1000000))

/* For counts of trouble that are nought, so that the others stand out. */
#define QUIET_CLASS "wsi-quiet"

/* Names may be cut sooner than figures. */
#define MIN_NAME_CHARS 10

struct _WsiTextCell
{
  WsiCell parent_instance;

  WsiColumn column;
  gboolean is_known;
  guint64 numbers[2]; /* what the text was made of */
};

G_DEFINE_FINAL_TYPE (WsiTextCell, wsi_text_cell, WSI_TYPE_CELL)

/* Enough for nearly all there is: what is longer ends in an ellipsis. By WsiColumn. */
static const guint n_chars[WSI_N_COLUMNS] = {
  [WSI_COLUMN_NAME] = 20,
  [WSI_COLUMN_ROUND_TRIP] = 8,
  [WSI_COLUMN_MISSED] = 7,
  [WSI_COLUMN_RECONNECTS] = 5,
  [WSI_COLUMN_SENT] = 9,
  [WSI_COLUMN_RECEIVED] = 9,
  [WSI_COLUMN_UP] = 11,
};

/* Whether the numbers are others than before; no text is made for nothing. */
static gboolean
wsi_text_cell_note (WsiTextCell *self,
                    guint64      number,
                    guint64      other)
{
  if (self->is_known && self->numbers[0] == number && self->numbers[1] == other)
    return FALSE;
  self->is_known = TRUE;
  self->numbers[0] = number;
  self->numbers[1] = other;
  return TRUE;
}

static char *
wsi_text_cell_format_missed (guint n_missed,
                             guint max_missed)
{
  /* 0: nothing that this one does is ever missed. */
  if (max_missed == 0)
    return g_strdup ("–");
  /* Translators: heartbeats missed in a row, and how many of them end the connection. */
  return g_strdup_printf (C_ ("missed", "%u of %u"), n_missed, max_missed);
}

/* The row itself has no name for those who listen; GTK 4.12 has a factory for that. */
static void
wsi_text_cell_name_row (WsiTextCell *self,
                        const char  *name)
{
  GtkWidget *padding = gtk_widget_get_parent (GTK_WIDGET (self));
  GtkWidget *row = padding != NULL ? gtk_widget_get_parent (padding) : NULL;

  if (row != NULL && name != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static gboolean
wsi_text_cell_refresh_up (WsiTextCell   *self,
                          WsiConnection *connection,
                          gint64         now_us)
{
  WsiState state = wsi_connection_get_state (connection);
  gint64 opened_at_us = wsi_connection_get_opened_at (connection);
  gint64 seconds = -1;

  if (opened_at_us != 0 && (state == WSI_STATE_OPEN || state == WSI_STATE_SUSPECT))
    seconds = MAX (now_us - opened_at_us, 0) / US_PER_SECOND;
  if (!wsi_text_cell_note (self, (guint64) seconds, 0))
    return FALSE;
  return wsi_cell_take_text (WSI_CELL (self), wsi_format_duration (seconds * US_PER_SECOND));
}

static gboolean
wsi_text_cell_refresh (WsiCell       *cell,
                       WsiConnection *connection,
                       gint64         now_us)
{
  WsiTextCell *self = WSI_TEXT_CELL (cell);

  switch (self->column)
    {
    case WSI_COLUMN_ROUND_TRIP:
      {
        double round_trip = wsi_connection_get_round_trip (connection);
        guint64 bits = 0;

        memcpy (&bits, &round_trip, sizeof bits);
        return wsi_text_cell_note (self, bits, 0) &&
               wsi_cell_take_text (cell, wsi_format_round_trip (round_trip));
      }
    case WSI_COLUMN_MISSED:
      {
        guint n_missed = wsi_connection_get_n_missed (connection);
        guint max_missed = wsi_connection_get_max_missed (connection);

        wsi_cell_set_state_class (cell, n_missed > 0 ? "state-suspect" : QUIET_CLASS);
        return wsi_text_cell_note (self, n_missed, max_missed) &&
               wsi_cell_take_text (cell, wsi_text_cell_format_missed (n_missed, max_missed));
      }
    case WSI_COLUMN_RECONNECTS:
      {
        guint n_reconnects = wsi_connection_get_n_reconnects (connection);

        wsi_cell_set_state_class (cell, n_reconnects > 0 ? NULL : QUIET_CLASS);
        return wsi_text_cell_note (self, n_reconnects, 0) &&
               wsi_cell_take_text (cell, wsi_format_count (n_reconnects));
      }
    case WSI_COLUMN_SENT:
      {
        guint64 n_bytes = wsi_connection_get_n_bytes_sent (connection);

        return wsi_text_cell_note (self, n_bytes, 0) &&
               wsi_cell_take_text (cell, wsi_format_size (n_bytes));
      }
    case WSI_COLUMN_RECEIVED:
      {
        guint64 n_bytes = wsi_connection_get_n_bytes_received (connection);

        return wsi_text_cell_note (self, n_bytes, 0) &&
               wsi_cell_take_text (cell, wsi_format_size (n_bytes));
      }
    case WSI_COLUMN_UP:
      return wsi_text_cell_refresh_up (self, connection, now_us);
    case WSI_COLUMN_NAME:
      {
        const char *name = wsi_connection_get_name (connection);

        if (g_strcmp0 (name, wsi_cell_get_text (cell)) == 0)
          return FALSE;
        wsi_text_cell_name_row (self, name);
        return wsi_cell_take_text (cell, g_strdup (name));
      }
    case WSI_COLUMN_NONE:
    case WSI_COLUMN_STATE:
    case WSI_COLUMN_BEATS:
    case WSI_COLUMN_NEXT:
    case WSI_N_COLUMNS:
    default:
      return FALSE;
    }
}

static void
wsi_text_cell_reset (WsiCell *cell)
{
  WSI_TEXT_CELL (cell)->is_known = FALSE;
}

static void
wsi_text_cell_draw (WsiCell     *cell,
                    GtkSnapshot *snapshot,
                    int          width,
                    int          height)
{
  /* Digits stand under digits; names begin where the eye does. */
  wsi_cell_draw_text (cell, snapshot, 0, width, height,
                      WSI_TEXT_CELL (cell)->column != WSI_COLUMN_NAME);
}

static gboolean
wsi_text_cell_query_tooltip (GtkWidget  *widget,
                             int         x,
                             int         y,
                             gboolean    keyboard_tooltip,
                             GtkTooltip *tooltip)
{
  WsiConnection *connection = wsi_cell_get_connection (WSI_CELL (widget));
  const char *uri = connection != NULL ? wsi_connection_get_uri (connection) : NULL;

  if (uri == NULL)
    return FALSE;
  gtk_tooltip_set_text (tooltip, uri);
  return TRUE;
}

static void
wsi_text_cell_class_init (WsiTextCellClass *klass)
{
  WsiCellClass *cell_class = WSI_CELL_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  cell_class->draw = wsi_text_cell_draw;
  cell_class->refresh = wsi_text_cell_refresh;
  cell_class->reset = wsi_text_cell_reset;

  widget_class->query_tooltip = wsi_text_cell_query_tooltip;
}

static void
wsi_text_cell_init (WsiTextCell *self)
{
}

GtkWidget *
wsi_text_cell_new (WsiColumn column)
{
  WsiTextCell *self = g_object_new (WSI_TYPE_TEXT_CELL,
                                    "has-tooltip", column == WSI_COLUMN_NAME,
                                    NULL);

  self->column = column;
  wsi_cell_set_n_chars (WSI_CELL (self),
                        column == WSI_COLUMN_NAME ? MIN_NAME_CHARS : n_chars[column],
                        n_chars[column]);
  /* Names are often addresses, which differ at their end. */
  if (column == WSI_COLUMN_NAME)
    wsi_cell_set_ellipsize (WSI_CELL (self), PANGO_ELLIPSIZE_MIDDLE);
  return GTK_WIDGET (self);
}
