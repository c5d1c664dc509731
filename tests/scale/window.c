/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gtk/gtk.h>
#include <stdlib.h>

#include "prompt.h"
#include "wsi-connection-list.h"
#include "wsi-connection-table.h"
#include "wsi-hub.h"
#include "wsi-widgets.h"

/* An inspector that is nothing but the list of connections.
 *
 * It takes its name on the session bus, waits for an app, and shows it. Its commands are:
 *   scroll still|smooth|pages|thumb  three rows a frame, a page each tenth of a second, or 100
 *                                    rows a frame as when the scrollbar is pulled
 *   sort N                           by this column, -1 = none
 *   filter TEXT                      what has this text; "-" = all
 *   look                             also tells of the frames since the last time: processor time
 *                                    within them, of it for painting, and time from one to the
 *                                    next, how old the beats were that they were the first to
 *                                    show, and when the first frame was there, and the first one
 *                                    with all rows
 *
 * window [BEGAN-US]: when somebody began to start it, on the monotonic clock. */

#define BUS_NAME WSI_HUB_BUS_NAME ".Scale"

/* Those at the top, which are in view while nothing scrolls. */
#define N_ROWS_OBSERVED 16

#define MAX_FRAME_US 33000

#define FRAMES_A_PAGE 6

typedef struct
{
  WsiHub *hub;               /* (owned) */
  GtkWidget *list;           /* (unowned) */
  GtkAdjustment *adjustment; /* (unowned) (nullable) */

  double rows_a_frame;
  double pages_a_frame;
  double direction;
  guint n_frames;

  gint64 started_us;
  gint64 first_frame_us;  /* since then; 0 = not yet */
  gint64 all_rows_us;     /* the same */
  gint64 began_us;        /* processor time */
  gint64 painting_us;     /* processor time */
  gint64 spent_painting_us;
  gint64 last_frame_us;
  guint64 n_beats[N_ROWS_OBSERVED];

  GArray *durations; /* (owned) (element-type gint64) */
  GArray *intervals; /* (owned) (element-type gint64) */
  GArray *ages;      /* (owned) (element-type gint64) */
} Window;

static WsiSource *
window_get_source (Window *self)
{
  g_autoptr (WsiSource) source = g_list_model_get_item (G_LIST_MODEL (self->hub), 0);

  /* The hub keeps it. */
  return source;
}

static GtkWidget *
window_find (GtkWidget *widget,
             GType      type,
             GType      parent_type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type) &&
      G_TYPE_CHECK_INSTANCE_TYPE (gtk_widget_get_parent (widget), parent_type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = window_find (child, type, parent_type);

      if (found != NULL)
        return found;
    }

  return NULL;
}

static guint
window_count_rows (Window *self)
{
  WsiSource *source = window_get_source (self);

  if (source == NULL || wsi_source_get_loading (source))
    return 0;

  return g_list_model_get_n_items (wsi_source_get_connections (source));
}

/* While nothing scrolls, frames are drawn because cells have just read their rows. */
static void
window_note_beats (Window *self)
{
  GListModel *connections;
  gint64 now_us = g_get_monotonic_time ();

  if (window_get_source (self) == NULL)
    return;

  connections = wsi_source_get_connections (window_get_source (self));
  for (guint i = 0; i < N_ROWS_OBSERVED; i++)
    {
      g_autoptr (WsiConnection) connection = g_list_model_get_item (connections, i);
      guint64 n_beats;
      gint64 age_us;

      if (connection == NULL)
        return;
      n_beats = wsi_connection_get_n_beats_answered (connection);
      if (self->n_beats[i] == n_beats)
        continue;
      self->n_beats[i] = n_beats;
      age_us = now_us - wsi_connection_get_last_received_at (connection);
      g_array_append_val (self->ages, age_us);
    }
}

static void
window_before_paint_cb (GdkFrameClock *clock,
                        Window        *self)
{
  self->began_us = prompt_get_cpu_us ();
  self->painting_us = self->began_us;
}

