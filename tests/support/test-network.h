/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsm-scheduler.h"
#include "wsm-transport.h"

G_BEGIN_DECLS

/* A network of peers that do as they are told, for pools that go by a test clock. A peer is
 * found by the path of a connection's URI. */
typedef struct _WsmTestNetwork WsmTestNetwork;

/* Texts that begin so are beats to a peer, who notes when its answer to the last one arrived. */
#define WSM_TEST_BEAT "tick"

/* How a peer behaves now; tests change the fields at any time. */
typedef struct
{
  WsmTestNetwork *network; /* (unowned) */
  char *path;              /* (owned) */

  gint64 latency_us;      /* one way, of all that happens from now on */
  gint64 jitter_us;       /* so much more, by chance; what was sent first still arrives first */
  gint64 writing_us;      /* what is handed over waits so long to be written */
  gboolean unseen;        /* and nobody sees when it is */
  gint64 reading_us;      /* what arrives waits so long to be read */
  gboolean mute;          /* nothing comes back, and nothing is told */
  gboolean deaf;          /* what is sent is lost, what it says arrives */
  gboolean stall;         /* a handshake is never answered */
  gboolean slow;          /* does not read: nothing is drained, nothing answered */
  guint rate;             /* bytes a millisecond that it reads of sockets that open from now on;
                             0 = all of them at once */
  gboolean ghosts;        /* sockets that were aborted go on talking */
  gboolean echo;          /* texts come back; TRUE at first */
  gboolean unread;        /* bytes lie in the socket that nobody has read */
  WsmReasonCode refusal;  /* handshakes fail with this; NONE = they do not */
  guint http_status;      /* with HTTP_STATUS */
  const char *location;   /* (unowned) (nullable): with REDIRECT */
  guint retry_after_ms;
  const char *reply;      /* (unowned) (nullable): to any text instead of an echo */

  WsmWireState wire; /* what the socket tells; has_counters is FALSE at first */

  /* What has become of its sockets, for whoever looks on. */
  gint64 told_us;  /* when something of it last arrived */
  gint64 ended_us; /* when the end of a socket did */
  gint64 asked_us; /* when the last beat was sent that it answered */
  gint64 answered_us; /* when that answer arrived */
  gint64 progress_us; /* of its last socket, see wsm_test_peer_get_progress_us() */
  gint64 still_us; /* since when nothing moves: silent, or the way is cut off; 0 = it does */
  gboolean is_cut; /* of these: what is on its way waits until it is mended */
  void (*heard) (WsmTransport *transport,
                 const char   *data,
                 gsize         size,
                 gpointer      user_data);
  gpointer heard_data; /* (unowned) */

  WsmTransport *latest;  /* (unowned) (nullable): until it is finalized */
  GPtrArray *transports; /* (owned) (element-type WsmTransport): open ones; unowned elements */
  guint n_live; /* sockets, in a handshake or open */
  guint n_attempts;
  guint n_opened;
  guint n_pings;
  guint n_aborted;
  GPtrArray *received; /* (owned) (element-type utf8): texts, while record is set */
  gboolean record;
  guint closed_with; /* code of the last close frame that arrived */
} WsmTestPeer;

WsmTestNetwork *wsm_test_network_new          (GMainContext     *context,
                                               WsmClock         *clock) G_GNUC_WARN_UNUSED_RESULT;
void            wsm_test_network_free         (WsmTestNetwork   *self);
WsmTestPeer    *wsm_test_network_get_peer     (WsmTestNetwork   *self,
                                               const char       *path);
WsmTransport   *wsm_test_network_make         (WsmDelivery      *delivery,
                                               gpointer          network);
guint           wsm_test_network_count_shaking (WsmTestNetwork  *self,
                                               const char       *host,
                                               gint64            younger_us);
gint64          wsm_test_network_find_oldest_shaking (WsmTestNetwork *self);

void            wsm_test_peer_say             (WsmTestPeer      *peer,
                                               const char       *text);
void            wsm_test_peer_pong            (WsmTestPeer      *peer,
                                               const char       *payload);
void            wsm_test_peer_drop            (WsmTestPeer      *peer,
                                               WsmReasonCode     code);
void            wsm_test_peer_close           (WsmTestPeer      *peer,
                                               guint             close_code);
void            wsm_test_peer_drain           (WsmTestPeer      *peer);
void            wsm_test_peer_stir            (WsmTestPeer      *peer);
void            wsm_test_peer_fall_silent     (WsmTestPeer      *peer);
void            wsm_test_peer_cut             (WsmTestPeer      *peer);
void            wsm_test_peer_mend            (WsmTestPeer      *peer);
void            wsm_test_peer_restart         (WsmTestPeer      *peer);
gint64          wsm_test_peer_get_progress_us (WsmTestPeer      *peer);

G_END_DECLS
