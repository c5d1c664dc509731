/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fake-pool.h"
#include "wsi-connection-private.h"
#include "wsi-event.h"
#include "wsi-frame.h"
#include "wsi-recording.h"
#include "wsi-source-private.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define HEAD "{\"format\":\"wsmulti-recording\",\"version\":1,\"name\":\"Chat\"," \
             "\"time\":5000000,\"wall-time\":1600000005000000}\n"
#define END "{\"type\":\"end\"}\n"

/* More than are kept; fewer where each allocation is looked after. */
#if defined (__SANITIZE_ADDRESS__)
#define N_FRAMES 2000
#else
#define N_FRAMES 15000
#endif

typedef struct
{
  char *folder; /* (owned) */
  GFile *file;  /* (owned) */
} Scene;

static void
scene_open (Scene *scene)
{
  g_autofree char *path = NULL;

  scene->folder = g_dir_make_tmp ("wsi-recording-XXXXXX", NULL);
  path = g_build_filename (scene->folder, "recording.jsonl", NULL);
  scene->file = g_file_new_for_path (path);
}

static void
scene_close (Scene *scene)
{
  g_file_delete (scene->file, NULL, NULL);
  g_assert_cmpint (g_rmdir (scene->folder), ==, 0);
  g_object_unref (scene->file);
  g_free (scene->folder);
}

static void
result_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  GAsyncResult **slot = user_data;

  *slot = g_object_ref (result);
}

static gboolean
scene_save (Scene          *scene,
            WsiSource      *source,
            WsiConnection  *connection,
            GError        **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  wsi_recording_save_async (source, connection, scene->file, NULL, result_cb, &result);
  wait_until (result != NULL);

  return wsi_recording_save_finish (result, error);
}

static WsiSource *
scene_load (Scene   *scene,
            GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  wsi_recording_load_async (scene->file, NULL, result_cb, &result);
  wait_until (result != NULL);

  return wsi_recording_load_finish (result, error);
}

static WsiSource *
scene_load_text (Scene       *scene,
                 const char  *text,
                 gssize       length,
                 GError     **error)
{
  g_assert_true (g_file_replace_contents (scene->file, text,
                                          length < 0 ? strlen (text) : (gsize) length,
                                          NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, NULL));

  return scene_load (scene, error);
}

static GVariant *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (NULL, text, NULL, NULL, &error);

  g_assert_no_error (error);

  return value;
}

/* Two rows; the first has all that there can be. */
static WsiSource *
make_source (void)
{
  WsiSource *source =
    wsi_source_new (WSI_SOURCE_KIND_APP,
                    g_variant_new_parsed ("{'name': <'Chat'>, 'pid': <@u 77>,"
                                          " 'application-id': <'org.example.Chat'>}"));
  g_autoptr (GVariant) events = parse ("[(@t 3, @x 1000, @u 1, @u 3, -1.0, 'It is “open”\\n.'),"
                                       " (4, 2000, 2, 3, 1.5, '')]");
  g_autoptr (GVariant) frames = parse ("[(@x 1000, @u 2, @u 9, @u 1, @t 4, @t 10, b'ab'),"
                                       " (3000, 1, 10, 5, 4, 0, @ay [])]");
  g_autoptr (WsiDetails) details =
    wsi_details_new (g_variant_new_parsed (
      "{'heartbeat': <{'mode': <@u 1>, 'jitter': <1.0>, 'idle-only': <true>}>,"
      " 'handshake': <{'request': <[('Host', 'example.org', false), ('Cookie', '', true)]>}>,"
      " 'tls': <{'dns-names': <['a', 'b']>}>, 'latency': <{'count': <@t 7>}>,"
      " 'protocol': <'chat'>, 'writable': <true>, 'n-dropped': <@t 3>,"
      " 'n-bytes-dropped': <@t 30>, 'n-unconfirmed': <@t 4>, 'n-bytes-unconfirmed': <@t 40>,"
      " 'of-the-future': <5>}"));
  g_autoptr (GVariant) rows = NULL;
  WsiConnection *connection;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  g_variant_builder_add_value (&builder, fake_pool_make_row (5));
  g_variant_builder_add_value (&builder, fake_pool_make_row (9));
  rows = g_variant_ref_sink (g_variant_builder_end (&builder));
  wsi_source_apply_rows (source, rows);

  connection = wsi_table_get (wsi_source_get_table (source), 0);
  wsi_connection_set_payload_capture (connection, 100);
  wsi_connection_apply_events (connection, events, 0, TRUE);
  wsi_connection_apply_frames (connection, 6, frames, 0);
  wsi_connection_set_details (connection, details);

  return source;
}

