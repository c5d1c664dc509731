/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "wsi-frame.h"

G_BEGIN_DECLS

/* The payload of one frame as text, as JSON or as bytes. Signals: capture (), when a person wants
 * payloads captured from now on; close (), when it is not wanted any more. */
#define WSI_TYPE_PAYLOAD_VIEW (wsi_payload_view_get_type ())

G_DECLARE_FINAL_TYPE (WsiPayloadView, wsi_payload_view, WSI, PAYLOAD_VIEW, GtkWidget)

void        wsi_payload_view_set_frame    (WsiPayloadView *self,
                                           WsiFrame       *frame);
/* What is said where nothing was captured, and whether it can be. */
void        wsi_payload_view_set_hint     (WsiPayloadView *self,
                                           const char     *hint,
                                           gboolean        can_capture);
/* What is seen: of the payload in the chosen view, or of why there is none. */
char       *wsi_payload_view_dup_text     (WsiPayloadView *self) G_GNUC_WARN_UNUSED_RESULT;
/* "text", "json" or "hex". */
const char *wsi_payload_view_get_visible  (WsiPayloadView *self);
void        wsi_payload_view_set_visible  (WsiPayloadView *self,
                                           const char     *visible);

G_END_DECLS
