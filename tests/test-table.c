/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "table.h"

#include <string.h>

#include "cells.h"
#include "golden.h"
#include "row.h"
#include "test-world.h"

/* Whatever else it is, a table fits. Escape sequences take no room. */
static void
assert_fits (const char       *text,
             const WsmCliView *view)
{
  g_autoptr (GRegex) colours = g_regex_new ("\033\\[[0-9]+m", 0, 0, NULL);
  g_autofree char *plain = g_regex_replace_literal (colours, text, -1, 0, "", 0, NULL);
  g_auto (GStrv) lines = g_strsplit (plain, "\n", -1);
  guint n_lines = g_strv_length (lines) - 1;

  g_assert_cmpstr (lines[n_lines], ==, "");
  if (view->n_rows > 0)
    g_assert_cmpuint (n_lines, <=, MAX (view->n_rows, 3));

  for (guint i = 0; i < n_lines; i++)
    {
      if (view->n_columns > 0)
        g_assert_cmpuint (wsm_cli_cells_count (lines[i]), <=, view->n_columns);
      g_assert_false (g_str_has_suffix (lines[i], " "));
      g_assert_null (strchr (lines[i], '\033'));
    }
}

static WsmConnection *
add (WsmTestWorld *world,
     const char   *path,
     const char   *name)
{
  g_autofree char *uri = g_strconcat ("ws://127.0.0.1:8080", path, NULL);

  return wsm_test_world_add_named (world, uri, name, 2000, 1500);
}

static void
open_all_but (WsmTestWorld *world,
              const char   *closed)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (world->pool)); i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (G_LIST_MODEL (world->pool), i);

      if (g_strcmp0 (wsm_connection_get_name (connection), closed) != 0)
        g_assert_true (wsm_connection_open (connection, NULL));
    }
}

/* One connection in each state, some time after they were opened. */
static WsmTestWorld *
make_every_state (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmConnection *closing;
  WsmConnection *closed;

  add (world, "/idle", "idle");
  add (world, "/connecting", "connecting");
  add (world, "/open", "open");
  add (world, "/suspect", "suspect");
  add (world, "/waiting", "waiting");
  closing = add (world, "/closing", "closing");
  closed = add (world, "/closed", "closed");
  add (world, "/failed", "failed");

  wsm_test_world_get_peer (world, "/connecting")->stall = TRUE;
  wsm_test_world_get_peer (world, "/open")->latency_us = 12345;
  wsm_test_world_get_peer (world, "/suspect")->latency_us = 200 * 1000;
  wsm_test_world_get_peer (world, "/waiting")->refusal = WSM_REASON_CODE_HTTP_STATUS;
  wsm_test_world_get_peer (world, "/waiting")->http_status = 503;
  wsm_test_world_get_peer (world, "/waiting")->retry_after_ms = 30 * 1000;
  wsm_test_world_get_peer (world, "/failed")->refusal = WSM_REASON_CODE_HTTP_STATUS;
  wsm_test_world_get_peer (world, "/failed")->http_status = 404;

  open_all_but (world, "idle");
  wsm_test_world_run_ms (world, 7000);
  wsm_test_world_get_peer (world, "/suspect")->mute = TRUE;
  g_assert_true (wsm_connection_close (closed, 1000, NULL, NULL));
  wsm_test_world_run_ms (world, 3200);
  wsm_test_world_get_peer (world, "/closing")->mute = TRUE;
  g_assert_true (wsm_connection_close (closing, 1000, NULL, NULL));
  wsm_test_world_run_ms (world, 100);

  return world;
}

static void
assert_every_state (WsmTestWorld *world)
{
  for (guint i = 0; i <= WSM_STATE_FAILED; i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (G_LIST_MODEL (world->pool), i);

      g_assert_cmpuint (wsm_connection_get_state (connection), ==, i);
    }
}

static char *
format_at (WsmTestWorld     *world,
           const WsmCliView *view)
{
  g_autoptr (GPtrArray) groups = wsm_cli_group_list_connections (G_LIST_MODEL (world->pool));

  return wsm_cli_table_format (groups, view);
}

