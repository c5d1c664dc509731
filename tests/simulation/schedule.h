/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What happens in a simulation, and when: a list that can be drawn from a seed, written down, cut
 * and read again. It says what is done, never what comes of it. */

/* Feeds are connections, each with a peer of its own; what is of the pool needs none. */
typedef enum
{
  /* The network and the peer. */
  VERB_SILENT,
  VERB_CUT,
  VERB_DEAF,
  VERB_SLOW,
  VERB_RESTART,
  VERB_STALL,
  VERB_REFUSE,
  VERB_RESET,
  VERB_EOF,
  VERB_PEER_CLOSE,
  VERB_MEND,
  VERB_LATENCY,
  VERB_JITTER,
  VERB_RATE,
  VERB_GHOSTS,
  VERB_SAY,
  VERB_STIR,
  VERB_PONG,
  /* The app. */
  VERB_ADD,
  VERB_REMOVE,
  VERB_OPEN,
  VERB_CLOSE,
  VERB_ABORT,
  VERB_RETRY,
  VERB_PAUSE,
  VERB_RESUME,
  VERB_HEALTHY,
  VERB_SEND,
  VERB_SEND_BIG,
  VERB_HEARTBEAT,
  VERB_BACKOFF,
  VERB_LIMIT,
  VERB_QUEUE,
  VERB_GREET,
  VERB_PATIENCE,
  VERB_WAIT_OPEN,
  VERB_WAIT_CLOSE,
  VERB_WAIT_PING,
  VERB_RUN,
  /* The pool. */
  VERB_PROBE,
  VERB_RETRY_ALL,
  VERB_BROADCAST,
  VERB_CLOSE_ALL,
  VERB_HANDSHAKES,
  VERB_COALESCE,
  /* Time. */
  VERB_JUMP,
  VERB_SLEEP,
  VERB_STEP,
  N_VERBS
} ScheduleVerb;

/* At once, or in a handler of the next such signal of the feed. */
typedef enum
{
  OCCASION_NOW,
  OCCASION_STATE,
  OCCASION_PREPARE,
  OCCASION_OPENED,
  OCCASION_MESSAGE,
  OCCASION_BEAT,
  OCCASION_DISCONNECTED,
  OCCASION_CLOSED,
  OCCASION_FAILED,
  OCCASION_SHOULD_RETRY,
  OCCASION_DROPPED,
  OCCASION_UNCONFIRMED,
  N_OCCASIONS
} ScheduleOccasion;

typedef enum
{
  ENDING_CALM, /* nothing is wrong any more: all come back, and are closed */
  ENDING_DROP, /* the app lets go of the pool, whatever it is doing */
  N_ENDINGS
} ScheduleEnding;

typedef struct
{
  guint time_ms;
  guint feed;
  ScheduleOccasion occasion;
  ScheduleVerb verb;
  guint number; /* its meaning is the verb's */
} ScheduleAction;

typedef struct
{
  guint32 seed; /* of what the library draws */
  guint n_feeds;
  guint duration_ms;
  ScheduleEnding ending;
  GArray *actions; /* (owned) (element-type ScheduleAction): in order of time */
} Schedule;

Schedule   *schedule_new      (guint32         seed) G_GNUC_WARN_UNUSED_RESULT;
Schedule   *schedule_draw     (guint32         seed) G_GNUC_WARN_UNUSED_RESULT;
Schedule   *schedule_copy     (const Schedule *self) G_GNUC_WARN_UNUSED_RESULT;
Schedule   *schedule_parse    (const char     *text,
                               GError        **error) G_GNUC_WARN_UNUSED_RESULT;
void        schedule_free     (Schedule       *self);

void        schedule_add      (Schedule       *self,
                               guint           time_ms,
                               guint           feed,
                               ScheduleOccasion occasion,
                               ScheduleVerb    verb,
                               guint           number);
char       *schedule_print    (const Schedule *self) G_GNUC_WARN_UNUSED_RESULT;

const char *schedule_name_verb     (ScheduleVerb     verb);
const char *schedule_name_occasion (ScheduleOccasion occasion);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Schedule, schedule_free)

G_END_DECLS
