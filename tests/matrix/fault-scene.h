/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <wsm-faults.h>

#include "scene.h"

G_BEGIN_DECLS

/* A pool and a server where all goes wrong, and one connection between them at a time. */
typedef struct
{
  WsmFaultsServer *server; /* (owned) */
  Scene *scene;            /* (owned) */
  Witness *witness;        /* (owned) (nullable) */
} FaultScene;

/* What starts, or ends, or is noticed without waiting for anything, takes no longer. */
#define AT_ONCE_MS 50

/* How much later than a deadline its end may be. */
#define DEADLINE_SLACK_MS 100

void      fault_scene_set_up             (FaultScene    *self,
                                          gconstpointer  data);
void      fault_scene_tear_down          (FaultScene    *self,
                                          gconstpointer  data);

void      fault_scene_use_tls            (FaultScene    *self);
Witness  *fault_scene_add                (FaultScene    *self,
                                          const char    *path);
Witness  *fault_scene_add_uri            (FaultScene    *self,
                                          const char    *uri);
Witness  *fault_scene_open               (FaultScene    *self,
                                          const char    *path);
double    fault_scene_go_wrong           (FaultScene    *self);
guint     fault_scene_get                (FaultScene    *self,
                                          const char    *property);

double    fault_scene_get_attempt_ms     (FaultScene    *self);
void      fault_scene_assert_reason      (FaultScene    *self,
                                          WsmReasonCode  code);

G_END_DECLS
