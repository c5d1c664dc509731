/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "schedule.h"

#include <string.h>

#define MIN_FEEDS 1
#define MAX_FEEDS 9
#define MAX_ACTIONS 120
#define MAX_GAP_MS 16000

/* The name, how often it is drawn among all, what its number may be (below this), and whether it
 * makes sense in a handler. */
static const struct
{
  const char *name;
  guint weight;
  guint range;
  gboolean in_handlers;
} verbs[N_VERBS] = {
  [VERB_SILENT] = { "silent", 8, 0, FALSE },
  [VERB_CUT] = { "cut", 6, 0, FALSE },
  [VERB_DEAF] = { "deaf", 3, 0, FALSE },
  [VERB_SLOW] = { "slow", 3, 0, FALSE },
  [VERB_RESTART] = { "restart", 3, 0, FALSE },
  [VERB_STALL] = { "stall", 3, 0, FALSE },
  [VERB_REFUSE] = { "refuse", 8, 16, FALSE },
  [VERB_RESET] = { "reset", 5, 0, FALSE },
  [VERB_EOF] = { "eof", 4, 0, FALSE },
  [VERB_PEER_CLOSE] = { "peer-close", 5, 9, FALSE },
  [VERB_MEND] = { "mend", 40, 0, FALSE },
  [VERB_LATENCY] = { "latency", 3, 900, FALSE },
  [VERB_JITTER] = { "jitter", 3, 400, FALSE },
  [VERB_RATE] = { "rate", 2, 200, FALSE },
  [VERB_GHOSTS] = { "ghosts", 2, 2, FALSE },
  [VERB_SAY] = { "say", 6, 20, FALSE },
  [VERB_STIR] = { "stir", 3, 0, FALSE },
  [VERB_PONG] = { "pong", 2, 0, FALSE },
  [VERB_ADD] = { "add", 12, 0, TRUE },
  [VERB_REMOVE] = { "remove", 2, 0, TRUE },
  [VERB_OPEN] = { "open", 8, 0, TRUE },
  [VERB_CLOSE] = { "close", 4, 0, TRUE },
  [VERB_ABORT] = { "abort", 2, 0, TRUE },
  [VERB_RETRY] = { "retry", 6, 0, TRUE },
  [VERB_PAUSE] = { "pause", 3, 0, TRUE },
  [VERB_RESUME] = { "resume", 6, 0, TRUE },
  [VERB_HEALTHY] = { "healthy", 2, 0, TRUE },
  [VERB_SEND] = { "send", 8, 30, TRUE },
  [VERB_SEND_BIG] = { "send-big", 4, 300, TRUE },
  [VERB_HEARTBEAT] = { "heartbeat", 4, 12, TRUE },
  [VERB_BACKOFF] = { "backoff", 5, 6, TRUE },
  [VERB_LIMIT] = { "limit", 2, 1024, TRUE },
  [VERB_QUEUE] = { "queue", 2, 2, TRUE },
  [VERB_GREET] = { "greet", 2, 3, TRUE },
  [VERB_PATIENCE] = { "patience", 2, 15, TRUE },
  [VERB_WAIT_OPEN] = { "wait-open", 2, 0, TRUE },
  [VERB_WAIT_CLOSE] = { "wait-close", 2, 0, TRUE },
  [VERB_WAIT_PING] = { "wait-ping", 2, 0, TRUE },
  [VERB_RUN] = { "run", 3, 5000, TRUE },
  [VERB_PROBE] = { "probe", 2, 0, TRUE },
  [VERB_RETRY_ALL] = { "retry-all", 2, 0, TRUE },
  [VERB_BROADCAST] = { "broadcast", 2, 0, TRUE },
  [VERB_CLOSE_ALL] = { "close-all", 1, 4000, TRUE },
  [VERB_HANDSHAKES] = { "handshakes", 1, 5, TRUE },
  [VERB_COALESCE] = { "coalesce", 1, 400, TRUE },
  [VERB_JUMP] = { "jump", 3, 40000, FALSE },
  [VERB_SLEEP] = { "sleep", 2, 40000, FALSE },
  [VERB_STEP] = { "step", 1, 0, FALSE },
};

