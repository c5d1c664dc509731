/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-connection.h"

#include "wsm-gate.h"
#include "wsm-lane.h"
#include "wsm-outbox.h"
#include "wsm-pulse.h"
#include "wsm-round-trips.h"
#include "wsm-scheduler.h"
#include "wsm-transport.h"

G_BEGIN_DECLS

/* What whoever keeps connections lends them, and what it wants to hear. A connection knows
 * nothing else of it. */
typedef struct _WsmConnectionHost WsmConnectionHost;

struct _WsmConnectionHost
{
  WsmScheduler *scheduler; /* (owned) */
  WsmDelivery *delivery;   /* (owned) */
  WsmGate *gate;           /* (owned) */
  GRand *random;           /* (owned) */
  WsmLane *lane;           /* (owned) */
  gpointer owner;          /* (unowned) */

  WsmTransport *(*make_transport) (WsmConnectionHost *host);
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

  /* Somebody disposed of it while it was kept. */
  void          (*disposed)       (WsmConnectionHost *host,
                                   WsmConnection     *connection);
};

/* For the host. */
gboolean  wsm_connection_validate           (WsmConnection      *self,
                                             GError            **error);
void      wsm_connection_attach             (WsmConnection      *self,
                                             WsmConnectionHost  *host,
                                             const char         *name);
void      wsm_connection_detach             (WsmConnection      *self);
gboolean  wsm_connection_is_attached        (WsmConnection      *self);
const char *wsm_connection_get_given_name   (WsmConnection      *self);
gboolean  wsm_connection_may_be_called       (WsmConnection      *self);
void      wsm_connection_post_open          (WsmConnection      *self);
void      wsm_connection_probe              (WsmConnection      *self);
void      wsm_connection_rhythm_changed     (WsmConnection      *self);

G_END_DECLS
