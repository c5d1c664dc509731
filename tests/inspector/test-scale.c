/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What is done for a thousand beats among 10,000 rows: counts, which hold on a busy machine too.
 * `./dev measure` tells what it takes. */

#include "config.h"

#include "list-scene.h"
#include "wsi-cell.h"
#include "wsi-connection-list.h"
#include "wsi-connection-table.h"
#include "wsi-sparkline.h"
#include "wsi-widgets.h"

#define N_ROWS 10000
/* One to ten are in view wherever the list begins; of ten rows seven are open, and beat. */
#define N_IN_VIEW 10
#define N_OPEN_IN_VIEW 7

typedef struct
{
  GtkWidget *window;
  WsiConnectionList *list;   /* (unowned) */
  GtkColumnView *view;       /* (unowned) */
  GtkAdjustment *adjustment; /* (unowned) */
  WsiSource *source;         /* (owned) */
} Fixture;

static guint n_drawn;
static guint n_made;

static void (*real_draw) (WsiCell     *self,
                          GtkSnapshot *snapshot,
                          int          width,
                          int          height);
static void (*real_constructed) (GObject *object);

static void
counting_draw (WsiCell     *self,
               GtkSnapshot *snapshot,
               int          width,
               int          height)
{
  n_drawn++;
  real_draw (self, snapshot, width, height);
}

static void
counting_constructed (GObject *object)
{
  n_made++;
  real_constructed (object);
}

/* Sparklines stand for all cells: each row has one, and each beat is another bar in it. */
static void
count_sparklines (void)
{
  gpointer klass = g_type_class_ref (WSI_TYPE_SPARKLINE);

  real_draw = WSI_CELL_CLASS (klass)->draw;
  real_constructed = G_OBJECT_CLASS (klass)->constructed;
  WSI_CELL_CLASS (klass)->draw = counting_draw;
  G_OBJECT_CLASS (klass)->constructed = counting_constructed;
}

static void
notified_cb (WsiConnection *connection,
             GParamSpec    *pspec,
             guint         *n_notified)
{
  ++*n_notified;
}

/* From the position on. */
static void
listen (Fixture *fixture,
        guint    position,
        guint    n_rows,
        guint   *n_notified)
{
  for (guint i = position; i < position + n_rows; i++)
    {
      g_autoptr (WsiConnection) connection =
        g_list_model_get_item (wsi_source_get_connections (fixture->source), i);

      g_signal_connect (connection, "notify", G_CALLBACK (notified_cb), n_notified);
    }
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  GtkWidget *table = NULL;

  fixture->source = list_scene_new_source (WSI_SOURCE_KIND_APP, "Many", N_ROWS);
  fixture->window = gtk_window_new ();
  fixture->list = WSI_CONNECTION_LIST (wsi_connection_list_new ());
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1200, 700);
  gtk_window_set_child (GTK_WINDOW (fixture->window), GTK_WIDGET (fixture->list));
  wsi_connection_list_set_source (fixture->list, fixture->source);
  table = GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (fixture->list),
                                                     WSI_TYPE_CONNECTION_LIST, "table"));
  fixture->view = GTK_COLUMN_VIEW (gtk_widget_get_template_child (
                                     table, WSI_TYPE_CONNECTION_TABLE, "column_view"));
  fixture->adjustment = gtk_scrolled_window_get_vadjustment (
    GTK_SCROLLED_WINDOW (gtk_widget_get_template_child (table, WSI_TYPE_CONNECTION_TABLE,
                                                        "scrolled_window")));
  gtk_window_present (GTK_WINDOW (fixture->window));
  list_scene_draw (fixture->window);
  list_scene_wait_until (list_scene_get_n_watched (fixture->source) > N_IN_VIEW);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  g_assert_finalize_object (fixture->source);
}

