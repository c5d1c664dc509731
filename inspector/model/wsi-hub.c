/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-hub.h"

#include "wsi-dbus-inspector.h"
#include "wsi-source-private.h"

#include <gio/gunixconnection.h>
#include <gio/gunixfdlist.h>
#include <sys/socket.h>
#include <unistd.h>

/* More than this at once is a mistake, and so are more in all, gone ones too. */
#define MAX_ATTACHED 64
#define MAX_SOURCES 256
#define MAX_ABOUT_BYTES (16 * 1024)

/**
 * WsiHub:
 *
 * The sources there are, and the door through which new ones come.
 */
struct _WsiHub
{
  GObject parent_instance;

  GPtrArray *sources;      /* (owned) (element-type WsiSource) */
  WsiDbusInspector1 *door; /* (owned) (nullable) */
};

static void wsi_hub_list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsiHub, wsi_hub, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, wsi_hub_list_model_init))

static GType
wsi_hub_get_item_type (GListModel *model)
{
  return WSI_TYPE_SOURCE;
}

static guint
wsi_hub_get_n_items (GListModel *model)
{
  return WSI_HUB (model)->sources->len;
}

static gpointer
wsi_hub_get_item (GListModel *model,
                  guint       position)
{
  WsiHub *self = WSI_HUB (model);

  if (position >= self->sources->len)
    return NULL;

  return g_object_ref (self->sources->pdata[position]);
}

static void
wsi_hub_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = wsi_hub_get_item_type;
  interface->get_n_items = wsi_hub_get_n_items;
  interface->get_item = wsi_hub_get_item;
}

/* Whether the second is a new life of the first. A program that is started again at once may be
 * there before it was heard that it had gone. */
static gboolean
wsi_hub_is_successor (WsiSource *gone,
                      WsiSource *source)
{
  const char *application_id = wsi_source_get_application_id (source);

  if ((wsi_source_get_attached (gone) && !wsi_source_has_hung_up (gone)) ||
      wsi_source_get_kind (gone) == WSI_SOURCE_KIND_RECORDING ||
      wsi_source_get_kind (gone) != wsi_source_get_kind (source) ||
      wsi_source_get_pool (gone) != wsi_source_get_pool (source))
    return FALSE;

  if (application_id != NULL)
    return g_strcmp0 (wsi_source_get_application_id (gone), application_id) == 0;

  return (wsi_source_get_application_id (gone) == NULL &&
          g_str_equal (wsi_source_get_title (gone), wsi_source_get_title (source)));
}

static guint
wsi_hub_count_attached (WsiHub *self)
{
  guint n = 0;

  for (guint i = 0; i < self->sources->len; i++)
    if (wsi_source_get_kind (self->sources->pdata[i]) == WSI_SOURCE_KIND_APP &&
        wsi_source_get_attached (self->sources->pdata[i]))
      n++;

  return n;
}

/* Forgets the gone one that has been there longest, if there are too many. */
static void
wsi_hub_make_room (WsiHub *self)
{
  if (self->sources->len < MAX_SOURCES)
    return;

  for (guint i = 0; i < self->sources->len; i++)
    {
      WsiSource *source = self->sources->pdata[i];

      if (wsi_source_get_kind (source) == WSI_SOURCE_KIND_APP && !wsi_source_get_attached (source))
        {
          wsi_hub_dismiss (self, source);
          return;
        }
    }
}

