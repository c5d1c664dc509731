/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-connection-private.h"

#include "wsm-backoff-private.h"
#include "wsm-wait-list.h"

G_BEGIN_DECLS

/* Shared by the files that make up WsmConnection, and by nothing else:
 *   wsm-connection.c             the type, its signals, its place in a pool
 *   wsm-connection-specs.c       what its properties are
 *   wsm-connection-properties.c  which accessor serves which property
 *   wsm-connection-settings.c    what can be set of it
 *   wsm-connection-facts.c       what can be read of it
 *   wsm-connection-life.c        its states and what moves it from one to the next
 *   wsm-connection-retry.c       what becomes of it when it was lost
 *   wsm-connection-control.c     what the app asks of it
 *   wsm-connection-attempt.c     one attempt to open
 *   wsm-connection-redirect.c    the detours of an attempt
 *   wsm-connection-doubt.c       what becomes of it when it may be gone without a word
 *   wsm-connection-sending.c     messages out
 *   wsm-connection-traffic.c     what else goes through while it is open: beats, and messages in
 *   wsm-connection-observed.c    what those see who look on
 *   wsm-connection-async.c       waiting for it: open, close, ping
 */

typedef enum
{
  PROP_URI = 1,
  PROP_NAME,
  PROP_PROTOCOLS,
  PROP_ORIGIN,
  PROP_HEARTBEAT,
  PROP_BACKOFF,
  PROP_GREETINGS,
  PROP_OUTBOX_LIMIT,
  PROP_QUEUE_WHILE_CLOSED,
  PROP_MAX_MESSAGE_SIZE,
  PROP_CONNECT_TIMEOUT,
  PROP_CLOSE_TIMEOUT,
  PROP_MAX_REDIRECTS,
  PROP_STATE,
  PROP_REASON,
  PROP_N_MISSED,
  PROP_LATENCY,
  PROP_NEXT_BEAT_AT,
  PROP_NEXT_RETRY_AT,
  PROP_ATTEMPT,
  PROP_PAUSED,
  PROP_WRITABLE,
  PROP_ERROR,
  PROP_CLOSE_CODE,
  PROP_CLOSE_REASON,
  PROP_PROTOCOL,
  PROP_EXTENSIONS,
  PROP_REMOTE_ADDRESS,
  PROP_TLS_PEER_CERTIFICATE,
  PROP_N_RECONNECTS,
  PROP_OPENED_AT,
  PROP_LAST_RECEIVED_AT,
  PROP_N_MESSAGES_SENT,
  PROP_N_MESSAGES_RECEIVED,
  PROP_N_BYTES_SENT,
  PROP_N_BYTES_RECEIVED,
  PROP_N_BEATS_SENT,
  PROP_N_BEATS_ANSWERED,
  PROP_BUFFERED,
  PROP_LIVENESS_SOURCE,
  PROP_LIMITS_ENFORCED,
} WsmConnectionProperty;

typedef enum
{
  SIGNAL_PREPARE,
  SIGNAL_OPENED,
  SIGNAL_MESSAGE,
  SIGNAL_BEAT,
  SIGNAL_DISCONNECTED,
  SIGNAL_CLOSED,
  SIGNAL_FAILED,
  SIGNAL_SHOULD_RETRY,
  SIGNAL_UNCONFIRMED,
  SIGNAL_DROPPED,
  SIGNAL_FRAME,
} WsmConnectionSignal;

#define DEFAULT_OUTBOX_LIMIT (1024 * 1024)
#define DEFAULT_MAX_MESSAGE_SIZE (16 * 1024 * 1024)
#define DEFAULT_CONNECT_TIMEOUT_MS 15000
#define DEFAULT_CLOSE_TIMEOUT_MS 2000

/* As many as browsers follow. */
#define MAX_REDIRECTS 20

typedef struct _WsmFarewell WsmFarewell;
typedef struct _WsmHeldMessage WsmHeldMessage;
typedef struct _WsmPinger WsmPinger;

extern GParamSpec *wsm_connection_properties[PROP_LIMITS_ENFORCED + 1];
extern guint wsm_connection_signals[SIGNAL_FRAME + 1];

struct _WsmConnection
{
  GObject parent_instance;

  GThread *thread; /* (unowned): that made it */

  /* Identity. */
  char *uri;        /* (owned) (nullable) */
  char *name;       /* (owned) (nullable): NULL until it is in a pool, unless given */
  GStrv protocols;  /* (owned) (nullable) */
  char *origin;     /* (owned) (nullable) */

