/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "test-network.h"

G_BEGIN_DECLS

/* One socket of the test network, and what the network itself is to its sockets. */

struct _WsmTestNetwork
{
  WsmScheduler *scheduler; /* (owned) */
  GHashTable *peers;       /* (owned) (element-type utf8 WsmTestPeer) */
  GPtrArray *shaking;      /* (owned) (element-type WsmTransport): unowned elements */
  GPtrArray *ghosts;       /* (owned) (element-type WsmTransport): owned elements */
  GRand *random;           /* (owned) */
};

/* What is on its way to a transport. */
typedef enum
{
  WSM_TEST_PARCEL_OPENED,
  WSM_TEST_PARCEL_PONG,
  WSM_TEST_PARCEL_TEXT,
  WSM_TEST_PARCEL_BINARY,
  WSM_TEST_PARCEL_LIFE,
  WSM_TEST_PARCEL_DRAINED,
  WSM_TEST_PARCEL_ENDED,
} WsmTestParcelKind;

typedef struct
{
  WsmTestParcelKind kind;
  gint64 due_us;
  GBytes *bytes;      /* (owned) (nullable) */
  WsmReasonCode code; /* of WSM_TEST_PARCEL_ENDED */
  guint number;       /* close code or HTTP status */
  guint retry_after_ms;
} WsmTestParcel;

#define WSM_TYPE_TEST_TRANSPORT (wsm_test_transport_get_type ())

G_DECLARE_FINAL_TYPE (WsmTestTransport, wsm_test_transport, WSM, TEST_TRANSPORT, WsmTransport)

struct _WsmTestTransport
{
  WsmTransport parent_instance;

  WsmTestNetwork *network; /* (unowned) */
  WsmTestPeer *peer;       /* (unowned) (nullable) */
  GQueue inbound;          /* (element-type WsmTestParcel): from the peer, in order of due_us */
  GQueue local;            /* (element-type WsmTestParcel): from the own kernel, likewise */
  WsmTimer timer;
  gboolean open;
  gboolean over;
  gboolean has_written; /* all that it was given */
  gboolean forgotten; /* by the peer, who says so to whatever comes */

  char *host;        /* (owned) (nullable) */
  gint64 shaking_us; /* since when it shakes hands */
  guint rate;        /* of the peer, when it opened */
  guint64 n_bytes;   /* sent */
  gint64 read_us;    /* when a peer with a rate will have read them */
  GBytes *last_beat; /* (owned) (nullable) */
  gint64 beat_us;    /* when that was sent */
  WsmMark next_mark; /* of what is handed over next; WSM_N_MARKS = none */
  gint64 marked_us[WSM_N_MARKS]; /* when what was marked leaves */
  gint64 ahead_us;   /* when it will have read what was sent before that */
};

void wsm_test_parcel_free            (WsmTestParcel     *parcel);
void wsm_test_transport_post         (WsmTestTransport  *self,
                                      WsmTestParcelKind  kind,
                                      gint64             delay_us,
                                      GBytes            *bytes,
                                      WsmReasonCode      code,
                                      guint              number);
void wsm_test_transport_update_timer (WsmTestTransport  *self);

G_END_DECLS