/* What follows the last one of these is painting: a graphics card would do most of it. */
static void
window_before_painting_cb (GdkFrameClock *clock,
                           Window        *self)
{
  self->painting_us = prompt_get_cpu_us ();
}

static void
window_note_start (Window *self)
{
  gint64 since_us = g_get_monotonic_time () - self->started_us;

  if (self->first_frame_us == 0)
    self->first_frame_us = since_us;
  if (self->all_rows_us == 0 && window_count_rows (self) > 0)
    self->all_rows_us = since_us;
}

static void
window_after_paint_cb (GdkFrameClock *clock,
                       Window        *self)
{
  gint64 now_us = prompt_get_cpu_us ();
  gint64 duration_us = now_us - self->began_us;
  gint64 frame_us = gdk_frame_clock_get_frame_time (clock);
  gint64 interval_us = frame_us - self->last_frame_us;

  g_array_append_val (self->durations, duration_us);
  g_array_append_val (self->intervals, interval_us);
  self->last_frame_us = frame_us;
  self->spent_painting_us += now_us - self->painting_us;
  window_note_start (self);
  window_note_beats (self);
}

static gboolean
window_scroll_cb (GtkWidget     *widget,
                  GdkFrameClock *clock,
                  gpointer       user_data)
{
  Window *self = user_data;
  double page = gtk_adjustment_get_page_size (self->adjustment);
  double end = gtk_adjustment_get_upper (self->adjustment) - page;
  double value = gtk_adjustment_get_value (self->adjustment);
  guint n_rows = wsi_source_get_n_connections (window_get_source (self));
  double step = self->rows_a_frame * gtk_adjustment_get_upper (self->adjustment) / n_rows;

  if (self->n_frames++ % FRAMES_A_PAGE == 0)
    step += self->pages_a_frame * page;
  value += step * self->direction;
  if (value >= end || value <= 0.0)
    self->direction = -self->direction;
  gtk_adjustment_set_value (self->adjustment, CLAMP (value, 0.0, end));

  return G_SOURCE_CONTINUE;
}

static void
window_scroll (Window     *self,
               const char *way)
{
  static guint tick_id = 0;

  self->rows_a_frame = g_str_equal (way, "smooth") ? 3.0 : g_str_equal (way, "thumb") ? 100.0 : 0.0;
  self->pages_a_frame = g_str_equal (way, "pages") ? 1.0 : 0.0;
  self->direction = 1.0;
  if (tick_id != 0)
    gtk_widget_remove_tick_callback (self->list, tick_id);
  tick_id = 0;
  if (g_str_equal (way, "still"))
    gtk_adjustment_set_value (self->adjustment, 0.0);
  else
    tick_id = gtk_widget_add_tick_callback (self->list, window_scroll_cb, self, NULL);
}

static void
window_sort (Window *self,
             int     number)
{
  GtkWidget *view = window_find (self->list, GTK_TYPE_COLUMN_VIEW, GTK_TYPE_SCROLLED_WINDOW);
  GListModel *columns = gtk_column_view_get_columns (GTK_COLUMN_VIEW (view));
  g_autoptr (GtkColumnViewColumn) column = NULL;

  if (number >= 0)
    column = g_list_model_get_item (columns, (guint) number);
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (view), column, GTK_SORT_DESCENDING);
}

static int
window_compare (gconstpointer first,
                gconstpointer second)
{
  gint64 first_us = *(const gint64 *) first;
  gint64 second_us = *(const gint64 *) second;

  return first_us < second_us ? -1 : first_us > second_us;
}

/* Members of a JSON object; forgets the figures. */
static void
window_add_distribution (GString    *json,
                         const char *name,
                         GArray     *figures)
{
  static const struct
  {
    const char *name;
    double quantile;
  } points[] = { { "p50", 0.5 }, { "p99", 0.99 }, { "max", 1.0 } };
  guint n_over = 0;

  g_array_sort (figures, window_compare);
  for (guint i = 0; i < figures->len; i++)
    n_over += g_array_index (figures, gint64, i) > MAX_FRAME_US;
  for (guint i = 0; i < G_N_ELEMENTS (points) && figures->len > 0; i++)
    g_string_append_printf (json, ", \"%s_%s_us\": %" G_GINT64_FORMAT, name, points[i].name,
                            g_array_index (figures, gint64,
                                           (guint) (points[i].quantile * (figures->len - 1))));
  g_string_append_printf (json, ", \"n_%ss\": %u, \"n_%ss_over\": %u", name, figures->len, name,
                          n_over);
  g_array_set_size (figures, 0);
}

