/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-pool-internal.h"

#include "wsm-registry.h"
#include "wsm-soup-transport.h"

/**
 * WsmPool:
 *
 * Keeps many connections alive on one main loop.
 *
 * A pool is a list model of its connections. It lends them what they share: one timer for all
 * their heartbeats, time-outs and retries, one HTTP session, and what paces their handshakes and
 * retries, so that many that lost one server do not storm it.
 *
 * ```c
 * g_autoptr (WsmPool) pool = wsm_pool_new ();
 * g_autoptr (GError) error = NULL;
 *
 * g_signal_connect (pool, "message", G_CALLBACK (feed_message_cb), NULL);
 * if (wsm_pool_add (pool, "wss://api1.example.com", &error) == NULL ||
 *     wsm_pool_add (pool, "wss://api2.example.com", &error) == NULL)
 *   g_error ("%s", error->message);
 * g_main_loop_run (loop);
 * ```
 *
 * A pool belongs to the thread that made it, and to the main context that was that thread's
 * default at the time; all its work is done there. A call from another thread is refused with a
 * critical. When the last reference to it goes, its connections end at once and silently; to part
 * politely, call [method@Wsm.Pool.close_async] first.
 *
 * The book begins with it: [Overview](overview.html).
 *
 * Since: 0.1
 */

#define DEFAULT_MAX_HANDSHAKES 16
#define DEFAULT_MAX_HANDSHAKES_PER_HOST 1
/* Ten thousand are back within a quarter of a minute; hundreds at once do not freeze the loop. */
#define DEFAULT_MAX_RETRIES_PER_SECOND 700

GParamSpec *wsm_pool_properties[PROP_LATENESS + 1];
guint wsm_pool_signals[SIGNAL_BEATS + 1];

static void wsm_pool_list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsmPool, wsm_pool, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      wsm_pool_list_model_iface_init))

/* List model. */

static GType
wsm_pool_get_item_type (GListModel *model)
{
  return WSM_TYPE_CONNECTION;
}

static guint
wsm_pool_get_n_items (GListModel *model)
{
  return WSM_POOL (model)->connections->len;
}

static gpointer
wsm_pool_get_item (GListModel *model,
                   guint       position)
{
  WsmPool *self = WSM_POOL (model);

  if (position >= self->connections->len)
    return NULL;

  return g_object_ref (g_ptr_array_index (self->connections, position));
}

static void
wsm_pool_list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = wsm_pool_get_item_type;
  iface->get_n_items = wsm_pool_get_n_items;
  iface->get_item = wsm_pool_get_item;
}

void
wsm_pool_items_changed (WsmPool *self,
                        guint    position,
                        guint    n_removed,
                        guint    n_added)
{
  g_list_model_items_changed (G_LIST_MODEL (self), position, n_removed, n_added);
  g_object_notify_by_pspec (G_OBJECT (self), wsm_pool_properties[PROP_N_ITEMS]);
}

static gpointer
wsm_pool_ref_connection (gconstpointer connection,
                         gpointer      user_data)
{
  return g_object_ref ((gpointer) connection);
}

/* Its connections as they are now; handlers may change the pool meanwhile. */
GPtrArray *
wsm_pool_dup_connections (WsmPool *self)
{
  return g_ptr_array_copy (self->connections, wsm_pool_ref_connection, NULL);
}

/* Its own life. */

static void
wsm_pool_adopt_scheduler (WsmPool      *self,
                          WsmScheduler *scheduler)
{
  self->host.scheduler = scheduler;
  wsm_delivery_use_clock (self->host.delivery, wsm_scheduler_get_clock (scheduler));
  self->host.gate = wsm_gate_new (scheduler, self->host.delivery);
  wsm_gate_set_max (self->host.gate, self->max_handshakes, self->max_handshakes_per_host);
  wsm_pool_make_environment (self);
}

static void
wsm_pool_constructed (GObject *object)
{
  G_OBJECT_CLASS (wsm_pool_parent_class)->constructed (object);

  wsm_registry_add (WSM_POOL (object));
}

static void
wsm_pool_dispose (GObject *object)
{
  WsmPool *self = WSM_POOL (object);

  wsm_registry_remove (self);
  if (self->host.gate != NULL)
    {
      wsm_pool_note_gone (self);
      wsm_pool_end_closing (self, NULL);
      for (guint i = 0; i < self->connections->len; i++)
        wsm_connection_detach (g_ptr_array_index (self->connections, i));
      g_hash_table_remove_all (self->by_name);
      g_ptr_array_set_size (self->connections, 0);
      memset (self->n_in_state, 0, sizeof self->n_in_state);
      wsm_pool_drop_environment (self);
      wsm_gate_close (self->host.gate);
      wsm_delivery_close (self->host.delivery);
      g_clear_pointer (&self->beats, wsm_beats_free);
      g_clear_object (&self->host.gate);
      g_clear_object (&self->host.scheduler);
    }
  /* They have sources of their own, and where memory is collected the last reference may go
   * late. */
  g_clear_object (&self->session);
  g_clear_pointer (&self->host.lanes, wsm_lanes_end);

  G_OBJECT_CLASS (wsm_pool_parent_class)->dispose (object);
}

