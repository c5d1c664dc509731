/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsm-exporter-rows.h"
#include "wsm-exporter-watch.h"

G_BEGIN_DECLS

/* What can be called, by an inspector that nobody trusts. GDBus has compared the types with the
 * description; the values are checked here. */

/* Answers a call; the invocation is taken. */
void wsm_exporter_answer_pool    (const WsmExhibit      *exhibit,
                                  WsmExporterWatch      *watch,
                                  GDBusMethodInvocation *invocation);
void wsm_exporter_answer_control (const WsmExhibit      *exhibit,
                                  GDBusMethodInvocation *invocation);

/* The connection, or NULL after answering that there is none. */
WsmConnection *wsm_exporter_find_row (const WsmExhibit      *exhibit,
                                      GDBusMethodInvocation *invocation,
                                      guint64                id);

G_END_DECLS
