/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "inspector-client.h"

#define POOL_PATH "/io/github/wsmulti/Pool1"
#define POOL_INTERFACE "io.github.wsmulti.Pool1"
#define FIGURES_TYPE "a(txxxtttttttdduuuuuuuu)"

static gboolean
inspector_client_tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* One turn of the context, at most a few milliseconds long. */
void
inspector_client_turn (InspectorClient *self)
{
  g_autoptr (GSource) tick = g_timeout_source_new (2);

  g_source_set_callback (tick, inspector_client_tick_cb, NULL, NULL);
  g_source_attach (tick, self->context);
  g_main_context_iteration (self->context, TRUE);
  g_source_destroy (tick);
}

static void
inspector_client_connected_cb (GObject      *source,
                               GAsyncResult *result,
                               gpointer      user_data)
{
  InspectorClient *self = user_data;
  g_autoptr (GError) error = NULL;

  self->bus = g_dbus_connection_new_finish (result, &error);
  g_assert_no_error (error);
}

static void
inspector_client_signal_cb (GDBusConnection *bus,
                            const char      *sender,
                            const char      *path,
                            const char      *interface_name,
                            const char      *signal_name,
                            GVariant        *parameters,
                            gpointer         user_data)
{
  InspectorClient *self = user_data;

  g_assert_cmpstr (path, ==, POOL_PATH);
  g_assert_cmpstr (interface_name, ==, POOL_INTERFACE);
  g_ptr_array_add (self->signals,
                   g_variant_ref_sink (g_variant_new ("(sv)", signal_name, parameters)));
}

static void
inspector_client_closed_cb (GDBusConnection *bus,
                            gboolean         remote_peer_vanished,
                            GError          *error,
                            InspectorClient *self)
{
  self->is_closed = TRUE;
}

InspectorClient *
inspector_client_new (WsmExporter  *exporter,
                      GMainContext *context)
{
  InspectorClient *self = g_new0 (InspectorClient, 1);
  guint n_clients = wsm_exporter_get_n_clients (exporter);
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (GError) error = NULL;

  self->context = context != NULL ? g_main_context_ref (context) : NULL;
  self->signals = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  stream = wsm_exporter_connect_client (exporter, &error);
  g_assert_no_error (error);
  g_dbus_connection_new (stream, NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL,
                         inspector_client_connected_cb, self);
  inspector_client_wait_until (self, self->bus != NULL &&
                               wsm_exporter_get_n_clients (exporter) == n_clients + 1);
  g_dbus_connection_signal_subscribe (self->bus, NULL, POOL_INTERFACE, NULL, POOL_PATH, NULL,
                                      G_DBUS_SIGNAL_FLAGS_NONE, inspector_client_signal_cb, self,
                                      NULL);
  g_signal_connect (self->bus, "closed", G_CALLBACK (inspector_client_closed_cb), self);

  return self;
}

static void
inspector_client_bus_closed_cb (GObject      *source,
                                GAsyncResult *result,
                                gpointer      user_data)
{
  g_dbus_connection_close_finish (G_DBUS_CONNECTION (source), result, NULL);
  *(gboolean *) user_data = TRUE;
}

void
inspector_client_free (InspectorClient *self)
{
  gboolean is_closed = FALSE;

  g_signal_handlers_disconnect_by_data (self->bus, self);
  g_dbus_connection_close (self->bus, NULL, inspector_client_bus_closed_cb, &is_closed);
  inspector_client_wait_until (self, is_closed);
  g_clear_object (&self->bus);
  for (guint i = 0; i < 3; i++)
    inspector_client_turn (self);
  g_ptr_array_unref (self->signals);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self);
}

static void
inspector_client_replied_cb (GObject      *source,
                             GAsyncResult *result,
                             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GVariant *
inspector_client_call_interface (InspectorClient  *self,
                                 const char       *interface_name,
                                 const char       *method,
                                 GVariant         *parameters,
                                 GError          **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) own_error = NULL;
  GVariant *reply;

  g_dbus_connection_call (self->bus, NULL, POOL_PATH, interface_name, method, parameters, NULL,
                          G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, inspector_client_replied_cb,
                          &result);
  inspector_client_wait_until (self, result != NULL);
  reply = g_dbus_connection_call_finish (self->bus, result, &own_error);
  if (error == NULL)
    g_assert_no_error (own_error);
  else
    *error = g_steal_pointer (&own_error);

  return reply;
}

GVariant *
inspector_client_call (InspectorClient  *self,
                       const char       *method,
                       GVariant         *parameters,
                       GError          **error)
{
  return inspector_client_call_interface (self, POOL_INTERFACE, method, parameters, error);
}

GVariant *
inspector_client_call_control (InspectorClient  *self,
                               const char       *method,
                               GVariant         *parameters,
                               GError          **error)
{
  return inspector_client_call_interface (self, POOL_INTERFACE ".Control", method, parameters,
                                          error);
}

/* A call to something that is always there is answered behind all that was said before. */
void
inspector_client_settle (InspectorClient *self)
{
  g_autoptr (GVariant) reply = NULL;

  reply = inspector_client_call (self, "GetSummary", NULL, NULL);
}

GVariant *
inspector_client_take (InspectorClient *self,
                       const char      *signal_name)
{
  for (guint i = 0; i < self->signals->len; i++)
    {
      const char *name;
      g_autoptr (GVariant) parameters = NULL;

      g_variant_get (g_ptr_array_index (self->signals, i), "(&sv)", &name, &parameters);
      if (!g_str_equal (name, signal_name))
        continue;
      g_ptr_array_remove_index (self->signals, i);
      return g_steal_pointer (&parameters);
    }

  return NULL;
}

GVariant *
inspector_client_unpack_figures (GVariant *changed)
{
  g_autoptr (GVariant) packed = g_variant_get_child_value (changed, 2);
  g_autoptr (GBytes) bytes = NULL;

  g_assert_true (g_variant_is_of_type (packed, G_VARIANT_TYPE_BYTESTRING));
  bytes = g_variant_get_data_as_bytes (packed);

  return g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (FIGURES_TYPE), bytes,
                                                       FALSE));
}