static char *
format (WsmTestWorld *world,
        WsmCliView   *view)
{
  char *text;

  view->started_us = wsm_clock_get_time_us (WSM_CLOCK (world->clock)) - 10300 * 1000;
  view->now_us = wsm_clock_get_time_us (WSM_CLOCK (world->clock));
  text = format_at (world, view);
  assert_fits (text, view);

  return text;
}

typedef struct
{
  const char *path;
  const char *golden;
  WsmCliView view;
} Look;

static const Look looks[] =
{
  { "/table/40-columns", "table-40.txt", { .n_columns = 40, .unicode = TRUE } },
  { "/table/80-columns", "table-80.txt", { .n_columns = 80, .unicode = TRUE } },
  { "/table/120-columns", "table-120.txt", { .n_columns = 120, .unicode = TRUE } },
  { "/table/without-limits", "table-pipe.txt", { .unicode = TRUE } },
  { "/table/ascii", "table-ascii.txt", { .n_columns = 80 } },
  { "/table/colour", "table-colour.txt", { .n_columns = 80, .colour = TRUE, .unicode = TRUE } },
  { "/table/12-rows", "table-12-rows.txt", { .n_columns = 80, .n_rows = 12, .unicode = TRUE } },
  { "/table/6-rows", "table-6-rows.txt", { .n_columns = 80, .n_rows = 6, .unicode = TRUE } },
};

static void
test_every_state (gconstpointer user_data)
{
  const Look *look = user_data;
  WsmTestWorld *world = make_every_state ();
  WsmCliView view = look->view;
  g_autofree char *text = format (world, &view);

  assert_every_state (world);
  golden_assert (look->golden, text);

  wsm_test_world_free (world);
}

/* From nothing to plenty, with what is in the world then. */
static void
test_any_size_fits (void)
{
  WsmTestWorld *world = make_every_state ();

  add (world, "/wide", "株価フィード株価フィード株価フィード");
  for (guint n_columns = 1; n_columns < 200; n_columns++)
    {
      for (guint n_rows = 0; n_rows < 24; n_rows++)
        {
          WsmCliView view = { .n_columns = n_columns, .n_rows = n_rows, .colour = n_rows % 2,
                              .unicode = n_rows % 3 != 0 };
          g_autofree char *text = format (world, &view);

          g_assert_nonnull (strchr (text, '\n'));
        }
    }

  wsm_test_world_free (world);
}

static void
test_names (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmCliView view = { .n_columns = 80, .unicode = TRUE };
  g_autofree char *text = NULL;

  add (world, "/1", "株価");
  add (world, "/2", "e\xcc\x81te\xcc\x81");
  add (world, "/3", "\033[31mred\r\n\xe2\x80\xae" "evil");
  add (world, "/4", "a name that is longer than what a column can be for it");
  add (world, "/5", "株価株価株価株価株価株価株価株価");
  open_all_but (world, NULL);
  wsm_test_world_run_ms (world, 100);

  text = format (world, &view);
  golden_assert ("table-names.txt", text);

  wsm_test_world_free (world);
}

/* Long round trips of a program that is busy are no fault of the network. */
static void
test_lateness_is_told_once_it_matters (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmCliView view = { .unicode = TRUE, .lateness = 49.0 };
  g_autofree char *on_time = NULL;
  g_autofree char *late = NULL;

  add (world, "/prices", "prices");
  on_time = format (world, &view);
  g_assert_null (strstr (on_time, "late"));

  view.lateness = 120.4;
  late = format (world, &view);
  g_assert_nonnull (strstr (late, " s, some beats leave 120 ms late\n"));

  wsm_test_world_free (world);
}

static void
test_common_place_is_told_once (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmCliView view = { .unicode = TRUE };
  g_autofree char *together = NULL;
  g_autofree char *apart = NULL;

  add (world, "/prices", NULL);
  add (world, "/orders", NULL);
  together = format (world, &view);
  g_assert_nonnull (strstr (together, ", at ws://127.0.0.1:8080\n"));
  g_assert_nonnull (strstr (together, " /prices "));
  g_assert_nonnull (strstr (together, " /orders "));

  add (world, "/named", "named");
  apart = format (world, &view);
  g_assert_null (strstr (apart, ", at "));
  g_assert_nonnull (strstr (apart, " ws://127.0.0.1:8080/prices "));

  wsm_test_world_free (world);
}

