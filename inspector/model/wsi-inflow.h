/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What comes from the other side and is not looked at yet; counted in two threads. */
typedef struct _WsiInflow WsiInflow;

WsiInflow *wsi_inflow_new         (void) G_GNUC_WARN_UNUSED_RESULT;
WsiInflow *wsi_inflow_ref         (WsiInflow       *self) G_GNUC_WARN_UNUSED_RESULT;
void       wsi_inflow_unref       (WsiInflow       *self);

guint      wsi_inflow_guard       (WsiInflow       *self,
                                   GDBusConnection *bus,
                                   const char      *interface_name,
                                   const char      *object_path);
void       wsi_inflow_take        (WsiInflow       *self,
                                   GVariant        *parameters);
gboolean   wsi_inflow_is_too_much (WsiInflow       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsiInflow, wsi_inflow_unref)

G_END_DECLS
