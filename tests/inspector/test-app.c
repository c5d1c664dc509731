/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "app-fixture.h"

#include <glib/gstdio.h>
#include <headers.h>
#include <wsm-echo.h>

#include "wsi-confirm-dialog.h"
#include "wsi-faults.h"
#include "wsi-send-dialog.h"
#include "wsi-window-internal.h"

/* The whole program, from its actions to what comes of them. */

static WsmConnection *
lookup (AppFixture *fixture,
        const char *name)
{
  return wsm_pool_lookup (app_fixture_get_pool (fixture), name);
}

static WsmState
state_of (AppFixture *fixture,
          const char *name)
{
  WsmConnection *connection = lookup (fixture, name);

  g_assert_nonnull (connection);

  return wsm_connection_get_state (connection);
}

static WsiState
shown_state (AppFixture *fixture)
{
  WsiConnection *connection = wsi_window_get_connection (fixture->window);

  return connection != NULL ? wsi_connection_get_state (connection) : WSI_STATE_UNKNOWN;
}

static guint
count_connections (AppFixture *fixture)
{
  return g_list_model_get_n_items (G_LIST_MODEL (app_fixture_get_pool (fixture)));
}

/* Starts the demo server, and shows one of its connections once that is open. */
static void
show_demo (AppFixture *fixture,
           const char *name)
{
  app_fixture_activate (fixture, "win.demo", NULL);
  g_assert_true (wsi_demo_get_running (wsi_application_get_demo (fixture->application)));
  WAIT_FOR (wsi_window_show_connection (fixture->window, name));
  WAIT_FOR (shown_state (fixture) == WSI_STATE_OPEN);
}

static const char *
get_content (AppFixture *fixture)
{
  return gtk_stack_get_visible_child_name (app_fixture_get_child (fixture, "content_stack"));
}

static void
test_first_start_says_what_next (AppFixture    *fixture,
                                 gconstpointer  user_data)
{
  g_assert_cmpstr (get_content (fixture), ==, "welcome");
  g_assert_nonnull (app_fixture_find (GTK_WIDGET (fixture->window), "Add Connection…"));
  g_assert_nonnull (app_fixture_find (GTK_WIDGET (fixture->window), "Start Demo Server"));
  g_assert_false (app_fixture_enabled (fixture, "connection.ping"));
  g_assert_false (app_fixture_enabled (fixture, "own.remove"));
  g_assert_false (app_fixture_enabled (fixture, "win.save-recording"));

  g_assert_true (app_fixture_enabled (fixture, "win.show-help-overlay"));
  g_assert_nonnull (app_fixture_dialog (g_type_from_name ("GtkShortcutsWindow")));
}

static void
test_demo_stops_and_starts_again (AppFixture    *fixture,
                                  gconstpointer  user_data)
{
  WsiDemo *demo = wsi_application_get_demo (fixture->application);

  show_demo (fixture, "/healthy");
  g_assert_cmpstr (get_content (fixture), ==, "list");
  g_assert_cmpuint (count_connections (fixture), ==, 5);
  WAIT_FOR (state_of (fixture, "/slow") == WSM_STATE_OPEN);
  WAIT_FOR (state_of (fixture, "/refuse") == WSM_STATE_WAITING);

  app_fixture_activate (fixture, "win.demo", NULL);
  g_assert_false (wsi_demo_get_running (demo));
  WAIT_FOR (state_of (fixture, "/healthy") == WSM_STATE_WAITING);

  /* On the same port, or they would not find it. */
  app_fixture_activate (fixture, "win.demo", NULL);
  WAIT_FOR (state_of (fixture, "/healthy") == WSM_STATE_OPEN);
  g_assert_cmpuint (count_connections (fixture), ==, 5);
}

static void
message_cb (WsiConnectionActions *actions,
            const char           *message,
            gpointer              user_data)
{
  char **last = user_data;

  g_free (*last);
  *last = g_strdup (message);
}

