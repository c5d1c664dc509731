/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-exporter-client.h"

#include "wsm-dbus-pool.h"
#include "wsm-exporter-calls.h"
#include "wsm-exporter-guard.h"
#include "wsm-exporter-watch.h"

/*
 * One inspector that looks into a pool.
 *
 * Nobody trusts it. What it asks is answered a little at a time: calls wait in a short queue, and
 * no more is written than has left, so that neither a flood of calls nor an inspector that does
 * not read costs the pool more than that.
 */

/* Calls that wait; and how much is answered before the rest of the pool has its turn. */
#define MAX_WAITING_CALLS 128
#define MAX_ANSWERS_A_TURN 16

/* Bytes that are told before it is asked whether they have left: to ask takes a thread, which costs
 * more than to tell of a few rows. */
#define MAX_BYTES_UNASKED (32 * 1024)

/* A token bucket: so many calls at once, and so many a second. */
#define MAX_CALLS_AT_ONCE 400
#define MAX_CALLS_A_SECOND 200

/* An inspector that takes longer to say who it is keeps a thread of GIO's busy. */
#define AUTHENTICATION_TIMEOUT_US (30 * G_USEC_PER_SEC)

/* Without control the second one is not there. */
#define N_INTERFACES 2

struct _WsmExporterClient
{
  guint ref_count;

  const WsmExhibit *exhibit;           /* (unowned) (nullable): NULL once it has ended */
  const WsmExporterClientOwner *funcs; /* (unowned) */
  gpointer owner;                      /* (unowned) */

  GDBusConnection *bus;      /* (owned) (nullable): NULL until it is authenticated */
  GCancellable *cancellable; /* (owned) */
  WsmExporterGuard *guard;   /* (owned) (nullable): with the bus */
  guint registrations[N_INTERFACES]; /* 0 = none */
  gulong closed_handler;
  WsmTimer timer; /* while it is not authenticated */

  WsmExporterWatch *watch; /* (owned) (nullable): while there is a pool */

  GQueue calls; /* (element-type GDBusMethodInvocation): owned */
  guint n_answers;
  gsize n_bytes_told;
  gboolean is_flushing;
  double tokens;
  gint64 tokens_us;
};

static WsmExporterClient *
wsm_exporter_client_ref (WsmExporterClient *self)
{
  self->ref_count++;

  return self;
}

static void
wsm_exporter_client_drop_calls (WsmExporterClient *self)
{
  GDBusMethodInvocation *invocation;

  while ((invocation = g_queue_pop_head (&self->calls)) != NULL)
    g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR,
                                                   G_DBUS_ERROR_DISCONNECTED,
                                                   "the pool is not shown any more");
}

void
wsm_exporter_client_unref (WsmExporterClient *self)
{
  if (--self->ref_count > 0)
    return;

  g_assert (self->watch == NULL);
  g_clear_pointer (&self->guard, wsm_exporter_guard_unref);
  g_clear_object (&self->bus);
  g_clear_object (&self->cancellable);
  g_free (self);
}

/*
 * wsm_exporter_client_close:
 *
 * Ends it, without telling its owner.
 */
void
wsm_exporter_client_close (WsmExporterClient *self)
{
  if (self->exhibit == NULL)
    return;

  g_clear_pointer (&self->watch, wsm_exporter_watch_free);
  wsm_scheduler_disarm (wsm_pool_get_scheduler (self->exhibit->pool), &self->timer);
  self->exhibit = NULL;
  g_cancellable_cancel (self->cancellable);
  wsm_exporter_client_drop_calls (self);
  if (self->bus == NULL)
    return;

  g_clear_signal_handler (&self->closed_handler, self->bus);
  for (guint i = 0; i < N_INTERFACES; i++)
    if (self->registrations[i] != 0)
      g_dbus_connection_unregister_object (self->bus, self->registrations[i]);
  g_dbus_connection_close (self->bus, NULL, NULL, NULL);
}

