/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>
#include <unistd.h>

#include "bus-daemon.h"
#include "fake-inspector.h"
#include "test-loop.h"
#include "test-process.h"

#define NAME "io.github.wsmulti.Inspector"

static const char *
look_up_text (GVariant   *about,
              const char *key)
{
  const char *text = NULL;

  g_variant_lookup (about, key, "&s", &text);

  return text;
}

static WsmExporter *
show (WsmPool    *pool,
      const char *name)
{
  return g_object_new (WSM_TYPE_EXPORTER, "pool", pool, "name", name, NULL);
}

static void
drop (WsmExporter *exporter,
      WsmPool     *pool)
{
  g_assert_finalize_object (exporter);
  g_assert_finalize_object (pool);
}

/* Whoever of the two comes first, they meet, and the pool says who it is. */
static void
test_bus_meets (gconstpointer data)
{
  gboolean inspector_first = GPOINTER_TO_INT (data);
  FakeInspector *inspector = fake_inspector_new ();
  WsmPool *pool = wsm_pool_new ();
  WsmExporter *exporter = NULL;
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GVariant) summary = NULL;
  guint32 pid;

  if (inspector_first)
    fake_inspector_take (inspector, NAME);
  exporter = show (pool, "Ticker");
  if (!inspector_first)
    {
      test_loop_run_ms (100);
      fake_inspector_take (inspector, NAME);
    }

  WAIT_FOR (inspector->streams->len == 1);
  g_assert_cmpstr (look_up_text (g_ptr_array_index (inspector->abouts, 0), "name"), ==, "Ticker");
  g_assert_true (g_variant_lookup (g_ptr_array_index (inspector->abouts, 0), "pid", "u", &pid));
  g_assert_cmpuint (pid, ==, (guint32) getpid ());
  bus = fake_inspector_look (inspector);
  summary = fake_inspector_sum_up (bus);
  g_assert_cmpstr (look_up_text (summary, "name"), ==, "Ticker");
  g_assert_cmpuint (wsm_exporter_get_n_clients (exporter), ==, 1);

  g_assert_true (g_dbus_connection_close_sync (bus, NULL, NULL));
  WAIT_FOR (wsm_exporter_get_n_clients (exporter) == 0);
  fake_inspector_free (inspector);
  drop (exporter, pool);
}

static void
test_bus_two_inspectors (void)
{
  FakeInspector *one = fake_inspector_new ();
  FakeInspector *two = fake_inspector_new ();
  WsmPool *pool = wsm_pool_new ();
  WsmExporter *exporter = show (pool, "Ticker");
  g_autoptr (GDBusConnection) bus_one = NULL;
  g_autoptr (GDBusConnection) bus_two = NULL;

  fake_inspector_take (one, NAME);
  fake_inspector_take (two, NAME ".Devel");
  WAIT_FOR (one->streams->len == 1 && two->streams->len == 1);
  bus_one = fake_inspector_look (one);
  bus_two = fake_inspector_look (two);
  WAIT_FOR (wsm_exporter_get_n_clients (exporter) == 2);

  g_assert_true (g_dbus_connection_close_sync (bus_one, NULL, NULL));
  WAIT_FOR (wsm_exporter_get_n_clients (exporter) == 1);
  g_assert_true (g_dbus_connection_close_sync (bus_two, NULL, NULL));
  WAIT_FOR (wsm_exporter_get_n_clients (exporter) == 0);
  fake_inspector_free (one);
  fake_inspector_free (two);
  drop (exporter, pool);
}

/* Names that are no inspector's, and a second name of the same one, call nobody. */
static void
test_bus_one_call_an_inspector (void)
{
  FakeInspector *inspector = fake_inspector_new ();
  WsmPool *pool = wsm_pool_new ();
  WsmExporter *exporter = show (pool, "Ticker");

  fake_inspector_take (inspector, NAME "Impostor");
  fake_inspector_take (inspector, NAME ".Devel");
  fake_inspector_take (inspector, NAME);
  WAIT_FOR (inspector->streams->len == 1);
  test_loop_run_ms (100);
  g_assert_cmpuint (inspector->streams->len, ==, 1);

  fake_inspector_give_up (inspector, NAME ".Devel");
  test_loop_run_ms (100);
  g_assert_cmpuint (inspector->streams->len, ==, 1);
  fake_inspector_free (inspector);
  drop (exporter, pool);
}

