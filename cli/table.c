/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "table.h"

#include <string.h>

#include "cells.h"
#include "columns.h"

/*
 * The table: rows, a time and a width in, text out.
 *
 * Widths never depend on a countdown or a state, so that nothing moves sideways while the table
 * is redrawn. Where the width does not do, the reason moves below its connection, then columns
 * go, the least important first, and at last the names are cut.
 */

#define GAP 2
#define MARGIN_OF_REASON 14 /* below a connection: where the names begin */

/* A reason in less room than this is better read below. */
#define MIN_REASON_CELLS 60
/* In less than this it is not worth to be shown at all. */
#define MIN_CUT_REASON_CELLS 16
#define MAX_NAME_CELLS 40
/* Names get at least as much before other columns do. */
#define MIN_NAME_CELLS 12

#define SGR_DIM "2"
#define SGR_BOLD "1"

/* The lines above the connections. */
#define N_HEAD_LINES 2

typedef struct
{
  const WsmCliView *view; /* (unowned) */
  GPtrArray *groups;      /* (unowned) (element-type WsmCliGroup) */
  GPtrArray *rows;        /* (owned) (element-type WsmCliRow): of all groups */
  GPtrArray *cells;       /* (owned) (element-type utf8): WSM_CLI_N_COLUMNS for each row */
  char *place;            /* (owned) (nullable): what the names begin with, told once instead */

  guint widths[WSM_CLI_N_COLUMNS]; /* 0 = not shown */
  guint n_titles;
  guint n_lines; /* of titles and rows together; reasons below not counted */
  gboolean has_reason_below;
  GString *text; /* (owned) */
} WsmCliTable;

static const WsmCliColumnId drop_order[] =
{
  WSM_CLI_COLUMN_P95,
  WSM_CLI_COLUMN_MEDIAN,
  WSM_CLI_COLUMN_BEATS,
  WSM_CLI_COLUMN_MISSED,
  WSM_CLI_COLUMN_LAST,
  WSM_CLI_COLUMN_NEXT,
};

static const char *
wsm_cli_table_get_cell (WsmCliTable    *self,
                        guint           row,
                        WsmCliColumnId  column)
{
  return g_ptr_array_index (self->cells, row * WSM_CLI_N_COLUMNS + column);
}

/* Names that are URIs of one server begin alike. That is told once, above the table. */
static gsize
wsm_cli_table_get_place_length (const char *name)
{
  const char *authority = strstr (name, "://");
  const char *path;

  if (authority == NULL)
    return 0;

  path = strchr (authority + strlen ("://"), '/');

  return path != NULL ? (gsize) (path - name) : 0;
}

static void
wsm_cli_table_find_place (WsmCliTable *self)
{
  const char *first;
  gsize length;

  if (self->rows->len < 2)
    return;

  first = ((WsmCliRow *) g_ptr_array_index (self->rows, 0))->name;
  length = wsm_cli_table_get_place_length (first);
  if (length == 0)
    return;

  for (guint i = 1; i < self->rows->len; i++)
    {
      const char *name = ((WsmCliRow *) g_ptr_array_index (self->rows, i))->name;

      if (wsm_cli_table_get_place_length (name) != length || strncmp (name, first, length) != 0)
        return;
    }

  self->place = g_strndup (first, length);
}

static void
wsm_cli_table_format_cells (WsmCliTable *self)
{
  gsize n_skipped = self->place != NULL ? strlen (self->place) : 0;

  for (guint i = 0; i < self->rows->len; i++)
    {
      WsmCliRow *row = g_ptr_array_index (self->rows, i);

      for (WsmCliColumnId column = 0; column < WSM_CLI_N_COLUMNS; column++)
        {
          g_autofree char *cell = wsm_cli_columns_get (column)->format (row, self->view);

          /* A place is ASCII, and the same before and after cleaning. */
          g_ptr_array_add (self->cells,
                           g_strdup (column == WSM_CLI_COLUMN_NAME ? cell + n_skipped : cell));
        }
    }
}

