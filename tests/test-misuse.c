/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

#include <math.h>

/* Calls that nobody should make: each is answered by one critical of this library, or by none, and
 * never by one of another library; and it changes nothing. */

static WsmTestWorld *world;

static void
ignore_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
}

/* Every function that takes a connection, with nothing wrong but that. */

#define CALL(name, ...) \
  static void \
  call_##name (gpointer self) \
  { \
    (void) wsm_##name (self, ##__VA_ARGS__); \
  }

static SoupMessage *
get_request (void)
{
  static SoupMessage *message = NULL;

  if (message == NULL)
    message = soup_message_new ("GET", "http://127.0.0.1/");

  return message;
}

static GError *
get_failure (void)
{
  static GError *error = NULL;

  if (error == NULL)
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "on purpose");

  return error;
}

static GBytes *
get_bytes (void)
{
  static GBytes *bytes = NULL;

  if (bytes == NULL)
    bytes = g_bytes_new_static ("bytes", 5);

  return bytes;
}

CALL (connection_get_uri)
CALL (connection_get_name)
CALL (connection_get_protocols)
CALL (connection_get_origin)
CALL (connection_get_heartbeat)
CALL (connection_get_backoff)
CALL (connection_get_greetings)
CALL (connection_get_outbox_limit)
CALL (connection_get_queue_while_closed)
CALL (connection_get_max_message_size)
CALL (connection_get_connect_timeout)
CALL (connection_get_close_timeout)
CALL (connection_get_max_redirects)
CALL (connection_get_state)
CALL (connection_get_reason)
CALL (connection_get_n_missed)
CALL (connection_get_latency)
CALL (connection_get_next_beat_at)
CALL (connection_get_next_retry_at)
CALL (connection_get_attempt)
CALL (connection_get_paused)
CALL (connection_get_error)
CALL (connection_get_close_code)
CALL (connection_get_close_reason)
CALL (connection_get_protocol)
CALL (connection_get_extensions)
CALL (connection_get_remote_address)
CALL (connection_get_tls_peer_certificate)
CALL (connection_get_n_reconnects)
CALL (connection_get_opened_at)
CALL (connection_get_last_received_at)
CALL (connection_get_n_messages_sent)
CALL (connection_get_n_messages_received)
CALL (connection_get_n_bytes_sent)
CALL (connection_get_n_bytes_received)
CALL (connection_get_n_beats_sent)
CALL (connection_get_n_beats_answered)
CALL (connection_get_buffered)
CALL (connection_get_liveness_source)
CALL (connection_get_limits_enforced)

CALL (connection_set_heartbeat, wsm_pool_get_heartbeat (world->pool))
CALL (connection_set_backoff, wsm_pool_get_backoff (world->pool))
CALL (connection_set_greetings, NULL)
CALL (connection_set_outbox_limit, 77)
CALL (connection_set_queue_while_closed, TRUE)
CALL (connection_set_max_message_size, 77)
CALL (connection_set_connect_timeout, 77)
CALL (connection_set_close_timeout, 77)
CALL (connection_set_max_redirects, 7)
CALL (connection_open, NULL)
CALL (connection_close, 1000, NULL, NULL)
CALL (connection_abort)
CALL (connection_retry_now)
CALL (connection_pause)
CALL (connection_resume)
CALL (connection_confirm_healthy)
CALL (connection_send_text, "text", NULL)
CALL (connection_send_bytes, get_bytes (), NULL)
CALL (connection_proceed, get_request ())
CALL (connection_fail_attempt, get_request (), get_failure ())
CALL (connection_open_async, NULL, ignore_cb, NULL)
CALL (connection_close_async, 1000, NULL, NULL, ignore_cb, NULL)
CALL (connection_ping_async, NULL, ignore_cb, NULL)

CALL (pool_get_session)
CALL (pool_get_heartbeat)
CALL (pool_get_backoff)
CALL (pool_get_max_handshakes)
CALL (pool_get_max_handshakes_per_host)
CALL (pool_get_max_retries_per_second)
CALL (pool_get_coalesce)
CALL (pool_get_watch_environment)
CALL (pool_get_saves_power)
CALL (pool_get_n_open)
CALL (pool_get_n_failed)
CALL (pool_get_lateness)
CALL (pool_lookup, "name")

