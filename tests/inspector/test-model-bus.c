/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The model here, a pool in another process, and a real session bus between them. */

#include "config.h"

#include "bus-daemon.h"
#include "fake-pool.h"
#include "test-process.h"
#include "wsi-connection-private.h"
#include "wsi-event.h"
#include "wsi-frame.h"
#include "wsi-hub.h"
#include "wsi-source-private.h"

#include <string.h>

#define N_ROWS 5
#define N_BEATS 20

/* Children that watch their memory are slow to start. */
#if defined (__SANITIZE_ADDRESS__)
#define N_DEATHS 50
#else
#define N_DEATHS 500
#endif

static const char *child_path; /* of the program with the pool */

typedef struct
{
  BusDaemon *daemon;    /* (owned) */
  GDBusConnection *bus; /* (owned) */
  WsiHub *hub;          /* (owned) (nullable) */
  guint name;
  GSubprocess *child;   /* (owned) (nullable) */
} Scene;

static void
scene_open (Scene *scene)
{
  memset (scene, 0, sizeof *scene);
  scene->daemon = bus_daemon_new ();
  scene->bus = bus_daemon_connect (scene->daemon);
}

static void
scene_open_hub (Scene *scene)
{
  g_autoptr (GError) error = NULL;

  scene->hub = wsi_hub_new ();
  wsi_hub_open_door (scene->hub, scene->bus, &error);
  g_assert_no_error (error);
  scene->name = g_bus_own_name_on_connection (scene->bus, WSI_HUB_BUS_NAME,
                                              G_BUS_NAME_OWNER_FLAGS_NONE,
                                              NULL, NULL, NULL, NULL);
}

static void
scene_close_hub (Scene *scene)
{
  g_bus_unown_name (scene->name);
  g_assert_finalize_object (g_steal_pointer (&scene->hub));
}

static void
scene_start_child (Scene      *scene,
                   const char *mode)
{
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE);
  g_autoptr (GError) error = NULL;
  g_autofree char *n_rows = g_strdup_printf ("%d", N_ROWS);

  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS",
                                bus_daemon_get_address (scene->daemon), TRUE);
  if (g_str_equal (mode, "plain"))
    g_subprocess_launcher_setenv (launcher, "WSMULTI_INSPECT", "1", TRUE);
  scene->child = g_subprocess_launcher_spawn (launcher, &error, child_path, n_rows, mode, NULL);
  g_assert_no_error (error);
}

static void
scene_tell_child (Scene      *scene,
                  const char *wish)
{
  g_autofree char *line = g_strconcat (wish, "\n", NULL);

  g_assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe (scene->child),
                                            line, strlen (line), NULL, NULL, NULL));
}

/* A program of its own has to end well. */
static void
scene_end_child (Scene *scene)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_close (g_subprocess_get_stdin_pipe (scene->child), NULL, NULL);
  g_subprocess_wait_check (scene->child, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&scene->child);
}

static void
scene_kill_child (Scene *scene)
{
  g_subprocess_force_exit (scene->child);
  g_subprocess_wait (scene->child, NULL, NULL);
  g_clear_object (&scene->child);
}

static void
scene_close (Scene *scene)
{
  if (scene->child != NULL)
    scene_end_child (scene);
  if (scene->hub != NULL)
    scene_close_hub (scene);
  g_dbus_connection_close_sync (scene->bus, NULL, NULL);
  g_object_unref (scene->bus);
  bus_daemon_free (scene->daemon);
}

/* (transfer none) (nullable) */
static WsiSource *
scene_get_source (Scene *scene)
{
  g_autoptr (WsiSource) source = g_list_model_get_item (G_LIST_MODEL (scene->hub), 0);

  return source;
}

static WsiConnection *
scene_get_row (Scene *scene,
               guint  position)
{
  return wsi_table_get (wsi_source_get_table (scene_get_source (scene)), position);
}

static gboolean
scene_is_loaded (Scene *scene)
{
  WsiSource *source = scene_get_source (scene);

  return (source != NULL && wsi_source_get_attached (source) &&
          !wsi_source_get_loading (source) &&
          g_list_model_get_n_items (wsi_source_get_connections (source)) >= N_ROWS);
}

static gboolean
scene_is_open (Scene *scene)
{
  return scene_is_loaded (scene) && wsi_source_get_n_open (scene_get_source (scene)) >= N_ROWS;
}

