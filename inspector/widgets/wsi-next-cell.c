/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-next-cell.h"

#include "wsi-advice.h"
#include "wsi-format.h"
#include "wsi-state.h"
#include "wsi-widgets.h"

#include <glib/gi18n-lib.h>

#include <math.h>

#define US_PER_MS (G_GINT64_CONSTANT (1000))
#define US_PER_SECOND (1000 * US_PER_MS)

/* Room for a countdown; and for the first words of a reason. */
#define MIN_CHARS 11
#define NATURAL_CHARS 24

#define LINE_HEIGHT 3
/* Under text there is only the padding of the row. */
#define UNDERLINE_HEIGHT 2
/* What of the colour the part that is still to come has. */
#define REST_ALPHA 0.2f

struct _WsiNextCell
{
  WsiCell parent_instance;

  WsiState state;
  gboolean paused;
  char *reason;       /* (owned) (nullable) */
  gint64 remaining_s; /* negative: nothing is due */
  int fill;           /* pixels of the device; negative: no line */
  gint64 now_us;      /* when it was last refreshed */
  gboolean is_known;
};

G_DEFINE_FINAL_TYPE (WsiNextCell, wsi_next_cell, WSI_TYPE_CELL)

static gboolean
wsi_next_cell_is_alive (WsiNextCell *self)
{
  return self->state == WSI_STATE_OPEN || self->state == WSI_STATE_SUSPECT;
}

static char *
wsi_next_cell_format (WsiNextCell *self)
{
  g_autofree char *countdown = NULL;

  if (self->paused && (wsi_next_cell_is_alive (self) || self->state == WSI_STATE_WAITING))
    /* Translators: of a connection whose heartbeats and attempts were stopped for now. */
    return g_strdup (_("Paused"));
  if (self->remaining_s < 0)
    return wsi_next_cell_is_alive (self) ? NULL : g_strdup (self->reason);
  countdown = wsi_format_countdown (self->remaining_s * US_PER_SECOND);
  if (wsi_next_cell_is_alive (self))
    /* Translators: of a heartbeat; %s is “in 3 s” or “now”. */
    return g_strdup_printf (_("Next beat %s"), countdown);
  if (self->reason == NULL || *self->reason == '\0')
    return g_steal_pointer (&countdown);
  /* Translators: “in 3 s”, and why it waits. */
  return g_strdup_printf (C_ ("countdown", "%s · %s"), countdown, self->reason);
}

static int
wsi_next_cell_get_fill (WsiNextCell   *self,
                        WsiConnection *connection,
                        gint64         now_us)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gint64 next_at_us = wsi_connection_get_next_at (connection);
  gint64 span_us = wsi_connection_get_span (connection) * US_PER_MS;
  int width = gtk_widget_get_width (widget) * gtk_widget_get_scale_factor (widget);
  double ratio = 1.0;

  if (self->remaining_s < 0 || span_us == 0 || self->paused)
    return -1;
  ratio -= (double) (next_at_us - now_us) / (double) span_us;
  return (int) lrint (CLAMP (ratio, 0.0, 1.0) * width);
}

static gboolean
wsi_next_cell_refresh (WsiCell       *cell,
                       WsiConnection *connection,
                       gint64         now_us)
{
  WsiNextCell *self = WSI_NEXT_CELL (cell);
  WsiState state = wsi_connection_get_state (connection);
  const char *explanation = wsi_advice_explain (wsi_connection_get_reason (connection));
  const char *reason = explanation != NULL ? explanation : wsi_connection_get_reason (connection);
  gboolean paused = wsi_connection_get_paused (connection);
  gint64 next_at_us = wsi_connection_get_next_at (connection);
  gint64 remaining_us = MAX (next_at_us - now_us, 0);
  gboolean is_due = next_at_us != 0 && (state == WSI_STATE_OPEN || state == WSI_STATE_SUSPECT ||
                                        state == WSI_STATE_WAITING);
  gint64 remaining_s = is_due ? (remaining_us + US_PER_SECOND - 1) / US_PER_SECOND : -1;
  gboolean is_other = FALSE;
  int fill = 0;

  self->now_us = now_us;
  if (!self->is_known || self->state != state || self->paused != paused ||
      self->remaining_s != remaining_s || g_strcmp0 (self->reason, reason) != 0)
    {
      is_other = !self->is_known || self->state != state;
      self->is_known = TRUE;
      self->state = state;
      self->paused = paused;
      self->remaining_s = remaining_s;
      if (g_strcmp0 (self->reason, reason) != 0)
        {
          g_free (self->reason);
          self->reason = g_strdup (reason);
        }
      wsi_cell_set_state_class (cell, wsi_state_get_css_class (state));
      /* Of a connection that is alive the line says it; the words are for those who hear them. */
      if (wsi_cell_take_text (cell, wsi_next_cell_format (self)) &&
          (!wsi_next_cell_is_alive (self) || paused))
        is_other = TRUE;
    }

  fill = wsi_next_cell_get_fill (self, connection, now_us);
  if (self->fill != fill)
    {
      self->fill = fill;
      is_other = TRUE;
    }
  return is_other;
}

