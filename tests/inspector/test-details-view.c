/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "details-scene.h"

#include "wsi-connection-view.h"
#include "wsi-event.h"
#include "wsi-figure.h"
#include "wsi-handshake-page.h"
#include "wsi-payload-view.h"
#include "wsi-round-trip-chart.h"
#include "wsi-timeline-band.h"
#include "wsi-widgets.h"

static const char *const page_names[] = {
  "overview", "frames", "timeline", "handshake", "policy",
};

typedef struct
{
  WsiSource *source;
  WsiConnection *connection; /* (unowned) */
  GtkWindow *window;
  WsiConnectionView *view; /* (unowned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  user_data)
{
  fixture->source = list_scene_new_source (WSI_SOURCE_KIND_APP, "Trader", 10);
  fixture->connection = list_scene_get (fixture->source, 1);
  details_scene_allow (fixture->source, TRUE, 4096);

  fixture->view = WSI_CONNECTION_VIEW (wsi_connection_view_new ());
  fixture->window = GTK_WINDOW (gtk_window_new ());
  gtk_window_set_default_size (fixture->window, 800, 700);
  gtk_window_set_child (fixture->window, GTK_WIDGET (fixture->view));
  gtk_window_present (fixture->window);
  list_scene_draw (GTK_WIDGET (fixture->view));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  user_data)
{
  g_object_add_weak_pointer (G_OBJECT (fixture->view), (gpointer *) &fixture->view);
  gtk_window_destroy (fixture->window);
  list_scene_wait_until (fixture->view == NULL);
  g_assert_finalize_object (fixture->source);
}

static void
choose (Fixture *fixture)
{
  wsi_connection_view_set_source (fixture->view, fixture->source);
  wsi_connection_view_set_connection (fixture->view, fixture->connection);
  list_scene_draw (GTK_WIDGET (fixture->view));
}

static void
fill (Fixture *fixture)
{
  wsi_connection_set_payload_capture (fixture->connection, 4096);
  details_scene_add_events (fixture->connection, 60);
  details_scene_add_frames (fixture->connection, 40);
  details_scene_set_details (fixture->connection, NULL);
}

static void
show_page (Fixture    *fixture,
           const char *name)
{
  wsi_connection_view_set_visible_page (fixture->view, name);
  list_scene_draw (GTK_WIDGET (fixture->view));
  list_scene_draw (GTK_WIDGET (fixture->view));
}

static void
test_view_says_what_to_do_when_nothing_is_chosen (Fixture       *fixture,
                                                  gconstpointer  user_data)
{
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view), "Choose a connection"));
  details_scene_take_picture (fixture->window, "details-empty");

  choose (fixture);
  g_assert_false (details_scene_says (GTK_WIDGET (fixture->view), "Choose a connection"));
  wsi_connection_view_set_connection (fixture->view, NULL);
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view), "Choose a connection"));
}

static void
test_view_shows_each_page (Fixture       *fixture,
                           gconstpointer  user_data)
{
  fill (fixture);
  choose (fixture);

  for (gsize i = 0; i < G_N_ELEMENTS (page_names); i++)
    {
      g_autofree char *name = g_strconcat ("details-", page_names[i], NULL);

      show_page (fixture, page_names[i]);
      g_assert_cmpstr (wsi_connection_view_get_visible_page (fixture->view), ==, page_names[i]);
      details_scene_take_picture (fixture->window, name);
    }
}

static void
test_view_shows_each_page_in_the_dark (Fixture       *fixture,
                                       gconstpointer  user_data)
{
  GtkSettings *settings = gtk_settings_get_default ();

  g_object_set (settings, "gtk-application-prefer-dark-theme", TRUE, NULL);
  fill (fixture);
  choose (fixture);

  for (gsize i = 0; i < G_N_ELEMENTS (page_names); i++)
    {
      g_autofree char *name = g_strconcat ("details-dark-", page_names[i], NULL);

      show_page (fixture, page_names[i]);
      details_scene_take_picture (fixture->window, name);
    }

  g_object_set (settings, "gtk-application-prefer-dark-theme", FALSE, NULL);
}

static void
test_view_shows_each_page_in_high_contrast (Fixture       *fixture,
                                            gconstpointer  user_data)
{
  GtkSettings *settings = gtk_settings_get_default ();
  g_autofree char *theme = NULL;

  g_object_get (settings, "gtk-theme-name", &theme, NULL);
  g_object_set (settings, "gtk-theme-name", "Default-hc", NULL);
  fill (fixture);
  choose (fixture);

  for (gsize i = 0; i < G_N_ELEMENTS (page_names); i++)
    {
      g_autofree char *name = g_strconcat ("details-contrast-", page_names[i], NULL);

      show_page (fixture, page_names[i]);
      details_scene_take_picture (fixture->window, name);
    }

  g_object_set (settings, "gtk-theme-name", theme, NULL);
}

/* A telephone is 360 wide, and nothing may be cut there. */
static void
test_view_fits_a_telephone (Fixture       *fixture,
                            gconstpointer  user_data)
{
  fill (fixture);
  choose (fixture);
  wsi_connection_view_set_narrow (fixture->view, TRUE);
  gtk_window_set_default_size (fixture->window, 360, 720);

  for (gsize i = 0; i < G_N_ELEMENTS (page_names); i++)
    {
      g_autofree char *name = g_strconcat ("details-narrow-", page_names[i], NULL);
      int minimum;

      show_page (fixture, page_names[i]);
      gtk_widget_measure (GTK_WIDGET (fixture->view), GTK_ORIENTATION_HORIZONTAL, -1,
                          &minimum, NULL, NULL, NULL);
      g_test_message ("%s: %d", page_names[i], minimum);
      g_assert_cmpint (minimum, <=, 360);
      details_scene_take_picture (fixture->window, name);
    }
}

static void
test_view_has_an_empty_state_on_each_page (Fixture       *fixture,
                                           gconstpointer  user_data)
{
  choose (fixture);

  show_page (fixture, "overview");
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view), "–"));
  details_scene_take_picture (fixture->window, "details-empty-overview");
  show_page (fixture, "frames");
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view), "No frames yet"));
  details_scene_take_picture (fixture->window, "details-empty-frames");
  show_page (fixture, "timeline");
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view), "Nothing has happened yet"));
  show_page (fixture, "handshake");
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view), "No Answer Yet"));
  show_page (fixture, "policy");
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view), "The policy appears here"));
}

