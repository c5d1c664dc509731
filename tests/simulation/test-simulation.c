/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "shrink.h"
#include "test-states.h"

#include <stdlib.h>

/*
 * test-simulation [--first SEED] [--seeds N]   N schedules, drawn from as many seeds
 * test-simulation --seed SEED                  one of them, in this process
 * test-simulation --schedule FILE              one that was written down, in this process
 *
 * A seed that fails is told with its schedule, without all that is not needed to fail.
 */

/* For so many at a time a process is started. */
#define BATCH 100

/* Of schedules that have failed, what was left of them; and of some that never did, but would if
 * the library was otherwise. */
static const struct
{
  const char *name;
  const char *text;
} found[] = {
  { "messages-keep-their-order",
    "seed 188\nfeeds 1\nlasts 21000\nending drop\n"
    "at 0 feed 0 now add\n"
    "at 0 feed 0 now heartbeat 10\n"
    "at 20000 feed 0 now deaf\n"
    "at 20000 feed 0 beat run 100\n"
    "at 20000 feed 0 now probe\n"
    "at 20000 feed 0 now say 1" },
  { "other-messages-prove-nothing",
    "seed 2598\nfeeds 1\nlasts 89882\nending drop\n"
    "at 0 feed 0 now add\n"
    "at 0 feed 0 now queue 1\n"
    "at 0 feed 0 now rate 1\n"
    "at 0 feed 0 now heartbeat 10\n"
    "at 19663 feed 0 now stall\n"
    "at 19677 feed 0 now send-big 7\n"
    "at 19677 feed 0 now send-big 7\n"
    "at 40000 feed 0 now mend\n" },
  { "old-sockets-are-not-heard",
    "seed 1\nfeeds 1\nlasts 30000\nending calm\n"
    "at 0 feed 0 now latency 400\n"
    "at 0 feed 0 now ghosts 1\n"
    "at 0 feed 0 now add\n"
    "at 10000 feed 0 now reset\n"
    "at 10100 feed 0 now abort\n"
    "at 10100 feed 0 now open\n" },
  { "probe-does-not-put-off-the-verdict",
    "seed 340\nfeeds 2\nlasts 77000\nending calm\n"
    "at 0 feed 0 now add\n"
    "at 0 feed 0 now heartbeat 6\n"
    "at 0 feed 0 now silent\n"
    "at 73000 feed 1 now probe" },
  { "more-beats-may-be-missed-in-the-end",
    "seed 2013\nfeeds 1\nlasts 31539\nending drop\n"
    "at 0 feed 0 now add\n"
    "at 0 feed 0 now heartbeat 1\n"
    "at 0 feed 0 now slow\n"
    "at 10731 feed 0 state heartbeat 0" },
};

static int n_seeds = 20;
static int first_seed = 1;

static const char *
describe (guint32  seed,
          char    *failure,
          guint   *n_actions,
          guint   *n_trials)
{
  g_autoptr (Schedule) schedule = schedule_draw (seed);
  g_autoptr (Schedule) shortened = schedule_shrink (schedule, PLANT_NOTHING, failure, n_trials);

  *n_actions = schedule->actions->len;

  return schedule_print (shortened);
}

/* As comments of the test's protocol, and so that they can be copied. */
static void
tell_failure (guint32  seed,
              char    *failure)
{
  guint n_actions, n_trials;
  g_autofree const char *text = describe (seed, failure, &n_actions, &n_trials);

  g_printerr ("\nseed %u fails: %s\n"
              "to see it again: test-simulation --seed %u\n"
              "what is left of its %u actions after %u trials, for test-simulation --schedule:\n\n"
              "%s\n", seed, failure, seed, n_actions, n_trials, text);
}

static void
tell_tally (const SimulationTally *tally)
{
  g_test_message ("%" G_GUINT64_FORMAT " schedules, %.0f simulated hours, %" G_GUINT64_FORMAT
                  " signals; %" G_GUINT64_FORMAT " sockets, %" G_GUINT64_FORMAT " suspected, %"
                  G_GUINT64_FORMAT " found dead; %" G_GUINT64_FORMAT " messages taken, %"
                  G_GUINT64_FORMAT " dropped, %" G_GUINT64_FORMAT " received",
                  tally->n_runs, (double) tally->simulated_ms / 3600e3, tally->n_events,
                  tally->n_opened, tally->n_suspected, tally->n_lost, tally->n_messages_sent,
                  tally->n_messages_dropped, tally->n_messages_received);
}

/* With enough of them, everything has been done, in every handler, and every way been taken. */
static void
check_tally (const SimulationTally *tally)
{
  for (guint i = 0; i < N_VERBS; i++)
    if (tally->done[i] == 0)
      g_error ("no schedule holds “%s”", schedule_name_verb ((ScheduleVerb) i));
  for (guint i = 0; i < N_OCCASIONS; i++)
    if (tally->done_in[i] == 0)
      g_error ("nothing was done in “%s”", schedule_name_occasion ((ScheduleOccasion) i));
  for (guint i = 0; i < N_STATES; i++)
    for (guint k = 0; k < N_STATES; k++)
      if (test_states_lead ((WsmState) i, (WsmState) k) && tally->transitions[i][k] == 0)
        g_error ("no connection went from state %u to %u", i, k);
}

