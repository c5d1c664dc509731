/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fake-inspector.h"

#include <gio/gunixfdlist.h>

#include "test-loop.h"

#define INSPECTOR_PATH "/io/github/wsmulti/Inspector1"

static const char introspection[] =
  "<node>"
  "  <interface name='io.github.wsmulti.Inspector1'>"
  "    <method name='Attach'>"
  "      <arg name='stream' type='h' direction='in'/>"
  "      <arg name='about' type='a{sv}' direction='in'/>"
  "    </method>"
  "  </interface>"
  "</node>";

static void
fake_inspector_method_call_cb (GDBusConnection       *bus,
                               const char            *sender,
                               const char            *object_path,
                               const char            *interface_name,
                               const char            *method_name,
                               GVariant              *parameters,
                               GDBusMethodInvocation *invocation,
                               gpointer               user_data)
{
  FakeInspector *self = user_data;
  GDBusMessage *message = g_dbus_method_invocation_get_message (invocation);
  GUnixFDList *descriptors = g_dbus_message_get_unix_fd_list (message);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = NULL;
  int index;
  int descriptor;

  g_variant_get_child (parameters, 0, "h", &index);
  g_ptr_array_add (self->abouts, g_variant_get_child_value (parameters, 1));
  if (self->refuses)
    {
      g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR,
                                                     G_DBUS_ERROR_ACCESS_DENIED, "not now");
      return;
    }

  descriptor = g_unix_fd_list_get (descriptors, index, &error);
  g_assert_no_error (error);
  socket = g_socket_new_from_fd (descriptor, &error);
  g_assert_no_error (error);
  g_ptr_array_add (self->streams, g_socket_connection_factory_create_connection (socket));
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static const GDBusInterfaceVTable fake_inspector_vtable = {
  .method_call = fake_inspector_method_call_cb,
};

FakeInspector *
fake_inspector_new (void)
{
  FakeInspector *self = g_new0 (FakeInspector, 1);
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (introspection, NULL);
  g_autofree char *address = NULL;
  g_autoptr (GError) error = NULL;

  self->abouts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  self->streams = g_ptr_array_new_with_free_func (g_object_unref);
  address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  self->bus = g_dbus_connection_new_for_address_sync (
    address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);
  g_assert_no_error (error);
  self->registration = g_dbus_connection_register_object (self->bus, INSPECTOR_PATH,
                                                          node->interfaces[0],
                                                          &fake_inspector_vtable, self, NULL,
                                                          &error);
  g_assert_no_error (error);

  return self;
}

void
fake_inspector_free (FakeInspector *self)
{
  g_dbus_connection_unregister_object (self->bus, self->registration);
  g_dbus_connection_close_sync (self->bus, NULL, NULL);
  g_clear_object (&self->bus);
  g_ptr_array_unref (self->abouts);
  g_ptr_array_unref (self->streams);
  g_free (self);
}

static void
fake_inspector_ask_bus (FakeInspector *self,
                        const char    *method,
                        GVariant      *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  guint32 answer;

  reply = g_dbus_connection_call_sync (self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", method, parameters,
                                       G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                                       &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(u)", &answer);
  g_assert_cmpuint (answer, ==, 1);
}

void
fake_inspector_take (FakeInspector *self,
                     const char    *name)
{
  fake_inspector_ask_bus (self, "RequestName", g_variant_new ("(su)", name, 4));
}

void
fake_inspector_give_up (FakeInspector *self,
                        const char    *name)
{
  fake_inspector_ask_bus (self, "ReleaseName", g_variant_new ("(s)", name));
}

static void
fake_inspector_result_cb (GObject      *source,
                          GAsyncResult *result,
                          gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

GDBusConnection *
fake_inspector_look (FakeInspector *self)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GDBusConnection *pool;

  g_assert_cmpuint (self->streams->len, >, 0);
  g_dbus_connection_new (g_ptr_array_index (self->streams, self->streams->len - 1), NULL,
                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL,
                         fake_inspector_result_cb, &result);
  WAIT_FOR (result != NULL);
  pool = g_dbus_connection_new_finish (result, &error);
  g_assert_no_error (error);

  return pool;
}

GVariant *
fake_inspector_sum_up (GDBusConnection *pool)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  g_dbus_connection_call (pool, NULL, "/io/github/wsmulti/Pool1", "io.github.wsmulti.Pool1",
                          "GetSummary", NULL, G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NONE,
                          -1, NULL, fake_inspector_result_cb, &result);
  WAIT_FOR (result != NULL);
  reply = g_dbus_connection_call_finish (pool, result, &error);
  g_assert_no_error (error);

  return g_variant_get_child_value (reply, 0);
}
