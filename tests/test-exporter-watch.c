/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "exhibition.h"
#include "wsm-connection-private.h"
#include "wsm-frame-private.h"

/* Rows in the window are told at once, then what changes, in the interval of the watch. */
static void
test_exporter_tells_what_changes (Exhibition    *exhibition,
                                  gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  g_autofree char *id = g_strdup_printf ("%" G_GUINT64_FORMAT " ", wsm_connection_get_id (feed));
  g_autofree char *ids = NULL;

  exhibition_watch (exhibition, 250, 0, G_MAXUINT32);
  ids = exhibition_take_ids (exhibition, EXHIBITION_FIGURES);
  g_assert_cmpstr (ids, ==, id);

  exhibition_forget_signals (exhibition);
  exhibition_run_ms (exhibition, 1100);
  g_free (ids);
  ids = exhibition_take_ids (exhibition, EXHIBITION_FIGURES);
  g_assert_cmpstr (ids, ==, id);
}

/* However often something changes, it is told once an interval. */
static void
test_exporter_batches (Exhibition    *exhibition,
                       gconstpointer  data)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *path = g_strdup_printf ("/%u", i);

      wsm_test_world_bring_to (exhibition->world, path, WSM_STATE_OPEN);
    }
  exhibition_watch (exhibition, 500, 0, G_MAXUINT32);
  exhibition_forget_signals (exhibition);

  for (guint i = 0; i < 100; i++)
    {
      for (guint j = 0; j < 20; j++)
        {
          g_autofree char *path = g_strdup_printf ("/%u", j);

          wsm_test_peer_say (wsm_test_world_get_peer (exhibition->world, path), "news");
        }
      exhibition_run_ms (exhibition, 20);
    }
  g_assert_cmpuint (exhibition->inspector->signals->len, >=, 3);
  g_assert_cmpuint (exhibition->inspector->signals->len, <=, 5);
  g_string_truncate (exhibition->world->log, 0);
}

static void
test_exporter_window (Exhibition    *exhibition,
                      gconstpointer  data)
{
  WsmConnection *feeds[6];
  g_autofree char *expected = NULL;
  g_autofree char *ids = NULL;
  g_autofree char *others = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (feeds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/%u", i);

      feeds[i] = wsm_test_world_bring_to (exhibition->world, path, WSM_STATE_OPEN);
    }

  /* Only rows in the window are told of beats… */
  exhibition_watch (exhibition, 250, wsm_connection_get_id (feeds[1]), 2);
  exhibition_forget_signals (exhibition);
  exhibition_run_ms (exhibition, 1100);
  expected = g_strdup_printf ("%u %u ", (guint) wsm_connection_get_id (feeds[1]),
                              (guint) wsm_connection_get_id (feeds[2]));
  others = g_strdup_printf ("%u %u ", (guint) wsm_connection_get_id (feeds[2]),
                            (guint) wsm_connection_get_id (feeds[1]));
  ids = exhibition_take_ids (exhibition, EXHIBITION_FIGURES);
  g_assert_true (g_str_equal (ids, expected) || g_str_equal (ids, others));

  /* …but of another state, every row. */
  exhibition_forget_signals (exhibition);
  wsm_connection_abort (feeds[5]);
  wsm_connection_pause (feeds[1]);
  wsm_connection_pause (feeds[2]);
  exhibition_run_ms (exhibition, 300);
  g_free (ids);
  ids = exhibition_take_ids (exhibition, EXHIBITION_REASONS);
  g_free (expected);
  expected = g_strdup_printf ("%u ", (guint) wsm_connection_get_id (feeds[5]));
  g_assert_cmpstr (ids, ==, expected);

  /* A row that moves up into the window because another one is gone is told. */
  exhibition_forget_signals (exhibition);
  g_free (expected);
  expected = g_strdup_printf ("%u ", (guint) wsm_connection_get_id (feeds[3]));
  wsm_connection_pause (feeds[3]);
  exhibition_run_ms (exhibition, 300);
  g_assert_cmpuint (exhibition->inspector->signals->len, ==, 0);
  g_assert_true (wsm_pool_remove (exhibition->world->pool, feeds[1]));
  exhibition_run_ms (exhibition, 300);
  g_free (ids);
  ids = exhibition_take_ids (exhibition, EXHIBITION_FIGURES);
  g_assert_cmpstr (ids, ==, expected);

  /* Another window sends its rows at once, whatever the interval. */
  exhibition_watch (exhibition, 60000, wsm_connection_get_id (feeds[4]), 1);
  exhibition_forget_signals (exhibition);
  exhibition_watch (exhibition, 60000, wsm_connection_get_id (feeds[3]), 1);
  g_free (ids);
  ids = exhibition_take_ids (exhibition, EXHIBITION_FIGURES);
  g_assert_cmpstr (ids, ==, expected);
  g_string_truncate (exhibition->world->log, 0);
}

