/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-exporter-environment.h"

#include "wsm-registry.h"

/*
 * Shows the pools of a program that knows nothing of it, because somebody wrote that into its
 * environment. The exporter belongs to the pool, and goes with it.
 */

#define VARIABLE "WSMULTI_INSPECT"

static G_DEFINE_QUARK (wsm-exporter-of-environment, wsm_exporter_of_environment)

static void
wsm_exporter_environment_pool_added_cb (WsmPool  *pool,
                                        gpointer  user_data)
{
  WsmExporter *exporter = g_object_new (WSM_TYPE_EXPORTER, "pool", pool, "announce", TRUE, NULL);

  g_object_set_qdata_full (G_OBJECT (pool), wsm_exporter_of_environment_quark (), exporter,
                           g_object_unref);
}

static const WsmRegistryFollower wsm_exporter_environment_follower = {
  .added = wsm_exporter_environment_pool_added_cb,
};

/* Before the program makes its first pool, so that no pool has to look into the environment. */
static void __attribute__ ((constructor))
wsm_exporter_environment_init (void)
{
  const char *value = g_getenv (VARIABLE);

  if (value != NULL && g_str_equal (value, "1"))
    wsm_registry_follow (NULL, &wsm_exporter_environment_follower, NULL);
}

/*
 * wsm_exporter_environment_step_back:
 *
 * The app announces the pool itself: nobody is to see it twice.
 */
void
wsm_exporter_environment_step_back (WsmPool *pool)
{
  g_object_set_qdata (G_OBJECT (pool), wsm_exporter_of_environment_quark (), NULL);
}
