/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* How long frames of the list of connections take, with 10,000 rows of which 2,000 a second change.
 *
 * Prints, for each way of scrolling, the distribution of what the frames took and of the time from
 * frame to frame, by the frame clock, and the processor time of the whole program. Bounds are
 * those that hold on a busy machine too; the figures are for people.
 *
 * measure-scrolling [SECONDS of each way, by default 2] */

#include "config.h"

#include "list-scene.h"
#include "wsi-connection-list.h"
#include "wsi-connection-table.h"
#include "wsi-widgets.h"

#include <time.h>

#define N_ROWS 10000
#define N_BEATS_PER_SECOND 2000
#define BATCH_MS 100
/* Among the columns. */
#define ROUND_TRIP_POSITION 2

#define US_PER_MS 1000.0
#define US_PER_SECOND 1000000.0

typedef enum
{
  WAY_NONE,
  WAY_SMOOTH, /* as with a touchpad: three rows a frame */
  WAY_PAGES,  /* a page each tenth of a second */
  WAY_THUMB,  /* pulled along by the scrollbar: 100 rows a frame */
  WAY_SORTED, /* still, but in an order that changes every two seconds */
  N_WAYS,
} Way;

static const char *const way_names[] = { "still", "smooth", "pages", "thumb", "sorted" };

typedef struct
{
  WsiSource *source;         /* (owned) */
  GtkAdjustment *adjustment; /* (owned) */
  guint position;
  Way way;
  double direction;
  guint n_frames;

  gint64 frame_began_cpu_us;
  gint64 last_frame_us;
  GArray *durations; /* (owned) (element-type double): ms, of processor time */
  GArray *intervals; /* (owned) (element-type double): ms */
} Measurement;

static gint64
get_cpu_us (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static int
compare_doubles (gconstpointer one,
                 gconstpointer other)
{
  double a = *(const double *) one;
  double b = *(const double *) other;

  return (a > b) - (a < b);
}

static double
get_quantile (GArray *numbers,
              double  quantile)
{
  if (numbers->len == 0)
    return 0.0;
  return g_array_index (numbers, double, (guint) ((numbers->len - 1) * quantile));
}

static void
print_distribution (const char *what,
                    GArray     *numbers)
{
  guint n_over = 0;

  g_array_sort (numbers, compare_doubles);
  for (guint i = 0; i < numbers->len; i++)
    n_over += g_array_index (numbers, double, i) > 33.0;
  g_print ("#   %-9s p50 %5.1f  p95 %5.1f  p99 %5.1f  max %5.1f ms, %u of %u over 33 ms\n", what,
           get_quantile (numbers, 0.50), get_quantile (numbers, 0.95),
           get_quantile (numbers, 0.99), get_quantile (numbers, 1.0), n_over, numbers->len);
}

static gboolean
beat_cb (gpointer user_data)
{
  Measurement *measurement = user_data;

  list_scene_beat (measurement->source, measurement->position,
                   N_BEATS_PER_SECOND * BATCH_MS / 1000);
  measurement->position = (measurement->position + N_BEATS_PER_SECOND * BATCH_MS / 1000) % N_ROWS;
  return G_SOURCE_CONTINUE;
}

static void
before_paint_cb (GdkFrameClock *clock,
                 gpointer       user_data)
{
  Measurement *measurement = user_data;

  measurement->frame_began_cpu_us = get_cpu_us (CLOCK_THREAD_CPUTIME_ID);
}

static void
after_paint_cb (GdkFrameClock *clock,
                gpointer       user_data)
{
  Measurement *measurement = user_data;
  gint64 frame_us = gdk_frame_clock_get_frame_time (clock);
  double duration = (double) (get_cpu_us (CLOCK_THREAD_CPUTIME_ID) -
                              measurement->frame_began_cpu_us) / US_PER_MS;
  double interval = (double) (frame_us - measurement->last_frame_us) / US_PER_MS;

  g_array_append_val (measurement->durations, duration);
  if (measurement->last_frame_us != 0)
    g_array_append_val (measurement->intervals, interval);
  measurement->last_frame_us = frame_us;
}

static gboolean
scroll_cb (GtkWidget     *widget,
           GdkFrameClock *clock,
           gpointer       user_data)
{
  Measurement *measurement = user_data;
  GtkAdjustment *adjustment = measurement->adjustment;
  double page = gtk_adjustment_get_page_size (adjustment);
  double end = gtk_adjustment_get_upper (adjustment) - page;
  double row_height = gtk_adjustment_get_upper (adjustment) / N_ROWS;
  double value = gtk_adjustment_get_value (adjustment);
  double step = 0.0;

  measurement->n_frames++;
  if (measurement->way == WAY_SMOOTH)
    step = 3.0 * row_height;
  else if (measurement->way == WAY_PAGES)
    step = measurement->n_frames % 6 == 0 ? page : 0.0;
  else if (measurement->way == WAY_THUMB)
    step = 100.0 * row_height;
  value += step * measurement->direction;
  if (value >= end || value <= 0.0)
    measurement->direction = -measurement->direction;
  gtk_adjustment_set_value (adjustment, CLAMP (value, 0.0, end));
  return G_SOURCE_CONTINUE;
}

static GtkWidget *
find_scrolled_window (GtkWidget *widget)
{
  /* The drop-down has one too. */
  if (GTK_IS_SCROLLED_WINDOW (widget) && WSI_IS_CONNECTION_TABLE (gtk_widget_get_parent (widget)))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_scrolled_window (child);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* Returns the processor time of the longest turn of the main loop, in ms. */
static double
run_for (double seconds)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) (seconds * US_PER_SECOND);
  gint64 longest_us = 0;
  g_autoptr (GSource) wake = list_scene_wake_often ();

  while (g_get_monotonic_time () < end_us)
    {
      gint64 began_us = get_cpu_us (CLOCK_THREAD_CPUTIME_ID);

      g_main_context_iteration (NULL, TRUE);
      longest_us = MAX (longest_us, get_cpu_us (CLOCK_THREAD_CPUTIME_ID) - began_us);
    }
  g_source_destroy (wake);
  return (double) longest_us / US_PER_MS;
}