static void
test_actions_follow_the_state (AppFixture    *fixture,
                               gconstpointer  user_data)
{
  g_autofree char *message = NULL;
  GtkWindow *dialog;

  g_signal_connect (fixture->window->connection_actions, "message", G_CALLBACK (message_cb),
                    &message);
  show_demo (fixture, "/healthy");
  g_assert_true (app_fixture_enabled (fixture, "connection.ping"));
  g_assert_false (app_fixture_enabled (fixture, "connection.retry"));

  app_fixture_activate (fixture, "connection.ping", NULL);
  WAIT_FOR (message != NULL);
  g_assert_true (g_str_has_prefix (message, "Pong from /healthy after "));
  g_clear_pointer (&message, g_free);

  app_fixture_activate (fixture, "connection.pause", NULL);
  WAIT_FOR (wsm_connection_get_paused (lookup (fixture, "/healthy")));
  WAIT_FOR (wsi_connection_get_paused (wsi_window_get_connection (fixture->window)));
  app_fixture_activate (fixture, "connection.pause", NULL);
  WAIT_FOR (!wsm_connection_get_paused (lookup (fixture, "/healthy")));

  app_fixture_activate (fixture, "connection.send", NULL);
  dialog = app_fixture_dialog (WSI_TYPE_SEND_DIALOG);
  g_assert_nonnull (dialog);
  wsi_send_dialog_set_text (WSI_SEND_DIALOG (dialog), "{\"op\": 1}");
  g_assert_nonnull (app_fixture_find (GTK_WIDGET (dialog), "9 bytes · JSON"));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (dialog), "dialog.send", NULL));
  WAIT_FOR (g_strcmp0 (message, "Sent to /healthy") == 0);
  WAIT_FOR (wsm_connection_get_n_messages_received (lookup (fixture, "/healthy")) == 1);
  gtk_window_destroy (dialog);

  /* One of ours is closed without a question, and can be opened again. */
  app_fixture_activate (fixture, "connection.close", NULL);
  g_assert_null (app_fixture_dialog (WSI_TYPE_CONFIRM_DIALOG));
  WAIT_FOR (shown_state (fixture) == WSI_STATE_CLOSED);
  g_assert_false (app_fixture_enabled (fixture, "connection.ping"));
  g_assert_false (app_fixture_enabled (fixture, "connection.close"));
  app_fixture_activate (fixture, "connection.retry", NULL);
  WAIT_FOR (shown_state (fixture) == WSI_STATE_OPEN);

  g_signal_handlers_disconnect_by_data (fixture->window->connection_actions, &message);
}

/* A pool as another program would show it. */
static WsiSource *
add_program (AppFixture *fixture,
             WsmPool    *pool,
             gboolean    allow_control)
{
  g_autoptr (WsmExporter) exporter = NULL;
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  WsiSource *source;

  exporter = g_object_new (WSM_TYPE_EXPORTER, "pool", pool, "announce", FALSE,
                           "allow-control", allow_control, NULL);
  stream = wsm_exporter_connect_client (exporter, &error);
  g_assert_no_error (error);
  g_object_set_data_full (G_OBJECT (pool), "exporter", g_steal_pointer (&exporter),
                          g_object_unref);
  source = wsi_hub_add_stream (wsi_application_get_hub (fixture->application), stream, NULL,
                               WSI_SOURCE_KIND_APP);
  WAIT_FOR (!wsi_source_get_loading (source) && wsi_source_get_n_connections (source) > 0);

  return source;
}

static void
show_first (AppFixture *fixture,
            WsiSource  *source)
{
  g_autoptr (WsiConnection) row = g_list_model_get_item (wsi_source_get_connections (source), 0);

  wsi_window_set_source (fixture->window, source);
  wsi_window_set_connection (fixture->window, row);
}