CALL (pool_set_heartbeat, wsm_pool_get_heartbeat (world->pool))
CALL (pool_set_backoff, wsm_pool_get_backoff (world->pool))
CALL (pool_set_max_handshakes, 7)
CALL (pool_set_max_handshakes_per_host, 7)
CALL (pool_set_max_retries_per_second, 7)
CALL (pool_set_coalesce, 7)
CALL (pool_set_watch_environment, FALSE)
CALL (pool_add, "ws://127.0.0.1/b", NULL)
CALL (pool_broadcast_text, "text", NULL)
CALL (pool_broadcast_bytes, get_bytes ())
CALL (pool_probe)
CALL (pool_retry_now)
CALL (pool_close_async, 0, NULL, ignore_cb, NULL)

typedef struct
{
  const char *name;
  void (*call) (gpointer self);
} Function;

#define FUNCTION(name) { "wsm_" #name, call_##name }

static const Function connection_getters[] = {
  FUNCTION (connection_get_uri),
  FUNCTION (connection_get_name),
  FUNCTION (connection_get_protocols),
  FUNCTION (connection_get_origin),
  FUNCTION (connection_get_heartbeat),
  FUNCTION (connection_get_backoff),
  FUNCTION (connection_get_greetings),
  FUNCTION (connection_get_outbox_limit),
  FUNCTION (connection_get_queue_while_closed),
  FUNCTION (connection_get_max_message_size),
  FUNCTION (connection_get_connect_timeout),
  FUNCTION (connection_get_close_timeout),
  FUNCTION (connection_get_max_redirects),
  FUNCTION (connection_get_state),
  FUNCTION (connection_get_reason),
  FUNCTION (connection_get_n_missed),
  FUNCTION (connection_get_latency),
  FUNCTION (connection_get_next_beat_at),
  FUNCTION (connection_get_next_retry_at),
  FUNCTION (connection_get_attempt),
  FUNCTION (connection_get_paused),
  FUNCTION (connection_get_error),
  FUNCTION (connection_get_close_code),
  FUNCTION (connection_get_close_reason),
  FUNCTION (connection_get_protocol),
  FUNCTION (connection_get_extensions),
  FUNCTION (connection_get_remote_address),
  FUNCTION (connection_get_tls_peer_certificate),
  FUNCTION (connection_get_n_reconnects),
  FUNCTION (connection_get_opened_at),
  FUNCTION (connection_get_last_received_at),
  FUNCTION (connection_get_n_messages_sent),
  FUNCTION (connection_get_n_messages_received),
  FUNCTION (connection_get_n_bytes_sent),
  FUNCTION (connection_get_n_bytes_received),
  FUNCTION (connection_get_n_beats_sent),
  FUNCTION (connection_get_n_beats_answered),
  FUNCTION (connection_get_buffered),
  FUNCTION (connection_get_liveness_source),
  FUNCTION (connection_get_limits_enforced),
};

static const Function connection_verbs[] = {
  FUNCTION (connection_set_heartbeat),
  FUNCTION (connection_set_backoff),
  FUNCTION (connection_set_greetings),
  FUNCTION (connection_set_outbox_limit),
  FUNCTION (connection_set_queue_while_closed),
  FUNCTION (connection_set_max_message_size),
  FUNCTION (connection_set_connect_timeout),
  FUNCTION (connection_set_close_timeout),
  FUNCTION (connection_set_max_redirects),
  FUNCTION (connection_open),
  FUNCTION (connection_close),
  FUNCTION (connection_abort),
  FUNCTION (connection_retry_now),
  FUNCTION (connection_pause),
  FUNCTION (connection_resume),
  FUNCTION (connection_confirm_healthy),
  FUNCTION (connection_send_text),
  FUNCTION (connection_send_bytes),
  FUNCTION (connection_proceed),
  FUNCTION (connection_fail_attempt),
  FUNCTION (connection_open_async),
  FUNCTION (connection_close_async),
  FUNCTION (connection_ping_async),
};

