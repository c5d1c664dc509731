/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "matrix.h"
#include "test-process.h"
#include "test-states.h"
#include "test-world.h"

/*
 * F45: thousands of connections for days, on the clock of the test, with a fault every two seconds
 * for some of them. Memory, descriptors and sources are what they were after the first hours, and
 * beats have not drifted.
 *
 * Most beats are four to fifteen minutes apart, or the day would take too long: the default of 25 s
 * would make seven million of them. What is checked of each connection is little; schedules that
 * are drawn from seeds (tests/simulation/) look closer, at fewer.
 */

#define N_FEEDS 2000
/* One in so many is left alone, so that its beats can be counted. */
#define STEADY_SHARE 20
#define STEADY_S 120
#define MEAN_US (2 * (gint64) G_USEC_PER_SEC)
#define HOUR_US (3600 * (gint64) G_USEC_PER_SEC)
#define WARM_UP_HOURS 8
#define MAX_GROWTH 0.01
#define MAX_DRIFT 0.01

#define SLACK_US (100 * 1000)
#define BACKOFF_MAX_MS 60000
#define MAX_LATENCY_US (500 * 1000)

typedef struct _Simulation Simulation;

/* One connection, and what an observer knows of it. */
typedef struct
{
  Simulation *simulation;    /* (unowned) */
  WsmConnection *connection; /* (unowned) */
  WsmTestPeer *peer;         /* (unowned) */
  guint index;

  WsmState state;
  guint n_opened;
  guint n_disconnected;
  guint n_ends;
  gint64 due_us;       /* of the next attempt */
  gint64 silent_us;    /* since when the peer has said nothing; 0 = it talks */
  gint64 was_silent_us; /* when it began to talk again */
  WsmTimer verdict;    /* when the connection must have noticed */
  guint silent_socket; /* n_opened when it fell silent */
} Feed;

struct _Simulation
{
  WsmTestWorld *world; /* (owned) */
  WsmScheduler *scheduler; /* (owned) */
  GRand *random;       /* (owned) */
  Feed *feeds;         /* (owned) (array length=n_feeds) */
  guint n_feeds;
  WsmTimer fault;
  gint64 mean_us; /* between two faults */

  guint64 n_faults;
  guint64 n_lost;
};

static gint64
now_us (Simulation *self)
{
  return wsm_scheduler_get_time_us (self->scheduler);
}

/* What holds for a connection at any time. */
static void
check_feed (Feed *feed)
{
  WsmConnection *connection = feed->connection;
  WsmState state = wsm_connection_get_state (connection);
  guint n_missed = wsm_connection_get_n_missed (connection);
  guint max_missed = wsm_heartbeat_get_max_missed (wsm_connection_get_heartbeat (connection));

  /* One logical connection never has two sockets. */
  g_assert_cmpuint (feed->peer->transports->len, <=, 1);
  /* Sockets that opened are told lost once each. */
  g_assert_cmpuint (feed->n_opened - feed->n_disconnected, <=, 1);
  /* Missed beats and the state that tells of them go together. */
  if (state == WSM_STATE_OPEN)
    g_assert_cmpuint (n_missed, ==, 0);
  if (state == WSM_STATE_SUSPECT)
    g_assert_cmpuint (n_missed, >, 0);
  g_assert_cmpuint (n_missed, <=, max_missed);
  /* Who waits knows until when. */
  g_assert_cmpint (wsm_connection_get_next_retry_at (connection) > 0, ==,
                   state == WSM_STATE_WAITING);
}