static void
watch_rows (Exhibition    *exhibition,
            guint          interval,
            const guint64 *ids,
            gsize          n_ids)
{
  g_autoptr (GVariant) reply = NULL;

  reply = inspector_client_call (
    exhibition->inspector, "WatchRows",
    g_variant_new ("(u@at)", interval,
                   g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, ids, n_ids, sizeof *ids)),
    NULL);
  wsm_test_world_run_ms (exhibition->world, 0);
  inspector_client_settle (exhibition->inspector);
}

/* Rows here and there, none of those between. */
static void
test_exporter_chosen_rows (Exhibition    *exhibition,
                           gconstpointer  data)
{
  WsmConnection *feeds[5];
  guint64 chosen[3];
  g_autofree char *first = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *ids = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (feeds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/%u", i);

      feeds[i] = wsm_test_world_bring_to (exhibition->world, path, WSM_STATE_OPEN);
    }
  first = g_strdup_printf ("%u ", (guint) wsm_connection_get_id (feeds[4]));
  expected = g_strdup_printf ("%u ", (guint) wsm_connection_get_id (feeds[1]));
  chosen[0] = wsm_connection_get_id (feeds[4]);
  chosen[1] = wsm_connection_get_id (feeds[1]);
  chosen[2] = 999999;

  /* Told at once, and of those that were known not again. */
  watch_rows (exhibition, 60000, chosen, 1);
  ids = exhibition_take_ids (exhibition, EXHIBITION_FIGURES);
  g_assert_cmpstr (ids, ==, first);
  exhibition_forget_signals (exhibition);
  watch_rows (exhibition, 60000, chosen, G_N_ELEMENTS (chosen));
  g_free (ids);
  ids = exhibition_take_ids (exhibition, EXHIBITION_FIGURES);
  g_assert_cmpstr (ids, ==, expected);

  /* The others beat in vain. */
  watch_rows (exhibition, 250, chosen, G_N_ELEMENTS (chosen));
  wsm_connection_pause (feeds[4]);
  exhibition_run_ms (exhibition, 300);
  exhibition_forget_signals (exhibition);
  exhibition_run_ms (exhibition, 1100);
  g_free (ids);
  ids = exhibition_take_ids (exhibition, EXHIBITION_FIGURES);
  g_assert_cmpstr (ids, ==, expected);

  /* A window takes the place of what was chosen. */
  exhibition_watch (exhibition, 250, 0, 0);
  exhibition_forget_signals (exhibition);
  exhibition_run_ms (exhibition, 3000);
  g_assert_cmpuint (exhibition->inspector->signals->len, ==, 0);
  g_string_truncate (exhibition->world->log, 0);
}

static void
test_exporter_too_many_chosen (Exhibition    *exhibition,
                               gconstpointer  data)
{
  g_autofree guint64 *ids = g_new0 (guint64, 1001);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = inspector_client_call (
    exhibition->inspector, "WatchRows",
    g_variant_new ("(u@at)", 250,
                   g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, ids, 1001, sizeof *ids)),
    &error);
  g_assert_null (reply);
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS);
  g_assert_nonnull (strstr (error->message, "number of ids: 1001 is not from 0 to 1000"));
}