static void
test_bus_comes_back (void)
{
  FakeInspector *inspector = fake_inspector_new ();
  WsmPool *pool = wsm_pool_new ();
  WsmExporter *exporter = show (pool, "Ticker");

  for (guint i = 1; i <= 3; i++)
    {
      fake_inspector_take (inspector, NAME);
      WAIT_FOR (inspector->streams->len == i);
      fake_inspector_give_up (inspector, NAME);
    }

  fake_inspector_free (inspector);
  inspector = fake_inspector_new ();
  fake_inspector_take (inspector, NAME);
  WAIT_FOR (inspector->streams->len == 1);
  fake_inspector_free (inspector);
  drop (exporter, pool);
}

/* One that refuses, and one that takes the stream and drops it, leave nothing behind. */
static void
test_bus_refusal (void)
{
  FakeInspector *inspector = fake_inspector_new ();
  WsmPool *pool = wsm_pool_new ();
  WsmExporter *exporter = show (pool, "Ticker");
  g_autoptr (GDBusConnection) bus = NULL;
  guint n_sockets;

  inspector->refuses = TRUE;
  fake_inspector_take (inspector, NAME);
  WAIT_FOR (inspector->abouts->len == 1);
  fake_inspector_give_up (inspector, NAME);
  test_loop_run_ms (50);
  n_sockets = test_process_count_sockets ();

  inspector->refuses = FALSE;
  for (guint i = 1; i <= 5; i++)
    {
      fake_inspector_take (inspector, NAME);
      WAIT_FOR (inspector->streams->len == 1);
      g_ptr_array_set_size (inspector->streams, 0);
      fake_inspector_give_up (inspector, NAME);
    }
  WAIT_FOR (test_process_count_sockets () <= n_sockets);
  g_assert_cmpuint (wsm_exporter_get_n_clients (exporter), ==, 0);

  fake_inspector_take (inspector, NAME);
  WAIT_FOR (inspector->streams->len == 1);
  bus = fake_inspector_look (inspector);
  WAIT_FOR (wsm_exporter_get_n_clients (exporter) == 1);
  g_assert_true (g_dbus_connection_close_sync (bus, NULL, NULL));
  fake_inspector_free (inspector);
  drop (exporter, pool);
}

static void
note_closed_cb (GDBusConnection *bus,
                gboolean         remote_peer_vanished,
                GError          *error,
                gboolean        *is_closed)
{
  *is_closed = TRUE;
}

/* When the pool goes the inspector sees the end of the stream, and the exporter says so. */
static void
test_bus_pool_goes (void)
{
  FakeInspector *inspector = fake_inspector_new ();
  WsmPool *pool = wsm_pool_new ();
  WsmExporter *exporter = show (pool, "Ticker");
  g_autoptr (GDBusConnection) bus = NULL;
  gboolean is_closed = FALSE;

  fake_inspector_take (inspector, NAME);
  WAIT_FOR (inspector->streams->len == 1);
  bus = fake_inspector_look (inspector);
  g_signal_connect (bus, "closed", G_CALLBACK (note_closed_cb), &is_closed);
  g_assert_finalize_object (pool);
  g_assert_null (wsm_exporter_get_pool (exporter));
  g_assert_cmpuint (wsm_exporter_get_n_clients (exporter), ==, 0);
  WAIT_FOR (is_closed);

  fake_inspector_give_up (inspector, NAME);
  fake_inspector_take (inspector, NAME);
  test_loop_run_ms (100);
  g_assert_cmpuint (inspector->streams->len, ==, 1);
  g_signal_handlers_disconnect_by_data (bus, &is_closed);
  fake_inspector_free (inspector);
  g_assert_finalize_object (exporter);
}

