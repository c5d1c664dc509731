/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cells.h"

/* Text in the cells of a terminal: how many it takes, and how it is made to take so many. */

static guint
wsm_cli_cells_count_character (gunichar character)
{
  if (g_unichar_iszerowidth (character))
    return 0;

  return g_unichar_iswide (character) ? 2 : 1;
}

static gboolean
wsm_cli_cells_is_directional (gunichar character)
{
  return character == 0x061c ||
         (character >= 0x200e && character <= 0x200f) ||
         (character >= 0x202a && character <= 0x202e) ||
         (character >= 0x2066 && character <= 0x2069);
}

/**
 * wsm_cli_cells_count:
 * @text: clean text
 *
 * Counts the cells that a text takes on a terminal.
 *
 * Returns: the number of cells
 */
guint
wsm_cli_cells_count (const char *text)
{
  guint n_cells = 0;

  g_return_val_if_fail (text != NULL, 0);

  for (const char *cursor = text; *cursor != '\0'; cursor = g_utf8_next_char (cursor))
    n_cells += wsm_cli_cells_count_character (g_utf8_get_char (cursor));

  return n_cells;
}

/* Appends characters until they would take more than that, and returns how much they take. */
static guint
wsm_cli_cells_append_head (GString    *result,
                           const char *text,
                           guint       n_cells)
{
  guint n_taken = 0;

  for (const char *cursor = text; *cursor != '\0'; cursor = g_utf8_next_char (cursor))
    {
      gunichar character = g_utf8_get_char (cursor);
      guint n_more = wsm_cli_cells_count_character (character);

      if (n_taken + n_more > n_cells)
        break;

      g_string_append_unichar (result, character);
      n_taken += n_more;
    }

  return n_taken;
}

/* The end of a text that takes no more than that. */
static const char *
wsm_cli_cells_get_tail (const char *text,
                        guint       n_cells)
{
  guint n_left = wsm_cli_cells_count (text);
  const char *cursor = text;

  while (n_left > n_cells)
    {
      n_left -= wsm_cli_cells_count_character (g_utf8_get_char (cursor));
      cursor = g_utf8_next_char (cursor);
    }

  return cursor;
}

static void
wsm_cli_cells_pad (GString *result,
                   guint    n_cells)
{
  for (guint i = 0; i < n_cells; i++)
    g_string_append_c (result, ' ');
}

/* For text that is too wide. */
static guint
wsm_cli_cells_append_cut (GString    *result,
                          const char *text,
                          guint       n_cells,
                          WsmCliFit   fit,
                          const char *ellipsis)
{
  guint n_ellipsis = wsm_cli_cells_count (ellipsis);
  guint n_kept;
  guint n_tail;
  guint n_taken;
  const char *tail;

  if (n_cells <= n_ellipsis)
    return wsm_cli_cells_append_head (result, text, n_cells);

  n_kept = n_cells - n_ellipsis;
  n_tail = fit == WSM_CLI_FIT_MIDDLE ? n_kept - n_kept / 3 : 0;
  n_taken = wsm_cli_cells_append_head (result, text, n_kept - n_tail);
  g_string_append (result, ellipsis);
  tail = wsm_cli_cells_get_tail (text, n_tail);
  g_string_append (result, tail);

  return n_taken + n_ellipsis + wsm_cli_cells_count (tail);
}

/**
 * wsm_cli_cells_fit:
 * @text: clean text
 * @n_cells: how many cells it shall take
 * @fit: how to pad and to cut it
 * @ellipsis: what shows that something was cut out
 *
 * Pads or cuts a text so that it takes a certain number of cells.
 *
 * Returns: (transfer full): the text
 */
char *
wsm_cli_cells_fit (const char *text,
                   guint       n_cells,
                   WsmCliFit   fit,
                   const char *ellipsis)
{
  GString *result;
  guint n_taken;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (ellipsis != NULL, NULL);

  result = g_string_new (NULL);
  n_taken = wsm_cli_cells_count (text);

  if (n_taken > n_cells)
    {
      n_taken = wsm_cli_cells_append_cut (result, text, n_cells, fit, ellipsis);
      wsm_cli_cells_pad (result, n_cells - n_taken);
    }
  else
    {
      if (fit == WSM_CLI_FIT_RIGHT)
        wsm_cli_cells_pad (result, n_cells - n_taken);
      g_string_append (result, text);
      if (fit != WSM_CLI_FIT_RIGHT)
        wsm_cli_cells_pad (result, n_cells - n_taken);
    }

  return g_string_free (result, FALSE);
}

/**
 * wsm_cli_cells_clean:
 * @text: any bytes
 *
 * Makes a text safe for a terminal: valid UTF-8 of one line, and nothing in it that moves the
 * cursor or turns the direction of writing.
 *
 * Returns: (transfer full): the text
 */
char *
wsm_cli_cells_clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *result = g_string_new (NULL);

  for (const char *cursor = valid; *cursor != '\0'; cursor = g_utf8_next_char (cursor))
    {
      gunichar character = g_utf8_get_char (cursor);

      /* What takes no cell is no control character as far as the terminal is concerned: it
       * belongs to the letter before it. */
      if (wsm_cli_cells_is_directional (character) ||
          (!g_unichar_isprint (character) && !g_unichar_iszerowidth (character)))
        character = '?';
      g_string_append_unichar (result, character);
    }

  return g_string_free (result, FALSE);
}
