/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "app-fixture.h"

#include <headers.h>

#include "wsi-add-dialog.h"
#include "wsi-heartbeat-choice.h"

/* A connection is described, and what is wrong is said while it is written. */

typedef struct
{
  AppFixture app;
  GtkWindow *dialog; /* (unowned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  user_data)
{
  app_fixture_set_up (&fixture->app, NULL);
  app_fixture_activate (&fixture->app, "win.add", NULL);
  fixture->dialog = app_fixture_dialog (WSI_TYPE_ADD_DIALOG);
  g_assert_nonnull (fixture->dialog);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  user_data)
{
  if (app_fixture_dialog (WSI_TYPE_ADD_DIALOG) != NULL)
    gtk_window_destroy (fixture->dialog);
  app_fixture_tear_down (&fixture->app, NULL);
}

static gpointer
get_child (Fixture    *fixture,
           const char *name)
{
  GObject *child = gtk_widget_get_template_child (GTK_WIDGET (fixture->dialog),
                                                  WSI_TYPE_ADD_DIALOG, name);

  g_assert_nonnull (child);

  return child;
}

static void
write_entry (Fixture    *fixture,
             const char *name,
             const char *text)
{
  gtk_editable_set_text (get_child (fixture, name), text);
}

static const char *
get_text (Fixture    *fixture,
          const char *name)
{
  return gtk_label_get_text (get_child (fixture, name));
}

static gboolean
can_add (Fixture *fixture)
{
  GtkWidget *label = app_fixture_find (GTK_WIDGET (fixture->dialog), "Add");

  return gtk_widget_is_sensitive (gtk_widget_get_ancestor (label, GTK_TYPE_BUTTON));
}

/* It has to name what is wrong, at the place where it is wrong. */
static void
assert_complaint (Fixture    *fixture,
                  const char *word,
                  const char *row)
{
  g_assert_false (can_add (fixture));
  g_assert_true (gtk_widget_get_visible (get_child (fixture, "complaint_label")));
  if (strstr (get_text (fixture, "complaint_label"), word) == NULL)
    g_error ("“%s” is not in: %s", word, get_text (fixture, "complaint_label"));
  if (row != NULL)
    g_assert_true (gtk_widget_has_css_class (get_child (fixture, row), "error"));
}

static void
test_address_is_checked_while_written (Fixture       *fixture,
                                       gconstpointer  user_data)
{
  /* Nobody has done anything wrong yet. */
  g_assert_false (can_add (fixture));
  g_assert_false (gtk_widget_get_visible (get_child (fixture, "complaint_label")));

  write_entry (fixture, "uri_row", "http://example.com/");
  assert_complaint (fixture, "ws", "uri_row");
  write_entry (fixture, "uri_row", "ws://");
  assert_complaint (fixture, "host", "uri_row");

  write_entry (fixture, "uri_row", "  wss://example.com/feed ");
  g_assert_true (can_add (fixture));
  g_assert_null (wsi_add_dialog_get_complaint (WSI_ADD_DIALOG (fixture->dialog)));
  g_assert_false (gtk_widget_get_visible (get_child (fixture, "complaint_label")));
  g_assert_false (gtk_widget_has_css_class (get_child (fixture, "uri_row"), "error"));
}

static void
test_the_rest_is_checked_too (Fixture       *fixture,
                              gconstpointer  user_data)
{
  g_autoptr (WsmConnection) taken = NULL;
  g_autoptr (GError) error = NULL;
  WsiOwnPool *own_pool = wsi_application_get_own_pool (fixture->app.application);

  taken = g_object_new (WSM_TYPE_CONNECTION, "uri", "ws://127.0.0.1:9/", "name", "taken", NULL);
  wsi_own_pool_add (own_pool, taken, TRUE, &error);
  g_assert_no_error (error);

  write_entry (fixture, "uri_row", "ws://127.0.0.1:9/");
  write_entry (fixture, "name_row", "taken");
  assert_complaint (fixture, "“taken”", "name_row");
  write_entry (fixture, "name_row", "free");
  g_assert_true (can_add (fixture));

  write_entry (fixture, "origin_row", "nonsense");
  assert_complaint (fixture, "origin", NULL);
  write_entry (fixture, "origin_row", "https://example.com");
  g_assert_true (can_add (fixture));

  write_entry (fixture, "protocols_row", "v1, v1");
  assert_complaint (fixture, "protocol", NULL);
  write_entry (fixture, "protocols_row", "v2, v1,");
  g_assert_true (can_add (fixture));

  gtk_text_buffer_set_text (get_child (fixture, "headers_buffer"), "A: b\nHost: c", -1);
  assert_complaint (fixture, "Host", NULL);
  gtk_text_buffer_set_text (get_child (fixture, "headers_buffer"), "A: b\n\n  C: d\n", -1);
  g_assert_true (can_add (fixture));
}

static void
test_each_heartbeat_says_how_late_it_is (Fixture       *fixture,
                                         gconstpointer  user_data)
{
  g_autoptr (GHashTable) texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  write_entry (fixture, "uri_row", "ws://127.0.0.1:9/");
  for (guint i = 0; i < WSI_N_HEARTBEAT_CHOICES; i++)
    {
      gboolean is_custom = i == WSI_HEARTBEAT_CHOICE_CUSTOM;

      adw_combo_row_set_selected (get_child (fixture, "heartbeat_row"), i);
      g_assert_true (can_add (fixture));
      g_assert_true (g_str_has_prefix (get_text (fixture, "detection_label"),
                                       "A dead peer is "));
      g_assert_true (gtk_widget_get_visible (get_child (fixture, "interval_row")) == is_custom);
      g_hash_table_add (texts, g_strdup (get_text (fixture, "detection_label")));
    }
  g_assert_cmpuint (g_hash_table_size (texts), >=, 4);

  /* At the worst the peer falls silent just after its pong: a whole interval, then each beat. */
  gtk_spin_button_set_value (get_child (fixture, "interval_button"), 2);
  gtk_spin_button_set_value (get_child (fixture, "timeout_button"), 1);
  gtk_spin_button_set_value (get_child (fixture, "max_missed_button"), 1);
  {
    g_autoptr (WsmHeartbeat) heartbeat = wsi_heartbeat_choice_customise (2000, 1000, 1);
    g_autofree char *expected = wsi_heartbeat_choice_describe (heartbeat);

    g_assert_cmpstr (get_text (fixture, "detection_label"), ==, expected);
  }
}

static void
test_what_was_described_is_added (Fixture       *fixture,
                                  gconstpointer  user_data)
{
  WsmPool *pool = app_fixture_get_pool (&fixture->app);
  WsmConnection *connection;

  write_entry (fixture, "uri_row", "ws://127.0.0.1:9/feed");
  write_entry (fixture, "name_row", "feed");
  write_entry (fixture, "origin_row", "https://example.com");
  write_entry (fixture, "protocols_row", "v2, v1");
  gtk_text_buffer_set_text (get_child (fixture, "headers_buffer"), "Authorization: Bearer x", -1);
  adw_combo_row_set_selected (get_child (fixture, "heartbeat_row"), WSI_HEARTBEAT_CHOICE_FAST);
  g_signal_emit_by_name (get_child (fixture, "uri_row"), "entry-activated");

  g_assert_null (app_fixture_dialog (WSI_TYPE_ADD_DIALOG));
  connection = wsm_pool_lookup (pool, "feed");
  g_assert_nonnull (connection);
  g_assert_cmpstr (wsm_connection_get_uri (connection), ==, "ws://127.0.0.1:9/feed");
  g_assert_cmpstr (wsm_connection_get_origin (connection), ==, "https://example.com");
  g_assert_cmpstr (wsm_connection_get_protocols (connection)[1], ==, "v1");
  g_assert_cmpstr (wsm_ini_headers_get (connection)[0], ==, "Authorization: Bearer x");
  g_assert_cmpuint (wsm_heartbeat_get_interval (wsm_connection_get_heartbeat (connection)), ==,
                    5000);
  g_assert_cmpuint (wsm_connection_get_state (connection), !=, WSM_STATE_IDLE);

  /* It is what is shown now. */
  WAIT_FOR (wsi_window_get_connection (fixture->app.window) != NULL &&
            g_str_equal (wsi_connection_get_name (wsi_window_get_connection (fixture->app.window)),
                         "feed"));
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/app-dialogs/" path, Fixture, NULL, set_up, function, tear_down)

  ADD ("address-is-checked-while-written", test_address_is_checked_while_written);
  ADD ("the-rest-is-checked-too", test_the_rest_is_checked_too);
  ADD ("each-heartbeat-says-how-late-it-is", test_each_heartbeat_says_how_late_it_is);
  ADD ("what-was-described-is-added", test_what_was_described_is_added);

#undef ADD

  return g_test_run ();
}