static const Function pool_getters[] = {
  FUNCTION (pool_get_session),
  FUNCTION (pool_get_heartbeat),
  FUNCTION (pool_get_backoff),
  FUNCTION (pool_get_max_handshakes),
  FUNCTION (pool_get_max_handshakes_per_host),
  FUNCTION (pool_get_max_retries_per_second),
  FUNCTION (pool_get_coalesce),
  FUNCTION (pool_get_watch_environment),
  FUNCTION (pool_get_saves_power),
  FUNCTION (pool_get_n_open),
  FUNCTION (pool_get_n_failed),
  FUNCTION (pool_get_lateness),
  FUNCTION (pool_lookup),
};

static const Function pool_verbs[] = {
  FUNCTION (pool_set_heartbeat),
  FUNCTION (pool_set_backoff),
  FUNCTION (pool_set_max_handshakes),
  FUNCTION (pool_set_max_handshakes_per_host),
  FUNCTION (pool_set_max_retries_per_second),
  FUNCTION (pool_set_coalesce),
  FUNCTION (pool_set_watch_environment),
  FUNCTION (pool_add),
  FUNCTION (pool_broadcast_text),
  FUNCTION (pool_broadcast_bytes),
  FUNCTION (pool_probe),
  FUNCTION (pool_retry_now),
  FUNCTION (pool_close_async),
};

static const struct
{
  const Function *functions;
  guint n;
} tables[] = {
  { connection_getters, G_N_ELEMENTS (connection_getters) },
  { connection_verbs, G_N_ELEMENTS (connection_verbs) },
  { pool_getters, G_N_ELEMENTS (pool_getters) },
  { pool_verbs, G_N_ELEMENTS (pool_verbs) },
};

static void
expect_critical (const char *pattern)
{
  g_test_expect_message ("libwsmulti", G_LOG_LEVEL_CRITICAL, pattern);
}

static void
call_on (const Function *function,
         gpointer        self,
         const char     *pattern)
{
  g_test_message ("%s", function->name);
  if (pattern != NULL)
    expect_critical (pattern);
  function->call (self);
  if (pattern != NULL)
    g_test_assert_expected_messages ();
}

static void
test_wrong_object (void)
{
  g_autoptr (WsmLatency) neither = NULL;

  world = wsm_test_world_new (1);
  neither = g_object_ref (wsm_connection_get_latency (
                            wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN)));
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      for (guint k = 0; k < tables[i].n; k++)
        {
          call_on (&tables[i].functions[k], NULL, "*assertion*WSM_IS_*failed");
          call_on (&tables[i].functions[k], neither, "*assertion*WSM_IS_*failed");
        }
    }
  wsm_test_world_assert_log (world, "");

  g_clear_object (&neither);
  wsm_test_world_free (world);
}

typedef struct
{
  const Function *functions;
  guint n;
  gpointer self;
} Job;

static gpointer
call_all (gpointer data)
{
  Job *job = data;

  for (guint i = 0; i < job->n; i++)
    call_on (&job->functions[i], job->self, "*: called from another thread *");

  return NULL;
}

static void
test_wrong_thread (void)
{
  WsmConnection *feed;
  Job jobs[2];

  world = wsm_test_world_new (1);
  feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  jobs[0] = (Job) { connection_verbs, G_N_ELEMENTS (connection_verbs), feed };
  jobs[1] = (Job) { pool_verbs, G_N_ELEMENTS (pool_verbs), world->pool };
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    g_thread_join (g_thread_new ("stranger", call_all, &jobs[i]));

  wsm_test_world_run_ms (world, 100);
  wsm_test_world_assert_log (world, "");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (world->pool)), ==, 1);
  g_assert_cmpuint (wsm_connection_get_close_timeout (feed), ==, 2000);
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 0);

  wsm_test_world_free (world);
}