/* Wall-clock time, in us, of a moment that a source tells of. */
static gint64
to_wall (gint64 time_us)
{
  return g_get_real_time () - g_get_monotonic_time () + time_us;
}

static void
assert_same_moment (gint64 first_us,
                    gint64 second_us)
{
  g_assert_cmpint (ABS (to_wall (first_us) - to_wall (second_us)), <, G_USEC_PER_SEC);
}

static void
assert_same_properties (GObject           *first,
                        GObject           *second,
                        const char *const *left_out)
{
  guint n = 0;
  g_autofree GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (first), &n);

  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) mine = G_VALUE_INIT;
      g_auto (GValue) other = G_VALUE_INIT;

      if (g_strv_contains (left_out, specs[i]->name) ||
          g_type_is_a (specs[i]->value_type, G_TYPE_OBJECT) ||
          g_type_is_a (specs[i]->value_type, G_TYPE_BYTES))
        continue;

      g_object_get_property (first, specs[i]->name, &mine);
      g_object_get_property (second, specs[i]->name, &other);
      if (g_param_values_cmp (specs[i], &mine, &other) != 0)
        g_error ("%s differs", specs[i]->name);
    }
}

static void
assert_same_connection (WsiConnection *before,
                        WsiConnection *after)
{
  static const char *const times[] =
  {
    "next-at", "opened-at", "last-received-at", "payload-capture", "attached", NULL,
  };
  static const char *const event_times[] = { "time", NULL };
  static const char *const frame_times[] = { "time", "delta", NULL };
  GListModel *events_before = G_LIST_MODEL (wsi_connection_get_journal (before));
  GListModel *events_after = G_LIST_MODEL (wsi_connection_get_journal (after));
  GListModel *frames_before = G_LIST_MODEL (wsi_connection_get_frames (before));
  GListModel *frames_after = G_LIST_MODEL (wsi_connection_get_frames (after));
  WsiBeats *beats_before = wsi_connection_get_beats (before);
  WsiBeats *beats_after = wsi_connection_get_beats (after);

  assert_same_properties (G_OBJECT (before), G_OBJECT (after), times);
  assert_same_moment (wsi_connection_get_opened_at (before),
                      wsi_connection_get_opened_at (after));

  g_assert_cmpuint (wsi_beats_get_n (beats_after), ==, wsi_beats_get_n (beats_before));
  for (guint i = 0; i < wsi_beats_get_n (beats_before); i++)
    g_assert_cmpfloat (wsi_beats_get (beats_after, i), ==, wsi_beats_get (beats_before, i));

  g_assert_cmpuint (g_list_model_get_n_items (events_after), ==,
                    g_list_model_get_n_items (events_before));
  g_assert_cmpuint (wsi_log_get_n_dropped (WSI_LOG (events_after)), ==,
                    wsi_log_get_n_dropped (WSI_LOG (events_before)));
  for (guint i = 0; i < g_list_model_get_n_items (events_before); i++)
    {
      g_autoptr (GObject) first = g_list_model_get_item (events_before, i);
      g_autoptr (GObject) second = g_list_model_get_item (events_after, i);

      assert_same_properties (first, second, event_times);
    }

  g_assert_cmpuint (g_list_model_get_n_items (frames_after), ==,
                    g_list_model_get_n_items (frames_before));
  g_assert_cmpuint (wsi_log_get_n_dropped (WSI_LOG (frames_after)), ==,
                    wsi_log_get_n_dropped (WSI_LOG (frames_before)));
  for (guint i = 0; i < g_list_model_get_n_items (frames_before); i++)
    {
      g_autoptr (WsiFrame) first = g_list_model_get_item (frames_before, i);
      g_autoptr (WsiFrame) second = g_list_model_get_item (frames_after, i);
      GBytes *payload = wsi_frame_get_payload (first);

      assert_same_properties (G_OBJECT (first), G_OBJECT (second), frame_times);
      g_assert_true ((payload == NULL) == (wsi_frame_get_payload (second) == NULL));
      if (payload != NULL)
        g_assert_true (g_bytes_equal (payload, wsi_frame_get_payload (second)));
    }
}

