/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "exhibition.h"
#include "wsm-connection-private.h"
#include "wsm-error.h"

#include <unistd.h>

static void
test_exporter_sums_up (Exhibition    *exhibition,
                       gconstpointer  data)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) summary = NULL;
  g_autoptr (GVariant) counts = NULL;
  g_autoptr (GVariant) expected = NULL;
  g_autoptr (GVariant) lateness = NULL;
  const char *name;
  double late_ms;
  gboolean control;
  guint32 payload_capture;
  guint32 pid;

  wsm_test_world_bring_to (exhibition->world, "/open", WSM_STATE_OPEN);
  wsm_test_world_bring_to (exhibition->world, "/failed", WSM_STATE_FAILED);
  wsm_test_world_bring_to (exhibition->world, "/waiting", WSM_STATE_WAITING);
  reply = inspector_client_call (exhibition->inspector, "GetSummary", NULL, NULL);
  summary = g_variant_get_child_value (reply, 0);

  g_assert_true (g_variant_lookup (summary, "name", "&s", &name));
  g_assert_cmpstr (name, ==, "Test");
  g_assert_true (g_variant_lookup (summary, "control", "b", &control));
  g_assert_false (control);
  g_assert_true (g_variant_lookup (summary, "payload-capture", "u", &payload_capture));
  g_assert_cmpuint (payload_capture, ==, 0);
  g_assert_true (g_variant_lookup (summary, "pid", "u", &pid));
  g_assert_cmpuint (pid, ==, (guint32) getpid ());
  counts = g_variant_lookup_value (summary, "counts", G_VARIANT_TYPE ("(uuuuu)"));
  expected = g_variant_ref_sink (g_variant_new ("(uuuuu)", 3, 1, 0, 1, 1));
  g_assert_cmpvariant (counts, expected);
  lateness = g_variant_lookup_value (summary, "lateness", G_VARIANT_TYPE_VARDICT);
  g_assert_true (g_variant_lookup (lateness, "p99", "d", &late_ms));
  g_assert_cmpfloat (late_ms, ==, 0);
  g_assert_cmpuint (wsm_exporter_get_n_clients (exhibition->exporter), ==, 1);
}

/* The table, a page at a time, in the order in which connections were added. */
static void
test_exporter_pages_rows (Exhibition    *exhibition,
                          gconstpointer  data)
{
  guint64 first = 0;
  guint n_rows = 0;
  guint n_pages = 0;

  for (guint i = 0; i < 1234; i++)
    {
      g_autofree char *uri = g_strdup_printf ("ws://127.0.0.1/%u", i);

      g_assert_nonnull (wsm_pool_add (exhibition->world->pool, uri, NULL));
    }

  for (;;)
    {
      g_autoptr (GVariant) reply = NULL;
      g_autoptr (GVariant) rows = NULL;
      gsize n;

      reply = inspector_client_call (exhibition->inspector, "GetConnections",
                                     g_variant_new ("(tu)", first, 500), NULL);
      rows = g_variant_get_child_value (reply, 0);
      n = g_variant_n_children (rows);
      n_pages++;
      for (gsize i = 0; i < n; i++)
        {
          g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
          g_autofree char *uri = g_strdup_printf ("ws://127.0.0.1/%u", n_rows++);
          const char *text;
          guint64 id;

          g_assert_true (g_variant_lookup (row, "id", "t", &id));
          g_assert_cmpuint (id, >=, first);
          g_assert_true (g_variant_lookup (row, "uri", "&s", &text));
          g_assert_cmpstr (text, ==, uri);
          first = id + 1;
        }
      if (n < 500)
        break;
    }
  g_assert_cmpuint (n_pages, ==, 3);
  g_assert_cmpuint (n_rows, ==, 1234);
  wsm_test_world_run_ms (exhibition->world, 0);
}

typedef struct
{
  guint64 id;
  gint64 times[3];
  guint64 counts[7];
  double round_trip;
  double smoothed;
  guint32 numbers[8];
} Figures;