/* Twice, in each state, in a pool and out of it, and after g_object_run_dispose(). */
static void
test_any_state (void)
{
  for (guint state = 0; state <= WSM_STATE_FAILED; state++)
    {
      for (guint where = 0; where < 3; where++)
        {
          for (guint k = 0; k < G_N_ELEMENTS (connection_verbs); k++)
            {
              g_autoptr (WsmConnection) feed = NULL;

              world = wsm_test_world_new (1);
              feed = g_object_ref (wsm_test_world_bring_to (world, "/a", (WsmState) state));
              if (where == 1)
                g_assert_true (wsm_pool_remove (world->pool, feed));
              else if (where == 2)
                g_object_run_dispose (G_OBJECT (feed));
              for (guint i = 0; i < 2; i++)
                call_on (&connection_verbs[k], feed, NULL);
              for (guint i = 0; i < G_N_ELEMENTS (connection_getters); i++)
                connection_getters[i].call (feed);
              wsm_test_world_run_ms (world, 5000);
              if (where > 0)
                wsm_test_world_assert_log (world, "");
              g_string_truncate (world->log, 0);

              wsm_test_world_free (world);
            }
        }
    }
}

static void
test_disposed_pool (void)
{
  g_autoptr (WsmConnection) feed = NULL;
  g_autoptr (WsmConnection) other = wsm_connection_new ("ws://127.0.0.1/b");
  g_autoptr (GError) error = NULL;

  world = wsm_test_world_new (1);
  feed = g_object_ref (wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN));
  for (guint i = 0; i < 2; i++)
    {
      g_object_run_dispose (G_OBJECT (world->pool));
      for (guint k = 0; k < G_N_ELEMENTS (pool_verbs); k++)
        call_on (&pool_verbs[k], world->pool, NULL);
      for (guint k = 0; k < G_N_ELEMENTS (pool_getters); k++)
        pool_getters[k].call (world->pool);
      wsm_test_world_run_ms (world, 5000);
    }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (world->pool)), ==, 0);
  g_assert_cmpuint (wsm_pool_get_n_open (world->pool), ==, 0);
  g_assert_false (wsm_pool_remove (world->pool, feed));
  g_assert_false (wsm_pool_add_connection (world->pool, other, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_ABORTED);
  wsm_test_world_assert_log (world, "");

  wsm_test_world_free (world);
}

static void
test_disposed_connection (void)
{
  WsmConnection *feed;

  world = wsm_test_world_new (1);
  feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_assert_cmpuint (wsm_pool_get_n_open (world->pool), ==, 1);
  g_object_ref (feed);
  g_object_run_dispose (G_OBJECT (feed));
  g_object_run_dispose (G_OBJECT (feed));
  g_assert_cmpuint (wsm_pool_get_n_open (world->pool), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (world->pool)), ==, 0);
  g_assert_null (wsm_pool_lookup (world->pool, "ws://127.0.0.1/a"));
  wsm_test_world_run_ms (world, 100);
  wsm_test_world_assert_log (world, "");
  g_assert_finalize_object (feed);

  wsm_test_world_free (world);
}

/* Whatever else must not be NULL, or must not be set already. */
static void
test_wrong_arguments (void)
{
  g_autoptr (GError) set = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "set already");
  GError *taken = set;
  WsmConnection *feed;
  WsmPool *pool;
  gpointer latency;

  world = wsm_test_world_new (1);
  pool = world->pool;
  feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  latency = wsm_connection_get_latency (feed);

#define REFUSED(call) \
  expect_critical ("*assertion*failed"); \
  (void) (call); \
  g_test_assert_expected_messages ()
