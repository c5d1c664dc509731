/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fake-pool.h"
#include "wsi-connection-private.h"
#include "wsi-enum-types.h"
#include "wsi-event.h"
#include "wsi-frame.h"
#include "wsi-source-private.h"

#include <time.h>

/* A source and the pool it shows. */
typedef struct
{
  FakePool *pool;    /* (owned) */
  WsiSource *source; /* (owned) */
} Scene;

static void
scene_open (Scene *scene,
            guint  n_rows)
{
  scene->pool = fake_pool_new (n_rows);
  scene->source = wsi_source_new (WSI_SOURCE_KIND_APP, NULL);
}

static void
scene_connect (Scene *scene)
{
  g_autoptr (GIOStream) stream = fake_pool_take_stream (scene->pool);

  wsi_source_connect (scene->source, stream);
}

static void
scene_load (Scene *scene,
            guint  n_rows)
{
  scene_open (scene, n_rows);
  scene_connect (scene);
  wait_until (fake_pool_count (scene->pool, "Watch") > 0 &&
              !wsi_source_get_loading (scene->source));
}

static void
scene_close (Scene *scene)
{
  g_assert_finalize_object (scene->source);
  fake_pool_free (scene->pool);
}

static WsiConnection *
scene_get (Scene *scene,
           guint  position)
{
  return wsi_table_get (wsi_source_get_table (scene->source), position);
}

static guint
scene_count (Scene *scene)
{
  return g_list_model_get_n_items (wsi_source_get_connections (scene->source));
}

/* What was sent is here: signals come in their order. */
static void
scene_settle (Scene *scene)
{
  guint n_open = fake_pool_emit_mark (scene->pool);

  wait_until (wsi_source_get_n_open (scene->source) == n_open);
}

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
test_loads (void)
{
  Scene scene;
  WsiConnection *connection;
  WsiBeats *beats;

  scene_load (&scene, 1234);

  g_assert_true (wsi_source_get_attached (scene.source));
  g_assert_cmpstr (wsi_source_get_title (scene.source), ==, "Fake Pool");
  g_assert_cmpstr (wsi_source_get_icon_name (scene.source), ==, "org.example.Fake");
  g_assert_cmpuint (wsi_source_get_pid (scene.source), ==, 42);
  g_assert_cmpuint (wsi_source_get_n_connections (scene.source), ==, 1234);
  g_assert_cmpuint (scene_count (&scene), ==, 1234);
  g_assert_cmpuint (fake_pool_count (scene.pool, "GetConnections"), ==, 3);
  g_assert_cmpint (wsi_source_get_offset (scene.source), ==, 0);

  connection = scene_get (&scene, 1233);
  g_assert_cmpuint (wsi_connection_get_id (connection), ==, 1234);
  g_assert_cmpstr (wsi_connection_get_name (connection), ==, "feed 1234");
  g_assert_cmpstr (wsi_connection_get_uri (connection), ==, "wss://example.org/1234");
  g_assert_cmpstr (wsi_connection_get_reason (connection), ==, "It is open.");
  g_assert_cmpint (wsi_connection_get_state (connection), ==, WSI_STATE_OPEN);
  g_assert_cmpfloat (wsi_connection_get_round_trip (connection), ==, 12.5);
  g_assert_cmpuint (wsi_connection_get_n_bytes_sent (connection), ==, 3);
  g_assert_cmpuint (wsi_connection_get_span (connection), ==, 5000);
  beats = wsi_connection_get_beats (connection);
  g_assert_cmpuint (wsi_beats_get_n (beats), ==, 3);
  g_assert_cmpfloat (wsi_beats_get (beats, 0), ==, 11.5);
  g_assert_cmpfloat (wsi_beats_get (beats, 1), <, 0.0);
  g_assert_cmpfloat (wsi_beats_get (beats, 2), ==, 12.5);

  scene_close (&scene);
}

