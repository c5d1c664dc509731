/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "details-scene.h"
#include "fake-pool.h"

#include "wsi-hub.h"
#include "wsi-policy-page.h"
#include "wsi-policy-row.h"
#include "wsi-widgets.h"

typedef struct
{
  FakePool *pool;
  WsiHub *hub;
  WsiSource *source;         /* (unowned) */
  WsiConnection *connection; /* (owned) */
  GtkWindow *window;
  WsiDetailsPage *page; /* (unowned) */
} Fixture;

static GVariant *
refuse_cb (FakePool   *pool,
           const char *method,
           GVariant   *parameters,
           gpointer    user_data)
{
  return g_str_has_prefix (method, "Set") ? NULL : fake_pool_answer (pool, method, parameters);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  user_data)
{
  g_autoptr (GIOStream) stream = NULL;
  GListModel *connections;

  fixture->pool = fake_pool_new (2);
  fake_pool_set_control (fixture->pool, user_data == NULL);
  fixture->hub = wsi_hub_new ();
  stream = fake_pool_take_stream (fixture->pool);
  fixture->source = wsi_hub_add_stream (fixture->hub, stream, NULL, WSI_SOURCE_KIND_APP);
  connections = wsi_source_get_connections (fixture->source);
  list_scene_wait_until (g_list_model_get_n_items (connections) == 2 &&
                         !wsi_source_get_loading (fixture->source));
  fixture->connection = g_list_model_get_item (connections, 0);
  details_scene_set_details (fixture->connection, NULL);

  fixture->page = g_object_new (WSI_TYPE_POLICY_PAGE,
                                "source", fixture->source,
                                "connection", fixture->connection,
                                NULL);
  fixture->window = GTK_WINDOW (gtk_window_new ());
  gtk_window_set_default_size (fixture->window, 600, 700);
  gtk_window_set_child (fixture->window, GTK_WIDGET (fixture->page));
  gtk_window_present (fixture->window);
  list_scene_draw (GTK_WIDGET (fixture->page));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  user_data)
{
  g_object_add_weak_pointer (G_OBJECT (fixture->page), (gpointer *) &fixture->page);
  gtk_window_destroy (fixture->window);
  list_scene_wait_until (fixture->page == NULL);
  g_clear_object (&fixture->connection);
  g_assert_finalize_object (fixture->hub);
  fake_pool_free (fixture->pool);
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

static WsiPolicyRow *
get_row (Fixture    *fixture,
         const char *key)
{
  return WSI_POLICY_ROW (find (fixture, WSI_TYPE_POLICY_ROW, key));
}

/* As a person does it: into the entry, and out of it. */
static void
type (Fixture    *fixture,
      const char *key,
      const char *text)
{
  GtkWidget *spin_button = details_scene_find (GTK_WIDGET (get_row (fixture, key)),
                                               GTK_TYPE_SPIN_BUTTON, NULL);

  gtk_editable_set_text (GTK_EDITABLE (spin_button), text);
  gtk_spin_button_update (GTK_SPIN_BUTTON (spin_button));
}

static gboolean
is_offered (Fixture *fixture)
{
  return gtk_revealer_get_reveal_child (GTK_REVEALER (find (fixture, GTK_TYPE_REVEALER, NULL)));
}

static void
click (Fixture    *fixture,
       const char *label)
{
  GtkWidget *button = find (fixture, GTK_TYPE_BUTTON, label);

  g_assert_true (gtk_widget_get_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

static void
test_page_sends_what_was_changed (Fixture       *fixture,
                                  gconstpointer  user_data)
{
  g_assert_false (is_offered (fixture));
  type (fixture, "interval", "5 s");
  g_assert_true (is_offered (fixture));
  click (fixture, "_Apply");
  list_scene_wait_until (fake_pool_count (fixture->pool, "SetHeartbeat") == 1);
  g_assert_true (fake_pool_was_told (fixture->pool, "SetHeartbeat",
                                     "(uint64 1, {'interval': <uint32 5000>})"));
  g_assert_cmpuint (fake_pool_count (fixture->pool, "SetBackoff"), ==, 0);

  /* It holds once the program says so. */
  details_scene_set_details (fixture->connection,
                             "{'heartbeat': <{'mode': <uint32 1>, 'interval': <uint32 5000>, "
                             "'timeout': <uint32 10000>, 'max-missed': <uint32 2>, "
                             "'jitter': <0.1>, 'idle-only': <true>, 'reply-match': <uint32 3>, "
                             "'hide-reply': <false>, 'liveness': <uint32 1>}>}");
  list_scene_wait_until (!is_offered (fixture));
}

static void
test_page_sends_both_policies (Fixture       *fixture,
                               gconstpointer  user_data)
{
  GtkWidget *toggle = details_scene_find (GTK_WIDGET (get_row (fixture, "idle-only")),
                                          GTK_TYPE_SWITCH, NULL);

  gtk_switch_set_active (GTK_SWITCH (toggle), FALSE);
  type (fixture, "factor", "1.5");
  type (fixture, "max-attempts", "7");
  type (fixture, "max-attempts", "no limit");
  click (fixture, "_Apply");
  list_scene_wait_until (fake_pool_count (fixture->pool, "SetHeartbeat") == 1 &&
                         fake_pool_count (fixture->pool, "SetBackoff") == 1);
  g_assert_true (fake_pool_was_told (fixture->pool, "SetHeartbeat",
                                     "(uint64 1, {'idle-only': <false>})"));
  g_assert_true (fake_pool_was_told (fixture->pool, "SetBackoff", "(uint64 1, {'factor': <1.5>})"));
}

static void
test_page_tells_the_worst_case_while_typing (Fixture       *fixture,
                                             gconstpointer  user_data)
{
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->page),
                                     "A dead peer is noticed within 1\xc2\xa0min"));
  type (fixture, "interval", "1");
  list_scene_draw (GTK_WIDGET (fixture->page));
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->page),
                                     "With these changes a dead peer is noticed within 2"));
  details_scene_take_picture (fixture->window, "details-policy-edited");

  gtk_drop_down_set_selected (GTK_DROP_DOWN (details_scene_find (
                                GTK_WIDGET (get_row (fixture, "mode")), GTK_TYPE_DROP_DOWN, NULL)),
                              4);
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->page), "A dead peer is never noticed"));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (get_row (fixture, "interval"))));
}