/* What is said of a thousand beats, of which those of one row in a hundred are watched: bytes of
 * those, and little besides. */
static void
test_exporter_counts_bytes (Exhibition    *exhibition,
                            gconstpointer  data)
{
  const guint n_connections = 500;
  const guint n_watched = 5;
  const guint n_seconds = 3;
  g_autoptr (GVariant) changed = NULL;
  guint64 first_id = 0;
  guint64 n_beats = 0;
  guint n_signals = 0;
  gsize n_rows = 0;
  gsize n_bytes = 0;

  for (guint i = 0; i < n_connections; i++)
    {
      g_autofree char *path = g_strdup_printf ("/%u", i);
      WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, path, WSM_STATE_OPEN);

      first_id = i == 0 ? wsm_connection_get_id (feed) : first_id;
    }
  exhibition_watch (exhibition, 100, first_id, n_watched);
  exhibition_forget_signals (exhibition);
  for (guint i = 0; i < n_connections; i++)
    n_beats -= wsm_connection_get_n_beats_answered (wsm_pool_peek_nth (exhibition->world->pool, i));
  for (guint i = 0; i < n_seconds * 20; i++)
    exhibition_run_ms (exhibition, 50);
  for (guint i = 0; i < n_connections; i++)
    n_beats += wsm_connection_get_n_beats_answered (wsm_pool_peek_nth (exhibition->world->pool, i));
  g_assert_cmpuint (n_beats, >=, 1000);

  while ((changed = inspector_client_take (exhibition->inspector, "Changed")) != NULL)
    {
      g_autoptr (GVariant) rows = inspector_client_unpack_figures (changed);

      n_signals++;
      n_rows += g_variant_n_children (rows);
      n_bytes += g_variant_get_size (changed);
      g_clear_pointer (&changed, g_variant_unref);
    }
  /* A beat is told when it is sent and when it is answered, at most. */
  g_assert_cmpuint (n_rows, >=, n_watched * (n_seconds - 1));
  g_assert_cmpuint (n_rows, <=, 2 * n_watched * (n_seconds + 1));
  g_assert_cmpuint (n_signals, <=, n_seconds * 10 + 1);
  g_assert_cmpuint (n_bytes, <=, n_rows * 136 + n_signals * 64);
  g_string_truncate (exhibition->world->log, 0);
}

static void
test_exporter_empty_window (Exhibition    *exhibition,
                            gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  g_autofree char *ids = NULL;
  g_autofree char *id = g_strdup_printf ("%" G_GUINT64_FORMAT " ", wsm_connection_get_id (feed));

  exhibition_watch (exhibition, 250, 0, 0);
  exhibition_forget_signals (exhibition);
  exhibition_run_ms (exhibition, 5000);
  g_assert_cmpuint (exhibition->inspector->signals->len, ==, 0);

  wsm_connection_abort (feed);
  exhibition_run_ms (exhibition, 300);
  ids = exhibition_take_ids (exhibition, EXHIBITION_FIGURES);
  g_assert_cmpstr (ids, ==, id);
  g_string_truncate (exhibition->world->log, 0);
}

/* Whoever looks at one row sees what it does, wherever the table stands. */
static void
test_exporter_followed_outside (Exhibition    *exhibition,
                                gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  g_autofree char *id = g_strdup_printf ("%" G_GUINT64_FORMAT " ", wsm_connection_get_id (feed));
  g_autofree char *ids = NULL;

  exhibition_watch (exhibition, 250, 0, 0);
  exhibition_follow (exhibition, wsm_connection_get_id (feed), FALSE, 0);
  exhibition_forget_signals (exhibition);
  wsm_connection_pause (feed);
  exhibition_run_ms (exhibition, 300);
  ids = exhibition_take_ids (exhibition, EXHIBITION_FIGURES);
  g_assert_cmpstr (ids, ==, id);
  g_string_truncate (exhibition->world->log, 0);
}

