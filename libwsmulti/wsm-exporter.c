/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-exporter.h"

#include "wsm-error.h"
#include "wsm-exporter-announcer.h"
#include "wsm-exporter-client.h"
#include "wsm-exporter-environment.h"
#include "wsm-exporter-errors.h"
#include "wsm-pool-list.h"
#include "wsm-pool-private.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/**
 * WsmExporter:
 *
 * Shows a pool to inspectors.
 *
 * While it lives, an inspector of the same user can watch the connections of the pool: their
 * states, beats, round trips and counters, and the sizes of their frames. What could hold a secret
 * stays in the process: the values of a URI's query, of headers, messages and the payloads of
 * beats. What costs the pool anything begins when somebody watches.
 *
 * ```c
 * static WsmExporter *
 * show (WsmPool *pool)
 * {
 *   return g_object_new (WSM_TYPE_EXPORTER,
 *                        "pool", pool,
 *                        "name", "Price ticker",
 *                        "allow-control", TRUE,
 *                        NULL);
 * }
 * ```
 *
 * A program need not do that to be looked into: with `WSMULTI_INSPECT=1` in its environment, each
 * of its pools is shown, to be looked at only, until an exporter of its own announces the same
 * pool.
 *
 * An exporter belongs to the thread of its pool. It keeps the pool as little alive as the pool
 * keeps it, and once either of them is gone, nothing is shown any more.
 *
 * More in the book: [Looking into a program](inspecting.html).
 *
 * Since: 0.1
 */

#define MAX_PAYLOAD_CAPTURE (64 * 1024)

/* Each costs memory in a program that has something else to do. */
#define MAX_CLIENTS 16

struct _WsmExporter
{
  GObject parent_instance;

  WsmExhibit exhibit;
  gboolean announce;

  GPtrArray *clients; /* (owned) (element-type WsmExporterClient) */
  guint n_clients;    /* of those, the ones that are ready */

  WsmExporterAnnouncer *announcer; /* (owned) (nullable) */
};

typedef enum
{
  PROP_POOL = 1,
  PROP_NAME,
  PROP_ALLOW_CONTROL,
  PROP_PAYLOAD_CAPTURE,
  PROP_ANNOUNCE,
  PROP_N_CLIENTS,
} WsmExporterProperty;

static GParamSpec *properties[PROP_N_CLIENTS + 1];

G_DEFINE_FINAL_TYPE (WsmExporter, wsm_exporter, G_TYPE_OBJECT)

/* Clients. */

static void
wsm_exporter_update_n_clients (WsmExporter *self)
{
  guint n = 0;

  for (guint i = 0; i < self->clients->len; i++)
    n += wsm_exporter_client_is_ready (g_ptr_array_index (self->clients, i)) ? 1 : 0;
  if (n == self->n_clients)
    return;
  self->n_clients = n;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_CLIENTS]);
}

static void
wsm_exporter_client_ready_cb (WsmExporterClient *client,
                              gpointer           owner)
{
  wsm_exporter_update_n_clients (WSM_EXPORTER (owner));
}

static void
wsm_exporter_client_ended_cb (WsmExporterClient *client,
                              gpointer           owner)
{
  g_autoptr (WsmExporter) self = g_object_ref (owner);

  g_ptr_array_remove (self->clients, client);
  wsm_exporter_update_n_clients (self);
}

static const WsmExporterClientOwner wsm_exporter_client_owner = {
  .ready = wsm_exporter_client_ready_cb,
  .ended = wsm_exporter_client_ended_cb,
};

static void
wsm_exporter_drop_clients (WsmExporter *self)
{
  for (guint i = 0; i < self->clients->len; i++)
    wsm_exporter_client_close (g_ptr_array_index (self->clients, i));
  g_ptr_array_set_size (self->clients, 0);
}

/* What the pool tells. */

static void
wsm_exporter_pool_added_cb (gpointer       observer,
                            WsmConnection *connection)
{
  WsmExporter *self = observer;

  for (guint i = 0; i < self->clients->len; i++)
    wsm_exporter_client_note_added (g_ptr_array_index (self->clients, i), connection);
}

static void
wsm_exporter_pool_removed_cb (gpointer       observer,
                              WsmConnection *connection,
                              guint64        id)
{
  WsmExporter *self = observer;

  for (guint i = 0; i < self->clients->len; i++)
    wsm_exporter_client_note_removed (g_ptr_array_index (self->clients, i), connection, id);
}

