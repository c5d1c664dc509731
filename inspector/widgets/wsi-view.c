/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-view.h"

#include <math.h>

#define US_PER_SECOND (G_GINT64_CONSTANT (1000000))
#define US_PER_MS (G_GINT64_CONSTANT (1000))

/* A beat has to be seen within 250 ms. Rows are read again when the source has told something;
 * by itself, for what goes on with time alone, only when it has not for longer than it would. */
#define TICK_MS 100
#define LATE_TICK_MS 150
#define WATCH_INTERVAL_MS 100
/* What comes sooner after the last time waits for the next one. */
#define MIN_TICK_MS 20
/* How often rows may change their places: seldom, so that one can read, and not under the hand of
 * one who scrolls. */
#define N_TICKS_TO_SORT 20
#define SCROLLING_MS 300

/* Rows beyond the edges that are ready before they come into view, and those that are asked for:
 * the source takes a moment. */
#define MARGIN 2
#define WATCH_MARGIN 10

/**
 * WsiView:
 *
 * The window that a list is seen through.
 */
struct _WsiView
{
  GObject parent_instance;

  GtkWidget *widget;         /* (unowned): it owns this */
  GtkAdjustment *adjustment; /* (owned) */
  WsiOrder *order;           /* (owned) */
  WsiSource *source;         /* (owned) (nullable) */
  GSignalGroup *signals;     /* (owned): of the source */
  GPtrArray *cells;          /* (owned) (element-type WsiCell): not owned */

  GSource *tick; /* (owned) (nullable) */
  gint64 ticked_us;
  gint64 scrolled_us;
  guint n_ticks;
  gulong layout_id; /* until the frame is laid out */
  double kept_value;
  guint shown_position; /* G_MAXUINT = the value counts */

  /* Positions in the order, the last one included; the first is after it if there are none. */
  guint first;
  guint last;
  gboolean is_stale; /* other rows may stand there now */
  gboolean is_miscounted; /* states have changed */
};

G_DEFINE_FINAL_TYPE (WsiView, wsi_view, G_TYPE_OBJECT)

/* Of a source that is gone the clock stands still. With reduced motion lines fill by the second. */
static gint64
wsi_view_get_now (WsiView *self)
{
  gint64 now_us = self->source != NULL ? wsi_source_get_now (self->source)
                                       : g_get_monotonic_time ();
  gboolean is_animated = TRUE;

  g_object_get (gtk_widget_get_settings (self->widget), "gtk-enable-animations", &is_animated,
                NULL);
  return is_animated ? now_us : now_us - now_us % US_PER_SECOND;
}

static gboolean
wsi_view_is_in_view (WsiView *self,
                     WsiCell *cell)
{
  guint position = wsi_cell_get_position (cell);

  return position >= self->first && position <= self->last;
}

/* All rows are of one height. */
static void
wsi_view_measure (WsiView *self)
{
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->order));
  double upper = gtk_adjustment_get_upper (self->adjustment);
  double value = gtk_adjustment_get_value (self->adjustment);
  double row_height = n_rows > 0 ? upper / n_rows : 0.0;
  guint first = 1;
  guint last = 0;

  if (row_height >= 1.0)
    {
      first = (guint) MAX (floor (value / row_height) - MARGIN, 0.0);
      last = (guint) MIN (floor ((value + gtk_adjustment_get_page_size (self->adjustment)) /
                                 row_height) + MARGIN, n_rows - 1.0);
    }
  else if (n_rows > 0)
    {
      /* Not laid out yet. */
      first = 0;
      last = 0;
    }
  if (first == self->first && last == self->last)
    return;
  self->first = first;
  self->last = last;
  self->is_stale = TRUE;
}

static void
wsi_view_refresh (WsiView *self)
{
  gint64 now_us = wsi_view_get_now (self);

  for (guint i = 0; i < self->cells->len; i++)
    {
      WsiCell *cell = self->cells->pdata[i];
      gboolean is_in_view = wsi_view_is_in_view (self, cell);

      wsi_cell_set_in_view (cell, is_in_view);
      if (is_in_view)
        wsi_cell_refresh (cell, now_us);
    }
}

