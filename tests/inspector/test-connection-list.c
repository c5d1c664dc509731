/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "list-scene.h"
#include "wsi-cell.h"
#include "wsi-connection-list.h"
#include "wsi-connection-table.h"
#include "wsi-format.h"
#include "wsi-sparkline.h"
#include "wsi-widgets.h"

typedef struct
{
  GtkWidget *window;
  WsiConnectionList *list; /* (unowned) */
  GtkWidget *column_view;  /* (unowned) */
  WsiSource *source;       /* (owned) */
} Fixture;

static GtkWidget *
find_widget (GtkWidget *widget,
             GType      type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
set_up_with (Fixture *fixture,
             guint    n_rows)
{
  fixture->source = list_scene_new_source (WSI_SOURCE_KIND_APP, "App", n_rows);
  fixture->window = gtk_window_new ();
  fixture->list = WSI_CONNECTION_LIST (wsi_connection_list_new ());
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1200, 400);
  gtk_window_set_child (GTK_WINDOW (fixture->window), GTK_WIDGET (fixture->list));
  wsi_connection_list_set_source (fixture->list, fixture->source);
  fixture->column_view = find_widget (GTK_WIDGET (fixture->list), GTK_TYPE_COLUMN_VIEW);
  gtk_window_present (GTK_WINDOW (fixture->window));
  list_scene_draw (fixture->window);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  set_up_with (fixture, GPOINTER_TO_UINT (data));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  g_assert_finalize_object (fixture->source);
}

static GtkSingleSelection *
get_selection (Fixture *fixture)
{
  return GTK_SINGLE_SELECTION (gtk_column_view_get_model (GTK_COLUMN_VIEW (fixture->column_view)));
}

static guint64
get_marked_id (Fixture *fixture)
{
  gpointer connection = gtk_single_selection_get_selected_item (get_selection (fixture));

  return connection != NULL ? wsi_connection_get_id (connection) : 0;
}

static guint64
get_id_at (Fixture *fixture,
           guint    position)
{
  g_autoptr (WsiConnection) connection =
    g_list_model_get_item (G_LIST_MODEL (get_selection (fixture)), position);

  return connection != NULL ? wsi_connection_get_id (connection) : 0;
}

static guint
get_n_rows (Fixture *fixture)
{
  return g_list_model_get_n_items (G_LIST_MODEL (get_selection (fixture)));
}

static GtkStack *
get_stack (Fixture *fixture)
{
  return GTK_STACK (gtk_widget_get_template_child (GTK_WIDGET (fixture->list),
                                                   WSI_TYPE_CONNECTION_LIST, "stack"));
}

static const char *
get_page (Fixture *fixture)
{
  return gtk_stack_get_visible_child_name (get_stack (fixture));
}

static GtkColumnViewColumn *
get_column (Fixture    *fixture,
            const char *title)
{
  GListModel *columns = gtk_column_view_get_columns (GTK_COLUMN_VIEW (fixture->column_view));

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);

      if (strcmp (gtk_column_view_column_get_title (column), title) == 0)
        return column;
    }
  g_assert_not_reached ();
}

static void
sort_by (Fixture     *fixture,
         const char  *title,
         GtkSortType  direction)
{
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (fixture->column_view),
                                  get_column (fixture, title), direction);
}

static GtkAdjustment *
get_adjustment (Fixture *fixture)
{
  return gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (fixture->column_view));
}

static void
count_cb (gpointer user_data)
{
  guint *count = user_data;

  (*count)++;
}

