/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "details-scene.h"

#include "wsi-frame-row.h"
#include "wsi-frame.h"
#include "wsi-frames-page.h"
#include "wsi-payload-view.h"
#include "wsi-widgets.h"

#define CAPACITY 10000

typedef struct
{
  WsiSource *source;
  WsiConnection *connection; /* (unowned) */
  WsiLog *log;               /* (unowned) */
  GtkWindow *window;
  WsiDetailsPage *page;          /* (unowned) */
  GtkWidget *view;               /* (unowned) */
  GtkSingleSelection *selection; /* (unowned) */
  GtkAdjustment *adjustment;     /* (unowned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  user_data)
{
  fixture->source = list_scene_new_source (WSI_SOURCE_KIND_APP, "Trader", 3);
  fixture->connection = list_scene_get (fixture->source, 1);
  fixture->log = wsi_connection_get_frames (fixture->connection);
  details_scene_allow (fixture->source, TRUE, 4096);
  wsi_connection_set_payload_capture (fixture->connection, 4096);

  fixture->page = g_object_new (WSI_TYPE_FRAMES_PAGE,
                                "source", fixture->source,
                                "connection", fixture->connection,
                                NULL);
  fixture->window = GTK_WINDOW (gtk_window_new ());
  gtk_window_set_default_size (fixture->window, 800, 600);
  gtk_window_set_child (fixture->window, GTK_WIDGET (fixture->page));
  gtk_window_present (fixture->window);

  /* Drop-downs have lists too; this one stands below the titles. */
  fixture->view = details_scene_find (GTK_WIDGET (fixture->page), WSI_TYPE_FRAME_ROW, NULL);
  fixture->view = details_scene_find (gtk_widget_get_parent (fixture->view), GTK_TYPE_LIST_VIEW,
                                      NULL);
  fixture->selection =
    GTK_SINGLE_SELECTION (gtk_list_view_get_model (GTK_LIST_VIEW (fixture->view)));
  fixture->adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (fixture->view));
  list_scene_draw (GTK_WIDGET (fixture->page));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  user_data)
{
  g_object_add_weak_pointer (G_OBJECT (fixture->page), (gpointer *) &fixture->page);
  gtk_window_destroy (fixture->window);
  list_scene_wait_until (fixture->page == NULL);
  g_assert_finalize_object (fixture->source);
}

static guint
get_n_rows (Fixture *fixture)
{
  return g_list_model_get_n_items (G_LIST_MODEL (fixture->selection));
}

static gboolean
is_at_end (Fixture *fixture)
{
  return gtk_adjustment_get_value (fixture->adjustment) + 1.0 >=
         gtk_adjustment_get_upper (fixture->adjustment) -
         gtk_adjustment_get_page_size (fixture->adjustment);
}

static GtkWidget *
find (Fixture    *fixture,
      GType       type,
      const char *text)
{
  GtkWidget *found = details_scene_find (GTK_WIDGET (fixture->page), type, text);

  g_assert_nonnull (found);

  return found;
}

static void
settle (Fixture *fixture)
{
  for (guint i = 0; i < 4; i++)
    list_scene_draw (GTK_WIDGET (fixture->page));
}

static void
test_page_stays_at_the_newest (Fixture       *fixture,
                               gconstpointer  user_data)
{
  GtkWidget *newest = find (fixture, GTK_TYPE_BUTTON, "Jump to _Newest");

  details_scene_add_frames (fixture->connection, 100);
  settle (fixture);
  g_assert_cmpfloat (gtk_adjustment_get_value (fixture->adjustment), >, 0.0);
  g_assert_true (is_at_end (fixture));
  g_assert_false (gtk_widget_get_visible (newest));

  details_scene_add_frames (fixture->connection, 100);
  settle (fixture);
  g_assert_true (is_at_end (fixture));
}