/* The position in the source, where rows stand in the order of their ids. */
static guint
wsi_view_find_in_source (WsiView       *self,
                         WsiConnection *connection)
{
  GListModel *connections = wsi_source_get_connections (self->source);
  guint64 id = wsi_connection_get_id (connection);
  guint low = 0;
  guint high = g_list_model_get_n_items (connections);

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      g_autoptr (WsiConnection) candidate = g_list_model_get_item (connections, middle);

      if (wsi_connection_get_id (candidate) < id)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* Rows of the order, the last one included. Those that stand side by side in the source are a
 * window there; of a list that is sorted or filtered they may stand anywhere. */
static void
wsi_view_watch_between (WsiView *self,
                        guint    from,
                        guint    to)
{
  g_autoptr (GArray) ids = g_array_sized_new (FALSE, FALSE, sizeof (guint64), to - from + 1);
  guint first = G_MAXUINT;
  guint last = 0;

  for (guint i = from; i <= to; i++)
    {
      g_autoptr (WsiConnection) connection = g_list_model_get_item (G_LIST_MODEL (self->order), i);
      guint position = wsi_view_find_in_source (self, connection);
      guint64 id = wsi_connection_get_id (connection);

      g_array_append_val (ids, id);
      first = MIN (first, position);
      last = MAX (last, position);
    }
  if (last - first + 1 == ids->len || ids->len > WSI_SOURCE_MAX_WATCHED)
    wsi_source_watch (self->source, WATCH_INTERVAL_MS, first, last - first + 1);
  else
    wsi_source_watch_rows (self->source, WATCH_INTERVAL_MS, (const guint64 *) (gpointer) ids->data,
                           ids->len);
}

static void
wsi_view_watch (WsiView *self)
{
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->order));
  gboolean is_live = wsi_column_is_live (wsi_order_get_column (self->order));
  guint last;

  if (self->source == NULL)
    return;
  if (self->tick == NULL || n_rows == 0 || self->first > self->last)
    wsi_source_watch (self->source, WATCH_INTERVAL_MS, 0, 0);
  else if (is_live && n_rows > WSI_SOURCE_MAX_WATCHED)
    wsi_source_watch (self->source, WATCH_INTERVAL_MS, 0, G_MAXUINT);
  else if (is_live)
    {
      /* Each of them may come to stand in view. */
      wsi_view_watch_between (self, 0, n_rows - 1);
    }
  else
    {
      /* What was in view when it was looked last may be gone. */
      last = MIN (self->last + WATCH_MARGIN, n_rows - 1);
      wsi_view_watch_between (self, MIN (self->first - MIN (self->first, WATCH_MARGIN), last),
                              last);
    }
}

/* The list follows the row that was at its top, wherever sorting takes it: one who reads does not
 * want that. Set before anything is drawn, for the frame is laid out again then. */
static void
wsi_view_layout_cb (GdkFrameClock *clock,
                    gpointer       user_data)
{
  WsiView *self = user_data;
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->order));
  double upper = gtk_adjustment_get_upper (self->adjustment);

  g_clear_signal_handler (&self->layout_id, clock);
  /* A list that shows nothing cannot be moved. */
  if (n_rows == 0 || !gtk_widget_get_mapped (self->widget))
    return;
  if (self->shown_position < n_rows)
    self->kept_value = upper * (self->shown_position + 0.5) / n_rows -
                       gtk_adjustment_get_page_size (self->adjustment) / 2.0;
  gtk_adjustment_set_value (self->adjustment, self->kept_value);
}

static void
wsi_view_place (WsiView *self,
                double   value,
                guint    position)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (self->widget);

  if (clock == NULL)
    return;
  self->kept_value = value;
  self->shown_position = position;
  if (self->layout_id == 0)
    self->layout_id = g_signal_connect_data (clock, "layout", G_CALLBACK (wsi_view_layout_cb),
                                             self, NULL, G_CONNECT_AFTER);
}