static void
wsm_exporter_client_end (WsmExporterClient *self)
{
  wsm_exporter_client_ref (self);
  if (self->exhibit != NULL)
    {
      wsm_exporter_client_close (self);
      self->funcs->ended (self, self->owner);
    }
  wsm_exporter_client_unref (self);
}

/* Answers. */

static void wsm_exporter_client_flush (WsmExporterClient *self);

static void
wsm_exporter_client_answer (WsmExporterClient     *self,
                            GDBusMethodInvocation *invocation)
{
  if (g_str_equal (g_dbus_method_invocation_get_interface_name (invocation),
                   WSM_EXPORTER_CONTROL_INTERFACE))
    wsm_exporter_answer_control (self->exhibit, invocation);
  else
    wsm_exporter_answer_pool (self->exhibit, self->watch, invocation);
}

/* What is asked may end this client, or the pool. */
static void
wsm_exporter_client_answer_waiting (WsmExporterClient *self)
{
  wsm_exporter_client_ref (self);
  while (self->exhibit != NULL && !self->is_flushing && self->calls.length > 0)
    {
      wsm_exporter_client_answer (self, g_queue_pop_head (&self->calls));
      if (++self->n_answers >= MAX_ANSWERS_A_TURN)
        wsm_exporter_client_flush (self);
    }
  wsm_exporter_client_unref (self);
}

static void
wsm_exporter_client_bus_flushed_cb (GObject      *source,
                                    GAsyncResult *result,
                                    gpointer      user_data)
{
  WsmExporterClient *self = user_data;
  gboolean is_flushed = g_dbus_connection_flush_finish (G_DBUS_CONNECTION (source), result, NULL);

  self->is_flushing = FALSE;
  self->n_answers = 0;
  self->n_bytes_told = 0;
  if (is_flushed && self->exhibit != NULL)
    {
      wsm_exporter_client_answer_waiting (self);
      if (self->exhibit != NULL && !self->is_flushing)
        wsm_exporter_watch_resume (self->watch);
    }
  wsm_exporter_client_unref (self);
}

/* Until that is done, nothing else is said. */
static void
wsm_exporter_client_flush (WsmExporterClient *self)
{
  if (self->is_flushing || self->exhibit == NULL)
    return;

  self->is_flushing = TRUE;
  g_main_context_push_thread_default (wsm_pool_get_context (self->exhibit->pool));
  g_dbus_connection_flush (self->bus, self->cancellable, wsm_exporter_client_bus_flushed_cb,
                           wsm_exporter_client_ref (self));
  g_main_context_pop_thread_default (wsm_pool_get_context (self->exhibit->pool));
}

static gboolean
wsm_exporter_client_take_token (WsmExporterClient *self)
{
  gint64 now_us = wsm_scheduler_get_time_us (wsm_pool_get_scheduler (self->exhibit->pool));

  self->tokens += (double) (now_us - self->tokens_us) * MAX_CALLS_A_SECOND / G_USEC_PER_SEC;
  self->tokens = MIN (self->tokens, MAX_CALLS_AT_ONCE);
  self->tokens_us = now_us;
  if (self->tokens < 1.0)
    return FALSE;
  self->tokens -= 1.0;

  return TRUE;
}

static void
wsm_exporter_client_method_call_cb (GDBusConnection       *bus,
                                    const char            *sender,
                                    const char            *object_path,
                                    const char            *interface_name,
                                    const char            *method_name,
                                    GVariant              *parameters,
                                    GDBusMethodInvocation *invocation,
                                    gpointer               user_data)
{
  WsmExporterClient *self = user_data;

  wsm_exporter_guard_note_call (self->guard);
  if (self->calls.length >= MAX_WAITING_CALLS || !wsm_exporter_client_take_token (self))
    {
      g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR,
                                             G_DBUS_ERROR_LIMITS_EXCEEDED,
                                             "too many calls; %d a second are answered, and %d "
                                             "may wait", MAX_CALLS_A_SECOND, MAX_WAITING_CALLS);
      return;
    }

  g_queue_push_tail (&self->calls, invocation);
  wsm_exporter_client_answer_waiting (self);
}

