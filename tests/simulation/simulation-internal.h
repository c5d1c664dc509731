/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "simulation.h"
#include "test-world.h"

G_BEGIN_DECLS

/* Shared by the files of a simulation:
 *   simulation.c       plays a schedule, and looks at what the pool as a whole promises
 *   simulated-feed.c   one connection, and what it promises
 *   simulated-deeds.c  what is done
 */

/* The library has so much time for what it promises at a certain moment. */
#define SLACK_US (100 * 1000)

typedef struct _Simulation Simulation;

/* For so long nobody could be expected to do anything. */
typedef struct
{
  gint64 end_us;
  gint64 length_us;
} SimulatedStall;

/* One connection after the other with the same peer, and what an observer knows of them. */
typedef struct
{
  Simulation *simulation;    /* (unowned) */
  WsmConnection *connection; /* (unowned) (nullable): NULL while it is in no pool */
  WsmTestPeer *peer;         /* (unowned) */
  guint index;
  char *uri;   /* (owned) */
  GQueue deeds; /* (element-type ScheduleAction): to be done in handlers; unowned elements */
  guint depth;  /* of its handlers */
  GArray *stalls; /* (owned) (element-type SimulatedStall): a handler of its own ran the loop */

  /* Of the present connection. */
  WsmState state;
  guint n_opened;
  guint n_disconnected;
  guint n_lives;
  guint n_ends;
  gint64 opened_us;
  gint64 left_us;    /* when it was last no longer open */
  gint64 changed_us; /* when its heartbeat was last changed or resumed */
  gint64 closing_us;
  gint64 closed_by_us; /* when it must have ended */
  gint64 due_us;     /* of the next attempt */
  guint n_failures;
  gboolean was_paused;
  gboolean is_unsure; /* whether it has become stable is not known */

  guint n_taken;
  guint64 n_bytes_taken;
  guint64 n_bytes_dropped;
  gboolean is_greeted; /* greetings go out too, which nobody counts */
  guint64 outbox_limit; /* the highest that held since the outbox was empty */
  guint last_heard; /* the number of the last message that the peer heard */
  guint n_heard;
  gboolean is_gappy; /* it may have heard less than what was there to be heard */
  guint64 n_unconfirmed;
  guint64 n_beats; /* to be sent once the machine is awake again; 0 = none */
  guint slept_socket; /* n_opened then */
  guint n_said;
  guint last_said;  /* the number of the last message of the peer that arrived */
  guint said_socket; /* n_opened then */
  gboolean has_gaps; /* what the peer had said when it fell silent may be missing */
} SimulatedFeed;

struct _Simulation
{
  const Schedule *schedule;
  SimulationPlant plant;
  SimulationTally *tally;

  WsmTestWorld *world; /* (owned) */
  WsmPool *pool;       /* (unowned) (nullable): until it is let go */
  SimulatedFeed *feeds; /* (owned) (array length=n_feeds) */
  guint n_feeds;
  GArray *stalls; /* (owned) (element-type SimulatedStall): the loop was blocked */
  gint64 start_us;
  gint64 gate_us; /* when its limits were last changed */
  gint64 coalesce_us; /* when it was last changed */
  gint64 woke_us;     /* when the machine last woke up */

  gboolean is_over; /* nothing more is done in handlers */
  guint depth;
  guint n_closing; /* calls that close the pool, and keep it until it is closed */
  guint n_asked;
  guint n_returned;

  guint64 digest;
  guint64 n_events;
};

gint64 simulation_get_time_us     (Simulation            *self);
gint64 simulation_sum_stalls      (GArray                *stalls,
                                   gint64                 since_us);
void   simulation_add_stall       (GArray                *stalls,
                                   gint64                 end_us,
                                   gint64                 length_us);
void   simulation_check           (Simulation            *self);

void   simulated_feed_init        (SimulatedFeed         *feed,
                                   Simulation            *simulation,
                                   guint                  index);
void   simulated_feed_clear       (SimulatedFeed         *feed);
void   simulated_feed_attach      (SimulatedFeed         *feed,
                                   WsmConnection         *connection);
void   simulated_feed_note_away   (SimulatedFeed         *feed);
SimulatedFeed *simulated_feed_find (WsmConnection        *connection);
gboolean simulated_feed_is_passive  (SimulatedFeed       *feed);
void   simulated_feed_check_at_rest (SimulatedFeed       *feed);
void   simulated_feed_check       (SimulatedFeed         *feed);
void   simulated_feed_planned     (SimulatedFeed         *feed);
void   simulated_feed_fall_asleep (SimulatedFeed         *feed);
void   simulated_feed_check_asked (SimulatedFeed         *feed);
void   simulated_feed_moved       (SimulatedFeed         *feed);

void   simulated_feed_do          (SimulatedFeed         *feed,
                                   const ScheduleAction  *action);
void   simulated_feed_act         (SimulatedFeed         *feed,
                                   ScheduleOccasion       occasion);
WsmHeartbeat *simulated_heartbeat_new (guint              number) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
