/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsm-exporter-rows.h"

G_BEGIN_DECLS

/* One inspector that looks into a pool: its connection, its calls, what it watches. */
typedef struct _WsmExporterClient WsmExporterClient;

#define WSM_EXPORTER_POOL_PATH "/io/github/wsmulti/Pool1"
#define WSM_EXPORTER_POOL_INTERFACE "io.github.wsmulti.Pool1"
#define WSM_EXPORTER_CONTROL_INTERFACE "io.github.wsmulti.Pool1.Control"

/* What the exporter hears of it; not from inside a call to it. */
typedef struct
{
  void (*ready) (WsmExporterClient *client,
                 gpointer           owner);
  void (*ended) (WsmExporterClient *client,
                 gpointer           owner);
} WsmExporterClientOwner;

WsmExporterClient *wsm_exporter_client_new          (const WsmExhibit             *exhibit,
                                                     GIOStream                    *stream,
                                                     const WsmExporterClientOwner *funcs,
                                                     gpointer                      owner) G_GNUC_WARN_UNUSED_RESULT;
void               wsm_exporter_client_close        (WsmExporterClient            *self);
void               wsm_exporter_client_unref        (WsmExporterClient            *self);
gboolean           wsm_exporter_client_is_ready     (WsmExporterClient            *self);

/* From the pool. */
void               wsm_exporter_client_note_added   (WsmExporterClient            *self,
                                                     WsmConnection                *connection);
void               wsm_exporter_client_note_removed (WsmExporterClient            *self,
                                                     WsmConnection                *connection,
                                                     guint64                       id);
void               wsm_exporter_client_note_changed (WsmExporterClient            *self,
                                                     WsmConnection                *connection,
                                                     WsmChange                     change);
void               wsm_exporter_client_note_frame   (WsmExporterClient            *self,
                                                     WsmConnection                *connection,
                                                     const WsmFrame               *frame);

G_END_DECLS