#define NEXT_AT 0
#define N_BEATS_SENT 4
#define N_BEATS_ANSWERED 5
#define N_BEATS_MISSED 6
#define STATE 0
#define REASON 1
#define N_MISSED 2
#define MAX_MISSED 3
#define ATTEMPT 5
#define SPAN 6
#define FLAGS 7

static void
read_figures (GVariant *row,
              Figures  *figures)
{
  g_autoptr (GVariant) tuple = NULL;
  gsize n = 0;

  tuple = g_variant_lookup_value (row, "figures", G_VARIANT_TYPE ("(txxxtttttttdduuuuuuuu)"));
  g_assert_nonnull (tuple);
  g_variant_get_child (tuple, n++, "t", &figures->id);
  for (guint i = 0; i < 3; i++)
    g_variant_get_child (tuple, n++, "x", &figures->times[i]);
  for (guint i = 0; i < 7; i++)
    g_variant_get_child (tuple, n++, "t", &figures->counts[i]);
  g_variant_get_child (tuple, n++, "d", &figures->round_trip);
  g_variant_get_child (tuple, n++, "d", &figures->smoothed);
  for (guint i = 0; i < 8; i++)
    g_variant_get_child (tuple, n++, "u", &figures->numbers[i]);
}

static void
test_exporter_row_of_open (Exhibition    *exhibition,
                           gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  g_autoptr (GVariant) row = NULL;
  g_autoptr (GVariant) beats = NULL;
  const char *text;
  Figures figures;

  wsm_test_world_get_peer (exhibition->world, "/feed")->latency_us = 2000;
  wsm_test_world_run_ms (exhibition->world, 3100);
  row = exhibition_get_row (exhibition, feed);
  read_figures (row, &figures);
  g_assert_cmpuint (figures.numbers[STATE], ==, 3);
  g_assert_cmpuint (figures.numbers[REASON], ==, WSM_REASON_CODE_OPENED + 1);
  g_assert_cmpint (figures.times[NEXT_AT], ==, wsm_connection_get_next_beat_at (feed));
  g_assert_cmpuint (figures.numbers[SPAN], ==, 1000);
  g_assert_cmpuint (figures.numbers[MAX_MISSED], ==, 3);
  g_assert_cmpuint (figures.numbers[ATTEMPT], ==, 0);
  g_assert_cmpuint (figures.numbers[FLAGS] & 1, ==, 0);
  g_assert_cmpuint (figures.counts[N_BEATS_ANSWERED], ==,
                    wsm_connection_get_n_beats_answered (feed));
  g_assert_cmpuint (figures.counts[N_BEATS_ANSWERED], >=, 2);
  g_assert_cmpfloat (figures.round_trip, ==, 4.0);
  beats = g_variant_lookup_value (row, "beats", G_VARIANT_TYPE ("ad"));
  g_assert_cmpuint (g_variant_n_children (beats), ==, figures.counts[N_BEATS_ANSWERED]);
  g_assert_true (g_variant_lookup (row, "reason", "&s", &text));
  g_assert_cmpstr (text, ==, "opened");
  g_assert_true (g_variant_lookup (row, "name", "&s", &text));
  g_assert_cmpstr (text, ==, "ws://127.0.0.1/feed");

  wsm_connection_pause (feed);
  g_clear_pointer (&row, g_variant_unref);
  row = exhibition_get_row (exhibition, feed);
  read_figures (row, &figures);
  g_assert_cmpint (figures.times[NEXT_AT], ==, 0);
  g_assert_cmpuint (figures.numbers[SPAN], ==, 0);
  g_assert_cmpuint (figures.numbers[FLAGS] & 1, ==, 1);
}