static void
test_exporter_rows_come_and_go (Exhibition    *exhibition,
                                gconstpointer  data)
{
  WsmPool *pool = exhibition->world->pool;
  g_autofree char *added = NULL;
  g_autofree char *removed = NULL;
  g_autofree char *expected = NULL;
  WsmConnection *feed = NULL;
  WsmConnection *brief = NULL;

  exhibition_watch (exhibition, 250, 0, G_MAXUINT32);
  exhibition_forget_signals (exhibition);
  feed = wsm_pool_add (pool, "ws://127.0.0.1/feed", NULL);
  brief = wsm_pool_add (pool, "ws://127.0.0.1/brief", NULL);
  g_assert_true (wsm_pool_remove (pool, brief));
  expected = g_strdup_printf ("%" G_GUINT64_FORMAT " ", wsm_connection_get_id (feed));
  exhibition_run_ms (exhibition, 300);
  g_assert_cmpuint (exhibition->inspector->signals->len, ==, 1);
  added = exhibition_take_ids (exhibition, EXHIBITION_ADDED);
  g_assert_cmpstr (added, ==, expected);

  g_assert_true (wsm_pool_remove (pool, feed));
  exhibition_run_ms (exhibition, 300);
  removed = exhibition_take_ids (exhibition, EXHIBITION_REMOVED);
  g_assert_cmpstr (removed, ==, expected);
}

/* The inspector may know a row from GetConnections before it is told of it. */
static void
test_exporter_removes_what_was_given (Exhibition    *exhibition,
                                      gconstpointer  data)
{
  WsmConnection *feed = NULL;
  g_autoptr (GVariant) row = NULL;
  g_autofree char *removed = NULL;
  g_autofree char *expected = NULL;

  exhibition_watch (exhibition, 1000, 0, G_MAXUINT32);
  exhibition_forget_signals (exhibition);
  feed = wsm_pool_add (exhibition->world->pool, "ws://127.0.0.1/feed", NULL);
  expected = g_strdup_printf ("%" G_GUINT64_FORMAT " ", wsm_connection_get_id (feed));
  row = exhibition_get_row (exhibition, feed);
  g_assert_true (wsm_pool_remove (exhibition->world->pool, feed));
  exhibition_run_ms (exhibition, 1100);
  removed = exhibition_take_ids (exhibition, EXHIBITION_REMOVED);
  g_assert_cmpstr (removed, ==, expected);
}

/* Thousands at once come in several signals, all of them, each once. */
static void
test_exporter_many_rows (Exhibition    *exhibition,
                         gconstpointer  data)
{
  g_autoptr (GVariant) changed = NULL;
  guint n_added = 0;
  guint n_figures = 0;
  guint n_signals = 0;

  exhibition_watch (exhibition, 250, 0, G_MAXUINT32);
  for (guint i = 0; i < 2500; i++)
    {
      g_autofree char *uri = g_strdup_printf ("ws://127.0.0.1/%u", i);
      g_autoptr (WsmConnection) feed = wsm_connection_new (uri);

      g_assert_true (wsm_pool_add_connection (exhibition->world->pool, feed, NULL));
    }
  exhibition_forget_signals (exhibition);
  for (guint i = 0; i < 40; i++)
    exhibition_run_ms (exhibition, 50);
  while ((changed = inspector_client_take (exhibition->inspector, "Changed")) != NULL)
    {
      g_autoptr (GVariant) rows = g_variant_get_child_value (changed, EXHIBITION_ADDED);

      n_added += (guint) g_variant_n_children (rows);
      n_signals++;
      g_clear_pointer (&changed, g_variant_unref);
    }
  g_assert_cmpuint (n_added, ==, 2500);
  g_assert_cmpuint (n_signals, >=, 5);

  exhibition_watch (exhibition, 250, 1, G_MAXUINT32);
  for (guint i = 0; i < 10; i++)
    exhibition_run_ms (exhibition, 50);
  while ((changed = inspector_client_take (exhibition->inspector, "Changed")) != NULL)
    {
      g_autoptr (GVariant) rows = inspector_client_unpack_figures (changed);

      n_figures += (guint) g_variant_n_children (rows);
      g_clear_pointer (&changed, g_variant_unref);
    }
  g_assert_cmpuint (n_figures, ==, 2500);
}

