/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "top-table.h"

#include <glib/gi18n-lib.h>

#include "cells.h"
#include "screen.h"
/**
 * WsmCliTopTable:
 *
 * The table of other programs on a terminal.
 */
struct _WsmCliTopTable
{
  WsmCliTopReport parent_instance;

  WsmCliScreen *screen; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (WsmCliTopTable, wsm_cli_top_table, WSM_CLI_TYPE_TOP_REPORT)

/* Instead of a table: what to do to get one. */
static char *
wsm_cli_top_table_explain (WsmCliTopSelection *selection,
                           const WsmCliView   *view)
{
  guint n_others = g_list_model_get_n_items (G_LIST_MODEL (selection->hub));
  g_autofree char *others = NULL;
  const char *lines[] =
  {
    _("Nobody is attached yet."),
    _("Start a program that uses libwsmulti with WSMULTI_INSPECT=1."),
  };
  GString *text = g_string_new (NULL);

  if (n_others > 0)
    {
      others = g_strdup_printf (ngettext ("None of the programs asked for is attached yet; "
                                          "%u other is.",
                                          "None of the programs asked for is attached yet; "
                                          "%u others are.",
                                          n_others),
                                n_others);
      lines[0] = others;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (lines) && (view->n_rows == 0 || i < view->n_rows); i++)
    {
      g_autofree char *line = g_strdup (lines[i]);

      if (view->n_columns > 0 && wsm_cli_cells_count (line) > view->n_columns)
        {
          g_free (line);
          line = wsm_cli_cells_fit (lines[i], view->n_columns, WSM_CLI_FIT_LEFT,
                                    view->unicode ? "…" : "..");
        }
      g_string_append_printf (text, "%s\n", line);
    }

  return g_string_free (text, FALSE);
}

static char *
wsm_cli_top_table_format_cb (const WsmCliView *view,
                             gpointer          user_data)
{
  return wsm_cli_top_table_format (wsm_cli_top_report_get_selection (user_data), view);
}

static gboolean
wsm_cli_top_table_is_clear_cb (gpointer user_data)
{
  return wsm_cli_report_is_clear (user_data);
}

static void
wsm_cli_top_table_write_cb (const char *output,
                            gpointer    user_data)
{
  wsm_cli_report_write (user_data, output);
}

static const WsmCliScreenSubject top_table_subject =
{
  .format = wsm_cli_top_table_format_cb,
  .is_clear = wsm_cli_top_table_is_clear_cb,
  .write = wsm_cli_top_table_write_cb,
};

static void
wsm_cli_top_table_finish (WsmCliReport *report)
{
  wsm_cli_screen_finish (WSM_CLI_TOP_TABLE (report)->screen);
}

static void
wsm_cli_top_table_dispose (GObject *object)
{
  WsmCliTopTable *self = WSM_CLI_TOP_TABLE (object);

  g_clear_pointer (&self->screen, wsm_cli_screen_free);

  G_OBJECT_CLASS (wsm_cli_top_table_parent_class)->dispose (object);
}

static void
wsm_cli_top_table_class_init (WsmCliTopTableClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  WsmCliReportClass *report_class = WSM_CLI_REPORT_CLASS (klass);

  object_class->dispose = wsm_cli_top_table_dispose;
  report_class->finish = wsm_cli_top_table_finish;
}

static void
wsm_cli_top_table_init (WsmCliTopTable *self)
{
}

/**
 * wsm_cli_top_table_new:
 * @selection: what to tell of
 * @started_us: since when, in microseconds of monotonic time
 *
 * Makes a table that follows other programs.
 *
 * Returns: (transfer full): a report
 */
WsmCliReport *
wsm_cli_top_table_new (WsmCliTopSelection *selection,
                       gint64              started_us)
{
  WsmCliTopTable *self = g_object_new (WSM_CLI_TYPE_TOP_TABLE, "selection", selection, NULL);

  self->screen = wsm_cli_screen_new (&top_table_subject, started_us, self);

  return WSM_CLI_REPORT (self);
}

/**
 * wsm_cli_top_table_format:
 * @selection: what to tell of
 * @view: how to look at it
 *
 * Writes what there is to know of other programs at one moment, or how to get them here.
 *
 * Returns: (transfer full): lines, none of them wider and no more of them than the view
 */
char *
wsm_cli_top_table_format (WsmCliTopSelection *selection,
                          const WsmCliView   *view)
{
  g_autoptr (GPtrArray) groups = wsm_cli_top_selection_list_groups (selection);

  if (groups->len == 0)
    return wsm_cli_top_table_explain (selection, view);

  return wsm_cli_table_format (groups, view);
}