static void
test_program_that_is_only_looked_at (AppFixture    *fixture,
                                     gconstpointer  user_data)
{
  static const char * const commands[] = { "ping", "retry", "pause", "close", "abort", "send" };
  g_autoptr (WsmPool) pool = wsm_pool_new ();

  g_assert_nonnull (wsm_pool_add (pool, "ws://127.0.0.1:9/", NULL));
  show_first (fixture, add_program (fixture, pool, FALSE));

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *action = g_strconcat ("connection.", commands[i], NULL);

      g_assert_false (app_fixture_enabled (fixture, action));
    }
  g_assert_true (app_fixture_enabled (fixture, "connection.copy-uri"));
  g_assert_true (app_fixture_enabled (fixture, "own.notify"));
  g_assert_false (app_fixture_enabled (fixture, "own.remove"));
  g_assert_false (app_fixture_enabled (fixture, "own.silent"));

  g_object_set_data (G_OBJECT (pool), "exporter", NULL);
}

static void
test_program_of_others_is_asked_about (AppFixture    *fixture,
                                       gconstpointer  user_data)
{
  g_autoptr (WsmEchoServer) server = wsm_echo_server_new ();
  g_autoptr (WsmPool) pool = wsm_pool_new ();
  g_autofree char *uri = NULL;
  g_autoptr (GError) error = NULL;
  WsmConnection *connection;
  GtkWidget *dialog;

  wsm_echo_server_add_path (server, "/feed");
  wsm_echo_server_start (server, &error);
  g_assert_no_error (error);
  uri = wsm_echo_server_dup_uri (server, "/feed");
  connection = wsm_pool_add (pool, uri, &error);
  g_assert_no_error (error);
  g_assert_true (wsm_connection_open (connection, &error));
  show_first (fixture, add_program (fixture, pool, TRUE));
  WAIT_FOR (shown_state (fixture) == WSI_STATE_OPEN);

  app_fixture_activate (fixture, "connection.abort", NULL);
  dialog = app_fixture_dialog (WSI_TYPE_CONFIRM_DIALOG);
  g_assert_nonnull (dialog);
  gtk_window_close (GTK_WINDOW (dialog));
  WAIT_FOR (app_fixture_dialog (WSI_TYPE_CONFIRM_DIALOG) == NULL);
  g_assert_cmpuint (wsm_connection_get_state (connection), ==, WSM_STATE_OPEN);

  app_fixture_activate (fixture, "connection.close", NULL);
  dialog = app_fixture_dialog (WSI_TYPE_CONFIRM_DIALOG);
  g_assert_nonnull (dialog);
  dialog = gtk_widget_get_ancestor (app_fixture_find (dialog, "Close Connection"),
                                    GTK_TYPE_BUTTON);
  g_signal_emit_by_name (dialog, "clicked");
  WAIT_FOR (wsm_connection_get_state (connection) == WSM_STATE_CLOSED);
  g_assert_null (app_fixture_dialog (WSI_TYPE_CONFIRM_DIALOG));

  g_object_set_data (G_OBJECT (pool), "exporter", NULL);
}

static void
test_faults (AppFixture    *fixture,
             gconstpointer  user_data)
{
  WsiConnection *row;
  gboolean is_disturbed = FALSE;

  show_demo (fixture, "/healthy");
  row = wsi_window_get_connection (fixture->window);
  g_assert_true (app_fixture_enabled (fixture, "own.drop-pongs"));

  app_fixture_activate (fixture, "own.drop-pongs", NULL);
  g_object_get (fixture->window->own_actions, "disturbed", &is_disturbed, NULL);
  g_assert_true (is_disturbed);
  WAIT_FOR (wsi_connection_get_state (row) == WSI_STATE_SUSPECT);
  app_fixture_activate (fixture, "own.drop-pongs", NULL);
  WAIT_FOR (wsi_connection_get_state (row) == WSI_STATE_OPEN);

  app_fixture_activate (fixture, "own.delay", g_variant_new_string ("500"));
  WAIT_FOR (wsi_connection_get_round_trip (row) >= 500);
  app_fixture_activate (fixture, "own.delay", g_variant_new_string ("0"));
  WAIT_FOR (wsi_connection_get_round_trip (row) < 400);

  app_fixture_activate (fixture, "own.silent", NULL);
  WAIT_FOR (wsi_connection_get_state (row) == WSI_STATE_SUSPECT);
  app_fixture_activate (fixture, "own.silent", NULL);
  g_object_get (fixture->window->own_actions, "disturbed", &is_disturbed, NULL);
  g_assert_false (is_disturbed);
}

