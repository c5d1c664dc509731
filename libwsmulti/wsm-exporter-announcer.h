/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsm-exporter-rows.h"

G_BEGIN_DECLS

/* Looks for inspectors on the session bus, and hands each of them a stream to the pool. */
typedef struct _WsmExporterAnnouncer WsmExporterAnnouncer;

/* Returns: (transfer full) (nullable): an inspector's end of a new stream */
typedef GIOStream *(*WsmExporterAnnouncerFunc) (gpointer owner);

WsmExporterAnnouncer *wsm_exporter_announcer_new  (const WsmExhibit         *exhibit,
                                                   WsmExporterAnnouncerFunc  func,
                                                   gpointer                  owner) G_GNUC_WARN_UNUSED_RESULT;
void                  wsm_exporter_announcer_stop (WsmExporterAnnouncer     *self);

G_END_DECLS