static void
test_notifies_what_changed (void)
{
  Scene scene;
  WsiConnection *connection;
  guint n_round_trips = 0;
  guint n_names = 0;
  guint n_beats = 0;

  scene_load (&scene, 3);
  connection = scene_get (&scene, 1);
  g_signal_connect_swapped (connection, "notify::round-trip", G_CALLBACK (count_cb),
                            &n_round_trips);
  g_signal_connect_swapped (connection, "notify::name", G_CALLBACK (count_cb), &n_names);
  g_signal_connect_swapped (wsi_connection_get_beats (connection), "changed",
                            G_CALLBACK (count_cb), &n_beats);

  fake_pool_emit (scene.pool, "Changed",
                  fake_pool_make_changed (fake_pool_make_figures (2, 3, 3, 1, 20.0)));
  wait_until (wsi_connection_get_round_trip (connection) == 20.0);
  g_assert_cmpuint (n_round_trips, ==, 1);
  g_assert_cmpuint (n_beats, ==, 1);
  g_assert_cmpuint (wsi_beats_get_n (wsi_connection_get_beats (connection)), ==, 4);
  g_assert_cmpuint (wsi_source_get_n_late (scene.source), ==, 1);

  /* The same again. */
  fake_pool_emit (scene.pool, "Changed",
                  fake_pool_make_changed (fake_pool_make_figures (2, 3, 3, 1, 20.0)));
  scene_settle (&scene);
  g_assert_cmpuint (n_round_trips, ==, 1);
  g_assert_cmpuint (n_beats, ==, 1);
  g_assert_cmpuint (n_names, ==, 0);

  scene_close (&scene);
}

static void
keep_round_trip_cb (WsiSource *source,
                    GArray    *round_trips)
{
  double round_trip = wsi_connection_get_round_trip (wsi_table_get (wsi_source_get_table (source),
                                                                    1));

  g_array_append_val (round_trips, round_trip);
}

/* Whoever shows rows reads them then, once a batch and not before all of it is there. */
static void
test_says_when_a_batch_is_in (void)
{
  Scene scene;
  g_autoptr (GArray) round_trips = g_array_new (FALSE, FALSE, sizeof (double));

  scene_load (&scene, 3);
  g_signal_connect (scene.source, "updated", G_CALLBACK (keep_round_trip_cb), round_trips);

  fake_pool_emit (scene.pool, "Changed",
                  fake_pool_make_changed (fake_pool_make_figures (2, 3, 3, 1, 20.0)));
  fake_pool_emit (scene.pool, "Changed",
                  fake_pool_make_changed (fake_pool_make_figures (2, 3, 4, 1, 30.0)));
  scene_settle (&scene);
  g_assert_cmpuint (round_trips->len, ==, 3); /* settling is one too */
  g_assert_cmpfloat (g_array_index (round_trips, double, 0), ==, 20.0);
  g_assert_cmpfloat (g_array_index (round_trips, double, 1), ==, 30.0);

  scene_close (&scene);
}

/* After many beats that nobody saw, the row is fetched: its beats are not guessed. */
static void
test_fetches_what_it_missed (void)
{
  Scene scene;
  WsiConnection *connection;

  scene_load (&scene, 600);
  connection = scene_get (&scene, 550);
  g_assert_cmpuint (fake_pool_count (scene.pool, "GetConnections"), ==, 2);

  fake_pool_emit (scene.pool, "Changed",
                  fake_pool_make_changed (fake_pool_make_figures (551, 3, 100, 1, 20.0)));
  wait_until (fake_pool_count (scene.pool, "GetConnections") == 3);
  g_assert_true (fake_pool_was_told (scene.pool, "GetConnections", "(@t 551, @u 1)"));
  wait_until (wsi_connection_get_n_beats_answered (connection) == 2);
  g_assert_cmpuint (wsi_beats_get_n (wsi_connection_get_beats (connection)), ==, 3);

  /* Also a row of which nobody told that it was added, here one that there is not. */
  fake_pool_emit (scene.pool, "Changed",
                  fake_pool_make_changed (fake_pool_make_figures (999, 3, 100, 1, 20.0)));
  wait_until (fake_pool_count (scene.pool, "GetConnections") == 4);
  scene_settle (&scene);
  g_assert_cmpuint (scene_count (&scene), ==, 600);
  g_assert_cmpuint (fake_pool_count (scene.pool, "GetConnections"), ==, 4);

  scene_close (&scene);
}

