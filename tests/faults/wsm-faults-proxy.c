/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-faults-proxy.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "wsm-faults-pipe.h"

/**
 * WsmFaultsProxy:
 *
 * A way to a server on the loopback interface that is slow, narrow, rough or cut.
 *
 * It hands TCP connections on, byte for byte, so that it does not matter what is spoken on them.
 * The properties may be changed while bytes are on the way; they are properties only, because
 * they are set by name from several languages. It lives on the default main context.
 */

#define NO_LIMIT G_MAXUINT64
#define DEFAULT_SEED 1

typedef enum
{
  PROP_TARGET_PORT = 1,
  PROP_LATENCY,
  PROP_JITTER,
  PROP_BANDWIDTH,
  PROP_SLICE,
  PROP_LIMIT,
  PROP_RESETS,
  PROP_SWALLOW_UP,
  PROP_SWALLOW_DOWN,
  PROP_N_CONNECTIONS,
  PROP_N_BYTES_UP,
  PROP_N_BYTES_DOWN,
} WsmFaultsProxyProperty;

#define PROP_LAST_ONE PROP_N_BYTES_DOWN

/* Up is to the server, down is to the client. */
typedef struct
{
  WsmFaultsProxy *proxy; /* (unowned) */
  GSocket *client;       /* (owned) */
  GSocket *server;       /* (owned) */
  WsmFaultsPipe *up;     /* (owned) */
  WsmFaultsPipe *down;   /* (owned) */
  guint64 n_bytes;       /* both ways */
  guint n_ended;         /* of the two ways */
} Relay;

struct _WsmFaultsProxy
{
  GObject parent_instance;

  guint target_port;
  WsmFaultsWeather weather;
  guint64 limit;
  gboolean resets;
  gboolean swallows_up;
  gboolean swallows_down;

  GSocketService *service; /* (owned) (nullable) */
  guint port;
  GPtrArray *relays;       /* (owned) (element-type Relay) */
  guint n_connections;
  guint64 n_bytes_up;
  guint64 n_bytes_down;
};

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsmFaultsProxy, wsm_faults_proxy, G_TYPE_OBJECT)

static void
relay_free (gpointer data)
{
  Relay *relay = data;

  g_clear_pointer (&relay->up, wsm_faults_pipe_free);
  g_clear_pointer (&relay->down, wsm_faults_pipe_free);
  g_socket_close (relay->client, NULL);
  g_socket_close (relay->server, NULL);
  g_object_unref (relay->client);
  g_object_unref (relay->server);
  g_free (relay);
}

static void
make_reset (GSocket *socket)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

/* The relay is freed. */
static void
wsm_faults_proxy_end (WsmFaultsProxy *self,
                      Relay          *relay,
                      gboolean        resets)
{
  if (resets)
    {
      make_reset (relay->client);
      make_reset (relay->server);
    }
  g_ptr_array_remove_fast (self->relays, relay);
}

static guint64
wsm_faults_proxy_pipe_allowance_cb (gpointer user_data)
{
  Relay *relay = user_data;
  guint64 limit = relay->proxy->limit;

  return limit == NO_LIMIT ? NO_LIMIT : limit - MIN (limit, relay->n_bytes);
}

static void
wsm_faults_proxy_note_moved (WsmFaultsProxy *self,
                             Relay          *relay,
                             WsmFaultsPipe  *pipe,
                             guint           n_bytes)
{
  relay->n_bytes += n_bytes;
  if (pipe == relay->up)
    self->n_bytes_up += n_bytes;
  else
    self->n_bytes_down += n_bytes;

  if (self->limit != NO_LIMIT && relay->n_bytes >= self->limit)
    wsm_faults_proxy_end (self, relay, self->resets);
}

static void
wsm_faults_proxy_pipe_cb (WsmFaultsPipe     *pipe,
                          WsmFaultsPipeNews  news,
                          guint              n_bytes,
                          gpointer           user_data)
{
  Relay *relay = user_data;
  WsmFaultsProxy *self = relay->proxy;

  switch (news)
    {
    case WSM_FAULTS_PIPE_MOVED:
      wsm_faults_proxy_note_moved (self, relay, pipe, n_bytes);
      break;
    case WSM_FAULTS_PIPE_ENDED:
      g_socket_shutdown (pipe == relay->up ? relay->server : relay->client, FALSE, TRUE, NULL);
      if (++relay->n_ended == 2)
        wsm_faults_proxy_end (self, relay, FALSE);
      break;
    case WSM_FAULTS_PIPE_BROKE:
      wsm_faults_proxy_end (self, relay, TRUE);
      break;
    default:
      g_assert_not_reached ();
    }
}