static void
test_pongs_cannot_be_dropped_below_tls (AppFixture    *fixture,
                                        gconstpointer  user_data)
{
  wsi_window_open_uri (fixture->window, "wss://127.0.0.1:9/");
  WAIT_FOR (wsi_window_get_connection (fixture->window) != NULL);

  g_assert_false (app_fixture_enabled (fixture, "own.drop-pongs"));
  g_assert_true (app_fixture_enabled (fixture, "own.silent"));
  g_assert_nonnull (wsi_own_actions_get_objection (fixture->window->own_actions));
}

static WsmConnection *
add_feed (AppFixture *fixture)
{
  const char *headers[] = { "X-Api-Key: secret", NULL };
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autoptr (WsmConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "interval", 7000, "idle-only", FALSE, NULL);
  connection = g_object_new (WSM_TYPE_CONNECTION, "uri", "ws://127.0.0.1:9/a?token=x",
                             "name", "feed & co", "heartbeat", heartbeat, NULL);
  wsm_ini_headers_set (connection, headers);
  wsi_own_pool_add (wsi_application_get_own_pool (fixture->application), connection, TRUE, &error);
  g_assert_no_error (error);
  WAIT_FOR (wsi_window_show_connection (fixture->window, "feed & co"));

  return lookup (fixture, "feed & co");
}

static void
assert_feed (WsmConnection *feed)
{
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (feed);

  g_assert_cmpstr (wsm_connection_get_uri (feed), ==, "ws://127.0.0.1:9/a?token=x");
  g_assert_cmpuint (wsm_heartbeat_get_interval (heartbeat), ==, 7000);
  g_assert_cmpstr (wsm_ini_headers_get (feed)[0], ==, "X-Api-Key: secret");
}

