/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "inspector-client.h"
#include "test-world.h"

G_BEGIN_DECLS

/* A pool on a test clock and a test network, an exporter that shows it, and an inspector that
 * looks: the fixture of the tests of the window. */
typedef struct
{
  WsmTestWorld *world;        /* (owned) */
  WsmExporter *exporter;      /* (owned) */
  InspectorClient *inspector; /* (owned) */
} Exhibition;

/* The arguments of Changed. */
#define EXHIBITION_FIGURES 2
#define EXHIBITION_REASONS 3
#define EXHIBITION_ADDED 4
#define EXHIBITION_REMOVED 5

void      exhibition_set_up              (Exhibition    *exhibition,
                                          gconstpointer  data);
void      exhibition_set_up_with_control (Exhibition    *exhibition,
                                          gconstpointer  data);
void      exhibition_tear_down           (Exhibition    *exhibition,
                                          gconstpointer  data);

void      exhibition_watch               (Exhibition    *exhibition,
                                          guint          interval,
                                          guint64        first,
                                          guint          count);
void      exhibition_follow              (Exhibition    *exhibition,
                                          guint64        id,
                                          gboolean       frames,
                                          guint          payload);
void      exhibition_run_ms              (Exhibition    *exhibition,
                                          gint64         duration_ms);

/* The ids of rows in the oldest Changed, as text, for one of its arguments. */
char     *exhibition_take_ids            (Exhibition    *exhibition,
                                          guint          argument) G_GNUC_WARN_UNUSED_RESULT;
void      exhibition_forget_signals      (Exhibition    *exhibition);

/* What GetConnections gives of one. */
GVariant *exhibition_get_row             (Exhibition    *exhibition,
                                          WsmConnection *connection) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
