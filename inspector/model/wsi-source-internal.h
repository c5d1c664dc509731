/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-source-private.h"

G_BEGIN_DECLS

struct _WsiSource
{
  GObject parent_instance;

  WsiSourceKind kind;
  char *title;          /* (owned) */
  char *icon_name;      /* (owned) (nullable) */
  char *application_id; /* (owned) (nullable) */
  char *error;          /* (owned) (nullable) */
  guint pid;
  guint pool; /* which one of its program, from 1 */
  guint payload_capture;
  guint counts[WSI_SOURCE_N_COUNTS]; /* all, open, late, waiting, failed */
  gboolean attached;
  gboolean loading;
  gboolean can_control;

  gint64 offset_us;   /* from the clock of the pool to ours */
  gint64 ended_at_us; /* when it was last heard of; 0 = it is still heard of */

  WsiTable *connections;   /* (owned) */
  WsiConnection *followed; /* (owned) (nullable) */

  WsiLink *link; /* (owned) (nullable) */
  guint interval_ms;
  guint position;
  guint n_rows;
  GVariant *watched_ids; /* (owned) (nullable): at; not those, but these */
};

/* The counts stand in the order of the protocol. */
typedef enum
{
  PROP_N_CONNECTIONS = 1,
  PROP_N_OPEN,
  PROP_N_LATE,
  PROP_N_WAITING,
  PROP_N_FAILED,
  PROP_KIND,
  PROP_TITLE,
  PROP_ICON_NAME,
  PROP_APPLICATION_ID,
  PROP_PID,
  PROP_ATTACHED,
  PROP_LOADING,
  PROP_CAN_CONTROL,
  PROP_PAYLOAD_CAPTURE,
  PROP_CONNECTIONS,
  PROP_FOLLOWED,
  PROP_ERROR,
} WsiSourceProperty;

#define PROP_LAST_COUNT PROP_N_FAILED
#define PROP_LAST_ONE PROP_ERROR

void wsi_source_notify        (WsiSource          *self,
                               WsiSourceProperty   prop_id);
void wsi_source_update_window (WsiSource          *self);
void wsi_source_set_text      (WsiSource          *self,
                               char              **field,
                               const char         *text,
                               WsiSourceProperty   prop_id);
void wsi_source_apply_about   (WsiSource          *self,
                               GVariant           *about);

G_END_DECLS
