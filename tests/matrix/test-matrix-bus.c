/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "bus-daemon.h"
#include "fake-inspector.h"
#include "matrix.h"
#include "scene.h"
#include "test-loop.h"
#include "test-process.h"

/* The row about inspectors that hang or die, and the bus with them: who is looked at does not
 * notice. */

#define NAME "io.github.wsmulti.Inspector"
#define N_CONNECTIONS 20
#define INTERVAL_MS 20
#define WATCH_MS 50
#define MAX_BYTES (1024 * 1024)

static const char *program;

static void
watch (GDBusConnection *bus)
{
  g_dbus_connection_call (bus, NULL, "/io/github/wsmulti/Pool1", "io.github.wsmulti.Pool1",
                          "Watch", g_variant_new ("(utu)", WATCH_MS, G_GUINT64_CONSTANT (0),
                                                  G_MAXUINT32),
                          NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

/* What the program is when it is started with a name: an inspector that watches everything. */
static int
be_an_inspector (const char *name)
{
  FakeInspector *inspector = fake_inspector_new ();
  g_autoptr (GDBusConnection) bus = NULL;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  fake_inspector_take (inspector, name);
  WAIT_FOR (inspector->streams->len == 1);
  bus = fake_inspector_look (inspector);
  watch (bus);
  for (;;)
    test_loop_turn ();

  return 0;
}

static GSubprocess *
start_inspector (const char *name)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *inspector = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program,
                                             "--inspector", name, NULL);

  g_assert_no_error (error);

  return inspector;
}

typedef struct
{
  BusDaemon *daemon; /* (owned) (nullable) */
  Scene *scene;      /* (owned) */
  WsmExporter *exporter; /* (owned) */
  GPtrArray *witnesses;  /* (owned) (element-type Witness) */
} Fixture;

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                     "interval", INTERVAL_MS,
                                                     "timeout", 1000,
                                                     "idle-only", FALSE,
                                                     NULL);

  fixture->daemon = bus_daemon_new ();
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", bus_daemon_get_address (fixture->daemon), TRUE);
  fixture->scene = scene_new ();
  wsm_pool_set_heartbeat (fixture->scene->pool, heartbeat);
  scene_add_path (fixture->scene, "/a");
  fixture->witnesses = g_ptr_array_new_with_free_func ((GDestroyNotify) witness_free);
  for (guint i = 0; i < N_CONNECTIONS; i++)
    g_ptr_array_add (fixture->witnesses, scene_open (fixture->scene, "/a"));
  fixture->exporter = wsm_exporter_new (fixture->scene->pool);
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  g_assert_finalize_object (fixture->exporter);
  g_ptr_array_unref (fixture->witnesses);
  scene_free (fixture->scene);
  g_clear_pointer (&fixture->daemon, bus_daemon_free);
}

/* Nobody was lost, and each beats as often as it should. */
static void
check_beats (Fixture *fixture,
             guint    duration_ms)
{
  guint n_beats[N_CONNECTIONS];

  for (guint i = 0; i < N_CONNECTIONS; i++)
    n_beats[i] = ((Witness *) g_ptr_array_index (fixture->witnesses, i))->n_beats;
  test_loop_run_ms (duration_ms);
  for (guint i = 0; i < N_CONNECTIONS; i++)
    {
      Witness *witness = g_ptr_array_index (fixture->witnesses, i);

      g_assert_cmpuint (witness->n_disconnected, ==, 0);
      g_assert_cmpuint (witness->n_beats - n_beats[i], >=, duration_ms / INTERVAL_MS / 2);
    }
}

static void
check_memory (gsize       before,
              const char *what)
{
  gssize more = (gssize) test_process_count_resident () - (gssize) before;

  matrix_measured ("F49", "%s: %d connections beat on every %d ms, %" G_GSSIZE_FORMAT " KiB more",
                   what, N_CONNECTIONS, INTERVAL_MS, more / 1024);
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpint (more, <, MAX_BYTES);
#endif
}

static void
test_stopped_and_killed (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (GSubprocess) inspector = start_inspector (NAME);
  gsize before;

  WAIT_FOR (wsm_exporter_get_n_clients (fixture->exporter) == 1);
  check_beats (fixture, 500);
  before = test_process_count_resident ();
  g_subprocess_send_signal (inspector, SIGSTOP);
  check_beats (fixture, 2000);
  check_memory (before, "an inspector stopped for 2 s");

  g_subprocess_send_signal (inspector, SIGKILL);
  WAIT_FOR (wsm_exporter_get_n_clients (fixture->exporter) == 0);
  check_beats (fixture, 300);
  g_subprocess_wait (inspector, NULL, NULL);
}

static void
test_bus_dies (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (GSubprocess) inspector = start_inspector (NAME);
  gsize before;

  WAIT_FOR (wsm_exporter_get_n_clients (fixture->exporter) == 1);
  check_beats (fixture, 500);
  before = test_process_count_resident ();
  g_clear_pointer (&fixture->daemon, bus_daemon_free);
  check_beats (fixture, 500);
  check_memory (before, "the bus dead");
  g_subprocess_force_exit (inspector);
  g_subprocess_wait (inspector, NULL, NULL);
}

/* By somebody who is no inspector, or does not want to be. */
static void
test_name_taken (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (GDBusConnection) stranger = bus_daemon_connect (fixture->daemon);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  gsize before = test_process_count_resident ();

  reply = g_dbus_connection_call_sync (stranger, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", NAME, 0), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  check_beats (fixture, 500);
  WAIT_FOR (wsm_exporter_get_n_clients (fixture->exporter) == 0);
  check_memory (before, "the name taken by a stranger");
  g_assert_true (g_dbus_connection_close_sync (stranger, NULL, NULL));
}

static void
test_many_watchers (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (GPtrArray) streams = g_ptr_array_new_with_free_func (g_object_unref);
  gsize before;

  check_beats (fixture, 300);
  before = test_process_count_resident ();
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (GError) error = NULL;
      GIOStream *stream = wsm_exporter_connect_client (fixture->exporter, &error);

      if (stream != NULL)
        g_ptr_array_add (streams, stream);
      else
        g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED);
    }
  g_assert_cmpuint (streams->len, ==, 16);
  check_beats (fixture, 500);
  check_memory (before, "1,000 watchers, 16 of them let in");

  /* When they go there is room for others. */
  g_ptr_array_set_size (streams, 0);
  test_loop_run_ms (100);
  g_ptr_array_add (streams, wsm_exporter_connect_client (fixture->exporter, NULL));
  g_assert_nonnull (g_ptr_array_index (streams, 0));
}

int
main (int   argc,
      char *argv[])
{
  if (argc > 2 && g_str_equal (argv[1], "--inspector"))
    return be_an_inspector (argv[2]);

  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("XDG_RUNTIME_DIR");

#define ADD(path, func) \
  g_test_add (path, Fixture, NULL, fixture_set_up, test_##func, fixture_tear_down)
  ADD ("/matrix/f49-inspector-stopped-and-killed", stopped_and_killed);
  ADD ("/matrix/f49-bus-dies", bus_dies);
  ADD ("/matrix/f49-name-taken", name_taken);
  ADD ("/matrix/f49-a-thousand-watchers", many_watchers);
#undef ADD

  return g_test_run ();
}
