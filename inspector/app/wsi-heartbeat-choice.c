/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-heartbeat-choice.h"

#include <glib/gi18n-lib.h>

#include "wsi-format.h"

/* The heartbeats that a person chooses from. */

typedef struct
{
  const char *label;
  WsmHeartbeatMode mode;
  guint interval_ms;
  guint timeout_ms;
} WsiHeartbeatChoiceFacts;

/* In the order of the enumeration. */
static const WsiHeartbeatChoiceFacts facts[] =
{
  { N_("Default: Ping Every 25 s"), WSM_HEARTBEAT_MODE_PING, 25000, 10000 },
  { N_("Fast: Ping Every 5 s"), WSM_HEARTBEAT_MODE_PING, 5000, 3000 },
  { N_("Slow: Ping Every 60 s"), WSM_HEARTBEAT_MODE_PING, 60000, 20000 },
  { N_("Text Message “ping” Every 25 s"), WSM_HEARTBEAT_MODE_TEXT, 25000, 10000 },
  { N_("Passive: Only Listen, for 60 s"), WSM_HEARTBEAT_MODE_PASSIVE, 60000, 20000 },
  { N_("Off"), WSM_HEARTBEAT_MODE_OFF, 25000, 10000 },
  { N_("Custom"), WSM_HEARTBEAT_MODE_PING, 25000, 10000 },
};

G_STATIC_ASSERT (G_N_ELEMENTS (facts) == WSI_N_HEARTBEAT_CHOICES);

const char *
wsi_heartbeat_choice_get_label (WsiHeartbeatChoice choice)
{
  return _(facts[choice].label);
}

/* Beats are wanted on a busy connection too, for who watches wants to see round trips. */
WsmHeartbeat *
wsi_heartbeat_choice_make (WsiHeartbeatChoice choice)
{
  const WsiHeartbeatChoiceFacts *chosen = &facts[choice];

  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "mode", chosen->mode,
                       "interval", chosen->interval_ms,
                       "timeout", chosen->timeout_ms,
                       "payload", chosen->mode == WSM_HEARTBEAT_MODE_TEXT ? "ping" : NULL,
                       "idle-only", FALSE,
                       NULL);
}

WsmHeartbeat *
wsi_heartbeat_choice_customise (guint interval_ms,
                                guint timeout_ms,
                                guint max_missed)
{
  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "interval", interval_ms,
                       "timeout", timeout_ms,
                       "max-missed", max_missed,
                       "idle-only", FALSE,
                       NULL);
}

char *
wsi_heartbeat_choice_describe (WsmHeartbeat *heartbeat)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *duration = NULL;
  guint worst_ms;

  if (!wsm_heartbeat_validate (heartbeat, &error))
    return g_strdup (error->message);

  worst_ms = wsm_heartbeat_worst_case_detection (heartbeat);
  if (worst_ms == 0)
    return g_strdup (_("A dead peer is never noticed."));

  duration = wsi_format_duration (worst_ms * G_GINT64_CONSTANT (1000));

  /* Translators: %s is a duration, such as “45 s” */
  return g_strdup_printf (_("A dead peer is noticed within %s."), duration);
}