/* From then on it loses as many as it gains, so that its length stays. */
static void
test_page_stays_at_the_newest_when_full (Fixture       *fixture,
                                         gconstpointer  user_data)
{
  details_scene_add_frames (fixture->connection, CAPACITY);
  settle (fixture);
  g_assert_true (is_at_end (fixture));

  for (guint i = 0; i < 5; i++)
    {
      details_scene_add_frames (fixture->connection, 50);
      settle (fixture);
      g_assert_true (is_at_end (fixture));
    }

  g_assert_cmpuint (get_n_rows (fixture), ==, CAPACITY);
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->page), "250 older frames dropped"));
  g_assert_false (gtk_widget_get_visible (find (fixture, GTK_TYPE_BUTTON, "Jump to _Newest")));
}

static void
test_page_stays_where_a_person_reads (Fixture       *fixture,
                                      gconstpointer  user_data)
{
  GtkWidget *newest = find (fixture, GTK_TYPE_BUTTON, "Jump to _Newest");

  details_scene_add_frames (fixture->connection, 200);
  settle (fixture);
  gtk_adjustment_set_value (fixture->adjustment, 300.0);
  settle (fixture);
  g_assert_true (gtk_widget_get_visible (newest));

  details_scene_add_frames (fixture->connection, 200);
  settle (fixture);
  g_assert_cmpfloat (gtk_adjustment_get_value (fixture->adjustment), ==, 300.0);
  details_scene_take_picture (fixture->window, "details-frames-scrolled");

  g_signal_emit_by_name (newest, "clicked");
  settle (fixture);
  g_assert_true (is_at_end (fixture));
  g_assert_false (gtk_widget_get_visible (newest));
}

static void
test_page_stays_at_a_frame_that_was_chosen (Fixture       *fixture,
                                            gconstpointer  user_data)
{
  double value;

  details_scene_add_frames (fixture->connection, 200);
  settle (fixture);
  gtk_single_selection_set_selected (fixture->selection, 198);
  settle (fixture);
  value = gtk_adjustment_get_value (fixture->adjustment);
  details_scene_add_frames (fixture->connection, 200);
  settle (fixture);
  g_assert_cmpfloat (gtk_adjustment_get_value (fixture->adjustment), ==, value);
  g_assert_true (gtk_widget_get_visible (find (fixture, GTK_TYPE_BUTTON, "Jump to _Newest")));
}

static void
test_row_is_read_aloud (Fixture       *fixture,
                        gconstpointer  user_data)
{
  GtkWidget *item;
  g_autofree char *text = NULL;

  details_scene_add_frames (fixture->connection, 4);
  settle (fixture);
  item = gtk_widget_get_last_child (fixture->view);
  text = wsi_frame_row_dup_text (WSI_FRAME_ROW (gtk_widget_get_first_child (item)));
  g_assert_nonnull (strstr (text, ", Received, text, 45"));
  g_assert_nonnull (strstr (text, ", {\"symbol\":\"GNOME\""));
}

static void
test_page_counts_while_it_is_paused (Fixture       *fixture,
                                     gconstpointer  user_data)
{
  GtkWidget *pause = find (fixture, GTK_TYPE_TOGGLE_BUTTON, "Pause the List");
  GtkWidget *resume = find (fixture, GTK_TYPE_BUTTON, "Resume");

  details_scene_add_frames (fixture->connection, 10);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (pause), TRUE);
  details_scene_add_frames (fixture->connection, 1312);
  settle (fixture);

  g_assert_cmpuint (get_n_rows (fixture), ==, 10);
  g_assert_true (gtk_widget_get_visible (resume));
  g_assert_true (g_str_has_prefix (gtk_button_get_label (GTK_BUTTON (resume)), "Paused · 1"));
  details_scene_take_picture (fixture->window, "details-frames-paused");

  g_signal_emit_by_name (resume, "clicked");
  g_assert_cmpuint (get_n_rows (fixture), ==, 1322);
  g_assert_false (gtk_widget_get_visible (resume));
  g_assert_false (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (pause)));
}

