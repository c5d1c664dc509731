/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsi-faults.h"

G_BEGIN_DECLS

/* One line: what stands between a socket and who uses it. */
#define WSI_TYPE_FAULT_RELAY (wsi_fault_relay_get_type ())

G_DECLARE_FINAL_TYPE (WsiFaultRelay, wsi_fault_relay, WSI, FAULT_RELAY, GObject)

WsiFaultRelay *wsi_fault_relay_new         (GSocketConnection  *outside,
                                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* Begins; the end for the user is returned. The relay lives until both ends have closed. */
GIOStream     *wsi_fault_relay_open        (WsiFaultRelay      *self) G_GNUC_WARN_UNUSED_RESULT;

/* The relay behind such an end, or NULL. */
WsiFaultRelay *wsi_fault_relay_from_stream (GIOStream          *stream);

void           wsi_fault_relay_set_faults  (WsiFaultRelay      *self,
                                            WsiFaults          *faults);

G_END_DECLS