static void
test_view_follows_while_it_is_seen (Fixture       *fixture,
                                    gconstpointer  user_data)
{
  WsiConnection *other = list_scene_get (fixture->source, 2);

  g_assert_null (wsi_source_get_followed (fixture->source));
  choose (fixture);
  g_assert_true (wsi_source_get_followed (fixture->source) == fixture->connection);
  wsi_connection_view_set_connection (fixture->view, other);
  g_assert_true (wsi_source_get_followed (fixture->source) == other);

  gtk_widget_set_visible (GTK_WIDGET (fixture->view), FALSE);
  g_assert_null (wsi_source_get_followed (fixture->source));
  gtk_widget_set_visible (GTK_WIDGET (fixture->view), TRUE);
  g_assert_true (wsi_source_get_followed (fixture->source) == other);

  wsi_connection_view_set_connection (fixture->view, NULL);
  g_assert_null (wsi_source_get_followed (fixture->source));
}

/* The window changes them one after the other. */
static void
test_view_does_not_follow_a_stranger (Fixture       *fixture,
                                      gconstpointer  user_data)
{
  WsiSource *other = list_scene_new_source (WSI_SOURCE_KIND_APP, "Chat", 1);

  choose (fixture);
  wsi_connection_view_set_source (fixture->view, other);
  g_assert_null (wsi_source_get_followed (other));
  g_assert_null (wsi_source_get_followed (fixture->source));

  wsi_connection_view_set_connection (fixture->view, list_scene_get (other, 1));
  g_assert_true (wsi_source_get_followed (other) == list_scene_get (other, 1));

  wsi_connection_view_set_connection (fixture->view, NULL);
  wsi_connection_view_set_source (fixture->view, NULL);
  g_assert_finalize_object (other);
}

