/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "top-selection.h"

#include <stdlib.h>
#include <string.h>

#include "row.h"

/* What is there of the programs that were asked for. */

static gboolean
wsm_cli_top_selection_contains (const char *text,
                                const char *wanted)
{
  g_autofree char *folded_text = text != NULL ? g_utf8_casefold (text, -1) : NULL;
  g_autofree char *folded_wanted = g_utf8_casefold (wanted, -1);

  return folded_text != NULL && strstr (folded_text, folded_wanted) != NULL;
}

static gboolean
wsm_cli_top_selection_is_called (WsiSource  *source,
                                 const char *wanted)
{
  g_autofree char *pid = g_strdup_printf ("%u", wsi_source_get_pid (source));

  return g_str_equal (pid, wanted) ||
         wsm_cli_top_selection_contains (wsi_source_get_title (source), wanted) ||
         wsm_cli_top_selection_contains (wsi_source_get_application_id (source), wanted);
}

static int
wsm_cli_top_selection_compare_ms (const void *first,
                                  const void *second)
{
  double difference = *(const double *) first - *(const double *) second;

  return difference < 0.0 ? -1 : difference > 0.0;
}

/* The program keeps the distribution of all round trips; the last ones are here. */
static void
wsm_cli_top_selection_read_beats (WsmCliRow *row,
                                  WsiBeats  *beats)
{
  double answered[WSI_BEATS_CAPACITY];
  guint n_answered = 0;

  for (guint i = 0; i < wsi_beats_get_n (beats) && n_answered < WSI_BEATS_CAPACITY; i++)
    {
      if (wsi_beats_get (beats, i) >= 0.0)
        answered[n_answered++] = wsi_beats_get (beats, i);
    }
  if (n_answered == 0)
    return;

  qsort (answered, n_answered, sizeof answered[0], wsm_cli_top_selection_compare_ms);
  row->median = answered[(n_answered - 1) / 2];
  row->p95 = answered[(n_answered * 95 + 99) / 100 - 1];
}

static WsmCliRow *
wsm_cli_top_selection_make_row (WsiConnection *connection)
{
  WsmCliRow *row = g_new0 (WsmCliRow, 1);

  row->name = g_strdup (wsi_connection_get_name (connection));
  row->state = wsi_connection_get_state (connection);
  row->last = wsi_connection_get_round_trip (connection);
  row->median = -1.0;
  row->p95 = -1.0;
  wsm_cli_top_selection_read_beats (row, wsi_connection_get_beats (connection));
  row->n_beats_answered = wsi_connection_get_n_beats_answered (connection);
  row->n_beats_sent = wsi_connection_get_n_beats_sent (connection);
  row->n_missed = wsi_connection_get_n_missed (connection);
  row->max_missed = wsi_connection_get_max_missed (connection);
  row->next_at_us = wsi_connection_get_next_at (connection);
  row->reason = g_strdup (wsi_connection_get_reason (connection));
  row->n_reconnects = wsi_connection_get_n_reconnects (connection);
  row->attempt = wsi_connection_get_attempt (connection);

  return row;
}

static WsmCliGroup *
wsm_cli_top_selection_make_group (WsiSource *source)
{
  GListModel *connections = wsi_source_get_connections (source);
  g_autofree char *title = wsm_cli_top_selection_format_title (source);
  g_autofree char *gone = NULL;
  WsmCliGroup *group;

  /* What they were when it went is not what they are. */
  if (!wsi_source_get_attached (source))
    {
      gone = g_strconcat (title, ", gone", NULL);
      return wsm_cli_group_new (gone);
    }

  group = wsm_cli_group_new (title);
  for (guint i = 0; i < g_list_model_get_n_items (connections); i++)
    {
      g_autoptr (WsiConnection) connection = g_list_model_get_item (connections, i);

      g_ptr_array_add (group->rows, wsm_cli_top_selection_make_row (connection));
    }

  return group;
}

/* By the rows, as they are shown: what the program counts is told at another time. */
static gboolean
wsm_cli_top_selection_is_open (WsiSource *source)
{
  GListModel *connections = wsi_source_get_connections (source);

  if (wsi_source_get_loading (source))
    return FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (connections); i++)
    {
      g_autoptr (WsiConnection) connection = g_list_model_get_item (connections, i);

      if (wsi_connection_get_state (connection) != WSI_STATE_OPEN)
        return FALSE;
    }

  return TRUE;
}

/**
 * wsm_cli_top_selection_has:
 * @self: a selection
 * @source: a program
 *
 * Tells whether a program was asked for: by a part of its name or application id, or by its
 * process id.
 *
 * Returns: `TRUE` if so
 */
gboolean
wsm_cli_top_selection_has (WsmCliTopSelection *self,
                           WsiSource          *source)
{
  if (self->programs == NULL)
    return TRUE;

  for (gsize i = 0; self->programs[i] != NULL; i++)
    {
      if (wsm_cli_top_selection_is_called (source, self->programs[i]))
        return TRUE;
    }

  return FALSE;
}

/**
 * wsm_cli_top_selection_has_attached:
 * @self: a selection
 *
 * Tells whether there is anything to tell of.
 *
 * Returns: `TRUE` if so
 */
gboolean
wsm_cli_top_selection_has_attached (WsmCliTopSelection *self)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->hub)); i++)
    {
      g_autoptr (WsiSource) source = g_list_model_get_item (G_LIST_MODEL (self->hub), i);

      if (wsi_source_get_attached (source) && wsm_cli_top_selection_has (self, source))
        return TRUE;
    }

  return FALSE;
}

/**
 * wsm_cli_top_selection_is_fine:
 * @self: a selection
 *
 * Tells whether a program is attached, and all connections of all of them are open.
 *
 * Returns: `TRUE` if so
 */
gboolean
wsm_cli_top_selection_is_fine (WsmCliTopSelection *self)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->hub)); i++)
    {
      g_autoptr (WsiSource) source = g_list_model_get_item (G_LIST_MODEL (self->hub), i);

      if (wsi_source_get_attached (source) && wsm_cli_top_selection_has (self, source) &&
          !wsm_cli_top_selection_is_open (source))
        return FALSE;
    }

  return wsm_cli_top_selection_has_attached (self);
}

/**
 * wsm_cli_top_selection_list_groups:
 * @self: a selection
 *
 * Writes down what is known of the connections of each program now.
 *
 * Returns: (transfer full) (element-type WsmCliGroup): a group for each program
 */
GPtrArray *
wsm_cli_top_selection_list_groups (WsmCliTopSelection *self)
{
  GPtrArray *groups = wsm_cli_group_list_new ();

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->hub)); i++)
    {
      g_autoptr (WsiSource) source = g_list_model_get_item (G_LIST_MODEL (self->hub), i);

      if (wsm_cli_top_selection_has (self, source))
        g_ptr_array_add (groups, wsm_cli_top_selection_make_group (source));
    }

  return groups;
}

/**
 * wsm_cli_top_selection_format_title:
 * @source: a program
 *
 * Writes which program it is.
 *
 * Returns: (transfer full): its name and process id
 */
char *
wsm_cli_top_selection_format_title (WsiSource *source)
{
  guint pid = wsi_source_get_pid (source);

  if (pid == 0)
    return g_strdup (wsi_source_get_title (source));

  return g_strdup_printf ("%s (%u)", wsi_source_get_title (source), pid);
}