static void
test_exporter_unwatch (Exhibition    *exhibition,
                       gconstpointer  data)
{
  g_autoptr (GVariant) reply = NULL;

  wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  exhibition_watch (exhibition, 250, 0, G_MAXUINT32);
  exhibition_run_ms (exhibition, 2000);
  reply = inspector_client_call (exhibition->inspector, "Unwatch", NULL, NULL);
  exhibition_forget_signals (exhibition);
  exhibition_run_ms (exhibition, 3000);
  g_assert_cmpuint (exhibition->inspector->signals->len, ==, 0);
}

/* So many alarms of the clock; each is a wake-up of the process. */
static guint64
count_alarms (WsmTestWorld *world,
              gint64        duration_ms)
{
  guint64 n = wsm_test_clock_get_n_alarms (world->clock);

  wsm_test_world_run_ms (world, duration_ms);

  return wsm_test_clock_get_n_alarms (world->clock) - n;
}

/* Who is shown pays nothing until somebody watches, and nothing while nothing happens then. */
static void
test_exporter_wakes_nobody (Exhibition    *exhibition,
                            gconstpointer  data)
{
  WsmTestWorld *bare = wsm_test_world_new (1);
  WsmConnection *feed = NULL;
  guint64 n_bare;
  guint64 n_shown;

  wsm_test_world_bring_to (bare, "/feed", WSM_STATE_OPEN);
  n_bare = count_alarms (bare, 20000);
  wsm_test_world_free (bare);
  g_assert_cmpuint (n_bare, >, 0);

  feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  n_shown = count_alarms (exhibition->world, 20000);
  g_assert_cmpuint (n_shown, ==, n_bare);

  wsm_connection_pause (feed);
  exhibition_watch (exhibition, 250, 0, G_MAXUINT32);
  exhibition_run_ms (exhibition, 1000);
  g_assert_cmpuint (count_alarms (exhibition->world, 60000), ==, 0);

  /* A change is told at once after a long time, the next one with one alarm. */
  n_shown = wsm_test_clock_get_n_alarms (exhibition->world->clock);
  exhibition_forget_signals (exhibition);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                         "interval", 1000, NULL);

      wsm_connection_set_heartbeat (feed, heartbeat);
      exhibition_run_ms (exhibition, 0);
    }
  exhibition_run_ms (exhibition, 300);
  exhibition_run_ms (exhibition, 1000);
  g_assert_cmpuint (exhibition->inspector->signals->len, ==, 2);
  g_assert_cmpuint (wsm_test_clock_get_n_alarms (exhibition->world->clock), ==, n_shown + 1);

  wsm_connection_resume (feed);
  exhibition_run_ms (exhibition, 1000);
  g_assert_cmpuint (count_alarms (exhibition->world, 2000), >, 0);
}

static void
test_exporter_events (Exhibition    *exhibition,
                      gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  g_autoptr (GString) log = g_string_new (NULL);
  GVariant *events;

  wsm_test_world_bring_to (exhibition->world, "/other", WSM_STATE_OPEN);
  exhibition_watch (exhibition, 250, 0, 0);
  exhibition_follow (exhibition, wsm_connection_get_id (feed), FALSE, 0);
  exhibition_forget_signals (exhibition);
  exhibition_run_ms (exhibition, 1200);
  wsm_connection_abort (feed);
  exhibition_run_ms (exhibition, 300);

  while ((events = inspector_client_take (exhibition->inspector, "Events")) != NULL)
    {
      GVariantIter *iter;
      guint64 id;
      guint32 kind;
      guint32 state;
      const char *text;

      g_variant_get (events, "(ta(txuuds))", &id, &iter);
      g_assert_cmpuint (id, ==, wsm_connection_get_id (feed));
      while (g_variant_iter_next (iter, "(txuud&s)", NULL, NULL, &kind, &state, NULL, &text))
        g_string_append_printf (log, "%u/%u(%s) ", kind, state, text);
      g_variant_iter_free (iter);
      g_variant_unref (events);
    }
  g_assert_cmpstr (log->str, ==, "2/3() 1/6(aborted) 1/7(aborted) ");

  exhibition_follow (exhibition, 0, FALSE, 0);
  g_assert_true (wsm_connection_open (feed, NULL));
  exhibition_run_ms (exhibition, 1200);
  g_assert_null (inspector_client_take (exhibition->inspector, "Events"));
  g_string_truncate (exhibition->world->log, 0);
}

