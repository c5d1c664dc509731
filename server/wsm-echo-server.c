/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-echo-server.h"

#include <libsoup/soup.h>

#include "wsm-echo-link.h"
#include "wsm-echo-path-private.h"

/**
 * WsmEchoServer:
 *
 * A WebSocket server on loopback that echoes, and misbehaves when told to.
 *
 * The server listens on 127.0.0.1 only. Paths are added with [method@EchoServer.add_path]; what
 * goes wrong there is decided by the properties of the [class@EchoPath], while the server runs.
 * Requests for other paths get a 404.
 *
 * ```c
 * g_autoptr (WsmEchoServer) server = wsm_echo_server_new ();
 * WsmEchoPath *path = wsm_echo_server_add_path (server, "/feed");
 * g_autofree char *uri = NULL;
 *
 * if (!wsm_echo_server_start (server, &error))
 *   return FALSE;
 *
 * uri = wsm_echo_server_dup_uri (server, "/feed");
 * g_object_set (path, "mute-after", 2000, NULL);
 * ```
 *
 * Everything runs on the thread-default main context in which the server is started; there are no
 * threads. The server speaks for itself only in signals, emitted from that context.
 *
 * Since: 0.1
 */

/* A thousand clients may knock in one turn of the loop; a full backlog costs each a second. */
#define BACKLOG 4096

/* libsoup takes 128 KiB a frame unless told otherwise; echo servers are sent large messages. */
#define MAX_PAYLOAD_SIZE (64 * 1024 * 1024)

struct _WsmEchoServer
{
  GObject parent_instance;

  guint port;

  /* (owned) (nullable): only while running. */
  GSocketService *service;
  /* (owned) (nullable): only while running; does not listen itself. */
  SoupServer *soup;

  /* (owned) (element-type utf8 WsmEchoPath) */
  GHashTable *paths;
  /* (owned) (element-type GSocketAddress WsmEchoLink): by the address object, which the link owns
   * and libsoup hands back with each request.
   */
  GHashTable *links;
};

typedef enum
{
  PROP_PORT = 1,
  PROP_RUNNING
} WsmEchoServerProperty;

static GParamSpec *properties[PROP_RUNNING + 1];

enum
{
  SIGNAL_OPENED = 1,
  SIGNAL_MESSAGE_RECEIVED,
  SIGNAL_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsmEchoServer, wsm_echo_server, G_TYPE_OBJECT)

static WsmEchoPath *
wsm_echo_server_get_path_of_link (WsmEchoServer *self,
                                  WsmEchoLink   *link)
{
  const char *name = wsm_echo_link_get_path (link);

  return name != NULL ? g_hash_table_lookup (self->paths, name) : NULL;
}

static void
wsm_echo_server_link_message_cb (WsmEchoServer *self,
                                 guint          type,
                                 GBytes        *bytes,
                                 WsmEchoLink   *link)
{
  g_autoptr (WsmEchoPath) path = NULL;

  path = g_object_ref (wsm_echo_server_get_path_of_link (self, link));

  /* The answer may be the last thing that happens here, so everybody hears of the message first. */
  wsm_echo_path_count_message (path);
  g_signal_emit (self, signals[SIGNAL_MESSAGE_RECEIVED], 0, path, type, bytes);
  wsm_echo_path_answer_message (path, link, (SoupWebsocketDataType) type, bytes);
}

static void
wsm_echo_server_link_pinged_cb (WsmEchoServer *self,
                                WsmEchoLink   *link)
{
  wsm_echo_path_take_ping (wsm_echo_server_get_path_of_link (self, link), link);
}

static void
wsm_echo_server_link_ended_cb (WsmEchoServer *self,
                               guint          code,
                               WsmEchoLink   *link)
{
  WsmEchoPath *path = wsm_echo_server_get_path_of_link (self, link);

  g_hash_table_remove (self->links, wsm_echo_link_get_remote_address (link));

  if (path != NULL && wsm_echo_path_remove_link (path, link))
    g_signal_emit (self, signals[SIGNAL_CLOSED], 0, path, code);
}