static void
sort_by (Fixture    *fixture,
         const char *title)
{
  GListModel *columns = gtk_column_view_get_columns (fixture->view);

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);

      if (g_strcmp0 (gtk_column_view_column_get_title (column), title) == 0)
        gtk_column_view_sort_by_column (fixture->view, column, GTK_SORT_DESCENDING);
    }
}

static guint
get_n_shown (Fixture *fixture)
{
  return g_list_model_get_n_items (G_LIST_MODEL (gtk_column_view_get_model (fixture->view)));
}

/* A row out of view costs its figures, and what is told of them; nothing is drawn. */
static void
test_scale_draws_what_is_in_view (Fixture       *fixture,
                                  gconstpointer  data)
{
  guint n_notified = 0;

  listen (fixture, N_ROWS / 2, 1000, &n_notified);
  n_drawn = 0;
  list_scene_beat (fixture->source, N_ROWS / 2, 1000);
  /* Sent, answered, messages, bytes, received, next and round trip: of each the change, once. */
  g_assert_cmpuint (n_notified, >, 0);
  g_assert_cmpuint (n_notified, <=, 7 * 700);
  wsi_source_tell_update (fixture->source);
  for (guint i = 0; i < 5; i++)
    list_scene_draw (fixture->window);
  g_assert_cmpuint (n_drawn, ==, 0);

  /* However many beats of it come together, a row is drawn once. */
  for (guint i = 0; i < 3; i++)
    list_scene_beat (fixture->source, 0, N_IN_VIEW);
  wsi_source_tell_update (fixture->source);
  list_scene_wait_until (n_drawn >= N_OPEN_IN_VIEW);
  list_scene_draw (fixture->window);
  g_assert_cmpuint (n_drawn, ==, N_OPEN_IN_VIEW);
}

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  guint      *n_changes)
{
  ++*n_changes;
}

/* The order is made anew every twentieth look at most, not with each beat. */
static void
test_scale_sorts_seldom (Fixture       *fixture,
                         gconstpointer  data)
{
  const guint n_batches = 60;
  gint64 began_us = 0;
  guint n_sorts = 0;
  guint n_looks = 0;

  sort_by (fixture, "Round Trip");
  list_scene_draw (fixture->window);
  g_signal_connect (gtk_column_view_get_model (fixture->view), "items-changed",
                    G_CALLBACK (items_changed_cb), &n_sorts);
  began_us = g_get_monotonic_time ();
  n_made = 0;
  for (guint i = 0; i < n_batches; i++)
    {
      list_scene_beat (fixture->source, i * 10, 10);
      wsi_source_tell_update (fixture->source);
      list_scene_draw (fixture->window);
    }
  /* It looks by itself too, each tenth of a second at most. */
  n_looks = n_batches + (guint) ((g_get_monotonic_time () - began_us) / 100000) + 1;
  g_assert_cmpuint (n_sorts, >, 0);
  g_assert_cmpuint (n_sorts, <=, n_looks / 20 + 1);
  /* Another order takes the rows that are there. */
  g_assert_cmpuint (n_made, <=, N_IN_VIEW);
  g_signal_handlers_disconnect_by_data (gtk_column_view_get_model (fixture->view), &n_sorts);
}

static void
test_scale_watches_what_it_needs (Fixture       *fixture,
                                  gconstpointer  data)
{
  guint n_in_view = list_scene_get_n_watched (fixture->source);

  g_assert_cmpuint (n_in_view, <, 100);

  /* By name, neighbours stand far from each other in the source. */
  sort_by (fixture, "Name");
  list_scene_wait_until (list_scene_watches_chosen (fixture->source));
  g_assert_cmpuint (list_scene_get_n_watched (fixture->source), >, N_IN_VIEW);
  g_assert_cmpuint (list_scene_get_n_watched (fixture->source), <, 100);

  /* By what changes with each beat, any row may come into view… */
  sort_by (fixture, "Round Trip");
  list_scene_wait_until (list_scene_get_n_watched (fixture->source) == G_MAXUINT);

  /* …that is shown at all. */
  wsi_connection_list_set_filter_text (fixture->list, "live/77");
  g_assert_cmpuint (get_n_shown (fixture), >, 100);
  g_assert_cmpuint (get_n_shown (fixture), <, 200);
  list_scene_wait_until (list_scene_get_n_watched (fixture->source) == get_n_shown (fixture));

  gtk_column_view_sort_by_column (fixture->view, NULL, GTK_SORT_ASCENDING);
  list_scene_wait_until (list_scene_get_n_watched (fixture->source) < 100);
}