/* Each connection is paused for itself. */
static void
test_page_shows_the_pause_of_its_connection (Fixture       *fixture,
                                             gconstpointer  user_data)
{
  GtkToggleButton *pause =
    GTK_TOGGLE_BUTTON (find (fixture, GTK_TYPE_TOGGLE_BUTTON, "Pause the List"));

  gtk_toggle_button_set_active (pause, TRUE);
  wsi_details_page_set_connection (fixture->page, list_scene_get (fixture->source, 2));
  g_assert_false (gtk_toggle_button_get_active (pause));
  wsi_details_page_set_connection (fixture->page, fixture->connection);
  g_assert_true (gtk_toggle_button_get_active (pause));
  g_assert_true (wsi_log_get_paused (fixture->log));
  wsi_details_page_set_connection (fixture->page, NULL);
  g_assert_false (gtk_toggle_button_get_active (pause));
}

static void
test_page_filters (Fixture       *fixture,
                   gconstpointer  user_data)
{
  GtkEditable *entry = GTK_EDITABLE (find (fixture, GTK_TYPE_SEARCH_ENTRY, NULL));

  details_scene_add_frames (fixture->connection, 70);
  gtk_editable_set_text (entry, "other side");
  list_scene_wait_until (get_n_rows (fixture) == 10);

  gtk_editable_set_text (entry, "nothing like it");
  list_scene_wait_until (get_n_rows (fixture) == 0);
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->page), "No frame matches"));
  settle (fixture);
  details_scene_take_picture (fixture->window, "details-frames-no-match");

  g_signal_emit_by_name (find (fixture, GTK_TYPE_BUTTON, "Show _All Frames"), "clicked");
  g_assert_cmpuint (get_n_rows (fixture), ==, 70);
  g_assert_cmpstr (gtk_editable_get_text (entry), ==, "");
}

/* GTK warns of a list that is moved to rows that it has not, or has not yet. */
static void
test_page_survives_a_list_that_shrinks (Fixture       *fixture,
                                        gconstpointer  user_data)
{
  WsiConnection *other = list_scene_get (fixture->source, 2);
  GtkDropDown *opcodes = GTK_DROP_DOWN (details_scene_find (
    gtk_widget_get_parent (find (fixture, GTK_TYPE_DROP_DOWN, NULL)), GTK_TYPE_DROP_DOWN, NULL));

  details_scene_add_frames (other, 3);
  for (guint i = 0; i < 5; i++)
    {
      details_scene_add_frames (fixture->connection, 200);
      list_scene_draw (GTK_WIDGET (fixture->page));
      gtk_drop_down_set_selected (opcodes, 1 + i % 2);
      list_scene_draw (GTK_WIDGET (fixture->page));
      wsi_details_page_set_connection (fixture->page, other);
      list_scene_draw (GTK_WIDGET (fixture->page));
      wsi_details_page_set_connection (fixture->page, fixture->connection);
      list_scene_draw (GTK_WIDGET (fixture->page));
      wsi_log_clear (fixture->log);
      list_scene_draw (GTK_WIDGET (fixture->page));
    }

  details_scene_add_frames (fixture->connection, 200);
  settle (fixture);
  g_assert_true (is_at_end (fixture));
}