static void
wsm_pool_finalize (GObject *object)
{
  WsmPool *self = WSM_POOL (object);

  g_clear_pointer (&self->host.delivery, wsm_delivery_unref);
  g_clear_pointer (&self->host.random, g_rand_free);
  g_clear_pointer (&self->host.pacer, wsm_pacer_free);
  g_clear_pointer (&self->host.opened, wsm_reason_free);
  g_clear_object (&self->network);
  g_clear_object (&self->power);
  g_clear_object (&self->heartbeat);
  g_clear_object (&self->backoff);
  wsm_pool_clear_lateness (self);
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_clear_pointer (&self->numbers, g_hash_table_unref);
  g_clear_pointer (&self->connections, g_ptr_array_unref);
  g_clear_pointer (&self->context, g_main_context_unref);

  G_OBJECT_CLASS (wsm_pool_parent_class)->finalize (object);
}

static void
wsm_pool_get_property (GObject    *object,
                       guint       prop_id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  WsmPool *self = WSM_POOL (object);

  switch ((WsmPoolProperty) prop_id)
    {
    case PROP_SESSION:
      g_value_set_object (value, self->session);
      break;

    case PROP_HEARTBEAT:
      g_value_set_object (value, self->heartbeat);
      break;

    case PROP_BACKOFF:
      g_value_set_object (value, self->backoff);
      break;

    case PROP_MAX_HANDSHAKES:
      g_value_set_uint (value, self->max_handshakes);
      break;

    case PROP_MAX_HANDSHAKES_PER_HOST:
      g_value_set_uint (value, self->max_handshakes_per_host);
      break;

    case PROP_MAX_RETRIES_PER_SECOND:
      g_value_set_uint (value, self->max_retries_per_second);
      break;

    case PROP_COALESCE:
      g_value_set_int (value, self->coalesce_ms);
      break;

    case PROP_WATCH_ENVIRONMENT:
      g_value_set_boolean (value, self->watch_environment);
      break;

    case PROP_SAVES_POWER:
      g_value_set_boolean (value, wsm_pool_get_saves_power (self));
      break;

    case PROP_N_ITEMS:
      g_value_set_uint (value, self->connections->len);
      break;

    case PROP_N_OPEN:
      g_value_set_uint (value, wsm_pool_get_n_open (self));
      break;

    case PROP_N_FAILED:
      g_value_set_uint (value, wsm_pool_get_n_failed (self));
      break;

    case PROP_LATENESS:
      g_value_set_object (value, wsm_pool_get_lateness (self));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_pool_set_property (GObject      *object,
                       guint         prop_id,
                       const GValue *value,
                       GParamSpec   *pspec)
{
  WsmPool *self = WSM_POOL (object);

  switch ((WsmPoolProperty) prop_id)
    {
    case PROP_HEARTBEAT:
      wsm_pool_set_heartbeat (self, g_value_get_object (value));
      break;

    case PROP_BACKOFF:
      wsm_pool_set_backoff (self, g_value_get_object (value));
      break;

    case PROP_MAX_HANDSHAKES:
      wsm_pool_set_max_handshakes (self, g_value_get_uint (value));
      break;

    case PROP_MAX_HANDSHAKES_PER_HOST:
      wsm_pool_set_max_handshakes_per_host (self, g_value_get_uint (value));
      break;

    case PROP_MAX_RETRIES_PER_SECOND:
      wsm_pool_set_max_retries_per_second (self, g_value_get_uint (value));
      break;

    case PROP_COALESCE:
      wsm_pool_set_coalesce (self, g_value_get_int (value));
      break;

    case PROP_WATCH_ENVIRONMENT:
      wsm_pool_set_watch_environment (self, g_value_get_boolean (value));
      break;

    case PROP_SESSION:
    case PROP_SAVES_POWER:
    case PROP_N_ITEMS:
    case PROP_N_OPEN:
    case PROP_N_FAILED:
    case PROP_LATENESS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_pool_class_init (WsmPoolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read_flags =
    (GParamFlags) (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  const GParamFlags write_flags =
    (GParamFlags) (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  object_class->constructed = wsm_pool_constructed;
  object_class->dispose = wsm_pool_dispose;
  object_class->finalize = wsm_pool_finalize;
  object_class->get_property = wsm_pool_get_property;
  object_class->set_property = wsm_pool_set_property;

  /**
   * WsmPool:session: (getter get_session)
   *
   * The HTTP session of its handshakes.
   *
   * Apps may add features to it: a cookie jar, authentication, a proxy resolver, a TLS database.
   * It has a [class@Soup.WebsocketExtensionManager] already; compression is off until the type of
   * [class@Soup.WebsocketExtensionDeflate] is added too. Add it for servers that you trust: in each
   * version of libsoup that was tried, two kilobytes can keep its decompression busy for ever, and
   * with it the main loop. The session's limits and time-outs are the pool's business.
   *
   * The TLS database says which authorities are trusted. A client certificate belongs to the
   * request that [signal@Wsm.Connection::prepare] shows: give it with
   * [method@Soup.Message.set_tls_client_certificate]. Nothing older than TLS 1.2 is spoken.
   *
   * What goes through an HTTP proxy goes through a tunnel, made with CONNECT, without TLS too; a
   * proxy that asks for a password finds it in its own URI. SOCKS proxies are served as well.
   *
   * A proxy resolver of the app is asked first. Servers that are reached without a proxy are read
   * in portions, so that none of them can block the main loop by sending without end; reading the
   * resolver back gives the one that sees to this.
   *
   * A pool that was disposed of has none any more.
   *
   * Since: 0.1
   */
  wsm_pool_properties[PROP_SESSION] =
    g_param_spec_object ("session", NULL, NULL, SOUP_TYPE_SESSION, read_flags);

  /**
   * WsmPool:heartbeat: (getter get_heartbeat) (setter set_heartbeat)
   *
   * The heartbeat of connections that are added without one of their own.
   *
   * A change holds for those added later.
   *
   * Since: 0.1
   */
  wsm_pool_properties[PROP_HEARTBEAT] =
    g_param_spec_object ("heartbeat", NULL, NULL, WSM_TYPE_HEARTBEAT, write_flags);

  /**
   * WsmPool:backoff: (getter get_backoff) (setter set_backoff)
   *
   * The back-off of connections that are added without one of their own.
   *
   * A change holds for those added later.
   *
   * Since: 0.1
   */
  wsm_pool_properties[PROP_BACKOFF] =
    g_param_spec_object ("backoff", NULL, NULL, WSM_TYPE_BACKOFF, write_flags);

  /**
   * WsmPool:max-handshakes: (getter get_max_handshakes) (setter set_max_handshakes)
   *
   * How many handshakes may be under way at a time; 16 by default, at least 1.
   *
   * One that is not answered for 250 ms no longer counts, so that silent hosts do not keep the
   * others waiting.
   *
   * Since: 0.1
   */
  wsm_pool_properties[PROP_MAX_HANDSHAKES] =
    g_param_spec_uint ("max-handshakes", NULL, NULL, 0, G_MAXUINT, DEFAULT_MAX_HANDSHAKES,
                       write_flags);

  /**
   * WsmPool:max-handshakes-per-host: (getter get_max_handshakes_per_host) (setter set_max_handshakes_per_host)
   *
   * How many of them with one host; 1 by default, as RFC 6455, 4.1 asks, at least 1.
   *
   * Hosts on the loopback interface are exempt.
   *
   * Since: 0.1
   */
  wsm_pool_properties[PROP_MAX_HANDSHAKES_PER_HOST] =
    g_param_spec_uint ("max-handshakes-per-host", NULL, NULL, 0, G_MAXUINT,
                       DEFAULT_MAX_HANDSHAKES_PER_HOST, write_flags);

  /**
   * WsmPool:max-retries-per-second: (getter get_max_retries_per_second) (setter set_max_retries_per_second)
   *
   * How many connections may try again in a second, up to 1,000,000; 0 = no limit. 700 by default.
   *
   * A tenth of them may go at once, so that a pool with few connections knows no delay from this.
   * Where more want to, they take turns: those whose back-off is over go on waiting, and say so
   * in [property@Wsm.Connection:reason] and [property@Wsm.Connection:next-retry-at]. First
   * attempts and [method@Wsm.Connection.retry_now] do not count.
   *
   * Since: 0.1
   */
  wsm_pool_properties[PROP_MAX_RETRIES_PER_SECOND] =
    g_param_spec_uint ("max-retries-per-second", NULL, NULL, 0, G_MAXUINT,
                       DEFAULT_MAX_RETRIES_PER_SECOND, write_flags);

  /**
   * WsmPool:coalesce: (getter get_coalesce) (setter set_coalesce)
   *
   * The time, in milliseconds, by which a beat may be late to share a wake-up with others.
   *
   * 0 = none; -1, the default = a twentieth of the heartbeat's interval, at most 250 ms, which is
   * what [method@Wsm.Heartbeat.worst_case_detection] assumes.
   *
   * Since: 0.1
   */
  wsm_pool_properties[PROP_COALESCE] =
    g_param_spec_int ("coalesce", NULL, NULL, G_MININT, G_MAXINT, DEFAULT_COALESCE, write_flags);

  /**
   * WsmPool:watch-environment: (getter get_watch_environment) (setter set_watch_environment)
   *
   * Whether the pool acts on what happens to the machine; `TRUE` by default.
   *
   * When it wakes up from sleep, every open connection is asked for a sign of life, which has to
   * come within its heartbeat's timeout or 5 s, whichever is shorter; otherwise the connection is
   * lost. When the network changes, they are asked likewise, but one unanswered beat only makes
   * them suspect, the next one follows at once, and the verdict takes as many beats as ever and
   * all the time that the heartbeat allows. In both cases those that wait for their next attempt
   * try again, unless the server has asked to be left alone for longer. From eight connections
   * on, they take turns over one second. Nothing is ever put off because the network is said to
   * be gone.
   *
   * A sleep is noticed at once on Linux; elsewhere, and if there is no descriptor left, when the
   * next beat or retry of the main context falls due. It is not noticed where the system has no
   * clock that goes on meanwhile. That the wall clock is set has no effect. The network is known
   * from [iface@Gio.NetworkMonitor], once it was quiet for a second, or after five seconds.
   *
   * See also [property@Wsm.Pool:saves-power].
   *
   * Since: 0.1
   */
  wsm_pool_properties[PROP_WATCH_ENVIRONMENT] =
    g_param_spec_boolean ("watch-environment", NULL, NULL, TRUE, write_flags);

  /**
   * WsmPool:saves-power: (getter get_saves_power)
   *
   * Whether beats are twice as far apart as their heartbeats say, to save power.
   *
   * So it is while [iface@Gio.PowerProfileMonitor] says that the power saver is on, and
   * [property@Wsm.Pool:watch-environment] holds. A dead peer is noticed later then: what
   * [method@Wsm.Heartbeat.worst_case_detection] says of a heartbeat with twice the interval
   * holds. An interval that is to keep middleboxes from forgetting a quiet connection should
   * do so when it is doubled, too. Time-outs stay what they are, and so does the passive mode.
   *
   * Since: 0.1
   */
  wsm_pool_properties[PROP_SAVES_POWER] =
    g_param_spec_boolean ("saves-power", NULL, NULL, FALSE, read_flags);

  /**
   * WsmPool:n-items:
   *
   * The number of its connections.
   *
   * Since: 0.1
   */
  wsm_pool_properties[PROP_N_ITEMS] =
    g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, read_flags);

  /**
   * WsmPool:n-open: (getter get_n_open)
   *
   * The number of connections that are open, suspect ones included.
   *
   * Since: 0.1
   */
  wsm_pool_properties[PROP_N_OPEN] =
    g_param_spec_uint ("n-open", NULL, NULL, 0, G_MAXUINT, 0, read_flags);

  /**
   * WsmPool:n-failed: (getter get_n_failed)
   *
   * The number of connections that have failed for good.
   *
   * Since: 0.1
   */
  wsm_pool_properties[PROP_N_FAILED] =
    g_param_spec_uint ("n-failed", NULL, NULL, 0, G_MAXUINT, 0, read_flags);

  /**
   * WsmPool:lateness: (getter get_lateness)
   *
   * How long after its time a beat leaves, in the same figures as round trips.
   *
   * It shows how busy the program is, whatever the servers do: a beat leaves late when the main
   * loop was held up, when many leave together, or when its socket is full. The time of a beat is
   * the end of its coalescing window, so that waiting for neighbours is not late. Probes have no
   * time of their own and do not count, nor is anything ever lost here.
   *
   * One object for the life of the pool, which tells of changes itself, once a turn of the main
   * loop at most.
   *
   * Since: 0.1
   */
  wsm_pool_properties[PROP_LATENESS] =
    g_param_spec_object ("lateness", NULL, NULL, WSM_TYPE_LATENCY, read_flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (wsm_pool_properties),
                                     wsm_pool_properties);

  /**
   * WsmPool::connection-state-changed:
   * @self: the pool
   * @connection: one of its connections
   *
   * Emitted when the state of a connection has changed, after the connection's own notification.
   *
   * Since: 0.1
   */
  wsm_pool_signals[SIGNAL_CONNECTION_STATE_CHANGED] =
    g_signal_new ("connection-state-changed", WSM_TYPE_POOL, G_SIGNAL_RUN_LAST, 0,
                  NULL, NULL, NULL, G_TYPE_NONE, 1, WSM_TYPE_CONNECTION);

  /**
   * WsmPool::message:
   * @self: the pool
   * @connection: where it came from
   * @type: text or binary
   * @message: the message
   *
   * Emitted when a message arrives on any connection, after the connection's own signal.
   *
   * Since: 0.1
   */
  wsm_pool_signals[SIGNAL_MESSAGE] =
    g_signal_new ("message", WSM_TYPE_POOL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 3, WSM_TYPE_CONNECTION, SOUP_TYPE_WEBSOCKET_DATA_TYPE,
                  G_TYPE_BYTES);

  /**
   * WsmPool::beats:
   * @self: the pool
   * @beats: what became of them
   *
   * Emitted when beats were answered or missed: once for all that came to their end in one turn
   * of the main loop, and before that turn is over.
   *
   * The connections' own signals, [signal@Wsm.Connection::beat] and the notifications of a beat
   * that was missed, come before it. What became of the beats of a connection that was removed
   * meanwhile is not told. A handler that runs a main loop hears of later turns inside it.
   *
   * Beats are gathered only while somebody listens. Where each call into a handler has its price,
   * as in other languages than C, this is the signal for those who follow many connections.
   *
   * Since: 0.1
   */
  wsm_pool_signals[SIGNAL_BEATS] =
    g_signal_new ("beats", WSM_TYPE_POOL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, WSM_TYPE_BEATS);
}

static void
wsm_pool_init (WsmPool *self)
{
  WsmScheduler *scheduler;

  self->thread = g_thread_self ();
  self->context = g_main_context_ref_thread_default ();
  self->max_handshakes = DEFAULT_MAX_HANDSHAKES;
  self->max_handshakes_per_host = DEFAULT_MAX_HANDSHAKES_PER_HOST;
  self->max_retries_per_second = DEFAULT_MAX_RETRIES_PER_SECOND;
  self->coalesce_ms = DEFAULT_COALESCE;
  self->watch_environment = TRUE;
  self->heartbeat = wsm_heartbeat_new ();
  self->backoff = wsm_backoff_new ();
  self->session = wsm_soup_transport_new_session ();
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  wsm_timer_init (&self->close_timer, wsm_pool_close_timer_cb, self);

  wsm_pool_init_host (self);
  scheduler = wsm_scheduler_ref_for_context (self->context, NULL);
  self->host.lanes = wsm_lanes_new (self->context, wsm_scheduler_get_clock (scheduler));
  self->host.delivery = wsm_delivery_new (self->context);
  wsm_delivery_follow (self->host.delivery, wsm_pool_tell_beats_cb, self);
  self->host.random = g_rand_new ();
  self->host.pacer = wsm_pacer_new ();
  self->host.opened = wsm_reason_new (WSM_REASON_CODE_OPENED);
  wsm_pacer_set_rate (self->host.pacer, self->max_retries_per_second);
  wsm_pool_adopt_scheduler (self, scheduler);
}

/**
 * wsm_pool_new:
 *
 * Makes a pool for the calling thread and its thread-default main context.
 *
 * Returns: (transfer full): a pool
 *
 * Since: 0.1
 */
WsmPool *
wsm_pool_new (void)
{
  return g_object_new (WSM_TYPE_POOL, NULL);
}

/*
 * wsm_pool_new_with_seams:
 * @clock: what it goes by instead of the system's
 * @factory: what makes its transports instead of libsoup
 * @seed: of its random numbers
 *
 * Makes a pool in another world, in which nothing happens to the machine unless the clock or
 * wsm_pool_set_monitors() says so.
 */
WsmPool *
wsm_pool_new_with_seams (WsmClock            *clock,
                         WsmTransportFactory  factory,
                         gpointer             factory_data,
                         guint32              seed)
{
  WsmPool *self = wsm_pool_new ();

  wsm_pool_drop_environment (self);
  wsm_gate_close (self->host.gate);
  g_clear_object (&self->host.gate);
  g_clear_object (&self->host.scheduler);
  self->has_own_monitors = TRUE;
  wsm_pool_adopt_scheduler (self, wsm_scheduler_ref_for_context (self->context, clock));
  self->factory = factory;
  self->factory_data = factory_data;
  g_rand_set_seed (self->host.random, seed);

  return self;
}