static void
test_keeps_everything (void)
{
  Scene scene;
  g_autoptr (GError) error = NULL;
  WsiSource *before = make_source ();
  WsiSource *after;
  WsiSource *again;
  WsiDetails *details;
  g_autoptr (GArray) headers = NULL;
  GStatBuf status;

  scene_open (&scene);
  g_assert_true (scene_save (&scene, before, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (g_file_peek_path (scene.file), &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);

  after = scene_load (&scene, &error);
  g_assert_no_error (error);
  g_assert_cmpint (wsi_source_get_kind (after), ==, WSI_SOURCE_KIND_RECORDING);
  g_assert_false (wsi_source_get_attached (after));
  g_assert_false (wsi_source_get_can_control (after));
  g_assert_cmpstr (wsi_source_get_title (after), ==, "Chat");
  g_assert_cmpstr (wsi_source_get_application_id (after), ==, "org.example.Chat");
  g_assert_cmpuint (wsi_source_get_pid (after), ==, 77);
  g_assert_cmpuint (wsi_source_get_n_connections (after), ==, 2);
  g_assert_cmpuint (wsi_source_get_n_open (after), ==, 2);
  assert_same_moment (wsi_source_get_now (after), wsi_source_get_now (before));

  for (guint i = 0; i < 2; i++)
    assert_same_connection (wsi_table_get (wsi_source_get_table (before), i),
                            wsi_table_get (wsi_source_get_table (after), i));

  details = wsi_connection_get_details (wsi_table_get (wsi_source_get_table (after), 0));
  g_assert_cmpuint (wsi_details_get_uint (details, "heartbeat", "mode"), ==, 1);
  g_assert_cmpfloat (wsi_details_get_double (details, "heartbeat", "jitter"), ==, 1.0);
  g_assert_true (wsi_details_get_boolean (details, "heartbeat", "idle-only"));
  g_assert_cmpuint (wsi_details_get_uint64 (details, "latency", "count"), ==, 7);
  g_assert_cmpstr (wsi_details_get_string (details, NULL, "protocol"), ==, "chat");
  g_assert_true (wsi_details_get_boolean (details, NULL, "writable"));
  g_assert_cmpuint (wsi_details_get_uint64 (details, NULL, "n-dropped"), ==, 3);
  g_assert_cmpuint (wsi_details_get_uint64 (details, NULL, "n-bytes-dropped"), ==, 30);
  g_assert_cmpuint (wsi_details_get_uint64 (details, NULL, "n-unconfirmed"), ==, 4);
  g_assert_cmpuint (wsi_details_get_uint64 (details, NULL, "n-bytes-unconfirmed"), ==, 40);
  headers = wsi_details_get_headers (details, "request");
  g_assert_cmpuint (headers->len, ==, 2);
  g_assert_null (g_array_index (headers, WsiHeader, 1).value);
  g_assert_null (wsi_connection_get_details (wsi_table_get (wsi_source_get_table (after), 1)));

  /* A recording of a recording is the same. */
  g_assert_true (scene_save (&scene, after, NULL, &error));
  again = scene_load (&scene, &error);
  g_assert_no_error (error);
  assert_same_connection (wsi_table_get (wsi_source_get_table (before), 0),
                          wsi_table_get (wsi_source_get_table (again), 0));
  assert_same_moment (wsi_source_get_now (again), wsi_source_get_now (before));

  g_assert_finalize_object (before);
  g_assert_finalize_object (after);
  g_assert_finalize_object (again);
  scene_close (&scene);
}

static void
test_saves_one (void)
{
  Scene scene;
  WsiSource *before = make_source ();
  WsiSource *after;
  WsiConnection *second = wsi_table_get (wsi_source_get_table (before), 1);

  scene_open (&scene);
  g_assert_true (scene_save (&scene, before, second, NULL));
  after = scene_load (&scene, NULL);
  g_assert_cmpuint (wsi_source_get_n_connections (after), ==, 1);
  assert_same_connection (second, wsi_table_get (wsi_source_get_table (after), 0));

  g_assert_finalize_object (before);
  g_assert_finalize_object (after);
  scene_close (&scene);
}

/* A log that stands still has its newest items too. */
static void
test_saves_what_waits (void)
{
  Scene scene;
  WsiSource *before = make_source ();
  WsiSource *after;
  WsiConnection *first = wsi_table_get (wsi_source_get_table (before), 0);
  g_autoptr (GVariant) events = parse ("[(@t 5, @x 3000, @u 2, @u 3, 2.5, '')]");

  scene_open (&scene);
  wsi_log_set_paused (wsi_connection_get_journal (first), TRUE);
  wsi_connection_apply_events (first, events, 0, FALSE);
  g_assert_cmpuint (wsi_log_get_n_waiting (wsi_connection_get_journal (first)), ==, 1);
  g_assert_true (scene_save (&scene, before, NULL, NULL));
  after = scene_load (&scene, NULL);
  first = wsi_table_get (wsi_source_get_table (after), 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (wsi_connection_get_journal (first))),
                    ==, 3);

  g_assert_finalize_object (before);
  g_assert_finalize_object (after);
  scene_close (&scene);
}

static void
test_shows_the_wall_clock_of_then (void)
{
  Scene scene;
  g_autoptr (GError) error = NULL;
  WsiSource *source;
  gint64 difference;

  scene_open (&scene);
  source = scene_load_text (&scene,
                            HEAD
                            "{\"type\":\"connection\",\"id\":1,\"opened-at\":2000000}\n"
                            "{\"type\":\"of the future\",\"x\":[{}]}\n"
                            "\n"
                            END, -1, &error);
  g_assert_no_error (error);
  difference = to_wall (wsi_source_get_now (source)) - G_GINT64_CONSTANT (1600000005000000);
  g_assert_cmpint (ABS (difference), <, G_USEC_PER_SEC);
  difference = wsi_source_get_now (source) -
               wsi_connection_get_opened_at (wsi_table_get (wsi_source_get_table (source), 0));
  g_assert_cmpint (difference, ==, 3 * G_USEC_PER_SEC);

  g_assert_finalize_object (source);
  scene_close (&scene);
}

static void
test_names_line_and_field (void)
{
#define ROW "{\"type\":\"connection\",\"id\":7}\n"
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] =
  {
    { "", "This file is not a recording." },
    { "\n\n", "This file is not a recording." },
    { "#!/bin/sh\n", "This file is not a recording." },
    { "\x89PNG\r\n\x1a\n", "This file is not a recording." },
    { "{\"format\":\"other\"}\n", "This file is not a recording." },
    { "{\"format\":5}\n", "This file is not a recording." },
    { "[1, 2]\n", "This file is not a recording." },
    { "{\"format\":\"wsmulti-recording\",\"version\":2}\n", "*newer version*" },
    { "{\"format\":\"wsmulti-recording\",\"version\":\"x\"}\n", "Line 1: “version”*" },
    { HEAD, "*not complete*line 1*" },
    { HEAD ROW, "*not complete*line 2*" },
    { HEAD ROW "{\"type\":", "*not complete*line 3*" },
    { HEAD "{\"type\":\"end\"}", "*not complete*line 2*" },
    { HEAD END ROW, "Line 3: “type”*" },
    { HEAD "5\n" END, "Line 2 is not a JSON object." },
    { HEAD "{]\n" END, "Line 2 is not a JSON object." },
    { HEAD "{\"a\":\"\xff\"}\n" END, "Line 2 is not a JSON object." },
    { HEAD "{\"type\":5}\n" END, "Line 2: “type”*" },
    { HEAD "{\"type\":\"connection\"}\n" END, "Line 2: “id”*" },
    { HEAD "{\"type\":\"connection\",\"id\":0}\n" END, "Line 2: “id”*" },
    { HEAD "{\"type\":\"connection\",\"id\":-4}\n" END, "Line 2: “id”*" },
    { HEAD "{\"type\":\"connection\",\"id\":1.5}\n" END, "Line 2: “id”*" },
    { HEAD ROW ROW END, "Line 3: “id”*" },
    { HEAD "{\"type\":\"connection\",\"id\":1,\"span\":-1}\n" END, "Line 2: “span”*" },
    { HEAD "{\"type\":\"connection\",\"id\":1,\"name\":[]}\n" END, "Line 2: “name”*" },
    { HEAD "{\"type\":\"connection\",\"id\":1,\"state\":3}\n" END, "Line 2: “state”*" },
    { HEAD "{\"type\":\"connection\",\"id\":1,\"beats\":{}}\n" END, "Line 2: “beats”*" },
    { HEAD "{\"type\":\"connection\",\"id\":1,\"details\":[]}\n" END, "Line 2: “details”*" },
    { HEAD "{\"type\":\"connection\",\"id\":1,\"round-trip\":\"x\"}\n" END,
      "Line 2: “round-trip”*" },
    { HEAD "{\"type\":\"connection\",\"id\":1,\"next-at\":9223372036854775807}\n" END,
      "Line 2: “next-at”*" },
    { HEAD "{\"type\":\"event\",\"id\":7,\"number\":1}\n" END, "Line 2: “id”*" },
    { HEAD ROW "{\"type\":\"event\",\"id\":8,\"number\":1}\n" END, "Line 3: “id”*" },
    { HEAD ROW "{\"type\":\"event\",\"id\":7}\n" END, "Line 3: “number”*" },
    { HEAD ROW "{\"type\":\"event\",\"id\":7,\"number\":2}\n"
      "{\"type\":\"event\",\"id\":7,\"number\":2}\n" END, "Line 4: “number”*" },
    { HEAD ROW "{\"type\":\"frame\",\"id\":7,\"number\":1,\"opcode\":16}\n" END,
      "Line 3: “opcode”*" },
    { HEAD ROW "{\"type\":\"frame\",\"id\":7,\"number\":4}\n"
      "{\"type\":\"frame\",\"id\":7,\"number\":4}\n" END, "Line 4: “number”*" },
    { HEAD ROW "{\"type\":\"frame\",\"id\":7,\"number\":1,\"final\":1}\n" END,
      "Line 3: “final”*" },
    { HEAD ROW "{\"type\":\"frame\",\"id\":7,\"number\":1,\"payload\":1}\n" END,
      "Line 3: “payload”*" },
  };
  Scene scene;

  scene_open (&scene);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      WsiSource *source = scene_load_text (&scene, cases[i].text, -1, &error);

      g_assert_null (source);
      g_assert_nonnull (error);
      if (!g_pattern_match_simple (cases[i].message, error->message))
        g_error ("case %" G_GSIZE_FORMAT ": %s", i, error->message);
    }
  scene_close (&scene);
}