/* What is on a page that is still to come need not be asked for. */
static void
test_fetches_nothing_twice (void)
{
  Scene scene;

  scene_open (&scene, 1100);
  scene_connect (&scene);
  wait_until (fake_pool_count (scene.pool, "GetConnections") == 1);
  for (guint id = 1000; id < 1100; id++)
    fake_pool_emit (scene.pool, "Changed",
                    fake_pool_make_changed (fake_pool_make_figures (id, 3, 2, 1, 12.5)));
  wait_until (!wsi_source_get_loading (scene.source));
  scene_settle (&scene);
  g_assert_cmpuint (scene_count (&scene), ==, 1100);
  g_assert_cmpuint (fake_pool_count (scene.pool, "GetConnections"), ==, 3);

  scene_close (&scene);
}

static void
test_adds_and_removes (void)
{
  Scene scene;
  g_autoptr (WsiConnection) removed = NULL;
  GVariantBuilder added;
  GVariant *parameters;

  scene_load (&scene, 3);
  removed = g_object_ref (scene_get (&scene, 1));

  g_variant_builder_init (&added, G_VARIANT_TYPE ("aa{sv}"));
  g_variant_builder_add_value (&added, fake_pool_make_row (10));
  g_variant_builder_add_value (&added, fake_pool_make_row (7));
  g_variant_builder_add_value (&added, fake_pool_make_row (7));
  g_variant_builder_add_value (&added, fake_pool_make_row (8));
  parameters = g_variant_new_parsed ("(@x 5, (@u 4, @u 0, @u 0, @u 0, @u 0),"
                                     " @ay [],"
                                     " [(@t 3, 'why'), (77, 'none')], %@aa{sv}, [@t 2, 8, 99, 2])",
                                     g_variant_builder_end (&added));
  fake_pool_emit (scene.pool, "Changed", parameters);
  wait_until (wsi_source_get_n_connections (scene.source) == 4);

  g_assert_cmpuint (scene_count (&scene), ==, 4);
  g_assert_cmpuint (wsi_connection_get_id (scene_get (&scene, 0)), ==, 1);
  g_assert_cmpuint (wsi_connection_get_id (scene_get (&scene, 1)), ==, 3);
  g_assert_cmpstr (wsi_connection_get_reason (scene_get (&scene, 1)), ==, "why");
  g_assert_cmpuint (wsi_connection_get_id (scene_get (&scene, 2)), ==, 7);
  g_assert_cmpuint (wsi_connection_get_id (scene_get (&scene, 3)), ==, 10);
  g_assert_false (wsi_connection_get_attached (removed));
  g_assert_true (wsi_connection_get_attached (scene_get (&scene, 0)));

  scene_close (&scene);
}

/* However often the view scrolls, one call is under way, and the last wish wins. */
static void
test_tells_the_window_once (void)
{
  Scene scene;
  guint n_before;

  scene_load (&scene, 100);
  n_before = fake_pool_count (scene.pool, "Watch");
  g_assert_true (fake_pool_was_told (scene.pool, "Watch", "(@u 100, @t 0, @u 0)"));

  for (guint i = 0; i < 50; i++)
    wsi_source_watch (scene.source, 200, i, 20);
  wait_until (fake_pool_was_told (scene.pool, "Watch", "(@u 200, @t 50, @u 20)"));
  g_assert_cmpuint (fake_pool_count (scene.pool, "Watch"), <=, n_before + 2);

  n_before = fake_pool_count (scene.pool, "Watch");
  wsi_source_watch (scene.source, 200, 49, 20);
  scene_settle (&scene);
  g_assert_cmpuint (fake_pool_count (scene.pool, "Watch"), ==, n_before);

  wsi_source_watch (scene.source, 1, 0, G_MAXUINT);
  wait_until (fake_pool_was_told (scene.pool, "Watch", "(@u 50, @t 0, @u 4294967295)"));

  scene_close (&scene);
}