static void
check_reason_to_wait (Feed *feed)
{
  const WsmReason *reason = wsm_connection_get_reason (feed->connection);
  gint64 worst_us;

  g_assert_cmpuint (wsm_reason_get_delay (reason), >=, 100);
  g_assert_cmpuint (wsm_reason_get_delay (reason), <=, wsm_reason_get_delay_bound (reason));
  g_assert_cmpuint (wsm_reason_get_delay_bound (reason), <=, 2 * BACKOFF_MAX_MS);
  feed->due_us = now_us (feed->simulation) + (gint64) wsm_reason_get_delay (reason) * 1000;
  g_assert_cmpint (wsm_connection_get_next_retry_at (feed->connection), ==, feed->due_us);

  /* Nobody is called dead whose peer has not been silent. */
  if (wsm_reason_get_code (reason) == WSM_REASON_CODE_HEARTBEAT_LOST)
    {
      feed->simulation->n_lost++;
      worst_us = (gint64) wsm_heartbeat_worst_case_detection (
        wsm_connection_get_heartbeat (feed->connection)) * 1000;
      g_assert_true (feed->silent_us > 0 ||
                     now_us (feed->simulation) - feed->was_silent_us < worst_us);
    }
}

static void
notify_state_cb (WsmConnection *connection,
                 GParamSpec    *pspec,
                 Feed          *feed)
{
  Simulation *self = feed->simulation;
  WsmState state = wsm_connection_get_state (connection);
  const WsmReason *reason = wsm_connection_get_reason (connection);

  g_assert_true (test_states_lead (feed->state, state));
  if (state == WSM_STATE_CONNECTING && wsm_reason_get_code (reason) == WSM_REASON_CODE_RETRYING)
    g_assert_cmpint (now_us (self), ==, feed->due_us);
  feed->state = state;
  if (state == WSM_STATE_WAITING)
    check_reason_to_wait (feed);
  check_feed (feed);
}

static void
opened_cb (WsmConnection *connection,
           gboolean       reconnected,
           Feed          *feed)
{
  g_assert_cmpint (reconnected, ==, feed->n_opened > 0);
  feed->n_opened++;
}

static void
disconnected_cb (WsmConnection *connection,
                 WsmReason     *reason,
                 gboolean       will_retry,
                 Feed          *feed)
{
  feed->n_disconnected++;
  g_assert_cmpuint (feed->n_disconnected, ==, feed->n_opened);
  g_assert_cmpint (will_retry, ==, feed->state == WSM_STATE_WAITING);
}

static void
closed_cb (WsmConnection *connection,
           Feed          *feed)
{
  feed->n_ends++;
  g_assert_cmpint (feed->state, ==, WSM_STATE_CLOSED);
}

static void
failed_cb (WsmConnection *connection,
           GError        *error,
           Feed          *feed)
{
  feed->n_ends++;
  g_assert_cmpint (feed->state, ==, WSM_STATE_FAILED);
}

static void
beat_cb (WsmConnection *connection,
         guint64        sequence,
         double         round_trip_ms,
         Feed          *feed)
{
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (connection);

  g_assert_true (test_state_is_open (feed->state));
  g_assert_cmpfloat (round_trip_ms, >=, 0);
  g_assert_cmpfloat (round_trip_ms, <=, wsm_heartbeat_get_timeout (heartbeat));
  check_feed (feed);
}

/* The peer has been silent for the longest time that may go unnoticed. */
static void
verdict_cb (WsmTimer *timer,
            gpointer  user_data)
{
  Feed *feed = user_data;

  if (feed->silent_us > 0 && feed->n_opened == feed->silent_socket)
    g_assert_cmpuint (feed->n_disconnected, ==, feed->n_opened);
}

static void
fall_silent (Feed *feed)
{
  Simulation *self = feed->simulation;
  guint worst_ms;

  if (feed->silent_us > 0)
    return;
  worst_ms = wsm_heartbeat_worst_case_detection (wsm_connection_get_heartbeat (feed->connection));
  feed->peer->mute = TRUE;
  feed->silent_us = now_us (self);
  feed->silent_socket = feed->n_opened;
  /* What is on its way still arrives. */
  wsm_scheduler_arm (self->scheduler, &feed->verdict,
                     feed->silent_us + 2 * MAX_LATENCY_US +
                     (gint64) worst_ms * 1000 + SLACK_US);
}

static void
talk_again (Feed *feed)
{
  if (feed->silent_us == 0)
    return;
  feed->peer->mute = FALSE;
  feed->silent_us = 0;
  feed->was_silent_us = now_us (feed->simulation);
}