static void
test_list_keeps_the_selection_while_it_sorts (Fixture       *fixture,
                                              gconstpointer  data)
{
  guint n_notified = 0;

  g_signal_connect_swapped (fixture->list, "notify::selected", G_CALLBACK (count_cb),
                            &n_notified);
  wsi_connection_list_set_selected (fixture->list, list_scene_get (fixture->source, 6));
  g_assert_cmpuint (get_marked_id (fixture), ==, 6);
  g_assert_cmpuint (n_notified, ==, 1);
  wsi_connection_list_set_selected (fixture->list, list_scene_get (fixture->source, 6));
  g_assert_cmpuint (n_notified, ==, 1);

  sort_by (fixture, "State", GTK_SORT_ASCENDING);
  g_assert_cmpuint (get_id_at (fixture, 0), ==, 9);
  g_assert_cmpuint (get_marked_id (fixture), ==, 6);
  sort_by (fixture, "State", GTK_SORT_DESCENDING);
  g_assert_cmpuint (get_id_at (fixture, 0), ==, 1);
  g_assert_cmpuint (get_marked_id (fixture), ==, 6);
  sort_by (fixture, "Round Trip", GTK_SORT_DESCENDING);
  g_assert_cmpuint (get_marked_id (fixture), ==, 6);
  g_assert_cmpuint (n_notified, ==, 1);
  g_assert_true (wsi_connection_list_get_selected (fixture->list) ==
                 list_scene_get (fixture->source, 6));
}

static void
test_list_sorts_by_each_column_but_the_beats (Fixture       *fixture,
                                              gconstpointer  data)
{
  const char *titles[] = { "State", "Name", "Round Trip", "Next", "Missed", "Reconnects", "Sent",
                           "Received", "Up For" };

  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    {
      guint64 first = 0;
      guint64 last = 0;

      sort_by (fixture, titles[i], GTK_SORT_ASCENDING);
      first = get_id_at (fixture, 0);
      sort_by (fixture, titles[i], GTK_SORT_DESCENDING);
      last = get_id_at (fixture, 0);
      g_test_message ("%s: %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT, titles[i], first, last);
      g_assert_cmpuint (first, !=, last);
    }
  g_assert_null (gtk_column_view_column_get_sorter (get_column (fixture, "Last Beats")));
}

static void
test_list_keeps_the_selection_while_it_filters (Fixture       *fixture,
                                                gconstpointer  data)
{
  wsi_connection_list_set_selected (fixture->list, list_scene_get (fixture->source, 6));
  wsi_connection_list_set_filter_text (fixture->list, "401");
  g_assert_cmpuint (get_n_rows (fixture), ==, 3);
  /* Not to be seen, but still the one. */
  g_assert_cmpuint (get_marked_id (fixture), ==, 0);
  g_assert_true (wsi_connection_list_get_selected (fixture->list) ==
                 list_scene_get (fixture->source, 6));
  wsi_connection_list_set_filter_text (fixture->list, NULL);
  g_assert_cmpstr (wsi_connection_list_get_filter_text (fixture->list), ==, "");
  g_assert_cmpuint (get_marked_id (fixture), ==, 6);
}

static void
test_list_keeps_the_selection_while_rows_go (Fixture       *fixture,
                                             gconstpointer  data)
{
  wsi_connection_list_set_selected (fixture->list, list_scene_get (fixture->source, 6));
  list_scene_remove_row (fixture->source, 2);
  list_scene_add_rows (fixture->source, 3);
  list_scene_wait_until (get_n_rows (fixture) == 32);
  g_assert_cmpuint (get_marked_id (fixture), ==, 6);

  /* What is shown of one that is gone stays until something else is chosen. */
  list_scene_remove_row (fixture->source, 6);
  list_scene_wait_until (get_n_rows (fixture) == 31);
  g_assert_cmpuint (get_marked_id (fixture), ==, 0);
  g_assert_cmpuint (wsi_connection_get_id (wsi_connection_list_get_selected (fixture->list)), ==,
                    6);
  gtk_single_selection_set_selected (get_selection (fixture), 0);
  g_assert_cmpuint (wsi_connection_get_id (wsi_connection_list_get_selected (fixture->list)), ==,
                    1);
}

static void
test_list_says_what_to_do_when_there_is_nothing (Fixture       *fixture,
                                                 gconstpointer  data)
{
  g_assert_cmpstr (get_page (fixture), ==, "empty");
  wsi_source_set_loading (fixture->source, TRUE);
  g_assert_cmpstr (get_page (fixture), ==, "loading");
  list_scene_add_rows (fixture->source, 1);
  list_scene_wait_until (strcmp (get_page (fixture), "table") == 0);
  wsi_source_set_loading (fixture->source, FALSE);
  g_assert_cmpstr (get_page (fixture), ==, "table");
  list_scene_remove_row (fixture->source, 1);
  list_scene_wait_until (strcmp (get_page (fixture), "empty") == 0);
  wsi_connection_list_set_source (fixture->list, NULL);
  g_assert_cmpstr (get_page (fixture), ==, "empty");
}

static void
test_list_clears_a_filter_that_leaves_nothing (Fixture       *fixture,
                                               gconstpointer  data)
{
  GtkWidget *drop_down = find_widget (GTK_WIDGET (fixture->list), GTK_TYPE_DROP_DOWN);
  GtkWidget *button = NULL;

  gtk_drop_down_set_selected (GTK_DROP_DOWN (drop_down), WSI_FILTER_LATE);
  g_assert_cmpuint (get_n_rows (fixture), ==, 3);
  wsi_connection_list_set_filter_text (fixture->list, "401");
  g_assert_cmpuint (get_n_rows (fixture), ==, 0);
  g_assert_cmpstr (get_page (fixture), ==, "no-match");

  button = find_widget (gtk_stack_get_child_by_name (get_stack (fixture), "no-match"),
                        GTK_TYPE_BUTTON);
  g_signal_emit_by_name (button, "clicked");
  g_assert_cmpstr (get_page (fixture), ==, "table");
  g_assert_cmpuint (get_n_rows (fixture), ==, 30);
  g_assert_cmpuint (gtk_drop_down_get_selected (GTK_DROP_DOWN (drop_down)), ==, WSI_FILTER_ALL);
  g_assert_cmpstr (wsi_connection_list_get_filter_text (fixture->list), ==, "");
}

static void
test_list_lets_rows_into_a_filter_that_change (Fixture       *fixture,
                                               gconstpointer  data)
{
  GtkWidget *drop_down = find_widget (GTK_WIDGET (fixture->list), GTK_TYPE_DROP_DOWN);

  gtk_drop_down_set_selected (GTK_DROP_DOWN (drop_down), WSI_FILTER_LATE);
  list_scene_set_state (fixture->source, 1, WSI_STATE_SUSPECT, "late");
  list_scene_wait_until (get_n_rows (fixture) == 4);
  list_scene_set_state (fixture->source, 7, WSI_STATE_OPEN, "open");
  list_scene_wait_until (get_n_rows (fixture) == 3);
}

static guint
count_visible_columns (Fixture *fixture)
{
  GListModel *columns = gtk_column_view_get_columns (GTK_COLUMN_VIEW (fixture->column_view));
  guint n_visible = 0;

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);

      n_visible += gtk_column_view_column_get_visible (column) ? 1 : 0;
    }

  return n_visible;
}

