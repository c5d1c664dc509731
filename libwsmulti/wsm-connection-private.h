/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-connection.h"

#include "wsm-gate.h"
#include "wsm-journal.h"
#include "wsm-lanes.h"
#include "wsm-latency-histogram.h"
#include "wsm-outbox.h"
#include "wsm-pacer.h"
#include "wsm-pulse.h"
#include "wsm-scheduler.h"
#include "wsm-transport.h"

G_BEGIN_DECLS

/* Somebody who looks on, besides the app. Called where it happens, when it is stored and nobody
 * was told yet, or from the middle of something: it writes down what it hears and returns. */
typedef struct _WsmConnectionObserver WsmConnectionObserver;

struct _WsmConnectionObserver
{
  void (*state_changed)  (WsmConnectionObserver *observer,
                          WsmConnection         *connection);
  void (*reason_changed) (WsmConnectionObserver *observer,
                          WsmConnection         *connection);
  void (*beat_answered)  (WsmConnectionObserver *observer,
                          WsmConnection         *connection,
                          gint64                 round_trip_us);
  void (*beat_missed)    (WsmConnectionObserver *observer,
                          WsmConnection         *connection);
  /* one of its counters, dates or settings is another one now */
  void (*figures_moved)  (WsmConnectionObserver *observer,
                          WsmConnection         *connection);
  /* only while wsm_connection_set_capture() asks for them */
  void (*frame)          (WsmConnectionObserver *observer,
                          WsmConnection         *connection,
                          const WsmFrame        *frame);
};

/* What whoever keeps connections lends them, and what it wants to hear. A connection knows
 * nothing else of it. */
typedef struct _WsmConnectionHost WsmConnectionHost;

struct _WsmConnectionHost
{
  WsmScheduler *scheduler; /* (owned) */
  WsmDelivery *delivery;   /* (owned) */
  WsmGate *gate;           /* (owned) */
  WsmPacer *pacer;         /* (owned): of retries */
  GRand *random;           /* (owned) */
  WsmLanes *lanes;         /* (owned) */
  WsmReason *opened;       /* (owned): the reason of all that are open */
  gpointer owner;          /* (unowned) */

  WsmConnectionObserver *observer; /* (unowned) (nullable): while somebody looks on */

  WsmTransport *(*make_transport) (WsmConnectionHost *host,
                                   WsmConnection     *connection);
  void          (*get_rhythm)     (WsmConnectionHost *host,
                                   WsmConnection     *connection,
                                   WsmPulseRhythm    *rhythm);

  /* A new state is stored and nobody was told yet; this tells nobody either. */
  void          (*count)          (WsmConnectionHost *host,
                                   WsmState           old_state,
                                   WsmState           new_state);
  void          (*state_changed)  (WsmConnectionHost *host,
                                   WsmConnection     *connection);
  void          (*message)        (WsmConnectionHost     *host,
                                   WsmConnection         *connection,
                                   SoupWebsocketDataType  type,
                                   GBytes                *message);

  /* A beat was answered, or missed, and those who follow the connection itself know; negative =
   * missed. */
  /* From the scheduler or the delivery. */
  void          (*beat_left)      (WsmConnectionHost *host,
                                   gint64             late_us);
  void          (*beat_ended)     (WsmConnectionHost *host,
                                   WsmConnection     *connection,
                                   gint64             round_trip_us);

  /* Somebody disposed of it while it was kept. */
  void          (*disposed)       (WsmConnectionHost *host,
                                   WsmConnection     *connection);
};

/* For the host. */
gboolean  wsm_connection_validate           (WsmConnection      *self,
                                             GError            **error);
void      wsm_connection_attach             (WsmConnection      *self,
                                             WsmConnectionHost  *host,
                                             guint64             id,
                                             const char         *name);
void      wsm_connection_detach             (WsmConnection      *self);
gboolean  wsm_connection_is_attached        (WsmConnection      *self);
const char *wsm_connection_get_given_name   (WsmConnection      *self);
gboolean  wsm_connection_may_be_called       (WsmConnection      *self);
void      wsm_connection_post_open          (WsmConnection      *self);
void      wsm_connection_probe              (WsmConnection      *self);
void      wsm_connection_retry_in_turn      (WsmConnection      *self);
gboolean  wsm_connection_leave_turn         (WsmConnection      *self);
void      wsm_connection_rhythm_changed     (WsmConnection      *self);
void      wsm_connection_doubt              (WsmConnection      *self,
                                             WsmDoubt            doubt,
                                             gint64              slept_us);

/* For those who look on. */
gboolean     wsm_connection_is_way             (WsmState        from,
                                                WsmState        to);
guint64      wsm_connection_get_id             (WsmConnection  *self);
guint64      wsm_connection_get_n_beats_missed (WsmConnection  *self);
WsmTally     wsm_connection_get_dropped        (WsmConnection  *self);
WsmTally     wsm_connection_get_unconfirmed    (WsmConnection  *self);
double       wsm_connection_get_round_trip     (WsmConnection  *self);
double       wsm_connection_get_smoothed       (WsmConnection  *self);
void         wsm_connection_set_capture        (WsmConnection  *self,
                                                gboolean        wants_frames,
                                                gsize           payload_capture);
WsmJournal  *wsm_connection_ensure_journal     (WsmConnection  *self);
WsmJournal  *wsm_connection_get_journal        (WsmConnection  *self);
WsmHandshakeRecord *wsm_connection_get_handshake (WsmConnection  *self);
void         wsm_connection_forget_observed    (WsmConnection  *self);

G_END_DECLS