/* Either can go while they are about to meet. */
static void
test_bus_short_lives (void)
{
  FakeInspector *inspector = fake_inspector_new ();

  fake_inspector_take (inspector, NAME);
  for (guint i = 0; i < 60; i++)
    {
      WsmPool *pool = wsm_pool_new ();
      WsmExporter *exporter = show (pool, "Ticker");

      for (guint n = i % 30; n > 0; n--)
        test_loop_turn ();
      if (i % 2 == 0)
        {
          drop (exporter, pool);
        }
      else
        {
          g_assert_finalize_object (pool);
          g_assert_finalize_object (exporter);
        }
    }
  test_loop_run_ms (50);
  fake_inspector_free (inspector);
}

/* A pool that is shown where there is no bus is like any other. */
static int
be_a_program_without_a_bus (void)
{
  WsmPool *pool = wsm_pool_new ();
  WsmExporter *exporter = show (pool, "Ticker");

  test_loop_run_ms (50);
  g_assert_cmpuint (wsm_exporter_get_n_clients (exporter), ==, 0);
  drop (exporter, pool);

  return 0;
}

static void
test_bus_no_bus (gconstpointer data)
{
  const char * const command[] = { data, "--no-bus", NULL };
  static const char * const addresses[] = {
    NULL, "", "unix:path=/nowhere", "autolaunch:", "rubbish"
  };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autoptr (GSubprocessLauncher) launcher = NULL;
      g_autoptr (GSubprocess) program = NULL;
      g_autoptr (GError) error = NULL;

      launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
      if (addresses[i] != NULL)
        g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", addresses[i], TRUE);
      else
        g_subprocess_launcher_unsetenv (launcher, "DBUS_SESSION_BUS_ADDRESS");
      program = g_subprocess_launcher_spawnv (launcher, command, &error);
      g_assert_no_error (error);
      g_assert_true (g_subprocess_wait_check (program, NULL, &error));
      g_assert_no_error (error);
    }
}

/* Programs that know nothing of inspectors, in the language that the argument is named after. */
static void
test_bus_foreign_program (gconstpointer data)
{
  const char * const *command = data;
  FakeInspector *inspector = fake_inspector_new ();
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GSubprocess) program = NULL;
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GVariant) summary = NULL;
  g_autoptr (GVariant) counts = NULL;
  g_autoptr (GVariant) expected = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_closed = FALSE;
  gboolean control;

  fake_inspector_take (inspector, NAME);
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_subprocess_launcher_setenv (launcher, "WSMULTI_INSPECT", "1", TRUE);
  program = g_subprocess_launcher_spawnv (launcher, command, &error);
  g_assert_no_error (error);

  WAIT_FOR (inspector->streams->len == 1);
  bus = fake_inspector_look (inspector);
  g_signal_connect (bus, "closed", G_CALLBACK (note_closed_cb), &is_closed);
  summary = fake_inspector_sum_up (bus);
  g_assert_true (g_variant_lookup (summary, "control", "b", &control));
  g_assert_false (control);
  counts = g_variant_lookup_value (summary, "counts", G_VARIANT_TYPE ("(uuuuu)"));
  expected = g_variant_ref_sink (g_variant_new ("(uuuuu)", 2, 0, 0, 0, 0));
  g_assert_cmpvariant (counts, expected);
  /* Neither says how it is called. */
  g_assert_cmpstr (look_up_text (summary, "name"), !=, NULL);
  g_assert_cmpstr (look_up_text (summary, "program"), !=, NULL);

  g_subprocess_force_exit (program);
  WAIT_FOR (is_closed);
  g_signal_handlers_disconnect_by_data (bus, &is_closed);
  fake_inspector_free (inspector);
}

/* Two connections that are not opened, and a loop. */
static int
be_a_foreign_program (void)
{
  g_autoptr (WsmPool) pool = wsm_pool_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (WsmConnection) feed = wsm_connection_new ("ws://127.0.0.1/");

      g_assert_true (wsm_pool_add_connection (pool, feed, NULL));
    }
  g_main_loop_run (loop);

  return 0;
}