static void
test_tells_rows_by_their_ids (void)
{
  const guint64 ids[] = { 70, 3, 41 };
  Scene scene;
  guint n_before;

  scene_load (&scene, 100);
  wsi_source_watch_rows (scene.source, 200, ids, 1);
  wsi_source_watch_rows (scene.source, 200, ids, G_N_ELEMENTS (ids));
  wait_until (fake_pool_was_told (scene.pool, "WatchRows", "(@u 200, @at [70, 3, 41])"));

  n_before = fake_pool_count (scene.pool, "WatchRows");
  wsi_source_watch_rows (scene.source, 200, ids, G_N_ELEMENTS (ids));
  scene_settle (&scene);
  g_assert_cmpuint (fake_pool_count (scene.pool, "WatchRows"), ==, n_before);

  /* Another way to say which takes the place of this one, and the other way round. */
  wsi_source_watch (scene.source, 200, 1, 5);
  wait_until (fake_pool_was_told (scene.pool, "Watch", "(@u 200, @t 2, @u 5)"));
  wsi_source_watch_rows (scene.source, 200, ids, G_N_ELEMENTS (ids));
  wait_until (fake_pool_count (scene.pool, "WatchRows") == n_before + 1);

  scene_close (&scene);
}

/* A row that leaves moves the window, which is wanted by position. */
static void
test_moves_the_window_with_the_rows (void)
{
  Scene scene;

  scene_load (&scene, 10);
  wsi_source_watch (scene.source, 100, 4, 3);
  wait_until (fake_pool_was_told (scene.pool, "Watch", "(@u 100, @t 5, @u 3)"));

  fake_pool_emit (scene.pool, "Changed",
                  g_variant_new_parsed ("(@x 5, (@u 9, @u 0, @u 0, @u 0, @u 0),"
                                        " @ay [], @a(ts) [],"
                                        " @aa{sv} [], [@t 1])"));
  wait_until (fake_pool_was_told (scene.pool, "Watch", "(@u 100, @t 6, @u 3)"));

  scene_close (&scene);
}

static GVariant *
journal_cb (FakePool   *pool,
            const char *method,
            GVariant   *parameters,
            gpointer    user_data)
{
  guint64 after;

  if (!g_str_equal (method, "GetJournal"))
    return fake_pool_answer (pool, method, parameters);

  g_variant_get (parameters, "(tt)", NULL, &after);
  if (after == 0)
    return g_variant_new_parsed ("([(@t 3, @x 100, @u 1, @u 3, -1.0, 'opened'),"
                                 " (4, 200, 2, 3, 1.5, '')],)");

  return g_variant_new_parsed ("([(@t 6, @x 400, @u 2, @u 3, 2.5, ''),"
                               " (7, 500, 3, 4, -1.0, '')],)");
}

static void
test_follows_without_gap_or_double (void)
{
  Scene scene;
  WsiConnection *connection;
  WsiLog *journal;
  WsiEvent *event;

  scene_load (&scene, 3);
  fake_pool_set_answer (scene.pool, journal_cb, NULL);
  connection = scene_get (&scene, 0);
  journal = wsi_connection_get_journal (connection);

  wsi_source_follow (scene.source, connection);
  g_assert_true (wsi_source_get_followed (scene.source) == connection);
  wait_until (wsi_log_get_n_ever (journal) == 4);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (journal)), ==, 2);
  g_assert_cmpuint (wsi_log_get_n_dropped (journal), ==, 2);
  g_assert_true (fake_pool_was_told (scene.pool, "Follow", "(@t 1, true, @u 0)"));

  /* One that is known, and the next one. */
  fake_pool_emit (scene.pool, "Events",
                  g_variant_new_parsed ("(@t 1, [(@t 4, @x 200, @u 2, @u 3, 1.5, ''),"
                                        " (5, 300, 2, 3, 1.75, '')])"));
  wait_until (wsi_log_get_n_ever (journal) == 5);
  event = g_list_model_get_item (G_LIST_MODEL (journal), 2);
  g_assert_cmpuint (wsi_event_get_number (event), ==, 5);
  g_assert_cmpint (wsi_event_get_kind (event), ==, WSI_EVENT_KIND_BEAT_ANSWERED);
  g_assert_cmpfloat (wsi_event_get_round_trip (event), ==, 1.75);
  g_object_unref (event);

  /* A gap is asked for. */
  fake_pool_emit (scene.pool, "Events",
                  g_variant_new_parsed ("(@t 1, [(@t 7, @x 500, @u 3, @u 4, -1.0, '')])"));
  wait_until (wsi_log_get_n_ever (journal) == 7);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (journal)), ==, 5);
  g_assert_cmpuint (wsi_log_get_n_dropped (journal), ==, 2);

  /* Another row's are not this one's. */
  fake_pool_emit (scene.pool, "Events",
                  g_variant_new_parsed ("(@t 2, [(@t 8, @x 500, @u 3, @u 4, -1.0, '')])"));
  scene_settle (&scene);
  g_assert_cmpuint (wsi_log_get_n_ever (journal), ==, 7);

  wait_until (wsi_connection_get_details (connection) != NULL);
  g_assert_cmpstr (wsi_details_get_string (wsi_connection_get_details (connection),
                                           NULL, "protocol"), ==, "chat");

  wsi_source_follow (scene.source, NULL);
  wait_until (fake_pool_was_told (scene.pool, "Follow", "(@t 0, false, @u 0)"));
  g_assert_cmpuint (wsi_log_get_n_ever (journal), ==, 7);

  scene_close (&scene);
}