static void
mend (Feed *feed)
{
  talk_again (feed);
  feed->peer->refusal = WSM_REASON_CODE_NONE;
  feed->peer->stall = FALSE;
  feed->peer->retry_after_ms = 0;
  wsm_connection_retry_now (feed->connection);
}

/* Round figures, so that many connections share a moment. */
static gint64
draw_latency (Simulation *self)
{
  return (gint64) g_rand_int_range (self->random, 0, 3) * MAX_LATENCY_US / 2;
}

static void
do_fault (Feed *feed)
{
  static const guint close_codes[] = { 1000, 1001, 1006, 1011, 1012, 1013, 4001 };
  Simulation *self = feed->simulation;
  WsmTestPeer *peer = feed->peer;

  switch (g_rand_int_range (self->random, 0, 12))
    {
    case 0:
    case 1:
    case 2:
      fall_silent (feed);
      break;

    case 3:
      wsm_test_peer_drop (peer, WSM_REASON_CODE_END_OF_STREAM);
      break;

    case 4:
      wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
      break;

    case 5:
      wsm_test_peer_close (peer, close_codes[g_rand_int_range (self->random, 0,
                                                               G_N_ELEMENTS (close_codes))]);
      break;

    case 6:
      peer->refusal = WSM_REASON_CODE_REFUSED;
      wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
      break;

    case 7:
      peer->refusal = WSM_REASON_CODE_HTTP_STATUS;
      peer->http_status = 503;
      peer->retry_after_ms = (guint) g_rand_int_range (self->random, 0, 20000);
      wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
      break;

    case 8:
      peer->stall = TRUE;
      wsm_test_peer_drop (peer, WSM_REASON_CODE_END_OF_STREAM);
      break;

    case 9:
      if (!peer->mute)
        wsm_test_peer_say (peer, "news");
      break;

    case 10:
      peer->latency_us = draw_latency (self);
      break;

    case 11:
    default:
      wsm_connection_close (feed->connection, 1000, NULL, NULL);
      wsm_connection_open (feed->connection, NULL);
      break;
    }
}

/* From the scheduler, as a network is; what the app does there it may do. */
static void
fault_cb (WsmTimer *timer,
          gpointer  user_data)
{
  Simulation *self = user_data;
  guint index = (guint) g_rand_int_range (self->random, 0, (gint32) self->n_feeds);
  Feed *feed = &self->feeds[index % STEADY_SHARE == 0 ? index + 1 : index];

  self->n_faults++;
  /* More is mended than broken, or soon nothing would be open to be broken. */
  if (g_rand_int_range (self->random, 0, 4) > 0)
    mend (feed);
  else
    do_fault (feed);
  wsm_scheduler_arm (self->scheduler, &self->fault, now_us (self) +
                     (gint64) (g_rand_double (self->random) * 2 * (double) self->mean_us));
}

static WsmHeartbeat *
draw_heartbeat (Simulation *self,
                gboolean    is_steady)
{
  gboolean is_text = g_rand_int_range (self->random, 0, 4) == 0;
  guint interval_s = is_steady ? STEADY_S : (guint) g_rand_int_range (self->random, 240, 900);

  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "mode", is_text ? WSM_HEARTBEAT_MODE_TEXT : WSM_HEARTBEAT_MODE_PING,
                       "payload", is_text ? "tick %{seq}" : NULL,
                       "reply-match", is_text ? WSM_REPLY_MATCH_EXACT : WSM_REPLY_MATCH_NONE,
                       "hide-reply", is_text,
                       "interval", interval_s * 1000,
                       "timeout", (guint) g_rand_int_range (self->random, 2, 30) * 1000,
                       "max-missed", (guint) g_rand_int_range (self->random, 1, 4),
                       "idle-only", !is_steady && g_rand_boolean (self->random),
                       "liveness", g_rand_boolean (self->random) ? WSM_LIVENESS_STRICT
                                                                 : WSM_LIVENESS_ANY_TRAFFIC,
                       NULL);
}

