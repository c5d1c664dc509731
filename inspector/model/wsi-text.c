/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-text.h"

#include <string.h>

#define ELLIPSIS "…"

/* What would break a line, move the cursor or turn the text around it. */
static gboolean
wsi_text_is_harmful (gunichar character)
{
  switch (g_unichar_type (character))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return TRUE;
    case G_UNICODE_FORMAT:
      return ((character >= 0x202a && character <= 0x202e) ||
              (character >= 0x2066 && character <= 0x2069));
    default:
      return FALSE;
    }
}

/* Cuts between two characters. */
static gsize
wsi_text_cut (const char *text,
              gsize       max_bytes)
{
  const char *end = text + max_bytes;

  while (end > text && ((guchar) *end & 0xc0) == 0x80)
    end--;

  return (gsize) (end - text);
}

/* Makes one line, safe to show, out of what another program says. What is not UTF-8 or may not
 * stand in a line becomes a blank; what is too long is cut, and ends with an ellipsis. */
char *
wsi_text_clean (const char *text,
                gsize       max_bytes)
{
  g_autofree char *valid = NULL;
  GString *clean;
  gsize length;
  gboolean is_cut;

  g_return_val_if_fail (text != NULL, NULL);

  length = strnlen (text, max_bytes + 1);
  is_cut = length > max_bytes;
  if (is_cut)
    length = wsi_text_cut (text, max_bytes);
  valid = g_utf8_make_valid (text, (gssize) length);

  clean = g_string_sized_new (length + sizeof ELLIPSIS);
  for (const char *next = valid; *next != '\0'; next = g_utf8_next_char (next))
    {
      gunichar character = g_utf8_get_char (next);

      if (wsi_text_is_harmful (character))
        g_string_append_c (clean, ' ');
      else
        g_string_append_len (clean, next, g_utf8_next_char (next) - next);
    }
  if (is_cut)
    g_string_append (clean, ELLIPSIS);

  return g_string_free (clean, FALSE);
}