static void
test_shows_frames (void)
{
  Scene scene;
  WsiConnection *connection;
  g_autoptr (WsiFrame) first = NULL;
  g_autoptr (WsiFrame) second = NULL;
  WsiLog *frames;

  scene_load (&scene, 3);
  connection = scene_get (&scene, 0);
  frames = wsi_connection_get_frames (connection);
  wsi_source_follow (scene.source, connection);

  /* More than the program allows is not asked for. */
  wsi_connection_set_payload_capture (connection, 1000);
  wait_until (fake_pool_was_told (scene.pool, "Follow", "(@t 1, true, @u 100)"));
  wsi_connection_set_payload_capture (connection, 2);

  fake_pool_emit (scene.pool, "Frames",
                  g_variant_new_parsed ("(@t 1, @t 5,"
                                        " [(@x 1000, @u 2, @u 9, @u 1, @t 4, @t 10, b'ab'),"
                                        " (3000, 7, 77, 255, 4, 0, [0x61, 0x62, 0x63])])"));
  wait_until (g_list_model_get_n_items (G_LIST_MODEL (frames)) == 2);
  g_assert_cmpuint (wsi_log_get_n_dropped (frames), ==, 5);
  first = g_list_model_get_item (G_LIST_MODEL (frames), 0);
  second = g_list_model_get_item (G_LIST_MODEL (frames), 1);

  g_assert_cmpuint (wsi_frame_get_number (first), ==, 6);
  g_assert_cmpint (wsi_frame_get_direction (first), ==, WSI_DIRECTION_OUTGOING);
  g_assert_cmpint (wsi_frame_get_delta (first), ==, 0);
  g_assert_cmpuint (wsi_frame_get_wire_length (first), ==, 10);
  g_assert_true (wsi_frame_is_control (first));
  g_assert_cmpint (wsi_frame_get_flags (first), ==, WSI_FRAME_FLAGS_FINAL |
                                                    WSI_FRAME_FLAGS_TRUNCATED);

  /* What is not known is unknown, and what was not asked for is not kept. */
  g_assert_cmpint (wsi_frame_get_direction (second), ==, WSI_DIRECTION_UNKNOWN);
  g_assert_cmpint (wsi_frame_get_delta (second), ==, 2000);
  g_assert_cmpuint (g_bytes_get_size (wsi_frame_get_payload (second)), ==, 2);
  g_assert_cmpint (wsi_frame_get_flags (second), ==, WSI_FRAME_FLAGS_FINAL |
                                                     WSI_FRAME_FLAGS_COMPRESSED |
                                                     WSI_FRAME_FLAGS_TRUNCATED);

  scene_close (&scene);
}

static void
test_keeps_rows_of_the_dead (void)
{
  Scene scene;
  gint64 died_us;
  gint64 now_us;

  scene_load (&scene, 3);
  died_us = g_get_monotonic_time ();
  fake_pool_die (scene.pool);
  wait_until (!wsi_source_get_attached (scene.source));

  g_assert_cmpint (g_get_monotonic_time () - died_us, <, G_USEC_PER_SEC);
  g_assert_null (wsi_source_get_error (scene.source));
  g_assert_cmpuint (scene_count (&scene), ==, 3);
  g_assert_false (wsi_connection_get_attached (scene_get (&scene, 0)));
  g_assert_cmpint (wsi_connection_get_state (scene_get (&scene, 0)), ==, WSI_STATE_OPEN);
  now_us = wsi_source_get_now (scene.source);
  g_assert_cmpint (now_us, >=, died_us);
  g_assert_cmpint (wsi_source_get_now (scene.source), ==, now_us);

  /* It still takes wishes. */
  wsi_source_watch (scene.source, 100, 0, 10);
  wsi_source_follow (scene.source, scene_get (&scene, 0));

  scene_close (&scene);
}

