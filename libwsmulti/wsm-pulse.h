/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-heartbeat-private.h"
#include "wsm-scheduler.h"
#include "wsm-transport.h"

G_BEGIN_DECLS

/* The beats of one open socket: when the next one goes out, whether the last one was answered,
 * and what silence means. */
typedef struct _WsmPulse WsmPulse;

typedef enum
{
  WSM_VERDICT_FINE,
  WSM_VERDICT_MISSED,
  WSM_VERDICT_LOST,
} WsmVerdict;

/* Why a peer may be gone that answered until now. */
typedef enum
{
  WSM_DOUBT_NONE,

  /* The way to it may be another one. No answer in a short time makes it suspect, and the next
   * beat follows at once; the verdict takes as many beats as ever, and the last one all its
   * time. */
  WSM_DOUBT_NETWORK,

  /* The machine slept, and who knows for how long nobody answered it. One short time will do. */
  WSM_DOUBT_SLEEP,
} WsmDoubt;

/* The short time, unless the heartbeat's timeout is shorter still. */
#define WSM_DOUBT_TIMEOUT_US (5 * G_USEC_PER_SEC)

/* What the owner of a pulse does for it. */
typedef struct
{
  /* From the scheduler: call wsm_pulse_check() from the delivery. */
  void (*check_due)  (gpointer owner);

  /* From the scheduler: a beat that was due went out, before anything is said of it. */
  void (*beaten)     (gpointer owner,
                      gint64   due_us);

  /* From the scheduler, a probe or a check: a beat went out, or the next one moved. */
  void (*moved)      (gpointer owner,
                      gboolean beat_sent);

  /* How much the app has sent in all, and how much of it the transport still holds. */
  void (*get_output) (gpointer  owner,
                      guint64  *n_bytes_sent,
                      guint64  *n_bytes_held);
} WsmPulseOwner;

/* Where a pulse stands among its neighbours. */
typedef struct
{
  gint64 phase_us;  /* of its beats within the interval */
  gint64 window_us; /* the coalescing window; 0 = none */
  guint stretch;    /* so many intervals from beat to beat, 1 unless there is power to save */
  GRand *random;    /* (unowned): for jitter and names of beats */
} WsmPulseRhythm;

WsmPulse *wsm_pulse_new           (WsmScheduler         *scheduler,
                                   const WsmPulseOwner  *owner_funcs,
                                   gpointer              owner) G_GNUC_WARN_UNUSED_RESULT;
void      wsm_pulse_free          (WsmPulse             *self);

void      wsm_pulse_start         (WsmPulse             *self,
                                   WsmTransport         *transport,
                                   WsmHeartbeat         *heartbeat,
                                   const WsmPulseRhythm *rhythm);
void      wsm_pulse_stop          (WsmPulse             *self);
void      wsm_pulse_pause         (WsmPulse             *self);
void      wsm_pulse_probe         (WsmPulse             *self);
gboolean  wsm_pulse_probe_in_doubt (WsmPulse            *self,
                                   WsmDoubt              doubt);
WsmDoubt  wsm_pulse_get_doubt     (WsmPulse             *self);
WsmVerdict wsm_pulse_check        (WsmPulse             *self);
gboolean  wsm_pulse_is_lost       (WsmPulse             *self);

gboolean  wsm_pulse_note_life     (WsmPulse             *self,
                                   gint64                time_us);
gboolean  wsm_pulse_note_pong     (WsmPulse             *self,
                                   const char           *payload,
                                   gint64                time_us,
                                   gint64               *round_trip_us,
                                   gboolean             *recovered);
WsmReply  wsm_pulse_note_message  (WsmPulse             *self,
                                   SoupWebsocketDataType type,
                                   GBytes               *message,
                                   gint64                time_us,
                                   gint64               *round_trip_us,
                                   gboolean             *recovered);

guint64   wsm_pulse_get_sequence  (WsmPulse             *self);
guint     wsm_pulse_get_n_missed  (WsmPulse             *self);
gint64    wsm_pulse_get_next_us   (WsmPulse             *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmPulse, wsm_pulse_free)

G_END_DECLS
