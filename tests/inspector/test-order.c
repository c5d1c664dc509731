/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "list-scene.h"
#include "wsi-order.h"

/* The ids of the rows that are shown, in their order, as "1 2 3". */
static char *
dup_ids (WsiOrder *order)
{
  GString *ids = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (order)); i++)
    {
      g_autoptr (WsiConnection) connection = g_list_model_get_item (G_LIST_MODEL (order), i);

      g_string_append_printf (ids, "%s%" G_GUINT64_FORMAT, i > 0 ? " " : "",
                              wsi_connection_get_id (connection));
    }
  return g_string_free (ids, FALSE);
}

#define assert_ids(order, expected) \
  G_STMT_START { \
    g_autofree char *ids = dup_ids (order); \
    g_assert_cmpstr (ids, ==, expected); \
  } G_STMT_END

typedef struct
{
  guint position;
  guint n_removed;
  guint n_added;
  guint n_signals;
} Change;

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  gpointer    user_data)
{
  Change *change = user_data;

  *change = (Change) { position, n_removed, n_added, change->n_signals + 1 };
}

static void
test_order_keeps_that_of_the_source (void)
{
  g_autoptr (WsiSource) source = list_scene_new_source (WSI_SOURCE_KIND_APP, "A", 5);
  g_autoptr (WsiOrder) order = wsi_order_new ();

  assert_ids (order, "");
  wsi_order_set_model (order, wsi_source_get_connections (source));
  assert_ids (order, "1 2 3 4 5");
  g_assert_cmpuint (wsi_order_find (order, list_scene_get (source, 4)), ==, 3);
  wsi_order_set_model (order, NULL);
  assert_ids (order, "");
  g_assert_cmpuint (wsi_order_find (order, list_scene_get (source, 4)), ==, G_MAXUINT);
}

static void
test_order_follows_rows_that_come_and_go (void)
{
  g_autoptr (WsiSource) source = list_scene_new_source (WSI_SOURCE_KIND_APP, "A", 5);
  g_autoptr (WsiOrder) order = wsi_order_new ();
  Change change = { 0 };

  wsi_order_set_model (order, wsi_source_get_connections (source));
  g_signal_connect (order, "items-changed", G_CALLBACK (items_changed_cb), &change);
  list_scene_add_rows (source, 2);
  list_scene_remove_row (source, 3);
  list_scene_wait_until (change.n_signals > 0);
  assert_ids (order, "1 2 4 5 6 7");
  /* Told once, and only what is other than before. */
  g_assert_cmpuint (change.n_signals, ==, 1);
  g_assert_cmpuint (change.position, ==, 2);
  g_assert_cmpuint (change.n_removed, ==, 3);
  g_assert_cmpuint (change.n_added, ==, 4);
}

static void
test_order_filters_by_state (void)
{
  g_autoptr (WsiSource) source = list_scene_new_source (WSI_SOURCE_KIND_APP, "A", 20);
  g_autoptr (WsiOrder) order = wsi_order_new ();

  wsi_order_set_model (order, wsi_source_get_connections (source));
  g_assert_false (wsi_order_is_filtered (order));
  wsi_order_set_filter (order, WSI_FILTER_LATE);
  assert_ids (order, "7 17");
  wsi_order_set_filter (order, WSI_FILTER_WAITING);
  assert_ids (order, "8 18");
  wsi_order_set_filter (order, WSI_FILTER_FAILED);
  assert_ids (order, "9 19");
  g_assert_true (wsi_order_is_filtered (order));

  list_scene_set_state (source, 9, WSI_STATE_OPEN, "open");
  wsi_order_refresh (order);
  assert_ids (order, "19");
}

static void
test_order_filters_by_name_address_and_reason (void)
{
  g_autoptr (WsiSource) source = list_scene_new_source (WSI_SOURCE_KIND_APP, "A", 20);
  g_autoptr (WsiOrder) order = wsi_order_new ();

  wsi_order_set_model (order, wsi_source_get_connections (source));
  wsi_order_set_text (order, "UNAUTHORIZED");
  assert_ids (order, "9 19");
  wsi_order_set_text (order, "live/12");
  assert_ids (order, "12");
  wsi_order_set_text (order, wsi_connection_get_name (list_scene_get (source, 13)));
  assert_ids (order, "13");
  /* Beyond ASCII, upper and lower case are the same too. */
  list_scene_set_state (source, 5, WSI_STATE_CLOSED, "der Server ist müde");
  wsi_order_set_text (order, "MÜDE");
  assert_ids (order, "5");
  wsi_order_set_text (order, "");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (order)), ==, 20);
}

