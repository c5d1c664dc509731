/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "metrics-gzip.h"

#include <libsoup/soup.h>

/*
 * Metrics are the same words over and over: compressed they are a twentieth.
 */

#define BLOCK_SIZE (16 * 1024)

/**
 * wsm_cli_metrics_gzip_is_accepted:
 * @accept_encoding: (nullable): that header of a request
 *
 * Tells whether whoever asks can read what is compressed.
 *
 * Returns: `TRUE` if so
 */
gboolean
wsm_cli_metrics_gzip_is_accepted (const char *accept_encoding)
{
  GSList *wishes;
  GSList *wish;

  if (accept_encoding == NULL)
    return FALSE;

  /* Without those that have quality 0. */
  wishes = soup_header_parse_quality_list (accept_encoding, NULL);
  wish = g_slist_find_custom (wishes, "gzip", (GCompareFunc) g_ascii_strcasecmp);
  soup_header_free_list (wishes);

  return wish != NULL;
}

/**
 * wsm_cli_metrics_gzip_convert:
 * @compressor: what earlier pieces went through
 * @piece: (nullable): the next piece, or `NULL` if there is none
 *
 * Compresses a text piece by piece.
 *
 * Returns: (transfer full): what has come of it, which may be nothing yet, but not at the end
 */
GBytes *
wsm_cli_metrics_gzip_convert (GZlibCompressor *compressor,
                              GBytes          *piece)
{
  GByteArray *converted = g_byte_array_new ();
  GConverterFlags flags = piece != NULL ? G_CONVERTER_NO_FLAGS : G_CONVERTER_INPUT_AT_END;
  GConverterResult result = G_CONVERTER_CONVERTED;
  g_autofree guint8 *block = g_malloc (BLOCK_SIZE);
  const guint8 *data = NULL;
  gsize size = 0;

  if (piece != NULL)
    data = g_bytes_get_data (piece, &size);

  while (result == G_CONVERTER_CONVERTED && (size > 0 || piece == NULL))
    {
      gsize n_read = 0;
      gsize n_written = 0;

      /* There is always room, so nothing can go wrong. */
      result = g_converter_convert (G_CONVERTER (compressor), data, size, block, BLOCK_SIZE, flags,
                                    &n_read, &n_written, NULL);
      g_byte_array_append (converted, block, (guint) n_written);
      data += n_read;
      size -= n_read;
    }

  return g_byte_array_free_to_bytes (converted);
}