/* An app that shows its pool itself is not shown twice, in whatever order. */
static int
be_a_program_that_shows_itself (void)
{
  g_autoptr (WsmPool) pool = wsm_pool_new ();
  g_autoptr (WsmExporter) exporter = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  exporter = g_object_new (WSM_TYPE_EXPORTER, "pool", pool, "name", "Myself", NULL);
  g_main_loop_run (loop);

  return 0;
}

static void
test_bus_program_that_shows_itself (gconstpointer data)
{
  const char * const command[] = { data, "--shows-itself", NULL };
  FakeInspector *inspector = fake_inspector_new ();
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GSubprocess) program = NULL;
  g_autoptr (GError) error = NULL;

  fake_inspector_take (inspector, NAME);
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_subprocess_launcher_setenv (launcher, "WSMULTI_INSPECT", "1", TRUE);
  program = g_subprocess_launcher_spawnv (launcher, command, &error);
  g_assert_no_error (error);

  WAIT_FOR (inspector->streams->len == 1);
  g_assert_cmpstr (look_up_text (g_ptr_array_index (inspector->abouts, 0), "name"), ==, "Myself");
  test_loop_run_ms (200);
  g_assert_cmpuint (inspector->streams->len, ==, 1);
  g_subprocess_force_exit (program);
  g_assert_true (g_subprocess_wait (program, NULL, NULL));
  fake_inspector_free (inspector);
}

int
main (int    argc,
      char **argv)
{
  const char *c_command[] = { argv[0], "--pool", NULL };
  const char *python_command[] = { g_getenv ("WSM_TEST_PYTHON"), g_getenv ("WSM_TEST_PROGRAM"),
                                   NULL };
  BusDaemon *daemon;
  int status;

  if (g_strcmp0 (argv[1], "--pool") == 0)
    return be_a_foreign_program ();
  if (g_strcmp0 (argv[1], "--shows-itself") == 0)
    return be_a_program_that_shows_itself ();

  if (g_strcmp0 (argv[1], "--no-bus") == 0)
    return be_a_program_without_a_bus ();

  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("XDG_RUNTIME_DIR");
  daemon = bus_daemon_new ();
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", bus_daemon_get_address (daemon), TRUE);

  g_test_add_data_func ("/exporter-bus/meets-when-the-inspector-was-there", GINT_TO_POINTER (TRUE),
                        test_bus_meets);
  g_test_add_data_func ("/exporter-bus/meets-when-the-inspector-comes", GINT_TO_POINTER (FALSE),
                        test_bus_meets);
  g_test_add_func ("/exporter-bus/shows-the-pool-to-two-inspectors", test_bus_two_inspectors);
  g_test_add_func ("/exporter-bus/calls-an-inspector-once", test_bus_one_call_an_inspector);
  g_test_add_func ("/exporter-bus/calls-again-when-it-comes-back", test_bus_comes_back);
  g_test_add_func ("/exporter-bus/lives-with-a-refusal", test_bus_refusal);
  g_test_add_func ("/exporter-bus/ends-with-the-pool", test_bus_pool_goes);
  g_test_add_func ("/exporter-bus/either-can-go-at-any-time", test_bus_short_lives);
  g_test_add_data_func ("/exporter-bus/needs-no-bus", argv[0], test_bus_no_bus);
  g_test_add_data_func ("/exporter-bus/shows-a-foreign-program-in-c", c_command,
                        test_bus_foreign_program);
  if (python_command[0] != NULL)
    g_test_add_data_func ("/exporter-bus/shows-a-foreign-program-in-python", python_command,
                          test_bus_foreign_program);
  g_test_add_data_func ("/exporter-bus/is-not-shown-twice", argv[0],
                        test_bus_program_that_shows_itself);

  status = g_test_run ();
  bus_daemon_free (daemon);

  return status;
}