static gboolean
has_room (Fixture *fixture)
{
  int minimum;

  gtk_widget_measure (fixture->column_view, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL,
                      NULL);

  return minimum <= gtk_widget_get_width (fixture->column_view);
}

static void
test_list_cuts_no_column (Fixture       *fixture,
                          gconstpointer  data)
{
  guint n_columns = count_visible_columns (fixture);

  g_assert_cmpuint (n_columns, ==, 10);
  g_assert_true (has_room (fixture));

  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 760, 400);
  list_scene_wait_until (gtk_widget_get_width (fixture->column_view) < 800 && has_room (fixture));
  g_assert_cmpuint (count_visible_columns (fixture), <, n_columns);
  g_assert_false (gtk_column_view_column_get_visible (get_column (fixture, "Up For")));
  g_assert_true (gtk_column_view_column_get_visible (get_column (fixture, "Missed")));

  /* To fingers and back changes nothing about that. */
  wsi_connection_list_set_narrow (fixture->list, TRUE);
  list_scene_draw (fixture->window);
  wsi_connection_list_set_narrow (fixture->list, FALSE);
  g_assert_false (gtk_column_view_column_get_visible (get_column (fixture, "Up For")));

  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1200, 400);
  list_scene_wait_until (count_visible_columns (fixture) == n_columns);
  g_assert_true (has_room (fixture));
}