static void
feed_init (Feed       *feed,
           Simulation *self,
           guint       index,
           WsmBackoff *backoff)
{
  g_autofree char *path = g_strdup_printf ("/feed/%u", index);
  g_autofree char *uri = g_strconcat ("ws://127.0.0.1", path, NULL);
  g_autoptr (WsmHeartbeat) heartbeat = draw_heartbeat (self, index % STEADY_SHARE == 0);

  feed->simulation = self;
  feed->index = index;
  feed->connection = wsm_pool_add (self->world->pool, uri, NULL);
  feed->peer = wsm_test_world_get_peer (self->world, path);
  feed->peer->latency_us = draw_latency (self);
  wsm_timer_init (&feed->verdict, verdict_cb, feed);
  wsm_connection_set_heartbeat (feed->connection, heartbeat);
  wsm_connection_set_backoff (feed->connection, backoff);
  g_signal_connect (feed->connection, "notify::state", G_CALLBACK (notify_state_cb), feed);
  g_signal_connect (feed->connection, "opened", G_CALLBACK (opened_cb), feed);
  g_signal_connect (feed->connection, "disconnected", G_CALLBACK (disconnected_cb), feed);
  g_signal_connect (feed->connection, "closed", G_CALLBACK (closed_cb), feed);
  g_signal_connect (feed->connection, "failed", G_CALLBACK (failed_cb), feed);
  g_signal_connect (feed->connection, "beat", G_CALLBACK (beat_cb), feed);
}

static void
check_all (Simulation *self)
{
  guint n_open = 0;
  guint n_failed = 0;

  for (guint i = 0; i < self->n_feeds; i++)
    {
      check_feed (&self->feeds[i]);
      n_open += test_state_is_open (self->feeds[i].state) ? 1 : 0;
      n_failed += self->feeds[i].state == WSM_STATE_FAILED ? 1 : 0;
    }
  g_assert_cmpuint (wsm_pool_get_n_open (self->world->pool), ==, n_open);
  g_assert_cmpuint (wsm_pool_get_n_failed (self->world->pool), ==, n_failed);
}

/* Memory, descriptors and sources. */

typedef struct
{
  gsize n_bytes;
  guint n_files;
  guint n_sources;
} Use;

/* Their numbers go up, so one more shows the highest. */
static guint
count_sources (GMainContext *context)
{
  g_autoptr (GSource) probe = g_idle_source_new ();
  guint last = g_source_attach (probe, context);
  guint n = 0;

  g_source_destroy (probe);
  for (guint id = 1; id < last; id++)
    n += g_main_context_find_source_by_id (context, id) != NULL ? 1 : 0;

  return n;
}

static Use
measure_use (Simulation *self)
{
  Use use = {
    test_process_count_allocated (),
    test_process_count_files (),
    count_sources (self->world->context),
  };

  return use;
}

/* How far the worst of those that were left alone is from as many beats as there should be. */
static double
find_drift (Simulation *self,
            gint64      begin_us)
{
  double worst = 0;

  for (guint i = 0; i < self->n_feeds; i += STEADY_SHARE)
    {
      WsmConnection *connection = self->feeds[i].connection;
      guint interval_ms = wsm_heartbeat_get_interval (wsm_connection_get_heartbeat (connection));
      double expected = (double) (now_us (self) - begin_us) / 1000.0 / interval_ms;
      double drift = (double) wsm_connection_get_n_beats_sent (connection) / expected - 1;

      worst = MAX (worst, ABS (drift));
    }

  return worst;
}

static void
simulation_init (Simulation *self,
                 WsmBackoff *backoff)
{
  self->n_feeds = N_FEEDS;
  self->mean_us = MEAN_US;
  self->world = wsm_test_world_new (1);
  self->scheduler = wsm_scheduler_ref_for_context (self->world->context,
                                                   WSM_CLOCK (self->world->clock));
  self->random = g_rand_new_with_seed (1);
  self->feeds = g_new0 (Feed, N_FEEDS);
  for (guint i = 0; i < N_FEEDS; i++)
    feed_init (&self->feeds[i], self, i, backoff);
  wsm_timer_init (&self->fault, fault_cb, self);
  wsm_scheduler_arm (self->scheduler, &self->fault, now_us (self) + G_USEC_PER_SEC);
}

