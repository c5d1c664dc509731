/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "test-world.h"

G_BEGIN_DECLS

/* A pool and its connections with somebody who looks on and checks that what they signal can be
 * told as one story: sockets open before anything is heard of them, and are told lost once; lives
 * end once; who is in no pool is silent. And in whatever signal, something is done. */
typedef struct _WsmTestStage WsmTestStage;

/* What an observer knows of one connection. */
typedef struct
{
  WsmTestStage *stage;       /* (unowned) */
  WsmConnection *connection; /* (unowned) (nullable): cleared when it is finalized */
  WsmState state;
  gboolean is_away; /* in no pool: must not be heard */
  guint n_notifying;
  gboolean may_echo; /* GObject repeats a notification that comes up while it is emitted */
  gboolean has_socket;
  guint n_lives;
  guint n_ends;
} WsmTestFeed;

typedef struct
{
  const char *name; /* (unowned) */
  void (*act) (WsmTestStage *stage,
               WsmTestFeed  *feed);
} WsmTestDeed;

struct _WsmTestStage
{
  WsmTestWorld *world; /* (owned) */
  WsmPool *pool;       /* (unowned) (nullable): cleared when it is finalized */
  GPtrArray *feeds;    /* (owned) (element-type WsmTestFeed) */
  GRand *random;       /* (owned) */
  const char *signal;  /* (unowned) (nullable): where it is done; NULL = anywhere */
  const WsmTestDeed *deeds; /* (unowned) (array length=n_deeds) */
  guint n_deeds;
  int deed; /* -1 = by chance */
  guint n_done;
  guint depth;
  guint n_returned;
  guint n_asked;
};


/* So deep may deeds lead to deeds. */
#define WSM_TEST_STAGE_MAX_DEPTH 3

void          wsm_test_stage_init          (WsmTestStage  *self,
                                            guint32        seed);
void          wsm_test_stage_clear         (WsmTestStage  *self);

void          wsm_test_stage_watch         (WsmTestStage  *self,
                                            WsmConnection *connection);
void          wsm_test_stage_watch_pool    (WsmTestStage  *self);
WsmTestFeed  *wsm_test_stage_find          (WsmTestStage  *self);
void          wsm_test_stage_act           (WsmTestStage  *self,
                                            WsmTestFeed   *feed,
                                            const char    *signal);

void          wsm_test_feed_note_away      (WsmTestFeed   *feed);
void          wsm_test_stage_note_all_away (WsmTestStage  *self);

G_END_DECLS