static void
test_page_says_what_is_wrong_with_an_expression (Fixture       *fixture,
                                                 gconstpointer  user_data)
{
  GtkEditable *entry = GTK_EDITABLE (find (fixture, GTK_TYPE_SEARCH_ENTRY, NULL));
  int position;

  details_scene_add_frames (fixture->connection, 70);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (find (fixture, GTK_TYPE_TOGGLE_BUTTON,
                                                         "Regular Expression")),
                                TRUE);
  gtk_editable_set_text (entry, "^wsm");
  list_scene_wait_until (get_n_rows (fixture) == 20);
  /* As it is typed; an entry that is empty for a moment would have no filter for that moment. */
  position = 4;
  gtk_editable_insert_text (entry, "(", 1, &position);
  list_scene_wait_until (gtk_widget_has_css_class (GTK_WIDGET (entry), "error"));
  g_assert_cmpuint (get_n_rows (fixture), ==, 20);
  settle (fixture);
  details_scene_take_picture (fixture->window, "details-frames-error");

  gtk_editable_set_text (entry, "");
  list_scene_wait_until (!gtk_widget_has_css_class (GTK_WIDGET (entry), "error"));
  g_assert_cmpuint (get_n_rows (fixture), ==, 70);
}

static void
test_page_shows_the_payload_of_a_frame (Fixture       *fixture,
                                        gconstpointer  user_data)
{
  WsiPayloadView *view =
    WSI_PAYLOAD_VIEW (find (fixture, WSI_TYPE_PAYLOAD_VIEW, NULL));
  g_autofree char *text = NULL;
  g_autofree char *json = NULL;
  g_autofree char *no_json = NULL;
  g_autofree char *hex = NULL;

  details_scene_add_frames (fixture->connection, 70);
  settle (fixture);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (view)));

  gtk_single_selection_set_selected (fixture->selection, 3);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (view)));
  text = wsi_payload_view_dup_text (view);
  g_assert_cmpstr (text, ==, "{\"symbol\":\"GNOME\",\"price\":51.0,\"volume\":1204}");

  wsi_payload_view_set_visible (view, "json");
  json = wsi_payload_view_dup_text (view);
  g_assert_true (g_str_has_prefix (json, "{\n  \"symbol\" : \"GNOME\","));
  settle (fixture);
  details_scene_take_picture (fixture->window, "details-frames-json");

  gtk_single_selection_set_selected (fixture->selection, 4);
  no_json = wsi_payload_view_dup_text (view);
  g_assert_cmpstr (no_json, ==, "The payload is not JSON.");

  wsi_payload_view_set_visible (view, "hex");
  hex = wsi_payload_view_dup_text (view);
  g_assert_true (g_str_has_prefix (hex, "00000000  68 65 6c 6c 6f"));
  settle (fixture);
  details_scene_take_picture (fixture->window, "details-frames-hex");

  g_signal_emit_by_name (find (fixture, GTK_TYPE_BUTTON, "Close the Payload"), "clicked");
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (view)));
}

static void
test_page_offers_to_capture_payloads (Fixture       *fixture,
                                      gconstpointer  user_data)
{
  GtkWidget *toggle = find (fixture, GTK_TYPE_TOGGLE_BUTTON, "Capture Payloads");

  wsi_connection_set_payload_capture (fixture->connection, 0);
  details_scene_add_frames (fixture->connection, 10);
  settle (fixture);
  g_assert_false (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (toggle)));

  gtk_single_selection_set_selected (fixture->selection, 2);
  settle (fixture);
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->page), "Payloads are not captured"));
  details_scene_take_picture (fixture->window, "details-frames-not-captured");
  g_signal_emit_by_name (find (fixture, GTK_TYPE_BUTTON, "_Capture Payloads"), "clicked");
  g_assert_cmpuint (wsi_connection_get_payload_capture (fixture->connection), ==, 4096);
  g_assert_true (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (toggle)));
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->page), "This frame came before"));

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (toggle), FALSE);
  g_assert_cmpuint (wsi_connection_get_payload_capture (fixture->connection), ==, 0);
}