static void
test_connections_are_kept (AppFixture    *fixture,
                           gconstpointer  user_data)
{
  GStatBuf status;

  show_demo (fixture, "/healthy");
  add_feed (fixture);
  app_fixture_stop (fixture);
  g_assert_cmpint (g_stat (fixture->path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);

  /* But not those of the demo server, which is not there any more. */
  app_fixture_start (fixture);
  g_assert_cmpuint (count_connections (fixture), ==, 1);
  assert_feed (lookup (fixture, "feed & co"));
}

static void
test_broken_file_is_kept_aside (AppFixture    *fixture,
                                gconstpointer  user_data)
{
  const char *broken = "[feed]\nuri=nonsense\n";
  g_autofree char *aside = g_strconcat (fixture->path, ".broken", NULL);
  g_autofree char *aside_2 = g_strconcat (fixture->path, ".broken-2", NULL);
  g_autofree char *text = NULL;

  for (guint i = 0; i < 2; i++)
    {
      app_fixture_stop (fixture);
      g_assert_true (g_file_set_contents (fixture->path, broken, -1, NULL));
      app_fixture_start (fixture);
      g_assert_cmpuint (count_connections (fixture), ==, 0);
      g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
      /* And that is told, with the new name of the file. */
      g_assert_nonnull (app_fixture_dialog (WSI_TYPE_CONFIRM_DIALOG));
      gtk_window_destroy (app_fixture_dialog (WSI_TYPE_CONFIRM_DIALOG));
    }

  add_feed (fixture);
  WAIT_FOR (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (aside, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, broken);
  g_assert_true (g_file_test (aside_2, G_FILE_TEST_EXISTS));
}

static void
test_removing_can_be_undone (AppFixture    *fixture,
                             gconstpointer  user_data)
{
  GtkWidget *label = NULL;

  add_feed (fixture);
  app_fixture_activate (fixture, "own.remove", NULL);
  g_assert_cmpuint (count_connections (fixture), ==, 0);
  g_assert_null (wsi_window_get_connection (fixture->window));

  WAIT_FOR ((label = app_fixture_find (GTK_WIDGET (fixture->window), "Undo")) != NULL);
  g_assert_nonnull (app_fixture_find (GTK_WIDGET (fixture->window), "“feed & co” removed"));
  g_signal_emit_by_name (gtk_widget_get_ancestor (label, GTK_TYPE_BUTTON), "clicked");
  WAIT_FOR (count_connections (fixture) == 1);
  assert_feed (lookup (fixture, "feed & co"));
  WAIT_FOR (wsi_window_get_connection (fixture->window) != NULL);
  WAIT_FOR (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

static void
test_lists_go_out_and_in (AppFixture    *fixture,
                          gconstpointer  user_data)
{
  WsiOwnPool *own_pool = wsi_application_get_own_pool (fixture->application);
  g_autofree char *path = g_build_filename (g_get_user_data_dir (), "list.ini", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;

  add_feed (fixture);
  wsi_own_pool_export (own_pool, path, &error);
  g_assert_no_error (error);

  /* What is there already stays. */
  wsi_window_open_file (fixture->window, file);
  g_assert_cmpuint (count_connections (fixture), ==, 2);
  assert_feed (lookup (fixture, "feed & co"));
  assert_feed (lookup (fixture, "feed & co (2)"));
  WAIT_FOR (app_fixture_find (GTK_WIDGET (fixture->window), "1 connection added") != NULL);

  g_assert_true (g_file_set_contents (path, "[a]\nuri=ws://127.0.0.1/\n[b]\n", -1, NULL));
  wsi_window_open_file (fixture->window, file);
  g_assert_cmpuint (count_connections (fixture), ==, 2);
  g_assert_nonnull (app_fixture_dialog (WSI_TYPE_CONFIRM_DIALOG));
  gtk_window_destroy (app_fixture_dialog (WSI_TYPE_CONFIRM_DIALOG));
}

/* By what is in it, whatever it is called. */
static void
test_recordings_are_opened (AppFixture    *fixture,
                            gconstpointer  user_data)
{
  g_autofree char *path = g_build_filename (g_get_user_data_dir (), "list.ini", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  WsiSource *own;

  show_demo (fixture, "/healthy");
  own = wsi_window_get_source (fixture->window);
  g_assert_true (app_fixture_enabled (fixture, "win.save-recording"));
  app_fixture_save_recording (own, NULL, file);

  wsi_window_open_file (fixture->window, file);
  WAIT_FOR (wsi_window_get_source (fixture->window) != own);
  g_assert_cmpint (wsi_source_get_kind (wsi_window_get_source (fixture->window)), ==,
                   WSI_SOURCE_KIND_RECORDING);
  g_assert_cmpuint (wsi_source_get_n_connections (wsi_window_get_source (fixture->window)), ==, 5);
  show_first (fixture, wsi_window_get_source (fixture->window));
  g_assert_false (app_fixture_enabled (fixture, "connection.ping"));
  g_assert_false (app_fixture_enabled (fixture, "own.silent"));

  app_fixture_activate (fixture, "win.dismiss", NULL);
  WAIT_FOR (wsi_window_get_source (fixture->window) == own);
}

static void
test_uri_of_the_command_line (AppFixture    *fixture,
                              gconstpointer  user_data)
{
  g_autoptr (GFile) file = g_file_new_for_uri ("ws://127.0.0.1:9/a%20b?c=d&e=%2f");

  g_application_open (G_APPLICATION (fixture->application), &file, 1, "");
  WAIT_FOR (count_connections (fixture) == 1);
  {
    g_autoptr (WsmConnection) connection = NULL;

    connection = g_list_model_get_item (G_LIST_MODEL (app_fixture_get_pool (fixture)), 0);
    g_assert_cmpstr (wsm_connection_get_uri (connection), ==, "ws://127.0.0.1:9/a%20b?c=d&e=%2f");
  }
  WAIT_FOR (wsi_window_get_connection (fixture->window) != NULL);
}

static void
exited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, &error);
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

/* Started once more, it tells the one that runs, and ends. */
static void
test_second_start_speaks_to_the_first (AppFixture    *fixture,
                                       gconstpointer  user_data)
{
  const char *program = g_getenv ("WSMULTI_INSPECTOR");
  g_autoptr (GSubprocess) second = NULL;
  g_autoptr (GError) error = NULL;
  gboolean has_exited = FALSE;

  if (program == NULL)
    {
      g_test_skip ("the program is not built");
      return;
    }

  second = g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error, program, "--demo",
                             "ws://127.0.0.1:9/a", "wss://127.0.0.1:9/b", NULL);
  g_assert_no_error (error);
  g_subprocess_wait_check_async (second, NULL, exited_cb, &has_exited);
  WAIT_FOR (has_exited);
  WAIT_FOR (count_connections (fixture) == 7);
  g_assert_true (wsi_demo_get_running (wsi_application_get_demo (fixture->application)));
}

static void
test_version_is_printed (AppFixture    *fixture,
                         gconstpointer  user_data)
{
  const char *program = g_getenv ("WSMULTI_INSPECTOR");
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *text = NULL;

  if (program == NULL)
    {
      g_test_skip ("the program is not built");
      return;
    }

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                              NULL, program, "--version", NULL);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &text, NULL, NULL));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
  g_assert_cmpstr (text, ==, "wsmulti-inspector " PACKAGE_VERSION "\n");
}

/* What shows notifications, as far as the program needs it. */
typedef struct
{
  GPtrArray *summaries; /* (owned) (element-type utf8) */
  GDBusConnection *bus; /* (owned) */
  GDBusNodeInfo *info;  /* (owned) */
  guint object_id;
  guint name_id;
} Desktop;

static const char notifications_xml[] =
  "<node><interface name='org.freedesktop.Notifications'>"
  "<method name='Notify'>"
  "<arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='s' direction='in'/>"
  "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='as' direction='in'/>"
  "<arg type='a{sv}' direction='in'/><arg type='i' direction='in'/>"
  "<arg type='u' direction='out'/></method>"
  "<method name='CloseNotification'><arg type='u' direction='in'/></method>"
  "</interface></node>";

static void
desktop_method_call (GDBusConnection       *connection,
                     const char            *sender,
                     const char            *object_path,
                     const char            *interface_name,
                     const char            *method_name,
                     GVariant              *parameters,
                     GDBusMethodInvocation *invocation,
                     gpointer               user_data)
{
  Desktop *desktop = user_data;
  const char *summary;

  if (!g_str_equal (method_name, "Notify"))
    {
      g_dbus_method_invocation_return_value (invocation, NULL);
      return;
    }

  g_variant_get_child (parameters, 3, "&s", &summary);
  g_ptr_array_add (desktop->summaries, g_strdup (summary));
  g_dbus_method_invocation_return_value (invocation,
                                         g_variant_new ("(u)", desktop->summaries->len));
}

static void
desktop_name_cb (GDBusConnection *connection,
                 const char      *name,
                 gpointer         user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
desktop_start (Desktop *desktop)
{
  static const GDBusInterfaceVTable vtable = { desktop_method_call, NULL, NULL, { 0 } };
  g_autoptr (GError) error = NULL;
  gboolean is_owned = FALSE;

  desktop->summaries = g_ptr_array_new_with_free_func (g_free);
  desktop->bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  desktop->info = g_dbus_node_info_new_for_xml (notifications_xml, &error);
  g_assert_no_error (error);
  desktop->object_id =
    g_dbus_connection_register_object (desktop->bus, "/org/freedesktop/Notifications",
                                       desktop->info->interfaces[0], &vtable, desktop, NULL,
                                       &error);
  g_assert_no_error (error);
  desktop->name_id = g_bus_own_name_on_connection (desktop->bus, "org.freedesktop.Notifications",
                                                   0, desktop_name_cb, NULL, &is_owned, NULL);
  WAIT_FOR (is_owned);
}

static void
desktop_stop (Desktop *desktop)
{
  g_bus_unown_name (desktop->name_id);
  g_dbus_connection_unregister_object (desktop->bus, desktop->object_id);
  g_dbus_node_info_unref (desktop->info);
  g_object_unref (desktop->bus);
  g_ptr_array_unref (desktop->summaries);
}

static void
test_loss_is_told_of_on_request (AppFixture    *fixture,
                                 gconstpointer  user_data)
{
  WsiNotifier *notifier = wsi_application_get_notifier (fixture->application);
  Desktop desktop;

  desktop_start (&desktop);
  show_demo (fixture, "/healthy");
  g_assert_false (wsi_notifier_get_enabled (notifier, "/healthy"));
  app_fixture_activate (fixture, "own.notify", NULL);
  g_assert_true (wsi_notifier_get_enabled (notifier, "/healthy"));

  /* Of five that are lost it tells one. */
  app_fixture_activate (fixture, "win.demo", NULL);
  WAIT_FOR (desktop.summaries->len == 1);
  g_assert_cmpstr (desktop.summaries->pdata[0], ==, "/healthy Is Lost");
  app_fixture_activate (fixture, "win.demo", NULL);
  WAIT_FOR (desktop.summaries->len == 2);
  g_assert_cmpstr (desktop.summaries->pdata[1], ==, "/healthy Is Back");
  WAIT_FOR (state_of (fixture, "/slow") == WSM_STATE_OPEN);
  g_assert_cmpuint (desktop.summaries->len, ==, 2);

  /* As when it is clicked. */
  WAIT_FOR (wsi_window_show_connection (fixture->window, "/slow"));
  g_action_group_activate_action (G_ACTION_GROUP (fixture->application), "show-connection",
                                  g_variant_new_string ("/healthy"));
  g_assert_cmpstr (wsi_connection_get_name (wsi_window_get_connection (fixture->window)), ==,
                   "/healthy");

  app_fixture_activate (fixture, "own.notify", NULL);
  g_assert_false (wsi_notifier_get_enabled (notifier, "/healthy"));
  desktop_stop (&desktop);
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);

#define ADD(path, function) \
  g_test_add ("/app/" path, AppFixture, NULL, app_fixture_set_up, function, app_fixture_tear_down)

  ADD ("first-start-says-what-next", test_first_start_says_what_next);
  ADD ("demo-stops-and-starts-again", test_demo_stops_and_starts_again);
  ADD ("actions-follow-the-state", test_actions_follow_the_state);
  ADD ("program-that-is-only-looked-at", test_program_that_is_only_looked_at);
  ADD ("program-of-others-is-asked-about", test_program_of_others_is_asked_about);
  ADD ("faults", test_faults);
  ADD ("pongs-cannot-be-dropped-below-tls", test_pongs_cannot_be_dropped_below_tls);
  ADD ("connections-are-kept", test_connections_are_kept);
  ADD ("broken-file-is-kept-aside", test_broken_file_is_kept_aside);
  ADD ("removing-can-be-undone", test_removing_can_be_undone);
  ADD ("lists-go-out-and-in", test_lists_go_out_and_in);
  ADD ("recordings-are-opened", test_recordings_are_opened);
  ADD ("uri-of-the-command-line", test_uri_of_the_command_line);
  ADD ("second-start-speaks-to-the-first", test_second_start_speaks_to_the_first);
  ADD ("version-is-printed", test_version_is_printed);
  ADD ("loss-is-told-of-on-request", test_loss_is_told_of_on_request);

#undef ADD

  return g_test_run ();
}