static gboolean
wsm_echo_server_incoming_cb (WsmEchoServer     *self,
                             GSocketConnection *connection)
{
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocketAddress) remote = NULL;
  g_autoptr (WsmEchoLink) link = NULL;

  local = g_socket_connection_get_local_address (connection, NULL);
  remote = g_socket_connection_get_remote_address (connection, NULL);

  /* A client that is gone already. */
  if (local == NULL || remote == NULL)
    return TRUE;

  link = wsm_echo_link_new (connection, remote);
  g_signal_connect_object (link, "message", G_CALLBACK (wsm_echo_server_link_message_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (link, "pinged", G_CALLBACK (wsm_echo_server_link_pinged_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (link, "ended", G_CALLBACK (wsm_echo_server_link_ended_cb), self,
                           G_CONNECT_SWAPPED);
  g_hash_table_insert (self->links, remote, g_object_ref (link));

  if (!soup_server_accept_iostream (self->soup, wsm_echo_link_get_stream (link),
                                    local, remote, NULL))
    wsm_echo_link_drop (link, FALSE);

  return TRUE;
}

static void
wsm_echo_server_request_cb (SoupServer        *soup,
                            SoupServerMessage *message,
                            const char        *name,
                            GHashTable        *query,
                            gpointer           user_data)
{
  WsmEchoServer *self = user_data;
  WsmEchoPath *path = g_hash_table_lookup (self->paths, name);
  WsmEchoLink *link;

  link = g_hash_table_lookup (self->links, soup_server_message_get_remote_address (message));

  if (link == NULL)
    {
      /* It ended while its request was read. */
      soup_server_message_set_status (message, SOUP_STATUS_SERVICE_UNAVAILABLE, NULL);
    }
  else if (path == NULL)
    {
      soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
    }
  else
    {
      wsm_echo_link_set_path (link, name);
      wsm_echo_path_answer (path, link, message);
    }
}

static void
wsm_echo_server_websocket_cb (SoupServer              *soup,
                              SoupServerMessage       *message,
                              const char              *name,
                              SoupWebsocketConnection *websocket,
                              gpointer                 user_data)
{
  WsmEchoServer *self = user_data;
  WsmEchoPath *path;
  g_autoptr (WsmEchoLink) link = NULL;

  link = g_hash_table_lookup (self->links, soup_server_message_get_remote_address (message));
  if (link == NULL)
    return;

  g_object_ref (link);
  path = wsm_echo_server_get_path_of_link (self, link);

  soup_websocket_connection_set_max_incoming_payload_size (websocket, MAX_PAYLOAD_SIZE);
  wsm_echo_link_open (link, websocket);
  wsm_echo_path_add_link (path, link);

  g_signal_emit (self, signals[SIGNAL_OPENED], 0, path);

  wsm_echo_path_welcome (path, link);
}

static void
wsm_echo_server_dispose (GObject *object)
{
  WsmEchoServer *self = WSM_ECHO_SERVER (object);
  GHashTableIter iter;
  gpointer link;

  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    g_signal_handlers_disconnect_by_data (link, self);

  wsm_echo_server_stop (self);

  G_OBJECT_CLASS (wsm_echo_server_parent_class)->dispose (object);
}

static void
wsm_echo_server_finalize (GObject *object)
{
  WsmEchoServer *self = WSM_ECHO_SERVER (object);

  g_hash_table_unref (self->links);
  g_hash_table_unref (self->paths);

  G_OBJECT_CLASS (wsm_echo_server_parent_class)->finalize (object);
}

static void
wsm_echo_server_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  WsmEchoServer *self = WSM_ECHO_SERVER (object);

  switch ((WsmEchoServerProperty) prop_id)
    {
    case PROP_PORT:
      g_value_set_uint (value, wsm_echo_server_get_port (self));
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, wsm_echo_server_get_running (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
wsm_echo_server_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  WsmEchoServer *self = WSM_ECHO_SERVER (object);

  switch ((WsmEchoServerProperty) prop_id)
    {
    case PROP_PORT:
      wsm_echo_server_set_port (self, g_value_get_uint (value));
      break;
    case PROP_RUNNING:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
wsm_echo_server_class_init (WsmEchoServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsm_echo_server_dispose;
  object_class->finalize = wsm_echo_server_finalize;
  object_class->get_property = wsm_echo_server_get_property;
  object_class->set_property = wsm_echo_server_set_property;

  /**
   * WsmEchoServer:port: (getter get_port) (setter set_port)
   *
   * The TCP port on 127.0.0.1, 0 for any free one.
   *
   * Becomes the real one when the server starts, and stays, so that a server that is stopped and
   * started again is found where it was. May be set only while the server does not run.
   *
   * Since: 0.1
   */
  properties[PROP_PORT] =
    g_param_spec_uint ("port", NULL, NULL,
                       0, G_MAXUINT16, 0,
                       (G_PARAM_READWRITE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoServer:running: (getter get_running)
   *
   * Whether the server listens.
   *
   * Since: 0.1
   */
  properties[PROP_RUNNING] =
    g_param_spec_boolean ("running", NULL, NULL,
                          FALSE,
                          (G_PARAM_READABLE |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  /**
   * WsmEchoServer::opened:
   * @self: the server
   * @path: the path
   *
   * Emitted when a connection has been opened.
   *
   * Since: 0.1
   */
  signals[SIGNAL_OPENED] =
    g_signal_new ("opened", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, WSM_TYPE_ECHO_PATH);

  /**
   * WsmEchoServer::message-received:
   * @self: the server
   * @path: the path
   * @type: text or binary
   * @bytes: the payload
   *
   * Emitted when a message has arrived, before it is answered.
   *
   * A switch that is changed now holds for the answer.
   *
   * Since: 0.1
   */
  signals[SIGNAL_MESSAGE_RECEIVED] =
    g_signal_new ("message-received", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL,
                  G_TYPE_NONE, 3, WSM_TYPE_ECHO_PATH, SOUP_TYPE_WEBSOCKET_DATA_TYPE, G_TYPE_BYTES);

  /**
   * WsmEchoServer::closed:
   * @self: the server
   * @path: the path
   * @code: the code of the client's close frame, 1005 if it had none, 1006 if there was no frame
   *
   * Emitted when the socket of a connection that was open is closed, whoever closed it.
   *
   * Since: 0.1
   */
  signals[SIGNAL_CLOSED] =
    g_signal_new ("closed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, WSM_TYPE_ECHO_PATH, G_TYPE_UINT);
}

static void
wsm_echo_server_init (WsmEchoServer *self)
{
  self->paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->links = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
}

/**
 * wsm_echo_server_new:
 *
 * Creates a server that does not run yet and has no paths.
 *
 * Returns: (transfer full): a new server
 *
 * Since: 0.1
 */
WsmEchoServer *
wsm_echo_server_new (void)
{
  return g_object_new (WSM_TYPE_ECHO_SERVER, NULL);
}

/**
 * wsm_echo_server_get_port: (get-property port)
 * @self: a server
 *
 * Gets the TCP port, 0 before the first start if any would do.
 *
 * Returns: the port
 *
 * Since: 0.1
 */
guint
wsm_echo_server_get_port (WsmEchoServer *self)
{
  g_return_val_if_fail (WSM_IS_ECHO_SERVER (self), 0);

  return self->port;
}

/**
 * wsm_echo_server_set_port: (set-property port)
 * @self: a server that does not run
 * @port: a TCP port, 0 for any free one
 *
 * Sets the TCP port.
 *
 * Since: 0.1
 */
void
wsm_echo_server_set_port (WsmEchoServer *self,
                          guint          port)
{
  g_return_if_fail (WSM_IS_ECHO_SERVER (self));
  g_return_if_fail (port <= G_MAXUINT16);
  g_return_if_fail (self->service == NULL);

  if (self->port == port)
    return;

  self->port = port;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PORT]);
}

/**
 * wsm_echo_server_get_running: (get-property running)
 * @self: a server
 *
 * Gets whether the server listens.
 *
 * Returns: `TRUE` if it does
 *
 * Since: 0.1
 */
gboolean
wsm_echo_server_get_running (WsmEchoServer *self)
{
  g_return_val_if_fail (WSM_IS_ECHO_SERVER (self), FALSE);

  return self->service != NULL;
}

/**
 * wsm_echo_server_add_path:
 * @self: a server
 * @path: a path as it stands in a URI, percent-encoded and beginning with a slash
 *
 * Adds a path that echoes, or gets the one that was added before.
 *
 * Paths match exactly and may be added while the server runs.
 *
 * Returns: (transfer none): the path
 *
 * Since: 0.1
 */
WsmEchoPath *
wsm_echo_server_add_path (WsmEchoServer *self,
                          const char    *path)
{
  WsmEchoPath *known;

  g_return_val_if_fail (WSM_IS_ECHO_SERVER (self), NULL);
  g_return_val_if_fail (path != NULL && path[0] == '/', NULL);

  known = g_hash_table_lookup (self->paths, path);
  if (known == NULL)
    {
      known = wsm_echo_path_new (path);
      g_hash_table_insert (self->paths, g_strdup (path), known);
    }

  return known;
}

/**
 * wsm_echo_server_lookup_path:
 * @self: a server
 * @path: a path
 *
 * Gets a path that was added.
 *
 * Returns: (transfer none) (nullable): the path, or `NULL` if there is none
 *
 * Since: 0.1
 */
WsmEchoPath *
wsm_echo_server_lookup_path (WsmEchoServer *self,
                             const char    *path)
{
  g_return_val_if_fail (WSM_IS_ECHO_SERVER (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  return g_hash_table_lookup (self->paths, path);
}

/**
 * wsm_echo_server_dup_uri:
 * @self: a server
 * @path: a path, beginning with a slash
 *
 * Gets the address at which a client finds a path.
 *
 * Its port is 0 as long as the server was never started.
 *
 * Returns: (transfer full): a URI, such as `ws://127.0.0.1:4711/feed`
 *
 * Since: 0.1
 */
char *
wsm_echo_server_dup_uri (WsmEchoServer *self,
                         const char    *path)
{
  g_return_val_if_fail (WSM_IS_ECHO_SERVER (self), NULL);
  g_return_val_if_fail (path != NULL && path[0] == '/', NULL);

  return g_uri_join (G_URI_FLAGS_ENCODED_PATH, "ws", NULL, "127.0.0.1", (int) self->port,
                     path, NULL, NULL);
}

/**
 * wsm_echo_server_start:
 * @self: a server
 * @error: return location for an error
 *
 * Begins to listen.
 *
 * A server that was stopped may be started again, and takes the port that it had. Fails if the
 * port is taken. Does nothing if the server runs.
 *
 * Returns: `TRUE` if the server listens
 *
 * Since: 0.1
 */
gboolean
wsm_echo_server_start (WsmEchoServer  *self,
                       GError        **error)
{
  g_autoptr (GSocketService) service = NULL;
  g_autoptr (GInetAddress) loopback = NULL;
  g_autoptr (GSocketAddress) wanted = NULL;
  g_autoptr (GSocketAddress) bound = NULL;
  guint port;

  g_return_val_if_fail (WSM_IS_ECHO_SERVER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->service != NULL)
    return TRUE;

  service = g_socket_service_new ();
  g_socket_listener_set_backlog (G_SOCKET_LISTENER (service), BACKLOG);

  loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  wanted = g_inet_socket_address_new (loopback, (guint16) self->port);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service), wanted,
                                      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                      NULL, &bound, error))
    {
      g_prefix_error (error, "Cannot listen on 127.0.0.1:%u: ", self->port);
      return FALSE;
    }

  g_signal_connect_object (service, "incoming", G_CALLBACK (wsm_echo_server_incoming_cb), self,
                           G_CONNECT_SWAPPED);

  self->soup = soup_server_new ("server-header", "wsmulti-echo", NULL);
  /* libsoup may have it already, or not; adding it twice is not allowed. */
  soup_server_remove_websocket_extension (self->soup, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  soup_server_add_websocket_extension (self->soup, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  soup_server_add_early_handler (self->soup, NULL, wsm_echo_server_request_cb, self, NULL);
  soup_server_add_websocket_handler (self->soup, NULL, NULL, NULL,
                                     wsm_echo_server_websocket_cb, self, NULL);

  self->service = g_steal_pointer (&service);

  port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  if (self->port != port)
    {
      self->port = port;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PORT]);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);

  return TRUE;
}

/**
 * wsm_echo_server_stop:
 * @self: a server
 *
 * Closes the listening socket and all connections at once, without a close frame.
 *
 * No socket is left when this returns. [signal@EchoServer::closed] is emitted for each connection
 * that was open. To be polite call [method@EchoPath.close_all] on each path before, and wait.
 *
 * Since: 0.1
 */
void
wsm_echo_server_stop (WsmEchoServer *self)
{
  g_autoptr (GSocketService) service = NULL;
  g_autoptr (SoupServer) soup = NULL;
  g_autoptr (GPtrArray) links = NULL;
  GHashTableIter iter;
  gpointer link;

  g_return_if_fail (WSM_IS_ECHO_SERVER (self));

  if (self->service == NULL)
    return;

  service = g_steal_pointer (&self->service);
  soup = g_steal_pointer (&self->soup);

  g_signal_handlers_disconnect_by_data (service, self);
  g_socket_service_stop (service);
  g_socket_listener_close (G_SOCKET_LISTENER (service));

  links = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    g_ptr_array_add (links, g_object_ref (link));

  for (guint i = 0; i < links->len; i++)
    wsm_echo_link_drop (g_ptr_array_index (links, i), FALSE);

  soup_server_remove_handler (soup, NULL);
  soup_server_disconnect (soup);

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
}
