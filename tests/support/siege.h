/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "inspector-client.h"
#include "test-network.h"
#include "wsm-pool-private.h"

G_BEGIN_DECLS

#define SIEGE_PATH "/io/github/wsmulti/Pool1"
#define SIEGE_INTERFACE "io.github.wsmulti.Pool1"
#define SIEGE_N_CONNECTIONS 20

/* A pool that beats twenty times a second on each of its connections, on the machine's clock, and
 * an inspector that means no good: the fixture of tests of what must not harm the pool. */
typedef struct
{
  GMainContext *context;      /* (owned) */
  WsmClock *clock;            /* (owned) */
  WsmTestNetwork *network;    /* (owned) */
  WsmPool *pool;              /* (owned) */
  WsmExporter *exporter;      /* (owned) */
  InspectorClient *inspector; /* (owned) (nullable) */
  guint n_beats;
  guint noise_handler; /* while what GDBus cannot read is expected */
  gint64 longest_turn_us; /* what the thread computed without looking at its timers */
} Siege;

#define SIEGE_WAIT_FOR(condition) \
  G_STMT_START { \
    gint64 wait_end_us = g_get_monotonic_time () + 60 * G_USEC_PER_SEC; \
    while (!(condition)) \
      { \
        if (g_get_monotonic_time () >= wait_end_us) \
          g_error ("%s: still waits for %s", G_STRLOC, #condition); \
        siege_turn (siege); \
      } \
  } G_STMT_END

void siege_set_up       (Siege         *siege,
                         gconstpointer  data);
void siege_tear_down    (Siege         *siege,
                         gconstpointer  data);

void siege_turn         (Siege         *siege);

/* A stream to the exporter without GDBus at this end. */
GIOStream *siege_connect_stream (Siege    *siege,
                                 gboolean  begins) G_GNUC_WARN_UNUSED_RESULT;

/* GDBus warns of what it cannot read, and closes the connection, as it should. */
void siege_expect_noise (Siege         *siege);
void siege_forget_noise (Siege         *siege);

/* Whatever was done, the pool beats, no turn of its loop was long, and it still answers. */
void siege_check_health (Siege         *siege);

G_END_DECLS