/* GSocket ends the process if it gets something else than a socket. */
static gboolean
wsi_hub_is_stream_socket (int descriptor)
{
  struct sockaddr_storage address;
  socklen_t address_size = sizeof address;
  socklen_t size = sizeof (int);
  int domain = 0;
  int type = 0;

  return (getsockopt (descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
          getsockopt (descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
          domain == AF_UNIX && type == SOCK_STREAM &&
          getpeername (descriptor, (struct sockaddr *) &address, &address_size) == 0);
}

/* Only one end of a connected pair of local stream sockets is let in. */
static GIOStream *
wsi_hub_open_stream (GUnixFDList  *descriptors,
                     GVariant     *handle,
                     GError      **error)
{
  g_autoptr (GSocket) socket = NULL;
  int descriptor;

  if (descriptors == NULL || g_unix_fd_list_get_length (descriptors) != 1 ||
      g_variant_get_handle (handle) != 0)
    {
      g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                           "Attach needs exactly one file descriptor");
      return NULL;
    }

  descriptor = g_unix_fd_list_get (descriptors, 0, error);
  if (descriptor < 0)
    return NULL;

  if (wsi_hub_is_stream_socket (descriptor))
    socket = g_socket_new_from_fd (descriptor, NULL);
  if (socket == NULL)
    {
      close (descriptor);
      g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                           "The file descriptor is not a connected local stream socket");
      return NULL;
    }

  g_type_ensure (G_TYPE_UNIX_CONNECTION);

  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

static gboolean
wsi_hub_attach_cb (WsiDbusInspector1     *door,
                   GDBusMethodInvocation *invocation,
                   GUnixFDList           *descriptors,
                   GVariant              *handle,
                   GVariant              *about,
                   WsiHub                *self)
{
  g_autoptr (GIOStream) stream = NULL;
  GError *error = NULL;

  if (wsi_hub_count_attached (self) >= MAX_ATTACHED)
    error = g_error_new (G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED,
                         "No more than %d pools can be watched at once", MAX_ATTACHED);
  else if (g_variant_get_size (about) > MAX_ABOUT_BYTES)
    error = g_error_new_literal (G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                                 "The program says too much about itself");
  else
    stream = wsi_hub_open_stream (descriptors, handle, &error);

  if (stream == NULL)
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return G_DBUS_METHOD_INVOCATION_HANDLED;
    }

  wsi_dbus_inspector1_complete_attach (door, invocation, NULL);
  wsi_hub_make_room (self);
  wsi_hub_add_stream (self, stream, about, WSI_SOURCE_KIND_APP);

  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
wsi_hub_dispose (GObject *object)
{
  WsiHub *self = WSI_HUB (object);

  wsi_hub_close_door (self);
  for (guint i = 0; i < self->sources->len; i++)
    wsi_source_detach (self->sources->pdata[i]);
  g_ptr_array_set_size (self->sources, 0);

  G_OBJECT_CLASS (wsi_hub_parent_class)->dispose (object);
}

static void
wsi_hub_finalize (GObject *object)
{
  WsiHub *self = WSI_HUB (object);

  g_ptr_array_unref (self->sources);

  G_OBJECT_CLASS (wsi_hub_parent_class)->finalize (object);
}

static void
wsi_hub_class_init (WsiHubClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsi_hub_dispose;
  object_class->finalize = wsi_hub_finalize;
}

static void
wsi_hub_init (WsiHub *self)
{
  self->sources = g_ptr_array_new_with_free_func (g_object_unref);
}

WsiHub *
wsi_hub_new (void)
{
  return g_object_new (WSI_TYPE_HUB, NULL);
}

gboolean
wsi_hub_open_door (WsiHub           *self,
                   GDBusConnection  *bus,
                   GError          **error)
{
  g_autoptr (WsiDbusInspector1) door = NULL;

  g_return_val_if_fail (WSI_IS_HUB (self), FALSE);
  g_return_val_if_fail (G_IS_DBUS_CONNECTION (bus), FALSE);
  g_return_val_if_fail (self->door == NULL, FALSE);

  door = wsi_dbus_inspector1_skeleton_new ();
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (door), bus,
                                         WSI_HUB_OBJECT_PATH, error))
    return FALSE;

  g_signal_connect_object (door, "handle-attach", G_CALLBACK (wsi_hub_attach_cb), self, 0);
  self->door = g_steal_pointer (&door);

  return TRUE;
}

/* Those that are in stay. */
void
wsi_hub_close_door (WsiHub *self)
{
  g_return_if_fail (WSI_IS_HUB (self));

  if (self->door == NULL)
    return;

  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->door));
  g_clear_object (&self->door);
}

/* Returns (transfer none). */
WsiSource *
wsi_hub_add_stream (WsiHub        *self,
                    GIOStream     *stream,
                    GVariant      *about,
                    WsiSourceKind  kind)
{
  g_autoptr (WsiSource) source = NULL;

  g_return_val_if_fail (WSI_IS_HUB (self), NULL);
  g_return_val_if_fail (G_IS_IO_STREAM (stream), NULL);
  g_return_val_if_fail (kind != WSI_SOURCE_KIND_RECORDING, NULL);

  source = wsi_source_new (kind, about);
  wsi_source_connect (source, stream);
  wsi_hub_add (self, source);

  return source;
}

void
wsi_hub_add (WsiHub    *self,
             WsiSource *source)
{
  g_return_if_fail (WSI_IS_HUB (self));
  g_return_if_fail (WSI_IS_SOURCE (source));
  g_return_if_fail (!g_ptr_array_find (self->sources, source, NULL));

  for (guint i = 0; i < self->sources->len; i++)
    {
      g_autoptr (WsiSource) gone = NULL;

      if (!wsi_hub_is_successor (self->sources->pdata[i], source))
        continue;

      gone = self->sources->pdata[i];
      self->sources->pdata[i] = g_object_ref (source);
      g_list_model_items_changed (G_LIST_MODEL (self), i, 1, 1);
      wsi_source_detach (gone);
      return;
    }

  g_ptr_array_add (self->sources, g_object_ref (source));
  g_list_model_items_changed (G_LIST_MODEL (self), self->sources->len - 1, 0, 1);
}

/* Ends its connection too. */
void
wsi_hub_dismiss (WsiHub    *self,
                 WsiSource *source)
{
  g_autoptr (WsiSource) dismissed = NULL;
  guint position;

  g_return_if_fail (WSI_IS_HUB (self));
  g_return_if_fail (WSI_IS_SOURCE (source));

  if (!g_ptr_array_find (self->sources, source, &position))
    return;

  dismissed = g_object_ref (source);
  g_ptr_array_remove_index (self->sources, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
  wsi_source_detach (dismissed);
}