/* Nothing may move sideways while it is redrawn. */
static void
test_columns_stay_where_they_are (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  g_autofree char *first_head = NULL;

  add (world, "/healthy", NULL);
  add (world, "/mute", NULL);
  wsm_test_world_get_peer (world, "/mute")->mute = TRUE;
  wsm_test_world_get_peer (world, "/healthy")->latency_us = 150 * 1000;
  open_all_but (world, NULL);

  for (guint i = 0; i < 120; i++)
    {
      WsmCliView view = { .n_columns = 100, .unicode = TRUE };
      g_autofree char *text = format (world, &view);
      g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

      if (first_head == NULL)
        first_head = g_strdup (lines[1]);
      g_assert_cmpstr (lines[1], ==, first_head);
      g_assert_cmpuint (g_strv_length (lines), ==, 2 + 2 * 2 + 1);
      wsm_test_world_run_ms (world, 500);
    }

  wsm_test_world_free (world);
}

static void
test_countdowns (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmConnection *connection = add (world, "/open", "open");
  WsmCliView view = { .unicode = TRUE };
  const struct
  {
    gint64 ahead_ms;
    const char *expected;
  } moments[] =
  {
    { -100, " beat now " },
    { 0, " beat now " },
    { 1, " beat 1 s " },
    { 1000, " beat 1 s " },
    { 1001, " beat 2 s " },
    { 99000, " beat 99 s " },
    { 99001, " beat 2 min " },
    { 120001, " beat 3 min " },
    { 100 * 60 * 1000, " beat 2 h " },
  };

  open_all_but (world, NULL);
  wsm_test_world_run_ms (world, 100);
  for (gsize i = 0; i < G_N_ELEMENTS (moments); i++)
    {
      g_autofree char *text = NULL;

      view.now_us = wsm_connection_get_next_beat_at (connection) - moments[i].ahead_ms * 1000;
      text = format_at (world, &view);
      g_assert_nonnull (strstr (text, moments[i].expected));
    }

  wsm_test_world_free (world);
}