static guint
wsm_cli_table_measure_column (WsmCliTable    *self,
                              WsmCliColumnId  column)
{
  guint width = wsm_cli_columns_get (column)->min_cells;

  for (guint i = 0; i < self->rows->len; i++)
    width = MAX (width, wsm_cli_cells_count (wsm_cli_table_get_cell (self, i, column)));

  return width;
}

/* What a line takes as it is planned now. */
static guint
wsm_cli_table_measure_line (WsmCliTable *self)
{
  guint width = 0;

  for (WsmCliColumnId column = 0; column < WSM_CLI_N_COLUMNS; column++)
    {
      if (self->widths[column] > 0)
        width += self->widths[column] + (width > 0 ? GAP : 0);
    }

  return width;
}

/* The lines that there are for titles and rows. */
static guint
wsm_cli_table_get_n_lines (WsmCliTable *self)
{
  if (self->view->n_rows == 0)
    return G_MAXUINT;

  return self->view->n_rows > N_HEAD_LINES ? self->view->n_rows - N_HEAD_LINES : 1;
}

/* Decides where the reasons go; all other widths are as wished. */
static void
wsm_cli_table_place_reason (WsmCliTable *self)
{
  guint n_columns = self->view->n_columns;
  guint n_taken = wsm_cli_table_measure_line (self) + GAP;
  guint n_free = n_columns > n_taken ? n_columns - n_taken : 0;
  gboolean has_lines;

  if (n_columns == 0)
    {
      self->widths[WSM_CLI_COLUMN_REASON] =
        wsm_cli_table_measure_column (self, WSM_CLI_COLUMN_REASON);
      return;
    }

  has_lines = wsm_cli_table_get_n_lines (self) >= self->n_titles + 2 * self->rows->len &&
              n_columns >= MARGIN_OF_REASON + MIN_CUT_REASON_CELLS;

  if (n_free >= MIN_REASON_CELLS || (!has_lines && n_free >= MIN_CUT_REASON_CELLS))
    self->widths[WSM_CLI_COLUMN_REASON] = n_free;
  else
    self->has_reason_below = has_lines;
}

static void
wsm_cli_table_plan (WsmCliTable *self)
{
  guint n_columns = self->view->n_columns;
  guint n_lines = wsm_cli_table_get_n_lines (self);
  guint name_width;
  guint line_width;

  for (WsmCliColumnId column = 0; column < WSM_CLI_COLUMN_REASON; column++)
    self->widths[column] = wsm_cli_table_measure_column (self, column);

  name_width = self->widths[WSM_CLI_COLUMN_NAME];
  if (n_columns > 0)
    name_width = MIN (name_width, MAX_NAME_CELLS);
  self->widths[WSM_CLI_COLUMN_NAME] = name_width;
  wsm_cli_table_place_reason (self);

  /* The last of the lines tells how many did not fit. */
  self->n_lines = self->n_titles + self->rows->len;
  if (self->n_lines > n_lines)
    self->n_lines = n_lines - 1;

  if (n_columns == 0)
    return;

  self->widths[WSM_CLI_COLUMN_NAME] = MIN (name_width, MIN_NAME_CELLS);
  for (gsize i = 0; i < G_N_ELEMENTS (drop_order); i++)
    {
      if (wsm_cli_table_measure_line (self) > n_columns)
        self->widths[drop_order[i]] = 0;
    }

  line_width = wsm_cli_table_measure_line (self);
  if (line_width < n_columns)
    self->widths[WSM_CLI_COLUMN_NAME] = MIN (name_width, self->widths[WSM_CLI_COLUMN_NAME] +
                                                         n_columns - line_width);
}

/* Writing: no line is wider than the view, and none ends with spaces. */

static const char *
wsm_cli_table_get_ellipsis (WsmCliTable *self)
{
  return self->view->unicode ? "…" : "..";
}

