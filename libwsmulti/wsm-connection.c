/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

#include "wsm-address.h"
#include "wsm-enum-types.h"
#include "wsm-error.h"
#include "wsm-latency-private.h"
#include "wsm-reason-private.h"

/**
 * WsmConnection:
 *
 * One logical connection, which outlives its sockets.
 *
 * It is opened once, by the app or by the pool it was added with, and stays so until the app
 * closes it or the [class@Wsm.Backoff] gives up: a socket that is lost, or found dead by the
 * [class@Wsm.Heartbeat], is replaced by a new one. What happened and what happens next stands in
 * [property@Wsm.Connection:state] and [property@Wsm.Connection:reason].
 *
 * ```c
 * static void
 * feed_opened_cb (WsmConnection *feed,
 *                 gboolean       reconnected,
 *                 gpointer       user_data)
 * {
 *   g_autoptr (GError) error = NULL;
 *
 *   if (!wsm_connection_send_text (feed, "subscribe prices", &error))
 *     g_warning ("%s", error->message);
 * }
 * ```
 *
 * A connection belongs to the thread that made it. Its signals are emitted in that thread, from
 * the main context of its pool and with that context as thread-default, never from inside
 * libsoup; those that tell of a call's own effect are emitted during the call. Handlers may do
 * anything to the connection and to the pool.
 *
 * More in the book: [Reconnecting](reconnecting.html), [Sending](sending.html).
 *
 * Since: 0.1
 */

G_DEFINE_FINAL_TYPE (WsmConnection, wsm_connection, G_TYPE_OBJECT)

guint wsm_connection_signals[SIGNAL_FRAME + 1];

static gboolean
wsm_connection_first_decision (GSignalInvocationHint *hint,
                               GValue                *accumulated,
                               const GValue          *returned,
                               gpointer               user_data)
{
  g_value_copy (returned, accumulated);

  return g_value_get_enum (returned) == WSM_RETRY_DECISION_DEFAULT;
}

static void
wsm_connection_constructed (GObject *object)
{
  WsmConnection *self = WSM_CONNECTION (object);

  self->name_given = self->name != NULL;

  G_OBJECT_CLASS (wsm_connection_parent_class)->constructed (object);
}

static void
wsm_connection_dispose (GObject *object)
{
  WsmConnection *self = WSM_CONNECTION (object);

  /* A pool holds a reference, so this is g_object_run_dispose(), and as good as a removal. */
  if (self->host != NULL)
    self->host->disposed (self->host, self);

  G_OBJECT_CLASS (wsm_connection_parent_class)->dispose (object);
}

static void
wsm_connection_finalize (GObject *object)
{
  WsmConnection *self = WSM_CONNECTION (object);

  g_free (self->uri);
  g_free (self->name);
  g_strfreev (self->protocols);
  g_free (self->origin);
  wsm_connection_forget_redirects (self);
  g_clear_object (&self->heartbeat);
  g_clear_object (&self->backoff);
  g_strfreev (self->greetings);
  g_clear_pointer (&self->reason, wsm_reason_free);
  g_clear_error (&self->error);
  g_free (self->closing_reason);
  g_clear_pointer (&self->outbox, wsm_outbox_free);
  if (self->latency != NULL)
    wsm_latency_detach (self->latency);
  g_clear_object (&self->latency);
  g_clear_pointer (&self->round_trips, wsm_latency_histogram_free);
  g_clear_pointer (&self->journal, wsm_journal_free);
  g_clear_pointer (&self->handshake, wsm_handshake_record_unref);
  g_free (self->close_reason);

  G_OBJECT_CLASS (wsm_connection_parent_class)->finalize (object);
}

