/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-fault-relay.h"

#include "wsi-fault-channel.h"
#include "wsi-pong-filter.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/socket.h>

/*
 * One line: what stands between a socket and who uses it.
 *
 * The user gets one end of a pair of sockets. All that can be learned from a socket, how much
 * has come and when, is then as the faults make it, which a stream on top of the real socket
 * could not do.
 */

#define BUFFER_SIZE (64 * 1024)

struct _WsiFaultRelay
{
  GObject parent_instance;

  GSocketConnection *outside; /* (owned) (nullable): leads to the peer; NULL once closed */
  GSocket *inner;             /* (owned) (nullable): our end of the pair */
  GSocketConnection *user;    /* (owned) (nullable): the other one, until it is handed out */

  WsiFaultChannel *incoming; /* (owned) (nullable) */
  WsiFaultChannel *outgoing; /* (owned) (nullable) */
  WsiPongFilter *filter;     /* (owned) */
  GSource *hang_up_source;   /* (owned) (nullable): the user has closed, whatever else is stuck */

  WsiFaults *faults; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (WsiFaultRelay, wsi_fault_relay, G_TYPE_OBJECT)

static GQuark
wsi_fault_relay_quark (void)
{
  return g_quark_from_static_string ("wsi-fault-relay");
}

static void
wsi_fault_relay_close (WsiFaultRelay *self)
{
  if (self->hang_up_source != NULL)
    {
      g_source_destroy (self->hang_up_source);
      g_clear_pointer (&self->hang_up_source, g_source_unref);
    }
  g_clear_pointer (&self->incoming, wsi_fault_channel_free);
  g_clear_pointer (&self->outgoing, wsi_fault_channel_free);
  if (self->inner != NULL)
    g_socket_close (self->inner, NULL);
  if (self->outside != NULL)
    g_io_stream_close (G_IO_STREAM (self->outside), NULL, NULL);
}

/* The last reference may be that of a source that is being dispatched. */
static gboolean
wsi_fault_relay_end_cb (gpointer user_data)
{
  wsi_fault_relay_close (user_data);

  return G_SOURCE_REMOVE;
}

static void
wsi_fault_relay_end_soon (WsiFaultRelay *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_static_name (source, "[wsi] fault end");
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, wsi_fault_relay_end_cb, g_object_ref (self), g_object_unref);
  g_source_attach (source, g_main_context_default ());
}

static void
wsi_fault_relay_channel_ended_cb (gpointer user_data)
{
  WsiFaultRelay *self = user_data;

  if (self->incoming != NULL && wsi_fault_channel_has_ended (self->incoming) &&
      self->outgoing != NULL && wsi_fault_channel_has_ended (self->outgoing))
    wsi_fault_relay_end_soon (self);
}

static void
wsi_fault_relay_filter_cb (const guint8 *data,
                           gsize         length,
                           GByteArray   *passed,
                           gpointer      user_data)
{
  WsiFaultRelay *self = user_data;
  gboolean drop_pongs = self->faults != NULL && wsi_faults_get_drop_pongs (self->faults);

  wsi_pong_filter_pass (self->filter, data, length, drop_pongs, passed);
}

static gboolean
wsi_fault_relay_hang_up_cb (GSocket      *socket,
                            GIOCondition  condition,
                            gpointer      user_data)
{
  WsiFaultRelay *self = user_data;

  if (self->outgoing != NULL)
    wsi_fault_channel_flush (self->outgoing);
  wsi_fault_relay_end_soon (self);

  return G_SOURCE_REMOVE;
}

static void
wsi_fault_relay_faults_changed_cb (WsiFaultRelay *self)
{
  gboolean is_silent = wsi_faults_get_silent (self->faults);

  if (self->incoming == NULL)
    return;

  wsi_fault_channel_set_delay (self->incoming, wsi_faults_get_delay (self->faults));
  wsi_fault_channel_set_stuck (self->outgoing, is_silent);
  wsi_fault_channel_set_stuck (self->incoming, is_silent);
}

static void
wsi_fault_relay_dispose (GObject *object)
{
  WsiFaultRelay *self = WSI_FAULT_RELAY (object);

  wsi_fault_relay_close (self);
  g_clear_object (&self->outside);
  g_clear_object (&self->inner);
  g_clear_object (&self->user);
  g_clear_object (&self->faults);

  G_OBJECT_CLASS (wsi_fault_relay_parent_class)->dispose (object);
}