static void
wsi_next_cell_reset (WsiCell *cell)
{
  WSI_NEXT_CELL (cell)->is_known = FALSE;
}

static void
wsi_next_cell_draw_line (WsiNextCell *self,
                         GtkSnapshot *snapshot,
                         int          width,
                         int          y,
                         int          height)
{
  float fill = (float) self->fill / (float) gtk_widget_get_scale_factor (GTK_WIDGET (self));
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  float rest = (float) width - fill;
  GdkRGBA color;

  wsi_widgets_get_color (GTK_WIDGET (self), &color);
  gtk_snapshot_append_color (snapshot, &color,
                             &GRAPHENE_RECT_INIT (is_rtl ? rest : 0.0f, (float) y, fill,
                                                  (float) height));
  color.alpha *= REST_ALPHA;
  gtk_snapshot_append_color (snapshot, &color,
                             &GRAPHENE_RECT_INIT (is_rtl ? 0.0f : fill, (float) y, rest,
                                                  (float) height));
}

static void
wsi_next_cell_draw (WsiCell     *cell,
                    GtkSnapshot *snapshot,
                    int          width,
                    int          height)
{
  WsiNextCell *self = WSI_NEXT_CELL (cell);
  gboolean has_text = !wsi_next_cell_is_alive (self) || self->paused;

  if (has_text)
    wsi_cell_draw_text (cell, snapshot, 0, width, height, FALSE);
  if (self->fill >= 0 && has_text)
    wsi_next_cell_draw_line (self, snapshot, width, height, UNDERLINE_HEIGHT);
  else if (self->fill >= 0)
    wsi_next_cell_draw_line (self, snapshot, width, (height - LINE_HEIGHT) / 2, LINE_HEIGHT);
}

static gboolean
wsi_next_cell_query_tooltip (GtkWidget  *widget,
                             int         x,
                             int         y,
                             gboolean    keyboard_tooltip,
                             GtkTooltip *tooltip)
{
  const char *text = wsi_cell_get_text (WSI_CELL (widget));

  if (text == NULL || *text == '\0')
    return FALSE;
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
wsi_next_cell_size_allocate (GtkWidget *widget,
                             int        width,
                             int        height,
                             int        baseline)
{
  /* The pixels of the line have to be counted again. */
  wsi_cell_refresh (WSI_CELL (widget), WSI_NEXT_CELL (widget)->now_us);
}

static void
wsi_next_cell_finalize (GObject *object)
{
  g_free (WSI_NEXT_CELL (object)->reason);

  G_OBJECT_CLASS (wsi_next_cell_parent_class)->finalize (object);
}

static void
wsi_next_cell_class_init (WsiNextCellClass *klass)
{
  WsiCellClass *cell_class = WSI_CELL_CLASS (klass);
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  cell_class->draw = wsi_next_cell_draw;
  cell_class->refresh = wsi_next_cell_refresh;
  cell_class->reset = wsi_next_cell_reset;

  object_class->finalize = wsi_next_cell_finalize;

  widget_class->query_tooltip = wsi_next_cell_query_tooltip;
  widget_class->size_allocate = wsi_next_cell_size_allocate;
}

static void
wsi_next_cell_init (WsiNextCell *self)
{
  wsi_cell_set_n_chars (WSI_CELL (self), MIN_CHARS, NATURAL_CHARS);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
}

GtkWidget *
wsi_next_cell_new (void)
{
  return g_object_new (WSI_TYPE_NEXT_CELL, NULL);
}
