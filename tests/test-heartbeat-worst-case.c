/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-heartbeat-private.h"

#include <math.h>
#include <string.h>

#define N_ROUNDS 2000

static WsmHeartbeat *
make_text (WsmReplyMatch reply_match)
{
  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "mode", WSM_HEARTBEAT_MODE_TEXT,
                       "payload", "ping",
                       "reply-match", reply_match,
                       NULL);
}

static void
test_heartbeat_knows_its_worst_case (void)
{
  static const struct
  {
    WsmHeartbeatMode mode;
    guint interval_ms;
    guint timeout_ms;
    guint max_missed;
    double jitter;
    guint worst_ms;
  } cases[] = {
    { WSM_HEARTBEAT_MODE_PING, 25000, 10000, 2, 0.1, 65250 },
    { WSM_HEARTBEAT_MODE_PING, 1000, 500, 1, 0.0, 1550 },
    { WSM_HEARTBEAT_MODE_PING, 1000, 500, 3, 0.0, 3550 },
    /* a beat is due while another is unanswered: each second one is skipped */
    { WSM_HEARTBEAT_MODE_PING, 1000, 1000, 3, 0.0, 6050 },
    { WSM_HEARTBEAT_MODE_PING, 1000, 949, 2, 0.0, 2999 },
    { WSM_HEARTBEAT_MODE_PING, 1000, 950, 2, 0.0, 4000 },
    { WSM_HEARTBEAT_MODE_PASSIVE, 30000, 10000, 1, 0.5, 40000 },
    { WSM_HEARTBEAT_MODE_PASSIVE, 30000, 10000, 3, 0.5, 100000 },
    { WSM_HEARTBEAT_MODE_OFF, 30000, 10000, 3, 0.5, 0 },
    { WSM_HEARTBEAT_MODE_PING, 86400000, 86400000, 1000, 0.5, G_MAXUINT - 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                         "mode", cases[i].mode,
                                                         "interval", cases[i].interval_ms,
                                                         "timeout", cases[i].timeout_ms,
                                                         "max-missed", cases[i].max_missed,
                                                         "jitter", cases[i].jitter,
                                                         NULL);

      g_assert_cmpuint (wsm_heartbeat_worst_case_detection (heartbeat), ==, cases[i].worst_ms);
    }
}

static void
test_heartbeat_that_never_misses_never_notices (void)
{
  g_autoptr (WsmHeartbeat) unmatched = make_text (WSM_REPLY_MATCH_NONE);
  g_autoptr (WsmHeartbeat) matched = make_text (WSM_REPLY_MATCH_ANY);

  g_assert_cmpuint (wsm_heartbeat_worst_case_detection (unmatched), ==, 0);
  g_assert_cmpuint (wsm_heartbeat_worst_case_detection (matched), ==, 65250);
}

/* The engine that the worst case is about, as small as it can be written. The beat of slot n is
 * due at n intervals, moved by jitter, and goes out at most the coalescing window later; it is
 * skipped if another is unanswered when it falls due. All times are microseconds. */
typedef struct
{
  gint64 interval_us;
  gint64 timeout_us;
  gint64 jitter_us;
  gint64 coalesce_us;
  guint max_missed;
  gboolean idle_only;
} Engine;

static void
engine_init (Engine       *engine,
             WsmHeartbeat *heartbeat)
{
  engine->interval_us = (gint64) wsm_heartbeat_get_interval (heartbeat) * 1000;
  engine->timeout_us = (gint64) wsm_heartbeat_get_timeout (heartbeat) * 1000;
  engine->jitter_us = (gint64) floor (wsm_heartbeat_get_jitter (heartbeat) *
                                      (double) engine->interval_us);
  engine->coalesce_us = (gint64) wsm_heartbeat_get_coalesce (heartbeat) * 1000;
  engine->max_missed = wsm_heartbeat_get_max_missed (heartbeat);
  engine->idle_only = wsm_heartbeat_get_idle_only (heartbeat);
}

static gint64
pick_time (gint64 begin_us,
           gint64 end_us)
{
  return begin_us + (gint64) g_test_rand_double_range (0.0, (double) (end_us - begin_us) + 1.0);
}

/* One life and death by chance; returns the time from the last sign of life to the verdict. */
static gint64
engine_run_by_chance (const Engine *engine)
{
  gint64 last_life_us = pick_time (-engine->jitter_us, 3 * engine->interval_us);
  gint64 base_us = engine->idle_only ? last_life_us : 0;
  gint64 busy_until_us = G_MININT64;
  guint n_missed = 0;

  for (gint64 slot = engine->idle_only ? 1 : 0;; slot++)
    {
      gint64 due_us = base_us + slot * engine->interval_us +
                      pick_time (-engine->jitter_us, engine->jitter_us);
      gint64 sent_us = due_us + pick_time (0, engine->coalesce_us);

      if (due_us <= busy_until_us)
        continue;

      if (sent_us <= last_life_us)
        {
          busy_until_us = pick_time (sent_us, last_life_us);
          continue;
        }

      busy_until_us = sent_us + engine->timeout_us;
      if (++n_missed == engine->max_missed)
        return busy_until_us - last_life_us;
    }
}