static void
wsi_view_sort (WsiView *self)
{
  WsiColumn column = wsi_order_get_column (self->order);

  if (wsi_column_is_live (column) || column == WSI_COLUMN_STATE)
    wsi_view_place (self, gtk_adjustment_get_value (self->adjustment), G_MAXUINT);
  wsi_order_refresh (self->order);
}

static void
wsi_view_tick (WsiView *self)
{
  gint64 now_us = g_get_monotonic_time ();

  self->ticked_us = now_us;
  self->n_ticks++;
  if (now_us - self->scrolled_us >= SCROLLING_MS * US_PER_MS)
    {
      if ((self->n_ticks >= N_TICKS_TO_SORT && wsi_order_is_lively (self->order)) ||
          (self->is_miscounted && wsi_order_is_filtered (self->order)))
        {
          self->n_ticks = 0;
          wsi_view_sort (self);
        }
      self->is_miscounted = FALSE;
    }
  wsi_view_measure (self);
  wsi_view_refresh (self);
  if (self->is_stale)
    {
      self->is_stale = FALSE;
      wsi_view_watch (self);
    }
}

static gboolean
wsi_view_tick_cb (gpointer user_data)
{
  wsi_view_tick (user_data);
  return G_SOURCE_CONTINUE;
}

static void
wsi_view_updated_cb (WsiView *self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (self->tick == NULL || now_us - self->ticked_us < MIN_TICK_MS * US_PER_MS)
    return;
  wsi_view_tick (self);
  g_source_set_ready_time (self->tick, now_us + LATE_TICK_MS * US_PER_MS);
}

/* After the list, which has bound the rows that came into view. */
static void
wsi_view_scrolled_cb (GtkAdjustment *adjustment,
                      gpointer       user_data)
{
  WsiView *self = user_data;

  self->scrolled_us = g_get_monotonic_time ();
  wsi_view_measure (self);
  wsi_view_refresh (self);
}

static void
wsi_view_items_changed_cb (GListModel *model,
                           guint       position,
                           guint       n_removed,
                           guint       n_added,
                           gpointer    user_data)
{
  WsiView *self = user_data;

  self->is_stale = TRUE;
}

static void
wsi_view_counts_changed_cb (WsiView *self)
{
  self->is_miscounted = TRUE;
}

static void
wsi_view_cell_destroyed_cb (GtkWidget *cell,
                            gpointer   user_data)
{
  WsiView *self = user_data;

  g_signal_handlers_disconnect_by_func (cell, wsi_view_cell_destroyed_cb, self);
  g_ptr_array_remove_fast (self->cells, cell);
}

static void
wsi_view_dispose (GObject *object)
{
  WsiView *self = WSI_VIEW (object);

  wsi_view_stop (self);
  wsi_view_set_source (self, NULL);
  while (self->cells->len > 0)
    wsi_view_cell_destroyed_cb (self->cells->pdata[self->cells->len - 1], self);
  if (self->adjustment != NULL)
    g_signal_handlers_disconnect_by_data (self->adjustment, self);
  if (self->order != NULL)
    g_signal_handlers_disconnect_by_data (self->order, self);
  g_clear_object (&self->adjustment);
  g_clear_object (&self->order);
  g_clear_object (&self->signals);

  G_OBJECT_CLASS (wsi_view_parent_class)->dispose (object);
}

static void
wsi_view_finalize (GObject *object)
{
  g_ptr_array_unref (WSI_VIEW (object)->cells);

  G_OBJECT_CLASS (wsi_view_parent_class)->finalize (object);
}

static void
wsi_view_class_init (WsiViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsi_view_dispose;
  object_class->finalize = wsi_view_finalize;
}