static const GDBusInterfaceVTable wsm_exporter_client_vtable = {
  .method_call = wsm_exporter_client_method_call_cb,
};

/* What the watch wants. */

static gboolean
wsm_exporter_client_may_say (gpointer client)
{
  return !((WsmExporterClient *) client)->is_flushing;
}

static void
wsm_exporter_client_say (gpointer    client,
                         const char *signal_name,
                         GVariant   *parameters)
{
  WsmExporterClient *self = client;

  self->n_bytes_told += g_variant_get_size (parameters);
  g_dbus_connection_emit_signal (self->bus, NULL, WSM_EXPORTER_POOL_PATH,
                                 WSM_EXPORTER_POOL_INTERFACE, signal_name, parameters, NULL);
}

static void
wsm_exporter_client_said (gpointer client)
{
  WsmExporterClient *self = client;

  if (self->n_bytes_told >= MAX_BYTES_UNASKED)
    wsm_exporter_client_flush (self);
}

static const WsmExporterWatchClient wsm_exporter_client_watch_funcs = {
  .may_say = wsm_exporter_client_may_say,
  .say = wsm_exporter_client_say,
  .said = wsm_exporter_client_said,
};

/* The connection. */

static void
wsm_exporter_client_bus_closed_cb (GDBusConnection   *bus,
                                   gboolean           remote_peer_vanished,
                                   GError            *error,
                                   WsmExporterClient *self)
{
  g_debug ("an inspector has gone: %s", error != NULL ? error->message : "it was closed");
  wsm_exporter_client_end (self);
}

/* Called in another thread. */
static gboolean
wsm_exporter_client_authorize_cb (GDBusAuthObserver *observer,
                                  GIOStream         *stream,
                                  GCredentials      *credentials,
                                  gpointer           user_data)
{
  g_autoptr (GCredentials) own = g_credentials_new ();

  return credentials != NULL && g_credentials_is_same_user (credentials, own, NULL);
}

static gboolean
wsm_exporter_client_allow_mechanism_cb (GDBusAuthObserver *observer,
                                        const char        *mechanism,
                                        gpointer           user_data)
{
  return g_str_equal (mechanism, "EXTERNAL");
}

static const GDBusInterfaceInfo * const wsm_exporter_client_interfaces[] = {
  &wsm_dbus_pool1_interface,
  NULL,
};

static const GDBusInterfaceInfo * const wsm_exporter_client_interfaces_with_control[] = {
  &wsm_dbus_pool1_interface,
  &wsm_dbus_pool1_control_interface,
  NULL,
};

static void
wsm_exporter_client_open_door (WsmExporterClient *self)
{
  const GDBusInterfaceInfo * const *interfaces =
    self->exhibit->allow_control ? wsm_exporter_client_interfaces_with_control
                                 : wsm_exporter_client_interfaces;

  self->guard = wsm_exporter_guard_new (self->bus, WSM_EXPORTER_POOL_PATH, interfaces);
  for (guint i = 0; interfaces[i] != NULL; i++)
    self->registrations[i] =
      g_dbus_connection_register_object (self->bus, WSM_EXPORTER_POOL_PATH,
                                         (GDBusInterfaceInfo *) interfaces[i],
                                         &wsm_exporter_client_vtable, self, NULL, NULL);
  self->closed_handler = g_signal_connect (self->bus, "closed",
                                           G_CALLBACK (wsm_exporter_client_bus_closed_cb), self);
  g_dbus_connection_start_message_processing (self->bus);
}

/* Its end is told by the connection that does not come about. */
static void
wsm_exporter_client_timer_cb (WsmTimer *timer,
                              gpointer  user_data)
{
  g_cancellable_cancel (((WsmExporterClient *) user_data)->cancellable);
}

