/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-receipts.h"
#include "wsm-transport.h"

G_BEGIN_DECLS

/* The messages of one connection on their way to its transport. */
typedef struct _WsmOutbox WsmOutbox;

/* So much is handed to a transport before it has to say that it is drained; a larger message
 * goes alone. */
#define WSM_OUTBOX_HAND_OVER_MAX (64 * 1024)

/* The layer below counts the bytes of a frame in 32 bits, and doubles the memory for them as it
 * goes. */
#define WSM_OUTBOX_MESSAGE_MAX (1 << 30)

WsmOutbox *wsm_outbox_new             (void) G_GNUC_WARN_UNUSED_RESULT;
void       wsm_outbox_free            (WsmOutbox              *self);

void       wsm_outbox_push            (WsmOutbox              *self,
                                       SoupWebsocketDataType   type,
                                       GBytes                 *bytes);
void       wsm_outbox_push_greeting   (WsmOutbox              *self,
                                       GBytes                 *text);

guint      wsm_outbox_feed            (WsmOutbox              *self,
                                       WsmTransport           *transport,
                                       guint64                *n_bytes);
void       wsm_outbox_drained         (WsmOutbox              *self,
                                       WsmTransport           *transport);
void       wsm_outbox_pinged          (WsmOutbox              *self);
void       wsm_outbox_ping_answered   (WsmOutbox              *self);
void       wsm_outbox_close_answered  (WsmOutbox              *self);
void       wsm_outbox_lose_transport  (WsmOutbox              *self,
                                       WsmTransport           *transport);
WsmTally   wsm_outbox_take_unconfirmed (WsmOutbox             *self);
guint      wsm_outbox_clear           (WsmOutbox              *self,
                                       guint64                *n_bytes);

guint64    wsm_outbox_count_room      (gsize                   n_bytes);
guint64    wsm_outbox_get_room        (WsmOutbox              *self);
gboolean   wsm_outbox_is_idle         (WsmOutbox              *self);
guint      wsm_outbox_get_n_queued    (WsmOutbox              *self);
guint64    wsm_outbox_get_queued      (WsmOutbox              *self);
guint64    wsm_outbox_get_handed_over (WsmOutbox              *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmOutbox, wsm_outbox_free)

G_END_DECLS