#define REFUSED_VOID(call) \
  expect_critical ("*"); \
  call; \
  g_test_assert_expected_messages ()

  REFUSED (wsm_connection_open (feed, &taken));
  REFUSED (wsm_connection_close (feed, 1000, NULL, &taken));
  REFUSED (wsm_connection_send_text (feed, NULL, NULL));
  REFUSED (wsm_connection_send_text (feed, "text", &taken));
  REFUSED (wsm_connection_send_bytes (feed, NULL, NULL));
  REFUSED (wsm_connection_send_bytes (feed, get_bytes (), &taken));
  REFUSED_VOID (wsm_connection_proceed (feed, NULL));
  REFUSED_VOID (wsm_connection_proceed (feed, latency));
  REFUSED_VOID (wsm_connection_fail_attempt (feed, NULL, get_failure ()));
  REFUSED_VOID (wsm_connection_fail_attempt (feed, get_request (), NULL));
  REFUSED_VOID (wsm_connection_open_async (feed, latency, ignore_cb, NULL));
  REFUSED_VOID (wsm_connection_close_async (feed, 1000, NULL, latency, ignore_cb, NULL));
  REFUSED_VOID (wsm_connection_ping_async (feed, latency, ignore_cb, NULL));
  REFUSED (wsm_connection_open_finish (feed, NULL, NULL));
  REFUSED (wsm_connection_close_finish (feed, NULL, NULL));
  REFUSED (wsm_connection_ping_finish (feed, NULL, NULL));
  REFUSED_VOID (wsm_connection_set_heartbeat (feed, NULL));
  REFUSED_VOID (wsm_connection_set_heartbeat (feed, latency));
  REFUSED_VOID (wsm_connection_set_backoff (feed, NULL));
  REFUSED_VOID (wsm_connection_set_backoff (feed, latency));
  REFUSED_VOID (wsm_connection_set_greetings (feed, (const char * const[]) { "\xff", NULL }));
  REFUSED_VOID (wsm_pool_set_heartbeat (pool, NULL));
  REFUSED_VOID (wsm_pool_set_heartbeat (pool, latency));
  REFUSED_VOID (wsm_pool_set_backoff (pool, NULL));
  REFUSED_VOID (wsm_pool_set_backoff (pool, latency));
  REFUSED (wsm_pool_add (pool, NULL, NULL));
  REFUSED (wsm_pool_add (pool, "ws://127.0.0.1/", &taken));
  REFUSED (wsm_pool_add_connection (pool, NULL, NULL));
  REFUSED (wsm_pool_add_connection (pool, latency, NULL));
  REFUSED (wsm_pool_add_connection (pool, feed, &taken));
  REFUSED (wsm_pool_remove (pool, NULL));
  REFUSED (wsm_pool_remove (pool, latency));
  REFUSED (wsm_pool_lookup (pool, NULL));
  REFUSED (wsm_pool_broadcast_text (pool, NULL, NULL));
  REFUSED (wsm_pool_broadcast_text (pool, "text", &taken));
  REFUSED (wsm_pool_broadcast_bytes (pool, NULL));
  REFUSED_VOID (wsm_pool_close_async (pool, 0, latency, ignore_cb, NULL));
  REFUSED (wsm_pool_close_finish (pool, NULL, NULL));
  wsm_test_world_assert_log (world, "");

  /* No callback: nobody wants to know, and that is all. */
  wsm_connection_ping_async (feed, NULL, NULL, NULL);
  wsm_connection_close_async (feed, 1000, NULL, NULL, NULL, NULL);
  wsm_connection_open_async (feed, NULL, NULL, NULL);
  wsm_pool_close_async (pool, 1, NULL, NULL, NULL);
  wsm_test_world_run_ms (world, 100);
  g_string_truncate (world->log, 0);

  wsm_test_world_free (world);
}

static void
finish_wrongly_cb (GObject      *object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  WsmConnection *feed = WSM_CONNECTION (object);
  guint *n = user_data;

  (*n)++;
  REFUSED (wsm_connection_close_finish (feed, result, NULL));
  REFUSED (wsm_connection_open_finish (feed, result, NULL));
  REFUSED (wsm_pool_close_finish (world->pool, result, NULL));
  g_assert_cmpfloat (wsm_connection_ping_finish (feed, result, NULL), >, 0);
}

static void
test_wrong_finish (void)
{
  WsmConnection *feed;
  guint n = 0;

  world = wsm_test_world_new (1);
  feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  wsm_connection_ping_async (feed, NULL, finish_wrongly_cb, &n);
  wsm_test_world_run_ms (world, 10);
  g_assert_cmpuint (n, ==, 1);

  wsm_test_world_free (world);
}