static void
count_cb (guint *n_times)
{
  (*n_times)++;
}

static void
test_view_keeps_its_page (Fixture       *fixture,
                          gconstpointer  user_data)
{
  guint n_times = 0;

  fill (fixture);
  choose (fixture);
  g_signal_connect_swapped (fixture->view, "notify::visible-page", G_CALLBACK (count_cb),
                            &n_times);
  wsi_connection_view_set_visible_page (fixture->view, "timeline");
  wsi_connection_view_set_visible_page (fixture->view, "timeline");
  g_assert_cmpuint (n_times, ==, 1);

  wsi_connection_view_set_connection (fixture->view, list_scene_get (fixture->source, 2));
  wsi_connection_view_set_connection (fixture->view, NULL);
  wsi_connection_view_set_connection (fixture->view, fixture->connection);
  g_assert_cmpstr (wsi_connection_view_get_visible_page (fixture->view), ==, "timeline");
  g_assert_cmpuint (n_times, ==, 1);

  wsi_connection_view_set_visible_page (fixture->view, "nonsense");
  g_assert_cmpstr (wsi_connection_view_get_visible_page (fixture->view), ==, "overview");
}

/* The same widgets stay, only what they say is another. */
static void
test_view_keeps_focus_and_place (Fixture       *fixture,
                                 gconstpointer  user_data)
{
  GtkWidget *chart;
  GtkAdjustment *adjustment;

  fill (fixture);
  choose (fixture);
  gtk_window_set_default_size (fixture->window, 800, 400);
  list_scene_draw (GTK_WIDGET (fixture->view));
  chart = details_scene_find (GTK_WIDGET (fixture->view), WSI_TYPE_ROUND_TRIP_CHART, NULL);
  adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (
    gtk_widget_get_ancestor (chart, GTK_TYPE_SCROLLED_WINDOW)));
  g_assert_true (gtk_widget_grab_focus (chart));
  list_scene_draw (GTK_WIDGET (fixture->view));
  gtk_adjustment_set_value (adjustment, 90.0);

  wsi_connection_view_set_connection (fixture->view, list_scene_get (fixture->source, 3));
  list_scene_draw (GTK_WIDGET (fixture->view));
  list_scene_draw (GTK_WIDGET (fixture->view));
  g_assert_true (gtk_window_get_focus (fixture->window) == chart);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, 90.0);
}

static void
test_view_shows_a_recording (Fixture       *fixture,
                             gconstpointer  user_data)
{
  WsiSource *recording = list_scene_new_source (WSI_SOURCE_KIND_RECORDING, "Recording", 1);
  WsiConnection *connection = list_scene_get (recording, 1);

  details_scene_add_events (connection, 60);
  details_scene_set_details (connection, NULL);
  wsi_connection_view_set_source (fixture->view, recording);
  wsi_connection_view_set_connection (fixture->view, connection);
  for (gsize i = 0; i < G_N_ELEMENTS (page_names); i++)
    show_page (fixture, page_names[i]);

  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view), "This is a recording"));
  g_assert_false (details_scene_says (GTK_WIDGET (fixture->view), "Gone"));
  show_page (fixture, "frames");
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view), "No frames were kept"));

  wsi_connection_view_set_connection (fixture->view, NULL);
  wsi_connection_view_set_source (fixture->view, NULL);
  g_assert_finalize_object (recording);
}

