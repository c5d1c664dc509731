/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "screen.h"

#include <glib-unix.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cells.h"

/*
 * A text on a terminal, redrawn in place.
 *
 * It stays on the main screen, so that it can be scrolled back to afterwards. The cursor rests
 * on the line below.
 */

/* More is not read by anybody, and the terminal may be at the other end of a slow line. */
#define REDRAW_MS 250

/* A terminal that does not tell its size has had this one since 1978. */
#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS 24

/* Control sequences, ECMA-48 and DEC: without wrapping, no character that a font makes wider
 * than expected can break the table. */
#define WRAP_OFF "\033[?7l"
#define WRAP_ON "\033[?7h"
#define ERASE_LINE_END "\033[K"
#define ERASE_BELOW "\033[J"
#define CURSOR_UP "\033[%uA"

struct _WsmCliScreen
{
  const WsmCliScreenSubject *subject; /* (unowned) */
  gpointer user_data;                 /* (unowned) */

  WsmCliView view;
  char *drawn;          /* (owned) (nullable): the text on the screen */
  GArray *drawn_widths; /* (owned) (element-type guint): of its lines */
  guint timer_id;
  guint resized_id;
};

static void
wsm_cli_screen_look_at_size (WsmCliScreen *self)
{
  struct winsize size = { 0 };

  self->view.n_columns = DEFAULT_COLUMNS;
  self->view.n_rows = DEFAULT_ROWS - 1;
  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
    {
      if (size.ws_col > 0)
        self->view.n_columns = size.ws_col;
      /* One less, for the line of the cursor. */
      if (size.ws_row > 0)
        self->view.n_rows = MAX (size.ws_row - 1, 1);
    }
}

/* A terminal that became narrower has wrapped what was drawn for it when it was wider. */
static guint
wsm_cli_screen_count_drawn_lines (WsmCliScreen *self)
{
  guint n_lines = 0;

  for (guint i = 0; i < self->drawn_widths->len; i++)
    {
      guint width = g_array_index (self->drawn_widths, guint, i);

      n_lines += width == 0 ? 1 : (width + self->view.n_columns - 1) / self->view.n_columns;
    }

  return n_lines;
}

/* Colours take no cells. */
static guint
wsm_cli_screen_measure (const char *line)
{
  g_autoptr (GString) visible = g_string_new (NULL);

  for (const char *cursor = line; *cursor != '\0'; cursor++)
    {
      if (*cursor != '\033')
        {
          g_string_append_c (visible, *cursor);
          continue;
        }

      while (*cursor != '\0' && *cursor != 'm')
        cursor++;
      if (*cursor == '\0')
        break;
    }

  return wsm_cli_cells_count (visible->str);
}

/* One write for all, so that no half of a text is ever seen. */
static void
wsm_cli_screen_draw (WsmCliScreen *self,
                     const char   *text)
{
  g_autoptr (GString) output = g_string_new ("\r");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n_up = wsm_cli_screen_count_drawn_lines (self);

  if (n_up > 0)
    g_string_append_printf (output, CURSOR_UP, n_up);
  g_string_append (output, WRAP_OFF);

  g_array_set_size (self->drawn_widths, 0);
  /* After the last line end there is nothing. */
  for (gsize i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    {
      guint width = wsm_cli_screen_measure (lines[i]);

      g_string_append (output, lines[i]);
      if (width < self->view.n_columns)
        g_string_append (output, ERASE_LINE_END);
      g_string_append_c (output, '\n');
      g_array_append_val (self->drawn_widths, width);
    }

  g_string_append (output, ERASE_BELOW WRAP_ON);
  self->subject->write (output->str, self->user_data);
}

static void
wsm_cli_screen_update (WsmCliScreen *self)
{
  g_autofree char *text = NULL;

  self->view.now_us = g_get_monotonic_time ();
  text = self->subject->format (&self->view, self->user_data);
  if (g_strcmp0 (text, self->drawn) == 0)
    return;

  wsm_cli_screen_draw (self, text);
  g_free (self->drawn);
  self->drawn = g_steal_pointer (&text);
}

/* A terminal that stands still, because of Ctrl+S, gets the newest table when it goes on. */
static gboolean
wsm_cli_screen_timer_cb (gpointer user_data)
{
  WsmCliScreen *self = user_data;

  if (self->subject->is_clear (self->user_data))
    wsm_cli_screen_update (self);

  return G_SOURCE_CONTINUE;
}

/* Drawn again by the timer, however often the size changes meanwhile. */
static gboolean
wsm_cli_screen_resized_cb (gpointer user_data)
{
  WsmCliScreen *self = user_data;

  wsm_cli_screen_look_at_size (self);
  g_clear_pointer (&self->drawn, g_free);

  return G_SOURCE_CONTINUE;
}

/**
 * wsm_cli_screen_is_possible:
 *
 * Tells whether standard output is a terminal whose cursor can be moved.
 *
 * Returns: `TRUE` if so
 */
gboolean
wsm_cli_screen_is_possible (void)
{
  const char *terminal = g_getenv ("TERM");

  return isatty (STDOUT_FILENO) && terminal != NULL && *terminal != '\0' &&
         !g_str_equal (terminal, "dumb");
}

/**
 * wsm_cli_screen_new:
 * @subject: (transfer none): what is shown
 * @started_us: when that began, in microseconds of monotonic time
 * @user_data: for the functions of the subject
 *
 * Draws something, and again whenever it or the size of the terminal changes.
 *
 * Returns: (transfer full): a screen
 */
WsmCliScreen *
wsm_cli_screen_new (const WsmCliScreenSubject *subject,
                    gint64                     started_us,
                    gpointer                   user_data)
{
  WsmCliScreen *self = g_new0 (WsmCliScreen, 1);
  const char *no_colour = g_getenv ("NO_COLOR");

  self->subject = subject;
  self->user_data = user_data;
  self->drawn_widths = g_array_new (FALSE, FALSE, sizeof (guint));
  self->view.started_us = started_us;
  self->view.colour = no_colour == NULL || *no_colour == '\0';
  self->view.unicode = g_get_charset (NULL);
  wsm_cli_screen_look_at_size (self);

  self->timer_id = g_timeout_add (REDRAW_MS, wsm_cli_screen_timer_cb, self);
  self->resized_id = g_unix_signal_add (SIGWINCH, wsm_cli_screen_resized_cb, self);
  wsm_cli_screen_update (self);

  return self;
}

/**
 * wsm_cli_screen_free:
 * @self: (transfer full): a screen
 *
 * Ends it. What is on the terminal stays there.
 */
void
wsm_cli_screen_free (WsmCliScreen *self)
{
  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_clear_handle_id (&self->resized_id, g_source_remove);
  g_array_unref (self->drawn_widths);
  g_free (self->drawn);
  g_free (self);
}

/**
 * wsm_cli_screen_finish:
 * @self: a screen
 *
 * Draws for the last time, even if nothing changed: it covers the ^C that the terminal wrote.
 */
void
wsm_cli_screen_finish (WsmCliScreen *self)
{
  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_clear_handle_id (&self->resized_id, g_source_remove);

  g_clear_pointer (&self->drawn, g_free);
  wsm_cli_screen_update (self);
}