static void
test_scale_scrolls_with_the_cells_it_has (Fixture       *fixture,
                                          gconstpointer  data)
{
  double page = gtk_adjustment_get_page_size (fixture->adjustment);

  /* Away from the start, where there are rows on both sides. */
  gtk_adjustment_set_value (fixture->adjustment, 100.0 * page);
  list_scene_draw (fixture->window);
  n_made = 0;
  for (guint i = 0; i < 50; i++)
    {
      gtk_adjustment_set_value (fixture->adjustment, (101.0 + i) * page);
      list_scene_draw (fixture->window);
    }
  g_assert_cmpuint (n_made, <=, N_IN_VIEW);
}

typedef struct
{
  guint n_nodes;
  guint n_borders;
} NodeCount;

static void
count_nodes (GskRenderNode *node,
             NodeCount     *count)
{
  count->n_nodes++;
  switch ((int) gsk_render_node_get_node_type (node))
    {
    case GSK_CONTAINER_NODE:
      for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
        count_nodes (gsk_container_node_get_child (node, i), count);
      break;
    case GSK_TRANSFORM_NODE:
      count_nodes (gsk_transform_node_get_child (node), count);
      break;
    case GSK_CLIP_NODE:
      count_nodes (gsk_clip_node_get_child (node), count);
      break;
    case GSK_ROUNDED_CLIP_NODE:
      count_nodes (gsk_rounded_clip_node_get_child (node), count);
      break;
    case GSK_OPACITY_NODE:
      count_nodes (gsk_opacity_node_get_child (node), count);
      break;
    case GSK_DEBUG_NODE:
      count_nodes (gsk_debug_node_get_child (node), count);
      break;
    case GSK_BORDER_NODE:
      count->n_borders++;
      break;
    default:
      break;
    }
}

/* What is in a frame is what one sees: no line in no colour around each cell. */
static void
test_scale_draws_no_lines_between_columns (Fixture       *fixture,
                                           gconstpointer  data)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (GTK_WIDGET (fixture->view));
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  GskRenderNode *node = NULL;
  NodeCount count = { 0, };

  gdk_paintable_snapshot (paintable, snapshot, gdk_paintable_get_intrinsic_width (paintable),
                          gdk_paintable_get_intrinsic_height (paintable));
  node = gtk_snapshot_to_node (snapshot);
  g_assert_nonnull (node);
  count_nodes (node, &count);
  g_test_message ("%u nodes, %u borders", count.n_nodes, count.n_borders);
  g_assert_cmpuint (count.n_nodes, >, 100);
  /* Titles of columns may have some. */
  g_assert_cmpuint (count.n_borders, <, 30);
  gsk_render_node_unref (node);
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  wsi_widgets_init ();
  count_sparklines ();

#define ADD(path, func) \
  g_test_add ("/scale/" path, Fixture, NULL, set_up, test_scale_ ## func, tear_down)
  ADD ("draws-what-is-in-view", draws_what_is_in_view);
  ADD ("sorts-seldom", sorts_seldom);
  ADD ("watches-what-it-needs", watches_what_it_needs);
  ADD ("scrolls-with-the-cells-it-has", scrolls_with_the_cells_it_has);
  ADD ("draws-no-lines-between-columns", draws_no_lines_between_columns);
#undef ADD

  return g_test_run ();
}
