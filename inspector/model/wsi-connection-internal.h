/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-connection-private.h"

G_BEGIN_DECLS

struct _WsiConnection
{
  GObject parent_instance;

  WsiFigures figures; /* times are of this process's clock */
  char *name;         /* (owned) */
  char *uri;          /* (owned) */
  char *reason;       /* (owned) */
  gboolean attached;

  /* Made when they are asked for: most of 10,000 rows never are. */
  WsiBeats *beats;     /* (owned) (nullable) */
  WsiDetails *details; /* (owned) (nullable) */
  WsiLog *journal;     /* (owned) (nullable) */
  WsiLog *frames;      /* (owned) (nullable) */

  guint64 last_event_number;
  guint64 last_frame_number;
  gint64 last_frame_us;
  guint payload_capture;

  WsiSource *source; /* (unowned) (nullable) */
};

/* The figures first, in their order. */
typedef enum
{
  PROP_ID = 1,
  PROP_NEXT_AT,
  PROP_OPENED_AT,
  PROP_LAST_RECEIVED_AT,
  PROP_N_MESSAGES_SENT,
  PROP_N_MESSAGES_RECEIVED,
  PROP_N_BYTES_SENT,
  PROP_N_BYTES_RECEIVED,
  PROP_N_BEATS_SENT,
  PROP_N_BEATS_ANSWERED,
  PROP_N_BEATS_MISSED,
  PROP_ROUND_TRIP,
  PROP_SMOOTHED,
  PROP_STATE,
  PROP_REASON_CODE,
  PROP_N_MISSED,
  PROP_MAX_MISSED,
  PROP_N_RECONNECTS,
  PROP_ATTEMPT,
  PROP_SPAN,
  PROP_PAUSED,
  PROP_LIMITS_ENFORCED,
  PROP_NAME,
  PROP_URI,
  PROP_REASON,
  PROP_ATTACHED,
  PROP_BEATS,
  PROP_DETAILS,
  PROP_JOURNAL,
  PROP_FRAMES,
  PROP_PAYLOAD_CAPTURE,
} WsiConnectionProperty;

#define PROP_LAST_FIGURE PROP_SPAN
#define PROP_LAST_ONE PROP_PAYLOAD_CAPTURE

/* Where in the figures a property stands, and how wide it is. */
typedef struct
{
  const char *name;
  GType type;
  guint8 offset;
  guint8 size;
} WsiFigure;

/* By property, from 1. */
extern const WsiFigure wsi_figure_table[PROP_LAST_FIGURE + 1];

void wsi_connection_notify        (WsiConnection         *self,
                                   WsiConnectionProperty  prop_id);
void wsi_connection_store_figures (WsiConnection         *self,
                                   const WsiFigures      *figures);

G_END_DECLS