static const char * const occasions[N_OCCASIONS] = {
  [OCCASION_NOW] = "now",
  [OCCASION_STATE] = "state",
  [OCCASION_PREPARE] = "prepare",
  [OCCASION_OPENED] = "opened",
  [OCCASION_MESSAGE] = "message",
  [OCCASION_BEAT] = "beat",
  [OCCASION_DISCONNECTED] = "disconnected",
  [OCCASION_CLOSED] = "closed",
  [OCCASION_FAILED] = "failed",
  [OCCASION_SHOULD_RETRY] = "should-retry",
  [OCCASION_DROPPED] = "dropped",
  [OCCASION_UNCONFIRMED] = "unconfirmed",
};

static const char * const endings[N_ENDINGS] = {
  [ENDING_CALM] = "calm",
  [ENDING_DROP] = "drop",
};

Schedule *
schedule_new (guint32 seed)
{
  Schedule *self = g_new0 (Schedule, 1);

  self->seed = seed;
  self->n_feeds = 1;
  self->actions = g_array_new (FALSE, FALSE, sizeof (ScheduleAction));

  return self;
}

void
schedule_free (Schedule *self)
{
  g_array_unref (self->actions);
  g_free (self);
}

Schedule *
schedule_copy (const Schedule *self)
{
  Schedule *copy = schedule_new (self->seed);

  copy->n_feeds = self->n_feeds;
  copy->duration_ms = self->duration_ms;
  copy->ending = self->ending;
  g_array_append_vals (copy->actions, self->actions->data, self->actions->len);

  return copy;
}

const char *
schedule_name_verb (ScheduleVerb verb)
{
  return verbs[verb].name;
}

const char *
schedule_name_occasion (ScheduleOccasion occasion)
{
  return occasions[occasion];
}

/* Goes behind all that happen at the same time. */
void
schedule_add (Schedule         *self,
              guint             time_ms,
              guint             feed,
              ScheduleOccasion  occasion,
              ScheduleVerb      verb,
              guint             number)
{
  ScheduleAction action = { time_ms, feed, occasion, verb, number };
  guint position = self->actions->len;

  while (position > 0 &&
         g_array_index (self->actions, ScheduleAction, position - 1).time_ms > time_ms)
    position--;
  g_array_insert_val (self->actions, position, action);
  self->duration_ms = MAX (self->duration_ms, time_ms);
}

/* Drawing. */

static ScheduleVerb
schedule_draw_verb (GRand *random)
{
  guint sum = 0;
  guint at;

  for (guint i = 0; i < N_VERBS; i++)
    sum += verbs[i].weight;
  at = g_rand_int (random) % sum;
  for (guint i = 0; i < N_VERBS; i++)
    {
      if (at < verbs[i].weight)
        return (ScheduleVerb) i;
      at -= verbs[i].weight;
    }
  g_assert_not_reached ();
}

static guint
schedule_draw_number (GRand        *random,
                      ScheduleVerb  verb)
{
  return verbs[verb].range > 0 ? g_rand_int (random) % verbs[verb].range : 0;
}

static void
schedule_draw_feed (Schedule *self,
                    GRand    *random,
                    guint     feed)
{
  static const ScheduleVerb begins[] = {
    VERB_HEARTBEAT, VERB_BACKOFF, VERB_LATENCY, VERB_QUEUE, VERB_GREET,
  };
  guint time_ms = g_rand_int (random) % 3 == 0 ? g_rand_int (random) % 20000 : 0;

  schedule_add (self, time_ms, feed, OCCASION_NOW, VERB_ADD, 0);
  for (guint i = 0; i < G_N_ELEMENTS (begins); i++)
    if (i == 0 || g_rand_boolean (random))
      schedule_add (self, time_ms, feed, OCCASION_NOW, begins[i],
                    schedule_draw_number (random, begins[i]));
}

/* One in four times is a whole second, so that some things happen at once. */
Schedule *
schedule_draw (guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  Schedule *self = schedule_new (seed);
  guint n_actions = 1 + g_rand_int (random) % MAX_ACTIONS;
  guint time_ms = 0;

  self->n_feeds = (guint) g_rand_int_range (random, MIN_FEEDS, MAX_FEEDS + 1);
  self->ending = g_rand_int (random) % 4 == 0 ? ENDING_DROP : ENDING_CALM;
  for (guint i = 0; i < self->n_feeds; i++)
    schedule_draw_feed (self, random, i);

  for (guint i = 0; i < n_actions; i++)
    {
      ScheduleVerb verb = schedule_draw_verb (random);
      ScheduleOccasion occasion = OCCASION_NOW;

      if (g_rand_int (random) % 4 > 0)
        time_ms += g_rand_int (random) % MAX_GAP_MS;
      if (g_rand_int (random) % 4 == 0)
        time_ms -= time_ms % 1000;
      if (verb == VERB_RUN || (verbs[verb].in_handlers && g_rand_int (random) % 4 == 0))
        occasion = (ScheduleOccasion) g_rand_int_range (random, 1, N_OCCASIONS);
      schedule_add (self, time_ms, g_rand_int (random) % self->n_feeds, occasion, verb,
                    schedule_draw_number (random, verb));
    }
  self->duration_ms += g_rand_int (random) % 60000;

  return self;
}