/* What the columns that are there leave to names, beyond the least. */
static int
get_spare_width (Fixture *fixture)
{
  int minimum;

  gtk_widget_measure (fixture->column_view, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL,
                      NULL);

  return gtk_widget_get_width (fixture->column_view) - minimum;
}

/* Whether as many columns are there as should be: traffic only where names can be read. */
static gboolean
is_fitted (Fixture *fixture,
           int      width)
{
  GtkColumnViewColumn *sent = get_column (fixture, "Sent");

  return gtk_widget_get_width (fixture->column_view) <= width && get_spare_width (fixture) >= 0 &&
         (!gtk_column_view_column_get_visible (sent) || get_spare_width (fixture) >= 50);
}

static void
test_list_shows_names_before_traffic (Fixture       *fixture,
                                      gconstpointer  data)
{
  int width;

  /* As wide as what is up to Sent has to be: it fits, but only with names cut. */
  gtk_column_view_column_set_visible (get_column (fixture, "Received"), FALSE);
  gtk_column_view_column_set_visible (get_column (fixture, "Up For"), FALSE);
  width = gtk_widget_get_width (fixture->column_view) - get_spare_width (fixture);
  gtk_column_view_column_set_visible (get_column (fixture, "Received"), TRUE);
  gtk_column_view_column_set_visible (get_column (fixture, "Up For"), TRUE);

  gtk_window_set_default_size (GTK_WINDOW (fixture->window), width + 10, 400);
  list_scene_wait_until (is_fitted (fixture, width + 10));
  g_assert_true (gtk_column_view_column_get_visible (get_column (fixture, "Reconnects")));
  g_assert_false (gtk_column_view_column_get_visible (get_column (fixture, "Sent")));

  gtk_window_set_default_size (GTK_WINDOW (fixture->window), width + 150, 400);
  list_scene_wait_until (gtk_column_view_column_get_visible (get_column (fixture, "Sent")));
}

static void
test_list_is_narrow_with_three_columns (Fixture       *fixture,
                                        gconstpointer  data)
{
  int minimum = 0;

  wsi_connection_list_set_narrow (fixture->list, TRUE);
  g_assert_cmpuint (count_visible_columns (fixture), ==, 3);
  g_assert_true (gtk_column_view_column_get_visible (get_column (fixture, "Round Trip")));
  list_scene_draw (fixture->window);
  gtk_widget_measure (fixture->column_view, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL,
                      NULL);
  g_assert_cmpint (minimum, <=, 360);
  gtk_widget_measure (GTK_WIDGET (fixture->list), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL,
                      NULL, NULL);
  g_assert_cmpint (minimum, <=, 360);

  wsi_connection_list_set_narrow (fixture->list, FALSE);
  g_assert_true (gtk_column_view_column_get_visible (get_column (fixture, "Next")));
  list_scene_draw (fixture->window);
}

/* Whether some cell in the list shows the text. */
static gboolean
has_cell (GtkWidget  *widget,
          const char *text)
{
  if (WSI_IS_CELL (widget) && g_strcmp0 (wsi_cell_get_text (WSI_CELL (widget)), text) == 0)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (has_cell (child, text))
        return TRUE;
    }
  return FALSE;
}

static void
test_list_shows_a_beat_within_a_quarter_of_a_second (Fixture       *fixture,
                                                     gconstpointer  data)
{
  gint64 best_us = G_MAXINT64;

  /* The best of three, for the machine may be busy with something else. */
  for (guint i = 1; i <= 3; i++)
    {
      g_autofree char *text = wsi_format_round_trip (700.0 + i);
      gint64 began_us = g_get_monotonic_time ();

      g_assert_false (has_cell (fixture->column_view, text));
      list_scene_set_round_trip (fixture->source, 2, 700.0 + i);
      list_scene_wait_until (has_cell (fixture->column_view, text));
      best_us = MIN (best_us, g_get_monotonic_time () - began_us);
    }
  /* More than half of the promise is for the source. */
  g_assert_cmpint (best_us, <, 120 * 1000);
}