  /* Settings. */
  WsmHeartbeat *heartbeat; /* (owned) (nullable): NULL until it is in a pool, unless given */
  WsmBackoff *backoff;     /* (owned) (nullable): likewise */
  GStrv greetings;         /* (owned) (nullable) */
  guint64 outbox_limit;
  guint64 max_message_size;
  guint connect_timeout_ms;
  guint close_timeout_ms;
  guint max_redirects;
  guint queue_while_closed : 1;
  guint name_given : 1; /* by the app, not by a pool */

  WsmConnectionHost *host; /* (unowned) (nullable): NULL while in no pool */
  guint64 id;       /* in that pool, never used again; 0 while in none */
  guint membership; /* counts the pools it left, so that code after an emission sees that */

  /* Life. */
  WsmState state;
  WsmReason *reason; /* (owned) */
  GError *error;     /* (owned) (nullable) */
  WsmTimer timer;    /* the deadline of the present state */
  guint timer_fired : 1;
  guint open_posted : 1;
  guint attempt_posted : 1;
  guint has_turn : 1; /* waits for its turn, no more for its back-off */
  guint paused : 1;
  guint opened_due : 1;      /* a socket is open, opened not emitted yet */
  guint socket_reported : 1; /* opened was emitted, disconnected not yet */
  guint ever_opened : 1;
  guint close_sent : 1;
  guint writable : 1;  /* as it was told last */
  guint filled_up : 1; /* the outbox, and it was not emptied since */
  guint wants_frames : 1;
  guint frames_observed : 1;
  guint turn; /* counts transitions, so that code after an emission sees that one happened */
  WsmFarewell *farewell; /* (owned) (nullable): what is left to tell of what has ended */
  guint n_failures; /* since it was stable or the app asked */
  guint n_bad_handshakes; /* in a row */
  gint64 first_failure_us; /* of those; 0 = none */
  gint64 next_retry_us; /* 0 = none planned */
  WsmWaitList *open_waiters;  /* (owned) (nullable) */
  WsmWaitList *close_waiters; /* (owned) (nullable) */
  guint closing_code;
  char *closing_reason; /* (owned) (nullable) */

  /* The attempt under way. */
  SoupMessage *message; /* (owned) (nullable) */
  WsmTicket ticket;
  GUri *asked_uri;      /* (owned) (nullable): of the request that was sent last */
  GUri *redirected_uri; /* (owned) (nullable): where it goes on, instead of to uri */
  guint n_redirects;    /* followed so far */
  guint left_ms;        /* until the deadline, when it was redirected */
  gint64 deadline_us;   /* of the attempt, once it has begun */

  /* The socket, while there is one, and its traffic. */
  WsmTransport *transport; /* (owned) (nullable) */
  WsmHeldMessage *held;    /* (unowned) (nullable): what is being told */
  WsmPulse *pulse;         /* (owned) (nullable): made when first opened */
  gint64 unsent_beat_us;   /* when that was due which waits to be written; 0 = none does */
  gint64 slept_us;         /* before it was last in doubt of the peer; 0 = not at all */
  WsmOutbox *outbox;       /* (owned) (nullable): made when first needed */
  WsmPinger *pinger;       /* (owned) (nullable): while a ping is out that the app asked for */
  WsmLatencyHistogram *round_trips; /* (owned) (nullable): made at the first beat */
  WsmLatency *latency;              /* (owned) (nullable): made when first asked for */

  /* For those who look on. */
  WsmJournal *journal;   /* (owned) (nullable): while somebody does */
  gsize payload_capture; /* how much of each frame they want */
  WsmHandshakeRecord *handshake; /* (owned) (nullable): the last one that they saw answered */

  /* Facts, of the last socket where there is none now. */
  char *close_reason; /* (owned) (nullable) */
  guint close_code;
  guint n_reconnects;
  gint64 opened_us;
  gint64 last_received_us;
  guint64 n_messages_sent;
  guint64 n_messages_received;
  guint64 n_bytes_sent;
  guint64 n_bytes_received;
  guint64 n_beats_sent;
  guint64 n_beats_answered;
  WsmTally dropped;     /* of all that was ever queued */
  WsmTally unconfirmed; /* of all that was ever sent */
};

#define wsm_connection_check_caller(self) \
  wsm_caller_check ((self)->thread, (self)->host != NULL ? (self)->host->lanes : NULL, G_STRFUNC)

