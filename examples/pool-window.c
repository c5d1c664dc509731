/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <libwsmulti.h>

#include <gtk/gtk.h>

/*
 * A window with a pool: a row a connection, which changes as the connection does.
 *
 *     pool-window URI…
 *
 * What is shown, and when it changes, is said in pool-window.ui alone: the pool is the model of the
 * list, and the columns are bound to the properties of the connections. In C there is only how a
 * number is written.
 */

char *pool_window_format_round_trip (GObject *item,
                                     double   ms);
char *pool_window_format_title      (GObject *window,
                                     guint    n_open,
                                     guint    n_connections);

G_MODULE_EXPORT char *
pool_window_format_round_trip (GObject *item,
                               double   ms)
{
  return ms > 0.0 ? g_strdup_printf ("%.1f ms", ms) : g_strdup ("–");
}

G_MODULE_EXPORT char *
pool_window_format_title (GObject *window,
                          guint    n_open,
                          guint    n_connections)
{
  return g_strdup_printf ("%u of %u Open", n_open, n_connections);
}

static int
command_line_cb (GApplication            *application,
                 GApplicationCommandLine *command_line)
{
  g_autoptr (GtkBuilder) builder = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) arguments = g_application_command_line_get_arguments (command_line, NULL);
  GtkWindow *window;
  WsmPool *pool;

  builder = gtk_builder_new_from_resource ("/io/github/wsmulti/examples/pool-window.ui");
  window = GTK_WINDOW (gtk_builder_get_object (builder, "window"));
  pool = WSM_POOL (gtk_builder_get_object (builder, "pool"));

  for (gsize i = 1; arguments[i] != NULL; i++)
    {
      if (wsm_pool_add (pool, arguments[i], &error) == NULL)
        {
          g_application_command_line_printerr (command_line, "%s: %s\n", arguments[i],
                                               error->message);
          gtk_window_destroy (window);
          return 2;
        }
    }

  gtk_window_set_application (window, GTK_APPLICATION (application));
  gtk_window_present (window);

  return 0;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GtkApplication) application =
    gtk_application_new ("io.github.wsmulti.PoolWindow",
                         G_APPLICATION_HANDLES_COMMAND_LINE | G_APPLICATION_NON_UNIQUE);

  g_signal_connect (application, "command-line", G_CALLBACK (command_line_cb), NULL);

  return g_application_run (G_APPLICATION (application), argc, argv);
}
