/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-heartbeat.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* The longest automatic coalescing window, and its share of the interval. */
#define WSM_COALESCE_MAX_MS 250
#define WSM_COALESCE_SHARE 20

/* The longest beat, and the longest message that is looked at for a reply, in bytes. */
#define WSM_HEARTBEAT_MAX_PAYLOAD (64 * 1024)

/* How a message from the peer relates to the text or binary beats of a heartbeat. */
typedef enum
{
  WSM_REPLY_FOREIGN, /* a message of the app */
  WSM_REPLY_LATE,    /* answers an earlier beat */
  WSM_REPLY_CURRENT, /* answers the beat with the given sequence number */
} WsmReply;

gboolean              wsm_heartbeat_sends            (WsmHeartbeat           *self);
gboolean              wsm_heartbeat_expects_reply    (WsmHeartbeat           *self);
guint                 wsm_heartbeat_get_coalesce     (WsmHeartbeat           *self);
GBytes               *wsm_heartbeat_dup_payload      (WsmHeartbeat           *self,
                                                      guint64                 sequence) G_GNUC_WARN_UNUSED_RESULT;
WsmReply              wsm_heartbeat_match_reply      (WsmHeartbeat           *self,
                                                      SoupWebsocketDataType   type,
                                                      GBytes                 *message,
                                                      guint64                 sequence);

G_END_DECLS