static void
wsm_connection_class_init (WsmConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = wsm_connection_constructed;
  object_class->dispose = wsm_connection_dispose;
  object_class->finalize = wsm_connection_finalize;
  object_class->get_property = wsm_connection_get_property;
  object_class->set_property = wsm_connection_set_property;
  wsm_connection_install_properties (object_class);

  /**
   * WsmConnection::prepare:
   * @self: the connection
   * @message: the request of the attempt, fresh for each
   *
   * Emitted before each attempt, so that the app can add headers, a token say.
   *
   * A handler that needs time returns `TRUE`, and calls [method@Wsm.Connection.proceed] or
   * [method@Wsm.Connection.fail_attempt] later; the connect time-out does not run meanwhile.
   * What it made of the request is checked afterwards.
   *
   * Returns: whether the attempt is put off
   *
   * Since: 0.1
   */
  wsm_connection_signals[SIGNAL_PREPARE] =
    g_signal_new ("prepare", WSM_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0,
                  g_signal_accumulator_true_handled, NULL, NULL,
                  G_TYPE_BOOLEAN, 1, SOUP_TYPE_MESSAGE);

  /**
   * WsmConnection::opened:
   * @self: the connection
   * @reconnected: whether it was open before
   *
   * Emitted when a socket is open, for each socket.
   *
   * Since: 0.1
   */
  wsm_connection_signals[SIGNAL_OPENED] =
    g_signal_new ("opened", WSM_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_BOOLEAN);

  /**
   * WsmConnection::message:
   * @self: the connection
   * @type: text or binary
   * @message: the message
   *
   * Emitted when a message arrives.
   *
   * Not for replies to beats, if [property@Wsm.Heartbeat:hide-reply] holds.
   *
   * Since: 0.1
   */
  wsm_connection_signals[SIGNAL_MESSAGE] =
    g_signal_new ("message", WSM_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, SOUP_TYPE_WEBSOCKET_DATA_TYPE, G_TYPE_BYTES);

  /**
   * WsmConnection::beat:
   * @self: the connection
   * @sequence: the number of the beat, from 1
   * @round_trip: its round trip, in milliseconds
   *
   * Emitted when a beat is answered.
   *
   * The round trip is that of [class@Wsm.Latency]: it does not grow while the program is busy.
   *
   * Since: 0.1
   */
  wsm_connection_signals[SIGNAL_BEAT] =
    g_signal_new ("beat", WSM_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_DOUBLE);

  /**
   * WsmConnection::disconnected:
   * @self: the connection
   * @reason: why, and what happens next
   * @will_retry: whether it tries to open again
   *
   * Emitted once for each socket that was open, when it is gone.
   *
   * What it took along follows: [signal@Wsm.Connection::unconfirmed] first, then
   * [signal@Wsm.Connection::dropped], then, if it was the last one,
   * [signal@Wsm.Connection::closed] or [signal@Wsm.Connection::failed].
   *
   * Since: 0.1
   */
  wsm_connection_signals[SIGNAL_DISCONNECTED] =
    g_signal_new ("disconnected", WSM_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, WSM_TYPE_REASON, G_TYPE_BOOLEAN);

  /**
   * WsmConnection::closed:
   * @self: the connection
   *
   * Emitted when the logical connection has ended by the app's will or the peer's.
   *
   * Since: 0.1
   */
  wsm_connection_signals[SIGNAL_CLOSED] =
    g_signal_new ("closed", WSM_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  /**
   * WsmConnection::failed:
   * @self: the connection
   * @error: what made it give up
   *
   * Emitted when the logical connection has ended because trying on makes no sense.
   *
   * Since: 0.1
   */
  wsm_connection_signals[SIGNAL_FAILED] =
    g_signal_new ("failed", WSM_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_ERROR);

  /**
   * WsmConnection::should-retry:
   * @self: the connection
   * @reason: what happened
   *
   * Emitted when an attempt failed or a socket was lost, to let the app decide otherwise than
   * [class@Wsm.Backoff] does. The first handler that does not answer with the default decides.
   *
   * Returns: what to do
   *
   * Since: 0.1
   */
  wsm_connection_signals[SIGNAL_SHOULD_RETRY] =
    g_signal_new ("should-retry", WSM_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0,
                  wsm_connection_first_decision, NULL, NULL,
                  WSM_TYPE_RETRY_DECISION, 1, WSM_TYPE_REASON);

  /**
   * WsmConnection::unconfirmed:
   * @self: the connection
   * @n_messages: how many messages
   * @n_bytes: the bytes in them
   *
   * Emitted when a socket is gone and messages were written to it that are not known to have
   * arrived, once a socket and only if there are any. They are the last ones that were sent on
   * it, and not sent again: the app knows best whether they may arrive twice.
   *
   * Each message that did not arrive is among them; some of them may have arrived. A message is
   * known to have arrived when the peer's system has acknowledged all of it, as far as
   * [property@Wsm.Connection:liveness-source] has %WSM_LIVENESS_SOURCE_SOCKET, or when the peer
   * has answered a ping, or the close frame, that was sent behind it. What the peer's system has,
   * or that of a proxy in between, may still not have been read by the peer's program: whoever
   * needs to know that needs an answer from it. Greetings are not counted.
   *
   * Since: 0.1
   */
  wsm_connection_signals[SIGNAL_UNCONFIRMED] =
    g_signal_new ("unconfirmed", WSM_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT64);

  /**
   * WsmConnection::dropped:
   * @self: the connection
   * @n_messages: how many messages
   * @n_bytes: the bytes in them
   * @why: what made it impossible to send them
   *
   * Emitted when messages that were queued will not be sent. No byte of them was.
   *
   * Since: 0.1
   */
  wsm_connection_signals[SIGNAL_DROPPED] =
    g_signal_new ("dropped", WSM_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 3, G_TYPE_UINT, G_TYPE_UINT64, WSM_TYPE_REASON);

  /**
   * WsmConnection::frame:
   * @self: the connection
   * @frame: the frame
   *
   * Emitted for each frame each way, control frames too; for inspectors.
   *
   * Frames are recorded only while a handler is connected, from the next sign of life on. Where
   * [property@Wsm.Connection:liveness-source] lacks %WSM_LIVENESS_SOURCE_FRAMES there are none.
   *
   * Since: 0.1
   */
  wsm_connection_signals[SIGNAL_FRAME] =
    g_signal_new ("frame", WSM_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, WSM_TYPE_FRAME);
}

static void
wsm_connection_init (WsmConnection *self)
{
  self->thread = g_thread_self ();
  self->outbox_limit = DEFAULT_OUTBOX_LIMIT;
  self->max_message_size = DEFAULT_MAX_MESSAGE_SIZE;
  self->connect_timeout_ms = DEFAULT_CONNECT_TIMEOUT_MS;
  self->close_timeout_ms = DEFAULT_CLOSE_TIMEOUT_MS;
  self->reason = wsm_reason_new (WSM_REASON_CODE_NONE);
  wsm_connection_life_init (self);
}

/**
 * wsm_connection_new:
 * @uri: a `ws` or `wss` URI
 *
 * Makes a connection that is in no pool yet.
 *
 * Returns: (transfer full): a connection
 *
 * Since: 0.1
 */
WsmConnection *
wsm_connection_new (const char *uri)
{
  return g_object_new (WSM_TYPE_CONNECTION, "uri", uri, NULL);
}

/*
 * wsm_connection_validate:
 *
 * Checks its identity.
 */
gboolean
wsm_connection_validate (WsmConnection  *self,
                         GError        **error)
{
  g_autoptr (GUri) uri = wsm_address_parse (self->uri, error);

  if (uri == NULL)
    return FALSE;
  if (self->origin != NULL && !wsm_address_check_origin (self->origin, error))
    return FALSE;
  if (self->protocols != NULL &&
      !wsm_address_check_protocols ((const char * const *) self->protocols, error))
    return FALSE;
  if (self->name != NULL && (*self->name == '\0' || !g_utf8_validate (self->name, -1, NULL)))
    {
      g_set_error_literal (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
                           "name: is empty or not UTF-8; leave it out for the default");
      return FALSE;
    }

  return TRUE;
}

/*
 * wsm_connection_describe:
 *
 * Returns: what to call it in a message
 */
const char *
wsm_connection_describe (WsmConnection *self)
{
  return self->name != NULL ? self->name : "(unnamed)";
}

/*
 * wsm_connection_get_given_name:
 *
 * Returns: (nullable): the name that the app gave it; a pool's own choice holds in that pool only
 */
const char *
wsm_connection_get_given_name (WsmConnection *self)
{
  return self->name_given ? self->name : NULL;
}

/*
 * wsm_connection_attach:
 * @host: who keeps it, and outlives that
 * @id: its number among all there ever were
 * @name: its name from now on; the host tells of it, once it has its own affairs in order
 */
void
wsm_connection_attach (WsmConnection     *self,
                       WsmConnectionHost *host,
                       guint64            id,
                       const char        *name)
{
  self->host = host;
  self->id = id;
  if (g_strcmp0 (self->name, name) != 0)
    {
      g_free (self->name);
      self->name = g_strdup (name);
    }
}

/*
 * wsm_connection_detach:
 *
 * Ends whatever it does, and tells nobody but those who wait for it.
 */
void
wsm_connection_detach (WsmConnection *self)
{
  if (self->host == NULL)
    return;

  wsm_connection_fall_silent (self);
  g_clear_pointer (&self->pulse, wsm_pulse_free);
  wsm_connection_forget_observed (self);
  wsm_connection_set_capture (self, FALSE, 0);
  self->host = NULL;
  self->id = 0;
  self->membership++;
}

gboolean
wsm_connection_is_attached (WsmConnection *self)
{
  return self->host != NULL;
}

/*
 * wsm_connection_may_be_called:
 *
 * TRUE in the thread that made it, else a critical.
 */
gboolean
wsm_connection_may_be_called (WsmConnection *self)
{
  return wsm_connection_check_caller (self);
}
