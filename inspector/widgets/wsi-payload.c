/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-payload.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#define BYTES_PER_LINE 16

/* More than a person reads, and few enough for a text view. */
#define MAX_HEX_BYTES 65536

/* The parser recurses, and a stack ends. */
#define MAX_JSON_DEPTH 200

#define OPCODE_BINARY 0x2
#define OPCODE_CLOSE 0x8

#define NUL_SYMBOL "\xe2\x90\x80"

static char *
wsi_payload_make_text (const char *data,
                       gsize       size)
{
  GString *text = NULL;

  if (g_utf8_validate (data, (gssize) size, NULL))
    return g_strndup (data, size);

  text = g_string_sized_new (size);
  while (size > 0)
    {
      const char *end = NULL;
      gboolean complete = g_utf8_validate (data, (gssize) size, &end);
      gsize n_valid = (gsize) (end - data);

      g_string_append_len (text, data, (gssize) n_valid);
      if (complete)
        break;

      g_string_append (text, *end == '\0' ? NUL_SYMBOL : "\xef\xbf\xbd");
      data = end + 1;
      size -= n_valid + 1;
    }

  return g_string_free (text, FALSE);
}

/* Brackets in texts are counted too carefully rather than too little: those are skipped. */
static guint
wsi_payload_get_json_depth (const char *data,
                            gsize       size)
{
  gboolean in_text = FALSE;
  guint depth = 0;
  guint deepest = 0;

  for (gsize i = 0; i < size; i++)
    {
      if (in_text)
        {
          if (data[i] == '\\')
            i++;
          else if (data[i] == '"')
            in_text = FALSE;
        }
      else if (data[i] == '"')
        {
          in_text = TRUE;
        }
      else if (data[i] == '[' || data[i] == '{')
        {
          depth++;
          deepest = MAX (deepest, depth);
        }
      else if ((data[i] == ']' || data[i] == '}') && depth > 0)
        {
          depth--;
        }
    }

  return deepest;
}

char *
wsi_payload_to_text (GBytes *payload)
{
  const char *data;
  gsize size;

  g_return_val_if_fail (payload != NULL, NULL);

  data = g_bytes_get_data (payload, &size);

  return size > 0 ? wsi_payload_make_text (data, size) : g_strdup ("");
}

char *
wsi_payload_to_json (GBytes  *payload,
                     GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (JsonGenerator) generator = NULL;
  const char *data;
  gsize size;

  g_return_val_if_fail (payload != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  data = g_bytes_get_data (payload, &size);

  if (size == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _("The payload is empty, which is not JSON."));
      return NULL;
    }

  if (!g_utf8_validate (data, (gssize) size, NULL))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _("The payload is not a text, and so not JSON."));
      return NULL;
    }

  if (wsi_payload_get_json_depth (data, size) > MAX_JSON_DEPTH)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _("The payload is nested too deeply to be shown as JSON."));
      return NULL;
    }

  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, data, (gssize) size, NULL) ||
      json_parser_get_root (parser) == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _("The payload is not JSON."));
      return NULL;
    }

  generator = json_generator_new ();
  json_generator_set_pretty (generator, TRUE);
  json_generator_set_indent (generator, 2);
  json_generator_set_root (generator, json_parser_get_root (parser));

  return json_generator_to_data (generator, NULL);
}

char *
wsi_payload_to_hex (GBytes *payload)
{
  GString *text = NULL;
  const guint8 *data;
  gsize size;
  gsize n_shown;

  g_return_val_if_fail (payload != NULL, NULL);

  data = g_bytes_get_data (payload, &size);
  n_shown = MIN (size, MAX_HEX_BYTES);
  text = g_string_sized_new (n_shown * 5);

  for (gsize line = 0; line < n_shown; line += BYTES_PER_LINE)
    {
      gsize n_bytes = MIN (BYTES_PER_LINE, n_shown - line);

      if (line > 0)
        g_string_append_c (text, '\n');
      g_string_append_printf (text, "%08" G_GSIZE_MODIFIER "x ", line);

      for (gsize i = 0; i < BYTES_PER_LINE; i++)
        {
          if (i % 8 == 0)
            g_string_append_c (text, ' ');
          if (i < n_bytes)
            g_string_append_printf (text, "%02x ", data[line + i]);
          else
            g_string_append (text, "   ");
        }

      g_string_append (text, " ");
      for (gsize i = 0; i < n_bytes; i++)
        {
          char character = (char) data[line + i];

          g_string_append_c (text, g_ascii_isprint (character) ? character : '.');
        }
    }

  if (n_shown < size)
    {
      g_autofree char *rest = g_format_size (size - n_shown);

      g_string_append_c (text, '\n');
      /* Translators: below a hex dump; the placeholder is a size such as “1.2 kB”. */
      g_string_append_printf (text, _("… and %s more"), rest);
    }

  return g_string_free (text, FALSE);
}

static char *
wsi_payload_preview_bytes (const char *data,
                           gsize       size,
                           guint       max_characters)
{
  GString *preview = g_string_new (NULL);
  gsize n_bytes = MIN (size, MAX (max_characters / 3, 1));

  for (gsize i = 0; i < n_bytes; i++)
    g_string_append_printf (preview, i == 0 ? "%02x" : " %02x", (guint) (guint8) data[i]);
  if (n_bytes < size)
    g_string_append (preview, " …");

  return g_string_free (preview, FALSE);
}

char *
wsi_payload_to_preview (WsiFrame *frame,
                        guint     max_characters)
{
  g_autofree char *text = NULL;
  GString *preview = NULL;
  GBytes *payload;
  const char *data;
  gsize size;
  guint n_characters = 0;

  g_return_val_if_fail (WSI_IS_FRAME (frame), NULL);

  payload = wsi_frame_get_payload (frame);
  if (payload == NULL)
    return NULL;

  data = g_bytes_get_data (payload, &size);
  if (wsi_frame_get_opcode (frame) == OPCODE_BINARY)
    return wsi_payload_preview_bytes (data, size, max_characters);

  preview = g_string_new (NULL);

  if (wsi_frame_get_opcode (frame) == OPCODE_CLOSE && size >= 2)
    {
      g_string_append_printf (preview, "%u ", ((guint) (guint8) data[0] << 8) | (guint8) data[1]);
      data += 2;
      size -= 2;
    }

  /* A character takes four bytes at most; one byte more shows that there is more. */
  if (size > 0)
    text = wsi_payload_make_text (data, MIN (size, (gsize) max_characters * 4 + 1));

  for (const char *place = text; place != NULL && *place != '\0'; place = g_utf8_next_char (place))
    {
      gunichar character = g_utf8_get_char (place);

      if (n_characters++ == max_characters)
        {
          g_string_append (preview, "…");
          break;
        }

      /* Line ends and what would reorder the line around it have no place in a row. */
      if (!g_unichar_isprint (character) || g_unichar_type (character) == G_UNICODE_FORMAT)
        character = ' ';
      g_string_append_unichar (preview, character);
    }

  return g_strchomp (g_string_free (preview, FALSE));
}