static GSocket *
wsm_faults_proxy_connect (WsmFaultsProxy *self)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;

  address = g_inet_socket_address_new (loopback, self->target_port);
  socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                         &error);
  g_assert_no_error (error);
  if (!g_socket_connect (socket, address, NULL, NULL))
    return NULL;

  return g_steal_pointer (&socket);
}

static void
wsm_faults_proxy_apply_holes (WsmFaultsProxy *self)
{
  for (guint i = 0; i < self->relays->len; i++)
    {
      Relay *relay = g_ptr_array_index (self->relays, i);

      wsm_faults_pipe_set_hole (relay->up, self->swallows_up);
      wsm_faults_pipe_set_hole (relay->down, self->swallows_down);
    }
}

static gboolean
wsm_faults_proxy_service_incoming_cb (GSocketService    *service,
                                      GSocketConnection *connection,
                                      GObject           *source,
                                      gpointer           user_data)
{
  WsmFaultsProxy *self = user_data;
  g_autoptr (GSocket) client = g_object_ref (g_socket_connection_get_socket (connection));
  g_autoptr (GSocket) server = wsm_faults_proxy_connect (self);
  Relay *relay;

  self->n_connections++;
  if (server == NULL)
    {
      make_reset (client);
      return FALSE;
    }

  g_socket_set_blocking (client, FALSE);
  g_socket_set_blocking (server, FALSE);
  g_socket_set_option (client, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  g_socket_set_option (server, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);

  relay = g_new0 (Relay, 1);
  relay->proxy = self;
  relay->up = wsm_faults_pipe_new (client, server, &self->weather, wsm_faults_proxy_pipe_cb,
                                   wsm_faults_proxy_pipe_allowance_cb, relay);
  relay->down = wsm_faults_pipe_new (server, client, &self->weather, wsm_faults_proxy_pipe_cb,
                                     wsm_faults_proxy_pipe_allowance_cb, relay);
  relay->client = g_steal_pointer (&client);
  relay->server = g_steal_pointer (&server);
  g_ptr_array_add (self->relays, relay);
  wsm_faults_proxy_apply_holes (self);

  return TRUE;
}

static void
wsm_faults_proxy_dispose (GObject *object)
{
  WsmFaultsProxy *self = WSM_FAULTS_PROXY (object);

  g_ptr_array_set_size (self->relays, 0);
  if (self->service != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->service, self);
      g_socket_service_stop (self->service);
      g_socket_listener_close (G_SOCKET_LISTENER (self->service));
    }
  g_clear_object (&self->service);

  G_OBJECT_CLASS (wsm_faults_proxy_parent_class)->dispose (object);
}

static void
wsm_faults_proxy_finalize (GObject *object)
{
  WsmFaultsProxy *self = WSM_FAULTS_PROXY (object);

  g_ptr_array_unref (self->relays);
  g_rand_free (self->weather.random);

  G_OBJECT_CLASS (wsm_faults_proxy_parent_class)->finalize (object);
}

static void
wsm_faults_proxy_constructed (GObject *object)
{
  WsmFaultsProxy *self = WSM_FAULTS_PROXY (object);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) effective = NULL;
  g_autoptr (GError) error = NULL;

  G_OBJECT_CLASS (wsm_faults_proxy_parent_class)->constructed (object);

  self->service = g_socket_service_new ();
  g_signal_connect (self->service, "incoming", G_CALLBACK (wsm_faults_proxy_service_incoming_cb),
                    self);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), wanted, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, NULL, &effective, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));
  g_socket_service_start (self->service);
}