/* Writing and reading. */

char *
schedule_print (const Schedule *self)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "seed %u\nfeeds %u\nlasts %u\nending %s\n", self->seed,
                          self->n_feeds, self->duration_ms, endings[self->ending]);
  for (guint i = 0; i < self->actions->len; i++)
    {
      const ScheduleAction *action = &g_array_index (self->actions, ScheduleAction, i);

      g_string_append_printf (text, "at %u feed %u %s %s", action->time_ms, action->feed,
                              occasions[action->occasion], verbs[action->verb].name);
      if (verbs[action->verb].range > 0)
        g_string_append_printf (text, " %u", action->number);
      g_string_append_c (text, '\n');
    }

  return g_string_free (text, FALSE);
}

static gboolean
schedule_read_number (const char *word,
                      guint      *number)
{
  guint64 value;

  if (word == NULL || !g_ascii_string_to_unsigned (word, 10, 0, G_MAXUINT, &value, NULL))
    return FALSE;
  *number = (guint) value;

  return TRUE;
}

static gboolean
schedule_read_verb (const char   *word,
                    ScheduleVerb *verb)
{
  for (guint i = 0; i < N_VERBS; i++)
    if (strcmp (verbs[i].name, word) == 0)
      {
        *verb = (ScheduleVerb) i;
        return TRUE;
      }

  return FALSE;
}

static gboolean
schedule_read_occasion (const char       *word,
                        ScheduleOccasion *occasion)
{
  for (guint i = 0; i < N_OCCASIONS; i++)
    if (strcmp (occasions[i], word) == 0)
      {
        *occasion = (ScheduleOccasion) i;
        return TRUE;
      }

  return FALSE;
}

/* "at TIME feed N OCCASION VERB [NUMBER]" */
static gboolean
schedule_read_action (Schedule *self,
                      GStrv     words,
                      guint     n_words)
{
  ScheduleAction action = { 0 };

  if (n_words < 6 || n_words > 7 ||
      strcmp (words[0], "at") != 0 || strcmp (words[2], "feed") != 0 ||
      !schedule_read_number (words[1], &action.time_ms) ||
      !schedule_read_number (words[3], &action.feed) || action.feed >= self->n_feeds ||
      !schedule_read_occasion (words[4], &action.occasion) ||
      !schedule_read_verb (words[5], &action.verb) ||
      (n_words == 7 && !schedule_read_number (words[6], &action.number)))
    return FALSE;
  schedule_add (self, action.time_ms, action.feed, action.occasion, action.verb, action.number);

  return TRUE;
}

static gboolean
schedule_read_line (Schedule   *self,
                    const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  guint n_words = g_strv_length (words);

  if (n_words == 0 || *line == '#')
    return TRUE;
  if (n_words != 2)
    return schedule_read_action (self, words, n_words);
  if (strcmp (words[0], "seed") == 0)
    return schedule_read_number (words[1], &self->seed);
  if (strcmp (words[0], "feeds") == 0)
    return schedule_read_number (words[1], &self->n_feeds) && self->n_feeds > 0;
  if (strcmp (words[0], "lasts") == 0)
    return schedule_read_number (words[1], &self->duration_ms);
  if (strcmp (words[0], "ending") != 0)
    return FALSE;
  self->ending = strcmp (words[1], endings[ENDING_DROP]) == 0 ? ENDING_DROP : ENDING_CALM;

  return TRUE;
}

/* Of what schedule_print() wrote, or somebody who had read that. */
Schedule *
schedule_parse (const char  *text,
                GError     **error)
{
  g_autoptr (Schedule) self = schedule_new (0);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (!schedule_read_line (self, lines[i]))
      {
        g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                     "line %u is no part of a schedule: %s", i + 1, lines[i]);
        return NULL;
      }

  return g_steal_pointer (&self);
}
