/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-faults-server-private.h"

#include "raw-server.h"
#include "wsm-faults-visit.h"

/**
 * WsmFaultsServer:
 *
 * A WebSocket server of which each path goes wrong in a way of its own.
 *
 * What a client asks for is what it gets: `/handshake/…` goes wrong instead of an honest answer to
 * the handshake, all other paths after it. A path may end in an argument, as in `/close/1012`, and
 * may be followed by options: with `?on=message` it goes wrong when the first message has come,
 * with `?after=` so many milliseconds after the handshake, else at once.
 * [method@Server.dup_paths] tells what there is; what an honest server does, `/echo` does.
 *
 * It listens on the loopback interface, and lives on the default main context.
 */

typedef enum
{
  PROP_CERTIFICATE = 1,
  PROP_PORT,
  PROP_LAST_CLOSE_CODE,
  PROP_LAST_REQUEST,
  PROP_N_CONNECTIONS,
  PROP_N_REQUESTS,
  PROP_N_HANDSHAKES,
  PROP_N_MESSAGES,
  PROP_N_PINGS,
  PROP_N_PONGS,
  PROP_N_CLOSES,
} WsmFaultsServerProperty;

#define PROP_LAST_ONE PROP_N_CLOSES

struct _WsmFaultsServer
{
  GObject parent_instance;

  GTlsCertificate *certificate; /* (owned) (nullable) */
  guint port;                   /* 0: a free one is chosen at the first start */
  RawServer *raw;               /* (owned) (nullable): while it runs */

  char *last_request;           /* (owned) (nullable) */
  guint last_close_code;
  guint n_connections;          /* of the runs before this one */
  guint counts[WSM_FAULTS_N_COUNTS];
};

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsmFaultsServer, wsm_faults_server, G_TYPE_OBJECT)

static guint
wsm_faults_server_get_n_connections (WsmFaultsServer *self)
{
  return self->n_connections + (self->raw != NULL ? raw_server_get_n_peers (self->raw) : 0);
}

static void
wsm_faults_server_raw_request_cb (RawPeer    *peer,
                                  const char *request,
                                  gpointer    user_data)
{
  WsmFaultsServer *self = user_data;
  WsmFaultsVisit *visit = wsm_faults_visit_new (self, peer, request);

  g_free (self->last_request);
  self->last_request = g_utf8_make_valid (request, -1);
  wsm_faults_server_count (self, WSM_FAULTS_COUNT_REQUESTS);
  raw_peer_set_data (peer, visit, (GDestroyNotify) wsm_faults_visit_free);
  wsm_faults_visit_begin (visit);
}

static void
wsm_faults_server_raw_input_cb (RawPeer  *peer,
                                gpointer  user_data)
{
  wsm_faults_visit_read (raw_peer_get_data (peer));
}

static void
wsm_faults_server_dispose (GObject *object)
{
  WsmFaultsServer *self = WSM_FAULTS_SERVER (object);

  wsm_faults_server_stop (self);
  g_clear_object (&self->certificate);

  G_OBJECT_CLASS (wsm_faults_server_parent_class)->dispose (object);
}

static void
wsm_faults_server_finalize (GObject *object)
{
  WsmFaultsServer *self = WSM_FAULTS_SERVER (object);

  g_free (self->last_request);

  G_OBJECT_CLASS (wsm_faults_server_parent_class)->finalize (object);
}