static void
test_reconnections_are_not_forgotten (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmCliView view = { .unicode = TRUE };
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  add (world, "/drop", "drop");
  open_all_but (world, NULL);
  wsm_test_world_run_ms (world, 100);
  before = format (world, &view);
  g_assert_true (g_str_has_suffix (before, "  opened\n"));

  wsm_test_peer_drop (wsm_test_world_get_peer (world, "/drop"), WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (world, 5000);
  after = format (world, &view);
  g_assert_true (g_str_has_suffix (after, "  opened: reconnection 1\n"));

  wsm_test_world_free (world);
}

static void
test_nothing_is_watched (void)
{
  WsmTestWorld *world = wsm_test_world_new (7);
  WsmCliView view = { .unicode = TRUE };
  g_autofree char *text = format (world, &view);

  g_assert_true (g_str_has_prefix (text, "0 of 0 open after 10 s\n"));

  wsm_test_world_free (world);
}

static WsmCliGroup *
add_group (GPtrArray  *groups,
           const char *title,
           guint       n_rows)
{
  WsmCliGroup *group = wsm_cli_group_new (title);

  for (guint i = 0; i < n_rows; i++)
    {
      WsmCliRow *row = g_new0 (WsmCliRow, 1);

      row->name = g_strdup_printf ("feed %u", i + 1);
      row->state = i == 0 ? WSI_STATE_OPEN : (WsiState) 99;
      row->last = row->median = row->p95 = i == 0 ? 0.25 : -1.0;
      row->reason = g_strdup (i == 0 ? "opened" : NULL);
      g_ptr_array_add (group->rows, row);
    }
  g_ptr_array_add (groups, group);

  return group;
}

/* A title stands above its rows, is safe like everything else, and never alone for want of room. */
static void
test_groups (void)
{
  g_autoptr (GPtrArray) groups = wsm_cli_group_list_new ();
  WsmCliView view = { .n_columns = 80, .unicode = TRUE };
  g_autofree char *whole = NULL;
  g_autofree char *colour = NULL;

  add_group (groups, "feeds.py (4711)", 2);
  add_group (groups, "\033[31mgone (12), gone", 0);
  add_group (groups, "gateway (99)", 1);

  whole = wsm_cli_table_format (groups, &view);
  golden_assert ("table-groups.txt", whole);

  for (view.n_rows = 1; view.n_rows < 12; view.n_rows++)
    {
      g_autofree char *text = wsm_cli_table_format (groups, &view);
      gboolean has_all = view.n_rows >= 2 + 3 + 3;

      assert_fits (text, &view);
      g_assert_true (has_all == (strstr (text, " more, ") == NULL));
      g_assert_null (strstr (text, "(99)\n…"));
    }

  view.n_rows = 0;
  view.colour = TRUE;
  colour = wsm_cli_table_format (groups, &view);
  g_assert_nonnull (strstr (colour, "\033[1mfeeds.py (4711)\033[0m\n"));
}

static void
test_cells (void)
{
  const struct
  {
    const char *text;
    guint n_cells;
    WsmCliFit fit;
    const char *expected;
  } examples[] =
  {
    { "abc", 5, WSM_CLI_FIT_LEFT, "abc  " },
    { "abc", 5, WSM_CLI_FIT_RIGHT, "  abc" },
    { "abc", 3, WSM_CLI_FIT_MIDDLE, "abc" },
    { "abcdef", 4, WSM_CLI_FIT_LEFT, "abc…" },
    { "abcdef", 4, WSM_CLI_FIT_RIGHT, "abc…" },
    { "abcdefghij", 7, WSM_CLI_FIT_MIDDLE, "ab…ghij" },
    { "abc", 1, WSM_CLI_FIT_LEFT, "a" },
    { "abc", 0, WSM_CLI_FIT_LEFT, "" },
    { "", 2, WSM_CLI_FIT_LEFT, "  " },
    { "株価株価", 8, WSM_CLI_FIT_LEFT, "株価株価" },
    { "株価株価", 7, WSM_CLI_FIT_LEFT, "株価株…" },
    { "株価株価", 6, WSM_CLI_FIT_LEFT, "株価… " },
    { "株価株価", 1, WSM_CLI_FIT_LEFT, " " },
    { "e\xcc\x81te\xcc\x81", 4, WSM_CLI_FIT_LEFT, "e\xcc\x81te\xcc\x81 " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (examples); i++)
    {
      g_autofree char *text = wsm_cli_cells_fit (examples[i].text, examples[i].n_cells,
                                                 examples[i].fit, "…");

      g_assert_cmpstr (text, ==, examples[i].expected);
      g_assert_cmpuint (wsm_cli_cells_count (text), ==, examples[i].n_cells);
    }
}

static void
test_clean (void)
{
  g_autofree char *text = wsm_cli_cells_clean ("a\033[2J\tb\xff\xe2\x80\xae株e\xcc\x81");

  g_assert_cmpstr (text, ==, "a?[2J?b\xef\xbf\xbd?株e\xcc\x81");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    g_test_add_data_func (looks[i].path, &looks[i], test_every_state);
  g_test_add_func ("/table/any-size-fits", test_any_size_fits);
  g_test_add_func ("/table/names", test_names);
  g_test_add_func ("/table/lateness-is-told-once-it-matters",
                   test_lateness_is_told_once_it_matters);
  g_test_add_func ("/table/common-place-is-told-once", test_common_place_is_told_once);
  g_test_add_func ("/table/columns-stay-where-they-are", test_columns_stay_where_they_are);
  g_test_add_func ("/table/countdowns", test_countdowns);
  g_test_add_func ("/table/reconnections-are-not-forgotten", test_reconnections_are_not_forgotten);
  g_test_add_func ("/table/nothing-is-watched", test_nothing_is_watched);
  g_test_add_func ("/table/groups-have-titles", test_groups);
  g_test_add_func ("/cells/fit", test_cells);
  g_test_add_func ("/cells/clean", test_clean);

  return g_test_run ();
}