static void
test_page_says_how_a_program_allows_capture (Fixture       *fixture,
                                             gconstpointer  user_data)
{
  wsi_connection_set_payload_capture (fixture->connection, 0);
  details_scene_allow (fixture->source, TRUE, 0);
  details_scene_add_frames (fixture->connection, 10);
  gtk_single_selection_set_selected (fixture->selection, 2);
  settle (fixture);

  g_assert_true (details_scene_says (GTK_WIDGET (fixture->page), "This program keeps its"));
  g_assert_false (gtk_widget_get_sensitive (find (fixture, GTK_TYPE_TOGGLE_BUTTON,
                                                  "Capture Payloads")));
  g_assert_false (gtk_widget_get_visible (find (fixture, GTK_TYPE_BUTTON, "_Capture Payloads")));
}

static void
test_page_clears (Fixture       *fixture,
                  gconstpointer  user_data)
{
  details_scene_add_frames (fixture->connection, 10);
  details_scene_drop_frames (fixture->connection, 5);
  settle (fixture);
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->page), "5 older frames dropped"));

  g_signal_emit_by_name (find (fixture, GTK_TYPE_BUTTON, "Clear the List"), "clicked");
  settle (fixture);
  g_assert_cmpuint (get_n_rows (fixture), ==, 0);
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->page), "No frames yet"));
  g_assert_false (details_scene_says (GTK_WIDGET (fixture->page), "5 older frames dropped"));
}

/* 500 frames a second for some time; the longest turn of the main loop is what a person feels. */
static void
test_page_keeps_up (Fixture       *fixture,
                    gconstpointer  user_data)
{
  gint64 longest_us = 0;
  gint64 begun_us;

  details_scene_add_frames (fixture->connection, CAPACITY);
  settle (fixture);

  begun_us = g_get_monotonic_time ();
  for (guint i = 0; i < 16; i++)
    {
      gint64 turn_us = g_get_monotonic_time ();

      details_scene_add_frames (fixture->connection, 125);
      list_scene_draw (GTK_WIDGET (fixture->page));
      list_scene_draw (GTK_WIDGET (fixture->page));
      longest_us = MAX (longest_us, g_get_monotonic_time () - turn_us);
    }

  g_test_message ("2000 frames in %.0f ms, at most %.1f ms for 125 and two frames of the screen",
                  (double) (g_get_monotonic_time () - begun_us) / 1000.0,
                  (double) longest_us / 1000.0);
  g_test_minimized_result ((double) longest_us / 1000.0, "longest batch in ms");
  g_assert_true (is_at_end (fixture));
}

static void
add (const char *path,
     void      (*test) (Fixture       *fixture,
                        gconstpointer  user_data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int    argc,
      char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  wsi_widgets_init ();

  add ("/frames-page/stays-at-the-newest", test_page_stays_at_the_newest);
  add ("/frames-page/stays-at-the-newest-when-full", test_page_stays_at_the_newest_when_full);
  add ("/frames-page/stays-where-a-person-reads", test_page_stays_where_a_person_reads);
  add ("/frames-page/stays-at-a-frame-that-was-chosen",
       test_page_stays_at_a_frame_that_was_chosen);
  add ("/frames-page/row-is-read-aloud", test_row_is_read_aloud);
  add ("/frames-page/counts-while-it-is-paused", test_page_counts_while_it_is_paused);
  add ("/frames-page/shows-the-pause-of-its-connection",
       test_page_shows_the_pause_of_its_connection);
  add ("/frames-page/filters", test_page_filters);
  add ("/frames-page/survives-a-list-that-shrinks", test_page_survives_a_list_that_shrinks);
  add ("/frames-page/says-what-is-wrong-with-an-expression",
       test_page_says_what_is_wrong_with_an_expression);
  add ("/frames-page/shows-the-payload-of-a-frame", test_page_shows_the_payload_of_a_frame);
  add ("/frames-page/offers-to-capture-payloads", test_page_offers_to_capture_payloads);
  add ("/frames-page/says-how-a-program-allows-capture",
       test_page_says_how_a_program_allows_capture);
  add ("/frames-page/clears", test_page_clears);
  add ("/frames-page/keeps-up", test_page_keeps_up);

  return g_test_run ();
}