static void
wsm_exporter_pool_changed_cb (gpointer       observer,
                              WsmConnection *connection,
                              WsmChange      change)
{
  WsmExporter *self = observer;

  for (guint i = 0; i < self->clients->len; i++)
    wsm_exporter_client_note_changed (g_ptr_array_index (self->clients, i), connection, change);
}

static void
wsm_exporter_pool_frame_cb (gpointer        observer,
                            WsmConnection  *connection,
                            const WsmFrame *frame)
{
  WsmExporter *self = observer;

  for (guint i = 0; i < self->clients->len; i++)
    wsm_exporter_client_note_frame (g_ptr_array_index (self->clients, i), connection, frame);
}

static void
wsm_exporter_pool_gone_cb (gpointer observer)
{
  g_autoptr (WsmExporter) self = g_object_ref (observer);

  wsm_exporter_drop_clients (self);
  g_clear_pointer (&self->announcer, wsm_exporter_announcer_stop);
  self->exhibit.pool = NULL;
  wsm_exporter_update_n_clients (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_POOL]);
}

static const WsmPoolObserver wsm_exporter_pool_observer = {
  .added = wsm_exporter_pool_added_cb,
  .removed = wsm_exporter_pool_removed_cb,
  .changed = wsm_exporter_pool_changed_cb,
  .frame = wsm_exporter_pool_frame_cb,
  .gone = wsm_exporter_pool_gone_cb,
};

/* Its own life. */

static GIOStream *
wsm_exporter_announcer_found_cb (gpointer owner)
{
  return wsm_exporter_connect_client (WSM_EXPORTER (owner), NULL);
}

static void
wsm_exporter_constructed (GObject *object)
{
  WsmExporter *self = WSM_EXPORTER (object);

  G_OBJECT_CLASS (wsm_exporter_parent_class)->constructed (object);

  if (self->exhibit.pool == NULL || !wsm_pool_may_be_called (self->exhibit.pool) ||
      wsm_pool_get_scheduler (self->exhibit.pool) == NULL)
    {
      self->exhibit.pool = NULL;
      return;
    }

  wsm_pool_add_observer (self->exhibit.pool, &wsm_exporter_pool_observer, self);
  if (!self->announce)
    return;
  wsm_exporter_environment_step_back (self->exhibit.pool);
  self->announcer = wsm_exporter_announcer_new (&self->exhibit, wsm_exporter_announcer_found_cb,
                                                self);
}

static void
wsm_exporter_dispose (GObject *object)
{
  WsmExporter *self = WSM_EXPORTER (object);

  g_clear_pointer (&self->announcer, wsm_exporter_announcer_stop);
  wsm_exporter_drop_clients (self);
  if (self->exhibit.pool != NULL)
    wsm_pool_remove_observer (self->exhibit.pool, self);
  self->exhibit.pool = NULL;

  G_OBJECT_CLASS (wsm_exporter_parent_class)->dispose (object);
}

static void
wsm_exporter_finalize (GObject *object)
{
  WsmExporter *self = WSM_EXPORTER (object);

  g_clear_pointer (&self->clients, g_ptr_array_unref);
  g_free (self->exhibit.name);

  G_OBJECT_CLASS (wsm_exporter_parent_class)->finalize (object);
}

