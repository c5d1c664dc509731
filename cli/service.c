/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "service.h"

#include <glib/gi18n-lib.h>

#include "notify-socket.h"

/**
 * WsmCliService:
 *
 * Tells systemd how the program is that it has started.
 *
 * It is ready when something is known of each connection, be it good or bad. Then there is a line
 * for `systemctl status`, and a sign of life from the main loop as often as is asked for.
 */

/* Longer than an attempt may take, unless told otherwise; thousands that take turns take longer. */
#define MAX_START_MS 20000

/* Between two lines for people. */
#define STATUS_PAUSE_MS 1000

struct _WsmCliService
{
  GObject parent_instance;

  WsmPool *pool;              /* (owned) */
  WsmCliNotifySocket *socket; /* (owned) */
  gulong state_changed_id;

  GHashTable *unknown; /* (owned) (element-type WsmConnection): unowned; nothing is known of yet */
  guint start_id;
  guint status_id;
  guint watchdog_id;

  gboolean is_ready;
  gboolean is_leaving;
};

G_DEFINE_FINAL_TYPE (WsmCliService, wsm_cli_service, G_TYPE_OBJECT)

static gboolean
wsm_cli_service_tell_status (WsmCliService *self)
{
  g_autofree char *status = NULL;
  g_autofree char *text = NULL;

  /* Translators: a line about connections: how many are open, how many there are, and how many
   * are not tried again. */
  status = g_strdup_printf (_("%u of %u open, %u given up"), wsm_pool_get_n_open (self->pool),
                            g_list_model_get_n_items (G_LIST_MODEL (self->pool)),
                            wsm_pool_get_n_failed (self->pool));
  text = g_strconcat (self->is_ready ? "READY=1\n" : "", "STATUS=", status, NULL);

  return wsm_cli_notify_socket_send (self->socket, text);
}

/* Once more if it was not heard. That it is ready does not get wrong by being said again. */
static gboolean
wsm_cli_service_status_cb (gpointer user_data)
{
  WsmCliService *self = user_data;

  if (!wsm_cli_service_tell_status (self))
    return G_SOURCE_CONTINUE;

  self->status_id = 0;

  return G_SOURCE_REMOVE;
}

static void
wsm_cli_service_update_status (WsmCliService *self)
{
  if (self->status_id == 0)
    self->status_id = g_timeout_add (STATUS_PAUSE_MS, wsm_cli_service_status_cb, self);
}

static void
wsm_cli_service_become_ready (WsmCliService *self)
{
  g_clear_handle_id (&self->start_id, g_source_remove);
  self->is_ready = TRUE;
  if (!wsm_cli_service_tell_status (self))
    wsm_cli_service_update_status (self);
}

static gboolean
wsm_cli_service_start_over_cb (gpointer user_data)
{
  WsmCliService *self = user_data;

  self->start_id = 0;
  wsm_cli_service_become_ready (self);

  return G_SOURCE_REMOVE;
}

static void
wsm_cli_service_state_changed_cb (WsmPool       *pool,
                                  WsmConnection *connection,
                                  WsmCliService *self)
{
  WsmState state = wsm_connection_get_state (connection);

  if (self->is_leaving)
    return;

  wsm_cli_service_update_status (self);
  if (self->is_ready || state == WSM_STATE_IDLE || state == WSM_STATE_CONNECTING)
    return;

  g_hash_table_remove (self->unknown, connection);
  if (g_hash_table_size (self->unknown) == 0)
    wsm_cli_service_become_ready (self);
}

static gboolean
wsm_cli_service_watchdog_cb (gpointer user_data)
{
  WsmCliService *self = user_data;

  wsm_cli_notify_socket_send (self->socket, "WATCHDOG=1");

  return G_SOURCE_CONTINUE;
}

static void
wsm_cli_service_dispose (GObject *object)
{
  WsmCliService *self = WSM_CLI_SERVICE (object);

  g_clear_handle_id (&self->start_id, g_source_remove);
  g_clear_handle_id (&self->status_id, g_source_remove);
  g_clear_handle_id (&self->watchdog_id, g_source_remove);
  if (self->pool != NULL)
    g_clear_signal_handler (&self->state_changed_id, self->pool);
  g_clear_object (&self->pool);

  G_OBJECT_CLASS (wsm_cli_service_parent_class)->dispose (object);
}

static void
wsm_cli_service_finalize (GObject *object)
{
  WsmCliService *self = WSM_CLI_SERVICE (object);

  g_hash_table_unref (self->unknown);
  g_clear_pointer (&self->socket, wsm_cli_notify_socket_free);

  G_OBJECT_CLASS (wsm_cli_service_parent_class)->finalize (object);
}

static void
wsm_cli_service_class_init (WsmCliServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsm_cli_service_dispose;
  object_class->finalize = wsm_cli_service_finalize;
}

static void
wsm_cli_service_init (WsmCliService *self)
{
  self->unknown = g_hash_table_new (g_direct_hash, g_direct_equal);
}

/**
 * wsm_cli_service_new_from_environment:
 * @pool: a pool with the connections that matter, none of them open
 *
 * Begins to tell who has started this program, if that is one who wants to know.
 *
 * Returns: (transfer full) (nullable): a service, or `NULL` if nobody wants to know
 */
WsmCliService *
wsm_cli_service_new_from_environment (WsmPool *pool)
{
  g_autoptr (WsmCliNotifySocket) socket = wsm_cli_notify_socket_new_from_environment ();
  GListModel *connections = G_LIST_MODEL (pool);
  WsmCliService *self;
  guint watchdog_ms;

  if (socket == NULL)
    return NULL;

  self = g_object_new (WSM_CLI_TYPE_SERVICE, NULL);
  watchdog_ms = wsm_cli_notify_socket_get_watchdog_ms (socket);
  self->pool = g_object_ref (pool);
  self->socket = g_steal_pointer (&socket);
  for (guint i = 0; i < g_list_model_get_n_items (connections); i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (connections, i);

      g_hash_table_add (self->unknown, connection);
    }

  self->state_changed_id = g_signal_connect (pool, "connection-state-changed",
                                             G_CALLBACK (wsm_cli_service_state_changed_cb), self);
  self->start_id = g_timeout_add (MAX_START_MS, wsm_cli_service_start_over_cb, self);
  if (watchdog_ms > 0)
    self->watchdog_id = g_timeout_add (MAX (watchdog_ms / 2, 1), wsm_cli_service_watchdog_cb,
                                       self);

  return self;
}

/**
 * wsm_cli_service_leave:
 * @self: a service
 *
 * Says that the program is about to end. Signs of life go on until it does.
 */
void
wsm_cli_service_leave (WsmCliService *self)
{
  self->is_leaving = TRUE;
  g_clear_handle_id (&self->start_id, g_source_remove);
  g_clear_handle_id (&self->status_id, g_source_remove);
  wsm_cli_notify_socket_send (self->socket, "STOPPING=1");
}