static void
window_command_cb (const char *command,
                   int         n_arguments,
                   char      **arguments,
                   gpointer    user_data)
{
  Window *self = user_data;
  g_autofree char *costs = prompt_dup_costs ();
  g_autoptr (GString) json = g_string_new (NULL);

  if (g_str_equal (command, "scroll") && n_arguments == 1)
    window_scroll (self, arguments[0]);
  else if (g_str_equal (command, "sort") && n_arguments == 1)
    window_sort (self, atoi (arguments[0]));
  else if (g_str_equal (command, "filter") && n_arguments == 1)
    wsi_connection_list_set_filter_text (WSI_CONNECTION_LIST (self->list),
                                         g_str_equal (arguments[0], "-") ? "" : arguments[0]);
  else if (!g_str_equal (command, "look"))
    g_error ("unknown command: %s", command);

  window_add_distribution (json, "frame", self->durations);
  window_add_distribution (json, "interval", self->intervals);
  window_add_distribution (json, "age", self->ages);
  prompt_answer ("{%s, \"n_rows\": %u, \"first_frame_us\": %" G_GINT64_FORMAT
                 ", \"all_rows_us\": %" G_GINT64_FORMAT ", \"painting_us\": %" G_GINT64_FORMAT
                 "%s}",
                 costs, window_count_rows (self), self->first_frame_us, self->all_rows_us,
                 self->spent_painting_us, json->str);
}

static void
window_show_first_cb (GListModel *hub,
                      guint       position,
                      guint       n_removed,
                      guint       n_added,
                      Window     *self)
{
  if (n_added > 0)
    wsi_connection_list_set_source (WSI_CONNECTION_LIST (self->list), window_get_source (self));
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GError) error = NULL;
  Window self = { NULL, };
  GtkWidget *window;
  GtkWidget *scrolled;
  GdkFrameClock *clock;

  prompt_init ();
  self.started_us = argc > 1 ? g_ascii_strtoll (argv[1], NULL, 10) : g_get_monotonic_time ();
  gtk_init ();
  wsi_widgets_init ();
  self.durations = g_array_new (FALSE, FALSE, sizeof (gint64));
  self.intervals = g_array_new (FALSE, FALSE, sizeof (gint64));
  self.ages = g_array_new (FALSE, FALSE, sizeof (gint64));
  self.hub = wsi_hub_new ();
  g_signal_connect (self.hub, "items-changed", G_CALLBACK (window_show_first_cb), &self);

  window = gtk_window_new ();
  self.list = wsi_connection_list_new ();
  gtk_window_set_default_size (GTK_WINDOW (window), 1200, 750);
  gtk_window_set_child (GTK_WINDOW (window), self.list);
  gtk_window_present (GTK_WINDOW (window));
  scrolled = window_find (self.list, GTK_TYPE_SCROLLED_WINDOW, WSI_TYPE_CONNECTION_TABLE);
  self.adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  clock = gtk_widget_get_frame_clock (window);
  g_signal_connect (clock, "before-paint", G_CALLBACK (window_before_paint_cb), &self);
  g_signal_connect_after (clock, "update", G_CALLBACK (window_before_painting_cb), &self);
  g_signal_connect_after (clock, "layout", G_CALLBACK (window_before_painting_cb), &self);
  g_signal_connect_after (clock, "after-paint", G_CALLBACK (window_after_paint_cb), &self);

  bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  wsi_hub_open_door (self.hub, bus, &error);
  g_assert_no_error (error);
  g_bus_own_name_on_connection (bus, BUS_NAME, G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  prompt_run (window_command_cb, &self);

  return 0;
}
