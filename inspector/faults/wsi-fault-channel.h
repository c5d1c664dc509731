/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One direction of a line. */
typedef struct _WsiFaultChannel WsiFaultChannel;

/* Appends what is to be passed on of what was read. */
typedef void (*WsiFaultFilterFunc)  (const guint8 *data,
                                     gsize         length,
                                     GByteArray   *passed,
                                     gpointer      user_data);
/* Nothing more will come of it. */
typedef void (*WsiFaultEndedFunc)   (gpointer      user_data);

WsiFaultChannel *wsi_fault_channel_new       (GSocket            *from,
                                              GSocket            *to,
                                              WsiFaultFilterFunc  filter,
                                              WsiFaultEndedFunc   ended,
                                              gpointer            user_data) G_GNUC_WARN_UNUSED_RESULT;
void             wsi_fault_channel_free      (WsiFaultChannel    *self);

void             wsi_fault_channel_set_stuck (WsiFaultChannel    *self,
                                              gboolean            stuck);
void             wsi_fault_channel_set_delay (WsiFaultChannel    *self,
                                              guint               delay_ms);
void             wsi_fault_channel_flush     (WsiFaultChannel    *self);
gboolean         wsi_fault_channel_has_ended (WsiFaultChannel    *self);

G_END_DECLS