/* The same with everything against us: the last sign of life follows a beat that went out as
 * early as it could, each slot that can be skipped falls due early enough for that, and each
 * other beat goes out as late as it can. */
static gint64
engine_run_by_malice (const Engine *engine)
{
  gint64 last_life_us = engine->idle_only ? 0 : -engine->jitter_us;
  gint64 busy_until_us = last_life_us;
  guint n_missed = 0;

  for (gint64 slot = 1;; slot++)
    {
      gint64 nominal_us = slot * engine->interval_us;

      if (nominal_us - engine->jitter_us <= busy_until_us)
        continue;

      busy_until_us = nominal_us + engine->jitter_us + engine->coalesce_us + engine->timeout_us;
      if (++n_missed == engine->max_missed)
        return busy_until_us - last_life_us;
    }
}

static WsmHeartbeat *
make_random_heartbeat (double jitter)
{
  int interval_ms = g_test_rand_int_range (10, g_test_rand_bit () ? 100 : 30000);

  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "interval", interval_ms,
                       "timeout", g_test_rand_int_range (10, 3 * interval_ms),
                       "max-missed", g_test_rand_int_range (1, 6),
                       "jitter", jitter,
                       "idle-only", g_test_rand_bit (),
                       NULL);
}

/* Invariant: no run, by chance or by malice, takes longer than the worst case says. */
static void
test_heartbeat_worst_case_is_never_exceeded (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (WsmHeartbeat) heartbeat =
        make_random_heartbeat (g_test_rand_double_range (0.0, 0.5));
      gint64 worst_us = (gint64) wsm_heartbeat_worst_case_detection (heartbeat) * 1000;
      Engine engine;

      engine_init (&engine, heartbeat);
      g_assert_cmpint (worst_us, >, 0);
      g_assert_cmpint (engine_run_by_malice (&engine), <=, worst_us);
      for (guint run = 0; run < 20; run++)
        g_assert_cmpint (engine_run_by_chance (&engine), <=, worst_us);
    }
}

/* Invariant: the worst case happens. It is reached to the millisecond, and when traffic moves
 * the beats, which then cannot have gone out early before it, within one jitter. Jitters of
 * whole thousandths make whole microseconds, so nothing is rounded on the way. */
static void
test_heartbeat_worst_case_is_tight (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      g_autoptr (WsmHeartbeat) heartbeat =
        make_random_heartbeat (g_test_rand_int_range (0, 501) / 1000.0);
      gint64 worst_us = (gint64) wsm_heartbeat_worst_case_detection (heartbeat) * 1000;
      Engine engine;

      engine_init (&engine, heartbeat);
      engine.jitter_us = llround (wsm_heartbeat_get_jitter (heartbeat) *
                                  (double) engine.interval_us);
      if (engine.idle_only)
        worst_us -= engine.jitter_us;

      g_assert_cmpint (engine_run_by_malice (&engine), <=, worst_us);
      g_assert_cmpint (engine_run_by_malice (&engine), >, worst_us - 1000);
    }
}

/* Invariants: more patience, in time or in beats, never notices earlier, and no valid setting
 * that expects an answer notices sooner than its interval and timeout allow. */
static void
test_heartbeat_worst_case_grows_with_patience (void)
{
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      guint interval_ms = (guint) g_test_rand_int_range (10, 86400001);
      guint timeout_ms = (guint) g_test_rand_int_range (10, 86400000);
      guint max_missed = (guint) g_test_rand_int_range (1, 1000);
      double jitter = g_test_rand_double_range (0.0, 0.5);
      guint worst_ms[3];

      for (guint i = 0; i < G_N_ELEMENTS (worst_ms); i++)
        {
          g_autoptr (WsmHeartbeat) heartbeat =
            g_object_new (WSM_TYPE_HEARTBEAT,
                          "interval", interval_ms,
                          "timeout", timeout_ms + (i == 1),
                          "max-missed", max_missed + (i == 2),
                          "jitter", jitter,
                          NULL);

          worst_ms[i] = wsm_heartbeat_worst_case_detection (heartbeat);
        }

      g_assert_cmpuint (worst_ms[0], >=, interval_ms + timeout_ms);
      g_assert_cmpuint (worst_ms[0], <, G_MAXUINT);
      g_assert_cmpuint (worst_ms[1], >=, worst_ms[0]);
      g_assert_cmpuint (worst_ms[2], >=, worst_ms[0]);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/heartbeat/knows-its-worst-case", test_heartbeat_knows_its_worst_case);
  g_test_add_func ("/heartbeat/that-never-misses-never-notices",
                   test_heartbeat_that_never_misses_never_notices);
  g_test_add_func ("/heartbeat/worst-case-is-never-exceeded",
                   test_heartbeat_worst_case_is_never_exceeded);
  g_test_add_func ("/heartbeat/worst-case-is-tight", test_heartbeat_worst_case_is_tight);
  g_test_add_func ("/heartbeat/worst-case-grows-with-patience",
                   test_heartbeat_worst_case_grows_with_patience);

  return g_test_run ();
}