static void
test_overview_explains_the_state (Fixture       *fixture,
                                  gconstpointer  user_data)
{
  choose (fixture);
  list_scene_set_state (fixture->source, 1, WSI_STATE_WAITING,
                        "http-status: 503 (Service Unavailable); trying again in 2.0 s "
                        "(attempt 7)");
  list_scene_draw (GTK_WIDGET (fixture->view));
  list_scene_draw (GTK_WIDGET (fixture->view));

  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view), "The server refused"));
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view), "The server is overloaded"));
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view), "Waiting · The server refused"));
  details_scene_take_picture (fixture->window, "details-advice");
}

static const char *
get_figure (Fixture    *fixture,
            const char *caption)
{
  GtkWidget *figure = details_scene_find (GTK_WIDGET (fixture->view), WSI_TYPE_FIGURE, caption);

  g_assert_nonnull (figure);

  return wsi_figure_get_value (WSI_FIGURE (figure));
}

/* Whether it is the program itself that is late, which no round trip tells. */
static void
test_overview_tells_who_is_late (Fixture       *fixture,
                                 gconstpointer  user_data)
{
  GtkWidget *view = GTK_WIDGET (fixture->view);

  choose (fixture);
  fill (fixture);
  list_scene_draw (view);
  g_assert_false (details_scene_says (view, "The program is on time"));
  g_assert_false (details_scene_says (view, "The program itself is late"));

  details_scene_set_details (fixture->connection,
                             "{'lateness': <{'p99': <0.42>, 'count': <uint64 9>}>}");
  list_scene_wait_until (details_scene_says (view, "The program is on time: of 100 beats, 99 leave "
                                                  "within 0.4\xc2\xa0ms."));
  g_assert_false (details_scene_says (view, "The program itself is late"));

  details_scene_set_details (fixture->connection,
                             "{'lateness': <{'p99': <120.0>, 'count': <uint64 9>}>}");
  list_scene_wait_until (details_scene_says (view, "The program itself is late"));
  g_assert_true (details_scene_says (view, "One beat in a hundred leaves 120\xc2\xa0ms"));
  g_assert_false (details_scene_says (view, "The program is on time"));
  details_scene_take_picture (fixture->window, "details-late");
}

static void
test_overview_shows_figures (Fixture       *fixture,
                             gconstpointer  user_data)
{
  choose (fixture);
  g_assert_cmpstr (get_figure (fixture, "Median"), ==, "–");

  fill (fixture);
  list_scene_set_round_trip (fixture->source, 1, 402.0);
  list_scene_draw (GTK_WIDGET (fixture->view));
  list_scene_draw (GTK_WIDGET (fixture->view));

  g_assert_cmpstr (get_figure (fixture, "Last"), ==, "402\xc2\xa0ms");
  g_assert_cmpstr (get_figure (fixture, "Median"), ==, "20\xc2\xa0ms");
  g_assert_cmpstr (get_figure (fixture, "99th Percentile"), ==, "73\xc2\xa0ms");
  g_assert_true (g_str_has_suffix (get_figure (fixture, "Last Received"), " ago"));
}

static void
test_overview_shows_what_did_not_get_through (Fixture       *fixture,
                                              gconstpointer  user_data)
{
  /* A program that does not know of it. */
  choose (fixture);
  fill (fixture);
  list_scene_draw (GTK_WIDGET (fixture->view));
  g_assert_cmpstr (get_figure (fixture, "Dropped"), ==, "–");
  g_assert_cmpstr (get_figure (fixture, "Unconfirmed"), ==, "–");
  g_assert_cmpstr (get_figure (fixture, "To Send"), ==, "–");

  details_scene_set_details (fixture->connection,
                             "{'buffered': <@t 1200>, 'writable': <true>, 'n-dropped': <@t 0>,"
                             " 'n-unconfirmed': <@t 204>}");
  list_scene_draw (GTK_WIDGET (fixture->view));
  g_assert_cmpstr (get_figure (fixture, "Dropped"), ==, "0");
  g_assert_cmpstr (get_figure (fixture, "Unconfirmed"), ==, "204");
  g_assert_cmpstr (get_figure (fixture, "To Send"), ==, "1.2\xc2\xa0kB");

  details_scene_set_details (fixture->connection, "{'buffered': <@t 600000>, 'writable': <false>}");
  list_scene_draw (GTK_WIDGET (fixture->view));
  g_assert_cmpstr (get_figure (fixture, "To Send"), ==, "600.0\xc2\xa0kB, full");
  details_scene_take_picture (fixture->window, "details-full");

  list_scene_set_state (fixture->source, 1, WSI_STATE_WAITING, "refused: for now");
  list_scene_draw (GTK_WIDGET (fixture->view));
  g_assert_cmpstr (get_figure (fixture, "To Send"), ==, "600.0\xc2\xa0kB");
}