static void
wsm_cli_table_append (WsmCliTable *self,
                      const char  *text,
                      const char  *colour)
{
  if (colour != NULL && self->view->colour && *text != '\0')
    g_string_append_printf (self->text, "\033[%sm%s\033[0m", colour, text);
  else
    g_string_append (self->text, text);
}

/* @line is one text in one colour, so it can be cut here. */
static void
wsm_cli_table_append_line (WsmCliTable *self,
                           const char  *line,
                           const char  *colour)
{
  guint n_columns = self->view->n_columns;
  g_autofree char *cut = NULL;

  if (n_columns > 0 && wsm_cli_cells_count (line) > n_columns)
    cut = wsm_cli_cells_fit (line, n_columns, WSM_CLI_FIT_LEFT, wsm_cli_table_get_ellipsis (self));
  else
    cut = g_strdup (line);

  wsm_cli_table_append (self, g_strchomp (cut), colour);
  g_string_append_c (self->text, '\n');
}

static char *
wsm_cli_table_join_cells (WsmCliTable    *self,
                          guint           row,
                          gboolean        is_head,
                          WsmCliColumnId  first)
{
  GString *line = g_string_new (NULL);

  for (WsmCliColumnId column = first; column < WSM_CLI_N_COLUMNS; column++)
    {
      const WsmCliColumn *description = wsm_cli_columns_get (column);
      g_autofree char *cell = NULL;

      if (self->widths[column] == 0)
        continue;

      cell = wsm_cli_cells_fit (is_head ? description->title
                                        : wsm_cli_table_get_cell (self, row, column),
                                self->widths[column], description->fit,
                                wsm_cli_table_get_ellipsis (self));
      if (column > WSM_CLI_COLUMN_STATE)
        g_string_append_printf (line, "%*s", GAP, "");
      g_string_append (line, cell);
    }

  return g_strchomp (g_string_free (line, FALSE));
}

static guint
wsm_cli_table_count_open (WsmCliTable *self,
                          guint        first)
{
  guint n_open = 0;

  for (guint i = first; i < self->rows->len; i++)
    {
      WsmCliRow *row = g_ptr_array_index (self->rows, i);

      if (row->state == WSI_STATE_OPEN)
        n_open++;
    }

  return n_open;
}

static void
wsm_cli_table_append_summary (WsmCliTable *self)
{
  gint64 seconds = (self->view->now_us - self->view->started_us) / G_USEC_PER_SEC;
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_append_printf (line, "%u of %u open after ", wsm_cli_table_count_open (self, 0),
                          self->rows->len);
  if (seconds >= 3600)
    g_string_append_printf (line, "%d h ", (int) (seconds / 3600));
  if (seconds >= 60)
    g_string_append_printf (line, "%d min ", (int) (seconds / 60 % 60));
  g_string_append_printf (line, "%d s", (int) (seconds % 60));
  /* No round trip tells that, and a dead peer is noticed as much later. */
  if (self->view->lateness >= WSI_BUSY_LATENESS_MS)
    g_string_append_printf (line, ", some beats leave %.0f ms late", self->view->lateness);
  if (self->place != NULL)
    g_string_append_printf (line, ", at %s", self->place);

  wsm_cli_table_append_line (self, line->str, SGR_BOLD);
}

static void
wsm_cli_table_append_row (WsmCliTable *self,
                          guint        row)
{
  WsmCliRow *description = g_ptr_array_index (self->rows, row);
  const char *colour = wsm_cli_columns_state_colour (description->state);
  guint n_columns = self->view->n_columns;
  g_autofree char *state = NULL;
  g_autofree char *rest = NULL;

  if (n_columns > 0 && wsm_cli_table_measure_line (self) > n_columns)
    {
      /* Narrower than a state and a name: nothing can be aligned any more. */
      rest = wsm_cli_table_join_cells (self, row, FALSE, WSM_CLI_COLUMN_STATE);
      wsm_cli_table_append_line (self, rest, colour);
      return;
    }

  state = wsm_cli_cells_fit (wsm_cli_table_get_cell (self, row, WSM_CLI_COLUMN_STATE),
                             self->widths[WSM_CLI_COLUMN_STATE], WSM_CLI_FIT_LEFT, "");
  rest = wsm_cli_table_join_cells (self, row, FALSE, WSM_CLI_COLUMN_NAME);
  wsm_cli_table_append (self, state, colour);
  g_string_append_printf (self->text, "%s\n", rest);

  if (self->has_reason_below)
    {
      g_autofree char *reason = NULL;

      reason = g_strdup_printf ("%*s%s", MARGIN_OF_REASON, "",
                                wsm_cli_table_get_cell (self, row, WSM_CLI_COLUMN_REASON));
      wsm_cli_table_append_line (self, reason, SGR_DIM);
    }
}