static void
test_list_stops_its_clocks_with_the_source (Fixture       *fixture,
                                            gconstpointer  data)
{
  gint64 opened_at_us = wsi_connection_get_opened_at (list_scene_get (fixture->source, 1));
  g_autofree char *text = wsi_format_duration ((2 * 60 + 5) * 60 * (gint64) G_USEC_PER_SEC);

  g_assert_false (has_cell (fixture->column_view, text));
  wsi_source_set_gone (fixture->source, NULL);
  wsi_source_set_ended_at (fixture->source,
                           opened_at_us + (2 * 60 + 5) * 60 * (gint64) G_USEC_PER_SEC);
  list_scene_wait_until (has_cell (fixture->column_view, text));
}

static void
test_list_stays_where_one_reads_while_it_sorts (Fixture       *fixture,
                                                gconstpointer  data)
{
  GtkAdjustment *adjustment = get_adjustment (fixture);
  double value = 0.0;
  guint64 id = 0;

  sort_by (fixture, "Round Trip", GTK_SORT_DESCENDING);
  list_scene_draw (fixture->window);
  value = gtk_adjustment_get_upper (adjustment) / 3.0;
  gtk_adjustment_set_value (adjustment, value);
  list_scene_draw (fixture->window);
  value = gtk_adjustment_get_value (adjustment);
  g_assert_cmpfloat (value, >, 0.0);

  /* All the others change, so that the row that was at the top goes far away. */
  id = get_id_at (fixture, 0);
  for (guint i = 1; i <= 2000; i++)
    list_scene_set_round_trip (fixture->source, i, i == id ? 1.0 : 2001.0 - i);
  list_scene_wait_until (get_id_at (fixture, 0) != id);
  list_scene_draw (fixture->window);
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (adjustment), value, 1.0);
}

static void
test_list_shows_where_what_was_asked_for_begins (Fixture       *fixture,
                                                 gconstpointer  data)
{
  GtkAdjustment *adjustment = get_adjustment (fixture);
  double upper = gtk_adjustment_get_upper (adjustment);

  wsi_connection_list_set_selected (fixture->list, list_scene_get (fixture->source, 1001));
  gtk_adjustment_set_value (adjustment, upper / 2.0);
  list_scene_draw (fixture->window);

  sort_by (fixture, "Name", GTK_SORT_ASCENDING);
  list_scene_draw (fixture->window);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, 0.0);
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (fixture->column_view), NULL,
                                  GTK_SORT_ASCENDING);
  list_scene_draw (fixture->window);
  gtk_adjustment_set_value (adjustment, upper / 2.0);
  list_scene_draw (fixture->window);

  wsi_connection_list_set_filter_text (fixture->list, "live/1");
  list_scene_draw (fixture->window);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, 0.0);

  /* Nothing at all to be moved. */
  gtk_adjustment_set_value (adjustment, 100.0);
  list_scene_draw (fixture->window);
  wsi_connection_list_set_filter_text (fixture->list, "xyzzy");
  list_scene_draw (fixture->window);

  /* Back among all of them, the one that was chosen is in the middle. */
  wsi_connection_list_set_filter_text (fixture->list, "");
  list_scene_draw (fixture->window);
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (adjustment) +
                                  gtk_adjustment_get_page_size (adjustment) / 2.0,
                                  upper / 2.0, upper / 2000.0);
}

