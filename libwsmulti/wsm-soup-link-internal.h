/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-soup-link.h"

#include "wsm-drain.h"
#include "wsm-flow.h"
#include "wsm-socket-watch.h"

G_BEGIN_DECLS

struct _WsmSoupLink
{
  guint ref_count;

  WsmTransport *transport;             /* (unowned) (nullable): cleared when it goes */
  WsmLane *lane;                       /* (owned) */
  WsmClock *clock;                     /* (owned) */
  SoupWebsocketConnection *connection; /* (owned) (nullable): until `closed` */
  GSocket *socket;                     /* (owned) (nullable): until `closed` */
  WsmFrameTap *tap;                    /* (owned) (nullable): until `closed` */
  WsmSocketWatch *watch;               /* (owned) (nullable): made when first asked */
  WsmMeteredInput *input;              /* (owned) (nullable): what libsoup reads */
  WsmFlow *flow;                       /* (owned) (nullable): made at the first ping or backlog */
  WsmMeteredOutput *output;            /* (owned) (nullable): NULL does not stamp */
  WsmLaneSocket *lane_socket;          /* (owned) (nullable): until `closed`, if kept */
  WsmDrain *drain;                     /* (owned) (nullable): until `closed` */

  GSource *ending_source; /* (owned) (nullable): shuts down when libsoup does not */

  guint64 max_message_size;

  WsmMark next_mark; /* of what is handed over next; WSM_N_MARKS = none */

  guint has_socket : 1; /* or had one */
  guint is_plain : 1; /* there is no TLS between libsoup and what is metered */
  guint counts_frames : 1; /* all that libsoup queues, so that the output knows what is left */
  guint is_ended : 1; /* the first error, or the end itself, was reported */
  guint is_shut_down : 1;
};

static inline gboolean
wsm_soup_link_is_open (WsmSoupLink *self)
{
  return self->connection != NULL && !self->is_ended &&
         soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN;
}

WsmSoupLink *wsm_soup_link_ref           (WsmSoupLink  *self);
void         wsm_soup_link_ensure_watch  (WsmSoupLink  *self);

void         wsm_soup_link_follow_ending (WsmSoupLink  *self);
void         wsm_soup_link_note_error    (WsmSoupLink  *self,
                                          const GError *error);
void         wsm_soup_link_flooded_cb    (guint         n_pings,
                                          guint         waited_ms,
                                          gpointer      user_data);

G_END_DECLS