static void
wsm_exporter_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  WsmExporter *self = WSM_EXPORTER (object);

  switch ((WsmExporterProperty) prop_id)
    {
    case PROP_POOL:
      g_value_set_object (value, self->exhibit.pool);
      break;

    case PROP_NAME:
      g_value_set_string (value, wsm_exporter_get_name (self));
      break;

    case PROP_ALLOW_CONTROL:
      g_value_set_boolean (value, self->exhibit.allow_control);
      break;

    case PROP_PAYLOAD_CAPTURE:
      g_value_set_uint (value, self->exhibit.payload_capture);
      break;

    case PROP_ANNOUNCE:
      g_value_set_boolean (value, self->announce);
      break;

    case PROP_N_CLIENTS:
      g_value_set_uint (value, self->n_clients);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_exporter_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  WsmExporter *self = WSM_EXPORTER (object);

  switch ((WsmExporterProperty) prop_id)
    {
    case PROP_POOL:
      self->exhibit.pool = g_value_get_object (value);
      break;

    case PROP_NAME:
      self->exhibit.name = g_value_dup_string (value);
      break;

    case PROP_ALLOW_CONTROL:
      self->exhibit.allow_control = g_value_get_boolean (value);
      break;

    case PROP_PAYLOAD_CAPTURE:
      self->exhibit.payload_capture = MIN (g_value_get_uint (value), MAX_PAYLOAD_CAPTURE);
      break;

    case PROP_ANNOUNCE:
      self->announce = g_value_get_boolean (value);
      break;

    case PROP_N_CLIENTS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_exporter_class_init (WsmExporterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read_flags =
    (GParamFlags) (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  const GParamFlags construct_flags =
    (GParamFlags) (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_EXPLICIT_NOTIFY |
                   G_PARAM_STATIC_STRINGS);

  wsm_exporter_register_errors ();

  object_class->constructed = wsm_exporter_constructed;
  object_class->dispose = wsm_exporter_dispose;
  object_class->finalize = wsm_exporter_finalize;
  object_class->get_property = wsm_exporter_get_property;
  object_class->set_property = wsm_exporter_set_property;

  /**
   * WsmExporter:pool: (getter get_pool)
   *
   * The pool that is shown; `NULL` once it is gone.
   *
   * Since: 0.1
   */
  properties[PROP_POOL] =
    g_param_spec_object ("pool", NULL, NULL, WSM_TYPE_POOL, construct_flags);

  /**
   * WsmExporter:name: (getter get_name)
   *
   * What a person calls the program; by default what `g_get_application_name()` says, or how it
   * was started.
   *
   * Since: 0.1
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, construct_flags);

  /**
   * WsmExporter:allow-control: (getter get_allow_control)
   *
   * Whether inspectors may also do something: ping, retry, pause, close, abort, send, and change
   * heartbeat and back-off.
   *
   * `FALSE` by default.
   *
   * Since: 0.1
   */
  properties[PROP_ALLOW_CONTROL] =
    g_param_spec_boolean ("allow-control", NULL, NULL, FALSE, construct_flags);

  /**
   * WsmExporter:payload-capture: (getter get_payload_capture)
   *
   * How many bytes of each frame's payload inspectors may see, at most 65536.
   *
   * 0, the default, means none: no message leaves the process, and no reason that a peer gives
   * for closing.
   *
   * Since: 0.1
   */
  properties[PROP_PAYLOAD_CAPTURE] =
    g_param_spec_uint ("payload-capture", NULL, NULL, 0, G_MAXUINT, 0, construct_flags);

  /**
   * WsmExporter:announce: (getter get_announce)
   *
   * Whether it looks for inspectors on the session bus; `TRUE` by default.
   *
   * Where there is no session bus, nobody finds it, and that is no error.
   *
   * Since: 0.1
   */
  properties[PROP_ANNOUNCE] =
    g_param_spec_boolean ("announce", NULL, NULL, TRUE, construct_flags);

  /**
   * WsmExporter:n-clients: (getter get_n_clients)
   *
   * The number of inspectors that are connected.
   *
   * Since: 0.1
   */
  properties[PROP_N_CLIENTS] =
    g_param_spec_uint ("n-clients", NULL, NULL, 0, G_MAXUINT, 0, read_flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsm_exporter_init (WsmExporter *self)
{
  self->clients = g_ptr_array_new_with_free_func ((GDestroyNotify) wsm_exporter_client_unref);
}

/**
 * wsm_exporter_new:
 * @pool: a pool of the calling thread
 *
 * Shows a pool, to be looked at only, to whatever inspectors there are on the session bus.
 *
 * Returns: (transfer full): an exporter
 *
 * Since: 0.1
 */
WsmExporter *
wsm_exporter_new (WsmPool *pool)
{
  return g_object_new (WSM_TYPE_EXPORTER, "pool", pool, NULL);
}

/**
 * wsm_exporter_get_pool: (get-property pool)
 * @self: an exporter
 *
 * Gets the pool that is shown.
 *
 * Returns: (transfer none) (nullable): the pool, or `NULL` if it is gone
 *
 * Since: 0.1
 */
WsmPool *
wsm_exporter_get_pool (WsmExporter *self)
{
  g_return_val_if_fail (WSM_IS_EXPORTER (self), NULL);

  return self->exhibit.pool;
}

/**
 * wsm_exporter_get_name: (get-property name)
 * @self: an exporter
 *
 * Gets what a person calls the program.
 *
 * Returns: (transfer none) (nullable): the value of [property@Wsm.Exporter:name]
 *
 * Since: 0.1
 */
const char *
wsm_exporter_get_name (WsmExporter *self)
{
  g_return_val_if_fail (WSM_IS_EXPORTER (self), NULL);

  return wsm_exporter_find_name (&self->exhibit);
}

/**
 * wsm_exporter_get_allow_control: (get-property allow-control)
 * @self: an exporter
 *
 * Tells whether inspectors may also do something.
 *
 * Returns: the value of [property@Wsm.Exporter:allow-control]
 *
 * Since: 0.1
 */
gboolean
wsm_exporter_get_allow_control (WsmExporter *self)
{
  g_return_val_if_fail (WSM_IS_EXPORTER (self), FALSE);

  return self->exhibit.allow_control;
}

/**
 * wsm_exporter_get_payload_capture: (get-property payload-capture)
 * @self: an exporter
 *
 * Gets how many bytes of each frame's payload inspectors may see.
 *
 * Returns: the value of [property@Wsm.Exporter:payload-capture]
 *
 * Since: 0.1
 */
guint
wsm_exporter_get_payload_capture (WsmExporter *self)
{
  g_return_val_if_fail (WSM_IS_EXPORTER (self), 0);

  return self->exhibit.payload_capture;
}

/**
 * wsm_exporter_get_announce: (get-property announce)
 * @self: an exporter
 *
 * Tells whether it looks for inspectors on the session bus.
 *
 * Returns: the value of [property@Wsm.Exporter:announce]
 *
 * Since: 0.1
 */
gboolean
wsm_exporter_get_announce (WsmExporter *self)
{
  g_return_val_if_fail (WSM_IS_EXPORTER (self), FALSE);

  return self->announce;
}

/**
 * wsm_exporter_get_n_clients: (get-property n-clients)
 * @self: an exporter
 *
 * Gets how many inspectors are connected.
 *
 * Returns: the value of [property@Wsm.Exporter:n-clients]
 *
 * Since: 0.1
 */
guint
wsm_exporter_get_n_clients (WsmExporter *self)
{
  g_return_val_if_fail (WSM_IS_EXPORTER (self), 0);

  return self->n_clients;
}

/* Two ends of one stream; the descriptor behind each is its own. */
static gboolean
wsm_exporter_make_streams (GIOStream **own,
                           GIOStream **other,
                           GError    **error)
{
  GIOStream **streams[] = { own, other };
  int descriptors[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, descriptors) != 0)
    {
      int saved_errno = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                   "no pair of sockets: %s", g_strerror (saved_errno));
      return FALSE;
    }

  for (guint i = 0; i < G_N_ELEMENTS (descriptors); i++)
    {
      g_autoptr (GSocket) socket = g_socket_new_from_fd (descriptors[i], error);

      if (socket == NULL)
        {
          for (guint j = i; j < G_N_ELEMENTS (descriptors); j++)
            close (descriptors[j]);
          g_clear_object (own);
          return FALSE;
        }
      *streams[i] = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
    }

  return TRUE;
}

/**
 * wsm_exporter_connect_client:
 * @self: an exporter
 * @error: return location for an error
 *
 * Connects an inspector in the same process.
 *
 * What is returned is its end of a private D-Bus connection without a bus; the exporter is the
 * authentication server. Fails with %WSM_ERROR_ABORTED if the pool is gone, and with
 * %G_DBUS_ERROR_LIMITS_EXCEEDED if 16 inspectors look at it.
 *
 * Returns: (transfer full): a stream, or `NULL` with @error set
 *
 * Since: 0.1
 */
GIOStream *
wsm_exporter_connect_client (WsmExporter  *self,
                             GError      **error)
{
  g_autoptr (GIOStream) own = NULL;
  g_autoptr (GIOStream) other = NULL;

  g_return_val_if_fail (WSM_IS_EXPORTER (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (self->exhibit.pool == NULL)
    {
      g_set_error_literal (error, WSM_ERROR, WSM_ERROR_ABORTED,
                           "the pool is gone; make another exporter for another pool");
      return NULL;
    }
  if (self->clients->len >= MAX_CLIENTS)
    {
      g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED,
                   "%d inspectors look at this pool already; close one first", MAX_CLIENTS);
      return NULL;
    }
  if (!wsm_pool_may_be_called (self->exhibit.pool) ||
      !wsm_exporter_make_streams (&own, &other, error))
    return NULL;

  g_ptr_array_add (self->clients, wsm_exporter_client_new (&self->exhibit, own,
                                                           &wsm_exporter_client_owner, self));

  return g_steal_pointer (&other);
}

/**
 * wsm_exporter_list_pools:
 *
 * Lists the pools of the calling thread, whether somebody shows them or not.
 *
 * For inspectors that are part of the program. The list follows what comes and goes, and keeps no
 * pool alive.
 *
 * Returns: (transfer full): a list model of [class@Wsm.Pool]
 *
 * Since: 0.1
 */
GListModel *
wsm_exporter_list_pools (void)
{
  return G_LIST_MODEL (wsm_pool_list_new ());
}