/* Once nothing is wrong any more, all come back; once they are gone, nothing is left. */
static void
simulation_end (Simulation *self)
{
  wsm_scheduler_disarm (self->scheduler, &self->fault);
  for (guint i = 0; i < N_FEEDS; i++)
    mend (&self->feeds[i]);
  wsm_test_clock_advance (self->world->clock, 2 * HOUR_US);
  for (guint i = 0; i < N_FEEDS; i++)
    {
      g_assert_cmpint (self->feeds[i].state, ==, WSM_STATE_OPEN);
      wsm_scheduler_disarm (self->scheduler, &self->feeds[i].verdict);
    }

  g_assert_finalize_object (g_steal_pointer (&self->world->pool));
  wsm_test_clock_advance (self->world->clock, SLACK_US);
  g_assert_false (wsm_test_clock_has_alarm (self->world->clock));
  g_object_unref (self->scheduler);
  wsm_test_world_free (self->world);
  g_rand_free (self->random);
  g_free (self->feeds);
}

static void
soak (guint n_hours)
{
  Simulation self = { NULL };
  g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF, "max", BACKOFF_MAX_MS, NULL);
  gint64 begin_us;
  Use warm = { 0 };
  Use most = { 0 };
  gsize late_bytes = 0;
  double growth, drift;

  simulation_init (&self, backoff);
  begin_us = now_us (&self);
  g_test_timer_start ();
  for (guint hour = 1; hour <= n_hours; hour++)
    {
      Use use;

      for (guint i = 0; i < 6; i++)
        {
          wsm_test_clock_advance (self.world->clock, HOUR_US / 6);
          check_all (&self);
        }
      use = measure_use (&self);
      most.n_bytes = MAX (most.n_bytes, use.n_bytes);
      most.n_files = MAX (most.n_files, use.n_files);
      most.n_sources = MAX (most.n_sources, use.n_sources);
      if (hour <= WARM_UP_HOURS)
        warm = most;
      else if (hour > n_hours - WARM_UP_HOURS)
        late_bytes = MAX (late_bytes, use.n_bytes);
    }

  /* Of as many hours: who is connecting needs a little more, and the longer one looks, the more
   * connect in one moment. */
  growth = (double) late_bytes / (double) warm.n_bytes - 1;
  drift = find_drift (&self, begin_us);
  matrix_measured ("F45", "%d connections for %u hours in %.1f s: %" G_GUINT64_FORMAT " faults, %"
                   G_GUINT64_FORMAT " peers found dead; memory grew by %.2f %% of %.1f MB from the "
                   "first %d hours to the last, descriptors by %u, sources by %u; beats drifted by "
                   "%.2f %%",
                   N_FEEDS, n_hours, g_test_timer_elapsed (), self.n_faults, self.n_lost,
                   growth * 100, (double) warm.n_bytes / 1e6, WARM_UP_HOURS,
                   most.n_files - warm.n_files, most.n_sources - warm.n_sources, drift * 100);
  g_assert_cmpfloat (growth, <=, MAX_GROWTH);
  g_assert_cmpuint (most.n_files, ==, warm.n_files);
  g_assert_cmpuint (most.n_sources, ==, warm.n_sources);
  g_assert_cmpfloat (drift, <=, MAX_DRIFT);
  g_assert_cmpuint (self.n_lost, >, 0);

  simulation_end (&self);
}

static void
test_day (void)
{
  soak (24);
}

static void
test_week (void)
{
  soak (7 * 24);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  if (g_test_slow ())
    g_test_add_func ("/matrix/f45-a-week", test_week);
  else
    g_test_add_func ("/matrix/f45-a-day", test_day);

  return g_test_run ();
}
