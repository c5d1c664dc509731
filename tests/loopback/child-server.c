/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "child-server.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

struct _ChildServer
{
  GPtrArray *command;   /* (owned) (element-type utf8): without the port */
  GSubprocess *process; /* (owned) (nullable) */
  guint port;
};

static const char *program = NULL;

void
child_server_set_program (const char *path)
{
  program = path;
}

/* A test that crashes must not leave a stopped server behind. */
static void
child_server_set_up_child_cb (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
child_server_start (ChildServer *self)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  g_autoptr (GPtrArray) command = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;

  for (guint i = 0; i < self->command->len; i++)
    g_ptr_array_add (command, g_strdup (g_ptr_array_index (self->command, i)));
  g_ptr_array_add (command, g_strdup_printf ("--port=%u", self->port));
  g_ptr_array_add (command, NULL);

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_subprocess_launcher_set_child_setup (launcher, child_server_set_up_child_cb, NULL, NULL);
  self->process = g_subprocess_launcher_spawnv (launcher, (const char * const *) command->pdata,
                                                &error);
  g_assert_no_error (error);

  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  line = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  g_assert_cmpint (sscanf (line, "ws://127.0.0.1:%u/", &self->port), ==, 1);
}

/* Each path may be followed by switches, as `wsmulti serve` takes them. */
ChildServer *
child_server_new (const char *first_path,
                  ...)
{
  ChildServer *self = g_new0 (ChildServer, 1);
  const char *path = first_path;
  va_list paths;

  g_assert_nonnull (program);
  self->command = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->command, g_strdup (program));
  g_ptr_array_add (self->command, g_strdup ("serve"));
  g_ptr_array_add (self->command, g_strdup ("--quiet"));
  va_start (paths, first_path);
  while (path != NULL)
    {
      g_ptr_array_add (self->command, g_strdup (path));
      path = va_arg (paths, const char *);
    }
  va_end (paths);
  child_server_start (self);

  return self;
}

/* Another program, which says where it listens and takes a port as `wsmulti serve` does. */
ChildServer *
child_server_new_from (const char *other_program)
{
  ChildServer *self = g_new0 (ChildServer, 1);

  g_assert_nonnull (other_program);
  self->command = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->command, g_strdup (other_program));
  child_server_start (self);

  return self;
}

void
child_server_free (ChildServer *self)
{
  child_server_kill (self);
  g_clear_pointer (&self->command, g_ptr_array_unref);
  g_free (self);
}

char *
child_server_make_uri (ChildServer *self,
                       const char  *path)
{
  return g_strdup_printf ("ws://127.0.0.1:%u%s", self->port, path);
}

static gboolean
child_server_is_stopped (ChildServer *self)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/stat",
                                           g_subprocess_get_identifier (self->process));
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;
  const char *state;

  g_file_get_contents (path, &line, NULL, &error);
  g_assert_no_error (error);
  state = strrchr (line, ')');
  g_assert_nonnull (state);

  return g_str_has_prefix (state, ") T");
}

/* On another processor it may do a little more until the signal is there. */
void
child_server_stop (ChildServer *self)
{
  g_subprocess_send_signal (self->process, SIGSTOP);
  while (!child_server_is_stopped (self))
    g_thread_yield ();
}

void
child_server_continue (ChildServer *self)
{
  g_subprocess_send_signal (self->process, SIGCONT);
}

/* Without a chance to say goodbye. */
void
child_server_kill (ChildServer *self)
{
  if (self->process == NULL)
    return;

  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->process);
}

/* On the same port. */
void
child_server_restart (ChildServer *self)
{
  child_server_kill (self);
  child_server_start (self);
}