/* One test for where nobody looks on. */
#define wsm_connection_observe(self, what, ...) \
  G_STMT_START { \
    WsmConnectionObserver *observer_ = (self)->host != NULL ? (self)->host->observer : NULL; \
    if (G_UNLIKELY (observer_ != NULL)) \
      observer_->what (observer_, (self), ##__VA_ARGS__); \
  } G_STMT_END

const char   *wsm_connection_describe          (WsmConnection     *self);

/* Properties. */
void          wsm_connection_install_properties (GObjectClass     *object_class);
void          wsm_connection_get_property      (GObject           *object,
                                                guint              prop_id,
                                                GValue            *value,
                                                GParamSpec        *pspec);
void          wsm_connection_set_property      (GObject           *object,
                                                guint              prop_id,
                                                const GValue      *value,
                                                GParamSpec        *pspec);

/* Life. */
void          wsm_connection_life_init         (WsmConnection     *self);
void          wsm_connection_fall_silent       (WsmConnection     *self);
void          wsm_connection_move              (WsmConnection     *self,
                                                WsmState           state,
                                                WsmReason         *reason);
void          wsm_connection_set_reason        (WsmConnection     *self,
                                                WsmReason         *reason);
void          wsm_connection_arm               (WsmConnection     *self,
                                                guint              delay_ms);
void          wsm_connection_arm_at            (WsmConnection     *self,
                                                gint64             due_us);
void          wsm_connection_disarm            (WsmConnection     *self);
void          wsm_connection_became_open       (WsmConnection     *self);
void          wsm_connection_tell_opened       (WsmConnection     *self);
void          wsm_connection_prepare_farewell  (WsmConnection     *self,
                                                const WsmReason   *reason,
                                                WsmOutcome         outcome);
void          wsm_connection_say_farewell      (WsmConnection     *self);
void          wsm_connection_end               (WsmConnection     *self,
                                                WsmReasonCode      code);
void          wsm_connection_drop_socket       (WsmConnection     *self);
void          wsm_connection_notify            (WsmConnection     *self,
                                                WsmConnectionProperty property);
gboolean      wsm_connection_is_open           (WsmConnection     *self);
gboolean      wsm_connection_has_handler       (WsmConnection     *self,
                                                WsmConnectionSignal signal);

/* Retry. */
void          wsm_connection_lost              (WsmConnection     *self,
                                                WsmReason         *reason,
                                                GError            *error);
void          wsm_connection_retry             (WsmConnection     *self);
void          wsm_connection_try_in_turn       (WsmConnection     *self,
                                                WsmReason         *reason);
void          wsm_connection_replan            (WsmConnection     *self);
void          wsm_connection_became_stable     (WsmConnection     *self);

/* Control. */
void          wsm_connection_try_again         (WsmConnection     *self,
                                                WsmReason         *reason);

/* Doubt. */
void          wsm_connection_explain_doubt     (WsmConnection     *self,
                                                WsmReason         *reason);

/* Attempt. */
void          wsm_connection_post_request      (WsmConnection     *self);
void          wsm_connection_post_attempt      (WsmConnection     *self);
void          wsm_connection_drop_attempt      (WsmConnection     *self);

/* Redirect. */
gboolean      wsm_connection_follow            (WsmConnection     *self,
                                                WsmTransport      *transport,
                                                WsmReason         *reason,
                                                GError           **error);
void          wsm_connection_forget_redirects  (WsmConnection     *self);

/* Async. */
gboolean      wsm_connection_note_pinger       (WsmConnection     *self,
                                                const char        *payload,
                                                gint64             time_us);
void          wsm_connection_end_pinger        (WsmConnection     *self,
                                                const GError      *error);

/* Sending. */
void          wsm_connection_feed              (WsmConnection     *self);
void          wsm_connection_queue_greetings   (WsmConnection     *self);
gboolean      wsm_connection_judge_writable    (WsmConnection     *self);
void          wsm_connection_update_writable   (WsmConnection     *self);

/* Traffic. */
extern const WsmTransportSink wsm_connection_sink;

void          wsm_connection_traffic_start     (WsmConnection     *self);
void          wsm_connection_traffic_stop      (WsmConnection     *self);
void          wsm_connection_start_pulse       (WsmConnection     *self);
void          wsm_connection_update_capture    (WsmConnection     *self);
WsmReason    *wsm_connection_explain_beats     (WsmConnection     *self,
                                                WsmReasonCode      code) G_GNUC_WARN_UNUSED_RESULT;
WsmLatency   *wsm_connection_ensure_latency    (WsmConnection     *self);

G_END_DECLS