static void
test_detaches (void)
{
  Scene scene;

  scene_load (&scene, 3);
  wsi_source_detach (scene.source);
  g_assert_false (wsi_source_get_attached (scene.source));
  wait_until (fake_pool_is_closed (scene.pool));

  scene_close (&scene);
}

#define N_PERF_ROWS 10000
#define N_PERF_UPDATES 200 /* in one signal */
#define N_PERF_SIGNALS 500

/* Run with -m perf: what an update costs here, from the socket to the last notify. */
static void
test_costs_little (void)
{
  Scene scene;
  g_autofree WsiFigures *figures = g_new0 (WsiFigures, N_PERF_UPDATES);
  WsiConnection *last;
  gint64 begun_us;
  double cpu_ms;

  if (!g_test_perf ())
    {
      g_test_skip ("run with -m perf");
      return;
    }

  scene_load (&scene, N_PERF_ROWS);
  last = scene_get (&scene, N_PERF_UPDATES - 1);
  begun_us = (gint64) clock () * G_USEC_PER_SEC / CLOCKS_PER_SEC;
  for (guint i = 1; i <= N_PERF_SIGNALS; i++)
    {
      for (guint j = 0; j < N_PERF_UPDATES; j++)
        {
          figures[j].id = j + 1;
          figures[j].state = WSI_STATE_OPEN;
          figures[j].next_at = i;
          figures[j].last_received_at = i;
          figures[j].n_beats_sent = 3 + i;
          figures[j].n_beats_answered = 2 + i;
          figures[j].n_beats_missed = 1;
          figures[j].round_trip = i;
          figures[j].smoothed = i;
        }
      fake_pool_emit (scene.pool, "Changed",
                      g_variant_new ("(x(uuuuu)@ay@a(ts)@aa{sv}@at)",
                                     g_get_monotonic_time (), N_PERF_ROWS, N_PERF_ROWS, 0, 0, 0,
                                     g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, figures,
                                                                N_PERF_UPDATES * sizeof *figures,
                                                                1),
                                     g_variant_new_parsed ("@a(ts) []"),
                                     g_variant_new_parsed ("@aa{sv} []"),
                                     g_variant_new_parsed ("@at []")));
      wait_until (wsi_connection_get_n_beats_answered (last) == 2 + i);
    }
  cpu_ms = ((double) clock () * G_USEC_PER_SEC / CLOCKS_PER_SEC - (double) begun_us) / 1000.0;
  g_test_minimized_result (cpu_ms / (N_PERF_UPDATES * N_PERF_SIGNALS / 1000.0),
                           "CPU for 1,000 updated rows, sending them included: %.2f ms",
                           cpu_ms / (N_PERF_UPDATES * N_PERF_SIGNALS / 1000.0));

  scene_close (&scene);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/model-source/loads", test_loads);
  g_test_add_func ("/model-source/notifies-what-changed", test_notifies_what_changed);
  g_test_add_func ("/model-source/says-when-a-batch-is-in", test_says_when_a_batch_is_in);
  g_test_add_func ("/model-source/fetches-what-it-missed", test_fetches_what_it_missed);
  g_test_add_func ("/model-source/fetches-nothing-twice", test_fetches_nothing_twice);
  g_test_add_func ("/model-source/adds-and-removes", test_adds_and_removes);
  g_test_add_func ("/model-source/tells-the-window-once", test_tells_the_window_once);
  g_test_add_func ("/model-source/tells-rows-by-their-ids", test_tells_rows_by_their_ids);
  g_test_add_func ("/model-source/moves-the-window-with-the-rows",
                   test_moves_the_window_with_the_rows);
  g_test_add_func ("/model-source/follows-without-gap-or-double",
                   test_follows_without_gap_or_double);
  g_test_add_func ("/model-source/shows-frames", test_shows_frames);
  g_test_add_func ("/model-source/keeps-rows-of-the-dead", test_keeps_rows_of_the_dead);
  g_test_add_func ("/model-source/detaches", test_detaches);
  g_test_add_func ("/model-source/costs-little", test_costs_little);

  return g_test_run ();
}