static void
test_does_not_descend_for_ever (void)
{
  Scene scene;
  g_autofree char *brackets = g_strnfill (3000000, '[');
  g_autofree char *deep = g_strconcat (HEAD "{\"a\":", brackets, "\n" END, NULL);
  g_autofree char *letters = g_strnfill (5000000, 'x');
  g_autofree char *wide = g_strconcat (HEAD "{\"a\":\"", letters, "\"}\n" END, NULL);
  g_autofree char *one = g_strconcat ("{\"a\":\"", letters, "\"}\n" END, NULL);
  g_autoptr (GError) deep_error = NULL;
  g_autoptr (GError) wide_error = NULL;
  g_autoptr (GError) one_error = NULL;

  scene_open (&scene);
  g_assert_null (scene_load_text (&scene, deep, -1, &deep_error));
  g_assert_cmpstr (deep_error->message, ==, "Line 2 is not a JSON object.");
  g_assert_null (scene_load_text (&scene, wide, -1, &wide_error));
  g_assert_cmpstr (wide_error->message, ==, "Line 2 is too long.");
  g_assert_null (scene_load_text (&scene, one, -1, &one_error));
  g_assert_cmpstr (one_error->message, ==, "This file is not a recording.");
  scene_close (&scene);
}

/* Whatever of it is lost, it is told. */
static void
test_tells_when_something_is_missing (void)
{
  Scene scene;
  WsiSource *source = make_source ();
  g_autofree char *text = NULL;
  gsize length;

  scene_open (&scene);
  g_assert_true (scene_save (&scene, source, NULL, NULL));
  g_assert_true (g_file_load_contents (scene.file, NULL, &text, &length, NULL, NULL));
  for (gsize i = 0; i < length; i += 1 + length / 200)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (scene_load_text (&scene, text, (gssize) i, &error));
      g_assert_nonnull (error);
    }

  g_assert_finalize_object (source);
  scene_close (&scene);
}