static void
test_finds_each_other (gconstpointer mode)
{
  Scene scene;
  gint64 begun_us;
  double seen_ms;

  scene_open (&scene);

  /* The inspector first … */
  scene_open_hub (&scene);
  begun_us = g_get_monotonic_time ();
  scene_start_child (&scene, mode);
  wait_until (scene_is_loaded (&scene));
  seen_ms = (double) (g_get_monotonic_time () - begun_us) / 1000.0;
  g_test_message ("program seen after %.0f ms", seen_ms);
  g_assert_cmpfloat (seen_ms, <, 1000.0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (scene.hub)), ==, 1);
  g_assert_true (wsi_source_get_can_control (scene_get_source (&scene)) ==
                 g_str_equal (mode, "control"));
  g_assert_cmpuint (wsi_source_get_pid (scene_get_source (&scene)), ==,
                    g_ascii_strtoull (g_subprocess_get_identifier (scene.child), NULL, 10));
  scene_close_hub (&scene);

  /* … and the program first. */
  begun_us = g_get_monotonic_time ();
  scene_open_hub (&scene);
  wait_until (scene_is_loaded (&scene));
  seen_ms = (double) (g_get_monotonic_time () - begun_us) / 1000.0;
  g_test_message ("inspector seen after %.0f ms", seen_ms);
  g_assert_cmpfloat (seen_ms, <, 1000.0);
  g_assert_cmpint (wsi_source_get_offset (scene_get_source (&scene)), ==, 0);

  /* A program that ends well leaves its last state. */
  scene_end_child (&scene);
  wait_until (!wsi_source_get_attached (scene_get_source (&scene)));
  g_assert_null (wsi_source_get_error (scene_get_source (&scene)));

  scene_close (&scene);
}

typedef struct
{
  double delays[N_BEATS]; /* ms */
  guint n;
} Beats;

static void
beat_cb (WsiConnection *row,
         GParamSpec    *pspec,
         Beats         *beats)
{
  if (beats->n < N_BEATS)
    beats->delays[beats->n++] =
      (double) (g_get_monotonic_time () - wsi_connection_get_last_received_at (row)) / 1000.0;
}

static int
compare_doubles (gconstpointer first,
                 gconstpointer second)
{
  double difference = *(const double *) first - *(const double *) second;

  return difference < 0.0 ? -1 : difference > 0.0;
}

static void
test_shows_a_beat_at_once (void)
{
  Scene scene;
  Beats beats = { { 0.0, }, 0 };
  WsiBeats *chart;
  guint64 n_before;

  scene_open (&scene);
  scene_open_hub (&scene);
  scene_start_child (&scene, "export");
  wait_until (scene_is_open (&scene));

  chart = wsi_connection_get_beats (scene_get_row (&scene, 1));
  n_before = wsi_beats_get_n_ever (chart);
  g_signal_connect (scene_get_row (&scene, 1), "notify::n-beats-answered",
                    G_CALLBACK (beat_cb), &beats);
  wsi_source_watch (scene_get_source (&scene), 100, 0, N_ROWS);
  wait_until (beats.n == N_BEATS);

  /* The first one may have waited for the window. */
  qsort (beats.delays, N_BEATS, sizeof (double), compare_doubles);
  g_test_message ("a beat is seen after %.0f ms, at most %.0f ms",
                  beats.delays[N_BEATS / 2], beats.delays[N_BEATS - 1]);
  g_assert_cmpfloat (beats.delays[N_BEATS / 2], <, 250.0);
  g_assert_cmpuint (wsi_beats_get_n_ever (chart), >=, n_before + N_BEATS);
  g_assert_cmpfloat (wsi_connection_get_round_trip (scene_get_row (&scene, 1)), >, 0.0);

  scene_close (&scene);
}

static gboolean
journal_has_state (WsiLog   *journal,
                   WsiState  state)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (journal)); i++)
    {
      g_autoptr (WsiEvent) event = g_list_model_get_item (G_LIST_MODEL (journal), i);

      if (wsi_event_get_kind (event) == WSI_EVENT_KIND_STATE &&
          wsi_event_get_state (event) == state)
        return TRUE;
    }

  return FALSE;
}

static void
assert_without_gaps (WsiLog *journal)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (journal));
  guint64 last = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (WsiEvent) event = g_list_model_get_item (G_LIST_MODEL (journal), i);

      if (i > 0)
        g_assert_cmpuint (wsi_event_get_number (event), ==, last + 1);
      last = wsi_event_get_number (event);
    }
  g_assert_cmpuint (wsi_log_get_n_ever (journal), ==, last);
}