static void
wsm_faults_server_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  WsmFaultsServer *self = WSM_FAULTS_SERVER (object);

  switch ((WsmFaultsServerProperty) prop_id)
    {
    case PROP_CERTIFICATE:
      g_value_set_object (value, self->certificate);
      break;
    case PROP_PORT:
      g_value_set_uint (value, self->port);
      break;
    case PROP_LAST_CLOSE_CODE:
      g_value_set_uint (value, self->last_close_code);
      break;
    case PROP_LAST_REQUEST:
      g_value_set_string (value, self->last_request);
      break;
    case PROP_N_CONNECTIONS:
      g_value_set_uint (value, wsm_faults_server_get_n_connections (self));
      break;
    case PROP_N_REQUESTS:
      g_value_set_uint (value, self->counts[WSM_FAULTS_COUNT_REQUESTS]);
      break;
    case PROP_N_HANDSHAKES:
      g_value_set_uint (value, self->counts[WSM_FAULTS_COUNT_HANDSHAKES]);
      break;
    case PROP_N_MESSAGES:
      g_value_set_uint (value, self->counts[WSM_FAULTS_COUNT_MESSAGES]);
      break;
    case PROP_N_PINGS:
      g_value_set_uint (value, self->counts[WSM_FAULTS_COUNT_PINGS]);
      break;
    case PROP_N_PONGS:
      g_value_set_uint (value, self->counts[WSM_FAULTS_COUNT_PONGS]);
      break;
    case PROP_N_CLOSES:
      g_value_set_uint (value, self->counts[WSM_FAULTS_COUNT_CLOSES]);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_faults_server_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  WsmFaultsServer *self = WSM_FAULTS_SERVER (object);

  switch ((WsmFaultsServerProperty) prop_id)
    {
    case PROP_CERTIFICATE:
      wsm_faults_server_set_certificate (self, g_value_get_object (value));
      break;
    case PROP_PORT:
      wsm_faults_server_set_port (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_faults_server_install_count (GObjectClass *object_class,
                                 guint         prop_id,
                                 const char   *name)
{
  properties[prop_id] = g_param_spec_uint (name, NULL, NULL, 0, G_MAXUINT, 0,
                                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, prop_id, properties[prop_id]);
}

static void
wsm_faults_server_class_init (WsmFaultsServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsm_faults_server_dispose;
  object_class->finalize = wsm_faults_server_finalize;
  object_class->get_property = wsm_faults_server_get_property;
  object_class->set_property = wsm_faults_server_set_property;

  /**
   * WsmFaultsServer:certificate: (getter get_certificate) (setter set_certificate)
   *
   * With which it speaks TLS to those that come from now on; `NULL`, the default, for plain TCP.
   */
  properties[PROP_CERTIFICATE] =
    g_param_spec_object ("certificate", NULL, NULL,
                         G_TYPE_TLS_CERTIFICATE,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_CERTIFICATE, properties[PROP_CERTIFICATE]);

  /**
   * WsmFaultsServer:port: (getter get_port) (setter set_port)
   *
   * Where it listens; 0, the default, until it has started for the first time on a free one.
   */
  properties[PROP_PORT] =
    g_param_spec_uint ("port", NULL, NULL,
                       0, G_MAXUINT16, 0,
                       (G_PARAM_READWRITE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_PORT, properties[PROP_PORT]);

  /**
   * WsmFaultsServer:last-request: (getter get_last_request)
   *
   * The head of the request that came last.
   */
  properties[PROP_LAST_REQUEST] =
    g_param_spec_string ("last-request", NULL, NULL,
                         NULL,
                         (G_PARAM_READABLE |
                          G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_LAST_REQUEST,
                                   properties[PROP_LAST_REQUEST]);

  /* 1005 stands for a close frame without a code, 0 for none yet. */
  wsm_faults_server_install_count (object_class, PROP_LAST_CLOSE_CODE, "last-close-code");
  wsm_faults_server_install_count (object_class, PROP_N_CONNECTIONS, "n-connections");
  wsm_faults_server_install_count (object_class, PROP_N_REQUESTS, "n-requests");
  wsm_faults_server_install_count (object_class, PROP_N_HANDSHAKES, "n-handshakes");
  wsm_faults_server_install_count (object_class, PROP_N_MESSAGES, "n-messages");
  wsm_faults_server_install_count (object_class, PROP_N_PINGS, "n-pings");
  wsm_faults_server_install_count (object_class, PROP_N_PONGS, "n-pongs");
  wsm_faults_server_install_count (object_class, PROP_N_CLOSES, "n-closes");
}

static void
wsm_faults_server_init (WsmFaultsServer *self)
{
}

/**
 * wsm_faults_server_new:
 *
 * Makes a server that does not listen yet.
 *
 * Returns: (transfer full): a new server
 */
WsmFaultsServer *
wsm_faults_server_new (void)
{
  return g_object_new (WSM_TYPE_FAULTS_SERVER, NULL);
}

/**
 * wsm_faults_server_get_certificate: (get-property certificate)
 * @self: a server
 *
 * Gets with what it speaks TLS.
 *
 * Returns: (transfer none) (nullable): the certificate
 */
GTlsCertificate *
wsm_faults_server_get_certificate (WsmFaultsServer *self)
{
  g_return_val_if_fail (WSM_IS_FAULTS_SERVER (self), NULL);

  return self->certificate;
}

/**
 * wsm_faults_server_set_certificate: (set-property certificate)
 * @self: a server
 * @certificate: (nullable): with its private key, or `NULL` for plain TCP
 *
 * Sets with what it speaks TLS to those that come from now on.
 */
void
wsm_faults_server_set_certificate (WsmFaultsServer *self,
                                   GTlsCertificate *certificate)
{
  g_return_if_fail (WSM_IS_FAULTS_SERVER (self));
  g_return_if_fail (certificate == NULL || G_IS_TLS_CERTIFICATE (certificate));

  if (!g_set_object (&self->certificate, certificate))
    return;

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CERTIFICATE]);
  if (self->raw != NULL)
    raw_server_use_tls (self->raw, certificate);
}

/**
 * wsm_faults_server_get_port: (get-property port)
 * @self: a server
 *
 * Gets where it listens.
 *
 * Returns: the port, or 0 before it has started
 */
guint
wsm_faults_server_get_port (WsmFaultsServer *self)
{
  g_return_val_if_fail (WSM_IS_FAULTS_SERVER (self), 0);

  return self->port;
}

/**
 * wsm_faults_server_set_port: (set-property port)
 * @self: a server
 * @port: a port, or 0 for a free one
 *
 * Sets where it listens after the next start.
 */
void
wsm_faults_server_set_port (WsmFaultsServer *self,
                            guint            port)
{
  g_return_if_fail (WSM_IS_FAULTS_SERVER (self));
  g_return_if_fail (port <= G_MAXUINT16);

  if (self->port == port)
    return;

  self->port = port;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PORT]);
}

/**
 * wsm_faults_server_get_last_request: (get-property last-request)
 * @self: a server
 *
 * Gets the head of the request that came last.
 *
 * Returns: (transfer none) (nullable): its lines
 */
const char *
wsm_faults_server_get_last_request (WsmFaultsServer *self)
{
  g_return_val_if_fail (WSM_IS_FAULTS_SERVER (self), NULL);

  return self->last_request;
}

/**
 * wsm_faults_server_dup_uri:
 * @self: a server that has started
 * @path: what is to go wrong, with its argument and options
 *
 * Makes the URI of a path; it is good for a server that has stopped, too.
 *
 * Returns: (transfer full): the URI
 */
char *
wsm_faults_server_dup_uri (WsmFaultsServer *self,
                           const char      *path)
{
  g_return_val_if_fail (WSM_IS_FAULTS_SERVER (self), NULL);
  g_return_val_if_fail (path != NULL && *path == '/', NULL);
  g_return_val_if_fail (self->port != 0, NULL);

  return g_strdup_printf ("%s://127.0.0.1:%u%s", self->certificate != NULL ? "wss" : "ws",
                          self->port, path);
}

/**
 * wsm_faults_server_dup_paths:
 * @self: a server
 *
 * Lists what can go wrong, each with a placeholder for its argument.
 *
 * Returns: (transfer full): the paths
 */
char **
wsm_faults_server_dup_paths (WsmFaultsServer *self)
{
  g_return_val_if_fail (WSM_IS_FAULTS_SERVER (self), NULL);

  return wsm_faults_visit_dup_paths ();
}

/**
 * wsm_faults_server_start:
 * @self: a server
 *
 * Listens.
 */
void
wsm_faults_server_start (WsmFaultsServer *self)
{
  g_return_if_fail (WSM_IS_FAULTS_SERVER (self));
  g_return_if_fail (self->raw == NULL);

  self->raw = raw_server_new_on_port (self->port, wsm_faults_server_raw_request_cb, self);
  raw_server_watch_input (self->raw, wsm_faults_server_raw_input_cb);
  raw_server_use_tls (self->raw, self->certificate);
  wsm_faults_server_set_port (self, raw_server_get_port (self->raw));
}

/**
 * wsm_faults_server_stop:
 * @self: a server
 *
 * Drops all clients and refuses new ones, until it is started again on the same port.
 */
void
wsm_faults_server_stop (WsmFaultsServer *self)
{
  g_return_if_fail (WSM_IS_FAULTS_SERVER (self));

  if (self->raw == NULL)
    return;

  self->n_connections = wsm_faults_server_get_n_connections (self);
  g_clear_pointer (&self->raw, raw_server_free);
}

void
wsm_faults_server_count (WsmFaultsServer *self,
                         WsmFaultsCount   what)
{
  self->counts[what]++;
}

void
wsm_faults_server_note_close (WsmFaultsServer *self,
                              guint            code)
{
  self->last_close_code = code;
  wsm_faults_server_count (self, WSM_FAULTS_COUNT_CLOSES);
}