static void
wsi_fault_relay_finalize (GObject *object)
{
  WsiFaultRelay *self = WSI_FAULT_RELAY (object);

  g_clear_pointer (&self->filter, wsi_pong_filter_free);

  G_OBJECT_CLASS (wsi_fault_relay_parent_class)->finalize (object);
}

static void
wsi_fault_relay_class_init (WsiFaultRelayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsi_fault_relay_dispose;
  object_class->finalize = wsi_fault_relay_finalize;
}

static void
wsi_fault_relay_init (WsiFaultRelay *self)
{
  self->filter = wsi_pong_filter_new ();
}

static GSocket *
wsi_fault_relay_wrap (int      fd,
                      GError **error)
{
  GSocket *socket = g_socket_new_from_fd (fd, error);

  if (socket == NULL)
    g_close (fd, NULL);
  else
    g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, BUFFER_SIZE, NULL);

  return socket;
}

static gboolean
wsi_fault_relay_make_pair (WsiFaultRelay  *self,
                           GError        **error)
{
  g_autoptr (GSocket) user = NULL;
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    {
      int code = errno;

      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (code), g_strerror (code));
      return FALSE;
    }

  self->inner = wsi_fault_relay_wrap (fds[0], error);
  user = wsi_fault_relay_wrap (fds[1], self->inner != NULL ? error : NULL);
  if (self->inner == NULL || user == NULL)
    return FALSE;

  self->user = g_socket_connection_factory_create_connection (user);

  return TRUE;
}

/**
 * wsi_fault_relay_new:
 * @outside: a connected socket
 * @error: return location for an error
 *
 * Makes a line without faults.
 *
 * Returns: (transfer full) (nullable): a relay
 */
WsiFaultRelay *
wsi_fault_relay_new (GSocketConnection  *outside,
                     GError            **error)
{
  g_autoptr (WsiFaultRelay) self = g_object_new (WSI_TYPE_FAULT_RELAY, NULL);

  self->outside = g_object_ref (outside);
  if (!wsi_fault_relay_make_pair (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * wsi_fault_relay_open:
 * @self: a relay
 *
 * Begins, and hands out the end for the user, once.
 *
 * Returns: (transfer full): a stream
 */
GIOStream *
wsi_fault_relay_open (WsiFaultRelay *self)
{
  GSocket *outside = g_socket_connection_get_socket (self->outside);

  g_return_val_if_fail (self->user != NULL, NULL);

  /* The user of the stream may be done long before the peer is, so each holds the relay. */
  g_object_set_qdata_full (G_OBJECT (self->user), wsi_fault_relay_quark (), g_object_ref (self),
                           g_object_unref);

  self->incoming = wsi_fault_channel_new (outside, self->inner, wsi_fault_relay_filter_cb,
                                          wsi_fault_relay_channel_ended_cb, self);
  self->outgoing = wsi_fault_channel_new (self->inner, outside, NULL,
                                          wsi_fault_relay_channel_ended_cb, self);

  self->hang_up_source = g_socket_create_source (self->inner, G_IO_HUP | G_IO_ERR, NULL);
  g_source_set_static_name (self->hang_up_source, "[wsi] fault hang up");
  g_source_set_callback (self->hang_up_source, G_SOURCE_FUNC (wsi_fault_relay_hang_up_cb),
                         g_object_ref (self), g_object_unref);
  g_source_attach (self->hang_up_source, g_main_context_default ());

  return G_IO_STREAM (g_steal_pointer (&self->user));
}

/**
 * wsi_fault_relay_from_stream:
 * @stream: a stream
 *
 * Gets the relay that it is an end of.
 *
 * Returns: (transfer none) (nullable): a relay
 */
WsiFaultRelay *
wsi_fault_relay_from_stream (GIOStream *stream)
{
  return g_object_get_qdata (G_OBJECT (stream), wsi_fault_relay_quark ());
}

/**
 * wsi_fault_relay_set_faults:
 * @self: a relay
 * @faults: its faults, from now on
 *
 * Tells the line what shall go wrong on it.
 */
void
wsi_fault_relay_set_faults (WsiFaultRelay *self,
                            WsiFaults     *faults)
{
  g_return_if_fail (self->faults == NULL);

  self->faults = g_object_ref (faults);
  g_signal_connect_object (faults, "notify", G_CALLBACK (wsi_fault_relay_faults_changed_cb),
                           self, G_CONNECT_SWAPPED);
  wsi_fault_relay_faults_changed_cb (self);
}