static void
sort (GtkWidget *table)
{
  GtkColumnView *view = GTK_COLUMN_VIEW (gtk_widget_get_template_child (
                                           table, WSI_TYPE_CONNECTION_TABLE, "column_view"));
  g_autoptr (GtkColumnViewColumn) column =
    g_list_model_get_item (gtk_column_view_get_columns (view), ROUND_TRIP_POSITION);

  gtk_column_view_sort_by_column (view, column, GTK_SORT_DESCENDING);
}

static void
measure (Measurement *measurement,
         GtkWidget   *list,
         Way          way,
         double       seconds)
{
  gint64 began_us = 0;
  gint64 began_cpu_us = 0;
  double share = 0.0;
  double longest = 0.0;
  guint tick_id = 0;

  measurement->way = way;
  measurement->last_frame_us = 0;
  g_array_set_size (measurement->durations, 0);
  g_array_set_size (measurement->intervals, 0);
  if (way == WAY_SORTED)
    sort (gtk_widget_get_parent (find_scrolled_window (list)));
  else if (way != WAY_NONE)
    tick_id = gtk_widget_add_tick_callback (list, scroll_cb, measurement, NULL);
  began_us = g_get_monotonic_time ();
  began_cpu_us = get_cpu_us (CLOCK_PROCESS_CPUTIME_ID);
  longest = run_for (seconds);
  share = (double) (get_cpu_us (CLOCK_PROCESS_CPUTIME_ID) - began_cpu_us) /
          (double) (g_get_monotonic_time () - began_us);
  if (tick_id != 0)
    gtk_widget_remove_tick_callback (list, tick_id);

  g_print ("# %s: %.0f %% of a core, longest turn of the loop %.1f ms\n", way_names[way],
           share * 100.0, longest);
  print_distribution ("frames", measurement->durations);
  if (tick_id != 0)
    print_distribution ("intervals", measurement->intervals);

  /* The promise is 33 ms for all, on a machine that does nothing else. */
  g_assert_cmpuint (measurement->durations->len, >, 0);
  g_assert_cmpfloat (get_quantile (measurement->durations, 0.95), <, 33.0);
  g_assert_cmpfloat (longest, <, 200.0);
  if (tick_id == 0)
    g_assert_cmpfloat (share, <, 0.5);
}

int
main (int   argc,
      char *argv[])
{
  double seconds = argc > 1 ? g_ascii_strtod (argv[1], NULL) : 2.0;
  Measurement measurement = { .direction = 1.0 };
  GtkWidget *window = NULL;
  GtkWidget *list = NULL;
  GdkFrameClock *clock = NULL;
  gint64 began_us = 0;
  guint beat_id = 0;

  gtk_init ();
  wsi_widgets_init ();
  measurement.source = list_scene_new_source (WSI_SOURCE_KIND_APP, "Many", N_ROWS);
  measurement.durations = g_array_new (FALSE, FALSE, sizeof (double));
  measurement.intervals = g_array_new (FALSE, FALSE, sizeof (double));

  window = gtk_window_new ();
  list = wsi_connection_list_new ();
  measurement.adjustment = g_object_ref (gtk_scrolled_window_get_vadjustment (
                                           GTK_SCROLLED_WINDOW (find_scrolled_window (list))));
  gtk_window_set_default_size (GTK_WINDOW (window), 1200, 750);
  gtk_window_set_child (GTK_WINDOW (window), list);
  began_us = g_get_monotonic_time ();
  wsi_connection_list_set_source (WSI_CONNECTION_LIST (list), measurement.source);
  gtk_window_present (GTK_WINDOW (window));
  list_scene_draw (window);
  g_print ("# first frame after %.0f ms\n",
           (double) (g_get_monotonic_time () - began_us) / US_PER_MS);
  beat_id = g_timeout_add (BATCH_MS, beat_cb, &measurement);
  run_for (1.0);

  clock = gtk_widget_get_frame_clock (list);
  g_signal_connect (clock, "before-paint", G_CALLBACK (before_paint_cb), &measurement);
  g_signal_connect_after (clock, "after-paint", G_CALLBACK (after_paint_cb), &measurement);
  g_print ("1..%d\n", N_WAYS);
  for (Way way = WAY_NONE; way < N_WAYS; way++)
    {
      measure (&measurement, list, way, seconds);
      g_print ("ok %d %s\n", way + 1, way_names[way]);
    }

  g_signal_handlers_disconnect_by_data (clock, &measurement);
  g_source_remove (beat_id);
  gtk_window_destroy (GTK_WINDOW (window));
  g_array_unref (measurement.durations);
  g_array_unref (measurement.intervals);
  g_object_unref (measurement.adjustment);
  g_object_unref (measurement.source);
  return 0;
}