static void
wsm_faults_proxy_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  WsmFaultsProxy *self = WSM_FAULTS_PROXY (object);

  switch ((WsmFaultsProxyProperty) prop_id)
    {
    case PROP_TARGET_PORT:
      g_value_set_uint (value, self->target_port);
      break;
    case PROP_LATENCY:
      g_value_set_uint (value, self->weather.latency_ms);
      break;
    case PROP_JITTER:
      g_value_set_uint (value, self->weather.jitter_ms);
      break;
    case PROP_BANDWIDTH:
      g_value_set_uint (value, self->weather.bandwidth);
      break;
    case PROP_SLICE:
      g_value_set_uint (value, self->weather.slice);
      break;
    case PROP_LIMIT:
      g_value_set_uint64 (value, self->limit);
      break;
    case PROP_RESETS:
      g_value_set_boolean (value, self->resets);
      break;
    case PROP_SWALLOW_UP:
      g_value_set_boolean (value, self->swallows_up);
      break;
    case PROP_SWALLOW_DOWN:
      g_value_set_boolean (value, self->swallows_down);
      break;
    case PROP_N_CONNECTIONS:
      g_value_set_uint (value, self->n_connections);
      break;
    case PROP_N_BYTES_UP:
      g_value_set_uint64 (value, self->n_bytes_up);
      break;
    case PROP_N_BYTES_DOWN:
      g_value_set_uint64 (value, self->n_bytes_down);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_faults_proxy_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  WsmFaultsProxy *self = WSM_FAULTS_PROXY (object);

  switch ((WsmFaultsProxyProperty) prop_id)
    {
    case PROP_TARGET_PORT:
      self->target_port = g_value_get_uint (value);
      break;
    case PROP_LATENCY:
      self->weather.latency_ms = g_value_get_uint (value);
      break;
    case PROP_JITTER:
      self->weather.jitter_ms = g_value_get_uint (value);
      break;
    case PROP_BANDWIDTH:
      self->weather.bandwidth = g_value_get_uint (value);
      break;
    case PROP_SLICE:
      self->weather.slice = g_value_get_uint (value);
      break;
    case PROP_LIMIT:
      self->limit = g_value_get_uint64 (value);
      break;
    case PROP_RESETS:
      self->resets = g_value_get_boolean (value);
      break;
    case PROP_SWALLOW_UP:
      self->swallows_up = g_value_get_boolean (value);
      wsm_faults_proxy_apply_holes (self);
      break;
    case PROP_SWALLOW_DOWN:
      self->swallows_down = g_value_get_boolean (value);
      wsm_faults_proxy_apply_holes (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_faults_proxy_class_init (WsmFaultsProxyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags writable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->constructed = wsm_faults_proxy_constructed;
  object_class->dispose = wsm_faults_proxy_dispose;
  object_class->finalize = wsm_faults_proxy_finalize;
  object_class->get_property = wsm_faults_proxy_get_property;
  object_class->set_property = wsm_faults_proxy_set_property;

  /**
   * WsmFaultsProxy:target-port:
   *
   * The port of the server, on the loopback interface.
   */
  properties[PROP_TARGET_PORT] =
    g_param_spec_uint ("target-port", NULL, NULL, 0, G_MAXUINT16, 0, writable);

  /**
   * WsmFaultsProxy:latency:
   *
   * How long each byte is on the way, in either direction, in milliseconds.
   */
  properties[PROP_LATENCY] =
    g_param_spec_uint ("latency", NULL, NULL, 0, 3600 * 1000, 0, writable);

  /**
   * WsmFaultsProxy:jitter:
   *
   * How much longer than that it may be, by chance, in milliseconds.
   */
  properties[PROP_JITTER] =
    g_param_spec_uint ("jitter", NULL, NULL, 0, 1000 * 1000, 0, writable);

  /**
   * WsmFaultsProxy:bandwidth:
   *
   * How many bytes a second get through in each direction; 0, the default, is any number.
   */
  properties[PROP_BANDWIDTH] =
    g_param_spec_uint ("bandwidth", NULL, NULL, 0, G_MAXUINT, 0, writable);

  /**
   * WsmFaultsProxy:slice:
   *
   * How many bytes are handed on at a time; 0, the default, is as many as come.
   */
  properties[PROP_SLICE] =
    g_param_spec_uint ("slice", NULL, NULL, 0, G_MAXUINT, 0, writable);

  /**
   * WsmFaultsProxy:limit:
   *
   * After how many bytes, counted both ways, a connection is cut; the largest number, which is
   * the default, is never.
   */
  properties[PROP_LIMIT] =
    g_param_spec_uint64 ("limit", NULL, NULL, 0, NO_LIMIT, NO_LIMIT, writable);

  /**
   * WsmFaultsProxy:resets:
   *
   * Whether both ends are reset when a connection is cut; by default their streams end.
   */
  properties[PROP_RESETS] =
    g_param_spec_boolean ("resets", NULL, NULL, FALSE, writable);

  /**
   * WsmFaultsProxy:swallow-up:
   *
   * Whether what the client sends gets lost.
   */
  properties[PROP_SWALLOW_UP] =
    g_param_spec_boolean ("swallow-up", NULL, NULL, FALSE, writable);

  /**
   * WsmFaultsProxy:swallow-down:
   *
   * Whether what the server sends gets lost.
   */
  properties[PROP_SWALLOW_DOWN] =
    g_param_spec_boolean ("swallow-down", NULL, NULL, FALSE, writable);

  properties[PROP_N_CONNECTIONS] =
    g_param_spec_uint ("n-connections", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_N_BYTES_UP] =
    g_param_spec_uint64 ("n-bytes-up", NULL, NULL, 0, G_MAXUINT64, 0, readable);
  properties[PROP_N_BYTES_DOWN] =
    g_param_spec_uint64 ("n-bytes-down", NULL, NULL, 0, G_MAXUINT64, 0, readable);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsm_faults_proxy_init (WsmFaultsProxy *self)
{
  self->limit = NO_LIMIT;
  self->weather.random = g_rand_new_with_seed (DEFAULT_SEED);
  self->relays = g_ptr_array_new_with_free_func (relay_free);
}

/**
 * wsm_faults_proxy_new:
 * @target_port: the port of the server
 *
 * Makes a proxy that listens on a port of its own.
 *
 * Returns: (transfer full): a new proxy
 */
WsmFaultsProxy *
wsm_faults_proxy_new (guint target_port)
{
  return g_object_new (WSM_TYPE_FAULTS_PROXY, "target-port", target_port, NULL);
}

/**
 * wsm_faults_proxy_get_port:
 * @self: a proxy
 *
 * Gets where it listens.
 *
 * Returns: the port
 */
guint
wsm_faults_proxy_get_port (WsmFaultsProxy *self)
{
  g_return_val_if_fail (WSM_IS_FAULTS_PROXY (self), 0);

  return self->port;
}

/**
 * wsm_faults_proxy_dup_uri:
 * @self: a proxy
 * @path: a path of the server
 *
 * Makes the URI under which that path is reached through the proxy, without TLS.
 *
 * Returns: (transfer full): the URI
 */
char *
wsm_faults_proxy_dup_uri (WsmFaultsProxy *self,
                          const char     *path)
{
  g_return_val_if_fail (WSM_IS_FAULTS_PROXY (self), NULL);
  g_return_val_if_fail (path != NULL && *path == '/', NULL);

  return g_strdup_printf ("ws://127.0.0.1:%u%s", self->port, path);
}

static void
wsm_faults_proxy_end_all (WsmFaultsProxy *self,
                          gboolean        resets)
{
  while (self->relays->len > 0)
    wsm_faults_proxy_end (self, g_ptr_array_index (self->relays, 0), resets);
}

/**
 * wsm_faults_proxy_reset_all:
 * @self: a proxy
 *
 * Resets both ends of all connections that are there now.
 */
void
wsm_faults_proxy_reset_all (WsmFaultsProxy *self)
{
  g_return_if_fail (WSM_IS_FAULTS_PROXY (self));

  wsm_faults_proxy_end_all (self, TRUE);
}

/**
 * wsm_faults_proxy_drop_all:
 * @self: a proxy
 *
 * Ends all connections that are there now without a word.
 */
void
wsm_faults_proxy_drop_all (WsmFaultsProxy *self)
{
  g_return_if_fail (WSM_IS_FAULTS_PROXY (self));

  wsm_faults_proxy_end_all (self, FALSE);
}