static void
test_page_says_what_is_wrong_at_the_field (Fixture       *fixture,
                                           gconstpointer  user_data)
{
  GtkWidget *apply = find (fixture, GTK_TYPE_BUTTON, "_Apply");

  type (fixture, "interval", "5 ms");
  list_scene_draw (GTK_WIDGET (fixture->page));
  g_assert_true (details_scene_says (GTK_WIDGET (get_row (fixture, "interval")),
                                     "interval is 5 ms, but must be from 10"));
  g_assert_false (details_scene_says (GTK_WIDGET (get_row (fixture, "timeout")), "interval is"));
  g_assert_false (gtk_widget_get_sensitive (apply));
  details_scene_take_picture (fixture->window, "details-policy-wrong");

  /* Rubbish is not taken at all. */
  type (fixture, "timeout", "soon");
  g_assert_false (details_scene_says (GTK_WIDGET (get_row (fixture, "timeout")), "timeout is"));

  click (fixture, "_Revert");
  g_assert_false (is_offered (fixture));
  g_assert_false (details_scene_says (GTK_WIDGET (get_row (fixture, "interval")), "interval is"));
}

static void
test_page_says_why_it_was_refused (Fixture       *fixture,
                                   gconstpointer  user_data)
{
  fake_pool_set_answer (fixture->pool, refuse_cb, NULL);
  type (fixture, "interval", "5 s");
  click (fixture, "_Apply");
  list_scene_wait_until (fake_pool_count (fixture->pool, "SetHeartbeat") == 1);
  g_assert_false (gtk_widget_get_sensitive (find (fixture, GTK_TYPE_BUTTON, "_Apply")));

  /* An answer of the wrong type is none. */
  fake_pool_answer_late (fixture->pool, g_variant_new ("(s)", "no"));
  list_scene_wait_until (gtk_widget_get_sensitive (find (fixture, GTK_TYPE_BUTTON, "_Apply")));
  g_assert_true (is_offered (fixture));
}

static void
test_page_forgets_changes_with_their_connection (Fixture       *fixture,
                                                 gconstpointer  user_data)
{
  g_autoptr (WsiConnection) other =
    g_list_model_get_item (wsi_source_get_connections (fixture->source), 1);

  details_scene_set_details (other, NULL);
  type (fixture, "interval", "5 s");
  wsi_details_page_set_connection (fixture->page, other);
  g_assert_false (is_offered (fixture));
  wsi_details_page_set_connection (fixture->page, fixture->connection);
  g_assert_false (is_offered (fixture));
}

static void
test_page_is_for_reading_without_control (Fixture       *fixture,
                                          gconstpointer  user_data)
{
  g_autofree char *interval = wsi_policy_row_dup_text (get_row (fixture, "interval"));
  g_autofree char *attempts = wsi_policy_row_dup_text (get_row (fixture, "max-attempts"));
  g_autofree char *mode = wsi_policy_row_dup_text (get_row (fixture, "mode"));
  GtkWidget *spin_button = details_scene_find (GTK_WIDGET (get_row (fixture, "interval")),
                                               GTK_TYPE_SPIN_BUTTON, NULL);

  g_assert_false (gtk_widget_get_visible (spin_button));
  g_assert_cmpstr (interval, ==, "25\xc2\xa0s");
  g_assert_cmpstr (attempts, ==, "no limit");
  g_assert_cmpstr (mode, ==, "Ping frames");
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->page),
                                     "This program lets its connections be watched"));
  g_assert_true (details_scene_says (GTK_WIDGET (fixture->page), "25\xc2\xa0s"));
  /* A ping knows its answer. */
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (get_row (fixture, "reply-match"))));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (get_row (fixture, "jitter"))));
  details_scene_take_picture (fixture->window, "details-policy-read-only");
}

static void
add (const char *path,
     gpointer    user_data,
     void      (*test) (Fixture       *fixture,
                        gconstpointer  user_data))
{
  g_test_add (path, Fixture, user_data, set_up, test, tear_down);
}

int
main (int    argc,
      char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  wsi_widgets_init ();

  add ("/policy-page/sends-what-was-changed", NULL, test_page_sends_what_was_changed);
  add ("/policy-page/sends-both-policies", NULL, test_page_sends_both_policies);
  add ("/policy-page/tells-the-worst-case-while-typing", NULL,
       test_page_tells_the_worst_case_while_typing);
  add ("/policy-page/says-what-is-wrong-at-the-field", NULL,
       test_page_says_what_is_wrong_at_the_field);
  add ("/policy-page/says-why-it-was-refused", NULL, test_page_says_why_it_was_refused);
  add ("/policy-page/forgets-changes-with-their-connection", NULL,
       test_page_forgets_changes_with_their_connection);
  add ("/policy-page/is-for-reading-without-control", GINT_TO_POINTER (1),
       test_page_is_for_reading_without_control);

  return g_test_run ();
}