static void
test_list_watches_what_is_in_view (Fixture       *fixture,
                                   gconstpointer  data)
{
  GtkAdjustment *adjustment = get_adjustment (fixture);
  guint position = 0;
  guint n_rows = 0;

  list_scene_get_window (fixture->source, &position, &n_rows);
  g_assert_cmpuint (position, ==, 0);
  g_assert_cmpuint (n_rows, >, 5);
  g_assert_cmpuint (n_rows, <, 100);

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) / 2.0);
  list_scene_wait_until ((list_scene_get_window (fixture->source, &position, &n_rows),
                          position > 900));
  g_assert_cmpuint (position, <, 1000);
  g_assert_cmpuint (n_rows, <, 100);

  sort_by (fixture, "Received", GTK_SORT_ASCENDING);
  list_scene_wait_until ((list_scene_get_window (fixture->source, &position, &n_rows),
                          n_rows == G_MAXUINT));
  gtk_widget_set_visible (fixture->window, FALSE);
  list_scene_get_window (fixture->source, &position, &n_rows);
  g_assert_cmpuint (n_rows, ==, 0);
}

static void
activated_cb (WsiConnectionList *list,
              WsiConnection     *connection,
              gpointer           user_data)
{
  guint64 *id = user_data;

  *id = wsi_connection_get_id (connection);
}

static void
test_list_activates_and_selects (Fixture       *fixture,
                                 gconstpointer  data)
{
  guint64 id = 0;

  g_signal_connect (fixture->list, "activate", G_CALLBACK (activated_cb), &id);
  g_signal_emit_by_name (fixture->column_view, "activate", 3);
  g_assert_cmpuint (id, ==, 4);
  g_assert_cmpuint (get_marked_id (fixture), ==, 4);
}

static void
test_list_has_a_menu_by_key (Fixture       *fixture,
                             gconstpointer  data)
{
  GtkWidget *table = find_widget (GTK_WIDGET (fixture->list), WSI_TYPE_CONNECTION_TABLE);
  GtkWidget *menu = find_widget (table, GTK_TYPE_POPOVER_MENU);
  g_autoptr (GtkShortcutTrigger) trigger = gtk_shortcut_trigger_parse_string ("<Shift>F10");
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (table);
  gboolean has_key = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (!GTK_IS_SHORTCUT_CONTROLLER (controller))
        continue;
      for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (controller)); j++)
        {
          g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), j);

          if (!gtk_shortcut_trigger_equal (gtk_shortcut_get_trigger (shortcut), trigger))
            continue;
          has_key = TRUE;
          /* Without a choice there is nothing it could be about. */
          g_assert_false (gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0,
                                                        table, NULL));
          g_assert_false (gtk_widget_get_visible (menu));
          wsi_connection_list_set_selected (fixture->list, list_scene_get (fixture->source, 2));
          g_assert_true (gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0,
                                                       table, NULL));
        }
    }
  g_assert_true (has_key);
  g_assert_true (gtk_widget_get_visible (menu));
  gtk_popover_popdown (GTK_POPOVER (menu));
}

static void
test_list_begins_at_the_right_from_right_to_left (Fixture       *fixture,
                                                  gconstpointer  data)
{
  GtkWidget *table = find_widget (GTK_WIDGET (fixture->list), WSI_TYPE_CONNECTION_TABLE);
  GtkAdjustment *adjustment =
    gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (fixture->column_view));

  gtk_widget_set_direction (table, GTK_TEXT_DIR_RTL);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 500, 400);
  list_scene_wait_until (gtk_adjustment_get_page_size (adjustment) < 600.0 &&
                         gtk_adjustment_get_value (adjustment) > 0.0);
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (adjustment) +
                                  gtk_adjustment_get_page_size (adjustment),
                                  gtk_adjustment_get_upper (adjustment), 1.0);
}

/* Whoever listens hears the name of the row and the figures in it. */
static void
test_list_tells_its_rows_to_those_who_listen (Fixture       *fixture,
                                              gconstpointer  data)
{
  WsiConnection *connection = list_scene_get (fixture->source, 1);
  GtkWidget *cell = find_widget (fixture->column_view, WSI_TYPE_CELL);
  GtkWidget *row = gtk_widget_get_parent (gtk_widget_get_parent (cell));
  GtkWidget *sparkline = find_widget (fixture->column_view, WSI_TYPE_SPARKLINE);
  g_autofree char *name = NULL;

  name = gtk_test_accessible_check_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                             wsi_connection_get_name (connection));
  g_assert_cmpstr (name, ==, NULL);
  gtk_test_accessible_assert_role (sparkline, GTK_ACCESSIBLE_ROLE_IMG);
  g_assert_true (g_str_has_suffix (wsi_cell_get_text (WSI_CELL (sparkline)), " at most"));
}

