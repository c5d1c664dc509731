/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-application.h"

#include <glib/gi18n-lib.h>

#include "wsi-settings.h"
#include "wsi-widgets.h"

/*
 * The program: one per session, with a door on the session bus.
 *
 * The door is open before the name is owned, so that who waits for the name never knocks in vain.
 */

struct _WsiApplication
{
  AdwApplication parent_instance;

  WsiHub *hub;           /* (owned) */
  GSettings *settings;   /* (owned) (nullable) */
  WsiOwnPool *own_pool;  /* (owned) (nullable): these three from startup on */
  WsiDemo *demo;         /* (owned) (nullable) */
  WsiNotifier *notifier; /* (owned) (nullable) */
  char *trouble;         /* (owned) (nullable): to be told once there is a window */
};

G_DEFINE_FINAL_TYPE (WsiApplication, wsi_application, ADW_TYPE_APPLICATION)

static const GOptionEntry options[] =
{
  { "add", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Ask for a new connection"), NULL },
  { "demo", 0, 0, G_OPTION_ARG_NONE, NULL,
    N_("Start the demo server, and watch its connections"), NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Print the version and exit"), NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, NULL, NULL, N_("[URI|FILE…]") },
};

typedef struct
{
  const char *action;
  const char *accelerators[3];
} WsiAccelerators;

/* Delete is the list's own: here it would be taken from whoever writes. */
static const WsiAccelerators accelerators[] =
{
  { "app.quit", { "<Control>q", NULL } },
  { "window.close", { "<Control>w", NULL } },
  { "win.show-help-overlay", { "<Control>question", NULL } },
  { "win.add", { "<Control>n", NULL } },
  { "win.open", { "<Control>o", NULL } },
  { "win.export", { "<Control>s", NULL } },
  { "win.save-recording", { "<Control><Shift>s", NULL } },
  { "win.search", { "<Control>f", NULL } },
  { "win.sidebar", { "F9", NULL } },
  { "win.page::overview", { "<Alt>1", NULL } },
  { "win.page::frames", { "<Alt>2", NULL } },
  { "win.page::timeline", { "<Alt>3", NULL } },
  { "win.page::handshake", { "<Alt>4", NULL } },
  { "win.page::policy", { "<Alt>5", NULL } },
  { "connection.ping", { "<Control>p", NULL } },
  { "connection.retry", { "<Control>r", "F5", NULL } },
  { "connection.pause", { "<Control><Shift>p", NULL } },
  { "connection.send", { "<Control>Return", "<Control>KP_Enter", NULL } },
};

static void
wsi_application_quit (GSimpleAction *action,
                      GVariant      *parameter,
                      gpointer       user_data)
{
  GList *window;

  while ((window = gtk_application_get_windows (user_data)) != NULL)
    gtk_window_destroy (window->data);
  g_application_quit (user_data);
}

static void
wsi_application_about (GSimpleAction *action,
                       GVariant      *parameter,
                       gpointer       user_data)
{
  WsiApplication *self = user_data;
  const char *authors[] = { "The libwsmulti authors", NULL };

  gtk_show_about_dialog (GTK_WINDOW (wsi_application_get_window (self)),
                         "program-name", _("Heartbeats"),
                         "logo-icon-name", APPLICATION_ID,
                         "version", PACKAGE_VERSION,
                         "comments", _("Watch WebSocket connections live"),
                         "license-type", GTK_LICENSE_GPL_3_0,
                         "authors", authors,
                         /* Translators: your names, one a line */
                         "translator-credits", _("translator-credits"),
                         NULL);
}

static void
wsi_application_add (GSimpleAction *action,
                     GVariant      *parameter,
                     gpointer       user_data)
{
  WsiWindow *window = wsi_application_get_window (user_data);

  g_action_group_activate_action (G_ACTION_GROUP (window), "add", NULL);
}

static void
wsi_application_show_connection (GSimpleAction *action,
                                 GVariant      *parameter,
                                 gpointer       user_data)
{
  WsiWindow *window = wsi_application_get_window (user_data);

  wsi_window_show_connection (window, g_variant_get_string (parameter, NULL));
}

static const GActionEntry entries[] =
{
  { "about", wsi_application_about, NULL, NULL, NULL, { 0 } },
  { "add", wsi_application_add, NULL, NULL, NULL, { 0 } },
  { "quit", wsi_application_quit, NULL, NULL, NULL, { 0 } },
  { "show-connection", wsi_application_show_connection, "s", NULL, NULL, { 0 } },
};

static void
wsi_application_notifier_notify_cb (GApplication  *application,
                                    const char    *id,
                                    GNotification *notification)
{
  g_application_send_notification (application, id, notification);
}

static void
wsi_application_startup (GApplication *application)
{
  WsiApplication *self = WSI_APPLICATION (application);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  G_APPLICATION_CLASS (wsi_application_parent_class)->startup (application);

  wsi_widgets_init ();
  gtk_window_set_default_icon_name (APPLICATION_ID);

  path = g_build_filename (g_get_user_data_dir (), "wsmulti-inspector", "connections.ini", NULL);
  self->settings = wsi_settings_new ();
  self->own_pool = wsi_own_pool_new (self->hub, path);
  self->demo = wsi_demo_new (self->own_pool);
  self->notifier = wsi_notifier_new (self->hub, self->settings);
  g_signal_connect_object (self->notifier, "notify-user",
                           G_CALLBACK (wsi_application_notifier_notify_cb), self,
                           G_CONNECT_SWAPPED);
  if (!wsi_own_pool_load (self->own_pool, &error))
    self->trouble = g_strdup (error->message);

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (gsize i = 0; i < G_N_ELEMENTS (accelerators); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), accelerators[i].action,
                                           (const char **) accelerators[i].accelerators);
}

static void
wsi_application_shutdown (GApplication *application)
{
  WsiApplication *self = WSI_APPLICATION (application);

  g_clear_object (&self->demo);
  g_clear_object (&self->notifier);
  g_clear_object (&self->own_pool);
  g_clear_object (&self->settings);

  G_APPLICATION_CLASS (wsi_application_parent_class)->shutdown (application);
}

static void
wsi_application_activate (GApplication *application)
{
  wsi_application_get_window (WSI_APPLICATION (application));
}

static void
wsi_application_open_one (WsiApplication *self,
                          GFile          *file)
{
  WsiWindow *window = wsi_application_get_window (self);

  if (g_file_has_uri_scheme (file, "ws") || g_file_has_uri_scheme (file, "wss"))
    {
      g_autofree char *uri = g_file_get_uri (file);

      wsi_window_open_uri (window, uri);
    }
  else
    {
      wsi_window_open_file (window, file);
    }
}

static void
wsi_application_open (GApplication  *application,
                      GFile        **files,
                      int            n_files,
                      const char    *hint)
{
  for (int i = 0; i < n_files; i++)
    wsi_application_open_one (WSI_APPLICATION (application), files[i]);
}

static int
wsi_application_handle_local_options (GApplication *application,
                                      GVariantDict *dict)
{
  if (g_variant_dict_contains (dict, "version"))
    {
      g_print ("wsmulti-inspector %s\n", PACKAGE_VERSION);
      return 0;
    }

  return -1;
}

static int
wsi_application_command_line (GApplication            *application,
                              GApplicationCommandLine *command_line)
{
  WsiApplication *self = WSI_APPLICATION (application);
  GVariantDict *dict = g_application_command_line_get_options_dict (command_line);
  g_autofree const char **arguments = NULL;
  g_autoptr (GError) error = NULL;

  wsi_application_get_window (self);

  if (g_variant_dict_contains (dict, "demo") && !wsi_demo_start (self->demo, &error))
    {
      g_application_command_line_printerr (command_line, "%s\n", error->message);
      return 1;
    }

  g_variant_dict_lookup (dict, G_OPTION_REMAINING, "^a&s", &arguments);
  for (gsize i = 0; arguments != NULL && arguments[i] != NULL; i++)
    {
      g_autoptr (GFile) file = NULL;

      file = g_application_command_line_create_file_for_arg (command_line, arguments[i]);
      wsi_application_open_one (self, file);
    }

  if (g_variant_dict_contains (dict, "add"))
    g_action_group_activate_action (G_ACTION_GROUP (application), "add", NULL);

  return 0;
}

static gboolean
wsi_application_dbus_register (GApplication     *application,
                               GDBusConnection  *connection,
                               const char       *object_path,
                               GError          **error)
{
  WsiApplication *self = WSI_APPLICATION (application);

  return G_APPLICATION_CLASS (wsi_application_parent_class)->dbus_register (application, connection,
                                                                            object_path, error) &&
         wsi_hub_open_door (self->hub, connection, error);
}

static void
wsi_application_dbus_unregister (GApplication    *application,
                                 GDBusConnection *connection,
                                 const char      *object_path)
{
  WsiApplication *self = WSI_APPLICATION (application);

  wsi_hub_close_door (self->hub);

  G_APPLICATION_CLASS (wsi_application_parent_class)->dbus_unregister (application, connection,
                                                                       object_path);
}

static void
wsi_application_dispose (GObject *object)
{
  WsiApplication *self = WSI_APPLICATION (object);

  g_clear_object (&self->hub);
  g_clear_pointer (&self->trouble, g_free);

  G_OBJECT_CLASS (wsi_application_parent_class)->dispose (object);
}

static void
wsi_application_class_init (WsiApplicationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  object_class->dispose = wsi_application_dispose;
  application_class->startup = wsi_application_startup;
  application_class->shutdown = wsi_application_shutdown;
  application_class->activate = wsi_application_activate;
  application_class->open = wsi_application_open;
  application_class->handle_local_options = wsi_application_handle_local_options;
  application_class->command_line = wsi_application_command_line;
  application_class->dbus_register = wsi_application_dbus_register;
  application_class->dbus_unregister = wsi_application_dbus_unregister;
}

/* GApplication knows no domain of a list of options, so each comes in words already. */
static void
wsi_application_add_options (WsiApplication *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    {
      const GOptionEntry *option = &options[i];

      g_application_add_main_option (G_APPLICATION (self), option->long_name, option->short_name,
                                     (GOptionFlags) option->flags, option->arg,
                                     option->description != NULL ? _(option->description) : "",
                                     option->arg_description != NULL ? _(option->arg_description)
                                                                     : NULL);
    }
}

static void
wsi_application_init (WsiApplication *self)
{
  self->hub = wsi_hub_new ();
  g_application_set_option_context_summary (G_APPLICATION (self),
                                            _("Watches WebSocket connections live: those of "
                                              "running programs, and its own."));
  wsi_application_add_options (self);
}

GApplication *
wsi_application_new (void)
{
  return g_object_new (WSI_TYPE_APPLICATION,
                       "application-id", APPLICATION_ID,
                       "resource-base-path", "/io/github/wsmulti/Inspector",
                       "flags", G_APPLICATION_HANDLES_OPEN | G_APPLICATION_HANDLES_COMMAND_LINE,
                       NULL);
}

WsiHub *
wsi_application_get_hub (WsiApplication *self)
{
  g_return_val_if_fail (WSI_IS_APPLICATION (self), NULL);

  return self->hub;
}

WsiOwnPool *
wsi_application_get_own_pool (WsiApplication *self)
{
  g_return_val_if_fail (WSI_IS_APPLICATION (self), NULL);

  return self->own_pool;
}

WsiDemo *
wsi_application_get_demo (WsiApplication *self)
{
  g_return_val_if_fail (WSI_IS_APPLICATION (self), NULL);

  return self->demo;
}

WsiNotifier *
wsi_application_get_notifier (WsiApplication *self)
{
  g_return_val_if_fail (WSI_IS_APPLICATION (self), NULL);

  return self->notifier;
}

WsiWindow *
wsi_application_get_window (WsiApplication *self)
{
  GtkWindow *window = NULL;

  g_return_val_if_fail (WSI_IS_APPLICATION (self), NULL);

  for (GList *i = gtk_application_get_windows (GTK_APPLICATION (self)); i != NULL; i = i->next)
    {
      if (WSI_IS_WINDOW (i->data))
        window = i->data;
    }

  if (window == NULL)
    {
      window = GTK_WINDOW (wsi_window_new (GTK_APPLICATION (self), self->hub, self->own_pool,
                                           self->notifier, self->demo, self->settings));
      if (IS_DEVELOPMENT)
        gtk_widget_add_css_class (GTK_WIDGET (window), "devel");
    }
  gtk_window_present (window);

  if (self->trouble != NULL)
    {
      wsi_window_tell (WSI_WINDOW (window), _("Connections Not Restored"), self->trouble);
      g_clear_pointer (&self->trouble, g_free);
    }

  return WSI_WINDOW (window);
}
