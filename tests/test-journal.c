/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-journal.h"
#include "wsm-reason-private.h"

static void
test_journal_begins_empty (void)
{
  g_autoptr (WsmJournal) journal = wsm_journal_new ();
  double beats[4];

  g_assert_cmpuint (wsm_journal_get_newest (journal), ==, 0);
  g_assert_cmpuint (wsm_journal_get_oldest (journal), ==, 1);
  g_assert_null (wsm_journal_get (journal, 0));
  g_assert_null (wsm_journal_get (journal, 1));
  g_assert_cmpuint (wsm_journal_get_beats (journal, beats, 4), ==, 0);
}

static void
test_journal_keeps_what_happened (void)
{
  g_autoptr (WsmJournal) journal = wsm_journal_new ();
  g_autoptr (WsmReason) reason = wsm_reason_new (WSM_REASON_CODE_OPENED);
  const WsmJournalEntry *entry;

  wsm_journal_add_state (journal, 32, 1000, WSM_STATE_OPEN, reason);
  wsm_journal_add_beat (journal, 32, 2000, WSM_STATE_OPEN, 700);
  wsm_journal_add_beat (journal, 32, 3000, WSM_STATE_SUSPECT, -1);
  g_assert_cmpuint (wsm_journal_get_newest (journal), ==, 3);

  entry = wsm_journal_get (journal, 1);
  g_assert_cmpint (entry->kind, ==, WSM_JOURNAL_KIND_STATE);
  g_assert_cmpint (entry->state, ==, WSM_STATE_OPEN);
  g_assert_cmpint (entry->time_us, ==, 1000);
  g_assert_cmpint (entry->round_trip_us, <, 0);
  g_assert_true (entry->reason == reason);

  entry = wsm_journal_get (journal, 2);
  g_assert_cmpint (entry->kind, ==, WSM_JOURNAL_KIND_BEAT_ANSWERED);
  g_assert_cmpint (entry->round_trip_us, ==, 700);
  g_assert_null (entry->reason);

  entry = wsm_journal_get (journal, 3);
  g_assert_cmpint (entry->kind, ==, WSM_JOURNAL_KIND_BEAT_MISSED);
  g_assert_cmpint (entry->state, ==, WSM_STATE_SUSPECT);
  g_assert_cmpint (entry->round_trip_us, <, 0);
}

/* Numbers go on, whatever is dropped. */
static void
test_journal_drops_the_oldest (void)
{
  g_autoptr (WsmJournal) journal = wsm_journal_new ();
  g_autoptr (WsmReason) reason = wsm_reason_new (WSM_REASON_CODE_OPENED);

  for (guint i = 1; i <= 1000; i++)
    {
      if (i % 3 == 0)
        wsm_journal_add_state (journal, 32, i, WSM_STATE_OPEN, reason);
      else
        wsm_journal_add_beat (journal, 32, i, WSM_STATE_OPEN, i);
      g_assert_cmpuint (wsm_journal_get_newest (journal), ==, i);
      g_assert_cmpuint (wsm_journal_get_oldest (journal), ==, i > 32 ? i - 31 : 1);
    }
  for (guint i = 969; i <= 1000; i++)
    g_assert_cmpint (wsm_journal_get (journal, i)->time_us, ==, i);
  g_assert_null (wsm_journal_get (journal, 968));
  g_assert_null (wsm_journal_get (journal, 1001));
}

/* A pool may grow and shrink while the journal is written. */
static void
test_journal_lives_with_another_capacity (void)
{
  static const guint capacities[] = { 1024, 40, 32, 100, 33, 1024, 1, 2, 8, 32 };
  g_autoptr (WsmJournal) journal = wsm_journal_new ();
  g_autoptr (WsmReason) reason = wsm_reason_new (WSM_REASON_CODE_OPENED);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (capacities); i++)
    for (guint j = 0; j < 150; j++)
      {
        wsm_journal_add_state (journal, capacities[i], ++n, WSM_STATE_OPEN, reason);
        g_assert_cmpuint (wsm_journal_get_newest (journal), ==, n);
        g_assert_cmpuint (n - wsm_journal_get_oldest (journal) + 1, <=, capacities[i]);
        for (guint64 k = wsm_journal_get_oldest (journal); k <= n; k++)
          g_assert_cmpint (wsm_journal_get (journal, k)->time_us, ==, (gint64) k);
      }
}

static void
test_journal_gives_the_last_beats (void)
{
  g_autoptr (WsmJournal) journal = wsm_journal_new ();
  g_autoptr (WsmReason) reason = wsm_reason_new (WSM_REASON_CODE_OPENED);
  double beats[3];

  wsm_journal_add_beat (journal, 32, 1, WSM_STATE_OPEN, 1000);
  wsm_journal_add_beat (journal, 32, 2, WSM_STATE_OPEN, 2500);
  wsm_journal_add_state (journal, 32, 3, WSM_STATE_OPEN, reason);
  g_assert_cmpuint (wsm_journal_get_beats (journal, beats, 3), ==, 2);
  g_assert_cmpfloat (beats[0], ==, 1.0);
  g_assert_cmpfloat (beats[1], ==, 2.5);

  wsm_journal_add_beat (journal, 32, 4, WSM_STATE_OPEN, -1);
  wsm_journal_add_beat (journal, 32, 5, WSM_STATE_OPEN, 4000);
  g_assert_cmpuint (wsm_journal_get_beats (journal, beats, 3), ==, 3);
  g_assert_cmpfloat (beats[0], ==, 2.5);
  g_assert_cmpfloat (beats[1], <, 0.0);
  g_assert_cmpfloat (beats[2], ==, 4.0);
}

static void
test_journal_shares (void)
{
  g_assert_cmpuint (wsm_journal_share (0), ==, 1024);
  g_assert_cmpuint (wsm_journal_share (1), ==, 1024);
  g_assert_cmpuint (wsm_journal_share (64), ==, 1024);
  g_assert_cmpuint (wsm_journal_share (128), ==, 512);
  g_assert_cmpuint (wsm_journal_share (1000), ==, 65);
  g_assert_cmpuint (wsm_journal_share (10000), ==, 32);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/journal/begins-empty", test_journal_begins_empty);
  g_test_add_func ("/journal/keeps-what-happened", test_journal_keeps_what_happened);
  g_test_add_func ("/journal/drops-the-oldest", test_journal_drops_the_oldest);
  g_test_add_func ("/journal/lives-with-another-capacity",
                   test_journal_lives_with_another_capacity);
  g_test_add_func ("/journal/gives-the-last-beats", test_journal_gives_the_last_beats);
  g_test_add_func ("/journal/gives-each-a-fair-share", test_journal_shares);

  return g_test_run ();
}