static void
test_list_forgets_the_filter_with_the_source (Fixture       *fixture,
                                              gconstpointer  data)
{
  g_autoptr (WsiSource) other = list_scene_new_source (WSI_SOURCE_KIND_OWN, "Own", 4);

  wsi_connection_list_set_selected (fixture->list, list_scene_get (fixture->source, 2));
  wsi_connection_list_set_filter_text (fixture->list, "401");
  wsi_connection_list_set_source (fixture->list, other);
  g_assert_null (wsi_connection_list_get_selected (fixture->list));
  g_assert_cmpstr (wsi_connection_list_get_filter_text (fixture->list), ==, "");
  g_assert_cmpuint (get_n_rows (fixture), ==, 4);
  wsi_connection_list_set_source (fixture->list, fixture->source);
  g_assert_cmpuint (get_n_rows (fixture), ==, 30);
}

int
main (int   argc,
      char *argv[])
{
  /* So that it can be asked what others would hear. */
  g_setenv ("GTK_A11Y", "test", TRUE);
  gtk_test_init (&argc, &argv, NULL);
  wsi_widgets_init ();

#define ADD(path, n_rows, function) \
  g_test_add ("/connection-list/" path, Fixture, GUINT_TO_POINTER (n_rows), set_up, function, \
              tear_down)

  ADD ("keeps-the-selection-while-it-sorts", 30, test_list_keeps_the_selection_while_it_sorts);
  ADD ("sorts-by-each-column-but-the-beats", 30, test_list_sorts_by_each_column_but_the_beats);
  ADD ("keeps-the-selection-while-it-filters", 30, test_list_keeps_the_selection_while_it_filters);
  ADD ("keeps-the-selection-while-rows-go", 30, test_list_keeps_the_selection_while_rows_go);
  ADD ("says-what-to-do-when-there-is-nothing", 0,
       test_list_says_what_to_do_when_there_is_nothing);
  ADD ("clears-a-filter-that-leaves-nothing", 30, test_list_clears_a_filter_that_leaves_nothing);
  ADD ("lets-rows-into-a-filter-that-change", 30, test_list_lets_rows_into_a_filter_that_change);
  ADD ("cuts-no-column", 30, test_list_cuts_no_column);
  ADD ("shows-names-before-traffic", 30, test_list_shows_names_before_traffic);
  ADD ("is-narrow-with-three-columns", 30, test_list_is_narrow_with_three_columns);
  ADD ("shows-a-beat-within-a-quarter-of-a-second", 30,
       test_list_shows_a_beat_within_a_quarter_of_a_second);
  ADD ("stops-its-clocks-with-the-source", 30, test_list_stops_its_clocks_with_the_source);
  ADD ("stays-where-one-reads-while-it-sorts", 2000,
       test_list_stays_where_one_reads_while_it_sorts);
  ADD ("shows-where-what-was-asked-for-begins", 2000,
       test_list_shows_where_what_was_asked_for_begins);
  ADD ("watches-what-is-in-view", 2000, test_list_watches_what_is_in_view);
  ADD ("activates-and-selects", 30, test_list_activates_and_selects);
  ADD ("has-a-menu-by-key", 30, test_list_has_a_menu_by_key);
  ADD ("forgets-the-filter-with-the-source", 30, test_list_forgets_the_filter_with_the_source);

  ADD ("begins-at-the-right-from-right-to-left", 30,
       test_list_begins_at_the_right_from_right_to_left);
  ADD ("tells-its-rows-to-those-who-listen", 30, test_list_tells_its_rows_to_those_who_listen);

  return g_test_run ();
}
