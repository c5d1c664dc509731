/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "row.h"

/* What a table knows of a connection. */

/* In ms; a dead peer makes no round trips. */
#define NO_ROUND_TRIP -1.0

static void
wsm_cli_row_read_beats (WsmCliRow     *self,
                        WsmConnection *connection)
{
  WsmLatency *latency = wsm_connection_get_latency (connection);
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (connection);
  gboolean has_any = wsm_latency_get_count (latency) > 0;

  self->last = has_any ? wsm_latency_get_last (latency) : NO_ROUND_TRIP;
  self->median = has_any ? wsm_latency_get_p50 (latency) : NO_ROUND_TRIP;
  self->p95 = has_any ? wsm_latency_get_p95 (latency) : NO_ROUND_TRIP;
  self->n_beats_answered = wsm_connection_get_n_beats_answered (connection);
  self->n_beats_sent = wsm_connection_get_n_beats_sent (connection);
  self->n_missed = wsm_connection_get_n_missed (connection);
  if (wsm_heartbeat_worst_case_detection (heartbeat) > 0)
    self->max_missed = wsm_heartbeat_get_max_missed (heartbeat);
}

/**
 * wsm_cli_row_new_for_connection:
 * @connection: a connection
 *
 * Writes down what is known of a connection now.
 *
 * Returns: (transfer full): a row
 */
WsmCliRow *
wsm_cli_row_new_for_connection (WsmConnection *connection)
{
  WsmCliRow *self = g_new0 (WsmCliRow, 1);
  const WsmReason *reason = wsm_connection_get_reason (connection);

  self->name = g_strdup (wsm_connection_get_name (connection));
  /* The protocol counts from 1, so that it has an unknown state. */
  self->state = (WsiState) (wsm_connection_get_state (connection) + 1);
  wsm_cli_row_read_beats (self, connection);
  if (wsm_cli_row_is_connected (self))
    self->next_at_us = wsm_connection_get_next_beat_at (connection);
  else
    self->next_at_us = wsm_connection_get_next_retry_at (connection);
  if (wsm_reason_get_code (reason) != WSM_REASON_CODE_NONE)
    self->reason = wsm_reason_to_string (reason);
  self->n_reconnects = wsm_connection_get_n_reconnects (connection);
  self->attempt = wsm_reason_get_attempt (reason);

  return self;
}

/**
 * wsm_cli_row_free:
 * @self: (transfer full): a row
 *
 * Frees a row.
 */
void
wsm_cli_row_free (WsmCliRow *self)
{
  g_free (self->name);
  g_free (self->reason);
  g_free (self);
}

/**
 * wsm_cli_row_is_connected:
 * @self: a row
 *
 * Tells whether it has a socket on which beats can go.
 *
 * Returns: `TRUE` if so
 */
gboolean
wsm_cli_row_is_connected (WsmCliRow *self)
{
  return self->state == WSI_STATE_OPEN || self->state == WSI_STATE_SUSPECT;
}

/**
 * wsm_cli_group_new:
 * @title: (nullable): what stands above its rows
 *
 * Makes a group without rows.
 *
 * Returns: (transfer full): a group
 */
WsmCliGroup *
wsm_cli_group_new (const char *title)
{
  WsmCliGroup *self = g_new0 (WsmCliGroup, 1);

  self->title = g_strdup (title);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) wsm_cli_row_free);

  return self;
}

/**
 * wsm_cli_group_free:
 * @self: (transfer full): a group
 *
 * Frees a group and its rows.
 */
void
wsm_cli_group_free (WsmCliGroup *self)
{
  g_free (self->title);
  g_ptr_array_unref (self->rows);
  g_free (self);
}

/**
 * wsm_cli_group_list_new:
 *
 * Makes a list that frees what is in it.
 *
 * Returns: (transfer full) (element-type WsmCliGroup): no groups
 */
GPtrArray *
wsm_cli_group_list_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) wsm_cli_group_free);
}

/**
 * wsm_cli_group_list_connections:
 * @connections: (element-type WsmConnection): connections, of a pool for instance
 *
 * Writes down what is known of connections now, as one group without a title.
 *
 * Returns: (transfer full) (element-type WsmCliGroup): that group
 */
GPtrArray *
wsm_cli_group_list_connections (GListModel *connections)
{
  GPtrArray *groups = wsm_cli_group_list_new ();
  WsmCliGroup *group = wsm_cli_group_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (connections); i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (connections, i);

      g_ptr_array_add (group->rows, wsm_cli_row_new_for_connection (connection));
    }
  g_ptr_array_add (groups, group);

  return groups;
}
