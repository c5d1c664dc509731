/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdio.h>

#include "peer.h"
#include "test-clock.h"
#include "wire.h"
#include "wsm-connection.h"
#include "wsm-pool-private.h"

#ifdef HAVE_CALLGRIND
#include <valgrind/callgrind.h>
#else
/* Then it takes longer: what is not counted is looked at as well. */
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#endif

/* The jobs whose instructions guard.py counts.
 *
 * Each of them is done a number of times, and then twice as often: what is not the job itself is
 * the same in both, and falls out of the difference. The connections are real ones, through
 * libsoup and sockets. But time is moved by hand, and the peer answers when it is told to, so that
 * how busy the machine is makes no difference.
 *
 * Instructions count while jobs_work() runs, and what they came to since the last time is written
 * down when jobs_end() returns: valgrind goes by the names of the two. */

/* So that full lanes beat together, with a hundred connections as with thousands. */
#define INTERVAL_MS 1000
#define SLOT_MS 250
#define N_SLOTS (INTERVAL_MS / SLOT_MS)
#define N_HANDSHAKES 64
#define TEXT_SIZE 125

typedef struct
{
  WsmTestClock *clock; /* (owned) */
  WsmPool *pool;       /* (owned) */
  Peer *peer;          /* (owned) */
  char *text;          /* (owned) */
  guint n_messages;
} Jobs;

typedef void (*JobsFunc) (Jobs  *self,
                          guint  n);

void jobs_work (JobsFunc  func,
                Jobs     *self,
                guint     n);
void jobs_end  (void);

/* Nothing but this is counted. */
G_GNUC_NO_INLINE void
jobs_work (JobsFunc  func,
           Jobs     *self,
           guint     n)
{
  func (self, n);
}

G_GNUC_NO_INLINE void
jobs_end (void)
{
  fflush (stdout);
}

static guint
jobs_count_members (Jobs *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->pool));
}

static void
jobs_settle (Jobs  *self,
             guint  n)
{
  wsm_test_clock_settle (self->clock);
}

static void
jobs_message_cb (WsmPool               *pool,
                 WsmConnection         *connection,
                 SoupWebsocketDataType  type,
                 GBytes                *message,
                 Jobs                  *self)
{
  self->n_messages++;
}

static void
jobs_init (Jobs *self)
{
  g_autoptr (WsmHeartbeat) heartbeat =
    g_object_new (WSM_TYPE_HEARTBEAT, "interval", INTERVAL_MS, "timeout", INTERVAL_MS,
                  "jitter", 0.0, "idle-only", FALSE, NULL);

  self->clock = wsm_test_clock_new (NULL);
  self->pool = wsm_pool_new_with_seams (WSM_CLOCK (self->clock), NULL, NULL, 1);
  g_object_set (self->pool, "heartbeat", heartbeat, "coalesce", SLOT_MS, "max-handshakes",
                N_HANDSHAKES, NULL);
  g_signal_connect (self->pool, "message", G_CALLBACK (jobs_message_cb), self);
  self->peer = peer_new ();
  self->text = g_strnfill (TEXT_SIZE, 'x');
}

static void
jobs_clear (Jobs *self)
{
  g_clear_object (&self->pool);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->peer, peer_free);
  g_clear_pointer (&self->text, g_free);
}

/* Names tell when it is whose turn to beat, so they are the same each time, unlike ports. */
static void
jobs_add_and_open (Jobs  *self,
                   guint  n)
{
  g_autofree char *uri = peer_make_uri (self->peer);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("feed %u", jobs_count_members (self));
      g_autoptr (WsmConnection) connection =
        g_object_new (WSM_TYPE_CONNECTION, "uri", uri, "name", name, NULL);

      if (!wsm_pool_add_connection (self->pool, connection, NULL) ||
          !wsm_connection_open (connection, NULL))
        g_error ("%s was not added", name);
    }
  jobs_settle (self, 0);
}

/* One connect each. */
static void
jobs_connect (Jobs  *self,
              guint  n)
{
  guint n_wanted = wsm_pool_get_n_open (self->pool) + n;

  jobs_work (jobs_add_and_open, self, n);
  while (wsm_pool_get_n_open (self->pool) < n_wanted)
    {
      peer_serve (self->peer);
      jobs_work (jobs_settle, self, 0);
    }
}

static void
jobs_pass_slot (Jobs  *self,
                guint  n)
{
  wsm_test_clock_advance (self->clock, SLOT_MS * G_TIME_SPAN_MILLISECOND);
}

/* How many beats were sent, and how many answered. */
static void
jobs_count_beats (Jobs    *self,
                  guint64 *n_sent,
                  guint64 *n_answered)
{
  *n_sent = *n_answered = 0;
  for (guint i = 0; i < jobs_count_members (self); i++)
    {
      WsmConnection *connection = wsm_pool_peek_nth (self->pool, i);

      *n_sent += wsm_connection_get_n_beats_sent (connection);
      *n_answered += wsm_connection_get_n_beats_answered (connection);
    }
}