/* Numbers: what is refused is refused by us, by name. */

typedef struct
{
  const char *name; /* (unowned) */
  guint n_criticals;
} Refusal;

static gboolean
note_critical (const char     *domain,
               GLogLevelFlags  level,
               const char     *message,
               gpointer        user_data)
{
  Refusal *refusal = user_data;

  g_assert_cmpstr (domain, ==, "libwsmulti");
  g_assert_nonnull (strstr (message, refusal->name));
  refusal->n_criticals++;

  return FALSE;
}

/* A critical that is looked at elsewhere need not be in the output too. */
static void
swallow_log (const char     *domain,
             GLogLevelFlags  level,
             const char     *message,
             gpointer        user_data)
{
}

static guint
begin_refusal (Refusal *refusal)
{
  g_test_log_set_fatal_handler (note_critical, refusal);

  return g_log_set_handler ("libwsmulti", G_LOG_LEVEL_CRITICAL | G_LOG_FLAG_FATAL, swallow_log,
                            NULL);
}

static void
end_refusal (guint handler)
{
  g_log_remove_handler ("libwsmulti", handler);
  g_test_log_set_fatal_handler (NULL, NULL);
}

static void
set_number (GValue     *value,
            GParamSpec *pspec,
            guint       which)
{
  g_value_init (value, pspec->value_type);
  switch (G_TYPE_FUNDAMENTAL (pspec->value_type))
    {
    case G_TYPE_UINT:
      g_value_set_uint (value, ((guint[]) { 0, 1, G_MAXINT, G_MAXUINT })[which]);
      break;

    case G_TYPE_INT:
      g_value_set_int (value, ((int[]) { 0, -1, G_MININT, G_MAXINT })[which]);
      break;

    case G_TYPE_UINT64:
      g_value_set_uint64 (value, ((guint64[]) { 0, 1, G_MAXINT64, G_MAXUINT64 })[which]);
      break;

    case G_TYPE_DOUBLE:
      g_value_set_double (value, ((double[]) { 0.0, -1.0, G_MAXDOUBLE, (double) NAN })[which]);
      break;

    case G_TYPE_BOOLEAN:
      g_value_set_boolean (value, which % 2);
      break;

    default:
      break;
    }
}

/* Whether an enumeration has a value is GObject's to check. */
static gboolean
is_number (GParamSpec *pspec)
{
  GType fundamental = G_TYPE_FUNDAMENTAL (pspec->value_type);

  return fundamental == G_TYPE_UINT || fundamental == G_TYPE_INT ||
         fundamental == G_TYPE_UINT64 || fundamental == G_TYPE_DOUBLE ||
         fundamental == G_TYPE_BOOLEAN;
}

/* Something of everything goes on with it. */
static void
use (WsmConnection *feed)
{
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  wsm_connection_send_text (feed, "text", NULL);
  wsm_test_world_run_ms (world, 5000);
  peer->mute = TRUE;
  wsm_test_world_run_ms (world, 20000);
  peer->mute = FALSE;
  wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (world, 20000);
  wsm_connection_close (feed, 1000, NULL, NULL);
  wsm_test_world_run_ms (world, 5000);
  wsm_connection_abort (feed);
  g_string_truncate (world->log, 0);
}