static void
test_exporter_row_of_late (Exhibition    *exhibition,
                           gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_SUSPECT);
  g_autoptr (GVariant) row = exhibition_get_row (exhibition, feed);
  g_autoptr (GVariant) beats = g_variant_lookup_value (row, "beats", G_VARIANT_TYPE ("ad"));
  g_autoptr (GVariant) expected = NULL;
  Figures figures;

  read_figures (row, &figures);
  g_assert_cmpuint (figures.numbers[STATE], ==, 4);
  g_assert_cmpuint (figures.numbers[N_MISSED], ==, 1);
  g_assert_cmpuint (figures.counts[N_BEATS_MISSED], ==, 1);
  g_assert_cmpfloat (figures.round_trip, <, 0.0);
  g_assert_cmpfloat (figures.smoothed, <, 0.0);
  expected = g_variant_ref_sink (g_variant_new_parsed ("[-1.0]"));
  g_assert_cmpvariant (beats, expected);
}

static void
test_exporter_row_of_waiting (Exhibition    *exhibition,
                              gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_WAITING);
  g_autoptr (GVariant) row = exhibition_get_row (exhibition, feed);
  Figures figures;

  read_figures (row, &figures);
  g_assert_cmpuint (figures.numbers[STATE], ==, 5);
  g_assert_cmpint (figures.times[NEXT_AT], ==, wsm_connection_get_next_retry_at (feed));
  g_assert_cmpint (figures.times[NEXT_AT], >, 0);
  g_assert_cmpuint (figures.numbers[ATTEMPT], ==, 2);
  g_assert_cmpuint (figures.numbers[SPAN], ==,
                    wsm_reason_get_delay (wsm_connection_get_reason (feed)));
}

static guint32
look_up_uint (GVariant   *dict,
              const char *group,
              const char *key)
{
  g_autoptr (GVariant) inner = g_variant_lookup_value (dict, group, G_VARIANT_TYPE_VARDICT);
  guint32 number = G_MAXUINT32;

  g_assert_nonnull (inner);
  g_assert_true (g_variant_lookup (inner, key, "u", &number));

  return number;
}

static GVariant *
get_details (Exhibition    *exhibition,
             WsmConnection *connection)
{
  g_autoptr (GVariant) reply = NULL;

  reply = inspector_client_call (exhibition->inspector, "GetDetails",
                                 g_variant_new ("(t)", wsm_connection_get_id (connection)), NULL);

  return g_variant_get_child_value (reply, 0);
}

static void
test_exporter_details (Exhibition    *exhibition,
                       gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  g_autoptr (GVariant) details = get_details (exhibition, feed);
  g_autoptr (GVariant) lateness = NULL;
  g_autoptr (GVariant) latency = NULL;
  guint64 count;

  g_assert_cmpuint (look_up_uint (details, "heartbeat", "mode"), ==, 1);
  g_assert_cmpuint (look_up_uint (details, "heartbeat", "interval"), ==, 1000);
  g_assert_cmpuint (look_up_uint (details, "heartbeat", "max-missed"), ==, 3);
  g_assert_cmpuint (look_up_uint (details, "heartbeat", "worst-case-detection"), ==,
                    wsm_heartbeat_worst_case_detection (wsm_connection_get_heartbeat (feed)));
  g_assert_cmpuint (look_up_uint (details, "backoff", "max"), ==, 4000);
  g_assert_null (g_variant_lookup_value (details, "latency", NULL));
  g_assert_null (g_variant_lookup_value (details, "lateness", NULL));
  g_assert_null (g_variant_lookup_value (details, "tls", NULL));

  wsm_test_world_run_ms (exhibition->world, 2100);
  g_clear_pointer (&details, g_variant_unref);
  details = get_details (exhibition, feed);
  latency = g_variant_lookup_value (details, "latency", G_VARIANT_TYPE_VARDICT);
  g_assert_nonnull (latency);
  g_assert_true (g_variant_lookup (latency, "count", "t", &count));
  g_assert_cmpuint (count, ==, wsm_connection_get_n_beats_answered (feed));
  lateness = g_variant_lookup_value (details, "lateness", G_VARIANT_TYPE_VARDICT);
  g_assert_nonnull (lateness);
  g_assert_true (g_variant_lookup (lateness, "count", "t", &count));
  g_assert_cmpuint (count, ==, wsm_latency_get_count (wsm_pool_get_lateness (
    exhibition->world->pool)));
  g_assert_cmpuint (count, >, 0);
}

