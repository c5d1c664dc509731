/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "bus-daemon.h"

#include <signal.h>
#include <sys/prctl.h>

struct _BusDaemon
{
  GSubprocess *process; /* (owned) */
  char *address;        /* (owned) */
};

/* A test that crashes must not leave its bus behind. */
static void
bus_daemon_set_up_child_cb (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

BusDaemon *
bus_daemon_new (void)
{
  BusDaemon *self = g_new0 (BusDaemon, 1);
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GDataInputStream) output = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_child_setup (launcher, bus_daemon_set_up_child_cb, NULL, NULL);
  self->process = g_subprocess_launcher_spawn (launcher, &error, "dbus-daemon", "--session",
                                               "--nofork", "--nopidfile", "--print-address",
                                               NULL);
  g_assert_no_error (error);

  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  self->address = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (self->address);

  return self;
}

void
bus_daemon_free (BusDaemon *self)
{
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  g_free (self->address);
  g_free (self);
}

const char *
bus_daemon_get_address (BusDaemon *self)
{
  return self->address;
}

/* A connection that is nobody else's. */
GDBusConnection *
bus_daemon_connect (BusDaemon *self)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection =
    g_dbus_connection_new_for_address_sync (self->address,
                                            (G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                             G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
                                            NULL, NULL, &error);

  g_assert_no_error (error);

  return connection;
}