/* Settings that change, of a connection and of a pool. */
static void
test_extreme_numbers (void)
{
  GType types[] = { WSM_TYPE_CONNECTION, WSM_TYPE_POOL };

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      g_autoptr (GTypeClass) type_class = g_type_class_ref (types[t]);
      guint n_pspecs = 0;
      g_autofree GParamSpec **pspecs = NULL;

      pspecs = g_object_class_list_properties (G_OBJECT_CLASS (type_class), &n_pspecs);
      for (guint i = 0; i < 4 * n_pspecs; i++)
        {
          GParamSpec *pspec = pspecs[i / 4];
          g_auto (GValue) value = G_VALUE_INIT;
          g_auto (GValue) now = G_VALUE_INIT;
          Refusal refusal = { .name = pspec->name };
          WsmConnection *feed;
          guint handler;

          if ((pspec->flags & G_PARAM_WRITABLE) == 0 || !is_number (pspec))
            continue;

          world = wsm_test_world_new (1);
          feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
          set_number (&value, pspec, i % 4);
          handler = begin_refusal (&refusal);
          g_object_set_property (t == 0 ? G_OBJECT (feed) : G_OBJECT (world->pool), pspec->name,
                                 &value);
          end_refusal (handler);
          g_assert_cmpuint (refusal.n_criticals, <=, 1);

          g_value_init (&now, pspec->value_type);
          g_object_get_property (t == 0 ? G_OBJECT (feed) : G_OBJECT (world->pool), pspec->name,
                                 &now);
          /* Kept as it was, or as it was given; nothing in between. */
          if (refusal.n_criticals == 0)
            g_assert_cmpint (g_param_values_cmp (pspec, &value, &now), ==, 0);
          else
            g_assert_true (g_param_value_defaults (pspec, &now));
          use (feed);

          wsm_test_world_free (world);
        }
    }
}

/* And what is made once and shared: refused as a whole by the connection that gets it. */
static void
test_extreme_policies (void)
{
  static const char * const names[] = { "heartbeat", "backoff" };
  GType types[] = { WSM_TYPE_HEARTBEAT, WSM_TYPE_BACKOFF };

  for (guint t = 0; t < G_N_ELEMENTS (types); t++)
    {
      g_autoptr (GTypeClass) type_class = g_type_class_ref (types[t]);
      guint n_pspecs = 0;
      g_autofree GParamSpec **pspecs = NULL;

      pspecs = g_object_class_list_properties (G_OBJECT_CLASS (type_class), &n_pspecs);
      for (guint i = 0; i < 4 * n_pspecs; i++)
        {
          GParamSpec *pspec = pspecs[i / 4];
          g_auto (GValue) value = G_VALUE_INIT;
          g_autoptr (GObject) policy = NULL;
          g_autoptr (GError) error = NULL;
          Refusal refusal = { .name = pspec->name };
          WsmConnection *feed;
          gboolean is_valid;
          guint handler;

          if (!is_number (pspec))
            continue;

          world = wsm_test_world_new (1);
          feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
          set_number (&value, pspec, i % 4);
          policy = g_object_new_with_properties (types[t], 1, (const char *[]) { pspec->name },
                                                 &value);
          is_valid = t == 0 ? wsm_heartbeat_validate (WSM_HEARTBEAT (policy), &error)
                            : wsm_backoff_validate (WSM_BACKOFF (policy), &error);
          handler = begin_refusal (&refusal);
          g_object_set (feed, names[t], policy, NULL);
          end_refusal (handler);
          g_assert_cmpuint (refusal.n_criticals, ==, is_valid ? 0 : 1);
          g_assert_cmpint (t == 0 ? (gpointer) wsm_connection_get_heartbeat (feed) == policy
                                  : (gpointer) wsm_connection_get_backoff (feed) == policy,
                           ==, is_valid);
          use (feed);

          wsm_test_world_free (world);
        }
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/inputs/71-wrong-object", test_wrong_object);
  g_test_add_func ("/inputs/57-another-thread", test_wrong_thread);
  g_test_add_func ("/inputs/58-any-call-at-any-time", test_any_state);
  g_test_add_func ("/inputs/68-run-dispose-of-a-pool", test_disposed_pool);
  g_test_add_func ("/inputs/68-run-dispose-of-a-connection", test_disposed_connection);
  g_test_add_func ("/inputs/71-wrong-arguments", test_wrong_arguments);
  g_test_add_func ("/inputs/71-wrong-result", test_wrong_finish);
  g_test_add_func ("/misuse/extreme-numbers", test_extreme_numbers);
  g_test_add_func ("/misuse/extreme-policies", test_extreme_policies);

  return g_test_run ();
}