static guint64
look_up_uint64 (GVariant   *dict,
                const char *key)
{
  guint64 number = G_MAXUINT64;

  g_assert_true (g_variant_lookup (dict, key, "t", &number));

  return number;
}

static gboolean
look_up_boolean (GVariant   *dict,
                 const char *key)
{
  gboolean is = -1;

  g_assert_true (g_variant_lookup (dict, key, "b", &is));

  return is;
}

/* What waits, and what did not get through, over all sockets. */
static void
test_exporter_tells_what_did_not_get_through (Exhibition    *exhibition,
                                              gconstpointer  data)
{
  g_autofree char *text = g_strnfill (999, 'x');
  WsmTestPeer *peer = wsm_test_world_get_peer (exhibition->world, "/feed");
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  g_autoptr (GVariant) details = get_details (exhibition, feed);

  peer->echo = FALSE;
  g_assert_true (look_up_boolean (details, "writable"));
  g_assert_cmpuint (look_up_uint64 (details, "buffered"), ==, 0);
  g_assert_cmpuint (look_up_uint64 (details, "n-dropped"), ==, 0);
  g_assert_cmpuint (look_up_uint64 (details, "n-unconfirmed"), ==, 0);

  /* The peer takes as much as it is handed at once; the rest of the hundred waits. */
  peer->slow = TRUE;
  wsm_connection_set_outbox_limit (feed, 120 * 1000);
  for (guint i = 0; i < 100; i++)
    g_assert_true (wsm_connection_send_text (feed, text, NULL));
  g_clear_pointer (&details, g_variant_unref);
  details = get_details (exhibition, feed);
  g_assert_false (look_up_boolean (details, "writable"));
  g_assert_cmpuint (look_up_uint64 (details, "buffered"), ==, 100 * 999);

  for (guint round = 1; round <= 2; round++)
    {
      guint n_sent = (guint) wsm_connection_get_n_messages_sent (feed);

      g_assert_cmpuint (n_sent, ==, round * 65);
      wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
      wsm_test_world_run_ms (exhibition->world, 1);
      g_clear_pointer (&details, g_variant_unref);
      details = get_details (exhibition, feed);
      g_assert_cmpuint (look_up_uint64 (details, "n-unconfirmed"), ==, round * 65);
      g_assert_cmpuint (look_up_uint64 (details, "n-bytes-unconfirmed"), ==, round * 65 * 999);
      g_assert_cmpuint (look_up_uint64 (details, "n-dropped"), ==, round * 35);
      g_assert_cmpuint (look_up_uint64 (details, "n-bytes-dropped"), ==, round * 35 * 999);
      g_assert_cmpuint (look_up_uint64 (details, "buffered"), ==, 0);
      g_assert_false (look_up_boolean (details, "writable"));

      if (round == 2)
        break;
      wsm_test_world_run_ms (exhibition->world, 1010);
      g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_OPEN);
      for (guint i = 0; i < 100; i++)
        g_assert_true (wsm_connection_send_text (feed, text, NULL));
    }

  wsm_test_world_assert_log (exhibition->world,
                             "WAITING disconnected+ unconfirmed(65,64935) dropped(35,34965) "
                             "CONNECTING OPEN reopened "
                             "WAITING disconnected+ unconfirmed(65,64935) dropped(35,34965)");
}