static void
test_seeds (void)
{
  SimulationTally tally = { 0 };
  gboolean failed_any = FALSE;

  for (guint i = 0; i < (guint) n_seeds && !failed_any; i += BATCH)
    {
      guint32 failed = 0;
      g_autofree char *failure = NULL;

      failure = trial_run_seeds ((guint32) first_seed + i, MIN (BATCH, (guint) n_seeds - i),
                                 PLANT_NOTHING, &tally, &failed);
      if (failure == NULL)
        continue;
      tell_failure (failed, failure);
      g_test_fail_printf ("seed %u: %s", failed, failure);
      failed_any = TRUE;
    }

  tell_tally (&tally);
  if (n_seeds >= 500 && !failed_any)
    check_tally (&tally);
}

static void
test_found (gconstpointer data)
{
  g_autoptr (Schedule) schedule = schedule_parse (data, NULL);
  SimulationTally tally = { 0 };

  simulation_run (schedule, PLANT_NOTHING, &tally);
}

/* What was printed is what was drawn, and plays the same. */
static void
test_same_story (void)
{
  SimulationTally tally = { 0 };
  guint64 digests[3];

  for (guint i = 0; i < G_N_ELEMENTS (digests); i++)
    {
      g_autoptr (Schedule) drawn = schedule_draw (7 + i);
      g_autofree char *text = schedule_print (drawn);
      g_autoptr (Schedule) read = schedule_parse (text, NULL);
      g_autofree char *again = schedule_print (read);

      g_assert_cmpstr (again, ==, text);
      digests[i] = simulation_run (drawn, PLANT_NOTHING, &tally);
      g_assert_cmpuint (simulation_run (read, PLANT_NOTHING, &tally), ==, digests[i]);
    }
  g_assert_cmpuint (digests[0], !=, digests[1]);
  g_assert_cmpuint (digests[1], !=, digests[2]);
}

/* Of a promise that nobody made, the shortened schedule holds what breaks it and nothing else:
 * a connection, paused, and closed by its peer. */
static void
test_shrinks (gconstpointer data)
{
  SimulationPlant plant = (SimulationPlant) GPOINTER_TO_UINT (data);
  g_autofree char *failure = NULL;
  g_autofree char *text = NULL;
  g_autofree char *same = NULL;
  g_autoptr (Schedule) schedule = NULL;
  g_autoptr (Schedule) shortened = NULL;
  g_autoptr (Schedule) read = NULL;
  guint32 seed = 0;
  guint n_trials;

  failure = trial_run_seeds (1, 200, plant, NULL, &seed);
  g_assert_nonnull (failure);
  schedule = schedule_draw (seed);
  shortened = schedule_shrink (schedule, plant, failure, &n_trials);
  text = schedule_print (shortened);
  g_test_message ("seed %u: %s\n%u actions became %u in %u trials:\n%s", seed, failure,
                  schedule->actions->len, shortened->actions->len, n_trials, text);

  g_assert_cmpuint (shortened->actions->len, ==, 3);
  g_assert_cmpuint (shortened->n_feeds, ==, 1);
  read = schedule_parse (text, NULL);
  same = trial_run_schedule (read, plant);
  g_assert_cmpstr (same, ==, failure);
}

static int
play (const char *path)
{
  g_autoptr (Schedule) schedule = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  SimulationTally tally = { 0 };

  if (path == NULL)
    schedule = schedule_draw ((guint32) first_seed);
  else if (g_file_get_contents (path, &text, NULL, &error))
    schedule = schedule_parse (text, &error);
  if (schedule == NULL)
    {
      g_printerr ("%s: %s\n", path, error->message);
      return 2;
    }
  simulation_run (schedule, PLANT_NOTHING, &tally);
  g_print ("all is well\n");

  return 0;
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *path = NULL;
  int seed = -1;
  const GOptionEntry entries[] = {
    { "first", 0, 0, G_OPTION_ARG_INT, &first_seed, "the first seed", "SEED" },
    { "seeds", 0, 0, G_OPTION_ARG_INT, &n_seeds, "how many", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "only this one, in this process", "SEED" },
    { "schedule", 0, 0, G_OPTION_ARG_FILENAME, &path, "a schedule that was printed", "FILE" },
    { NULL }
  };
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (options, entries, NULL);
  g_option_context_set_ignore_unknown_options (options, TRUE);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (seed >= 0)
    first_seed = seed;
  if (seed >= 0 || path != NULL)
    return play (path);

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/simulation/seeds", test_seeds);
  for (guint i = 0; i < G_N_ELEMENTS (found); i++)
    {
      g_autofree char *test_path = g_strconcat ("/simulation/found/", found[i].name, NULL);

      g_test_add_data_func (test_path, found[i].text, test_found);
    }
  g_test_add_func ("/simulation/same-seed-same-story", test_same_story);
  g_test_add_data_func ("/simulation/shrinks-an-assertion", GUINT_TO_POINTER (PLANT_CLAIM),
                        test_shrinks);
  g_test_add_data_func ("/simulation/shrinks-a-crash", GUINT_TO_POINTER (PLANT_CRASH),
                        test_shrinks);

  return g_test_run ();
}