static void
press (GtkWidget *widget,
       guint      key)
{
  GListModel *controllers = gtk_widget_observe_controllers (widget);
  gboolean done = FALSE;

  /* Class bindings have no events of their own to be sent; they are asked for by their trigger. */
  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !done; i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (!GTK_IS_SHORTCUT_CONTROLLER (controller))
        continue;

      for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (controller)) && !done; j++)
        {
          g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), j);
          GtkShortcutTrigger *trigger = gtk_shortcut_get_trigger (shortcut);

          if (GTK_IS_KEYVAL_TRIGGER (trigger) &&
              gtk_keyval_trigger_get_keyval (GTK_KEYVAL_TRIGGER (trigger)) == key)
            done = gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0, widget,
                                                 gtk_shortcut_get_arguments (shortcut));
        }
    }

  g_object_unref (controllers);
  g_assert_true (done);
}

static void
test_chart_is_read_with_the_keyboard (Fixture       *fixture,
                                      gconstpointer  user_data)
{
  GtkWidget *chart;
  const char *readout;
  g_autofree char *last = NULL;

  fill (fixture);
  choose (fixture);
  chart = details_scene_find (GTK_WIDGET (fixture->view), WSI_TYPE_ROUND_TRIP_CHART, NULL);
  g_assert_nonnull (chart);
  g_assert_null (wsi_round_trip_chart_get_readout (WSI_ROUND_TRIP_CHART (chart)));

  press (chart, GDK_KEY_Left);
  readout = wsi_round_trip_chart_get_readout (WSI_ROUND_TRIP_CHART (chart));
  g_assert_nonnull (strstr (readout, " · "));
  g_assert_true (g_str_has_suffix (readout, "\xc2\xa0ms"));
  last = g_strdup (readout);
  press (chart, GDK_KEY_Right);
  g_assert_cmpstr (wsi_round_trip_chart_get_readout (WSI_ROUND_TRIP_CHART (chart)), ==, last);
  press (chart, GDK_KEY_Left);
  g_assert_cmpstr (wsi_round_trip_chart_get_readout (WSI_ROUND_TRIP_CHART (chart)), !=, last);
  press (chart, GDK_KEY_End);
  g_assert_cmpstr (wsi_round_trip_chart_get_readout (WSI_ROUND_TRIP_CHART (chart)), ==, last);
  details_scene_take_picture (fixture->window, "details-chosen-beat");
  press (chart, GDK_KEY_Escape);
  g_assert_null (wsi_round_trip_chart_get_readout (WSI_ROUND_TRIP_CHART (chart)));

  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (chart), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
test_timeline_and_list_choose_the_same (Fixture       *fixture,
                                        gconstpointer  user_data)
{
  GtkWidget *band;
  GtkWidget *list;
  GtkSingleSelection *selection;
  WsiEvent *event;

  fill (fixture);
  choose (fixture);
  show_page (fixture, "timeline");
  band = details_scene_find (GTK_WIDGET (fixture->view), WSI_TYPE_TIMELINE_BAND, NULL);
  list = gtk_widget_get_ancestor (band, WSI_TYPE_DETAILS_PAGE);
  list = details_scene_find (list, GTK_TYPE_COLUMN_VIEW, NULL);
  selection = GTK_SINGLE_SELECTION (gtk_column_view_get_model (GTK_COLUMN_VIEW (list)));
  g_assert_null (gtk_single_selection_get_selected_item (selection));

  gtk_single_selection_set_selected (selection, 5);
  event = gtk_single_selection_get_selected_item (selection);
  g_assert_cmpint (wsi_timeline_band_get_chosen (WSI_TIMELINE_BAND (band)), ==,
                   wsi_event_get_time (event));

  g_signal_emit_by_name (band, "chosen", 20);
  g_assert_cmpuint (gtk_single_selection_get_selected (selection), ==, 20);
  details_scene_take_picture (fixture->window, "details-chosen-event");
}

static void
test_timeline_zooms_and_moves (Fixture       *fixture,
                               gconstpointer  user_data)
{
  WsiTimelineBand *band;
  gint64 from_us;
  gint64 to_us;

  fill (fixture);
  choose (fixture);
  show_page (fixture, "timeline");
  band = WSI_TIMELINE_BAND (details_scene_find (GTK_WIDGET (fixture->view),
                                                WSI_TYPE_TIMELINE_BAND, NULL));
  from_us = wsi_timeline_band_get_from (band);
  to_us = wsi_timeline_band_get_to (band);
  g_assert_cmpint (to_us - from_us, ==, 300 * (gint64) G_USEC_PER_SEC);

  wsi_timeline_band_zoom (band, 0.5);
  g_assert_cmpint (wsi_timeline_band_get_to (band), ==, to_us);
  g_assert_cmpint (to_us - wsi_timeline_band_get_from (band), ==, (to_us - from_us) / 2);

  wsi_timeline_band_pan (band, -0.5);
  g_assert_cmpint (wsi_timeline_band_get_to (band), <, to_us);
  wsi_timeline_band_show_present (band);
  g_assert_cmpint (wsi_timeline_band_get_to (band), ==, to_us);

  /* Neither into the future, nor into a time of which nothing is known. */
  wsi_timeline_band_pan (band, 9.0);
  g_assert_cmpint (wsi_timeline_band_get_to (band), ==, to_us);
  wsi_timeline_band_pan (band, -1000.0);
  g_assert_cmpint (wsi_timeline_band_get_to (band), >, from_us);
  wsi_timeline_band_zoom (band, 1e-12);
  g_assert_cmpint (wsi_timeline_band_get_to (band), >, wsi_timeline_band_get_from (band));
  wsi_timeline_band_zoom (band, 1e12);
  wsi_timeline_band_show_all (band);
  g_assert_cmpint (wsi_timeline_band_get_to (band), ==, to_us);
}

static void
test_timeline_shows_a_short_past_whole (Fixture       *fixture,
                                        gconstpointer  user_data)
{
  WsiTimelineBand *band;

  details_scene_add_events (fixture->connection, 10);
  choose (fixture);
  show_page (fixture, "timeline");
  band = WSI_TIMELINE_BAND (details_scene_find (GTK_WIDGET (fixture->view),
                                                WSI_TYPE_TIMELINE_BAND, NULL));
  g_assert_cmpint (wsi_timeline_band_get_to (band) - wsi_timeline_band_get_from (band), ==,
                   75 * (gint64) G_USEC_PER_SEC);
}

static void
test_handshake_hides_what_the_program_hides (Fixture       *fixture,
                                             gconstpointer  user_data)
{
  WsiHandshakePage *page;
  g_autofree char *text = NULL;

  fill (fixture);
  choose (fixture);
  show_page (fixture, "handshake");
  page = WSI_HANDSHAKE_PAGE (details_scene_find (GTK_WIDGET (fixture->view),
                                                 WSI_TYPE_HANDSHAKE_PAGE, NULL));

  g_assert_true (details_scene_says (GTK_WIDGET (page), "101 Switching Protocols"));
  g_assert_true (details_scene_says (GTK_WIDGET (page), "Authorization"));
  g_assert_true (details_scene_says (GTK_WIDGET (page), "hidden"));
  g_assert_true (details_scene_says (GTK_WIDGET (page), "It expires in "));
  g_assert_nonnull (details_scene_find (GTK_WIDGET (page), GTK_TYPE_LIST_BOX_ROW,
                                        "The program keeps this value to itself"));

  text = wsi_handshake_page_dup_text (page);
  g_assert_nonnull (strstr (text, "\nAuthorization: (hidden)\n"));
  g_assert_nonnull (strstr (text, "\nSec-WebSocket-Protocol: prices.v2\n"));

  details_scene_set_details (fixture->connection,
                             "{'handshake': <{'status': <uint32 503>}>, 'tls': <'no'>}");
  show_page (fixture, "handshake");
  g_assert_true (details_scene_says (GTK_WIDGET (page), "503"));
  g_assert_true (details_scene_says (GTK_WIDGET (page), "The server is overloaded"));
  g_assert_false (details_scene_says (GTK_WIDGET (page), "Request Headers"));
  g_assert_false (details_scene_says (GTK_WIDGET (page), "Certificate"));
}

static void
test_view_stays_readable_when_the_program_goes (Fixture       *fixture,
                                                gconstpointer  user_data)
{
  fill (fixture);
  choose (fixture);
  wsi_source_set_gone (fixture->source, "The program ended.");
  list_scene_draw (GTK_WIDGET (fixture->view));

  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view), "Gone"));
  for (gsize i = 0; i < G_N_ELEMENTS (page_names); i++)
    show_page (fixture, page_names[i]);
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->view),
                                     "The program is no longer there, so"));
  details_scene_take_picture (fixture->window, "details-gone");
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

  add ("/connection-view/says-what-to-do-when-nothing-is-chosen",
       test_view_says_what_to_do_when_nothing_is_chosen);
  add ("/connection-view/shows-each-page", test_view_shows_each_page);
  add ("/connection-view/shows-each-page-in-the-dark", test_view_shows_each_page_in_the_dark);
  add ("/connection-view/shows-each-page-in-high-contrast",
       test_view_shows_each_page_in_high_contrast);
  add ("/connection-view/fits-a-telephone", test_view_fits_a_telephone);
  add ("/connection-view/has-an-empty-state-on-each-page",
       test_view_has_an_empty_state_on_each_page);
  add ("/connection-view/follows-while-it-is-seen", test_view_follows_while_it_is_seen);
  add ("/connection-view/does-not-follow-a-stranger", test_view_does_not_follow_a_stranger);
  add ("/connection-view/keeps-its-page", test_view_keeps_its_page);
  add ("/connection-view/keeps-focus-and-place", test_view_keeps_focus_and_place);
  add ("/connection-view/shows-a-recording", test_view_shows_a_recording);
  add ("/connection-view/stays-readable-when-the-program-goes",
       test_view_stays_readable_when_the_program_goes);
  add ("/overview/explains-the-state", test_overview_explains_the_state);
  add ("/overview/tells-who-is-late", test_overview_tells_who_is_late);
  add ("/overview/shows-figures", test_overview_shows_figures);
  add ("/overview/shows-what-did-not-get-through", test_overview_shows_what_did_not_get_through);
  add ("/overview/chart-is-read-with-the-keyboard", test_chart_is_read_with_the_keyboard);
  add ("/timeline/and-list-choose-the-same", test_timeline_and_list_choose_the_same);
  add ("/timeline/shows-a-short-past-whole", test_timeline_shows_a_short_past_whole);
  add ("/timeline/zooms-and-moves", test_timeline_zooms_and_moves);
  add ("/handshake/hides-what-the-program-hides", test_handshake_hides_what_the_program_hides);

  return g_test_run ();
}