/* Of a certificate what a person looks for, and that which tells it from others. */
static void
test_exporter_certificate (Exhibition    *exhibition,
                           gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  WsmTestPeer *peer = wsm_test_world_get_peer (exhibition->world, "/feed");
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "server.pem", NULL);
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (path, NULL);
  g_autoptr (GByteArray) der = NULL;
  g_autofree char *sha256 = NULL;
  g_autoptr (GVariant) details = NULL;
  g_autoptr (GVariant) tls = NULL;
  g_autofree const char **names = NULL;
  const char *text;
  gint64 not_before;
  gint64 not_after;

  g_assert_nonnull (certificate);
  g_object_get (certificate, "certificate", &der, NULL);
  sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
  wsm_transport_edit_facts (g_ptr_array_index (peer->transports, 0))->peer_certificate =
    g_object_ref (certificate);

  details = get_details (exhibition, feed);
  tls = g_variant_lookup_value (details, "tls", G_VARIANT_TYPE_VARDICT);
  g_assert_nonnull (tls);
  g_assert_true (g_variant_lookup (tls, "subject", "&s", &text));
  g_assert_cmpstr (text, ==, "CN=localhost");
  g_assert_true (g_variant_lookup (tls, "issuer", "&s", &text));
  g_assert_true (g_variant_lookup (tls, "not-before", "x", &not_before));
  g_assert_true (g_variant_lookup (tls, "not-after", "x", &not_after));
  g_assert_cmpint (not_before, <, not_after);
  g_assert_true (g_variant_lookup (tls, "dns-names", "^a&s", &names));
  g_assert_cmpstr (names[0], ==, "localhost");
  g_assert_null (names[1]);
  g_assert_true (g_variant_lookup (tls, "sha256", "&s", &text));
  g_assert_cmpstr (text, ==, sha256);
}

static void
test_exporter_journal (Exhibition    *exhibition,
                       gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  guint64 id = wsm_connection_get_id (feed);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) entries = NULL;
  g_autoptr (GString) log = g_string_new (NULL);
  GVariantIter iter;
  guint64 number;
  guint32 kind;
  guint32 state;

  wsm_test_world_run_ms (exhibition->world, 1100);
  reply = inspector_client_call (exhibition->inspector, "GetJournal",
                                 g_variant_new ("(tt)", id, G_GUINT64_CONSTANT (0)), NULL);
  entries = g_variant_get_child_value (reply, 0);
  g_variant_iter_init (&iter, entries);
  while (g_variant_iter_next (&iter, "(txuuds)", &number, NULL, &kind, &state, NULL, NULL))
    g_string_append_printf (log, "%u:%u/%u ", (guint) number, kind, state);
  g_assert_cmpstr (log->str, ==, "1:1/1 2:1/2 3:1/3 4:2/3 ");
  g_clear_pointer (&reply, g_variant_unref);
  g_clear_pointer (&entries, g_variant_unref);

  reply = inspector_client_call (exhibition->inspector, "GetJournal",
                                 g_variant_new ("(tt)", id, G_GUINT64_CONSTANT (3)), NULL);
  entries = g_variant_get_child_value (reply, 0);
  g_assert_cmpuint (g_variant_n_children (entries), ==, 1);
  g_clear_pointer (&reply, g_variant_unref);
  g_clear_pointer (&entries, g_variant_unref);

  reply = inspector_client_call (exhibition->inspector, "GetJournal",
                                 g_variant_new ("(tt)", id, G_MAXUINT64), NULL);
  entries = g_variant_get_child_value (reply, 0);
  g_assert_cmpuint (g_variant_n_children (entries), ==, 0);
  wsm_test_world_assert_log (exhibition->world, "");
}

static guint
count_answers (Exhibition *exhibition,
               guint       n_calls)
{
  guint n_answers = 0;

  for (guint i = 0; i < n_calls; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) reply = NULL;

      reply = inspector_client_call (exhibition->inspector, "GetSummary", NULL, &error);
      if (reply != NULL)
        n_answers++;
      else
        g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED);
    }

  return n_answers;
}

static void
test_exporter_calls_a_second (Exhibition    *exhibition,
                              gconstpointer  data)
{
  g_assert_cmpuint (count_answers (exhibition, 500), ==, 400);
  wsm_test_world_run_ms (exhibition->world, 500);
  g_assert_cmpuint (count_answers (exhibition, 300), ==, 100);
  wsm_test_world_run_ms (exhibition->world, 60000);
  g_assert_cmpuint (count_answers (exhibition, 500), ==, 400);
}

/* A pool may be shown twice, by the app and by a page of its own inspector; each of the two may go
 * first. */
