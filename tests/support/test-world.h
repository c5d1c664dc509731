/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "test-clock.h"
#include "test-network.h"
#include "wsm-pool-private.h"

G_BEGIN_DECLS

/* A pool on a test clock and a test network, with a record of all that is signalled. */
typedef struct
{
  GMainContext *context;   /* (owned) */
  WsmTestClock *clock;     /* (owned) */
  WsmTestNetwork *network; /* (owned) */
  WsmPool *pool;           /* (owned) (nullable) */
  GString *log; /* (owned): "name:word " for each signal of a connection that is followed */
} WsmTestWorld;

WsmTestWorld  *wsm_test_world_new         (guint32         seed) G_GNUC_WARN_UNUSED_RESULT;
void           wsm_test_world_free        (WsmTestWorld   *self);

WsmConnection *wsm_test_world_add         (WsmTestWorld   *self,
                                           const char     *path,
                                           WsmHeartbeat   *heartbeat,
                                           WsmBackoff     *backoff);
WsmConnection *wsm_test_world_add_named   (WsmTestWorld   *self,
                                           const char     *uri,
                                           const char     *name,
                                           guint           interval_ms,
                                           guint           timeout_ms);
WsmTestPeer   *wsm_test_world_get_peer    (WsmTestWorld   *self,
                                           const char     *path);
WsmConnection *wsm_test_world_bring_to    (WsmTestWorld   *self,
                                           const char     *path,
                                           WsmState        state);
void           wsm_test_world_follow      (WsmTestWorld   *self,
                                           WsmConnection  *connection);
void           wsm_test_world_run_ms      (WsmTestWorld   *self,
                                           gint64          duration_ms);
void           wsm_test_world_assert_log  (WsmTestWorld   *self,
                                           const char     *expected);

G_END_DECLS
