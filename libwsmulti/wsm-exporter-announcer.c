/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-exporter-announcer.h"

#include <gio/gunixfdlist.h>

/*
 * Looks for inspectors on the session bus.
 *
 * It has a connection to the bus of its own, so that nothing of what the app does with the shared
 * one, exiting with it for instance, is affected. An inspector may have several names and is
 * called once; it is called again when it has lost all of them and is back. No bus, a bus that
 * goes, an inspector that does not answer: nobody finds the pool, and nothing else happens.
 */

#define INSPECTOR_NAME "io.github.wsmulti.Inspector"
#define INSPECTOR_INTERFACE "io.github.wsmulti.Inspector1"
#define INSPECTOR_PATH "/io/github/wsmulti/Inspector1"

#define DBUS_NAME "org.freedesktop.DBus"
#define DBUS_INTERFACE "org.freedesktop.DBus"
#define DBUS_PATH "/org/freedesktop/DBus"

struct _WsmExporterAnnouncer
{
  guint ref_count;

  const WsmExhibit *exhibit;     /* (unowned) (nullable): NULL once it was stopped */
  WsmExporterAnnouncerFunc func;
  gpointer owner;                /* (unowned) */

  GMainContext *context;     /* (owned) */
  GCancellable *cancellable; /* (owned) */
  GDBusConnection *bus;      /* (owned) (nullable) */
  guint subscription;

  GHashTable *owners; /* (owned) (element-type utf8 utf8): by the names of inspectors */
};

static WsmExporterAnnouncer *
wsm_exporter_announcer_ref (WsmExporterAnnouncer *self)
{
  self->ref_count++;

  return self;
}

static void
wsm_exporter_announcer_unref (WsmExporterAnnouncer *self)
{
  if (--self->ref_count > 0)
    return;

  g_clear_object (&self->bus);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->owners, g_hash_table_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmExporterAnnouncer, wsm_exporter_announcer_unref)

static gboolean
wsm_exporter_announcer_knows (WsmExporterAnnouncer *self,
                              const char           *owner)
{
  GHashTableIter iter;
  gpointer known;

  g_hash_table_iter_init (&iter, self->owners);
  while (g_hash_table_iter_next (&iter, NULL, &known))
    if (g_str_equal (known, owner))
      return TRUE;

  return FALSE;
}

static void
wsm_exporter_announcer_attached_cb (GObject      *source,
                                    GAsyncResult *result,
                                    gpointer      user_data)
{
  g_autoptr (WsmExporterAnnouncer) self G_GNUC_UNUSED = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), NULL,
                                                           result, &error);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_debug ("an inspector does not want to look: %s", error->message);
}

/* Its end of the stream is closed here when it has been sent. An inspector that does not take it
 * thereby ends the client at our end. */
static void
wsm_exporter_announcer_attach (WsmExporterAnnouncer *self,
                               const char           *name)
{
  g_autoptr (GIOStream) stream = self->func (self->owner);
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  GSocket *socket;
  GVariantDict about;
  int index;

  if (stream == NULL)
    return;
  socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));
  index = g_unix_fd_list_append (descriptors, g_socket_get_fd (socket), NULL);
  if (index < 0)
    return;

  g_variant_dict_init (&about, NULL);
  wsm_exporter_add_about (self->exhibit, &about);
  g_main_context_push_thread_default (self->context);
  g_dbus_connection_call_with_unix_fd_list (self->bus, name, INSPECTOR_PATH, INSPECTOR_INTERFACE,
                                            "Attach",
                                            g_variant_new ("(h@a{sv})", index,
                                                           g_variant_dict_end (&about)),
                                            NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
                                            descriptors, self->cancellable,
                                            wsm_exporter_announcer_attached_cb,
                                            wsm_exporter_announcer_ref (self));
  g_main_context_pop_thread_default (self->context);
}

static gboolean
wsm_exporter_announcer_is_inspector (const char *name)
{
  return g_str_equal (name, INSPECTOR_NAME) || g_str_has_prefix (name, INSPECTOR_NAME ".");
}

/* What the bus says of a name; no owner is an empty one. */
static void
wsm_exporter_announcer_note_owner (WsmExporterAnnouncer *self,
                                   const char           *name,
                                   const char           *owner)
{
  gboolean is_new;

  if (!wsm_exporter_announcer_is_inspector (name))
    return;
  if (g_strcmp0 (g_hash_table_lookup (self->owners, name), owner) == 0)
    return;

  g_hash_table_remove (self->owners, name);
  if (*owner == '\0')
    return;
  is_new = !wsm_exporter_announcer_knows (self, owner);
  g_hash_table_insert (self->owners, g_strdup (name), g_strdup (owner));
  if (is_new)
    wsm_exporter_announcer_attach (self, name);
}

