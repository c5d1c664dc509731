/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-connection-private.h"

G_BEGIN_DECLS

/* What happens to the machine, and what follows from it for the connections of one pool. */
#define WSM_TYPE_ENVIRONMENT (wsm_environment_get_type ())

G_DECLARE_FINAL_TYPE (WsmEnvironment, wsm_environment, WSM, ENVIRONMENT, GObject)

/* Connections in doubt take turns over this time, in steps of at least the other one. */
#define WSM_ENVIRONMENT_SPREAD_US G_USEC_PER_SEC
#define WSM_ENVIRONMENT_STEP_US (20 * 1000)

/* So few need not take turns. */
#define WSM_ENVIRONMENT_MAX_TOGETHER 8

/* The network changes in bursts; it has to be quiet for this long, but is not given for ever. */
#define WSM_ENVIRONMENT_SETTLE_US G_USEC_PER_SEC
#define WSM_ENVIRONMENT_MAX_SETTLE_US (5 * G_USEC_PER_SEC)

/* Beats are so many intervals apart while the machine saves power. */
#define WSM_ENVIRONMENT_STRETCH 2

/* What the owner of an environment does for it. */
typedef struct
{
  /* Returns: (transfer full) (element-type guint64): the ids of all its connections */
  GArray        *(*list)          (gpointer owner);

  /* Returns: (transfer none) (nullable): the connection, if it still has it */
  WsmConnection *(*find)          (gpointer owner,
                                   guint64  id);

  /* From the delivery: another answer of wsm_environment_saves_power(). */
  void           (*power_changed) (gpointer owner);
} WsmEnvironmentOwner;

WsmEnvironment *wsm_environment_new         (WsmScheduler              *scheduler,
                                             WsmDelivery               *delivery,
                                             const WsmEnvironmentOwner *owner_funcs,
                                             gpointer owner) G_GNUC_WARN_UNUSED_RESULT;
void            wsm_environment_close       (WsmEnvironment            *self);

void            wsm_environment_watch       (WsmEnvironment            *self,
                                             GMainContext              *context,
                                             GNetworkMonitor           *network,
                                             GPowerProfileMonitor      *power);
void            wsm_environment_stop        (WsmEnvironment            *self);
gboolean        wsm_environment_is_watching (WsmEnvironment            *self);
gboolean        wsm_environment_saves_power (WsmEnvironment            *self);

G_END_DECLS