/* Returns how many rows were written. */
static guint
wsm_cli_table_append_groups (WsmCliTable *self)
{
  guint n_left = self->n_lines;
  guint n_rows = 0;

  for (guint i = 0; i < self->groups->len && n_left > 0; i++)
    {
      WsmCliGroup *group = g_ptr_array_index (self->groups, i);
      guint n_shown;

      if (group->title != NULL)
        {
          g_autofree char *title = wsm_cli_cells_clean (group->title);

          /* A title without anything below it would say that there is nothing. */
          if (n_left == 1 && group->rows->len > 0)
            break;

          wsm_cli_table_append_line (self, title, SGR_BOLD);
          n_left--;
        }

      n_shown = MIN (group->rows->len, n_left);
      for (guint j = 0; j < n_shown; j++)
        wsm_cli_table_append_row (self, n_rows + j);
      n_rows += n_shown;
      n_left -= n_shown;
    }

  return n_rows;
}

static void
wsm_cli_table_append_more (WsmCliTable *self,
                           guint        n_shown)
{
  g_autofree char *more = NULL;

  if (n_shown == self->rows->len)
    return;

  more = g_strdup_printf ("%s %u more, %u of them open", wsm_cli_table_get_ellipsis (self),
                          self->rows->len - n_shown, wsm_cli_table_count_open (self, n_shown));
  wsm_cli_table_append_line (self, more, SGR_DIM);
}

static void
wsm_cli_table_read_groups (WsmCliTable *self)
{
  for (guint i = 0; i < self->groups->len; i++)
    {
      WsmCliGroup *group = g_ptr_array_index (self->groups, i);

      if (group->title != NULL)
        self->n_titles++;
      for (guint j = 0; j < group->rows->len; j++)
        g_ptr_array_add (self->rows, g_ptr_array_index (group->rows, j));
    }
}

/**
 * wsm_cli_table_format:
 * @groups: (element-type WsmCliGroup): what to tell of
 * @view: how to look at it
 *
 * Writes what there is to know of connections at one moment.
 *
 * Returns: (transfer full): lines, none of them wider and no more of them than the view
 */
char *
wsm_cli_table_format (GPtrArray        *groups,
                      const WsmCliView *view)
{
  WsmCliTable self = { .groups = groups, .view = view };
  g_autofree char *head = NULL;

  g_return_val_if_fail (groups != NULL, NULL);
  g_return_val_if_fail (view != NULL, NULL);

  self.rows = g_ptr_array_new ();
  self.cells = g_ptr_array_new_with_free_func (g_free);
  self.text = g_string_new (NULL);

  wsm_cli_table_read_groups (&self);
  wsm_cli_table_find_place (&self);
  wsm_cli_table_format_cells (&self);
  wsm_cli_table_plan (&self);

  wsm_cli_table_append_summary (&self);
  head = wsm_cli_table_join_cells (&self, 0, TRUE, WSM_CLI_COLUMN_STATE);
  wsm_cli_table_append_line (&self, head, SGR_DIM);
  wsm_cli_table_append_more (&self, wsm_cli_table_append_groups (&self));

  g_ptr_array_unref (self.cells);
  g_ptr_array_unref (self.rows);
  g_free (self.place);

  return g_string_free (self.text, FALSE);
}