static void
report_frame (Exhibition    *exhibition,
              const char    *path,
              const char    *payload)
{
  WsmTestPeer *peer = wsm_test_world_get_peer (exhibition->world, path);
  g_autoptr (WsmFrame) frame = wsm_frame_new ();

  frame->time_us = wsm_clock_get_time_us (WSM_CLOCK (exhibition->world->clock));
  frame->direction = WSM_DIRECTION_OUTGOING;
  frame->opcode = 1;
  frame->final = TRUE;
  frame->length = strlen (payload);
  frame->wire_length = frame->length + 6;
  frame->payload = g_bytes_new (payload, strlen (payload));
  wsm_transport_report_frame (g_ptr_array_index (peer->transports, 0), frame);
}

static void
test_exporter_frames (Exhibition    *exhibition,
                      gconstpointer  data)
{
  gboolean captures = GPOINTER_TO_INT (data);
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  g_autoptr (GVariant) frames = NULL;
  g_autoptr (GVariant) expected = NULL;
  gint64 now_us;

  g_clear_pointer (&exhibition->inspector, inspector_client_free);
  g_assert_finalize_object (g_steal_pointer (&exhibition->exporter));
  exhibition->exporter = g_object_new (WSM_TYPE_EXPORTER,
                                       "pool", exhibition->world->pool,
                                       "announce", FALSE,
                                       "payload-capture", captures ? 4 : 0,
                                       NULL);
  exhibition->inspector = inspector_client_new (exhibition->exporter, exhibition->world->context);

  exhibition_watch (exhibition, 250, 0, 0);
  report_frame (exhibition, "/feed", "unasked");
  exhibition_run_ms (exhibition, 300);
  g_assert_null (inspector_client_take (exhibition->inspector, "Frames"));

  exhibition_follow (exhibition, wsm_connection_get_id (feed), TRUE, 1000);
  report_frame (exhibition, "/feed", "hello");
  now_us = wsm_clock_get_time_us (WSM_CLOCK (exhibition->world->clock));
  exhibition_run_ms (exhibition, 300);
  frames = inspector_client_take (exhibition->inspector, "Frames");
  g_assert_nonnull (frames);
  expected = captures
               ? g_variant_new_parsed ("(%t, uint64 0, [(%x, uint32 2, uint32 1, uint32 5,"
                                       " uint64 5, uint64 11, [byte 0x68, 0x65, 0x6c, 0x6c])])",
                                       wsm_connection_get_id (feed), now_us)
               : g_variant_new_parsed ("(%t, uint64 0, [(%x, uint32 2, uint32 1, uint32 1,"
                                       " uint64 5, uint64 11, @ay [])])",
                                       wsm_connection_get_id (feed), now_us);
  g_variant_ref_sink (expected);
  g_assert_cmpvariant (frames, expected);

  exhibition_follow (exhibition, wsm_connection_get_id (feed), FALSE, 0);
  report_frame (exhibition, "/feed", "not any more");
  exhibition_run_ms (exhibition, 300);
  g_assert_null (inspector_client_take (exhibition->inspector, "Frames"));
}