static void
wsi_view_init (WsiView *self)
{
  const char *const names[] = { "n-connections", "n-open", "n-late", "n-waiting", "n-failed" };

  self->cells = g_ptr_array_new ();
  self->first = 1;
  self->signals = g_signal_group_new (WSI_TYPE_SOURCE);
  g_signal_group_connect_swapped (self->signals, "updated", G_CALLBACK (wsi_view_updated_cb), self);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *signal = g_strconcat ("notify::", names[i], NULL);

      g_signal_group_connect_swapped (self->signals, signal,
                                      G_CALLBACK (wsi_view_counts_changed_cb), self);
    }
}

WsiView *
wsi_view_new (GtkWidget     *widget,
              GtkAdjustment *adjustment,
              WsiOrder      *order)
{
  WsiView *self = g_object_new (WSI_TYPE_VIEW, NULL);

  self->widget = widget;
  self->adjustment = g_object_ref (adjustment);
  self->order = g_object_ref (order);
  g_signal_connect_after (adjustment, "value-changed", G_CALLBACK (wsi_view_scrolled_cb), self);
  g_signal_connect_after (adjustment, "changed", G_CALLBACK (wsi_view_scrolled_cb), self);
  g_signal_connect (order, "items-changed", G_CALLBACK (wsi_view_items_changed_cb), self);
  return self;
}

void
wsi_view_start (WsiView *self)
{
  if (self->tick != NULL)
    return;
  self->tick = g_timeout_source_new (TICK_MS);
  g_source_set_static_name (self->tick, "[wsi] view");
  g_source_set_callback (self->tick, wsi_view_tick_cb, self, NULL);
  g_source_attach (self->tick, NULL);
  self->is_stale = TRUE;
  wsi_view_tick (self);
}

void
wsi_view_stop (WsiView *self)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (self->widget);

  if (self->layout_id != 0 && clock != NULL)
    g_clear_signal_handler (&self->layout_id, clock);
  if (self->tick != NULL)
    g_source_destroy (self->tick);
  g_clear_pointer (&self->tick, g_source_unref);
  wsi_view_watch (self);
}

void
wsi_view_set_source (WsiView   *self,
                     WsiSource *source)
{
  if (self->source == source)
    return;
  if (self->source != NULL)
    wsi_source_watch (self->source, WATCH_INTERVAL_MS, 0, 0);
  g_set_object (&self->source, source);
  g_signal_group_set_target (self->signals, source);
  self->is_stale = TRUE;
}

void
wsi_view_go_to (WsiView *self,
                guint    position)
{
  wsi_view_place (self, 0.0, position);
}

void
wsi_view_add_cell (WsiView *self,
                   WsiCell *cell)
{
  g_ptr_array_add (self->cells, cell);
  g_signal_connect (cell, "destroy", G_CALLBACK (wsi_view_cell_destroyed_cb), self);
}

void
wsi_view_update_cell (WsiView *self,
                      WsiCell *cell)
{
  gboolean is_in_view = wsi_view_is_in_view (self, cell);

  wsi_cell_set_in_view (cell, is_in_view);
  if (is_in_view)
    wsi_cell_refresh (cell, wsi_view_get_now (self));
}

WsiCell *
wsi_view_find_at (WsiView *self,
                  double   y)
{
  for (guint i = 0; i < self->cells->len; i++)
    {
      WsiCell *cell = self->cells->pdata[i];
      GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (cell));
      graphene_rect_t bounds;

      /* The parent has the padding, which belongs to the row too. */
      if (wsi_view_is_in_view (self, cell) && parent != NULL &&
          gtk_widget_compute_bounds (parent, self->widget, &bounds) &&
          y >= bounds.origin.y && y < bounds.origin.y + bounds.size.height)
        return cell;
    }
  return NULL;
}

WsiCell *
wsi_view_find (WsiView       *self,
               WsiConnection *connection)
{
  for (guint i = 0; i < self->cells->len; i++)
    {
      WsiCell *cell = self->cells->pdata[i];

      if (wsi_cell_get_connection (cell) == connection && wsi_view_is_in_view (self, cell))
        return cell;
    }
  return NULL;
}

GPtrArray *
wsi_view_get_cells (WsiView *self)
{
  return self->cells;
}