static void
wsm_exporter_client_bus_ready_cb (GObject      *source,
                                  GAsyncResult *result,
                                  gpointer      user_data)
{
  WsmExporterClient *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_dbus_connection_new_finish (result, &error);
  GMainContext *context;

  if (bus == NULL)
    g_debug ("an inspector did not get in: %s", error->message);

  if (self->exhibit != NULL && bus != NULL)
    {
      context = wsm_pool_get_context (self->exhibit->pool);
      self->bus = g_steal_pointer (&bus);
      wsm_scheduler_disarm (wsm_pool_get_scheduler (self->exhibit->pool), &self->timer);
      g_main_context_push_thread_default (context);
      wsm_exporter_client_open_door (self);
      g_main_context_pop_thread_default (context);
      if (g_dbus_connection_is_closed (self->bus))
        wsm_exporter_client_end (self);
      else
        self->funcs->ready (self, self->owner);
    }
  else
    {
      if (bus != NULL)
        g_dbus_connection_close (bus, NULL, NULL, NULL);
      wsm_exporter_client_end (self);
    }
  wsm_exporter_client_unref (self);
}

/*
 * wsm_exporter_client_new:
 * @exhibit: what it may see; outlives it until it is closed
 * @stream: a socket connection of a local stream socket
 *
 * Begins to serve an inspector.
 */
WsmExporterClient *
wsm_exporter_client_new (const WsmExhibit             *exhibit,
                         GIOStream                    *stream,
                         const WsmExporterClientOwner *funcs,
                         gpointer                      owner)
{
  WsmExporterClient *self = g_new0 (WsmExporterClient, 1);
  g_autoptr (GDBusAuthObserver) observer = g_dbus_auth_observer_new ();
  g_autofree char *guid = g_dbus_generate_guid ();
  GMainContext *context = wsm_pool_get_context (exhibit->pool);
  WsmScheduler *scheduler = wsm_pool_get_scheduler (exhibit->pool);

  self->ref_count = 1;
  self->exhibit = exhibit;
  self->funcs = funcs;
  self->owner = owner;
  self->cancellable = g_cancellable_new ();
  self->watch = wsm_exporter_watch_new (exhibit, &wsm_exporter_client_watch_funcs, self);
  self->tokens = MAX_CALLS_AT_ONCE;
  self->tokens_us = wsm_scheduler_get_time_us (scheduler);
  wsm_timer_init (&self->timer, wsm_exporter_client_timer_cb, self);
  wsm_scheduler_arm (scheduler, &self->timer, self->tokens_us + AUTHENTICATION_TIMEOUT_US);
  g_queue_init (&self->calls);

  g_signal_connect (observer, "allow-mechanism",
                    G_CALLBACK (wsm_exporter_client_allow_mechanism_cb), NULL);
  g_signal_connect (observer, "authorize-authenticated-peer",
                    G_CALLBACK (wsm_exporter_client_authorize_cb), NULL);
  g_main_context_push_thread_default (context);
  g_dbus_connection_new (stream, guid,
                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER |
                         G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                         observer, self->cancellable, wsm_exporter_client_bus_ready_cb,
                         wsm_exporter_client_ref (self));
  g_main_context_pop_thread_default (context);

  return self;
}

/*
 * wsm_exporter_client_is_ready:
 *
 * Returns: whether it is authenticated and has not ended
 */
gboolean
wsm_exporter_client_is_ready (WsmExporterClient *self)
{
  return self->exhibit != NULL && self->bus != NULL;
}

void
wsm_exporter_client_note_added (WsmExporterClient *self,
                                WsmConnection     *connection)
{
  if (self->watch != NULL)
    wsm_exporter_watch_added (self->watch, connection);
}

void
wsm_exporter_client_note_removed (WsmExporterClient *self,
                                  WsmConnection     *connection,
                                  guint64            id)
{
  if (self->watch != NULL)
    wsm_exporter_watch_removed (self->watch, connection, id);
}

void
wsm_exporter_client_note_changed (WsmExporterClient *self,
                                  WsmConnection     *connection,
                                  WsmChange          change)
{
  if (self->watch != NULL)
    wsm_exporter_watch_changed (self->watch, connection, change);
}

void
wsm_exporter_client_note_frame (WsmExporterClient *self,
                                WsmConnection     *connection,
                                const WsmFrame    *frame)
{
  if (self->watch != NULL)
    wsm_exporter_watch_frame (self->watch, connection, frame);
}