/* More than anybody can read: the newest are told, the others counted. */
static void
test_exporter_drops_frames (Exhibition    *exhibition,
                            gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  g_autoptr (GVariant) signal = NULL;
  g_autoptr (GVariant) frames = NULL;
  guint64 n_dropped;

  exhibition_watch (exhibition, 250, 0, 0);
  exhibition_follow (exhibition, wsm_connection_get_id (feed), TRUE, 0);
  exhibition_run_ms (exhibition, 300);
  for (guint i = 0; i < 1700; i++)
    report_frame (exhibition, "/feed", "flood");
  exhibition_run_ms (exhibition, 0);
  exhibition_run_ms (exhibition, 300);
  while (signal == NULL)
    signal = inspector_client_take (exhibition->inspector, "Frames");
  g_variant_get_child (signal, 1, "t", &n_dropped);
  frames = g_variant_get_child_value (signal, 2);
  g_assert_cmpuint (n_dropped + g_variant_n_children (frames), ==, 1700);
  g_assert_cmpuint (g_variant_n_children (frames), ==, 500);
}

/* One that is followed may go. */
static void
test_exporter_followed_row_goes (Exhibition    *exhibition,
                                 gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);

  exhibition_watch (exhibition, 250, 0, G_MAXUINT32);
  exhibition_follow (exhibition, wsm_connection_get_id (feed), TRUE, 0);
  report_frame (exhibition, "/feed", "last words");
  g_assert_true (wsm_pool_remove (exhibition->world->pool, feed));
  exhibition_forget_signals (exhibition);
  exhibition_run_ms (exhibition, 300);
  g_assert_null (inspector_client_take (exhibition->inspector, "Frames"));
  g_assert_null (inspector_client_take (exhibition->inspector, "Events"));
}

static void
test_exporter_two_inspectors (Exhibition    *exhibition,
                              gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  InspectorClient *other = inspector_client_new (exhibition->exporter, exhibition->world->context);
  g_autoptr (GVariant) frames = NULL;
  g_autoptr (GVariant) reply = NULL;

  g_assert_cmpuint (wsm_exporter_get_n_clients (exhibition->exporter), ==, 2);
  exhibition_watch (exhibition, 250, 0, 0);
  exhibition_follow (exhibition, wsm_connection_get_id (feed), TRUE, 0);
  reply = inspector_client_call (other, "Follow",
                                 g_variant_new ("(tbu)", wsm_connection_get_id (feed), TRUE, 0),
                                 NULL);
  inspector_client_free (other);
  inspector_client_wait_until (exhibition->inspector,
                               wsm_exporter_get_n_clients (exhibition->exporter) == 1);

  report_frame (exhibition, "/feed", "still seen");
  exhibition_run_ms (exhibition, 300);
  frames = inspector_client_take (exhibition->inspector, "Frames");
  g_assert_nonnull (frames);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) \
  g_test_add ("/exporter-watch/" path, Exhibition, NULL, exhibition_set_up, test_exporter_##func, \
              exhibition_tear_down)
  ADD ("tells-what-changes", tells_what_changes);
  ADD ("tells-once-an-interval", batches);
  ADD ("tells-what-is-in-the-window", window);
  ADD ("tells-states-outside-of-the-window", empty_window);
  ADD ("tells-of-who-is-followed-outside-of-the-window", followed_outside);
  ADD ("tells-of-rows-that-come-and-go", rows_come_and_go);
  ADD ("removes-what-was-given", removes_what_was_given);
  ADD ("tells-thousands-in-pieces", many_rows);
  ADD ("tells-of-chosen-rows", chosen_rows);
  ADD ("refuses-too-many-chosen-rows", too_many_chosen);
  ADD ("sends-no-bytes-of-others", counts_bytes);
  ADD ("is-silent-when-nobody-watches", unwatch);
  ADD ("wakes-nobody", wakes_nobody);
  ADD ("tells-events", events);
  g_test_add ("/exporter-watch/tells-frames", Exhibition, GINT_TO_POINTER (FALSE),
              exhibition_set_up, test_exporter_frames, exhibition_tear_down);
  g_test_add ("/exporter-watch/tells-payloads-up-to-the-limit", Exhibition, GINT_TO_POINTER (TRUE),
              exhibition_set_up, test_exporter_frames, exhibition_tear_down);
  ADD ("counts-frames-that-are-too-many", drops_frames);
  ADD ("lets-a-followed-row-go", followed_row_goes);
  ADD ("serves-two", two_inspectors);
#undef ADD

  return g_test_run ();
}