static void
test_survives_any_damage (void)
{
  Scene scene;
  WsiSource *source = make_source ();
  g_autofree char *text = NULL;
  gsize length;
  guint n_rounds = g_test_thorough () ? 5000 : 300;

  scene_open (&scene);
  g_assert_true (scene_save (&scene, source, NULL, NULL));
  g_assert_true (g_file_load_contents (scene.file, NULL, &text, &length, NULL, NULL));
  for (guint round = 0; round < n_rounds; round++)
    {
      static const char marks[] = "{}[]\",:-0123456789e.\\ntfu\xff";
      g_autofree char *damaged = g_memdup2 (text, length);
      g_autoptr (GError) error = NULL;
      g_autoptr (WsiSource) loaded = NULL;
      int n = g_test_rand_int_range (1, 6);

      for (int i = 0; i < n; i++)
        damaged[g_test_rand_int_range (0, (int) length)] =
          marks[g_test_rand_int_range (0, sizeof marks)];
      loaded = scene_load_text (&scene, damaged, (gssize) length, &error);
      g_assert_true ((loaded == NULL) == (error != NULL));
    }

  g_assert_finalize_object (source);
  scene_close (&scene);
}

static void
test_leaves_the_old_file_when_it_fails (void)
{
  Scene scene;
  WsiSource *source = make_source ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GFile) nowhere = g_file_new_for_path ("/nowhere/at/all");
  g_autoptr (GAsyncResult) other = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) other_error = NULL;
  g_autofree char *text = NULL;

  scene_open (&scene);
  g_assert_true (g_file_replace_contents (scene.file, "old", 3, NULL, FALSE, G_FILE_CREATE_NONE,
                                          NULL, NULL, NULL));
  wsi_recording_save_async (source, NULL, scene.file, cancellable, result_cb, &result);
  g_cancellable_cancel (cancellable);
  wait_until (result != NULL);
  g_assert_false (wsi_recording_save_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (g_file_load_contents (scene.file, NULL, &text, NULL, NULL, NULL));
  g_assert_cmpstr (text, ==, "old");

  wsi_recording_save_async (source, NULL, nowhere, NULL, result_cb, &other);
  wait_until (other != NULL);
  g_assert_false (wsi_recording_save_finish (other, &other_error));
  g_assert_error (other_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);

  g_clear_object (&result);
  g_clear_object (&other);
  g_assert_finalize_object (source);
  scene_close (&scene);
}

