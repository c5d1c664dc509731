/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-pool-private.h"

#include "wsm-beats-private.h"
#include "wsm-connection-private.h"
#include "wsm-environment.h"
#include "wsm-lane.h"
#include "wsm-wait-list.h"

G_BEGIN_DECLS

/* Shared by the files that make up WsmPool, and by nothing else:
 *   wsm-pool.c           the type, and what it does for its connections
 *   wsm-pool-settings.c  its settings and figures
 *   wsm-pool-environment.c  what it does when something happens to the machine
 *   wsm-pool-beats.c     what it tells of beats
 *   wsm-pool-members.c   who is in it, and what is done to all of them
 *   wsm-pool-lateness.c  how late the beats of its connections leave
 *   wsm-pool-closing.c   closing all of them
 *   wsm-pool-observed.c  what those see who look into it
 */

#define DEFAULT_COALESCE -1

struct _WsmPool
{
  GObject parent_instance;

  GThread *thread;       /* (unowned): that made it */
  GMainContext *context; /* (owned) */
  WsmConnectionHost host;

  WsmTransportFactory factory;
  gpointer factory_data; /* (unowned) */

  SoupSession *session;    /* (owned) */
  WsmHeartbeat *heartbeat; /* (owned) */
  WsmBackoff *backoff;     /* (owned) */
  guint max_handshakes;
  guint max_handshakes_per_host;
  guint max_retries_per_second; /* 0 = no limit */
  int coalesce_ms; /* -1 = automatic */

  WsmEnvironment *environment;    /* (owned) (nullable): NULL when disposed of */
  GNetworkMonitor *network;    /* (owned) (nullable): instead of the system's */
  GPowerProfileMonitor *power; /* (owned) (nullable): likewise */
  guint watch_environment : 1;
  guint has_own_monitors : 1; /* or none, but not the system's */

  GPtrArray *connections; /* (owned) (element-type WsmConnection) */
  GHashTable *by_name;    /* (owned) (element-type utf8 WsmConnection): unowned both */
  GHashTable *numbers;    /* (owned) (element-type utf8 guint): the last one given to a URI */
  guint n_in_state[WSM_STATE_FAILED + 1]; /* IDLE is not counted */
  guint n_open_told; /* notified last */
  guint n_failed_told;

  WsmBeats *beats; /* (owned) (nullable): gathered in this turn of the delivery */

  WsmLatencyHistogram *late_beats; /* (owned) (nullable): until one has left */
  WsmLatency *lateness;            /* (owned) (nullable): until somebody asks for it */
  gboolean lateness_moved;         /* since it was told */

  WsmWaitList *close_waiters; /* (owned) (nullable) */
  WsmTimer close_timer;
  GSList *close_cancelled; /* (owned) (element-type GSource) */
  guint n_closing; /* closes of connections under way, because of it */

  WsmConnectionObserver observer; /* of its connections, while there are observers of itself */
  GArray *observers;    /* (owned) (nullable) (element-type WsmPoolLooker) */
  GArray *frame_wishes; /* (owned) (nullable) (element-type WsmFrameWish) */
  guint number;         /* among those of the process; 0 until it is asked for */
};

typedef enum
{
  PROP_SESSION = 1,
  PROP_HEARTBEAT,
  PROP_BACKOFF,
  PROP_MAX_HANDSHAKES,
  PROP_MAX_HANDSHAKES_PER_HOST,
  PROP_MAX_RETRIES_PER_SECOND,
  PROP_COALESCE,
  PROP_WATCH_ENVIRONMENT,
  PROP_SAVES_POWER,
  PROP_N_ITEMS,
  PROP_N_OPEN,
  PROP_N_FAILED,
  PROP_LATENESS,
} WsmPoolProperty;

typedef enum
{
  SIGNAL_CONNECTION_STATE_CHANGED,
  SIGNAL_MESSAGE,
  SIGNAL_BEATS,
} WsmPoolSignal;

extern GParamSpec *wsm_pool_properties[PROP_LATENESS + 1];
extern guint wsm_pool_signals[SIGNAL_BEATS + 1];

#define wsm_pool_check_caller(self) \
  wsm_caller_check ((self)->thread, (self)->host.lanes, G_STRFUNC)

GPtrArray *wsm_pool_dup_connections  (WsmPool      *self) G_GNUC_WARN_UNUSED_RESULT;
void       wsm_pool_items_changed    (WsmPool      *self,
                                      guint         position,
                                      guint         n_removed,
                                      guint         n_added);

void       wsm_pool_init_host        (WsmPool      *self);
void       wsm_pool_count            (WsmPool      *self,
                                      WsmState      old_state,
                                      WsmState      new_state);
gboolean   wsm_pool_tell_counts      (WsmPool      *self);

void       wsm_pool_make_environment (WsmPool     *self);
void       wsm_pool_drop_environment (WsmPool     *self);
void       wsm_pool_need_environment (WsmPool     *self);

void       wsm_pool_gather_beat      (WsmPool       *self,
                                      WsmConnection *connection,
                                      gint64         round_trip_us);
void       wsm_pool_forget_beats     (WsmPool       *self,
                                      WsmConnection *connection);
void       wsm_pool_tell_beats_cb    (gpointer       user_data);

void       wsm_pool_note_added       (WsmPool       *self,
                                      WsmConnection *connection);
void       wsm_pool_note_removed     (WsmPool       *self,
                                      WsmConnection *connection,
                                      guint64        id);
void       wsm_pool_note_gone        (WsmPool       *self);

void       wsm_pool_count_late_beat  (WsmPool       *self,
                                      gint64         late_us);
void       wsm_pool_update_lateness  (WsmPool       *self);
void       wsm_pool_clear_lateness   (WsmPool       *self);

void       wsm_pool_end_closing      (WsmPool      *self,
                                      const GError *error);
void       wsm_pool_close_timer_cb   (WsmTimer     *timer,
                                      gpointer      user_data);

G_END_DECLS