static void
wsm_exporter_announcer_name_owner_changed_cb (GDBusConnection *bus,
                                              const char      *sender,
                                              const char      *path,
                                              const char      *interface_name,
                                              const char      *signal_name,
                                              GVariant        *parameters,
                                              gpointer         user_data)
{
  WsmExporterAnnouncer *self = user_data;
  const char *name;
  const char *owner;

  if (self->exhibit == NULL || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return;
  g_variant_get (parameters, "(&s&s&s)", &name, NULL, &owner);
  wsm_exporter_announcer_note_owner (self, name, owner);
}

typedef struct
{
  WsmExporterAnnouncer *announcer; /* (owned) */
  char *name;                      /* (owned) */
} WsmExporterQuestion;

static void
wsm_exporter_announcer_got_owner_cb (GObject      *source,
                                     GAsyncResult *result,
                                     gpointer      user_data)
{
  WsmExporterQuestion *question = user_data;
  WsmExporterAnnouncer *self = question->announcer;
  g_autoptr (GVariant) reply = NULL;
  const char *owner;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  if (reply != NULL && self->exhibit != NULL)
    {
      g_variant_get (reply, "(&s)", &owner);
      wsm_exporter_announcer_note_owner (self, question->name, owner);
    }
  wsm_exporter_announcer_unref (self);
  g_free (question->name);
  g_free (question);
}

static void
wsm_exporter_announcer_ask_owner (WsmExporterAnnouncer *self,
                                  const char           *name)
{
  WsmExporterQuestion *question = g_new0 (WsmExporterQuestion, 1);

  question->announcer = wsm_exporter_announcer_ref (self);
  question->name = g_strdup (name);
  g_main_context_push_thread_default (self->context);
  g_dbus_connection_call (self->bus, DBUS_NAME, DBUS_PATH, DBUS_INTERFACE, "GetNameOwner",
                          g_variant_new ("(s)", name), G_VARIANT_TYPE ("(s)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, self->cancellable,
                          wsm_exporter_announcer_got_owner_cb, question);
  g_main_context_pop_thread_default (self->context);
}

static void
wsm_exporter_announcer_got_names_cb (GObject      *source,
                                     GAsyncResult *result,
                                     gpointer      user_data)
{
  g_autoptr (WsmExporterAnnouncer) self = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autofree const char **names = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  if (reply == NULL || self->exhibit == NULL)
    return;

  g_variant_get (reply, "(^a&s)", &names);
  for (guint i = 0; names[i] != NULL; i++)
    if (wsm_exporter_announcer_is_inspector (names[i]))
      wsm_exporter_announcer_ask_owner (self, names[i]);
}

static void
wsm_exporter_announcer_got_bus_cb (GObject      *source,
                                   GAsyncResult *result,
                                   gpointer      user_data)
{
  g_autoptr (WsmExporterAnnouncer) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_dbus_connection_new_for_address_finish (result, &error);

  if (bus == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_debug ("no inspector finds the pool: %s", error->message);
      return;
    }
  if (self->exhibit == NULL)
    {
      g_dbus_connection_close (bus, NULL, NULL, NULL);
      return;
    }

  self->bus = g_steal_pointer (&bus);
  g_main_context_push_thread_default (self->context);
  self->subscription =
    g_dbus_connection_signal_subscribe (self->bus, DBUS_NAME, DBUS_INTERFACE, "NameOwnerChanged",
                                        DBUS_PATH, INSPECTOR_NAME,
                                        G_DBUS_SIGNAL_FLAGS_MATCH_ARG0_NAMESPACE,
                                        wsm_exporter_announcer_name_owner_changed_cb, self, NULL);
  g_dbus_connection_call (self->bus, DBUS_NAME, DBUS_PATH, DBUS_INTERFACE, "ListNames", NULL,
                          G_VARIANT_TYPE ("(as)"), G_DBUS_CALL_FLAGS_NONE, -1, self->cancellable,
                          wsm_exporter_announcer_got_names_cb, wsm_exporter_announcer_ref (self));
  g_main_context_pop_thread_default (self->context);
}

/* GIO would start a bus where there is none. */
static gboolean
wsm_exporter_announcer_has_bus (void)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  g_autofree char *path = NULL;

  if (address != NULL && *address != '\0')
    return !g_str_has_prefix (address, "autolaunch:");
  path = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/*
 * wsm_exporter_announcer_new:
 * @exhibit: what is shown; outlives it until it is stopped
 * @func: makes a stream to the pool
 * @owner: passed to it
 *
 * Looks for inspectors, those that are there and those that will be.
 */
WsmExporterAnnouncer *
wsm_exporter_announcer_new (const WsmExhibit         *exhibit,
                            WsmExporterAnnouncerFunc  func,
                            gpointer                  owner)
{
  WsmExporterAnnouncer *self = g_new0 (WsmExporterAnnouncer, 1);
  g_autofree char *address = NULL;

  self->ref_count = 1;
  self->exhibit = exhibit;
  self->func = func;
  self->owner = owner;
  self->context = g_main_context_ref (wsm_pool_get_context (exhibit->pool));
  self->cancellable = g_cancellable_new ();
  self->owners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  if (wsm_exporter_announcer_has_bus ())
    address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  if (address == NULL)
    return self;

  g_main_context_push_thread_default (self->context);
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                     G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, self->cancellable, wsm_exporter_announcer_got_bus_cb,
                                     wsm_exporter_announcer_ref (self));
  g_main_context_pop_thread_default (self->context);

  return self;
}

/*
 * wsm_exporter_announcer_stop:
 * @self: (transfer full):
 *
 * Looks no further, and leaves the bus.
 */
void
wsm_exporter_announcer_stop (WsmExporterAnnouncer *self)
{
  self->exhibit = NULL;
  g_cancellable_cancel (self->cancellable);
  if (self->bus != NULL)
    {
      g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
      g_dbus_connection_close (self->bus, NULL, NULL, NULL);
    }
  wsm_exporter_announcer_unref (self);
}