static void
test_exporter_beside_another (Exhibition    *exhibition,
                              gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  WsmExporter *other = g_object_new (WSM_TYPE_EXPORTER, "pool", exhibition->world->pool,
                                     "announce", FALSE, NULL);
  InspectorClient *inspector = inspector_client_new (other, exhibition->world->context);
  g_autoptr (GVariant) changed = NULL;
  g_autoptr (GVariant) reply = NULL;

  exhibition_watch (exhibition, 250, 0, G_MAXUINT32);
  reply = inspector_client_call (inspector, "Watch",
                                 g_variant_new ("(utu)", 250, G_GUINT64_CONSTANT (0), G_MAXUINT32),
                                 NULL);
  exhibition_run_ms (exhibition, 300);
  changed = inspector_client_take (inspector, "Changed");
  g_assert_nonnull (changed);
  inspector_client_free (inspector);
  g_assert_finalize_object (other);

  exhibition_forget_signals (exhibition);
  exhibition_run_ms (exhibition, 1100);
  g_assert_cmpuint (exhibition->inspector->signals->len, >, 0);
  g_assert_nonnull (wsm_connection_get_journal (feed));
}

static void
test_exporter_goes_before_the_pool (Exhibition    *exhibition,
                                    gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);

  exhibition_watch (exhibition, 250, 0, G_MAXUINT32);
  exhibition_follow (exhibition, wsm_connection_get_id (feed), TRUE, 0);
  g_assert_nonnull (wsm_connection_get_journal (feed));
  g_assert_finalize_object (g_steal_pointer (&exhibition->exporter));
  g_assert_null (wsm_connection_get_journal (feed));
  inspector_client_wait_until (exhibition->inspector, exhibition->inspector->is_closed);
  wsm_test_world_run_ms (exhibition->world, 5000);
  exhibition->exporter = wsm_exporter_new (exhibition->world->pool);
}

static void
notify_cb (GObject    *object,
           GParamSpec *pspec,
           GString    *log)
{
  g_string_append_printf (log, "%s ", pspec->name);
}

static void
test_exporter_pool_goes (Exhibition    *exhibition,
                         gconstpointer  data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  wsm_test_world_bring_to (exhibition->world, "/feed", WSM_STATE_OPEN);
  exhibition_watch (exhibition, 250, 0, G_MAXUINT32);
  g_signal_connect (exhibition->exporter, "notify", G_CALLBACK (notify_cb), log);
  g_assert_finalize_object (g_steal_pointer (&exhibition->world->pool));
  g_assert_cmpstr (log->str, ==, "n-clients pool ");
  g_assert_null (wsm_exporter_get_pool (exhibition->exporter));
  g_assert_null (wsm_exporter_connect_client (exhibition->exporter, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_ABORTED);
  inspector_client_wait_until (exhibition->inspector, exhibition->inspector->is_closed);
}

/* A call may still be on its way when either is gone. */
static void
test_exporter_goes_in_the_middle (Exhibition    *exhibition,
                                  gconstpointer  data)
{
  for (guint i = 0; i < 60; i++)
    {
      WsmExporter *exporter = g_object_new (WSM_TYPE_EXPORTER, "pool", exhibition->world->pool,
                                            "announce", FALSE, NULL);
      InspectorClient *inspector = NULL;

      if (i % 3 == 0)
        {
          g_autoptr (GIOStream) stream = wsm_exporter_connect_client (exporter, NULL);

          for (guint n = i % 7; n > 0; n--)
            inspector_client_turn (exhibition->inspector);
          g_assert_finalize_object (exporter);
          continue;
        }
      inspector = inspector_client_new (exporter, exhibition->world->context);
      for (guint n = 0; n < 20; n++)
        g_dbus_connection_call (inspector->bus, NULL, "/io/github/wsmulti/Pool1",
                                "io.github.wsmulti.Pool1", "GetSummary", NULL, NULL,
                                G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
      for (guint n = i % 7; n > 0; n--)
        inspector_client_turn (inspector);
      g_assert_finalize_object (exporter);
      inspector_client_wait_until (inspector, inspector->is_closed);
      inspector_client_free (inspector);
    }
}

static gboolean
is_open (GIOStream *stream)
{
  GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));

  return g_socket_condition_check (socket, G_IO_IN | G_IO_HUP) == 0;
}

