/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "inspector-client.h"
#include "test-world.h"
#include "wsm-exporter.h"

#include <unistd.h>

typedef struct
{
  WsmTestWorld *world;         /* (owned) */
  WsmExporter *exporter;       /* (owned) */
  InspectorClient *inspector;  /* (owned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->world = wsm_test_world_new (1);
  fixture->exporter = g_object_new (WSM_TYPE_EXPORTER,
                                    "pool", fixture->world->pool,
                                    "name", "Test",
                                    "announce", FALSE,
                                    NULL);
  fixture->inspector = inspector_client_new (fixture->exporter, fixture->world->context);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_pointer (&fixture->inspector, inspector_client_free);
  g_assert_finalize_object (g_steal_pointer (&fixture->exporter));
  wsm_test_world_free (fixture->world);
}

static void
test_exporter_sums_up (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) summary = NULL;
  g_autoptr (GVariant) counts = NULL;
  const char *name;
  gboolean control;
  guint32 payload_capture;
  guint32 pid;

  wsm_test_world_bring_to (fixture->world, "/open", WSM_STATE_OPEN);
  wsm_test_world_bring_to (fixture->world, "/failed", WSM_STATE_FAILED);
  wsm_test_world_bring_to (fixture->world, "/waiting", WSM_STATE_WAITING);
  reply = inspector_client_call (fixture->inspector, "GetSummary", NULL, NULL);
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
  g_assert_cmpvariant (counts, g_variant_new ("(uuuuu)", 3, 1, 0, 1, 1));
  g_assert_cmpuint (wsm_exporter_get_n_clients (fixture->exporter), ==, 1);
}

/* The table, a page at a time, in the order in which connections were added. */
static void
test_exporter_pages_rows (Fixture       *fixture,
                          gconstpointer  data)
{
  guint64 first = 0;
  guint n_rows = 0;
  guint n_pages = 0;

  for (guint i = 0; i < 1234; i++)
    {
      g_autofree char *uri = g_strdup_printf ("ws://127.0.0.1/%u", i);

      g_assert_nonnull (wsm_pool_add (fixture->world->pool, uri, NULL));
    }

  for (;;)
    {
      g_autoptr (GVariant) reply = NULL;
      g_autoptr (GVariant) rows = NULL;
      gsize n;

      reply = inspector_client_call (fixture->inspector, "GetConnections",
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
  wsm_test_world_run_ms (fixture->world, 0);
}

/* Rows in the window are told at once, then what changes, in the interval of the watch. */
static void
test_exporter_tells_what_changes (Fixture       *fixture,
                                  gconstpointer  data)
{
  WsmConnection *feed = wsm_test_world_bring_to (fixture->world, "/feed", WSM_STATE_OPEN);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) changed = NULL;
  g_autoptr (GVariant) figures = NULL;
  g_autoptr (GVariant) row = NULL;
  guint64 n_beats;

  reply = inspector_client_call (fixture->inspector, "Watch",
                                 g_variant_new ("(utu)", 250, G_GUINT64_CONSTANT (0), G_MAXUINT32),
                                 NULL);
  wsm_test_world_run_ms (fixture->world, 0);
  inspector_client_settle (fixture->inspector);
  changed = inspector_client_take (fixture->inspector, "Changed");
  g_assert_nonnull (changed);
  figures = g_variant_get_child_value (changed, 2);
  g_assert_cmpuint (g_variant_n_children (figures), ==, 1);
  g_clear_pointer (&changed, g_variant_unref);
  g_clear_pointer (&figures, g_variant_unref);

  wsm_test_world_run_ms (fixture->world, 1100);
  inspector_client_settle (fixture->inspector);
  changed = inspector_client_take (fixture->inspector, "Changed");
  g_assert_nonnull (changed);
  figures = g_variant_get_child_value (changed, 2);
  g_assert_cmpuint (g_variant_n_children (figures), ==, 1);
  row = g_variant_get_child_value (figures, 0);
  g_variant_get_child (row, 8, "t", &n_beats);
  g_assert_cmpuint (n_beats, ==, wsm_connection_get_n_beats_sent (feed));
  wsm_test_world_assert_log (fixture->world, "");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) \
  g_test_add ("/exporter/" path, Fixture, NULL, set_up, test_exporter_##func, tear_down)
  ADD ("pages-rows", pages_rows);
  ADD ("sums-up", sums_up);
  ADD ("tells-what-changes", tells_what_changes);
#undef ADD

  return g_test_run ();
}