/* The disk may be full in the middle. */
static void
test_leaves_the_old_file_when_the_disk_is_full (void)
{
  Scene scene;
  WsiSource *source = make_source ();
  struct rlimit before;
  struct rlimit narrow;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  scene_open (&scene);
  g_assert_true (g_file_replace_contents (scene.file, "old", 3, NULL, FALSE, G_FILE_CREATE_NONE,
                                          NULL, NULL, NULL));

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  narrow = before;
  narrow.rlim_cur = 100;
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &narrow), ==, 0);
  g_assert_false (scene_save (&scene, source, NULL, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_nonnull (error);

  g_assert_true (g_file_load_contents (scene.file, NULL, &text, NULL, NULL, NULL));
  g_assert_cmpstr (text, ==, "old");
  g_assert_finalize_object (source);
  scene_close (&scene);
}

static gboolean
tick_cb (gpointer user_data)
{
  gint64 *times = user_data;
  gint64 now_us = g_get_monotonic_time ();

  times[1] = MAX (times[1], now_us - times[0]);
  times[0] = now_us;

  return G_SOURCE_CONTINUE;
}

/* Megabytes of frames: nobody has to wait for long. */
static void
test_lets_the_loop_run (void)
{
  Scene scene;
  g_autoptr (GString) text = g_string_new (HEAD ROW);
  gint64 times[2]; /* the last turn of the loop, and the longest one */
  gint64 begun_us;
  GSource *tick = g_idle_source_new ();
  WsiSource *source;
  WsiLog *frames;

  scene_open (&scene);
  for (guint i = 1; i <= N_FRAMES; i++)
    g_string_append_printf (text,
                            "{\"type\":\"frame\",\"id\":7,\"number\":%u,\"time\":%u,"
                            "\"direction\":\"incoming\",\"opcode\":9,\"final\":true,"
                            "\"compressed\":false,\"truncated\":false,\"length\":40,"
                            "\"wire-length\":42,\"payload\":\"AAAAAAAAAAAAAAAA\"}\n", i, i);
  g_string_append (text, END);
  g_assert_true (g_file_replace_contents (scene.file, text->str, text->len, NULL, FALSE,
                                          G_FILE_CREATE_NONE, NULL, NULL, NULL));

  begun_us = g_get_monotonic_time ();
  times[0] = begun_us;
  times[1] = 0;
  g_source_set_callback (tick, tick_cb, times, NULL);
  g_source_set_priority (tick, G_PRIORITY_DEFAULT);
  g_source_attach (tick, NULL);
  source = scene_load (&scene, NULL);
  g_source_destroy (tick);
  g_source_unref (tick);

  frames = wsi_connection_get_frames (wsi_table_get (wsi_source_get_table (source), 0));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (frames)), ==,
                    MIN (N_FRAMES, WSI_CONNECTION_FRAMES_CAPACITY));
  g_assert_cmpuint (wsi_log_get_n_ever (frames), ==, N_FRAMES);
  g_test_message ("longest turn of the main loop: %.1f of %.1f ms", (double) times[1] / 1000.0,
                  (double) (times[0] - begun_us) / 1000.0);
  g_assert_cmpint (times[1], <, (times[0] - begun_us) / 4);

  g_assert_finalize_object (source);
  scene_close (&scene);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/model-recording/keeps-everything", test_keeps_everything);
  g_test_add_func ("/model-recording/saves-one", test_saves_one);
  g_test_add_func ("/model-recording/saves-what-waits", test_saves_what_waits);
  g_test_add_func ("/model-recording/shows-the-wall-clock-of-then",
                   test_shows_the_wall_clock_of_then);
  g_test_add_func ("/model-recording/names-line-and-field", test_names_line_and_field);
  g_test_add_func ("/model-recording/does-not-descend-for-ever", test_does_not_descend_for_ever);
  g_test_add_func ("/model-recording/tells-when-something-is-missing",
                   test_tells_when_something_is_missing);
  g_test_add_func ("/model-recording/survives-any-damage", test_survives_any_damage);
  g_test_add_func ("/model-recording/leaves-the-old-file-when-it-fails",
                   test_leaves_the_old_file_when_it_fails);
  g_test_add_func ("/model-recording/leaves-the-old-file-when-the-disk-is-full",
                   test_leaves_the_old_file_when_the_disk_is_full);
  g_test_add_func ("/model-recording/lets-the-loop-run", test_lets_the_loop_run);

  return g_test_run ();
}