static void
test_tells_what_happens (void)
{
  Scene scene;
  WsiConnection *row;
  WsiLog *journal;
  guint n_before;

  scene_open (&scene);
  scene_open_hub (&scene);
  scene_start_child (&scene, "export");
  wait_until (scene_is_open (&scene));
  row = scene_get_row (&scene, 0);
  journal = wsi_connection_get_journal (row);
  wsi_source_follow (scene_get_source (&scene), row);
  wait_until (journal_has_state (journal, WSI_STATE_OPEN));

  n_before = wsi_connection_get_n_reconnects (row);
  scene_tell_child (&scene, "drop");
  wait_until (journal_has_state (journal, WSI_STATE_WAITING));
  wait_until (wsi_connection_get_n_reconnects (row) > n_before &&
              wsi_connection_get_state (row) == WSI_STATE_OPEN);
  assert_without_gaps (journal);
  g_assert_cmpstr (wsi_connection_get_reason (row), !=, "");

  wait_until (wsi_connection_get_details (row) != NULL &&
              wsi_details_has (wsi_connection_get_details (row), "handshake"));
  g_assert_cmpuint (wsi_details_get_uint (wsi_connection_get_details (row),
                                          "handshake", "status"), ==, 101);
  g_assert_cmpuint (wsi_details_get_uint (wsi_connection_get_details (row),
                                          "heartbeat", "interval"), ==, 200);

  /* Away and back: what happened meanwhile is there too. */
  wsi_source_follow (scene_get_source (&scene), scene_get_row (&scene, 1));
  wait_until (wsi_connection_get_details (scene_get_row (&scene, 1)) != NULL);
  n_before = (guint) wsi_log_get_n_ever (journal);
  scene_tell_child (&scene, "drop");
  wait_until (wsi_connection_get_n_reconnects (row) > 1 &&
              wsi_connection_get_state (row) == WSI_STATE_OPEN);
  wsi_source_follow (scene_get_source (&scene), row);
  wait_until (wsi_log_get_n_ever (journal) > n_before + 2);
  assert_without_gaps (journal);

  /* New rows come by themselves. */
  scene_tell_child (&scene, "add ws://localhost:9/");
  wait_until (wsi_source_get_n_connections (scene_get_source (&scene)) == N_ROWS + 1 &&
              g_list_model_get_n_items (wsi_source_get_connections (scene_get_source (&scene))) ==
              N_ROWS + 1);
  g_assert_cmpstr (wsi_connection_get_uri (scene_get_row (&scene, N_ROWS)), ==,
                   "ws://localhost:9/");

  scene_close (&scene);
}

static void
result_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  GAsyncResult **slot = user_data;

  *slot = g_object_ref (result);
}

static GVariant *
command (WsiConnection  *row,
         WsiCommand      command,
         GVariant       *parameters,
         GError        **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  wsi_connection_command_async (row, command, parameters, NULL, result_cb, &result);
  wait_until (result != NULL);

  return wsi_connection_command_finish (row, result, error);
}

static gboolean
obeys (WsiConnection *row,
       WsiCommand     wish,
       GVariant      *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = command (row, wish, parameters, &error);

  g_assert_no_error (error);

  return reply != NULL;
}

static gboolean
frames_have_text (WsiLog       *frames,
                  WsiDirection  direction,
                  const char   *text)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (frames)); i++)
    {
      g_autoptr (WsiFrame) frame = g_list_model_get_item (G_LIST_MODEL (frames), i);
      GBytes *payload = wsi_frame_get_payload (frame);

      if (wsi_frame_get_direction (frame) == direction && payload != NULL &&
          g_bytes_get_size (payload) == strlen (text) &&
          memcmp (g_bytes_get_data (payload, NULL), text, strlen (text)) == 0)
        return TRUE;
    }

  return FALSE;
}