static void
test_order_sorts_both_ways_with_nothing_last (void)
{
  g_autoptr (WsiSource) source = list_scene_new_source (WSI_SOURCE_KIND_APP, "A", 5);
  g_autoptr (WsiOrder) order = wsi_order_new ();
  const double round_trips[] = { 3.0, -1.0, 1.0, 2.0, 2.0 };

  for (guint i = 0; i < G_N_ELEMENTS (round_trips); i++)
    list_scene_set_round_trip (source, i + 1, round_trips[i]);
  wsi_order_set_model (order, wsi_source_get_connections (source));
  wsi_order_set_column (order, WSI_COLUMN_ROUND_TRIP, FALSE);
  assert_ids (order, "3 4 5 1 2");
  wsi_order_set_column (order, WSI_COLUMN_ROUND_TRIP, TRUE);
  assert_ids (order, "1 4 5 3 2");
  wsi_order_set_column (order, WSI_COLUMN_NONE, FALSE);
  assert_ids (order, "1 2 3 4 5");
}

static void
test_order_sorts_states_by_trouble (void)
{
  g_autoptr (WsiSource) source = list_scene_new_source (WSI_SOURCE_KIND_APP, "A", 9);
  g_autoptr (WsiOrder) order = wsi_order_new ();

  wsi_order_set_model (order, wsi_source_get_connections (source));
  wsi_order_set_column (order, WSI_COLUMN_STATE, FALSE);
  assert_ids (order, "9 8 7 1 2 3 4 5 6");
}

static void
test_order_sorts_names_as_people_do (void)
{
  g_autoptr (WsiSource) source = list_scene_new_source (WSI_SOURCE_KIND_APP, "A", 3);
  g_autoptr (WsiOrder) order = wsi_order_new ();
  const char *names[] = { "feed 10", "feed 2", "Alpha" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GVariant) row = NULL;
      GVariantBuilder builder;

      g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&builder, "{sv}", "id", g_variant_new_uint64 (i + 1));
      g_variant_builder_add (&builder, "{sv}", "name", g_variant_new_string (names[i]));
      row = g_variant_ref_sink (g_variant_builder_end (&builder));
      wsi_connection_apply_row (list_scene_get (source, i + 1), row, 0);
    }
  wsi_order_set_model (order, wsi_source_get_connections (source));
  wsi_order_set_column (order, WSI_COLUMN_NAME, FALSE);
  assert_ids (order, "3 2 1");
  wsi_order_set_column (order, WSI_COLUMN_NAME, TRUE);
  assert_ids (order, "1 2 3");
}

/* Figures do not move rows until it is read again. */
static void
test_order_stands_still_until_it_is_read_again (void)
{
  g_autoptr (WsiSource) source = list_scene_new_source (WSI_SOURCE_KIND_APP, "A", 3);
  g_autoptr (WsiOrder) order = wsi_order_new ();
  Change change = { 0 };

  for (guint i = 0; i < 3; i++)
    list_scene_set_round_trip (source, i + 1, i + 1.0);
  wsi_order_set_model (order, wsi_source_get_connections (source));
  wsi_order_set_column (order, WSI_COLUMN_ROUND_TRIP, FALSE);
  g_signal_connect (order, "items-changed", G_CALLBACK (items_changed_cb), &change);
  list_scene_set_round_trip (source, 1, 9.0);
  assert_ids (order, "1 2 3");
  g_assert_true (wsi_order_is_lively (order));
  wsi_order_refresh (order);
  assert_ids (order, "2 3 1");
  g_assert_cmpuint (change.n_signals, ==, 1);
  wsi_order_refresh (order);
  g_assert_cmpuint (change.n_signals, ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/order/keeps-that-of-the-source", test_order_keeps_that_of_the_source);
  g_test_add_func ("/order/follows-rows-that-come-and-go",
                   test_order_follows_rows_that_come_and_go);
  g_test_add_func ("/order/filters-by-state", test_order_filters_by_state);
  g_test_add_func ("/order/filters-by-name-address-and-reason",
                   test_order_filters_by_name_address_and_reason);
  g_test_add_func ("/order/sorts-both-ways-with-nothing-last",
                   test_order_sorts_both_ways_with_nothing_last);
  g_test_add_func ("/order/sorts-states-by-trouble", test_order_sorts_states_by_trouble);
  g_test_add_func ("/order/sorts-names-as-people-do", test_order_sorts_names_as_people_do);
  g_test_add_func ("/order/stands-still-until-it-is-read-again",
                   test_order_stands_still_until_it_is_read_again);

  return g_test_run ();
}