/* Who does not say who it is has half a minute; who has said it may be quiet. */
static void
test_exporter_quiet_ones (Exhibition   *exhibition,
                          gconstpointer data)
{
  g_autoptr (GIOStream) stranger = wsm_exporter_connect_client (exhibition->exporter, NULL);

  g_assert_nonnull (stranger);
  exhibition_run_ms (exhibition, 29 * 1000);
  g_assert_true (is_open (stranger));
  exhibition_run_ms (exhibition, 2 * 1000);
  inspector_client_wait_until (exhibition->inspector, !is_open (stranger));

  exhibition_run_ms (exhibition, 10 * 60 * 1000);
  g_assert_cmpuint (wsm_exporter_get_n_clients (exhibition->exporter), ==, 1);
  inspector_client_settle (exhibition->inspector);
}

static void
test_exporter_properties (void)
{
  WsmPool *pool = wsm_pool_new ();
  WsmExporter *exporter = g_object_new (WSM_TYPE_EXPORTER,
                                        "pool", pool,
                                        "announce", FALSE,
                                        "allow-control", TRUE,
                                        "payload-capture", 1000000,
                                        NULL);

  g_set_application_name ("Price ticker");
  g_assert_true (wsm_exporter_get_pool (exporter) == pool);
  g_assert_cmpstr (wsm_exporter_get_name (exporter), ==, "Price ticker");
  g_assert_true (wsm_exporter_get_allow_control (exporter));
  g_assert_cmpuint (wsm_exporter_get_payload_capture (exporter), ==, 65536);
  g_assert_false (wsm_exporter_get_announce (exporter));
  g_assert_cmpuint (wsm_exporter_get_n_clients (exporter), ==, 0);
  g_assert_finalize_object (exporter);
  g_assert_finalize_object (pool);
}

static gpointer
misuse (gpointer data)
{
  g_assert_null (wsm_exporter_connect_client (WSM_EXPORTER (data), NULL));

  return NULL;
}

static void
test_exporter_other_thread (void)
{
  WsmPool *pool = wsm_pool_new ();
  WsmExporter *exporter = g_object_new (WSM_TYPE_EXPORTER, "pool", pool, "announce", FALSE, NULL);

  g_test_expect_message ("libwsmulti", G_LOG_LEVEL_CRITICAL, "*another thread*");
  g_thread_join (g_thread_new ("misuse", misuse, exporter));
  g_test_assert_expected_messages ();
  g_assert_finalize_object (exporter);
  g_assert_finalize_object (pool);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) \
  g_test_add ("/exporter/" path, Exhibition, NULL, exhibition_set_up, test_exporter_##func, \
              exhibition_tear_down)
  ADD ("pages-rows", pages_rows);
  ADD ("sums-up", sums_up);
  ADD ("row-of-an-open-one", row_of_open);
  ADD ("row-of-a-late-one", row_of_late);
  ADD ("row-of-a-waiting-one", row_of_waiting);
  ADD ("gives-details", details);
  ADD ("tells-what-did-not-get-through", tells_what_did_not_get_through);
  ADD ("gives-the-certificate", certificate);
  ADD ("gives-the-journal", journal);
  ADD ("answers-so-many-calls-a-second", calls_a_second);
  ADD ("stands-beside-another", beside_another);
  ADD ("goes-before-the-pool", goes_before_the_pool);
  ADD ("goes-in-the-middle-of-a-call", goes_in_the_middle);
  ADD ("ends-with-the-pool", pool_goes);
  ADD ("lets-quiet-ones-be", quiet_ones);
  g_test_add_func ("/exporter/has-properties", test_exporter_properties);
  g_test_add_func ("/exporter/stays-in-its-thread", test_exporter_other_thread);
#undef ADD

  return g_test_run ();
}