static void
test_commands (void)
{
  Scene scene;
  WsiConnection *row;
  g_autoptr (GVariant) pong = NULL;
  g_autoptr (GError) error = NULL;
  WsiLog *frames;
  double round_trip;

  scene_open (&scene);
  scene_open_hub (&scene);
  scene_start_child (&scene, "control");
  wait_until (scene_is_open (&scene));
  row = scene_get_row (&scene, 0);
  frames = wsi_connection_get_frames (row);
  wsi_connection_set_payload_capture (row, 8);
  wsi_source_follow (scene_get_source (&scene), row);

  pong = command (row, WSI_COMMAND_PING, NULL, &error);
  g_assert_no_error (error);
  g_variant_get (pong, "(d)", &round_trip);
  g_assert_cmpfloat (round_trip, >, 0.0);

  g_assert_true (obeys (row, WSI_COMMAND_SEND_TEXT, g_variant_new ("(s)", "hello")));
  g_assert_true (obeys (row, WSI_COMMAND_SEND_TEXT, g_variant_new ("(s)", "hello hello")));
  wait_until (frames_have_text (frames, WSI_DIRECTION_OUTGOING, "hello") &&
              frames_have_text (frames, WSI_DIRECTION_INCOMING, "hello") &&
              frames_have_text (frames, WSI_DIRECTION_INCOMING, "hello he"));

  g_assert_true (obeys (row, WSI_COMMAND_PAUSE, NULL));
  wait_until (wsi_connection_get_paused (row));
  g_assert_true (obeys (row, WSI_COMMAND_RESUME, NULL));
  wait_until (!wsi_connection_get_paused (row));
  g_assert_true (obeys (row, WSI_COMMAND_SET_HEARTBEAT,
                        g_variant_new_parsed ("({'interval': <@u 300>},)")));
  wait_until (wsi_connection_get_details (row) != NULL &&
              wsi_details_get_uint (wsi_connection_get_details (row),
                                    "heartbeat", "interval") == 300);
  g_assert_true (obeys (row, WSI_COMMAND_SET_BACKOFF,
                        g_variant_new_parsed ("({'initial': <@u 30>},)")));
  g_assert_true (obeys (row, WSI_COMMAND_CLOSE, NULL));
  wait_until (wsi_connection_get_state (row) == WSI_STATE_CLOSED);
  g_assert_null (command (row, WSI_COMMAND_SEND_TEXT, g_variant_new ("(s)", "too late"), &error));
  g_assert_nonnull (error);
  g_assert_null (strstr (error->message, "GDBus"));
  g_clear_error (&error);
  g_assert_true (obeys (row, WSI_COMMAND_RETRY_NOW, NULL));
  wait_until (wsi_connection_get_state (row) == WSI_STATE_OPEN);
  g_assert_true (obeys (row, WSI_COMMAND_ABORT, NULL));

  /* Nobody is there any more. */
  scene_kill_child (&scene);
  wait_until (!wsi_source_get_attached (scene_get_source (&scene)));
  g_assert_null (command (row, WSI_COMMAND_PING, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);

  scene_close (&scene);
}

static void
test_obeys_nobody_without_consent (void)
{
  Scene scene;
  g_autoptr (GError) error = NULL;

  scene_open (&scene);
  scene_open_hub (&scene);
  scene_start_child (&scene, "export");
  wait_until (scene_is_open (&scene));
  g_assert_null (command (scene_get_row (&scene, 0), WSI_COMMAND_PING, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_nonnull (strstr (error->message, "Pool Child"));

  scene_close (&scene);
}

/* Whoever dies, and when: the other one goes on. */
static void
test_survives_each_other (void)
{
  guint n_rounds = N_DEATHS;
  guint n_killed = 0;
  guint n_before;
  Scene scene;

  scene_open (&scene);
  n_before = test_process_count_files ();
  scene_open_hub (&scene);
  scene_start_child (&scene, "control");

  for (guint round = 0; round < n_rounds; round++)
    {
      int n_turns = g_test_rand_int_range (0, 60);

      if (g_test_rand_int_range (0, 2) == 0)
        wait_until (scene_is_loaded (&scene));
      if (scene_is_loaded (&scene))
        {
          wsi_source_watch (scene_get_source (&scene), 50, 0, G_MAXUINT);
          wsi_source_follow (scene_get_source (&scene), scene_get_row (&scene, 0));
        }
      for (int turn = 0; turn < n_turns; turn++)
        g_main_context_iteration (NULL, FALSE);

      if (g_test_rand_int_range (0, 4) == 0)
        {
          scene_kill_child (&scene);
          scene_start_child (&scene, "control");
          n_killed++;
        }
      else
        {
          scene_close_hub (&scene);
          scene_open_hub (&scene);
        }
    }
  g_test_message ("%u times killed, %u times left", n_killed, n_rounds - n_killed);

  wait_until (scene_is_open (&scene));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (scene.hub)), <=, 2);
  scene_end_child (&scene);
  scene_close_hub (&scene);
  wait_until (test_process_count_files () <= n_before);

  scene_close (&scene);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  child_path = argv[1];

  g_test_add_data_func ("/model-bus/finds-who-asks-for-it/export", "export",
                        test_finds_each_other);
  g_test_add_data_func ("/model-bus/finds-who-asks-for-it/control", "control",
                        test_finds_each_other);
  g_test_add_data_func ("/model-bus/finds-who-asks-for-it/environment", "plain",
                        test_finds_each_other);
  g_test_add_func ("/model-bus/shows-a-beat-at-once", test_shows_a_beat_at_once);
  g_test_add_func ("/model-bus/tells-what-happens", test_tells_what_happens);
  g_test_add_func ("/model-bus/commands", test_commands);
  g_test_add_func ("/model-bus/obeys-nobody-without-consent", test_obeys_nobody_without_consent);
  g_test_add_func ("/model-bus/survives-each-other", test_survives_each_other);

  return g_test_run ();
}