/* A beat with its pong on each connection, n times. */
static void
jobs_beat (Jobs  *self,
           guint  n)
{
  guint64 n_before, n_sent, n_answered;

  jobs_count_beats (self, &n_before, &n_answered);
  for (guint i = 0; i < n * N_SLOTS; i++)
    {
      jobs_work (jobs_pass_slot, self, 0);
      jobs_count_beats (self, &n_sent, &n_answered);
      peer_serve_all (self->peer, n_sent - n_answered);
      jobs_work (jobs_settle, self, 0);
    }
  jobs_count_beats (self, &n_sent, &n_answered);
  if (n_answered != n_sent || n_sent - n_before != n * jobs_count_members (self))
    g_error ("%" G_GUINT64_FORMAT " beats", n_sent - n_before);
}

static void
jobs_send (Jobs  *self,
           guint  n)
{
  for (guint i = 0; i < jobs_count_members (self); i++)
    if (!wsm_connection_send_text (wsm_pool_peek_nth (self->pool, i), self->text, NULL))
      g_error ("a text was not taken");
  jobs_settle (self, 0);
}

/* A text each way on each connection, n times. */
static void
jobs_exchange (Jobs  *self,
               guint  n)
{
  guint n_wanted = self->n_messages;

  for (guint i = 0; i < n; i++)
    {
      n_wanted += jobs_count_members (self);
      jobs_work (jobs_send, self, 0);
      peer_serve_all (self->peer, jobs_count_members (self));
      jobs_work (jobs_settle, self, 0);
    }
  if (self->n_messages != n_wanted)
    g_error ("%u messages, not %u", self->n_messages, n_wanted);
}

static void
jobs_add (Jobs  *self,
          guint  n)
{
  g_autofree char *uri = peer_make_uri (self->peer);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (WsmConnection) connection = wsm_connection_new (uri);

      if (!wsm_pool_add_connection (self->pool, connection, NULL))
        g_error ("%s was not added", uri);
    }
}

static void
jobs_replace (Jobs  *self,
              guint  n)
{
  for (guint i = 0; i < n; i++)
    {
      jobs_add (self, 1);
      wsm_pool_remove (self->pool, wsm_pool_peek_nth (self->pool, 0));
    }
}

/* One more, and the oldest one less, n times. */
static void
jobs_change (Jobs  *self,
             guint  n)
{
  jobs_work (jobs_replace, self, n);
}

static const struct
{
  const char *name;
  guint n_connections; /* there are so many before it begins; 0 = as many as there are */
  JobsFunc prepare;
  JobsFunc func;
  guint n; /* how often it is done */
  gboolean is_for_each;
  gboolean is_anew; /* in a pool of its own */
} jobs[] = {
  { "connect", 0, NULL, jobs_connect, 20, FALSE, TRUE },
  { "messages", 100, jobs_connect, jobs_exchange, 4, TRUE, FALSE },
  { "beats-100", 100, jobs_connect, jobs_beat, 4, TRUE, FALSE },
  { "beats-1000", 1000, jobs_connect, jobs_beat, 1, TRUE, FALSE },
  { "members-100", 100, jobs_add, jobs_change, 100, FALSE, TRUE },
  { "members-1000", 1000, jobs_add, jobs_change, 100, FALSE, FALSE },
};

/* Before it counts, it is done once, so that all is there that is made when it is first needed. */
static void
jobs_do (Jobs  *self,
         guint  which)
{
  guint n = jobs[which].n;
  guint n_each;

  if (jobs[which].prepare != NULL)
    jobs[which].prepare (self, jobs[which].n_connections - jobs_count_members (self));
  jobs[which].func (self, n);
  n_each = jobs[which].is_for_each ? jobs_count_members (self) : 1;

  CALLGRIND_START_INSTRUMENTATION;
  /* What led up to here is written down by itself, as none of it. */
  printf ("%s 0\n", jobs[which].name);
  jobs_end ();
  for (guint i = 1; i <= 2; i++)
    {
      jobs[which].func (self, i * n);
      printf ("%s %u\n", jobs[which].name, i * n * n_each);
      jobs_end ();
    }
  CALLGRIND_STOP_INSTRUMENTATION;
}

int
main (int   argc,
      char *argv[])
{
  Jobs self = { NULL };

  CALLGRIND_STOP_INSTRUMENTATION;
  wire_allow_sockets ();
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      if (jobs[i].is_anew)
        {
          jobs_clear (&self);
          jobs_init (&self);
        }
      jobs_do (&self, i);
    }
  jobs_clear (&self);
  return 0;
}
