/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

G_BEGIN_DECLS

/* The heartbeats that a person chooses from. */
typedef enum
{
  WSI_HEARTBEAT_CHOICE_DEFAULT,
  WSI_HEARTBEAT_CHOICE_FAST,
  WSI_HEARTBEAT_CHOICE_SLOW,
  WSI_HEARTBEAT_CHOICE_TEXT,
  WSI_HEARTBEAT_CHOICE_PASSIVE,
  WSI_HEARTBEAT_CHOICE_OFF,
  WSI_HEARTBEAT_CHOICE_CUSTOM,
  WSI_N_HEARTBEAT_CHOICES,
} WsiHeartbeatChoice;

const char   *wsi_heartbeat_choice_get_label (WsiHeartbeatChoice choice);
/* Not for WSI_HEARTBEAT_CHOICE_CUSTOM. */
WsmHeartbeat *wsi_heartbeat_choice_make      (WsiHeartbeatChoice choice) G_GNUC_WARN_UNUSED_RESULT;
WsmHeartbeat *wsi_heartbeat_choice_customise (guint              interval_ms,
                                              guint              timeout_ms,
                                              guint              max_missed) G_GNUC_WARN_UNUSED_RESULT;
/* Translated: how late the end of a peer may be noticed. */
char         *wsi_heartbeat_choice_describe  (WsmHeartbeat      *heartbeat) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
