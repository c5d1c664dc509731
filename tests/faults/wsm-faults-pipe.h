/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One direction of a connection that goes through a proxy: bytes that travel from a socket to
 * another, as fast and in such pieces as the weather lets them. */
typedef struct _WsmFaultsPipe WsmFaultsPipe;

/* How bad the way is; it may be changed while bytes are on it. */
typedef struct
{
  guint latency_ms;
  guint jitter_ms;  /* up to so much more, by chance; bytes do not overtake each other */
  guint bandwidth;  /* bytes a second; 0 = unlimited */
  guint slice;      /* bytes at a time; 0 = as they come */
  GRand *random;    /* (owned) */
} WsmFaultsWeather;

typedef enum
{
  WSM_FAULTS_PIPE_MOVED, /* some bytes have arrived */
  WSM_FAULTS_PIPE_ENDED, /* the sender has finished, and all has arrived */
  WSM_FAULTS_PIPE_BROKE, /* one of the sockets is gone */
} WsmFaultsPipeNews;

typedef void (*WsmFaultsPipeFunc) (WsmFaultsPipe     *pipe,
                                   WsmFaultsPipeNews  news,
                                   guint              n_bytes,
                                   gpointer           user_data);

/* How many bytes may still arrive, G_MAXUINT64 for any number. */
typedef guint64 (*WsmFaultsPipeAllowance) (gpointer user_data);

WsmFaultsPipe *wsm_faults_pipe_new       (GSocket                *from,
                                          GSocket                *to,
                                          const WsmFaultsWeather *weather,
                                          WsmFaultsPipeFunc       func,
                                          WsmFaultsPipeAllowance  allowance,
                                          gpointer                user_data) G_GNUC_WARN_UNUSED_RESULT;
void           wsm_faults_pipe_free      (WsmFaultsPipe          *self);

void           wsm_faults_pipe_set_hole  (WsmFaultsPipe          *self,
                                          gboolean                has_hole);

G_END_DECLS
